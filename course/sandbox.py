"""The command that cuts a process off from files, network, other processes and memory: bubblewrap's.

Inside, only the system, the Python environment, the book's `lib/` and three modules of this package can be seen, and
nothing of it can be written. Started as root, it runs as a user of its own that exists nowhere else, so that limits on
processes bind.
"""

import os
import secrets
import shutil
import subprocess
import sys
from pathlib import Path

from .basics import ROOT, Limits

USERS = range(61184, 65520)  # user ids that systemd, too, gives to passing services
MODULES = ("__init__", "answers", "cells", "wire")


def works() -> str:
    """What keeps bubblewrap from isolating here, or nothing."""
    if not sys.platform.startswith("linux"):
        return "bubblewrap exists for Linux only"
    missing = [name for name in ("bwrap", "prlimit", "setpriv") if not shutil.which(name)]
    if missing:
        return f"{missing[0]} is not installed (on Debian or Ubuntu: sudo apt install bubblewrap)"
    done = subprocess.run([*sandbox([], Limits()), "true"], capture_output=True, text=True)
    return done.stderr.strip()


def environment() -> dict[str, str]:
    return {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUTF8": "1"}


def sandbox(files: list[Path], limits: Limits) -> list[str]:
    """The command before the command; `files` lie in the folder in which it starts."""
    own = [ROOT / "course" / f"{name}.py" for name in MODULES]
    seen = [Path(sys.prefix), Path(sys.base_prefix), ROOT / "lib", *own]
    parents = sorted({parent for path in seen for parent in path.parents})
    fonts = [p for p in Path(os.environ.get("MPLCONFIGDIR", Path.home() / ".cache/matplotlib")).glob("fontlist-*.json")]
    command = ["bwrap", "--die-with-parent", "--new-session", "--clearenv", "--cap-drop", "ALL"]
    command += [f"--unshare-{what}" for what in ("pid", "net", "ipc", "uts", "cgroup-try")]
    for path in ("/usr", "/bin", "/sbin", "/lib", "/lib64", "/etc/ld.so.cache", "/etc/localtime"):
        command += ["--ro-bind-try", path, path]
    command += ["--proc", "/proc", "--dev", "/dev"]
    for path in ("/tmp", "/dev/shm"):
        command += ["--perms", "1777", "--size", str(limits.disk), "--tmpfs", path]
    for path in (*parents, "/etc"):  # made here, else bubblewrap makes them for root alone
        command += ["--dir", str(path)]
    for path in ("/tmp/home", "/tmp/home/matplotlib"):
        command += ["--perms", "1777", "--dir", path]
    for path in seen:
        command += ["--ro-bind", str(path), str(path)]
    for path in fonts:  # else every process looks for fonts
        command += ["--ro-bind", str(path), f"/tmp/home/matplotlib/{path.name}"]
    for path in files:
        command += ["--ro-bind", str(path), f"/tmp/home/{path.name}"]
    command += ["--remount-ro", "/", "--remount-ro", "/dev", "--chdir", "/tmp/home"]
    kept = {name: os.environ[name] for name in ("LANG", "LD_LIBRARY_PATH") if name in os.environ}
    home = {"HOME": "/tmp/home", "USER": "student", "MPLCONFIGDIR": "/tmp/home/matplotlib", "PATH": "/usr/bin:/bin"}
    for name, value in (kept | home | environment()).items():
        command += ["--setenv", name, value]
    if os.getuid() == 0:
        user = str(secrets.choice(USERS))
        for capability in ("CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP"):
            command += ["--cap-add", capability]
        command += ["setpriv", "--reuid", user, "--regid", user, "--clear-groups", "--bounding-set=-all"]
        command += ["--inh-caps=-all", "--no-new-privs"]
    else:
        command.insert(1, "--unshare-user")
    bounds = [f"--nproc={limits.processes}", f"--as={limits.addresses}", f"--fsize={limits.disk}", "--core=0"]
    return [*command, "prlimit", *bounds]
