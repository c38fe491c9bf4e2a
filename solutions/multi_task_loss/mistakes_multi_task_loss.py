"""Wrong answers to multi_task_loss.ipynb: what each stands in for, and words of the hint that it must get."""

from course.mistakes import mistake


@mistake("multi_task_nll", says="the squares of its d outputs add up")
def mseloss_as_it_is(mean, logits, log_std, y, c):
    squares = (((y - mean) * (-log_std).exp()) ** 2).mean()
    normaliser = y.shape[1] * (
        log_std + 0.5 * torch.log(torch.tensor(2 * torch.pi))
    )
    return 0.5 * squares + normaliser + F.cross_entropy(logits, c)


@mistake("multi_task_nll", says="the NLLs of its d outputs add up")
def mean_over_the_outputs(mean, logits, log_std, y, c):
    squares = (((y - mean) * (-log_std).exp()) ** 2).sum(dim=1).mean()
    normaliser = y.shape[1] * (
        log_std + 0.5 * torch.log(torch.tensor(2 * torch.pi))
    )
    return (0.5 * squares + normaliser) / y.shape[1] + F.cross_entropy(
        logits, c
    )


@mistake("multi_task_nll", says="log σ comes once for each")
def log_sigma_once(mean, logits, log_std, y, c):
    squares = (((y - mean) * (-log_std).exp()) ** 2).sum(dim=1).mean()
    normaliser = log_std + y.shape[1] * (
        0.5 * torch.log(torch.tensor(2 * torch.pi))
    )
    return 0.5 * squares + normaliser + F.cross_entropy(logits, c)


@mistake("multi_task_nll", says="½ log 2π comes once for each")
def constant_once(mean, logits, log_std, y, c):
    squares = (((y - mean) * (-log_std).exp()) ** 2).sum(dim=1).mean()
    normaliser = y.shape[1] * log_std + (
        0.5 * torch.log(torch.tensor(2 * torch.pi))
    )
    return 0.5 * squares + normaliser + F.cross_entropy(logits, c)


@mistake("multi_task_nll", says="the normaliser comes once for each")
def normaliser_once(mean, logits, log_std, y, c):
    squares = (((y - mean) * (-log_std).exp()) ** 2).sum(dim=1).mean()
    normaliser = log_std + 0.5 * torch.log(torch.tensor(2 * torch.pi))
    return 0.5 * squares + normaliser + F.cross_entropy(logits, c)


@mistake("multi_task_nll", says="is log σ missing")
def no_log_sigma(mean, logits, log_std, y, c):
    squares = (((y - mean) * (-log_std).exp()) ** 2).sum(dim=1).mean()
    normaliser = y.shape[1] * (0.5 * torch.log(torch.tensor(2 * torch.pi)))
    return 0.5 * squares + normaliser + F.cross_entropy(logits, c)


@mistake("multi_task_nll", says="is log 2π missing")
def no_constant(mean, logits, log_std, y, c):
    squares = (((y - mean) * (-log_std).exp()) ** 2).sum(dim=1).mean()
    normaliser = y.shape[1] * (
        log_std + 0 * torch.log(torch.tensor(2 * torch.pi))
    )
    return 0.5 * squares + normaliser + F.cross_entropy(logits, c)


@mistake("multi_task_nll", says="is the normaliser of the Gaussian missing")
def no_normaliser(mean, logits, log_std, y, c):
    squares = (((y - mean) * (-log_std).exp()) ** 2).sum(dim=1).mean()
    normaliser = y.shape[1] * (
        log_std + 0.5 * torch.log(torch.tensor(2 * torch.pi))
    )
    return 0.5 * squares + F.cross_entropy(logits, c)


@mistake("multi_task_nll", says="is the ½ of the squares missing")
def no_half(mean, logits, log_std, y, c):
    squares = (((y - mean) * (-log_std).exp()) ** 2).sum(dim=1).mean()
    normaliser = y.shape[1] * (
        log_std + 0.5 * torch.log(torch.tensor(2 * torch.pi))
    )
    return squares + normaliser + F.cross_entropy(logits, c)


@mistake("multi_task_nll", says="divide the squares by σ², not by σ")
def sigma_for_sigma_2(mean, logits, log_std, y, c):
    squares = (((y - mean) * (-log_std / 2).exp()) ** 2).sum(dim=1).mean()
    normaliser = y.shape[1] * (
        log_std + 0.5 * torch.log(torch.tensor(2 * torch.pi))
    )
    return 0.5 * squares + normaliser + F.cross_entropy(logits, c)


