"""Lighthouse on every chapter, beside the same page built by Jupyter Book as it comes: for `make bench`.

The stock build has the same notebooks and no extension of ours. Its MathJax is served from this machine instead of a
CDN, which makes it faster than it is for a reader; the charts are missing from it, for stock MyST-NB cannot show them.
Both are served with gzip; Lighthouse simulates a cheap phone on a slow network (its mobile preset).
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import mathjax
import yaml

from tools import chromium
from tools.gzip_server import serve

ROOT = Path(__file__).resolve().parent.parent
LIGHTHOUSE = "lighthouse@12.8.2"
FLAGS = "--headless --no-sandbox --disable-gpu --disable-background-networking"
OURS = {"performance": 0.90, "accessibility": 1.0, "best-practices": 1.0, "seo": 1.0}  # at least
BYTES, SHIFT, TIMES_STOCK = 350 * 1024, 0.01, 2.5


def build(folder, target):
    jupyter_book = Path(sys.executable).with_name("jupyter-book")
    command = [jupyter_book, "build", folder, "--path-output", target, "--all", "-q"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{done.stderr}\nThe site cannot be built")
    return target / "_build" / "html"


def stock(folder):
    """A copy of the book with Jupyter Book's own settings."""
    shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(".*", "_build", "tests", "website", "solutions"))
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    config["sphinx"] = {"config": {"mathjax_path": "../mathjax/tex-mml-chtml.js", "html_extra_path": ["extra"]}}
    config["parse"] = {"myst_enable_extensions": ["colon_fence", "deflist", "dollarmath", "tasklist"]}
    (folder / "_config.yml").write_text(yaml.safe_dump(config), encoding="utf-8")
    shutil.copytree(Path(mathjax.__file__).parent / "static" / "mathjax" / "es5", folder / "extra" / "mathjax")
    return folder


def measure(address, browser):
    """Lighthouse's report on one page."""
    command = ["npx", "--yes", LIGHTHOUSE, address, "--quiet", "--output=json", f"--chrome-flags={FLAGS}"]
    command.append(f"--only-categories={','.join(OURS)}")
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ | {"CHROME_PATH": browser})
    if done.returncode:
        sys.exit(f"{done.stderr}\nLighthouse failed on {address}")
    return json.loads(done.stdout)


def summary(reports):
    """Medians of the scores, of the bytes and of the layout shift."""
    scores = {name: statistics.median(r["categories"][name]["score"] for r in reports) for name in OURS}
    audits = {"bytes": "total-byte-weight", "shift": "cumulative-layout-shift"}
    return scores | {k: statistics.median(r["audits"][a]["numericValue"] for r in reports) for k, a in audits.items()}


def bench_lighthouse(options):
    browser = chromium.find()
    if not browser or not shutil.which("npx"):
        sys.exit("Lighthouse needs Node's npx and a Chromium, and one of them is missing here")
    kept = []
    with tempfile.TemporaryDirectory() as folder:
        site = build(ROOT, Path(folder) / "ours")
        twin = build(stock(Path(folder) / "stock"), Path(folder) / "twin")
        with serve(site) as ours, serve(twin) as theirs:
            for path in sorted(ROOT.glob("chapters/*.ipynb")):
                page = f"chapters/{path.stem}.html"
                pairs = [
                    (measure(ours + page, browser), measure(theirs + page, browser)) for _ in range(options.rounds)
                ]
                mine, other = (summary(reports) for reports in zip(*pairs, strict=True))
                ratio = mine["performance"] / other["performance"]
                good = all(mine[name] >= least for name, least in OURS.items())
                good &= mine["bytes"] <= BYTES and mine["shift"] <= SHIFT and ratio >= TIMES_STOCK
                scores = " ".join(f"{mine[name]:.2f}" for name in OURS)
                print(
                    f"{path.stem:20} {scores}   {mine['bytes'] / 1024:4.0f} KiB, shift {mine['shift']:.3f};"
                    f" stock {other['performance']:.2f}, {other['bytes'] / 1024:5.0f} KiB; {ratio:.1f} ×"
                    f"   {'ok' if good else 'BELOW'}",
                    flush=True,
                )
                kept.append(good)
    return kept
