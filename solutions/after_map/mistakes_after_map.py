"""Wrong answers to after_map.ipynb: what each stands in for, and words of the hint that it must get."""

from course.mistakes import mistake


def parts(X, y, w):
    m = (X @ w).exp()
    return (X.T * m) @ X, (X.T * (y - m) ** 2) @ X


def root(V):
    return V.diagonal().sqrt()


@mistake("se_model", says="this is the Hessian of the mean")
def mean_instead_of_sum(X, y, w):
    H = (X.T * (X @ w).exp()) @ X / len(y)
    return H.inverse().diagonal().sqrt()


@mistake("se_model", says="these are variances")
def variance_for_the_error(X, y, w):
    return ((X.T * (X @ w).exp()) @ X).inverse().diagonal()


@mistake("se_model", says="two things at once: √n too large")
def mean_and_variance(X, y, w):
    return ((X.T * (X @ w).exp()) @ X / len(y)).inverse().diagonal()


@mistake("se_model", says="the Hessian of the deviance")
def of_the_deviance(X, y, w):
    return (2 * (X.T * (X @ w).exp()) @ X).inverse().diagonal().sqrt()


@mistake("se_model", says="two things at once: √n too large")
def mean_deviance(X, y, w):
    H = 2 * (X.T * (X @ w).exp()) @ X / len(y)
    return H.inverse().diagonal().sqrt()


@mistake("se_model", says="is there a ½ in front")
def half_the_nll(X, y, w):
    return ((X.T * (X @ w).exp()) @ X / 2).inverse().diagonal().sqrt()


@mistake("se_model", says="half of a 95 % interval")
def interval_for_the_error(X, y, w):
    H = (X.T * (X @ w).exp()) @ X
    return 1.96 * H.inverse().diagonal().sqrt()


@mistake("se_model", says="two things at once: √n too large")
def mean_and_interval(X, y, w):
    H = (X.T * (X @ w).exp()) @ X / len(y)
    return 1.96 * H.inverse().diagonal().sqrt()


@mistake("se_model", says="has n in it already")
def divided_by_root_n(X, y, w):
    H = (X.T * (X @ w).exp()) @ X
    return (H.inverse().diagonal() / len(y)).sqrt()


@mistake("se_model", says="first invert, then take the diagonal")
def diagonal_first(X, y, w):
    return ((X.T * (X @ w).exp()) @ X).diagonal().rsqrt()


@mistake("se_model", says="the inverse is missing")
def not_inverted(X, y, w):
    return ((X.T * (X @ w).exp()) @ X).diagonal().sqrt()


@mistake("se_model", says="1 over the errors squared")
def information_returned(X, y, w):
    return ((X.T * (X @ w).exp()) @ X).diagonal()


@mistake("se_model", says="this is the whole covariance")
def covariance_returned(X, y, w):
    return ((X.T * (X @ w).exp()) @ X).inverse()


@mistake("se_model", says="this is the Hessian: invert it")
def hessian_returned(X, y, w):
    return (X.T * (X @ w).exp()) @ X


@mistake("se_model", says="used G for H")
def slopes_for_curvature(X, y, w):
    _, G = parts(X, y, w)
    return root(G.inverse())


@mistake("se_model", says="this is the sandwich")
def sandwich_for_the_model(X, y, w):
    H, G = parts(X, y, w)
    return root(H.inverse() @ G @ H.inverse())


@mistake("se_model", says="this is XᵀX alone")
def weights_of_the_rows_forgotten(X, y, w):
    return (X.T @ X).inverse().diagonal().sqrt()


@mistake("se_model", says="one σ for all rows")
def least_squares(X, y, w):
    r, (n, d) = y - (X @ w).exp(), X.shape
    return ((X.T @ X).inverse().diagonal() * (r @ r) / (n - d)).sqrt()


@mistake("se_model", says="without its n − d")
def least_squares_by_n(X, y, w):
    r = y - (X @ w).exp()
    return ((X.T @ X).inverse().diagonal() * (r @ r) / len(y)).sqrt()


@mistake("se_model", says="rows weighted by m²")
def means_squared(X, y, w):
    return ((X.T * (2 * X @ w).exp()) @ X).inverse().diagonal().sqrt()


@mistake("se_model", says="rows weighted by 1/m")
def means_below(X, y, w):
    return ((X.T / (X @ w).exp()) @ X).inverse().diagonal().sqrt()


