"""What nbval cannot say about a notebook: run in order, small, described, and its prose agrees with its numbers."""

import inspect
import math
import re

import nbformat
import pytest
from browsing import LOOKED_UP
from sklearn import metrics
from sklearn.utils import all_estimators
from torch import nn
from torch.nn import functional

from lib.cases import CASES
from tools.book import ROOT, pages

INDEX = ROOT / "index.ipynb"
CHAPTERS = sorted(ROOT.glob("chapters/*.ipynb"))
SOLUTIONS = sorted(ROOT.glob("solutions/*/*.ipynb"))
SECTIONS = ["## In your project", "## When it breaks", "## In short", "## Check yourself", "## Go further"]
ABOUT = ["**You need**", "**Time**", "**Loss", "**Distribution", "**What it estimates**"]
PICTURES = ("image/png", "application/vnd.vegalite.v5+json")
TAGS = {"hide-input", "raises-exception", "nbval-ignore-output"}


@pytest.fixture(params=CHAPTERS, ids=lambda path: path.stem)
def path(request):
    return request.param


of_lessons = pytest.mark.parametrize(
    "path", [path for path in CHAPTERS if f"chapters/{path.stem}" not in LOOKED_UP], ids=lambda path: path.stem
)
of_solutions_too = pytest.mark.parametrize("path", [INDEX, *CHAPTERS, *SOLUTIONS], ids=lambda path: path.stem)


@pytest.fixture
def notebook(path):
    return nbformat.read(path, as_version=4)


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def prose(notebook):
    return "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")


def printed(notebook):
    """All that a reader can find as text in code and outputs."""
    texts = []
    for cell in code_cells(notebook):
        texts.append(cell.source)
        for output in cell.outputs:
            texts.append(output.get("text", "") or output.get("data", {}).get("text/plain", ""))
    return "\n".join(texts)


def test_every_chapter_and_exercise_is_in_the_table_of_contents():
    listed = set(pages())
    exercises = {f"exercises/{path.parent.name}/{path.stem}" for path in SOLUTIONS}
    assert {f"chapters/{path.stem}" for path in CHAPTERS} | exercises == {name for name in listed if "/" in name}


def test_every_glossary_term_is_linked_from_a_chapter():
    """(That every linked term is defined, the build with -n -W says.)"""
    entries = (ROOT / "glossary.md").read_text().split(":::{glossary}")[1]
    terms = {line.lower() for line in entries.splitlines() if line and not line.startswith((" ", ":"))}
    text = "".join(prose(nbformat.read(path, as_version=4)) for path in CHAPTERS)
    linked = {term.split("<")[-1].strip("> ").lower() for term in re.findall(r"{term}`([^`]+)`", text)}
    assert terms - linked == set()


@of_solutions_too
def test_is_a_fresh_run_from_top_to_bottom(notebook):
    """nbval compares nothing in a cell that has no execution count."""
    cells = code_cells(notebook)
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1)), "run make refresh"


@of_solutions_too
def test_outputs_are_clean(notebook):
    for cell in code_cells(notebook):
        for output in cell.outputs:
            assert output.get("name") != "stderr", f"stderr in: {cell.source[:60]}"
            if output.output_type == "error":
                assert "raises-exception" in cell.metadata.get("tags", []), f"error in: {cell.source[:60]}"


@of_solutions_too
def test_metadata_is_what_refresh_writes(path, notebook):
    assert set(notebook.metadata) == {"kernelspec", "language_info"}
    assert set(notebook.metadata.language_info) == {"name"}
    assert all("execution" not in cell.metadata for cell in notebook.cells)
    assert path.read_text() == nbformat.writes(notebook, version=4) + "\n"
    assert path.stat().st_size <= 400_000


def test_tags_are_known(notebook):
    for cell in notebook.cells:
        assert set(cell.metadata.get("tags", [])) <= TAGS, cell.metadata.tags


def test_code_is_short_and_offline(notebook):
    for cell in code_cells(notebook):
        lines = cell.source.splitlines()
        assert len(lines) <= (25 if "hide-input" in cell.metadata.get("tags", []) else 20), cell.source[:60]
        # Ruff lets a line pass that ends in a noqa.
        assert all(len(line) <= 76 for line in lines), f"cut off on a laptop: {cell.source[:60]}"
        assert "://" not in cell.source, f"URL in: {cell.source[:60]}"
        assert not re.search(r"^\s*[!%]|pip install", cell.source, re.M), f"magic or install in: {cell.source[:60]}"
        assert not any(line.rstrip().endswith(";") for line in lines), f"trailing semicolon in: {cell.source[:60]}"


