"""Altair charts: a picture first, and the site's own copy of Vega as soon as a reader touches one.

A chart is compiled from Vega-Lite to Vega while the site is built, so that an error stops the build. Its controls and
its line of numbers become HTML, its picture an SVG in two sizes, of which CSS shows the one that fits. So a page needs
no script to show a chart, and `static/charts.js` fetches Vega only to move it.
"""

import copy
import hashlib
import html
import json
import re
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import vl_convert
from docutils import nodes
from matplotlib.path import Path as Line
from sphinx.errors import SphinxError

VEGA_LITE = "5.20"
STACKED = 235  # px: the width of a panel when panels stand one above the other on a phone
# `currentColor` is the colour of the text around the chart: black on a light page, white on a dark one.
CONFIG = {
    "background": "transparent",
    "axis": {
        **{f"{part}Color": "currentColor" for part in ("label", "title", "domain", "tick", "grid")},
        "gridOpacity": 0.15,
    },
    "header": {"labelColor": "currentColor", "titleColor": "currentColor"},
    "legend": {"labelColor": "currentColor", "titleColor": "currentColor"},
    "title": {"color": "currentColor", "subtitleColor": "currentColor"},
    "text": {"color": "currentColor"},
}
PLACES = {"d", "transform", "x", "y", "x1", "x2", "y1", "y2", "width", "height", "rx", "ry"}
LINE = re.compile(r"M[-+\d.e]+,[-+\d.e]+(L[-+\d.e]+,[-+\d.e]+){9,}Z?")
DATA = re.compile(r'<script type="application/json" data-source="(\w+)">(.*?)</script>\n?', re.S)
UNSEEN = {"class", "role", "pointer-events", "stroke-miterlimit", ("opacity", "1"), ("stroke-width", "1")}
UNSEEN |= {("transform", "translate(0,0)"), ("font-family", "sans-serif"), ("font-weight", "normal")}
EMPTY = {"", "M0,0h0v0h0Z"}
PAGE_HTML = """
<div class="chart" id="chart-{name}" data-source="{source}"
 style="--wide: {heights[0]}px; --narrow: {heights[1]}px; --controls: {count}">
<div class="chart-controls" role="group" aria-label="Controls of the chart">{controls}</div>
<p class="chart-numbers" role="status">{numbers}</p>
<div class="chart-picture" role="img" aria-label="{description}">{pictures}</div>
<noscript><p>With JavaScript, the controls move this picture.</p></noscript>
<script type="application/json" data-source="{source}">{data}</script>
</div>
"""


def take_readout(vega, picture):
    """Take the view of numbers out of the chart: (name of the data with its lines, the lines as they stand)."""
    for group in vega["marks"]:
        if group.get("name") == "readout_group":
            vega["marks"].remove(group)
            drawn = re.search(r'<g class="[^"]*readout_marks".*?</g>(?=</g>)', picture, re.S)
            return group["marks"][0]["from"]["data"], re.findall(r">([^<>\n]+)</", drawn[0])
    return None, []


def silence(marks):
    """No mark speaks to a screen reader: the description of the whole is on the box, the numbers are text."""
    for mark in marks:
        mark["aria"] = False
        silence(mark.get("marks", []))


def panels(vega):
    """The group that lays panels side by side, and the names of the signals with their widths."""
    group = next((group for group in vega["marks"] if "layout" in group), None)
    widths = [signal["name"] for signal in vega["signals"] if re.search(r"[wW]idth$", signal["name"])]
    return group, [name for name in widths if name != "readout_width" and group]


def stack(vega):
    """The same chart with its panels one above the other."""
    narrow = copy.deepcopy(vega)
    group, widths = panels(narrow)
    if group:
        group["layout"]["columns"] = 1
    for signal in narrow["signals"]:
        if signal["name"] in widths:
            signal["value"] = STACKED
    return narrow


