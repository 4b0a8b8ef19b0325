"""Answers about wishes over REST, for administrators: reading them, deciding on one, and putting in many at once."""

from __future__ import annotations

from typing import Any, cast

from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from academics.access import access_required
from academics.ids import number_read
from academics.models import Instructor, Organization, Term
from academics.selectors import organizations_visible, role_in
from generation.errors import Forbidden, Invalid, Refusal
from generation.models import WishAnswer
from generation.web.lookup import get_organization, term_named, user_asking
from generation.web.pagination import RowPages
from generation.web.serializers import REFUSED, WRONG_BODY, MessageSerializer, TermQuery, TextField, query_checked
from generation.wishes import messages
from generation.wishes.answers import answers_import
from generation.wishes.decisions import SOFTENED, answers_decide
from generation.wishes.forms import raw_of
from generation.wishes.links import RELATED
from generation.wishes.rounds import round_of
from generation.wishes.said import grid_of, said_checked, said_of

MOST_IMPORTED = 5_000
ANSWER_ID = OpenApiParameter("answer_id", str, OpenApiParameter.PATH, description="As a list gives it.")
ERRORS = {401: MessageSerializer, 403: MessageSerializer, 404: MessageSerializer}


class WishTimeSerializer(serializers.Serializer[Any]):
    day = serializers.IntegerField(min_value=0, max_value=6, help_text="From 0.")
    period = serializers.IntegerField(min_value=0, max_value=63, help_text="As the term numbers them, from 0.")
    wish = serializers.ChoiceField(choices=list(messages.WISHES))


class WishSaidSerializer(serializers.Serializer[Any]):
    """What an answer says."""

    times = WishTimeSerializer(many=True, required=False)
    free_days = serializers.ListField(child=serializers.IntegerField(min_value=0, max_value=6), required=False, max_length=7)
    num_free_days = serializers.IntegerField(required=False, min_value=0, max_value=7)
    rooms = serializers.ListField(child=TextField(max_length=80), required=False, max_length=3)
    shape = serializers.ChoiceField(choices=WishAnswer.Shape.choices, required=False, allow_blank=True)
    reason = TextField(required=False, allow_blank=True, max_length=messages.MAX_TEXT)
    remarks = TextField(required=False, allow_blank=True, max_length=messages.MAX_TEXT)


class WishAnswerSerializer(serializers.Serializer[WishAnswer]):
    id = serializers.IntegerField(source="pk")
    instructor = serializers.CharField(source="instructor.code")
    name = serializers.CharField(source="instructor.name", allow_blank=True)
    term = serializers.CharField(source="round.term.code")
    state = serializers.ChoiceField(choices=WishAnswer.State.choices)
    revision = serializers.IntegerField()
    comment = serializers.CharField(allow_blank=True)
    sent_at = serializers.DateTimeField(allow_null=True)
    decided_at = serializers.DateTimeField(allow_null=True)
    said = serializers.SerializerMethodField(help_text="Null as long as nothing was sent: a draft is its writer's alone.")

    @extend_schema_field(WishSaidSerializer(allow_null=True))
    def get_said(self, answer: WishAnswer) -> dict[str, Any] | None:
        return cast(dict[str, Any], WishSaidSerializer(raw_of(said_of(answer))).data) if answer.sent_at else None


class WishPageSerializer(serializers.Serializer[Any]):
    count = serializers.IntegerField()
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = WishAnswerSerializer(many=True)


class WishesQuery(TermQuery):
    state = serializers.ChoiceField(required=False, choices=WishAnswer.State.choices)
    page = serializers.IntegerField(required=False, min_value=1, max_value=100_000)
    page_size = serializers.IntegerField(required=False, min_value=1, max_value=RowPages.max_page_size)


class WishNewSerializer(WishSaidSerializer):
    instructor = TextField(max_length=60, help_text="The code.")


class WishesImportSerializer(serializers.Serializer[Any]):
    answers = WishNewSerializer(many=True, max_length=MOST_IMPORTED)  # type: ignore[call-arg]


class WishesImportedSerializer(serializers.Serializer[Any]):
    imported = serializers.IntegerField()


