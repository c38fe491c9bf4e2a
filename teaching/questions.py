"""Write the question bank into _build/teaching/: moodle.xml, qti.zip, gift.txt, anki.apkg.

Usage: python -m teaching.questions [seed]        (another seed: other numbers in the numeric questions)
"""

import re
import sys
from collections import Counter

from teaching.bank import bank
from teaching.exports import WRITERS, Html
from tools.book import ROOT

TARGET = ROOT / "_build" / "teaching"


def main(seed="0"):
    if not re.fullmatch(r"-?\d+", seed):
        sys.exit(f"The seed must be a whole number, got {seed!r}")
    try:
        questions, html = bank(int(seed)), Html()
        files = {name: write(questions, html) for name, write in WRITERS.items()}
    except ValueError as error:
        sys.exit(f"The question bank is not whole: {error}")
    TARGET.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (TARGET / name).write_bytes(content)
    kinds = Counter(question.kind for question in questions)
    names = {"choice": "with options", "numeric": "numeric", "open": "open"}
    said = ", ".join(f"{kinds[kind]} {name}" for kind, name in names.items())
    print(f"{len(questions)} questions ({said}) are in {TARGET}: {', '.join(files)}")


if __name__ == "__main__":
    main(*sys.argv[1:])
