import math

import altair as alt
import numpy as np

from lib.explorers.before import DATA, HALF_LOG_2PI, ONE_ROW, WIDTH, finish, readout, slider
from lib.plotting import LOSS, MODEL, OTHER

LEVELS = (0.5, 2.0)  # nats below the top of a density
STEPS = 180  # of the angle around a contour
LOW, HIGH = -0.9, 2.9


def posterior(x, y, std=1.0):
    """Slide the scale of a Gaussian or Laplace prior on two weights: prior, likelihood, posterior and the MAP point.

    The model is y ~ N(x @ w, std²) with std known and no intercept. The least-squares weights must both be positive,
    and x[:, 0] @ y at least x[:, 1] @ y > 0: then every MAP point has w₁ ≥ 0 and w₂ ≥ 0.

    Parameters
    ----------
    x, y : tensors, shapes (n, 2) and (n,); they are rounded to two decimals, which is what the numbers refer to
    std : float > 0, in the units of y
    """
    x, y = np.round(np.asarray(x), 2), np.round(np.asarray(y), 2)
    n = len(y)
    (a11, a12), (_, a22) = x.T @ x / std**2
    h1, h2 = x.T @ y / std**2
    m1, m2 = np.linalg.solve(x.T @ x, x.T @ y)
    if not (min(m1, m2) > 0 and h1 >= h2 > 0):
        raise ValueError(
            f"x and y must give positive weights and h₁ ≥ h₂ > 0, got {m1:.3g}, {m2:.3g}, {h1:.3g}, {h2:.3g}"
        )
    least = 0.5 * np.mean((y - x @ [m1, m2]) ** 2) / std**2 + math.log(std) + HALF_LOG_2PI

    def solved(rows):
        """Minus the log posterior is ½ wᵀAw - hᵀw + ½ g (w₁² + w₂²) + t (w₁ + w₂) at its minimum w."""
        return rows.transform_calculate(
            g="prior == 'Gaussian' ? 1 / (scale * scale) : 0",
            t="prior == 'Gaussian' ? 0 : 1 / scale",
            p=f"{a11:.12f} + datum.g",
            free=f"datum.p * ({a22:.12f} + datum.g) - {a12**2:.12f}",
            w2=f"max(0, datum.p * ({h2:.12f} - datum.t) - {a12:.12f} * ({h1:.12f} - datum.t)) / datum.free",
            w1=f"max(0, {h1:.12f} - datum.t - {a12:.12f} * datum.w2) / datum.p",
        )

    def quadratic(u, v):
        return f"({a11:.12f} * {u} * {u} + 2 * {a12:.12f} * {u} * {v} + {a22:.12f} * {v} * {v})"

    here = solved(alt.Chart(ONE_ROW)).transform_calculate(
        d1=f"datum.w1 - {m1:.12f}",
        d2=f"datum.w2 - {m2:.12f}",
        nll=f"{least:.12f} + {quadratic('datum.d1', 'datum.d2')} / {2 * n}",
        alpha=f"{std**2:.12f} * (prior == 'Gaussian' ? datum.g : datum.t / {n})",
    )
    # A contour is where, on the ray from the top of its density at some angle, -log density has risen by `level`.
    # Along a ray it is a parabola with kinks at the axes; `s1` and `s2` are the signs of the weights where it ends.
    points = STEPS + 1
    rays = solved(alt.Chart(alt.sequence(0, 3 * len(LEVELS) * points, as_="i"))).transform_calculate(
        curve=f"['prior', 'likelihood', 'posterior'][floor(datum.i / {points}) % 3]",
        level=f"{list(LEVELS)}[floor(datum.i / {3 * points})]",
        c=f"cos((datum.i % {points}) * {2 * math.pi / STEPS:.12f})",
        s=f"sin((datum.i % {points}) * {2 * math.pi / STEPS:.12f})",
        data="datum.curve == 'prior' ? 0 : 1",
        g="datum.curve == 'likelihood' ? 0 : datum.g",
        t="datum.curve == 'likelihood' ? 0 : datum.t",
        u0=f"datum.curve == 'prior' ? 0 : datum.curve == 'likelihood' ? {m1:.12f} : datum.w1",
        v0=f"datum.curve == 'prior' ? 0 : datum.curve == 'likelihood' ? {m2:.12f} : datum.w2",
        bend=f"0.5 * (datum.data * {quadratic('datum.c', 'datum.s')} + datum.g)",
        slope=f"datum.data * (({a11:.12f} * datum.u0 + {a12:.12f} * datum.v0 - {h1:.12f}) * datum.c"
        f" + ({a12:.12f} * datum.u0 + {a22:.12f} * datum.v0 - {h2:.12f}) * datum.s)"
        " + datum.g * (datum.u0 * datum.c + datum.v0 * datum.s)",
        s1=f"datum.c < 0 && {_rise('(-datum.u0 / datum.c)')} <= datum.level ? -1 : 1",
        s2=f"datum.s < 0 && {_rise('(-datum.v0 / datum.s)')} <= datum.level ? -1 : 1",
        linear="datum.slope + datum.t * (datum.s1 * datum.c + datum.s2 * datum.s)",
        left="datum.level + datum.t * ((1 - datum.s1) * datum.u0 + (1 - datum.s2) * datum.v0)",
        radius="2 * datum.left / (datum.linear + sqrt(datum.linear * datum.linear + 4 * datum.bend * datum.left))",
        u="datum.u0 + datum.radius * datum.c",
        v="datum.v0 + datum.radius * datum.s",
    )

    x_axis = alt.X("u:Q", title="w₁", scale=alt.Scale(domain=[LOW, HIGH], nice=False))
    y_axis = alt.Y("v:Q", title="w₂", scale=alt.Scale(domain=[LOW, HIGH], nice=False))
    names = ["prior", "likelihood", "posterior"]
    legend = alt.Legend(orient="bottom", symbolType="stroke", symbolSize=300, columnPadding=6)
    contours = rays.mark_line(clip=True).encode(
        x=x_axis,
        y=y_axis,
        order="i:Q",
        detail="level:N",
        color=alt.Color(
            "curve:N", title=None, scale=alt.Scale(domain=names, range=[OTHER, MODEL, LOSS]), legend=legend
        ),
        strokeDash=alt.StrokeDash("curve:N", scale=alt.Scale(domain=names, range=[[8, 3, 2, 3], [4, 3], [1, 0]])),
    )
    zero = alt.Chart(alt.Data(values=[{"zero": 0}]))
    axes = zero.mark_rule(color=DATA).encode(x=alt.X("zero:Q")) + zero.mark_rule(color=DATA).encode(y=alt.Y("zero:Q"))
    mle = alt.Chart(alt.Data(values=[{"u": round(float(m1), 6), "v": round(float(m2), 6)}]))
    cross = mle.mark_point(shape="cross", size=80, color=MODEL, filled=True, opacity=1).encode(x=x_axis, y=y_axis)
    dot = here.mark_point(size=110, color=LOSS, filled=True, opacity=1).encode(x=alt.X("w1:Q"), y=alt.Y("w2:Q"))
    picture = (axes + contours + cross + dot).properties(width=WIDTH, height=WIDTH)
    text = readout(
        here,
        "'MAP: w₁ = ' + format(datum.w1, '.4f') + ', w₂ = ' + format(datum.w2, '.4f')",
        "'mean NLL there = ' + format(datum.nll, '.4f') + ' nats'",
        "(prior == 'Gaussian' ? 'Ridge(alpha=' : 'Lasso(alpha=') + format(datum.alpha, '.4f') + ')'",
    )
    menu = alt.binding_select(options=["Gaussian", "Laplace"], name="prior ")
    return finish(
        text,
        picture,
        name="posterior",
        params=[
            alt.param(name="prior", value="Gaussian", bind=menu),
            slider("scale", "scale of the prior, τ or b (same unit as w)", 0.05, 2, 0.05, 1.0),
        ],
        description="Contours over two weights: a prior around zero, tilted ellipses of the likelihood around the "
        "maximum likelihood estimate, and between them the posterior with the MAP point at its top. A menu chooses a "
        "Gaussian or a Laplace prior, a slider its scale. A smaller scale pulls the MAP point towards zero. With "
        "the Laplace prior it reaches the axis, where the second weight is exactly zero, and follows it.",
    )


def _rise(r):
    """How far -log density has risen at distance r along a ray."""
    return (
        f"(datum.bend * {r} * {r} + datum.slope * {r}"
        f" + datum.t * (abs(datum.u0 + {r} * datum.c) - datum.u0 + abs(datum.v0 + {r} * datum.s) - datum.v0))"
    )
