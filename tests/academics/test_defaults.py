"""What counts where a term says nothing, and what is left as it is where something was said."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pytest
from django.test import Client
from rest_framework.test import APIClient

from academics.defaults import lunch_usual, offerings_spread, spread_usual
from academics.models import Availability, CourseOffering, Instructor, Meeting, Organization, Period, Rule, RuleSetting, Term
from academics.selectors import PeriodRow, term_rows
from generation.engine.evaluation.criteria_in_use import wishes_of
from generation.engine.evaluation.evaluate import evaluate
from generation.engine.model.problem import UNPLACED, Problem
from generation.engine.model.solution import Solution
from generation.problem.builder import problem_hash, problem_load
from tests.factories import member
from tests.factories.university import university

pytestmark = pytest.mark.django_db
LINE = "/api/rules/min_days-{}/"


def days(term: Term) -> dict[str, int]:
    """Over how many days a run spreads each course."""
    problem = loaded(term)
    return dict(zip(problem.names.sections, problem.section_min_days.tolist(), strict=True))


def loaded(term: Term) -> Problem:
    return problem_load(organization=Organization.objects.get(pk=term.organization_id), term=Term.objects.get(pk=term.pk))


def back_to_back(problem: Problem) -> Solution:
    """Every section's lectures one after the other on Monday morning; only days count here."""
    slot, room = np.full(problem.num_lectures, UNPLACED, dtype=np.int32), np.zeros(problem.num_lectures, dtype=np.int32)
    first = np.flatnonzero(np.diff(problem.lecture_section, prepend=-1))
    for lecture in range(problem.num_lectures):
        slot[lecture] = lecture - first[problem.lecture_section[lecture]]
    return Solution(slot, room, None)


def offering(code: str) -> CourseOffering:
    return CourseOffering.objects.get(course__code=code)


@pytest.mark.parametrize(("lectures", "num_days", "expected"), [(0, 5, 0), (1, 5, 0), (2, 5, 2), (4, 3, 3), (7, 5, 5), (3, 1, 0)])
def test_as_many_days_as_lectures_and_as_the_week_has(lectures: int, num_days: int, expected: int) -> None:
    assert spread_usual(lectures, num_days) == expected


def periods(*clocks: str, marked: str = "") -> list[PeriodRow]:
    found = []
    for index, clock in enumerate(clocks):
        begins, ends = (dt.time.fromisoformat(each) for each in clock.split("-"))
        found.append(PeriodRow(index, begins, ends, False, clock.startswith(marked) if marked else False))
    return found


HOURS = [f"{hour:02}:00-{hour:02}:50" for hour in range(8, 18)]


@pytest.mark.parametrize(
    ("clocks", "expected"),
    [
        (HOURS, ["12:00", "13:00"]),
        (["08:00-09:30", "09:45-11:15", "11:30-13:00", "13:15-14:45", "15:00-16:30"], ["11:30", "13:15"]),
        (["08:00-09:50", "10:00-11:50", "13:00-14:50", "15:00-16:50"], []),  # an hour is free already
        (HOURS[:4], []),
        (HOURS[4:], []),
        ([], []),
    ],
)
def test_lunch_is_about_noon_where_the_day_goes_on_and_has_no_pause(clocks: list[str], expected: list[str]) -> None:
    assert [f"{each.starts_at:%H:%M}" for each in lunch_usual(periods(*clocks))] == expected


def test_a_term_that_marks_a_lunch_time_has_that_one() -> None:
    assert lunch_usual(periods(*HOURS, marked="11:00")) == []


@pytest.mark.both_databases
def test_two_lectures_on_one_morning_cost_where_nobody_said_how_they_are_spread() -> None:
    term = university()
    problem = loaded(term)

    assert days(term) == dict.fromkeys(("C0", "C1", "C2", "C3", "C4", "C5"), 2)
    assert evaluate(problem, back_to_back(problem)).breakdown["min_days"] == 6 * problem.weights.min_days
    assert wishes_of(problem)["min_days"]


