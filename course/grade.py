"""Grade a class: read each student's folder, hand what changed to the workers, keep what comes back, write the table.

Whatever goes wrong with one submission is that student's status. Only a broken gradebook or disk ends the run.
"""

import fcntl
import hashlib
import json
import signal
import sys
from collections import Counter
from contextlib import contextmanager

import nbformat
from nbgrader.utils import is_grade, is_locked

from . import choosing, files, saving
from .assignment import is_test, supplied, templates
from .basics import Limits, Places, Stop, Submission, end_run, named, say, signals, visible
from .export import grades, save_table
from .sandbox import works
from .sheet import Sheet
from .work import Job, Page, told

STOPPED, NOT_ALL = 130, 2  # exit codes


class Run:
    """One run of the grader."""

    def __init__(self, options, engine):
        self.options, self.engine = options, engine
        self.places = Places(options.to, options.assignment)
        self.limits = Limits(seconds=options.seconds)
        self.models = templates(options.source / options.assignment, options.overlay, options.seed)
        names = [model.name for model in self.models]
        self.students = files.students(options.submissions, options.assignment, names, options.students)
        self.supplied = supplied(options.source / options.assignment)
        self.bare = [model._replace(solution=None) for model in self.models]
        self.sheet = Sheet(options.fill, options.column, options.assignment) if options.fill else None
        self.made = hashlib.sha256("".join(model.digest for model in self.models).encode()).hexdigest()
        self.faults, self.kinds, self.stop, self.left = {}, Counter(), False, {*self.students}

    def job(self, submission, **more) -> Job:
        return Job(submission, self.bare, self.supplied, self.limits, not self.options.unsafe, **more)

    def canaries(self):
        """Stop unless each solution gets every automatic point and each blank release none, on every worker."""
        jobs = []
        for kind in ("solution", "release"):
            content = {f"{m.name}.ipynb": (nbformat.writes(getattr(m, kind)).encode(), 0.0) for m in self.models}
            jobs.append(self.job(Submission(kind, files=content)))
        self.engine.everywhere(jobs, self.judge)

    def judge(self, job, outcomes):
        for outcome in outcomes:
            self.heard(job.submission.student, outcome)

    def heard(self, kind, outcome):
        if outcome.kind != "graded":
            why = visible(outcome.why.split("\n")[0])
            raise Stop(f"Nothing was graded: the {kind} of {outcome.notebook} does not run. {why}")
        notebook = nbformat.from_dict(json.loads(outcome.executed))
        state, wanted = notebook.metadata["grading"], kind == "solution"
        odd = [c for c in notebook.cells if is_test(c) and (named(c) in state["passed"]) != wanted]
        locked = [c for c in notebook.cells if is_locked(c) and not is_test(c) and c.cell_type == "code"]
        odd += [c for c in locked if wanted and any(o.output_type == "error" for o in c.outputs)]
        if odd or state["error"]:
            said = [f"{o.ename}: {o.evalue}" for cell in odd for o in cell.outputs if o.output_type == "error"]
            why = "; ".join([*state["error"], *said][:1])
            what = f"{'fails' if wanted else 'passes'} {named(odd[0])}" if odd else "does not run"
            raise Stop(f"Nothing was graded: the {kind} of {outcome.notebook} {what}. {visible(why)}".strip())

    def fault(self, student, why, text=""):
        """Why a student could not be graded this time; what is known of our own faults goes into a log."""
        self.faults[student] = visible(why, 150)
        if text:
            with self.places.log.open("a", encoding="utf-8") as log:
                log.write(f"{visible(student)}: {text}\n\n")

    def todo(self):
        """Yield (submission, job) of all whose files, tests or limits are new."""
        for student, submission in self.students.items():
            with self.fence(student):
                files.load(submission, self.options.assignment, self.limits)
                digest = self.digest(submission)
                known = saving.states(self.gradebook, self.places, student, self.models)
                same = len(known) == len(self.models) and all(s.get("submission") == digest for s in known.values())
                if self.options.again or not same:
                    old = {} if self.options.again else {n: s["digest"] for n, s in known.items() if s.get("digest")}
                    yield submission, self.job(submission, known=old, digest=digest)
                else:
                    self.left.discard(student)

    def digest(self, submission) -> str:
        content = hashlib.sha256(f"{self.made} {self.limits} {self.options.unsafe}".encode())
        for name, (raw, time) in sorted(submission.files.items()):
            content.update(f"{name} {time} {len(raw)} ".encode("utf-8", "replace") + raw)
        content.update(repr([submission.others, submission.problems]).encode("utf-8", "replace"))
        return content.hexdigest()

    def all(self):
        """Grade; whatever happens next, what is graded is safe."""
        with signals(self.halt):
            for submission, outcomes in self.engine.results(self.todo(), lambda: self.stop):
                self.take(submission, outcomes)
            for (student, target, mark), page in self.engine.results(self.pages(), lambda: self.stop):
                with self.fence(student):
                    if isinstance(page, list):
                        self.ours(student, page[0].why)
                    else:
                        saving.write(target, page + mark)
        for student in self.left if self.stop else ():
            self.faults.setdefault(student, "the run was stopped before")

    @contextmanager
    def fence(self, student):
        """Whatever is raised is this student's alone, unless it ends all."""
        try:
            yield
        except Exception as error:
            if saving.ends_all(error):
                raise
            self.gradebook.db.rollback()
            self.ours(student, told(error))

    def ours(self, student, why):
        said, _, text = why.partition("\n")
        self.fault(student, f"a fault of the grader ({said}), see {self.places.log}", text or said)

    def take(self, submission, outcomes):
        student = submission.student
        for outcome in outcomes:
            with self.fence(student):
                if outcome.kind == "ours":
                    self.ours(student, outcome.why)
                elif outcome.kind == "machine":
                    self.fault(student, outcome.why)
                elif outcome.kind == "graded":
                    saving.save(self.gradebook, self.places, outcome)
        with self.fence(student):
            pictures = {name: folder / name for folder in submission.folders for name in choosing.pictures(submission)}
            saving.keep(pictures, self.places.copies(student))
        submission.files.clear()
        self.left.discard(student)
        self.kinds["not graded" if student in self.faults else "graded"] += 1
        self.progress()

    def pages(self):
        """Yield the pages that are not there yet, or say something else than points and comments do now."""
        for student in self.rows():
            with self.fence(student):
                scores, said = saving.scores(self.gradebook, student), saving.comments(self.gradebook, student)
                for model in self.bare:
                    copy, target = self.places.copy(student, model.name), self.places.page(student, model.name)
                    if not (state := saving.state_of(copy)) or state["missing"]:
                        continue
                    content, name = copy.read_text("utf-8"), model.name
                    points = {cell: (got, most) for (of, cell), (got, most, _) in scores.items() if of == name}
                    comments = {cell: comment for (of, cell), comment in said.items() if of == name}
                    mark = json.dumps([content, points, comments], sort_keys=True).encode()
                    mark = f"<!-- {hashlib.sha256(mark).hexdigest()} -->\n"
                    if not target.exists() or not target.read_text("utf-8").endswith(mark):
                        yield (student, target, mark), Page(content, model, points, comments, self.limits)

    def most(self):
        """The most points that the assignment gives."""
        return sum(c.metadata.nbgrader.points for model in self.models for c in model.tests.cells if is_grade(c))

    def rows(self):
        """Whose lines the table has: all who are there now, and who were graded into the same folder before."""
        return sorted({*self.students, *self.places.graded()})

    def progress(self):
        """One line that counts: redrawn on a terminal, else written now and then."""
        done, total = self.kinds.total(), len(self.students)
        counts = ", ".join(f"{kind} {count}" for kind, count in self.kinds.most_common())
        if sys.stdout.isatty():
            say(f"\r{done} of at most {total}  {counts}", end="")
        elif done % max(1, total // 10) == 0:
            say(f"{done} of at most {total}  {counts}")

    def halt(self, *_):
        """The first Ctrl-C or SIGTERM lets what runs end, and begins nothing more; the second ends the run."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, end_run)
        self.stop = True
        say("\nStopping: waiting for what is being graded ...")


@contextmanager
def alone(places: Places):
    """Only one run at a time keeps its results in a folder. One that got nowhere leaves nothing."""
    new = not places.to.exists()
    places.to.mkdir(parents=True, exist_ok=True)
    with places.lock.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Stop(f"Another run grades into {places.to}: wait for it, or choose another place (--to).") from None
        try:
            yield
        finally:
            if list(places.to.iterdir()) == [places.lock]:
                places.lock.unlink()
                if new:
                    places.to.rmdir()


def grade(options, engine_of) -> int:
    """Grade a class; returns the exit code."""
    if not options.unsafe and not options.scheduler and (why := works()):
        raise Stop(f"Submissions cannot be isolated here: {why}. To run them with all your rights, add --unsafe.")
    if options.unsafe:
        say("WARNING: nothing is isolated. Submitted code runs with all your rights.", file=sys.stderr)
    places, to = Places(options.to, options.assignment), options.to.resolve()
    if options.submissions.resolve() in (to, *to.parents):
        raise Stop(f"The results would lie among the submissions, in {options.to}: choose another place (--to).")
    with engine_of(options) as engine:
        run = Run(options, engine)
        with alone(places):
            url = options.db or saving.sqlite(places, run.models)
            with saving.prepare(url, options.assignment, run.models) as run.gradebook:
                say(f"{options.assignment}: {len(run.students)} students")
                run.canaries()
                run.all()
                places.listed.mkdir(parents=True, exist_ok=True)
                header, rows = grades(run.gradebook, places, run.models, run.rows(), run.faults)
                rows = list(rows)
                kinds = save_table(places.table, header, rows)
                if run.sheet:
                    run.sheet.fill([(student, total, said) for student, *_, total, said in rows], run.most(), to)
    say(", ".join(f"{count} {kind}" for kind, count in kinds.most_common()))
    say(f"Graded now: {run.kinds.total()}. Grades: {places.table}   feedback: {places.to}/feedback/")
    say(f"To mark by hand: open JupyterLab in {places.to}/, menu Nbgrader → Formgrader")
    if run.stop:
        say("Stopped before the end: what was graded is kept, the next run goes on from there.")
        return STOPPED
    if run.faults:
        say(f"{len(run.faults)} could not be graded this time: run again.", file=sys.stderr)
    return NOT_ALL if run.faults else 0
