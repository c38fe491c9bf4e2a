"""Rebuild a clean notebook from a submission and the assignment's source. The submission is only read.

A *template* is one notebook of the assignment. Cells that students may not change always come from it.
"""

import copy
import hashlib
import json
import re
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell
from nbgrader.preprocessors import ClearHiddenTests, ClearSolutions, ComputeChecksums
from nbgrader.utils import is_grade, is_locked, is_solution
from traitlets.config import PyFileConfigLoader

from . import ROOT, Stop, named

LARGEST, MOST = 20 * 2**20, 1000  # bytes and cells of a submitted notebook


class Broken(Exception):
    """Why a submitted notebook cannot be graded."""


class Template(NamedTuple):
    name: str
    solution: nbformat.NotebookNode  # answers and hidden tests
    tests: nbformat.NotebookNode  # no answers, hidden tests
    release: nbformat.NotebookNode  # neither

    @property
    def digest(self):
        return hashlib.sha256(json.dumps(self.tests, sort_keys=True).encode()).hexdigest()


def is_test(cell):
    """Whether a cell gives automatic points."""
    return cell.cell_type == "code" and is_grade(cell) and not is_solution(cell)


def templates(folder: Path, overlay: Path | None, seed: int | None) -> list[Template]:
    """The notebooks of an assignment, with the extra hidden tests of `overlay` and the data of variant `seed`."""
    if not folder.is_dir():
        have = sorted(path.name for path in folder.parent.glob("*") if path.is_dir())
        raise Stop(f"There is no assignment '{folder.name}': there are {', '.join(have) or 'none'}.")
    if overlay and not overlay.is_dir():
        raise Stop(f"The overlay {overlay} is not a folder.")
    config = PyFileConfigLoader("nbgrader_config.py", path=str(ROOT)).load_config()
    extra = {path: path.read_text() for path in (overlay / folder.name).rglob("*.py")} if overlay else {}
    made, varied = [], 0
    for path in sorted(folder.glob("*.ipynb")):
        solution = nbformat.read(path, as_version=4)
        varied += vary(solution, seed)
        for cell in solution.cells:
            if is_test(cell) and overlay:
                more = extra.pop(overlay / folder.name / path.stem / f"{named(cell)}.py", None)
                cell.source += f"\n### BEGIN HIDDEN TESTS\n{more.strip()}\n### END HIDDEN TESTS" if more else ""
        tests = copy.deepcopy(solution)
        for step in (ClearSolutions(config=config), ComputeChecksums()):
            tests, _ = step.preprocess(tests, {})
        release, _ = ClearHiddenTests().preprocess(copy.deepcopy(tests), {})
        made.append(Template(path.stem, solution, tests, release))
    if not made:
        raise Stop(f"The assignment '{folder.name}' has no notebooks.")
    if extra:
        raise Stop(f"No test cell of '{folder.name}' takes the overlay's {min(extra).relative_to(overlay)}.")
    if seed is not None and not varied:
        raise Stop(f"'{folder.name}' has no variants: no locked cell has a line `SEED = …`.")
    return made


def vary(notebook, seed: int | None) -> int:
    """Set the seed in the locked cells that have a line `SEED = 0`; returns how many there are."""
    found = 0
    for cell in notebook.cells:
        if seed is not None and cell.cell_type == "code" and is_locked(cell):
            cell.source, count = re.subn(r"(?m)^SEED = \d+", f"SEED = {seed}", cell.source)
            found += count
    return found


def read(path: Path, folder: Path):
    """The cells of a submitted notebook. Raises Broken."""
    if not path.resolve().is_relative_to(folder.resolve()):
        raise Broken(f"{path.name} is a link to another place")
    if not path.is_file():
        raise Broken(f"{path.name} is not a file")
    try:
        if path.stat().st_size > LARGEST:
            raise Broken(f"{path.name} is larger than {LARGEST >> 20} MB")
        notebook = nbformat.reads(path.read_text("utf-8-sig"), as_version=4)
        if len(notebook.cells) > MOST:
            raise Broken(f"{path.name} has more than {MOST} cells")
        return [
            nbformat.from_dict(
                {
                    "cell_type": str(cell.cell_type),
                    "id": str(cell.get("id")),
                    "source": "".join(cell.source),
                    "grade_id": str((cell.get("metadata", {}).get("nbgrader") or {}).get("grade_id")),
                }
            )
            for cell in notebook.cells
            if cell.cell_type in ("code", "markdown")
        ]
    except OSError as error:
        raise Broken(f"{path.name} cannot be read: {error.strerror}") from None
    except Broken:
        raise
    except Exception as error:
        raise Broken(f"{path.name} is not a notebook ({type(error).__name__})") from None


