"""Text on paper in every script: which font has a letter, in which order letters stand, how they are joined.

Lines of plain Latin, Greek and Cyrillic letters, nearly all there are, are printed as they are. The others are cut into runs
of one font and one direction, put into the order in which they are seen, and shaped by HarfBuzz. A letter that no font has
is printed as a box, which a search of the file still finds, and the page and the log say so.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from importlib.resources import files
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Any, NamedTuple

import structlog
from fontTools.ttLib import TTFont
from fpdf import FPDF
from fpdf.bidi import BidiParagraph
from fpdf.enums import TextMode
from fpdf.fonts import TTFFont
from fpdf.unicode_script import UnicodeScript, get_unicode_script

from academics.spreadsheets import CONTROL
from generation.text import messages

log = structlog.get_logger(__name__)

OWN_FONTS = Path(__file__).parent / "fonts"
BASE, CJK = "DejaVu", "NotoSansCJK"
BASE_FILES = {"": OWN_FONTS / "DejaVuSansCondensed.ttf", "B": OWN_FONTS / "DejaVuSansCondensed-Bold.ttf"}
# The scripts whose letters are taken from a font of their own, though others may have them too.
SCRIPT_FONTS = {
    UnicodeScript[script.upper()]: f"NotoSans{script}"
    for script in (
        *("Arabic", "Armenian", "Bengali", "Devanagari", "Ethiopic", "Georgian", "Gujarati", "Gurmukhi", "Hebrew", "Kannada"),
        *("Khmer", "Lao", "Malayalam", "Myanmar", "Oriya", "Sinhala", "Tamil", "Telugu", "Thai"),
    )
}
FURTHER_FONTS = ("NotoSans", CJK, "NotoSansSymbols", "NotoEmoji")
SHARED_SCRIPTS = (UnicodeScript.COMMON, UnicodeScript.INHERITED)
PLAIN_SCRIPTS = (UnicodeScript.COMMON, UnicodeScript.LATIN, UnicodeScript.GREEK, UnicodeScript.CYRILLIC)
# One Han letter is drawn differently from country to country: the collection's faces.
JAPANESE, KOREAN, SIMPLIFIED, TRADITIONAL, HONG_KONG = range(5)
FACES = {
    "Asia/Tokyo": JAPANESE,
    "Japan": JAPANESE,
    "Asia/Seoul": KOREAN,
    "ROK": KOREAN,
    "Asia/Pyongyang": KOREAN,
    "Asia/Taipei": TRADITIONAL,
    "ROC": TRADITIONAL,
    "Asia/Hong_Kong": HONG_KONG,
    "Hongkong": HONG_KONG,
    "Asia/Macau": HONG_KONG,
}
# What only draws other weights and widths than the one that is printed.
VARIATION_TABLES = ("gvar", "fvar", "avar", "cvar", "HVAR", "MVAR", "STAT")

BOX, REPLACEMENT, ELLIPSIS = "\u25a1", "\ufffd", "\u2026"
JOINERS = ("\u200c", "\u200d")
VARIATION_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
SURROGATES = re.compile("[\ud800-\udfff]")
BOLDER = 0.022  # of the size: how thick the letters of a font without a bold one are outlined
POINT = 25.4 / 72  # mm
VIRAMA = 9  # its combining class: what follows is joined to the letter before


class Run(NamedTuple):
    """Letters of one font and direction; ``font`` is empty where none has them."""

    text: str
    font: str
    level: int  # odd: from right to left

    @property
    def is_rtl(self) -> bool:
        return self.level % 2 == 1


class Glyph(NamedTuple):
    """What HarfBuzz says of one, with the names that fpdf reads."""

    codepoint: int
    cluster: int
    x_advance: int
    y_advance: int
    x_offset: int
    y_offset: int


class ShapedFont(TTFFont):
    """Hands out the glyph that a letter's width belongs to before its dots: fpdf says of the first which letter it is, and a
    reader that meets letters on glyphs without a width sees gaps between them."""

    __slots__ = ()

    def perform_harfbuzz_shaping(self, text: str, font_size_pt: float, text_shaping_params: dict[str, Any] | None) -> Any:
        infos, positions = super().perform_harfbuzz_shaping(text, font_size_pt, text_shaping_params)
        glyphs = [
            Glyph(info.codepoint, info.cluster, at.x_advance, at.y_advance, at.x_offset, at.y_offset)
            for info, at in zip(infos or (), positions or (), strict=True)
        ]
        ordered = [glyph for _, same in groupby(glyphs, key=attrgetter("cluster")) for glyph in _widest_first(list(same))]
        return ordered, ordered


def _widest_first(glyphs: list[Glyph]) -> list[Glyph]:
    """The first that has a width, before those without one that stand before it."""
    wide = next((number for number, glyph in enumerate(glyphs) if glyph.x_advance), 0)
    moved = [glyph._replace(x_offset=glyph.x_offset - glyphs[wide].x_advance) for glyph in glyphs[:wide]]
    return [glyphs[wide], *moved, *glyphs[wide + 1 :]]


class Paper(FPDF):
    """A4 across. The same content is the same file, byte for byte: there is no clock in it."""

    def __init__(self, title: str, time_zone: str = "", sample: Iterable[str] = ()) -> None:
        """``sample``: texts that are going to be printed, for telling in which country's way Han letters are drawn."""
        super().__init__(orientation="landscape", format="A4")
        self.set_creation_date(dt.datetime(2000, 1, 1, tzinfo=dt.UTC))
        self.set_auto_page_break(False)
        self.set_title(printable(title))
        self.set_creator("Timeloom")
        self.alias_nb_pages("")  # a name with "{nb}" in it is no number of pages
        for style, path in BASE_FILES.items():
            self.add_font(BASE, style, path)
        self.set_line_width(0.15)
        self._time_zone, self._sample = time_zone, sample
        self._runs: dict[str, tuple[Run, ...]] = {}
        self._widths: dict[tuple[Run, bool], float] = {}  # in em
        self._missing_here: set[str] = set()
        self.missing: set[str] = set()

    def text_line(
        self, x: float, y: float, width: float, text: str, *, size: float, bold: bool = False, height: float = 5, align: str = "L"
    ) -> None:
        """One line, shortened where it does not fit."""
        line = printable(text)
        if is_plain(line):
            self.set_font(BASE, "B" if bold else "", size)
            line = self._shortened(line, width, size, bold)
            self.set_xy(x, y)
            self.cell(width, height, line, align=align)
            return
        runs = self._visual_runs(self._shortened(line, width, size, bold))
        total = sum(self._run_width(run, size, bold) for run in runs)
        left = {"L": x + self.c_margin, "R": x + width - self.c_margin - total, "C": x + (width - total) / 2}[align]
        for run in runs:
            advance = self._run_width(run, size, bold)
            self._draw(run, left, y, advance, height, size, bold)
            left += advance

    def longest_fitting(self, forms: Sequence[str], width: float, *, size: float) -> str:
        """The first of these that stands in one line unshortened; the last where none does."""
        return next((text for text in forms if self._line_width(printable(text), size, False) <= width), forms[-1])

    def footer(self) -> None:
        """Called where a page ends: says which letters it has boxes for."""
        missing, self._missing_here = sorted(self._missing_here), set()
        if missing:
            self.text_line(10, self.h - 10, self.w - 45, messages.letters_without_font(missing), size=7, height=4)

    def _preload_bidirectional_text(self, text: str, markdown: bool) -> Any:
        """A run has one direction: fpdf need not find it out again for every line of a long book."""
        if self.text_shaping:
            direction = self.text_shaping["direction"]
            self.text_shaping |= {"paragraph_direction": direction, "fragment_direction": direction}
        return self._preload_font_styles(text, markdown)

    def content(self) -> bytes:
        """The file, once all is drawn. Logs what no font had."""
        found = bytes(self.output())
        if self.missing:
            codes = [f"U+{ord(letter):04X}" for letter in sorted(self.missing)]
            log.warning("letters_without_font", file=self.title, letters=codes[:50], count=len(codes))
        return found

    def _line_width(self, line: str, size: float, bold: bool) -> float:
        if is_plain(line):
            self.set_font(BASE, "B" if bold else "", size)
            return self.get_string_width(line)
        return sum(self._run_width(run, size, bold) for run in self._visual_runs(line))

    def _shortened(self, line: str, width: float, size: float, bold: bool) -> str:
        if not line or self._line_width(line, size, bold) <= width:
            return line
        # Letters are left out at the end in reading order, never a mark without its letter.
        ends = [0, *(end for end in range(1, len(line)) if _may_end(line, end))]
        low, high = 0, len(ends) - 1
        while low < high:
            middle = (low + high + 1) // 2
            fits = self._line_width(line[: ends[middle]] + ELLIPSIS, size, bold) <= width
            low, high = (middle, high) if fits else (low, middle - 1)
        return line[: ends[low]] + ELLIPSIS

    def _visual_runs(self, line: str) -> tuple[Run, ...]:
        runs = self._runs.get(line)
        if runs is None:
            runs = self._runs[line] = tuple(in_sight_order(runs_of(line)))
        return runs

    def _run_width(self, run: Run, size: float, bold: bool) -> float:
        width = self._widths.get((run, bold))
        if width is None:
            self._set_up(run, size, bold)
            width = self._widths[run, bold] = self.get_string_width(run.text) / size
            self.set_text_shaping(False)
        return width * size

    def _draw(self, run: Run, x: float, y: float, width: float, height: float, size: float, bold: bool) -> None:
        if not run.font:
            self._missing_here.update(run.text)
            self.missing.update(run.text)
        margin, self.c_margin = self.c_margin, 0
        if bold and run.font not in ("", BASE):
            with self.local_context(text_mode=TextMode.FILL_STROKE, draw_color=0, line_width=size * BOLDER * POINT):
                self._draw_letters(run, x, y, width, height, size, bold)
        else:
            self._draw_letters(run, x, y, width, height, size, bold)
        self.c_margin = margin

    def _draw_letters(self, run: Run, x: float, y: float, width: float, height: float, size: float, bold: bool) -> None:
        self._set_up(run, size, bold)
        self.set_xy(x, y)
        if run.is_rtl:
            self.cell(width, height, run.text)
        else:
            # Glyphs are not letters: joined ones stand for several, vowels are glyphs of their own. Search and copy read this. Readers
            # do not agree in which order it stands for letters from right to left, and get those from the glyphs.
            self._out(f"/Span <</ActualText <feff{run.text.encode('utf-16-be').hex()}>>> BDC")
            self.cell(width, height, run.text)
            self._out("EMC")
        self.set_text_shaping(False)

    def _set_up(self, run: Run, size: float, bold: bool) -> None:
        """The run's font, which is read when it is first needed; Latin, Greek and Cyrillic have a bold one."""
        if run.font in ("", BASE):
            self.set_font(BASE, "B" if bold else "", size)
            if not run.font:
                self._box_for(run.text)
                return
        else:
            if run.font.lower() not in self.fonts:
                self._read_font(run.font)
            self.set_font(run.font, "", size)
        self.set_text_shaping(True, direction="rtl" if run.is_rtl else "ltr")

    def _read_font(self, font: str) -> None:
        face = self._face() if font == CJK else 0
        self.add_font(font, "", font_path(font), collection_font_number=face)
        shaped: Any = self.fonts[font.lower()]
        shaped.__class__ = ShapedFont
        letters = shaped.ttfont
        for table in VARIATION_TABLES:
            if table in letters:
                del letters[table]

    def _face(self) -> int:
        if self._time_zone in FACES:
            return FACES[self._time_zone]
        scripts = {get_unicode_script(letter) for text in self._sample for letter in text if letter > "\u1100"}
        if scripts & {UnicodeScript.HIRAGANA, UnicodeScript.KATAKANA}:
            return JAPANESE
        return KOREAN if UnicodeScript.HANGUL in scripts else SIMPLIFIED

    def _box_for(self, text: str) -> None:
        """Gives letters that no font has the base font's box under their own code."""
        for style in BASE_FILES:
            font: Any = self.fonts[BASE.lower() + style]
            box, lacking = ord(BOX), {ord(letter) for letter in text} - font.glyph_ids.keys()
            if lacking:
                font.cmap = font.cmap | dict.fromkeys(lacking, font.cmap[box])
                font.glyph_ids.update(dict.fromkeys(lacking, font.glyph_ids[box]))
                font.cw.update(dict.fromkeys(lacking, font.cw[box]))


