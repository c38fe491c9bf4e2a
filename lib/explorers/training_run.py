import math

import altair as alt
import numpy as np

from lib.explorers.common import axis, curve, dot, explorer, new_sample, points, readout, rule, samples, slider
from lib.plotting import LOSS, MODEL, TRUTH

FEATURES = 16  # cosines; feature k has the size (1 + k/2)^(-1.5), so that slow waves are learned first
LAST = 12  # 2 to the LAST epochs


def training_run(noise, new_noise):
    """Slide the epoch of a gradient descent on 16 cosines: the fit, and training and held-out NLL beside the oracle's.

    With the cosines orthogonal on the inputs, t steps of gradient descent on half the sum of squares are a formula:
    coefficient k has come the share 1 - (1 - s²)ᵗ of its way, s being the size of the feature.

    Parameters
    ----------
    noise, new_noise : arrays, shape (samples, n): the standard normal noise of the training and of the held-out
        targets at n equally spaced inputs in (-2, 2), around sin 2x. With n = 20 two decimals hold the inputs
        exactly.
    """
    n = len(noise[0])
    x = np.broadcast_to(-2 + 4 * (np.arange(n) + 0.5) / n, np.shape(noise))
    data = samples(2, x=x, e=np.round(noise, 2), new=np.round(new_noise, 2)).transform_calculate(
        y="sin(2 * datum.x) + sigma * datum.e", z="sin(2 * datum.x) + sigma * datum.new"
    )
    wave = f"{math.sqrt(2 / n):.12f} * cos({math.pi / 4:.12f} * datum.k * (datum.x + 2))"
    cosine = f"(datum.k == 0 ? {math.sqrt(1 / n):.12f} : {wave})"
    size = "pow(1 + datum.k / 2, -3)"  # s²
    wide = data.transform_calculate(yy="datum.y * datum.y", zz="datum.z * datum.z", k=f"sequence({FEATURES})")
    wide = wide.transform_joinaggregate(yy="sum(yy)", zz="sum(zz)").transform_flatten(["k"])
    wide = wide.transform_calculate(cy=f"{cosine} * datum.y", cz=f"{cosine} * datum.z")
    wide = wide.transform_aggregate(c="sum(cy)", v="sum(cz)", yy="mean(yy)", zz="mean(zz)", groupby=["k"])

    def at(chart, epoch):
        """Training and held-out NLL of the epoch, by the sums over the coefficients."""
        share = f"(1 - pow(1 - {size}, {epoch}))"
        return (
            chart.transform_calculate(
                seen=f"datum.c * datum.c * {share} * (2 - {share})",
                unseen=f"{share} * datum.c * (2 * datum.v - {share} * datum.c)",
            )
            .transform_aggregate(
                seen="sum(seen)", unseen="sum(unseen)", yy="mean(yy)", zz="mean(zz)", groupby=["epoch"]
            )
            .transform_calculate(var=f"(datum.yy - datum.seen) / {n}", error=f"(datum.zz - datum.unseen) / {n}")
            .transform_calculate(std="sqrt(datum.var)", train=f"log({2 * math.pi * math.e:.12f} * datum.var) / 2")
            .transform_calculate(
                held=f"datum.error / (2 * datum.var) + log({2 * math.pi:.12f} * datum.var) / 2",
                oracle=f"log({2 * math.pi * math.e:.12f} * sigma * sigma) / 2",
            )
        )

    here = at(wide.transform_calculate(epoch="pow(2, power)"), "datum.epoch")
    grid = wide.transform_calculate(half=f"sequence(0, {4 * LAST + 1})").transform_flatten(["half"])
    grid = at(grid.transform_calculate(epoch="pow(2, datum.half / 4)"), "datum.epoch")
    fit = wide.transform_calculate(xs="sequence(-2, 2.01, 0.05)").transform_flatten(["xs"], as_=["x"])
    fit = fit.transform_calculate(part=f"datum.c * (1 - pow(1 - {size}, pow(2, power))) * {cosine}")
    fit = fit.transform_aggregate(fit="sum(part)", groupby=["x"])
    truth = alt.Chart(alt.sequence(-2, 2.01, 0.05, as_="x")).transform_calculate(y="sin(2 * datum.x)")

    across, up = axis(alt.X, "x", "x", [-2, 2]), axis(alt.Y, "y", None, [-2.5, 2.5])
    left = alt.layer(
        curve(truth, across, up, TRUTH, strokeDash=[6, 4]),
        curve(fit, across, axis(alt.Y, "fit", None, [-2.5, 2.5])),
        points(data, across, up, clip=True),
    )
    epochs = alt.X(
        "epoch:Q",
        title="epoch",
        scale=alt.Scale(type="log", base=2, domain=[1, 2**LAST]),
        axis=alt.Axis(values=[1, 8, 64, 512, 4096]),
    )
    train, held, oracle = (axis(alt.Y, name, None, [-0.5, 3]) for name in ("train", "held", "oracle"))
    right = alt.layer(
        here.mark_rule(color=TRUTH, strokeDash=[6, 4], strokeWidth=2).encode(y=oracle),
        curve(grid, epochs, train, MODEL),
        curve(grid, epochs, held, LOSS, strokeDash=[8, 3, 2, 3]),
        rule(here, x=epochs),
        dot(here, epochs, train, MODEL, clip=True),
        dot(here, epochs, held, LOSS, clip=True),
    )
    return explorer(
        readout(
            here,
            "training NLL = {train:.4f}, held-out NLL = {held:.4f} nats",
            "σ̂ = {std:.3f}, truth {oracle:.4f} nats",
        ),
        left.properties(title="data, truth (dashed) and fit", height=220),
        right.properties(title="NLL: training —, held-out –·", height=220),
        name="training_run",
        params=[
            slider("power", "epochs: 2 to the (power)", 0, LAST, 1, 5),
            slider("sigma", "σ of the noise (y)", 0.2, 1, 0.1, 0.5),
            new_sample(len(noise)),
        ],
        description="Left, noisy points around a dashed wave, and the fit after the epochs that are set. Right, "
        "training and held-out NLL against the epoch on a logarithmic axis, with the truth's as a dashed line. "
        "Controls set the epoch and the noise, and draw new data. With more epochs the training curve falls below "
        "the dashed line, the held-out curve turns and rises, and the fit begins to run through the points.",
    )
