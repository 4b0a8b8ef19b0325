"""Shapes of variants, entries, conflicts and workflows, as the contract has them."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from generation.engine.evaluation.counts import UNITS
from generation.exports import KINDS
from generation.exports.book_pdf import BOOKS
from generation.exports.books import book_detail
from generation.models import Entry, Rendering, Variant, Workflow, WorkflowEvent
from generation.text import messages
from generation.timetable.archive_origin import certificate_told, taken_over_facts
from generation.timetable.counts import counts_facts, statistics_facts
from generation.timetable.grid import BY
from generation.today import messages as messages_today
from generation.today.comparison import Fit

MOST_REASONS = 200


class TextField(serializers.CharField):
    """Text only: DRF would turn a number into text, and a client's mistake would stay hidden."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return str(super().to_internal_value(data))


class AlsoSerializer(serializers.Serializer[Any]):
    count = serializers.IntegerField()
    unit = serializers.CharField(help_text="In the plural, for example `clashes`.")


class CountSerializer(serializers.Serializer[Any]):
    """How much of a constraint is found, whatever it weighs: nobody and nothing is counted twice."""

    count = serializers.IntegerField()
    unit = serializers.ChoiceField(choices=sorted({unit.name for unit in UNITS.values()}), help_text="What is counted.")
    also = AlsoSerializer(required=False, help_text="A second figure, for example the clashes of the students counted.")


class FitsTodaySerializer(serializers.Serializer[Any]):
    """A timetable against the data of today, which may have changed since it was judged."""

    ok = serializers.BooleanField(help_text="Whether every lecture fits, and none of the data's is missing.")
    is_compared = serializers.BooleanField(help_text="False where it can't be compared, as after another calendar; `reasons` says why.")
    lectures = serializers.IntegerField(help_text="Lectures that do not fit, those of the data that it lacks included.")
    reasons = serializers.ListField(child=serializers.CharField(), help_text="Each cause in a sentence, with the lecture; 200 at most.")


class VariantSerializer(serializers.ModelSerializer[Variant]):
    job_id = serializers.UUIDField(read_only=True)
    weights = serializers.DictField(child=serializers.IntegerField(), read_only=True)
    breakdown = serializers.DictField(
        child=serializers.IntegerField(), read_only=True, help_text="By constraint: how often a rule is broken, what a wish costs."
    )
    counts = serializers.SerializerMethodField(
        help_text="The same in people, lectures, periods or days, whatever it costs; empty for variants stored by earlier releases."
    )
    statistics = serializers.SerializerMethodField()
    certificate = serializers.SerializerMethodField(help_text="With `taken_over` where the run was read from an archive.")
    lower_bound = serializers.SerializerMethodField(
        help_text="No timetable without broken rules has a lower `soft`; null where none was proven."
    )
    fits_today = serializers.SerializerMethodField(
        help_text="Against the data of today. Null for those who only read what is published, and for timetables that were replaced; in a "
        "list and inside a workflow also where it is not known yet: the variant's own address works it out."
    )

    class Meta:
        model = Variant
        fields = (
            "id",
            "job_id",
            "label",
            "weights",
            "seed",
            "hard",
            "soft",
            "lower_bound",
            "breakdown",
            "counts",
            "statistics",
            "certificate",
            "is_selected",
            "note",
            "revision",
            "fits_today",
        )
        read_only_fields = fields

    @extend_schema_field(serializers.DictField(child=CountSerializer()))
    def get_counts(self, variant: Variant) -> dict[str, dict[str, Any]]:
        return counts_facts(variant)

    def get_statistics(self, variant: Variant) -> dict[str, Any]:
        return statistics_facts(variant)

    @extend_schema_field(FitsTodaySerializer(allow_null=True))
    def get_fits_today(self, variant: Variant) -> dict[str, Any] | None:
        fit: Fit | None = self.context.get("fits", {}).get(variant.pk)
        if fit is None:
            return None
        reasons = fit.lines if fit.is_compared else (fit.obstacle,)
        before = [messages_today.broken_before(fit.num_before)] if fit.num_before else []
        return {
            "ok": fit.is_ok and not fit.num_before,
            "is_compared": fit.is_compared,
            "lectures": fit.num_lectures + fit.num_missing + fit.num_before,
            "reasons": [*before, *reasons[:MOST_REASONS]],
        }

    def get_certificate(self, variant: Variant) -> dict[str, Any]:
        return certificate_told(variant)

    def get_lower_bound(self, variant: Variant) -> int | None:
        bound = variant.statistics.get("lower_bound")
        return None if bound is None else int(bound)


