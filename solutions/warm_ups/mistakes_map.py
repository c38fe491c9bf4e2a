"""Wrong answers to map.ipynb: what each stands in for, and words of the hint that it must get."""

from course.mistakes import mistake


@mistake("knob", says="σ is squared, too")
def sigma_not_squared(program, std, scale, n):
    ridge = std / scale**2
    return {
        "Ridge": ridge,
        "weight_decay": 2 * ridge / n,
        "Lasso": std**2 / (n * scale),
    }[program]


@mistake("knob", says="so neither is alpha")
def divided_by_n(program, std, scale, n):
    ridge = std**2 / scale**2
    return {
        "Ridge": ridge / n,
        "weight_decay": 2 * ridge / n,
        "Lasso": std**2 / (n * scale),
    }[program]


@mistake("knob", says="τ is squared")
def tau_not_squared(program, std, scale, n):
    ridge = std**2 / scale
    return {
        "Ridge": ridge,
        "weight_decay": 2 * ridge / n,
        "Lasso": std**2 / (n * scale),
    }[program]


@mistake("knob", says="a narrow prior is a large alpha")
def upside_down(program, std, scale, n):
    ridge = scale**2 / std**2
    return {
        "Ridge": ridge,
        "weight_decay": 2 * ridge / n,
        "Lasso": std**2 / (n * scale),
    }[program]


@mistake("knob", says="is the knob on the sum of NLLs")
def knob_of_the_nll(program, std, scale, n):
    ridge = 1 / scale**2
    return {
        "Ridge": ridge,
        "weight_decay": 2 * ridge / n,
        "Lasso": std**2 / (n * scale),
    }[program]


@mistake("knob", says="is the 2 missing")
def no_2_in_weight_decay(program, std, scale, n):
    ridge = std**2 / scale**2
    return {
        "Ridge": ridge,
        "weight_decay": ridge / n,
        "Lasso": std**2 / (n * scale),
    }[program]


@mistake("knob", says="MSELoss is a mean: where is n")
def no_n_in_weight_decay(program, std, scale, n):
    ridge = std**2 / scale**2
    return {
        "Ridge": ridge,
        "weight_decay": 2 * ridge,
        "Lasso": std**2 / (n * scale),
    }[program]


@mistake("knob", says="Ridge a sum")
def alpha_as_weight_decay(program, std, scale, n):
    ridge = std**2 / scale**2
    return {
        "Ridge": ridge,
        "weight_decay": ridge,
        "Lasso": std**2 / (n * scale),
    }[program]


@mistake("knob", says="this is right for a mean NLL")
def weight_decay_of_a_mean_nll(program, std, scale, n):
    ridge = std**2 / scale**2
    return {
        "Ridge": ridge,
        "weight_decay": 1 / (n * scale**2),
        "Lasso": std**2 / (n * scale),
    }[program]


@mistake("knob", says="not 1/b²")
def b_squared(program, std, scale, n):
    ridge = std**2 / scale**2
    return {
        "Ridge": ridge,
        "weight_decay": 2 * ridge / n,
        "Lasso": std**2 / (n * scale**2),
    }[program]


@mistake("knob", says="divided by 2n")
def no_n_in_lasso(program, std, scale, n):
    ridge = std**2 / scale**2
    return {
        "Ridge": ridge,
        "weight_decay": 2 * ridge / n,
        "Lasso": std**2 / scale,
    }[program]


@mistake("knob", says="takes the 2 of")
def with_2_in_lasso(program, std, scale, n):
    ridge = std**2 / scale**2
    return {
        "Ridge": ridge,
        "weight_decay": 2 * ridge / n,
        "Lasso": 2 * std**2 / (n * scale),
    }[program]


@mistake("map_estimate", says="this is least squares")
def no_prior(x, y, std, tau):
    precision = x.T @ x / std**2
    return torch.linalg.solve(precision, x.T @ y / std**2)


@mistake("map_estimate", says="divided by σ²")
def sigma_forgotten(x, y, std, tau):
    precision = x.T @ x + torch.eye(x.shape[1]) / tau**2
    return torch.linalg.solve(precision, x.T @ y)


@mistake("map_estimate", says="not τ²")
def tau_2_for_its_inverse(x, y, std, tau):
    precision = x.T @ x / std**2 + torch.eye(x.shape[1]) * tau**2
    return torch.linalg.solve(precision, x.T @ y / std**2)


@mistake("map_estimate", says="not their mean")
def mean_over_the_examples(x, y, std, tau):
    precision = x.T @ x / std**2 / len(x) + torch.eye(x.shape[1]) / tau**2
    return torch.linalg.solve(precision, x.T @ y / std**2 / len(x))


@mistake("map_estimate", says="square σ and τ")
def not_squared(x, y, std, tau):
    precision = x.T @ x / std + torch.eye(x.shape[1]) / tau
    return torch.linalg.solve(precision, x.T @ y / std)


@mistake("map_estimate", says="have changed places")
def changed_places(x, y, std, tau):
    std, tau = tau, std
    precision = x.T @ x / std**2 + torch.eye(x.shape[1]) / tau**2
    return torch.linalg.solve(precision, x.T @ y / std**2)


@mistake("soft_threshold", says="what survives is shrunk, too")
def hard_threshold(z, t):
    return z * (z.abs() > t)


@mistake("soft_threshold", says="becomes 0")
def not_clamped(z, t):
    return z.sign() * (z.abs() - t)


@mistake("soft_threshold", says="is the sign lost")
def no_sign(z, t):
    return (z.abs() - t).clamp(min=0)


@mistake("soft_threshold", says="negative weights move up")
def negative_ones_pushed_down(z, t):
    return (z - t) * (z.abs() > t)


@mistake("soft_threshold", says="it has no zeros")
def ridge(z, t):
    return z / (1 + t)


@mistake("soft_threshold", says="off by up to")
def no_cutoff_below(z, t):
    return (z - t).clamp(min=0)
