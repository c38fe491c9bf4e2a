"""Grade a class, or make one to try it on: what is behind `make grade` and `make demo-class`."""

import argparse
import locale
import logging
import os
import signal
import sys
import warnings
from pathlib import Path

from .basics import ROOT, Stop, end_run


def positive(kind, most):
    """A type of argument: a number above 0."""

    def number(text):
        try:
            if 0 < (made := kind(text)) <= most:
                return made
        except ValueError:
            pass
        raise argparse.ArgumentTypeError(f"{text!r} is no {'whole ' * (kind is int)}number above 0, at most {most}")

    return number


def name(text):
    """A type of argument: a folder of solutions/, not a way to one."""
    made = text.rstrip("/")
    if made in ("", ".", "..") or "/" in made:
        raise argparse.ArgumentTypeError(f"{text!r} is no name of a folder of solutions/, as warm_ups is")
    return made


def names(text):
    """A type of argument: names with commas between."""
    if found := [name.strip() for name in text.split(",") if name.strip()]:
        return found
    raise argparse.ArgumentTypeError(f"{text!r} names nobody")


class Parser(argparse.ArgumentParser):
    """What is wrong is said in one sentence."""

    def error(self, message):
        self.exit(2, f"{message} ({self.prog} --help says more)\n")


def engine(options):
    if options.scheduler:
        from .cluster import Cluster

        return Cluster(options.scheduler, options.unsafe)
    from .workers import Pool

    return Pool(options.workers)


def grade(options) -> int:
    from .grade import grade

    return grade(options, engine)


def demo(options) -> int:
    from .demo_class import make

    return make(options)


def parser():
    made = Parser(prog="python -m course", description=__doc__)
    verbs = made.add_subparsers(required=True, metavar="grade | demo-class")
    both = argparse.ArgumentParser(add_help=False)
    both.add_argument("assignment", type=name, help="a folder of solutions/")
    both.add_argument("--source", type=Path, default=ROOT / "solutions", help=argparse.SUPPRESS)
    verb = verbs.add_parser("grade", parents=[both], help="grade a class")
    verb.add_argument("--submissions", type=Path, default=Path("submitted"), help="the folder of all students' folders")
    verb.add_argument("--to", type=Path, default=Path("grading"), help="where gradebook, grades and feedback go")
    verb.add_argument("--db", help="another gradebook, as a URL: postgresql+psycopg://…")
    verb.add_argument("--scheduler", help="a Dask cluster that does the work: tcp://host:8786")
    verb.add_argument("--overlay", type=Path, help="private hidden tests: <assignment>/<notebook>/<test cell>.py")
    verb.add_argument("--seed", type=int, help="the variant of this course: the number behind SEED = in locked cells")
    verb.add_argument("--students", type=names, default=[], help="only these: ada,bob")
    verb.add_argument("--fill", type=Path, help="a CSV that Moodle or Canvas exported: its column of grades is filled")
    verb.add_argument("--column", help="of that CSV, if it is not clear which one is meant")
    verb.add_argument("--workers", type=positive(int, 256), default=os.cpu_count(), help="how many at a time")
    verb.add_argument("--seconds", type=positive(float, 3600), default=10, help="of processor time for one cell")
    verb.add_argument("--again", action="store_true", help="grade also what has not changed")
    verb.add_argument("--unsafe", action="store_true", help="do not isolate: for code that you trust")
    verb.set_defaults(run=grade)
    verb = verbs.add_parser("demo-class", parents=[both], help="make a synthetic class")
    verb.add_argument("--students", type=positive(int, 100_000), default=20, help="how many")
    verb.add_argument("--to", type=Path, default=Path("demo"), help="where they are put, in submitted/")
    verb.set_defaults(run=demo)
    return made


def main(arguments=None) -> int:
    options = parser().parse_args(arguments)
    try:
        return said(options)
    except KeyboardInterrupt:
        print("Stopped. What was graded is kept, the next run goes on from there.", file=sys.stderr)
        return 130


def said(options) -> int:
    """Run the verb; what ends it is said in one sentence."""
    warnings.simplefilter("ignore")  # of nbformat, about what students made
    logging.disable()
    from nbgrader.api import InvalidEntry  # nbgrader's word for some of the others
    from sqlalchemy.exc import SQLAlchemyError

    try:
        return options.run(options)
    except Stop as stop:
        print(stop, file=sys.stderr)
    except (SQLAlchemyError, InvalidEntry) as error:
        error = error.__context__ if isinstance(error, InvalidEntry) else error
        why = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        print(f"The gradebook cannot be used: {why}. What was graded before is as it was.", file=sys.stderr)
    except OSError as error:
        place = error.filename2 or error.filename
        print(f"{error.strerror}: {place}. What was graded before is as it was.", file=sys.stderr)
    return 1


if __name__ == "__main__":
    if sys.getfilesystemencoding() != "utf-8" or locale.getpreferredencoding(False).lower() != "utf-8":
        os.environ |= {"PYTHONUTF8": "1", "LC_ALL": "C.UTF-8"}  # nbgrader calls alembic, which reads the path to here
        os.execv(sys.executable, [sys.executable, "-X", "utf8", "-m", "course", *sys.argv[1:]])
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end_run)
    code = main()
    for number in (signal.SIGINT, signal.SIGTERM):  # all is done, nothing is to be stopped
        signal.signal(number, signal.SIG_IGN)
    sys.exit(code)
