import altair as alt
import numpy as np

from lib.explorers.common import DATA, axis, curve, explorer, menu, new_sample, readout, rows
from lib.plotting import MODEL, TRUTH

SIZES = [30, 300]
SAMPLES, FAR = 8, 8  # km


def commuters(rng, weights, ways):
    """Draw commuters again, and fewer or more of them: the fitted probabilities scatter around the true ones.

    Parameters
    ----------
    rng : numpy.random.Generator
    weights : array, shape (2, 3), the true intercepts and slopes of the logits, by distance in km
    ways : list of three str, what the classes are called
    """
    fits, dots = [], []
    for n in SIZES:
        for sample in range(1, SAMPLES + 1):
            x = rng.uniform(0, FAR, n)
            y = (rng.random((n, 1)) > _softmax(x, weights).cumsum(axis=1)).sum(axis=1)
            w = _fit(x, y)
            at_4 = _softmax(np.array([4.0]), w)[0]
            nll = -np.log(_softmax(x, w)[np.arange(n), y]).mean()
            fits.append([n, sample, *w.ravel(), *at_4, nll])
            for km in range(FAR):
                here = y[x.astype(int) == km]
                if len(here):
                    dots.append([n, sample, km + 0.5, *((here == k).mean() for k in range(3))])
    names = ["n", "sample", *(f"{w}{k}" for w in "ab" for k in range(3)), "p0", "p1", "p2", "nll"]
    fitted = alt.Chart(rows(4, **dict(zip(names, np.transpose(fits), strict=True))))
    fitted = fitted.transform_filter("datum.sample == sample && datum.n == size")
    shares = alt.Chart(rows(3, **dict(zip(["n", "sample", "x", *"012"], np.transpose(dots), strict=True))))
    shares = shares.transform_filter("datum.sample == sample && datum.n == size")
    shares = shares.transform_fold([*"012"], as_=["k", "share"])

    x_axis, layers = axis(alt.X, "x", "distance to work (km)", [0, FAR]), []
    grid = fitted.transform_calculate(xs=f"sequence(0, {FAR} + 0.05, 0.1)").transform_flatten(["xs"], as_=["x"])
    total = " + ".join(f"exp(datum.a{k} + datum.b{k} * datum.x)" for k in range(3))
    true = alt.Chart(alt.sequence(0, FAR + 0.05, 0.1, as_="x"))
    true_total = " + ".join(f"exp({a:g} + {b:g} * datum.x)" for a, b in weights.T)
    for k, (a, b) in enumerate(weights.T):
        y_axis = axis(alt.Y, f"p{k}", None, [0, 1])
        truth = true.transform_calculate(**{f"p{k}": f"exp({a:g} + {b:g} * datum.x) / ({true_total})"})
        fit = grid.transform_calculate(**{f"p{k}": f"exp(datum.a{k} + datum.b{k} * datum.x) / ({total})"})
        layers += [curve(truth, x_axis, y_axis, TRUTH, strokeDash=[6, 4]), curve(fit, x_axis, y_axis, MODEL)]
    shape = alt.Shape("k:N", legend=None, scale=alt.Scale(domain=[*"012"], range=["circle", "triangle-up", "square"]))
    marks = shares.mark_point(filled=True, color=DATA, size=45, opacity=1)
    layers.append(marks.encode(x=x_axis, y=axis(alt.Y, "share", None, [0, 1]), shape=shape))
    labels = rows(2, x=[1.0, 3.6, 7.2], p=[0.96, 0.65, 0.57])
    for row, way in zip(labels.values, ways, strict=True):
        row["way"] = way
    letters = alt.Chart(labels).mark_text(color=DATA, fontSize=13, align="left")
    layers.append(letters.encode(x=x_axis, y=axis(alt.Y, "p", None, [0, 1]), text="way:N"))
    at_4 = ", ".join(f"{way} {{p{k}:.2f}}" for k, way in enumerate(ways))
    return explorer(
        readout(fitted, f"fitted at 4 km: {at_4}; training NLL {{nll:.3f}} nats"),
        alt.layer(*layers).properties(title="true probabilities (dashed), fitted", height=300),
        name="commuters",
        params=[menu("size", "commuters", {n: str(n) for n in SIZES}, SIZES[0]), new_sample(SAMPLES)],
        description="Three dashed curves are the true probabilities of three ways to work against the distance, three "
        "solid ones the fitted; markers are the shares in bins of one kilometre. Controls choose how many commuters "
        "are drawn and draw others. With 30 the fit scatters widely around the truth, with 300 far less.",
    )


def _softmax(x, w):
    z = np.stack([np.ones_like(x), x], axis=1) @ w
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def _fit(x, y, steps=60):
    """Softmax regression by Newton's method, the first class as reference, a trace of a prior where it is separable."""
    X = np.stack([np.ones_like(x), x], axis=1)
    w = np.zeros((2, 3))
    for _ in range(steps):
        p = _softmax(x, w)
        gradient = X.T @ (p - np.eye(3)[y]) + 1e-3 * w
        curvature = np.einsum("ni,nj,nkl->ikjl", X, X, p[:, :, None] * np.eye(3) - p[:, :, None] * p[:, None, :])
        w = w - np.linalg.solve(curvature.reshape(6, 6) + 1e-3 * np.eye(6), gradient.ravel()).reshape(2, 3)
    return w - w.mean(axis=1, keepdims=True)
