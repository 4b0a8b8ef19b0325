"""How rows of each kind stand in the database: read as plain values under natural keys, and written back.

A natural key is a code, or a tuple of codes. Values stand in the order of ``fields``; references are codes, links are
tuples of codes. Nothing here decides what is to be written: see `planning`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, TypeVar

from django.db import models

from academics.importing.values import MeetingValue
from academics.models import (
    Availability,
    Building,
    Course,
    CourseOffering,
    Curriculum,
    Department,
    Enrolment,
    Holiday,
    Instructor,
    Meeting,
    Organization,
    Period,
    Room,
    RoomFeature,
    Section,
    Student,
    Term,
)

BATCH = 2000
CHUNK = 500  # keys in one query; SQLite takes no more than a thousand or so
Key = Any
Values = tuple[Any, ...]
Existing = dict[Key, tuple[int, Values]]
Linked = tuple[int, Values, frozenset[str] | None]  # a row's primary key, values, and the columns that change; None: it is new
T = TypeVar("T")


def chunked(items: Iterable[T], size: int) -> Iterator[list[T]]:
    rest = iter(items)
    while chunk := list(islice(rest, size)):
        yield chunk


class Shared:
    """One object for equal codes: a table of enrolments names each course and student many times."""

    def __init__(self) -> None:
        self._known: dict[Any, Any] = {}

    def parts(self, key: Sequence[Any]) -> Key:
        return tuple([self._known.setdefault(part, part) for part in key])


@dataclass(frozen=True)
class Link:
    """A many-to-many field; the order of its rows counts where it ``is_ordered``."""

    column: str
    through: type[models.Model]
    owner: str  # the through table's column of the owner's key, and of the target's
    target: str
    entity: str
    is_ordered: bool = False

    def read(self, organization: Organization) -> dict[int, tuple[str, ...]]:
        owner = self.owner.removesuffix("_id")
        rows = self.through._default_manager.filter(**{f"{owner}__organization": organization}).order_by("id")
        found: dict[int, list[str]] = defaultdict(list)
        for key, code in rows.values_list(self.owner, f"{self.target.removesuffix('_id')}__code"):
            found[key].append(code)
        return {key: tuple(codes) if self.is_ordered else tuple(sorted(codes)) for key, codes in found.items()}

    def write(self, wanted: Mapping[int, Sequence[str]], targets: Mapping[Key, int]) -> None:
        """Give each owner these targets, in this order."""
        for owners in chunked(wanted, CHUNK):
            self.through._default_manager.filter(**{f"{self.owner}__in": owners}).delete()
        made = (self.through(**{self.owner: key, self.target: targets[code]}) for key, codes in wanted.items() for code in codes)
        for rows in chunked(made, BATCH):
            self.through._default_manager.bulk_create(rows)


@dataclass
class Keys:
    """The primary key of each natural key, by entity; None where the row is still to be written."""

    organization: Organization
    _found: dict[str, dict[Key, Any]] = field(default_factory=dict)

    def of(self, entity: str) -> dict[Key, Any]:
        if entity not in self._found:
            self._found[entity] = ENTITIES[entity].keys(self.organization)
        return self._found[entity]


@dataclass(frozen=True)
class Entity:
    """One model under its natural key. ``path`` leads from the row to the organization."""

    name: str
    title: str
    model: type[models.Model]
    key: tuple[str, ...] = ("code",)  # lookups that make the natural key
    plain: tuple[str, ...] = ()  # fields as they are
    references: Mapping[str, tuple[str, str]] = field(default_factory=dict)  # column: (field, entity)
    links: tuple[Link, ...] = ()
    path: str = "organization"
    is_removable: bool = True
    scope: Callable[[Key], Any] = lambda key: None  # what is left out is removed only where the files name its scope

    @property
    def fields(self) -> tuple[str, ...]:
        return (*self.plain, *self.references, *(link.column for link in self.links))

    def rows(self, organization: Organization) -> models.QuerySet[Any]:
        return self.model._default_manager.filter(**{self.path: organization}).order_by("pk")

    def keys(self, organization: Organization) -> dict[Key, int]:
        width = len(self.key)
        rows = self.rows(organization).values_list("pk", *self.key)
        shared = Shared()
        return {row[1] if width == 1 else shared.parts(row[1:]): row[0] for row in rows.iterator(chunk_size=BATCH)}

    def existing(self, organization: Organization) -> Existing:
        width = len(self.key)
        lookups = [f"{attribute}__code" for attribute, _ in self.references.values()]
        rows = self.rows(organization).values_list("pk", *self.key, *self.plain, *lookups)
        links = [link.read(organization) for link in self.links]
        shared = Shared()
        return {
            (row[1] if width == 1 else shared.parts(row[1 : 1 + width])): (
                row[0],
                (*row[1 + width :], *(link.get(row[0], ()) for link in links)),
            )
            for row in rows.iterator(chunk_size=BATCH)
        }

    def attributes(self, keys: Keys, key: Key, values: Values) -> dict[str, Any]:
        """The model's columns for these values, without key and links."""
        found = dict(zip(self.plain, values, strict=False))
        for (attribute, entity), code in zip(self.references.values(), values[len(self.plain) :], strict=False):
            found[f"{attribute}_id"] = None if code is None else keys.of(entity)[code]
        return found

    def made(self, keys: Keys, key: Key, values: Values) -> models.Model:
        return self.model(organization=keys.organization, code=key, **self.attributes(keys, key, values))

    def add(self, keys: Keys, rows: Iterable[tuple[Key, Values]], told: Callable[[int], None]) -> None:
        for chunk in chunked(rows, BATCH):
            made = [self.made(keys, key, values) for key, values in chunk]
            self.model._default_manager.bulk_create(made)
            primary = [row.pk for row in made]
            keys.of(self.name).update(zip((key for key, _ in chunk), primary, strict=True))
            self.link(keys, [(key, values, None) for key, (_, values) in zip(primary, chunk, strict=True)])
            told(len(chunk))

    def change(self, keys: Keys, rows: Iterable[tuple[int, Key, Values, frozenset[str]]], told: Callable[[int], None]) -> None:
        """Rows with what is different in them. One statement writes a chunk: an insert that always finds its row."""
        for chunk in chunked(rows, CHUNK):
            self._update(keys, [row for row in chunk if row[3] & {*self.plain, *self.references}])
            self.link(keys, [(primary, values, changed) for primary, _, values, changed in chunk])
            told(len(chunk))

    def _update(self, keys: Keys, rows: Sequence[tuple[int, Key, Values, frozenset[str]]]) -> None:
        if not rows:
            return
        stored = self.model._default_manager.in_bulk([row[0] for row in rows])
        names: set[str] = set()
        for primary, key, values, _ in rows:
            attributes = self.attributes(keys, key, values)
            names |= set(attributes)
            for name, value in attributes.items():
                setattr(stored[primary], name, value)
        fields = [self.model._meta.get_field(name.removesuffix("_id")).name for name in sorted(names)]
        self.model._default_manager.bulk_create(stored.values(), update_conflicts=True, unique_fields=["id"], update_fields=fields)

    def link(self, keys: Keys, rows: Sequence[Linked]) -> None:
        start = len(self.plain) + len(self.references)
        for index, link in enumerate(self.links, start):
            link.write(_of_column(rows, link.column, index), keys.of(link.entity))

    def remove(self, primary_keys: Iterable[int], told: Callable[[int], None]) -> None:
        """Delete the rows and what hangs on them."""
        for chunk in chunked(primary_keys, CHUNK):
            self.model._default_manager.filter(pk__in=chunk).delete()
            told(len(chunk))


