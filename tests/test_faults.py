"""Faults planted in a copy of the book, one at a time or, for the built site, together: the suite goes red for each."""

import contextlib
import functools
import json
import os
import re
import shutil
import subprocess
import sys

import pytest
import yaml

from tools.book import ROOT

IDEA = "chapters/likelihood_to_loss.ipynb"
MSE, BCE = "chapters/mse_gaussian.ipynb", "chapters/bce_bernoulli.ipynb"


def cells(notebook, kind):
    return [cell for cell in notebook["cells"] if cell["cell_type"] == kind]


def change(cell_list, pattern, new):
    """Change the first place where `pattern` matches in the sources of these cells."""
    for cell in cell_list:
        source, count = re.subn(pattern, new, "".join(cell["source"]), count=1)
        if count:
            cell["source"] = source
            return
    raise LookupError(pattern)


def a_digit_in_prose(notebook):
    change(cells(notebook, "markdown"), r"0\.002224", "0.002225")


def a_wrong_factor(notebook):
    change(cells(notebook, "code"), r"r\*\*2 / 2", "r**2 / 3")


def cleared_outputs(notebook):
    for cell in cells(notebook, "code"):
        cell.update(outputs=[], execution_count=None)


def cells_out_of_order(notebook):
    first, second = cells(notebook, "code")[:2]
    first["execution_count"], second["execution_count"] = 2, 1


def an_edited_exercise(notebook):
    change(cells(notebook, "markdown"), "Exercise", "Homework")


def a_leaked_hidden_test(notebook):
    change(cells(notebook, "code"), r"\Z", "\n### BEGIN HIDDEN TESTS\nassert True\n### END HIDDEN TESTS")


def no_alt_text(notebook):
    settings = (cell["metadata"].get("mystnb", {}) for cell in notebook["cells"])
    next(setting for setting in settings if "image" in setting).pop("image")


def a_dead_link(notebook):
    change(cells(notebook, "markdown"), r"\(likelihood_to_loss.ipynb\)", "(likelihood_to_los.ipynb)")


def an_undefined_term(notebook):
    change(cells(notebook, "markdown"), r"{term}`[^`]+`", "{term}`flux capacitor`")


def a_warning(notebook):
    change(cells(notebook, "code"), r"\Z", "\nimport warnings\nwarnings.warn('careful')")


def a_slider_that_lies(notebook):
    """The chart on the page shows a gradient that is not p − y."""
    for cell in cells(notebook, "code"):
        for output in cell["outputs"]:
            chart = output.get("data", {}).get("application/vnd.vegalite.v5+json")
            if chart:
                text, count = re.subn(r"exp\(-", "exp(-1.1*", json.dumps(chart))
                assert count
                output["data"]["application/vnd.vegalite.v5+json"] = json.loads(text)


def an_option_without_a_reply(notebook):
    change(cells(notebook, "markdown"), r"(?s)(:::{dropdown} σ = 1\n).*?(?=:::\n)", r"\1")


def a_page_without_a_part(notebook):
    change(cells(notebook, "markdown"), "## In your project", "## Elsewhere")


def a_proof_that_is_not_folded(notebook):
    folded = (
        cell for cell in cells(notebook, "code") if cell["outputs"] and "hide-input" in cell["metadata"].get("tags", [])
    )
    next(cell for cell in folded if "text" in cell["outputs"][0])["metadata"].pop("jupyter")


def a_cdn_link(text):
    return text + '\n<script src="https://cdn.jsdelivr.net/npm/mathjax@3/es5/tex-chtml.js"></script>\n'


def an_answer_on_the_site(text):
    return text + "\n`half_log_det = L.diagonal(dim1=1, dim2=2).log().sum(dim=1)`\n"


def a_wrong_density(text):
    return text.replace("std.log() + 0.5 * math.log(2 * math.pi)", "std.log() + 0.6 * math.log(2 * math.pi)")


def few_pages(text):
    """The site with the faults is built of the pages that have them, and of what these need."""
    pages = [*(file.removesuffix(".ipynb") for file in (IDEA, MSE, BCE)), "notation", "glossary", "bibliography"]
    return yaml.safe_dump({"format": "jb-book", "root": "index", "chapters": [{"file": page} for page in pages]})


