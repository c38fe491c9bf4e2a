"""Which file is graded: a table of folders as schools' systems and students make them, and the status each deserves."""

import io
import os
import re
import unicodedata
import zipfile
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell

from course import choosing, files
from course.assignment import templates
from course.basics import Limits, Stop
from course.zoo import perfect

from .conftest import ROOT

LIMITS = Limits(file=3 * 2**20, folder=6 * 2**20, files=60)
MODELS = {model.name: model for model in templates(ROOT / "solutions" / "warm_ups")}
OTHER = templates(ROOT / "solutions" / "huber_mixture")[0]


def text(notebook):
    return nbformat.writes(notebook).encode()


RIGHT = {name: text(perfect(model)) for name, model in MODELS.items()}
BLANK = {name: text(model.release) for name, model in MODELS.items()}


def bare(name):
    """As some tools save it: no metadata, other cell ids."""
    notebook = perfect(MODELS[name])
    for k, cell in enumerate(notebook.cells):
        cell.metadata, cell["id"] = {}, f"colab-{k}"
    return text(notebook)


def zipped(content, password=False):
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in content.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 1, 2, 3, 4, 6)), data, zipfile.ZIP_DEFLATED)
    made = bytearray(raw.getvalue())
    if password:
        for mark in (b"PK\x03\x04", b"PK\x01\x02"):
            made[made.index(mark) + (6 if mark[2] == 3 else 8)] |= 1
    return bytes(made)


def heavy(name):
    """Right, with more in its outputs than a whole notebook should be."""
    notebook = perfect(MODELS[name])
    notebook.cells.append(new_code_cell("1"))
    notebook.cells[-1].outputs = [nbformat.v4.new_output("stream", text="x" * 2 * 2**20)]
    return text(notebook)


def crlf(raw):
    return raw.replace(b"\\n", b"\\r\\n")