@pytest.mark.both_databases
def test_what_was_said_is_kept_and_off_is_not_the_same_as_nothing() -> None:
    term = university(num_meetings=3)
    CourseOffering.objects.filter(course__code="C0").update(min_days=1)
    RuleSetting.objects.create(organization=term.organization, kind="min_days", offering=offering("C1"), is_active=False)
    for kind, codes in (("same_day", ["C2", "C3"]), ("consecutive", ["C4"])):
        rule = Rule.objects.create(organization=term.organization, term=term, kind=kind, is_hard=False)
        rule.offerings.set(CourseOffering.objects.filter(course__code__in=codes))
    Meeting.objects.filter(offering=offering("C5")).update(count=1)

    assert days(term) == {"C0": 1, "C1": 0, "C2": 0, "C3": 0, "C4": 0, "C5": 0}
    assert set(offerings_spread(term).values_list("course__code", flat=True)) == {"C0", "C1"}


def test_no_more_days_than_the_instructor_is_there() -> None:
    term = university(num_meetings=4)
    away = Instructor.objects.get(code="I0")
    marks = [(day, period) for day in (0, 1, 2) for period in range(4)]
    mine = {"organization": term.organization, "term": term, "instructor": away}
    Availability.objects.bulk_create(Availability(**mine, day=day, period=period) for day, period in marks)

    assert days(term) == {"C0": 2, "C1": 4, "C2": 4, "C3": 2, "C4": 4, "C5": 4}


def test_what_came_in_a_published_format_is_left_as_it_is() -> None:
    term = university()
    Organization.objects.update(source={"format": "ctt", "formulation": "udine2007"})
    Period.objects.create(term=term, index=4, starts_at=dt.time(12), ends_at=dt.time(12, 50))
    Period.objects.create(term=term, index=5, starts_at=dt.time(13), ends_at=dt.time(13, 50))
    Period.objects.create(term=term, index=6, starts_at=dt.time(14), ends_at=dt.time(14, 50))
    before = problem_hash(loaded(term))

    assert set(days(term).values()) == {0}
    assert not loaded(term).lunch_window.any()
    assert not offerings_spread(Term.objects.get()).exists()
    Organization.objects.update(source={})
    assert set(days(term).values()) == {2}
    assert loaded(term).lunch_window.tolist() == [False] * 4 + [True, True, False]
    assert problem_hash(loaded(term)) != before


def test_the_rules_page_says_what_is_a_default_and_changes_and_switches_it() -> None:
    term = university()
    for index, hour in enumerate((12, 13, 14), 4):
        Period.objects.create(term=term, index=index, starts_at=dt.time(hour), ends_at=dt.time(hour, 50))
    admin = member(term.organization, "admin")
    api, client = APIClient(), Client()
    api.force_authenticate(admin)
    client.force_login(admin)
    address, page = LINE.format(offering("C0").pk), f"/admin/rules/min_days-{offering('C0').pk}"

    def line() -> dict[str, Any]:
        return dict(api.get(address).json())

    assert "spread over 2 days" in line()["sentence"]
    assert "nothing was said" in line()["default"]
    listed = client.get("/admin/rules/", {"kind": "times"}).content.decode()
    assert listed.count("Default: nothing was said") == 6
    lunch = api.get("/api/rules/weight-lunch/").json()["default"]
    assert "12:00 and 13:00" in lunch
    assert api.get("/api/rules/weight-instructor_gaps/").json()["default"] == "the usual weight."
    assert api.delete(address).status_code == 409

    client.post(page, {"action": "off"})
    assert (line()["is_active"], days(term)["C0"]) == (False, 0)
    client.post(page, {"action": "on"})
    assert (line()["is_active"], days(term)["C0"]) == (True, 2)
    assert api.patch(address, {"number": 1}, format="json").status_code == 200
    assert (line()["default"], days(term)["C0"]) == ("", 1)
    assert api.delete(address).status_code == 204
    assert days(term)["C0"] == 2, "nothing is said again"


def test_rows_of_a_department_have_the_same_defaults() -> None:
    term = university()
    rows = term_rows(organization=term.organization, term=term, has_students=False)

    assert {row.min_days for row in rows.offerings} == {2}
    assert rows.spread_usual == {row.id for row in rows.offerings}
