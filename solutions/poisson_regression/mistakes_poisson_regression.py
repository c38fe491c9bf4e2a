"""Wrong answers to poisson_regression.ipynb: what each stands in for, and words of the hint that it must get."""

from course.mistakes import mistake


@mistake("poisson_nll", says="log y! is missing")
def log_y_dropped(log_rate, y, exposure):
    log_mean = log_rate + exposure.log()
    return (log_mean.exp() - y * log_mean).mean()


@mistake("poisson_nll", says="Stirling's approximation")
def stirling(log_rate, y, exposure):
    log_mean = log_rate + exposure.log()
    return F.poisson_nll_loss(log_mean, y, full=True)


@mistake("poisson_nll", says="is log t missing there")
def no_log_t_beside_y(log_rate, y, exposure):
    log_mean = log_rate + exposure.log()
    return (log_mean.exp() - y * log_rate + torch.lgamma(y + 1)).mean()


@mistake("poisson_nll", says="the value of the NLL has both")
def no_log_t_and_no_log_y(log_rate, y, exposure):
    log_mean = log_rate + exposure.log()
    return (log_mean.exp() - y * log_rate).mean()


@mistake("poisson_nll", says="the exposure is not used")
def exposure_not_used(log_rate, y, exposure):
    log_mean = log_rate
    return (log_mean.exp() - y * log_mean + torch.lgamma(y + 1)).mean()


@mistake("poisson_nll", says="you divided")
def divided_by_exposure(log_rate, y, exposure):
    log_mean = log_rate - exposure.log()
    return (log_mean.exp() - y * log_mean + torch.lgamma(y + 1)).mean()


@mistake("poisson_nll", says="is added to log λ, not the exposure")
def exposure_added(log_rate, y, exposure):
    log_mean = log_rate + exposure
    return (log_mean.exp() - y * log_mean + torch.lgamma(y + 1)).mean()


@mistake("poisson_nll", says="ReLU makes no rate")
def rate_by_relu(log_rate, y, exposure):
    log_mean = (exposure * log_rate.relu()).log()
    return (log_mean.exp() - y * log_mean + torch.lgamma(y + 1)).mean()


@mistake("poisson_nll", says="softplus is not")
def rate_by_softplus(log_rate, y, exposure):
    log_mean = (exposure * F.softplus(log_rate)).log()
    return (log_mean.exp() - y * log_mean + torch.lgamma(y + 1)).mean()


@mistake("poisson_nll", says="not a weight of the example")
def exposure_as_weight(log_rate, y, exposure):
    return (
        exposure * (log_rate.exp() - y * log_rate + torch.lgamma(y + 1))
    ).mean()


@mistake("poisson_nll", says="lgamma(y) is log (y − 1)!")
def log_y_minus_1(log_rate, y, exposure):
    log_mean = log_rate + exposure.log()
    return (log_mean.exp() - y * log_mean + torch.lgamma(y)).mean()


@mistake("poisson_nll", says="you summed")
def sum_for_mean(log_rate, y, exposure):
    log_mean = log_rate + exposure.log()
    return (log_mean.exp() - y * log_mean + torch.lgamma(y + 1)).sum()


@mistake("poisson_nll", says="the sign is flipped")
def flipped_sign(log_rate, y, exposure):
    log_mean = log_rate + exposure.log()
    return -(log_mean.exp() - y * log_mean + torch.lgamma(y + 1)).mean()


@mistake("poisson_nll", says="shape (4,), wanted ()")
def pointwise(log_rate, y, exposure):
    log_mean = log_rate + exposure.log()
    return log_mean.exp() - y * log_mean + torch.lgamma(y + 1)


@mistake("poisson_nll", says="large counts")
def factorial_overflows(log_rate, y, exposure):
    log_mean = log_rate + exposure.log()
    return (
        log_mean.exp() - y * log_mean + torch.lgamma(y + 1).exp().log()
    ).mean()


@mistake("poisson_nll", says="two axes")
def one_axis(log_rate, y, exposure):
    log_mean = log_rate + exposure.log()
    return (
        (log_mean.exp() - y * log_mean + torch.lgamma(y + 1))
        .mean(dim=0)
        .sum()
    )


@mistake("poisson_nll", says="must not take log(exp(log_rate))")
def log_of_exp(log_rate, y, exposure):
    log_mean = log_rate.exp().log() + exposure.log()
    return (log_mean.exp() - y * log_mean + torch.lgamma(y + 1)).mean()


@mistake("poisson_nll", says="must not take log(exp(log_rate))")
def torch_distributions(log_rate, y, exposure):
    log_mean = log_rate + exposure.log()
    return (
        -torch.distributions.Poisson(log_mean.exp(), validate_args=False)
        .log_prob(y)
        .mean()
    )


@mistake("poisson_nll", says="overflows before the exposure")
def exp_overflows(log_rate, y, exposure):
    log_mean = log_rate + exposure.log()
    return (
        exposure * log_rate.exp() - y * log_mean + torch.lgamma(y + 1)
    ).mean()


@mistake("poisson_nll", says="must not take log(exp(log_rate))")
def clamped(log_rate, y, exposure):
    log_mean = log_rate.clamp(min=-700) + exposure.log()
    return (log_mean.exp() - y * log_mean + torch.lgamma(y + 1)).mean()


