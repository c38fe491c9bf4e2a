"""What every chart must show, computed by `lib` from the values of its controls and from the page's own data.

Each function has the name of its chart. It gets `tables`, the data that the page holds, and the value of each control.
"""

import decimal
import math
from functools import partial

import numpy as np
import torch
from scipy import integrate, special, stats
from sklearn import metrics
from sklearn.linear_model import Lasso, LinearRegression, LogisticRegression, QuantileRegressor, Ridge

from lib import checks, datasets, likelihoods


def criterion(tables, pick, b, f):
    f = torch.tensor(f, dtype=torch.float64)
    terms = []
    for y in (1, -1):
        p, logistic = torch.sigmoid(y * f), likelihoods.bernoulli_nll(y * f, torch.ones_like(f))
        losses = {
            "logistic": logistic,
            "hinge": torch.relu(1 - y * f),
            "focal": (1 - p) ** 2 * logistic,
            "noise": -(0.05 + 0.9 * p).log(),
        }
        terms.append(torch.exp(-b * losses[pick]))
    return [
        f"for y = 1: {number(terms[0], 4)}, for y = −1: {number(terms[1], 4)}",
        f"their sum Z(f) = {number(sum(terms), 4)}",
    ]


def columns(tables, *names, sample=None):
    """The columns of the page's table that has them all, of one sample where there are several."""
    rows = next(rows for rows in tables if all(set(names) <= row.keys() for row in rows))
    rows = [row for row in rows if sample is None or row["sample"] == sample]
    return (torch.tensor([row[name] for row in rows], dtype=torch.float64) for name in names)


def number(value, decimals):
    """A number as Vega prints it, with a real minus sign."""
    return f"{float(value):.{decimals}f}".replace("-", "−")


def coin(tables, theta, sample):
    (k,) = (int(v) for v in next(columns(tables, "k", sample=sample)))
    y = torch.tensor([1.0] * k + [0.0] * (10 - k), dtype=torch.float64)
    logits = torch.logit(torch.tensor(theta, dtype=torch.float64)).expand(10)
    total = likelihoods.bernoulli_nll(logits, y, reduction="sum")
    return [
        f"{k} heads in 10 tosses",
        f"likelihood = {number(torch.exp(-total), 6)}",
        f"log-likelihood = {number(-total, 4)} nats",
        f"mean NLL = {number(total / 10, 4)} nats",
    ]


def faces(tables, family, f, s, y0):
    f, s, y = (torch.tensor(v, dtype=torch.float64) for v in (f, s, y0))
    kind = family.split(": ")[1]
    if kind in ("Bernoulli", "Poisson"):
        y = torch.tensor(math.floor(y0 + 0.5), dtype=torch.float64).clamp(0, 1 if kind == "Bernoulli" else 10)
    law = {
        "Gaussian": lambda: torch.distributions.Normal(f, s),
        "Laplace": lambda: torch.distributions.Laplace(f, s),
        "Student-t": lambda: torch.distributions.StudentT(3.0, f, s),
        "Bernoulli": lambda: torch.distributions.Bernoulli(logits=f),
        "Poisson": lambda: torch.distributions.Poisson(f.exp()),
    }[kind]()
    nll = -law.log_prob(y)
    return [f"y = {number(y, 1)}: p = {number(torch.exp(-nll), 4)}", f"loss −log p = {number(nll, 4)} nats"]


def drawn_labels(tables, size, sample):
    """The slope of scikit-learn's unpenalised fit to the labels on the page, where one exists."""
    rows = next(rows for rows in tables if {"x", "p"} <= rows[0].keys())
    x, y = zip(*((r["x"], r["p"]) for r in rows if r["n"] == float(size) and r["sample"] == sample), strict=True)
    ones, zeros = ([a for a, b in zip(x, y, strict=True) if b == label] for label in (1, 0))
    if not ones or not zeros or min(ones) > max(zeros) or max(ones) < min(zeros):
        return ["fitted: separable: no finite slope exists; truth 2"]
    model = LogisticRegression(C=np.inf, solver="newton-cholesky", tol=1e-10).fit(np.array(x)[:, None], y)
    return [f"fitted: slope {number(model.coef_[0, 0], 2)}; truth 2"]


