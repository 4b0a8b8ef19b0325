"""Lectures with their tutorials and labs, and sections that the institution has formed itself: whether everybody finds a seat."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import numpy as np
from django.db.models import Exists, F, OuterRef

from academics.models import Enrolment, Term
from academics.selectors import TermRows
from generation.engine.model.text import Count, listed
from generation.engine.search.sectioning import sizes_shared
from generation.problem.sectioning import Dealing, rows_with_parts
from generation.readiness.record_links import row_troubles
from generation.readiness.report import Finding, Record, Trouble, troubles_grouped
from generation.web.links import row_address


def linked_troubles(term: Term, rows: TermRows) -> Iterator[Trouble]:
    """From rows without students; two queries more where lectures have parts."""
    seats = _Seats(rows)
    yield from troubles_grouped("amber", "section_seats", list(seats.own_too_small()))
    if seats.dealing.lecture:
        yield from troubles_grouped("amber", "part_sections_missing", list(seats.parts_missing()))
        yield from troubles_grouped("amber", "part_seats", list(seats.parts_too_small()))
        yield from troubles_grouped("amber", "part_sections_more", list(seats.parts_more_than_requested()))
        yield from _part_alone(term)
        yield from _seats_apart(term)


class _Seats:
    """Sections as a run would form them, with how many students each will have."""

    def __init__(self, rows: TermRows) -> None:
        self.rows = rows_with_parts(rows)
        self.dealing = Dealing(self.rows, np.random.default_rng(1))
        self.offerings = self.rows.offerings

    def own_too_small(self) -> Iterator[Finding]:
        """Of offerings that are no part, whose sections all name their size."""
        for number, offering in enumerate(self.offerings):
            own, students = self.dealing.own_sections.get(offering.id, []), self.dealing.num_students[number]
            seats = sum(section.size for section in own)
            if number not in self.dealing.lecture and own and all(section.size for section in own) and seats < students:
                yield (
                    f"{offering.code} has {Count(len(own)):section} with {Count(seats):seat} for {Count(students):student}: "
                    f"{students - seats:,} too few. Make its sections larger, or add one.",
                    (self._record(number),),
                )

    def parts_missing(self) -> Iterator[Finding]:
        """Sections of a lecture that no section of a part belongs to, where an institution has formed the part's itself."""
        for part, lecture in self.dealing.lecture.items():
            alone = sorted(set(range(self.dealing.num_sections[lecture])) - set(self.dealing.parents[part]))
            if not self._has_own(part) or not alone:
                continue  # formed sections are as many as are needed
            students = sum(self._students(lecture)[number] for number in alone)
            names = [self._name(lecture, number) for number in alone]
            verb, their = ("has", "its") if len(alone) == 1 else ("have", "their")
            yield (
                f"{listed(names, 6)} {verb} no section of {self.offerings[part].code} to go with: {their} {Count(students):student} would "
                f"have to join another section's. Add a section of {self.offerings[part].code} for {'it' if len(alone) == 1 else 'each'}.",
                (self._record(part), self._record(lecture)),
            )

    def parts_too_small(self) -> Iterator[Finding]:
        """Sections of a part with fewer seats than those of the lecture that they belong to have students."""
        for part, lecture in self.dealing.lecture.items():
            if not self._has_own(part):
                continue
            students, code = self._students(lecture), self.offerings[part].code
            limits: dict[int, list[int]] = defaultdict(list)
            for number, parent in enumerate(self.dealing.parents[part]):
                limits[parent].append(self.dealing.limit(part, number))
            for parent, seats in sorted(limits.items()):
                lacking = students[parent] - sum(seats)
                if lacking > 0:
                    yield (
                        f"{self._name(lecture, parent)} has {Count(students[parent]):student}, and the {Count(len(seats)):section} of "
                        f"{code} that {'goes' if len(seats) == 1 else 'go'} with it {Count(sum(seats)):seat}: {lacking:,} too few. "
                        "Add a section, or make them larger.",
                        (self._record(part), self._record(lecture)),
                    )

    def parts_more_than_requested(self) -> Iterator[Finding]:
        """Parts that a run splits into more sections than requested."""
        for part, lecture in self.dealing.lecture.items():
            offering = self.offerings[part]
            formed, parents = self.dealing.num_sections[part], self.dealing.num_sections[lecture]
            if not self._has_own(part) and 0 < offering.num_sections < formed:
                each = f"each of the {parents} sections of {self.offerings[lecture].code} needs its own, and " if parents > 1 else ""
                yield (
                    f"{offering.code} requires {Count(offering.num_sections):section} and will have {formed:,}: {each}"
                    f"none may have more than {Count(offering.max_section_size):student}. Ask for {formed:,}, or allow larger ones.",
                    (self._record(part),),
                )

    def _has_own(self, offering: int) -> bool:
        return bool(self.dealing.own_sections.get(self.offerings[offering].id))

    def _students(self, lecture: int) -> list[int]:
        """Of each section of a lecture, as evenly as the sizes allow that the institution has named."""
        number = self.dealing.num_sections[lecture]
        own = self.dealing.own_sections.get(self.offerings[lecture].id, [])
        total = self.dealing.num_students[lecture] or sum(section.size for section in own)
        return sizes_shared(total, [self.dealing.limit(lecture, each) for each in range(number)])

    def _name(self, offering: int, number: int) -> str:
        """As a run calls the section."""
        row = self.offerings[offering]
        own = self.dealing.own_sections.get(row.id, [])
        if own:
            code = own[number].code
            return code if row.code in code else f"{row.code} {code}"
        return row.code if self.dealing.num_sections[offering] == 1 else f"{row.code}/{number + 1}"

    def _record(self, offering: int) -> Record:
        row = self.offerings[offering]
        return Record(row.code, row_address("courseoffering", row.id))


def _part_alone(term: Term) -> Iterator[Trouble]:
    """Students of a part who do not take its lecture."""
    here = Enrolment.objects.filter(offering__term=term, offering__part_of__isnull=False)
    lecture = Enrolment.objects.filter(student=OuterRef("student"), offering=OuterRef("offering__part_of"))
    alone = here.exclude(Exists(lecture)).order_by("student__code", "id")
    words = ("enrolment is in a tutorial or lab without its lecture.", "enrolments are in a tutorial or lab without its lecture.")
    advice = "Enrol in the lecture too, or take the part away."
    yield from row_troubles("amber", "part_without_lecture", alone, "enrolment", "student__code", (*words, advice))


def _seats_apart(term: Term) -> Iterator[Trouble]:
    """Students named in a section of a part that belongs to another section of the lecture than theirs."""
    seats = Enrolment.objects.filter(offering__term=term, section__parent__isnull=False, section__offering=F("offering"))
    lecture = Enrolment.objects.filter(student=OuterRef("student"), offering=OuterRef("offering__part_of"), section__isnull=False)
    apart = seats.filter(Exists(lecture.exclude(section=OuterRef("section__parent")))).order_by("student__code", "id")
    words = (
        "student sits in a section of a tutorial or lab that goes with another section of the lecture than theirs.",
        "students sit in sections of tutorials or labs that go with another section of the lecture than theirs.",
    )
    advice = "Choose a section that goes with theirs, or leave one of the two empty."
    yield from row_troubles("amber", "part_of_another_section", apart, "enrolment", "student__code", (*words, advice))
