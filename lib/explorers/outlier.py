import altair as alt
import numpy as np

from lib.explorers.before import DATA, WIDTH, finish, readout, slider
from lib.plotting import MODEL, OTHER, TRUTH

X_WILD = np.arange(0, 12.5, 1)
Y_WILD = np.arange(0, 20.5, 1)


def outlier(x, y, *, slope, intercept):
    """Drag one point: the line of least squares follows it, the line of least absolute deviations mostly does not.

    Parameters
    ----------
    x, y : tensors, shape (n,), n ≥ 2 points that stay; they are rounded to two decimals, which is what the numbers
        refer to. The dragged point is added to them.
    slope, intercept : floats, the true median line, drawn dashed
    """
    x, y = np.round(np.asarray(x), 2), np.round(np.asarray(y), 2)
    fits = [
        dict(zip(("px", "py", "a", "b"), (float(px), float(py), *_median_line(x, y, px, py)), strict=True))
        for px in X_WILD
        for py in Y_WILD
    ]
    n = len(x) + 1
    sx, sy, sxx, sxy = (f"({v:.4f} + {w})" for v, w in _sums(x, y))
    lines = (
        alt.Chart(alt.InlineData(values=fits))
        .transform_filter("abs(datum.px - wild_x) < 1e-6")
        .transform_calculate(
            slope="datum.b",
            mean_slope=f"({n} * {sxy} - {sx} * {sy}) / ({n} * {sxx} - {sx} * {sx})",
            mean_intercept=f"({sy} - datum.mean_slope * {sx}) / {n}",
            mae=_mae(x, y, "datum.a", "datum.b"),
            mean_mae=_mae(x, y, "datum.mean_intercept", "datum.mean_slope"),
        )
    )
    here = lines.transform_filter("abs(datum.py - wild_y) < 1e-6")

    x_axis = alt.X("x:Q", title="x", scale=alt.Scale(domain=[-0.5, 12.5], nice=False))
    y_axis = alt.Y("y:Q", title="y", scale=alt.Scale(domain=[-1, 21], nice=False))
    layers = []
    for colour, dash, value in [
        (TRUTH, [6, 4], f"{intercept} + {slope} * datum.x"),
        (OTHER, [8, 3, 2, 3], "datum.mean_intercept + datum.mean_slope * datum.x"),
        (MODEL, [1, 0], "datum.a + datum.b * datum.x"),
    ]:
        ends = here.transform_calculate(ends="[-0.5, 12.5]").transform_flatten(["ends"], as_=["x"])
        layers.append(
            ends.transform_calculate(y=value)
            .mark_line(color=colour, strokeDash=dash, strokeWidth=2.5, clip=True)
            .encode(x=x_axis, y=y_axis)
        )
    rows = [{"x": float(a), "y": float(b)} for a, b in zip(x, y, strict=True)]
    stay = alt.Chart(alt.Data(values=rows)).mark_point(filled=True, color=DATA, size=36, opacity=1)
    wild = here.mark_point(shape="diamond", filled=True, color=DATA, size=150, opacity=1)
    top = alt.layer(*layers, stay.encode(x=x_axis, y=y_axis), wild.encode(x="px:Q", y="py:Q"))

    height = alt.X("py:Q", title="y of the dragged point", scale=alt.Scale(domain=[0, 20]))
    panel = []
    for field, colour, dash in [("mean_slope", OTHER, [8, 3, 2, 3]), ("slope", MODEL, [1, 0])]:
        value = alt.Y(f"{field}:Q", title="fitted slope", scale=alt.Scale(domain=[-1, 3]))
        panel.append(lines.mark_line(color=colour, strokeDash=dash, clip=True).encode(x=height, y=value))
        panel.append(
            here.mark_point(filled=True, color=colour, size=90, opacity=1, clip=True).encode(x=height, y=value)
        )
    text = readout(
        here,
        "'solid, median fit: slope ' + format(datum.slope, '.2f') + ', MAE ' + format(datum.mae, '.3f')",
        "'dash-dot, mean fit: slope ' + format(datum.mean_slope, '.2f') + ', MAE ' + format(datum.mean_mae, '.3f')",
    )
    return finish(
        text,
        top.properties(width=WIDTH, height=190),
        alt.layer(*panel).properties(width=WIDTH, height=110),
        name="outlier",
        params=[
            slider("wild_y", "y of the dragged point", 0, 20, 1, 5),
            slider("wild_x", "x of the dragged point", 0, 12, 1, 3),
        ],
        description=f"Above: {len(x)} points, one more that two sliders drag, the true line, and the lines of least "
        "squares and of least absolute deviations. Below: the slope of both fits against the height of the dragged "
        "point. Least squares has a straight line there. Least absolute deviations has steps with long flat parts, "
        "as long as the x of the dragged point is near the others; far away from them it follows as well.",
    )


def _median_line(x, y, px, py):
    """Intercept and slope with the least sum of |residuals|: some line through two of the points attains it."""
    x, y = np.append(x, px), np.append(y, py)
    i, j = np.triu_indices(len(x), 1)
    i, j = i[x[i] != x[j]], j[x[i] != x[j]]
    b = (y[j] - y[i]) / (x[j] - x[i])
    a = y[i] - b * x[i]
    cost = np.abs(y - a[:, None] - b[:, None] * x).sum(axis=1)
    best = np.argmin(np.round(cost, 9))  # of several minimisers the first, whatever the rounding of the last digit
    return round(float(a[best]), 6), round(float(b[best]), 6)


def _sums(x, y):
    """Σx, Σy, Σx², Σxy: the part of the points that stay, and the part of the dragged one."""
    px, py = "datum.px", "datum.py"
    parts = [(x, px), (y, py), (x * x, f"{px} * {px}"), (x * y, f"{px} * {py}")]
    return [(values.sum(), wild) for values, wild in parts]


def _mae(x, y, a, b):
    points = [*((f"{u:.2f}", f"{v:.2f}") for u, v in zip(x, y, strict=True)), ("datum.px", "datum.py")]
    return "(" + " + ".join(f"abs({v} - {a} - {b} * {u})" for u, v in points) + f") / {len(points)}"
