"""Whatever changes the institutions' data changes their revision, and nothing else does."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import transaction

from academics.models import CourseOffering, Curriculum, Membership, Room, Term
from academics.selectors import data_revision
from tests.factories import OrganizationFactory, UserFactory
from tests.factories.university import university

pytestmark = pytest.mark.django_db


def _save(term: Term) -> None:
    term.num_days = 4
    term.save()


CHANGES: dict[str, Callable[[Term], object]] = {
    "save": _save,
    "update": lambda term: Room.objects.filter(code="R0").update(capacity=3),
    "bulk": lambda term: Room.objects.bulk_create([Room(organization=term.organization, code="NEW", capacity=1)]),
    "link": lambda term: CourseOffering.objects.filter(term=term)[0].curricula.add(*Curriculum.objects.all()),
    "unlink": lambda term: CourseOffering.objects.filter(term=term)[0].instructors.clear(),
    "cascade": lambda term: term.organization.delete(),
    "remove": lambda term: Room.objects.filter(code="R0").delete(),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_every_way_of_writing_changes_the_revision(change: Callable[[Term], object]) -> None:
    term = university()
    before = data_revision()

    change(term)

    assert data_revision() != before


def test_reading_and_roles_leave_the_revision() -> None:
    term = university()
    before = data_revision()

    assert term.offerings.count()
    Membership.objects.create(organization=term.organization, user=UserFactory(), role="viewer")

    assert data_revision() == before


def test_what_is_undone_has_not_changed_anything() -> None:
    university()
    before = data_revision()

    with transaction.atomic():
        OrganizationFactory()
        transaction.set_rollback(True)

    assert data_revision() == before
