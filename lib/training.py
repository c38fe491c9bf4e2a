"""One short training loop, used wherever a model is fitted by gradient descent."""

import warnings

import torch
from torch.nn.utils import parameters_to_vector, vector_to_parameters
from torch.optim.adam import adam


def fit(parameters, loss, *, steps=None, lr=0.1, optimizer="adam"):
    """Minimise `loss()` in place over `parameters`, full batch.

    Parameters
    ----------
    parameters : iterable of tensors with requires_grad (or `model.parameters()`), on any device
    loss : callable without arguments, returns a scalar tensor: the mean NLL, in nats
    steps : int ≥ 1, the number of steps of Adam, which needs it; for L-BFGS the most that it may take, if given
    lr : float > 0, the step size of Adam; L-BFGS finds its own by line search
    optimizer : "adam" (first order, constant rate `lr`) or "lbfgs" (quasi-Newton, until it has converged)

    Returns
    -------
    list of float : Adam: the loss before each step. L-BFGS: the loss at the start and after each step.

    Raises
    ------
    ValueError
        If the optimiser is unknown, `steps` < 1 or missing where it is needed, `lr` ≤ 0, or the loss is not finite.

    Warns
    -----
    RuntimeWarning
        If L-BFGS stops for another reason than `steps` or convergence; where the gradient is below the cube root of
        the precision, a line search that fails is stopped by rounding alone, and that is convergence.

    Source: Kingma & Ba 2015 (Adam); Nocedal & Wright, Numerical Optimization, §7.2 (L-BFGS).
    """
    if optimizer not in ("adam", "lbfgs"):
        raise ValueError(f'optimizer must be "adam" or "lbfgs", got {optimizer!r}')
    if steps is None and optimizer == "adam":
        raise ValueError("steps must be given: Adam at a constant rate does not know when it has arrived")
    if steps is not None and steps < 1:
        raise ValueError(f"steps must be at least 1, got {steps}")
    if optimizer == "adam" and not lr > 0:
        raise ValueError(f"lr must be positive, got {lr}")
    parameters, history = list(parameters), []
    mend = "lower lr, or standardise the inputs" if optimizer == "adam" else "standardise the inputs"

    def value_and_gradients():
        value = loss()
        if not value.isfinite():
            raise ValueError(f"the loss is {value.item()} at step {len(history)}: {mend}")
        return value.item(), torch.autograd.grad(value, parameters)

    if optimizer == "adam":
        _adam(parameters, value_and_gradients, history, steps, lr)
    else:
        _lbfgs(parameters, value_and_gradients, history, steps)
    return history


# The function behind torch.optim.Adam, and SciPy's L-BFGS: to construct the first torch.optim class of a process costs
# about a second (it imports torch._dynamo); its steps are fast.


def _adam(parameters, value_and_gradients, history, steps, lr):
    means, squares = ([torch.zeros_like(p) for p in parameters] for _ in range(2))
    counts = [torch.tensor(0.0) for _ in parameters]
    constants = {"amsgrad": False, "beta1": 0.9, "beta2": 0.999, "weight_decay": 0.0, "eps": 1e-8, "maximize": False}
    for _ in range(steps):
        value, gradients = value_and_gradients()
        history.append(value)
        with torch.no_grad():
            adam(parameters, list(gradients), means, squares, [], counts, lr=lr, **constants)


def _lbfgs(parameters, value_and_gradients, history, steps):
    from scipy.optimize import minimize

    def flat(tensors):  # SciPy computes on the CPU, in double precision
        return parameters_to_vector(tensors).detach().cpu().double().numpy()

    def put(numbers):
        vector_to_parameters(torch.from_numpy(numbers).to(parameters[0]), parameters)

    def objective(numbers):
        put(numbers)
        value, gradients = value_and_gradients()
        return value, flat(gradients)

    start = flat(parameters)
    history.append(objective(start)[0])
    rounding = 4 * torch.finfo(parameters[0].dtype).eps  # a smaller change of the loss is none
    options = {"ftol": rounding, "gtol": 1e-9} | ({"maxiter": steps} if steps else {})
    result = minimize(
        objective,
        start,
        jac=True,
        method="L-BFGS-B",
        callback=lambda intermediate_result: history.append(intermediate_result.fun),
        options=options,
    )
    put(result.x)
    slope = abs(result.jac).max()
    if not result.success and result.nit != steps and slope > torch.finfo(parameters[0].dtype).eps ** (1 / 3):
        warnings.warn(f"L-BFGS stopped after {result.nit} steps: {result.message}", RuntimeWarning, stacklevel=3)
