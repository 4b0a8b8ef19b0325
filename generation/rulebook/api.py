"""Rules over REST: every constraint of a term as a sentence, and what people change of it.

Administrators change, reviewers read, viewers may neither. The forms of the pages and these addresses share their checks.
"""

from __future__ import annotations

from typing import Any, cast

from django.urls import reverse
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import exceptions, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from academics.access import access_required
from generation.errors import Conflict, Invalid, Missing
from generation.rulebook import access
from generation.rulebook.changes import rule_delete, rule_save
from generation.rulebook.context import Book, Filters, Line
from generation.rulebook.kinds import FAMILIES, KINDS
from generation.rulebook.listing import line_find, lines_listed
from generation.rulebook.validation import kind_named, values_checked
from generation.text.display_names import Naming
from generation.text.violations import violation_named
from generation.web.lookup import get_organization, term_named, user_asking
from generation.web.serializers import MessageSerializer, query_checked

MOST_PLACES = 200  # of what a constraint cost, listed one by one
KIND_CHOICES = [*KINDS, *(family.id for family in FAMILIES)]


class BookQuery(serializers.Serializer[Any]):
    organization = serializers.CharField(required=False, max_length=40, help_text="Its code; left out: that of the record, or your own.")
    term = serializers.CharField(required=False, max_length=60, help_text="Its code; left out: the current term.")
    variant = serializers.UUIDField(required=False, help_text="Whose costs; left out: the best of the last run.")


class RulesQuery(BookQuery):
    kind = serializers.ChoiceField(required=False, choices=KIND_CHOICES, help_text="A kind, or a family of them.")
    search = serializers.CharField(required=False, max_length=100, help_text="In codes and names of what it is about.")
    strength = serializers.ChoiceField(required=False, choices=["hard", "weighted"])
    state = serializers.ChoiceField(required=False, choices=["on", "off"])
    cost = serializers.ChoiceField(required=False, choices=["some"], help_text="Only what cost something.")
    page = serializers.IntegerField(required=False, min_value=1, max_value=100_000)
    page_size = serializers.IntegerField(required=False, min_value=1, max_value=200)


class RuleParameterSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    value = serializers.CharField(allow_blank=True)
    unit = serializers.CharField(allow_blank=True)
    allowed = serializers.CharField(allow_blank=True)


class RuleBreachSerializer(serializers.Serializer[Any]):
    constraint = serializers.CharField()
    is_hard = serializers.BooleanField()
    amount = serializers.IntegerField()
    message = serializers.CharField()
    lectures = serializers.ListField(child=serializers.IntegerField())


class RuleSerializer(serializers.Serializer[Line]):
    id = serializers.CharField()
    kind = serializers.CharField(source="kind.id")
    title = serializers.CharField(source="kind.title")
    family = serializers.CharField(source="kind.family")
    sentence = serializers.CharField()
    scope = serializers.CharField(allow_blank=True)
    parameters = RuleParameterSerializer(many=True)
    is_hard = serializers.BooleanField()
    weight = serializers.IntegerField(allow_null=True, help_text="What one breach costs in all; null where it is hard.")
    factor = serializers.IntegerField(allow_null=True, help_text="Of that, the rule's own weight from 1 to 100, where it has one.")
    is_active = serializers.BooleanField()
    can_switch = serializers.BooleanField()
    default = serializers.CharField(
        allow_blank=True, help_text="Why it counts though nobody entered it; empty: somebody did, or it always counts."
    )
    comment = serializers.CharField(allow_blank=True)
    num_lectures = serializers.IntegerField(allow_null=True, help_text="How many lectures it touches.")
    cost = serializers.IntegerField(allow_null=True, help_text="In the timetable asked for; null where there is none.")
    num_places = serializers.SerializerMethodField()
    values = serializers.DictField(source="facts", help_text="As a change takes them.")

    def get_num_places(self, line: Line) -> int | None:
        return None if line.breaches is None else len(line.breaches)


