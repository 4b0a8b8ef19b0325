"""Writes of whole data sets: a term's rows into the database, all of them or none."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.contrib.auth.models import User
from django.db import models, transaction

from academics.demo import demo_rows, demo_statistics
from academics.models import (
    Availability,
    Building,
    Course,
    CourseOffering,
    Curriculum,
    Department,
    Enrolment,
    Instructor,
    Meeting,
    Membership,
    Organization,
    Period,
    Room,
    RoomFeature,
    RoomPreference,
    Rule,
    RuleSetting,
    RuleTimeslot,
    Section,
    Student,
    StudentGroup,
    Term,
    TermPart,
)
from academics.selectors import Links, TermRows

BATCH = 2000
# In this order nothing is deleted that a remaining row needs.
DATA_MODELS = (
    Availability,
    Rule,
    RuleSetting,
    Enrolment,
    Section,
    CourseOffering,
    Student,
    Curriculum,
    Course,
    Instructor,
    Room,
    Building,
    RoomFeature,
    StudentGroup,
)


There = Mapping[str, Mapping[int, int]]  # by model: rows that are in the database already, with their keys


class DataInUseError(Exception):
    """The organization already has data, and the request does not replace it."""


@transaction.atomic
def organization_store(
    *,
    code: str,
    name: str,
    term: Mapping[str, Any],
    rows: TermRows,
    weights: Mapping[str, int],
    source: Mapping[str, Any],
    replace: bool,
    hardness: Mapping[str, bool] | None = None,
) -> Term:
    """Make the organization with one term of these rows; with ``replace`` its earlier data go first. One transaction.

    The term row itself is kept and refreshed when there is one with its code, for jobs point at it.
    """
    organization, is_new = Organization.objects.get_or_create(code=code, defaults={"name": name})
    if not is_new and not replace and _has_data(organization):
        raise DataInUseError(code)
    organization_clear(organization=organization)
    organization.name, organization.weights, organization.source = name, dict(weights), dict(source)
    organization.hardness = dict(hardness or {})
    organization.save()
    Term.objects.filter(organization=organization).exclude(code=term["code"]).update(is_current=False)
    tolerance = {"seats_tolerance": rows.seats_tolerance, "seats_tolerance_percent": rows.seats_tolerance_percent}
    facts = {**term, **tolerance, "week_start": rows.week_start, "num_days": rows.num_days, "is_current": True}
    stored, _ = Term.objects.update_or_create(organization=organization, code=term["code"], defaults=facts)
    _RowWriter(organization, stored, rows).write()
    return stored


@transaction.atomic
def term_store(*, organization: Organization, code: str, rows: TermRows, there: There) -> Term:
    """A further term of these rows, which is not made the current one. A term of this code that has nothing yet is filled.

    ``there``: by model the rows that the organization has already, with their keys. They are used as they are.
    """
    tolerance = {"seats_tolerance": rows.seats_tolerance, "seats_tolerance_percent": rows.seats_tolerance_percent}
    facts = {**tolerance, "week_start": rows.week_start, "num_days": rows.num_days}
    made = {**facts, "is_current": False}
    term, _ = Term.objects.update_or_create(organization=organization, code=code, defaults=facts, create_defaults=made)
    _RowWriter(organization, term, rows, there).write()
    return term


def demo_store(*, scale: str, code: str, seed: int) -> dict[str, int | float]:
    """Make the demo university as organization ``code`` and give its statistics. An earlier demo there is replaced."""
    rows = demo_rows(scale=scale, seed=seed)
    organization = Organization.objects.filter(code=code).first()
    organization_store(
        code=code,
        name="Demo University" if scale == "small" else "Large Demo University",
        term={
            "code": "2026-autumn",
            "name": "Autumn 2026",
            "academic_year": "2026/27",
            "semester": "autumn",
            "starts_on": dt.date(2026, 9, 21),
            "ends_on": dt.date(2027, 1, 15),
        },
        rows=rows,
        weights={},
        source={"demo": scale, "seed": seed},
        replace=organization is not None and "demo" in organization.source,
    )
    return demo_statistics(rows)


DEMO_ROLES = {"admin": Membership.Role.ADMIN, "reviewer": Membership.Role.REVIEWER, "viewer": Membership.Role.VIEWER}


@transaction.atomic
def demo_users_store(*, code: str, password: str = "") -> dict[str, str]:
    """Make the demo users, members of organization ``code``; `admin` is a superuser. Gives the passwords that were set.

    Who exists keeps the password, unless one is given. A new user without one gets a random one, the same for all.
    """
    organization = Organization.objects.get(code=code)
    secret = password or secrets.token_urlsafe(9)
    passwords = {}
    for username, role in DEMO_ROLES.items():
        is_admin = username == "admin"
        user, is_new = User.objects.get_or_create(username=username, defaults={"is_staff": is_admin, "is_superuser": is_admin})
        if is_new or (password and not user.check_password(password)):
            user.set_password(secret)
            user.save()
            passwords[username] = secret
        Membership.objects.get_or_create(organization=organization, user=user, defaults={"role": role})
    return passwords


def organization_has_data(*, code: str) -> bool:
    organization = Organization.objects.filter(code=code).first()
    return organization is not None and _has_data(organization)


def organization_has_rows(*, organization: Organization) -> bool:
    """Whether it has anything that `organization_clear` would delete."""
    mine = {"organization": organization}
    return Period.objects.filter(term__organization=organization).exists() or any(
        model._default_manager.filter(**mine).exists() for model in (*DATA_MODELS, Department)
    )


def _has_data(organization: Organization) -> bool:
    return any(model.objects.filter(organization=organization).exists() for model in (Course, Room, Instructor, Student))


@transaction.atomic
def organization_clear(*, organization: Organization) -> None:
    """Delete the organization's teaching data. Members, terms, jobs and their timetables stay."""
    mine = {"organization": organization}
    Period.objects.filter(term__organization=organization).delete()
    TermPart.objects.filter(term__organization=organization).delete()
    for model in DATA_MODELS:
        model.objects.filter(**mine).delete()
    Department.objects.filter(**mine).delete()


