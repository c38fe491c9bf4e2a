"""Wrong answers to ce.ipynb: what each stands in for, and words of the hint that it must get."""

from course.mistakes import mistake


@mistake("categorical_nll", says="is the softmax applied twice")
def two_softmaxes(logits, y):
    logits = logits.softmax(1)
    return (
        torch.logsumexp(logits, dim=1) - logits.gather(1, y[:, None])[:, 0]
    ).mean()


@mistake("categorical_nll", says="you summed")
def sum_for_mean(logits, y):
    return (
        torch.logsumexp(logits, dim=1) - logits.gather(1, y[:, None])[:, 0]
    ).sum()


@mistake("categorical_nll", says="not over the n · K logits")
def mean_over_everything(logits, y):
    return (
        torch.logsumexp(logits, dim=1) - logits.gather(1, y[:, None])[:, 0]
    ).sum() / logits.numel()


@mistake("categorical_nll", says="−log is missing")
def probability(logits, y):
    return logits.softmax(1).gather(1, y[:, None]).mean()


@mistake("categorical_nll", says="average the logarithms")
def log_of_the_mean(logits, y):
    return -logits.softmax(1).gather(1, y[:, None]).mean().log()


@mistake("categorical_nll", says="the sign is flipped")
def flipped_sign(logits, y):
    return -(
        torch.logsumexp(logits, dim=1) - logits.gather(1, y[:, None])[:, 0]
    ).mean()


@mistake("categorical_nll", says="not over the examples")
def over_the_examples(logits, y):
    return -logits.log_softmax(0).gather(1, y[:, None]).mean()


@mistake("categorical_nll", says="Logits are no log-probabilities")
def no_normaliser(logits, y):
    return (0 - logits.gather(1, y[:, None])[:, 0]).mean()


@mistake("categorical_nll", says="where it should be finite")
def overflow(logits, y):
    return (
        logits.exp().sum(1).log() - logits.gather(1, y[:, None])[:, 0]
    ).mean()


@mistake("categorical_nll", says="shape (4,), wanted ()")
def pointwise(logits, y):
    return (
        torch.logsumexp(logits, dim=1) - logits.gather(1, y[:, None])[:, 0]
    )


@mistake("soft_nll", says="the most likely class alone")
def hard(logits, q):
    q = torch.eye(q.shape[1])[q.argmax(1)]
    return -(q * torch.log_softmax(logits, dim=1)).sum(dim=1).mean()


@mistake("soft_nll", says="the entropy of q")
def kl(logits, q):
    return (
        (torch.xlogy(q, q) - q * torch.log_softmax(logits, dim=1))
        .sum(dim=1)
        .mean()
    )


@mistake("soft_nll", says="have changed places")
def changed_places(logits, q):
    return (
        -(logits.softmax(1) * q.clamp(min=1e-300).log()).sum(dim=1).mean()
    )


@mistake("soft_nll", says="a mean over classes")
def mean_over_classes(logits, q):
    return -(q * torch.log_softmax(logits, dim=1)).mean()


@mistake("soft_nll", says="you summed over the examples")
def sum_over_examples(logits, q):
    return -(q * torch.log_softmax(logits, dim=1)).sum(dim=1).sum()


@mistake("soft_nll", says="the softmax is missing")
def no_softmax(logits, q):
    return -(q * logits).sum(dim=1).mean()


@mistake("soft_nll", says="the sign is flipped")
def flipped_sign_2(logits, q):
    return (q * torch.log_softmax(logits, dim=1)).sum(dim=1).mean()


@mistake("soft_nll", says="stands inside the sum")
def logarithm_outside(logits, q):
    return -(q * torch.softmax(logits, dim=1)).sum(dim=1).log().mean()


@mistake("soft_nll", says="where it should be finite")
def log_of_softmax(logits, q):
    return -(q * torch.softmax(logits, dim=1).log()).sum(dim=1).mean()


@mistake("tempered", says="divide by T")
def multiplied(logits, T):
    return torch.softmax(logits * T, dim=1)


@mistake("tempered", says="sum to 1 again")
def divided_after(logits, T):
    return torch.softmax(logits, dim=1) / T


@mistake("tempered", says="these are log-probabilities")
def log(logits, T):
    return torch.log_softmax(logits / T, dim=1)


@mistake("tempered", says="runs along it")
def other_axis(logits, T):
    return torch.softmax(logits / T, dim=0)


@mistake("tempered", says="T has no effect")
def subtracted(logits, T):
    return torch.softmax(logits - T, dim=1)


@mistake("tempered", says="where it should be finite")
def overflow_2(logits, T):
    return (logits / T).exp() / (logits / T).exp().sum(1, keepdim=True)


@mistake("categorical_nll", says="two things at once: you summed")
def log_likelihood_summed(logits, y):
    return -torch.nn.functional.cross_entropy(logits, y, reduction="sum")
