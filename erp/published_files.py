"""Files of published formats as an institution's rows: which format a file is of, and what it holds."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from academics.importing.institutions import InstitutionFile
from academics.importing.messages import UnreadableFile
from academics.models import Availability
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
from erp.fet_rows import fet_rows
from erp.peer_rows import unitime_rows, xhstt_rows
from erp.problem_rows import FromProblem
from generation.engine.model.problem import Weights
from generation.formats import FormatError, ctt, ectt, fet_file, itc2019, unitime, xhstt
from generation.formats.source import text_decode
from generation.formats.unsupported import left_out_text
from generation.formats.xml_source import MAX_BYTES, root_of

MAX_DAYS = 7
MAX_PERIODS = 64
MAX_CODE = 60
MAX_NAME = 200
UNLIMITED_SECTION = 1_000_000  # a course of the competition is one section, however large
SNIFFED = 64 * 1024
# Blanks of the line alone: what also took ends of lines would go over a file of empty lines once for each of them.
HEAD = re.compile(r"^[ \t]*(Courses|Rooms|Days|Periods_per_day|Curricula)[ \t]*:", re.MULTILINE)
EXTENDED_HEAD = re.compile(r"^[ \t]*(Min_Max_Daily_Lectures|RoomConstraints|UnavailabilityConstraints)[ \t]*:", re.MULTILINE)


@dataclass(frozen=True)
class Format:
    label: str
    max_bytes: int
    read: Callable[[str, str], InstitutionFile]  # of a text and the file's name


ASC = (
    "an XML file of aSc Timetables is not read. In aSc, export its timetable or its lessons as a table (CSV or Excel) with day, period, "
    "subject, class, teacher and classroom, and give that."
)


def format_name_of(*, file: str, data: bytes) -> str:
    """The key of `FORMATS`, or empty: by the root element of XML, by the head of other text, by the name where that says nothing.

    Raises `FormatError` for XML that is of none of them.
    """
    begin = data[:SNIFFED].removeprefix(b"\xef\xbb\xbf")
    if begin.lstrip()[:1] == b"<":
        root = root_of(begin)
        if b"ascttversion=" in begin:  # its root element is called as that of UniTime's files
            raise FormatError(file, 0, "", ASC)
        if root in BY_ROOT:
            return BY_ROOT[root]
        raise FormatError(file, 0, "", _why_not(root, file))
    words = begin.decode("utf-8", errors="replace")
    if len({each.lower() for each in HEAD.findall(words)}) >= 4:
        return "ectt" if EXTENDED_HEAD.search(words) else "ctt"
    ending = PurePath(file).suffix.lower().removeprefix(".")
    return ending if ending in FORMATS else ""


def institution_of(text: str, *, file: str, format_name: str) -> InstitutionFile:
    """What the file holds, with what can't be kept counted in ``left_out``. Raises `FormatError`."""
    return FORMATS[format_name].read(text, file)


class PublishedFiles:
    """What the setting INSTITUTION_READER names: see `academics.importing.institutions.InstitutionReader`."""

    def format_of(self, *, file: str, data: bytes) -> str:
        try:
            name = format_name_of(file=file, data=data)
        except FormatError as error:
            raise UnreadableFile("institution_unreadable", field="files", why=str(error)) from None
        return FORMATS[name].label if name else ""

    def read(self, *, file: str, data: bytes) -> InstitutionFile:
        try:
            name = format_name_of(file=file, data=data)
            text = text_decode(data, file=file, max_bytes=FORMATS[name].max_bytes)
            return institution_of(text, file=file, format_name=name)
        except FormatError as error:
            raise UnreadableFile("institution_unreadable", field="files", why=str(error)) from None


def _why_not(root: str, file: str) -> str:
    """What to do with XML of a format that is not imported."""
    if root == itc2019.ROOT:
        return (
            "ITC-2019 files cannot be imported yet: the terms of an institution have no weeks of their own so far, nor travel times. "
            f"manage.py solve {file} finds a timetable without an institution."
        )
    named = f"<{root[:40]}>" if root else "missing"
    return f"this is XML of no known format: its root element is {named}. Give tables, or a file of FET, UniTime, XHSTT, .ctt or .ectt."


