"""What the built site says: no warning, no answer of an exercise, no address of a CDN; and it says what it is."""

import gzip
import html
import re

import nbformat
import pytest
from browsing import ADDRESS, LOOKED_UP, PAGES

from lib import explorers
from tools.book import ROOT, build


def test_the_site_builds_without_warnings(built):
    said, _ = built
    assert not said, said


def test_a_term_shows_its_definition(site):
    pages = "".join(page.read_text(encoding="utf-8") for page in site.glob("chapters/*.html"))
    link = r'<a [^>]*glossary\.html#term-([\w-]+)"(?: title="([^"]*)")?><span class="xref std std-term"'
    links = re.findall(link, pages)
    assert len(links) > 100
    glossary = re.sub(r"\*|['’]", "", (ROOT / "glossary.md").read_text(encoding="utf-8"))
    for term, title in links:
        definition = re.sub("['’]", "", html.unescape(title)).translate({ord(quote): '"' for quote in "“”"})
        assert len(definition) > 20 and f"\n  {definition}\n" in glossary, term
    assert dict(links)["efficiency"].startswith("Of an estimator A")


def test_a_page_comes_in_two_waves_of_packets(site):
    """A server sends ten packets, and twenty when they have come: what they hold is painted a round trip sooner."""
    packed = {page.stem: len(gzip.compress(page.read_bytes())) for page in site.glob("chapters/*.html")}
    assert not {name: size for name, size in packed.items() if size > 30 * 1460 - 300}  # without its headers


def test_no_page_names_a_cdn(site):
    for page in site.rglob("*.html"):
        assert not re.search(r"jsdelivr|unpkg|cdnjs|googleapis|mathjax.*\.js", page.read_text(encoding="utf-8")), page


@pytest.fixture
def small_book(tmp_path):
    """A folder with the settings of the book, whose only page is to be written: index.md or index.ipynb."""
    (tmp_path / "_config.yml").write_text((ROOT / "_config.yml").read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "_toc.yml").write_text("format: jb-book\nroot: index\n")
    (tmp_path / "references.bib").touch()
    (tmp_path / "website" / "static").mkdir(parents=True)
    (tmp_path / "website" / "static" / "favicon.svg").touch()
    return tmp_path


def test_a_failing_formula_stops_the_build(small_book):
    (small_book / "index.md").write_text("# A page\n\nRight: $\\theta$. Wrong: $\\thta$.\n")
    result = build(small_book, small_book)
    assert result.returncode != 0
    assert "index.md: Undefined control sequence \\thta" in result.stdout + result.stderr


@pytest.mark.parametrize("missing", ["name", "description"])
def test_a_chart_that_says_nothing_stops_the_build(small_book, missing):
    """Also without -W; and it says which cell."""
    chart = explorers.faces().to_dict()
    del chart[missing]
    output = nbformat.v4.new_output("execute_result", {"application/vnd.vegalite.v5+json": chart}, execution_count=1)
    cells = [nbformat.v4.new_markdown_cell("# A page"), nbformat.v4.new_code_cell("draw()", outputs=[output])]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), small_book / "index.ipynb")
    result = build(small_book, small_book, strict=False)
    said = result.stdout + result.stderr
    assert result.returncode != 0
    assert "index.ipynb, the output of cell 1: " in said and f"a chart has no {missing}" in said


def only_letters(text, is_html=False):
    """Without tags, quotes, white space and whatever else differs between a notebook, a page and JSON."""
    if is_html:
        text = html.unescape(re.sub(r"<[^>]*>", "", text))
    return re.sub(r"\\n|\W", "", text)


def test_no_answer_and_no_hidden_test_is_on_the_site(site):
    secret = "\n".join(
        region
        for path in ROOT.glob("solutions/*/*.ipynb")
        for cell in nbformat.read(path, as_version=4).cells
        for region in re.findall(r"BEGIN (?:SOLUTION|HIDDEN TESTS)(.*?)END ", cell.source, re.S)
    )
    lines = {only_letters(line) for line in secret.splitlines()}
    notebooks = [*ROOT.glob("chapters/*.ipynb"), *ROOT.glob("exercises/*/*.ipynb")]
    public = "".join(only_letters(path.read_text(encoding="utf-8")) for path in notebooks)
    secrets = {line for line in lines if len(line) > 25 and line not in public}
    assert len(secrets) > 200
    for path in site.rglob("*"):
        if path.suffix in (".html", ".ipynb", ".js", ".txt", ".md", ".json"):
            text = only_letters(path.read_text(encoding="utf-8"), path.suffix == ".html")
            found = [secret for secret in secrets if secret in text]
            assert not found, f"{path.name} gives away {found[0]}"
    assert '["solutions' not in (site / "_static" / "search_index.js").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", PAGES)
def test_page_says_what_it_is(site, name):
    page = (site / f"{name}.html").read_text(encoding="utf-8")
    sitemap = (site / "sitemap.xml").read_text(encoding="utf-8")
    address = f"{ADDRESS}{'' if name == PAGES[0] else f'{name}.html'}"
    assert f'<link rel="canonical" href="{address}" />' in page and address in sitemap
    (about,) = re.findall(r'<meta name="description" content="([^"]+)" />', page)
    assert 20 < len(html.unescape(about)) <= 162
    assert len(re.findall("Losses Are Likelihoods", re.search("<title>(.*)</title>", page)[1])) == 1
    assert 'aria-label="Toggle hidden content"' not in page
    assert f'<meta property="og:url" content="{address}" />' in page
    assert (site / "_static" / "card.png").stat().st_size > 5000
    pictures = re.findall(r"<img [^>]*_images/[^>]*\.webp[^>]*>", page)
    assert len([p for p in pictures if "only-dark" in p]) == len(pictures) / 2
    for picture in pictures:
        for attribute in (r'alt="[^"]{10,}', r'width="\d+"', r'height="\d+"', 'loading="lazy"', 'decoding="async"'):
            assert re.search(f" {attribute}", picture), picture
    assert re.search(r'<link rel="icon" href="[^"]*_static/favicon.svg[?]v=', page)
    assert re.search(r'<img [^>]*src="[^"]*_static/favicon.svg[?"][^>]*class="logo', page), "no logo in the sidebar"
    styles = (site / "_static" / "book.css").read_text(encoding="utf-8")
    for kind, icon in re.findall(r'class="(?:theme-switch )?(fa[\w-]*) (fa-[\w-]+)', page):
        assert kind in ("fas", "fa-solid") and f".{icon}::before" in styles, icon
    assert all("defer" in script for script in re.findall(r"<script [^>]*src=[^>]*>", page))
    assert ('class="left-prev"' in page, 'class="right-next"' in page) == (name != PAGES[0], name != PAGES[-1])
    if "/" in name:
        assert re.search(rf'href="[^"]*_sources/{name}.ipynb" download', page), "no download of the notebook"
        assert (site / "_sources" / f"{name}.ipynb").is_file()


def test_the_front_page_says_what_the_book_is(site):
    page = (site / "index.html").read_text(encoding="utf-8")
    assert '<meta name="description" content="Choose squared error, and you have said' in page
    assert "<title>Losses Are Likelihoods</title>" in page
    assert "@misc{losses_are_likelihoods" in html.unescape(re.sub("<[^>]*>", "", page))
    for path in ROOT.glob("chapters/*.ipynb"):
        assert f'href="chapters/{path.stem}.html"' in page
        if f"chapters/{path.stem}" not in LOOKED_UP:
            assert f"_images/{path.stem}.svg" in page, "no small picture"
