"""Organizations, their members, and the places and people they have."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from django.contrib import admin, messages
from django.contrib.admin import AllValuesFieldListFilter
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode

from academics.admin.access import ScopedAdmin, ScopedFilter, ScopedInline
from academics.admin.forms import MembershipForm, OrganizationForm
from academics.admin.weeks import WeekAdmin
from academics.admin_site import sees_everything
from academics.models import (
    Building,
    CourseOffering,
    Department,
    Enrolment,
    Instructor,
    Membership,
    Organization,
    Room,
    RoomFeature,
    Rule,
    Student,
    Term,
)

DEPARTMENT = ("department", ScopedFilter)


class MembershipInline(ScopedInline):
    model = Membership
    form = MembershipForm
    fields = ("username", "role")
    show_change_link = False


@admin.register(Organization)
class OrganizationAdmin(ScopedAdmin):
    form = OrganizationForm
    list_display = ("name", "code", "time_zone")
    search_fields = ("name", "code")
    fields = ("code", "name", "time_zone", "is_public", "needs_two_people", "min_free_days", "min_free_half_days", "wishes")
    inlines = (MembershipInline,)
    delete_confirmation_template = "admin/academics/organization/delete.html"

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return sees_everything(request.user)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return sees_everything(request.user)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("wishes",) if sees_everything(request.user) else ("wishes", "code")

    def get_actions(self, request: HttpRequest) -> Any:
        """Several at once are never deleted: each has its own page for that."""
        return {name: action for name, action in super().get_actions(request).items() if name != "delete_selected"}

    @admin.display(description="weights of the wishes")
    def wishes(self, obj: Organization) -> str:
        if not obj.pk:
            return "The standard ones. They are set on the Rules page, once the institution is there."
        number = len(obj.weights)
        said = f"{number} differ{'s' if number == 1 else ''} from the standard. " if number else "The standard ones. "
        address = f"{reverse('rules')}?{urlencode({'organization': obj.code, 'kind': 'weight'})}"
        return format_html(
            '{}<a class="text-primary-600 dark:text-primary-500 underline" href="{}">Set them under Rules</a>', said, address
        )

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """Everything that the organization has, once its code was typed; Django's own page would list every row of it."""
        organization = self.get_object(request, object_id)
        if organization is None or not self.has_delete_permission(request, organization):
            refused: HttpResponse = super().delete_view(request, object_id, extra_context)
            return refused
        typed = request.POST.get("code", "").strip()
        is_busy = organization.jobs.filter(status__in=("pending", "running", "cancelling")).exists()
        if request.method == "POST" and typed == organization.code and not is_busy:
            name = str(organization)
            with transaction.atomic():
                self.log_deletions(request, Organization.objects.filter(pk=organization.pk))
                organization.delete()
            self.message_user(request, f"{name} was deleted, with everything that it had.", messages.SUCCESS)
            return redirect("admin:academics_organization_changelist")
        context = self.admin_site.each_context(request) | {
            "title": f"Delete {organization}",
            "opts": self.opts,
            "object": organization,
            "has": _rows_counted(organization),
            "is_busy": is_busy,
            "typed": typed,
            "is_wrong": request.method == "POST" and not is_busy,
        }
        return render(request, self.delete_confirmation_template, context, status=400 if request.method == "POST" else 200)


def _rows_counted(organization: Organization) -> list[tuple[str, int]]:
    """What goes with an organization. A small count query each."""
    mine = {"organization": organization}
    counted = (
        ("term", "terms", Term.objects.filter(**mine)),
        ("offering", "offerings", CourseOffering.objects.filter(**mine)),
        ("room", "rooms", Room.objects.filter(**mine)),
        ("instructor", "instructors", Instructor.objects.filter(**mine)),
        ("student", "students", Student.objects.filter(**mine)),
        ("enrolment", "enrolments", Enrolment.objects.filter(**mine)),
        ("rule", "rules", Rule.objects.filter(**mine)),
        ("run with its timetables", "runs with their timetables", organization.jobs.all()),
        ("member", "members", organization.memberships.all()),
    )
    numbers = [(one, many, rows.count()) for one, many, rows in counted]
    return [(one if number == 1 else many, number) for one, many, number in numbers]


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
class RoomAdmin(WeekAdmin):
    list_display = ("code", "name", "building", "kind", "capacity")
    list_select_related = ("building",)
    filter_by = (("building", ScopedFilter), ("kind", AllValuesFieldListFilter), ("features", ScopedFilter))
    search_fields = ("code", "name", "kind", "building__code", "building__name")
    search_help_text = "Code, name, kind or building of a room"
    autocomplete_fields = ("building", "features")
    week_help = "When the room is closed, and when lectures would rather be elsewhere. A time without a mark is open."


@admin.register(Instructor)
class InstructorAdmin(WeekAdmin):
    list_display = ("code", "name", "department", "max_weekly_periods", "max_daily_periods")
    list_select_related = ("department",)
    filter_by = (DEPARTMENT,)
    search_fields = ("code", "name", "email")
    search_help_text = "Code, name or e-mail of an instructor"
    autocomplete_fields = ("department", "can_teach")
    week_help = "When the instructor cannot teach, and what he or she likes. A time without a mark is open."

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], search_term: str) -> tuple[QuerySet[Any], bool]:
        """Whoever looks for somebody to teach an offering, or a section, is offered first who can teach its course."""
        found, is_distinct = super().get_search_results(request, queryset, search_term)
        course = _course_of_form(request)
        if course is None:
            return found, is_distinct
        able = Instructor.can_teach.through._default_manager.filter(instructor=OuterRef("pk"), course=course)
        return found.annotate(can_teach_it=Exists(able)).order_by("-can_teach_it", *self.get_ordering(request)), is_distinct


FORM = re.compile(r"/academics/(courseoffering|section)/(\d+)/change/$")


def _course_of_form(request: HttpRequest) -> int | None:
    """The course of the record whose form asks for names to choose from: only the address that it stands at says which."""
    found = FORM.search(urlsplit(request.headers.get("referer", "")).path)
    if found is None or not request.path.endswith("/autocomplete/"):
        return None
    model, key = found.groups()
    number = int(key) if len(key) < 19 else 0
    rows = CourseOffering.objects.filter(sections=number) if model == "section" else CourseOffering.objects.filter(pk=number)
    return rows.values_list("course", flat=True).first()


@admin.register(Student)
class StudentAdmin(ScopedAdmin):
    list_display = ("code", "name", "department", "curriculum")
    list_select_related = ("department", "curriculum")
    filter_by = (DEPARTMENT, ("curriculum", ScopedFilter))
    search_fields = ("code", "name", "curriculum__code")
    search_help_text = "Code or name of a student, or the code of a curriculum"
    autocomplete_fields = ("department", "curriculum")
