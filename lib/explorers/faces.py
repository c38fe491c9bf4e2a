import math

import altair as alt

from lib.explorers.common import HALF_LOG_2PI, ONE_ROW, axis, curve, dot, explorer, menu, readout, rule, slider
from lib.plotting import LOSS, MODEL

LIMIT, COUNTS = 5, 10  # the largest |y| of a number, and the largest count on the axis
T = 3  # degrees of freedom of the Student-t
T_CONSTANT = math.lgamma((T + 1) / 2) - math.lgamma(T / 2) - 0.5 * math.log(T * math.pi)
LOG_FACTORIALS = [round(math.lgamma(k + 1), 12) for k in range(COUNTS + 1)]
# What the menu says: the log density or log probability of y, given the controls f and s; the largest count, or 0.
FAMILIES = {
    "number: Gaussian": (f"-pow((datum.y - f) / s, 2) / 2 - {HALF_LOG_2PI:.12f} - log(s)", 0),
    "number: Laplace": ("-abs(datum.y - f) / s - log(2 * s)", 0),
    "number: Student-t": (
        f"{-(T + 1) / 2} * log(1 + pow((datum.y - f) / s, 2) / {T}) + {T_CONSTANT:.12f} - log(s)",
        0,
    ),
    "yes or no: Bernoulli": ("datum.y * f - log(1 + exp(f))", 1),
    "count: Poisson": (f"datum.y * f - exp(f) - {LOG_FACTORIALS}[datum.y]", COUNTS),
}
NUMBERS = list(FAMILIES)[:3]
KINDS = ["number: Gaussian", "number: Laplace", "yes or no: Bernoulli", "count: Poisson"]


def faces(families=NUMBERS):
    """The idea of the book: how probable each y is, -log of it beside that, and one dot in both.

    Parameters
    ----------
    families : list of keys of `FAMILIES`, what the reader can choose from; the first is shown first
    """

    def choose(index):
        return " : ".join(f"family == {name!r} ? {FAMILIES[name][index]}" for name in families) + " : 0"

    def add(chart):
        return chart.transform_calculate(logp=choose(0)).transform_calculate(p="exp(datum.logp)", nll="-datum.logp")

    top = f"({choose(1)})"  # 0 for a density
    here = add(alt.Chart(ONE_ROW).transform_calculate(y=f"{top} ? clamp(round(y0), 0, {top}) : y0"))
    line = add(alt.Chart(alt.sequence(-LIMIT, LIMIT + 0.01, 0.1, as_="y")).transform_filter(f"!{top}"))
    bars = add(alt.Chart(alt.sequence(0, COUNTS + 1, as_="y")).transform_filter(f"datum.y <= {top} && {top}"))
    low, high = (
        alt.ExprRef(f"{top} ? {ends} : {number}") for ends, number in [("-0.6", -LIMIT), (f"{top} + 0.6", LIMIT)]
    )
    x = alt.X("y:Q", title="y", scale=alt.Scale(domain=[low, high], nice=False), axis=alt.Axis(tickCount=5))
    panels = []
    for field, title, domain, colour in [
        ("p", "how probable: p(y | f)", [0, 1.2], MODEL),
        ("nll", "how costly: −log p(y | f)", [-0.5, 8], LOSS),
    ]:
        y = axis(alt.Y, field, None, domain)
        shade = line.mark_area(color=colour, opacity=0.18 * (field == "p"), clip=True).encode(x=x, y=y)
        sticks = bars.mark_bar(color=colour, opacity=0.35, width=14, clip=True).encode(x=x, y=y, y2=alt.datum(0))
        marks = [shade, sticks, rule(here, x=x), curve(line, x, y, colour), dot(here, x, y, colour, clip=True)]
        panels.append(alt.layer(*marks).properties(title=title, height=200))
    return explorer(
        readout(here, "y = {y:.1f}: p = {p:.4f}", "loss −log p = {nll:.4f} nats"),
        *panels,
        name="faces",
        params=[
            menu("family", "y is a", {name: name for name in families}, families[0]),
            slider("f", "prediction f", -2, 2, 0.1, 0),
            slider("s", "spread (of a number)", 0.4, 2.4, 0.1, 1),
            slider("y0", "the y that came", -LIMIT, LIMIT, 0.1, 2.2),
        ],
        description="Left, how probable each y is, given the prediction f; right, minus its logarithm, the loss. A "
        "dashed line marks the y that came, with a dot on both. The farther y lies from what is predicted, the less "
        "probable it is and the more it costs: with its square for the Gaussian, in proportion for the Laplace, ever "
        "more slowly for the Student-t. A smaller spread makes both curves steeper.",
    )
