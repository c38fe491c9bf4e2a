"""Measure the book against twins, side by side in one run, and say whether each ratio keeps its bound.

Usage: python -m tools.bench [--only lib|chapters|site|course|lighthouse] [--students 200] [--rounds 3]

lib       forward + backward of each NLL against PyTorch's functional twin, 10⁶ examples: time and peak memory
chapters  the whole process that runs a chapter against one that only imports torch, numpy and matplotlib
site      a build from the stored outputs against a build that executes the notebooks
course    a synthetic class graded by two workers, isolated or not, against `nbgrader autograde`; then a hostile one
lighthouse  every chapter as a cheap phone meets it, against the page that Jupyter Book makes as it comes

Contestants take turns, so that a busy machine slows both; what is printed is the median of the ratios of all turns.
Exits with 1 if a bound is broken.
"""

import os

os.environ["OMP_NUM_THREADS"] = "1"  # before torch is imported; the processes started below inherit it
os.environ["KINETO_LOG_LEVEL"] = "6"  # else PyTorch's profiler writes four lines a run

import argparse
import contextlib
import csv
import inspect
import itertools
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import nbformat
import numpy as np
import psutil
import torch
from torch.profiler import ProfilerActivity, profile

from course.assignment import templates
from course.demo_class import spoilt
from course.zoo import ZOO, hand_in
from lib.cases import CASES
from tools.lighthouse import bench_lighthouse

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
N = 10**6
LIB_BOUND = 1.1
CHAPTER_BOUNDS = {"likelihood_to_loss": 1.8, "mse_gaussian": 1.8}
OTHER_CHAPTERS = 2.5
COURSE_BOUNDS = {"not isolated": 1.5, "isolated": 2.5}  # seconds a submission
NBGRADER_BOUND = 0.5


def site_bound(chapters):
    return 0.5 if chapters < 4 else 0.3


def report(what, ratio, bound):
    print(f"{what:48} {ratio:5.2f}   bound {bound:4.2f}   {'ok' if ratio <= bound else 'ABOVE'}", flush=True)
    return ratio <= bound


def in_turns(actions, rounds, clock=time.perf_counter):
    """Time every action once a round, in alternating order: {name: [seconds of each round]}."""
    times = {name: [] for name in actions}
    for turn in range(rounds):
        for name in list(actions)[:: 1 if turn % 2 else -1]:
            start = clock()
            actions[name]()
            times[name].append(clock() - start)
    return times


def median_ratio(times, twin):
    return statistics.median(a / b for a, b in zip(times, twin, strict=True))


def run(*command):
    """Run a command; what it prints is shown only if it fails."""
    done = subprocess.run(list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        sys.exit(f"{done.stdout}\nThis command failed: {' '.join(done.args)}")


def peak_bytes(action):
    """The most memory that tensors made by `action` hold at one time, as PyTorch's allocator reports it."""
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as measured:
        action()
    with tempfile.TemporaryDirectory() as folder:
        trace = Path(folder) / "trace.json"
        measured.export_chrome_trace(str(trace))
        events = json.loads(trace.read_text())["traceEvents"]
    held = peak = 0
    for event in sorted((e for e in events if e["name"] == "[memory]"), key=lambda e: e["ts"]):
        held += event["args"]["Bytes"]
        peak = max(peak, held)
    return peak


def bench_lib(options):
    kept = []
    for dtype in (torch.float32, torch.float64):
        for case in (case for case in CASES if case.nll):
            inputs = [x.to(dtype) if x.is_floating_point() else x for x in case.draw(np.random.default_rng(0), N)]
            parameters = list(inspect.signature(case.nll).parameters.values())
            if parameters[len(inputs) - 1].default is not inspect.Parameter.empty:
                inputs[-1] = 2.0  # one scale
            predictions = [i for i, x in enumerate(inputs) if torch.is_tensor(x) and parameters[i].name != "target"]
            leaves = [inputs[i].requires_grad_() for i in predictions]
            ours, twin = (
                lambda f=f, inputs=inputs, leaves=leaves: torch.autograd.grad(f(*inputs), leaves)
                for f in (case.nll, case.pytorch_loss)
            )
            rounds = 9 if inputs[0].ndim == 2 else 41
            times = in_turns({"ours": ours, "twin": twin}, rounds, clock=time.process_time)
            what = f"{case.nll.__name__}, {str(dtype).removeprefix('torch.')}"
            kept.append(report(f"{what}: time", median_ratio(times["ours"], times["twin"]), LIB_BOUND))
            kept.append(report(f"{what}: memory", peak_bytes(ours) / peak_bytes(twin), LIB_BOUND))
    return kept


def bench_chapters(options):
    with tempfile.TemporaryDirectory() as folder:
        bare = Path(folder) / "bare.ipynb"
        imports = nbformat.v4.new_code_cell("import matplotlib.pyplot\nimport numpy\nimport torch")
        nbformat.write(nbformat.v4.new_notebook(cells=[imports]), bare)
        paths = [bare, *sorted(ROOT.glob("chapters/*.ipynb"))]
        execute = {path.stem: lambda path=path: run(BIN / "jupyter-execute", path) for path in paths}
        times = in_turns(execute, rounds=3)
    twin = times.pop("bare")
    return [
        report(
            f"{name}: {statistics.median(took):.1f} s, bare imports {statistics.median(twin):.1f} s",
            median_ratio(took, twin),
            CHAPTER_BOUNDS.get(name, OTHER_CHAPTERS),
        )
        for name, took in times.items()
    ]


def bench_site(options):
    with tempfile.TemporaryDirectory() as folder:
        stored, executed = Path(folder) / "stored", Path(folder) / "executed"
        for copy in (stored, executed):
            shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(".*", "_build", "tests"))
        config = executed / "_config.yml"
        off, force = 'execute_notebooks: "off"', 'execute_notebooks: "force"'
        if off not in config.read_text():
            sys.exit(f"_config.yml no longer says {off}")
        config.write_text(config.read_text().replace(off, force))
        build = {
            copy.name: lambda copy=copy: run(BIN / "jupyter-book", "build", copy, "--all", "-q")
            for copy in (stored, executed)
        }
        times = in_turns(build, rounds=3)
    medians = " s, executing ".join(f"{statistics.median(took):.1f}" for took in times.values())
    bound = site_bound(len(list(ROOT.glob("chapters/*.ipynb"))))
    return [report(f"site from stored outputs {medians} s", median_ratio(times["stored"], times["executed"]), bound)]


