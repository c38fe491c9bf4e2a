"""Wrong answers to no_minimum_numerics.ipynb: what each stands in for, and words of the hint that it must get."""

from course.mistakes import mistake


def shares(A, low=None):
    n, d = A.shape
    margins = np.column_stack([-A, np.eye(n)])
    limits = [(low, None)] * d + [(0, 1)] * n
    gain = np.r_[np.zeros(d), np.ones(n)]
    return -linprog(-gain, margins, np.zeros(n), bounds=limits).fun


def signed(X, y):
    size = np.abs(X).max(axis=0)
    return (2 * y - 1)[:, None] * (X / np.where(size > 0, size, 1))


@mistake("mle_exists", says="every answer is the opposite")
def says_separated(X, y):
    return shares(signed(X, y)) > 0.5


@mistake("mle_exists", says="was read as infeasible")
def unbounded_read_as_infeasible(X, y):
    A = signed(X, y)
    best = linprog(-A.sum(0), -A, np.zeros(len(A)), bounds=(None, None))
    return best.status != 0


@mistake("mle_exists", says="quasi-separation has no maximum either")
def strict_separation_only(X, y):
    A = signed(X, y)
    zero, ones = np.zeros(A.shape[1]), np.ones(len(A))
    return linprog(zero, -A, -ones, bounds=(None, None)).status == 2


@mistake("mle_exists", says="quasi-separation has no maximum either")
def all_shares_wanted(X, y):
    return shares(signed(X, y)) < len(X) - 0.5


@mistake("mle_exists", says="linprog keeps its variables ≥ 0")
def default_bounds(X, y):
    return shares(signed(X, y), 0) < 0.5


@mistake("mle_exists", says="two things at once")
def strict_with_default_bounds(X, y):
    A = signed(X, y)
    return linprog(np.zeros(A.shape[1]), -A, -np.ones(len(A))).status == 2


@mistake("mle_exists", says="the labels do not enter")
def without_labels(X, y):
    return shares(signed(X, 0 * y + 1)) < 0.5


@mistake("mle_exists", says="half of your rows vanish")
def labels_as_signs(X, y):
    return shares(y[:, None] * X) < 0.5


@mistake("mle_exists", says="w = 0 has all margins")
def zero_is_feasible(X, y):
    A = signed(X, y)
    zero = np.zeros(A.shape[1])
    return (
        linprog(zero, -A, zero[:1] + 0 * y, bounds=(None, None)).status == 2
    )


@mistake("mle_exists", says="the rank of X says whether")
def full_rank(X, y):
    return np.linalg.matrix_rank(X) == X.shape[1]


@mistake("mle_exists", says="a solver without a warning")
def no_warning(X, y):
    import warnings

    from sklearn.linear_model import LogisticRegression

    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        LogisticRegression(fit_intercept=False).fit(X, y)
    return not heard


@mistake("mle_exists", says="each column alone")
def column_by_column(X, y):
    if (X[:, 0] != 1).any():
        return shares(signed(X, y)) < 0.5
    pairs = [X[:, [0, j]] for j in range(1, X.shape[1])]
    return all(shares(signed(pair, y)) < 0.5 for pair in pairs)


@mistake("mle_exists", says="add no intercept")
def intercept_added(X, y):
    X = np.column_stack([np.ones(len(X)), X])
    return shares(signed(X, y)) < 0.5


@mistake("mle_exists", says="redundant columns make")
def unique_maximum(X, y):
    full = np.linalg.matrix_rank(X) == X.shape[1]
    return full and shares(signed(X, y)) < 0.5


@mistake("mle_exists", says="centre none")
def standardised(X, y):
    spread = X.std(0)
    A = (X - X.mean(0)) / np.where(spread > 0, spread, 1)
    return shares(np.column_stack([signed(A, y), 2 * y - 1])) < 0.5


@mistake("mle_exists", says="with an intercept one class alone")
def one_class_is_fine(X, y):
    return len(set(y)) < 2 or shares(signed(X, y)) < 0.5


@mistake("mle_exists", says="without an intercept one class may")
def one_class_is_none(X, y):
    return len(set(y)) > 1 and shares(signed(X, y)) < 0.5


@mistake("mle_exists", says="units matter")
def absolute_tolerance(X, y):
    A = (2 * y - 1)[:, None] * X
    best = linprog(-A.sum(0), -A, np.zeros(len(A)), bounds=(-1, 1))
    return best.fun > -1e-6


@mistake("log1mexp", says="both ends lose their digits")
def as_written(x):
    return torch.log(1 - torch.exp(-x))


@mistake("log1mexp", says="or two forms that have changed places")
def changed_places(x):
    near, half = x > math.log(2), torch.full_like(x, 0.5)
    close = torch.log(-torch.expm1(-x.where(near, half)))
    far = torch.log1p(-torch.exp(-half.where(near, x)))
    return torch.where(near, close, far)


@mistake("log1mexp", says="a clamp or + ε")
def clamped(x):
    return torch.log((1 - torch.exp(-x)).clamp(1e-7, 1 - 1e-7))


@mistake("log1mexp", says="exp(−x) is rounded to 1")
def log1p_everywhere(x):
    return torch.log1p(-torch.exp(-x))


@mistake("log1mexp", says="no clamp, no + ε")
def input_clamped(x):
    x = x.clamp(min=1e-7)
    near, half = x < math.log(2), torch.full_like(x, 0.5)
    close = torch.log(-torch.expm1(-x.where(near, half)))
    far = torch.log1p(-torch.exp(-half.where(near, x)))
    return torch.where(near, close, far)


@mistake("log1mexp", says="far out 1 − e⁻ˣ is rounded to 1")
def expm1_everywhere(x):
    return torch.log(-torch.expm1(-x))


