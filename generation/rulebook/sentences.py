"""How a constraint reads: one sentence, in the words of the people whose rule it is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from academics.models import Rule
from academics.week_labels import DAY_NAMES
from academics.without_room import NONE, ONLINE, room_kind_read
from generation.engine.model.text import Count, listed

Mark = tuple[int | None, int | None]  # day and period; None: every day, the whole day
NAMED = 3  # courses that a sentence names


def ordinal(number: int) -> str:
    ending = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def ranges(numbers: Iterable[int]) -> str:
    """``1, 2 to 4 and 7`` for the numbers given."""
    runs: list[list[int]] = []
    for number in sorted(set(numbers)):
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    words = [f"{run[0]} to {run[-1]}" if len(run) > 2 else " and ".join(map(str, run)) for run in runs]
    return listed(words, 99)


def times(marks: Iterable[Mark], num_days: int, periods: Sequence[int]) -> str:
    """The timeslots of the marks: ``on Monday, periods 1 and 2, and on Friday``."""
    of_day: dict[int | None, set[int]] = defaultdict(set)
    for day, period in marks:
        of_day[day] |= set(periods) if period is None else {period}
    common = set(range(num_days))
    if None not in of_day and common and common <= {day for day in of_day if of_day[day]}:
        first = of_day[0]
        if all(of_day[day] == first for day in common):
            of_day = defaultdict(set, {None: first})
    days_of: dict[frozenset[int], list[int | None]] = defaultdict(list)
    for day in sorted(of_day, key=lambda day: -1 if day is None else day):
        days_of[frozenset(of_day[day])].append(day)
    parts = [_part(days, hours, periods) for hours, days in days_of.items()]
    return ", and ".join(parts) if parts else "at no time yet"


def _part(days: Sequence[int | None], hours: frozenset[int], periods: Sequence[int]) -> str:
    named = [DAY_NAMES[day % 7] for day in days if day is not None]
    when = "every day" if None in days else f"on {listed(named, 7)}"
    if set(periods) <= hours:
        return when if None not in days else "at any time"
    position = {period: number for number, period in enumerate(periods, 1)}
    numbers = [position.get(hour, hour + 1) for hour in hours]
    return f"{when}, period{'' if len(numbers) == 1 else 's'} {ranges(numbers)}"


def courses(names: Sequence[str], most: int = NAMED) -> str:
    return listed(names, most) if names else "no course yet"


def rule_sentence(rule: Rule, names: Sequence[str], *, first: str, room: str, when: str, first_day: str = "") -> str:
    """One of the institution's own rules, as `generation.problem.rule_tables` makes it.

    ``names`` are its courses, without the first of an order.

    ``first_day`` is the day with which the week begins, where that is another than usual.
    """
    verb = "must" if rule.is_hard else "should"
    of = courses(names)
    nth = f"The {ordinal(rule.lecture + 1)} lecture of {of}{', counted through its sections,' if rule.lecture else ''}"
    has_first, is_one = bool(first), len(names) == 1 and not first
    every = f"The lectures of each section of {of}" if is_one else f"Lectures of {courses([first, *names] if first else list(names))}"
    each = "" if is_one else ", every one of a course with every one of another"
    far = each.replace("with", "from")
    sections = "section by section; where a course has fewer sections than the other, it begins again with its first"
    after, beside = (f", the 1st {word} the 1st, the 2nd {word} the 2nd and so on, {sections}" for word in ("after", "beside"))
    begins = f", which begins on {first_day}" if first_day else ""
    week = f" in the week{begins}"
    neighbours = "" if len(names) + has_first < 3 else ", each course beside the next one named"
    sentences = {
        Rule.Kind.PIN_TIME: f"{nth} starts {when}.",
        Rule.Kind.PIN_DAY: f"{nth} is held {when}.",
        Rule.Kind.PIN_ROOM: f"{nth} is held in {room or 'no room yet'}.",
        Rule.Kind.STARTS: f"Lectures of {of} start only {when}.",
        Rule.Kind.INSIDE: f"Lectures of {of} {verb} meet only {when}.",
        Rule.Kind.OUTSIDE: f"Lectures of {of} {verb} not meet {when}.",
        Rule.Kind.SAME_START: f"{'The sections' if is_one else 'Lectures'} of {of} {verb} start together, the 1st lecture of each "
        "section, the 2nd of each and so on.",
        Rule.Kind.NO_OVERLAP: f"{'The sections of ' if is_one else ''}{of} {verb} not overlap.",
        Rule.Kind.BEFORE: f"Lectures of {first} {verb} come before those of {of}{week}."
        if has_first
        else f"{every} {verb} come in order{week}{'' if is_one else ', all of a course before any of the next'}.",
        Rule.Kind.CONSECUTIVE: f"Lectures of {of} {verb} come right after those of {first}{after}."
        if has_first
        else f"{every} {verb} come in order, one right after the other{'' if is_one else after}.",
        Rule.Kind.GROUPED: f"{every} {verb} come one right after the other{', in order or in reverse' if is_one else neighbours + beside}.",
        Rule.Kind.SAME_DAY: f"{every} {verb} be held on one day{each}.",
        Rule.Kind.SAME_HOUR: f"{every} {verb} begin in the same period of their days{each}.",
        Rule.Kind.DAYS_APART: f"{every} {verb} be at least {Count(rule.days):day} apart{week if first_day else ''}{far}.",
    }
    return sentences[Rule.Kind(rule.kind)]


SPREAD_DEFAULT = "nothing was said, so as many days as it has lectures a week, where it can meet on so many. Change or switch it off here."
WEIGHT_DEFAULT = "the usual weight."


def lunch_default(noon: Sequence[str], *, is_marked: bool) -> str:
    """``noon``: when the periods begin that are taken where the term marks none."""
    if is_marked:
        return f"{WEIGHT_DEFAULT[:-1]}; the term marks its lunch time."
    if not noon:
        return f"{WEIGHT_DEFAULT[:-1]}. The term marks no lunch time and has no periods about noon that need one, so nothing counts."
    return (
        f"{WEIGHT_DEFAULT[:-1]}. The term marks no lunch time, so the periods that begin at {listed(list(noon), 4)} are taken. "
        "Mark others with the term, or give this the weight 0."
    )


LIMITS = {
    "instructor_daily": "{name} teaches at most {number:period} a day.",
    "instructor_consecutive": "{name} teaches at most {number:period} on end; a break between two of them is no free period.",
    "instructor_free_days": "{name} has at least {number:free day} a week. A day on which nothing may be taught at all is not counted.",
    "instructor_free_half_days": "{name} has at least {number:free half-day} a week; a day without teaching is two. The morning ends in "
    "the middle of the lunch time, or of the day's periods where there is none. "
    "A day on which nothing may be taught at all is not counted.",
    "instructor_weekly": "{name} teaches at most {number:period} a week.",
}


def limit_sentence(kind: str, name: str, number: int) -> str:
    return LIMITS[kind].format(name=name, number=Count(number))


def curriculum_sentence(name: str, codes: Sequence[str]) -> str:
    """Parallel sections may overlap where no group of the students attends both: see `generation.problem.curriculum_groups`."""
    return f"The courses of {name} never overlap for any group of its students: {courses(codes, 6)}."


def _except(sections: Sequence[str]) -> str:
    """Which sections of a course go by marks of their own at some of these times."""
    if not sections:
        return ""
    return f"; what {listed(sections, NAMED)} {'has' if len(sections) == 1 else 'have'} marked for any of these times counts instead"


def away_sentence(owner: str, name: str, when: str, apart: Sequence[str] = ()) -> str:
    if owner == "instructor":
        return f"{name} is not available {when}."
    if owner == "room":
        return f"Room {name} is closed {when}."
    if owner == "section":
        return f"Section {name} never meets {when}."
    return f"Lectures of {name} never meet {when}{_except(apart)}."


def wish_sentence(owner: str, name: str, by_rating: Sequence[tuple[int, str]], apart: Sequence[str] = ()) -> str:
    """Each rating with its timeslots in words, the strongest dislike first."""
    what = {"instructor": "to teach", "room": "to be used"}.get(owner, "to meet")
    subject = {"room": f"Room {name}", "section": f"Section {name}", "offering": name}.get(owner, name)
    verbs = {
        -3: f"would very much rather not {what[3:]}",
        -2: f"would rather not {what[3:]}",
        -1: f"would slightly rather not {what[3:]}",
        1: f"slightly prefers {what}",
        2: f"prefers {what}",
        3: f"much prefers {what}",
    }
    return f"{subject} {'; '.join(f'{verbs[rating]} {when}' for rating, when in by_rating)}{_except(apart)}."


def meeting_sentence(name: str, count: int, length: int, kind: str, features: Sequence[str]) -> str:
    without = {NONE: "without a room", ONLINE: "online"}.get(room_kind_read(kind), "")
    needs = without or (f"in a room of the kind {kind}" if kind else "in any kind of room")
    having = f" that has {listed(features, 6)}" if features and not without else ""
    long = f" of {Count(length):period} on end" if length > 1 else ""
    return f"{name}: {Count(count):lecture} a week{long}, {needs}{having}."


def seats_sentence(*, is_hard: bool, number: int, percent: int) -> str:
    if not is_hard:
        return "Every student should have a seat; each one without a seat has a cost."
    if not number and not percent:
        return "Every student has a seat: no lecture is in a room with fewer seats than students."
    parts = ([f"{number} students"] if number else []) + ([f"{percent} % of the seats"] if percent else [])
    return f"Every student has a seat, but a lecture may have up to {' or '.join(parts)} without one."
