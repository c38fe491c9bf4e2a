"""Do something to one submission in a process of its own, with limits: whatever happens, everyone else goes on."""

import ctypes
import os
import pickle
import resource
import select
import signal
import struct
import time
from contextlib import suppress

import psutil

LONGEST = 2**30  # bytes of a result


class Lost(Exception):
    """The process ended without a result, or did not end."""


def die_with_parent():
    """Let the kernel kill this process when the one that started it is gone."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


def fenced(function, argument, seconds: float, addresses: int):
    """What the function makes of the argument. Raises what it raises, or Lost."""
    inward, outward = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(inward)
        die_with_parent()
        code = 1
        try:
            resource.setrlimit(resource.RLIMIT_AS, (addresses, addresses))
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            try:
                made = True, function(argument)
            except BaseException as error:
                made = False, error
            code = send(outward, made)
        finally:
            os._exit(code)
    os.close(outward)
    try:
        return receive(inward, time.monotonic() + seconds)
    finally:
        os.close(inward)
        end(child)


def send(out, made) -> int:
    try:
        raw = pickle.dumps(made)
    except Exception as error:
        raw = pickle.dumps((False, RuntimeError(f"{type(error).__name__}: {error}")))
    view = memoryview(struct.pack(">Q", len(raw)) + raw)
    while view:
        view = view[os.write(out, view) :]
    return 0


def receive(source, deadline):
    got, wanted = bytearray(), 8
    while len(got) < wanted:
        left = deadline - time.monotonic()
        if left < 0:
            raise Lost("took too long")
        if not select.select([source], [], [], min(left, 1))[0]:
            continue
        part = os.read(source, min(2**20, wanted - len(got)))
        if not part:
            raise Lost("died")
        got += part
        if wanted == 8 and len(got) == 8:
            wanted += struct.unpack(">Q", got)[0]
            if wanted > LONGEST:
                raise Lost("made too much")
    fine, made = pickle.loads(got[8:])  # of our own process, whose code is all ours
    if fine:
        return made
    raise made


def end(child):
    """Kill a process and all that it started, and see them gone."""
    started = []
    with suppress(psutil.NoSuchProcess):
        started = psutil.Process(child).children(recursive=True)
    for process in started:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    with suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)
    with suppress(ChildProcessError):
        os.waitpid(child, 0)
    last = time.monotonic() + 5
    while any(map(alive, started)) and time.monotonic() < last:
        time.sleep(0.01)


def alive(process) -> bool:
    with suppress(psutil.NoSuchProcess):
        return process.status() != psutil.STATUS_ZOMBIE
    return False
