"""Submissions that plain grading gets wrong, each with the points and the status that it deserves.

Each takes a perfect submission (a notebook and the folder it will lie in) and spoils it. Of its questions, the first is
the one whose answer is spoilt.
"""

import copy
import re
import textwrap
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell
from nbgrader.utils import is_solution

from . import ROOT
from .normalise import Template, is_test


def perfect(template: Template):
    """The released notebook with the model answers filled in."""
    notebook = copy.deepcopy(template.release)
    for cell, solved in zip(notebook.cells, template.solution.cells, strict=True):
        if is_solution(cell):
            cell.source = "\n".join(
                line for line in solved.source.split("\n") if not re.search("(BEGIN|END) SOL", line)
            )
    return notebook


def answer(notebook):
    return next(cell for cell in notebook.cells if is_solution(cell) and cell.cell_type == "code")


def test(notebook):
    return next(cell for cell in notebook.cells if is_test(cell))


def before(code):
    """Something is done before the first function is defined, as it should be."""

    def spoil(notebook, folder):
        answer(notebook).source = f"{textwrap.dedent(code).strip()}\n\n{answer(notebook).source}"

    return spoil


def body(code):
    """The first function does something else."""

    def spoil(notebook, folder):
        cell = answer(notebook)
        name = re.search(r"def (\w+)", cell.source)[1]
        cell.source = f"def {name}(*args, **options):\n{textwrap.indent(textwrap.dedent(code).strip(), '    ')}"

    return spoil


def both(*spoils):
    def spoil(notebook, folder):
        for one in spoils:
            one(notebook, folder)

    return spoil


def instead(text):
    """Something else than a notebook is handed in."""

    def spoil(notebook, folder):
        notebook.clear()
        (folder / "instead").write_text(text)

    return spoil


def wordy(notebook, folder):
    cell = answer(notebook)
    start, rest = cell.source.split("\n", 1)
    cell.source = f"import warnings\n\n{start}\n    warnings.warn('careful')\n{rest}"


def helper(notebook, folder):
    cell = answer(notebook)
    k = notebook.cells.index(cell)
    notebook.cells.insert(k, new_code_cell("def same(value):\n    return value"))
    cell.source = f"%matplotlib inline\n{cell.source}\nsame(1)"


def copied(notebook, folder):
    notebook.cells.append(copy.deepcopy(test(notebook)))
    notebook.cells.append(copy.deepcopy(answer(notebook)))


def stripped(notebook, folder):
    for cell in notebook.cells:
        cell.metadata = {}


def bare(notebook, folder):
    stripped(notebook, folder)
    renamed(notebook, folder)
    for k, cell in enumerate(notebook.cells):
        cell["id"] = f"new-{k}"


def renamed(notebook, folder):
    notebook.metadata["file"] = "my homework (1).ipynb"


def deleted(notebook, folder):
    notebook.cells.remove(test(notebook))


def edited(notebook, folder):
    test(notebook).source = "assert True"


def link(notebook, folder):
    notebook.clear()
    (folder / "secret.txt").symlink_to("/etc/hostname")
    (folder / "instead").symlink_to(folder / "secret.txt")


def nothing(notebook, folder):
    notebook.clear()


def shadows(notebook, folder):
    (folder / "lib").mkdir()
    (folder / "lib" / "checks.py").write_text("def check(*args, **options): pass\ndef passed(name): pass\n")
    (folder / "torch.py").write_text("raise SystemExit\n")


def peeks_later(notebook, folder):
    notebook.cells.append(new_code_cell("print(In)\nprint(open('/proc/self/environ').read())"))


WRONG = body("return None")

