"""What a cell may hold: each rule says what is allowed, and turns the cell's text into a value."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from academics.importing import languages
from academics.models import FIRST_YEAR, LAST_YEAR, Availability
from academics.term_weeks import LONGEST_TEXT
from academics.week_labels import DAY_NAMES, WISHES
from academics.without_room import LABELS, room_kind_read

YES = languages.YES | {"yes", "y", "true", "t", "1", "x", "on"}
NO = languages.NO | {"no", "n", "false", "f", "0", "off", "-"}
BLOCKED_WORDS = languages.BLOCKED | frozenset({"not available", "unavailable", "blocked", "cannot", "busy", "never", "no", "off", "x"})
# Headings below which yes and no say whether somebody is away, or free.
SAYS_AWAY = frozenset(
    (
        *("unavailable", "unavailability", "not available", "is unavailable", "blocked", "is blocked", "busy", "absent", "absence", "away"),
        *("closed", "is closed", "occupied", "gesperrt", "abwesend", "nicht verfügbar", "belegt", "indisponible", "absente", "occupé"),
        *("no disponible", "ausente", "ocupado", "indisponível", "non disponibile", "assente", "müsait değil", "недоступен", "занят"),
    )
)
SAYS_FREE = frozenset(
    (
        *("available", "availability", "is available", "free", "is free", "open", "can teach", "verfügbar", "frei", "disponible", "libre"),
        *("disponibilité", "verfügbarkeit", "disponível", "livre", "disponibile", "libero", "müsait", "boş", "доступен", "свободен"),
    )
)
NOT_LETTERS = re.compile(r"[\W\d_]+")
# The words of the pages, of the help, and their kin.
RATING_WORDS = {
    **{words: rating for rating, words in WISHES.items()},
    **dict.fromkeys(("strongly disliked", "strongly dislike", "avoid if at all possible"), -3),
    **dict.fromkeys(("disliked", "dislike", "unwanted", "not preferred", "avoid", "ungern", "unerwünscht", "à éviter", "non souhaité"), -2),
    **dict.fromkeys(("slightly disliked", "rather not", "lieber nicht", "plutôt pas"), -1),
    **dict.fromkeys(("slightly liked", "slightly preferred"), 1),
    **dict.fromkeys(("liked", "like", "preferred", "prefer", "wanted", "gern", "erwünscht", "bevorzugt", "souhaité", "préféré"), 2),
    **dict.fromkeys(("strongly liked", "strongly preferred", "much preferred", "sehr gern"), 3),
}
# What spreadsheets leave where a formula went wrong: never a name or a code.
BROKEN_FORMULAS = frozenset({"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!", "#SPILL!", "#CALC!"})
CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
WHOLE = re.compile(r"([+-]?\d+)(?:[.,]0{1,2})?")
SPACES = re.compile(r"[\s\u00a0\u202f']+")
DATE = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ]00:00(?::00)?)?|(\d{1,2})([./])(\d{1,2})\5(\d{4})")
WEEKDAY = r"(?:[^\W\d_]{2,}\.?,?\s+)?"
DAY_FIRST = re.compile(rf"{WEEKDAY}(\d{{1,2}})(?:st|nd|rd|th|er|\.)?[\s-]*(?:of\s+)?([^\W\d_]{{3,}})\.?[\s,-]+(\d{{4}})", re.IGNORECASE)
MONTH_FIRST = re.compile(rf"{WEEKDAY}([^\W\d_]{{3,}})\.?\s+(\d{{1,2}})(?:st|nd|rd|th)?,?\s+(\d{{4}})", re.IGNORECASE)
CLOCK = re.compile(r"(\d{1,2})(?:[:.h](\d{2})?)?(?::\d{2}(?:\.\d+)?)?\s*([ap]m|uhr)?", re.IGNORECASE)
EMAIL = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>]+")
MEETING = re.compile(r"(\d{1,4})\s*[x×*]\s*(\d{1,4})\s*([^+]*?)\s*((?:\+[^+]+)*)", re.IGNORECASE)
MEETINGS_APART = re.compile(r"[;,\n](?![^\[\n]*\])")  # not inside of brackets, where weeks are listed
IN_BRACKETS = re.compile(r"([^\[\]]*)\]")
MOST_LISTED = 200


class BadValueError(ValueError):
    """The text is not allowed. The error's own text, where there is one, says why."""


