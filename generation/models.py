"""Jobs, the variants they make, and the workflow that takes one to publication."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from academics.models import Instructor, LongWork, Organization, Term


class GenerationJob(models.Model):
    """One run of the saga, or a copy of one of its variants. This row is the truth; Redis is a window on it."""

    class Status(models.TextChoices):
        PENDING = "pending", "Waiting"
        RUNNING = "running", "Running"
        CANCELLING = "cancelling", "Cancelling"
        COMPLETED = "completed", "Completed"
        FAILED = "failed", "Failed"
        CANCELLED = "cancelled", "Cancelled"

    ACTIVE = (Status.PENDING, Status.RUNNING, Status.CANCELLING)
    LARGE = ("checkpoint", "history", "explanation")  # columns that a list of jobs leaves out

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(Organization, verbose_name="institution", on_delete=models.CASCADE, related_name="jobs")
    term = models.ForeignKey(Term, on_delete=models.RESTRICT, null=True)
    department_id = models.IntegerField(null=True, blank=True, help_text="Only this department's offerings.")
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True)
    idempotency_key = models.CharField(max_length=200, blank=True)

    time_limit_s = models.FloatField(default=60)
    seed = models.PositiveIntegerField(default=1)
    num_variants = models.PositiveSmallIntegerField(default=3)
    weights = models.JSONField(default=dict, blank=True)

    status = models.CharField(max_length=12, choices=Status.choices, default=Status.PENDING, db_index=True)
    is_partial = models.BooleanField(default=False)
    has_incumbent = models.BooleanField(default=False, help_text="There is a whole timetable already: the job can be stopped.")
    stop_requested_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True)
    explanation = models.JSONField(
        default=dict, blank=True, help_text="Why there is no complete timetable: see engine.explain. Written after the end."
    )
    # The newest progress record, as in Redis: what watchers get when Redis has none.
    progress = models.JSONField(default=dict, blank=True)

    history = models.JSONField(default=dict, blank=True, help_text="How the variants' penalties fell: see generation.runs.search_history.")

    attempt = models.PositiveSmallIntegerField(default=0, help_text="Raised by each claim; a second copy of the task leaves.")
    handovers = models.PositiveSmallIntegerField(
        default=0, db_default=0, help_text="Attempts that a worker handed back as it was stopped: none of them counts as a failure."
    )
    lease_expires_at = models.DateTimeField(null=True, db_index=True)
    queued_at = models.DateTimeField(null=True, help_text="Released to a worker; empty: waits in its institution's queue.")
    is_inline = models.BooleanField(default=False, db_default=False, help_text="The process that filed it runs it: no worker is to.")
    request_id = models.CharField(max_length=64, blank=True, help_text="Of the click that filed the job; its lines in the log have it.")
    checkpoint = models.BinaryField(null=True)
    spent_s = models.FloatField(default=0, help_text="Search time behind the checkpoint; a later attempt has only the rest.")
    input_hash = models.CharField(max_length=64, blank=True)
    reuse_key = models.CharField(max_length=64, blank=True, help_text="Equal for runs of which one can stand for the other.")
    origin = models.JSONField(default=dict, blank=True, help_text="Of a copy: which variant it was made from. See generation.editing.copy.")
    fixed = models.JSONField(default=dict, blank=True, help_text="What had to stay where it was, in short: see generation.retention.")

    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "job"
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "requested_by", "idempotency_key"],
                condition=~models.Q(idempotency_key=""),
                name="one_job_per_idempotency_key",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.id} {self.status}"

    @property
    def log_facts(self) -> dict[str, str]:
        """What every line of the log about the job carries, whichever process writes it and at whichever attempt."""
        return {"job_id": str(self.id)} | ({"request_id": self.request_id} if self.request_id else {})


class JobQueue(models.Model):
    """When an institution last had a job of each size released: see generation.worker.dispatch.

    Its row is held while one is filed or released.
    """

    organization = models.OneToOneField(Organization, on_delete=models.CASCADE, primary_key=True, related_name="job_queue")
    small_released_at = models.DateTimeField(null=True)
    large_released_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"queue of {self.organization_id}"


class LearnedValues(models.Model):
    """What the choice of neighbourhoods learned in an organization's runs; the next job starts from it."""

    organization = models.OneToOneField(
        Organization, verbose_name="institution", on_delete=models.CASCADE, primary_key=True, related_name="learned_values"
    )
    values = models.JSONField(default=dict)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name_plural = "learned values"

    def __str__(self) -> str:
        return f"{self.organization}: {len(self.values)} values"


