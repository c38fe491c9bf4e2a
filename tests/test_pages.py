"""The built site as a reader meets it: every page, wide and narrow, light and dark, from a server and from disk."""

import io

import pytest
from browsing import LOOKED_UP, PAGES, PHONE, WIDE, axe, draw_charts, overflow, raw_tex, scroll_through
from PIL import Image
from playwright.sync_api import expect

CHAPTER = "chapters/mse_gaussian"
CHAPTERS = [name for name in PAGES if name.startswith("chapters/") and name not in LOOKED_UP]


@pytest.mark.parametrize("name", [*PAGES, "search"])
def test_page(open_page, server, name):
    page = open_page(f"{server}{name}.html")
    draw_charts(page)
    assert not raw_tex(page)
    # Colours depend on the scheme and not on the width, all else that axe looks at on the width alone. The colours of
    # code, the same on every page, have a test of their own.
    for viewport, scheme in [(WIDE, "light"), (PHONE, "dark")]:
        page.set_viewport_size(viewport)
        page.emulate_media(color_scheme=scheme)
        expect(page.locator("html")).to_have_attribute("data-theme", scheme)
        scroll_through(page)
        assert overflow(page) == 0
        violations = axe(page, context={"exclude": ["pre"]})
        assert not violations, violations
        sizes = page.locator("figure img:visible").evaluate_all(
            "(all) => all.map((one) => [one.width, one.height, one.getAttribute('width'), one.getAttribute('height')])"
        )
        assert sizes or name not in CHAPTERS
        for width, height, whole_width, whole_height in sizes:
            assert width <= viewport["width"] and abs(height - width * int(whole_height) / int(whole_width)) <= 1


def test_colours_of_code(open_page, server):
    page = open_page(f"{server}{CHAPTERS[0]}.html")
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


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_every_stop_of_the_tab_key_can_be_seen(open_page, server, size):
    """A slider, an answer and folded code are among them; where the focus is, pixels change."""
    page = open_page(f"{server}{CHAPTER}.html", viewport=size)
    draw_charts(page)
    seen, unseen = set(), []
    for _ in range(150):
        page.keyboard.press("Tab")
        stop = page.evaluate(
            """() => {
                const e = document.activeElement, box = e.getBoundingClientRect();
                const kind = e.closest("details")?.className ?? e.type ?? "";
                return { kind: `${e.tagName} ${kind}`, html: e.outerHTML.slice(0, 80), body: e === document.body,
                         x: box.x, y: box.y, width: box.width, height: box.height };
            }"""
        )
        if stop["body"]:
            break
        seen.add(stop["kind"])
        left, top = max(stop["x"] - 6, 0), max(stop["y"] - 6, 0)
        right, bottom = (
            min(stop["x"] + stop["width"] + 6, size["width"]),
            min(stop["y"] + stop["height"] + 6, size["height"]),
        )
        if right <= left or bottom <= top:
            unseen.append(stop)
            continue
        clip = {"x": left, "y": top, "width": right - left, "height": bottom - top}
        with_focus = page.screenshot(clip=clip)
        page.evaluate("document.activeElement.blur()")
        if page.screenshot(clip=clip) == with_focus:
            unseen.append(stop)
    assert not unseen, "\n".join(map(str, unseen))
    for kind in ("INPUT range", "sd-dropdown", "hide"):
        assert any(kind in stop for stop in seen), f"the Tab key does not reach: {kind}"


def test_the_enter_key_opens_an_answer(open_page, server):
    page = open_page(f"{server}{CHAPTER}.html")
    for box in ("details.sd-dropdown", "details.hide"):
        page.locator(f"{box} > summary").first.focus()
        page.keyboard.press("Enter")
        expect(page.locator(box).first).to_have_attribute("open", "")


def test_the_copy_button_copies_the_cell(open_page, server):
    page = open_page(f"{server}chapters/bce_bernoulli.html", permissions=["clipboard-read", "clipboard-write"])
    cell = page.locator("div.highlight:has(.copybtn):visible").first
    cell.hover()
    cell.locator(".copybtn").click()
    copied = page.wait_for_function("navigator.clipboard.readText()").json_value()
    assert copied.strip() == cell.locator("pre").text_content().strip()


