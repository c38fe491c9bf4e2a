"""No trick scores more than its values deserve, and no test is ever seen by what it tests."""

import nbformat
import pytest

from course.assignment import is_test
from course.basics import Limits
from course.normalise import cells_of, normalise
from course.session import Session
from course.testing import examine
from course.zoo import ZOO, hand_in, perfect

from .cheats import CHEATS
from .conftest import automatic, run, table


def cheat(code):
    def spoil(notebook, folder):
        answers = [cell for cell in notebook.cells if cell.id in ("double", "triple")]
        answers[0].source, answers[1].source = code, "pass"

    return spoil


@pytest.fixture(scope="module")
def cheats(solutions, template, tmp_path_factory):
    folder = tmp_path_factory.mktemp("cheats")
    for name, (code, _) in CHEATS.items():
        hand_in(cheat(code), template, folder / "submitted" / name)
    done = run(solutions, "--submissions", folder / "submitted", "--to", folder, "--seconds", 5, "--workers", 2)
    assert done.returncode == 0, done.stderr + done.stdout
    return table(folder)


def test_there_are_enough():
    assert len([name for name in CHEATS if not name.startswith("right")]) >= 36 + 6


@pytest.mark.parametrize("name", CHEATS)
def test_values_alone_count(cheats, isolated, name):
    assert automatic(cheats[name]) == CHEATS[name][1], cheats[name]["status"]


def test_no_test_crosses(template, monkeypatch):
    """All that is sent to the answer process: no line of a test, no wanted value."""
    sent, send = [], Session.send

    def record(self, raw, end):
        sent.append(raw)
        send(self, raw, end)

    monkeypatch.setattr(Session, "send", record)
    given = cells_of(nbformat.writes(perfect(template)).encode(), "x", Limits())
    notebook, _ = normalise(given, template)
    state = examine(notebook, template.names, {}, Limits(), False)
    assert state["passed"] == ["first", "second"]
    text = b"".join(sent).decode(errors="replace")
    assert "def double" in text and (-4.5).hex() in text
    for cell in template.tests.cells:
        for line in cell.source.split("\n") if is_test(cell) else ():
            assert line.strip() not in text or len(line.strip()) < 4
    for wanted in (-9.0, -12.75, 22, 33):
        assert float(wanted).hex() not in text and f'"{wanted}"' not in text


def test_what_a_hidden_test_hands_over_is_told_to_nobody(template):
    """Printed, raised, kept for later cells: none of it is in what the student can see."""
    told = "seen = []\n\n\ndef double(x):\n    seen.append(x)\n    print('seen', seen)\n    return 2 * x\n"
    later = "print('later', seen)\n\n\ndef triple(x):\n    print(seen)\n    raise ValueError(seen, x)"
    notebook = perfect(template)
    for cell in notebook.cells:
        cell.source = {"double": told, "triple": later}.get(cell.id, cell.source)
    notebook, _ = normalise(cells_of(nbformat.writes(notebook).encode(), "x", Limits()), template)
    state = examine(notebook, template.names, {}, Limits(), False)
    said = str([cell.outputs for cell in notebook.cells if cell.cell_type == "code"])
    assert state["passed"] == ["first"] and "seen [11]" in said and "later [11]" in said and "-4.5" not in said


def test_hidden_tests_meet_the_names_of_their_place(template):
    """A helper that a later cell defines anew: the first question keeps its own."""
    notebook = perfect(template)
    sources = {
        "double": "def helper(x):\n    return 2 * x\n\n\ndef double(x):\n    return helper(x)",
        "triple": "def helper(x):\n    return 3 * x\n\n\ndef triple(x):\n    return helper(x)",
    }
    for cell in notebook.cells:
        cell.source = sources.get(cell.id, cell.source)
    notebook, _ = normalise(cells_of(nbformat.writes(notebook).encode(), "x", Limits()), template)
    assert examine(notebook, template.names, {}, Limits(), False)["passed"] == ["first", "second"]


def test_zoo_and_cheats_have_names_of_their_own():
    assert not set(ZOO) & set(CHEATS)