def influence(tables, pick, shape, mine):
    """The centre by brute force on the chart's grid; ρ and its slope by PyTorch; log Z by quadrature."""
    h = shape / {"t": 1, "huber": 4, "pinball": 10, "welsch": 4}[pick]

    def rho(u):
        return {
            "t": lambda: (h + 1) / 2 * torch.log1p(u.square() / h),
            "huber": lambda: torch.nn.functional.huber_loss(u, 0 * u, delta=h, reduction="none"),
            "pinball": lambda: torch.where(u < 0, (h - 1) * u, h * u),
            "welsch": lambda: h**2 / 2 * (1 - torch.exp(-((u / h) ** 2))),
        }[pick]()

    u = torch.tensor(float(mine), dtype=torch.float64, requires_grad=True)
    (pull,) = torch.autograd.grad(rho(u), u)
    loss, name = (
        rho(u).detach() + 1e-9,
        {"t": "ν", "huber": "k", "pinball": "τ", "welsch": "c"}[pick],
    )  # a tie goes up, as in Vega
    price = f"loss {number(loss, 4)}, no NLL"
    if pick != "welsch":
        sides = [
            integrate.quad(lambda v: math.exp(-rho(torch.tensor(v, dtype=torch.float64))), *ends, limit=400)[0]
            for ends in [(-np.inf, -3), (-3, 0), (0, 3), (3, np.inf)]
        ]
        price = f"loss {number(loss, 4)}, NLL {number(loss + math.log(sum(sides)), 4)}"
    data = torch.tensor([-1.4, -0.8, -0.5, -0.1, 0.2, 0.4, 0.9, 1.5, mine], dtype=torch.float64)
    grid = torch.arange(-160, 161, dtype=torch.float64) * 0.05
    centre = grid[rho(data[:, None] - grid).sum(0).argmin()]
    return [
        f"{name} = {h:g}; your point: {price}, pull {number(pull, 4)}",
        f"centre of eight points and yours: {number(centre, 2)}",
    ]


def line_and_noise(tables, slope, intercept, std, sample):
    x, y = columns(tables, "x", "y", sample=sample)
    mean = intercept + slope * x
    return [
        f"MSE = {number(torch.nn.functional.mse_loss(mean, y), 4)}",
        f"mean NLL = {number(likelihoods.gaussian_nll(mean, y, std), 4)} nats",
    ]


def logit(tables, logit):
    z = torch.tensor(logit, dtype=torch.float64, requires_grad=True)
    lines = [f"p = {number(torch.sigmoid(z.detach()), 4)}"]
    for label in (1, 0):
        nll = likelihoods.bernoulli_nll(z, torch.tensor(float(label), dtype=torch.float64))
        (gradient,) = torch.autograd.grad(nll, z)
        lines.append(f"if y = {label}: loss {number(nll.detach(), 4)} nats, gradient {number(gradient, 4)}")
    return lines


def noise_band(tables, intercept, slope, sample):
    x, y, mean = columns(tables, "x", "y", "mean", sample=sample)
    std = intercept + slope * x
    nll = likelihoods.heteroscedastic_nll(mean, y, 2 * std.log())
    return [f"mean NLL = {number(nll, 4)} nats", f"mean z² = {number(((y - mean) / std).square().mean(), 4)}"]


def outlier(tables, wild_y, wild_x, sample):
    x, y = columns(tables, "x", "y", sample=sample)
    x, y = np.append(x, float(wild_x))[:, None], np.append(y, wild_y)
    median, mean = QuantileRegressor(alpha=0).fit(x, y), LinearRegression().fit(x, y)
    return [
        f"slope by absolute values {number(median.coef_[0], 2)}",
        f"by squares {number(mean.coef_[0], 2)}; truth 1",
    ]


def cross_entropy(tables, q, p, sample):
    (u,) = columns(tables, "u", sample=sample)
    share = (u < p).double().mean()
    p, q = torch.tensor([p, q], dtype=torch.float64)
    own, cross, seen = (likelihoods.bernoulli_nll(torch.logit(a), b) for a, b in [(p, p), (q, p), (q, share)])
    return [
        f"entropy H(p) = {number(own, 4)}, KL(p‖q) = {number(cross - own, 4)} nats",
        f"cross-entropy H(p, q) = {number(cross, 4)} nats",
        f"{len(u)} draws: share of yes {number(share, 2)}, mean NLL {number(seen, 4)} nats",
    ]