def test_code_and_the_citation_have_a_copy_button_and_touch_shows_it(open_page, server):
    page = open_page(f"{server}{CHAPTER}.html", viewport=PHONE, has_touch=True)
    buttons = page.locator(".copybtn")
    assert buttons.count() == page.locator(".cell_input .copybtn").count() + 1 > 6
    assert page.locator(".cite .copybtn").count() == 1
    assert float(page.locator(".cell_input:visible .copybtn").first.evaluate("b => getComputedStyle(b).opacity")) > 0.5


def test_a_printed_page_is_a_handout(open_page, server):
    """Closed answers and folded code are not printed; the options of a question are, without their replies."""
    page = open_page(f"{server}{CHAPTER}.html")
    page.emulate_media(media="print")
    gone = (".bd-sidebar-primary", ".bd-header-article", ".prev-next-footer", ".copybtn", ".chart-controls")
    for selector in (*gone, "details.hide", "article > section > details.sd-dropdown"):
        for element in page.locator(selector).all():
            expect(element).to_be_hidden()
    option = page.locator(".predict details.sd-dropdown").first
    expect(option.locator("summary")).to_be_visible()
    expect(option.locator(".sd-card-body")).to_be_hidden()
    expect(page.locator("h1").first).to_be_visible()
    expect(page.locator("figure img.only-light").first).to_be_visible()


def test_paper_is_white(open_page, server):
    page = open_page(f"{server}{CHAPTER}.html", color_scheme="dark")
    theme = page.locator("html")
    expect(theme).to_have_attribute("data-theme", "dark")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(theme).to_have_attribute("data-theme", "light")
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    expect(theme).to_have_attribute("data-theme", "dark")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_figures_are_sharp_and_have_the_colour_of_the_page(open_page, server, scheme):
    page = open_page(f"{server}{CHAPTER}.html", color_scheme=scheme)
    figure = page.locator("figure img:visible").first
    figure.scroll_into_view_if_needed()
    page.wait_for_function("image => image.complete && image.naturalWidth", arg=figure.element_handle())
    sizes = figure.evaluate("image => [image.naturalWidth, image.getBoundingClientRect().width]")
    assert sizes[0] >= 1.9 * sizes[1]
    with Image.open(io.BytesIO(figure.screenshot())) as picture:
        grey = picture.convert("L").getpixel((3, 3))
    assert grey > 250 if scheme == "light" else grey < 30


def test_letters_of_figures_can_be_read_on_a_phone(open_page, server):
    page = open_page(f"{server}{CHAPTER}.html", viewport=PHONE)
    figure = page.locator("figure img:visible").first
    shown, drawn = figure.evaluate(
        "image => [image.getBoundingClientRect().width, Number(image.getAttribute('width'))]"
    )
    points = 11.6  # of `use_style`
    assert points / 72 * 110 * shown / drawn >= 9


def test_without_javascript_a_phone_reaches_the_contents(browser, server):
    page = browser.new_page(viewport=PHONE, java_script_enabled=False)
    page.goto(f"{server}{CHAPTER}.html")
    link = page.locator(".bd-sidebar-primary a", has_text="Glossary")
    expect(link).to_be_visible()
    assert link.bounding_box()["x"] >= 0
    link.click()
    expect(page.locator("article h1")).to_contain_text("Glossary")
    page.close()


def test_the_first_touch_is_answered(browser, server):
    """Scripts that answer a reader are fetched when one is there, and what was pressed until then is not lost."""
    page = browser.new_page()
    for button, answer in [(".theme-switch-button", "html[data-mode=dark]"), (".search-button__button", "form input")]:
        page.goto(f"{server}{CHAPTER}.html")
        expect(page.locator("html:not([data-scripts]) script[data-src]")).to_have_count(8)
        page.locator(f"{button}:visible").first.dispatch_event("click")
        expect(page.locator(f"{answer}:visible")).to_be_visible()
    page.goto(f"{server}{CHAPTER}.html")
    page.keyboard.press("Control+k")
    expect(page.locator("form.bd-search input:visible")).to_be_focused()
    page.close()


def test_storage_may_be_denied(browser, server):
    page, errors = browser.new_page(), []
    page.on("pageerror", lambda error: errors.append(str(error)))
    denied = "{ configurable: true, get() { throw new DOMException('denied', 'SecurityError'); } }"
    page.add_init_script(f"Object.defineProperty(window, 'localStorage', {denied})")
    page.goto(f"{server}{CHAPTER}.html")
    page.locator(".theme-switch-button").first.click()
    assert not errors
    page.close()
