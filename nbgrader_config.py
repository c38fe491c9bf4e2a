"""Settings of nbgrader: `solutions` is its source step, `exercises` its release step."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))  # for the preprocessors below

c = get_config()  # noqa: F821
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "exercises"
c.CourseDirectory.ignore = [".ipynb_checkpoints", "__pycache__", "*.pyc", "mistakes_*.py"]
c.ClearSolutions.code_stub = {"python": "raise NotImplementedError"}
c.ClearSolutions.text_stub = "*Your answer here.*"
c.GenerateAssignment.preprocessors.insert(0, "tools.release.SetSeed")
c.GenerateAssignment.preprocessors.append("tools.release.LetTestsFail")
