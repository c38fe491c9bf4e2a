"""A deck of slides for each chapter, made of its built page, into _build/teaching/slides/: python -m teaching.slides

Conventions
-----------
- The page is the source, its headings are the rule: what is on a slide stands on the page, so the two cannot drift.
- A deck is the title with its hook, the first chart, the slides of each section, *In short*, where to read on. A
  section has its first numbered formula, its first figure and its chart, in the page's order; formula and figure share
  a slide unless the page asks a question between them. One that has none of these has its first small table, else its
  longest code of at most 15 lines that is not folded, else its first sentence, if it says something.
- While a deck has fewer than MOST slides, the first prediction of each section is asked, from the top, and then the
  code of *In your project* is shown.
- The notes are the prose that stands around it on the page; of a figure without any, what there is to see.
- Whoever has Chromium looks at every slide: one that overflows 1280 × 720 stops the command and is named.
"""

import re
import shutil
import sys
from copy import copy
from dataclasses import dataclass, field
from html import escape
from importlib.util import find_spec
from pathlib import Path

import tinycss2
from bs4 import BeautifulSoup, NavigableString

from teaching.bank import RIGHT
from tools.book import ROOT, SITE, pages

TARGET = ROOT / "_build" / "teaching" / "slides"
WIDE, HIGH = 1280, 720
FEWEST, MOST = 12, 20
BOOK = "Losses Are Likelihoods"
TAIL = ("In your project", "When it breaks", "In short", "Check yourself", "Go further")

REVEAL = Path(find_spec("sphinx_revealjs").origin).parent / "_static" / "revealjs"  # reveal.js in a wheel
TAKEN = {
    "dist/reveal.js": "reveal.js",
    "dist/reveal.css": "reveal.css",
    "plugin/notes/notes.js": "notes.js",
    "LICENSE": "reveal.js-LICENSE.txt",
}
OF_THE_SITE = re.compile(r"mjx|MJX|\.TEX|\.chart|data-theme=.?light.*\.highlight")

PAGE = """<!doctype html>
<html lang="en" data-theme="light" data-content_root="assets/">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}: slides</title>
<link rel="stylesheet" href="assets/reveal.css">
<link rel="stylesheet" href="assets/_static/book.css">
<link rel="stylesheet" href="assets/slides.css"></head>
<body><div class="reveal"><div class="slides">
{slides}
</div></div>
<script src="assets/reveal.js"></script>
<script src="assets/notes.js"></script>
<script src="assets/_static/charts.js"></script>
<script>
Reveal.initialize({{
  width: 1280, height: 720, margin: 0, center: false, hash: true, slideNumber: "c/t",
  controlsTutorial: false, transition: "none", pdfSeparateFragments: false, plugins: [RevealNotes],
}});
// A control that was moved with the pointer gives the arrow keys back to the slides.
document.addEventListener("pointerup", ({{ target }}) => target.matches("input, button") && target.blur());
</script></body></html>
"""

# By how many pixels something sticks out of each slide, or out of its box on the slide. A picture shrinks with its
# room, but not below its least height: then it sticks out.
MEASURE = """(slides) => slides.map((slide) => {
    const style = slide.getAttribute("style");
    slide.setAttribute("style", "display: block !important; visibility: visible; position: absolute; top: 0");
    slide.removeAttribute("hidden");
    const scale = slide.getBoundingClientRect().width / 1280;
    let [right, below] = [slide.scrollWidth - 1280, slide.scrollHeight - 720];
    const beyond = (one, box) => {
        const inner = one.getBoundingClientRect(), outer = box.getBoundingClientRect();
        if (!inner.width || !inner.height) return;
        right = Math.max(right, (inner.right - outer.right) / scale, (outer.left - inner.left) / scale);
        below = Math.max(below, (inner.bottom - outer.bottom) / scale, (outer.top - inner.top) / scale);
    };
    const unseen = ".notes, .notes *, mjx-container *, svg *, noscript, noscript *";
    for (const one of slide.querySelectorAll(`:scope *:not(${unseen})`)) {
        beyond(one, slide);
        if (one.matches(".body > *, .said > *, .drawn > *, .options > *, .options > li > *, ul > li")) {
            beyond(one, one.parentElement);
        }
        if (one.matches(".formula, pre, .said")) right = Math.max(right, one.scrollWidth - one.clientWidth);
    }
    style === null ? slide.removeAttribute("style") : slide.setAttribute("style", style);
    [right, below] = [right, below].map((px) => Math.max(0, Math.ceil(px - 1)));
    return { name: slide.dataset.name, right, below };
})"""


