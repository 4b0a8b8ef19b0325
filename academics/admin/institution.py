"""Organizations, their members, and the places and people they have."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from academics.admin.access import ScopedAdmin, ScopedFilter, ScopedInline
from academics.admin.forms import MembershipForm, TermScopedForm
from academics.admin_site import sees_everything
from academics.models import (
    Availability,
    Building,
    Department,
    Instructor,
    Membership,
    Organization,
    Room,
    RoomFeature,
    Student,
)

DEPARTMENT = ("department", ScopedFilter)


class AvailabilityInline(ScopedInline):
    model = Availability
    form = TermScopedForm
    fields = ("term", "day", "period", "rating")
    verbose_name_plural = "Marked timeslots"
    show_change_link = False
    tab = True


class MembershipInline(ScopedInline):
    model = Membership
    form = MembershipForm
    fields = ("username", "role")
    show_change_link = False


@admin.register(Organization)
class OrganizationAdmin(ScopedAdmin):
    list_display = ("name", "code", "time_zone")
    search_fields = ("name", "code")
    fields = ("code", "name", "time_zone", "is_public", "weights", "needs_two_people")
    inlines = (MembershipInline,)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return sees_everything(request.user)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return sees_everything(request.user)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return () if sees_everything(request.user) else ("code",)


@admin.register(Membership)
class MembershipAdmin(ScopedAdmin):
    form = MembershipForm
    list_display = ("user", "organization", "role")
    list_select_related = ("user", "organization")
    filter_by = ("role",)
    search_fields = ("user__username", "user__email")
    fields = ("organization", "username", "role", "notify_reviews", "notify_published")


@admin.register(Department, Building, RoomFeature)
class NamedAdmin(ScopedAdmin):
    list_display = ("code", "name")
    search_fields = ("code", "name")


@admin.register(Room)
class RoomAdmin(ScopedAdmin):
    list_display = ("code", "name", "building", "kind", "capacity")
    list_select_related = ("building",)
    filter_by = (("building", ScopedFilter), ("features", ScopedFilter))
    search_fields = ("code", "name", "kind")
    autocomplete_fields = ("building", "features")
    inlines = (AvailabilityInline,)


@admin.register(Instructor)
class InstructorAdmin(ScopedAdmin):
    list_display = ("code", "name", "department", "max_weekly_periods", "max_daily_periods")
    list_select_related = ("department",)
    filter_by = (DEPARTMENT,)
    search_fields = ("code", "name", "email")
    autocomplete_fields = ("department",)
    inlines = (AvailabilityInline,)


@admin.register(Student)
class StudentAdmin(ScopedAdmin):
    list_display = ("code", "name", "department", "curriculum")
    list_select_related = ("department", "curriculum")
    filter_by = (DEPARTMENT,)
    search_fields = ("code", "name")
    autocomplete_fields = ("department", "curriculum")