@mistake("multi_task_nll", says="log_std is log σ, not log σ²")
def log_variance(mean, logits, log_std, y, c):
    log_std = log_std / 2
    squares = (((y - mean) * (-log_std).exp()) ** 2).sum(dim=1).mean()
    normaliser = y.shape[1] * (
        log_std + 0.5 * torch.log(torch.tensor(2 * torch.pi))
    )
    return 0.5 * squares + normaliser + F.cross_entropy(logits, c)


@mistake("multi_task_nll", says="log_std is log σ, not σ")
def sigma_itself(mean, logits, log_std, y, c):
    log_std = log_std.log()
    squares = (((y - mean) * (-log_std).exp()) ** 2).sum(dim=1).mean()
    normaliser = y.shape[1] * (
        log_std + 0.5 * torch.log(torch.tensor(2 * torch.pi))
    )
    return 0.5 * squares + normaliser + F.cross_entropy(logits, c)


@mistake("multi_task_nll", says="σ scales the Gaussian alone")
def cross_entropy_scaled_too(mean, logits, log_std, y, c):
    squares = (((y - mean) * (-log_std).exp()) ** 2).sum(dim=1).mean()
    normaliser = y.shape[1] * (
        log_std + 0.5 * torch.log(torch.tensor(2 * torch.pi))
    )
    return (
        0.5 * squares
        + normaliser
        + F.cross_entropy(logits, c) * 0.5 * (-2 * log_std).exp()
    )


@mistake("multi_task_nll", says="can fall below 0 as no NLL of a class can")
def nll_loss_on_logits(mean, logits, log_std, y, c):
    squares = (((y - mean) * (-log_std).exp()) ** 2).sum(dim=1).mean()
    normaliser = y.shape[1] * (
        log_std + 0.5 * torch.log(torch.tensor(2 * torch.pi))
    )
    return 0.5 * squares + normaliser + F.nll_loss(logits, c)


@mistake("multi_task_nll", says="softmax is applied twice")
def softmax_twice(mean, logits, log_std, y, c):
    squares = (((y - mean) * (-log_std).exp()) ** 2).sum(dim=1).mean()
    normaliser = y.shape[1] * (
        log_std + 0.5 * torch.log(torch.tensor(2 * torch.pi))
    )
    return (
        0.5 * squares
        + normaliser
        + F.cross_entropy(logits.softmax(dim=1), c)
    )


@mistake("multi_task_nll", says="the cross-entropy is summed over")
def cross_entropy_summed(mean, logits, log_std, y, c):
    squares = (((y - mean) * (-log_std).exp()) ** 2).sum(dim=1).mean()
    normaliser = y.shape[1] * (
        log_std + 0.5 * torch.log(torch.tensor(2 * torch.pi))
    )
    return (
        0.5 * squares
        + normaliser
        + F.cross_entropy(logits, c, reduction="sum")
    )


@mistake("multi_task_nll", says="the Gaussian part is summed over")
def gaussian_part_summed(mean, logits, log_std, y, c):
    squares = (((y - mean) * (-log_std).exp()) ** 2).sum(dim=1).mean()
    normaliser = y.shape[1] * (
        log_std + 0.5 * torch.log(torch.tensor(2 * torch.pi))
    )
    return len(y) * (0.5 * squares + normaliser) + F.cross_entropy(
        logits, c
    )


@mistake("multi_task_nll", says="you summed where")
def all_summed(mean, logits, log_std, y, c):
    squares = (((y - mean) * (-log_std).exp()) ** 2).sum(dim=1).mean()
    normaliser = y.shape[1] * (
        log_std + 0.5 * torch.log(torch.tensor(2 * torch.pi))
    )
    return len(y) * (
        0.5 * squares + normaliser + F.cross_entropy(logits, c)
    )


@mistake("multi_task_nll", says="the sign is flipped")
def flipped_sign(mean, logits, log_std, y, c):
    squares = (((y - mean) * (-log_std).exp()) ** 2).sum(dim=1).mean()
    normaliser = y.shape[1] * (
        log_std + 0.5 * torch.log(torch.tensor(2 * torch.pi))
    )
    return -0.5 * squares - normaliser - F.cross_entropy(logits, c)