@dataclass
class Slide:
    """`name` is what an error calls it; `kind` its classes; `body` and `notes` HTML."""

    name: str
    kind: str
    body: str
    notes: str = ""

    def html(self):
        return (
            f'<section class="{self.kind}" data-name="{escape(self.name)}"><div class="slide">\n{self.body}\n</div>'
            f'<aside class="notes">{self.notes}</aside></section>'
        )


@dataclass
class Section:
    heading: str  # HTML
    parts: list = field(default_factory=list)  # of (kind, element, the prose before it), in the page's order
    after: list = field(default_factory=list)  # the prose after the last
    spare: list = field(default_factory=list)  # for a section without parts of its own

    @property
    def name(self):
        return BeautifulSoup(self.heading, "html.parser").get_text()


# --- From the page ---------------------------------------------------------------------------------------------------


def read(file):
    """The article of a page without what only a page needs."""
    text = file.read_text(encoding="utf-8")
    soup = BeautifulSoup(text[text.index("<article") : text.index("</article>")], "html.parser")
    article, unwanted, links = soup.article, [], []
    for element in article.find_all(True):
        classes = set(element.get("class", ()))
        if classes & {"headerlink", "only-dark", "sd-summary-state-marker", "caption-number"}:
            unwanted.append(element)
        elif element.name == "a" and classes & {"internal", "lib"}:
            links.append(element)
    for element in unwanted:
        element.decompose()
    for link in links:
        if not link.decomposed:
            link.unwrap()
    return article


def inner(element):
    return element.decode_contents().strip()


def folded(element):
    return element.find_parent("details") is not None


def kind_of(element):
    """What an element of a page is for a deck; None for what it leaves out."""
    classes = element.get("class", [])
    for kind, name in (("formula", "equation"), ("chart", "chart"), ("asks", "predict")):
        if name in classes:
            return kind
    if element.name == "figure" and element.find("img"):
        return "figure"
    if element.name in ("p", "ul", "ol") and element.parent.name == "section":
        return "prose"
    if element.name == "table" or "cell_input" in classes:
        return "spare"
    return None


def section_of(part, heading):
    """A section of a page, its parts in order."""
    section = Section(inner(part.find(["h1", "h2"])))
    numbered = next((one for one in part.find_all(class_="equation", id=True) if not folded(one)), None)
    before, seen = [], set()
    for element in part.find_all(True):
        kind = kind_of(element)
        if kind is None or folded(element) or element.find_parent(class_="predict"):
            continue
        if heading == "h1" and element.find_parent("section") is not part:
            break  # a page's beginning ends where its first section begins
        if kind == "prose":
            before.append(element)
        elif kind == "spare":
            section.spare.append(element)
        elif kind not in seen and (kind != "formula" or numbered is None or element is numbered):
            seen.add(kind)
            section.parts.append((kind, element, before))
            before = []
    section.after = before
    return section


def notes_of(elements):
    """Prose as a browser shows it without a style sheet: formulas are MathML."""
    said = []
    for element in elements:
        element = copy(element)
        for place in element.find_all(attrs={"data-tex": True}):
            place.replace_with(copy(place.find("math")))
        said.append(f"<{element.name}>{inner(element)}</{element.name}>")
    return "".join(said)