class RuleDetailSerializer(RuleSerializer):
    why_strength = serializers.CharField(source="kind.why_strength", allow_blank=True, help_text="Why it is only hard, or only weighted.")
    why_on = serializers.CharField(source="kind.why_on", allow_blank=True, help_text="Why it cannot be switched off.")
    places = serializers.SerializerMethodField(help_text="Where it cost something, the dearest first.")

    def get_places(self, line: Line) -> list[dict[str, Any]]:
        dearest = sorted(line.breaches or (), key=lambda breach: -breach.amount)[:MOST_PLACES]
        rows = [violation_named(breach.as_row(), self.context["names"]) for breach in dearest]
        return cast(list[dict[str, Any]], RuleBreachSerializer(rows, many=True).data)


def _detail(book: Book, line: Line | None) -> Any:
    return RuleDetailSerializer(line, context={"names": Naming(book.organization.pk)}).data


class RulePage(serializers.Serializer[Any]):
    count = serializers.IntegerField()
    page = serializers.IntegerField()
    num_pages = serializers.IntegerField()
    variant = serializers.UUIDField(allow_null=True)
    results = RuleSerializer(many=True)


class RuleTimeslotSerializer(serializers.Serializer[Any]):
    day = serializers.IntegerField(allow_null=True, required=False)
    period = serializers.IntegerField(allow_null=True, required=False)


class RuleChangeSerializer(serializers.Serializer[Any]):
    """What a kind has of this is said by `values` of its rules; codes name courses, people and rooms."""

    offerings = serializers.ListField(child=serializers.CharField(), required=False)
    offering = serializers.CharField(required=False)
    first = serializers.CharField(required=False, allow_blank=True)
    instructor = serializers.CharField(required=False)
    room = serializers.CharField(required=False)
    section = serializers.CharField(required=False)
    building = serializers.CharField(required=False)
    lecture = serializers.IntegerField(required=False, help_text="Which of the course's lectures, from 1.")
    day = serializers.IntegerField(required=False, help_text="From 0.")
    period = serializers.IntegerField(required=False, help_text="From 0.")
    timeslots = RuleTimeslotSerializer(many=True, required=False)
    number = serializers.IntegerField(required=False)
    percent = serializers.IntegerField(required=False)
    rating = serializers.IntegerField(required=False, help_text="-3 to 3, without 0.")
    room_kind = serializers.CharField(required=False, allow_blank=True)
    features = serializers.ListField(child=serializers.CharField(), required=False)
    choices = serializers.ListField(child=serializers.CharField(), required=False)
    is_hard = serializers.BooleanField(required=False)
    weight = serializers.IntegerField(required=False, help_text="1 to 100; of what the institution wishes also 0, which is off.")
    is_active = serializers.BooleanField(required=False)
    comment = serializers.CharField(required=False, allow_blank=True, max_length=200)


class RuleNewSerializer(RuleChangeSerializer):
    kind = serializers.ChoiceField(choices=[kind.id for kind in KINDS.values() if kind.is_addable])


REFUSED = {
    400: OpenApiResponse(description="A value out of its range, or that names nothing; messages by field."),
    401: MessageSerializer,
    403: MessageSerializer,
    404: MessageSerializer,
}
LINE_ID = OpenApiParameter("rule_id", str, OpenApiParameter.PATH, description="As a list gives it: `no_overlap-12`.")


