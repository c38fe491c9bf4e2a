import math

import altair as alt
import numpy as np

from lib.explorers.common import DATA, HALF_LOG_2PI, WIDTH, finish, readout, slider
from lib.plotting import LOSS, MODEL


def line_and_noise(x, y):
    """Slide slope, intercept and σ of a Gaussian line: squared residuals, MSE and mean NLL.

    Parameters
    ----------
    x, y : tensors, shape (n,); they are rounded to two decimals, which is what the numbers refer to
    """
    x, y = np.round(np.asarray(x), 2), np.round(np.asarray(y), 2)
    rows = [{"x": float(a), "y": float(b)} for a, b in zip(x, y, strict=True)]
    x_domain = [min(0.0, x.min() - 0.3), x.max() + 0.3]
    y_domain = [math.floor(y.min()) - 1, math.ceil(y.max()) + 1]
    height = 200
    # A square must look like one: a length of one y is this many x on the screen.
    aspect = (height / (y_domain[1] - y_domain[0])) / (WIDTH / (x_domain[1] - x_domain[0]))

    points = alt.Chart(alt.Data(values=rows)).transform_calculate(
        fit="intercept + slope * datum.x",
        r="datum.y - datum.fit",
        side=f"datum.x - abs(datum.r) * {aspect:.4f}",
    )
    numbers = (
        points.transform_calculate(square="datum.r * datum.r")
        .transform_aggregate(mse="mean(square)")
        .transform_calculate(nll=f"datum.mse / (2 * std * std) + log(std) + {HALF_LOG_2PI:.12f}", slope="slope")
    )
    x_axis = alt.X("x:Q", title="x", scale=alt.Scale(domain=x_domain, nice=False))
    y_axis = alt.Y("y:Q", title="y", scale=alt.Scale(domain=y_domain, nice=False))
    squares = points.mark_rect(color=LOSS, opacity=0.25, stroke=LOSS, clip=True).encode(
        x=x_axis, x2="side:Q", y=y_axis, y2="fit:Q"
    )
    dots = points.mark_point(filled=True, color=DATA, size=36, opacity=1).encode(x=x_axis, y=y_axis)
    ends = alt.Chart(alt.Data(values=[{"x": x_domain[0]}, {"x": x_domain[1]}])).transform_calculate(
        fit="intercept + slope * datum.x", low="datum.fit - 2 * std", high="datum.fit + 2 * std"
    )
    model = ends.mark_line(color=MODEL, clip=True).encode(x=x_axis, y="fit:Q")
    band = ends.mark_area(color=MODEL, opacity=0.15, clip=True).encode(x=x_axis, y="low:Q", y2="high:Q")
    top = (band + squares + model + dots).properties(width=WIDTH, height=height)

    # MSE as a function of the slope alone, for the intercept that is set: a parabola.
    xx, xy, yy, mx, my = np.mean(x * x), np.mean(x * y), np.mean(y * y), np.mean(x), np.mean(y)
    parabola = (
        f"{yy:.6f} - 2 * intercept * {my:.6f} + intercept * intercept"
        f" - 2 * datum.slope * ({xy:.6f} - intercept * {mx:.6f}) + datum.slope * datum.slope * {xx:.6f}"
    )
    nll_axis = alt.Y("nll:Q", title="mean NLL (nats)", scale=alt.Scale(domain=[0, 12], clamp=False))
    slope_axis = alt.X("slope:Q", title="slope", scale=alt.Scale(domain=[0, 4]))
    curve = (
        alt.Chart(alt.sequence(0, 4.01, 0.05, as_="slope"))
        .transform_calculate(nll=f"({parabola}) / (2 * std * std) + log(std) + {HALF_LOG_2PI:.12f}")
        .mark_line(color=LOSS, clip=True)
        .encode(x=slope_axis, y=nll_axis)
    )
    dot = (
        numbers.transform_calculate(nll="min(datum.nll, 12)")
        .mark_point(filled=True, color=LOSS, size=90, opacity=1, clip=True)
        .encode(x=slope_axis, y=nll_axis)
    )
    bottom = (curve + dot).properties(width=WIDTH, height=110)
    text = readout(
        numbers,
        "'MSE = ' + format(datum.mse, '.4f')",
        "'mean NLL = ' + format(datum.nll, '.4f') + ' nats'",
    )
    return finish(
        text,
        top,
        bottom,
        name="line_and_noise",
        params=[
            slider("slope", "slope (y per x)", 0, 4, 0.1, 1.0),
            slider("intercept", "intercept (y)", -2, 4, 0.1, 2.0),
            slider("std", "σ (y)", 0.4, 3, 0.1, 2.0),
        ],
        description="Above: data, a line with a band of two σ, and for each point the square on its residual. "
        "Below: the mean NLL as a function of the slope. Sliders set slope, intercept and σ. A change of σ "
        "makes the lower curve flatter or steeper; its lowest point stays at the same slope.",
    )
