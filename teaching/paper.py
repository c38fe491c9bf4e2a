"""Print what a course needs on paper into _build/teaching/paper/: python -m teaching.paper [seed]

For each chapter a sheet of problems and its worked solutions; two exams of the same problems with other numbers, each
for two groups, with a marking scheme; a cheat sheet of one page. `sheets` says how problems are written and checked,
`exams` how they are chosen. Pages are HTML with the book's formulas, printed by Chromium. Their fonts come in wheels,
so they look the same everywhere; the same book and seed give the same bytes.
"""

import io
import posixpath
import re
import shutil
import sys
import tempfile
import time
from html import escape
from pathlib import Path

import matplotlib
from playwright.sync_api import sync_playwright
from pypdf import PdfWriter
from pypdf.generic import ArrayObject, NameObject

from teaching import cheat_sheet as cheat
from teaching.exams import exams
from teaching.exports import BOOK, Html, changed
from teaching.sheets import checked, sheets
from teaching.slides import REVEAL
from tools import chromium
from tools.book import ROOT, pages
from website.formulas import FONTS as MATHS
from website.formulas import render, with_breaks, write_style
from website.head import pages_url

TARGET = ROOT / "_build" / "teaching" / "paper"
FONTS = [*(REVEAL / "dist" / "theme" / "fonts" / "source-sans-pro").glob("*.woff"), MATHS / "MathJax_Math-Italic.woff"]
FONTS += [
    Path(matplotlib.get_data_path()) / "fonts" / "ttf" / name for name in ("DejaVuSans.ttf", "DejaVuSansMono.ttf")
]
RULES = "On paper; a pocket calculator will do. Logarithms are natural, losses in nats."

