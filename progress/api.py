"""Snapshots and health over REST."""

from __future__ import annotations

import hashlib

from django.conf import settings
from django.db import DatabaseError, InterfaceError
from django.http import HttpResponseBase
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.http import quote_etag
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.exceptions import NotFound, PermissionDenied, Throttled
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import ScopedRateThrottle
from rest_framework.views import APIView

from progress import messages
from progress.admission import job_id_read
from progress.auth import authenticate, may_read_metrics
from progress.health import health
from progress.record import STAGE_SHARES, STATUSES, Record, is_terminal, record_encode
from progress.selftest import SelftestBusy, own_server, selftest_once
from progress.slots import slots_shared
from progress.snapshots import active_snapshots, snapshot
from progress.source import source_shared
from progress.store import store_shared


class ProgressSerializer(serializers.Serializer[Record]):
    """The record as the schema shows it; records are sent as they are."""

    job_id = serializers.UUIDField()
    schema = serializers.IntegerField(required=False)
    seq = serializers.IntegerField(required=False)
    stage = serializers.ChoiceField(list(STAGE_SHARES))
    stage_progress = serializers.FloatField()
    overall_progress = serializers.FloatField()
    status = serializers.ChoiceField(sorted(STATUSES))
    eta_seconds = serializers.IntegerField(allow_null=True)
    started_at = serializers.IntegerField(allow_null=True)
    last_updated = serializers.IntegerField()
    metadata = serializers.DictField()


HEALTH = inline_serializer(
    "Health",
    {
        "status": serializers.ChoiceField(["healthy", "unhealthy"]),
        "redis": serializers.ChoiceField(["up", "down"]),
        "database": serializers.ChoiceField(["up", "down"]),
        "workers": serializers.ChoiceField(["up", "down", "unknown"]),
        "streams": serializers.ChoiceField(["open", "full"]),
        "figures": serializers.DictField(child=serializers.FloatField(allow_null=True), required=False),
    },
)
SELFTEST = inline_serializer(
    "Selftest",
    {
        "status": serializers.ChoiceField(["passed", "failed"]),
        "hops": inline_serializer(
            "SelftestHop",
            {
                "name": serializers.CharField(),
                "milliseconds": serializers.IntegerField(allow_null=True, help_text="None where it did not get there."),
                "error": serializers.CharField(allow_blank=True),
            },
            many=True,
        ),
    },
)
JOB_ID = OpenApiParameter("job_id", OpenApiTypes.UUID, OpenApiParameter.PATH)


class SnapshotView(APIView):
    """One job's newest progress record, with an ETag and, until its end, when to ask again (`Retry-After`)."""

    @extend_schema(parameters=[JOB_ID], responses=ProgressSerializer, operation_id="progress_retrieve")
    def get(self, request: Request, job_id: str) -> HttpResponseBase:
        known_id = job_id_read(job_id)
        access = source_shared().access(request.user, known_id) if known_id else "missing"
        if access == "forbidden":
            raise PermissionDenied(messages.FORBIDDEN)
        record = snapshot(job_id=known_id) if known_id and access == "ok" else None
        if record is None:
            raise NotFound(messages.NO_JOB.format(job_id=job_id))
        etag = quote_etag(hashlib.blake2b(record_encode(record), digest_size=12).hexdigest())
        response = Response(record, headers={"ETag": etag, "Cache-Control": "private, no-cache"})
        answer = get_conditional_response(request._request, etag=etag, response=response) or response
        if not is_terminal(record):
            answer["Retry-After"] = str(settings.PROGRESS_ASK_AGAIN_S)  # a suggestion to those who poll, with 304 as well
        return answer


class ShortSnapshotView(SnapshotView):
    """One job's newest progress record, the same as at /api/generation/progress/{job_id}/."""

    @extend_schema(parameters=[JOB_ID], responses=ProgressSerializer, operation_id="progress_retrieve_short")
    def get(self, request: Request, job_id: str) -> HttpResponseBase:
        return super().get(request, job_id)


class ActiveView(APIView):
    """The progress of all active jobs that the caller may see."""

    @extend_schema(responses=ProgressSerializer(many=True), operation_id="progress_list")
    def get(self, request: Request) -> Response:
        return Response(active_snapshots(user=request.user), headers={"Cache-Control": "private, no-cache"})


class HealthView(APIView):
    """Whether Redis, the database and the workers answer: 200, or 503. Staff, and who may read `/metrics`, get the figures as well."""

    # Signing in needs the database, whose absence this address must be able to tell.
    authentication_classes = []

    @extend_schema(responses={200: HEALTH, 503: HEALTH}, operation_id="health_retrieve", auth=[])
    def get(self, request: Request) -> Response:
        found = health(num_open=slots_shared().num_open)
        if may_read_metrics(request._request) or (found["database"] == "up" and _is_staff(request)):
            found["figures"]["cached_records"] = store_shared().num_records()
        else:
            del found["figures"]
        response = Response(found, status=200 if found["status"] == "healthy" else 503, headers={"Cache-Control": "no-store"})
        patch_vary_headers(response, ["Authorization", "Cookie"])
        return response


class SelftestView(APIView):
    """A made-up job sent through writer, Redis, reader, stream and WebSocket of this server: each hop's milliseconds, or what is wrong.

    Takes a second or two, at most half a minute where something hangs. One at a time in each web process.
    """

    throttle_classes = (ScopedRateThrottle,)
    throttle_scope = "selftest"

    @extend_schema(request=None, responses=SELFTEST, operation_id="progress_selftest")
    def post(self, request: Request) -> Response:
        if not request.user.is_staff:
            raise PermissionDenied(messages.SELFTEST_STAFF)
        try:
            hops = selftest_once(user_id=request.user.pk, target=own_server(request._request))
        except SelftestBusy:
            raise Throttled(wait=5, detail=messages.SELFTEST_BUSY) from None
        found = [{"name": hop.name, "milliseconds": hop.milliseconds, "error": hop.error} for hop in hops]
        status = "failed" if any(hop.error for hop in hops) else "passed"
        return Response({"status": status, "hops": found}, headers={"Cache-Control": "no-store"})


def _is_staff(request: Request) -> bool:
    try:
        user = authenticate(request._request)
    except (DatabaseError, InterfaceError):
        return False
    return user.is_staff and user.is_active
