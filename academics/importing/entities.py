"""Each kind of row of an institution's data, as `entity` reads and writes it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from django.db import models

from academics.importing.entity import BATCH, CHUNK, Entity, Existing, Key, Keys, Link, Linked, Values, chunked, of_column
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
    RoomPreference,
    Section,
    Student,
    StudentGroup,
    Term,
    TermPart,
)


class TermEntity(Entity):
    """Of the terms one is current, at most."""

    def add(self, keys: Keys, rows: Iterable[tuple[Key, Values]], on_progress: Callable[[int], None]) -> None:
        listed = list(rows)
        super().add(keys, listed, on_progress)
        self._current_alone(keys, [(key, values) for key, values in listed])

    def change(self, keys: Keys, rows: Iterable[tuple[int, Key, Values, frozenset[str]]], on_progress: Callable[[int], None]) -> None:
        listed = list(rows)
        super().change(keys, listed, on_progress)
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
    """With the offering that it is taught with, the lecture that it is a part of, and its meetings, which have no names: what stays as
    it was keeps its row."""

    @property
    def fields(self) -> tuple[str, ...]:
        return (*super().fields, "taught_with", "part_of", "meetings")

    def existing(self, organization: Organization) -> Existing:
        meetings: dict[int, list[MeetingValue]] = defaultdict(list)
        for offering, row in _meeting_rows(Meeting.objects.filter(offering__organization=organization)):
            meetings[offering].append(row)
        lectures = dict(self.rows(organization).exclude(part_of=None).values_list("pk", "part_of__course__code"))
        others = dict(self.rows(organization).exclude(taught_with=None).values_list("pk", "taught_with__course__code"))
        found = super().existing(organization)
        return {
            key: (primary, (*values, others.get(primary), lectures.get(primary), tuple(sorted(meetings[primary]))))
            for key, (primary, values) in found.items()
        }

    def made(self, keys: Keys, key: Key, values: Values) -> models.Model:
        course, term = keys.of("courses")[key[0]], keys.of("terms")[key[1]]
        return CourseOffering(organization=keys.organization, course_id=course, term_id=term, **self.attributes(keys, key, values))

    def link(self, keys: Keys, rows: Sequence[Linked]) -> None:
        super().link(keys, rows)
        meetings_write(of_column(rows, "meetings", len(self.fields) - 1), keys.of("features"))

    def add(self, keys: Keys, rows: Iterable[tuple[Key, Values]], on_progress: Callable[[int], None]) -> None:
        listed = list(rows)
        super().add(keys, listed, on_progress)
        self._parts_write(keys, [(key, values) for key, values in listed if values[-2] is not None or values[-3] is not None])

    def change(self, keys: Keys, rows: Iterable[tuple[int, Key, Values, frozenset[str]]], on_progress: Callable[[int], None]) -> None:
        listed = list(rows)
        super().change(keys, listed, on_progress)
        self._parts_write(keys, [(key, values) for _, key, values, changed in listed if {"part_of", "taught_with"} & changed])

    def _parts_write(self, keys: Keys, rows: Sequence[tuple[Key, Values]]) -> None:
        """Once all have keys: an offering may stand above its lecture, and above the one that it is taught with."""
        offerings = keys.of(self.name)
        named = [
            CourseOffering(
                pk=offerings[key],
                part_of_id=None if values[-2] is None else offerings[values[-2], key[1]],
                taught_with_id=None if values[-3] is None else offerings[values[-3], key[1]],
            )
            for key, values in rows
        ]
        CourseOffering.objects.bulk_update(named, ["part_of", "taught_with"], batch_size=CHUNK)

    def remove(self, primary_keys: Iterable[int], on_progress: Callable[[int], None]) -> None:
        """Parts do not go with their lecture: those that stay belong to another one, or to none."""
        listed = list(primary_keys)
        for chunk in chunked(listed, CHUNK):
            CourseOffering.objects.filter(part_of__in=chunk).update(part_of=None)
        super().remove(listed, on_progress)


def _meeting_rows(rows: models.QuerySet[Meeting]) -> Iterator[tuple[int, MeetingValue]]:
    through = Meeting.features.through._default_manager.filter(meeting__in=rows.order_by().values("pk"))
    features: dict[int, list[str]] = defaultdict(list)
    for meeting, code in through.values_list("meeting_id", "roomfeature__code"):
        features[meeting].append(code)
    names = ("pk", "offering_id", "count", "length", "room_kind", "weeks")
    for primary, offering, times, length, kind, weeks in rows.order_by("pk").values_list(*names):
        yield offering, MeetingValue(times, length, kind, tuple(sorted(features[primary])), weeks)


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
            Meeting(offering_id=offering, count=each.times, length=each.length, room_kind=each.room_kind, weeks=each.weeks)
            for offering, each in pairs
        )
        through = Meeting.features.through
        wanting = [(row.pk, code) for row, (_, each) in zip(made, pairs, strict=True) for code in each.features]
        through._default_manager.bulk_create(through(meeting_id=meeting, roomfeature_id=features[code]) for meeting, code in wanting)


class AbilityEntity(Entity):
    """Who can teach what: a pair says it all."""

    def made(self, keys: Keys, key: Key, values: Values) -> models.Model:
        instructor, course = keys.of("instructors")[key[0]], keys.of("courses")[key[1]]
        pair: models.Model = self.model(instructor_id=instructor, course_id=course)
        return pair


class HolidayEntity(Entity):
    def made(self, keys: Keys, key: Key, values: Values) -> models.Model:
        return Holiday(term_id=keys.of("terms")[key[0]], starts_on=key[1], **self.attributes(keys, key, values))


class TermPartEntity(Entity):
    def made(self, keys: Keys, key: Key, values: Values) -> models.Model:
        return TermPart(term_id=keys.of("terms")[key[0]], name=key[1], **self.attributes(keys, key, values))


class GroupEntity(Entity):
    """With the group that it is a part of, which may stand below it in a file."""

    @property
    def fields(self) -> tuple[str, ...]:
        return (*super().fields, "parent")

    def existing(self, organization: Organization) -> Existing:
        parents = dict(self.rows(organization).exclude(parent=None).values_list("pk", "parent__code"))
        return {key: (primary, (*values, parents.get(primary))) for key, (primary, values) in super().existing(organization).items()}

    def add(self, keys: Keys, rows: Iterable[tuple[Key, Values]], on_progress: Callable[[int], None]) -> None:
        listed = list(rows)
        super().add(keys, listed, on_progress)
        self._parents_write(keys, [(key, values[-1]) for key, values in listed if values[-1]])

    def change(self, keys: Keys, rows: Iterable[tuple[int, Key, Values, frozenset[str]]], on_progress: Callable[[int], None]) -> None:
        listed = list(rows)
        super().change(keys, listed, on_progress)
        self._parents_write(keys, [(key, values[-1]) for _, key, values, changed in listed if "parent" in changed])

    def _parents_write(self, keys: Keys, rows: Sequence[tuple[Key, str | None]]) -> None:
        groups = keys.of(self.name)
        placed = [StudentGroup(pk=groups[key], parent_id=groups[parent] if parent else None) for key, parent in rows]
        StudentGroup.objects.bulk_update(placed, ["parent"], batch_size=CHUNK)


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

    def add(self, keys: Keys, rows: Iterable[tuple[Key, Values]], on_progress: Callable[[int], None]) -> None:
        listed = list(rows)
        super().add(keys, listed, on_progress)
        self._parents_write(keys, [(key, values[-1]) for key, values in listed if values[-1]])

    def change(self, keys: Keys, rows: Iterable[tuple[int, Key, Values, frozenset[str]]], on_progress: Callable[[int], None]) -> None:
        listed = list(rows)
        super().change(keys, listed, on_progress)
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


OWNERS = {"instructor": "instructors", "room": "rooms", "course": "offerings", "section": "sections"}
OWNER_COLUMNS = {"instructor": "instructor_id", "room": "room_id", "course": "offering_id", "section": "section_id"}


class SectionName(NamedTuple):
    """A section inside a term, as the owner of a mark."""

    course: str
    section: str

    def __str__(self) -> str:
        return f"{self.course} {self.section}"


class AvailabilityEntity(Entity):
    """Its key: term, what owns the mark (instructor, room, course or section), the owner's code, day and period."""

    def existing(self, organization: Organization) -> Existing:
        owners = ("instructor__code", "room__code", "offering__course__code", "section__code")
        names = ("pk", "term__code", "day", "period", "rating", "section__offering__course__code", *owners)
        found: Existing = {}
        for primary, term, day, period, rating, taught, *codes in self.rows(organization).values_list(*names).iterator(chunk_size=BATCH):
            owner, code = next(pair for pair in zip(OWNERS, codes, strict=True) if pair[1] is not None)
            found[term, owner, SectionName(taught, code) if owner == "section" else code, day, period] = (primary, (rating,))
        return found

    def keys(self, organization: Organization) -> dict[Key, int]:
        return {key: primary for key, (primary, _) in self.existing(organization).items()}

    def made(self, keys: Keys, key: Key, values: Values) -> models.Model:
        term, owner, code, day, period = key
        named = {"course": (code, term), "section": (code[0], term, code[1])}.get(owner, code)
        owned = {OWNER_COLUMNS[owner]: keys.of(OWNERS[owner])[named]}
        return Availability(
            organization=keys.organization, term_id=keys.of("terms")[term], day=day, period=period, rating=values[0], **owned
        )


