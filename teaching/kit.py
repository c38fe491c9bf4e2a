"""Make the whole teacher's kit and put it into a built site, linked from its teach page: python -m teaching.kit [site]

The kit is what `make questions`, `make slides`, `make paper` and `make otter` write into _build/teaching/. In the site
it lies in teaching/, with an archive of each folder, but for Otter's autograders, which hold the hidden tests. The same
book gives the same bytes.
"""

import re
import shutil
import sys
import zipfile
from html import escape
from pathlib import Path

from teaching import otter, paper, questions, slides
from tools.book import ROOT, SITE, pages, save
from tools.epub import put

KIT = ROOT / "_build" / "teaching"
SAID = {
    "slides.zip": "all slides",
    "paper.zip": "all sheets and exams",
    "otter.zip": "the exercises for students who use Otter",
    "moodle.xml": "the questions for Moodle",
    "qti.zip": "for Canvas and others",
    "gift.txt": "as text",
    "anki.apkg": "for Anki",
    "paper/cheat-sheet.pdf": "the cheat sheet",
}
OF_CHAPTER = {
    "slides/{}.html": "slides",
    "paper/{}.pdf": "problems",
    "paper/{}-solutions.pdf": "solutions",
}
PLACE = re.compile(r'(<section class="take-away">).*?(</section>)', re.S)


def size(file):
    count = file.stat().st_size
    return f"{count / 1e6:.1f}&nbsp;MB" if count >= 1e6 else f"{count / 1e3:.0f}&nbsp;kB"


def pack(folder):
    """An archive beside a folder, of all that is in it."""
    with zipfile.ZipFile(folder.with_suffix(".zip"), "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.rglob("*")):
            if file.is_file():
                put(archive, file.relative_to(folder.parent).as_posix(), file.read_bytes())


def title(page):
    return re.search(r"<h1>(.*?)(?:<a class=.headerlink|</h1>)", page.read_text(encoding="utf-8"), re.S)[1]


def listing(site, folder):
    """The links to what is in `folder`: one file after another, then a row for each chapter."""

    def link(name, words):
        file = folder / name
        return f'<a href="{folder.name}/{escape(name)}">{words}</a> ({size(file)})' if file.exists() else "–"

    rows = [
        f'<tr><td><a href="{page}.html">{title(site / f"{page}.html")}</a></td>'
        + "".join(f"<td>{link(name.format(Path(page).name), words)}</td>" for name, words in OF_CHAPTER.items())
        + "</tr>"
        for page in pages()
        if page.startswith("chapters/") and page != "chapters/which_loss"
    ]
    files = ", ".join(link(name, words) for name, words in SAID.items())
    head = "<tr><th>chapter</th><th>show</th><th>hand out</th><th>keep</th></tr>"
    table = f'<table class="table"><thead>{head}</thead><tbody>{"".join(rows)}</tbody></table>'
    return f'<p>{files}.</p><div class="pst-scrollable-table-container">{table}</div>'


def publish(kit, site):
    """Copy the kit into the site, with its archives, and list it on the teach page."""
    page, folder = site / "teach.html", site / "teaching"
    text = page.read_text(encoding="utf-8")
    if not PLACE.search(text):
        sys.exit(f"{page} has no place for the kit")
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(kit, folder, ignore=shutil.ignore_patterns("*-autograder.zip"))
    for part in sorted(folder.iterdir()):
        if part.is_dir():
            pack(part)
    save(page, PLACE.sub(lambda place: place[1] + listing(site, folder) + place[2], text, count=1))


def main(site=SITE):
    site = Path(site)
    if not (site / "teach.html").exists():
        sys.exit(f"There is no built site in {site}: make site")
    shutil.rmtree(KIT, ignore_errors=True)
    questions.main()
    slides.main(site)
    paper.main()
    otter.main([], None, None)
    publish(KIT, site)
    print(f"The kit is in {site / 'teaching'}, and linked from {site / 'teach.html'}")


if __name__ == "__main__":
    main(*sys.argv[1:2])
