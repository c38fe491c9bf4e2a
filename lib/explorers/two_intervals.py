import altair as alt

from lib.explorers.common import DATA, ONE_ROW, axis, curve, dot, explorer, readout, slider
from lib.plotting import LOSS, OTHER

STEP, TOP = 0.0005, 10  # of the grid of shares; of the picture


def two_intervals():
    """Slide how many of n were faulty, and a confidence: the NLL cut at a height, and its parabola, in two scales."""
    z2 = "pow(quantileNormal((1 + confidence / 100) / 2), 2)"
    line = alt.Chart(alt.sequence(STEP, 1 - STEP / 2, STEP, as_="p"))
    line = line.transform_calculate(z="log(datum.p / (1 - datum.p))", best="faulty / n")
    line = line.transform_calculate(
        rise="2 * ((faulty > 0 ? faulty * log(datum.best / datum.p) : 0)"
        " + (n - faulty) * log((1 - datum.best) / (1 - datum.p)))",
        info="n * datum.best * (1 - datum.best)",
    )
    line = line.transform_calculate(
        wald="faulty > 0 ? pow(n * (datum.p - datum.best), 2) / datum.info : null",
        wald_z="faulty > 0 ? datum.info * pow(datum.z - log(datum.best / (1 - datum.best)), 2) : null",
    )
    inside = line.transform_filter(f"datum.rise <= {z2}").transform_aggregate(low="min(p)", high="max(p)")
    said = inside.transform_calculate(
        low=f"faulty > 0 ? datum.low : 0 * {z2}", b="faulty / n", info="faulty * (1 - faulty / n)", c=z2
    )
    said = said.transform_calculate(reach="sqrt(datum.c / datum.info)", at="log(datum.b / (1 - datum.b))")
    said = said.transform_calculate(
        wald="'parabola in p: ' + format(datum.b - sqrt(datum.c * datum.info) / n, '.3f') + ' to '"
        " + format(datum.b + sqrt(datum.c * datum.info) / n, '.3f')",
        wald_z="faulty > 0 ? 'parabola in log-odds: ' + format(1 / (1 + exp(datum.reach - datum.at)), '.3f') + ' to '"
        " + format(1 / (1 + exp(-datum.reach - datum.at)), '.3f') : 'parabola in log-odds: there is none'",
    )
    cut = alt.Chart(ONE_ROW).transform_calculate(cut=z2, p="faulty / n", zero="0", z="log(faulty / (n - faulty))")
    y, up = axis(alt.Y, "rise", "twice the NLL above its minimum", [0, TOP]), [0, TOP]

    def panel(field, wald, title, domain, name):
        x = axis(alt.X, field, title, domain)
        mark = cut if field == "p" else cut.transform_filter("faulty > 0")
        return alt.layer(
            curve(line, x, axis(alt.Y, wald, None, up), OTHER, strokeDash=[6, 4]),
            curve(line, x, y, LOSS),
            cut.mark_rule(strokeDash=[4, 3], color=DATA).encode(y=axis(alt.Y, "cut", None, up)),
            dot(mark, x, axis(alt.Y, "zero", None, up)),
        ).properties(title=name, height=240)

    return explorer(
        readout(said, "likelihood: {low:.3f} to {high:.3f}", "{wald}", "{wald_z}"),
        panel("p", "wald", "share p", [0, 0.6], "in the share p"),
        panel("z", "wald_z", "log-odds of p", [-6, 1], "the same, in log-odds"),
        name="two_intervals",
        params=[
            slider("faulty", "faulty", 0, 8, 1, 1),
            slider("n", "tested", 20, 200, 20, 20),
            slider("confidence", "confidence (%)", 50, 99, 1, 95),
        ],
        description="Twice the negative log-likelihood above its minimum, against the share of faulty parts and "
        "against its log-odds, with the parabola of the same curvature at the minimum, and a level cut: values below "
        "it are in the interval. Controls set how many parts were faulty, how many were tested, and the confidence. "
        "The curve's interval is the same in both panels, the parabola's is not; with no faulty part the parabola is "
        "gone.",
    )
