"""A set of requirements that contradict each other, and what would mend it, in plain words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from generation.engine.elastic import Elastic, Given, Piece, Requirement, Terms
from generation.engine.problem import BoolArray
from generation.engine.words import Count, listed

MOST_TIMES = 4  # timeslots named in one sentence
MOST_SECTIONS = 12
MOST_FIXES = 6
MOST_OF_A_KIND = 2


@dataclass(frozen=True, slots=True)
class Member:
    """One of the requirements, or all of one sort that are told together."""

    kind: str
    who: tuple[str, ...]
    message: str


@dataclass(frozen=True, slots=True)
class Conflict:
    """The requirements by kind; room supplies by set of rooms."""

    sections: tuple[int, ...]
    pieces: tuple[Piece, ...]
    instructors: tuple[int, ...]
    curricula: tuple[int, ...]
    rooms: dict[int, tuple[int, ...]]  # room set -> timeslots
    others: tuple[Requirement, ...]

    @classmethod
    def of(cls, terms: Terms, kept: Sequence[Requirement]) -> Conflict:
        by_kind: dict[str, list[int]] = defaultdict(list)
        rooms: dict[int, list[int]] = defaultdict(list)
        for kind, index, slot in sorted(kept):
            by_kind[kind].append(index)
            if kind == "rooms":
                rooms[index].append(slot)
        sections = tuple(by_kind["lectures"])
        return cls(
            sections,
            tuple(piece for piece in terms.pieces if piece.section in sections),
            tuple(by_kind["instructor"]),
            tuple(by_kind["curriculum"]),
            {index: tuple(slots) for index, slots in rooms.items()},
            tuple(each for each in sorted(kept) if each.kind not in ("lectures", "instructor", "curriculum", "rooms")),
        )

    @property
    def num_periods(self) -> int:
        return sum(len(piece.lectures) * piece.length for piece in self.pieces)

    @property
    def owners(self) -> int:
        return len(self.instructors) + len(self.curricula) + len(self.rooms)


class Teller:
    def __init__(self, terms: Terms) -> None:
        self.terms = terms
        self.facts = terms.facts
        self.problem = terms.problem
        self.names = terms.problem.names

    # The sentence above the list.

    def headline(self, conflict: Conflict) -> str:
        limits = {each.kind for each in conflict.others} - {"section_times", "instructor_times"}
        if conflict.owners == 1 and not limits:
            return self._headline_of_owner(conflict)
        if not conflict.owners and len(conflict.sections) == 1:
            section = self.facts.section(conflict.sections[0])
            periods, open_ = Count(conflict.num_periods), Count(self._open(conflict).sum())
            if periods > open_:
                return f"Section {section} has {periods:period}, and only {open_:timeslot} are open for them."
            return f"The lectures of section {section} ({periods:period}) do not fit into the times open for them."
        number = len(conflict.sections) + conflict.owners + len(conflict.others)
        return f"These {number} requirements cannot all be kept. If any one of them gives way, the others can."

    def _headline_of_owner(self, conflict: Conflict) -> str:
        """One instructor, curriculum or sort of room has too much to do."""
        if conflict.rooms:
            return self._headline_of_rooms(conflict)
        periods, open_ = conflict.num_periods, int(self._open(conflict).sum())
        if conflict.instructors:
            name = self.names.instructors[conflict.instructors[0]]
            if periods > open_:
                return f"{name} teaches {Count(periods):period}, but is available in only {open_}."
            return f"The lectures of {name} ({Count(periods):period}) do not fit into the {Count(open_):timeslot} open for them."
        name = self.names.curricula[conflict.curricula[0]]
        load = f"Curriculum {name} has {Count(periods):period} that must not overlap, and"
        if periods > self.problem.num_timeslots:
            return f"{load} its week has only {self.problem.num_timeslots}."
        if periods > open_:
            return f"{load} only {Count(open_):timeslot} open for them."
        return f"The lectures of curriculum {name} ({Count(periods):period}) do not fit into the {Count(open_):timeslot} open for them."

    def _headline_of_rooms(self, conflict: Conflict) -> str:
        (index, slots), *_ = conflict.rooms.items()
        need = self._need(index)
        if len(slots) == 1:
            number = self.terms.open_rooms[index][slots[0]]
            time = self.facts.time(slots[0])
            sections = f"Lectures of {Count(len(conflict.sections)):section} that need “{need}”"
            return f"{sections} have to meet on {time}, and {self._rooms_open(number)} then."
        supply = sum(self.terms.open_rooms[index][slot] for slot in slots)
        periods = Count(conflict.num_periods)
        return f"Lectures that need “{need}” have {periods:period}; suitable rooms are open for {supply}."

    def _open(self, conflict: Conflict) -> BoolArray:
        """Timeslots open for at least one of the sections, as far as the set says."""
        problem, rows = self.problem, self.facts.relations.instructors
        found = np.zeros(problem.num_timeslots, dtype=np.bool_)
        for section in conflict.sections:
            blocks = [problem.section_available[each.of] for each in conflict.others if each.kind == "section_times" and each.of == section]
            blocks += [
                problem.instructor_available[each.of]
                for each in conflict.others
                if each.kind == "instructor_times" and each.of in rows[section]
            ]
            found |= np.logical_and.reduce(blocks) if blocks else True
        return found

    # The members.

    def members(self, conflict: Conflict) -> Iterator[Member]:
        if conflict.sections:
            yield self._lectures(conflict)
        for instructor in conflict.instructors:
            name = self.names.instructors[instructor]
            yield Member("instructor", (name,), f"{name} teaches one lecture at a time.")
        for curriculum in conflict.curricula:
            name = self.names.curricula[curriculum]
            yield Member("curriculum", (name,), f"Courses of curriculum {name} never overlap.")
        for index, slots in conflict.rooms.items():
            yield self._rooms(index, slots)
        for requirement in conflict.others:
            yield self._other(requirement)

    def _lectures(self, conflict: Conflict) -> Member:
        parts, names = [], []
        for section in conflict.sections:
            lectures = [piece for piece in conflict.pieces if piece.section == section]
            number, periods = sum(len(piece.lectures) for piece in lectures), sum(len(piece.lectures) * piece.length for piece in lectures)
            names.append(self.facts.section(section))
            parts.append(f"{names[-1]} ({Count(number):lecture}{f', {Count(periods):period}' if periods != number else ''})")
        return Member("lectures", tuple(names), f"Each lecture has a place: {listed(parts, MOST_SECTIONS)}.")

    def _rooms(self, index: int, slots: Sequence[int]) -> Member:
        rooms = [room for room in range(self.problem.num_rooms) if self.terms.room_sets[index] >> room & 1]
        open_, need = self.terms.open_rooms[index], self._need(index)
        names = tuple(self.names.rooms[room] for room in rooms)
        if len(slots) > 1:
            supply = sum(open_[slot] for slot in slots)
            where = self._times(slots) if len(slots) <= MOST_TIMES else f"{len(slots)} timeslots"
            return Member(
                "rooms", names, f"Rooms for “{need}” ({len(rooms)} in all) are open for {Count(supply):period} together ({where})."
            )
        slot = slots[0]
        closed = [self.names.rooms[room] for room in rooms if not self.problem.room_available[room, slot]]
        if not closed:
            return Member("rooms", names, f"There {_are(len(rooms), 'room')} for “{need}”: {listed(names)}.")
        verb = "is" if len(closed) == 1 else "are"
        told = f"{self._rooms_open(open_[slot])} of {len(rooms)} for “{need}”, as {listed(closed)} {verb} closed."
        return Member("rooms", names, f"On {self.facts.time(slot)} {told}")

    def _other(self, requirement: Requirement) -> Member:
        kind, index, _ = requirement
        problem, names = self.problem, self.names
        if kind == "instructor_times":
            who = (names.instructors[index],)
            return Member(kind, who, f"{who[0]} is available {self._availability(problem.instructor_available[index])}.")
        if kind == "section_times":
            who = (self.facts.section(index),)
            return Member(kind, who, f"Section {who[0]} can meet {self._availability(problem.section_available[index])}.")
        if kind == "pin":
            piece = self.terms.pieces[index]
            who = (self.facts.section(piece.section),)
            return Member(kind, who, f"A lecture of {who[0]} is fixed to {self.facts.time(piece.pin)}.")
        if kind == "starts":
            piece = self.terms.pieces[index]
            who = (self.facts.section(piece.section),)
            left = np.isin(np.arange(problem.num_timeslots), piece.blocked, invert=True)
            return Member(kind, who, f"By the rules a lecture of {who[0]} begins {self._availability(left)}.")
        if kind == "apart":
            pair = tuple(self.facts.section(section) for section in self.terms.apart[index])
            return Member(kind, pair, f"{listed(pair)} must not overlap.")
        if kind == "joint":
            pair = tuple(self.facts.section(int(problem.lecture_section[lecture])) for lecture in self.terms.joint[index])
            return Member(kind, pair, f"Lectures of {listed(pair)} must start together.")
        name = names.instructors[index]
        if kind == "daily":
            return Member(kind, (name,), f"{name} teaches at most {Count(int(problem.instructor_max_daily[index])):period} a day.")
        return Member(kind, (name,), f"{name} teaches at most {Count(int(problem.instructor_max_consecutive[index])):period} on end.")

    # What would mend it.

    def fixes(self, ways: Sequence[Given]) -> Iterator[str]:
        """The first few ways, of one kind no more than two."""
        told: dict[str, int] = defaultdict(int)
        for given in ways:
            told[given.requirement.kind] += 1
            if told[given.requirement.kind] <= MOST_OF_A_KIND:
                yield self._fix(given)

    def must_give(self, least: Elastic | None) -> Iterator[str]:
        """The changes of the elastic model, the smallest first."""
        if least is None:
            return
        given = sorted(least.given, key=lambda each: (each.amount, each.requirement))
        yield from (self._fix(each) for each in given[:MOST_FIXES])
        if len(given) > MOST_FIXES:
            yield f"And {Count(len(given) - MOST_FIXES):change} more of this sort."

    def _fix(self, given: Given) -> str:
        kind, index, _ = given.requirement
        times = self._times(given.slots)
        if kind == "rooms":
            return self._fix_of_rooms(index, given)
        if kind == "instructor_times":
            return (
                f"Open {times} for {self.names.instructors[index]}, or give {Count(given.amount):period} of the lectures to somebody else."
            )
        if kind == "section_times":
            return f"Open {times} for section {self.facts.section(index)}."
        if kind == "lectures":
            return f"Take {Count(given.amount):lecture} out of section {self.facts.section(index)}, or have it taught by somebody else."
        if kind == "curriculum":
            return f"Let courses of curriculum {self.names.curricula[index]} overlap on {times}, or take a course out of it."
        if kind == "pin":
            return f"Release the lecture of {self.facts.section(self.terms.pieces[index].section)} from its fixed time."
        if kind == "starts":
            return f"Let a lecture of {self.facts.section(self.terms.pieces[index].section)} begin on {times}, against its rules."
        if kind == "apart":
            return f"Let {listed([self.facts.section(section) for section in self.terms.apart[index]])} overlap on {times}."
        if kind == "joint":
            sections = [self.facts.section(int(self.problem.lecture_section[lecture])) for lecture in self.terms.joint[index]]
            return f"Let lectures of {listed(sections)} start at different times."
        span = "a day" if kind == "daily" else "on end"
        return f"Let {self.names.instructors[index]} teach {Count(given.amount):period} more {span}."

    def _fix_of_rooms(self, index: int, given: Given) -> str:
        rooms, slot = self.terms.room_sets[index], given.requirement.slot
        closed = [name for room, name in enumerate(self.names.rooms) if rooms >> room & 1 and not self.problem.room_available[room, slot]]
        add = f"add {Count(given.amount):room} for “{self._need(index)}”"
        if len(closed) >= given.amount:
            return (
                f"Open {given.amount} of {listed(closed)} on {self.facts.time(slot)}, or {add}."
                if len(closed) > given.amount
                else (f"Open {listed(closed)} on {self.facts.time(slot)}, or {add}.")
            )
        return f"{add[0].upper()}{add[1:]} on {self.facts.time(slot)}."

    # Phrases.

    def _need(self, index: int) -> str:
        """What the lectures limited to a set of rooms ask for; of several, the one that most rooms meet."""
        rooms = self.terms.room_sets[index]
        exact = [piece for piece in self.terms.pieces if piece.rooms == rooms]
        return self.facts.need(exact[0].lectures[0]) if exact else "any of these rooms"

    def _rooms_open(self, number: int) -> str:
        return f"only {number} room{'' if number == 1 else 's'} {'is' if number == 1 else 'are'} open" if number else "no room is open"

    def _times(self, slots: Sequence[int]) -> str:
        return listed([self.facts.time(slot) for slot in slots], MOST_TIMES)

    def _availability(self, available: BoolArray) -> str:
        open_, closed = np.nonzero(available)[0].tolist(), np.nonzero(~available)[0].tolist()
        if not open_:
            return "at no time"
        if len(open_) <= MOST_TIMES:
            return f"only on {self._times(open_)}"
        but = f", not on {self._times(closed)}" if len(closed) <= MOST_TIMES else ""
        return f"in {len(open_)} of {len(available)} timeslots{but}"


def _are(number: int, noun: str) -> str:
    return f"{'is' if number == 1 else 'are'} {Count(number):{noun}}"
