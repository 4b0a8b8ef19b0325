"""Rows of an existing timetable: each is laid on the term's grid, and is of one of its section's weekly lectures."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import ClassVar, NamedTuple

from academics.importing.entities import ENTITIES
from academics.importing.entity import Key, Values
from academics.importing.mapping import Mapped
from academics.importing.messages import text
from academics.importing.planning import Cells, Check
from academics.importing.readers import TermedReader
from academics.importing.term_weeks import WeeksCheck
from academics.models import Period, Term
from academics.placements import Placement, lectures_matched, rows_named
from academics.week_labels import DAY_NAMES
from academics.weekly_times.folding import DatedRow, ExceptionKind, WeeklyMeeting, fold
from academics.weekly_times.readings import WeeklyTime

MEETINGS, TAUGHT_WITH, WEEKS = (ENTITIES["offerings"].fields.index(name) for name in ("meetings", "taught_with", "weeks"))
OF_SECTION = ENTITIES["sections"].fields.index("weeks")
COLUMN_OF = {"weeks_differ": "weeks", "weeks_unread": "weeks", "ends_inside": "end"}
WEEK = dt.timedelta(days=7)
Clock = tuple[dt.time, dt.time]


class TermGrid(NamedTuple):
    num_days: int
    clocks: dict[int, Clock]  # by the number of the period, from 0


class Held(NamedTuple):
    """A row as it was understood, and where it stands."""

    place: Placement
    date: dt.date | None
    number: int  # of the table
    row: int
    mapped: Mapped


class TimetableReader(TermedReader):
    entities: ClassVar[tuple[str, ...]] = ()  # it becomes no rows of this app: see `academics.placements`

    def __init__(self, check: Check) -> None:
        super().__init__(check)
        self.grids = term_grids(check)
        self.sections: dict[Key, list[str]] = defaultdict(list)
        for course, term, code in check.keys.of("sections"):
            self.sections[course, term].append(code)
        self.lengths = lecture_lengths(check)
        self.weeks = WeeksCheck(check)
        self.said = weeks_said(check)
        # By term, course and section; then by date and place.
        self.held: dict[tuple[str, str, str], dict[tuple[dt.date | None, Placement], Held]] = defaultdict(dict)
        self.aside: dict[str, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))  # by what is said of them, and table: rows
        self.of_one_week: set[int] = set()  # tables whose dates are all of one week

    def row(self, number: int, mapped: Mapped, row: int, cells: Cells, is_sound: bool) -> None:
        term, course = self.term(mapped, row, cells), cells.get("course")
        if term is None or course is None or not is_sound:
            return
        if (course, term) not in self.check.keys.of("offerings"):
            self.complain(mapped, row, "course", course, text("offering_unknown", course=course, term=term), text("allowed_offering"))
            return
        section = self._section(mapped, row, term, course, str(cells.get("section") or ""))
        days = self._days(mapped, row, term, cells)
        found = self._periods(number, mapped, row, term, cells)
        if section is None or days is None or found is None:
            return
        weeks = self.weeks.understood(term, str(cells.get("weeks") or ""))
        if weeks is None and cells.get("weeks"):
            self.aside["weeks_unread"][number].append(row)
        lecture, room, instructors = cells.get("lecture"), cells.get("room") or "", cells.get("instructors") or ()
        for day in days:
            place = Placement(
                course, section, day, found[0], None if lecture is None else lecture - 1, found[1], room, instructors, (row,), weeks
            )
            self._hold(term, Held(place, cells.get("date"), number, row, mapped))

    def _section(self, mapped: Mapped, row: int, term: str, course: str, named: str) -> str | None:
        """A section's own code, or its number where sections have no names; None after a complaint."""
        codes = self.sections.get((course, term), [])
        if named in codes or (not named and not codes):
            return named
        plain = named.casefold().lstrip("0")
        alike = [code for code in codes if code.casefold().lstrip("0") == plain or f"{course}/{named}".casefold() == code.casefold()]
        if codes and (len(alike) == 1 or (not named and len(codes) == 1)):
            return alike[0] if named else codes[0]
        if not codes and (number := named.removeprefix(f"{course}/").lstrip("0")).isdecimal():
            return number
        if not codes and named == course:
            return ""
        if not codes:
            words, allowed = text("section_unnamed", course=course, section=named), text("allowed_section_number")
        else:
            listed = ", ".join(codes[:5]) + (" ..." if len(codes) > 5 else "")
            words = text("section_unknown", course=course) if named else text("section_needed", course=course, sections=listed)
            allowed = text("allowed_section_named", sections=listed)
        self.complain(mapped, row, "section" if mapped.index("section") is not None else "course", named, words, allowed)
        return None

    def _days(self, mapped: Mapped, row: int, term: str, cells: Cells) -> Sequence[int] | None:
        grid = self.grids.get(term)
        days: Sequence[int] | None = cells.get("day")
        date: dt.date | None = cells.get("date")
        if date is not None and days is not None and days != (date.weekday(),):
            words = text("day_not_date", date=date, day=DAY_NAMES[date.weekday()])
            self.complain(mapped, row, "day", ", ".join(DAY_NAMES[day] for day in days), words, text("allowed_days"))
            return None
        days = (date.weekday(),) if date is not None else days
        if days is None:
            column = "day" if mapped.index("day") is not None else "date"
            self.complain(mapped, row, column, "", text("day_or_date"), text("allowed_days"))
        elif grid is not None and max(days) >= grid.num_days:
            words = text("grid_day", term=term, days=grid.num_days)
            column = "day" if mapped.index("day") is not None else "date"
            self.complain(mapped, row, column, DAY_NAMES[max(days)], words, text("allowed_days"))
        else:
            return days
        return None

    def _periods(self, number: int, mapped: Mapped, row: int, term: str, cells: Cells) -> tuple[int, int | None] | None:
        """The first period, and how many where the row says it; None after a complaint."""
        clocks = self.grids[term].clocks if term in self.grids else {}
        start, run, length = cells.get("start"), cells.get("period"), cells.get("length")
        if not clocks:
            if "terms" not in self.check.unread:
                self.complain(mapped, row, "course", cells["course"], text("grid_none", term=term), text("allowed_time"))
            return None
        if start is None and run is None:
            column = "start" if mapped.index("start") is not None else "period"
            self.complain(mapped, row, column, "", text("start_or_period"), text("allowed_time"))
            return None
        first = self._first(mapped, row, term, clocks, start, run)
        if first is None:
            return None
        known = [len(run)] if run is not None and len(run) > 1 else []
        if cells.get("end") is not None:
            lasting = self._until(number, mapped, row, clocks, first, cells["end"])
            if lasting is None:
                return None
            known.append(lasting)
        if length is not None and any(each != length for each in known):
            words = text("length_differs", length=known[0], given=length)
            self.complain(mapped, row, "length", length, words, text("allowed_length"))
            return None
        lasts = length if length is not None else known[0] if known else None
        if first + (lasts or 1) - 1 > max(clocks):
            self.complain(
                mapped, row, "start" if start is not None else "period", start or first + 1, text("length_over_day"), text("allowed_time")
            )
            return None
        return first, lasts

    def _first(
        self, mapped: Mapped, row: int, term: str, clocks: dict[int, Clock], start: dt.time | None, run: Sequence[int] | None
    ) -> int | None:
        if run is not None and run[-1] not in clocks:
            words, allowed = text("grid_period", term=term, periods=len(clocks)), text("allowed_range", low=1, high=max(clocks) + 1)
            self.complain(mapped, row, "period", run[-1] + 1, words, allowed)
        elif run is not None and start is not None and clocks[run[0]][0] != start:
            words = text("start_not_period", period=run[0] + 1, term=term, start=_clock(clocks[run[0]][0]))
            self.complain(mapped, row, "start", _clock(start), words, text("allowed_time"))
        elif run is not None:
            return run[0]
        else:
            assert start is not None
            at = {clock[0]: period for period, clock in clocks.items()}
            if start in at:
                return at[start]
            near = min(at, key=lambda each: abs(_minutes(each) - _minutes(start)))
            words = text("start_off_grid", term=term, start=_clock(start), period=at[near] + 1, near=_clock(near))
            self.complain(mapped, row, "start", _clock(start), words, text("allowed_time"))
        return None

    def _until(self, number: int, mapped: Mapped, row: int, clocks: dict[int, Clock], first: int, end: dt.time) -> int | None:
        """How many periods it lasts; one that is only begun counts."""
        if end <= clocks[first][0]:
            self.complain(mapped, row, "end", _clock(end), text("end_before"), text("allowed_later", start=_clock(clocks[first][0])))
            return None
        if end > max(clock[1] for clock in clocks.values()):
            self.complain(mapped, row, "end", _clock(end), text("length_over_day"), text("allowed_time"))
            return None
        begun = [period for period, (start, _) in clocks.items() if period >= first and start < end]
        # The pause before the next period belongs to nobody: 09:00 to 10:00 is one lecture where the next begins at 10:00.
        if end < clocks[begun[-1]][1]:
            self.aside["ends_inside"][number].append(row)
        return len(begun)

    def _hold(self, term: str, held: Held) -> None:
        """The same section at the same time in the same room stands once, in whatever number of rows: of one teacher each, say."""
        there = self.held[term, held.place.course, held.place.section]
        key = held.date, held.place._replace(rows=(), instructors=())
        earlier = there.setdefault(key, held)
        if earlier is not held:
            self.check.repetition_note((earlier.number, earlier.row), (held.number, held.row))
            everybody = tuple(dict.fromkeys((*earlier.place.instructors, *held.place.instructors)))
            there[key] = earlier._replace(place=earlier.place._replace(instructors=everybody))

    def finish(self) -> None:
        self.of_one_week = set(self._tables_of_one_week())
        for (term, course, section), rows in self.held.items():
            lengths = self.lengths.get((course, term), [])
            weeks = self._weeks_of(term, course, section, len(lengths))
            held = list(self._weekly(list(rows.values()), lengths, is_every_week=not any(weeks)))
            matched = self._matched(course, section, held, lengths, weeks)
            self.check.placements.setdefault(term, []).extend(matched)
        for words, by_table in self.aside.items():
            for number, listed in by_table.items():
                message = text(words, count=len(set(listed)), rows=rows_named(listed))
                self.check.problems.warn(self.check.tables[number], 0, COLUMN_OF.get(words, "date"), "", message)

    def _tables_of_one_week(self) -> Iterator[int]:
        """A plan of a usual week, with its dates: said once of each table."""
        dates: dict[int, set[dt.date]] = defaultdict(set)
        for rows in self.held.values():
            for each in rows.values():
                dates[each.number] |= {each.date} if each.date is not None else set()
        for number, found in dates.items():
            if found and max(found) - min(found) < WEEK:
                self.check.problems.warn(self.check.tables[number], 0, "date", "", text("dates_one_week"))
                yield number

    def _weekly(self, rows: Sequence[Held], lengths: Sequence[int], *, is_every_week: bool) -> Iterator[Held]:
        """The rows of every week: those without a date, and one for each weekly meeting that those with dates have."""
        dated = [each for each in rows if each.date is not None]
        undated = [each for each in rows if each.date is None or each.number in self.of_one_week]
        yield from undated
        dated = [each for each in dated if each.number not in self.of_one_week]
        if not dated:
            return
        folded = fold(_dated_row(number, each) for number, each in enumerate(dated))
        by_slot: dict[tuple[int, int, int], list[Held]] = defaultdict(list)
        for each in dated:
            by_slot[_slot(each.place)].append(each)
        often = sorted(folded.meetings, key=lambda meeting: -len(meeting.dates))
        kept = often[: max(0, len(lengths) - len(undated))]
        for meeting in kept:
            of_meeting = by_slot[_slot_of(meeting)]
            first = next(each for each in of_meeting if each.place.room == meeting.room)
            yield first._replace(place=first.place._replace(rows=tuple(each.row for each in of_meeting)))
            if meeting.every > 1 and is_every_week:
                self.aside["dates_fortnightly"][first.number].append(first.row)
        for exception in folded.exceptions:
            each = dated[exception.row.number]
            words = {ExceptionKind.MOVED: "dates_moved", ExceptionKind.OTHER_ROOM: "dates_other_room"}.get(exception.kind, "dates_apart")
            self.aside[words][each.number].append(each.row)
        for meeting in often[len(kept) :]:  # more than there are lectures
            for each in by_slot[_slot_of(meeting)]:
                self.aside["dates_apart"][each.number].append(each.row)

    def _weeks_of(self, term: str, course: str, section: str, count: int) -> list[int]:
        """The weeks of each lecture of a section, by the data; 0: every week."""
        of_meetings, of_offering, of_sections = self.said.get((course, term), ([], "", {}))
        texts = [text or of_sections.get(section) or of_offering for text in of_meetings]
        masks = [self.weeks.understood(term, text) or 0 for text in texts]
        return masks if len(masks) == count else [0] * count

    def _matched(self, course: str, section: str, rows: Sequence[Held], lengths: Sequence[int], weeks: Sequence[int]) -> list[Placement]:
        """The rows as lectures of their section; complains of those to which none is left."""
        name = f"{course} {section}".strip()
        if rows and not lengths:
            first = rows[0]
            self.complain(first.mapped, first.row, "course", course, text("lectures_none", course=course), text("allowed_lectures"))
            return []
        if len(rows) > len(lengths):
            last = max(rows, key=lambda each: (each.number, each.row))
            named = rows_named([row for each in rows for row in each.place.rows])
            words = text("lectures_surplus", section=name, lectures=_lectures(len(lengths)), places=len(rows), rows=named)
            self.complain(last.mapped, last.row, "course", course, words, text("allowed_lectures"))
            return []
        places = [(each.place.lecture, each.place.length) for each in rows]
        lectures = lectures_matched(places, lengths, weeks=[each.place.weeks for each in rows], of_lectures=weeks)
        found = []
        for each, lecture in zip(rows, lectures, strict=True):
            if lecture is not None:
                if each.place.weeks is not None and each.place.weeks != weeks[lecture]:
                    self.aside["weeks_differ"][each.number].append(each.row)
                found.append(each.place._replace(length=lengths[lecture]))
            elif each.place.lecture is not None:
                words = text("lecture_number", section=name, lectures=_lectures(len(lengths)), number=each.place.lecture + 1)
                self.complain(each.mapped, each.row, "lecture", each.place.lecture + 1, words, text("allowed_length"))
            else:
                length, listed = each.place.length or 1, ", ".join(map(str, sorted(set(lengths))))
                words = text("lecture_length", section=name, length=_periods(length), lengths=f"{listed} periods")
                column = next((name for name in ("length", "end", "period", "start") if each.mapped.index(name) is not None), "")
                self.complain(each.mapped, each.row, column, length, words, text("allowed_length"))
        return found


