"""What has been left out of the data, or does not fit together."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Count as Number
from django.db.models import Exists, F, OuterRef, Q

from academics.models import (
    CourseOffering,
    Curriculum,
    Enrolment,
    Instructor,
    Meeting,
    Organization,
    Room,
    RoomFeature,
    Student,
    StudentGroup,
    Term,
)
from academics.selectors import GroupRow
from academics.without_room import LABELS, room_kind_read
from generation.engine.model.text import Count, listed
from generation.problem.student_groups import GroupTree
from generation.readiness.record_links import Gap, gap_troubles, records_of
from generation.readiness.report import Record, Trouble
from generation.web.links import list_address


def missing_troubles(organization: Organization, term: Term) -> Iterator[Trouble]:
    """Each sort of gap once, with the first of its records. Five small queries and one for each sort that is there."""
    yield from gap_troubles(organization, _found(organization, term))


def _found(organization: Organization, term: Term) -> Iterator[Trouble | Gap]:
    yield from _offerings(term)
    yield from _groups(organization, term)
    yield from _room_kinds(organization, term)
    yield from _features(organization, term)
    yield from _people(organization, term)
    yield from _rooms(organization)


def _offerings(term: Term) -> Iterator[Trouble | Gap]:
    """What none of the codes of a class has: those that are cross-listed are one class with the people, sizes and students of all."""
    offerings = CourseOffering.objects.filter(term=term, taught_with=None).order_by("course__code")
    codes = CourseOffering.objects.filter(Q(pk=OuterRef("pk")) | Q(taught_with=OuterRef("pk")))
    enrolled = Exists(codes.filter(Exists(Enrolment.objects.filter(offering=OuterRef("pk")))))
    groups = StudentGroup.objects.filter(Q(offerings=OuterRef("pk")) | Q(sections__offering=OuterRef("pk")))
    attended = Exists(codes.filter(Exists(groups)))
    sized = Exists(codes.filter(Q(expected_students__gt=0) | Q(sections__size__gt=0)))
    taught = Exists(codes.filter(Q(instructors__isnull=False) | Q(sections__instructors__isnull=False)))
    meets = Exists(codes.filter(meetings__isnull=False))
    in_curricula = Exists(codes.filter(curricula__isnull=False))
    gaps = (
        (
            "no_meetings",
            offerings.filter(~meets),
            "offering has no weekly meetings, so it will not be in the timetable.",
            "offerings have no weekly meetings, so they will not be in the timetable.",
            "Say how many meetings a week each has, and how long they are.",
        ),
        (
            "no_instructors",
            offerings.filter(~taught).exclude(Exists(Instructor.objects.filter(can_teach=OuterRef("course"))), chooses_instructor=True),
            "offering has nobody to teach it.",
            "offerings have nobody to teach them.",
            "Name an instructor, or let the program choose one of those who can teach it: until then nobody's times are looked after.",
        ),
        (
            "no_size",
            offerings.filter(~enrolled, ~attended, ~sized, part_of=None),
            "offering has neither students nor an expected number of them.",
            "offerings have neither students nor an expected number of them.",
            "Any room will look large enough: enter how many are expected.",
        ),
        (
            "no_students_known",
            offerings.filter(~enrolled, ~attended, ~in_curricula, meets, part_of=None),
            "offering is in no curriculum and has no enrolments.",
            "offerings are in no curriculum and have no enrolments.",
            "Nobody's clashes with them can be seen: name their curricula or groups, or import the enrolments.",
        ),
    )
    for id_, rows, one, many, advice in gaps:
        yield Gap("amber", id_, rows, "courseoffering", "course__code", (one, many, advice))


def _groups(organization: Organization, term: Term) -> Iterator[Gap]:
    """Groups whose size can't be told from those above or below them either."""
    rows = StudentGroup.objects.filter(organization=organization)
    tree = GroupTree([GroupRow(*row) for row in rows.order_by("id").values_list(*GroupRow._fields)])
    unknown = [group for group in tree.row if not tree.size_of(group)]
    if unknown:
        offered = Exists(CourseOffering.objects.filter(Q(groups=OuterRef("pk")) | Q(sections__groups=OuterRef("pk")), term=term))
        one = "group attends lectures, and how many students it has is not known."
        many = "groups attend lectures, and how many students they have is not known."
        words = (one, many, "Any room will look large enough for them: enter it.")
        yield Gap("amber", "group_without_size", rows.filter(offered, pk__in=unknown), "studentgroup", "code", words)


