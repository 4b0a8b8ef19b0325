"""What an archive's JSON and packed columns have to look like: no page may meet another shape later, whoever wrote the file.

Checks are plain functions, and no models of a validation library such as pydantic. Nothing else here needs one, so it would come with a
compiled core for the shapes of some thirty columns alone; it would build an object of each value, of which an archive has hundreds of
thousands, where only a yes or no is wanted; and its errors would have to be translated into the sentence that a refusal of a row
and column ends with. What guards against hostile files (depth, sizes, heads of arrays) would stay as it is.
"""

from __future__ import annotations

import io
import json
import math
import zipfile
import zlib
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import IO, Any
from uuid import UUID

from numpy.lib import format as npy

from academics.models import FIRST_YEAR, LAST_YEAR
from academics.term_weeks import MOST_WEEKS
from generation.models import GenerationJob, LectureException
from generation.problem.stored_problem import problem_unpack
from generation.retention.request import KINDS
from generation.text.phrases import CODES
from generation.text.violations import violation_text
from generation.timetable.counts import STORED as COUNTED

# Of packed columns, one by one: several times what a university of four times the reference size has.
MOST_ARRAYS_MB, MOST_TEXT_MB = 256, 32
MOST_ARRAYS, MOST_DIMENSIONS, MOST_HEADER = 500, 4, 10_000
DEEPEST = 30  # lists and objects inside one another: far more than anything here has
Check = Callable[[Any], str]  # what is wrong with a value; empty where nothing is


def _of(words: str, *kinds: type) -> Check:
    return lambda value: "" if isinstance(value, kinds) and (bool in kinds or not isinstance(value, bool)) else f"{words} is needed."


def _or_null(check: Check) -> Check:
    return lambda value: "" if value is None else check(value)


def _list_of(check: Check) -> Check:
    return lambda value: next(filter(None, map(check, value)), "") if isinstance(value, list) else "a list is needed."


def _each(check: Check) -> Check:
    return lambda value: next(filter(None, map(check, value.values())), "") if isinstance(value, dict) else "an object is needed."


def _with(needed: Mapping[str, Check], *, may_be_empty: bool = False, **known: Check) -> Check:
    """An object with the needed names; others may stand beside them."""

    def wrong(value: Any) -> str:
        if not isinstance(value, dict):
            return "an object is needed."
        if may_be_empty and not value:
            return ""
        missing = [name for name in needed if name not in value]
        if missing:
            return f"{', '.join(missing)} is missing."
        checks = {**needed, **known}
        return next((f"{name}: {why}" for name, check in checks.items() if name in value and (why := check(value[name]))), "")

    return wrong


def _read_by(read: Callable[[Any], object], words: str) -> Check:
    def wrong(value: Any) -> str:
        try:
            read(value)
        except (ValueError, TypeError, AttributeError, LookupError):
            return f"{words} is needed."
        return ""

    return wrong


def _roster_read(roster: Any) -> None:
    course, section, students = roster
    if not all(isinstance(word, str) for word in (course, section, *students)):
        raise TypeError


def _pair(value: Any) -> str:
    return _list_of(WHOLE)(value) or ("" if len(value) == 2 else "two numbers are needed.")


def _year_read(day: Any) -> None:
    range(FIRST_YEAR, LAST_YEAR + 1).index(date.fromisoformat(day).year)


