"""`lib` apart from the likelihoods: the comparison, the simulators, the training loop, the look."""

import re
import warnings

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from scipy import stats
from scipy.optimize import linprog
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_wine
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import (
    HuberRegressor,
    LinearRegression,
    LogisticRegression,
    PoissonRegressor,
    QuantileRegressor,
    Ridge,
)
from sklearn.metrics import log_loss
from sklearn.neural_network import MLPClassifier, MLPRegressor
from statsmodels.datasets import cancer, fair, spector
from statsmodels.discrete.count_model import ZeroInflatedPoisson
from statsmodels.discrete.discrete_model import Logit
from statsmodels.discrete.discrete_model import NegativeBinomial as NB
from statsmodels.genmod.families import Poisson
from statsmodels.genmod.generalized_linear_model import GLM
from statsmodels.miscmodels.api import TLinearModel
from statsmodels.regression.linear_model import OLS, WLS
from statsmodels.regression.quantile_regression import QuantReg
from statsmodels.robust.norms import HuberT
from statsmodels.robust.robust_linear_model import RLM

from lib import checks, datasets, explorers, likelihoods, plotting, training


def square(x):
    return (x**2).sum()


def test_same_loss_accepts_what_is_the_same_up_to_a_factor_and_an_offset():
    at = torch.tensor([1.0, -2.0])
    assert checks.same_loss(("two", "one"), lambda x: 2 * square(x) + 3, square, at, factor=2, offset=3)
    assert not checks.same_loss(("a", "b"), square, lambda x: square(x).item(), at)  # by value only
    assert not at.requires_grad and at.grad is None


@pytest.mark.parametrize(
    ("second", "what"),
    [(lambda x: square(x) + 1, "values differ by 1"), (lambda x: square(x - 1) - 4, "gradients differ by 2")],
)
def test_same_loss_says_what_differs(second, what):
    with pytest.raises(AssertionError, match=what):
        checks.same_loss(("a", "b"), square, second, torch.tensor([1.0, -2.0]))


def test_same_loss_does_not_pass_nan():
    with pytest.raises(AssertionError, match="values differ by nan"):
        checks.same_loss(("a", "b"), lambda x: square(x) * float("nan"), square, torch.ones(2))


POINTS = torch.tensor([1.0, -2.0, 0.0], dtype=torch.float64)


def test_agree_says_in_one_line_what_was_compared():
    ways = {"this page": square, "lib": lambda x: x @ x, "np.sum of squares": lambda x: np.square(x.numpy()).sum()}
    assert checks.agree(POINTS, ways) == "✓ value and gradient: this page = lib · value: np.sum of squares"
    del ways["lib"]
    assert checks.agree(POINTS, ways) == "✓ value: this page = np.sum of squares"
    assert not POINTS.requires_grad and POINTS.grad is None


def test_agree_wraps_its_line_between_names():
    ways = {f"the way-number {number}": square for number in range(8)}
    lines = checks.agree(POINTS, ways).split("\n")
    assert len(lines) == 3 and max(map(len, lines)) <= 72
    assert [line[:2] for line in lines] == ["✓ ", "  ", "  "]
    assert " ".join(line.strip() for line in lines) == "✓ value and gradient: " + " = ".join(ways)
    assert not any(line.endswith(("the", "way-", "way-number")) for line in lines)
    for first, breaks in [("ab", 0), ("abc", 1)]:  # 72 characters in one line, and 73
        line = checks.agree(POINTS, dict.fromkeys([first, *"CDEFGHIJKLMN"], square))
        assert len(line.replace("\n ", "")) == 72 + breaks and line.count("\n") == breaks


def test_agree_takes_several_tensors_and_several_points():
    seen = []
    ways = {
        "a": lambda mean, std: (mean / std).sum(),
        "b": lambda mean, std: seen.append((mean, std)) or (mean / std).sum(),
    }
    checks.agree([(POINTS, POINTS.exp()), (2 * POINTS, POINTS.exp())], ways)
    assert len(seen) == 6
    for start, points in [(POINTS, seen[:3]), (2 * POINTS, seen[3:])]:
        assert torch.equal(points[0][0], start)
        for mean, std in points[1:]:
            assert torch.equal(mean.sign(), start.sign()) and (std > 0).all()
            assert (start.abs() / 2 <= mean.abs()).all() and (mean.abs() <= start.abs()).all()
            assert mean.dtype == torch.float64
    shrunk = torch.stack([mean for mean, _ in seen[1:3] + seen[4:]])[:, :2].abs() / POINTS[:2].abs()
    assert shrunk.min() < 0.6  # of 1: by up to a half
    assert len({mean.sum().item() for mean, _ in seen}) == 6
    first, seen[:] = list(seen), []
    checks.agree([(POINTS, POINTS.exp()), (2 * POINTS, POINTS.exp())], ways)
    assert all(torch.equal(a[0], b[0]) for a, b in zip(first, seen, strict=True)), "the same points in each run"


def test_agree_looks_at_more_than_the_point_given():
    at = torch.ones(3, dtype=torch.float64)  # there x² and 2x - 1 have one value and one gradient
    with pytest.raises(AssertionError, match="square is not tangent: the values differ by"):
        checks.agree(at, {"square": square, "tangent": lambda x: (2 * x - 1).sum()})


