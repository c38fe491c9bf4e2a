"""Grades in the tables that Moodle and Canvas export: every cell but the grades stays, and nobody is lost or guessed.

The headers are those that the systems write (Moodle: mod/assign/gradingtable.php, grade/export/txt; Canvas:
lib/gradebook_exporter.rb), and so are the names of students' folders.
"""

import csv
import io
import re

import pytest

from course.basics import Stop
from course.files import student_of
from course.sheet import Sheet
from course.zoo import ZOO, hand_in

from .conftest import here
from .test_verbs import broken

WORKSHEET = """\
Identifier,"Full name","Email address",Status,Group,Grade,"Maximum Grade","Grade can be changed",\
"Last modified (submission)","Online text","Last modified (grade)","Feedback comments"
Participant 12,"Ada Lovelace",ada@x.edu,"Submitted for grading - ",A,,5.00,Yes,"Friday, 27 November 2026, 4:00 PM",\
"<p>a, ""b""
and c</p>",-,
Participant 13,"Zoë O'Neil",zoe@x.edu,"Submitted for grading - ",A,3.00,5.00,Yes,-,,-,"=well done"
Participant 14,"Ada Lovelace",ada.l@x.edu,"Submitted for grading - ",B,,5.00,Yes,-,,-,

Participant 15,"Carl Gauß",carl@x.edu,"No submission - ",B,,5.00,Yes,-,,-,
"""
GERMAN = """\
ID;"Vollständiger Name";E-Mail-Adresse;Status;Bewertung;Bestwertung;"Bewertung kann geändert werden"
"Teilnehmer/in 12";"Ada Lovelace";ada@x.edu;"Zur Bewertung abgegeben - ";;5,00;Ja
"Teilnehmer/in 13";"Zoë O'Neil";zoe@x.edu;"Zur Bewertung abgegeben - ";;5,00;Ja
"""
BLIND = "Identifier,Status,Grade,Maximum Grade\nParticipant 12,-,,5.00\nParticipant 13,-,,5.00\n"
GRADEBOOK = """\
"First name",Surname,"ID number",Institution,Department,"Email address","Assignment: Warm ups (Real)",\
"Assignment: Warm ups (Feedback)","Course total (Real)","Last downloaded from this course"
Ada,Lovelace,s-12,,,ada@x.edu,-,,-,1795795200
Zoë,O'Neil,s-13,,,zoe@x.edu,-,,-,1795795200
"""
CANVAS = """\
Student,ID,SIS User ID,SIS Login ID,Section,Notes on warm ups,Old (80),Warm-ups (81),Warm-ups again (82),Final Score
,,,,,,,Manual Posting,,
    Points Possible,,,,,,5.00,5.00,10.00,(read only)
"Lovelace, Ada",12,S1,ada,"Group 1, and 2",,1.00,,9.00,90.00
"O'Neil, Zoë",13,S2,zoe@x.edu,Group 1,,1.00,2.00,9.00,90.00
"Student, Test",99,,f3a9,Group 1,,,,,
"""


def written(rows, delimiter=","):
    csv.writer(text := io.StringIO(), delimiter=delimiter, lineterminator="\n").writerows(rows)
    return text.getvalue()


HEADER, *ROWS = csv.reader(io.StringIO(CANVAS))
NAMES = written(
    [["LastName", "FirstName", *HEADER[1:]], *([*f"{name}, ".split(", ")[:2], *row] for name, *row in ROWS)]
)
EUROPE = written([[re.sub(r"^(\d+)\.(\d\d)$", r"\1,\2", cell) for cell in row] for row in [HEADER, *ROWS]], ";")

MOODLE = ["Ada Lovelace_12_assignsubmission_file", "Zoë ONeil_13_assignsubmission_file_"]
LOOSE = ["lovelaceada_12_501_mse.ipynb", "oneilzoe\u0308_LATE_13_502_mse.ipynb"]  # as macOS writes ë


