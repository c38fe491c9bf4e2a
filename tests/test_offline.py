"""Notebooks need no network: all of them run in a network namespace that has none."""

import os
import shutil
import subprocess
import sys

import pytest

from tools.book import ROOT

CUT_OFF = ["unshare", "--map-root-user", "--net"]
RUN_ALL = """
import socket, sys
import matplotlib.pyplot, nbformat, pytest
from pathlib import Path

matplotlib.use("agg")
matplotlib.pyplot.show = lambda: matplotlib.pyplot.close("all")  # as in a notebook: the next figure is a new one
for notebook in sys.argv[1:]:
    cells = [cell for cell in nbformat.read(notebook, as_version=4).cells if cell.cell_type == "code"]
    matplotlib.pyplot.close("all")
    space = {"__name__": "__main__"}
    for cell in cells:
        code = compile(cell.source, notebook, "exec")
        if "raises-exception" in cell.metadata.get("tags", []):
            with pytest.raises(Exception):
                exec(code, space)
        else:
            exec(code, space)
    print(Path(notebook).name, len(cells), "cells")
try:
    socket.create_connection(("192.0.2.1", 80), timeout=5)
except OSError as error:
    print("outside:", error)
"""


def test_every_notebook_runs_without_a_network():
    works = shutil.which("unshare") and subprocess.run([*CUT_OFF, "true"], capture_output=True).returncode == 0
    if not works:
        reason = "no network namespace can be made here (it takes Linux and `unshare`)"
        pytest.fail(reason) if os.environ.get("CI") == "true" and sys.platform == "linux" else pytest.skip(reason)
    notebooks = [*sorted(ROOT.glob("chapters/*.ipynb")), *sorted(ROOT.glob("solutions/*/*.ipynb"))]
    command = [*CUT_OFF, sys.executable, "-c", RUN_ALL, *notebooks]
    done = subprocess.run(command, cwd=ROOT / "chapters", capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.count(" cells") == len(notebooks) and "outside: [Errno 101]" in done.stdout