@mistake("multi_task_nll", says="shape (3,), wanted ()")
def pointwise(mean, logits, log_std, y, c):
    squares = (((y - mean) * (-log_std).exp()) ** 2).sum(dim=1)
    normaliser = y.shape[1] * (
        log_std + 0.5 * torch.log(torch.tensor(2 * torch.pi))
    )
    return 0.5 * squares + normaliser + F.cross_entropy(logits, c)


@mistake("multi_task_nll", says="try other n, d and K")
def d_fixed(mean, logits, log_std, y, c):
    squares = (((y - mean) * (-log_std).exp()) ** 2).sum(dim=1).mean()
    normaliser = 2 * (log_std + 0.5 * torch.log(torch.tensor(2 * torch.pi)))
    return 0.5 * squares + normaliser + F.cross_entropy(logits, c)


@mistake(
    "multi_task_nll",
    says="no gradient flows through multi_task_nll in log_std",
)
def sigma_without_gradient(mean, logits, log_std, y, c):
    log_std = log_std.detach()
    squares = (((y - mean) * (-log_std).exp()) ** 2).sum(dim=1).mean()
    normaliser = y.shape[1] * (
        log_std + 0.5 * torch.log(torch.tensor(2 * torch.pi))
    )
    return 0.5 * squares + normaliser + F.cross_entropy(logits, c)


@mistake("multi_task_nll", says="does σ get one")
def half_of_the_gradient_of_sigma(mean, logits, log_std, y, c):
    log_std, free = log_std.detach(), log_std
    log_std = log_std + 0 * free
    squares = (((y - mean) * (-log_std).exp()) ** 2).sum(dim=1).mean()
    normaliser = y.shape[1] * (
        log_std + 0.5 * torch.log(torch.tensor(2 * torch.pi))
    )
    return 0.5 * squares + normaliser + F.cross_entropy(logits, c)


@mistake("multi_task_nll", says="clamp nothing")
def clamped_at_0(mean, logits, log_std, y, c):
    squares = (((y - mean) * (-log_std).exp()) ** 2).sum(dim=1).mean()
    normaliser = y.shape[1] * (
        log_std + 0.5 * torch.log(torch.tensor(2 * torch.pi))
    )
    return (0.5 * squares + normaliser + F.cross_entropy(logits, c)).clamp(
        min=0
    )


@mistake("multi_task_nll", says="never log(softmax(z))")
def log_of_softmax(mean, logits, log_std, y, c):
    squares = (((y - mean) * (-log_std).exp()) ** 2).sum(dim=1).mean()
    normaliser = y.shape[1] * (
        log_std + 0.5 * torch.log(torch.tensor(2 * torch.pi))
    )
    return (
        0.5 * squares
        + normaliser
        + -logits.softmax(dim=1)[torch.arange(len(c)), c].log().mean()
    )


@mistake("mse_weight", says="that is to be undone")
def no_d(log_std, d):
    return 0.5 * (-2 * log_std).exp()


@mistake("mse_weight", says="And the ½")
def no_d_and_no_half(log_std, d):
    return (-2 * log_std).exp()


@mistake("mse_weight", says="is the ½ missing")
def no_half_2(log_std, d):
    return d * (-2 * log_std).exp()


@mistake("mse_weight", says="do not divide by it")
def divided_by_d(log_std, d):
    return 0.5 / d * (-2 * log_std).exp()


@mistake("mse_weight", says="divide by σ², not by σ")
def sigma_for_sigma_2_2(log_std, d):
    return 0.5 * d * (-log_std).exp()


@mistake("mse_weight", says="take exp of it")
def log_sigma_for_sigma(log_std, d):
    return 0.5 * d / log_std**2


@mistake("mse_weight", says="that is its inverse")
def inverse(log_std, d):
    return 1 / (0.5 * d * (-2 * log_std).exp())


@mistake("mse_weight", says="the sign of log σ is flipped")
def flipped_sign_2(log_std, d):
    return 0.5 * d * (2 * log_std).exp()


@mistake("mse_weight", says="the ½ belongs below the line")
def with_2d_over_sigma_2(log_std, d):
    return 2 * d * (-2 * log_std).exp()


@mistake("mse_weight", says="for other d and σ")
def d_fixed_2(log_std, d):
    return 1.5 * (-2 * log_std).exp()


