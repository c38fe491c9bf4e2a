import math

import altair as alt

from lib.explorers.common import HALF_LOG_2PI, ONE_ROW, axis, curve, dot, explorer, menu, readout, rule, slider
from lib.plotting import LOSS, MODEL

LIMIT = 5
T = 3  # degrees of freedom of the Student-t
T_CONSTANT = math.lgamma((T + 1) / 2) - math.lgamma(T / 2) - 0.5 * math.log(T * math.pi)
FAMILIES = {  # what the menu says: the log density of y, of the field z = (y - f) / s and the control s
    "Gaussian: squares": f"-pow(datum.z, 2) / 2 - {HALF_LOG_2PI:.12f} - log(s)",
    "Laplace: distances": "-abs(datum.z) - log(2 * s)",
    "Student-t, 3 d.o.f.": f"{-(T + 1) / 2} * log(1 + pow(datum.z, 2) / {T}) + {T_CONSTANT:.12f} - log(s)",
}


def faces(family="Gaussian: squares"):
    """The idea of the book: a density, its -log beside it, and one dot in both.

    Parameters
    ----------
    family : str, the one of `FAMILIES` that is shown first
    """
    logp = " : ".join(f"family == {name!r} ? {text}" for name, text in FAMILIES.items()) + " : null"

    def add(chart):
        return (
            chart.transform_calculate(z="(datum.y - f) / s")
            .transform_calculate(logp=logp)
            .transform_calculate(p="exp(datum.logp)", nll="-datum.logp")
        )

    here = add(alt.Chart(ONE_ROW).transform_calculate(y="y0"))
    grid = add(alt.Chart(alt.sequence(-LIMIT, LIMIT + 0.01, 0.05, as_="y")))
    x = axis(alt.X, "y", "y", [-LIMIT, LIMIT])
    panels = []
    for field, title, top, colour in [
        ("p", "how probable: p(y | f)", 1.2, MODEL),
        ("nll", "how costly: −log p(y | f)", 8, LOSS),
    ]:
        y = axis(alt.Y, field, None, [0 if field == "p" else -0.5, top])
        shade = grid.mark_area(color=colour, opacity=0.18, clip=True).encode(x=x, y=y)
        stack = [shade] if field == "p" else []
        stack += [rule(here, x=x), curve(grid, x, y, colour), dot(here, x, y, colour, clip=True)]
        panels.append(alt.layer(*stack).properties(title=title, height=200))
    return explorer(
        readout(here, "density p = {p:.4f}", "loss −log p = {nll:.4f} nats"),
        *panels,
        name="faces",
        params=[
            menu("family", "noise", {name: name for name in FAMILIES}, family),
            slider("f", "prediction f", -3, 3, 0.1, 0),
            slider("s", "spread", 0.4, 2.4, 0.1, 1),
            slider("y0", "the y that came", -5, 5, 0.1, 2.2),
        ],
        description="Left, a density over y around the prediction f; right, minus its logarithm, the loss. A dashed "
        "line marks the y that came, with a dot on both curves. The farther y lies from f, the less probable it is and "
        "the more it costs: with its square for the Gaussian, in proportion for the Laplace, and ever more slowly for "
        "the Student-t. A smaller spread makes both curves steeper.",
    )
