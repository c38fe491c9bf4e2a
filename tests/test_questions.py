"""The question bank: whole, the same as the pages, right to the last number, and read again from each file.

The readers here know the formats, not the exporters: Moodle's XML, GIFT as Moodle's manual has it, QTI's response
processing, Anki's database. Numbers are computed again from their parameters by SciPy and by formulas written out.
"""

import io
import itertools
import json
import math
import re
import sqlite3
import zipfile
from html import unescape
from xml.etree import ElementTree as ET

import nbformat
import numpy as np
import pytest
from scipy import integrate, optimize, special, stats
from test_structure import predictions

from teaching import bank as banks
from teaching import numeric, questions
from teaching.exports import WRITERS, Html
from tools.book import chapters
from website.formulas import render

RIGHT = {"choice": "multichoice", "numeric": "numerical", "open": "essay"}


@pytest.fixture(scope="module")
def html():
    return Html()


@pytest.fixture(scope="module")
def bank():
    return banks.bank()


@pytest.fixture(scope="module")
def files(bank, html):
    return {name: write(bank, html) for name, write in WRITERS.items()}


# --- The bank --------------------------------------------------------------------------------------------------------


def test_the_bank_is_large_and_whole(bank):
    kinds = [question.kind for question in bank]
    assert len(bank) >= 250 and kinds.count("numeric") >= 60 and kinds.count("choice") >= 150
    assert {question.page for question in bank} >= {path.stem for path in chapters()} - {"which_loss"}
    for question in bank:
        assert question.difficulty in (1, 2, 3) and question.chapter and question.heading, question.id
        assert all(len(option.reply.split()) >= 1 and option.text for option in question.options), question.id
        assert bool(question.options) != bool(question.answer), question.id
        assert question.kind == "open" or len(question.options) >= 3, question.id


def test_the_bank_has_every_question_of_every_page(bank):
    for path in chapters():
        cells = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "markdown"]
        text = "\n\n".join(cell.source for cell in cells)
        asked = [[(option, reply.strip()) for option, reply in options] for _, options in predictions(text)]
        mine = [question for question in bank if question.page == path.stem]
        assert asked == [[(o.text, o.reply) for o in q.options] for q in mine if q.kind == "choice"]
        assert text.count("{dropdown} Answer") == sum(q.kind == "open" for q in mine)
        assert {q.heading for q in mine} <= {h.strip("# ") for h in re.findall(r"^#+ .*", text, re.M)}


def test_a_prediction_brings_the_paragraph_before_it(tmp_path):
    before = "# A page\n\nFirst.\n\nThen:\n\n$$\na\n\n= b\n$$ (eq-a)\n\n:::{note}\nAside.\n:::\n\n"
    ((question, _), _) = read(tmp_path, PAGE.replace("# A page\n\n", before))
    assert question.context == "Then:\n\n$$\na\n= b\n$$ (eq-a)"
    (question, _), _ = read(tmp_path, PAGE.replace("# A page\n", before + "(a-label)=\n## A heading\n"))
    assert (question.context, question.heading, question.chapter) == ("", "A heading", "A page")


def test_another_seed_changes_the_numbers_and_nothing_else(bank):
    other = banks.bank(seed=1)
    assert [question.id for question in other] == [question.id for question in bank]
    moved = [a.kind for a, b in zip(bank, other, strict=True) if a != b]
    assert set(moved) == {"numeric"} and len(moved) > 40


# --- Numbers ---------------------------------------------------------------------------------------------------------

norm, laplace, expit, logit = stats.norm, stats.laplace, special.expit, special.logit


def bernoulli(z, y):
    return -stats.bernoulli.logpmf(y, expit(z))


def categorical(z, y):
    return special.logsumexp(z) - z[y]


def kl(p, q):
    return special.rel_entr(p, q) + special.rel_entr(1 - p, 1 - q)


def nb(mean, alpha):
    return stats.nbinom(1 / alpha, 1 / (1 + alpha * mean))


def root_of_rise(n):
    return 100 * optimize.brentq(lambda p: -2 * n * math.log1p(-p) - 3.84, 1e-9, 0.9)


