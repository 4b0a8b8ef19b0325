"""The page for a lecture on one of its dates: cancel it, move it, give it another room, have it covered, or take that back."""

from __future__ import annotations

import datetime as dt
from typing import Any, cast
from uuid import UUID

from django.contrib import messages as notices
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_safe

from academics.access import access_required
from academics.ids import number_read
from academics.models import Instructor, Room, Term
from academics.selectors import organizations_visible
from generation.dates.exceptions import (
    ExceptionRequest,
    Planned,
    exception_make,
    exception_undo,
    exceptional_of,
    lecture_planned,
    naming_of,
    students_hit,
)
from generation.dates.held import Held, held_of
from generation.dates.messages import conflict, day_words
from generation.dates.published import dates_published
from generation.dates.words import Naming, change_words
from generation.errors import Refusal
from generation.models import LectureException, Variant
from generation.text.messages import not_a_day
from generation.timetable.grid import BY
from generation.timetable.term_dates import monday_of, today_in
from generation.web.guards import organization_current, role_at, role_page
from generation.web.lookup import term_requested

Kind = LectureException.Kind
SEVEN = dt.timedelta(days=7)
MOST = 500
TYPED = ("kind", "to_date", "to_period", "room", "absent", "cover", "note")


@require_safe
@role_page
def dates(request: HttpRequest) -> HttpResponse:
    """A week as it really is, each lecture with a way to change it on its date; of one section, instructor, room or curriculum, or all."""
    organization = organization_current(request)
    assert organization is not None, "the page's guard let nobody in without one"
    terms = list(Term.objects.filter(organization=organization))
    term = next((each for each in terms if each.code == request.GET.get("code")), None) or term_requested(request, organization, terms)
    context: dict[str, Any] = {"organization": organization, "organizations": organizations_visible(user=request.user), "term": term}
    by, key = request.GET.get("by", ""), request.GET.get("key", "")
    try:
        if term is None:
            raise conflict("There is no term yet, so nothing is published. Enter one first.")
        context |= _week(request, term, by if by in BY and key else "", key)
    except Refusal as refusal:
        context["refusal"] = str(refusal)
    return render(request, "generation/dates/week.html", context)


def _week(request: HttpRequest, term: Term, by: str, key: str) -> dict[str, Any]:
    of_term, naming = dates_published(term), naming_of(term)
    days = of_term.days
    date = days.nearest(_day(request.GET.get("date", "")) or today_in(term.organization.time_zone))
    first = monday_of(date)
    last = first + SEVEN - dt.timedelta(days=1)
    held = of_term.between(first, last, by=by or None, key=key)  # type: ignore[arg-type]
    shown: dict[dt.date, list[dict[str, Any]]] = {}
    for each in held[:MOST]:
        shown.setdefault(each.date, []).append(_line(each, naming))
    query = {"by": by, "key": key} if by else {}
    around = {name: start for name, start in (("before", first - SEVEN), ("after", first + SEVEN)) if _has_days(days, start)}
    return {
        "by": by,
        "key": key,
        "kinds": [("section", "Section"), ("instructor", "Instructor"), ("room", "Room"), ("curriculum", "Curriculum")],
        "first": first,
        "last": last,
        "days": sorted(shown.items()),
        "more": max(0, len(held) - MOST),
        **{name: f"?{urlencode(query | {'term': str(term.pk), 'date': start.isoformat()})}" for name, start in around.items()},
    }


def _has_days(days: Any, first: dt.date) -> bool:
    return bool(days.starts_on <= first + SEVEN - dt.timedelta(days=1) and first <= days.ends_on)


def _line(held: Held, naming: Naming) -> dict[str, Any]:
    starts, ends = naming.hours(held.lecture)
    return {
        "held": held,
        "starts": starts,
        "ends": ends,
        "room": naming.room(held.lecture.room),
        "people": ", ".join(naming.person(code) for code in held.lecture.instructors),
        "changes": change_words(held, naming),
        "note": held.exceptional.row.note if held.exceptional else "",
        "date": held.exceptional.row.date if held.exceptional else held.date,
    }


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def lecture_date(request: HttpRequest, variant_id: UUID, lecture: int, date: str) -> HttpResponse:
    """One lecture on one of its dates, by its number in the timetable that holds then."""
    visible = Variant.objects.filter(job__organization__in=organizations_visible(user=request.user)).select_related(
        "job__term__organization"
    )
    variant = visible.defer("conflicts", "certificate").filter(pk=variant_id).first()
    if variant is None:
        raise Http404
    if role_at(request, variant.job.organization_id) not in access_required(request).roles:
        raise PermissionDenied
    term, on = variant.job.term, _day(date)
    if term is None or on is None:
        raise Http404
    named = ExceptionRequest(on, lecture, "", variant_id=str(variant.pk))
    if request.method == "POST":
        return _changed(request, term, named)
    return _shown(request, term, named, {})