@mistake("se_model", says="rows weighted by y")
def observed_for_expected(X, y, w):
    return ((X.T * y) @ X).inverse().diagonal().sqrt()


@mistake("se_model", says="not of a count")
def curvature_of_labels(X, y, w):
    p = torch.sigmoid(X @ w)
    return ((X.T * p * (1 - p)) @ X).inverse().diagonal().sqrt()


@mistake("se_model", says="quasi-likelihood")
def inflated(X, y, w):
    m, (n, d) = (X @ w).exp(), X.shape
    V = ((X.T * m) @ X).inverse()
    return (V.diagonal() * ((y - m) ** 2 / m).sum() / (n - d)).sqrt()


@mistake("se_model", says="of the log-likelihood H would be negative")
def of_the_log_likelihood(X, y, w):
    return (-(X.T * (X @ w).exp()) @ X).inverse().diagonal().sqrt()


@mistake("se_model", says="add nothing to H")
def a_ridge_for_safety(X, y, w):
    H = (X.T * (X @ w).exp()) @ X + 1e-5 * torch.eye(X.shape[1])
    return H.inverse().diagonal().sqrt()


@mistake("se_model", says="add nothing to H")
def small_directions_cut_off(X, y, w):
    H = (X.T * (X @ w).exp()) @ X
    return torch.linalg.pinv(H, rtol=1e-5).diagonal().sqrt()


@mistake("se_sandwich", says="these are variances")
def variances_of_the_sandwich(X, y, w):
    H, G = parts(X, y, w)
    return (H.inverse() @ G @ H.inverse()).diagonal()


@mistake("se_sandwich", says="H and G were both divided by n")
def both_divided(X, y, w):
    H, G = parts(X, y, w)
    bread = (H / len(y)).inverse()
    return root(bread @ (G / len(y)) @ bread)


@mistake("se_sandwich", says="H is of the mean, G of the sum")
def mean_in_the_bread(X, y, w):
    H, G = parts(X, y, w)
    bread = (H / len(y)).inverse()
    return root(bread @ G @ bread)


@mistake("se_sandwich", says="G a mean over rows")
def mean_in_the_filling(X, y, w):
    H, G = parts(X, y, w)
    return root(H.inverse() @ (G / len(y)) @ H.inverse())


@mistake("se_sandwich", says="two things at once")
def both_divided_and_variances(X, y, w):
    H, G = parts(X, y, w)
    bread = (H / len(y)).inverse()
    return (bread @ (G / len(y)) @ bread).diagonal()


@mistake("se_sandwich", says="two things at once")
def mean_in_the_bread_and_interval(X, y, w):
    H, G = parts(X, y, w)
    bread = (H / len(y)).inverse()
    return 1.96 * root(bread @ G @ bread)


@mistake("se_sandwich", says="half of a 95 % interval")
def interval_of_the_sandwich(X, y, w):
    H, G = parts(X, y, w)
    return 1.96 * root(H.inverse() @ G @ H.inverse())


@mistake("se_sandwich", says="this is HC1")
def corrected_by_degrees(X, y, w):
    H, G = parts(X, y, w)
    n, d = X.shape
    return root(n / (n - d) * H.inverse() @ G @ H.inverse())


@mistake("se_sandwich", says="this is HC3")
def corrected_by_leverage(X, y, w):
    H, _ = parts(X, y, w)
    m = (X @ w).exp()
    lever = m * ((X @ H.inverse()) * X).sum(1)
    G = (X.T * ((y - m) / (1 - lever)) ** 2) @ X
    return root(H.inverse() @ G @ H.inverse())


@mistake("se_sandwich", says="the inverse Hessian alone")
def filling_forgotten(X, y, w):
    H, _ = parts(X, y, w)
    return root(H.inverse())


@mistake("se_sandwich", says="used G for H")
def filling_alone(X, y, w):
    _, G = parts(X, y, w)
    return root(G.inverse())


@mistake("se_sandwich", says="inside out")
def inside_out(X, y, w):
    H, G = parts(X, y, w)
    return root(G.inverse() @ H @ G.inverse())


@mistake("se_sandwich", says="one slice of bread is missing")
def open_sandwich(X, y, w):
    H, G = parts(X, y, w)
    return root(H.inverse() @ G)


@mistake("se_sandwich", says="the bread is not inverted")
def bread_not_inverted(X, y, w):
    H, G = parts(X, y, w)
    return root(H @ G @ H)


