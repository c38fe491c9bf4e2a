"""What crosses between the two processes, and that gradients do, twice."""

import json
import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from course import wire
from course.basics import Limits
from course.session import Session
from course.stubs import Unusable, checked, stub

VALUES = [
    None, True, 0, -(10**30), 0.1, -0.0, math.inf, "Zoë\ud800", [1, (2.5, "x")], {"a": {1: None}}, 2 - 1j,
    np.float64(0.1), np.int32(-7), np.arange(6.0).reshape(2, 3), np.zeros((0, 3)), np.array(True),
]  # fmt: skip


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_there_and_back(value):
    got = wire.decode(json.loads(json.dumps(wire.encode(value))))
    assert type(got) is type(value)
    np.testing.assert_equal(got, value)


@pytest.mark.parametrize("kind", wire.TENSORS)
@pytest.mark.parametrize("shape", [(), (3,), (2, 0), (2, 3)])
def test_tensors(kind, shape):
    value = (torch.arange(math.prod(shape)) % 2).reshape(shape).to(getattr(torch, kind))
    got = wire.decode(wire.encode(value))
    assert got.dtype == value.dtype and got.shape == value.shape and torch.equal(got, value)
    turned = value.T if value.ndim == 2 else value
    assert torch.equal(wire.decode(wire.encode(turned)), turned)


def test_nan_and_views():
    assert math.isnan(wire.decode(wire.encode(math.nan)))
    base = torch.arange(6.0).reshape(2, 3)
    assert torch.equal(wire.decode(wire.encode(base[:, 1])), base[:, 1])
    assert torch.equal(wire.decode(wire.encode(torch.tensor([1 + 2j]).conj())), torch.tensor([1 - 2j]))


RING = []
RING.append(RING)


def test_what_cannot_cross():
    for value in (object(), {1}, RING, iter([]), 10**100_000, np.array(["x"]), torch.eye(2).to_sparse()):
        with pytest.raises(wire.Unfit):
            wire.encode(value)


@pytest.mark.parametrize(
    "message",
    [
        {}, {"t": "float64", "shape": [-1], "b": ""}, {"t": "float64", "shape": [2**62, 4], "b": ""}, {"list": 3},
        {"t": "float64", "shape": [2], "b": "AAAA"}, {"t": "object", "shape": [], "b": ""}, {"i": "9" * 10**4},
        {"a": "O", "shape": [1], "b": "AAAAAAAAAAA="}, {"f": "x"}, {"leaf": 0}, {"dict": [[{"list": []}, 1]]}, 3, "x",
        {"list": [None] * (wire.NODES + 1)}, {"t": "float64", "shape": [True], "b": "AAAAAAAAAAA="}, {"c": [1, 2]},
    ],
    ids=lambda message: str(message)[:40],
)  # fmt: skip
def test_what_is_no_value(message):
    with pytest.raises(wire.Unfit):
        wire.decode(message)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.sampled_from(["t", "a", "shape", "b", "i", "leaf", "list"]), inner)
    ),
)


@given(JSON)
def test_anything_is_a_value_or_unfit(message):
    try:
        wire.decode(json.loads(json.dumps(message)))
    except wire.Unfit:
        pass


CODE = """
import torch

torch.set_default_dtype(torch.float64)


def f(x, y=1.0):
    return (x**3).sum() * y, {"n": x.shape[0], "z": [x.sin(), 7]}


def g(pair):
    return pair[0] * pair[1].exp()


def h(x):
    return x.detach()


def fit(x):
    w = torch.zeros(2, requires_grad=True)
    (w.sum() - x).square().backward()
    return w.grad
"""


@pytest.fixture(scope="module")
def ask():
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    session = Session({}, Limits(), False)

    def asking(do, name=None, **question):
        return checked(name, session.ask(do, **question | ({"name": name} if name else {})))

    asking("cell", code=CODE)
    yield asking
    session.close()
    torch.set_default_dtype(before)


def test_values_and_structures(ask):
    total, rest = stub("f", ask)(torch.tensor([1.0, 2.0]), y=2.0)
    assert total == 18 and not total.requires_grad and rest["n"] == 2 and rest["z"][1] == 7


def test_gradients_cross(ask):
    x, y = torch.tensor([0.3, -1.2], requires_grad=True), torch.tensor(0.7, requires_grad=True)
    f, g = stub("f", ask), stub("g", ask)
    assert torch.autograd.gradcheck(lambda x, y: f(x, y=y)[0], (x, y))
    assert torch.autograd.gradcheck(lambda x: f(x)[1]["z"][0], (x,))
    assert torch.autograd.gradcheck(lambda x, y: g([x, y]), (x, y))


def test_second_derivatives_cross(ask):
    x = torch.tensor([0.3, -1.2], requires_grad=True)
    f, g = stub("f", ask), stub("g", ask)
    assert torch.autograd.gradgradcheck(lambda x: f(x)[0], (x,))
    assert torch.autograd.gradgradcheck(lambda x: g((x, x)), (x,))
    assert torch.allclose(torch.autograd.functional.hessian(lambda x: f(x)[0], x.detach()), (6 * x).diag())


def test_where_no_gradient_flows(ask):
    x = torch.ones(2, requires_grad=True)
    assert not stub("h", ask)(x).requires_grad
    with torch.no_grad():
        assert not stub("f", ask)(x)[0].requires_grad
    assert torch.equal(stub("fit", ask)(torch.tensor(3.0)), torch.tensor([-6.0, -6.0]))


def test_errors_keep_their_kind(ask):
    ask(
        "cell",
        code="class Own(Exception):\n    pass\n\n\ndef fail(kind):\n    raise {0: ValueError, 1: Own}[kind]('why')",
    )
    with pytest.raises(ValueError, match="why"):
        stub("fail", ask)(0)
    with pytest.raises(RuntimeError, match="why") as caught:
        stub("fail", ask)(1)
    assert caught.type.__name__ == "Own"
    ask("cell", code="def odd():\n    return torch.nn.Linear(1, 1)")
    with pytest.raises(Unusable, match=r"odd must give numbers, .* not a Linear"):
        stub("odd", ask)()
