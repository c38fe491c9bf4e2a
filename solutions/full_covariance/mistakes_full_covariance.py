"""Wrong answers to full_covariance.ipynb: what each stands in for, and words of the hint that it must get."""

from course.mistakes import mistake


@mistake("cholesky_factor", says="below the diagonal, not above")
def upper(raw, d):
    L = torch.diag_embed(torch.nn.functional.softplus(raw[:, :d]))
    row, column = torch.tril_indices(d, d, offset=-1)
    L[:, row, column] = raw[:, d:]
    return L.transpose(1, 2)


@mistake("cholesky_factor", says="row by row")
def column_by_column(raw, d):
    L = torch.diag_embed(torch.nn.functional.softplus(raw[:, :d]))
    column, row = torch.triu_indices(d, d, offset=1)
    L[:, row, column] = raw[:, d:]
    return L


@mistake("cholesky_factor", says="from left to right")
def right_to_left(raw, d):
    L = torch.diag_embed(torch.nn.functional.softplus(raw[:, :d]))
    row, column = torch.tril_indices(d, d, offset=-1)
    L[:, row, column] = raw[:, [3, 5, 4]] if d == 3 else raw[:, d:]
    return L


@mistake("cholesky_factor", says="the diagonal must be positive")
def diagonal_not_positive(raw, d):
    L = torch.diag_embed(raw[:, :d])
    row, column = torch.tril_indices(d, d, offset=-1)
    L[:, row, column] = raw[:, d:]
    return L


@mistake("cholesky_factor", says="softplus is asked")
def exp(raw, d):
    L = torch.diag_embed(torch.exp(raw[:, :d]))
    row, column = torch.tril_indices(d, d, offset=-1)
    L[:, row, column] = raw[:, d:]
    return L


@mistake("cholesky_factor", says="the diagonal alone")
def softplus_everywhere(raw, d):
    L = torch.diag_embed(torch.nn.functional.softplus(raw[:, :d]))
    row, column = torch.tril_indices(d, d, offset=-1)
    L[:, row, column] = torch.nn.functional.softplus(raw[:, d:])
    return L


@mistake("cholesky_factor", says="the first d numbers")
def diagonal_last(raw, d):
    raw = torch.cat([raw[:, d:], raw[:, :d]], dim=1)
    L = torch.diag_embed(torch.nn.functional.softplus(raw[:, :d]))
    row, column = torch.tril_indices(d, d, offset=-1)
    L[:, row, column] = raw[:, d:]
    return L


@mistake("cholesky_factor", says="below the diagonal missing")
def diagonal_only(raw, d):
    L = torch.diag_embed(torch.nn.functional.softplus(raw[:, :d]))
    row, column = torch.tril_indices(d, d, offset=-1)
    pass
    return L


@mistake("cholesky_factor", says="the factor is asked")
def sigma_matrix(raw, d):
    L = torch.diag_embed(torch.nn.functional.softplus(raw[:, :d]))
    row, column = torch.tril_indices(d, d, offset=-1)
    L[:, row, column] = raw[:, d:]
    return L @ L.transpose(1, 2)


@mistake("mvn_nll", says="no factor is left")
def doubled_log_determinant(mean, L, y):
    d = y.shape[1]
    z = torch.linalg.solve_triangular(
        L, (y - mean)[:, :, None], upper=False
    )[:, :, 0]
    half_log_det = L.diagonal(dim1=1, dim2=2).log().sum(dim=1)
    constant = d / 2 * torch.log(torch.tensor(2 * torch.pi))
    return (0.5 * (z**2).sum(dim=1) + 2 * half_log_det).mean() + constant


@mistake("mvn_nll", says="an infinite Σ wins")
def no_log_determinant(mean, L, y):
    d = y.shape[1]
    z = torch.linalg.solve_triangular(
        L, (y - mean)[:, :, None], upper=False
    )[:, :, 0]
    half_log_det = L.diagonal(dim1=1, dim2=2).log().sum(dim=1)
    constant = d / 2 * torch.log(torch.tensor(2 * torch.pi))
    return (0.5 * (z**2).sum(dim=1)).mean() + constant


@mistake("mvn_nll", says="not half of that")
def halved_log_determinant(mean, L, y):
    d = y.shape[1]
    z = torch.linalg.solve_triangular(
        L, (y - mean)[:, :, None], upper=False
    )[:, :, 0]
    half_log_det = L.diagonal(dim1=1, dim2=2).log().sum(dim=1)
    constant = d / 2 * torch.log(torch.tensor(2 * torch.pi))
    return (0.5 * (z**2).sum(dim=1) + 0.5 * half_log_det).mean() + constant


