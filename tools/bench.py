"""Measure the book against twins, side by side in one run, and say whether each ratio keeps its bound.

Usage: python -m tools.bench [--only lib|chapters|site|course|lighthouse] [--students 200] [--rounds 3]

lib       forward + backward of each NLL against PyTorch's functional twin, 10⁶ examples: time and peak memory
chapters  the whole process that runs a chapter against one that only imports torch, numpy and matplotlib
site      a build from the stored outputs against a build that executes the notebooks
course    the grader's driver alone; a class by two workers against `nbgrader autograde`, and against a cluster; with a
          tenth of it hostile
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
import re
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
from tools.book import ROOT, chapters
from tools.lighthouse import bench_lighthouse

BIN = Path(sys.executable).parent
N = 10**6
LIB_BOUND = 1.1
CHAPTER_BOUND = 2.5
SECONDS_BOUND, MEMORY_BOUND, NBGRADER_BOUND = 1.0, 1.0, 0.4  # a submission, GB, times nbgrader's
DRIVER_BOUND, LEFT_BOUND, CLUSTER_BOUND = 15, 10, 1.1  # ms, kB, times the local pool's


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
        paths = [bare, *chapters()]
        execute = {path.stem: lambda path=path: run(BIN / "jupyter-execute", path) for path in paths}
        times = in_turns(execute, rounds=3)
    twin = times.pop("bare")
    return [
        report(
            f"{name}: {statistics.median(took):.1f} s, bare imports {statistics.median(twin):.1f} s",
            median_ratio(took, twin),
            CHAPTER_BOUND,
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
    """The most memory, in GB, that the processes started by `action` hold at a time, a shared page split among them."""
    peak, done = 0, threading.Event()

    def look():
        nonlocal peak
        while not done.wait(0.5):
            held = 0
            for process in psutil.Process().children(recursive=True):
                with contextlib.suppress(psutil.NoSuchProcess):
                    held += process.memory_full_info().pss
            peak = max(peak, held)

    watcher = threading.Thread(target=look)
    watcher.start()
    action()
    done.set()
    watcher.join()
    return peak / 2**30


class Class:
    """Submissions to one warm-up, and what grades them, each run in a process of its own."""

    def __init__(self, folder):
        self.folder, self.source = folder, folder / "solutions"
        (self.source / "warm_ups").mkdir(parents=True)
        shutil.copy(ROOT / "solutions" / "warm_ups" / "mse.ipynb", self.source / "warm_ups")
        self.template = templates(self.source / "warm_ups", None, None)[0]
        mistakes = spoilt(ROOT / "solutions" / "warm_ups", self.template).values()
        self.honest = [ZOO["right"][0], *mistakes]
        self.beasts = {name: beast for name, beast in ZOO.items() if name not in ("right", "wrong")}

    def hand_in(self, name, students, hostile=0):
        """A class in which every `hostile`-th is one of the zoo; returns {student: its beast, or None}."""
        made, honest, beasts = {}, itertools.cycle(self.honest), itertools.cycle(self.beasts)
        for number in range(students):
            student, beast = f"s{number:05}", next(beasts) if hostile and number % hostile == hostile - 1 else None
            spoil = self.beasts[beast][0] if beast else next(honest)
            hand_in(spoil, self.template, self.folder / name / student / "warm_ups")
            made[student] = beast
        return made

    def grade(self, name, to, *options):
        """(seconds in all, GB)."""
        command = [sys.executable, "-m", "course", "grade", "warm_ups", "--source", self.source]
        command += ["--submissions", self.folder / name, "--to", self.folder / to, *options]
        start = time.perf_counter()
        memory = most_memory(lambda: run(*command))
        return time.perf_counter() - start, memory

    def rows(self, to):
        with (self.folder / to / "grades.csv").open(encoding="utf-8", newline="") as file:
            return {row["student"]: row for row in csv.DictReader(file)}


def bench_course(options):
    load = os.getloadavg()[0]
    print(f"course: {os.cpu_count()} cores, load {load:.1f} before", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        made = Class(Path(folder))
        kept = driver(made)
        kept += in_a_class(made, options.students)
        kept += on_a_cluster(made)
        return kept + with_hostile_ones(made, 5 * options.students)


def driver(made):
    """The driver's own work: processor time of its process, with workers that give back at once what one once made."""
    kept, used = [], {}
    for students in (100, 400):
        made.hand_in(f"driver-{students}", students)
        done = subprocess.run(
            [sys.executable, "-m", "tools.idle_workers", made.source, made.folder / f"driver-{students}"],
            stdout=subprocess.PIPE,
            check=True,
            cwd=ROOT,
        )
        used[students] = json.loads(done.stdout.splitlines()[-1])
    (seconds, memory), (more_seconds, more_memory) = used.values()
    each = (more_seconds - seconds) / 300
    kept.append(report("course, the driver: ms a submission", 1000 * each, DRIVER_BOUND))
    kept.append(report("course, the driver: kB that a submission leaves", (more_memory - memory) / 300, LEFT_BOUND))
    return kept


