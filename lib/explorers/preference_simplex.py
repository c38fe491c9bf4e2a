import math

import altair as alt

from lib.explorers.common import DATA, ONE_ROW, explorer, menu, readout, rows, slider
from lib.plotting import LOSS, MODEL

REFERENCE = {"a": 0.6, "b": 0.3, "c": 0.1}
PAIRS = [("a", "b"), ("a", "c"), ("b", "c")]
STEPS, HEIGHT = 24, 260
# Who wins the pairs of C: as Bradley–Terry has it, or always the one.
WINS = {"both": "both win some", "wins": "C always wins", "loses": "C always loses"}


def _place(chart):
    """Where a policy lies in the triangle: A left, B right, C on top."""
    return chart.transform_calculate(x="datum.b + datum.c / 2", y=f"datum.c * {math.sqrt(3) / 2}")


def _optimum(chart, beta):
    """The policy to which the loss falls, as fields a, b, c: π_ref e^(r/β)/Z, or its limit on the edge."""
    top = "max(0, r_b, r_c)"
    chart = chart.transform_calculate(
        wa=f"wins == 'wins' ? 0 : {REFERENCE['a']} * exp((0 - {top}) / {beta})",
        wb=f"wins == 'wins' ? 0 : {REFERENCE['b']} * exp((r_b - {top}) / {beta})",
        wc=f"wins == 'wins' ? 1 : wins == 'loses' ? 0 : {REFERENCE['c']} * exp((r_c - {top}) / {beta})",
    )
    # With C out of the race, A or B is the best: the weights are scaled again.
    total = "(datum.wa + datum.wb + datum.wc + 1e-300)"
    return chart.transform_calculate(**{k: f"datum.w{k} / {total}" for k in "abc"})


def preference_simplex():
    """Slide β and two rewards: the policy π* that DPO looks for among three answers, and the loss around it."""
    margins = {
        pair: f"beta * (log(datum.{i} / {REFERENCE[i]}) - log(datum.{j} / {REFERENCE[j]}))"
        for pair in PAIRS
        for i, j in [pair]
    }
    reward = {"a": "0", "b": "r_b", "c": "r_c"}
    terms, least = [], []
    for i, j in PAIRS:
        q = f"(1 / (1 + exp({reward[j]} - {reward[i]})))"
        if "c" in (i, j):
            q = f"(wins == 'wins' ? 0 : wins == 'loses' ? 1 : {q})"
        m = margins[i, j]
        terms.append(f"{q} * log(1 + exp(-({m}))) + (1 - {q}) * log(1 + exp({m}))")
        least.append(f"({q} * log(max({q}, 1e-12)) + (1 - {q}) * log(max(1 - {q}, 1e-12)))")
    cells = [(i / STEPS, j / STEPS) for i in range(1, STEPS) for j in range(1, STEPS - i)]
    field = alt.Chart(rows(4, b=[b for b, _ in cells], c=[c for _, c in cells]))
    field = field.transform_calculate(a="1 - datum.b - datum.c")
    field = _place(field.transform_calculate(excess=f"({' + '.join(terms + least)}) / 3"))

    here = _optimum(alt.Chart(ONE_ROW), "beta")
    ends = "wins == 'both'"
    here = here.transform_calculate(
        said=f"{ends} ? 'lowest at π* = ' : 'no lowest point; it falls towards π = '",
        kl=" + ".join(f"datum.{k} * log(max(datum.{k}, 1e-12) / {REFERENCE[k]})" for k in "abc"),
    )
    path = alt.Chart(alt.sequence(-60, 61, 1, as_="u")).transform_calculate(t="pow(10, datum.u / 40)")
    path = _place(_optimum(path, "datum.t"))

    x = alt.X("x:Q", axis=None, scale=alt.Scale(domain=[-0.08, 1.08], nice=False))
    y = alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[-0.1, 0.98], nice=False))
    shade = alt.Opacity("excess:Q", scale=alt.Scale(domain=[0, 0.25], range=[0.03, 0.9], clamp=True), legend=None)
    corners = _place(alt.Chart(rows(2, a=[1, 0, 0, 1], b=[0, 1, 0, 0], c=[0, 0, 1, 0], k=[0, 1, 2, 3])))
    names = corners.transform_filter("datum.k < 3").transform_calculate(name="['A', 'B', 'C'][datum.k]")
    start = _place(alt.Chart(rows(1, a=[REFERENCE["a"]], b=[REFERENCE["b"]], c=[REFERENCE["c"]])))
    triangle = alt.layer(
        field.mark_point(filled=True, shape="circle", size=55, color=LOSS).encode(x=x, y=y, opacity=shade),
        corners.mark_line(color=DATA, strokeWidth=1).encode(x=x, y=y, order="k:Q"),
        names.mark_text(fontSize=14, color=DATA, dy=alt.expr("datum.k == 2 ? -14 : 14")).encode(
            x=x, y=y, text="name:N"
        ),
        path.mark_line(color=MODEL, strokeWidth=2, strokeDash=[5, 3]).encode(x=x, y=y, order="u:Q"),
        start.mark_point(shape="diamond", filled=True, size=130, color=DATA, opacity=1).encode(x=x, y=y),
        _place(here).mark_point(filled=True, size=130, color=MODEL, opacity=1).encode(x=x, y=y),
    )

    bars = here.transform_fold(["a", "b", "c"], as_=["k", "p"]).transform_calculate(
        answer="upper(datum.k)",
        label="format(datum.p, '.2f')",
        ref=" : ".join(f"datum.k == '{k}' ? {p}" for k, p in REFERENCE.items()) + " : 0",
    )
    name = alt.X("answer:N", title="answer", axis=alt.Axis(labelAngle=0))
    height = alt.Scale(domain=[0, 1.1], nice=False)
    p = alt.Y("p:Q", title=None, scale=height, axis=alt.Axis(values=[0, 0.5, 1]))
    right = alt.layer(
        bars.mark_bar(color=MODEL, opacity=0.5).encode(x=name, y=p),
        bars.mark_tick(color=DATA, thickness=3, opacity=1).encode(x=name, y=alt.Y("ref:Q", scale=height)),
        bars.mark_text(dy=-9, color=DATA, fontSize=13).encode(x=name, y=p, text="label:N"),
    )
    return explorer(
        readout(here, "{said}A {a:.4f}, B {b:.4f}, C {c:.4f}", "distance paid: KL(π ‖ π_ref) = {kl:.4f} nats"),
        triangle.properties(title="the loss (darker: higher), from π_ref to π", height=HEIGHT),
        right.properties(title="the policy π, and π_ref (ticks)", height=HEIGHT),
        name="preference_simplex",
        params=[
            slider("beta", "β, the price of a nat", 0.1, 3, 0.1, 0.5),
            slider("r_b", "reward of B over A", -2, 2, 0.1, 0.5),
            slider("r_c", "reward of C over A", -2, 2, 0.1, 1),
            menu("wins", "pairs with C", WINS, "both"),
        ],
        description="Left, a triangle of all policies over three answers A, B and C, shaded by the DPO loss, with the "
        "reference policy, the path of the optimal policy from the reference at a large beta to the best answer at a "
        "small one, and a mark at the beta that is set. Right, bars of that policy with ticks at the reference. "
        "Controls set beta, the rewards of B and of C over that of A, and whether C wins some of its pairs, all or "
        "none. If C always wins the mark is at its corner, if it always loses on the opposite edge, whatever beta is: "
        "there is no lowest point inside.",
    )
