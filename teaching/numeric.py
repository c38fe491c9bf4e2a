"""The numeric questions: a short function each, of the numbers that are drawn for it.

A function returns its text, the right value with its reply, and each named mistake's value with its reply; all are
computed by `lib` and PyTorch. `numeric` says where it belongs, how hard it is, and from which numbers each parameter is
drawn. Every combination of these numbers is tried before a question is used, so that for no seed a mistake has the
right value.
"""

import functools
import inspect
import itertools
import math
import random
import re
from dataclasses import dataclass

import torch
from torch import distributions

from lib import likelihoods as L
from teaching.bank import Option, Question

TABLE = {}


@dataclass(frozen=True, eq=False)
class Row:
    function: object
    page: str
    heading: str
    difficulty: int
    grid: dict  # {parameter: the numbers that it is drawn from}

    @property
    def name(self):
        return self.function.__name__


def numeric(page, heading, difficulty, table=TABLE, **grid):
    """Put a function into the table."""

    def keep(function):
        if set(inspect.signature(function).parameters) != set(grid):
            raise ValueError(f"numeric question {function.__name__}: its parameters and their numbers differ")
        table[function.__name__] = Row(function, page, heading, difficulty, grid)
        return function

    return keep


def of_page(page, headings, seed, table=TABLE):
    """The numeric questions of a page, with the numbers of this seed; `headings` begins with the chapter's title."""
    return [draw(row, headings[0], headings, seed) for row in table.values() if row.page == page]


def draw(row, chapter, headings, seed):
    if row.heading not in headings:
        raise ValueError(f"numeric question {row.name}: {row.page} has no heading {row.heading!r}")
    return question(row, chapter, random.Random(f"{seed} {row.name}").choice(combinations(row)))


@functools.cache
def combinations(row):
    """All that its parameters may be together; each makes a question that is whole."""
    found = [dict(zip(row.grid, values, strict=True)) for values in itertools.product(*row.grid.values())]
    for parameters in found:
        question(row, "", parameters)
    return found


def question(row, chapter, parameters):
    """A numeric question with these numbers, if it is whole."""
    text, *answers = row.function(**parameters)
    right, tolerance = answers[0][0], tolerance_of(answers[0][0])
    where = f"numeric question {row.name}, with {parameters}"
    if len(answers) < 3:
        raise ValueError(f"{where}: at least two named mistakes are wanted")
    for i, (value, reply) in enumerate(answers):
        if not reply.strip():
            raise ValueError(f"{where}: the option {value:.4f} has no reply")
        if not math.isfinite(value):
            raise ValueError(f"{where}: {reply!r} has the value {value}")
        for other, said in answers[:i]:
            if abs(value - other) <= 2 * max(tolerance, tolerance_of(value)):
                kind = "equals the right value" if other == right else f"has the value of {said!r}"
                raise ValueError(f"{where}: the mistake {reply!r}, {value:.4f}, {kind}")
    options = tuple(Option(shown(value), minus(reply), value) for value, reply in answers)
    text = minus(text) + " (Four digits.)"
    place = {"page": row.page, "chapter": chapter, "heading": row.heading, "difficulty": row.difficulty}
    more = {"name": row.name, "parameters": parameters, "tolerance": tolerance}
    return Question(kind="numeric", text=text, options=options, **place, **more)


def tolerance_of(value):
    """What is accepted: half a per cent, or 0.002."""
    return max(0.002, 0.005 * abs(value))


def shown(value):
    return minus(f"{value:.4f}")


def minus(text):
    return re.sub(r"(?<![\w.)`^{-])-(?=\d)", "−", text)


def listed(*numbers):
    return ", ".join(f"{x:g}" for x in numbers)


def tensor(*numbers):
    return torch.tensor(numbers, dtype=torch.float64)


def cost(nll, *inputs, **options):
    """A mean NLL of numbers or lists, in float64."""
    return nll(*(torch.tensor(x, dtype=torch.float64) for x in inputs), **options).item()


def slope(nll, at, *inputs, **options):
    """Its derivative by the first input."""
    at = torch.tensor(at, dtype=torch.float64, requires_grad=True)
    inputs = [torch.tensor(x, dtype=torch.float64) for x in inputs]
    return torch.autograd.grad(nll(at, *inputs, **options), at)[0].item()


def class_cost(logits, c):
    return L.categorical_nll(tensor(*logits)[None], torch.tensor([c])).item()


def logit(p):
    return math.log(p / (1 - p))


def coin(q, p):
    """The cross-entropy of a coin that is one with probability p, if q is said: what `bernoulli_nll` costs then."""
    return p * cost(L.bernoulli_nll, logit(q), 1.0) + (1 - p) * cost(L.bernoulli_nll, logit(q), 0.0)


def sigmoid(z):
    return torch.sigmoid(tensor(z)).item()


# --- From likelihood to loss -----------------------------------------------------------------------------------------


@numeric(
    "likelihood_to_loss", "A question that a probability answers", 2, heads=(3, 4, 6), n=(10, 14), theta=(0.3, 0.6, 0.8)
)
def tosses(heads, n, theta):
    right = heads * cost(L.bernoulli_nll, logit(theta), 1.0) + (n - heads) * cost(L.bernoulli_nll, logit(theta), 0.0)
    return (
        f"{n} tosses in a known order have {heads} heads. What is the negative log-likelihood of θ = {theta}, "
        "in nats, summed over the tosses?",
        (right, "Yes: −heads · log θ − tails · log(1 − θ)."),
        (right - math.log(math.comb(n, heads)), "That is for the *number* of heads, in any order: a binomial."),
        (right / n, "That is the mean over the tosses; the sum was asked for."),
        (right / math.log(2), "That is in bits: the logarithm had base 2."),
    )


@numeric("likelihood_to_loss", "Why the logarithm", 3, cost_each=(0.7, 1.1, 1.4, 2.3, 3.5))
def underflow(cost_each):
    smallest = -math.log(5e-324)
    return (
        f"Each factor of a likelihood costs about {cost_each} nats. The smallest positive float64 is "
        "4.94e-324. After about how many factors is the product exactly zero?",
        (smallest / cost_each, "Yes: log(4.94e-324) is −744.4, and each factor takes its share of that."),
        (324 / cost_each, "324 counts powers of *ten*; a nat is a power of e."),
        (smallest * cost_each, "The cost of a factor divides: dear factors get there sooner."),
    )


