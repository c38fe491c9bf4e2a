r"""Sheets of problems, one Markdown file a chapter, whose numbers are drawn by a seed and whose answers are checked.

The format
----------
`teaching/problems/<chapter>.md` belongs to `chapters/<chapter>.ipynb` and has its title. It is a list of problems, the
easy ones first, each of them

    ## What one miss costs (4 points, difficulty 1)

    ```python grid
    std = 0.5, 2, 4
    ```

    ```python numbers
    nll = 9 / (2 * std**2) + math.log(std) + math.log(2 * math.pi) / 2
    ```

    A model says 20 °C with $\sigma = {{ std }}$ °C, under the Gaussian model. It becomes 23 °C.

    (a) What is the negative log-likelihood of this target, in nats?

    (b) For which σ would it have been smallest?

    ### Solution

    [2 points] (a) By the density, $\frac{9}{2\sigma^2} + \log\sigma + \frac12\log 2\pi = {{ nll:.3f }}$ nats.

    [1 point] (b) The derivative by σ is $-9/\sigma^3 + 1/\sigma$.

    [1 point] It is zero at σ = 3, negative below and positive above: the smallest.

    ### Mistakes

    The square of 3 is forgotten; σ² is taken for σ.

    ```python check
    assert close(nll, -stats.norm.logpdf(23, 20, std))
    assert close(grad(lambda s: -D.Normal(20.0, s).log_prob(tensor(23)), 3), 0)
    ```

- *Difficulty* 1: one idea, a few lines. 2: a derivation, or two ideas. 3: what separates good students from very good.
  Two points are three minutes of an exam.
- `grid`: what each parameter is drawn from, as tuples; together at least three combinations (the sheet, group A and
  group B each have their own), and few, since each is checked. A problem without numbers to draw has no grid.
- `numbers`: what the text and the solution say is computed here from the parameters. `{{ nll:.3f }}` puts a value in,
  in text and in formulas, formatted as by an f-string. A number may be negative: inside `$…$` the minus is one.
- Parts begin a paragraph with `(a)`; the points behind them are those of their steps in the solution.
- A step of the solution begins with its points and may have several paragraphs; a part's first step begins with its
  letter. All steps together must give the problem's points.
- *Mistakes*, optional: what markers meet, and what it costs.
- `check` computes every closed form and number of the solution again by another road and asserts. It runs for each
  combination. What `numbers` computes and the text shows must occur in it, and so must each number with two decimals
  that the solution states without `{{ }}`. `PRELUDE` says which names both blocks know.
- Texts are Markdown with TeX, no directives; links lead to pages as they do in a notebook of `chapters/`.
- A problem that is not whole raises a ValueError that names the file and the problem.
"""

import ast
import itertools
import math
import random
import re
import traceback
from dataclasses import dataclass

import mpmath
import nbformat
import numpy as np
import sympy
import torch
import torch.nn.functional as F
from scipy import integrate, optimize, special, stats

from lib import likelihoods
from tools.book import ROOT, pages

HEADING = re.compile(r"^## (?P<title>.+) \((?P<points>\d+) points?, difficulty (?P<difficulty>[123])\)$")
BLOCK = re.compile(r"^```python (grid|numbers|check)\n(.*?)^```$", re.M | re.S)
STEP = re.compile(r"^\[(\d+) points?\] ", re.M)
PART = re.compile(r"^\(([a-z])\) ", re.M)
INSERTED = re.compile(r"\{\{ (.+?) \}\}")
PRECISE = re.compile(r"\d+\.\d{2,}")


def tensor(*numbers):
    """In float64; one number has no axis."""
    return torch.tensor(numbers[0] if len(numbers) == 1 else numbers, dtype=torch.float64)


def grad(function, *at):
    """The derivative by the only argument, or the list of those by several, from autograd in float64."""
    at = [tensor(x).requires_grad_() for x in at]
    found = torch.autograd.grad(function(*at), at)
    return found[0] if len(found) == 1 else list(found)


def close(a, b, rel=1e-9):
    """Are two numbers, or two lists of one length, the same? `rel` is relative, and absolute below 1."""
    a, b = (
        np.array([float(x) for x in np.ravel(one.detach().numpy() if torch.is_tensor(one) else one)]) for one in (a, b)
    )
    if len(a) != len(b):
        raise ValueError(f"{len(a)} numbers cannot be close to {len(b)}")
    return bool((abs(a - b) <= rel * np.maximum(1, abs(b))).all())