class FrozenProblem(models.Model):
    """What a job's variants were made from and are evaluated against, whatever happens to the data later.

    A row of its own: hardly any reader of a job wants it.
    """

    job = models.OneToOneField(GenerationJob, on_delete=models.CASCADE, primary_key=True, related_name="frozen_problem")
    version = models.PositiveSmallIntegerField()
    data = models.BinaryField(help_text="See generation.problem.stored_problem.")

    def __str__(self) -> str:
        return f"problem of {self.job_id}"


class KeptPlaces(models.Model):
    """Where lectures of an earlier timetable had to stay in a run. A row of its own, as a large term has thousands."""

    job = models.OneToOneField(GenerationJob, on_delete=models.CASCADE, primary_key=True, related_name="kept_places")
    data = models.JSONField(help_text="See generation.retention.kept_places.")

    class Meta:
        verbose_name_plural = "kept places"

    def __str__(self) -> str:
        return f"places kept in {self.job_id}"


class Variant(models.Model):
    """One timetable of a job. Scored under the organization's weights, whatever steered its search."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    job = models.ForeignKey(GenerationJob, on_delete=models.CASCADE, related_name="variants")
    index = models.PositiveSmallIntegerField()
    label = models.CharField(max_length=60)
    weights = models.JSONField(default=dict)
    seed = models.PositiveIntegerField()
    hard = models.PositiveIntegerField()
    soft = models.PositiveIntegerField()
    breakdown = models.JSONField(default=dict)
    statistics = models.JSONField(default=dict)
    certificate = models.JSONField(default=dict)
    conflicts = models.JSONField(
        default=list,
        db_default=[],
        help_text="Of the previous release, and empty: see ConflictChunk and generation.timetable.conflict_store.",
    )
    note = models.CharField(max_length=300, blank=True, help_text="Why it hardly differs from another variant, if so.")
    is_selected = models.BooleanField(default=False)
    revision = models.PositiveIntegerField(default=0, help_text="Raised by every edit by hand; 0 is what the run made.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["job", "index"]
        constraints = [models.UniqueConstraint(fields=["job", "index"], name="one_variant_per_index")]

    def __str__(self) -> str:
        return f"{self.label} ({self.hard}, {self.soft})"


class ConflictChunk(models.Model):
    """Some of a variant's violations. Rows of their own, as a large term has thousands, which are megabytes."""

    variant = models.ForeignKey(Variant, on_delete=models.CASCADE, related_name="conflict_chunks")
    number = models.PositiveIntegerField(help_text="Hard ones come first, then the larger ones.")
    is_hard = models.BooleanField(help_text="All of its rows are, or none.")
    counts = models.JSONField(help_text="By constraint: how many rows, and what they amount to.")
    rows = models.JSONField(help_text="See generation.timetable.conflict_store.")

    class Meta:
        verbose_name_plural = "conflicts"
        constraints = [models.UniqueConstraint(fields=["variant", "number"], name="one_conflict_chunk_per_number")]

    def __str__(self) -> str:
        return f"conflicts {self.number} of {self.variant_id}"


class Seating(models.Model):
    """Which section of each course each student attends in a variant, for students may change sections to avoid clashes.

    A row of its own: it is as large as all entries, and most readers of a variant do not want it.
    """

    variant = models.OneToOneField(Variant, on_delete=models.CASCADE, primary_key=True, related_name="seating")
    data = models.BinaryField(
        help_text="Names are copied, so that later data edits do not change it: see generation.problem.seating_codec."
    )

    def __str__(self) -> str:
        return f"seats of {self.variant_id}"