def _room_kinds(organization: Organization, term: Term) -> Iterator[Trouble]:
    """A kind of room that lectures require and no room has: mostly a typing error."""
    meetings = Meeting.objects.filter(offering__term=term).exclude(room_kind="")
    kinds = Room.objects.filter(organization=organization).order_by().values_list("kind", flat=True).distinct()
    wanted = {kind for kind in meetings.order_by().values_list("room_kind", flat=True) if room_kind_read(kind) not in LABELS}
    for kind in sorted(wanted - set(kinds)):
        offerings = CourseOffering.objects.filter(pk__in=meetings.filter(room_kind=kind).values("offering")).order_by("course__code")
        records, more = records_of(offerings, "courseoffering", "course__code")
        known = f"The rooms are of these kinds: {listed(sorted(kinds), 8)}." if kinds else "There are no rooms yet."
        message = f"{Count(len(records) + more):offering} need a room of the kind “{kind}”, and no room is of that kind. {known}"
        yield Trouble("red", "room_kind_unknown", message.replace("1 offering need ", "1 offering needs "), records, more)


def _features(organization: Organization, term: Term) -> Iterator[Trouble | Gap]:
    wanted = Meeting.features.through.objects.filter(roomfeature=OuterRef("pk"), meeting__offering__term=term)
    asked = RoomFeature.objects.filter(Exists(wanted), organization=organization, room=None)
    words = ("feature is required of rooms and no room has it.", "features are required of rooms and no room has them.")
    yield Gap("red", "feature_unknown", asked, "roomfeature", "code", (*words, "Mark the rooms that have it, or require another."))


def _people(organization: Organization, term: Term) -> Iterator[Trouble | Gap]:
    mine = {"organization": organization}
    without = Instructor.objects.filter(**mine, department=None)
    words = ("instructor belongs to no department.", "instructors belong to no department.")
    yield Gap("amber", "no_department", without, "instructor", "code", (*words, "Department views leave them out."))
    reachable = Instructor.objects.filter(**mine).exclude(email="")
    twice = reachable.order_by().values("email").annotate(number=Number("id")).filter(number__gt=1).values("email")
    shared = reachable.filter(email__in=twice)
    words = ("instructor has another's e-mail address.", "instructors share their e-mail addresses.")
    yield Gap("amber", "email_shared", shared, "instructor", "code", (*words, "Calendar links go by it: each needs an own one."))
    here = Enrolment.objects.filter(offering__term=term)
    if not here.exists():
        if not CourseOffering.objects.filter(term=term).filter(Q(expected_students__gt=0)).exists():
            return
        yield Trouble(
            "amber",
            "no_enrolments",
            "No student is enrolled in anything, so sections are as large as expected and clashes between students cannot be seen. "
            "Import the enrolments if you have them.",
            (Record("Enrolments", list_address(organization, "enrolment")),),
        )
        return
    lost = here.filter(section__isnull=False).exclude(section__offering=F("offering"))
    words = ("enrolment names a section of another course.", "enrolments name a section of another course.")
    yield Gap("amber", "section_of_another_course", lost, "enrolment", "student__code", (*words, "The section is ignored: choose another."))
    idle = Student.objects.filter(**mine).exclude(Exists(here.filter(student=OuterRef("pk"))))
    words = ("student is enrolled in nothing this term.", "students are enrolled in nothing this term.")
    yield Gap("amber", "student_without_enrolment", idle, "student", "code", (*words, "Enrol them, or remove who has left."))
    empty = Curriculum.objects.filter(**mine).exclude(Exists(CourseOffering.objects.filter(term=term, curricula=OuterRef("pk"))))
    words = ("curriculum has no course this term.", "curricula have no course this term.")
    yield Gap("amber", "empty_curriculum", empty, "curriculum", "code", (*words, "Their students' courses may clash."))


def _rooms(organization: Organization) -> Iterator[Trouble | Gap]:
    seatless = Room.objects.filter(organization=organization, capacity=0)
    words = ("room has no seats.", "rooms have no seats.")
    yield Gap("amber", "room_without_seats", seatless, "room", "code", (*words, "Nothing can be held there: enter the seats."))
