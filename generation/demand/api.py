"""Demand over REST: courses that share students, their sections, elective bands. Administrators act, reviewers read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from academics.models import Curriculum, Department, Organization, Term
from generation.demand import text
from generation.demand.filters import MOST_IN_MATRIX, Wanted, courses_chosen, matrix_of, pairs_chosen
from generation.demand.services import (
    MOST_NAME,
    MOST_OFFERINGS,
    BandWish,
    band_create,
    band_delete,
    bands_of,
    curricula_named,
    offering_split,
    split_previewed,
)
from generation.demand.tables import Course, Demand, demand_of
from generation.errors import Invalid, Missing
from generation.web.lookup import get_organization, term_named
from generation.web.pagination import RowPages
from generation.web.serializers import MessageSerializer, TermQuery, query_checked

ANSWERS = {
    400: OpenApiResponse(description="A value that names nothing, is out of its range, or is of the wrong type."),
    403: MessageSerializer,
    404: MessageSerializer,
}
REFUSED = ANSWERS | {409: MessageSerializer}


class DemandQuery(TermQuery):
    search = serializers.CharField(required=False, max_length=100, help_text="In the code or title of either course.")
    department = serializers.CharField(required=False, max_length=60, help_text="Its code: of either course.")
    curriculum = serializers.CharField(required=False, max_length=60, help_text="Its code: of either course.")
    page = serializers.IntegerField(required=False, min_value=1)
    page_size = serializers.IntegerField(required=False, min_value=1, max_value=1000)


class MatrixQuery(TermQuery):
    course = serializers.ListField(
        child=serializers.CharField(max_length=60),
        required=False,
        help_text=f"Up to {MOST_IN_MATRIX} codes; left out: the most connected.",
    )


class CourseName(serializers.Serializer[Any]):
    id = serializers.IntegerField(help_text="Of the offering.")
    code = serializers.CharField()
    title = serializers.CharField()


class PairSerializer(serializers.Serializer[Any]):
    first = CourseName()
    second = CourseName()
    students = serializers.IntegerField()
    must_clash = serializers.CharField(allow_blank=True, help_text="Why whoever takes both must clash; empty where nothing proves it.")


class ArgumentSerializer(serializers.Serializer[Any]):
    id = serializers.ChoiceField(choices=[(each, each) for each in (*text.WHY_IDS.values(), "times", "week")])
    students = serializers.IntegerField()
    message = serializers.CharField()
    courses = serializers.ListField(child=serializers.CharField())


class LeastSerializer(serializers.Serializer[Any]):
    """A student whom several arguments name counts once."""

    students = serializers.IntegerField(help_text="At least so many clash in every timetable.")
    arguments = ArgumentSerializer(many=True)


class DemandPage(serializers.Serializer[Any]):
    organization = serializers.CharField()
    term = serializers.CharField(allow_blank=True)
    num_courses = serializers.IntegerField()
    num_students = serializers.IntegerField()
    num_enrolments = serializers.IntegerField()
    least = LeastSerializer()
    count = serializers.IntegerField()
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    results = PairSerializer(many=True)


class CourseSerializer(CourseName):
    students = serializers.IntegerField()
    sections = serializers.ListField(child=serializers.IntegerField(), help_text="Their sizes, as the next run forms them.")
    max_section_size = serializers.IntegerField()
    periods = serializers.IntegerField(help_text="A week, of one section.")
    part_of = serializers.CharField(allow_blank=True, help_text="The lecture's code.")
    has_own_sections = serializers.BooleanField()
    bands = serializers.ListField(child=serializers.CharField())


class CoursePage(serializers.Serializer[Any]):
    count = serializers.IntegerField()
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    results = CourseSerializer(many=True)


class MatrixSerializer(serializers.Serializer[Any]):
    courses = CourseName(many=True)
    students = serializers.ListField(child=serializers.ListField(child=serializers.IntegerField()))
    left_out = serializers.IntegerField()


class SplitRequest(TermQuery):
    course = serializers.CharField(max_length=60, help_text="Its code.")
    size = serializers.IntegerField(required=False, help_text="The largest section; or else:")
    sections = serializers.IntegerField(required=False, help_text="How many.")
    dry_run = serializers.BooleanField(required=False, default=False)


class SplitSerializer(serializers.Serializer[Any]):
    course = serializers.CharField()
    sections = serializers.ListField(child=serializers.IntegerField())
    words = serializers.CharField()
    dry_run = serializers.BooleanField()


class BandRequest(TermQuery):
    name = serializers.CharField(max_length=MOST_NAME)
    kind = serializers.ChoiceField(choices=list(text.BAND_KINDS.items()))
    courses = serializers.ListField(child=serializers.CharField(max_length=60), max_length=MOST_OFFERINGS, help_text="Codes.")
    timeslots = serializers.ListField(
        child=serializers.RegexField(r"^\d{1,2}-\d{1,2}$"),
        required=False,
        default=list,
        max_length=700,
        help_text="Such as 0-2: day and period.",
    )
    is_hard = serializers.BooleanField(required=False, default=True)
    keep_free = serializers.ListField(
        child=serializers.CharField(max_length=60),
        required=False,
        default=list,
        max_length=100,
        help_text="Curricula, by code, whose other courses keep out of the timeslots.",
    )


class BandSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    courses = serializers.ListField(child=serializers.CharField())
    is_hard = serializers.BooleanField()
    sentences = serializers.ListField(child=serializers.CharField())


def _organization_and_term(request: Request, query: dict[str, Any]) -> tuple[Organization, Term | None]:
    """The organization and term that the caller means, for the roles that the table lets in."""
    organization = get_organization(request, query.get("organization"))
    return organization, term_named(organization, query.get("term"))


def _term(organization: Organization, term: Term | None) -> Term:
    if term is None:
        raise Invalid("no_term", field="term", organization=organization.name)
    return term


def _wanted(organization: Organization, query: dict[str, Any]) -> Wanted:
    department = query.get("department") and Department.objects.filter(organization=organization, code=query["department"]).first()
    curriculum = query.get("curriculum") and Curriculum.objects.filter(organization=organization, code=query["curriculum"]).first()
    for name, found in (("department", department), ("curriculum", curriculum)):
        if name in query and not found:
            raise Invalid(f"{name}_unknown_code", field=name, organization=organization.name, code=query[name])
    return Wanted(query.get("search", ""), department.pk if department else None, curriculum.pk if curriculum else None)


def _places(found: Demand, codes: Sequence[str], organization: Organization, term: Term, field: str) -> list[int]:
    place = {course.code: n for n, course in enumerate(found.courses)}
    for code in codes:
        if code not in place:
            raise Invalid("offering_unknown", field=field, organization=organization.name, code=code, term=term.code)
    return list(dict.fromkeys(place[code] for code in codes))


def _paged(view: APIView, request: Request, rows: Any) -> tuple[list[Any], dict[str, Any]]:
    pages = RowPages()
    page: list[Any] = pages.paginate_queryset(cast(Any, rows), request, view=view) or []
    return list(page), {"count": len(rows), "next": pages.get_next_link(), "previous": pages.get_previous_link()}


class DemandView(APIView):
    """Pairs of courses that share students, the most first, and the fewest students who must clash."""

    @extend_schema(parameters=[DemandQuery], responses={200: DemandPage} | ANSWERS)
    def get(self, request: Request) -> Response:
        query = query_checked(DemandQuery, request)
        organization, chosen_term = _organization_and_term(request, query)
        term = _term(organization, chosen_term)
        found = demand_of(organization=organization, term=term)
        pairs = pairs_chosen(found, _wanted(organization, query))
        page, links = _paged(self, request, pairs)
        rows = [[int(value) for value in row] for row in page]
        least = {"students": found.least, "arguments": [_argument(found, each) for each in found.arguments]}
        head = {"organization": organization.code, "term": term.code, "num_courses": len(found.courses)}
        counts = {"num_students": found.num_students, "num_enrolments": found.num_enrolments, "least": least}
        results = [
            {"first": found.courses[a], "second": found.courses[b], "students": students, "must_clash": text.WHY.get(why, "")}
            for a, b, students, why in rows
        ]
        return Response(DemandPage(head | counts | links | {"results": results}).data)


def _argument(found: Demand, each: Any) -> dict[str, Any]:
    return {"id": each.id, "students": each.students, "message": each.message, "courses": [found.courses[n].code for n in each.courses]}


class DemandCourses(APIView):
    """Every offering with the sections that the next run forms of it, the largest first."""

    @extend_schema(parameters=[DemandQuery], responses={200: CoursePage} | ANSWERS)
    def get(self, request: Request) -> Response:
        query = query_checked(DemandQuery, request)
        organization, chosen_term = _organization_and_term(request, query)
        found = demand_of(organization=organization, term=_term(organization, chosen_term))
        chosen = courses_chosen(found, _wanted(organization, query))
        places = sorted(chosen.nonzero()[0].tolist(), key=lambda n: (-found.courses[n].students, found.courses[n].code))
        page, links = _paged(self, request, places)
        codes = {course.id: course.code for course in found.courses}
        return Response(CoursePage(links | {"results": [_course(found.courses[n], codes) for n in page]}).data)


def _course(course: Course, codes: dict[int, str]) -> dict[str, Any]:
    return {
        "id": course.id,
        "code": course.code,
        "title": course.title,
        "students": course.students,
        "sections": course.sizes,
        "max_section_size": course.max_section_size,
        "periods": course.periods,
        "part_of": codes.get(course.part_of or 0, ""),
        "has_own_sections": course.has_own_sections,
        "bands": course.bands,
    }


class DemandMatrix(APIView):
    """Up to forty courses against each other: how many students each two share."""

    @extend_schema(parameters=[MatrixQuery], responses={200: MatrixSerializer} | ANSWERS)
    def get(self, request: Request) -> Response:
        query = query_checked(MatrixQuery, request)
        organization, chosen_term = _organization_and_term(request, query)
        term = _term(organization, chosen_term)
        found = demand_of(organization=organization, term=term)
        codes = query.get("course", [])
        if len(codes) > MOST_IN_MATRIX:
            raise Invalid("courses_too_many", field="course", value=len(codes), most=MOST_IN_MATRIX)
        named = _places(found, codes, organization, term, "course")
        matrix = matrix_of(found, named or [n for n, course in enumerate(found.courses) if course.part_of is None])
        students = [[cell.students for cell in cells] for _, cells in matrix.rows]
        return Response(MatrixSerializer({"courses": matrix.courses, "students": students, "left_out": matrix.left_out}).data)


class DemandSplit(APIView):
    """Have an offering split into sections of a size, or into a number of them; with ``dry_run`` only say what that makes."""

    @extend_schema(request=SplitRequest, responses={200: SplitSerializer} | REFUSED)
    def post(self, request: Request) -> Response:
        body = SplitRequest(data=request.data)
        body.is_valid(raise_exception=True)
        values = body.validated_data
        organization, chosen_term = _organization_and_term(request, values)
        term = _term(organization, chosen_term)
        found = demand_of(organization=organization, term=term)
        course = found.courses[_places(found, [values["course"]], organization, term, "course")[0]]
        act = split_previewed if values["dry_run"] else offering_split
        split = act(demand=found, course=course, size=values.get("size"), sections=values.get("sections"))
        answer = {"course": course.code, "sections": split.sizes, "words": split.words, "dry_run": values["dry_run"]}
        return Response(SplitSerializer(answer).data)


class DemandBands(APIView):
    """Elective bands: groups of offerings of which a student takes one, and when they meet."""

    @extend_schema(parameters=[TermQuery], responses={200: BandSerializer(many=True)} | ANSWERS)
    def get(self, request: Request) -> Response:
        query = query_checked(TermQuery, request)
        organization, chosen_term = _organization_and_term(request, query)
        bands = bands_of(term=_term(organization, chosen_term))
        return Response(BandSerializer(bands, many=True).data)

    @extend_schema(request=BandRequest, responses={201: BandSerializer} | REFUSED)
    def post(self, request: Request) -> Response:
        body = BandRequest(data=request.data)
        body.is_valid(raise_exception=True)
        values = body.validated_data
        organization, chosen_term = _organization_and_term(request, values)
        term = _term(organization, chosen_term)
        found = demand_of(organization=organization, term=term)
        places = _places(found, values["courses"], organization, term, "courses")
        wish = BandWish(
            name=values["name"],
            kind=values["kind"],
            offerings=tuple(found.courses[n].id for n in places),
            timeslots=tuple((int(day), int(period)) for day, period in (slot.split("-") for slot in values["timeslots"])),
            is_hard=values["is_hard"],
            curricula=curricula_named(term=term, codes=values["keep_free"]),
        )
        name = band_create(term=term, wish=wish)
        made = next(band for band in bands_of(term=term) if band.name == name)
        return Response(BandSerializer(made).data, status=status.HTTP_201_CREATED)


class DemandBand(APIView):
    """Take a band away, with all its rules."""

    @extend_schema(parameters=[TermQuery], responses={204: None} | ANSWERS)
    def delete(self, request: Request, band: str) -> Response:
        query = query_checked(TermQuery, request)
        organization, chosen_term = _organization_and_term(request, query)
        if chosen_term is None:
            raise Missing("no_term", organization=organization.name)
        band_delete(term=chosen_term, name=band)
        return Response(status=status.HTTP_204_NO_CONTENT)
