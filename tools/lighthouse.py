"""Lighthouse on every chapter, beside the same page built by Jupyter Book as it comes: for `make bench`.

The stock build has the same notebooks and no extension of ours: MathJax and Vega come from a CDN, as Jupyter Book and
Altair have it, and charts are drawn by the HTML that Altair makes by default. This machine plays the CDN, under another
port and without TLS, which makes it faster than it is for a reader. All is served with gzip; Lighthouse simulates a
cheap phone on a slow network (its mobile preset).
"""

import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import altair
import nbformat
import yaml

from tools import book, chromium
from tools.gzip_server import serve

LIGHTHOUSE = "lighthouse@12.8.2"
ON_CDN = ["mathjax@3", "vega@5", "vega-lite@5.20.1", "vega-embed@6"]
FLAGS = "--headless --no-sandbox --disable-gpu --disable-background-networking"
OURS = {"performance": 0.98, "accessibility": 1.0, "best-practices": 1.0, "seo": 1.0}  # at least
BYTES, FIRST_PAINT, SHIFT, TIMES_STOCK = 200 * 1024, 1300, 0.01, 2.5  # bytes, ms


def build(folder, target):
    done = book.build(folder, target, strict=False)
    if done.returncode:
        sys.exit(f"{done.stderr}\nThe site cannot be built")
    return target / "_build" / "html"


def stock(folder, cdn):
    """A copy of the book with Jupyter Book's and Altair's own settings, which takes their scripts from `cdn`."""
    shutil.copytree(book.ROOT, folder, ignore=shutil.ignore_patterns(".*", "_build", "tests", "website", "solutions"))
    config = yaml.safe_load((book.ROOT / "_config.yml").read_text(encoding="utf-8"))
    config["sphinx"] = {"config": {"mathjax_path": f"{cdn}mathjax/es5/tex-mml-chtml.js"}}
    config["parse"] = {"myst_enable_extensions": ["colon_fence", "deflist", "dollarmath", "tasklist"]}
    (folder / "_config.yml").write_text(yaml.safe_dump(config), encoding="utf-8")
    altair.renderers.enable("html")
    for path in folder.glob("chapters/*.ipynb"):
        notebook = nbformat.read(path, as_version=4)
        for data in (output.get("data", {}) for cell in notebook.cells for output in cell.get("outputs", [])):
            if chart := data.pop("application/vnd.vegalite.v5+json", None):
                page = altair.renderers.get()(chart)["text/html"]
                address = r"https://cdn\.jsdelivr\.net/npm/([a-z-]+)[@\d.]*\?noext"
                page = re.sub(address, rf"{cdn}\1/build/\1.min.js", page)
                if "jsdelivr" in page:
                    sys.exit("Altair takes its scripts from an address that this bench does not know")
                data["text/html"] = page
        nbformat.write(notebook, path)
    return folder


def measure(address, browser):
    """Lighthouse's report on one page."""
    command = ["npx", "--yes", LIGHTHOUSE, address, "--quiet", "--output=json", f"--chrome-flags={FLAGS}"]
    command.append(f"--only-categories={','.join(OURS)}")
    command.append("--skip-audits=target-size")  # it takes sections that are not laid out yet; the tests' axe waits
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ | {"CHROME_PATH": browser})
    if done.returncode:
        sys.exit(f"{done.stderr}\nLighthouse failed on {address}")
    return json.loads(done.stdout)


def summary(reports):
    """Medians of the scores, of the bytes, of the first paint and of the layout shift."""
    scores = {name: statistics.median(r["categories"][name]["score"] for r in reports) for name in OURS}
    audits = {"bytes": "total-byte-weight", "shift": "cumulative-layout-shift", "paint": "first-contentful-paint"}
    return scores | {k: statistics.median(r["audits"][a]["numericValue"] for r in reports) for k, a in audits.items()}


def bench_lighthouse(options):
    browser = chromium.find()
    if not browser or not shutil.which("npx"):
        sys.exit("Lighthouse needs Node's npx and a Chromium, and one of them is missing here")
    kept = []
    with tempfile.TemporaryDirectory() as folder, serve(Path(folder) / "node_modules") as cdn:
        if subprocess.run(["npm", "install", "--silent", "--prefix", folder, *ON_CDN]).returncode:
            sys.exit("npm cannot install what the stock page takes from a CDN")
        site = build(book.ROOT, Path(folder) / "ours")
        twin = build(stock(Path(folder) / "stock", cdn), Path(folder) / "twin")
        with serve(site) as ours, serve(twin) as theirs:
            for path in book.chapters():
                page = f"chapters/{path.stem}.html"
                pairs = [
                    (measure(ours + page, browser), measure(theirs + page, browser)) for _ in range(options.rounds)
                ]
                mine, other = (summary(reports) for reports in zip(*pairs, strict=True))
                ratio = mine["performance"] / other["performance"]
                good = all(mine[name] >= least for name, least in OURS.items())
                good &= mine["bytes"] <= BYTES and mine["paint"] <= FIRST_PAINT
                good &= mine["shift"] <= SHIFT and ratio >= TIMES_STOCK
                scores = " ".join(f"{mine[name]:.2f}" for name in OURS)
                print(
                    f"{path.stem:20} {scores}   {mine['bytes'] / 1024:4.0f} KiB, {mine['paint'] / 1000:.2f} s,"
                    f" shift {mine['shift']:.3f};"
                    f" stock {other['performance']:.2f}, {other['bytes'] / 1024:5.0f} KiB; {ratio:.1f} ×"
                    f"   {'ok' if good else 'BELOW'}",
                    flush=True,
                )
                kept.append(good)
    return kept
