"""Files as tables of plain text: CSV in the usual encodings and separators, and the sheets of a workbook."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath

from django.conf import settings

from academics.importing.cells import Flawed
from academics.importing.columns_by_kind import KINDS
from academics.importing.encodings import ENCODINGS, Candidate, Detected, encoding_detect, encoding_unclear, text_decoded
from academics.importing.messages import UnreadableFile
from academics.importing.messages import text as message_text
from academics.plain_text import text_plain

MOST_COLUMNS = 300
MOST_BLANK = 5000  # rows on end: what a spreadsheet has formatted, and nobody filled in
SEPARATORS = ",;\t|"
BYTE_ORDER_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)  # a file of one alone says nothing
CSV_ENDINGS = (".csv", ".tsv", ".txt")
HEADING_ROWS = 12  # headings are looked for in as many rows: above them stand titles and dates
NOT_A_WORD = re.compile(r"[^\w]+")
LOST = "\ufffd"  # what programs write for letters that they could not save
# What others write for them; in an address of the web it is at home.
QUESTIONED = re.compile(r"[^\W\d_]\?[^\W\d_]|\?{3,}")
MOST_NAMED = 5

Row = tuple[int, tuple[str, ...]]  # its number in the file, and its cells


@dataclass(frozen=True)
class Table:
    """One CSV file, or one sheet of a workbook."""

    file: str
    sheet: str
    headings_row: int
    headings: tuple[str, ...]
    rows: list[Row]
    first: tuple[Row, ...] = ()  # among which the headings are
    encoding: str = ""  # of a file of text; empty where it is not clear, and nobody said
    candidates: tuple[Candidate, ...] = ()
    notes: tuple[str, ...] = ()  # what should be known of how it was read
    derived: str = ""  # the kind, of a table that restructuring made of one of a file

    @property
    def name(self) -> str:
        name = f"{self.file} / {self.sheet}" if self.sheet else self.file
        return f"{name} ({self.derived})" if self.derived else name

    @property
    def key(self) -> str:
        """What a mapping calls it."""
        key = f"{self.file}#{self.sheet}" if self.sheet else self.file
        return f"{key} > {self.derived}" if self.derived else key

    def samples(self, column: int, *, most: int = 3) -> list[str]:
        """The first different values below a heading."""
        found = dict.fromkeys(cells[column] for _, cells in self.rows[:200] if column < len(cells) and cells[column])
        return list(found)[:most]


def heading_plain(heading: str) -> str:
    """A heading without case, marks and spaces at the ends: how it is compared."""
    return NOT_A_WORD.sub(" ", heading.casefold().replace("_", " ")).strip()


KNOWN_HEADINGS = frozenset(
    heading_plain(word) for kind in KINDS.values() for column in kind.columns for word in (column.name, column.label, *column.also)
)


def tables_read(
    *,
    file: str,
    data: bytes,
    most: int | None = None,
    headings_at: Mapping[str, int] | None = None,
    encoding: str = "",
    is_asking: bool = False,
) -> list[Table]:
    """The tables of one file, or the first ``most`` rows of each, their headings in the rows that are named by table.

    A file of text whose encoding is neither given nor clear is refused; with ``is_asking`` its likeliest reading is shown, and what
    else it could be. Raises `UnreadableFile` where it is no table, is too large or hostile.
    """
    from academics.importing.workbooks import sheets_read

    if len(data) > settings.IMPORT_MAX_MB * 2**20:
        raise UnreadableFile("file_large", field="files", file=file, most=settings.IMPORT_MAX_MB)
    if not data.removeprefix(next((mark for mark in BYTE_ORDER_MARKS if data.startswith(mark)), b"")).strip(b" \t\r\n\0"):
        raise UnreadableFile("file_empty", field="files", file=file)
    ending = PurePath(file).suffix.lower()
    if data.startswith(b"PK") or ending == ".xlsx":
        notes: dict[str, list[str]] = {}
        tables = [table_from(file, sheet, rows, most, headings_at) for sheet, rows in sheets_read(file=file, data=data, notes=notes)]
        of_book = notes.get("", [])
        return [
            replace(each, notes=(*(of_book if number == 0 else ()), *notes.get(each.sheet, ()), *each.notes))
            for number, each in enumerate(tables)
        ]
    if ending not in CSV_ENDINGS:
        raise UnreadableFile("file_kind", field="files", file=file)
    found = encoding_detect(file=file, data=data) if is_asking or not encoding else Detected(encoding)
    chosen = encoding or found.encoding
    if not chosen and not is_asking:
        raise encoding_unclear(file, found)
    text = text_decoded(file=file, data=data, encoding=chosen or found.candidates[0].encoding)
    table = table_from(file, "", csv_rows(file, text), most, headings_at)
    said = () if chosen in ("utf-8", "utf-16", "") else (message_text("encoding_read", label=ENCODINGS[chosen].label),)
    return [replace(table, encoding=chosen, candidates=found.candidates, notes=(*said, *table.notes))]


def separator_of(text: str) -> str:
    """The one that the first lines are cut at most evenly; a line that names it (``sep=;``) is believed."""
    first = text[:200].split("\n", 1)[0].strip()
    if first.lower().startswith("sep=") and len(first) == 5:
        return first[4]
    lines = [line for line in text[:20_000].splitlines()[:30] if line.strip()]
    counts = {mark: [_outside_quotes(line).count(mark) for line in lines] for mark in SEPARATORS}
    return max(SEPARATORS, key=lambda mark: (sum(count > 0 for count in counts[mark]), min(counts[mark], default=0), sum(counts[mark])))


def _outside_quotes(line: str) -> str:
    return "".join(line.split('"')[::2])


def csv_rows(file: str, text: str) -> Iterator[Row]:
    """The rows with the numbers that a spreadsheet shows them under."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator_of(text), strict=False)
    number = 0
    try:
        for number, cells in enumerate(reader, 1):
            if number == 1 and len(cells) <= 2 and cells and cells[0].lower().startswith("sep="):
                continue
            yield number, tuple(cell.strip() for cell in cells)
    except csv.Error as error:
        most = csv.field_size_limit()
        message_id = "csv_cell_long" if "field limit" in str(error) else "csv_quotes"
        raise UnreadableFile(message_id, field="files", file=file, row=number + 1, most=most) from None