@numeric("likelihood_to_loss", "With inputs", 2, mean=(0.62, 1.04, 2.31), n=(50, 200, 1000), times=(3, 4))
def sum_and_mean(mean, n, times):
    return (
        f"The mean NLL of {n} examples is {mean} nats. A second set with {times} times as many examples has "
        "the same mean. What is the sum over both sets, in nats?",
        ((1 + times) * n * mean, "Yes: sums add up, and each is n times its mean."),
        (times * n * mean, "The first set counts as well."),
        (2 * n * mean, "That would be two sets of one size: a sum grows with n."),
    )


# --- What does the value of a loss mean? -----------------------------------------------------------------------------


@numeric("value_of_a_loss", "Units, logarithms, means", 1, nll=(-0.35, 0.8, 1.42, 2.27), c=(10, 100, 1000))
def another_unit(nll, c):
    return (
        f"A regression has a mean NLL of {nll} nats. The targets are now written in a unit {c} times as "
        f"small, so that all numbers are {c} times as large, and the model with them. What is its mean NLL?",
        (nll + math.log(c), "Yes: a density per smaller unit is smaller, and its −log grows by the log of the factor."),
        (nll - math.log(c), "The other way round: a density *per smaller unit* is a smaller number."),
        (nll * c, "The squared errors grow by c², but σ² does as well. What changes is the logarithm of the density."),
        (nll, "The predictions are the same, but a density has a unit: one over that of y."),
    )


@numeric("value_of_a_loss", "Units, logarithms, means", 1, nats=(0.45, 0.62, 1.31, 2.08, 3.4))
def nats_to_bits(nats):
    return (
        f"A mean NLL is {nats} nats. How many bits is that?",
        (nats / math.log(2), "Yes: a bit is log 2 ≈ 0.693 nats, so there are more bits than nats."),
        (nats * math.log(2), "Upside down: a bit is *less* than a nat, so it takes more of them."),
        (2**nats, "No power is needed: both are logarithms, and differ by a factor."),
    )


@numeric("value_of_a_loss", "Another scale of y: the Jacobian", 2, nll=(0.95, 1.2, 2.22), mean_log=(0.7, 3.1, 4.9))
def jacobian_of_log(nll, mean_log):
    return (
        f"A model of log y has a held-out NLL of {nll} nats, as a density of log y. The mean of log y there "
        f"is {mean_log}. What is its NLL as a density of y?",
        (nll + mean_log, "Yes: p(y) = p(log y) · 1/y, and −log(1/y) is log y."),
        (nll - mean_log, "The sign: the density of y is that of log y *divided* by y."),
        (nll, "The Jacobian is missing: the two densities have different units."),
        (nll + math.exp(mean_log), "The Jacobian enters by its logarithm, which is log y and not y."),
    )


@numeric("value_of_a_loss", "Bins: from a density to a probability", 2, nll=(3.35, 4.1, 5.4), width=(0.1, 0.25, 5))
def density_to_bin(nll, width):
    return (
        f"A density has the mean NLL {nll} nats, in the unit of y. The numbers are recorded in narrow bins "
        f"{width} units wide. What is, nearly, the mean −log *probability* of the bins?",
        (nll - math.log(width), "Yes: a bin's probability is about density times width."),
        (nll + math.log(width), "The sign: a wider bin is *more* probable, so it costs less."),
        (nll * width, "The density is multiplied by the width, so its logarithm is shifted."),
    )


@numeric("value_of_a_loss", "Is it good? Compare with the null model", 2, share=(0.02, 0.05, 0.1, 0.2, 0.3))
def null_of_a_share(share):
    right = coin(share, share)
    return (
        f"A share of {share} of the labels are ones. What is the mean NLL, in nats, of the best model that "
        "looks at no input?",
        (right, "Yes: the entropy of the share. A model must be below it to have learnt anything from the inputs."),
        (-math.log(1 - share), "That charges the zeros alone. The ones cost −log of the share."),
        (right / math.log(2), "That is in bits."),
        (math.log(2), "That is a fair coin. The share is known, and better."),
    )


@numeric("value_of_a_loss", "A probability, or a probability per unit", 2, rmse=(0.3, 2.5, 53))
def profiled(rmse):
    right = cost(L.gaussian_nll, 0.0, rmse, std=rmse)
    return (
        f"A Gaussian model has a root mean squared error of {rmse}, and σ is set to it. What is its mean NLL "
        "on these data?",
        (right, "Yes: ½ log(2πe · MSE). The mean of the squares, divided by σ², is 1."),
        (right - 0.5, "The ½ of the exponent is missing: the residuals are not 0, their mean square is σ²."),
        (right - 0.5 * math.log(2 * math.pi), "The constant ½ log 2π is missing: it belongs to the density."),
        (right + math.log(rmse), "The logarithm is of σ; that of σ² has a factor ½."),
    )


@numeric("value_of_a_loss", "From a gain to a share", 3, gain=(0.05, 0.2, 0.35, 0.69))
def gain_to_r2(gain):
    return (
        f"With its best σ, a Gaussian model has a mean NLL {gain} nats below that of the null model. What is "
        "its R² there?",
        (1 - math.exp(-2 * gain), "Yes: the gain is −½ log(1 − R²)."),
        (1 - math.exp(-gain), "The ½ is missing: the NLL has ½ log of the *variance*."),
        (math.exp(-2 * gain), "That is the share that is left, 1 − R²."),
        (2 * gain, "Nearly, for a small gain: but 1 − R² falls exponentially with it."),
    )


# --- Gaussian --------------------------------------------------------------------------------------------------------


@numeric(
    "mse_gaussian", "The model: one Gaussian around every prediction", 1, mean=(1, 2.5), y=(3, 4.5), std=(0.5, 2, 3)
)
def gaussian_cost(mean, y, std):
    right = cost(L.gaussian_nll, mean, y, std=std)
    return (
        f"A model predicts the mean {mean} with standard deviation {std}; y = {y} comes. What does it cost, in nats?",
        (right, "Yes: ½((y − f)/σ)² + log σ + ½ log 2π."),
        (right - 0.5 * math.log(2 * math.pi), "The constant ½ log 2π is missing: then it is no density."),
        (right - math.log(std), "log σ is missing, the normaliser that stops σ from growing."),
        (cost(L.gaussian_nll, mean, y, std=std**0.5), "The standard deviation was taken for a variance."),
    )