class Rule(Protocol):
    @property
    def allowed(self) -> str: ...

    def parse(self, text: str) -> Any: ...


@dataclass(frozen=True)
class Text:
    most: int = 200

    @property
    def allowed(self) -> str:
        return f"text of at most {self.most} characters"

    def parse(self, text: str) -> str:
        if len(text) > self.most:
            raise BadValueError(f"It has {len(text)} characters.")
        if CONTROL.search(text):
            raise BadValueError("It holds a line break or another control character.")
        return text


@dataclass(frozen=True)
class Whole:
    low: int
    high: int

    @property
    def allowed(self) -> str:
        return f"a whole number from {self.low} to {self.high}"

    def parse(self, text: str) -> int:
        found = WHOLE.fullmatch(SPACES.sub("", text)[:20])
        if found is None:
            raise BadValueError
        number = int(found.group(1))
        if not self.low <= number <= self.high:
            raise BadValueError
        return number


@dataclass(frozen=True)
class Flag:
    allowed: str = "yes or no"

    def parse(self, text: str) -> bool:
        word = text.casefold()
        if word in YES:
            return True
        if word in NO:
            return False
        raise BadValueError


def _month_numbered(text: str) -> str:
    """``1 Feb 2027`` and ``February 1, 2027`` as 2027-2-1; anything else as it is."""
    if found := DAY_FIRST.fullmatch(text.strip()):
        day, word, year = found.groups()
    elif found := MONTH_FIRST.fullmatch(text.strip()):
        word, day, year = found.groups()
    else:
        return text
    month = languages.month_named(word.casefold())
    return text if month is None else f"{year}-{month}-{day}"


@dataclass(frozen=True)
class Date:
    allowed: str = f"a date such as 2026-09-21, 21.9.2026 or 21 Sep 2026, of the years {FIRST_YEAR} to {LAST_YEAR}"

    def parse(self, text: str) -> dt.date:
        found = DATE.fullmatch(_month_numbered(text))
        if found is None:
            raise BadValueError
        year, month, day, first, mark, second, last = found.groups()
        if year is None:
            year, month, day = last, second, first
            if mark == "/" and int(first) <= 12 and int(second) <= 12 and first != second:
                raise BadValueError("Day and month could be either way round.")
            if mark == "/" and int(second) > 12:
                month, day = first, second
        try:
            date = dt.date(int(year), int(month), int(day))
        except ValueError:
            raise BadValueError("There is no such day.") from None
        if not FIRST_YEAR <= date.year <= LAST_YEAR:
            raise BadValueError
        return date


@dataclass(frozen=True)
class Clock:
    allowed: str = "a time of day such as 08:30"

    def parse(self, text: str) -> dt.time:
        found = CLOCK.fullmatch(text)
        if found is None:
            raise BadValueError
        hour, minute, half = int(found.group(1)), int(found.group(2) or 0), (found.group(3) or "").lower().replace("uhr", "")
        if half and not 1 <= hour <= 12:
            raise BadValueError
        if half:
            hour = hour % 12 + (12 if half == "pm" else 0)
        try:
            return dt.time(hour, minute)
        except ValueError:
            raise BadValueError from None


@dataclass(frozen=True)
class Email:
    allowed: str = "an e-mail address"

    def parse(self, text: str) -> str:
        if not EMAIL.fullmatch(text) or len(text) > 254 or CONTROL.search(text):
            raise BadValueError
        return text


@dataclass(frozen=True)
class Code:
    most: int = 60

    @property
    def allowed(self) -> str:
        return f"a code of at most {self.most} characters"

    parse = Text.parse


@dataclass(frozen=True)
class Reference:
    """The code of a row of another kind."""

    kind: str
    most: int = 60

    @property
    def allowed(self) -> str:
        return f"the code, or the name, of one of the {self.kind}"

    parse = Text.parse


@dataclass(frozen=True)
class Place(Reference):
    """A room where something is held; or one of the words of `academics.without_room`, in one way of writing."""

    @property
    def allowed(self) -> str:
        return f"{super().allowed}, or online"

    def parse(self, text: str) -> str:
        kind = room_kind_read(Text(self.most).parse(text))
        return kind if kind in LABELS else text


@dataclass(frozen=True)
class References:
    """Codes of rows of another kind, separated by semicolons or commas, in the order given."""

    kind: str

    @property
    def allowed(self) -> str:
        return f"codes, or names, of {self.kind}, separated by semicolons"

    def parse(self, text: str) -> tuple[str, ...]:
        return listed(text)


