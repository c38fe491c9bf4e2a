"""The gradebook holds what nbgrader itself would have put there, and its reader reads it."""

import pytest
from nbgrader.api import Gradebook

from course import saving

pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")  # nbgrader 0.9.6 under SQLAlchemy 2.1
OWN = ("id", "student", "timestamp")


@pytest.fixture
def gradebook(template, tmp_path):
    with saving.prepare(f"sqlite:///{tmp_path}/gradebook.db", "times", [template]) as made:
        yield made


def rows(gradebook: Gradebook, student):
    """All that there is of a student, but for the ids."""
    submission = gradebook.find_submission("times", student)
    (notebook,) = submission.notebooks
    entries = [submission, notebook, *notebook.grades, *notebook.comments]
    return sorted(str({k: v for k, v in entry.to_dict().items() if k not in OWN}) for entry in entries)


def test_a_new_submission_is_the_one_that_nbgrader_makes(gradebook):
    made = saving.enrol(gradebook, "ada")
    gradebook.add_student("bob")
    gradebook.add_submission("times", "bob")
    assert rows(gradebook, "ada") == rows(gradebook, "bob") and len(rows(gradebook, "ada")) == 2 + 3 + 3
    assert saving.submitted(gradebook, "ada") == made and list(made) == ["multiply"]
    assert saving.submitted(gradebook, "cleo") == saving.scores(gradebook, "cleo") == {}


def test_points_and_comments_are_read_as_nbgrader_reads_them(gradebook):
    gradebook.add_student("ada")
    submission = gradebook.add_submission("times", "ada")
    first, why = (gradebook.find_grade(name, "multiply", "times", "ada") for name in ("first", "why"))
    first.auto_score, first.manual_score, first.extra_credit, first.needs_manual_grade = 2, 1.5, 0.25, False
    gradebook.find_comment("double", "multiply", "times", "ada").auto_comment = "No response."
    gradebook.find_comment("why", "multiply", "times", "ada").manual_comment = "Good"
    gradebook.db.commit()
    found = saving.scores(gradebook, "ada")
    assert found == {
        ("multiply", "first"): (1.75, 2.0, False),
        ("multiply", "second"): (0.0, 1.0, True),
        ("multiply", "why"): (0.0, 3.0, True),
    }
    assert sum(points for points, _, _ in found.values()) == submission.score and why.needs_manual_grade
    assert saving.comments(gradebook, "ada") == {("multiply", "double"): "No response.", ("multiply", "why"): "Good"}
