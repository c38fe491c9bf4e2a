"""What leaves: grades.csv with a status for everyone, and a page of feedback for each notebook without hidden tests."""

import copy
import csv
import functools
import hashlib
import io
import json
from pathlib import Path

import nbformat
import nbgrader
from nbconvert.exporters import HTMLExporter
from nbconvert.preprocessors import CSSHTMLHeaderPreprocessor
from nbformat.v4 import new_output
from nbgrader.api import MissingEntry
from traitlets.config import Config

from . import named
from .grade import state_of, write
from .normalise import is_test, segments

ORDER = ("error", "missing", "flagged", "repaired")


def status(states: dict[str, dict], marking: bool) -> str:
    """One line for a student: the worst first. `states` are those of the notebooks."""
    if all(not state or state["missing"] for state in states.values()):
        return "missing"
    said = {kind: [] for kind in ORDER}
    for name, state in states.items():
        if not state or state["missing"]:
            said["missing"].append(name)
        for kind in ("error", "flagged", "repaired"):
            said[kind] += [what for what in state.get(kind, []) if what not in said[kind]]
    lines = [f"{kind}: {'; '.join(whats)}" for kind, whats in said.items() if whats]
    return " | ".join(lines + ["needs marking"] * marking) or "graded"


def grades(gradebook, assignment, templates, students, autograded: Path):
    """(header, rows) of the table: student, points of each question, total, status."""
    questions = [
        (template.name, named(cell), cell.metadata.nbgrader.points)
        for template in templates
        for cell in template.tests.cells
        if cell.metadata.get("nbgrader", {}).get("grade")
    ]
    header = ["student", *(f"{name}/{cell} ({points:g})" for name, cell, points in questions), "total", "status"]
    rows = []
    for student in students:
        places = {t.name: autograded / student / assignment / f"{t.name}.ipynb" for t in templates}
        try:
            submission = gradebook.find_submission(assignment, student)
        except MissingEntry:
            rows.append([student, *[""] * len(questions), 0, "missing"])
            continue
        given = {(notebook.name, grade.name): grade for notebook in submission.notebooks for grade in notebook.grades}
        marking = any(grade.needs_manual_grade for grade in given.values())
        points = [f"{given[name, cell].score:g}" for name, cell, _ in questions]
        states = {name: state_of(path) for name, path in places.items()}
        rows.append([student, *points, f"{submission.score:g}", status(states, marking)])
    return header, rows


def save_table(path: Path, header, rows):
    text = io.StringIO()
    csv.writer(text).writerows([header, *rows])
    write(path, text.getvalue())


@functools.cache
def exporter():
    """nbgrader's own page of feedback."""
    config = Config()
    config.HTMLExporter.template_name = "feedback"
    forms = Path(nbgrader.__file__).parent / "server_extensions" / "formgrader"
    config.HTMLExporter.extra_template_basedirs = [str(forms / "templates")]
    config.HTMLExporter.extra_template_paths = [str(forms / "static/node_modules/bootstrap/dist/css")]
    config.HTMLExporter.preprocessors = [CSSHTMLHeaderPreprocessor]
    return HTMLExporter(config=config)


def without_hidden(notebook, template):
    """A copy to show: tests as released, and of what the kernel printed only what cannot carry a hidden test.

    Visible and hidden parts ran apart, so what a visible part printed knows nothing of the hidden one. Of flagged code,
    which may have gone to look for it, nothing is shown.
    """
    shown, state = copy.deepcopy(notebook), notebook.metadata["grading"]
    released = {named(cell): cell.source for cell in template.release.cells}
    tests = [cell for cell in shown.cells if is_test(cell)]
    parts = [part for cell in tests for hidden, part in segments(cell.source) if hidden]
    secret = {line.strip() for part in parts for line in part.split("\n") if len(line.strip()) > 8}
    for cell in shown.cells:
        if cell.cell_type != "code":
            continue
        failed, visible = cell.metadata.get("failed"), cell.metadata.get("visible")
        cell.outputs = [] if state["flagged"] else cell.outputs[:visible]
        cell.outputs = [out for out in cell.outputs if not any(line in json.dumps(out) for line in map(quoted, secret))]
        if is_test(cell):
            cell.source = released[named(cell)]
            if failed:
                text = f"A {failed} check failed.\n"
            else:
                text = (
                    "All checks passed.\n" if named(cell) in state["passed"] else "This cell was not run to its end.\n"
                )
            cell.outputs.append(new_output("stream", name="stdout", text=text))
    return shown


def quoted(line):
    """A line as it looks inside JSON."""
    return json.dumps(line)[1:-1]


def feedback(source: Path, template, points: dict, comments: dict, target: Path):
    """Write the page of one notebook, unless it is there and tells the same."""
    content = source.read_text()
    mark = hashlib.sha256(json.dumps([content, points, comments]).encode()).hexdigest()
    if target.exists() and mark in target.read_text()[-100:]:
        return
    notebook = without_hidden(nbformat.reads(content, as_version=4), template)
    for cell in notebook.cells:
        known = cell.metadata.get("nbgrader", {})
        if named(cell) in points:
            known["score"], known["points"] = points[named(cell)]
        known["comment"] = comments.get(named(cell))
    score, most = (sum(column) for column in zip(*points.values(), strict=True))
    names = {"notebook": template.name, "score": score, "max_score": most, "late_penalty": 0}
    page, _ = exporter().from_notebook_node(notebook, {"nbgrader": names})
    write(target, f"{page}\n<!-- {mark} -->\n")


def all_feedback(pool, gradebook, assignment, jobs, autograded: Path, folder: Path):
    """The pages of all notebooks that were handed in and graded."""
    waiting = []
    for job in jobs:
        source = autograded / job.student / assignment / f"{job.template.name}.ipynb"
        if job.path is None or not source.exists():
            continue
        graded = gradebook.find_submission_notebook(job.template.name, assignment, job.student)
        points = {grade.name: (grade.score, grade.max_score) for grade in graded.grades}
        comments = {comment.name: comment.comment for comment in graded.comments}
        target = folder / job.student / assignment / f"{job.template.name}.html"
        waiting.append(pool.submit(feedback, source, job.template, points, comments, target))
    for future in waiting:
        future.result()
