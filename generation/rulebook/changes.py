"""Constraints as people change them. Each is one transaction; what a value may be was checked before (`values`)."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from academics.models import (
    Availability,
    Building,
    CourseOffering,
    Instructor,
    Meeting,
    Organization,
    Room,
    RoomPreference,
    Rule,
    RuleSetting,
    RuleTimeslot,
)
from academics.selectors import LIMIT_KINDS
from generation.engine.model.problem import Weights
from generation.rulebook.context import Book, Line
from generation.rulebook.institution_sources import LIMIT_OF
from generation.rulebook.kinds import HARDNESS, Kind, owner_of
from generation.rulebook.validation import Values, values_checked


@transaction.atomic
def rule_save(book: Book, kind: Kind, values: Values, line: Line | None = None) -> str:
    """Makes the constraint, or changes the one of `line`; gives its id."""
    if kind.is_rule:
        row = _rule_write(book, kind, values, line)
    elif kind.id in LIMIT_KINDS:
        row = _field_write(values["instructor"], LIMIT_KINDS[kind.id], values["number"], line)
    elif kind.id.startswith(("away_", "wish_")):
        row = _marks_write(book, kind, values, line)
    elif kind.id == "min_days":
        row = _field_write(values["offering"], "min_days", values["number"], line)
    elif kind.id == "home_building":
        row = _field_write(values["offering"], "preferred_building", values["building"], line)
    elif kind.id == "room_sharing":
        row = _field_write(values["room"], "sharing", values["number"], line)
    elif kind.id == "preferred_rooms":
        row = _choices_write(values, line)
    else:
        row = _institution_write(book, kind, values, line)
    if not kind.is_rule and row.isdigit():
        _setting_write(book.organization, kind, int(row), is_active=values.get("is_active", True), comment=values.get("comment", ""))
    return f"{kind.id}-{row}"


@transaction.atomic
def rule_switch(book: Book, line: Line, *, is_active: bool) -> None:
    """Puts a constraint into use, or out of it; its figures stay, but for a weight, which comes back as the usual one."""
    if line.kind.is_rule:
        if is_active:
            values_checked(book, line.kind, {"is_active": True}, line)
        Rule.objects.filter(pk=int(line.row)).update(is_active=is_active)
    elif line.kind.id == "weight":
        _weight_write(book.organization, line.row, _usual_weight(line.row) if is_active else 0)
    else:
        _setting_write(book.organization, line.kind, int(line.row), is_active=is_active, comment=line.comment)


@transaction.atomic
def rule_delete(book: Book, line: Line) -> None:
    """Takes a constraint away, with its setting."""
    kind, row = line.kind, int(line.row)
    if kind.is_rule:
        Rule.objects.filter(pk=row).delete()
    elif kind.id.startswith(("away_", "wish_")):
        _marks(book, kind, row).delete()
    elif kind.id == "preferred_rooms":
        RoomPreference.objects.filter(offering=row).delete()
    else:
        model, field, none = _cleared(kind)
        model._default_manager.filter(pk=row).update(**{field: none})
    if not kind.is_rule:
        _settings(kind, row).delete()


def _cleared(kind: Kind) -> tuple[Any, str, Any]:
    """The field of a record that holds a constraint, and what it is without."""
    if kind.id in LIMIT_KINDS:
        return Instructor, LIMIT_KINDS[kind.id], 0
    return {
        "min_days": (CourseOffering, "min_days", 0),
        "home_building": (CourseOffering, "preferred_building", None),
        "room_sharing": (Room, "sharing", 1),
    }[kind.id]


def _rule_write(book: Book, kind: Kind, values: Values, line: Line | None) -> str:
    rule = Rule.objects.get(pk=int(line.row)) if line else Rule(organization=book.organization, term=book.term, kind=kind.id)
    for field in ("first", "room", "lecture", "day", "period", "is_hard", "is_active", "comment"):
        if field in values:
            setattr(rule, field, values[field])
    if "number" in values:
        rule.days = values["number"]
    rule.factor = values.get("weight", 1)
    rule.save()
    first = [values["first"]] if values.get("first") else []
    # Row by row: `set` would store them in no order, and the first stands for the others.
    links = Rule.offerings.through.objects
    links.filter(rule=rule).delete()
    links.bulk_create(links.model(rule=rule, courseoffering=offering) for offering in dict.fromkeys([*first, *values["offerings"]]))
    if "timeslots" in values:
        rule.timeslots.all().delete()
        RuleTimeslot.objects.bulk_create(RuleTimeslot(rule=rule, day=day, period=period) for day, period in values["timeslots"])
    return str(rule.pk)


def _field_write(row: Any, field: str, value: Any, line: Line | None) -> str:
    """A constraint that is one field of a record; one moved to another record leaves the first."""
    if line is not None and line.row != str(row.pk):
        model, field, none = _cleared(line.kind)
        model._default_manager.filter(pk=int(line.row)).update(**{field: none})
        _settings(line.kind, int(line.row)).delete()
    setattr(row, field, value)
    row.save(update_fields=[field])
    return str(row.pk)


def _marks(book: Book, kind: Kind, row: int) -> Any:
    sort, owner = kind.id.split("_", 1)
    marks = Availability.objects.filter(organization=book.organization, term=book.term, **{f"{owner}_id": row})
    blocked = Availability.BLOCKED
    return marks.filter(rating__lte=blocked) if sort == "away" else marks.filter(rating__gt=blocked)


def _marks_write(book: Book, kind: Kind, values: Values, line: Line | None) -> str:
    """The marks of one rating become these; a timeslot has one mark, so other marks there give way."""
    sort, owner = kind.id.split("_", 1)
    row = values[owner]
    rating = Availability.BLOCKED if sort == "away" else values["rating"]
    slots = {slot for mark in values["timeslots"] for slot in _each_slot(book, mark)}
    if line is not None and line.row != str(row.pk):
        rule_delete(book, line)
    mine = Availability.objects.filter(organization=book.organization, term=book.term, **{owner: row})
    given_way = [
        pk for pk, day, period, had in mine.values_list("pk", "day", "period", "rating") if had == rating or (day, period) in slots
    ]
    mine.filter(pk__in=given_way).delete()
    Availability.objects.bulk_create(
        Availability(organization=book.organization, term=book.term, day=day, period=period, rating=rating, **{owner: row})
        for day, period in sorted(slots)
    )
    return str(row.pk)


def _each_slot(book: Book, mark: tuple[int | None, int | None]) -> list[tuple[int, int]]:
    days = range(book.term.num_days) if mark[0] is None else [mark[0]]
    hours = book.periods if mark[1] is None else [mark[1]]
    return [(day, hour) for day in days for hour in hours]


def _choices_write(values: Values, line: Line | None) -> str:
    offering: CourseOffering = values["offering"]
    RoomPreference.objects.filter(offering__in={offering.pk, int(line.row) if line else offering.pk}).delete()
    RoomPreference.objects.bulk_create(
        RoomPreference(offering=offering, rank=rank, **{"building" if isinstance(place, Building) else "room": place})
        for rank, place in enumerate(values["choices"])
    )
    return str(offering.pk)


def _institution_write(book: Book, kind: Kind, values: Values, line: Line | None) -> str:
    assert line is not None, "what is there for every institution cannot be added"
    if kind.id == "meeting":
        _meeting_write(int(line.row), values)
    elif kind.id == "seats":
        book.term.seats_tolerance, book.term.seats_tolerance_percent = values["number"], values["percent"]
        book.term.save(update_fields=["seats_tolerance", "seats_tolerance_percent"])
        _hardness_write(book.organization, HARDNESS["seats"], values["is_hard"])
        if not values["is_hard"]:
            _weight_write(book.organization, HARDNESS["seats"], values["weight"])
    else:
        _weight_write(book.organization, line.row, values["weight"])
        if line.row in LIMIT_OF:
            _hardness_write(book.organization, line.row, values["is_hard"])
    return line.row


def _meeting_write(pk: int, values: Values) -> None:
    meeting = Meeting.objects.get(pk=pk)
    meeting.room_kind = values["room_kind"]
    meeting.save(update_fields=["room_kind"])
    meeting.features.set(values["features"])


def _weight_write(organization: Organization, constraint: str, weight: int) -> None:
    locked = Organization.objects.select_for_update().get(pk=organization.pk)
    locked.weights = {**locked.weights, constraint: weight}
    locked.save(update_fields=["weights"])
    organization.weights = locked.weights


def _hardness_write(organization: Organization, constraint: str, is_hard: bool) -> None:
    locked = Organization.objects.select_for_update().get(pk=organization.pk)
    locked.hardness = {**locked.hardness, constraint: is_hard}
    locked.save(update_fields=["hardness"])
    organization.hardness = locked.hardness


def _usual_weight(constraint: str) -> int:
    return max(1, Weights().as_dict()[constraint])


def _setting_write(organization: Organization, kind: Kind, row: int, *, is_active: bool, comment: str) -> None:
    """Kept only where it says something."""
    settings = _settings(kind, row)
    if is_active and not comment:
        settings.delete()
    elif not settings.update(is_active=is_active, comment=comment):
        owner = {f"{owner_of(kind.id)}_id": row}
        RuleSetting.objects.create(organization=organization, kind=kind.id, is_active=is_active, comment=comment, **owner)


def _settings(kind: Kind, row: int) -> QuerySet[RuleSetting]:
    return RuleSetting.objects.filter(kind=kind.id, **{f"{owner_of(kind.id)}_id": row})
