"""Altair charts: their JSON goes into the page, and the site's own copy of Vega draws them when they come into view.

They are compiled from Vega-Lite to Vega while the site is built, so that an error
stops the build, and the box of a chart has its final size before anything is fetched.
"""

import html
import json
import re
from pathlib import Path

import vl_convert
from docutils import nodes

VEGA_LITE = "5.20"
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
PAGE_HTML = """
<div class="chart" id="chart-{name}">
<script type="application/json">{vega}</script>
<div class="chart-picture" role="img" aria-label="{description}" style="width: {width}px; height: {height}px"></div>
<div class="chart-controls" style="--controls: {controls}"></div>
<noscript><p>This chart needs JavaScript. It shows: {description}</p></noscript>
</div>
"""


class VegaLiteRenderer:
    mime_priority_overrides = (("html", "application/vnd.vegalite.v5+json", 1),)

    @staticmethod
    def handle_mime(renderer, data, inline):
        if data.mime_type != "application/vnd.vegalite.v5+json":
            return None
        spec = data.content
        for key in ("name", "description"):
            if key not in spec:
                renderer.logger.warning(
                    f"a chart has no {key}: .properties({key}=...) gives it one", subtype="chart", line=data.line
                )
                return []
        vega = vl_convert.vegalite_to_vega(spec, vl_version=VEGA_LITE, config=CONFIG)
        del vega["$schema"]  # it names Vega 5, the bundle has 6: same specification, but Vega warns
        width, height = re.search(r'width="([\d.]+)" height="([\d.]+)"', vl_convert.vega_to_svg(vega)).groups()
        renderer.add_js_file("charts", "charts.js", {"loading_method": "defer"})
        text = PAGE_HTML.format(
            name=spec["name"],
            description=html.escape(spec["description"]),
            vega=json.dumps(vega, ensure_ascii=False, separators=(",", ":")).replace("</", "<\\/"),
            width=width,
            height=height,
            controls=sum("bind" in signal for signal in vega.get("signals", [])),
        )
        return [nodes.raw(text=text, format="html", classes=["output"])]


def write_vega(app):
    """Write Vega as a classic script with a scope of its own: its top-level names collide with the theme's."""
    target = Path(app.outdir) / "_static" / "vega.js"
    target.parent.mkdir(parents=True, exist_ok=True)
    bundle = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;", vl_version=VEGA_LITE)
    target.write_text(f"(() => {{\n{bundle}\n}})();\n", encoding="utf-8")


def setup(app):
    app.connect("builder-inited", write_vega)