class EntrySerializer(serializers.ModelSerializer[Entry]):
    instructors = serializers.ListField(child=serializers.CharField(), read_only=True)
    curricula = serializers.ListField(child=serializers.CharField(), read_only=True)
    electives = serializers.ListField(
        child=serializers.CharField(), read_only=True, help_text="Curricula of whose students at least one in ten takes it by choice."
    )

    class Meta:
        model = Entry
        fields = (
            "lecture",
            "course",
            "title",
            "section",
            "instructors",
            "curricula",
            "electives",
            "size",
            "room",
            "day",
            "period",
            "length",
            "is_pinned",
            "is_time_pinned",
            "is_room_pinned",
        )
        read_only_fields = fields


class PublishedEntrySerializer(EntrySerializer):
    organization = serializers.CharField(source="organization_code", read_only=True)
    term = serializers.CharField(source="term_code", allow_null=True, read_only=True)
    variant_id = serializers.UUIDField(read_only=True)

    class Meta(EntrySerializer.Meta):
        fields = (*EntrySerializer.Meta.fields, "organization", "term", "variant_id")  # type: ignore[assignment]
        read_only_fields = fields  # type: ignore[assignment]


class EntryFilter(serializers.Serializer[Any]):
    """Filters of entries: codes, and the day counted from 0."""

    section = serializers.CharField(required=False, max_length=80)
    instructor = serializers.CharField(required=False, max_length=60)
    room = serializers.CharField(required=False, max_length=60)
    curriculum = serializers.CharField(required=False, max_length=60)
    day = serializers.IntegerField(required=False, min_value=0, max_value=6)


class PublishedFilter(EntryFilter):
    organization = serializers.CharField(required=False, max_length=40)
    term = serializers.CharField(required=False, max_length=60)


class VariantFilter(serializers.Serializer[Any]):
    job_id = serializers.UUIDField(required=False)


class ConflictFilter(serializers.Serializer[Any]):
    type = serializers.CharField(required=False, max_length=60)
    hard = serializers.BooleanField(required=False, allow_null=True, default=None)
    page_size = serializers.IntegerField(required=False, min_value=1, max_value=100_000)
    page = serializers.IntegerField(required=False, min_value=1)


class StudentFilter(serializers.Serializer[Any]):
    student = TextField(required=False, max_length=60, help_text="Only this student: a code.")
    section = TextField(required=False, max_length=80, help_text="Only those who attend this section: a code.")
    page_size = serializers.IntegerField(required=False, min_value=1, max_value=1000)
    page = serializers.IntegerField(required=False, min_value=1)


class StudentSerializer(serializers.Serializer[Any]):
    student = serializers.CharField(help_text="The student's code.")
    sections = serializers.ListField(child=serializers.CharField(), help_text="The section attended of each course.")


class StudentPage(serializers.Serializer[Any]):
    count = serializers.IntegerField()
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = StudentSerializer(many=True)


class ExportQuery(serializers.Serializer[Any]):
    """``as`` is a word of Python, so the fields are named in `get_fields`."""

    by = serializers.ChoiceField(choices=BY, required=False, help_text="Whose weeks: of each section, instructor, room or curriculum.")
    key = serializers.CharField(required=False, max_length=80, help_text="Only this one's lectures: a code.")
    book = serializers.ChoiceField(
        choices=tuple(BOOKS),
        required=False,
        help_text="For `pdf`: all weeks of a kind, with contents; a worker makes a large one.",
    )
    progress = serializers.BooleanField(required=False, default=False, help_text="With `book`: only how far it is.")

    def get_fields(self) -> dict[str, Any]:
        kinds = serializers.ChoiceField(choices=KINDS, help_text="The file's format.")
        return {"as": kinds, **super().get_fields()}


class RenderingQuery(serializers.Serializer[Any]):
    """Which book of a variant; `as` may be there as it is in the address to ask at."""

    book = serializers.ChoiceField(choices=tuple(BOOKS), help_text="All weeks of a kind.")

    def get_fields(self) -> dict[str, Any]:
        kind = serializers.ChoiceField(choices=("pdf",), required=False, help_text="A book is always a PDF.")
        return {"as": kind, **super().get_fields()}


class RenderingSerializer(serializers.ModelSerializer[Rendering]):
    """How far a book is. Ask again for the file once it is done."""

    status = serializers.ChoiceField(choices=Rendering.Status.choices, read_only=True)
    progress = serializers.FloatField(read_only=True, help_text="Percent.")
    pages_done = serializers.IntegerField(source="done", read_only=True)
    pages = serializers.IntegerField(source="total", read_only=True, help_text="0 until a worker has begun.")
    detail = serializers.SerializerMethodField()

    class Meta:
        model = Rendering
        fields = ("id", "book", "status", "progress", "pages_done", "pages", "detail")
        read_only_fields = fields

    def get_detail(self, row: Rendering) -> str:
        return book_detail(row)


