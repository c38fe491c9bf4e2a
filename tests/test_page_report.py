"""Bounds of a page made for its reader: measured in the built site at 1440 px; what scrolls sideways, at 1280 px."""

import statistics

import pytest
from browsing import PAGES

from tools.page_report import measure

CHAPTERS = [name for name in PAGES if name.startswith("chapters/")]
READY = [f"chapters/{name}" for name in ("mse_gaussian",)]
EXERCISES = [name for name in PAGES if name.startswith("exercises/")]


@pytest.fixture(scope="session")
def report(browser, server):
    """What is measured on each chapter, once."""
    page = browser.new_page()
    found = {name: measure(page, f"{server}{name}.html") for name in READY}
    page.close()
    return found


@pytest.mark.parametrize("name", READY)
def test_a_chapter_is_pictures_first_and_its_code_fits(report, name):
    found = report[name]
    share = {part: found[part] / found["height"] for part in ("code", "output", "pictures")}
    assert share["code"] <= 0.28 and share["output"] <= 0.09 and share["pictures"] >= 0.15, share
    assert found["first"] <= 1000, "the first picture ends too late"
    assert found["stretch"] <= 3000, "too long without a picture, a chart or something to open"
    assert statistics.median(found["cells"]) <= 8 and max(found["cells"]) <= 15, found["cells"]
    assert 65 <= statistics.median(found["measure"]) <= 78
    assert not found["sideways"]


def test_on_average_too(report):
    total = sum(found["height"] for found in report.values())
    share = {part: sum(found[part] for found in report.values()) / total for part in ("code", "output", "pictures")}
    assert share["code"] <= 0.20 and share["output"] <= 0.06 and share["pictures"] >= 0.23, share
