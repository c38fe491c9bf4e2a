"""Wrong answers to an exercise: functions beside its solution, in `solutions/<assignment>/mistakes_<notebook>.py`.

Each is decorated with `@mistake("what it stands in for", says="words of the hint that it gets")`. They use the names
of the notebook and the functions without that mark, and are read, not imported.
"""

import ast
from pathlib import Path
from typing import NamedTuple


class Mistake(NamedTuple):
    name: str
    of: str  # the function that it stands in for
    says: str  # words that the message must hold
    source: str  # a cell that defines it


def mistake(of: str, *, says: str):
    """Mark a function as a wrong answer."""
    return lambda function: function


def mistakes(folder: Path, notebook: str) -> list[Mistake]:
    """The wrong answers to a notebook of an assignment."""
    path, found, helpers = folder / f"mistakes_{notebook}.py", [], {}
    for node in ast.parse(path.read_text("utf-8")).body if path.exists() else []:
        if isinstance(node, ast.FunctionDef) and node.decorator_list:
            (mark,), name = node.decorator_list, node.name
            of, says = ast.literal_eval(mark.args[0]), ast.literal_eval(mark.keywords[0].value)
            node.decorator_list, node.name = [], of
            used = [text for helper, text in helpers.items() if f"{helper}(" in ast.unparse(node)]
            found.append(Mistake(name.replace("_", " "), of, says, "\n\n\n".join([*used, ast.unparse(node)])))
        elif isinstance(node, ast.FunctionDef):
            helpers[node.name] = ast.unparse(node)
    return found
