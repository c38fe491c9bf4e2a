"""One short training loop, used wherever a model is fitted by gradient descent."""

import torch


def fit(parameters, loss, *, steps, lr=0.1, optimizer="adam"):
    """Minimise `loss()` in place over `parameters`, full batch.

    Parameters
    ----------
    parameters : iterable of tensors with requires_grad (or `model.parameters()`)
    loss : callable without arguments, returns a scalar tensor: the mean NLL, in nats
    steps : int ≥ 1, the number of optimiser steps
    lr : float > 0, the step size
    optimizer : "adam" (first order, constant rate) or "lbfgs" (quasi-Newton, line search)

    Returns
    -------
    list of float, length steps : the loss before each step

    Raises
    ------
    ValueError
        If `steps` < 1, `lr` ≤ 0, the optimiser is unknown, or the loss is not finite.

    Source: Kingma & Ba 2015 (Adam); Nocedal & Wright, Numerical Optimization, §7.2 (L-BFGS).
    """
    if steps < 1:
        raise ValueError(f"steps must be at least 1, got {steps}")
    if not lr > 0:
        raise ValueError(f"lr must be positive, got {lr}")
    if optimizer == "adam":
        stepper = torch.optim.Adam(parameters, lr=lr)
    elif optimizer == "lbfgs":
        stepper = torch.optim.LBFGS(parameters, lr=lr, line_search_fn="strong_wolfe")
    else:
        raise ValueError(f'optimizer must be "adam" or "lbfgs", got {optimizer!r}')

    def closure():
        stepper.zero_grad()
        value = loss()
        value.backward()
        return value

    history = []
    for step in range(steps):
        value = stepper.step(closure).item()
        if value != value or abs(value) == float("inf"):
            raise ValueError(f"the loss is {value} at step {step}: lower lr, or standardise the inputs")
        history.append(value)
    return history
