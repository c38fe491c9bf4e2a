import math

import altair as alt
import numpy as np

from lib.explorers.common import HALF_LOG_2PI, axis, curve, dot, explorer, new_sample, points, readout, samples, slider
from lib.plotting import LOSS, MODEL

HEIGHT, TOP = 260, 12  # px; the largest NLL on the axis


def line_and_noise(x, y):
    """Slide slope, intercept and σ of a Gaussian line: squared residuals, MSE and mean NLL.

    Parameters
    ----------
    x, y : tensors, shape (samples, n): the reader draws one sample after the other. They are rounded to two
        decimals, which is what the numbers refer to.
    """
    x, y = np.round(np.asarray(x), 2), np.round(np.asarray(y), 2)
    x_domain = [0, math.ceil(x.max())]
    y_domain = [math.floor(y.min()) - 1, math.ceil(y.max()) + 1]
    pixels = HEIGHT / (y_domain[1] - y_domain[0])  # per unit of y, so that a square looks like one

    data = samples(x=x, y=y).transform_calculate(fit="intercept + slope * datum.x", r="datum.y - datum.fit")
    moments = data.transform_calculate(xx="datum.x * datum.x", xy="datum.x * datum.y", yy="datum.y * datum.y")
    moments = moments.transform_aggregate(mx="mean(x)", my="mean(y)", mxx="mean(xx)", mxy="mean(xy)", myy="mean(yy)")

    def add(chart):
        """MSE and NLL of the line with the field `slope` and the intercept that is set."""
        return chart.transform_calculate(
            mse="datum.myy - 2 * intercept * datum.my + intercept * intercept"
            " - 2 * datum.at * (datum.mxy - intercept * datum.mx) + datum.at * datum.at * datum.mxx"
        ).transform_calculate(nll=f"datum.mse / (2 * std * std) + log(std) + {HALF_LOG_2PI:.12f}")

    here = add(moments.transform_calculate(at="slope"))
    grid = add(moments.transform_calculate(ats="sequence(0, 4.01, 0.05)").transform_flatten(["ats"], as_=["at"]))

    x_axis, y_axis = axis(alt.X, "x", "x", x_domain), axis(alt.Y, "y", "y", y_domain)
    squares = data.mark_rect(
        color=LOSS, opacity=0.25, stroke=LOSS, clip=True, x2Offset=alt.expr(f"-abs(datum.r) * {pixels:.4f}")
    ).encode(x=x_axis, x2="x", y=y_axis, y2="fit")
    ends = alt.Chart(alt.Data(values=[{"x": at} for at in x_domain])).transform_calculate(
        y="intercept + slope * datum.x", low="datum.y - 2 * std", high="datum.y + 2 * std"
    )
    band = ends.mark_area(color=MODEL, opacity=0.15, clip=True).encode(
        x=x_axis, y=axis(alt.Y, "low", "y", y_domain), y2="high"
    )
    left = alt.layer(band, squares, curve(ends, x_axis, y_axis), points(data, x_axis, y_axis))

    slope_axis = axis(alt.X, "at", "slope (y per x)", [0, 4])
    nll_axis = axis(alt.Y, "nll", None, [0, TOP])
    right = alt.layer(curve(grid, slope_axis, nll_axis, LOSS), dot(here, slope_axis, nll_axis, clip=True))
    return explorer(
        readout(here, "MSE = {mse:.4f}", "mean NLL = {nll:.4f} nats"),
        left.properties(title="the squares on the residuals, and ± 2σ", height=HEIGHT),
        right.properties(title="mean NLL (nats) for every slope", height=HEIGHT),
        name="line_and_noise",
        params=[
            slider("slope", "slope (y per x)", 0, 4, 0.1, 1.0),
            slider("intercept", "intercept (y)", -2, 4, 0.1, 2.0),
            slider("std", "σ (y)", 0.4, 3, 0.1, 2.0),
            new_sample(len(x)),
        ],
        description="Left: data, a line with a band of two σ, and for each point the square on its residual. Right: "
        "the mean NLL as a function of the slope. Controls set slope, intercept and σ, and draw a new sample. A change "
        "of σ makes the curve flatter or steeper; its lowest point stays at the same slope. A new sample moves it.",
    )
