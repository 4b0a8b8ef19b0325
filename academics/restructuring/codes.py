"""Codes for what has only a name: stable, readable, unique."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterable, Mapping

LONGEST = 60  # of a code, as the database keeps it
MOST_WORDS, WORD_LETTERS = 4, 4
WORD = re.compile(r"[^\W_]+")
FILLERS = frozenset(
    (
        *(
            "the",
            "of",
            "and",
            "for",
            "to",
            "in",
            "on",
            "a",
            "an",
            "de",
            "da",
            "do",
            "dos",
            "das",
            "e",
            "la",
            "le",
            "les",
            "des",
            "du",
            "et",
        ),
        *("der", "die", "das", "und", "von", "fur", "zu", "el", "los", "las", "y", "del", "di", "il", "per", "i", "ve", "ile"),
    )
)
# Latin letters that are no plain one with an accent.
LATIN_LETTERS = str.maketrans(
    {"ı": "i", "ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D", "ß": "ss", "æ": "ae", "Æ": "Ae", "œ": "oe", "Œ": "Oe", "ð": "d"}
)
PLAIN_LETTERS = str.maketrans({"ı": "i"})  # a name in capitals that were made small by another language's rules is the same name
ROMAN = re.compile(r"[IVX]{1,4}")
CODE_LIKE = re.compile(r"[^\s]{1,24}")


@functools.lru_cache(maxsize=50_000)
def name_folded(name: str) -> str:
    """A name without case, accents and marks: how names are compared."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter)).translate(PLAIN_LETTERS)
    return " ".join(WORD.findall(plain))


def is_code(text: str) -> bool:
    """Whether the text is short and of one piece, as codes are: with a digit, or all in capitals."""
    if not CODE_LIKE.fullmatch(text):
        return False
    return any(letter.isdigit() for letter in text) or (text.isascii() and text == text.upper() != text.lower())


def code_made(name: str) -> str:
    """Parts of the words of a name; a name that no Latin letters can be made of is its own code."""
    letters = "".join(letter for letter in unicodedata.normalize("NFKD", name) if not unicodedata.combining(letter)).translate(
        LATIN_LETTERS
    )
    words = WORD.findall(letters)
    if not words or not all(word.isascii() for word in words):
        return " ".join(name.split())[:LONGEST]
    named = {words[-1]} if len(words[-1]) == 1 and words[-1].isupper() else set()  # the A of Room A
    telling = [word for word in words if word.casefold() not in FILLERS or ROMAN.fullmatch(word) or word in named] or words
    tails = [word for word in telling if ROMAN.fullmatch(word) or word.isdigit()]
    numbers = set(tails)
    heads = [word for word in telling if word not in numbers][: MOST_WORDS - min(len(tails), 2)]
    parts = [word[:WORD_LETTERS].upper() for word in heads] + [word.upper() for word in tails[-2:]]
    return "-".join(parts)[:LONGEST]


def codes_made(names: Iterable[str], *, known: Mapping[str, str], whole: bool = False) -> dict[str, str]:
    """By name its code. Who is known by that name keeps the code; names that are codes already stay (all of them, with ``whole``).

    ``known`` is by code the name. What would be equal is numbered in the order of the names, so that the same names give the same codes.
    """
    by_name: dict[str, list[str]] = {}
    for code, name in known.items():
        by_name.setdefault(name_folded(name or code), []).append(code)
    found: dict[str, str] = {}
    taken = set(known)
    rest = []
    for name in dict.fromkeys(names):
        same = by_name.get(name_folded(name), [])
        if name in known:
            found[name] = name
        elif len(same) == 1:
            found[name] = same[0]
        elif (whole or is_code(name)) and len(name) <= LONGEST:
            found[name] = name
            taken.add(name)
        else:
            rest.append(name)
    for name in sorted(rest):
        base = code_made(name) or "X"
        code, number = base, 1
        while code in taken:
            number += 1
            code = f"{base[: LONGEST - 5]}-{number}"
        taken.add(code)
        found[name] = code
    return found
