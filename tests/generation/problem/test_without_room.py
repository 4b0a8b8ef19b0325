"""Lectures that need no room: nothing is taken from the others, nothing is counted against them, and no room statistics know them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from academics.demo import demo_rows
from academics.selectors import RoomPreferenceRow, TermRows
from academics.without_room import room_kind_read
from generation.engine.evaluation.evaluate import evaluate
from generation.engine.model.domains import Openings
from generation.engine.model.problem import ANY, Problem, Weights
from generation.engine.model.solution import Solution
from generation.engine.params import SolveParams
from generation.engine.solve import search
from generation.problem.builder import problem_from_rows
from generation.problem.without_room import lectures_without_room, places_without_room
from generation.text.display_names import RoomName
from generation.text.without_room import is_without_room
from generation.timetable.results import statistics_of


def rows_of(kinds: Mapping[int, str], **facts: Any) -> TermRows:
    """The demo, in which the meetings of these offerings, by place, require such a kind of room."""
    rows = demo_rows(scale="small")
    of = {rows.offerings[place].id: kind for place, kind in kinds.items()}
    rows = replace(rows, rules=[], rule_offerings={})
    return replace(rows, meetings=[m._replace(room_kind=of.get(m.offering_id, m.room_kind)) for m in rows.meetings], **facts)


def made(rows: TermRows, weights: Weights | None = None) -> Problem:
    return problem_from_rows(rows, name="demo", weights=weights or Weights(), seed=1)


@pytest.mark.parametrize(
    ("text", "kind"),
    [("Online", "online"), ("no room", "none"), ("en ligne", "online"), ("ohne Raum", "none"), ("онлайн", "online"), ("lab", "lab")],
)
def test_words_for_it_are_read_in_several_languages(text: str, kind: str) -> None:
    assert room_kind_read(text) == kind


def suitable(problem: Problem) -> list[set[str]]:
    """By lecture the rooms that it may be in."""
    names = problem.names.rooms
    return [{name for room, name in enumerate(names) if rooms >> room & 1} for rooms in Openings(problem).suitable_rooms]


def test_nobody_else_is_offered_the_place_and_they_are_offered_nothing_else() -> None:
    problem = made(rows_of({0: "Online", 1: "none"}))
    kinds = [problem.names.room_kinds[kind] if kind != ANY else "" for kind in problem.lecture_room_kind]

    assert problem.names.rooms[-2:] == ("no room", "online")
    assert places_without_room(problem).tolist() == [False] * (problem.num_rooms - 2) + [True, True]
    assert lectures_without_room(problem).tolist() == [kind in ("online", "none") for kind in kinds]
    for kind, rooms in zip(kinds, suitable(problem), strict=True):
        if kind in ("online", "none"):
            assert rooms == {"online" if kind == "online" else "no room"}
        else:
            assert rooms
            assert rooms.isdisjoint(("online", "no room"))


def test_all_of_them_may_be_at_once_and_nothing_costs() -> None:
    rows = rows_of(dict.fromkeys(range(60), "online"))
    offerings = [offering._replace(building_id=rows.buildings[n % 2].id) for n, offering in enumerate(rows.offerings)]
    wished = [RoomPreferenceRow(offering.id, 0, rows.rooms[0].id, None) for offering in offerings]
    problem = made(replace(rows, offerings=offerings, room_preferences=wished), Weights(room_fit=3))
    places = [
        (room, int(problem.room_building[room]), int(problem.room_capacity[room])) for room in np.flatnonzero(places_without_room(problem))
    ]
    own = {
        section: next(room for room, *wish in places if wish == [problem.section_building[section], problem.section_size[section]])
        for section in range(problem.num_sections)
    }
    rooms = np.array([own[section] for section in problem.lecture_section.tolist()], dtype=np.int32)

    found = evaluate(problem, Solution(np.zeros(problem.num_lectures, dtype=np.int32), rooms)).breakdown

    of_rooms = ("room_clash", "room_availability", "room_too_small", "room_type", "room_features", "room_stability", "home_building")
    assert sum(found.get(name, 0) for name in (*of_rooms, "room_fit", "preferred_rooms")) == 0


def test_a_search_places_them_and_statistics_count_rooms_alone() -> None:
    rows = rows_of({0: "online", 1: "none"})
    problem, plain = made(rows), made(demo_rows(scale="small"))
    found = search(problem, SolveParams(iterations=5)).best.solution
    without = lectures_without_room(problem)

    statistics = statistics_of(problem, found, unplaced=0, student_clashes=0)

    assert (found.slot[without] >= 0).all()
    assert places_without_room(problem)[found.room[without]].all()
    assert not places_without_room(problem)[found.room[~without]].any()
    assert statistics["rooms"] == plain.num_rooms
    assert statistics["room_periods_taken"] == problem.lecture_length[~without].sum()


def test_rooms_of_that_kind_are_rooms() -> None:
    rows = rows_of({0: "online"})
    rows = replace(rows, rooms=[rows.rooms[0]._replace(kind="online"), *rows.rooms[1:]])

    assert not places_without_room(made(rows)).any()
    assert made(rows).num_rooms == len(rows.rooms)


def test_a_room_that_is_called_so_keeps_its_name() -> None:
    rows = rows_of({0: "online"})
    rows = replace(rows, rooms=[rows.rooms[0]._replace(code="online"), *rows.rooms[1:]])
    problem = made(rows)

    assert (problem.names.rooms[0], problem.names.rooms[-1]) == ("online", "(online)")
    assert places_without_room(problem).tolist() == [False] * len(rows.rooms) + [True]
    assert not is_without_room("online", {"online"})
    assert [RoomName(code).full for code in ("(online)", "online/2", "no room", "R1")] == ["online", "online", "no room", "R1"]
