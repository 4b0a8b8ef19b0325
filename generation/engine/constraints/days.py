"""What the days of a curriculum or an instructor are like: isolated lectures, empty periods, lunch, too much teaching, and free days."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from generation.engine.constraints.base import (
    LECTURES,
    PAIRS,
    DayPattern,
    Finding,
    Terms,
    Texts,
    Unit,
    WeekPattern,
    distinct,
    hard,
    lectures_of,
    lectures_of_day,
    slot_of,
    soft,
    worst_week,
)
from generation.engine.model.problem import ANY, IntArray, Problem
from generation.engine.model.schedule import SlotLectures, Timetable
from generation.engine.model.text import gettext_noop


@hard(
    Texts(
        label=gettext_noop("Instructors above the daily limit"),
        sentence=gettext_noop("No instructor teaches more periods in a day than allowed."),
        message=gettext_noop("{who} teaches {0:period} on the day whose first lecture is {time}; the limit is {1}."),
        suggestion=gettext_noop("Move one of the lectures to another day."),
    ),
    Unit("instructors", "periods too many"),
    values=("count", "count"),
    who=("instructors",),
    terms=Terms(day=DayPattern("daily", of_instructors=True)),
    applies=lambda problem: problem.daily_load_is_hard,
)
def daily_limit(t: Timetable) -> Iterator[Finding]:
    """As ``daily_load``, where the problem makes it hard (``daily_load_is_hard``)."""
    yield from _daily_excess(t)


@hard(
    Texts(
        label=gettext_noop("Instructors who teach too many periods on end"),
        sentence=gettext_noop("No instructor teaches more periods on end than allowed."),
        message=gettext_noop("{who} teaches {0:period} on end, beginning {time}; the limit is {1}."),
        suggestion=gettext_noop("Leave a free period between two of the lectures."),
    ),
    Unit("instructors", "periods too many"),
    values=("count", "count"),
    who=("instructors",),
    terms=Terms(day=DayPattern("run", of_instructors=True)),
    applies=lambda problem: problem.consecutive_load_is_hard,
)
def consecutive_limit(t: Timetable) -> Iterator[Finding]:
    """As ``consecutive_load``, where the problem makes it hard (``consecutive_load_is_hard``)."""
    yield from _consecutive_excess(t)


@soft(
    Texts(
        label=gettext_noop("Isolated lectures of a curriculum"),
        sentence=gettext_noop("A curriculum's lectures of a day follow one another."),
        message=gettext_noop("{lectures}, {time}, has no lecture of {who} right before or after it."),
        suggestion=gettext_noop("Move it beside another lecture of the curriculum."),
        short=gettext_noop("Isolated lectures"),
        unit=gettext_noop("for each isolated lecture"),
    ),
    LECTURES,
    weight=2,
    who=("curricula",),
    terms=Terms(day=DayPattern("isolated", of_curricula=True)),
    in_use=lambda problem: problem.num_curricula > 0,
)
def compactness(t: Timetable) -> Iterator[Finding]:
    """A curriculum's lectures adjoin: each timeslot where a curriculum is busy, while it is busy in neither neighbouring
    timeslot of the same day, costs the number of its different sections that meet there."""
    for curriculum, meetings in t.by_curriculum.items():
        yield from worst_week(t, meetings, partial(_isolated, t, curriculum=curriculum))


def _isolated(t: Timetable, meetings: SlotLectures, curriculum: int) -> Iterator[Finding]:
    for slot, lectures in meetings.items():
        if not any(other in meetings and t.day(other) == t.day(slot) for other in (slot - 1, slot + 1)):
            parts = {(t.section[lecture], t.weeks[lecture]) for lecture in lectures}
            yield Finding(len(parts), tuple(lectures), slot, curricula=(curriculum,))


@soft(
    Texts(
        label=gettext_noop("Empty periods between a curriculum's lectures"),
        sentence=gettext_noop("Students of a curriculum have no empty periods between its lectures, lunch aside."),
        message=gettext_noop("{who} has {0:empty period} between lectures on the day whose first lecture is {time}."),
        suggestion=gettext_noop("Move the first or the last lecture of that day into the gap."),
        short=gettext_noop("Students' gaps"),
        unit=gettext_noop("for each empty period"),
    ),
    Unit("periods"),
    weight=1,
    values=("count",),
    who=("curricula",),
    terms=Terms(day=DayPattern("gap", of_curricula=True)),
    in_use=lambda problem: problem.num_curricula > 0,
)
def curriculum_gaps(t: Timetable) -> Iterator[Finding]:
    """Students do not wait: each curriculum costs, each day, the idle timeslots between its first and its last busy one, those of
    the lunch window aside."""
    for curriculum, meetings in t.by_curriculum.items():
        yield from worst_week(t, meetings, partial(_gaps, t, curricula=(curriculum,)))


@soft(
    Texts(
        label=gettext_noop("Empty periods between an instructor's lectures"),
        sentence=gettext_noop("Instructors have no empty periods between lectures, lunch aside."),
        message=gettext_noop("{who} has {0:empty period} between lectures on the day whose first lecture is {time}."),
        suggestion=gettext_noop("Move the first or the last lecture of that day into the gap."),
        short=gettext_noop("Instructors' gaps"),
        unit=gettext_noop("for each empty period"),
    ),
    Unit("periods"),
    weight=1,
    values=("count",),
    who=("instructors",),
    terms=Terms(day=DayPattern("gap", of_instructors=True)),
    in_use=lambda problem: problem.num_instructors > 0,
)
def instructor_gaps(t: Timetable) -> Iterator[Finding]:
    """Instructors do not wait: each instructor costs, each day, the idle timeslots between the first and the last busy one, those
    of the lunch window aside."""
    for instructor, meetings in t.by_instructor.items():
        yield from worst_week(t, meetings, partial(_gaps, t, instructors=(instructor,)))


def _gaps(t: Timetable, meetings: SlotLectures, curricula: tuple[int, ...] = (), instructors: tuple[int, ...] = ()) -> Iterator[Finding]:
    """Each day with idle timeslots inside, at its first busy one, with its lectures."""
    window = {period for period, inside in enumerate(t.problem.lunch_window.tolist()) if inside}
    for day, periods in t.days(meetings):
        idle = len(set(range(periods[0], periods[-1])) - window.union(periods))
        if idle:
            lectures = lectures_of_day(t, meetings, day)
            yield Finding(idle, lectures, slot_of(t, day, periods[0]), instructors=instructors, curricula=curricula, values=(idle,))


@soft(
    Texts(
        label=gettext_noop("Days of a curriculum with too few or too many lectures"),
        sentence=gettext_noop("A curriculum's days have neither too few nor too many periods of teaching."),
        message=gettext_noop("{who} has {0:period} on the day whose first lecture is {time}; it should have {1} to {2}."),
        suggestion=gettext_noop("Move a lecture to another day, or bring one here."),
        short=gettext_noop("Students' load"),
        unit=gettext_noop("for each period too few or too many"),
    ),
    Unit("days", "periods too few or too many"),
    weight=0,
    values=("count", "count", "count"),
    who=("curricula",),
    terms=Terms(day=DayPattern("daily", of_curricula=True)),
    applies=lambda problem: bool(problem.curriculum_daily.any()),
)
def curriculum_load(t: Timetable) -> Iterator[Finding]:
    """Students' days are even: each curriculum costs, each day on which it is busy, the periods missing to
    ``curriculum_min_daily`` and those above ``curriculum_max_daily``."""
    limits = t.problem.curriculum_daily.tolist()
    for curriculum, meetings in t.by_curriculum.items():
        least, most = limits[curriculum]
        yield from worst_week(t, meetings, partial(_load_missed, t, curriculum=curriculum, least=least, most=most))


def _load_missed(t: Timetable, meetings: SlotLectures, curriculum: int, least: int, most: int) -> Iterator[Finding]:
    for day, periods in t.days(meetings):
        amount = max(0, least - len(periods)) + (max(0, len(periods) - most) if most else 0)
        if amount:
            values = (len(periods), least, most or t.problem.periods_per_day)
            lectures = lectures_of_day(t, meetings, day)
            yield Finding(amount, lectures, slot_of(t, day, periods[0]), curricula=(curriculum,), values=values)


@soft(
    Texts(
        label=gettext_noop("Changes of building between lectures that follow one another"),
        sentence=gettext_noop("Students stay in one building from a lecture to the one right after it."),
        message=gettext_noop("{lectures} follow one another for {who} in two buildings, {time}."),
        suggestion=gettext_noop("Use rooms of one building, or leave a free period between them."),
        short=gettext_noop("Changes of building"),
        unit=gettext_noop("for each change of building"),
    ),
    PAIRS,
    weight=0,
    who=("curricula",),
    in_use=lambda problem: problem.num_curricula > 0 and len(set(problem.room_building.tolist()) - {ANY}) > 1,
)
def building_changes(t: Timetable) -> Iterator[Finding]:
    """Students need not run: for each curriculum, two of its lectures of which one begins in the timeslot right after the other's
    last, on the same day of a week that they share and in another building, cost 1; rooms without a building aside."""
    building = t.problem.room_building.tolist()
    for curriculum, meetings in t.by_curriculum.items():
        for lecture in lectures_of(meetings):
            here, after = building[t.room[lecture]], t.start[lecture] + t.length[lecture]
            for other in meetings.get(after, ()) if t.day(after) == t.day(t.start[lecture]) else ():
                there = building[t.room[other]]
                if t.start[other] == after and ANY not in (here, there) and here != there and t.weeks[lecture] & t.weeks[other]:
                    yield Finding(1, (lecture, other), t.start[lecture], curricula=(curriculum,))


@soft(
    Texts(
        label=gettext_noop("Single lectures of sections that meet for double ones"),
        sentence=gettext_noop("A section's lectures of a day follow one another in one room, where that is wanted."),
        message=gettext_noop("{lectures}, {time}, stands beside no other lecture of its section in the same room."),
        suggestion=gettext_noop("Move it beside another lecture of that day, into the same room, or to another day."),
        short=gettext_noop("Single lectures"),
        unit=gettext_noop("for each lecture that stands alone"),
    ),
    LECTURES,
    weight=0,
    applies=lambda problem: bool(problem.section_grouped.any()),
)
def double_lectures(t: Timetable) -> Iterator[Finding]:
    """Lectures of a day stand together (sections of ``section_grouped``): on a day with several lectures of the section each one
    costs 1 that has no other right before or right after it in the same room; lectures of other weeks than its own aside."""
    for section in t.problem.section_grouped.nonzero()[0].tolist():
        lectures = lectures_of(t.by_section.get(section, {}))
        for lecture in lectures:
            day, weeks = t.day(t.start[lecture]), t.weeks[lecture]
            others = [other for other in lectures if other != lecture and t.day(t.start[other]) == day and t.weeks[other] & weeks]
            if others and not any(_adjoin(t, lecture, other) for other in others):
                yield Finding(1, (lecture,), t.start[lecture], t.room[lecture], section=section)


def _adjoin(t: Timetable, lecture: int, other: int) -> bool:
    ends = t.start[lecture] + t.length[lecture], t.start[other] + t.length[other]
    return t.room[lecture] == t.room[other] and (ends[0] == t.start[other] or ends[1] == t.start[lecture])


@soft(
    Texts(
        label=gettext_noop("Days without a free lunch period"),
        sentence=gettext_noop("Instructors, and students of a curriculum, have a free period at lunch time."),
        message=gettext_noop("{who} has no free period at lunch time, {time}."),
        suggestion=gettext_noop("Move one of the lectures out of the lunch time."),
        short=gettext_noop("No lunch"),
        unit=gettext_noop("for each day without lunch"),
    ),
    Unit("days"),
    weight=3,
    who=("curricula", "instructors"),
    terms=Terms(day=DayPattern("lunch", of_curricula=True, of_instructors=True)),
    in_use=lambda problem: bool(problem.lunch_window.any()) and problem.num_curricula + problem.num_instructors > 0,
)
def lunch(t: Timetable) -> Iterator[Finding]:
    """Everybody has time to eat: each day on which a curriculum, or an instructor, is busy in all periods of the lunch window
    costs 1 (nothing where the window has no period)."""
    window = [period for period, inside in enumerate(t.problem.lunch_window.tolist()) if inside]
    if not window:
        return
    for curriculum, meetings in t.by_curriculum.items():
        yield from worst_week(t, meetings, partial(_days_without_lunch, t, window=window, curricula=(curriculum,)))
    for instructor, meetings in t.by_instructor.items():
        yield from worst_week(t, meetings, partial(_days_without_lunch, t, window=window, instructors=(instructor,)))


def _days_without_lunch(
    t: Timetable, meetings: SlotLectures, window: list[int], curricula: tuple[int, ...] = (), instructors: tuple[int, ...] = ()
) -> Iterator[Finding]:
    for day, periods in t.days(meetings):
        if set(window) <= set(periods):
            lectures = lectures_of_day(t, meetings, day)
            yield Finding(1, lectures, slot_of(t, day, window[0]), instructors=instructors, curricula=curricula)


@soft(
    Texts(
        label=gettext_noop("Instructors above the daily maximum"),
        sentence=gettext_noop("Instructors teach no more periods in a day than they should."),
        message=gettext_noop("{who} teaches {0:period} on the day whose first lecture is {time}; it should be at most {1}."),
        suggestion=gettext_noop("Move one of the lectures to another day."),
        short=gettext_noop("Long days"),
        unit=gettext_noop("for each period above the limit"),
    ),
    Unit("instructors", "periods too many"),
    weight=5,
    values=("count", "count"),
    who=("instructors",),
    terms=Terms(day=DayPattern("daily", of_instructors=True)),
    applies=lambda problem: not problem.daily_load_is_hard,
    in_use=lambda problem: bool((problem.instructor_max_daily > 0).any()),
)
def daily_load(t: Timetable) -> Iterator[Finding]:
    """An instructor's day is not too long: each instructor with a daily maximum costs, each day, the busy timeslots above it."""
    yield from _daily_excess(t)


