"""One way to write each text: what looks the same is the same, and what looks almost the same can be pointed out."""

from __future__ import annotations

import json
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
    }
)


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
    if category == "Zs":
        return " "
    is_invisible = category == "Cf" or letter in "\u034f\u115f\u1160\u3164\uffa0\ufe0e\ufe0f"
    if not is_invisible or (letter in JOINERS and 0 < index < len(text) - 1 and _joins(text[index - 1]) and _joins(text[index + 1])):
        return letter
    return ""


def _joins(letter: str) -> bool:
    return any(low <= ord(letter) <= high for low, high in JOINING)


@lru_cache(maxsize=100_000)
def look_of(code: str) -> str:
    """Equal for codes that many would take for one another by sight: 0 and O, the Latin and the Cyrillic a."""
    return code.translate(ALIKE).translate(ALIKE)


def difference(code: str, other: str) -> str:
    """The first letters in which two codes differ, by name."""
    for place, (mine, theirs) in enumerate(zip(code, other, strict=False), 1):
        if mine != theirs:
            return f"letter {place} is {mine} ({_name(mine)}) here and {theirs} ({_name(theirs)}) there"
    return "one is longer"


def _name(letter: str) -> str:
    return unicodedata.name(letter, f"U+{ord(letter):04X}").lower()