def _changed(request: HttpRequest, term: Term, named: ExceptionRequest) -> HttpResponse:
    form, user = request.POST, cast(User, request.user)
    typed = {name: form.get(name, "").replace("\0", "").strip()[:300] for name in TYPED}
    try:
        if form.get("action") == "undo":
            row = _row_of(term, lecture_planned(dates_published(term), named), named.date)
            if row is not None:
                exception_undo(row=row, user=user)
            notices.success(request, "It is as in the timetable again.")
        else:
            wanted = _request_read(named, typed)
            hit = 0 if form.get("accepted") == "yes" else students_hit(term=term, request=wanted)
            if hit:
                return _shown(request, term, named, typed, hit=hit)
            exception_make(term=term, user=user, request=wanted)
            notices.success(request, "Done. Pages, calendars and files show it from now on.")
    except Refusal as refusal:
        notices.error(request, str(refusal))
        return _shown(request, term, named, typed)
    return redirect(request.path)


def _request_read(named: ExceptionRequest, typed: dict[str, str]) -> ExceptionRequest:
    """Of the fields those that belong to what is chosen; the form shows all of them."""
    kind = typed["kind"] if typed["kind"] in Kind.values else ""
    if not kind:
        raise conflict("Choose what happens to the lecture.")
    to_date = None
    if kind == Kind.MOVE and typed["to_date"]:
        to_date = _day(typed["to_date"])
        if to_date is None:
            raise conflict(not_a_day(typed["to_date"]))
    return ExceptionRequest(
        named.date,
        named.lecture,
        kind,
        to_date=to_date,
        to_period=number_read(typed["to_period"], max_digits=2) if kind == Kind.MOVE else None,
        room=typed["room"] if kind in (Kind.MOVE, Kind.ROOM) else "",
        absent=typed["absent"] if kind != Kind.CANCEL and typed["cover"] else "",
        cover=typed["cover"] if kind != Kind.CANCEL else "",
        note=typed["note"],
        variant_id=named.variant_id,
    )


def _shown(request: HttpRequest, term: Term, named: ExceptionRequest, typed: dict[str, str], *, hit: int = 0) -> HttpResponse:
    organization = term.organization
    context: dict[str, Any] = {
        "organization": organization,
        "organizations": organizations_visible(user=request.user),
        "term": term,
        "date": named.date,
        "day": day_words(named.date),
        "typed": typed,
        "hit": hit,
        "kinds": [(Kind.CANCEL, "Cancel it"), (Kind.MOVE, "Move it"), (Kind.ROOM, "Another room"), (Kind.COVER, "Have it covered")],
    }
    try:
        planned = lecture_planned(dates_published(term), named)
    except Refusal as refusal:
        # What is no lecture of any published timetable has no page; to a form that was sent, the state has changed.
        status = 404 if request.method != "POST" else refusal.status
        return render(request, "generation/dates/lecture.html", context | {"refusal": str(refusal)}, status=status)
    return render(request, "generation/dates/lecture.html", context | _lecture_context(term, named, planned))


def _lecture_context(term: Term, named: ExceptionRequest, planned: Planned) -> dict[str, Any]:
    naming, lecture = naming_of(term), planned.lecture
    row = _row_of(term, planned, named.date)
    each = exceptional_of(row, dates_published(term)) if row is not None else None
    mine = {"organization": term.organization_id}
    return {
        "lecture": lecture,
        "line": _line(Held(named.date, lecture, planned.edition.variant_id), naming),
        "row": row,
        "lines": [_line(held, naming) for held in held_of(each, None, "")] if each else [],
        "periods": list(enumerate(naming.clocks)),
        "rooms": sorted(Room.objects.filter(**mine).values_list("code", flat=True)),
        "people": [(code, name) for code, name in Instructor.objects.filter(**mine).order_by("code").values_list("code", "name")],
        "teaching": [(code, naming.person(code)) for code in lecture.instructors],
    }


def _row_of(term: Term, planned: Planned, date: dt.date) -> LectureException | None:
    rows = LectureException.objects.filter(term=term, date=date, undone_at=None, **planned.key._asdict())
    return rows.select_related("term", "created_by").first()


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None