def _dated_row(number: int, held: Held) -> DatedRow:
    day, period, length = _slot(held.place)
    time = WeeklyTime(day=day, period=period + 1, last_period=period + length, date=held.date)
    return DatedRow("", number, time, held.place.room)


def _slot(place: Placement) -> tuple[int, int, int]:
    return place.day, place.period, place.length or 1


def _slot_of(meeting: WeeklyMeeting) -> tuple[int, int, int]:
    time = meeting.time
    assert time.day is not None  # `_dated_row` says all three
    assert time.period is not None
    assert time.last_period is not None
    return time.day, time.period - 1, time.last_period - time.period + 1


def _lectures(count: int) -> str:
    return "1 lecture" if count == 1 else f"{count} lectures"


def _periods(count: int) -> str:
    return "1 period" if count == 1 else f"{count} periods"


def _clock(time: dt.time) -> str:
    return time.isoformat("minutes")


def _minutes(time: dt.time) -> int:
    return 60 * time.hour + time.minute


def term_grids(check: Check) -> dict[str, TermGrid]:
    """The weekly grid of each term, as it will be."""
    days = dict(Term.objects.filter(organization=check.organization).values_list("code", "num_days"))
    clocks: dict[str, dict[int, Clock]] = defaultdict(dict)
    rows = Period.objects.filter(term__organization=check.organization).order_by("index")
    for term, index, start, end in rows.values_list("term__code", "index", "starts_at", "ends_at"):
        clocks[term][index] = start, end
    if "terms" in check.plans:
        place = ENTITIES["terms"].fields.index("num_days")
        plan = check.plans["terms"]
        days |= {key: values[place] for key, values in [*plan.adds, *((key, values) for _, key, values, _ in plan.changes)]}
    if "periods" in check.plans:
        first, last = (ENTITIES["periods"].fields.index(name) for name in ("starts_at", "ends_at"))
        plan = check.plans["periods"]
        for _, (term, index) in plan.removes:
            clocks[term].pop(index, None)
        for (term, index), values in [*plan.adds, *((key, values) for _, key, values, _ in plan.changes)]:
            clocks[term][index] = values[first], values[last]
    return {term: TermGrid(number, dict(sorted(clocks[term].items()))) for term, number in days.items()}


