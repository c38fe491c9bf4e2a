"""The column of grades in a CSV that Moodle or Canvas exported, filled so that it can be imported as it is.

Known are Moodle's grading worksheet and gradebook and Canvas's gradebook, whatever separates their cells. A student's
row is the one that holds the folder's name as an identifier, or the name and the number that the system wrote into the
name of the folder or file. Nobody is guessed: whoever has no row, or two, is named, and so is every row left as it was.
"""

import codecs
import csv
import io
import re
import unicodedata
from collections import Counter
from pathlib import Path

from .basics import Stop, say, visible
from .saving import write

FIRST, LAST, WHOLE = ("First name", "FirstName"), ("Last name", "Surname", "LastName"), ("Full name", "Student")
IDENTIFIERS = ("ID", "ID number", "Email address", "Username", "SIS User ID", "SIS Login ID", "Integration ID")
POINTS = "Points Possible"  # a row of Canvas that is no student
KEPT = ("EX", "N/A")  # what Canvas has instead of a grade: excused, not assigned


def key(text: str) -> str:
    """What is compared of a name: its letters and digits."""
    return "".join(c for c in unicodedata.normalize("NFKD", text).casefold() if c.isalnum())


def bare(column: str) -> str:
    """A column without what is added to its name: the number in Canvas, (Real) in Moodle."""
    return re.sub(r" \((\d+|Real)\)$", "", column)


class Sheet:
    """A table to fill."""

    def __init__(self, path: Path, column: str | None, assignment: str):
        self.path = path
        try:
            raw = path.read_bytes()
            text, self.bom = raw.decode("utf-8-sig"), raw.startswith(codecs.BOM_UTF8)
            tables = {mark: list(csv.reader(io.StringIO(text, newline=""), delimiter=mark)) for mark in ",;\t"}
        except OSError as error:
            raise Stop(f"{path} cannot be read: {error.strerror}.") from None
        except (UnicodeDecodeError, csv.Error):
            raise Stop(f"{path} is no CSV in UTF-8: take it as it was exported.") from None
        self.delimiter = max(tables, key=lambda mark: len(tables[mark][0]) if tables[mark] else 0)
        self.end = "\r\n" if "\r\n" in text else "\n"
        self.rows = tables[self.delimiter] or [[]]
        self.header = [name.strip() for name in self.rows[0]]
        self.column = self.header.index(self.chosen(column, assignment))
        for row in filter(None, self.rows):
            row += [""] * (len(self.header) - len(row))
        self.worksheet = all(re.fullmatch(r"\D+\d+\s*", row[0]) for row in self.rows[1:] if row)  # Participant 12
        self.comma = any(re.fullmatch(r"\d+,\d+", cell.strip()) for row in self.rows for cell in row)

    def chosen(self, column: str | None, assignment: str) -> str:
        """The column to fill: the one that was named, else the worksheet's, else the one called like the assignment."""
        if column:
            found = [name for name in self.header if column in (name, bare(name))]
        else:
            like = [name for name in self.header if bare(name) != name and key(bare(name)).endswith(key(assignment))]
            found = [name for name in self.header if name == "Grade"] or like
        if len(found) != 1:
            have = visible(", ".join(map(repr, self.header)), 1000)
            raise Stop(f"{self.path}: name the column of grades with --column. There are {have or 'none'}.")
        return found[0]

    def keys(self, row) -> tuple[set[str], set[str]]:
        """What a row is known by: an identifier or a name; a name with its number."""
        cells = dict(zip(self.header, row, strict=False))
        first, last, names = ([cells[name] for name in kind if name in cells] for kind in (FIRST, LAST, WHOLE))
        names += [" ".join(first + last), " ".join(last + first), *(row[1:2] if self.worksheet else [])]
        names += [" ".join(reversed(name.split(",", 1))) for name in names]  # Lovelace, Ada
        identifiers = [cells[name] for name in IDENTIFIERS if name in cells] + (row[:1] if self.worksheet else [])
        alone = names + identifiers + [name.split("@")[0] for name in identifiers]
        number = re.search(r"\d+", row[0] if self.worksheet else cells.get("ID", ""))
        pairs = {key(name) + number[0] for name in names if number and key(name)}
        return {key(text) for text in alone} - {""}, pairs

    def fits(self, student: str, alone: set[str], pairs: set[str]) -> bool:
        """Whether a student's folder belongs to the row that has these keys."""
        parts = student.split("-")  # Moodle writes a group's name before a student's
        numbered = {key("-".join(parts[i:])) for i in range(len(parts))}
        plain = set() if self.worksheet or "ID" in self.header else {key(re.sub(r"_\d+$", "", student))}
        return bool({key(student), *plain} & alone or numbered & pairs)

    def fill(self, grades: list[tuple[str, str, str]], most: float, to: Path):
        """Write the filled table into the folder `to`, and say what was left; `grades` are (student, total, status)."""
        known = {i: self.keys(row) for i, row in enumerate(self.rows) if i and row and POINTS not in row[0]}
        theirs = {student: [i for i, keys in known.items() if self.fits(student, *keys)] for student, *_ in grades}
        taken, left = Counter(i for rows in theirs.values() for i in rows), []
        for student, total, status in grades:
            rows = theirs[student]
            cell = self.rows[rows[0]][self.column].strip() if rows else ""
            if not rows:
                left.append((student, "not in the table"))
            elif len(rows) > 1 or taken[rows[0]] > 1:
                left.append((student, "it is not certain which row is theirs"))
            elif status.startswith("not graded") or status.endswith("needs marking"):
                left.append((student, "not graded" if status.startswith("not graded") else "needs marking"))
            elif cell.upper() in KEPT:
                left.append((student, f"the table has {cell}"))
            else:
                self.rows[rows[0]][self.column] = total.replace(".", ",") if self.comma else total
        text, target = io.StringIO(), to / f"{self.path.stem}-filled.csv"
        csv.writer(text, delimiter=self.delimiter, lineterminator=self.end).writerows(self.rows)
        write(target, "\ufeff" * self.bom + text.getvalue())
        say(f"{target}: {len(grades) - len(left)} of {len(grades)} grades, in the column {self.header[self.column]!r}")
        names = {i: " ".join(self.rows[i][:2]) for i, (alone, _) in known.items() if alone and not taken[i]}
        for name, why in left + [(name, "only in the table") for name in names.values()]:
            say(f"  {visible(name, 60)}: {why}")
        if (wanted := self.most()) not in (None, most):
            say(f"{self.path.name} counts to {wanted:g}, the assignment to {most:g}: change that before you import.")

    def most(self) -> float | None:
        """To how many points the table counts, if it says so: in a row of Canvas, beside the grades of a worksheet."""
        said = [row[self.column] for row in self.rows if row and POINTS in row[0]]
        said += [row[self.column + 1] for row in self.rows[1:2] if self.worksheet and self.column + 1 < len(row)]
        return float(said[0].replace(",", ".")) if said and re.fullmatch(r"\d+([.,]\d+)?", said[0].strip()) else None
