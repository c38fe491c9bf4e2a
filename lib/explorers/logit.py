import altair as alt

from lib.explorers.before import DATA, ONE_ROW, WIDTH, finish, readout, slider
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
    x = alt.X("z:Q", title="logit z", scale=alt.Scale(domain=[-LIMIT, LIMIT]))
    rule = here.mark_rule(strokeDash=[4, 3], color=DATA).encode(x=x)

    curves = ["p", "nll_1", "gradient_1", "nll_0", "gradient_0"]
    dash = alt.StrokeDash("key:N", scale=alt.Scale(domain=curves, range=[[1, 0]] * 3 + [[6, 4]] * 2), legend=None)

    def panel(fields, title, domain, colour, height, label_heights=()):
        """One curve a field with a marker on each, and the labels y = 1 and y = 0 at the given heights."""
        y = alt.Y("value:Q", title=title, scale=alt.Scale(domain=domain), axis=alt.Axis(tickCount=4))
        rows = [
            {"z": at, "value": value, "text": f"y = {label}"}
            for label, at, value in zip((1, 0), (-4.3, 4.3), label_heights, strict=False)
        ]
        return alt.layer(
            rule,
            grid.transform_fold(fields).mark_line(color=colour).encode(x=x, y=y, strokeDash=dash),
            here.transform_fold(fields).mark_point(filled=True, size=90, color=colour, opacity=1).encode(x=x, y=y),
            alt.Chart(alt.Data(values=rows)).mark_text(color=DATA, fontSize=12).encode(x=x, y=y, text="text:N"),
            width=WIDTH,
            height=height,
        )

    text = readout(
        here,
        "'p = sigmoid(z) = ' + format(datum.p, '.4f')",
        "'if y = 1: loss ' + format(datum.nll_1, '.4f') + ' nats, gradient ' + format(datum.gradient_1, '.4f')",
        "'if y = 0: loss ' + format(datum.nll_0, '.4f') + ' nats, gradient ' + format(datum.gradient_0, '.4f')",
    )
    return finish(
        text,
        panel(["p"], "p", [0, 1], MODEL, 80),
        panel(["nll_1", "nll_0"], "loss (nats)", [0, LIMIT], LOSS, 120, (6.2, 6.2)),
        panel(["gradient_1", "gradient_0"], "gradient p − y", [-1, 1], LOSS, 100, (-0.75, 0.75)),
        name="logit",
        params=[slider("logit", "z, the logit", -LIMIT, LIMIT, 0.1, 0)],
        description="Three panels against the logit z. Top: the probability p, an S-shaped curve. Middle: the loss. "
        "For label 1 it falls, from a straight line of slope minus one on the left to zero on the right; for label 0 "
        "it is the mirror image. Bottom: the gradients, p minus 1 and p, between minus one and one. A slider moves a "
        "marker on every curve.",
    )
