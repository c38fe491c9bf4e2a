"""Point a human to code that no honest answer needs. It changes no score: what it names is to be looked at.

It reads what the student wrote and runs nothing. It cannot see through every disguise.
"""

import ast
import re
import warnings

from IPython.core.inputtransformer2 import TransformerManager

from . import named

MODULES = set(
    "__future__ abc altair cmath collections copy dataclasses decimal enum fractions functools itertools lib math"
    " matplotlib numbers numpy operator pandas random scipy seaborn sklearn statistics statsmodels string sympy time"
    " torch typing warnings".split()
)
CALLS = {"breakpoint", "delattr", "exit", "getattr", "input", "locals", "open", "quit", "setattr", "vars"}
NAMES = set(
    "In Out _ih _oh _dh __builtins__ __loader__ __spec__ __import__ compile eval exec globals get_ipython".split()
)
ATTRIBUTES = set(
    "_getframe ast_transformers cr_frame ctypeslib f_back f_globals f_locals from_file fromfile gi_frame load memmap"
    " multiprocessing open os set_custom_exc sys tb_frame tofile".split()
)
METHODS = set(  # that a class may define, and code may use
    "__init__ __call__ __repr__ __str__ __len__ __getitem__ __iter__ __next__ __enter__ __exit__ __post_init__"
    " __name__ __doc__ __version__".split()
)
SECRETS = re.compile(r"solutions\b|gradebook|\.ipynb|/proc/|\.\./|HIDDEN TESTS")


def root(node):
    """The name that a.b.c[0] begins with."""
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else None


def tree_of(source):
    try:
        with warnings.catch_warnings(action="ignore"):
            blank = source[: len(source) - len(source.lstrip())].count("\n")  # lines that IPython drops
            return ast.parse("\n" * blank + TransformerManager().transform_cell(source))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ast.Module([], [])  # it does not run either


def suspicions(node, ours, modules):
    """Why a node is suspicious, in words. `ours` {name: module}: what tests rely on; `modules`: all imported names."""
    match node:
        case ast.Import(names=names):
            yield from (f"imports {a.name}" for a in names if a.name.split(".")[0] not in MODULES)
            yield from (f"replaces {a.asname}" for a in names if ours.get(a.asname, a.name) != a.name)
        case ast.ImportFrom(module=module):
            if (module or "").split(".")[0] not in MODULES:
                yield f"imports {module}"
        case ast.Attribute(value=value, attr=attr, ctx=context):
            if not isinstance(context, ast.Load) and root(value) in modules:
                yield f"changes {root(value)}"
            if attr in ATTRIBUTES or (re.fullmatch(r"__\w+__", attr) and attr not in METHODS):
                yield f"uses .{attr}"
        case ast.Call(func=ast.Name(id=name)) if name in CALLS:
            yield f"uses {name}"
        case ast.Name(id=name, ctx=context):
            if name in NAMES or re.fullmatch(r"_i\d+|_ii+", name):
                yield f"uses {name}"
            if not isinstance(context, ast.Load) and name in ours:
                yield f"replaces {name}"
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name) if name in ours:
            yield f"replaces {name}"
        case ast.FunctionDef(name=name) if re.fullmatch(r"__\w+__", name) and name not in METHODS:
            yield f"defines {name}"
        case ast.Constant(value=str(text)) if SECRETS.search(text):
            yield f"names {SECRETS.search(text).group()}"


def flags(cells, tests):
    """What is suspicious in the student's code cells, each as 'cell:line why (the line)'."""
    ours = {"print": "print"}
    for cell in tests:
        for node in ast.walk(tree_of(cell.source)) if cell.cell_type == "code" else []:
            if isinstance(node, ast.Import | ast.ImportFrom):
                ours |= {a.asname or a.name.split(".")[0]: a.name for a in node.names}
    found = []
    for cell in cells:
        tree, lines = tree_of(cell.source), cell.source.split("\n")
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node).startswith("get_ipython().run_line_magic('matplotlib'"):
                node.func = ast.Constant(0)  # %matplotlib inline
        bound = [a for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom) for a in node.names]
        modules = {(a.asname or a.name).split(".")[0] for a in bound} | ours.keys() | MODULES
        for node in ast.walk(tree):
            for why in suspicions(node, ours, modules):
                line = min(getattr(node, "lineno", 1), len(lines))
                found.append(f"{named(cell)}:{line} {why} ({lines[line - 1].strip()[:80]})")
    return list(dict.fromkeys(found))
