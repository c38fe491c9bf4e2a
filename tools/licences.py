"""Write the table of licences in licences.md, from what each installed package says of itself.

Usage: python -m tools.licences
"""

import re
from importlib.metadata import metadata

from tools.book import ROOT, save

PAGE = ROOT / "licences.md"
START = "<!-- what follows is written by tools/licences.py -->\n"


def licence(package: str) -> str:
    """The licence of an installed package: its expression, else its classifiers, else the first line of its text."""
    about = metadata(package)
    classifiers = [c.split(" :: ")[-1] for c in about.get_all("Classifier", []) if c.startswith("License :: OSI")]
    text = about.get("License", "").strip().partition("\n")[0]
    return about.get("License-Expression") or " and ".join(classifiers) or text[:40] or "not stated in its metadata"


def table() -> str:
    packages = re.findall(r"^([\w.-]+)==(\S+)$", (ROOT / "constraints.txt").read_text(encoding="utf-8"), re.M)
    rows = [f"| {package} | {version} | {licence(package)} |\n" for package, version in packages]
    return "".join(["| package | version | licence |\n|---|---|---|\n", *rows])


if __name__ == "__main__":
    text = PAGE.read_text(encoding="utf-8")
    save(PAGE, text.partition(START)[0] + START + "\n" + table())
