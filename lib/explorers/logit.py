import altair as alt

from lib.explorers.common import DATA, ONE_ROW, axis, curve, dot, explorer, readout, rule, slider
from lib.plotting import LOSS, MODEL

LIMIT = 8  # the largest |z| on the axis


def logit():
    """Slide a logit z: p = sigmoid(z), the loss for either label, and its gradient p - y."""
    softplus = "max({0}, 0) + log(1 + exp(-abs({0})))"

    def add(chart):
        return chart.transform_calculate(
            p="1 / (1 + exp(-datum.z))",
            nll_1=softplus.format("(-datum.z)"),
            nll_0=softplus.format("datum.z"),
            gradient_1="datum.p - 1",
            gradient_0="datum.p",
        )

    grid = add(alt.Chart(alt.sequence(-LIMIT, LIMIT + 0.05, 0.1, as_="z")))
    here = add(alt.Chart(ONE_ROW).transform_calculate(z="logit"))
    x = axis(alt.X, "z", "logit z", [-LIMIT, LIMIT])
    panels = []
    for title, fields, domain, colour, label_height in [
        ("how probable: p = sigmoid(z)", ["p"], [0, 1], MODEL, None),
        ("how costly: loss (nats)", ["nll_1", "nll_0"], [0, LIMIT], LOSS, 6.6),
        ("how hard it pulls: p − y", ["gradient_1", "gradient_0"], [-1, 1], LOSS, None),
    ]:
        layers = [rule(here, x=x)]
        for field, dash in zip(fields, ([1, 0], [6, 4]), strict=False):
            y = axis(alt.Y, field, None, domain)
            layers += [curve(grid, x, y, colour, strokeDash=dash), dot(here, x, y, colour)]
        if label_height:
            labels = [{"z": at, "at": label_height, "text": f"y = {y}"} for y, at in ((1, -2.4), (0, 2.4))]
            text = alt.Chart(alt.Data(values=labels)).mark_text(color=DATA, fontSize=13)
            layers.append(text.encode(x=x, y=axis(alt.Y, "at", None, domain), text="text:N"))
        panels.append(alt.layer(*layers).properties(title=title, height=240))
    return explorer(
        readout(
            here,
            "p = {p:.4f}",
            "if y = 1: loss {nll_1:.4f} nats, gradient {gradient_1:.4f}",
            "if y = 0: loss {nll_0:.4f} nats, gradient {gradient_0:.4f}",
        ),
        *panels,
        name="logit",
        params=[slider("logit", "logit z", -LIMIT, LIMIT, 0.1, -4)],
        description="Three panels against the logit z. First: the probability p, an S-shaped curve. Second: the loss. "
        "For label 1 it falls, from a straight line of slope minus one on the left to zero on the right; for label 0 "
        "it is the mirror image, dashed. Third: the gradients, p minus 1 and p, between minus one and one. A slider "
        "moves a marker on every curve.",
    )
