"""What an import keeps: its files between the steps, how headings were understood, and what was there before."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F

# How an import may end that nobody ends in person; rows keep these sentences.
GIVEN_UP = "It was given up. Nothing was written."
DIED = "The process that worked on this import is gone. Nothing was written; try again."
ORGANIZATION = "academics.Organization"  # by name: `academics.models` imports this module


class LongWork(models.Model):
    """Something that a worker does, or takes long to do: see `academics.long_work`. Its kind says what an end without success means."""

    TASK: ClassVar[str] = ""
    LARGE: ClassVar[tuple[str, ...]] = ()  # columns that a list leaves out

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    status = models.CharField(max_length=10)
    attempt = models.PositiveIntegerField(default=0, help_text="Names who holds it; a process of an earlier one leaves.")
    created_at = models.DateTimeField(auto_now_add=True)
    queued_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    lease_expires_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True
        ordering = ["-created_at"]

    @classmethod
    def active_statuses(cls) -> Sequence[str]:
        raise NotImplementedError

    @property
    def is_active(self) -> bool:
        return self.status in self.active_statuses()

    @property
    def message(self) -> list[object]:
        """What its task is called with."""
        return [self.pk, self.attempt]

    def given_up(self) -> dict[str, Any]:
        """The columns of what somebody gave up."""
        raise NotImplementedError

    def gone(self) -> dict[str, Any]:
        """The columns of what a process worked on that is gone."""
        raise NotImplementedError


class Stepped(LongWork):
    """Something that a page, or a worker, moves from one status to the next: see `academics.importing.lifecycle`."""

    # An action that fails leaves the status from which it began.
    BEFORE: ClassVar[Mapping[str, str]] = {}

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    attempt = models.PositiveIntegerField(default=0, help_text="Raised by each action; a process of an earlier one leaves.")
    error = models.TextField(blank=True)

    class Meta(LongWork.Meta):
        abstract = True

    @classmethod
    def active_statuses(cls) -> Sequence[str]:
        return list(cls.BEFORE)

    def given_up(self) -> dict[str, Any]:
        return self._back(GIVEN_UP)

    def gone(self) -> dict[str, Any]:
        return self._back(DIED)

    def _back(self, error: str) -> dict[str, Any]:
        return {"status": self.BEFORE[self.status], "attempt": F("attempt") + 1, "lease_expires_at": None, "error": error}


class ImportBatch(Stepped):
    """Files that were given together, and what became of them."""

    class Status(models.TextChoices):
        UPLOADED = "uploaded", "Not checked yet"
        CHECKING = "checking", "Being checked"
        CHECKED = "checked", "Checked"
        IMPORTING = "importing", "Being imported"
        IMPORTED = "imported", "Imported"
        UNDOING = "undoing", "Being undone"
        UNDONE = "undone", "Undone"

    BEFORE = {Status.CHECKING: Status.UPLOADED, Status.IMPORTING: Status.CHECKED, Status.UNDOING: Status.IMPORTED}
    LARGE = ("problems", "causes", "samples", "read_as", "warnings")
    TASK = "academics.tasks.import_run"  # as messages name it that wait in a queue, wherever the module is

    organization = models.ForeignKey(ORGANIZATION, on_delete=models.CASCADE, related_name="imports")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.UPLOADED, db_index=True)
    remove_missing = models.BooleanField(default=False)
    choices = models.JSONField(default=dict, help_text="By table its kind and columns, as people chose them.")
    names = models.JSONField(default=list, help_text="Of the files.")
    file_format = models.CharField(
        max_length=40, blank=True, default="", db_default="", help_text="Of a file that holds a whole institution. Empty: tables."
    )
    counts = models.JSONField(default=dict, help_text="By entity: added, changed, removed, unchanged.")
    num_problems = models.PositiveIntegerField(default=0)
    num_repeated = models.PositiveIntegerField(default=0)
    problems = models.JSONField(default=list)
    causes = models.JSONField(default=list, db_default=[], help_text="The problems grouped: what is wrong, how often, what fixes it.")
    fixes = models.JSONField(default=dict, db_default={}, help_text="Rows to create, codes and texts that are meant, as people decided.")
    samples = models.JSONField(default=dict)
    restructuring = models.JSONField(default=dict, db_default={}, help_text="By table the steps, roles and answers that people decided.")
    read_as = models.JSONField(default=list, db_default=[], help_text="Each table: its kind, its columns and what was left out.")
    warnings = models.JSONField(default=list, db_default=[], help_text="What was read in a way that somebody should know of.")
    uses = models.JSONField(
        default=list, db_default=[], help_text="What is made of an existing timetable beside a variant: see academics.placements."
    )
    timetables = models.JSONField(default=list, db_default=[], help_text="The variants that it made of existing timetables, by term.")

    def __str__(self) -> str:
        return f"{', '.join(self.names)}: {self.get_status_display()}"


class ImportFile(models.Model):
    """One file between the steps. In the database, because the worker may run on another machine."""

    batch = models.ForeignKey(ImportBatch, on_delete=models.CASCADE, related_name="files")
    name = models.CharField(max_length=200)
    size = models.PositiveIntegerField()
    data = models.BinaryField(help_text="Compressed.")

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name


class ImportMapping(models.Model):
    """Which column each heading was the last time, by kind."""

    organization = models.ForeignKey(ORGANIZATION, on_delete=models.CASCADE, related_name="import_mappings")
    kind = models.CharField(max_length=20)
    columns = models.JSONField(default=dict, help_text="By heading.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "kind"], name="one_import_mapping_per_kind")]

    def __str__(self) -> str:
        return f"{self.kind} of {self.organization_id}"


class ImportRecipe(models.Model):
    """How tables of certain shapes are restructured: steps, roles of columns and answers, used at once when such a table comes again."""

    organization = models.ForeignKey(ORGANIZATION, on_delete=models.CASCADE, related_name="import_recipes")
    name = models.CharField(max_length=80)
    tables = models.JSONField(default=list, help_text="Each with its shape, steps, roles and answers.")
    left = models.BinaryField(null=True, help_text="What its last run left: a digest of each value. Compressed.")
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["organization", "name"], name="one_import_recipe_per_name")]

    def __str__(self) -> str:
        return f"{self.name} of {self.organization_id}"


class ImportUndo(models.Model):
    """All data as they were before an import, and the digests of what it left behind."""

    batch = models.OneToOneField(ImportBatch, on_delete=models.CASCADE, primary_key=True, related_name="undo")
    before = models.BinaryField()
    digests_before = models.JSONField(default=dict)
    digests_after = models.JSONField(default=dict)
    facts = models.JSONField(default=dict, db_default={}, help_text="What an import changed of the institution itself: before and after.")

    def __str__(self) -> str:
        return f"before {self.batch_id}"


class ArchiveReading(Stepped):
    """An archive that somebody gave, what is in it, and the organization that it was read into."""

    class Status(models.TextChoices):
        UPLOADED = "uploaded", "Not looked at yet"
        LOOKING = "looking", "Being looked at"
        LOOKED = "looked", "Looked at"
        READING = "reading", "Being read"
        READ = "read", "Read"

    BEFORE = {Status.LOOKING: Status.UPLOADED, Status.READING: Status.LOOKED}
    LARGE = ("data", "overview")
    TASK = "erp.tasks.archive_run"

    status = models.CharField(max_length=10, choices=Status.choices, default=Status.UPLOADED, db_index=True)
    name = models.CharField(max_length=200, help_text="Of the file.")
    size = models.PositiveIntegerField()
    data = models.BinaryField(help_text="Compressed; nothing once it is read.")
    overview = models.JSONField(default=dict, help_text="What is in it.")
    code = models.CharField(max_length=40, blank=True, help_text="The organization to read it into. Empty: the archive's own.")
    replace = models.BooleanField(default=False)
    organization = models.ForeignKey(ORGANIZATION, on_delete=models.SET_NULL, null=True, related_name="+")

    def __str__(self) -> str:
        return f"{self.name}: {self.get_status_display()}"
