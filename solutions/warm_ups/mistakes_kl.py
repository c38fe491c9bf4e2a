"""Wrong answers to kl.ipynb: what each stands in for, and words of the hint that it must get."""

from course.mistakes import mistake


@mistake("kl_categorical", says="this is KL(q‖p)")
def reverse(p, q):
    p, q = q, p
    return (torch.xlogy(p, p) - torch.xlogy(p, q)).sum()


@mistake("kl_categorical", says="this is the cross-entropy")
def cross_entropy(p, q):
    return (-torch.xlogy(p, q)).sum()


@mistake("kl_categorical", says="never negative")
def flipped_sign(p, q):
    return -(torch.xlogy(p, p) - torch.xlogy(p, q)).sum()


@mistake("kl_categorical", says="this is in bits")
def bits(p, q):
    return (torch.xlogy(p, p) - torch.xlogy(p, q)).sum() / torch.log(
        torch.tensor(2.0)
    )


@mistake("kl_categorical", says="not their mean")
def mean(p, q):
    return (torch.xlogy(p, p) - torch.xlogy(p, q)).mean()


@mistake("kl_categorical", says="weighted with p")
def no_weights(p, q):
    return (p.log() - q.log()).sum()


@mistake("kl_categorical", says="0 log 0")
def with_0_log_0_is_nan(p, q):
    return (p * (p / q).log()).sum()


@mistake("kl_categorical", says="that is infinite")
def eps(p, q):
    return (p * ((p + 1e-12) / (q + 1e-12)).log()).sum()


@mistake("kl_categorical", says="that is infinite")
def classes_of_q_that_are_zero_left_out(p, q):
    p, q = p[q > 0], q[q > 0]
    return (torch.xlogy(p, p) - torch.xlogy(p, q)).sum()


@mistake("kl_normal", says="this is KL(q‖p)")
def reverse_2(mean_p, std_p, mean_q, std_q):
    mean_p, std_p, mean_q, std_q = mean_q, std_q, mean_p, std_p
    square = std_p**2 + (mean_p - mean_q) ** 2
    return torch.log(std_q / std_p) + square / (2 * std_q**2) - 0.5


@mistake("kl_normal", says="KL(p‖p) must be 0")
def no_minus_half(mean_p, std_p, mean_q, std_q):
    square = std_p**2 + (mean_p - mean_q) ** 2
    return torch.log(std_q / std_p) + square / (2 * std_q**2)


@mistake("kl_normal", says="missing")
def no_logarithm(mean_p, std_p, mean_q, std_q):
    square = std_p**2 + (mean_p - mean_q) ** 2
    return square / (2 * std_q**2) - 0.5


@mistake("kl_normal", says="wrong way round")
def logarithm_upside_down(mean_p, std_p, mean_q, std_q):
    square = std_p**2 + (mean_p - mean_q) ** 2
    return torch.log(std_p / std_q) + square / (2 * std_q**2) - 0.5


@mistake("kl_normal", says="needs no ½")
def half_a_logarithm(mean_p, std_p, mean_q, std_q):
    square = std_p**2 + (mean_p - mean_q) ** 2
    return 0.5 * torch.log(std_q / std_p) + square / (2 * std_q**2) - 0.5


@mistake("kl_normal", says="is the ½ of the square missing")
def no_half(mean_p, std_p, mean_q, std_q):
    square = std_p**2 + (mean_p - mean_q) ** 2
    return torch.log(std_q / std_p) + square / std_q**2 - 0.5


@mistake("kl_normal", says="does the variance of p count")
def variance_of_p_forgotten(mean_p, std_p, mean_q, std_q):
    square = (mean_p - mean_q) ** 2
    return torch.log(std_q / std_p) + square / (2 * std_q**2) - 0.5


@mistake("kl_normal", says="divide by the variance of q")
def variance_of_p_below(mean_p, std_p, mean_q, std_q):
    square = std_p**2 + (mean_p - mean_q) ** 2
    return torch.log(std_q / std_p) + square / (2 * std_p**2) - 0.5


@mistake("kl_normal", says="not their sum")
def sum(mean_p, std_p, mean_q, std_q):
    square = std_p**2 + (mean_p - mean_q) ** 2
    return (torch.log(std_q / std_p) + square / (2 * std_q**2) - 0.5).sum()


@mistake("best_laplace_scale", says="equal mean absolute values")
def equal_variances(std):
    return std * 2**-0.5


@mistake("best_laplace_scale", says="b is the mean of |y|, not σ")
def sigma(std):
    return std


@mistake("best_laplace_scale", says="upside down")
def upside_down(std):
    return std * (torch.pi / 2) ** 0.5


@mistake("best_laplace_scale", says="a square root is missing")
def no_square_root(std):
    return std * (2 / torch.pi)


@mistake("best_laplace_scale", says="that is the median")
def median(std):
    return std * 0.6744897501960817


@mistake("kl_normal", says="two things at once: is the −½ missing")
def variance_ratio_without_half(mean_p, std_p, mean_q, std_q):
    square = std_p**2 + (mean_p - mean_q) ** 2
    return torch.log(std_q / std_p) + square / std_q**2
