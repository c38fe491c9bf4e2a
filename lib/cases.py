"""The table of likelihoods: one entry each, read by the contract tests, the bench and the loss map.

A new likelihood is a function in `lib.likelihoods` and an entry here: `tests/test_likelihoods.py` then holds the
function to every contract, `make bench` measures it, and the map's chart shows its card. A row of the map whose loss
is still written on its page alone has no `nll`.
"""

import functools
import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from scipy import integrate, special
from torch import distributions

from lib import likelihoods


@dataclass(frozen=True, kw_only=True)
class Case:
    """A row of the loss map; and, for a function of `lib`, what it is held to.

    Texts: `row` is its line in the map's table, `menu` to `trap` what the map's chart says.
    In the functions, `inputs` are the positional arguments of `nll`; `mp` and `stats` are mpmath and scipy.stats.
    """

    name: str
    row: tuple[str, str, str, str]  # y, loss, distribution, output f
    menu: str
    model: str
    pytorch: str
    twin: str
    trap: str

    nll: Callable | None = None
    draw: Callable | None = None  # (rng, *shape) -> inputs, float64 tensors; a scale as a tensor of that shape
    terms: Callable | None = None  # (mp, *inputs of one example, a class axis spread out) -> what adds up to the NLL
    extremes: Callable | None = None  # (torch.finfo) -> points where value and derivatives must be right
    log_p: Callable | None = None  # (*inputs) -> log p by torch.distributions
    scipy_log_p: Callable | None = None  # (stats, *inputs) -> the same by SciPy
    pytorch_loss: Callable | None = None  # (*inputs) -> the functional loss that `make bench` compares with
    in_units: Callable | None = None  # (c, *inputs) -> inputs in units 1/c as large; None for a discrete y
    outside: tuple = ()  # targets that must be refused
    shape: str = ""  # the argument that shapes the density, a number or a tensor as a scale is
    no_shape: tuple = ()  # values of it that must be refused
    counts: bool = False  # is the target a count, which takes no derivative?
    kink: Callable = lambda *inputs: False  # is there no second derivative at this point?


def _normal(rng, *shape):
    return torch.from_numpy(np.asarray(rng.standard_normal(shape)))


def _overdispersed(rng, *shape):
    log_mean, log_alpha = 0.5 * _normal(rng, *shape), 0.5 * _normal(rng, *shape)
    rate = log_mean.exp().numpy() * rng.gamma((-log_alpha).exp().numpy(), log_alpha.exp().numpy())
    return log_mean, torch.from_numpy(np.asarray(rng.poisson(rate), dtype=float)), log_alpha


def _location_scale(rng, *shape):
    return _normal(rng, *shape), _normal(rng, *shape), (0.5 * _normal(rng, *shape)).exp()


def _with_shape(draw_shape):
    """Prediction, target, shape and scale; `draw_shape` takes the generator and a shape to draw in."""

    def draw(rng, *shape):
        prediction, target, scale = _location_scale(rng, *shape)
        return prediction, target, torch.from_numpy(np.asarray(draw_shape(rng, shape))), scale

    return draw


def _in_units_with_shape(c, prediction, target, shape, scale):
    return c * prediction, c * target, shape, c * scale


def _residuals(finfo):
    """Exact hits, the smallest (subnormal) and the largest numbers, as (prediction, target)."""
    sizes = [finfo.smallest_normal * finfo.eps, 3 * finfo.smallest_normal * finfo.eps, finfo.tiny, 1e-3, 1.0, 300.0]
    sizes += [1.3 * math.sqrt(finfo.max), finfo.max / 4]
    pairs = [(0.0, 0.0), (2.5, 2.5), (2.5, -0.1), (7.0, 7.03125), (-0.25 * finfo.max, 0.125 * finfo.max)]
    return pairs + [(sign * size, 0.0) for size in sizes for sign in (-1, 1)]


