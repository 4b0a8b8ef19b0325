"""The tokens of a cell as items: days, dates, spans of time, weeks and what separates them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import NamedTuple

from academics.weekly_times.clocks import HALF_DAY, HOUR, Value, at_half, start_of
from academics.weekly_times.readings import Part, Reading, WeeklyTime
from academics.weekly_times.scanning import CJK, SHIFT, Piece, Token
from academics.weekly_times.vocabulary import Vocabulary
from academics.weekly_times.words import Kind, Meaning, Way

# Words of weeks beside which numbers are none of weeks: odd 3-4.
WITHOUT_NUMBERS = frozenset(
    {
        "odd",
        "even",
        "alternate",
        "alternating",
        "biweekly",
        "fortnightly",
        "gerade",
        "ungerade",
        "geraden",
        "ungeraden",
        "vierzehntaglich",
        "paire",
        "paires",
        "impaire",
        "impaires",
        "par",
        "pares",
        "impar",
        "impares",
        "quincenal",
        "quinzenal",
        "pari",
        "dispari",
        "tek",
        "cift",
        "чет",
        "нечет",
        "четная",
        "нечетная",
        "четные",
        "нечетные",
        "четным",
        "нечетным",
    }
)
# Words of weeks whose numbers may stand before them: 1-8 нед.
AFTER_NUMBERS = frozenset(
    {
        "weeks",
        "wks",
        "wochen",
        "semaines",
        "semanas",
        "settimane",
        "sett",
        "hafta",
        "haftalar",
        "нед",
        "недели",
        "недель",
        "неделя",
        "тиждень",
        "тижні",
        "тиж",
        "veckor",
        "tyden",
        "週",
        "周",
    }
)
FORTNIGHTLY = frozenset({"taglich", "tagl", "tagig", "tgl", "tagige"})  # after 14, in German
BEFORE_HOURS = frozenset({"ore", "saat", "horas", "heures", "kl", "klockan"})
TO_HOURS = frozenset({"alle", "fino alle", "as", "ate as", "a las"})


class ItemKind(Enum):
    DAYS = auto()
    DATE = auto()
    SPAN = auto()
    WEEKS = auto()
    TIMES = auto()  # of a taught word: whole meetings
    NO_TIME = auto()
    COMMA = auto()
    BREAK = auto()
    DASH = auto()
    PERIODS = auto()
    SILENT = auto()  # taught to say nothing
    UNKNOWN = auto()
    AMBIGUOUS = auto()


class Item(NamedTuple):
    kind: ItemKind
    text: str
    ways: tuple[Way, ...] = ()
    date: dt.date | None = None
    other_date: dt.date | None = None
    first: Value | None = None
    last: Value | None = None
    is_period: bool = False
    times: tuple[WeeklyTime, ...] = ()


Read = Callable[[str, Vocabulary, Part], Reading]


@dataclass
class ItemReader:
    """Reads from left to right; each token is looked at a bounded number of times."""

    text: str
    tokens: Sequence[Token]
    meanings: Sequence[Meaning | None]
    part: Part
    vocabulary: Vocabulary
    read: Read  # of what a taught word stands for
    place: int = 0
    searched_until: int = 0  # no numbers before this place are followed by a word of weeks

    def items(self) -> list[Item]:
        found: list[Item] = []
        while self.place < len(self.tokens):
            first = self.place
            item = self._item()
            if self.place == first:
                self.place += 1
            if item is not None:
                found.append(item)
        return found

    def _piece(self, place: int) -> Piece | None:
        return self.tokens[place].piece if 0 <= place < len(self.tokens) else None

    def _kind(self, place: int) -> Kind | None:
        known = self.meanings[place] if 0 <= place < len(self.tokens) else None
        return known.kind if known else None

    def _slice(self, first: int, end: int) -> str:
        """As written, with the bracket that closes one in it."""
        last = self.tokens[end - 1].last
        text = self.text[self.tokens[first].first : last].strip()
        return text + ")" if "(" in text and ")" not in text and self.text[last : last + 1] == ")" else text

    def _item(self) -> Item | None:
        place = self.place
        token = self.tokens[place]
        match token.piece:
            case Piece.BREAK:
                return Item(ItemKind.BREAK, token.key)
            case Piece.COMMA:
                return Item(ItemKind.COMMA, token.key)
            case Piece.DASH:
                return Item(ItemKind.DASH, token.key)
            case Piece.SPAN:
                return Item(ItemKind.WEEKS, self._slice(place, place + 1))
            case Piece.SHIFT:
                return self._shift()
            case Piece.DATE:
                return self._date()
            case Piece.TAUGHT:
                return self._taught(token)
            case Piece.NUMBER | Piece.CLOCK:
                return self._number()
            case Piece.WORD:
                return self._word()
        return self._unknown()

    def _date(self) -> Item:
        """A date, with the clock time of a spreadsheet's serial number; from a date to a date are weeks."""
        place = self.place
        if (self._piece(place + 1) is Piece.DASH or self._kind(place + 1) is Kind.TO) and self._piece(place + 2) is Piece.DATE:
            self.place += 3
            return Item(ItemKind.WEEKS, self._slice(place, place + 3))
        token = self.tokens[place]
        self.place += 1
        value = Value(0, token.value, is_clock=True) if token.value else None
        return Item(ItemKind.DATE, self._slice(place, place + 1), date=token.date, other_date=token.other_date, first=value)

    def _shift(self) -> Item:
        """24M12: the days count Monday as 2; each run of periods is a meeting."""
        said = self._slice(self.place, self.place + 1)
        found = SHIFT.fullmatch(self.tokens[self.place].key)
        starts = self.vocabulary.shift_starts
        if found is None or starts is None:
            return Item(ItemKind.AMBIGUOUS, said)
        before = {"m": 0, "t": starts[0], "n": starts[1]}[found.group(2)]
        periods = sorted({int(digit) for digit in found.group(3)})
        first_periods = [period for period in periods if period - 1 not in periods]
        last_periods = [period for period in periods if period + 1 not in periods]
        times = tuple(
            WeeklyTime(day=int(day) - 2, period=before + first, last_period=before + last)
            for day in sorted(set(found.group(1)))
            for first, last in zip(first_periods, last_periods, strict=True)
        )
        return Item(ItemKind.TIMES, said, times=times)

    def _taught(self, token: Token) -> Item | None:
        said = self.text[token.first : token.last].strip()
        reading = self.read(token.key, self.vocabulary.without_taught, self.part)
        if reading.not_understood:
            return Item(ItemKind.UNKNOWN, said)
        if reading.has_no_weekly_time:
            return Item(ItemKind.NO_TIME, said)
        if not reading.times:
            return Item(ItemKind.SILENT, said)
        if all(time == WeeklyTime(day=time.day) for time in reading.times):
            return Item(ItemKind.DAYS, said, ways=(tuple((time.day or 0, said) for time in reading.times),))
        return Item(ItemKind.TIMES, said, times=reading.times)

    def _number(self) -> Item | None:
        place = self.place
        token = self.tokens[place]
        if self._kind(place + 1) is Kind.ORDINAL_DAY:
            return self._ordinal_day()
        if self.part == "days" and token.key.isdecimal():
            return self._numbered_days(token)
        if token.value == 14 and self._is_fortnightly(place):
            self.place += 2
            if self._piece(self.place - 1) is Piece.DASH:
                self.place += 1
            return Item(ItemKind.WEEKS, self._slice(place, self.place))
        if place >= self.searched_until:
            self.searched_until = self._end_of_numbers(place)
            if self.searched_until > place and self._is_week_word(self.searched_until, AFTER_NUMBERS):
                return self._weeks()
        return self._span()

    def _is_fortnightly(self, place: int) -> bool:
        word = place + (2 if self._piece(place + 1) is Piece.DASH else 1)
        return self._piece(word) is Piece.WORD and self.tokens[word].key in FORTNIGHTLY

    def _ordinal_day(self) -> Item:
        """2a, 2a feira and 2a-feira."""
        place = self.place
        self.place += 2
        for piece in (Piece.DASH, Piece.WORD):
            is_filler = self._kind(self.place) is Kind.FILLER
            is_before_filler = self._piece(self.place) is Piece.DASH and self._kind(self.place + 1) is Kind.FILLER
            if (piece is Piece.DASH and is_before_filler) or (piece is Piece.WORD and is_filler):
                self.place += 1
        said = self._slice(place, self.place)
        return Item(ItemKind.DAYS, said, ways=(((self.tokens[place].value - 2, said),),))

    def _numbered_days(self, token: Token) -> Item:
        """In a column of days: each digit is one."""
        self.place += 1
        monday = self.vocabulary.monday_number
        if monday is None:
            return Item(ItemKind.AMBIGUOUS, token.key)
        days = [(int(digit) - monday) % 7 if monday - 1 <= int(digit) <= monday + 6 else -1 for digit in token.key[:8]]
        if -1 in days or len(set(days)) != len(token.key):
            return Item(ItemKind.UNKNOWN, token.key)
        return Item(ItemKind.DAYS, token.key, ways=(tuple((day, token.key) for day in days),))

    def _value(self, place: int) -> tuple[Value, int] | None:
        """A number or clock time at a place, with what is said of it, and the place after."""
        half: Kind | None = None
        while self._kind(place) in (Kind.MORNING, Kind.AFTERNOON):
            half, place = self._kind(place), place + 1
        token = self.tokens[place] if place < len(self.tokens) else None
        if token is None or (token.piece is Piece.WORD and self._kind(place) is not Kind.CLOCK):
            return None
        if token.piece is Piece.NUMBER:
            value = Value(token.value, token.value * HOUR, is_clock=False)
        elif token.piece is Piece.CLOCK:
            value = Value(int(token.key) if token.key.isdecimal() else -1, token.value, is_clock=True)
        elif known := (self.meanings[place] if self._kind(place) is Kind.CLOCK else None):
            value = Value(-1, known.minute, is_clock=True)
        else:
            return None
        place += 1
        while (kind := self._kind(place)) in (Kind.MORNING, Kind.AFTERNOON, Kind.HOURS):
            if self.tokens[place].key == "hr" and self._is_bare_number(place + 1) and not self.tokens[place].is_close:
                break  # 10:20 HR 148 goes on with a room
            if kind is Kind.HOURS:
                value = value._replace(is_clock=True)
            else:
                half = kind
            place += 1
        if self._kind(place) is Kind.CLOCK and (known := self.meanings[place]) and value.minute % HALF_DAY == known.minute % HALF_DAY:
            value, place = Value(-1, known.minute, is_clock=True), place + 1  # 12:00 noon
        while self._is_ordinal_ending(place):
            place += 1
        if half is not None:
            value = at_half(value, "am" if half is Kind.MORNING else "pm")
        return value, place

    def _is_before_hours(self, place: int) -> bool:
        return self._kind(place) is Kind.HOURS and self.tokens[place].key in BEFORE_HOURS and self._value(place + 1) is not None

    def _is_bare_number(self, place: int) -> bool:
        return self._piece(place) in (Piece.NUMBER, Piece.CLOCK) and self.tokens[place].key.isdecimal()

    def _is_ordinal_ending(self, place: int) -> bool:
        """The st of 1st, and both pieces of the -я of 3-я."""
        if self._piece(place) is Piece.DASH:
            place += 1
            return self._kind(place) is Kind.FILLER and self.tokens[place].is_close
        return self._kind(place) is Kind.FILLER and (self.tokens[place].is_close or self._piece(place - 1) is Piece.DASH)

    def _span(self, is_clock: bool = False) -> Item | None:
        """A value, or from one to another."""
        first = self.place
        found = self._value(first)
        if found is None:
            return self._unknown()
        value, place = found
        value = value._replace(is_clock=value.is_clock or is_clock)
        last = None
        is_period = False
        if self._piece(place) is Piece.DASH or self._kind(place) is Kind.TO:
            after = place + 1
            if self._kind(place) is Kind.TO and self.tokens[place].key in TO_HOURS:
                value = value._replace(is_clock=True)
            while self._kind(after) in (Kind.FILLER, Kind.TO, Kind.PERIODS) or self._is_before_hours(after):
                is_period = is_period or self._kind(after) is Kind.PERIODS
                after += 1
            if (ended := self._value(after)) is not None:
                last, place = ended
        self.place = place
        if last is not None and value.is_clock and last.is_clock and value.minute == last.minute and start_of(value, None) == 0:
            return Item(ItemKind.NO_TIME, self._slice(first, place))  # 00:00-00:00, as systems write that there is none
        return Item(ItemKind.SPAN, self._slice(first, place), first=value, last=last, is_period=is_period and last is not None)

    def _word(self) -> Item | None:
        place = self.place
        token, known = self.tokens[place], self.meanings[place]
        if known is None:
            return self._unknown()
        match known.kind:
            case Kind.DAYS:
                return Item(ItemKind.DAYS, self._slice(place, place + 1), ways=known.ways)
            case Kind.AND if not self._is_label_of_number(place):
                return Item(ItemKind.COMMA, token.key)
            case Kind.NO_TIME:
                return Item(ItemKind.NO_TIME, self._slice(place, place + 1))
            case Kind.PERIODS:
                return Item(ItemKind.PERIODS, self._slice(place, place + 1))
            case Kind.WEEKS:
                return self._weeks()
            case Kind.CLOCK:
                return self._span()
            case Kind.MORNING | Kind.AFTERNOON if self._value(place) is not None:
                return self._span()
            case Kind.TO if self._kind(place - 1) is Kind.DAYS and self._kind(place + 1) is Kind.DAYS:
                return Item(ItemKind.DASH, token.key)
            case Kind.TO | Kind.FILLER if not self._is_label_of_number(place):
                return None
            case Kind.HOURS if self._is_before_hours(place):
                self.place += 1
                return self._span(is_clock=True)
        return self._unknown()

    def _is_label_of_number(self, place: int) -> bool:
        """The A of A1 is no word, whatever it is elsewhere; nor is the day of Day 1."""
        key = self.tokens[place].key
        if key in ("day", "days"):
            return self._piece(place + 1) is Piece.NUMBER
        is_letter = len(key) == 1 and key.isalpha() and not CJK.match(key)
        return is_letter and self._piece(place + 1) is Piece.NUMBER and self.tokens[place + 1].is_close

    def _is_week_word(self, place: int, words: frozenset[str]) -> bool:
        return self._kind(place) is Kind.WEEKS and self.tokens[place].key in words

    def _end_of_numbers(self, place: int) -> int:
        """The place after numbers such as 1-7, 9; none of them is part of a clock time."""
        end = place
        while self._is_bare_number(place):
            after = place + 1
            if self._kind(after) in (Kind.MORNING, Kind.AFTERNOON, Kind.HOURS, Kind.ORDINAL_DAY):
                break
            if self._piece(after) is Piece.DASH and self._piece(after + 1) in (Piece.NUMBER, Piece.CLOCK):
                if self._piece(after + 1) is Piece.CLOCK:
                    break
                after += 2
                if self._kind(after) in (Kind.MORNING, Kind.AFTERNOON, Kind.HOURS):
                    break
            end = after
            if self._piece(after) is not Piece.COMMA:
                break
            place = after + 1
        return end

    def _weeks(self) -> Item:
        """Words of weeks with their numbers and letters, as written."""
        first = place = self.place
        place = self._end_of_numbers(place)
        takes_numbers = True
        while place < len(self.tokens):
            if self._kind(place) is Kind.WEEKS:
                takes_numbers = self.tokens[place].key not in WITHOUT_NUMBERS
                place += 1
            elif self._is_label(place):
                place += 1
            elif takes_numbers and (end := self._end_of_numbers(place)) > place:
                place = end
            elif self._kind(place + 1) is Kind.WEEKS and (self._piece(place) is Piece.DASH or self._kind(place) in (Kind.AND, Kind.FILLER)):
                place += 1
            else:
                break
        self.place = max(place, first + 1)
        return Item(ItemKind.WEEKS, self._slice(first, self.place))

    def _is_label(self, place: int) -> bool:
        """The AB of 春AB, and the A of week A."""
        if self._piece(place) is not Piece.WORD or place == 0:
            return False
        token = self.tokens[place]
        if not set(token.key) <= (set("abcd") if CJK.match(self.tokens[place - 1].key) else set("ab")):
            return False
        return len(token.key) == 1 or (token.is_close and bool(CJK.match(self.tokens[place - 1].key)))

    def _unknown(self) -> Item:
        """A word that is not known takes the numbers beside it along: HR 148 is no time."""
        first = place = self.place
        place += 1
        while place < len(self.tokens):
            is_unknown = self._piece(place) is Piece.UNKNOWN or (self._piece(place) is Piece.WORD and self.meanings[place] is None)
            is_number = self._is_bare_number(place)
            is_label = self._piece(place) is Piece.WORD and len(self.tokens[place].key) == 1 and not CJK.match(self.tokens[place].key)
            is_range = self._piece(place) is Piece.DASH and self._is_bare_number(place - 1) and self._is_bare_number(place + 1)
            if not is_unknown and not is_number and not is_label and not is_range:
                break
            place += 1
        self.place = place
        return Item(ItemKind.UNKNOWN, self._slice(first, place))
