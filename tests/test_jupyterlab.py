"""Notebooks in real JupyterLab, as a student sees them: directives, formulas and charts are drawn, Run All works."""

import os
import shutil
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import expect

from tools.book import ROOT

NOTEBOOKS = ["index.ipynb", "chapters/robust_quantile.ipynb"]
# The beginning of an expression about the execution counts of the open notebook's code cells.
COUNTS = """const cells = [...jupyterapp.shell.currentWidget.content.model.cells];
const counts = cells.filter((cell) => cell.type === "code").map((cell) => cell.executionCount);
return"""


@pytest.fixture(scope="module")
def lab(jupyterlab, tmp_path_factory):
    """The address of a JupyterLab server in a folder that holds copies of these notebooks, and the book's lib."""
    tmp_path = tmp_path_factory.mktemp("lab")
    (tmp_path / "chapters").mkdir()
    for name in NOTEBOOKS:
        shutil.copy(ROOT / name, tmp_path / name)
    shutil.copytree(ROOT / "lib", tmp_path / "lib")
    with jupyterlab(tmp_path, "--expose-app-in-browser", PYTHONPATH=str(tmp_path)) as address:
        yield address


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_runs_in_jupyterlab(lab, browser, name):
    page = browser.new_page(viewport={"width": 1400, "height": 14000})  # tall: JupyterLab draws what is in view
    page.set_default_timeout(60_000)
    page.goto(f"{lab}lab/tree/{name}?token=x")
    notebook = page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Notebook")
    expect(notebook.locator("h1").first).to_be_visible(timeout=60_000)
    if name.startswith("chapters"):
        expect(notebook.locator(".katex, mjx-container").first).to_be_visible(timeout=60_000)
        about = notebook.locator("details", has_text="About this page")
        expect(about).to_contain_text("You need")
        expect(notebook.locator("aside", has_text="Predict").first.locator("details")).to_have_count(3)
        expect(notebook.locator(".jp-InputPlaceholder").nth(8)).to_be_attached(timeout=60_000)  # proofs and drawing
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_text("Restart Kernel and Run All Cells…").click()
    page.get_by_role("button", name="Confirm Kernel Restart").click()
    page.wait_for_function(f"() => {{ {COUNTS} counts.includes(null) }}")  # the restart has cleared what was stored
    cells = sum(cell.cell_type == "code" for cell in nbformat.read(ROOT / name, as_version=4).cells)
    in_order = ",".join(map(str, range(1, cells + 1)))
    page.wait_for_function(f"() => {{ {COUNTS} String(counts) === '{in_order}' }}", timeout=180_000)
    assert notebook.locator('[data-mime-type="application/vnd.jupyter.stderr"]').count() == 0
    chart = notebook.locator(".vega-embed").first
    chart.scroll_into_view_if_needed()
    expect(chart.locator("canvas, svg").first).to_be_visible()
    expect(chart.locator("input[type=range]").first).to_be_visible()
    if folder := os.environ.get("LAB_SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"{Path(name).stem}.png")
    page.close()
