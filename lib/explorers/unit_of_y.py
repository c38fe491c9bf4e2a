import math

import altair as alt
import numpy as np

from lib.explorers.common import (
    DATA,
    HALF_LOG_2PI,
    axis,
    curve,
    explorer,
    readout,
    rows,
    slider,
)
from lib.plotting import LOSS, MODEL, OTHER

HEIGHT, NATS = 250, [-5, 10]  # px; what the axis of the bars shows


def unit_of_y(mean, y):
    """Slide the unit of y and σ: the picture of a fit stays, its NLL moves, until the Jacobian is added.

    Parameters
    ----------
    mean, y : arrays, shape (n,): predictions and targets, in points. They are rounded to two decimals, which is what
        the numbers refer to.
    """
    mean, y = np.round(np.asarray(mean), 2), np.round(np.asarray(y), 2)
    domain = [math.floor(min(mean.min(), y.min()) / 50) * 50, math.ceil(max(mean.max(), y.max()) / 50) * 50]
    data = alt.Chart(rows(mean=mean, y=y)).transform_calculate(square="pow(datum.y - datum.mean, 2)")
    here = (
        data.transform_aggregate(mse="mean(square)", variance="variancep(y)")
        .transform_calculate(unit="pow(10, power)", shift="jacobian ? 0 : -log(datum.unit)", s="sigma / datum.unit")
        .transform_calculate(
            nll=f"datum.mse / (2 * sigma * sigma) + log(sigma) + {HALF_LOG_2PI:.12f} + datum.shift",
            null=f"log(datum.variance) / 2 + {HALF_LOG_2PI + 0.5:.12f} + datum.shift",
        )
        .transform_calculate(gap="datum.null - datum.nll", noun="power == 0 ? 'point' : 'points'")
    )

    labels = {"labelExpr": "format(datum.value / pow(10, power), '.2~r')"}
    x, up = axis(alt.X, "mean", "prediction", domain, **labels), axis(alt.Y, "y", "target y", domain, **labels)
    ends = alt.Chart(alt.Data(values=[{"mean": at} for at in domain])).transform_calculate(
        y="datum.mean", low="datum.mean - 2 * sigma", high="datum.mean + 2 * sigma"
    )
    band = ends.mark_area(color=MODEL, opacity=0.15, clip=True).encode(
        x=x, y=axis(alt.Y, "low", "target y", domain, **labels), y2="high"
    )
    dots = data.mark_point(filled=True, color=DATA, size=16, opacity=1).encode(x=x, y=up)  # there are hundreds
    fit = alt.layer(band, curve(ends, x, up), dots)

    names = {"nll": "this fit", "null": "without inputs"}
    bars = (
        here.transform_fold(list(names), as_=["key", "nats"])
        .transform_calculate(name=f"datum.key == 'nll' ? '{names['nll']}' : '{names['null']}'")
        .transform_calculate(text="format(datum.nats, '.2f')")
    )
    at = alt.X("name:N", title=None, sort=list(names.values()), axis=alt.Axis(labelAngle=0, ticks=False))
    nats = axis(alt.Y, "nats", None, NATS)
    look = alt.Color("name:N", scale=alt.Scale(domain=list(names.values()), range=[LOSS, OTHER]), legend=None)
    text = bars.mark_text(fontSize=14, dy=alt.expr("datum.nats < 0 ? 12 : -10")).encode(x=at, y=nats, text="text:N")
    zero = alt.Chart(alt.Data(values=[{"nats": 0}])).mark_rule(color=DATA, strokeWidth=2).encode(y=nats)
    height = alt.layer(bars.mark_bar(size=54, clip=True).encode(x=at, y=nats, y2=alt.datum(0), color=look), zero, text)
    return explorer(
        readout(
            here,
            "one unit = {unit:.4~r} {noun}, σ = {s:.4~r} units",
            "mean NLL = {nll:.4f} nats",
            "without inputs {null:.4f}, gap {gap:.4f}",
        ),
        fit.properties(title="the fit, and ± 2σ", height=HEIGHT),
        height.properties(title="mean NLL (nats)", height=HEIGHT),
        name="unit_of_y",
        params=[
            slider("power", "unit of y (log₁₀ points)", -1, 4, 0.25, 3),
            slider("sigma", "σ (points)", 30, 120, 0.5, 53.5),
            alt.param(name="jacobian", value=False, bind=alt.binding_checkbox(name="add the Jacobian, log(unit) ")),
        ],
        description="Left: targets against predictions, the line where they agree and a band of two σ. Right: two bars "
        "that start at a zero line, the mean NLL of this fit and that of the best Gaussian without inputs. A larger "
        "unit of y leaves the picture on the left as it is, but for the numbers on its axes, and lowers both bars by "
        "the logarithm of the unit, below zero if the unit is large; the gap between them stays. A check-box adds the "
        "logarithm again, and then the unit does not matter. A wrong σ raises the first bar.",
    )