# The right value of each numeric question, once more: by SciPy where it can be.
WITNESS = {
    "tosses": lambda heads, n, theta: -np.log(np.r_[[theta] * heads, [1 - theta] * (n - heads)]).sum(),
    "underflow": lambda cost_each: 1074 * math.log(2) / cost_each,
    "sum_and_mean": lambda mean, n, times: n * mean + times * n * mean,
    "another_unit": lambda nll, c: -math.log(math.exp(-nll) / c),
    "nats_to_bits": lambda nats: math.log2(math.exp(nats)),
    "jacobian_of_log": lambda nll, mean_log: -math.log(math.exp(-nll) * math.exp(-mean_log)),
    "density_to_bin": lambda nll, width: -math.log(math.exp(-nll) * width),
    "null_of_a_share": lambda share: stats.bernoulli(share).entropy(),
    "profiled": lambda rmse: norm(0, rmse).entropy(),
    "gain_to_r2": lambda gain: 1 - (math.exp(-gain)) ** 2,
    "gaussian_cost": lambda mean, y, std: -norm(mean, std).logpdf(y),
    "gradient_ratio": lambda std, y: 2 * (1 - y) / ((1 - y) / std**2),
    "sigma_hat": lambda a, b, c, d: np.std([a, b, c, d, -a, -b, -c, -d]),
    "shrunk_variance": lambda n, p, std: std**2 * (1 - p / n),
    "laplace_cost": lambda median, y, scale: -laplace(median, scale).logpdf(y),
    "b_hat": lambda a, b, c, d: laplace.fit([a, b, c, d], floc=0)[1],
    "laplace_std": lambda mae: laplace(0, mae).std(),
    "laplace_interval": lambda scale, level: laplace(0, scale).interval(level)[1],
    "bce_cost": bernoulli,
    "bce_slope": lambda z, y: expit(z) - y,
    "odds_ratio": lambda p, w: (o := p / (1 - p) * math.exp(w)) / (1 + o),
    "flipped_labels": lambda flip, p: flip + (1 - 2 * flip) * p,
    "ce_cost": lambda a, b, c, y: categorical([a, b, c], y),
    "start_of_training": lambda K: math.log(K),
    "smoothed_answer": lambda share, eps, K: share - eps * (share - 1 / K),
    "difference_of_slopes": lambda car, bike, km: math.exp(km * car) / math.exp(km * bike),
    "kl_of_coins": kl,
    "cross_entropy_of_coins": lambda p, q: kl(p, q) + stats.bernoulli(p).entropy(),
    "kl_of_gaussians": lambda m, s: integrate.quad(
        lambda y: norm.pdf(y) * (norm.logpdf(y) - norm(m, s).logpdf(y)), -12, 12
    )[0],
    "laplace_fitted_to_normal": lambda std: norm(0, std).expect(abs),
    "optimism": lambda K, n: 0.5 * (K - 1) / n,
    "poisson_cost": lambda rate, y: -stats.poisson(rate).logpmf(y),
    "inflated_zero": lambda pi, mu: pi + (1 - pi) * stats.poisson(mu).pmf(0),
    "offset": lambda f, exposure: math.exp(f + math.log(exposure)),
    "nb_variance": lambda mu, alpha: nb(mu, alpha).var(),
    "nb_cost": lambda mu, alpha, y: -nb(mu, alpha).logpmf(y),
    "nb_in_pytorch": lambda r, p: stats.nbinom(r, 1 - p).mean(),
    "log_var_cost": lambda mean, y, log_var: -norm(mean, math.exp(log_var / 2)).logpdf(y),
    "log_var_slope": lambda error, log_var: 0.5 - 0.5 * error**2 / math.exp(log_var),
    "pinball": lambda tau, u: max(tau * u, (tau - 1) * u),
    "t_cost": lambda df, y, scale: -stats.t(df, 0, scale).logpdf(y),
    "t_pull": lambda df, y: (df + 1) * y / (df + y**2),
    "huber": lambda k, u: special.huber(k, u),
    "mixed_factor": lambda d, std: d / 2 / std**2,
    "double_softmax": lambda K: -math.log(math.e / (math.e + K - 1)),
    "decay_of_a_prior": lambda n, std, tau: 2 / n * (std / tau) ** 2,
    "prior_of_a_decay": lambda n, decay: (n * decay) ** -0.5,
    "shrunk_mean": lambda n, ybar, tau: ybar * tau**2 / (tau**2 + 1 / n),
    "error_of_a_log_rate": lambda n, rate: 1 / math.sqrt(n * rate),
    "error_of_log_odds": lambda n, p: math.sqrt(1 / (n * p) + 1 / (n * (1 - p))),
    "clustered": lambda m, rho: math.sqrt(((1 - rho) * np.eye(m) + rho).sum() / m),
    "none_faulty": root_of_rise,
    "unweighted": lambda w, q: q / (q + w * (1 - q)),
    "kept_zeros": lambda keep, z: expit(z) / (expit(z) + expit(-z) / keep),
    "tempered": lambda z, T: 1 / (1 + math.exp(-z / T)),
    "smoothing_floor": lambda K, eps: stats.entropy([1 - eps + eps / K] + [eps / K] * (K - 1)),
    "crps": lambda y, std: (
        integrate.quad(lambda t: norm.cdf(t / std) ** 2, -40, y)[0]
        + integrate.quad(lambda t: norm.sf(t / std) ** 2, y, 40)[0]
    ),
    "unequal_batches": lambda a, b, last: np.mean([a] * 192 + [b] * last),
    "perplexity": lambda nats, tokens: math.exp(nats) ** (1 / tokens),
    "preference": lambda a, b: math.log1p(math.exp(b - a)),
    "dpo": lambda beta, chosen, rejected: math.log1p(math.exp(-beta * (chosen - rejected))),
    "infonce": lambda a, b, T: categorical([a / T, b / T, b / T, b / T], 0),
    "clipped": lambda power, z: -math.log(float(f"1e-{power}")),
    "hurdle": lambda p, y, s: -math.log(p) - stats.lognorm(s, scale=math.e).logpdf(y),
    "hinge": lambda f, y: max(0, 1 - f * y),
    "early_stopping": lambda eta, decay: 1 / eta / decay,
    "dropout_spread": lambda w, rate: math.sqrt(rate * w**2 + (1 - rate) * (w / (1 - rate) - w) ** 2),
}