def _daily_excess(t: Timetable) -> Iterator[Finding]:
    limits = t.problem.instructor_max_daily.tolist()
    for instructor, meetings in t.by_instructor.items():
        if limits[instructor] > 0:
            yield from worst_week(t, meetings, partial(_above_daily, t, instructor=instructor, limit=limits[instructor]))


def _above_daily(t: Timetable, meetings: SlotLectures, instructor: int, limit: int) -> Iterator[Finding]:
    for day, periods in t.days(meetings):
        if limit < len(periods):
            lectures = lectures_of_day(t, meetings, day)
            values = (len(periods), limit)
            yield Finding(len(periods) - limit, lectures, slot_of(t, day, periods[0]), instructors=(instructor,), values=values)


@soft(
    Texts(
        label=gettext_noop("Instructors who should teach fewer periods on end"),
        sentence=gettext_noop("Instructors teach no more periods on end than they should."),
        message=gettext_noop("{who} teaches {0:period} on end, beginning {time}; it should be at most {1}."),
        suggestion=gettext_noop("Leave a free period between two of the lectures."),
        short=gettext_noop("Long stretches"),
        unit=gettext_noop("for each period above the limit"),
    ),
    Unit("instructors", "periods too many"),
    weight=3,
    values=("count", "count"),
    who=("instructors",),
    terms=Terms(day=DayPattern("run", of_instructors=True)),
    applies=lambda problem: not problem.consecutive_load_is_hard,
    in_use=lambda problem: bool((problem.instructor_max_consecutive > 0).any()),
)
def consecutive_load(t: Timetable) -> Iterator[Finding]:
    """An instructor pauses in time: for each longest possible run of neighbouring busy timeslots in a day, an instructor with a
    maximum run costs the timeslots above it (a break between periods does not end a run)."""
    yield from _consecutive_excess(t)


