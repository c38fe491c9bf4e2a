"""Wrong answers to design_a_loss.ipynb: what each stands in for, and words of the hint that it must get."""

from course.mistakes import mistake


def told(heads, u, turn=1, stretched=True, cut=True, more=0):
    p, rate = (turn * heads[:, 0]).sigmoid(), heads[:, 1].exp()
    inside = ((u - (1 - p)) / p).clamp(0, 1) if stretched else u
    zero = (-rate).exp() if cut else 0 * rate
    level = zero + inside * (1 - zero)
    some = torch.from_numpy(stats.poisson(rate.numpy()).ppf(level.numpy()))
    some = some.clamp(min=1 if cut else 0) + more
    return torch.where(u <= 1 - p, torch.zeros_like(u), some)


@mistake("count_at", says="z is the log-odds of any visit, not of none")
def none_for_any(heads, u):
    return told(heads, u, turn=-1)


@mistake("count_at", says="the Poisson is not cut")
def not_cut(heads, u):
    return told(heads, u, cut=False)


@mistake("count_at", says="u above 1 − p is to be stretched")
def not_stretched(heads, u):
    return told(heads, u, stretched=False)


@mistake("count_at", says="two things at once: the Poisson is not cut")
def neither_cut_nor_stretched(heads, u):
    return told(heads, u, stretched=False, cut=False)


@mistake("count_at", says="two things at once: z is turned round")
def turned_and_not_cut(heads, u):
    return told(heads, u, turn=-1, cut=False)


@mistake("count_at", says="this is a Poisson plus one")
def plus_one(heads, u):
    return told(heads, u, cut=False, more=1)


@mistake("count_at", says="one too many")
def one_too_many(heads, u):
    return told(heads, u, more=1)


@mistake("count_at", says="one too few")
def one_too_few(heads, u):
    return told(heads, u, more=-1)


@mistake("count_at", says="no hurdle: this is a plain Poisson")
def plain_poisson(heads, u):
    return torch.from_numpy(
        stats.poisson(heads[:, 1].exp().numpy()).ppf(u.numpy())
    )


@mistake("count_at", says="λ is exp(r), not r")
def r_for_rate(heads, u):
    rate = heads[:, 1].clamp(min=1e-3)
    return told(torch.stack([heads[:, 0], rate.log()], 1), u)


@mistake("count_at", says="the columns are z first, then r")
def columns_swapped(heads, u):
    return told(heads.flip(1), u)


@mistake("count_at", says="the probability of any visit")
def probability(heads, u):
    return heads[:, 0].sigmoid()


@mistake("count_at", says="you took 1 − u")
def from_above(heads, u):
    return told(heads, 1 - u)


@mistake("count_at", says="how many is missing")
def any_visit(heads, u):
    return (u > heads[:, 0].neg().sigmoid()).double()


@mistake("count_at", says="u = 1 − p gives 0")
def zero_at_the_edge(heads, u):
    p, rate = heads[:, 0].sigmoid(), heads[:, 1].exp()
    inside = ((u - (1 - p)) / p).clamp(0, 1)
    zero = (-rate).exp()
    some = torch.from_numpy(
        stats.poisson(rate.numpy()).ppf(
            (zero + inside * (1 - zero)).numpy()
        )
    )
    return torch.where(u < 1 - p, torch.zeros_like(u), some.clamp(min=1))


@mistake("count_at", says="is NoneType: is the return missing?")
def no_return(heads, u):
    told(heads, u)


def loss(heads, y, cut=1, factorial=1, turn=1, none=1, some=1, r=1):
    z, log_rate = heads.unbind(1)
    rate = log_rate.exp()
    z = turn * z
    much = rate - y * log_rate + factorial * torch.lgamma(y + 1)
    much = much + cut * torch.log(-torch.expm1(-rate))
    return torch.where(
        y > 0, some * F.softplus(-z) + much, none * F.softplus(z)
    )


@mistake("visits_nll", says="the Poisson is not cut at 0")
def without_the_cut(heads, y):
    return loss(heads, y, cut=0)


@mistake("visits_nll", says="log y! is missing")
def without_factorial(heads, y):
    return loss(heads, y, factorial=0)


@mistake("visits_nll", says="two things at once")
def poisson_nll_loss_behind_a_hurdle(heads, y):
    count = F.poisson_nll_loss(heads[:, 1], y, reduction="none")
    return torch.where(
        y > 0, F.softplus(-heads[:, 0]) + count, F.softplus(heads[:, 0])
    )


@mistake("visits_nll", says="z is the log-odds of any visit, not of none")
def turned_round(heads, y):
    return loss(heads, y, turn=-1)


@mistake("visits_nll", says="two things at once")
def turned_round_and_without_the_cut(heads, y):
    return loss(heads, y, turn=-1, cut=0)


@mistake("visits_nll", says="two things at once")
def turned_round_and_without_factorial(heads, y):
    return loss(heads, y, turn=-1, factorial=0)


@mistake("visits_nll", says="this is the log-likelihood")
def log_likelihood(heads, y):
    return -loss(heads, y)


@mistake("visits_nll", says="two things at once")
def log_likelihood_without_the_cut(heads, y):
    return -loss(heads, y, cut=0)


@mistake("visits_nll", says="not log2")
def in_bits(heads, y):
    return loss(heads, y) / math.log(2)


@mistake("visits_nll", says="a row without a visit pays as well")
def zeros_are_free(heads, y):
    return loss(heads, y, none=0)


@mistake("visits_nll", says="a row with visits pays for having any")
def visits_are_free(heads, y):
    return loss(heads, y, some=0)


