"""What the tests of the built site share: its pages, building it, its charts, and what a browser can see."""

import os
import re
import subprocess
import sys
from functools import partial
from pathlib import Path

import yaml
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

ROOT = Path(__file__).resolve().parent.parent
REPOSITORY = "someone/a-fork"
WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 375, "height": 700}


def pages_of(toc):
    """The pages that a table of contents names, in reading order."""
    if isinstance(toc, list):
        return [page for part in toc for page in pages_of(part)]
    own = [toc[key] for key in ("root", "file") if key in toc]
    return own + [page for key in ("parts", "chapters", "sections") for page in pages_of(toc.get(key, []))]


PAGES = pages_of(yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8")))
LOOKED_UP = ["chapters/which_loss"]  # run and checked like a chapter, but a page of answers: no story, no pictures


def build(source, target, *, strict=True, **environment):
    """Build a book into `target`; return the finished process. No CI variable of this machine reaches it."""
    ci = ("GITHUB_REPOSITORY", "GITHUB_SERVER_URL", "CI_PROJECT_URL", "CI_PAGES_URL")
    jupyter_book = Path(sys.executable).with_name("jupyter-book")
    return subprocess.run(
        [
            jupyter_book,
            "build",
            source,
            "--path-output",
            target,
            "--all",
            "-q",
            *(["-n", "-W", "--keep-going"] if strict else []),
        ],
        capture_output=True,
        encoding="utf-8",
        env={key: value for key, value in os.environ.items() if key not in ci} | environment,
    )


def draw_charts(page):
    """Touch every chart, wait until Vega has drawn it, and return the charts."""
    charts = page.locator(".chart").all()
    for chart in charts:
        chart.dispatch_event("pointerenter")
        expect(chart.locator("svg.marks")).to_be_visible()
    return charts


def moves(control):
    """What a reader does with a slider, a number box, a button, or a menu, which is left at its first choice."""
    kind = control.get_attribute("type")
    if kind == "range":
        return [partial(control.press, key) for key in ("PageUp", "ArrowRight")]
    if kind == "number":
        return [partial(control.fill, text) for text in ("0.2", "7")]
    if kind in ("button", "checkbox"):
        return [control.click, control.click]
    options = control.locator("option").all()
    return [partial(control.select_option, o.get_attribute("value")) for o in options] + [
        partial(control.select_option, control.input_value())
    ]


def value(control):
    kind = control.get_attribute("type")
    if kind == "checkbox":
        return control.is_checked()
    text = control.evaluate("control => control.value")
    return int(text) if kind == "button" else float(text) if kind in ("range", "number") else text


def raw_tex(page):
    """TeX that a reader would see, outside of code."""
    text = page.evaluate(
        """() => {
            const main = document.querySelector("main").cloneNode(true);
            main.querySelectorAll("pre, code, script").forEach((element) => element.remove());
            return main.textContent;
        }"""
    )
    return re.findall(r"\$\$.*|\\[a-zA-Z(\[].*", text)


def axe(page, context=None, **options):
    """What axe finds wrong with the page, as text."""
    result = Axe().run(page, context=context, options={"resultTypes": ["violations"], **options})
    return result.generate_report() if result.violations_count else ""


def overflow(page):
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
