"""What crosses between the process with the answers and the one with the tests: data, never code.

A message is a line of JSON behind its length. A value is None, a bool, a number, a text, a list, tuple or dict of such,
a NumPy array or a tensor. Whoever reads trusts nothing: kinds, shapes, sizes and depth are checked.
"""

import base64
import json
import math
import struct
import sys

import numpy as np

DEPTH, NODES, DIGITS = 20, 100_000, 4000
KINDS = {"bool": 1, "uint8": 1, "int8": 1, "int16": 2, "int32": 4, "int64": 8, "float16": 2, "float32": 4}
KINDS |= {"float64": 8, "complex64": 8, "complex128": 16}
TENSORS = KINDS | {"bfloat16": 2}
ARRAYS = KINDS | {"uint16": 2, "uint32": 4, "uint64": 8}


class Unfit(Exception):
    """Why a value cannot cross, or a message is none."""


def encode(value, depth=DEPTH, leaves=None):
    """The value as JSON can hold it. `leaves` collects the tensors that need a gradient; numbers stand for them."""
    torch = sys.modules.get("torch")  # without it there are no tensors
    if depth == 0:
        raise Unfit("something nested too deeply")
    if value is None or isinstance(value, bool | str):
        return value if isinstance(value, bool | None) else {"s": str(value)}
    if torch and isinstance(value, torch.Tensor):
        if value.layout != torch.strided:
            raise Unfit("a sparse tensor")
        plain = value.detach().as_subclass(torch.Tensor)
        if leaves is not None and value.requires_grad:
            leaves.append(value)
            return {"leaf": len(leaves) - 1}
        kind = str(plain.dtype).removeprefix("torch.")
        if kind not in TENSORS:
            raise Unfit(f"a tensor of {kind}")
        flat = plain.cpu().resolve_conj().resolve_neg().contiguous().reshape(-1)
        raw = flat.view(torch.uint8).numpy().tobytes() if flat.numel() else b""
        return {"t": kind, "shape": list(plain.shape), "b": base64.b64encode(raw).decode()}
    if isinstance(value, np.ndarray | np.generic):
        array = np.asarray(value)
        if str(array.dtype) not in ARRAYS:
            raise Unfit(f"an array of {array.dtype}")
        made = {"a": str(array.dtype), "shape": list(array.shape), "b": base64.b64encode(array.tobytes()).decode()}
        return made | ({"scalar": True} if isinstance(value, np.generic) else {})
    if isinstance(value, int):
        if int(value).bit_length() > 3 * DIGITS:
            raise Unfit("an integer of thousands of digits")
        return {"i": str(int(value))}
    if isinstance(value, float):
        return {"f": float(value).hex()}
    if isinstance(value, complex):
        return {"c": [value.real.hex(), value.imag.hex()]}
    if isinstance(value, list | tuple):
        kind = "tuple" if isinstance(value, tuple) else "list"
        return {kind: [encode(item, depth - 1, leaves) for item in value]}
    if isinstance(value, dict):
        return {"dict": [[encode(k, depth - 1), encode(v, depth - 1, leaves)] for k, v in value.items()]}
    if hasattr(type(value), "__array__"):
        return encode(np.asarray(value), depth - 1)
    raise Unfit(f"a {type(value).__name__}")


def shaped(message, widths):
    """Kind, shape and bytes of an array, checked against each other."""
    kind, shape, raw = message.get("t") or message.get("a"), message["shape"], base64.b64decode(message["b"])
    if kind not in widths or not all(type(n) is int and n >= 0 for n in shape) or len(shape) > 30:
        raise Unfit("an array that is none")
    if math.prod(shape) * widths[kind] != len(raw):
        raise Unfit("an array of another size than it says")
    return kind, shape, bytearray(raw)


def decode(message, leaves=(), depth=DEPTH, budget=None):
    """The value of what `encode` made; a tensor that needs a gradient is taken from `leaves`. Raises Unfit."""
    budget = budget if budget is not None else [NODES]
    budget[0] -= 1
    if depth < 0 or budget[0] < 0:
        raise Unfit("something too large or nested too deeply")
    if message is None or isinstance(message, bool):
        return message
    try:
        if "leaf" in message and leaves:
            return leaves[message["leaf"]]
        if "t" in message:
            import torch

            kind, shape, raw = shaped(message, TENSORS)
            dtype = getattr(torch, kind)
            made = torch.frombuffer(raw, dtype=torch.uint8).view(dtype) if raw else torch.empty(0, dtype=dtype)
            return made.clone().reshape(shape)
        if "a" in message:
            kind, shape, raw = shaped(message, ARRAYS)
            made = np.frombuffer(raw, dtype=kind).reshape(shape).copy()
            return made[()] if message.get("scalar") is True and not shape else made
        if "s" in message:
            return str(message["s"])
        if "i" in message:
            return int(message["i"])
        if "f" in message:
            return float.fromhex(message["f"])
        if "c" in message:
            return complex(*map(float.fromhex, message["c"]))
        for kind, make in (("list", list), ("tuple", tuple)):
            if kind in message:
                return make([decode(item, leaves, depth - 1, budget) for item in message[kind]])
        pairs = [[decode(part, leaves, depth - 1, budget) for part in pair] for pair in message["dict"]]
        return {key: value for key, value in pairs}
    except Unfit:
        raise
    except Exception:
        raise Unfit("something that is no value") from None


def pack(message) -> bytes:
    raw = json.dumps(message).encode()
    return struct.pack(">I", len(raw)) + raw


def unpack(raw: bytes) -> dict:
    """A message that came from outside. Raises Unfit."""
    try:
        message = json.loads(raw)
    except (ValueError, RecursionError, MemoryError):
        raise Unfit("a message that is none") from None
    if not isinstance(message, dict):
        raise Unfit("a message that is none")
    return message