class WishDecisionSerializer(serializers.Serializer[Any]):
    action = serializers.ChoiceField(choices=["accept", "soften", "return"])
    revision = serializers.IntegerField(min_value=0, max_value=2**31 - 1, help_text="Of the answer that was read; of another: 409.")
    comment = TextField(required=False, allow_blank=True, max_length=messages.MAX_TEXT, help_text="Required to return it.")
    rating = serializers.ChoiceField(
        required=False, choices=sorted(messages.SOFTER), help_text="To soften it: what is impossible becomes this. -3 where left out."
    )


class WishList(APIView):
    @extend_schema(operation_id="wishes_list", parameters=[WishesQuery], responses={200: WishPageSerializer} | WRONG_BODY | ERRORS)
    def get(self, request: Request) -> Response:
        """The answers of a term, a page at a time."""
        query = query_checked(WishesQuery, request)
        _, term = _term(request, query)
        rows = WishAnswer.objects.filter(round__term=term).select_related(*RELATED).order_by("instructor__code", "pk")
        if "state" in query:
            rows = rows.filter(state=query["state"])
        pages = RowPages()
        page: Any = pages.paginate_queryset(rows, request, view=self)
        return pages.get_paginated_response(WishAnswerSerializer(page, many=True).data)

    @extend_schema(
        operation_id="wishes_import",
        parameters=[TermQuery],
        request=WishesImportSerializer,
        responses={201: WishesImportedSerializer} | WRONG_BODY | ERRORS | REFUSED,
    )
    def post(self, request: Request) -> Response:
        """Puts in answers that were collected elsewhere, as sent: all of them, or none where one is wrong."""
        query = query_checked(TermQuery, request)
        organization, term = _term(request, query)
        given = WishesImportSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        found = round_of(term)
        if found is None:
            raise messages.conflict(messages.NO_ROUND)
        num = answers_import(found=found, said=_said_by_person(organization, term, given.validated_data["answers"]))
        return Response({"imported": num}, status=status.HTTP_201_CREATED)


class WishDetail(APIView):
    @extend_schema(parameters=[ANSWER_ID], responses={200: WishAnswerSerializer} | ERRORS)
    def get(self, request: Request, answer_id: str) -> Response:
        """One answer."""
        return Response(WishAnswerSerializer(_answer(request, answer_id)).data)

    @extend_schema(
        parameters=[ANSWER_ID], request=WishDecisionSerializer, responses={200: WishAnswerSerializer} | WRONG_BODY | ERRORS | REFUSED
    )
    def patch(self, request: Request, answer_id: str) -> Response:
        """Decides on it: accept, soften or return."""
        answer = _answer(request, answer_id)
        given = WishDecisionSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        said = given.validated_data
        decided = answers_decide(
            revisions={answer.pk: said["revision"]},
            user=user_asking(request),
            action=said["action"],
            comment=said.get("comment", ""),
            rating=said.get("rating", SOFTENED),
        )
        if not decided.answers:
            raise messages.conflict(messages.CHANGED)
        return Response(WishAnswerSerializer(_answer(request, answer_id)).data)


def _term(request: Request, query: dict[str, Any]) -> tuple[Organization, Term]:
    organization = get_organization(request, query.get("organization"))
    term = term_named(organization, query.get("term"))
    if term is None:
        raise Invalid("no_term", field="term", organization=organization.name)
    return organization, term


def _answer(request: Request, answer_id: str) -> WishAnswer:
    pk, user = number_read(answer_id, max_digits=15), user_asking(request)
    visible = WishAnswer.objects.select_related(*RELATED).filter(round__organization__in=organizations_visible(user=user))
    answer = None if pk is None else visible.filter(pk=pk).first()
    if answer is None:
        raise messages.answer_unknown()
    role = role_in(user=user, organization_id=answer.round.organization_id)
    if role not in access_required(request).roles:
        raise Forbidden("role_needed", organization=answer.round.organization.name, role=role)
    return answer


def _said_by_person(organization: Organization, term: Term, answers: list[dict[str, Any]]) -> dict[int, Any]:
    """What each says, by the id of the instructor. The first that is wrong is named by its instructor."""
    people = dict(Instructor.objects.filter(organization=organization).values_list("code", "pk"))
    grid, found = grid_of(term, organization), {}
    for each in answers:
        code = each["instructor"]
        if code not in people:
            raise messages.wrong("answers", f"There is no instructor {code!r}.")
        if people[code] in found:
            raise messages.wrong("answers", f"{code} is there twice.")
        try:
            found[people[code]] = said_checked(grid, each)
        except Refusal as refusal:
            raise messages.wrong("answers", f"{code}: {refusal}") from None
    return found
