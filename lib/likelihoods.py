"""Negative log-likelihoods (NLLs) of the distributions behind the standard losses.

Conventions
-----------
- Values are in nats (natural logarithm) and keep every constant, so each is -log of a density or probability.
- The prediction comes first and the target second; both have the same shape, any shape with n ≥ 1 elements.
  Only `categorical_nll` has a class axis: logits (n, K); flatten further axes into n, and drop padded rows before
  the call (there is no `ignore_index`). Nothing is ever broadcast.
- The NLL is computed pointwise; `reduction` then gives the pointwise values ("none"), their "sum" or their "mean",
  which is the sum over n.
- Inputs are real: tensors on any device, arrays (NumPy in any memory layout; pandas, read by position), lists or
  numbers. The result has the widest floating dtype among tensors and arrays; lists and numbers have no say, and if
  nothing is floating it is the default dtype. Half precision is computed in float32 and rounded once.
- Values are finite and right wherever (prediction - target) / scale and the result are 0 or normal numbers, a factor
  of 4 below the largest; gradients and second derivatives where all those of the example are; of a quantile or a Huber
  loss, where they are at τ or k = 1 as well, since PyTorch divides by the scale, twice, before it weighs. Of a
  probability near 1, and its derivatives, the error is a rounding of 1, as in PyTorch.
- Gradients flow to predictions, scales and floating targets alike (not to counts), and can be differentiated again.
- Bad input raises a ValueError that names the argument: what is no real number, mismatched or empty shapes, NaN,
  infinite or unsupported targets, scales that are not positive and finite. What shapes a density (τ, k, ν) is a number
  or a tensor of the target's shape, as a scale is.
- A NaN or infinite *prediction* is not bad input: it gives a NaN or infinite loss, so that a diverged training
  shows. But an infinite logit that is right, such as -inf for a masked class, costs 0, with gradient 0, as does
  a log rate of -inf for a count of 0; and a log α of -inf is the Poisson distribution.
- `torch.func`, autocast and `torch.compile` (fullgraph) work. Inside `vmap` and compiled code numbers cannot be
  looked at: shapes are checked, values are not; an infinite logit, or an exact hit at a variance below e^-350 in
  float32 (e^-2800 in float64), may give NaN; a class index of -100 is skipped.
"""

import functools
import math

import numpy as np
import torch
import torch.nn.functional as F


def gaussian_nll(mean, target, std=1.0, *, reduction="mean"):
    """-log N(target | mean, std²) = ½((target - mean) / std)² + log std + ½ log 2π.

    Parameters
    ----------
    mean, target : float tensors of one shape, in the units of the data
    std : positive number, or tensor of the target's shape; the standard deviation (not the variance), same units
    reduction : "none", "sum" or "mean"

    Returns
    -------
    Tensor, nats; a scalar unless `reduction` is "none". It may be negative: a density can exceed 1.

    Raises
    ------
    ValueError : bad input, see *Conventions*

    Source: Bishop 2006, §1.2.5; Murphy, PML1, §4.2.5.
    """
    (mean, target, std), dtype = _ready({"mean": mean, "target": target}, reduction, {"std": std})
    z = (mean - target) / std
    loss = _add(std.log() + 0.5 * math.log(2 * math.pi), (z * math.sqrt(0.5)).square(), reduction)
    return _finite(loss, target, std=std).to(dtype)


def heteroscedastic_nll(mean, target, log_var, *, reduction="mean"):
    """-log N(target | mean, exp(log_var)): the Gaussian NLL of a model that predicts its own variance.

    Parameters
    ----------
    mean, target : float tensors of one shape, in the units of the data
    log_var : float tensor of the target's shape, log of the variance in those units squared
    reduction : "none", "sum" or "mean"

    Returns
    -------
    Tensor, nats; a scalar unless `reduction` is "none"

    Raises
    ------
    ValueError : bad input, see *Conventions*; `log_var` is a prediction, any real number is good

    Source: Nix & Weigend 1994; in log-variance form, Kendall & Gal 2017, eq. 8.
    """
    (mean, log_var, target), dtype = _ready({"mean": mean, "log_var": log_var, "target": target}, reduction)
    # √½ (mean - target) e^(a + b), since e^(a + b) alone may overflow where the residual is tiny, or 0. The derivatives
    # by log_var go through e^b, which is 1 but for extreme variances: on their way through e^a they could overflow.
    limit = -math.log(torch.finfo(target.dtype).tiny)
    half_log_precision = -0.5 * log_var
    a = half_log_precision.detach().clamp(-limit, limit)
    b = half_log_precision - a
    if not _holds(b.detach().max() <= limit):
        b = b.clamp(max=limit)  # the residual is 0 there, or the loss infinite
    z = (mean - target) * (a.exp() * math.sqrt(0.5)) * b.exp()
    del half_log_precision, a, b  # a third of the memory
    loss = _add(0.5 * (log_var + math.log(2 * math.pi)), z.square(), reduction)
    return _finite(loss, target).to(dtype)