def _fet(text: str, file: str) -> InstitutionFile:
    source = fet_file.parse(text, file=file)
    return _from_problem(fet_rows(source, periods=periods_usual), "fet", source.name or PurePath(file).stem)


def _unitime(text: str, file: str) -> InstitutionFile:
    source = unitime.parse(text, file=file)
    return _from_problem(unitime_rows(source), "unitime", source.root.get("term", "") or PurePath(file).stem)


def _xhstt(text: str, file: str) -> InstitutionFile:
    source = xhstt.parse(text, file=file)
    name = (source.instance.findtext("MetaData/Name") or "").strip() or source.instance.get("Id", "")
    return _from_problem(xhstt_rows(source, periods=periods_usual), "xhstt", name or PurePath(file).stem)


def _from_problem(found: FromProblem, format_name: str, name: str) -> InstitutionFile:
    label = FORMATS[format_name].label
    return InstitutionFile(
        format_name=label,
        name=name[:MAX_NAME],
        term=label,
        rows=found.rows,
        weights=found.weights,
        hardness=found.hardness,
        placements=found.placements,
        source={"imported_from": format_name},
        left_out=found.left_out,
        notes=found.notes,
    )


def _ctt(text: str, file: str) -> InstitutionFile:
    return _curriculum_based(ctt.parse(text, file=file), file)


def _ectt(text: str, file: str) -> InstitutionFile:
    extended = ectt.parse(text, file=file)
    return _curriculum_based(extended.plain, file, buildings=extended.buildings, notes=_uncounted(extended))


def _uncounted(extended: ectt.EcttInstance) -> list[str]:
    """What an extended file has for other formulations than the one by which it is solved here."""
    counts = {
        "room that does not suit a course": len(extended.unsuitable_rooms),
        "course with double lectures": sum(extended.double_lectures),
        "number of lectures of a curriculum's day": int((extended.min_daily, extended.max_daily) != (0, 0)),
    }
    named = left_out_text({kind: count for kind, count in counts.items() if count})
    return [f"It is solved by the formulation UD2, to which these do not belong: {named}."] if named else []


def _curriculum_based(instance: ctt.CttInstance, file: str, *, buildings: Sequence[str] = (), notes: Sequence[str] = ()) -> InstitutionFile:
    _check_limits(instance, file)
    return InstitutionFile(
        format_name=FORMATS["ectt" if buildings else "ctt"].label,
        name=instance.name[:MAX_NAME],
        term="ITC-2007",
        rows=ctt_rows(instance, buildings),
        weights=Weights.udine().as_dict(),
        source={**ctt.to_problem(instance).source, "formulation": "udine2007"},
        notes=notes,
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
        periods=periods_usual(instance.periods_per_day),
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


def periods_usual(count: int) -> list[PeriodRow]:
    """The format has no clock: periods of equal length from 08:00 on, or from midnight where they are many."""
    first = 8 * 60 if count <= 15 else 0
    minutes = min(60, (24 * 60 - first) // count)
    starts = [first + minutes * index for index in range(count)]
    return [PeriodRow(index, _clock(start), _clock(start + minutes - 5), False, False) for index, start in enumerate(starts)]


def _clock(minutes: int) -> dt.time:
    return dt.time(minutes // 60, minutes % 60)


FORMATS: dict[str, Format] = {
    "fet": Format("FET", fet_file.MAX_BYTES, _fet),
    "ctt": Format(".ctt", ctt.MAX_BYTES, _ctt),
    "ectt": Format(".ectt", ctt.MAX_BYTES, _ectt),
    "unitime": Format("UniTime", MAX_BYTES, _unitime),
    "xhstt": Format("XHSTT", MAX_BYTES, _xhstt),
}
BY_ROOT = {"fet": "fet", "FET": "fet", unitime.ROOT: "unitime", xhstt.ROOT: "xhstt"}
