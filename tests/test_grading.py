"""The grader: what each kind of submission gets, that hostile ones harm nobody, and what bad input leads to."""

import csv
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
from pathlib import Path

import nbformat
import psutil
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from nbgrader.api import Gradebook

from tools import release
from tools.course import grade, kernel
from tools.course.guard import flags
from tools.course.normalise import segments, templates
from tools.course.zoo import ZOO, hand_in, perfect

ROOT = Path(__file__).resolve().parent.parent
WHY_NOT = kernel.works()
POINTS = {"first": 2.0, "second": 1.0, "why": 3.0}


def test_bubblewrap_works_where_it_must():
    if os.environ.get("CI") == "true" and sys.platform.startswith("linux"):
        assert WHY_NOT == ""


isolated = pytest.mark.skipif(bool(WHY_NOT), reason=f"no isolation here: {WHY_NOT}")


def cell(name, source, *, kind="code", **marks):
    make = new_code_cell if kind == "code" else new_markdown_cell
    marks = {"grade": False, "solution": False, "locked": False, "task": False, "schema_version": 3} | marks
    return make(source, id=name, metadata={"nbgrader": {"grade_id": name, "cell_type": kind} | marks})


def solved(name, factor):
    return f"def {name}(x):\n    ### BEGIN SOLUTION\n    return {factor} * x\n    ### END SOLUTION"


@pytest.fixture(scope="session")
def solutions(tmp_path_factory):
    """An assignment: two functions, one derivation, and data that a seed changes."""
    folder = tmp_path_factory.mktemp("source") / "solutions"
    test = {"grade": True, "locked": True}
    notebook = new_notebook(
        cells=[
            new_markdown_cell("# Multiply", id="title"),
            cell("setup", "SEED = 1\nx = 10 + SEED", locked=True),
            cell("double", solved("double", 2), solution=True),
            cell(
                "first",
                "from lib import checks\n\n"
                "checks.check('double', double(x), x + x, hint='twice')\nchecks.passed('double')\n"
                "### BEGIN HIDDEN TESTS\nchecks.check('of a negative', double(-4.5), -9.0)\n### END HIDDEN TESTS",
                points=2,
                **test,
            ),
            cell("triple", solved("triple", 3), solution=True),
            cell(
                "second",
                "assert triple(x) == x + x + x, 'three times'\n"
                "### BEGIN HIDDEN TESTS\nassert triple(-4.25) == -12.75\n### END HIDDEN TESTS",
                points=1,
                **test,
            ),
            cell(
                "why",
                "<!-- BEGIN SOLUTION -->\nBecause.\n<!-- END SOLUTION -->",
                kind="markdown",
                grade=True,
                solution=True,
                points=3,
            ),
        ]
    )
    (folder / "times").mkdir(parents=True)
    nbformat.write(notebook, folder / "times" / "multiply.ipynb")
    (folder / "times" / "data.csv").write_text("x\n1\n")
    return folder


@pytest.fixture
def template(solutions):
    return templates(solutions / "times", None, None)[0]


def run(solutions, *arguments, **options):
    command = [sys.executable, "-m", "tools.course", "grade", "times", "--source", solutions, *arguments]
    command += ["--unsafe"] if WHY_NOT and "--unsafe" not in arguments else []
    return subprocess.run(list(map(str, command)), cwd=ROOT, capture_output=True, text=True, timeout=300, **options)


def table(folder):
    return {row["student"]: row for row in csv.DictReader((folder / "grades.csv").open())}


def automatic(row):
    return [float(row[f"multiply/{name} ({POINTS[name]:g})"]) for name in ("first", "second")]


WANTED = {"full": [2, 1], "rest": [0, 1], "zero": [0, 0]}


@pytest.fixture(scope="session")
def zoo(solutions, tmp_path_factory):
    """The whole zoo, with honest students between them, graded once, in one class."""
    folder = tmp_path_factory.mktemp("zoo")
    (folder / "before").write_text("\n".join(map(str, Path("/tmp").glob("grade-*"))))
    model = templates(solutions / "times", None, None)[0]
    for name, (spoil, _, _) in ZOO.items():
        hand_in(spoil, model, folder / "submitted" / name / "times")
    for name in list(ZOO)[::3]:
        hand_in(ZOO["right"][0], model, folder / "submitted" / f"{name}-honest")  # graded next to it
    done = run(solutions, "--submissions", folder / "submitted", "--to", folder, "--seconds", 3)

    assert done.returncode == 0, done.stderr
    return folder