class ConflictSerializer(serializers.Serializer[Any]):
    type = serializers.CharField(source="constraint")
    name = serializers.SerializerMethodField()
    is_hard = serializers.BooleanField()
    hard = serializers.BooleanField(source="is_hard")
    amount = serializers.IntegerField()
    who = serializers.ListField(child=serializers.CharField())
    when = serializers.CharField()
    day = serializers.IntegerField(allow_null=True)
    period = serializers.IntegerField(allow_null=True)
    room = serializers.CharField()
    lectures = serializers.ListField(child=serializers.IntegerField())
    message = serializers.CharField()
    suggestion = serializers.CharField()

    def get_name(self, row: dict[str, Any]) -> str:
        return messages.constraint_label(row["constraint"])


class ConflictPage(serializers.Serializer[Any]):
    """All of them unless ``page_size`` asks for less; ``hard`` and ``soft`` are the whole variant's."""

    count = serializers.IntegerField()
    hard = serializers.IntegerField()
    soft = serializers.IntegerField()
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = ConflictSerializer(many=True)


def _who(event: WorkflowEvent) -> str | None:
    return event.user.get_username() if event.user else event.user_name or None


class WorkflowEventSerializer(serializers.ModelSerializer[WorkflowEvent]):
    user = serializers.SerializerMethodField(help_text="A username; null where none is known.")
    variant_id = serializers.UUIDField(read_only=True, allow_null=True)

    class Meta:
        model = WorkflowEvent
        fields = ("action", "from_status", "to_status", "variant_id", "revision", "user", "comment", "created_at")
        read_only_fields = fields

    def get_user(self, event: WorkflowEvent) -> str | None:
        return _who(event)


class TakenOverSerializer(serializers.Serializer[Any]):
    read_by = serializers.CharField(help_text="A username; empty: in the terminal.")
    read_at = serializers.DateTimeField()
    detail = serializers.CharField()


class CommentSerializer(serializers.Serializer[Any]):
    user = serializers.CharField(allow_null=True)
    comment = serializers.CharField()
    created_at = serializers.DateTimeField()


class WorkflowSerializer(serializers.ModelSerializer[Workflow]):
    id = serializers.UUIDField(source="job_id", read_only=True)
    job_id = serializers.UUIDField(read_only=True)
    status = serializers.ChoiceField(choices=Workflow.Status.choices, read_only=True)
    variant_id = serializers.UUIDField(read_only=True, allow_null=True)
    selected_variant = VariantSerializer(source="variant", read_only=True, allow_null=True)
    is_changed = serializers.SerializerMethodField(
        help_text="Edited since it was put forward; then it can be neither approved nor published."
    )
    num_open_comments = serializers.SerializerMethodField(help_text="Threads about lectures that nobody has resolved yet.")
    comments = serializers.SerializerMethodField()
    history = serializers.SerializerMethodField()
    taken_over = serializers.SerializerMethodField(
        help_text="Of what was read from an archive: by whom and when, as what happened before was recorded elsewhere. Else null."
    )

    class Meta:
        model = Workflow
        fields = (
            "id",
            "job_id",
            "status",
            "variant_id",
            "revision",
            "is_changed",
            "selected_variant",
            "num_open_comments",
            "comments",
            "history",
            "taken_over",
            "updated_at",
        )
        read_only_fields = fields

    def get_is_changed(self, workflow: Workflow) -> bool:
        return workflow.variant is not None and workflow.variant.revision != workflow.revision

    @extend_schema_field(TakenOverSerializer(allow_null=True))
    def get_taken_over(self, workflow: Workflow) -> dict[str, Any] | None:
        return taken_over_facts(workflow.pk)

    def get_num_open_comments(self, workflow: Workflow) -> int:
        return 0 if workflow._state.adding else workflow.comments.filter(thread=None, resolved_at=None).count()

    @extend_schema_field(CommentSerializer(many=True))
    def get_comments(self, workflow: Workflow) -> list[dict[str, Any]]:
        rows = [{"user": _who(event), "comment": event.comment, "created_at": event.created_at} for event in self._events(workflow)]
        return list(CommentSerializer([row for row in rows if row["comment"]], many=True).data)

    @extend_schema_field(WorkflowEventSerializer(many=True))
    def get_history(self, workflow: Workflow) -> list[dict[str, Any]]:
        return list(WorkflowEventSerializer(self._events(workflow), many=True).data)

    def _events(self, workflow: Workflow) -> list[WorkflowEvent]:
        """One query, for the comments and the history alike."""
        if not hasattr(self, "_history"):
            self._history = list(workflow.history.select_related("user")) if not workflow._state.adding else []
        return self._history


class DecisionSerializer(serializers.Serializer[Any]):
    comments = TextField(required=False, allow_blank=True, default="", max_length=4000)


class ApprovalSerializer(DecisionSerializer):
    waivers = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**63 - 1),
        required=False,
        default=list,
        max_length=1000,
        help_text="Ids of the waivers that the approver confirms.",
    )
    revision = serializers.IntegerField(
        required=False,
        allow_null=True,
        default=None,
        min_value=0,
        max_value=2**31 - 1,
        help_text="The revision that the approver has read.",
    )


class MessageSerializer(serializers.Serializer[Any]):
    """What an error says."""

    detail = serializers.CharField()
