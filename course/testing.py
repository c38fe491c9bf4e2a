"""The test process: trusted code alone. It runs locked cells and tests; answers are asked for, see `session`.

First every cell at its place, tests up to their hidden part. When no code of the student will print anything any more,
the hidden parts, each with all names as they were at its place: what they hand over can then be told to nobody.
"""

import base64
import io
import sys
import warnings
from contextlib import redirect_stderr, redirect_stdout

from nbgrader.utils import is_locked

from . import wire
from .assignment import is_test, segments
from .basics import Limits, named
from .cells import Outputs, Stream
from .session import Dead, Session, Slow
from .stubs import Unusable, checked, stub, value_of

ATTEMPTS = 3  # after an answer process died, without what it died of


class Examination:
    """One run of a notebook through both processes."""

    def __init__(self, notebook, names, session, limits, skip):
        self.cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
        self.names, self.session, self.skip = names, session, skip
        self.outputs, self.place, self.spaces = Outputs(limits.text, limits.figures), None, {}
        self.passed, self.problems, self.failed = [], [], {}
        self.shared = {"__name__": "__main__"}

    def note(self, problem):
        if problem not in self.problems:
            self.problems.append(problem)

    def ask(self, do, name=None, **question):
        """Ask the answer process during a test; what it prints meanwhile belongs to the test."""
        question |= {"name": name} if name else {}
        try:
            reply = self.session.ask(do, **question)
        except Slow:
            self.note(f"{named(self.place)} ran too long and was stopped")
            raise TimeoutError(f"{name or 'it'} ran too long and was stopped") from None
        shown(reply, self.outputs)
        if isinstance(reply.get("error"), list) and len(reply["error"]) == 3:
            self.outputs.write("stderr", str(reply["error"][2]))
        return checked(name or "the answer", reply)

    def visible(self):
        last = max((k for k, cell in enumerate(self.cells) if is_test(cell)), default=-1)
        end = max((k for k, cell in enumerate(self.cells) if not is_locked(cell)), default=-1)
        for k, cell in enumerate(self.cells):
            self.place, cell.execution_count = cell, k + 1
            if is_test(cell):
                self.session.ask("mark", mark=k)
                self.spaces[k] = self.space(k)
                self.part(k, cell, hidden=False)
                cell.outputs = self.outputs.take()
                continue
            if is_locked(cell) and k > max(last, end):
                cell.outputs = [stream("This cell is not run: nothing of yours follows it.\n")]
                continue
            if k in self.skip:
                cell.outputs = [stream(f"This cell was not run: {self.skip[k]}.\n")]
                continue
            if is_locked(cell) and k < last:
                try:
                    self.execute(cell.source, self.shared)
                except Exception as error:
                    raise RuntimeError(f"{named(cell)} fails among the tests: {error}") from error
                self.outputs.take()
            try:
                reply = self.session.ask("cell", code=cell.source)
                shown(reply, self.outputs)
            except Slow as slow:
                self.note(f"{named(cell)} ran too long and was stopped")
                shown(slow.args[0], self.outputs)
            cell.outputs = self.outputs.take()

    def hidden(self):
        for k, cell in enumerate(self.cells):
            if is_test(cell):
                self.place = cell
                if named(cell) not in self.failed:
                    self.session.ask("back", mark=k)
                    self.part(k, cell, hidden=True)
                    self.outputs.take()
                if named(cell) not in self.failed:
                    self.passed.append(named(cell))

    def space(self, k):
        """The names of a test: those of the locked cells before it, and stand-ins for what answers define."""
        known = dict(self.shared)
        for name, kind in self.names.items():
            if kind == "function":
                if self.session.ask("has", name=name).get("value") is True:
                    known[name] = stub(name, self.ask)
                continue
            try:
                known[name] = value_of(name, self.ask)
            except NameError:
                known.pop(name, None)
            except Unusable as unusable:  # said when the test is run
                return unusable
        return known

    def part(self, k, cell, hidden):
        try:
            if k in self.skip:
                raise RuntimeError(self.skip[k])
            if isinstance(self.spaces[k], Exception):
                raise self.spaces[k]
            for secret, source in segments(cell.source):
                if secret == hidden:
                    self.execute(source, self.spaces[k])
        except Dead:
            raise
        except (Exception, SystemExit) as error:
            self.failed[named(cell)] = "hidden" if hidden else "visible"
            text = str(error)[:2000]
            self.outputs.kept.append(
                {"output_type": "error", "ename": type(error).__name__, "evalue": text, "traceback": []}
            )

    def execute(self, source, space):
        ours = self.outputs
        with (
            redirect_stdout(Stream(ours, "stdout")),
            redirect_stderr(Stream(ours, "stderr")),
            warnings.catch_warnings(),
        ):
            warnings.simplefilter("ignore")
            try:
                exec(compile(source, "the test", "exec"), space)
            except wire.Unfit as unfit:
                raise Unusable(f"the answer holds {unfit}") from None
            finally:
                draw(ours)


def shown(reply, outputs):
    """Take over what an answer process says was put out, if it looks like that."""
    given = reply.get("outputs")
    for output in given if isinstance(given, list) else []:
        kind = output.get("output_type") if isinstance(output, dict) else None
        if kind == "stream":
            outputs.write("stderr" if output.get("name") == "stderr" else "stdout", str(output.get("text")))
        elif kind in ("display_data", "execute_result") and isinstance(output.get("data"), dict):
            outputs.show(output["data"], {}, 1 if kind == "execute_result" else None)
        elif kind == "error":
            lines = output.get("traceback")
            lines = [str(line) for line in lines] if isinstance(lines, list) else []
            made = {"output_type": "error", "ename": str(output.get("ename")), "evalue": str(output.get("evalue"))}
            if outputs.fits("text", sum(map(len, lines))):
                outputs.kept.append(made | {"traceback": lines})


def draw(outputs):
    """Keep the figures that a test drew."""
    plots = sys.modules.get("matplotlib.pyplot")
    for number in plots.get_fignums() if plots else []:
        raw = io.BytesIO()
        plots.figure(number).savefig(raw, format="png", bbox_inches="tight")
        outputs.show({"image/png": base64.b64encode(raw.getvalue()).decode()}, {})
    if plots:
        plots.close("all")


def stream(text):
    return {"output_type": "stream", "name": "stdout", "text": text}


def examine(notebook, names: dict[str, str], files: dict[str, bytes], limits: Limits, isolate: bool) -> dict:
    """Run and test a normalised notebook; what its cells put out is stored in it. Returns what passed and what was odd.

    `names`: what the solution's answer cells define, each a "function" or "data".
    """
    import time

    import torch

    skip, problems, end = {}, [], None
    for _ in range(ATTEMPTS):
        torch.set_default_dtype(torch.float32)
        session = Session(files, limits, isolate)
        session.end = end = end or session.end
        run = Examination(notebook, names, session, limits, skip)
        try:
            run.visible()
            run.hidden()
        except (Dead, Slow, wire.Unfit) as dead:
            why = str(dead) if isinstance(dead, Dead) else "the answer process said what makes no sense"
            why = "it ran too long" if isinstance(dead, Slow) else why
            problems.append(f"{why}, in {named(run.place)}")
            skip[run.cells.index(run.place)] = why
            if time.monotonic() > end:
                break
            continue
        finally:
            session.close()
        break
    problems = list(dict.fromkeys(problems + run.problems))
    return {"passed": run.passed, "failed": run.failed, "error": problems}
