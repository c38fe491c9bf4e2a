import json
import math

import altair as alt

from lib.explorers.common import HALF_LOG_2PI, ONE_ROW, axis, curve, dot, explorer, menu, readout, rule, slider
from lib.plotting import LOSS

K_HUBER, TAU = 1.345, 0.9
LABELS = ["model", "pytorch", "twin", "trap"]

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
    "student_t": (  # ν = 3
        f"2 * log(1 + pow(datum.f - 1, 2) / 3) + {math.log(math.pi * math.sqrt(3) / 2):.12f}",
        "4 * (datum.f - 1) / (3 + pow(datum.f - 1, 2))",
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
    "negative_binomial": (  # α = 1
        "2 * log(1 + exp(datum.f)) - datum.f",
        "(exp(datum.f) - 1) / (1 + exp(datum.f))",
        "'expected count ' + format(exp(datum.f), '.4f')",
    ),
}


def _choose(texts):
    """One Vega expression, that looks at what the menu says, for one text a case."""
    return " : ".join(f"pick == '{name}' ? ({text})" for name, text in texts.items()) + " : null"


def loss_picker():
    """Choose what y is: model, call, twin and trap of its loss; slide the model's output to see what it costs."""
    from lib.cases import CASES  # and with it SciPy, which would cost each chapter a fifth of a second

    def add(chart):
        fields = {"nll": 0, "gradient": 1, "means": 2}
        return chart.transform_calculate(
            **{name: _choose({pick: curve[at] for pick, curve in CURVES.items()}) for name, at in fields.items()}
        )

    grid = add(alt.Chart(alt.sequence(-3, 3.005, 0.02, as_="f")))
    here = add(alt.Chart(ONE_ROW).transform_calculate(f="f"))
    for label in LABELS:
        said = {case.name: json.dumps(getattr(case, label), ensure_ascii=False) for case in CASES}
        here = here.transform_calculate(**{label: _choose(said)})
    x = axis(alt.X, "f", "output f, for an example with y = 1", [-3.1, 3.1])  # wider than the slider: no dot is cut
    panels = []
    for field, title, domain in [("nll", "loss (nats)", [-0.4, 6]), ("gradient", "gradient", [-2.4, 4])]:
        y = axis(alt.Y, field, None, domain)
        drawn = alt.layer(rule(here, x=x), curve(grid, x, y, LOSS), dot(here, x, y, clip=True))
        panels.append(drawn.properties(title=title, height=200))
    return explorer(
        readout(
            here,
            "model: {model}",
            "call: {pytorch}",
            "twin: {twin}",
            "trap: {trap}",
            "f = {f:.1f} means: {means}",
            "loss {nll:.4f} nats, gradient {gradient:.4f}",
        ),
        *panels,
        name="loss_picker",
        params=[
            menu("pick", "y is", {case.name: case.menu for case in CASES}, "poisson"),
            slider("f", "output f of the model", -3, 3, 0.1, 0.5),
        ],
        description="A menu asks what y is. As text: the model, the PyTorch call, the twin in scikit-learn or "
        "statsmodels, a trap, and what the output means; the cards below say the same at more length. Two panels show "
        "the loss of one example with y = 1, and its gradient, against the output of the model. For the mean, for yes "
        "or no, for classes and for counts the gradient is mean minus y; for the median it is a step, for Huber a line "
        "that is cut off on both sides, and for Student-t one that falls again.",
    )
