"""XML from disk to a tree of elements, within limits that hold before the tree is built."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path, PurePath
from typing import Any
from xml.etree.ElementTree import Element, ParseError, TreeBuilder

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from generation.formats import FormatError
from generation.formats.source import MEGABYTE, text_read

MAX_BYTES = 12 * MEGABYTE
# An element takes some 300 bytes with its attributes, so that text and tree together stay near 120 MB.
MAX_TAGS = 350_000
MAX_ATTRIBUTES = 1_200_000
MAX_CELLS = 5_000_000  # of a table of lectures by timeslots
MAX_TRUTHS = 20_000_000  # of a table of truths
SNIFFED = 64 * 1024  # where the root stands, behind comments
_ROOT = re.compile(rb"<([A-Za-z_][\w.:-]*)")


def root_tag(path: str | os.PathLike[str]) -> str:
    """The name of a file's root element, as far as its beginning tells; empty where there is none or the file cannot be opened."""
    try:
        if not Path(path).is_file():
            return ""
        with Path(path).open("rb") as stream:
            data = stream.read(SNIFFED)
    except (OSError, ValueError):
        return ""
    return root_of(data)


def root_of(data: bytes) -> str:
    """The name of the root element, of the beginning of a file; empty where a comment that does not end hides it."""
    first, *others = data.split(b"<!--")  # not by a pattern, which would look for the end of each comment through all that follows
    found = _ROOT.search(first + b"".join(each.partition(b"-->")[2] for each in others))
    return found[1].decode("ascii") if found else ""


def text_of(path: str | os.PathLike[str]) -> str:
    """The text of an XML file."""
    return text_read(path, max_bytes=MAX_BYTES)


def tree(text: str, *, file: str) -> Element:
    """The root element; raises `FormatError` for what is no XML, too large, or asks a reader to look elsewhere."""
    if text.count("<") > MAX_TAGS or text.count("=") > MAX_ATTRIBUTES:
        raise FormatError(
            file, 0, "", f"the file has more than {MAX_TAGS:,} tags or {MAX_ATTRIBUTES:,} attributes, the most that are read."
        )
    try:
        parser = DefusedXMLParser(target=_SharedTexts())
        parser.feed(_without_encoding(text))
        root: Element = parser.close()
    except ParseError as error:
        line, column = error.position
        raise FormatError(file, line, "", f"this is not XML (column {column + 1}).") from error
    except (DefusedXmlException, ValueError, LookupError, RecursionError) as error:
        raise FormatError(
            file, 0, "", "this XML declares entities or an encoding, which are not read. Save it as plain UTF-8 XML."
        ) from error
    return root


class _SharedTexts(TreeBuilder):
    """Builds the tree with one copy of equal attributes: files of timetables say the same few days, lengths and names again and again."""

    def start(self, tag: Any, attrs: dict[Any, Any], /) -> Element:
        return super().start(tag, {name: sys.intern(value) for name, value in attrs.items()})


def _without_encoding(text: str) -> str:
    """The text has been decoded: what its first line says of an encoding is not true any more."""
    return re.sub(r"^\s*<\?xml[^>]*\?>", "", text, count=1)


def cells_check(file: str, rows: int, columns: int, what: str, *, most: int = MAX_CELLS) -> None:
    """Refuse a table that would not fit into memory before it is made."""
    if rows * columns > most:
        raise FormatError(file, 0, "", f"{rows:,} {what} {columns:,} are more than {most:,} cells, the most that is read.")


class Reader:
    """Takes attributes and texts out of elements, each checked."""

    def __init__(self, file: str) -> None:
        self.file = PurePath(file).name

    def error(self, element: Element, what: str, message: str) -> FormatError:
        name = element.get("id") or element.get("Id")
        place = f"<{element.tag[:40]}{f' {name[:40]}' if name else ''}>"
        return FormatError(self.file, 0, f"{place} {what}".rstrip(), message)

    def attribute(self, element: Element, name: str, default: str | None = None) -> str:
        value = element.get(name, default)
        if value is None:
            raise self.error(element, name, "it is missing.")
        if len(value) > 100_000:
            raise self.error(element, name, "it is longer than 100,000 characters.")
        return value

    def whole(self, element: Element, name: str, low: int, high: int, default: int | None = None) -> int:
        value = element.get(name)
        if value is None and default is not None:
            return default
        return self.number(element, name, self.attribute(element, name), low, high)

    def number(self, element: Element, what: str, word: str, low: int, high: int) -> int:
        digits = word.strip()
        plain = digits.removeprefix("-").removeprefix("+")
        if not (plain.isascii() and plain.isdigit() and len(plain) <= 12) or not low <= int(digits) <= high:
            raise self.error(element, what, f"{shown(word)} is not a whole number from {low} to {high}.")
        return int(digits)

    def decimal(self, element: Element, name: str, low: float, high: float, default: float | None = None) -> float:
        value = element.get(name)
        if value is None and default is not None:
            return default
        word = self.attribute(element, name)
        try:
            found = float(word) if len(word) <= 40 else low - 1
        except ValueError:
            found = low - 1
        if not low <= found <= high:
            raise self.error(element, name, f"{shown(word)} is not a number from {low:g} to {high:g}.")
        return found


def shown(word: str) -> str:
    return repr(word if len(word) <= 40 else word[:37] + "...")