def test_prose_and_code_take_turns(notebook):
    kinds = "".join("c" if cell.cell_type == "code" else "m" for cell in notebook.cells)
    assert "ccc" not in kinds, "three code cells in a row"


@of_solutions_too
def test_figures_have_name_caption_and_alt_text(notebook):
    names = []
    for cell in code_cells(notebook):
        if any("image/png" in output.get("data", {}) for output in cell.outputs):
            meta = cell.metadata.get("mystnb", {})
            assert meta.get("figure", {}).get("caption"), f"figure without caption: {cell.source[:60]}"
            assert meta.get("image", {}).get("alt"), f"figure without alt text: {cell.source[:60]}"
            names.append(meta["figure"]["name"])
    assert len(names) == len(set(names))


def test_charts_have_a_description(notebook):
    for cell in code_cells(notebook):
        for output in cell.outputs:
            spec = output.get("data", {}).get("application/vnd.vegalite.v5+json")
            assert spec is None or spec.get("description"), f"chart without description: {cell.source[:60]}"


@of_lessons
def test_skeleton(notebook):
    text = prose(notebook)
    assert text.startswith("# ")
    (start, *_), about = text.split("\n## "), text.split("{dropdown} About this page")[1].split(":::")[0]
    assert len(start.split("\n\n")[1].split()) >= 20, "no hook: what this chapter answers, in two or three sentences"
    assert [part for part in ABOUT if part not in about] == []
    headings = [line for line in text.splitlines() if line.startswith("## ")]
    assert [h for h in headings if h in SECTIONS] == SECTIONS
    assert 1 <= text.split("## In short")[1].split("##")[0].count("\n- ") <= 5
    words = re.sub(r"\$\$.*?\$\$|\$[^$]*\$", "", text.split("## Check yourself")[0], flags=re.S).split()
    assert len(words) <= 2800, f"{len(words)} words before Check yourself"


@of_lessons
def test_a_picture_stands_in_the_first_screen(notebook):
    first = notebook.cells[1]
    assert any(kind in output.get("data", {}) for output in first.outputs for kind in PICTURES), first.source[:60]


def test_what_only_proves_or_draws_is_folded(notebook):
    """A folded cell says what it is folded to, on the site and in JupyterLab; what a proof prints is a verdict."""
    for cell in code_cells(notebook):
        lines, where = cell.source.splitlines(), cell.source[:60]
        pictures = [output for output in cell.outputs if any(kind in output.get("data", {}) for kind in PICTURES)]
        said = "".join(output.get("text", "") for output in cell.outputs)
        assert all(len(line) <= 72 for line in said.splitlines()), f"wider than 72 characters: {where}"
        if "hide-input" in cell.metadata.get("tags", []):
            assert cell.metadata.get("jupyter", {}).get("source_hidden"), f"not folded in JupyterLab: {where}"
            assert cell.metadata.get("mystnb", {}).get("code_prompt_show"), f"folded to no name: {where}"
            assert pictures or not said or said.startswith("✓ "), f"a proof without a verdict: {where}"
            assert pictures or len(said.splitlines()) <= 2, f"a verdict is one line: {where}"
        else:
            assert not pictures, f"the code of a picture is not folded: {where}"
            assert len(lines) <= 15, f"longer than 15 lines: {where}"


@of_lessons
def test_your_project_is_ordinary_pytorch(notebook):
    sections = "\n".join(
        ("\n" + c.source) if c.cell_type == "markdown" else f"```{c.source}```" for c in notebook.cells
    )
    project = sections.split("## In your project")[1].split("\n## ")[0]
    for part in ("nn.", "torch.optim.", ".backward()", ".step()"):
        assert part in project, part


def predictions(text):
    """The questions with options: [(question, [(option, reply)])]."""
    boxes = re.findall(r"^::::{admonition} (.+?)\n:class: predict\n(.*?)^::::$", text, re.M | re.S)
    return [(q, re.findall(r"^:::{dropdown} (.+?)\n(.*?)^:::$", body, re.M | re.S)) for q, body in boxes]