def _location_scale_extremes(finfo):
    scales = [finfo.smallest_normal * finfo.eps, finfo.tiny, 1 / math.sqrt(finfo.max), 0.01, 1.0, 30.0]
    scales += [math.sqrt(finfo.max), finfo.max / 4]
    return [
        (*pair, scale)
        for pair, scale in itertools.product(_residuals(finfo), scales)
        if pair[0] == pair[1] or finfo.tiny <= abs(pair[0] - pair[1]) / scale <= finfo.max
    ]


def _shape_extremes(finfo, shapes, *, margin=1.0):
    """Every seventh extreme with each shape.

    Derivatives divide by the scale before they are weighted by τ or k: points at which one of them is within `margin`
    of an overflow are left out.
    """
    largest, points = finfo.max / 4, _location_scale_extremes(finfo)
    points = [
        (prediction, target, shape, scale)
        for i, shape in enumerate(shapes)
        for prediction, target, scale in points[i % 7 :: 7]
    ]
    steep = [[abs(f - y) / s / s, abs(f - y) / s / s / s] for f, y, _, s in points]
    edge = [any(largest / margin < size < largest * margin for size in sizes) for sizes in steep]
    return [point for point, left_out in zip(points, edge, strict=True) if not left_out]


def _quantile_extremes(finfo):
    return _shape_extremes(finfo, [0.1, 0.5, 0.9, 0.01, 0.99], margin=100.0)


def _huber_terms(mp, centre, target, k, scale):
    u = abs(target - centre) / scale
    rho = [u**2 / 2] if u <= k else [k * u, -(k**2) / 2]
    return [*rho, mp.log(scale), *_huber_normaliser(mp, k)]


@functools.lru_cache(maxsize=10_000)
def _huber_normaliser(mp, k):
    """What is computed for a large k rounds relative to the last two, which add up to 0."""
    inside, tail = mp.sqrt(2 * mp.pi) * mp.erf(k / mp.sqrt(2)), 2 * mp.exp(-(k**2) / 2)
    return (
        [mp.log(tail + k * inside), -mp.log(k)]
        if k <= 1
        else [
            mp.log(inside + tail / k),
            mp.erfc(k / mp.sqrt(2)),
            -mp.erfc(k / mp.sqrt(2)),
        ]
    )


def _log_huber_area(k):
    """By quadrature: of the middle, and of a tail in steps of its own length."""
    middle = integrate.quad(lambda u: math.exp(-u * u / 2), 0, min(k, 40), epsabs=0, epsrel=1e-13)[0]
    tail = integrate.quad(lambda v: math.exp(-v), 0, 40, epsabs=0, epsrel=1e-13)[0] * math.exp(-k * k / 2) / k
    return math.log(2 * (middle + tail))


def _huber_by_parts(centre, target, k, scale):
    """Huber's mixture: a Gaussian in the middle, and beyond it two exponentials that go on from its ends."""
    r, normal = (target - centre).abs(), distributions.Normal(0.0, 1.0)
    gaussian = -(2 * normal.cdf(k) - 1 + 2 * normal.log_prob(k).exp() / k).log()  # log of its share
    tail = gaussian + normal.log_prob(k) - k.log()
    outside = distributions.Exponential(k / scale, validate_args=False).log_prob(r - k * scale)
    inside = distributions.Normal(centre, scale).log_prob(target)
    return torch.where(r <= k * scale, gaussian + inside, tail + outside)


def _scipy_huber(stats, centre, target, k, scale):
    rho = special.huber(k.numpy(), ((target - centre) / scale).numpy())
    return -torch.as_tensor(rho + np.vectorize(_log_huber_area)(k.numpy())) - scale.log()


def _quantile_by_parts(quantile, target, tau, scale):
    """An exponential above the quantile, with probability 1 - τ, and one below it."""
    r = target - quantile
    above = distributions.Exponential(tau / scale, validate_args=False).log_prob(r.abs())
    below = distributions.Exponential((1 - tau) / scale, validate_args=False).log_prob(r.abs())
    return torch.where(r >= 0, (1 - tau).log() + above, tau.log() + below)


def _scipy_quantile(stats, quantile, target, tau, scale):
    kappa, wide = (tau / (1 - tau)).sqrt(), scale / (tau * (1 - tau)).sqrt()
    return stats.laplace_asymmetric.logpdf(target, kappa, quantile, wide)


