"""Measure the book against twins, side by side in one run, and say whether each ratio keeps its bound.

Usage: python tools/bench.py [--only lib|chapters|site]

lib       forward + backward of each NLL against PyTorch's functional twin, 10⁶ examples: time and peak memory
chapters  the whole process that runs a chapter against one that only imports torch, numpy and matplotlib
site      a build from the stored outputs against a build that executes the notebooks

Contestants take turns, so that a busy machine slows both; what is printed is the median of the ratios of all turns.
Exits with 1 if a bound is broken.
"""

import os

os.environ["OMP_NUM_THREADS"] = "1"  # before torch is imported; the processes started below inherit it
os.environ["KINETO_LOG_LEVEL"] = "6"  # else PyTorch's profiler writes four lines a run

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbformat
import torch
import torch.nn.functional as F
from torch.profiler import ProfilerActivity, profile

from lib import likelihoods

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
N, CLASSES = 10**6, 10
LIB_BOUND = 1.15
CHAPTER_BOUNDS = {"likelihood_to_loss": 1.8, "mse_gaussian": 1.8}
OTHER_CHAPTERS = 2.5


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


def bench_lib():
    kept = []
    for dtype in (torch.float32, torch.float64):
        generator = torch.Generator().manual_seed(0)
        x, y, v = torch.randn(3, N, dtype=dtype, generator=generator).unbind()
        label, log_var = (y > 0).to(dtype), 0.1 * v
        logits = torch.randn(N, CLASSES, dtype=dtype, generator=generator)
        index = torch.randint(CLASSES, (N,), generator=generator)
        pairs = {  # name: (what gets a gradient, ours, PyTorch's)
            "gaussian_nll": (
                [x],
                lambda x, y=y: likelihoods.gaussian_nll(x, y, 2.0),
                lambda x, y=y: F.gaussian_nll_loss(x, y, 4.0, full=True),
            ),
            "heteroscedastic_nll": (
                [x, log_var],
                lambda x, s, y=y: likelihoods.heteroscedastic_nll(x, y, s),
                lambda x, s, y=y: F.gaussian_nll_loss(x, y, s.exp(), full=True),
            ),
            "laplace_nll": (
                [x],
                lambda x, y=y: likelihoods.laplace_nll(x, y, 2.0),
                lambda x, y=y: F.l1_loss(x, y),
            ),
            "bernoulli_nll": (
                [x],
                lambda x, y=label: likelihoods.bernoulli_nll(x, y),
                lambda x, y=label: F.binary_cross_entropy_with_logits(x, y),
            ),
            "categorical_nll": (
                [logits],
                lambda z, c=index: likelihoods.categorical_nll(z, c),
                lambda z, c=index: F.cross_entropy(z, c),
            ),
        }
        for name, (inputs, *rivals) in pairs.items():
            leaves = [a.clone().requires_grad_() for a in inputs]
            ours, twin = (lambda f=f, a=leaves: torch.autograd.grad(f(*a), a) for f in rivals)
            rounds = 9 if name == "categorical_nll" else 41
            times = in_turns({"ours": ours, "twin": twin}, rounds, clock=time.process_time)
            what = f"{name}, {str(dtype).removeprefix('torch.')}"
            kept.append(report(f"{what}: time", median_ratio(times["ours"], times["twin"]), LIB_BOUND))
            kept.append(report(f"{what}: memory", peak_bytes(ours) / peak_bytes(twin), LIB_BOUND))
    return kept


def bench_chapters():
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


def bench_site():
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


BENCHES = {"lib": bench_lib, "chapters": bench_chapters, "site": bench_site}

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=BENCHES)
    only = parser.parse_args().only
    kept = [ok for name, bench in BENCHES.items() if only in (None, name) for ok in bench()]
    sys.exit(not all(kept))
