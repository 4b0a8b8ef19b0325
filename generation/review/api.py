"""Waivers, comments and history of a workflow over REST, for administrators and reviewers of its organization.

Comments and waivers are added by each POST; resolving twice changes nothing, withdrawing twice is a 409.
"""

from __future__ import annotations

from typing import Any, cast

from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from academics.ids import number_read
from generation.models import Comment, Variant, Waiver, Workflow
from generation.review import serializers as shapes
from generation.review.comments import comment_make, comment_resolve
from generation.review.history import history_file
from generation.review.serializers import DecisionSerializer, WorkflowSerializer
from generation.review.waivers import waiver_make, waiver_withdraw
from generation.review.workflow import variant_select
from generation.text import messages
from generation.web.lookup import get_variant, get_workflow, user_asking
from generation.web.pagination import RowPages
from generation.web.serializers import REFUSED, WRONG_BODY, query_checked


def body_checked(shape: type[Any], request: Request) -> dict[str, Any]:
    body = shape(data=request.data)
    body.is_valid(raise_exception=True)
    return cast(dict[str, Any], body.validated_data)


def _row(rows: QuerySet[Any], text: str, missing: str) -> Any:
    """One of the workflow's own rows; whatever is not its number is not found."""
    found = rows.filter(pk=number_read(text)).first()
    if found is None:
        raise Http404(missing)
    return found


class WorkflowWaivers(APIView):
    """The waivers written for a workflow, void ones included; a POST writes one for what is in review."""

    @extend_schema(responses={200: shapes.WaiverSerializer(many=True)} | shapes.READ_ERRORS)
    def get(self, request: Request, job_id: str) -> Response:
        workflow = get_workflow(request, job_id)
        return Response(shapes.WaiverSerializer(_waivers(workflow), many=True).data)

    @extend_schema(request=shapes.WaiverRequestSerializer, responses={201: shapes.WaiverSerializer} | shapes.WRITE_ERRORS)
    def post(self, request: Request, job_id: str) -> Response:
        user = user_asking(request)
        workflow = get_workflow(request, job_id)
        facts = body_checked(shapes.WaiverRequestSerializer, request)
        waiver = waiver_make(workflow=workflow, user=user, **facts)
        return Response(shapes.WaiverSerializer(waiver).data, status=201)


class WaiverWithdraw(APIView):
    """Takes a waiver back while the variant is in review; it stays in the history."""

    @extend_schema(request=None, responses={200: shapes.WaiverSerializer} | shapes.WRITE_ERRORS)
    def post(self, request: Request, job_id: str, waiver_id: str) -> Response:
        user = user_asking(request)
        workflow = get_workflow(request, job_id)
        waiver = _row(_waivers(workflow), waiver_id, messages.NO_SUCH_WAIVER)
        return Response(shapes.WaiverSerializer(waiver_withdraw(workflow=workflow, waiver=waiver, user=user)).data)


def _waivers(workflow: Workflow) -> QuerySet[Waiver]:
    return Waiver.objects.filter(workflow_id=workflow.pk).select_related("workflow", "made_by", "confirmed_by")


class WorkflowComments(APIView):
    """Threads about lectures, the oldest first; a POST begins one or answers in one."""

    @extend_schema(parameters=[shapes.ThreadFilter], responses={200: shapes.ThreadPage} | shapes.READ_ERRORS)
    def get(self, request: Request, job_id: str) -> Response:
        workflow = get_workflow(request, job_id)
        query = query_checked(shapes.ThreadFilter, request)
        threads = _threads(workflow)
        if query["is_resolved"] is not None:
            threads = threads.filter(resolved_at__isnull=not query["is_resolved"])
        for name in ("variant", "lecture"):
            if name in query:
                threads = threads.filter(**{name: query[name]})
        pages = RowPages()
        page = pages.paginate_queryset(threads, request, view=self) or []
        return pages.get_paginated_response(shapes.ThreadSerializer(page, many=True).data)

    @extend_schema(request=shapes.CommentRequestSerializer, responses={201: shapes.ThreadSerializer} | shapes.WRITE_ERRORS)
    def post(self, request: Request, job_id: str) -> Response:
        user = user_asking(request)
        workflow = get_workflow(request, job_id)
        facts = body_checked(shapes.CommentRequestSerializer, request)
        comment = comment_make(
            workflow=workflow,
            user=user,
            text=facts["text"],
            variant=_variant_of(workflow, facts.get("variant_id")),
            lecture=facts.get("lecture"),
            thread_id=facts.get("thread"),
        )
        whole = _threads(workflow).get(pk=comment.thread_id or comment.pk)
        return Response(shapes.ThreadSerializer(whole).data, status=201)


class CommentResolve(APIView):
    """Marks a thread as done. An answer opens it again."""

    @extend_schema(request=None, responses={200: shapes.ThreadSerializer} | shapes.WRITE_ERRORS)
    def post(self, request: Request, job_id: str, comment_id: str) -> Response:
        user = user_asking(request)
        workflow = get_workflow(request, job_id)
        comment = _row(_threads(workflow), comment_id, messages.NO_SUCH_COMMENT)
        comment_resolve(comment=comment, user=user)
        return Response(shapes.ThreadSerializer(_threads(workflow).get(pk=comment.pk)).data)


def _threads(workflow: Workflow) -> QuerySet[Comment]:
    answers = Prefetch("answers", Comment.objects.select_related("author"))
    threads = Comment.objects.filter(workflow_id=workflow.pk, thread=None)
    return threads.select_related("author", "resolved_by").prefetch_related(answers)


def _variant_of(workflow: Workflow, variant_id: Any) -> Variant | None:
    """The variant named, else the one put forward; None where there is neither."""
    if variant_id is None:
        return workflow.variant
    return Variant.objects.defer("conflicts").filter(pk=variant_id, job_id=workflow.job_id).first()


class WorkflowHistory(APIView):
    """Everything that was done about a timetable, in order: decisions, waivers, comments, changes by hand; as CSV or JSON."""

    @extend_schema(
        parameters=[shapes.HistoryQuery],
        responses={(200, "application/json"): OpenApiTypes.OBJECT, (200, "text/csv"): OpenApiTypes.STR} | shapes.READ_ERRORS,
    )
    def get(self, request: Request, job_id: str) -> HttpResponse:
        workflow = get_workflow(request, job_id)
        kind = query_checked(shapes.HistoryQuery, request)["as"]
        file = history_file(workflow, kind=kind)
        response = HttpResponse(file.content, content_type=file.content_type)
        response.headers["Content-Disposition"] = f'attachment; filename="{file.name}"'
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response


class VariantSelect(APIView):
    """Puts the variant forward for review; for administrators. What was sent back and has not changed since needs `comments`."""

    @extend_schema(request=DecisionSerializer, responses={200: WorkflowSerializer} | WRONG_BODY | REFUSED)
    def post(self, request: Request, variant_id: str) -> Response:
        variant = get_variant(request, variant_id)
        body = DecisionSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        workflow = variant_select(variant=variant, user=user_asking(request), comments=body.validated_data["comments"])
        return Response(WorkflowSerializer(workflow).data)
