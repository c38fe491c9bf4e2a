import altair as alt

from lib.explorers.common import HALF_LOG_2PI, ONE_ROW, axis, curve, explorer, readout, slider
from lib.plotting import LOSS, MODEL, TRUTH

P, TOP, LIMIT = 0.4, 6, 0.05  # P(y > 0); of the picture; of the distance from uniform
BUGS = {
    "jacobian": "no Jacobian (− log y)",
    "norm": "no log Z (− log s√2π)",
    "sign": "wrong sign of log s",
    "unsafe": "unsafe where (log 0)",
}


def _rising(at, tail):
    """A column of the largest gap between F by the loss and the true F, over u = (log y - m)/s."""
    u = alt.Chart(alt.sequence(-6, 8.01, 0.02, as_="u")).transform_calculate(**tail)
    gap = f"abs(datum.k * cumulativeNormal(datum.u - {at}) - cumulativeNormal(datum.u))"
    return u.transform_calculate(gap=f"{P} * {gap}").transform_aggregate(gap="max(gap)", k="max(k)")


def plant_a_bug():
    """Switch bugs of a hurdle's loss on: the density that it then states, and the seven tests."""
    times = f"(norm ? exp(ls + {HALF_LOG_2PI:.12f}) : sign ? exp(2 * ls) : 1)"  # of the density
    mass = {"k": f"{times} * (jacobian ? exp(m + exp(2 * ls) / 2) : 1)"}  # of the part above 0
    tests = _rising("(jacobian ? exp(ls) : 0)", mass).transform_calculate(
        mass=f"{1 - P} + {P} * datum.k",
        off=f"(norm ? abs(ls + {HALF_LOG_2PI:.12f}) : sign ? abs(2 * ls) : 0) + (jacobian ? log(2) : 0)",
        score=f"norm ? {-P} : sign ? {-2 * P} : 0",
        away="norm || sign",
    )
    bad = {
        "1": "abs(datum.mass - 1) > 1e-6",
        "2": "datum.off > 1e-6",
        "3": "unsafe",
        "4": "unsafe || datum.score != 0",
        "5": "unsafe || datum.away",
        "6": "unsafe",
        "7": f"datum.gap > {LIMIT}",
    }
    listed = " + ".join(f"({rule} ? ', {number}' : '')" for number, rule in bad.items())
    said = tests.transform_calculate(list=listed).transform_calculate(
        verdict="datum.list ? 'red: ' + substring(datum.list, 2) : 'all seven are green'",
        mass="format(datum.mass, '.4f')",
        mean=f"format({P} * exp(m + exp(2 * ls) / 2), '.4f')",
    )
    lines = {
        "1": "'mass: ' + format(datum.mass, '.3f')",
        "2": "'value: off by ' + format(datum.off, '.2f') + ' nats'",
        "3": "unsafe ? 'gradient: NaN at y = 0' : 'gradient: the slope'",
        "4": "'mean score of log s: ' + (unsafe ? 'NaN' : format(datum.score, '.2f'))",
        "5": "unsafe ? 'fit: NaN' : datum.away ? 'fit: log s runs away' : 'fit: finds the truth'",
        "6": "unsafe ? 'float32: NaN' : 'float32: finite'",
        "7": f"'F(y): ' + (datum.gap > {LIMIT} ? 'not uniform' : 'uniform')",
    }
    choose = " : ".join(f"datum.test == {k} ? ({{{k}}})" for k in bad) + " : null"
    rows = tests.transform_calculate(test="[1, 2, 3, 4, 5, 6, 7]").transform_flatten(["test"])
    rows = rows.transform_calculate(
        bad=choose.format("", *bad.values()), text=choose.format("", *lines.values())
    ).transform_calculate(
        mark="datum.bad ? '✗' : '✓'", line="datum.test + '  ' + datum.text", colour=f"datum.bad ? '{LOSS}' : '{TRUTH}'"
    )
    y = alt.Y("test:O", axis=None)
    paint = alt.Color("colour:N", scale=None)
    left = alt.layer(
        rows.mark_rect(cornerRadius=3, width=24, height=24).encode(y=y, x=alt.value(14), color=paint),
        rows.mark_text(fontSize=16, fontWeight="bold", color="white").encode(y=y, x=alt.value(14), text="mark:N"),
        rows.mark_text(fontSize=14, align="left").encode(y=y, x=alt.value(36), text="line:N"),
    )

    grid = alt.Chart(alt.sequence(0.02, TOP + 0.01, 0.02, as_="y")).transform_calculate(
        true=f"{P} * exp(-pow((log(datum.y) - m) / exp(ls), 2) / 2 - ls - {HALF_LOG_2PI:.12f}) / datum.y"
    )
    grid = grid.transform_calculate(got=f"datum.true * {times} * (jacobian ? datum.y : 1)")
    x, scale = axis(alt.X, "y", "y", [-0.2, TOP]), [0, 0.8]
    atom = alt.Chart(ONE_ROW).transform_calculate(y="0", p=f"{1 - P}", zero="0")
    right = alt.layer(
        curve(grid, x, axis(alt.Y, "got", None, scale), MODEL),
        curve(grid, x, axis(alt.Y, "true", None, scale), TRUTH, strokeDash=[6, 4]),
        atom.mark_rule(color=MODEL, strokeWidth=4).encode(x=x, y=axis(alt.Y, "zero", None, scale), y2="p:Q"),
    )
    return explorer(
        readout(said, "{verdict}", "mass of exp(−loss): {mass}", "mean of y, by the truth: {mean}"),
        left.properties(title="the seven tests", height=240),
        right.properties(title="exp(−loss), and the truth (dashed)", height=240),
        name="plant_a_bug",
        params=[
            *(alt.param(name=k, value=False, bind=alt.binding_checkbox(name=f"{text} ")) for k, text in BUGS.items()),
            slider("m", "m, mean of log y", -1.5, 1.5, 0.1, 0.3),
            slider("ls", "log s, spread of log y", -1, 1, 0.1, -0.5),
        ],
        description="Left, a list of seven tests of a loss, each with a tick or a cross and what it found. Right, "
        "exp(-loss), that is the density which the loss states, as a line with a bar at zero, and the true density "
        "dashed. Four switches plant a bug in the loss: without the Jacobian tests 1, 2 and 7 are red; without the "
        "normaliser or with the wrong sign of log s, 1, 2, 4, 5 and 7; with an unsafe where, 3 to 6, while the line "
        "stays on the truth. Sliders set the two numbers of the density; at log s = 0 a wrong sign leaves mass and "
        "value as they are, and only 4 and 5 see it.",
    )
