"""`lib.likelihoods` against independent witnesses: mpmath, scipy.stats, torch.distributions and finite differences."""

import itertools
import math

import mpmath as mp
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from torch.autograd import gradcheck, gradgradcheck

from lib.likelihoods import bernoulli_nll, categorical_nll, gaussian_nll, heteroscedastic_nll, laplace_nll

mp.mp.dps = 60
RELATIVE = {torch.float64: 1e-12, torch.float32: 5e-6}
DTYPES = list(RELATIVE)
DEVICES = ["cpu"] + ["cuda"] * torch.cuda.is_available() + ["mps"] * torch.backends.mps.is_available()


def tensors(seed, *shape):
    """Endless draws from N(0, 1)."""
    rng = np.random.default_rng(seed)
    while True:
        yield torch.from_numpy(rng.standard_normal(shape))


# --- mpmath: each NLL as the terms that are added up, each term a function of the inputs ---

TERMS = {
    gaussian_nll: [
        lambda mean, target, std: ((mean - target) / std) ** 2 / 2,
        lambda mean, target, std: mp.log(std),
        lambda mean, target, std: mp.log(2 * mp.pi) / 2,
    ],
    heteroscedastic_nll: [
        lambda mean, target, log_var: (mean - target) ** 2 * mp.exp(-log_var) / 2,
        lambda mean, target, log_var: log_var / 2,
        lambda mean, target, log_var: mp.log(2 * mp.pi) / 2,
    ],
    laplace_nll: [
        lambda median, target, scale: abs(median - target) / scale,
        lambda median, target, scale: mp.log(2 * scale),
    ],
    bernoulli_nll: [
        lambda logits, target: logits,
        lambda logits, target: -target * logits,
        lambda logits, target: mp.log1p(mp.exp(-abs(logits))) - min(logits, 0),  # -log sigmoid
    ],
}
SCALES = [1e-8, 1e-3, 0.3, 1.0, 2.0, 1e4, 1e8]
RESIDUALS = [(0.0, 1.0), (2.5, -0.1), (1e-8, 3e-8), (7.0, 7.0000005), (-1e8, 3e7), (0.0, 1e-3)]
LOGITS = [-1e4, -710.0, -100.0, -37.0, -5.0, -1e-9, 0.0, 0.2, 17.0, 40.0, 710.0, 1e4]
GRID = {
    gaussian_nll: [(*pair, scale) for pair in RESIDUALS for scale in SCALES],
    heteroscedastic_nll: [(*pair, s) for pair in RESIDUALS for s in [-40.0, -36.8, -1.0, 0.0, 1e-9, 5.0, 36.8, 40.0]],
    laplace_nll: [(*pair, scale) for pair in RESIDUALS for scale in SCALES],
    bernoulli_nll: list(itertools.product(LOGITS, [0.0, 0.3, 1.0])),
}


