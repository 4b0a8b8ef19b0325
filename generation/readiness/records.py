"""Where in the data entry a record is mended."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.http import urlencode

from academics.models import CourseOffering, Curriculum, Instructor, Organization, Room, Term
from generation.naming import Naming
from generation.readiness.report import MOST_RECORDS, Level, Record, Trouble


def list_address(organization: Organization, model: str, **query: str) -> str:
    """The data entry's list of this organization's rows of a model."""
    return f"{reverse(f'admin:academics_{model}_changelist')}?{urlencode({'organization__id__exact': str(organization.pk), **query})}"


def row_address(model: str, pk: object) -> str:
    return reverse(f"admin:academics_{model}_change", args=[pk])


def add_address(organization: Organization, model: str) -> str:
    filters = urlencode({"organization__id__exact": organization.pk})
    return f"{reverse(f'admin:academics_{model}_add')}?{urlencode({'_changelist_filters': filters})}"


def records_of(rows: QuerySet[Any], model: str, label: str = "code") -> tuple[tuple[Record, ...], int]:
    """The first of the rows as records, and how many more there are. Two small queries."""
    found = list(rows.values_list("pk", label)[: MOST_RECORDS + 1])
    shown = tuple(Record(str(name), row_address(model, pk)) for pk, name in found[:MOST_RECORDS])
    return shown, (rows.count() - MOST_RECORDS if len(found) > MOST_RECORDS else 0)


def rows_told(level: Level, id_: str, rows: QuerySet[Any], model: str, label: str, words: tuple[str, str, str]) -> Iterator[Trouble]:
    """One trouble for all of the rows: what one is and does, what several are and do, and what to do."""
    records, more = records_of(rows, model, label)
    number = len(records) + more
    if number:
        one, many, advice = words
        yield Trouble(level, id_, f"{number:,} {one if number == 1 else many} {advice}", records, more)


class Finder:
    """Finds rows by the names that the engine calls them by."""

    def __init__(self, organization: Organization, term: Term) -> None:
        self.naming = Naming(organization.pk)
        self._rows: dict[str, tuple[QuerySet[Any], str, str]] = {
            "instructor": (Instructor.objects.filter(organization=organization), "code", "instructor"),
            "room": (Room.objects.filter(organization=organization), "code", "room"),
            "curriculum": (Curriculum.objects.filter(organization=organization), "code", "curriculum"),
            "course": (CourseOffering.objects.filter(term=term), "course__code", "courseoffering"),
        }

    def addresses(self, kind: str, names: Iterable[str]) -> dict[str, str]:
        """One query."""
        rows, path, model = self._rows[kind]
        found = rows.order_by().filter(**{f"{path}__in": sorted(set(names))}).values_list(path, "pk")
        return {str(name): row_address(model, pk) for name, pk in found}

    def people(self, codes: Iterable[str]) -> dict[str, str]:
        """What instructors are called, by code: people know one another by name. One query."""
        rows, _, _ = self._rows["instructor"]
        found = rows.order_by().filter(code__in=sorted(set(codes))).exclude(name="").values_list("code", "name")
        return {code: f"{name} ({code})" for code, name in found if name != code}
