import altair as alt

from lib.explorers.before import DATA, ONE_ROW, WIDTH, finish, readout, slider
from lib.plotting import LOSS, MODEL

# Each class has a dash pattern, and a place for its letter beside the dot: letters of equal costs do not collide.
CLASSES = {"a": ([1, 0], (-11, -9)), "b": ([6, 3], (11, -9)), "c": ([2, 2], (0, -13))}


def softmax():
    """Slide three logits and a temperature: class probabilities, and the NLL of each class if it is the true one."""
    total = " + ".join(f"exp(z_{k} / datum.t)" for k in CLASSES)

    def add(chart):
        """Three NLLs and three probabilities as fields of `chart`, whose field `t` is the temperature."""
        nlls = {f"nll_{k}": f"max(0, log({total}) - z_{k} / datum.t)" for k in CLASSES}
        return chart.transform_calculate(**nlls).transform_calculate(
            **{f"p_{k}": f"exp(-datum.nll_{k})" for k in CLASSES}
        )

    def line(field):
        return " + ', ' + ".join(f"'{k.upper()} ' + format(datum.{field}_{k}, '.4f')" for k in CLASSES)

    numbers = add(alt.Chart(ONE_ROW).transform_calculate(t="temperature"))
    text = readout(numbers, f"'p: ' + {line('p')}", f"'NLL: ' + {line('nll')}")

    bars = numbers.transform_fold([f"p_{k}" for k in CLASSES], as_=["field", "p"]).transform_calculate(
        name="upper(substring(datum.field, 2))", label="format(datum.p, '.2f')"
    )
    x = alt.X("name:N", title="class", axis=alt.Axis(labelAngle=0))
    p_axis = alt.Y("p:Q", title="probability", scale=alt.Scale(domain=[0, 1.15]), axis=alt.Axis(values=[0, 0.5, 1]))
    top = bars.mark_bar(color=MODEL, width=46).encode(x=x, y=p_axis)
    top += bars.mark_text(dy=-8, color=DATA, fontSize=12).encode(x=x, y=p_axis, text="label:N")

    t_axis = alt.X(
        "t:Q",
        title="temperature (logarithmic scale)",
        scale=alt.Scale(type="log", domain=[0.15, 13], nice=False),
        axis=alt.Axis(values=[0.2, 0.5, 1, 2, 5, 10], format="~g"),
    )
    grid = add(alt.Chart(alt.sequence(-16, 23.1, 0.5, as_="u")).transform_calculate(t="pow(10, datum.u / 23)"))
    layers = []
    for k, (dash, (dx, dy)) in CLASSES.items():
        nll_axis = alt.Y(
            f"nll_{k}:Q", title="NLL if true (nats)", scale=alt.Scale(domain=[0, 8]), axis=alt.Axis(tickCount=5)
        )
        layers.append(grid.mark_line(color=LOSS, strokeDash=dash, clip=True).encode(x=t_axis, y=nll_axis))
        layers.append(
            numbers.mark_point(filled=True, size=70, color=LOSS, opacity=1, clip=True).encode(x=t_axis, y=nll_axis)
        )
        letter = numbers.mark_text(text=k.upper(), dx=dx, dy=dy, color=DATA, fontSize=12, clip=True)
        layers.append(letter.encode(x=t_axis, y=nll_axis))
    return finish(
        text,
        top.properties(width=WIDTH, height=120),
        alt.layer(*layers).properties(width=WIDTH, height=150),
        name="softmax",
        params=[
            slider("z_a", "logit of A", -4, 4, 0.1, 2),
            slider("z_b", "logit of B", -4, 4, 0.1, 1),
            slider("z_c", "logit of C", -4, 4, 0.1, -1),
            slider("temperature", "temperature", 0.2, 10, 0.1, 1),
        ],
        description="Above: bars for the probabilities of the classes A, B and C. Below: for each class the negative "
        "log-likelihood that it costs if it is the true one, against the temperature. Sliders set three logits and the "
        "temperature. A high temperature makes the bars equal and every cost log 3, about 1.1 nats; a low one "
        "takes the cost of the class with the highest logit to zero and drives up the others.",
    )