def laplace_nll(median, target, scale=1.0, *, reduction="mean"):
    """-log Laplace(target | median, scale) = |target - median| / scale + log(2 scale).

    Parameters
    ----------
    median, target : float tensors of one shape, in the units of the data
    scale : positive number, or tensor of the target's shape; the mean absolute deviation, same units
    reduction : "none", "sum" or "mean"

    Returns
    -------
    Tensor, nats; a scalar unless `reduction` is "none". Where target = median there is a kink, and the gradient
    with respect to either is the subgradient 0.

    Raises
    ------
    ValueError : bad input, see *Conventions*

    Source: Murphy, PML1, §2.7.3 and §11.6.1.
    """
    (median, target, scale), dtype = _ready({"median": median, "target": target}, reduction, {"scale": scale})
    log_normaliser = scale.log() + math.log(2)
    one = scale.ndim == 0 and reduction != "none"
    if one:  # the sum first: a pass less, forward and backward
        loss = F.l1_loss(median, target, reduction="sum") / scale + target.numel() * log_normaliser
        loss = loss / target.numel() if reduction == "mean" else loss
    if not one or not _holds(loss.detach().isfinite()):  # that sum may overflow where the loss does not
        loss = _add(log_normaliser, (median - target).abs() / scale, reduction)
    return _finite(loss, target, scale=scale).to(dtype)


def quantile_nll(quantile, target, tau, scale=1.0, *, reduction="mean"):
    """-log AsymmetricLaplace(target | quantile, tau, scale) = ρ(u) + log scale - log τ(1 - τ).

    u = (target - quantile) / scale, and ρ(u) = max(τu, (τ - 1)u) is the pinball loss. The best scale is the mean
    pinball loss in the units of the data.

    Parameters
    ----------
    quantile, target : float tensors of one shape, in the units of the data
    tau : number in (0, 1), or tensor of the target's shape; the probability below the quantile
    scale : positive number, or tensor of the target's shape; same units. SciPy's `laplace_asymmetric` has
        κ = √(τ / (1 - τ)) and the scale s / √(τ(1 - τ))
    reduction : "none", "sum" or "mean"

    Returns
    -------
    Tensor, nats; a scalar unless `reduction` is "none". Where target = quantile there is a kink, and the gradient
    with respect to either is the mean of those on its two sides.

    Raises
    ------
    ValueError : bad input, see *Conventions*; a `tau` outside (0, 1)

    Source: Koenker & Machado 1999; Yu & Moyeed 2001.
    """
    named = {"quantile": quantile, "target": target}
    (quantile, target, tau, scale), dtype = _ready(named, reduction, {"tau": tau, "scale": scale})
    z = (target - quantile) / scale
    log_normaliser = scale.log() - tau.log() - torch.log1p(-tau)
    loss = _add(log_normaliser, torch.maximum(tau * z, (tau - 1) * z), reduction)
    return _finite(loss, target, {"tau": (tau, 1)}, scale=scale).to(dtype)


