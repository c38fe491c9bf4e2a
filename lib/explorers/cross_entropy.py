import altair as alt

from lib.explorers.before import DATA, ONE_ROW, WIDTH, finish, readout, slider
from lib.plotting import LOSS, MODEL


def cross_entropy():
    """Slide p and q of a yes-or-no event: entropy and KL as stacked bars, cross-entropy as a curve over q."""
    entropy = "-(p * log(p) + (1 - p) * log(1 - p))"

    def add(chart):
        return (
            chart.transform_calculate(entropy=entropy)
            .transform_calculate(cross_entropy="-(p * log(datum.at) + (1 - p) * log(1 - datum.at))")
            .transform_calculate(kl="datum.cross_entropy - datum.entropy")
        )

    here = add(alt.Chart(ONE_ROW).transform_calculate(at="q"))
    curve = add(alt.Chart(alt.sequence(0.01, 0.995, 0.01, as_="at")))
    parts = here.transform_fold(["entropy", "kl"], as_=["part", "nats"]).transform_calculate(
        part="datum.part == 'kl' ? 'KL' : 'entropy'"
    )
    bar = (
        parts.mark_bar(height=24)
        .encode(
            x=alt.X("nats:Q", title="cross-entropy (nats)", scale=alt.Scale(domain=[0, 3.5]), stack="zero"),
            color=alt.Color(
                "part:N",
                title=None,
                scale=alt.Scale(domain=["entropy", "KL"], range=[MODEL, LOSS]),
                legend=alt.Legend(orient="top"),
            ),
            order=alt.Order("part:N", sort="descending"),
        )
        .properties(width=WIDTH, height=40)
    )
    x = alt.X("at:Q", title="q, the model's probability", scale=alt.Scale(domain=[0, 1]))
    y = alt.Y("cross_entropy:Q", title="nats", scale=alt.Scale(domain=[0, 3.5]), axis=alt.Axis(tickCount=4))
    floor = here.mark_rule(color=MODEL, strokeWidth=2).encode(y=alt.Y("entropy:Q"))
    line = curve.mark_line(color=LOSS, clip=True).encode(x=x, y=y)
    rule = here.mark_rule(strokeDash=[4, 3], color=DATA).encode(x=x)
    dot = here.mark_point(filled=True, size=90, color=LOSS, opacity=1, clip=True).encode(x=x, y=y)
    text = readout(
        here,
        "'entropy H(p) = ' + format(datum.entropy, '.4f') + ' nats'",
        "'KL(p‖q) = ' + format(datum.kl, '.4f') + ' nats'",
        "'cross-entropy H(p, q) = ' + format(datum.cross_entropy, '.4f') + ' nats'",
    )
    return finish(
        text,
        bar,
        (line + floor + rule + dot).properties(width=WIDTH, height=120),
        name="cross_entropy",
        params=[
            slider("q", "q, the model's probability of yes", 0.02, 0.98, 0.01, 0.3),
            slider("p", "p, the true probability of yes", 0.02, 0.98, 0.01, 0.8),
        ],
        description="A bar made of two parts, entropy and KL divergence, whose sum is the cross-entropy; below it, the "
        "cross-entropy as a curve over q with the entropy as a floor. Sliders set p and q. The curve touches the floor "
        "at q = p, where the KL part of the bar vanishes.",
    )
