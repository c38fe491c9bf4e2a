"""Notebooks to take away: each begins with a cell that gets the book's `lib` where it is missing.

They replace the sources that the theme's download button leads to, and are published on the branch `notebooks`, which
Colab and Kaggle open.
"""

from pathlib import Path

import nbformat

from website.repository import repository_url

CELL = """\
# The book's package `lib`: this gets it where it is not installed.
import os, sys
from importlib.util import find_spec

sys.path += [up for up in (".", "..", "../..") if os.path.isfile(f"{up}/lib/likelihoods.py")]
if find_spec("lib") is None:
"""
KNOWN = """\
    if "google.colab" in sys.modules or "KAGGLE_KERNEL_RUN_TYPE" in os.environ:
        %pip install -q "losses-are-likelihoods @ git+{url}"
    else:
        raise ModuleNotFoundError('Run once: pip install "losses-are-likelihoods @ git+{url}"')
"""
UNKNOWN = """\
    raise ModuleNotFoundError("Put this notebook into chapters/ of the book, beside its folder lib/")
"""


def with_lib(notebook, url):
    """The notebook with a first cell that finds or gets `lib`: from the repository at `url`, if there is one."""
    source = (CELL + (KNOWN.format(url=url) if url else UNKNOWN)).rstrip()
    cell = nbformat.v4.new_code_cell(source, id="get-lib", metadata={"jupyter": {"source_hidden": True}})
    return notebook | {"cells": [cell, *notebook.cells]}


def write_notebooks(app, error):
    if error or app.builder.name != "html":
        return
    url = repository_url(app.confdir)
    for page in app.env.all_docs:
        source, target = Path(app.env.doc2path(page)), Path(app.outdir) / "_sources" / f"{page}.ipynb"
        if source.suffix == ".ipynb" and target.exists():
            notebook = with_lib(nbformat.read(source, as_version=4), url)
            target.write_text(nbformat.writes(nbformat.from_dict(notebook)) + "\n", encoding="utf-8")


def add_launchers(app, page, template, context, doctree):
    """Colab and Kaggle, which open notebooks of GitHub, beside Binder."""
    url = repository_url(app.confdir) or ""
    if not url.startswith("https://github.com/") or Path(app.env.doc2path(page)).suffix != ".ipynb":
        return
    notebook = f"{url.removeprefix('https://github.com/')}/blob/notebooks/{page}.ipynb"
    for group in context.get("header_buttons", []):
        if group.get("label") == "launch-buttons":
            group["buttons"] += [
                {"type": "link", "text": name, "tooltip": f"Launch on {name}", "icon": "fas fa-rocket", "url": address}
                for name, address in [
                    ("Colab", f"https://colab.research.google.com/github/{notebook}"),
                    ("Kaggle", f"https://www.kaggle.com/kernels/welcome?src=https://github.com/{notebook}"),
                ]
            ]


def setup(app):
    app.connect("build-finished", write_notebooks)
    app.connect("html-page-context", add_launchers, priority=800)  # after the theme's own buttons
