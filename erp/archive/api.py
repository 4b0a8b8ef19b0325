"""Archives over REST: a whole organization out, and back in."""

from __future__ import annotations

import weakref
from collections.abc import AsyncIterator, Iterator
from typing import Any, cast

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth.models import User
from django.core.handlers.asgi import ASGIRequest
from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from academics.importing.api import (
    AWAY,
    CONFLICT,
    REFUSED,
    UNKNOWN,
    AdministersSomething,
    ImportProgressSerializer,
    UploadTooLarge,
    discarded_is_unknown,
    upload_is_too_large,
)
from academics.importing.batches import file_name, organization_for_import
from academics.importing.lifecycle import progress_of
from academics.importing.messages import ImportRefusal
from academics.models import ArchiveReading
from erp.archive.reading import archive_document, archive_read
from erp.archive.readings import reading_create, reading_end, reading_get, reading_send, target_check
from erp.archive.writing import archive_file, archive_unpack

AT_ONCE_MB = 4  # the large demo: about ten seconds of one core
ORGANIZATION = OpenApiParameter("organization", str, description="Its code. Left out: the one that you administer.")


class ArchiveRequestSerializer(serializers.Serializer[Any]):
    file = serializers.FileField(help_text="What GET has given.")
    organization = serializers.SlugField(required=False, max_length=40, help_text="The code to read it into. Left out: the archive's own.")
    replace = serializers.BooleanField(default=False, help_text="Replace what the organization has, its timetables included.")
    background = serializers.BooleanField(
        allow_null=True,  # a form without it has no value; a field without this takes that for false
        default=None,
        help_text=f"Have a worker read it: the answer is 202 and says where it stands. Left out: what is larger than {AT_ONCE_MB} MB.",
    )


class ArchiveReadingSerializer(serializers.ModelSerializer[ArchiveReading]):
    organization = serializers.CharField(
        source="organization.code", default=None, allow_null=True, read_only=True, help_text="Once it is read; null before."
    )
    progress = serializers.SerializerMethodField(help_text="While a worker is at it; null while it waits for one.")
    error = serializers.CharField(read_only=True, help_text="Why it was refused; nothing was written then.")

    class Meta:
        model = ArchiveReading
        fields = ("id", "file", "status", "organization", "error", "progress", "created_at", "finished_at")
        read_only_fields = fields

    file = serializers.CharField(source="name", read_only=True)

    @extend_schema_field(ImportProgressSerializer(allow_null=True))
    def get_progress(self, reading: ArchiveReading) -> dict[str, Any] | None:
        return progress_of(reading)


class ArchiveReadSerializer(serializers.Serializer[Any]):
    organization = serializers.CharField()
    name = serializers.CharField()