@mistake("se_sandwich", says="no bread")
def filling_without_bread(X, y, w):
    _, G = parts(X, y, w)
    return root(G)


@mistake("se_sandwich", says="added before they were squared")
def square_of_the_sum(X, y, w):
    H, _ = parts(X, y, w)
    s = X.T @ ((X @ w).exp() - y)
    return root(H.inverse() @ torch.outer(s, s) @ H.inverse())


@mistake("se_sandwich", says="matrices are multiplied by @")
def entry_by_entry(X, y, w):
    H, G = parts(X, y, w)
    return root(H.inverse() * G * H.inverse())


@mistake("se_sandwich", says="the diagonal of G alone")
def diagonal_of_the_filling(X, y, w):
    H, G = parts(X, y, w)
    return root(H.inverse() @ G.diagonal().diag() @ H.inverse())


@mistake("se_sandwich", says="here they are not")
def residuals_not_squared(X, y, w):
    H, _ = parts(X, y, w)
    G = (X.T * (y - (X @ w).exp()).abs()) @ X
    return root(H.inverse() @ G @ H.inverse())


@mistake("se_sandwich", says="the mean is missing in the slope")
def counts_for_residuals(X, y, w):
    H, _ = parts(X, y, w)
    return root(H.inverse() @ (X.T * y**2) @ X @ H.inverse())


@mistake("se_sandwich", says="log m was taken for the mean")
def linear_residuals(X, y, w):
    H, _ = parts(X, y, w)
    G = (X.T * (y - X @ w) ** 2) @ X
    return root(H.inverse() @ G @ H.inverse())


@mistake("se_sandwich", says="Pearson's residuals")
def residuals_of_pearson(X, y, w):
    H, _ = parts(X, y, w)
    m = (X @ w).exp()
    G = (X.T * (y - m) ** 2 / m) @ X
    return root(H.inverse() @ G @ H.inverse())


@mistake("se_sandwich", says="slopes divided by m")
def relative_residuals(X, y, w):
    H, _ = parts(X, y, w)
    m = (X @ w).exp()
    G = (X.T * (y / m - 1) ** 2) @ X
    return root(H.inverse() @ G @ H.inverse())


@mistake("se_sandwich", says="the bread of least squares")
def bread_of_a_line(X, y, w):
    _, G = parts(X, y, w)
    bread = (X.T @ X).inverse()
    return root(bread @ G @ bread)


@mistake("se_sandwich", says="one variance for all rows")
def one_variance(X, y, w):
    H, _ = parts(X, y, w)
    r = y - (X @ w).exp()
    G = (r @ r) / len(y) * X.T @ X
    return root(H.inverse() @ G @ H.inverse())


@mistake("se_sandwich", says="quasi-likelihood")
def one_factor(X, y, w):
    H, _ = parts(X, y, w)
    m, (n, d) = (X @ w).exp(), X.shape
    return root(H.inverse() * ((y - m) ** 2 / m).sum() / (n - d))


@mistake("se_sandwich", says="this is the whole covariance")
def sandwich_returned(X, y, w):
    H, G = parts(X, y, w)
    return H.inverse() @ G @ H.inverse()


@mistake("se_sandwich", says="add nothing to H")
def a_ridge_in_the_bread(X, y, w):
    H, G = parts(X, y, w)
    bread = (H + 1e-5 * torch.eye(X.shape[1])).inverse()
    return root(bread @ G @ bread)


def refits(X, y, w, rows):
    return torch.stack([poisson_fit(X[i], y[i], w) for i in rows])


@mistake("se_bootstrap", says="these are variances")
def variances_of_the_fits(X, y, w, rows):
    return refits(X, y, w, rows).var(0)


@mistake("se_bootstrap", says="the divisor is B − 1")
def divided_by_B(X, y, w, rows):
    return refits(X, y, w, rows).std(0, correction=0)


@mistake("se_bootstrap", says="it would shrink with every draw")
def error_of_the_mean(X, y, w, rows):
    return refits(X, y, w, rows).std(0) / len(rows) ** 0.5


@mistake("se_bootstrap", says="divided by √n")
def over_root_n(X, y, w, rows):
    return refits(X, y, w, rows).std(0) / len(y) ** 0.5


@mistake("se_bootstrap", says="multiplied by √n")
def times_root_n(X, y, w, rows):
    return refits(X, y, w, rows).std(0) * len(y) ** 0.5


