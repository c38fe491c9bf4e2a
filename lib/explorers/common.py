"""The floor that all charts stand on: sizes, controls, templates of numbers, curves, and how panels are put together.

A chart is a line of numbers over one to three panels. `explorer` gives the panels their widths: side by side in
JupyterLab and on a wide page; the site stacks them on a narrow one (`website/charts.py`).
"""

import json
import math
import re

import altair as alt
import numpy as np

from lib.plotting import LOSS, MODEL

TOTAL = 740  # px: what the panels and their axes take side by side
DATA = "#767676"  # the black of the figures, made readable on a dark page too
HALF_LOG_2PI = 0.5 * math.log(2 * math.pi)
ONE_ROW = alt.Data(values=[{}])
SAMPLES = 20


def slider(name, label, low, high, step, value):
    """A number that the reader sets, and that every expression of the chart can use. The label ends with the unit."""
    return alt.param(name=name, value=value, bind=alt.binding_range(min=low, max=high, step=step, name=f"{label} "))


def menu(name, label, options, value):
    """A choice: `options` maps each value to what the reader sees."""
    options = dict(options)
    bind = alt.binding_select(options=list(options), labels=list(options.values()), name=f"{label} ")
    return alt.param(name=name, value=value, bind=bind)


def new_sample(count=SAMPLES):
    """The number of the sample on display: a button on the site, a slider in JupyterLab."""
    return slider("sample", "sample", 1, count, 1, 1)


def rows(decimals=2, **columns):
    """Data of a chart from arrays of one length: rounded, which is what all its numbers refer to."""
    columns = {name: np.round(np.asarray(values, dtype=float), decimals).tolist() for name, values in columns.items()}
    return alt.InlineData(values=[dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)])


def samples(decimals=2, **columns):
    """The same for arrays of shape (samples, n): the rows of the sample that the reader has drawn."""
    shape = np.shape(next(iter(columns.values())))
    number = np.repeat(np.arange(1, shape[0] + 1), shape[1])
    flat = {name: np.asarray(values).ravel() for name, values in columns.items()}
    return alt.Chart(rows(decimals, sample=number, **flat)).transform_filter("datum.sample == sample")


def template(text):
    """A Vega expression for a template such as "mean NLL = {nll:.4f} nats", over the fields of one row."""
    parts = re.split(r"\{(\w+)(?::([^}]*))?\}", text)
    pieces = [json.dumps(parts[0], ensure_ascii=False)]
    for field, spec, after in zip(parts[1::3], parts[2::3], parts[3::3], strict=True):
        pieces.append(f"format(datum.{field}, '{spec}')" if spec else f"datum.{field}")
        pieces.append(json.dumps(after, ensure_ascii=False))
    return " + ".join(piece for piece in pieces if piece != '""')


def readout(row, *templates):
    """Lines of numbers above a chart: templates over the fields of the one-row chart `row`."""
    lines = "[" + ", ".join(template(text) for text in templates) + "]"
    return (
        row.transform_calculate(lines=lines)
        .mark_text(align="left", baseline="top", fontSize=14, lineHeight=20)
        .encode(text="lines:N", x=alt.value(0), y=alt.value(0))
        .properties(name="readout", width=TOTAL // 2, height=20 * len(templates))
    )


def axis(channel, field, title, domain, **options):
    """An x or y encoding with a fixed domain; `options` go to the axis."""
    return channel(
        f"{field}:Q", title=title, scale=alt.Scale(domain=domain, nice=False), axis=alt.Axis(tickCount=5, **options)
    )


def curve(data, x, y, colour=MODEL, **options):
    """A line that stays inside its panel."""
    return data.mark_line(color=colour, clip=True, strokeWidth=2.5, **options).encode(x=x, y=y)


def dot(data, x, y, colour=LOSS, **options):
    """The marker of where the reader is."""
    return data.mark_point(filled=True, size=110, color=colour, opacity=1, **options).encode(x=x, y=y)


def rule(data, **at):
    """A dashed line through where the reader is: `x=` or `y=`."""
    return data.mark_rule(strokeDash=[4, 3], color=DATA).encode(**at)


def points(data, x, y, **options):
    """Data, as everywhere in the book: small and black (grey on a chart, so that a dark page shows them)."""
    return data.mark_point(filled=True, color=DATA, size=40, opacity=1, **options).encode(x=x, y=y)


def explorer(numbers, *panels, name, params, description):
    """One chart of a line of numbers (`readout`), panels side by side, and controls.

    Parameters
    ----------
    numbers : what `readout` returns
    panels : one to three charts with a height and a title, without a width
    name : str, the name of the function
    params : list of controls
    description : str, for a screen reader: what is plotted, and what a control changes
    """
    for panel in panels:
        panel.width = TOTAL // len(panels) - 60  # 60 px for the axis
    # In one step: each method of a chart would copy the whole chart.
    return alt.VConcatChart(
        vconcat=[numbers, alt.ConcatChart(concat=list(panels), columns=len(panels), spacing=16)],
        spacing=10,
        params=[control.param for control in params],
        name=name,
        description=description,
        config=alt.Config(
            view=alt.ViewConfig(stroke=None),
            axis=alt.AxisConfig(labelFontSize=13, titleFontSize=13, titleFontWeight="normal", grid=False),
            title=alt.TitleConfig(fontSize=14, fontWeight="normal", anchor="start", frame="group"),
            legend=alt.LegendConfig(labelFontSize=13, titleFontSize=13, orient="top"),
        ),
    )
