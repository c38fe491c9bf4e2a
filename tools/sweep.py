"""Run the chapters with other seeds, steps and starts, and report what changes: does the story hold elsewhere?

Usage: python -m tools.sweep [chapter ...]     (default: every chapter of tools/sweep.yaml, which says how to read it)

Each variant is a copy of the notebook with the arguments of the table changed, run in a kernel of its own; a failing
assertion or cell is noted, and the run goes on. What counts as a change, against the outputs that are stored:

- *fails*: an assertion that holds on the page, or a cell, fails;
- *sign*: a printed number has the other sign;
- *order*: of two numbers in one printed line, or in one column of lines that follow each other, the other one is
  larger, and both times by more than a twentieth of the larger (nearer ones are taken for equal);
- *words*: the words of a printed line, or how many numbers it has, differ.

A change that no entry under `explained` fits makes the exit status 1.
"""

import ast
import re
import sys
from copy import deepcopy
from itertools import combinations, pairwise, product

import nbformat
import yaml
from nbclient.exceptions import CellTimeoutError, DeadKernelError

from tools.book import ROOT, client

SECONDS_PER_CELL = 600
SEEDS, STEPS, OTHERS = (0, 100, 200), (1, 0.5, 2, 5), (False, True)  # added, multiplied, taken or not
KINDS = {"seed", "steps", "start", "width", "n"}  # the last three are "other": the table gives their new text
NUMBER = re.compile(r"[-−]?\b\d+(?:\.\d+)?(?:e[-+]?\d+)?")
INTEGER = re.compile(r"(?<![\w.])\d[\d_]*(?![\w.])")


def table():
    return yaml.safe_load((ROOT / "tools" / "sweep.yaml").read_text(encoding="utf-8"))


def read(chapter):
    return nbformat.read(ROOT / "chapters" / f"{chapter}.ipynb", as_version=4)


def problems(chapter, rows, notebook):
    """What is wrong with the chapter's rows of the table, each as a sentence."""
    cells = {cell.id: cell for cell in notebook.cells}
    prose = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    for row in [*rows.get("knobs", []), *rows.get("explained", [])]:
        if row["cell"] not in cells:
            yield f"{chapter}: there is no cell {row['cell']}"
    for knob in rows.get("knobs", []):
        where, old = f"{chapter}, cell {knob['cell']}", knob["old"]
        found = cells[knob["cell"]].source.count(old) if knob["cell"] in cells else 1
        if found != 1:
            yield f"{where}: {old!r} stands {found} times in it, wanted once"
        if knob["what"] not in KINDS:
            yield f"{where}: {knob['what']!r} is none of {', '.join(sorted(KINDS))}"
        elif (knob["what"] in ("seed", "steps")) == ("new" in knob):
            yield f"{where}: a seed or steps have no new text, everything else has one ({old!r})"
        elif "new" not in knob and len(INTEGER.findall(old)) != 1:
            yield f"{where}: {old!r} must hold one whole number"
    for entry in rows.get("explained", []):
        if not set(entry["knobs"]) <= KINDS:
            yield f"{chapter}, cell {entry['cell']}: {entry['knobs']} are none of {', '.join(sorted(KINDS))}"
        if entry.get("page") and entry["page"] not in prose:
            yield f"{chapter}, cell {entry['cell']}: {entry['page']!r} stands nowhere on the page"


def variants(rows):
    """Every combination but the page's own: (its name, the kinds that are turned, [(cell, old text, new text)])."""
    knobs = rows.get("knobs", [])
    kinds = {knob["what"] for knob in knobs}
    others = sorted(kinds - {"seed", "steps"})
    seeds, steps = SEEDS if "seed" in kinds else SEEDS[:1], STEPS if "steps" in kinds else STEPS[:1]
    for plus, times, other in product(seeds, steps, OTHERS if others else OTHERS[:1]):
        names = {"seed": f"seed + {plus}"} if plus else {}
        names |= {"steps": f"steps × {times}"} if times != 1 else {}
        names |= {kind: f"another {kind}" for kind in others} if other else {}
        changes = []
        for knob in knobs:
            if knob["what"] in names:
                number = int(INTEGER.search(knob["old"])[0]) if "new" not in knob else 0
                value = number + plus if knob["what"] == "seed" else max(1, int(number * times))
                changes.append((knob["cell"], knob["old"], knob.get("new", INTEGER.sub(str(value), knob["old"]))))
        if names:
            yield ", ".join(names.values()), set(names), changes


class Noted(ast.NodeTransformer):
    """Let an assertion that fails say so, and the cell go on."""

    def visit_Assert(self, node):
        said = f"print({('assert ' + ast.unparse(node.test))!r}, file=__import__('sys').stderr)"
        return ast.parse(f"if not ({ast.unparse(node.test)}):\n    {said}").body[0]


