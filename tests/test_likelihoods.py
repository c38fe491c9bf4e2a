"""`lib.likelihoods`: every likelihood in the table of cases is held to every contract; then what only one of them has.

The witnesses are mpmath, scipy.stats, torch.distributions and finite differences.
"""

import dataclasses
import functools
import inspect
import itertools
import math

import mpmath as mp
import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from torch.autograd import gradcheck, gradgradcheck

from lib import cases
from lib.likelihoods import (
    bernoulli_nll,
    categorical_nll,
    gaussian_nll,
    heteroscedastic_nll,
    huber_nll,
    laplace_nll,
    negative_binomial_nll,
    poisson_nll,
    quantile_nll,
    student_t_nll,
)

mp.mp.dps = 160
CASES = [case for case in cases.CASES if case.nll]
DTYPES = [torch.float16, torch.bfloat16, torch.float32, torch.float64]
DEVICES = ["cpu"] + ["cuda"] * torch.cuda.is_available() + ["mps"] * torch.backends.mps.is_available()
REDUCTIONS = ["none", "sum", "mean"]

every_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


def draw(case, *shape, seed=0):
    return case.draw(np.random.default_rng(seed), *shape)


def names(case):
    """The names of the inputs, in order: prediction, target, and a scale or second prediction."""
    return [name for name in inspect.signature(case.nll).parameters if name != "reduction"]


def scale_of(case):
    """The name of the scale, which has a default, or None."""
    parameters = inspect.signature(case.nll).parameters
    return next((name for name in names(case) if parameters[name].default is not inspect.Parameter.empty), None)


def leaves(inputs, case=None):
    """Copies that take a gradient, where they are floating and no counts; and the list of those."""
    at = 1 if case and case.counts else None  # the target
    copies = [x.detach().clone().requires_grad_(x.is_floating_point() and i != at) for i, x in enumerate(inputs)]
    return copies, [x for x in copies if x.requires_grad]


# --- mpmath: value, gradient and second derivatives, at extremes too ---


def size_of(point, k):
    """The size of input `k`; of a prediction or target that is 0, the size of the other."""
    return abs(point[k]) or (k < 2 and max(abs(point[0]), abs(point[1]))) or mp.mpf(1)


def derivative(term, point, *order):
    """By central differences; `order` numbers the inputs to differentiate by, none to two."""
    if not order:
        return term(*point)
    total = 0
    steps = [mp.ldexp(1, int(mp.log(size_of(point, k), 2)) - 200) for k in order]  # powers of two: x ± step is exact
    for sides in itertools.product((1, -1), repeat=len(order)):
        moved = list(point)
        for k, side, step in zip(order, sides, steps, strict=True):
            moved[k] += side * step
        total += math.prod(sides) * term(*moved)
    return total / mp.fprod(2 * step for step in steps)