def test_every_number_is_computed_again():
    assert set(WITNESS) == set(numeric.TABLE)
    for name, row in numeric.TABLE.items():
        for values in list(itertools.product(*row.grid.values()))[::3]:
            parameters = dict(zip(row.grid, values, strict=True))
            question = numeric.question(row, "", parameters)
            wanted = WITNESS[name](**parameters)
            assert question.options[0].value == pytest.approx(wanted, rel=1e-6, abs=1e-8), (name, parameters)


# --- Formulas and texts ----------------------------------------------------------------------------------------------


def texts(question, html):
    answers = [html.block(question.answer)] if question.answer else []
    lines = [html.line(option.text) for option in question.options]
    return [html.question(question), *answers, *lines, *(html.block(option.reply) for option in question.options)]


def test_no_markdown_is_left_and_every_formula_can_be_set(bank, html):
    found = set()
    for question in bank:
        for text in texts(question, html):
            ET.fromstring(f"<div>{text}</div>")
            inline, block = re.findall(r"\\\((.+?)\\\)", text), re.findall(r"\\\[(.+?)\\\]", text)
            found |= {(unescape(tex), False) for tex in inline} | {(unescape(tex), True) for tex in block}
            assert len(inline) == text.count(r"\(") == text.count(r"\)"), text
            words = re.sub(r"\\\(.+?\\\)|\\\[.+?\\\]|<code>.*?</code>", "", text)
            assert not re.search(r"[$`]|\*\*|\{[a-z]+\}|:::|\]\(|\(eq-|^#", words), words
    results = render([[tex, display] for tex, display in sorted(found)])["results"]
    assert len(found) > 100 and all("html" in result for result in results)


# --- Read again ------------------------------------------------------------------------------------------------------


def expected(question, html):
    """[(what is chosen, its share of the points, its reply)]."""
    return [
        (option.value if question.kind == "numeric" else html.line(option.text), i == question.right, option.reply)
        for i, option in enumerate(question.options)
    ]


def same(chosen, wanted):
    return chosen == wanted if isinstance(wanted, str) else float(chosen) == pytest.approx(wanted, abs=1e-6)