def assert_right(got, parts, dtype):
    """`got` is the sum of `parts`: to the relative tolerance, plus four roundings of the parts, which may cancel."""
    want, size = mp.fsum(parts), mp.fsum(parts, absolute=True)
    if abs(want) > torch.finfo(dtype).max:
        return  # not representable
    allowed = RELATIVE[dtype] * abs(want) + 4 * torch.finfo(dtype).eps * size + torch.finfo(dtype).tiny
    assert abs(got - want) <= allowed, f"got {got}, want {mp.nstr(want, 17)}"


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("nll", TERMS)
def test_value_and_gradients_match_mpmath_at_extremes_too(nll, dtype):
    inputs = [torch.tensor(column, dtype=dtype, requires_grad=True) for column in zip(*GRID[nll], strict=True)]
    losses = nll(*inputs, reduction="none")
    gradients = torch.autograd.grad(losses.sum(), inputs)
    for i, loss in enumerate(losses.tolist()):
        point = tuple(mp.mpf(column[i].item()) for column in inputs)
        assert_right(loss, [term(*point) for term in TERMS[nll]], dtype)
        for k, gradient in enumerate(gradients):
            order = tuple(int(k == j) for j in range(len(point)))
            parts = [mp.diff(term, point, order) for term in TERMS[nll]]
            assert_right(gradient[i].item(), parts, dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("spread", [1e-3, 1.0, 30.0, 1e4])
@pytest.mark.parametrize("n_classes", [1, 2, 10, 1000])
def test_categorical_matches_mpmath(n_classes, spread, dtype):
    rng = np.random.default_rng(n_classes)
    values = rng.uniform(-spread, spread, (2, n_classes))
    logits = torch.tensor(values, dtype=dtype, requires_grad=True)
    target = torch.tensor([0, n_classes - 1])
    losses = categorical_nll(logits, target, reduction="none")
    (gradient,) = torch.autograd.grad(losses.sum(), logits)
    soft = categorical_nll(logits, logits.detach().softmax(1), reduction="none")
    for i, c in enumerate(target.tolist()):
        z = [mp.mpf(value) for value in logits[i].tolist()]
        total = mp.fsum(mp.exp(value) for value in z)
        assert_right(losses[i].item(), [mp.log(total), -z[c]], dtype)
        p = [mp.exp(value) / total for value in z]
        for j in range(n_classes):
            assert_right(gradient[i, j].item(), [p[j], -(j == c)], dtype)
        q = [mp.mpf(value) for value in logits[i].detach().softmax(0).tolist()]
        cross = [q[j] * part for j in range(n_classes) for part in (mp.log(total), -z[j])]
        assert_right(soft[i].item(), cross, dtype)


# --- scipy.stats and torch.distributions ---


@pytest.mark.parametrize("shape", [(), (1,), (7,), (5, 3)])
def test_scipy_and_torch_distributions_agree(shape):
    draws = tensors(1, *shape)
    mean, target, log_var = next(draws), next(draws), next(draws)
    std = (0.5 * log_var).exp()
    label, logits, rows = (target > 0).double(), mean, next(tensors(2, 5, 3))
    index = torch.tensor([0, 2, 1, 1, 0])
    normal = torch.from_numpy(np.asarray(stats.norm.logpdf(target, mean, std)))
    laplace = torch.from_numpy(np.asarray(stats.laplace.logpdf(target, mean, std)))
    bernoulli = torch.from_numpy(np.asarray(stats.bernoulli.logpmf(label, torch.sigmoid(logits))))
    d = torch.distributions
    for got, *witnesses in [
        (gaussian_nll(mean, target, std, reduction="none"), normal, d.Normal(mean, std).log_prob(target)),
        (heteroscedastic_nll(mean, target, log_var, reduction="none"), normal),
        (laplace_nll(mean, target, std, reduction="none"), laplace, d.Laplace(mean, std).log_prob(target)),
        (bernoulli_nll(logits, label, reduction="none"), bernoulli, d.Bernoulli(logits=logits).log_prob(label)),
        (categorical_nll(rows, index, reduction="none"), d.Categorical(logits=rows).log_prob(index)),
    ]:
        for witness in witnesses:
            torch.testing.assert_close(got, -witness, rtol=1e-12, atol=1e-14)


def test_default_scale_is_one():
    mean, target = torch.zeros(2), torch.tensor([1.0, 3.0])
    assert gaussian_nll(mean, target).item() == pytest.approx(0.5 * math.log(2 * math.pi) + 2.5)
    assert laplace_nll(mean, target).item() == pytest.approx(math.log(2) + 2)


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_million_examples(dtype):
    rng = np.random.default_rng(3)
    mean, target, log_var = (torch.tensor(rng.standard_normal(10**6), dtype=dtype) for _ in range(3))
    label = (target > 0).to(dtype)
    logits = torch.stack([mean, log_var], dim=1)
    m, t, v, y = (a.double().numpy() for a in (mean, target, log_var, label))
    half = v / 2 + math.log(2 * math.pi) / 2
    p = 1 / (1 + np.exp(-m))
    p1 = 1 / (1 + np.exp(m - v))
    for nll, inputs, value, gradient in [
        (gaussian_nll, (mean, target, 2.0), (m - t) ** 2 / 8 + math.log(8 * math.pi) / 2, (m - t) / 4),
        (heteroscedastic_nll, (mean, target, log_var), (m - t) ** 2 / np.exp(v) / 2 + half, (m - t) / np.exp(v)),
        (laplace_nll, (mean, target, 2.0), abs(m - t) / 2 + math.log(4), np.sign(m - t) / 2),
        (bernoulli_nll, (mean, label), np.log1p(np.exp(m)) - y * m, p - y),
        (
            categorical_nll,
            (logits, label.long()),
            -np.log(np.where(y == 1, p1, 1 - p1)),
            np.stack([y - p1, p1 - y], axis=1),
        ),
    ]:
        prediction = inputs[0].clone().requires_grad_()
        loss = nll(prediction, *inputs[1:])
        (got,) = torch.autograd.grad(loss, prediction)
        tolerance = RELATIVE[dtype]
        assert loss.item() == pytest.approx(value.mean(), rel=tolerance)
        np.testing.assert_allclose(got.numpy() * 1e6, gradient, rtol=tolerance, atol=tolerance)


# --- Derivatives, first and second ---


DERIVATIVES = {
    "gaussian, one std": lambda a, b, c: gaussian_nll(a, b, c.exp().mean()),
    "gaussian": lambda a, b, c: gaussian_nll(a, b, c.exp(), reduction="none"),
    "heteroscedastic": lambda a, b, c: heteroscedastic_nll(a, b, c, reduction="none"),
    "laplace, one scale": lambda a, b, c: laplace_nll(a, b, c.exp().mean(), reduction="sum"),
    "laplace": lambda a, b, c: laplace_nll(a, b, c.exp()),
    "bernoulli": lambda a, b, c: bernoulli_nll(a, torch.sigmoid(b), reduction="none"),
    "categorical, indices": lambda a, b, c: categorical_nll(a, torch.tensor([1, 2])),
    "categorical, probabilities": lambda a, b, c: categorical_nll(a, b.softmax(1), reduction="none"),
}


@pytest.mark.parametrize("name", DERIVATIVES)
def test_first_and_second_derivatives_by_finite_differences(name):
    draws = tensors(4, 2, 3)
    inputs = tuple(next(draws).requires_grad_() for _ in range(3))
    assert gradcheck(DERIVATIVES[name], inputs)
    assert gradgradcheck(DERIVATIVES[name], inputs)


def test_laplace_takes_the_subgradient_zero_at_the_kink():
    median = torch.tensor([1.0, 2.0], requires_grad=True)
    (gradient,) = torch.autograd.grad(laplace_nll(median, torch.tensor([1.0, 5.0]), reduction="sum"), median)
    assert gradient.tolist() == [0, -1]


# --- Laws that hold for all inputs ---

CONTINUOUS = [gaussian_nll, laplace_nll]
number = st.floats(-100, 100)
positive = st.floats(1e-3, 1e3)
examples = st.lists(st.tuples(number, number, positive), min_size=1, max_size=8)
REDUCTIONS = ["none", "sum", "mean"]


def columns(rows):
    return torch.tensor(rows, dtype=torch.float64).unbind(1)


def close(a, b, size):
    """Equal up to the roundings of terms as large as `size`."""
    torch.testing.assert_close(a, b, rtol=1e-10, atol=1e-12 * size)


def every_nll(rows):
    """(name, function of rows and reduction) for the five, on columns of numbers, numbers and positive numbers."""
    a, b, c = columns(rows)
    index = (b.abs() % 3).long()
    logits = torch.stack([a, b, c], dim=1)
    return {
        gaussian_nll: (a, b, c),
        laplace_nll: (a, b, c),
        heteroscedastic_nll: (a, b, a / 10),
        bernoulli_nll: (a, torch.sigmoid(b)),
        categorical_nll: (logits, index),
    }


@settings(max_examples=40, deadline=None)
@given(examples)
def test_reductions_agree_and_order_does_not_matter(rows):
    forward, backward = every_nll(rows), every_nll(rows[::-1])
    for nll, inputs in forward.items():
        none, total, mean = (nll(*inputs, reduction=reduction) for reduction in REDUCTIONS)
        size = 1 + none.abs().sum().item()
        assert none.shape == (len(rows),)
        close(none.sum(), total, size)
        close(total / len(rows), mean, size)
        close(nll(*backward[nll], reduction="none").flip(0), none, size)
        if nll in (bernoulli_nll, categorical_nll):
            assert (none >= -1e-13).all()


@settings(max_examples=40, deadline=None)
@given(examples, number, positive)
def test_shift_symmetry_and_change_of_units(rows, shift, factor):
    a, b, c = columns(rows)
    for nll in CONTINUOUS:
        loss = nll(a, b, c)
        size = 1e3 * (1 + loss.abs().item()) * (1 + 1 / c.min().item())  # a + shift is rounded
        close(nll(a + shift, b + shift, c), loss, size)
        close(nll(factor * a, factor * b, factor * c), loss + math.log(factor), size)
        one = c[0].item()
        close(nll(a, b, one), nll(a, b, torch.full_like(a, one)), size)
        close(nll(a, b, c[0], reduction="sum"), nll(a, b, torch.full_like(a, one), reduction="sum"), size * len(a))
    close(heteroscedastic_nll(a, b, 2 * c.log()), gaussian_nll(a, b, c), 1 + gaussian_nll(a, b, c).abs().item())
    close(bernoulli_nll(-a, 1 - torch.sigmoid(b)), bernoulli_nll(a, torch.sigmoid(b)), 100)
    logits = torch.stack([a, b, c], dim=1)
    target = torch.zeros(len(a), dtype=torch.long)
    close(categorical_nll(logits + shift, target), categorical_nll(logits, target), 1e3)
    one_hot = torch.nn.functional.one_hot(target, 3)
    close(categorical_nll(logits, one_hot), categorical_nll(logits, target), 1e3)
    two = torch.stack([torch.zeros_like(a), a], dim=1)
    close(categorical_nll(two, (b > 0).long()), bernoulli_nll(a, b > 0), 100)


# --- What goes in and what comes out ---


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float32, torch.float64])
def test_dtype_and_device_are_kept(dtype, device):
    if (device, dtype) == ("mps", torch.float64):
        return  # does not exist
    a = torch.tensor([0.5, -1.0, 2.0], dtype=dtype, device=device, requires_grad=True)
    b, index = torch.zeros_like(a), torch.tensor([0, 2], device=device)
    logits = torch.stack([a, a])
    for loss in [
        gaussian_nll(a, b, 0.5),
        gaussian_nll(a, b, a.detach().abs()),
        laplace_nll(a, b, 0.5),
        heteroscedastic_nll(a, b, b),
        bernoulli_nll(a, [0, 1, 1] if device == "cpu" else b),
        categorical_nll(logits, index),
        categorical_nll(logits, logits.softmax(1)),
    ]:
        (gradient,) = torch.autograd.grad(loss, a)
        assert (loss.dtype, gradient.dtype, loss.device.type) == (dtype, dtype, device)
        assert loss.isfinite()
        assert gradient.isfinite().all()


