"""The search of the built site, opened from disk: it finds, soon, whatever is typed, with the keyboard alone."""

import json
import re
import statistics
from types import SimpleNamespace

import pytest
import yaml
from browsing import PHONE, axe, overflow
from docutils import nodes
from docutils.core import publish_doctree
from playwright.sync_api import expect
from sphinx.errors import SphinxError
from torch import nn
from torch.nn import functional

from tools.book import ROOT
from website import search

QUERIES = yaml.safe_load((ROOT / "tests" / "queries.yaml").read_text(encoding="utf-8"))
PAGE = "chapters/mse_gaussian"
# The time from a key to the first result, as the page itself sees it.
WATCH = """() => {
    const list = document.querySelector(".search-button__search-container ol");
    let pressed;
    window.waits = [];
    document.addEventListener("keydown", () => (pressed = performance.now()), true);
    new MutationObserver(() => {
        if (list.childElementCount) window.waits.push(performance.now() - pressed);
    }).observe(list, { childList: true });
}"""

# The first results of each query, typed into the page's field one after the other.
FIRST_THREE = """async (queries) => {
    const field = document.querySelector("article form.bd-search input");
    const list = field.closest("form").nextElementSibling.querySelector("ol");
    const found = [];
    for (const query of queries) {
        list.replaceChildren();
        list.previousElementSibling.textContent = "";
        field.value = query;
        field.dispatchEvent(new Event("input"));
        const said = () => list.childElementCount || list.previousElementSibling.textContent.startsWith("Nothing");
        while (!said()) await new Promise((done) => setTimeout(done));
        const links = [...list.querySelectorAll("a")].slice(0, 3);
        found.push(links.map((link) => link.getAttribute("href").replace("./", "")));
    }
    return found;
}"""


@pytest.fixture
def from_disk(open_page, site):
    """A function that opens a page from disk and its search."""

    def from_disk(name=PAGE, **options):
        page = open_page((site / f"{name}.html").as_uri(), **options)
        page.keyboard.press("Control+k")
        return page

    return from_disk


def field(page):
    return page.locator("form.bd-search input:visible")


def results(page):
    return page.locator(".search-results:visible li:not(.search-all) a")


def test_the_table_is_whole():
    assert len(QUERIES) >= 120
    typed = {str(query).removeprefix("F.") for query in QUERIES}
    classes = {name for name in dir(nn) if "Loss" in name} - {"NLLLoss2d"}  # an old name of NLLLoss
    functions = {n for n in dir(functional) if n.endswith(("_loss", "cross_entropy", "kl_div", "_with_logits"))}
    assert classes | functions <= typed


def test_each_query_finds_its_section_among_the_first_three(from_disk):
    page = from_disk("search")
    found = page.evaluate(FIRST_THREE, [str(query) for query in QUERIES])
    lost = {}
    for (query, wanted), links in zip(QUERIES.items(), found, strict=True):
        path, _, anchor = wanted.partition("#")
        if f"{path}.html{'#' * bool(anchor)}{anchor}" not in links:
            lost[query] = links
    assert not lost


def test_every_section_is_in_the_index_and_is_there(site):
    text = (site / "_static" / "search_index.js").read_text(encoding="utf-8")
    sections = json.loads(text.removeprefix("searchIndex=").removesuffix(";\n"))["sections"]
    pages = {}
    for address, *_ in sections:
        path, _, anchor = address.partition("#")
        html = pages.setdefault(path, (site / path).read_text(encoding="utf-8"))
        assert not anchor or f'id="{anchor}"' in html, address
    headings = sum(len(re.findall("<h[1-6][ >]", re.split("</?article", html)[1])) for html in pages.values())
    assert len(sections) > 300 and headings <= len(sections)


def test_a_first_result_within_150_ms_of_a_key(from_disk):
    first, later = [], []
    for query in ("huber", "negative loss", "nan"):
        page = from_disk()
        page.evaluate(WATCH)
        page.keyboard.type(query)
        expect(results(page).first).to_be_visible()
        page.wait_for_timeout(200)
        waits = page.evaluate("window.waits")
        first.append(waits[0])
        later += waits[1:]
    assert statistics.median(first) <= 150, first  # the index was fetched and read meanwhile
    assert statistics.median(later) <= 150 and len(later) > 8, later


def test_the_keyboard_leads_to_a_section_and_back(from_disk):
    page = from_disk()
    expect(field(page)).to_be_focused()
    page.keyboard.type("negative loss")
    expect(results(page).first).to_have_text(re.compile("The loss is negative"))
    page.keyboard.press("ArrowUp")
    expect(field(page)).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(results(page).nth(1)).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(".search-results").first).to_be_hidden()
    page.keyboard.press("Control+k")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/likelihood_to_loss.html#why-is-my-loss-negative")


