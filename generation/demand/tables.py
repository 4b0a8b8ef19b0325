"""A term's demand as plain tables: courses with their sections, pairs of courses that share students, who must clash.

Worked out once for the same data: reading 125,000 enrolments takes most of the second that it takes at the size of a large university.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from django.core.cache import cache
from django.db.models.functions import Coalesce

from academics.models import Enrolment, Organization, Student, Term
from academics.selectors import TermRows, data_revision, term_rows
from generation.demand import text
from generation.engine.bounds.minimum_clashes import LongArray, MinimumClashes, minimum_clashes, shared_by_courses
from generation.engine.model.problem import Csr, Problem
from generation.problem.builder import problem_of_rows
from generation.problem.cross_listed import rows_cross_listed
from generation.problem.sectioning import grouped

KEPT_S = 24 * 3600
STUDENTS_NAMED = 5
_working = threading.Lock()


@dataclass(frozen=True, slots=True)
class Course:
    """An offering of the term, with its sections as the next run will form them."""

    id: int  # of the offering
    code: str
    title: str
    department_id: int | None
    curricula: tuple[int, ...]
    students: int
    sizes: tuple[int, ...]
    periods: int  # a week, of one section
    max_section_size: int
    has_own_sections: bool
    part_of: int | None  # the lecture's offering
    parents: tuple[int, ...]  # for each section of a part, the number of the lecture's
    bands: tuple[str, ...]

    @property
    def num_sections(self) -> int:
        return len(self.sizes)

    @property
    def sizes_words(self) -> str:
        return text.sizes_words(self.sizes)


@dataclass(frozen=True, slots=True)
class Argument:
    """Why some students must clash."""

    id: str
    students: int
    message: str
    courses: tuple[int, ...] = ()  # places in `Demand.courses`
    names: tuple[str, ...] = ()  # some of the students


@dataclass(frozen=True, slots=True)
class Demand:
    """``pairs`` are rows (course, course, students, why they must clash), by place in ``courses``, the most students first."""

    courses: tuple[Course, ...]
    pairs: LongArray
    num_students: int
    num_enrolments: int
    least: int
    arguments: tuple[Argument, ...]

    def course(self, offering_id: int) -> Course | None:
        return next((course for course in self.courses if course.id == offering_id), None)


def demand_of(*, organization: Organization, term: Term, read: tuple[TermRows, Problem] | None = None) -> Demand:
    """The demand for the data as they are. Some twenty-five queries where it is not known yet, else one.

    ``read``: the term's rows without students and the problem of them, where the caller has them; then it takes two.
    """
    key = f"demand:1:{term.pk}:{data_revision(term.organization_id)}"
    found: Demand | None = cache.get(key)
    if found is not None:
        return found
    with _working:  # a second request for the same waits for the first
        found = cache.get(key)
        if found is None:
            found = _demand(organization, term, read)
            cache.set(key, found, KEPT_S)
    return found


def _demand(organization: Organization, term: Term, read: tuple[TermRows, Problem] | None) -> Demand:
    rows = rows_cross_listed(read[0] if read else term_rows(organization=organization, term=term, has_students=False))
    students, takes = _choices(organization, term, rows)
    num = len(rows.offerings)
    pairs = shared_by_courses(takes, num)
    if not num or not term.num_days * len(rows.periods):  # without a week nothing can be proven
        found = MinimumClashes(np.zeros(len(takes), dtype=np.bool_), np.zeros((0, 4), dtype=np.int64), ())
        return _made(rows, None, students, takes, pairs, found)
    problem = read[1] if read else problem_of_rows(organization=organization, term=term, rows=rows)
    return _made(rows, problem, students, takes, pairs, minimum_clashes(problem, takes, num, pairs))


def _choices(organization: Organization, term: Term, rows: TermRows) -> tuple[list[int], Csr]:
    """The students' ids, and for each the offerings taken, by place in the rows; whoever takes a lecture takes its parts."""
    place = {offering.id: number for number, offering in enumerate(rows.offerings)}
    parts = grouped((place[o.part_of_id], place[o.id]) for o in rows.offerings if o.part_of_id in place)
    enrolments = (
        Enrolment.objects.filter(organization=organization, offering__term=term)
        .order_by()
        .values_list("student_id", Coalesce("offering__taught_with_id", "offering_id"))
    )
    table = np.fromiter((number for row in enrolments.iterator(chunk_size=20_000) for number in row), dtype=np.int64).reshape(-1, 2)
    ids, student = np.unique(table[:, 0], return_inverse=True)
    offering = _places(table[:, 1], place)
    pieces = [np.stack([student, offering])]
    for lecture, theirs in parts.items():
        takers = student[offering == lecture]
        pieces += [np.stack([takers, np.full(len(takers), part)]) for part in theirs]
    keys = (
        np.unique(np.concatenate(pieces, axis=1)[0] * len(place) + np.concatenate(pieces, axis=1)[1])
        if len(table)
        else np.zeros(0, dtype=np.int64)
    )
    who, what = np.divmod(keys, max(1, len(place)))
    pointer = np.searchsorted(who, np.arange(len(ids) + 1)).astype(np.int32)
    return ids.tolist(), Csr(pointer, what.astype(np.int32))


