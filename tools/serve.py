"""Build the site, show it on localhost, and build again whatever is saved (the pages that changed)."""

import subprocess
import sys
from pathlib import Path

from tools.book import ROOT

IGNORED = ("_build", ".venv", ".git", ".ipynb_checkpoints", "__pycache__", ".pytest_cache", ".ruff_cache")


def main() -> int:
    # sphinx-autobuild drives Sphinx, which reads conf.py: Jupyter Book writes one from _config.yml.
    jupyter_book = Path(sys.executable).with_name("jupyter-book")
    subprocess.run([jupyter_book, "config", "sphinx", "."], cwd=ROOT, check=True)
    command = [sys.executable, "-m", "sphinx_autobuild", "-n", "--open-browser", ".", "_build/html"]
    for folder in IGNORED:
        command += ["--ignore", f"*/{folder}/*"]
    try:
        return subprocess.run(command, cwd=ROOT).returncode
    except KeyboardInterrupt:
        return 0


if __name__ == "__main__":
    sys.exit(main())
