import math

import altair as alt

from lib.explorers.common import HALF_LOG_2PI, axis, curve, explorer, readout, slider
from lib.plotting import LOSS, MODEL, OTHER, TRUTH

LIMIT, STEP = 24, 0.1  # where the integrals end, and their step: both are sums over a grid
WIDTH = 0.5  # the standard deviation of each peak


def two_peaks():
    """Lay one normal q over a target p with two peaks: forward and reverse KL, and what each y adds to them."""
    grid = (
        alt.Chart(alt.sequence(-LIMIT, LIMIT + STEP / 2, STEP, as_="y"))
        .transform_calculate(
            a=f"-pow((datum.y - gap) / {WIDTH}, 2) / 2",
            b=f"-pow((datum.y + gap) / {WIDTH}, 2) / 2",
            logq=f"-pow((datum.y - mean) / std, 2) / 2 - log(std) - {HALF_LOG_2PI:.12f}",
        )
        .transform_calculate(top="max(datum.a, datum.b)")
        .transform_calculate(
            logp="datum.top + log(exp(datum.a - datum.top) + exp(datum.b - datum.top))"
            f" - {math.log(2 * WIDTH) + HALF_LOG_2PI:.12f}"
        )
        .transform_calculate(p="exp(datum.logp)", q="exp(datum.logq)")
        .transform_calculate(
            forward="datum.p * (datum.logp - datum.logq)", reverse="datum.q * (datum.logq - datum.logp)"
        )
    )
    sums = grid.transform_aggregate(forward="sum(forward)", reverse="sum(reverse)").transform_calculate(
        forward=f"datum.forward * {STEP}", reverse=f"datum.reverse * {STEP}"
    )
    x = axis(alt.X, "y", "y", [-6, 6])
    density, share = (
        (lambda field: axis(alt.Y, field, None, [0, 0.8])),
        lambda field: axis(alt.Y, field, None, [-1, 3]),
    )
    left = alt.layer(
        curve(grid, x, density("p"), TRUTH, strokeDash=[6, 4]),
        grid.mark_area(color=MODEL, opacity=0.18, clip=True).encode(x=x, y=density("q")),
        curve(grid, x, density("q"), MODEL),
    )
    right = alt.layer(
        curve(grid, x, share("forward"), LOSS), curve(grid, x, share("reverse"), OTHER, strokeDash=[8, 3, 2, 3])
    )
    return explorer(
        readout(sums, "forward KL(p‖q) = {forward:.3f} nats", "reverse KL(q‖p) = {reverse:.3f} nats"),
        left.properties(title="target p (dashed) and model q", height=240),
        right.properties(title="what y adds: forward —, reverse –·", height=240),
        name="two_peaks",
        params=[
            slider("mean", "mean of q (y)", -3, 3, 0.1, 1),
            slider("std", "σ of q (y)", 0.3, 3, 0.1, 1),
            slider("gap", "peaks of p at ± (y)", 0.5, 3, 0.1, 2),
        ],
        description="Left, a target density with two peaks and one normal density q over y. Right, what each y adds to "
        "the forward and to the reverse KL divergence. Controls set mean and standard deviation of q, and where the "
        "peaks are. Forward is least when q covers both peaks with its top between them, reverse when q sits on one of "
        "them; from the middle, reverse rises first.",
    )