@mistake("visits_nll", says="added to the NLL, not subtracted")
def cut_subtracted(heads, y):
    return loss(heads, y, cut=-1)


@mistake("visits_nll", says="r is log λ")
def rate_for_log_rate(heads, y):
    return loss(torch.stack([heads[:, 0], heads[:, 1].log()], 1), y)


@mistake("visits_nll", says="this is a Poisson plus one")
def shifted(heads, y):
    z, r = heads.unbind(1)
    much = r.exp() - (y - 1) * r + torch.lgamma(y.clamp(min=1))
    return torch.where(y > 0, F.softplus(-z) + much, F.softplus(z))


@mistake("visits_nll", says="zeros come from the hurdle alone")
def zero_inflated(heads, y):
    z, r = heads.unbind(1)
    p, rate = z.sigmoid(), r.exp()
    much = F.softplus(-z) + rate - y * r + torch.lgamma(y + 1)
    return torch.where(y > 0, much, -torch.log(1 - p + p * (-rate).exp()))


@mistake("visits_nll", says="no hurdle: this is a plain Poisson")
def no_hurdle(heads, y):
    return F.poisson_nll_loss(
        heads[:, 1], y, reduction="none"
    ) + torch.lgamma(y + 1)


@mistake("visits_nll", says="the columns are z first")
def other_columns(heads, y):
    return loss(heads.flip(1), y)


@mistake("visits_nll", says="what is left is 1 − e^−λ")
def what_is_cut_off(heads, y):
    z, r = heads.unbind(1)
    rate = r.exp()
    much = rate - y * r + torch.lgamma(y + 1) - rate
    return torch.where(y > 0, F.softplus(-z) + much, F.softplus(z))


@mistake("visits_nll", says="counts for rows without any")
def visits_part_for_all(heads, y):
    z, r = heads.unbind(1)
    rate = r.exp()
    much = (
        rate - y * r + torch.lgamma(y + 1) + torch.log(-torch.expm1(-rate))
    )
    return much + torch.where(y > 0, F.softplus(-z), F.softplus(z))


@mistake("visits_nll", says="you took the mean")
def mean_taken(heads, y):
    return loss(heads, y).mean()


@mistake("visits_nll", says="you took the sum")
def sum_taken(heads, y):
    return loss(heads, y).sum()


@mistake("visits_nll", says="the hurdle is missing")
def visits_alone(heads, y):
    return loss(heads, y, none=0, some=0)


@mistake("visits_nll", says="this is the hurdle alone")
def hurdle_alone(heads, y):
    return F.binary_cross_entropy_with_logits(
        heads[:, 0], (y > 0).double(), reduction="none"
    )


@mistake("visits_nll", says="its −log is the loss")
def likelihood(heads, y):
    return (-loss(heads, y)).exp()


@mistake("visits_nll", says="(n, 1) and (n,) were broadcast")
def broadcast(heads, y):
    z, r = heads[:, :1], heads[:, 1:]
    rate = r.exp()
    much = (
        rate - y * r + torch.lgamma(y + 1) + torch.log(-torch.expm1(-rate))
    )
    return torch.where(y > 0, F.softplus(-z) + much, F.softplus(z))


@mistake("visits_nll", says="red: extremes: float32")
def one_minus_exp(heads, y):
    z, r = heads.unbind(1)
    rate = r.exp()
    much = rate - y * r + torch.lgamma(y + 1) + torch.log(1 - (-rate).exp())
    return torch.where(y > 0, F.softplus(-z) + much, F.softplus(z))


@mistake("visits_nll", says="red: extremes: float32")
def log_of_sigmoid(heads, y):
    z, r = heads.unbind(1)
    much = loss(heads, y, none=0, some=0)
    return much - torch.where(
        y > 0, z.sigmoid().log(), (1 - z.sigmoid()).log()
    )


@mistake("visits_nll", says="red: extremes: float32")
def naive_softplus(heads, y):
    z = torch.where(y > 0, -heads[:, 0], heads[:, 0])
    return loss(heads, y, none=0, some=0) + (1 + z.exp()).log()


@mistake("visits_nll", says="no clamp")
def clamped_probability(heads, y):
    p = heads[:, 0].sigmoid().clamp(1e-7, 1 - 1e-7)
    return loss(heads, y, none=0, some=0) - torch.where(
        y > 0, p.log(), (1 - p).log()
    )


@mistake("visits_nll", says="no clamp: far out")
def clamped_rate(heads, y):
    return loss(
        torch.stack([heads[:, 0], heads[:, 1].clamp(min=-20)], 1), y
    )


@mistake("visits_nll", says="the gradient is not the slope")
def detached(heads, y):
    return loss(heads.detach(), y)


@mistake("visits_nll", says="the gradient is not the slope")
def cut_is_detached(heads, y):
    cut = torch.log(-torch.expm1(-heads[:, 1].exp()))
    return loss(heads, y, cut=0) + (y > 0) * cut.detach()


@mistake("visits_nll", says="the gradient is not the slope")
def by_numpy(heads, y):
    z, r = heads.detach().numpy().T
    rate, k = np.exp(r), y.numpy()
    some = (
        -np.log(special.expit(z))
        - stats.poisson(rate).logpmf(k)
        + np.log(-np.expm1(-rate))
    )
    return torch.from_numpy(
        np.where(k > 0, some, -np.log(special.expit(-z)))
    )


@mistake("visits_nll", says="red: mass: added over 0, 1, 2")
def counts_that_end_at_seven(heads, y):
    return loss(heads, y.clamp(max=7))


@mistake("visits_nll", says="is NoneType: is the return missing?")
def nothing_returned(heads, y):
    loss(heads, y)
