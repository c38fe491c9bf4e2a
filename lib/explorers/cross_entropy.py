import altair as alt

from lib.explorers.common import axis, curve, dot, explorer, new_sample, readout, rule, samples, slider
from lib.plotting import LOSS, MODEL

TOP = 3.5  # nats


def cross_entropy(u):
    """Slide p and q of a yes-or-no event: entropy and KL as a stacked bar, cross-entropy over q; draw from p.

    Parameters
    ----------
    u : array in [0, 1], shape (samples, n): draw i of a sample is yes where u < p. They are rounded to three decimals.
    """
    share = samples(3, u=u).transform_calculate(yes="datum.u < p ? 1 : 0").transform_aggregate(share="mean(yes)")

    def add(chart):
        return chart.transform_calculate(
            entropy="-(p * log(p) + (1 - p) * log(1 - p))",
            cross_entropy="-(p * log(datum.at) + (1 - p) * log(1 - datum.at))",
            nll="-(datum.share * log(datum.at) + (1 - datum.share) * log(1 - datum.at))",
        ).transform_calculate(kl="datum.cross_entropy - datum.entropy")

    here = add(share.transform_calculate(at="q"))
    grid = add(share.transform_calculate(ats="sequence(0.01, 0.995, 0.01)").transform_flatten(["ats"], as_=["at"]))
    parts = here.transform_fold(["entropy", "kl"], as_=["part", "nats"]).transform_calculate(
        part="datum.part == 'kl' ? 'KL: excess' : 'entropy: unavoidable'"
    )
    names = ["entropy: unavoidable", "KL: excess"]
    bar = parts.mark_bar(size=70).encode(
        y=axis(alt.Y, "nats", None, [0, TOP]).stack("zero"),
        color=alt.Color("part:N", title=None, scale=alt.Scale(domain=names, range=[MODEL, LOSS])),
        order=alt.Order("part:N", sort="descending"),
    )
    x, y = axis(alt.X, "at", "q, the model's probability of yes", [0, 1]), axis(alt.Y, "cross_entropy", None, [0, TOP])
    right = alt.layer(
        curve(grid, x, axis(alt.Y, "nll", None, [0, TOP]), LOSS, strokeDash=[3, 3], opacity=0.7),
        curve(grid, x, y, LOSS),
        here.mark_rule(color=MODEL, strokeWidth=2.5).encode(y=axis(alt.Y, "entropy", None, [0, TOP])),
        rule(here, x=x),
        dot(here, x, y, clip=True),
    )
    n = len(u[0])
    return explorer(
        readout(
            here,
            "entropy H(p) = {entropy:.4f}, KL(p‖q) = {kl:.4f} nats",
            "cross-entropy H(p, q) = {cross_entropy:.4f} nats",
            f"{n} draws: share of yes {{share:.2f}}, mean NLL {{nll:.4f}} nats",
        ),
        bar.properties(title="cross-entropy (nats) = sum of", height=240),
        right.properties(title="over q: of p (solid), of the draws (dots)", height=240),
        name="cross_entropy",
        params=[
            slider("q", "q, the model (probability)", 0.02, 0.98, 0.01, 0.3),
            slider("p", "p, the truth (probability)", 0.02, 0.98, 0.01, 0.8),
            new_sample(len(u)),
        ],
        description="Left, a bar made of two parts, entropy and KL divergence, whose sum is the cross-entropy. Right, "
        "the cross-entropy as a curve over q with the entropy as a floor, and dotted the mean NLL of a sample from p. "
        "Controls set p and q and draw a new sample. The solid curve touches the floor at q = p, where the KL part of "
        "the bar vanishes; the dotted one is least at the share of yes in the sample, and there often below the floor.",
    )
