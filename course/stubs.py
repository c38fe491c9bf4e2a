"""Stand-ins, in the test process, for what a student defined: each call crosses to the answer process and back.

Gradients cross, too: a result that needs one is attached to a `torch.autograd.Function` whose backward pass asks the
other side for the vector-Jacobian product. That is a crossing itself, so second derivatives need nothing more.
"""

import builtins
import itertools

import torch

from . import wire
from .basics import visible

GRAPHS = itertools.count(1)


class Unusable(TypeError):
    """What was returned cannot be handed over."""


def crossing(ask, leaves, **question):
    """Ask, and attach what is returned to `leaves`, the tensors that it may be differentiated by."""
    graph = next(GRAPHS)
    reply = ask(leaves=[wire.encode(leaf.detach()) for leaf in leaves], graph=graph, **question)
    results = tuple(wire.decode(result) for result in reply.get("leaves", []))
    if results and leaves:
        results = Attach.apply(ask, graph, results, *leaves)
    return wire.decode(reply.get("value"), results)


class Attach(torch.autograd.Function):
    @staticmethod
    def forward(ctx, ask, graph, results, *leaves):
        ctx.ask, ctx.graph = ask, graph
        ctx.save_for_backward(*leaves)
        return results

    @staticmethod
    def backward(ctx, *vectors):
        leaves = [*vectors, *ctx.saved_tensors]
        got = crossing(ctx.ask, leaves, do="gradient", of=ctx.graph, again=torch.is_grad_enabled())
        return None, None, None, *got


def stub(name, ask):
    """A function that lets the answer process call the student's."""

    def function(*args, **options):
        leaves = [] if torch.is_grad_enabled() else None
        given = [wire.encode(part, leaves=leaves) for part in (list(args), options)]
        return crossing(ask, leaves or [], do="call", name=name, args=given[0], options=given[1])

    function.__name__ = function.__qualname__ = name
    return function


def value_of(name, ask):
    """A copy of what a name holds, or Missing."""
    reply = ask(do="get", name=name)
    if reply.get("missing"):
        raise NameError(f"name '{name}' is not defined")
    return wire.decode(reply.get("value"))


def checked(name, reply):
    """The reply, or what it says went wrong, raised here."""
    if "unfit" in reply:
        raise Unusable(
            f"{name} must give numbers, texts, arrays or tensors, or a list, tuple or dict of them, not "
            f"{visible(str(reply['unfit']), 80)}"
        )
    if "error" in reply:
        kind, text, _ = [*map(str, reply["error"]), "", "", ""][:3]
        known = getattr(builtins, kind, None)
        if isinstance(known, type) and issubclass(known, Exception):
            try:
                raise_this = known(text)
            except TypeError:
                raise_this = RuntimeError(f"{kind}: {text}")
        elif kind == "Unfit" or not kind.isidentifier():
            raise_this = RuntimeError(text)
        else:
            raise_this = type(kind, (RuntimeError,), {})(text)
        raise raise_this
    return reply
