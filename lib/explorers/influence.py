import math
import re

import altair as alt

from lib.explorers.common import ONE_ROW, axis, curve, dot, explorer, menu, readout, rule, slider
from lib.plotting import LOSS, MODEL, OTHER

LIMIT, STEP, TOP = 8, 0.05, 9  # the largest |y|, the grid of centres, the largest shape
POINTS = [-1.4, -0.8, -0.5, -0.1, 0.2, 0.4, 0.9, 1.5]  # they stay; the reader's is the ninth
NU = [1 + i / 2 for i in range(2 * TOP - 1)]  # the shapes of the Student-t
T_LOG_Z = [round(math.lgamma(v / 2) - math.lgamma((v + 1) / 2) + 0.5 * math.log(v * math.pi), 12) for v in NU]
# What the menu says; what the shape is called and how it follows from the slider; ρ, ψ = ρ′ and log Z of datum.u, given
# the shape h. The last one has no Z.
LOSSES = {
    "t": (
        "Student-t: log(1 + u²/ν)",
        ("ν", "shape"),
        "(h + 1) / 2 * log(1 + pow(datum.u, 2) / h)",
        "(h + 1) * datum.u / (h + pow(datum.u, 2))",
        f"{T_LOG_Z}[round(2 * h) - 2]",
    ),
    "huber": (
        "Huber: square, then straight",
        ("k", "(shape / 4)"),
        "abs(datum.u) <= h ? pow(datum.u, 2) / 2 : h * abs(datum.u) - h * h / 2",
        "clamp(datum.u, -h, h)",
        "log(sqrt(2 * PI) * (2 * cumulativeNormal(h) - 1) + 2 / h * exp(-h * h / 2))",
    ),
    "pinball": (
        "pinball: two slopes",
        ("τ", "(shape / 10)"),
        "datum.u * (h - (datum.u < 0 ? 1 : 0))",
        "h - (datum.u < 0 ? 1 : 0)",
        "-log(h * (1 - h))",
    ),
    "welsch": (
        "Welsch: bounded",
        ("c", "(shape / 4)"),
        "h * h / 2 * (1 - exp(-pow(datum.u / h, 2)))",
        "datum.u * exp(-pow(datum.u / h, 2))",
        "0",
    ),
}


def influence():
    """A loss of a residual, its slope, and the density that it is; and where it puts the centre of nine points."""

    def choose(values):
        """One of the four expressions, whose h becomes the shape of its loss."""
        parts = []
        for (name, (_, (_, shape), *_)), value in zip(LOSSES.items(), values, strict=True):
            parts.append(f"pick == '{name}' ? ({_with(value, shape)})")
        return " : ".join(parts) + " : null"

    rho, psi, log_z = (choose([row[i] for row in LOSSES.values()]) for i in (2, 3, 4))

    def add(chart):
        chart = chart.transform_calculate(rho=rho, psi=psi, log_z=log_z)
        return chart.transform_calculate(p="exp(-datum.rho - datum.log_z)")

    grid = add(alt.Chart(alt.sequence(-LIMIT, LIMIT + 0.01, STEP, as_="u")))
    centre = (
        alt.Chart(alt.sequence(-round(LIMIT / STEP), round(LIMIT / STEP) + 1, as_="i"))
        .transform_calculate(f=f"datum.i * {STEP}", y=f"[{str(POINTS)[1:-1]}, mine]")
        .transform_flatten(["y"])
        .transform_calculate(u="datum.y - datum.f")
        .transform_calculate(rho=rho)
        .transform_aggregate(total="sum(rho)", groupby=["f"])
        .transform_joinaggregate(least="min(total)")
        .transform_filter("datum.total <= datum.least + 1e-9")
        .transform_aggregate(f="min(f)")
    )
    named = " : ".join(f"pick == '{name}' ? '{row[1][0]} = ' + {row[1][1]}" for name, row in LOSSES.items())
    price = "'loss ' + format(datum.rho, '.4f') + (pick == 'welsch' ? ', no NLL' : ', NLL ' + format(datum.nll, '.4f'))"
    numbers = add(centre.transform_calculate(u="mine")).transform_calculate(
        nll="datum.rho + datum.log_z", shape=f"({named} : '')"
    )
    numbers = numbers.transform_calculate(price=price)
    here = add(alt.Chart(ONE_ROW).transform_calculate(u="mine"))
    x = axis(alt.X, "u", "residual u", [-LIMIT, LIMIT])
    panels = []
    for field, title, domain, colour in [
        ("rho", "loss ρ(u)", [0, 8], LOSS),
        ("psi", "pull ψ(u)", [-2.4, 2.4], OTHER),
        ("p", "density e^−ρ / Z", [0, 1], MODEL),
    ]:
        y = axis(alt.Y, field, None, domain)
        marks = [rule(here, x=x), curve(grid, x, y, colour), dot(here, x, y, colour, clip=True)]
        if field == "p":
            shade = grid.mark_area(color=colour, opacity=0.18, clip=True).encode(x=x, y=y)
            text = alt.Chart(ONE_ROW).transform_filter("pick == 'welsch'").mark_text(fontSize=13, color=LOSS, dy=-12)
            marks = [shade, *marks, text.encode(text=alt.datum("area infinite"), x=alt.datum(0), y=alt.datum(0.15))]
        panels.append(alt.layer(*marks).properties(title=title, height=210))
    return explorer(
        readout(numbers, "{shape}; your point: {price}, pull {psi:.4f}", "centre of eight points and yours: {f:.2f}"),
        *panels,
        name="influence",
        params=[
            menu("pick", "loss", {name: row[0] for name, row in LOSSES.items()}, "t"),
            slider("shape", "shape (ν; 4k, 10τ, 4c)", 1, TOP, 0.5, 3),
            slider("mine", "y of your point (scales)", -LIMIT, LIMIT, 0.5, 6),
        ],
        description="Three panels over the residual: the loss, its slope, which is the pull of a point, and the "
        "density that the loss is, with a dot at your point. Student-t: the pull rises, then fades. Huber: it rises, "
        "then stays. Pinball: two constants, τ above and τ minus 1 below. Welsch: the loss levels off, the pull "
        "vanishes, and the third curve never comes down to zero: its area is infinite.",
    )


def _with(expression, shape):
    """The expression of h as one of the slider."""
    return re.sub(r"\bh\b", shape, expression)
