"""What more than one test file needs: one built site, and pages on which nothing may go wrong."""

import os
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from browsing import REPOSITORY, WIDE
from filelock import FileLock

from tools.book import ROOT, build
from tools.gzip_server import serve


@pytest.fixture(scope="session")
def built(tmp_path_factory):
    """What the build of the site said (nothing, if all is well), and its folder; built once for all workers."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    said = Path(os.environ.get("TESTED_SITE", shared / "site")) / "said.txt"  # CI publishes it afterwards
    with FileLock(shared / "site.lock"):
        if not said.exists():
            process = build(ROOT, said.parent, GITHUB_REPOSITORY=REPOSITORY)
            said.write_text(process.stderr + "failed" * process.returncode, encoding="utf-8")
    return said.read_text(encoding="utf-8"), said.parent / "_build" / "html"


@pytest.fixture(scope="session")
def site(built):
    """The folder of the built site; it is complete even when the build had warnings."""
    return built[1]


@pytest.fixture(scope="session")
def server(site):
    with serve(site) as address:
        yield address


@pytest.fixture
def open_page(browser):
    """A function that opens an address; when the test is over, nothing may have gone wrong on its pages."""
    problems, contexts = [], []

    def open_page(address, **options):
        host = urlsplit(address).netloc

        def on_request(request):
            if urlsplit(request.url).netloc != host and not request.url.startswith("data:"):
                problems.append(f"asks another host: {request.url}")

        context = browser.new_context(**{"viewport": WIDE, "reduced_motion": "reduce", "offline": not host, **options})
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("request", on_request)
        page.on("requestfailed", lambda request: problems.append(f"failed: {request.url}"))
        page.on("response", lambda answer: answer.ok or problems.append(f"{answer.status}: {answer.url}"))
        page.on("pageerror", lambda error: problems.append(f"script error: {error}"))
        page.on(
            "console",
            lambda message: message.type in ("error", "warning") and problems.append(f"console: {message.text}"),
        )
        page.goto(address)
        if options.get("java_script_enabled", True) and page.locator("script[data-src]").count():
            page.mouse.move(1, 1)
            page.wait_for_selector("html[data-scripts]")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not problems
