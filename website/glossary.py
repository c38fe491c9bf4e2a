"""A link to a term of the glossary has its definition as a title, which browsers show when the pointer rests on it."""

from docutils import nodes
from sphinx import addnodes


def add_definitions(app, doctree, page):
    if "glossary" not in app.env.all_docs:
        return
    definitions = {
        name: item.next_node(nodes.definition).astext()
        for glossary in app.env.get_doctree("glossary").findall(addnodes.glossary)
        for item in glossary.findall(nodes.definition_list_item)
        for name in item.next_node(nodes.term)["ids"]
    }
    for term in doctree.findall(nodes.inline):
        link = term.parent
        if "std-term" in term["classes"] and isinstance(link, nodes.reference):
            name = link.get("refid") or link["refuri"].partition("#")[2]
            link["reftitle"] = definitions.get(name, "")  # empty for a term of another page


def setup(app):
    app.connect("doctree-resolved", add_definitions)
