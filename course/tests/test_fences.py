"""Whatever goes wrong at one student's step, everyone else is graded; whose failure it was is kept apart."""

import os
import shutil
import signal
import subprocess
import threading
import time

import psutil
import pytest

from course import choosing, export, feedback, fence, files, grade, saving, session, testing, work, workers
from course.basics import Limits, Submission
from course.cells import Outputs
from course.zoo import ZOO, hand_in

from .conftest import FULL, ROOT, WHY_NOT, automatic, command, here, run, table


def of_bob(*arguments):
    return any(
        a == "bob" or getattr(a, "student", "") == "bob" or "# bob" in str(a) or "bob.jpg" in str(a) for a in arguments
    )


STEPS = {
    "reading": (files, "load"),
    "choosing": (choosing, "choose"),
    "normalising": (work, "normalise"),
    "running and testing": (testing, "examine"),
    "saving": (saving, "save"),
    "what a marker sees": (saving, "keep"),
    "feedback": (feedback, "page"),
    "the table": (export, "row"),
}


@pytest.mark.parametrize("step", STEPS)
def test_an_exception_in_a_step_is_one_status(solutions, template, tmp_path, monkeypatch, step):
    for name in ("ada", "bob", "cleo"):
        hand_in(ZOO["right"][0], template, tmp_path / "submitted" / name)
    (tmp_path / "submitted" / "bob" / "bob.jpg").write_bytes(b"x")
    marked = tmp_path / "submitted" / "bob" / "multiply.ipynb"
    marked.write_text(marked.read_text("utf-8").replace("return 2 * x", "return 2 * x  # bob"), "utf-8")
    module, name = STEPS[step]
    honest = getattr(module, name)

    def fail(*arguments, **options):
        if of_bob(*arguments):
            raise RuntimeError("no luck")
        return honest(*arguments, **options)

    monkeypatch.setattr(module, name, fail)
    arguments = ["--submissions", tmp_path / "submitted", "--to", tmp_path]
    assert here(solutions, *arguments).returncode == grade.NOT_ALL
    rows = table(tmp_path)
    assert "a fault of the grader" in rows["bob"]["status"] and set(rows) == {"ada", "bob", "cleo"}
    assert all(automatic(rows[who]) == FULL and rows[who]["status"] == "needs marking" for who in ("ada", "cleo"))
    assert step == "the table" or "no luck" in (tmp_path / "faults.log").read_text("utf-8")
    monkeypatch.setattr(module, name, honest)
    assert here(solutions, *arguments).returncode == 0
    assert automatic(table(tmp_path)["bob"]) == FULL and table(tmp_path)["bob"]["status"] == "needs marking"


def test_the_machines_failure_is_no_grade(solutions, template, tmp_path, isolated):
    """bubblewrap fails from its seventh call on, as it does where there is no space or no process left."""
    for number in range(6):
        hand_in(ZOO["right"][0], template, tmp_path / "submitted" / f"s{number}")
    fake = tmp_path / "bin" / "bwrap"
    fake.parent.mkdir()
    fake.write_text(
        f"#!/bin/sh\necho x >> {tmp_path}/calls\n"
        f'if [ $(wc -l < {tmp_path}/calls) -gt 6 ]; then echo "bwrap: No space left on device" >&2; exit 1; fi\n'
        f'exec {shutil.which("bwrap")} "$@"\n'
    )
    fake.chmod(0o755)
    environment = os.environ | {"PATH": f"{fake.parent}:{os.environ['PATH']}"}
    arguments = ["--submissions", tmp_path / "submitted", "--to", tmp_path, "--workers", 1]
    done = run(solutions, *arguments, env=environment)
    rows = table(tmp_path).values()
    lost = [row for row in rows if row["status"].startswith("not graded: the answer process did not start: bwrap: No")]
    assert done.returncode == grade.NOT_ALL and len(lost) == 3, done.stdout + done.stderr
    assert all(row["total"] == "" for row in lost) and "3 could not be graded this time" in done.stderr
    assert run(solutions, *arguments).returncode == 0
    assert all(automatic(row) == FULL for row in table(tmp_path).values())


