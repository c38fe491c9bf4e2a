"""Which submitted file answers which notebook: the one that shares most with it of what no other notebook has.

Names are a hint only. Of several attempts the newest that is not blank counts, by the number or time in its name, else
by the time of the file. Zip archives are opened, within bounds.
"""

import io
import re
import unicodedata
import zipfile
from datetime import datetime
from pathlib import PurePosixPath
from typing import NamedTuple

from nbgrader.utils import is_solution

from .assignment import Template
from .basics import Broken, Limits, Submission, visible
from .files import IGNORED, KEPT, OPENED, moment
from .normalise import cells_of, match

COPY = re.compile(
    r"^(copy of|kopie von|copie de|copia de)\s+|[ _-]*\(?(copy|kopie|copie|copia)?[ _-]*\(?(\d*)\)?$", re.I
)


class Attempt(NamedTuple):
    path: str
    cells: list
    order: tuple  # what makes it newer
    blank: bool


class Choice(NamedTuple):
    """What is graded as a notebook: cells, or why there are none; and what a human should know."""

    cells: list | None = None
    error: str = ""
    notes: tuple[str, ...] = ()


def unpacked(submission: Submission, limits: Limits, depth=2) -> dict[str, tuple[bytes, float]]:
    """All files that may be notebooks, those inside archives as well; what cannot be opened becomes a problem."""
    found, archives, budget = {}, list(submission.files.items()), limits.folder
    for _ in range(depth + 1):
        inside = []
        for path, (raw, time) in archives:
            if not path.lower().endswith(".zip"):
                found[path] = raw, time
                continue
            try:
                with zipfile.ZipFile(io.BytesIO(raw)) as archive:
                    for member in archive.infolist()[: limits.files]:
                        parts = PurePosixPath(member.filename).parts
                        if member.is_dir() or any(IGNORED.fullmatch(part) for part in parts if part != ".."):
                            continue
                        name = f"{path}/{member.filename}"
                        if not OPENED.fullmatch(member.filename):
                            submission.others.append(name)
                            continue
                        with archive.open(member) as opened:
                            content = opened.read(min(budget, limits.file) + 1)
                        budget -= len(content)
                        if budget < 0 or len(content) > limits.file:
                            raise Broken("it is too large, unpacked")
                        inside.append((name, (content, datetime(*member.date_time).timestamp())))
            except Exception as error:
                why = str(error) if isinstance(error, Broken | RuntimeError) else type(error).__name__
                submission.problems.append(f"{visible(path, 80)} cannot be opened ({visible(why, 60)})")
        archives = inside
    return found | {path: content for path, content in archives if not path.lower().endswith(".zip")}


def stem(path: str) -> str:
    """The name of a file without what systems and copies add to it."""
    name = unicodedata.normalize("NFC", PurePosixPath(path).name).casefold()
    name = re.sub(r"\.(ipynb|json)(\.\w+)?$", "", name)
    while (shorter := COPY.sub("", name).strip()) not in (name, ""):
        name = shorter
    return re.sub(r"[\s-]+", "_", name)


def order(path: str, time: float) -> tuple:
    """Later attempts are larger: a time in the name, a number that was added to it, the time of the file."""
    name = PurePosixPath(path).name
    said = re.search(r"\d{4}-\d\d-\d\d[ _T-]\d\d[-:]?\d\d[-:]?\d\d", path)
    added = re.search(r"[ _-]*\(?(\d{1,3})\)?\.ipynb", name)
    return moment(said[0] if said else None), int(added[1]) if added else 0, time


def evidence(cells, template: Template) -> int:
    """How many cells of the template are there that no other notebook has."""
    owner = match(cells, template.release.cells)
    count = 0
    for k, j in owner.items():
        ours, given = template.release.cells[k], cells[j]
        marks = {given.grade_id, given.id, given.source.strip()} - {"", "None"}
        own = {ours.metadata.get("nbgrader", {}).get("grade_id"), ours.get("id"), ours.source.strip()}
        same = (marks & own) - template.common
        count += bool(same) or (is_solution(ours) and bool(names(given) & template.names.keys()))
    return count


def names(cell):
    return set(re.findall(r"(?m)^def (\w+)", cell.source))


def blank(cells, template: Template) -> bool:
    """Whether no answer differs from what was released."""
    released = {cell.source.strip() for cell in template.release.cells if is_solution(cell)}
    owner = match(cells, template.release.cells)
    answers = [cells[j] for k, j in owner.items() if is_solution(template.release.cells[k])]
    return all(cell.source.strip() in released and not cell.attachments for cell in answers)


def choose(submission: Submission, templates: list[Template], limits: Limits) -> dict[str, Choice]:
    """{notebook: what is graded as it}."""
    files = unpacked(submission, limits)
    attempts, broken = {template.name: [] for template in templates}, {}
    unclear = []
    for path, (raw, time) in files.items():
        try:
            cells = cells_of(raw, visible(PurePosixPath(path).name, 80), limits)
        except Broken as error:
            broken[path] = str(error)
            continue
        found = {template.name: evidence(cells, template) for template in templates}
        called = [name for name in found if stem(name) == stem(path)]
        best = max(found, key=lambda name: (found[name], name in called))
        if not found[best]:
            unclear.append(path)
            continue
        template = next(template for template in templates if template.name == best)
        attempts[best].append(Attempt(path, cells, order(path, time), blank(cells, template)))
    made = {name: newest(name, tries) for name, tries in attempts.items() if tries}
    for name in [name for name in attempts if name not in made]:
        fitting = [path for path in broken if stem(path) == stem(name)]
        fitting = fitting or (list(broken) if len(templates) == 1 else [])
        if fitting:
            made[name] = Choice(error=broken[max(fitting, key=lambda path: order(path, files[path][1]))])
    if not made:
        made = dict.fromkeys(attempts, nothing(submission, [*unclear, *broken, *archives(submission)]))
    return {name: made.get(name, Choice()) for name in attempts}


def archives(submission):
    return [path for path in submission.files if path.lower().endswith(".zip")]


def newest(name: str, tries: list[Attempt]) -> Choice:
    """The attempt that counts, and which it was."""
    counting = [attempt for attempt in tries if not attempt.blank] or tries
    taken = max(counting, key=lambda attempt: attempt.order)
    called, notes = PurePosixPath(taken.path).name, []
    if called != f"{name}.ipynb":
        notes.append(f"the file was called {visible(called, 80)}")
    others = [visible(attempt.path, 80) for attempt in tries if attempt is not taken]
    if others:
        notes.append(f"{visible(taken.path, 80)} counts, there was also {', '.join(others[:5])}")
    return Choice(taken.cells, notes=tuple(notes))


def nothing(submission: Submission, unclear: list[str]) -> Choice:
    """Why there is no notebook: nothing was handed in, or something else."""
    there = [*submission.problems, *(visible(path, 80) for path in [*unclear, *submission.others])]
    return Choice(error=f"no notebook found, but there is {' / '.join(there[:6])}") if there else Choice()


def left_out(submission: Submission) -> list[str]:
    """What lies beside the notebooks and could pass for a module."""
    found = {path.split("/")[0] for path in submission.others if path.endswith(".py")}
    return sorted(visible(name, 80) for name in found)


def pictures(submission: Submission) -> list[str]:
    return [path for path in submission.others if KEPT.fullmatch(path)]
