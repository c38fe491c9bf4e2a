"""Comparisons: those that every chapter makes of two losses, those that tell a student what is wrong, and seven tests
of a loss of one's own.

What fails raises an AssertionError with one sentence for a person. What a student reads never holds the wanted value.

In the seven tests a loss is a function `nll(outputs, y)`: outputs of shape (n, k), the k free numbers that a model
gives for each example, y of shape (n,); it returns the NLL of each example, shape (n,), in nats.
`draw(outputs, rng)` tells the story: it returns a y for each row, by a NumPy generator and not by the loss.
"""

import itertools
import textwrap
import warnings

import numpy as np
import torch

from lib import training


def check(name, got, wanted, *, hint="", mistakes=None, tolerance=1e-6):
    """Compare an answer with what is wanted: first its shape, then NaN and infinity, its values last.

    Parameters
    ----------
    name : str, what is checked
    got : the answer, a number, an array or a tensor of any shape
    wanted : number, array or tensor
    hint : str, said when the values differ and no mistake fits
    mistakes : dict {hint: the value that this mistake gives, or a function that makes it of the wanted value}; the
        hint is said when `got` is that value, and both hints when it is what two of the functions make together
    tolerance : float, largest accepted difference, relative to 1 + |wanted|

    Raises
    ------
    AssertionError
        If the answer is not a number or an array of numbers, or has the wrong shape, or differs.
    """
    try:
        got = torch.as_tensor(got, dtype=torch.float64).detach()
    except (TypeError, ValueError, RuntimeError):
        said = ": is the return missing?" if got is None else ", where numbers are wanted"
        if isinstance(got, tuple | list) and any(map(torch.is_tensor, got)):
            said = f" of {len(got)}, where one tensor is wanted: stack them"
        raise AssertionError(f"{name} is {type(got).__name__}{said}") from None
    wanted = torch.as_tensor(wanted, dtype=torch.float64).detach()

    def far(value):
        value = torch.as_tensor(value, dtype=torch.float64)
        return value.shape != got.shape or not got.isclose(value, rtol=tolerance, atol=tolerance).all()

    likely = next((said for said, value in _values(mistakes or {}, wanted) if not far(value)), "")
    if got.shape != wanted.shape:
        square = got.ndim == 2 and wanted.ndim == 1 and got.shape == (*wanted.shape, *wanted.shape)
        said = likely or ("(n, 1) and (n,) were broadcast to (n, n)" if square else "")
        shapes = f"{name} has shape {tuple(got.shape)}, wanted {tuple(wanted.shape)}"
        raise AssertionError(f"{shapes}: {said}" if said else shapes)
    odd = ~got.isfinite() & wanted.isfinite()
    if odd.any():
        raise AssertionError(
            f"{name} is {got[odd][0].item()} where it should be finite" + (f": {hint}" if hint else "")
        )
    if far(wanted):
        gap = (got - wanted).abs().max().item()
        said = likely or hint
        raise AssertionError(f"{name} is off by up to {gap:.3g}" + (f": {said}" if said else ""))


def _values(mistakes, wanted):
    """Pairs (hint, value): of each mistake, then of each two that are functions, in both orders."""
    functions = {said: value for said, value in mistakes.items() if callable(value)}
    for said, value in mistakes.items():
        yield said, value(wanted) if callable(value) else value
    for (one, first), (two, second) in itertools.permutations(functions.items(), 2):
        yield f"two things at once: {one}; and {two}", second(first(wanted))


def gradient(name, function, at):
    """The gradient of a student's `function` at the float tensor `at`, or an AssertionError if none flows."""
    point = at.detach().clone().requires_grad_()
    value = function(point)
    if not torch.is_tensor(value) or not value.requires_grad:
        raise AssertionError(f"no gradient flows through {name}: use torch functions, no .item(), .detach() or NumPy")
    if value.ndim:
        raise AssertionError(f"{name} has shape {tuple(value.shape)}, wanted one number: reduce it")
    return torch.autograd.grad(value, point)[0]


def passed(name):
    """Say that the checks which a student can see have passed; more of them are hidden."""
    print(f"{name}: the visible checks pass")


