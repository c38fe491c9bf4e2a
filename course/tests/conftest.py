"""A small assignment, and a grader to run on it as an instructor would."""

import csv
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from course import sandbox
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
