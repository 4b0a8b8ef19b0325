"""A week as it really is, over REST: the edition of each day, with what is otherwise on it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from academics.models import Organization
from academics.selectors import Role
from generation.dates.held import Held
from generation.dates.words import Naming, change_words
from generation.errors import Missing
from generation.publication.current import current_publications
from generation.publication.dated_weeks import dates_of, naming_of
from generation.publication.directory import directory_of
from generation.publication.feeds import own_code
from generation.publication.publication import Publication
from generation.timetable.grid import BY, By
from generation.timetable.term_dates import monday_of, today_in
from generation.web.lookup import get_organization, organization_for, user_asking
from generation.web.serializers import WRONG_BODY, MessageSerializer, TermQuery, TextField, query_checked

ERRORS = {401: MessageSerializer, 403: MessageSerializer, 404: MessageSerializer}


class WeekQuery(TermQuery):
    date = serializers.DateField(required=False, help_text="A day of the week; left out: today.")


class KeyWeekQuery(WeekQuery):
    by = serializers.ChoiceField(choices=BY)
    key = TextField(max_length=80, help_text="The code, as under Published.")


class PlannedSerializer(serializers.Serializer[Any]):
    date = serializers.DateField()
    period = serializers.IntegerField()
    room = serializers.CharField(allow_blank=True)
    instructors = serializers.ListField(child=serializers.CharField())


class HeldSerializer(serializers.Serializer[Any]):
    lecture = serializers.IntegerField(help_text="Its number in the timetable of the day that `planned` names, else of its own.")
    variant_id = serializers.UUIDField()
    course = serializers.CharField()
    title = serializers.CharField(allow_blank=True)
    section = serializers.CharField()
    instructors = serializers.ListField(child=serializers.CharField())
    room = serializers.CharField(allow_blank=True)
    period = serializers.IntegerField()
    length = serializers.IntegerField()
    starts_at = serializers.CharField(allow_blank=True)
    ends_at = serializers.CharField(allow_blank=True)
    is_held = serializers.BooleanField(help_text="False: struck out, as it is cancelled, or elsewhere, or by somebody else.")
    kind = serializers.CharField(
        allow_null=True, help_text="Of the exception, `cancel`, `move`, `room` or `cover`; null: as in the timetable."
    )
    exception_id = serializers.UUIDField(allow_null=True)
    changes = serializers.ListField(child=serializers.CharField(), help_text="In words.")
    note = serializers.CharField(allow_blank=True)
    planned = PlannedSerializer(allow_null=True, help_text="As the timetable has it, where something is otherwise.")


class WeekDaySerializer(serializers.Serializer[Any]):
    date = serializers.DateField()
    is_inside = serializers.BooleanField(help_text="Of the term.")
    holiday = serializers.CharField(allow_blank=True)
    edition = serializers.UUIDField(allow_null=True, help_text="The timetable that holds; null: none was published for this day.")
    lectures = HeldSerializer(many=True)


class WeekSerializer(serializers.Serializer[Any]):
    organization = serializers.CharField()
    term = serializers.CharField()
    week = serializers.IntegerField(help_text="Of the term; 0 outside it.")
    by = serializers.CharField()
    key = serializers.CharField()
    days = WeekDaySerializer(many=True)


class PublishedWeek(APIView):
    @extend_schema(parameters=[KeyWeekQuery], responses={200: WeekSerializer} | WRONG_BODY | ERRORS)
    def get(self, request: Request) -> Response:
        """The week of one section, instructor, room or curriculum, day by day."""
        query = query_checked(KeyWeekQuery, request)
        organization = get_organization(request, query.get("organization"))
        return Response(_week(organization, query, query["by"], query["key"]))


class OwnWeek(APIView):
    @extend_schema(parameters=[WeekQuery], responses={200: WeekSerializer} | WRONG_BODY | ERRORS)
    def get(self, request: Request) -> Response:
        """The caller's own week: that of the instructor with the caller's e-mail address."""
        query, user = query_checked(WeekQuery, request), user_asking(request)
        organization = organization_for(user=user, code=query.get("organization"), roles=tuple(Role.values))
        code = own_code(user, organization)
        if code is None:
            raise Missing("feed_nobody", email=user.email or "none", organization=organization.name)
        return Response(_week(organization, query, "instructor", code))


def _week(organization: Organization, query: dict[str, Any], by: By, key: str) -> dict[str, Any]:
    current = current_publications(organization.code)
    publication = current.publication(query.get("term", "")) if current is not None else None
    item = directory_of(publication).item(by, key) if publication is not None else None
    if publication is None or item is None:
        raise Missing("feed_unknown_key", by=by, key=key, organization=organization.name)
    return week_facts(publication, by=by, key=item.key, date=query.get("date") or today_in(publication.time_zone))


def week_facts(publication: Publication, *, by: By, key: str, date: dt.date) -> dict[str, Any]:
    """The week that holds the date, or the term's first or last one."""
    days = publication.days
    date = days.nearest(date)
    first, of_term = monday_of(date), dates_of(publication)
    dates = [first + dt.timedelta(days=day) for day in range(7)]
    naming = naming_of(publication, directory_of(publication))
    held = of_term.between(dates[0], dates[-1], by=by, key=key)
    return {
        "organization": publication.organization,
        "term": publication.term,
        "week": days.weeks.number(date),
        "by": by,
        "key": key,
        "days": [
            {
                "date": each,
                "is_inside": days.is_inside(each),
                "holiday": days.break_on(each),
                "edition": edition.variant_id if (edition := of_term.edition(each)) else None,
                "lectures": [_held_facts(one, naming) for one in held if one.date == each],
            }
            for each in dates
        ],
    }


def _held_facts(held: Held, naming: Naming) -> dict[str, Any]:
    lecture, each = held.lecture, held.exceptional
    starts_at, ends_at = naming.hours(lecture)
    planned = each and {
        "date": each.row.date,
        "period": each.planned.period,
        "room": each.planned.room,
        "instructors": list(each.planned.instructors),
    }
    return {
        "lecture": lecture.number,
        "variant_id": held.variant_id,
        "course": lecture.course,
        "title": lecture.title,
        "section": lecture.section,
        "instructors": list(lecture.instructors),
        "room": lecture.room,
        "period": lecture.period,
        "length": lecture.length,
        "starts_at": starts_at,
        "ends_at": ends_at,
        "is_held": held.is_held,
        "kind": each.row.kind if each else None,
        "exception_id": each.row.pk if each else None,
        "changes": list(change_words(held, naming)),
        "note": each.row.note if each else "",
        "planned": planned,
    }
