"""Notebooks in real JupyterLab, as a student sees them: directives, formulas and charts are drawn, Run All works."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import expect

ROOT = Path(__file__).resolve().parent.parent


NOTEBOOKS = {"index.ipynb": 1, "chapters/mse_gaussian.ipynb": 15}  # the least number of cells that run


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """The address of a JupyterLab server in a folder that holds copies of these notebooks, and the book's lib."""
    tmp_path = tmp_path_factory.mktemp("lab")
    (tmp_path / "chapters").mkdir()
    for name in NOTEBOOKS:
        shutil.copy(ROOT / name, tmp_path / name)
    shutil.copytree(ROOT / "lib", tmp_path / "lib")
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--port=0", "--allow-root", "--ServerApp.token=x"]
    environment = os.environ | {"PYTHONPATH": str(tmp_path), "HOME": str(tmp_path), "PYTHONUNBUFFERED": "1"}
    server = subprocess.Popen(
        [*command, f"--ServerApp.root_dir={tmp_path}"],
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        for line in server.stderr:
            if found := re.search(r"http://127\.0\.0\.1:\d+/", line):
                break
        else:
            pytest.fail("JupyterLab did not start")
        yield found[0]
    finally:
        server.terminate()
        server.communicate(timeout=30)


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_runs_in_jupyterlab(lab, browser, name):
    page = browser.new_page(viewport={"width": 1400, "height": 14000})  # tall: JupyterLab draws what is in view
    page.set_default_timeout(60_000)
    page.goto(f"{lab}lab/tree/{name}?token=x")
    notebook = page.locator(".jp-Notebook")
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
    expect(notebook.locator(".vega-embed").first).to_be_visible(timeout=60_000)
    expect(notebook.locator(".jp-InputPrompt").filter(has_text="[*]")).to_have_count(0, timeout=180_000)
    assert notebook.locator('[data-mime-type="application/vnd.jupyter.stderr"]').count() == 0
    chart = notebook.locator(".vega-embed").first
    expect(chart.locator("canvas, svg").first).to_be_visible()
    expect(chart.locator("input[type=range]").first).to_be_visible()
    if folder := os.environ.get("LAB_SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"{Path(name).stem}.png")
    page.close()
