"""What every format is rendered from: plain facts, read in a few queries. Renderers never touch the database."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from typing import Any, NamedTuple

from academics.models import Instructor
from academics.week_labels import DAY_NAMES
from generation.errors import Conflict
from generation.models import Variant
from generation.text.display_names import Naming, RoomName
from generation.text.violations import violation_text, who_names
from generation.timetable.archive_origin import certificate_with_origin
from generation.timetable.conflict_store import Conflicts
from generation.timetable.counts import counts_facts, statistics_facts
from generation.timetable.grid import By, entries_filter
from generation.timetable.lectures import Lecture, lecture_of
from generation.timetable.term_dates import Break, TermDays, breaks_of
from generation.timetable.when import Clock, clocks_of

# Of a violation as it is stored; its sentences and the names of whom it concerns come beside them.
# The books of all weeks of a kind, and by what their weeks are.
BOOKS: dict[str, By] = {"sections": "section", "instructors": "instructor", "rooms": "room"}
CONFLICT_FIELDS = ("constraint", "is_hard", "amount", "lectures", "slot", "room", "who")


class ExportRefused(Conflict):
    """The variant cannot be written in that format."""


class DateMark(NamedTuple):
    """A lecture on a date: whether it is held then, and what is otherwise than in the timetable, in words."""

    date: dt.date
    is_held: bool = True
    changes: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class Document:
    """A variant, or the part of it that concerns ``key``."""

    organization: str
    organization_name: str
    time_zone: str
    source: dict[str, Any]
    term: str
    term_name: str
    starts_on: dt.date | None
    ends_on: dt.date | None
    num_days: int
    breaks: tuple[Break, ...]
    names: dict[str, str]  # of instructors, by code
    curriculum_names: dict[str, str]  # by code
    clocks: tuple[Clock, ...]
    job_id: str
    variant_id: str
    label: str  # whom it favours; empty for whoever only reads what is published: to them it is the timetable
    seed: int
    hard: int
    soft: int
    breakdown: dict[str, int]
    weights: dict[str, int]
    statistics: dict[str, Any]
    certificate: dict[str, Any]
    conflicts: tuple[dict[str, Any], ...] | None  # withheld from whoever only reads what is published
    lectures: tuple[Lecture, ...]
    ordinals: dict[int, int]  # by lecture: which of its section's lectures it is, counted from 1
    by: By | None
    key: str
    counts: dict[str, dict[str, Any]] = field(default_factory=dict)  # by constraint, as `counting.counts_facts`
    rooms: dict[str, RoomName] = field(default_factory=dict)  # by code, those of the lectures
    week_start: int = 0
    groups: tuple[str, ...] = ()  # of the curricula of the lectures those that are student groups
    week_of: dt.date | None = None  # the Monday of the one week that it is of; then each lecture has its mark
    marks: dict[Lecture, DateMark] = field(default_factory=dict)

    @property
    def content_hash(self) -> str:
        """The same for the same facts. Texts of plain values are quick to make, also for thousands of lectures."""
        values = [getattr(self, each.name) for each in fields(self)]
        return hashlib.sha256(repr(values).encode("utf-8", "surrogatepass")).hexdigest()

    @property
    def days(self) -> TermDays:
        return TermDays(self.starts_on, self.ends_on, self.num_days, self.breaks, self.week_start)

    def weeks(self, lecture: Lecture) -> str:
        """In words; empty where the lecture is held in every week."""
        return lecture.weeks_words(self.days.weeks.num_weeks)

    @property
    def title(self) -> str:
        return " · ".join(word for word in (self.organization_name, self.term_name or self.term, self.week_words, self.label) if word)

    @property
    def week_words(self) -> str:
        """12 Oct to 18 Oct 2026; empty for what every week is like."""
        if self.week_of is None:
            return ""
        last = self.week_of + dt.timedelta(days=6)
        return f"{self.week_of.day} {self.week_of:%b} to {last.day} {last:%b %Y}"

    @property
    def placed(self) -> list[Lecture]:
        return [lecture for lecture in self.lectures if lecture.is_placed]

    def place(self, lecture: Lecture) -> RoomName:
        """The lecture's room, by its code alone where it is gone by now."""
        return self.rooms.get(lecture.room, RoomName(lecture.room))

    def is_elective(self, lecture: Lecture) -> bool:
        """Attended by choice in the week of the curriculum that the document is of."""
        return lecture.is_elective(by=self.by, key=self.key)

    def day_name(self, lecture: Lecture) -> str:
        return "" if lecture.day is None else DAY_NAMES[lecture.day % 7]

    def starts_at(self, lecture: Lecture) -> str:
        return "" if lecture.period is None or lecture.period >= len(self.clocks) else self.clocks[lecture.period].starts_at

    def ends_at(self, lecture: Lecture) -> str:
        """The end of the last period that the lecture covers."""
        last = -1 if lecture.period is None else lecture.period + lecture.length - 1
        return self.clocks[last].ends_at if 0 <= last < len(self.clocks) else ""


