import altair as alt

from lib.explorers.before import WIDTH, finish, readout
from lib.plotting import MODEL, OTHER


def prior_knob(knobs, *, convention, std, n, scale, knob):
    """Type σ, n and the scale of a prior to get the number that a library wants, or that number to get the scale.

    Parameters
    ----------
    knobs : dict, one convention a key: (prior, c, s, m, p) where `prior` is "Gaussian" (scale τ) or "Laplace"
        (scale b) and the number is (c · σˢ · nᵐ / τ²)ᵖ or (c · σˢ · nᵐ / b)ᵖ, with p = 1 or -1
    convention : str, the key that is chosen at first
    std, n, scale, knob : positive numbers, what stands in the boxes at first
    """
    if convention not in knobs:
        raise ValueError(f"convention must be one of {', '.join(knobs)}, got {convention}")
    rows = [dict(zip(("name", "prior", "c", "s", "m", "p"), (name, *row), strict=True)) for name, row in knobs.items()]
    chosen = (
        alt.Chart(alt.Data(values=rows))
        .transform_filter("datum.name == convention")
        .transform_calculate(k="datum.prior == 'Gaussian' ? 2 : 1")
        .transform_calculate(letter="datum.k == 2 ? 'τ' : 'b'")
        .transform_calculate(factor="datum.c * pow(toNumber(sigma), datum.s) * pow(toNumber(n), datum.m)")
        .transform_calculate(
            knob="pow(datum.factor / pow(toNumber(scale), datum.k), datum.p)",
            scale="pow(datum.factor / pow(toNumber(knob), datum.p), 1 / datum.k)",
        )
        .transform_calculate(bound="datum.scale * (datum.k == 2 ? 1.959964 : 2.995732)")
    )
    names = ["from τ or b", "from the knob"]
    curves = (
        chosen.transform_calculate(curve=f"{names}", step="sequence(-80, 81)")
        .transform_flatten(["curve"])
        .transform_flatten(["step"])
        .transform_calculate(own=f"datum.curve == '{names[0]}' ? toNumber(scale) : datum.scale")
        .transform_calculate(w="datum.step / 20 * max(toNumber(scale), datum.scale)")
        .transform_calculate(z="abs(datum.w) / datum.own")
        .transform_calculate(height="exp(datum.k == 2 ? -0.5 * datum.z * datum.z : -datum.z)")
        .mark_line()
        .encode(
            x=alt.X("w:Q", title="one weight", scale=alt.Scale(nice=False), axis=alt.Axis(tickCount=5)),
            y=alt.Y("height:Q", title="prior density / its top", axis=alt.Axis(tickCount=3)),
            color=alt.Color(
                "curve:N",
                title=None,
                scale=alt.Scale(domain=names, range=[OTHER, MODEL]),
                legend=alt.Legend(orient="bottom", symbolType="stroke", symbolSize=300, columnPadding=6),
            ),
            strokeDash=alt.StrokeDash("curve:N", scale=alt.Scale(domain=names, range=[[8, 3, 2, 3], [1, 0]])),
        )
        .properties(width=WIDTH, height=120)
    )
    text = readout(
        chosen,
        "datum.letter + ' = ' + format(toNumber(scale), '.4~r') + '  →  knob = ' + format(datum.knob, '.4~r')",
        "'knob = ' + format(toNumber(knob), '.4~r') + '  →  ' + datum.letter + ' = ' + format(datum.scale, '.4~r')",
        "'that is, 95 % of weights within ±' + format(datum.bound, '.4~r')",
    )
    menu = alt.binding_select(options=list(knobs), name="convention ")
    boxes = [
        ("sigma", "σ, noise (unit of y)", std),
        ("n", "n, examples in the data set", n),
        ("scale", "τ or b (unit of w)", scale),
        ("knob", "knob", knob),
    ]
    return finish(
        text,
        curves,
        name="prior_knob",
        params=[alt.param(name="convention", value=convention, bind=menu)]
        + [
            alt.param(name=name, value=value, bind=alt.binding(input="number", name=f"{label} "))
            for name, label, value in boxes
        ],
        description="A calculator. A menu chooses a library's convention; boxes take the noise σ, the number of "
        "examples, the scale τ or b of a prior, and a knob: alpha, C or weight_decay. It shows the knob that belongs "
        "to the scale, the scale that belongs to the knob, and the two priors as curves over one weight.",
    )