@dataclass(frozen=True)
class Words:
    """Codes that need no rows of their own; their order says nothing."""

    allowed: str = "words of at most 60 characters, separated by semicolons"

    def parse(self, text: str) -> tuple[str, ...]:
        return tuple(sorted(listed(text)))


def listed(text: str) -> tuple[str, ...]:
    mark = ";" if ";" in text else "|" if "|" in text else ","
    words = tuple(dict.fromkeys(word.strip() for word in re.split(rf"[{mark}\n]", text) if word.strip()))
    if len(words) > MOST_LISTED:
        raise BadValueError(f"It lists {len(words)}; at most {MOST_LISTED} are read.")
    for word in words:
        Text(60).parse(word)
    return words


class MeetingValue(NamedTuple):
    """So many weekly lectures of a length, in a kind of room with features."""

    times: int
    length: int
    room_kind: str
    features: tuple[str, ...]
    weeks: str = ""


@dataclass(frozen=True)
class Meetings:
    allowed: str = (
        "weekly lectures as times x periods, with a kind of room (or online, or no room), +features and [weeks] where they matter, "
        "separated by semicolons: 2 x 1; 1 x 2 lab +projector [odd]"
    )

    def parse(self, text: str) -> tuple[MeetingValue, ...]:
        parts = [part.strip() for part in MEETINGS_APART.split(text) if part.strip()]
        if not parts or len(parts) > 20:
            raise BadValueError
        return tuple(sorted(meeting_parse(part) for part in parts))


def meeting_parse(text: str) -> MeetingValue:
    found = MEETING.fullmatch(text.partition("[")[0].strip())
    weeks = IN_BRACKETS.fullmatch(text.partition("[")[2]) if "[" in text else None
    if found is None or ("[" in text and weeks is None):
        raise BadValueError
    times, length, kind, features = int(found.group(1)), int(found.group(2)), found.group(3), found.group(4)
    if not 1 <= times <= 40 or not 1 <= length <= 12:
        raise BadValueError("A week has 1 to 40 lectures of 1 to 12 periods.")
    wanted = tuple(sorted({Text(60).parse(word.strip()) for word in features.split("+") if word.strip()}))
    return MeetingValue(times, length, room_kind_read(Text(40).parse(kind)), wanted, WeeksText().parse(weeks[1]) if weeks else "")


def meetings_text(meetings: tuple[MeetingValue, ...]) -> str:
    return "; ".join(
        f"{each.times} x {each.length} {each.room_kind}".strip()
        + "".join(f" +{word}" for word in each.features)
        + (f" [{each.weeks}]" if each.weeks else "")
        for each in meetings
    )


@dataclass(frozen=True)
class WeeksText:
    """Weeks as they are written; which of them the term has is known when it is."""

    allowed: str = "weeks of the term such as 1-7, odd, even, 1,3,5-9, every 3rd from 2, or the name of a part of the term"

    def parse(self, text: str) -> str:
        return Text(LONGEST_TEXT).parse(" ".join(text.split()))


@dataclass(frozen=True)
class DaySpan:
    """Days, counted from 0 inside; an empty cell is every day."""

    allowed: str = "days such as Monday, Mon-Wed, Sunday to Thursday, or 1 to 7 (1 is the first day); empty for every day"

    def parse(self, text: str) -> tuple[int, ...]:
        return tuple(sorted({day for part in DAYS_APART.split(text) for day in day_span(part)}))


@dataclass(frozen=True)
class DaysAWeek(Whole):
    """How many days from Monday on have lectures; Mon-Fri is 5."""

    def parse(self, text: str) -> int:
        if not any(letter.isalpha() for letter in text):
            return super().parse(text)
        days = DaySpan().parse(text)
        if days != tuple(range(len(days))):
            free = ", ".join(DAY_NAMES[day] for day in range(max(days)) if day not in days)
            raise BadValueError(f"Days are counted from Monday. Give {max(days) + 1}, and mark as not available: {free}.")
        return len(days)


@dataclass(frozen=True)
class Weekday:
    """One day, counted from 0 inside."""

    allowed: str = "a day such as Monday, Sun or Saturday, or 1 to 7 (1 is Monday)"

    def parse(self, text: str) -> int:
        return day_number(text)