def read(path):
    text = path.read_text("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=";" if text.count(";") > 5 else ","))


def fill(tmp_path, capsys, table, grades, column=None, most=5, assignment="warm_ups"):
    """{(row, column): what a cell has become}, what was said, and both files."""
    source = tmp_path / "export.csv"
    source.write_bytes(table if isinstance(table, bytes) else table.encode())
    Sheet(source, column, assignment).fill(grades, most, tmp_path / "grading")
    target = tmp_path / "grading" / "export-filled.csv"
    before, after = read(source), read(target)
    assert [len(row) for row in before] == [len(row) for row in after]
    changed = {
        (i, before[0][j]): new for i, row in enumerate(after) for j, new in enumerate(row) if new != before[i][j]
    }
    _, *said = capsys.readouterr().out.splitlines()
    return changed, [line.strip() for line in said], source.read_bytes(), target.read_bytes()


@pytest.mark.parametrize(
    ("table", "folders", "column", "cells"),
    [
        (WORKSHEET, MOODLE, None, {(1, "Grade"): "4.5", (2, "Grade"): "0"}),
        (WORKSHEET.replace("\n", "\r\n"), MOODLE, None, {(1, "Grade"): "4.5", (2, "Grade"): "0"}),
        ("\ufeff" + WORKSHEET, ["Group A-" + name for name in MOODLE], None, {(1, "Grade"): "4.5", (2, "Grade"): "0"}),
        (WORKSHEET, ["ada", "ZOE@x.edu"], None, {(1, "Grade"): "4.5", (2, "Grade"): "0"}),
        (GERMAN, MOODLE, "Bewertung", {(1, "Bewertung"): "4,5", (2, "Bewertung"): "0"}),
        (
            BLIND,
            ["Participant_12_assignsubmission_file_", "Participant_13_assignsubmission_file_"],
            None,
            {(1, "Grade"): "4.5", (2, "Grade"): "0"},
        ),
        (GRADEBOOK, MOODLE, None, {(1, "Assignment: Warm ups (Real)"): "4.5", (2, "Assignment: Warm ups (Real)"): "0"}),
        (
            GRADEBOOK,
            ["S-12", "zoe"],
            "Course total",
            {(1, "Course total (Real)"): "4.5", (2, "Course total (Real)"): "0"},
        ),
        (CANVAS, LOOSE, None, {(3, "Warm-ups (81)"): "4.5", (4, "Warm-ups (81)"): "0"}),
        (CANVAS, ["Ada Lovelace", "zoe"], None, {(3, "Warm-ups (81)"): "4.5", (4, "Warm-ups (81)"): "0"}),
        (CANVAS, ["S1", "zoe@x.edu"], "Warm-ups (81)", {(3, "Warm-ups (81)"): "4.5", (4, "Warm-ups (81)"): "0"}),
        (NAMES, LOOSE, "Warm-ups", {(3, "Warm-ups (81)"): "4.5", (4, "Warm-ups (81)"): "0"}),
        (EUROPE, LOOSE, None, {(3, "Warm-ups (81)"): "4,5", (4, "Warm-ups (81)"): "0"}),
    ],
)
def test_grades_come_into_their_cells_and_nothing_else_changes(tmp_path, capsys, table, folders, column, cells):
    students = [student_of(name, name.endswith(".ipynb"))[0] for name in folders]
    grades = [(students[0], "4.5", "graded"), (students[1], "0", "missing: mse | repaired: a cell")]
    changed, said, source, target = fill(tmp_path, capsys, table, grades, column)
    assert changed == cells
    alone = {WORKSHEET: 2, CANVAS: 1, NAMES: 1, EUROPE: 1}.get(table.lstrip("\ufeff").replace("\r\n", "\n"), 0)
    assert [line.rpartition(": ")[2] for line in said] == ["only in the table"] * alone
    assert target.startswith(b"\xef\xbb\xbf") == source.startswith(b"\xef\xbb\xbf")
    assert target.count(b"\r\n") == source.count(b"\r\n") and target.count(b"\n") == source.count(b"\n")


def test_a_row_that_was_cut_short_gets_its_grade(tmp_path, capsys):
    (tmp_path / "export.csv").write_text("Identifier,Status,Grade,Maximum Grade\nParticipant 12,-\n")
    Sheet(tmp_path / "export.csv", None, "warm_ups").fill([("Participant_12", "4", "graded")], 5, tmp_path)
    assert read(tmp_path / "export-filled.csv")[1] == ["Participant 12", "-", "4", ""]


def test_whoever_is_left_is_named(tmp_path, capsys):
    grades = [
        ("Ada Lovelace_12", "1", "needs marking"),
        ("Zoë O'Neil_13", "2", "error: killed | needs marking"),
        ("Ada Lovelace_14", "", "not graded: no memory"),
        ("Carl Gauss_16", "4", "graded"),  # of another assignment: there each has another number
    ]
    changed, said, *_ = fill(tmp_path, capsys, WORKSHEET, grades)
    assert changed == {}
    assert said == [
        "Ada Lovelace_12: needs marking",
        "Zoë O'Neil_13: needs marking",
        "Ada Lovelace_14: not graded",
        "Carl Gauss_16: not in the table",
        "Participant 15 Carl Gauß: only in the table",
    ]


def test_nobody_is_guessed(tmp_path, capsys):
    uncertain = "it is not certain which row is theirs"
    grades = [
        ("Ada Lovelace", "1", "graded"),
        ("carl", "2", "graded"),
        ("Carl Gauss_15", "3", "graded"),
        ("Zoë_13", "4", "graded"),
    ]
    changed, said, *_ = fill(tmp_path, capsys, WORKSHEET, grades)
    assert changed == {}
    assert said[:3] == [f"{name}: {uncertain}" for name in ("Ada Lovelace", "carl", "Carl Gauss_15")]
    assert said[3:] == ["Zoë_13: not in the table", "Participant 13 Zoë O'Neil: only in the table"]


@pytest.mark.parametrize("there", ["EX", "N/A"])
def test_whoever_is_excused_stays_so(tmp_path, capsys, there):
    table = CANVAS.replace(",1.00,2.00,", f",1.00,{there},")
    changed, said, *_ = fill(tmp_path, capsys, table, [("oneilzoë_13", "4", "graded")])
    assert changed == {} and said[0] == f"oneilzoë_13: the table has {there}"


@pytest.mark.parametrize(
    ("table", "column"), [(WORKSHEET, None), (GERMAN, "Bewertung"), (CANVAS, None), (EUROPE, None)]
)
def test_another_number_of_points_is_said(tmp_path, capsys, table, column):
    *_, last = fill(tmp_path, capsys, table, [], column, most=35)[1]
    assert last == "export.csv counts to 5, the assignment to 35: change that before you import."
    assert "counts to" not in str(fill(tmp_path, capsys, table, [], column, most=5)[1])


@pytest.mark.parametrize(
    ("table", "column", "says"),
    [
        (CANVAS, "Warm", "name the column of grades with --column. There are 'Student', 'ID'"),
        (CANVAS.replace("Warm-ups (81)", "Week 1 (81)"), None, "name the column of grades"),
        (CANVAS.replace("Warm-ups again (82)", "New warm ups (82)"), None, "name the column of grades"),
        (GERMAN, None, "There are 'ID', 'Vollständiger Name'"),
        ("", None, "There are none"),
        (GERMAN.encode("cp1252"), None, "is no CSV in UTF-8"),
        ("PK\x03\x04\x00\x00", None, "name the column"),
        ('Grade\n"' + "x" * 200_000 + '"', None, "is no CSV in UTF-8"),
        (None, None, "cannot be read: No such file"),
    ],
)
def test_a_table_that_is_none_stops_the_run(tmp_path, table, column, says):
    path = tmp_path / "export.csv"
    if table is not None:
        path.write_bytes(table if isinstance(table, bytes) else table.encode())
    with pytest.raises(Stop, match=r"export\.csv.*" + says.replace("(", r"\(")):
        Sheet(path, column, "warm_ups")


def test_the_grader_fills_it(solutions, template, tmp_path):
    short = broken(solutions, tmp_path, lambda cells: cells["why"].update(source="Why?", metadata={}))
    for name in ("Ada Lovelace_12_assignsubmission_file_", "Eve_9_assignsubmission_file_"):
        hand_in(ZOO["right"][0], template, tmp_path / "submitted" / name)
    export = tmp_path / "export.csv"
    export.write_text(WORKSHEET, encoding="utf-8")
    arguments = ["--submissions", tmp_path / "submitted", "--to", tmp_path / "out", "--fill", export]
    done = here(short, *arguments)
    assert done.returncode == 0, done.stderr
    assert [row[5] for row in read(tmp_path / "out" / "export-filled.csv") if row] == ["Grade", "3", "3.00", "", ""]
    assert "1 of 2 grades, in the column 'Grade'" in done.stdout and "Eve_9: not in the table" in done.stdout
    assert "counts to 5, the assignment to 3" in done.stdout
    missing = here(short, *arguments[:-1], tmp_path / "none.csv")
    assert missing.returncode == 1 and "none.csv cannot be read: No such file or directory.\n" in missing.stderr
