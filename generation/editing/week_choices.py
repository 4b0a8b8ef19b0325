"""Whose weeks a variant can show: everybody's codes to search in, and the lectures of one of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from functools import lru_cache
from typing import Literal, NamedTuple, get_args
from uuid import UUID

from django.db.models import QuerySet

from academics.models import Course, Department, Instructor
from generation.errors import Conflict
from generation.models import Entry, GenerationJob, Seating, Variant
from generation.problem.seating_codec import seating_unpack
from generation.problem.stored_problem import problem_of
from generation.text.display_names import Naming
from generation.text.without_room import is_without_room
from generation.timetable.grid import BY, By, Choice, entries_filter, grid_choices
from generation.timetable.term_dates import weeks_dated

Whose = Literal["section", "instructor", "room", "curriculum", "department", "student"]
WHOSE: tuple[Whose, ...] = get_args(Whose)
WHOSE_WORDS: dict[Whose, str] = {
    "section": "Section",
    "instructor": "Instructor",
    "room": "Room",
    "curriculum": "Curriculum",
    "department": "Department",
    "student": "Student",
}
JOBS_KEPT = 2


def choices_of(*, variant: Variant, by: Whose) -> Sequence[Choice]:
    """Everybody of this kind, in the order of their codes. Kept by the process after the first time."""
    return _choices(variant.job_id, by) or _choices_of_rows(variant, by)


def choices_found(*, variant: Variant, by: Whose, query: str, num: int) -> list[Choice]:
    """Those whose code or words hold the query, codes that begin with it first."""
    wanted = query.strip().casefold()
    found = [choice for choice in choices_of(variant=variant, by=by) if wanted in choice.label.casefold()]
    found.sort(key=lambda choice: not choice.key.casefold().startswith(wanted))
    return found[:num]


def choice_shown(*, variant: Variant, by: Whose, key: str) -> Choice | None:
    """The one asked for, else the first whose code or words hold what was asked, else the first there is."""
    choices = choices_of(variant=variant, by=by)
    exact = next((choice for choice in choices if choice.key == key), None)
    near = choices_found(variant=variant, by=by, query=key, num=1) if exact is None and key else []
    return exact or next(iter([*near, *choices[:1]]), None)


def entries_of(*, variant: Variant, by: Whose, key: str) -> QuerySet[Entry]:
    """The lectures of one section, instructor, room, curriculum, department or student."""
    entries = variant.entries.all()
    if by == "department":
        courses = Course.objects.filter(organization=variant.job.organization_id, department__code=key)
        return entries.filter(course__in=courses.values("code"))
    if by == "student":
        return entries.filter(section__in=_attended(variant).get(key, []))
    return entries_filter(entries, by=by, key=key)


class WeekChoice(NamedTuple):
    """A week of the term, with its first and last day where the term has dates."""

    number: int
    first: dt.date | None
    last: dt.date | None


def weeks_to_choose(variant: Variant) -> list[WeekChoice]:
    """The weeks of the term, where some lecture of the variant is not held in every one. One query."""
    masks = list(variant.entries.exclude(weeks=0).order_by().values_list("weeks", flat=True).distinct())
    if not masks:
        return []
    weeks = weeks_dated(variant.job.term)
    last = weeks.num_weeks or max(mask.bit_length() for mask in masks)
    return [WeekChoice(number, *(weeks.dates(number) or (None, None))) for number in range(1, last + 1)]


def _attended(variant: Variant) -> dict[str, list[str]]:
    stored = Seating.objects.filter(variant=variant).first()
    return seating_unpack(stored.data) if stored else {}


@lru_cache(maxsize=JOBS_KEPT * len(WHOSE))
def _choices(job_id: UUID, by: Whose) -> tuple[Choice, ...]:
    job = GenerationJob.objects.select_related("organization", "term").defer(*GenerationJob.LARGE).get(pk=job_id)
    if by == "department":
        rows = Department.objects.filter(organization=job.organization_id).order_by("code").values_list("code", "name")
        return tuple(Choice(code, f"{code} {name}".strip()) for code, name in rows)
    try:
        names = problem_of(job=job).names
    except Conflict:
        return ()
    if by == "section":
        labels = {section: f"{section} {title}".strip() for section, title in zip(names.sections, names.titles, strict=True)}
    elif by == "instructor":
        people = Instructor.objects.filter(organization=job.organization_id).values_list("code", "name")
        known = dict(people)
        labels = {code: f"{known[code]} ({code})" if known.get(code) else code for code in names.instructors}
    else:
        naming = Naming(job.organization_id)
        rooms = tuple(code for code in names.rooms if not is_without_room(code, naming.rooms))
        codes = {"room": rooms, "curriculum": names.curricula, "student": names.students}[by]
        label_of = {"curriculum": naming.curriculum_label, "room": naming.room_label}.get(by, str)
        labels = {code: label_of(code) for code in codes}
    return tuple(Choice(code, labels[code]) for code in sorted(labels))


def _choices_of_rows(variant: Variant, by: Whose) -> Sequence[Choice]:
    """For runs that kept no problem: what their lectures name."""
    kinds: dict[str, By] = {kind: kind for kind in BY}
    return grid_choices(variant)[kinds[by]] if by in kinds else []
