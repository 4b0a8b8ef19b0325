"""The pages of what is published. They read, and draw a template."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from academics.models import Organization
from academics.term_weeks import TermWeeks
from generation.exports.document import BOOKS
from generation.models import Workflow
from generation.publication.access import Reading, SignInNeeded, reading_page
from generation.publication.dated_weeks import unplaced_of, week_dated
from generation.publication.directory import MOST_FOUND, Directory, Item, directory_of
from generation.publication.file_pages import FILES
from generation.publication.publication import Publication
from generation.publication.responses import PublishedPage, page_answer
from generation.timetable.grid import BY, By, grid_build
from generation.timetable.term_dates import monday_of, today_in
from generation.web.guards import organization_current

ONE = {"section": "Section", "instructor": "Instructor", "room": "Room", "curriculum": "Curriculum"}
MANY = {"section": "Sections", "instructor": "Instructors", "room": "Rooms", "curriculum": "Curricula"}
GROUP, GROUPS, CURRICULA_AND_GROUPS = "Group", "Groups", "Curricula and groups"
VIEWS = {"today": "Today", "week": "This week", "grid": "Every week"}
FEW = 12  # so many are listed on the front page itself


@require_safe
def published(request: HttpRequest) -> HttpResponse:
    """The timetables of the institution where one is; for a stranger, the public ones of all institutions."""
    if not request.user.is_authenticated:
        return _public_institutions(request)
    organization = organization_current(request)
    if organization is None:
        return render(request, "generation/no_organization.html")
    by, key = request.GET.get("by"), request.GET.get("key")
    if by in BY and key:
        return redirect("published-key", organization=organization.code, by=by, key=key)
    return published_front(request, organization.code)


def _public_institutions(request: HttpRequest) -> HttpResponse:
    shown = Workflow.objects.filter(status=Workflow.Status.PUBLISHED, organization__is_public=True)
    organizations = Organization.objects.filter(pk__in=shown.values("organization"))
    if not organizations:
        return SignInNeeded().response(request)
    return render(request, "generation/published/institutions.html", {"shown": organizations})


@require_safe
@reading_page
def published_front(request: HttpRequest, reading: Reading) -> HttpResponse:
    """A search, and the way to every section, instructor, room and curriculum."""
    if reading.publication is None:
        return render(request, "generation/published/nothing.html", _context(reading))
    query = request.GET.get("q", "").strip()[:100]
    page = PublishedPage(
        "generation/published/front.html",
        f"front {query}",
        lambda: _front_context(reading, query),
        is_kept=not query,  # what strangers may type has no end
        header="generation/published/_front_header.html",
    )
    return page_answer(request, reading, page)


def _front_context(reading: Reading, query: str) -> dict[str, Any]:
    publication = reading.publication
    assert publication is not None, "the caller looked"
    directory = directory_of(publication)
    found = directory.find(query)
    return _context(reading) | {
        "files": _files(reading),
        "books": [
            (_with_term(reading, reverse("published-book", args=[reading.organization, book])), _many(directory, by))
            for book, by in BOOKS.items()
            if directory.items[by]
        ],
        "query": query,
        "kinds": [_kind(reading, directory, by) for by in BY if directory.items[by]],
        "found": [_hits(reading, directory, by, found[by]) for by in BY if found[by]],
    }


@require_safe
@reading_page
def published_list(request: HttpRequest, reading: Reading, by: By) -> HttpResponse:
    """All sections, instructors, rooms or curricula."""
    if reading.publication is None:
        raise Http404
    page = PublishedPage("generation/published/list.html", f"list {by}", lambda: _list_context(reading, by))
    return page_answer(request, reading, page)


def _list_context(reading: Reading, by: By) -> dict[str, Any]:
    assert reading.publication is not None, "the caller looked"
    directory = directory_of(reading.publication)
    return _context(reading) | {"by": by, "many": _many(directory, by), "items": _links(reading, by, directory.items[by])}


@require_safe
@reading_page
def published_key(request: HttpRequest, reading: Reading, by: By, key: str) -> HttpResponse:
    """One of them: today, this week, or the weekly grid."""
    publication = reading.publication
    if publication is None:
        raise Http404
    today = today_in(publication.time_zone)
    date = _date(request.GET.get("date", ""), today)
    view = _view(request.GET.get("view", ""), publication, today)
    # Outside the term every date looks like its first or last, and is that one to the cache.
    of_dates = f"{publication.days.nearest(date)} {date == publication.days.nearest(date)} {today}"
    shown = publication.edition(date).variant_id if view == "grid" else of_dates
    name = f"key {by} {key!r} {view} {shown} {reading.is_public}"
    page = PublishedPage(
        "generation/published/key.html",
        name,
        lambda: _key_context(reading, by, key, view, date, today),
        is_usual=request.GET.get("view", "") in ("", *VIEWS) and date == publication.days.nearest(date),
    )
    return page_answer(request, reading, page)


def _key_context(reading: Reading, by: By, key: str, view: str, date: dt.date, today: dt.date) -> dict[str, Any]:
    """Raises 404 where the timetable has no such section, instructor, room or curriculum."""
    publication = reading.publication
    assert publication is not None, "the caller looked"
    directory = directory_of(publication)
    item = directory.item(by, key)
    if item is None:
        raise Http404
    key = item.key
    context = _context(reading) | {
        "by": by,
        "one": GROUP if by == "curriculum" and key in directory.groups else ONE[by],
        "many": _many(directory, by),
        "kind_address": _with_term(reading, reverse("published-kind", args=[reading.organization, by])),
        "item": item,
        "title": _title(by, item),
        "subscribe": f"{reverse('feeds')}?{urlencode({'organization': reading.organization, 'by': by, 'key': key})}",
        "calendar": reverse("published-calendar", args=[reading.organization, by, key]) if reading.is_public else "",
        "files": _files(reading, by=by, key=key, **_of_week(publication, view, date)),
        "view": view,
        "views": [(each, label, _address(reading, by, key, view=each)) for each, label in VIEWS.items()],
    }
    return context | (_grid(publication, by, key, date) if view == "grid" else _dated(reading, by, key, view, date, today))


def _context(reading: Reading) -> dict[str, Any]:
    return {"reading": reading, "publication": reading.publication, "front": _front(reading), "by_words": ONE}


def _files(reading: Reading, **query: str) -> list[tuple[str, str]]:
    """Addresses and names. The PDF of everything is a book."""
    kinds = [kind for kind in FILES if query or kind != "pdf"]
    return [(_with_term(reading, reverse("published-file", args=[reading.organization, kind]), **query), FILES[kind]) for kind in kinds]


def _of_week(publication: Publication, view: str, date: dt.date) -> dict[str, str]:
    """Beside a week of dates stand the files of that week."""
    return {"date": publication.days.nearest(date).isoformat()} if view == "week" and publication.days.has_dates else {}


def _many(directory: Directory, by: By) -> str:
    """Student groups are listed with the curricula, or instead of them."""
    if by != "curriculum" or not directory.groups:
        return MANY[by]
    return GROUPS if len(directory.groups) == len(directory.items[by]) else CURRICULA_AND_GROUPS


def _title(by: By, item: Item) -> str:
    return item.name if by == "instructor" and item.name else item.key


def _kind(reading: Reading, directory: Directory, by: By) -> dict[str, Any]:
    items = directory.items[by]
    return {
        "many": _many(directory, by),
        "number": len(items),
        "address": _with_term(reading, reverse("published-kind", args=[reading.organization, by])),
        "items": _links(reading, by, items) if len(items) <= FEW else [],
    }


def _hits(reading: Reading, directory: Directory, by: By, items: list[Item]) -> dict[str, Any]:
    return {"many": _many(directory, by), "items": _links(reading, by, items[:MOST_FOUND]), "more": max(0, len(items) - MOST_FOUND)}


def _links(reading: Reading, by: By, items: list[Item]) -> list[dict[str, str]]:
    return [{"key": item.key, "name": item.name, "address": _address(reading, by, item.key)} for item in items]


def _address(reading: Reading, by: By, key: str, **query: str) -> str:
    address = reverse("published-key", args=[reading.organization, by, key])
    return _with_term(reading, address, **query)


def _front(reading: Reading) -> str:
    return _with_term(reading, reverse("published-front", args=[reading.organization]))


def _with_term(reading: Reading, address: str, **query: str) -> str:
    """The usual term goes without saying."""
    if reading.publication and reading.terms and reading.publication.term != reading.terms[0][0]:
        query["term"] = reading.publication.term
    return f"{address}?{urlencode(query)}" if query else address


def _view(asked: str, publication: Publication, today: dt.date) -> str:
    """This week while the term lasts; before, after and without dates what every week is like."""
    if asked in VIEWS:
        return asked
    return "week" if publication.days.is_inside(today) else "grid"


def _date(text: str, today: dt.date) -> dt.date:
    if not text:
        return today
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise Http404 from error


def _grid(publication: Publication, by: By, key: str, date: dt.date) -> dict[str, Any]:
    directory = directory_of(publication)
    names = directory.names["instructor"]
    grid = grid_build(publication.variant(date), by=by, key=key, with_violations=False, names=names, rooms=directory.rooms)
    return {"grid": grid, "num_lanes": sum(day.num_lanes for day in grid.days)}


def _weeks(weeks: TermWeeks) -> list[tuple[int, dt.date, dt.date]]:
    """The weeks of the term to choose from, with their dates."""
    return [(number, *dates) for number in range(1, weeks.num_weeks + 1) if (dates := weeks.dates(number))]


def _dated(reading: Reading, by: By, key: str, view: str, date: dt.date, today: dt.date) -> dict[str, Any]:
    publication = reading.publication
    assert publication is not None
    days = publication.days
    if not days.has_dates:
        return {"has_no_dates": True}
    step = 7 if view == "week" else 1
    shown = days.nearest(date)
    weeks = days.weeks
    week = week_dated(publication, directory_of(publication), by=by, key=key, date=shown, today=today)
    first = monday_of(shown) if view == "week" else shown
    before, after = first - dt.timedelta(days=1), first + dt.timedelta(days=step)
    return {
        "shown": shown,
        "is_now": shown == today or (view == "week" and monday_of(shown) == monday_of(today)),
        "is_outside": shown != date,
        "dated": week if view == "week" else [each for each in week if each.date == shown],
        "is_free_day": view == "today" and all(each.date != shown for each in week),
        "number": weeks.number(shown),
        "weeks": _weeks(weeks) if view == "week" else [],
        "unplaced": unplaced_of(publication, by=by, key=key, date=shown),
        "before": _address(reading, by, key, view=view, date=before.isoformat()) if days.is_inside(before) else "",
        "after": _address(reading, by, key, view=view, date=after.isoformat()) if days.is_inside(after) else "",
        "last_of_week": first + dt.timedelta(days=max(0, len(week) - 1)),
    }
