"""Wrong answers to bce.ipynb: what each stands in for, and words of the hint that it must get."""

from course.mistakes import mistake


@mistake("bernoulli_nll", says="a one costs")
def labels_swapped(logits, y):
    return (torch.nn.functional.softplus(logits) - (1 - y) * logits).mean()


@mistake("bernoulli_nll", says="you summed")
def sum_for_mean(logits, y):
    return (torch.nn.functional.softplus(logits) - y * logits).sum()


@mistake("bernoulli_nll", says="only ones count")
def ones_only(logits, y):
    return (y * torch.nn.functional.softplus(-logits)).mean()


@mistake("bernoulli_nll", says="the sign is flipped")
def flipped_sign(logits, y):
    return -(torch.nn.functional.softplus(logits) - y * logits).mean()


@mistake("bernoulli_nll", says="this is in bits")
def bits(logits, y):
    return (
        torch.nn.functional.softplus(logits) - y * logits
    ).mean() / torch.log(torch.tensor(2.0))


@mistake("bernoulli_nll", says="is the sigmoid applied twice")
def two_sigmoids(logits, y):
    logits = torch.sigmoid(logits)
    return (torch.nn.functional.softplus(logits) - y * logits).mean()


@mistake("bernoulli_nll", says="squared error of the probability")
def squared_error(logits, y):
    return ((torch.sigmoid(logits) - y) ** 2).mean()


@mistake("bernoulli_nll", says="fails far out")
def eps(logits, y):
    return (
        -y * torch.log(torch.sigmoid(logits) + 1e-12)
        - (1 - y) * torch.log(1 - torch.sigmoid(logits) + 1e-12)
    ).mean()


@mistake("bernoulli_nll", says="where it should be finite")
def log_of_sigmoid(logits, y):
    return (
        -torch.log(
            torch.where(
                y > 0.5, torch.sigmoid(logits), 1 - torch.sigmoid(logits)
            )
        )
    ).mean()


@mistake("bernoulli_nll", says="where it should be finite")
def log1p_of_exp(logits, y):
    return (torch.log1p(torch.exp(logits)) - y * logits).mean()


@mistake("bernoulli_nll", says="fails far out")
def clipped_logits(logits, y):
    logits = logits.clamp(-30, 30)
    return (torch.nn.functional.softplus(logits) - y * logits).mean()


@mistake("gradient", says="predicted minus observed")
def flipped_sign_2(w, x, y):
    return x.T @ (y - torch.sigmoid(x @ w)) / len(y)


@mistake("gradient", says="divide by n")
def sum(w, x, y):
    return x.T @ (torch.sigmoid(x @ w) - y)


@mistake("gradient", says="without the sigmoid")
def no_sigmoid(w, x, y):
    return x.T @ ((x @ w) - y) / len(y)


@mistake("gradient", says="one factor too many")
def slope_of_the_sigmoid(w, x, y):
    return (
        x.T
        @ (
            (torch.sigmoid(x @ w) - y)
            * torch.sigmoid(x @ w)
            * torch.sigmoid(-x @ w)
        )
        / len(y)
    )


@mistake("gradient", says="divided by d")
def divided_by_d(w, x, y):
    return x.T @ (torch.sigmoid(x @ w) - y) / len(w)


@mistake("gradient", says="its own residual")
def averaged_first(w, x, y):
    return x.mean(0) * (torch.sigmoid(x @ w) - y).mean()


@mistake("gradient", says="shape (30, 3), wanted (3,)")
def pointwise(w, x, y):
    return x * (torch.sigmoid(x @ w) - y)[:, None] / len(y)


@mistake("gradient", says="where it should be finite")
def overflow(w, x, y):
    return x.T @ (torch.exp(x @ w) / (1 + torch.exp(x @ w)) - y) / len(y)


@mistake("new_probability", says="not the probability")
def probability_multiplied(p, beta, delta):
    return p * torch.exp(torch.tensor(beta * delta))


@mistake("new_probability", says="not to the probability")
def probability_shifted(p, beta, delta):
    return p + beta * delta


@mistake("new_probability", says="this is the odds")
def odds(p, beta, delta):
    return torch.exp(torch.logit(p) + beta * delta)


@mistake("new_probability", says="size of the change")
def no_delta(p, beta, delta):
    return torch.sigmoid(torch.logit(p) + beta)


@mistake("new_probability", says="not added to it")
def added(p, beta, delta):
    return torch.sigmoid(torch.logit(p) + beta + delta)


@mistake("new_probability", says="small changes only")
def slope(p, beta, delta):
    return p + p * (1 - p) * beta * delta


@mistake("bernoulli_nll", says="two things at once: you summed")
def log_likelihood_summed(logits, y):
    return torch.nn.functional.logsigmoid((2 * y - 1) * logits).sum()