PRELUDE = {"math": math, "itertools": itertools, "np": np, "torch": torch, "F": F, "D": torch.distributions}
PRELUDE |= {"stats": stats, "special": special, "integrate": integrate, "optimize": optimize}
PRELUDE |= {"sp": sympy, "mp": mpmath, "L": likelihoods, "tensor": tensor, "grad": grad, "close": close}


@dataclass(frozen=True)
class Step:
    points: int
    text: str

    @property
    def part(self):
        """The letter of the part that begins here, or nothing."""
        found = PART.match(self.text)
        return found[1] if found else ""


@dataclass(frozen=True, eq=False)
class Problem:
    """Its texts have their numbers in them once they are drawn: `drawn` says for which parameters."""

    page: str
    number: int
    title: str
    points: int
    difficulty: int
    text: str
    steps: tuple[Step, ...]
    mistakes: str
    blocks: dict  # {"grid", "numbers", "check": Python, behind as many empty lines as stand before it in the file}

    @property
    def file(self):
        return f"teaching/problems/{self.page}.md"

    @property
    def where(self):
        return f"{self.file}: problem {self.number}, {self.title!r}"

    @property
    def id(self):
        return f"{self.page}: {self.title}"

    def run(self, block, names):
        exec(compile(self.blocks[block], self.file, "exec"), names)

    def combinations(self):
        """All that its parameters may be together."""
        if "grid" not in self.blocks:
            return [{}]
        names = {}
        self.run("grid", names)
        names.pop("__builtins__")
        found = [dict(zip(names, values, strict=True)) for values in itertools.product(*names.values())]
        if len(found) < 3:
            raise ValueError(f"{self.where}: its grid has {len(found)} combinations, at least 3 are wanted")
        return found

    def names(self, parameters):
        """What the texts and the check know for these parameters."""
        names = PRELUDE | parameters
        if "numbers" in self.blocks:
            self.run("numbers", names)
        return names

    def with_numbers(self, parameters):
        """The problem with these parameters: (text, steps, mistakes)."""
        names = self.names(parameters)

        def insert(text):
            return INSERTED.sub(lambda found: eval(f'f"""{{{found[1]}}}"""', names), text)

        return insert(self.text), [Step(s.points, insert(s.text)) for s in self.steps], insert(self.mistakes)

    def draw(self, seed, turn=0):
        """Its parameters for this seed. Other turns, other parameters: 0 is the sheet, 1 and 2 are the two groups."""
        found = self.combinations()
        return random.Random(f"{seed} {self.id}").sample(found, len(found))[turn % len(found)]

    def parts(self):
        """{letter: its points}, empty for a problem without parts."""
        points, letter = {}, ""
        for step in self.steps:
            letter = step.part or letter
            points[letter] = points.get(letter, 0) + step.points
        return {} if set(points) == {""} else points


@dataclass(frozen=True, eq=False)
class Sheet:
    page: str
    title: str
    problems: tuple[Problem, ...]

    @property
    def points(self):
        return sum(problem.points for problem in self.problems)


# --- Reading ---------------------------------------------------------------------------------------------------------


def sheets(root=ROOT):
    """{chapter: its sheet}, in reading order, of all that there are; none has been checked yet."""
    names = [page.removeprefix("chapters/") for page in pages(root) if page.startswith("chapters/")]
    files = {file.stem: file for file in (root / "teaching" / "problems").glob("*.md")}
    for name in sorted(set(files) - set(names)):
        raise ValueError(f"teaching/problems/{name}.md: there is no chapter {name!r}")
    return {
        name: Sheet(name, title_of(root / "chapters" / f"{name}.ipynb"), tuple(read(files[name])))
        for name in names
        if name in files
    }


def title_of(notebook):
    cells = nbformat.read(notebook, as_version=4).cells
    return next(re.search(r"^# (.+)$", cell.source, re.M)[1] for cell in cells if cell.cell_type == "markdown")