def _consecutive_excess(t: Timetable) -> Iterator[Finding]:
    limits = t.problem.instructor_max_consecutive.tolist()
    for instructor, meetings in t.by_instructor.items():
        if limits[instructor] > 0:
            yield from worst_week(t, meetings, partial(_above_run, t, instructor=instructor, limit=limits[instructor]))


def _above_run(t: Timetable, meetings: SlotLectures, instructor: int, limit: int) -> Iterator[Finding]:
    for day, periods in t.days(meetings):
        for run in _runs(periods):
            if limit < len(run):
                slots = [slot_of(t, day, period) for period in run]
                lectures = lectures_of({slot: meetings[slot] for slot in slots})
                yield Finding(len(run) - limit, lectures, slots[0], instructors=(instructor,), values=(len(run), limit))


def _runs(periods: list[int]) -> Iterator[list[int]]:
    """The unbroken stretches of an ascending list of periods."""
    run: list[int] = []
    for period in periods:
        if run and period != run[-1] + 1:
            yield run
            run = []
        run.append(period)
    if run:
        yield run


def _most_busy_days(problem: Problem) -> IntArray:
    return problem.most_busy_days


def _most_busy_half_days(problem: Problem) -> IntArray:
    return problem.most_busy_half_days


@hard(
    Texts(
        label=gettext_noop("Instructors with fewer free days than they must have"),
        sentence=gettext_noop(
            "Instructors have at least as many days without teaching as they must. "
            "A day on which nothing may be taught at all is not counted."
        ),
        message=gettext_noop(
            "{who} has {0:free day} and must have {1}; the day to be freed first is the one whose first lecture is {time}."
        ),
        suggestion=gettext_noop("Move the lectures of that day to days on which there is teaching anyway."),
    ),
    Unit("instructors", "days too few"),
    values=("count", "count"),
    who=("instructors",),
    terms=Terms(week=WeekPattern("day", _most_busy_days)),
    applies=lambda problem: problem.free_days_is_hard and bool((problem.instructor_free_days > 0).any()),
)
def free_days_required(t: Timetable) -> Iterator[Finding]:
    """As ``free_days``, where the problem makes it hard (``free_days_is_hard``)."""
    yield from _free_days_short(t)


