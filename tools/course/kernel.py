"""Run a notebook's cells in a kernel that bubblewrap cuts off from files, network, other processes and memory.

Inside, only the system, the Python environment and the book's `lib/` can be seen, and nothing of it can be written.
Started as root, the kernel runs as a user of its own that exists nowhere else, so that process limits bind.
What runs in the kernel can still lie about itself: see `guard`.
"""

import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import Empty

import psutil
import zmq
from jupyter_client import BlockingKernelClient
from jupyter_client.connect import write_connection_file
from nbformat.v4 import output_from_msg

from . import ROOT, named
from .normalise import is_test, segments

ADDRESSES, MEMORY, DISK, PRINTED = 4 * 2**30, 2 * 2**30, 64 * 2**20, 2**20  # bytes; of one process, of all, …
PROCESSES = 64
FRESH = "import sys\nfor name in [n for n in sys.modules if n.split('.')[0] == 'lib']: del sys.modules[name]"
START, GRACE = 60, 3  # seconds until a kernel must answer, and until it must have obeyed an interrupt
USERS = range(61184, 65520)  # user ids that systemd, too, gives to passing services


class Stopped(Exception):
    """Why the kernel was stopped."""


def works() -> str:
    """What keeps bubblewrap from isolating here, or nothing."""
    if not sys.platform.startswith("linux"):
        return "bubblewrap exists for Linux only"
    missing = [name for name in ("bwrap", "prlimit", "setpriv") if not shutil.which(name)]
    if missing:
        return f"{missing[0]} is not installed (on Debian or Ubuntu: sudo apt install bubblewrap)"
    with tempfile.TemporaryDirectory() as run:
        done = subprocess.run([*sandbox(Path(run), []), "true"], capture_output=True, text=True)
    return done.stderr.strip()


def sandbox(run: Path, files: list[Path]) -> list[str]:
    """The command before the command: `run` is the one folder shared with the outside, `files` lie in the kernel's."""
    seen = [Path(sys.prefix), Path(sys.base_prefix), ROOT / "lib"]
    bind = [("--ro-bind", p) for p in seen] + [("--bind", run)]
    parents = sorted({parent for _, path in bind for parent in path.parents})
    fonts = [p for p in Path(os.environ.get("MPLCONFIGDIR", Path.home() / ".cache/matplotlib")).glob("fontlist-*.json")]
    command = ["bwrap", "--die-with-parent", "--new-session", "--clearenv", "--cap-drop", "ALL"]
    command += [f"--unshare-{what}" for what in ("pid", "net", "ipc", "uts", "cgroup-try")]
    for path in ("/usr", "/bin", "/sbin", "/lib", "/lib64", "/etc/ld.so.cache", "/etc/localtime"):
        command += ["--ro-bind-try", path, path]
    command += ["--proc", "/proc", "--dev", "/dev"]
    for path in ("/tmp", "/dev/shm"):
        command += ["--perms", "1777", "--size", str(DISK), "--tmpfs", path]
    for path in (*parents, "/etc"):  # made here, else bubblewrap makes them for root alone
        command += ["--dir", str(path)]
    for path in ("/tmp/home", "/tmp/home/matplotlib"):
        command += ["--perms", "1777", "--dir", path]
    for how, path in bind:
        command += [how, str(path), str(path)]
    for path in fonts:  # else every kernel looks for fonts
        command += ["--ro-bind", str(path), f"/tmp/home/matplotlib/{path.name}"]
    for path in files:
        command += ["--ro-bind", str(path), f"/tmp/home/{path.name}"]
    command += ["--remount-ro", "/", "--remount-ro", "/dev", "--chdir", "/tmp/home"]
    kept = {name: os.environ[name] for name in ("LANG", "LD_LIBRARY_PATH") if name in os.environ}
    own = {"HOME": "/tmp/home", "USER": "student", "MPLCONFIGDIR": "/tmp/home/matplotlib", "PATH": "/usr/bin:/bin"}
    for name, value in (kept | own | environment()).items():
        command += ["--setenv", name, value]
    if os.getuid() == 0:
        user = str(secrets.choice(USERS))
        for path in (run, *run.iterdir()):
            os.chown(path, int(user), -1)
        for capability in ("CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP"):
            command += ["--cap-add", capability]
        command += ["setpriv", "--reuid", user, "--regid", user, "--clear-groups", "--bounding-set=-all"]
        command += ["--inh-caps=-all", "--no-new-privs"]
    else:
        command.insert(1, "--unshare-user")
    return [*command, "prlimit", f"--nproc={PROCESSES}", f"--as={ADDRESSES}", f"--fsize={DISK}", "--core=0"]


def environment():
    return {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}


