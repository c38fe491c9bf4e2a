"""Write the exercises for Otter-Grader, and so for Gradescope, into _build/teaching/otter/.

Usage: python -m teaching.otter [--seed N] [--overlay folder] [assignment ...]         (default: all of solutions/)

A notebook becomes two files: <assignment>/<notebook>-student.zip with the notebook, its visible tests and `lib`, and
<assignment>/<notebook>-autograder.zip, as `otter generate` makes it, with all tests. A test cell becomes two cases of
one question: what everybody sees, and all of it. A question gives its points if both pass, as the cell does here.
"""

import argparse
import ast
import contextlib
import copy
import re
import shutil
import symtable
import sys
import tempfile
import textwrap
import tomllib
import zipfile
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell
from packaging.requirements import Requirement

from course.__main__ import name
from course.assignment import is_test, segments, supplied, templates
from course.basics import ROOT, Stop, named
from teaching.exports import package

TARGET = ROOT / "_build" / "teaching" / "otter"
PYTHON = "3.11"  # of the pins
HEAD = """\
from otter.test_files import test_case

OK_FORMAT = False
name = {name!r}
points = {points}
all_or_nothing = True
"""
CASE = """

@test_case(hidden={hidden})
def {function}({names}):
{body}
"""
START = "import otter\n\ngrader = otter.Notebook()"
FIXED = {"deletable": False, "editable": False}


def question(cell) -> str:
    return named(cell).removeprefix("test_")


def bound(source: str) -> set[str]:
    """The names that a cell defines or imports."""
    symbols = symtable.symtable(source, "cell", "exec").get_symbols()
    return {symbol.get_name() for symbol in symbols if symbol.is_assigned() or symbol.is_imported()}


def tests(template, hidden: bool) -> dict[str, str]:
    """{path: text} of the test files. A case is a function of the names that it uses: it changes none of them."""
    cells = [cell for cell in template.solution.cells if cell.cell_type == "code"]
    known = {name for cell in cells if not is_test(cell) for name in bound(cell.source)}
    files = {}
    for cell in filter(is_test, cells):
        parts = segments(cell.source)
        cases = {"visible": "\n".join(code for secret, code in parts if not secret)}
        if hidden and any(secret for secret, _ in parts):
            cases["hidden"] = "\n".join(code for _, code in parts)
        text = HEAD.format(name=question(cell), points=cell.metadata.nbgrader.points)
        for function, code in cases.items():
            used = {node.id for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Name)}
            names, body = ", ".join(sorted(known & used)), textwrap.indent(code, "    ")
            text += CASE.format(hidden=function == "hidden", function=function, names=names, body=body)
        files[f"tests/{question(cell)}.py"] = text.encode("ascii", "backslashreplace").decode()  # Windows reads cp1252
    return files


def by_hand(cell) -> bool:
    return cell.cell_type == "markdown" and "points" in cell.metadata.get("nbgrader", {})


def notebook(template) -> str:
    """What a student gets. A written answer stands between the marks by which Otter makes its PDF."""
    made = copy.deepcopy(template.release)
    cells = [made.cells[0], new_code_cell(START, metadata=FIXED, id="otter-start")]
    for cell in made.cells[1:]:
        if is_test(cell):
            cell = new_code_cell(f'grader.check("{question(cell)}")', metadata=FIXED, id=cell.id)
        if by_hand(cell):
            cells[-1].source = f"<!-- BEGIN QUESTION -->\n\n{cells[-1].source}"
            end = new_markdown_cell("<!-- END QUESTION -->", metadata=FIXED, id=f"{cell.id}-end")
        cells += [cell, end] if by_hand(cell) else [cell]
    for cell in cells:
        if cell.cell_type == "markdown":  # of links into the book the words are left
            cell.source = re.sub(r"\[([^\]]+)\]\(\.\./\.\./[^)]*\)", r"\1", cell.source)
    made.cells = cells
    return nbformat.writes(made)


def requirements() -> str:
    """What `lib` and the exercises import, as pinned, after the first line of Binder's: torch comes without CUDA."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = {Requirement(line).name for line in project["dependencies"]}
    pins = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    where, *_ = (ROOT / "binder" / "requirements.txt").read_text("utf-8").splitlines()
    return "\n".join([where, *(line for line in pins if line.split("==")[0] in wanted)])


def library() -> dict[str, bytes]:
    return {str(path.relative_to(ROOT)): path.read_bytes() for path in ROOT.glob("lib/**/*.py")}


def autograder(template, files: dict[str, bytes]) -> dict[str, bytes]:
    """The files of the archive that `otter generate` makes."""
    from otter.generate import main as generate

    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        for path, content in {**files, **tests(template, hidden=True), "requirements.txt": requirements()}.items():
            Path(path).parent.mkdir(parents=True, exist_ok=True)
            Path(path).write_bytes(content if isinstance(content, bytes) else content.encode())
        generate(files=[*files], python_version=PYTHON)
        with zipfile.ZipFile("autograder.zip") as archive:
            return {name: archive.read(name) for name in archive.namelist()}


def write(folder: Path, target: Path, overlay=None, seed=None):
    """Write the two files of each notebook of an assignment into `target`; yield what to tell the teacher."""
    made = templates(folder, overlay, seed)
    files = library() | supplied(folder)
    for template in made:
        student = {f"{template.name}.ipynb": notebook(template), **tests(template, hidden=False), **files}
        target.mkdir(parents=True, exist_ok=True)
        (target / f"{template.name}-student.zip").write_bytes(package(student))
        (target / f"{template.name}-autograder.zip").write_bytes(package(autograder(template, files)))
        cells = template.solution.cells
        marked = {named(cell): cell.metadata.nbgrader.points for cell in cells if by_hand(cell)}
        most = sum(cell.metadata.nbgrader.points for cell in cells if is_test(cell))
        left = ", by hand " * bool(marked) + ", ".join(f"{answer} {points:g}" for answer, points in marked.items())
        yield f"{folder.name}/{template.name}: {most:g} by tests{left}"


def main(assignments, seed, overlay):
    folders = assignments or sorted(path.name for path in (ROOT / "solutions").iterdir() if path.is_dir())
    try:
        for folder in folders:
            shutil.rmtree(TARGET / folder, ignore_errors=True)
            for said in write(ROOT / "solutions" / folder, TARGET / folder, overlay, seed):
                print(said)
    except Stop as stop:
        sys.exit(str(stop))
    print(f"For each, an archive for students and one for Gradescope are in {TARGET}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("assignments", nargs="*", metavar="assignment", type=name)
    parser.add_argument("--seed", type=int, help="the variant of a course, as for make exercises")
    parser.add_argument("--overlay", type=Path, help="private hidden tests, as for make grade")
    main(**vars(parser.parse_args()))
