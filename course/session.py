"""Ask an answer process, within limits of time, memory and length; it is dead with all its children at the end."""

import fcntl
import os
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import psutil

from . import wire
from .basics import MB, Limits, Machine, clean
from .fence import die_with_parent
from .sandbox import environment, sandbox

START, GRACE, LOOK = 60, 3, 0.5  # seconds until it must be ready, must have obeyed an interrupt; between two looks


class Dead(Exception):
    """Why the answer process is no more."""


class Slow(Exception):
    """A question took too long, and was interrupted."""


def own_folder() -> tuple[Path, int]:
    """A new folder, and the lock that says that its owner lives; it has its name when it is locked."""
    draft = Path(tempfile.mkdtemp(prefix=".grade-"))
    lock = os.open(draft, os.O_RDONLY)
    fcntl.flock(lock, fcntl.LOCK_EX)
    return draft.rename(draft.with_name(draft.name[1:])), lock


def sweep():
    """Remove the folders of owners that were killed."""
    for folder in Path(tempfile.gettempdir()).glob("grade-*"):
        with suppress(OSError):
            lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if os.fstat(lock).st_uid == os.getuid():
                    shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(lock)


class Session:
    """An answer process. `ask` is a question; what it says is checked by whoever asks."""

    def __init__(self, files: dict[str, bytes], limits: Limits, isolate: bool):
        self.limits, self.end = limits, time.monotonic() + limits.notebook * limits.seconds
        self.folder, self.lock = own_folder()
        self.process, self.log, self.count = None, tempfile.TemporaryFile(), 0
        try:
            for name, content in files.items():
                (self.folder / name).write_bytes(content)
            self.start(isolate)
        except BaseException as error:
            self.close()
            if isinstance(error, OSError):
                raise Machine(f"the answer process did not start ({error.strerror})") from None
            raise

    def start(self, isolate):
        command = [sys.executable, "-m", "course.answers", str(self.limits.text), str(self.limits.figures)]
        if isolate:
            command = sandbox(sorted(self.folder.iterdir()), self.limits) + command
        self.process = subprocess.Popen(
            command,
            cwd=self.folder,
            env=os.environ | environment(),
            start_new_session=True,
            preexec_fn=die_with_parent,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.log,
        )
        os.set_blocking(self.process.stdin.fileno(), False)
        try:
            if self.read(time.monotonic() + START).get("ready"):
                return
        except (Dead, Slow):
            pass
        self.log.seek(0)
        said = self.log.read(10**5).decode(errors="replace").strip().splitlines()
        raise Machine(f"the answer process did not start{': ' + said[-1] if said else ''}")

    def ask(self, do: str, **question) -> dict:
        """What it answers. Raises Slow, Dead or Unfit."""
        now = time.monotonic()
        if now > self.end:
            raise Dead("the time for the whole notebook was over")
        end = min(self.end, now + 3 * self.limits.seconds)
        self.count += 1
        self.send(wire.pack({"do": do, "number": self.count} | question), end)
        while (reply := self.read(end)).get("number") != self.count:
            pass  # of a question that was given up, or of a process that the code started
        return reply

    def send(self, raw: bytes, end: float):
        out, view = self.process.stdin.fileno(), memoryview(raw)
        while view:
            if time.monotonic() > end:
                raise Dead("the answer process takes no questions")
            if select.select([], [out], [], LOOK)[1]:
                try:
                    view = view[os.write(out, view[: 1 << 16]) :]
                except BlockingIOError:
                    pass
                except OSError:
                    raise Dead("the answer process died") from None

    def read(self, end: float) -> dict:
        """One message. It may use `seconds` of processor time: a busy machine harms nobody."""
        source, got, wanted = self.process.stdout.fileno(), bytearray(), 4
        used, look, interrupted = None, time.monotonic() + LOOK, False
        while len(got) < wanted:
            now = time.monotonic()
            if now > look:
                spent, look = self.watch(), now + LOOK
                used = spent if used is None else used
                if spent - used > self.limits.seconds:
                    end = min(end, now) if not interrupted else end
            if now > end:
                if interrupted:
                    raise Dead(f"the code did not end, {GRACE} s after it was told to")
                self.interrupt()
                interrupted, end = True, now + GRACE
            if not select.select([source], [], [], 0.1)[0]:
                continue
            part = os.read(source, min(1 << 20, wanted - len(got)))
            if not part:
                raise Dead("the answer process died")
            got += part
            if wanted == 4 and len(got) == 4:
                wanted += struct.unpack(">I", got)[0]
                if wanted > self.limits.message:
                    raise Dead(f"an answer is longer than {self.limits.message // MB} MB")
        reply = wire.unpack(bytes(got[4:]))
        if interrupted and len(self.pythons()) > 1:
            raise Dead("the code started processes that go on")
        if interrupted:
            raise Slow(reply)
        return clean(reply) if len(got) < 10**5 else reply

    def family(self):
        with suppress(psutil.NoSuchProcess):
            parent = psutil.Process(self.process.pid)
            return [*reversed(parent.children(recursive=True)), parent]
        return []

    def pythons(self):
        """The answer process inside, and what it forked."""
        found = []
        for child in self.family():
            with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
                if "course.answers" in child.cmdline() and child.name() != "bwrap":
                    found.append(child)
        return found

    def interrupt(self):
        """Tell them, as Ctrl-C does."""
        for child in self.pythons():
            with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
                child.send_signal(signal.SIGINT)

    def watch(self) -> float:
        """The seconds of processor time used so far. Raises Dead if it uses too much else."""
        memory = used = 0
        for child in self.family():
            with suppress(psutil.NoSuchProcess):
                memory += child.memory_info().rss
                used += sum(child.cpu_times()[:2])
        if memory > self.limits.memory:
            raise Dead(f"the code used more than {self.limits.memory >> 30} GB of memory")
        return used

    def close(self):
        if self.process:
            for child in self.family():
                with suppress(psutil.NoSuchProcess):
                    child.kill()
            self.process.wait()
            for pipe in (self.process.stdin, self.process.stdout):
                with suppress(OSError):
                    pipe.close()
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)
        os.close(self.lock)