def agree(at, losses, *, tolerance=1e-6):
    """Assert that losses written in several ways are one: equal in value and gradient, at several points.

    Parameters
    ----------
    at : float tensor, the point; or a tuple of tensors, if the losses take several; or a list of such points.
        It is not changed. Each point is also shrunk, entry by entry, by factors between ½ and 1 (the same in each
        run): signs and zeros stay, what is positive or in [0, 1] stays so; rows that must sum to 1 would not.
    losses : dict {name: callable of the tensor(s) that returns one number}, two or more; the first must be
        differentiable. One that calls NumPy or SciPy (`x.numpy()`) is given tensors without gradient.
    tolerance : float, largest accepted difference: of values relative to max(1, |value|), of gradients relative to
        the largest entry of the gradient

    Returns
    -------
    str : the verdict in one sentence, in lines of 72 characters; it names what was compared by value only

    Raises
    ------
    AssertionError
        If one differs from the first; the message says which, in what, and by how much.
    """
    (first, reference), *others = losses.items()
    if not others:
        raise AssertionError(f"there is nothing to compare {first} with")
    whole, value_only = [first], []
    for name, other in others:
        gradient_too = same_loss((first, name), reference, other, at, tolerance=tolerance)
        (whole if gradient_too else value_only).append(name)
    said = [f"value and gradient: {_chain(whole)}"] if whole[1:] else []
    if value_only:
        said.append(f"value: {_chain(value_only if said else whole + value_only)}")
    line = textwrap.fill("✓ " + " · ".join(said), 72, subsequent_indent="  ", break_on_hyphens=False)
    return line.replace("\xa0", " ")


def _chain(names):
    return " = ".join(name.replace(" ", "\xa0") for name in names)  # a name is not broken


def same_loss(names, first, second, at, *, factor=1.0, offset=0.0, tolerance=1e-6):
    """Assert that `first` = `factor` · `second` + `offset`, in value and in gradient, at several points (see `agree`).

    Parameters
    ----------
    names : pair of str, what the two are called if they differ
    first, second : callables of the tensor(s) of a point that return one number; the first must be differentiable
    at : a point, or a list of points, as for `agree`
    factor, offset : floats, the relation that is claimed; offset in the units of `first`
    tolerance : float, as for `agree`

    Returns
    -------
    bool : whether the gradients were compared; False if `second` has none

    Raises
    ------
    AssertionError
        If a value or a gradient differs; the message says which, and by how much.
    """
    claim = (f"{factor:g} × " if factor != 1 else "") + names[1] + (f" {offset:+.4f}" if offset else "")
    for point in _points(at):
        value, gradients = _value_and_gradients(first, point)
        if gradients is None:
            raise AssertionError(f"no gradient flows through {names[0]}: use torch functions, no .item() or .detach()")
        other, other_gradients = _value_and_gradients(second, point)
        other = factor * other + offset
        if not abs(value - other) <= tolerance * max(1.0, abs(other)):
            gap = f"the values differ by {abs(value - other):.3g} (values {value:.6g} and {other:.6g})"
            raise AssertionError(f"{names[0]} is not {claim}: {gap}")
        for slope, wanted in zip(gradients, other_gradients or [], strict=other_gradients is not None):
            gap, largest = (slope - factor * wanted).abs().max().item(), (factor * wanted).abs().max().item()
            if not gap <= tolerance * max(largest, 1e-9):
                gap = f"the gradients differ by {gap:.3g} (the largest entry is {largest:.3g})"
                raise AssertionError(f"{names[0]} is not {claim}: {gap}")
    return other_gradients is not None


def _points(at):
    generator = torch.Generator().manual_seed(0)
    for point in at if isinstance(at, list) else [at]:
        point = [tensor.detach() for tensor in (point if isinstance(point, tuple) else (point,))]
        yield point
        for _ in range(2):
            yield [x * (1 - torch.rand(x.shape, generator=generator, dtype=x.dtype) / 2) for x in point]


