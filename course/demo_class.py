"""Make a class that never was: a few right, most wrong in ways that the exercises know, some hostile."""

import shutil
from itertools import cycle, islice

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


def make(options) -> int:
    """Students in turn: a right one, two wrong ones, one of the zoo."""
    models = templates(options.source / options.assignment, None, None)
    folder = options.to / "submitted"
    if folder.exists():
        raise Stop(f"{folder} is there already: remove it, or choose another place (--to).")
    wrong = spoilt(options.source / options.assignment, models[0]) or {"wrong": ZOO["wrong"][0]}
    beasts = cycle({name: spoil for name, (spoil, _, _) in ZOO.items() if name not in ("right", "wrong")}.items())
    wrongs = cycle(wrong.items())
    kinds = cycle([iter(lambda: ("right", ZOO["right"][0]), None), wrongs, wrongs, beasts])
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