M, B = RIGHT["mse"], BLANK["mse"]
# name: ({path below the folder of all: bytes, or (bytes, time)}, student, {notebook: "right", "blank" or what is said})
LAYOUTS = {
    "folder and assignment": ({"ada/warm_ups/mse.ipynb": M}, "ada", {"mse": "right"}),
    "folder alone": ({"ada/mse.ipynb": M}, "ada", {"mse": "right"}),
    "all seven": ({f"ada/{n}.ipynb": raw for n, raw in RIGHT.items()}, "ada", dict.fromkeys(RIGHT, "right")),
    "doubly nested": ({"ada/warm_ups/warm_ups/mse.ipynb": M}, "ada", {"mse": "right"}),
    "deep": ({"ada/a/b/c/d/mse.ipynb": M}, "ada", {"mse": "right"}),
    "another assignment beside": (
        {"ada/warm_ups/mse.ipynb": M, "ada/huber_mixture/huber_mixture.ipynb": text(OTHER.release)},
        "ada",
        {"mse": "right"},
    ),
    "another assignment instead": (
        {"ada/huber_mixture.ipynb": text(OTHER.release)},
        "ada",
        {"mse": "no notebook found, but there is huber_mixture.ipynb", "bce": "no notebook found"},
    ),
    "capital extension": ({"ada/mse.IPYNB": M}, "ada", {"mse": "right: the file was called mse.IPYNB"}),
    "capital name": ({"ada/MSE.ipynb": M}, "ada", {"mse": "right: the file was called MSE.ipynb"}),
    "text extension": ({"ada/mse.ipynb.txt": M}, "ada", {"mse": "right: the file was called mse.ipynb.txt"}),
    "json extension": ({"ada/mse.json": M}, "ada", {"mse": "right"}),
    "number": ({"ada/mse (1).ipynb": M}, "ada", {"mse": r"right: the file was called mse \(1\).ipynb", "bce": ""}),
    "dash": ({"ada/mse-1.ipynb": M}, "ada", {"mse": "right", "bce": ""}),
    "Colab": ({"ada/Copy of mse.ipynb": bare("mse")}, "ada", {"mse": "right: the file was called Copy of", "bce": ""}),
    "Colab, in German": ({"ada/Kopie von mse.ipynb": bare("mse")}, "ada", {"mse": "right", "bce": ""}),
    "any name": ({"ada/my homework.ipynb": M}, "ada", {"mse": "right", "bce": "", "kl": ""}),
    "the name of another": ({"ada/bce.ipynb": M}, "ada", {"mse": "right: the file was called bce", "bce": ""}),
    "two names exchanged": (
        {"ada/bce.ipynb": M, "ada/mse.ipynb": RIGHT["bce"]},
        "ada",
        {"mse": "right", "bce": "right"},
    ),
    "VS Code": ({"ada/.vscode/settings.json": b"{}", "ada/mse.ipynb": bare("mse")}, "ada", {"mse": "right"}),
    "JupyterHub": (
        {
            "ada/warm_ups/mse.ipynb": M,
            "ada/warm_ups/timestamp.txt": b"2026",
            "ada/warm_ups/.ipynb_checkpoints/mse-checkpoint.ipynb": B,
        },
        "ada",
        {"mse": "right"},
    ),
    "nbgrader's exchange": (
        {"ada+warm_ups+2026-11-01 10:00:00.0 UTC/mse.ipynb": B, "ada+warm_ups+2026-11-02 10:00:00.0 UTC/mse.ipynb": M},
        "ada",
        {"mse": "right: ada.warm_ups.2026-11-02"},
    ),
    "the newest in the exchange": (
        {
            "ada+warm_ups+2026-11-01 10:00:00.0 UTC/mse.ipynb": (M, 9e8),
            "ada+warm_ups+2026-11-02 10:00:00.0 UTC/mse.ipynb": (b"{", 1),
        },
        "ada",
        {"mse": "right"},
    ),
    "Moodle": (
        {
            "Ada L_123_assignsubmission_file_/mse.ipynb": M,
            "Ada L_123_assignsubmission_onlinetext_/onlinetext.html": b"x",
        },
        "Ada L_123",
        {"mse": "right"},
    ),
    "Moodle, a zip": (
        {"Ada L_123_assignsubmission_file/a.zip": zipped({"mse.ipynb": M})},
        "Ada L_123",
        {"mse": "right"},
    ),
    "Canvas": ({"adal_77_990_mse.ipynb": M}, "adal_77", {"mse": "right", "bce": ""}),
    "Canvas, late, again": (
        {"adal_LATE_77_991_mse-1.ipynb": M, "adal_77_990_mse.ipynb": B},
        "adal_77",
        {"mse": "right"},
    ),
    "Canvas beside folders": ({"adal_77_990_mse.ipynb": M, "bob/mse.ipynb": B}, "adal_77", {"mse": "right"}),
    "Canvas, a document": (
        {"adal_77_990_notes.docx": b"x"},
        "adal_77",
        {"mse": "no notebook found, but there is notes.docx"},
    ),
    "Blackboard": (
        {
            "warm ups_ada_attempt_2026-11-01-10-00-00_mse.ipynb": B,
            "warm ups_ada_attempt_2026-11-03-10-00-00_mse.ipynb": M,
            "warm ups_ada_attempt_2026-11-03-10-00-00.txt": b"receipt",
        },
        "ada",
        {"mse": "right"},
    ),
    "zip": ({"ada/one.zip": zipped({"warm_ups/mse.ipynb": M, "__MACOSX/._mse.ipynb": b"x"})}, "ada", {"mse": "right"}),
    "zip in a zip": ({"ada/a.zip": zipped({"b.zip": zipped({"mse.ipynb": M})})}, "ada", {"mse": "right"}),
    "a loose zip": ({"ada.zip": zipped({"mse.ipynb": M})}, "ada", {"mse": "right"}),
    "a zip without": (
        {"ada/one.zip": zipped({"notes.docx": b"x"})},
        "ada",
        {"mse": "no notebook found, but there is one.zip / one.zip/notes.docx"},
    ),
    "a broken zip": ({"ada/one.zip": b"PK\x03\x04"}, "ada", {"mse": "one.zip cannot be opened"}),
    "a locked zip": (
        {"ada/one.zip": zipped({"mse.ipynb": M}, password=True)},
        "ada",
        {"mse": "one.zip cannot be opened"},
    ),
    "a zip bomb": (
        {"ada/one.zip": zipped({"mse.ipynb": b"0" * 2**23})},
        "ada",
        {"mse": "one.zip cannot be opened .it is too large"},
    ),
    "a climbing zip": ({"ada/one.zip": zipped({"../../mse.ipynb": M})}, "ada", {"mse": "right"}),
    "old and blank beside new": (
        {"ada/mse.ipynb": (B, 100), "ada/mse (1).ipynb": (M, 200)},
        "ada",
        {"mse": r"right: .*mse \(1\).ipynb counts, there was also mse.ipynb"},
    ),
    "blank but newer": (
        {"ada/mse.ipynb": (M, 100), "ada/mse (1).ipynb": (B, 200)},
        "ada",
        {"mse": "right: mse.ipynb counts"},
    ),
    "the higher number": (
        {"ada/mse-1.ipynb": (RIGHT["mse"].replace(b"(0.5 *", b"(0.6 *"), 9), "ada/mse-2.ipynb": (M, 1)},
        "ada",
        {"mse": "right"},
    ),
    "a time in the name": (
        {"ada/mse 2026-01-01 10.00.00.ipynb": (M, 1), "ada/2026-03-01 10:00:00/mse.ipynb": (M, 1)},
        "ada",
        {"mse": "right: 2026-03-01"},
    ),
    "nothing": ({"ada/.DS_Store": b"x", "ada/__MACOSX/mse.ipynb": M}, "ada", {"mse": "", "bce": ""}),
    "documents": ({"ada/my notes.docx": b"x"}, "ada", {"mse": "no notebook found, but there is my notes.docx"}),
    "NFC": (
        {unicodedata.normalize("NFC", "José/mse.ipynb"): M},
        unicodedata.normalize("NFC", "José"),
        {"mse": "right"},
    ),
    "NFD": (
        {unicodedata.normalize("NFD", "José/mse.ipynb"): M},
        unicodedata.normalize("NFD", "José"),
        {"mse": "right"},
    ),
    "no UTF-8": ({b"Jos\xe9/exerc\xedcio.ipynb": M}, "Jos\\xe9", {"mse": r"right: the file was called exerc.xedcio"}),
    "a line in the name": ({"a\nda/m\x1bse.ipynb": M}, "a\nda", {"mse": "right: the file was called m se"}),
    "a formula": ({"=cmd|'calc'!A1/mse.ipynb": M}, "=cmd|'calc'!A1", {"mse": "right"}),
    "a linked folder": (
        {"eve/warm_ups": "../ada/warm_ups", "ada/warm_ups/mse.ipynb": M},
        "eve",
        {"mse": "warm_ups is a link"},
    ),
    "a linked student": ({"eve": "ada", "ada/mse.ipynb": M}, "eve", {"mse": "eve is a link"}),
    "a linked file": ({"eve/mse.ipynb": "/etc/passwd"}, "eve", {"mse": "mse.ipynb is a link"}),
    "a link in a ring": ({"eve/a/b": "..", "eve/mse.ipynb": M}, "eve", {"mse": "right"}),
    "Windows line ends": ({"ada/mse.ipynb": crlf(M)}, "ada", {"mse": "right"}),
    "a mark at the start": ({"ada/mse.ipynb": b"\xef\xbb\xbf" + M}, "ada", {"mse": "right"}),
    "large outputs": ({"ada/mse.ipynb": heavy("mse")}, "ada", {"mse": "right"}),
    "too large": ({"ada/mse.ipynb": b" " * 2**22}, "ada", {"mse": "mse.ipynb is larger than 3 MB"}),
    "too many": ({f"ada/{k}.txt": b"" for k in range(70)}, "ada", {"mse": "more than 60 files"}),
    "no notebook": ({"ada/mse.ipynb": b"{}"}, "ada", {"mse": "mse.ipynb is not a notebook"}),
    "empty, beside a good one": ({"ada/mse.ipynb": b"", "ada/mse (2).ipynb": M}, "ada", {"mse": "right"}),
    "an old format": (
        {"ada/mse.ipynb": nbformat.writes(nbformat.convert(perfect(MODELS["mse"]), 3), version=3).encode()},
        "ada",
        {"mse": "right"},
    ),
}


