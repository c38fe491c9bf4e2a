"""The bank as Moodle XML, QTI 2.1, GIFT and an Anki package: the reply of each option is its feedback.

Texts become HTML that is XML as well, with formulas as TeX between \\( and \\), which Moodle, Canvas, ILIAS and Anki
set.
Every file has the same bytes for the same commit: no clock, no random ids.
"""

import hashlib
import io
import os
import re
import tempfile
import zipfile
from html import escape
from itertools import groupby
from pathlib import Path
from xml.etree import ElementTree as ET

import genanki
from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin

from teaching.bank import formulas
from tools.book import ROOT
from website.repository import git

BOOK = "Losses Are Likelihoods"
DATE = 1577836800  # of a book without git: 2020-01-01
QTI, CP = "http://www.imsglobal.org/xsd/imsqti_v2p1", "http://www.imsglobal.org/xsd/imscp_v1p1"
OTHER = "This is none of the values that are expected. Work it out again."
LETTERS = "ABCDEFGH"


# --- Markdown to HTML ------------------------------------------------------------------------------------------------


def renderer():
    made = MarkdownIt("commonmark", {"html": False, "xhtmlOut": True}).enable(["table"]).use(dollarmath_plugin)
    rules = made.renderer.rules
    rules["math_inline"] = rules["math_inline_double"] = lambda tokens, i, *_: rf"\({_tex(tokens[i])}\)"
    rules["math_block"] = rules["math_block_label"] = lambda tokens, i, *_: f"<p>\\[{_tex(tokens[i])}\\]</p>\n"
    return made


def _tex(token):
    return escape(" ".join(token.content.split()), quote=False)


class Html:
    """Markdown of the pages to HTML: `line` for an option, without a paragraph around it, `block` for the rest."""

    def __init__(self, labels=None):
        self.labels, self.markdown = formulas() if labels is None else labels, renderer()

    def block(self, text):
        return self.markdown.render(self._plain(text)).strip().replace(' style="text-align:', ' class="text-')

    def line(self, text):
        return self.markdown.renderInline(self._plain(text)).strip()

    def question(self, question):
        """Where it stands, what stands before it, and the question."""
        where = f"<p><em>{escape(f'{question.chapter} › {question.heading}', quote=False)}</em></p>"
        before = f"<blockquote>{self.block(question.context)}</blockquote>" if question.context else ""
        return where + before + self.block(question.text)

    def _plain(self, text):
        """Roles become their words, a reference the formula itself; of links into the book the words are left."""
        text = re.sub(r"\{term\}`([^`<]+?)(?: <[^`]*>)?`", r"\1", text)
        text = re.sub(r"\{eq\}`([^`]+)`", lambda found: f"${' '.join(self.labels[found[1]].split())}$", text)
        text = re.sub(r"\[([^\]]+)\]\((?!https?:)[^)]*\)", r"\1", text)
        left = re.search(r"\{[a-z]+\}`[^`]*`|^:::", text, re.M)
        if left:
            raise ValueError(f"no export knows what {left[0]!r} is, in {text[:60]!r}")
        return text


# --- Moodle ----------------------------------------------------------------------------------------------------------


def category(question):
    return f"$course$/top/{BOOK}/{question.chapter.replace('/', '//')}"


def named(question):
    """What a teacher sees in a list."""
    plain = re.sub(r"\{term\}`([^`<]+?)(?: <[^`]*>)?`|[`*$]", lambda found: found[1] or "", question.text)
    return plain if len(plain) <= 90 else plain[:90].rsplit(" ", 1)[0] + " …"


def tags(question):
    return [question.page, question.kind, f"difficulty {question.difficulty}"]


def moodle(questions, html):
    quiz = ET.Element("quiz")
    for place, group in groupby(questions, category):
        text_in(text_in(quiz, "question", type="category"), "category", place)
        for question in group:
            quiz.append(moodle_question(question, html))
    ET.indent(quiz)
    return xml(quiz)


