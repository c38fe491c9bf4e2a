"""Make a class that never was: a few right, most wrong in ways that the exercises know, some hostile."""

import shutil
from itertools import chain, cycle, groupby, islice, zip_longest

from .assignment import templates
from .basics import Stop
from .mistakes import mistakes
from .spoil import answer, hand_in
from .zoo import ZOO


def spoilt(folder, template):
    """{name: how a known mistake spoils a notebook}."""
    found = {}
    for mistake in mistakes(folder, template.name):

        def spoil(notebook, folder, mistake=mistake):
            named = [
                cell for cell in notebook.cells if cell.cell_type == "code" and f"def {mistake.of}(" in cell.source
            ]
            (named or [answer(notebook)])[0].source = mistake.source

        found[mistake.name] = spoil
    return found


def beasts():
    """The zoo, one of each status in turn, what is broken first: a small class has some of all."""
    order = ("error", "repaired", "missing", "graded")
    rank = {name: order.index(status.split(":")[0]) for name, (_, _, status) in ZOO.items()}
    groups = [list(group) for _, group in groupby(sorted(rank, key=rank.get), key=rank.get)]
    names = [name for name in chain(*zip_longest(*groups)) if name not in (None, "right", "wrong")]
    return [(name, ZOO[name][0]) for name in names]


def make(options) -> int:
    """Students in turn: a right one, two wrong ones, one of the zoo."""
    models = templates(options.source / options.assignment, None, None)
    folder = options.to / "submitted"
    if folder.exists():
        raise Stop(f"{folder} is there already: remove it, or choose another place (--to).")
    wrong = spoilt(options.source / options.assignment, models[0]) or {"wrong": ZOO["wrong"][0]}
    wrongs = cycle(wrong.items())
    kinds = cycle([iter(lambda: ("right", ZOO["right"][0]), None), wrongs, wrongs, cycle(beasts())])
    try:
        for number, kind in enumerate(islice(kinds, options.students), 1):
            name, spoil = next(kind)
            student = f"{number:03}-{name.replace(' ', '-')}"
            for model in models:
                hand_in(spoil if model is models[0] else ZOO["right"][0], model, folder / student / options.assignment)
    except OSError:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    print(f"{options.students} submissions are in {folder}. Grade them:")
    print(f'  make grade ASSIGNMENT={options.assignment} SUBMISSIONS={folder} OPTIONS="--to {options.to}"')
    return 0
