"""Warm workers: processes that have imported everything, do one job after the other, and die with who started them.

`Warm` is one of them; `Pool` has some on this machine. A cluster (`cluster`) has one beside each of its own workers.
"""

import ast
import contextlib
import importlib
import os
import pickle
import signal
import struct
import subprocess
import sys
import threading
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait

from .basics import ROOT, Broken, Outcome, signals
from .fence import die_with_parent, end
from .sandbox import environment

TRIES = 3  # of a job whose worker died


class Died(Exception):
    """The worker is gone."""


class Warm:
    """A process that does jobs. Started at the first one, and again when it has died."""

    process, over = None, False

    def start(self):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "course.workers"],
            env=os.environ | environment() | {"MPLBACKEND": "agg"},
            cwd=ROOT,
            start_new_session=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def do(self, raw: bytes) -> bytes:
        """Do one job; both are bytes. Raises Died."""
        if self.over:
            raise Died("nothing more is wanted")
        if self.process is None or self.process.poll() is not None:
            self.start()
            if self.over:  # closed while it started
                self.close()
                raise Died("nothing more is wanted")
        ask, answer = self.process.stdin, self.process.stdout
        try:
            ask.write(struct.pack(">Q", len(raw)) + raw)
            ask.flush()
            head = answer.read(8)
            made = answer.read(struct.unpack(">Q", head)[0]) if len(head) == 8 else None
        except (OSError, ValueError):  # it has died, or been closed
            made = None
        if made is None:
            self.close()
            raise Died("the worker died")
        return made

    def close(self):
        process, self.process = self.process, None  # two may close it
        if process:
            end(process.pid)
            process.wait()
            for pipe in (process.stdin, process.stdout):
                with contextlib.suppress(OSError):
                    pipe.close()


def do(warm: Warm, job) -> list[Outcome] | str:
    """Do a job, again if its worker dies; a job that kills three is its student's error."""
    from .work import of_json

    raw = pickle.dumps(job)
    for _ in range(TRIES):
        try:
            return of_json(warm.do(raw))
        except Died:
            continue
    return lost(job)


def lost(job) -> list[Outcome]:
    """What becomes of a job that killed whoever did it."""
    from .work import Page, failed

    if isinstance(job, Page):
        return [Outcome("", job.template.name, kind="ours", why="its page killed three workers\n")]
    error, names = Broken("it killed its grading process three times"), [template.name for template in job.templates]
    return [failed(job.submission.student, name, error, job) for name in names]


class Pool:
    """Workers on this machine, and the jobs that they do, never more at a time than twice their number."""

    def __init__(self, workers: int):
        self.size, self.local, self.all = workers, threading.local(), []

    def __enter__(self):
        self.threads = ThreadPoolExecutor(self.size)
        return self

    def __exit__(self, *_):
        from .session import sweep

        with signals(signal.SIG_IGN):  # it takes a few seconds at most
            for warm in self.all:
                warm.over = True
                warm.close()
            self.threads.shutdown(cancel_futures=True)
            sweep()  # what the killed ones left

    def warm(self):
        if not hasattr(self.local, "warm"):
            self.local.warm = Warm()
            self.all.append(self.local.warm)
        return self.local.warm

    def submit(self, job):
        return self.threads.submit(lambda: do(self.warm(), job))

    def everywhere(self, jobs, judge):
        """Do the canaries before anything else; `judge` raises Stop if they went wrong."""
        for job, outcomes in self.results((job, job) for job in jobs):
            judge(job, outcomes)

    def results(self, jobs, stopping=lambda: False):
        """Yield (tag, what was made) of an iterator of (tag, job), as they come; after `stopping` nothing is begun."""
        waiting, jobs = {}, iter(jobs)
        while True:
            while len(waiting) < 2 * self.size and not stopping():
                if (following := next(jobs, None)) is None:
                    break
                waiting[self.submit(following[1])] = following[0]
            if stopping():
                for future in list(waiting):
                    if future.cancel():
                        del waiting[future]
            if not waiting:
                return
            done, _ = wait(waiting, timeout=0.5, return_when=FIRST_COMPLETED)
            for future in done:
                yield waiting.pop(future), future.result()


def main():
    """Do what comes in, one job after the other, until nobody asks any more."""
    import logging
    import warnings

    die_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    warnings.simplefilter("ignore")
    logging.disable()
    inward, outward = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_RDWR), 0)
    os.dup2(2, 1)
    from . import testing, work  # noqa: F401 (forks have torch)
    from .session import sweep

    sweep()
    while len(head := inward.read(8)) == 8:
        job = pickle.loads(inward.read(struct.unpack(">Q", head)[0]))  # of the one who grades
        warm_up(job)
        made = work.as_json(work.do(job))
        outward.write(struct.pack(">Q", len(made)) + made)
        outward.flush()


def warm_up(job):
    """Import what the tests import, once: every job is a fork of this process."""
    for template in getattr(job, "templates", []):
        for cell in template.tests.cells:
            for node in ast.walk(tree(cell)):
                names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
                names += [node.module] if isinstance(node, ast.ImportFrom) and node.module else []
                for name in {*names} - sys.modules.keys():
                    with contextlib.suppress(ImportError):
                        importlib.import_module(name)


def tree(cell):
    try:
        return ast.parse(cell.source if cell.cell_type == "code" else "")
    except SyntaxError:
        return ast.Module([], [])


if __name__ == "__main__":
    main()
