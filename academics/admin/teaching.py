"""Terms, what is taught in them, and the rules."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Case, QuerySet, Value, When
from django.db.models.functions import Coalesce
from django.http import HttpRequest

from academics.admin.access import ScopedAdmin, ScopedFilter, ScopedInline
from academics.admin.forms import AvailabilityForm, EnrolmentForm, PeriodForm, RoomPreferenceForm, RuleForm, RuleTimeslotForm
from academics.admin.institution import DEPARTMENT
from academics.admin.term_weeks import TermPartForm, WeeksForm, weeks_listed
from academics.admin.times import DayFilter, OwnerFilter, PeriodFilter, RatingFilter, WeekColumns
from academics.admin.weeks import WeekAdmin
from academics.models import (
    Availability,
    Course,
    CourseOffering,
    Curriculum,
    Enrolment,
    Holiday,
    Meeting,
    Period,
    RoomPreference,
    Rule,
    RuleTimeslot,
    Section,
    StudentGroup,
    Term,
    TermPart,
)
from academics.week_labels import rating_words

TERM = ("term", ScopedFilter)
SHOWN = 3  # courses that a row of a list names


class PeriodInline(ScopedInline):
    model = Period
    form = PeriodForm
    fields = ("index", "starts_at", "ends_at", "break_after", "is_lunch")
    show_change_link = False


class HolidayInline(ScopedInline):
    model = Holiday
    fields = ("name", "starts_on", "ends_on")
    show_change_link = False


class TermPartInline(ScopedInline):
    model = TermPart
    form = TermPartForm
    fields = ("name", "weeks")
    show_change_link = False


@admin.register(Term)
class TermAdmin(ScopedAdmin):
    list_display = ("code", "name", "academic_year", "semester", "num_days", "is_current")
    filter_by = ("is_current",)
    search_fields = ("code", "name", "academic_year", "semester")
    inlines = (PeriodInline, HolidayInline, TermPartInline)
    readonly_fields = ("weeks",)

    class Media:
        css = {"all": ("css/week.css",)}

    @admin.display(description="weeks")
    def weeks(self, term: Term) -> str:
        return weeks_listed(term)


@admin.register(Period)
class PeriodAdmin(ScopedAdmin):
    form = PeriodForm
    list_display = ("number", "term", "starts_at", "ends_at", "break_after", "is_lunch")
    list_select_related = ("term",)
    filter_by = (TERM,)
    search_fields = ("term__code", "term__name")
    autocomplete_fields = ("term",)

    @admin.display(description="number in the day", ordering="index")
    def number(self, period: Period) -> str:
        return f"Period {period.index + 1}"


@admin.register(Course)
class CourseAdmin(ScopedAdmin):
    list_display = ("code", "name", "department")
    list_select_related = ("department",)
    filter_by = (DEPARTMENT,)
    search_fields = ("code", "name")
    autocomplete_fields = ("department",)


@admin.register(Curriculum)
class CurriculumAdmin(ScopedAdmin):
    list_display = ("code", "name", "department")
    list_select_related = ("department",)
    filter_by = (DEPARTMENT,)
    search_fields = ("code", "name")
    autocomplete_fields = ("department",)


# Groups below the one that they are part of: a year, its groups, their subgroups. Deeper ones stand with the last of these.
IN_TREE = (
    Coalesce("parent__parent__code", "parent__code", "code"),
    Case(When(parent=None, then=Value("")), When(parent__parent=None, then="code"), default="parent__code"),
    Case(When(parent__parent=None, then=Value("")), default="code"),
)


@admin.register(StudentGroup)
class StudentGroupAdmin(ScopedAdmin):
    list_display = ("in_tree", "name", "parent", "size")
    list_select_related = ("parent__parent",)
    ordering = IN_TREE
    filter_by = (("parent", ScopedFilter),)
    search_fields = ("code", "name", "parent__code")
    search_help_text = "Code or name of a group, or the code of the group above"
    autocomplete_fields = ("parent",)

    @admin.display(description="group", ordering="code")
    def in_tree(self, group: StudentGroup) -> str:
        """Set in by how many groups it is below; two are enough to be seen."""
        depth = 0 if group.parent is None else 1 if group.parent.parent_id is None else 2
        return "\u2003" * depth + group.code


class MeetingInline(ScopedInline):
    model = Meeting
    form = WeeksForm
    fields = ("count", "length", "room_kind", "features", "weeks")
    autocomplete_fields = ("features",)
    show_change_link = False


class SectionInline(ScopedInline):
    model = Section
    form = WeeksForm
    fields = ("code", "size", "parent", "instructors", "groups", "weeks")
    autocomplete_fields = ("parent", "instructors", "groups")


class RoomPreferenceInline(ScopedInline):
    model = RoomPreference
    form = RoomPreferenceForm
    fields = ("rank", "room", "building")
    autocomplete_fields = ("room", "building")
    verbose_name_plural = "Preferred rooms"
    show_change_link = False
    tab = True


@admin.register(CourseOffering)
class CourseOfferingAdmin(WeekAdmin):
    list_display = ("course", "term", "expected_students", "max_section_size", "num_sections", "part_of", "weeks")
    list_select_related = ("course", "term", "part_of__course", "part_of__term")
    filter_by = (TERM, ("course__department", ScopedFilter), ("curricula", ScopedFilter), ("groups", ScopedFilter))
    search_fields = ("course__code", "course__name", "instructors__code", "instructors__name")
    search_help_text = "Code or name of a course or of an instructor"
    autocomplete_fields = ("term", "course", "part_of", "taught_with", "instructors", "curricula", "groups", "preferred_building")
    inlines = (MeetingInline, SectionInline, RoomPreferenceInline)
    week_help = "When its lectures cannot be, and when they would rather be. A time without a mark is open."
    is_week_folded = True


@admin.register(Meeting)
class MeetingAdmin(ScopedAdmin):
    form = WeeksForm
    list_display = ("offering", "count", "length", "room_kind", "weeks")
    list_select_related = ("offering__course", "offering__term")
    filter_by = (("offering__term", ScopedFilter), "length")
    search_fields = ("offering__course__code", "offering__course__name")
    autocomplete_fields = ("offering", "features")


@admin.register(Section)
class SectionAdmin(WeekAdmin):
    list_display = ("code", "offering", "size", "parent", "weeks")
    list_select_related = ("offering__course", "offering__term", "parent")
    filter_by = (("offering__term", ScopedFilter), ("offering__course__department", ScopedFilter))
    search_fields = ("code", "offering__course__code", "offering__course__name", "instructors__code", "instructors__name")
    search_help_text = "Code of a section, or code or name of a course or an instructor"
    autocomplete_fields = ("offering", "parent", "instructors", "groups")
    week_help = "A mark of a section counts instead of its offering's."
    is_week_folded = True


@admin.register(Enrolment)
class EnrolmentAdmin(ScopedAdmin):
    form = EnrolmentForm
    list_display = ("student", "offering", "section")
    list_select_related = ("student", "section", "offering__course", "offering__term")
    filter_by = (("offering__term", ScopedFilter), ("offering__course__department", ScopedFilter))
    search_fields = ("student__code", "student__name", "offering__course__code")
    autocomplete_fields = ("student", "offering", "section")
    ordering = ("-id",)


@admin.register(Availability)
class AvailabilityAdmin(WeekColumns, ScopedAdmin):
    form = AvailabilityForm
    list_display = ("whose", "day_words", "period_words", "rating_words", "term")
    list_select_related = ("term", "instructor", "room", "offering__course", "offering__term", "section__offering__course")
    filter_by = (TERM, OwnerFilter, DayFilter, PeriodFilter, RatingFilter)
    search_fields = (
        "instructor__code",
        "instructor__name",
        "room__code",
        "room__name",
        "offering__course__code",
        "section__code",
        "section__offering__course__code",
    )
    search_help_text = "Code or name of an instructor, a room, a course or a section"
    autocomplete_fields = ("term", "instructor", "room", "offering", "section")
    fieldsets = (
        (None, {"fields": ("organization", "term")}),
        (
            "Whose time",
            {
                "fields": ("instructor", "room", "offering", "section"),
                "description": "One of these four. A whole week is marked faster on the page of the instructor, room, offering or section.",
            },
        ),
        ("When, and how much it matters", {"fields": ("day", "period", "rating")}),
    )
    ordering = ("-id",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).prefetch_related("term__periods")

    @admin.display(description="whose")
    def whose(self, mark: Availability) -> str:
        if mark.section is not None:
            return f"{mark.section.offering.course.code} {mark.section}"
        return str(mark.instructor or mark.room or mark.offering)

    @admin.display(description="rating", ordering="rating")
    def rating_words(self, mark: Availability) -> str:
        return rating_words(mark.rating)


class RuleTimeslotInline(ScopedInline):
    model = RuleTimeslot
    form = RuleTimeslotForm
    fields = ("day", "period")
    verbose_name = "listed time"
    verbose_name_plural = "Listed times"
    show_change_link = False


@admin.register(Rule)
class RuleAdmin(WeekColumns, ScopedAdmin):
    form = RuleForm
    list_display = ("kind", "courses", "day_words", "period_words", "room", "term", "band", "is_hard", "is_active", "comment")
    list_select_related = ("term", "room")
    filter_by = (TERM, "kind", "is_hard", "is_active")
    search_fields = ("band", "comment", "offerings__course__code", "offerings__course__name", "room__code")
    search_help_text = "Code or name of a course, a room, an elective band, or a comment"
    autocomplete_fields = ("term", "offerings", "room", "first")
    fieldsets = (
        (
            None,
            {
                "fields": ("organization", "term", "kind", "offerings", "band"),
                "description": "The page Rules offers the same as sentences, with only the fields that each kind has.",
            },
        ),
        ("What is fixed", {"fields": ("lecture", "day", "period", "room"), "description": "For a fixed time, day or room."}),
        ("Order and distance", {"fields": ("first", "days")}),
        ("How much it matters", {"fields": ("is_hard", "factor", "is_active", "comment")}),
    )
    inlines = (RuleTimeslotInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).prefetch_related("term__periods", "offerings__course")

    @admin.display(description="courses")
    def courses(self, rule: Rule) -> str:
        codes = [offering.course.code for offering in rule.offerings.all()]
        return ", ".join(codes[:SHOWN]) + (f" and {len(codes) - SHOWN} more" if len(codes) > SHOWN else "")
