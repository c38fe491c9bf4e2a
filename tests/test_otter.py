"""The exercises in Otter-Grader: a right answer gets the points, a wrong one gets its hint and none.

Two exercises are run as Gradescope runs them; of all twenty it is looked at what is in their archives.
"""

import json
import zipfile
from importlib.metadata import version

import nbformat
import pytest
import yaml
from nbformat.v4 import new_code_cell
from nbgrader.utils import is_solution
from otter.export.exporters.base_exporter import BaseExporter
from otter.run import capture_run_output
from otter.run import main as otter_run

from course.assignment import is_test, segments, templates
from course.basics import named
from course.mistakes import mistakes
from teaching import otter
from tools.book import ROOT, client

FOLDERS = sorted(path for path in (ROOT / "solutions").iterdir() if path.is_dir())


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """{(assignment, notebook): (template, files for students, files for Gradescope)}, and what was said."""
    target, found, said = tmp_path_factory.mktemp("otter"), {}, []
    for folder in FOLDERS:
        said += otter.write(folder, target / folder.name)
        for template in templates(folder):
            paths = [target / folder.name / f"{template.name}-{kind}.zip" for kind in ("student", "autograder")]
            found[folder.name, template.name] = (template, *paths)
    return found, said


@pytest.fixture(scope="module")
def ours(tmp_path_factory):
    """The warm-ups of a course that has its own numbers and a hidden test of its own, which nothing passes."""
    folder = tmp_path_factory.mktemp("ours")
    (folder / "overlay" / "warm_ups" / "mse").mkdir(parents=True)
    (folder / "overlay" / "warm_ups" / "mse" / "test_std_mle.py").write_text("assert std_mle(r) < 0, 'of our own'")
    list(otter.write(ROOT / "solutions" / "warm_ups", folder, overlay=folder / "overlay", seed=7))
    return folder


def files(path):
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name).decode() for name in archive.namelist()}


def answered(student, answers):
    """The notebook of a student who wrote these cells."""
    (name,) = [name for name in files(student) if name.endswith(".ipynb")]
    notebook = nbformat.reads(files(student)[name], as_version=4)
    for cell in notebook.cells:
        cell.source = answers.get(cell.metadata.get("nbgrader", {}).get("grade_id"), cell.source)
    return notebook


def solution(template):
    return {named(cell): cell.source for cell in template.solution.cells if is_solution(cell)}


def wrong(folder, template):
    """Of each function a wrong answer, {name: source}, and the words of its hint, {name: words}."""
    table = {mistake.of: mistake for mistake in mistakes(ROOT / "solutions" / folder, template.name)}
    return {of: m.source for of, m in table.items()}, {of: m.says for of, m in table.items()}


@pytest.fixture
def outside(monkeypatch):
    """No `lib` but that of the archive."""
    monkeypatch.delenv("PYTHONPATH", raising=False)


def graded(student, autograder, answers, folder):
    """What Gradescope shows: what a student sees, and {test: (points, what the teacher sees)}."""
    nbformat.write(answered(student, answers), folder / "renamed (1).ipynb")
    with capture_run_output():
        otter_run(folder / "renamed (1).ipynb", autograder=autograder, output_dir=folder, no_logo=True)
    seen, *results = json.loads((folder / "results.json").read_text())["tests"]
    assert seen["visibility"] == "visible" and {result["visibility"] for result in results} == {"hidden"}
    return seen["output"], {f"test_{result['name']}": (result["score"], result["output"]) for result in results}


@pytest.mark.filterwarnings("ignore:The inplace keyword")  # otter-grader 7 under pandas 3
def test_a_right_submission_gets_all_points(made, tmp_path, outside):
    template, *paths = made[0]["after_map", "after_map"]
    seen, results = graded(*paths, solution(template), tmp_path)
    points = {named(cell): cell.metadata.nbgrader.points for cell in template.solution.cells if is_test(cell)}
    assert {name: got for name, (got, _) in results.items()} == points
    assert seen.count("All test cases passed!") == len(points)


@pytest.mark.filterwarnings("ignore:The inplace keyword")
def test_a_wrong_submission_gets_its_hint_and_none(made, ours, tmp_path, outside):
    """A named mistake, what fails a hidden test alone, and nothing at all."""
    template = made[0]["warm_ups", "mse"][0]
    answers, hints = wrong("warm_ups", template)
    answers = {"gaussian_nll": answers["gaussian_nll"], "std_mle": solution(template)["std_mle"]}
    seen, results = graded(ours / "mse-student.zip", ours / "mse-autograder.zip", answers, tmp_path)
    assert {name: got for name, (got, _) in results.items()} == dict.fromkeys(results, 0) and len(results) == 3
    assert hints["gaussian_nll"] in seen and "std_mle results: All test cases passed!" in seen
    assert "NotImplementedError" in seen and "of our own" not in seen
    assert "of our own" in results["test_std_mle"][1]