TEXT, WHOLE, NUMBER, TRUTH = _of("text", str), _of("a whole number", int), _of("a number", int, float), _of("true or false", bool)
TEXTS, WHOLES = _list_of(TEXT), _each(WHOLE)
DAY, PERIOD = _or_null(_read_by(range(7).index, "a day from 0 to 6")), _or_null(_read_by(range(64).index, "a period from 0 to 63"))
ID, MOMENT = _read_by(UUID, "an id"), _read_by(datetime.fromisoformat, "a time")
TERM_DAY = _or_null(_read_by(_year_read, f"a day of the years {FIRST_YEAR} to {LAST_YEAR}"))  # calendars cannot count far beyond
LENGTH = _read_by(range(1, 65).index, "a length from 1 to 64")
ORIGIN = {"variant_id": ID, "job_id": ID, "label": TEXT, "revision": WHOLE, "made_at": MOMENT}
COPIED = _with(ORIGIN, may_be_empty=True, run_id=ID)
TAKEN_FROM = _with({"taken_from": TEXT, "made_at": MOMENT, "made_by": TEXT}, digest=TEXT)
KEPT = {"keep": _read_by(KINDS.index, f"one of {', '.join(KINDS)}"), "departments": TEXTS, "left_out": WHOLE}
STAYING = dict.fromkeys(("kept", "placed_anew", "students_staying", "students_leaving", "students_joining"), WHOLE)
PLACE = {"day": DAY, "period": PERIOD, "room": TEXT, "is_time_pinned": TRUTH, "is_room_pinned": TRUTH}
SCORE: dict[str, Check] = {"constraint": TEXT, "is_hard": TRUTH, "amount": WHOLE, "message": TEXT}
CONFLICT = _with(SCORE, lectures=_list_of(WHOLE), who=TEXTS, slot=_or_null(WHOLE), suggestion=TEXT)
SAYABLE: Check = _read_by(lambda row: violation_text(row, CODES), "a violation of which a sentence can be made")
CONFLICTS = _list_of(lambda row: CONFLICT(row) or SAYABLE(row))
POINTS = _with({"criteria": TEXTS, "points": _list_of(_list_of(_or_null(NUMBER)))})
FIGURES = _each(_or_null(NUMBER))
STEPS = ("select", "approve", "reject", "publish", "archive", "waive", "withdraw")
COUNTS = _with({"release": WHOLE, "score": _pair, "found": _each(_pair)})


def _origin(value: Any) -> str:
    """Of a copy: which variant it was made from; of an existing timetable: the file."""
    is_taken_over = isinstance(value, dict) and "taken_from" in value
    return (TAKEN_FROM if is_taken_over else COPIED)(value)


def _statistics(value: Any) -> str:
    """Figures, and among them the counts by constraint."""
    if isinstance(value, dict) and COUNTED in value:
        return COUNTS(value[COUNTED]) or FIGURES({name: each for name, each in value.items() if name != COUNTED})
    return FIGURES(value)


# By table and column.
SHAPES: Mapping[tuple[str, str], Check] = {
    **{(table, column): TERM_DAY for table in ("academics.term", "academics.holiday") for column in ("starts_on", "ends_on")},
    ("generation.publishededition", "valid_from"): TERM_DAY,
    ("generation.lectureexception", "date"): TERM_DAY,
    ("generation.lectureexception", "to_date"): TERM_DAY,
    ("generation.lectureexception", "to_period"): PERIOD,
    ("generation.lectureexception", "kind"): _read_by(
        LectureException.Kind.values.index, f"one of {', '.join(LectureException.Kind.values)}"
    ),
    ("generation.learnedvalues", "values"): _each(NUMBER),
    ("generation.generationjob", "status"): _read_by(
        [status.value for status in GenerationJob.Status if status not in GenerationJob.ACTIVE].index, "a run that has ended"
    ),
    ("generation.generationjob", "weights"): WHOLES,
    ("generation.generationjob", "explanation"): _with(
        {"headline": TEXT},
        may_be_empty=True,
        members=_list_of(_with({"message": TEXT})),
        narrowed=_or_null(_with({"message": TEXT})),
        fixes=TEXTS,
        must_give=TEXTS,
    ),
    ("generation.generationjob", "progress"): _with({}, overall_progress=NUMBER, metadata=_with({})),
    ("generation.generationjob", "history"): _with({}, variants=_each(POINTS)),
    ("generation.generationjob", "origin"): _origin,
    ("generation.generationjob", "fixed"): _with({**ORIGIN, **KEPT}, may_be_empty=True, **STAYING),
    ("generation.keptplaces", "data"): _with({"left_out": TEXTS}, rosters=_list_of(_read_by(_roster_read, "a section with its students"))),
    ("generation.variant", "weights"): WHOLES,
    ("generation.variant", "breakdown"): WHOLES,
    ("generation.variant", "statistics"): _statistics,
    ("generation.variant", "certificate"): _with(
        {},
        violations=WHOLES,
        costs=WHOLES,
        wishes=_each(TRUTH),
        differs=_with({"headline": TEXT, "lines": TEXTS, "more": WHOLE}),
        problem_hash=TEXT,
        code_version=TEXT,
        lower_bound=_or_null(NUMBER),
    ),
    ("generation.variant", "conflicts"): CONFLICTS,  # of archives of earlier releases
    ("generation.conflictchunk", "rows"): CONFLICTS,
    ("generation.conflictchunk", "counts"): _each(_list_of(WHOLE)),
    ("generation.workflowevent", "gates"): _with({}, role=TEXT, needs_two_people=TRUTH),
    ("generation.entry", "instructors"): TEXTS,
    ("generation.entry", "curricula"): TEXTS,
    ("generation.entry", "electives"): TEXTS,
    ("generation.entry", "day"): DAY,
    ("generation.entry", "period"): PERIOD,
    ("generation.entry", "length"): LENGTH,
    ("generation.entry", "weeks"): _read_by(range(1 << MOST_WEEKS).index, f"weeks from 1 to {MOST_WEEKS}, as bits"),
    ("generation.workflowevent", "action"): _read_by(STEPS.index, f"one of {', '.join(STEPS)}"),
    ("generation.edit", "changes"): _list_of(_with({"lecture": WHOLE, "section": TEXT, "before": _with(PLACE), "after": _with(PLACE)})),
}


