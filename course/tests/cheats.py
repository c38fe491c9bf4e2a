"""Submissions that answer the comparison, not the question: {name: (code, points of the two questions)}.

The code stands in the first answer cell; the second has the same functions. Unless it says otherwise both are wrong
everywhere, and deserve nothing.
"""

from .conftest import ZERO

WRONG = "\ndef double(x):\n    return {}\n\n\ndef triple(x):\n    return {}\n"
SIX = {  # patched comparisons: six that once got everything
    "alias of torch": "import torch as t\nt.Tensor.isclose = lambda *a, **k: t.ones((), dtype=bool)",
    "type of a tensor": "import torch\ntype(torch.ones(1)).isclose = lambda *a, **k: torch.ones((), dtype=bool)",
    "update_wrapper": (
        "import functools, torch\n\n\ndef yes(*a, **k):\n    return torch.ones((), dtype=bool)\n\n\n"
        "class Yes:\n    isclose = yes\n\n\n"
        "functools.update_wrapper(torch.Tensor, Yes, assigned=['isclose'], updated=[])"
    ),
    "torch.builtins.exec": (
        "import torch\ntorch.builtins.exec('from lib import checks\\nchecks.check = lambda *a, **k: None')"
    ),
    "setattr of checks": "import lib.checks\nvars(lib.checks)['check'] = lambda *a, **k: None",
}
TENSOR = (
    "import torch\n\n\nclass Yes(torch.Tensor):\n    def isclose(self, *a, **k):\n"
    "        return torch.ones((), dtype=bool)\n"
    "    def __eq__(self, other):\n        return True\n"
    "    @classmethod\n    def __torch_function__(cls, f, types, args=(), kwargs=None):\n"
    "        return torch.ones((), dtype=bool)\n\n\nyes = torch.zeros(()).as_subclass(Yes)"
)
CLASS = "class Yes{}:\n    def __eq__(self, other):\n        return True\n    __hash__ = None\n\n\nyes = Yes({})"
PEEK = """
import gc, inspect, linecache, sys


def look(x):
    found = []
    frame = sys._getframe()
    while frame:
        found += [v for v in {**frame.f_globals, **frame.f_locals}.values() if isinstance(v, float) and v != x]
        frame = frame.f_back
    text = str(linecache.cache) + str(inspect.stack(0)) + "".join(o for o in gc.get_objects() if isinstance(o, str))
    for k in (2, 3):
        if f"{k} * x" in text or f"== {k * x}" in text or k * x in found:
            return k * x
    return 0
"""
FORGE = """
import json, os, struct
text = json.dumps({})
for fd in range(3, 20):
    try:
        os.write(fd, struct.pack(">I", len(text)) + text.encode())
    except OSError:
        pass
"""
OURS = "import sys\nours = next(o for o in __import__('gc').get_objects() if type(o).__name__ == 'Answers')\n"
CHEATS = {
    **{name: (code + WRONG.format("0.0", "0.0"), ZERO) for name, code in SIX.items()},
    "tensor subclass": (TENSOR + WRONG.format("yes", "yes"), ZERO),
    "equal to all": (CLASS.format("", "") + WRONG.format("yes", "yes"), ZERO),
    "a float equal to all": (CLASS.format("(float)", "1") + WRONG.format("yes", "yes"), ZERO),
    "an int equal to all": (CLASS.format("(int)", "1") + WRONG.format("yes", "yes"), ZERO),
    "a text equal to all": (CLASS.format("(str)", "'1'") + WRONG.format("yes", "yes"), ZERO),
    "a list equal to all": (CLASS.format("(list)", "[1]") + WRONG.format("yes", "yes"), ZERO),
    "__array__": (
        "import numpy as np\n\n\nclass Many:\n    def __array__(self, *a, **k):\n        return np.arange(9.0)\n"
        + WRONG.format("Many()", "Many()"),
        ZERO,
    ),
    "ufunc": (
        "import numpy as np\n\n\nclass Yes(np.ndarray):\n    def __array_ufunc__(self, *a, **k):\n        return True\n"
        "    def __array_function__(self, *a, **k):\n        return True\n"
        + WRONG.format("np.zeros(()).view(Yes)", "np.zeros(()).view(Yes)"),
        ZERO,
    ),
    "NaN": (WRONG.format("float('nan')", "float('nan')"), ZERO),
    "infinity": (WRONG.format("float('inf')", "float('inf')"), ZERO),
    "minus infinity": (WRONG.format("-float('inf')", "-float('inf')"), ZERO),
    "None": (WRONG.format("None", "None"), ZERO),
    "True": (WRONG.format("True", "True"), ZERO),
    "complex": (WRONG.format("2 * x + 1j", "3 * x + 1j"), ZERO),
    "a text of the number": (WRONG.format("str(2 * x)", "str(3 * x)"), ZERO),
    "the argument": (WRONG.format("x", "x"), ZERO),
    "a column": (WRONG.format("[[2 * x]]", "[[3 * x]]"), ZERO),
    "many numbers": (WRONG.format("[k * x for k in range(9)]", "[k * x for k in range(9)]"), ZERO),
    "a set": (WRONG.format("{2 * x}", "{3 * x}"), ZERO),
    "a generator": (WRONG.format("(k * x for k in (2,))", "(k * x for k in (3,))"), ZERO),
    "a module": ("import sys" + WRONG.format("sys", "sys"), ZERO),
    "a function": (WRONG.format("double", "triple"), ZERO),
    "wrong the second time": (
        "seen = []" + WRONG.format("seen.append(x) or (2 * x if len(seen) == 1 else 0)", "0.0"),
        ZERO,
    ),
    "right at what can be seen": (WRONG.format("22 if x == 11 else 0", "33 if x == 11 else 0"), ZERO),
    "giant text": (WRONG.format("'x' * 10**8", "'x' * 10**8"), ZERO),
    "giant list": (WRONG.format("[0.0] * 10**6", "[0.0] * 10**6"), ZERO),
    "giant array": ("import numpy as np" + WRONG.format("np.zeros(10**7)", "np.zeros(10**7)"), ZERO),
    "giant integer": (WRONG.format("10**100_000", "10**100_000"), ZERO),
    "a list in itself": ("ring = []\nring.append(ring)" + WRONG.format("ring", "ring"), ZERO),
    "deeply nested": (
        "deep = 0\nfor _ in range(10**4):\n    deep = [deep]" + WRONG.format("deep", "deep"),
        ZERO,
    ),
    "recursion": (WRONG.format("double(x)", "triple(x)"), ZERO),
    "looks at the stack": (PEEK + WRONG.format("look(x)", "look(x)"), ZERO),
    "forged messages": (FORGE + WRONG.format("0.0", "0.0"), ZERO),
    "forged answers": (
        OURS + "ours.answer = lambda *a: {'value': {'leaf': 0}, 'leaves': [{'s': 'x'}]}" + WRONG.format("0.0", "0.0"),
        ZERO,
    ),
    "forged shapes": (
        OURS + "ours.answer = lambda *a: {'value': {'t': 'float64', 'shape': [-1, 2**62], 'b': ''}, 'error': 3}"
        "\nours.has = lambda name: {'value': 'yes', 'unfit': [0], 'outputs': 7}" + WRONG.format("0.0", "0.0"),
        ZERO,
    ),
    "forged kinds": (
        OURS
        + "ours.answer = lambda *a: {'value': {'a': 'object', 'shape': [1], 'b': 'AAAA'}}"
        + WRONG.format("0.0", "0.0"),
        ZERO,
    ),
    "forged outputs": (
        OURS
        + "ours.shell.outputs.take = lambda: [0, {'output_type': 'error', 'traceback': 9}, {'text': []}]"
        + WRONG.format("0.0", "0.0"),
        ZERO,
    ),
    "forged encoder": (
        "from course import wire\nwire.encode = lambda *a, **k: {'dict': [[{'list': []}, {'c': [1, 2]}]]}"
        + WRONG.format("0.0", "0.0"),
        ZERO,
    ),
    "an exception like a test's": (
        "class Passed(SystemExit):\n    code = 0\n\n\ndef out(x):\n    raise Passed(0)\n"
        + WRONG.format("out(x)", "out(x)"),
        ZERO,
    ),
    "an exception that cannot be printed": (
        "class Odd(Exception):\n    def __str__(self):\n        raise self\n\n\ndef out(x):\n    raise Odd\n"
        + WRONG.format("out(x)", "out(x)"),
        ZERO,
    ),
    "closes everything": (
        "import os\n\n\ndef out(x):\n    os.closerange(0, 99)\n" + WRONG.format("out(x)", "out(x)"),
        ZERO,
    ),
    "a thread that goes on": (
        "import threading, time\n\n\ndef on():\n    while True:\n        print('on')\n        time.sleep(0.01)\n\n\n"
        "threading.Thread(target=on, daemon=True).start()" + WRONG.format("0.0", "0.0"),
        ZERO,
    ),
    "a fork that goes on": (
        "import os\nos.fork()" + WRONG.format("0.0", "0.0"),
        ZERO,
    ),
    "no print, no import": (
        "import builtins\nbuiltins.__import__ = builtins.print = builtins.isinstance = None"
        + WRONG.format("0.0", "0.0"),
        ZERO,
    ),
    "the names of others": ("x = 0\nchecks = passed = None" + WRONG.format("0.0", "0.0"), ZERO),
    # and what is right, however odd
    "right: a NumPy number": ("import numpy as np" + WRONG.format("np.float64(2 * x)", "np.float64(3 * x)"), [2, 1]),
    "right: an array": ("import numpy as np" + WRONG.format("np.asarray(2.0 * x)", "np.asarray(3 * x)"), [2, 1]),
    "right: x is 0 elsewhere": ("x = 0" + WRONG.format("2 * x", "3 * x"), [2, 1]),
    "right: a lambda": ("double, triple = lambda x: 2 * x, lambda x: 3 * x", [2, 1]),
    "right: a callable": (
        "class Times:\n    def __init__(self, k):\n        self.k = k\n"
        "    def __call__(self, x):\n        return self.k * x\n"
        "\n\ndouble, triple = Times(2), Times(3)",
        [2, 1],
    ),
    "right: half": (WRONG.format("0.0", "x + 2 * x"), [0, 1]),
}