def _student_extremes(finfo):
    shapes = [df for df in (0.01, 0.5, 1.0, 3.25, 31.0, 33.0, 1e3, 1e9, 1e30) if df < finfo.max]
    points = _shape_extremes(finfo, shapes)
    return points + [(0.5, y, df, 1.0) for y in (0.0, 0.5, 3.0) for df in (1e-3, 31.0, 32.5, 100.0)]


def _student_terms(mp, centre, target, df, scale):
    u = abs(target - centre) / scale
    if u * u <= df / 4:
        log = mp.log1p(u**2 / df)
        parts = [df * log / 2, log / 2]
    else:
        parts = [(df + 1) * mp.log(u), -(df + 1) / 2 * mp.log(df), (df + 1) / 2 * mp.log1p(df / u**2)]
    return [*parts, mp.log(scale), *_t_normaliser(mp, df)]


@functools.lru_cache(maxsize=10_000)
def _t_normaliser(mp, df):
    x = df / 2
    parts = [mp.loggamma(1 + x), -mp.loggamma(x + mp.mpf(1) / 2), -mp.log(x) / 2]
    return [mp.log(2 * mp.pi) / 2, *(parts if df < 32 else [mp.fsum(parts)])]


def _log_var_extremes(finfo):
    largest = math.log(finfo.max)
    log_vars = [factor * largest for factor in (-1.6, -1, -0.5, 0.5, 1, 1.6, 2.1)]
    log_vars += [-25.0, -1.0, 0.0, 5.0]
    points = [
        (*pair, log_var)
        for pair, log_var in itertools.product(_residuals(finfo), log_vars)
        if pair[0] == pair[1]
        or math.log(finfo.tiny) <= math.log(abs(pair[0] - pair[1])) - log_var / 2 <= math.log(finfo.max)
    ]
    return [*points, (1.0, 1.0, -2 * largest), (0.0, 0.0, -3 * largest), (2.0, 2.0, -1e4)]


def _count_extremes(finfo):
    """A log mean and a count: rates that vanish and that nearly overflow, counts as large as y log y allows."""
    largest = math.log(finfo.max / 4)
    log_means = [-1e3, -100.0, -5.0, -1e-3, 0.0, 0.2, 1.5, 0.5 * largest, largest - 1]
    counts = [0.0, 1.0, 2.0, 17.0, 1000.0] + [2.0**30, 1e18] * (finfo.max > 1e30)
    pairs = list(itertools.product(log_means, counts)) + [(math.log(count), count) for count in counts if count]
    return [(z, y) for z, y in pairs if y * abs(z) < finfo.max / 8]


def _negative_binomial_extremes(finfo):
    """Those at which the dispersion is nothing, small, on either side of where the way changes, and large."""
    points = [(*pair, log_alpha) for pair in _count_extremes(finfo) for log_alpha in (-1e4, -20.0, -0.5, 9.0)]
    points += [(800.0, y, 0.5) for y in (0.0, 3.0)]
    points += [
        (z, y, a) for z in (-5.0, 0.0, 1.5) for y in (0.0, 1.0, 17.0) for a in (-60.0, -4.0, -2.8, -2.5, 2.0, 1e3)
    ]
    return [
        (z, y, a) for z, y, a in points if z - a < math.log(finfo.max / 4) or a < -30 if y < (20 if a < -25 else 1e6)
    ]


def _negative_binomial_terms(mp, log_mean, target, log_alpha):
    """The last two add up to 0: what is computed rounds relative to them."""
    mean, alpha = mp.exp(log_mean), mp.exp(log_alpha)
    if target < 20:
        rising = mp.fsum(mp.log1p(k * alpha) for k in range(int(target)))
    else:
        rising = mp.loggamma(target + 1 / alpha) - mp.loggamma(1 / alpha) + target * log_alpha
    wide = mp.log1p(alpha * target) + (mp.loggamma(1 / alpha) if log_alpha > -3 else 0)
    total = [mp.log1p(alpha * mean) / alpha, target * mp.log1p(alpha * mean), -target * log_mean]
    return [*total, mp.loggamma(target + 1), -rising, wide, -wide]