class Entry(models.Model):
    """One lecture of a variant, with its words copied so that later data edits do not change it."""

    variant = models.ForeignKey(Variant, on_delete=models.CASCADE, related_name="entries")
    lecture = models.PositiveIntegerField(help_text="The lecture's index in the run's problem.")
    course = models.CharField(max_length=60)
    title = models.CharField(max_length=200, blank=True)
    section = models.CharField(max_length=80)
    instructors = models.JSONField(default=list, help_text="Codes.")
    curricula = models.JSONField(default=list, help_text="Codes.")
    electives = models.JSONField(
        default=list, db_default=[], help_text="Codes of curricula whose students take it by choice: see generation.timetable.electives."
    )
    size = models.PositiveIntegerField(default=0)
    room = models.CharField(max_length=60, blank=True)
    day = models.SmallIntegerField(null=True, help_text="Empty: no place yet.")
    period = models.SmallIntegerField(null=True)
    length = models.PositiveSmallIntegerField(default=1)
    weeks = models.BigIntegerField(default=0, db_default=0, help_text="Of the term: bit w - 1 is set in week w. 0: every week.")
    is_pinned = models.BooleanField(default=False, help_text="In time, in room or in both.")
    is_time_pinned = models.BooleanField(default=False)
    is_room_pinned = models.BooleanField(default=False)

    class Meta:
        ordering = ["day", "period", "course", "id"]
        indexes = [models.Index(fields=["variant", "section"]), models.Index(fields=["variant", "room"])]

    def __str__(self) -> str:
        return f"{self.section} day {self.day} period {self.period} {self.room}"


class Edit(models.Model):
    """A change of a variant by hand. Rows are only added: an undo is one more edit, which names the one it takes back."""

    class Action(models.TextChoices):
        MOVE = "move", "Moved"
        SWAP = "swap", "Swapped"
        PIN = "pin", "Pinned"
        UNPIN = "unpin", "Unpinned"
        UNDO = "undo", "Undid"
        REDO = "redo", "Did again"

    variant = models.ForeignKey(Variant, on_delete=models.CASCADE, related_name="edits")
    number = models.PositiveIntegerField(help_text="The variant's revision after it.")
    action = models.CharField(max_length=5, choices=Action.choices)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True)
    changes = models.JSONField(default=list, help_text="For each lecture touched: its words, and its place and pins before and after.")
    hard = models.PositiveIntegerField(help_text="The judge's, after it.")
    soft = models.PositiveIntegerField()
    target = models.ForeignKey("self", on_delete=models.CASCADE, null=True, related_name="+", help_text="What was undone or done again.")
    undone_by = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="+", help_text="Empty: it holds.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["variant", "number"]
        constraints = [models.UniqueConstraint(fields=["variant", "number"], name="one_edit_per_revision")]

    def __str__(self) -> str:
        return f"{self.number}: {self.action} by {self.user_id}"


class Workflow(models.Model):
    """The way of one job's selected variant to publication. Its id is the job's."""

    class Status(models.TextChoices):
        DRAFT = "draft", "Draft"
        IN_REVIEW = "in_review", "In review"
        APPROVED = "approved", "Approved"
        REJECTED = "rejected", "Rejected"
        PUBLISHED = "published", "Published"
        ARCHIVED = "archived", "Archived"

    job = models.OneToOneField(GenerationJob, on_delete=models.CASCADE, primary_key=True, related_name="workflow")
    # The job's own, here so that the database itself keeps it to one published timetable each.
    organization = models.ForeignKey(Organization, verbose_name="institution", on_delete=models.CASCADE, related_name="+", editable=False)
    term = models.ForeignKey(Term, on_delete=models.CASCADE, null=True, related_name="+", editable=False)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.DRAFT, db_index=True)
    variant = models.ForeignKey(Variant, on_delete=models.RESTRICT, null=True, related_name="+")
    revision = models.PositiveIntegerField(default=0, help_text="The variant's revision when it was put forward.")
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = "review"
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "term"], condition=models.Q(status="published"), name="one_published_timetable_per_term"
            ),
            # To a database, two terms that are not there differ.
            models.UniqueConstraint(
                fields=["organization"],
                condition=models.Q(status="published", term__isnull=True),
                name="one_published_timetable_without_term",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.job_id}: {self.status}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.organization_id is None:
            self.organization_id, self.term_id = self.job.organization_id, self.job.term_id
        super().save(*args, **kwargs)