def printable(text: str) -> str:
    """One line of composed letters, without control characters and without marks that show nothing."""
    line = " ".join(CONTROL.sub("", text).split())
    if line.isascii():
        return line
    line = unicodedata.normalize("NFC", SURROGATES.sub(REPLACEMENT, VARIATION_SELECTORS.sub("", line)))
    # Marks of direction are among what goes: the letters' own directions are enough for names, and an open one would turn the rest.
    return "".join(letter for letter in line if unicodedata.category(letter) != "Cf" or letter in JOINERS)


def is_plain(line: str) -> bool:
    return _plain_letters().issuperset(line)


def runs_of(line: str) -> Iterator[Run]:
    """In reading order. Spaces, marks and signs that many scripts share stay with the letters before them."""
    text, font, level = "", "", -1
    for letter, letter_level in _levels(line):
        letter_font = font if font and _stays(letter, font) else font_of(letter)
        if text and (letter_font, letter_level) == (font, level):
            text += letter
            continue
        if text:
            yield Run(text, font, level)
        text, font, level = letter, letter_font, letter_level
    if text:
        yield Run(text, font, level)


def in_sight_order(runs: Iterable[Run]) -> list[Run]:
    """From left to right: runs of a level or a higher one are turned round, from the highest level down (UAX 9, L2)."""
    ordered = list(runs)
    for level in range(max((run.level for run in ordered), default=0), 0, -1):
        start = 0
        while start < len(ordered):
            end = start
            while end < len(ordered) and ordered[end].level >= level:
                end += 1
            ordered[start:end] = ordered[start:end][::-1]
            start = end + 1
    return ordered


