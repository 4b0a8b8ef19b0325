"""What has been left out of the data, or does not fit together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from academics.models import CourseOffering, Curriculum, Enrolment, Instructor, Meeting, Organization, Room, RoomFeature, Student, Term
from generation.engine.words import Count, listed
from generation.readiness.records import list_address, records_of
from generation.readiness.report import Level, Record, Trouble


def missing_told(organization: Organization, term: Term) -> Iterator[Trouble]:
    """Each sort of gap once, with the first of its records. A fixed number of small queries."""
    yield from _offerings(term)
    yield from _room_kinds(organization, term)
    yield from _features(organization, term)
    yield from _people(organization, term)
    yield from _rooms(organization)


def _told(level: Level, id_: str, rows: QuerySet[Any], model: str, label: str, words: tuple[str, str, str]) -> Iterator[Trouble]:
    """One trouble for all of the rows: what one is and does, what several are and do, and what to do."""
    records, more = records_of(rows, model, label)
    number = len(records) + more
    if number:
        one, many, advice = words
        yield Trouble(level, id_, f"{number:,} {one if number == 1 else many} {advice}", records, more)


def _offerings(term: Term) -> Iterator[Trouble]:
    offerings = CourseOffering.objects.filter(term=term).order_by("course__code")
    enrolled = Exists(Enrolment.objects.filter(offering=OuterRef("pk")))
    sections = term.offerings.filter(sections__size__gt=0).order_by().values("pk")
    gaps = (
        (
            "no_meetings",
            offerings.filter(meetings=None),
            "offering has no weekly meetings, so it will not be in the timetable.",
            "offerings have no weekly meetings, so they will not be in the timetable.",
            "Say how many meetings a week each has, and how long they are.",
        ),
        (
            "no_instructors",
            offerings.filter(instructors=None).exclude(Exists(Instructor.objects.filter(sections__offering=OuterRef("pk")))),
            "offering has nobody to teach it.",
            "offerings have nobody to teach them.",
            "Name an instructor, or their times are not looked after.",
        ),
        (
            "no_size",
            offerings.filter(~enrolled, expected_students=0, part_of=None).exclude(pk__in=sections),
            "offering has neither students nor an expected number of them.",
            "offerings have neither students nor an expected number of them.",
            "Any room will look large enough: enter how many are expected.",
        ),
    )
    for id_, rows, one, many, advice in gaps:
        yield from _told("amber", id_, rows, "courseoffering", "course__code", (one, many, advice))


def _room_kinds(organization: Organization, term: Term) -> Iterator[Trouble]:
    """A kind of room that lectures ask for and that no room is of: a slip of the pen, mostly."""
    meetings = Meeting.objects.filter(offering__term=term).exclude(room_kind="")
    kinds = Room.objects.filter(organization=organization).order_by().values_list("kind", flat=True).distinct()
    for kind in sorted(set(meetings.order_by().values_list("room_kind", flat=True)) - set(kinds)):
        offerings = CourseOffering.objects.filter(pk__in=meetings.filter(room_kind=kind).values("offering")).order_by("course__code")
        records, more = records_of(offerings, "courseoffering", "course__code")
        known = f"The rooms are of these kinds: {listed(sorted(kinds), 8)}." if kinds else "There are no rooms yet."
        message = f"{Count(len(records) + more):offering} need a room of the kind “{kind}”, and no room is of that kind. {known}"
        yield Trouble("red", "room_kind_unknown", message.replace("1 offering need ", "1 offering needs "), records, more)


def _features(organization: Organization, term: Term) -> Iterator[Trouble]:
    asked = RoomFeature.objects.filter(organization=organization, meeting__offering__term=term, room=None).distinct()
    words = ("feature is asked of rooms and no room has it.", "features are asked of rooms and no room has them.")
    yield from _told("red", "feature_unknown", asked, "roomfeature", "code", (*words, "Mark the rooms that have it, or ask for another."))


def _people(organization: Organization, term: Term) -> Iterator[Trouble]:
    mine = {"organization": organization}
    without = Instructor.objects.filter(**mine, department=None)
    words = ("instructor belongs to no department.", "instructors belong to no department.")
    yield from _told("amber", "no_department", without, "instructor", "code", (*words, "Department views leave them out."))
    here = Enrolment.objects.filter(offering__term=term)
    if not here.exists():
        if not CourseOffering.objects.filter(term=term).filter(Q(expected_students__gt=0)).exists():
            return
        yield Trouble(
            "amber",
            "no_enrolments",
            "No student is enrolled in anything, so sections are as large as expected and clashes between students cannot be seen. "
            "Bring the enrolments in if you have them.",
            (Record("Enrolments", list_address(organization, "enrolment")),),
        )
        return
    idle = Student.objects.filter(**mine).exclude(Exists(here.filter(student=OuterRef("pk"))))
    words = ("student is enrolled in nothing this term.", "students are enrolled in nothing this term.")
    yield from _told("amber", "student_without_enrolment", idle, "student", "code", (*words, "Enrol them, or remove who has left."))
    empty = Curriculum.objects.filter(**mine).exclude(Exists(CourseOffering.objects.filter(term=term, curricula=OuterRef("pk"))))
    words = ("curriculum has no course this term.", "curricula have no course this term.")
    yield from _told("amber", "empty_curriculum", empty, "curriculum", "code", (*words, "Their students' courses may clash."))


def _rooms(organization: Organization) -> Iterator[Trouble]:
    seatless = Room.objects.filter(organization=organization, capacity=0)
    words = ("room has no seats.", "rooms have no seats.")
    yield from _told("amber", "room_without_seats", seatless, "room", "code", (*words, "Nothing can be held there: enter the seats."))
