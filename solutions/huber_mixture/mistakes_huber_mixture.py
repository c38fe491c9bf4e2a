"""Wrong answers to huber_mixture.ipynb: what each stands in for, and words of the hint that it must get."""

from course.mistakes import mistake


@mistake("huber_nll", says="is the normaliser Z_k missing")
def no_normaliser(mean, y, scale, k):
    k, scale = torch.tensor(k), torch.tensor(scale)
    u = (y - mean) / scale
    rho = torch.where(u.abs() <= k, u**2 / 2, k * u.abs() - k**2 / 2)
    centre = (2 * torch.pi) ** 0.5 * (2 * torch.special.ndtr(k) - 1)
    tails = 2 / k * torch.exp(-(k**2) / 2)
    return rho.mean() + torch.log(scale)


@mistake("huber_nll", says="is log σ missing")
def no_log_sigma(mean, y, scale, k):
    k, scale = torch.tensor(k), torch.tensor(scale)
    u = (y - mean) / scale
    rho = torch.where(u.abs() <= k, u**2 / 2, k * u.abs() - k**2 / 2)
    centre = (2 * torch.pi) ** 0.5 * (2 * torch.special.ndtr(k) - 1)
    tails = 2 / k * torch.exp(-(k**2) / 2)
    return rho.mean() + torch.log(centre + tails)


@mistake("huber_nll", says="that is kσ for the residual")
def threshold_not_scaled(mean, y, scale, k):
    k, scale = torch.tensor(k), torch.tensor(scale)
    u = (y - mean) / scale
    u, k = u * scale, k
    return (
        torch.nn.functional.huber_loss(u, 0 * u, delta=k.item()) / scale**2
        + torch.log(scale)
        + torch.log(
            (2 * torch.pi) ** 0.5 * (2 * torch.special.ndtr(k) - 1)
            + 2 / k * torch.exp(-(k**2) / 2)
        )
    )


@mistake("huber_nll", says="the loss jumps")
def a_jump_at_k(mean, y, scale, k):
    k, scale = torch.tensor(k), torch.tensor(scale)
    u = (y - mean) / scale
    rho = torch.where(u.abs() <= k, u**2 / 2, k * u.abs())
    centre = (2 * torch.pi) ** 0.5 * (2 * torch.special.ndtr(k) - 1)
    tails = 2 / k * torch.exp(-(k**2) / 2)
    return rho.mean() + torch.log(scale) + torch.log(centre + tails)


@mistake("huber_nll", says="there are two tails")
def one_tail(mean, y, scale, k):
    k, scale = torch.tensor(k), torch.tensor(scale)
    u = (y - mean) / scale
    rho = torch.where(u.abs() <= k, u**2 / 2, k * u.abs() - k**2 / 2)
    centre = (2 * torch.pi) ** 0.5 * (2 * torch.special.ndtr(k) - 1)
    tails = 1 / k * torch.exp(-(k**2) / 2)
    return rho.mean() + torch.log(scale) + torch.log(centre + tails)


@mistake("huber_nll", says="normaliser of the normal")
def normaliser_of_the_normal(mean, y, scale, k):
    k, scale = torch.tensor(k), torch.tensor(scale)
    u = (y - mean) / scale
    rho = torch.where(u.abs() <= k, u**2 / 2, k * u.abs() - k**2 / 2)
    centre = (2 * torch.pi) ** 0.5 * (2 * torch.special.ndtr(k) - 1)
    tails = 2 / k * torch.exp(-(k**2) / 2)
    return (
        rho.mean()
        + torch.log(scale)
        + torch.log(torch.tensor((2 * torch.pi) ** 0.5))
    )


@mistake("huber_nll", says="you summed")
def sum_for_mean(mean, y, scale, k):
    k, scale = torch.tensor(k), torch.tensor(scale)
    u = (y - mean) / scale
    rho = torch.where(u.abs() <= k, u**2 / 2, k * u.abs() - k**2 / 2)
    centre = (2 * torch.pi) ** 0.5 * (2 * torch.special.ndtr(k) - 1)
    tails = 2 / k * torch.exp(-(k**2) / 2)
    return (rho + torch.log(scale) + torch.log(centre + tails)).sum()


@mistake("huber_nll", says="needs its ½")
def no_half(mean, y, scale, k):
    k, scale = torch.tensor(k), torch.tensor(scale)
    u = (y - mean) / scale
    rho = torch.where(u.abs() <= k, u**2, k * u.abs() - k**2 / 2)
    centre = (2 * torch.pi) ** 0.5 * (2 * torch.special.ndtr(k) - 1)
    tails = 2 / k * torch.exp(-(k**2) / 2)
    return rho.mean() + torch.log(scale) + torch.log(centre + tails)


@mistake("huber_nll", says="huber_nll is off")
def tails_out_of_balance(mean, y, scale, k):
    k, scale = torch.tensor(k), torch.tensor(scale)
    u = (y - mean) / scale
    rho = torch.where(u.abs() <= k, u**2 / 2, k * u.abs() - k**2 / 2)
    centre = (2 * torch.pi) ** 0.5 * (2 * torch.special.ndtr(k) - 1)
    tails = 2 * k * torch.exp(-(k**2) / 2)
    return rho.mean() + torch.log(scale) + torch.log(centre + tails)


