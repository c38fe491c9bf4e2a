"""A link to a term of the glossary has its definition as a title, which browsers show when the pointer rests on it."""

from docutils import nodes
from sphinx import addnodes


def add_definitions(app, doctree, page):
    (glossary,) = app.env.get_doctree("glossary").findall(addnodes.glossary)
    definitions = {
        name: item.next_node(nodes.definition).astext()
        for item in glossary.findall(nodes.definition_list_item)
        for name in item.next_node(nodes.term)["ids"]
    }
    for term in doctree.findall(nodes.inline):
        link = term.parent
        if "std-term" in term["classes"] and isinstance(link, nodes.reference):
            link["reftitle"] = definitions[link.get("refid") or link["refuri"].partition("#")[2]]


def setup(app):
    app.connect("doctree-resolved", add_definitions)
