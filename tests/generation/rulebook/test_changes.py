"""What people set in the rule book is what the judge counts: kind by kind, by the form that the pages post."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from django.test import Client

from academics.models import (
    Building,
    CourseOffering,
    Instructor,
    Meeting,
    Organization,
    Room,
    RoomFeature,
    Rule,
    RuleSetting,
    Section,
    Term,
)
from generation.engine.evaluation.evaluate import evaluate
from generation.engine.infeasibility.preflight import preflight
from generation.engine.model.problem import Problem
from generation.engine.model.solution import Solution
from generation.problem.builder import problem_load
from generation.rulebook.context import Book
from generation.rulebook.kinds import ADDABLE, KINDS
from generation.rulebook.listing import line_find
from tests.factories import member
from tests.factories.problems import solution_random
from tests.factories.university import university

pytestmark = pytest.mark.django_db
NEW = "/admin/rules/new"


@pytest.fixture
def term() -> Term:
    """Six courses of four lectures, one with a section of its own; every wish is weighed."""
    term = university(num_meetings=4)
    organization = term.organization
    organization.weights = {"room_fit": 1}
    organization.source = {"format": "ctt"}  # so that nothing counts that was not entered here
    organization.save()
    building = Building.objects.create(organization=organization, code="B1")
    Room.objects.filter(code="R0").update(building=building)
    Section.objects.create(organization=organization, offering=CourseOffering.objects.get(course__code="C5"), code="OWN")
    return term


@pytest.fixture
def client(term: Term) -> Client:
    client = Client()
    client.force_login(member(term.organization, "admin"))
    return client


def breakdowns(term: Term) -> list[dict[str, int]]:
    """What a few timetables made by chance cost, as the data are now."""
    problem = loaded(term)
    return [dict(evaluate(problem, solution).breakdown) for solution in by_chance(problem)]


def loaded(term: Term) -> Problem:
    return problem_load(organization=Organization.objects.get(pk=term.organization_id), term=Term.objects.get(pk=term.pk))


def by_chance(problem: Problem) -> Iterator[Any]:
    for seed in range(6):
        yield solution_random(problem, np.random.default_rng(seed), unplaced=0)


TWO = {"offerings": "C0, C1"}
SLOTS = {"timeslots": ["0-0", "0-1", "2-3"]}
SHOULD = {"strength": "weighted", "weight": "7"}
# kind, what is filled in, and the constraint whose count it changes
FORMS: list[tuple[str, dict[str, Any], str]] = [
    ("pin_time", {"offerings": "C0", "lecture": "1", "slot": "1-2"}, "pin"),
    ("pin_day", {"offerings": "C0", "lecture": "2", "day": "3"}, "blocked_start"),
    ("pin_room", {"offerings": "C0", "lecture": "1", "room": "R1"}, "pin"),
    ("starts", {"offerings": "C0"} | SLOTS, "blocked_start"),
    ("inside", {"offerings": "C0", "strength": "hard"} | SLOTS, "availability"),
    ("inside", {"offerings": "C0"} | SLOTS | SHOULD, "disliked_times"),
    ("outside", {"offerings": "C0", "strength": "hard"} | SLOTS, "availability"),
    ("outside", {"offerings": "C0"} | SLOTS | SHOULD, "disliked_times"),
    ("same_start", TWO | {"strength": "hard"}, "joint_start"),
    ("same_start", TWO | SHOULD, "same_start"),
    ("no_overlap", TWO | {"strength": "hard"}, "no_overlap"),
    ("no_overlap", TWO | SHOULD, "avoid_overlap"),
    *(
        (kind, form | extra, constraint)
        for kind, form in (
            ("before", TWO | {"first": "C0"}),
            ("consecutive", TWO | {"first": "C0"}),
            ("grouped", TWO),
            ("same_day", TWO),
            ("same_hour", TWO),
            ("days_apart", TWO | {"number": "2"}),
        )
        for extra, constraint in (({"strength": "hard"}, "pair_required"), (SHOULD, "pair_preferred"))
    ),
    ("min_days", {"offering": "C0", "number": "4"}, "min_days"),
    ("preferred_rooms", {"offering": "C0", "choices": "R1, building B1"}, "preferred_rooms"),
    ("home_building", {"offering": "C0", "building": "B1"}, "home_building"),
    ("instructor_daily", {"instructor": "I0", "number": "1"}, "daily_load"),
    ("instructor_consecutive", {"instructor": "I0", "number": "1"}, "consecutive_load"),
    ("instructor_free_days", {"instructor": "I0", "number": "4"}, "free_days"),
    ("instructor_free_half_days", {"instructor": "I0", "number": "9"}, "free_half_days"),
    ("away_instructor", {"instructor": "I0"} | SLOTS, "availability"),
    ("away_room", {"room": "R0"} | SLOTS, "room_availability"),
    ("away_offering", {"offering": "C0"} | SLOTS, "availability"),
    ("away_section", {"section": "C5:OWN"} | SLOTS, "availability"),
    ("wish_instructor", {"instructor": "I0", "rating": "-3"} | SLOTS, "disliked_times"),
    ("wish_room", {"room": "R0", "rating": "-2"} | SLOTS, "disliked_times"),
    ("wish_offering", {"offering": "C0", "rating": "2"} | SLOTS, "disliked_times"),
    ("wish_section", {"section": "OWN", "rating": "-1"} | SLOTS, "disliked_times"),
    ("room_sharing", {"room": "R0", "number": "2"}, "room_clash"),
]


def post_new(client: Client, kind: str, form: dict[str, Any]) -> Any:
    return client.post(f"{NEW}?kind={kind}", {"is_active": "on", "comment": "Because."} | form)


@pytest.mark.parametrize(("kind", "form", "constraint"), FORMS, ids=[f"{kind}-{constraint}" for kind, _, constraint in FORMS])
def test_what_a_form_sets_changes_what_the_judge_counts(
    client: Client, term: Term, kind: str, form: dict[str, Any], constraint: str
) -> None:
    before = breakdowns(term)

    answer = post_new(client, kind, form)

    assert answer.status_code == 302, answer.content.decode()[-4000:]
    after = breakdowns(term)
    assert [row.get(constraint, 0) for row in after] != [row.get(constraint, 0) for row in before]
    others = {name for was, now in zip(before, after, strict=True) for name in was if was[name] != now.get(name, 0)}
    assert others <= {constraint}


def test_every_kind_that_can_be_added_has_been_added_above() -> None:
    assert {kind for kind, _, _ in FORMS} | {"instructor_weekly"} == {kind.id for kind in ADDABLE}


def test_a_weekly_limit_is_arithmetic(client: Client, term: Term) -> None:
    post_new(client, "instructor_weekly", {"instructor": "I0", "number": "3"})

    assert [each.id for each in preflight(loaded(term))] == ["instructor_weekly_limit"]


@pytest.mark.parametrize("kind", ["same_start", "no_overlap", "days_apart", "inside"])
def test_a_weight_multiplies_the_usual_cost(client: Client, term: Term, kind: str) -> None:
    form = {"timeslots": ["0-0"], "offerings": "C0"} if kind == "inside" else TWO | {"number": "2"}
    constraint = {"same_start": "same_start", "no_overlap": "avoid_overlap", "inside": "disliked_times"}.get(kind, "pair_preferred")
    form = {name: value for name, value in form.items() if name != "number" or kind == "days_apart"}
    post_new(client, kind, form | {"strength": "weighted", "weight": "1"})
    once = [row[constraint] for row in breakdowns(term)]
    rule = Rule.objects.get()

    client.post(f"/admin/rules/{kind}-{rule.pk}", form | {"strength": "weighted", "weight": "9", "is_active": "on", "action": "save"})

    assert any(once)
    assert [row[constraint] for row in breakdowns(term)] == [9 * cost for cost in once]


@pytest.mark.parametrize(("kind", "form", "constraint"), FORMS, ids=[f"{kind}-{constraint}" for kind, _, constraint in FORMS])
def test_what_is_switched_off_or_deleted_no_longer_counts(
    client: Client, term: Term, kind: str, form: dict[str, Any], constraint: str
) -> None:
    before = breakdowns(term)
    post_new(client, kind, form)
    with_it = breakdowns(term)
    line_id = client.get(f"/api/rules/?kind={kind}").json()["results"][0]["id"]

    client.post(f"/admin/rules/{line_id}", {"action": "off"})
    assert breakdowns(term) == before
    client.post(f"/admin/rules/{line_id}", {"action": "on"})
    assert breakdowns(term) == with_it
    client.post(f"/admin/rules/{line_id}", {"action": "delete"})

    assert breakdowns(term) == before
    assert not RuleSetting.objects.exists()
    assert client.get(f"/api/rules/{line_id}/").status_code == 404


def test_the_institution_sets_weights_limits_and_seats(client: Client, term: Term) -> None:
    Instructor.objects.filter(code="I0").update(max_daily_periods=1)

    client.post("/admin/rules/weight-room_stability", {"strength": "weighted", "weight": "9"})
    client.post("/admin/rules/weight-daily_load", {"strength": "hard", "weight": "5"})
    client.post("/admin/rules/seats-term", {"strength": "weighted", "weight": "3", "number": "2", "percent": "10"})

    problem = loaded(term)
    assert (problem.weights.room_stability, problem.weights.room_capacity) == (9, 3)
    assert (problem.daily_load_is_hard, problem.capacity_is_hard) == (True, False)
    assert (problem.capacity_tolerance, problem.capacity_tolerance_percent) == (2, 10)
    found = evaluate(problem, next(by_chance(problem))).breakdown
    assert "daily_limit" in found
    assert "daily_load" not in found


def test_free_days_of_all_instructors_are_made_hard_over_rest_and_named_with_their_number(client: Client, term: Term) -> None:
    Organization.objects.filter(pk=term.organization_id).update(min_free_days=2)
    rest = client.get("/api/rules/weight-free_days/").json()

    changed = client.patch("/api/rules/weight-free_days/", {"is_hard": True}, content_type="application/json")
    made = client.post("/api/rules/", {"kind": "instructor_free_days", "instructor": "I0", "number": 5}, content_type="application/json")

    assert {"name": "Every instructor", "value": "2"}.items() <= rest["parameters"][0].items()
    assert (changed.status_code, made.status_code) == (200, 201), (changed.content, made.content)
    assert (made.json()["is_hard"], made.json()["sentence"][:34]) == (True, "I0 has at least 5 free days a week")
    problem = loaded(term)
    assert problem.free_days_is_hard
    assert sorted(set(problem.instructor_free_days.tolist())) == [2, 5]
    assert "instructor_free_days" in {each.id for each in preflight(problem)}
    assert "free_days_required" in evaluate(problem, next(by_chance(problem))).breakdown


def test_what_a_meeting_needs_is_changed(client: Client, term: Term) -> None:
    RoomFeature.objects.create(organization=term.organization, code="GAS")
    meeting = Meeting.objects.get(offering__course__code="C0")
    Meeting.objects.filter(pk=meeting.pk).update(length=2)

    client.post(f"/admin/rules/meeting-{meeting.pk}", {"room_kind": "classroom", "features": ["GAS"]})

    meeting.refresh_from_db()
    assert meeting.room_kind == "classroom"
    assert [feature.code for feature in meeting.features.all()] == ["GAS"]


def test_a_limit_moved_to_another_instructor_leaves_the_first(client: Client, term: Term) -> None:
    post_new(client, "instructor_daily", {"instructor": "I0", "number": "2"})
    first, second = (Instructor.objects.get(code=code) for code in ("I0", "I1"))

    client.post(f"/admin/rules/instructor_daily-{first.pk}", {"instructor": "I1", "number": "3", "is_active": "on"})

    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.max_daily_periods, second.max_daily_periods) == (0, 3)


def test_marks_of_one_rating_leave_those_of_another(client: Client, term: Term) -> None:
    post_new(client, "wish_room", {"room": "R0", "rating": "-2", "timeslots": ["0-0", "0-1"]})
    post_new(client, "wish_room", {"room": "R0", "rating": "3", "timeslots": ["0-1", "1-1"]})

    room = Room.objects.get(code="R0")
    marks = sorted(room.availability.values_list("rating", "day", "period"))
    assert marks == [(-2, 0, 0), (3, 0, 1), (3, 1, 1)]
    line = line_find(Book(term.organization, term), f"wish_room-{room.pk}")
    assert line is not None
    assert line.sentence == "Room R0 would rather not be used on Monday, period 1; much prefers to be used on Monday and Tuesday, period 2."


# Faults, each with its field and what is allowed.
FAULTS: list[tuple[str, dict[str, Any], str]] = [
    ("no_overlap", {"offerings": ""}, "Give at least one course."),
    ("no_overlap", {"offerings": "C0, NONE"}, "has no course this term with the code &#x27;NONE&#x27;"),
    ("no_overlap", TWO | {"strength": "weighted", "weight": "101"}, "is not a whole number from 1 to 100"),
    ("no_overlap", TWO | {"strength": "weighted", "weight": "x"}, "is not a whole number from 1 to 100"),
    ("before", TWO, "Say which course comes first"),
    ("before", {"offerings": "C0", "first": "C0"}, "Choose at least one course that comes after C0"),
    ("days_apart", TWO | {"number": "7"}, "&#x27;7&#x27; is not a whole number from 1 to 6 days"),
    ("pin_time", {"offerings": "C0", "lecture": "5", "slot": "0-0"}, "C0 has 4 lectures"),
    ("pin_time", {"offerings": "C0", "lecture": "1"}, "is not a whole number from 0 to 4"),
    ("pin_room", {"offerings": "C0", "lecture": "1", "room": "R9"}, "has no room with the code"),
    ("starts", {"offerings": "C0"}, "Give at least one timeslot."),
    ("starts", {"offerings": "C0", "timeslots": ["5-0"]}, "is not a timeslot: days are 0 to 4 and periods 0 to 3"),
    ("wish_room", {"room": "R0", "timeslots": ["0-0"], "rating": "-4"}, "-4 means not available"),
    ("instructor_daily", {"instructor": "I0, I1", "number": "2"}, "Give one instructor."),
    ("instructor_daily", {"instructor": "I0", "number": "0"}, "is not a whole number from 1 to 99 periods"),
    ("instructor_free_days", {"instructor": "I0", "number": "8"}, "is not a whole number from 1 to 7 days"),
    ("instructor_free_half_days", {"instructor": "I0", "number": "15"}, "is not a whole number from 1 to 14 half-days"),
    ("min_days", {"offering": "C0", "number": "6"}, "is not a whole number from 1 to 5 days"),
    ("preferred_rooms", {"offering": "C0", "choices": "building X"}, "has no building with the code"),
    ("no_overlap", TWO | {"comment": "x" * 201}, "Write at most 200 characters."),
]


@pytest.mark.parametrize(("kind", "form", "message"), FAULTS)
def test_a_fault_names_its_field_and_what_is_allowed(client: Client, kind: str, form: dict[str, Any], message: str) -> None:
    answer = client.post(f"{NEW}?kind={kind}", {"is_active": "on", "comment": ""} | form)

    assert answer.status_code == 400
    assert message in answer.content.decode()
    assert not Rule.objects.exists()


def test_a_hard_rule_to_start_together_leaves_weighted_ones_weighted(client: Client, term: Term) -> None:
    assert post_new(client, "same_start", TWO | {"strength": "hard"}).status_code == 302
    assert post_new(client, "same_start", {"offerings": "C2, C3"} | SHOULD).status_code == 302

    problem = loaded(term)

    assert problem.joint_is_hard.tolist() == [True] * 4 + [False] * 4
    slots = np.zeros(problem.num_lectures, dtype=np.int32)
    slots[problem.same_start[[0, 4], 1]] = 1
    found = evaluate(problem, Solution(slots, np.zeros_like(slots))).breakdown
    assert (found["joint_start"], found["same_start"]) == (1, problem.weights.same_start * problem.joint_factor[4])


def test_each_kind_says_why_it_cannot_be_otherwise() -> None:
    for kind in KINDS.values():
        assert kind.strength == "either" or kind.why_strength, kind.id


def test_what_no_run_weighs_is_hard_whatever_its_row_says(client: Client, term: Term) -> None:
    kinds = [kind for kind in Rule.Kind.values if kind not in Rule.WEIGHTED]
    mine = {"organization": term.organization, "term": term, "room": Room.objects.get(code="R0")}
    for kind in kinds:
        rule = Rule.objects.create(**mine, kind=kind, day=0, period=0, is_hard=False)
        rule.offerings.add(CourseOffering.objects.get(course__code="C0"))
        for address in (f"/admin/rules/?kind={kind}", f"/admin/rules/{kind}-{rule.pk}"):
            page = client.get(address)
            assert (page.status_code, "Must be kept" in page.content.decode()) == (200, True), kind
        for strength, number in (("hard", 1), ("weighted", 0)):
            asked = {"organization": term.organization.code, "kind": kind, "strength": strength}
            assert len(client.get("/api/rules/", asked).json()["results"]) == number
