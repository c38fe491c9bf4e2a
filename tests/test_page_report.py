"""Bounds of a page made for its reader: measured in the built site at 1440 px; what scrolls sideways, at 1280 px."""

import statistics

import pytest
from browsing import LOOKED_UP, PAGES

from tools.page_report import measure

CHAPTERS = [name for name in PAGES if name.startswith("chapters/") and name not in LOOKED_UP]
EXERCISES = [name for name in PAGES if name.startswith("exercises/")]


@pytest.fixture(scope="session")
def report(browser, server):
    """What is measured on each page, once."""
    page = browser.new_page()
    found = {name: measure(page, f"{server}{name}.html") for name in ["index", *CHAPTERS, *LOOKED_UP, *EXERCISES]}
    page.close()
    return found


def shares(*pages):
    height = sum(found["height"] for found in pages)
    return {part: sum(found[part] for found in pages) / height for part in ("code", "output", "pictures")}


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_chapter_is_pictures_first_and_its_code_is_short(report, name):
    found = report[name]
    share = shares(found)
    assert share["code"] <= 0.28 and share["output"] <= 0.09 and share["pictures"] >= 0.15, share
    assert found["first"] <= 1000, "the first picture ends too late"
    assert found["stretch"] <= 3000, "too long without a picture, a chart or something to open"
    assert max(found["cells"]) <= 15, found["cells"]
    assert 65 <= statistics.median(found["measure"]) <= 78


def test_on_average_too(report):
    chapters = [report[name] for name in CHAPTERS]
    share = shares(*chapters)
    assert share["code"] <= 0.20 and share["output"] <= 0.06 and share["pictures"] >= 0.25, share
    assert statistics.median(lines for found in chapters for lines in found["cells"]) <= 6


@pytest.mark.parametrize("name", ["index", *CHAPTERS, *LOOKED_UP, *EXERCISES])
def test_no_box_scrolls_sideways(report, name):
    assert not report[name]["sideways"]


@pytest.mark.parametrize("name", EXERCISES)
def test_the_task_is_seen_first(report, name):
    """Setup and checks are folded, so that what is visible of the code is what a student fills in."""
    assert max(report[name]["cells"]) <= 15, report[name]["cells"]