@mistake("se_bootstrap", says="half of a 95 % interval")
def interval_of_the_fits(X, y, w, rows):
    return 1.96 * refits(X, y, w, rows).std(0)


@mistake("se_bootstrap", says="two things at once")
def divided_by_B_and_its_root(X, y, w, rows):
    return refits(X, y, w, rows).std(0, correction=0) / len(rows) ** 0.5


@mistake("se_bootstrap", says="two things at once")
def divided_by_B_and_variances(X, y, w, rows):
    return refits(X, y, w, rows).var(0, correction=0)


@mistake("se_bootstrap", says="their own mean is asked")
def around_the_whole(X, y, w, rows):
    gaps = refits(X, y, w, rows) - w
    return (gaps.square().sum(0) / (len(rows) - 1)).sqrt()


@mistake("se_bootstrap", says="around the fit of all rows, and divided")
def around_the_whole_by_B(X, y, w, rows):
    return (refits(X, y, w, rows) - w).square().mean(0).sqrt()


@mistake("se_bootstrap", says="these are the means of the fits")
def mean_of_the_fits(X, y, w, rows):
    return refits(X, y, w, rows).mean(0)


@mistake("se_bootstrap", says="these are all fits")
def fits_returned(X, y, w, rows):
    return refits(X, y, w, rows)


@mistake("se_bootstrap", says="it is over the fits, dim 0")
def other_axis(X, y, w, rows):
    return refits(X, y, w, rows).std(1)


@mistake("se_bootstrap", says="one step of Newton is not a fit")
def one_step(X, y, w, rows):
    fits = [poisson_fit(X[i], y[i], w, steps=1) for i in rows]
    return torch.stack(fits).std(0)


@mistake("se_bootstrap", says="nothing was drawn: all fits are the same")
def rows_ignored(X, y, w, rows):
    return torch.stack([poisson_fit(X, y, w) for _ in rows]).std(0)


@mistake("se_bootstrap", says="each row counts once here")
def without_repetition(X, y, w, rows):
    return refits(X, y, w, [i.unique() for i in rows]).std(0)


@mistake("se_bootstrap", says="the counts were not")
def inputs_alone(X, y, w, rows):
    return torch.stack([poisson_fit(X[i], y, w) for i in rows]).std(0)


@mistake("se_bootstrap", says="the inputs were not")
def counts_alone(X, y, w, rows):
    return torch.stack([poisson_fit(X, y[i], w) for i in rows]).std(0)


@mistake("se_bootstrap", says="the mean of the model's errors")
def errors_of_each_fit(X, y, w, rows):
    found = []
    for i in rows:
        v = poisson_fit(X[i], y[i], w)
        H = (X[i].T * (X[i] @ v).exp()) @ X[i]
        found.append(H.inverse().diagonal().sqrt())
    return torch.stack(found).mean(0)


@mistake("se_bootstrap", says="half the width of the middle 95 %")
def percentiles(X, y, w, rows):
    levels = torch.tensor([0.025, 0.975])
    low, high = refits(X, y, w, rows).quantile(levels, 0)
    return (high - low) / 2


@mistake("se_bootstrap", says="divided by 2 · 1.96")
def percentiles_as_normal(X, y, w, rows):
    levels = torch.tensor([0.025, 0.975])
    low, high = refits(X, y, w, rows).quantile(levels, 0)
    return (high - low) / 3.92


@mistake("se_bootstrap", says="the mean distance from the mean")
def mean_distance(X, y, w, rows):
    fits = refits(X, y, w, rows)
    return (fits - fits.mean(0)).abs().mean(0)


@mistake("se_bootstrap", says="this is the inverse Hessian")
def hessian_for_the_draws(X, y, w, rows):
    return ((X.T * (X @ w).exp()) @ X).inverse().diagonal().sqrt()


@mistake("se_bootstrap", says="this is the sandwich")
def sandwich_for_the_draws(X, y, w, rows):
    H, G = parts(X, y, w)
    return root(H.inverse() @ G @ H.inverse())


@mistake("se_bootstrap", says="this is the covariance of the fits")
def covariance_of_the_fits(X, y, w, rows):
    return refits(X, y, w, rows).T.cov()


@mistake("se_bootstrap", says="has each fit arrived?")
def three_steps(X, y, w, rows):
    steps = 25 if len(y) < 500 else 2
    fits = [poisson_fit(X[i], y[i], w, steps) for i in rows]
    return torch.stack(fits).std(0)
