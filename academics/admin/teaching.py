"""Terms, what is taught in them, and the rules."""

from __future__ import annotations

from django.contrib import admin

from academics.admin.access import ScopedAdmin, ScopedFilter, ScopedInline
from academics.admin.forms import EnrolmentForm, RuleForm, RuleTimeslotForm, TermScopedForm
from academics.admin.institution import DEPARTMENT, AvailabilityInline
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
    Term,
)

TERM = ("term", ScopedFilter)


class PeriodInline(ScopedInline):
    model = Period
    fields = ("index", "starts_at", "ends_at", "break_after", "is_lunch")
    show_change_link = False


class HolidayInline(ScopedInline):
    model = Holiday
    fields = ("name", "starts_on", "ends_on")
    show_change_link = False


@admin.register(Term)
class TermAdmin(ScopedAdmin):
    list_display = ("code", "name", "academic_year", "semester", "num_days", "is_current")
    filter_by = ("is_current",)
    search_fields = ("code", "name", "academic_year", "semester")
    inlines = (PeriodInline, HolidayInline)


@admin.register(Period)
class PeriodAdmin(ScopedAdmin):
    list_display = ("term", "index", "starts_at", "ends_at", "break_after", "is_lunch")
    list_select_related = ("term",)
    filter_by = (TERM,)
    autocomplete_fields = ("term",)


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


class MeetingInline(ScopedInline):
    model = Meeting
    fields = ("count", "length", "room_kind", "features")
    autocomplete_fields = ("features",)
    show_change_link = False


class SectionInline(ScopedInline):
    model = Section
    fields = ("code", "size", "parent", "instructors")
    autocomplete_fields = ("parent", "instructors")


class RoomPreferenceInline(ScopedInline):
    model = RoomPreference
    fields = ("rank", "room", "building")
    autocomplete_fields = ("room", "building")
    verbose_name_plural = "Preferred rooms"
    show_change_link = False
    tab = True


@admin.register(CourseOffering)
class CourseOfferingAdmin(ScopedAdmin):
    list_display = ("course", "term", "expected_students", "max_section_size", "num_sections", "part_of")
    list_select_related = ("course", "term", "part_of__course", "part_of__term")
    filter_by = (TERM, ("course__department", ScopedFilter))
    search_fields = ("course__code", "course__name")
    autocomplete_fields = ("term", "course", "part_of", "instructors", "curricula", "preferred_building")
    inlines = (MeetingInline, SectionInline, RoomPreferenceInline, AvailabilityInline)


@admin.register(Meeting)
class MeetingAdmin(ScopedAdmin):
    list_display = ("offering", "count", "length", "room_kind")
    list_select_related = ("offering__course", "offering__term")
    filter_by = (("offering__term", ScopedFilter), "length")
    search_fields = ("offering__course__code", "offering__course__name")
    autocomplete_fields = ("offering", "features")


@admin.register(Section)
class SectionAdmin(ScopedAdmin):
    list_display = ("code", "offering", "size", "parent")
    list_select_related = ("offering__course", "offering__term", "parent")
    filter_by = (("offering__term", ScopedFilter),)
    search_fields = ("code", "offering__course__code")
    autocomplete_fields = ("offering", "parent", "instructors")
    inlines = (AvailabilityInline,)


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
class AvailabilityAdmin(ScopedAdmin):
    form = TermScopedForm
    list_display = ("__str__", "term", "instructor", "room", "offering", "section")
    list_select_related = ("term", "instructor", "room", "offering__course", "offering__term", "section")
    filter_by = (TERM, "rating")
    search_fields = ("instructor__code", "instructor__name", "room__code", "offering__course__code")
    autocomplete_fields = ("term", "instructor", "room", "offering", "section")
    ordering = ("-id",)


class RuleTimeslotInline(ScopedInline):
    model = RuleTimeslot
    form = RuleTimeslotForm
    fields = ("day", "period")
    verbose_name_plural = "Listed timeslots"
    show_change_link = False


@admin.register(Rule)
class RuleAdmin(ScopedAdmin):
    form = RuleForm
    list_display = ("kind", "term", "band", "comment", "is_hard", "is_active")
    list_select_related = ("term",)
    filter_by = (TERM, "kind", "is_hard", "is_active")
    search_fields = ("band", "comment", "offerings__course__code")
    autocomplete_fields = ("term", "offerings", "room", "first")
    inlines = (RuleTimeslotInline,)
