"""The sheets of an .xlsx workbook as text, read row by row. What could harm is refused before anything is unpacked."""

from __future__ import annotations

import datetime as dt
import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sized
from dataclasses import dataclass, field
from typing import NamedTuple
from xml.parsers import expat

from django.conf import settings
from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format, is_timedelta_format
from openpyxl.utils.cell import column_index_from_string, get_column_letter
from openpyxl.utils.datetime import MAC_EPOCH, WINDOWS_EPOCH, from_excel, from_ISO8601

from academics.importing.cells import Dated, Flawed, number_shown
from academics.importing.messages import UnreadableFile, text

MOST_COLUMNS = 300
MOST_CELLS = 10_000_000  # of one workbook, with something in them
MOST_SHEETS = 40
MOST_MEMBERS = 2000
MOST_RATIO = 300  # a large sheet of numbers packs to a thirtieth; a bomb to a thousandth
MOST_RATIO_OF_ALL = 150
SMALL = 1_000_000  # bytes unpacked that are no bomb, however tightly they are packed
HEAD = 4096
DECLARATION = re.compile(rb"<!(?:DOCTYPE|ENTITY)|<\0!\0D\0O\0C|\0<\0!\0D\0O\0C", re.IGNORECASE)
# What is raised on files that are damaged, cut off or made up.
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    expat.ExpatError,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    ArithmeticError,
    OSError,
    EOFError,
    NotImplementedError,
    RecursionError,
)
PIECE = 65536
COLUMN = re.compile(r"[A-Za-z]{1,3}")
MOST_FORMAT = 500  # letters of a number format
MOST_MERGED = 20_000
MOST_NAMED = 10
MERGED = re.compile(rb"<(?:\w+:)?mergeCell\s[^<>]{0,200}?ref=[\"']([A-Z]{1,3})([0-9]{1,7}):([A-Z]{1,3})([0-9]{1,7})[\"']")
Row = tuple[int, tuple[str, ...]]


Notes = dict[str, list[str]]  # by sheet what should be known of how it was read; under no name of the whole workbook


def sheets_read(*, file: str, data: bytes, notes: Notes | None = None) -> Iterator[tuple[str, Iterator[Row]]]:
    """Each visible sheet's name and rows; the rows must be read before the next sheet is requested.

    Cells are texts as people see them; those that can't be taken so are `Flawed`. A sheet's notes are there when its rows are read.

    openpyxl's own reader fills every row up to its last cell, keeps whole rows as trees and reads all styles into objects: a small
    file can cost minutes. Here the parts are read as a stream, a cell at a time, and no further than needed.
    """
    _check(file, data)
    try:
        book = _Book(file, zipfile.ZipFile(io.BytesIO(data)))
        book.open()
    except BROKEN as error:
        raise _broken(file, error) from None
    if len(book.sheets) > MOST_SHEETS:
        raise UnreadableFile("sheets_many", field="files", file=file, most=MOST_SHEETS)
    notes = {} if notes is None else notes
    if book.hidden:
        notes[""] = [text("sheets_hidden", names=", ".join(book.hidden[:MOST_NAMED]))]
    for title, part in book.sheets:
        yield title, _rows(book, part, notes.setdefault(title, []))


