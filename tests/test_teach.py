"""The teacher's pages: their minutes add up, and what they show and ask stands in the book."""

import re
from ast import literal_eval

import nbformat
import numpy as np
import pytest
import torch
from mdit_py_plugins.anchors.index import slugify
from scipy import optimize, stats

from teaching import numeric
from teaching.bank import of_page
from tools.book import ROOT, pages

CHAPTERS = [page for page in pages() if page.startswith("chapters/") and page != "chapters/which_loss"]
EXERCISES = [page for page in pages() if page.startswith("exercises/")]
ROW = re.compile(r"^\| ([\d–]+) \| \*\*(Show|Ask|Skip)\*\* (.*) \|$", re.M)
LINK = re.compile(r"(?<!!)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^)#]*)#?([^)]*)\)")  # text, page, heading


def text_of(name):
    return (ROOT / name).read_text(encoding="utf-8")


def parts(text):
    """{heading: what stands under it} for the headings of second order."""
    return dict(re.findall(r"^## ([^\n]+)\n(.*?)(?=^(?:\([\w-]+\)=\n)*## |\Z)", text, re.M | re.S))


QUESTIONS = {page: of_page(ROOT / f"{page}.ipynb") for page in CHAPTERS}  # and the headings of each chapter
FIFTY, TEACH = parts(text_of("fifty_minutes.md")), parts(text_of("teach.md"))


def test_fifty_minutes_has_every_chapter_in_the_order_of_the_book():
    assert list(FIFTY) == [headings[0] for _, headings in QUESTIONS.values()]


@pytest.mark.parametrize("page", CHAPTERS)
def test_fifty_minutes_of_a_chapter(page):
    questions, (title, *_) = QUESTIONS[page]
    lines = ROW.findall(FIFTY[title])
    assert len(lines) == FIFTY[title].count("\n| ") - 1, "a row that is neither show, ask nor skip"
    assert sum(int(minutes) for minutes, what, _ in lines if what != "Skip") == 50
    assert [what for _, what, _ in lines].count("Ask") >= 3 and lines[-1][:2] == ("–", "Skip")
    for _, what, text in lines[:-1]:
        words, path, heading = LINK.search(text).groups()
        assert path == f"{page}.ipynb", text
        asked = [q for q in questions if words in q.text and slugify(q.heading) == heading]
        assert what == "Show" or len(asked) == 1, f"{words!r} is asked {len(asked)} times under {heading!r}"


def rows(text):
    """The cells of each line of a table, without its head."""
    return [line.split(" | ") for line in re.findall(r"^\| (.+) \|$", text, re.M)][1:]


def test_a_term_has_every_chapter_and_exercise_once_and_its_own_numbers():
    calendar, outcomes = TEACH["A term"].split("What each week is for")
    linked = [path.removesuffix(".ipynb") for _, path, _ in LINK.findall(calendar)]
    assert [page for page in linked if page.startswith("chapters/")] == CHAPTERS
    assert sorted(page for page in linked if page.startswith("exercises/")) == sorted(EXERCISES)
    read = {week[0]: week[1] for week in rows(calendar)}
    quizzes = {week: text.partition("**Quiz**")[2] for week, text in rows(outcomes)}
    assert list(read) == list(quizzes)
    for week, text in quizzes.items():
        for name in re.findall(r"`(\w+)`", text):
            assert f"(chapters/{numeric.TABLE[name].page}.ipynb)" in read[week], f"{name} in week {week}"


def test_a_workshop_takes_three_hours_by_the_clock():
    at = 0
    for time, minutes, _ in rows(TEACH["A workshop of three hours"]):
        assert time == f"{at // 60}:{at % 60:02}"
        at += int(minutes)
    assert at == 180
    asked = re.findall(rf"\*\*Ask\*\* {LINK.pattern}", TEACH["A workshop of three hours"])
    assert len(asked) >= 6
    for words, path, heading in asked:
        questions, _ = QUESTIONS[path.removesuffix(".ipynb")]
        assert [q for q in questions if words in q.text and slugify(q.heading) == heading], words


def test_the_answers_of_the_test_for_students():
    text = TEACH["What students must bring"]
    said = [
        re.findall(r"\*\*(.+?)\*\*", answer) for answer in re.findall(r"\{dropdown\} Answer\n(.*?)\n:::", text, re.S)
    ]
    z, w = torch.zeros(1, requires_grad=True), torch.tensor(4.0, requires_grad=True)
    (slope,) = torch.autograd.grad((1 + z.exp()).log(), z)
    (pull,) = torch.autograd.grad((w - 1) ** 2, w)
    three, x = [1, 2, 6], stats.norm(2, 3)
    ill = np.array([[0.01 * 0.9, 0.01 * 0.1], [0.99 * 0.09, 0.99 * 0.91]])  # ill or not, the test rings or not
    right = [
        [stats.binom.pmf(3, 5, 0.5) / 10],  # ten orders of three heads
        [np.log(8), np.log(0.5)],
        [optimize.minimize_scalar(lambda w: 2 * w**2 - 12 * w + 5).x],
        [slope.item()],
        [(w - 0.1 * pull).item()],
        [np.mean(three), np.median(three), np.var(three)],
        [x.moment(2)],
        [stats.norm(0, 0.1).pdf(0)],
        [ill[0, 0] / ill[:, 0].sum()],
        [tuple((torch.zeros(5, 1) - torch.zeros(5)).shape)],
    ]
    assert len(said) == len(right) == len(re.findall(r"^\*\*\d+\.\*\* ", text, re.M))
    for words, numbers in zip(said, right, strict=True):
        decimals = [len(word.partition(".")[2]) for word in words]
        values = [literal_eval(word.replace("−", "-")) for word in words]
        assert values == [n if isinstance(n, tuple) else round(n, d) for n, d in zip(numbers, decimals, strict=True)]


def test_points_and_minutes_of_marking():
    table, text = TEACH["Mark by hand"].split("The thirteen larger assignments:")
    costs = {}  # of questions by points, in minutes; one of two points takes as long, whatever its kind
    for points, minutes, _ in rows(table):
        costs.setdefault(int(points), set()).add(int(minutes))
    found = []
    for line in re.findall(r"^- .+$", text, re.M):
        tests, first, second, minutes = map(int, re.findall(r"\d+", line)[:4])
        assert [{minutes}] == [{a + b} for a in costs[first] for b in costs[second]]
        for _, path, _ in LINK.findall(line):
            notebook = nbformat.read(ROOT / path.replace("exercises/", "solutions/"), as_version=4)
            cells = [
                cell.metadata.nbgrader for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade")
            ]
            assert [cell.points for cell in cells if cell.solution] == [first, second], path
            assert sum(cell.points for cell in cells if not cell.solution) == tests, path
            found.append(path.removesuffix(".ipynb"))
    assert sorted(found) == sorted(page for page in EXERCISES if "warm_ups" not in page)
