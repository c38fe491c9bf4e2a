import math

import altair as alt
import numpy as np

from lib.explorers.common import DATA, axis, curve, explorer, readout, rows, slider
from lib.plotting import LOSS, MODEL

SHOWN = 20  # the largest count in the picture; the numbers are of all


def rootogram(numbers, unit):
    """Slide dispersion, extra zeros and two kinds of people: the square roots of observed and expected numbers.

    Parameters
    ----------
    numbers : array, shape (largest + 1,): how often each count was observed
    unit : str, what is counted, for the axis
    """
    k, n = np.arange(len(numbers)), np.asarray(numbers)
    total, mean = int(n.sum()), float(k @ n / n.sum())
    log_factorial = [math.lgamma(c + 1) for c in k]
    data = (
        alt.Chart(rows(6, k=k, n=n, log_factorial=log_factorial))
        .transform_calculate(step="datum.k > 1 ? log(1 + (datum.k - 1) * alpha) : 0")
        .transform_window(rising="sum(step)", sort=[alt.SortField("k")])
    )
    for kind, sign in [("often", "1"), ("rarely", "-1")]:
        data = data.transform_calculate(m=f"{mean:.12f} / (1 - extra) * exp({sign} * mix) * 2 / (exp(mix) + exp(-mix))")
        stay = "(alpha > 0 ? log(1 + alpha * datum.m) / alpha : datum.m)"
        slope = "datum.k * log(datum.m / (1 + alpha * datum.m))"
        data = data.transform_calculate(**{kind: f"exp(datum.rising - datum.log_factorial + {slope} - {stay})"})
    data = data.transform_calculate(
        p="(1 - extra) * (datum.often + datum.rarely) / 2 + (datum.k == 0 ? extra : 0)"
    ).transform_calculate(
        cost="-datum.n * log(max(datum.p, 1e-300))",
        zero="datum.k == 0 ? datum.p : 0",
        seen="sqrt(datum.n)",
        expected=f"sqrt({total} * datum.p)",
    )
    data = data.transform_calculate(gap="datum.seen - datum.expected")
    sums = data.transform_aggregate(cost="sum(cost)", zero="sum(zero)").transform_calculate(nll=f"datum.cost / {total}")
    shown = data.transform_filter(f"datum.k <= {SHOWN}")
    x = axis(alt.X, "k", unit, [-0.7, SHOWN + 0.7])
    root, difference = axis(alt.Y, "seen", None, [0, 90]), axis(alt.Y, "gap", None, [-45, 45])
    left = alt.layer(
        shown.mark_bar(color=DATA, opacity=0.35, width=9).encode(x=x, y=root, y2=alt.datum(0)),
        curve(shown, x, axis(alt.Y, "expected", None, [0, 90]), MODEL),
        shown.mark_point(filled=True, size=30, color=MODEL, opacity=1, clip=True).encode(
            x=x, y=axis(alt.Y, "expected", None, [0, 90])
        ),
    )
    right = shown.mark_bar(color=LOSS, opacity=0.8, width=9, clip=True).encode(x=x, y=difference, y2=alt.datum(0))
    return explorer(
        readout(
            sums,
            f"no {unit.split()[0]}: observed {n[0] / total:.3f}, model {{zero:.3f}}",
            "mean NLL = {nll:.4f} nats",
        ),
        left.properties(title="√ numbers: observed (bars), model", height=240),
        right.properties(title="√ observed − √ expected", height=240),
        name="rootogram",
        params=[
            slider("alpha", "dispersion α", 0, 3, 0.1, 0),
            slider("extra", "extra zeros π", 0, 0.5, 0.01, 0),
            slider("mix", "two kinds of people, log μ ±", 0, 1.5, 0.1, 0),
        ],
        description=f"Left, for each number of {unit} from 0 to {SHOWN}, the square root of how often it was observed, "
        "as bars, and as a line the square root of how often the model expects it; right, the difference. Controls set "
        "the dispersion, a share of extra zeros, and how far two kinds of people lie apart; the mean stays. The "
        "Poisson distribution expects far too few zeros and too few large counts. Extra zeros mend the first bar and "
        "leave the others wrong; a dispersion near 1.5 mends all at once, and then extra zeros only do harm.",
    )
