"""Exercises: the release is current, its tests fail only where an answer is missing, and each names the mistake."""

import ast
import re
import shutil
import subprocess
import sys
from copy import deepcopy
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError
from nbformat.v4 import new_code_cell, new_notebook

from course.assignment import segments
from course.mistakes import mistakes
from tools import release
from tools.book import ROOT

SOLUTIONS = sorted(ROOT.glob("solutions/*/*.ipynb"))
SECONDS_PER_CELL = 60


@pytest.fixture(scope="module", params=SOLUTIONS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def path(request):
    return request.param


@pytest.fixture(scope="module")
def run(path):
    """A function that runs cells, in one kernel for all tests of an exercise."""
    options = {"timeout": SECONDS_PER_CELL, "interrupt_on_timeout": True, "kernel_name": "python3"}
    own = new_notebook(cells=[new_code_cell()])
    client = NotebookClient(own, resources={"metadata": {"path": path.parent}}, **options)

    def run(cells, allow_errors=False):
        client.allow_errors = allow_errors
        for cell in cells:
            if cell.cell_type == "code":
                client.execute_cell(cell, 0)

    with client.setup_kernel():
        yield run


@pytest.fixture
def notebook(path):
    return nbformat.read(path, as_version=4)


def marks(cell):
    return cell.metadata.get("nbgrader", {})


def autograded(notebook):
    """{grade id: index} of the autograded test cells."""
    return {
        marks(cell).grade_id: i
        for i, cell in enumerate(notebook.cells)
        if marks(cell).get("grade") and cell.cell_type == "code"
    }


def test_release_is_current(tmp_path):
    release.release(ROOT / "solutions", tmp_path / "exercises")
    assert not release.differences(tmp_path / "exercises", ROOT / "exercises"), "run make exercises"


def test_release_is_what_plain_nbgrader_writes(tmp_path):
    for name in ("solutions", "course", "tools", "nbgrader_config.py"):
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, tmp_path / name)
    command = [Path(sys.executable).with_name("nbgrader"), "generate_assignment", "warm_ups", "--no-db"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    assert not release.differences(tmp_path / "exercises" / "warm_ups", ROOT / "exercises" / "warm_ups")


def test_a_variant_differs_in_its_seed_alone(tmp_path):
    release.release(ROOT / "solutions", tmp_path / "exercises", seed=7)
    changed = release.differences(tmp_path / "exercises", ROOT / "exercises")
    assert "warm_ups/mse.ipynb" in changed
    for name in changed:
        stock, variant = ((folder / name).read_text() for folder in (ROOT / "exercises", tmp_path / "exercises"))
        stock, variant = (re.sub(r'"checksum": "\w+"', "", text) for text in (stock, variant))
        assert variant == re.sub(r"SEED = \d+", "SEED = 7", stock) != stock


def test_a_failed_release_changes_nothing(tmp_path, monkeypatch, capsys):
    source, target = tmp_path / "solutions", tmp_path / "exercises"
    (source / "warm_ups").mkdir(parents=True)
    (source / "warm_ups" / "broken.ipynb").write_text("{")
    target.mkdir()
    (target / "kept").touch()
    monkeypatch.setattr(release, "ROOT", tmp_path)
    shutil.copy(ROOT / "nbgrader_config.py", tmp_path)
    assert release.main(target) == 1
    assert "warm_ups cannot be released" in capsys.readouterr().err
    assert [path.name for path in target.iterdir()] == ["kept"]


@pytest.mark.parametrize(
    ("problem", "code", "said"),
    [(OSError("No space left on device"), 1, "No space left"), (KeyboardInterrupt(), 130, "exercises/ is as it was")],
)
def test_a_release_that_is_stopped_changes_nothing(tmp_path, monkeypatch, capsys, problem, code, said):
    def stop(*arguments):
        raise problem

    target = tmp_path / "exercises"
    target.mkdir()
    (target / "kept").touch()
    monkeypatch.setattr(release, "ROOT", tmp_path)
    monkeypatch.setattr(release, "release", stop)
    assert release.main(target) == code
    assert said in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == [target] and (target / "kept").exists()


def test_points(path, notebook):
    points = sum(marks(cell).get("points", 0) for cell in notebook.cells)
    assert points == 5 if path.parent.name == "warm_ups" else points == 10


def test_every_answer_is_followed_by_its_test(notebook):
    ids = [marks(cell).grade_id for cell in notebook.cells if marks(cell) and cell.cell_type == "code"]
    answers = [marks(cell).grade_id for cell in notebook.cells if marks(cell).get("solution")]
    for answer in answers:
        if answer in ids:
            assert ids[ids.index(answer) + 1] == f"test_{answer}"
    assert set(autograded(notebook)) == {f"test_{answer}" for answer in answers if answer in ids}


def test_the_stub_fails_exactly_in_its_graded_cells(path, run):
    released = nbformat.read(ROOT / "exercises" / path.relative_to(ROOT / "solutions"), as_version=4)
    assert "BEGIN" not in str(released)
    run(released.cells, allow_errors=True)
    failed = {}
    for cell in released.cells:
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                failed[marks(cell).get("grade_id")] = output.ename
    assert failed == dict.fromkeys(autograded(released), "NotImplementedError")


def parts(cell, hidden):
    """The hidden or the visible part of a test cell."""
    return "\n".join(source for secret, source in segments(cell.source) if secret == hidden)


def demands(source):
    """{name of a check: its hint} of a part of a test cell."""
    said, found = {}, {}
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
            said.setdefault(ast.unparse(node.targets[0]), []).append((node.lineno, node.value.value))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "checks.check":
            found[ast.unparse(node.args[0])] = node
    for name, node in found.items():
        hint = next((word.value for word in node.keywords if word.arg == "hint"), None)
        known = [text for line, text in said.get(ast.unparse(hint), []) if line < node.lineno] if hint else [None]
        found[name] = hint.value if isinstance(hint, ast.Constant) else known[-1]
    return found


def test_every_demand_has_a_visible_case(notebook):
    """A hidden check is another case of one that everybody sees: it has its name, or says its hint."""
    for i in autograded(notebook).values():
        seen = demands(parts(notebook.cells[i], hidden=False))
        for name, hint in demands(parts(notebook.cells[i], hidden=True)).items():
            assert name in seen or hint in seen.values(), f"{marks(notebook.cells[i]).grade_id}: {name}, {hint}"


def test_every_wrong_answer_fails_with_its_hint(path, notebook, run):
    """Already in the visible part: that is what a student meets."""
    table, tests = mistakes(path.parent, path.stem), autograded(notebook)
    for i in tests.values():
        notebook.cells[i].source = parts(notebook.cells[i], hidden=False)
    assert {f"test_{mistake.of}" for mistake in table} == set(tests), "every test has its wrong answers"
    answers = {marks(cell).get("grade_id"): i for i, cell in enumerate(notebook.cells)}
    problems = []
    run(notebook.cells)
    for test, last in tests.items():
        first = answers[test.removeprefix("test_")]
        cells = [cell for cell in notebook.cells[first : last + 1] if cell.cell_type == "code"]
        for wrong in [mistake for mistake in table if f"test_{mistake.of}" == test]:
            changed = deepcopy(cells)
            changed[0].source = wrong.source
            try:
                run(changed)
                problems.append(f"{test}: {wrong.name} passes")
            except CellTimeoutError:
                problems.append(f"{test}: {wrong.name} does not end")
            except CellExecutionError as error:
                if error.ename != "AssertionError" or wrong.says not in error.evalue:
                    problems.append(f"{test}: {wrong.name} gives {error.ename}: {error.evalue}")
        run(cells)
    assert not problems, "\n".join(problems)


def test_there_are_as_many_wrong_answers_as_ever():
    assert sum(len(mistakes(path.parent, path.stem)) for path in SOLUTIONS) >= 670
