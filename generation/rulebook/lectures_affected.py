"""How many lectures a constraint touches: as many as a run would form from the data."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.core.cache import cache
from django.db.models import Count, Sum

from academics.models import CourseOffering, Instructor, Meeting, Section, Term
from academics.selectors import data_revision, enrolments_counted
from generation.problem.sectioning import grouped, num_sections_of
from generation.problem.teaching import section_teachers
from generation.text.nobody import is_nobody

KEPT_S = 24 * 3600


@dataclass(frozen=True, slots=True)
class Touches:
    """For each offering its sections, and its lectures in a week, all sections together; for each room kind the lectures."""

    sections: Mapping[int, int]
    lectures: Mapping[int, int]
    of_kind: Mapping[str, int]
    total: int

    def of_offerings(self, offerings: Iterable[int]) -> int:
        return sum(self.lectures.get(offering, 0) for offering in offerings)

    def of_meeting(self, offering: int, count: int) -> int:
        return self.sections.get(offering, 1) * count

    def in_room(self, kind: str) -> int:
        """Lectures that might be held in a room of this kind."""
        return self.of_kind.get(kind, 0) + self.of_kind.get("", 0)


def touches_of(*, term: Term) -> Touches:
    """Worked out once for the same data. Five queries where it is not known, else one."""
    key = f"touches:1:{term.pk}:{data_revision(term.organization_id)}".replace(" ", "")
    found: Touches | None = cache.get(key)
    if found is None:
        found = _counted(term)
        cache.set(key, found, KEPT_S)
    return found


def _counted(term: Term) -> Touches:
    offerings = CourseOffering.objects.filter(term=term, taught_with=None).order_by()
    enrolled = enrolments_counted(offerings=offerings)
    own = dict(Section.objects.filter(offering__term=term).order_by().values_list("offering_id").annotate(n=Count("id")))
    rows = list(offerings.values_list("pk", "expected_students", "max_section_size", "num_sections", "part_of"))
    students = {pk: enrolled.get(pk) or expected for pk, expected, *_ in rows}
    sections = {
        # A tutorial or lab has its lecture's students.
        pk: own.get(pk) or num_sections_of(students=students.get(part_of or pk, 0), max_section_size=largest, num_sections=wanted)
        for pk, _, largest, wanted, part_of in rows
    }
    lectures: dict[int, int] = defaultdict(int)
    of_kind: dict[str, int] = defaultdict(int)
    meetings = Meeting.objects.filter(offering__term=term, offering__taught_with=None).order_by()
    for offering, kind, count in meetings.values_list("offering_id", "room_kind").annotate(n=Sum("count")):
        lectures[offering] += sections[offering] * count
        of_kind[kind] += sections[offering] * count
    return Touches(sections, dict(lectures), dict(of_kind), sum(lectures.values()))


def lectures_of_instructors(*, term: Term, instructors: Iterable[int], touches: Touches) -> dict[int, int]:
    """By instructor, as a run deals sections (`generation.problem.teaching`). Five queries; none where nobody is asked about."""
    wanted = set(instructors)
    if not wanted:
        return {}
    through, own = CourseOffering.instructors.through.objects, Section.objects.filter(offering__term=term).order_by("id")
    mine = set(through.filter(courseoffering__term=term, instructor__in=wanted).values_list("courseoffering", flat=True))
    mine |= set(own.filter(instructors__in=wanted).order_by().values_list("offering", flat=True))
    team: dict[int, list[int]] = grouped(
        through.filter(courseoffering__in=mine).order_by("id").values_list("courseoffering_id", "instructor_id")
    )
    named: dict[int, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    for offering, section, instructor in own.filter(offering__in=mine).values_list("offering_id", "id", "instructors"):
        named[offering][section] += [instructor] if instructor is not None else []
    rows = Instructor.objects.filter(organization=term.organization_id).values_list("id", "code", "name")
    nobody = {instructor for instructor, *names in rows if is_nobody(*names)}
    counts: dict[int, int] = defaultdict(int)
    for offering in mine:
        sections = list(named[offering].values()) or [[]] * touches.sections.get(offering, 0)
        for teachers in section_teachers(sections, team.get(offering, ()), nobody):
            for instructor in wanted.intersection(teachers):
                counts[instructor] += _each(touches, offering)
    return counts


def _each(touches: Touches, offering: int) -> int:
    """A section's lectures a week."""
    return touches.lectures.get(offering, 0) // max(1, touches.sections.get(offering, 1))
