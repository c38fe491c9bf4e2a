"""Release exercises/ from solutions/, with nbgrader: answers and hidden tests go, the cells to fill in stay.

Usage: python -m tools.release [--seed N] [target]     (default: exercises/)

A seed makes the variant of one course: it replaces the number of every line `SEED = 0` in a locked cell.

Nothing is replaced before everything has been released, so an interrupted run leaves the folder as it was.
"""

import argparse
import filecmp
import os
import sys
import tempfile
from pathlib import Path

from nbgrader.apps import NbGraderAPI
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.utils import is_grade, is_solution
from traitlets import Integer
from traitlets.config import PyFileConfigLoader

from course.assignment import vary
from tools.book import ROOT


class SetSeed(NbGraderPreprocessor):
    """Make the variant of a course."""

    seed = Integer(None, allow_none=True).tag(config=True)

    def preprocess(self, nb, resources):
        vary(nb, self.seed)
        return nb, resources


class LetTestsFail(NbGraderPreprocessor):
    """Tag test cells, so that Run All goes on behind a test that fails."""

    def preprocess_cell(self, cell, resources, index):
        if cell.cell_type == "code" and is_grade(cell) and not is_solution(cell):
            cell.metadata.tags = sorted({*cell.metadata.get("tags", []), "raises-exception"})
        return cell, resources


def release(source: Path, target: Path, seed: int | None = None) -> None:
    """Write the release of every assignment in `source` to the new folder `target`. Raises RuntimeError."""
    config = PyFileConfigLoader("nbgrader_config.py", path=str(ROOT)).load_config()
    config.CourseDirectory.root = str(ROOT)
    config.CourseDirectory.source_directory = str(source)
    config.CourseDirectory.release_directory = str(target)
    config.SetSeed.seed = seed
    config.GenerateAssignment.no_database = True
    config.SaveCells.enabled = False  # with the line above, what `nbgrader generate_assignment --no-db` sets
    for assignment in sorted(path.name for path in source.iterdir() if path.is_dir()):
        course = CourseDirectory(config=config)
        result = NbGraderAPI(course, config=config).generate_assignment(assignment)
        if not result["success"]:
            raise RuntimeError(f"{assignment} cannot be released: {result.get('log') or result.get('error')}")


def differences(first: Path, second: Path) -> list[str]:
    """The files that are not the same in both folders."""
    names = {str(p.relative_to(folder)) for folder in (first, second) for p in folder.rglob("*") if p.is_file()}
    _, differing, missing = filecmp.cmpfiles(first, second, names, shallow=False)
    return sorted(differing + missing)


def main(target: Path = ROOT / "exercises", seed: int | None = None) -> int:
    with tempfile.TemporaryDirectory(dir=ROOT, prefix=".release-") as folder:
        fresh = Path(folder) / "exercises"
        try:
            release(ROOT / "solutions", fresh, seed)
        except (RuntimeError, OSError) as error:
            print(error, file=sys.stderr)
            return 1
        except KeyboardInterrupt:
            print(f"Interrupted: {target.name}/ is as it was.", file=sys.stderr)
            return 130
        changed = differences(fresh, target) if target.exists() else []
        for name in changed:
            print(f"  {target.name}/{name}")
        if target.exists():
            os.replace(target, Path(folder) / "before")
        os.replace(fresh, target)
    print(f"{target.name}/ is released from solutions/: {len(changed)} files changed")
    return 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("target", type=Path, nargs="?", default=ROOT / "exercises")
    parser.add_argument("--seed", type=int)
    sys.exit(main(**vars(parser.parse_args())))