INSTRUCTIONS = """- A pocket calculator and one sheet of A4, written or printed on one side, are allowed.
- Begin each problem on a new page, and write your name on each.
- Give your reasons: points are for steps. What a problem lets you use, you need not show.
- Logarithms are natural, losses in nats. Three digits are enough."""

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<link rel="stylesheet" href="formulas.css"><link rel="stylesheet" href="paper.css">
<style>@page {{ @top-right {{ content: "{running}"; }} }}</style></head>
<body class="{kind}">
{body}
</body></html>
"""

# Laid out once, with its fonts: what was laid out before they came keeps, now and then, half a pixel of it on paper.
SETTLE = """async () => {
    document.documentElement.hidden = true;
    await Promise.allSettled([...document.fonts].map((font) => font.load()));
    await document.fonts.ready;
    document.documentElement.hidden = false;
}"""
# What is wider than the page, and the problem in which it stands.
MEASURE = """() => [...document.querySelectorAll("body *:not(mjx-container *)")]
    .filter((one) => one.getBoundingClientRect().right > document.body.getBoundingClientRect().right + 1)
    .map((one) => one.closest("[data-name]")?.dataset.name ?? one.textContent.trim().slice(0, 60))"""


class Words(Html):
    """Markdown to HTML. A formula is a place that `set_formulas` fills, a link into the book one to the site."""

    def __init__(self, root=ROOT):
        super().__init__({})
        self.markdown.options["typographer"] = True  # “ ” as on the pages
        self.markdown.enable("smartquotes")
        self.site, self.pages, self.places = pages_url(root), set(pages(root)), {}
        rules = self.markdown.renderer.rules
        rules["math_inline"] = rules["math_inline_double"] = lambda tokens, i, *_: self._place(tokens[i], False)
        rules["math_block"] = rules["math_block_label"] = lambda tokens, i, *_: self._place(tokens[i], True)

    def _place(self, token, display):
        key = (with_breaks(token.content.strip()), display)
        return f'<span data-formula="{self.places.setdefault(key, len(self.places))}"></span>'

    def block(self, text):
        html = super().block(text).replace(" = ", "\u00a0=\u00a0").replace("± ", "±\u00a0")
        return re.sub(r"(\d) %", "\\1\u00a0%", html)

    def _plain(self, text):
        return super()._plain(re.sub(r"\]\((?!https?:)([^)]*)\)", self._address, text))

    def _address(self, found):
        path, _, heading = found[1].partition("#")
        page = posixpath.normpath(posixpath.join("chapters", path)).rpartition(".")[0]
        if page not in self.pages:
            raise ValueError(f"a link leads to {found[1]!r}, which is no page")
        return f"]({self.site}{page}.html{'#' + heading if heading else ''})" if self.site else f"]({found[1]})"


def set_formulas(texts, places):
    """({name: HTML with its formulas}, their style sheet), by MathJax in one call."""
    place = re.compile(r'(\()?<span data-formula="(\d+)"></span>([.,;:!?)]*)')
    used = sorted({int(found[2]) for text in texts.values() for found in place.finditer(text)})
    formulas = [list(places)[number] for number in used]
    answer, made = render(formulas), {}
    for number, (tex, display), result in zip(used, formulas, answer["results"], strict=True):
        if "error" in result:
            raise ValueError(f"{result['error']}, in the formula {tex}")
        made[number] = f'<span class="{"formula" if display else "inline"}">{result["html"]}</span>'

    def fill(found):  # a line does not begin with the comma after a formula
        one, marks = made[int(found[2])], (found[1] or "", found[3])
        return f'<span class="with-mark">{marks[0]}{one}{marks[1]}</span>' if any(marks) else one

    return {name: place.sub(fill, text) for name, text in texts.items()}, answer["css"]


# --- A problem and its solution --------------------------------------------------------------------------------------


def points(n):
    return f"{n} point" if n == 1 else f"{n} points"


def with_parts(html, worth=None):
    """Paragraphs that begin with (a) hang; `worth` has the points of each part."""

    def part(found):
        said = f'<span class="worth">{points(worth[found[1]])}</span>' if worth else ""
        return f'<p class="part"><span class="letter">({found[1]})</span><span>{found[2]}</span>{said}</p>'

    return re.sub(r"<p>\(([a-z])\) (.*?)</p>", part, html, flags=re.S)


def dots(problem):
    return f'<span class="difficulty">{"●" * problem.difficulty}{"○" * (3 - problem.difficulty)}</span>'


def heading(problem, number, words):
    return (
        f'<h2><span class="no">{number}</span><span>{words.line(problem.title)}</span><span class="worth">'
        f"{dots(problem)}{points(problem.points)}</span></h2>"
    )


def asked(problem, number, parameters, words):
    """A problem with these parameters."""
    text, _, _ = problem.with_numbers(parameters)
    text = with_parts(words.block(text), problem.parts())
    name = escape(problem.where)
    return (
        f'<section class="problem" data-name="{name}">{heading(problem, number, words)}'
        f'<div class="text">{text}</div></section>'
    )


def solved(problem, number, parameters, words):
    """The same with its solution, the points of each step beside it."""
    text, steps, mistakes = problem.with_numbers(parameters)
    rows = []
    for step in steps:
        kind = "step of-part" if problem.parts() and not step.part else "step"
        said = f'<div class="text">{with_parts(words.block(step.text))}</div><div class="worth">{step.points}</div>'
        rows.append(f'<div class="{kind}">{said}</div>')
    total = f'<div class="sum"><div>together</div><div class="worth">{sum(step.points for step in steps)}</div></div>'
    rows[-1] = f'<div class="last">{rows[-1]}{total}</div>'
    seen = f'<div class="mistakes"><b>Often seen.</b> {words.block(mistakes)[3:]}</div>' if mistakes else ""
    return (
        f'<section class="problem solved" data-name="{escape(problem.where)}">{heading(problem, number, words)}'
        f'<div class="text">{with_parts(words.block(text), problem.parts())}</div>'
        f'<div class="steps">{"".join(rows)}</div>{seen}</section>'
    )


def document(kind, kicker, title, about, body, running):
    header = f'<header><p class="kicker">{kicker}</p><h1>{title}</h1><p class="about">{about}</p></header>'
    plain = re.sub("<[^>]+>|[$`]", "", title)
    return PAGE.format(kind=kind, title=f"{plain}: {kicker}", running=running, body=f"{header}\n{body}")


# --- Sheets ----------------------------------------------------------------------------------------------------------


def sheet(found, seed, words):
    """{file name: page}: the problems of a chapter, and their solutions."""
    title, count = words.line(found.title), len(found.problems)
    chapter = words.line(f"Chapter: [{found.title}]({found.page}.ipynb)")
    numbered = [(problem, number, problem.draw(seed)) for number, problem in enumerate(found.problems, 1)]
    made = {}
    for name, kicker, write in ((found.page, "Problems", asked), (f"{found.page}-solutions", "Solutions", solved)):
        body = "\n".join(write(*one, words) for one in numbered)
        about = f"{count} problems, {found.points} points. {RULES} {chapter}"
        made[name] = document("sheet", kicker, title, about, body, f"{kicker}: {title}")
    return made


# --- Exams -----------------------------------------------------------------------------------------------------------


def exam(made, seed, titles, words):
    """{file name: page}: an exam of one group, and its marking scheme; `titles` are those of the chapters."""
    kind, numbered = made.kind, [(number, *one) for number, one in enumerate(made.problems, 1)]
    total = sum(problem.points for _, problem, _ in numbered)
    if total != kind.points:
        raise ValueError(f"the {kind.title.lower()} has {kind.points} points, its problems add up to {total}")
    letter = f'<p class="group">Group <b>{made.group}</b></p>'
    tables = {asked: cover(numbered, total) + words.block(INSTRUCTIONS), solved: scheme(numbered, total, titles, words)}
    about = f"{total} points, {kind.minutes} minutes"
    scored = (
        f"{about}. Drawn with the seed {seed}. A wrong step costs once: what rightly follows from it gets its points."
    )
    name, documents = f"{made.name}-{made.group}", {}
    for file, title, said, write in (
        (name, kind.title, about, asked),
        (f"{name}-marking", f"{kind.title}: marking scheme", scored, solved),
    ):
        body = letter + tables[write] + "\n".join(write(one, number, drawn, words) for number, one, drawn in numbered)
        documents[file] = document("exam", BOOK, title, said, body, f"{title} · Group {made.group}")
    return documents


def cover(numbered, total):
    """Where a student writes a name, and a marker the points."""
    numbers = "".join(f"<th>{number}</th>" for number, _, _ in numbered)
    worth = "".join(f"<td>{problem.points}</td>" for _, problem, _ in numbered)
    return (
        '<p class="fields"><span>Name</span><span>Student number</span></p><table class="marks">'
        f"<tr><th>Problem</th>{numbers}<th>Sum</th></tr><tr><td>Points</td>{worth}<td>{total}</td></tr>"
        f"<tr><td>Reached</td>{'<td></td>' * (len(numbered) + 1)}</tr></table>"
    )


def scheme(numbered, total, titles, words):
    """What is asked, from which chapter, for how many points."""
    rows = "".join(
        f"<tr><td>{number}</td><td>{words.line(problem.title)}</td><td>{dots(problem)}</td>"
        f"<td>{words.line(f'[{titles[problem.page]}]({problem.page}.ipynb)')}</td><td>{problem.points}</td></tr>"
        for number, problem, _ in numbered
    )
    return (
        '<table class="scheme"><tr><th></th><th>Problem</th><th></th><th>Chapter</th><th>Points</th></tr>'
        f"{rows}<tr><td></td><td>together</td><td></td><td></td><td>{total}</td></tr></table>"
    )


# --- The cheat sheet -------------------------------------------------------------------------------------------------


def cheat_sheet(words):
    """{file name: page}"""
    page = PAGE.format(kind="cheat", title=f"{BOOK}: cheat sheet", running="", body=cheat.body(words))
    return {"cheat-sheet": page}


# --- Printing --------------------------------------------------------------------------------------------------------


def pdf(page, file):
    """The bytes of a page as it is printed; nothing in them tells when."""
    page.goto(file.as_uri())
    page.evaluate(SETTLE)
    if wide := page.evaluate(MEASURE):
        raise ValueError(f"{file.stem}.pdf: something is wider than the page, in {wide[0]}")
    printed = page.pdf(prefer_css_page_size=True, print_background=True, outline=True, tagged=True)
    writer, target = PdfWriter(clone_from=io.BytesIO(printed)), io.BytesIO()
    if file.stem == "cheat-sheet" and len(writer.pages) != 1:
        raise ValueError(f"cheat-sheet.pdf: it has {len(writer.pages)} pages, one is wanted")
    date = time.strftime("D:%Y%m%d%H%M%SZ", time.gmtime(changed()))
    writer.metadata = {"/Title": page.title(), "/Creator": BOOK, "/CreationDate": date, "/ModDate": date}
    names = name_cells(writer)
    writer.write(target)
    return re.sub(rb"\(node\d+\)", lambda found: names[found[0]], target.getvalue())


def name_cells(writer):
    """The new names of the tables' heading cells, by their order: the browser counts on from page to page."""
    tree = writer.root_object["/StructTreeRoot"].get_object()
    if "/IDTree" not in tree:
        return {}
    leaves, cells = [tree["/IDTree"].get_object()], {}
    for leaf in leaves:
        leaves += [one.get_object() for one in leaf.get("/Kids", [])]
        pairs = leaf.get("/Names", [])
        cells |= dict(zip(pairs[::2], pairs[1::2], strict=True))
        leaf.clear()
    order = sorted(cells, key=lambda name: cells[name].idnum)
    names = ArrayObject(part for name in order for part in (name, cells[name]))
    leaves[0][NameObject("/Names")] = names
    return {f"({name})".encode(): b"(node%08d)" % i for i, name in enumerate(order)}