def huber_nll(centre, target, k, scale=1.0, *, reduction="mean"):
    """-log of Huber's density: ρ(u) + log scale + log Z with u = (target - centre) / scale, in the middle a Gaussian.

    ρ(u) = ½u² where |u| ≤ k, else k|u| - ½k²; Z = √2π (2Φ(k) - 1) + 2 e^(-½k²) / k. Towards k = ∞ it is `gaussian_nll`.

    Parameters
    ----------
    centre, target : float tensors of one shape, in the units of the data
    k : positive number, or tensor of the target's shape; where the tails begin, in units of the scale (PyTorch's
        `delta` is k · scale)
    scale : positive number, or tensor of the target's shape; the σ of the middle, same units as the data
    reduction : "none", "sum" or "mean"

    Returns
    -------
    Tensor, nats; a scalar unless `reduction` is "none". The second derivative jumps where |u| = k.

    Raises
    ------
    ValueError : bad input, see *Conventions*; a `k` that is not positive

    Source: Huber 1964.
    """
    named = {"centre": centre, "target": target}
    (centre, target, k, scale), dtype = _ready(named, reduction, {"k": k, "scale": scale})
    u = (centre - target) / scale
    inside = u.clamp(-k, k)
    log_normaliser = _log_huber_normaliser(k) + scale.log()
    loss = _add(log_normaliser, inside * (u - 0.5 * inside), reduction)
    return _finite(loss, target, {"k": (k, math.inf)}, scale=scale).to(dtype)


def _log_huber_normaliser(k):
    if not _holds(lambda: not 0.01 <= k.min().item() <= k.max().item() <= 60):  # one way, in no step an overflow
        log_z = torch.log1p(2 * _normal_density(k) / k - torch.special.erfc(k * math.sqrt(0.5)))
        return log_z + 0.5 * math.log(2 * math.pi)
    small, large = k.clamp(max=1), k.clamp(1, 60)  # beyond 60 there is no tail in any dtype
    near = (small * torch.special.erf(small * math.sqrt(0.5)) + 2 * _normal_density(small)).log() - small.log()
    far = torch.log1p(2 * _normal_density(large) / large - torch.special.erfc(large * math.sqrt(0.5)))
    return torch.where(k > 1, far, near) + 0.5 * math.log(2 * math.pi)


def student_t_nll(centre, target, df, scale=1.0, *, reduction="mean"):
    """-log t(target | ν = df, centre, scale) = ½(ν + 1) log(1 + u²/ν) + log scale + log Z.

    u = (target - centre) / scale, Z = √(νπ) Γ(½ν) / Γ(½(ν + 1)). ν = 1 is the Cauchy distribution; ν = ∞ is allowed,
    and is `gaussian_nll`.

    Parameters
    ----------
    centre, target : float tensors of one shape, in the units of the data
    df : positive number, or tensor of the target's shape; the degrees of freedom ν
    scale : positive number, or tensor of the target's shape, in the units of the data; not the standard deviation,
        which is scale · √(ν / (ν - 2)) if ν > 2, else infinite
    reduction : "none", "sum" or "mean"

    Returns
    -------
    Tensor, nats; a scalar unless `reduction` is "none"

    Raises
    ------
    ValueError : bad input, see *Conventions*; a `df` that is not positive

    Source: Lange, Little & Taylor 1989; Murphy, PML1, §2.7.1.
    """
    named = {"centre": centre, "target": target}
    (centre, target, df, scale), dtype = _ready(named, reduction, {"df": df, "scale": scale})
    residual = centre - target
    if _holds(lambda: not _is_usual_t(residual, df, scale)):
        loss = _student_t(residual, df, scale) + _log_t_normaliser(df)
    else:
        loss = _usual_student_t(residual, df, scale)
    loss = _add(scale.log(), loss, reduction)
    return _finite(loss, target, {"df": (df, math.inf)}, scale=scale).to(dtype)


def _is_usual_t(residual, df, scale):
    """Can no step of the usual form overflow, nor any derivative?"""
    with torch.no_grad():
        ranges = (residual / scale, -1e3, 1e3), (df, 1e-3, 1e9 if df.ndim else 31.0), (scale, 1e-6, 1e6)
        return all(low <= x.min().item() and x.max().item() <= high for x, low, high in ranges)


def _usual_student_t(residual, df, scale):
    """The usual form, three times as fast; it loses digits towards the Gaussian, where the other is taken."""
    half, more = 0.5 * df, 0.5 * df + 0.5
    loss = more * torch.log1p((residual / scale).square() / df)
    loss = loss + torch.lgamma(half) - torch.lgamma(more) + 0.5 * (df.log() + math.log(math.pi))
    if df.ndim and (at := (df >= 32).nonzero(as_tuple=True))[0].numel():
        r, df, scale = (x[at] if x.ndim else x for x in (residual, df, scale))
        loss = loss.index_put(at, _student_t(r, df, scale) + _log_t_normaliser(df))
    return loss


