"""The verbs: a second run, an interrupt, overlays and variants, canaries, and what bad input leads to."""

import os
import resource
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook, InvalidEntry
from sqlalchemy.exc import OperationalError

from course import __main__, basics, saving
from course.zoo import ZOO, hand_in

from .conftest import FULL, ROOT, ZERO, Direct, automatic, command, here, run, table, until


def test_a_second_run_grades_only_what_changed(solutions, template, tmp_path):
    for name in ("ada", "bob"):
        hand_in(ZOO["right"][0], template, tmp_path / "submitted" / name)
    arguments = ["--submissions", tmp_path / "submitted", "--to", tmp_path / "out"]
    assert "Graded now: 2." in here(solutions, *arguments).stdout
    before = (tmp_path / "out" / "grades.csv").read_bytes()
    assert "Graded now: 0." in here(solutions, *arguments).stdout
    assert (tmp_path / "out" / "grades.csv").read_bytes() == before

    with Gradebook(f"sqlite:///{tmp_path}/out/gradebook.db") as gradebook:  # marked by hand
        grade = gradebook.find_grade("why", "multiply", "times", "bob")
        grade.manual_score, grade.needs_manual_grade = 2.5, False
        gradebook.find_comment("why", "multiply", "times", "bob").manual_comment = "<b>Good</b>"
        gradebook.db.commit()
    (tmp_path / "submitted" / "ada" / "multiply.ipynb").write_text("no longer")
    assert "Graded now: 1." in here(solutions, *arguments).stdout
    rows = table(tmp_path / "out")
    assert (rows["bob"]["total"], rows["bob"]["status"]) == ("5.5", "graded")
    assert automatic(rows["ada"]) == ZERO and rows["ada"]["status"].startswith("error")
    page = (tmp_path / "out/feedback/bob/times/multiply.html").read_text("utf-8")
    assert "Score: 5.5 / 6.0" in page and "&lt;b&gt;Good&lt;/b&gt;" in page

    assert "Graded now: 2." in here(solutions, *arguments, "--again").stdout
    row = table(tmp_path / "out")["bob"]
    assert (row["total"], row["status"]) == ("5.5", "needs marking"), "a mark is kept, and to be looked at again"


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_loses_nothing(solutions, template, tmp_path, sent):
    for number in range(8):
        hand_in(ZOO["right"][0], template, tmp_path / "submitted" / f"s{number}")
    arguments = ["--submissions", tmp_path / "submitted", "--to", tmp_path, "--workers", 1]
    with subprocess.Popen(command(solutions, *arguments), cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        until(process, "1 of at most 8")
        process.send_signal(sent)
        said = process.communicate(timeout=60)[0]
    assert process.returncode == 130 and "the next run goes on from there" in said
    graded = [row for row in table(tmp_path).values() if row["status"] == "needs marking"]
    assert 1 <= len(graded) < 8 and all(automatic(row) == FULL for row in graded)
    others = [row["status"] for row in table(tmp_path).values() if row not in graded]
    assert {*others} == {"not graded: the run was stopped before"} and len(others) == 8 - len(graded)
    done = run(solutions, *arguments)
    assert f"Graded now: {8 - len(graded)}." in done.stdout
    assert all(automatic(row) == FULL for row in table(tmp_path).values())


def test_a_signal_in_the_middle_of_a_print_is_answered(monkeypatch, capfd):
    def reentrant(*words, **how):
        raise RuntimeError("reentrant call inside <_io.BufferedWriter name='<stdout>'>")

    monkeypatch.setattr("builtins.print", reentrant)
    basics.say("Stopping:", 1)
    assert capfd.readouterr().out == "Stopping: 1\n"


def test_while_an_ended_run_clears_up_no_signal_is_heard(monkeypatch):
    monkeypatch.setattr(basics, "_ending", threading.Event())
    with pytest.raises(KeyboardInterrupt):
        basics.end_run()
    assert basics.end_run() is None


@pytest.mark.parametrize(
    "moment, sent",
    [
        ("class", [signal.SIGTERM] * 2),
        ("class", [signal.SIGINT] * 3),
        ("canaries", [signal.SIGTERM]),
        ("canaries", [signal.SIGINT] * 2),
    ],
)
def test_an_interrupt_that_will_not_wait_leaves_nothing(solutions, template, tmp_path, moment, sent):
    for name, kind in {"a": "right", "b": "endless", "c": "endless"}.items():
        hand_in(ZOO[kind][0], template, tmp_path / "submitted" / name)
    arguments = ["--submissions", tmp_path / "submitted", "--to", tmp_path, "--workers", 1]
    (tmp_path / "tmp").mkdir()
    options = {"cwd": ROOT, "env": os.environ | {"TMPDIR": str(tmp_path / "tmp")}, "stderr": subprocess.PIPE}
    with subprocess.Popen(command(solutions, *arguments), stdout=subprocess.PIPE, text=True, **options) as process:
        until(process, {"class": "1 of at most 3", "canaries": "times: 3 students"}[moment])
        while not list(tmp_path.glob("tmp/grade-*")):
            time.sleep(0.01)
        for number in sent:
            process.send_signal(number)
            time.sleep(0.3)
        said = process.communicate(timeout=20)[1].splitlines()
    said = [line for line in said if not line.startswith("WARNING: nothing is isolated")]
    assert process.returncode == 130 and said == ["Stopped. What was graded is kept, the next run goes on from there."]
    assert not list((tmp_path / "tmp").iterdir()) and not list(tmp_path.rglob("*.part*"))


@pytest.mark.parametrize("moment", ["class", "canaries"])
def test_a_killed_run_is_resumed(solutions, template, tmp_path, moment):
    for number in range(3):
        hand_in(ZOO["right"][0], template, tmp_path / "submitted" / f"s{number}")
    arguments = ["--submissions", tmp_path / "submitted", "--to", tmp_path, "--workers", 1]
    wait = {"class": "1 of at most 3", "canaries": "times: 3 students"}[moment]
    (tmp_path / "tmp").mkdir()
    options = {"cwd": ROOT, "env": os.environ | {"TMPDIR": str(tmp_path / "tmp")}}
    with subprocess.Popen(command(solutions, *arguments), stdout=subprocess.PIPE, text=True, **options) as process:
        until(process, wait)
        while not list(tmp_path.glob("tmp/grade-*")):
            time.sleep(0.01)
        process.kill()
    assert list(tmp_path.glob("tmp/grade-*")), "a killed run cannot clear up"
    done = run(solutions, *arguments, **options)
    assert done.returncode == 0 and f"Graded now: {2 if moment == 'class' else 3}." in done.stdout, done.stderr
    assert all(automatic(row) == FULL for row in table(tmp_path).values())
    assert not list(tmp_path.rglob("*.part")) and not list((tmp_path / "tmp").iterdir()), "the next run does"


def test_overlay_and_variants(solutions, template, tmp_path):
    """An extra hidden test refuses what passed before; the data change with the seed."""
    overlay = tmp_path / "private" / "times" / "multiply"
    overlay.mkdir(parents=True)
    (overlay / "second.py").write_text("assert triple(10**9) == 3 * 10**9\n")

    def spoil(notebook, folder):
        cell = next(cell for cell in notebook.cells if "triple" in cell.source)
        cell.source = "def triple(x):\n    return x + min(2 * x, 10**6)"

    hand_in(spoil, template, tmp_path / "submitted" / "ada")
    arguments = ["--submissions", tmp_path / "submitted", "--to", tmp_path]
    assert here(solutions, *arguments).returncode == 0 and automatic(table(tmp_path)["ada"]) == [2, 1]
    done = here(solutions, *arguments, "--overlay", tmp_path / "private", "--seed", 7)
    assert done.returncode == 0 and "Graded now: 1." in done.stdout, done.stderr
    assert automatic(table(tmp_path)["ada"]) == [2, 0]
    graded = nbformat.read(tmp_path / "autograded" / "ada" / "times" / "multiply.ipynb", as_version=4)
    assert graded.cells[1].source == "SEED = 7\nx = 10 + SEED"
    assert "10**9 ==" not in (tmp_path / "feedback/ada/times/multiply.html").read_text("utf-8")

    (overlay / "third.py").write_text("")
    done = here(solutions, *arguments, "--overlay", tmp_path / "private")
    assert done.returncode == 1 and "No test cell of 'times' takes the overlay's times/multiply/third.py" in done.stderr


def broken(solutions, tmp_path, change):
    """The assignment, with one cell changed."""
    notebook = nbformat.read(solutions / "times" / "multiply.ipynb", as_version=4)
    change({cell.id: cell for cell in notebook.cells})
    (tmp_path / "broken" / "times").mkdir(parents=True)
    nbformat.write(notebook, tmp_path / "broken" / "times" / "multiply.ipynb")
    return tmp_path / "broken"


@pytest.mark.parametrize(
    "name, source, says",
    [
        (
            "triple",
            "def triple(x):\n    ### BEGIN SOLUTION\n    return x\n    ### END SOLUTION",
            "solution of multiply fails second",
        ),
        (
            "setup",
            "import of_tests_alone\nSEED, x = 0, 1",
            "solution of multiply does not run. RuntimeError: setup fails among the tests",
        ),
        ("second", "assert True", "release of multiply passes second"),
    ],
)
def test_canaries_stop_a_broken_assignment(solutions, template, tmp_path, name, source, says):
    hand_in(ZOO["right"][0], template, tmp_path / "submitted" / "ada")
    wrong = broken(solutions, tmp_path, lambda cells: cells[name].update(source=source))
    done = here(wrong, "--submissions", tmp_path / "submitted", "--to", tmp_path / "out", engine=Direct(canaries=True))
    assert done.returncode == 1 and f"Nothing was graded: the {says}" in done.stderr
    assert not (tmp_path / "out" / "autograded").exists()


@pytest.fixture(scope="module")
def graded(solutions, template, tmp_path_factory):
    """A graded class of one, whose submission has changed since."""
    folder = tmp_path_factory.mktemp("graded")
    hand_in(ZOO["right"][0], template, folder / "submitted" / "ada")
    assert here(solutions, "--submissions", folder / "submitted", "--to", folder).returncode == 0
    (folder / "submitted" / "ada" / "multiply.ipynb").write_text("nonsense")
    (folder / "empty").mkdir()
    (folder / "not a book.db").write_text("nonsense " * 999)
    other = sqlite3.connect(folder / "other.db")
    other.execute("CREATE TABLE student (shoe INTEGER)")
    other.commit()
    other.close()
    songs = sqlite3.connect(folder / "songs.db")
    songs.execute("CREATE TABLE song (title TEXT)")
    songs.commit()
    songs.close()
    return folder


def scores(folder, name="gradebook.db"):
    with Gradebook(f"sqlite:///{folder}/{name}") as gradebook:
        return {grade.name: grade.auto_score for grade in gradebook.find_submission("times", "ada").notebooks[0].grades}


@pytest.mark.parametrize(
    "arguments, says",
    [
        (["--source", "/nowhere"], "There is no assignment 'times'"),
        (["--submissions", "{folder}/none"], "There is no folder"),
        (["--submissions", "{folder}/empty"], "holds no submissions"),
        (["--submissions", "{folder}/submitted/ada"], "holds multiply.ipynb itself"),
        (["--students", "nobody"], "holds nothing of nobody"),
        (["--overlay", "{folder}/none"], "is not a folder"),
        (["--seed", "7", "--source", "{plain}"], "has no variants"),
        (["--to", "{folder}/other.db"], "File exists"),
        (["--to", "{folder}/submitted"], "The results would lie among the submissions"),
        (["--to", "{folder}/submitted/grading"], "The results would lie among the submissions"),
        (["--to", "/proc/grades"], "No such file or directory"),
        (["--db", "sqlite:////nowhere/book.db"], "The gradebook cannot be used: unable to open database file"),
        (["--db", "sqlite:///{folder}/not a book.db"], "The gradebook cannot be used: file is not a database"),
        (["--db", "sqlite:///{folder}/other.db"], "other.db is another program's, with a table 'student'"),
        (["--db", "sqlite:///{folder}/songs.db"], "songs.db is another program's, with a table 'song'"),
        (["--db", "nonsense"], "The gradebook cannot be used: "),
        (["--db", "oracle://x"], "The gradebook cannot be used: "),
    ],
)
def test_bad_input_gets_one_sentence(solutions, graded, tmp_path, arguments, says):
    plain = broken(solutions, tmp_path, lambda cells: cells["setup"].update(source="x = 11"))
    arguments = [argument.format(folder=graded, plain=plain) for argument in arguments]
    before, there = scores(graded), {path.name for path in graded.glob("*")}
    done = here(solutions, "--submissions", graded / "submitted", "--to", graded, *arguments)
    lines = [line for line in done.stderr.splitlines() if not line.startswith("WARNING: nothing is isolated")]
    assert done.returncode == 1 and says in done.stderr and len(lines) == 1, done.stderr
    assert scores(graded) == before
    assert {path.name for path in graded.glob("*")} == there
    assert sqlite3.connect(graded / "songs.db").execute("SELECT name FROM sqlite_master").fetchall() == [("song",)]


@pytest.mark.parametrize("points", ["two", None, -1, float("nan"), True])
def test_points_are_numbers(solutions, graded, tmp_path, points):
    wrong = broken(solutions, tmp_path, lambda cells: cells["first"].metadata.nbgrader.update(points=points))
    done = here(wrong, "--submissions", graded / "submitted", "--to", tmp_path / "out")
    assert done.returncode == 1 and f"The points of first in {wrong}/times/multiply.ipynb are no number" in done.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ["--workers", "0"],
        ["--workers", "-1"],
        ["--workers", "many"],
        ["--seconds", "0"],
        ["--seconds", "nan"],
        ["--never"],
        ["--students", ","],
    ],
)
def test_arguments_that_make_no_sense(arguments, capsys):
    with pytest.raises(SystemExit) as stopped:
        __main__.main(["grade", "times", *arguments])
    said = capsys.readouterr().err
    assert stopped.value.code == 2 and arguments[0] in said and said.count("\n") == 1


