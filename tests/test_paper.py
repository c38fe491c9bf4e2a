"""Paper: sheets are whole and their answers checked, points add up, groups differ, PDFs have live links."""

import io
import re

import numpy as np
import pytest
import torch
from bs4 import BeautifulSoup
from pypdf import PdfReader

from lib.cases import CASES
from teaching import cheat_sheet, exams, paper, sheets
from tools.book import ROOT, chapters

WHOLE = """## A title (3 points, difficulty 1)

```python grid
a = 1, 2, 3
```

```python numbers
b = a + 0.5
```

With $a = {{ a }}$:

(a) what is $b$?

(b) Why?

### Solution

[1 point] (a) It is ${{ b:.2f }}$, near $\\frac{{{ a }}}{1}$.

[1 point] (b) Because.

[1 point] Indeed.

```python check
assert close(2 * b, 2 * a + 1)
```
"""


@pytest.fixture(scope="module")
def found():
    return sheets.checked(sheets.sheets())


@pytest.fixture(scope="module")
def words(found):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GITHUB_REPOSITORY", "someone/a-fork")
        return paper.Words()


@pytest.fixture(scope="module")
def documents(found, words):
    return paper.all_documents(found, "0", words)


@pytest.fixture(scope="module")
def files(documents, words, tmp_path_factory):
    """{name: the page from which it is printed}"""
    return paper.write_pages(documents, words, tmp_path_factory.mktemp("paper"))


def book(folder, text, name="counts"):
    """A book with this one sheet."""
    (folder / "teaching" / "problems").mkdir(parents=True)
    (folder / "teaching" / "problems" / f"{name}.md").write_text(text, encoding="utf-8")
    (folder / "chapters").symlink_to(ROOT / "chapters")
    (folder / "_toc.yml").symlink_to(ROOT / "_toc.yml")
    return folder


# --- Sheets ----------------------------------------------------------------------------------------------------------


def test_each_chapter_has_a_sheet_of_4_to_6_problems_20_to_30_points_the_easy_ones_first(found):
    assert set(found) == {chapter.stem for chapter in chapters()} - {"which_loss"}
    for sheet in found.values():
        assert 4 <= len(sheet.problems) <= 6 and 20 <= sheet.points <= 30, (sheet.page, sheet.points)
        levels = [problem.difficulty for problem in sheet.problems]
        assert levels == sorted(levels) and len(set(levels)) > 1, sheet.page
        assert any("grid" in problem.blocks for problem in sheet.problems), sheet.page
    titles = [problem.id for sheet in found.values() for problem in sheet.problems]
    assert len(set(titles)) == len(titles)


def test_the_three_draws_of_a_problem_differ_and_a_seed_gives_others(found):
    problems = [problem for sheet in found.values() for problem in sheet.problems if "grid" in problem.blocks]
    for problem in problems:
        texts = {str(problem.with_numbers(problem.draw(0, turn))) for turn in range(3)}
        assert len(texts) == 3, problem.where
    assert any(problem.draw(0) != problem.draw(1) for problem in problems)


def test_numbers_are_put_in_and_points_counted_for_each_part(tmp_path):
    (sheet,) = sheets.checked(sheets.sheets(book(tmp_path, WHOLE))).values()
    (problem,) = sheet.problems
    assert sheet.title in (ROOT / "chapters" / "counts.ipynb").read_text(encoding="utf-8")
    assert problem.parts() == {"a": 1, "b": 2}
    text, steps, _ = problem.with_numbers({"a": 2})
    assert text.startswith("With $a = 2$") and steps[0].text == r"(a) It is $2.50$, near $\frac{2}{1}$."


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("[1 point] Indeed.", "Indeed.", "it has 3 points, the steps of its solution add up to 2"),
        ("### Solution", "### Answer", "what is the section 'Answer'?"),
        ("[1 point] ", "", "there is no solution"),
        ("### Solution\n\n", "### Solution\n\nFirst. ", "there is no solution whose steps begin with their points"),
        (WHOLE[WHOLE.index("```python check") :], "", "there is no check"),
        ("assert close(2 * b, 2 * a + 1)", "b", "there is no check that asserts"),
        ("2 * a + 1", "2 * a + (a < 3)", "the check fails with {'a': 3}, line 26: assert close"),
        (
            "2 * a + 1",
            "2 * a + 1 + 0 / (a - 2)",
            "line 26: assert close(2 * b, 2 * a + 1 + 0 / (a - 2)): ZeroDivisionError",
        ),
        ("assert close(2 * b, 2 * a + 1)", "assert a", "the check does not look at b"),
        ("Because.", "Because of 3.14.", "its solution states ['3.14'], which no check computes"),
        ("b = a + 0.5", "b = c + 0.5", "with {'a': 1}: NameError"),
        ("b:.2f", "c:.2f", "with {'a': 1}: NameError"),
        ("a = 1, 2, 3", "a = 1, 2", "its grid has 2 combinations"),
        ("(b) Because", "Because", "it asks the parts ['a', 'b'], the solution has ['a']"),
        ("(3 points, difficulty 1)", "", "a heading ends with"),
        ("```python check", "```python numbers", "there are two blocks of numbers"),
    ],
)
def test_what_is_not_whole_is_named(tmp_path, old, new, said):
    assert old in WHOLE
    with pytest.raises(ValueError) as error:
        sheets.checked(sheets.sheets(book(tmp_path, WHOLE.replace(old, new))))
    assert str(error.value).startswith("teaching/problems/counts.md: problem 1, ") and said in str(error.value)