def moodle_question(question, html):
    kind = {"choice": "multichoice", "numeric": "numerical", "open": "essay"}[question.kind]
    item = ET.Element("question", type=kind)
    text_in(item, "name", named(question))
    text_in(item, "questiontext", html.question(question), format="html")
    text_in(item, "generalfeedback", html.block(question.answer) if question.answer else "", format="html")
    for name, value in {"defaultgrade": 1, "penalty": 0.3333333, "hidden": 0, "idnumber": question.id}.items():
        ET.SubElement(item, name).text = str(value)
    if question.kind == "choice":
        for name, value in {"single": "true", "shuffleanswers": "true", "answernumbering": "abc"}.items():
            ET.SubElement(item, name).text = value
    if question.kind == "open":
        for name, value in {"responseformat": "editor", "responserequired": "1", "responsefieldlines": "8"}.items():
            ET.SubElement(item, name).text = value
        text_in(item, "graderinfo", html.block(question.answer), format="html")
    for i, option in enumerate(question.options):
        numeric = question.kind == "numeric"
        text = plain_number(option.value) if numeric else html.line(option.text)
        form = "moodle_auto_format" if numeric else "html"
        answer = text_in(item, "answer", text, fraction="100" if i == question.right else "0", format=form)
        text_in(answer, "feedback", html.block(option.reply), format="html")
        if numeric:
            ET.SubElement(answer, "tolerance").text = f"{question.tolerance:.6g}"
    if question.kind == "numeric":
        answer = text_in(item, "answer", "*", fraction="0", format="moodle_auto_format")
        text_in(answer, "feedback", OTHER, format="html")
        ET.SubElement(answer, "tolerance").text = "0"
    for tag in tags(question):
        text_in(item.find("tags") if item.find("tags") is not None else ET.SubElement(item, "tags"), "tag", tag)
    return item


def text_in(parent, name, text=None, **attributes):
    """<name><text>…</text></name>, as Moodle wants nearly everything."""
    made = ET.SubElement(parent, name, attributes)
    if text is not None:
        ET.SubElement(made, "text").text = text
    return made


def plain_number(value):
    return f"{value:.6f}"


def xml(root):
    return ET.tostring(root, encoding="utf-8", xml_declaration=True) + b"\n"


# --- GIFT ------------------------------------------------------------------------------------------------------------


def gift(questions, html):
    lines = [f"// The questions of {BOOK}, for import as GIFT", ""]
    for place, group in groupby(questions, category):
        lines += [f"$CATEGORY: {place}", ""]
        for question in group:
            about = " ".join([f"[id:{question.id}]", *(f"[tag:{tag}]" for tag in tags(question))])
            lines += [f"// {about}", *gift_question(question, html), ""]
    return "\n".join(lines).encode()


def gift_question(question, html):
    start = f"::{gift_text(named(question))}::[html]{gift_text(html.question(question))}"
    if question.kind == "open":
        return [f"{start}{{####{gift_text(html.block(question.answer))}}}"]
    answers = []
    for i, option in enumerate(question.options):
        reply = gift_text(html.block(option.reply))
        if question.kind == "numeric":
            weight = "" if i == question.right else "%0%"
            answers.append(f"={weight}{plain_number(option.value)}:{question.tolerance:.6g}#{reply}")
        else:
            answers.append(f"{'=' if i == question.right else '~'}{gift_text(html.line(option.text))}#{reply}")
    return [f"{start}{{{'#' if question.kind == 'numeric' else ''}", *answers, "}"]


def gift_text(text):
    """In one line, with a backslash before what GIFT would read: ~ = # { } : and the backslash itself."""
    return re.sub(r"([~=#{}:\\])", r"\\\1", " ".join(text.split()))


# --- QTI -------------------------------------------------------------------------------------------------------------


def qti(questions, html):
    """A content package: an item for each question, a test with a section for each chapter, and the manifest."""
    files = {f"items/{question.id}.xml": xml(qti_item(question, html)) for question in questions}
    files["test.xml"] = xml(qti_test(questions))
    return package({"imsmanifest.xml": xml(qti_manifest(files))} | files)


