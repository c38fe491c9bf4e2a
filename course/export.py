"""What leaves: grades.csv with a status for everyone, safe in a spreadsheet, and a summary, safe in a terminal."""

import csv
import io
import re
from collections import Counter

from sqlalchemy.exc import SQLAlchemyError

from .basics import named, say, visible
from .saving import scores, state_of, write

ORDER = ("error", "missing", "repaired")


def status(states: dict[str, dict], marking: bool) -> str:
    """One line for a student: the worst first. `states` are those of the notebooks."""
    if all(not state or state["missing"] for state in states.values()):
        return "missing"
    said = {kind: [] for kind in ORDER}
    for name, state in states.items():
        if not state or state["missing"]:
            said["missing"].append(name)
        for kind in ("error", "repaired"):
            said[kind] += [what for what in state.get(kind, []) if what not in said[kind]]
    lines = [f"{kind}: {'; '.join(whats)}" for kind, whats in said.items() if whats]
    return " | ".join(lines + ["needs marking"] * marking) or "graded"


def grades(gradebook, places, templates, students, faults):
    """(header, rows) of the table: student, points of each question, total, status. `faults`: why one is not graded."""
    questions = [
        (template.name, named(cell), cell.metadata.nbgrader.points)
        for template in templates
        for cell in template.tests.cells
        if cell.metadata.get("nbgrader", {}).get("grade")
    ]
    header = ["student", *(f"{name}/{cell} ({points:g})" for name, cell, points in questions), "total", "status"]
    return header, (fenced_row(gradebook, places, templates, student, questions, faults) for student in students)


def fenced_row(gradebook, places, templates, student, questions, faults):
    """The row, or why there is none."""
    try:
        return row(gradebook, places, templates, student, questions, faults)
    except SQLAlchemyError:
        raise
    except Exception as error:
        faults[student] = f"a fault of the grader ({type(error).__name__}: {error})"
        return [student, *[""] * len(questions), "", f"not graded: {faults[student]}"]


def row(gradebook, places, templates, student, questions, faults):
    fault = [f"not graded: {faults[student]}"] if student in faults else []
    given = scores(gradebook, student)
    if not given:
        return [student, *[""] * len(questions), "" if fault else 0, fault[0] if fault else "missing"]
    marking = any(look for _, _, look in given.values())
    points = [f"{given[name, cell][0]:g}" if (name, cell) in given else "" for name, cell, _ in questions]
    states = {template.name: state_of(places.copy(student, template.name)) for template in templates}
    said = " | ".join([*fault, status(states, marking)])
    return [student, *points, f"{sum(got for got, _, _ in given.values()):g}", said]


def safe(value) -> str:
    """A cell that no spreadsheet runs; a number stays one."""
    text = visible(str(value), 2000)
    number = re.fullmatch(r"[+-]?\d+(\.\d+)?", text)
    return f"'{text}" if text[:1] in tuple("=+-@＝＋－＠") and not number else text


def save_table(path, header, rows) -> Counter:
    """Write the table; returns how often each kind of status is in it, and prints the odd ones."""
    text, kinds = io.StringIO(), Counter()
    table = csv.writer(text)
    table.writerow(header)
    for student, *points, said in rows:
        table.writerow([safe(student), *points, safe(said)])
        kinds[said.split(":")[0]] += 1
        if said not in ("graded", "needs marking"):
            say(f"  {visible(student, 60)}: {visible(said, 150)}")
    write(path, text.getvalue())
    return kinds