@numeric("mse_gaussian", "Same minimum, another scale", 1, std=(0.5, 1.5, 2, 3), y=(2, 5))
def gradient_ratio(std, y):
    nll = slope(L.gaussian_nll, 1.0, y, std=std)
    mse = slope(lambda f, y: (f - y) ** 2, 1.0, y)
    return (
        f"σ = {std}. How many times as large as that of the NLL is the gradient of the MSE?",
        (mse / nll, "Yes: 2σ²."),
        (mse / nll / 2, "The ½ of the exponent is forgotten: the square's derivative has a 2."),
        (nll / mse, "Upside down: that is the gradient of the NLL over that of the MSE."),
    )


@numeric("mse_gaussian", "Estimate σ as well", 2, a=(-3, -2), b=(1, 0.5), c=(2, 4), d=(-1, 0))
def sigma_hat(a, b, c, d):
    r = tensor(a, b, c, d)
    return (
        f"The residuals of a model are {listed(a, b, c, d)}. What is the maximum likelihood estimate of σ?",
        (r.square().mean().sqrt().item(), "Yes: the root of the mean square, divided by n."),
        (r.square().mean().item(), "That is σ̂²: the root is missing."),
        (r.abs().mean().item(), "That is the mean absolute residual, the b̂ of a Laplace distribution."),
        (
            (r.square().sum() / 3).sqrt().item(),
            "That divides by n − 1. Maximum likelihood divides by n.",
        ),
    )


@numeric("mse_gaussian", "Divide by n, or by n − p?", 2, n=(10, 20, 40), p=(3, 5), std=(1, 2))
def shrunk_variance(n, p, std):
    return (
        f"A linear model with {p} coefficients is fitted to {n} points with noise of standard deviation "
        f"{std}. What is σ̂², the mean squared training residual, on average?",
        ((n - p) / n * std**2, "Yes: σ²(n − p)/n. Each coefficient spends one residual."),
        ((n - 1) / n * std**2, "That is for a fitted mean alone: one coefficient."),
        (std**2, "The fitted model lies closer to its points than the true one."),
        (n / (n - p) * std**2, "Upside down: training residuals are too small."),
    )


# --- Laplace ---------------------------------------------------------------------------------------------------------


@numeric("mae_laplace", "From the density to the absolute error", 1, median=(1, 2), y=(4, -2.5), scale=(0.7, 1.5, 3))
def laplace_cost(median, y, scale):
    right = cost(L.laplace_nll, median, y, scale=scale)
    return (
        f"A Laplace model predicts the median {median} with scale b = {scale}; y = {y} comes. What does it "
        "cost, in nats?",
        (right, "Yes: |y − f|/b + log 2b."),
        (right - math.log(2), "The 2 is missing: there are two tails."),
        (right - math.log(2 * scale), "The normaliser log 2b is missing."),
        (cost(L.gaussian_nll, median, y, std=scale), "That is a Gaussian with σ = b."),
    )


@numeric("mae_laplace", "Estimate b as well", 2, a=(-3, -2), b=(1, 0.5), c=(2, 4), d=(-7, 8))
def b_hat(a, b, c, d):
    r = tensor(a, b, c, d)
    return (
        f"The residuals of a model fitted by MAE are {listed(a, b, c, d)}. What is the maximum likelihood "
        "estimate of b?",
        (r.abs().mean().item(), "Yes: the mean absolute residual."),
        (r.square().mean().sqrt().item(), "That is σ̂ of a Gaussian: squares."),
        (2**0.5 * r.abs().mean().item(), "That is the *standard deviation* of the fitted Laplace, √2 b."),
        (r.abs().sum().item(), "The sum: it must be divided by n."),
    )


@numeric("mae_laplace", "The model: a peak and two long tails", 1, mae=(0.6, 1.2, 2.5, 7))
def laplace_std(mae):
    return (
        f"The noise is Laplace and the mean absolute error {mae}. What is its standard deviation?",
        (distributions.Laplace(0.0, tensor(mae)).stddev.item(), "Yes: √2 b."),
        (mae, "That is b, the mean absolute deviation."),
        (mae / 2**0.5, "The other way round: a root mean square is never below the mean distance."),
        (2 * mae**2, "That is the variance."),
    )


@numeric("mae_laplace", "What robustness costs", 3, scale=(0.5, 2, 4), level=(0.9, 0.95, 0.99))
def laplace_interval(scale, level):
    def beyond(p):
        return distributions.Laplace(0.0, tensor(scale)).icdf(tensor(p)).item()

    return (
        f"A Laplace model has b = {scale}. How far to each side of its median does the interval reach that holds "
        f"{100 * level:.0f} % of the targets?",
        (beyond((1 + level) / 2), "Yes: −b log(1 − level), since each tail has half of what is left."),
        (beyond(level), "All of what is left was put into one tail."),
        (scale * distributions.Normal(0.0, 1.0).icdf(tensor((1 + level) / 2)).item(), "That is a Gaussian with σ = b."),
    )


# --- Bernoulli -------------------------------------------------------------------------------------------------------


@numeric("bce_bernoulli", "From the probability to the cross-entropy", 1, z=(-2.5, -1, 0.5, 1.5, 3), y=(0, 1))
def bce_cost(z, y):
    right, p = cost(L.bernoulli_nll, z, float(y)), sigmoid(z)
    return (
        f"The label is {y}, the logit {z}. What is the BCE, in nats?",
        (right, "Yes: softplus(z) − y z."),
        (cost(L.bernoulli_nll, z, 1.0 - y), "That is the cost of the other label."),
        (cost(L.bernoulli_nll, p, float(y)), "The sigmoid was taken twice: a probability went in as a logit."),
        ((p - y) ** 2, "That is the squared error of the probability (the Brier score)."),
    )


@numeric("bce_bernoulli", "Confident and wrong", 2, z=(-4, -2.5, -1.5, 2), y=(0, 1))
def bce_slope(z, y):
    right, p = slope(L.bernoulli_nll, z, float(y)), sigmoid(z)
    return (
        f"The label is {y}, the logit {z}. What is the derivative of the BCE by the logit?",
        (right, "Yes: p − y."),
        (-right, "The sign: mean minus y, not y minus mean."),
        (2 * (p - y) * p * (1 - p), "That is of the squared error of p, which has the factor p(1 − p) as well."),
        (right / (p * (1 - p)), "That is by the *probability*. By the logit the factor p(1 − p) cancels."),
    )


