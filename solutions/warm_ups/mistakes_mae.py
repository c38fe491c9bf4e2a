"""Wrong answers to mae.ipynb: what each stands in for, and words of the hint that it must get."""

from course.mistakes import mistake


@mistake("laplace_nll", says="there are two sides")
def log_b(median, y, b):
    return (y - median).abs().mean() / b + torch.log(torch.tensor(b))


@mistake("laplace_nll", says="is the normaliser missing")
def no_normaliser(median, y, b):
    return (y - median).abs().mean() / b


@mistake("laplace_nll", says="this is the MAE")
def mae(median, y, b):
    return (y - median).abs().mean()


@mistake("laplace_nll", says="divide by b as well")
def not_divided(median, y, b):
    return (y - median).abs().mean() + torch.log(torch.tensor(2 * b))


@mistake("laplace_nll", says="there is no ½")
def half(median, y, b):
    return 0.5 * (y - median).abs().mean() / b + torch.log(
        torch.tensor(2 * b)
    )


@mistake("laplace_nll", says="you summed")
def sum_for_mean(median, y, b):
    return ((y - median).abs() / b + torch.log(torch.tensor(2 * b))).sum()


@mistake("laplace_nll", says="squares belong")
def squares(median, y, b):
    return (y - median).square().mean() / b + torch.log(torch.tensor(2 * b))


@mistake("laplace_nll", says="σ is √2 b")
def sigma_for_b(median, y, b):
    b = b / 2**0.5
    return (y - median).abs().mean() / b + torch.log(torch.tensor(2 * b))


@mistake("laplace_nll", says="two axes")
def mean_over_one_axis(median, y, b):
    return (y - median).abs().mean(dim=0).sum() / b + torch.log(
        torch.tensor(2 * b)
    )


@mistake("fit_laplace", says="the mean minimises squares")
def mean(y):
    m = y.mean()
    return torch.stack([m, (y - m).abs().mean()])


@mistake("fit_laplace", says="about the median")
def about_the_mean(y):
    m = y.median()
    return torch.stack([m, (y - y.mean()).abs().mean()])


@mistake("fit_laplace", says="not their median")
def median_deviation(y):
    m = y.median()
    return torch.stack([m, (y - m).abs().median()])


@mistake("fit_laplace", says="not the standard deviation")
def standard_deviation(y):
    m = y.median()
    return torch.stack([m, y.std()])


@mistake("fit_laplace", says="matches moments")
def moments(y):
    m = y.median()
    return torch.stack([m, y.std(correction=0) / 2**0.5])


@mistake("fit_laplace", says="divides by n, not by n − 1")
def n_minus_1(y):
    m = y.median()
    return torch.stack([m, (y - m).abs().sum() / (len(y) - 1)])


@mistake("fit_laplace", says="m comes first")
def b_first(y):
    m = y.median()
    return torch.stack([(y - m).abs().mean(), m])


@mistake("fit_laplace", says="is the sample sorted")
def not_sorted(y):
    m = y[len(y) // 2]
    return torch.stack([m, (y - m).abs().mean()])


@mistake("weighted_median", says="without weights")
def no_weights(y, w):
    w = torch.ones_like(w)
    order = y.argsort()
    below = w[order].cumsum(dim=0) / w.sum()
    return y[order][(below < 0.5).sum()]


@mistake("weighted_median", says="this is the weighted mean")
def weighted_mean(y, w):
    return (w * y).sum() / w.sum()


@mistake("weighted_median", says="are the weights sorted")
def weights_not_sorted(y, w):
    order = y.argsort()
    below = w.cumsum(dim=0) / w.sum()
    return y[order][(below < 0.5).sum()]


@mistake("weighted_median", says="sort y first")
def nothing_sorted(y, w):
    order = torch.arange(len(y))
    below = w[order].cumsum(dim=0) / w.sum()
    return y[order][(below < 0.5).sum()]


@mistake("weighted_median", says="half of the total")
def not_normalised(y, w):
    order = y.argsort()
    below = w[order].cumsum(dim=0)
    return y[order][(below < 0.5).sum()]


@mistake("weighted_median", says="the heaviest")
def heaviest(y, w):
    return y[w.argmax()]


@mistake("laplace_nll", says="two things at once")
def a_half_and_one_side(median, y, b):
    return (y - median).abs().mean() / (2 * b) + torch.log(torch.tensor(b))
