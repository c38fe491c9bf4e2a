"""A notebook in real JupyterLab, as a student sees it: directives, formulas and the chart are drawn, Run All works."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import expect

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def lab(tmp_path):
    """The address of a JupyterLab server in a folder that holds a copy of one chapter, and the book's lib."""
    (tmp_path / "chapters").mkdir()
    shutil.copy(ROOT / "chapters" / "bce_bernoulli.ipynb", tmp_path / "chapters")
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


def test_a_chapter_runs_in_jupyterlab(lab, browser):
    page = browser.new_page(viewport={"width": 1400, "height": 12000})  # tall: JupyterLab draws what is in view
    page.set_default_timeout(60_000)
    page.goto(f"{lab}lab/tree/chapters/bce_bernoulli.ipynb?token=x")
    notebook = page.locator(".jp-Notebook")
    expect(notebook.locator("aside").first).to_contain_text("By the end of this page you can", timeout=60_000)
    expect(notebook.locator(".katex, mjx-container").first).to_be_visible(timeout=60_000)
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_text("Restart Kernel and Run All Cells…").click()
    page.get_by_role("button", name="Confirm Kernel Restart").click()
    expect(notebook.locator(".jp-InputPrompt").filter(has_text="[*]").first).to_be_visible(timeout=60_000)
    expect(notebook.locator(".jp-InputPrompt").filter(has_text="[*]")).to_have_count(0, timeout=180_000)
    assert notebook.locator(".jp-InputPrompt").filter(has_text=re.compile(r"\[\d+\]")).count() > 10
    assert notebook.locator('[data-mime-type="application/vnd.jupyter.stderr"]').count() == 0
    chart = notebook.locator(".vega-embed").first
    expect(chart.locator("canvas, svg").first).to_be_visible()
    expect(chart.locator("input[type=range]").first).to_be_visible()
    page.screenshot(path=os.environ.get("LAB_SCREENSHOT", "/dev/null"), type="png")
    page.close()