def defined(source):
    return set(re.findall(r"(?m)^def (\w+)", source))


def match(cells, template):
    """{position in the template: in the submission}, by nbgrader id, cell id, text, function name or neighbour."""
    owner, taken = {}, set()

    def take(k, j):
        if k not in owner and j not in taken and cells[j].cell_type == template[k].cell_type:
            owner[k] = j
            taken.add(j)

    for same in (
        lambda a, b: a.grade_id == b.metadata.get("nbgrader", {}).get("grade_id"),
        lambda a, b: a.id == b.id,
        lambda a, b: a.source.strip() == b.source.strip(),
        lambda a, b: is_solution(b) and defined(a.source) & defined(b.source),
    ):
        for k, wanted in enumerate(template):
            for j, cell in enumerate(cells):
                if k not in owner and j not in taken and same(cell, wanted):
                    take(k, j)
    for k, wanted in enumerate(template):
        if is_solution(wanted) and owner.get(k - 1, len(cells)) + 1 < len(cells):
            take(k, owner[k - 1] + 1)
    return owner


def choose(folder: Path, templates):
    """{template name: the file that answers it}: of that name, else the one that shares most cells with it."""
    files = sorted(path for path in folder.glob("*.ipynb") if not path.name.startswith("."))
    found = {t.name: folder / f"{t.name}.ipynb" for t in templates if folder / f"{t.name}.ipynb" in files}
    others = [path for path in files if path not in found.values()]
    for template in templates:
        if template.name in found or not others:
            continue
        shared = {}
        for path in others:
            try:
                shared[path] = len(match(read(path, folder), template.release.cells))
            except Broken:
                shared[path] = int(len(others) == len(templates) == 1)
        best = max(others, key=shared.get)
        if shared[best]:
            found[template.name] = best
            others.remove(best)
    return found


def normalise(cells, template: Template):
    """The notebook to be graded, the cells in it that the student wrote, and what had to be repaired."""
    owner = match(cells, template.release.cells)
    notebook, own, repairs = copy.deepcopy(template.tests), [], defaultdict(list)
    for k, (cell, released) in enumerate(zip(notebook.cells, template.release.cells, strict=True)):
        submitted = cells[owner[k]] if k in owner else None
        name, locked = named(cell), is_locked(cell)
        if "nbgrader" in cell.metadata:
            if submitted is None:
                repairs["deleted"].append(name)
            elif submitted.grade_id != name:
                repairs["lost the id"].append(name)
            if locked and submitted and submitted.source.strip() != released.source.strip():
                repairs["changed"].append(name)
        if submitted and not locked:
            cell.source = submitted.source
            if submitted.source.strip() != released.source.strip():
                own.append(cell)
    home = {j: k for k, j in owner.items()}
    after, extras = -1, {}
    known = {cell.metadata.nbgrader.grade_id for cell in notebook.cells if "nbgrader" in cell.metadata}
    tested = {named(cell) for cell in notebook.cells if is_locked(cell)}
    for j, cell in enumerate(cells):
        if j in home:
            after = home[j]
            continue
        if cell.grade_id in known:
            repairs["copied"].append(cell.grade_id)
            if cell.grade_id in tested:
                continue
        make = new_code_cell if cell.cell_type == "code" else new_markdown_cell
        extras.setdefault(after, []).append(make(cell.source, id=f"extra-{j}"))
    placed = extras.get(-1, [])
    for k, cell in enumerate(notebook.cells):
        placed += [cell, *extras.get(k, [])]
    notebook.cells = placed
    own += [cell for group in extras.values() for cell in group]
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    done = [f"{', '.join(names)} {what}" for what, names in repairs.items()]
    return notebook, [cell for cell in own if cell.cell_type == "code"], done


def segments(source):
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
