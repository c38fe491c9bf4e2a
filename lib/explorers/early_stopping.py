import math

import altair as alt
import numpy as np

from lib.explorers.common import DATA, ONE_ROW, axis, explorer, menu, readout, slider
from lib.plotting import LOSS, MODEL, OTHER

NARROW, WIDE, GRID = 0.01, 2, 200  # variances on display: along the two directions they are 1 + r and 1 - r
LAST = 8  # 2 to the LAST steps
LEVELS, AROUND = [0.02, 0.2, 0.6], 120  # contours, as shares of what the loss falls from 0 on; steps of their angle
DASH = [8, 3, 2, 3]


def early_stopping(x, y, names, pairs):
    """Slide steps, rate and λ: the share of least squares that descent and ridge keep, and both paths of two weights.

    Gradient descent goes from 0 down half the mean of (y - x w)². Two standardised inputs of correlation r have
    variance 1 + r along (1, 1)/√2 and 1 - r along (1, -1)/√2, and in each of these directions a share is a formula.

    Parameters
    ----------
    x, y : arrays, shapes (n, d) and (n,): inputs of mean 0 and mean square 1; targets, of which the mean is taken off
    names : list of str, those of the inputs
    pairs : list of (str, str), two inputs each; a reader chooses one pair
    """
    x, y = np.asarray(x), np.asarray(y)
    if not np.allclose([x.mean(0), (x**2).mean(0) - 1], 0, atol=1e-6):
        raise ValueError(f"x must have columns of mean 0 and mean square 1, got {x.mean(0)} and {(x**2).mean(0)}")
    pairs, rows = {" and ".join(pair): [names.index(name) for name in pair] for pair in pairs}, []
    for pair, columns in pairs.items():
        w, r = np.linalg.lstsq(x[:, columns], y - y.mean())[0], x[:, columns].prod(1).mean()
        rows.append({"pair": pair, "l1": round(w[0], 4), "l2": round(w[1], 4), "r": round(r, 6)})
    chosen = alt.Chart(alt.Data(values=rows)).transform_filter("datum.pair == pair")
    chosen = chosen.transform_calculate(a="(datum.l1 + datum.l2) / 2", b="(datum.l1 - datum.l2) / 2", t="pow(2, power)")
    chosen = chosen.transform_calculate(matched="1 / (rate * datum.t)").transform_calculate(lam="match * datum.matched")

    def stopped(v, t="datum.t"):
        return f"(1 - pow(1 - rate * {v}, {t}))"

    def ridge(v, lam="datum.lam"):
        return f"({v} / ({v} + {lam}))"

    def of_kind(v, t="datum.t", lam="datum.lam"):
        return f"(datum.kind == 'stopped' ? {stopped(v, t)} : {ridge(v, lam)})"

    def weights(chart, share, names=("u", "w"), **at):
        """Both weights: along (1, 1)/√2 and (1, -1)/√2 a share each of least squares."""
        along = f"datum.a * {share('(1 + datum.r)', **at)}"
        across = f"datum.b * {share('(1 - datum.r)', **at)}"
        return chart.transform_calculate(**{names[0]: f"{along} + {across}", names[1]: f"{along} - {across}"})

    def looks(chart, **by):
        """Descent and ridge, told apart by more than their colour."""
        own = {key: alt.Scale(domain=["stopped", "ridge"], range=values) for key, values in by.items()}
        own["color"] = alt.Scale(domain=["stopped", "ridge"], range=[MODEL, OTHER])
        channels = {"color": alt.Color, "strokeDash": alt.StrokeDash, "shape": alt.Shape}
        return chart.encode(**{key: channels[key]("kind:N", legend=None, scale=scale) for key, scale in own.items()})

    def line(chart):
        return looks(chart.mark_line(clip=True, strokeWidth=2.5), strokeDash=[[1, 0], DASH])

    def mark(chart):
        return looks(chart.mark_point(clip=True, filled=True, size=110, opacity=1), shape=["circle", "diamond"])

    steps = f"{NARROW} * pow({WIDE / NARROW:g}, datum.i / {GRID})"
    every = chosen.transform_calculate(i=f"sequence({GRID + 1})").transform_flatten(["i"]).transform_calculate(v=steps)
    most = every.transform_calculate(gap=f"abs({stopped('datum.v')} - {ridge('datum.v')})")
    most = most.transform_joinaggregate(most="max(gap)").transform_filter("datum.gap == datum.most")
    most = weights(weights(most, stopped, ("s1", "s2")), ridge, ("r1", "r2"))

    both = chosen.transform_calculate(kind="['stopped', 'ridge']").transform_flatten(["kind"])
    v = alt.X(
        "v:Q",
        title="variance v along a direction",
        scale=alt.Scale(type="log", domain=[NARROW, 1.3 * WIDE], nice=False),
        axis=alt.Axis(values=[0.01, 0.1, 1], format="~g"),
    )
    kept = axis(alt.Y, "share", None, [0, 1.25], values=[0, 0.5, 1])
    along = both.transform_calculate(i=f"sequence({GRID + 1})").transform_flatten(["i"]).transform_calculate(v=steps)
    own = both.transform_calculate(v="[1 - datum.r, 1 + datum.r]").transform_flatten(["v"])
    left = alt.layer(
        *(
            draw(where.transform_calculate(share=of_kind("datum.v"))).encode(x=v, y=kept)
            for draw, where in [(line, along), (mark, own)]
        )
    )

    ends = {}  # of both axes, for each pair
    for row in rows:
        low, high = min(0, row["l1"], row["l2"]), max(0, row["l1"], row["l2"])
        ends[row["pair"]] = [math.floor(low - 0.15 * (high - low)), math.ceil(high + 0.15 * (high - low))]
    domain = [alt.ExprRef(" : ".join(f"pair == '{p}' ? {end[k]}" for p, end in ends.items()) + " : 0") for k in (0, 1)]

    path = both.transform_calculate(k=f"sequence({2**LAST + 1})").transform_flatten(["k"])
    path = weights(path, of_kind, t="datum.k", lam="pow(10, 3 - datum.k / 32)")
    rings = chosen.transform_calculate(level=str(LEVELS), k=f"sequence({AROUND + 1})").transform_flatten(["level"])
    rings = rings.transform_flatten(["k"]).transform_calculate(
        fall="datum.level * ((1 + datum.r) * datum.a * datum.a + (1 - datum.r) * datum.b * datum.b)",
        angle=f"datum.k * {2 * math.pi / AROUND:.12f}",
    )
    rings = rings.transform_calculate(
        p="sqrt(datum.fall / (1 + datum.r)) * cos(datum.angle)", q="sqrt(datum.fall / (1 - datum.r)) * sin(datum.angle)"
    ).transform_calculate(u="datum.l1 + datum.p + datum.q", w="datum.l2 + datum.p - datum.q")
    rings = rings.mark_line(clip=True, color=LOSS, opacity=0.6, strokeWidth=1.2).encode(detail="level:N", order="k:Q")
    u, w = axis(alt.X, "u", "w₁", domain), axis(alt.Y, "w", "w₂", domain)
    zero = alt.Chart(ONE_ROW).transform_calculate(u="0", w="0")
    least = chosen.transform_calculate(u="datum.l1", w="datum.l2")
    right = alt.layer(
        zero.mark_rule(color=DATA, opacity=0.5).encode(x=u),
        zero.mark_rule(color=DATA, opacity=0.5).encode(y=w),
        *(
            chart.encode(x=u, y=w)
            for chart in [
                rings,
                line(path).encode(order="k:Q"),
                least.mark_point(shape="cross", size=90, color=DATA, filled=True, opacity=1),
                mark(weights(both, of_kind)),
            ]
        ),
    )
    return explorer(
        readout(
            most,
            "1/(ηt) = {matched:.4~r}, λ = {lam:.4~r}",
            "largest gap of the shares {gap:.3f}, at v = {v:.2f}",
            "stopped ({s1:.1f}, {s2:.1f}), ridge ({r1:.1f}, {r2:.1f})",
        ),
        left.properties(title="share kept: stopped —, ridge –·", height=260),
        right.properties(title="the two paths to least squares (+)", height=260),
        name="early_stopping",
        params=[
            menu("pair", "two inputs", {pair: pair for pair in pairs}, next(iter(pairs))),
            slider("power", "steps t: 2 to the (power)", 0, LAST, 1, 5),
            slider("rate", "learning rate η", 0.05, 0.7, 0.05, 0.1),
            slider("match", "λ, in units of 1/(ηt)", 0.1, 3, 0.1, 1),
        ],
        description="Left, the share of the least squares solution that gradient descent from 0 has reached, and that "
        "ridge keeps, against the variance of the inputs along a direction, on a logarithmic axis; two marks on each "
        "curve are the directions of the two inputs. Right, ellipses of the loss over two weights, and the paths of "
        "descent and of ridge from 0 to least squares, with a mark where each stands. Controls set the inputs, the "
        "steps, the learning rate, and λ. At λ = 1/(ηt) the curves meet where v is small, and run close elsewhere; "
        "with about half that λ they run closer still. A large rate makes the path of descent zigzag.",
    )
