"""Negative log-likelihoods (NLLs) of the distributions behind the standard losses.

Conventions
-----------
- Values are in nats (natural logarithm) and keep every constant, so each is -log of a density or probability.
- The prediction comes first and the target second; both have the same shape, any shape with n ≥ 1 elements.
  Only `categorical_nll` has a class axis: logits (n, K). Nothing is ever broadcast.
- The NLL is computed pointwise; `reduction` then gives the pointwise values ("none"), their "sum" or their "mean".
- Inputs are tensors on any device, or whatever `torch.as_tensor` takes. The floating dtype of the inputs is kept.
- Values and gradients are finite and right wherever they are representable. A discrete NLL near 0 (target predicted
  with probability near 1) is the difference of two larger terms, as in PyTorch: its error is a rounding of those.
- Gradients flow to predictions, scales and floating targets alike, and can be differentiated again.
- Bad input raises ValueError: mismatched or empty shapes, NaN, infinite or unsupported targets, scales that are
  not positive and finite. A NaN or infinite *prediction* is not bad input: it gives a NaN or infinite loss, so
  that a diverged training shows.
"""

import math

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
    mean, target = _pair("mean", mean, target, reduction)
    std = _scale("std", std, mean)
    loss = 0.5 * ((mean - target) / std).square() + (std.log() + 0.5 * math.log(2 * math.pi))
    return _finite(_reduce(loss, reduction), target, std=std)


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
    mean, target = _pair("mean", mean, target, reduction)
    log_var, _ = _pair("log_var", log_var, target, reduction)
    z = (mean - target) * (-0.5 * log_var).exp()
    loss = 0.5 * (z.square() + log_var + math.log(2 * math.pi))
    return _finite(_reduce(loss, reduction), target)


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
    median, target = _pair("median", median, target, reduction)
    scale = _scale("scale", scale, median)
    log_normaliser = (2 * scale).log()
    if scale.ndim == 0:  # reducing first saves two passes over the data
        count = target.numel() if reduction == "sum" else 1
        loss = F.l1_loss(median, target, reduction=reduction) / scale + count * log_normaliser
    else:
        loss = _reduce(F.l1_loss(median, target, reduction="none") / scale + log_normaliser, reduction)
    return _finite(loss, target, scale=scale)


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
    logits, target = _pair("logits", logits, target, reduction)
    _check_range("target", target, 0, 1)
    return F.binary_cross_entropy_with_logits(logits, target, reduction=reduction)


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
    logits, target = _floating(logits), torch.as_tensor(target)
    if logits.ndim != 2 or 0 in logits.shape:
        raise ValueError(f"logits must have shape (n, K) with n, K ≥ 1, got {tuple(logits.shape)}")
    n, n_classes = logits.shape
    if target.shape == (n,) and not target.is_floating_point():
        target = target.long()
        _check_range("target (class indices)", target, 0, n_classes - 1)
    elif target.shape == (n, n_classes):
        target = target.to(logits.dtype)
        _check_range("target (probabilities)", target, 0, 1)
        total = target.detach().sum(dim=1)
        worst = total[(total - 1).abs().argmax()].item()
        if abs(worst - 1) > torch.finfo(target.dtype).eps ** 0.5:
            raise ValueError(f"target (probabilities) must have rows that sum to 1, got a row sum of {worst:.6g}")
    else:
        raise ValueError(
            f"target must be integer class indices of shape ({n},) or probabilities of shape ({n}, {n_classes})"
            f" for logits of shape ({n}, {n_classes}), got {target.dtype} of shape {tuple(target.shape)}"
        )
    return F.cross_entropy(logits, target, reduction=reduction)


def _floating(values):
    values = torch.as_tensor(values)
    return values if values.is_floating_point() else values.to(torch.get_default_dtype())


def _check_reduction(reduction):
    if reduction not in ("none", "sum", "mean"):
        raise ValueError(f'reduction must be "none", "sum" or "mean", got {reduction!r}')


def _pair(name, prediction, target, reduction):
    """Both as floating tensors, once it is sure that nothing would broadcast."""
    _check_reduction(reduction)
    prediction, target = _floating(prediction), torch.as_tensor(target)
    if prediction.shape != target.shape:
        shapes = f"got {tuple(prediction.shape)} and {tuple(target.shape)}"
        raise ValueError(f"{name} and target must have the same shape, {shapes}")
    if target.numel() == 0:
        raise ValueError(f"target must not be empty, got shape {tuple(target.shape)}")
    return prediction, target if target.is_floating_point() else target.to(prediction.dtype)


def _scale(name, scale, prediction):
    scale = torch.as_tensor(scale, dtype=None if torch.is_tensor(scale) else prediction.dtype)
    if scale.ndim and scale.shape != prediction.shape:
        shapes = f"shape {tuple(prediction.shape)}, got {tuple(scale.shape)}"
        raise ValueError(f"{name} must be a number or have the target's {shapes}")
    return scale


def _check_range(name, values, low, high):
    smallest, largest = (bound.item() for bound in values.detach().aminmax())
    if not low <= smallest <= largest <= high:  # NaN fails every comparison
        bad = largest if smallest >= low else smallest
        raise ValueError(f"{name} must lie between {low} and {high}, got {bad:.6g}")


def _reduce(loss, reduction):
    return loss if reduction == "none" else getattr(loss, reduction)()


def _finite(loss, target, **scales):
    """Return `loss`, unless it is not finite because of a bad target or scale. (Each of those makes it so.)"""
    if not loss.detach().sum().isfinite():
        if not target.isfinite().all():
            raise ValueError(f"target must be finite, got {target[~target.isfinite()][0].item()}")
        for name, scale in scales.items():
            good = scale.isfinite() & (scale > 0)
            if not good.all():
                raise ValueError(f"{name} must be positive and finite, got {scale[~good][0].item()}")
    return loss
