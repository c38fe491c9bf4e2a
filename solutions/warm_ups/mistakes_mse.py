"""Wrong answers to mse.ipynb: what each stands in for, and words of the hint that it must get."""

from course.mistakes import mistake


@mistake("gaussian_nll", says="is the ½ of the square missing")
def no_half(mean, y, std):
    z = (y - mean) / std
    return (
        (z**2).mean()
        + torch.log(torch.tensor(std))
        + 0.5 * torch.log(torch.tensor(2 * torch.pi))
    )


@mistake("gaussian_nll", says="you summed")
def sum_for_mean(mean, y, std):
    z = (y - mean) / std
    return (
        (0.5 * z**2).sum()
        + 3 * torch.log(torch.tensor(std))
        + 1.5 * torch.log(torch.tensor(2 * torch.pi))
    )


@mistake("gaussian_nll", says="is log σ missing")
def log_sigma_dropped(mean, y, std):
    z = (y - mean) / std
    return (0.5 * z**2).mean() + 0.5 * torch.log(torch.tensor(2 * torch.pi))


@mistake("gaussian_nll", says="is ½ log 2π missing")
def constant_dropped(mean, y, std):
    z = (y - mean) / std
    return (0.5 * z**2).mean() + torch.log(torch.tensor(std))


@mistake("gaussian_nll", says="is the ½ of log 2π missing")
def log_2_pi_without_its_half(mean, y, std):
    z = (y - mean) / std
    return (
        (0.5 * z**2).mean()
        + torch.log(torch.tensor(std))
        + torch.log(torch.tensor(2 * torch.pi))
    )


@mistake("gaussian_nll", says="divide by σ², not by σ")
def sigma_for_sigma_2(mean, y, std):
    z = (y - mean) / std**0.5
    return (
        (0.5 * z**2).mean()
        + torch.log(torch.tensor(std))
        + 0.5 * torch.log(torch.tensor(2 * torch.pi))
    )


@mistake("gaussian_nll", says="the sign is flipped")
def flipped_sign(mean, y, std):
    z = (y - mean) / std
    return (
        -(0.5 * z**2).mean()
        - torch.log(torch.tensor(std))
        - 0.5 * torch.log(torch.tensor(2 * torch.pi))
    )


@mistake("gaussian_nll", says="shape (3,), wanted ()")
def pointwise(mean, y, std):
    z = (y - mean) / std
    return (
        0.5 * z**2
        + torch.log(torch.tensor(std))
        + 0.5 * torch.log(torch.tensor(2 * torch.pi))
    )


@mistake("gaussian_nll", says="two axes")
def mean_over_one_axis(mean, y, std):
    z = (y - mean) / std
    return (
        (0.5 * z**2).mean(dim=0).sum()
        + torch.log(torch.tensor(std))
        + 0.5 * torch.log(torch.tensor(2 * torch.pi))
    )


@mistake("gaussian_nll", says="no gradient flows")
def no_gradient(mean, y, std):
    z = (y - mean) / std
    return (
        (0.5 * z**2).mean().item()
        + torch.log(torch.tensor(std))
        + 0.5 * torch.log(torch.tensor(2 * torch.pi))
    )


@mistake("std_mle", says="divides by n, not by n − 1")
def n_minus_1(residuals):
    return (residuals**2).sum().div(residuals.numel() - 1).sqrt()


@mistake("std_mle", says="this is the variance")
def variance(residuals):
    return (residuals**2).mean()


@mistake("std_mle", says="their mean is not subtracted")
def mean_subtracted(residuals):
    return residuals.std(correction=0)


@mistake("std_mle", says="and divides by n − 1")
def torch_std(residuals):
    return residuals.std()


@mistake("std_mle", says="mean absolute residual")
def mean_absolute_residual(residuals):
    return residuals.abs().mean()


@mistake("std_mle", says="look at its axes")
def length_for_number_of_elements(residuals):
    return ((residuals**2).sum() / len(residuals)).sqrt()


@mistake("fit_line", says="the intercept comes first")
def slope_first(x, y):
    design = torch.stack([torch.ones_like(x), x], dim=1)  # (n, 2)
    return torch.linalg.lstsq(design, y).solution.flip(0)


@mistake("fit_line", says="through the origin")
def no_intercept(x, y):
    design = torch.stack([torch.ones_like(x), x], dim=1)  # (n, 2)
    return torch.cat(
        [torch.zeros(1), torch.linalg.lstsq(x[:, None], y).solution]
    )


@mistake("fit_line", says="have changed places")
def x_on_y(x, y):
    x, y = y, x
    design = torch.stack([torch.ones_like(x), x], dim=1)  # (n, 2)
    return torch.linalg.lstsq(design, y).solution


@mistake("fit_line", says="shape (2, 1), wanted (2,)")
def a_column(x, y):
    design = torch.stack([torch.ones_like(x), x], dim=1)  # (n, 2)
    return torch.linalg.lstsq(design, y[:, None]).solution


@mistake("gaussian_nll", says="two things at once: is log σ missing")
def half_a_square_alone(mean, y, std):
    return 0.5 * torch.nn.functional.mse_loss(mean, y) / std**2
