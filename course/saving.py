"""Keep what was graded: points in nbgrader's gradebook, and the executed copy beside it. Only the driver does this.

A notebook counts as graded when its points are in the gradebook and its copy, whose metadata hold a digest of all that
it was graded from, is there.
"""

import errno
import json
import os
import shutil
import sys
import warnings
from pathlib import Path
from typing import NamedTuple

import nbformat
from nbgrader.api import (
    BaseCell,
    Comment,
    Grade,
    Gradebook,
    Notebook,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
    new_uuid,
)
from nbgrader.preprocessors import SaveCells
from nbgrader.utils import compute_checksum, is_grade, is_solution
from sqlalchemy import create_engine, insert, inspect, select, update
from sqlalchemy.exc import DataError, SAWarning, SQLAlchemyError

from .assignment import is_test
from .basics import Places, Stop, named

warnings.simplefilter("ignore", SAWarning)  # nbgrader 0.9.6 under SQLAlchemy 2.1
DISK = {errno.EIO, errno.EFBIG, errno.ENOSPC, errno.EROFS, errno.EDQUOT}


class Part(NamedTuple):
    """What the gradebook knows of one notebook of the assignment: ids, and the cells that get points or comments."""

    id: str
    graded: dict[str, float]  # {id of a cell: the most points}
    answered: list[str]  # ids of cells


def sqlite(places: Places, templates) -> str:
    """The URL of the gradebook in our folder. A new one appears when it is whole."""
    if not places.database.exists():
        draft = places.database.with_name(places.database.name + ".part")
        try:
            draft.unlink(missing_ok=True)
            prepare(f"sqlite:///{draft.resolve()}", places.assignment, templates).close()
            os.replace(draft, places.database)
        finally:
            for left in draft.parent.glob(f"{draft.name}*"):  # a journal, too
                left.unlink()
    return f"sqlite:///{places.database.resolve()}"


def prepare(url: str, assignment: str, templates) -> Gradebook:
    """The gradebook, which knows the assignment's cells."""
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"  # nbgrader calls alembic
    try:
        engine = create_engine(url)
        tables, shown = inspect(engine).get_table_names(), engine.url.render_as_string()
        engine.dispose()
        if tables and SubmittedAssignment.__tablename__ not in tables:
            raise Stop(f"The gradebook cannot be used: {shown} is another program's, with a table '{tables[0]}'.")
        gradebook = Gradebook(url)
    except ImportError as error:
        raise Stop(f"The gradebook cannot be used: {error} (for PostgreSQL: the extra `postgres`).") from None
    known = gradebook.update_or_create_assignment(assignment)
    if known.num_submissions and {notebook.name for notebook in known.notebooks} != {t.name for t in templates}:
        gradebook.close()
        raise Stop(f"{assignment} has other notebooks than when grading began: grade into a new folder (--to).")
    try:
        for template in templates:
            names = {"notebook": template.name, "assignment": assignment, "db_url": url}
            SaveCells().preprocess(template.tests, {"nbgrader": names})
    except RuntimeError as error:
        gradebook.close()
        raise Stop(f"{error}: grade into a new folder (--to).") from None
    gradebook.db.expire_all()
    gradebook.assigned, gradebook.parts = known.id, {}
    for notebook in known.notebooks:
        graded = {cell.id: cell.max_score for cell in [*notebook.grade_cells, *notebook.task_cells]}
        answered = [cell.id for cell in [*notebook.solution_cells, *notebook.task_cells]]
        gradebook.parts[notebook.name] = Part(notebook.id, graded, answered)
    gradebook.db.commit()
    gradebook.db.expunge_all()
    return gradebook


def ends_all(error) -> bool:
    """Whether an exception means that the gradebook or the disk is broken."""
    if isinstance(error, SQLAlchemyError):
        return not isinstance(error, DataError)
    return isinstance(error, OSError) and error.errno in DISK


def of(student: str, gradebook):
    """What finds the rows of a student's submission."""
    return SubmittedAssignment.student_id == student, SubmittedAssignment.assignment_id == gradebook.assigned


