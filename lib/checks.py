"""Comparisons: those that every chapter makes of two losses, and those that tell a student what is wrong.

What fails raises an AssertionError with one sentence for a person. What a student reads never holds the wanted value.
"""

import itertools
import textwrap

import torch


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
