"""The sheets of an .xlsx workbook as text, read row by row. What could harm is refused before anything is unpacked."""

from __future__ import annotations

import datetime as dt
import io
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from django.conf import settings
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from academics.importing.messages import UnreadableFile

MOST_SHEETS = 40
MOST_MEMBERS = 2000
MOST_RATIO = 300  # a large sheet of numbers packs to a thirtieth; a bomb to a thousandth
SMALL = 1_000_000  # bytes unpacked that are no bomb, however tightly they are packed
HEAD = 4096
DECLARATION = re.compile(rb"<!(?:DOCTYPE|ENTITY)|<\0!\0D\0O\0C|\0<\0!\0D\0O\0C", re.IGNORECASE)
# What the library raises on files that are damaged, cut off or made up.
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    InvalidFileException,
    ParseError,
    DefusedXmlException,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    ArithmeticError,
    AssertionError,
    OSError,
    EOFError,
    NotImplementedError,
    RecursionError,
)


def sheets_read(*, file: str, data: bytes) -> Iterator[tuple[str, Iterator[tuple[int, tuple[str, ...]]]]]:
    """Each sheet's name and rows; the rows are to be read before the next sheet is asked for."""
    _check(file, data)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # styles and extensions that the library leaves out
            book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    except BROKEN as error:
        raise _broken(file, error) from None
    sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    if len(sheets) > MOST_SHEETS:
        raise UnreadableFile("sheets_many", field="files", file=file, most=MOST_SHEETS)
    for sheet in sheets:
        yield sheet.title, _rows(file, sheet)


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
    if isinstance(error, DefusedXmlException) or isinstance(error.__cause__ or error.__context__, DefusedXmlException):
        return UnreadableFile("workbook_entities", field="files", file=file)
    why = "it is not a zip archive" if isinstance(error, zipfile.BadZipFile) else "its parts do not fit together"
    return UnreadableFile("workbook_broken", field="files", file=file, why=why)


def _rows(file: str, sheet: Any) -> Iterator[tuple[int, tuple[str, ...]]]:
    """A row number that skips millions would be filled up with empty rows, so they are counted."""
    if not hasattr(sheet, "reset_dimensions"):  # a sheet that is a chart
        return
    sheet.reset_dimensions()  # what the file says of its size need not be true
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for number, cells in enumerate(sheet.iter_rows(values_only=True), 1):
                if number > settings.IMPORT_MAX_ROWS * 2:
                    raise UnreadableFile("rows_many", field="files", file=file, most=settings.IMPORT_MAX_ROWS)
                yield number, tuple(["" if cell is None else cell_text(cell) for cell in cells])
    except BROKEN as error:
        raise _broken(file, error) from None


def cell_text(value: Any) -> str:
    """A cell as somebody would type it."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool):
        return "yes" if value else "no"
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
