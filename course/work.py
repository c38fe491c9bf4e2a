"""The work on one student, done in a warm worker: choose, normalise, run and test; or write a page of feedback.

Each step on each notebook is in a process of its own, behind a fence. Three kinds of failure are kept apart: the
student's is graded; the machine's and ours are not, and are tried again.
"""

import hashlib
import json
import traceback
from dataclasses import asdict, dataclass, field

import nbformat

from . import choosing, feedback
from .assignment import Template
from .basics import Broken, Limits, Machine, Outcome, Submission, clean
from .fence import Lost, fenced
from .normalise import normalise

ROOM = 60  # seconds that a fence gives beyond the limits inside


@dataclass
class Job:
    """What a worker needs, as bytes: no path of another machine."""

    submission: Submission
    templates: list[Template]
    supplied: dict[str, bytes]
    limits: Limits
    isolate: bool
    known: dict[str, str] = field(default_factory=dict)  # {notebook: digest of what it was graded from}
    digest: str = ""  # of the whole submission


@dataclass
class Page:
    """A page of feedback to be written: the graded notebook, points and comments."""

    executed: str
    template: Template
    points: dict
    comments: dict
    limits: Limits


def do(job) -> list[Outcome] | str:
    """The outcomes of a student's notebooks (of those that changed), or a page."""
    if isinstance(job, Page):
        try:
            return fenced(feedback.page, job, ROOM, job.limits.addresses)
        except Exception as error:
            return [Outcome("", job.template.name, kind="ours", why=told(error))]
    student, names = job.submission.student, [template.name for template in job.templates]
    try:
        chosen = fenced(prepared, job, ROOM, job.limits.addresses)
    except Exception as error:
        return [failed(student, name, error, job) for name in names]
    return [one(job, template, *chosen[template.name]) for template in job.templates]


def prepared(job: Job):
    """{notebook: (the notebook to run, its state)}."""
    found, made = choosing.choose(job.submission, job.templates, job.limits), {}
    for template in job.templates:
        choice = found[template.name]
        state = {"passed": [], "failed": {}, "error": [], "repaired": list(choice.notes), "missing": False}
        notebook = template.tests
        if choice.cells is not None:
            notebook, repaired = normalise(choice.cells, template)
            state["repaired"] += repaired
            beside = choosing.left_out(job.submission)
            state["repaired"] += [f"{', '.join(beside[:5])} left out"] if beside else []
        state["error"] += [choice.error] if choice.error else []
        state["missing"] = choice.cells is None and not choice.error
        content = json.dumps([template.digest, notebook, state], sort_keys=True)
        state["digest"] = hashlib.sha256(content.encode()).hexdigest()
        state["submission"] = job.digest
        made[template.name] = clean(json.loads(json.dumps(notebook))), clean(state), choice.cells is not None
    return made


def one(job: Job, template: Template, notebook: dict, state: dict, runs: bool) -> Outcome:
    """The outcome of one notebook."""
    student, name = job.submission.student, template.name
    if job.known.get(name) == state["digest"]:
        return Outcome(student, name, kind="same", why=json.dumps(state["submission"]))
    notebook = nbformat.from_dict(notebook)
    try:
        if runs:
            seconds = job.limits.notebook * job.limits.seconds + ROOM
            notebook, found = fenced(run, (job, template, notebook), seconds, job.limits.addresses)
            state |= found
        return Outcome(student, name, as_text(notebook, state))
    except Exception as error:
        return failed(student, name, error, job, notebook, state)


def run(what):
    from .testing import examine  # imports torch: workers have it already, who only hands out work needs none

    job, template, notebook = what
    found = examine(notebook, template.names, job.supplied, job.limits, job.isolate)
    return notebook, found


def failed(student, name, error, job, notebook=None, state=None) -> Outcome:
    """Whose failure it is."""
    if isinstance(error, Broken | MemoryError | RecursionError):
        why = str(error) or type(error).__name__
    elif isinstance(error, Lost):
        if str(error) == "died":  # perhaps the machine's fault: once more, elsewhere
            return Outcome(student, name, kind="machine", why="its grading process was killed")
        why = f"its grading {error}"
    elif isinstance(error, Machine | OSError):
        return Outcome(student, name, kind="machine", why=str(error))
    else:
        return Outcome(student, name, kind="ours", why=told(error))
    template = next(template for template in job.templates if template.name == name)
    notebook = nbformat.from_dict(notebook or template.tests)
    state = state or {"passed": [], "failed": {}, "repaired": [], "missing": False, "digest": "", "error": []}
    state |= {"error": [*state["error"], why], "submission": job.digest}
    return Outcome(student, name, as_text(notebook, state))


def told(error) -> str:
    """What it is in a line, and the traceback below."""
    return f"{type(error).__name__}: {error}".split("\n")[0] + "\n" + "".join(traceback.format_exception(error))


def as_text(notebook, state) -> str:
    notebook["metadata"]["grading"] = state
    return json.dumps(clean(notebook), indent=1, ensure_ascii=False)


def as_json(made) -> bytes:
    return json.dumps([asdict(outcome) for outcome in made] if isinstance(made, list) else made).encode()


def of_json(raw: bytes):
    made = json.loads(raw)
    return [Outcome(**outcome) for outcome in made] if isinstance(made, list) else made
