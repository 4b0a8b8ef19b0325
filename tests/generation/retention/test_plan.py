"""What of an earlier timetable can stay: judged against the data as they are now."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from generation.engine.constraints.register import HARD_IDS
from generation.engine.model.problem import Csr, Problem
from generation.errors import Unsolvable
from generation.retention.kept_places import Kept, KeptPlace, problem_pinned
from generation.retention.messages import REASONS, kept_words
from generation.retention.plan import OF_NO_PLACE, EarlierPlace, pinned_or_refused, plan_make
from generation.timetable.lecture_keys import LectureKey, lectures_known, sections_followed, sections_matched, sections_of
from tests.factories.problems import problem_make

PROBLEM = problem_make((0, 1, 2, 2), instructors=2, section_instructors=[[0], [0], [1]])  # 2 days of 4 periods, rooms R0 and R1
KEYS = list(lectures_known(PROBLEM))


def earlier(
    lecture: int, day: int | None, period: int | None, room: str = "R0", *, is_named: bool = True, parts: str = "both"
) -> EarlierPlace:
    in_time, in_room = parts in ("both", "time"), parts in ("both", "room")
    return EarlierPlace(KEYS[lecture], day, period, room, in_time, in_room, is_named and in_time, is_named and in_room, is_named)


def why(problem: Problem, *earlier_places: EarlierPlace) -> dict[LectureKey, str]:
    return {lost.earlier.key: lost.why for lost in plan_make(problem, earlier_places).lost}


def test_places_that_break_no_rule_stay() -> None:
    plan = plan_make(PROBLEM, [earlier(0, 0, 0), earlier(2, 0, 0, "R1")])

    assert [place[1:4] for place in plan.kept.places] == [(0, 0, "R0"), (0, 0, "R1")]
    assert (plan.num_kept, plan.num_new, plan.lost, plan.freed) == (2, 2, (), ())


def test_a_lecture_without_a_place_is_placed_anew() -> None:
    plan = plan_make(PROBLEM, [earlier(0, None, None, "")])

    assert (plan.num_kept, plan.num_without_place, plan.lost) == (0, 1, ())


@pytest.mark.parametrize(
    ("problem", "expected"),
    [
        (replace(PROBLEM, room_available=np.zeros((2, 8), dtype=bool)), "the room is closed then"),
        (replace(PROBLEM, instructor_available=np.zeros((2, 8), dtype=bool)), "its section or its instructor is not available then"),
        (replace(PROBLEM, room_capacity=np.array([5, 5], dtype=np.int32)), "the room is too small for it"),
        (replace(PROBLEM, lecture_pin_slot=np.array([3, -1, -1, -1], dtype=np.int32)), "a rule fixes it to another place"),
        (replace(PROBLEM, num_days=0), "the week no longer has that time"),
        (replace(PROBLEM, names=replace(PROBLEM.names, rooms=("X", "Y"))), "there is no such room any more"),
    ],
)
def test_what_the_data_forbid_now_cannot_stay_and_is_told(problem: Problem, expected: str) -> None:
    assert why(problem, earlier(0, 0, 0)) == {KEYS[0]: expected}


def test_every_hard_rule_about_places_has_its_words() -> None:
    assert set(REASONS) == set(HARD_IDS) - set(OF_NO_PLACE)


def test_lectures_that_are_gone_are_told_apart_from_sections_that_are() -> None:
    fewer = problem_make((0, 1, 2), instructors=2, section_instructors=[[0], [0], [1]])
    unknown = earlier(0, 0, 0)._replace(key=LectureKey("OLD", "OLD-1", 1, 0))

    assert why(fewer, earlier(3, 0, 0), unknown) == {
        KEYS[3]: "its section no longer has that many lectures of that length",
        unknown.key: "its section is no longer in the data",
    }


def test_of_two_in_each_others_way_the_one_pinned_by_hand_stays() -> None:
    plan = plan_make(PROBLEM, [earlier(0, 0, 0), earlier(1, 0, 0, "R1", is_named=False)])

    assert [place.key for place in plan.kept.places] == [KEYS[0]]
    assert ([lost.earlier.key for lost in plan.freed], plan.lost) == ([KEYS[1]], ())
    assert set(why(PROBLEM, earlier(0, 0, 0), earlier(1, 0, 0, "R1"))) == {KEYS[0], KEYS[1]}


def test_a_pin_of_the_time_alone_asks_nothing_of_the_room_and_the_other_way_round() -> None:
    closed = replace(PROBLEM, room_available=np.zeros((2, 8), dtype=bool))

    assert why(closed, earlier(0, 0, 0, "GONE", parts="time"), earlier(2, 0, 0, "R0", parts="time")) == {}
    assert why(PROBLEM, earlier(0, 0, 0, parts="room"), earlier(1, 0, 0, parts="room")) == {}
    assert list(why(PROBLEM, earlier(0, 0, 0, parts="time"), earlier(1, 0, 0, parts="time"))) == [KEYS[0], KEYS[1]]


def test_kept_places_become_pins_of_the_problem_and_survive_being_stored() -> None:
    kept = Kept((KeptPlace(KEYS[1], 1, 2, "R1", True, True), KeptPlace(KEYS[2], None, None, "R0")), ("gone",))

    pinned = problem_pinned(PROBLEM, Kept.of(kept.document()))

    assert pinned.lecture_pin_slot.tolist() == [-1, 6, -1, -1]
    assert pinned.lecture_pin_room.tolist() == [-1, 1, 0, -1]
    assert Kept.of(kept.document()) == kept
    assert kept.digest() != Kept(kept.places[:1]).digest() != Kept().digest() == ""


def test_a_run_whose_data_changed_since_is_refused_with_the_names() -> None:
    kept = Kept((KeptPlace(KEYS[0], 0, 0, "R0"),))
    other = replace(PROBLEM, section_instructors=Csr.of([[1], [0], [1]]), instructor_available=np.zeros((2, 8), dtype=bool))

    with pytest.raises(Unsolvable, match=KEYS[0].section):
        pinned_or_refused(other, kept)


@pytest.mark.parametrize(
    ("earlier", "now", "expected"),
    [
        ("X", "X/1 X/2", {"X": "X/1"}),
        ("X/1 X/2 X/3", "X", {"X/1": "X"}),
        ("X/1 X/2 X/3", "X/1 X/2", {"X/1": "X/1", "X/2": "X/2"}),
        ("X", "A B", {"X": "A"}),
        ("X/1 X/2", "X/1 A", {"X/1": "X/1", "X/2": "A"}),
        ("A B", "X/1 X/2 X/3", {"A": "X/1", "B": "X/2"}),
        ("A B", "B C", {"B": "B"}),
    ],
)
def test_a_section_is_known_again_although_others_come_and_go(earlier: str, now: str, expected: dict[str, str]) -> None:
    found = sections_matched(*([("X", section) for section in sections.split()] for sections in (earlier, now)))

    assert {was[1]: called[1] for was, called in found.items()} == expected


def linked(*labs: int) -> Problem:
    """A lecture in two sections, and a lab of numbered sections, each of the lecture's section of that number."""
    made = problem_make(range(2 + len(labs)))
    sections = ("L/1", "L/2", *(f"B/{number}" for number in range(1, len(labs) + 1)))
    names = replace(made.names, sections=sections, courses=tuple(section[0] for section in sections))
    return replace(made, names=names, section_parent=np.array([-1, -1, *(lecture - 1 for lecture in labs)], dtype=np.int32))


