"""The tools behind the Makefile: what they write is whole, and bad input gets a sentence and a non-zero exit."""

import base64
import errno
import io
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import nbformat
import numpy as np
import pytest
from browsing import LOOKED_UP
from matplotlib.figure import Figure
from PIL import Image

from tools import licences, refresh, sweep, thumbnails
from tools.book import ROOT


def notebook(path, source):
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source, id="cell")]), path)
    return path


def tool(root, name, *arguments):
    environment = os.environ | {"PYTHONPATH": str(root)}
    command = [sys.executable, "-m", f"tools.{name}", *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=root, env=environment)


@pytest.fixture
def book(tmp_path):
    """A copy of the book that may be written to."""
    for folder in ("chapters", "lib", "tools", "tests"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__", "course"))
    for file in ("_toc.yml", "pyproject.toml", "glossary.md", "index.ipynb"):
        shutil.copy(ROOT / file, tmp_path / file)
    shutil.copytree(ROOT / "solutions", tmp_path / "solutions")
    return tmp_path


def test_a_new_chapter_passes_the_structure_test(book):
    made = tool(book, "new_chapter", "student_t")
    assert made.returncode == 0, made.stderr
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/test_structure.py"]
    checked = subprocess.run(
        [*command, "-k", "student_t or table_of_contents"], capture_output=True, text=True, cwd=book
    )
    assert checked.returncode == 0, checked.stdout
    again = tool(book, "new_chapter", "student_t")
    assert again.returncode == 1 and "is there already" in again.stderr


@pytest.mark.parametrize("arguments", [(), ("",), ("Student t",), ("../x",)])
def test_a_chapter_needs_a_name(arguments):
    refused = tool(ROOT, "new_chapter", *arguments)
    assert refused.returncode == 1 and "A chapter's name has small letters" in refused.stderr


def test_two_runs_of_a_verb_wait_for_each_other(tmp_path):
    alone = [sys.executable, ROOT / "tools" / "alone.py", "site", sys.executable, "-c"]
    options = {"cwd": tmp_path, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    wait = "import sys; print('begun', flush=True); sys.stdin.read()"
    with subprocess.Popen([*alone, wait], stdin=subprocess.PIPE, **options) as first:
        assert first.stdout.readline() == "begun\n"
        with subprocess.Popen([*alone, "print('second')"], **options) as second:
            assert "waiting for it to end" in second.stderr.readline()
            assert second.poll() is None
            first.kill()  # the lock falls however its holder ends
            assert second.communicate(timeout=30)[0] == "second\n"


@pytest.mark.parametrize("text", ["{", "[]", '{"cells": 1}', "\xff\xfe", ""])
def test_refresh_refuses_what_is_no_notebook(tmp_path, text):
    path = tmp_path / "x.ipynb"
    path.write_bytes(text.encode("latin-1"))
    assert "cannot be read as a notebook" in refresh.refresh(path)
    assert path.read_bytes() == text.encode("latin-1")


def test_refresh_says_that_a_name_does_not_exist(tmp_path):
    refused = tool(ROOT, "refresh", tmp_path / "missing.ipynb")
    assert refused.returncode == 1 and "missing.ipynb: cannot be read" in refused.stderr


def test_refresh_leaves_a_failing_notebook_as_it_was(tmp_path):
    path = notebook(tmp_path / "x.ipynb", "1 / 0")
    before = path.read_bytes()
    assert "ZeroDivisionError" in refresh.refresh(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("where", ["write_text", "replace"])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS])
def test_refresh_on_a_full_or_read_only_disk_leaves_no_half_notebook(tmp_path, monkeypatch, where, code):
    def fail(path, *arguments, **options):
        if where == "write_text":
            path.write_bytes(b'{"cells": [')
        raise OSError(code, os.strerror(code))

    path = notebook(tmp_path / "x.ipynb", "print(1)")
    before = path.read_bytes()
    monkeypatch.setattr(Path if where == "write_text" else os, where, fail)
    assert "x.ipynb: cannot be written" in refresh.refresh(path)
    assert path.read_bytes() == before and list(tmp_path.iterdir()) == [path]


def test_an_interrupted_refresh_leaves_whole_notebooks(tmp_path):
    path = notebook(tmp_path / "x.ipynb", "from pathlib import Path\nPath('runs').touch()\nimport time\ntime.sleep(60)")
    before = path.read_bytes()
    command = [sys.executable, "-m", "tools.refresh", path]
    # A shell that runs the tests in the background has them ignore SIGINT, and children inherit that.
    listen = partial(signal.signal, signal.SIGINT, signal.default_int_handler)
    options = {"stderr": subprocess.PIPE, "text": True, "start_new_session": True, "cwd": ROOT}
    process = subprocess.Popen(command, preexec_fn=listen, **options)
    deadline = time.monotonic() + 60
    while not (tmp_path / "runs").exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 130 and "every notebook is whole" in said
    assert path.read_bytes() == before and not list(tmp_path.glob("*.part"))


@pytest.mark.parametrize(("sign", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (None, 0)])
def test_a_stopped_build_leaves_the_site_as_it_was(tmp_path, sign, status):
    """A book of one page whose build waits, in a folder with a site of before."""
    shutil.copytree(ROOT / "tools", tmp_path / "tools")
    waits = "import pathlib, time\ndef setup(app):\n    pathlib.Path('begun').touch()\n    time.sleep(60)"
    (tmp_path / "slow.py").write_text(waits if sign else "def setup(app): pass", encoding="utf-8")
    (tmp_path / "index.md").write_text("# New", encoding="utf-8")
    (tmp_path / "_toc.yml").write_text("format: jb-book\nroot: index", encoding="utf-8")
    config = "title: T\nonly_build_toc_files: true\nsphinx: {local_extensions: {slow: .}}"
    (tmp_path / "_config.yml").write_text(config, encoding="utf-8")
    page = tmp_path / "_build" / "html" / "index.html"
    page.parent.mkdir(parents=True)
    page.write_text("Old", encoding="utf-8")
    listen = partial(signal.signal, signal.SIGINT, signal.default_int_handler)
    options = {"stderr": subprocess.PIPE, "text": True, "start_new_session": True, "cwd": tmp_path}
    process = subprocess.Popen([sys.executable, "-m", "tools.site"], preexec_fn=listen, **options)
    if sign:
        deadline = time.monotonic() + 60
        while not (tmp_path / "begun").exists() and time.monotonic() < deadline:
            time.sleep(0.1)
        process.send_signal(sign)
    _, said = process.communicate(timeout=120)
    assert process.returncode == status, said
    assert [child.name for child in (tmp_path / "_build").iterdir()] == ["html"]
    assert ("Old" if sign else "New") in page.read_text(encoding="utf-8")
    deadline = time.monotonic() + 10
    with pytest.raises(ProcessLookupError):  # nothing of it still runs
        while time.monotonic() < deadline:
            os.killpg(process.pid, 0)
            time.sleep(0.1)


def test_refreshing_twice_gives_the_same_bytes(tmp_path):
    path = notebook(tmp_path / "x.ipynb", "print(6 * 7)")
    assert refresh.refresh(path) is None
    first = path.read_bytes()
    assert b"42" in first
    assert refresh.refresh(path) is None
    assert path.read_bytes() == first


def test_the_page_of_licences_lists_what_is_pinned():
    assert licences.PAGE.read_text(encoding="utf-8").endswith("\n" + licences.table()), "run tools/licences.py"


def test_the_table_of_the_sweep_fits_the_notebooks():
    rows = sweep.table()
    assert set(rows) <= {path.stem for path in (ROOT / "chapters").glob("*.ipynb")}
    assert [problem for name in rows for problem in sweep.problems(name, rows[name], sweep.read(name))] == []


def test_every_seed_and_every_long_loop_is_turned():
    """A demonstration whose seed or steps have no row in the table was never tried at others."""
    settings = re.compile(r"(?:default_rng|manual_seed)\(\d+\)|for _ in range\(\d\d\d[\d_]*\)")
    missing = [
        f"{chapter}, cell {cell.id}: {setting}"
        for chapter, rows in sweep.table().items()
        for cell in sweep.read(chapter).cells
        for setting in settings.findall(cell.source if cell.cell_type == "code" else "")
        if not any(
            (knob["cell"] == cell.id and knob["old"] in setting) or setting in knob["old"] for knob in rows["knobs"]
        )
    ]
    assert missing == []


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"cell": "nowhere", "what": "seed", "old": "rng(0)"}, "there is no cell nowhere"),
        ({"cell": "cell", "what": "seed", "old": "rng(7)"}, "cell cell: 'rng(7)' stands 0 times in it"),
        ({"cell": "cell", "what": "steps", "old": "0"}, "stands 2 times in it"),
        ({"cell": "cell", "what": "luck", "old": "rng(0)"}, "'luck' is none of"),
        ({"cell": "cell", "what": "start", "old": "rng(0)"}, "everything else has one"),
        ({"cell": "cell", "what": "seed", "old": "x = rng"}, "must hold one whole number"),
    ],
)
def test_a_row_of_the_sweep_that_does_not_fit_is_named(row, said):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("x = rng(0) + 0", id="cell")])
    (problem,) = sweep.problems("chapter", {"knobs": [row]}, notebook)
    assert said in problem


