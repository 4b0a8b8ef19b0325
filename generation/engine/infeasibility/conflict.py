"""A set of requirements that contradict each other, and what would mend it: what is to be said of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from generation.engine.infeasibility.elastic import Elastic, Given, Piece, Requirement, Terms
from generation.engine.infeasibility.statements import (
    ConflictMember,
    FixedPlace,
    Narrowed,
    Ref,
    SectionLoad,
    Statement,
    Stretches,
    Timeslots,
    TooLong,
    Values,
)
from generation.engine.infeasibility.stretches import stretches_of, too_long
from generation.engine.model.domains import RoomNeed
from generation.engine.model.fixed_places import Holder
from generation.engine.model.problem import BoolArray

MOST_OF_A_SORT = 12
MOST_FIXES = 6
MOST_OF_A_KIND = 2
FEW_MEMBERS = 3  # which a headline can say itself
PINS = ("pin", "pin_room")


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


def members_few(members: Sequence[ConflictMember]) -> Iterator[ConflictMember]:
    """The first of each kind, and how many more there are: of a set that is not minimal nobody reads hundreds."""
    by_kind: dict[str, list[ConflictMember]] = defaultdict(list)
    for member in members:
        by_kind[member.kind].append(member)
    for kind, found in by_kind.items():
        yield from found[:MOST_OF_A_SORT]
        rest = found[MOST_OF_A_SORT:]
        if rest:
            yield ConflictMember(
                kind, tuple(who for member in rest for who in member.who), Statement("more_members", {"number": len(rest)})
            )


class ConflictReport:
    """What there is to say of a conflict, of its members and of what would end it."""

    def __init__(self, terms: Terms) -> None:
        self.terms = terms
        self.facts = terms.facts
        self.problem = terms.problem

    # The sentence above the list.

    def headline(self, conflict: Conflict, narrowed: Narrowed | None = None) -> Statement:
        """``narrowed``: None where each requirement is proven to be needed."""
        limits = {each.kind for each in conflict.others} - {"section_times", "instructor_times"}
        if conflict.owners == 1 and not limits:
            return self._headline_of_owner(conflict)
        if not conflict.owners and not limits and len(conflict.sections) == 1:
            return self._of_load("section", Ref("section", conflict.sections[0]), conflict)
        number: Values = {"requirements": conflict.num_requirements, **self._held(conflict)}
        if narrowed:
            return Statement("requirements_narrowed", number | {"narrowed": narrowed})
        limiting = tuple(member.statement for member in self.members(conflict) if member.kind != "lectures")
        if 0 < len(limiting) <= FEW_MEMBERS:
            sections = tuple(Ref("section", section) for section in conflict.sections)
            return Statement("few_requirements", {"members": limiting, "sections": sections})
        return Statement("requirements", number)

    def _held(self, conflict: Conflict) -> dict[str, int]:
        """How many lectures had to stay, and how many are pinned by hand."""
        found: dict[str, set[int]] = defaultdict(set)
        for each in conflict.others:
            if each.kind in PINS:
                found[self._holder(each)].add(each.of)
        return {
            holder: sum(len(self.terms.pieces[piece].lectures) for piece in found[holder]) for holder in ("kept", "hand") if holder in found
        }

    def _headline_of_owner(self, conflict: Conflict) -> Statement:
        """One instructor, curriculum or sort of room has too much to do."""
        if conflict.rooms:
            return self._headline_of_rooms(conflict)
        if conflict.instructors:
            return self._of_load("instructor", Ref("instructor", conflict.instructors[0]), conflict)
        who = Ref("curriculum", conflict.curricula[0])
        if conflict.num_periods > self.problem.num_timeslots:
            return Statement("curriculum_week", {"curriculum": who, "periods": conflict.num_periods, "week": self.problem.num_timeslots})
        return self._of_load("curriculum", who, conflict)

    def _of_load(self, kind: str, who: Ref, conflict: Conflict) -> Statement:
        """More periods than are open, or lectures that do not fit into these."""
        values: Values = {kind: who, "periods": conflict.num_periods, "open": int(self._open(conflict).sum())}
        if values["periods"] > values["open"]:
            return Statement(f"{kind}_periods", values)
        return Statement(f"{kind}_lengths", values | {"why": self._why(conflict)})

    def _why(self, conflict: Conflict) -> TooLong | Stretches:
        """Why lectures do not fit although they have no more periods than are open: their lengths."""
        open_ = self._open(conflict)
        return too_long(self.problem, conflict.lengths, open_) or stretches_of(self.problem, open_, conflict.lengths)

    def _headline_of_rooms(self, conflict: Conflict) -> Statement:
        (index, slots), *_ = conflict.rooms.items()
        need, open_rooms = self._need(index), self.terms.open_rooms[index]
        if len(slots) == 1:
            sections = len(conflict.sections)
            return Statement("rooms_at_once", {"sections": sections, "need": need, "slot": slots[0], "rooms": open_rooms[slots[0]]})
        values: Values = {"need": need, "periods": conflict.num_periods, "open": sum(open_rooms[slot] for slot in slots)}
        if values["periods"] > values["open"]:
            return Statement("rooms_periods", values)
        open_ = np.array([places > 0 for places in open_rooms], dtype=np.bool_)
        return Statement("rooms_lengths", values | {"why": stretches_of(self.problem, open_, conflict.lengths)})

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

    def members(self, conflict: Conflict) -> Iterator[ConflictMember]:
        """What had to stay and what somebody has pinned come first: they are the first to let go."""
        pins: dict[Holder, dict[int, list[str]]] = {"kept": defaultdict(list), "hand": defaultdict(list), "rule": defaultdict(list)}
        for each in conflict.others:
            if each.kind in PINS:
                pins[self._holder(each)][each.of].append(each.kind)
        if pins["kept"]:
            places = tuple(self._place(piece, kinds) for piece, kinds in pins["kept"].items())
            yield ConflictMember("pin", tuple(place.section for place in places), Statement("kept_places", {"places": places}))
        yield from (self._pinned(piece, kinds, "hand") for piece, kinds in pins["hand"].items())
        if conflict.sections:
            yield self._lectures(conflict)
        for kind, owners in (("instructor", conflict.instructors), ("curriculum", conflict.curricula)):
            for owner in owners:
                yield _about(kind, Ref(kind, owner))  # type: ignore[arg-type]
        for index, slots in conflict.rooms.items():
            yield self._rooms(index, slots)
        yield from (self._pinned(piece, kinds, "rule") for piece, kinds in pins["rule"].items())
        for requirement in conflict.others:
            if requirement.kind not in PINS:
                yield self._other(requirement)

    def _holder(self, requirement: Requirement) -> Holder:
        in_time, in_room = self.terms.pieces[requirement.of].holders
        return in_time if requirement.kind == "pin" else in_room

    def _place(self, piece: int, kinds: Collection[str]) -> FixedPlace:
        """The time, the room or both that lectures are fixed to."""
        pinned = self.terms.pieces[piece]
        slot, room = (pinned.pin if "pin" in kinds else None), (Ref("room", pinned.pin_room) if "pin_room" in kinds else None)
        return FixedPlace(Ref("section", pinned.section), slot, room)

    def _pinned(self, piece: int, kinds: Collection[str], holder: Holder) -> ConflictMember:
        place, number = self._place(piece, kinds), len(self.terms.pieces[piece].lectures)
        statement = Statement("fixed_lectures", {"section": place.section, "lectures": number, "place": place, "holder": holder})
        return ConflictMember("pin" if "pin" in kinds else "pin_room", (place.section,), statement)

    def _lectures(self, conflict: Conflict) -> ConflictMember:
        loads = []
        for section in conflict.sections:
            pieces = [piece for piece in conflict.pieces if piece.section == section]
            number, periods = sum(len(piece.lectures) for piece in pieces), sum(len(piece.lectures) * piece.length for piece in pieces)
            loads.append(SectionLoad(Ref("section", section), number, periods))
        return ConflictMember("lectures", tuple(load.section for load in loads), Statement("lectures", {"loads": tuple(loads)}))

    def _rooms(self, index: int, slots: Sequence[int]) -> ConflictMember:
        """What a set of rooms has to say of these times."""
        numbers = [room for room in range(self.problem.num_rooms) if self.terms.room_sets[index] >> room & 1]
        rooms, open_ = tuple(Ref("room", room) for room in numbers), self.terms.open_rooms[index]
        values: Values = {"need": self._need(index)}
        if not rooms:
            return ConflictMember("rooms", rooms, Statement("no_room", values))
        if len(rooms) == 1:
            is_only = any(piece.free_rooms == self.terms.room_sets[index] for piece in self.terms.pieces)
            return ConflictMember("rooms", rooms, self._room(numbers[0], slots, values if is_only else {}))
        if len(slots) > 1:
            supply = sum(open_[slot] for slot in slots)
            return ConflictMember(
                "rooms", rooms, Statement("rooms_week", values | {"rooms": len(rooms), "open": supply, "times": Timeslots(tuple(slots))})
            )
        slot = slots[0]
        closed = tuple(room for room in rooms if not self.problem.room_available[room.index, slot])
        if not closed:
            return ConflictMember("rooms", rooms, Statement("rooms_few", values | {"rooms": rooms}))
        figures: Values = {"slot": slot, "open": open_[slot], "rooms": len(rooms), "closed": closed}
        return ConflictMember("rooms", rooms, Statement("rooms_closed", values | figures))

    def _room(self, room: int, slots: Sequence[int], need: Values) -> Statement:
        """What one room has to say of these times; ``need``: that for which it is the only one."""
        closed = tuple(slot for slot in slots if not self.problem.room_available[room, slot])
        values: Values = {"room": Ref("room", room), **need, "places": int(self.problem.room_places[room])}
        if not closed:
            return Statement("room", values)
        return Statement("room_closed", values | {"closed": Timeslots(closed), "is_ever_open": int(len(closed) < len(slots))})

    def _other(self, requirement: Requirement) -> ConflictMember:
        kind, index, _ = requirement
        problem = self.problem
        if kind in ("instructor_times", "section_times"):
            available = problem.instructor_available if kind == "instructor_times" else problem.section_available
            return _about(kind, Ref("instructor" if kind == "instructor_times" else "section", index), times=Timeslots.of(available[index]))
        if kind == "starts":
            piece = self.terms.pieces[index]
            left = np.isin(np.arange(problem.num_timeslots), piece.blocked, invert=True)
            return _about(kind, Ref("section", piece.section), times=Timeslots.of(left))
        if kind in ("apart", "joint"):
            pair = self._pair(requirement)
            return ConflictMember(kind, pair, Statement(kind, {"sections": pair}))
        most = problem.instructor_max_daily if kind == "daily" else problem.instructor_max_consecutive
        return _about(kind, Ref("instructor", index), limit=int(most[index]))

    def _pair(self, requirement: Requirement) -> tuple[Ref, ...]:
        """The sections of a rule about two."""
        if requirement.kind == "apart":
            return tuple(Ref("section", section) for section in self.terms.apart[requirement.of])
        return tuple(Ref("section", int(self.problem.lecture_section[lecture])) for lecture in self.terms.joint[requirement.of])

    # What would mend it.

    def fixes(self, ways: Sequence[Given]) -> Iterator[Statement]:
        """The first few ways, of one kind no more than two."""
        seen: dict[str, int] = defaultdict(int)
        for given in ways:
            seen[given.requirement.kind] += 1
            if seen[given.requirement.kind] <= MOST_OF_A_KIND:
                yield self._fix(given)

    def must_give(self, least: Elastic | None) -> Iterator[Statement]:
        """The changes of the elastic model, the smallest first."""
        if least is None:
            return
        given = sorted(least.given, key=lambda each: (each.amount, each.requirement))
        yield from (self._fix(each) for each in given[:MOST_FIXES])
        if len(given) > MOST_FIXES:
            yield Statement("more_changes", {"number": len(given) - MOST_FIXES})

    def _fix(self, given: Given) -> Statement:
        kind, index, _ = given.requirement
        values: Values = {"amount": given.amount, "times": Timeslots(given.slots)}
        if kind == "rooms":
            values |= self._fix_of_rooms(given)
        elif kind in ("section_times", "lectures"):
            values["section"] = Ref("section", index)
        elif kind == "curriculum":
            values["curriculum"] = Ref("curriculum", index)
        elif kind in PINS:
            place = self._place(index, (kind,))
            values |= {"section": place.section, "place": place, "holder": self._holder(given.requirement)}
        elif kind == "starts":
            values["section"] = Ref("section", self.terms.pieces[index].section)
        elif kind in ("apart", "joint"):
            values["sections"] = self._pair(given.requirement)
        else:
            values["instructor"] = Ref("instructor", index)
        return Statement(f"change_{'pin' if kind in PINS else kind}", values)

    def _fix_of_rooms(self, given: Given) -> dict[str, Any]:
        index, slot = given.requirement.of, given.requirement.slot
        rooms = (room for room in range(self.problem.num_rooms) if self.terms.room_sets[index] >> room & 1)
        closed = tuple(Ref("room", room) for room in rooms if not self.problem.room_available[room, slot])
        return {"need": self._need(index), "slot": slot, "closed": closed}

    def _need(self, index: int) -> RoomNeed | Ref | str:
        """What the lectures limited to a set of rooms ask for; of several, the one that most rooms meet. ``any``: any of the rooms."""
        rooms = self.terms.room_sets[index]
        free = [piece for piece in self.terms.pieces if piece.free_rooms == rooms]
        if free:
            return self.facts.room_need(free[0].lectures[0])
        exact = [piece for piece in self.terms.pieces if piece.rooms == rooms]
        if exact and rooms:
            return Ref("room", exact[0].pin_room)
        return self.facts.room_need(exact[0].lectures[0]) if exact else "any"


def _about(kind: str, who: Ref, **values: Any) -> ConflictMember:
    return ConflictMember(kind, (who,), Statement(kind, {who.kind: who, **values}))
