"""A lecture as people see it."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from generation.models import Entry
from generation.timetable.lecture_moves import lectures_elsewhere, num_elsewhere
from generation.timetable.lectures import lecture_of, lectures_of, places_of
from tests.factories import VariantFactory

pytestmark = pytest.mark.django_db


def made() -> tuple[Entry, ...]:
    variant = VariantFactory()
    facts = {"instructors": ["K"], "curricula": ["Q1"], "electives": ["Q2"], "size": 20}
    rows = [{"room": "R1", "day": 0, "period": 2, "length": 2, "is_pinned": True}, {"room": "R2", "day": 1, "period": 0}, {}]
    return tuple(
        Entry.objects.create(variant=variant, lecture=number, course="ALG", title="Algebra", section="ALG-1", **facts, **row)
        for number, row in enumerate(rows)
    )


def test_a_row_and_a_whole_variant_make_the_same_lectures() -> None:
    entries = made()
    assert lectures_of(entries[0].variant) == [lecture_of(entry) for entry in entries]
    first, _, last = (lecture_of(entry) for entry in entries)
    assert (first.place, first.end, first.is_placed, last.is_placed) == ((0, 2, "R1"), 4, True, False)


def test_a_lecture_is_an_elective_in_the_weeks_of_other_curricula_alone() -> None:
    lecture = lecture_of(made()[0])
    asked = [("curriculum", "Q1"), ("curriculum", "Q2"), ("curriculum", ""), ("room", "R1")]
    assert [lecture.is_elective(by=by, key=key) for by, key in asked] == [False, True, False, False]


def test_some_lectures_are_read_in_one_query_and_none_in_no_query() -> None:
    variant = made()[0].variant
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert [each.number for each in lectures_of(variant, numbers={2, 0})] == [0, 2]
        assert lectures_of(variant, numbers=set()) == []
    assert len(queries) == 1


def test_what_stands_elsewhere_is_found_by_number_in_one_variant_and_counted_in_many() -> None:
    variant = made()[0].variant
    before = places_of(variant) | {1: (4, 4, "R2"), 9: (0, 0, "R9")}
    assert lectures_elsewhere(before, places_of(variant)) == [1]
    assert num_elsewhere({variant.pk: before}) == {variant.pk: 1}