def write_pages(documents, words, folder):
    """Write {name: page} into a folder with the styles and fonts that they need; return {name: file}."""
    texts, css = set_formulas(documents, words.places)
    write_style(folder, css)
    shutil.copy(Path(__file__).with_name("paper.css"), folder)
    (folder / "fonts").mkdir()
    for font in FONTS:
        shutil.copy(font, folder / "fonts")
    for name, text in texts.items():
        (folder / f"{name}.html").write_text(text, encoding="utf-8")
    return {name: folder / f"{name}.html" for name in texts}


def write(documents, words, browser):
    """{file name: its bytes} of {name: page}."""
    with tempfile.TemporaryDirectory() as folder:
        files = write_pages(documents, words, Path(folder))
        page = browser.new_page()
        return {f"{name}.pdf": pdf(page, file) for name, file in files.items()}


def all_documents(found, seed, words):
    """{file name: page} of the sheets, the exams and the cheat sheet."""
    documents, titles = cheat_sheet(words), {page: one.title for page, one in found.items()}
    for one in found.values():
        documents |= sheet(one, seed, words)
    for one in exams(found, seed):
        documents |= exam(one, seed, titles, words)
    return documents


def main(seed="0"):
    if not re.fullmatch(r"-?\d+", seed):
        sys.exit(f"The seed must be a whole number, got {seed!r}")
    path = chromium.find() or chromium.get()
    if not path:
        sys.exit("There is no Chromium to print with, and none can be had here")
    try:
        words = Words()
        documents = all_documents(checked(sheets()), seed, words)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=path, args=chromium.OPTIONS)
            files = write(documents, words, browser)
            browser.close()
    except ValueError as error:
        sys.exit(f"The paper is not whole: {error}")
    shutil.rmtree(TARGET, ignore_errors=True)
    TARGET.mkdir(parents=True)
    for name, content in files.items():
        (TARGET / name).write_bytes(content)
    print(f"{len(files)} PDFs, {sum(map(len, files.values())) / 1e6:.1f} MB, are in {TARGET}")


if __name__ == "__main__":
    main(*sys.argv[1:])
