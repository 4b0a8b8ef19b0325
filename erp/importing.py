"""Files of published formats into the database: joins `generation.formats` and `academics`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

from django.db import transaction

from academics.models import Availability, Term
from academics.placements import PlacesRefused, Source, timetable_store
from academics.selectors import (
    AvailabilityRow,
    CurriculumRow,
    InstructorRow,
    MeetingRow,
    NamedRow,
    OfferingRow,
    PeriodRow,
    RoomRow,
    TermRows,
)
from academics.services import organization_store
from erp.fet_rows import fet_rows
from generation.engine.model.problem import Weights
from generation.formats import FormatError, ctt, ectt, fet_file, itc2019
from generation.formats.instances import format_guess
from generation.formats.unsupported import LEFT_OUT
from generation.formats.xml_source import root_tag

LATER = frozenset({".xml"})
SOLVED_ALONE = {"unitime": "UniTime's course timetabling files", "xhstt": "XHSTT archives"}
MAX_DAYS = 7
MAX_PERIODS = 64
MAX_CODE = 60
MAX_NAME = 200
UNLIMITED_SECTION = 1_000_000  # a course of the competition is one section, however large


def file_import(*, path: Path, organization: str, replace: bool = False, allow_unsupported: bool = False) -> Term:
    """Import one file as an organization, in one transaction; raises `FormatError` or `DataInUseError` and writes nothing.

    With ``allow_unsupported`` what cannot be kept is left out, and counted under `unsupported.LEFT_OUT` in the organization's ``source``.
    """
    if path.suffix.lower() in LATER:
        raise FormatError(path.name, 0, "", _why_not(path))
    if path.suffix.lower() == ".fet":
        return _fet_import(path, organization=organization, replace=replace, allow_unsupported=allow_unsupported)
    extended = ectt.read(path) if path.suffix.lower() == ".ectt" else None
    instance = extended.plain if extended else ctt.read(path)
    _check_limits(instance, path.name)
    return organization_store(
        code=organization,
        name=instance.name,
        term={"code": "ITC-2007", "name": instance.name, "academic_year": "", "semester": ""},
        rows=ctt_rows(instance, extended.buildings if extended else ()),
        weights=Weights.udine().as_dict(),
        source={**ctt.to_problem(instance).source, "formulation": "udine2007"},
        replace=replace,
    )


@transaction.atomic
def _fet_import(path: Path, *, organization: str, replace: bool, allow_unsupported: bool) -> Term:
    """With the timetable that the file holds, if it holds one, as a variant."""
    source = fet_file.read(path)
    found = fet_rows(source, allow_unsupported=allow_unsupported, periods=_periods)
    term = organization_store(
        code=organization,
        name=source.name[:MAX_NAME],
        term={"code": "FET", "name": source.name[:MAX_NAME], "academic_year": "", "semester": ""},
        rows=found.rows,
        weights=found.weights,
        hardness=found.hardness,
        source={"imported_from": "fet", LEFT_OUT: dict(found.left_out)},
        replace=replace,
    )
    if found.placements:
        try:
            timetable_store().take_over(organization=term.organization, term=term, placements=found.placements, source=Source(path.name))
        except PlacesRefused as refusal:
            raise FormatError(path.name, 0, "", str(refusal)) from None
    return term


def _why_not(path: Path) -> str:
    """What to do with a file of a format that is not imported."""
    what, root = SOLVED_ALONE.get(format_guess(path)), root_tag(path)
    if what:
        return f"{what} cannot be imported yet; manage.py solve finds a timetable without an institution. To import, give tables."
    if root != itc2019.ROOT:
        named = f"<{root[:40]}>" if root else "missing"
        return f"this is XML of no known format: its root element is {named}. Give tables, or a .ctt or .ectt file."
    return (
        "ITC-2019 files cannot be imported yet: the terms of an institution have no weeks of their own so far, nor travel times. "
        f"manage.py solve {path.name} finds a timetable without an institution."
    )


def _check_limits(instance: ctt.CttInstance, file: str) -> None:
    """The database's weekly grid and codes are narrower than the format's."""
    if instance.num_days > MAX_DAYS:
        raise FormatError(file, 0, "Days", f"{instance.num_days} days; a weekly grid has 1 to {MAX_DAYS}.")
    if instance.periods_per_day > MAX_PERIODS:
        raise FormatError(file, 0, "Periods_per_day", f"{instance.periods_per_day} periods; a day has 1 to {MAX_PERIODS}.")
    codes = [course.id for course in instance.courses] + [course.teacher for course in instance.courses]
    codes += [room.id for room in instance.rooms] + [curriculum.id for curriculum in instance.curricula]
    for code in codes:
        if len(code) > MAX_CODE:
            raise FormatError(file, 0, "", f"{code[:MAX_CODE]!r}... is longer than {MAX_CODE} characters, the most a code may have.")


def ctt_rows(instance: ctt.CttInstance, buildings: Sequence[str] = ()) -> TermRows:
    """The instance as a term's rows: each course an offering of one section, each teacher an instructor; the building of each room."""
    building_id = {building: number for number, building in enumerate(dict.fromkeys(buildings), 1)}
    building_of: list[int | None] = [building_id[building] for building in buildings] or [None] * len(instance.rooms)
    course_id = {course.id: number for number, course in enumerate(instance.courses, 1)}
    teacher_id = {teacher: n for n, teacher in enumerate(dict.fromkeys(course.teacher for course in instance.courses), 1)}
    offerings = [
        OfferingRow(course_id[c.id], c.id, c.id, None, c.num_students, UNLIMITED_SECTION, c.min_days, None) for c in instance.courses
    ]
    curricula: dict[int, list[int]] = {}
    for number, curriculum in enumerate(instance.curricula, 1):
        for course in curriculum.courses:
            curricula.setdefault(course_id[course], []).append(number)
    return TermRows(
        num_days=instance.num_days,
        periods=_periods(instance.periods_per_day),
        rooms=[
            RoomRow(number, room.id, "", room.capacity, "classroom", building)
            for number, (room, building) in enumerate(zip(instance.rooms, building_of, strict=True), 1)
        ],
        room_features={},
        features=[],
        buildings=[NamedRow(number, building, "") for building, number in building_id.items()],
        departments=[],
        instructors=[InstructorRow(number, teacher, "", None, 0, 0, 0) for teacher, number in teacher_id.items()],
        offerings=offerings,
        offering_instructors={course_id[c.id]: [teacher_id[c.teacher]] for c in instance.courses},
        offering_curricula=curricula,
        meetings=[MeetingRow(course_id[c.id], course_id[c.id], c.num_lectures, 1, "") for c in instance.courses],
        meeting_features={},
        sections=[],
        section_instructors={},
        curricula=[CurriculumRow(number, c.id, "", None) for number, c in enumerate(instance.curricula, 1)],
        students=[],
        enrolments=[],
        availability=[
            AvailabilityRow(None, None, course_id[course], day, period, Availability.BLOCKED)
            for course, day, period in dict.fromkeys(instance.unavailabilities)
        ],
        rules=[],
        rule_offerings={},
    )


def _periods(count: int) -> list[PeriodRow]:
    """The format has no clock: periods of equal length from 08:00 on, or from midnight where they are many."""
    first = 8 * 60 if count <= 15 else 0
    minutes = min(60, (24 * 60 - first) // count)
    starts = [first + minutes * index for index in range(count)]
    return [PeriodRow(index, _clock(start), _clock(start + minutes - 5), False, False) for index, start in enumerate(starts)]


def _clock(minutes: int) -> dt.time:
    return dt.time(minutes // 60, minutes % 60)