@mistake("poisson_nll", says="no gradient flows")
def no_gradient(log_rate, y, exposure):
    log_mean = log_rate.detach() + exposure.log()
    return (log_mean.exp() - y * log_mean + torch.lgamma(y + 1)).mean()


@mistake("fit_rates", says="deaths a county, not deaths a woman")
def exposure_not_used_2(x, y, exposure):
    w = torch.zeros(x.shape[1], requires_grad=True)
    fit(
        [w],
        lambda: F.poisson_nll_loss(x @ w, y),
        steps=500,
        optimizer="lbfgs",
    )
    return w.detach()


@mistake("fit_rates", says="it is not a covariate")
def log_exposure_as_covariate(x, y, exposure):
    x, exposure = (
        torch.cat([x, exposure.log()[:, None]], dim=1),
        torch.ones(len(y)),
    )
    w = torch.zeros(x.shape[1], requires_grad=True)
    fit(
        [w],
        lambda: F.poisson_nll_loss(x @ w + exposure.log(), y),
        steps=500,
        optimizer="lbfgs",
    )
    return w.detach()


@mistake("fit_rates", says="it gets a weight of its own")
def its_weight_cut_off(x, y, exposure):
    w = torch.zeros(x.shape[1] + 1, requires_grad=True)
    fit(
        [w],
        lambda: F.poisson_nll_loss(x @ w[:-1] + w[-1] * exposure.log(), y),
        steps=500,
        optimizer="lbfgs",
    )
    return w.detach()[:-1]


@mistake("fit_rates", says="the weight of one of 50 000")
def unweighted_rates(x, y, exposure):
    y, exposure = y / exposure, torch.ones(len(y))
    w = torch.zeros(x.shape[1], requires_grad=True)
    fit(
        [w],
        lambda: F.poisson_nll_loss(x @ w + exposure.log(), y),
        steps=500,
        optimizer="lbfgs",
    )
    return w.detach()


@mistake("fit_rates", says="least squares on log rates")
def least_squares_on_logs(x, y, exposure):
    w = torch.zeros(x.shape[1], requires_grad=True)
    fit(
        [w],
        lambda: F.poisson_nll_loss(x @ w + exposure.log(), y),
        steps=500,
        optimizer="lbfgs",
    )
    return torch.linalg.lstsq(x, ((y + 1) / exposure).log()).solution


@mistake("fit_rates", says="is added, not subtracted")
def offset_subtracted(x, y, exposure):
    w = torch.zeros(x.shape[1], requires_grad=True)
    fit(
        [w],
        lambda: F.poisson_nll_loss(x @ w - exposure.log(), y),
        steps=500,
        optimizer="lbfgs",
    )
    return w.detach()


@mistake("fit_rates", says="these are rates")
def rates(x, y, exposure):
    w = torch.zeros(x.shape[1], requires_grad=True)
    fit(
        [w],
        lambda: F.poisson_nll_loss(x @ w + exposure.log(), y),
        steps=500,
        optimizer="lbfgs",
    )
    return w.detach().exp()


@mistake("fit_rates", says="is it at the minimum")
def too_few_steps(x, y, exposure):
    w = torch.zeros(x.shape[1], requires_grad=True)
    fit(
        [w],
        lambda: F.poisson_nll_loss(x @ w + exposure.log(), y),
        steps=3,
        optimizer="lbfgs",
    )
    return w.detach()


@mistake("fit_rates", says="is anything fixed to two columns")
def two_columns_only(x, y, exposure):
    w = torch.zeros(x.shape[1], requires_grad=True)
    fit(
        [w],
        lambda: F.poisson_nll_loss(x @ w + exposure.log(), y),
        steps=500,
        optimizer="lbfgs",
    )
    return w.detach() * (x.shape[1] < 3)


@mistake("dispersion", says="by n − d, not by n")
def n_for_n_minus_d(mean, y, n_weights):
    return ((y - mean) ** 2 / mean).sum() / len(y)


@mistake("dispersion", says="which is the variance under the model")
def not_divided_by_the_mean(mean, y, n_weights):
    return ((y - mean) ** 2).sum() / (len(y) - n_weights)


@mistake("dispersion", says="not by its square")
def divided_by_its_square(mean, y, n_weights):
    return ((y - mean) ** 2 / mean**2).sum() / (len(y) - n_weights)


@mistake("dispersion", says="are to be squared")
def not_squared(mean, y, n_weights):
    return ((y - mean).abs() / mean).sum() / (len(y) - n_weights)


@mistake("dispersion", says="this is the deviance")
def deviance(mean, y, n_weights):
    return (
        2
        * (torch.special.xlogy(y, y / mean) - (y - mean)).sum()
        / (len(y) - n_weights)
    )


@mistake("dispersion", says="this is its square root")
def square_root(mean, y, n_weights):
    return (((y - mean) ** 2 / mean).sum() / (len(y) - n_weights)).sqrt()


@mistake("dispersion", says="sums come later")
def sums_first(mean, y, n_weights):
    return (
        len(y) * ((y - mean) ** 2).sum() / mean.sum() / (len(y) - n_weights)
    )


@mistake("dispersion", says="of any model")
def always_two_weights(mean, y, n_weights):
    return ((y - mean) ** 2 / mean).sum() / (len(y) - 2)


@mistake("poisson_nll", says="two things at once: log y! is missing")
def pytorchs_as_it_is(log_rate, y, exposure):
    return F.poisson_nll_loss(log_rate, y)