@isolated
@pytest.mark.filterwarnings("ignore::nbformat.validator.DuplicateCellId")
@pytest.mark.parametrize("name", ZOO)
def test_points_and_status(zoo, name):
    _, points, status = ZOO[name]
    row = table(zoo)[name]
    assert re.match(status.replace("graded", r"needs marking$"), row["status"]), row["status"]
    if points != "any":
        assert automatic(row) == WANTED[points]


@isolated
def test_no_honest_grade_changes(zoo):
    for name in list(ZOO)[::3]:
        row = table(zoo)[f"{name}-honest"]
        assert (automatic(row), row["status"], row["total"]) == ([2, 1], "needs marking", "3")


@isolated
def test_nothing_stays_behind(zoo):
    assert not [p for p in psutil.process_iter(["cmdline"]) if "98765" in (p.info["cmdline"] or [])]
    assert {str(path) for path in Path("/tmp").glob("grade-*")} <= set((zoo / "before").read_text().split("\n"))


@isolated
def test_feedback_tells_no_hidden_test(zoo):
    pages = {path.parent.parent.name: path.read_text() for path in zoo.glob("feedback/*/times/multiply.html")}
    assert len(pages) == len(ZOO) + len(list(ZOO)[::3]) - 1  # of every student but the one who handed in nothing
    for page in pages.values():
        assert "HIDDEN TESTS" not in page and "4.25" not in page and "of a negative" not in page
    assert "double is NoneType: is the return missing?" in pages["wrong"]
    assert "All checks passed" in pages["right"] and "Score: 3.0 / 6.0" in pages["right"]


@isolated
def test_originals_are_not_touched(zoo, template):
    kept = nbformat.read(zoo / "submitted" / "right" / "times" / "multiply.ipynb", as_version=4)
    assert kept == perfect(template)


REFUSED = [
    "socket.create_connection(('127.0.0.1', {port}), 1)",
    "Path('{course}/book').read_text()",
    "next(Path('{root}/solutions').iterdir())",
    "Path('{root}/lib/checks.py').write_text('')",
    "Path('{root}/new').write_text('')",
    "Path('/usr/bin/new').write_text('')",
    "Path('/dev/new').write_text('')",
    "Path('data.csv').write_text('')",
    "os.setuid(0)",
    "os.kill({pid}, 9)",
    "subprocess.run(['mount', '-t', 'tmpfs', 'none', '/mnt'], check=True)",
    "resource.setrlimit(resource.RLIMIT_NPROC, (10**4, 10**4))",
    "[threading.Thread(target=time.sleep, args=(9,)).start() for _ in range(100)]",
    "bytearray(10**11)",
    "with open('big', 'wb') as big:\n    [big.write(bytes(10**6)) for _ in range(100)]",
]


@isolated
def test_what_isolation_refuses(tmp_path):
    (tmp_path / "book").write_text("secret")
    (tmp_path / "data.csv").write_text("x")
    with socket.create_server(("127.0.0.1", 0)) as server:
        known = {"root": ROOT, "course": tmp_path, "port": server.getsockname()[1], "pid": os.getpid()}
        cells = [new_code_cell(attack.format(**known)) for attack in REFUSED]
        first = "import os, resource, socket, subprocess, threading, time\nfrom pathlib import Path"
        see = f"print(sorted(os.listdir('{ROOT}')), sorted(set(os.listdir()) - {{'.ipython'}}), os.getuid())"
        notebook = new_notebook(cells=[new_code_cell(first), new_code_cell(see), *cells])
        _, problems = kernel.run(notebook, [tmp_path / "data.csv"], True, 20)
        server.setblocking(False)
        with pytest.raises(BlockingIOError):
            server.accept()
    assert problems == []
    raised = {cell.source for cell in cells if any(output.output_type == "error" for output in cell.outputs)}
    assert {cell.source for cell in cells} - raised == set()
    seen = {"lib"} | {Path(sys.prefix).name for inside in [Path(sys.prefix).parent == ROOT] if inside}
    said, user = notebook.cells[1].outputs[0].text.rsplit(" ", 1)
    assert said == f"{sorted(seen)} ['data.csv', 'matplotlib']" and int(user) != 0


