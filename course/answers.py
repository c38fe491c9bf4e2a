"""The answer process: runs the cells of a student, then says what a name holds and what a function returns.

It is started in the sandbox, one for a notebook, and never receives a test. What it says is only data to whoever asks.
"""

import os
import signal
import struct
import sys

from . import wire
from .cells import Outputs, run, shell

KEPT = 64  # graphs that wait for a backward pass


def plain(error: BaseException) -> list[str]:
    """Name, text and traceback of an exception, as far as it can be printed."""
    import traceback

    try:
        lines = traceback.format_exception(type(error), error, error.__traceback__)
        own = [line for line in lines if "/course/" not in line]
        return [type(error).__name__, str(error)[:2000], "".join(own)[-5000:]]
    except BaseException:
        return [type(error).__name__, "", ""]


class Answers:
    """What can be asked. Each question is a method; each returns a dict for the reply."""

    def __init__(self, text: int, figures: int):
        self.shell = shell(Outputs(text, figures))
        self.names, self.marks, self.graphs = self.shell.user_ns, {}, {}

    def cell(self, code):
        return {"ended": run(self.shell, code)}

    def mark(self, mark):
        """Remember what every name means here."""
        self.marks[mark] = dict(self.names), default_dtype()
        return {}

    def back(self, mark):
        """Let every name mean again what it meant there."""
        names, dtype = self.marks[mark]
        self.names.clear()
        self.names.update(names)
        if dtype is not None:
            sys.modules["torch"].set_default_dtype(dtype)
        return {}

    def has(self, name):
        return {"value": name in self.names}

    def get(self, name):
        if name not in self.names:
            return {"missing": True}
        return {"value": wire.encode(self.names[name])}

    def call(self, name, args, options, leaves, graph):
        points = [wire.decode(leaf).requires_grad_() for leaf in leaves]
        got = self.names[name](*wire.decode(args, points), **wire.decode(options, points))
        return self.answer(got, points, graph)

    def gradient(self, of, leaves, graph, again):
        """The vector-Jacobian product of a call; a graph of its own, whose first leaves are the vectors."""
        import torch

        points, results = self.graphs[of]
        vectors = [wire.decode(leaf).requires_grad_(again) for leaf in leaves[: len(results)]]
        got = torch.autograd.grad(results, points, vectors, allow_unused=True, retain_graph=True, create_graph=again)
        return self.answer(list(got), vectors + points, graph)

    def answer(self, got, points, graph):
        results = [] if points else None
        value = wire.encode(got, leaves=results)
        if results:
            self.graphs[graph] = points, results
            while len(self.graphs) > KEPT:
                del self.graphs[next(iter(self.graphs))]
        return {"value": value, "leaves": [wire.encode(result.detach()) for result in results or []]}


def default_dtype():
    torch = sys.modules.get("torch")
    return torch.get_default_dtype() if torch else None


def main(text: int, figures: int):
    inward, outward = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_RDWR), 0)
    os.dup2(0, 1)
    os.dup2(0, 2)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    ours = Answers(text, figures)
    outward.write(wire.pack({"ready": True}))
    outward.flush()
    while head := inward.read(4):
        question = wire.unpack(inward.read(struct.unpack(">I", head)[0]))
        number = question.pop("number")
        try:
            if question["do"] in ("call", "gradient"):
                reply = quietly(ours, question)
            else:
                reply = getattr(ours, question.pop("do"))(**question)
        except wire.Unfit as unfit:
            reply = {"unfit": str(unfit)}
        except BaseException as error:
            reply = {"error": plain(error)}
        outward.write(wire.pack(reply | {"number": number, "outputs": ours.shell.outputs.take()}))
        outward.flush()


def quietly(ours, question):
    """Answer while what is printed is kept."""
    from contextlib import redirect_stderr, redirect_stdout

    from .cells import Stream

    outputs = ours.shell.outputs
    with redirect_stdout(Stream(outputs, "stdout")), redirect_stderr(Stream(outputs, "stderr")):
        return getattr(ours, question.pop("do"))(**question)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
