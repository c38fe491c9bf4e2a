"""Ways to spoil a perfect submission; the first question is the one whose answer is spoilt (see `zoo`)."""

import copy
import json
import re
import textwrap
from pathlib import Path

from nbformat.v4 import new_code_cell, new_markdown_cell
from nbgrader.utils import is_solution

from .assignment import Template, is_test


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
        (folder / "instead").write_text(text, encoding="utf-8")

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
    (folder / "lib" / "checks.py").write_text("def check(*args, **options): pass\ndef passed(name): pass\n", "utf-8")
    (folder / "torch.py").write_text("raise SystemExit\n", "utf-8")


def peeks_later(notebook, folder):
    notebook.cells.append(new_code_cell("print(In)\nprint(open('/proc/self/environ').read())"))


def above(notebook, folder):
    notebook.cells[:0] = [new_code_cell(""), new_code_cell("import numpy as np\nname = 'Ada'")]


def windows(notebook, folder):
    for cell in notebook.cells:
        cell.source = cell.source.replace("\n", "\r\n")


PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


def picture(notebook, folder):
    """A derivation on paper, photographed and pasted."""
    cell = next((cell for cell in notebook.cells if is_solution(cell) and cell.cell_type == "markdown"), None)
    if cell is None:
        notebook.cells.append(cell := new_markdown_cell())
    cell.source, cell.attachments = "![](attachment:a.png)", {"a.png": {"image/png": PIXEL}}


def surrogate(notebook, folder):
    notebook.cells.append(new_code_cell("note = '\ud800'"))
    notebook.cells.append(new_markdown_cell("\ud800"))


def scripts(notebook, folder):
    """What must not run in the page of feedback."""
    run = "document.title='ran';fetch('http://127.0.0.1:9/')"
    page = f"<script>{run}</script><img src=x onerror=\"{run}\"><iframe src='http://127.0.0.1:9/'></iframe>"
    notebook.cells.append(new_markdown_cell(f"{page}\n\n[a](javascript:{run}) ![](http://127.0.0.1:9/x.png)"))
    source = f"class Page:\n    def _repr_html_(self):\n        return {page!r}\n\n\nPage()"
    notebook.cells += [new_code_cell(source), new_code_cell("print('\\x1b]0;ran\\x07\\x1b[31mred')")]


def figures(notebook, folder):
    """A scratch cell with more than a megabyte of figures."""
    draw = "import matplotlib.pyplot as plt\nimport numpy as np\nfor _ in range(5):\n    plt.figure()"
    draw += "\n    plt.imshow(np.random.default_rng(0).random((400, 400, 3)))\n    plt.show()"
    notebook.cells.insert(0, new_code_cell(draw))


WRONG = body("return None")


def hand_in(spoil, template: Template, folder: Path):
    """Write the submission that `spoil` makes of a perfect one."""
    folder.mkdir(parents=True, exist_ok=True)
    notebook = perfect(template)
    spoil(notebook, folder)
    path = folder / f"{template.name}.ipynb"
    if notebook:
        name = notebook.metadata.pop("file", path.name)
        (folder / name).write_text(json.dumps(notebook), encoding="ascii")
    elif (folder / "instead").is_symlink() or (folder / "instead").exists():
        (folder / "instead").rename(path)