class WorkflowEvent(models.Model):
    """Who changed a workflow, when and why. Rows are only added."""

    workflow = models.ForeignKey(Workflow, on_delete=models.CASCADE, related_name="history")
    action = models.CharField(max_length=20)
    revision = models.PositiveIntegerField(default=0, help_text="The variant's, when it was put forward.")
    from_status = models.CharField(max_length=10)
    to_status = models.CharField(max_length=10)
    variant = models.ForeignKey(Variant, on_delete=models.RESTRICT, null=True, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True)
    user_name = models.CharField(max_length=150, blank=True, help_text="Of somebody whose account is gone, or was never here.")
    gates = models.JSONField(default=dict, blank=True, help_text="What held at that moment: see generation.timetable.locks.")
    comment = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["created_at", "id"]

    def __str__(self) -> str:
        return f"{self.action} by {self.user_id}"


class TakenOver(models.Model):
    """That a run came out of an archive: what its records say of the time before was never seen here. In no archive itself."""

    job = models.OneToOneField(GenerationJob, on_delete=models.CASCADE, primary_key=True, related_name="taken_over")
    read_by = models.CharField(max_length=150, blank=True, help_text="A username; empty: in the terminal.")
    read_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "runs taken over"

    def __str__(self) -> str:
        return f"{self.job_id} read by {self.read_by}"


class Snapshot(models.Model):
    """Where each lecture stood when a variant was put forward: what a later review is compared with. Never changed."""

    event = models.OneToOneField(WorkflowEvent, on_delete=models.CASCADE, primary_key=True, related_name="snapshot")
    data = models.BinaryField(help_text="See generation.review.changes.")

    def __str__(self) -> str:
        return f"places at {self.event_id}"


class OutgoingMail(models.Model):
    """An e-mail that waits for a mail server. Written with what it tells of, sent after it, whatever becomes of the sending."""

    class Status(models.TextChoices):
        PENDING = "pending", "To be sent"
        SENT = "sent", "Sent"
        FAILED = "failed", "Not sent"

    email = models.EmailField()
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.PENDING, db_index=True)
    attempts = models.PositiveSmallIntegerField(default=0, help_text="Raised before each attempt; of two who try, one does.")
    tried_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        abstract = True


class Notice(OutgoingMail):
    """An e-mail to one person about one step of a workflow."""

    event = models.ForeignKey(WorkflowEvent, on_delete=models.CASCADE, related_name="notices")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [models.UniqueConstraint(fields=["event", "user"], name="one_notice_per_person")]

    def __str__(self) -> str:
        return f"{self.event_id} to {self.email}: {self.status}"


