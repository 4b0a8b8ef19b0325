"""Limits of instructors, and timeslots marked for instructors, rooms, courses and sections."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from django.db.models import Q, QuerySet

from academics.ids import number_read
from academics.models import (
    Availability,
    CourseOffering,
    Instructor,
    Room,
    Section,
)
from academics.selectors import LIMIT_KINDS
from generation.problem.rule_tables import MAX_DISLIKE
from generation.rulebook import sentences
from generation.rulebook.context import Book, Filters, Line, Parameter
from generation.rulebook.costs import Breach
from generation.rulebook.kinds import KINDS
from generation.rulebook.lectures_affected import lectures_of_instructors
from generation.rulebook.sentences import Mark
from generation.rulebook.source import Rows, admin_page, course_label

# Kinds that say the least of something, not the most: of what, and how many there can be.
FREE = {"instructor_free_days": ("free days", 7), "instructor_free_half_days": ("free half-days", 14)}


class PersonSource:
    """Limits of instructors, and what is marked for instructors, rooms, courses and sections: one line an owner."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.kinds = (kind,)
        self.owner = "instructor" if kind in LIMIT_KINDS else kind.split("_", 1)[1]

    def select(self, book: Book, filters: Filters) -> Rows:
        rows = self._narrowed(book)
        code, name = self._paths
        if filters.search:
            rows = rows.filter(Q(**{f"{code}__icontains": filters.search}) | Q(**{f"{name}__icontains": filters.search}))
        if filters.strength and (filters.strength == "hard") != book.is_hard(self.kind):
            return []
        if filters.state:
            off = book.off(self.kind)
            rows = rows.filter(pk__in=off) if filters.state == "off" else rows.exclude(pk__in=off)
        if filters.cost and book.costs:
            rows = rows.filter(**{f"{code}__in": book.costs.people(self._constraints(book))})
        return rows.order_by(code, "pk")

    def find(self, book: Book, kind: str, row: str) -> Any | None:
        pk = number_read(row)
        return self._narrowed(book).filter(pk=pk).first() if pk is not None else None

    @property
    def _paths(self) -> tuple[str, str]:
        return {"offering": ("course__code", "course__name"), "section": ("code", "offering__course__name")}.get(
            self.owner, ("code", "name")
        )

    def _narrowed(self, book: Book) -> QuerySet[Any]:
        rows: dict[str, QuerySet[Any]] = {
            "instructor": Instructor.objects.filter(organization=book.organization),
            "room": Room.objects.filter(organization=book.organization),
            "offering": CourseOffering.objects.filter(term=book.term).select_related("course"),
            "section": Section.objects.filter(offering__term=book.term).select_related("offering__course"),
        }
        found = rows[self.owner]
        if self.kind in LIMIT_KINDS:
            return found.filter(**{f"{LIMIT_KINDS[self.kind]}__gt": 0})
        return found.filter(pk__in=self._marks(book).values(f"{self.owner}_id"))

    def _marks(self, book: Book) -> QuerySet[Availability]:
        marks = Availability.objects.filter(organization=book.organization, term=book.term, **{f"{self.owner}__isnull": False}).order_by()
        blocked = Availability.BLOCKED
        return marks.filter(rating__lte=blocked) if self.kind.startswith("away_") else marks.filter(rating__gt=blocked).exclude(rating=0)

    def _constraints(self, book: Book) -> tuple[str, ...]:
        kind = KINDS[self.kind]
        if self.kind in LIMIT_KINDS:
            return (kind.constraints[:1] if book.is_hard(self.kind) else kind.constraints[1:]) if kind.constraints else ()
        return kind.constraints

    def lines(self, book: Book, rows: Sequence[Any]) -> list[Line]:
        marks: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
        if self.kind not in LIMIT_KINDS:
            owners = [row.pk for row in rows]
            fields = (f"{self.owner}_id", "rating", "day", "period")
            for owner, rating, day, period in self._marks(book).filter(**{f"{self.owner}__in": owners}).values_list(*fields):
                marks[owner].append((rating, day, period))
        taught = lectures_of_instructors(
            term=book.term, instructors=[row.pk for row in rows] if self.owner == "instructor" else [], touches=book.touches
        )
        own = self._own_marks(book, rows) if self.owner == "offering" else {}
        return [self._line(book, row, marks[row.pk], taught, own.get(row.pk, {})) for row in rows]

    def _own_marks(self, book: Book, rows: Sequence[Any]) -> dict[int, dict[str, set[tuple[int, int]]]]:
        """By offering, the times that its sections have marks of their own for, which count instead of its. One query."""
        found: dict[int, dict[str, set[tuple[int, int]]]] = defaultdict(lambda: defaultdict(set))
        marks = Availability.objects.filter(organization=book.organization, term=book.term, section__offering__in=[row.pk for row in rows])
        fields = ("section__offering_id", "section__code", "day", "period")
        for offering, section, day, period in marks.order_by("section__code").values_list(*fields):
            found[offering][section].add((day, period))
        return found

    def _line(
        self,
        book: Book,
        row: Any,
        marks: list[tuple[int, int, int]],
        taught: dict[int, int],
        own: dict[str, set[tuple[int, int]]],
    ) -> Line:
        kind, is_hard = KINDS[self.kind], book.is_hard(self.kind)
        code, label = self._names(row)
        is_active, comment = book.setting(self.kind, row.pk)
        number = getattr(row, LIMIT_KINDS[self.kind]) if self.kind in LIMIT_KINDS else 0
        slots = sorted({(day, period) for _, day, period in marks})
        facts: dict[str, object] = {"pk": row.pk, self.owner: code, "number": number}
        if self.kind not in LIMIT_KINDS:
            ratings = sorted({rating for rating, _, _ in marks})
            rating = ratings[0] if ratings else -2
            # A change is of one rating's timeslots; those of the others stay.
            of_rating = sorted({(day, period) for rated, day, period in marks if rated == rating})
            facts |= {"timeslots": [{"day": day, "period": period} for day, period in of_rating], "rating": rating, "ratings": ratings}
        model = {"offering": "courseoffering"}.get(self.owner, self.owner)
        return Line(
            kind=kind,
            row=str(row.pk),
            sentence=self._sentence(book, label, number, marks, [section for section, times in own.items() if times.intersection(slots)]),
            scope=label,
            is_hard=is_hard,
            parameters=tuple(self._parameters(book, number, marks)),
            weight=None if is_hard else book.weight(self.kind),
            is_active=is_active,
            comment=comment,
            num_lectures=self._touched(book, row, taught),
            breaches=self._breaches(book, code, marks) if is_active else (() if book.costs else None),
            record=admin_page(model, row.pk),
            facts=facts,
        )

    def _names(self, row: Any) -> tuple[str, str]:
        """The code that the engine's findings know it by, and what people call it."""
        if self.owner == "offering":
            return row.course.code, course_label(row.course.code, row.course.name)
        if self.owner == "section":
            return row.code, f"{row.code} of {row.offering.course.code}"
        return row.code, (f"{row.name} ({row.code})" if row.name and row.name != row.code else row.code)

    def _sentence(self, book: Book, label: str, number: int, marks: list[tuple[int, int, int]], apart: Sequence[str]) -> str:
        """`apart` are the sections whose own marks count instead at some of these times."""
        if self.kind in LIMIT_KINDS:
            return sentences.limit_sentence(self.kind, label, number)
        if self.kind.startswith("away_"):
            return sentences.away_sentence(self.owner, label, book.when((day, period) for _, day, period in marks), apart)
        by_rating: dict[int, list[Mark]] = defaultdict(list)
        for rating, day, period in marks:
            by_rating[rating].append((day, period))
        rated = [(rating, book.when(slots)) for rating, slots in sorted(by_rating.items())]
        return sentences.wish_sentence(self.owner, label, rated, apart)

    def _parameters(self, book: Book, number: int, marks: list[tuple[int, int, int]]) -> Iterable[Parameter]:
        if number and self.kind in FREE:
            unit, most = FREE[self.kind]
            yield Parameter("At least", str(number), unit, f"1 to {most}")
        elif number:
            yield Parameter("At most", str(number), "periods", "1 to 99")
        if marks:
            slots = {(day, period) for _, day, period in marks}
            yield Parameter("Timeslots", str(len(slots)), "a week", f"of {book.term.num_days * len(book.periods)}")

    def _touched(self, book: Book, row: Any, taught: dict[int, int]) -> int:
        if self.owner == "instructor":
            return taught.get(row.pk, 0)
        if self.owner == "room":
            return book.touches.in_room(row.kind)
        offering = row.pk if self.owner == "offering" else row.offering_id
        lectures = book.touches.lectures.get(offering, 0)
        return lectures if self.owner == "offering" else lectures // max(1, book.touches.sections.get(offering, 1))

    def _breaches(self, book: Book, code: str, marks: list[tuple[int, int, int]]) -> tuple[Breach, ...] | None:
        if book.costs is None:
            return None
        constraints = self._constraints(book)
        found = book.costs.of_course(constraints, code) if self.owner == "offering" else book.costs.of_person(constraints, code)
        if self.owner == "offering":
            found = [breach for breach in found if set(breach.who) & breach.sections or not breach.who]
            if self.kind.startswith("away_"):
                marked = book.slots((day, period) for _, day, period in marks)
                found = [breach for breach in found if breach.slot in marked]
        if self.kind in ("wish_offering", "wish_section"):
            return tuple(self._shares(book, found, marks))
        return tuple(found)

    def _shares(self, book: Book, found: Iterable[Breach], marks: list[tuple[int, int, int]]) -> Iterable[Breach]:
        """A lecture's period has one breach for all wishes of its section, rules about times among them: what these marks add to it."""
        ratings = {slot: rating for rating, day, period in marks for slot in book.slots([(day, period)])}
        best = max([0, *ratings.values()])
        for breach in found:
            distance = min(MAX_DISLIKE, best - ratings.get(-1 if breach.slot is None else breach.slot, 0))
            amount = min(breach.amount, distance * book.weight(self.kind))
            if amount:
                yield replace(breach, amount=amount)