def test_arrays_lists_and_integer_labels_are_taken():
    x, y = np.array([0.0, 1.0]), np.array([1, 0])
    for nll in (gaussian_nll, laplace_nll, bernoulli_nll):
        loss = nll(x, y, reduction="none")
        assert loss.dtype == torch.float64
        close(nll(x.tolist(), y.tolist(), reduction="none").double(), loss, 1e6)
    assert gaussian_nll(x, y, np.array([0.1, 0.2])).dtype == torch.float64
    assert gaussian_nll(x, x, 0.1).item() == pytest.approx(math.log(0.1 * math.sqrt(2 * math.pi)), rel=1e-15)
    for labels in (y, y.astype(np.uint8), y.tolist(), y.astype(bool)):
        assert categorical_nll(np.zeros((2, 3)), labels).item() == pytest.approx(math.log(3))
    assert gaussian_nll([1, 2], [1, 2]).dtype == torch.get_default_dtype()
    assert laplace_nll([1, 2], [1, 2], 0.25).item() == pytest.approx(math.log(0.5))
    assert bernoulli_nll([0, 0], [1, 0]).item() == pytest.approx(math.log(2))
    assert categorical_nll([[1, 1]], [0]).item() == pytest.approx(math.log(2))


def test_a_prediction_that_is_not_finite_shows_in_the_loss():
    bad, good = torch.tensor([math.nan, 1.0]), torch.tensor([0.0, 1.0])
    assert gaussian_nll(bad, good).isnan()
    assert laplace_nll(bad, good).isnan()
    assert heteroscedastic_nll(good, good, bad).isnan()
    assert bernoulli_nll(bad, good).isnan()
    assert categorical_nll(bad[None], [0]).isnan()
    assert gaussian_nll(good * math.inf + 1, 0 * good, reduction="sum").isnan()
    assert laplace_nll(good + math.inf, good).isposinf()