def document_load(variant: Variant, *, by: By | None, key: str, with_violations: bool = True) -> Document:
    """Reads the variant, its organization and its term's grid."""
    job, naming = variant.job, Naming(variant.job.organization_id)
    whole = not (by and key)
    entries = entries_filter(variant.entries.all(), by=by, key=key) if by and key else variant.entries.all()
    ordinals = _ordinals(variant)
    lectures = tuple(lecture_of(entry) for entry in entries.order_by("lecture"))
    kept = {lecture.number for lecture in lectures}
    curricula = {code for lecture in lectures for code in (*lecture.curricula, *lecture.electives)}
    clocks = clocks_of(job, num_rows=max((lecture.end for lecture in lectures if lecture.is_placed), default=0))
    days = [item.day + 1 for item in lectures if item.day is not None]
    return Document(
        organization=job.organization.code,
        organization_name=job.organization.name,
        time_zone=job.organization.time_zone,
        source=job.organization.source,
        term=job.term.code if job.term else "",
        term_name=job.term.name if job.term else "",
        starts_on=job.term.starts_on if job.term else None,
        ends_on=job.term.ends_on if job.term else None,
        num_days=max([job.term.num_days if job.term else 0, *days]),
        week_start=job.term.week_start if job.term else 0,
        breaks=breaks_of(job.term.holidays.values_list("name", "starts_on", "ends_on") if job.term else ()),
        names=_names(job.organization_id, lectures),
        curriculum_names=naming.curricula(curricula),
        groups=tuple(sorted(naming.groups(curricula))),
        clocks=tuple(clocks),
        job_id=str(job.pk),
        variant_id=str(variant.pk),
        label=variant.label if with_violations else "",
        seed=variant.seed,
        hard=variant.hard,
        soft=variant.soft,
        breakdown=variant.breakdown,
        counts=counts_facts(variant),
        weights=variant.weights,
        statistics=statistics_facts(variant),
        certificate=certificate_with_origin(variant),
        conflicts=tuple(_named(row, naming) for row in Conflicts(variant.pk) if whole or kept & set(row.get("lectures") or []))
        if with_violations
        else None,
        lectures=lectures,
        ordinals={lecture.number: ordinals[lecture.number] for lecture in lectures},
        by=by,
        key=key,
        rooms=_rooms(naming, lectures),
    )


def _named(row: dict[str, Any], naming: Naming) -> dict[str, Any]:
    """Codes stay where they are; names stand beside them, and in the sentences."""
    text = violation_text(row, naming)
    facts = {name: row[name] for name in CONFLICT_FIELDS if name in row}
    return facts | {"who_names": who_names(row, naming), "message": text.message, "suggestion": text.suggestion}


def _names(organization_id: int, lectures: Iterable[Lecture]) -> dict[str, str]:
    """Of those who teach here and have a name; never their e-mail addresses."""
    codes = {code for lecture in lectures for code in lecture.instructors}
    people = Instructor.objects.filter(organization=organization_id).exclude(name="").order_by("code")
    return {code: name for code, name in people.values_list("code", "name") if code in codes}


def _rooms(naming: Naming, lectures: Iterable[Lecture]) -> dict[str, RoomName]:
    return {code: naming.rooms[code] for code in sorted({lecture.room for lecture in lectures}) if code in naming.rooms}


def _ordinals(variant: Variant) -> dict[int, int]:
    """By lecture: which of its section's lectures it is. Taken from the whole variant, however little is written."""
    seen: Counter[tuple[str, str]] = Counter()
    ordinals = {}
    for lecture, course, section in variant.entries.order_by("lecture").values_list("lecture", "course", "section"):
        seen[course, section] += 1
        ordinals[lecture] = seen[course, section]
    return ordinals
