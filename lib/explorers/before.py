"""What the charts share: size, colours that read on light and dark, sliders, lines of numbers."""

import math

import altair as alt

WIDTH = 260
DATA = "#767676"  # the black of the figures, made readable on a dark page too
HALF_LOG_2PI = 0.5 * math.log(2 * math.pi)
ONE_ROW = alt.Data(values=[{}])


def slider(name, label, low, high, step, value):
    """A number that the reader sets with a labelled slider, and that every Vega expression of the chart can use."""
    return alt.param(name=name, value=value, bind=alt.binding_range(min=low, max=high, step=step, name=f"{label} "))


def readout(row, *lines):
    """Lines of text above a chart, each a Vega expression over the fields of the one-row chart `row`."""
    return alt.vconcat(
        *[
            row.transform_calculate(line=line)
            .mark_text(align="left", baseline="middle", fontSize=13)
            .encode(text="line:N", x=alt.value(0), y=alt.value(8))
            .properties(width=WIDTH, height=16)
            for line in lines
        ],
        spacing=4,
    )


def finish(*views, name, params, description):
    """Stack the views, add the sliders, the name (the function's) and the description for screen readers."""
    return (
        alt.vconcat(*views, spacing=10)
        .add_params(*params)
        .properties(name=name, description=description)
        .configure_view(stroke=None)
    )