@hard(
    Texts(
        label=gettext_noop("Instructors with fewer free half-days than they must have"),
        sentence=gettext_noop(
            "Instructors have at least as many half-days without teaching as they must. A day without teaching is two; the morning ends "
            "in the middle of the lunch time, or of the day's periods where there is none. "
            "A day on which nothing may be taught at all is not counted."
        ),
        message=gettext_noop(
            "{who} has {0:free half-day} and must have {1}; the half-day to be freed first is the one whose first lecture is {time}."
        ),
        suggestion=gettext_noop("Move the lectures of that half-day to half-days on which there is teaching anyway."),
    ),
    Unit("instructors", "half-days too few"),
    values=("count", "count"),
    who=("instructors",),
    terms=Terms(week=WeekPattern("half", _most_busy_half_days)),
    applies=lambda problem: problem.free_half_days_is_hard and bool((problem.instructor_free_half_days > 0).any()),
)
def free_half_days_required(t: Timetable) -> Iterator[Finding]:
    """As ``free_half_days``, where the problem makes it hard (``free_half_days_is_hard``)."""
    yield from _free_half_days_short(t)


@soft(
    Texts(
        label=gettext_noop("Instructors with fewer free days than they should have"),
        sentence=gettext_noop(
            "Instructors have at least as many days without teaching as they should. "
            "A day on which nothing may be taught at all is not counted."
        ),
        message=gettext_noop(
            "{who} has {0:free day} and should have {1}; the day to be freed first is the one whose first lecture is {time}."
        ),
        suggestion=gettext_noop("Move the lectures of that day to days on which there is teaching anyway."),
        short=gettext_noop("Free days"),
        unit=gettext_noop("for each free day too few"),
    ),
    Unit("instructors", "days too few"),
    weight=5,
    values=("count", "count"),
    who=("instructors",),
    terms=Terms(week=WeekPattern("day", _most_busy_days)),
    applies=lambda problem: not problem.free_days_is_hard and bool((problem.instructor_free_days > 0).any()),
)
def free_days(t: Timetable) -> Iterator[Finding]:
    """An instructor has days without teaching: each instructor who should have a number of them costs the days short. Days on which
    nothing may be taught at all are not free ones, and nobody should have more than there are."""
    yield from _free_days_short(t)


