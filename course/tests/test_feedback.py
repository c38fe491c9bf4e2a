"""A page of feedback: nothing of a student's runs in it, it asks no network; tables and terminals are safe."""

import csv
import json
import socket
from contextlib import suppress

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

from course import export, feedback
from course.basics import Limits, visible
from course.work import Page
from course.zoo import PIXEL, perfect

RUN = "document.title='ran'; fetch('http://127.0.0.1:{port}/')"
HOSTILE = [
    "<script>{run}</script>",
    '<img src="http://127.0.0.1:{port}/a.png" onerror="{run}">',
    "![](http://127.0.0.1:{port}/b.png)",
    '[link](javascript:{run}) <a href="javascript:{run}">link</a>',
    '<iframe src="http://127.0.0.1:{port}/"></iframe><object data="http://127.0.0.1:{port}/"></object>',
    '<svg onload="{run}"><style>@import "http://127.0.0.1:{port}/c.css"</style></svg>',
    "<link rel=stylesheet href=http://127.0.0.1:{port}/d.css><meta http-equiv=refresh content='0;http://127.0.0.1:{port}'>",
    '<form action=http://127.0.0.1:{port}><input autofocus onfocus="{run}"></form>',
    "$$\\href{{javascript:{run}}}{{x}}$$ `<script>{run}</script>`",
    "</pre></section></body><script>{run}</script>",
]


def page_of(template, cells, outputs=(), comments=None):
    notebook = perfect(template)
    notebook.cells += cells
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = list(outputs)
    state = {"passed": ["first"], "failed": {"second": "hidden"}, "error": ["<script>x</script>"], "repaired": []}
    notebook.metadata["grading"] = state
    points = {"first": (2, 2), "second": (0, 1), "why": (0, 3)}
    return feedback.page(Page(json.dumps(notebook), template, points, comments or {}, Limits()))


def test_a_hostile_page_in_a_browser(template, tmp_path, browser):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        run = RUN.format(port=port)
        texts = [text.format(run=run, port=port) for text in HOSTILE]
        outputs = [new_output("display_data", data={"text/html": text, "text/plain": text}) for text in texts]
        outputs += [new_output("stream", text=text) for text in texts]
        outputs += [new_output("error", ename=text, evalue=text, traceback=[text]) for text in texts]
        outputs.append(new_output("display_data", data={"image/svg+xml": texts[5], "image/png": '" onerror="x'}))
        cells = [new_markdown_cell(text) for text in texts] + [new_code_cell(text) for text in texts]
        cells.append(new_markdown_cell("![a](attachment:a.png)", attachments={"a.png": {"image/png": PIXEL}}))
        target = tmp_path / "page.html"
        target.write_text(page_of(template, cells, outputs, {"first": texts[0]}), "utf-8")
        asked, tab = [], browser.new_page()
        tab.on("request", lambda request: asked.append(request.url))
        tab.on("dialog", lambda dialog: asked.append("a dialog"))
        tab.goto(target.as_uri())
        tab.wait_for_timeout(500)
        assert tab.title() == "multiply" and not [url for url in asked if not url.startswith(("file:", "data:"))]
        active = (
            "script, iframe, object, embed, form, svg, link, base, [onerror], [onload], [onfocus], a[href^=javascript]"
        )
        assert tab.locator(active).count() == 0
        assert tab.locator("img[src^='data:image/png']").evaluate("image => image.naturalWidth") == 1
        tab.close()
        server.setblocking(False)
        with pytest.raises(BlockingIOError):
            server.accept()


def test_the_policy_alone_would_do(tmp_path, browser):
    """What slips through the escaping is still forbidden by the page itself."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        text = "".join(HOSTILE).format(run=RUN.format(port=port), port=port).replace("<meta", "<x")
        head = f'<meta http-equiv="Content-Security-Policy" content="{feedback.POLICY}"><title>t</title>'
        (tmp_path / "page.html").write_text(f"<!doctype html><head>{head}</head><body>{text}</body>", "utf-8")
        tab = browser.new_page()
        tab.goto((tmp_path / "page.html").as_uri())
        tab.wait_for_timeout(500)
        assert tab.title() == "t"
        tab.close()
        server.setblocking(False)
        with suppress(BlockingIOError):  # Chromium may connect beforehand; it asks for nothing
            while True:
                connection, _ = server.accept()
                connection.setblocking(False)
                with pytest.raises(BlockingIOError):
                    assert not connection.recv(99)
                    raise BlockingIOError  # it was closed


def test_a_page_has_no_address(template):
    page = page_of(template, [])
    assert "http://" not in page and "https://" not in page and "Score: 2.0 / 6.0" in page
    assert "A hidden check failed." in page and "All checks passed." in page


@pytest.mark.parametrize("value", ["=cmd|'calc'!A1", "+1+cmd", "-2+3+cmd", "@SUM(A1)", "\t=1", "  =1", "＝1"])
def test_no_spreadsheet_runs_a_name(value, tmp_path):
    header, rows = ["student", "status"], [[value, f"error: {value}"]]
    export.save_table(tmp_path / "grades.csv", header, iter(rows))
    with (tmp_path / "grades.csv").open(encoding="utf-8", newline="") as file:
        _, (name, status) = csv.reader(file)
    assert name.lstrip()[0] not in "=+-@＝＋－＠" and status.startswith("error")


def test_numbers_stay_numbers():
    assert [export.safe(text) for text in ("-1", "2.5", "ada", "+3")] == ["-1", "2.5", "ada", "+3"]


def test_a_terminal_sees_no_control_characters(tmp_path, capsys):
    said = "error: \x1b]0;title\x07\x1b[31m \x9b2J \u202egnp.exe\r\nnext"
    export.save_table(tmp_path / "grades.csv", ["student", "status"], iter([["a\x1b[2Jda", said]]))
    shown = capsys.readouterr().out + (tmp_path / "grades.csv").read_text("utf-8")
    assert not set(shown) & {"\x1b", "\x07", "\x9b", "\u202e"} and visible("a\nb\ud800") == "a b?"


def test_pages_are_utf8(template):
    cell = new_markdown_cell("σ² → Zoë 漢")
    assert "σ² → Zoë 漢" in page_of(template, [cell]) and '<meta charset="utf-8">' in page_of(template, [cell])
    nbformat.validate(perfect(template))