def training_run(tables, power, sigma, sample):
    """The descent itself, step by step, on half the sum of squares."""
    x, e, new = columns(tables, "x", "e", "new", sample=sample)
    k = torch.arange(16.0, dtype=torch.float64)
    cosines = torch.cos(math.pi / 4 * k * (x[:, None] + 2)) * (2 / len(x)) ** 0.5
    cosines[:, 0] = (1 / len(x)) ** 0.5
    features = cosines * (1 + k / 2) ** -1.5
    y, z = torch.sin(2 * x) + sigma * e, torch.sin(2 * x) + sigma * new
    w = torch.zeros(16, dtype=torch.float64)
    for _ in range(int(2**power)):
        w = w - features.T @ (features @ w - y)
    mean = features @ w
    std = (y - mean).square().mean().sqrt()
    train, held = (likelihoods.gaussian_nll(mean, target, std) for target in (y, z))
    return [
        f"training NLL = {number(train, 4)}, held-out NLL = {number(held, 4)} nats",
        f"σ̂ = {number(std, 3)}, truth {number(math.log(2 * math.pi * math.e * sigma**2) / 2, 4)} nats",
    ]


def two_intervals(tables, faulty, n, confidence):
    """Both intervals by SciPy's laws: the same grid of shares, the levels from chi-squared and the normal quantile."""
    p, best = np.arange(1, 2000) / 2000, faulty / n
    rise = 2 * (stats.binom.logpmf(faulty, n, best) - stats.binom.logpmf(faulty, n, p))
    inside = p[rise <= stats.chi2.ppf(confidence / 100, 1)]
    low = inside.min() if faulty else 0
    z, error = stats.norm.ppf((1 + confidence / 100) / 2), math.sqrt(best * (1 - best) / n)
    wald = [number(best + side * z * error, 3) for side in (-1, 1)]
    lines = [f"likelihood: {number(low, 3)} to {number(inside.max(), 3)}", f"parabola in p: {' to '.join(wald)}"]
    if not faulty:
        return [*lines, "parabola in log-odds: there is none"]
    ends = special.expit(special.logit(best) + z * np.array([-1, 1]) / (n * error))
    return [*lines, f"parabola in log-odds: {number(ends[0], 3)} to {number(ends[1], 3)}"]


def early_stopping(tables, pair, power, rate, match):
    """The descent itself, step by step, on the book's own data and on each variance alone; ridge by scikit-learn."""
    x, y, names = datasets.diabetes()
    x, y = x[:, [names.index(name) for name in pair.split(" and ")]].numpy(), (y - y.mean()).numpy()
    v = np.geomspace(0.01, 2, 201)
    w, share, steps = np.zeros(2), np.zeros(201), round(2**power)
    for _ in range(steps):
        w, share = w - rate * x.T @ (x @ w - y) / len(y), share + rate * v * (1 - share)
    matched = 1 / (rate * steps)
    lam = match * matched
    gap = np.abs(share - 1 / (1 + lam / v))
    ridge = Ridge(alpha=len(y) * lam, fit_intercept=False).fit(x, y).coef_
    four = decimal.Context(prec=4, rounding=decimal.ROUND_HALF_UP)  # a tie goes up, as in Vega
    shown = [f"{four.create_decimal(value).normalize():f}" for value in (matched, lam)]
    stopped, ridge = (f"({number(a, 1)}, {number(b, 1)})" for a, b in (w, ridge))
    return [
        f"1/(ηt) = {shown[0]}, λ = {shown[1]}",
        f"largest gap of the shares {number(gap.max(), 3)}, at v = {number(v[gap.argmax()], 2)}",
        f"stopped {stopped}, ridge {ridge}",
    ]


def two_peaks(tables, mean, std, gap):
    """By quadrature: the expectation of log p - log q, over the two peaks or over q."""
    q = torch.distributions.Normal(torch.tensor(mean, dtype=torch.float64), std)
    peaks = torch.distributions.Normal(torch.tensor([-gap, gap], dtype=torch.float64), 0.5)

    def log_p(y):
        return torch.logsumexp(peaks.log_prob(y), 0) - math.log(2)

    def expected(law, sign):
        def share(y):
            y = torch.tensor(y, dtype=torch.float64)
            return float(law(y).exp() * sign * (log_p(y) - q.log_prob(y)))

        return integrate.quad(share, -30, 30, points=[-gap, mean, gap], limit=400)[0]

    return [
        f"forward KL(p‖q) = {number(expected(log_p, 1), 3)} nats",
        f"reverse KL(q‖p) = {number(expected(q.log_prob, -1), 3)} nats",
    ]


