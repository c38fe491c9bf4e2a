import altair as alt

from lib.explorers.common import ONE_ROW, axis, curve, dot, explorer, menu, readout, rule, slider
from lib.plotting import LOSS, MODEL, OTHER

HEIGHT, LIMIT = 220, 6
# Losses of a label y = ±1: what the menu says, and a Vega expression of datum.m, the margin y f.
LOSSES = {
    "logistic": ("logistic (BCE)", "log(1 + exp(-datum.m))"),
    "hinge": ("hinge", "max(0, 1 - datum.m)"),
    "focal": ("focal, γ = 2", "pow(1 / (1 + exp(datum.m)), 2) * log(1 + exp(-datum.m))"),
    "noise": ("BCE, 5 % wrong labels", "-log(0.05 + 0.9 / (1 + exp(-datum.m)))"),
}


def criterion():
    """Is a loss of two labels a likelihood? If so, the sum of e^(-b · loss) over the labels is the same for all f."""

    def weight(margin):
        """e^(-b · loss) of a margin, an expression."""
        loss = " : ".join(f"pick == '{name}' ? {text}" for name, (_, text) in LOSSES.items()) + " : null"
        return f"exp(-b * ({loss.replace('datum.m', margin)}))"

    def add(chart):
        chart = chart.transform_calculate(yes=weight("datum.f"), no=weight("(-datum.f)"))
        return chart.transform_calculate(z="datum.yes + datum.no")

    grid = add(alt.Chart(alt.sequence(-LIMIT, LIMIT + 0.01, 0.05, as_="f")))
    here = add(alt.Chart(ONE_ROW).transform_calculate(f="f"))
    x = axis(alt.X, "f", "output f", [-LIMIT, LIMIT])
    terms = [rule(here, x=x)]
    for field, colour, dash in [("yes", MODEL, [1, 0]), ("no", OTHER, [6, 3])]:
        y = axis(alt.Y, field, None, [0, 1.1])
        terms += [curve(grid, x, y, colour, strokeDash=dash), dot(here, x, y, colour, clip=True)]
    y = axis(alt.Y, "z", None, [0, 2.2])
    total = alt.layer(rule(here, x=x), curve(grid, x, y, LOSS), dot(here, x, y, clip=True))
    return explorer(
        readout(here, "e^(−b·loss) for y = 1: {yes:.4f}, for y = −1: {no:.4f}", "their sum Z(f) = {z:.4f}"),
        alt.layer(*terms).properties(title="y = 1 solid, y = −1 dashed", height=HEIGHT),
        total.properties(title="the sum Z(f): is it flat?", height=HEIGHT),
        name="criterion",
        params=[
            menu("pick", "loss", {name: said for name, (said, _) in LOSSES.items()}, "hinge"),
            slider("b", "scale b", 0.2, 4, 0.1, 1),
            slider("f", "output f", -LIMIT, LIMIT, 0.1, 1),
        ],
        description="Left, e to the minus b times the loss against the output f, for the label 1 and for the label "
        "minus 1; right, the sum of the two. For the logistic loss at b = 1 the sum is 1 everywhere, and so it is for "
        "the loss that reckons with five percent wrong labels, which is bounded. For the hinge it has two bumps, for "
        "the focal loss a bump in the middle, and no scale b makes either of them flat.",
    )