def test_a_student_is_told_the_mistake(made, tmp_path, outside):
    template, student, _ = made[0]["warm_ups", "mse"]
    answers, hints = wrong("warm_ups", template)
    with zipfile.ZipFile(student) as archive:
        archive.extractall(tmp_path)
    notebook = answered(student, answers | {"std_mle": solution(template)["std_mle"]})
    notebook.cells.append(new_code_cell("from lib import checks\n\nchecks.__file__"))
    client(notebook, tmp_path, allow_errors=True).execute()
    told = [str(cell.outputs) for cell in notebook.cells if "outputs" in cell]
    checked = dict(zip([cell.source for cell in notebook.cells if "outputs" in cell], told, strict=True))
    for name, words in hints.items():
        assert ("passed!" if name == "std_mle" else words) in checked[f'grader.check("{name}")']
    assert str(tmp_path / "lib" / "checks.py") in told[-1]


def test_every_test_is_there_and_no_hidden_one_is_given_away(made):
    found, said = made
    assert len(found) == len(said) == 20
    for (_, name), (template, student, autograder) in found.items():
        student, autograder = files(student), files(autograder)
        notebook = nbformat.reads(student[f"{name}.ipynb"], as_version=4)
        tests = [cell for cell in template.solution.cells if is_test(cell)]
        checked = [cell.source for cell in notebook.cells if cell.source.startswith("grader.check")]
        assert checked == [f'grader.check("{named(cell).removeprefix("test_")}")' for cell in tests]
        assert "BEGIN" not in "".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
        given = "".join(text for path, text in student.items() if path.startswith("tests/")).split("\n")
        for cell in tests:
            path = f"tests/{named(cell).removeprefix('test_')}.py"
            assert student[path].isascii() and autograder[path].isascii()  # Windows may read another encoding
            assert autograder[path].startswith(student[path].rstrip())
            for secret, code in segments(cell.source):
                lines = {f"    {line}" for line in code.split("\n") if line.isascii() and len(line) > 20}
                assert lines <= {*autograder[path].split("\n")}
                assert not secret or not lines or not lines <= {*given}, path
        for path in ROOT.glob("lib/**/*.py"):
            assert student[str(path.relative_to(ROOT))] == autograder[f"files/{path.relative_to(ROOT)}"]
        assert {"setup.sh", "run_autograder"} <= set(autograder)


def test_what_is_marked_by_hand_is_what_otter_prints(made, tmp_path):
    found, said = made
    for (folder, name), (template, student, _) in found.items():
        (tmp_path / "a.ipynb").write_text(files(student)[f"{name}.ipynb"], encoding="utf-8")
        printed = BaseExporter.load_notebook(tmp_path / "a.ipynb", filtering=True, pagebreaks=False).cells
        by_hand = {named(cell): cell.metadata.nbgrader.points for cell in template.release.cells if otter.by_hand(cell)}
        assert [named(cell) for cell in printed if is_solution(cell)] == list(by_hand)
        assert len(printed) == 3 * len(by_hand)  # the question, the answer, the mark behind it
        (line,) = [line for line in said if line.startswith(f"{folder}/{name}:")]
        assert all(f"{question} {points:g}" in line for question, points in by_hand.items())
        most = sum(
            cell.metadata.nbgrader.get("points", 0) for cell in template.solution.cells if named(cell) in by_hand
        )
        assert f"{(5 if folder == 'warm_ups' else 10) - most} by tests" in line


def test_what_gradescope_installs_is_what_is_pinned(made):
    (environment,) = {files(autograder)["environment.yml"] for *_, autograder in made[0].values()}
    *_, pip = yaml.safe_load(environment)["dependencies"]
    pins = {*(ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()}
    grader, index, *wanted = pip["pip"]
    assert grader == f"otter-grader[grading,plugins]=={version('otter-grader')}" and index.startswith(
        "--extra-index-url"
    )
    assert set(wanted) <= pins and {line.split("==")[0] for line in wanted} >= {"torch", "scipy", "statsmodels"}


def test_the_same_bytes_twice_and_the_variant_of_a_course(made, ours, tmp_path):
    list(otter.write(ROOT / "solutions" / "warm_ups", tmp_path / "again"))
    for (folder, name), (_, *paths) in made[0].items():
        for path in paths if folder == "warm_ups" else ():
            assert path.read_bytes() == (tmp_path / "again" / path.name).read_bytes(), name
    student, autograder = (files(ours / f"mse-{kind}.zip") for kind in ("student", "autograder"))
    assert "SEED = 7" in student["mse.ipynb"] and "SEED = 0" not in student["mse.ipynb"]
    assert "of our own" in autograder["tests/std_mle.py"] and "of our own" not in student["tests/std_mle.py"]


@pytest.mark.parametrize(
    ("assignment", "seed", "says"), [("nowhere", None, "no assignment 'nowhere'"), ("after_map", 7, "has no variants")]
)
def test_what_cannot_be_made_is_said(tmp_path, monkeypatch, assignment, seed, says):
    monkeypatch.setattr(otter, "TARGET", tmp_path)
    with pytest.raises(SystemExit, match=says):
        otter.main([assignment], seed, None)
    assert not list(tmp_path.iterdir())
