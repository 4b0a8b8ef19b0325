"""How many lectures a constraint touches: as many as a run would form from the data."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.core.cache import cache
from django.db.models import Count, Sum

from academics.models import CourseOffering, Meeting, Section, Term
from academics.selectors import data_revision, enrolments_counted
from generation.dealing import num_sections_of

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
    offerings = CourseOffering.objects.filter(term=term).order_by()
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
    meetings = Meeting.objects.filter(offering__term=term).order_by().values_list("offering_id", "room_kind").annotate(n=Sum("count"))
    for offering, kind, count in meetings:
        lectures[offering] += sections[offering] * count
        of_kind[kind] += sections[offering] * count
    return Touches(sections, dict(lectures), dict(of_kind), sum(lectures.values()))


def lectures_of_instructors(*, term: Term, instructors: Iterable[int], touches: Touches) -> dict[int, int]:
    """By instructor, as `generation.teaching` deals sections: who is named for a section of its own teaches that. Four queries."""
    wanted = set(instructors)
    through = CourseOffering.instructors.through.objects
    mine = through.filter(courseoffering__term=term, instructor__in=wanted).values("courseoffering")
    team: dict[int, list[int]] = defaultdict(list)
    for offering, instructor in through.filter(courseoffering__in=mine).order_by("id").values_list("courseoffering_id", "instructor_id"):
        team[offering].append(instructor)
    named = Section.objects.filter(offering__term=term, instructors__in=wanted).order_by()
    has_own = set(Section.instructors.through.objects.filter(section__offering__in=list(team)).values_list("section__offering", flat=True))
    counts: dict[int, int] = defaultdict(int)
    for offering, members in team.items():
        for instructor in wanted.intersection(members if offering not in has_own else ()):
            counts[instructor] += _share(members.index(instructor), len(members), touches.sections.get(offering, 0)) * _each(
                touches, offering
            )
    for offering, instructor in named.values_list("offering_id", "instructors"):
        if instructor in wanted:
            counts[instructor] += _each(touches, offering)
    return counts


def _each(touches: Touches, offering: int) -> int:
    """A section's lectures a week."""
    return touches.lectures.get(offering, 0) // max(1, touches.sections.get(offering, 1))


def _share(position: int, members: int, sections: int) -> int:
    """How many of an offering's sections fall to whoever is at this place of its list."""
    if sections <= members:  # more of them than sections teach together
        return 1
    return -(-(sections - position) // members)