@pytest.mark.parametrize(
    ("after", "kinds"),
    [
        ("gain 0.30\nMSE 2.0  3.0\nMAE 1.0  5.0\n", []),
        ("gain -0.20\nMSE 2.0  3.0\nMAE 1.0  5.0\n", ["sign"]),
        ("gain 0.20\nMSE 3.0  2.0\nMAE 1.0  5.0\n", ["order"]),
        ("gain 0.20\nMSE 2.0  3.0\nMAE 4.0  5.0\n", ["order"]),
        ("gain 0.20\nMSE 2.0  3.0\nMAE 1.0  2.99\n", []),
        ("loss 0.20\nMSE 2.0  3.0\nMAE 1.0  5.0\n", ["words"]),
        ("gain 0.20\n", ["words"]),
    ],
)
def test_the_sweep_sees_signs_orders_and_words(after, kinds):
    before = "gain 0.20\nMSE 2.0  3.0\nMAE 1.0  5.0\n"
    assert [kind for kind, _ in sweep.differences(before, after)] == kinds


def test_the_sweep_goes_on_after_a_failure(book, monkeypatch, capsys):
    """Seeds, steps and start are turned in every combination; what fails in one cell is a row of the report."""
    monkeypatch.setattr(sweep, "ROOT", book)
    source = "seed, steps, w = 3, 40, -1.0\nassert steps > 30\nprint(w)"
    notebook(book / "chapters" / "tried.ipynb", source)
    tried = nbformat.read(book / "chapters" / "tried.ipynb", as_version=4)
    tried.cells[0].outputs = [nbformat.v4.new_output("stream", name="stdout", text="-1.0\n")]
    nbformat.write(tried, book / "chapters" / "tried.ipynb")
    seed = {"cell": "cell", "what": "seed", "old": "3"}
    steps = {"cell": "cell", "what": "steps", "old": "40"}
    start = {"cell": "cell", "what": "start", "old": "-1.0", "new": "2.0"}
    assert len(list(sweep.variants({"knobs": [seed, steps, start]}))) == 23
    reason = {"cell": "cell", "says": "-1.0", "knobs": ["start"], "why": "it is the start that is printed"}
    rows = {"knobs": [steps, start], "explained": [reason]}
    assert sweep.sweep("tried", rows) == 1
    said = capsys.readouterr().out
    assert "UNEXPLAINED  cell  fails  in 2: steps × 0.5" in said and "assert steps > 30" in said
    assert "explained  cell  sign  in 4" in said


def test_small_pictures_are_what_their_tool_draws():
    chapters = {path.stem for path in ROOT.glob("chapters/*.ipynb")} - {Path(name).name for name in LOOKED_UP}
    assert {path.stem for path in thumbnails.FOLDER.glob("*.svg")} == chapters == set(thumbnails.pictures())
    for chapter, curves in thumbnails.pictures().items():
        assert (thumbnails.FOLDER / f"{chapter}.svg").read_text(encoding="utf-8") == thumbnails.svg(curves), chapter


def test_a_stored_figure_keeps_its_size_and_nearly_its_colours():
    figure = Figure(dpi=50)
    figure.subplots().plot([0, 1], color="#0072B2")
    whole, target = io.BytesIO(), io.BytesIO()
    figure.savefig(whole, format="png")
    target.write(base64.b64decode(refresh.shrink(base64.b64encode(whole.getvalue()).decode())))
    assert len(target.getvalue()) < len(whole.getvalue())
    before, after = (np.asarray(Image.open(picture).convert("RGB"), dtype=float) for picture in (whole, target))
    assert before.shape == after.shape and np.abs(before - after).max() < 40
