import altair as alt
import numpy as np

from lib.explorers.common import (
    DATA,
    axis,
    curve,
    dot,
    explorer,
    menu,
    new_sample,
    points,
    readout,
    rows,
    samples,
    slider,
)
from lib.plotting import MODEL, OTHER, TRUTH

PLACES = {5: "among the others", 12: "far to the right"}  # x of the reader's point
HEIGHTS = np.arange(0, 21)  # its y
X, Y = [-0.5, 12.5], [-1, 21]  # what the picture shows
DASH = [8, 3, 2, 3]


def outlier(x, y, *, slope, intercept):
    """Lift one point: the line of least squares follows it, the line of least absolute deviations mostly does not.

    Parameters
    ----------
    x, y : arrays, shape (samples, n), n ≥ 2 points that stay: the reader draws one sample after the other. They are
        rounded to two decimals, which is what the numbers refer to. The lifted point is added to them.
    slope, intercept : floats, the true median line, drawn dashed
    """
    x, y = np.round(np.asarray(x), 2), np.round(np.asarray(y), 2)
    fits = []
    for sample, (xs, ys) in enumerate(zip(x, y, strict=True), start=1):
        for px in PLACES:
            for py in HEIGHTS:
                a, b = np.append(xs, px), np.append(ys, py)
                mean_slope, mean_intercept = np.polyfit(a, b, 1)
                fits.append([sample, px, py, *_median_line(a, b), mean_intercept, mean_slope])
    names = ["sample", "px", "py", "a", "b", "mean_a", "mean_b"]
    lines = alt.Chart(rows(4, **dict(zip(names, np.transpose(fits), strict=True))))
    lines = lines.transform_filter("datum.sample == sample && datum.px == wild_x")
    here = lines.transform_filter("datum.py == wild_y")

    x_axis, y_axis = axis(alt.X, "x", "x", X), axis(alt.Y, "y", "y", Y)
    layers = []
    for colour, dash, value in [
        (TRUTH, [6, 4], f"{intercept} + {slope} * datum.x"),
        (OTHER, DASH, "datum.mean_a + datum.mean_b * datum.x"),
        (MODEL, [1, 0], "datum.a + datum.b * datum.x"),
    ]:
        ends = here.transform_calculate(ends=f"[{X[0]}, {X[1]}]").transform_flatten(["ends"], as_=["x"])
        layers.append(curve(ends.transform_calculate(y=value), x_axis, y_axis, colour, strokeDash=dash))
    wild = here.mark_point(shape="diamond", filled=True, color=DATA, size=170, opacity=1)
    wild = wild.encode(x=axis(alt.X, "px", "x", X), y=axis(alt.Y, "py", "y", Y))
    left = alt.layer(*layers, points(samples(x=x, y=y), x_axis, y_axis), wild)

    height, right = axis(alt.X, "py", "y of your point", [0, 20]), []
    for field, colour, dash in [("mean_b", OTHER, DASH), ("b", MODEL, [1, 0])]:
        value = axis(alt.Y, field, None, [-1, 4])
        right += [curve(lines, height, value, colour, strokeDash=dash), dot(here, height, value, colour, clip=True)]
    return explorer(
        readout(here, "slope by absolute values {b:.2f}", f"by squares {{mean_b:.2f}}; truth {slope:g}"),
        left.properties(title="median solid, mean –·–, truth dashed", height=230),
        alt.layer(*right).properties(title="slope of both, for every height", height=230),
        name="outlier",
        params=[
            slider("wild_y", "y of your point", 0, 20, 1, 15),
            menu("wild_x", "its x", PLACES, 5),
            new_sample(len(x)),
        ],
        description=f"Left: {x.shape[1]} points, one more that you lift, the true line, and the lines of least squares "
        "and of least absolute deviations. Right: the slope of both fits against the height of your point. Least "
        "squares has a straight line there. Least absolute deviations has steps with long flat parts, as long as your "
        "point stands among the others; far to the right it follows as well. Another control draws other points.",
    )


def _median_line(x, y):
    """Intercept and slope with the least sum of |residuals|: some line through two of the points attains it."""
    i, j = np.triu_indices(len(x), 1)
    i, j = i[x[i] != x[j]], j[x[i] != x[j]]
    b = (y[j] - y[i]) / (x[j] - x[i])
    a = y[i] - b * x[i]
    cost = np.abs(y - a[:, None] - b[:, None] * x).sum(axis=1)
    best = np.argmin(np.round(cost, 9))  # of several minimisers the first, whatever the rounding of the last digit
    return a[best], b[best]
