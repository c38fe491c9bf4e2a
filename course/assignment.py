"""The notebooks of an assignment, read from `solutions/`: what students got, what they are tested with."""

import ast
import copy
import hashlib
import json
import math
import re
from pathlib import Path
from typing import NamedTuple

import nbformat
from nbgrader.preprocessors import ClearHiddenTests, ClearSolutions, ComputeChecksums
from nbgrader.utils import is_grade, is_locked, is_solution
from traitlets.config import PyFileConfigLoader

from .basics import ROOT, Stop, named

OURS = re.compile(r"mistakes_\w+\.py|\..*|__pycache__")  # files beside solutions that no student gets


class Template(NamedTuple):
    """One notebook of an assignment. Cells that students may not change always come from it."""

    name: str
    solution: nbformat.NotebookNode  # answers and hidden tests
    tests: nbformat.NotebookNode  # no answers, hidden tests
    release: nbformat.NotebookNode  # neither
    names: dict[str, str]  # what the answers define: "function" or "data"
    common: frozenset[str]  # ids and texts that other notebooks have as well: they are no evidence

    @property
    def digest(self) -> str:
        return hashlib.sha256(json.dumps([self.tests, self.names], sort_keys=True).encode()).hexdigest()


def is_test(cell) -> bool:
    """Whether a cell gives automatic points."""
    return cell.cell_type == "code" and is_grade(cell) and not is_solution(cell)


def defined(source: str) -> dict[str, str]:
    """{name: "function" or "data"} of what a cell defines."""
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {}
    functions = {node.name: "function" for node in body if isinstance(node, ast.FunctionDef)}
    data = {
        target.id: "data"
        for node in body
        if isinstance(node, ast.Assign | ast.AnnAssign)
        for whole in (node.targets if isinstance(node, ast.Assign) else [node.target])
        for target in ast.walk(whole)
        if isinstance(target, ast.Name)
    }
    return data | functions


def texts(notebook) -> set[str]:
    """What a cell can be known by: its ids and its text."""
    return {mark for cell in notebook.cells for mark in (cell.get("id", ""), named(cell), cell.source.strip())}


def templates(folder: Path, overlay: Path | None = None, seed: int | None = None) -> list[Template]:
    """The notebooks of an assignment, with the extra hidden tests of `overlay` and the data of variant `seed`."""
    if not folder.is_dir():
        have = sorted(path.name for path in folder.parent.glob("*") if path.is_dir())
        raise Stop(f"There is no assignment '{folder.name}': there are {', '.join(have) or 'none'}.")
    if overlay and not overlay.is_dir():
        raise Stop(f"The overlay {overlay} is not a folder.")
    config = PyFileConfigLoader("nbgrader_config.py", path=str(ROOT)).load_config()
    extra = {path: path.read_text("utf-8") for path in (overlay / folder.name).rglob("*.py")} if overlay else {}
    made, varied = [], 0
    known = {path: read(path) for path in sorted(folder.parent.glob("*/*.ipynb"))}
    for path in [path for path in known if path.parent.name == folder.name]:
        solution = known[path]
        counted(path, solution)
        varied += vary(solution, seed)
        for cell in solution.cells:
            if is_test(cell) and overlay:
                more = extra.pop(overlay / folder.name / path.stem / f"{named(cell)}.py", None)
                cell.source += f"\n### BEGIN HIDDEN TESTS\n{more.strip()}\n### END HIDDEN TESTS" if more else ""
        names = {}
        for cell in solution.cells:
            names |= defined(cell.source) if cell.cell_type == "code" and is_solution(cell) else {}
        tests = copy.deepcopy(solution)
        for step in (ClearSolutions(config=config), ComputeChecksums()):
            tests, _ = step.preprocess(tests, {})
        for cell in tests.cells:
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
        release, _ = ClearHiddenTests().preprocess(copy.deepcopy(tests), {})
        others = [texts(notebook) for other, notebook in known.items() if other != path]
        made.append(Template(path.stem, solution, tests, release, names, frozenset().union(*others)))
    if not made:
        raise Stop(f"The assignment '{folder.name}' has no notebooks.")
    if extra:
        raise Stop(f"No test cell of '{folder.name}' takes the overlay's {min(extra).relative_to(overlay)}.")
    if seed is not None and not varied:
        raise Stop(f"'{folder.name}' has no variants: no locked cell has a line `SEED = …`.")
    return made


def read(path: Path):
    try:
        return nbformat.read(path, as_version=4)
    except Exception as error:
        raise Stop(f"{path} cannot be read as a notebook ({type(error).__name__}).") from None


def counted(path: Path, notebook):
    """Stop unless the points of each cell are a number."""
    for cell in notebook.cells:
        points = cell.metadata.get("nbgrader", {}).get("points")
        if is_grade(cell) and not (type(points) in (int, float) and 0 <= points < math.inf):
            raise Stop(f"The points of {named(cell)} in {path} are no number from 0 on, but {points!r}.")


def supplied(folder: Path) -> dict[str, bytes]:
    """The files that the assignment gives to students, beside its notebooks."""
    files = [path for path in sorted(folder.iterdir()) if path.is_file() and path.suffix != ".ipynb"]
    return {path.name: path.read_bytes() for path in files if not OURS.fullmatch(path.name)}


def vary(notebook, seed: int | None) -> int:
    """Set the seed in the locked cells that have a line `SEED = 0`; returns how many there are."""
    found = 0
    for cell in notebook.cells:
        if seed is not None and cell.cell_type == "code" and is_locked(cell):
            cell.source, count = re.subn(r"(?m)^SEED = \d+", f"SEED = {seed}", cell.source)
            found += count
    return found


def segments(source: str) -> list[tuple[bool, str]]:
    """A test cell as [(hidden, code), …]: visible and hidden parts run one after the other."""
    parts, hidden, lines = [], False, []
    for line in [*source.split("\n"), None]:
        mark = line is None or "BEGIN HIDDEN TESTS" in line or "END HIDDEN TESTS" in line
        if not mark:
            lines.append(line)
            continue
        if "\n".join(lines).strip():
            parts.append((hidden, "\n".join(lines)))
        hidden, lines = line is not None and "BEGIN" in line, []
    return parts
