import math

import altair as alt

from lib.cases import CASES
from lib.explorers.before import DATA, HALF_LOG_2PI, ONE_ROW, WIDTH, finish, readout, slider
from lib.plotting import LOSS

K_HUBER, TAU = 1.345, 0.9
LABELS = ["y", "model", "output", "PyTorch", "twin", "use", "trap"]

_HUBER_Z = math.sqrt(2 * math.pi) * math.erf(K_HUBER / math.sqrt(2)) + 2 / K_HUBER * math.exp(-(K_HUBER**2) / 2)
# NLL, its gradient, and what f means, for one example with y = 1 (class 1 of three): Vega expressions of datum.f.
CURVES = {
    "mse": (f"pow(datum.f - 1, 2) / 2 + {HALF_LOG_2PI:.12f}", "datum.f - 1", "'mean ' + format(datum.f, '.4f')"),
    "mae": (
        f"abs(datum.f - 1) + {math.log(2):.12f}",
        "datum.f < 1 ? -1 : datum.f > 1 ? 1 : 0",
        "'median ' + format(datum.f, '.4f')",
    ),
    "quantile": (
        f"max({TAU} * (1 - datum.f), {TAU - 1:.1f} * (1 - datum.f)) - {math.log(TAU * (1 - TAU)):.12f}",
        f"datum.f < 1 ? {-TAU} : {1 - TAU:.1f}",
        "'0.9-quantile ' + format(datum.f, '.4f')",
    ),
    "huber": (
        f"(abs(datum.f - 1) <= {K_HUBER} ? pow(datum.f - 1, 2) / 2"
        f" : {K_HUBER} * abs(datum.f - 1) - {K_HUBER**2 / 2:.12f}) + {math.log(_HUBER_Z):.12f}",
        f"clamp(datum.f - 1, {-K_HUBER}, {K_HUBER})",
        "'centre ' + format(datum.f, '.4f')",
    ),
    "heteroscedastic": (
        f"(exp(-datum.f) + datum.f) / 2 + {HALF_LOG_2PI:.12f}",
        "(1 - exp(-datum.f)) / 2",
        "'mean 0, σ ' + format(exp(datum.f / 2), '.4f')",
    ),
    "bce": ("log(1 + exp(-datum.f))", "-1 / (1 + exp(datum.f))", "'p ' + format(1 / (1 + exp(-datum.f)), '.4f')"),
    "ce": (
        "log(1 + 2 * exp(-datum.f))",
        "1 / (1 + 2 * exp(-datum.f)) - 1",
        "'p of class 1 ' + format(1 / (1 + 2 * exp(-datum.f)), '.4f')",
    ),
    "poisson": ("exp(datum.f) - datum.f", "exp(datum.f) - 1", "'expected count ' + format(exp(datum.f), '.4f')"),
}


def _choose(index):
    """One Vega expression for all losses, that looks at what the menu says."""
    cases = "".join(f"pick == '{name}' ? ({curve[index]}) : " for name, curve in CURVES.items())
    return cases + "null"


def _card():
    """The rows as lines of text; the menu decides which are shown."""
    lines, heights = [], []
    for case in CASES:
        at = 0
        for label in LABELS:
            for i, line in enumerate(getattr(case, label.lower()).split("\n")):
                code = label in ("PyTorch", "twin")
                lines.append({"pick": case.name, "line": at, "label": "" if i else label, "text": line, "code": code})
                at += 1
        heights.append(at)
    rows = alt.Chart(alt.Data(values=lines)).transform_filter("datum.pick == pick")
    at = alt.Y("line:Q", axis=None, scale=alt.Scale(domain=[-0.5, max(heights) - 0.5], reverse=True, nice=False))

    def column(field, x, **style):
        mark = {"align": "left", "baseline": "middle", "fontSize": 12, **style}
        return rows.mark_text(**mark).encode(text=f"{field}:N", x=alt.value(x), y=at)

    values = column("text", 54).transform_filter("!datum.code")
    code = column("text", 54, font="monospace", fontSize=10.5).transform_filter("datum.code")
    return (column("label", 0, color=DATA) + values + code).properties(width=WIDTH, height=17 * max(heights))


def loss_picker():
    """Choose what y is: model, call, twin, use and trap of its loss; slide the model's output to see what it costs."""

    def add(chart):
        return chart.transform_calculate(nll=_choose(0), gradient=_choose(1), means=_choose(2))

    grid = add(alt.Chart(alt.sequence(-3, 3.005, 0.02, as_="f")))
    here = add(alt.Chart(ONE_ROW).transform_calculate(f="f"))
    panels = []
    for field, title, ticks, x_title in [
        ("nll", "loss (nats)", [0, 2, 4, 6], None),
        ("gradient", "gradient", [-2, 0, 2, 4], "model output f, for an example with y = 1"),
    ]:
        x_scale = alt.Scale(domain=[-3.1, 3.1], nice=False)  # a little wider than the slider, so that no dot is cut
        y_scale = alt.Scale(domain=[ticks[0] - 0.4, ticks[-1]], nice=False)
        x = alt.X("f:Q", title=x_title, scale=x_scale, axis=alt.Axis(tickCount=7))
        y = alt.Y(f"{field}:Q", title=title, scale=y_scale, axis=alt.Axis(values=ticks))
        curve = grid.mark_line(color=LOSS, clip=True).encode(x=x, y=y)
        rule = here.mark_rule(strokeDash=[4, 3], color=DATA).encode(x=x)
        dot = here.mark_point(filled=True, size=90, color=LOSS, opacity=1, clip=True).encode(x=x, y=y)
        panels.append((curve + rule + dot).properties(width=WIDTH, height=70))
    text = readout(
        here,
        "'f = ' + format(datum.f, '.1f') + ' means: ' + datum.means",
        "'loss ' + format(datum.nll, '.4f') + ' nats, gradient ' + format(datum.gradient, '.4f')",
    )
    options, labels = [case.name for case in CASES], [case.menu for case in CASES]
    menu = alt.binding_select(options=options, labels=labels, name="y is ")
    return finish(
        _card(),
        text,
        *panels,
        name="loss_picker",
        params=[
            alt.param(name="pick", value="poisson", bind=menu),
            slider("f", "f, the output of the model", -3, 3, 0.1, 0.5),
        ],
        description="A menu asks what y is. Above, as text: the model, what its output means, the PyTorch call, the "
        "twin in scikit-learn or statsmodels, a use and a trap; the cards below say the same at more length. "
        "Under it: the loss "
        "of one example with y = 1, and its gradient, against the output of the model. For the mean, for yes or no, "
        "for classes and for counts the gradient is mean minus y; for the median it is a step, for Huber a line that "
        "is cut off on both sides.",
    )
