"""The search of the site: every section of every page, written while the site is built into a script of its own.

`static/search.js` ranks the sections and needs no server, so it works on a site opened from disk too. Sphinx's own
index, which knows whole pages, is not made.
"""

import json
import re
import unicodedata
from pathlib import Path

import yaml
from docutils import nodes
from sphinx import addnodes
from sphinx.errors import SphinxError

WORDS = Path(__file__).with_name("search.yaml")
KINDS = {"chapters/which_loss": "answers", "chapters/": "chapter", "exercises/": "exercise", "": "reference"}
UNREAD = (nodes.literal_block, nodes.math_block, nodes.raw, nodes.title, nodes.section, addnodes.glossary)
GREEK = r"\\(alpha|beta|gamma|delta|epsilon|eta|theta|kappa|lambda|mu|nu|pi|rho|sigma|tau|phi|chi|psi|omega)\b ?"
NOT_USED = ("searchtools.js", "language_data.js", "doctools.js", "sphinx_highlight.js")


def kind(page):
    return next(kind for start, kind in KINDS.items() if page.startswith(start))


def letter(name):
    return unicodedata.lookup(f"GREEK SMALL LETTER {name[1].replace('mb', 'm')}")  # Unicode spells it lamda


def text(node):
    """What a reader reads of a node: no code cell, no formula, no further section."""
    if isinstance(node, nodes.Text):
        return str(node)
    if isinstance(node, nodes.math):  # y, σ, p(y); longer ones say nothing in one line
        tex = re.sub(GREEK, letter, node.astext())
        return tex if len(tex) < 12 and "\\" not in tex else "…"
    inside = "".join(text(child) for child in node.children if not isinstance(child, UNREAD))
    return inside if isinstance(node, nodes.Inline) else f"{inside} "


def sections(page, tree):
    """Each section, and each term of the glossary: (place, title, text)."""
    for section in tree.findall(nodes.section):
        place = "" if section.parent is tree else f"#{section['ids'][0]}"
        yield f"{page}{place}", section.next_node(nodes.title).astext(), text(section)
    for item in tree.findall(nodes.definition_list_item):
        for term in item.findall(nodes.term):
            if any(name.startswith("term-") for name in term["ids"]):
                yield f"{page}#{term['ids'][0]}", term.astext(), item.next_node(nodes.definition).astext()


def write_index(app, error):
    if error or app.builder.format != "html":
        return
    words = yaml.safe_load(WORDS.read_text(encoding="utf-8"))
    found = []
    for page in sorted(app.env.all_docs):
        title = app.env.titles[page].astext()
        for place, heading, content in sections(page, app.env.get_doctree(page)):
            path, _, anchor = place.partition("#")
            address = app.builder.get_target_uri(path) + (f"#{anchor}" if anchor else "")
            page_title = "" if heading == title else title
            phrases = " / ".join(map(str, words["places"].pop(place, [])))
            found.append([address, heading, page_title, kind(page), phrases, " ".join(content.split())])
    if lost := [place for place in words["places"] if place.partition("#")[0] in app.env.all_docs]:
        raise SphinxError(f"{WORDS.name}: there is no section {', '.join(lost)}")
    data = json.dumps({"sections": found, "same": words["same"]}, ensure_ascii=False, separators=(",", ":"))
    static = Path(app.outdir) / "_static"
    (static / "search_index.js").write_text(f"searchIndex={data};\n", encoding="utf-8")
    for name in NOT_USED:
        (static / name).unlink(missing_ok=True)


def add_page(app):
    """The page with all results, instead of Sphinx's and the index that it reads."""
    app.builder.search = False


def mend_scripts(app, page, template, context, tree):
    context["script_files"] = [
        script for script in context["script_files"] if Path(str(script.filename)).name not in NOT_USED
    ]


def setup(app):
    app.connect("builder-inited", add_page)
    app.connect("config-inited", lambda app, config: config.html_additional_pages.update(search="search.html"))
    app.connect("html-page-context", mend_scripts, priority=800)  # before theme.py looks at them
    app.connect("build-finished", write_index)
    app.add_js_file("search.js")
