"""Sentences about violations: from ids and values, with the names that people know, in the reader's language."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from academics.models import Building, Curriculum, Instructor, Organization, Room
from generation.engine.constraints.register import CONSTRAINTS
from generation.engine.evaluation.violations import violations
from generation.engine.infeasibility.unplaced_reasons import unplaced_reasons
from generation.engine.model.problem import BEFORE, DAYS_APART
from generation.engine.model.solution import Solution
from generation.text import violations as texts
from generation.text.display_names import Naming
from generation.text.phrases import CODES, NOUNS, Number, listed
from generation.text.unplaced_reasons import UNPLACED_MESSAGE, WAYS
from generation.text.violations import PLACE_REASONS, place_reason, relation_of, violation_named, violation_row, violation_text
from tests.factories.problems import blocked, place, problem_make, problem_random, solution_random

# As the release before this one stored it.
OLD_ROW = {
    "constraint": "instructor_clash",
    "is_hard": True,
    "amount": 1,
    "lectures": [4, 9],
    "slot": 12,
    "room": None,
    "who": ["I1"],
    "message": "I1 would teach PH1-1 and MA2-1 at the same time, on Tuesday, 10:00.",
    "suggestion": "Move one of the lectures, or give it another instructor.",
}


class People:
    """Everybody and everything has a name, but for room R1."""

    def instructor(self, code: str) -> str:
        return f"Prof {code[-1]}"

    def curriculum(self, code: str) -> str:
        return f"Biology, group {code[-1]}"

    def room(self, code: str) -> str:
        return code if code == "R1" else f"Hall ({code})"


def stored(row: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.dumps(row))
    return found


@pytest.fixture
def naming(db: None) -> Naming:
    organization = Organization.objects.create(code="hill", name="Hill University")
    Instructor.objects.create(organization=organization, code="I1", name="Asha Rao")
    Curriculum.objects.create(organization=organization, code="BIO-1", name="Biology, year 1")
    science = Building.objects.create(organization=organization, code="SC", name="Science")
    Room.objects.create(organization=organization, code="PH1", name="Physics hall", building=science, capacity=30)
    return Naming(organization.pk)


def test_every_violation_is_stored_without_a_sentence_and_read_as_one() -> None:
    said = set()
    for seed in range(60):
        rng = np.random.default_rng(seed)
        problem = problem_random(rng)
        for each in violations(problem, solution_random(problem, rng)):
            row = stored(violation_row(each))
            text = violation_text(row, People())
            assert (row["message"], row["suggestion"]) == ("", "")
            assert (text.message[-1:], text.suggestion[-1:]) == (".", "."), text
            assert not re.search(r"[{}]|\bDr \d|\bR[02-9]\b(?!\))", text.message), text
            said.add(each.constraint)
    assert len(said) > 20


def test_people_rooms_and_curricula_have_their_names(naming: Naming) -> None:
    problem = problem_make([0, 1], section_instructors=[[0], [0]], section_curricula=[[0], []])
    names = replace(
        problem.names,
        instructors=("I1",),
        curricula=("BIO-1/2",),
        rooms=("PH1", "PH2"),
        days=("Monday", "Tuesday"),
        periods=("8", "9", "10", "11"),
    )
    problem = replace(problem, names=names)
    found = [violation_named(stored(violation_row(each)), naming) for each in violations(problem, place(problem, [(5, 0), (5, 0)]))]

    assert [(row["who"], row["message"]) for row in found if row["is_hard"]] == [
        (["Asha Rao"], "Asha Rao would teach C0-1 and C1-1 at the same time, on Tuesday, 9."),
        (["PH1"], "Physics hall (PH1) is given to more lectures than it holds on Tuesday, 9: C0-1 and C1-1."),
    ]
    assert [row["who"] for row in found if row["constraint"] == "compactness"] == [["Biology, year 1, group 2"]]


def test_a_room_without_a_name_begins_a_sentence_and_stands_within_one() -> None:
    problem = problem_make([0, 1], rooms=2, room_capacity=[0, 0], capacity_is_hard=True)
    clash, small, _ = [violation_row(each) for each in violations(problem, place(problem, [(0, 1), (0, 1)])) if each.is_hard]

    assert violation_text(clash, CODES).message.startswith("Room R1 is given to more lectures than it holds on day 1, period 1: ")
    assert violation_text(small, CODES).message.endswith("more than room R1 has seats.")
    assert place_reason("room_availability", room="R1", who=[], names=People()) == "Room R1 is closed then"
    assert place_reason("room_clash", room="R2", who=["C1-1"], names=People()) == "C1-1 is in Hall (R2) then"
    assert place_reason("instructor_clash", room="R2", who=[], names=People()) == ""


def test_relations_of_two_lectures_are_ids_with_the_day_on_which_the_week_begins() -> None:
    problem = problem_make([0, 1], lecture_pairs=[(0, 1, BEFORE, 0, 0), (0, 1, DAYS_APART, 1, 0)], week_start=1)
    problem = replace(problem, names=replace(problem.names, days=("Monday", "Tuesday")))
    rows = [violation_row(each) for each in violations(problem, place(problem, [(1, 0), (0, 0)])) if each.constraint == "pair_required"]

    assert [relation_of(row) for row in rows] == ["before", "days_apart"]
    assert [violation_text(row, CODES).message for row in rows] == [
        "C0-1 and C1-1 must be held in this order in the week, which begins on Tuesday, "
        "but begin on Monday, period 2 and on Monday, period 1.",
        "C0-1 and C1-1 must be held 1 day apart in the week, which begins on Tuesday, "
        "but begin on Monday, period 2 and on Monday, period 1.",
    ]


def test_what_keeps_a_lecture_out_is_said_with_names_when_it_is_read() -> None:
    problem = problem_make(
        [0], days=1, periods=4, rooms=1, section_instructors=[[0]], instructor_available=blocked(1, 4, (0, 0), (0, 1)),
        room_available=blocked(1, 4, (0, 2), (0, 3)),
    )  # fmt: skip
    (unplaced,) = unplaced_reasons(problem, Solution.empty(problem))
    (violation,) = [each for each in violations(problem, Solution.empty(problem)) if each.constraint == "unplaced"]
    row = stored(violation_row(violation, unplaced))

    assert violation_text(row, People()) == (
        "C0-1 has no timeslot and room yet (1 period): of the week's 4 starts, 2 are outside the available times of Prof 0, "
        "2 find every suitable room closed (Hall (R0), for example).",
        "It would fit on day 1, period 3 if Hall (R0) were open then. It would fit on day 1, period 4 if Hall (R0) were open then. "
        "It would fit on day 1, period 1 if Prof 0 were available then.",
    )


def test_what_an_earlier_release_stored_is_read_as_it_is(naming: Naming) -> None:
    assert violation_named(OLD_ROW, naming) == OLD_ROW | {"who": ["Asha Rao"]}
    lunch = OLD_ROW | {"constraint": "lunch", "who": ["BIO-1"]}
    assert violation_named(lunch, naming)["who"] == ["Biology, year 1"]
    of_room = OLD_ROW | {"constraint": "disliked_times", "room": 3}
    of_students = OLD_ROW | {"constraint": "student_clash"}
    assert [violation_named(row, naming)["who"] for row in (of_room, of_students)] == [["I1"], ["I1"]]
    assert relation_of(OLD_ROW | {"message": "A and B must be held on one day, but begin on Monday, 8 and on Tuesday, 8."}) == "same_day"


@pytest.mark.parametrize(
    "facts",
    [
        {"values": [["room", ["R1"]]]},
        {"values": [["count", "3"]]},
        {"values": []},
        {"values": 3},
        {"units": "many"},
        {"unplaced": {"starts": 3, "reasons": [["no such reason", 1, []]], "ways": []}},
        {"unplaced": {"starts": 3, "reasons": [], "ways": [["fits", []]]}},
    ],
)
def test_what_is_no_violation_is_refused(facts: dict[str, Any]) -> None:
    problem = problem_make([0], room_capacity=[0], capacity_is_hard=True)
    (violation,) = [each for each in violations(problem, place(problem, [(0, 0)])) if each.constraint == "room_too_small"]

    with pytest.raises((ValueError, LookupError, TypeError)):
        violation_text(stored(violation_row(violation)) | facts, CODES)


def test_every_template_has_its_nouns_and_is_translated(monkeypatch: pytest.MonkeyPatch) -> None:
    templates = [each.texts.message for each in CONSTRAINTS.values()]
    templates += [*WAYS.values(), *PLACE_REASONS.values(), UNPLACED_MESSAGE]
    assert {noun for template in templates for noun in re.findall(r":([a-z ]+)}", template)} <= set(NOUNS)
    assert [f"{Number(number):empty period}" for number in (1, 2)] == ["1 empty period", "2 empty periods"]
    assert f"{Number(2):half-day}" == "2 half-days", "a constraint may bring a noun that is not listed"
    assert [listed(list("abcdef")[:number]) for number in (0, 1, 2, 6)] == ["", "a", "a and b", "a, b, c, d and 2 more"]

    asked: list[str] = []
    clash = CONSTRAINTS["instructor_clash"].texts
    monkeypatch.setattr(texts, "gettext", lambda template: (asked.append(template), template)[1])
    problem = problem_make([0, 1], section_instructors=[[0], [0]])
    violation_text(violation_row(violations(problem, place(problem, [(5, 0), (5, 0)]))[0]), CODES)
    assert {clash.message, clash.suggestion} <= set(asked)
