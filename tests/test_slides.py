"""The decks: from 12 to 20 slides a chapter, none overflows, the chart moves, they print, a fault is a sentence."""

import hashlib
import io
import re
import subprocess
import sys

import pytest
from browsing import LOOKED_UP, PAGES
from bs4 import BeautifulSoup
from pypdf import PdfReader

from teaching import slides
from tools.book import ROOT

CHAPTERS = [page.removeprefix("chapters/") for page in PAGES if page.startswith("chapters/") and page not in LOOKED_UP]
SCREEN = {"viewport": {"width": slides.WIDE, "height": slides.HIGH}}


@pytest.fixture(scope="module")
def decks(site, tmp_path_factory):
    """The folder of the decks."""
    target = tmp_path_factory.mktemp("slides") / "slides"
    slides.write(site, target)
    return target


@pytest.fixture(scope="module")
def read(decks):
    """{chapter: its slides}"""
    files = {file.stem: BeautifulSoup(file.read_text(encoding="utf-8"), "html.parser") for file in decks.glob("*.html")}
    return {name: soup.select(".slides > section") for name, soup in files.items()}


def sums(folder):
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    return {str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def test_every_chapter_has_a_deck_of_12_to_20_slides(read):
    assert sorted(read) == sorted(CHAPTERS)
    for name, found in read.items():
        assert 12 <= len(found) <= 20, (name, len(found))
        names = [slide["data-name"] for slide in found]
        assert names[-2:] == ["In short", "Read on"] and len(set(names)) == len(names), (name, names)
        assert len([slide for slide in found if "asks" in slide["class"]]) >= 3, name
        assert any(slide.select_one(".formula, .chart, img, table") for slide in found), name


def test_what_is_on_a_slide_stands_on_the_page(site, read):
    for name, found in read.items():
        page = slides.read(site / "chapters" / f"{name}.html")
        headings = {heading.get_text() for heading in page.find_all(["h1", "h2"])}
        texs = {place["data-tex"] for place in page.find_all(attrs={"data-tex": True})}
        pictures = {re.sub(".*/", "", image["src"]) for image in page.find_all("img")}
        replies = {reply.get_text().strip() for reply in page.select(".predict .sd-summary-content")}
        for slide in found:
            if "asks" not in slide["class"]:
                heading = slide.find(["h1", "h2"]).get_text()
                assert heading in headings or heading == "Read on", (name, heading)
            assert {place["data-tex"] for place in slide.find_all(attrs={"data-tex": True})} <= texs
            assert {re.sub(".*/", "", image["src"]) for image in slide.find_all("img")} <= pictures
            assert {reply.get_text().strip() for reply in slide.select(".reply")} <= replies, (name, slide["data-name"])
            assert not slide.find("a", href=re.compile(r"^(?!https?:|mailto:)")), (name, slide["data-name"])


def test_each_slide_has_notes_and_each_prediction_one_right_option(read):
    for name, found in read.items():
        for slide in found:
            assert slide.select_one("aside.notes").get_text().strip(), (name, slide["data-name"])
            if "asks" in slide["class"]:
                assert len(slide.select(".options > li")) >= 3 and len(slide.select(".reply.right")) == 1


def test_two_runs_give_the_same_bytes(site, decks, tmp_path):
    slides.write(site, tmp_path / "again")
    assert sums(tmp_path / "again") == sums(decks)


def test_no_slide_overflows(decks, open_page):
    page = open_page((decks / f"{CHAPTERS[0]}.html").as_uri(), **SCREEN)
    found = [one for name in CHAPTERS for one in slides.overflows(page, decks / f"{name}.html")]
    assert not found


def test_an_overflow_is_named(decks, open_page, tmp_path):
    text = (decks / "mae_laplace.html").read_text(encoding="utf-8")
    text = text.replace("assets/", (decks / "assets").as_uri() + "/").replace(
        "<h2>In short</h2>", "<h2>In short</h2>" * 9
    )
    text = text.replace('<p class="hook">', f'<p class="hook" style="max-width: none">{"x" * 90}')
    planted = tmp_path / "planted.html"
    planted.write_text(text, encoding="utf-8")
    found = slides.overflows(open_page(planted.as_uri(), **SCREEN), planted)
    assert len(found) == 2 and all("planted.html" in one and "overflows" in one for one in found), found
    assert "'MAE is a Laplace likelihood'" in found[0] and "'In short'" in found[1]


def test_a_deck_works_from_a_file_and_prints(decks, open_page):
    file = decks / "mae_laplace.html"
    page = open_page(file.as_uri(), **SCREEN)
    page.wait_for_function("Reveal.isReady()")
    page.keyboard.press("ArrowRight")
    chart = page.locator("section.present .chart")
    before = chart.locator(".chart-numbers").text_content()
    slider = chart.locator("input[type=range]").first
    slider.focus()
    slider.press("Home")
    page.wait_for_selector("section.present .chart svg.marks")
    page.wait_for_function(
        "(before) => document.querySelector('.present .chart-numbers').textContent !== before", arg=before
    )
    page.evaluate("document.activeElement.blur()")
    while not page.locator("section.present.asks").count():
        page.keyboard.press("ArrowRight")
    reply = page.locator("section.present .reply").first
    assert reply.evaluate("reply => getComputedStyle(reply).visibility") == "hidden"
    page.keyboard.press("ArrowRight")
    page.wait_for_function("getComputedStyle(document.querySelector('.present .reply')).visibility === 'visible'")
    total = page.evaluate("Reveal.getTotalSlides()")
    page.goto(file.as_uri() + "?print-pdf")
    page.wait_for_selector(".pdf-page")
    margins = """pages => pages.map((one) => one.querySelector("h1, h2").getBoundingClientRect().left
        - one.getBoundingClientRect().left)"""
    assert all(60 < left < 120 for left in page.locator(".pdf-page").evaluate_all(margins))
    pdf = PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True, print_background=True)))
    assert len(pdf.pages) == total
    assert "Losses Are Likelihoods" in pdf.pages[0].extract_text() and "In short" in pdf.pages[-2].extract_text()


def test_without_a_site_there_is_a_sentence(tmp_path):
    command = [sys.executable, "-m", "teaching.slides", tmp_path / "nowhere", tmp_path / "slides"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 1 and "make site" in done.stderr and done.stderr.count("\n") == 1
