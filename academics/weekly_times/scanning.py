"""A cell cut into words, numbers, clock times, dates and separators. Every pattern is bounded: time grows with the length."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from enum import Enum, auto
from functools import lru_cache
from typing import NamedTuple

from academics.weekly_times.readings import DAY_MINUTES
from academics.weekly_times.words import LANGUAGES, fold_letter, lexicon, month_words

EPOCH = dt.date(1899, 12, 30)  # of the serial numbers of spreadsheets
SERIALS = range(32874, 73051)  # 1990 to 2099
YEARS = range(1990, 2100)


class Piece(Enum):
    WORD = auto()
    NUMBER = auto()
    CLOCK = auto()
    DATE = auto()
    SPAN = auto()  # from a date to a date
    SHIFT = auto()  # 24M12: days, part of the day, periods of it
    COMMA = auto()
    BREAK = auto()  # ; and line breaks
    DASH = auto()
    MARK = auto()  # says nothing: brackets, full stops
    UNKNOWN = auto()
    TAUGHT = auto()


class Token(NamedTuple):
    """``first`` and ``last`` cut it out of the text. A number's ``value`` is itself, a clock's are minutes; ``key`` is the folded word."""

    piece: Piece
    first: int
    last: int
    key: str = ""
    value: int = 0
    date: dt.date | None = None
    other_date: dt.date | None = None  # the date with day and month the other way round
    is_close: bool = False  # nothing is between it and the token before


DASHES = "-‐‑‒–—−~〜∼ー"
COMMAS = ",/&+・、|\\·•،؛"
ORDINAL_SIGN = "ª"  # kept apart from the letter a: 2ª is no 2 am
MARKS = ".()[]{}:'\"’*"
CJK = re.compile(r"[\u3005\u3040-\u30ff\u3400-\u9fff]")
LETTER = r"[^\W\d_\u3005\u3040-\u30ff\u3400-\u9fff]"
WORD = re.compile(rf"{LETTER}{{1,40}}(?:[.'’]{LETTER}{{1,40}}){{0,6}}")
SHIFT = re.compile(r"([2-7]{1,6})([mtn])([1-7]{1,7})")
NUMBERS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        ("iso", r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?!\d)t?"),
        ("date", r"(\d{1,2})([./-])(\d{1,2})\2(\d{4}|\d{2})(?![\d:])\.?"),
        ("cjk_date", r"(\d{4})年(\d{1,2})月(\d{1,2})日"),
        ("days_span", r"(\d{1,2})/(\d{1,2}) ?[-–] ?(\d{1,2})/(\d{1,2})(?![\d/:])"),
        ("shift", SHIFT.pattern + r"(?![^\W_])"),
        ("clock", r"(\d{1,2}):(\d{2})(?::\d{2}(?:\.\d{1,6})?)?(?!\d)(?:h(?![a-z]))?"),
        ("clock_h", r"(\d{1,2}) ?h ?(\d{2})(?:min(?![a-z]))?(?![\d:])"),
        ("clock_cjk", r"(\d{1,2})時(?!限|間)(?:(\d{1,2})分)?"),
        ("serial", r"(\d{5})(\.\d{1,17})?(?!\d)"),
        ("fraction", r"0?(\.\d{1,17})(?![\d.])"),
        ("clock_dot", r"(\d{1,2})\.(\d{2})(?![\d.])"),
        ("no_time", r"\d{1,4}[.:'’]\d{1,3}(?!\d)"),
        ("four", r"(\d{1,2})(\d{2})(?!\d)"),
        ("number", r"\d{1,9}"),
    )
)


@lru_cache(maxsize=4096)
def scan(text: str) -> tuple[Token, ...]:
    """Dates that name their month, and phrases, are one token each."""
    folded, places = _folded(text)
    tokens = _with_named_dates(list(_tokens(folded)))
    if len(folded) == len(text):
        return tuple(tokens)
    return tuple(token._replace(first=places[token.first], last=places[token.last]) for token in tokens)


def phrase_keys(phrase: str) -> tuple[str, ...]:
    """What a phrase is recognised by: its pieces without brackets and full stops."""
    return tuple(token.key for token in scan(phrase) if token.piece is not Piece.MARK)


def _folded(text: str) -> tuple[str, list[int]]:
    """The folded text, and where in the text each of its letters comes from."""
    if text.isascii():
        return text.lower(), list(range(len(text) + 1))
    letters: list[str] = []
    places: list[int] = []
    for place, letter in enumerate(text):
        folded = ORDINAL_SIGN if letter in "ªº°" else fold_letter(letter)
        letters.append(folded)
        places.extend([place] * len(folded))
    return "".join(letters), [*places, len(text)]


def _tokens(text: str) -> Iterator[Token]:
    place = 0
    is_close = False
    while place < len(text):
        letter = text[place]
        token = None
        if letter in " \t":
            place, is_close = place + 1, False
            continue
        if letter.isdecimal() or letter == ".":
            token = _number(text, place)
        elif CJK.match(letter) and letter not in COMMAS and letter not in DASHES:
            token = _cjk_word(text, place)
        elif found := WORD.match(text, place):
            token = _word(found)
        if token is None:
            yield _mark(letter, place)
            place, is_close = place + 1, False
        else:
            yield token._replace(is_close=is_close, key=token.key or text[token.first : token.last])
            place, is_close = token.last, True


def _number(text: str, place: int) -> Token | None:
    for name, pattern in NUMBERS:
        if (found := pattern.match(text, place)) and (token := _token(name, found)):
            return token
    return None


def _mark(letter: str, place: int) -> Token:
    if letter in "\n\r\v\f;":
        piece = Piece.BREAK
    elif letter in DASHES:
        piece = Piece.DASH
    elif letter in COMMAS:
        piece = Piece.COMMA
    elif letter in MARKS or letter.isspace():
        piece = Piece.MARK
    else:
        piece = Piece.UNKNOWN
    return Token(piece, place, place + 1, key=letter)


def _word(found: re.Match[str]) -> Token:
    return Token(Piece.WORD, *found.span(), key=found.group().replace(".", "").replace("’", "'"))


def _token(name: str, found: re.Match[str]) -> Token | None:
    """``None`` where the numbers are none of a date or a clock."""
    first, last = found.span()
    if name == "shift":
        return Token(Piece.SHIFT, first, last)
    if name == "no_time":
        return Token(Piece.UNKNOWN, first, last)  # 9'15, 10:5 and 9.5 are no two numbers
    if name == "number":
        return Token(Piece.NUMBER, first, last, value=int(found.group()))
    if name in ("iso", "cjk_date", "date"):
        if name == "iso" and found.group(1) in ("1899", "1900"):
            return Token(Piece.MARK, first, last)  # what spreadsheets put before a time of day
        dates = _dates(name, found)
        if dates is None:
            return None if name == "date" and len(found.group(4)) == 2 else Token(Piece.UNKNOWN, first, last)
        return Token(Piece.DATE, first, last, date=dates[0], other_date=dates[1])
    if name == "days_span":
        numbers = [int(number) for number in found.groups()]
        is_span = all(1 <= number <= 31 for number in numbers) and all(min(numbers[at : at + 2]) <= 12 for at in (0, 2))
        return Token(Piece.SPAN, first, last) if is_span else None
    if name == "serial":
        return _serial(found)
    if name == "fraction":
        minute = round(float("0" + found.group(1)) * DAY_MINUTES)
        is_fraction = len(found.group(1)) > 3 or minute % 5 == 0
        return Token(Piece.CLOCK, first, last, value=minute) if is_fraction and minute < DAY_MINUTES else None
    minute = int(found.group(1)) * 60 + int(found.group(2) or 0)
    if int(found.group(2) or 0) > 59 or minute > DAY_MINUTES:
        return Token(Piece.UNKNOWN, first, last) if name == "clock" else None
    return Token(Piece.CLOCK, first, last, value=minute)


def _serial(found: re.Match[str]) -> Token | None:
    days = int(found.group(1))
    if days not in SERIALS:
        return None
    return Token(
        Piece.DATE, *found.span(), date=EPOCH + dt.timedelta(days), value=round(float("0" + (found.group(2) or ".0")) * DAY_MINUTES)
    )


def _dates(name: str, found: re.Match[str]) -> tuple[dt.date, dt.date | None] | None:
    """The date, and the other one that it may be. Full stops are day first; so is what has no month in the second place."""
    if name == "iso":
        date = _date(int(found.group(1)), int(found.group(3)), int(found.group(4)))
        return (date, None) if date else None
    if name == "cjk_date":
        date = _date(*(int(number) for number in found.groups()))
        return (date, None) if date else None
    one, mark, two, last = found.groups()
    year = int(last) + (2000 if len(last) == 2 else 0)
    day_first, month_first = _date(year, int(two), int(one)), _date(year, int(one), int(two))
    if mark == ".":
        return (day_first, None) if day_first else None
    if day_first is None or month_first is None or day_first == month_first:
        date = day_first or month_first
        return (date, None) if date else None
    return day_first, month_first


def _date(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day) if year in YEARS else None
    except ValueError:
        return None


CJK_WORDS = frozenset(word for language in LANGUAGES for word in lexicon(language) if CJK.match(word))
LONGEST_CJK = max(map(len, CJK_WORDS))


def _cjk_word(text: str, first: int) -> Token:
    """These scripts have no spaces between words: the longest known word, or one letter."""
    for last in range(min(len(text), first + LONGEST_CJK), first, -1):
        if text[first:last] in CJK_WORDS:
            return Token(Piece.WORD, first, last, key=text[first:last])
    return Token(Piece.WORD, first, first + 1, key=text[first])


OF = frozenset({"of", "de", "di", "del", "do"})
ORDINALS = frozenset({"st", "nd", "rd", "th", "er"})
BETWEEN = (Piece.MARK, Piece.DASH, Piece.COMMA)
NAMED_DATE = 9  # tokens at most: 1 st . of December . , de 2026


def _with_named_dates(tokens: list[Token]) -> list[Token]:
    """``2 Dec 2026``, ``December 2nd, 2026``, ``2 de diciembre de 2026``, ``21-Oct-24`` become dates."""
    months = month_words()
    if not any(token.piece is Piece.WORD and token.key in months for token in tokens):
        return tokens
    result: list[Token] = []
    place = 0
    while place < len(tokens):
        found = _named_date(tokens, place)
        if found is None:
            result.append(tokens[place])
            place += 1
        else:
            result.append(found[0])
            place = found[1]
    return result


def _named_date(tokens: list[Token], place: int) -> tuple[Token, int] | None:
    numbers: list[int] = []
    month = 0
    is_month_first = False
    for at in range(place, min(len(tokens), place + NAMED_DATE)):
        token = tokens[at]
        if token.piece in (Piece.NUMBER, Piece.CLOCK) and token.key.isdecimal():
            numbers.append(int(token.key))  # 2026 was taken for 20:26
        elif token.piece is Piece.WORD and not month and token.key in month_words():
            month, is_month_first = month_words()[token.key], not numbers
        elif at == place or not (token.piece in BETWEEN or (token.piece is Piece.WORD and token.key in OF | ORDINALS)):
            return None
        if month and len(numbers) == 2:
            year = numbers[1] + (2000 if numbers[1] < 100 else 0)
            date = _date(year, month, numbers[0])
            if date is None or (numbers[1] < 100 and is_month_first):
                return None
            key = " ".join(part.key for part in tokens[place : at + 1])
            return Token(Piece.DATE, tokens[place].first, token.last, key=key, date=date), at + 1
        if len(numbers) == 2:
            return None
    return None
