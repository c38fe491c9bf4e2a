import altair as alt

from lib.explorers.common import DATA, ONE_ROW, WIDTH, finish, readout, slider
from lib.plotting import LOSS, MODEL

LIMIT = 8  # the largest |z| on the axis
SOLID, DASHED = [1, 0], [6, 4]


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

    def branch(y, colour, dash=SOLID):
        curve = grid.mark_line(color=colour, strokeDash=dash).encode(x=x, y=y)
        return curve + here.mark_point(filled=True, size=90, color=colour, opacity=1).encode(x=x, y=y)

    def both_labels(field, title, domain, label_height):
        y_1, y_0 = (
            alt.Y(f"{field}_{label}:Q", title=title, scale=alt.Scale(domain=domain), axis=alt.Axis(tickCount=4))
            for label in (1, 0)
        )
        rows = [
            {"z": -4.3, "at": label_height[0], "label": "y = 1"},
            {"z": 4.3, "at": label_height[1], "label": "y = 0"},
        ]
        names = alt.Chart(alt.Data(values=rows)).mark_text(color=DATA, fontSize=12)
        names = names.encode(x=x, y="at:Q", text="label:N")
        return rule + branch(y_1, LOSS) + branch(y_0, LOSS, DASHED) + names

    p_axis = alt.Y("p:Q", title="p", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(tickCount=4))
    text = readout(
        here,
        "'p = sigmoid(z) = ' + format(datum.p, '.4f')",
        "'if y = 1: loss ' + format(datum.nll_1, '.4f') + ' nats, gradient ' + format(datum.gradient_1, '.4f')",
        "'if y = 0: loss ' + format(datum.nll_0, '.4f') + ' nats, gradient ' + format(datum.gradient_0, '.4f')",
    )
    return finish(
        text,
        (rule + branch(p_axis, MODEL)).properties(width=WIDTH, height=80),
        both_labels("nll", "loss (nats)", [0, LIMIT], (6.2, 6.2)).properties(width=WIDTH, height=120),
        both_labels("gradient", "gradient p − y", [-1, 1], (-0.75, 0.75)).properties(width=WIDTH, height=100),
        name="logit",
        params=[slider("logit", "z, the logit", -LIMIT, LIMIT, 0.1, 0)],
        description="Three panels against the logit z. Top: the probability p, an S-shaped curve. Middle: the loss. "
        "For label 1 it falls, from a straight line of slope minus one on the left to zero on the right; for label 0 "
        "it is the mirror image. Bottom: the gradients, p minus 1 and p, between minus one and one. A slider moves a "
        "marker on every curve.",
    )
