"""Wrong answers to heteroscedastic.ipynb: what each stands in for, and words of the hint that it must get."""

from course.mistakes import mistake


@mistake("two_headed_nll", says="log σ is half the log-variance")
def log_variance_for_log_sigma(mean, log_var, y):
    z = (y - mean) * torch.exp(-log_var / 2)
    return (
        0.5
        * (
            z**2 + 2 * log_var + torch.log(torch.tensor(2 * torch.pi))
        ).mean()
    )


@mistake("two_headed_nll", says="is the variance")
def exponential_taken_for_sigma(mean, log_var, y):
    z = (y - mean) * torch.exp(-log_var)
    return (
        0.5
        * (z**2 + log_var + torch.log(torch.tensor(2 * torch.pi))).mean()
    )


@mistake("two_headed_nll", says="an infinite σ wins")
def normaliser_dropped(mean, log_var, y):
    z = (y - mean) * torch.exp(-log_var / 2)
    return 0.5 * (z**2 + torch.log(torch.tensor(2 * torch.pi))).mean()


@mistake("two_headed_nll", says="is ½ log 2π missing")
def constant_dropped(mean, log_var, y):
    z = (y - mean) * torch.exp(-log_var / 2)
    return 0.5 * (z**2 + log_var).mean()


@mistake("two_headed_nll", says="is the ½ missing")
def no_half(mean, log_var, y):
    z = (y - mean) * torch.exp(-log_var / 2)
    return (
        1.0
        * (z**2 + log_var + torch.log(torch.tensor(2 * torch.pi))).mean()
    )


@mistake("two_headed_nll", says="you summed")
def sum_for_mean(mean, log_var, y):
    z = (y - mean) * torch.exp(-log_var / 2)
    return (
        0.5 * (z**2 + log_var + torch.log(torch.tensor(2 * torch.pi))).sum()
    )


@mistake("two_headed_nll", says="divided by the variance")
def multiplied_by_the_variance(mean, log_var, y):
    z = (y - mean) * torch.exp(log_var / 2)
    return (
        0.5
        * (z**2 + log_var + torch.log(torch.tensor(2 * torch.pi))).mean()
    )


@mistake("two_headed_nll", says="leave float64")
def overflow(mean, log_var, y):
    z = ((y - mean) ** 2 * torch.exp(-log_var)).sqrt()
    return (
        0.5
        * (z**2 + log_var + torch.log(torch.tensor(2 * torch.pi))).mean()
    )


@mistake("two_headed_nll", says="two axes")
def mean_over_one_axis(mean, log_var, y):
    z = (y - mean) * torch.exp(-log_var / 2)
    return (
        0.5
        * (z**2 + log_var + torch.log(torch.tensor(2 * torch.pi)))
        .mean(dim=0)
        .sum()
    )


@mistake("two_headed_nll", says="its gradient in log_var")
def variance_detached(mean, log_var, y):
    z = (y - mean) * torch.exp(-log_var.detach() / 2)
    return (
        0.5
        * (z**2 + log_var + torch.log(torch.tensor(2 * torch.pi))).mean()
    )


@mistake("coverage", says="on *each* side")
def one_sided(mean, std, y, level):
    half_width = std * torch.special.ndtri(torch.tensor(level))
    return ((y - mean).abs() <= half_width).double().mean()


@mistake("coverage", says="other levels need other widths")
def two_sigma(mean, std, y, level):
    half_width = std * 2
    return ((y - mean).abs() <= half_width).double().mean()


@mistake("coverage", says="not with σ²")
def variance(mean, std, y, level):
    half_width = std**2 * torch.special.ndtri(torch.tensor((1 + level) / 2))
    return ((y - mean).abs() <= half_width).double().mean()


@mistake("coverage", says="share outside")
def outside(mean, std, y, level):
    half_width = std * torch.special.ndtri(torch.tensor((1 + level) / 2))
    return ((y - mean).abs() > half_width).double().mean()


@mistake("coverage", says="a lower end")
def no_lower_end(mean, std, y, level):
    half_width = std * torch.special.ndtri(torch.tensor((1 + level) / 2))
    return ((y - mean) <= half_width).double().mean()


@mistake("coverage", says="coverage at 0.5")
def one_sigma_for_all(mean, std, y, level):
    half_width = std.square().mean().sqrt() * torch.special.ndtri(
        torch.tensor((1 + level) / 2)
    )
    return ((y - mean).abs() <= half_width).double().mean()


@mistake("unstandardise", says="σ is asked")
def variance_2(mean, log_var, y_mean, y_std):
    return torch.stack(
        [y_mean + y_std * mean, y_std**2 * torch.exp(log_var)]
    )


@mistake("unstandardise", says="halve it")
def not_halved(mean, log_var, y_mean, y_std):
    return torch.stack([y_mean + y_std * mean, y_std * torch.exp(log_var)])


@mistake("unstandardise", says="not shifted")
def shifted(mean, log_var, y_mean, y_std):
    return torch.stack(
        [y_mean + y_std * mean, y_mean + y_std * torch.exp(log_var / 2)]
    )


@mistake("unstandardise", says="its square by")
def scaled_twice(mean, log_var, y_mean, y_std):
    return torch.stack(
        [y_mean + y_std * mean, y_std**2 * torch.exp(log_var / 2)]
    )


@mistake("unstandardise", says="is the mean")
def mean_not_added(mean, log_var, y_mean, y_std):
    return torch.stack([y_std * mean, y_std * torch.exp(log_var / 2)])


@mistake("unstandardise", says="does σ come back")
def sigma_left_standardised(mean, log_var, y_mean, y_std):
    return torch.stack([y_mean + y_std * mean, torch.exp(log_var / 2)])


@mistake(
    "two_headed_nll",
    says="two things at once: log σ is half the log-variance",
)
def log_var_not_halved_and_no_constant(mean, log_var, y):
    return (0.5 * (y - mean) ** 2 * torch.exp(-log_var) + log_var).mean()


@mistake("two_headed_nll", says="leave float64 here")
def of_the_chapter(mean, log_var, y):
    return (
        0.5
        * (
            (y - mean) ** 2 / torch.exp(log_var)
            + log_var
            + torch.log(torch.tensor(2 * torch.pi))
        ).mean()
    )