def _student_t(residual, df, scale):
    """½(ν + 1) log(1 + u²/ν), at any residual, ν and scale."""
    size = (residual / scale).detach().abs()
    near = size.square() <= 0.25 * df.detach()
    # What is not used is computed of harmless numbers, lest 0 · ∞ comes in. Near, with x = u²/ν, the loss is
    # ½u² · log(1 + x)/x + ½ log(1 + x), which keeps its digits towards the Gaussian. Far, w is |u|/√ν as a constant,
    # and r, s and v, which are 1, have the derivatives: in no step do they overflow unless the result does.
    u = torch.where(near, residual, 0.0) / scale
    x = (u / df.sqrt()).square()
    w = torch.where(near, 1.0, size / df.detach().sqrt())
    log_w = torch.where(w < math.inf, w.log(), size.log() - 0.5 * df.detach().log())
    r, s, v = (value / value.detach() for value in (torch.where(near, 1.0, each) for each in (residual, scale, df)))
    log_far = 2 * (log_w + r.log() - s.log()) - v.log() + torch.log1p(v * (s / r / w).square())
    close = (u * math.sqrt(0.5)).square() * _log1p_ratio(x) + 0.5 * torch.log1p(x)
    return torch.where(near, close, 0.5 * (torch.where(near, 1.0, df) + 1) * log_far)


def _normal_density(x):
    return torch.exp(-0.5 * x.square()) / math.sqrt(2 * math.pi)


def _log_t_normaliser(df):
    """½ log(νπ) + log Γ(½ν) - log Γ(½(ν + 1)), from ν = 32 on by Stirling's formula: it tends to ½ log 2π."""
    x, inverse = 0.5 * df.clamp(max=32), df.clamp(min=32).reciprocal()
    exact = torch.lgamma(1 + x) - torch.lgamma(0.5 + x) - 0.5 * x.log()
    after = inverse / (1 + inverse)  # 1/(ν + 1)
    series = 0.5 * (1 - _log1p_ratio(inverse)) + _stirling_series(2 * inverse) - _stirling_series(2 * after)
    return torch.where(df < 32, exact, series) + 0.5 * math.log(2 * math.pi)


def bernoulli_nll(logits, target, *, reduction="mean"):
    """-log Bernoulli(target | p = sigmoid(logits)) = softplus(logits) - target · logits.

    Parameters
    ----------
    logits : float tensor, the log-odds log(p / (1 - p))
    target : tensor of the same shape, 0 or 1; a value between ("soft") gives the cross-entropy with that probability
    reduction : "none", "sum" or "mean"

    Returns
    -------
    Tensor, nats, ≥ 0; a scalar unless `reduction` is "none"

    Raises
    ------
    ValueError : bad input, see *Conventions*; a target outside [0, 1]

    Source: Bishop 2006, §4.3.2; Murphy, PML1, §10.2.
    """
    (logits, target), dtype = _ready({"logits": logits, "target": target}, reduction)
    loss = F.binary_cross_entropy_with_logits(logits, target, reduction=reduction)
    _check_range("target", target, 0, 1)  # after the loss, when the target is in the cache
    if not _holds(lambda: math.isfinite(loss.detach().sum().item())):  # an infinite logit: 0 · inf there is 0
        log_p = _weighted(target, F.logsigmoid(logits)) + _weighted(1 - target, F.logsigmoid(-logits))
        loss = _reduce(-log_p, reduction)
    return loss.to(dtype)