def test_moodle_reads_it(bank, html, files):
    quiz = ET.fromstring(files["moodle.xml"])
    items = [item for item in quiz if item.get("type") != "category"]
    assert [item.findtext("idnumber") for item in items] == [question.id for question in bank]
    assert max(len(question.id) for question in bank) <= 100  # Moodle's limit
    for item, question in zip(items, bank, strict=True):
        assert item.get("type") == RIGHT[question.kind] and item.findtext("name/text")
        assert item.findtext("questiontext/text") == html.question(question)
        answers = item.findall("answer")
        for answer, (chosen, right, reply) in zip(answers, expected(question, html), strict=False):
            assert same(answer.findtext("text"), chosen) and float(answer.get("fraction")) == 100 * right
            assert answer.findtext("feedback/text") == html.block(reply) != ""
        if question.kind == "numeric":
            assert [answer.findtext("text") for answer in answers[len(question.options) :]] == ["*"]
            value, near = float(answers[0].findtext("text")), float(answers[0].findtext("tolerance"))
            assert abs(value - WITNESS[question.name](**question.parameters)) < 1e-5 < near
            others = [float(answer.findtext("text")) for answer in answers[1:-1]]
            assert all(abs(value - other) > 2 * near - 1e-5 for other in others)
        else:
            assert len(answers) == len(question.options)
        assert f"difficulty {question.difficulty}" in [tag.findtext("text") for tag in item.findall("tags/tag")]
    categories = [place.text for place in quiz.findall("question/category/text")]
    assert len(categories) == len(set(categories)) == len({question.chapter for question in bank})


def read_gift(text):
    """[(name, text, answers)] as Moodle takes a file apart; an answer is (sign, text, reply)."""
    text = text.replace("\\\\", "\x01")
    for i, sign in enumerate("~=#{}:"):
        text = text.replace("\\" + sign, chr(0xE000 + i))

    def plain(part):
        for i, sign in enumerate("~=#{}:"):
            part = part.replace(chr(0xE000 + i), sign)
        return part.replace("\x01", "\\").strip()

    found = []
    for block in re.split(r"\n\s*\n", text):
        block = "\n".join(line for line in block.splitlines() if not line.startswith("//")).strip()
        if not block or block.startswith("$CATEGORY:"):
            continue
        name, said, answers, after = re.fullmatch(r"::(.+?)::\[html\](.*?)\{(.*)\}(.*)", block, re.S).groups()
        assert not after and "{" not in answers and "}" not in answers
        if answers.startswith("####"):
            found.append((plain(name), plain(said), plain(answers[4:])))
            continue
        signs = re.findall(r"([~=])([^~=#]*)#([^~=#]*)", answers.removeprefix("#"))
        found.append((plain(name), plain(said), [(sign, plain(a), plain(b)) for sign, a, b in signs]))
    return found


def test_gift_is_read_back(bank, html, files):
    read = read_gift(files["gift.txt"].decode())

    def flat(text):
        return " ".join(text.split())

    for (name, said, answers), question in zip(read, bank, strict=True):
        assert name and said == flat(html.question(question))
        if question.kind == "open":
            assert answers == flat(html.block(question.answer))
            continue
        for (sign, text, got), (chosen, right, reply) in zip(answers, expected(question, html), strict=True):
            assert got == flat(html.block(reply))
            if question.kind == "numeric":
                weight, value, near = re.fullmatch(r"(%0%)?([-\d.]+):([\d.]+)", text).groups()
                assert sign == "=" and (weight is None) == right and same(value, chosen) and float(near) > 0
            else:
                assert (sign == "=") == right and text == flat(chosen)


QTI = "{http://www.imsglobal.org/xsd/imsqti_v2p1}"


def respond(item, response):
    """(score, feedback) that the item's response processing gives."""
    outcomes = {"SCORE": "0", "FEEDBACK": None}

    def value(node):
        if node.tag == QTI + "baseValue":
            return node.text
        if node.tag == QTI + "correct":
            return item.findtext(f"{QTI}responseDeclaration/{QTI}correctResponse/{QTI}value")
        return {"RESPONSE": response}[node.get("identifier")]

    def holds(node):
        first, second = map(value, node)
        if node.tag == QTI + "match":
            return first == second
        assert node.tag == QTI + "equal" and node.get("toleranceMode") == "absolute"
        return abs(float(first) - float(second)) <= float(node.get("tolerance"))

    def run(rules):
        for rule in rules:
            if rule.tag == QTI + "setOutcomeValue":
                outcomes[rule.get("identifier")] = value(rule[0])
            else:
                for branch in rule:
                    otherwise = branch.tag == QTI + "responseElse"
                    if otherwise or holds(branch[0]):
                        run(branch if otherwise else branch[1:])
                        break

    run(item.find(f"{QTI}responseProcessing"))
    said = {node.get("identifier"): node for node in item.findall(f"{QTI}modalFeedback")}
    return float(outcomes["SCORE"]), "".join(said[outcomes["FEEDBACK"]].itertext()).strip()


