"""A class of honest, broken and hostile submissions: what each gets, and that it harms nobody else."""

import csv
import os
import re
import sys

import nbformat
import psutil
import pytest

from course.assignment import segments
from course.zoo import ZOO, hand_in, perfect

from .conftest import FULL, REST, WHY_NOT, ZERO, automatic, run, table

WANTED = {"full": FULL, "rest": REST, "zero": ZERO}
HONEST = list(ZOO)[::4]


def test_bubblewrap_works_where_it_must():
    if os.environ.get("CI") == "true" and sys.platform.startswith("linux"):
        assert WHY_NOT == ""


@pytest.fixture(scope="module")
def zoo(solutions, template, tmp_path_factory):
    """The whole zoo, with honest students between them, graded once, in one class."""
    if WHY_NOT:
        pytest.skip(f"no isolation here: {WHY_NOT}")
    folder = tmp_path_factory.mktemp("zoo")
    (folder / "tmp").mkdir()
    for name, (spoil, _, _) in ZOO.items():
        hand_in(spoil, template, folder / "submitted" / name / "times")
    for name in HONEST:
        hand_in(ZOO["right"][0], template, folder / "submitted" / f"{name}-honest")  # graded next to it
    environment = os.environ | {"TMPDIR": str(folder / "tmp")}
    done = run(
        solutions,
        "--submissions",
        folder / "submitted",
        "--to",
        folder,
        "--seconds",
        2,
        "--workers",
        2,
        env=environment,
    )
    assert done.returncode == 0, done.stderr + done.stdout
    assert "\x1b" not in done.stdout
    return folder


@pytest.mark.parametrize("name", ZOO)
def test_points_and_status(zoo, name):
    _, points, status = ZOO[name]
    row = table(zoo)[name]
    assert re.match(status.replace("graded", r"needs marking$"), row["status"]), row["status"]
    assert automatic(row) == WANTED[points]


def test_no_honest_grade_changes(zoo):
    for name in HONEST:
        row = table(zoo)[f"{name}-honest"]
        assert (automatic(row), row["status"], row["total"]) == (FULL, "needs marking", "3")


def test_nothing_stays_behind(zoo):
    assert not [p for p in psutil.process_iter(["cmdline"]) if "98765" in (p.info["cmdline"] or [])]
    assert not list((zoo / "tmp").iterdir())


def test_feedback_tells_no_hidden_test(zoo):
    pages = {path.parent.parent.name: path.read_text("utf-8") for path in zoo.glob("feedback/*/times/multiply.html")}
    assert len(pages) == len(ZOO) + len(HONEST) - 1  # of every student but the one who handed in nothing
    for page in pages.values():
        assert "HIDDEN TESTS" not in page and "4.25" not in page and "of a negative" not in page
    assert "double is NoneType: is the return missing?" in pages["wrong"]
    assert "All checks passed" in pages["right"] and "Score: 3.0 / 6.0" in pages["right"]


def test_originals_are_not_touched(zoo, template):
    kept = nbformat.read(zoo / "submitted" / "right" / "times" / "multiply.ipynb", as_version=4)
    assert kept == perfect(template)


def test_the_marker_sees_the_picture(zoo):
    graded = nbformat.read(zoo / "autograded" / "picture" / "times" / "multiply.ipynb", as_version=4)
    answer = next(cell for cell in graded.cells if cell.id == "why")
    assert answer.source == "![](attachment:a.png)" and "image/png" in answer.attachments["a.png"]
    assert table(zoo)["picture"]["status"] == "needs marking"
    assert '<img src="data:image/png;base64,' in (zoo / "feedback/picture/times/multiply.html").read_text("utf-8")


def test_segments():
    source = "a\n### BEGIN HIDDEN TESTS\nb\n### END HIDDEN TESTS\n\nc\n### BEGIN HIDDEN TESTS\nd\n### END HIDDEN TESTS"
    assert segments(source) == [(False, "a"), (True, "b"), (False, "\nc"), (True, "d")]


def test_the_table_is_whole(zoo):
    with (zoo / "grades.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert len(rows) == 1 + len(ZOO) + len(HONEST) and {len(row) for row in rows} == {len(rows[0])}
