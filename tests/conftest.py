"""What more than one test file needs: one browser."""

import os

import pytest
from playwright.sync_api import sync_playwright

from tools import chromium


@pytest.fixture(scope="session")
def browser():
    path = chromium.find()
    if not path:
        reason = "no Chromium on the PATH and none of Playwright's: `python tools/chromium.py` gets one"
        pytest.fail(reason) if os.environ.get("CI") == "true" else pytest.skip(reason)
    options = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=options)
        yield browser
        browser.close()
