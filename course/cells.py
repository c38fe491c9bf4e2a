"""Run the cells of a notebook as Jupyter does, without a kernel, and keep what they put out, up to a limit."""

import io
import os
import re
import sys
from contextlib import redirect_stderr, redirect_stdout

os.environ["MPLBACKEND"] = "module://matplotlib_inline.backend_inline"
CUT = "\n[The rest is left out: {}.]\n"
ANSI = re.compile(r"\x1b\[[0-9;]*m")


class Outputs:
    """What has been put out, as outputs of a notebook. Texts and figures have a budget each; the rest is left out."""

    def __init__(self, text: int, figures: int):
        self.budget = {"text": text, "figures": figures}
        self.kept = []

    def fits(self, kind: str, size: int) -> bool:
        before, self.budget[kind] = self.budget[kind], self.budget[kind] - size
        if self.budget[kind] >= 0:
            return True
        if before >= 0:
            self.append("stdout", CUT.format("it is too long" if kind == "text" else "the figures are too large"))
        return False

    def append(self, name: str, text: str):
        if self.kept and self.kept[-1].get("name") == name:
            self.kept[-1]["text"] += text
        else:
            self.kept.append({"output_type": "stream", "name": name, "text": text})

    def write(self, name: str, text: str):
        left = self.budget["text"]
        if text and left >= 0:
            self.append(name, text[: max(left, 0)])
            self.fits("text", len(text))

    def show(self, data: dict, metadata: dict, count=None):
        data = {kind: "".join(map(str, value)) if isinstance(value, list) else value for kind, value in data.items()}
        data = {kind: value for kind, value in data.items() if isinstance(value, str)}
        figure = any(kind.startswith("image/") for kind in data)
        if self.fits("figures" if figure else "text", len(str(data))):
            made = {"output_type": "display_data", "data": data, "metadata": {}}
            self.kept.append(made | ({"output_type": "execute_result", "execution_count": count} if count else {}))

    def take(self) -> list[dict]:
        kept, self.kept = self.kept, []
        return kept


class Stream(io.TextIOBase):
    def __init__(self, outputs: Outputs, name: str):
        self.outputs, self.name = outputs, name

    def write(self, text):
        self.outputs.write(self.name, str(text))
        return len(text)

    def writable(self):
        return True

    def isatty(self):
        return False


def shell(outputs: Outputs):
    """IPython's shell, made once a process, whose displays go to `outputs`."""
    import base64

    from IPython.core.displayhook import DisplayHook
    from IPython.core.displaypub import DisplayPublisher
    from IPython.core.interactiveshell import InteractiveShell

    def text_of(data):
        return {k: base64.b64encode(v).decode() if isinstance(v, bytes) else v for k, v in data.items()}

    class Publisher(DisplayPublisher):
        def publish(self, data, metadata=None, **_):
            self.shell.outputs.show(text_of(data), metadata or {})

        def clear_output(self, wait=False):
            pass

    class Hook(DisplayHook):
        def write_output_prompt(self):
            pass

        def write_format_data(self, format_dict, md_dict=None):
            self.shell.outputs.show(text_of(format_dict), md_dict or {}, self.prompt_count)

    class Shell(InteractiveShell):
        colors = "nocolor"

        def _showtraceback(self, etype, evalue, stb):
            lines = [ANSI.sub("", line) for line in "\n".join(map(str, stb))[-20_000:].split("\n")]
            value = str(evalue)[:2000]
            error = {"output_type": "error", "ename": etype.__name__, "evalue": value, "traceback": lines}
            if self.outputs.fits("text", len(str(error))):
                self.outputs.kept.append(error)

        def enable_gui(self, gui=None):
            pass

    from traitlets.config import Config

    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.display_pub_class = Publisher
    config.InteractiveShell.displayhook_class = Hook
    config.InteractiveShell.xmode = "Plain"
    made = Shell.instance(config=config, display_pub_class=Publisher, displayhook_class=Hook)
    made.outputs = outputs
    return made


def run(ours, source: str) -> bool:
    """Run one cell; returns whether it came to its end. What it put out is in `ours.outputs`."""
    with redirect_stdout(Stream(ours.outputs, "stdout")), redirect_stderr(Stream(ours.outputs, "stderr")):
        try:
            done = ours.run_cell(source, store_history=True)
            return done.success
        except SystemExit:
            return False
        finally:
            sys.stdout.flush()