def words(html):
    return "".join(ET.fromstring(f"<div>{html}</div>").itertext()).strip()


def test_qti_answers_each_choice(bank, html, files):
    archive = zipfile.ZipFile(io.BytesIO(files["qti.zip"]))
    manifest, cp = ET.fromstring(archive.read("imsmanifest.xml")), "{http://www.imsglobal.org/xsd/imscp_v1p1}"
    listed = {node.get("href") for node in manifest.iter(f"{cp}file")}
    assert listed | {"imsmanifest.xml"} == set(archive.namelist()) and len(listed) == len(bank) + 1
    resources = {node.get("identifier") for node in manifest.iter(f"{cp}resource")}
    assert {node.get("identifierref") for node in manifest.iter(f"{cp}dependency")} == resources - {"test"}
    test = ET.fromstring(archive.read("test.xml"))
    places = [(node.get("identifier"), node.get("href")) for node in test.iter(f"{QTI}assessmentItemRef")]
    for (identifier, href), question in zip(places, bank, strict=True):
        item = ET.fromstring(archive.read(href))
        assert item.get("identifier") == identifier and re.fullmatch(r"[A-Za-z_][\w.-]*", identifier)
        if question.kind == "open":
            assert respond(item, "some text") == (0, words(html.block(question.answer)))
        choices = {words(html.line(o.text)): "ABCDEFGH"[i] for i, o in enumerate(question.options)}
        shown = {"".join(node.itertext()): node.get("identifier") for node in item.iter(f"{QTI}simpleChoice")}
        assert shown == (choices if question.kind == "choice" else {})
        for i, option in enumerate(question.options):
            response = f"{option.value:.4f}" if question.kind == "numeric" else "ABCDEFGH"[i]
            assert respond(item, response) == (i == question.right, words(html.block(option.reply)))
        if question.kind == "numeric":
            assert respond(item, "-12345")[1].startswith("This is none")


def test_anki_opens_it(bank, html, files, tmp_path):
    zipfile.ZipFile(io.BytesIO(files["anki.apkg"])).extractall(tmp_path)
    with sqlite3.connect(tmp_path / "collection.anki2") as database:
        assert database.execute("pragma integrity_check").fetchone() == ("ok",)
        notes = database.execute("select flds, tags, guid from notes order by id").fetchall()
        cards = database.execute("select did, nid from cards").fetchall()
        decks, models = (json.loads(text) for text in database.execute("select decks, models from col").fetchone())
    database.close()
    assert len(notes) == len(cards) == len(bank) == len({guid for *_, guid in notes})
    assert {decks[str(did)]["name"] for did, _ in cards} == {f"Losses Are Likelihoods::{q.chapter}" for q in bank}
    (model,) = [model for model in models.values() if "Losses" in model["name"]]
    assert [field["name"] for field in model["flds"]] == ["Question", "Options", "Replies", "Id"]
    for (fields, tags, _), question in zip(notes, bank, strict=True):
        asked, options, replies, identifier = fields.split("\x1f")
        assert (asked, identifier) == (html.question(question), question.id)
        assert f"difficulty-{question.difficulty}" in tags.split()
        assert options.count("<li>") == (len(question.options) if question.kind == "choice" else 0)
        assert all(html.block(reply) in replies for _, _, reply in expected(question, html))
        assert question.kind != "open" or replies == html.block(question.answer)


def test_the_same_bytes_twice(files, tmp_path, monkeypatch, capsys):
    """The second time by the verb's own program."""
    monkeypatch.setattr(questions, "TARGET", tmp_path / "teaching")
    questions.main()
    assert {path.name: path.read_bytes() for path in (tmp_path / "teaching").iterdir()} == files
    assert re.match(r"\d+ questions \(\d+ with options, \d+ numeric, \d+ open\) are in ", capsys.readouterr().out)


def test_a_later_book_is_newer_to_anki(bank, html, monkeypatch, tmp_path):
    for book in ({"SOURCE_DATE_EPOCH": "1900000000", "PATH": ""}, {"SOURCE_DATE_EPOCH": "", "PATH": ""}):
        for name, value in book.items():
            monkeypatch.setenv(name, value)
        zipfile.ZipFile(io.BytesIO(WRITERS["anki.apkg"](bank[:1], html))).extractall(tmp_path)
        with sqlite3.connect(tmp_path / "collection.anki2") as database:
            times = database.execute("select distinct mod from notes").fetchall()
        database.close()
        assert times == [(int(book["SOURCE_DATE_EPOCH"] or 1577836800),)]


