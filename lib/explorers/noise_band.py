import math

import altair as alt
import numpy as np

from lib.explorers.common import (
    HALF_LOG_2PI,
    axis,
    curve,
    explorer,
    new_sample,
    points,
    readout,
    rule,
    samples,
    slider,
)
from lib.plotting import LOSS, MODEL


def noise_band(x, y, mean):
    """Slide intercept and slope of σ(x): what each point adds to the NLL, split into width and misfit.

    Parameters
    ----------
    x, mean : arrays, shape (n,), x ≥ 0 sorted: inputs, and the mean curve, which stays where it is
    y : array, shape (samples, n): the reader draws one sample after the other. All are rounded to two decimals,
        which is what the numbers refer to.
    """
    x, y, mean = (np.round(np.asarray(values), 2) for values in (x, y, mean))
    domain = [0, math.ceil(x.max())]
    std = "intercept + slope * datum.x"
    data = samples(x=np.broadcast_to(x, y.shape), y=y, mean=np.broadcast_to(mean, y.shape)).transform_calculate(
        std=std,
        low=f"datum.mean - 2 * ({std})",
        high=f"datum.mean + 2 * ({std})",
        square=f"pow((datum.y - datum.mean) / ({std}), 2)",
        width=f"log({std}) + {HALF_LOG_2PI:.12f}",
    )
    data = data.transform_calculate(nll="datum.width + datum.square / 2")
    numbers = data.transform_aggregate(nll="mean(nll)", square="mean(square)")

    x_axis, y_axis = axis(alt.X, "x", "x", domain), axis(alt.Y, "y", "y", [-5, 5])
    low, middle = axis(alt.Y, "low", "y", [-5, 5]), axis(alt.Y, "mean", "y", [-5, 5])
    band = data.mark_area(color=MODEL, opacity=0.2, clip=True, interpolate="monotone").encode(
        x=x_axis, y=low, y2="high:Q"
    )
    left = alt.layer(band, curve(data, x_axis, middle, interpolate="monotone"), points(data, x_axis, y_axis, clip=True))

    cost = [axis(alt.Y, field, "nats", [-1.5, 7]) for field in ("nll", "width")]
    floor = alt.Chart(alt.sequence(0, domain[1] + 0.01, 0.05, as_="x")).transform_calculate(
        nll=f"log({std}) + {HALF_LOG_2PI:.12f}"
    )
    sticks = data.mark_rule(color=LOSS, strokeWidth=2.5, clip=True).encode(x=x_axis, y=cost[1], y2="nll:Q")
    heads = data.mark_point(filled=True, color=LOSS, size=40, opacity=1, clip=True).encode(x=x_axis, y=cost[0])
    right = alt.layer(curve(floor, x_axis, cost[0]), sticks, heads, rule(numbers, y=cost[0]))
    return explorer(
        readout(numbers, "mean NLL = {nll:.4f} nats", "mean z² = {square:.4f}"),
        left.properties(title="the data, and mean ± 2σ(x)", height=220),
        right.properties(title="NLL of a point: width + misfit", height=220),
        name="noise_band",
        params=[
            slider("intercept", "σ at x = 0 (y)", 0.1, 2, 0.05, 1.05),
            slider("slope", "slope of σ (y per x)", 0, 0.8, 0.05, 0.0),
            new_sample(len(y)),
        ],
        description=f"Left, {len(x)} points that scatter more and more around a fixed curve, with a band of two σ. "
        "Right, for each point: the price of width, log σ(x) plus a constant, as a curve, and on it a stick of half "
        "the squared standardised residual. A dashed line marks the mean of the stick ends, the mean NLL. Controls "
        "set σ at zero and its slope, and draw new data. A wider band raises the curve and shortens the sticks.",
    )