def in_a_class(made, students):
    made.hand_in("submitted", students)
    seconds, memory = made.grade("submitted", "closed", "--workers", 2)
    what = f"course, {students} isolated, two workers: s a submission"
    kept = [report(what, seconds / students, SECONDS_BOUND), report("course, its memory: GB", memory, MEMORY_BOUND)]
    few = students // 10  # nbgrader is slow, and its time grows with the class evenly
    bare = made.folder / "bare"
    (bare / "submitted").mkdir(parents=True)
    shutil.copytree(made.source, bare / "solutions")  # as nbgrader_config.py says
    for student in sorted((made.folder / "submitted").iterdir())[:few]:
        shutil.copytree(student, bare / "submitted" / student.name)
    nbgrader = [BIN / "nbgrader", "--quiet", f"--CourseDirectory.root={bare}"]
    os.environ["PATH"] = f"{BIN}{os.pathsep}{os.environ['PATH']}"  # nbgrader calls alembic
    run(nbgrader[0], "generate_assignment", "warm_ups", *nbgrader[1:])
    start = time.perf_counter()
    run(nbgrader[0], "autograde", "warm_ups", *nbgrader[1:])
    plain = (time.perf_counter() - start) / few
    return [
        *kept,
        report(f"course, against nbgrader's {plain:.1f} s (on {few})", seconds / students / plain, NBGRADER_BOUND),
    ]


def on_a_cluster(made):
    """The same class by two local workers and by two of a Dask scheduler on loopback."""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": ROOT}
    dask = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "8799"]
    address = "tcp://127.0.0.1:8799"
    worker = [sys.executable, "-m", "distributed.cli.dask_worker", address, "--nthreads", "1", "--no-nanny"]
    worker += ["--no-dashboard", "--memory-limit", "0", "--local-directory", str(made.folder)]
    with contextlib.ExitStack() as stack:
        for command in ([*dask, "--no-dashboard", "--no-show"], worker, worker):
            process = stack.enter_context(subprocess.Popen(command, **quiet))
            stack.callback(process.kill)
        time.sleep(8)  # until they know each other
        actions = {
            "local": lambda: made.grade("submitted", "local", "--workers", 2),
            "far": lambda: made.grade("submitted", "far", "--scheduler", address),
        }
        times = in_turns(actions, rounds=1)
    local, far = (made.folder / name / "grades.csv" for name in actions)
    what = "course, the class on a cluster of two, against the local pool"
    return [
        report(what, median_ratio(times["far"], times["local"]), CLUSTER_BOUND),
        local.read_bytes() == far.read_bytes(),
    ]


def with_hostile_ones(made, students):
    """Every tenth is broken or hostile; honest ones get what they get alone, the others their status."""
    beasts = made.hand_in("mixed", students, hostile=10)
    seconds, memory = made.grade("mixed", "mixed-grades", "--workers", 2)
    rows, wrong = made.rows("mixed-grades"), []
    honest = itertools.cycle(list(made.rows("closed").values())[: len(made.honest)])
    for student, beast in beasts.items():
        row, status = rows[student], made.beasts[beast][2] if beast else None
        if beast and not re.match(status, row["status"]):
            wrong.append(f"{student}, {beast}: {row['status']}")
        if not beast and {**row, "student": ""} != {**next(honest), "student": ""}:
            wrong.append(f"{student}: {row}")
    each = f"{seconds / students:.2f} s a submission ({memory:.1f} GB)"
    print(f"course, {students}, a tenth hostile: {each}", *wrong, sep="\n  ", flush=True)
    return [report("course, grades that are not what they should be", len(wrong), 0)]


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
