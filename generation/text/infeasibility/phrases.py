"""Parts of sentences about a problem: names, times, what a room must have, and why too little is open."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any, ClassVar

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_noop as _

from generation.engine.infeasibility.statements import TOGETHER, Begins, LectureRelation, Opening, Ref, Stretches, Timeslots, TooLong
from generation.engine.model.domains import RoomNeed, Tolerance
from generation.engine.model.problem import ANY, BEFORE_IN_DAY, CONSECUTIVE, Names, Problem
from generation.engine.model.text import Count, listed, pair_words
from generation.text.without_room import A_ROOM

MOST_TIMES = 4  # timeslots named in one sentence
MOST_STRETCHES = 6

LIMITS = {"fixed": _("it is fixed"), "rules": _("its rules"), "section_times": _("its closed times")}
KIND, FEATURE = _("kind {number}"), _("feature {number}")
ONLY_ON, ONLY_FROM = _("only on {times}"), _("only from {times}")
IN_SOME, FROM_SOME = _("in {number} of {week} timeslots"), _("from {number} of {week} timeslots")
NOT_ON, NOT_FROM = _("not on {times}"), _("not from {times}")
ON_END, AT_LEAST_ON_END = _("{length:period} on end"), _("{length:period} or more on end")
ONLY_SUCH, NO_SUCH = _("only {places:such lecture}"), _("no such lecture")
STRETCH, STRETCHES = _("stretches of {stretches} period"), _("stretches of {stretches} periods")
TOLERANCE = _(
    "With a tolerance of {tolerance} room {room} would do, which has {seats:seat} for {students:student}: set it under Rules, "
    "“Every student has a seat”."
)


class Number(Count):
    """A number that takes a noun, or a comma that parts its thousands, as its format."""

    def __format__(self, noun: str) -> str:
        return f"{int(self):,}" if noun == "," else super().__format__(noun)


class Phrases:
    """What the things of a problem are called, and phrases about them.

    Parameters
    ----------
    names
        The names to call them by, where they are others than the problem's own.
    people
        By code, how an instructor is called where that says by itself who it is: "Dr Rao (I0)" instead of "Instructor I0".
    """

    def __init__(self, problem: Problem, names: Names | None = None, *, people: Mapping[str, str] | None = None) -> None:
        self.problem = problem
        self.names = names or problem.names
        self._people = people or {}

    # Names.

    def name(self, ref: Ref) -> str:
        if ref.kind == "section":
            return section_label(self.names, ref.index)
        return str(_NAMES_OF[ref.kind](self.names)[ref.index])

    def code(self, ref: Ref) -> str:
        """What it is called in the data; sections are as people read them."""
        return section_label(self.problem.names, ref.index) if ref.kind == "section" else _NAMES_OF[ref.kind](self.problem.names)[ref.index]

    def titled(self, ref: Ref) -> str:
        """The name, and of an instructor that it is one."""
        if ref.kind != "instructor":
            return self.name(ref)
        known = self._people.get(self.code(ref))
        return known or gettext("Instructor {name}").format(name=self.name(ref))

    def codes(self, asked: RoomNeed | Tolerance) -> dict[str, Any]:
        """The same things by what they are called in the data."""
        if isinstance(asked, Tolerance):
            return asdict(asked) | {"room": self.problem.names.rooms[asked.room]}
        names = self.problem.names
        kind = None if asked.kind == ANY else _nth(names.room_kinds, asked.kind, KIND)
        return {"kind": kind, "seats": asked.seats, "features": _features(names, asked)}

    def all_of(self, refs: Sequence[Ref], most: int = MOST_TIMES) -> str:
        return listed([self.name(ref) for ref in refs], most)

    def fields(self, values: Mapping[str, Any], *, is_titled: bool = False) -> dict[str, Any]:
        """The values as a template takes them: numbers with their nouns, everything else in words. Rows have sentences of their own."""
        return {key: self._field(key, value, is_titled=is_titled) for key, value in values.items() if not isinstance(value, tuple)}

    def _field(self, key: str, value: Any, *, is_titled: bool) -> Any:
        if isinstance(value, Ref):
            return self.need(value) if key == "need" else self.titled(value) if is_titled else self.name(value)
        if key in ("slot", "other_slot"):
            return self.time(value)
        if isinstance(value, int):
            return Number(value)
        words = self._WORDS.get(type(value))
        return words(self, value) if words else value

    # Times.

    def period(self, period: int) -> str:
        return self.names.periods[period] if self.names.periods else gettext("period {number}").format(number=period + 1)

    def day(self, day: int) -> str:
        return self.names.days[day] if self.names.days else gettext("day {number}").format(number=day + 1)

    def time(self, slot: int) -> str:
        day, period = divmod(slot, self.problem.periods_per_day)
        return f"{self.day(day)}, {self.period(period)}"

    def times(self, slots: Timeslots) -> str:
        return listed([self.time(slot) for slot in slots.slots], MOST_TIMES)

    def availability(self, available: Timeslots, *, is_from: bool = False) -> str:
        """``only on Monday, period 1``, or how many timeslots there are, with the closed ones where these are few."""
        week = self.problem.num_timeslots
        is_open = set(available.slots)
        closed = Timeslots(tuple(slot for slot in range(week) if slot not in is_open))
        found, missing = len(available.slots), len(closed.slots)
        if not found:
            return gettext("at no time")
        if not missing:
            return gettext("at any time")
        if found <= MOST_TIMES:
            return gettext(ONLY_FROM if is_from else ONLY_ON).format(times=self.times(available))
        number = gettext(FROM_SOME if is_from else IN_SOME).format(number=found, week=week)
        if missing > MOST_TIMES:
            return number
        return f"{number}, {gettext(NOT_FROM if is_from else NOT_ON).format(times=self.times(closed))}"

    def opening(self, opening: Opening) -> str:
        """When something is open, and for a long lecture, whether for long enough."""
        if opening.length == 1 or not opening.open.slots:
            return self.availability(opening.open)
        length = Count(opening.length)
        if not opening.starts.slots:
            never = gettext("never for {length:period} on end").format(length=length)
            return f"{self.availability(opening.open)}, {never}"
        return gettext("for {length:period} on end {starts}").format(length=length, starts=self.availability(opening.starts, is_from=True))

    def begins(self, begins: Begins) -> str:
        """``C1-1 can begin only on Monday, period 2 (it is fixed)``"""
        limits = [
            gettext(LIMITS[limit.id])
            if limit.instructor is None
            else gettext("the times of {who}").format(who=self.titled(limit.instructor))
            for limit in begins.limits
        ]
        can = gettext("{section} can begin {starts}").format(section=self.name(begins.section), starts=self.availability(begins.starts))
        return f"{can} ({listed(limits)})" if limits else can

    def relation(self, relation: LectureRelation) -> str:
        if relation.kind == TOGETHER:
            return gettext("at the same time")
        if not relation.is_reversed:
            return pair_words(relation.kind, relation.days, self.problem.first_day)
        if relation.kind == CONSECUTIVE:
            return gettext("in the other order, one right after the other")
        if relation.kind == BEFORE_IN_DAY:
            return gettext("in the other order where they are on one day")
        if not self.problem.first_day:
            return gettext("in the other order in the week")
        return gettext("in the other order in the week, which begins on {day}").format(day=self.problem.first_day)

    # Rooms.

    def need(self, need: RoomNeed | Ref | str) -> str:
        """What a lecture asks of its room, in words."""
        if isinstance(need, Ref):
            return gettext("room {room}").format(room=self.name(need))
        if isinstance(need, str):
            return gettext("any of these rooms")
        return need_text(self.names, need)

    def tolerance(self, tolerance: Tolerance) -> str:
        """How many more students than seats, and as what share of the seats, would have to be allowed."""
        short = Count(tolerance.students - tolerance.seats)
        share = gettext("{percent} % of the seats ({short:student})") if tolerance.percent is not None else "{short:student}"
        return gettext(TOLERANCE).format(
            tolerance=share.format(percent=tolerance.percent, short=short),
            room=self.names.rooms[tolerance.room],
            seats=Count(tolerance.seats),
            students=Count(tolerance.students),
        )

    # Why long lectures do not fit.

    def too_long(self, found: TooLong) -> str:
        """``5 of them last 2 periods on end, and the open times hold only 3 such lectures, because of the break after period 2``"""
        if found.lectures == found.total > 1:
            who = gettext("all of them last")
        else:
            who = ngettext("{number} of them lasts", "{number} of them last", found.lectures).format(number=found.lectures)
        length = gettext(AT_LEAST_ON_END if found.longest > found.length else ON_END)
        most = gettext(ONLY_SUCH if found.places else NO_SUCH).format(places=Count(found.places))
        if found.places and found.a_day:
            most += gettext(" ({number} a day)").format(number=found.a_day)
        return gettext("{who} {length}, and the open times hold {most} without an overlap, because of {why}").format(
            who=who, length=length.format(length=Count(found.length)), most=most, why=listed(list(self._reasons(found)))
        )

    def _reasons(self, found: TooLong) -> list[str]:
        reasons = []
        if found.breaks:
            after = listed([self.period(period) for period in found.breaks])
            reasons.append(ngettext("the break after {periods}", "the breaks after {periods}", len(found.breaks)).format(periods=after))
        if found.is_closed:
            reasons.append(gettext("the closed times"))
        day = gettext("the length of a day, {periods:period}").format(periods=Count(self.problem.periods_per_day))
        return reasons or [day]

    def stretches(self, found: Stretches) -> str:
        """``stretches of 3, 2 and 1 periods, which lectures of 2 periods cannot fill``"""
        words = listed([str(each) for each in found.stretches], MOST_STRETCHES)
        stretches = gettext(STRETCH if found.stretches == (1,) else STRETCHES).format(stretches=words)
        lengths = listed([str(each) for each in found.lengths])
        return gettext("{stretches}, which lectures of {lengths} periods cannot fill").format(stretches=stretches, lengths=lengths)

    def why(self, found: TooLong | Stretches) -> str:
        if isinstance(found, TooLong):
            return self.too_long(found)
        return gettext("what is open comes in {stretches}").format(stretches=self.stretches(found))

    _WORDS: ClassVar[dict[type, Callable[[Any, Any], str]]] = {
        Timeslots: availability,
        Opening: opening,
        Begins: begins,
        LectureRelation: relation,
        RoomNeed: need,
        Tolerance: tolerance,
        TooLong: why,
        Stretches: why,
    }


_NAMES_OF = {
    "instructor": lambda names: names.instructors,
    "curriculum": lambda names: names.curricula,
    "room": lambda names: names.rooms,
    "course": lambda names: names.courses,
}


def section_label(names: Names, section: int) -> str:
    """A section with its course, where its own name does not say it."""
    name, code = names.sections[section], names.courses[section]
    return name if code in name else f"{code} {name}"


def need_text(names: Names, need: RoomNeed) -> str:
    words = [gettext("any kind of room") if need.kind == ANY else _nth(names.room_kinds, need.kind, KIND)]
    if need.seats is not None:
        words.append(gettext("at least {seats} seats").format(seats=need.seats))
    return ", ".join([*words, *_features(names, need)])


def _features(names: Names, need: RoomNeed) -> list[str]:
    """What the room must have; that it is one goes without saying."""
    return [words for feature in need.features if (words := _nth(names.features, feature, FEATURE)) != A_ROOM]


def _nth(names: Sequence[str], index: int, otherwise: str) -> str:
    return names[index] if index < len(names) else gettext(otherwise).format(number=index + 1)
