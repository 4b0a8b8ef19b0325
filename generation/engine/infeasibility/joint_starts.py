"""Lectures that must start together and cannot: part of the arithmetic of `preflight`. Each cause is named once, for all that share it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np

from generation.engine.infeasibility.causes import begins_of
from generation.engine.infeasibility.statements import Noun, Obstacle, Ref, Values
from generation.engine.model.domains import Openings

MOST_SECTIONS = 6
JOINT = "same_start"


def joint_starts(facts: Openings) -> Iterator[Obstacle]:
    """Why lectures that must start together cannot: whom they share, too few rooms, or no start that all have."""
    problem = facts.problem
    if not problem.joint_is_hard.any():
        return
    import networkx as nx  # half a second, which most terms need not spend

    ties: nx.Graph[int] = nx.Graph()
    ties.add_edges_from((a, b) for a, b in problem.same_start[problem.joint_is_hard].tolist() if a != b)
    seen: set[tuple[object, ...]] = set()
    for lectures in sorted(map(sorted, nx.connected_components(ties))):
        for key, found in (*_shared(facts, lectures), *_crowded(facts, lectures), *_scattered(facts, lectures)):
            if key not in seen:
                seen.add(key)
                yield found


def _shared(facts: Openings, lectures: Sequence[int]) -> Iterator[tuple[tuple[object, ...], Obstacle]]:
    """A section, an instructor or a curriculum that would have to be in two places, or a rule that says never at once."""
    rows = facts.relations
    of = [int(facts.problem.lecture_section[lecture]) for lecture in lectures]
    for section in sorted({section for section in of if of.count(section) > 1}):
        yield ("section", section), Obstacle("joint_start_conflict", {"section": Ref("section", section)}, (JOINT,))
    all_owners: tuple[tuple[Noun, list[list[int]]], ...] = (("instructor", rows.instructors), ("curriculum", rows.curricula))
    for kind, owners in all_owners:
        members: dict[int, list[int]] = defaultdict(list)
        for section in sorted(set(of)):
            for owner in owners[section]:
                members[owner].append(section)
        for owner, sections in sorted(members.items()):
            if len(sections) > 1:
                values = _who(sections) | {kind: Ref(kind, owner)}
                yield (kind, owner, *sections), Obstacle("joint_start_conflict", values, (JOINT,))
    for pair in combinations(sorted(set(of)), 2):
        if rows.clash_reason.get(pair) == "no_overlap":
            yield ("no_overlap", *pair), Obstacle("joint_start_conflict", _who(pair), (JOINT, "no_overlap"))


def _crowded(facts: Openings, lectures: Sequence[int]) -> Iterator[tuple[tuple[object, ...], Obstacle]]:
    """More of them than there are rooms for, however these are open."""
    problem = facts.problem
    for rooms in sorted({facts.suitable_rooms[lecture] for lecture in lectures} - {0}):
        inside = [lecture for lecture in lectures if facts.suitable_rooms[lecture] and facts.suitable_rooms[lecture] & ~rooms == 0]
        numbers = [room for room in range(problem.num_rooms) if rooms >> room & 1]
        places = int(problem.room_places[numbers].sum())
        if len(inside) > places:
            sections = list(dict.fromkeys(int(problem.lecture_section[lecture]) for lecture in inside))
            pin, open_to = int(problem.lecture_pin_room[inside[0]]), tuple(Ref("room", room) for room in numbers)
            need = facts.room_need(inside[0]) if pin < 0 else Ref("room", pin)
            values: Values = {"need": need, "lectures": len(inside), "rooms": len(numbers), "room": open_to[0], "suitable": open_to}
            yield ("rooms", rooms, *sections), Obstacle("joint_start_rooms", _who(sections) | values, (JOINT,))
            return


def _scattered(facts: Openings, lectures: Sequence[int]) -> Iterator[tuple[tuple[object, ...], Obstacle]]:
    """No start that all of them have, though each has one: of two, where two are enough."""
    starts = {lecture: facts.own_starts(lecture) for lecture in lectures}
    if not all(each.any() for each in starts.values()) or np.logical_and.reduce(list(starts.values())).any():
        return
    chosen = next((pair for pair in combinations(lectures, 2) if not (starts[pair[0]] & starts[pair[1]]).any()), tuple(lectures))
    sections = list(dict.fromkeys(int(facts.problem.lecture_section[lecture]) for lecture in chosen))
    begins = tuple(begins_of(facts, lecture) for lecture in chosen[:MOST_SECTIONS])
    yield ("starts", *sections), Obstacle("joint_start_times", _who(sections) | {"begins": begins}, (JOINT,))


def _who(sections: Sequence[int]) -> Values:
    """Of all of them the first two by name."""
    refs = tuple(Ref("section", section) for section in sections)
    return {"first": refs[0], **({"second": refs[1]} if len(refs) > 1 else {}), "sections": refs}