def _of_column(rows: Sequence[Linked], column: str, index: int) -> dict[int, Any]:
    """What is to be written of one column: something in new rows, anything in rows that change it."""
    return {primary: values[index] for primary, values, changed in rows if (values[index] if changed is None else column in changed)}


class TermEntity(Entity):
    """Of the terms one is current, at most."""

    def add(self, keys: Keys, rows: Iterable[tuple[Key, Values]], told: Callable[[int], None]) -> None:
        listed = list(rows)
        super().add(keys, listed, told)
        self._current_alone(keys, [(key, values) for key, values in listed])

    def change(self, keys: Keys, rows: Iterable[tuple[int, Key, Values, frozenset[str]]], told: Callable[[int], None]) -> None:
        listed = list(rows)
        super().change(keys, listed, told)
        self._current_alone(keys, [(key, values) for _, key, values, changed in listed if "is_current" in changed])

    def _current_alone(self, keys: Keys, rows: Sequence[tuple[Key, Values]]) -> None:
        index = self.fields.index("is_current")
        current = [key for key, values in rows if values[index]]
        if current:
            self.rows(keys.organization).exclude(code=current[-1]).filter(is_current=True).update(is_current=False)


class PeriodEntity(Entity):
    def made(self, keys: Keys, key: Key, values: Values) -> models.Model:
        return Period(term_id=keys.of("terms")[key[0]], index=key[1], **self.attributes(keys, key, values))


