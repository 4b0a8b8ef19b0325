"""What an archive holds: the tables of an institution's data and of its timetables, found from the models themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.apps import apps
from django.contrib.auth.models import User
from django.db import models

from academics.import_models import ImportBatch, ImportFile, ImportMapping, ImportRecipe, ImportUndo
from academics.importing.snapshots import organization_lookup, sorted_tables, table_name
from academics.models import Membership, Organization
from generation.models import Feed, GenerationJob, JobQueue, Notice, Rendering, TakenOver, WishMail

FORMAT, VERSION = "timeloom-archive", 1
Model = type[models.Model]
# Steps of imports; that something was read from an archive, which is true only here; secret links and e-mails, which belong
# to people and not to the institution; files that are made again.
LEFT_OUT = (
    Organization,
    Membership,
    ImportBatch,
    ImportFile,
    ImportMapping,
    ImportRecipe,
    ImportUndo,
    TakenOver,
    Feed,
    Notice,
    WishMail,
    Rendering,
    JobQueue,
)
# Held by archives of earlier releases: read past. An e-mail that waits in a file is never sent, a file in it shown to nobody.
READ_PAST = frozenset({"generation.notice", "generation.rendering"})
# What a run needs only while it runs.
FIELDS_LEFT_OUT = {
    ("generation.generationjob", name) for name in ("checkpoint", "lease_expires_at", "queued_at", "is_inline", "request_id")
}
# A column that names a row by number without being a reference of the database.
NUMBERED = {("generation.generationjob", "department_id"): "academics.department"}
# What people read while rows are written, where the model's own name is the code's.
TITLES = {
    "generation.conflictchunk": "conflicts",
    "generation.entry": "placements",
    "generation.frozenproblem": "what runs were asked",
    "generation.generationjob": "runs",
    "generation.lectureexception": "exceptions on dates",
    "generation.publishededition": "days from which timetables hold",
    "generation.seating": "seats",
    "generation.snapshot": "places of earlier reviews",
    "generation.workflowevent": "steps of reviews",
}
# Rows that every reading adds of itself.
ROWS_LEFT_OUT = {"generation.workflowevent": {"action": "take_over"}}
ORGANIZATION_LEFT_OUT = ("id",)


@dataclass(frozen=True)
class Column:
    """A field of a table as the archive has it."""

    field: Any
    target: str  # the table whose row it names; "user"; empty: a plain value
    is_key: bool  # its value is the row's own number, and not in the archive

    @property
    def name(self) -> str:
        return str(self.field.attname)


@dataclass(frozen=True)
class ArchiveTable:
    model: Model
    name: str
    columns: tuple[Column, ...]

    @property
    def path(self) -> str:
        return str(organization_lookup(self.model))

    @property
    def title(self) -> str:
        """In the plural; a table of links goes by what it belongs to."""
        owner = self.model._meta.auto_created
        model = owner if isinstance(owner, type) else self.model
        return TITLES.get(self.name) or str(model._meta.verbose_name_plural)

    @property
    def key(self) -> Any:
        return self.model._meta.pk

    @property
    def organization_columns(self) -> tuple[str, ...]:
        return tuple(field.attname for field in self.model._meta.concrete_fields if field.related_model is Organization)


@lru_cache
def archive_tables() -> Mapping[str, ArchiveTable]:
    """By name, in an order in which each refers only to earlier ones, or to itself."""
    listed = [
        model
        for app in ("academics", "generation")
        for model in apps.get_app_config(app).get_models(include_auto_created=True)
        if model not in LEFT_OUT and organization_lookup(model)
    ]
    return {table_name(model): ArchiveTable(model, table_name(model), _columns(model)) for model in sorted_tables(listed)}


def _columns(model: Model) -> tuple[Column, ...]:
    found = []
    for field in model._meta.concrete_fields:
        name = table_name(model)
        if field.related_model is Organization or (name, field.attname) in FIELDS_LEFT_OUT:
            continue
        if isinstance(field, models.AutoField):
            continue  # rows are numbered by their place in the archive
        target = NUMBERED.get((name, field.attname), "")
        if isinstance(field.related_model, type):
            related = field.related_model
            target = "user" if related is User else table_name(related)
        found.append(Column(field, target, field.primary_key))
    return tuple(found)


def finished_only(model: Model) -> dict[str, Any]:
    """Runs that are still at work are left out, with all of theirs: another installation has nobody who goes on with them."""
    path = _job_lookup(model)
    finished = [status for status in GenerationJob.Status.values if status not in GenerationJob.ACTIVE]
    return {} if path is None else {f"{path}status__in": finished}


def _job_lookup(model: Model) -> str | None:
    """The lookup that leads from a row to its run, with a mark behind it; empty for a run itself."""
    if model is GenerationJob:
        return ""
    for field in model._meta.concrete_fields:
        parent = field.related_model
        if isinstance(parent, type) and parent is not model and not field.null:
            path = _job_lookup(parent)
            if path is not None:
                return f"{field.name}__{path}"
    return None
