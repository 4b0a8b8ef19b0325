"""An institution of two instructors, and its form of wishes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from academics.models import Organization, Term
from generation.models import WishRound
from generation.wishes.rounds import round_save
from tests.factories import OrganizationFactory
from tests.factories.tables import TABLES, files_import

NO_WISHES = {name: text for name, text in TABLES.items() if name != "availability.csv"}


@pytest.fixture
def organization() -> Organization:
    organization: Organization = OrganizationFactory()
    files_import(organization, NO_WISHES)
    return organization


@pytest.fixture
def term(organization: Organization) -> Term:
    return Term.objects.get(organization=organization)


@pytest.fixture
def found(term: Term) -> WishRound:
    now = timezone.now()
    return round_save(term=term, opens_at=now - timedelta(hours=1), closes_at=now + timedelta(days=7), message="Tell us.")
