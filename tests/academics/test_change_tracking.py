"""Whatever changes an institution's data changes its revision and no other's, and nothing else does."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import F

from academics.change_tracking import tables_marked
from academics.concerned import way_of
from academics.models import (
    Course,
    CourseOffering,
    Curriculum,
    DataChange,
    Holiday,
    Instructor,
    Membership,
    Organization,
    Period,
    Room,
    Section,
    Student,
    Term,
)
from academics.selectors import data_revision
from tests.factories import UserFactory
from tests.factories.university import university

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def _save(term: Term) -> None:
    term.num_days = 4
    term.save()


def _room_on_conflict(term: Term) -> None:
    room = Room.objects.get(organization=term.organization, code="R0")
    room.capacity = 5
    Room.objects.bulk_create([room], update_conflicts=True, unique_fields=["id"], update_fields=["capacity"])


CHANGES: dict[str, Callable[[Term], object]] = {
    "save": _save,
    "update": lambda term: Room.objects.filter(organization=term.organization, code="R0").update(capacity=3),
    "update over a join": lambda term: Room.objects.filter(organization__code=term.organization.code).update(capacity=F("capacity") + 1),
    "update of many": lambda term: Period.objects.filter(term=term).update(break_after=True),
    "bulk": lambda term: Room.objects.bulk_create([Room(organization=term.organization, code=f"N{n}", capacity=1) for n in range(3)]),
    "bulk by way of a term": lambda term: Holiday.objects.bulk_create(
        [Holiday(term=term, name=f"H{n}", starts_on="2026-01-01", ends_on="2026-01-02") for n in range(3)]
    ),
    "bulk update": lambda term: Room.objects.bulk_update(_larger(term), ["capacity"]),
    "bulk over rows that are there": _room_on_conflict,
    "link": lambda term: CourseOffering.objects.filter(term=term)[0].curricula.add(
        *Curriculum.objects.filter(organization=term.organization)
    ),
    "unlink": lambda term: CourseOffering.objects.filter(term=term)[0].instructors.clear(),
    "cascade": lambda term: CourseOffering.objects.filter(term=term).delete(),
    "cascade from the top": lambda term: term.organization.delete(),
    "remove": lambda term: Room.objects.filter(organization=term.organization, code="R0").delete(),
    "organization": lambda term: Organization.objects.filter(pk=term.organization_id).update(name="Another"),
    "section": lambda term: Section.objects.create(
        organization=term.organization, offering=CourseOffering.objects.filter(term=term)[0], code="Z", size=3
    ),
}


def _larger(term: Term) -> list[Room]:
    rooms = list(Room.objects.filter(organization=term.organization))
    for room in rooms:
        room.capacity += 1
    return rooms


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_every_way_of_writing_changes_the_revision_of_its_institution_alone(change: Callable[[Term], object]) -> None:
    term, other = university(), university()
    before, others = data_revision(term.organization_id), data_revision(other.organization_id)
    key = term.organization_id

    change(term)

    assert data_revision(key) != before
    assert data_revision(other.organization_id) == others


def test_what_concerns_several_changes_each_of_them_and_nobody_else() -> None:
    first, second, third = (university() for _ in range(3))
    before = [data_revision(term.organization_id) for term in (first, second, third)]

    Room.objects.exclude(organization=third.organization).update(capacity=F("capacity") + 1)

    after = [data_revision(term.organization_id) for term in (first, second, third)]
    assert [new != old for new, old in zip(after, before, strict=True)] == [True, True, False]


def test_a_row_that_goes_to_another_institution_changes_both() -> None:
    first, second = university(), university()
    before = [data_revision(term.organization_id) for term in (first, second)]
    room, period = Room.objects.filter(organization=first.organization)[0], first.periods.all()[0]

    room.organization, room.code = second.organization, "CAME"
    room.save()
    between = [data_revision(term.organization_id) for term in (first, second)]
    Period.objects.filter(pk=period.pk).update(term=second, index=60)

    after = [data_revision(term.organization_id) for term in (first, second)]
    assert all(new != old for new, old in zip(between, before, strict=True))
    assert all(new != old for new, old in zip(after, between, strict=True))


@pytest.mark.parametrize(
    "sql",
    [
        """UPDATE "academics_room" SET "organization_id" = "organization_id" + 0""",
        """INSERT INTO "academics_room" SELECT * FROM "academics_room" WHERE 1 = 0""",
    ],
)
def test_a_statement_that_is_not_understood_concerns_everybody(sql: str) -> None:
    term, other = university(), university()
    before = data_revision(other.organization_id)
    with connection.cursor() as cursor:
        cursor.execute(sql)

    assert data_revision(other.organization_id) != before
    assert data_revision(term.organization_id)


def test_a_write_that_meets_no_row_changes_nothing() -> None:
    term = university()
    before = data_revision(term.organization_id)

    Room.objects.filter(code="NOWHERE").update(capacity=1)
    Student.objects.filter(code="NOBODY").delete()

    assert data_revision(term.organization_id) == before


def test_every_table_of_data_leads_to_an_institution() -> None:
    assert [table for table in tables_marked() if way_of(table) is None] == []


def test_reading_and_roles_leave_the_revision() -> None:
    term = university()
    before = data_revision(term.organization_id)

    assert term.offerings.count()
    Membership.objects.create(organization=term.organization, user=UserFactory(), role="viewer")

    assert data_revision(term.organization_id) == before


def test_what_is_undone_has_not_changed_anything() -> None:
    term = university()
    before = data_revision(term.organization_id)

    with transaction.atomic():
        Room.objects.filter(organization=term.organization).update(capacity=3)
        transaction.set_rollback(True)

    assert data_revision(term.organization_id) == before


def test_a_mark_of_the_previous_release_is_of_all() -> None:
    first, second = university(), university()
    before = {data_revision(first.organization_id), data_revision(second.organization_id)}

    with connection.cursor() as cursor:
        cursor.execute("""INSERT INTO "academics_datachange" ("at") VALUES (%s)""", ["2026-01-01T00:00:00"])

    assert not before & {data_revision(first.organization_id), data_revision(second.organization_id)}


def test_old_marks_are_put_together_and_no_revision_comes_twice() -> None:
    term, quiet = university(), university()
    seen, others = {data_revision(term.organization_id)}, data_revision(quiet.organization_id)
    for number in range(12):
        Instructor.objects.filter(organization=term.organization).update(name=f"N{number}")
        seen.add(data_revision(term.organization_id))
        DataChange.objects.compact(keep=2)
        seen.add(data_revision(term.organization_id))

    assert len(seen) == 13
    assert DataChange.objects.filter(organization_id=term.organization_id).count() == 2
    assert DataChange.objects.filter(organization_id=quiet.organization_id).count() == 2
    assert data_revision(quiet.organization_id) == others


@pytest.mark.django_db(transaction=True)
def test_rows_that_another_transaction_adds_in_between_are_marked_too() -> None:
    """Between the look at whose rows a statement meets and the statement itself."""
    if connection.vendor != "postgresql":
        return  # SQLite has one writer at a time: nobody comes in between
    term, other = university(), university()
    before = data_revision(other.organization_id)
    done: list[Any] = []

    def elsewhere() -> None:
        Room.objects.create(organization=other.organization, code="LATE", capacity=1)
        DataChange.objects.filter(organization_id=other.organization_id).delete()
        done.append(data_revision(other.organization_id))
        connection.close()

    def in_between(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith("UPDATE") and not done:
            thread = threading.Thread(target=elsewhere)
            thread.start()
            thread.join()
        return execute(sql, params, many, context)

    connection.execute_wrappers.append(in_between)  # inside of ours
    try:
        Room.objects.filter(code__in=["LATE", "R0"], capacity__gt=0).exclude(organization=None).update(capacity=9)
    finally:
        connection.execute_wrappers.remove(in_between)

    assert data_revision(other.organization_id) not in (before, *done)
    assert data_revision(term.organization_id)


@pytest.mark.django_db(transaction=True)
def test_rows_are_added_outside_a_transaction_and_marked() -> None:
    """Where each statement is a transaction of its own, with its references looked at when it ends."""
    term = university()
    before = data_revision(term.organization_id)

    course = Course.objects.create(organization=term.organization, code="ALONE", name="Alone")
    offering = CourseOffering.objects.create(organization=term.organization, term=term, course=course, expected_students=2)

    assert CourseOffering.objects.get(pk=offering.pk).course == course
    assert data_revision(term.organization_id) != before
