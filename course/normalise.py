"""Rebuild a clean notebook from a submission and the assignment's source."""

import copy
import json
import re
from collections import defaultdict

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell
from nbgrader.utils import is_locked, is_solution

from .assignment import Template, defined
from .basics import Broken, Limits, clean, named

PICTURES = re.compile(r"image/(png|jpeg|gif|webp)")


def cells_of(raw: bytes, name: str, limits: Limits):
    """The cells of a submitted notebook. Raises Broken."""
    if len(raw) > limits.file:
        raise Broken(f"{name} is larger than {limits.file >> 20} MB")
    try:
        content = json.loads(raw.decode("utf-8-sig"))
        if "worksheets" in content or content.get("nbformat") != 4:
            content = json.loads(nbformat.writes(nbformat.reads(json.dumps(content), as_version=4)))
        if len(content["cells"]) > limits.cells:
            raise Broken(f"{name} has more than {limits.cells} cells")
        return [nbformat.from_dict(cell(given)) for given in content["cells"] if given["cell_type"] in KINDS]
    except Broken:
        raise
    except Exception as error:
        raise Broken(f"{name} is not a notebook ({type(error).__name__})") from None


KINDS = ("code", "markdown", "raw")


def cell(given: dict) -> dict:
    """What counts of a cell, whatever else it holds."""
    marks = given.get("metadata") or {}
    source = given.get("source", "")
    source = "".join(source) if isinstance(source, list) else str(source)
    return {
        "cell_type": given["cell_type"],
        "id": clean(str(given.get("id") or (marks.get("id") if isinstance(marks, dict) else None))),
        "source": clean(source.replace("\r\n", "\n").replace("\r", "\n")),
        "grade_id": clean(str(((isinstance(marks, dict) and marks.get("nbgrader")) or {}).get("grade_id"))),
        "attachments": pictures(given.get("attachments")),
    }


def pictures(given) -> dict:
    """The pictures that were pasted into a cell."""
    found = {}
    for name, kinds in given.items() if isinstance(given, dict) else ():
        for kind, data in kinds.items() if isinstance(kinds, dict) else ():
            data = "".join(data) if isinstance(data, list) else data
            if PICTURES.fullmatch(str(kind)) and isinstance(data, str) and re.fullmatch(r"[A-Za-z0-9+/=\s]*", data):
                found.setdefault(clean(str(name)), {})[kind] = data
    return found


def match(cells, template) -> dict[int, int]:
    """{position in the template: in the submission}, by nbgrader id, cell id, text, function name or neighbour."""
    owner, taken = {}, set()

    def take(k, j):
        if k not in owner and j not in taken and cells[j].cell_type == template[k].cell_type:
            owner[k] = j
            taken.add(j)

    names = [set(defined(cell.source)) if cell.cell_type == "code" else set() for cell in cells]
    for same in (
        lambda j, a, b: a.grade_id == b.metadata.get("nbgrader", {}).get("grade_id"),
        lambda j, a, b: a.id == b.id,
        lambda j, a, b: a.source.strip() == b.source.strip(),
        lambda j, a, b: is_solution(b) and names[j] & set(defined(b.source)),
    ):
        for k, wanted in enumerate(template):
            for j, given in enumerate(cells):
                if k not in owner and j not in taken and same(j, given, wanted):
                    take(k, j)
    for k, wanted in enumerate(template):
        if is_solution(wanted) and owner.get(k - 1, len(cells)) + 1 < len(cells):
            take(k, owner[k - 1] + 1)
    return owner


def normalise(cells, template: Template):
    """The notebook to be graded, and what had to be repaired."""
    owner = match(cells, template.release.cells)
    notebook, repairs = copy.deepcopy(template.tests), defaultdict(list)
    for k, (ours, released) in enumerate(zip(notebook.cells, template.release.cells, strict=True)):
        given = cells[owner[k]] if k in owner else None
        name, locked = named(ours), is_locked(ours)
        if "nbgrader" in ours.metadata:
            if given is None:
                repairs["deleted"].append(name)
            elif given.grade_id != name:
                repairs["lost the id"].append(name)
            if locked and given and given.source.strip() != released.source.strip():
                repairs["changed"].append(name)
        if given and not locked:
            ours.source = given.source
            if given.attachments and ours.cell_type == "markdown":
                ours.attachments = given.attachments
    home = {j: k for k, j in owner.items()}
    after, extras = -1, {}
    known = {named(cell) for cell in notebook.cells if "nbgrader" in cell.metadata}
    tested = {named(cell) for cell in notebook.cells if is_locked(cell)}
    for j, given in enumerate(cells):
        if j in home:
            after = home[j]
            continue
        if given.grade_id in known:
            repairs["copied"].append(given.grade_id)
            if given.grade_id in tested:
                continue
        extras.setdefault(after, []).append(extra(given, j))
    placed = extras.get(-1, [])
    for k, ours in enumerate(notebook.cells):
        placed += [ours, *extras.get(k, [])]
    notebook.cells = placed
    return notebook, [f"{', '.join(names)} {what}" for what, names in repairs.items()]


def extra(given, number):
    """A cell that the student added."""
    make = new_code_cell if given.cell_type == "code" else new_markdown_cell
    made = make(given.source, id=f"extra-{number}")
    if given.attachments and given.cell_type == "markdown":
        made.attachments = given.attachments
    return made