class ArchiveView(APIView):
    parser_classes = (MultiPartParser,)

    def get_permissions(self) -> list[Any]:
        reads_body = self.request.method == "POST"
        return [*([AdministersSomething()] if reads_body else []), *super().get_permissions()]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """What is too large, or comes from somebody who administers nothing, is not read."""
        if request.method == "POST" and upload_is_too_large(request.META.get("CONTENT_LENGTH")):
            raise UploadTooLarge
        super().initial(request, *args, **kwargs)

    @extend_schema(
        parameters=[ORGANIZATION],
        responses={(200, "application/json"): OpenApiTypes.OBJECT} | REFUSED | UNKNOWN | AWAY,
    )
    def get(self, request: Request) -> StreamingHttpResponse:
        """The whole organization as one JSON document: data, rules, timetables, reviews; members by name, without passwords.

        Everything in it is as it stood at one moment, whatever is edited meanwhile; ``digest`` tells whether the file was altered since.
        """
        with discarded_is_unknown():
            organization = organization_for_import(user=cast(User, request.user), code=request.query_params.get("organization"))
        file = archive_file(organization=organization)
        pieces = archive_unpack(file=file)
        is_async = isinstance(request._request, ASGIRequest)
        # The middleware would pack each piece of an asynchronous answer by itself, and browsers keep only the first of such packs.
        headers = {"Content-Disposition": f'attachment; filename="{organization.code}.json"', "Content-Encoding": "identity"}
        body: AsyncIterator[bytes] | Iterator[bytes] = _pieces_async(pieces) if is_async else pieces
        response = StreamingHttpResponse(body, content_type="application/json", headers=headers)
        # Of a client that leaves before the first piece the generator is never begun, which would close the file.
        weakref.finalize(response, file.close)
        return response

    @extend_schema(
        request={"multipart/form-data": ArchiveRequestSerializer},
        responses={
            201: ArchiveReadSerializer,
            202: ArchiveReadingSerializer,
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
        serializer = ArchiveRequestSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        facts = serializer.validated_data
        if (facts["file"].size or 0) > settings.IMPORT_MAX_MB * 2**20:
            raise UploadTooLarge
        user, file = cast(User, request.user), file_name(facts["file"].name or "archive")
        with discarded_is_unknown():
            if code := facts.get("organization", ""):
                target_check(user=user, code=code)
            data = facts["file"].read()
            if len(data) > AT_ONCE_MB * 2**20 if facts["background"] is None else facts["background"]:
                return self._answer_later(request, user, file, data, code, replace=facts["replace"])
            document = archive_document(data=data, file=file)
            code = target_check(user=user, code=code or document["organization"].get("code"))
            organization = archive_read(
                document=document, file=file, code=code, replace=facts["replace"], make_users=user.is_superuser, reader=user
            )
        return Response({"organization": organization.code, "name": organization.name}, status=status.HTTP_201_CREATED)

    @staticmethod
    def _answer_later(request: Request, user: User, file: str, data: bytes, code: str, *, replace: bool) -> Response:
        """A worker reads it: the answer says where it stands."""
        reading = reading_create(user=user, file=file, data=data, code=code, replace=replace)
        try:
            reading_send(reading=reading)
        except ImportRefusal:
            reading.delete()
            raise
        location = {"Location": reverse("archive-reading", kwargs={"reading_id": str(reading.pk)}, request=request)}
        return Response(ArchiveReadingSerializer(reading).data, status=status.HTTP_202_ACCEPTED, headers=location)


class ArchiveReadingView(APIView):
    @extend_schema(
        responses={200: ArchiveReadingSerializer} | {code: words for code, words in REFUSED.items() if code != 400} | UNKNOWN | AWAY
    )
    def get(self, request: Request, reading_id: str) -> Response:
        """One archive that the caller gave: its status, progress, and the organization that came of it, or why it was refused."""
        with discarded_is_unknown():
            reading = reading_get(user=cast(User, request.user), reading_id=reading_id)
        return Response(ArchiveReadingSerializer(reading).data)

    @extend_schema(
        request=None,
        responses={202: ArchiveReadingSerializer, 204: OpenApiResponse(None, "It was not under way, and is forgotten.")}
        | {code: words for code, words in REFUSED.items() if code != 400}
        | UNKNOWN
        | CONFLICT
        | AWAY,
    )
    def delete(self, request: Request, reading_id: str) -> Response:
        """Gives up what is under way, and nothing of it stays. Forgets an archive that was not read."""
        with discarded_is_unknown():
            reading = reading_get(user=cast(User, request.user), reading_id=reading_id)
            if not reading_end(reading=reading):
                return Response(status=status.HTTP_204_NO_CONTENT)
            reading.refresh_from_db()
        return Response(ArchiveReadingSerializer(reading).data, status=status.HTTP_202_ACCEPTED)


async def _pieces_async(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    """Each piece is read by a thread, while the server sends the one before."""
    read = sync_to_async(lambda: next(pieces, None))
    while (piece := await read()) is not None:
        yield piece
