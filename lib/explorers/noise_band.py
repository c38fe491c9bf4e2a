import math

import altair as alt
import numpy as np

from lib.explorers.before import DATA, HALF_LOG_2PI, WIDTH, finish, readout, slider
from lib.plotting import LOSS, MODEL


def noise_band(x, y, mean):
    """Slide intercept and slope of σ(x): what each point adds to the NLL, split into width and misfit.

    Parameters
    ----------
    x, y, mean : tensors, shape (n,), x ≥ 0 sorted: inputs, targets, and the mean curve, which stays where it is.
        They are rounded to two decimals, which is what the numbers refer to.
    """
    x, y, mean = (np.round(np.asarray(values), 2) for values in (x, y, mean))
    rows = [{"x": float(a), "y": float(b), "mean": float(m)} for a, b, m in zip(x, y, mean, strict=True)]
    domain = [0, math.ceil(x.max())]
    std = "intercept + slope * datum.x"
    points = alt.Chart(alt.Data(values=rows)).transform_calculate(
        std=std,
        low="datum.mean - 2 * datum.std",
        high="datum.mean + 2 * datum.std",
        square="pow((datum.y - datum.mean) / datum.std, 2)",
        width=f"log(datum.std) + {HALF_LOG_2PI:.12f}",
        nll="datum.width + datum.square / 2",
    )
    numbers = points.transform_aggregate(nll="mean(nll)", square="mean(square)")

    x_axis = alt.X("x:Q", title="x", scale=alt.Scale(domain=domain, nice=False))
    y_axis = alt.Y("y:Q", title="y", scale=alt.Scale(domain=[-5, 5], nice=False))
    band = points.mark_area(color=MODEL, opacity=0.2, clip=True, interpolate="monotone").encode(
        x=x_axis, y=alt.Y("low:Q", title="y"), y2="high:Q"
    )
    line = points.mark_line(color=MODEL, interpolate="monotone").encode(x=x_axis, y=alt.Y("mean:Q", title="y"))
    dots = points.mark_point(filled=True, color=DATA, size=36, opacity=1).encode(x=x_axis, y=y_axis)
    top = (band + line + dots).properties(width=WIDTH, height=180)

    share = alt.Y("nll:Q", title="NLL of a point (nats)", scale=alt.Scale(domain=[-1.5, 7]))
    floor = (
        alt.Chart(alt.sequence(0, domain[1] + 0.01, 0.05, as_="x"))
        .transform_calculate(nll=f"log({std}) + {HALF_LOG_2PI:.12f}")
        .mark_line(color=MODEL, clip=True)
        .encode(x=x_axis, y=share)
    )
    sticks = points.mark_rule(color=LOSS, strokeWidth=2.5, clip=True).encode(
        x=x_axis, y=alt.Y("width:Q", title="NLL of a point (nats)"), y2="nll:Q"
    )
    heads = points.mark_point(filled=True, color=LOSS, size=36, opacity=1, clip=True).encode(x=x_axis, y=share)
    average = numbers.mark_rule(color=LOSS, strokeDash=[5, 4], clip=True).encode(y=share)
    bottom = (floor + sticks + heads + average).properties(width=WIDTH, height=150)
    text = readout(
        numbers,
        "'mean NLL = ' + format(datum.nll, '.4f') + ' nats'",
        "'mean z² = ' + format(datum.square, '.4f')",
    )
    return finish(
        text,
        top,
        bottom,
        name="noise_band",
        params=[
            slider("intercept", "σ at x = 0 (y)", 0.1, 2, 0.05, 0.5),
            slider("slope", "slope of σ (y per x)", 0, 0.8, 0.05, 0.0),
        ],
        description=f"Above: {len(x)} points that scatter more and more around a fixed curve, with a band of two σ. "
        "Below, for each point: the price of width, log σ(x) plus a constant, as a curve, and on it a stick of half "
        "the squared standardised residual. A dashed line marks the mean of the stick ends, the mean NLL. Sliders "
        "set σ at zero and its slope. A wider band raises the curve and shortens the sticks.",
    )