@numeric("bce_bernoulli", "Real data: odds for 32 students", 2, p=(0.1, 0.2, 0.3), w=(0.9, 1.4))
def odds_ratio(p, w):
    return (
        f"The coefficient of a yes-or-no input is {w}. Without it, somebody has the probability {p}. And with it?",
        (sigmoid(logit(p) + w), "Yes: the log-odds rise by the coefficient."),
        (p * math.exp(w), "The *odds* are multiplied by e^w, not the probability; for a small p nearly the same."),
        (p + w * p * (1 - p), "That follows the tangent; the curve bends."),
        (sigmoid(w), "That forgets the start."),
    )


@numeric("bce_bernoulli", "When it breaks", 3, flip=(0.02, 0.05, 0.1), p=(0.1, 0.3, 0.6))
def flipped_labels(flip, p):
    return (
        f"Annotators flip a share of {flip} of all labels at random. The true probability of a one is {p}. "
        "What is the probability of an *observed* one, at which the loss aims?",
        (p * (1 - flip) + (1 - p) * flip, "Yes: ones that were kept, and zeros that were flipped."),
        (p * (1 - flip), "The zeros that were flipped to ones are missing."),
        (p + flip, "Only zeros can be flipped to ones; and some ones are lost."),
    )


# --- Categorical -----------------------------------------------------------------------------------------------------


@numeric(
    "ce_categorical", "From the probability to cross-entropy", 1, a=(-1, 0.5), b=(1.3, 0.9), c=(-1.5, 0.2), y=(0, 1, 2)
)
def ce_cost(a, b, c, y):
    z = (a, b, c)
    right, p = class_cost(z, y), tensor(*z).softmax(0)
    return (
        f"Three classes have the logits {listed(*z)}; the class that comes is number {y}, counted from 0. "
        "What is the cross-entropy, in nats?",
        (right, "Yes: log Σ exp(z) minus the logit of the class."),
        (class_cost(p.tolist(), y), "Softmax was taken twice: probabilities went in as logits."),
        (right / math.log(2), "That is in bits."),
        (1 - p[y].item(), "That is one minus the probability: the linear score, which is not proper."),
    )


@numeric("ce_categorical", "In your project", 1, K=(5, 20, 100, 1000))
def start_of_training(K):
    return (
        f"An untrained classifier gives {K} classes the same probability. Where does its cross-entropy start, in nats?",
        (class_cost([0.0] * K, 0), "Yes: log K."),
        (math.log2(K), "That is in bits."),
        (1 - 1 / K, "That is its error rate."),
    )


@numeric("ce_categorical", "A target need not be one class", 2, share=(0.6, 0.7, 0.9), eps=(0.1, 0.2), K=(4, 10))
def smoothed_answer(share, eps, K):
    return (
        f"{K} classes, no inputs; one class has the share {share}. Label smoothing is ε = {eps}. Which "
        "probability for this class minimises the loss?",
        ((1 - eps) * share + eps / K, "Yes: (1 − ε)π + ε/K."),
        (share, "That is maximum likelihood without smoothing."),
        ((1 - eps) * share, "What is taken away is given back evenly: + ε/K."),
        ((1 - eps) * share + eps, "ε is divided among all K classes."),
    )


@numeric("ce_categorical", "Only differences of logits count", 2, car=(0.5, 0.8), bike=(0.2, -0.3), km=(2, 3))
def difference_of_slopes(car, bike, km):
    return (
        f"The logit of “car” rises by {car} a kilometre, that of “bike” by {bike}. By which factor do {km} "
        "kilometres multiply the odds of car against bike?",
        (math.exp(km * (car - bike)), "Yes: only the difference of the slopes counts."),
        (math.exp(km * car), "A coefficient of one class says nothing by itself."),
        (km * (car - bike), "That is the change of the log-odds; the odds are its exponential."),
        (math.exp(km * (bike - car)), "Upside down: bike against car."),
    )


# --- KL --------------------------------------------------------------------------------------------------------------


@numeric("kl_divergence", "Surprise, expected and excess", 1, p=(0.1, 0.2, 0.8), q=(0.45, 0.65))
def kl_of_coins(p, q):
    right = coin(q, p) - coin(p, p)
    return (
        f"It rains with probability p = {p}; the model says q = {q}. What is KL(p‖q), in nats?",
        (right, "Yes: cross-entropy minus entropy, weighted by what happens."),
        (coin(p, q) - coin(q, q), "That is KL(q‖p): the average is over p, over what happens."),
        (coin(q, p), "That is the cross-entropy; the entropy of p must be taken off."),
    )


@numeric("kl_divergence", "Surprise, expected and excess", 1, p=(0.1, 0.2, 0.8), q=(0.45, 0.6))
def cross_entropy_of_coins(p, q):
    return (
        f"It rains with probability p = {p}; a forecaster says q = {q} every day. What is his mean NLL in the "
        "long run, in nats?",
        (coin(q, p), "Yes: −p log q − (1 − p) log(1 − q)."),
        (coin(p, q), "The weights are what happens, the logarithms what was said; here they changed places."),
        (coin(p, p), "That is the entropy, the mean NLL of a forecaster who says p."),
    )


@numeric("kl_divergence", "Densities: entropy may be negative, KL may not", 3, m=(0.5, 1, 2), s=(0.5, 2, 3))
def kl_of_gaussians(m, s):
    p, q = distributions.Normal(tensor(0.0), tensor(1.0)), distributions.Normal(tensor(m), tensor(s))
    right = distributions.kl_divergence(p, q).item()
    return (
        f"p is N(0, 1), q has mean {m} and standard deviation {s}. What is KL(p‖q), in nats?",
        (right, "Yes: log s + (1 + m²)/(2s²) − ½."),
        (distributions.kl_divergence(q, p).item(), "That is KL(q‖p)."),
        (right + 0.5 * math.log(2 * math.pi) + 0.5, "That is the cross-entropy; the entropy of p must be taken off."),
    )


@numeric("kl_divergence", "When the model is wrong", 2, std=(0.5, 1.5, 2, 3))
def laplace_fitted_to_normal(std):
    return (
        f"A Laplace distribution is fitted by maximum likelihood to very many draws from N(0, {std}²). Where "
        "does b end?",
        (std * math.sqrt(2 / math.pi), "Yes: the mean distance from the median, √(2/π) σ."),
        (std, "b is no standard deviation."),
        (std / 2**0.5, "That would match the standard deviations; a Laplace matches the mean distance."),
    )