def test_a_second_run_grades_only_what_changed(solutions, template, tmp_path):
    for name in ("ada", "bob"):
        hand_in(ZOO["right"][0], template, tmp_path / "submitted" / name)
    arguments = ["--submissions", tmp_path / "submitted", "--to", tmp_path / "out"]
    assert "2 of 2 notebooks to grade" in run(solutions, *arguments).stdout
    before = (tmp_path / "out" / "grades.csv").read_bytes()
    assert "0 of 2 notebooks to grade" in run(solutions, *arguments).stdout
    assert (tmp_path / "out" / "grades.csv").read_bytes() == before

    with Gradebook(f"sqlite:///{tmp_path}/out/gradebook.db") as gradebook:  # marked by hand
        grade = gradebook.find_grade("why", "multiply", "times", "bob")
        grade.manual_score, grade.needs_manual_grade = 2.5, False
        gradebook.db.commit()
    (tmp_path / "submitted" / "ada" / "multiply.ipynb").write_text("no longer")
    assert "1 of 2 notebooks to grade" in run(solutions, *arguments).stdout
    rows = table(tmp_path / "out")
    assert (rows["bob"]["total"], rows["bob"]["status"]) == ("5.5", "graded")
    assert automatic(rows["ada"]) == [0, 0] and rows["ada"]["status"].startswith("error")
    assert "Score: 5.5 / 6.0" in (tmp_path / "out/feedback/bob/times/multiply.html").read_text()


def test_an_interrupt_loses_nothing(solutions, template, tmp_path):
    for number in range(8):
        hand_in(ZOO["right"][0], template, tmp_path / "submitted" / f"s{number}")
    command = [sys.executable, "-m", "tools.course", "grade", "times", "--source", solutions, "--workers", "1"]
    command += ["--submissions", tmp_path / "submitted", "--to", tmp_path] + ["--unsafe"] * bool(WHY_NOT)
    with subprocess.Popen(list(map(str, command)), cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        while "1/8" not in process.stdout.readline():
            pass
        process.send_signal(signal.SIGINT)
        said = process.communicate(timeout=60)[0]
    assert process.returncode == 130 and "the next run goes on from there" in said
    graded = [row for row in table(tmp_path).values() if row["status"] == "needs marking"]
    assert 1 <= len(graded) < 8 and all(automatic(row) == [2, 1] for row in graded)
    done = run(solutions, "--submissions", tmp_path / "submitted", "--to", tmp_path)
    assert f"{8 - len(graded)} of 8 notebooks to grade" in done.stdout
    assert all(automatic(row) == [2, 1] for row in table(tmp_path).values())


honestly = grade.grade_one


def deadly(job):
    """Grade, unless the student is called killer: then the worker dies."""
    if job.student == "killer" and job.path:
        os._exit(9)
    return honestly(job)


def test_a_dying_worker_takes_nobody_along(template, tmp_path, monkeypatch):
    monkeypatch.setattr(grade, "grade_one", deadly)
    jobs = [grade.Job(f"s{k}", template, tmp_path, None, [], False, 1) for k in range(6)]
    jobs.insert(2, jobs[0]._replace(student="killer", path=tmp_path / "multiply.ipynb"))
    states = {job.student: notebook.metadata["grading"] for job, notebook in grade.results(jobs, 2)}
    assert len(states) == 7 and states.pop("killer")["error"] == ["it killed the grading process"]
    assert all(state["missing"] and not state["error"] for state in states.values())


def test_overlay_and_variants(solutions, template, tmp_path):
    """An extra hidden test refuses what passed before; the data change with the seed; the release knows of neither."""
    overlay = tmp_path / "private" / "times" / "multiply"
    overlay.mkdir(parents=True)
    (overlay / "second.py").write_text("assert triple(10**9) == 3 * 10**9\n")
    only = "def triple(x):\n    return x + min(2 * x, 10**6)"

    def spoil(notebook, folder):
        next(cell for cell in notebook.cells if "triple" in cell.source).source = only

    hand_in(spoil, template, tmp_path / "submitted" / "ada")
    arguments = ["--submissions", tmp_path / "submitted", "--to", tmp_path]
    before = release_of(solutions, tmp_path / "before")
    assert run(solutions, *arguments).returncode == 0 and automatic(table(tmp_path)["ada"]) == [2, 1]
    done = run(solutions, *arguments, "--overlay", tmp_path / "private", "--seed", 7)
    assert done.returncode == 0 and "1 of 1 notebooks to grade" in done.stdout, done.stderr
    assert automatic(table(tmp_path)["ada"]) == [2, 0]
    graded = nbformat.read(tmp_path / "autograded" / "ada" / "times" / "multiply.ipynb", as_version=4)
    assert graded.cells[1].source == "SEED = 7\nx = 10 + SEED"
    assert "10**9 ==" not in (tmp_path / "feedback/ada/times/multiply.html").read_text()
    assert release_of(solutions, tmp_path / "after") == before

    (overlay / "third.py").write_text("")
    done = run(solutions, *arguments, "--overlay", tmp_path / "private")
    assert done.returncode == 1 and "No test cell of 'times' takes the overlay's times/multiply/third.py" in done.stderr


def release_of(solutions, target):
    release.release(solutions, target)
    return {path.name: path.read_bytes() for path in target.rglob("*.*")}


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
            "solution of multiply fails",
        ),
        ("second", "assert True", "release of multiply passes second"),
    ],
)
def test_canaries_stop_a_broken_assignment(solutions, template, tmp_path, name, source, says):
    hand_in(ZOO["right"][0], template, tmp_path / "submitted" / "ada")
    wrong = broken(solutions, tmp_path, lambda cells: cells[name].update(source=source))
    done = run(wrong, "--submissions", tmp_path / "submitted", "--to", tmp_path / "out")
    assert done.returncode == 1 and f"Nothing was graded: the {says}" in done.stderr
    assert not (tmp_path / "out" / "autograded").exists()