@soft(
    Texts(
        label=gettext_noop("Instructors with fewer free half-days than they should have"),
        sentence=gettext_noop(
            "Instructors have at least as many half-days without teaching as they should. A day without teaching is two; the morning ends "
            "in the middle of the lunch time, or of the day's periods where there is none. "
            "A day on which nothing may be taught at all is not counted."
        ),
        message=gettext_noop(
            "{who} has {0:free half-day} and should have {1}; the half-day to be freed first is the one whose first lecture is {time}."
        ),
        suggestion=gettext_noop("Move the lectures of that half-day to half-days on which there is teaching anyway."),
        short=gettext_noop("Free half-days"),
        unit=gettext_noop("for each free half-day too few"),
    ),
    Unit("instructors", "half-days too few"),
    weight=3,
    values=("count", "count"),
    who=("instructors",),
    terms=Terms(week=WeekPattern("half", _most_busy_half_days)),
    applies=lambda problem: not problem.free_half_days_is_hard and bool((problem.instructor_free_half_days > 0).any()),
)
def free_half_days(t: Timetable) -> Iterator[Finding]:
    """An instructor has half-days without teaching: the same of half-days, of which a day without teaching has two. The morning ends in
    the middle of the lunch window, or of the day's periods where it has none; an odd period in the middle belongs to the morning."""
    yield from _free_half_days_short(t)


