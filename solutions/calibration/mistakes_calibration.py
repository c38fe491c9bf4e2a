"""Wrong answers to calibration.ipynb: what each stands in for, and words of the hint that it must get."""

from course.mistakes import mistake


@mistake(
    "undo_weights", says="the weights are still in: this is softmax(z)"
)
def nothing_undone(logits, weights):
    return logits.softmax(1)


@mistake("undo_weights", says="applied twice")
def weights_added(logits, weights):
    return (logits + weights.log()).softmax(1)


@mistake("undo_weights", says="not w but log w")
def weights_subtracted(logits, weights):
    return (logits - weights).softmax(1)


@mistake("undo_weights", says="a logit is not divided by w")
def logits_divided(logits, weights):
    return (logits / weights).softmax(1)


@mistake("undo_weights", says="no longer sum to 1")
def not_normalised(logits, weights):
    return logits.softmax(1) / weights


@mistake("undo_weights", says="softmax over the rows")
def other_axis(logits, weights):
    return (logits - weights.log()).softmax(0)


@mistake("undo_weights", says="their softmax is missing")
def logits_returned(logits, weights):
    return logits - weights.log()


@mistake("undo_weights", says="logarithms of probabilities")
def log_probabilities(logits, weights):
    return (logits - weights.log()).log_softmax(1)


@mistake("undo_weights", says="softmax, not sigmoid")
def one_against_the_rest(logits, weights):
    return (logits - weights.log()).sigmoid()


@mistake("undo_weights", says="not log2")
def in_bits(logits, weights):
    return (logits - weights.log2()).softmax(1)


@mistake("undo_weights", says="came off the probabilities")
def off_the_probabilities(logits, weights):
    return (logits.softmax(1) - weights.log()).softmax(1)


@mistake("undo_weights", says="logarithms of probabilities")
def nothing_undone_and_logarithms(logits, weights):
    return logits.log_softmax(1)


@mistake(
    "undo_weights", says="two things at once: the weights are still in"
)
def nothing_undone_and_sigmoid(logits, weights):
    return logits.sigmoid()


@mistake("undo_weights", says="two things at once: log w is to be")
def added_and_sigmoid(logits, weights):
    return (logits + weights.log()).sigmoid()


@mistake("undo_weights", says="exp of a logit overflows")
def exp_as_written(logits, weights):
    q = logits.exp() / weights
    return q / q.sum(1, keepdim=True)


@mistake("undo_weights", says="a factor of all weights must drop out")
def sums_of_known_weights(logits, weights):
    q = logits.softmax(1) / weights
    total = q.sum(1, keepdim=True)
    return q / total * (7.5 / weights.sum())


def best_T(cost, low=0.01, high=100.0):
    found = minimize_scalar(
        lambda s: float(cost(math.exp(s))),
        bounds=(math.log(low), math.log(high)),
        method="bounded",
        options={"xatol": 1e-9},
    )
    return math.exp(found.x)


@mistake("fit_temperature", says="this is β = 1/T")
def multiplied(logits, y):
    return best_T(lambda T: F.cross_entropy(logits * T, y))


@mistake("fit_temperature", says="this is log T")
def log_returned(logits, y):
    return math.log(best_T(lambda T: F.cross_entropy(logits / T, y)))


@mistake("fit_temperature", says="two things at once")
def log_of_beta(logits, y):
    return math.log(best_T(lambda T: F.cross_entropy(logits * T, y)))


@mistake("fit_temperature", says="this is T²")
def variance_instead(logits, y):
    return best_T(lambda v: F.cross_entropy(logits / v**0.5, y), 1e-4, 1e4)


@mistake("fit_temperature", says="T below 1 was not tried")
def never_sharper(logits, y):
    return best_T(lambda T: F.cross_entropy(logits / T, y), low=1.0)


@mistake("fit_temperature", says="T above 5 was not tried")
def never_above_five(logits, y):
    return best_T(lambda T: F.cross_entropy(logits / T, y), high=5.0)


@mistake("fit_temperature", says="two things at once")
def from_one_to_five(logits, y):
    return best_T(lambda T: F.cross_entropy(logits / T, y), 1.0, 5.0)


@mistake("fit_temperature", says="A grid has too few digits")
def coarse_grid(logits, y):
    grid = [k / 10 for k in range(1, 1001)]
    return min(grid, key=lambda T: F.cross_entropy(logits / T, y).item())


@mistake("fit_temperature", says="softmax twice")
def softmax_twice(logits, y):
    return best_T(lambda T: F.cross_entropy(logits.softmax(1) / T, y))


@mistake("fit_temperature", says="lowest Brier score")
def by_brier(logits, y):
    def cost(T):
        p = (logits / T).softmax(1)
        return (p - F.one_hot(y, p.shape[1])).square().sum(1).mean()

    return best_T(cost)