@pytest.fixture(scope="module")
def graded(solutions, tmp_path_factory):
    """A graded class of one, whose submission has changed since."""
    folder = tmp_path_factory.mktemp("graded")
    hand_in(ZOO["right"][0], templates(solutions / "times", None, None)[0], folder / "submitted" / "ada")
    assert run(solutions, "--submissions", folder / "submitted", "--to", folder).returncode == 0
    (folder / "submitted" / "ada" / "multiply.ipynb").write_text("nonsense")
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
        (["--overlay", "{folder}/none"], "is not a folder"),
        (["--to", "{folder}/submitted/ada/multiply.ipynb"], "File exists"),
        (["--db", "sqlite:////nowhere/book.db"], "The gradebook cannot be used: unable to open database file"),
    ],
)
def test_bad_input_gets_one_sentence(solutions, graded, arguments, says):
    (graded / "empty").mkdir(exist_ok=True)
    arguments = [argument.format(folder=graded) for argument in arguments]
    before = scores(graded)
    done = run(solutions, "--submissions", graded / "submitted", "--to", graded, *arguments)
    assert (
        done.returncode == 1 and says in done.stderr and len(done.stderr.splitlines()) == 1 + ("--unsafe" in done.args)
    )
    assert scores(graded) == before


def test_another_notebook_needs_another_gradebook(solutions, graded, tmp_path):
    before, more = scores(graded), tmp_path / "times"
    more.mkdir()
    for name in ("multiply", "divide"):
        (more / f"{name}.ipynb").write_bytes((solutions / "times" / "multiply.ipynb").read_bytes())
    done = run(tmp_path, "--submissions", graded / "submitted", "--to", graded)
    assert done.returncode == 1 and "has other notebooks than when grading began" in done.stderr
    assert scores(graded) == before


def test_a_locked_gradebook(solutions, graded):
    before = scores(graded)
    lock = sqlite3.connect(graded / "gradebook.db")
    lock.execute("BEGIN IMMEDIATE")
    done = run(solutions, "--submissions", graded / "submitted", "--to", graded)
    lock.close()
    assert done.returncode == 1 and "The gradebook cannot be used: database is locked" in done.stderr
    assert scores(graded) == before


