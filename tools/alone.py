"""Run a command once no other run of it is at work in this folder: python tools/alone.py NAME command ...

The command takes this process's place, and the lock falls when it ends, however it ends. It needs no environment.
"""

import fcntl
import os
import sys

name, *command = sys.argv[1:]
lock = os.open(f".{name}.lock", os.O_CREAT | os.O_RDWR)
try:
    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
except BlockingIOError:
    print(f"Another make is at work on this folder's {name}: waiting for it to end ...", file=sys.stderr)
    fcntl.flock(lock, fcntl.LOCK_EX)
os.set_inheritable(lock, True)
os.execvp(command[0], command)