def _free_days_short(t: Timetable) -> Iterator[Finding]:
    yield from _free_short(t, t.problem.instructor_free_days.tolist(), lambda slot: (t.day(slot), 0), blocks_a_day=1)


def _free_half_days_short(t: Timetable) -> Iterator[Finding]:
    afternoon = t.problem.afternoon
    wanted = t.problem.instructor_free_half_days.tolist()
    yield from _free_short(t, wanted, lambda slot: (t.day(slot), int(t.period(slot) >= afternoon)), blocks_a_day=2)


def _free_short(t: Timetable, wanted: list[int], block_of: Callable[[int], tuple[int, int]], *, blocks_a_day: int) -> Iterator[Finding]:
    """Each instructor with too few free days or halves, and the lectures of those with the least teaching."""
    is_open = t.problem.open_days.tolist()
    total = blocks_a_day * sum(is_open)
    for instructor, meetings in t.by_instructor.items():
        least = min(wanted[instructor], total) if wanted else 0

        def short(held: SlotLectures, instructor: int = instructor, least: int = least) -> Iterator[Finding]:
            blocks: dict[tuple[int, int], SlotLectures] = {}
            for slot in sorted(held):
                if is_open[t.day(slot)]:
                    blocks.setdefault(block_of(slot), {})[slot] = held[slot]
            free = total - len(blocks)
            if free < least:
                lightest = sorted(blocks.values(), key=lambda block: (len(block), min(block)))[: least - free]
                lectures = distinct(lecture for block in lightest for lecture in lectures_of(block))
                yield Finding(least - free, lectures, min(lightest[0]), instructors=(instructor,), values=(free, least))

        yield from worst_week(t, meetings, short, by_day=False)