@numeric("kl_divergence", "When it breaks", 3, K=(5, 7, 9), n=(60, 80, 100))
def optimism(K, n):
    return (
        f"{K} equally likely classes are fitted by their shares in {n} draws. By about how much, on average, "
        "lies the mean training NLL below log K?",
        ((K - 1) / (2 * n), "Yes: free parameters over 2n; the last share is not free."),
        (K / (2 * n), "The shares add up to 1: one parameter less."),
        ((K - 1) / n, "Half of that: the other half is what is lost on new data."),
    )


# --- Counts ----------------------------------------------------------------------------------------------------------


@numeric("counts", "Poisson: the loss of a rate", 1, rate=(0.8, 2.5, 4), y=(2, 3, 5))
def poisson_cost(rate, y):
    right = cost(L.poisson_nll, math.log(rate), float(y))
    return (
        f"A Poisson model expects {rate} visits; {y} come. What does it cost, in nats?",
        (right, "Yes: λ − y log λ + log y!."),
        (right - math.lgamma(y + 1), "log y! is missing, as in `F.poisson_nll_loss`: then it is no −log probability."),
        (cost(L.poisson_nll, rate, float(y)), "The rate was passed for its logarithm."),
    )


@numeric("counts", "Zeros: extra ones, or a hurdle", 2, pi=(0.1, 0.25, 0.4), mu=(0.5, 1.5, 3))
def inflated_zero(pi, mu):
    zero = math.exp(-cost(L.poisson_nll, math.log(mu), 0.0))
    return (
        f"In a zero-inflated Poisson model a share of {pi} can only be 0; the others have the mean {mu}. What "
        "is the probability of a 0?",
        (pi + (1 - pi) * zero, "Yes: π + (1 − π)e^(−μ)."),
        (pi, "The others have zeros as well. In a *hurdle* model it would be right."),
        (zero, "That is the Poisson alone."),
        (pi + zero, "Only the share 1 − π is Poisson."),
    )


@numeric("counts", "Exposure is an offset", 1, f=(-2.5, -1.2, -0.7), exposure=(2, 3.5))
def offset(f, exposure):
    return (
        f"A network says {f}, the log rate per kilometre. The road is {exposure} kilometres long. How many "
        "accidents are expected?",
        (exposure * math.exp(f), "Yes: e^(f + log exposure)."),
        (math.exp(f), "That is the rate for one kilometre."),
        (math.exp(f * exposure), "The *logarithm* of the length is added to f; f is not multiplied."),
        (math.exp(f + exposure), "The offset is the logarithm of the length."),
    )


@numeric("counts", "A variance larger than the mean", 1, mu=(2, 3, 8), alpha=(0.25, 0.5, 1.5))
def nb_variance(mu, alpha):
    r = 1 / alpha
    return (
        f"A negative binomial (NB2) has the mean {mu} and α = {alpha}. What is its variance?",
        (distributions.NegativeBinomial(tensor(r), tensor(mu / (mu + r))).variance.item(), "Yes: μ + αμ²."),
        (mu, "That is the Poisson's."),
        (mu + alpha * mu, "That is NB1: in NB2 the surplus grows with the square."),
        (mu + mu**2 / alpha, "α was taken for r = 1/α."),
    )


@numeric("counts", "A variance larger than the mean", 2, mu=(2, 3), alpha=(0.5, 2), y=(0, 9, 12))
def nb_cost(mu, alpha, y):
    return (
        f"A negative binomial (NB2) has the mean {mu} and α = {alpha}; y = {y} comes. What does it cost, in nats?",
        (
            cost(L.negative_binomial_nll, math.log(mu), float(y), math.log(alpha)),
            "Yes: −log of Γ(y + r)/(Γ(r) y!) · (1 + αμ)^(−r) · (αμ/(1 + αμ))^y, with r = 1/α.",
        ),
        (cost(L.poisson_nll, math.log(mu), float(y)), "That is the Poisson's cost: no α in it."),
        (cost(L.negative_binomial_nll, math.log(mu), float(y), -math.log(alpha)), "α was taken for r = 1/α."),
    )


@numeric("counts", "A variance larger than the mean", 2, r=(2, 3, 5), p=(0.2, 0.3, 0.8))
def nb_in_pytorch(r, p):
    return (
        f"What is the mean of PyTorch's `NegativeBinomial({r}, probs={p})`?",
        (distributions.NegativeBinomial(tensor(r), tensor(p)).mean.item(), "Yes: r · probs/(1 − probs)."),
        (r * (1 - p) / p, "That is SciPy's `nbinom`: its p is 1 − `probs`."),
        (r * p, "That is a binomial's mean."),
    )


# --- Two heads -------------------------------------------------------------------------------------------------------


@numeric("heteroscedastic", "From the density to the loss", 1, mean=(1, 2), y=(3.5, -1), log_var=(-1, 0.6, 1.6))
def log_var_cost(mean, y, log_var):
    right = cost(L.heteroscedastic_nll, mean, y, log_var)
    return (
        f"A network says mean {mean} and log-variance {log_var}; y = {y} comes. What is the whole Gaussian "
        "NLL, in nats?",
        (right, "Yes: ½ s + ½ (y − f)² e^(−s) + ½ log 2π."),
        (cost(L.gaussian_nll, mean, y, std=math.exp(log_var)), "The log-variance was taken for log σ."),
        (right - 0.5 * log_var, "½ s is missing: then every error is forgiven at a large σ."),
        (
            right - 0.5 * math.log(2 * math.pi),
            "The constant is missing, as in `F.gaussian_nll_loss` without `full=True`.",
        ),
    )


@numeric("heteroscedastic", "What the gradients say", 2, error=(0.5, 2, 3), log_var=(-1, 0.5, 1))
def log_var_slope(error, log_var):
    right = slope(lambda s, f, y: L.heteroscedastic_nll(f, y, s), log_var, 0.0, error)
    return (
        f"The error is y − f = {error}, the log-variance {log_var}. What is the derivative of the NLL by the "
        "log-variance?",
        (right, "Yes: ½(1 − (y − f)² e^(−s)). It is 0 where the variance is the squared error."),
        (-right, "The sign: an error larger than σ asks for a larger s, so the derivative is negative there."),
        (2 * right, "The ½ is missing; that is the derivative by log σ."),
    )


# --- Shapes ----------------------------------------------------------------------------------------------------------