# --- Bad input -------------------------------------------------------------------------------------------------------

PAGE = """# A page

::::{admonition} Predict: a or b?
:class: predict

:::{dropdown} a
Yes: it is a.
:::
:::{dropdown} b
It is not b.
:::
:::{dropdown} c
It is not c.
:::
::::

**2.** Why?

:::{dropdown} Answer
Because.
:::
"""


def read(tmp_path, text):
    path = tmp_path / "page.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(text)]), path)
    return banks.of_page(path)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("It is not b.\n", "", "page: 'A or b?': the option 'b' has no reply"),
        ("} b\n", "} a\n", "page: 'A or b?': two options are the same: 'a'"),
        ("Yes: it", "It", "page: 'A or b?': 0 replies begin with \"Yes\""),
        ("It is not c", "Yes", "page: 'A or b?': 2 replies begin with \"Yes\""),
        (":::{dropdown} c\nIt is not c.\n:::\n", "", "page: 'A or b?': 2 options can be read, at least 3 are wanted"),
        (":::\n::::\n", ":::\n", "page: 2 questions are marked, 1 can be read: is a fence missing?"),
        ("Because.\n", "", "page: 'Why?': there is no answer"),
    ],
)
def test_a_page_with_a_question_that_is_not_whole_is_refused(tmp_path, old, new, said):
    assert len(read(tmp_path, PAGE)[0]) == 2 and PAGE.count(old) == 1
    with pytest.raises(ValueError) as caught:
        read(tmp_path, PAGE.replace(old, new))
    assert said in str(caught.value)


def halves(x):
    return f"Half of {x}?", (x / 2, "Yes."), (x, "That is all of it."), (2.0, "That is two.")


@pytest.mark.parametrize(
    ("function", "grid", "said"),
    [
        (halves, (1, 4, 5), "halves, with {'x': 4}: the mistake 'That is two.', 2.0000, equals the right value"),
        (halves, (1, 2), "halves, with {'x': 2}: the mistake 'That is two.', 2.0000, has the value of 'That is all"),
        (lambda x: ("?", (x, "Yes."), (2 * x, " "), (3 * x, "No.")), (1,), "the option 2.0000 has no reply"),
        (lambda x: ("?", (x, "Yes."), (2 * x, "No.")), (1,), "at least two named mistakes are wanted"),
        (lambda x: ("?", (x, "Yes."), (math.inf, "No."), (3, "No!")), (1,), "'No.' has the value inf"),
    ],
)
def test_a_number_that_is_right_and_wrong_is_refused_whatever_the_seed(function, grid, said):
    row = numeric.Row(function, "page", "A heading", 1, {"x": grid})
    for seed in range(4):
        with pytest.raises(ValueError) as caught:
            numeric.draw(row, "A page", ["A heading"], seed)
        assert said in str(caught.value)


def test_a_numeric_question_belongs_to_a_heading():
    row = numeric.Row(halves, "page", "Elsewhere", 1, {"x": (7,)})
    with pytest.raises(ValueError, match="halves: page has no heading 'Elsewhere'"):
        numeric.draw(row, "A page", ["A heading"], 0)
    with pytest.raises(ValueError, match="halves: its parameters and their numbers differ"):
        numeric.numeric("page", "A heading", 1, table={}, y=(1,))(halves)


def test_what_no_export_knows_is_refused(html):
    with pytest.raises(ValueError, match="no export knows what"):
        html.block("See {cite}`someone`.")


def test_a_seed_is_a_number():
    with pytest.raises(SystemExit, match="The seed must be a whole number, got 'seven'"):
        questions.main("seven")


def test_a_bank_that_is_not_whole_is_not_written(tmp_path, monkeypatch):
    monkeypatch.setattr(questions, "TARGET", tmp_path / "teaching")
    monkeypatch.setitem(numeric.TABLE, "halves", numeric.Row(halves, "counts", "No such heading", 1, {"x": (7,)}))
    with pytest.raises(SystemExit, match="The question bank is not whole: numeric question halves: counts has no"):
        questions.main()
    assert not (tmp_path / "teaching").exists()