class WrongGradient(torch.autograd.Function):
    """The mean of squares, with a gradient that is 0.09 % too large."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return (x**2).mean()

    @staticmethod
    def backward(ctx, slope):
        (x,) = ctx.saved_tensors
        return slope * 1.0009 * 2 * x / x.numel()


def test_a_small_gradient_is_held_to_its_own_size():
    at = torch.linspace(-1, 1, 100_000, dtype=torch.float64)
    ways = {"right": lambda x: (x**2).mean(), "wrong": WrongGradient.apply}
    with pytest.raises(
        AssertionError, match=r"right is not wrong: the gradients differ by 1.8e-08 .the largest entry is 2e-05"
    ):
        checks.agree(at, ways)
    with pytest.raises(AssertionError, match=r"right is not .*wrong: the gradients differ by 1.8e-08"):
        checks.same_loss(tuple(ways), *ways.values(), at)


@pytest.mark.parametrize(
    ("ways", "message"),
    [
        ({"a": square}, "there is nothing to compare a with"),
        ({"a": lambda x: square(x.detach()), "b": square}, "no gradient flows through a: use torch functions"),
        ({"a": square, "b": lambda x: square(x) + 1}, r"a is not b: the values differ by 1 \(values 5 and 6\)"),
        ({"a": square, "b": lambda x: float(square(x)) + 1}, "a is not b: the values differ by 1"),
        ({"a": square, "b": lambda x: square(x) * float("nan")}, "a is not b: the values differ by nan"),
        (
            {"a": square, "b": lambda x: x.sum() - x.sum() + 5 + (x.detach() ** 2).sum() - 5},
            "the gradients differ by 4",
        ),
    ],
)
def test_agree_says_what_differs(ways, message):
    with pytest.raises(AssertionError, match=message):
        checks.agree(POINTS, ways)


def test_agree_is_strict_unless_told_otherwise():
    ways = {"a": square, "b": lambda x: (1 + 1e-5) * square(x)}
    with pytest.raises(AssertionError, match="the values differ by 5e-05"):
        checks.agree(POINTS, ways)
    assert checks.agree(POINTS, ways, tolerance=1e-4)


def test_agree_asks_for_a_gradient_in_each_tensor():
    ways = {"a": lambda x, y: x.sum() + y.sum(), "b": lambda x, y: x.sum() + y.detach().sum()}
    with pytest.raises(AssertionError, match=r"the gradients differ by 1 .the largest entry is 0"):
        checks.agree((POINTS, POINTS + 3), ways)


# The seven tests of a loss, on a hurdle (a probability of 0, a density above) with a bug, and on others.

OUTPUTS = torch.tensor([[-0.4, 0.3, -0.1], [1.0, -0.5, 0.4], [0.5, 1.5, -1.0]], dtype=torch.float64)
HURDLE = checks.support(atoms=[0], density="positive")


def hurdle(*, jacobian=1, norm=1, sign=1, safe=True, turned=1, softplus=torch.nn.functional.softplus, heads=None):
    """A loss of (outputs, y): outputs are logit of P(y > 0), mean and log standard deviation of log y."""

    def nll(outputs, y):
        z, mean, log_std = (outputs if heads is None else heads(outputs)).unbind(1)
        some = y > 0
        log_y = (torch.where(some, y, torch.ones_like(y)) if safe else y).log()
        much = ((log_y - mean) / log_std.exp()) ** 2 / 2 + jacobian * log_y
        much = much + norm * (sign * log_std + 0.5 * np.log(2 * np.pi))
        return torch.where(some, softplus(-turned * z) + much, softplus(turned * z))

    return nll


def hurdle_by_scipy(outputs, y):
    z, mean, log_std = outputs.T.numpy()
    y, p = y.numpy(), 1 / (1 + np.exp(-z))
    with np.errstate(divide="ignore"):
        some = np.log(p) + stats.lognorm(np.exp(log_std), scale=np.exp(mean)).logpdf(y)
    return -np.where(y > 0, some, np.log(1 - p))


def draw_hurdle(outputs, rng):
    z, mean, log_std = outputs.T
    size = (mean + log_std.exp() * torch.from_numpy(rng.standard_normal(len(z)))).exp()
    return size * torch.from_numpy(rng.random(len(z)) < z.sigmoid().numpy())


def failed(nll, draw=draw_hurdle, held_out=None):
    """The numbers of the tests that fail, and what they say."""
    rng = np.random.default_rng(7)
    x = torch.from_numpy(rng.standard_normal(2000))
    made = torch.stack([x, x / 2, x / 5], 1)
    far = torch.tensor([[200.0, 0, 0], [-200, 0, 0], [200, 0, 0], [-200, 0, 0], [0, 50, 1], [0, -50, -1]])
    said = checks.seven_tests(
        nll,
        outputs=OUTPUTS,
        where=HURDLE,
        reference=hurdle_by_scipy,
        draw=draw,
        extremes=(far, torch.tensor([0, 0, 1e30, 1e-30, 2, 0])),
        held_out=(made, torch.tensor([[0, 0.1, 0.1]]), (held_out or draw_hurdle)(made, rng)),
    )
    assert tuple(said) == checks.SEVEN
    return [i for i, text in enumerate(said.values(), 1) if text], " | ".join(said.values())


def naive_softplus(t):
    return (1 + t.exp()).log()


def gamma_hurdle(outputs, rng):  # of the same mean, another shape
    z, mean, log_std = outputs.T
    scale = (mean + log_std.exp() ** 2 / 2).exp().numpy()
    return torch.from_numpy(rng.gamma(1.0, scale) * (rng.random(len(z)) < z.sigmoid().numpy()))


def without_a_slope(outputs):
    return torch.cat([outputs[:, :2], outputs[:, 2:].detach()], 1)


@pytest.mark.parametrize(
    ("nll", "tests", "said"),
    [
        (hurdle(), [], ""),
        (hurdle(jacobian=0), [1, 2, 7], "the mass is 1.414 at outputs .-0.4, 0.3, -0.1."),
        (hurdle(norm=0), [1, 2, 4, 5, 7], "the mean score of output 2 is -0.4"),
        (hurdle(sign=-1), [1, 2, 4, 5, 7], "the mean score of output 2 is -0.8"),
        (hurdle(safe=False), [3, 4, 5, 6], "the gradient at y = 0 is not finite.*gradient nan in float32 at y = 0"),
        (hurdle(turned=-1), [2, 4, 5, 7], "of a model without x"),
        (hurdle(softplus=naive_softplus), [6], "value inf in float32 at y = 0, outputs .200, 0, 0."),
        (hurdle(heads=without_a_slope), [3, 5], "not the slope of the value.*the score says nothing of one"),
        (lambda o, y: 2 * hurdle()(o, y), [1, 2, 4, 7], "second moment"),
        (lambda o, y: hurdle()(o, y).detach(), [3, 4, 5, 6], "no gradient flows"),
        (lambda o, y: hurdle()(o, y).mean(), [1, 2, 4, 5, 6, 7], "one number for each"),
        (lambda o, y: hurdle()(o, y)[:, None], [1, 2, 4, 5, 6, 7], "one number for each"),
        (lambda o, y: 1 / 0, [1, 2, 3, 4, 5, 6, 7], "division by zero"),
    ],
    ids="right jacobian norm sign where turned softplus detached twice constant mean column raises".split(),
)
def test_each_bug_is_caught_by_its_tests(nll, tests, said):
    numbers, text = failed(nll)
    assert numbers == tests
    assert not said or re.search(said, text), text


def test_another_world_is_seen_on_held_out_rows_alone():
    assert failed(hurdle(), held_out=gamma_hurdle)[0] == [7]
    assert failed(hurdle(), draw=gamma_hurdle)[0] == [4, 5]  # the story is not the loss's


@pytest.mark.parametrize(
    ("density", "law"),
    [
        ("line", stats.norm(3, 0.5)),
        ("line", stats.cauchy(1, 2)),
        ("positive", stats.lognorm(0.3, scale=2)),
        ("positive", stats.gamma(0.7)),
        ((-2, 5), stats.uniform(-2, 7)),
        ((0, 1), stats.beta(0.6, 3)),
    ],
)
def test_support_integrates_and_pit_is_the_distribution_function(density, law):
    where = checks.support(density=density)
    loss = lambda o, y: torch.from_numpy(-law.logpdf(y.numpy()))  # noqa: E731
    one = torch.zeros(1, 1, dtype=torch.float64)
    checks.mass_is_one(loss, one, where)
    y = torch.from_numpy(law.rvs(700, random_state=0))
    u = checks.pit(loss, one.expand(700, 1), y, where, np.random.default_rng(0))
    np.testing.assert_allclose(u, law.cdf(y), atol=2e-3)
    assert abs(checks.uniform_distance(u) - stats.kstest(u.numpy(), "uniform").statistic) < 1e-12


def test_pit_of_atoms_lies_on_their_steps():
    law = stats.poisson(2.5)
    loss = lambda o, y: torch.from_numpy(-law.logpmf(y.numpy()))  # noqa: E731
    y = torch.from_numpy(law.rvs(3000, random_state=1)).double()
    where, one = checks.support(atoms=range(60)), torch.zeros(3000, 1, dtype=torch.float64)
    u = checks.pit(loss, one, y, where, np.random.default_rng(0)).numpy()
    assert (law.cdf(y - 1) <= u).all() and (u <= law.cdf(y)).all()
    assert checks.uniform_distance(torch.from_numpy(u)) < 1.95 / 3000**0.5
    checks.mass_is_one(loss, one[:1], where)
    with pytest.raises(AssertionError, match=r"the mass is 0.5438"):
        checks.mass_is_one(loss, one[:1], checks.support(atoms=range(3)))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "support must have atoms or a density, got neither"),
        ({"density": "circle"}, "density must be None"),
        ({"density": (1, 0)}, r"density must be .* got \(1, 0\)"),
    ],
)
def test_support_refuses(options, message):
    with pytest.raises(ValueError, match=message):
        checks.support(**options)


def test_extremes_are_compared_with_float64():
    loss = lambda o, y: torch.log1p(o[:, 0].exp()) - o[:, 0]  # noqa: E731
    with pytest.raises(AssertionError, match=r"value 0 in float32 at y = 0, outputs .18"):  # 1.5e-8, cancelled
        checks.extremes_are_finite(loss, torch.tensor([[18.0]]), torch.zeros(1), tolerance=1e-9)


def test_a_loss_that_knows_no_x_does_not_hold_out():
    y = torch.from_numpy(np.random.default_rng(0).standard_normal(500))
    loss = lambda o, y: (y - o[:, 0]) ** 2 / 2 + 0.5 * np.log(2 * np.pi)  # noqa: E731
    zero, line, rng = torch.zeros(500, 1), checks.support(density="line"), np.random.default_rng(0)
    with pytest.raises(AssertionError, match="of a model without x"):
        checks.holds_out(loss, zero, zero[:1], y, line, rng)
    checks.holds_out(loss, zero, zero[:1] + 1, y, line, rng)
    with pytest.raises(AssertionError, match=r"from uniform, by chance 0.087"):
        checks.holds_out(loss, zero + 0.5, zero[:1] + 1, y, line, rng)


def test_line_has_the_truth_that_was_asked_for():
    x, y = datasets.line(np.random.default_rng(0), 100_000, slope=-1.5, intercept=4.0, std=0.5)
    assert x.dtype == y.dtype == torch.float64 and x.shape == y.shape == (100_000,)
    slope, intercept = np.polyfit(x, y, 1)
    assert abs(slope + 1.5) < 0.01 and abs(intercept - 4) < 0.02
    assert abs((y - intercept - slope * x).std() - 0.5) < 0.01
    assert 0 <= x.min() and x.max() <= 4


def test_line_repeats_with_its_generator():
    first, second = (datasets.line(np.random.default_rng(3), 5)[1] for _ in range(2))
    assert torch.equal(first, second)


@pytest.mark.parametrize(("arguments", "message"), [({"n": 0}, "n must be"), ({"n": 3, "std": -1.0}, "std must")])
def test_line_refuses(arguments, message):
    with pytest.raises(ValueError, match=message):
        datasets.line(np.random.default_rng(0), **arguments)


def test_diabetes_is_standardised():
    x, y, names = datasets.diabetes()
    assert x.shape == (442, 10) and y.shape == (442,) and len(names) == 10
    torch.testing.assert_close(x.mean(0), torch.zeros(10, dtype=torch.float64), atol=1e-12, rtol=0)
    torch.testing.assert_close(x.square().mean(0), torch.ones(10, dtype=torch.float64))
    witness = load_diabetes()
    np.testing.assert_array_equal(y, witness.target)
    np.testing.assert_allclose(x, witness.data * np.sqrt(442), atol=1e-12)
    assert names == witness.feature_names


def test_diabetes_by_statsmodels_is_what_the_chapter_on_mse_quotes():
    x, y, _ = datasets.diabetes()
    fit = OLS(y.numpy(), np.column_stack([np.ones(442), x])).fit()
    np.testing.assert_allclose([fit.rsquared, fit.scale**0.5, fit.llf], [0.5177, 54.15, -2385.99], rtol=1e-4)


def test_breast_cancer_and_wine_are_the_tables_of_scikit_learn():
    (x, y), witness = datasets.breast_cancer(), load_breast_cancer()
    np.testing.assert_array_equal(x, witness.data)
    np.testing.assert_array_equal(y, witness.target)
    assert list(witness.target_names) == ["malignant", "benign"] and y.dtype == torch.float64
    (x, y), witness = datasets.wine(), load_wine()
    np.testing.assert_allclose(x.numpy() * witness.data.std(0) + witness.data.mean(0), witness.data)
    np.testing.assert_array_equal(y, witness.target)
    assert y.dtype == torch.int64
    two = x[:, [1, 9]].numpy()  # what the chapter on cross-entropy says of scikit-learn and these data
    free, default = LogisticRegression(C=np.inf, tol=1e-8).fit(two, y), LogisticRegression().fit(two, y)
    assert round(log_loss(y, free.predict_proba(two)), 3) == 0.455
    assert np.abs(default.coef_).max() < 0.8 * np.abs(free.coef_).max()


def test_spector_is_the_table_of_statsmodels():
    x, y, names = datasets.spector()
    witness = spector.load_pandas()
    np.testing.assert_array_equal(x, witness.exog)
    np.testing.assert_array_equal(y, witness.endog)
    assert names == list(witness.exog)
    fit = Logit(y.numpy(), np.column_stack([np.ones(32), x])).fit(disp=0)  # the chapter on BCE quotes it
    np.testing.assert_allclose(fit.params, [-13.0213, 2.8261, 0.0952, 2.3787], atol=6e-5)
    np.testing.assert_allclose(fit.bse, [4.931, 1.263, 0.142, 1.065], atol=6e-4)


def test_engel_is_the_published_table():
    x, y = datasets.engel()
    assert x.dtype == y.dtype == torch.float64 and x.shape == y.shape == (235,)
    # What R's quantreg prints for its copy of the data: median regression, and least squares beside it.
    median = QuantReg(y.numpy(), np.column_stack([np.ones(235), x])).fit(q=0.5).params
    np.testing.assert_allclose(median, [81.48225, 0.56018], rtol=1e-5)
    np.testing.assert_allclose(np.polyfit(x, y, 1), [0.485178, 147.4754], rtol=1e-5)
    x.zero_()
    assert datasets.engel()[0].min() > 0, "the caller must get a copy"


def test_penalties_of_scikit_learn_are_as_the_chapter_on_priors_says():
    assert MLPRegressor().alpha == MLPClassifier().alpha == 1e-4
    assert HistGradientBoostingRegressor().l2_regularization == 0
    x, y, _ = datasets.diabetes()
    flat = {"solver": "lbfgs", "tol": 1e-10, "max_iter": 5000}  # the whole data in one batch
    net = MLPRegressor(hidden_layer_sizes=(), alpha=28.6, **flat).fit(x, y)
    np.testing.assert_allclose(net.coefs_[0][:, 0], Ridge(alpha=28.6).fit(x, y).coef_, atol=1e-2)


def test_quantile_regression_in_two_libraries_is_as_the_chapter_on_mae_says():
    rng = np.random.default_rng(0)
    x = rng.uniform(0, 4, 200)
    y = 1 + 2 * x + rng.laplace(size=200)
    cost, design = np.r_[0, 0, np.ones(400)], np.column_stack([np.ones(200), x])
    equal = np.hstack([design, np.eye(200), -np.eye(200)])
    lad = linprog(cost, A_eq=equal, b_eq=y, bounds=[(None, None)] * 2 + [(0, None)] * 400).x[:2]
    np.testing.assert_allclose(lad.round(3), [1.173, 1.955])  # as on the page
    np.testing.assert_allclose(QuantReg(y, design).fit(q=0.5).params, lad, atol=1e-3)
    free, default = (QuantileRegressor(alpha=alpha).fit(x[:, None], y) for alpha in (0, 1))
    np.testing.assert_allclose([free.intercept_, *free.coef_], lad, atol=1e-6)
    assert QuantileRegressor().alpha == 1 and abs(default.coef_[0]) < 1e-6


def test_the_twin_of_student_t_has_its_minimum():
    income, food = (column / 1000 for column in datasets.engel())
    design = np.column_stack([np.ones(len(income)), income])
    fit = TLinearModel(food.numpy(), design).fit(disp=0, start_params=[0.1, 0.5, 3, 0.05], maxiter=5000, maxfun=5000)
    at = torch.tensor(fit.params, requires_grad=True)
    line = torch.from_numpy(design) @ at[:2]
    nll = likelihoods.student_t_nll(line, food, at[2], at[3], reduction="sum")
    assert nll.item() == pytest.approx(-fit.llf, abs=1e-9) and round(fit.llf, 4) == 218.991
    (slope,) = torch.autograd.grad(nll, at)
    assert (slope * at).abs().max() < 0.02


def test_the_twins_of_the_loss_map_have_the_gradient_that_it_says():
    rng = np.random.default_rng(0)
    n, x = 500, rng.standard_normal((500, 2))
    design = np.column_stack([np.ones(n), x])
    f = design @ [0.5, 1.0, -0.5]
    number, yes, events = f + rng.standard_normal(n), rng.binomial(1, stats.logistic.cdf(f)), rng.poisson(np.exp(f))
    free, sharp = {"alpha": 0}, {"tol": 1e-10, "max_iter": 10_000}
    for model, target, precision in [  # the gradient of the mean NLL is minus that of the prior
        (LinearRegression(), number, 0),
        (LogisticRegression(**sharp), yes, 1 / n),
        (LogisticRegression(C=np.inf, **sharp), yes, 0),
        (PoissonRegressor(**sharp), events, 1),
        (PoissonRegressor(**free, **sharp), events, 0),
    ]:
        model.fit(x, target)
        mean = model.predict_proba(x)[:, 1] if target is yes else model.predict(x)
        prior = precision * np.r_[0, np.ravel(model.coef_)]
        np.testing.assert_allclose(design.T @ (mean - target) / n, -prior, atol=1e-5)
    level = np.digitize(number, [0, 1])
    three = LogisticRegression(C=np.inf, **sharp).fit(x, level).predict_proba(x)
    np.testing.assert_allclose(design.T @ (three - np.eye(3)[level]), 0, atol=1e-2)
    assert np.abs(QuantileRegressor().fit(x, number).coef_).max() < 1e-9
    high = QuantileRegressor(quantile=0.9, **free).fit(x, number).predict(x)
    assert abs(np.mean(number < high) - 0.9) < 0.01
    variance = np.exp(x[:, 0])
    fitted = WLS(number, design, weights=1 / variance).fit().fittedvalues
    np.testing.assert_allclose(design.T @ ((fitted - number) / variance), 0, atol=1e-8)
    for loss in ("squared_error", "absolute_error", "poisson"):
        HistGradientBoostingRegressor(loss=loss, max_iter=1).fit(x, events)


def test_poisson_with_exposure_in_two_libraries_is_as_the_chapter_on_counts_says():
    rng = np.random.default_rng(0)
    x, t = rng.standard_normal((500, 2)), rng.uniform(0.1, 3, 500)
    events, design = rng.poisson(t * np.exp(0.5 + x @ [0.8, -0.5])), np.column_stack([np.ones(500), x])
    glm = GLM(events, design, Poisson(), offset=np.log(t)).fit()
    plain = PoissonRegressor(alpha=0, tol=1e-10)
    twin = plain.fit(x, events / t, sample_weight=t).coef_
    np.testing.assert_allclose(twin, glm.params[1:], atol=1e-5)
    assert np.abs(plain.fit(x, events / t).coef_ - twin).max() > 0.01


def test_robust_fits_in_two_libraries_are_as_the_chapter_on_outliers_says():
    x, y, _ = datasets.stackloss()
    x = ((x - x.mean(0)) / x.std(0)).numpy()
    rlm = RLM(y.numpy(), np.column_stack([np.ones(21), x]), M=HuberT(1.345)).fit()
    huber = HuberRegressor(epsilon=1.345, alpha=0, tol=1e-9, max_iter=1000).fit(x, y)
    assert (round(rlm.scale, 2), round(huber.scale_, 2)) == (2.44, 1.25)  # as on the page
    assert np.abs(huber.coef_ - rlm.params[1:]).max() > 0.5
    many = np.random.default_rng(0).standard_normal((20_000, 2))
    assert abs(HuberRegressor(alpha=0).fit(many[:, :1], many[:, 1]).scale_ - 0.68) < 0.02


def test_randhie_by_statsmodels_is_what_the_chapter_on_counts_quotes():
    x, visits, _ = datasets.randhie()
    x, visits = np.column_stack([np.ones(len(x)), x]), visits.numpy()
    glm = GLM(visits, x, Poisson())
    plain, robust = glm.fit(), glm.fit(cov_type="HC0")
    ratio = robust.bse / plain.bse
    np.testing.assert_allclose([ratio.min(), ratio.max()], [2.4, 2.9], atol=0.05)
    start = np.append(plain.params, 1.0)
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        usual = NB(visits, x).fit(disp=0)
    assert not usual.mle_retvals["converged"] and "failed to converge" in str(said[0].message)
    nb2 = NB(visits, x).fit(start_params=start, maxiter=300, disp=0)
    assert nb2.mle_retvals["converged"] and abs(usual.llf - nb2.llf) < 1e-4
    np.testing.assert_allclose([nb2.llf, nb2.params[0], nb2.params[-1]], [-43383.6621, 0.66356, 1.292953], rtol=2e-6)
    nb1 = NB(visits, x, loglike_method="nb1").fit(start_params=start, maxiter=500, disp=0)
    np.testing.assert_allclose([nb1.llf, nb1.params[-1]], [-43278.7561, 3.731179], rtol=2e-5)
    zip_ = ZeroInflatedPoisson(visits, x).fit(disp=0, maxiter=500)
    np.testing.assert_allclose([zip_.llf, stats.logistic.cdf(zip_.params[0])], [-55327.6195, 0.289269], rtol=2e-6)
    dummy = ((visits == 0) & (x[:, 1] == 0)).astype(float)  # 1 only where y = 0
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        bad = GLM(visits, np.column_stack([x, dummy]), Poisson()).fit()
    assert bad.converged and bad.params[-1] < -20 and bad.bse[-1] > 1000


def test_cancer_is_the_table_of_statsmodels():
    deaths, women = datasets.cancer()
    table = cancer.load_pandas().data
    np.testing.assert_array_equal(deaths, table["cancer"])
    np.testing.assert_array_equal(women, table["population"])
    assert deaths.dtype == women.dtype == torch.float64
    fit = NB(deaths.numpy(), np.ones((301, 1)), offset=women.log().numpy()).fit(disp=0, maxiter=300)
    np.testing.assert_allclose([fit.llf, fit.params[1]], [-1025.8374, 0.044061], rtol=2e-5)


def test_randhie_is_the_published_table():
    x, y, names = datasets.randhie()
    assert x.dtype == y.dtype == torch.float64 and x.shape == (20190, len(names)) and y.shape == (20190,)
    # The Poisson regression that Stata 11 reports for it (in statsmodels' own tests).
    w = [-0.052535114675, -0.247086797633, 0.035290201794, -0.03457750643, 0.271713973711]
    w += [0.033941474461, -0.012635035534, 0.054056326828, 0.206115121809]
    rate = torch.exp(0.700352877227 + x @ torch.tensor(w, dtype=torch.float64))
    assert abs(torch.distributions.Poisson(rate).log_prob(y).sum() + 62419.588535) < 1e-3
    assert (x.T @ (rate - y)).abs().max() < 0.01
    assert names[0] == "lncoins" and round(x[:, 0].exp().max().item()) == 101


def test_stackloss_is_the_published_table():
    x, y, names = datasets.stackloss()
    assert x.dtype == y.dtype == torch.float64 and x.shape == (21, 3) and names == ["AIRFLOW", "WATERTEMP", "ACIDCONC"]
    # What R prints for lm(stack.loss ~ .) on its copy of the data.
    w = torch.linalg.lstsq(torch.cat([torch.ones(21, 1), x], dim=1), y).solution
    np.testing.assert_allclose(w, [-39.9197, 0.7156, 1.2953, -0.1521], atol=1e-4)


def test_fair_is_the_table_of_statsmodels():
    x, y, names = datasets.fair()
    witness = fair.load_pandas().data
    np.testing.assert_array_equal(x, witness[names])
    np.testing.assert_array_equal(y, witness.affairs > 0)
    assert x.dtype == y.dtype == torch.float64 and x.shape == (6366, 8) and y.sum() == 2053


def test_digits_are_scikit_learns():
    x, y = datasets.digits()
    witness = load_digits()
    np.testing.assert_array_equal(x * 16, witness.data)
    np.testing.assert_array_equal(y, witness.target)


@pytest.mark.parametrize("arguments", [{"steps": 400}, {"optimizer": "lbfgs"}, {"optimizer": "lbfgs", "lr": None}])
def test_fit_reaches_the_minimum(arguments):
    w = torch.zeros(2, dtype=torch.float64, requires_grad=True)
    history = training.fit([w], lambda: square(w - torch.tensor([1.0, -3.0])), **arguments)
    assert history[0] == 10 and (len(history) == 400 if "steps" in arguments else 2 < len(history) < 20)
    if "steps" not in arguments:
        assert history[-1] == square(w - torch.tensor([1.0, -3.0])).item()  # the last step is told as well
    torch.testing.assert_close(w.detach(), torch.tensor([1.0, -3.0], dtype=torch.float64), atol=1e-3, rtol=0)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"steps": 0}, "steps must be at least 1, got 0"),
        ({"steps": 0, "optimizer": "lbfgs"}, "steps must be at least 1, got 0"),
        ({}, "^steps must be given: Adam at a constant rate does not know when it has arrived$"),
        ({"steps": 1, "lr": 0.0}, "lr must be positive"),
        ({"steps": 1, "optimizer": "sgd"}, "'sgd'"),
    ],
)
def test_fit_refuses(arguments, message):
    w = torch.zeros(2, requires_grad=True)
    with pytest.raises(ValueError, match=message):
        training.fit([w], lambda: square(w), **arguments)


def test_fit_takes_the_steps_of_torch_adam():
    start = torch.tensor([1.0, -2.0], dtype=torch.float64)
    ours, theirs = start.clone().requires_grad_(), start.clone().requires_grad_()
    training.fit([ours], lambda: square(ours), steps=7)
    stepper = torch.optim.Adam([theirs], lr=0.1)
    for _ in range(7):
        stepper.zero_grad()
        square(theirs).backward()
        stepper.step()
    assert torch.equal(ours, theirs)


def test_fit_stops_when_the_loss_is_not_finite():
    w = torch.zeros(1, requires_grad=True)
    with pytest.raises(ValueError, match="the loss is nan at step 0: lower lr, or standardise the inputs"):
        training.fit([w], lambda: (w / w).sum(), steps=3)
    with pytest.raises(ValueError, match="the loss is nan at step 0: standardise the inputs"):
        training.fit([w], lambda: (w / w).sum(), optimizer="lbfgs")


def test_lbfgs_says_when_it_has_not_converged():
    w = torch.ones(2, dtype=torch.float64, requires_grad=True)
    with pytest.warns(RuntimeWarning, match=r"^L-BFGS stopped after 0 steps: ABNORMAL"):  # it goes uphill
        training.fit([w], lambda: 2 * square(w.detach()) - square(w), optimizer="lbfgs")


def test_lbfgs_has_time_for_a_long_valley():
    w = torch.full((30,), -1.5, dtype=torch.float64, requires_grad=True)

    def valley():
        return ((1 - w[:-1]) ** 2 + 100 * (w[1:] - w[:-1] ** 2) ** 2).sum()

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        history = training.fit([w], valley, optimizer="lbfgs")
    assert len(history) > 70 and history[-1] < 1e-12


def test_lbfgs_in_single_precision_converges_in_silence():
    w = torch.zeros(3, requires_grad=True)
    x = torch.tensor([[1.0, 0.1, 0.3], [0.2, 1.0, 0.7], [0.5, 0.3, 1.0], [0.9, 0.8, 0.1]])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        training.fit([w], lambda: (x @ w).exp().mean() - (x @ w)[:2].mean(), optimizer="lbfgs")
    gradient = torch.autograd.grad((x @ w).exp().mean() - (x @ w)[:2].mean(), w)[0]
    assert gradient.abs().max() < 1e-3 and w.dtype == torch.float32


def test_lbfgs_that_rounding_alone_stops_is_silent():
    """A step of the line search gains 5e-13 and loses 1e-11 to rounding: no step is taken, and none is missing."""
    w = torch.tensor(1e-6, dtype=torch.float64, requires_grad=True)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        training.fit([w], lambda: w**2 / 2 + 1e-11 * (w.detach() != 1e-6), optimizer="lbfgs")
    assert w.item() == 1e-6


def test_style_is_opaque_white_at_one_size():
    plotting.use_style()
    assert mpl.rcParams["figure.facecolor"] == "white" and mpl.rcParams["figure.dpi"] == 110
    assert mpl.rcParams["figure.figsize"] == [6.0, 3.8] and mpl.rcParams["figure.constrained_layout.use"]
    assert not mpl.rcParams["axes.spines.top"] and not mpl.rcParams["axes.spines.right"]
    assert not mpl.rcParams["legend.frameon"]
    assert (mpl.rcParams["font.size"], mpl.rcParams["lines.linewidth"]) == (11.6, 1.8)


def test_figures_of_a_notebook_have_two_pixels_for_each_of_the_page(monkeypatch):
    formats = []
    monkeypatch.setattr(plotting, "set_matplotlib_formats", lambda name, **options: formats.append((name, options)))
    plotting.use_style()
    assert formats == []  # a script
    monkeypatch.setattr(plotting, "get_ipython", lambda: True)
    plotting.use_style()
    assert formats == [("retina", {"pil_kwargs": {"compress_level": 1}})]


def test_density_and_loss_draws_p_and_its_minus_log():
    y = np.linspace(-2, 2, 5)
    laws = {f"σ = {s}": torch.from_numpy(stats.norm.logpdf(y, 0, s)) for s in (1, 2, 3, 4)}
    for options, words in [
        ({}, ("y", "density p(y)")),
        ({"xlabel": "t (s)", "ylabel": "p (1/s)"}, ("t (s)", "p (1/s)")),
    ]:
        top, bottom = plotting.density_and_loss(y, laws, **options)
        for ax, colour, expected in [(top, plotting.MODEL, np.exp), (bottom, plotting.LOSS, np.negative)]:
            assert [line.get_label() for line in ax.lines] == list(laws)
            assert [line.get_linestyle() for line in ax.lines] == ["-", "--", "-.", ":"]
            for line, log_p in zip(ax.lines, laws.values(), strict=True):
                np.testing.assert_array_equal(line.get_xdata(), y)
                np.testing.assert_allclose(line.get_ydata(), expected(np.asarray(log_p)))
                assert line.get_color() == colour
        assert (bottom.get_xlabel(), top.get_ylabel()) == words and bottom.get_ylabel() == "loss −log p (nats)"
        assert top.get_shared_x_axes().joined(top, bottom)
        assert top.figure.get_size_inches().tolist() == [6.0, 5.4]
        assert [text.get_text() for text in top.get_legend().get_texts()] == list(laws)
        assert top.figure.get_size_inches().tolist() == [6.0, 5.4]
        plt.close("all")


def test_posterior_chart_refuses_data_that_its_formula_does_not_cover():
    x = torch.tensor([[[1.0, 0.0], [0.0, 1.0]]])  # one sample
    with pytest.raises(ValueError, match=r"x and y must give positive weights .* in sample 1$"):
        explorers.posterior(x, torch.tensor([[1.0, -2.0]]))


def test_early_stopping_chart_refuses_inputs_that_are_not_standardised():
    x, y, names = datasets.diabetes()
    with pytest.raises(ValueError, match="x must have columns of mean 0 and mean square 1, got "):
        explorers.early_stopping(2 * x, y, names, [("s1", "s2")])


def test_prior_knob_chart_refuses_an_unknown_convention():
    knobs = {"Ridge alpha": ("Gaussian", 1, 2, 0, 1)}
    with pytest.raises(ValueError, match="convention must be one of Ridge alpha, got Lasso"):
        explorers.prior_knob(knobs, convention="Lasso", std=1, n=1, scale=1, knob=1)


def refusal(*arguments, **options):
    with pytest.raises(AssertionError) as caught:
        checks.check(*arguments, **options)
    return str(caught.value)


@pytest.mark.parametrize(
    ("got", "wanted"),
    [
        (2.0, 2),
        (np.float32(2.0), 2.0),
        (torch.tensor(2, dtype=torch.int32), 2.0),
        (torch.tensor([1.0, 2.0], requires_grad=True), [1, 2]),
        (np.array([True, False]), [1.0, 0.0]),
        (float("inf"), float("inf")),
        (1.0 + 1e-7, 1.0),
        (1e9 + 100, 1e9),
    ],
)
def test_check_accepts(got, wanted):
    assert checks.check("x", got, wanted) is None


def test_check_looks_at_the_shape_first_then_at_nan_then_at_values():
    nan = float("nan")
    assert refusal("x", torch.full((2, 1), nan), [1.0, 2.0], hint="h") == "x has shape (2, 1), wanted (2,)"
    assert refusal("x", torch.ones(2, 2), [1.0, 2.0]) == (
        "x has shape (2, 2), wanted (2,): (n, 1) and (n,) were broadcast to (n, n)"
    )
    assert refusal("x", torch.ones(2, 3), [1.0, 2.0]) == "x has shape (2, 3), wanted (2,)"
    assert refusal("x", torch.ones(2, 2), torch.ones(4, 1)) == "x has shape (2, 2), wanted (4, 1)"
    assert refusal("x", [nan, 7.0], [1.0, 2.0], hint="h") == "x is nan where it should be finite: h"
    assert refusal("x", [1.0, -float("inf")], [1.0, 2.0]) == "x is -inf where it should be finite"
    assert refusal("x", [1.0, 2.5], [1.0, 2.0], hint="h") == "x is off by up to 0.5: h"
    assert refusal("x", [1.0, 2.25], [1.0, 2.0]) == "x is off by up to 0.25"
    assert refusal("x", 1.0, float("inf")) == "x is off by up to inf"


def test_check_names_the_mistake():
    mistakes = {"is the ½ missing?": 4.0, "one for each": torch.tensor([2.0, 2.0])}
    assert refusal("x", 4.0, 2.0, mistakes=mistakes, hint="h") == "x is off by up to 2: is the ½ missing?"
    assert refusal("x", [2.0, 2.0], 2.0, mistakes=mistakes) == "x has shape (2,), wanted (): one for each"
    assert refusal("x", 5.0, 2.0, mistakes=mistakes, hint="h") == "x is off by up to 3: h"
    checks.check("x", 2.0, 2.0, mistakes={"right after all": 2.0})


def test_check_names_two_mistakes_that_are_functions():
    mistakes = {"summed": lambda value: 4 * value, "log y! is missing": lambda value: value - 1, "a constant": 7.5}
    assert refusal("x", 8.0, 2.0, mistakes=mistakes) == "x is off by up to 6: summed"
    assert refusal("x", 7.5, 2.0, mistakes=mistakes) == "x is off by up to 5.5: a constant"
    two = "x is off by up to {}: two things at once: {}; and {}"
    assert refusal("x", 4.0, 2.0, mistakes=mistakes) == two.format(2, "log y! is missing", "summed")
    assert refusal("x", 7.0, 2.0, mistakes=mistakes) == two.format(5, "summed", "log y! is missing")
    assert refusal("x", 5.0, 2.0, mistakes=mistakes, hint="h") == "x is off by up to 3: h"


def test_check_has_a_tolerance_relative_to_one_more_than_the_size():
    checks.check("x", 3.0, 2.0, tolerance=0.34)
    refusal("x", 3.0, 2.0, tolerance=0.33)
    refusal("x", 1.0 + 3e-6, 1.0)


def test_check_says_that_numbers_are_wanted():
    assert refusal("x", None, 1.0) == "x is NoneType: is the return missing?"
    assert refusal("x", "one", 1.0) == "x is str, where numbers are wanted"
    assert refusal("x", [[1.0], [1.0, 2.0]], 1.0) == "x is list, where numbers are wanted"
    assert (
        refusal("x", (torch.ones(2), torch.ones(2)), 1.0) == "x is tuple of 2, where one tensor is wanted: stack them"
    )
    assert refusal("x", [torch.ones(2), None], 1.0) == "x is list of 2, where one tensor is wanted: stack them"
    assert refusal("x", {}, 1.0) == "x is dict, where numbers are wanted"


def test_gradient_is_that_of_autograd_or_says_why_there_is_none():
    at = torch.tensor([1.0, -2.0])
    torch.testing.assert_close(checks.gradient("f", square, at), torch.tensor([2.0, -4.0]))
    assert not at.requires_grad
    for wrong in (lambda x: square(x).item(), lambda x: square(x.detach())):
        with pytest.raises(AssertionError, match=r"^no gradient flows through f: use torch functions"):
            checks.gradient("f", wrong, at)
    with pytest.raises(AssertionError, match=r"^f has shape \(2,\), wanted one number: reduce it$"):
        checks.gradient("f", lambda x: x**2, at)


def test_passed_names_what_passed(capsys):
    checks.passed("f")
    assert capsys.readouterr().out == "f: the visible checks pass\n"


def test_same_loss_says_both_values_and_has_a_tolerance_relative_to_the_larger():
    at = torch.tensor([1.0], dtype=torch.float64)
    with pytest.raises(AssertionError) as caught:
        checks.same_loss(("a", "b"), lambda x: x.sum() + 1, lambda x: x.sum(), at, factor=2, offset=-0.5)
    assert str(caught.value) == "a is not 2 × b -0.5000: the values differ by 0.5 (values 2 and 1.5)"
    with pytest.raises(AssertionError) as caught:
        checks.same_loss(("a", "b"), lambda x: 3 * x.sum(), lambda x: x.sum() + 2 * x.sum().detach(), at)
    assert str(caught.value) == "a is not b: the gradients differ by 2 (the largest entry is 1)"
    checks.same_loss(("a", "b"), lambda x: x.sum() + 1e6, lambda x: x.sum(), at, offset=1e6 + 0.5)
    checks.same_loss(("a", "b"), lambda x: 0 * x.sum() + 0.25, lambda x: 0 * x.sum(), at, tolerance=0.25)
    with pytest.raises(AssertionError, match=r"differ by 0\.6"):
        checks.same_loss(("a", "b"), lambda x: 0 * x.sum() + 0.6, lambda x: 0 * x.sum(), at, tolerance=0.5)


def test_residual_qq_is_scipys_probability_plot():
    residuals = torch.tensor([0.5, -2.0, 1.0, 4.0, -0.2])
    mpl.rcdefaults()  # without the book's first colour
    plotting.residual_qq(residuals, 2.0, "points")
    (ax,) = plt.gcf().axes
    dots, line = ax.lines
    quantiles = 2.0 * stats.norm.ppf([0.1, 0.3, 0.5, 0.7, 0.9])
    np.testing.assert_allclose(dots.get_xdata(), quantiles)
    np.testing.assert_allclose(dots.get_ydata(), sorted(residuals.tolist()))
    np.testing.assert_allclose(line.get_xydata(), np.column_stack([quantiles, quantiles]))
    assert (dots.get_marker(), dots.get_linestyle(), dots.get_color()) == ("o", "None", plotting.DATA)
    assert (line.get_color(), dots.get_markersize()) == (plotting.MODEL, 3)
    assert ax.get_xlabel() == "quantile of the fitted Gaussian (points)"
    assert ax.get_ylabel() == "residual quantile (points)"
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["residuals", "exactly Gaussian"]
    plt.close("all")


def test_line_takes_its_limits():
    x, y = datasets.line(np.random.default_rng(0), 1, std=0.0)
    assert y == 1 + 2 * x
    x, y = datasets.line(np.random.default_rng(0), 1000, slope=0.0, intercept=0.0)
    assert x.min() < 0.1
    rng = np.random.default_rng(0)
    rng.uniform(0, 4, 1000)
    np.testing.assert_array_equal(y, rng.standard_normal(1000))


def test_lbfgs_takes_as_many_steps_as_allowed_and_goes_on_to_the_last_digit():
    def start():
        return torch.tensor([-1.2, 1.0], dtype=torch.float64, requires_grad=True)

    def rosenbrock(w):
        return (1 - w[0]) ** 2 + 100 * (w[1] - w[0] ** 2) ** 2

    short, long = start(), start()
    history = training.fit([short], lambda: rosenbrock(short), steps=3, optimizer="lbfgs")
    assert (
        len(history) == 4
        and history[-1] == rosenbrock(short).item()
        and all(isinstance(value, float) for value in history)
    )
    assert rosenbrock(short).item() > 0.1
    history = training.fit([long], lambda: rosenbrock(long), optimizer="lbfgs")
    assert history[0] == rosenbrock(start()).item() and len(history) < 100
    torch.testing.assert_close(long.detach(), torch.ones(2, dtype=torch.float64), atol=1e-9, rtol=0)
    single = torch.zeros(2, requires_grad=True)
    training.fit([single], lambda: square(single - 1), steps=50, optimizer="lbfgs")
    assert single.dtype == torch.float32 and torch.allclose(single.detach(), torch.ones(2))
