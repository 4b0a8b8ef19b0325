"""What people's limits, spreads, marks and preferred rooms require and cannot get."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

import numpy as np

from academics.selectors import AvailabilityRow, InstructorRow, TermRows
from academics.week_labels import DAY_NAMES
from generation.engine.model.domains import Openings
from generation.engine.model.text import Count
from generation.problem.rule_tables import Grid
from generation.readiness.report import Finding, Record, Trouble, troubles_grouped
from generation.text.infeasibility.phrases import need_text, section_label
from generation.web.links import row_address

Owner = tuple[int | None, int | None, int | None, int | None]  # instructor, room, offering, section: one of them


def limit_troubles(rows: TermRows, facts: Openings) -> Iterator[Trouble]:
    """From the rows alone, without a query."""
    problem = facts.problem
    people = _People(rows, facts)
    yield from troubles_grouped("amber", "instructor_daily_tight", list(people.days_too_short()))
    yield from troubles_grouped(
        "red" if problem.daily_load_is_hard else "amber", "lecture_beyond_daily", list(people.beyond(is_daily=True))
    )
    yield from troubles_grouped(
        "red" if problem.consecutive_load_is_hard else "amber", "lecture_beyond_consecutive", list(people.beyond(is_daily=False))
    )
    yield from troubles_grouped("amber", "min_days_beyond", list(_spread_too_wide(rows)))
    yield from troubles_grouped("amber", "availability_outside_week", list(_marks_outside(rows)))
    yield from troubles_grouped("amber", "availability_twice", list(_marks_twice(rows)))
    yield from troubles_grouped("amber", "preferred_rooms_unsuitable", list(_unsuitable_rooms(rows, facts)))


class _People:
    def __init__(self, rows: TermRows, facts: Openings) -> None:
        self.rows, self.facts, self.problem = rows, facts, facts.problem
        self.sections: dict[int, list[int]] = defaultdict(list)
        for section, instructors in enumerate(facts.relations.instructors):
            for instructor in instructors:
                self.sections[instructor].append(section)

    def days_too_short(self) -> Iterator[Finding]:
        """Whose open days, at most so many periods a day, are too few; where that limit is hard, a run's arithmetic says so."""
        problem = self.problem
        if problem.daily_load_is_hard:
            return
        open_by_day = problem.instructor_available.reshape(-1, problem.num_days, problem.periods_per_day).sum(axis=2)
        for instructor, sections in sorted(self.sections.items()):
            load, daily = self.facts.most_periods(sections), int(problem.instructor_max_daily[instructor])
            fits, found = int(np.minimum(open_by_day[instructor], daily).sum()), int(open_by_day[instructor].sum())
            if daily and fits < load <= found:
                days = int((open_by_day[instructor] > 0).sum())
                yield (
                    f"{self._name(instructor)} has {Count(load):period} to teach; at most {daily} a day on {Count(days):open day} "
                    f"make {fits}. The limit will be broken, at a cost. Raise it, or open more days.",
                    (self._record(instructor),),
                )

    def beyond(self, *, is_daily: bool) -> Iterator[Finding]:
        """Who teaches a lecture that is longer than a limit of theirs."""
        problem = self.problem
        limits = problem.instructor_max_daily if is_daily else problem.instructor_max_consecutive
        longest = np.zeros(problem.num_sections, dtype=np.int64)
        np.maximum.at(longest, problem.lecture_section, problem.lecture_length)
        for instructor, sections in sorted(self.sections.items()):
            limit, section = int(limits[instructor]), max(sections, key=lambda each: int(longest[each]))
            if 0 < limit < longest[section]:
                words = "a day" if is_daily else "on end"
                yield (
                    f"{self._name(instructor)} teaches at most {Count(limit):period} {words}, and a lecture of "
                    f"{section_label(self.facts.names, section)} has {int(longest[section])}. Raise the limit, or shorten the lecture.",
                    (self._record(instructor),),
                )

    def _name(self, instructor: int) -> str:
        return _person(self.rows.instructors[instructor])

    def _record(self, instructor: int) -> Record:
        return Record(self._name(instructor), row_address("instructor", self.rows.instructors[instructor].id))


def _person(row: InstructorRow) -> str:
    return f"{row.name} ({row.code})" if row.name and row.name != row.code else row.code