def prose_of(parts):
    return [paragraph for _, _, before in parts for paragraph in before]


def words(*texts):
    """How many words are seen in these pieces of HTML; a formula counts as three."""
    soup = BeautifulSoup("".join(texts), "html.parser")
    for place in soup.find_all(attrs={"data-tex": True}):
        place.replace_with(" a a a ")
    return len(soup.get_text().split())


def sentence(paragraph, which):
    """The first (0) or last (-1) sentence of a paragraph, as HTML."""
    ends = []
    for child in paragraph.children:
        if isinstance(child, NavigableString):
            ends += [(child, end.start() + 1) for end in re.finditer(r"[.?!](?=\s+[A-Z])", child)]
    if not ends:
        return inner(paragraph)
    child, at = ends[which]
    children = list(paragraph.children)
    place = next(i for i, one in enumerate(children) if one is child)
    before = "".join(map(_markup, children[:place])) + escape(child[:at])
    after = escape(child[at:]) + "".join(map(_markup, children[place + 1 :]))
    return (before if which == 0 else after).strip()


def _markup(node):
    return escape(node) if isinstance(node, NavigableString) else str(node)


# --- To slides -------------------------------------------------------------------------------------------------------


def title_slide(start, notes):
    hook = notes[0] if notes else None
    said = inner(hook) if hook else ""
    body = f'<h1>{start.heading}</h1>\n<p class="hook">{said}</p>\n<p class="book">{BOOK}</p>'
    return Slide(start.name, "title" + " long" * (words(said, start.heading) > 62), body, notes_of(notes))