class OfferingEntity(Entity):
    """With the lecture that it is a part of, and its meetings, which have no names: what stays as it was keeps its row."""

    @property
    def fields(self) -> tuple[str, ...]:
        return (*super().fields, "part_of", "meetings")

    def existing(self, organization: Organization) -> Existing:
        meetings: dict[int, list[MeetingValue]] = defaultdict(list)
        for offering, row in _meeting_rows(Meeting.objects.filter(offering__organization=organization)):
            meetings[offering].append(row)
        lectures = dict(self.rows(organization).exclude(part_of=None).values_list("pk", "part_of__course__code"))
        found = super().existing(organization)
        return {
            key: (primary, (*values, lectures.get(primary), tuple(sorted(meetings[primary])))) for key, (primary, values) in found.items()
        }

    def made(self, keys: Keys, key: Key, values: Values) -> models.Model:
        course, term = keys.of("courses")[key[0]], keys.of("terms")[key[1]]
        return CourseOffering(organization=keys.organization, course_id=course, term_id=term, **self.attributes(keys, key, values))

    def link(self, keys: Keys, rows: Sequence[Linked]) -> None:
        super().link(keys, rows)
        meetings_write(_of_column(rows, "meetings", len(self.fields) - 1), keys.of("features"))

    def add(self, keys: Keys, rows: Iterable[tuple[Key, Values]], told: Callable[[int], None]) -> None:
        listed = list(rows)
        super().add(keys, listed, told)
        self._parts_write(keys, [(key, values) for key, values in listed if values[-2] is not None])

    def change(self, keys: Keys, rows: Iterable[tuple[int, Key, Values, frozenset[str]]], told: Callable[[int], None]) -> None:
        listed = list(rows)
        super().change(keys, listed, told)
        self._parts_write(keys, [(key, values) for _, key, values, changed in listed if "part_of" in changed])

    def _parts_write(self, keys: Keys, rows: Sequence[tuple[Key, Values]]) -> None:
        """Once all have keys: a part may stand above its lecture."""
        offerings = keys.of(self.name)
        parts = [
            CourseOffering(pk=offerings[key], part_of_id=None if values[-2] is None else offerings[values[-2], key[1]])
            for key, values in rows
        ]
        CourseOffering.objects.bulk_update(parts, ["part_of"], batch_size=CHUNK)

    def remove(self, primary_keys: Iterable[int], told: Callable[[int], None]) -> None:
        """Parts do not go with their lecture: those that stay belong to another one, or to none."""
        listed = list(primary_keys)
        for chunk in chunked(listed, CHUNK):
            CourseOffering.objects.filter(part_of__in=chunk).update(part_of=None)
        super().remove(listed, told)


def _meeting_rows(rows: models.QuerySet[Meeting]) -> Iterator[tuple[int, MeetingValue]]:
    through = Meeting.features.through._default_manager.filter(meeting__in=rows.order_by().values("pk"))
    features: dict[int, list[str]] = defaultdict(list)
    for meeting, code in through.values_list("meeting_id", "roomfeature__code"):
        features[meeting].append(code)
    for primary, offering, times, length, kind in rows.order_by("pk").values_list("pk", "offering_id", "count", "length", "room_kind"):
        yield offering, MeetingValue(times, length, kind, tuple(sorted(features[primary])))


