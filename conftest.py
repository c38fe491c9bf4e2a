"""One browser for all tests: Playwright starts once in a process. Kernels start in a known environment, offline."""

import contextlib
import os
import re
import subprocess
import sys

import pytest
from nbval.plugin import IPyNbCell
from playwright.sync_api import sync_playwright

from tools import book, chromium

os.environ.update(book.ENVIRONMENT)
OFFLINE = book.ROOT / "tests" / "offline"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item):
    """The kernel that nbval starts for a notebook's first cell has no network."""
    with pytest.MonkeyPatch.context() as patch:
        if isinstance(item, IPyNbCell):
            patch.setenv("PYTHONPATH", str(OFFLINE), prepend=os.pathsep)
        return (yield)


@pytest.fixture(scope="session")
def browser():
    path = chromium.find()
    if not path:
        reason = "no Chromium on the PATH and none of Playwright's: `python -m tools.chromium` gets one"
        pytest.fail(reason) if os.environ.get("CI") == "true" else pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=chromium.OPTIONS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def jupyterlab():
    """A function that starts JupyterLab in a folder, with this in its environment: a context, that is its address."""

    @contextlib.contextmanager
    def start(folder, *options, **environment):
        command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--port=0", "--allow-root"]
        server = subprocess.Popen(
            [*command, "--ServerApp.token=x", *options],
            cwd=folder,
            env=os.environ | {"HOME": str(folder), "PYTHONUNBUFFERED": "1"} | environment,
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

    return start


LONG = ("test_pages.py", "test_exercises.py", "test_downloads.py", "test_charts.py", "test_faults.py", "test_verbs.py")
LONG += ("test_jupyterlab.py", "test_likelihoods.py", "test_cluster.py")


def pytest_collection_modifyitems(items):
    """The longest files first, so that two workers end together (with --no-loadscope-reorder)."""
    items.sort(key=lambda item: LONG.index(item.path.name) if item.path.name in LONG else len(LONG))
