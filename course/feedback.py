"""A page of feedback for one notebook: tests as released, without hidden parts, and nothing that a browser would run.

What a student wrote is escaped, pictures stand in the page itself, formulas stay text, and the page forbids its browser
scripts and any request (a content security policy). It needs no network.
"""

import html
import json
import re

import mistune
import nbformat

from .assignment import is_test
from .basics import named

POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 50rem; margin: 2rem auto; padding: 0 1rem; color: #222 }
pre { background: #f5f5f5; padding: .6rem; overflow-x: auto; white-space: pre-wrap; overflow-wrap: anywhere }
pre.out { background: none; border-left: 3px solid #ccc } pre.error { border-left: 3px solid #b30000; color: #8a0000 }
.points { float: right; font-weight: bold } .comment { background: #fff6d9; padding: .6rem }
section { border-top: 1px solid #ddd; padding: .5rem 0 } img { max-width: 100% } table { border-collapse: collapse }
td, th { padding: .1rem .8rem .1rem 0; text-align: left }
"""
SHOWN = re.compile(r"image/(png|jpeg|gif|webp)")
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


class Safe(mistune.HTMLRenderer):
    """Markdown whose HTML is escaped, and whose pictures are those pasted into the cell."""

    def __init__(self, attachments):
        super().__init__(escape=True)
        self.attachments = attachments

    def image(self, text, url, title=None):
        for kind, data in self.attachments.get(url.removeprefix("attachment:"), {}).items():
            if picture := image(kind, data, text):
                return picture
        return html.escape(f"[picture: {text or url}]")


def image(kind, data, text=""):
    """The picture as a part of the page, if it is one."""
    data = "".join(str(data).split())
    if SHOWN.fullmatch(kind) and re.fullmatch(r"[A-Za-z0-9+/]*=*", data):
        return f'<img src="data:{kind};base64,{data}" alt="{html.escape(text or "figure")}">'
    return ""


def markdown(cell) -> str:
    render = mistune.create_markdown(renderer=Safe(cell.get("attachments", {})), plugins=["table", "math"])
    return render(cell.source)


def pre(text, kind="out"):
    return f'<pre class="{kind}">{html.escape(COLOUR.sub("", text))}</pre>'


def output(given) -> str:
    if given.output_type == "stream":
        return pre(given.text)
    if given.output_type == "error":
        lines = "\n".join(given.get("traceback") or [])
        return pre(lines if given.ename in lines else f"{given.ename}: {given.evalue}", "error")
    data = given.get("data", {})
    for kind, content in data.items():
        if picture := image(kind, content):
            return picture
    return pre("".join(data["text/plain"])) if "text/plain" in data else ""


def page(job) -> str:
    """The whole page, as HTML."""
    notebook = nbformat.from_dict(json.loads(job.executed))
    state, released = notebook.metadata["grading"], {named(cell): cell.source for cell in job.template.release.cells}
    score, most = (sum(column) for column in zip(*job.points.values(), strict=True))
    parts = [f"<h1>{html.escape(job.template.name)}</h1><h2>Score: {score:.1f} / {most:.1f}</h2><table>"]
    parts += [
        f"<tr><th>{html.escape(name)}</th><td>{got:g} / {full:g}</td></tr>" for name, (got, full) in job.points.items()
    ]
    parts += ["</table>", *(f"<p>{html.escape(said)}</p>" for said in [*state["error"], *state["repaired"]])]
    for cell in notebook.cells:
        name = named(cell)
        parts.append("<section>")
        if name in job.points:
            parts.append('<span class="points">{:g} / {:g}</span>'.format(*job.points[name]))
        if cell.cell_type != "code":
            parts.append(markdown(cell))
        else:
            parts.append(pre(released[name] if is_test(cell) else cell.source, "code"))
            parts += [output(given) for given in cell.outputs]
        if is_test(cell):
            parts.append(pre(verdict(name, state)))
        if job.comments.get(name):
            parts.append(f'<p class="comment">{html.escape(job.comments[name])}</p>')
        parts.append("</section>")
    head = f'<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{POLICY}">'
    head += f"<title>{html.escape(job.template.name)}</title><style>{STYLE}</style>"
    return f'<!doctype html>\n<html lang="en"><head>{head}</head>\n<body>\n' + "\n".join(parts) + "\n</body></html>\n"


def verdict(name, state) -> str:
    if name in state["failed"]:
        return f"A {state['failed'][name]} check failed."
    return "All checks passed." if name in state["passed"] else "This cell was not run to its end."