def categorical_nll(logits, target, *, reduction="mean"):
    """-log Categorical(target | p = softmax(logits)) = logsumexp(logits) - logits[target].

    Parameters
    ----------
    logits : float tensor, shape (n, K): unnormalised log-probabilities, identified up to a constant per row
    target : class indices 0 … K-1, an integer tensor of shape (n,); or probabilities, a float tensor of shape
        (n, K) whose rows sum to 1, which gives the cross-entropy with them
    reduction : "none", "sum" or "mean", over the n rows

    Returns
    -------
    Tensor, nats, ≥ 0; a scalar, or shape (n,) if `reduction` is "none"

    Raises
    ------
    ValueError : bad input, see *Conventions*; an index outside 0 … K-1, a negative
        probability, a row of probabilities that does not sum to 1

    Source: Bishop 2006, §4.3.4; Murphy, PML1, §10.3.
    """
    _check_reduction(reduction)
    tensors, dtype = _read({"logits": logits, "target": target})
    logits, target = tensors.values()
    if logits.ndim != 2 or 0 in logits.shape:
        raise ValueError(f"logits must have shape (n, K) with n, K ≥ 1, got {tuple(logits.shape)}")
    n, n_classes = logits.shape
    wide = torch.promote_types(dtype, torch.float32)
    logits, as_index = logits.to(wide), target.shape == (n,) and not target.is_floating_point()
    if as_index:
        target = target.long()
        _check_range("target (class indices)", target, 0, n_classes - 1)
    elif target.shape == (n, n_classes):
        allowed, target = torch.finfo(dtype).eps ** 0.5, target.to(wide)
        _check_range("target (probabilities)", target, 0, 1)
        total = target.detach().sum(dim=1)
        off = (total - 1).abs()
        if not _holds(off.max() <= allowed):
            worst = total[off.argmax()].item()
            raise ValueError(f"target (probabilities) must have rows that sum to 1, got a row sum of {worst:.6g}")
    else:
        raise ValueError(
            f"target must be integer class indices of shape ({n},) or probabilities of shape ({n}, {n_classes})"
            f" for logits of shape ({n}, {n_classes}), got {target.dtype} of shape {tuple(target.shape)}"
        )
    loss = F.cross_entropy(logits, target, reduction=reduction)
    if not _holds(loss.detach().sum().isfinite()):  # an infinite logit: 0 · inf and inf - inf have a limit there
        certain = logits == math.inf
        limit = torch.zeros_like(logits).masked_fill(~certain, -math.inf)
        log_p = torch.where(certain.sum(dim=1, keepdim=True) == 1, limit, logits).log_softmax(dim=1)
        log_p = log_p.gather(1, target[:, None]) if as_index else _weighted(target, log_p)
        loss = _reduce(-log_p.sum(dim=1), reduction)
    return loss.to(dtype)


def poisson_nll(log_rate, target, *, reduction="mean"):
    """-log Poisson(target | λ = exp(log_rate)) = λ - target · log λ + log target!.

    Parameters
    ----------
    log_rate : float tensor, log λ, the log of the expected count; -inf, no events, is met by a target of 0
    target : tensor of the same shape, counts 0, 1, 2, …
    reduction : "none", "sum" or "mean"

    Returns
    -------
    Tensor, nats, ≥ 0; a scalar unless `reduction` is "none"

    Raises
    ------
    ValueError : bad input, see *Conventions*; a target that is not a count

    Source: Murphy, PML1, §3.4.3 and ch. 12; McCullagh & Nelder 1989, ch. 6.
    """
    (log_rate, target), dtype = _ready({"log_rate": log_rate, "target": target}, reduction)
    target = _counts(target)
    loss = _reduce(log_rate.exp() - target * log_rate, reduction)
    if not _holds(lambda: math.isfinite(loss.detach().sum().item())):  # a rate of 0: 0 · (-inf) is 0 there
        loss = _reduce(log_rate.exp() - _weighted(target, log_rate), reduction)
    return (loss + _reduce(torch.lgamma(target + 1), reduction)).to(dtype)