def test_a_sheet_of_no_chapter_is_named(tmp_path):
    with pytest.raises(ValueError, match=r"teaching/problems/coins.md: there is no chapter 'coins'"):
        sheets.sheets(book(tmp_path, WHOLE, "coins"))


def test_a_link_into_nowhere_is_named(words):
    with pytest.raises(ValueError, match=r"nowhere\.ipynb"):
        words.line("[there](nowhere.ipynb)")


# --- Exams -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(4))
def test_exams_have_their_points_and_groups_differ_in_numbers_and_order(found, seed):
    made = {(one.name, one.group): one for one in exams.exams(found, seed)}
    assert list(made) == [("midterm", "A"), ("midterm", "B"), ("final", "A"), ("final", "B")]
    asked = {key: {problem.id: drawn for problem, drawn in one.problems} for key, one in made.items()}
    for key, one in made.items():
        assert sum(problem.points for problem, _ in one.problems) == {"midterm": 60, "final": 90}[one.name]
        levels = [problem.difficulty for problem, _ in one.problems]
        assert levels == sorted(levels) and min(levels.count(level) for level in (1, 2, 3)) >= 2, key
    first = {page for week in exams.calendar()[:6] for page in week}
    assert "counts" in first and "loss_map" not in first
    assert {problem.page for problem, _ in made["midterm", "A"].problems} <= first
    assert not set(asked["midterm", "A"]) & set(asked["final", "A"])
    for name in exams.KINDS:
        a, b = asked[name, "A"], asked[name, "B"]
        assert set(a) == set(b) and list(a) != list(b)
        with_grid = [problem for problem, _ in made[name, "A"].problems if "grid" in problem.blocks]
        assert len(with_grid) > len(a) / 2
        for problem in with_grid:
            draws = [a[problem.id], b[problem.id], problem.draw(seed)]
            assert all(draws.count(one) == 1 for one in draws), problem.where


def test_the_final_asks_about_nearly_as_many_chapters_as_it_can(found):
    pages = [problem.page for problem, _ in exams.exams(found, 0)[-1].problems]
    assert len(set(pages)) >= min(len(found), len(pages)) - 2, pages


def test_the_points_of_a_marking_scheme_add_up(documents):
    schemes = {name: text for name, text in documents.items() if name.endswith("-marking")}
    assert len(schemes) == 4
    for name, text in schemes.items():
        page = BeautifulSoup(text, "html.parser")
        steps = [
            sum(int(worth.text) for worth in one.select(".step > .worth")) for one in page.select(".problem.solved")
        ]
        *rows, total = [row.find_all("td")[-1].text for row in page.select(".scheme tr")[1:]]
        assert steps == list(map(int, rows)) and sum(steps) == int(total), name
        cover = BeautifulSoup(documents[name.removesuffix("-marking")], "html.parser").select(".marks tr")[1]
        assert [cell.text for cell in cover.find_all("td")[1:]] == [*rows, total]


def test_an_exam_that_cannot_be_drawn_is_named(found):
    few = {page: found[page] for page in ("mse_gaussian", "mae_laplace")}
    with pytest.raises(ValueError, match="the mid-term exam: no choice of 10 problems has 60 points"):
        exams.exams(few, 0)


