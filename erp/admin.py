"""Runs and what came of them, to look at beside the institution's data. They change through the pages and the API, where the rules are."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.timezone import localtime

from academics.admin.access import ReadOnlyAdmin, ReadOnlyInline, ScopedFilter
from academics.models import Department
from generation.models import GenerationJob, Variant, Workflow, WorkflowEvent
from generation.text.labels import HISTORY, STATUS, WORKFLOW


def _page(name: str, job: GenerationJob, words: str) -> str:
    return format_html('<a class="underline" href="{}">{}</a>', reverse(name, args=[job.pk]), words)


def _run(job: GenerationJob) -> str:
    return f"{job.term or 'Run'}, {localtime(job.created_at):%d %b %Y %H:%M}"


@admin.register(GenerationJob)
class GenerationJobAdmin(ReadOnlyAdmin):
    list_display = ("run", "organization", "status_words", "requested_by", "finished_at")
    list_select_related = ("organization", "term", "requested_by")
    filter_by = (("term", ScopedFilter), "status", "is_partial")
    search_fields = ("id", "organization__code", "organization__name", "requested_by__username", "error")
    search_help_text = "Institution, user name, error, or the run's number"
    fieldsets = (
        (None, {"fields": ("organization", "term", "department", "requested_by", "status_words", "is_partial", "error", "on_its_page")}),
        ("Asked for", {"fields": ("time_to_spend", "num_variants", "seed")}),
        ("When", {"fields": ("created_at", "started_at", "finished_at")}),
        ("For whoever reads the log", {"fields": ("id", "request_id"), "classes": ("collapse",)}),
    )
    readonly_fields = ("created_at", "id", "run", "department", "status_words", "on_its_page", "time_to_spend")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).defer(*GenerationJob.LARGE)

    @admin.display(description="run", ordering="created_at")
    def run(self, job: GenerationJob) -> str:
        return _run(job)

    @admin.display(description="status", ordering="status")
    def status_words(self, job: GenerationJob) -> str:
        return STATUS.get(job.status, job.status)

    @admin.display(description="department")
    def department(self, job: GenerationJob) -> str:
        found = Department.objects.filter(pk=job.department_id).first() if job.department_id else None
        return str(found) if found else "the whole institution"

    @admin.display(description="time to spend")
    def time_to_spend(self, job: GenerationJob) -> str:
        return f"{job.time_limit_s:,.0f} seconds for all variants"

    @admin.display(description="more")
    def on_its_page(self, job: GenerationJob) -> str:
        return _page("timetable-status", job, "The run's own page")


@admin.register(Variant)
class VariantAdmin(ReadOnlyAdmin):
    list_display = ("label", "run", "violations", "cost", "is_selected", "created_at")
    list_select_related = ("job__term", "job__organization")
    filter_by = (("job__term", ScopedFilter), "is_selected")
    search_fields = ("label", "job__id", "job__organization__name")
    search_help_text = "Variant, institution, or the run's number"
    fieldsets = (
        (None, {"fields": ("label", "run", "violations", "cost", "is_selected", "note", "on_its_page")}),
        ("When", {"fields": ("created_at", "revision")}),
    )
    readonly_fields = ("run", "violations", "cost", "on_its_page", "created_at")
    ordering = ("-created_at",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Without the long lists: one page would carry megabytes of them."""
        return super().get_queryset(request).defer("conflicts", "job__checkpoint", "job__progress", "job__history", "job__explanation")

    @admin.display(description="run", ordering="job__created_at")
    def run(self, variant: Variant) -> str:
        return _run(variant.job)

    @admin.display(description="violations", ordering="hard")
    def violations(self, variant: Variant) -> int:
        return variant.hard

    @admin.display(description="cost", ordering="soft")
    def cost(self, variant: Variant) -> int:
        return variant.soft

    @admin.display(description="more")
    def on_its_page(self, variant: Variant) -> str:
        return _page("timetable-review", variant.job, "Its criteria, violations and comments, on the review page")


class WorkflowEventInline(ReadOnlyInline):
    model = WorkflowEvent
    fields = ("created_at", "user", "action_words", "status_after", "comment")
    readonly_fields = ("created_at", "action_words", "status_after")
    verbose_name_plural = "What happened"

    @admin.display(description="what")
    def action_words(self, event: WorkflowEvent) -> str:
        return HISTORY.get(event.action, event.action)

    @admin.display(description="then")
    def status_after(self, event: WorkflowEvent) -> str:
        return WORKFLOW.get(event.to_status, event.to_status)


@admin.register(Workflow)
class WorkflowAdmin(ReadOnlyAdmin):
    list_display = ("run", "status_words", "variant_label", "updated_at")
    list_select_related = ("job__term", "job__organization", "variant")
    filter_by = (("term", ScopedFilter), "status")
    search_fields = ("job__id", "organization__name", "variant__label")
    search_help_text = "Institution, variant, or the run's number"
    fields = ("run", "status_words", "variant_label", "updated_at", "on_its_page")
    readonly_fields = ("run", "status_words", "variant_label", "updated_at", "on_its_page")
    inlines = (WorkflowEventInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        large = [f"job__{name}" for name in GenerationJob.LARGE]
        return super().get_queryset(request).defer("variant__conflicts", "variant__certificate", *large)

    @admin.display(description="timetable", ordering="job__created_at")
    def run(self, workflow: Workflow) -> str:
        return _run(workflow.job)

    @admin.display(description="status", ordering="status")
    def status_words(self, workflow: Workflow) -> str:
        return WORKFLOW.get(workflow.status, workflow.status)

    @admin.display(description="variant")
    def variant_label(self, workflow: Workflow) -> str:
        return workflow.variant.label if workflow.variant else "none yet"

    @admin.display(description="more")
    def on_its_page(self, workflow: Workflow) -> str:
        return _page("timetable-review", workflow.job, "The review page")