def _value_and_gradients(loss, point):
    leaves = [x.clone().requires_grad_() for x in point]
    try:
        value = loss(*leaves)
    except RuntimeError:  # NumPy takes no tensor with a gradient
        value = loss(*point)
    if not torch.is_tensor(value) or not value.requires_grad:
        return float(value), None
    return value.item(), torch.autograd.grad(value, leaves, materialize_grads=True)


def support(*, atoms=(), density=None, step=0.02):
    """The values that y can take, for `mass_is_one` and `pit`.

    Parameters
    ----------
    atoms : numbers, the values that have a probability: `[0]`, `range(100)`; of infinitely many, those that matter
    density : where y has a density: None, "line", "positive", or a pair (low, high), in the units of y
    step : float, between two points, in t (see below)

    Returns
    -------
    atoms : float64 tensor, shape (a,), each of the base measure 1
    points : float64 tensor, shape (m,), ascending: of the trapezoidal rule after y = sinh t, exp t or
        low + (high - low) · sigmoid(t), t from -40 to 40. It sees no peak that is narrower than two steps in t.
    weights : float64 tensor, shape (m,), what each point stands for in an integral, in the units of y

    Raises
    ------
    ValueError
        If there is neither an atom nor a density, or no such density.

    Source: Trefethen & Weideman 2014 (the trapezoidal rule on the line).
    """
    t = torch.linspace(-40, 40, round(80 / step) + 1, dtype=torch.float64)
    if density is None:
        if not len(atoms):
            raise ValueError("support must have atoms or a density, got neither")
        y = slope = t[:0]
    elif density == "line":
        y, slope = t.sinh(), t.cosh()
    elif density == "positive":
        y, slope = t.exp(), t.exp()
    elif isinstance(density, tuple) and len(density) == 2 and density[0] < density[1]:
        low, high = density
        y, slope = low + (high - low) * t.sigmoid(), (high - low) * t.sigmoid() * (-t).sigmoid()
        inside = (low < y) & (y < high)  # not rounded to an end
        y, slope = y[inside], slope[inside]
    else:
        raise ValueError(f'density must be None, "line", "positive" or (low, high), got {density!r}')
    return torch.tensor(list(atoms), dtype=torch.float64), y, slope * step


def _masses(nll, outputs, where):
    """exp(-NLL) times what each atom and each point stands for: shape (n, a + m)."""
    atoms, points, weights = where
    y, measure = torch.cat([atoms, points]), torch.cat([torch.ones_like(atoms), weights])
    cost = nll(outputs.repeat_interleave(len(y), 0), y.repeat(len(outputs)))
    return (-_each(cost, len(outputs) * len(y))).exp().view(len(outputs), -1) * measure


def _each(cost, n):
    if not torch.is_tensor(cost) or cost.shape != (n,):
        shape = tuple(cost.shape) if torch.is_tensor(cost) else type(cost).__name__
        raise AssertionError(f"the loss must give one number for each of {n} examples, shape ({n},), it gave {shape}")
    return cost


def _said(row):
    return "outputs (" + ", ".join(f"{value:g}" for value in row.tolist()) + ")"


def mass_is_one(nll, outputs, where, *, tolerance=1e-6):
    """Test 1: exp(-NLL), added over the atoms and integrated over the density, is 1.

    Parameters
    ----------
    nll : the loss of each example, as the module says
    outputs : float64 tensor, shape (r, k), rows at which to look; three that differ in every column, or more
    where : what `support` returned
    tolerance : float, of the mass

    Raises
    ------
    AssertionError
        If the mass at one of the rows is not 1.
    """
    with torch.no_grad():
        for row, mass in zip(outputs, _masses(nll, outputs, where).sum(1).tolist(), strict=True):
            if not abs(mass - 1) <= tolerance:
                raise AssertionError(f"the mass is {mass:.4g} at {_said(row)}")


