"""Submissions that plain grading gets wrong, each with the points and the status that it deserves."""

from . import spoil
from .basics import ROOT
from .spoil import PIXEL, WRONG, before, body, both, hand_in, instead, perfect

__all__ = ["PIXEL", "ZOO", "hand_in", "perfect"]

# name: (how it is spoilt, points, status); points: full, rest (all but the first question's) or zero
ZOO = {
    "right": (both(), "full", "graded"),
    "wrong": (WRONG, "rest", "graded"),
    "warning": (spoil.wordy, "full", "graded"),
    "helper-cell": (spoil.helper, "full", "graded"),
    "cell-above-all": (spoil.above, "full", "graded"),
    "raises": (body("raise ValueError('no')"), "rest", "graded"),
    "exits": (body("raise SystemExit"), "rest", "graded"),
    "copied-cells": (spoil.copied, "full", "repaired: .* copied"),
    "stripped": (spoil.stripped, "full", "repaired: .* lost the id"),
    "renamed": (spoil.renamed, "full", "repaired: the file was called my homework"),
    "bare": (spoil.bare, "full", "repaired: the file was called my homework.* lost the id"),
    "test-deleted": (both(WRONG, spoil.deleted), "rest", "repaired: .* deleted"),
    "test-edited": (both(WRONG, spoil.edited), "rest", "repaired: .* changed"),
    "windows": (spoil.windows, "full", "graded"),
    "shadows": (both(WRONG, spoil.shadows), "rest", "repaired: lib, torch.py left out"),
    "picture": (spoil.picture, "full", "graded"),
    "surrogate": (spoil.surrogate, "full", "graded"),
    "scripts": (spoil.scripts, "full", "graded"),
    "displayhook": (before("import sys\nsys.displayhook(99)\nsys.displayhook = print"), "full", "graded"),
    "many-figures": (spoil.figures, "full", "graded"),
    "questions": (before("\n".join(["?len"] * 60)), "full", "graded"),
    "empty-file": (instead(""), "zero", "error: .* is not a notebook"),
    "invalid-json": (instead('{"cells": ['), "zero", "error: .* is not a notebook"),
    "no-notebook": (instead("[]"), "zero", "error: .* is not a notebook"),
    "odd-cells": (instead('{"cells": [0], "nbformat": 4}'), "zero", "error: .* is not a notebook"),
    "deep": (instead("[" * 10**6), "zero", "error: .* is not a notebook"),
    "link": (spoil.link, "zero", "error: .* is a link"),
    "nothing": (spoil.nothing, "zero", "missing"),
    "endless": (body("while True:\n    pass"), "rest", "error: .* ran too long and was stopped"),
    "deaf": (
        body("while True:\n    try:\n        while True:\n            pass\n    except BaseException:\n        pass"),
        "rest",
        "error: the code did not end, 3 s after it was told to, in ",
    ),
    "kills-itself": (body("import os\nos.kill(os.getpid(), 9)"), "rest", "error: the answer process died, in "),
    "floods": (body("while True:\n    print('x' * 10000)"), "rest", "error: .* ran too long and was stopped"),
    "eats-memory": (body("bytearray(10**11)"), "rest", "graded"),
    "fork-bomb": (
        body("import os\nwhile True:\n    try:\n        os.fork()\n    except OSError:\n        pass"),
        "rest",
        "error: ",
    ),
    "fills-disk": (
        body("with open('/tmp/big', 'wb') as big:\n    for _ in range(10**4):\n        big.write(bytes(10**6))"),
        "rest",
        "graded",
    ),
    "leaves-process": (
        before("import subprocess\nsubprocess.Popen(['sleep', '98765'], start_new_session=True)"),
        "full",
        "graded",
    ),
    "gradebook": (
        before("""
        from pathlib import Path
        for place in (Path("/"), Path.home(), *Path.cwd().parents):
            for book in [*place.glob("gradebook.db"), *place.glob("*/gradebook.db")]:
                book.write_bytes(b"")
        """),
        "full",
        "graded",
    ),
    "reads-solutions": (
        before(f"from pathlib import Path\nfound = next(Path('{ROOT}/solutions').rglob('*.ipynb'))"),
        "rest",
        "graded",
    ),
    "socket": (body("import socket\nsocket.create_connection(('127.0.0.1', 9), 1)"), "rest", "graded"),
    "peeks": (body("import sys\nraise ValueError(In, sys._getframe(1).f_globals)"), "rest", "graded"),
    "peeks-later": (spoil.peeks_later, "full", "graded"),
}
