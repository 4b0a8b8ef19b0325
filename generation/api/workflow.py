"""Workflows over REST. Administrators and reviewers read, approve and reject; administrators publish.

A decision that was taken already is refused with 409, so a repeated request harms nothing. Viewers
read the workflow of what is published.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, cast

from django.contrib.auth.models import User
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from academics.selectors import Role
from generation import review
from generation.api import review_serializers as shapes
from generation.api.variants import REFUSED, Conflict
from generation.models import Workflow
from generation.selectors import READERS
from generation.visibility import workflow_get


class WorkflowDetail(APIView):
    """Where the timetable stands, which variant is put forward, and its history."""

    @extend_schema(responses=shapes.WorkflowSerializer)
    def get(self, request: Request, job_id: str) -> Response:
        workflow = workflow_get(user=cast(User, request.user), job_id=job_id)
        return Response(shapes.WorkflowSerializer(workflow).data)


class Decision(APIView):
    """One change of status with an optional comment."""

    service: ClassVar[Callable[..., Workflow]]
    roles: ClassVar[tuple[str, ...]] = READERS

    @extend_schema(request=shapes.DecisionSerializer, responses={200: shapes.WorkflowSerializer} | REFUSED)
    def post(self, request: Request, job_id: str) -> Response:
        user = cast(User, request.user)
        workflow = workflow_get(user=user, job_id=job_id, roles=self.roles)
        body = shapes.DecisionSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        facts: dict[str, Any] = {"workflow": workflow, "user": user, "comments": body.validated_data["comments"]}
        try:
            changed = type(self).service(**facts)
        except review.CommentMissingError as missing:
            raise ValidationError({"comments": [str(missing)]}) from missing
        except review.RefusalError as refusal:
            raise Conflict(str(refusal)) from refusal
        return Response(shapes.WorkflowSerializer(changed).data)


class WorkflowApprove(Decision):
    """Approves the variant in review; refused while it breaks a hard constraint."""

    service = staticmethod(review.workflow_approve)


class WorkflowReject(Decision):
    """Rejects the variant in review, with a comment that says why."""

    service = staticmethod(review.workflow_reject)


class WorkflowPublish(Decision):
    """Publishes the approved timetable; the organization's earlier one of the same term is archived."""

    service = staticmethod(review.workflow_publish)
    roles = (Role.ADMIN,)