@mistake("fit_two_heads", says="σ did not move")
def sigma_not_fitted(layers, x, y, c):
    d = y.shape[1]
    layers = [layer.clone().requires_grad_() for layer in layers]
    log_std = torch.tensor(0.0, requires_grad=True)

    def loss():
        out = network(layers, x)  # (n, d + K)
        return d * gaussian_nll(
            out[:, :d], y, log_std.exp()
        ) + categorical_nll(out[:, d:], c)

    fit(layers, loss, steps=5000, optimizer="lbfgs")
    return log_std.detach().exp(), [layer.detach() for layer in layers]


@mistake("fit_two_heads", says="that is log σ")
def log_sigma_returned(layers, x, y, c):
    d = y.shape[1]
    layers = [layer.clone().requires_grad_() for layer in layers]
    log_std = torch.tensor(0.0, requires_grad=True)

    def loss():
        out = network(layers, x)  # (n, d + K)
        return d * gaussian_nll(
            out[:, :d], y, log_std.exp()
        ) + categorical_nll(out[:, d:], c)

    fit([*layers, log_std], loss, steps=5000, optimizer="lbfgs")
    return log_std.detach(), [layer.detach() for layer in layers]


@mistake("fit_two_heads", says="that is the variance")
def variance(layers, x, y, c):
    d = y.shape[1]
    layers = [layer.clone().requires_grad_() for layer in layers]
    log_std = torch.tensor(0.0, requires_grad=True)

    def loss():
        out = network(layers, x)  # (n, d + K)
        return d * gaussian_nll(
            out[:, :d], y, log_std.exp()
        ) + categorical_nll(out[:, d:], c)

    fit([*layers, log_std], loss, steps=5000, optimizer="lbfgs")
    return (2 * log_std.detach()).exp(), [
        layer.detach() for layer in layers
    ]


@mistake("fit_two_heads", says="not by n less the weights")
def n_minus_p(layers, x, y, c):
    d = y.shape[1]
    layers = [layer.clone().requires_grad_() for layer in layers]
    log_std = torch.tensor(0.0, requires_grad=True)

    def loss():
        out = network(layers, x)  # (n, d + K)
        return d * gaussian_nll(
            out[:, :d], y, log_std.exp()
        ) + categorical_nll(out[:, d:], c)

    fit([*layers, log_std], loss, steps=5000, optimizer="lbfgs")
    return log_std.detach().exp() * (len(y) / (len(y) - 6)) ** 0.5, [
        layer.detach() for layer in layers
    ]


@mistake("fit_two_heads", says="is the ½ of the squares missing beside")
def no_half_3(layers, x, y, c):
    d = y.shape[1]
    layers = [layer.clone().requires_grad_() for layer in layers]
    log_std = torch.tensor(0.0, requires_grad=True)

    def loss():
        out = network(layers, x)  # (n, d + K)
        return d * (
            F.mse_loss(out[:, :d], y) * (-2 * log_std).exp() + log_std
        ) + categorical_nll(out[:, d:], c)

    fit([*layers, log_std], loss, steps=5000, optimizer="lbfgs")
    return log_std.detach().exp(), [layer.detach() for layer in layers]


@mistake("fit_two_heads", says="and log σ has none")
def half_beside_2_log_sigma(layers, x, y, c):
    d = y.shape[1]
    layers = [layer.clone().requires_grad_() for layer in layers]
    log_std = torch.tensor(0.0, requires_grad=True)

    def loss():
        out = network(layers, x)  # (n, d + K)
        return d * (
            F.mse_loss(out[:, :d], y) * (-2 * log_std).exp() / 2
            + 2 * log_std
        ) + categorical_nll(out[:, d:], c)

    fit([*layers, log_std], loss, steps=5000, optimizer="lbfgs")
    return log_std.detach().exp(), [layer.detach() for layer in layers]


@mistake("fit_two_heads", says="the network was not trained")
def network_not_trained(layers, x, y, c):
    d = y.shape[1]
    layers = [layer.clone().requires_grad_() for layer in layers]
    log_std = torch.tensor(0.0, requires_grad=True)

    def loss():
        out = network(layers, x)  # (n, d + K)
        return d * gaussian_nll(
            out[:, :d], y, log_std.exp()
        ) + categorical_nll(out[:, d:], c)

    fit(
        [log_std],
        lambda: gaussian_nll(y.mean(dim=0).expand_as(y), y, log_std.exp()),
        steps=5000,
        optimizer="lbfgs",
    )
    return log_std.detach().exp(), [layer.detach() for layer in layers]


