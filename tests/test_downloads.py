"""What can be taken away: the PDF is the whole book with its links and outline, an unpacked archive runs."""

import os
import re
import shutil
import subprocess
import sys
import zipfile

import nbformat
import pytest
from browsing import PAGES
from pypdf import PdfReader

from tools import downloads
from tools.book import ROOT


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
