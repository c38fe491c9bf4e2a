"""What the tests of the built site share: its pages, building it, its charts, and what a browser can see."""

import os
import re
from functools import partial

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tools.book import pages

REPOSITORY = os.environ.get("GITHUB_REPOSITORY", "someone/a-fork")
ADDRESS = "https://{}.github.io/{}/".format(*REPOSITORY.lower().split("/"))
WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 375, "height": 700}

PAGES = pages()
LOOKED_UP = ["chapters/which_loss"]  # run and checked like a chapter, but a page of answers: no story, no pictures


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
    options = {"rules": {"target-size": {"enabled": True}}, "resultTypes": ["violations"], "preload": False, **options}
    result = Axe().run(page, context=context, options=options)
    return result.generate_report() if result.violations_count else ""


def scroll_through(page):
    """From top to bottom, as who reads it: what stands far below is laid out when it comes near."""
    page.evaluate(
        """async () => {
            for (let y = 0; y < document.documentElement.scrollHeight; y += innerHeight) {
                scrollTo(0, y);
                await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
            }
        }"""
    )


def overflow(page):
    """By how many pixels the page is wider than the window; what is not laid out yet is, first."""
    return page.evaluate(
        """() => {
            for (const section of document.querySelectorAll("section")) section.style.contentVisibility = "visible";
            return document.documentElement.scrollWidth - document.documentElement.clientWidth;
        }"""
    )
