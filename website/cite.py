"""How a page is cited, as BibTeX to copy: what CITATION.cff says of the book, and the page's own title."""

from pathlib import Path

import yaml

from website.head import address


def bibtex(key, fields):
    lines = "".join(f"  {name:9} = {{{value}}},\n" for name, value in fields.items() if value)
    return f"@incollection{{{key},\n{lines}}}"


def add_citation(app, page, template, context, doctree):
    file = Path(app.confdir) / "CITATION.cff"
    if doctree is None or page == app.config.root_doc or not file.exists():
        return
    book = yaml.safe_load(file.read_text(encoding="utf-8"))
    fields = {
        "author": " and ".join(f"{{{author['name']}}}" for author in book["authors"]),
        "title": app.env.titles[page].astext(),
        "booktitle": book["title"],
        "year": book["date-released"].year,
        "note": f"Version {book['version']}",
        "url": address(app, page) if app.config.html_baseurl else "",
    }
    context["citation"] = bibtex(page.rpartition("/")[2], fields)


def setup(app):
    app.connect("html-page-context", add_citation, priority=400)  # the theme drops what is empty at 500
