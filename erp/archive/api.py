"""Archives over REST: a whole organization out, and back in."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any, cast

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth.models import User
from django.core.handlers.asgi import ASGIRequest
from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import exceptions, serializers, status
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from academics.importing.api import AWAY, CONFLICT, REFUSED, UNKNOWN, UploadTooLarge, import_refusals_answered, upload_is_too_large
from academics.importing.batches import organization_for_import
from academics.importing.messages import text
from academics.models import Organization
from academics.selectors import organizations_administered
from erp.archive.messages import TEXTS, ArchiveRefusal
from erp.archive.reading import archive_document, archive_read
from erp.archive.writing import archive_write

ORGANIZATION = OpenApiParameter("organization", str, description="Its code. Left out: the one that you administer.")


class ArchiveRequestSerializer(serializers.Serializer[Any]):
    file = serializers.FileField(help_text="What GET has given.")
    organization = serializers.SlugField(required=False, max_length=40, help_text="The code to read it into. Left out: the archive's own.")
    replace = serializers.BooleanField(default=False, help_text="Replace what the organization has, its timetables included.")


class ArchiveReadSerializer(serializers.Serializer[Any]):
    organization = serializers.CharField()
    name = serializers.CharField()


class ArchiveView(APIView):
    parser_classes = (MultiPartParser,)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """What is too large, or comes from somebody who administers nothing, is not read."""
        if request.method == "POST" and upload_is_too_large(request.META.get("CONTENT_LENGTH")):
            raise UploadTooLarge
        super().initial(request, *args, **kwargs)
        if request.method == "POST" and not organizations_administered(user=request.user).exists() and not request.user.is_superuser:
            raise exceptions.PermissionDenied(text("organization_none"))

    @extend_schema(
        parameters=[ORGANIZATION],
        responses={(200, "application/json"): OpenApiTypes.OBJECT} | REFUSED | UNKNOWN | AWAY,
    )
    def get(self, request: Request) -> StreamingHttpResponse:
        """The whole organization as one JSON document: data, rules, timetables, reviews; members by name, without passwords."""
        with import_refusals_answered():
            organization = organization_for_import(user=cast(User, request.user), code=request.query_params.get("organization"))
        pieces = archive_write(organization=organization)
        is_async = isinstance(request._request, ASGIRequest)
        # The middleware would pack each piece of an asynchronous answer by itself, and browsers keep only the first of such packs.
        headers = {"Content-Disposition": f'attachment; filename="{organization.code}.json"', "Content-Encoding": "identity"}
        body: AsyncIterator[str] | Iterator[str] = _asked(pieces) if is_async else pieces
        return StreamingHttpResponse(body, content_type="application/json", headers=headers)

    @extend_schema(
        request={"multipart/form-data": ArchiveRequestSerializer},
        responses={
            201: ArchiveReadSerializer,
            413: OpenApiResponse(OpenApiTypes.OBJECT, "Larger than is read at once."),
            415: OpenApiResponse(OpenApiTypes.OBJECT, "Not multipart/form-data."),
        }
        | REFUSED
        | UNKNOWN
        | CONFLICT
        | AWAY,
    )
    def post(self, request: Request) -> Response:
        """Reads an archive into an organization, all of it or nothing. New organizations are made by the server's administrators alone."""
        asked = ArchiveRequestSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        facts = asked.validated_data
        if (facts["file"].size or 0) > settings.IMPORT_MAX_MB * 2**20:
            raise UploadTooLarge
        user, file = cast(User, request.user), facts["file"].name or "archive"
        try:
            document = archive_document(data=facts["file"].read(), file=file)
            code = facts.get("organization") or document["organization"].get("code")
            code = serializers.SlugField(max_length=40).run_validation(code)
            self._check_target(user, code)
            organization = archive_read(document=document, file=file, code=code, replace=facts["replace"], make_users=user.is_superuser)
        except ArchiveRefusal as refusal:
            kind = _Conflict if refusal.field == "replace" else exceptions.ValidationError
            raise kind({refusal.field: [str(refusal)]}) from refusal
        return Response({"organization": organization.code, "name": organization.name}, status=status.HTTP_201_CREATED)

    @staticmethod
    def _check_target(user: User, code: str) -> None:
        if user.is_superuser and not Organization.objects.filter(code=code).exists():
            return
        if not user.is_superuser and not Organization.objects.filter(code=code).exists():
            raise exceptions.PermissionDenied(TEXTS["new_organization"])
        with import_refusals_answered():
            organization_for_import(user=user, code=code)


class _Conflict(exceptions.APIException):
    status_code = status.HTTP_409_CONFLICT


async def _asked(pieces: Iterator[str]) -> AsyncIterator[str]:
    """Each piece is read by a thread, while the server sends the one before."""
    read = sync_to_async(lambda: next(pieces, None))
    while (piece := await read()) is not None:
        yield piece
