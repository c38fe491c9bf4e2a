"""The charts of the built site: every control moved, wide and on the smallest phone; a picture before any script."""

import chart_numbers
import pytest
from browsing import PAGES, draw_charts, moves, value
from playwright.sync_api import expect

SIZES = {"wide": {"width": 1280, "height": 900}, "smallest phone": {"width": 320, "height": 640}}
WITH_CHARTS = [name for name in PAGES if name == "index" or name.startswith("chapters/")]


def tables(chart):
    """The data that the page gives to a chart: each a list of rows."""
    data = chart.evaluate("chart => chartData[chart.dataset.source].vega.data")
    return [table["values"] for table in data if isinstance(table.get("values"), list)]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", WITH_CHARTS)
def test_charts_show_what_lib_computes(open_page, server, name, size):
    page = open_page(f"{server}{name}.html", viewport=SIZES[size])
    before = [chart.bounding_box()["height"] for chart in page.locator(".chart").all()]
    charts = draw_charts(page)
    assert [chart.bounding_box()["height"] for chart in charts] == before, "the page moves when Vega comes"
    for chart in charts:
        box, drawn = chart.locator(".chart-picture").bounding_box(), chart.locator("svg.marks").bounding_box()
        assert box["width"] - 8 <= drawn["width"] <= box["width"] + 1 and drawn["height"] <= box["height"] + 1, drawn
        expected = getattr(chart_numbers, chart.get_attribute("id").removeprefix("chart-"))
        data = tables(chart)
        controls = chart.locator(".chart-controls [name]").all()
        for control in controls:
            shown = {chart.locator("svg").text_content() + chart.locator(".chart-numbers").text_content()}
            for move in moves(control)[: None if size == "wide" else 1]:
                move()
                for line in expected(data, **{c.get_attribute("name"): value(c) for c in controls}):
                    expect(chart).to_contain_text(line)
                shown.add(chart.locator("svg").text_content() + chart.locator(".chart-numbers").text_content())
            assert len(shown) > 1 or size != "wide", control.get_attribute("name")


@pytest.mark.parametrize("kind", ["slider", "button"])
def test_what_was_moved_before_the_script_came_counts(browser, server, kind):
    page, held = browser.new_page(), []
    page.route("**/charts.js*", lambda route: held.append(route))
    page.goto(f"{server}chapters/map_regularization.html")
    chart = page.locator("#chart-posterior")
    slider, button = chart.locator("[name=scale]"), chart.get_by_role("button", name="New sample")
    with page.expect_request("**/charts.js*", timeout=5000):
        slider.press("ArrowRight") if kind == "slider" else button.click()
    while not held:
        page.wait_for_timeout(20)
    held.pop().continue_()
    expect(chart.locator("svg.marks")).to_be_visible()
    now = {control.get_attribute("name"): value(control) for control in chart.locator(".chart-controls [name]").all()}
    assert now["sample"] == (1 if kind == "slider" else 2)
    expect(chart.locator(f"output[for={slider.get_attribute('id')}]")).to_have_text(f"{now['scale']:g}")
    for line in chart_numbers.posterior(tables(chart), **now):
        expect(chart).to_contain_text(line)
    page.close()


@pytest.mark.parametrize("name", WITH_CHARTS)
def test_a_chart_is_a_picture_without_any_script(browser, server, name):
    """As it is with one, until a reader touches it; also on paper."""
    page = browser.new_page(java_script_enabled=False)
    page.goto(f"{server}{name}.html")
    charts = page.locator(".chart").all()
    for size in SIZES.values():
        page.set_viewport_size(size)
        for chart in charts:
            picture = chart.locator(".chart-picture > svg:visible")
            expect(picture).to_have_count(1)
            box, room = picture.bounding_box(), chart.bounding_box()
            assert box["height"] > 150 and box["width"] > 200 and room["width"] <= size["width"]
            assert box["x"] + box["width"] <= room["x"] + room["width"] + 1
    page.emulate_media(media="print")
    for chart in charts:
        expect(chart.locator(".chart-picture > svg:visible")).to_have_count(1)
        expect(chart.locator(".chart-controls")).to_be_hidden()
    page.close()


def test_without_vega_a_chart_stays_a_picture_and_says_so(browser, server):
    page = browser.new_page()
    page.route("**/vega.js*", lambda route: route.abort())
    page.goto(f"{server}chapters/mse_gaussian.html")
    for chart in page.locator(".chart").all():
        chart.hover()
        expect(chart.locator(".chart-numbers")).to_contain_text("did not load")
        expect(chart.locator(".chart-picture > svg:visible")).to_have_count(1)
    page.emulate_media(media="print")
    expect(page.locator(".chart-picture > svg:visible")).to_have_count(page.locator(".chart").count())
    page.close()


def test_a_moved_control_is_announced(open_page, server):
    """The line of numbers is a live text, and the name of a control does not hold its value."""
    page = open_page(f"{server}chapters/mse_gaussian.html")
    chart = page.locator("#chart-line_and_noise")
    control = chart.get_by_role("slider", name="slope (y per x)", exact=True)
    numbers = chart.get_by_role("status")
    before = numbers.text_content()
    control.press("ArrowRight")
    expect(numbers).not_to_have_text(before)
    expect(chart.locator("output").first).to_have_text("1.1")
