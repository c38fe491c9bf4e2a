"""A Dask cluster on loopback: a real scheduler and two real workers. One is killed in mid-class; nothing is lost."""

import os
import re
import signal
import subprocess
import sys
import time

import psutil
import pytest

from course import __main__, cluster
from course.zoo import ZOO, hand_in

from .conftest import FULL, ROOT, WHY_NOT, automatic, command, run, table, until

pytest.importorskip("distributed", reason="the extra `cluster` is not installed")
SILENT = {"DASK_DISTRIBUTED__DIAGNOSTICS__NVML": "False", "OMP_NUM_THREADS": "1"}


class Network:
    """A scheduler and its workers, each a process of its own."""

    def __init__(self, folder):
        self.folder, self.processes = folder, []
        self.scheduler = self.start("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--no-show")
        self.address = self.wait(r"Scheduler at:\s+(tcp://\S+)")

    def start(self, *words, environment=None):
        self.log = self.folder / f"{words[0]}-{len(self.processes)}.log"
        with self.log.open("w") as log:
            made = [sys.executable, "-m", "distributed.cli.dask_" + words[0], *words[1:]]
            environment = os.environ | SILENT | (environment or {})
            process = subprocess.Popen(made, cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True)
        self.processes.append(process)
        return process

    def wait(self, pattern):
        end = time.monotonic() + 60
        while not (found := re.search(pattern, self.log.read_text())):
            assert time.monotonic() < end, self.log.read_text()
            time.sleep(0.1)
        return found[1]

    def worker(self, **environment):
        options = [
            "--nthreads",
            "1",
            "--no-nanny",
            "--no-dashboard",
            "--local-directory",
            self.folder,
            "--memory-limit",
            "0",
        ]
        process = self.start("worker", self.address, *map(str, options), environment=environment)
        self.wait(r"(Registered to)")
        return process

    def close(self):
        for process in self.processes:
            process.kill()
            process.wait()


@pytest.fixture
def network(tmp_path_factory):
    made = Network(tmp_path_factory.mktemp("network"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def submitted(template, tmp_path_factory):
    folder = tmp_path_factory.mktemp("class")
    for name in ("right", "wrong", "raises", "picture", "bare", "kills-itself", "nothing", "scripts"):
        hand_in(ZOO[name][0], template, folder / "submitted" / name)
    for number in range(4):
        hand_in(ZOO["right"][0], template, folder / "submitted" / f"s{number}")
    return folder / "submitted"


def family(process):
    return [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]


def test_a_killed_worker_loses_nothing(solutions, submitted, network, tmp_path):
    done = run(solutions, "--submissions", submitted, "--to", tmp_path / "local", "--workers", 2)
    assert done.returncode == 0, done.stderr
    workers = [network.worker(), network.worker()]
    arguments = ["--submissions", submitted, "--to", tmp_path / "far", "--scheduler", network.address]
    made = command(solutions, *arguments)
    with subprocess.Popen(made, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        until(process, "3 of at most 12")
        children = family(workers[0])[1:]
        workers[0].kill()
        out, said = process.communicate(timeout=200)
    assert process.returncode == 0, out + said
    assert (tmp_path / "far" / "grades.csv").read_bytes() == (tmp_path / "local" / "grades.csv").read_bytes()
    assert not psutil.wait_procs(children, timeout=20)[1], "children die with their parent"
    assert "Graded now: 0." in run(solutions, *arguments).stdout


def test_a_killed_scheduler_and_an_interrupt_are_resumed(solutions, submitted, network, tmp_path):
    network.worker()
    arguments = ["--submissions", submitted, "--to", tmp_path, "--scheduler", network.address]
    made = command(solutions, *arguments)

    with subprocess.Popen(made, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        until(process, "1 of at most 12")
        process.send_signal(signal.SIGINT)
        assert "the next run goes on from there" in process.communicate(timeout=60)[0] and process.returncode == 130
    before = len([row for row in table(tmp_path).values() if not row["status"].startswith("not graded")])
    with subprocess.Popen(made, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        until(process, "2 of at most 12")
        network.scheduler.kill()
        said = process.communicate(timeout=90)[1]
    assert process.returncode == 1 and "is gone: what was graded is kept" in said and len(said.splitlines()) == 1, said
    done = run(solutions, *arguments[:-2], "--workers", 1)
    graded = int(done.stdout.split("Graded now: ")[1].split(".")[0])
    assert done.returncode == 0 and graded <= 12 - before - 2 + 1
    assert all(automatic(row) == FULL for name, row in table(tmp_path).items() if re.match(r"s\d|right", name))


def test_who_cannot_isolate_gets_no_work(solutions, submitted, network, tmp_path, isolated):
    network.worker(PATH=str(tmp_path))
    arguments = ["--submissions", submitted, "--to", tmp_path, "--scheduler", network.address]
    done = run(solutions, *arguments)
    assert done.returncode == 1 and "has no worker that can do the work" in done.stderr
    assert "gets no work: bwrap is not installed" in done.stdout and not (tmp_path / "autograded").exists()


def test_another_version_gets_no_work(monkeypatch, capsys):
    class Client:
        def run(self, function, workers, on_error):
            return {"tcp://a": ("", "other"), "tcp://b": ("", cluster.version()), "tcp://c": ImportError()}

    made = cluster.Cluster("tcp://127.0.0.1:1", False)
    made.client = Client()
    monkeypatch.setattr(made, "there", lambda: dict.fromkeys(["tcp://a", "tcp://b", "tcp://c"], 1))
    assert made.new() == ["tcp://b"] and made.new() == []
    said = capsys.readouterr().out
    assert "tcp://a gets no work: it has another version" in said and "tcp://c gets no work: it lacks" in said


@pytest.mark.parametrize(
    "address, says",
    [
        ("tcp://127.0.0.1:9", "No scheduler answers at tcp://127.0.0.1:9."),
        ("nonsense", "nonsense is no address of a scheduler: tcp://host:8786 is."),
    ],
)
def test_no_scheduler_is_one_sentence(solutions, submitted, tmp_path, address, says, monkeypatch, capfd):
    monkeypatch.setattr(cluster, "PATIENCE", 1)
    arguments = ["--source", solutions, "--submissions", submitted, "--to", tmp_path, "--scheduler", address]
    assert __main__.main(["grade", "times", *map(str, arguments)]) == 1
    assert capfd.readouterr().err == f"{says}\n" and not list(tmp_path.iterdir())


def test_isolation_is_asked_for():
    assert cluster.hello() == (WHY_NOT, cluster.version())
