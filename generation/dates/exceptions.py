"""Exceptions on single dates: made, refused where they can't be, and taken back. Callers have checked the role."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from academics.models import Instructor, Organization, Room, Term
from generation.dates import messages
from generation.dates.clashes import Change, clashes_of, students_elsewhere
from generation.dates.editions import Edition, edition_on
from generation.dates.held import Dates, Exceptional, Key, actual_of, is_planned, lectures_keyed, section_key
from generation.dates.published import dates_known, dates_published
from generation.dates.words import Naming
from generation.models import Entry, LectureException
from generation.text.display_names import rooms_named
from generation.timetable.lectures import Lecture
from generation.timetable.when import Clock

Kind = LectureException.Kind
FACTS = ("kind", "to_date", "to_period", "room", "absent", "cover", "note")


@dataclass(frozen=True)
class ExceptionRequest:
    """What is to be otherwise for a lecture, by its number in the edition of the date."""

    date: dt.date
    lecture: int
    kind: str
    to_date: dt.date | None = None
    to_period: int | None = None
    room: str = ""
    absent: str = ""
    cover: str = ""
    note: str = ""
    variant_id: str = ""  # where it was seen; another one that holds by now is refused


@dataclass(frozen=True)
class Planned:
    """A lecture on one of its dates."""

    edition: Edition
    key: Key
    lecture: Lecture


@dataclass(frozen=True)
class Wanted:
    """A request that is complete and makes sense by itself, whatever stands in its way."""

    row: LectureException
    planned: Planned
    change: Change | None  # None: the lecture is cancelled
    dates: Dates
    naming: Naming


@transaction.atomic
def exception_make(*, term: Term, user: User, request: ExceptionRequest) -> tuple[LectureException, bool]:
    """The exception, and whether it is new: the same again gives the same. Locks the institution's row.

    Raises the refusals of `errors`: 400 for what is no day, room or person; 409 for what is taken then, or otherwise already.
    """
    # Two who want the same room at the same moment come one after the other.
    Organization.objects.select_for_update().get(pk=term.organization_id)
    wanted = _wanted(term, request)
    row, planned = wanted.row, wanted.planned
    earlier = LectureException.objects.filter(term=term, date=row.date, undone_at=None, **planned.key._asdict()).first()
    if earlier is not None:
        if all(getattr(earlier, name) == getattr(row, name) for name in FACTS):
            return earlier, False
        raise messages.conflict(messages.already(earlier, planned.lecture))
    if wanted.change is not None:
        _require_free(wanted.dates, wanted.change, term, wanted.naming)
    row.created_by = user
    row.save()
    return row, True


def students_hit(*, term: Term, request: ExceptionRequest) -> int:
    """How many of the lecture's students would have another one then. Raises what `exception_make` does of the request itself."""
    wanted = _wanted(term, request)
    return 0 if wanted.change is None else students_elsewhere(wanted.dates, wanted.change)


def _wanted(term: Term, request: ExceptionRequest) -> Wanted:
    dates = dates_published(term)
    planned = lecture_planned(dates, request)
    row = LectureException(
        organization_id=term.organization_id,
        term=term,
        course=planned.key.course,
        section=planned.key.section,
        ordinal=planned.key.ordinal,
        date=request.date,
        **{name: getattr(request, name) for name in FACTS},
    )
    naming = naming_of(term)
    _complete(row, planned.lecture)
    _check(row, planned.lecture, dates, naming)
    actual = actual_of(planned.lecture, row)
    if actual is None:
        return Wanted(row, planned, None, dates, naming)
    change = Change(planned.edition.variant_id, row.date, (row.date, planned.lecture), row.to_date or row.date, actual)
    return Wanted(row, planned, change, dates, naming)


@transaction.atomic
def exception_undo(*, row: LectureException, user: User) -> bool:
    """All is as in the timetable again on that date; false where it was taken back already. Locks the institution's row.

    Refused where another lecture took its place in the meantime.
    """
    Organization.objects.select_for_update().get(pk=row.organization_id)
    row = LectureException.objects.select_related("term").select_for_update(of=("self",)).get(pk=row.pk)
    if row.undone_at is not None:
        return False
    dates = dates_known(row.term)
    each = exceptional_of(row, dates)
    if dates is not None and each is not None:
        before = None if each.actual is None else (each.date, each.actual)
        change = Change(each.variant_id, row.date, before, row.date, each.planned, is_back=True)
        _require_free(dates, change, row.term, naming_of(row.term))
    row.undone_at, row.undone_by = timezone.now(), user
    row.save(update_fields=["undone_at", "undone_by"])
    return True


def exceptional_of(row: LectureException, dates: Dates | None) -> Exceptional | None:
    """What it means for its lecture; None where nothing, as the edition of its date does not have the lecture then."""
    return None if dates is None else next(iter(dates.exceptional(row.date, row.date, rows=[row])), None)


