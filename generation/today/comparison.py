"""One timetable beside the data of today: lecture by lecture, evaluated by the rules of a repair (`generation.retention.plan`)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from generation.engine.constraints.base import Finding
from generation.engine.model.problem import Problem
from generation.models import Entry
from generation.retention import messages as keeping_messages
from generation.retention.plan import Breach, EarlierPlace, Plan, instructors_of, plan_make
from generation.text.display_names import Naming
from generation.text.violations import findings_text
from generation.timetable.lecture_keys import LectureKey, lecture_keys, lectures_known, sections_followed
from generation.timetable.when import Clock, when_words
from generation.today import messages

PEOPLE, GONE, LENGTH, MISSING, CLOCK = "people", "gone", "length", "missing", "clock"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why some lectures no longer fit."""

    kind: str  # a hard constraint, or one of the words above
    message: str
    lectures: tuple[int, ...] = ()  # by their numbers in the timetable


@dataclass(frozen=True)
class Fit:
    """How a timetable stands to the data of one moment."""

    num_lectures: int = 0  # of the timetable, that no longer fit
    num_missing: int = 0  # of the data, that have no place in the timetable
    reasons: tuple[Reason, ...] = ()
    obstacle: str = ""  # why it can't be compared
    num_before: int = 0  # lectures that fitted no better when the timetable was evaluated

    @property
    def is_compared(self) -> bool:
        return not self.obstacle

    @property
    def is_ok(self) -> bool:
        """Whether nothing has stopped fitting since."""
        return not (self.obstacle or self.num_lectures or self.num_missing)

    @property
    def headline(self) -> str:
        if self.is_ok:
            return messages.FITS
        return self.obstacle or messages.headline(num_lectures=self.num_lectures, num_missing=self.num_missing)

    @property
    def lines(self) -> tuple[str, ...]:
        return tuple(reason.message for reason in self.reasons)


@dataclass(frozen=True)
class Carried:
    """Which lecture of today's problem each of the timetable's is."""

    lectures: Mapping[int, int]  # by the numbers in the timetable
    keys: Mapping[int, LectureKey]  # as today's problem would call them
    longer: Mapping[int, int] = field(default_factory=dict)  # those of `lectures` whose length differs today: their earlier lengths


def calendar_obstacle(earlier: Problem, now: Problem) -> str:
    """Why the two weeks can't be laid beside each other; empty where they can."""
    was, is_ = _starts(earlier), _starts(now)
    has_moved = any(start in is_ and is_.index(start) != place for place, start in enumerate(was))
    is_otherwise = len(was) != len(is_) and any(one != other for one, other in zip(was, is_, strict=False))
    days = min(len(earlier.names.days), len(now.names.days))
    if has_moved or is_otherwise or earlier.names.days[:days] != now.names.days[:days]:
        return messages.another_calendar(earlier, now)
    return ""


def lectures_carried(entries: Sequence[Entry], earlier: Problem | None, problem: Problem) -> Carried:
    """By section, length and order; what is left of a section is paired in order, for its lectures may have another length today."""
    called = sections_followed(((entry.course, entry.section) for entry in entries), earlier, problem)
    names = [called.get((entry.course, entry.section), (entry.course, entry.section)) for entry in entries]
    keys = lecture_keys((*name, entry.length) for name, entry in zip(names, entries, strict=True))
    known = lectures_known(problem)
    found = {entry.lecture: known[key] for entry, key in zip(entries, keys, strict=True) if key in known}
    taken, free = set(found.values()), defaultdict(list)
    for key, lecture in known.items():
        if lecture not in taken:
            free[key.course, key.section].append(lecture)
    longer = {}
    for entry, name in zip(entries, names, strict=True):
        if entry.lecture not in found and free[name]:
            found[entry.lecture], longer[entry.lecture] = free[name].pop(0), entry.length
    return Carried(found, {entry.lecture: key for entry, key in zip(entries, keys, strict=True)}, longer)