LOGITS = [-1e4, -710.0, -100.0, -37.0, -5.0, -1e-3, 0.0, 0.2, 17.0, 40.0, 710.0, 1e4]


def _softmax_terms(mp, *inputs):
    *logits, index = inputs
    return [mp.log(mp.fsum(map(mp.exp, logits))), -logits[int(index)]]


CASES = [
    Case(
        name="mse",
        row=("number", "MSE", "Gaussian, one σ", "mean"),
        menu="a number: I want its mean",
        model="Gaussian, mean = f, one σ",
        pytorch="F.mse_loss(f, y)",
        twin="LinearRegression()",
        trap="(n, 1) against (n,) broadcasts",
        nll=likelihoods.gaussian_nll,
        draw=_location_scale,
        terms=lambda mp, mean, target, std: [((mean - target) / std) ** 2 / 2, mp.log(std), mp.log(2 * mp.pi) / 2],
        extremes=_location_scale_extremes,
        log_p=lambda mean, target, std: distributions.Normal(mean, std).log_prob(target),
        scipy_log_p=lambda stats, mean, target, std: stats.norm.logpdf(target, mean, std),
        pytorch_loss=lambda mean, target, std: F.gaussian_nll_loss(mean, target, std**2, full=True),
        in_units=lambda c, mean, target, std: (c * mean, c * target, c * std),
        outside=(math.nan, -math.inf),
    ),
    Case(
        name="mae",
        row=("number", "MAE", "Laplace", "median"),
        menu="a number: I want its median",
        model="Laplace, median = f, one scale b",
        pytorch="F.l1_loss(f, y)",
        twin="QuantileRegressor(quantile=0.5, alpha=0)",
        trap="a wild x still pulls",
        nll=likelihoods.laplace_nll,
        draw=_location_scale,
        terms=lambda mp, median, target, scale: [abs(median - target) / scale, mp.log(scale), mp.log(2)],
        extremes=_location_scale_extremes,
        log_p=lambda median, target, scale: distributions.Laplace(median, scale).log_prob(target),
        scipy_log_p=lambda stats, median, target, scale: stats.laplace.logpdf(target, median, scale),
        pytorch_loss=lambda median, target, scale: F.l1_loss(median, target),
        in_units=lambda c, median, target, scale: (c * median, c * target, c * scale),
        outside=(math.nan, math.inf),
        kink=lambda median, target, scale: median == target,
    ),
    Case(
        name="quantile",
        row=("number", "quantile", "asymmetric Laplace", "τ-quantile"),
        menu="a number: I want a quantile",
        model="asymmetric Laplace, τ-quantile = f",
        pytorch="torch.maximum(tau * r, (tau - 1) * r).mean()",
        twin="QuantileRegressor(quantile=tau, alpha=0)",
        trap="two quantiles may cross",
        nll=likelihoods.quantile_nll,
        draw=_with_shape(lambda rng, shape: rng.uniform(0.1, 0.9, shape)),
        terms=lambda mp, quantile, target, tau, scale: [
            (target - quantile) / scale * (tau if target >= quantile else tau - 1),
            mp.log(scale),
            -mp.log(tau),
            -mp.log1p(-tau),
        ],
        extremes=_quantile_extremes,
        log_p=_quantile_by_parts,
        scipy_log_p=_scipy_quantile,
        pytorch_loss=lambda quantile, target, tau, scale: -_quantile_by_parts(quantile, target, tau, scale).mean(),
        in_units=_in_units_with_shape,
        outside=(math.nan, math.inf),
        shape="tau",
        no_shape=(0.0, 1.0, -0.5, 1.5, math.nan, math.inf),
        kink=lambda quantile, target, tau, scale: quantile == target,
    ),
    Case(
        name="huber",
        row=("number", "Huber", "Huber's", "robust centre"),
        menu="a number with a few outliers",
        model="Huber's density, centre = f, scale σ",
        pytorch="F.huber_loss(f, y, delta=k * std)",
        twin="sm.RLM(y, X, M=HuberT(k))",
        trap="delta is in the unit of y",
        nll=likelihoods.huber_nll,
        draw=_with_shape(lambda rng, shape: np.exp(0.5 * rng.standard_normal(shape))),
        terms=_huber_terms,
        extremes=lambda finfo: _shape_extremes(finfo, [0.1, 1.345, 0.9, 1.1, 30.0, 7.0, 1e-3], margin=1e4),
        log_p=_huber_by_parts,
        scipy_log_p=_scipy_huber,
        pytorch_loss=lambda centre, target, k, scale: -_huber_by_parts(centre, target, k, scale).mean(),
        in_units=_in_units_with_shape,
        outside=(math.nan, math.inf),
        shape="k",
        no_shape=(0.0, -1.345, math.nan, -math.inf),
        kink=lambda centre, target, k, scale: abs(target - centre) == k * scale,
    ),
    Case(
        name="student_t",
        row=("number", "Student-t", "Student-t, ν", "robust centre"),
        menu="a number with wild outliers",
        model="Student-t, centre = f, scale s, ν",
        pytorch="StudentT(nu, f, s).log_prob(y)",
        twin="TLinearModel(y, X)",
        trap="two minima; s is not the std",
        nll=likelihoods.student_t_nll,
        draw=_with_shape(lambda rng, shape: np.exp(1 + rng.standard_normal(shape))),
        terms=_student_terms,
        extremes=_student_extremes,
        log_p=lambda centre, target, df, scale: distributions.StudentT(df, centre, scale).log_prob(target),
        scipy_log_p=lambda stats, centre, target, df, scale: stats.t.logpdf(target, df, centre, scale),
        pytorch_loss=lambda centre, target, df, scale: (
            -distributions.StudentT(df, centre, scale).log_prob(target).mean()
        ),
        in_units=_in_units_with_shape,
        outside=(math.nan, -math.inf),
        shape="df",
        no_shape=(0.0, -3.0, math.nan, -math.inf),
    ),
    Case(
        name="heteroscedastic",
        row=("number", "Gaussian NLL", "Gaussian, σ(x)", "mean, log σ²"),
        menu="a number whose spread varies",
        model="Gaussian, mean = f₁, log σ² = f₂",
        pytorch="F.gaussian_nll_loss(mean, y, var, full=True)",
        twin="sm.WLS(y, X, weights=1 / var)",
        trap="it takes σ², not σ",
        nll=likelihoods.heteroscedastic_nll,
        draw=lambda rng, *shape: (_normal(rng, *shape), _normal(rng, *shape), 0.5 * _normal(rng, *shape)),
        terms=lambda mp, mean, target, log_var: [
            (mean - target) ** 2 * mp.exp(-log_var) / 2,
            log_var / 2,
            mp.log(2 * mp.pi) / 2,
        ],
        extremes=_log_var_extremes,
        log_p=lambda mean, target, log_var: distributions.Normal(mean, (log_var / 2).exp()).log_prob(target),
        scipy_log_p=lambda stats, mean, target, log_var: stats.norm.logpdf(target, mean, (log_var / 2).exp()),
        pytorch_loss=lambda mean, target, log_var: F.gaussian_nll_loss(mean, target, log_var.exp(), full=True),
        in_units=lambda c, mean, target, log_var: (c * mean, c * target, log_var + 2 * math.log(c)),
        outside=(math.nan, -math.inf),
    ),
    Case(
        name="bce",
        row=("0 or 1", "BCE", "Bernoulli", "logit"),
        menu="yes or no",
        model="Bernoulli, logit p = f",
        pytorch="F.binary_cross_entropy_with_logits(f, y)",
        twin="LogisticRegression(C=np.inf)",
        trap="no sigmoid before it",
        nll=likelihoods.bernoulli_nll,
        draw=lambda rng, *shape: (_normal(rng, *shape), (_normal(rng, *shape) > 0).double()),
        terms=lambda mp, logits, target: [
            logits,
            -target * logits,
            mp.log1p(mp.exp(-abs(logits))) - min(logits, 0),  # -log sigmoid
        ],
        extremes=lambda finfo: list(itertools.product(LOGITS, [0.0, 0.25, 1.0])),
        log_p=lambda logits, target: distributions.Bernoulli(logits=logits).log_prob(target),
        scipy_log_p=lambda stats, logits, target: stats.bernoulli.logpmf(target, torch.sigmoid(logits)),
        pytorch_loss=F.binary_cross_entropy_with_logits,
        outside=(math.nan, math.inf, 1.5, -0.25),
    ),
    Case(
        name="ce",
        row=("class", "CE", "Categorical", "K logits"),
        menu="one of K classes",
        model="Categorical, p = softmax(f)",
        pytorch="F.cross_entropy(logits, c)",
        twin="LogisticRegression(C=np.inf)",
        trap="no softmax before it",
        nll=likelihoods.categorical_nll,
        draw=lambda rng, n: (_normal(rng, n, 10), torch.from_numpy(rng.integers(0, 10, n))),
        terms=_softmax_terms,
        extremes=lambda finfo: [(z, 0.0, -z / 2, index) for z in LOGITS for index in range(3)],
        log_p=lambda logits, target: distributions.Categorical(logits=logits).log_prob(target),
        scipy_log_p=lambda stats, logits, target: stats.multinomial.logpmf(
            F.one_hot(target, logits.shape[1]).numpy(), 1, logits.softmax(1).numpy()
        ),
        pytorch_loss=F.cross_entropy,
        outside=(-1, 10, -100),
    ),
    Case(
        name="poisson",
        row=("count", "Poisson", "Poisson", "log mean"),
        menu="a count",
        model="Poisson, log λ = f",
        pytorch="F.poisson_nll_loss(f, y)",
        twin="PoissonRegressor(alpha=0)",
        trap="variance far from the mean",
        nll=likelihoods.poisson_nll,
        draw=lambda rng, *shape: (
            z := 0.5 * _normal(rng, *shape),
            torch.from_numpy(np.asarray(rng.poisson(z.exp().numpy()), dtype=float)),
        ),
        terms=lambda mp, log_rate, target: [mp.exp(log_rate), -target * log_rate, mp.loggamma(target + 1)],
        extremes=_count_extremes,
        log_p=lambda log_rate, target: distributions.Poisson(log_rate.exp()).log_prob(target),
        scipy_log_p=lambda stats, log_rate, target: stats.poisson.logpmf(target, log_rate.exp()),
        pytorch_loss=lambda log_rate, target: F.poisson_nll_loss(log_rate, target, full=True),
        outside=(math.nan, math.inf, 0.5, -1.0),
        counts=True,
    ),
    Case(
        name="negative_binomial",
        row=("count", "neg. binomial", "NB2, α", "log mean, log α"),
        menu="a count that varies more",
        model="negative binomial, log μ = f, α of its own",
        pytorch="NegativeBinomial(1 / alpha, logits=f + alpha.log())",
        twin="sm.NegativeBinomial(y, X)",
        trap="SciPy's p is 1 - PyTorch's probs",
        nll=likelihoods.negative_binomial_nll,
        draw=_overdispersed,
        terms=_negative_binomial_terms,
        extremes=_negative_binomial_extremes,
        log_p=lambda log_mean, target, log_alpha: distributions.NegativeBinomial(
            (-log_alpha).exp(), logits=log_mean + log_alpha
        ).log_prob(target),
        scipy_log_p=lambda stats, log_mean, target, log_alpha: stats.nbinom.logpmf(
            target, (-log_alpha).exp(), 1 / (1 + (log_mean + log_alpha).exp())
        ),
        pytorch_loss=lambda log_mean, target, log_alpha: (
            -distributions.NegativeBinomial((-log_alpha).exp(), logits=log_mean + log_alpha).log_prob(target).mean()
        ),
        outside=(math.nan, math.inf, 0.5, -1.0),
        counts=True,
    ),
]
