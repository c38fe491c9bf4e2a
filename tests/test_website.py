"""Each part of website/, on a book of six lines: it needs neither Jupyter Book nor the rest of this book."""

import io
import json
import re
import shutil

import numpy as np
import pytest
import vl_convert
from bs4 import BeautifulSoup
from fontTools.ttLib import TTFont
from PIL import Image
from sphinx.errors import SphinxError
from sphinx.testing.util import SphinxTestApp

from lib import explorers, plotting
from tools.book import ROOT
from website import assets, charts, images


@pytest.fixture
def make(tmp_path):
    """A function that builds a book of the given pages with some parts of website/: the folder of what was built."""

    def make(pages, *parts, **settings):
        book = tmp_path / "book"
        book.mkdir(exist_ok=True)
        for name, text in pages.items():
            (book / name).write_text(text, encoding="utf-8")
        extensions = [f"website.{part}" for part in parts]
        settings = {"extensions": extensions, "exclude_patterns": ["_build"], "root_doc": "index"} | settings
        (book / "conf.py").touch()
        app = SphinxTestApp("html", srcdir=book, confoverrides=settings)
        try:
            app.build(force_all=True)
        finally:
            app.cleanup()
        return book / "_build" / "html"

    return make


def test_a_book_without_a_glossary(make):
    out = make({"index.rst": "Title\n=====\n\nText.\n"}, "glossary")
    assert "Text." in (out / "index.html").read_text(encoding="utf-8")


def test_a_term_has_its_definition(make):
    glossary = "Terms\n=====\n\n.. glossary::\n\n   nat\n      A unit.\n"
    out = make(
        {"index.rst": "Title\n=====\n\nA :term:`nat`.\n\n.. toctree::\n\n   glossary\n", "glossary.rst": glossary},
        "glossary",
    )
    assert 'title="A unit."' in (out / "index.html").read_text(encoding="utf-8")


def test_formulas_are_rendered_and_can_be_copied(make):
    page = "Title\n=====\n\nAn :math:`x^2 < 1`.\n\n.. math:: \\frac{a}{b}\n\n:math:`c` and :math:`\\underbrace{d}_e`\n"
    out = make({"index.rst": page}, "formulas", html_math_renderer="prerendered")
    text = (out / "index.html").read_text(encoding="utf-8")
    assert text.count("<mjx-container") == 4
    assert re.findall(r'<span class="with-mark">.*?</mjx-container></span>(.*)</span>', text) == ["."]
    assert 'data-tex="$x^2 &lt; 1$"' in text and 'data-tex="$$\\frac{a}{b}$$"' in text
    css = (out / "_static" / "formulas.css").read_text(encoding="utf-8")
    assert "@font-face" in css
    named = {int(code, 16) for code in re.findall(r"\\([0-9A-F]+)", css)}
    fonts = [TTFont(file).getBestCmap() for file in (out / "_static" / "formulas").iterdir()]
    assert {0xE150, 0xE151} < named <= set().union(*filter(None, fonts)), "a brace has a middle"


def test_a_broken_formula_stops_the_build_and_names_its_page(make):
    with pytest.raises(SphinxError, match=r"index\.rst: .*in the formula \\frac\{a"):
        make({"index.rst": "Title\n=====\n\n:math:`\\frac{a`\n"}, "formulas", html_math_renderer="prerendered")


@pytest.mark.parametrize("missing", ["name", "description"])
def test_a_chart_says_what_it_lacks(missing):
    spec = {"name": "coin", "description": "A coin.", "mark": "point"}
    del spec[missing]
    with pytest.raises(ValueError, match=f"a chart has no {missing}"):
        charts.chart_html(spec)


