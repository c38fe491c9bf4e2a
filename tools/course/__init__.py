"""Grade a class: normalise → grade → guard → export. `python -m tools.course --help` says how."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class Stop(Exception):
    """What is wrong, in one sentence for the instructor: the tool prints it and exits with 1."""


def named(cell):
    """The nbgrader id of a cell, or its Jupyter id."""
    return cell.metadata.get("nbgrader", {}).get("grade_id") or cell.get("id", "a cell")
