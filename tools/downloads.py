"""Make what can be taken away, and link it from the front page: python -m tools.downloads [site]

Into downloads/ of the built site: notebooks.zip, the book as an ePub (tools/epub.py), and as a PDF, once with its
answers closed and once with them open. The PDF is the pages themselves, put together and printed by Chromium: links
between pages are links inside it, headings are its outline, charts are their pictures.
"""

import posixpath
import re
import sys
import zipfile
from pathlib import Path
from urllib.parse import unquote, urlsplit

import nbformat
from bs4 import BeautifulSoup
from playwright.sync_api import sync_playwright
from pypdf import PdfWriter
from pypdf.generic import NameObject, TextStringObject

from tools import chromium, epub
from tools.book import ROOT, SITE, pages, save
from website.notebooks import with_lib

PDFS = {"losses-are-likelihoods.pdf": False, "losses-are-likelihoods-with-answers.pdf": True}
EPUB = "losses-are-likelihoods.epub"
ZIPPED = ["index.ipynb", "chapters", "exercises", "lib", "requirements.txt", "constraints.txt", "pyproject.toml"]
ZIPPED += ["README.md", "LICENSE", "website"]  # the project that requirements.txt installs
LEFT_OUT = ".only-dark, .headerlink, script, noscript, .chart-controls, .take-away"
MARGIN = {"top": "16mm", "bottom": "18mm", "left": "16mm", "right": "16mm"}
FOOTER = '<p style="width: 100%; text-align: center; font-size: 8px"><span class="pageNumber"></span></p>'


def key(page):
    return page.replace("/", "-")


def inside(page, address, names):
    """What a link of a page leads to in the whole book: an address inside it, the outside, or nothing."""
    parts = urlsplit(address)
    if parts.scheme or parts.netloc:
        return address
    path = posixpath.normpath(posixpath.join(posixpath.dirname(page), unquote(parts.path))) if parts.path else page
    target = path.removesuffix(".html")
    if target not in names:
        return None
    return f"#{key(target)}--{parts.fragment}" if parts.fragment else f"#{key(target)}"


def part(site, page, names):
    """One page as a section of the whole: its identifiers and addresses are those of the whole."""
    soup = BeautifulSoup((site / f"{page}.html").read_text(encoding="utf-8"), "html.parser")
    article = soup.find("article", class_="bd-article")
    for element in article.select(LEFT_OUT):
        element.decompose()
    for element in article.find_all(True):
        if "id" in element.attrs and not element.find_parent("svg") and element.name != "svg":
            element["id"] = f"{key(page)}--{element['id']}"
        if element.name == "a" and "href" in element.attrs:
            if target := inside(page, element["href"], names):
                element["href"] = target
            else:
                del element["href"]
        if element.name == "img":
            element["src"] = posixpath.normpath(posixpath.join(posixpath.dirname(page), element["src"]))
            del element["loading"]
    article.name, article["id"] = "section", key(page)
    return article


def whole(site, parts):
    """The whole book as one page."""
    front = (site / "index.html").read_text(encoding="utf-8")
    (sheet,) = re.findall(r'<link href="([^"]+)" rel="stylesheet" />', front.partition("<noscript>")[0])
    parts = "\n".join(map(str, parts.values()))
    return f"""<!doctype html>
<html lang="en" data-theme="light"><head><meta charset="utf-8"><title>Losses Are Likelihoods</title>
<link rel="stylesheet" href="{sheet}">
<style>section.bd-article + section.bd-article {{ break-before: page; }}</style></head>
<body><main class="bd-main">{parts}</main></body></html>"""


def mend_outline(file, headings):
    """Chromium's outline lacks the space where a heading goes on in a second line."""
    right = {"".join(heading.split()): " ".join(heading.split()) for heading in headings}
    writer = PdfWriter(file, incremental=True)

    def mend(entry):
        while entry is not None:
            entry = entry.get_object()
            title = "".join(entry["/Title"].split())
            entry[NameObject("/Title")] = TextStringObject(right.get(title, entry["/Title"]))
            mend(entry.get("/First"))
            entry = entry.get("/Next")

    mend(writer.root_object["/Outlines"].get_object().get("/First"))
    writer.write(file)


def write_pdfs(site, target, parts):
    page_file = site / "whole.html"
    save(page_file, whole(site, parts))
    path = chromium.find()
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=path, args=chromium.OPTIONS)
            page = browser.new_page()
            page.goto(page_file.as_uri())
            for name, answers in PDFS.items():
                page.evaluate(
                    "(open) => document.querySelectorAll('details.sd-dropdown').forEach((one) => (one.open = open))",
                    answers,
                )
                page.pdf(
                    path=target / name,
                    format="A4",
                    scale=0.85,
                    margin=MARGIN,
                    outline=True,
                    tagged=True,
                    print_background=True,
                    display_header_footer=True,
                    header_template="<p></p>",
                    footer_template=FOOTER,
                )
                mend_outline(target / name, page.locator("h1, h2, h3, h4").all_text_contents())
            browser.close()
    finally:
        page_file.unlink()


def content(file):
    """What the archive holds of a file: a notebook begins with the cell that finds `lib`."""
    if file.suffix != ".ipynb":
        return file.read_bytes()
    notebook = with_lib(nbformat.read(file, as_version=4), None)
    return nbformat.writes(nbformat.from_dict(notebook)) + "\n"


def write_zip(target):
    files = [ROOT / name for name in ZIPPED]
    files = [file for one in files for file in (sorted(one.rglob("*")) if one.is_dir() else [one]) if file.is_file()]
    with zipfile.ZipFile(target / "notebooks.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for file in files:
            if not {"__pycache__", ".ipynb_checkpoints"} & set(file.parts):
                name = f"losses-are-likelihoods/{file.relative_to(ROOT).as_posix()}"
                epub.put(archive, name, content(file))


def parts_of(site):
    """{page: its part of the whole}."""
    names = pages()
    return {page: part(site, page, names) for page in names}


def link(site, target):
    """Write the list of downloads, with their sizes, into the front page's place for it."""
    page = site / "index.html"
    text = page.read_text(encoding="utf-8")
    said = {
        "losses-are-likelihoods.pdf": "the book as PDF",
        "losses-are-likelihoods-with-answers.pdf": "the same with its answers",
        EPUB: "the book as ePub",
        "notebooks.zip": "all notebooks",
    }
    links = ", ".join(
        f'<a href="downloads/{name}" download>{words}</a> ({(target / name).stat().st_size / 1e6:.1f} MB)'
        for name, words in said.items()
    )
    start, end = '<p class="take-away">', "</p>"
    before, _, rest = text.partition(start)
    if not rest:
        sys.exit(f"{page} has no paragraph of the class take-away")
    save(page, f"{before}{start}To take away: {links}.{rest[rest.index(end) :]}")


def main(site=SITE):
    site = Path(site)
    if not (site / "index.html").exists():
        sys.exit(f"There is no built site in {site}: make site")
    target = site / "downloads"
    target.mkdir(exist_ok=True)
    write_zip(target)
    parts = parts_of(site)
    write_pdfs(site, target, parts)
    epub.write(target / EPUB, site, parts)
    link(site, target)
    print(*(f"{file.name} {file.stat().st_size / 1e6:.1f} MB" for file in sorted(target.iterdir())), sep="\n")


if __name__ == "__main__":
    main(*sys.argv[1:2])
