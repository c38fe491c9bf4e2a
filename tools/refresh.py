"""Run notebooks in a fresh kernel, top to bottom, and store what they print: the one writer of notebooks.

Usage: python -m tools.refresh [notebook ...]     (default: index.ipynb, and every notebook in chapters/ and solutions/)

A notebook is written only when it ran to its end, and then at one stroke; two runs give the same bytes.
"""

import base64
import io
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import psutil
from nbclient.exceptions import CellExecutionError
from PIL import Image

from tools.book import client, notebooks, save

SECONDS_PER_CELL = 120
COLOURS = 64  # of a stored figure: as good as all of them for lines and letters, at a quarter of the bytes


def shrink(png: str) -> str:
    """A figure in base64, with a palette."""
    with Image.open(io.BytesIO(base64.b64decode(png))) as image:
        small = image.convert("RGB").quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    target = io.BytesIO()
    small.save(target, "PNG", optimize=True)
    return base64.b64encode(target.getvalue()).decode()


def refresh(path: Path) -> str | None:
    """Execute one notebook and replace it. Returns what went wrong, or None."""
    try:
        notebook = nbformat.read(path, as_version=4)
        nbformat.validate(notebook)
    except Exception as error:  # nbformat raises whatever it stumbles over
        return f"{path}: cannot be read as a notebook ({str(error)[:80]})"
    try:
        client(notebook, path.parent, timeout=SECONDS_PER_CELL).execute()
    except (CellExecutionError, RuntimeError, TimeoutError) as error:  # RuntimeError: the kernel died
        return f"{path}: {error}"
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if "image/png" in output.get("data", {}):
                output.data["image/png"] = shrink(output.data["image/png"])
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    try:
        save(path, nbformat.writes(notebook, version=4) + "\n")
    except OSError as error:
        return f"{path}: cannot be written ({error})"
    return None


def main(names: list[str]) -> int:
    paths = [Path(name).resolve() for name in names] or notebooks()
    failures = 0
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Ctrl-C
    with ThreadPoolExecutor(2) as pool:  # in a thread nbclient leaves signals to us
        try:
            for done, (path, problem) in enumerate(zip(paths, pool.map(refresh, paths), strict=True), 1):
                print(f"[{done}/{len(paths)}] {path.name}{': FAILED' if problem else ''}", flush=True)
                if problem:
                    print(problem, file=sys.stderr)
                    failures += 1
        except KeyboardInterrupt:
            pool.shutdown(wait=False, cancel_futures=True)
            for kernel in psutil.Process().children(recursive=True):
                kernel.kill()
            print("Interrupted: every notebook is whole, with its new outputs or with its old ones.", file=sys.stderr)
            return 130
    return min(failures, 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