def table_from(file: str, sheet: str, rows: Iterable[Row], most: int | None = None, headings_at: Mapping[str, int] | None = None) -> Table:
    """The headings are the row that is named, or else the one, of the first, that looks most like them."""
    kept: list[Row] = []
    last = 0  # the last row with something in it; a workbook leaves out those between
    for number, read in rows:
        cells = tuple([cell if cell.isascii() or type(cell) is not str else _cell_plain(cell) for cell in read])
        if number - last > MOST_BLANK + (1 if any(cells) else 0):
            break
        if not any(cells):
            continue
        last = number
        if len(cells) > MOST_COLUMNS:
            raise UnreadableFile("columns_many", field="files", file=file, row=number, most=MOST_COLUMNS)
        if len(kept) > settings.IMPORT_MAX_ROWS:
            raise UnreadableFile("rows_many", field="files", file=file, most=settings.IMPORT_MAX_ROWS)
        kept.append((number, cells))
        if most is not None and len(kept) >= most + HEADING_ROWS:
            break
    if not kept:
        return Table(file, sheet, 1, (), [])
    first = tuple(kept[:HEADING_ROWS])
    named = (headings_at or {}).get(f"{file}#{sheet}" if sheet else file)
    index = next((index for index, (number, _) in enumerate(first) if number == named), None)
    if index is None:
        index = _headings_index([cells for _, cells in first])
    number, headings = kept[index]
    below = kept[index + 1 :]
    return Table(file, sheet, number, tuple(map(str, headings)), below, first, notes=_questioned(below))


def _cell_plain(cell: str) -> str:
    return Flawed(text_plain(cell), "cell_letters") if LOST in cell else text_plain(cell)


def _questioned(rows: Iterable[Row]) -> tuple[str, ...]:
    """A note about cells in which letters seem to have been lost long before; nobody can tell which."""
    found = [f"{cell[:30]} (row {number})" for number, cells in rows for cell in cells if _is_questioned(cell)]
    if not found:
        return ()
    named = ", ".join(found[:MOST_NAMED]) + (" ..." if len(found) > MOST_NAMED else "")
    return (message_text("letters_asked", count=f"{len(found)} cell{'' if len(found) == 1 else 's'}", cells=named),)


def _is_questioned(cell: str) -> bool:
    return "?" in cell and "/" not in cell and "=" not in cell and QUESTIONED.search(cell) is not None


def _headings_index(rows: Sequence[tuple[str, ...]]) -> int:
    """The row with clearly the most words that are known as headings; where few are known, the first below the titles.

    A title stands alone in its row; headings go as far as the table, and none of them is a number.
    """
    known = [sum(heading_plain(cell) in KNOWN_HEADINGS for cell in cells) for cells in rows]
    best = known.index(max(known))
    if known[0] >= 2 or known[best] >= 3:
        return best if known[best] >= known[0] + 2 else 0
    widths = [sum(map(bool, cells)) for cells in rows]
    wide = [index for index, cells in enumerate(rows) if widths[index] >= max(2, 0.6 * max(widths)) and not any(map(_is_number, cells))]
    return wide[0] if wide else best if known[best] >= known[0] + 2 else 0


def _is_number(cell: str) -> bool:
    return bool(cell) and not any(letter.isalpha() for letter in cell)
