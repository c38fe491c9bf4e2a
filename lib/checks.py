"""The comparison that every chapter makes: two losses agree in value, and their gradients up to a factor."""


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
