import altair as alt
import numpy as np

from lib.explorers.common import DATA, axis, curve, explorer, menu, new_sample, readout, rows
from lib.plotting import MODEL, TRUTH

SIZES, SAMPLES, LIMIT = [12, 60], 10, 3


def drawn_labels(rng, intercept, slope):
    """Draw labels again, few or more: the fitted probability scatters, and where they are separable there is no fit.

    Parameters
    ----------
    rng : numpy.random.Generator
    intercept, slope : floats, the true logit is intercept + slope · x
    """
    fits, labels = [], []
    for n in SIZES:
        for sample in range(1, SAMPLES + 1):
            x = np.round(rng.uniform(-LIMIT, LIMIT, n), 2)
            y = (rng.random(n) < 1 / (1 + np.exp(-(intercept + slope * x)))).astype(float)
            separable = y.min() == y.max() or x[y == 0].max() < x[y == 1].min() or x[y == 1].max() < x[y == 0].min()
            fits.append([n, sample, *_fit(x, y), separable])
            labels += [[n, sample, *pair] for pair in zip(x, y, strict=True)]
    fit = alt.Chart(rows(4, **dict(zip(["n", "sample", "a", "b", "separable"], np.transpose(fits), strict=True))))
    data = alt.Chart(rows(2, **dict(zip(["n", "sample", "x", "p"], np.transpose(labels), strict=True))))
    fit, data = (chart.transform_filter("datum.sample == sample && datum.n == size") for chart in (fit, data))
    fit = fit.transform_calculate(
        said="datum.separable ? 'separable: no finite slope exists' : 'slope ' + format(datum.b, '.2f')"
    )
    x, y = axis(alt.X, "x", "x", [-LIMIT, LIMIT]), axis(alt.Y, "p", None, [-0.05, 1.05], values=[0, 0.5, 1])
    grid = f"sequence(-{LIMIT}, {LIMIT} + 0.01, 0.02)"
    fitted = fit.transform_calculate(xs=grid).transform_flatten(["xs"], as_=["x"])
    fitted = fitted.transform_calculate(p="1 / (1 + exp(-datum.a - datum.b * datum.x))")
    true = alt.Chart(alt.sequence(-LIMIT, LIMIT + 0.01, 0.05, as_="x"))
    true = true.transform_calculate(p=f"1 / (1 + exp(-({intercept:g} + {slope:g} * datum.x)))")
    ticks = data.mark_tick(color=DATA, thickness=2, bandSize=14, orient="vertical").encode(x=x, y=y)
    return explorer(
        readout(fit, f"fitted: {{said}}; truth {slope:g}"),
        alt.layer(curve(true, x, y, TRUTH, strokeDash=[6, 4]), curve(fitted, x, y, MODEL), ticks).properties(
            title="p of a one: true (dashed), fitted", height=260
        ),
        name="drawn_labels",
        params=[menu("size", "labels", {n: str(n) for n in SIZES}, SIZES[0]), new_sample(SAMPLES)],
        description="Ticks at 0 and 1 are labels, drawn from the dashed S-shaped curve; the solid curve is the fitted "
        "probability. Controls choose how many labels are drawn and draw others. With 12 labels the fit scatters "
        "widely, and in some samples all zeros lie left of all ones: then it is a step and no slope is steep enough.",
    )


def _fit(x, y, steps=50):
    """Intercept and slope of a logistic regression by Newton's method, with a trace of a prior for separable labels."""
    X, w = np.stack([np.ones_like(x), x], axis=1), np.zeros(2)
    for _ in range(steps):
        p = 1 / (1 + np.exp(-(X @ w).clip(-500, 500)))
        curvature = (X.T * (p * (1 - p))) @ X + 1e-6 * np.eye(2)
        step = np.linalg.solve(curvature, X.T @ (y - p) - 1e-6 * w)
        w = w + step * min(1, 5 / np.abs(step).max())
    return w
