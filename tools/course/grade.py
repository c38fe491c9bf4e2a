"""Grade every notebook of a class that is new or changed, in a pool of processes, and keep it in nbgrader's gradebook.

Submissions run in the workers' kernels; only this process opens the gradebook. A notebook counts as graded when its
points are in the gradebook and its executed copy, with a digest of all that it was graded from, is in `autograded/`.
"""

import copy
import hashlib
import json
import logging
import os
import signal
import sys
import tempfile
import warnings
from collections import Counter
from concurrent.futures import CancelledError, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import NamedTuple

import nbformat
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.preprocessors import SaveCells
from nbgrader.utils import compute_checksum, determine_grade, is_grade, is_solution
from sqlalchemy.exc import SAWarning

from . import Stop, named
from .guard import flags
from .kernel import run
from .normalise import LARGEST, Broken, Template, is_test, normalise, read

warnings.simplefilter("ignore", SAWarning)  # nbgrader 0.9.6 under SQLAlchemy 2.1


class Job(NamedTuple):
    """One notebook of one student; `path` is None if it was not handed in."""

    student: str
    template: Template
    folder: Path
    path: Path | None
    files: list[Path]  # that the assignment supplies
    isolate: bool
    seconds: float

    def left_out(self):
        """What lies beside the notebook and could pass for a module."""
        names = [
            p.name for p in self.folder.iterdir() if p.suffix == ".py" or (p.is_dir() and next(p.glob("*.py"), None))
        ]
        return sorted(names) if self.path else []

    def digest(self):
        try:
            fits = self.path and self.path.is_file() and self.path.stat().st_size <= LARGEST
            content = self.path.read_bytes() if fits else b""
        except OSError:
            content = b"unreadable"
        names = [self.template.digest, self.path and self.path.name, self.left_out()]
        return hashlib.sha256(json.dumps(names).encode() + content).hexdigest()


def submitted(folder: Path, assignment: str, students: list[str]) -> dict[str, Path]:
    """{student: the folder with this assignment}, of <student>/<assignment>/ or <student>/."""
    if not folder.is_dir():
        raise Stop(f"There is no folder {folder}: give one that holds <student>/<assignment>/<notebook>.ipynb.")
    found = sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))
    found = {path.name: path / assignment if (path / assignment).is_dir() else path for path in found}
    if not found:
        raise Stop(f"{folder} holds no submissions: one folder for each student is wanted.")
    return {name: path for name, path in found.items() if not students or name in students}


def grade_one(job: Job):
    """The executed notebook; its metadata say what passed and what was odd. Never raises."""
    warnings.simplefilter("ignore")
    logging.disable()
    notebook = copy.deepcopy(job.template.tests)
    state = {
        "passed": [],
        "error": [],
        "flagged": [],
        "repaired": [],
        "missing": job.path is None,
        "digest": job.digest(),
    }
    try:
        if job.path:
            cells = read(job.path, job.folder)
            notebook, own, state["repaired"] = normalise(cells, job.template)
            if job.path.stem != job.template.name:
                state["repaired"].insert(0, f"the file was called {job.path.name}")
            state["repaired"] += [f"{', '.join(job.left_out())} left out"] if job.left_out() else []
            state["flagged"] = flags(own, job.template.release.cells)
            state["passed"], state["error"] = run(notebook, job.files, job.isolate, job.seconds)
    except Broken as error:
        state["error"] = [str(error)]
    except Exception as error:
        state["error"] = [f"the grader failed ({type(error).__name__}: {error})"]
    notebook.metadata["grading"] = state
    return notebook


def results(jobs, workers):
    """Yield (job, notebook) as they come. Ctrl-C lets what is running end, and starts nothing more."""

    def stop(*_):
        signal.signal(signal.SIGINT, before)  # once more means now
        print("\nStopping: waiting for what is being graded ...", flush=True)
        for future in futures:
            future.cancel()

    before, alone = signal.getsignal(signal.SIGINT), []
    with ProcessPoolExecutor(workers, initializer=signal.signal, initargs=(signal.SIGINT, signal.SIG_IGN)) as pool:
        futures = {pool.submit(grade_one, job): job for job in jobs}
        signal.signal(signal.SIGINT, stop)
        try:
            for future in as_completed(futures):
                try:
                    yield futures[future], future.result()
                except CancelledError:
                    pass
                except BrokenProcessPool:
                    alone.append(futures[future])
        finally:
            for future in futures:
                future.cancel()
            signal.signal(signal.SIGINT, before)
    for job in alone:  # one of them killed its worker: each again, in a process of its own
        with ProcessPoolExecutor(1) as pool:
            try:
                yield job, pool.submit(grade_one, job).result()
            except BrokenProcessPool:
                lost = grade_one(job._replace(path=None))
                lost.metadata["grading"] |= {"missing": False, "error": ["it killed the grading process"]}
                yield job, lost


