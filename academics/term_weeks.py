"""The weeks of a term: their numbers and dates, what people write of them, and that in plain words again.

Weeks are numbered from 1. Week 1 holds the term's first day, and each begins on the day on which the term's weeks begin. A set of weeks
is a mask: bit w - 1 is week w; 0 stands for every week.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

MOST_WEEKS = 60
LONGEST_TEXT = 120
WEEK = dt.timedelta(days=7)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Words in the languages that tables come in. What is folded has no accents, no dots and no case.
ODD = _words("odd ungerade ungerader ungeraden impair impaire impaires impares impar dispari tek нечет нечетн нечетная нечетные")
EVEN = _words("even gerade gerader geraden pair paire paires pares par pari cift чет четн четная четные")
EVERY = _words("all every weekly alle jede woch wochentlich toutes tous todas todos tutte ogni her все каждую hepsi")
WEEKS = _words(
    "w wk wks week weeks woche wochen wo sem semaine semaines semana semanas settimana settimane sett hafta haftalar haftasi "
    "нед неделя недели неделю недель the of in"
)
UNTIL = _words("to until through thru bis a au ate al ile по до")
AND = _words("and und et y e ve и")
FROM = _words("from starting ab von de desde da dal с от")
ORDINAL = re.compile(r"(\d{1,3})(?:st|nd|rd|th|\.|er|eme|e|o|a)?")
EVERY_WORDS = _words("every each jede alle toutes cada ogni her каждую каждые")
SECOND = {"other": 2, "second": 2, "third": 3, "fourth": 4, "zweite": 2, "dritte": 3, "vierte": 4}
SCRIPTS = (
    *(("単週", " odd "), ("单周", " odd "), ("奇数週", " odd "), ("홀수주", " odd "), ("홀수", " odd ")),
    *(("双周", " even "), ("偶数週", " even "), ("짝수주", " even "), ("짝수", " even ")),
    *(("毎週", " every "), ("每周", " every "), ("매주", " every ")),
    *(("فردية", " odd "), ("فردي", " odd "), ("زوجية", " even "), ("زوجي", " even ")),
    *(("第", " "), ("週", " "), ("周", " "), ("주", " "), ("الأسبوع", " "), ("أسبوع", " ")),
)
TOKEN = re.compile(r"\d+\.(?!\d)|\d+(?:st|nd|rd|th)?\b|\d+|[^\W\d_]+|[-–—~/]|[,;&+\n]")
DASHES = frozenset("-–—~")


class WeeksUnreadable(ValueError):
    """The text names no weeks that the term has. Its words are finished sentences: why, and what is allowed."""

    def __init__(self, why: str, allowed: str) -> None:
        super().__init__(f"{why} {allowed}")
        self.why = why
        self.allowed = allowed


@dataclass(frozen=True)
class Item:
    """Weeks from ``first`` to ``last``, each ``step``; ``last`` 0: to the end of the term. ``parity``: 0 even, 1 odd."""

    first: int
    last: int
    step: int = 1
    parity: int | None = None

    def weeks(self, num_weeks: int) -> Iterator[int]:
        for week in range(self.first, (self.last or num_weeks) + 1, self.step):
            if self.parity is None or week % 2 == self.parity:
                yield week


@dataclass(frozen=True)
class TermWeeks:
    """``num_weeks`` 0: the term has no dates, and nobody has named a week yet."""

    num_weeks: int = 0
    first_day: dt.date | None = None  # of week 1, which may lie before the term's first day
    starts_on: dt.date | None = None
    ends_on: dt.date | None = None
    parts: Mapping[str, int] = field(default_factory=dict)  # masks by name

    @property
    def all(self) -> int:
        return (1 << self.num_weeks) - 1

    @property
    def has_dates(self) -> bool:
        return self.first_day is not None

    def read(self, text: str) -> int:
        """The mask that a text stands for; 0 for every week. Raises `WeeksUnreadable`."""
        if not text.strip():
            return 0
        limit = self.num_weeks or MOST_WEEKS
        mask = 0
        for piece in self._pieces(text):
            if isinstance(piece, int):
                mask |= piece
                continue
            for week in piece.weeks(limit):
                if week > limit or week < 1:
                    raise WeeksUnreadable(self._outside(week), self.allowed)
                mask |= 1 << (week - 1)
        if not mask:
            raise WeeksUnreadable(f"No week of the term is one of “{text.strip()}”.", self.allowed)
        return 0 if mask == self.all else mask

    def highest(self, text: str) -> int:
        """The highest week that a text names by its number; 0 where it names none or cannot be read."""
        try:
            pieces = self._pieces(text) if text.strip() else []
        except WeeksUnreadable:
            return 0
        return max((piece.bit_length() if isinstance(piece, int) else max(piece.first, piece.last) for piece in pieces), default=0)

    def words(self, mask: int) -> str:
        """``every week``, ``weeks 1 to 7``, ``odd weeks``, ``weeks 3 and 5``."""
        return weeks_words(mask, self.num_weeks)

    def part_of(self, mask: int) -> str:
        """The name of the part of the term that is just these weeks; empty where none is."""
        return next((name for name, weeks in self.parts.items() if weeks == mask), "")

    def number(self, day: dt.date) -> int:
        """Of the week that holds the day; 0 outside the term, and where it has no dates."""
        if self.first_day is None:
            return 0
        number = (day - self.first_day).days // 7 + 1
        return number if 1 <= number <= self.num_weeks else 0

    def dates(self, week: int) -> tuple[dt.date, dt.date] | None:
        """The first and the last day of a week, as far as they lie in the term."""
        if self.first_day is None or self.starts_on is None or self.ends_on is None or not 1 <= week <= self.num_weeks:
            return None
        first = self.first_day + (week - 1) * WEEK
        return max(first, self.starts_on), min(first + 6 * dt.timedelta(days=1), self.ends_on)

    def mask_of(self, days: Iterable[dt.date]) -> int:
        """The weeks that hold these days; 0 for every week of the term. Days outside the term count for nothing."""
        mask = mask_of(self.number(day) for day in days)
        return 0 if mask == self.all else mask

    @property
    def allowed(self) -> str:
        """What may be written, as a sentence."""
        known = f"from 1 to {self.num_weeks or MOST_WEEKS}"
        parts = f", or a part of the term: {', '.join(self.parts)}" if self.parts else ""
        return f"Write numbers {known} as in 1-7, 9; or odd, even, every 3rd from 2{parts}."

    def _outside(self, week: int) -> str:
        dated = self.dates(self.num_weeks)
        until = f", which ends on {dated[1]}" if dated else ""
        there = f"The term has weeks 1 to {self.num_weeks}{until}" if self.num_weeks else f"Weeks are numbered from 1 to {MOST_WEEKS}"
        return f"Week {week} is not in the term. {there}."

    def _pieces(self, text: str) -> list[Item | int]:
        """Parts of the term as masks, all else as items."""
        named = {_plain(name): mask for name, mask in self.parts.items()}
        if _plain(text) in named:
            return [named[_plain(text)]]
        found: list[Item | int] = []
        for piece in re.split(r"[,;\n]", text):
            if not piece.strip():
                continue
            if _plain(piece) in named:
                found.append(named[_plain(piece)])
                continue
            try:
                found += _items(_tokens(piece))
            except ValueError:
                raise WeeksUnreadable(f"“{piece.strip()[:60]}” names no weeks.", self.allowed) from None
        return found


def term_weeks(
    *,
    starts_on: dt.date | None,
    ends_on: dt.date | None,
    week_start: int = 0,
    parts: Iterable[tuple[str, str]] = (),
    texts: Iterable[str] = (),
) -> TermWeeks:
    """The weeks of a term with its ``parts`` (names and texts). ``texts``, of a term without dates: all that is said of weeks in it.

    A part may name weeks and parts that stand before it; what cannot be read is no part.
    """
    if starts_on is not None and ends_on is not None and starts_on < ends_on:
        first = starts_on - dt.timedelta(days=(starts_on.weekday() - week_start) % 7)
        found = TermWeeks(min((ends_on - first).days // 7 + 1, MOST_WEEKS), first, starts_on, ends_on)
    else:
        listed = list(parts)
        parts, said = listed, [*(text for _, text in listed), *texts]
        found = TermWeeks(min(max(map(TermWeeks().highest, said), default=0), MOST_WEEKS))
    masks: dict[str, int] = {}
    for name, text in parts:
        try:
            masks[name] = TermWeeks(found.num_weeks, found.first_day, starts_on, ends_on, dict(masks)).read(text) or found.all
        except WeeksUnreadable:
            continue
    return TermWeeks(found.num_weeks, found.first_day, starts_on if found.has_dates else None, ends_on if found.has_dates else None, masks)


def says_weeks(name: str) -> bool:
    """Whether a name is read as weeks by itself, so that it can be no name of a part."""
    try:
        return bool(TermWeeks().read(name))
    except WeeksUnreadable:
        return False


def weeks_words(mask: int, num_weeks: int = 0) -> str:
    """A mask in plain words. ``num_weeks`` 0: how many the term has is not known."""
    weeks = weeks_of(mask)
    if not weeks or (num_weeks and mask == (1 << num_weeks) - 1):
        return "every week"
    if len(weeks) == 1:
        return f"week {weeks[0]}"
    for parity, word in ((1, "odd"), (0, "even")):
        if num_weeks > 2 and weeks == [week for week in range(1, num_weeks + 1) if week % 2 == parity]:
            return f"{word} weeks"
    step = weeks[1] - weeks[0]
    if step > 1 and len(weeks) > 2 and weeks == list(range(weeks[0], weeks[-1] + 1, step)):
        if num_weeks and weeks[0] <= step and weeks[-1] + step > num_weeks:
            return f"every {_ordinal(step)} week from week {weeks[0]}"
        if step == 2:
            return f"{'odd' if weeks[0] % 2 else 'even'} weeks {weeks[0]} to {weeks[-1]}"
    runs = [f"{run[0]} to {run[-1]}" if len(run) > 2 else " and ".join(map(str, run)) for run in _runs(weeks)]
    parts = [part for run in runs for part in (run.split(" and ") if " and " in run else [run])]
    return "weeks " + (parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}")


def weeks_text(mask: int, num_weeks: int = 0) -> str:
    """A mask as it is written in tables: ``1-7``, ``odd``, ``1,3,5-9``; empty for every week."""
    weeks = weeks_of(mask)
    if not weeks or (num_weeks and mask == (1 << num_weeks) - 1):
        return ""
    for parity, word in ((1, "odd"), (0, "even")):
        if num_weeks > 2 and weeks == [week for week in range(1, num_weeks + 1) if week % 2 == parity]:
            return word
    return ",".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else str(run[0]) for run in _runs(weeks))


def weeks_of(mask: int) -> list[int]:
    return [bit + 1 for bit in range(mask.bit_length()) if mask >> bit & 1]


def mask_of(weeks: Iterable[int]) -> int:
    mask = 0
    for week in weeks:
        mask |= 1 << (week - 1) if week > 0 else 0
    return mask


def _runs(weeks: Sequence[int]) -> list[list[int]]:
    return [[week for _, week in group] for _, group in groupby(enumerate(weeks), key=lambda pair: pair[1] - pair[0])]


def _ordinal(number: int) -> str:
    return f"{number}{'th' if 10 < number % 100 < 14 else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"


def _plain(text: str) -> str:
    bare = "".join(letter for letter in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(letter))
    return " ".join(bare.replace("ı", "i").split())


def _tokens(text: str) -> list[str]:
    for written, word in SCRIPTS:
        text = text.replace(written, word)
    plain = _plain(text)
    found = TOKEN.findall(plain)
    if "".join(found) != re.sub(r"[\s.()\[\]:_]", "", plain) and "".join(found).replace(".", "") != re.sub(r"[\s.()\[\]:_]", "", plain):
        raise ValueError(text)
    tokens = [("-" if token in DASHES else token.rstrip(".")) for token in found]
    return [token for token in tokens if token not in WEEKS]


def _items(tokens: list[str]) -> list[Item]:
    """What a piece without commas says. Raises ValueError where a token has no place."""
    found: list[Item] = []
    rest = list(tokens)
    while rest:
        token = rest.pop(0)
        if token in AND or token in ("&", "+", "/"):
            if not found:
                raise ValueError(token)
        elif token in ODD or token in EVEN:
            parity = 1 if token in ODD else 0
            first, last = _range(rest) if rest and _is_number(rest[0]) else (1, 0)
            found.append(Item(first, last, parity=parity))
        elif token in EVERY_WORDS or token in EVERY:
            found.append(_every(rest))
        elif token in FROM and len(rest) == 1 and _is_number(rest[0]):
            found.append(Item(_number(rest.pop(0)), 0))
        elif _is_number(token):
            first, last = _range_of(token, rest)
            parity = None
            if rest and (rest[0] in ODD or rest[0] in EVEN):
                parity = 1 if rest.pop(0) in ODD else 0
            found.append(Item(first, last, parity=parity))
        else:
            raise ValueError(token)
    if not found:
        raise ValueError("nothing")
    return found


def _every(rest: list[str]) -> Item:
    """``every``; ``every other``; ``every 3rd from 2 to 9``."""
    step = 1
    if rest and rest[0] in SECOND:
        step = SECOND[rest.pop(0)]
    elif rest and _is_number(rest[0]):
        step = _number(rest.pop(0))
    if not 1 <= step <= MOST_WEEKS:
        raise ValueError(step)
    if rest and rest[0] in FROM:
        rest.pop(0)
        if not rest:
            raise ValueError("from")
    if not rest or not _is_number(rest[0]):
        return Item(1, 0, step)
    first, last = _range(rest)
    return Item(first, last if last > first else 0, step)


def _range(rest: list[str]) -> tuple[int, int]:
    """Takes a number, or a number to another one."""
    return _range_of(rest.pop(0), rest)


def _range_of(first: str, rest: list[str]) -> tuple[int, int]:
    low = _number(first)
    if rest and (rest[0] == "-" or rest[0] in UNTIL):
        is_dash = rest.pop(0) == "-"
        if not rest and is_dash:  # 8-: to the end of the term
            return low, 0
        if not rest or not _is_number(rest[0]):
            raise ValueError(first)
        high = _number(rest.pop(0))
        if high < low:
            raise ValueError(first)
        return low, high
    return low, low


def _is_number(token: str) -> bool:
    return ORDINAL.fullmatch(token) is not None


def _number(token: str) -> int:
    found = ORDINAL.fullmatch(token)
    if found is None:
        raise ValueError(token)
    number = int(found[1])
    if number < 1:
        raise ValueError(token)
    return number