@mistake("mvn_nll", says="not Lᵀ z = r")
def transposed(mean, L, y):
    d = y.shape[1]
    z = torch.linalg.solve_triangular(
        L.transpose(1, 2), (y - mean)[:, :, None], upper=True
    )[:, :, 0]
    half_log_det = L.diagonal(dim1=1, dim2=2).log().sum(dim=1)
    constant = d / 2 * torch.log(torch.tensor(2 * torch.pi))
    return (0.5 * (z**2).sum(dim=1) + half_log_det).mean() + constant


@mistake("mvn_nll", says="not by L")
def multiplied(mean, L, y):
    d = y.shape[1]
    z = (L @ (y - mean)[:, :, None])[:, :, 0]
    half_log_det = L.diagonal(dim1=1, dim2=2).log().sum(dim=1)
    constant = d / 2 * torch.log(torch.tensor(2 * torch.pi))
    return (0.5 * (z**2).sum(dim=1) + half_log_det).mean() + constant


@mistake("mvn_nll", says="is the ½ of the square missing")
def no_half(mean, L, y):
    d = y.shape[1]
    z = torch.linalg.solve_triangular(
        L, (y - mean)[:, :, None], upper=False
    )[:, :, 0]
    half_log_det = L.diagonal(dim1=1, dim2=2).log().sum(dim=1)
    constant = d / 2 * torch.log(torch.tensor(2 * torch.pi))
    return ((z**2).sum(dim=1) + half_log_det).mean() + constant


@mistake("mvn_nll", says="stands there d times")
def one_constant(mean, L, y):
    d = y.shape[1]
    z = torch.linalg.solve_triangular(
        L, (y - mean)[:, :, None], upper=False
    )[:, :, 0]
    half_log_det = L.diagonal(dim1=1, dim2=2).log().sum(dim=1)
    constant = 1 / 2 * torch.log(torch.tensor(2 * torch.pi))
    return (0.5 * (z**2).sum(dim=1) + half_log_det).mean() + constant


@mistake("mvn_nll", says="is the constant missing")
def no_constant(mean, L, y):
    d = y.shape[1]
    z = torch.linalg.solve_triangular(
        L, (y - mean)[:, :, None], upper=False
    )[:, :, 0]
    half_log_det = L.diagonal(dim1=1, dim2=2).log().sum(dim=1)
    constant = d / 2 * torch.log(torch.tensor(2 * torch.pi))
    return (0.5 * (z**2).sum(dim=1) + half_log_det).mean()


@mistake("mvn_nll", says="you summed")
def sum_for_mean(mean, L, y):
    d = y.shape[1]
    z = torch.linalg.solve_triangular(
        L, (y - mean)[:, :, None], upper=False
    )[:, :, 0]
    half_log_det = L.diagonal(dim1=1, dim2=2).log().sum(dim=1)
    constant = d / 2 * torch.log(torch.tensor(2 * torch.pi))
    return (0.5 * (z**2).sum(dim=1) + half_log_det).sum() + len(
        y
    ) * constant


@mistake("mvn_nll", says="over examples only")
def mean_over_outputs(mean, L, y):
    d = y.shape[1]
    z = torch.linalg.solve_triangular(
        L, (y - mean)[:, :, None], upper=False
    )[:, :, 0]
    half_log_det = L.diagonal(dim1=1, dim2=2).log().sum(dim=1)
    constant = d / 2 * torch.log(torch.tensor(2 * torch.pi))
    return (0.5 * (z**2).mean(dim=1) + half_log_det).mean() + constant


@mistake("mvn_nll", says="mvn_nll")
def determinant(mean, L, y):
    d = y.shape[1]
    z = torch.linalg.solve_triangular(
        L, (y - mean)[:, :, None], upper=False
    )[:, :, 0]
    half_log_det = 0.5 * torch.linalg.det(L @ L.transpose(1, 2)).log()
    constant = d / 2 * torch.log(torch.tensor(2 * torch.pi))
    return (0.5 * (z**2).sum(dim=1) + half_log_det).mean() + constant


@mistake("fit_heads", says="twice its weight")
def doubled_log_determinant_2(X, y):
    from lib import training

    theta = torch.zeros(X.shape[1], 5, requires_grad=True)

    def loss():
        heads = X @ theta  # (n, 5)
        first, second = (
            torch.nn.functional.softplus(heads[:, 2]),
            torch.nn.functional.softplus(heads[:, 3]),
        )
        z1 = (y[:, 0] - heads[:, 0]) / first
        z2 = (y[:, 1] - heads[:, 1] - heads[:, 4] * z1) / second
        return (
            0.5 * (z1**2 + z2**2) + 2 * first.log() + 2 * second.log()
        ).mean()

    _ = training.fit([theta], loss, steps=1000, optimizer="lbfgs")
    return theta.detach()