def chart_slide(heading, chart, prose, name):
    """The chart as large as the slide is high, below the first sentence that says what to try."""
    height, controls = (int(re.search(rf"--{what}: (\d+)", chart["style"])[1]) for what in ("wide", "controls"))
    lead = ""
    for paragraph in prose:
        if paragraph.name == "p" and paragraph.get_text().startswith("Try"):
            said = sentence(paragraph, 0)
            lead = f'<p class="lead">{said}</p>' if words(said) <= 45 else ""
    room = 530 - 50 * (len(name) > 44) - 31 * -(-words(lead) // 14)
    chart = copy(chart)
    chart["style"] += f"; zoom: {min(1.5, room / (height + 64 * -(-controls // 4) + 80)):.2f}"
    body = f'<h2>{heading}</h2>\n{lead}<div class="body">{chart}</div>'
    return Slide(f"{name}: chart", "moves", body, notes_of(prose))


def drawn(figure):
    picture = copy(figure.find("img"))
    for name in ("loading", "decoding", "class"):
        del picture[name]
    picture["src"] = "assets/images/" + Path(picture["src"]).name
    caption = figure.select_one(".caption-text")
    return f'<figure class="drawn">{picture}<figcaption>{inner(caption) if caption else ""}</figcaption></figure>'


def shape(equation):
    """How many lines a formula has, and how many characters the longest."""
    math = equation.find("math")
    rows = [re.sub(r"\s", "", row.get_text()) for row in math.find_all("mtr") or [math]]
    return len(rows), max(map(len, rows))


def formula(equation, prose):
    lead = next((one for one in reversed(prose) if one.name == "p"), None)
    lead = sentence(lead, -1) if lead is not None else ""
    lead = f"<p>{lead}</p>" if lead and words(lead) <= 32 else ""
    number = equation.select_one(".equation-number")
    number = f'<span class="number">{number.get_text().strip()}</span>' if number else ""
    tall = " tall" * (shape(equation)[0] > 2 or shape(equation)[1] > 40)
    return f'<div class="said{tall}">{lead}<div>{equation.select_one(".formula")}{number}</div></div>'


def idea_slide(section, parts):
    """Formula and figure, or one of the two."""
    shown = {kind: (element, prose) for kind, element, prose in parts}
    bodies = []
    if "formula" in shown:
        bodies.append(formula(*shown["formula"]))
    seen = ""
    if "figure" in shown:
        seen = f"<p>{escape(shown['figure'][0].img['alt'])}</p>"
        bodies.append(drawn(shown["figure"][0]))
    kind = "both" if len(bodies) == 2 else "alone"
    body = f'<h2>{section.heading}</h2>\n<div class="body {kind}">{"".join(bodies)}</div>'
    return Slide(f"{section.name}: {' and '.join(shown)}", kind, body, notes_of(prose_of(parts)) or seen)


def asks_slide(section, box, prose):
    """A prediction; its replies come with the next step."""
    question = inner(box.find(class_="admonition-title"))
    question = re.sub(r"^(\d+\. )?Predict: ", "", question)
    question = question[:1].upper() + question[1:] if re.match(r"[a-z]{2}|a ", question) else question
    rows, right = [], ""
    for option in box.find_all("details"):
        text = inner(option.select_one(".sd-summary-text"))
        reply = option.select_one(".sd-summary-content")
        is_right = bool(RIGHT.match(reply.get_text().strip()))
        right = text if is_right else right
        mark = " right" * is_right
        rows.append(
            f'<li><div>{text}</div><div class="reply{mark} fragment" data-fragment-index="0">{inner(reply)}</div></li>'
        )
    long = " long" * (words(question, *rows) > 100 or len(rows) > 4)
    body = f'<p class="kicker">Predict · {section.heading}</p>\n<h2>{question}</h2>\n'
    body += f'<ol class="options">{"".join(rows)}</ol>'
    return Slide(f"{section.name}: prediction", f"asks{long}", body, notes_of(prose) + f"<p>Right: {right}.</p>")


def lines(pre):
    return pre.get_text().strip().count("\n") + 1


def spare_slide(section):
    """Of a section with neither formula nor figure: a small table, the longest visible code, or a sentence."""
    tables = [
        one for one in section.spare if one.name == "table" and len(one.find_all("tr")) <= 9 and words(str(one)) <= 130
    ]
    codes = [one.pre for one in section.spare if one.name != "table" and lines(one.pre) <= 15]
    prose = section.after + prose_of(section.parts)
    if tables:
        kind, body = "alone" + " long" * (words(str(tables[0])) > 50), str(tables[0])
    elif codes:
        kind, body = "code", f'<div class="highlight">{max(codes, key=lines)}</div>'
    else:
        said = [sentence(one, 0) for one in prose if one.name == "p"][:1]
        said = said if said and words(*said) > 8 else []  # shorter ones only announce what is on the page
        kind, body = "alone statement", "".join(f'<div class="said"><p>{one}</p></div>' for one in said)
    if not body:
        return None
    body = f'<h2>{section.heading}</h2>\n<div class="body {kind}">{body}</div>'
    return Slide(f"{section.name}: {kind.split()[-1]}", kind, body, notes_of(prose))


def slides_of(section, asked):
    """The slides of a section; its prediction is one of them if it is `asked`."""
    slides, group = [], []

    def flush():
        if group:
            slides.append(idea_slide(section, group))
            group.clear()

    lost = []  # prose before a prediction that is not asked
    for at, (kind, element, before) in enumerate(section.parts):
        prose = lost + before
        lost = []
        if kind == "asks" and not asked:
            lost = prose
        elif kind == "asks":
            flush()
            slides.append(asks_slide(section, element, prose))
        elif kind == "chart":
            flush()
            after = section.parts[at + 1][2] if at + 1 < len(section.parts) else section.after
            slides.append(chart_slide(section.heading, element, [*prose, *after], section.name))
        else:
            if any(shape(one)[1] > 36 for what, one, _ in [*group, (kind, element, prose)] if what == "formula"):
                flush()  # too wide to have a figure beside it
            group.append((kind, element, prose))
    flush()
    if all(kind == "asks" for kind, _, _ in section.parts):
        spare = spare_slide(section)
        slides = [*([spare] if spare else []), *slides]
    elif slides:
        slides[-1].notes += notes_of([*lost, *section.after])
    return slides


def list_slide(part):
    rows = [inner(item.p or item) for item in part.find_all("li")]
    body = f"<h2>In short</h2>\n<ul>{''.join(f'<li>{row}</li>' for row in rows)}</ul>"
    return Slide("In short", "list" + " long" * (words(*rows) > 84), body)


def last_slide(name, heading, further, titles):
    """Where to read on: the page itself, its exercises, the chapter after it."""
    names = list(titles)
    after = names[names.index(name) + 1 : names.index(name) + 2]
    rows = [f"This chapter, with its code, its proofs and its questions: <em>{heading}</em>, in <em>{BOOK}</em>."]
    first = further.find("p")
    if first is not None and first.get_text().startswith("Exercise"):
        rows.append(inner(first))
    rows += [f"The next chapter: <em>{titles[one]}</em>." for one in after]
    body = f"<h2>Read on</h2>\n<ul>{''.join(f'<li>{row}</li>' for row in rows)}</ul>"
    return Slide("Read on", "list" + " long" * (words(*rows) > 95), body, notes_of(further.find_all("p")))


def chapters(site):
    """{name: article} of the pages that have an *In short*, in reading order."""
    names = [page for page in pages() if page.startswith("chapters/")]
    for name in names:
        if not (site / f"{name}.html").exists():
            sys.exit(f"{site / name}.html is missing: make site")
    articles = {Path(name).name: read(site / f"{name}.html") for name in names}
    return {name: article for name, article in articles.items() if article.find(id="in-short")}


def deck(name, article, titles):
    """The slides of a chapter."""
    parts = [heading.parent for heading in article.find_all("h2")]
    named = {inner(part.h2): part for part in parts}
    if missing := [heading for heading in ("In short", "Go further") if heading not in named]:
        sys.exit(f"chapters/{name} has no heading {missing[0]!r}: a deck ends with it")
    start = section_of(article.find("section"), "h1")
    body = [section_of(part, "h2") for part in parts if inner(part.h2) not in TAIL]
    about = article.select_one("details.sd-dropdown ul")
    opening = next((prose for _, _, prose in start.parts), start.after)
    head = [title_slide(start, opening)]
    for kind, element, prose in start.parts[:1]:
        if kind == "chart":
            after = [*prose_of(start.parts[1:]), *start.after]
            head.append(chart_slide(start.heading, element, after, start.name))
        elif kind == "figure":
            head.append(idea_slide(start, [(kind, element, prose)]))
    ends = [list_slide(named["In short"]), last_slide(name, start.heading, named["Go further"], titles)]
    ends[0].notes = notes_of([about] if about else []) or notes_of(named["In short"].find_all("ul"))
    chosen = [slides_of(section, asked=False) for section in body]
    for i, section in enumerate(body):
        asking = slides_of(section, asked=True)
        if len(head) + len(ends) + sum(map(len, chosen)) - len(chosen[i]) + len(asking) <= MOST:
            chosen[i] = asking
    project = []
    if "In your project" in named:
        section = section_of(named["In your project"], "h2")
        section.spare = [one for one in section.spare if one.name != "table"]
        slide = spare_slide(section)
        project = [slide] if slide and slide.kind == "code" else []
    slides = [*head, *(slide for some in chosen for slide in some), *ends]
    if len(slides) < MOST:
        slides[-2:-2] = project
    if not FEWEST <= len(slides) <= MOST:
        sys.exit(f"chapters/{name}: its deck has {len(slides)} slides, from {FEWEST} to {MOST} are wanted")
    return slides


# --- Files -----------------------------------------------------------------------------------------------------------


def style(sheet):
    """Of the site's style sheet, what formulas, charts and code need."""
    rules = tinycss2.parse_stylesheet(sheet, skip_comments=True, skip_whitespace=True)
    kept = []
    for rule in rules:
        text = rule.serialize()
        head = tinycss2.serialize(rule.prelude)
        if rule.type == "qualified-rule":
            if OF_THE_SITE.search(head) and "dark" not in head and ".bd-" not in head and ".formula" not in head:
                kept.append(text)
        elif rule.lower_at_keyword == "font-face" and "MJX" in text:
            kept.append(text)
        elif rule.lower_at_keyword == "container" and ".chart" in text:
            kept.append(text)
    return "\n".join(kept)


def write_assets(site, target, decks):
    assets = target / "assets"
    static, images = assets / "_static", assets / "images"
    images.mkdir(parents=True)
    for file, name in TAKEN.items():
        shutil.copyfile(REVEAL / file, assets / name)
    shutil.copyfile(Path(__file__).with_suffix(".css"), assets / "slides.css")
    for folder in ("charts", "formulas"):
        shutil.copytree(site / "_static" / folder, static / folder)
    for file in [site / "_static" / "charts.js", site / "_static" / "vega.js"]:
        shutil.copyfile(file, static / file.name)
    (static / "book.css").write_text(
        style((site / "_static" / "book.css").read_text(encoding="utf-8")), encoding="utf-8"
    )
    for text in decks.values():
        for name in re.findall(r'src="assets/images/([^"]+)"', text):
            shutil.copyfile(site / "_images" / name, images / name)


def overflows(page, file):
    """What sticks out of the slides of a deck, one sentence each."""
    page.goto(file.as_uri())
    page.wait_for_function("Reveal.isReady()")
    page.evaluate("Promise.all([...document.fonts].map((font) => font.load()))")  # else each when it is first seen
    found = page.locator(".slides > section").evaluate_all(MEASURE)
    return [
        f"{file.name}: the slide {one['name']!r} overflows, by {one['right']} px in width, {one['below']} px in height"
        for one in found
        if one["right"] or one["below"]
    ]


def look(folder):
    """Look at every slide; False where there is no Chromium to look with."""
    try:
        from playwright.sync_api import sync_playwright

        from tools import chromium
    except ImportError:
        return False
    if not (path := chromium.find()):
        return False
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=chromium.OPTIONS)
        page = browser.new_page(viewport={"width": WIDE, "height": HIGH})
        found = [one for file in sorted(folder.glob("*.html")) for one in overflows(page, file)]
        browser.close()
    if found:
        sys.exit("\n".join(found))
    return True