def reliability(tables, pick, T, w, bins, size, sample):
    """The same labels; their scores by scikit-learn, the shares of the bins by SciPy."""
    i = np.arange(1, int(size) + 1)
    p = stats.beta(2, 2).ppf((i * 0.6180339887498949 + sample * 0.7548776662466927) % 1)
    y = ((np.sin(i * 12.9898 + sample * 78.233) * 43758.5453) % 1 < p).astype(int)
    q = np.full(len(p), 0.5) if pick == "half" else special.expit(special.logit(p) / T + math.log(w))
    said = []
    for name, score in [
        ("ECE", None),
        ("mean NLL", lambda f: metrics.log_loss(y, f)),
        ("Brier score", lambda f: metrics.brier_score_loss(y, f)),
    ]:
        pair = []
        for f in (q, p):
            gaps = stats.binned_statistic(f, y - f, "sum", bins=int(bins), range=(0, 1)).statistic
            pair.append(np.abs(gaps).sum() / len(y) if score is None else score(f))
        unit = " nats" if "NLL" in name else ""
        said.append(f"{name} {number(pair[0], 4)}{unit}; of the truth {number(pair[1], 4)}")
    return said


def rootogram(tables, alpha, extra, mix):
    """Two negative binomials of one mean, and a share of zeros, over the numbers that the page holds."""
    k, n = columns(tables, "k", "n")
    middle = (k @ n / n.sum()).log() - math.log(1 - extra) - math.log(math.cosh(mix))
    log_alpha = torch.full_like(k, math.log(alpha) if alpha else -math.inf)
    kinds = [
        -likelihoods.negative_binomial_nll(middle + s + 0 * k, k, log_alpha, reduction="none") for s in (mix, -mix)
    ]
    p = (1 - extra) * torch.stack(kinds).exp().mean(0) + extra * (k == 0)
    nll = -(n * p.log()).sum() / n.sum()
    return [
        f"no visits: observed {number(n[0] / n.sum(), 3)}, model {number(p[0], 3)}",
        f"mean NLL = {number(nll, 4)} nats",
    ]


def runaway(tables, gap, prior):
    """The lowest point of the same grid of weights, by the likelihood and the prior of `lib` and torch."""
    w = 0.02 * torch.arange(1001, dtype=torch.float64)
    margins = gap / 2 + torch.tensor([0, 0.3, 0.6, 1, 1.5, 2.2], dtype=torch.float64)
    logits = w[:, None] * margins
    nll = likelihoods.bernoulli_nll(logits, torch.ones_like(logits), reduction="none").mean(1)
    best = (nll + prior**2 * w**2 / 24).argmin()
    where = f"lowest at w = {number(w[best], 2)}" if gap < 0 or prior else "no lowest point: it falls beyond w = 20"
    return [where, f"mean NLL there = {number(nll[best], 4)} nats"]


def softmax(tables, z_a, z_b, z_c, temperature):
    z = torch.tensor([z_a, z_b, z_c], dtype=torch.float64) / temperature
    nll = likelihoods.categorical_nll(z.expand(3, 3), torch.arange(3), reduction="none")
    p, costs = (
        ", ".join(f"{k} {number(v, 4)}" for k, v in zip("ABC", values, strict=True))
        for values in (torch.exp(-nll), nll)
    )
    return [f"p: {p}", f"NLL: {costs} nats"]


def commuters(tables, size, sample):
    """The weights that the page holds are those of its fit; the probabilities follow from them."""
    rows = next(rows for rows in tables if "a0" in rows[0])
    (row,) = (row for row in rows if row["n"] == float(size) and row["sample"] == sample)
    z = torch.tensor([row[f"a{k}"] + 4 * row[f"b{k}"] for k in range(3)], dtype=torch.float64)
    p = torch.exp(-likelihoods.categorical_nll(z.expand(3, 3), torch.arange(3), reduction="none"))
    shown = ", ".join(f"{way} {number(value, 2)}" for way, value in zip(["walk", "bike", "car"], p, strict=True))
    return [f"fitted at 4 km: {shown}; training NLL {number(row['nll'], 3)} nats"]