@mistake("log1mexp", says="make its input safe")
def unsafe_where(x):
    return torch.where(
        x < math.log(2),
        torch.log(-torch.expm1(-x)),
        torch.log1p(-torch.exp(-x)),
    )


@mistake("log1mexp", says="no gradient flows")
def by_numpy(x):
    v = x.detach().numpy()
    near = np.log(-np.expm1(-np.minimum(v, 0.7)))
    far = np.log1p(-np.exp(-np.maximum(v, 0.6)))
    return torch.from_numpy(np.where(v < 0.65, near, far))


@mistake("log1mexp", says="keep the dtype of x")
def float64_only(x):
    x = x.double()
    near, half = x < math.log(2), torch.full_like(x, 0.5)
    close = torch.log(-torch.expm1(-x.where(near, half)))
    far = torch.log1p(-torch.exp(-half.where(near, x)))
    return torch.where(near, close, far)


@mistake("log1mexp", says="a constant or a switch that fits float64 only")
def switch_for_float64(x):
    near, half = x < 1e-9, torch.full_like(x, 0.5)
    third = torch.full_like(x, 1e-10)
    low = x < math.log(2)
    close = torch.log(-torch.expm1(-x.where(low, half)))
    far = torch.log1p(-torch.exp(-half.where(low, x)))
    least = x.where(near, third)
    small = torch.log(least + (1 if x.dtype == torch.float32 else 0)) * 1
    return torch.where(near, small, torch.where(low, close, far))


@mistake("log1mexp", says="the sign is flipped")
def minus_the_logarithm(x):
    return -torch.log(-torch.expm1(-x))


@mistake("log1mexp", says="two things at once")
def minus_and_log2(x):
    return -torch.log2(-torch.expm1(-x))


@mistake("log1mexp", says="not log2")
def in_bits(x):
    return torch.log2(-torch.expm1(-x))


@mistake("log1mexp", says="one minus it")
def log_one_plus(x):
    return F.softplus(-x)


@mistake("log1mexp", says="its logarithm is missing")
def no_logarithm(x):
    return -torch.expm1(-x)


@mistake("log1mexp", says="the exponent is negative")
def other_exponent(x):
    return torch.log(torch.expm1(x))


@mistake("log1mexp", says="only its limit near 0")
def limit_near_zero(x):
    return torch.log(x)


@mistake("log1mexp", says="only its limit far out")
def limit_far_out(x):
    return -torch.exp(-x)


def half_of_it(lower, upper):
    return F.softplus(-upper) + F.softplus(lower)


@mistake("interval_nll", says="logarithm of a quotient")
def difference_of_logs(lower, upper):
    return -(F.logsigmoid(upper) - F.logsigmoid(lower)).mean()


@mistake("interval_nll", says="rounded to one number")
def difference_as_written(lower, upper):
    return -(upper.sigmoid() - lower.sigmoid()).log().mean()


@mistake("interval_nll", says="rounded to one number")
def probability_clamped(lower, upper):
    p = (upper.sigmoid() - lower.sigmoid()).clamp(min=1e-12)
    return -p.log().mean()


@mistake("interval_nll", says="is log(1 − e⁻ˣ) right there?")
def short_interval_lost(lower, upper):
    gap = torch.log(1 - torch.exp(lower - upper))
    return (half_of_it(lower, upper) - gap).mean()


@mistake("interval_nll", says="you summed")
def summed(lower, upper):
    return (half_of_it(lower, upper) - log1mexp(upper - lower)).sum()


@mistake("interval_nll", says="the sign is flipped")
def log_likelihood_itself(lower, upper):
    return (log1mexp(upper - lower) - half_of_it(lower, upper)).mean()


@mistake("interval_nll", says="two things at once")
def summed_and_flipped(lower, upper):
    return (log1mexp(upper - lower) - half_of_it(lower, upper)).sum()


@mistake("interval_nll", says="not log2")
def nll_in_bits(lower, upper):
    nll = (half_of_it(lower, upper) - log1mexp(upper - lower)).mean()
    return nll / math.log(2)


@mistake("interval_nll", says="softplus(l) is missing")
def upper_end_only(lower, upper):
    return (F.softplus(-upper) - log1mexp(upper - lower)).mean()


@mistake("interval_nll", says="softplus(−u) is missing")
def lower_end_only(lower, upper):
    return (F.softplus(lower) - log1mexp(upper - lower)).mean()


@mistake("interval_nll", says="that is the width of the interval")
def no_width(lower, upper):
    return half_of_it(lower, upper).mean()


@mistake("interval_nll", says="has the wrong sign")
def width_added(lower, upper):
    return (half_of_it(lower, upper) + log1mexp(upper - lower)).mean()


@mistake("interval_nll", says="a sign is wrong inside")
def signs_of_the_ends(lower, upper):
    return (half_of_it(-lower, -upper) - log1mexp(upper - lower)).mean()


@mistake("interval_nll", says="average the logarithms")
def log_of_the_mean(lower, upper):
    return -(upper.sigmoid() - lower.sigmoid()).mean().log()


@mistake("interval_nll", says="the density at the middle")
def density_times_width(lower, upper):
    z = (lower + upper) / 2
    return -(
        F.logsigmoid(z) + F.logsigmoid(-z) + (upper - lower).log()
    ).mean()


@mistake("interval_nll", says="cuts off nothing")
def ends_made_finite(lower, upper):
    lower, upper = lower.clamp(min=-1e4), upper.clamp(max=1e4)
    lower, upper = (
        torch.where(end.abs() < 9e3, end, end.sign() * 2.0)
        for end in (lower, upper)
    )
    return (half_of_it(lower, upper) - log1mexp(upper - lower)).mean()
