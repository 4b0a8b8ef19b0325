"""The rule book's pages: the list, one constraint, and the form."""

from __future__ import annotations

from typing import Any

from django.contrib import messages as notices
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from academics.ids import number_read
from academics.models import Building, CourseOffering, Instructor, Organization, Room, Section, Term
from academics.selectors import Role, offerings_in_weeks
from generation.rulebook.access import book_open
from generation.rulebook.changes import rule_delete, rule_save, rule_switch
from generation.rulebook.context import Book, Filters, Line
from generation.rulebook.forms import fields_drawn, given
from generation.rulebook.kinds import ADDABLE, FAMILIES, KINDS, Kind
from generation.rulebook.listing import line_find, lines_listed
from generation.rulebook.messages import RuleError
from generation.rulebook.validation import values_checked
from generation.text.display_names import Naming
from generation.text.violations import violation_named
from generation.web.guards import organization_current, role_current, role_page
from generation.web.lookup import term_current

PER_PAGE = 25
MOST_SUGGESTED = 12
MOST_PLACES = 100
FILTERS = ("kind", "search", "strength", "state", "cost")
KNOWN = {"strength": ("hard", "weighted"), "state": ("on", "off"), "cost": ("some",)}


@never_cache
@require_safe
@role_page
def rules(request: HttpRequest) -> HttpResponse:
    """Every constraint as a sentence, narrowed as the address says."""
    book, variants = _book(request)
    if book is None:
        return render(request, "generation/rules.html", {"organization": organization_current(request), "term": None})
    filters = Filters(**{name: request.GET.get(name, "")[:100] for name in FILTERS})
    kinds = (*KINDS, *(family.id for family in FAMILIES))
    if any(getattr(filters, name) not in ("", *known) for name, known in (KNOWN | {"kind": kinds}).items()):
        raise Http404  # else all would be shown as if it had been narrowed
    number = number_read(request.GET.get("page", "1"), max_digits=8)
    page = lines_listed(book, filters, page=1 if number is None else number, size=PER_PAGE)
    kept = {name: request.GET[name] for name in (*FILTERS, "variant") if request.GET.get(name)}
    context = {
        "organization": book.organization,
        "term": book.term,
        "is_admin": role_current(request) == Role.ADMIN,
        "page": page,
        "filters": filters,
        "is_narrowed": any(request.GET.get(name) for name in FILTERS),
        "families": [(family, [kind for kind in KINDS.values() if kind.family == family.id]) for family in FAMILIES],
        "variants": variants,
        "variant": book.costs.variant if book.costs else None,
        "query": urlencode(kept),
        "here": request.get_full_path(),
        "num_in_weeks": offerings_in_weeks(term=book.term),
    }
    return render(request, "generation/rules.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@role_page
def rule_new(request: HttpRequest) -> HttpResponse:
    """First the kind, then only the fields that it has."""
    book, _ = _book(request)
    if book is None:
        return redirect("rules")
    kind = KINDS.get(request.GET.get("kind", ""))
    if kind is None or not kind.is_addable:
        choices = [(family, [each for each in ADDABLE if each.family == family.id]) for family in FAMILIES]
        context = {"organization": book.organization, "choices": [(family, kinds) for family, kinds in choices if kinds]}
        return render(request, "generation/rule_kinds.html", context)
    if request.method == "POST":
        return _saved(request, book, kind, None)
    return _form(request, book, kind, None)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@role_page
def rule(request: HttpRequest, rule_id: str) -> HttpResponse:
    """One constraint: what it says, what it cost and where; for administrators its form."""
    book, _ = _book(request)
    line = line_find(book, rule_id) if book else None
    if book is None or line is None:
        raise Http404
    if request.method != "POST":
        return _form(request, book, line.kind, line)
    action = request.POST.get("action", "save")
    if action == "save":
        return _saved(request, book, line.kind, line)
    return _acted(request, book, line, action)


@never_cache
@require_safe
@role_page
def rule_choices(request: HttpRequest) -> HttpResponse:
    """What matches while somebody types: codes and names, a few at a time."""
    book, _ = _book(request, with_costs=False)
    found = _choices(book, request.GET.get("of", ""), request.GET.get("q", "").strip()[:100]) if book else []
    return JsonResponse({"choices": [{"code": code, "name": name} for code, name in found]})


def _choices(book: Book, of: str, text: str) -> list[tuple[str, str]]:
    mine = {"organization": book.organization}
    if of == "offering":
        match = Q(course__code__icontains=text) | Q(course__name__icontains=text)
        rows = CourseOffering.objects.filter(match, term=book.term).order_by("course__code").values_list("course__code", "course__name")
        return list(rows[:MOST_SUGGESTED])
    if of == "section":
        sections = Section.objects.filter(offering__term=book.term, code__icontains=text).order_by("code")
        return [(f"{course}:{code}", name) for course, code, name in sections.values_list(*SECTION_FIELDS)[:MOST_SUGGESTED]]
    match = Q(code__icontains=text) | Q(name__icontains=text)
    models: dict[str, Any] = {"instructor": Instructor, "room": Room, "building": Building}
    if of == "place":
        buildings = Building.objects.filter(match, **mine).values_list("code", "name")[:4]
        return [*_choices(book, "room", text)[:8], *((f"building {code}", name) for code, name in buildings)]
    if of not in models:
        return []
    return list(models[of].objects.filter(match, **mine).order_by("code").values_list("code", "name")[:MOST_SUGGESTED])


SECTION_FIELDS = ("offering__course__code", "code", "offering__course__name")


def _book(request: HttpRequest, *, with_costs: bool = True) -> tuple[Book | None, list[Any]]:
    organization = organization_current(request)
    assert organization is not None, "the page's guard let nobody in without one"
    term: Term | None = term_current(organization=organization)
    if term is None:
        return None, []
    if not with_costs:
        return Book(organization, term), []
    return book_open(organization=organization, term=term, variant_id=request.GET.get("variant", ""))


def _form(
    request: HttpRequest, book: Book, kind: Kind, line: Line | None, raw: dict[str, Any] | None = None, error: RuleError | None = None
) -> HttpResponse:
    is_admin = role_current(request) == Role.ADMIN
    errors = error.errors if error else {}
    can_edit = is_admin and (line is None or kind.is_editable)
    drawn = fields_drawn(book, kind, line, raw, errors) if can_edit else []
    places = sorted(line.breaches, key=lambda breach: -breach.amount) if line and line.breaches else []
    naming = Naming(book.organization.pk)
    context = {
        "organization": book.organization,
        "kind": kind,
        "line": line,
        "is_admin": is_admin,
        "fields": drawn,
        "errors": [message for name, each in errors.items() for message in each],
        "variant": book.costs.variant if book.costs else None,
        "places": [violation_named(breach.as_row(), naming) for breach in places[:MOST_PLACES]],
        "more_places": max(0, len(places) - MOST_PLACES),
        "back": _back(request),
    }
    return render(request, "generation/rule_form.html", context, status=400 if error else 200)


def _saved(request: HttpRequest, book: Book, kind: Kind, line: Line | None) -> HttpResponse:
    raw = given(kind, request.POST, line)
    try:
        line_id = rule_save(book, kind, values_checked(book, kind, raw, line), line)
    except RuleError as error:
        return _form(request, book, kind, line, raw, error)
    found = line_find(_fresh(book.organization, book.term), line_id)
    notices.success(request, f"Saved: {found.sentence}" if found else "Saved.")
    return redirect(_back(request) if line else f"{reverse('rules')}?{urlencode({'kind': kind.id})}")


def _acted(request: HttpRequest, book: Book, line: Line, action: str) -> HttpResponse:
    if action in ("on", "off") and line.can_switch:
        try:
            rule_switch(book, line, is_active=action == "on")
        except RuleError as error:
            notices.error(request, " ".join(message for each in error.errors.values() for message in each))
        else:
            notices.success(request, f"{'In use again' if action == 'on' else 'Switched off'}: {line.sentence}")
    elif action == "delete" and line.can_delete:
        rule_delete(book, line)
        notices.success(request, f"Deleted: {line.sentence}")
    else:
        notices.error(request, line.kind.why_on or "Nothing was changed.")
    return redirect(_back(request))


def _fresh(organization: Organization, term: Term) -> Book:
    return Book(Organization.objects.get(pk=organization.pk), Term.objects.get(pk=term.pk))


def _back(request: HttpRequest) -> str:
    """The list as it was left."""
    address = request.POST.get("back") or request.GET.get("back") or ""
    is_ours = address.startswith(reverse("rules")) and url_has_allowed_host_and_scheme(address, allowed_hosts=None)
    return address if is_ours else reverse("rules")
