import altair as alt

from lib.explorers.common import DATA, ONE_ROW, axis, curve, explorer, menu, new_sample, readout, slider
from lib.plotting import LOSS, MODEL, TRUTH

SIZES = [200, 1000, 5000]


def reliability():
    """Slide temperature, weight, bins and n: a reliability diagram, and what three scores say beside the truth's."""
    labels = alt.Chart(alt.sequence(1, SIZES[-1] + 1, as_="i")).transform_filter("datum.i <= size")
    # The truths are quantiles of Beta(2, 2), evenly spread; the labels fall by a number that looks random.
    for names in [
        {
            "v": "(datum.i * 0.6180339887498949 + sample * 0.7548776662466927) % 1",
            "h": "sin(datum.i * 12.9898 + sample * 78.233) * 43758.5453",
        },
        {"p": "0.5 - sin(asin(1 - 2 * datum.v) / 3)", "u": "datum.h - floor(datum.h)"},
        {
            "y": "datum.u < datum.p ? 1 : 0",
            "q": "pick == 'half' ? 0.5 : 1 / (1 + exp(-log(datum.p / (1 - datum.p)) / T - log(w)))",
        },
    ]:
        labels = labels.transform_calculate(**names)
    binned = (
        labels.transform_fold(["q", "p"], as_=["kind", "f"])
        .transform_calculate(
            bin="min(floor(datum.f * bins), bins - 1)",
            nll="-log(datum.y ? datum.f : 1 - datum.f)",
            brier="(datum.y - datum.f) * (datum.y - datum.f)",
        )
        .transform_aggregate(
            said="mean(f)",
            came="mean(y)",
            nll="sum(nll)",
            brier="sum(brier)",
            count="count()",
            groupby=["kind", "bin"],
        )
        .transform_calculate(ece="datum.count * abs(datum.said - datum.came)")
    )
    scores = ["ece", "nll", "brier"]
    pairs = {
        f"{score}_{kind}": f"datum.kind == '{kind}' ? datum.{score} / size : 0" for score in scores for kind in "qp"
    }
    sums = binned.transform_calculate(**pairs).transform_aggregate(**{name: f"sum({name})" for name in pairs})
    bins = binned.transform_filter("datum.kind == 'q'").transform_calculate(
        low="datum.bin / bins", high="(datum.bin + 1) / bins", part="datum.ece / size"
    )
    x, y = axis(alt.X, "said", "what was said, q", [0, 1]), axis(alt.Y, "came", None, [0, 1])
    meant = alt.Chart(alt.sequence(0.01, 0.995, 0.01, as_="said")).transform_filter("pick != 'half'")
    meant = meant.transform_calculate(came="1 / (1 + exp(-T * (log(datum.said / (1 - datum.said)) - log(w))))")
    line = alt.Chart(ONE_ROW).transform_calculate(said="[0, 1]").transform_flatten(["said"])
    line = line.transform_calculate(came="datum.said")
    size = alt.Size("count:Q", legend=None, scale=alt.Scale(domain=[0, 1000], range=[25, 250], clamp=True))
    part, edge = axis(alt.Y, "part", None, [0, 0.02]), axis(alt.X, "low", "bin of q", [0, 1])
    return explorer(
        readout(
            sums,
            "ECE {ece_q:.4f}; of the truth {ece_p:.4f}",
            "mean NLL {nll_q:.4f} nats; of the truth {nll_p:.4f}",
            "Brier score {brier_q:.4f}; of the truth {brier_p:.4f}",
        ),
        alt.layer(
            curve(line, x, y, DATA),
            curve(meant, x, y, TRUTH, strokeDash=[6, 4]),
            bins.mark_point(filled=True, color=MODEL, opacity=0.8).encode(x=x, y=y, size=size),
        ).properties(title="share of ones: in a bin, true (dashed)", height=260),
        bins.mark_bar(color=LOSS, opacity=0.8, clip=True, stroke="white", strokeWidth=0.5)
        .encode(x=edge, x2="high:Q", y=part, y2=alt.datum(0))
        .properties(title="each bin's part of the ECE", height=260),
        name="reliability",
        params=[
            menu("pick", "forecast", {"model": "logit(p) / T + log w", "half": "always one half"}, "model"),
            slider("T", "temperature T", 0.25, 4, 0.05, 1),
            slider("w", "weight w of the ones", 0.2, 10, 0.2, 1),
            slider("bins", "bins", 5, 100, 5, 15),
            menu("size", "labels n", {n: str(n) for n in SIZES}, SIZES[1]),
            new_sample(),
        ],
        description="Left, a reliability diagram: for each bin of forecasts, how often the label was a one, over the "
        "mean of what was forecast; a dashed curve is the true probability and the diagonal is kept promises. Right, "
        "a bar for each bin's part of the expected calibration error, ECE. Controls set temperature, weight, number "
        "of bins and of labels, draw others, or forecast one half always. With temperature and weight 1 the forecast "
        "is the truth, and yet the points scatter about the diagonal and the ECE is well above zero; it grows with "
        "the number of bins while the negative log-likelihood and the Brier score stay. Always one half has nearly no "
        "ECE and the worst NLL.",
    )