@pytest.mark.parametrize("name", ["", ".", "..", "../exercises/times", "solutions/times"])
@pytest.mark.parametrize("verb", ["grade", "demo-class"])
def test_an_assignment_is_a_name(verb, name, capsys):
    with pytest.raises(SystemExit) as stopped:
        __main__.main([verb, name])
    assert stopped.value.code == 2 and f"{name!r} is no name of a folder" in capsys.readouterr().err
    assert __main__.name("times/") == "times"


@pytest.mark.parametrize("most", [8, 100])
def test_a_gradebook_that_cannot_grow_leaves_nothing(solutions, template, tmp_path, most):
    """Files may have this many kB: the new gradebook does not get whole."""
    hand_in(ZOO["right"][0], template, tmp_path / "submitted" / "ada")

    def small():
        resource.setrlimit(resource.RLIMIT_FSIZE, (most * 2**10, most * 2**10))

    arguments = ["--submissions", tmp_path / "submitted", "--to", tmp_path / "out", "--unsafe"]
    done = run(solutions, *arguments, preexec_fn=small)
    said = done.stderr.splitlines()
    assert done.returncode == 1 and len(said) == 2 and "The gradebook cannot be used: disk I/O error" in said[1]
    assert not (tmp_path / "out").exists()
    assert run(solutions, *arguments).returncode == 0 and automatic(table(tmp_path / "out")["ada"]) == FULL