def test_a_page_is_described_and_listed_where_its_address_is_known(make, monkeypatch):
    for variable in ("GITHUB_REPOSITORY", "CI_PROJECT_URL"):
        monkeypatch.delenv(variable, raising=False)
    pages = {
        "index.rst": "Title\n=====\n\nWhat it is < that.\n\n.. toctree::\n\n   other\n",
        "other.rst": "Other\n=====\n",
    }
    pages["404.html"] = '{% extends "page.html" %}'
    monkeypatch.setenv("CI_PAGES_URL", "https://group.example.org/book")
    out = make(pages, "head", templates_path=["."], html_title="Book")
    index = (out / "index.html").read_text(encoding="utf-8")
    assert '<meta name="description" content="What it is &lt; that." />' in index
    (about,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', index)
    assert json.loads(about)["url"] == "https://group.example.org/book/" and json.loads(about)["name"] == "Book"
    assert "noindex" in (out / "search.html").read_text(encoding="utf-8")
    assert "noindex" not in index and "ld+json" not in (out / "other.html").read_text(encoding="utf-8")
    listed = re.findall("<loc>(.*?)</loc>", (out / "sitemap.xml").read_text(encoding="utf-8"))
    assert listed == ["https://group.example.org/book/", "https://group.example.org/book/other.html"]
    monkeypatch.delenv("CI_PAGES_URL")
    (out / "sitemap.xml").unlink()
    make(pages, "head", templates_path=["."])
    assert not (out / "sitemap.xml").exists()


def test_a_page_says_how_it_is_cited(make, tmp_path):
    (tmp_path / "book").mkdir()
    shutil.copy(ROOT / "CITATION.cff", tmp_path / "book")
    footer = '{% extends "!page.html" %}{% block body %}{{ super() }}{% include "cite.html" %}{% endblock %}'
    pages = {"index.rst": "Title\n=====\n\n.. toctree::\n\n   other\n", "other.rst": "A < B\n=====\n"}
    pages |= {"page.html": footer, "cite.html": (ROOT / "website/templates/cite.html").read_text(encoding="utf-8")}
    out = make(pages, "cite", templates_path=["."])
    assert "Cite this page" not in (out / "index.html").read_text(encoding="utf-8")
    page = BeautifulSoup((out / "other.html").read_text(encoding="utf-8"), "html.parser")
    entry = page.select_one("details.cite pre").text
    assert entry.startswith("@incollection{other,") and "title     = {A < B}," in entry and "url" not in entry
    assert "author    = {{The authors of Losses Are Likelihoods}}," in entry and "year      = {2026}," in entry


def test_a_docstring_becomes_a_page_and_its_first_use_a_link_to_it(make, tmp_path, monkeypatch):
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "sums.py").write_text(
        'def double(x):\n    """Twice |x|.\n\n    Parameters\n    ----------\n    x : float, see `y`\n        and "z"\n'
        '\n    Source: a book.\n    """\n',
        encoding="utf-8",
    )
    monkeypatch.syspath_prepend(tmp_path / "parts")
    code = ".. code-block:: python\n\n   sums.double(1)\n   sums.double(2)\n"
    pages = {
        "index.rst": f"Title\n=====\n\n{code}\n.. toctree::\n\n   functions\n",
        "functions.rst": "Functions\n=========\n\n.. automodule:: sums\n   :members:\n",
    }
    out = make(pages, "reference")
    index = BeautifulSoup((out / "index.html").read_text(encoding="utf-8"), "html.parser")
    (link,) = index.select("pre a.lib")
    assert link["href"] == "functions.html#sums.double" and link.text == "sums.double"
    function = BeautifulSoup((out / "functions.html").read_text(encoding="utf-8"), "html.parser").select_one("dd")
    assert function.p.text == "Twice |x|." and function.li.strong.text == "x"
    assert [code.text for code in function.select("li code")] == ["y", '"z"']
    assert function.select("p")[-1].text == "Source: a book."


def test_every_page_asks_for_one_sheet_and_its_address_follows_its_content(make, tmp_path):
    static = tmp_path / "book" / "_static"
    static.mkdir(parents=True)
    style = ".used { color: red } .not-used { color: blue }"
    settings = {"html_static_path": ["_static"], "html_css_files": ["own.css"]}
    addresses = []
    for colour in ("red", "red", "green"):
        (static / "own.css").write_text(style.replace("red", colour), encoding="utf-8")
        out = make({"index.rst": "Title\n=====\n\n.. container:: used\n\n   Text.\n"}, "assets", **settings)
        text = (out / "index.html").read_text(encoding="utf-8")
        (sheet,) = re.findall(r'rel="stylesheet"[^>]*href="([^"]*)"|href="([^"]*)" rel="stylesheet"', text)
        addresses.append("".join(sheet))
        css = (out / assets.SHEET).read_text(encoding="utf-8")
        assert f".used{{color:{colour};}}" in css and "not-used" not in css
        assert not (out / "_static" / "own.css").exists()
        assert all("?v=" in script for script in re.findall(r'<script [^>]*src="([^"]*)"', text))
    assert addresses[0] == addresses[1] != addresses[2] and addresses[0].startswith("_static/book.css?v=")