@isolated
@pytest.mark.parametrize("room", [12, 20, 100])
def test_a_full_disk(solutions, graded, room):
    """In a small file system that bubblewrap makes (nothing is isolated within); `room`: kB beyond what is there."""
    before, size = scores(graded), (graded / "gradebook.db").stat().st_size + 2**10 * room
    script = f"""
        cp -r {graded}/gradebook.db {graded}/submitted /mnt
        {sys.executable} -m tools.course grade times --source {solutions} \\
            --unsafe --submissions /mnt/submitted --to /mnt
        echo code $?; ls -R /mnt; cp /mnt/gradebook.db {graded}/after.db"""
    command = ["bwrap", "--dev-bind", "/", "/", "--size", str(size), "--tmpfs", "/mnt", "sh", "-c", script]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert "code 1" in done.stdout and "What was graded before is as it was" in done.stderr, done.stdout + done.stderr
    after = scores(graded, "after.db")
    assert after == before if room < 100 else set(after.values()) == {0.0}  # as it was, or changed altogether


def test_no_isolation_no_grading(solutions, graded, tmp_path):
    """The PATH holds no bubblewrap."""
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "tools.course",
            "grade",
            "times",
            "--source",
            solutions,
            "--submissions",
            graded / "submitted",
        ],
        cwd=ROOT,
        env=os.environ | {"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1 and "Submissions cannot be isolated here" in done.stderr and "--unsafe" in done.stderr
    assert "not installed" in done.stderr or "Linux only" in done.stderr


def test_unsafe_is_loud(solutions, template, tmp_path):
    hand_in(ZOO["right"][0], template, tmp_path / "submitted" / "ada")
    done = run(solutions, "--submissions", tmp_path / "submitted", "--to", tmp_path, "--unsafe")
    assert done.returncode == 0 and "WARNING: nothing is isolated" in done.stderr
    assert automatic(table(tmp_path)["ada"]) == [2, 1]


HONEST = [
    "import numpy as np\nimport pandas as pd\nfrom torch import nn\nx = np.zeros(3)\nx[0] = 1",
    "import matplotlib.pyplot as plt\n%matplotlib inline\nplt.rcParams['font.size'] = 9",
    "class Net(torch.nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.w = 1",
    "w.grad = None\nloss.backward()\nfor i, _ in enumerate(x):\n    input = x\n    print(input)",
]


@pytest.mark.parametrize("source", HONEST)
def test_honest_code_is_not_flagged(source, template):
    assert flags([new_code_cell(source)], template.release.cells) == []


@pytest.mark.parametrize(
    "source, why",
    [
        ("torch.Tensor.abs = lambda x: 0", "changes torch"),
        ("from torch import *\nimport torch as t\nt.allclose = 1", "changes t"),
        ("checks = None", "replaces checks"),
        ("def print(*a):\n    pass", "replaces print"),
        ("import numpy as checks", "replaces checks"),
        ("setattr(torch, 'abs', 1)", "uses setattr"),
        ("torch.__dict__['abs'] = 1", "uses .__dict__"),
        ("class Yes:\n    def __eq__(self, other):\n        return True", "defines __eq__"),
        ("__import__('o' + 's')", "uses __import__"),
        ("!cat /etc/passwd", "uses get_ipython"),
        ("np.sys._getframe(1)", "uses ._getframe"),
        ("import os\nos.environ['HOME']", "imports os"),
        ("exec('1')", "uses exec"),
        ("path = '../../solutions/warm_ups'", "names"),
    ],
)
def test_suspicious_code_is_flagged_with_its_line(source, why, template):
    found = flags([new_code_cell(f"\n{source}", id="mine")], template.release.cells)
    assert any(re.match(rf"mine:\d+ {re.escape(why)}.* \(.+\)", flag) for flag in found), found


def test_segments():
    source = "a\n### BEGIN HIDDEN TESTS\nb\n### END HIDDEN TESTS\n\nc\n### BEGIN HIDDEN TESTS\nd\n### END HIDDEN TESTS"
    assert segments(source) == [(False, "a"), (True, "b"), (False, "\nc"), (True, "d")]


def test_demo_class(tmp_path):
    command = [sys.executable, "-m", "tools.course", "demo-class", "warm_ups", "--students", "8", "--to", tmp_path]
    assert subprocess.run(list(map(str, command)), cwd=ROOT).returncode == 0
    made = sorted(path.name for path in (tmp_path / "submitted").iterdir())
    assert len(made) == 8 and made[0] == "001-right" and made[3] == "004-warning"
    assert subprocess.run(list(map(str, command)), cwd=ROOT, capture_output=True).returncode == 1
