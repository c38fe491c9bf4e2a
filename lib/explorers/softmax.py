import altair as alt

from lib.explorers.common import DATA, ONE_ROW, axis, dot, explorer, readout, slider
from lib.plotting import LOSS, MODEL

# Each class has a dash pattern, and a place for its letter beside the dot: letters of equal costs do not collide.
CLASSES = {"a": ([1, 0], (-12, -10)), "b": ([6, 3], (12, -10)), "c": ([2, 2], (0, -14))}


def softmax():
    """Slide three logits and a temperature: class probabilities, and what each class costs if it comes."""
    total = " + ".join(f"exp(z_{k} / datum.t)" for k in CLASSES)

    def add(chart):
        """Three NLLs and three probabilities as fields of `chart`, whose field `t` is the temperature."""
        nlls = {f"nll_{k}": f"max(0, log({total}) - z_{k} / datum.t)" for k in CLASSES}
        return chart.transform_calculate(**nlls).transform_calculate(
            **{f"p_{k}": f"exp(-datum.nll_{k})" for k in CLASSES}
        )

    here = add(alt.Chart(ONE_ROW).transform_calculate(t="temperature"))
    bars = here.transform_fold([f"p_{k}" for k in CLASSES], as_=["field", "p"]).transform_calculate(
        name="upper(substring(datum.field, 2))", label="format(datum.p, '.2f')"
    )
    x = alt.X("name:N", title="class", axis=alt.Axis(labelAngle=0))
    y = axis(alt.Y, "p", None, [0, 1.1], values=[0, 0.5, 1])
    left = bars.mark_bar(color=MODEL, opacity=0.8).encode(x=x, y=y)
    left += bars.mark_text(dy=-9, color=DATA, fontSize=13).encode(x=x, y=y, text="label:N")

    t = axis(alt.X, "t", "temperature (logarithmic)", [0.15, 13], values=[0.2, 0.5, 1, 2, 5, 10], format="~g")
    t = t.scale(type="log", domain=[0.15, 13], nice=False)
    grid = add(alt.Chart(alt.sequence(-16, 23.1, 0.5, as_="u")).transform_calculate(t="pow(10, datum.u / 23)"))
    layers = []
    for k, (dash, (dx, dy)) in CLASSES.items():
        nll = axis(alt.Y, f"nll_{k}", None, [0, 8])
        letter = here.mark_text(text=k.upper(), dx=dx, dy=dy, color=DATA, fontSize=13, clip=True)
        line = grid.mark_line(color=LOSS, strokeDash=dash, strokeWidth=2.5, clip=True).encode(x=t, y=nll)
        layers += [line, dot(here, t, nll, clip=True), letter.encode(x=t, y=nll)]

    def line_of(field):
        return ", ".join(f"{k.upper()} {{{field}_{k}:.4f}}" for k in CLASSES)

    return explorer(
        readout(here, f"p: {line_of('p')}", f"NLL: {line_of('nll')} nats"),
        left.properties(title="how probable: p = softmax(z)", height=240),
        alt.layer(*layers).properties(title="how costly if it comes (nats)", height=240),
        name="softmax",
        params=[
            slider("z_a", "logit of A", -4, 4, 0.1, 2),
            slider("z_b", "logit of B", -4, 4, 0.1, 1),
            slider("z_c", "logit of C", -4, 4, 0.1, -1),
            slider("temperature", "temperature", 0.2, 10, 0.1, 1),
        ],
        description="Left: bars for the probabilities of the classes A, B and C. Right: for each class the negative "
        "log-likelihood that it costs if it comes, against the temperature. Controls set three logits and the "
        "temperature. A high temperature makes the bars equal and every cost log 3, about 1.1 nats; a low one "
        "takes the cost of the class with the highest logit to zero and drives up the others.",
    )