def lecture_planned(dates: Dates, request: ExceptionRequest) -> Planned:
    """The lecture that the timetable has on that date; refused with the reason where it has not. Two queries."""
    edition = edition_on(dates.editions, request.date)
    if edition is None:
        raise messages.invalid("date", messages.no_edition(request.date))
    if request.variant_id and request.variant_id != edition.variant_id:
        raise messages.conflict(messages.CHANGED)
    entry = Entry.objects.filter(variant_id=edition.variant_id, lecture=request.lecture).only("course", "section").first()
    if entry is None:
        raise messages.invalid("lecture", messages.no_lecture(request.lecture, request.date))
    keyed = lectures_keyed(edition.variant_id, [(entry.course, section_key(entry.course, entry.section))])
    key, lecture = next((key, lecture) for key, lecture in keyed.items() if lecture.number == request.lecture)
    if not is_planned(lecture, dates.days, request.date):
        raise messages.invalid("date", messages.not_held(lecture, dates.days, request.date))
    return Planned(edition, key, lecture)


def naming_of(term: Term) -> Naming:
    """Three queries."""
    periods = enumerate(term.periods.all())
    clocks = [Clock(index, f"{row.starts_at:%H:%M}", f"{row.ends_at:%H:%M}") for index, row in periods]
    people = Instructor.objects.filter(organization=term.organization_id).exclude(name="").values_list("code", "name")
    return Naming(clocks, dict(people), rooms_named(term.organization_id))


def _complete(row: LectureException, lecture: Lecture) -> None:
    """What goes without saying."""
    if row.kind == Kind.MOVE:
        row.to_date = row.to_date or (row.date if row.to_period is not None else None)
        row.to_period = lecture.period if row.to_period is None and row.to_date is not None else row.to_period
    if row.cover and not row.absent and len(lecture.instructors) == 1:
        row.absent = lecture.instructors[0]
    if row.room == lecture.room and row.kind == Kind.MOVE:
        row.room = ""


def _check(row: LectureException, lecture: Lecture, dates: Dates, naming: Naming) -> None:
    """Raises `Invalid` for what does not go together, or is not there."""
    wrong = [name for name in ("to_date", "to_period", "room", "absent", "cover") if name not in messages.FITS[row.kind]]
    field = next((name for name in wrong if getattr(row, name) not in (None, "")), None)
    if field is not None:
        raise messages.invalid(field, messages.NOT_FITTING[row.kind])
    if row.kind in messages.NEEDED:
        name, text = messages.NEEDED[row.kind]
        if getattr(row, name) in (None, ""):
            raise messages.invalid(name, text)
    if row.kind == Kind.MOVE:
        _check_target(row, lecture, dates, naming)
    if row.room == lecture.room and row.kind == Kind.ROOM:
        raise messages.invalid("room", messages.NOTHING_CHANGES)
    mine = {"organization": row.organization_id}
    if row.room and not Room.objects.filter(**mine, code=row.room).exists():
        raise messages.invalid("room", messages.unknown("room", row.room))
    if row.absent and row.absent not in lecture.instructors:
        raise messages.invalid("absent", messages.not_teaching(row.absent, lecture))
    if not row.cover:
        if row.absent:
            raise messages.invalid("cover", messages.NEEDED["cover"][1])
        return
    if row.cover in lecture.instructors:
        raise messages.invalid("cover", messages.covers_already(row.cover, lecture))
    if not row.absent and lecture.instructors:
        raise messages.invalid("absent", messages.who_is_absent(lecture))
    if not Instructor.objects.filter(**mine, code=row.cover).exists():
        raise messages.invalid("cover", messages.unknown("instructor", row.cover))


def _check_target(row: LectureException, lecture: Lecture, dates: Dates, naming: Naming) -> None:
    assert row.to_date is not None, "completed, as it or the period is there"
    assert row.to_period is not None, "completed in the same way"
    if not dates.days.is_inside(row.to_date) or dates.days.break_on(row.to_date):
        raise messages.invalid("to_date", messages.no_such_day(dates.days, row.to_date))
    if row.to_period + lecture.length > max(len(naming.clocks), lecture.end):
        raise messages.invalid("to_period", messages.no_such_period(row.to_period, lecture.length, len(naming.clocks)))
    if (row.to_date, row.to_period) == (row.date, lecture.period):
        raise messages.invalid("to_date", messages.NOTHING_CHANGES)


def _require_free(dates: Dates, change: Change, term: Term, naming: Naming) -> None:
    reasons = clashes_of(dates, change, organization_id=term.organization_id, naming=naming)
    if reasons:
        raise messages.conflict(messages.clashing(reasons))