def run(notebook, changes):
    """{cell id: (printed text, [what failed])} of a variant of the notebook."""
    notebook = deepcopy(notebook)
    cells = {cell.id: cell for cell in notebook.cells}
    for name, old, new in changes:
        cells[name].source = cells[name].source.replace(old, new)
    for cell in cells.values():
        if cell.cell_type == "code" and "raises-exception" not in cell.metadata.get("tags", []):
            cell.source = ast.unparse(Noted().visit(ast.parse(cell.source)))
    try:
        client(notebook, ROOT / "chapters", timeout=SECONDS_PER_CELL, allow_errors=True).execute()
    except (CellTimeoutError, DeadKernelError) as error:  # the cells below did not run: they differ as well
        notebook.cells[-1].outputs = [
            nbformat.v4.new_output("error", ename=type(error).__name__, evalue=str(error)[:80])
        ]
    return {cell.id: printed(cell) for cell in notebook.cells if cell.cell_type == "code"}


def printed(cell):
    texts, failed = [], []
    for output in cell.get("outputs", []):
        if output.output_type == "error" and "raises-exception" not in cell.metadata.get("tags", []):
            failed.append(f"{output.ename}: {output.evalue}"[:200])
        elif output.get("name") == "stderr":
            failed += [line for line in output.text.splitlines() if line.startswith("assert ")]
        elif output.output_type == "stream":
            texts.append(output.text)
    return "".join(texts), failed


def numbers(line):
    return [float(number.replace("−", "-")) for number in NUMBER.findall(line)]


def words(line):
    return " ".join(NUMBER.sub("#", line).split())


def flips(first, second):
    """Whether of two numbers, on the page and in the variant, the other one is clearly larger."""
    gaps = [(a - b) * (abs(a - b) > 0.05 * max(abs(a), abs(b))) for a, b in (first, second)]
    return gaps[0] * gaps[1] < 0


def differences(old, new):
    """What differs between two printed texts: (kind, line of the old text)."""
    before, after = old.splitlines(), new.splitlines()
    if len(before) != len(after):
        yield "words", f"{len(before)} lines, now {len(after)}"
        return
    rows = []
    for line, other in zip(before, after, strict=True):
        pair = numbers(line), numbers(other)
        if words(line) != words(other):
            yield "words", line
            pair = [], []
        elif any(a * b < 0 for a, b in zip(*pair, strict=True)):
            yield "sign", line
        rows.append((line, *pair))
        both = combinations(zip(*pair, strict=True), 2)  # ((a on the page, a now), (b on the page, b now))
        if any(flips((a, b), (c, d)) for (a, c), (b, d) in both):
            yield "order", line
    for above, below in pairwise(rows):
        columns = zip(above[1], below[1], above[2], below[2], strict=False)
        if len(above[1]) == len(below[1]) and any(flips((a, b), (c, d)) for a, b, c, d in columns):
            yield "order", f"{above[0]} / {below[0]}"


def explained(rows, cell, text, turned):
    return any(
        entry["cell"] == cell and entry["says"] in text and turned & set(entry["knobs"])
        for entry in rows.get("explained", [])
    )


def sweep(chapter, rows):
    """Run all variants of a chapter, print what changes. Returns how many changes nothing explains."""
    notebook = read(chapter)
    page = {cell.id: printed(cell) for cell in notebook.cells if cell.cell_type == "code"}
    seen = {}  # {(cell, kind, line): [(variant, is it explained?)]}
    todo = list(variants(rows))
    for name, turned, changes in todo:
        for cell, (text, failed) in run(notebook, changes).items():
            found = [("fails", line) for line in failed] + list(differences(page[cell][0], text))
            for kind, line in dict.fromkeys(found):
                seen.setdefault((cell, kind, line), []).append((name, explained(rows, cell, line, turned)))
        print(f"  {chapter}: {name}", file=sys.stderr, flush=True)
    print(f"{chapter}: {len(todo)} variants, {len(seen)} changes")
    for (cell, kind, line), where in seen.items():
        open_ = [name for name, reason in where if not reason]
        said = "UNEXPLAINED" if open_ else "explained"
        print(f"  {said}  {cell}  {kind}  in {len(where)}: {'; '.join(open_[:4]) or where[0][0]}\n    {line.strip()}")
    return sum(any(not reason for _, reason in where) for where in seen.values())


def main(names):
    chapters = table()
    unknown = [name for name in names if name not in chapters]
    wrong = [problem for name, rows in chapters.items() for problem in problems(name, rows, read(name))]
    if unknown or wrong:
        print("\n".join([*wrong, *(f"tools/sweep.yaml has no chapter {name!r}" for name in unknown)]), file=sys.stderr)
        return 2
    left = {name: sweep(name, chapters[name]) for name in names or chapters}
    print(f"unexplained changes: {sum(left.values())}")
    return min(sum(left.values()), 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
