"""Jobs over REST: file one, look, cancel, stop. The rules are in `services` and `selectors`."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema, extend_schema_field
from rest_framework import generics, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from generation.models import GenerationJob
from generation.retention.request import KINDS as KEEP_KINDS
from generation.runs import services
from generation.runs.services import JobRequest
from generation.text.infeasibility.explanations import explanation_shown
from generation.timetable.job_selectors import job_get, jobs_listed, jobs_visible
from generation.web.lookup import job_id_parse, user_asking
from generation.worker.dispatch import Ahead, jobs_ahead


class NumberField(serializers.FloatField):
    """A number only: to Python, ``true`` is 1.0."""

    def to_internal_value(self, data: Any) -> float:
        if isinstance(data, bool):
            self.fail("invalid")
        return float(super().to_internal_value(data))


class WholeNumberField(serializers.IntegerField):
    """A whole number only, as a number: to Python, ``true`` is 1."""

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, bool):
            self.fail("invalid")
        return int(super().to_internal_value(data))


class JobRequestSerializer(serializers.Serializer[JobRequest]):
    """Types only; ranges and names are checked by the service, in its own words."""

    organization = serializers.CharField(required=False, allow_null=True, max_length=40)
    term = serializers.CharField(
        required=False,
        allow_null=True,
        max_length=60,
        help_text="Its code. Left out: what `semester` and `academic_year` say, else the current one.",
    )
    semester = serializers.CharField(required=False, allow_null=True, max_length=20)
    academic_year = serializers.CharField(required=False, allow_null=True, max_length=20)
    department_id = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=2**31 - 1)
    time_limit_s = NumberField(required=False, allow_null=True)
    seed = serializers.IntegerField(required=False, allow_null=True)
    variants = serializers.IntegerField(required=False, allow_null=True)
    weights = serializers.DictField(child=serializers.IntegerField(), required=False)
    run_anyway = serializers.BooleanField(
        required=False,
        allow_null=True,
        help_text=(
            "Whether to search although the same data, parameters, seed and program gave a complete timetable before. "
            "Left out: a request that names its seed gets that earlier result at once, any other a new run."
        ),
    )

    keep = serializers.ChoiceField(
        choices=KEEP_KINDS,
        required=False,
        allow_null=True,
        help_text=(
            "What stays where it was in `keep_from`: lectures `pinned` by hand; every lecture of `departments`, or of all "
            "`except_departments`, named in `keep_departments`; or every `sound` one, which is placed and breaks no rule today. With "
            "`minimal` every lecture may move, and as few as possible do: the variants are the fewest moves, then what more moves buy. "
            "Lectures pinned by hand stay in each of these, and are pinned in the new variants."
        ),
    )
    keep_from = serializers.CharField(
        required=False, allow_null=True, max_length=60, help_text="The id of a variant of the same organization and term."
    )
    keep_departments = serializers.ListField(
        child=serializers.CharField(max_length=60),
        required=False,
        allow_null=True,
        max_length=500,
        help_text="Codes of departments. With `minimal`: those whose lectures may not be touched.",
    )
    keep_leave_out = serializers.BooleanField(
        required=False,
        allow_null=True,
        help_text="Start although lectures asked for by name can't stay, and place them anew; else they are listed and nothing starts.",
    )

    max_lectures = WholeNumberField(required=False, allow_null=True, help_text="With `minimal`: the most lectures that may move.")
    max_people = WholeNumberField(
        required=False, allow_null=True, help_text="With `minimal`: the most students and instructors whose weeks may change."
    )
    only_rooms = serializers.BooleanField(
        required=False, allow_null=True, help_text="With `minimal`: lectures that have a place keep its time, and change rooms alone."
    )

    def create(self, validated_data: dict[str, Any]) -> JobRequest:
        return JobRequest(**validated_data)


class JobSerializer(serializers.ModelSerializer[GenerationJob]):
    job_id = serializers.UUIDField(source="id", read_only=True)
    organization = serializers.CharField(source="organization.code", read_only=True)
    semester = serializers.CharField(source="term.semester", default=None, read_only=True)
    academic_year = serializers.CharField(source="term.academic_year", default=None, read_only=True)
    term = serializers.CharField(source="term.code", default=None, read_only=True)
    variants = serializers.IntegerField(source="num_variants", read_only=True)
    overall_progress = serializers.SerializerMethodField()

    class Meta:
        model = GenerationJob
        fields = (
            "id",
            "job_id",
            "status",
            "organization",
            "term",
            "semester",
            "academic_year",
            "department_id",
            "time_limit_s",
            "seed",
            "variants",
            "weights",
            "is_partial",
            "has_incumbent",
            "error",
            "attempt",
            "overall_progress",
            "created_at",
            "started_at",
            "finished_at",
        )
        read_only_fields = fields

    def get_overall_progress(self, job: GenerationJob) -> float:
        return 100.0 if job.status == GenerationJob.Status.COMPLETED else float(job.progress.get("overall_progress", 0.0))


class AheadSerializer(serializers.Serializer[Ahead]):
    """Jobs that come before one that waits."""

    own = serializers.IntegerField(help_text="Of the same institution.")
    others = serializers.IntegerField(help_text="Of all other institutions.")


class JobWaitingSerializer(JobSerializer):
    """One job, with what comes before it."""

    ahead = serializers.SerializerMethodField(help_text="Jobs that come before this one; null unless it waits.")

    class Meta(JobSerializer.Meta):
        fields = (*JobSerializer.Meta.fields, "ahead")  # type: ignore[assignment]
        read_only_fields = fields  # type: ignore[assignment]

    @extend_schema_field(AheadSerializer(allow_null=True))
    def get_ahead(self, job: GenerationJob) -> dict[str, int] | None:
        found = jobs_ahead([job.pk]).get(job.pk) if job.status == GenerationJob.Status.PENDING else None
        return AheadSerializer(found).data if found else None


class JobStartedSerializer(JobWaitingSerializer):
    """The job that was filed, or the earlier one that has the result already: then it is completed, and marked."""

    is_reused = serializers.SerializerMethodField()
    reused_from = serializers.SerializerMethodField(help_text="The run whose result this is; null for a new one.")

    class Meta(JobWaitingSerializer.Meta):
        fields = (*JobWaitingSerializer.Meta.fields, "is_reused", "reused_from")  # type: ignore[assignment]
        read_only_fields = fields  # type: ignore[assignment]

    def get_is_reused(self, job: GenerationJob) -> bool:
        return bool(self.context["is_reused"])

    def get_reused_from(self, job: GenerationJob) -> UUID | None:
        return job.pk if self.context["is_reused"] else None


class FixedSerializer(serializers.Serializer[Any]):
    """What stayed where it was in an earlier variant; empty where nothing had to."""

    keep = serializers.CharField(required=False)
    departments = serializers.ListField(child=serializers.CharField(), required=False)
    variant_id = serializers.CharField(required=False)
    job_id = serializers.CharField(required=False)
    label = serializers.CharField(required=False)  # type: ignore[assignment]
    revision = serializers.IntegerField(required=False)
    made_at = serializers.CharField(required=False)
    kept = serializers.IntegerField(required=False, help_text="Lectures that stayed.")
    placed_anew = serializers.IntegerField(required=False, help_text="Lectures that the run was free to place.")
    left_out = serializers.IntegerField(required=False, help_text="Lectures that were asked to stay and could not.")
    taught_by_others = serializers.IntegerField(
        required=False, help_text="Lectures that stayed and have other instructors today than in the earlier variant."
    )
    is_settled = serializers.BooleanField(
        required=False,
        help_text="Every lecture and every student stays, so that the run has nothing to search: it ends at once, with one variant.",
    )
    students_staying = serializers.IntegerField(
        required=False, help_text="Students who keep their seats in all sections of which a lecture keeps its time."
    )
    students_leaving = serializers.IntegerField(
        required=False, help_text="Seats in such sections whose students must change, because enrolments or sections have changed since."
    )
    students_joining = serializers.IntegerField(required=False, help_text="Seats in such sections taken by students who were not there.")
    max_lectures = serializers.IntegerField(required=False, allow_null=True, help_text="Of the smallest change; null: any number.")
    max_people = serializers.IntegerField(required=False, allow_null=True)
    is_only_rooms = serializers.BooleanField(required=False)


class JobDetailSerializer(JobWaitingSerializer):
    """One job by itself, with why it has no complete timetable: null until that is known, or where it has one."""

    explanation = serializers.SerializerMethodField()
    fixed = FixedSerializer(read_only=True)

    class Meta(JobWaitingSerializer.Meta):
        fields = (*JobWaitingSerializer.Meta.fields, "explanation", "fixed")  # type: ignore[assignment]
        read_only_fields = fields  # type: ignore[assignment]

    def get_explanation(self, job: GenerationJob) -> dict[str, Any] | None:
        return explanation_shown(job.explanation) or None


class JobCancellingSerializer(serializers.Serializer[GenerationJob]):
    """What was accepted; a job that nobody had begun may be `cancelled` already."""

    id = serializers.UUIDField()
    job_id = serializers.UUIDField(source="id")
    status = serializers.SerializerMethodField()

    def get_status(self, job: GenerationJob) -> str:
        return GenerationJob.Status.CANCELLING


class JobFilter(filters.FilterSet):  # type: ignore[misc]
    status = filters.MultipleChoiceFilter(choices=GenerationJob.Status.choices)
    organization = filters.CharFilter(field_name="organization__code")

    class Meta:
        model = GenerationJob
        fields = ("status", "organization")


class JobList(generics.ListAPIView[GenerationJob]):
    """The jobs of the caller's organizations, newest first."""

    serializer_class = JobSerializer
    filterset_class = JobFilter
    queryset = GenerationJob.objects.none()

    def get_queryset(self) -> QuerySet[GenerationJob]:
        return jobs_listed(user=self.request.user)


