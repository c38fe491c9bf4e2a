"""Wrong answers to beta_regression.ipynb: what each stands in for, and words of the hint that it must get."""

from course.mistakes import mistake


@mistake("beta_nll", says="have changed places")
def mu_and_1_minus_mu(logits, log_precision, y):
    phi = torch.exp(log_precision)
    b, a = torch.sigmoid(logits) * phi, torch.sigmoid(-logits) * phi
    normaliser = torch.lgamma(a) + torch.lgamma(b) - torch.lgamma(phi)
    return (
        normaliser - (a - 1) * torch.log(y) - (b - 1) * torch.log1p(-y)
    ).mean()


@mistake("beta_nll", says="the exponents are")
def exponents(logits, log_precision, y):
    phi = torch.exp(log_precision)
    a, b = torch.sigmoid(logits) * phi, torch.sigmoid(-logits) * phi
    normaliser = torch.lgamma(a) + torch.lgamma(b) - torch.lgamma(phi)
    return (normaliser - a * torch.log(y) - b * torch.log1p(-y)).mean()


@mistake("beta_nll", says="is the normaliser missing")
def no_normaliser(logits, log_precision, y):
    phi = torch.exp(log_precision)
    a, b = torch.sigmoid(logits) * phi, torch.sigmoid(-logits) * phi
    normaliser = torch.lgamma(a) + torch.lgamma(b) - torch.lgamma(phi)
    return (-(a - 1) * torch.log(y) - (b - 1) * torch.log1p(-y)).mean()


@mistake("beta_nll", says="is log Γ(φ) missing")
def no_log_gamma_phi(logits, log_precision, y):
    phi = torch.exp(log_precision)
    a, b = torch.sigmoid(logits) * phi, torch.sigmoid(-logits) * phi
    normaliser = torch.lgamma(a) + torch.lgamma(b)
    return (
        normaliser - (a - 1) * torch.log(y) - (b - 1) * torch.log1p(-y)
    ).mean()


@mistake("beta_nll", says="wrong sign")
def sign_of_the_normaliser(logits, log_precision, y):
    phi = torch.exp(log_precision)
    a, b = torch.sigmoid(logits) * phi, torch.sigmoid(-logits) * phi
    normaliser = torch.lgamma(a) + torch.lgamma(b) - torch.lgamma(phi)
    return (
        -normaliser - (a - 1) * torch.log(y) - (b - 1) * torch.log1p(-y)
    ).mean()


@mistake("beta_nll", says="where is the exponential")
def no_exponential(logits, log_precision, y):
    phi = log_precision
    a, b = torch.sigmoid(logits) * phi, torch.sigmoid(-logits) * phi
    normaliser = torch.lgamma(a) + torch.lgamma(b) - torch.lgamma(phi)
    return (
        normaliser - (a - 1) * torch.log(y) - (b - 1) * torch.log1p(-y)
    ).mean()


@mistake("beta_nll", says="you summed")
def sum_for_mean(logits, log_precision, y):
    phi = torch.exp(log_precision)
    a, b = torch.sigmoid(logits) * phi, torch.sigmoid(-logits) * phi
    normaliser = torch.lgamma(a) + torch.lgamma(b) - torch.lgamma(phi)
    return (
        normaliser - (a - 1) * torch.log(y) - (b - 1) * torch.log1p(-y)
    ).sum()


@mistake("beta_nll", says="the sign is flipped")
def flipped_sign(logits, log_precision, y):
    phi = torch.exp(log_precision)
    a, b = torch.sigmoid(logits) * phi, torch.sigmoid(-logits) * phi
    normaliser = torch.lgamma(a) + torch.lgamma(b) - torch.lgamma(phi)
    return -(
        normaliser - (a - 1) * torch.log(y) - (b - 1) * torch.log1p(-y)
    ).mean()


@mistake("beta_nll", says="its gradient far out")
def with_1_minus_sigmoid(logits, log_precision, y):
    phi = torch.exp(log_precision)
    a, b = torch.sigmoid(logits) * phi, (1 - torch.sigmoid(logits)) * phi
    normaliser = torch.lgamma(a) + torch.lgamma(b) - torch.lgamma(phi)
    return (
        normaliser - (a - 1) * torch.log(y) - (b - 1) * torch.log1p(-y)
    ).mean()