def test_another_notebook_needs_another_gradebook(solutions, graded, tmp_path):
    before, more = scores(graded), tmp_path / "times"
    more.mkdir()
    for name in ("multiply", "divide"):
        (more / f"{name}.ipynb").write_bytes((solutions / "times" / "multiply.ipynb").read_bytes())
    done = here(tmp_path, "--submissions", graded / "submitted", "--to", graded)
    assert done.returncode == 1 and "has other notebooks than when grading began" in done.stderr
    assert scores(graded) == before


def test_a_locked_gradebook(solutions, graded):
    before = scores(graded)
    lock = sqlite3.connect(graded / "gradebook.db")
    lock.execute("BEGIN IMMEDIATE")
    done = here(solutions, "--submissions", graded / "submitted", "--to", graded)
    lock.close()
    assert done.returncode == 1 and "The gradebook cannot be used: database is locked" in done.stderr
    assert scores(graded) == before


def test_two_graders_at_once(solutions, graded):
    import fcntl

    before = scores(graded)
    with (graded / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = here(solutions, "--submissions", graded / "submitted", "--to", graded)
    assert done.returncode == 1 and "Another run grades into" in done.stderr and scores(graded) == before


@pytest.mark.parametrize("room", [4, 12, 20])
def test_a_full_disk(solutions, graded, isolated, room):
    """In a small file system that bubblewrap makes (nothing is isolated within); `room`: kB beyond what is there."""
    before, size = scores(graded), (graded / "gradebook.db").stat().st_size + 2**10 * room
    script = f"""
        cp -r {graded}/gradebook.db {graded}/submitted /mnt
        '{sys.executable}' -m course grade times --source {solutions} --unsafe --submissions /mnt/submitted --to /mnt
        echo code $?; ls -R /mnt; cp /mnt/gradebook.db {graded}/after.db"""
    made = ["bwrap", "--dev-bind", "/", "/", "--size", str(size), "--tmpfs", "/mnt", "sh", "-c", script]
    done = subprocess.run(made, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert "code 1" in done.stdout and "What was graded before is as it was" in done.stderr, done.stdout + done.stderr
    after = scores(graded, "after.db")
    assert after == before or (room > 12 and set(after.values()) == {0.0})  # as it was, or changed altogether


def test_a_full_disk_in_the_words_of_nbgrader(solutions, graded, monkeypatch):
    def full(*arguments):
        try:
            raise OperationalError("INSERT …", {}, Exception("database or disk is full"))
        except OperationalError as error:
            raise InvalidEntry(*error.args)  # noqa: B904 (as nbgrader does)

    monkeypatch.setattr(saving.SaveCells, "preprocess", full)
    done = here(solutions, "--submissions", graded / "submitted", "--to", graded)
    assert done.returncode == 1 and "The gradebook cannot be used: database or disk is full. What" in done.stderr


def test_no_isolation_no_grading(solutions, graded, tmp_path, monkeypatch, capsys):
    """The PATH holds no bubblewrap."""
    monkeypatch.setenv("PATH", str(tmp_path))
    arguments = ["grade", "times", "--source", solutions, "--submissions", graded / "submitted"]
    assert __main__.main(list(map(str, arguments))) == 1
    said = capsys.readouterr().err
    assert "Submissions cannot be isolated here" in said and "--unsafe" in said
    assert "not installed" in said or "Linux only" in said


def test_unsafe_is_loud(solutions, template, tmp_path):
    hand_in(ZOO["right"][0], template, tmp_path / "submitted" / "ada")
    done = here(solutions, "--submissions", tmp_path / "submitted", "--to", tmp_path, "--unsafe")
    assert done.returncode == 0 and "WARNING: nothing is isolated" in done.stderr
    assert automatic(table(tmp_path)["ada"]) == [2, 1]


def test_whoever_reads_may_go(solutions, template, tmp_path):
    """`make grade … | head -1`: grading goes on."""
    for name in ("ada", "bob"):
        hand_in(ZOO["right"][0], template, tmp_path / "submitted" / name)
    made = command(solutions, "--submissions", tmp_path / "submitted", "--to", tmp_path)
    with subprocess.Popen(made, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        process.stdout.close()
        said = process.stderr.read()
    assert "Broken pipe" not in said and all(automatic(row) == FULL for row in table(tmp_path).values())


def test_any_locale_grades_the_same(solutions, template, tmp_path, locale="C"):
    def greek(notebook, folder):
        notebook.cells[2].source += "\nprint('σ²')"

    hand_in(greek, template, tmp_path / "submitted" / "Zoë")
    environment = {k: v for k, v in os.environ.items() if k not in ("LC_ALL", "PYTHONUTF8", "LC_CTYPE")}
    environment |= {
        "LC_ALL": locale,
        "LANG": locale,
        "PYTHONUTF8": "0",
        "PYTHONIOENCODING": "utf-8",
        "PYTHONCOERCECLOCALE": "0",
    }
    done = run(solutions, "--submissions", tmp_path / "submitted", "--to", tmp_path, env=environment)
    assert done.returncode == 0 and automatic(table(tmp_path)["Zoë"]) == FULL, done.stderr
    assert "σ²" in (tmp_path / "feedback" / "Zoë" / "times" / "multiply.html").read_text("utf-8")


def test_demo_class(tmp_path, capsys):
    made = ["demo-class", "warm_ups", "--students", "8", "--to", str(tmp_path)]
    assert __main__.main(made) == 0
    names = sorted(path.name for path in (tmp_path / "submitted").iterdir())
    assert len(names) == 8 and names[0] == "001-right" and names[3] == "004-empty-file"
    assert __main__.main(made) == 1 and "is there already" in capsys.readouterr().err


def test_a_full_disk_leaves_no_demo(tmp_path, monkeypatch, capsys):
    from course import demo_class

    def full(*arguments):
        raise OSError(28, "No space left on device", "x")

    monkeypatch.setattr(demo_class, "hand_in", full)
    assert __main__.main(["demo-class", "warm_ups", "--to", str(tmp_path / "demo")]) == 1
    assert "No space left on device" in capsys.readouterr().err and not (tmp_path / "demo" / "submitted").exists()


def test_nothing_here_imports_the_tools():
    for path in Path(ROOT / "course").rglob("*.py"):
        text = path.read_text("utf-8")
        assert "import tools" not in text.replace('"import tools', "") and "from tools" not in text.replace(
            '"from tools', ""
        )
        assert path.parent.name == "tests" or len(text.splitlines()) <= 250, path