def meetings_write(wanted: Mapping[int, Sequence[MeetingValue]], features: Mapping[str, int]) -> None:
    """Give each offering these meetings; those that it has already stay."""
    for chunk in chunked(wanted, CHUNK):
        rows = Meeting.objects.filter(offering__in=chunk)
        rest = {offering: list(wanted[offering]) for offering in chunk}
        stale = []
        primary_keys = rows.order_by("pk").values_list("pk", flat=True)
        for primary, (offering, meeting) in zip(primary_keys, _meeting_rows(rows), strict=True):
            if meeting in rest[offering]:
                rest[offering].remove(meeting)
            else:
                stale.append(primary)
        for some in chunked(stale, CHUNK):
            Meeting.objects.filter(pk__in=some).delete()
        pairs = [(offering, meeting) for offering, meetings in rest.items() for meeting in meetings]
        made = Meeting.objects.bulk_create(
            Meeting(offering_id=offering, count=each.times, length=each.length, room_kind=each.room_kind) for offering, each in pairs
        )
        through = Meeting.features.through
        wanting = [(row.pk, code) for row, (_, each) in zip(made, pairs, strict=True) for code in each.features]
        through._default_manager.bulk_create(through(meeting_id=meeting, roomfeature_id=features[code]) for meeting, code in wanting)


class HolidayEntity(Entity):
    def made(self, keys: Keys, key: Key, values: Values) -> models.Model:
        return Holiday(term_id=keys.of("terms")[key[0]], starts_on=key[1], **self.attributes(keys, key, values))


class SectionEntity(Entity):
    """With the section of the lecture whose students sit in it, named within that lecture."""

    @property
    def fields(self) -> tuple[str, ...]:
        return (*super().fields, "parent")

    def existing(self, organization: Organization) -> Existing:
        parents = dict(self.rows(organization).exclude(parent=None).values_list("pk", "parent__code"))
        found = super().existing(organization)
        return {key: (primary, (*values, parents.get(primary))) for key, (primary, values) in found.items()}

    def made(self, keys: Keys, key: Key, values: Values) -> models.Model:
        offering = keys.of("offerings")[key[:2]]
        return Section(organization=keys.organization, offering_id=offering, code=key[2], **self.attributes(keys, key, values))

    def add(self, keys: Keys, rows: Iterable[tuple[Key, Values]], told: Callable[[int], None]) -> None:
        listed = list(rows)
        super().add(keys, listed, told)
        self._parents_write(keys, [(key, values[-1]) for key, values in listed if values[-1]])

    def change(self, keys: Keys, rows: Iterable[tuple[int, Key, Values, frozenset[str]]], told: Callable[[int], None]) -> None:
        listed = list(rows)
        super().change(keys, listed, told)
        self._parents_write(keys, [(key, values[-1]) for _, key, values, changed in listed if "parent" in changed])

    def _parents_write(self, keys: Keys, rows: Sequence[tuple[Key, str | None]]) -> None:
        sections, lectures = keys.of(self.name), lectures_read(keys.organization)
        linked = [
            Section(pk=sections[key], parent_id=sections[lectures[key[:2]], key[1], parent] if parent else None) for key, parent in rows
        ]
        Section.objects.bulk_update(linked, ["parent"], batch_size=CHUNK)


def lectures_read(organization: Organization) -> dict[Key, str]:
    """Of the offerings that are parts: the course of their lecture."""
    parts = CourseOffering.objects.filter(organization=organization).exclude(part_of=None)
    return {(course, term): lecture for course, term, lecture in parts.values_list("course__code", "term__code", "part_of__course__code")}


class EnrolmentEntity(Entity):
    """Its section is named within its offering."""

    def attributes(self, keys: Keys, key: Key, values: Values) -> dict[str, Any]:
        return {"section_id": keys.of("sections")[*key[1:], values[0]] if values[0] else None}

    def made(self, keys: Keys, key: Key, values: Values) -> models.Model:
        student, offering = keys.of("students")[key[0]], keys.of("offerings")[key[1:]]
        return Enrolment(organization=keys.organization, student_id=student, offering_id=offering, **self.attributes(keys, key, values))


OWNERS = {"instructor": "instructors", "room": "rooms", "course": "offerings"}


