"""Paper: sheets are whole and their answers checked, points add up, PDFs have live links and the same bytes twice."""

import io
import re

import pytest
from pypdf import PdfReader

from teaching import paper, sheets
from tools.book import ROOT

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


def book(folder, text, name="counts"):
    """A book with this one sheet."""
    (folder / "teaching" / "problems").mkdir(parents=True)
    (folder / "teaching" / "problems" / f"{name}.md").write_text(text, encoding="utf-8")
    (folder / "chapters").symlink_to(ROOT / "chapters")
    (folder / "_toc.yml").symlink_to(ROOT / "_toc.yml")
    return folder


# --- Sheets ----------------------------------------------------------------------------------------------------------


def test_a_sheet_has_4_to_6_problems_20_to_30_points_the_easy_ones_first(found):
    assert found
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


# --- PDFs ------------------------------------------------------------------------------------------------------------


def text_of(pdf):
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split())


def test_every_formula_of_every_sheet_is_set(found, words):
    documents = {}
    for sheet in found.values():
        documents |= paper.sheet(sheet, "0", words)
    texts, _ = paper.set_formulas(documents, words.places)
    assert len(texts) == 2 * len(found)
    for name, text in texts.items():
        assert text.count("<mjx-container") > 10 and not re.search(r"data-formula|\{\{|\}\} |\$", text), name


def test_a_sheet_and_its_solutions_print_with_live_links_and_the_same_bytes_twice(found, words, browser):
    sheet = found["mse_gaussian"]
    documents = paper.sheet(sheet, "0", words)
    files = paper.write(documents, words, browser)
    assert list(files) == ["mse_gaussian.pdf", "mse_gaussian-solutions.pdf"]
    assert paper.write(documents, words, browser) == files
    assert files != paper.write(paper.sheet(sheet, "1", words), words, browser)
    problems, solutions = map(text_of, files.values())
    for problem in sheet.problems:
        assert problem.title in problems and problem.title in solutions
    assert "Often seen." in solutions and "Often seen." not in problems and solutions.count("together") == 5
    for file in files.values():
        reader = PdfReader(io.BytesIO(file))
        links = [link.get_object()["/A"]["/URI"] for page in reader.pages for link in page.get("/Annots", [])]
        assert links == ["https://someone.github.io/a-fork/chapters/mse_gaussian.html"]
        assert reader.outline and len(reader.pages) <= 4


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
