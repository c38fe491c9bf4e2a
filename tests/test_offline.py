"""Notebooks need no network: every kernel that nbval starts refuses it (conftest.py)."""

import subprocess
import sys

import nbformat

from tools.book import ROOT

ASK = {
    "name": "import urllib.request\nurllib.request.urlopen('http://example.org')",
    "address": "import socket\nsocket.create_connection(('192.0.2.1', 80), timeout=5)",
    "datagram": "import socket\nsocket.socket(type=socket.SOCK_DGRAM).sendto(b'', ('192.0.2.1', 80))",
}


def test_a_notebook_that_asks_the_network_is_red(tmp_path):
    cells = [nbformat.v4.new_code_cell(code, execution_count=1) for code in ASK.values()]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "asks.ipynb")
    command = [sys.executable, "-m", "pytest", "-c", "pyproject.toml", "-p", "conftest", tmp_path / "asks.ipynb"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert f"{len(ASK)} failed" in done.stdout
    assert done.stdout.count("this one asks") >= len(ASK), done.stdout