def draw(vega, prefix):
    """A still picture that scales with its box, and its size."""
    svg = vl_convert.vega_to_svg(vega)
    width, height = (float(n) for n in re.search(r'width="([\d.]+)" height="([\d.]+)"', svg).groups())
    svg = re.sub(r"\b(clip|gradient_)(\d+)\b", rf"{prefix}-\1\2", svg)  # an id stands once on a page
    svg = re.sub(r"<svg [^>]*>", f'<svg viewBox="0 0 {width:g} {height:g}">', svg, count=1)
    return slim(ElementTree.fromstring(svg), prefix.split("-")[-1]), width, height


def trace(line):
    """A line of many points by those that bend it, each as its way from the last, in tenths of a pixel."""
    path = Line([[float(n) for n in point.split(",")] for point in line.strip("MZ").split("L")])
    path.simplify_threshold = 0.3
    points = np.round(10 * path.cleaned(simplify=True).vertices[:-1]).astype(int)  # the last says that the line ends
    start, *ways = (f"{x / 10:g},{y / 10:g}" for x, y in [points[0], *np.diff(points, axis=0)])
    return f"M{start}l{' '.join(way for way in ways if way != '0,0')}{'Z' * line.endswith('Z')}"


def slim(svg, kind):
    """The picture without what cannot be seen: names of Vega's, empty parts, hundredths of a pixel. Half its bytes."""
    for element in svg.iter():
        for name, value in list(element.attrib.items()):
            if name in UNSEEN or (name, value) in UNSEEN or name.startswith("aria-"):
                del element.attrib[name]
            elif LINE.fullmatch(value):
                element.set(name, trace(value))
            elif name == "opacity":
                element.set(name, f"{float(value):.3g}")
            elif name in PLACES:
                element.set(name, re.sub(r"-?\d+\.\d+(e-\d+)?", lambda found: f"{round(float(found[0]), 1):g}", value))
    unwrap(svg)
    merge_clips(svg)
    svg.attrib |= {"class": kind, "font-family": "sans-serif"}
    return ElementTree.tostring(svg, encoding="unicode")


def unwrap(parent):
    """Take out groups that say nothing, and lines without colour: the outermost group has none."""
    parts = []
    for child in parent:
        unwrap(child)
        if child.tag == "g" and not child.attrib:
            parts += child
        elif child.tag != "path" or (child.get("d", "") not in EMPTY and child.attrib.keys() - {"d", "transform"}):
            parts.append(child)
    parent[:] = parts


def merge_clips(svg):
    """Vega gives each mark a frame of its own, though those of a panel share it."""
    first, same = {}, {}
    for parent in svg.iter("defs"):
        for clip in parent.findall("clipPath"):
            frame = ElementTree.tostring(clip[0])
            same[clip.get("id")] = first.setdefault(frame, clip.get("id"))
            if same[clip.get("id")] != clip.get("id"):
                parent.remove(clip)
    for mark in svg.iter():
        if "clip-path" in mark.attrib:
            mark.set("clip-path", f"url(#{same[mark.get('clip-path')[5:-1]]})")


def control(name, signal):
    """A signal with a `bind` as HTML, with a label that does not contain the value."""
    bind, value, this = signal["bind"], signal["value"], f"chart-{name}-{signal['name']}"
    label = html.escape(bind.get("name", signal["name"]).strip()).replace("/", "/\N{WORD JOINER}")  # 1/τ stays whole
    same = f'id="{this}" name="{signal["name"]}"'
    if signal["name"] == "sample":
        button = f'<button type="button" {same} value="{value}" data-last="{bind["max"]}">New sample</button>'
        return f'<div class="chart-control">{button}</div>'
    if bind["input"] == "select":
        pairs = zip(bind["options"], bind.get("labels", bind["options"]), strict=True)
        options = "".join(
            f'<option value="{html.escape(str(o))}"{" selected" * (o == value)}>{html.escape(str(text))}</option>'
            for o, text in pairs
        )
        field = f"<select {same}>{options}</select>"
    elif bind["input"] == "checkbox":
        field = f'<input type="checkbox" {same}{" checked" * bool(value)} />'
    else:
        limits = "".join(f' {key}="{bind[key]}"' for key in ("min", "max", "step") if key in bind)
        field = f'<input type="{bind["input"]}" {same}{limits} value="{value}" />'
        if bind["input"] == "range":
            field += f'<output for="{this}" aria-hidden="true">{value}</output>'
    return f'<div class="chart-control"><label for="{this}">{label}</label>{field}</div>'


