"""Reads. Who may see what starts here: every query is narrowed to the caller's organizations."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, TypeVar

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.models import User as Account
from django.db.models import Case, Count, Max, Q, QuerySet, Sum, When

from academics.consistent_reads import consistent_read
from academics.defaults import ON_END, spread_usual
from academics.defaults import has_defaults as has_defaults
from academics.defaults import lunch_usual as lunch_usual
from academics.defaults import offerings_spread as offerings_spread
from academics.models import (
    Availability,
    Building,
    CourseOffering,
    Curriculum,
    DataChange,
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
from academics.term_weeks import TermWeeks
from academics.term_weeks import term_weeks as term_weeks_of

Role = Membership.Role
User = Account | AnonymousUser
CHOSEN = "organization"  # in a session: the code of the institution that its pages show


def organizations_visible(*, user: User) -> QuerySet[Organization]:
    """The organizations that the user belongs to; all of them for a superuser."""
    if isinstance(user, AnonymousUser) or not user.is_active:
        return Organization.objects.none()
    if user.is_superuser:
        return Organization.objects.all()
    return Organization.objects.filter(memberships__user=user)


def organization_in_session(*, user: User, code: str) -> Organization | None:
    """The one of this code, else the demo, else the first that the user may see. One query."""
    best = Case(When(code=code, then=0), When(code=settings.DEMO_ORGANIZATION, then=1), default=2)
    return organizations_visible(user=user).order_by(best, "name").first()


def organizations_administered(*, user: User) -> QuerySet[Organization]:
    """The organizations whose data the user may edit."""
    if isinstance(user, AnonymousUser) or not user.is_active or user.is_superuser:
        return organizations_visible(user=user)
    return Organization.objects.filter(memberships__user=user, memberships__role=Role.ADMIN)


def role_in(*, user: User, organization_id: int) -> str | None:
    """The user's role there: a superuser is an administrator everywhere, a stranger has none."""
    if isinstance(user, AnonymousUser) or not user.is_active:
        return None
    if user.is_superuser:
        return Role.ADMIN
    return Membership.objects.filter(user=user, organization_id=organization_id).values_list("role", flat=True).first()


class TermCounts(NamedTuple):
    courses: int
    instructors: int
    rooms: int


def term_counts(*, organization: Organization, term: Term, department_id: int | None = None) -> TermCounts:
    """How much there is to timetable: courses offered, the institution's instructors and rooms. Three small queries."""
    return TermCounts(
        courses=_offerings(organization, term, department_id).count(),
        instructors=Instructor.objects.filter(organization=organization).count(),
        rooms=Room.objects.filter(organization=organization).count(),
    )


