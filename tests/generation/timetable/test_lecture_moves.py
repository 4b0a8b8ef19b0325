"""Which lectures count as moved, and whose week as changed."""

from __future__ import annotations

from typing import Any

from generation.comparison.people import people_changed
from generation.timetable.lecture_moves import lectures_moved
from generation.timetable.lectures import Lecture


def lecture(number: int, section: str = "ALG-1", *, day: int | None = 0, period: int | None = 0, room: str = "R1", **facts: Any) -> Lecture:
    course = section.split("-")[0]
    who = facts.get("instructors", ("K",))
    return Lecture(number, course, course.title(), section, who, (), (), 20, room, day, period, facts.get("length", 1), False)


def changed(first: list[Lecture], second: list[Lecture], *seats: dict[str, list[str]]) -> tuple[int | None, int]:
    people = people_changed(first, second, (seats[0], seats[-1]) if seats else ({}, {}))
    return people.num_students, people.num_instructors


def test_a_lecture_at_another_time_or_room_moved() -> None:
    first = [lecture(0), lecture(1, "BIO-1"), lecture(2, "CHE-1")]
    second = [lecture(0, day=1), lecture(1, "BIO-1", room="R2"), lecture(2, "CHE-1")]
    moved = lectures_moved(first, second)
    assert [(move.either.section, move.first and move.first.place, move.second and move.second.place) for move in moved] == [
        ("ALG-1", (0, 0, "R1"), (1, 0, "R1")),
        ("BIO-1", (0, 0, "R1"), (0, 0, "R2")),
    ]


def test_two_like_lectures_that_exchanged_their_places_are_no_move_and_change_nobody() -> None:
    first, second = [lecture(0), lecture(1, day=3)], [lecture(0, day=3), lecture(1)]
    assert lectures_moved(first, second) == []
    assert changed(first, second, {"s": ["ALG-1"]}) == (0, 0)


def test_lectures_of_another_length_are_not_alike() -> None:
    first = [lecture(0, length=2), lecture(1, day=3)]
    second = [lecture(0, day=3, length=2), lecture(1)]
    assert len(lectures_moved(first, second)) == 2


def test_what_only_one_run_has_is_told_as_such() -> None:
    (gone,) = lectures_moved([lecture(0), lecture(7, "OLD-1")], [lecture(3)])
    assert (gone.either.section, gone.second) == ("OLD-1", None)
    (come,) = lectures_moved([], [lecture(3)])
    assert come.first is None


def test_a_lecture_without_a_place_counts_for_its_people() -> None:
    first, second = [lecture(0)], [lecture(0, day=None, period=None, room="")]
    assert changed(first, second, {"s": ["ALG-1"], "t": []}) == (1, 1)


def test_only_those_whose_own_week_differs_are_counted() -> None:
    first = [lecture(0), lecture(1, "BIO-1", instructors=("N",))]
    second = [lecture(0), lecture(1, "BIO-1", day=2, instructors=("N",))]
    seats = {"a": ["ALG-1"], "b": ["ALG-1", "BIO-1"], "c": ["BIO-1"]}
    assert changed(first, second, seats) == (2, 1)


def test_a_student_in_a_parallel_section_at_the_same_time_and_room_does_not_change() -> None:
    both = [lecture(0), lecture(1, "ALG-2"), lecture(2, "ALG-3", day=4)]
    assert changed(both, both, {"s": ["ALG-1"], "t": ["ALG-1"]}, {"s": ["ALG-2"], "t": ["ALG-3"]}) == (1, 0)


def test_whoever_only_one_variant_knows_changes() -> None:
    first = [lecture(0)]
    second = [lecture(0, instructors=("N",))]
    assert changed(first, second, {"s": ["ALG-1"]}, {"t": ["ALG-1"]}) == (2, 2)


def test_students_without_names_are_not_counted() -> None:
    assert changed([lecture(0)], [lecture(0, day=1)]) == (None, 1)