a3, column, empty = torch.zeros(3), torch.zeros(3, 1), torch.zeros(0)
nan3, inf3 = torch.tensor([0, math.nan, 0]), torch.tensor([0, 0, -math.inf])
rows = torch.zeros(2, 3)
BAD = [
    (gaussian_nll, (column, a3), "mean and target must have the same shape, got (3, 1) and (3,)"),
    (gaussian_nll, (a3, 0.0), "mean and target must have the same shape, got (3,) and ()"),
    (laplace_nll, (a3, column), "median and target must have the same shape, got (3,) and (3, 1)"),
    (heteroscedastic_nll, (column, a3, a3), "mean and target must have the same shape, got (3, 1) and (3,)"),
    (heteroscedastic_nll, (a3, a3, column), "log_var and target must have the same shape, got (3, 1) and (3,)"),
    (heteroscedastic_nll, (a3, a3, 0.0), "log_var and target must have the same shape, got () and (3,)"),
    (bernoulli_nll, (column, a3), "logits and target must have the same shape, got (3, 1) and (3,)"),
    (gaussian_nll, (a3, a3, column + 1), "std must be a number or have the target's shape (3,), got (3, 1)"),
    (laplace_nll, (a3, a3, torch.ones(1)), "scale must be a number or have the target's shape (3,), got (1,)"),
    (gaussian_nll, (a3, a3, 0), "std must be positive and finite, got 0.0"),
    (gaussian_nll, (a3, a3, -2.5), "std must be positive and finite, got -2.5"),
    (gaussian_nll, (a3, a3, math.nan), "std must be positive and finite, got nan"),
    (gaussian_nll, (a3, a3, torch.tensor([1.0, -2.0, 1.0])), "std must be positive and finite, got -2.0"),
    (laplace_nll, (a3, a3, 0.0), "scale must be positive and finite, got 0.0"),
    (laplace_nll, (a3, a3, math.inf), "scale must be positive and finite, got inf"),
    (laplace_nll, (a3, a3, torch.tensor([1.0, 0.0, 1.0])), "scale must be positive and finite, got 0.0"),
    (gaussian_nll, (a3, nan3), "target must be finite, got nan"),
    (gaussian_nll, (a3, inf3), "target must be finite, got -inf"),
    (laplace_nll, (a3, nan3), "target must be finite, got nan"),
    (heteroscedastic_nll, (a3, inf3, a3), "target must be finite, got -inf"),
    (bernoulli_nll, (a3, nan3), "target must lie between 0 and 1, got nan"),
    (bernoulli_nll, (a3, inf3), "target must lie between 0 and 1, got -inf"),
    (bernoulli_nll, (a3, [0.0, 1.0, 1.5]), "target must lie between 0 and 1, got 1.5"),
    (bernoulli_nll, (a3, [-1, 1, 1]), "target must lie between 0 and 1, got -1"),
    (gaussian_nll, (empty, empty), "target must not be empty, got shape (0,)"),
    (bernoulli_nll, (empty, empty), "target must not be empty, got shape (0,)"),
    (categorical_nll, (rows[:0], empty.long()), "logits must have shape (n, K) with n, K ≥ 1, got (0, 3)"),
    (categorical_nll, (rows[:, :0], [0, 0]), "logits must have shape (n, K) with n, K ≥ 1, got (2, 0)"),
    (categorical_nll, (a3, 1), "logits must have shape (n, K) with n, K ≥ 1, got (3,)"),
    (categorical_nll, (rows, [0, 3]), "target (class indices) must lie between 0 and 2, got 3"),
    (categorical_nll, (rows, [-100, 1]), "target (class indices) must lie between 0 and 2, got -100"),
    (
        categorical_nll,
        (rows, [[0], [1]]),
        "or probabilities of shape (2, 3) for logits of shape (2, 3), got torch.int64",
    ),
    (categorical_nll, (rows, [0, 1, 2]), "target must be integer class indices of shape (2,) or probabilities"),
    (categorical_nll, (rows, [0.0, 1.0]), "got torch.float32 of shape (2,)"),
    (categorical_nll, (rows, rows), "target (probabilities) must have rows that sum to 1, got a row sum of 0"),
    (categorical_nll, (rows, [[0.5, 0.5, 0], [0.5, 0.2, 0]]), "got a row sum of 0.7"),
    (categorical_nll, (rows, [[0.5, 0.5, 0], [1.2, -0.2, 0]]), "must lie between 0 and 1, got -0.2"),
    (categorical_nll, (rows, [[0, 0, 1], [math.nan, 1, 0]]), "must lie between 0 and 1, got nan"),
]


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("nll, inputs, message", BAD)
def test_bad_input_gets_a_message(nll, inputs, message, reduction):
    with pytest.raises(ValueError) as caught:
        nll(*inputs, reduction=reduction)
    assert message in str(caught.value)