def job_of(template, student, folder):
    submission = files.load(Submission(student, [folder]), "times", Limits())
    return work.Job(submission, [template._replace(solution=None)], {}, Limits(), not WHY_NOT)


def test_a_killed_worker_is_started_again(template, tmp_path):
    hand_in(ZOO["right"][0], template, tmp_path / "ada")
    warm = workers.Warm()

    def kill():
        while warm.process is None or not psutil.Process(warm.process.pid).children():
            time.sleep(0.05)
        warm.process.kill()

    killer = threading.Thread(target=kill)
    killer.start()
    made = workers.do(warm, job_of(template, "ada", tmp_path / "ada"))
    killer.join()
    warm.close()
    assert [outcome.kind for outcome in made] == ["graded"] and '"first"' in made[0].executed


def test_who_kills_three_workers_has_an_error(template, tmp_path):
    class Doomed:
        tried = 0

        def do(self, raw):
            self.tried += 1
            raise workers.Died

    doomed = Doomed()
    made = workers.do(doomed, job_of(template, "ada", tmp_path))
    assert doomed.tried == 3 and "it killed its grading process three times" in made[0].executed


def test_children_die_with_their_parent(solutions, template, tmp_path):
    def endless(notebook, folder):
        notebook.cells[2].source = "while True:\n    pass"

    for number in range(4):
        hand_in(endless, template, tmp_path / "submitted" / f"s{number}")
    made = command(solutions, "--submissions", tmp_path / "submitted", "--to", tmp_path, "--workers", 2)
    with subprocess.Popen(made, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            end = time.monotonic() + 90
            while len(children := psutil.Process(process.pid).children(recursive=True)) < 6:
                assert time.monotonic() < end
                time.sleep(0.1)
        finally:
            process.kill()
    _, alive = psutil.wait_procs(children, timeout=20)
    assert not alive


def sleep(_):
    time.sleep(60)


def hog(_):
    return len(bytearray(2**34))


def die(_):
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_fence_has_limits():
    start = time.monotonic()
    with pytest.raises(fence.Lost, match="took too long"):
        fence.fenced(sleep, None, 0.5, 2**33)
    assert time.monotonic() - start < 10
    with pytest.raises(MemoryError):
        fence.fenced(hog, None, 20, 2**33)
    with pytest.raises(fence.Lost, match="died"):
        fence.fenced(die, None, 20, 2**33)
    with pytest.raises(RuntimeError, match="local object"):
        fence.fenced(lambda _: lambda: 0, None, 20, 2**33)
    assert fence.fenced(len, "abc", 20, 2**33) == 3


def test_only_folders_without_an_owner_are_swept(tmp_path, monkeypatch):
    monkeypatch.setattr(session.tempfile, "tempdir", str(tmp_path))
    (living, lock), (dead, lost) = session.own_folder(), session.own_folder()
    (dead / "data.csv").touch()
    (tmp_path / "grade-link").symlink_to(living)
    (tmp_path / "grade-file").touch()
    os.close(lost)  # as the kernel does when its owner is killed
    session.sweep()
    assert {path.name for path in tmp_path.iterdir()} == {living.name, "grade-link", "grade-file"}
    os.close(lock)


def test_too_much_is_cut_with_a_line_that_says_so():
    outputs = Outputs(text=10, figures=100)
    outputs.write("stdout", "12345")
    outputs.show({"image/png": "x" * 50}, {})
    outputs.write("stderr", "1234567890")
    outputs.write("stdout", "more")
    outputs.show({"image/png": "x" * 60}, {})
    outputs.show({"image/png": "x" * 5}, {})
    kept = outputs.take()
    assert [o.get("text", "figure") for o in kept] == [
        "12345",
        "figure",
        "12345",
        "\n[The rest is left out: it is too long.]\n\n[The rest is left out: the figures are too large.]\n",
    ]
