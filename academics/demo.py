"""A demo university, made from a seed: plain rows as `term_rows` would read them, no database.

Departments run programmes; a programme's students take its core courses together and electives
anywhere. The large scale meets the reference figures exactly (sections, lectures, instructors,
rooms, students, enrolments): what chance made is nudged to them by adding or dropping electives
at the edges of the section sizes.
"""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import cycle
from typing import Any

from academics.models import Availability, Rule
from academics.selectors import (
    AvailabilityRow,
    CurriculumRow,
    EnrolmentRow,
    InstructorRow,
    Links,
    MeetingRow,
    NamedRow,
    OfferingRow,
    PeriodRow,
    RoomRow,
    RuleRow,
    StudentRow,
    TermRows,
)

PERIODS_PER_DAY = 8
LUNCH = (4, 5)
BREAK_AFTER = 3
# fmt: off
SUBJECTS = (
    "Mathematics", "Physics", "Chemistry", "Biology", "History", "Economics", "Informatics", "Linguistics", "Law",
    "Geography", "Philosophy", "Music", "Sociology", "Mechanics", "Medicine", "Education", "Statistics", "Architecture",
    "Psychology", "Astronomy",
)
TOPICS = (
    "Foundations", "Methods", "Theory", "Practice", "Seminar", "Workshop", "Models", "Systems", "Analysis",
    "Design", "Topics", "Project",
)
GIVEN = (
    "Ada", "Boris", "Clara", "Daria", "Emil", "Flora", "Georg", "Hana", "Ivan",
    "Judith", "Karel", "Lena", "Marek", "Nora", "Otto", "Petra", "Quentin", "Rosa",
    "Stefan", "Tereza",
)
FAMILY = (
    "Adler", "Brandt", "Costa", "Dvorak", "Eriksen", "Ferrari", "Gruber", "Horvat", "Ivanov",
    "Jansen", "Kowal", "Lindqvist", "Moreau", "Novak", "Olsen", "Pavic", "Rossi", "Silva",
)
# fmt: on


@dataclass(frozen=True)
class Scale:
    """How large a demo university is; a figure of None is left to chance."""

    num_days: int
    num_departments: int
    num_offerings: int
    num_students: int
    num_rooms: int
    num_instructors: int
    max_section_size: int
    core_per_programme: int
    programmes_per_department: int
    electives_per_student: float
    elsewhere: float  # share of electives taken in another department
    num_sections: int | None = None
    num_lectures: int | None = None
    num_enrolments: int | None = None
    rules: bool = True


class ScaleError(ValueError):
    """No demo university can be made at the requested scale."""


SCALES = {
    "small": Scale(
        num_days=5,
        num_departments=6,
        num_offerings=60,
        num_students=660,
        num_rooms=36,
        num_instructors=84,
        max_section_size=24,
        core_per_programme=4,
        programmes_per_department=2,
        electives_per_student=1.2,
        elsewhere=0.6,
    ),
    "large": Scale(
        num_days=6,
        num_departments=127,
        num_offerings=1332,
        num_students=19_072,
        num_rooms=1147,
        num_instructors=2320,
        max_section_size=60,
        core_per_programme=4,
        programmes_per_department=2,
        electives_per_student=2.6,
        elsewhere=0.25,
        num_sections=2494,
        num_lectures=8279,
        num_enrolments=125_000,
    ),
}

FACTORS = (1 / 16, 8.0)  # the smallest and largest multiple of the large scale
GROWING = (
    "num_departments",
    "num_offerings",
    "num_students",
    "num_rooms",
    "num_instructors",
    "num_sections",
    "num_lectures",
    "num_enrolments",
)

# Weekly lectures of one section: (how many, of how many periods, room kind).
Pattern = tuple[tuple[int, int, str], ...]
CORE_PATTERNS: tuple[Pattern, ...] = (
    ((3, 1, ""),),
    ((4, 1, ""),),
    ((2, 1, ""), (1, 2, "lab")),
    ((3, 1, ""), (1, 3, "lab")),
    ((3, 1, ""), (1, 2, "lab")),
    ((2, 2, ""),),
)
ELECTIVE_PATTERNS: tuple[Pattern, ...] = (((2, 1, ""),), ((3, 1, ""),), ((1, 2, ""), (1, 1, "")), ((2, 1, ""), (1, 2, "lab")))