class AvailabilityEntity(Entity):
    """Its key: term, what owns the mark (instructor, room or course), the owner's code, day and period."""

    def existing(self, organization: Organization) -> Existing:
        rows = self.rows(organization).filter(section=None)
        names = ("pk", "term__code", "instructor__code", "room__code", "offering__course__code", "day", "period", "rating")
        found: Existing = {}
        for primary, term, instructor, room, course, day, period, rating in rows.values_list(*names).iterator(chunk_size=BATCH):
            owner = ("instructor", instructor) if instructor is not None else ("room", room) if room is not None else ("course", course)
            found[term, *owner, day, period] = (primary, (rating,))
        return found

    def keys(self, organization: Organization) -> dict[Key, int]:
        return {key: primary for key, (primary, _) in self.existing(organization).items()}

    def made(self, keys: Keys, key: Key, values: Values) -> models.Model:
        term, owner, code, day, period = key
        owner_key = keys.of(OWNERS[owner])[(code, term) if owner == "course" else code]
        column = {"instructor": "instructor_id", "room": "room_id", "course": "offering_id"}[owner]
        return Availability(
            organization=keys.organization, term_id=keys.of("terms")[term], day=day, period=period, rating=values[0], **{column: owner_key}
        )


def _link(column: str, field_: Any, owner: str, target: str, entity: str, *, is_ordered: bool = False) -> Link:
    return Link(column, field_.through, f"{owner}_id", f"{target}_id", entity, is_ordered)


DEPARTMENT = {"department": ("department", "departments")}
LIMITS = ("max_weekly_periods", "max_daily_periods", "max_consecutive_periods")
# In the order in which they are written; they are removed in the opposite one.
ENTITIES: dict[str, Entity] = {
    entity.name: entity
    for entity in (
        Entity("departments", "Departments", Department, plain=("name",)),
        Entity("buildings", "Buildings", Building, plain=("name",)),
        Entity("features", "Room features", RoomFeature, plain=("name",), is_removable=False),
        Entity(
            "rooms",
            "Rooms",
            Room,
            plain=("name", "capacity", "kind", "sharing"),
            references={"building": ("building", "buildings")},
            links=(_link("features", Room.features, "room", "roomfeature", "features"),),
        ),
        Entity("instructors", "Instructors", Instructor, plain=("name", "email", *LIMITS), references=DEPARTMENT),
        TermEntity(
            "terms",
            "Terms",
            Term,
            plain=("name", "academic_year", "semester", "starts_on", "ends_on", "num_days", "is_current"),
            is_removable=False,
        ),
        PeriodEntity(
            "periods",
            "Periods",
            Period,
            key=("term__code", "index"),
            plain=("starts_at", "ends_at", "break_after", "is_lunch"),
            path="term__organization",
            scope=lambda key: key[0],
        ),
        HolidayEntity(
            "holidays",
            "Holidays",
            Holiday,
            key=("term__code", "starts_on"),
            plain=("name", "ends_on"),
            path="term__organization",
            scope=lambda key: key[0],
        ),
        Entity("courses", "Courses", Course, plain=("name",), references=DEPARTMENT),
        Entity("curricula", "Curricula", Curriculum, plain=("name",), references=DEPARTMENT),
        OfferingEntity(
            "offerings",
            "Offerings",
            CourseOffering,
            key=("course__code", "term__code"),
            plain=("expected_students", "max_section_size", "num_sections", "min_days"),
            references={"building": ("preferred_building", "buildings")},
            links=(
                _link("instructors", CourseOffering.instructors, "courseoffering", "instructor", "instructors", is_ordered=True),
                _link("curricula", CourseOffering.curricula, "courseoffering", "curriculum", "curricula", is_ordered=True),
            ),
            scope=lambda key: key[1],
        ),
        SectionEntity(
            "sections",
            "Sections",
            Section,
            key=("offering__course__code", "offering__term__code", "code"),
            plain=("size",),
            links=(_link("instructors", Section.instructors, "section", "instructor", "instructors", is_ordered=True),),
            scope=lambda key: key[:2],
        ),
        Entity("students", "Students", Student, plain=("name",), references={**DEPARTMENT, "curriculum": ("curriculum", "curricula")}),
        EnrolmentEntity(
            "enrolments",
            "Enrolments",
            Enrolment,
            key=("student__code", "offering__course__code", "offering__term__code"),
            references={"section": ("section", "sections")},
            scope=lambda key: key[2],
        ),
        AvailabilityEntity("availability", "Availability", Availability, plain=("rating",), scope=lambda key: key[:2]),
    )
}