@of_lessons
def test_predictions_answer_each_choice(notebook):
    body, quiz = prose(notebook).split("## Check yourself")
    for question, options in predictions(body + quiz):
        assert 3 <= len(options) <= 4, question
        assert all(len(reply.split()) >= 5 for _, reply in options), f"an option without a reply: {question}"
        right = [option for option, reply in options if re.match(r"Yes\b", reply)]
        assert len(right) == 1, f"the reply to the right option, and to no other, begins with Yes: {question}"
    assert len(predictions(body)) >= 2
    assert len(predictions(quiz)) >= 2
    assert quiz.count(":::{dropdown} Answer") >= 1
    assert len(predictions(body)) == body.count(":class: predict") and len(predictions(quiz)) == quiz.count(
        ":class: predict"
    )


def decimals(markdown):
    """Numbers with a decimal that the prose states: not those of display formulas, links, roles and wrong choices."""
    text = markdown.split("## Check yourself")[0]  # its answers are the reader's to compute
    text = re.sub(r"\$\$.*?\$\$|\]\([^)]*\)|\{[a-z]+\}`[^`]*`|^:::+\{dropdown\}.*?$", " ", text, flags=re.S | re.M)
    return re.findall(r"(?<![\w.])\d+\.\d+(?!\.?\d)", text)


def stands_in(number, cells):
    """Is it written in the code of one of these cells, or printed by one, or is a printed one this when rounded?"""
    half = 0.5 * 10 ** -len(number.split(".")[1])
    for cell in cells:
        texts = [output.get("text", "") or output.get("data", {}).get("text/plain", "") for output in cell.outputs]
        shown = [float(other) for other in re.findall(r"\d+\.\d+(?:e[-+]?\d+)?", "\n".join(texts))]
        if number in re.findall(r"\d+\.\d+", cell.source):
            return True
        if any(abs(float(number) - other) <= half + 1e-9 for other in shown):
            return True
    return False


def neighbours(notebook, i):
    """The two code cells before a cell and the one after it."""
    codes = [(j, cell) for j, cell in enumerate(notebook.cells) if cell.cell_type == "code"]
    return [cell for j, cell in codes if j < i][-2:] + [cell for j, cell in codes if j > i][:1]


@of_solutions_too
def test_decimals_in_prose_stand_in_a_neighbouring_cell(notebook):
    """Or the prose cell's metadata says where: in another cell, by a formula, or "said: …" for what is not computed."""
    by_id = {cell.id: cell for cell in code_cells(notebook)}
    for i, cell in enumerate(notebook.cells):
        if cell.cell_type != "markdown":
            continue
        exempt, found = cell.metadata.get("numbers", {}), decimals(cell.source)
        assert set(exempt) <= set(found), f"cell {cell.id}: {set(exempt) - set(found)} does not stand in its prose"
        for number in found:
            if number not in exempt:
                assert stands_in(number, neighbours(notebook, i)), f"cell {cell.id}: no cell beside it has {number}"
            elif exempt[number] in by_id:
                assert stands_in(number, [by_id[exempt[number]]]), f"cell {exempt[number]} has no {number}"
            elif not exempt[number].startswith("said: "):
                value = eval(exempt[number], vars(math).copy())  # ours, not a reader's: "sqrt(2) / 2"
                assert f"{value:.{len(number.split('.')[1])}f}" == number, f"cell {cell.id}: {exempt[number]}"


def test_made_up_decimals_are_refused():
    """Of made-up numbers with two decimals, between half and twice one in the prose, fewer than one in ten pass."""
    tried = accepted = 0
    for path in CHAPTERS + SOLUTIONS:
        notebook = nbformat.read(path, as_version=4)
        for i, cell in enumerate(notebook.cells):
            for number in decimals(cell.source) if cell.cell_type == "markdown" else []:
                if len(number.split(".")[1]) == 2:
                    made_up = {f"{float(number) * 2 ** (step / 10):.2f}" for step in range(-10, 11)} - {number}
                    tried += len(made_up)
                    accepted += sum(stands_in(other, neighbours(notebook, i)) for other in made_up)
    assert tried > 200 and accepted / tried < 0.1, f"{accepted} of {tried}"