def unpacked_size(data: bytes) -> int:
    """What a workbook's parts take, by its own directory; 0 for what is none."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return sum(member.file_size for member in archive.infolist())
    except BROKEN:
        return 0


def _check(file: str, data: bytes) -> None:
    """No zip bomb, and no document type in any XML: neither has a place in a workbook."""
    most = settings.IMPORT_MAX_UNPACKED_MB * 2**20
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            unpacked = sum(member.file_size for member in members)
            tight = any(each.file_size > SMALL and each.file_size > MOST_RATIO * max(1, each.compress_size) for each in members)
            # Members that overlap share their bytes: together they would be more than the file.
            overlap = sum(each.compress_size for each in members) > len(data)
            tight |= unpacked > SMALL and unpacked > MOST_RATIO_OF_ALL * len(data)
            if unpacked > most or tight or overlap or len(members) > MOST_MEMBERS:
                raise UnreadableFile("workbook_bomb", field="files", file=file, most=settings.IMPORT_MAX_UNPACKED_MB)
            if any(member.flag_bits & 1 for member in members):
                raise UnreadableFile("workbook_locked", field="files", file=file)
            for member in members:
                with archive.open(member) as stream:
                    if DECLARATION.search(stream.read(HEAD)):
                        raise UnreadableFile("workbook_entities", field="files", file=file)
    except UnreadableFile:
        raise
    except BROKEN as error:
        # Old .xls files and protected workbooks are OLE containers.
        if data.startswith(b"\xd0\xcf\x11\xe0"):
            raise UnreadableFile("workbook_locked", field="files", file=file) from None
        raise _broken(file, error) from None


def _broken(file: str, error: BaseException) -> UnreadableFile:
    why = "it is not a zip archive" if isinstance(error, zipfile.BadZipFile) else "its parts do not fit together"
    return UnreadableFile("workbook_broken", field="files", file=file, why=why)


Attributes = dict[str, str]


@dataclass
class _Handler:
    """What to do at each element of a part, by its name without the namespace: programs disagree about that."""

    start: Callable[[str, Attributes], None]
    end: Callable[[str], None] = lambda name: None
    text: Callable[[str], None] | None = None


def _local(name: str) -> str:
    return name.rpartition(" ")[2]


@dataclass
class _Book:
    """The parts of one workbook, read as they are needed."""

    file: str
    archive: zipfile.ZipFile
    sheets: list[tuple[str, str]] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)
    epoch: dt.datetime = WINDOWS_EPOCH
    num_cells: int = 0

    def open(self) -> None:
        """Reads which parts there are; the styles as far as they tell dates from numbers."""
        targets = self._relations("", "_rels/.rels")
        start = next((target for kind, target in targets.values() if kind == "officeDocument"), "xl/workbook.xml")
        folder, name = posixpath.split(start)
        parts = self._relations(folder, posixpath.join(folder, "_rels", f"{name}.rels"))
        named: list[tuple[str, str, str]] = []

        def element(name: str, attributes: Attributes) -> None:
            if name == "sheet":
                reference = next((value for key, value in attributes.items() if _local(key) == "id"), "")
                named.append((attributes.get("name", ""), attributes.get("state", "visible"), reference))
            elif name == "workbookPr" and attributes.get("date1904") in ("1", "true"):
                self.epoch = MAC_EPOCH

        self.read(start, _Handler(element))
        self.hidden = [title for title, state, _ in named if state != "visible"]
        visible = [(title, *parts[reference]) for title, state, reference in named if state == "visible"]
        self.sheets = [(title, part) for title, kind, part in visible if kind == "worksheet"]
        by_kind = dict(parts.values())
        self.strings = _Strings(self, by_kind.get("sharedStrings", ""))
        self.styles = _Styles(self, by_kind.get("styles", ""))

    def _relations(self, folder: str, part: str) -> dict[str, tuple[str, str]]:
        """Kind and part by id."""
        found: dict[str, tuple[str, str]] = {}

        def element(name: str, attributes: Attributes) -> None:
            if name == "Relationship" and attributes.get("TargetMode") != "External":
                target = posixpath.normpath(posixpath.join("/" + folder, attributes["Target"])).lstrip("/")
                found[attributes["Id"]] = (posixpath.basename(attributes.get("Type", "")), target)

        if part in self.archive.NameToInfo:
            self.read(part, _Handler(element))
        return found

    def read(self, part: str, handler: _Handler) -> None:
        for _ in self.pieces(part, handler):
            pass

    def pieces(self, part: str, handler: _Handler) -> Iterator[None]:
        """Reads a part piece by piece; after each the handler has seen what is in it."""
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartElementHandler = lambda name, attributes: handler.start(_local(name), attributes)
        parser.EndElementHandler = lambda name: handler.end(_local(name))
        parser.CharacterDataHandler = handler.text
        parser.StartDoctypeDeclHandler = self._refuse_entities
        with self.archive.open(part) as stream:
            while piece := stream.read(PIECE):
                parser.Parse(piece)
                yield
            parser.Parse(b"", True)
            yield

    def _refuse_entities(self, *declared: object) -> None:
        raise UnreadableFile("workbook_entities", field="files", file=self.file)


def _is_on(attributes: Attributes) -> bool:
    return attributes.get("val", "1") not in ("0", "false")


class _Strings:
    """The texts that cells name by number, read as far as the highest number requested so far."""

    def __init__(self, book: _Book, part: str) -> None:
        self._found: list[str] = []
        self.struck: set[int] = set()  # texts of which a part is struck through
        self._text: list[str] = []
        self._is_text, self._is_reading_aid = False, 0
        handler = _Handler(self._start, self._end, self._take)
        self._pieces = book.pieces(part, handler) if part else iter(())

    def __getitem__(self, index: int) -> str:
        while index >= len(self._found):
            if next(self._pieces, self) is self:
                break
        return self._found[index]

    def _start(self, name: str, attributes: Attributes) -> None:
        if name == "si":
            self._text = []
        elif name == "rPh":
            self._is_reading_aid += 1
        elif name == "t":
            self._is_text = not self._is_reading_aid
        elif name == "strike" and _is_on(attributes):
            self.struck.add(len(self._found))

    def _end(self, name: str) -> None:
        if name == "si":
            self._found.append("".join(self._text).replace("x005F_", ""))
        elif name == "rPh":
            self._is_reading_aid -= 1
        elif name == "t":
            self._is_text = False

    def _take(self, text: str) -> None:
        if self._is_text:
            self._text.append(text)


class _Styles:
    """How cells show their numbers: as a date, a time, a length of time, or in a format of digits."""

    def __init__(self, book: _Book, part: str) -> None:
        self._formats: dict[str, str] = {str(number): code for number, code in BUILTIN_FORMATS.items()}
        self._of_cells: list[tuple[str, str]] = []  # number format and font
        self._kinds: dict[str, str] = {}
        self._is_in_cells, self._is_in_fonts = False, False
        self._num_fonts = 0
        self._struck: set[str] = set()  # fonts that strike through
        if part in book.archive.NameToInfo:
            book.read(part, _Handler(self._start, self._end))

    def code(self, style: int) -> str:
        """The number format."""
        return self._formats.get(self._cell(style)[0], "")[:MOST_FORMAT]

    def is_struck(self, style: int) -> bool:
        return self._cell(style)[1] in self._struck

    def _cell(self, style: int) -> tuple[str, str]:
        return self._of_cells[style] if 0 <= style < len(self._of_cells) else ("", "")

    def kind(self, style: int) -> str:
        """ "date", "length", or nothing."""
        number, _ = self._cell(style)
        if number not in self._kinds:
            code = self._formats.get(number, "")[:MOST_FORMAT]
            self._kinds[number] = "length" if is_timedelta_format(code) else "date" if is_date_format(code) else ""
        return self._kinds[number]

    def _start(self, name: str, attributes: Attributes) -> None:
        if name == "numFmt":
            self._formats[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")
        elif name == "cellXfs":
            self._is_in_cells = True
        elif name == "xf" and self._is_in_cells:
            self._of_cells.append((attributes.get("numFmtId", "0"), attributes.get("fontId", "")))
        elif name == "fonts":
            self._is_in_fonts = True
        elif name == "strike" and self._is_in_fonts and _is_on(attributes):
            self._struck.add(str(self._num_fonts))

    def _end(self, name: str) -> None:
        if name == "cellXfs":
            self._is_in_cells = False
        elif name == "fonts":
            self._is_in_fonts = False
        elif name == "font" and self._is_in_fonts:
            self._num_fonts += 1


class Merge(NamedTuple):
    """A range of cells that shows what its first cell holds."""

    first_column: int
    last_column: int
    first_row: int
    last_row: int

    @property
    def name(self) -> str:
        columns = get_column_letter(self.first_column), get_column_letter(self.last_column)
        return f"{columns[0]}{self.first_row}:{columns[1]}{self.last_row}"


class _Sheet:
    """The rows of one sheet, as far as they have cells with something in them."""

    def __init__(self, book: _Book, merges: Mapping[int, list[Merge]]) -> None:
        self._book = book
        self.rows: list[Row] = []
        self._number, self._column = 0, 0
        self._cells: dict[int, str] = {}
        self._kind, self._style = "n", 0
        self._value: list[str] = []
        self._takes, self._is_reading_aid = "", 0
        self._formula: list[str] | None = None
        self._has_value, self._is_hidden = False, False
        self.hidden_rows: list[int] = []
        self.filled: list[Merge] = []  # merged cells whose value goes on to later rows
        self.struck: list[str] = []
        self._is_struck = False
        self.hidden_columns: set[int] = set()
        self._hidden_ranges: list[tuple[int, int]] = []
        self._merges = merges
        self._open: list[tuple[Merge, str]] = []  # that reach to later rows, with what they show

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "c":
            self._formula, self._has_value, self._is_struck = None, False, False
            self._column = _column_of(attributes["r"]) if "r" in attributes else self._column + 1
            self._kind, self._style, self._value = attributes.get("t", "n"), int(attributes.get("s") or 0), []
        elif name in ("v", "t"):
            self._takes = name if (name == "t") == (self._kind == "inlineStr") and not self._is_reading_aid else ""
            self._has_value = True
        elif name == "f":
            self._takes, self._formula = name, []
        elif name == "rPh":
            self._is_reading_aid += 1
        elif name == "row":
            self._number = int(float(attributes["r"])) if "r" in attributes else self._number + 1
            self._column, self._cells = 0, {}
            self._is_hidden = attributes.get("hidden") in ("1", "true")
        elif name == "strike" and _is_on(attributes):
            self._is_struck = True
        elif name == "col" and attributes.get("hidden") in ("1", "true"):
            self._hidden_ranges.append((int(attributes["min"]), min(int(attributes["max"]), MOST_COLUMNS)))

    def text(self, text: str) -> None:
        if self._takes == "f" and self._formula is not None:
            self._formula.append(text[:MOST_FORMAT] if len(self._formula) < 4 else "")
        elif self._takes:
            self._value.append(text)

    def end(self, name: str) -> None:
        if name == "c":
            if self._value:
                shown = self._shown("".join(self._value))
                if shown:
                    self._put(shown)
                    if self._is_struck or self._book.styles.is_struck(self._style):
                        self.struck.append(f"{get_column_letter(self._column)}{self._number}")
            elif self._formula is not None and not (self._has_value and self._kind == "str"):
                # Never worked out, as programs that make workbooks leave it: its value is not known, which is not "empty".
                self._put(Flawed("=" + "".join(self._formula)[:MOST_FORMAT], "cell_formula"))
        elif name == "row":
            self._row_end()
        elif name in ("v", "t", "f"):
            self._takes = ""
        elif name == "rPh":
            self._is_reading_aid -= 1

    def _put(self, text: str) -> None:
        if self._column > MOST_COLUMNS:
            raise UnreadableFile("columns_many", field="files", file=self._book.file, row=self._number, most=MOST_COLUMNS)
        self._cells[self._column] = text
        self._book.num_cells += 1
        if self._book.num_cells > MOST_CELLS:
            raise UnreadableFile("cells_many", field="files", file=self._book.file, most=MOST_CELLS)

    def _row_end(self) -> None:
        if self._merges or self._open:
            self._fill()
        if self._cells and self._is_hidden:
            self.hidden_rows.append(self._number)
        for low, high in self._hidden_ranges:
            self.hidden_columns.update(column for column in self._cells if low <= column <= high)
        width = max(self._cells, default=0)
        self.rows.append((self._number, tuple([self._cells.get(column, "") for column in range(1, width + 1)])))

    def _fill(self) -> None:
        """What a merged cell shows holds for each row that it reaches to; which of several columns it belongs to, nobody can tell."""
        merged = [(merge, self._cells.get(merge.first_column, "")) for merge in self._merges.get(self._number, ())]
        is_row = bool(self._cells)  # rows of nothing but a merged cell are titles
        for merge, shown in [*self._open, *merged]:
            if not is_row or not shown or merge.last_row < self._number:
                continue
            self._cells.setdefault(merge.first_column, shown)
            if merge.last_row > self._number and merge.first_row == self._number:
                self.filled.append(merge)
            for column in range(merge.first_column + 1, merge.last_column + 1):
                self._cells.setdefault(column, Flawed("", "cell_merged"))
        self._open = [(merge, shown) for merge, shown in [*self._open, *merged] if shown and merge.last_row > self._number]

    def _shown(self, value: str) -> str:
        if self._kind == "s":
            text = cell_text(self._book.strings[int(value)])
            self._is_struck = int(value) in self._book.strings.struck
            return text
        if self._kind == "b":
            return cell_text(bool(int(value)))
        if self._kind == "d":
            return Dated(cell_text(from_ISO8601(value)))
        if self._kind == "e":
            return Flawed(value, "value_broken")
        if self._kind != "n":  # text, or the name of an error
            return cell_text(value)
        number = float(value) if "." in value or "E" in value or "e" in value else int(value)
        kind = self._book.styles.kind(self._style)
        if not kind:
            return number_shown(number, self._book.styles.code(self._style))
        try:
            return Dated(cell_text(from_excel(number, self._book.epoch, timedelta=kind == "length")))
        except (OverflowError, ValueError):
            return Flawed("#VALUE!", "value_broken")


def _column_of(reference: str) -> int:
    letters = COLUMN.match(reference)
    if letters is None:
        raise ValueError(reference)
    return int(column_index_from_string(letters.group().upper()))


def _merges_read(book: _Book, part: str) -> dict[int, list[Merge]]:
    """The merged cells by their first row. They stand behind the rows that they concern, so the part is looked through before."""
    found: dict[int, list[Merge]] = {}
    count, rest = 0, b""
    with book.archive.open(part) as stream:
        while piece := stream.read(PIECE):
            rest += piece
            for match in MERGED.finditer(rest):
                first, top, last, bottom = match.groups()
                columns = [int(column_index_from_string(letters.decode())) for letters in (first, last)]
                count += 1
                if count > MOST_MERGED:
                    raise UnreadableFile("merged_many", field="files", file=book.file, most=MOST_MERGED)
                if columns[0] <= MOST_COLUMNS:
                    found.setdefault(int(top), []).append(Merge(columns[0], min(columns[1], MOST_COLUMNS), int(top), int(bottom)))
            start = rest.rfind(b"<")
            rest = rest[start:][-MOST_FORMAT:] if start >= 0 else b""
    return found


def _rows(book: _Book, part: str, notes: list[str]) -> Iterator[Row]:
    try:
        sheet = _Sheet(book, _merges_read(book, part))
        for _ in book.pieces(part, _Handler(sheet.start, sheet.end, sheet.text)):
            yield from sheet.rows
            sheet.rows.clear()
        if sheet.filled:
            notes.append(text("cells_filled", cells=_listed((merge.name for merge in sheet.filled[:MOST_NAMED]), sheet.filled)))
        if sheet.struck:
            notes.append(text("cells_struck", cells=_listed(sheet.struck[:MOST_NAMED], sheet.struck)))
        if sheet.hidden_rows:
            notes.append(text("rows_hidden", rows=_listed(map(str, sheet.hidden_rows[:MOST_NAMED]), sheet.hidden_rows)))
        if sheet.hidden_columns:
            letters = map(get_column_letter, sorted(sheet.hidden_columns)[:MOST_NAMED])
            notes.append(text("columns_hidden", columns=_listed(letters, sheet.hidden_columns)))
    except BROKEN as error:
        raise _broken(book.file, error) from None


def _listed(names: Iterable[str], all_of_them: Sized) -> str:
    return ", ".join(names) + (" ..." if len(all_of_them) > MOST_NAMED else "")


def cell_text(value: object) -> str:
    """A cell as somebody would type it."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 10**15 else repr(value)
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(" ", "minutes")
    if isinstance(value, dt.time):
        return value.isoformat("minutes")
    if isinstance(value, dt.timedelta):  # hours and minutes beyond a day, or a clock time in some programs
        minutes = int(value.total_seconds() // 60)
        return f"{minutes // 60:02d}:{minutes % 60:02d}"
    return str(value).strip()
