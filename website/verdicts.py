"""What a program proves on the page stands in one line that begins with a tick: it gets a class of its own."""

from docutils import nodes


def mark_verdicts(app, doctree):
    for block in doctree.findall(nodes.literal_block):
        if "stream" in block["classes"] and all(line.startswith(("✓", "  ")) for line in block.astext().splitlines()):
            block["classes"].append("verdict")


def setup(app):
    app.connect("doctree-read", mark_verdicts)