@pytest.mark.parametrize(
    ("rule", "kept"),
    [
        (".a{x:1}", ".a{x:1;}"),
        (".a,.z{x:1}", ".a{x:1;}"),
        (".a .z{x:1}", ""),
        (".a.z, #z{x:1}", ""),
        ("p > .a:hover::before{x:1}", "p > .a:hover::before{x:1;}"),
        (".a:not(.z){x:1}", ".a:not(.z){x:1;}"),
        ("[data-mode=dark] .a{x:1}", "[data-mode=dark] .a{x:1;}"),
        ("[data-z] .a{x:1}", ""),
        ("@media print{.a{x:1}.z{x:2}}", "@media print{.a{x:1;}}"),
        ("@media print{.z{x:2}}", ""),
        ('@charset "utf-8";.a{x:1!important}', ".a{x:1!important;}"),
        (":root{--r:1;--z:2}.a{x:var(--r)}", ":root{--r:1;}\n.a{x:var(--r);}"),
        (":root{--r:var(--s);--s:2;--z:var(--s)}.a{x:var(--r)}", ":root{--r:var(--s);--s:2;}\n.a{x:var(--r);}"),
        (
            ".a{x:url(\"data:image/svg+xml;utf8,<svg a='{}'/>\")}",
            ".a{x:url(\"data:image/svg+xml;utf8,<svg a='{}'/>\");}",
        ),
    ],
)
def test_a_sheet_keeps_what_a_page_can_use(rule, kept):
    words = {"a", "p", "root", "mode"}
    rules = assets.purge(assets.tinycss2.parse_stylesheet(rule, True, True), words)
    assert assets.text_of(rules, assets.read_variables(rules, words)) == kept


@pytest.mark.parametrize("colour", ["DATA", "MODEL", "LOSS", "TRUTH", "OTHER"])
def test_a_line_of_a_figure_stands_out_from_a_dark_page(colour):
    line = [int(getattr(plotting, colour)[at : at + 2], 16) for at in (1, 3, 5)]
    part = images.darken(np.array([line, [255, 255, 255]])) / 255
    linear = np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)
    bright, page = linear @ [0.2126, 0.7152, 0.0722] + 0.05
    assert bright >= 3 * page


def test_a_grey_of_a_figure_stays_a_grey():
    greys = np.repeat(np.arange(256)[:, None], 3, axis=1)
    assert np.array_equal(images.darken(greys), images.darken(greys)[:, :1].repeat(3, axis=1))
    assert list(images.darken(greys)[[0, 255], 0]) == [255, images.DARK_PAGE]


def pixels(svg):
    return np.asarray(Image.open(io.BytesIO(vl_convert.svg_to_png(svg, scale=2))).convert("LA"), dtype=float)


@pytest.mark.parametrize("name", ["two_intervals", "plant_a_bug", "preference_simplex"])
def test_the_slim_picture_of_a_chart_looks_like_the_whole_one(name):
    spec = getattr(explorers, name)().to_dict()
    vega = vl_convert.vegalite_to_vega(spec, vl_version=charts.VEGA_LITE, config=charts.CONFIG)
    whole = vl_convert.vega_to_svg(vega)
    slim, width, height = charts.draw(vega, "x-wide")
    assert len(slim) < 0.6 * len(whole)
    alone = f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}" height="{height:g}" '
    # Edges move by a tenth of a pixel. A curve that is missing would be ten times as much.
    assert abs(pixels(whole) - pixels(slim.replace("<svg ", alone, 1))).mean() < 0.25
