"""Whose rule book is meant, and whether the caller may read or change it: for the pages and for REST."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User

from academics.ids import number_read
from academics.models import CourseOffering, Curriculum, Instructor, Meeting, Organization, Room, Rule, Section, Term
from academics.selectors import organizations_visible
from generation.errors import Missing
from generation.models import Variant
from generation.rulebook.context import Book
from generation.rulebook.costs import costs_of, variants_offered
from generation.rulebook.kinds import KINDS, owner_of
from generation.web.lookup import organization_for

# The model whose id a constraint's id ends with, and the way from it to its organization.
OWNERS: dict[str, tuple[Any, str]] = {
    "offering": (CourseOffering, "organization"),
    "instructor": (Instructor, "organization"),
    "room": (Room, "organization"),
    "section": (Section, "organization"),
    "meeting": (Meeting, "offering__organization"),
    "curriculum": (Curriculum, "organization"),
    "rule": (Rule, "organization"),
}


def organization_of_line(*, user: User, line_id: str, code: str | None, roles: tuple[str, ...]) -> Organization:
    """The organization that a constraint belongs to; a stranger's is as unknown as one that is not there."""
    if code is not None:
        return organization_for(user=user, code=code, roles=roles)
    kind, _, row = line_id.partition("-")
    if owner_of(kind) in OWNERS and kind in KINDS:
        model, path = OWNERS[owner_of(kind)]
        found = model._default_manager.filter(pk=number_read(row)).values_list(f"{path}__code", flat=True).first()
        if found is None or not organizations_visible(user=user).filter(code=found).exists():
            raise Missing("rule_unknown", line_id=line_id[:60])
        return organization_for(user=user, code=found, roles=roles)
    if kind not in KINDS:
        raise Missing("rule_unknown", line_id=line_id[:60])
    return organization_for(user=user, code=None, roles=roles)


def book_open(*, organization: Organization, term: Term, variant_id: str = "") -> tuple[Book, list[Variant]]:
    """The rule book with the costs of a timetable of the last run: the requested one, else the best."""
    variants = variants_offered(organization=organization, term=term)
    chosen = next((variant for variant in variants if str(variant.pk) == variant_id), None) or next(iter(variants), None)
    return Book(organization, term, costs_of(variant=chosen) if chosen else None), variants
