"""`:class: dropdown` makes an admonition a native `<details>`: it opens with keyboard and without a script."""

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform


class details(nodes.General, nodes.Element):
    pass


class summary(nodes.General, nodes.TextElement):
    pass


class DropdownsToDetails(SphinxPostTransform):
    default_priority = 400
    formats = ("html",)

    def run(self):
        for box in list(self.document.findall(nodes.Admonition)):
            if "dropdown" in box["classes"]:
                title, *body = box.children
                heading = summary("", "", *title.children, classes=["admonition-title"])
                box.replace_self(details("", heading, *body, ids=box["ids"], classes=["admonition", *box["classes"]]))


def html(tag):
    return (
        lambda self, node: self.body.append(self.starttag(node, tag)),
        lambda self, node: self.body.append(f"</{tag}>\n"),
    )


def setup(app):
    app.add_node(details, html=html("details"))
    app.add_node(summary, html=html("summary"))
    app.add_post_transform(DropdownsToDetails)