def test_labs_follow_their_lectures_section_when_one_more_gives_them_other_numbers() -> None:
    earlier, now = linked(1, 2), linked(1, 1, 2)

    found = sections_followed(sections_of(earlier), earlier, now)

    assert {was[1]: called[1] for was, called in found.items()} == {"L/1": "L/1", "L/2": "L/2", "B/1": "B/1", "B/2": "B/3"}
    back = sections_followed(sections_of(now), now, earlier)
    assert {was[1]: called[1] for was, called in back.items()} == {"L/1": "L/1", "L/2": "L/2", "B/1": "B/1", "B/3": "B/2"}


def test_a_lecture_that_stays_is_told_where_others_teach_it_today() -> None:
    taught = earlier(0, 0, 0)._replace(instructors=("GONE",)), earlier(2, 0, 1, "R1")._replace(instructors=("Dr 1",))

    assert [tuple(each) for each in plan_make(PROBLEM, taught).renewed] == [(KEYS[0], ("GONE",), ("Dr 0",))]


def test_the_terminal_says_how_many_that_stay_are_taught_by_others() -> None:
    fixed = {"keep": "sound", "kept": 1, "placed_anew": 3, "left_out": 0, "students_staying": 1, "taught_by_others": 1}

    said = kept_words(fixed)

    assert said == ("1 lecture stays, 3 are placed anew. 1 student keeps a section. 1 of those that stay is taught by others than there.")
    assert kept_words({**fixed, "kept": 2, "students_staying": 0, "taught_by_others": 0}) == "2 lectures stay, 3 are placed anew."
