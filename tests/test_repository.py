"""What the repository says elsewhere: Binder, workflows and README name the same versions, verbs and files."""

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
MAKEFILE = (ROOT / "Makefile").read_text()
WORKFLOWS = sorted(ROOT.glob(".github/workflows/*.yml"))


def test_binder_installs_what_a_reader_installs():
    lines = (ROOT / "binder" / "requirements.txt").read_text().split("\n")
    assert lines == ["--extra-index-url https://download.pytorch.org/whl/cpu", "-r ../requirements.txt", ""]
    assert (ROOT / "binder" / "runtime.txt").read_text().strip() == "python-3.11"


def test_direct_dependencies_are_pinned_alike():
    direct = dict(re.findall(r"^([\w-]+)==(\S+)$", (ROOT / "requirements.txt").read_text(), re.M))
    beneath = dict(re.findall(r"^([\w.-]+)==(\S+)$", (ROOT / "constraints.txt").read_text(), re.M))
    same = {name.lower().replace("_", "-"): version for name, version in beneath.items()}
    assert direct and all(same[name.lower()] == version for name, version in direct.items())


def test_a_reader_needs_nothing_of_the_course():
    wanted = (ROOT / "requirements.txt").read_text()
    assert not re.search(r"nbgrader|pytest|nbval|playwright|ruff", wanted)


@pytest.mark.parametrize("path", [*WORKFLOWS, *ROOT.glob("*.md")], ids=lambda path: path.name)
def test_verbs_exist(path):
    for verb in re.findall(r"(?:run: |`|^)make ([a-z-]+)", path.read_text(encoding="utf-8"), re.M):
        assert re.search(rf"^{verb}:", MAKEFILE, re.M), f"make {verb}"


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_workflows_are_whole(path):
    workflow = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert {"name", "env", "jobs"} <= set(workflow) and True in workflow  # YAML reads `on` as true
    for job in workflow["jobs"].values():
        assert job["runs-on"] and all(("uses" in step) != ("run" in step) for step in job["steps"])
        assert set(job.get("needs", "").split()) <= set(workflow["jobs"])


@pytest.mark.parametrize("path", [ROOT / "README.md", ROOT / "CONTRIBUTING.md"], ids=lambda path: path.name)
def test_files_that_are_linked_exist(path):
    for name in re.findall(r"\]\(([^)#:]+)\)", path.read_text(encoding="utf-8")):
        assert (ROOT / name).exists(), name
