"""Exceptions over REST: administrators make them and take them back, reviewers read them too."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from academics.access import access_required
from academics.ids import uuid_read
from academics.models import Term
from academics.selectors import organizations_visible, role_in
from generation.dates import messages
from generation.dates.exceptions import ExceptionRequest, exception_make, exception_undo, students_hit
from generation.dates.serializers import (
    ExceptionMadeSerializer,
    ExceptionPageSerializer,
    ExceptionRequestSerializer,
    ExceptionSerializer,
    ExceptionsQuery,
)
from generation.errors import Forbidden, Invalid
from generation.models import LectureException
from generation.web.lookup import get_organization, term_named, user_asking
from generation.web.pagination import RowPages
from generation.web.serializers import REFUSED, WRONG_BODY, MessageSerializer, TermQuery, query_checked

ERRORS = {401: MessageSerializer, 403: MessageSerializer, 404: MessageSerializer}
EXCEPTION_ID = OpenApiParameter("exception_id", OpenApiTypes.UUID, OpenApiParameter.PATH, description="As the list gives it.")


class ExceptionList(APIView):
    @extend_schema(
        operation_id="exceptions_list", parameters=[ExceptionsQuery], responses={200: ExceptionPageSerializer} | WRONG_BODY | ERRORS
    )
    def get(self, request: Request) -> Response:
        """The exceptions of a term that hold, by date, a page at a time."""
        query = query_checked(ExceptionsQuery, request)
        rows = LectureException.objects.filter(term=_term(request, query), undone_at=None).select_related("term", "created_by")
        if "from_date" in query:
            rows = rows.filter(date__gte=query["from_date"])
        if "to_date" in query:
            rows = rows.filter(date__lte=query["to_date"])
        pages = RowPages()
        page: Any = pages.paginate_queryset(rows, request, view=self)
        return pages.get_paginated_response(ExceptionSerializer(page, many=True).data)

    @extend_schema(
        operation_id="exceptions_create",
        parameters=[TermQuery],
        request=ExceptionRequestSerializer,
        responses={
            201: ExceptionMadeSerializer,
            200: OpenApiResponse(ExceptionMadeSerializer, description="It was so already."),
        }
        | WRONG_BODY
        | ERRORS
        | REFUSED,
    )
    def post(self, request: Request) -> Response:
        """Cancels, moves or covers one lecture on one date, or gives it another room. Refused where a room or a person is taken then."""
        term = _term(request, query_checked(TermQuery, request))
        given = ExceptionRequestSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        facts = given.validated_data | {"variant_id": str(given.validated_data.get("variant_id", ""))}
        wanted = ExceptionRequest(**facts)
        hit = students_hit(term=term, request=wanted)
        row, is_new = exception_make(term=term, user=user_asking(request), request=wanted)
        answer = ExceptionSerializer(row).data | {"students_elsewhere": hit}
        return Response(answer, status=status.HTTP_201_CREATED if is_new else status.HTTP_200_OK)


class ExceptionDetail(APIView):
    @extend_schema(operation_id="exceptions_get", parameters=[EXCEPTION_ID], responses={200: ExceptionSerializer} | ERRORS)
    def get(self, request: Request, exception_id: str) -> Response:
        """One that holds."""
        row = _row(request, exception_id)
        if row.undone_at is not None:
            raise messages.missing(messages.GONE)
        return Response(ExceptionSerializer(row).data)

    @extend_schema(operation_id="exceptions_undo", parameters=[EXCEPTION_ID], responses={204: None} | ERRORS | REFUSED)
    def delete(self, request: Request, exception_id: str) -> Response:
        """Takes it back: the lecture is as in the timetable again. Taken back already, it stays so."""
        exception_undo(row=_row(request, exception_id), user=user_asking(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


def _term(request: Request, query: dict[str, Any]) -> Term:
    organization = get_organization(request, query.get("organization"))
    term = term_named(organization, query.get("term"))
    if term is None:
        raise Invalid("no_term", field="term", organization=organization.name)
    return term


def _row(request: Request, exception_id: str) -> LectureException:
    pk, user = uuid_read(exception_id), user_asking(request)
    rows = LectureException.objects.select_related("term", "organization", "created_by")
    row = None if pk is None else rows.filter(pk=pk, organization__in=organizations_visible(user=user)).first()
    if row is None:
        raise messages.missing(messages.GONE)
    role = role_in(user=user, organization_id=row.organization_id)
    if role not in access_required(request).roles:
        raise Forbidden("role_needed", organization=row.organization.name, role=role)
    return row
