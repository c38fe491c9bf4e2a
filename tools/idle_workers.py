"""Grade a class with workers that do nothing: what is left is the driver's own work (`python -m tools.bench`).

Usage: python -m tools.idle_workers <solutions> <submitted>
Prints [seconds of processor time, kB of memory] of this process.
"""

import json
import pickle
import sys
import tempfile
import time
from pathlib import Path

from course import __main__, files, grade, work, workers
from course.assignment import templates
from course.basics import Limits, Submission


def peak() -> int:
    """The most memory that this process held, in kB (getrusage tells the parent's as well)."""
    return int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0])


def main(solutions, submitted):
    models = [model._replace(solution=None) for model in templates(Path(solutions) / "warm_ups")]
    first = files.load(Submission("STUDENT", [min(Path(submitted).iterdir())]), "warm_ups", Limits())
    job, idle = work.Job(first, models, {}, Limits(), False, digest="DIGEST"), 0.0
    made = workers.Warm()
    outcomes = made.do(pickle.dumps(job))
    made.close()

    def do(self, raw):
        nonlocal idle
        start = time.thread_time()
        job = pickle.loads(raw)
        answer = json.dumps("x" * 30_000).encode()
        if isinstance(job, work.Job):
            answer = outcomes.replace(b"STUDENT", job.submission.student.encode())
            answer = answer.replace(b"DIGEST", job.digest.encode())
        idle += time.thread_time() - start
        return answer

    workers.Warm.do, grade.Run.canaries = do, lambda self: None
    with tempfile.TemporaryDirectory() as to:
        arguments = ["--source", solutions, "--submissions", submitted, "--to", to, "--unsafe", "--workers", "2"]
        start = time.process_time()
        assert __main__.main(["grade", "warm_ups", *arguments]) == 0
        seconds = time.process_time() - start - idle
    print(json.dumps([seconds, peak()]))


if __name__ == "__main__":
    main(*sys.argv[1:])