def most_memory(action):
    """The most memory, in GB, that the processes started by `action` hold at one time (shared pages count twice)."""
    peak, done = 0, threading.Event()

    def look():
        nonlocal peak
        while not done.wait(0.5):
            held = 0
            for process in psutil.Process().children(recursive=True):
                with contextlib.suppress(psutil.NoSuchProcess):
                    held += process.memory_info().rss
            peak = max(peak, held)

    watcher = threading.Thread(target=look)
    watcher.start()
    action()
    done.set()
    watcher.join()
    return peak / 2**30


def bench_course(options):
    kept, students = [], options.students
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        (folder / "solutions" / "warm_ups").mkdir(parents=True)
        shutil.copy(ROOT / "solutions" / "warm_ups" / "mse.ipynb", folder / "solutions" / "warm_ups")
        template = templates(folder / "solutions" / "warm_ups", None, None)[0]
        names = [f"s{number:03}" for number in range(students)]
        wrong = itertools.cycle([ZOO["right"][0], *spoilt(ROOT / "solutions" / "warm_ups", template).values()])
        beasts = itertools.cycle(spoil for name, (spoil, _, _) in ZOO.items() if name not in ("right", "wrong"))
        for number, name in enumerate(names):
            spoil = next(wrong)
            hand_in(spoil, template, folder / "submitted" / name / "warm_ups")
            spoil = next(beasts) if number % 10 == 9 else spoil
            hand_in(spoil, template, folder / "mixed" / name / "warm_ups")

        def grade(submissions, to, *options):
            command = [sys.executable, "-m", "course", "grade", "warm_ups", "--source", folder / "solutions"]
            command += ["--workers", 2, "--submissions", folder / submissions, "--to", folder / to, *options]
            seconds = time.perf_counter()
            memory = most_memory(lambda: run(*command))
            return (time.perf_counter() - seconds) / students, memory

        def table(to):
            return {row["student"]: row for row in csv.DictReader((folder / to / "grades.csv").open())}

        ours = {"not isolated": grade("submitted", "open", "--unsafe"), "isolated": grade("submitted", "closed")}
        for name, (seconds, memory) in ours.items():
            what = f"course, {name}: s a submission ({memory:.1f} GB)"
            kept.append(report(what, seconds, COURSE_BOUNDS[name]))

        nbgrader = [BIN / "nbgrader", "--quiet", f"--CourseDirectory.root={folder}"]
        os.environ["PATH"] = f"{BIN}{os.pathsep}{os.environ['PATH']}"  # nbgrader calls alembic
        run(nbgrader[0], "generate_assignment", "warm_ups", *nbgrader[1:])
        seconds = time.perf_counter()
        run(nbgrader[0], "autograde", "warm_ups", *nbgrader[1:])
        plain = (time.perf_counter() - seconds) / students
        what = f"course, not isolated, against nbgrader's {plain:.1f} s"
        kept.append(report(what, ours["not isolated"][0] / plain, NBGRADER_BOUND))

        seconds, memory = grade("mixed", "mixed-grades")
        first, again = table("closed"), table("mixed-grades")
        honest = [name for number, name in enumerate(names) if number % 10 != 9]
        changed = [name for name in honest if again[name] != first[name] or first[name] != table("open")[name]]
        odd = [name for name in names if name not in honest and not again[name]["status"]]
        print(f"course, a tenth hostile or broken: {seconds:.2f} s a submission ({memory:.1f} GB)")
        kept.append(report("course: grades lost or changed, or without a status", len(changed) + len(odd), 0))
    return kept


BENCHES = {
    "lib": bench_lib,
    "chapters": bench_chapters,
    "site": bench_site,
    "course": bench_course,
    "lighthouse": bench_lighthouse,
}

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=BENCHES)
    parser.add_argument("--students", type=int, default=200, help="in the class of `course`")
    parser.add_argument("--rounds", type=int, default=3, help="of Lighthouse, for each page")
    options = parser.parse_args()
    kept = [ok for name, bench in BENCHES.items() if options.only in (None, name) for ok in bench(options)]
    sys.exit(not all(kept))
