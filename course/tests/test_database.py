"""A gradebook in PostgreSQL: a real server, started here on a socket of its own, killed in mid-class and resumed."""

import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from course.zoo import ZOO, hand_in

from .conftest import FULL, ROOT, automatic, command, run, table, until

PLACES = [os.environ.get("PATH", ""), *map(str, sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True))]


def found(program):
    return next(filter(None, (shutil.which(program, path=path) for path in reversed(PLACES))), None)


class Server:
    """PostgreSQL in a folder, as the user `postgres` if we are root, whom it refuses."""

    def __init__(self, folder):
        self.folder, self.root = folder, os.getuid() == 0
        self.url = f"postgresql+psycopg://grader@/postgres?host={folder}"
        if self.root:
            shutil.chown(folder, "postgres")
        self.do(found("initdb"), "-D", folder / "data", "-A", "trust", "-U", "grader")

    def do(self, *words):
        user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if self.root else []
        subprocess.run([*user, *map(str, words)], check=True, stdout=subprocess.DEVNULL, cwd=self.folder)

    def start(self):
        options = f"-k {self.folder} -c listen_addresses= -c fsync=off"
        self.do(found("pg_ctl"), "-D", self.folder / "data", "-o", options, "-l", self.folder / "log", "-w", "start")

    def kill(self):
        self.do(found("pg_ctl"), "-D", self.folder / "data", "-m", "immediate", "stop")


@pytest.fixture
def server(tmp_path_factory):
    pytest.importorskip("psycopg", reason="the extra `postgres` is not installed")
    if not (found("initdb") and found("pg_ctl")):
        reason = "PostgreSQL is not installed (on Debian or Ubuntu: sudo apt install postgresql)"
        pytest.fail(reason) if os.environ.get("CI") == "true" else pytest.skip(reason)
    folder = Path(subprocess.check_output(["mktemp", "-d", "/tmp/postgres-XXXXXX"], text=True).strip())
    made = Server(folder)
    made.start()
    yield made
    with_pid = folder / "data" / "postmaster.pid"
    if with_pid.exists():
        os.kill(int(with_pid.read_text().split()[0]), signal.SIGQUIT)
    shutil.rmtree(folder, ignore_errors=True)


def test_killed_in_mid_class_and_resumed(solutions, template, server, tmp_path):
    for number in range(6):
        hand_in(ZOO["right"][0], template, tmp_path / "submitted" / f"s{number}")
    hand_in(ZOO["picture"][0], template, tmp_path / "submitted" / "Zoë \\xe9 ' %")
    arguments = ["--submissions", tmp_path / "submitted", "--to", tmp_path, "--db", server.url, "--workers", 1]
    made = command(solutions, *arguments)
    with subprocess.Popen(made, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        until(process, "2 of at most 7")
        server.kill()
        said = process.communicate(timeout=120)[1]
    assert process.returncode == 1 and "The gradebook cannot be used" in said and len(said.splitlines()) == 1, said
    done = run(solutions, *arguments)
    assert done.returncode == 1 and "The gradebook cannot be used" in done.stderr

    server.start()
    done = run(solutions, *arguments)
    assert done.returncode == 0, done.stderr
    assert 3 <= int(done.stdout.split("Graded now: ")[1].split(".")[0]) <= 5, "what was saved is not graded again"
    assert len(table(tmp_path)) == 7 and all(automatic(row) == FULL for row in table(tmp_path).values())

    other = tmp_path / "another machine"  # with students of its own and the same gradebook
    hand_in(ZOO["wrong"][0], template, other / "submitted" / "t0")
    done = run(solutions, "--submissions", other / "submitted", "--to", other, "--db", server.url)
    assert done.returncode == 0 and list(table(other)) == ["t0"], done.stderr
    assert "Graded now: 0." in run(solutions, *arguments).stdout and len(table(tmp_path)) == 7