def read(file):
    """The problems of a file, if each is whole."""
    text = file.read_text(encoding="utf-8")
    starts = [found.start() for found in re.finditer(r"^## ", text, re.M)]
    if not starts or text[: starts[0]].strip():
        raise ValueError(f"teaching/problems/{file.name}: it begins with something else than a problem")
    return [
        problem(file.stem, number, text[start:end], text[:start].count("\n"))
        for number, (start, end) in enumerate(itertools.pairwise([*starts, len(text)]), 1)
    ]


def problem(page, number, text, lines):
    """A problem, which stands behind so many lines of its file, if it is whole."""
    first, _, rest = text.partition("\n")
    heading = HEADING.match(first)
    where = f"teaching/problems/{page}.md: problem {number}, {heading['title'] if heading else first!r}"
    if not heading:
        raise ValueError(f'{where}: a heading ends with "(4 points, difficulty 1)"')
    blocks = {}
    for found in BLOCK.finditer(text):
        if found[1] in blocks:
            raise ValueError(f"{where}: there are two blocks of {found[1]}")
        blocks[found[1]] = "\n" * (lines + text[: found.start(2)].count("\n")) + found[2]
    asked, *sections = re.split(r"^### (.+)\n", BLOCK.sub("", rest), flags=re.M)
    sections = dict(zip(sections[::2], sections[1::2], strict=True))
    if odd := set(sections) - {"Solution", "Mistakes"}:
        raise ValueError(f"{where}: what is the section {odd.pop()!r}?")
    before, *steps = STEP.split(sections.get("Solution", ""))
    if not steps or before.strip():
        raise ValueError(f'{where}: there is no solution whose steps begin with their points, as in "[2 points]"')
    steps = tuple(Step(int(n), said.strip()) for n, said in zip(steps[::2], steps[1::2], strict=True))
    made = Problem(
        page=page,
        number=number,
        title=heading["title"],
        points=int(heading["points"]),
        difficulty=int(heading["difficulty"]),
        text=asked.strip(),
        steps=steps,
        mistakes=sections.get("Mistakes", "").strip(),
        blocks=blocks,
    )
    total = sum(step.points for step in steps)
    if total != made.points:
        raise ValueError(f"{made.where}: it has {made.points} points, the steps of its solution add up to {total}")
    asked, solved = PART.findall(made.text), [step.part for step in steps if step.part]
    if asked != solved or asked != list("abcdefgh"[: len(asked)]) or (asked and not steps[0].part):
        raise ValueError(f"{made.where}: it asks the parts {asked}, the solution has {solved}")
    return made


# --- Checking --------------------------------------------------------------------------------------------------------


def check(problem):
    """Run the problem's check for each combination of its parameters."""
    source = problem.blocks.get("check", "")
    tree = ast.parse(source) if source else None
    if not source or not any(isinstance(node, ast.Assert) for node in ast.walk(tree)):
        raise ValueError(f"{problem.where}: there is no check that asserts something")
    solution = "\n".join([step.text for step in problem.steps] + [problem.mistakes])
    stated = PRECISE.findall(INSERTED.sub("", solution))
    known = PRECISE.findall("\n".join([problem.text, *problem.blocks.values()]))
    if unknown := set(stated) - set(known):
        raise ValueError(f"{problem.where}: its solution states {sorted(unknown)}, which no check computes")
    looked_at = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    for parameters in problem.combinations():
        try:
            names = problem.names(parameters)
            shown = {name for found in INSERTED.findall(problem.text + solution) for name in re.findall(r"\w+", found)}
            if unseen := (shown & set(names)) - set(PRELUDE) - set(parameters) - looked_at:
                raise ValueError(f"{problem.where}: the check does not look at {', '.join(sorted(unseen))}")
            problem.with_numbers(parameters)
        except ValueError:
            raise
        except Exception as error:
            raise ValueError(f"{problem.where}: with {parameters}: {type(error).__name__}: {error}") from error
        try:
            problem.run("check", names)
        except Exception as error:
            (*_, place) = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == problem.file]
            line = source.splitlines()[place.lineno - 1].strip()
            why = "" if isinstance(error, AssertionError) else f": {type(error).__name__}: {error}"
            with_these = f" with {parameters}" if parameters else ""
            raise ValueError(
                f"{problem.where}: the check fails{with_these}, line {place.lineno}: {line}{why}"
            ) from error


def checked(found):
    """The sheets, once every problem of them has been checked."""
    for sheet in found.values():
        for one in sheet.problems:
            check(one)
    return found
