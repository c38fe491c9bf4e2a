"""Wrong answers to robust_quantile.ipynb: what each stands in for, and words of the hint that it must get."""

from course.mistakes import mistake


def right(f, y, tau, log_s):
    if f.shape != y.shape:
        raise ValueError("shapes")
    u = (y - f) / log_s.exp()
    rho = torch.maximum(tau * u, (tau - 1) * u)
    return rho.mean() + log_s - np.log(tau * (1 - tau))


def pinball_of(u, tau):
    return torch.maximum(tau * u, (tau - 1) * u)


def linear_programme(x, y, tau):
    n, d = x.shape
    cost = np.r_[np.zeros(d), np.full(n, tau), np.full(n, 1 - tau)]
    split = np.c_[x.numpy(), np.eye(n), -np.eye(n)]
    bounds = [(None, None)] * d + [(0, None)] * (2 * n)
    found = optimize.linprog(
        cost, A_eq=split, b_eq=y.numpy(), bounds=bounds
    )
    return torch.from_numpy(found.x[:d])


@mistake("asymmetric_laplace_nll", says="log Z is missing")
def without_log_z(f, y, tau, log_s):
    return (
        torch.maximum(tau * (y - f), (tau - 1) * (y - f)).mean()
        / log_s.exp()
        + log_s
    )


@mistake("asymmetric_laplace_nll", says="log s is missing")
def without_log_s(f, y, tau, log_s):
    u = (y - f) / log_s.exp()
    rho = torch.maximum(tau * u, (tau - 1) * u)
    return rho.mean() - np.log(tau * (1 - tau))


@mistake("asymmetric_laplace_nll", says="two things at once")
def the_pinball_loss_alone(f, y, tau, log_s):
    u = (y - f) / log_s.exp()
    return torch.maximum(tau * u, (tau - 1) * u).mean()


@mistake("asymmetric_laplace_nll", says="you took f − y")
def residual_turned(f, y, tau, log_s):
    u = (f - y) / log_s.exp()
    rho = torch.maximum(tau * u, (tau - 1) * u)
    return rho.mean() + log_s - np.log(tau * (1 - tau))


@mistake("asymmetric_laplace_nll", says="the expectile's loss")
def squared(f, y, tau, log_s):
    u = (y - f) / log_s.exp()
    rho = (tau - (u < 0).double()).abs() * u**2
    return rho.mean() + log_s - np.log(tau * (1 - tau))


@mistake("asymmetric_laplace_nll", says="τ is not used")
def absolute(f, y, tau, log_s):
    u = (y - f) / log_s.exp()
    return u.abs().mean() + log_s - np.log(tau * (1 - tau))


@mistake("asymmetric_laplace_nll", says="the sign of log Z")
def log_z_turned(f, y, tau, log_s):
    u = (y - f) / log_s.exp()
    rho = torch.maximum(tau * u, (tau - 1) * u)
    return rho.mean() + log_s + np.log(tau * (1 - tau))


@mistake("asymmetric_laplace_nll", says="Z is 2")
def log_two(f, y, tau, log_s):
    u = (y - f) / log_s.exp()
    return torch.maximum(tau * u, (tau - 1) * u).mean() + log_s + np.log(2)


@mistake("asymmetric_laplace_nll", says="not divided by s")
def in_units_of_y(f, y, tau, log_s):
    r = y - f
    rho = torch.maximum(tau * r, (tau - 1) * r)
    return rho.mean() + log_s - np.log(tau * (1 - tau))


@mistake("asymmetric_laplace_nll", says="not by log s")
def divided_by_log_s(f, y, tau, log_s):
    u = (y - f) / log_s
    rho = torch.maximum(tau * u, (tau - 1) * u)
    return rho.mean() + log_s - np.log(tau * (1 - tau))


@mistake("asymmetric_laplace_nll", says="you summed")
def summed(f, y, tau, log_s):
    return y.numel() * right(f, y, tau, log_s)


@mistake("asymmetric_laplace_nll", says="the sign is flipped")
def log_likelihood(f, y, tau, log_s):
    return -right(f, y, tau, log_s)


@mistake("asymmetric_laplace_nll", says="a clamp or + ε")
def with_epsilon(f, y, tau, log_s):
    u = (y - f) / (log_s.exp() + 1e-12)
    rho = torch.maximum(tau * u, (tau - 1) * u)
    return rho.mean() + log_s - np.log(tau * (1 - tau))


@mistake("asymmetric_laplace_nll", says="where it should be finite")
def divided_by_itself(f, y, tau, log_s):
    u = (y - f) / log_s.exp()
    rho = u * (tau - (1 - u / u.abs()) / 2)
    return rho.mean() + log_s - np.log(tau * (1 - tau))


@mistake("asymmetric_laplace_nll", says="no gradient flows")
def scale_as_a_number(f, y, tau, log_s):
    s = log_s.exp().item()
    u = (y - f) / s
    rho = torch.maximum(tau * u, (tau - 1) * u)
    return rho.mean() + np.log(s) - np.log(tau * (1 - tau))