def test_enter_opens_the_first_result_and_a_section_of_this_page_too(from_disk):
    page = from_disk()
    page.keyboard.type("n - p")
    page.keyboard.press("Enter")
    page.wait_for_url("**#*")
    expect(page.locator(".search-results").first).to_be_hidden()


def test_the_dialog_leads_to_all_results(from_disk):
    page = from_disk()
    page.keyboard.type("poisson")
    page.locator(".search-all a").click()
    page.wait_for_url("**/search.html?q=poisson")
    expect(field(page)).to_have_value("poisson")
    expect(results(page).nth(8)).to_be_visible()


def test_chapters_and_answers_come_before_exercises(from_disk):
    page = from_disk()
    for query in ("Poisson regression", "Huber", "beta"):
        field(page).fill(query)
        expect(results(page).first).not_to_contain_text("exercise")


def test_what_was_found_is_shown_and_marked(from_disk):
    page = from_disk()
    page.keyboard.type("perplexity")
    item = page.locator(".search-results:visible li").first
    expect(item.locator(".search-where")).to_have_text("Which loss? · answers")
    expect(item.locator("mark").first).to_have_text(re.compile("perplexity", re.I))
    assert 40 < len(item.locator("p").text_content()) < 200


ODD = [
    "",
    "   ",
    "<img src=x onerror=alert(1)>",
    "(.*+?^${}|[]\\",
    "__proto__ constructor",
    "😀",
    "the of a",
    "'\"&amp;",
]


def test_odd_input_finds_nothing_or_something(from_disk):
    page = from_disk()
    for query in [*ODD, "loss " * 2000, "x" * 5000]:
        field(page).fill("huber")
        expect(results(page).first).to_be_visible()
        field(page).fill(query)
        assert page.evaluate("document.activeElement.value") == query
        said = page.locator(".search-said").first.text_content()
        assert re.match("Nothing found|[0-9]+ sections?, " if query.strip() else "$", said), query
        assert page.locator(".search-results img").count() == 0


@pytest.mark.parametrize(("query", "same"), [("σ", "sigma"), ("naïve", "naive"), ("HUBER", "huber")])
def test_the_same_word_written_otherwise(from_disk, query, same):
    page = from_disk()
    found = []
    for text in (query, same):
        field(page).fill("")
        expect(page.locator(".search-said").first).to_have_text("")
        field(page).fill(text)
        expect(page.locator(".search-said").first).not_to_have_text("")
        found.append([a.get_attribute("href") for a in results(page).all()[:3]])
    assert found[0] == found[1]


@pytest.mark.parametrize("name", [PAGE, "search"])
def test_results_are_accessible_and_fit(open_page, server, name):
    page = open_page(f"{server}{name}.html", viewport=PHONE)  # axe reads the style sheets, which a disk forbids
    page.keyboard.press("Control+k")
    field(page).fill("cross entropy")
    expect(results(page).first).to_be_visible()
    expect(page.locator(".search-results:visible [role=status]")).to_contain_text("sections")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        expect(page.locator("html")).to_have_attribute("data-theme", scheme)
        assert overflow(page) == 0
        violations = axe(page, context={"exclude": ["section section"]})
        assert not violations, violations


def test_without_javascript_the_page_says_where_to_look(browser, site):
    page = browser.new_page(java_script_enabled=False)
    page.goto((site / "search.html").as_uri())
    page.locator("article a", has_text="Which loss?").click()
    expect(page.locator("h1").first).to_contain_text("Which loss?")
    page.close()


def test_no_page_loads_the_search_of_sphinx(site):
    for page in site.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        assert "searchtools" not in text and "searchindex.js" not in text and "doctools" not in text, page
    assert not (site / "searchindex.js").exists() and not (site / "_static" / "searchtools.js").exists()


def test_words_for_a_section_that_is_gone_stop_the_build(tmp_path, monkeypatch):
    (tmp_path / "_static").mkdir()
    monkeypatch.setattr(search, "WORDS", tmp_path / "words.yaml")
    tree = publish_doctree("A title\n=======\n\nIn ``code``, *y*.\n", settings_overrides={"doctitle_xform": False})
    titles = {"index": nodes.title("", "A title")}
    env = SimpleNamespace(all_docs=["index"], titles=titles, get_doctree=lambda page: tree)
    builder = SimpleNamespace(format="html", get_target_uri=lambda page: f"{page}.html")
    app = SimpleNamespace(env=env, builder=builder, outdir=tmp_path)
    search.WORDS.write_text("same: []\nplaces: {index: [door], 'index#gone': [lost], 'other#gone': [not built]}\n")
    with pytest.raises(SphinxError, match=r"there is no section index#gone$"):
        search.write_index(app, None)
    search.WORDS.write_text("same: []\nplaces: {index: [door, 0.693]}\n")
    search.write_index(app, None)
    (section,) = json.loads((tmp_path / "_static" / "search_index.js").read_text()[12:-2])["sections"]
    assert section == ["index.html", "A title", "", "reference", "door / 0.693", "In code, y."]