@numeric("robust_quantile", "Quantiles: tilt the V", 1, tau=(0.1, 0.75, 0.9), u=(-4, -1.5, 2, 3))
def pinball(tau, u):
    def rho(tau):
        return cost(L.quantile_nll, 0.0, u, tau=tau) - cost(L.quantile_nll, 0.0, 0.0, tau=tau)

    return (
        f"τ = {tau}, and y − f = {u}. What is the pinball loss?",
        (rho(tau), "Yes: τu above the prediction, (τ − 1)u below it."),
        (rho(1 - tau), "τ and 1 − τ changed places: for a high quantile an error *above* it is dear."),
        (abs(u), "That is the absolute error; it would be twice the pinball loss of τ = ½."),
    )


@numeric("robust_quantile", "A pull that fades: Student-t", 2, df=(1, 3, 4), y=(3, 6), scale=(0.5, 2))
def t_cost(df, y, scale):
    right = cost(L.student_t_nll, 0.0, y, df=df, scale=scale)
    return (
        f"A Student-t with ν = {df}, centre 0 and scale {scale} meets y = {y}. What does it cost, in nats?",
        (right, "Yes: ½(ν + 1) log(1 + u²/ν), and the logs of the scale and of the normaliser."),
        (cost(L.gaussian_nll, 0.0, y, std=scale), "That is a Gaussian with σ = scale, to which such a point is dear."),
        (right - math.log(scale), "The log of the scale is missing."),
    )


@numeric("robust_quantile", "A pull that fades: Student-t", 3, df=(2, 3, 5), y=(4, 7, 10))
def t_pull(df, y):
    right = -slope(L.student_t_nll, 0.0, y, df=df)
    return (
        f"How strongly does y = {y} pull at the centre 0 of a Student-t with ν = {df} and scale 1? (Minus the "
        "derivative of its NLL by the centre.)",
        (right, "Yes: (ν + 1)u/(ν + u²)."),
        (-slope(L.gaussian_nll, 0.0, y), "That is a Gaussian's pull, which grows with the distance."),
        (right * df / (df + 1), "The exponent of the density is (ν + 1)/2, not ν/2."),
    )


@numeric("robust_quantile", "A loss is a density, if its area is finite", 1, k=(0.5, 1, 1.5), u=(0.4, 2.5, 4))
def huber(k, u):
    right = cost(L.huber_nll, 0.0, u, k=k) - cost(L.huber_nll, 0.0, 0.0, k=k)
    wrong = u**2 / 2 if u > k else k * u - k**2 / 2
    return (
        f"What is Huber's loss, ½u² up to |u| = k and a straight line beyond, for k = {k} at u = {u}?",
        (right, "Yes: ½u² inside, k|u| − ½k² outside."),
        (wrong, "The wrong piece: is |u| below k or above?"),
        (k * u, "The line must meet the parabola: − ½k² beyond, and inside it is no line."),
    )


@numeric("loss_map", "What the mean runs over", 3, d=(2, 3, 5), std=(0.5, 2))
def mixed_factor(d, std):
    y = tensor(*range(1, d + 1))[None]
    nll = L.gaussian_nll(torch.zeros_like(y), y, std, reduction="sum").item() - d * cost(
        L.gaussian_nll, 0.0, 0.0, std=std
    )
    return (
        f"You want the sum of two NLLs for each example: a Gaussian one with σ = {std} for {d} outputs, and a "
        f"cross-entropy. Which factor does `F.mse_loss` need, whose mean runs over all {d}n numbers?",
        (nll / y.square().mean().item(), "Yes: d/(2σ²)."),
        (1 / (2 * std**2), "Right for one output; the mean ran over d of them."),
        (d / std**2, "The ½ of the exponent is missing."),
    )


@numeric("loss_map", "Check yourself", 2, K=(3, 4, 10, 20))
def double_softmax(K):
    return (
        f"A network with {K} classes ends in a softmax and is trained with `F.cross_entropy`. How low can its "
        "loss get?",
        (class_cost([1.0] + [0.0] * (K - 1), 0), "Yes: log(1 + (K − 1)/e). At best the “logits” are 1, 0, …, 0."),
        (math.log(K), "That is where it starts; the second softmax still tells 1 from 0."),
        (0.0, "The loss takes softmax again, of numbers between 0 and 1."),
    )


# --- Priors ----------------------------------------------------------------------------------------------------------


@numeric("map_regularization", "One prior, many knobs", 2, n=(20, 50), std=(1, 2), tau=(0.5, 1.5))
def decay_of_a_prior(n, std, tau):
    return (
        f"{n} examples, noise σ = {std}, and the prior N(0, {tau}²) on every weight. Which `weight_decay` of "
        "`torch.optim.SGD` on `MSELoss` says the same?",
        (2 * std**2 / (n * tau**2), "Yes: 2σ²/(nτ²)."),
        (std**2 / tau**2, "That is `alpha` of `Ridge`, beside the *sum* of squares."),
        (std**2 / (n * tau**2), "The 2 is missing: decay adds wd · w to the gradient, and MSE has no ½."),
        (2 * std**2 / tau**2, "`MSELoss` is a mean: divide by n."),
    )


@numeric("map_regularization", "One prior, many knobs", 3, n=(400, 2500, 50000), decay=(0.0001, 0.001))
def prior_of_a_decay(n, decay):
    return (
        f"SGD with `weight_decay={decay}` on a mean cross-entropy of {n} examples. Which standard deviation τ "
        "has the Gaussian prior on the weights?",
        (1 / math.sqrt(n * decay), "Yes: 1/√(n · weight_decay)."),
        (1 / math.sqrt(decay), "The decay stands beside a *mean*: it counts n times."),
        (1 / (n * decay), "That is the variance τ²."),
    )


@numeric("map_regularization", "See it: between prior and data", 2, n=(2, 4, 9), ybar=(1.5, 4), tau=(0.5, 2))
def shrunk_mean(n, ybar, tau):
    return (
        f"{n} measurements with noise σ = 1 have the mean {ybar}. The prior of their centre is N(0, {tau}²). "
        "What is the MAP estimate?",
        (n * ybar / (n + 1 / tau**2), "Yes: the precisions n/σ² and 1/τ² weigh the data and the prior."),
        (ybar / (1 + 1 / tau**2), "n is missing: each measurement counts."),
        (ybar, "That is maximum likelihood."),
        (n * ybar / (n + tau**2), "A *narrow* prior shrinks more: its weight is 1/τ²."),
    )