@mistake("beta_nll", says="no gradient flows")
def precision_detached(logits, log_precision, y):
    phi = torch.exp(log_precision.detach())
    a, b = torch.sigmoid(logits) * phi, torch.sigmoid(-logits) * phi
    normaliser = torch.lgamma(a) + torch.lgamma(b) - torch.lgamma(phi)
    return (
        normaliser - (a - 1) * torch.log(y) - (b - 1) * torch.log1p(-y)
    ).mean()


@mistake("squeeze", says="1 must stay below 1")
def times_n(y):
    n = y.numel()
    return (y * n + 0.5) / n


@mistake("squeeze", says="½ is divided by n")
def half_not_divided(y):
    n = y.numel()
    return y * (n - 1) / n + 0.5


@mistake("squeeze", says="½ for each side")
def one_for_half(y):
    n = y.numel()
    return (y * (n - 1) + 1) / n


@mistake("squeeze", says="zeros stay zeros")
def no_half(y):
    n = y.numel()
    return (y * (n - 1)) / n


@mistake("squeeze", says="another remedy")
def clipped(y):
    n = y.numel()
    return y.clamp(0.5 / n, 1 - 0.5 / n)


@mistake("squeeze", says="n counts all elements")
def length(y):
    n = len(y)
    return (y * (n - 1) + 0.5) / n


@mistake("fit_beta", says="log φ, not φ")
def phi_for_log_phi(x, y):
    from lib import training

    theta = torch.zeros(x.shape[1] + 2, requires_grad=True)

    def loss():
        logits = theta[0] + x @ theta[1:-1]
        a, b = (
            torch.sigmoid(logits) * theta[-1].exp(),
            torch.sigmoid(-logits) * theta[-1].exp(),
        )
        return -torch.distributions.Beta(a, b).log_prob(y).mean()

    _ = training.fit([theta], loss, steps=500, optimizer="lbfgs")
    return torch.cat([theta[:-1], theta[-1:].exp()]).detach()


@mistake("fit_beta", says="the intercept comes first")
def intercept_last(x, y):
    from lib import training

    theta = torch.zeros(x.shape[1] + 2, requires_grad=True)

    def loss():
        logits = theta[0] + x @ theta[1:-1]
        a, b = (
            torch.sigmoid(logits) * theta[-1].exp(),
            torch.sigmoid(-logits) * theta[-1].exp(),
        )
        return -torch.distributions.Beta(a, b).log_prob(y).mean()

    _ = training.fit([theta], loss, steps=500, optimizer="lbfgs")
    return torch.cat([theta[1:-1], theta[:1], theta[-1:]]).detach()


@mistake("fit_beta", says="is it at the maximum")
def too_few_steps(x, y):
    from lib import training

    theta = torch.zeros(x.shape[1] + 2, requires_grad=True)

    def loss():
        logits = theta[0] + x @ theta[1:-1]
        a, b = (
            torch.sigmoid(logits) * theta[-1].exp(),
            torch.sigmoid(-logits) * theta[-1].exp(),
        )
        return -torch.distributions.Beta(a, b).log_prob(y).mean()

    _ = training.fit([theta], loss, steps=3, optimizer="lbfgs")
    return theta.detach()


@mistake("fit_beta", says="with an intercept")
def no_intercept(x, y):
    from lib import training

    theta = torch.zeros(x.shape[1] + 2, requires_grad=True)

    def loss():
        logits = 0 * theta[0] + x @ theta[1:-1]
        a, b = (
            torch.sigmoid(logits) * theta[-1].exp(),
            torch.sigmoid(-logits) * theta[-1].exp(),
        )
        return -torch.distributions.Beta(a, b).log_prob(y).mean()

    _ = training.fit([theta], loss, steps=500, optimizer="lbfgs")
    return theta.detach()


@mistake("fit_beta", says="these weights minimise cross-entropy")
def cross_entropy(x, y):
    from lib import training

    theta = torch.zeros(x.shape[1] + 2, requires_grad=True)

    def loss():
        logits = theta[0] + x @ theta[1:-1]
        a, b = (
            torch.sigmoid(logits) * theta[-1].exp(),
            torch.sigmoid(-logits) * theta[-1].exp(),
        )
        return (
            torch.nn.functional.binary_cross_entropy_with_logits(logits, y)
            + 0 * theta[-1]
        )

    _ = training.fit([theta], loss, steps=500, optimizer="lbfgs")
    return theta.detach()