class RoomPreferenceEntity(Entity):
    """Its key: course, term, whether it names a room or a building, and the code of that. Choices count from 1, ranks from 0."""

    def existing(self, organization: Organization) -> Existing:
        names = ("pk", "offering__course__code", "offering__term__code", "room__code", "building__code", "rank")
        found: Existing = {}
        for primary, course, term, room, building, rank in self.rows(organization).order_by("-rank", "-pk").values_list(*names):
            place = ("building", building) if room is None else ("room", room)
            found[course, term, *place] = (primary, (rank + 1,))  # of several for one place the best counts
        return found

    def keys(self, organization: Organization) -> dict[Key, int]:
        return {key: primary for key, (primary, _) in self.existing(organization).items()}

    def attributes(self, keys: Keys, key: Key, values: Values) -> dict[str, Any]:
        return {"rank": values[0] - 1}

    def made(self, keys: Keys, key: Key, values: Values) -> models.Model:
        course, term, place, code = key
        named = {f"{place}_id": keys.of(f"{place}s")[code]}
        return RoomPreference(offering_id=keys.of("offerings")[course, term], **named, **self.attributes(keys, key, values))


def _link(column: str, field_: Any, owner: str, target: str, entity: str, *, is_ordered: bool = False) -> Link:
    return Link(column, field_.through, f"{owner}_id", f"{target}_id", entity, is_ordered)