def _spread_too_wide(rows: TermRows) -> Iterator[Finding]:
    """Offerings whose lectures are fewer than the days over which they should be spread."""
    lectures: Counter[int] = Counter()
    for meeting in rows.meetings:
        lectures[meeting.offering_id] += meeting.count
    for offering in rows.offerings:
        most = min(lectures[offering.id], rows.num_days)
        if offering.min_days > most > 0:
            found = f"{Count(lectures[offering.id]):lecture} a week" if most < rows.num_days else f"{Count(most):day} in the week"
            yield (
                f"{offering.code} is to be spread over {Count(offering.min_days):day}, and there "
                f"{'is' if found.startswith('1 ') else 'are'} only {found}: that costs something in every timetable. Lower it to {most}.",
                (Record(offering.code, row_address("courseoffering", offering.id)),),
            )


def _marks_outside(rows: TermRows) -> Iterator[Finding]:
    """Whose marked times the week does not have."""
    grid = Grid(rows)
    beyond = {slot for slot in {(mark.day, mark.period) for mark in rows.availability} if grid.slot(*slot) is None}
    numbers = Counter(_owner(mark) for mark in rows.availability if (mark.day, mark.period) in beyond) if beyond else {}
    week = f"{Count(grid.num_days):day} of {Count(grid.num_periods):period}"
    for owner, number in numbers.items():
        record = _owner_record(rows, owner)
        lie = "lies" if number == 1 else "lie"
        message = (
            f"{record.name}: {Count(number):marked time} {lie} outside the week, which has {week}. Take them away, or extend the week."
        )
        yield message, (record,)


def _marks_twice(rows: TermRows) -> Iterator[Finding]:
    """Whose times are marked in two ways."""
    ratings: dict[tuple[Owner, int, int], int] = {}
    twice: dict[Owner, dict[tuple[int, int], str]] = defaultdict(dict)
    for mark in rows.availability:
        owner = _owner(mark)
        first = ratings.setdefault((owner, mark.day, mark.period), mark.rating)
        if first != mark.rating:
            twice[owner][mark.day, mark.period] = f"as {first} and {mark.rating}"
    for owner, slots in twice.items():
        record, ((day, period), example) = _owner_record(rows, owner), next(iter(slots.items()))
        many = f"{Count(len(slots)):time} {'is' if len(slots) == 1 else 'are'} marked in two ways"
        yield f"{record.name}: {many} ({DAY_NAMES[day % 7]}, period {period + 1}, {example}). Keep one mark of each.", (record,)


def _owner(mark: AvailabilityRow) -> Owner:
    return mark.instructor_id, mark.room_id, mark.offering_id, mark.section_id


def _owner_record(rows: TermRows, owner: Owner) -> Record:
    """Whose times are marked; only what is wrong is looked up."""
    instructor, room, offering, section = owner
    if instructor is not None:
        return Record(_person(next(row for row in rows.instructors if row.id == instructor)), row_address("instructor", instructor))
    if room is not None:
        return Record(f"Room {next(row.code for row in rows.rooms if row.id == room)}", row_address("room", room))
    if offering is not None:
        code = next((row.code for row in rows.offerings if row.id == offering), "An offering")
        return Record(code, row_address("courseoffering", offering))
    code = next((row.code for row in rows.sections if row.id == section), "")
    return Record(f"Section {code}".strip(), row_address("section", section))


def _unsuitable_rooms(rows: TermRows, facts: Openings) -> Iterator[Finding]:
    """Offerings that prefer a room which none of their lectures may use."""
    if not any(row.room_id for row in rows.room_preferences):
        return
    room = {row.id: number for number, row in enumerate(rows.rooms)}
    offering = {row.id: number for number, row in enumerate(rows.offerings)}
    usable: dict[int, int] = defaultdict(int)
    example: dict[int, int] = {}
    for lecture, section in enumerate(facts.problem.lecture_section.tolist()):
        number = int(facts.problem.section_offering[section])
        usable[number] |= facts.suitable_rooms[lecture]
        example.setdefault(number, lecture)
    for row in rows.room_preferences:
        number = offering.get(row.offering_id, -1)
        if row.room_id in room and number in example and not usable[number] >> room[row.room_id] & 1:
            code, wanted = rows.offerings[number].code, rows.rooms[room[row.room_id]]
            yield (
                f"{code} prefers room {wanted.code} ({wanted.kind}, {Count(wanted.capacity):seat}), and none of its lectures may be "
                f"held there (needed: {need_text(facts.names, facts.room_need(example[number]))}). Prefer another.",
                (Record(code, row_address("courseoffering", row.offering_id)), Record(wanted.code, row_address("room", row.room_id))),
            )
