"""A set of requirements that contradict each other, and what would mend it, in plain words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from generation.engine.infeasibility.elastic import Elastic, Given, Piece, Requirement, Terms
from generation.engine.infeasibility.stretches import stretches_words, too_long, too_long_words
from generation.engine.model.domains import MOST_TIMES
from generation.engine.model.fixed_places import Holder
from generation.engine.model.problem import BoolArray
from generation.engine.model.text import Count, listed

MOST_SECTIONS = 12
MOST_FIXES = 6
MOST_OF_A_KIND = 2
FEW_MEMBERS = 3  # which a headline can say itself
PINS = ("pin", "pin_room")


@dataclass(frozen=True, slots=True)
class Member:
    """One of the requirements, or all of one sort that are told together."""

    kind: str
    who: tuple[str, ...]
    message: str


@dataclass(frozen=True, slots=True)
class Narrowed:
    """How far requirements were narrowed to those that contain the cause, where it is not known that none can be spared."""

    begun_with: int
    left: int
    seconds: float

    @property
    def words(self) -> str:
        took = f"{self.seconds:.0f}" if self.seconds >= 10 else f"{self.seconds:.1f}"
        return (
            f"narrowed from {self.begun_with:,} in {took} s, not to the end"
            if self.left < self.begun_with
            else f"they could not be narrowed in {took} s"
        )

    def as_dict(self) -> dict[str, Any]:
        return {"from": self.begun_with, "to": self.left, "seconds": self.seconds, "message": self.words}


def num_requirements(requirements: Collection[Requirement]) -> int:
    """The supplies of one set of rooms count once, for however many timeslots."""
    return len({(each.kind, each.of) for each in requirements})


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

    @property
    def lengths(self) -> list[int]:
        return [piece.length for piece in self.pieces for _ in piece.lectures]

    @property
    def num_requirements(self) -> int:
        return len(self.sections) + self.owners + len(self.others)


def members_few(members: Sequence[Member]) -> Iterator[Member]:
    """The first of each kind, and how many more there are: of a set that is not minimal nobody reads hundreds."""
    by_kind: dict[str, list[Member]] = defaultdict(list)
    for member in members:
        by_kind[member.kind].append(member)
    for kind, found in by_kind.items():
        yield from found[:MOST_SECTIONS]
        rest = found[MOST_SECTIONS:]
        if rest:
            who = tuple(name for member in rest for name in member.who)
            yield Member(kind, who, f"And {len(rest):,} more of this sort.")


class Teller:
    def __init__(self, terms: Terms) -> None:
        self.terms = terms
        self.facts = terms.facts
        self.problem = terms.problem
        self.names = terms.problem.names

    # The sentence above the list.

    def headline(self, conflict: Conflict, narrowed: Narrowed | None = None) -> str:
        """``narrowed``: None where each requirement is proven to be needed."""
        limits = {each.kind for each in conflict.others} - {"section_times", "instructor_times"}
        if conflict.owners == 1 and not limits:
            return self._headline_of_owner(conflict)
        if not conflict.owners and not limits and len(conflict.sections) == 1:
            section = self.facts.section(conflict.sections[0])
            periods, open_ = Count(conflict.num_periods), Count(self._open(conflict).sum())
            if periods > open_:
                return f"Section {section} has {periods:period}, and only {open_:timeslot} {'is' if open_ == 1 else 'are'} open for them."
            return f"The lectures of section {section} ({periods:period}) do not fit into the times open for them: {self._why(conflict)}."
        number = f"These {conflict.num_requirements:,} requirements"
        held = self._held_words(conflict)
        number += f", {held} among them," if held else ""
        if narrowed:
            return f"{number} contain the cause; {narrowed.words}."
        told = [member.message for member in self.members(conflict) if member.kind != "lectures"]
        if 0 < len(told) <= FEW_MEMBERS:
            sections = listed([self.facts.section(section) for section in conflict.sections])
            return f"{' '.join(told)} With that, not every lecture of {sections} has a place."
        return f"{number} cannot all be kept. If any one of them gives way, the others can."

    def _held_words(self, conflict: Conflict) -> str:
        """How many places had to stay, and how many are pinned by hand."""
        found: dict[str, set[int]] = defaultdict(set)
        for each in conflict.others:
            if each.kind in PINS:
                found[self._holder(each)].add(each.of)
        numbers = {holder: sum(len(self.terms.pieces[piece].lectures) for piece in pieces) for holder, pieces in found.items()}
        words = [
            f"{Count(number):{noun}} {rest}"
            for holder, noun, rest in (("kept", "lecture", "that had to stay"), ("hand", "lecture", "pinned by hand"))
            if (number := numbers.get(holder, 0))
        ]
        return listed(words)

    def _headline_of_owner(self, conflict: Conflict) -> str:
        """One instructor, curriculum or sort of room has too much to do."""
        if conflict.rooms:
            return self._headline_of_rooms(conflict)
        periods, open_ = conflict.num_periods, int(self._open(conflict).sum())
        where = f"({Count(periods):period}) do not fit into the {Count(open_):timeslot} open for them"
        if conflict.instructors:
            name = self.names.instructors[conflict.instructors[0]]
            if periods > open_:
                return f"{name} teaches {Count(periods):period}, but is available in only {open_}."
            return f"The lectures of {name} {where}: {self._why(conflict)}."
        name = self.names.curricula[conflict.curricula[0]]
        load = f"Curriculum {name} has {Count(periods):period} that must not overlap, and"
        if periods > self.problem.num_timeslots:
            return f"{load} its week has only {self.problem.num_timeslots}."
        if periods > open_:
            return f"{load} only {Count(open_):timeslot} open for them."
        return f"The lectures of curriculum {name} {where}: {self._why(conflict)}."

    def _why(self, conflict: Conflict) -> str:
        """Why lectures do not fit although they have no more periods than are open: their lengths."""
        open_, lengths = self._open(conflict), conflict.lengths
        found = too_long(self.problem, lengths, open_)
        if found:
            return too_long_words(found, len(lengths))
        sizes = listed([str(each) for each in sorted(set(lengths), reverse=True)])
        return f"what is open comes in {stretches_words(self.problem, open_)}, which lectures of {sizes} periods cannot fill"

    def _headline_of_rooms(self, conflict: Conflict) -> str:
        (index, slots), *_ = conflict.rooms.items()
        need = self._need(index)
        if len(slots) == 1:
            number = self.terms.open_rooms[index][slots[0]]
            time = self.facts.time(slots[0])
            sections = f"Lectures of {Count(len(conflict.sections)):section} that need “{need}”"
            return f"{sections} have to meet on {time}, and {self._rooms_open(number)} then."
        supply = sum(self.terms.open_rooms[index][slot] for slot in slots)
        load = f"Lectures that need “{need}” have {Count(conflict.num_periods):period}"
        if conflict.num_periods > supply:
            return f"{load}; suitable rooms are open for {supply}."
        sizes = listed([str(each) for each in sorted(set(conflict.lengths), reverse=True)])
        open_ = np.array([places > 0 for places in self.terms.open_rooms[index]], dtype=np.bool_)
        return (
            f"{load}, and suitable rooms are open for {supply}; yet they do not fit: when these are open, there are "
            f"{stretches_words(self.problem, open_)}, which lectures of {sizes} periods cannot fill."
        )

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
        """What had to stay and what somebody has pinned come first: they are the first to let go."""
        pins: dict[Holder, dict[int, list[str]]] = {"kept": defaultdict(list), "hand": defaultdict(list), "rule": defaultdict(list)}
        for each in conflict.others:
            if each.kind in PINS:
                pins[self._holder(each)][each.of].append(each.kind)
        if pins["kept"]:
            yield self._kept(pins["kept"])
        yield from (self._pinned(piece, kinds, "pinned by hand") for piece, kinds in pins["hand"].items())
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
        yield from (self._pinned(piece, kinds, "fixed") for piece, kinds in pins["rule"].items())
        for requirement in conflict.others:
            if requirement.kind not in PINS:
                yield self._other(requirement)

    def _holder(self, requirement: Requirement) -> Holder:
        in_time, in_room = self.terms.pieces[requirement.of].holders
        return in_time if requirement.kind == "pin" else in_room

    def _place(self, piece: int, kinds: Collection[str]) -> str:
        """The time, the room or both that lectures are fixed to."""
        pinned = self.terms.pieces[piece]
        time = self.facts.time(pinned.pin) if "pin" in kinds else ""
        room = f"room {self.names.rooms[pinned.pin_room]}" if "pin_room" in kinds else ""
        return f"{time} in {room}" if time and room else time or room

    def _kept(self, pieces: dict[int, list[str]]) -> Member:
        names = [self.facts.section(self.terms.pieces[piece].section) for piece in pieces]
        places = [f"{name} ({self._place(piece, kinds)})" for name, (piece, kinds) in zip(names, pieces.items(), strict=True)]
        which = "This lecture had to stay where it was" if len(places) == 1 else "These lectures had to stay where they were"
        return Member("pin", tuple(names), f"{which}: {listed(places, MOST_SECTIONS)}.")

    def _pinned(self, piece: int, kinds: Collection[str], how: str) -> Member:
        pinned = self.terms.pieces[piece]
        name, number = self.facts.section(pinned.section), len(pinned.lectures)
        lectures = f"A lecture of {name} is" if number == 1 else f"{number} lectures of {name} are"
        return Member("pin" if "pin" in kinds else "pin_room", (name,), f"{lectures} {how} to {self._place(piece, kinds)}.")

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
        if not rooms:
            return Member("rooms", names, f"No room suits “{need}”.")
        if len(rooms) == 1:
            is_only = any(piece.free_rooms == self.terms.room_sets[index] for piece in self.terms.pieces)
            return Member("rooms", names, self._room(rooms[0], slots, f", the only one for “{need}”," if is_only else ""))
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

    def _room(self, room: int, slots: Sequence[int], only: str) -> str:
        """What one room has to say of these times."""
        name, holds = self.names.rooms[room], int(self.problem.room_places[room])
        closed = [slot for slot in slots if not self.problem.room_available[room, slot]]
        most = f"holds {Count(holds):lecture} at a time"
        if not closed:
            return f"Room {name}{only} {most}."
        when = f"on {self._times(closed)}" if len(closed) <= MOST_TIMES else f"in {len(closed)} of {self.problem.num_timeslots} timeslots"
        when = "all week" if len(closed) == self.problem.num_timeslots else when
        return f"Room {name}{only} is closed {when}{f' and {most}' if len(closed) < len(slots) else ''}."

    def _other(self, requirement: Requirement) -> Member:
        kind, index, _ = requirement
        problem, names = self.problem, self.names
        if kind == "instructor_times":
            who = (names.instructors[index],)
            return Member(kind, who, f"{who[0]} is available {self.facts.availability(problem.instructor_available[index])}.")
        if kind == "section_times":
            who = (self.facts.section(index),)
            return Member(kind, who, f"Section {who[0]} can meet {self.facts.availability(problem.section_available[index])}.")
        if kind == "starts":
            piece = self.terms.pieces[index]
            who = (self.facts.section(piece.section),)
            left = np.isin(np.arange(problem.num_timeslots), piece.blocked, invert=True)
            return Member(kind, who, f"By the rules a lecture of {who[0]} begins {self.facts.availability(left)}.")
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
        if kind in PINS:
            return self._fix_of_pin(given)
        if kind == "starts":
            return f"Let a lecture of {self.facts.section(self.terms.pieces[index].section)} begin on {times}, against its rules."
        if kind == "apart":
            return f"Let {listed([self.facts.section(section) for section in self.terms.apart[index]])} overlap on {times}."
        if kind == "joint":
            sections = [self.facts.section(int(self.problem.lecture_section[lecture])) for lecture in self.terms.joint[index]]
            return f"Let lectures of {listed(sections)} start at different times."
        span = "a day" if kind == "daily" else "on end"
        return f"Let {self.names.instructors[index]} teach {Count(given.amount):period} more {span}."

    def _fix_of_pin(self, given: Given) -> str:
        kind, index, _ = given.requirement
        section = self.facts.section(self.terms.pieces[index].section)
        lectures = f"the lecture of {section}" if given.amount == 1 else f"{given.amount} lectures of {section}"
        place, holder = self._place(index, (kind,)), self._holder(given.requirement)
        if holder == "kept":
            return f"Place {lectures} anew, which had to stay: {place}."
        return f"Unpin {lectures} from {place}." if holder == "hand" else f"Lift the rule that fixes {lectures} to {place}."

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
        free = [piece for piece in self.terms.pieces if piece.free_rooms == rooms]
        if free:
            return self.facts.need(free[0].lectures[0])
        exact = [piece for piece in self.terms.pieces if piece.rooms == rooms]
        if exact and rooms:
            return f"room {self.names.rooms[exact[0].pin_room]}"
        return self.facts.need(exact[0].lectures[0]) if exact else "any of these rooms"

    def _rooms_open(self, number: int) -> str:
        return f"only {number} room{'' if number == 1 else 's'} {'is' if number == 1 else 'are'} open" if number else "no room is open"

    def _times(self, slots: Sequence[int]) -> str:
        return self.facts.times(slots)


def _are(number: int, noun: str) -> str:
    return f"{'is' if number == 1 else 'are'} {Count(number):{noun}}"