@mistake("fit_beta", says="fit_beta is off")
def precision_fixed(x, y):
    from lib import training

    theta = torch.zeros(x.shape[1] + 2, requires_grad=True)

    def loss():
        logits = theta[0] + x @ theta[1:-1]
        a, b = torch.sigmoid(logits) * 10, torch.sigmoid(-logits) * 10
        return -torch.distributions.Beta(a, b).log_prob(y).mean()

    _ = training.fit([theta], loss, steps=500, optimizer="lbfgs")
    return theta.detach()


@mistake("fit_beta", says="is anything fixed to these 303 districts")
def standardised_again(x, y):
    from lib import training

    x = (x - x.mean(dim=0)) / x.std(dim=0, correction=0)
    theta = torch.zeros(x.shape[1] + 2, requires_grad=True)

    def loss():
        logits = theta[0] + x @ theta[1:-1]
        a, b = (
            torch.sigmoid(logits) * theta[-1].exp(),
            torch.sigmoid(-logits) * theta[-1].exp(),
        )
        return -torch.distributions.Beta(a, b).log_prob(y).mean()

    _ = training.fit([theta], loss, steps=500, optimizer="lbfgs")
    return theta.detach()


@mistake("continuous_bernoulli_nll", says="this is the cross-entropy alone")
def cross_entropy_2(logits, y):
    bce = torch.nn.functional.binary_cross_entropy_with_logits(logits, y)
    small = logits.abs() < 1e-3
    z = torch.where(
        small, 1.0, logits
    )  # no division by 0 in the branch that is not taken, nor in its gradient
    log_factor = torch.where(
        small,
        torch.log(torch.tensor(2.0)) + logits**2 / 12,
        torch.log(z / torch.tanh(z / 2)),
    )
    return bce


@mistake("continuous_bernoulli_nll", says="is *subtracted*")
def added(logits, y):
    bce = torch.nn.functional.binary_cross_entropy_with_logits(logits, y)
    small = logits.abs() < 1e-3
    z = torch.where(
        small, 1.0, logits
    )  # no division by 0 in the branch that is not taken, nor in its gradient
    log_factor = torch.where(
        small,
        torch.log(torch.tensor(2.0)) + logits**2 / 12,
        torch.log(z / torch.tanh(z / 2)),
    )
    return bce + log_factor.mean()


@mistake("continuous_bernoulli_nll", says="tanh of z/2")
def tanh_of_z(logits, y):
    bce = torch.nn.functional.binary_cross_entropy_with_logits(logits, y)
    small = logits.abs() < 1e-3
    z = torch.where(
        small, 1.0, logits
    )  # no division by 0 in the branch that is not taken, nor in its gradient
    log_factor = torch.where(
        small,
        torch.log(torch.tensor(2.0)) + logits**2 / 12,
        torch.log(z / torch.tanh(z)),
    )
    return bce - log_factor.mean()


@mistake(
    "continuous_bernoulli_nll",
    says="is the logarithm of the factor missing",
)
def no_logarithm(logits, y):
    bce = torch.nn.functional.binary_cross_entropy_with_logits(logits, y)
    small = logits.abs() < 1e-3
    z = torch.where(
        small, 1.0, logits
    )  # no division by 0 in the branch that is not taken, nor in its gradient
    log_factor = torch.where(
        small,
        torch.log(torch.tensor(2.0)) + logits**2 / 12,
        z / torch.tanh(z / 2),
    )
    return bce - log_factor.mean()


@mistake("continuous_bernoulli_nll", says="you summed")
def sum_for_mean_2(logits, y):
    bce = torch.nn.functional.binary_cross_entropy_with_logits(logits, y)
    small = logits.abs() < 1e-3
    z = torch.where(
        small, 1.0, logits
    )  # no division by 0 in the branch that is not taken, nor in its gradient
    log_factor = torch.where(
        small,
        torch.log(torch.tensor(2.0)) + logits**2 / 12,
        torch.log(z / torch.tanh(z / 2)),
    )
    return 3 * (bce - log_factor.mean())


@mistake("continuous_bernoulli_nll", says="near z = 0")
def with_0_over_0(logits, y):
    bce = torch.nn.functional.binary_cross_entropy_with_logits(logits, y)
    small = logits.abs() < 1e-3
    return (
        bce - torch.log(logits / torch.tanh(logits / 2)).mean()
    )  # no division by 0 in the branch that is not taken, nor in its gradient


@mistake("beta_nll", says="two things at once: you summed")
def log_likelihood_summed(logits, log_precision, y):
    phi = torch.exp(log_precision)
    return (
        torch.distributions.Beta(
            torch.sigmoid(logits) * phi, torch.sigmoid(-logits) * phi
        )
        .log_prob(y)
        .sum()
    )
