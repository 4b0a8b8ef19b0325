"""What the rows check about themselves."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.exceptions import ValidationError

from academics.models import Availability, CourseOffering, Organization, RoomPreference, Rule, RuleTimeslot, Section, Term, cost_ids
from generation.engine.model.problem import WEIGHT_IDS
from tests.factories.university import university


def test_costs_are_the_engine_s_weights() -> None:
    assert list(cost_ids()) == list(WEIGHT_IDS)


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ({"compactnes": 3}, "'compactnes' is not a constraint with a cost"),
        ({"compactness": -1}, "compactness: -1 is not a whole number from 0 to 10000"),
        ({"compactness": "3"}, "compactness: '3' is not"),
        ({"compactness": True}, "compactness: True is not"),
        ([3], "Give a name and a cost"),
    ],
)
def test_weights_are_named_whole_numbers(weights: object, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Organization(code="x", name="X", weights=weights).clean()

    Organization(code="x", name="X", weights={"compactness": 0, "lunch": 10_000}).clean()


def test_a_mark_is_of_one_instructor_room_or_offering() -> None:
    Availability(room_id=1, day=0, period=0, rating=-2).clean()

    with pytest.raises(ValidationError, match="Choose one of"):
        Availability(room_id=1, instructor_id=1, day=0, period=0).clean()


def test_some_kinds_of_rules_can_be_weighted_and_others_are_always_hard() -> None:
    for kind in Rule.WEIGHTED:
        Rule(kind=kind, is_hard=False).clean()

    with pytest.raises(ValidationError, match="always hard"):
        Rule(kind=Rule.Kind.PIN_DAY, day=1, is_hard=False).clean()


def test_a_fixed_day_a_listed_timeslot_and_a_preference_say_what_they_mean() -> None:
    Rule(kind=Rule.Kind.PIN_DAY, day=0).clean()
    RuleTimeslot(day=0).clean()
    RuleTimeslot(period=0).clean()

    with pytest.raises(ValidationError, match="Only a rule about an order"):
        Rule(kind=Rule.Kind.SAME_DAY, first=CourseOffering()).clean()
    with pytest.raises(ValidationError, match="Give the day"):
        Rule(kind=Rule.Kind.PIN_DAY).clean()
    with pytest.raises(ValidationError, match="Give a day, a period"):
        RuleTimeslot().clean()
    with pytest.raises(ValidationError, match="Choose a room or a building"):
        RoomPreference().clean()


def test_term_ends_after_it_starts_in_years_that_calendars_know() -> None:
    def refused(starts_on: dt.date, ends_on: dt.date) -> set[str]:
        with pytest.raises(ValidationError) as caught:
            Term(starts_on=starts_on, ends_on=ends_on).clean()
        return set(caught.value.message_dict)

    assert refused(dt.date(2026, 10, 1), dt.date(2026, 9, 1)) == {"ends_on"}
    assert refused(dt.date(2026, 10, 1), dt.date(9999, 12, 31)) == {"ends_on"}
    assert refused(dt.date(2026, 10, 1), dt.date(2029, 1, 31)) == {"ends_on"}


def test_an_offering_makes_no_more_than_so_many_sections() -> None:
    CourseOffering(expected_students=500 * 30, max_section_size=30).clean()
    with pytest.raises(ValidationError, match="more than 500 sections"):
        CourseOffering(expected_students=500 * 30 + 1, max_section_size=30).clean()


@pytest.fixture
def lecture_and_lab(db: None) -> tuple[CourseOffering, CourseOffering]:
    lecture, lab = CourseOffering.objects.filter(term=university()).order_by("id")[:2]
    lab.part_of = lecture
    lab.full_clean()
    lab.save()
    return lecture, lab


def test_a_part_hangs_on_a_lecture_of_its_term_that_is_no_part(lecture_and_lab: tuple[CourseOffering, CourseOffering]) -> None:
    lecture, lab = lecture_and_lab
    other, unrelated = CourseOffering.objects.filter(term=lecture.term).order_by("id")[2:4]
    strange = CourseOffering.objects.filter(term=university()).order_by("id")[0]

    for part, of, says in (
        (lab, lab, "no part of itself"),
        (other, strange, "of another term"),
        (other, lab, "itself a part"),
        (lecture, unrelated, "has parts of its own"),
    ):
        part.part_of = of
        with pytest.raises(ValidationError, match=says):
            part.full_clean()


def test_a_section_belongs_to_a_section_of_its_offering_s_lecture(lecture_and_lab: tuple[CourseOffering, CourseOffering]) -> None:
    lecture, lab = lecture_and_lab
    mine = {"organization": lecture.organization}
    whole, group = Section.objects.create(**mine, offering=lecture, code="A"), Section.objects.create(**mine, offering=lab, code="P")

    Section(**mine, offering=lab, code="Q", parent=whole).full_clean()

    with pytest.raises(ValidationError, match="Choose a section of"):
        Section(**mine, offering=lab, code="Q", parent=group).full_clean()
    with pytest.raises(ValidationError, match="not part of a lecture"):
        Section(**mine, offering=lecture, code="B", parent=group).full_clean()