def weeks_said(check: Check) -> dict[Key, tuple[list[str], str, dict[str, str]]]:
    """By course and term, as it will be: the weeks of each weekly lecture, of the offering and, by code, of its sections, as written."""
    found = {key: values for key, (_, values) in check.existing("offerings").items()}
    found |= dict(_written(check, "offerings"))
    sections = {key: values for key, (_, values) in check.existing("sections").items()}
    sections |= dict(_written(check, "sections"))
    said: dict[Key, tuple[list[str], str, dict[str, str]]] = {
        key: ([each.weeks for each in values[MEETINGS] for _ in range(each.times)], values[WEEKS], {}) for key, values in found.items()
    }
    for (course, term, code), values in sections.items():
        if (course, term) in said and values[OF_SECTION]:
            said[course, term][2][code] = values[OF_SECTION]
    return said


def _written(check: Check, entity: str) -> list[tuple[Key, Values]]:
    plan = check.plans.get(entity)
    return [*plan.adds, *((key, values) for _, key, values, _ in plan.changes)] if plan else []


def lecture_lengths(check: Check) -> dict[Key, list[int]]:
    """By course and term: how many periods each weekly lecture of a section lasts, as it will be. A course that is taught with another
    has the lectures of that one, or that one its, where it has none.
    """
    found = {key: values for key, (_, values) in check.existing("offerings").items()}
    found |= dict(_written(check, "offerings"))
    own = {key: [each.length for each in values[MEETINGS] for _ in range(each.times)] for key, values in found.items()}
    joined = {key: (values[TAUGHT_WITH], key[1]) for key, values in found.items() if values[TAUGHT_WITH]}
    for key in joined:
        main, seen = key, {key}
        while main in joined and joined[main] in own and joined[main] not in seen:
            main = joined[main]
            seen.add(main)
        own[main] = own[main] or own[key]
        own[key] = own[main]
    return own
