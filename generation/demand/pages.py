"""The demand page: courses that share students, sections, elective bands, and the fewest students who must clash."""

from __future__ import annotations

from typing import Any

from django.contrib import messages as notices
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from academics.ids import number_read, numbers_read
from academics.models import CourseOffering, Curriculum, Department, Organization, Period, Term
from academics.selectors import Role
from generation.demand import text
from generation.demand.filters import Wanted, courses_chosen, matrix_of, pairs_chosen
from generation.demand.services import BandWish, band_create, band_delete, bands_of, offering_split, split_previewed
from generation.demand.tables import Argument, Course, Demand, demand_of
from generation.errors import Refusal
from generation.web.guards import organization_current, role_current, role_page
from generation.web.lookup import term_requested

VIEWS = {"pairs": "Pairs of courses", "matrix": "Matrix", "sections": "Sections", "bands": "Elective bands"}
PER_PAGE = 50
ARGUMENTS_SHOWN = 8
COURSES_NAMED = 6


@never_cache
@require_safe
@role_page
def demand(request: HttpRequest) -> HttpResponse:
    """One of four views of a term's demand; search and filters stay from one to the next."""
    organization, term, context = _where(request)
    view = request.GET.get("view", "")
    context |= {"view": view if view in VIEWS else "pairs", "views": VIEWS, "why": text.WHY, "kept": _kept(request)}
    if term is None:
        return render(request, "generation/demand/demand.html", context)
    demand = demand_of(organization=organization, term=term)
    wanted = _wanted(request, organization)
    context |= {
        "demand": demand,
        "arguments": [(each, _concerned(demand, each)) for each in demand.arguments[:ARGUMENTS_SHOWN]],
        "arguments_left": max(0, len(demand.arguments) - ARGUMENTS_SHOWN),
        "wanted": wanted,
        "departments": Department.objects.filter(organization=organization),
        "curricula": Curriculum.objects.filter(organization=organization),
    }
    context |= _view(request, context["view"], demand, wanted, term)
    return render(request, "generation/demand/demand.html", context)


def _concerned(demand: Demand, argument: Argument) -> list[Course]:
    """Courses that say something about all of an argument's students."""
    is_of_all = argument.id != "week" or argument.students == 1
    return [demand.courses[n] for n in argument.courses[:COURSES_NAMED]] if is_of_all else []


def _view(request: HttpRequest, view: str, demand: Demand, wanted: Wanted, term: Term) -> dict[str, Any]:
    if view == "bands":
        return {"bands": bands_of(term=term)}
    if view == "pairs":
        page = Paginator(pairs_chosen(demand, wanted), PER_PAGE).get_page(request.GET.get("page"))
        listed = [[int(value) for value in row] for row in page.object_list]
        rows = [(demand.courses[a], demand.courses[b], students, text.WHY.get(why, "")) for a, b, students, why in listed]
        return {"page": page, "rows": rows}
    places = courses_chosen(demand, wanted).nonzero()[0].tolist()
    if view == "matrix":
        ticked = numbers_read(request.GET.getlist("offering"))
        chosen = [n for n in places if demand.courses[n].part_of is None and (not ticked or demand.courses[n].id in ticked)]
        return {"matrix": matrix_of(demand, chosen)}
    by_code = sorted(places, key=lambda place: (-demand.courses[place].students, demand.courses[place].code))
    page = Paginator(by_code, PER_PAGE).get_page(request.GET.get("page"))
    codes = {course.id: course.code for course in demand.courses}
    return {"page": page, "rows": [(demand.courses[n], codes.get(demand.courses[n].part_of or 0, "")) for n in page.object_list]}


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@role_page
def demand_split(request: HttpRequest, offering_id: int) -> HttpResponse:
    """What a size or a number of sections makes of an offering, and the button that does it."""
    organization = _organization(request)
    offering = CourseOffering.objects.select_related("term", "course").filter(pk=offering_id, organization=organization).first()
    if offering is None:
        raise Http404
    demand = demand_of(organization=organization, term=offering.term)
    course = demand.course(offering_id)
    assert course is not None, "the demand has every offering of the term"
    if request.method == "POST" and role_current(request) != Role.ADMIN:
        raise PermissionDenied
    data = request.POST if request.method == "POST" else request.GET
    context: dict[str, Any] = {"organization": organization, "term": offering.term, "offering": offering, "course": course}
    context |= {
        "lecture": demand.course(course.part_of) if course.part_of else None,
        "size": data.get("size", ""),
        "sections": data.get("sections", ""),
    }
    context |= {"is_admin": role_current(request) == Role.ADMIN}
    if data.get("size") or data.get("sections") or request.method == "POST":
        try:
            size, sections = _number(data.get("size", "")), _number(data.get("sections", ""))
            context["preview"] = split_previewed(demand=demand, course=course, size=size, sections=sections)
            if request.method == "POST":
                made = offering_split(demand=demand, course=course, size=size, sections=sections)
                notices.success(request, f"{course.code} will be taught in {made.words} from the next timetable on.")
                return redirect(_address(view="sections", term=offering.term_id, search=course.code))
        except Refusal as refusal:
            context["error"] = str(refusal)
    return render(request, "generation/demand/split.html", context, status=400 if "error" in context and request.method == "POST" else 200)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@role_page
