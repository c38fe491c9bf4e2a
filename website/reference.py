"""The page about `lib`: docstrings as reStructuredText, and the first use of a function on a page links there."""

import re


def as_rst(app, what, name, obj, options, lines):
    """A docstring's headings are bold, what stands under them is a list; one backtick or a word in quotes means
    code, and a bar is a bar."""
    out, listed = [], False
    for line, below in zip(lines, [*lines, ""][1:], strict=True):
        line = re.sub(r"(?<!`)`([^`]+)`(?!`)", r"``\1``", line.replace("|", r"\|"))
        line = re.sub(r'"\w+"', r"``\g<0>``", line)
        if line and not line.strip("-"):
            listed = True
        elif below and not below.strip("-"):
            out += ["", f"**{line}**", ""]
        elif listed and (item := re.fullmatch(r"(\w[\w, *]*?)(?: : (.+))?", line)) and (item[2] or line.isalpha()):
            out.append(f"- **{item[1]}**" + (f": {item[2]}" if item[2] else ""))
        else:
            listed = listed and bool(line)
            out.append(f"  {line.strip()}" if listed and line.startswith(" ") else line)
    lines[:] = out


def link_first_uses(app, page, template, context, doctree):
    body = context.get("body", "")
    for name, entry in app.env.get_domain("py").objects.items():
        if entry.objtype == "function" and entry.docname != page:
            module, function = name.split(".")[-2:]
            used = f'<span class="n">{module}</span><span class="o">.</span><span class="n">{function}</span>'
            address = f"{app.builder.get_relative_uri(page, entry.docname)}#{entry.node_id}"
            body = body.replace(used, f'<a class="lib" href="{address}">{used}</a>', 1)
    context["body"] = body


def setup(app):
    app.setup_extension("sphinx.ext.autodoc")
    app.connect("autodoc-process-docstring", as_rst)
    app.connect("html-page-context", link_first_uses)
