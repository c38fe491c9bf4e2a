import math

import altair as alt
import numpy as np

from lib.explorers.common import (
    DATA,
    HALF_LOG_2PI,
    axis,
    curve,
    dot,
    explorer,
    menu,
    new_sample,
    readout,
    rule,
    samples,
    slider,
)
from lib.plotting import LOSS, MODEL, OTHER

LEVELS = (0.5, 2.0)  # nats below the top of a density
STEPS = 120  # of the angle around a contour
LOW, HIGH = -0.9, 2.9


def posterior(x, y, std=1.0):
    """Slide the scale of a Gaussian or Laplace prior on two weights: prior, likelihood, posterior and the MAP point.

    The model is y ~ N(x @ w, std²) with std known and no intercept. In every sample the least-squares weights must be
    positive, and x[:, 0] @ y at least x[:, 1] @ y > 0: then every MAP point has w₁ ≥ 0 and w₂ ≥ 0.

    Parameters
    ----------
    x, y : arrays, shapes (samples, n, 2) and (samples, n); rounded to two decimals, which is what the numbers refer to
    std : float > 0, in the units of y
    """
    x, y = np.round(np.asarray(x), 2), np.round(np.asarray(y), 2)
    for i, (a, b) in enumerate(zip(x, y, strict=True)):
        (h1, h2), (m1, m2) = a.T @ b, np.linalg.lstsq(a, b)[0]
        if not (min(m1, m2) > 0 and h1 >= h2 > 0):
            raise ValueError(
                f"x and y must give positive weights and h₁ ≥ h₂ > 0, got {m1:.3g}, {m2:.3g}, {h1:.3g}, {h2:.3g}"
                f" in sample {i + 1}"
            )
    products = {"a11": "x1 * datum.x1", "a12": "x1 * datum.x2", "a22": "x2 * datum.x2"}
    products |= {"h1": "x1 * datum.y", "h2": "x2 * datum.y", "yy": "y * datum.y"}
    row = (
        samples(x1=x[..., 0], x2=x[..., 1], y=y)
        .transform_calculate(**{name: f"datum.{product} / {std**2}" for name, product in products.items()})
        .transform_aggregate(n="count()", **{name: f"sum({name})" for name in products})
        .transform_calculate(det="datum.a11 * datum.a22 - datum.a12 * datum.a12")
        .transform_calculate(
            m1="(datum.a22 * datum.h1 - datum.a12 * datum.h2) / datum.det",
            m2="(datum.a11 * datum.h2 - datum.a12 * datum.h1) / datum.det",
        )
    )

    def solved(chart, scale="scale"):
        """Minus the log posterior is ½ wᵀAw - hᵀw + ½ g (w₁² + w₂²) + t (w₁ + w₂) at its minimum w."""
        return chart.transform_calculate(
            g=f"prior == 'Gaussian' ? 1 / ({scale} * {scale}) : 0",
            t=f"prior == 'Gaussian' ? 0 : 1 / {scale}",
            p="datum.a11 + datum.g",
            free="datum.p * (datum.a22 + datum.g) - datum.a12 * datum.a12",
            w2="max(0, datum.p * (datum.h2 - datum.t) - datum.a12 * (datum.h1 - datum.t)) / datum.free",
            w1="max(0, datum.h1 - datum.t - datum.a12 * datum.w2) / datum.p",
        )

    def quadratic(u, v):
        return f"(datum.a11 * {u} * {u} + 2 * datum.a12 * {u} * {v} + datum.a22 * {v} * {v})"

    here = solved(row).transform_calculate(
        squares=f"datum.yy - 2 * (datum.h1 * datum.w1 + datum.h2 * datum.w2) + {quadratic('datum.w1', 'datum.w2')}",
        nll=f"datum.squares / (2 * datum.n) + {math.log(std) + HALF_LOG_2PI:.12f}",
        twin="prior == 'Gaussian' ? 'Ridge' : 'Lasso'",
        alpha=f"{std**2} * (prior == 'Gaussian' ? datum.g : datum.t / datum.n)",
    )
    # A contour is where, on the ray from the top of its density at some angle, -log density has risen by `level`.
    # Along a ray it is a parabola with kinks at the axes; `s1` and `s2` are the signs of the weights where it ends.
    around = STEPS + 1
    rays = (
        solved(row)
        .transform_calculate(i=f"sequence(0, {3 * len(LEVELS) * around})")
        .transform_flatten(["i"])
        .transform_calculate(
            curve=f"['prior', 'likelihood', 'posterior'][floor(datum.i / {around}) % 3]",
            level=f"{list(LEVELS)}[floor(datum.i / {3 * around})]",
            c=f"cos((datum.i % {around}) * {2 * math.pi / STEPS:.12f})",
            s=f"sin((datum.i % {around}) * {2 * math.pi / STEPS:.12f})",
            data="datum.curve == 'prior' ? 0 : 1",
            g="datum.curve == 'likelihood' ? 0 : datum.g",
            t="datum.curve == 'likelihood' ? 0 : datum.t",
            u0="datum.curve == 'prior' ? 0 : datum.curve == 'likelihood' ? datum.m1 : datum.w1",
            v0="datum.curve == 'prior' ? 0 : datum.curve == 'likelihood' ? datum.m2 : datum.w2",
            bend=f"0.5 * (datum.data * {quadratic('datum.c', 'datum.s')} + datum.g)",
            slope="datum.data * ((datum.a11 * datum.u0 + datum.a12 * datum.v0 - datum.h1) * datum.c"
            " + (datum.a12 * datum.u0 + datum.a22 * datum.v0 - datum.h2) * datum.s)"
            " + datum.g * (datum.u0 * datum.c + datum.v0 * datum.s)",
            s1=f"datum.c < 0 && {_rise('(-datum.u0 / datum.c)')} <= datum.level ? -1 : 1",
            s2=f"datum.s < 0 && {_rise('(-datum.v0 / datum.s)')} <= datum.level ? -1 : 1",
            linear="datum.slope + datum.t * (datum.s1 * datum.c + datum.s2 * datum.s)",
            left="datum.level + datum.t * ((1 - datum.s1) * datum.u0 + (1 - datum.s2) * datum.v0)",
            radius="2 * datum.left / (datum.linear + sqrt(datum.linear * datum.linear + 4 * datum.bend * datum.left))",
            u="datum.u0 + datum.radius * datum.c",
            v="datum.v0 + datum.radius * datum.s",
        )
    )
    u, v = axis(alt.X, "u", "w₁", [LOW, HIGH]), axis(alt.Y, "v", "w₂", [LOW, HIGH])
    names = ["prior", "likelihood", "posterior"]
    contours = rays.mark_line(clip=True, strokeWidth=2).encode(
        x=u,
        y=v,
        order="i:Q",
        detail="level:N",
        color=alt.Color("curve:N", title=None, scale=alt.Scale(domain=names, range=[OTHER, MODEL, LOSS])),
        strokeDash=alt.StrokeDash("curve:N", scale=alt.Scale(domain=names, range=[[8, 3, 2, 3], [4, 3], [1, 0]])),
    )
    zero = alt.Chart(alt.Data(values=[{"zero": 0}]))
    axes = zero.mark_rule(color=DATA).encode(x=alt.X("zero:Q")) + zero.mark_rule(color=DATA).encode(y=alt.Y("zero:Q"))
    cross = row.mark_point(shape="cross", size=90, color=MODEL, filled=True, opacity=1, clip=True).encode(
        x=axis(alt.X, "m1", "w₁", [LOW, HIGH]), y=axis(alt.Y, "m2", "w₂", [LOW, HIGH])
    )
    top = dot(here, axis(alt.X, "w1", "w₁", [LOW, HIGH]), axis(alt.Y, "w2", "w₂", [LOW, HIGH]), clip=True)

    path = solved(row.transform_calculate(at="sequence(0.05, 2.01, 0.02)").transform_flatten(["at"]), "datum.at")
    at = axis(alt.X, "at", "scale of the prior (unit of w)", [0, 2])
    weights = [axis(alt.Y, name, None, [LOW, HIGH]) for name in ("w1", "w2")]
    spot = here.transform_calculate(at="scale")
    right = alt.layer(
        zero.mark_rule(color=DATA).encode(y=alt.Y("zero:Q")),
        curve(path, at, weights[0], LOSS),
        curve(path, at, weights[1], LOSS, strokeDash=[3, 3]),
        rule(spot, x=at),
        *(dot(spot, at, weight, clip=True) for weight in weights),
    )
    return explorer(
        readout(
            here,
            "MAP: w₁ = {w1:.4f}, w₂ = {w2:.4f}",
            "mean NLL there = {nll:.4f} nats",
            "{twin}(alpha={alpha:.4f})",
        ),
        alt.layer(axes, contours, cross, top).properties(title="two weights", height=270),
        right.properties(title="MAP weights: w₁ —, w₂ ···", height=270),
        name="posterior",
        params=[
            menu("prior", "prior", {"Gaussian": "Gaussian", "Laplace": "Laplace"}, "Gaussian"),
            slider("scale", "scale τ or b (unit of w)", 0.05, 2, 0.05, 1.0),
            new_sample(len(x)),
        ],
        description="Left, contours over two weights: a prior around zero, tilted ellipses of the likelihood about the "
        "maximum likelihood estimate, and between them the posterior with the MAP point at its top. Right, the two MAP "
        "weights against the scale of the prior. A menu chooses a Gaussian or a Laplace prior, a slider its scale, a "
        "button new data. A smaller scale pulls the MAP point towards zero. With the Laplace prior it reaches the "
        "axis, where the second weight is exactly zero, and follows it.",
    )


def _rise(r):
    """How far -log density has risen at distance r along a ray."""
    return (
        f"(datum.bend * {r} * {r} + datum.slope * {r}"
        f" + datum.t * (abs(datum.u0 + {r} * datum.c) - datum.u0 + abs(datum.v0 + {r} * datum.s) - datum.v0))"
    )
