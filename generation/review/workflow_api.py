"""Workflows over REST. Administrators and reviewers read, approve and reject; administrators publish.

A decision that was taken already is refused with 409, so a repeated request harms nothing. Viewers
read the workflow of what is published.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from generation.models import Workflow
from generation.review import workflow as review
from generation.review.api import body_checked
from generation.review.serializers import (
    READ_ERRORS,
    WRITE_ERRORS,
    ApprovalSerializer,
    DecisionSerializer,
    PublicationSerializer,
    WorkflowSerializer,
)
from generation.web.lookup import get_workflow, user_asking


class WorkflowDetail(APIView):
    """Where the timetable stands, which variant is put forward, and its history."""

    @extend_schema(responses={200: WorkflowSerializer} | READ_ERRORS)
    def get(self, request: Request, job_id: str) -> Response:
        workflow = get_workflow(request, job_id)
        return Response(WorkflowSerializer(workflow).data)


class Decision(APIView):
    """One change of status with an optional comment."""

    service: ClassVar[Callable[..., Workflow]]
    shape: ClassVar[type[Any]] = DecisionSerializer

    @extend_schema(request=DecisionSerializer, responses={200: WorkflowSerializer} | WRITE_ERRORS)
    def post(self, request: Request, job_id: str) -> Response:
        workflow = get_workflow(request, job_id)
        facts = body_checked(self.shape, request)
        changed = type(self).service(workflow=workflow, user=user_asking(request), **facts)
        return Response(WorkflowSerializer(changed).data)


class WorkflowApprove(Decision):
    """Approves the variant in review; refused while a hard constraint is broken that no confirmed waiver covers, where the variant
    was edited since it was put forward, and, where the organization asks for two people, to whoever put it forward."""

    service = staticmethod(review.workflow_approve)
    shape = ApprovalSerializer

    @extend_schema(request=ApprovalSerializer, responses={200: WorkflowSerializer} | WRITE_ERRORS)
    def post(self, request: Request, job_id: str) -> Response:
        return super().post(request, job_id)


class WorkflowReject(Decision):
    """Rejects the variant in review, with a comment that says why."""

    service = staticmethod(review.workflow_reject)


class WorkflowPublish(Decision):
    """Publishes the approved timetable, unless it was edited since; the organization's earlier one of the same term is archived, and
    holds for the days before `valid_from`."""

    service = staticmethod(review.workflow_publish)
    shape = PublicationSerializer

    @extend_schema(request=PublicationSerializer, responses={200: WorkflowSerializer} | WRITE_ERRORS)
    def post(self, request: Request, job_id: str) -> Response:
        return super().post(request, job_id)
