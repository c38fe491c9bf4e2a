"""Where things are: launch buttons, the repository, the pages, the search, and what leads back from nowhere."""

import re
import subprocess
import sys

import nbformat
import pytest
from browsing import PAGES, REPOSITORY, axe
from IPython.core.inputtransformer2 import TransformerManager
from playwright.sync_api import expect

from tools.book import ROOT
from tools.gzip_server import serve
from website.head import pages_url
from website.notebooks import with_lib


@pytest.mark.parametrize("place", ["server", "disk"])
def test_search_finds_a_term(open_page, server, site, place):
    root = server if place == "server" else site.as_uri() + "/"
    page = open_page(f"{root}index.html")
    page.wait_for_load_state("networkidle")  # whoever leaves earlier cancels what is still on its way: the icon
    page.keyboard.press("Control+k")
    page.locator("input[type=search]:focus").fill("likelihood")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{root}chapters/*", wait_until="networkidle")
    expect(page.locator("article")).to_contain_text("ikelihood")


@pytest.mark.parametrize("name", [page for page in PAGES if "/" in page])
def test_launch_button_opens_the_notebook_in_the_fork(site, name):
    (url,) = set(re.findall(r'https://mybinder\.org[^"]*', (site / f"{name}.html").read_text(encoding="utf-8")))
    prefix = f"https://mybinder.org/v2/gh/{REPOSITORY}/HEAD?urlpath=lab/tree/"
    assert url.startswith(prefix)
    assert (ROOT / url.removeprefix(prefix)).is_file()


@pytest.mark.parametrize("name", [page for page in PAGES if "/" in page])
def test_colab_and_kaggle_open_the_notebook_that_gets_lib(site, name):
    text = (site / f"{name}.html").read_text(encoding="utf-8")
    notebook = f"{REPOSITORY}/blob/notebooks/{name}.ipynb"
    assert f'href="https://colab.research.google.com/github/{notebook}"' in text
    assert f'href="https://www.kaggle.com/kernels/welcome?src=https://github.com/{notebook}"' in text
    first = nbformat.read(site / "_sources" / f"{name}.ipynb", as_version=4).cells[0]
    assert f'%pip install -q "losses-are-likelihoods @ git+https://github.com/{REPOSITORY}"' in first.source


@pytest.mark.parametrize(("url", "said"), [(None, "beside its folder lib/"), ("https://github.com/a/b", "git+https")])
@pytest.mark.parametrize("place", ["alone", "beside"])
def test_a_downloaded_notebook_finds_lib_or_says_what_to_do(tmp_path, url, said, place):
    (folder := tmp_path / "chapters").mkdir()
    if place == "beside":
        (tmp_path / "lib").symlink_to(ROOT / "lib")
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("import lib\nprint(lib.__file__)")])
    code = TransformerManager().transform_cell(with_lib(notebook, url)["cells"][0].source + "\nimport lib")
    alone = [sys.executable, "-I", "-S", "-c", code]  # without this environment's packages
    done = subprocess.run(alone, cwd=folder, capture_output=True, text=True)
    assert (done.returncode == 0) == (place == "beside"), done.stderr
    assert place == "beside" or f"ModuleNotFoundError: {'Run once' if url else 'Put this'}" in done.stderr
    assert place == "beside" or said in done.stderr


@pytest.mark.parametrize(
    ("environment", "url"),
    [
        ({"GITHUB_REPOSITORY": "someone/book"}, "https://someone.github.io/book/"),
        ({"GITHUB_REPOSITORY": "Someone/someone.github.io"}, "https://someone.github.io/"),
        ({"CI_PAGES_URL": "https://group.gitlab.io/book"}, "https://group.gitlab.io/book/"),
        ({"CI_PROJECT_URL": "https://git.example.org/group/book"}, None),
        ({}, None),
    ],
)
def test_where_the_pages_are(tmp_path, monkeypatch, environment, url):
    for variable in ("GITHUB_REPOSITORY", "CI_PROJECT_URL", "CI_PAGES_URL"):
        monkeypatch.delenv(variable, raising=False)
    for variable, value in environment.items():
        monkeypatch.setenv(variable, value)
    assert pages_url(tmp_path) == url


def test_a_missing_page_leads_back(browser, site, tmp_path):
    (tmp_path / "a-fork").symlink_to(site)
    (tmp_path / "404.html").symlink_to(site / "404.html")
    with serve(tmp_path) as address:
        page = browser.new_page()
        assert page.goto(f"{address}a-fork/chapters/no_such_page.html").status == 404
        expect(page.locator("h1")).to_have_text("This page does not exist")
        assert not axe(page)
        page.get_by_text("Start at the first page").click()
        expect(page).to_have_url(f"{address}a-fork/index.html")
        page.close()


def test_an_address_that_names_a_heading_leads_to_it(open_page, site):
    address = f"{(site / 'fifty_minutes.html').as_uri()}#a-regulariser-is-a-prior"
    page = open_page(address, reduced_motion="no-preference")  # the page glides there, past what is not laid out yet
    page.wait_for_timeout(1500)
    expect(page.locator("#a-regulariser-is-a-prior > h2")).to_be_in_viewport()


def test_what_was_linked_before_is_still_there(site):
    """The pages of the first edition and the places on them; a section that moves leaves a label behind."""
    ids = {}
    for line in (ROOT / "tests" / "addresses.txt").read_text(encoding="utf-8").split():
        page, _, place = line.partition("#")
        if page not in ids:
            ids[page] = set(re.findall(r'\bid="([^"]+)"', (site / page).read_text(encoding="utf-8")))
        assert not place or place in ids[page], line