def _levels(line: str) -> list[tuple[str, int]]:
    if not any(unicodedata.bidirectional(letter) in ("R", "AL", "AN") for letter in line):
        return [(letter, 0) for letter in line]
    paragraph = BidiParagraph(text=line, preserve_bn_chars=True)
    return [(each.character, each.embedding_level) for each in paragraph.get_characters_with_embedding_level()]


def _stays(letter: str, font: str) -> bool:
    is_shared = get_unicode_script(letter) in SHARED_SCRIPTS and not (letter.isascii() and not letter.isspace())
    return is_shared and ord(letter) in letters_of(font)


def _may_end(line: str, end: int) -> bool:
    before, after = line[end - 1], line[end]
    is_joined = after in JOINERS or before in JOINERS or unicodedata.combining(before) == VIRAMA
    return not is_joined and not unicodedata.category(after).startswith("M")


@cache
def font_of(letter: str) -> str:
    """The font that it is printed in; empty where none has it."""
    own = SCRIPT_FONTS.get(get_unicode_script(letter), "")
    candidates = (*([own] if own else []), BASE, *FURTHER_FONTS, *SCRIPT_FONTS.values())
    return next((font for font in candidates if ord(letter) in letters_of(font)), "")


@cache
def letters_of(font: str) -> frozenset[int]:
    paths = list(BASE_FILES.values()) if font == BASE else [font_path(font)]
    return frozenset.intersection(*(_letters_in(path) for path in paths))


def _letters_in(path: Path) -> frozenset[int]:
    with TTFont(path, fontNumber=0, lazy=True) as font:
        return frozenset(font.getBestCmap())


@cache
def font_path(font: str) -> Path:
    if font == CJK:
        return Path(str(files("noto_cjk_sans_otc") / "NotoSansCJK-Regular.ttc"))
    return Path(str(files("manimgx_fonts") / f"{font}[wght].ttf"))


@cache
def _plain_letters() -> frozenset[str]:
    """What the base font prints letter by letter."""
    found = set()
    for code in letters_of(BASE):
        letter = chr(code)
        is_mark = unicodedata.category(letter)[0] == "M" or letter in JOINERS
        if not is_mark and get_unicode_script(letter) in PLAIN_SCRIPTS and unicodedata.bidirectional(letter) not in ("R", "AL", "AN"):
            found.add(letter)
    return frozenset(found)
