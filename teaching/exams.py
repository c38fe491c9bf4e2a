"""A mid-term and a final exam, drawn from the sheets of problems by a seed, each for two groups.

Conventions
-----------
- The mid-term asks about what is read in the first half of the weeks of the first calendar in teach.md, the final about
  all of it. No problem is in both.
- An exam has exactly its points. Of the difficulties 1, 2, 3 it takes one, two, one in turn, each from the chapter that
  has been asked least.
- Both groups get the same problems, with other numbers than the sheets and than each other, and within a difficulty in
  another order.
"""

import itertools
import random
import re
from collections import Counter
from dataclasses import dataclass

from tools.book import ROOT

GROUPS = {"A": 1, "B": 2}  # and the turn in which their numbers are drawn
TURNS = (1, 2, 2, 3)


@dataclass(frozen=True)
class Kind:
    title: str
    points: int
    minutes: int
    share: float  # of the weeks


KINDS = {"midterm": Kind("Mid-term exam", 60, 90, 0.5), "final": Kind("Final exam", 90, 120, 1.0)}


@dataclass(frozen=True, eq=False)
class Exam:
    name: str
    kind: Kind
    group: str
    problems: tuple  # of (problem, its parameters)


def calendar(root=ROOT):
    """The chapters that are read in each week."""
    text = (root / "teach.md").read_text(encoding="utf-8")
    table = re.search(r"^\| week \|.*\n\|[-| ]+\|\n((?:\|.*\n)+)", text, re.M)
    weeks = [re.findall(r"\(chapters/(\w+)\.ipynb", row) for row in table[1].splitlines()] if table else []
    if not any(weeks):
        raise ValueError("teach.md has no calendar whose rows link to chapters")
    return weeks


def exams(sheets, seed, root=ROOT):
    """All exams of this seed."""
    weeks, taken, made = calendar(root), set(), []
    for name, kind in KINDS.items():
        read = {page for week in weeks[: round(kind.share * len(weeks))] for page in week}
        problems = [one for page, sheet in sheets.items() if page in read for one in sheet.problems]
        chosen = choose([one for one in problems if one.id not in taken], kind.points, f"{seed} {name}")
        if chosen is None:
            raise ValueError(
                f"the {kind.title.lower()}: no choice of {len(problems)} problems has {kind.points} points"
            )
        taken |= {one.id for one in chosen}
        for group, turn in GROUPS.items():
            rng = random.Random(f"{seed} {name} {group}")
            order = sorted(rng.sample(chosen, len(chosen)), key=lambda one: one.difficulty)
            made.append(Exam(name, kind, group, tuple((one, one.draw(seed, turn)) for one in order)))
    return made


def choose(problems, total, seed):
    """Problems with this total: the first in their queue that can be completed to it; None where none can."""
    queue = in_turn(random.Random(seed).sample(problems, len(problems)))
    sums = [{0}]  # that those from the end on can have
    for one in reversed(queue):
        sums.append(sums[-1] | {one.points + more for more in sums[-1]})
    if total not in sums.pop():
        return None
    chosen = []
    for one in queue:
        if total - one.points in sums.pop():
            chosen.append(one)
            total -= one.points
    return chosen


def in_turn(problems):
    """The same in an order of which every beginning has all difficulties and as many chapters as there are."""
    left, queue, asked = list(problems), [], Counter()
    for difficulty in itertools.cycle(TURNS):
        if not left:
            return queue
        fitting = [one for one in left if one.difficulty == difficulty] or left
        one = min(fitting, key=lambda one: asked[one.page])
        left.remove(one)
        queue.append(one)
        asked[one.page] += 1