def negative_binomial_nll(log_mean, target, log_alpha, *, reduction="mean"):
    """-log NB2(target | μ = exp(log_mean), α = exp(log_alpha)): counts with mean μ and variance μ + αμ².

    Parameters
    ----------
    log_mean : float tensor, log μ, the log of the expected count
    target : tensor of the same shape, counts 0, 1, 2, …
    log_alpha : float tensor of the target's shape, log of the dispersion; towards -inf the Poisson distribution
    reduction : "none", "sum" or "mean"

    Returns
    -------
    Tensor, nats, ≥ 0; a scalar unless `reduction` is "none"

    Raises
    ------
    ValueError : bad input, see *Conventions*; a target that is not a count. `log_alpha` is a prediction

    Source: Hilbe, Negative Binomial Regression, 2nd ed. 2011, ch. 8.
    """
    named = {"log_mean": log_mean, "log_alpha": log_alpha, "target": target}
    (log_mean, log_alpha, y), dtype = _ready(named, reduction)
    y = _counts(y)
    low, high = log_alpha.detach().aminmax()
    if not _holds(
        lambda: not -2.7 <= low.item() <= high.item() <= 30
    ):  # r up to 15: the usual form, three times as fast
        r, logit = (-log_alpha).exp(), log_alpha + log_mean
        loss = torch.lgamma(r) - torch.lgamma(y + r) + (y + r) * _softplus(logit) - y * logit
        loss = _reduce(loss + torch.lgamma(y + 1), reduction)
        if _holds(lambda: math.isfinite(loss.detach().sum().item())):
            return loss.to(dtype)
    return _reduce(_negative_binomial(log_mean, y, log_alpha), reduction).to(dtype)


def _negative_binomial(log_mean, y, log_alpha):
    """Its NLL by Stirling's formula, which takes the large parts of log Γ(y + r), log Γ(r) and y log r together.

    What is left, with r = 1/α and x = (μ - y) / (y + r): half the deviance, (y + r) log(1 + x) - y (log μ - log y);
    and what Stirling's formula lacks (Loader 2000).
    """
    none, log_y = y == 0, y.clamp(min=1).log()
    log_n = torch.where(none, -log_alpha, log_y + _softplus(-log_alpha - log_y))  # log(y + r)
    x = torch.where(none, (log_mean - log_n).exp(), torch.expm1(log_mean - log_y) * (log_y - log_n).exp())
    near = x.detach().abs() < 0.25  # what is not used is computed of harmless numbers, lest 0 · ∞ comes in
    z, log_m = torch.where(near, log_mean, 0.0), torch.where(near, log_n, log_y)
    excess = torch.where(none, z.exp(), y * torch.expm1(z - log_y))  # μ - y
    above = none | (z - log_y > 1)
    x = torch.where(above, (z - log_m).exp() - y * (-log_m).exp(), excess * (-log_m).exp())
    log_ratio = _softplus(log_alpha + log_mean) - _softplus(log_alpha + log_y).masked_fill(none, 0.0)
    far = torch.where(near, 0.0, log_n).exp() * log_ratio
    loss = torch.where(near, excess * _log1p_ratio(x), far) - _weighted(y, log_mean - log_y)
    rest = 0.5 * (_softplus(log_alpha + log_y) + log_y + math.log(2 * math.pi))
    rest = rest + _stirling(log_y) + _stirling(-log_alpha) - _stirling(log_n)
    return loss + rest.masked_fill(none, 0.0)


def _counts(target):
    """The target, if it holds counts. It takes no gradient: there is nothing between two counts."""
    target = target.detach()
    good = (target >= 0) & (target < math.inf) & (target == target.floor())
    if not _holds(good.all()):
        raise ValueError(f"target must be a count, 0, 1, 2, …, got {target[~good][0].item()}")
    return target


def _softplus(x):
    return F.softplus(x, threshold=40.0)  # beyond the default, 20, the slope is not 1 to the last digit


def _log1p_ratio(x):
    """log(1 + x) / x for |x| ≤ ¼, smooth at 0: 2 artanh(u) / x with u = x / (2 + x)."""
    square, total = (x / (2 + x)).square(), 1 / 17
    for k in range(15, 0, -2):
        total = 1 / k + square * total
    return 2 / (2 + x) * total


def _stirling(log_x):
    """log Γ(x + 1) - (x + ½) log x + x - ½ log 2π, what Stirling's formula lacks: 1/(12x) for a large x."""
    edge = math.log(16)
    near = log_x.clamp(max=edge)
    x, v = near.exp(), (-log_x.clamp(min=edge)).exp()
    exact = torch.lgamma(x + 1) - (x + 0.5) * near + x - 0.5 * math.log(2 * math.pi)
    return torch.where(log_x < edge, exact, _stirling_series(v))


def _stirling_series(v):
    """The same for a large x = 1/v."""
    square = v.square()
    total = 1 / 156
    for coefficient in (691 / 360360, 1 / 1188, 1 / 1680, 1 / 1260, 1 / 360, 1 / 12):
        total = coefficient - square * total
    return v * total


