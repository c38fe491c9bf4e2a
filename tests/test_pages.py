"""The built site as a reader meets it: every page, wide and narrow, light and dark, from a server and from disk."""

import pytest
from browsing import PAGES, PHONE, WIDE, axe, draw_charts, overflow, raw_tex
from playwright.sync_api import expect


@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
@pytest.mark.parametrize("name", [*PAGES, "search"])
def test_page(open_page, server, name, viewport):
    page = open_page(f"{server}{name}.html", viewport=viewport)
    draw_charts(page)
    assert not raw_tex(page)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        expect(page.locator("html")).to_have_attribute("data-theme", scheme)
        assert overflow(page) == 0
        # Colours do not depend on the width, and looking at them takes most of the time. Those of code, the same on
        # every page, have a test of their own.
        if (viewport is WIDE) == (scheme == "light"):
            violations = axe(page, context={"exclude": ["pre"]})
        else:
            violations = axe(page, rules={"color-contrast": {"enabled": False}})
        assert not violations, violations


def test_colours_of_code(open_page, server):
    page = open_page(f"{server}{next(name for name in PAGES if name.startswith('chapters/'))}.html")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        violations = axe(page, context={"include": ["pre"]}, runOnly=["color-contrast"])
        assert not violations, violations


@pytest.mark.parametrize("name", PAGES)
def test_page_from_disk(open_page, site, name):
    page = open_page((site / f"{name}.html").as_uri(), viewport=PHONE)
    draw_charts(page)
    assert page.evaluate("document.fonts.ready.then(() => [...document.fonts].every((f) => f.status != 'error'))")


@pytest.mark.parametrize("name", PAGES)
def test_page_without_javascript(open_page, server, site, name):
    html = (site / f"{name}.html").read_text(encoding="utf-8")
    page = open_page(f"{server}{name}.html", java_script_enabled=False, viewport=PHONE)
    formulas = page.locator("mjx-container")
    assert formulas.count() == html.count("<mjx-container")
    if formulas.count():
        assert formulas.first.bounding_box()["width"] > 5
    for chart in page.locator(".chart").all():
        expect(chart.locator("noscript p")).to_contain_text("With JavaScript")


def test_keyboard_reaches_a_slider_and_a_dropdown(open_page, server):
    page = open_page(f"{server}chapters/bce_bernoulli.html")
    draw_charts(page)
    for target in ("input[type=range]", "details.sd-dropdown > summary", "details.hide > summary"):
        page.evaluate("target => { const e = document.querySelector(target); window.wanted = e; }", target)
        for _ in range(300):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement === window.wanted"):
                break
        else:
            pytest.fail(f"the Tab key does not reach {target}")
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline == "solid"
    page.keyboard.press("Enter")
    expect(page.locator("details.hide").first).to_have_attribute("open", "")


def test_the_copy_button_copies_the_cell(open_page, server):
    page = open_page(f"{server}chapters/bce_bernoulli.html", permissions=["clipboard-read", "clipboard-write"])
    cell = page.locator("div.highlight:has(.copybtn)").first
    cell.hover()
    cell.locator(".copybtn").click()
    copied = page.wait_for_function("navigator.clipboard.readText()").json_value()
    assert copied.strip() == cell.locator("pre").text_content().strip()


def test_a_printed_page_is_a_handout(open_page, server):
    page = open_page(f"{server}chapters/bce_bernoulli.html")
    page.emulate_media(media="print")
    for gone in (".bd-sidebar-primary", ".bd-header-article", ".prev-next-footer", ".copybtn", "details.admonition"):
        expect(page.locator(gone).first).to_be_hidden()
    expect(page.locator("h1").first).to_be_visible()
    expect(page.locator("figure img").first).to_be_visible()
