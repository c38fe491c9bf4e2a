"""Wrong answers to sequences_preferences.ipynb: what each stands in for, and words of the hint that it must get."""

from course.mistakes import mistake


@mistake("best_policy", says="where is π_ref?")
def no_reference(log_ref, reward, beta):
    return F.log_softmax(reward / beta, dim=1)


@mistake("best_policy", says="β divides the reward")
def beta_multiplies(log_ref, reward, beta):
    return F.log_softmax(log_ref + beta * reward, dim=1)


@mistake("best_policy", says="a β is missing")
def no_beta(log_ref, reward, beta):
    return F.log_softmax(log_ref + reward, dim=1)


@mistake("best_policy", says="1/Z is missing")
def no_normaliser(log_ref, reward, beta):
    return log_ref + reward / beta


@mistake("best_policy", says="two things at once: β divides")
def beta_multiplies_and_no_normaliser(log_ref, reward, beta):
    return log_ref + beta * reward


@mistake("best_policy", says="two things at once: where is π_ref?")
def reward_alone(log_ref, reward, beta):
    return reward / beta


@mistake("best_policy", says="the sign is flipped")
def lowest_reward(log_ref, reward, beta):
    return F.log_softmax(log_ref - reward / beta, dim=1)


@mistake("best_policy", says="not over the prompts")
def over_prompts(log_ref, reward, beta):
    return F.log_softmax(log_ref + reward / beta, dim=0)


@mistake("best_policy", says="each prompt has its own")
def one_normaliser(log_ref, reward, beta):
    logits = log_ref + reward / beta
    return logits - logits.flatten().logsumexp(0)


@mistake("best_policy", says="π_ref is added as a probability")
def reference_as_probability(log_ref, reward, beta):
    return F.log_softmax(log_ref.exp() + reward / beta, dim=1)


@mistake("best_policy", says="their logarithms are asked")
def probabilities(log_ref, reward, beta):
    return F.softmax(log_ref + reward / beta, dim=1)


@mistake("best_policy", says="stay in logarithms")
def by_exp(log_ref, reward, beta):
    weight = log_ref.exp() * torch.exp(reward / beta)
    return (weight / weight.sum(1, keepdim=True)).log()


@mistake("best_policy", says="exp underflows, or a + ε stops it")
def with_epsilon(log_ref, reward, beta):
    logits = log_ref + reward / beta
    exact = F.log_softmax(logits, dim=1)
    return torch.where(exact < -1e4, exact, exact.clamp(min=-700))


@mistake("best_policy", says="π* is 0 where π_ref is")
def reference_clamped(log_ref, reward, beta):
    logits = log_ref.clamp(min=-20) + reward / beta
    return F.log_softmax(logits, dim=1)


def token_log_prob(logits, y):
    nll = F.cross_entropy(logits.transpose(1, 2), y, reduction="none")
    return -nll


@mistake("answer_log_prob", says="not the mean over its tokens")
def mean_over_tokens(logits, y):
    return token_log_prob(logits, y).sum(1) / (y >= 0).sum(1)


@mistake("answer_log_prob", says="the mean over all places")
def mean_over_places(logits, y):
    return token_log_prob(logits, y).mean(1)


@mistake("answer_log_prob", says="two things at once")
def mean_nll(logits, y):
    return -token_log_prob(logits, y).sum(1) / (y >= 0).sum(1)


@mistake("answer_log_prob", says="this is the NLL")
def nll_of_an_answer(logits, y):
    return -token_log_prob(logits, y).sum(1)


@mistake("answer_log_prob", says="not log2")
def in_bits(logits, y):
    return token_log_prob(logits, y).sum(1) / math.log(2)


@mistake("answer_log_prob", says="padding counts, as token 0")
def padding_is_token_0(logits, y):
    return token_log_prob(logits, y.clamp(min=0)).sum(1)


@mistake("answer_log_prob", says="padding counts, as the last token")
def padding_is_the_last_token(logits, y):
    last = logits.shape[2] - 1
    return token_log_prob(logits, torch.where(y < 0, last, y)).sum(1)


@mistake("answer_log_prob", says="padding counts; and the sign")
def padding_counts_and_flipped(logits, y):
    return -token_log_prob(logits, y.clamp(min=0)).sum(1)


@mistake("answer_log_prob", says="logits are no log-probabilities")
def logits_added(logits, y):
    at = y.clamp(min=0)[:, :, None]
    return (logits.gather(2, at)[:, :, 0] * (y >= 0)).sum(1)


@mistake("answer_log_prob", says="normalised over the places")
def softmax_over_places(logits, y):
    at = y.clamp(min=0)[:, :, None]
    p = F.log_softmax(logits, dim=1)
    return (p.gather(2, at)[:, :, 0] * (y >= 0)).sum(1)


@mistake("answer_log_prob", says="normalised over the answers")
def softmax_over_answers(logits, y):
    at = y.clamp(min=0)[:, :, None]
    p = F.log_softmax(logits, dim=0)
    return (p.gather(2, at)[:, :, 0] * (y >= 0)).sum(1)


@mistake("answer_log_prob", says="probabilities were added")
def probabilities_added(logits, y):
    return (token_log_prob(logits, y).exp() * (y >= 0)).sum(1)


@mistake("answer_log_prob", says="one number for the batch")
def summed_over_the_batch(logits, y):
    return token_log_prob(logits, y).sum()


