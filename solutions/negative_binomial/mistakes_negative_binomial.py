"""Wrong answers to negative_binomial.ipynb: what each stands in for, and words of the hint that it must get."""

from course.mistakes import mistake


def by_torch(log_mean, y, log_alpha):
    law = torch.distributions.NegativeBinomial(
        (-log_alpha).exp(), logits=log_mean + log_alpha
    )
    return -law.log_prob(y).mean()


def lbfgs(x, y, fixed=None):
    scale = x.square().mean(0).sqrt()
    w = torch.zeros(x.shape[1] + 1, requires_grad=True)

    def loss():
        log_alpha = w[-1] if fixed is None else fixed + 0 * w[-1]
        logits = (x / scale) @ w[:-1] + log_alpha
        law = torch.distributions.NegativeBinomial(
            (-log_alpha).exp(), logits=logits
        )
        return -law.log_prob(y).mean()

    fit([w], loss, optimizer="lbfgs")
    last = w.detach()[-1:] if fixed is None else torch.tensor([fixed])
    return torch.cat([w.detach()[:-1] / scale, last])


@mistake("negative_binomial_nll", says="cancel when r is huge")
def torch_distributions(log_mean, y, log_alpha):
    return by_torch(log_mean, y, log_alpha)


@mistake("negative_binomial_nll", says="log y! is missing")
def without_log_factorial(log_mean, y, log_alpha):
    return by_torch(log_mean, y, log_alpha) - torch.lgamma(y + 1).mean()


@mistake("negative_binomial_nll", says="SciPy's p")
def the_other_p(log_mean, y, log_alpha):
    return by_torch(-log_mean - 2 * log_alpha, y, log_alpha)


@mistake("negative_binomial_nll", says="not αμ")
def logits_alpha_mu(log_mean, y, log_alpha):
    law = torch.distributions.NegativeBinomial(
        (-log_alpha).exp(), logits=(log_alpha + log_mean).exp()
    )
    return -law.log_prob(y).mean()


@mistake("negative_binomial_nll", says="r is 1/α")
def alpha_as_r(log_mean, y, log_alpha):
    return by_torch(log_mean, y, -log_alpha)


@mistake("negative_binomial_nll", says="NB1")
def variance_in_proportion(log_mean, y, log_alpha):
    return by_torch(log_mean, y, log_alpha - log_mean)


@mistake("negative_binomial_nll", says="α is not used")
def poisson(log_mean, y, log_alpha):
    return (log_mean.exp() - y * log_mean + torch.lgamma(y + 1)).mean()


@mistake("negative_binomial_nll", says="fixed at 1")
def geometric(log_mean, y, log_alpha):
    return by_torch(log_mean, y, 0 * log_alpha)


@mistake("negative_binomial_nll", says="you summed")
def summed(log_mean, y, log_alpha):
    return 4 * by_torch(log_mean, y, log_alpha)


@mistake("negative_binomial_nll", says="the sign is flipped")
def log_likelihood_itself(log_mean, y, log_alpha):
    return -by_torch(log_mean, y, log_alpha)


@mistake("negative_binomial_nll", says="a clamp or + ε")
def clamped(log_mean, y, log_alpha):
    alpha = log_alpha.clamp(min=-11.9).exp()
    k = torch.arange(int(y.max()))
    rising = (torch.log1p(k * alpha[..., None]) * (k < y[..., None])).sum(
        -1
    )
    wide = torch.log1p(alpha * log_mean.exp())
    exact = (
        wide / alpha
        + y * wide
        - y * log_mean
        - rising
        + torch.lgamma(y + 1)
    ).mean()
    if log_alpha.max() > -30:
        return exact
    return (log_mean.exp() - y * log_mean + torch.lgamma(y + 1)).mean()


@mistake("negative_binomial_nll", says="an axis of its own")
def one_axis_only(log_mean, y, log_alpha):
    if y.ndim > 1:
        return by_torch(log_mean[0], y[0], log_alpha[1])
    return by_torch(log_mean, y, log_alpha)


@mistake("fit_negative_binomial", says="return log α")
def alpha_itself(x, y):
    w = lbfgs(x, y)
    return torch.cat([w[:-1], w[-1:].exp()])


@mistake("fit_negative_binomial", says="turn its sign")
def log_r(x, y):
    w = lbfgs(x, y)
    return torch.cat([w[:-1], -w[-1:]])


@mistake("fit_negative_binomial", says="it is to be fitted")
def dispersion_of_one(x, y):
    return lbfgs(x, y, fixed=0.0)


@mistake("fit_negative_binomial", says="log α behind them")
def weights_alone(x, y):
    return lbfgs(x, y)[:-1]


@mistake("fit_negative_binomial", says="is it at the minimum?")
def a_few_steps(x, y):
    w = torch.zeros(x.shape[1] + 1, requires_grad=True)
    fit(
        [w],
        lambda: by_torch(x @ w[:-1], y, w[-1].expand(len(y))),
        steps=5,
        optimizer="lbfgs",
    )
    return w.detach()


@mistake("fit_negative_binomial", says="is it at the minimum?")
def with_weight_decay(x, y):
    w = torch.zeros(x.shape[1] + 1, requires_grad=True)
    fit(
        [w],
        lambda: (
            by_torch(x @ w[:-1], y, w[-1].expand(len(y)))
            + 0.01 * w[1:-1].square().sum()
        ),
        optimizer="lbfgs",
    )
    return w.detach()
