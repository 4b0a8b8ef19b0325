"""Whether a term's data allows a timetable: counts, gaps, and the arithmetic of what is required and what is open.

A run's own arithmetic (`engine.infeasibility.preflight`) is used, on the data without single students: sections are as large as they
will be, but no students are assigned to them. So the answer takes a second at the size of a large university, and it is kept
until any institution's data changes.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from django.conf import settings
from django.core.cache import cache
from django.db.models import Count as Number
from django.urls import reverse

from academics.models import (
    Course,
    CourseOffering,
    Curriculum,
    Department,
    Enrolment,
    Instructor,
    Organization,
    Room,
    Rule,
    Student,
    Term,
)
from academics.selectors import data_revision, term_rows
from generation.demand.tables import demand_of
from generation.engine.infeasibility.preflight import preflight
from generation.engine.infeasibility.statements import Obstacle, Ref
from generation.engine.model.domains import Openings
from generation.engine.model.problem import ANY, Problem
from generation.engine.model.text import listed
from generation.problem.builder import problem_of_rows
from generation.problem.cross_listed import rows_cross_listed
from generation.readiness.calendar_checks import calendar_troubles
from generation.readiness.clash_checks import clash_troubles
from generation.readiness.limit_checks import limit_troubles
from generation.readiness.linked_checks import linked_troubles
from generation.readiness.loads import loads_of
from generation.readiness.missing_data import missing_troubles
from generation.readiness.record_links import Finder, counted
from generation.readiness.report import MOST_OF_A_SORT, MOST_RECORDS, Count, Load, Loads, Readiness, Record, Trouble, sorted_troubles
from generation.readiness.rule_checks import RuleFinder, rule_troubles
from generation.readiness.staff_checks import unstaffed_troubles
from generation.readiness.week_checks import week_troubles
from generation.text.display_names import Naming
from generation.text.infeasibility.obstacles import Alike, alike_text, once_each
from generation.text.infeasibility.phrases import Phrases
from generation.text.messages import refusal_text
from generation.web.links import add_address, list_address, row_address

KEPT_S = 24 * 3600
_working = threading.Lock()


def readiness_check(*, organization: Organization, term: Term | None) -> Readiness:
    """The check, worked out once for the same data. Some sixty small queries where it is not known yet, else one."""
    if term is None:
        message = refusal_text("no_term", organization=organization.name)
        return Readiness(organization.code, "", (), (_red("no_term", message, "Add a term", add_address(organization, "term")),), Loads())
    key = _key(term)
    found: Readiness | None = cache.get(key)
    if found is not None:
        return found
    with _working:  # a second request for the same waits for the first
        found = cache.get(key)
        if found is None:
            found = _checked(organization, term)
            cache.set(key, found, KEPT_S)
    return found


def readiness_known(*, term: Term | None) -> Readiness | None:
    """The check if it is known for the data as they are. One small query."""
    found: Readiness | None = cache.get(_key(term)) if term is not None else None
    return found


def _key(term: Term) -> str:
    least = (settings.JOB_MIN_COURSES, settings.JOB_MIN_INSTRUCTORS, settings.JOB_MIN_ROOMS)
    return f"readiness:5:{term.pk}:{data_revision(term.organization_id)}:{least}".replace(" ", "")


def _checked(organization: Organization, term: Term) -> Readiness:
    periods = list(term.periods.order_by("index"))
    counts, loads, must_clash = _counts(organization, term), Loads(), 0
    numbers = {count.id: count.number for count in counts}
    troubles = list(_too_little(organization, term, len(periods), numbers))
    troubles += missing_troubles(organization, term)
    troubles += calendar_troubles(organization, term, periods)
    if term.num_days * len(periods) > 0 and numbers["offerings"]:
        rows = rows_cross_listed(term_rows(organization=organization, term=term, has_students=False))
        problem = problem_of_rows(organization=organization, term=term, rows=rows)
        counts = _with_lectures(counts, organization, problem)
        finder = Finder(organization, term)
        facts = Openings(problem)
        loads = loads_of(facts, finder)
        troubles += _Obstacles(organization, facts, finder, RuleFinder(rows, problem), troubles).troubles(preflight(problem))
        troubles += week_troubles(term, rows)
        troubles += unstaffed_troubles(rows, problem)
        troubles += linked_troubles(term, rows)
        troubles += rule_troubles(term, rows, problem)
        troubles += limit_troubles(rows, facts)
        demand = demand_of(organization=organization, term=term, read=(rows, problem))
        troubles += clash_troubles(term, demand, troubles)
        troubles += _tight(loads)
        must_clash = demand.least
    return Readiness(organization.code, term.code, counts, sorted_troubles(troubles), loads, must_clash)


def _red(id_: str, message: str, label: str, address: str) -> Trouble:
    return Trouble("red", id_, message, (Record(label, address),))


def _too_little(organization: Organization, term: Term, num_periods: int, numbers: Mapping[str, int]) -> Iterator[Trouble]:
    """What a run refuses at once, in the same words where there are any."""
    if term.num_days * num_periods == 0:
        message = refusal_text("no_timeslots", term=term.code, days=term.num_days, periods=num_periods)
        yield _red("no_timeslots", message, f"Term {term.code}", row_address("term", term.pk))
    needs = (
        ("courses", "offerings", settings.JOB_MIN_COURSES, "courseoffering", ("course is", "courses are"), "offered this term"),
        ("instructors", "instructors", settings.JOB_MIN_INSTRUCTORS, "instructor", ("instructor is", "instructors are"), "entered"),
        ("rooms", "rooms", settings.JOB_MIN_ROOMS, "room", ("room is", "rooms are"), "entered"),
    )
    for name, count, least, model, nouns, done in needs:
        found = numbers[count]
        if found < least:
            message = f"Only {found} {nouns[found != 1]} {done}, and a timetable needs at least {least}. Add the missing ones."
            yield _red(f"too_few_{name}", message.replace("Only 0 ", "No "), f"The {name}", list_address(organization, model))


def _counts(organization: Organization, term: Term) -> tuple[Count, ...]:
    mine, here = {"organization": organization}, {"organization": organization, "term": term}
    rooms = Room.objects.filter(**mine)
    kinds = rooms.order_by("kind").values_list("kind").annotate(number=Number("id"))
    plain = (
        ("departments", "Departments", Department.objects.filter(**mine), "department"),
        ("rooms", "Rooms", rooms, "room"),
        ("instructors", "Instructors", Instructor.objects.filter(**mine), "instructor"),
        ("courses", "Courses in the catalogue", Course.objects.filter(**mine), "course"),
        ("offerings", "Offerings this term", CourseOffering.objects.filter(**here), "courseoffering"),
        ("students", "Students", Student.objects.filter(**mine), "student"),
        ("enrolments", "Enrolments this term", Enrolment.objects.filter(**mine, offering__term=term), "enrolment"),
        ("curricula", "Curricula", Curriculum.objects.filter(**mine), "curriculum"),
        ("rules", "Rules in use", Rule.objects.filter(**here, is_active=True), "rule"),
    )
    numbers = counted(organization, [rows for _, _, rows, _ in plain])
    found = [
        Count(id_, name, number, list_address(organization, model)) for (id_, name, _, model), number in zip(plain, numbers, strict=True)
    ]
    of_kinds = [Count(f"rooms_{kind}", f"of the kind {kind}", number, list_address(organization, "room", q=kind)) for kind, number in kinds]
    return (*found[:2], *of_kinds, *found[2:])


def _with_lectures(counts: tuple[Count, ...], organization: Organization, problem: Problem) -> tuple[Count, ...]:
    """Sections are formed for a run, so they are counted as it will form them."""
    offerings = list_address(organization, "courseoffering")
    formed: tuple[Count, ...] = (
        Count("sections", "Sections", problem.num_sections, offerings),
        Count("lectures", "Lectures a week", problem.num_lectures, offerings),
    )
    if problem.num_weeks:
        of_lectures = problem.section_offering[problem.lecture_section]
        some = np.unique(of_lectures[problem.lecture_weeks != (1 << problem.num_weeks) - 1])
        formed = (*formed, Count("in_some_weeks", "Offerings not held in every week", len(some), offerings))
    at = next(index for index, count in enumerate(counts) if count.id == "offerings") + 1
    return (*counts[:at], *formed, *counts[at:])


class _Obstacles:
    """What the run's arithmetic proves impossible, with the records that cause it."""

    def __init__(self, organization: Organization, facts: Openings, finder: Finder, rules: RuleFinder, known: Sequence[Trouble]) -> None:
        self.organization = organization
        self.finder = finder
        self.rules = rules
        self.problem = problem = facts.problem
        self.phrases = Phrases(problem)
        self.people: dict[str, str] = {}
        self.known_ids = {trouble.id for trouble in known}
        names = problem.names
        asked = {names.room_kinds[kind] for kind in problem.lecture_room_kind.tolist() if kind >= 0}
        self.unknown_kinds = asked - {names.room_kinds[kind] for kind in problem.room_kind.tolist()}

    def troubles(self, obstacles: Sequence[Obstacle]) -> list[Trouble]:
        """Few of a sort one by one, many together."""
        codes = self.problem.names.instructors
        self.people = self.finder.people(codes[instructor] for each in obstacles for instructor in each.instructors)
        names = Naming(self.organization.pk).rooms_of(self.problem) if obstacles else None
        self.phrases = Phrases(self.problem, names, people=self.people)
        sorts: dict[str, list[Alike]] = defaultdict(list)
        for alike in once_each(obstacles, self.problem.names.courses):
            if not self._is_known(alike.first):
                sorts[alike.first.id].append(alike)
        troubles = []
        for sort in sorts.values():
            sort.sort(key=_excess, reverse=True)
            troubles += [self._trouble(alike) for alike in sort[:MOST_OF_A_SORT]]
            if len(sort) > MOST_OF_A_SORT:
                troubles.append(self._rest([alike.first for alike in sort[MOST_OF_A_SORT:]]))
        return troubles

    def _is_known(self, obstacle: Obstacle) -> bool:
        """Whether the gap behind it has been reported already."""
        if obstacle.id == "no_suitable_room":
            kind = obstacle.values["need"].kind
            return (kind != ANY and self.problem.names.room_kinds[kind] in self.unknown_kinds) or "feature_unknown" in self.known_ids
        return obstacle.id == "no_rooms" and "too_few_rooms" in self.known_ids

    def _trouble(self, alike: Alike) -> Trouble:
        return Trouble("red", alike.first.id, alike_text(alike, self.phrases), self._records([alike.first]))

    def _rest(self, obstacles: Sequence[Obstacle]) -> Trouble:
        names = list(dict.fromkeys(self._label(value) for each in obstacles for key, value in each.values.items() if key in NAMED))
        message = f"And {len(obstacles):,} more of this sort{': ' + listed(names, 6) if names else ''}."
        records = self._records(obstacles)
        return Trouble("red", obstacles[0].id, message, records, max(0, len(obstacles) - len(records)))

    def _records(self, obstacles: Sequence[Obstacle]) -> tuple[Record, ...]:
        found: dict[str, Record] = {}
        for obstacle in obstacles:
            for key, value in obstacle.values.items():
                if key in NAMED and len(found) < MOST_RECORDS:
                    address = self._address(value)
                    if address:
                        found.setdefault(address, Record(self._label(value), address))
            refs = (value for value in obstacle.values.values() if isinstance(value, Ref))
            courses = {self.problem.names.courses[ref.index] for ref in refs if ref.kind in ("section", "course")}
            for record in self.rules.records(obstacle.tables, courses):
                if len(found) < MOST_RECORDS:
                    found.setdefault(record.address, record)
        if not found and obstacles[0].id in ("too_few_rooms", "rooms_long_lectures"):
            need = obstacles[0].values["need"]
            is_any = isinstance(need, Ref) or need.kind == ANY
            query = {} if is_any else {"q": self.problem.names.room_kinds[need.kind]}
            found[""] = Record("The rooms", list_address(self.organization, "room", **query))
        if any(obstacle.is_seats for obstacle in obstacles):
            found["seats"] = Record("Every student has a seat", reverse("rule", args=["seats-term"]))
        return tuple(found.values())

    def _label(self, ref: Ref) -> str:
        code = self.phrases.code(ref)
        return self.people.get(code, code) if ref.kind == "instructor" else code

    def _address(self, ref: Ref) -> str:
        """Of a section, or a group of a curriculum, that of its course, or of the curriculum."""
        is_course = ref.kind in ("section", "course")
        kind = "course" if is_course else ref.kind
        owner = self.problem.names.courses[ref.index] if is_course else self.phrases.code(ref)
        return next(
            (address for tried in (owner, owner.rsplit("/", 1)[0]) if (address := self.finder.addresses(kind, [tried]).get(tried))), ""
        )


NAMED = ("instructor", "other_instructor", "section", "first", "second", "curriculum", "room")  # values with records of their own


def _excess(alike: Alike) -> int:
    values = alike.first.values
    return int(values.get("periods", 0)) - int(values.get("open", 0))


def _tight(loads: Loads) -> Iterator[Trouble]:
    """What just fits leaves a search little choice."""
    for load in loads.rooms:
        if load.level == "amber":
            message = (
                f"{_capital(load.name)}: {load.asked} periods required, {load.open} open. It just fits, so there is little choice of times."
            )
            yield Trouble("amber", "tight_rooms", message)
    for id_, many, found in (
        ("tight_instructors", "Almost every open period is taken for these instructors", loads.instructors),
        ("tight_sections", "Almost every open period is taken for these sections", loads.sections),
        ("tight_curricula", "Almost the whole week is taken for these curricula", loads.curricula),
    ):
        tight: list[Load] = [load for load in found if load.level == "amber"]
        if tight:
            records = tuple(Record(f"{load.name}: {load.asked} of {load.open}", load.address) for load in tight[:MOST_RECORDS])
            message = f"{many}, so there is little choice of times. Open more, or ask for less."
            yield Trouble("amber", id_, message, records, len(tight) - len(records))


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
