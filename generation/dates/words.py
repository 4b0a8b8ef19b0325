"""What is otherwise on a date, in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from generation.dates.held import Exceptional, Held
from generation.models import LectureException
from generation.text.display_names import RoomName
from generation.timetable.lectures import Lecture
from generation.timetable.when import Clock

Kind = LectureException.Kind


@dataclass(frozen=True)
class Naming:
    """How a term's periods, instructors and rooms are called."""

    clocks: Sequence[Clock] = ()
    people: Mapping[str, str] = field(default_factory=dict)
    rooms: Mapping[str, RoomName] = field(default_factory=dict)

    def hours(self, lecture: Lecture) -> tuple[str, str]:
        """When it begins and ends; empty where the term has no such period."""
        if lecture.period is None or lecture.period >= len(self.clocks):
            return "", ""
        return self.clocks[lecture.period].starts_at, self.clocks[min(lecture.end, len(self.clocks)) - 1].ends_at

    def moment(self, date: dt.date, lecture: Lecture) -> str:
        """Mon 3 May, 08:00."""
        return f"{date:%a} {date.day} {date:%b}, {self.hours(lecture)[0] or f'period {(lecture.period or 0) + 1}'}"

    def room(self, code: str) -> str:
        found = self.rooms.get(code)
        return (found.full if found else code) or "no room"

    def person(self, code: str) -> str:
        return self.people.get(code) or code


def change_words(held: Held, naming: Naming) -> tuple[str, ...]:
    """What became of a lecture that is struck out, or what is otherwise with one that is held; nothing where all is as planned."""
    each = held.exceptional
    if each is None:
        return ()
    if each.actual is None:
        return ("cancelled",)
    return tuple(_held(each, each.actual, naming) if held.is_held else _struck(each, each.actual, naming))


def _struck(each: Exceptional, actual: Lecture, naming: Naming) -> list[str]:
    words = []
    if not each.stays:
        words.append(f"moved to {naming.moment(each.date, actual)}")
    if actual.room != each.planned.room:
        words.append(f"in {naming.room(actual.room)}" if words else f"moved to {naming.room(actual.room)}")
    if each.row.cover:
        words.append(f"covered by {naming.person(each.row.cover)}")
    return words


def _held(each: Exceptional, actual: Lecture, naming: Naming) -> list[str]:
    words = []
    if not each.stays:
        words.append(f"moved from {naming.moment(each.row.date, each.planned)}")
    if actual.room != each.planned.room:
        words.append(f"instead of {naming.room(each.planned.room)}")
    if each.row.cover:
        covered = f" for {naming.person(each.row.absent)}" if each.row.absent else ""
        words.append(f"{naming.person(each.row.cover)} covers{covered}")
    return words