@mistake("fit_temperature", says="the labels do not enter")
def own_answers(logits, y):
    return best_T(lambda T: F.cross_entropy(logits / T, logits.argmax(1)))


@mistake("fit_temperature", says="this is the NLL at the best T")
def value_returned(logits, y):
    T = best_T(lambda T: F.cross_entropy(logits / T, y))
    return F.cross_entropy(logits / T, y).item()


@mistake("fit_temperature", says="nothing was fitted")
def not_fitted(logits, y):
    return 1.0


@mistake("fit_temperature", says="has the search arrived?")
def few_steps(logits, y):
    log_T = torch.zeros((), requires_grad=True)
    optimiser = torch.optim.SGD([log_T], lr=0.01)
    for _ in range(50):
        optimiser.zero_grad()
        F.cross_entropy(logits / log_T.exp(), y).backward()
        optimiser.step()
    return log_T.exp().item()


@mistake("fit_temperature", says="return that end")
def ends_unknown(logits, y):
    return best_T(lambda T: F.cross_entropy(logits / T, y), 1e-4, 1e4)


@mistake("fit_temperature", says="large logits")
def overflows(logits, y):
    if logits.abs().max() < 1000:
        return best_T(lambda T: F.cross_entropy(logits / T, y))

    def cost(T):
        e = (logits / T).exp()
        return -(e / e.sum(1, keepdim=True))[range(len(y)), y].log().mean()

    return best_T(cost)


def corrected(logits, weights, T):
    return (logits - weights.log()) / T


@mistake("held_out_nll", says="you summed")
def summed(logits, y, weights, T):
    z = corrected(logits, weights, T)
    return F.cross_entropy(z, y, reduction="sum")


@mistake("held_out_nll", says="the sign is flipped")
def log_likelihood(logits, y, weights, T):
    return -F.cross_entropy(corrected(logits, weights, T), y)


@mistake("held_out_nll", says="two things at once")
def summed_and_flipped(logits, y, weights, T):
    z = corrected(logits, weights, T)
    return -F.cross_entropy(z, y, reduction="sum")


@mistake("held_out_nll", says="not log2")
def nll_in_bits(logits, y, weights, T):
    return F.cross_entropy(corrected(logits, weights, T), y) / math.log(2)


@mistake("held_out_nll", says="first log w, then T")
def other_order(logits, y, weights, T):
    return F.cross_entropy(logits / T - weights.log(), y)


@mistake("held_out_nll", says="the weights are still in")
def weights_forgotten(logits, y, weights, T):
    return F.cross_entropy(logits / T, y)


@mistake("held_out_nll", says="the weights are in twice")
def weights_twice(logits, y, weights, T):
    return F.cross_entropy((logits + weights.log()) / T, y)


@mistake("held_out_nll", says="T is missing")
def temperature_forgotten(logits, y, weights, T):
    return F.cross_entropy(logits - weights.log(), y)


@mistake("held_out_nll", says="weights and T are missing")
def as_it_came(logits, y, weights, T):
    return F.cross_entropy(logits, y)


@mistake("held_out_nll", says="divided by T, not multiplied")
def times_T(logits, y, weights, T):
    return F.cross_entropy((logits - weights.log()) * T, y)


@mistake("held_out_nll", says="judge another world")
def weighted_mean(logits, y, weights, T):
    return F.cross_entropy(corrected(logits, weights, T), y, weights)


@mistake("held_out_nll", says="divided by n")
def weighted_sum_by_n(logits, y, weights, T):
    z = corrected(logits, weights, T)
    each = F.cross_entropy(z, y, weights, reduction="none")
    return each.mean()


@mistake("held_out_nll", says="softmax twice")
def probabilities_as_logits(logits, y, weights, T):
    return F.cross_entropy(corrected(logits, weights, T).softmax(1), y)


@mistake("held_out_nll", says="average the logarithms")
def log_of_the_mean(logits, y, weights, T):
    p = corrected(logits, weights, T).softmax(1)
    return -p[range(len(y)), y].mean().log()


@mistake("held_out_nll", says="the linear score")
def linear_score(logits, y, weights, T):
    p = corrected(logits, weights, T).softmax(1)
    return 1 - p[range(len(y)), y].mean()


@mistake("held_out_nll", says="this is the Brier score")
def brier_score(logits, y, weights, T):
    p = corrected(logits, weights, T).softmax(1)
    return (p - F.one_hot(y, p.shape[1])).square().sum(1).mean()


@mistake("held_out_nll", says="no clamp and no + ε")
def probability_clamped(logits, y, weights, T):
    p = corrected(logits, weights, T).softmax(1)[range(len(y)), y]
    return -p.clamp(min=1e-12).log().mean()


@mistake("held_out_nll", says="no clamp and no + ε")
def log_of_softmax(logits, y, weights, T):
    p = corrected(logits, weights, T).softmax(1)
    return -p[range(len(y)), y].log().mean()