@numeric("after_map", "Curvature is information", 2, n=(25, 60, 100), rate=(0.5, 2, 6))
def error_of_a_log_rate(n, rate):
    at = torch.tensor(math.log(rate), dtype=torch.float64)
    curvature = n * torch.autograd.functional.hessian(lambda f: L.poisson_nll(f, torch.ones_like(f)), at).item()
    return (
        f"{n} Poisson counts have the mean {rate}. What is the standard error of the estimated *log* rate, "
        "from the curvature of the NLL?",
        (curvature**-0.5, "Yes: 1/√(nλ)."),
        ((curvature / n) ** -0.5, "That is from the *mean* NLL, whose valley is n times as flat."),
        (1 / curvature, "That is the variance: the root is missing."),
        (math.sqrt(rate / n), "That is the error of the rate itself, not of its logarithm."),
    )


@numeric("after_map", "Curvature is information", 2, n=(40, 100, 400), p=(0.1, 0.2, 0.35))
def error_of_log_odds(n, p):
    at = torch.tensor(logit(p), dtype=torch.float64)
    curvature = n * torch.autograd.functional.hessian(lambda z: L.bernoulli_nll(z, torch.ones_like(z)), at).item()
    return (
        f"A share of {p} among {n} people said yes. What is the standard error of its log-odds, from the "
        "curvature of the NLL?",
        (curvature**-0.5, "Yes: 1/√(n p(1 − p))."),
        (curvature**0.5 / n, "That is the error of the share itself."),
        ((curvature / n) ** -0.5, "That is from the *mean* NLL: n is missing."),
    )


@numeric("after_map", "Rows that hang together", 3, m=(4, 8, 15), rho=(0.1, 0.3, 0.6))
def clustered(m, rho):
    return (
        f"Rows come in groups of {m} that share their inputs, and a share of {rho} of their noise variance. "
        "By which factor are standard errors over rows too short?",
        (math.sqrt(1 + (m - 1) * rho), "Yes: the sum of a group has the variance m + m(m − 1)ρ instead of m."),
        (1 + (m - 1) * rho, "That is the factor of the variance: the root is missing."),
        (math.sqrt(m), "So it would be if they shared *all* of their noise."),
    )


@numeric("after_map", "Check yourself", 3, n=(12, 20, 30, 60))
def none_faulty(n):
    return (
        f"0 of {n} parts are faulty. Up to which share, in percent, does the 95 % likelihood interval reach, "
        "where twice the NLL has risen by 3.84?",
        (-100 * math.expm1(-3.84 / (2 * n)), "Yes: −2n log(1 − p) = 3.84."),
        (-100 * math.expm1(-3.84 / n), "*Twice* the NLL rises by 3.84: the 2 is missing."),
        (300 / n, "That is the rule of three, for a one-sided limit."),
    )


# --- Calibration -----------------------------------------------------------------------------------------------------


@numeric("calibration", "What re-weighting estimates", 2, w=(4, 9, 20), q=(0.3, 0.5, 0.8))
def unweighted(w, q):
    return (
        f"A model trained with `pos_weight={w}` says {q}. What is the probability?",
        (sigmoid(logit(q) - math.log(w)), "Yes: the odds are divided by the weight."),
        (q / w, "The *odds* were multiplied, not the probability."),
        (sigmoid(logit(q) + math.log(w)), "The other direction: a weight on ones makes forecasts larger."),
    )


@numeric("calibration", "What re-weighting estimates", 2, keep=(0.05, 0.1, 0.2), z=(-1, 0.5, 1))
def kept_zeros(keep, z):
    return (
        f"A share of {keep} of the zeros was kept for training, and all ones. The model's logit is {z}. What "
        "is the probability in the full data?",
        (sigmoid(z + math.log(keep)), "Yes: add log of the share to the logit."),
        (sigmoid(z), "The base rate of the training data is in it: too many ones."),
        (sigmoid(z - math.log(keep)), "The sign: zeros were left out, so the model says too *much*."),
        (keep * sigmoid(z), "The odds shrink by the share, not the probability."),
    )


@numeric("calibration", "Temperature", 1, z=(1.5, 2, 3), T=(1.5, 2, 3))
def tempered(z, T):
    return (
        f"A binary model has the logit {z}; the fitted temperature is {T}. What is the probability?",
        (sigmoid(z / T), "Yes: the logit is divided by the temperature."),
        (sigmoid(z) / T, "The *logit* is divided, not the probability."),
        (sigmoid(z * T), "It is divided: a temperature above 1 makes the model less sure."),
        (sigmoid(z), "That is before the temperature."),
    )


@numeric("calibration", "What re-weighting estimates", 3, K=(3, 5, 10), eps=(0.1, 0.2))
def smoothing_floor(K, eps):
    q = torch.full((K,), eps / K, dtype=torch.float64)
    q[0] += 1 - eps
    return (
        f"With {K} classes and label smoothing ε = {eps}, what is the lowest loss, in nats, of an example "
        "whose class is certain?",
        (distributions.Categorical(probs=q).entropy().item(), "Yes: the entropy of the smoothed target."),
        (0.0, "That is the floor without smoothing."),
        (-math.log(q[0].item()), "That charges the true class alone; the others keep ε/K each."),
    )


@numeric("calibration", "When y is a number: CRPS", 3, y=(1, 3, 5), std=(0.5, 2))
def crps(y, std):
    u, normal = tensor(y / std), distributions.Normal(tensor(0.0), tensor(1.0))
    density = math.exp(-cost(L.gaussian_nll, 0.0, y / std))
    right = std * (u * (2 * normal.cdf(u) - 1) + 2 * density - 1 / math.sqrt(math.pi)).item()
    return (
        f"The forecast is a Gaussian with mean 0 and standard deviation {std}; y = {y} comes. What is the "
        "CRPS, in the unit of y?",
        (right, "Yes: σ[u(2Φ(u) − 1) + 2φ(u) − 1/√π], with u = y/σ."),
        (right / std, "σ in front is missing: CRPS has the unit of y."),
        (right + std / math.sqrt(math.pi), "That is E|X − y| alone; ½E|X − X′| = σ/√π must be taken off."),
    )


# --- Training, design, and what is left ------------------------------------------------------------------------------


