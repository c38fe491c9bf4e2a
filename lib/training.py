"""One short training loop, used wherever a model is fitted by gradient descent."""

import torch
from torch.nn.utils import parameters_to_vector, vector_to_parameters
from torch.optim.adam import adam


def fit(parameters, loss, *, steps, lr=0.1, optimizer="adam"):
    """Minimise `loss()` in place over `parameters`, full batch.

    Parameters
    ----------
    parameters : iterable of tensors with requires_grad (or `model.parameters()`)
    loss : callable without arguments, returns a scalar tensor: the mean NLL, in nats
    steps : int ≥ 1, the number of optimiser steps
    lr : float > 0, the step size
    optimizer : "adam" (first order, constant rate `lr`) or "lbfgs" (quasi-Newton with line search, `lr` is not used)

    Returns
    -------
    list of float : the loss before each step; L-BFGS stops early where it has converged

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
    if optimizer not in ("adam", "lbfgs"):
        raise ValueError(f'optimizer must be "adam" or "lbfgs", got {optimizer!r}')
    parameters, history = list(parameters), []

    def value_and_gradients():
        value = loss()
        if not value.isfinite():
            where = f"step {len(history)}: lower lr, or standardise the inputs"
            raise ValueError(f"the loss is {value.item()} at {where}")
        return value.item(), torch.autograd.grad(value, parameters)

    run = _adam if optimizer == "adam" else _lbfgs
    run(parameters, value_and_gradients, history, steps, lr)
    return history


# The function behind torch.optim.Adam and SciPy's L-BFGS: the first step of a torch.optim class costs over a second.


def _adam(parameters, value_and_gradients, history, steps, lr):
    means, squares = ([torch.zeros_like(p) for p in parameters] for _ in range(2))
    counts = [torch.tensor(0.0) for _ in parameters]
    constants = {"amsgrad": False, "beta1": 0.9, "beta2": 0.999, "weight_decay": 0.0, "eps": 1e-8, "maximize": False}
    for _ in range(steps):
        value, gradients = value_and_gradients()
        history.append(value)
        with torch.no_grad():
            adam(parameters, list(gradients), means, squares, [], counts, foreach=False, lr=lr, **constants)


def _lbfgs(parameters, value_and_gradients, history, steps, lr):
    from scipy.optimize import minimize

    def objective(flat):
        vector_to_parameters(torch.from_numpy(flat).to(parameters[0].dtype), parameters)
        value, gradients = value_and_gradients()
        return value, parameters_to_vector(gradients).double().numpy()

    start = parameters_to_vector(parameters).detach().double().numpy()
    history.append(objective(start)[0])
    result = minimize(
        objective,
        start,
        jac=True,
        method="L-BFGS-B",
        callback=lambda intermediate_result: history.append(intermediate_result.fun),
        options={"maxiter": steps, "ftol": 1e-15, "gtol": 1e-9},
    )
    vector_to_parameters(torch.from_numpy(result.x).to(parameters[0].dtype), parameters)
    del history[steps:]
