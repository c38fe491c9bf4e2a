"""Marking by hand, as a marker does: JupyterLab in the folder of a graded class, its menu, nbgrader's form grader."""

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from course.zoo import PIXEL, ZOO, hand_in

from .conftest import here, table


@pytest.fixture
def lab(jupyterlab, arguments, tmp_path):
    """The address of a JupyterLab server, started as `teach.md` says."""
    with jupyterlab(tmp_path / "grading", HOME=str(tmp_path)) as address:
        yield address


@pytest.fixture
def arguments(solutions, template, tmp_path):
    """What grades a class whose only student has photographed the derivation; it was graded with it."""
    hand_in(ZOO["picture"][0], template, tmp_path / "submitted" / "ada")
    made = ["--submissions", tmp_path / "submitted", "--to", tmp_path / "grading"]
    assert here(solutions, *made).returncode == 0
    return made


def test_a_derivation_is_marked_and_the_mark_is_kept(solutions, arguments, lab, browser, tmp_path):
    before = table(tmp_path / "grading")["ada"]
    assert (before["total"], before["status"]) == ("3", "needs marking")
    page = browser.new_page(viewport={"width": 1400, "height": 1000})
    page.set_default_timeout(30_000)
    page.goto(f"{lab}lab?token=x")
    page.get_by_role("menuitem", name="Nbgrader").click()
    page.get_by_text("Formgrader", exact=True).click()
    form = page.frame_locator("iframe[src*=formgrader]")
    form.get_by_role("link", name="Manual Grading").click()
    form.locator("a[href$='/gradebook/times']").click()
    form.locator("a[href*='/gradebook/times/multiply']").click()
    form.get_by_role("link", name=re.compile("Submission")).click()
    picture = form.locator("img[src^='data:image/png']")
    expect(picture).to_have_count(1)
    assert PIXEL in picture.get_attribute("src") and picture.evaluate("image => image.naturalWidth") == 1
    score = form.locator("input.score.needs_manual_grade")
    expect(score).to_have_count(1)
    score.fill("2.5")
    with page.expect_response(lambda answer: "/grade/" in answer.url and answer.request.method == "PUT"):
        score.press("Tab")
    expect(form.locator("input.score.needs_manual_grade")).to_have_count(0)
    if folder := os.environ.get("LAB_SCREENSHOTS"):
        page.screenshot(path=Path(folder) / "form_grader.png")
    page.close()
    assert "Graded now: 0." in here(solutions, *arguments).stdout
    after = table(tmp_path / "grading")["ada"]
    assert (after["total"], after["status"]) == ("5.5", "graded")
    assert "Score: 5.5 / 6.0" in (tmp_path / "grading/feedback/ada/times/multiply.html").read_text("utf-8")
