import altair as alt

from lib.explorers.common import DATA, ONE_ROW, axis, curve, dot, explorer, points, readout, slider
from lib.plotting import LOSS, MODEL

DISTANCES = [0, 0.3, 0.6, 1, 1.5, 2.2]  # of the points of a class from its innermost one
LARGEST, LIMIT = 20, 4


def runaway():
    """Slide the gap between two classes on a line, and a prior: the NLL against the weight, and where it is lowest."""
    n = 2 * len(DISTANCES)
    terms = " + ".join(f"log(1 + exp(-datum.w * (gap / 2 + {distance})))" for distance in DISTANCES)
    line = alt.Chart(alt.sequence(0, LARGEST + 0.01, 0.02, as_="w"))
    line = line.transform_calculate(nll=f"({terms}) / {n // 2}")
    line = line.transform_calculate(cost=f"datum.nll + prior * prior * datum.w * datum.w / {2 * n}")
    best = line.transform_joinaggregate(least="min(cost)").transform_filter("datum.cost == datum.least")
    ends = "gap < 0 || prior > 0"
    best = best.transform_calculate(
        said=f"{ends} ? 'lowest at w = ' + format(datum.w, '.2f') : 'no lowest point: it falls beyond w = {LARGEST}'"
    )
    x, p = axis(alt.X, "x", "x", [-LIMIT, LIMIT]), axis(alt.Y, "p", None, [-0.05, 1.05], values=[0, 0.5, 1])
    step = best.transform_calculate(xs=f"sequence(-{LIMIT}, {LIMIT} + 0.01, 0.02)").transform_flatten(["xs"], as_=["x"])
    step = step.transform_calculate(p="1 / (1 + exp(-datum.w * datum.x))")
    data = alt.Chart(ONE_ROW).transform_calculate(d=str(DISTANCES), s="[-1, 1]").transform_flatten(["d"])
    data = data.transform_flatten(["s"]).transform_calculate(x="datum.s * (gap / 2 + datum.d)", p="(1 + datum.s) / 2")
    w, cost = axis(alt.X, "w", "weight w", [0, LARGEST]), axis(alt.Y, "cost", None, [0, 1.2])
    return explorer(
        readout(best, "{said}", "mean NLL there = {nll:.4f} nats"),
        alt.layer(curve(step, x, p, MODEL), points(data, x, p)).properties(
            title="labels, and p at the marked w", height=240
        ),
        alt.layer(
            curve(line, w, axis(alt.Y, "nll", None, [0, 1.2]), DATA, strokeDash=[6, 4]),
            curve(line, w, cost, LOSS),
            dot(best, w, cost),
        ).properties(title="NLL (dashed), with the prior", height=240),
        name="runaway",
        params=[
            slider("gap", "gap between the classes", -2, 2, 0.25, 0.5),
            slider("prior", "strength of the prior, 1/τ", 0, 1, 0.1, 0),
        ],
        description="Left, six zeros and six ones on a line, and the fitted probability of a one; right, the mean "
        "negative log-likelihood against the weight, alone and with the prior, and a mark where it is lowest. Controls "
        "set the gap between the classes, negative where they overlap, and the strength of a Gaussian prior. With an "
        "overlap there is a minimum; from gap 0 on the curve falls for ever and the mark is at the right edge. Any "
        "prior brings the mark back.",
    )