def demand_band(request: HttpRequest) -> HttpResponse:
    """A form that makes an elective band of the offerings that the address names."""
    organization, term, context = _where(request)
    if term is None:
        return redirect("demand")
    data = request.POST if request.method == "POST" else request.GET
    demand = demand_of(organization=organization, term=term)
    chosen = numbers_read(data.getlist("offering"))
    courses = [course for course in demand.courses if course.id in chosen]
    slots = set(data.getlist("slot"))
    context |= {
        "courses": courses,
        "others": _others(demand, courses, data.get("search", "")),
        "search": data.get("search", ""),
        "kinds": text.BAND_KINDS,
        "kind": data.get("kind", text.PARALLEL),
        "name": data.get("name", ""),
        "is_hard": data.get("is_hard", "1") == "1",
        "curriculum": data.get("curriculum", ""),
        "curricula": Curriculum.objects.filter(organization=organization),
        "days": text.DAYS[: term.num_days],
        "week": _week(term, slots),
    }
    if request.method == "POST":
        try:
            name = band_create(term=term, wish=_wish(request, organization, courses))
        except Refusal as refusal:
            context["error"] = str(refusal)
            return render(request, "generation/demand/band.html", context, status=400)
        notices.success(request, f"The band {name} is set. It counts from the next timetable on.")
        return redirect(_bands_address(term))
    return render(request, "generation/demand/band.html", context)


def _week(term: Term, marked: set[str]) -> list[tuple[Period, list[tuple[str, str, bool]]]]:
    """For each period its timeslots: what a form calls them, their day, and whether they are marked."""
    names = [(f"{day}-", text.DAYS[day]) for day in range(term.num_days)]
    return [
        (period, [(f"{day}{period.index}", name, f"{day}{period.index}" in marked) for day, name in names]) for period in term.periods.all()
    ]


def _others(demand: Demand, courses: list[Course], search: str) -> list[Course]:
    """What can be added: by search, the largest first."""
    if not search:
        return []
    wanted, known = Wanted(search=search), {course.id for course in courses}
    return sorted((c for c in demand.courses if c.id not in known and wanted.fits(c)), key=lambda c: (-c.students, c.code))[:20]


def _wish(request: HttpRequest, organization: Organization, courses: list[Course]) -> BandWish:
    own = Curriculum.objects.filter(organization=organization, pk=_number(request.POST.get("curriculum", "")) or 0)
    return BandWish(
        name=request.POST.get("name", ""),
        kind=request.POST.get("kind", ""),
        offerings=tuple(course.id for course in courses),
        timeslots=tuple(slot for each in request.POST.getlist("slot") if (slot := _slot(each)) is not None),
        is_hard=request.POST.get("is_hard", "1") == "1",
        curricula=tuple(own.values_list("pk", flat=True)),
    )


@require_POST
@role_page
def demand_band_delete(request: HttpRequest) -> HttpResponse:
    """Take a band away; somebody who was faster is no error."""
    _, term, _ = _where(request)
    name = request.POST.get("name", "")
    if term is None:
        raise Http404
    try:
        band_delete(term=term, name=name)
    except Refusal as refusal:
        notices.error(request, str(refusal))
    else:
        notices.success(request, f"The band {name} and its rules are gone.")
    return redirect(_bands_address(term))


def _bands_address(term: Term) -> str:
    return _address(view="bands", term=term.pk)


def _address(**query: str | int) -> str:
    return f"{reverse('demand')}?{urlencode(query)}"


def _organization(request: HttpRequest) -> Organization:
    organization = organization_current(request)
    assert organization is not None, "the page's guard let nobody in without one"
    return organization


def _where(request: HttpRequest) -> tuple[Organization, Term | None, dict[str, Any]]:
    organization = _organization(request)
    terms = list(Term.objects.filter(organization=organization))
    term_key = request.POST.get("term") if request.method == "POST" else None
    term = next((each for each in terms if str(each.pk) == term_key), None) or term_requested(request, organization, terms)
    role = role_current(request)
    return organization, term, {"organization": organization, "role": role, "is_admin": role == Role.ADMIN, "term": term, "terms": terms}


def _wanted(request: HttpRequest, organization: Organization) -> Wanted:
    """What the address selects; ids of others' rows match nothing."""
    return Wanted(
        search=request.GET.get("search", "").strip()[:100],
        department_id=_number(request.GET.get("department", "")),
        curriculum_id=_number(request.GET.get("curriculum", "")),
    )


def _kept(request: HttpRequest) -> str:
    """Filters that links to the other views and pages carry on."""
    names = ("term", "search", "department", "curriculum")
    return urlencode({name: request.GET[name] for name in names if request.GET.get(name)})


def _slot(text: str) -> tuple[int, int] | None:
    """Day and period, as `2-4`."""
    day, _, period = text.partition("-")
    place = number_read(day), number_read(period)
    return None if place[0] is None or place[1] is None else (place[0], place[1])


def _number(text: str) -> int | None:
    """None where nothing was typed; what is no number is 0, which no count of students or sections may be."""
    text = text.strip()
    return (number_read(text, max_digits=9) or 0) if text else None