@mistake("answer_log_prob", says="and its sign")
def nll_of_the_batch(logits, y):
    return F.cross_entropy(logits.transpose(1, 2), y, reduction="sum")


@mistake("answer_log_prob", says="log_softmax keeps")
def log_of_softmax(logits, y):
    at = y.clamp(min=0)[:, :, None]
    p = logits.softmax(2).gather(2, at)[:, :, 0].clamp(min=1e-300)
    return (p.log() * (y >= 0)).sum(1)


@mistake("answer_log_prob", says="no gradient flows")
def detached(logits, y):
    return token_log_prob(logits, y).sum(1).detach()


def difference(chosen, rejected, ref_chosen, ref_rejected):
    return (chosen - ref_chosen) - (rejected - ref_rejected)


@mistake("dpo_loss", says="where is π_ref?")
def without_reference(chosen, rejected, ref_chosen, ref_rejected, beta):
    return -F.logsigmoid(beta * (chosen - rejected)).mean()


@mistake("dpo_loss", says="a β is missing")
def without_beta(chosen, rejected, ref_chosen, ref_rejected, beta):
    m = difference(chosen, rejected, ref_chosen, ref_rejected)
    return -F.logsigmoid(m).mean()


@mistake("dpo_loss", says="β multiplies the margin")
def beta_divides(chosen, rejected, ref_chosen, ref_rejected, beta):
    m = difference(chosen, rejected, ref_chosen, ref_rejected)
    return -F.logsigmoid(m / beta).mean()


@mistake("dpo_loss", says="π_ref and β are missing")
def reward_model(chosen, rejected, ref_chosen, ref_rejected, beta):
    return -F.logsigmoid(chosen - rejected).mean()


@mistake("dpo_loss", says="have changed places")
def swapped(chosen, rejected, ref_chosen, ref_rejected, beta):
    m = difference(rejected, chosen, ref_rejected, ref_chosen)
    return -F.logsigmoid(beta * m).mean()


@mistake("dpo_loss", says="two things at once: no π_ref")
def swapped_no_reference(chosen, rejected, ref_chosen, ref_rejected, beta):
    return -F.logsigmoid(beta * (rejected - chosen)).mean()


@mistake("dpo_loss", says="two things at once: you summed")
def swapped_and_summed(chosen, rejected, ref_chosen, ref_rejected, beta):
    m = difference(rejected, chosen, ref_rejected, ref_chosen)
    return -F.logsigmoid(beta * m).sum()


@mistake("dpo_loss", says="must be subtracted")
def reference_added(chosen, rejected, ref_chosen, ref_rejected, beta):
    m = chosen + ref_chosen - rejected - ref_rejected
    return -F.logsigmoid(beta * m).mean()


@mistake("dpo_loss", says="the rejected answer's reference")
def one_sign(chosen, rejected, ref_chosen, ref_rejected, beta):
    m = chosen - ref_chosen - rejected - ref_rejected
    return -F.logsigmoid(beta * m).mean()


@mistake("dpo_loss", says="you summed")
def summed(chosen, rejected, ref_chosen, ref_rejected, beta):
    m = difference(chosen, rejected, ref_chosen, ref_rejected)
    return -F.logsigmoid(beta * m).sum()


@mistake("dpo_loss", says="this is the log-likelihood")
def log_likelihood(chosen, rejected, ref_chosen, ref_rejected, beta):
    m = difference(chosen, rejected, ref_chosen, ref_rejected)
    return F.logsigmoid(beta * m).mean()


@mistake("dpo_loss", says="the mean is taken before")
def mean_margin(chosen, rejected, ref_chosen, ref_rejected, beta):
    m = difference(chosen, rejected, ref_chosen, ref_rejected)
    return -F.logsigmoid(beta * m.mean())


@mistake("dpo_loss", says="the sigmoid is missing")
def minus_margin(chosen, rejected, ref_chosen, ref_rejected, beta):
    m = difference(chosen, rejected, ref_chosen, ref_rejected)
    return -(beta * m).mean()


@mistake("dpo_loss", says="the logarithm is missing")
def no_logarithm(chosen, rejected, ref_chosen, ref_rejected, beta):
    m = difference(chosen, rejected, ref_chosen, ref_rejected)
    return -torch.sigmoid(beta * m).mean()


@mistake("dpo_loss", says="average the losses")
def log_of_the_mean(chosen, rejected, ref_chosen, ref_rejected, beta):
    m = difference(chosen, rejected, ref_chosen, ref_rejected)
    return -torch.sigmoid(beta * m).mean().log()


@mistake("dpo_loss", says="NLL of the chosen answers")
def fine_tuning(chosen, rejected, ref_chosen, ref_rejected, beta):
    return -chosen.mean()


@mistake("dpo_loss", says="log(sigmoid) overflows")
def log_of_sigmoid(chosen, rejected, ref_chosen, ref_rejected, beta):
    m = difference(chosen, rejected, ref_chosen, ref_rejected)
    return -torch.log(torch.sigmoid(beta * m)).mean()


@mistake("dpo_loss", says="and no clamp")
def clamped(chosen, rejected, ref_chosen, ref_rejected, beta):
    m = difference(chosen, rejected, ref_chosen, ref_rejected)
    return -F.logsigmoid((beta * m).clamp(-100, 100)).mean()
