"""Shapes of workflows, waivers, comments and history."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema_field
from rest_framework import serializers

from generation.engine.constraints.register import HARD_IDS
from generation.models import Comment, Waiver, Workflow, WorkflowEvent
from generation.review.comments import MAX_TEXT
from generation.text.messages import constraint_label
from generation.timetable.archive_origin import taken_over_facts
from generation.variants.serializers import VariantSerializer
from generation.web.serializers import MessageSerializer, TextField

MAX_ID = 2**31 - 1
# What every address of the review may also answer.
READ_ERRORS: dict[int, Any] = {
    400: OpenApiResponse(OpenApiTypes.OBJECT, description="A value is missing or out of its range; the body names its field."),
    401: OpenApiResponse(MessageSerializer, description="Nobody is signed in."),
    403: OpenApiResponse(MessageSerializer, description="The role does not allow it."),
    404: OpenApiResponse(MessageSerializer, description="There is no such thing, or it is another organization's."),
}
WRITE_ERRORS = READ_ERRORS | {
    409: OpenApiResponse(MessageSerializer, description="The state does not allow it."),
    413: OpenApiResponse(MessageSerializer, description="The body is too large."),
    415: OpenApiResponse(MessageSerializer, description="The body is of an unknown type."),
}


class WaiverSerializer(serializers.ModelSerializer[Waiver]):
    variant_id = serializers.UUIDField(read_only=True)
    constraint_name = serializers.SerializerMethodField(help_text="The constraint in words.")
    made_by = serializers.CharField(source="made_by.username", default=None, allow_null=True, read_only=True)
    confirmed_by = serializers.CharField(source="confirmed_by.username", default=None, allow_null=True, read_only=True)
    is_in_force = serializers.SerializerMethodField(help_text="For what is put forward now, and not withdrawn.")

    class Meta:
        model = Waiver
        fields = (
            "id",
            "variant_id",
            "revision",
            "constraint",
            "constraint_name",
            "amount",
            "owner",
            "reason",
            "made_by",
            "created_at",
            "withdrawn_at",
            "confirmed_by",
            "confirmed_at",
            "is_in_force",
        )
        read_only_fields = fields

    def get_constraint_name(self, waiver: Waiver) -> str:
        return constraint_label(waiver.constraint)

    def get_is_in_force(self, waiver: Waiver) -> bool:
        workflow = waiver.workflow
        return waiver.withdrawn_at is None and (waiver.variant_id, waiver.revision) == (workflow.variant_id, workflow.revision)


class WaiverRequestSerializer(serializers.Serializer[Any]):
    constraint = serializers.ChoiceField(choices=HARD_IDS, help_text="The broken rule; `unplaced` for lectures without a place.")
    amount = serializers.IntegerField(min_value=1, max_value=1_000_000, help_text="How many violations of it are accepted.")
    owner = TextField(max_length=200, help_text="Who answers for it.")
    reason = TextField(max_length=MAX_TEXT)


class ThreadAnswerSerializer(serializers.ModelSerializer[Comment]):
    author = serializers.CharField(source="author.username", default=None, allow_null=True, read_only=True)

    class Meta:
        model = Comment
        fields: tuple[str, ...] = ("id", "text", "author", "created_at")
        read_only_fields: tuple[str, ...] = fields


class ThreadSerializer(ThreadAnswerSerializer):
    """A remark about one lecture, with its answers in order."""

    variant_id = serializers.UUIDField(read_only=True)
    resolved_by = serializers.CharField(source="resolved_by.username", default=None, allow_null=True, read_only=True)
    answers = ThreadAnswerSerializer(many=True, read_only=True)

    class Meta:
        model = Comment
        fields = (
            "id",
            "variant_id",
            "revision",
            "lecture",
            "text",
            "author",
            "created_at",
            "resolved_by",
            "resolved_at",
            "answers",
        )
        read_only_fields = fields


class ThreadPage(serializers.Serializer[Any]):
    count = serializers.IntegerField()
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = ThreadSerializer(many=True)


class ThreadFilter(serializers.Serializer[Any]):
    variant = serializers.UUIDField(required=False)
    lecture = serializers.IntegerField(required=False, min_value=0, max_value=MAX_ID)
    is_resolved = serializers.BooleanField(required=False, allow_null=True, default=None)
    page_size = serializers.IntegerField(required=False, min_value=1, max_value=1000)
    page = serializers.IntegerField(required=False, min_value=1)


class CommentRequestSerializer(serializers.Serializer[Any]):
    """Either ``thread`` (an answer), or ``lecture`` and, where it is not the one put forward, ``variant_id``."""

    text = TextField(max_length=MAX_TEXT)
    lecture = serializers.IntegerField(required=False, allow_null=True, min_value=0, max_value=MAX_ID)
    variant_id = serializers.UUIDField(required=False, allow_null=True)
    thread = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=2**63 - 1)


class HistoryQuery(serializers.Serializer[Any]):
    """``as`` is a word of Python, so the fields are named in `get_fields`."""

    def get_fields(self) -> dict[str, Any]:
        return {"as": serializers.ChoiceField(choices=("json", "csv"), default="json", help_text="The file's format.")}


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


class PublicationSerializer(DecisionSerializer):
    valid_from = serializers.DateField(
        required=False,
        allow_null=True,
        default=None,
        help_text="The first day for which it holds; what was published before stays for the days before. Left out: the whole term.",
    )


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