@mistake("fit_two_heads", says="runs off to infinity")
def weight_without_normaliser(layers, x, y, c):
    d = y.shape[1]
    layers = [layer.clone().requires_grad_() for layer in layers]
    log_std = torch.tensor(0.0, requires_grad=True)

    def loss():
        out = network(layers, x)  # (n, d + K)
        return d * F.mse_loss(out[:, :d], y) * (
            -2 * log_std
        ).exp() / 2 + categorical_nll(out[:, d:], c)

    fit([*layers, log_std], loss, steps=5000, optimizer="lbfgs")
    return log_std.detach().exp(), [layer.detach() for layer in layers]


@mistake("fit_two_heads", says="is it at the minimum")
def too_few_steps(layers, x, y, c):
    d = y.shape[1]
    layers = [layer.clone().requires_grad_() for layer in layers]
    log_std = torch.tensor(0.0, requires_grad=True)

    def loss():
        out = network(layers, x)  # (n, d + K)
        return d * gaussian_nll(
            out[:, :d], y, log_std.exp()
        ) + categorical_nll(out[:, d:], c)

    fit([*layers, log_std], loss, steps=5, optimizer="lbfgs")
    return log_std.detach().exp(), [layer.detach() for layer in layers]


@mistake("fit_two_heads", says="the first d outputs are the means")
def logits_first(layers, x, y, c):
    d = y.shape[1]
    layers = [layer.clone().requires_grad_() for layer in layers]
    log_std = torch.tensor(0.0, requires_grad=True)

    def loss():
        out = network(layers, x).roll(1, dims=1)  # (n, d + K)
        return d * gaussian_nll(
            out[:, :d], y, log_std.exp()
        ) + categorical_nll(out[:, d:], c)

    fit([*layers, log_std], loss, steps=5000, optimizer="lbfgs")
    return log_std.detach().exp(), [layer.detach() for layer in layers]


@mistake(
    "fit_two_heads", says="categorical_nll takes logits, without softmax"
)
def softmax_twice_2(layers, x, y, c):
    d = y.shape[1]
    layers = [layer.clone().requires_grad_() for layer in layers]
    log_std = torch.tensor(0.0, requires_grad=True)

    def loss():
        out = network(layers, x)  # (n, d + K)
        return d * gaussian_nll(
            out[:, :d], y, log_std.exp()
        ) + categorical_nll(out[:, d:].softmax(dim=1), c)

    fit([*layers, log_std], loss, steps=5000, optimizer="lbfgs")
    return log_std.detach().exp(), [layer.detach() for layer in layers]


@mistake("fit_two_heads", says="counts twice beside")
def exp_minus_s_mse_s(layers, x, y, c):
    d = y.shape[1]
    layers = [layer.clone().requires_grad_() for layer in layers]
    log_std = torch.tensor(0.0, requires_grad=True)

    def loss():
        out = network(layers, x)  # (n, d + K)
        return 2 * gaussian_nll(
            out[:, :d], y, log_std.exp()
        ) + categorical_nll(out[:, d:], c)

    fit([*layers, log_std], loss, steps=5000, optimizer="lbfgs")
    return log_std.detach().exp(), [layer.detach() for layer in layers]


@mistake("fit_two_heads", says="counts half beside")
def half_the_gaussian_part(layers, x, y, c):
    d = y.shape[1]
    layers = [layer.clone().requires_grad_() for layer in layers]
    log_std = torch.tensor(0.0, requires_grad=True)

    def loss():
        out = network(layers, x)  # (n, d + K)
        return 0.5 * gaussian_nll(
            out[:, :d], y, log_std.exp()
        ) + categorical_nll(out[:, d:], c)

    fit([*layers, log_std], loss, steps=5000, optimizer="lbfgs")
    return log_std.detach().exp(), [layer.detach() for layer in layers]