def assert_matches_mpmath(case, dtype):
    narrow, wide = torch.finfo(dtype), torch.finfo(torch.promote_types(dtype, torch.float32))
    points = case.extremes(narrow)
    columns = [torch.tensor(column, dtype=torch.float64).to(dtype) for column in zip(*points, strict=True)]
    indices = isinstance(points[0][-1], int)
    columns, floating = leaves([*columns[:-1], columns[-1].long() if indices else columns[-1]], case)
    classes = len(columns) - len(names(case)) + 1  # a class axis takes the columns that are too many
    prediction = columns[0] if classes == 1 else torch.stack(columns[:classes], dim=1)
    losses = case.nll(prediction, *columns[classes:], reduction="none")
    first = torch.autograd.grad(losses.sum(), floating, create_graph=True)
    places = [i for i, column in enumerate(columns) if column.requires_grad]
    got = {(): losses} | {(i,): slope for i, slope in zip(places, first, strict=True)}
    for i, j in itertools.combinations_with_replacement(places, 2):
        (curvature,) = torch.autograd.grad(got[i,].sum(), columns[j], retain_graph=True, allow_unused=True)
        got[i, j] = torch.zeros_like(losses) if curvature is None else curvature
    for n in range(len(points)):
        point = [mp.mpf(column[n].item()) for column in columns]
        together = functools.cache(functools.partial(case.terms, mp))  # a derivative asks for one at a time
        terms = [lambda *p, i=i, together=together: together(*p)[i] for i in range(len(together(*point)))]
        for degree in range(2 if case.kink(*point) else 3):
            wanted = {o: [derivative(term, point, *o) for term in terms] for o in got if len(o) == degree}
            if max(abs(part) for parts in wanted.values() for part in parts) > narrow.max / 4:
                continue  # what the conventions leave out
            for order, parts in wanted.items():
                want, size = mp.fsum(parts), mp.fsum(parts, absolute=True)
                if case.in_units is None:  # p and 1 - p: an exponential and a difference are rounded
                    size = size * (1 + losses[n].item()) + (degree == 2) * max(1, case.counts * point[1])
                unsure = sum(abs(term(*point)) for term in terms) / mp.fprod(size_of(point, k) for k in order) * 1e-25
                allowed = (
                    2 * narrow.eps * abs(want) + 12 * wide.eps * size + unsure + 2 * narrow.smallest_normal * narrow.eps
                )
                allowed += 1e-9 * (
                    (case.counts or case.shape == "df") and order == (2, 2)
                )  # as far as torch.polygamma is right
                value = got[order][n].item()
                at = f"derivative {order} at {[float(x) for x in point]}"
                assert abs(mp.mpf(value) - want) <= allowed, f"{at}: got {value}, want {mp.nstr(want, 17)}"


@pytest.mark.parametrize("dtype", DTYPES)
@every_case
def test_value_and_two_derivatives_match_mpmath_at_extremes_too(case, dtype):
    assert_matches_mpmath(case, dtype)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("spread", [1e-3, 1.0, 30.0, 1e4])
@pytest.mark.parametrize("n_classes", [1, 2, 1000])
def test_many_classes_match_mpmath(n_classes, spread, dtype):
    logits = torch.from_numpy(np.random.default_rng(n_classes).uniform(-spread, spread, (2, n_classes))).to(dtype)
    target = torch.tensor([0, n_classes - 1])
    losses = categorical_nll(logits, target, reduction="none")
    soft = categorical_nll(logits, logits.softmax(1), reduction="none")
    for i, c in enumerate(target.tolist()):
        z, q = ([mp.mpf(value) for value in row[i].tolist()] for row in (logits, logits.softmax(1)))
        total = mp.log(mp.fsum(map(mp.exp, z)))
        allowed = 12 * torch.finfo(dtype).eps * (abs(total) + max(map(abs, z)))
        assert abs(losses[i].item() - (total - z[c])) <= allowed
        assert abs(soft[i].item() - (total * mp.fsum(q) - mp.fdot(q, z))) <= allowed


# --- scipy.stats and torch.distributions; finite differences ---


def assert_agrees_with_witnesses(case, dtype=torch.float64, **tolerance):
    for shape in [(7,)] if case.name == "ce" else [(), (1,), (7,), (5, 3)]:
        inputs = draw(case, *shape)
        narrow = [x.to(dtype) if x.is_floating_point() else x for x in inputs]
        got = case.nll(*narrow, reduction="none").double()
        for witness in (case.log_p(*inputs), torch.as_tensor(np.asarray(case.scipy_log_p(stats, *inputs)))):
            torch.testing.assert_close(got, -witness, **tolerance)