def plant_a_bug(tables, jacobian, norm, sign, unsafe, m, ls):
    """Each test is run by `lib.checks`, on this loss with the bugs in it; y are quantiles where nothing is drawn."""

    def nll(outputs, y):
        z, mean, log_std = outputs.unbind(1)
        log_y = (y if unsafe else torch.where(y > 0, y, torch.ones_like(y))).log()
        much = ((log_y - mean) / log_std.exp()) ** 2 / 2 + (0 if jacobian else log_y)
        much = much + (0 if norm else 0.5 * math.log(2 * math.pi) + (-log_std if sign else log_std))
        return torch.where(y > 0, torch.nn.functional.softplus(-z) + much, torch.nn.functional.softplus(z))

    def draw(outputs, rng):
        size = stats.lognorm(math.exp(ls), scale=math.exp(m)).rvs(len(outputs), random_state=rng)
        return torch.from_numpy(size * (rng.random(len(outputs)) < 0.4))

    def reference(outputs, y):
        return -math.log(0.4) - stats.lognorm(math.exp(ls), scale=math.exp(m)).logpdf(y)

    where, rng = checks.support(atoms=[0], density="positive"), np.random.default_rng(0)
    at = torch.tensor([[math.log(0.4 / 0.6), m, ls]], dtype=torch.float64)
    few, y = at.expand(3, 3), torch.tensor([0, 0.5, 2], dtype=torch.float64)
    ranks = torch.linspace(0.6002, 0.9998, 999, dtype=torch.float64)
    spread = torch.from_numpy(stats.lognorm(math.exp(ls), scale=math.exp(m)).ppf((ranks - 0.6) / 0.4))
    gap = (checks.pit(nll, at.expand(999, 3), spread, where, rng) - ranks).abs().max()
    ways = [
        lambda: checks.mass_is_one(nll, at, where),
        lambda: checks.value_is(nll, few[1:], y[1:], reference),
        lambda: checks.gradient_is_slope(nll, few, y),
        lambda: checks.score_balances(nll, at, draw, rng),
        lambda: checks.recovers(nll, at, draw, rng),
        lambda: checks.extremes_are_finite(nll, few, y),
    ]
    red = [i for i, way in enumerate(ways, 1) if fails(way)] + [7] * bool(gap > 0.05)
    mass = 0.6 + integrate.quad(lambda u: density(nll, at, u), -12, 14, limit=200)[0]
    verdict = f"red: {', '.join(map(str, red))}" if red else "all seven are green"
    mean = number(0.4 * stats.lognorm(math.exp(ls), scale=math.exp(m)).mean(), 4)
    return [verdict, f"mass of exp(−loss): {number(mass, 4)}", f"mean of y, by the truth: {mean}"]


def fails(way):
    try:
        way()
    except AssertionError:
        return True
    return False


def density(nll, at, u):
    """exp(-NLL) at y = exp(m + s u), times dy/du."""
    s = at[0, 2].exp()
    y = (at[0, 1] + s * u).exp()
    return ((-nll(at, y[None])).exp() * y * s).item()


def posterior(tables, prior, scale, sample):
    """The MAP by scikit-learn's own solvers; its alpha is the prior's for σ = 1 and n examples."""
    *x, y = (column.numpy() for column in columns(tables, "x1", "x2", "y", sample=sample))
    x = np.column_stack(x)
    if prior == "Gaussian":
        name, model = "Ridge", Ridge(alpha=1 / scale**2, fit_intercept=False)
    else:
        name, model = "Lasso", Lasso(alpha=1 / (len(y) * scale), fit_intercept=False, tol=1e-12)
    w = model.fit(x, y).coef_
    return [
        f"MAP: w₁ = {number(w[0], 4)}, w₂ = {number(w[1], 4)}",
        f"mean NLL there = {number(likelihoods.gaussian_nll(x @ w, y), 4)} nats",
        f"{name}(alpha={number(model.alpha, 4)})",
    ]


def preference_simplex(tables, beta, r_b, r_c, wins):
    """The minimum of the DPO loss, found by Newton's steps on logits; on the edge, where C drops out of the race."""
    log_ref = torch.tensor([0.6, 0.3, 0.1], dtype=torch.float64).log()
    reward = torch.tensor([0, r_b, r_c], dtype=torch.float64)
    some = {"both": [0, 1, 2], "loses": [0, 1], "wins": [2]}[wins]  # answers that keep a share
    first, second = torch.combinations(torch.arange(len(some))).T if some[1:] else torch.zeros(2, 0, dtype=torch.long)
    share = torch.sigmoid(reward[some][first] - reward[some][second])

    def loss(u):  # u: logits over those of the reference, times beta
        margin = u[first] - u[second]
        return likelihoods.bernoulli_nll(margin, share, reduction="sum")

    u = torch.zeros(len(some), dtype=torch.float64)
    for _ in range(12 if some[1:] else 0):
        slope, curvature = torch.func.grad(loss)(u), torch.func.hessian(loss)(u)
        u = u - torch.linalg.pinv(curvature) @ slope
    pi = torch.zeros(3, dtype=torch.float64)
    pi[some] = torch.softmax(log_ref[some] + u / beta, 0)
    kl = (torch.xlogy(pi, pi) - pi * log_ref).sum()
    said = "lowest at π* = " if wins == "both" else "no lowest point; it falls towards π = "
    return [
        said + ", ".join(f"{name} {number(p, 4)}" for name, p in zip("ABC", pi, strict=True)),
        f"KL(π ‖ π_ref) = {number(kl, 4)} nats",
    ]