@pytest.mark.parametrize("nll", [*TERMS, categorical_nll])
def test_unknown_reduction(nll):
    inputs = (rows, [0, 1]) if nll is categorical_nll else (a3,) * (3 if nll is heteroscedastic_nll else 2)
    with pytest.raises(ValueError, match='reduction must be "none", "sum" or "mean", got \'average\''):
        nll(*inputs, reduction="average")


@pytest.mark.parametrize("dtype, fine, bad", [(torch.float32, 3e-4, 4e-4), (torch.float64, 1.4e-8, 1.6e-8)])
def test_how_far_a_row_of_probabilities_may_be_off(dtype, fine, bad):
    logits = torch.zeros(1, 2, dtype=dtype)
    target = torch.tensor([[0.5, 0.5]], dtype=dtype)
    for sign in (-1, 1):
        categorical_nll(logits, target + sign * fine / 2)
        with pytest.raises(ValueError, match="rows that sum to 1"):
            categorical_nll(logits, target + sign * bad / 2)


def test_inputs_are_left_alone():
    a, b, c = columns([(1.0, 2.0, 3.0), (4.0, 5.0, 6.0)])
    for nll in CONTINUOUS:
        nll(a, b, c)
    assert torch.stack([a, b, c], dim=1).tolist() == [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]


def test_what_is_wrong_with_probabilities_is_named():
    logits = torch.zeros(2, 2)
    with pytest.raises(ValueError, match=r"^target \(probabilities\) must lie between 0 and 1, got 1\.5"):
        categorical_nll(logits, torch.tensor([[0.5, 0.5], [1.5, 0.0]]))
    with pytest.raises(ValueError, match=r"got a row sum of 1\.3$"):
        categorical_nll(logits, torch.tensor([[0.5, 0.5], [0.6, 0.7]]))


def test_a_wider_target_or_scale_widens_the_loss():
    narrow, wide = torch.zeros(2), torch.ones(2, dtype=torch.float64)
    assert gaussian_nll(narrow, wide).dtype == torch.float64
    assert gaussian_nll(narrow, narrow, wide).dtype == torch.float64