class PublishedEdition(models.Model):
    """From which day of its term a published timetable holds. Rows are only added and superseded: see generation.dates.editions."""

    organization = models.ForeignKey(Organization, verbose_name="institution", on_delete=models.CASCADE, related_name="+")
    term = models.ForeignKey(Term, on_delete=models.CASCADE, related_name="editions")
    workflow = models.ForeignKey(Workflow, on_delete=models.CASCADE, related_name="editions")
    variant = models.ForeignKey(Variant, on_delete=models.RESTRICT, related_name="+")
    valid_from = models.DateField(null=True, help_text="Empty: from the term's first day.")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    superseded_at = models.DateTimeField(null=True, help_text="A later publication holds for all of its days. Empty: it holds.")

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["term", "valid_from"], condition=models.Q(superseded_at__isnull=True), name="one_edition_from_a_date"
            ),
            # To a database, two dates that are not there differ.
            models.UniqueConstraint(
                fields=["term"],
                condition=models.Q(superseded_at__isnull=True, valid_from__isnull=True),
                name="one_edition_from_the_first_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.term_id} from {self.valid_from or 'its first day'}"


class LectureException(models.Model):
    """What is otherwise for one lecture on one date. A row that is taken back stays, with who did it and when.

    The lecture goes by its course, its section and which of the section's lectures it is, so that it is known again in a later edition.
    """

    class Kind(models.TextChoices):
        CANCEL = "cancel", "Cancelled"
        MOVE = "move", "Moved"
        ROOM = "room", "Another room"
        COVER = "cover", "Covered"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(Organization, verbose_name="institution", on_delete=models.CASCADE, related_name="+")
    term = models.ForeignKey(Term, on_delete=models.CASCADE, related_name="exceptions")
    course = models.CharField(max_length=60)
    section = models.CharField(max_length=80)
    ordinal = models.PositiveIntegerField(help_text="Which of its section's lectures, counted from 1.")
    date = models.DateField(help_text="The day on which the timetable has it.")
    kind = models.CharField(max_length=6, choices=Kind.choices)
    to_date = models.DateField(null=True, help_text="Of a lecture that is moved: the day on which it is held.")
    to_period = models.SmallIntegerField(null=True, help_text="Of a lecture that is moved: its first period, from 0.")
    room = models.CharField(max_length=60, blank=True, help_text="Instead of its own.")
    absent = models.CharField(max_length=60, blank=True, help_text="The instructor who is covered.")
    cover = models.CharField(max_length=60, blank=True, help_text="The instructor who covers.")
    note = models.CharField(max_length=300, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    undone_at = models.DateTimeField(null=True, help_text="Empty: it holds.")

    class Meta:
        ordering = ["date", "course", "section", "created_at"]
        indexes = [models.Index(fields=["term", "date"]), models.Index(fields=["term", "to_date"])]
        constraints = [
            models.UniqueConstraint(
                fields=["term", "course", "section", "ordinal", "date"],
                condition=models.Q(undone_at__isnull=True),
                name="one_exception_of_a_lecture_per_date",
            )
        ]

    def __str__(self) -> str:
        return f"{self.section} on {self.date}: {self.kind}"


class Waiver(models.Model):
    """An institution accepts broken rules of one kind, by name: so many, of one variant at one revision, for a reason."""

    workflow = models.ForeignKey(Workflow, on_delete=models.CASCADE, related_name="waivers")
    variant = models.ForeignKey(Variant, on_delete=models.CASCADE, related_name="+")
    revision = models.PositiveIntegerField()
    constraint = models.CharField(max_length=60, help_text="Which rule; 'unplaced' for lectures without a place.")
    amount = models.PositiveIntegerField(help_text="How many violations of it.")
    owner = models.CharField(max_length=200, help_text="Who answers for it.")
    reason = models.TextField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    withdrawn_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True, help_text="When the timetable was approved with it.")

    class Meta:
        ordering = ["created_at", "id"]

    def __str__(self) -> str:
        return f"{self.amount} x {self.constraint}, {self.owner}"


class Comment(models.Model):
    """A remark about one lecture of a variant, or an answer to one."""

    workflow = models.ForeignKey(Workflow, on_delete=models.CASCADE, related_name="comments")
    variant = models.ForeignKey(Variant, on_delete=models.CASCADE, related_name="comments")
    lecture = models.PositiveIntegerField(help_text="The lecture's index in the run's problem.")
    thread = models.ForeignKey("self", on_delete=models.CASCADE, null=True, related_name="answers", help_text="Empty: begins a thread.")
    revision = models.PositiveIntegerField(default=0, help_text="The variant's, when it was written.")
    text = models.TextField()
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    resolved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    resolved_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["created_at", "id"]
        indexes = [models.Index(fields=["workflow", "variant", "lecture"])]

    def __str__(self) -> str:
        return f"{self.author_id} about lecture {self.lecture}"


class Feed(models.Model):
    """A person's secret link to the calendar of one section, instructor, room or curriculum, or to their own.

    The link's secret is made from the id and the installation's key (`generation.publication.feeds`); it is stored nowhere.
    """

    class By(models.TextChoices):
        SECTION = "section", "Section"
        INSTRUCTOR = "instructor", "Instructor"
        ROOM = "room", "Room"
        CURRICULUM = "curriculum", "Curriculum"
        USER = "user", "My own lectures"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(Organization, verbose_name="institution", on_delete=models.CASCADE, related_name="feeds")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="feeds")
    by = models.CharField(max_length=10, choices=By.choices)
    key = models.CharField(max_length=80, blank=True, help_text="A code; empty for the user's own lectures.")
    created_at = models.DateTimeField(auto_now_add=True)
    last_read_at = models.DateTimeField(null=True, help_text="To the hour.")
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "user", "by", "key"],
                condition=models.Q(revoked_at__isnull=True),
                name="one_feed_of_a_kind_per_user",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_by_display()} {self.key}".strip()


