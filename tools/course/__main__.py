"""Grade a class, or make one to try it on: what is behind `make grade` and `make demo-class`."""

import argparse
import logging
import os
import sys
import warnings
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from . import ROOT, Stop
from . import demo_class as demo
from .export import all_feedback, grades, save_table
from .grade import Job, canaries, changed, grade_class, prepare, submitted
from .kernel import works
from .normalise import choose, templates


def grade(options) -> int:
    """normalise → grade → guard → export."""
    source, assignment = options.source / options.assignment, options.assignment
    models = templates(source, options.overlay, options.seed)
    folders = submitted(options.submissions, assignment, options.students)
    why_not = works()
    if why_not and not options.unsafe:
        raise Stop(f"Submissions cannot be isolated here: {why_not}. To run them with all your rights, add --unsafe.")
    if options.unsafe:
        print("WARNING: nothing is isolated. Submitted code runs with all your rights.", file=sys.stderr, flush=True)
    files = [path for path in sorted(source.iterdir()) if path.is_file() and path.suffix != ".ipynb"]
    jobs = []
    for student, folder in folders.items():
        found = choose(folder, models)
        jobs += [
            Job(student, model, folder, found.get(model.name), files, not options.unsafe, options.seconds)
            for model in models
        ]
    options.to.mkdir(parents=True, exist_ok=True)
    autograded = options.to / "autograded"
    gradebook = prepare(options.db or f"sqlite:///{options.to.resolve()}/gradebook.db", assignment, models)
    with gradebook:
        todo = [job for job in jobs if options.again or changed(gradebook, assignment, job, autograded)]
        print(f"{assignment}: {len(folders)} students, {len(todo)} of {len(jobs)} notebooks to grade", flush=True)
        if todo:
            canaries(todo, options.workers)
        finished = grade_class(gradebook, assignment, todo, autograded, options.workers)
        with ProcessPoolExecutor(options.workers) as pool:
            all_feedback(pool, gradebook, assignment, jobs, autograded, options.to / "feedback")
        students = sorted({*folders, *options.students, *(student.id for student in gradebook.students)})
        header, rows = grades(gradebook, assignment, models, students, autograded)
        save_table(options.to / "grades.csv", header, rows)
    summary(rows, options.to)
    if not finished:
        print("Stopped before the end: what was graded is kept, the next run goes on from there.")
    return 0 if finished else 130


def summary(rows, to: Path):
    kinds = Counter(row[-1].split(":")[0] for row in rows)
    print(", ".join(f"{count} {kind}" for kind, count in kinds.most_common()))
    for student, *_, status in rows:
        if status not in ("graded", "needs marking"):
            print(f"  {student}: {status[:150]}")
    print(f"Grades: {to}/grades.csv   feedback: {to}/feedback/")
    print(f"To mark by hand: open JupyterLab in {to}/, menu Nbgrader → Formgrader")


def main(arguments=None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.course", description=__doc__)
    verbs = parser.add_subparsers(required=True, metavar="grade | demo-class")
    both = argparse.ArgumentParser(add_help=False)
    both.add_argument("assignment", help="a folder of solutions/")
    both.add_argument("--source", type=Path, default=ROOT / "solutions", help=argparse.SUPPRESS)
    verb = verbs.add_parser("grade", parents=[both], help="grade a class")
    verb.add_argument("--submissions", type=Path, default=Path("submitted"), help="<student>/[<assignment>/]<notebook>")
    verb.add_argument("--to", type=Path, default=Path("grading"), help="where gradebook, grades and feedback go")
    verb.add_argument("--db", help="another gradebook, as a URL: postgresql://…")
    verb.add_argument("--overlay", type=Path, help="private hidden tests: <assignment>/<notebook>/<test cell>.py")
    verb.add_argument("--seed", type=int, help="the variant of this course: the number behind SEED = in locked cells")
    verb.add_argument("--students", type=lambda text: text.split(","), default=[], help="only these: ada,bob")
    verb.add_argument("--workers", type=int, default=os.cpu_count(), help="how many at a time")
    verb.add_argument("--seconds", type=float, default=10, help="of processor time for one cell")
    verb.add_argument("--again", action="store_true", help="grade also what has not changed")
    verb.add_argument("--unsafe", action="store_true", help="do not isolate: for code that you trust")
    verb.set_defaults(run=grade)
    verb = verbs.add_parser("demo-class", parents=[both], help="make a synthetic class")
    verb.add_argument("--students", type=int, default=20, help="how many")
    verb.add_argument("--to", type=Path, default=Path("demo"), help="where they are put, in submitted/")
    verb.set_defaults(run=demo.make)
    options = parser.parse_args(arguments)
    warnings.simplefilter("ignore")  # of nbformat, about what students made
    logging.disable()
    try:
        return options.run(options)
    except Stop as stop:
        print(stop, file=sys.stderr)
    except SQLAlchemyError as error:
        why = str(getattr(error, "orig", error)).strip().splitlines()[0]
        print(f"The gradebook cannot be used: {why}. What was graded before is as it was.", file=sys.stderr)
    except OSError as error:
        print(f"{error.strerror}: {error.filename}. What was graded before is as it was.", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
