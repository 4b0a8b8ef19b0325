"""Lectures that must start together and cannot: part of the arithmetic of `preflight`. Each cause is told once, for all that share it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import NamedTuple

import networkx as nx
import numpy as np

from generation.engine.infeasibility.causes import Values, begins_words
from generation.engine.model.domains import Openings
from generation.engine.model.text import Count, listed

MOST_SECTIONS = 6
JOINT = "same_start"


class Told(NamedTuple):
    """An obstacle: its id, values and words, and the fields of `Problem` that it comes from."""

    id: str
    values: Values
    message: str
    tables: tuple[str, ...]


def joint_starts(facts: Openings) -> Iterator[Told]:
    """Why lectures that must start together cannot: whom they share, too few rooms, or no start that all have."""
    problem = facts.problem
    ties: nx.Graph[int] = nx.Graph()
    ties.add_edges_from((a, b) for a, b in problem.same_start[problem.joint_is_hard].tolist() if a != b)
    told: set[tuple[object, ...]] = set()
    for lectures in sorted(map(sorted, nx.connected_components(ties))):
        for key, found in (*_shared(facts, lectures), *_crowded(facts, lectures), *_scattered(facts, lectures)):
            if key not in told:
                told.add(key)
                yield found


def _shared(facts: Openings, lectures: Sequence[int]) -> Iterator[tuple[tuple[object, ...], Told]]:
    """A section, an instructor or a curriculum that would have to be in two places, or a rule that says never at once."""
    rows, names = facts.relations, facts.names
    of = [int(facts.problem.lecture_section[lecture]) for lecture in lectures]
    for section in sorted({section for section in of if of.count(section) > 1}):
        name = facts.section(section)
        message = f"Lectures of section {name} must start together, and a section attends one lecture at a time. Lift the rule."
        yield ("section", section), Told("joint_start_conflict", {"section": name}, message, (JOINT,))
    for kind, owners in (("instructor", rows.instructors), ("curriculum", rows.curricula)):
        members: dict[int, list[int]] = defaultdict(list)
        for section in sorted(set(of)):
            for owner in owners[section]:
                members[owner].append(section)
        for owner, sections in sorted(members.items()):
            if len(sections) > 1:
                name = (names.instructors if kind == "instructor" else names.curricula)[owner]
                yield (kind, owner, *sections), _of_owner(facts, kind, name, sections)
    for pair in combinations(sorted(set(of)), 2):
        if rows.clash_reason.get(pair) == "no_overlap":
            values, who = _who(facts, pair)
            message = f"Lectures of {who} must start together, and by another rule they must not overlap. Lift one of the two rules."
            yield ("no_overlap", *pair), Told("joint_start_conflict", values, message, (JOINT, "no_overlap"))


def _of_owner(facts: Openings, kind: str, name: str, sections: Sequence[int]) -> Told:
    values, who = _who(facts, sections)
    them = "both" if len(sections) == 2 else f"all {len(sections)}"
    if kind == "instructor":
        cause = f"Instructor {name} teaches {them}. Give one of them to somebody else, or lift the rule."
    else:
        cause = f"curriculum {name} has {them}, so its students would be in two places. Take one out of it, or lift the rule."
    return Told("joint_start_conflict", values | {kind: name}, f"Lectures of {who} must start together, and {cause}", (JOINT,))


def _crowded(facts: Openings, lectures: Sequence[int]) -> Iterator[tuple[tuple[object, ...], Told]]:
    """More of them than there are rooms for, however these are open."""
    problem = facts.problem
    for rooms in sorted({facts.suitable_rooms[lecture] for lecture in lectures} - {0}):
        inside = [lecture for lecture in lectures if facts.suitable_rooms[lecture] and facts.suitable_rooms[lecture] & ~rooms == 0]
        numbers = [room for room in range(problem.num_rooms) if rooms >> room & 1]
        places = int(problem.room_places[numbers].sum())
        if len(inside) > places:
            sections = list(dict.fromkeys(int(problem.lecture_section[lecture]) for lecture in inside))
            values, who = _who(facts, sections)
            names = listed([facts.names.rooms[room] for room in numbers])
            only = f"only room {names} suits" if len(numbers) == 1 else f"only {len(numbers)} rooms suit: {names}"
            pin = int(problem.lecture_pin_room[inside[0]])
            need = facts.need(inside[0]) if pin < 0 else f"room {facts.names.rooms[pin]}"
            message = (
                f"{Count(len(inside)):lecture} of {who} must start together and need “{need}”, for which {only}. "
                "Add such a room, lower what one of them needs, or lift the rule."
            )
            values |= {"need": need, "lectures": len(inside), "rooms": len(numbers), "room": facts.names.rooms[numbers[0]]}
            yield ("rooms", rooms, *sections), Told("joint_start_rooms", values, message, (JOINT,))
            return


def _scattered(facts: Openings, lectures: Sequence[int]) -> Iterator[tuple[tuple[object, ...], Told]]:
    """No start that all of them have, though each has one: told of two, where two are enough."""
    starts = {lecture: facts.own_starts(lecture) for lecture in lectures}
    if not all(each.any() for each in starts.values()) or np.logical_and.reduce(list(starts.values())).any():
        return
    chosen = next((pair for pair in combinations(lectures, 2) if not (starts[pair[0]] & starts[pair[1]]).any()), tuple(lectures))
    sections = list(dict.fromkeys(int(facts.problem.lecture_section[lecture]) for lecture in chosen))
    values, who = _who(facts, sections)
    when = "; ".join(dict.fromkeys(begins_words(facts, lecture) for lecture in chosen[:MOST_SECTIONS]))
    message = f"Lectures of {who} must start together, and have no start in common: {when}. Open a time for all of them, or lift the rule."
    yield ("starts", *sections), Told("joint_start_times", values, message, (JOINT,))


def _who(facts: Openings, sections: Sequence[int]) -> tuple[Values, str]:
    names = [facts.section(section) for section in sections]
    values: Values = {"first": names[0], **({"second": names[1]} if len(names) > 1 else {})}
    return values, listed(names, MOST_SECTIONS)