def canaries(jobs, workers):
    """Stop unless each solution gets every automatic point, and each blank release none."""
    ours = {job.template.name: job for job in jobs}
    with tempfile.TemporaryDirectory() as folder:
        tries = []
        for job in ours.values():
            for kind in ("solution", "release"):
                path = Path(folder) / kind / f"{job.template.name}.ipynb"
                path.parent.mkdir(exist_ok=True)
                nbformat.write(getattr(job.template, kind), path)
                tries.append(job._replace(student=kind, folder=path.parent, path=path))
        for job, notebook in results(tries, workers):
            tests = [cell for cell in notebook.cells if is_test(cell)]
            state, wanted = notebook.metadata["grading"], job.student == "solution"
            odd = [cell for cell in tests if (named(cell) in state["passed"]) != wanted]
            if odd or state["error"]:
                said = [f"{o.ename}: {o.evalue}" for cell in odd for o in cell.outputs if o.output_type == "error"]
                why = "; ".join([*state["error"], *said][:1])
                what = f"{'fails' if wanted else 'passes'} {named(odd[0])}" if odd else "does not run"
                raise Stop(f"Nothing was graded: the {job.student} of {job.template.name} {what}. {why}".strip())


def prepare(url, assignment, templates):
    """The gradebook, which knows the assignment's cells."""
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"  # nbgrader calls alembic
    gradebook = Gradebook(url)
    known = gradebook.update_or_create_assignment(assignment)
    if known.submissions and {notebook.name for notebook in known.notebooks} != {t.name for t in templates}:
        raise Stop(f"{assignment} has other notebooks than when grading began: grade into a new folder (--to).")
    try:
        for template in templates:
            names = {"notebook": template.name, "assignment": assignment, "db_url": url}
            SaveCells().preprocess(template.tests, {"nbgrader": names})
    except RuntimeError as error:
        raise Stop(f"{error}: grade into a new folder (--to).") from None
    return gradebook


def save(gradebook, assignment, job, notebook, path):
    """The points in one transaction, and the executed copy: both or none."""
    where = (job.template.name, assignment, job.student)
    gradebook.update_or_create_student(job.student)
    gradebook.update_or_create_submission(assignment, job.student)
    for cell in notebook.cells:
        if is_grade(cell):
            grade = gradebook.find_grade(named(cell), *where)
            grade.auto_score = determine_grade(cell)[0]
            if is_test(cell):
                passed = named(cell) in notebook.metadata["grading"]["passed"]
                grade.auto_score = cell.metadata.nbgrader.points if passed else 0
            grade.needs_manual_grade = grade.auto_score is None or grade.manual_score is not None
        if is_solution(cell):
            blank = cell.metadata.nbgrader.checksum == compute_checksum(cell)
            gradebook.find_comment(named(cell), *where).auto_comment = "No response." if blank else None
    write(path, nbformat.writes(notebook), gradebook.db.commit)


def write(path: Path, text: str, also=lambda: None):
    """Write a file at one stroke; just before it appears, when there is room for it, `also` is done."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(path.name + ".part")
    try:
        draft.write_text(text)
        also()
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def state_of(path: Path) -> dict:
    """What is known of a graded notebook; nothing if it was never graded."""
    try:
        return json.loads(path.read_text())["metadata"]["grading"]
    except (OSError, ValueError, KeyError):
        return {}


def changed(gradebook, assignment, job, autograded: Path) -> bool:
    """Whether a notebook has no grade yet, or one that was given to something else."""
    try:
        gradebook.find_submission_notebook(job.template.name, assignment, job.student)
    except MissingEntry:
        return True
    return state_of(place(autograded, assignment, job)).get("digest") != job.digest()


def place(autograded: Path, assignment, job) -> Path:
    return autograded / job.student / assignment / f"{job.template.name}.ipynb"


def progress(done, total, kinds):
    """One line that counts: redrawn on a terminal, else written ten times."""
    counts = ", ".join(f"{kind} {count}" for kind, count in kinds.most_common())
    bar = "#" * (20 * done // total)
    if sys.stdout.isatty():
        print(f"\r[{bar:20}] {done}/{total}  {counts}", end="" if done < total else "\n", flush=True)
    elif done == total or done % max(1, total // 10) == 0:
        print(f"[{bar:20}] {done}/{total}  {counts}", flush=True)


def grade_class(gradebook, assignment, jobs, autograded, workers) -> bool:
    """Grade the jobs; returns whether it came to the end. What is graded is safe, whatever happens next."""
    kinds = Counter()
    for done, (job, notebook) in enumerate(results(jobs, workers), 1):
        save(gradebook, assignment, job, notebook, place(autograded, assignment, job))
        state = notebook.metadata["grading"]
        kinds[next((kind for kind in ("missing", "error", "flagged", "repaired") if state[kind]), "graded")] += 1
        progress(done, len(jobs), kinds)
    return kinds.total() == len(jobs)
