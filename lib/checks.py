"""Comparisons: those that every chapter makes of two losses, and those that tell a student what is wrong.

What fails raises an AssertionError with one sentence for a person. What a student reads never holds the wanted value.
"""

import torch


def check(name, got, wanted, *, hint="", mistakes=None, tolerance=1e-6):
    """Compare an answer with what is wanted: first its shape, then NaN and infinity, its values last.

    Parameters
    ----------
    name : str, what is checked
    got : the answer, a number, an array or a tensor of any shape
    wanted : number, array or tensor
    hint : str, said when the values differ and no mistake fits
    mistakes : dict {hint: the value that this mistake gives}; the hint is said when `got` is that value
    tolerance : float, largest accepted difference, relative to 1 + |wanted|

    Raises
    ------
    AssertionError
        If the answer is not a number or an array of numbers, or has the wrong shape, or differs.
    """
    try:
        got = torch.as_tensor(got, dtype=torch.float64).detach()
    except (TypeError, ValueError, RuntimeError):
        missing = ": is the return missing?" if got is None else ", where numbers are wanted"
        raise AssertionError(f"{name} is {type(got).__name__}{missing}") from None
    wanted = torch.as_tensor(wanted, dtype=torch.float64).detach()

    def far(value):
        value = torch.as_tensor(value, dtype=torch.float64)
        return value.shape != got.shape or not got.isclose(value, rtol=tolerance, atol=tolerance).all()

    likely = next((said for said, value in (mistakes or {}).items() if not far(value)), "")
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


def same_loss(names, first, second, at, *, factor=1.0, offset=0.0, tolerance=1e-6):
    """Assert that `first` = `factor` · `second` + `offset`, in value and in gradient.

    Parameters
    ----------
    names : pair of str, what the two are called in the table
    first, second : callables that take the tensor `at` and return a scalar tensor
    at : float tensor of any shape, where both are evaluated (it is not changed)
    factor, offset : floats, the relation that is claimed; offset in the units of `first`
    tolerance : float, largest accepted difference, relative to max(1, |wanted|)

    Returns
    -------
    str : a small table of both values and gradient norms, and the largest differences

    Raises
    ------
    AssertionError
        If a value or a gradient differs; the message says which, and by how much.
    """
    values, gradients = [], []
    for function in (first, second):
        point = at.detach().clone().requires_grad_()
        value = function(point)
        value.backward()
        values.append(value.item())
        gradients.append(point.grad)
    wanted_value = factor * values[1] + offset
    wanted_gradient = factor * gradients[1]
    value_gap = abs(values[0] - wanted_value)
    gradient_gap = (gradients[0] - wanted_gradient).abs().max().item()
    claim = f"{factor:g} × {names[1]}" + (f" + {offset:.4f}" if offset else "")
    largest = wanted_gradient.abs().max().item()
    for what, gap, scale in [("values", value_gap, abs(wanted_value)), ("gradients", gradient_gap, largest)]:
        if not gap <= tolerance * max(1.0, scale):
            raise AssertionError(
                f"{names[0]} is not {claim}: the {what} differ by {gap:.3g}"
                f" (values {values[0]:.6g} and {wanted_value:.6g})"
            )
    width = max(len(name) for name in names)
    rows = [f"{'':{width}}  {'value':>10}  {'|gradient|':>10}"]
    for name, value, gradient in zip(names, values, gradients, strict=True):
        rows.append(f"{name:{width}}  {value:10.4f}  {gradient.norm().item():10.4f}")
    rows.append(f"{names[0]} = {claim}: value and gradient agree")
    return "\n".join(rows)