@dataclass(frozen=True)
class PeriodSpan:
    """Periods of a day, counted from 0 inside; an empty cell is the whole day."""

    allowed: str = "period numbers such as 1, 1-3 or 1;4 (1 is the first of the day); empty for the whole day"

    def parse(self, text: str) -> tuple[int, ...]:
        return tuple(sorted({period for part in re.split(r"[;,]", text) for period in span(part, period_number)}))


@dataclass(frozen=True)
class DaysNamed:
    """Days one by one, counted from 0 inside. A span is refused: in timetables Mon-Wed is often meant as Monday and Wednesday."""

    allowed: str = "a day such as Monday, or several: Mon, Wed; or 1 to 7 (1 is Monday)"

    def parse(self, text: str) -> tuple[int, ...]:
        parts = [FROM.sub("", part).strip() for part in DAYS_APART.split(text) if part.strip()]
        if not parts:
            raise BadValueError
        if any(len(FROM_TO.split(part)) > 1 for part in parts):
            raise BadValueError("A span of days is not clear here: it may mean its first and last day, or all between.")
        return tuple(sorted({day_number(part) for part in parts}))


@dataclass(frozen=True)
class PeriodRun:
    """Periods of a day on end, counted from 0 inside."""

    allowed: str = "the number of the first period, or of all on end: 3, 3-4 or 3;4 (1 is the first of the day)"

    def parse(self, text: str) -> tuple[int, ...]:
        periods = PeriodSpan().parse(text)
        if periods != tuple(range(periods[0], periods[-1] + 1)):
            raise BadValueError("The periods do not follow one another. Give each time its own row.")
        return periods


DAYS_APART = re.compile(r"[;,&+/\n]|\b(?:and|und|et)\b", re.IGNORECASE)
FROM_TO = re.compile(r"(?:(?<!\s)\s+)?[-\u2010-\u2015\u2212]\s*|(?<!\s)\s+(?:to|till|until|through|thru|bis|au|à|a)\s+", re.IGNORECASE)
FROM = re.compile(r"^\s*(?:from|von|du|de|every|each|jeden|chaque)\s+", re.IGNORECASE)


def day_span(text: str) -> Iterator[int]:
    """A day, or all from one to another; Saturday to Monday goes over the week's end."""
    ends = [day_number(part) for part in FROM_TO.split(FROM.sub("", text).strip())]
    if len(ends) > 2:
        raise BadValueError
    is_numbered = any(letter.isdecimal() for letter in text)
    if ends[-1] < ends[0] and is_numbered:
        raise BadValueError("The span ends before it begins.")
    day = ends[0]
    yield day
    while day != ends[-1]:
        day = (day + 1) % 7
        yield day


def span(text: str, number: Any) -> range:
    first, mark, last = (part.strip() for part in text.partition("-"))
    low = number(first)
    high = number(last) if mark else low
    if high < low:
        raise BadValueError("The span ends before it begins.")
    return range(low, high + 1)


def day_number(text: str) -> int:
    named = languages.day_named(text.strip().rstrip(".").casefold())
    return named if named is not None else Whole(1, 7).parse(text.strip()) - 1


def period_number(text: str) -> int:
    return Whole(1, 64).parse(text.strip()) - 1


@dataclass(frozen=True)
class Rating:
    allowed: str = "-4 or 'not available'; -3 to -1, or 'disliked' (-2); 1 to 3, or 'liked' (2)"

    def parse(self, text: str) -> int:
        word = " ".join(text.casefold().replace("_", " ").split())
        if word in BLOCKED_WORDS:
            return Availability.BLOCKED
        if word in RATING_WORDS:
            return RATING_WORDS[word]
        rating = Whole(Availability.BLOCKED, 3).parse(text)
        if rating == 0:
            raise BadValueError("0 is what every unmarked timeslot has: leave the row out.")
        return rating

    def parse_below(self, heading: str, text: str) -> int:
        """Yes and no are answers to what the heading says: *no* below *Unavailable* is no absence, and a cross below *Available* none."""
        question, word = " ".join(NOT_LETTERS.sub(" ", heading.casefold()).split()), " ".join(text.casefold().split())
        is_yes, is_no = word in YES, word in NO and word != "-"
        if not (is_yes or is_no) or question not in SAYS_AWAY | SAYS_FREE:
            return self.parse(text)
        if is_yes == (question in SAYS_AWAY):
            return Availability.BLOCKED
        raise BadValueError(f"It says that the time is free, as below {heading!r}. So is every time that is not marked: leave the row out.")