def lay(folder, content):
    for path, what in content.items():
        path = os.path.join(os.fsencode(folder), os.fsencode(path))
        os.makedirs(os.path.dirname(path), exist_ok=True)
        if isinstance(what, str):
            os.symlink(what, path)
            continue
        raw, time = what if isinstance(what, tuple) else (what, 1000)
        Path(os.fsdecode(path)).write_bytes(raw)
        os.utime(path, (time, time))


def test_there_are_enough():
    assert len(LAYOUTS) >= 40


@pytest.mark.parametrize("name", LAYOUTS)
def test_layout(name, tmp_path):
    content, student, wanted = LAYOUTS[name]
    lay(tmp_path, content)
    found = files.students(tmp_path, "warm_ups", list(MODELS), [])
    assert student in found, list(found)
    submission = files.load(found[student], "warm_ups", LIMITS)
    made = choosing.choose(submission, list(MODELS.values()), LIMITS)
    for notebook, what in wanted.items():
        choice = made[notebook]
        if what.startswith("right"):
            assert choice.cells is not None and not choosing.blank(choice.cells, MODELS[notebook]), choice.error
            assert re.search(what.partition(": ")[2], "; ".join(choice.notes)), choice.notes
        elif what:
            assert choice.cells is None and re.search(what, choice.error), choice
        else:
            assert choice.cells is None and not choice.error, choice


@pytest.mark.parametrize(
    "name", ["folder alone", "Moodle", "Canvas", "Blackboard", "JupyterHub", "zip", "nbgrader's exchange"]
)
def test_nobody_else_appears(name, tmp_path):
    content, student, _ = LAYOUTS[name]
    lay(tmp_path, content | {"__MACOSX/x": b"", ".DS_Store": b"", "grades.csv": b"", "README.md": b""})
    assert list(files.students(tmp_path, "warm_ups", list(MODELS), [])) == [student]


@pytest.mark.parametrize(
    ("content", "wanted", "says"),
    [
        ({"mse.ipynb": M}, [], "holds mse.ipynb itself"),
        ({"warm_ups/mse.ipynb": M}, [], "is one student's folder"),
        ({"README.md": b""}, [], "holds no submissions"),
        ({"ada/mse.ipynb": M}, ["ada", "bob"], "holds nothing of bob"),
    ],
)
def test_the_wrong_folder(content, wanted, says, tmp_path):
    lay(tmp_path, content)
    with pytest.raises(Stop, match=says):
        files.students(tmp_path, "warm_ups", list(MODELS), wanted)