def submitted(gradebook, student: str) -> dict[str, str]:
    """{notebook: its id}, of a student's notebooks in the gradebook."""
    rows = select(Notebook.name, SubmittedNotebook.id).join(SubmittedNotebook.notebook)
    rows = rows.join(SubmittedNotebook.assignment).where(*of(student, gradebook))
    return dict(gradebook.db.execute(rows).all())


def enrol(gradebook, student: str) -> dict[str, str]:
    """A new submission without points, as nbgrader makes one, but in few statements; returns what `submitted` does."""
    db, submission, made = gradebook.db, new_uuid(), {}
    if db.scalar(select(Student.id).where(Student.id == student)) is None:
        db.execute(insert(Student), [{"id": student}])
    ours = {"id": submission, "assignment_id": gradebook.assigned, "student_id": student}
    db.execute(insert(SubmittedAssignment), [ours])
    for name, part in gradebook.parts.items():
        made[name] = new_uuid()
        ours = {"id": made[name], "notebook_id": part.id, "assignment_id": submission}
        db.execute(insert(SubmittedNotebook), [ours])
        for table, cells in ((Grade, part.graded), (Comment, part.answered)):
            if cells:
                db.execute(insert(table), [{"cell_id": cell, "notebook_id": made[name]} for cell in cells])
    return made


def save(gradebook, places: Places, outcome):
    """The points in one transaction, and the executed copy: both or none."""
    notebook = nbformat.from_dict(json.loads(outcome.executed))
    passed, db = notebook.metadata["grading"]["passed"], gradebook.db
    saved = (submitted(gradebook, outcome.student) or enrol(gradebook, outcome.student))[outcome.notebook]
    known = {
        table: {row.name: row for row in db.execute(rows.join(table.cell).where(table.notebook_id == saved))}
        for table, rows in (
            (Grade, select(BaseCell.name, Grade.id, Grade.manual_score)),
            (Comment, select(BaseCell.name, Comment.id)),
        )
    }
    scores, said = [], []
    for cell in notebook.cells:
        name = named(cell)
        blank = is_solution(cell) and cell.metadata.nbgrader.checksum == compute_checksum(cell)
        if is_grade(cell):
            if is_test(cell):
                score = cell.metadata.nbgrader.points if name in passed else 0
            else:
                score = 0 if blank and not cell.get("attachments") else None
            id_, marked = known[Grade][name].id, known[Grade][name].manual_score is not None
            scores.append({"id": id_, "auto_score": score, "needs_manual_grade": score is None or marked})
        if is_solution(cell):
            said.append({"id": known[Comment][name].id, "auto_comment": "No response." if blank else None})
    for table, rows in ((Grade, scores), (Comment, said)):
        if rows:
            db.execute(update(table), rows)
    write(places.copy(outcome.student, outcome.notebook), outcome.executed, db.commit)


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
    there = submitted(gradebook, student)
    return {t.name: state_of(places.copy(student, t.name)) for t in templates if t.name in there}


def scores(gradebook, student: str) -> dict[tuple[str, str], tuple[float, float, bool]]:
    """{(notebook, cell): (points, of, whether a human has to look)} of a student; nothing if never graded."""
    rows = select(Notebook.name, BaseCell.name, BaseCell.id, Grade.score, Grade.needs_manual_grade)
    rows = rows.join(Grade.cell).join(Grade.notebook).join(SubmittedNotebook.notebook)
    rows = rows.join(SubmittedNotebook.assignment).where(*of(student, gradebook))
    found = gradebook.db.execute(rows).all()
    return {
        (notebook, cell): (score, gradebook.parts[notebook].graded[id_], look)
        for notebook, cell, id_, score, look in found
    }


def comments(gradebook, student: str) -> dict[tuple[str, str], str]:
    """{(notebook, cell): comment}, where there is one."""
    rows = select(Notebook.name, BaseCell.name, Comment.comment).where(Comment.comment != "")
    rows = rows.join(Comment.cell).join(Comment.notebook).join(SubmittedNotebook.notebook)
    rows = rows.join(SubmittedNotebook.assignment).where(*of(student, gradebook))
    return {(notebook, cell): said for notebook, cell, said in gradebook.db.execute(rows)}