STRUCTURE, RELEASE = "tests/test_structure.py::test_", "tests/test_exercises.py::test_release_is_current"
BUILDS = "tests/test_html.py::test_the_site_builds_without_warnings"
CHARTS = "tests/test_charts.py::test_charts_show_what_lib_computes"
FAULTS = {  # planted together: what plants one, the file, the test that must notice, what is said there
    "as it is written": [
        (
            a_digit_in_prose,
            IDEA,
            f"{STRUCTURE}decimals_in_prose_stand_in_a_neighbouring_cell[likelihood_to_loss]",
            "0.002225",
        ),
        (cleared_outputs, BCE, f"{STRUCTURE}is_a_fresh_run_from_top_to_bottom[bce_bernoulli]", "[None, None,"),
        (cells_out_of_order, MSE, f"{STRUCTURE}is_a_fresh_run_from_top_to_bottom[mse_gaussian]", "[2, 1, 3,"),
        (no_alt_text, MSE, f"{STRUCTURE}figures_have_name_caption_and_alt_text[mse_gaussian]", "alt"),
        (
            an_option_without_a_reply,
            MSE,
            f"{STRUCTURE}predictions_answer_each_choice[mse_gaussian]",
            "an option without a reply",
        ),
        (a_page_without_a_part, MSE, f"{STRUCTURE}skeleton[mse_gaussian]", "In your project"),
        (
            a_proof_that_is_not_folded,
            MSE,
            f"{STRUCTURE}what_only_proves_or_draws_is_folded[mse_gaussian]",
            "source_hidden",
        ),
        (an_edited_exercise, "exercises/warm_ups/mse.ipynb", RELEASE, "warm_ups/mse.ipynb"),
        (a_leaked_hidden_test, "exercises/warm_ups/mae.ipynb", RELEASE, "warm_ups/mae.ipynb"),
        (
            a_wrong_density,
            "lib/likelihoods.py",
            "tests/test_likelihoods.py::test_scipy_and_torch_distributions_agree[mse]",
            "are not close",
        ),
    ],
    "when it runs": [
        (a_wrong_factor, MSE, MSE, "the values differ by"),
        (a_warning, IDEA, IDEA, "careful"),
    ],
    "on the site": [
        (a_dead_link, MSE, BUILDS, "likelihood_to_los.ipynb"),
        (an_undefined_term, MSE, BUILDS, "flux capacitor"),
        (a_cdn_link, "notation.md", "tests/test_html.py::test_no_page_names_a_cdn", "jsdelivr"),
        (
            an_answer_on_the_site,
            "notation.md",
            "tests/test_html.py::test_no_answer_and_no_hidden_test_is_on_the_site",
            "half_log_det",
        ),
        (a_slider_that_lies, BCE, f"{CHARTS}[chapters/bce_bernoulli-wide]", "expected to contain text"),
    ],
}


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    target = tmp_path_factory.mktemp("faults") / "book"
    unwanted = shutil.ignore_patterns(".*", "_build", "__pycache__", "*.egg-info", "grading", "conf.py")
    shutil.copytree(ROOT, target, ignore=unwanted)
    return target


@contextlib.contextmanager
def planted(copy, *faults):
    """The copy with these faults (what plants one, and the file), which then is as it was."""
    before = {copy / file: (copy / file).read_text(encoding="utf-8") for _, file in faults}
    try:
        for plant, file in faults:
            text = (copy / file).read_text(encoding="utf-8")
            if file.endswith(".ipynb"):
                notebook = json.loads(text)
                plant(notebook)
                after = json.dumps(notebook, ensure_ascii=False)
            else:
                after = plant(text)
            assert after != text
            (copy / file).write_text(after, encoding="utf-8")
        yield
    finally:
        for path, text in before.items():
            path.write_text(text, encoding="utf-8")


def run_tests(copy, *names):
    """Run these tests on the copy: what pytest printed."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *dict.fromkeys(names)]
    other = ("PYTEST_XDIST", "TESTED_SITE")  # this run's workers, and its site without the fault
    environment = {key: value for key, value in os.environ.items() if not key.startswith(other)}
    environment["PYTHONPATH"] = str(copy)
    return subprocess.run(command, cwd=copy, capture_output=True, encoding="utf-8", env=environment).stdout


@pytest.fixture(scope="module")
def said_of(copy):
    """A function: what the tests say of the faults of one kind, planted together."""

    @functools.cache
    def said(kind):
        small = [(few_pages, "_toc.yml")] * (kind == "on the site")
        with planted(copy, *small, *(fault[:2] for fault in FAULTS[kind])):
            return run_tests(copy, *(name for _, _, name, _ in FAULTS[kind]))

    return said


@pytest.mark.parametrize(
    ("kind", "plant", "name", "word"),
    [(kind, plant, name, word) for kind, faults in FAULTS.items() for plant, _, name, word in faults],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_the_suite_notices(said_of, kind, plant, name, word):
    """In the report of the test that must notice: from its headline to the next one's, in words of this fault alone.

    So it need not be shown again, on the copy, that without a fault the test is green.
    """
    headline = name.partition("::")[2] or name
    report = re.search(
        rf"(?s)^_+ {re.escape(headline)}(?:::Cell \d+)? _+$(.*?)^(?:_+ (?!_).* _+|=+ .* =+)$", said_of(kind), re.M
    )
    assert report and word in report[1], said_of(kind)
