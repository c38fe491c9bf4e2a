import altair as alt

from lib.explorers.common import axis, curve, dot, explorer, new_sample, readout, rows, rule, slider
from lib.plotting import LOSS, MODEL


def coin(heads, n):
    """Slide θ: likelihood, log-likelihood and mean NLL of the tosses of a coin share one optimum.

    Parameters
    ----------
    heads : list of int, 0 < heads < n, of each sample: the reader draws one after the other
    n : int ≥ 2, the tosses of a sample
    """
    k = rows(0, sample=range(1, len(heads) + 1), k=heads)
    sample = alt.Chart(k).transform_filter("datum.sample == sample")

    def add(chart):
        return chart.transform_calculate(
            loglik=f"datum.k * log(datum.t) + ({n} - datum.k) * log(1 - datum.t)"
        ).transform_calculate(likelihood="exp(datum.loglik)", nll=f"-datum.loglik / {n}", best=f"datum.k / {n}")

    grid = sample.transform_calculate(ts="sequence(0.01, 0.995, 0.01)").transform_flatten(["ts"], as_=["t"])
    grid, here = add(grid), add(sample.transform_calculate(t="theta"))
    x, panels = axis(alt.X, "t", "θ, probability of heads", [0, 1]), []
    for field, title, colour, domain in [
        ("likelihood", "likelihood", MODEL, None),
        ("loglik", "log-likelihood (nats)", MODEL, [-30, 0]),
        ("nll", "mean NLL (nats)", LOSS, [0, 3]),
    ]:
        y = axis(alt.Y, field, None, domain) if domain else alt.Y(f"{field}:Q", title=None, axis=alt.Axis(tickCount=4))
        best = axis(alt.X, "best", "θ, probability of heads", [0, 1])
        layers = rule(here, x=best), curve(grid, x, y, colour), dot(here, x, y, colour, clip=True)
        panels.append(alt.layer(*layers).properties(title=title, height=240))
    return explorer(
        readout(
            here,
            f"{{k}} heads in {n} tosses",
            "likelihood = {likelihood:.6f}",
            "log-likelihood = {loglik:.4f} nats",
            "mean NLL = {nll:.4f} nats",
        ),
        *panels,
        name="coin",
        params=[slider("theta", "θ", 0.02, 0.98, 0.01, 0.4), new_sample(len(heads))],
        description="Three curves against θ: likelihood, log-likelihood and mean NLL of the tosses. A slider moves a "
        "marker on all three; another control tosses again. Two of the curves peak, and the third is lowest, at the "
        "same θ, the share of heads, which a dashed line marks. Near 0 the likelihood is flat and the NLL steep.",
    )