class RuleList(APIView):
    @extend_schema(operation_id="rules_list", parameters=[RulesQuery], responses={200: RulePage} | REFUSED)
    def get(self, request: Request) -> Response:
        """Every constraint of a term as a sentence, a page at a time."""
        query = query_checked(RulesQuery, request)
        organization = get_organization(request, query.get("organization"))
        book = _book(organization, query.get("term"), str(query.get("variant", "")))
        filters = Filters(**{name: query.get(name, "") for name in ("kind", "search", "strength", "state", "cost")})
        page = lines_listed(book, filters, page=query.get("page", 1), size=query.get("page_size", 50))
        found = {
            "count": page.count,
            "page": page.number,
            "num_pages": page.num_pages,
            "variant": book.costs.variant.pk if book.costs else None,
            "results": page.lines,
        }
        return Response(RulePage(found).data)

    @extend_schema(request=RuleNewSerializer, parameters=[BookQuery], responses={201: RuleDetailSerializer} | REFUSED)
    def post(self, request: Request) -> Response:
        """Adds a rule, a limit, marked timeslots or a preference."""
        raw = _mapping(request)
        query = query_checked(BookQuery, request)
        organization = get_organization(request, query.get("organization"))
        book = _book(organization, query.get("term"), str(query.get("variant", "")))
        kind = kind_named(raw.get("kind", ""))
        line_id = rule_save(book, kind, values_checked(book, kind, raw))
        line = line_find(_again(book), line_id)
        address = reverse("api-rule", args=[line_id])
        return Response(_detail(book, line), status=status.HTTP_201_CREATED, headers={"Location": address})


class RuleDetail(APIView):
    @extend_schema(parameters=[LINE_ID, BookQuery], responses={200: RuleDetailSerializer} | REFUSED)
    def get(self, request: Request, rule_id: str) -> Response:
        """One constraint, with where it cost something."""
        book, line = self._found(request, rule_id)
        return Response(_detail(book, line))

    @extend_schema(
        request=RuleChangeSerializer,
        parameters=[LINE_ID, BookQuery],
        responses={200: RuleDetailSerializer, 409: OpenApiResponse(MessageSerializer, description="It cannot be changed so.")} | REFUSED,
    )
    def patch(self, request: Request, rule_id: str) -> Response:
        """Changes what is given, and leaves the rest."""
        raw = _mapping(request)
        book, line = self._found(request, rule_id)
        if not line.kind.is_editable and "comment" not in raw:
            raise Conflict("rule_fixed", why=line.kind.why_on)
        line_id = rule_save(book, line.kind, values_checked(book, line.kind, raw, line), line)
        return Response(_detail(book, line_find(_again(book), line_id)))

    @extend_schema(
        parameters=[LINE_ID, BookQuery],
        responses={204: None, 409: OpenApiResponse(MessageSerializer, description="It cannot be taken away.")} | REFUSED,
    )
    def delete(self, request: Request, rule_id: str) -> Response:
        """Takes a constraint away; gone already: 404."""
        book, line = self._found(request, rule_id)
        if not line.can_delete:
            raise Conflict("rule_fixed", why=line.kind.why_on)
        rule_delete(book, line)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _found(self, request: Request, rule_id: str) -> tuple[Book, Line]:
        query = query_checked(BookQuery, request)
        roles = access_required(request).roles
        organization = access.organization_of_line(user=user_asking(request), line_id=rule_id, code=query.get("organization"), roles=roles)
        book = _book(organization, query.get("term"), str(query.get("variant", "")))
        line = line_find(book, rule_id)
        if line is None:
            raise Missing("rule_unknown", line_id=rule_id[:60])
        return book, line


def _book(organization: Any, term_code: str | None, variant: str) -> Book:
    term = term_named(organization, term_code)
    if term is None:
        raise Invalid("no_term", field="term", organization=organization.name)
    return access.book_open(organization=organization, term=term, variant_id=variant)[0]


def _again(book: Book) -> Book:
    """The same book as it is after a change."""
    book.term.refresh_from_db()
    return Book(book.organization, book.term, book.costs)


def _mapping(request: Request) -> dict[str, Any]:
    if not isinstance(request.data, dict):
        raise exceptions.ValidationError({"non_field_errors": ["Send an object with the fields of one rule."]})
    # A form's values are lists of texts; only JSON can say what a rule needs.
    return dict(request.data.items())
