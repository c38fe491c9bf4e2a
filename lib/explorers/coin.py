import altair as alt

from lib.explorers.before import DATA, ONE_ROW, WIDTH, finish, readout, slider
from lib.plotting import LOSS, MODEL


def coin(ones, zeros):
    """Slide θ: likelihood, log-likelihood and mean NLL of a sample of ones and zeros share one optimum.

    Parameters
    ----------
    ones, zeros : int ≥ 1, how often each value stands in the sample
    """
    log_likelihood = f"({ones} * log(datum.t) + {zeros} * log(1 - datum.t))"

    def add(chart):
        return chart.transform_calculate(
            likelihood=f"exp{log_likelihood}",
            log_likelihood=log_likelihood,
            nll=f"-{log_likelihood} / {ones + zeros}",
        )

    grid = add(alt.Chart(alt.sequence(0.02, 0.985, 0.01, as_="t")))
    here = add(alt.Chart(ONE_ROW).transform_calculate(t="theta"))
    x = alt.X("t:Q", title="θ", scale=alt.Scale(domain=[0, 1]))
    panels = []
    for field, title, colour in [
        ("likelihood", "likelihood", MODEL),
        ("log_likelihood", "log-likelihood (nats)", MODEL),
        ("nll", "mean NLL (nats)", LOSS),
    ]:
        y = alt.Y(f"{field}:Q", title=title, axis=alt.Axis(tickCount=4))
        curve = grid.mark_line(color=colour).encode(x=x, y=y)
        rule = here.mark_rule(strokeDash=[4, 3], color=DATA).encode(x=x)
        dot = here.mark_point(filled=True, size=90, color=colour, opacity=1).encode(x=x, y=y)
        panels.append((curve + rule + dot).properties(width=WIDTH, height=105))
    text = readout(
        here,
        "'likelihood = ' + format(datum.likelihood, '.6f')",
        "'log-likelihood = ' + format(datum.log_likelihood, '.4f') + ' nats'",
        "'mean NLL = ' + format(datum.nll, '.4f') + ' nats'",
    )
    return finish(
        text,
        *panels,
        name="coin",
        params=[slider("theta", "θ, probability of a one", 0.02, 0.98, 0.01, 0.4)],
        description=f"Three curves against θ for {ones} ones and {zeros} zeros: likelihood, log-likelihood and "
        "mean NLL. A slider moves a marker on all three. Two of them peak, and the third is lowest, "
        f"at θ = {ones / (ones + zeros):g}.",
    )