@every_case
def test_scipy_and_torch_distributions_agree(case):
    assert_agrees_with_witnesses(case, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda loss: loss + 1e-11,
        lambda loss: loss * (1 + 1e-11),
        lambda loss: loss.float().double(),
        lambda loss: loss - 0.5 * math.log(2 * math.pi),
        lambda loss: loss / math.log(2),
    ],
    ids=["constant", "factor", "dtype", "normaliser", "bits"],
)
@every_case
def test_a_likelihood_with_a_small_mistake_is_noticed(case, wrong):
    planted = dataclasses.replace(case, nll=lambda *inputs, reduction: wrong(case.nll(*inputs, reduction=reduction)))
    with pytest.raises(AssertionError):
        assert_agrees_with_witnesses(planted, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("reduction", REDUCTIONS)
@every_case
def test_derivatives_by_finite_differences(case, reduction):
    inputs = draw(case, 3)
    one_scale = [*inputs[:-1], inputs[-1][0]] if scale_of(case) else inputs
    for each in (inputs, one_scale):
        if case.name == "bce":
            each = [each[0], torch.tensor([0.2, 0.7, 0.5], dtype=torch.float64)]  # differences stay in [0, 1]
        each, _ = leaves(each, case)
        assert gradcheck(lambda *x: case.nll(*x, reduction=reduction), each)
        assert gradgradcheck(lambda *x: case.nll(*x, reduction=reduction), each)


def test_derivatives_by_soft_labels():
    a, b = (torch.from_numpy(np.random.default_rng(4 + i).standard_normal((2, 3))).requires_grad_() for i in range(2))
    for loss in (
        lambda a, b: bernoulli_nll(a, torch.sigmoid(b), reduction="none"),
        lambda a, b: categorical_nll(a, b.softmax(1), reduction="none"),
    ):
        assert gradcheck(loss, (a, b)) and gradgradcheck(loss, (a, b))


def test_laplace_takes_the_subgradient_zero_at_the_kink():
    for scale in (1.0, torch.ones(2)):
        median = torch.tensor([1.0, 2.0], requires_grad=True)
        loss = laplace_nll(median, torch.tensor([1.0, 5.0]), scale, reduction="sum")
        assert torch.autograd.grad(loss, median)[0].tolist() == [0, -1]


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@every_case
def test_a_million_examples(case, dtype):
    inputs = draw(case, 10**6)
    if scale_of(case):
        inputs = (*inputs[:-1], torch.tensor(2.0, dtype=torch.float64))
    wide, wide_leaves = leaves(inputs, case)
    narrow, narrow_leaves = leaves([x.to(dtype) if x.is_floating_point() else x for x in inputs], case)
    want, got = -case.log_p(*wide).mean(), case.nll(*narrow)
    tolerance = 5e-6 if dtype == torch.float32 else 1e-12
    assert got.item() == pytest.approx(want.item(), rel=tolerance)
    (slope,), (wanted,) = torch.autograd.grad(got, narrow_leaves[:1]), torch.autograd.grad(want, wide_leaves[:1])
    torch.testing.assert_close(1e6 * slope.double(), 1e6 * wanted, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("nll", [student_t_nll, huber_nll])
def test_a_tail_that_is_nowhere_is_a_gaussian(nll, dtype):
    f, y, scale = (x.to(dtype) for x in draw(next(case for case in CASES if case.name == "mse"), 50))
    f.requires_grad_()
    want = gaussian_nll(f, y, scale)
    (slope,) = torch.autograd.grad(want, f)
    for shape in (1e10, 1e30, torch.finfo(dtype).max, math.inf):
        shape = torch.tensor(shape, dtype=dtype, requires_grad=True)
        got = nll(f, y, shape, scale)
        by_centre, by_shape = torch.autograd.grad(got, [f, shape], create_graph=True)
        torch.testing.assert_close([got, by_centre], [want, slope])
        assert abs(by_shape) < 1e-15
        assert torch.autograd.grad(by_centre.sum(), f)[0].isfinite().all()


@pytest.mark.parametrize("nll", [student_t_nll, huber_nll])
def test_the_fast_way_is_the_other(nll):
    """One extreme example sends all of them the other way; what the others get is the same, to the last digits."""
    case = next(case for case in CASES if case.nll is nll)
    inputs = draw(case, 1000)
    extreme = [torch.cat([x, torch.tensor([more]).double()]) for x, more in zip(inputs, (0, 1, 1e12, 1), strict=True)]
    both = []
    for each in (inputs, extreme):
        each, taken = leaves(each)
        losses = nll(*each, reduction="none")
        slopes = torch.autograd.grad(losses.sum(), taken, create_graph=True)
        bends = [
            torch.autograd.grad(slope.sum(), x, retain_graph=True)[0] for slope, x in zip(slopes, taken, strict=True)
        ]
        both.append([x[:1000].detach() for x in (losses, *slopes, *bends)])
    torch.testing.assert_close(*both, rtol=1e-9, atol=1e-9)  # as far as torch.polygamma is right


def test_tails_that_are_everything():
    """At a tiny ν or k: the value of mpmath, and gradients that are finite."""
    f, y = torch.tensor([0.0, 0.0, 2.0], dtype=torch.float64), torch.tensor([0.0, 1e-250, 1e250], dtype=torch.float64)
    for case in (case for case in CASES if case.name in ("student_t", "huber")):
        for shape in (1e-12, 1e-100, 1e-150):
            inputs, taken = leaves([f, y, torch.full((3,), shape, dtype=torch.float64), torch.ones(3).double()])
            got = case.nll(*inputs, reduction="none")
            for i, value in enumerate(got.tolist()):
                point = [mp.mpf(x[i].item()) for x in inputs]
                assert value == pytest.approx(float(mp.fsum(case.terms(mp, *point))), rel=1e-14)
            assert all(slope.isfinite().all() for slope in torch.autograd.grad(got.sum(), taken))


def test_one_density_is_another_at_a_special_shape():
    f, y, scale = draw(next(case for case in CASES if case.name == "mse"), 50)
    close(quantile_nll(f, y, 0.5, scale), laplace_nll(f, y, 2 * scale))
    close(student_t_nll(f, y, 1.0, scale), -torch.distributions.Cauchy(f, scale).log_prob(y).mean())
    close(huber_nll(f, y, 1e-9, 1e-9 * scale), laplace_nll(f, y, scale), 10)


def test_the_quantile_takes_the_mean_of_both_slopes_at_its_kink():
    f = torch.tensor([1.0, 2.0, 6.0], requires_grad=True)
    loss = quantile_nll(f, torch.tensor([1.0, 5.0, 5.0]), 0.75, 2.0, reduction="sum")
    assert torch.autograd.grad(loss, f)[0].tolist() == [-0.125, -0.375, 0.125]


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_negative_binomial_tends_to_poisson(dtype):
    z, y = (x.to(dtype) for x in draw(next(case for case in CASES if case.name == "poisson"), 50))
    (z,), y = leaves([z])[0], y + 0
    want = poisson_nll(z, y)
    (slope,) = torch.autograd.grad(want, z)
    for log_alpha in (-40.0, -800.0, -1e30, -math.inf):
        a = torch.full_like(z, log_alpha).requires_grad_()
        got = negative_binomial_nll(z, y, a)
        by_mean, by_alpha = torch.autograd.grad(got, [z, a])
        torch.testing.assert_close([got, by_mean], [want, slope])
        assert by_alpha.isfinite().all() and by_alpha.abs().max() < 1e-12


def test_a_rate_of_zero_is_met_by_a_count_of_zero():
    z = torch.tensor([-math.inf, 0.0], requires_grad=True)
    loss = poisson_nll(z, torch.tensor([0, 1]), reduction="none")
    assert loss.tolist() == [0, 1] and torch.autograd.grad(loss.sum(), z)[0].tolist() == [0, 0]
    assert poisson_nll(z, [1, 1]).item() == math.inf


# --- Laws ---

seeds, sizes, factors = st.integers(0, 2**32 - 1), st.integers(1, 8), st.floats(1e-3, 1e3)


def close(a, b, size=1.0):
    """Equal up to the roundings of terms as large as `size`."""
    torch.testing.assert_close(a, b, rtol=1e-10, atol=1e-12 * size)


@every_case
@settings(max_examples=20, deadline=None)
@given(seed=seeds, n=sizes, c=factors)
def test_reductions_order_and_units(case, seed, n, c):
    inputs = draw(case, n, seed=seed)
    none, total, mean = (case.nll(*inputs, reduction=reduction) for reduction in REDUCTIONS)
    assert none.shape == (n,) and total.shape == mean.shape == ()
    close(none.sum(), total, 100)
    close(total / n, mean)
    close(case.nll(*(x.flip(0) for x in inputs), reduction="none").flip(0), none)
    if case.in_units is None:
        assert (none >= 0).all()  # of a probability, not a density
    else:
        close(case.nll(*case.in_units(c, *inputs)), mean + math.log(c), 100)


@settings(max_examples=20, deadline=None)
@given(seeds, sizes)
def test_one_likelihood_is_another(seed, n):
    rng = np.random.default_rng(seed)
    a, b, c = (torch.from_numpy(rng.normal(0, 5, n)) for _ in range(3))
    close(heteroscedastic_nll(a, b, c), gaussian_nll(a, b, (c / 2).exp()), 1e6)
    close(bernoulli_nll(-a, 1 - torch.sigmoid(b)), bernoulli_nll(a, torch.sigmoid(b)), 100)
    logits, target = torch.stack([a, b, c], dim=1), torch.from_numpy(rng.integers(0, 3, n))
    close(categorical_nll(logits + 7, target), categorical_nll(logits, target), 100)
    close(categorical_nll(logits, torch.nn.functional.one_hot(target, 3)), categorical_nll(logits, target), 100)
    two = torch.stack([torch.zeros_like(a), a], dim=1)
    close(categorical_nll(two, (b > 0).long()), bernoulli_nll(a, b > 0), 100)


# --- What goes in and what comes out ---


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("dtype", DTYPES)
@every_case
def test_dtype_and_device_are_kept(case, dtype, device):
    if (device, dtype) == ("mps", torch.float64):
        return  # does not exist
    inputs = [x.to(device, dtype) if x.is_floating_point() else x.to(device) for x in draw(case, 4)]
    versions = [inputs, [*inputs[:-1], 0.5]] if scale_of(case) else [inputs]
    for each in versions:
        each = [x.requires_grad_() if torch.is_tensor(x) and x.is_floating_point() else x for x in each]
        for reduction in REDUCTIONS:
            loss = case.nll(*each, reduction=reduction)
            (gradient,) = torch.autograd.grad(loss.sum(), each[0])
            assert (loss.dtype, gradient.dtype, loss.device.type) == (dtype, dtype, device)
            assert loss.isfinite().all() and gradient.isfinite().all()


@every_case
def test_the_widest_tensor_or_array_gives_the_dtype(case):
    inputs = draw(case, 3)
    want = case.nll(*inputs)
    for wide in range(len(inputs)):
        mixed = [x.float() if x.is_floating_point() and i != wide else x for i, x in enumerate(inputs)]
        expected = torch.float64 if inputs[wide].is_floating_point() else torch.float32
        assert case.nll(*mixed).dtype == expected
        assert case.nll(*mixed).item() == pytest.approx(want.item(), rel=1e-6)
        listed = case.nll(*(x.tolist() if i == wide else x for i, x in enumerate(inputs)))
        assert case.name == "ce" or (listed.dtype == torch.float64 and listed == want)
    assert case.nll(*(x.tolist() for x in inputs)).dtype == torch.get_default_dtype()


@every_case
def test_a_scale_may_be_any_number_of_any_dtype(case):
    name = scale_of(case)
    if not name:
        return
    *rest, _ = draw(case, 3)
    want = case.nll(*rest, torch.full((3,), 2.0, dtype=torch.float64))
    numbers = [2, 2.0, np.float32(2), np.float64(2), np.array(2), torch.tensor(2), torch.tensor(2.0), True + 1]
    for scale in [*numbers, torch.tensor([2, 2, 2]), torch.full((3,), 2.0), np.array([2, 2, 2]), [2, 2, 2]]:
        got = case.nll(*rest, scale)
        assert got.dtype == torch.float64 and got.item() == pytest.approx(want.item(), rel=1e-15), scale
        each = case.nll(*rest, scale, reduction="sum")
        assert each.item() == pytest.approx(3 * want.item(), rel=1e-14)
    assert case.nll(*(x.float() for x in rest), np.float64(2)).dtype == torch.float32  # a number has no say
    assert case.nll(*rest).item() == case.nll(*rest, 1.0).item()  # the default


@pytest.mark.filterwarnings("error")
@every_case
def test_arrays_of_any_layout_and_series_are_taken(case):
    inputs = draw(case, 4)
    want = case.nll(*inputs)
    arrays = [x.numpy() for x in inputs]
    locked = [x.copy() for x in arrays]
    for x in locked:
        x.flags.writeable = False
    assert case.nll(*locked) == case.nll(*arrays) == want
    assert case.nll(*(x[::-1].copy()[::-1] for x in arrays)) == want
    assert case.nll(*(np.asfortranarray(x) for x in arrays)) == want
    for index in ([5, 7, 9, 4], [0, 5, 7, 1], list("abcd")):
        series = [pd.Series(x, index=index) if x.ndim == 1 else pd.DataFrame(x, index=index) for x in arrays]
        assert case.nll(*series) == want  # by position, not by label
    assert all(np.array_equal(x, y) for x, y in zip(arrays, draw(case, 4), strict=True)), "inputs are left alone"


def test_a_number_keeps_all_its_digits():
    zero = torch.zeros(2, dtype=torch.float64)
    assert gaussian_nll(zero, zero, 0.1).item() == pytest.approx(math.log(0.1 * math.sqrt(2 * math.pi)), rel=1e-15)
    assert laplace_nll(zero, zero, 0.1).item() == pytest.approx(math.log(0.2), rel=1e-15)


def test_a_sum_of_distances_may_overflow_where_the_loss_does_not():
    far = torch.full((8,), torch.finfo(torch.float32).max / 2)
    scale = far[0].item()
    for reduction, factor in [("mean", 1), ("sum", 8)]:
        loss = laplace_nll(far, torch.zeros(8), scale, reduction=reduction)
        assert loss.item() == pytest.approx(factor * (1 + math.log(2) + math.log(scale)), rel=1e-6)


def test_labels_of_any_kind_are_taken():
    labels = np.array([1, 0])
    for kind in (labels, labels.astype(np.uint8), labels.tolist(), labels.astype(bool), torch.from_numpy(labels)):
        assert categorical_nll(np.zeros((2, 3)), kind).item() == pytest.approx(math.log(3))
        assert bernoulli_nll(np.zeros(2), kind).item() == pytest.approx(math.log(2))


@every_case
def test_a_prediction_that_is_not_finite_shows_in_the_loss(case):
    for i, name in enumerate(names(case)):
        if name in ("target", case.shape, scale_of(case)):
            continue
        for bad in (math.nan, math.inf, -math.inf):
            inputs = [x.clone() for x in draw(case, 3)]
            inputs[i][1] = bad  # for logits, all of the row
            if case.counts and name == "log_alpha" and bad == -math.inf:
                continue  # the Poisson distribution, below
            inputs[1][1] = max(inputs[1][1], 1) if case.counts else inputs[1][1]
            wrong = case.name == "bce" and bad == (-math.inf if inputs[1][1] else math.inf)
            if case.name != "bce" or wrong or math.isnan(bad):
                assert not case.nll(*inputs).isfinite(), (name, bad)


@pytest.mark.parametrize("dtype", DTYPES)
def test_an_infinite_logit_that_is_right_costs_nothing(dtype):
    z = torch.tensor([math.inf, -math.inf], dtype=dtype, requires_grad=True)
    loss = bernoulli_nll(z, torch.tensor([1, 0]), reduction="none")
    assert loss.tolist() == [0, 0]
    assert torch.autograd.grad(loss.sum(), z)[0].tolist() == [0, 0]
    assert bernoulli_nll(z, torch.tensor([1, 0.25]), reduction="none").tolist() == [0, math.inf]
    assert bernoulli_nll(z, torch.tensor([0, 0])).item() == bernoulli_nll(z, [0.5, 0.5]).item() == math.inf

    logits = torch.tensor([[0.0, 1.0, -math.inf], [math.inf, 0.0, -math.inf]], dtype=dtype, requires_grad=True)
    for target in (torch.tensor([1, 0]), torch.tensor([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]], dtype=dtype)):
        loss = categorical_nll(logits, target, reduction="none")
        tolerance = 2 * torch.finfo(dtype).eps
        assert loss.tolist() == pytest.approx([math.log1p(math.exp(-1)), 0], rel=tolerance)
        (gradient,) = torch.autograd.grad(loss.sum(), logits)
        p = 1 / (1 + math.exp(-1))
        assert gradient.flatten().tolist() == pytest.approx([1 - p, p - 1, 0, 0, 0, 0], rel=tolerance)
    assert categorical_nll(logits, torch.tensor([2, 0])).item() == math.inf
    assert categorical_nll(logits, torch.tensor([[0.5, 0.25, 0.25], [1.0, 0.0, 0.0]])).item() == math.inf
    assert categorical_nll(torch.tensor([[math.inf, math.inf]]), [0]).isnan()  # which of the two is open


# --- Inside torch.func, torch.compile and autocast ---


def one_by_one(case):
    """The function of one example without its first axis, as vmap hands it over."""
    if case.name == "ce":
        return lambda logits, target: case.nll(logits[None], target[None])
    return case.nll


@every_case
def test_torch_func(case):
    inputs = draw(case, 4)
    copies, _ = leaves(inputs)
    losses = case.nll(*copies, reduction="none")
    (want,) = torch.autograd.grad(losses.sum(), copies[0])
    close(torch.func.grad(case.nll)(*inputs), want / 4)
    loss = one_by_one(case)
    close(torch.func.vmap(loss)(*inputs), losses.detach())
    close(torch.func.vmap(torch.func.grad(loss))(*inputs), want)
    hessian = torch.autograd.functional.hessian(lambda x: case.nll(x, *inputs[1:]), inputs[0])
    close(torch.func.hessian(case.nll)(*inputs), hessian)


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::UserWarning")
@pytest.mark.parametrize("reduction", REDUCTIONS)
@every_case
def test_compile_without_a_graph_break(case, reduction):
    def loss(*inputs):
        return case.nll(*inputs, reduction=reduction)

    inputs = draw(case, 4)
    versions = [inputs, (*inputs[:-1], 0.5)] if scale_of(case) else [inputs]
    for each in versions:
        torch.compiler.reset()
        compiled = torch.compile(loss, fullgraph=True, backend="aot_eager")
        rest = each[1:]
        slopes = []
        for function in (loss, compiled):
            prediction = each[0].clone().requires_grad_()
            value = function(prediction, *rest)
            close(value, loss(*each))
            slopes += torch.autograd.grad(value.sum(), prediction)
        close(*slopes)


@every_case
def test_autocast(case):
    inputs = draw(case, 4)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert case.nll(*inputs) == case.nll(*inputs)
        got = case.nll(*inputs)
        half = case.nll(inputs[0].bfloat16(), *inputs[1:])
    assert got.dtype == torch.float64 and got == case.nll(*inputs)
    assert half.item() == pytest.approx(got.item(), rel=0.05)  # as an autocast network hands it over


# --- Bad input ---


def refusal(case, inputs, reduction="mean"):
    with pytest.raises(ValueError) as caught:
        case.nll(*inputs, reduction=reduction)
    return str(caught.value)


NO_NUMBERS = [None, "a", {}, ["a", "b"], [[1], [1, 2]], [1.0, None], 10**400, np.array(["a"]), pd.Series(["a"])]
COMPLEX = [1j, np.array([1j, 2]), torch.zeros(3, dtype=torch.complex64), [1, 2j]]


@every_case
def test_what_is_no_number_is_named(case):
    for i, name in enumerate(names(case)):
        inputs = list(draw(case, 3))
        for bad in NO_NUMBERS:
            inputs[i] = bad
            assert refusal(case, inputs).startswith(f"{name} must be numbers, got {type(bad).__name__}")
        for bad in COMPLEX:
            inputs[i] = bad
            assert refusal(case, inputs).startswith(f"{name} must be real, got torch.complex")


@pytest.mark.parametrize("reduction", REDUCTIONS)
@every_case
def test_what_cannot_be_a_target_or_a_scale_is_named(case, reduction):
    at = names(case).index("target")
    for bad in case.outside:
        inputs = list(draw(case, 3))
        inputs[at] = inputs[at].clone()
        inputs[at][1] = bad
        message = refusal(case, inputs, reduction)
        assert message.startswith("target") and message.endswith(f"got {bad}"), message
    if scale := scale_of(case):
        *rest, _ = draw(case, 3)
        for bad in (0.0, -2.5, math.nan, math.inf):
            for version in (bad, torch.tensor([1.0, bad, 1.0])):
                message = f"{scale} must be positive and finite, got {bad}"
                assert refusal(case, [*rest, version], reduction) == message
    if case.shape:
        first, target, fine, scale = draw(case, 3)
        for bad in case.no_shape:
            for version in (bad, torch.tensor([fine[0], bad, fine[2]])):
                message = refusal(case, (first, target, version, scale), reduction)
                assert message.startswith(f"{case.shape} must be ") and message.endswith(f", got {bad}"), message


@every_case
def test_shapes_never_broadcast(case):
    if case.name == "ce":
        return  # below: its message is another
    inputs = draw(case, 3)
    scale = scale_of(case)
    for i, name in enumerate(names(case)):
        if name in ("target", case.shape, scale):
            continue
        column = [x[:, None] if j == i else x for j, x in enumerate(inputs)]
        assert refusal(case, column) == f"{name} and target must have the same shape, got (3, 1) and (3,)"
        number = [x[0] if j == i else x for j, x in enumerate(inputs)]
        assert refusal(case, number) == f"{name} and target must have the same shape, got () and (3,)"
    if scale:
        for shape in [(3, 1), (1,)]:
            wanted = f"{scale} must be a number or have the target's shape (3,), got {shape}"
            assert refusal(case, [*inputs[:-1], torch.ones(shape)]) == wanted
            if case.shape:
                wanted = wanted.replace(scale, case.shape)
                assert refusal(case, [*inputs[:-2], torch.ones(shape), inputs[-1]]) == wanted
    assert refusal(case, draw(case, 0)) == "target must not be empty, got shape (0,)"
    message = 'reduction must be "none", "sum" or "mean", got \'average\''
    assert refusal(case, inputs, "average") == message


rows = torch.zeros(2, 3)
BAD_CLASSES = [
    (rows[:0], torch.zeros(0).long(), "logits must have shape (n, K) with n, K ≥ 1, got (0, 3)"),
    (rows[:, :0], [0, 0], "logits must have shape (n, K) with n, K ≥ 1, got (2, 0)"),
    (rows[0], 1, "logits must have shape (n, K) with n, K ≥ 1, got (3,)"),
    (rows, [0, 3], "target (class indices) must lie between 0 and 2, got 3"),
    (rows, [-100, 1], "target (class indices) must lie between 0 and 2, got -100"),
    (rows, [[0], [1]], "or probabilities of shape (2, 3) for logits of shape (2, 3), got torch.int64"),
    (rows, [0, 1, 2], "target must be integer class indices of shape (2,) or probabilities"),
    (rows, [0.0, 1.0], "got torch.float64 of shape (2,)"),
    (rows, rows, "target (probabilities) must have rows that sum to 1, got a row sum of 0"),
    (rows, [[0.5, 0.5, 0], [0.5, 0.2, 0]], "got a row sum of 0.7"),
    (rows, [[0.5, 0.5, 0], [0.5, 0.6, 0.2]], "got a row sum of 1.3"),
    (rows, [[0.5, 0.5, 0], [1.2, -0.2, 0]], "target (probabilities) must lie between 0 and 1, got -0.2"),
    (rows, [[0.5, 0.5, 0], [1.5, 0, 0]], "target (probabilities) must lie between 0 and 1, got 1.5"),
    (rows, [[0, 0, 1], [math.nan, 1, 0]], "target (probabilities) must lie between 0 and 1, got nan"),
]


@pytest.mark.parametrize("logits, target, message", BAD_CLASSES)
def test_what_is_wrong_with_classes_is_named(logits, target, message):
    with pytest.raises(ValueError) as caught:
        categorical_nll(logits, target)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    "dtype, fine, bad", [(torch.float16, 0.02, 0.04), (torch.float32, 3e-4, 4e-4), (torch.float64, 1.4e-8, 1.6e-8)]
)
def test_how_far_a_row_of_probabilities_may_be_off(dtype, fine, bad):
    logits = torch.zeros(1, 2, dtype=dtype)
    target = torch.tensor([[0.5, 0.5]], dtype=dtype)
    for sign in (-1, 1):
        categorical_nll(logits, target + sign * fine / 2)
        with pytest.raises(ValueError, match="rows that sum to 1"):
            categorical_nll(logits, target + sign * bad / 2)
