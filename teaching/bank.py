"""The question bank: the predictions and *Check yourself* questions of the pages, and the numeric ones of `numeric`.

Conventions
-----------
- The pages are the source: what is asked there is read from the notebooks, so the bank cannot drift from them.
- Of a question with options exactly one reply begins with "Yes": that option is right.
- Texts are the Markdown of the pages; `exports` makes HTML of them.
- Difficulty: 1, a prediction, asked before the page answers it; 2, to be answered after the chapter; 3, an answer in
  one's own words, or a number in two steps.
- A question that is not whole raises a ValueError that names the page and the question.
"""

import re
from dataclasses import dataclass, field

import nbformat

from tools.book import ROOT, chapters, pages

RIGHT = re.compile(r"Yes\b")
FENCED = r"^```.*?^```$"
BOX = r"^::::\{admonition\} (?P<title>[^\n]+)\n:class: predict\n(?P<body>.*?)^::::$"
OPEN = r"^\*\*\d+\.\*\* (?P<open>[^\n]+)\n\n:::\{dropdown\} Answer\n(?P<answer>.*?)^:::$"
PART = re.compile(rf"{FENCED}|^(?P<level>#+) (?P<heading>[^\n]+)$|{BOX}|{OPEN}", re.M | re.S)
OPTION = re.compile(r"^:::\{dropdown\} ([^\n]+)\n(.*?)^:::$", re.M | re.S)
FOLDED = re.compile(r"^(:{3,})\{.*?^\1$", re.M | re.S)  # and other directives
FORMULA = re.compile(r"^\$\$\n(.+?)\n\$\$ \((eq-[\w-]+)\)", re.M | re.S)


@dataclass(frozen=True)
class Option:
    text: str
    reply: str
    value: float | None = None  # of a numeric answer; `text` says it


@dataclass(frozen=True)
class Question:
    """`options` holds the right one first in a numeric question, and where the page has it in one with choices."""

    kind: str  # "choice", "numeric" or "open"
    page: str
    chapter: str
    heading: str
    difficulty: int
    text: str
    options: tuple[Option, ...] = ()
    right: int = 0
    answer: str = ""  # of an open question
    context: str = ""  # what stands on the page just before it
    tolerance: float = 0.0  # of a numeric answer, absolute
    name: str = ""  # of a numeric question
    parameters: dict = field(default_factory=dict)

    @property
    def id(self):
        """Stays the same while page and wording do: what is imported again is known again."""
        words = self.name or "-".join(re.findall(r"[a-z0-9]+", self.text.lower()))[:60].strip("-")
        return f"{self.page}.{words}"


def bank(seed=0, root=ROOT):
    """All questions, in reading order, each page's numeric ones last."""
    from teaching import numeric

    found, headings = [], {}
    stems = [page.removeprefix("chapters/") for page in pages(root) if page.startswith("chapters/")]
    for path in sorted(chapters(root), key=lambda path: stems.index(path.stem)):
        questions, headings[path.stem] = of_page(path)
        found += [*questions, *numeric.of_page(path.stem, headings[path.stem], seed)]
    lost = {row.page for row in numeric.TABLE.values()} - set(headings)
    if lost:
        raise ValueError(f"numeric questions belong to pages that there are not: {', '.join(sorted(lost))}")
    twice = {q.id for q in found if sum(other.id == q.id for other in found) > 1}
    if twice:
        raise ValueError(f"two questions have one id: {', '.join(sorted(twice))}")
    return found


def of_page(path):
    """The questions of a notebook, and its headings; the first is the chapter's title."""
    cells = [cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "markdown"]
    page, headings, questions, before = path.stem, [], [], []
    for source in cells:
        end = 0
        for part in PART.finditer(source):
            before.append(source[end : part.start()])
            end = part.end()
            place = {"page": page, "chapter": headings[0] if headings else "", "heading": (headings or [""])[-1]}
            if part["heading"]:
                headings.append(part["heading"])
                before = []
            elif part["title"]:
                quiz = place["heading"] == "Check yourself"
                context = "" if quiz else last_paragraph("\n\n".join(before))
                text = re.sub(r"^\d+\. ", "", part["title"]).removeprefix("Predict: ")
                options = tuple(Option(text, reply.strip()) for text, reply in OPTION.findall(part["body"]))
                parts = {"text": as_sentence(text), "options": options, "context": context, **place}
                questions.append(choice(kind="choice", difficulty=1 + quiz, **parts))
            elif part["open"]:
                if not part["answer"].strip():
                    raise ValueError(f"{page}: {part['open']!r}: there is no answer")
                answer = part["answer"].strip()
                questions.append(Question(kind="open", difficulty=3, text=part["open"], answer=answer, **place))
        before.append(source[end:])
    text = "\n\n".join(cells)
    asked = text.count(":class: predict") + text.count("{dropdown} Answer")
    if asked != len(questions):
        raise ValueError(f"{page}: {asked} questions are marked, {len(questions)} can be read: is a fence missing?")
    return questions, headings


def choice(**parts):
    """A question with options, if it is whole."""
    question = Question(**parts)
    where, texts = f"{question.page}: {question.text!r}", [option.text for option in question.options]
    if len(texts) < 3:
        raise ValueError(f"{where}: {len(texts)} options can be read, at least 3 are wanted")
    if len(set(texts)) < len(texts):
        raise ValueError(f"{where}: two options are the same: {max(texts, key=texts.count)!r}")
    for option in question.options:
        if not option.reply:
            raise ValueError(f"{where}: the option {option.text!r} has no reply")
    right = [i for i, option in enumerate(question.options) if RIGHT.match(option.reply)]
    if len(right) != 1:
        raise ValueError(f'{where}: {len(right)} replies begin with "Yes", which marks the right option; one should')
    return Question(**parts | {"right": right[0]})


def as_sentence(text):
    """With a capital, unless it begins with a symbol such as `p` or τ."""
    return text[:1].upper() + text[1:] if re.match(r"[a-z]{2}|a ", text) else text


def last_paragraph(text):
    """The last paragraph of a text, with the formulas, lists or tables that follow it; what is folded is left out."""
    kept, text = [], FORMULA.sub(_one_block, FOLDED.sub("", text))
    for block in reversed([block.strip() for block in re.split(r"\n\s*\n", text)]):
        if block and not re.match(r"<|:::|\([\w-]+\)=$", block):
            kept.insert(0, block)
            if not block.startswith(("$$", "- ", "* ", "1. ", "|")):
                return "\n\n".join(kept)
    return ""


def _one_block(found):
    return "$$\n" + re.sub(r"\n\s*\n", "\n", found[1]) + f"\n$$ ({found[2]})"


def formulas(root=ROOT):
    """{label: TeX} of the numbered formulas, for texts that point to one."""
    cells = (cell.source for path in chapters(root) for cell in nbformat.read(path, as_version=4).cells)
    return {label: tex for source in cells for tex, label in FORMULA.findall(source)}