def test_a_calendar_without_chapters_is_named(tmp_path):
    (tmp_path / "teach.md").write_text("| week |\n|---|\n| 1 |\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"teach\.md has no calendar"):
        exams.calendar(tmp_path)


# --- The cheat sheet -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_each_nll_of_the_cheat_sheet_is_that_of_lib(case):
    inputs = case.draw(np.random.default_rng(0), 50)
    mine = cheat_sheet.NLL[case.name][1](*inputs)
    torch.testing.assert_close(mine, case.nll(*inputs, reduction="none"), rtol=1e-9, atol=1e-9)


def test_the_cheat_sheet_has_every_row_of_the_map_and_names_a_lost_table(documents):
    text = BeautifulSoup(documents["cheat-sheet"], "html.parser").get_text().replace("’", "'")
    assert all(case.trap in text and case.pytorch in text and case.twin in text for case in CASES)
    assert "σ²/(nτ²)" in text and "targets kept; NaN if none" in text and "see below" not in text
    with pytest.raises(ValueError, match=r"chapters/loss_map\.ipynb has no table that begins with 'no such'"):
        cheat_sheet.table("loss_map", "no such")


def test_a_cheat_sheet_of_two_pages_is_refused(files, browser):
    file = files["cheat-sheet"]
    planted = file.with_name("long") / file.name
    planted.parent.mkdir()
    text = file.read_text(encoding="utf-8").replace('href="', 'href="../')
    planted.write_text(text.replace("</body>", '<p style="height: 40mm"></p></body>'), encoding="utf-8")
    with pytest.raises(ValueError, match=r"cheat-sheet\.pdf: it has 2 pages"):
        paper.pdf(browser.new_page(), planted)


# --- PDFs ------------------------------------------------------------------------------------------------------------


def test_every_formula_is_set(files, found):
    assert len(files) == 2 * len(found) + 8 + 1
    for name, file in files.items():
        text = file.read_text(encoding="utf-8")
        assert text.count("<mjx-container") > 10 and not re.search(r"data-formula|\{\{|\}\} |\$", text), name


def test_a_wrong_formula_is_named(words):
    with pytest.raises(ValueError, match=r"Undefined control sequence .*, in the formula \\nosuch"):
        paper.set_formulas({"a": words.block(r"$\nosuch$")}, words.places)


def test_pdfs_have_live_links_and_the_same_bytes_twice(files, browser):
    page, texts = browser.new_page(), {}
    for name in ("mse_gaussian", "mse_gaussian-solutions", "midterm-A", "midterm-A-marking", "cheat-sheet"):
        pdf = paper.pdf(page, files[name])
        assert name == "mse_gaussian" or paper.pdf(page, files[name]) == pdf
        reader = PdfReader(io.BytesIO(pdf))
        links = [link.get_object()["/A"]["/URI"] for one in reader.pages for link in one.get("/Annots", [])]
        assert all(re.match(r"https://someone\.github\.io/a-fork/(index|chapters/\w+)\.html", link) for link in links)
        assert bool(links) == (name != "midterm-A"), name
        assert reader.metadata.title and (len(reader.pages) == 1) == (name == "cheat-sheet")
        texts[name] = " ".join(" ".join(one.extract_text() for one in reader.pages).split())
    for problem in sheets.sheets()["mse_gaussian"].problems:
        assert problem.title in texts["mse_gaussian"] and problem.title in texts["mse_gaussian-solutions"]
    assert "Often seen." in texts["midterm-A-marking"] and "Often seen." not in texts["midterm-A"]
    assert "Student number" in texts["midterm-A"] and "60 points, 90 minutes" in texts["midterm-A"]


def test_what_is_wider_than_the_page_is_named(words, browser, tmp_path):
    (sheet,) = sheets.sheets(book(tmp_path, WHOLE.replace("what is $b$", f"what is ${'b+' * 60}b$"))).values()
    with pytest.raises(ValueError, match=r"counts\.pdf: something is wider than the page, in .*problem 1, 'A title'"):
        paper.write(paper.sheet(sheet, "0", words), words, browser)


def test_letters_are_dark_enough_in_grey():
    css = (ROOT / "teaching" / "paper.css").read_text(encoding="utf-8")
    colours = dict(re.findall(r"--(\w+): #(\w+);", css))

    def light(hexes):
        hexes = "".join(2 * c for c in hexes) if len(hexes) == 3 else hexes
        parts = [int(hexes[i : i + 2], 16) / 255 for i in (0, 2, 4)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

    for name in ("ink", "soft", "blue"):
        assert (light(colours["wash"]) + 0.05) / (light(colours[name]) + 0.05) > 5.5, name