def package(files):
    """A zip with the same bytes for the same files."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0))
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(entry, content)
    return target.getvalue()


def node(parent, name, text=None, **attributes):
    made = ET.SubElement(parent, name, {key.rstrip("_"): str(value) for key, value in attributes.items()})
    made.text = text
    return made


def put_html(parent, html):
    parent.append(ET.fromstring(f"<div>{html}</div>"))


def qti_id(question):
    return "q-" + question.id


def qti_item(question, html):
    item = ET.Element("assessmentItem", xmlns=QTI, identifier=qti_id(question), title=named(question))
    item.attrib |= {"adaptive": "false", "timeDependent": "false"}
    base = {"choice": "identifier", "numeric": "float", "open": "string"}[question.kind]
    response = node(item, "responseDeclaration", identifier="RESPONSE", cardinality="single", baseType=base)
    if question.options:
        right = question.options[question.right]
        said = LETTERS[question.right] if question.kind == "choice" else plain_number(right.value)
        node(node(response, "correctResponse"), "value", said)
    score = node(item, "outcomeDeclaration", identifier="SCORE", cardinality="single", baseType="float")
    node(node(score, "defaultValue"), "value", "0")
    node(item, "outcomeDeclaration", identifier="FEEDBACK", cardinality="single", baseType="identifier")
    body = node(item, "itemBody")
    put_html(body, html.question(question))
    processing = node(item, "responseProcessing")
    if question.kind == "choice":
        asked = node(body, "choiceInteraction", responseIdentifier="RESPONSE", shuffle="true", maxChoices=1)
        for letter, option in zip(LETTERS, question.options, strict=False):
            asked.append(ET.fromstring(f'<simpleChoice identifier="{letter}">{html.line(option.text)}</simpleChoice>'))
        test = node(node(processing, "responseCondition"), "responseIf")
        match = node(test, "match")
        node(match, "variable", identifier="RESPONSE")
        node(match, "correct", identifier="RESPONSE")
        outcome(test, "SCORE", "float", 1)
        node(node(processing, "setOutcomeValue", identifier="FEEDBACK"), "variable", identifier="RESPONSE")
    elif question.kind == "numeric":
        node(node(body, "p"), "textEntryInteraction", responseIdentifier="RESPONSE", expectedLength=10)
        condition = node(processing, "responseCondition")
        for i, (letter, option) in enumerate(zip(LETTERS, question.options, strict=False)):
            test = node(condition, "responseElseIf" if i else "responseIf")
            equal = node(test, "equal", toleranceMode="absolute", tolerance=f"{question.tolerance:.6g}")
            node(equal, "variable", identifier="RESPONSE")
            node(equal, "baseValue", plain_number(option.value), baseType="float")
            outcome(test, "SCORE", "float", int(i == question.right))
            outcome(test, "FEEDBACK", "identifier", letter)
        outcome(node(condition, "responseElse"), "FEEDBACK", "identifier", "OTHER")
    else:
        node(body, "extendedTextInteraction", responseIdentifier="RESPONSE", expectedLines=8)
        put_html(node(body, "rubricBlock", view="scorer"), html.block(question.answer))
        outcome(processing, "FEEDBACK", "identifier", "ANSWER")
    replies = [(letter, option.reply) for letter, option in zip(LETTERS, question.options, strict=False)]
    replies += [("OTHER", OTHER)] if question.kind == "numeric" else []
    replies += [("ANSWER", question.answer)] if question.answer else []
    for letter, reply in replies:
        said = node(item, "modalFeedback", outcomeIdentifier="FEEDBACK", identifier=letter, showHide="show")
        put_html(said, html.block(reply))
    return item


def outcome(parent, name, base, value):
    node(node(parent, "setOutcomeValue", identifier=name), "baseValue", str(value), baseType=base)


def qti_test(questions):
    test = ET.Element("assessmentTest", xmlns=QTI, identifier="test", title=BOOK)
    part = node(test, "testPart", identifier="part", navigationMode="nonlinear", submissionMode="individual")
    for (page, chapter), group in groupby(questions, lambda question: (question.page, question.chapter)):
        section = node(part, "assessmentSection", identifier="section-" + page, title=chapter, visible="true")
        for question in group:
            categories = f"{question.kind} difficulty-{question.difficulty}"
            about = {"identifier": qti_id(question), "href": f"items/{question.id}.xml", "category": categories}
            node(section, "assessmentItemRef", **about)
    return test


def qti_manifest(files):
    manifest = ET.Element("manifest", xmlns=CP, identifier="manifest")
    about = node(manifest, "metadata")
    node(about, "schema", "QTIv2.1 Package")
    node(about, "schemaversion", "1.0.0")
    node(manifest, "organizations")
    resources = node(manifest, "resources")
    names = {name: "q-" + Path(name).stem for name in files if name != "test.xml"}
    test = node(resources, "resource", identifier="test", type="imsqti_test_xmlv2p1", href="test.xml")
    node(test, "file", href="test.xml")
    for identifier in names.values():
        node(test, "dependency", identifierref=identifier)
    for name, identifier in names.items():
        item = node(resources, "resource", identifier=identifier, type="imsqti_item_xmlv2p1", href=name)
        node(item, "file", href=name)
    return manifest


# --- Anki ------------------------------------------------------------------------------------------------------------


def number(text):
    """An id for Anki: the same for the same text."""
    return 1 << 30 | int.from_bytes(hashlib.sha256(text.encode()).digest()[:3])


CARD = genanki.Model(
    number(f"{BOOK}: card"),
    f"{BOOK}: question",
    fields=[{"name": "Question"}, {"name": "Options"}, {"name": "Replies"}, {"name": "Id"}],
    templates=[
        {
            "name": "Card",
            "qfmt": "{{Question}}{{Options}}",
            "afmt": '{{FrontSide}}<hr id="answer" />{{Replies}}',
        }
    ],
    css=".card { font-family: sans-serif; font-size: 18px; max-width: 40em; margin: auto }\n"
    "blockquote { color: #777; margin: 0 0 0 1em } .right { font-weight: bold }",
    sort_field_index=3,
)


def changed():
    """When the book was changed, in seconds: Anki replaces a note that it has by one that is newer."""
    return int(os.environ.get("SOURCE_DATE_EPOCH") or git(ROOT, "log", "-1", "--format=%ct") or DATE)


def anki(questions, html):
    decks = []
    for chapter, group in groupby(questions, lambda question: question.chapter):
        deck = genanki.Deck(number(f"{BOOK}: {chapter}"), f"{BOOK}::{chapter.replace('::', ':')}")
        for question in group:
            deck.add_note(note(question, html))
        decks.append(deck)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "anki.apkg"
        genanki.Package(decks).write_to_file(path, timestamp=changed())
        with zipfile.ZipFile(path) as archive:
            return package({name: archive.read(name) for name in archive.namelist()})


def note(question, html):
    options = "".join(f"<li>{html.line(option.text)}</li>" for option in question.options)
    shown = f'<ol type="A">{options}</ol>' if question.kind == "choice" else ""
    replies = ""
    for i, option in enumerate(question.options):
        mark = ' class="right"' if i == question.right else ""
        replies += f"<li><span{mark}>{html.line(option.text)}</span>{html.block(option.reply)}</li>"
    replies = f'<ol type="A">{replies}</ol>' if replies else html.block(question.answer)
    fields = [html.question(question), shown, replies, question.id]
    words = [tag.replace(" ", "-") for tag in tags(question)]
    return genanki.Note(CARD, fields, tags=words, guid=genanki.guid_for(question.id))


WRITERS = {"moodle.xml": moodle, "qti.zip": qti, "gift.txt": gift, "anki.apkg": anki}