def value_is(nll, outputs, y, reference, *, tolerance=1e-6):
    """Test 2: the value is that of a library.

    Parameters
    ----------
    nll, outputs : as for `mass_is_one`; here (n, k)
    y : float64 tensor, shape (n,)
    reference : function of (outputs, y) that gives the NLL of each, tensor or array of shape (n,), without `nll`
    tolerance : float, largest accepted difference, relative to max(1, |reference|)

    Raises
    ------
    AssertionError
        If one differs.
    """
    with torch.no_grad():
        ours, theirs = _each(nll(outputs, y), len(y)), torch.as_tensor(reference(outputs, y))
    gap = (ours - _each(theirs, len(y))).abs() / theirs.abs().clamp(min=1)
    if not (gap <= tolerance).all():
        i = gap.nan_to_num(torch.inf).argmax()
        raise AssertionError(f"{ours[i]:.4f} and not {theirs[i]:.4f} at y = {y[i]:g}, {_said(outputs[i])}")


def gradient_is_slope(nll, outputs, y):
    """Test 3: the gradient is the slope of the value, by `torch.autograd.gradcheck` in float64, in its fast mode.

    Parameters
    ----------
    nll, outputs, y : as for `value_is`; y where the loss has no kink

    Raises
    ------
    AssertionError
        If no gradient flows, or another than that of finite differences.
    """
    at = outputs.detach().clone().requires_grad_()
    try:
        torch.autograd.gradcheck(lambda o: nll(o, y), (at,), fast_mode=True)
    except (RuntimeError, ValueError) as error:
        slopes = torch.autograd.grad(nll(at, y).sum(), at)[0] if nll(at, y).requires_grad else None
        if slopes is None:
            raise AssertionError("no gradient flows: use torch functions, no .item(), .detach() or NumPy") from error
        bad = ~slopes.isfinite().all(1)
        if bad.any():
            i = bad.int().argmax()
            raise AssertionError(f"the gradient at y = {y[i]:g} is not finite, {_said(outputs[i])}") from error
        raise AssertionError("the gradient is not the slope of the value") from error


def _scores(nll, outputs, y):
    at = outputs.detach().clone().requires_grad_()
    return torch.autograd.grad(_each(nll(at, y), len(y)).sum(), at)[0]


def _bends(nll, outputs, y, step=1e-3):
    """Second derivatives of each NLL in its outputs, by differences of the scores: shape (n, k, k)."""
    shifts = step * torch.eye(outputs.shape[1], dtype=outputs.dtype)
    return torch.stack([_scores(nll, outputs + e, y) - _scores(nll, outputs - e, y) for e in shifts], 2) / (2 * step)


def score_balances(nll, outputs, draw, rng, *, n=10_000, limit=5.0):
    """Test 4: where y is drawn as the story says, the mean score is 0, its second moment the mean curvature.

    Parameters
    ----------
    nll, outputs : as for `mass_is_one`
    draw : function of (outputs, rng) that draws y, shape (n,), as the module says
    rng : numpy.random.Generator
    n : int, draws for each row
    limit : float, accepted distance in standard errors of the mean

    Raises
    ------
    AssertionError
        If a mean is further from what it should be.

    Source: the two Bartlett identities; chapter *How sure, and who chooses λ?*.
    """
    k = outputs.shape[1]
    wide = outputs.repeat_interleave(n, 0)
    y = torch.as_tensor(draw(wide, rng))
    s = _scores(nll, wide, y)
    bend = _bends(nll, wide, y)
    square = s[:, :, None] * s[:, None, :]  # (r n, k, k)
    for i, row in enumerate(outputs):
        own = slice(i * n, (i + 1) * n)
        for j in range(k):
            mean, error = s[own, j].mean().item(), s[own, j].std().item() / n**0.5
            if not abs(mean) <= limit * error + 1e-6:
                raise AssertionError(f"the mean score of output {j} is {mean:.3f} ± {error:.3f}, {_said(row)}")
        for j, h in itertools.combinations_with_replacement(range(k), 2):
            off = square[own, j, h] - bend[own, j, h]
            if not abs(off.mean()) <= limit * off.std() / n**0.5 + 1e-6:
                means = f"{square[own, j, h].mean():.3f} and not {bend[own, j, h].mean():.3f}"
                raise AssertionError(f"the score of outputs {j}, {h} has the second moment {means}, {_said(row)}")