class JobDetail(APIView):
    @extend_schema(responses=JobDetailSerializer)
    def get(self, request: Request, job_id: str) -> Response:
        """One job."""
        job = job_get(user=request.user, job_id=job_id_parse(job_id))
        return Response(JobDetailSerializer(job).data)

    @extend_schema(responses={202: JobCancellingSerializer})
    def delete(self, request: Request, job_id: str) -> Response:
        """Gives the job up; nothing is kept."""
        return _cancel(request, job_id)


class JobGenerate(APIView):
    @extend_schema(
        request=JobRequestSerializer,
        responses={
            201: JobStartedSerializer,
            429: OpenApiResponse(description="As many jobs of the organization wait as may; see Retry-After."),
        },
        parameters=[OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER, description="Repeated, it gives the same job.")],
    )
    def post(self, request: Request) -> Response:
        """Files a job for the worker, or gives the earlier run that was the same: see `run_anyway`."""
        serializer = JobRequestSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        job, is_reused = services.job_start_or_reuse(
            user=user_asking(request), request=serializer.save(), idempotency_key=request.headers.get("Idempotency-Key", "").strip()
        )
        job = jobs_visible(user=request.user).get(id=job.id)
        location = reverse("job-detail", kwargs={"job_id": str(job.id)}, request=request)
        answer = JobStartedSerializer(job, context={"is_reused": is_reused}).data
        return Response(answer, status=status.HTTP_201_CREATED, headers={"Location": location})


class JobCancel(APIView):
    @extend_schema(request=None, responses={202: JobCancellingSerializer})
    def post(self, request: Request, job_id: str) -> Response:
        """Gives the job up; nothing is kept."""
        return _cancel(request, job_id)

    @extend_schema(responses={202: JobCancellingSerializer})
    def delete(self, request: Request, job_id: str) -> Response:
        """Gives the job up; nothing is kept."""
        return _cancel(request, job_id)


class JobStop(APIView):
    @extend_schema(request=None, responses={202: JobSerializer})
    def post(self, request: Request, job_id: str) -> Response:
        """Finishes the job now with the best timetables so far."""
        job = services.job_stop(user=user_asking(request), job_id=job_id_parse(job_id))
        return Response(JobSerializer(job).data, status=status.HTTP_202_ACCEPTED)


def _cancel(request: Request, job_id: str) -> Response:
    job = services.job_cancel(user=user_asking(request), job_id=job_id_parse(job_id))
    return Response(JobCancellingSerializer(job).data, status=status.HTTP_202_ACCEPTED)
