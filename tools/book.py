"""What the tools and the tests know of the book: where things are, its pages, how it is built, run and saved.

A tool is run as `python -m tools.name`. What goes wrong is one sentence on stderr that names the file, and a status
that is not zero.
"""

import os
import subprocess
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent
SITE = ROOT / "_build" / "html"
# What a kernel is started with, whatever the shell says; how many threads it has is said in the Makefile.
ENVIRONMENT = {
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    "PYTHONHASHSEED": "0",
    "PYTHONUTF8": "1",
    "PYTHONWARNINGS": "",
}


def pages_of(toc):
    """The pages that a table of contents names, in reading order."""
    if isinstance(toc, list):
        return [page for part in toc for page in pages_of(part)]
    own = [toc[key] for key in ("root", "file") if key in toc]
    return own + [page for key in ("parts", "chapters", "sections") for page in pages_of(toc.get(key, []))]


def pages(root=ROOT):
    """The names of all pages of the site, in reading order."""
    return pages_of(yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8")))


def chapters(root=ROOT):
    return sorted(root.glob("chapters/*.ipynb"))


def notebooks(root=ROOT):
    """Every notebook that the book's authors write: exercises/ is made from solutions/."""
    return [root / "index.ipynb", *chapters(root), *sorted(root.glob("solutions/*/*.ipynb"))]


def client(notebook, folder, **options):
    """What runs the notebook in `folder`, in a kernel of this Python, with the same outputs at every run."""
    from nbclient import NotebookClient

    os.environ.update(ENVIRONMENT)
    options = {"kernel_name": "python3", "coalesce_streams": True, "record_timing": False} | options
    return NotebookClient(notebook, resources={"metadata": {"path": folder}}, **options)


def save(path, text):
    """Write a file at one stroke: whoever looks, whenever this ends, sees the old text or the new one."""
    draft = path.with_name(path.name + ".part")
    try:
        draft.write_text(text, encoding="utf-8")
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def build(source, target, *, strict=True, builder=(), **environment):
    """Build a book into `target`; return the finished process. No CI variable of this machine reaches it."""
    ci = ("GITHUB_REPOSITORY", "GITHUB_SERVER_URL", "CI_PROJECT_URL", "CI_PAGES_URL")
    return subprocess.run(
        [
            Path(sys.executable).with_name("jupyter-book"),
            *("build", source, "--path-output", target, "--all", "-q", *builder),
            *(["-n", "-W", "--keep-going"] if strict else []),
        ],
        capture_output=True,
        encoding="utf-8",
        env={key: value for key, value in os.environ.items() if key not in ci} | environment,
    )