def recovers(nll, outputs, draw, rng, *, n=2000, limit=5.0):
    """Test 5: fitted to draws, the loss finds the outputs from which they were drawn.

    Parameters
    ----------
    nll, outputs, draw, rng, limit : as for `score_balances`; the distance is counted in standard errors
    n : int, draws for each row; each row is fitted, all together, by L-BFGS from zeros

    Raises
    ------
    AssertionError
        If an output is not found, or has no information in y.
    """
    wide = outputs.repeat_interleave(n, 0)
    y = torch.as_tensor(draw(wide, rng))
    s = _scores(nll, wide, y).view(len(outputs), n, -1)
    square = s.transpose(1, 2) @ s  # of n examples, at the truth
    bend = _bends(nll, wide, y).view(*s.shape, -1).sum(1)
    found = torch.zeros_like(outputs).requires_grad_()
    with warnings.catch_warnings():  # where it arrives is looked at below
        warnings.simplefilter("ignore")
        try:
            training.fit([found], lambda: nll(found.repeat_interleave(n, 0), y).mean(), optimizer="lbfgs")
        except ValueError:
            raise AssertionError("a fit from zeros meets a loss that is not finite") from None
    found = found.detach()
    for row, H, G, got in zip(outputs, bend, square, found, strict=True):
        if not (H.isfinite().all() and torch.linalg.cond(H) < 1e12):
            raise AssertionError(f"the score says nothing of one of the outputs, or is not finite, {_said(row)}")
        error = (torch.linalg.inv(H) @ G @ torch.linalg.inv(H)).diagonal().sqrt()  # the sandwich
        gap = (got - row).abs() / error
        if not (gap <= limit).all():
            j = gap.nan_to_num(torch.inf).argmax()
            raise AssertionError(f"output {j} is fitted as {got[j]:.3f} ± {error[j]:.3f}, {_said(row)}")


def extremes_are_finite(nll, outputs, y, *, tolerance=1e-4):
    """Test 6: in float32, far out, value and gradient are finite, and those of float64.

    Parameters
    ----------
    nll : as for `mass_is_one`
    outputs : tensor, shape (n, k); y : tensor, shape (n,): rows at which a number of float32 can hold the answer
    tolerance : float, largest accepted difference, relative to max(1, |value in float64|)

    Raises
    ------
    AssertionError
        If a value or gradient is infinite, NaN or another.
    """
    single, double = (
        (_each(nll(outputs.to(kind), y.to(kind)).detach(), len(y)), _scores(nll, outputs.to(kind), y.to(kind)))
        for kind in (torch.float32, torch.float64)
    )
    for what, got, wanted in zip(("value", "gradient"), single, double, strict=True):
        got, wanted = got.double().view(len(y), -1), wanted.view(len(y), -1)
        bad = ~((got - wanted).abs() <= tolerance * wanted.abs().clamp(min=1)).all(1)
        if bad.any():
            i = bad.int().argmax()
            worst = got[i][(got[i] - wanted[i]).abs().nan_to_num(torch.inf).argmax()]
            raise AssertionError(f"{what} {worst:g} in float32 at y = {y[i]:g}, {_said(outputs[i])}")


def pit(nll, outputs, y, where, rng):
    """The probability integral transform: where y lies in its own forecast; uniform on (0, 1) if the forecast is right.

    Parameters
    ----------
    nll, where : as for `mass_is_one`
    outputs, y : tensors, shapes (n, k) and (n,)
    rng : numpy.random.Generator; an atom's probability is a step of F, of which each y gets a random point

    Returns
    -------
    float64 tensor, shape (n,) : F(y), as exp(-NLL) has it: it ends where the mass does

    Source: Smith 1985 (randomised); Gneiting & Katzfuss 2014.
    """
    atoms, points, weights = where
    a, place = len(atoms), torch.empty(len(y), dtype=torch.float64)
    on_step = torch.from_numpy(rng.random(len(y)))
    with torch.no_grad():
        for rows in y.argsort().split(50):  # of like y, since no point above the largest counts
            seen = y[rows, None]
            m = max(torch.searchsorted(points, seen.max()).item() + 1, 2)
            mass = _masses(nll, outputs[rows], (atoms, points[:m], weights[:m]))
            below = (mass[:, :a] * (atoms < seen)).sum(1)
            at = (mass[:, :a] * (atoms == seen)).sum(1)
            if len(points):
                rising = mass[:, a:].cumsum(1) - mass[:, a:] / 2
                j = torch.searchsorted(points, seen).clamp(1, len(points) - 1)
                left, right = points[j - 1], points[j]
                share = ((seen - left) / (right - left)).clamp(0, 1)
                below += torch.lerp(rising.gather(1, j - 1), rising.gather(1, j), share).squeeze(1)
            place[rows] = below + at * on_step[rows]
    return place