@pytest.mark.parametrize(
    ("file", "said", "never"),
    [
        ("solutions/poisson_regression/poisson_regression", "deaths .*adult white women", r"\b(cases|people)\b"),
        ("solutions/beta_regression/beta_regression", "ninth-graders .*mathematics", r"pupils read"),
    ],
)
def test_data_are_described_as_their_source_describes_them(file, said, never):
    """And not by what a column's name suggests."""
    notebook = nbformat.read(ROOT / f"{file}.ipynb", as_version=4)
    assert re.search(said, prose(notebook), re.S)
    assert not re.search(never, prose(notebook) + printed(notebook))


def test_the_loss_map_says_what_the_table_of_cases_says():
    """The chart shows the calls as text; the page, which runs them, names them again, and has a line for each case."""
    page = prose(nbformat.read(ROOT / "chapters" / "loss_map.ipynb", as_version=4))
    for case in CASES:
        assert f"| {' | '.join(case.row)} |" in page
        for call in (case.pytorch, case.twin):
            assert re.sub(r"\s", "", call) in re.sub(r"\s", "", page), call


@pytest.fixture(scope="module")
def answers():
    """The page of answers: {part: {heading: text}}."""
    text = prose(nbformat.read(ROOT / "chapters" / "which_loss.ipynb", as_version=4))
    parts = (re.split(r"^### (.+)$", part, flags=re.M) for part in re.split(r"^## ", text, flags=re.M)[1:])
    return {first.split("\n")[0]: dict(zip(rest[::2], rest[1::2], strict=True)) for first, *rest in parts}


def test_answers_are_short_and_have_a_name_of_their_own(answers):
    headings = [heading for part in answers.values() for heading in part]
    assert len(set(headings)) == len(headings) >= 90
    for part in answers.values():
        for heading, text in part.items():
            assert 1 <= len(text.split()) <= 120, heading
    for name in ("Keras", "XGBoost", "LightGBM"):
        assert all(heading.startswith(f"{name}: ") for heading in answers[name])


ESTIMATORS = dict(all_estimators())
CALLS = {**vars(functional), **vars(nn), **vars(metrics), **ESTIMATORS}  # by the names that the page uses
CALLS = {name: call for name, call in CALLS.items() if inspect.isclass(call) or inspect.isfunction(call)}
NOT_A_LOSS = {"AdaBoostRegressor", "RANSACRegressor", "LassoLarsIC", "SelfTrainingClassifier"}  # it ranks or selects


def words(part):
    return set(re.findall(r"\w+", str(part)))


def test_every_loss_of_pytorch_and_scikit_learn_has_an_answer(answers):
    classes = {name for name in dir(nn) if "Loss" in name}
    functions = {name for name in dir(functional) if name.endswith(("_loss", "cross_entropy", "kl_div", "_logits"))}
    assert len(classes) >= 24 and len(functions) >= 22
    assert (classes | functions) - words(answers["PyTorch"]) == set()
    with_loss = {
        name.removesuffix("Classifier").removesuffix("Regressor")
        for name, model in ESTIMATORS.items()
        if {"loss", "criterion"} & set(inspect.signature(model).parameters) and name not in NOT_A_LOSS
    }
    trees = {"ExtraTree", "ExtraTrees"}  # as DecisionTree and RandomForest
    assert with_loss - trees - {w.removesuffix("Classifier").removesuffix("Regressor") for w in words(answers)} == set()


# What the page recommends, and is no default.
ADVICE = {
    'reduction="batchmean"',
    'method="temperature"',
    "full=True",
    "C=np.inf",
    'class_weight="balanced"',
    'loss="poisson"',
}


def test_defaults_in_the_answers_are_those_of_the_signatures(answers):
    """`name=value` beside a call of PyTorch or scikit-learn is its default, or advice."""
    seen = 0
    for heading, text in [*answers["PyTorch"].items(), *answers["scikit-learn"].items()]:
        calls = [CALLS[word] for word in words(heading + text) if word in CALLS]
        for name, value in re.findall(r"`[^`]*?\b(\w+)=([^`,)]+)", text):
            if f"{name}={value}" in ADVICE:
                continue
            arguments = [inspect.signature(call).parameters for call in calls]
            defaults = [a[name].default for a in arguments if name in a]
            assert eval(value, {}) in defaults, f"{heading}: {name}={value}, and not {defaults}"
            seen += 1
    assert seen >= 30