def _read(named):
    """Real tensors {name: tensor}, and the widest floating dtype of those values that are tensors or arrays."""
    tensors, dtypes = {}, []
    for name, values in named.items():
        try:
            tensor = values if torch.is_tensor(values) else torch.from_numpy(np.array(values))
        except (TypeError, ValueError, RuntimeError):
            raise ValueError(f"{name} must be numbers, got {type(values).__name__} {values!r:.60}") from None
        if tensor.is_complex():
            raise ValueError(f"{name} must be real, got {tensor.dtype}")
        if tensor.is_floating_point() and hasattr(values, "__array__") and not isinstance(values, float):
            dtypes.append(tensor.dtype)
        tensors[name] = tensor
    return tensors, functools.reduce(torch.promote_types, dtypes or [torch.get_default_dtype()])


def _ready(same_shape, reduction, scale=None):
    """Tensors of one dtype to compute in, and the dtype of the result, once it is sure that nothing would broadcast."""
    _check_reduction(reduction)
    tensors, dtype = _read(same_shape | (scale or {}))
    shape = tensors["target"].shape
    for name, tensor in tensors.items():
        if name in same_shape and tensor.shape != shape:
            shapes = f"got {tuple(tensor.shape)} and {tuple(shape)}"
            raise ValueError(f"{name} and target must have the same shape, {shapes}")
        if tensor.ndim and tensor.shape != shape:
            shapes = f"shape {tuple(shape)}, got {tuple(tensor.shape)}"
            raise ValueError(f"{name} must be a number or have the target's {shapes}")
    if 0 in shape:
        raise ValueError(f"target must not be empty, got shape {tuple(shape)}")
    wide = torch.promote_types(dtype, torch.float32)
    return [tensor.to(wide) for tensor in tensors.values()], dtype


def _check_reduction(reduction):
    if reduction not in ("none", "sum", "mean"):
        raise ValueError(f'reduction must be "none", "sum" or "mean", got {reduction!r}')


def _check_range(name, values, low, high):
    smallest, largest = values.detach().aminmax()
    if not _holds(lambda: low <= smallest.item() and largest.item() <= high):  # NaN fails every comparison
        bad = largest if smallest >= low else smallest
        raise ValueError(f"{name} must lie between {low} and {high}, got {bad.item():.6g}")


def _holds(condition):
    """Is it true? Where numbers cannot be looked at (compiled code, vmap, a meta tensor), yes.

    `condition` is a tensor, or a function that compares numbers: a fifth of the time, where that counts.
    """
    if torch.compiler.is_compiling():
        return True
    try:
        return bool(condition() if callable(condition) else condition)
    except RuntimeError:
        return True


def _weighted(weight, log_p):
    """`weight` · `log_p`, where 0 · (-inf) is 0."""
    return weight * log_p.masked_fill(weight == 0, 0.0)


def _reduce(loss, reduction):
    return loss if reduction == "none" else getattr(loss, reduction)()


def _add(log_normaliser, loss, reduction):
    """Add it and reduce; if it is one number, the other way round, which saves a pass over the data."""
    if log_normaliser.ndim or reduction == "none":
        return _reduce(loss + log_normaliser, reduction)
    return _reduce(loss, reduction) + log_normaliser * (loss.numel() if reduction == "sum" else 1)


def _finite(loss, target, shapes=None, **scales):
    """Return `loss`, unless it is not finite because of a bad target or scale. (Each of those makes it so.)

    `shapes`: {name: (value, bound)} of what must lie above 0 and below the bound, which itself is good if infinite.
    """
    if not _holds(loss.detach().sum().isfinite()):
        if not target.isfinite().all():
            raise ValueError(f"target must be finite, got {target[~target.isfinite()][0].item()}")
        for name, scale in scales.items():
            good = scale.isfinite() & (scale > 0)
            if not good.all():
                raise ValueError(f"{name} must be positive and finite, got {scale[~good][0].item()}")
        for name, (shape, bound) in (shapes or {}).items():
            good = (shape > 0) & ((shape < bound) | (bound == math.inf))
            if not good.all():
                said = "positive" if bound == math.inf else f"between 0 and {bound}, and neither"
                raise ValueError(f"{name} must be {said}, got {shape[~good][0].item()}")
    return loss