class PublishedCalendar(models.Model):
    """What calendars last received of a term; brought up to date when one is requested after a change."""

    term = models.OneToOneField(Term, on_delete=models.CASCADE, related_name="+")
    content_hash = models.CharField(max_length=64, blank=True)

    def __str__(self) -> str:
        return f"calendar of {self.term_id}"


class CalendarEvent(models.Model):
    """How often a lecture's event has changed since it was first published. Kept when it goes, for it may come back."""

    calendar = models.ForeignKey(PublishedCalendar, on_delete=models.CASCADE, related_name="events")
    uid = models.UUIDField()
    fingerprint = models.CharField(max_length=64)
    sequence = models.PositiveIntegerField(default=0)
    modified_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["calendar", "uid"], name="one_state_per_event")]

    def __str__(self) -> str:
        return f"{self.uid} {self.sequence}"


class Rendering(LongWork):
    """A large file that a worker makes once for the same content; in the database, for web server and worker share no folder."""

    class Status(models.TextChoices):
        PENDING = "pending", "Waiting"
        RUNNING = "running", "Being made"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"
        CANCELLED = "cancelled", "Given up"

    TASK = "generation.tasks.rendering"
    LARGE = ("content",)
    MOST_ATTEMPTS = 3

    variant = models.ForeignKey(Variant, on_delete=models.CASCADE, related_name="renderings")
    book = models.CharField(max_length=20)
    content_hash = models.CharField(max_length=100, unique=True, help_text="Of the lectures, the options and the program that draws them.")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.PENDING)
    done = models.PositiveIntegerField(default=0, help_text="Pages.")
    total = models.PositiveIntegerField(default=0)
    attempt = models.PositiveSmallIntegerField(default=0, help_text="Raised by each claim; a second copy of the task leaves.")
    content = models.BinaryField(null=True)
    touched_at = models.DateTimeField(auto_now_add=True, help_text="Asked for, worked on, or read: to the minute.")

    class Meta(LongWork.Meta):
        pass

    def __str__(self) -> str:
        return f"{self.book} of {self.variant_id}: {self.status}"

    @classmethod
    def active_statuses(cls) -> Sequence[str]:
        return (cls.Status.PENDING, cls.Status.RUNNING)

    @property
    def message(self) -> list[object]:
        return [self.pk]

    def given_up(self) -> dict[str, Any]:
        return {"status": self.Status.CANCELLED, "lease_expires_at": None, "finished_at": timezone.now()}

    def gone(self) -> dict[str, Any]:
        """Begun again: it is made of what stays the same. One that took several processes along is not."""
        if self.attempt >= self.MOST_ATTEMPTS:
            return {"status": self.Status.FAILED, "lease_expires_at": None, "finished_at": timezone.now()}
        return self.again()

    def again(self) -> dict[str, Any]:
        """The columns of one that is to be made once more."""
        waits = {"queued_at": None, "started_at": None, "lease_expires_at": None, "finished_at": None}
        return {"status": self.Status.PENDING, "done": 0, **waits}

    @property
    def progress(self) -> float:
        return 100.0 if self.status == self.Status.DONE else round(100 * self.done / self.total, 2) if self.total else 0.0


