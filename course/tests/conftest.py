"""A small assignment, and a grader to run on it as an instructor would."""

import csv
import io
import logging
import subprocess
import sys
import warnings
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from course import __main__, sandbox, work
from course.assignment import templates

ROOT = Path(__file__).resolve().parents[2]
WHY_NOT = sandbox.works()
POINTS = {"first": 2.0, "second": 1.0, "why": 3.0}
FULL, REST, ZERO = [2, 1], [0, 1], [0, 0]


@pytest.fixture
def isolated():
    if WHY_NOT:
        pytest.skip(f"no isolation here: {WHY_NOT}")


def cell(name, source, *, kind="code", **marks):
    make = new_code_cell if kind == "code" else new_markdown_cell
    marks = {"grade": False, "solution": False, "locked": False, "task": False, "schema_version": 3} | marks
    return make(source, id=name, metadata={"nbgrader": {"grade_id": name, "cell_type": kind} | marks})


def solved(name, factor):
    return f"def {name}(x):\n    ### BEGIN SOLUTION\n    return {factor} * x\n    ### END SOLUTION"


@pytest.fixture(scope="session")
def solutions(tmp_path_factory):
    """An assignment: two functions, one derivation, and data that a seed changes."""
    folder = tmp_path_factory.mktemp("source") / "solutions"
    test = {"grade": True, "locked": True}
    notebook = new_notebook(
        cells=[
            new_markdown_cell("# Multiply", id="title"),
            cell("setup", "SEED = 1\nx = 10 + SEED", locked=True),
            cell("double", solved("double", 2), solution=True),
            cell(
                "first",
                "from lib import checks\n\n"
                "checks.check('double', double(x), x + x, hint='twice')\nchecks.passed('double')\n"
                "### BEGIN HIDDEN TESTS\nchecks.check('of a negative', double(-4.5), -9.0)\n### END HIDDEN TESTS",
                points=2,
                **test,
            ),
            cell("triple", solved("triple", 3), solution=True),
            cell(
                "second",
                "assert triple(x) == x + x + x, 'three times'\n"
                "### BEGIN HIDDEN TESTS\nassert triple(-4.25) == -12.75\n### END HIDDEN TESTS",
                points=1,
                **test,
            ),
            cell(
                "why",
                "<!-- BEGIN SOLUTION -->\nBecause.\n<!-- END SOLUTION -->",
                kind="markdown",
                grade=True,
                solution=True,
                points=3,
            ),
        ]
    )
    (folder / "times").mkdir(parents=True)
    nbformat.write(notebook, folder / "times" / "multiply.ipynb")
    (folder / "times" / "data.csv").write_text("x\n1\n")
    return folder


@pytest.fixture(scope="session")
def template(solutions):
    return templates(solutions / "times")[0]


def command(solutions, *arguments):
    made = [sys.executable, "-m", "course", "grade", "times", "--source", solutions, *arguments]
    made += ["--workers", 1] if "--workers" not in arguments and "--scheduler" not in arguments else []
    made += ["--unsafe"] if WHY_NOT and "--unsafe" not in arguments else []
    return list(map(str, made))


class Direct:
    """An engine that does the work here: what a test patches is patched in the forks of this process, too."""

    def __init__(self, canaries=False):
        self.canaries = canaries

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def everywhere(self, jobs, judge):
        for job in jobs if self.canaries else ():
            judge(job, work.do(job))

    def results(self, jobs, stopping=None):
        for tag, job in jobs:
            yield tag, work.of_json(work.as_json(work.do(job)))


def here(solutions, *arguments, engine=None):
    """`run` without its seconds: in this process, without workers and, unless the engine says so, canaries."""
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err), warnings.catch_warnings():
        patch.setattr(__main__, "engine", lambda options: engine or Direct())
        patch.setattr(logging, "disable", lambda: None)
        code = __main__.main(command(solutions, *arguments)[3:])
    return subprocess.CompletedProcess(arguments, code, out.getvalue(), err.getvalue())


def run(solutions, *arguments, **options):
    options = {"cwd": ROOT, "capture_output": True, "text": True, "timeout": 300, "encoding": "utf-8"} | options
    return subprocess.run(command(solutions, *arguments), **options)


def table(folder):
    with (folder / "grades.csv").open(encoding="utf-8", newline="") as file:
        return {row["student"]: row for row in csv.DictReader(file)}


def automatic(row):
    return [float(row[f"multiply/{name} ({POINTS[name]:g})"]) for name in ("first", "second")]


def until(process, text):
    """Read what a run prints until it says this."""
    for line in process.stdout:
        if text in line:
            return
    pytest.fail(f"it ended before it said {text!r}: {process.stderr.read() if process.stderr else ''}")