# name: (how it is spoilt, points, status); points: full, rest (all but the first question's), zero, or any
ZOO = {
    "right": (both(), "full", "graded"),
    "wrong": (WRONG, "rest", "graded"),
    "warning": (wordy, "full", "graded"),
    "helper-cell": (helper, "full", "graded"),
    "raises": (body("raise ValueError('no')"), "rest", "graded"),
    "exits": (body("raise SystemExit"), "rest", "graded"),
    "copied-cells": (copied, "full", "repaired: .* copied"),
    "stripped": (stripped, "full", "repaired: .* lost the id"),
    "renamed": (renamed, "full", "repaired: the file was called my homework"),
    "bare": (bare, "full", "repaired: the file was called my homework.* lost the id"),
    "test-deleted": (both(WRONG, deleted), "rest", "repaired: .* deleted"),
    "test-edited": (both(WRONG, edited), "rest", "repaired: .* changed"),
    "shadows": (both(WRONG, shadows), "rest", "repaired: lib, torch.py left out"),
    "empty-file": (instead(""), "zero", "error: .* is not a notebook"),
    "invalid-json": (instead('{"cells": ['), "zero", "error: .* is not a notebook"),
    "no-notebook": (instead("[]"), "zero", "error: .* is not a notebook"),
    "odd-cells": (
        instead('{"cells": [0], "nbformat": 4}'),
        "zero",
        "error: .* is not a notebook",
    ),
    "link": (link, "zero", "error: .* is a link"),
    "nothing": (nothing, "zero", "missing"),
    "endless": (body("while True:\n    pass"), "rest", "error: .* ran too long and was stopped"),
    "deaf": (
        body("while True:\n    try:\n        while True:\n            pass\n    except BaseException:\n        pass"),
        "zero",
        "error: the kernel did not end",
    ),
    "kills-kernel": (
        body("import os\nos.kill(os.getpid(), 9)"),
        "zero",
        "error: the kernel died, in .*flagged: .*imports os",
    ),
    "floods": (
        body("while True:\n    print('x' * 10000)"),
        "zero",
        "error: (more than 1 MB was printed|the kernel used more than)",
    ),
    "eats-memory": (body("bytearray(10**11)"), "rest", "graded"),
    "fork-bomb": (
        body("import os\nwhile True:\n    try:\n        os.fork()\n    except OSError:\n        pass"),
        "zero",
        "error: .*flagged: .*imports os",
    ),
    "fills-disk": (
        body("with open('/tmp/big', 'wb') as big:\n    for _ in range(10**4):\n        big.write(bytes(10**6))"),
        "rest",
        "flagged: .* uses open",
    ),
    "leaves-process": (
        before("import subprocess\nsubprocess.Popen(['sleep', '98765'], start_new_session=True)"),
        "full",
        "flagged: .*imports subprocess",
    ),
    "gradebook": (
        before("""
        from pathlib import Path
        for place in (Path("/"), Path.home(), *Path.cwd().parents):
            for book in [*place.glob("gradebook.db"), *place.glob("*/gradebook.db")]:
                book.write_bytes(b"")
        """),
        "full",
        "flagged: .*names gradebook",
    ),
    "reads-solutions": (
        before(f"from pathlib import Path\nfound = next(Path('{ROOT}/solutions').rglob('*.ipynb'))"),
        "rest",
        "flagged: .*names solutions",
    ),
    "socket": (
        body("import socket\nsocket.create_connection(('127.0.0.1', 9), 1)"),
        "rest",
        "flagged: .*imports socket",
    ),
    "patches-checks": (
        both(WRONG, before("from lib import checks\nchecks.check = lambda *args, **options: None")),
        "rest",
        "flagged: .*changes checks",
    ),
    "patches-torch": (
        both(WRONG, before("import torch\ntorch.as_tensor = lambda *args, **options: torch.zeros(())")),
        "any",
        "flagged: .*changes torch",
    ),
    "patches-runner": (
        both(WRONG, before("get_ipython().set_custom_exc((Exception,), lambda *args, **options: None)")),
        "rest",
        "flagged: .*uses get_ipython",
    ),
    "peeks": (body("import sys\nraise ValueError(In, sys._getframe(1).f_globals)"), "rest", "flagged: .*uses In"),
    "peeks-later": (peeks_later, "full", "flagged: .*uses In"),
}


def hand_in(spoil, template: Template, folder: Path):
    """Write the submission that `spoil` makes of a perfect one."""
    folder.mkdir(parents=True, exist_ok=True)
    notebook = perfect(template)
    spoil(notebook, folder)
    path = folder / f"{template.name}.ipynb"
    if notebook:
        name = notebook.metadata.pop("file", path.name)
        nbformat.write(notebook, folder / name)
    elif (folder / "instead").is_symlink() or (folder / "instead").exists():
        (folder / "instead").rename(path)