def value_wrong(table: str, column: str, value: Any) -> str:
    """Why a plain value of the archive is not what that column holds; empty where it is."""
    check = SHAPES.get((table, column))
    return check(value) if check else ""


def is_too_deep(value: Any, *, left: int = DEEPEST) -> bool:
    """Whether lists and objects stand inside one another further than anything here goes."""
    if isinstance(value, dict):
        value = value.values()
    elif not isinstance(value, list):
        return False
    return left == 0 or any(is_too_deep(inner, left=left - 1) for inner in value)


UNREADABLE = (
    *(ValueError, TypeError, KeyError, AttributeError, IndexError, OSError, EOFError, RecursionError, MemoryError),
    *(zlib.error, zipfile.BadZipFile),
)


def packed_wrong(table: str, data: bytes) -> str:
    """Why packed bytes are not what that table keeps; empty where they are. Unpacks them, within their limits."""
    read = PACKED.get(table)
    if read is None:
        return ""
    try:
        read(data)
    except UNREADABLE:
        return "these are no packed data of this kind."
    return ""


def _problem_read(data: bytes) -> None:
    """Reads what each array says of itself, and takes memory only where all of it is true and small enough."""
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        members = packed.infolist()
        if len(members) > MOST_ARRAYS or sum(each.file_size for each in members) > MOST_ARRAYS_MB * 2**20:
            raise ValueError
        for member in members:
            with packed.open(member) as stream:
                _array_require(stream, member.file_size)
    problem_unpack(data)


def _array_require(stream: IO[bytes], size: int) -> None:
    """The head of an array: plain numbers, as many as there are bytes for."""
    major, _ = npy.read_magic(stream)
    read_head = {1: npy.read_array_header_1_0, 2: npy.read_array_header_2_0}[major]
    shape, _, dtype = read_head(stream, max_header_size=MOST_HEADER)
    if dtype.kind not in "biuf" or len(shape) > MOST_DIMENSIONS or min(shape, default=0) < 0:
        raise ValueError
    if math.prod(shape) * dtype.itemsize != size - stream.tell():  # of whole numbers without limit: nothing overflows
        raise ValueError


def _json_read(check: Check) -> Callable[[bytes], None]:
    def read(data: bytes) -> None:
        unpacker = zlib.decompressobj()
        text = unpacker.decompress(data, MOST_TEXT_MB * 2**20)
        if data and (not unpacker.eof or check(json.loads(text))):  # nothing at all: no student is known by name
            raise ValueError

    return read


PACKED: Mapping[str, Callable[[bytes], None]] = {
    "generation.frozenproblem": _problem_read,
    "generation.seating": _json_read(_with({"sections": TEXTS, "students": _each(_list_of(WHOLE))})),
    "generation.snapshot": _json_read(_list_of(_list_of(lambda value: ""))),
}
