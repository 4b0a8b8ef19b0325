"""Where in the data entry a record is corrected."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any, NamedTuple

from django.db.models import Func, IntegerField, QuerySet, Subquery

from academics.models import CourseOffering, Curriculum, Instructor, Organization, Room, StudentGroup, Term
from generation.readiness.report import MOST_RECORDS, Level, Record, Trouble
from generation.text.display_names import GROUP, Naming
from generation.web.links import row_address


def records_of(rows: QuerySet[Any], model: str, label: str = "code") -> tuple[tuple[Record, ...], int]:
    """The first of the rows as records, and how many more there are. Two small queries."""
    found = list(rows.values_list("pk", label)[: MOST_RECORDS + 1])
    shown = tuple(Record(str(name), row_address(model, pk)) for pk, name in found[:MOST_RECORDS])
    return shown, (rows.count() - MOST_RECORDS if len(found) > MOST_RECORDS else 0)


class Gap(NamedTuple):
    """Rows that lack the same: what one is and does, what several are and do, and what to do."""

    level: Level
    id: str
    rows: QuerySet[Any]
    model: str
    label: str
    words: tuple[str, str, str]


def gap_troubles(organization: Organization, found: Iterable[Trouble | Gap]) -> Iterator[Trouble]:
    """One trouble for each gap that has rows. One query counts all, and one more reads the first rows of each that has any."""
    listed = list(found)
    numbers = iter(counted(organization, [each.rows for each in listed if isinstance(each, Gap)]))
    for each in listed:
        if isinstance(each, Trouble):
            yield each
        elif number := next(numbers):
            shown = each.rows.values_list("pk", each.label)[:MOST_RECORDS]
            records = tuple(Record(str(name), row_address(each.model, pk)) for pk, name in shown)
            one, many, advice = each.words
            message = f"{number:,} {one if number == 1 else many} {advice}"
            yield Trouble(each.level, each.id, message, records, max(0, number - MOST_RECORDS))


def counted(organization: Organization, rows: Sequence[QuerySet[Any]]) -> list[int]:
    """How many rows each of these has. One query for all."""
    counts = [
        Subquery(each.order_by().annotate(number=Func("pk", function="COUNT", output_field=IntegerField())).values("number"))
        for each in rows
    ]
    return list(Organization.objects.filter(pk=organization.pk).order_by().values_list(*counts)[0]) if rows else []


def row_troubles(level: Level, id_: str, rows: QuerySet[Any], model: str, label: str, words: tuple[str, str, str]) -> Iterator[Trouble]:
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
        self._instructors: dict[str, tuple[int, str] | None] = {}  # code -> key and name of who was looked up; None: nobody
        self._rows: dict[str, tuple[QuerySet[Any], str, str]] = {
            "instructor": (Instructor.objects.filter(organization=organization), "code", "instructor"),
            "room": (Room.objects.filter(organization=organization), "code", "room"),
            "curriculum": (Curriculum.objects.filter(organization=organization), "code", "curriculum"),
            "course": (CourseOffering.objects.filter(term=term), "course__code", "courseoffering"),
        }

    def addresses(self, kind: str, names: Iterable[str]) -> dict[str, str]:
        """One query, and one for student groups where some are named; none for instructors who were looked up before."""
        rows, path, model = self._rows[kind]
        if kind == "instructor":
            return {code: row_address(model, pk) for code, (pk, _) in self._instructors_of(names).items()}
        wanted = set(names)
        rows_found = rows.order_by().filter(**{f"{path}__in": sorted(wanted)}).values_list(path, "pk")
        found = {str(name): row_address(model, pk) for name, pk in rows_found}
        if kind == "curriculum" and (others := wanted - found.keys()):
            found |= {code: address for code in others if (address := self._groups.get(code))}
        return found

    @cached_property
    def _groups(self) -> dict[str, str]:
        """Addresses of all student groups, by what timetables call them."""
        rows = StudentGroup.objects.filter(organization=self.naming.organization_id).order_by().values_list("code", "pk")
        return {name: row_address("studentgroup", pk) for code, pk in rows for name in (code, f"{GROUP}{code}")}

    def people(self, codes: Iterable[str]) -> dict[str, str]:
        """What instructors are called, by code: people know one another by name. One query, none for whom it knows."""
        return {code: f"{name} ({code})" for code, (_, name) in self._instructors_of(codes).items() if name not in ("", code)}

    def _instructors_of(self, codes: Iterable[str]) -> dict[str, tuple[int, str]]:
        wanted = set(codes)
        if new := wanted - self._instructors.keys():
            rows = self._rows["instructor"][0].order_by().filter(code__in=sorted(new)).values_list("code", "pk", "name")
            self._instructors |= dict.fromkeys(new) | {code: (pk, name) for code, pk, name in rows}
        return {code: who for code in wanted if (who := self._instructors[code]) is not None}
