"""The institution's rows."""

from __future__ import annotations

import datetime as dt
from typing import Any

import factory
from django.contrib.auth.models import User
from factory.django import DjangoModelFactory

from academics.models import Membership, Organization, Period, Term

PASSWORD = "a-long-enough-password"


class OrganizationFactory(DjangoModelFactory):
    class Meta:
        model = Organization

    code = factory.Sequence(lambda n: f"uni-{n}")
    name = factory.LazyAttribute(lambda row: f"University {row.code}")
    time_zone = "Europe/Warsaw"


class UserFactory(DjangoModelFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"user-{n}")
    is_active = True

    @factory.post_generation
    def password(obj: User, create: bool, extracted: str | None, **kwargs: Any) -> None:  # noqa: N805
        """Hashing is slow: only where a test signs in with a password (``password=PASSWORD``)."""
        if extracted:
            obj.set_password(extracted)
            obj.save(update_fields=["password"])


class MembershipFactory(DjangoModelFactory):
    class Meta:
        model = Membership

    organization = factory.SubFactory(OrganizationFactory)
    user = factory.SubFactory(UserFactory)
    role = Membership.Role.ADMIN


class TermFactory(DjangoModelFactory):
    """Four periods a day, 08:00 to 12:00; ``num_periods=`` makes another number."""

    class Meta:
        model = Term
        skip_postgeneration_save = True

    organization = factory.SubFactory(OrganizationFactory)
    code = factory.Sequence(lambda n: f"term-{n}")
    name = "Winter term"
    starts_on = dt.date(2026, 10, 5)
    ends_on = dt.date(2027, 1, 29)
    num_days = 5

    @factory.post_generation
    def num_periods(obj: Term, create: bool, extracted: int | None, **kwargs: Any) -> None:  # noqa: N805
        Period.objects.bulk_create(
            Period(term=obj, index=index, starts_at=dt.time(8 + index), ends_at=dt.time(8 + index, 50)) for index in range(extracted or 4)
        )


def member(organization: Organization, role: str, **facts: Any) -> User:
    """A new user with that role there."""
    user: User = UserFactory(**facts)
    Membership.objects.create(organization=organization, user=user, role=role)
    return user