@contextmanager
def kernel(files: list[Path], isolate: bool):
    """A kernel that answers, as (process, client, run folder); dead with all its children at the end."""
    run = Path(tempfile.mkdtemp(prefix="grade-", dir="/tmp"))  # short: a socket's path has about 100 characters
    connection, process, context = run / "k.json", None, zmq.Context()
    context.setsockopt(zmq.MAXMSGSIZE, 256 * PRINTED)
    client = BlockingKernelClient(connection_file=str(connection), context=context)
    try:
        write_connection_file(
            client.connection_file, ip=f"{run}/k", transport="ipc", key=secrets.token_bytes(32).hex().encode()
        )
        command = [sys.executable, "-m", "ipykernel_launcher", "-f", connection, "--HistoryManager.enabled=False"]
        work = run / "work"
        if isolate:
            command = sandbox(run, files) + command
        else:
            work.mkdir()
            for path in files:
                shutil.copy(path, work)
        with tempfile.TemporaryFile() as log:
            process = subprocess.Popen(
                command,
                cwd=run if isolate else work,
                env=os.environ | environment(),
                start_new_session=True,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
            client.load_connection_file()
            client.start_channels(stdin=False)
            if not answers(process, client):
                log.seek(0)
                said = log.read(10**5).decode(errors="replace").strip().splitlines()
                raise Stopped(f"the kernel did not start{': ' + said[-1] if said else ''}")
        yield process, client, run
    finally:
        if process:
            for child in family(process):
                with suppress(psutil.NoSuchProcess):
                    child.kill()
            process.wait()
        client.stop_channels()
        context.destroy(linger=0)
        shutil.rmtree(run, ignore_errors=True)


def family(process):
    """A process and all that it started, youngest first."""
    with suppress(psutil.NoSuchProcess):
        parent = psutil.Process(process.pid)
        return [*reversed(parent.children(recursive=True)), parent]
    return []


def answers(process, client) -> bool:
    end = time.monotonic() + START
    while time.monotonic() < end and process.poll() is None:
        client.kernel_info()
        with suppress(Empty):
            client.get_shell_msg(timeout=1)
            client.get_iopub_msg(timeout=0.2)
            return True
    return False


def watch(process, run: Path) -> float:
    """The seconds of processor time that the kernel has used. Raises Stopped if it is dead, or uses too much else."""
    if process.poll() is not None:
        raise Stopped("the kernel died")
    memory = disk = used = 0
    for child in family(process):
        with suppress(psutil.NoSuchProcess):
            memory += child.memory_info().rss
            used += sum(child.cpu_times()[:2])
    for path in run.rglob("*"):
        with suppress(FileNotFoundError):
            disk += path.lstat().st_size
    if memory > MEMORY:
        raise Stopped(f"the kernel used more than {MEMORY >> 30} GB of memory")
    if disk > DISK:
        raise Stopped(f"the kernel wrote more than {DISK >> 20} MB")
    return used


def execute(process, client, run, code, seconds, end, *, history=True):
    """What a piece of code put out, and whether it had to be interrupted. Raises Stopped.

    It may use `seconds` of processor time, so that a busy machine harms nobody, and three times that on the clock.
    """
    request = client.execute(code, store_history=history, allow_stdin=False, stop_on_error=False)
    outputs, printed, interrupted, heard, before = [], 0, False, False, None
    look = nudge = time.monotonic() + 0.5
    deadline = min(time.monotonic() + 3 * seconds, end)
    while True:
        now = time.monotonic()
        if now > nudge and not heard:  # ipykernel 7 can overlook a request until somebody connects (its issue 1554)
            client.connect_shell()
            nudge = now + 0.5
        if now > deadline:
            if interrupted:
                raise Stopped(f"the kernel did not end, {GRACE} s after it was told to")
            client.control_channel.send(client.session.msg("interrupt_request", {}))
            interrupted, deadline = True, now + GRACE
        if now > look:
            used, look = watch(process, run), now + 0.5
            before = used if before is None else before
            if used - before > seconds and not interrupted:
                deadline = now
        try:
            message = client.get_iopub_msg(timeout=0.2)
            kind, content = message["header"]["msg_type"], message["content"]
            printed += len(str(content))
            if message["parent_header"].get("msg_id") != request:
                continue
            heard = True
            if kind == "status" and content["execution_state"] == "idle":
                with suppress(Empty):
                    client.get_shell_msg(timeout=1)  # a request sent before the reply is here may be overlooked
                return outputs, interrupted
            if kind in ("stream", "display_data", "execute_result", "error"):
                output = output_from_msg(message)
                if kind == "stream" and outputs and outputs[-1].get("name") == output.name:
                    outputs[-1].text += output.text
                else:
                    outputs.append(output)
        except Empty:
            continue
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise Stopped(f"the kernel sent a message that is none ({type(error).__name__})") from None
        if printed > PRINTED:
            raise Stopped(f"more than {PRINTED >> 20} MB was printed")


def run(notebook, files: list[Path], isolate: bool, seconds: float):
    """Run every code cell and store what it put out.

    Returns the names of the tests that ran to their end, and what went wrong with the run itself. A test ends by
    printing a word that is drawn for it: one that was left early, however quietly, has not passed.
    """
    passed, problems, cell = [], [], None
    try:
        with kernel(files, isolate) as ours:
            end = time.monotonic() + 6 * seconds
            for count, cell in enumerate((c for c in notebook.cells if c.cell_type == "code"), 1):
                cell.execution_count, test = count, is_test(cell)
                if test:
                    execute(*ours, FRESH, seconds, end, history=False)
                for hidden, code in segments(cell.source) if test else [(False, cell.source)]:
                    word = secrets.token_hex(16)
                    code += f"\nprint('{word}')" if test else ""
                    outputs, interrupted = execute(*ours, code, seconds, end, history=not hidden)
                    ended = any(word in o.get("text", "") for o in outputs)
                    for output in outputs:
                        if "text" in output:
                            output.text = output.text.replace(word + "\n", "")
                    outputs = [o for o in outputs if o.get("text", "something")]
                    cell.outputs += outputs
                    if not hidden:
                        cell.metadata["visible"] = len(cell.outputs)  # what the student may see of a test
                    if interrupted:
                        problems.append(f"{named(cell)} ran too long and was stopped")
                    if test and (not ended or any(o.output_type == "error" for o in outputs)):
                        cell.metadata["failed"] = "hidden" if hidden else "visible"
                        break
                else:
                    passed += [named(cell)] if test else []
    except Stopped as stopped:
        problems.append(f"{stopped}, in {named(cell)}" if cell else str(stopped))
    return passed, problems