@mistake("fit_two_heads", says="the cross-entropy is summed")
def cross_entropy_summed_2(layers, x, y, c):
    d = y.shape[1]
    layers = [layer.clone().requires_grad_() for layer in layers]
    log_std = torch.tensor(0.0, requires_grad=True)

    def loss():
        out = network(layers, x)  # (n, d + K)
        return d * gaussian_nll(
            out[:, :d], y, log_std.exp()
        ) + categorical_nll(out[:, d:], c, reduction="sum")

    fit([*layers, log_std], loss, steps=5000, optimizer="lbfgs")
    return log_std.detach().exp(), [layer.detach() for layer in layers]


@mistake("fit_two_heads", says="the Gaussian part is summed")
def gaussian_part_summed_2(layers, x, y, c):
    d = y.shape[1]
    layers = [layer.clone().requires_grad_() for layer in layers]
    log_std = torch.tensor(0.0, requires_grad=True)

    def loss():
        out = network(layers, x)  # (n, d + K)
        return 178 * gaussian_nll(
            out[:, :d], y, log_std.exp()
        ) + categorical_nll(out[:, d:], c)

    fit([*layers, log_std], loss, steps=5000, optimizer="lbfgs")
    return log_std.detach().exp(), [layer.detach() for layer in layers]


@mistake("fit_two_heads", says="trained with the weight 1")
def weight_1_and_sigma_afterwards(layers, x, y, c):
    d = y.shape[1]
    layers = [layer.clone().requires_grad_() for layer in layers]
    log_std = torch.tensor(0.0, requires_grad=True)

    def loss():
        out = network(layers, x)  # (n, d + K)
        return d * gaussian_nll(
            out[:, :d], y, log_std.exp()
        ) + categorical_nll(out[:, d:], c)

    fit([*layers, log_std], loss, steps=5000, optimizer="lbfgs")

    def fixed():
        out = network(layers, x)
        return F.mse_loss(out[:, :d], y) + categorical_nll(out[:, d:], c)

    fit(layers, fixed, steps=5000, optimizer="lbfgs")
    return F.mse_loss(network(layers, x)[:, :d], y).sqrt().detach(), [
        layer.detach() for layer in layers
    ]


@mistake("fit_two_heads", says="trained with the weight ½")
def weight_half_and_sigma_afterwards(layers, x, y, c):
    d = y.shape[1]
    layers = [layer.clone().requires_grad_() for layer in layers]
    log_std = torch.tensor(0.0, requires_grad=True)

    def loss():
        out = network(layers, x)  # (n, d + K)
        return d * gaussian_nll(
            out[:, :d], y, log_std.exp()
        ) + categorical_nll(out[:, d:], c)

    fit([*layers, log_std], loss, steps=5000, optimizer="lbfgs")

    def fixed():
        out = network(layers, x)
        return F.mse_loss(out[:, :d], y) / 2 + categorical_nll(
            out[:, d:], c
        )

    fit(layers, fixed, steps=5000, optimizer="lbfgs")
    return F.mse_loss(network(layers, x)[:, :d], y).sqrt().detach(), [
        layer.detach() for layer in layers
    ]


@mistake("fit_two_heads", says="in another unit")
def fixed_weight_of_these_wines(layers, x, y, c):
    d = y.shape[1]
    layers = [layer.clone().requires_grad_() for layer in layers]
    log_std = torch.tensor(0.0, requires_grad=True)

    def loss():
        out = network(layers, x)  # (n, d + K)
        return d * gaussian_nll(
            out[:, :d], y, log_std.exp()
        ) + categorical_nll(out[:, d:], c)

    fit([*layers, log_std], loss, steps=5000, optimizer="lbfgs")

    def fixed():
        out = network(layers, x)
        return 11.9833 * F.mse_loss(out[:, :d], y) + categorical_nll(
            out[:, d:], c
        )

    fit(layers, fixed, steps=5000, optimizer="lbfgs")
    return F.mse_loss(network(layers, x)[:, :d], y).sqrt().detach(), [
        layer.detach() for layer in layers
    ]


@mistake("fit_two_heads", says="with d = 2")
def no_factor_d(layers, x, y, c):
    d = y.shape[1]
    layers = [layer.clone().requires_grad_() for layer in layers]
    log_std = torch.tensor(0.0, requires_grad=True)

    def loss():
        out = network(layers, x)  # (n, d + K)
        return gaussian_nll(out[:, :d], y, log_std.exp()) + categorical_nll(
            out[:, d:], c
        )

    fit([*layers, log_std], loss, steps=5000, optimizer="lbfgs")
    return log_std.detach().exp(), [layer.detach() for layer in layers]
