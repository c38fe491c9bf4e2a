"""The same work on a Dask cluster (`--scheduler tcp://host:8786`): jobs and results are bytes, no disk is shared.

A worker gets work when it has the same code, can isolate, and has graded the canaries rightly; one that dies loses
nothing. The driver alone writes. Each thread of a worker has a warm process beside it, as on one machine.
"""

import hashlib
import pickle
import queue
import re
import threading
import time

from .basics import ROOT, Stop, say
from .workers import Warm, do, lost

LOOK = 2  # seconds between two looks at who is there
PATIENCE = 10  # seconds that a scheduler may take to answer
LOCAL = threading.local()


def version() -> str:
    """What the code of grader and book is, here."""
    paths = sorted([*(ROOT / "course").glob("*.py"), *(ROOT / "lib").rglob("*.py")])
    return hashlib.sha256(b"".join(path.read_bytes() for path in paths)).hexdigest()


def hello() -> tuple[str, str]:
    """What a worker says of itself: why it cannot isolate, and its version."""
    from .sandbox import works

    return works(), version()


def remote(raw: bytes) -> bytes:
    """Do one job, on a worker."""
    from .work import as_json

    if not hasattr(LOCAL, "warm"):
        LOCAL.warm = Warm()
    return as_json(do(LOCAL.warm, pickle.loads(raw)))  # of the driver, who may run anything here


class Cluster:
    """The workers of a scheduler."""

    def __init__(self, address: str, unsafe: bool):
        if not re.fullmatch(r"(tcp|tls)://[^\s/:]+:\d+", address):
            raise Stop(f"{address} is no address of a scheduler: tcp://host:8786 is.")
        self.address, self.unsafe, self.fit, self.seen, self.songs = address, unsafe, {}, set(), []

    def __enter__(self):
        try:
            from distributed import Client
        except ImportError:
            raise Stop("--scheduler needs Dask: install the book with the extra `cluster`.") from None
        try:
            self.client = Client(self.address, timeout=PATIENCE, set_as_default=False)
        except (OSError, TimeoutError):
            raise Stop(f"No scheduler answers at {self.address}.") from None
        return self

    def __exit__(self, *_):
        self.client.close(timeout=2)

    def there(self) -> dict[str, int]:
        """{worker: its threads}, of those that are there now."""
        if self.client.status != "running":
            raise self.gone()
        workers = self.client.scheduler_info(n_workers=-1)["workers"]
        return {address: worker["nthreads"] for address, worker in workers.items()}

    def gone(self):
        why = "what was graded is kept, the next run goes on from there"
        return Stop(f"The scheduler at {self.address} is gone: {why}.")

    def new(self) -> list[str]:
        """Workers not met before that could do the work; of the others it is said why not."""
        fresh = [address for address in self.there() if address not in self.seen]
        self.seen.update(fresh)
        for address, said in (self.client.run(hello, workers=fresh, on_error="return") if fresh else {}).items():
            why = "it lacks the book's environment" if isinstance(said, Exception) else said[0] * (not self.unsafe)
            why = why or ("it has another version of the grader" if said[1] != version() else "")
            if why:
                fresh.remove(address)
                say(f"The worker {address} gets no work: {why}.")
        return fresh

    def everywhere(self, jobs, judge):
        """Do the canaries on every worker; `judge` raises Stop if they went wrong."""
        self.songs, self.judge = list(jobs), judge
        self.welcome()
        if not self.fit:
            raise Stop(f"The scheduler at {self.address} has no worker that can do the work.")

    def welcome(self, late=False):
        """Give work to new workers that do the canaries rightly. One that comes late and fails stops nobody."""
        sing = {
            address: [
                (job, self.client.submit(remote, pickle.dumps(job), workers=[address], pure=False, key=key(job)))
                for job in self.songs
            ]
            for address in self.new()
        }
        for address, futures in sing.items():  # all at the same time
            sung = [(job, self.made(future, job)) for job, future in futures]
            machine = [o.why for _, outcomes in sung for o in outcomes if o.kind == "machine"]
            try:
                for job, outcomes in sung if not machine else ():
                    self.judge(job, outcomes)
            except Stop as stop:
                if not late:
                    raise
                machine = [str(stop)]
            if machine:
                say(f"The worker {address} gets no work: {machine[0]}.")
            else:
                self.fit[address] = self.there().get(address, 1)

    def made(self, future, job):
        """What a finished job made."""
        from distributed.client import FutureCancelledError
        from distributed.scheduler import KilledWorker

        from .work import of_json

        try:
            return of_json(future.result())
        except KilledWorker:
            return lost(job)
        except (FutureCancelledError, OSError):
            raise self.gone() from None

    def submit(self, job, finished):
        future = self.client.submit(remote, pickle.dumps(job), workers=list(self.fit), pure=False, key=key(job))
        future.add_done_callback(finished.put)
        return future

    def results(self, jobs, stopping=lambda: False):
        """Yield (tag, what was made) as they come, like `Pool.results`."""
        waiting, jobs, finished, look = {}, iter(jobs), queue.Queue(), time.monotonic() + LOOK
        while True:
            while len(waiting) < 2 * sum(self.fit.values()) and not stopping():
                if (following := next(jobs, None)) is None:
                    break
                future = self.submit(following[1], finished)
                waiting[future.key] = (future, *following, set(self.fit))
            if stopping():
                self.client.cancel([future for future, *_ in waiting.values()], force=True)
                return
            if not waiting:
                return
            try:
                key = finished.get(timeout=0.5).key
                if key in waiting:
                    future, tag, job, _ = waiting.pop(key)
                    yield tag, self.made(future, job)
            except queue.Empty:
                pass
            if time.monotonic() > look:
                look = time.monotonic() + LOOK
                self.look(waiting, finished)

    def look(self, waiting, finished):
        """See who has come and who has gone; what only waits for the gone is given to others."""
        there = self.there()
        self.fit = {address: threads for address, threads in self.fit.items() if address in there}
        self.welcome(late=True)
        for key_, (future, tag, job, allowed) in list(waiting.items()):
            if not allowed & self.fit.keys() and self.fit:
                self.client.cancel(future, force=True)
                again = self.submit(job, finished)
                del waiting[key_]
                waiting[again.key] = (again, tag, job, set(self.fit))


def key(job) -> str:
    name = getattr(getattr(job, "submission", None), "student", "page")
    return f"{re.sub(r'[^A-Za-z0-9]', '-', name)[:40]}-{time.monotonic_ns()}"
