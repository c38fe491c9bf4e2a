"""From the folder that a school's system made to one Submission a student: whose is it, and which bytes.

A folder for each student is the rule, at any depth within it; Moodle's, Canvas's and Blackboard's names are understood,
and nbgrader's exchange. Links are never followed. Nothing is opened here that a student made: bytes are only read.
"""

import hashlib
import os
import re
from datetime import UTC, datetime
from pathlib import Path

from .basics import Limits, Stop, Submission, visible

IGNORED = re.compile(
    r"\..*|__MACOSX|__pycache__|Thumbs\.db|desktop\.ini|.*_onlinetext_?|onlinetext\.html?|timestamp\.txt", re.I
)
OPENED = re.compile(r".*\.(ipynb|json|zip)(\.\w{1,5})?", re.I)
KEPT = re.compile(r".*\.(png|jpe?g|gif|webp|pdf|heic)", re.I)  # what a marker may want to see
MOODLE = re.compile(r"(?P<student>.+?)_assignsubmission_file_?(?P<name>)")
EXCHANGE = re.compile(
    r"(?P<student>[^+]+)\+(?P<assignment>[^+]+)\+(?P<time>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)(?P<name>.*)"
)
CANVAS = re.compile(r"(?P<student>[^_]+?)(?:_LATE)?_(?P<number>\d+)_\d+_(?P<name>.+)", re.I)
BLACKBOARD = re.compile(r".+?_(?P<student>[^_]+)_attempt_(?P<time>\d{4}-\d\d-\d\d-\d\d-\d\d-\d\d)(?P<name>[_.].*)")


def text(name: str) -> str:
    """A name as text, though its bytes may be no UTF-8."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def student_of(name: str, loose: bool) -> tuple[str, str, float]:
    """(student, file name, time) of a folder's name, or of a loose file's; the time is 0 if there is none."""
    for pattern in (BLACKBOARD, CANVAS) if loose else (MOODLE, EXCHANGE):
        if found := pattern.fullmatch(name):
            known = found.groupdict()
            student = known["student"] + (f"_{known['number']}" if "number" in known else "")
            return student, known["name"].lstrip("_"), moment(known.get("time"))
    return (Path(name).stem if loose else name), name, 0.0


def moment(said) -> float:
    """Seconds since 1970 of a time in a name."""
    digits = re.findall(r"\d+", said or "")
    return datetime(*map(int, digits), tzinfo=UTC).timestamp() if len(digits) == 6 else 0.0


def students(folder: Path, assignment: str, notebooks: list[str], wanted: list[str]) -> dict[str, Submission]:
    """{student: what there is of them}, not read yet."""
    if not folder.is_dir():
        raise Stop(f"There is no folder {folder}: give one that holds <student>/<assignment>/<notebook>.ipynb.")
    found: dict[str, Submission] = {}
    entries = sorted((entry for entry in os.scandir(folder) if not IGNORED.fullmatch(text(entry.name))), key=by_name)
    if own := [entry.name for entry in entries if Path(entry.name).stem in notebooks and not entry.is_dir()]:
        raise Stop(f"{folder} holds {own[0]} itself: give the folder above, with one folder for each student.")
    for entry in entries:
        name = text(entry.name)
        loose = not entry.is_dir(follow_symlinks=False)
        student, inner, _ = student_of(name, loose)
        if loose and not entry.is_symlink() and (inner == ".txt" or (inner == name and not OPENED.fullmatch(name))):
            continue  # a receipt, a list
        student = student if len(student) <= 100 else student[:80] + hashlib.sha256(student.encode()).hexdigest()[:8]
        found.setdefault(student, Submission(student)).folders.append(Path(entry.path))
    if not found:
        raise Stop(f"{folder} holds no submissions: one folder for each student is wanted.")
    if assignment in found and len(found) == 1:
        raise Stop(f"{folder} is one student's folder: give the folder above, with one folder for each student.")
    unknown = [name for name in wanted if name not in found]
    if unknown:
        raise Stop(f"{folder} holds nothing of {', '.join(unknown)}.")
    return {name: found[name] for name in sorted(found) if not wanted or name in wanted}


def by_name(entry):
    return text(entry.name)


def load(submission: Submission, assignment: str, limits: Limits) -> Submission:
    """Read what may hold notebooks. Files of another assignment's folder beside this one's do not count."""
    budget = [limits.folder, limits.files]
    for top in submission.folders:
        name = text(top.name)
        if top.is_symlink():
            submission.problems.append(f"{visible(name, 80)} is a link")
            continue
        if top.is_dir():
            own = top / assignment
            start = own if own.is_dir() and not own.is_symlink() else top
            if own.is_symlink():
                submission.problems.append(f"{assignment} is a link")
            time = student_of(name, False)[2]
            walk(start, f"{name}/" if len(submission.folders) > 1 else "", submission, budget, limits, time)
        else:
            _, inner, time = student_of(name, True)
            take(top, inner, submission, budget, limits, time)
    return submission


def walk(folder: Path, prefix: str, submission, budget, limits, time=0.0, depth=12):
    for entry in sorted(os.scandir(folder), key=by_name):
        name = prefix + text(entry.name)
        if IGNORED.fullmatch(text(entry.name)):
            continue
        if entry.is_symlink():
            submission.problems.append(f"{visible(name, 80)} is a link")
        elif entry.is_dir(follow_symlinks=False):
            if depth:
                walk(Path(entry.path), f"{name}/", submission, budget, limits, time, depth - 1)
        else:
            take(Path(entry.path), name, submission, budget, limits, time)


def take(path: Path, name: str, submission, budget, limits, time):
    """Read one file, if there is room for it."""
    budget[1] -= 1
    if budget[1] < 0:
        submission.problems[:] = [*submission.problems[:20], f"more than {limits.files} files"]
        return
    if not path.is_file():
        submission.problems.append(f"{visible(name, 80)} is not a file")
        return
    if not OPENED.fullmatch(name):
        submission.others.append(name)
        return
    try:
        status = path.stat()
        if status.st_size > limits.file or status.st_size > budget[0]:
            submission.problems.append(f"{visible(name, 80)} is larger than {limits.file >> 20} MB")
            return
        budget[0] -= status.st_size
        submission.files[name] = path.read_bytes(), time or status.st_mtime
    except OSError as error:
        submission.problems.append(f"{visible(name, 80)} cannot be read: {error.strerror}")