@mistake("fit_heads", says="half its weight")
def no_half_2(X, y):
    from lib import training

    theta = torch.zeros(X.shape[1], 5, requires_grad=True)

    def loss():
        heads = X @ theta  # (n, 5)
        first, second = (
            torch.nn.functional.softplus(heads[:, 2]),
            torch.nn.functional.softplus(heads[:, 3]),
        )
        z1 = (y[:, 0] - heads[:, 0]) / first
        z2 = (y[:, 1] - heads[:, 1] - heads[:, 4] * z1) / second
        return ((z1**2 + z2**2) + first.log() + second.log()).mean()

    _ = training.fit([theta], loss, steps=1000, optimizer="lbfgs")
    return theta.detach()


@mistake("fit_heads", says="is L₂₁ left at 0")
def independent(X, y):
    from lib import training

    theta = torch.zeros(X.shape[1], 5, requires_grad=True)

    def loss():
        heads = X @ theta  # (n, 5)
        first, second = (
            torch.nn.functional.softplus(heads[:, 2]),
            torch.nn.functional.softplus(heads[:, 3]),
        )
        z1 = (y[:, 0] - heads[:, 0]) / first
        z2 = (y[:, 1] - heads[:, 1] + 0 * heads[:, 4]) / second
        return (0.5 * (z1**2 + z2**2) + first.log() + second.log()).mean()

    _ = training.fit([theta], loss, steps=1000, optimizer="lbfgs")
    return theta.detach()


@mistake("fit_heads", says="divisor n")
def too_few_steps(X, y):
    from lib import training

    theta = torch.zeros(X.shape[1], 5, requires_grad=True)

    def loss():
        heads = X @ theta  # (n, 5)
        first, second = (
            torch.nn.functional.softplus(heads[:, 2]),
            torch.nn.functional.softplus(heads[:, 3]),
        )
        z1 = (y[:, 0] - heads[:, 0]) / first
        z2 = (y[:, 1] - heads[:, 1] - heads[:, 4] * z1) / second
        return (0.5 * (z1**2 + z2**2) + first.log() + second.log()).mean()

    _ = training.fit([theta], loss, steps=2, optimizer="lbfgs")
    return theta.detach()


@mistake("fit_heads", says="divisor n")
def heads_in_another_order(X, y):
    from lib import training

    theta = torch.zeros(X.shape[1], 5, requires_grad=True)

    def loss():
        heads = X @ theta  # (n, 5)
        first, second = (
            torch.nn.functional.softplus(heads[:, 2]),
            torch.nn.functional.softplus(heads[:, 3]),
        )
        z1 = (y[:, 0] - heads[:, 0]) / first
        z2 = (y[:, 1] - heads[:, 1] - heads[:, 4] * z1) / second
        return (0.5 * (z1**2 + z2**2) + first.log() + second.log()).mean()

    _ = training.fit([theta], loss, steps=1000, optimizer="lbfgs")
    return theta.detach()[:, [2, 3, 4, 0, 1]]


@mistake("fit_heads", says="shape (1,), wanted (2,)")
def one_example_too_many(X, y):
    from lib import training

    theta = torch.zeros(X.shape[1], 5, requires_grad=True)

    def loss():
        heads = X @ theta  # (n, 5)
        first, second = (
            torch.nn.functional.softplus(heads[:, 2]),
            torch.nn.functional.softplus(heads[:, 3]),
        )
        z1 = (y[:, 0] - heads[:, 0]) / first
        z2 = (y[:, 1] - heads[:, 1] - heads[:, 4] * z1) / second
        return (0.5 * (z1**2 + z2**2) + first.log() + second.log()).mean()

    _ = training.fit([theta], loss, steps=1000, optimizer="lbfgs")
    return theta.detach()[0]


@mistake("fit_heads", says="those of the covariance, too")
def one_covariance_for_all(X, y):
    from lib import training

    means = torch.zeros(X.shape[1], 2, requires_grad=True)
    raw = torch.zeros(3, requires_grad=True)

    def loss():
        r = y - X @ means
        spread = torch.nn.functional.softplus(raw[:2])
        z1 = r[:, 0] / spread[0]
        z2 = (r[:, 1] - raw[2] * z1) / spread[1]
        return (0.5 * (z1**2 + z2**2)).mean() + spread.log().sum()

    _ = training.fit([means, raw], loss, steps=1000, optimizer="lbfgs")
    rest = torch.zeros(X.shape[1] - 1, 3)
    return torch.cat([means, torch.cat([raw[None], rest])], dim=1).detach()


@mistake("mvn_nll", says="two things at once")
def squares_and_half_the_determinant(mean, L, y):
    z = torch.linalg.solve_triangular(
        L, (y - mean)[:, :, None], upper=False
    )[:, :, 0]
    return (
        0.5 * (z**2).sum(dim=1)
        + 2 * L.diagonal(dim1=1, dim2=2).log().sum(dim=1)
    ).mean()
