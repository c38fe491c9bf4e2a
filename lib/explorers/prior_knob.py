import altair as alt

from lib.explorers.common import axis, explorer, menu, readout
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
        .transform_calculate(
            k="datum.prior == 'Gaussian' ? 2 : 1",
            factor="datum.c * pow(toNumber(sigma), datum.s) * pow(toNumber(n), datum.m)",
            given="toNumber(scale)",
            number="toNumber(knob)",
        )
        .transform_calculate(
            letter="datum.k == 2 ? 'τ' : 'b'",
            wanted="pow(datum.factor / pow(datum.given, datum.k), datum.p)",
            implied="pow(datum.factor / pow(datum.number, datum.p), 1 / datum.k)",
        )
        .transform_calculate(bound="datum.implied * (datum.k == 2 ? 1.959964 : 2.995732)")
    )
    names = ["from τ or b", "from the knob"]
    grid = (
        chosen.transform_calculate(curve=f"{names}", step="sequence(-80, 81)")
        .transform_flatten(["curve"])
        .transform_flatten(["step"])
        .transform_calculate(own=f"datum.curve == '{names[0]}' ? datum.given : datum.implied")
        .transform_calculate(w="datum.step / 20 * max(datum.given, datum.implied)")
        .transform_calculate(z="abs(datum.w) / datum.own")
        .transform_calculate(penalty="datum.k == 2 ? 0.5 * datum.z * datum.z : datum.z")
        .transform_calculate(density="exp(-datum.penalty)")
    )
    x = alt.X("w:Q", title="one weight", scale=alt.Scale(nice=False), axis=alt.Axis(tickCount=5))
    looks = {
        "color": alt.Color("curve:N", title=None, scale=alt.Scale(domain=names, range=[OTHER, MODEL])),
        "strokeDash": alt.StrokeDash(
            "curve:N", title=None, scale=alt.Scale(domain=names, range=[[8, 3, 2, 3], [1, 0]])
        ),
    }
    panels = [
        grid.mark_line(clip=True, strokeWidth=2.5)
        .encode(x=x, y=axis(alt.Y, field, None, [0, top]), **looks)
        .properties(title=title, height=190)
        for field, title, top in [
            ("density", "prior density, relative to its top", 1),
            ("penalty", "its −log: the penalty (nats)", 8),
        ]
    ]
    boxes = [
        ("sigma", "σ, noise (unit of y)", std),
        ("n", "n, size of the data set", n),
        ("scale", "τ or b (unit of w)", scale),
        ("knob", "knob of the library", knob),
    ]
    return explorer(
        readout(
            chosen,
            "{letter} = {given:.4~r}  →  knob = {wanted:.4~r}",
            "knob = {number:.4~r}  →  {letter} = {implied:.4~r}",
            "that is, 95 % of weights within ±{bound:.4~r}",
        ),
        *panels,
        name="prior_knob",
        params=[menu("convention", "library", {name: name for name in knobs}, convention)]
        + [
            alt.param(name=name, value=value, bind=alt.binding(input="number", name=f"{label} "))
            for name, label, value in boxes
        ],
        description="A calculator. A menu chooses a library's convention; boxes take the noise σ, the number of "
        "examples, the scale τ or b of a prior, and a knob: alpha, C or weight_decay. It shows the knob that belongs "
        "to the scale, the scale that belongs to the knob, and the two priors over one weight: left their densities, "
        "right minus their logarithms, which are the penalties.",
    )