class _RowWriter:
    """Writes rows model by model; ``ids`` remembers for each kind which primary key a row's id got."""

    def __init__(self, organization: Organization, term: Term, rows: TermRows, there: There | None = None) -> None:
        self.organization = organization
        self.term = term
        self.rows = rows
        self.there = there or {}
        self.ids: dict[str, dict[int | None, Any]] = {}

    def write(self) -> None:
        self._write_places()
        self._write_people()
        self._write_offerings()
        self._write_choices()

    def _store(self, kind: str, rows: Sequence[Any], made: Iterable[models.Model]) -> None:
        """Insert ``made``, one for each of ``rows``, and remember their keys. Rows that are there are not inserted."""
        there = self.there.get(kind, {})
        pairs = [(row, instance) for row, instance in zip(rows, made, strict=True) if row.id not in there]
        objects = [instance for _, instance in pairs]
        if objects:
            type(objects[0])._default_manager.bulk_create(objects, batch_size=BATCH)
        keys: dict[int | None, Any] = {None: None, **{row.id: instance.pk for row, instance in pairs}}
        self.ids[kind] = keys | dict(there.items())

    def _point(self, model: type[models.Model], field: str, rows: Iterable[tuple[int, int | None]], keys: Mapping[int | None, Any]) -> None:
        """Rows of a table that point at others of it, once all have their keys."""
        pointing = [model(pk=keys[row], **{field: keys[target]}) for row, target in rows if target is not None]
        model._default_manager.bulk_update(pointing, [field], batch_size=BATCH)

    def _link(self, through: type[models.Model], owner: str, target: str, links: Links) -> None:
        """Insert many-to-many rows in the order of the links; what links two rows that are there is there, too."""
        owners, targets = self.ids[owner], self.ids[target]
        old, known = self.there.get(owner, {}), self.there.get(target, {})
        made = [
            through(**{f"{owner}_id": owners[row], f"{target}_id": targets[linked]})
            for row, linked_ids in links.items()
            for linked in linked_ids
            if not (row in old and linked in known)
        ]
        through._default_manager.bulk_create(made, batch_size=BATCH)

    def _write_places(self) -> None:
        rows, mine = self.rows, {"organization": self.organization}
        Period.objects.bulk_create(Period(term=self.term, **row._asdict()) for row in rows.periods)
        TermPart.objects.bulk_create(TermPart(term=self.term, **row._asdict()) for row in rows.parts)
        self._store("department", rows.departments, (Department(**mine, code=r.code, name=r.name) for r in rows.departments))
        self._store("building", rows.buildings, (Building(**mine, code=r.code, name=r.name) for r in rows.buildings))
        self._store("roomfeature", rows.features, (RoomFeature(**mine, code=r.code, name=r.name) for r in rows.features))
        self._store(
            "room",
            rows.rooms,
            (Room(**mine, building_id=self.ids["building"][r.building_id], **_without(r, "id", "building_id")) for r in rows.rooms),
        )
        self._link(Room.features.through, "room", "roomfeature", rows.room_features)

    def _write_people(self) -> None:
        rows, mine, department = self.rows, {"organization": self.organization}, self.ids["department"]
        self._store(
            "instructor",
            rows.instructors,
            (Instructor(**mine, department_id=department[r.department_id], **_without(r, "id", "department_id")) for r in rows.instructors),
        )
        self._store(
            "curriculum",
            rows.curricula,
            (Curriculum(**mine, department_id=department[r.department_id], code=r.code, name=r.name) for r in rows.curricula),
        )
        self._store("studentgroup", rows.groups, (StudentGroup(**mine, code=r.code, name=r.name, size=r.size) for r in rows.groups))
        fresh = [(r.id, r.parent_id) for r in rows.groups if r.id not in self.there.get("studentgroup", {})]
        self._point(StudentGroup, "parent_id", fresh, self.ids["studentgroup"])
        curriculum = self.ids["curriculum"]
        self._store(
            "student",
            rows.students,
            (
                Student(
                    **mine,
                    code=r.code,
                    name=r.name,
                    department_id=department[r.department_id],
                    curriculum_id=curriculum[r.curriculum_id],
                )
                for r in rows.students
            ),
        )

    def _write_offerings(self) -> None:
        rows, mine = self.rows, {"organization": self.organization}
        department, building = self.ids["department"], self.ids["building"]
        self._store(
            "course",
            rows.offerings,
            (Course(**mine, code=r.code, name=r.title, department_id=department[r.department_id]) for r in rows.offerings),
        )
        self._store(
            "courseoffering",
            rows.offerings,
            (
                CourseOffering(
                    **mine,
                    term=self.term,
                    course_id=self.ids["course"][r.id],
                    preferred_building_id=building[r.building_id],
                    **_without(r, "id", "code", "title", "department_id", "building_id", "part_of_id", "taught_with_id"),
                )
                for r in rows.offerings
            ),
        )
        offering = self.ids["courseoffering"]
        self._point(CourseOffering, "part_of_id", [(r.id, r.part_of_id) for r in rows.offerings], offering)
        self._point(CourseOffering, "taught_with_id", [(r.id, r.taught_with_id) for r in rows.offerings], offering)
        self._link(CourseOffering.instructors.through, "courseoffering", "instructor", rows.offering_instructors)
        self._link(CourseOffering.curricula.through, "courseoffering", "curriculum", rows.offering_curricula)
        self._store(
            "meeting",
            rows.meetings,
            (Meeting(offering_id=offering[r.offering_id], **_without(r, "id", "offering_id")) for r in rows.meetings),
        )
        self._link(Meeting.features.through, "meeting", "roomfeature", rows.meeting_features)
        self._store(
            "section",
            rows.sections,
            (Section(**mine, offering_id=offering[r.offering_id], code=r.code, size=r.size, weeks=r.weeks) for r in rows.sections),
        )
        self._point(Section, "parent_id", [(r.id, r.parent_id) for r in rows.sections], self.ids["section"])
        self._link(Section.instructors.through, "section", "instructor", rows.section_instructors)
        self._link(CourseOffering.groups.through, "courseoffering", "studentgroup", rows.offering_groups)
        self._link(Section.groups.through, "section", "studentgroup", rows.section_groups)

    def _write_choices(self) -> None:
        rows, ids, mine = self.rows, self.ids, {"organization": self.organization}
        Enrolment.objects.bulk_create(
            (
                Enrolment(
                    **mine,
                    student_id=ids["student"][r.student_id],
                    offering_id=ids["courseoffering"][r.offering_id],
                    section_id=ids["section"][r.section_id],
                )
                for r in rows.enrolments
            ),
            batch_size=BATCH,
        )
        Availability.objects.bulk_create(
            (
                Availability(
                    **mine,
                    term=self.term,
                    instructor_id=ids["instructor"][r.instructor_id],
                    room_id=ids["room"][r.room_id],
                    offering_id=ids["courseoffering"][r.offering_id],
                    section_id=ids["section"][r.section_id],
                    day=r.day,
                    period=r.period,
                    rating=r.rating,
                )
                for r in rows.availability
            ),
            batch_size=BATCH,
        )
        self._store(
            "rule",
            rows.rules,
            (
                Rule(
                    **mine,
                    term=self.term,
                    room_id=ids["room"][r.room_id],
                    first_id=ids["courseoffering"][r.first_id],
                    **_without(r, "id", "room_id", "first_id"),
                )
                for r in rows.rules
            ),
        )
        self._link(Rule.offerings.through, "rule", "courseoffering", rows.rule_offerings)
        RuleTimeslot.objects.bulk_create(
            (RuleTimeslot(rule_id=ids["rule"][r.rule_id], day=r.day, period=r.period) for r in rows.rule_timeslots), batch_size=BATCH
        )
        RoomPreference.objects.bulk_create(
            (
                RoomPreference(
                    offering_id=ids["courseoffering"][r.offering_id],
                    rank=r.rank,
                    room_id=ids["room"][r.room_id],
                    building_id=ids["building"][r.building_id],
                )
                for r in rows.room_preferences
            ),
            batch_size=BATCH,
        )


def _without(row: Any, *names: str) -> dict[str, Any]:
    return {name: value for name, value in row._asdict().items() if name not in names}