def prior_knob(tables, convention, sigma, n, scale, knob):
    """The table of the chapter, written once more, as a function of the prior's strength 1/τ² or 1/b."""
    factor = {
        "ΣNLL + (λ/2)‖w‖²": 1,
        "mean NLL + (λ/2)‖w‖²": 1 / n,
        "Ridge alpha": sigma**2,
        "MSELoss + α‖w‖²": sigma**2 / n,
        "LogisticRegression C, L2": 1,
        "weight_decay on MSELoss": 2 * sigma**2 / n,
        "weight_decay on mean BCE, CE": 1 / n,
        "ΣNLL + λ‖w‖₁": 1,
        "mean NLL + λ‖w‖₁": 1 / n,
        "Σr² + α‖w‖₁": 2 * sigma**2,
        "MSELoss + α‖w‖₁": 2 * sigma**2 / n,
        "Lasso alpha": sigma**2 / n,
        "LogisticRegression C, L1": 1,
    }[convention]
    laplace = "‖₁" in convention or convention in ("Lasso alpha", "LogisticRegression C, L1")
    letter, power, quantile = ("b", 1, math.log(20)) if laplace else ("τ", 2, 1.959964)
    wanted = factor / scale**power
    strength = knob
    if "C," in convention:
        wanted, strength = 1 / wanted, 1 / knob
    implied = (factor / strength) ** (1 / power)
    shown = partial(np.format_float_positional, precision=4, fractional=False, trim="-")
    return [
        f"{letter} = {shown(scale)}  →  knob = {shown(wanted)}",
        f"knob = {shown(knob)}  →  {letter} = {shown(implied)}",
        f"that is, 95 % of weights within ±{shown(quantile * implied)}",
    ]


def loss_picker(tables, pick, f):
    """NLL and gradient for one example with y = 1, or class 0 of three whose other logits are 0."""
    f = torch.tensor([f], dtype=torch.float64, requires_grad=True)
    y, zero = torch.ones_like(f), torch.zeros_like(f)
    nll = {
        "mse": lambda: likelihoods.gaussian_nll(f, y),
        "mae": lambda: likelihoods.laplace_nll(f, y),
        "quantile": lambda: likelihoods.quantile_nll(f, y, 0.9),
        "huber": lambda: likelihoods.huber_nll(f, y, 1.345),
        "student_t": lambda: likelihoods.student_t_nll(f, y, 3.0),
        "heteroscedastic": lambda: likelihoods.heteroscedastic_nll(zero, y, f),
        "bce": lambda: likelihoods.bernoulli_nll(f, y),
        "ce": lambda: likelihoods.categorical_nll(torch.stack([f, zero, zero], dim=1), torch.tensor([0])),
        "poisson": lambda: likelihoods.poisson_nll(f, y),
        "negative_binomial": lambda: likelihoods.negative_binomial_nll(f, y, zero),
    }[pick]()
    (gradient,) = torch.autograd.grad(nll, f)
    return [f"loss {number(nll.detach(), 4)} nats, gradient {number(gradient, 4)}"]


def unit_of_y(tables, power, sigma, jacobian):
    """The same data divided by the unit, and then, if the reader wants it, its logarithm added."""
    mean, y = columns(tables, "mean", "y")
    unit = 10**power
    nll = likelihoods.gaussian_nll(mean / unit, y / unit, sigma / unit)
    null = likelihoods.gaussian_nll((y.mean() / unit).expand(len(y)), y / unit, y.std(correction=0) / unit)
    back = power * math.log(10) if jacobian else 0
    return [
        f"mean NLL = {number(nll + back, 4)} nats",
        f"without inputs {number(null + back, 4)}, gap {number(null - nll, 4)}",
    ]
