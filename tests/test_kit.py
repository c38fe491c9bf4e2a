"""The kit in the site: each file is there and linked with its size, archives have the same bytes twice."""

import os
import re
import shutil
import zipfile
from html.parser import HTMLParser

import pytest

from teaching import kit

WHOLE = ["slides/counts.html", "slides/assets/slides.css", "paper/counts.pdf", "paper/counts-solutions.pdf"]
WHOLE += ["paper/cheat-sheet.pdf", "otter/counts/counts-student.zip", "moodle.xml", "qti.zip", "gift.txt", "anki.apkg"]
WHOLE += ["otter/counts/counts-autograder.zip"]


@pytest.fixture
def book(site, tmp_path):
    """A copy of the site's pages, and a small kit."""
    for page in ["teach.html", *(f"chapters/{path.name}" for path in (site / "chapters").glob("*.html"))]:
        (tmp_path / "html" / page).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(site / page, tmp_path / "html" / page)
    for number, name in enumerate(WHOLE, 1):
        file = tmp_path / "kit" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(bytes(number * 100_000))
    return tmp_path


class Links(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.found += [value for name, value in attributes if name == "href"]


def test_what_is_there_is_linked_with_its_size_and_what_is_missing_is_a_dash(book):
    kit.publish(book / "kit", book / "html")
    text = kit.PLACE.search((book / "html" / "teach.html").read_text(encoding="utf-8"))[0]
    links = Links(text).found
    for name in [*kit.SAID, *(pattern.format("counts") for pattern in kit.OF_CHAPTER)]:
        assert f"teaching/{name}" in links
    assert all((book / "html" / link).exists() for link in links)
    assert not list(book.glob("html/**/*autograder*"))  # it holds the hidden tests
    assert re.search(r'<a href="teaching/qti.zip">[^<]+</a> \(800&nbsp;kB\)', text)
    assert re.search(r'<a href="teaching/anki.apkg">[^<]+</a> \(1.0&nbsp;MB\)', text)
    assert text.count("<tr>") == 1 + 20 and text.count("<td>–</td>") == 19 * 3


def test_the_same_kit_gives_the_same_bytes_and_a_list_that_is_written_once(book):
    kit.publish(book / "kit", book / "html")
    first = {file: file.read_bytes() for file in (book / "html").rglob("*") if file.is_file()}
    for file in (book / "kit").rglob("*"):
        os.utime(file, (1e9, 1e9))
    kit.publish(book / "kit", book / "html")
    assert first == {file: file.read_bytes() for file in (book / "html").rglob("*") if file.is_file()}
    with zipfile.ZipFile(book / "html" / "teaching" / "slides.zip") as archive:
        assert archive.namelist() == ["slides/assets/slides.css", "slides/counts.html"]


def test_a_site_without_its_place_is_named(book):
    (book / "html" / "teach.html").write_text("<p></p>", encoding="utf-8")
    with pytest.raises(SystemExit, match=r"teach\.html has no place for the kit"):
        kit.publish(book / "kit", book / "html")


def test_without_a_site_there_is_a_sentence(tmp_path):
    with pytest.raises(SystemExit, match="There is no built site"):
        kit.main(tmp_path)
