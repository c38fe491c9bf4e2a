"""Keep what was graded: points in nbgrader's gradebook, and the executed copy beside it. Only the driver does this.

A notebook counts as graded when its points are in the gradebook and its copy, whose metadata hold a digest of all that
it was graded from, is there.
"""

import json
import os
import shutil
import sys
import warnings
from pathlib import Path

import nbformat
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.preprocessors import SaveCells
from nbgrader.utils import compute_checksum, is_grade, is_solution
from sqlalchemy.exc import SAWarning

from .assignment import is_test
from .basics import Places, Stop, named

warnings.simplefilter("ignore", SAWarning)  # nbgrader 0.9.6 under SQLAlchemy 2.1


def prepare(url: str, assignment: str, templates) -> Gradebook:
    """The gradebook, which knows the assignment's cells."""
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"  # nbgrader calls alembic
    try:
        gradebook = Gradebook(url)
    except ImportError as error:
        raise Stop(f"The gradebook cannot be used: {error} (for PostgreSQL: the extra `postgres`).") from None
    gradebook.db().expire_on_commit = False
    known = gradebook.update_or_create_assignment(assignment)
    if known.submissions and {notebook.name for notebook in known.notebooks} != {t.name for t in templates}:
        gradebook.close()
        raise Stop(f"{assignment} has other notebooks than when grading began: grade into a new folder (--to).")
    try:
        for template in templates:
            names = {"notebook": template.name, "assignment": assignment, "db_url": url}
            SaveCells().preprocess(template.tests, {"nbgrader": names})
    except RuntimeError as error:
        gradebook.close()
        raise Stop(f"{error}: grade into a new folder (--to).") from None
    return gradebook


def save(gradebook, places: Places, outcome):
    """The points in one transaction, and the executed copy: both or none."""
    notebook = nbformat.from_dict(json.loads(outcome.executed))
    student, passed = outcome.student, notebook.metadata["grading"]["passed"]
    commit, gradebook.db.commit = gradebook.db.commit, gradebook.db.flush  # nbgrader's own steps end no transaction
    try:
        gradebook.update_or_create_student(student)
        gradebook.update_or_create_submission(places.assignment, student)
    finally:
        gradebook.db.commit = commit
    saved = gradebook.find_submission_notebook(outcome.notebook, places.assignment, student)
    grades, comments = ({entry.name: entry for entry in entries} for entries in (saved.grades, saved.comments))
    for cell in notebook.cells:
        name = named(cell)
        blank = is_solution(cell) and cell.metadata.nbgrader.checksum == compute_checksum(cell)
        if is_grade(cell):
            grade = grades[name]
            if is_test(cell):
                grade.auto_score = cell.metadata.nbgrader.points if name in passed else 0
            else:
                grade.auto_score = 0 if blank and not cell.get("attachments") else None
            grade.needs_manual_grade = grade.auto_score is None or grade.manual_score is not None
        if is_solution(cell):
            comments[name].auto_comment = "No response." if blank else None
    write(places.copy(student, outcome.notebook), outcome.executed, gradebook.db.commit)


def write(path: Path, text: str, also=lambda: None):
    """Write a file at one stroke; just before it appears, when there is room for it, `also` is done."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(path.name + ".part")
    try:
        draft.write_text(text, encoding="utf-8")
        also()
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def keep(pictures: dict[str, Path], folder: Path):
    """Copy what a marker wants to see beside the graded copy; what cannot be read is left out."""
    for name, path in pictures.items():
        target = folder / Path(name).name
        if not target.exists() and path.is_file() and not path.is_symlink():
            folder.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)


def state_of(path: Path) -> dict:
    """What is known of a graded notebook; nothing if it was never graded."""
    try:
        return json.loads(path.read_text("utf-8"))["metadata"]["grading"]
    except (OSError, ValueError, KeyError):
        return {}


def states(gradebook, places: Places, student: str, templates) -> dict[str, dict]:
    """{notebook: its state}, of those whose points are in the gradebook."""
    try:
        submission = gradebook.find_submission(places.assignment, student)
    except MissingEntry:
        return {}
    there = {notebook.name for notebook in submission.notebooks}
    return {t.name: state_of(places.copy(student, t.name)) for t in templates if t.name in there}


def marks(gradebook, places: Places, student: str, notebook: str) -> tuple[dict, dict]:
    """({cell: (points, of)}, {cell: comment}) of one graded notebook."""
    saved = gradebook.find_submission_notebook(notebook, places.assignment, student)
    points = {grade.name: (grade.score, grade.max_score) for grade in saved.grades}
    return points, {comment.name: comment.comment for comment in saved.comments if comment.comment}
