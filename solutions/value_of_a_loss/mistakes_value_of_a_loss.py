"""Wrong answers to value_of_a_loss.ipynb: what each stands in for, and words of the hint that it must get."""

from course.mistakes import mistake


@mistake("unscale", says="the unit is not used")
def unit_not_used(nll, scale):
    return nll


@mistake("unscale", says="the wrong way")
def subtracted(nll, scale):
    return nll - scale.log().sum()


@mistake("unscale", says="sum, not mean")
def mean_of_logs(nll, scale):
    return nll + scale.log().mean()


@mistake("unscale", says="take the logarithm of each scale")
def log_of_sum(nll, scale):
    return nll + scale.sum().log()


@mistake("unscale", says="not the scale")
def scale_itself(nll, scale):
    return nll + scale.sum()


@mistake("unscale", says="do not multiply")
def multiplied(nll, scale):
    return nll * scale.prod()


@mistake("unscale", says="log scale, once")
def log_of_the_variance(nll, scale):
    return nll + scale.square().log().sum()


@mistake("unscale", says="not log2")
def bits(nll, scale):
    return nll + scale.log2().sum()


@mistake("unscale", says="not log10")
def base_ten(nll, scale):
    return nll + scale.log10().sum()


@mistake("unscale", says="the first column only")
def first_column(nll, scale):
    return nll + scale[0].log()


@mistake("unscale", says="must not be added again")
def constant_again(nll, scale):
    return nll + (scale * (2 * torch.pi) ** 0.5).log().sum()


@mistake("unscale", says="no abs")
def absolute(nll, scale):
    return nll.abs() + scale.log().sum()


@mistake("unpower", says="the Jacobian is missing")
def no_jacobian(nll, y, a):
    return nll


@mistake("unpower", says="the sign")
def wrong_sign(nll, y, a):
    return nll + (a - 1) * y.log().mean()


@mistake("unpower", says="to the power a − 1, not a")
def power_not_lowered(nll, y, a):
    return nll - a * y.log().mean()


@mistake("unpower", says="whatever a is")
def always_the_logarithm(nll, y, a):
    return nll + y.log().mean()


@mistake("unpower", says="but g divides by a")
def slope_of_the_power(nll, y, a):
    return nll - (a * y ** (a - 1)).log().mean()


@mistake("unpower", says="not the logarithm of the mean slope")
def log_of_mean_slope(nll, y, a):
    return nll - (y ** (a - 1)).mean().log()


@mistake("unpower", says="not the log of the mean of y")
def log_of_mean(nll, y, a):
    return nll - (a - 1) * y.mean().log()


@mistake("unpower", says="you summed")
def summed(nll, y, a):
    return nll - (a - 1) * y.log().sum()


@mistake("unpower", says="not log2")
def jacobian_in_bits(nll, y, a):
    return nll - (a - 1) * y.log2().mean()


@mistake("unpower", says="its logarithm is subtracted")
def slope_subtracted(nll, y, a):
    return nll - (y ** (a - 1)).mean()


@mistake("unpower", says="at a = 0 the slope is 1/y")
def autograd_without_the_limit(nll, y, a):
    point = y.clone().requires_grad_()
    (slope,) = torch.autograd.grad(((point**a - 1) / a).sum(), point)
    return nll - slope.log().mean() if a else nll


@mistake("unpower", says="where its logarithm does not")
def power_overflows(nll, y, a):
    return nll - (y ** (a - 1)).log().mean()


@mistake("unbin", says="−log of the bin's probability")
def no_width(log_p, edges, y):
    k = torch.searchsorted(edges, y, right=True) - 1
    return F.nll_loss(log_p, k)


@mistake("unbin", says="you multiplied")
def width_multiplied(log_p, edges, y):
    k = torch.searchsorted(edges, y, right=True) - 1
    return F.nll_loss(log_p + edges.diff().log(), k)


@mistake("unbin", says="widths of their own")
def one_width(log_p, edges, y):
    k = torch.searchsorted(edges, y, right=True) - 1
    return F.nll_loss(log_p - edges.diff().mean().log(), k)


@mistake("unbin", says="right=True")
def left_edge(log_p, edges, y):
    k = torch.searchsorted(edges, y) - 1
    return F.nll_loss(log_p - edges.diff().log(), k)


@mistake("unbin", says="the sign is flipped")
def flipped(log_p, edges, y):
    k = torch.searchsorted(edges, y, right=True) - 1
    return -F.nll_loss(log_p - edges.diff().log(), k)


@mistake("unbin", says="not log2")
def density_in_bits(log_p, edges, y):
    k = torch.searchsorted(edges, y, right=True) - 1
    return (
        F.nll_loss(log_p - edges.diff().log(), k) / torch.tensor(2.0).log()
    )


@mistake("unbin", says="you summed")
def sum_for_mean(log_p, edges, y):
    k = torch.searchsorted(edges, y, right=True) - 1
    return F.nll_loss(log_p - edges.diff().log(), k, reduction="sum")


@mistake("unbin", says="average the logarithms")
def mean_of_densities(log_p, edges, y):
    k = torch.searchsorted(edges, y, right=True) - 1
    log_density = (log_p - edges.diff().log()).gather(1, k[:, None])
    return -log_density.exp().mean().log()


@mistake("unbin", says="its logarithm is missing")
def mean_density(log_p, edges, y):
    k = torch.searchsorted(edges, y, right=True) - 1
    return F.nll_loss((log_p - edges.diff().log()).exp(), k)


@mistake("unbin", says="every bin's density")
def all_bins(log_p, edges, y):
    return -(log_p - edges.diff().log()).mean()


@mistake("unbin", says="not by a sum with zeros")
def sum_with_zeros(log_p, edges, y):
    hit = ((edges[:-1] <= y[:, None]) & (y[:, None] < edges[1:])).double()
    return -(hit * (log_p - edges.diff().log())).sum(1).mean()
