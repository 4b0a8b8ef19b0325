"""What each constraint cost in a timetable, and where: read from the violations that the evaluator found."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from academics.models import Organization, Term
from generation.models import GenerationJob, Variant
from generation.timetable.conflict_store import Conflicts

KEPT = 3  # timetables whose violations stay in memory


@dataclass(frozen=True, slots=True)
class Breach:
    """One violation, with the codes of the courses of its lectures."""

    constraint: str
    is_hard: bool
    amount: int
    who: tuple[str, ...]
    courses: frozenset[str]
    sections: frozenset[str]
    lectures: tuple[int, ...]
    slot: int | None
    row: dict[str, Any]  # as it is stored

    def as_row(self) -> dict[str, Any]:
        """For a sentence; its amount may be one rule's share of what is stored."""
        return self.row | {"amount": self.amount}


class Costs:
    """The violations of one timetable, found by constraint and by what they concern."""

    def __init__(self, variant: Variant) -> None:
        self.variant = variant
        self.breakdown: dict[str, int] = variant.breakdown
        places = {row[0]: row[1:] for row in variant.entries.order_by().values_list("lecture", "course", "section")}
        self._by_constraint: dict[str, list[Breach]] = defaultdict(list)
        self._by_who: dict[tuple[str, str], list[Breach]] = defaultdict(list)
        self._by_course: dict[tuple[str, str], list[Breach]] = defaultdict(list)
        for row in Conflicts(variant.pk):
            named = [places[lecture] for lecture in row["lectures"] if lecture in places]
            breach = Breach(
                row["constraint"],
                row["is_hard"],
                row["amount"],
                tuple(row["who"]),
                frozenset(course for course, _ in named),
                frozenset(section for _, section in named),
                tuple(row["lectures"]),
                row["slot"],
                row,
            )
            self._by_constraint[breach.constraint].append(breach)
            for who in breach.who:
                self._by_who[breach.constraint, who].append(breach)
            for course in breach.courses:
                self._by_course[breach.constraint, course].append(breach)

    def of(self, constraints: Iterable[str]) -> list[Breach]:
        return [breach for constraint in constraints for breach in self._by_constraint[constraint]]

    def of_person(self, constraints: Iterable[str], who: str) -> list[Breach]:
        """Those that concern a person, a room or a curriculum, by code."""
        return [breach for constraint in constraints for breach in self._by_who.get((constraint, who), ())]

    def of_course(self, constraints: Iterable[str], course: str) -> list[Breach]:
        return [breach for constraint in constraints for breach in self._by_course.get((constraint, course), ())]

    def of_courses(self, constraints: Sequence[str], courses: Collection[str]) -> list[Breach]:
        """Those all of whose lectures are of these courses, each once."""
        found = {id(breach): breach for course in sorted(courses) for breach in self.of_course(constraints, course)}
        return [breach for breach in found.values() if breach.courses <= set(courses)]

    def people(self, constraints: Iterable[str]) -> set[str]:
        """Whoever has any cost under these constraints."""
        return {who for breach in self.of(constraints) for who in breach.who}

    def courses(self, constraints: Iterable[str]) -> set[str]:
        return {course for breach in self.of(constraints) for course in breach.courses}


def variants_offered(*, organization: Organization, term: Term) -> list[Variant]:
    """The timetables of the term's last completed run, the best first."""
    job = (
        GenerationJob.objects.filter(organization=organization, term=term, status=GenerationJob.Status.COMPLETED)
        .defer(*GenerationJob.LARGE)
        .order_by("-created_at")
        .first()
    )
    if job is None:
        return []
    return list(Variant.objects.filter(job=job).defer("conflicts", "certificate", "statistics").order_by("hard", "soft", "index"))


def costs_of(*, variant: Variant) -> Costs:
    """Kept in memory for the timetables used last; an edit by hand makes another."""
    return _costs(variant.pk, variant.revision)


@lru_cache(maxsize=KEPT)
def _costs(variant_id: UUID, revision: int) -> Costs:
    return Costs(Variant.objects.get(pk=variant_id))