@dataclass
class _Offering:
    """An offering while it is being made; ``students`` keeps the order of enrolment."""

    id: int
    code: str
    title: str
    department: int
    programme: int | None
    pattern: list[list[int | str]]
    students: dict[int, None] = field(default_factory=dict)

    def num_sections(self, size: int) -> int:
        return max(1, -(-len(self.students) // size))

    @property
    def lectures_per_section(self) -> int:
        return sum(int(count) for count, _, _ in self.pattern)


def scale_named(name: str) -> Scale:
    """The scale of that name; a number is that many times the large one.

    Raises
    ------
    ScaleError
        For a name that is neither, or a number outside `FACTORS`.
    """
    if name in SCALES:
        return SCALES[name]
    low, high = FACTORS
    try:
        factor = float(name)
    except ValueError:
        factor = 0.0
    if not low <= factor <= high:
        raise ScaleError(f"{name} is none of {', '.join(SCALES)}, nor a number from {low:g} to {high:g}")
    return _times(SCALES["large"], factor)


def _times(scale: Scale, factor: float) -> Scale:
    """As many times as much of everything that a larger university has more of; the week and the sections stay."""
    counts: dict[str, int | None] = {name: getattr(scale, name) for name in GROWING}
    larger: dict[str, Any] = {name: None if count is None else round(count * factor) for name, count in counts.items()}
    return replace(scale, **larger)


def demo_rows(*, scale: str, seed: int = 1) -> TermRows:
    """The demo university of that scale (see `scale_named`); the same rows for the same seed."""
    return demo_rows_of(scale_named(scale), seed=seed)


def demo_rows_of(scale: Scale, *, seed: int = 1) -> TermRows:
    """A demo university of any scale.

    Raises
    ------
    ScaleError
        Where chance can't be nudged to the scale's exact figures.
    """
    return _University(scale, random.Random(seed)).rows()


def demo_statistics(rows: TermRows) -> dict[str, int | float]:
    """What a reader wants to know of the rows, counted from them alone."""
    enrolled = Counter(e.offering_id for e in rows.enrolments)
    sections = {o.id: max(1, -(-enrolled[o.id] // o.max_section_size)) for o in rows.offerings}
    department = {o.id: o.department_id for o in rows.offerings}
    home = {s.id: s.department_id for s in rows.students}
    away = {e.student_id for e in rows.enrolments if department[e.offering_id] != home[e.student_id]}
    return {
        "departments": len(rows.departments),
        "offerings": len(rows.offerings),
        "sections": sum(sections.values()),
        "lectures": sum(meeting.count * sections[meeting.offering_id] for meeting in rows.meetings),
        "instructors": len({i for instructors in rows.offering_instructors.values() for i in instructors}),
        "rooms": len(rows.rooms),
        "timeslots": rows.num_days * len(rows.periods),
        "curricula": len(rows.curricula),
        "students": len(rows.students),
        "enrolments": len(rows.enrolments),
        "students_elsewhere_percent": round(100 * len(away) / len(rows.students), 1),
    }


class _University:
    """One making of a university; every step draws from the one generator, in this order."""

    def __init__(self, scale: Scale, rng: random.Random) -> None:
        self.scale = scale
        self.rng = rng
        self.departments = [NamedRow(n, f"D{n:03}", _department_name(n)) for n in range(1, scale.num_departments + 1)]
        self.programmes: list[CurriculumRow] = []
        self.offerings: list[_Offering] = []
        self._plan_courses()
        self._enrol_students()
        if scale.num_sections is not None:
            self._nudge_sections(scale.num_sections)
        if scale.num_enrolments is not None:
            self._nudge_enrolments(scale.num_enrolments)
        if scale.num_lectures is not None:
            self._nudge_lectures(scale.num_lectures)

    def rows(self) -> TermRows:
        buildings = [NamedRow(n, f"B{n}", f"Building {n}") for n in range(1, max(3, self.scale.num_rooms // 40) + 1)]
        features = [NamedRow(1, "projector", "Projector"), NamedRow(2, "step-free", "Step-free access")]
        rooms, room_features = self._rooms(len(buildings))
        instructors, teaching = self._instructors()
        meetings, meeting_features = self._meetings()
        availability = list(self._availability(instructors, rooms))
        rules, rule_offerings = self._rules(teaching, availability)
        return TermRows(
            num_days=self.scale.num_days,
            periods=_periods(),
            rooms=rooms,
            room_features=room_features,
            features=features,
            buildings=buildings,
            departments=self.departments,
            instructors=instructors,
            offerings=[self._offering_row(offering, len(buildings)) for offering in self.offerings],
            offering_instructors=teaching,
            offering_curricula={o.id: [o.programme] for o in self.offerings if o.programme is not None},
            meetings=meetings,
            meeting_features=meeting_features,
            sections=[],
            section_instructors={},
            curricula=self.programmes,
            students=self.students,
            enrolments=[EnrolmentRow(student, offering.id, None) for offering in self.offerings for student in offering.students],
            availability=availability,
            rules=rules,
            rule_offerings=rule_offerings,
        )

    # Courses and students.

    def _plan_courses(self) -> None:
        scale = self.scale
        for department in self.departments:
            for year in range(1, scale.programmes_per_department + 1):
                programme = CurriculumRow(
                    len(self.programmes) + 1, f"{department.code}-Y{year}", f"{department.name}, year {year}", department.id
                )
                self.programmes.append(programme)
                for number in range(scale.core_per_programme):
                    self._add_offering(department, programme.id, f"{year}{number:02}")
        electives = scale.num_offerings - len(self.offerings)
        for number, department in zip(range(electives), cycle(self.departments), strict=False):
            self._add_offering(department, None, f"9{number // len(self.departments):02}")

    def _add_offering(self, department: NamedRow, programme: int | None, number: str) -> None:
        title = f"{department.name}: {self.rng.choice(TOPICS)}"
        pattern = self.rng.choice(ELECTIVE_PATTERNS if programme is None else CORE_PATTERNS)
        code = f"{department.code}-{number}"
        self.offerings.append(_Offering(len(self.offerings) + 1, code, title, department.id, programme, [list(part) for part in pattern]))

    def _enrol_students(self) -> None:
        """Every student takes the programme's core courses and some electives, many of them elsewhere."""
        sizes = [self.rng.uniform(0.6, 1.4) for _ in self.programmes]
        chosen = sorted(self.rng.choices(range(len(self.programmes)), weights=sizes, k=self.scale.num_students))
        core: dict[int, list[_Offering]] = defaultdict(list)
        self.electives: dict[int, list[_Offering]] = defaultdict(list)
        for offering in self.offerings:
            if offering.programme is None:
                self.electives[offering.department].append(offering)
            else:
                core[offering.programme].append(offering)
        self.students = []
        for number, position in enumerate(chosen, 1):
            programme = self.programmes[position]
            self.students.append(StudentRow(number, f"S{number:05}", self._person(), programme.department_id, programme.id))
            for offering in core[programme.id]:
                offering.students[number] = None
            for _ in range(_rounded(self.scale.electives_per_student, self.rng)):
                self._elective(programme.department_id or 0).students[number] = None

    def _elective(self, home: int) -> _Offering:
        department = home
        if not self.electives[home] or self.rng.random() < self.scale.elsewhere:
            department = self.rng.choice([d.id for d in self.departments if self.electives[d.id]])
        return self.rng.choice(self.electives[department])

    # Nudges to the exact figures.

    def _nudge_sections(self, target: int) -> None:
        """Empty the smallest last sections, or open new ones where the fewest students are missing."""
        size = self.scale.max_section_size
        surplus = sum(o.num_sections(size) for o in self.offerings) - target
        if surplus > 0:
            spare = [o for o in self.offerings if len(o.students) > size and len(o.students) % size]
            for offering in sorted(spare, key=lambda o: len(o.students) % size)[:surplus]:
                for student in list(offering.students)[-(len(offering.students) % size) :]:
                    del offering.students[student]
        for offering in sorted(self.offerings, key=lambda o: -len(o.students) % size)[: max(0, -surplus)]:
            self._fill(offering, -len(offering.students) % size + 1)

    def _nudge_enrolments(self, target: int) -> None:
        """Fill or empty seats, of electives first, without changing any number of sections."""
        size = self.scale.max_section_size
        missing = target - sum(len(o.students) for o in self.offerings)
        shuffled = self.rng.sample(self.offerings, len(self.offerings))
        for offering in sorted(shuffled, key=lambda o: o.programme is not None):
            room = -len(offering.students) % size
            if missing > 0:
                missing -= self._fill(offering, min(missing, room))
            elif missing < 0:
                drop = min(-missing, (len(offering.students) - 1) % size)
                for student in list(offering.students)[len(offering.students) - drop :]:
                    del offering.students[student]
                missing += drop
        if missing:
            raise ScaleError(f"{abs(missing)} enrolments of {target} could not be fitted into the sections")

    def _fill(self, offering: _Offering, count: int) -> int:
        outside = [student.id for student in self.rng.sample(self.students, 2 * count + 100) if student.id not in offering.students]
        for student in outside[:count]:
            offering.students[student] = None
        return count

    def _nudge_lectures(self, target: int) -> None:
        """Add or drop single lectures of offerings, the ones with one section last, for they settle the remainder."""
        size = self.scale.max_section_size
        sections = {o.id: o.num_sections(size) for o in self.offerings}
        missing = target - sum(sections[o.id] * o.lectures_per_section for o in self.offerings)
        shuffled = self.rng.sample(self.offerings, len(self.offerings))
        for offering in sorted(shuffled, key=lambda o: -sections[o.id]):
            step, count = sections[offering.id], int(offering.pattern[0][0])
            if missing >= step and count < 5:
                offering.pattern[0][0], missing = count + 1, missing - step
            elif -missing >= step and count > 1:
                offering.pattern[0][0], missing = count - 1, missing + step
        if missing:
            raise ScaleError(f"{abs(missing)} lectures of {target} could not be fitted")

    # Rows.

    def _offering_row(self, offering: _Offering, num_buildings: int) -> OfferingRow:
        lectures = offering.lectures_per_section
        building = offering.department % num_buildings + 1 if offering.id % 2 else None
        return OfferingRow(
            id=offering.id,
            code=offering.code,
            title=offering.title,
            department_id=offering.department,
            expected_students=len(offering.students),
            max_section_size=self.scale.max_section_size,
            min_days=min(3, lectures) if lectures > 1 else 0,
            building_id=building,
        )

    def _rooms(self, num_buildings: int) -> tuple[list[RoomRow], Links]:
        """Four kinds of classroom to one lab; one room in sixteen is a hall."""
        size = self.scale.max_section_size
        rooms, features = [], {}
        for number in range(1, self.scale.num_rooms + 1):
            kind = "hall" if number % 16 == 1 else "lab" if number % 4 == 2 else "classroom"
            seats = {"hall": 3 * size, "lab": size}.get(kind) or self.rng.choice([size // 2, size, size, size + 20])
            building = number % num_buildings + 1
            rooms.append(RoomRow(number, f"B{building}.{number:02}", f"{kind.capitalize()} {number}", seats, kind, building))
            features[number] = [1, 2] if number % 3 else [1] if number % 2 else [2]
        return rooms, features

    def _instructors(self) -> tuple[list[InstructorRow], Links]:
        """Each department's instructors in turn over its sections; every one of them teaches."""
        size = self.scale.max_section_size
        needs = Counter({d.id: 0 for d in self.departments})
        for offering in self.offerings:
            needs[offering.department] += offering.num_sections(size)
        staff = _apportioned(self.scale.num_instructors, needs)
        instructors: list[InstructorRow] = []
        turns: dict[int, Iterator[int]] = {}
        for department in self.departments:
            first = len(instructors) + 1
            numbers = range(first, first + staff[department.id])
            instructors += [InstructorRow(number, f"I{number:04}", self._person(), department.id, 5, 20, 3) for number in numbers]
            turns[department.id] = cycle(numbers)
        teaching = {o.id: list(dict.fromkeys(next(turns[o.department]) for _ in range(o.num_sections(size)))) for o in self.offerings}
        return instructors, teaching

    def _person(self) -> str:
        return f"{self.rng.choice(GIVEN)} {self.rng.choice(FAMILY)}"

    def _meetings(self) -> tuple[list[MeetingRow], Links]:
        meetings: list[MeetingRow] = []
        features: Links = {}
        for offering in self.offerings:
            for count, length, kind in offering.pattern:
                meetings.append(MeetingRow(len(meetings) + 1, offering.id, int(count), int(length), str(kind)))
                if not kind and offering.id % 4 == 0:
                    features[len(meetings)] = [1]
        return meetings, features

    def _availability(self, instructors: list[InstructorRow], rooms: list[RoomRow]) -> Iterable[AvailabilityRow]:
        """One instructor in five is part-time (two days off); the others each like or dislike something."""
        days, last = range(self.scale.num_days), PERIODS_PER_DAY - 1
        for instructor in instructors:
            taste = self.rng.random()
            if taste < 0.2:
                off = self.rng.sample(days, 2)
                marks = [(day, period, Availability.BLOCKED) for day in off for period in range(PERIODS_PER_DAY)]
            elif taste < 0.6:
                marks = [(day, period, -2) for day in days for period in self.rng.choice([(0,), (last,), (0, last)])]
            elif taste < 0.75:
                marks = [(day, period, 1) for day in self.rng.sample(days, 3) for period in range(PERIODS_PER_DAY)]
            else:
                marks = [(days[-1], period, -3) for period in range(PERIODS_PER_DAY // 2, PERIODS_PER_DAY)]
            for day, period, rating in marks:
                yield AvailabilityRow(instructor.id, None, None, day, period, rating)
        for room in rooms[:: max(1, len(rooms) // 8)]:
            yield AvailabilityRow(None, room.id, None, days[-1], last, Availability.BLOCKED)

    def _rules(self, teaching: Links, availability: list[AvailabilityRow]) -> tuple[list[RuleRow], Links]:
        """A few rules of each kind, spread over the electives so that they never meet in one course."""
        electives = [o.id for o in self.offerings if o.programme is None]
        cores = [o.id for o in self.offerings if o.programme is not None]
        off = {(m.instructor_id, m.day) for m in availability if m.rating == Availability.BLOCKED}
        day = next(day for day in range(1, self.scale.num_days) if (teaching[electives[0]][0], day) not in off)
        rules = [
            RuleRow(1, Rule.Kind.PIN_TIME, None, 0, day, 2, True, "Opening lecture of the elective"),
            RuleRow(2, Rule.Kind.PIN_ROOM, 1, 0, None, None, True, "Given in the great hall"),
            RuleRow(3, Rule.Kind.NO_OVERLAP, None, 0, None, None, True, "Often taken together"),
            RuleRow(4, Rule.Kind.SAME_START, None, 0, None, None, False, "Guest lecture by video"),
        ]
        return rules, {1: [electives[0]], 2: [cores[0]], 3: electives[1:3], 4: electives[3:5]}


def _department_name(number: int) -> str:
    name = SUBJECTS[(number - 1) % len(SUBJECTS)]
    return name if number <= len(SUBJECTS) else f"{name} {(number - 1) // len(SUBJECTS) + 1}"


def _periods() -> list[PeriodRow]:
    return [
        PeriodRow(index, dt.time(8 + index), dt.time(8 + index, 50), index == BREAK_AFTER, index in LUNCH)
        for index in range(PERIODS_PER_DAY)
    ]


def _rounded(mean: float, rng: random.Random) -> int:
    """A whole number whose mean over many draws is ``mean``."""
    return int(mean) + (rng.random() < mean % 1)


def _apportioned(total: int, needs: Counter[int]) -> dict[int, int]:
    """Share ``total`` by needs, largest remainders first, at least one and at most the need each."""
    whole = sum(needs.values())
    shares = {key: max(1, total * need // whole) for key, need in needs.items()}
    by_remainder = sorted(needs, key=lambda key: -(total * needs[key] % whole))
    for key in cycle(by_remainder):
        if sum(shares.values()) >= total:
            return shares
        if shares[key] < needs[key]:
            shares[key] += 1
    return shares
