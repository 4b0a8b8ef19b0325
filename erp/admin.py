"""Runs and what came of them, to look at beside the institution's data. They change through the pages and the API, where the rules are."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from academics.admin.access import ReadOnlyAdmin, ReadOnlyInline
from generation.models import GenerationJob, Variant, Workflow, WorkflowEvent


@admin.register(GenerationJob)
class GenerationJobAdmin(ReadOnlyAdmin):
    list_display = ("id", "organization", "term", "status", "requested_by", "created_at", "finished_at")
    list_select_related = ("organization", "term", "requested_by")
    filter_by = ("status", "is_partial")
    search_fields = ("id", "organization__code", "error")
    exclude = ("checkpoint", "idempotency_key")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).defer(*GenerationJob.LARGE)


@admin.register(Variant)
class VariantAdmin(ReadOnlyAdmin):
    list_display = ("label", "job", "hard", "soft", "is_selected", "created_at")
    list_select_related = ("job",)
    filter_by = ("is_selected",)
    search_fields = ("label", "job__id")
    exclude = ("conflicts",)
    ordering = ("-created_at",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Without the long lists: one page would carry megabytes of them."""
        return super().get_queryset(request).defer("conflicts", "job__checkpoint", "job__progress")


class WorkflowEventInline(ReadOnlyInline):
    model = WorkflowEvent
    fields = ("created_at", "action", "from_status", "to_status", "user", "comment")
    readonly_fields = ("created_at",)


@admin.register(Workflow)
class WorkflowAdmin(ReadOnlyAdmin):
    list_display = ("job", "status", "variant", "updated_at")
    list_select_related = ("job", "variant")
    filter_by = ("status",)
    search_fields = ("job__id",)
    inlines = (WorkflowEventInline,)