@numeric("training_loops", "From the likelihood to the number in the loop", 2, a=(0.4, 0.6), b=(1.2, 2), last=(8, 20))
def unequal_batches(a, b, last):
    return (
        f"An epoch has three batches of 64 with the mean loss {a} each, and a last one of {last} examples "
        f"with the mean loss {b}. What is the mean loss over the examples?",
        ((192 * a + last * b) / (192 + last), "Yes: each mean counts with the size of its batch."),
        ((3 * a + b) / 4, "That is the mean of the means: the last batch counts too much."),
        ((192 * a + last * b) / 256, "The last batch is not full: divide by the number of examples."),
    )


@numeric("sequences_preferences", "Perplexity only at equal tokens", 1, nats=(300, 450, 520), tokens=(120, 200))
def perplexity(nats, tokens):
    mean = nats / tokens
    return (
        f"A text of {tokens} tokens costs {nats} nats in all. What is the perplexity per token?",
        (math.exp(mean), "Yes: e to the mean NLL per token."),
        (2**mean, "2 to the mean is for *bits*; these are nats."),
        (mean, "That is the mean NLL; the perplexity is its exponential."),
    )


@numeric("sequences_preferences", "A preference is a Bernoulli", 1, a=(1.5, 0.5), b=(0.2, 2.5))
def preference(a, b):
    return (
        f"Two answers have the rewards {a} and {b}; the first is preferred. What does that cost, in nats?",
        (cost(L.bernoulli_nll, a - b, 1.0), "Yes: −log sigmoid of the difference."),
        (cost(L.bernoulli_nll, b - a, 1.0), "The sign: preferred minus rejected."),
        (cost(L.bernoulli_nll, a, 1.0), "Only the difference of rewards counts."),
    )


@numeric(
    "sequences_preferences", "DPO: the reward inside the policy", 2, beta=(0.1, 0.5), chosen=(1, -2), rejected=(-3, 2.5)
)
def dpo(beta, chosen, rejected):
    gap = chosen - rejected
    return (
        f"β = {beta}. The policy has raised log p of the chosen answer by {chosen} against the reference, of "
        f"the rejected one by {rejected}. What is the DPO loss, in nats?",
        (cost(L.bernoulli_nll, beta * gap, 1.0), "Yes: −log sigmoid(β · difference)."),
        (cost(L.bernoulli_nll, gap, 1.0), "β is missing: the reward is β times the log ratio."),
        (cost(L.bernoulli_nll, -beta * gap, 1.0), "The sign: chosen minus rejected."),
    )


@numeric("sequences_preferences", "Which one belongs? Contrasts", 2, a=(0.9, 0.7), b=(0.2, 0.4), T=(0.1, 0.5))
def infonce(a, b, T):
    return (
        f"The right pair has the similarity {a}, three wrong ones {b} each, and the temperature is {T}. What "
        "is the InfoNCE loss, in nats?",
        (class_cost([a / T] + 3 * [b / T], 0), "Yes: a cross-entropy of similarities divided by T."),
        (class_cost([a] + 3 * [b], 0), "The temperature is missing."),
        (class_cost([a * T] + 3 * [b * T], 0), "It divides: a low temperature makes the softmax sharp."),
    )


@numeric("no_minimum_numerics", "When a number does not fit its type", 1, power=(5, 6, 7), z=(20, 25, 30))
def clipped(power, z):
    return (
        f"The label is 0, the logit {z}, and a colleague clips probabilities to [1e-{power}, 1 − 1e-{power}] "
        "before the logarithm. Which loss is reported, in nats?",
        (power * math.log(10), "Yes: −log ε, whatever the logit; and its gradient is 0."),
        (cost(L.bernoulli_nll, z, 0.0), "That is the true loss; clipping hides it."),
        (float(power), "That is the logarithm with base 10."),
    )


@numeric("design_a_loss", "An example: nothing, or a positive number", 3, p=(0.3, 0.7), y=(0.5, 3, 8), s=(0.5, 2))
def hurdle(p, y, s):
    whether, how_much = cost(L.bernoulli_nll, logit(p), 1.0), cost(L.gaussian_nll, 1.0, math.log(y), std=s)
    return (
        f"A hurdle model: y is above 0 with probability {p}, and then log y is Gaussian with mean 1 and "
        f"standard deviation {s}. What does y = {y} cost, in nats, as a density of y?",
        (whether + how_much + math.log(y), "Yes: BCE for “any”, the Gaussian of log y, and the Jacobian log y."),
        (whether + how_much, "The Jacobian log y is missing: that is a density of log y."),
        (how_much + math.log(y), "The hurdle is missing: −log p."),
        (whether + how_much - math.log(y), "The sign of the Jacobian: p(y) = p(log y)/y."),
    )


@numeric("not_a_likelihood", "The hinge aims at the decision", 1, f=(-0.5, 0.4, 0.7), y=(-1, 1))
def hinge(f, y):
    right = torch.nn.functional.relu(tensor(1 - y * f)).item()
    return (
        f"The label is {y} (of −1 and 1), the output {f}. What is the hinge loss?",
        (right, "Yes: max(0, 1 − y f)."),
        (max(0.0, -y * f), "The margin of 1 is missing: that is the perceptron's loss."),
        (cost(L.bernoulli_nll, f, (y + 1) / 2), "That is BCE, softplus(−y f)."),
    )


@numeric("probabilistic_view", "Early stopping is nearly a prior", 2, eta=(0.01, 0.05), decay=(0.1, 0.2, 0.5))
def early_stopping(eta, decay):
    return (
        f"Steps of size η = {eta}. After how many of them does gradient descent look most like the "
        f"penalty ½λw² with λ = {decay}?",
        (1 / (eta * decay), "Yes: t = 1/(ηλ). Twice the steps, half the λ."),
        (decay / eta, "More steps would then be a *stronger* penalty; they let the weights go further."),
        (1 / eta, "λ is missing."),
    )


@numeric("probabilistic_view", "Dropout, and what it approximates", 3, w=(0.8, 1.5, 4), rate=(0.1, 0.2, 0.4))
def dropout_spread(w, rate):
    mask = distributions.Bernoulli(tensor(1 - rate))
    return (
        f"A linear model has one weight, {w}, and the input is 1. Dropout with rate {rate} stays on when it "
        "forecasts (kept inputs are divided by 1 − rate). What is the standard deviation of the forecasts?",
        (w * mask.stddev.item() / (1 - rate), "Yes: |w| √(ρ/(1 − ρ))."),
        (w * mask.stddev.item(), "What is kept is divided by 1 − ρ, and the spread with it."),
        (w**2 * mask.variance.item() / (1 - rate) ** 2, "That is the variance: the root is missing."),
    )