DEPARTMENT = {"department": ("department", "departments")}
LIMITS = ("max_weekly_periods", "max_daily_periods", "max_consecutive_periods", "min_free_days", "min_free_half_days")
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
            plain=("name", "academic_year", "semester", "starts_on", "ends_on", "num_days", "week_start", "is_current"),
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
        TermPartEntity(
            "term_parts",
            "Parts of the term",
            TermPart,
            key=("term__code", "name"),
            plain=("weeks",),
            path="term__organization",
            scope=lambda key: key[0],
        ),
        Entity("courses", "Courses", Course, plain=("name",), references=DEPARTMENT),
        AbilityEntity(
            "can_teach",
            "Who can teach what",
            Instructor.can_teach.through,
            key=("instructor__code", "course__code"),
            path="instructor__organization",
            scope=lambda key: key[0],
        ),
        Entity("curricula", "Curricula", Curriculum, plain=("name",), references=DEPARTMENT),
        GroupEntity("groups", "Student groups", StudentGroup, plain=("name", "size")),
        OfferingEntity(
            "offerings",
            "Offerings",
            CourseOffering,
            key=("course__code", "term__code"),
            plain=("expected_students", "max_section_size", "num_sections", "min_days", "chooses_instructor", "weeks"),
            references={"building": ("preferred_building", "buildings")},
            links=(
                _link("instructors", CourseOffering.instructors, "courseoffering", "instructor", "instructors", is_ordered=True),
                _link("curricula", CourseOffering.curricula, "courseoffering", "curriculum", "curricula", is_ordered=True),
                _link("groups", CourseOffering.groups, "courseoffering", "studentgroup", "groups", is_ordered=True),
            ),
            scope=lambda key: key[1],
        ),
        SectionEntity(
            "sections",
            "Sections",
            Section,
            key=("offering__course__code", "offering__term__code", "code"),
            plain=("size", "weeks"),
            links=(
                _link("instructors", Section.instructors, "section", "instructor", "instructors", is_ordered=True),
                _link("groups", Section.groups, "section", "studentgroup", "groups", is_ordered=True),
            ),
            scope=lambda key: key[:2],
        ),
        RoomPreferenceEntity(
            "room_preferences",
            "Room preferences",
            RoomPreference,
            plain=("choice",),
            path="offering__organization",
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


def codes_listed(*, organization: Organization, kind: str, most: int) -> list[tuple[str, str]]:
    """The first codes of a kind with their names, for somebody to choose from; nothing for kinds without codes."""
    entity = ENTITIES.get(kind)
    if entity is None or entity.key != ("code",):
        return []
    names = ("code", "name") if "name" in entity.plain else ("code", "code")
    return [(code, name) for code, name in entity.rows(organization).order_by("code").values_list(*names)[:most]]
