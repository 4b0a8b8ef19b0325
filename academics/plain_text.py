"""One way to write each text: what looks the same is the same, and what looks almost the same can be pointed out."""

from __future__ import annotations

import json
import re
import unicodedata
from functools import lru_cache

JOINERS = "\u200c\u200d"
# Scripts in which a joiner changes how the letters around it are written.
JOINING = ((0x0600, 0x08FF), (0x0900, 0x0DFF), (0x1780, 0x18AF), (0xFB50, 0xFEFC))
ALIKE = str.maketrans(
    {
        "0": "O",
        "1": "I",
        "l": "I",
        "|": "I",
        **dict(zip("АВЕЅІЈКМНОРСТУХаеорсухіјѕԁԛԝ", "ABESIJKMHOPCTYXaeopcyxijsdqw", strict=True)),
        **dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧονν", "ABEZHIKMNOPTYXovv", strict=True)),
        **dict.fromkeys("‐‑‒–—−", "-"),
        **dict.fromkeys("’‘ʼ‛′´`", "'"),
        "\u0307": "",  # the dot that a Turkish capital leaves behind in lower case
        "\u0640": "",  # lengthens the line between two Arabic letters
    }
)
LEADING_ZEROS = re.compile(r"(?<![\d.])0+(?=\d)")
TRAILING_ZEROS = re.compile(r"(?<=\d)\.(\d*?)0+$")
# Letters that show nothing, beside those of the category of formats.
UNSEEN = frozenset("\u034f\u115f\u1160\u3164\uffa0\u180b\u180c\u180d\u180f")
BLANKS = frozenset("\u2800")


def json_is_storable(document: object) -> bool:
    """Whether both databases take it: no NaN or infinity, no half of a letter (a lone surrogate), no zero character."""
    try:
        return "\\u0000" not in json.dumps(document, allow_nan=False) and bool(json.dumps(document, ensure_ascii=False).encode())
    except (ValueError, TypeError, RecursionError):
        return False


def text_plain(text: str) -> str:
    """Composed letters (NFC), no invisible characters, and no spaces but the usual one."""
    if text.isascii():
        return text
    letters = unicodedata.normalize("NFC", text)
    kept = [_plain(letters, index) for index, letter in enumerate(letters)]
    return unicodedata.normalize("NFC", "".join(kept)).strip()


def _plain(text: str, index: int) -> str:
    letter = text[index]
    if letter.isascii():
        return letter
    category = unicodedata.category(letter)
    if category == "Zs" or letter in BLANKS:
        return " "
    is_invisible = category == "Cf" or letter in UNSEEN or "\ufe00" <= letter <= "\ufe0f" or "\U000e0100" <= letter <= "\U000e01ef"
    if not is_invisible or (letter in JOINERS and 0 < index < len(text) - 1 and _joins(text[index - 1]) and _joins(text[index + 1])):
        return letter
    return ""


def _joins(letter: str) -> bool:
    return any(low <= ord(letter) <= high for low, high in JOINING)


@lru_cache(maxsize=100_000)
def look_of(code: str) -> str:
    """Equal for codes that many would take for one another by sight: 0 and O, the Latin and the Cyrillic a, wide and narrow letters."""
    seen = _digits_plain(unicodedata.normalize("NFKC", code.translate(ALIKE)))
    return seen.translate(ALIKE).translate(ALIKE).lstrip("'")


@lru_cache(maxsize=100_000)
def number_of(code: str) -> str:
    """Equal for codes that differ only by zeros which a spreadsheet drops where it takes a code for a number: 0103 and 103, 101.10
    and 101.1. Empty for codes that it would leave as they are."""
    plain = _digits_plain(code)
    if not plain.replace(".", "", 1).isdigit() or not plain.isascii():
        return ""
    return TRAILING_ZEROS.sub(lambda found: f".{found.group(1)}".rstrip("."), LEADING_ZEROS.sub("", plain))


def _digits_plain(text: str) -> str:
    """With the digits of every script as those of ASCII."""
    if text.isascii():
        return text
    return "".join(str(unicodedata.decimal(letter, letter)) for letter in text)


def difference(code: str, other: str) -> str:
    """The first letters in which two codes differ, by name."""
    for place, (mine, theirs) in enumerate(zip(code, other, strict=False), 1):
        if mine != theirs:
            return f"letter {place} is {mine} ({_name(mine)}) here and {theirs} ({_name(theirs)}) there"
    return "one is longer"


def _name(letter: str) -> str:
    return unicodedata.name(letter, f"U+{ord(letter):04X}").lower()