def _places(ids: LongArray, place: Mapping[int, int]) -> LongArray:
    known = np.array(sorted(place), dtype=np.int64)
    places = np.array([place[id_] for id_ in known.tolist()], dtype=np.int64)
    found: LongArray = places[np.searchsorted(known, ids)] if len(known) else np.zeros(0, dtype=np.int64)
    return found


def _made(rows: TermRows, problem: Problem | None, students: Sequence[int], takes: Csr, pairs: LongArray, found: MinimumClashes) -> Demand:
    courses = _courses(rows, problem, np.bincount(takes.indices, minlength=len(rows.offerings)).tolist())
    is_part = np.array([course.part_of is not None for course in courses], dtype=np.bool_)
    why = {(a, b): reason for a, b, _, reason in found.pairs.tolist()}
    shown = pairs[~(is_part[pairs[:, 0]] | is_part[pairs[:, 1]])]  # a part's students are its lecture's: one row says it
    reasons = np.array([why.get((a, b), 0) for a, b in shown[:, :2].tolist()] if why else [0] * len(shown), dtype=np.int64)
    return Demand(
        courses=courses,
        pairs=np.concatenate([shown, reasons[:, None]], axis=1),
        num_students=len(takes),
        num_enrolments=sum(course.students for course in courses if course.part_of is None),
        least=int(found.students.sum()),
        arguments=_arguments(courses, problem, students, found),
    )


def _courses(rows: TermRows, problem: Problem | None, students: Sequence[int]) -> tuple[Course, ...]:
    known = {offering.id for offering in rows.offerings}
    periods: dict[int, int] = defaultdict(int)
    for meeting in rows.meetings:
        periods[meeting.offering_id] += meeting.count * meeting.length
    bands: dict[int, list[str]] = grouped((o, rule.band) for rule in rows.rules if rule.band for o in rows.rule_offerings.get(rule.id, ()))
    own = {section.offering_id for section in rows.sections}
    sizes, parents = _sections(problem, len(rows.offerings))
    return tuple(
        Course(
            id=o.id,
            code=o.code,
            title=o.title,
            department_id=o.department_id,
            curricula=tuple(rows.offering_curricula.get(o.id, ())),
            students=students[place] or o.expected_students,
            sizes=tuple(sizes[place]),
            periods=periods[o.id],
            max_section_size=o.max_section_size,
            has_own_sections=o.id in own,
            part_of=o.part_of_id if o.part_of_id in known else None,
            parents=tuple(parents[place]),
            bands=tuple(dict.fromkeys(bands.get(o.id, ()))),
        )
        for place, o in enumerate(rows.offerings)
    )


def _sections(problem: Problem | None, num_offerings: int) -> tuple[list[list[int]], list[list[int]]]:
    """By offering: its sections' sizes, and for those of a part the numbers of the lecture's sections."""
    sizes: list[list[int]] = [[] for _ in range(num_offerings)]
    parents: list[list[int]] = [[] for _ in range(num_offerings)]
    if problem is None:
        return sizes, parents
    number: list[int] = []
    for section, offering in enumerate(problem.section_offering.tolist()):
        number.append(len(sizes[offering]))
        sizes[offering].append(int(problem.section_size[section]))
    for section, parent in enumerate(problem.section_parent.tolist()):
        if parent >= 0:
            parents[int(problem.section_offering[section])].append(number[parent])
    return sizes, parents


def _arguments(courses: Sequence[Course], problem: Problem | None, ids: Sequence[int], found: MinimumClashes) -> tuple[Argument, ...]:
    """The dearest first; students are named where they, and not two courses, are the reason."""
    made = [
        Argument(text.WHY_IDS[why], students, text.pair_message(courses[a].code, courses[b].code, students, why), (a, b))
        for a, b, students, why in found.pairs.tolist()
    ]
    crowded = {ids[n] for each in found.crowdings for n in np.flatnonzero(each.students)[:STUDENTS_NAMED].tolist()}
    names = dict(Student.objects.filter(pk__in=crowded).values_list("pk", "code")) if crowded else {}
    for each in found.crowdings:
        few = np.flatnonzero(each.students)[:STUDENTS_NAMED].tolist()
        assert problem is not None, "nothing is proven without a problem"
        message = text.crowding_message(each, [courses[n].code for n in each.offerings], problem)
        id_ = "week" if len(each.slots) == problem.num_timeslots else "times"
        made.append(Argument(id_, int(each.students.sum()), message, each.offerings, tuple(names[ids[n]] for n in few)))
    return tuple(sorted(made, key=lambda argument: -argument.students))
