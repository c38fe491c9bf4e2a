"""The small types that every step speaks of, and the places where things are kept."""

import os
import re
import signal
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MB = 2**20


class Stop(Exception):
    """What is wrong with the whole run, in one sentence for the instructor."""


class Broken(Exception):
    """What is wrong with a submission, in a few words: its student's status says it."""


class Machine(Exception):
    """What failed and is no student's fault: nothing is graded, and the next run tries again."""


@dataclass(frozen=True)
class Limits:
    """What one notebook of one student may use."""

    seconds: float = 10  # of processor time for one cell or one call; three times that on the clock
    notebook: float = 12  # times `seconds`: on the clock, for all of it
    memory: int = 2048 * MB  # of all processes of the sandbox together
    addresses: int = 4096 * MB  # of one process, ours too
    disk: int = 64 * MB
    processes: int = 64
    message: int = 16 * MB  # the longest message from an answer process
    text: int = MB  # what a notebook may print,
    figures: int = 16 * MB  # and draw
    file: int = 100 * MB  # one submitted file,
    folder: int = 200 * MB  # and all of a student, unpacked
    files: int = 2000
    cells: int = 1000


@dataclass
class Submission:
    """What one student handed in. `files` are {path in the folder: (bytes, time)} of notebooks and archives alone."""

    student: str
    folders: list[Path] = field(default_factory=list)
    files: dict[str, tuple[bytes, float]] = field(default_factory=dict)
    others: list[str] = field(default_factory=list)  # the names of all other files
    problems: list[str] = field(default_factory=list)  # links, and what cannot be read


@dataclass
class Outcome:
    """What became of one notebook of one student, or why nothing did."""

    student: str
    notebook: str
    executed: str = ""  # the graded notebook, as JSON; its metadata hold the state
    kind: str = "graded"  # or machine, ours: then it is not graded, and is tried again
    why: str = ""


def named(cell) -> str:
    """The nbgrader id of a cell, or its Jupyter id."""
    return cell.metadata.get("nbgrader", {}).get("grade_id") or cell.get("id", "a cell")


def clean(value):
    """A copy whose texts are UTF-8: lone surrogates are replaced."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, dict):
        return {clean(key): clean(item) for key, item in value.items()}
    return [clean(item) for item in value] if isinstance(value, list) else value


def visible(text: str, most: int = 300) -> str:
    """One line that is safe in a terminal and a table: no control characters, not too long."""
    return re.sub(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]+", " ", clean(text)).strip()[:most]


def say(*words, **how):
    """Print, even if whoever read it has gone (`| head`)."""
    try:
        print(*words, **how, flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    except RuntimeError:  # a signal came in the middle of a print: what its handler says goes past the buffer
        os.write(1, (" ".join(map(str, words)) + "\n").encode())


_ending = threading.Event()


def end_run(*_):
    """The last signal ends the run; while that clears up, which takes a few seconds, no other is heard."""
    if not _ending.is_set():
        _ending.set()
        raise KeyboardInterrupt


@contextmanager
def signals(handler):
    """Ctrl-C and SIGTERM do this, here."""
    before = {number: signal.signal(number, handler) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@dataclass(frozen=True)
class Places:
    """Where a run keeps what it makes, all below one folder."""

    to: Path
    assignment: str

    @property
    def table(self) -> Path:
        return self.to / "grades.csv"

    @property
    def database(self) -> Path:
        return self.to / "gradebook.db"

    @property
    def log(self) -> Path:
        return self.to / "faults.log"

    @property
    def lock(self) -> Path:
        return self.to / ".lock"

    @property
    def listed(self) -> Path:
        """The form grader lists the assignments that have a folder here."""
        return self.to / "source" / self.assignment

    def copies(self, student: str) -> Path:
        return self.to / "autograded" / student / self.assignment

    def copy(self, student: str, notebook: str) -> Path:
        return self.copies(student) / f"{notebook}.ipynb"

    def page(self, student: str, notebook: str) -> Path:
        return self.to / "feedback" / student / self.assignment / f"{notebook}.html"

    def graded(self) -> list[str]:
        """The students of whom there is a graded copy."""
        return sorted(path.parent.name for path in self.to.glob(f"autograded/*/{self.assignment}"))