def compared(
    entries: Sequence[Entry],
    *,
    earlier: Problem | None,
    problem: Problem,
    broken_before: Collection[tuple[str, int]] = (),
    clocks: Sequence[Clock] = (),
    naming: Naming,
) -> Fit:
    """What of the timetable no longer fits ``problem``, which is today's.

    ``earlier``: what it was evaluated against, where that is known. ``broken_before``: constraints and lectures that broke them even then.
    """
    obstacle = calendar_obstacle(earlier, problem) if earlier is not None else ""
    if obstacle:
        return Fit(obstacle=obstacle)
    carried = lectures_carried(entries, earlier, problem)
    if not carried.lectures:
        return Fit(obstacle=messages.NOTHING_IN_COMMON)
    placed = {entry.lecture: entry for entry in entries if entry.day is not None}
    comparing = _Comparing(placed, carried, problem, clocks, naming)
    plan = plan_make(problem, comparing.earlier_places())
    reasons = [
        *comparing.gone(plan),
        *comparing.longer(),
        *comparing.broken(plan, set(broken_before)),
        *comparing.taught_by_others(),
    ]
    missing = Counter(problem.lecture_section.tolist())
    missing.subtract(int(problem.lecture_section[lecture]) for lecture in carried.lectures.values())
    reasons += [
        Reason(MISSING, messages.without_place(comparing.section_label(section), number)) for section, number in missing.items() if number
    ]
    if earlier is not None:
        pairs = zip(earlier.names.periods, problem.names.periods, strict=False)
        reasons += [Reason(CLOCK, messages.clock_changed(was, now)) for was, now in pairs if was != now]
    unfit = {lecture for reason in reasons for lecture in reason.lectures}
    without_place = {entry.lecture for entry in entries if entry.lecture in carried.lectures and entry.lecture not in placed}
    before = without_place | {comparing.number[lost.earlier.key] for lost in plan.freed if lost.breaches}
    return Fit(len(unfit), sum(missing.values()), tuple(reasons), num_before=len(before - unfit))


class _Comparing:
    """The parts of one comparison."""

    def __init__(self, placed: Mapping[int, Entry], carried: Carried, problem: Problem, clocks: Sequence[Clock], naming: Naming) -> None:
        self.placed, self.carried, self.problem, self.clocks, self.naming = placed, carried, problem, clocks, naming
        self.number = {carried.keys[lecture]: lecture for lecture in placed}

    def earlier_places(self) -> Iterator[EarlierPlace]:
        """All that has a place, but for what has another length today."""
        for lecture, entry in self.placed.items():
            if lecture not in self.carried.longer:
                key, in_room = self.carried.keys[lecture], bool(entry.room)
                yield EarlierPlace(key, entry.day, entry.period, entry.room, True, in_room, False, False, False)

    def gone(self, plan: Plan) -> Iterator[Reason]:
        """Lectures, times and rooms that are no longer there."""
        for lost in plan.freed:
            if not lost.breaches:
                lecture = self.number[lost.earlier.key]
                yield Reason(GONE, self.line(lecture, lost.why), (lecture,))

    def longer(self) -> Iterator[Reason]:
        for lecture, was in self.carried.longer.items():
            if lecture in self.placed:
                now = int(self.problem.lecture_length[self.carried.lectures[lecture]])
                yield Reason(LENGTH, self.line(lecture, messages.lasts_otherwise(was=was, now=now)), (lecture,))

    def broken(self, plan: Plan, before: set[tuple[str, int]]) -> list[Reason]:
        """By the rules: each finding once, with the lectures that it concerns; of several against one lecture the first of a rule."""
        found: dict[Breach, list[int]] = defaultdict(list)
        for lost in plan.freed:
            lecture = self.number[lost.earlier.key]
            first: dict[str, Finding] = {}
            for breach in lost.breaches:
                if (breach.constraint, lecture) not in before:
                    first.setdefault(breach.constraint, breach.finding)
            for constraint, finding in first.items():
                found[Breach(constraint, finding)].append(lecture)
        texts = findings_text(self.problem, found, self.naming)
        return [
            Reason(breach.constraint, message, tuple(lectures)) for (breach, lectures), message in zip(found.items(), texts, strict=True)
        ]

    def taught_by_others(self) -> Iterator[Reason]:
        for lecture, entry in self.placed.items():
            if lecture in self.carried.lectures:
                now = instructors_of(self.problem, self.carried.lectures[lecture])
                if self.naming.people(entry.instructors) != set(now):
                    words = messages.taught_by_others(before=self.people(entry.instructors), now=self.people(now))
                    yield Reason(PEOPLE, self.line(lecture, words), (lecture,))

    def people(self, codes: Iterable[str]) -> str:
        return keeping_messages.taught_by(sorted(map(self.naming.instructor, codes)))

    def section_label(self, section: int) -> str:
        course, name = self.problem.names.courses[section], self.problem.names.sections[section]
        return name if course in name else f"{course} {name}"

    def line(self, lecture: int, why: str) -> str:
        entry = self.placed[lecture]
        when = when_words(entry.day, entry.period, self.clocks)
        return keeping_messages.lost(section=entry.section, course=entry.course, when=when, room=entry.room, why=why)


def _starts(problem: Problem) -> list[str]:
    return [label.partition("-")[0] for label in problem.names.periods]
