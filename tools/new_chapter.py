"""Make a new chapter from tools/chapter_template.md, run it, and list it in the table of contents.

Usage: python -m tools.new_chapter name     (small letters, digits and underscores: the page's address)
"""

import os
import re
import sys

import jupytext
import nbformat

from tools.book import ROOT, save
from tools.refresh import refresh


def main(name: str = "") -> int:
    path, toc = ROOT / "chapters" / f"{name}.ipynb", ROOT / "_toc.yml"
    if not re.fullmatch("[a-z][a-z0-9_]*", name):
        print(f"A chapter's name has small letters, digits and underscores, got {name!r}", file=sys.stderr)
        return 1
    if path.exists():
        print(f"chapters/{name}.ipynb is there already", file=sys.stderr)
        return 1
    text = (ROOT / "tools" / "chapter_template.md").read_text(encoding="utf-8")
    text = text.replace("TITLE", name.replace("_", " ").capitalize()).replace("NAME", name.replace("_", "-"))
    notebook = jupytext.reads(text, fmt="md:markdown")
    for i, cell in enumerate(notebook.cells):
        cell.id = f"{name.replace('_', '-')[:56]}-{i}"
    draft = path.with_suffix(".draft")  # it becomes the chapter once it has run
    try:
        nbformat.write(notebook, draft)
        if problem := refresh(draft):
            print(problem, file=sys.stderr)
            return 1
        os.replace(draft, path)
    except KeyboardInterrupt:
        print("Interrupted: nothing was made.", file=sys.stderr)
        return 130
    finally:
        draft.unlink(missing_ok=True)
    text = toc.read_text(encoding="utf-8")
    listed = text.replace("  - caption: Reference\n", f"      - file: chapters/{name}\n  - caption: Reference\n")
    save(toc, listed)
    print(
        f"chapters/{name}.ipynb is there, listed last among the chapters of _toc.yml. CONTRIBUTING.md says what next."
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