def uniform_distance(u):
    """Kolmogorov and Smirnov's distance of numbers from the uniform distribution on (0, 1): a float."""
    u, n = u.sort().values, len(u)
    steps = torch.arange(n + 1, dtype=u.dtype) / n
    return max((steps[1:] - u).max().item(), (u - steps[:-1]).max().item())


def holds_out(nll, outputs, null, y, where, rng, *, limit=1.95):
    """Test 7: on rows that nobody fitted, F(y) is uniform, and the NLL below that of a model that knows no x.

    Parameters
    ----------
    nll, where : as for `mass_is_one`
    outputs, null : tensors, shapes (n, k), or (1, k) for null: what the model gives for these rows, and what a model
        gives that knows no x
    y : float64 tensor, shape (n,)
    rng : numpy.random.Generator
    limit : float, largest accepted √n times the distance from the uniform; 1.95 is exceeded by chance once in 1000

    Raises
    ------
    AssertionError
        If F(y) is not uniform, or there is no gain.
    """
    with torch.no_grad():
        costs = [_each(nll(o.expand(len(y), -1), y), len(y)).mean().item() for o in (outputs, null)]
    if not costs[0] < costs[1]:
        raise AssertionError(f"the NLL is {costs[0]:.4f}, of a model without x {costs[1]:.4f}")
    distance = uniform_distance(pit(nll, outputs, y, where, rng))
    if not distance * len(y) ** 0.5 <= limit:
        raise AssertionError(f"F(y) is {distance:.3f} from uniform, by chance {limit / len(y) ** 0.5:.3f}")


SEVEN = ("mass", "value", "gradient", "score", "recovery", "extremes", "held out")


def seven_tests(nll, *, outputs, where, reference, draw, extremes, held_out, n=10_000, seed=0):
    """Run the seven tests of a loss; each is a function of this module, and says there what it takes.

    Parameters
    ----------
    nll : function of (outputs, y), the loss of each example, in nats
    outputs : float64 tensor, shape (r, k), rows at which tests 1 to 5 look
    where : what `support` returned for the values that y can take
    reference : function of (outputs, y), the NLL by a library
    draw : function of (outputs, rng), draws y as the story says
    extremes : pair (outputs, y), far out
    held_out : triple (outputs of the model, outputs without x, y)
    n : int, draws for each row in test 4; test 5 takes a fifth of them
    seed : int, of the draws

    Returns
    -------
    dict {test: str} : what is wrong, in a sentence; "" if the test passes
    """
    few = outputs.repeat_interleave(8, 0)
    y = torch.as_tensor(draw(few, np.random.default_rng(seed)))
    rng = np.random.default_rng(seed + 1)
    runs = [
        lambda: mass_is_one(nll, outputs, where),
        lambda: value_is(nll, few, y, reference),
        lambda: gradient_is_slope(nll, few, y),
        lambda: score_balances(nll, outputs, draw, rng, n=n),
        lambda: recovers(nll, outputs, draw, rng, n=n // 5),
        lambda: extremes_are_finite(nll, *extremes),
        lambda: holds_out(nll, *held_out, where, rng),
    ]
    said = {}
    for name, run in zip(SEVEN, runs, strict=True):
        try:
            run()
            said[name] = ""
        except Exception as error:  # a loss that cannot be run has not passed
            said[name] = f"{error}".split("\n")[0] or type(error).__name__
    return said