def write(site, target):
    """Write all decks; return {chapter: number of slides}."""
    articles = chapters(site)
    titles = {name: inner(article.h1) for name, article in articles.items()}
    decks = {name: deck(name, article, titles) for name, article in articles.items()}
    texts = {
        name: PAGE.format(
            title=escape(BeautifulSoup(titles[name], "html.parser").get_text()),
            slides="\n".join(s.html() for s in slides),
        )
        for name, slides in decks.items()
    }
    target.mkdir(parents=True)
    write_assets(site, target, texts)
    for name, text in texts.items():
        (target / f"{name}.html").write_text(text, encoding="utf-8")
    return {name: len(slides) for name, slides in decks.items()}


def main(site=SITE, target=TARGET):
    site, target = Path(site), Path(target)
    draft = target.with_name(target.name + ".part")
    shutil.rmtree(draft, ignore_errors=True)
    try:
        counts = write(site, draft)
        looked = look(draft)
        shutil.rmtree(target, ignore_errors=True)
        draft.rename(target)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    said = "none overflows" if looked else "no Chromium here, so nobody looked whether one overflows"
    print(
        f"{len(counts)} decks, {sum(counts.values())} slides ({said}), are in {target}: open one, press S for its notes"
    )


if __name__ == "__main__":
    main(*sys.argv[1:3])