def offering_num_lectures(*, offering: CourseOffering) -> int:
    """How many lectures a run will see, all sections together. Three small queries."""
    source = offering.part_of or offering  # a part's students are its lecture's
    students = source.enrolments.count() or source.expected_students
    sections = offering.sections.count() or max(1, offering.num_sections, -(-students // offering.max_section_size))
    return sections * (offering.meetings.aggregate(sum=Sum("count"))["sum"] or 0)


def data_revision(organization_id: int) -> str:
    """Differs from every earlier one once the institution's data has changed. One small query.

    Read it before the data: what is worked out from newer data than it says is only ever worked out again.
    """
    return data_revisions([organization_id])[organization_id]


def data_revisions(organization_ids: Collection[int]) -> dict[int, str]:
    """The same of several institutions. One small query."""
    marks = DataChange.objects.filter(Q(organization_id__in=organization_ids) | Q(organization_id=None))
    rows = marks.order_by().values_list("organization_id").annotate(number=Sum("number"), last=Max("id"), at=Max("at"))
    found = {key: values for key, *values in rows}
    revisions = {}
    for key in organization_ids:
        each = [found[mine] for mine in (key, None) if mine in found]
        number, last, at = (sum(row[0] for row in each), max(row[1] for row in each), max(row[2] for row in each)) if each else (None,) * 3
        revisions[key] = f"{number}-{last}-{at}"
    return revisions


class NamedRow(NamedTuple):
    id: int
    code: str
    name: str


class RoomRow(NamedTuple):
    id: int
    code: str
    name: str
    capacity: int
    kind: str
    building_id: int | None
    sharing: int = 1


class InstructorRow(NamedTuple):
    id: int
    code: str
    name: str
    department_id: int | None
    max_daily_periods: int
    max_weekly_periods: int
    max_consecutive_periods: int
    min_free_days: int = 0
    min_free_half_days: int = 0


class OfferingRow(NamedTuple):
    id: int
    code: str
    title: str
    department_id: int | None
    expected_students: int
    max_section_size: int
    min_days: int
    building_id: int | None
    num_sections: int = 0
    part_of_id: int | None = None
    taught_with_id: int | None = None
    chooses_instructor: bool = False
    weeks: str = ""


class MeetingRow(NamedTuple):
    id: int
    offering_id: int
    count: int  # type: ignore[assignment]  # hides tuple.count
    length: int
    room_kind: str
    weeks: str = ""


class SectionRow(NamedTuple):
    id: int
    offering_id: int
    code: str
    size: int
    parent_id: int | None = None
    weeks: str = ""


class CurriculumRow(NamedTuple):
    id: int
    code: str
    name: str
    department_id: int | None


class GroupRow(NamedTuple):
    id: int
    code: str
    name: str
    parent_id: int | None
    size: int


class StudentRow(NamedTuple):
    id: int
    code: str
    name: str
    department_id: int | None
    curriculum_id: int | None


class EnrolmentRow(NamedTuple):
    student_id: int
    offering_id: int
    section_id: int | None


class AvailabilityRow(NamedTuple):
    instructor_id: int | None
    room_id: int | None
    offering_id: int | None
    day: int
    period: int
    rating: int
    section_id: int | None = None


class RuleRow(NamedTuple):
    id: int
    kind: str
    room_id: int | None
    lecture: int
    day: int | None
    period: int | None
    is_hard: bool
    comment: str
    first_id: int | None = None
    days: int = 1
    factor: int = 1
    band: str = ""


class RuleTimeslotRow(NamedTuple):
    rule_id: int
    day: int | None  # None: every day
    period: int | None  # None: the whole day


class TermPartRow(NamedTuple):
    name: str
    weeks: str


class RoomPreferenceRow(NamedTuple):
    offering_id: int
    rank: int
    room_id: int | None
    building_id: int | None


class PeriodRow(NamedTuple):
    index: int  # type: ignore[assignment]  # hides tuple.index
    starts_at: dt.time
    ends_at: dt.time
    break_after: bool
    is_lunch: bool

    @property
    def label(self) -> str:
        return f"{self.starts_at:%H:%M}-{self.ends_at:%H:%M}"


Links = dict[int, list[int]]
Row = TypeVar("Row", bound=Any)  # one of the rows above


@dataclass(frozen=True, slots=True)
class TermRows:
    """A term's data as plain rows, each list in the order of its ids; links map an id to ids."""

    num_days: int
    periods: list[PeriodRow]
    rooms: list[RoomRow]
    room_features: Links
    features: list[NamedRow]
    buildings: list[NamedRow]
    departments: list[NamedRow]
    instructors: list[InstructorRow]
    offerings: list[OfferingRow]
    offering_instructors: Links
    offering_curricula: Links
    meetings: list[MeetingRow]
    meeting_features: Links
    sections: list[SectionRow]
    section_instructors: Links
    curricula: list[CurriculumRow]
    students: list[StudentRow]
    enrolments: list[EnrolmentRow]
    availability: list[AvailabilityRow]
    rules: list[RuleRow]
    rule_offerings: Links
    rule_timeslots: list[RuleTimeslotRow] = field(default_factory=list)
    room_preferences: list[RoomPreferenceRow] = field(default_factory=list)
    seats_tolerance: int = 0
    seats_tolerance_percent: int = 0
    spread_usual: frozenset[int] = frozenset()  # offerings whose min_days is what is usual: nobody said it
    week_start: int = 0
    groups: list[GroupRow] = field(default_factory=list)
    offering_groups: Links = field(default_factory=dict)
    section_groups: Links = field(default_factory=dict)
    can_teach: Links = field(default_factory=dict)  # of offerings for which the program chooses: who can teach their course
    min_free_days: int = 0  # of every instructor with none of his or her own
    min_free_half_days: int = 0
    starts_on: dt.date | None = None
    ends_on: dt.date | None = None
    parts: list[TermPartRow] = field(default_factory=list)

    @property
    def weeks(self) -> TermWeeks:
        """The term's weeks; of one without dates as many as somebody has named."""
        said = [row.weeks for rows in (self.offerings, self.sections, self.meetings) for row in rows if row.weeks]
        return term_weeks_of(starts_on=self.starts_on, ends_on=self.ends_on, week_start=self.week_start, parts=self.parts, texts=said)


@consistent_read()  # rows of two moments would make a problem that the data never were
def term_rows(*, organization: Organization, term: Term, department_id: int | None = None, has_students: bool = True) -> TermRows:
    """Everything that a run needs as it stands at one moment, in a fixed number of queries. A department narrows the offerings.

    With what is usual where nothing was said (`academics.defaults`).

    Without students only their number is read, as what each offering expects: a tenth of the time.
    """
    offerings = _offerings(organization, term, department_id)
    ids = offerings.values("id")
    mine = {"organization": organization}
    rules = Rule.objects.filter(term=term, is_active=True, **mine)
    groups = _rows(GroupRow, StudentGroup.objects.filter(**mine))
    rows = TermRows(
        num_days=term.num_days,
        periods=_rows(PeriodRow, Period.objects.filter(term=term).order_by("index")),
        rooms=_rows(RoomRow, Room.objects.filter(**mine)),
        room_features=_links(Room.features.through.objects.filter(room__organization=organization), "room_id", "roomfeature_id"),
        features=_rows(NamedRow, RoomFeature.objects.filter(**mine)),
        buildings=_rows(NamedRow, Building.objects.filter(**mine)),
        departments=_rows(NamedRow, Department.objects.filter(**mine)),
        instructors=_rows(InstructorRow, Instructor.objects.filter(**mine)),
        offerings=_offering_rows(offerings, has_students=has_students),
        offering_instructors=_links(
            CourseOffering.instructors.through.objects.filter(courseoffering__in=ids), "courseoffering_id", "instructor_id"
        ),
        offering_curricula=_links(
            CourseOffering.curricula.through.objects.filter(courseoffering__in=ids), "courseoffering_id", "curriculum_id"
        ),
        meetings=_rows(MeetingRow, Meeting.objects.filter(offering__in=ids)),
        meeting_features=_links(Meeting.features.through.objects.filter(meeting__offering__in=ids), "meeting_id", "roomfeature_id"),
        sections=_rows(SectionRow, Section.objects.filter(offering__in=ids)),
        section_instructors=_links(Section.instructors.through.objects.filter(section__offering__in=ids), "section_id", "instructor_id"),
        curricula=_rows(CurriculumRow, Curriculum.objects.filter(**mine)),
        students=_rows(StudentRow, Student.objects.filter(**mine)) if has_students else [],
        enrolments=_rows(EnrolmentRow, Enrolment.objects.filter(offering__in=ids, **mine)) if has_students else [],
        availability=_rows(AvailabilityRow, Availability.objects.filter(term=term, **mine)),
        rules=_rows(RuleRow, rules),
        rule_offerings=_links(Rule.offerings.through.objects.filter(rule__in=rules.values("id")), "rule_id", "courseoffering_id"),
        rule_timeslots=_rows(RuleTimeslotRow, RuleTimeslot.objects.filter(rule__in=rules.values("id"))),
        room_preferences=_rows(RoomPreferenceRow, RoomPreference.objects.filter(offering__in=ids)),
        seats_tolerance=term.seats_tolerance,
        seats_tolerance_percent=term.seats_tolerance_percent,
        week_start=term.week_start,
        groups=groups,
        offering_groups=_links(CourseOffering.groups.through.objects.filter(courseoffering__in=ids), "courseoffering_id", "studentgroup_id")
        if groups
        else {},
        section_groups=_links(Section.groups.through.objects.filter(section__offering__in=ids), "section_id", "studentgroup_id")
        if groups
        else {},
        min_free_days=organization.min_free_days,
        min_free_half_days=organization.min_free_half_days,
        starts_on=term.starts_on,
        ends_on=term.ends_on,
    )
    if any(row.weeks for listed in (rows.offerings, rows.sections, rows.meetings) for row in listed):
        rows = replace(rows, parts=_rows(TermPartRow, TermPart.objects.filter(term=term)))
    if any(row.chooses_instructor for row in rows.offerings):
        rows = replace(rows, can_teach=_can_teach(offerings))
    off: dict[str, set[int]] = defaultdict(set)
    for setting in RuleSetting.objects.filter(is_active=False, **mine):
        off[setting.kind].add(setting.owner_id)
    rows = _without_what_is_off(rows, off) if off else rows
    return _with_defaults(rows, spread_off=off["min_days"]) if has_defaults(organization) else rows


def weeks_of_term(term: Term) -> TermWeeks:
    """The weeks of a term with its parts. One query; four where it has no dates, for then the weeks that are named count."""
    parts = list(TermPart.objects.filter(term=term).values_list("name", "weeks"))
    texts: list[str] = []
    if term.starts_on is None or term.ends_on is None:
        said: tuple[QuerySet[Any], ...] = (
            CourseOffering.objects.filter(term=term),
            Section.objects.filter(offering__term=term),
            Meeting.objects.filter(offering__term=term),
        )
        texts = [text for rows in said for text in rows.exclude(weeks="").order_by().values_list("weeks", flat=True).distinct()]
    return term_weeks_of(starts_on=term.starts_on, ends_on=term.ends_on, week_start=term.week_start, parts=parts, texts=texts)


def offerings_in_weeks(*, term: Term) -> int:
    """How many offerings of the term say something of the weeks in which they are held. One query."""
    said = Q(weeks__gt="") | Q(sections__weeks__gt="") | Q(meetings__weeks__gt="")
    return CourseOffering.objects.filter(said, term=term).order_by().values("pk").distinct().count()


def _can_teach(offerings: QuerySet[CourseOffering]) -> Links:
    found: Links = defaultdict(list)
    rows = offerings.filter(chooses_instructor=True, course__can_be_taught_by__isnull=False).order_by("id", "course__can_be_taught_by")
    for offering, instructor in rows.values_list("id", "course__can_be_taught_by"):
        found[offering].append(instructor)
    return dict(found)


# Constraints without a row of their own that can be switched off, by what a setting calls them.
LIMIT_KINDS = {
    "instructor_daily": "max_daily_periods",
    "instructor_weekly": "max_weekly_periods",
    "instructor_consecutive": "max_consecutive_periods",
    "instructor_free_days": "min_free_days",
    "instructor_free_half_days": "min_free_half_days",
}
MARKED = ("instructor", "room", "offering", "section")  # whose timeslots may be marked
MARK_KINDS = tuple(f"{sort}_{owner}" for sort in ("away", "wish") for owner in MARKED)
OFFERING_KINDS = {"min_days": ("min_days", 0), "home_building": ("building_id", None)}
SWITCHABLE_KINDS = (*LIMIT_KINDS, *MARK_KINDS, *OFFERING_KINDS, "preferred_rooms", "room_sharing")


def _without_what_is_off(rows: TermRows, off: Mapping[str, set[int]]) -> TermRows:
    """The rows as if what is switched off had not been entered."""

    def limits(row: InstructorRow) -> InstructorRow:
        none: dict[str, Any] = {field: 0 for kind, field in LIMIT_KINDS.items() if row.id in off.get(kind, ())}
        return row._replace(**none)

    def offering(row: OfferingRow) -> OfferingRow:
        none: dict[str, Any] = {field: empty for kind, (field, empty) in OFFERING_KINDS.items() if row.id in off.get(kind, ())}
        return row._replace(**none)

    def is_on(row: AvailabilityRow) -> bool:
        sort = "away" if row.rating <= Availability.BLOCKED else "wish"
        return not any(getattr(row, f"{owner}_id") in off.get(f"{sort}_{owner}", ()) for owner in MARKED)

    return replace(
        rows,
        instructors=[limits(row) for row in rows.instructors],
        offerings=[offering(row) for row in rows.offerings],
        availability=[row for row in rows.availability if is_on(row)],
        room_preferences=[row for row in rows.room_preferences if row.offering_id not in off.get("preferred_rooms", ())],
        rooms=[row._replace(sharing=1) if row.id in off.get("room_sharing", ()) else row for row in rows.rooms],
    )


def _with_defaults(rows: TermRows, *, spread_off: Collection[int]) -> TermRows:
    """The rows with what is usual where nothing was said. ``spread_off``: offerings whose lectures need no spreading, as was said."""
    lectures: Counter[int] = Counter()
    for meeting in rows.meetings:
        lectures[meeting.offering_id] += meeting.count
    together = {
        offering
        for rule in rows.rules
        if rule.kind == Rule.Kind.SAME_DAY or (rule.kind in ON_END and len(rows.rule_offerings.get(rule.id, ())) == 1)
        for offering in rows.rule_offerings.get(rule.id, ())
    }
    said = together | set(spread_off)
    usual = {
        row.id: days
        for row in rows.offerings
        if not row.min_days and row.id not in said and (days := spread_usual(lectures[row.id], rows.num_days))
    }
    noon = lunch_usual(rows.periods)
    return replace(
        rows,
        offerings=[row._replace(min_days=usual[row.id]) if row.id in usual else row for row in rows.offerings],
        periods=[row._replace(is_lunch=True) if row in noon else row for row in rows.periods],
        spread_usual=frozenset(usual),
    )


_OFFERING_FIELDS = (
    "id",
    "course__code",
    "course__name",
    "course__department_id",
    "expected_students",
    "max_section_size",
    "min_days",
    "preferred_building_id",
    "num_sections",
    "part_of_id",
    "taught_with_id",
    "chooses_instructor",
    "weeks",
)


def _offerings(organization: Organization, term: Term, department_id: int | None) -> QuerySet[CourseOffering]:
    offerings = CourseOffering.objects.filter(organization=organization, term=term).order_by()
    return offerings if department_id is None else offerings.filter(course__department_id=department_id)


def _offering_rows(offerings: QuerySet[CourseOffering], *, has_students: bool) -> list[OfferingRow]:
    rows = [OfferingRow(*row) for row in offerings.order_by("id").values_list(*_OFFERING_FIELDS)]
    if has_students:
        return rows
    enrolled = enrolments_counted(offerings=offerings)
    return [row._replace(expected_students=enrolled.get(row.id) or row.expected_students) for row in rows]


def enrolments_counted(*, offerings: QuerySet[CourseOffering]) -> dict[int, int]:
    """How many students are enrolled in each of the offerings that has any. One query."""
    enrolments = Enrolment.objects.filter(offering__in=offerings.order_by().values("id")).order_by()
    return dict(enrolments.values_list("offering_id").annotate(number=Count("id")))


def _rows(row: type[Row], queryset: QuerySet[Any]) -> list[Row]:
    """The queryset as rows, in the order of their ids unless it has its own."""
    ordered = queryset if queryset.query.order_by else queryset.order_by("id")
    return [row(*values) for values in ordered.values_list(*row._fields)]


def _links(through: QuerySet[Any], owner: str, target: str) -> Links:
    links: Links = defaultdict(list)
    for owner_id, target_id in through.order_by("id").values_list(owner, target):
        links[owner_id].append(target_id)
    return dict(links)