class WishRound(models.Model):
    """A term's form of wishes: from when to when instructors may answer it, and what they are told."""

    organization = models.ForeignKey(Organization, verbose_name="institution", on_delete=models.CASCADE, related_name="wish_rounds")
    term = models.OneToOneField(Term, on_delete=models.CASCADE, related_name="wish_round")
    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    message = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "form of wishes"
        verbose_name_plural = "forms of wishes"

    def __str__(self) -> str:
        return f"wishes for {self.term_id}"

    @property
    def is_open(self) -> bool:
        return self.opens_at <= timezone.now() < self.closes_at


class WishAnswer(models.Model):
    """What one instructor wishes for a term, and what became of it."""

    class State(models.TextChoices):
        OPEN = "open", "No answer yet"
        SENT = "sent", "To decide"
        ACCEPTED = "accepted", "Accepted"
        SOFTENED = "softened", "Softened"
        RETURNED = "returned", "Returned"

    class Shape(models.TextChoices):
        NONE = "", "No wish"
        SPREAD = "spread", "Spread over the week"
        PACKED = "packed", "Packed into few days"

    round = models.ForeignKey(WishRound, on_delete=models.CASCADE, related_name="answers")
    instructor = models.ForeignKey(Instructor, on_delete=models.CASCADE, related_name="wish_answers")
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN, db_index=True)
    marks = models.JSONField(default=list, blank=True, help_text="Lists of day, period and rating, as in availability.")
    free_days = models.JSONField(default=list, blank=True, help_text="Days that should be free, by number.")
    num_free_days = models.PositiveSmallIntegerField(default=0, help_text="How many days should be free, whichever they are.")
    rooms = models.JSONField(
        default=list, blank=True, help_text="Codes of rooms, or 'building' with the code of one; the first choice first."
    )
    shape = models.CharField(max_length=6, choices=Shape.choices, default=Shape.NONE, blank=True)
    reason = models.TextField(blank=True, help_text="Why times are impossible.")
    remarks = models.TextField(blank=True)
    comment = models.TextField(blank=True, help_text="What whoever decided says.")
    revision = models.PositiveIntegerField(default=0, help_text="Raised by each change; a decision is about one.")
    written = models.JSONField(
        default=dict, blank=True, help_text="What was made of it where it was accepted, so that only this is taken away."
    )
    link_key = models.UUIDField(default=uuid.uuid4, help_text="A part of every link to it; another one ends all earlier links.")
    sent_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = "answer about wishes"
        verbose_name_plural = "answers about wishes"
        ordering = ["instructor__code", "id"]
        constraints = [models.UniqueConstraint(fields=["round", "instructor"], name="one_answer_per_instructor")]

    def __str__(self) -> str:
        return f"wishes of {self.instructor_id}: {self.state}"


class WishMail(OutgoingMail):
    """An e-mail to an instructor about the form of wishes."""

    class Kind(models.TextChoices):
        ASK = "ask", "Asked"
        REMIND = "remind", "Reminded"
        RETURN = "return", "Returned"
        RECEIPT = "receipt", "Result"

    answer = models.ForeignKey(WishAnswer, on_delete=models.CASCADE, related_name="mails")
    kind = models.CharField(max_length=8, choices=Kind.choices)

    class Meta:
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return f"{self.kind} to {self.email}: {self.status}"