class VegaLiteRenderer:
    mime_priority_overrides = (("html", "application/vnd.vegalite.v5+json", 1),)

    @staticmethod
    def handle_mime(renderer, data, inline):
        if data.mime_type != "application/vnd.vegalite.v5+json":
            return None
        renderer.add_js_file("charts", "charts.js", {"loading_method": "defer"})
        try:
            return [nodes.raw(text=chart_html(data.content), format="html", classes=["output"])]
        except ValueError as error:
            source = renderer.renderer.document["source"]
            place = f"{source}, the output of cell {data.cell_index}"
            raise SphinxError(f"{place}: {error}") from error


def chart_html(spec):
    """The HTML of one chart. Raises ValueError if it has no name or no description."""
    for key in ("name", "description"):
        if key not in spec:
            raise ValueError(f"a chart has no {key}: .properties({key}=...) gives it one")
    name = spec["name"]
    vega = vl_convert.vegalite_to_vega(spec, vl_version=VEGA_LITE, config=CONFIG)
    del vega["$schema"]  # it names Vega 5, the bundle has 6: same specification, but Vega warns
    source, numbers = take_readout(vega, vl_convert.vega_to_svg(vega))
    silence(vega["marks"])
    bound = [signal for signal in vega["signals"] if "bind" in signal]
    controls = "".join(control(name, signal) for signal in bound)
    for signal in bound:
        del signal["bind"]
    sizes = [draw(vega, f"{name}-wide"), draw(stack(vega), f"{name}-narrow")]
    data = {
        "vega": vega,
        "numbers": source,
        "widths": panels(vega)[1],
        "wide": sizes[0][1],
        "narrow": sizes[1][1],
        "stacked": STACKED,
    }
    data = json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("</", "<\\/")
    return PAGE_HTML.format(
        name=name,
        source=hashlib.sha256(data.encode()).hexdigest()[:12],
        description=html.escape(spec["description"]),
        controls=controls,
        count=len(bound),
        numbers="".join(f"<span>{line}</span> " for line in numbers),
        pictures="".join(svg for svg, _, _ in sizes),
        heights=[f"{height:g}" for _, _, height in sizes],
        data=data,
    )


def write_data(app, error):
    """Move the data of charts out of the pages: a script for each, since a page on disk may fetch nothing else."""
    if error or app.builder.format != "html":
        return
    folder = Path(app.outdir) / "_static" / "charts"
    folder.mkdir(exist_ok=True)

    def move(found):
        name, data = found.groups()
        (folder / f"{name}.js").write_text(f'(window.chartData ??= {{}})["{name}"] = {data};\n', encoding="utf-8")
        return ""

    for page in Path(app.outdir).rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        page.write_text(DATA.sub(move, text), encoding="utf-8")


def write_vega(app):
    """Write Vega as a classic script with a scope of its own: its top-level names collide with the theme's."""
    target = Path(app.outdir) / "_static" / "vega.js"
    target.parent.mkdir(parents=True, exist_ok=True)
    bundle = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;", vl_version=VEGA_LITE)
    target.write_text(f"(() => {{\n{bundle}\n}})();\n", encoding="utf-8")


def setup(app):
    app.connect("builder-inited", write_vega)
    app.connect("build-finished", write_data)