@mistake("asymmetric_laplace_nll", says="were broadcast")
def broadcast(f, y, tau, log_s):
    u = (y - f) / log_s.exp()
    rho = torch.maximum(tau * u, (tau - 1) * u)
    return rho.mean() + log_s - np.log(tau * (1 - tau))


@mistake("best_scale", says="the best scale of a Laplace")
def mean_absolute(f, y, tau):
    return (y - f).abs().mean()


@mistake("best_scale", says="a standard deviation")
def standard_deviation(f, y, tau):
    return (y - f).std()


@mistake("best_scale", says="a root mean square")
def root_mean_square(f, y, tau):
    return (y - f).square().mean().sqrt()


@mistake("best_scale", says="1 − τ for τ")
def tilted_the_other_way(f, y, tau):
    return torch.maximum(tau * (f - y), (tau - 1) * (f - y)).mean()


@mistake("best_scale", says="the expectile's loss")
def mean_expectile_loss(f, y, tau):
    return ((tau - (y < f).double()).abs() * (y - f) ** 2).mean()


@mistake("best_scale", says="divide by nothing")
def divided_by_the_normaliser(f, y, tau):
    return pinball_of(y - f, tau).mean() / (tau * (1 - tau))


@mistake("best_scale", says="return the scale")
def log_scale(f, y, tau):
    return pinball_of(y - f, tau).mean().log()


@mistake("best_scale", says="you summed")
def sum_of_pinball(f, y, tau):
    return pinball_of(y - f, tau).sum()


@mistake("best_scale", says="not the minimum")
def median_of_pinball(f, y, tau):
    return pinball_of(y - f, tau).median()


@mistake("quantile_line", says="1 − τ for τ")
def other_side(x, y, tau):
    return linear_programme(x, y, 1 - tau)


@mistake("quantile_line", says="the median, whatever")
def always_the_median(x, y, tau):
    return linear_programme(x, y, 0.5)


@mistake("quantile_line", says="the loss has kinks")
def a_few_steps(x, y, tau):
    w = torch.zeros(x.shape[1], requires_grad=True)
    for _ in range(50):
        r = y - x @ w
        loss = torch.maximum(tau * r, (tau - 1) * r).mean()
        (slope,) = torch.autograd.grad(loss, w)
        w = (w - 0.1 * slope).detach().requires_grad_()
    return w.detach()


@mistake("quantile_line", says="expectiles, not quantiles")
def expectiles(x, y, tau):
    w = torch.linalg.lstsq(x, y).solution
    for _ in range(60):
        weight = (tau - (y < x @ w).double()).abs()[:, None]
        w = torch.linalg.solve(x.T @ (weight * x), x.T @ (weight[:, 0] * y))
    return w


@mistake("quantile_line", says="say alpha=0")
def with_a_prior(x, y, tau):
    from sklearn.linear_model import QuantileRegressor

    found = QuantileRegressor(quantile=tau).fit(x.numpy(), y.numpy())
    return torch.tensor([found.intercept_, *found.coef_[1:]])


@mistake("quantile_line", says="least squares, whatever")
def least_squares(x, y, tau):
    return torch.linalg.lstsq(x, y).solution


@mistake("quantile_line", says="slope first")
def slope_first(x, y, tau):
    return linear_programme(x, y, tau).flip(0)


@mistake("share_below", says="on the wrong side")
def share_above(x, y, w):
    return (y - x @ w > 1e-6).double().mean()


@mistake("share_below", says="on the line are not below")
def share_below_and_on(x, y, w):
    return (y - x @ w < 1e-6).double().mean()


@mistake("share_below", says="on the line")
def share_below_to_the_last_digit(x, y, w):
    return (y < x @ w).double().mean()


@mistake("share_below", says="where a share is asked")
def number_below(x, y, w):
    return (y - x @ w < -1e-6).double().sum()


@mistake("ordered", says="the lowest is free")
def all_positive(out):
    return F.softplus(out).cumsum(dim=1)


@mistake("ordered", says="not added up")
def no_sum(out):
    return torch.cat([out[:, :1], F.softplus(out[:, 1:])], dim=1)


@mistake("ordered", says="no positive steps")
def sum_alone(out):
    return out.cumsum(dim=1)


@mistake("ordered", says="sorting")
def sorted_rows(out):
    return out.sort(dim=1).values


@mistake("ordered", says="softplus is asked")
def exponentials(out):
    return torch.cat([out[:, :1], out[:, 1:].exp()], dim=1).cumsum(dim=1)


@mistake("ordered", says="along each row")
def down_the_columns(out):
    steps = torch.cat([out[:, :1], F.softplus(out[:, 1:])], dim=1)
    return steps.cumsum(dim=0)


@mistake("ordered", says="F.softplus does not")
def softplus_by_hand(out):
    steps = torch.cat([out[:, :1], (1 + out[:, 1:].exp()).log()], dim=1)
    return steps.cumsum(dim=1)