@mistake("huber_nll", says="huber_nll of a matrix")
def mean_over_one_axis(mean, y, scale, k):
    k, scale = torch.tensor(k), torch.tensor(scale)
    u = (y - mean) / scale
    rho = torch.where(u.abs() <= k, u**2 / 2, k * u.abs() - k**2 / 2)
    centre = (2 * torch.pi) ** 0.5 * (2 * torch.special.ndtr(k) - 1)
    tails = 2 / k * torch.exp(-(k**2) / 2)
    return (
        rho.mean(dim=0).sum() + torch.log(scale) + torch.log(centre + tails)
    )


@mistake("contamination", says="this is 1/(1 − ε)")
def with_1_over_1_minus_eps(k):
    density = torch.exp(-(k**2) / 2) / (2 * torch.pi) ** 0.5
    return 2 * torch.special.ndtr(k) - 1 + 2 * density / k


@mistake("contamination", says="the weight of the normal part")
def with_1_minus_eps(k):
    density = torch.exp(-(k**2) / 2) / (2 * torch.pi) ** 0.5
    return 1 / (2 * torch.special.ndtr(k) - 1 + 2 * density / k)


@mistake("contamination", says="there are two tails")
def one_tail_2(k):
    density = torch.exp(-(k**2) / 2) / (2 * torch.pi) ** 0.5
    return 1 - 1 / (2 * torch.special.ndtr(k) - 1 + density / k)


@mistake("contamination", says="is divided by k")
def not_divided_by_k(k):
    density = torch.exp(-(k**2) / 2) / (2 * torch.pi) ** 0.5
    return 1 - 1 / (2 * torch.special.ndtr(k) - 1 + 2 * density)


@mistake("contamination", says="not Φ(k)")
def centre(k):
    density = torch.exp(-(k**2) / 2) / (2 * torch.pi) ** 0.5
    return 1 - 1 / (torch.special.ndtr(k) + 2 * density / k)


@mistake("contamination", says="of a normal distribution")
def tail_of_a_normal(k):
    density = torch.exp(-(k**2) / 2) / (2 * torch.pi) ** 0.5
    return 2 * torch.special.ndtr(-k)


@mistake("outlier_probability", says="probability of the normal part")
def normal_part(u, k):
    return torch.exp(-((u.abs() - k).clamp(min=0) ** 2) / 2)


@mistake("outlier_probability", says="there it is 0")
def not_0_inside(u, k):
    return 1 - torch.exp(-((u.abs() - k) ** 2) / 2)


@mistake("outlier_probability", says="½ in the exponent")
def no_half_2(u, k):
    return 1 - torch.exp(-((u.abs() - k).clamp(min=0) ** 2))


@mistake("outlier_probability", says="negative residuals")
def one_side(u, k):
    return 1 - torch.exp(-((u - k).clamp(min=0) ** 2) / 2)


@mistake("outlier_probability", says="not from 0")
def from_0(u, k):
    return 1 - torch.exp(-(((u.abs() > k) * u) ** 2) / 2)


@mistake("outlier_probability", says="not a verdict")
def a_verdict(u, k):
    return (u.abs() > k).double()


def reweighted(design, y, cut, steps=500):
    """Least squares again and again; residuals beyond `cut(r)` weigh less."""
    weights = torch.ones_like(y)
    for _ in range(steps):
        root = weights.sqrt()
        w = torch.linalg.lstsq(root[:, None] * design, root * y).solution
        r = (y - design @ w).abs().clamp(min=1e-12)
        weights = (cut(r) / r).clamp(max=1)
    return w


def with_ones(x):
    return torch.cat([torch.ones(len(x), 1), x], dim=1)


@mistake("fit_huber", says="no residual is cut")
def least_squares(x, y, delta):
    return torch.linalg.lstsq(with_ones(x), y).solution


@mistake("fit_huber", says="least absolute deviations")
def least_absolute_deviations(x, y, delta):
    return reweighted(with_ones(x), y, lambda r: 1e-9)


@mistake("fit_huber", says="the intercept comes first")
def intercept_last(x, y, delta):
    design = torch.cat([x, torch.ones(len(x), 1)], dim=1)
    return reweighted(design, y, lambda r: delta)


@mistake("fit_huber", says="with an intercept")
def no_intercept(x, y, delta):
    return torch.cat([torch.zeros(1), reweighted(x, y, lambda r: delta)])


@mistake("fit_huber", says="is it at the minimum")
def too_few_steps(x, y, delta):
    return reweighted(with_ones(x), y, lambda r: delta, steps=5)


@mistake("fit_huber", says="δ is the one that is given")
def delta_of_the_residuals(x, y, delta):
    normal = torch.special.ndtri(torch.tensor(0.75))
    return reweighted(
        with_ones(x), y, lambda r: 1.345 * r.median() / normal
    )


@mistake("fit_huber", says="shape (3,), wanted (4,)")
def no_intercept_column(x, y, delta):
    return reweighted(with_ones(x), y, lambda r: delta)[1:]


@mistake(
    "huber_nll", says="two things at once: is the normaliser Z_k missing"
)
def the_loss_alone(mean, y, scale, k):
    return torch.nn.functional.huber_loss(
        (y - mean) / scale, torch.zeros_like(y), delta=k
    )
