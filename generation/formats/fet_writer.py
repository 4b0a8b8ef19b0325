"""A `Problem` of any origin as a file of FET, with the places of a timetable locked in it where there is one.

Each lecture is an activity, those of a section its components; a curriculum is a students set. Rules that must be kept are written as
FET's of 100 %. Wishes are written with less where FET has such a kind; in a file with a timetable only those that it keeps, for FET would
try to keep the others, too. What FET can't say is counted by kind, and stands in the file's comments.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from xml.etree.ElementTree import Element, SubElement, indent, tostring

import numpy as np

from generation.engine.model.domains import Openings
from generation.engine.model.lecture_relations import pairs_fit
from generation.engine.model.problem import (
    ANY,
    BEFORE,
    BEFORE_IN_DAY,
    CONSECUTIVE,
    DAYS_APART,
    DAYS_WITHIN,
    GROUPED,
    PERIODS_APART_IN_DAY,
    SAME_DAY,
    SAME_PERIOD,
    BoolArray,
    Problem,
)
from generation.engine.model.solution import Solution

VERSION = "6.8.5"
MOST_COPIES = 20  # of a room that several lectures share
MOST_SEATS = 30_000
SPREAD = 95.0  # the usual weight of days between activities
STRONGEST = 6  # of a wish: 98.4 %
# Kinds of pairs, and what names their number.
TWO = {BEFORE: "Ordered", BEFORE_IN_DAY: "OrderedIfSameDay", CONSECUTIVE: "Consecutive", GROUPED: "Grouped"}
LISTED = {
    SAME_DAY: ("ActivitiesSameStartingDay", ""),
    SAME_PERIOD: ("ActivitiesSameStartingHour", ""),
    DAYS_APART: ("MinDaysBetweenActivities", "MinDays"),
    DAYS_WITHIN: ("MaxDaysBetweenActivities", "MaxDays"),
    PERIODS_APART_IN_DAY: ("MinGapsBetweenActivities", "MinGaps"),
}
NAMED = {"StartingTime": "Starting_Time", "TimeSlot": "Time_Slot"}
Fields = Iterable[tuple[str, object]]


@dataclass
class FetText:
    """A file, and what stands in it otherwise than in the problem."""

    root: Element
    left_out: Counter[str] = field(default_factory=Counter)  # what FET can't say, by kind
    notes: Counter[str] = field(default_factory=Counter)  # what it says in another way

    @cached_property
    def text(self) -> str:
        indent(self.root, space="")
        return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(self.root, encoding="unicode") + "\n"


def write_problem(
    problem: Problem, *, name: str, without_room: BoolArray, solution: Solution | None = None, num_broken: int = 0
) -> FetText:
    """``without_room``: ``[R]`` places that are no rooms. ``solution``: its lectures are locked; so many rules it breaks."""
    writer = _Writer(problem, name, without_room, solution)
    if num_broken:
        writer.found.notes["rule that the timetable breaks: FET won't accept the file as it is"] += num_broken
    return writer.written()


class _Writer:
    def __init__(self, problem: Problem, name: str, without_room: BoolArray, solution: Solution | None) -> None:
        self.problem, self.name, self.solution = problem, name, solution
        self.without_room = without_room
        self.root = Element("fet", version=VERSION)
        self.found = FetText(self.root)
        self.openings = Openings(problem)
        self.days = _distinct([_day(problem, day) for day in range(problem.num_days)])
        self.hours = _distinct([_hour(problem, period) for period in range(problem.periods_per_day)])
        self.instructors = _distinct(problem.names.instructors)
        self.subjects = _one_each(problem.names.courses)
        self.students = _distinct(problem.names.curricula)
        self.buildings = _distinct(problem.names.buildings)
        self.copies = self._copies()
        order = np.argsort(problem.lecture_section, kind="stable").tolist()
        self.number = {lecture: position for position, lecture in enumerate(order, 1)}  # ids
        self.order: list[int] = order
        self.of_section: dict[int, list[int]] = defaultdict(list)
        for lecture in order:
            self.of_section[int(problem.lecture_section[lecture])].append(lecture)
        of_bits = {bits: self._rooms_of(bits) for bits in set(self.openings.suitable_rooms)}
        self.suitable = [of_bits[bits] for bits in self.openings.suitable_rooms]
        # The fewest seats of each set of rooms.
        self.seats = {bits: min((int(problem.room_capacity[room]) for room in rooms), default=None) for bits, rooms in of_bits.items()}
        self.slot = np.full(problem.num_lectures, -1) if solution is None else solution.slot
        self.inactive = self._in_other_weeks()
        self.elements: dict[int, Element] = {}  # of activities
        self.tags = Element("Activity_Tags_List")
        self.time = Element("Time_Constraints_List")
        self.space = Element("Space_Constraints_List")

    def written(self) -> FetText:
        self._basics()
        self._closed()
        self._starts()
        self._relations()
        self._people()
        self._rooms()
        self._wishes()
        self._unsaid()
        if self.solution is not None:
            self._locks()
        self.root.extend([self.time, self.space])
        self.root.find("Comments").text = _comment(self.found)  # type: ignore[union-attr]
        return self.found

    # What there is.

    def _basics(self) -> None:
        problem, root = self.problem, self.root
        _texts(root, [("Mode", "Official"), ("Institution_Name", _plain(self.name) or "-"), ("Comments", "")])
        week = sorted(range(problem.num_days), key=lambda day: int(problem.day_rank[day]))
        _named(root, "Days", "Day", [self.days[day] for day in week], is_counted=True)
        _named(root, "Hours", "Hour", self.hours, is_counted=True)
        titles = dict(zip(problem.names.courses, problem.names.titles, strict=True))
        _named(root, "Subjects", "Subject", [*self.subjects.values()], comments=[titles[code] for code in self.subjects])
        root.append(self.tags)
        _named(root, "Teachers", "Teacher", self.instructors)
        years = _named(root, "Students", "Year", self.students)
        for year in years:
            _texts(year, [("Number_of_Students", 0)])
        self._activities(SubElement(root, "Activities_List"))
        used = [name for number, name in enumerate(self.buildings) if (problem.room_building == number).any()]
        _named(root, "Buildings", "Building", used)
        rooms = SubElement(root, "Rooms_List")
        for number, names in self.copies.items():
            building = int(problem.room_building[number])
            for name in names:
                seats = min(int(problem.room_capacity[number]), MOST_SEATS)
                facts: Fields = [
                    ("Name", name),
                    ("Building", self.buildings[building] if 0 <= building < len(self.buildings) else ""),
                    ("Capacity", seats),
                    ("Virtual", "false"),
                    ("Comments", ""),
                ]
                _texts(SubElement(rooms, "Room"), facts)
        self._add(self.time, "BasicCompulsoryTime", [])
        self._add(self.space, "BasicCompulsorySpace", [])

    def _activities(self, listed: Element) -> None:
        problem = self.problem
        curricula = [problem.section_curricula[section].tolist() for section in range(problem.num_sections)]
        for lecture in self.order:
            section = int(problem.lecture_section[lecture])
            components = self.of_section[section]
            each = self.elements[lecture] = SubElement(listed, "Activity")
            _texts(each, [("Teacher", self.instructors[who]) for who in problem.section_instructors[section].tolist()])
            _texts(each, [("Subject", self.subjects[problem.names.courses[section]])])
            _texts(each, [("Students", self.students[group]) for group in curricula[section]])
            facts: Fields = [
                ("Duration", int(problem.lecture_length[lecture])),
                ("Total_Duration", int(problem.lecture_length[components].sum())),
                ("Id", self.number[lecture]),
                ("Activity_Group_Id", self.number[components[0]] if len(components) > 1 else 0),
                ("Number_Of_Students", self._seated(lecture)),
                ("Active", "false" if lecture in self.inactive else "true"),
                ("Comments", problem.names.sections[section]),
            ]
            _texts(each, facts)

    def _seated(self, lecture: int) -> int:
        """The students of a lecture, and no more than the smallest of its rooms has seats, for FET has no tolerance."""
        problem = self.problem
        size = int(problem.section_size[problem.lecture_section[lecture]])
        seats = self.seats[self.openings.suitable_rooms[lecture]]
        if seats is None or seats >= size:
            return size
        self.found.notes["lecture with students beyond the seats of a room that it may have: of fewer students in the file"] += 1
        return seats

    def _copies(self) -> dict[int, list[str]]:
        """The names of each room in the file; of one that several lectures share there are several."""
        problem, found = self.problem, {}
        names = _distinct(problem.names.rooms)
        taken = set(names)
        for room, places in enumerate(problem.room_places.tolist()):
            if self.without_room[room]:
                continue
            more: list[str] = []
            for number in range(2, min(places, MOST_COPIES, max(1, problem.num_lectures)) + 1):
                more += _distinct([*taken, f"{names[room]} ({number})"])[-1:]
                taken.add(more[-1])
            if more:
                self.found.notes["room that several lectures share: as several rooms"] += 1
            if places > MOST_COPIES and problem.num_lectures > MOST_COPIES:
                self.found.left_out[f"room that more than {MOST_COPIES} lectures share"] += 1
            found[room] = [names[room], *more]
        return found

    def _rooms_of(self, bits: int) -> list[int]:
        return [room for room in range(self.problem.num_rooms) if bits >> room & 1 and not self.without_room[room]]

    # What must be kept.

    def _closed(self) -> None:
        problem = self.problem
        for name, open_ in zip(self.instructors, problem.instructor_available, strict=True):
            self._not_available(self.time, "TeacherNotAvailableTimes", ("Teacher", name), open_)
        for room, names in self.copies.items():
            for name in names:
                self._not_available(self.space, "RoomNotAvailableTimes", ("Room", name), problem.room_available[room])

    def _not_available(self, listed: Element, kind: str, owner: tuple[str, str], open_: BoolArray) -> None:
        closed = np.flatnonzero(~open_).tolist()
        if closed:
            each = self._add(listed, kind, [owner, ("Number_of_Not_Available_Times", len(closed))])
            for slot in closed:
                _texts(SubElement(each, "Not_Available_Time"), zip(("Day", "Hour"), self._cell(slot), strict=True))

    def _starts(self) -> None:
        """Where each lecture may begin, people and rooms aside."""
        problem = self.problem
        every = np.ones(problem.num_timeslots, dtype=np.bool_)
        starts: dict[tuple[bytes, int], BoolArray] = {}
        alike: dict[tuple[int, ...], list[int]] = defaultdict(list)
        for lecture in self.order:
            open_, length = problem.section_available[problem.lecture_section[lecture]], int(problem.lecture_length[lecture])
            key = open_.tobytes(), length
            if key not in starts:
                starts[key] = self.openings.starts(open_, length)
            allowed = starts[key] & self.openings.allowed_starts.get(lecture, every)
            pin = int(problem.lecture_pin_slot[lecture])
            if pin != ANY:
                self._lock_time(lecture, pin, is_rule=True)
            elif not allowed.any():
                self.found.left_out["lecture that may begin at no time"] += 1
            elif not allowed[self._in_day(length)].all():
                alike[tuple(np.flatnonzero(allowed).tolist())].append(lecture)
        for chosen, lectures in alike.items():
            self._preferring("StartingTime", lectures, chosen)

    def _preferring(self, what: str, lectures: Sequence[int], slots: Sequence[int], *, weight: float = 100.0) -> None:
        """The times of lectures, of all of them at once: a list for each is a file of hundreds of megabytes."""
        one = [("Activity_Id", self.number[lectures[0]])]
        several = [
            ("Teacher_Name", ""),
            ("Students_Name", ""),
            ("Subject_Name", ""),
            ("Activity_Tag_Name", self._tag(lectures)),
            ("Duration", ""),
        ]
        facts: Fields = [*(several if len(lectures) > 1 else one), (f"Number_of_Preferred_{NAMED[what]}s", len(slots))]
        each = self._add(self.time, f"{'Activities' if len(lectures) > 1 else 'Activity'}Preferred{what}s", facts, weight=weight)
        prefix = "Preferred_Starting" if what == "StartingTime" else "Preferred"
        for slot in slots:
            names = (f"{prefix}_Day", f"{prefix}_Hour")
            _texts(SubElement(each, f"Preferred_{NAMED[what]}"), zip(names, self._cell(slot), strict=True))

    def _tag(self, lectures: Sequence[int]) -> str:
        """A mark that these lectures have and no others; none for one lecture."""
        if len(lectures) < 2:
            return ""
        name = f"Group {len(self.tags) + 1}"
        _texts(SubElement(self.tags, "Activity_Tag"), [("Name", name)])
        for lecture in lectures:
            _texts(self.elements[lecture], [("Activity_Tag", name)])
        return name

    def _in_day(self, length: int) -> BoolArray:
        """``[T]`` where a lecture of that length does not leave its day, which FET knows by itself."""
        fits: BoolArray = np.tile(np.arange(self.problem.periods_per_day) + length <= self.problem.periods_per_day, self.problem.num_days)
        return fits

    def _relations(self) -> None:
        problem = self.problem
        for a, b in problem.no_overlap.tolist():
            self._listed("ActivitiesNotOverlapping", [*self.of_section[a], *self.of_section[b]])
        for section, lectures in self.of_section.items():
            is_nobodys = not len(problem.section_instructors[section]) and not len(problem.section_curricula[section])
            if is_nobodys and len(lectures) > 1:
                self._listed("ActivitiesNotOverlapping", lectures)
        for (a, b), is_hard, factor in zip(
            problem.same_start.tolist(), problem.joint_is_hard.tolist(), problem.joint_factor.tolist(), strict=True
        ):
            is_kept = self.slot[a] == self.slot[b]
            if is_hard or (problem.weights.same_start and self._is_wish_kept(is_kept, (a, b))):
                self._listed("ActivitiesSameStartingTime", [a, b], weight=100.0 if is_hard else _weight(factor))
        for a, b, kind, number, factor in problem.lecture_pairs.tolist():
            if not factor or (problem.weights.pair_preferred and self._is_wish_kept(self._is_kept(a, b, kind, number), (a, b))):
                self._pair(a, b, kind, number, weight=_weight(factor) if factor else 100.0)

    def _is_kept(self, a: int, b: int, kind: int, number: int) -> bool:
        problem = self.problem
        if min(self.slot[a], self.slot[b]) < 0:
            return True
        at = [np.array([problem.week_slot[self.slot[each]]], dtype=np.int32) for each in (a, b)]
        lengths = int(problem.lecture_length[a]), int(problem.lecture_length[b])
        return bool(pairs_fit(kind, number, at[0], at[1], lengths, problem.periods_per_day)[0])

    def _is_wish_kept(self, is_kept: bool, lectures: Iterable[int]) -> bool:
        """Whether a wish is written: one that the timetable misses is counted."""
        if self.solution is None or is_kept or any(self.slot[each] < 0 for each in lectures):
            return True
        self.found.left_out["wish that this timetable does not keep"] += 1
        return False

    def _pair(self, a: int, b: int, kind: int, number: int, *, weight: float) -> None:
        if kind in TWO:
            facts = [("First_Activity_Id", self.number[a]), ("Second_Activity_Id", self.number[b])]
            self._add(self.time, f"TwoActivities{TWO[kind]}", facts, weight=weight)
        elif kind in LISTED and not (kind in (DAYS_APART, DAYS_WITHIN) and not self._is_week_whole and number > 1):
            name, field_name = LISTED[kind]
            self._listed(name, [a, b], weight=weight, number=(field_name, number) if field_name else None)
        else:
            self.found.left_out["rule on how two lectures stand to one another"] += 1

    @property
    def _is_week_whole(self) -> bool:
        """Whether days follow one another in the week as they do in FET's list, so that distances are the same."""
        return sorted(self.problem.day_rank.tolist()) == list(range(self.problem.num_days))

    def _listed(self, kind: str, lectures: Sequence[int], *, weight: float = 100.0, number: tuple[str, int] | None = None) -> None:
        facts: list[tuple[str, object]] = [("Consecutive_If_Same_Day", "false")] if kind == "MinDaysBetweenActivities" else []
        facts += [("Number_of_Activities", len(lectures)), *(("Activity_Id", self.number[each]) for each in lectures)]
        self._add(self.time, kind, [*facts, *([number] if number else [])], weight=weight)

    def _people(self) -> None:
        problem = self.problem
        most_days = problem.most_busy_days.tolist()
        rules: list[tuple[str, str, Sequence[int], bool, Callable[[int], int]]] = [
            ("MaxHoursDaily", "Maximum_Hours_Daily", problem.instructor_max_daily.tolist(), problem.daily_load_is_hard, self._busiest),
            (
                "MaxHoursContinuously",
                "Maximum_Hours_Continuously",
                problem.instructor_max_consecutive.tolist(),
                problem.consecutive_load_is_hard,
                self._longest,
            ),
        ]
        for kind, field_name, limits, is_hard, of in rules:
            for who, limit in enumerate(limits):
                if not limit:
                    continue
                facts = [("Teacher_Name", self.instructors[who]), (field_name, limit)]
                if is_hard or self._is_wish_kept(of(who) <= limit, ()):
                    self._add(self.time, f"Teacher{kind}", facts, weight=100.0 if is_hard else SPREAD)
        for who, days in enumerate(most_days):
            if days >= 0 and problem.free_days_is_hard:
                self._add(
                    self.time, "TeacherMaxDaysPerWeek", [("Teacher_Name", self.instructors[who]), ("Max_Days_Per_Week", max(1, days))]
                )
            elif days >= 0:
                self.found.left_out["wish for free days of an instructor"] += 1

    @cached_property
    def _taught(self) -> BoolArray:
        """``[I, D, P]`` when an instructor teaches in the timetable."""
        problem = self.problem
        table = np.zeros((problem.num_instructors, problem.num_timeslots), dtype=np.bool_)
        for lecture in range(problem.num_lectures):
            slots = self._slots_at(lecture)
            table[problem.section_instructors[problem.lecture_section[lecture]], slots.start : slots.stop] = True
        return table.reshape(problem.num_instructors, problem.num_days, problem.periods_per_day)

    def _busiest(self, who: int) -> int:
        return int(self._taught[who].sum(axis=1).max(initial=0))

    def _longest(self, who: int) -> int:
        longest = run = 0
        for day in self._taught[who].tolist():
            run = 0
            for is_busy in day:
                run = run + 1 if is_busy else 0
                longest = max(longest, run)
        return longest

    def _rooms(self) -> None:
        problem = self.problem
        pins = problem.lecture_pin_room.tolist()
        alike: dict[tuple[int, ...], list[int]] = defaultdict(list)
        for lecture in self.order:
            rooms, bits = self.suitable[lecture], self.openings.suitable_rooms[lecture]
            if not bits:
                self.found.left_out["lecture that no room suits"] += 1
            if not rooms:
                continue
            if len(rooms) == 1 and len(self.copies[rooms[0]]) == 1:
                self._lock_room(lecture, self.copies[rooms[0]][0], is_rule=pins[lecture] != ANY)
            else:
                alike[tuple(rooms)].append(lecture)
        for rooms_alike, lectures in alike.items():
            names = [name for room in rooms_alike for name in self.copies[room]]
            owner = ("Activity_Tag", self._tag(lectures)) if len(lectures) > 1 else ("Activity_Id", self.number[lectures[0]])
            kind = "ActivityTagPreferredRooms" if len(lectures) > 1 else "ActivityPreferredRooms"
            facts = [owner, ("Number_of_Preferred_Rooms", len(names))]
            self._add(self.space, kind, [*facts, *(("Preferred_Room", name) for name in names)])

    # What is wished for.

    def _wishes(self) -> None:
        problem, weights = self.problem, self.problem.weights
        if weights.min_days:
            for section, days in enumerate(problem.section_min_days.tolist()):
                self._spread(self.of_section[section], days)
        if weights.disliked_times:
            self._disliked()
        if weights.avoid_overlap:
            for a, b, factor in problem.avoid_overlap.tolist():
                lectures = [*self.of_section[a], *self.of_section[b]]
                busy = [self._slots_of(self.of_section[each]) for each in (a, b)]
                if self._is_wish_kept(busy[0].isdisjoint(busy[1]), ()):
                    self._listed("ActivitiesNotOverlapping", lectures, weight=_weight(factor))

    def _slots_of(self, lectures: Iterable[int]) -> set[int]:
        return {
            slot
            for each in lectures
            if self.slot[each] >= 0
            for slot in range(int(self.slot[each]), int(self.slot[each]) + int(self.problem.lecture_length[each]))
        }

    def _spread(self, lectures: Sequence[int], days: int) -> None:
        if days < 2 or len(lectures) < 2:
            return
        if days < len(lectures):
            self.found.left_out["wish that lectures are spread over some days, fewer than there are lectures"] += 1
            return
        placed = [int(self.slot[each]) // self.problem.periods_per_day for each in lectures if self.slot[each] >= 0]
        if self._is_wish_kept(len(set(placed)) == len(placed), ()):
            self._listed("MinDaysBetweenActivities", lectures, weight=SPREAD, number=("MinDays", 1))

    def _disliked(self) -> None:
        problem = self.problem
        alike: dict[tuple[float, tuple[int, ...]], list[int]] = defaultdict(list)
        for section, lectures in self.of_section.items():
            costs = np.zeros(problem.num_timeslots, dtype=np.int64)
            if problem.section_dislike.size:
                costs += problem.section_dislike[section]
            for who in problem.section_instructors[section].tolist():
                costs += problem.instructor_dislike[who]
            open_ = problem.section_available[section]
            for cost in sorted({int(each) for each in costs[open_] if each > 0}):
                rest = np.flatnonzero(costs != cost).tolist()
                bad = set(np.flatnonzero(costs == cost).tolist())
                for lecture in lectures if rest else ():
                    if not self._is_wish_kept(bad.isdisjoint(self._slots_of([lecture])), ()):
                        continue
                    alike[_weight(cost), tuple(rest)].append(lecture)
        for (weight, slots), those in alike.items():
            self._preferring("TimeSlot", those, slots, weight=weight)

    def _unsaid(self) -> None:
        """What FET has no kind for."""
        problem, weights, left_out = self.problem, self.problem.weights, self.found.left_out
        several = sum(len(lectures) > 1 for lectures in self.of_section.values())
        choosing = sum(len(row) > 1 for row in problem.student_sections)
        some = problem.lecture_weeks != (1 << problem.num_weeks) - 1 if len(problem.lecture_weeks) else np.zeros(0, dtype=np.bool_)
        lunch = bool(problem.lunch_window.any()) and weights.lunch > 0
        for kind, count in {
            "lecture that is held in some weeks only, in the file in every week": int(some.sum()) - len(self.inactive),
            "student with courses of his or her own choice": choosing if weights.student_clash else 0,
            "curriculum whose days should be compact": problem.num_curricula if weights.compactness or weights.curriculum_gaps else 0,
            "instructor whose days should have few gaps": problem.num_instructors if weights.instructor_gaps else 0,
            "section that should keep its room": several if weights.room_stability else 0,
            "section with a preferred building": int((problem.section_building >= 0).sum()) if weights.home_building else 0,
            "section with preferred rooms": len(np.unique(problem.preferred_rooms[:, 0])) if weights.preferred_rooms else 0,
            "room that is not liked at some times": int(problem.room_dislike.any(axis=1).sum()) if problem.room_dislike.size else 0,
            "curriculum or instructor with time for lunch": problem.num_curricula + problem.num_instructors if lunch else 0,
            "lecture that should fill its room": problem.num_lectures if weights.room_fit else 0,
            "curriculum that should not change buildings": problem.num_curricula if weights.building_changes else 0,
            "instructor with free half-days": int((problem.instructor_free_half_days > 0).sum()),
            "curriculum with fewest or most periods of a day": int((problem.curriculum_daily > 0).any(axis=1).sum()),
            "section whose lectures share one room": int((problem.section_one_room > 0).sum()),
            "section whose lectures of a day stand together": int((problem.section_grouped > 0).sum()),
            "rule on the days or weeks of a set of courses": len(problem.set_rules),
        }.items():
            if count > 0:
                left_out[kind] += count

    # The timetable.

    def _in_other_weeks(self) -> set[int]:
        """Lectures that share people or a room with another one at their time, and no week: FET knows but one week."""
        problem, solution = self.problem, self.solution
        if solution is None or not len(problem.lecture_weeks):
            return set()
        seen: dict[tuple[str, int, int], list[int]] = defaultdict(list)
        found: set[int] = set()
        for lecture in range(problem.num_lectures):
            section, room = int(problem.lecture_section[lecture]), int(solution.room[lecture])
            owners = [("section", section), *(("person", who) for who in problem.section_instructors[section].tolist())]
            owners += [("students", group) for group in problem.section_curricula[section].tolist()]
            if room >= 0 and not self.without_room[room]:
                owners.append(("room", room))
            keys = [(*owner, slot) for owner in owners for slot in self._slots_at(lecture)]
            others = {other for key in keys for other in seen[key]}
            if any(not problem.lecture_weeks[lecture] & problem.lecture_weeks[other] for other in others):
                found.add(lecture)
                continue
            for key in keys:
                seen[key].append(lecture)
        if found:
            self.found.left_out["lecture at the time of another one of other weeks, inactive in the file"] = len(found)
        return found

    def _slots_at(self, lecture: int) -> range:
        slot = int(self.slot[lecture])
        return range(slot, slot + int(self.problem.lecture_length[lecture])) if slot >= 0 else range(0)

    def _locks(self) -> None:
        problem, solution = self.problem, self.solution
        assert solution is not None
        taken: dict[str, set[int]] = defaultdict(set)
        for lecture in sorted(self.order, key=lambda each: int(self.slot[each])):
            slot, room = int(self.slot[lecture]), int(solution.room[lecture])
            if lecture in self.inactive:
                continue
            if slot < 0:
                self.found.notes["lecture without a place: not locked"] += 1
                continue
            if problem.lecture_pin_slot[lecture] == ANY:
                self._lock_time(lecture, slot, is_rule=False)
            if room < 0 or self.without_room[room]:
                continue
            mine = set(self._slots_at(lecture))
            names = self.copies[room]
            name = next((each for each in names if taken[each].isdisjoint(mine)), names[0])
            taken[name] |= mine
            if len(self.suitable[lecture]) != 1 or len(names) > 1:
                self._lock_room(lecture, name, is_rule=False)

    def _lock_time(self, lecture: int, slot: int, *, is_rule: bool) -> None:
        day, hour = self._cell(slot)
        facts = [("Activity_Id", self.number[lecture]), ("Preferred_Day", day), ("Preferred_Hour", hour)]
        self._add(self.time, "ActivityPreferredStartingTime", [*facts, ("Permanently_Locked", str(is_rule).lower())])

    def _lock_room(self, lecture: int, name: str, *, is_rule: bool) -> None:
        facts = [("Activity_Id", self.number[lecture]), ("Room", name), ("Permanently_Locked", str(is_rule).lower())]
        self._add(self.space, "ActivityPreferredRoom", facts)

    def _cell(self, slot: int) -> tuple[str, str]:
        day, period = divmod(slot, self.problem.periods_per_day)
        return self.days[day], self.hours[period]

    def _add(self, listed: Element, kind: str, facts: Fields, *, weight: float = 100.0) -> Element:
        each = SubElement(listed, f"Constraint{kind}")
        _texts(each, [("Weight_Percentage", f"{weight:g}"), *facts, ("Active", "true"), ("Comments", "")])
        return each


def _weight(factor: int) -> float:
    """What the reader of FET's files takes for that factor: each 1 halves what is left to chance."""
    return float(100 * (1 - 0.5 ** min(max(1, factor), STRONGEST)))


def _texts(parent: Element, facts: Fields) -> None:
    for name, value in facts:
        SubElement(parent, name).text = _plain(str(value))


def _named(
    root: Element, listed: str, tag: str, names: Sequence[str], *, is_counted: bool = False, comments: Sequence[str] = ()
) -> list[Element]:
    parent = SubElement(root, f"{listed}_List")
    if is_counted:
        _texts(parent, [(f"Number_of_{listed}", len(names))])
    found = []
    for number, name in enumerate(names):
        each = SubElement(parent, tag)
        _texts(each, [("Name", name), *([("Comments", comments[number])] if comments else [])])
        found.append(each)
    return found


def _plain(text: str) -> str:
    """Without what XML has no way to write."""
    return "".join(letter for letter in text if letter in "\n\t" or (letter.isprintable() and not 0xD800 <= ord(letter) < 0xE000))


def _distinct(names: Sequence[str]) -> list[str]:
    """A name of its own for each: FET tells things apart by their names alone."""
    taken: set[str] = set()
    found = []
    for name in names:
        plain = " ".join(_plain(name).split()) or "-"
        unique, number = plain, 1
        while unique in taken:
            number += 1
            unique = f"{plain} ({number})"
        taken.add(unique)
        found.append(unique)
    return found


def _one_each(names: Sequence[str]) -> dict[str, str]:
    """By name what it is called in the file, once for each."""
    once = list(dict.fromkeys(names))
    return dict(zip(once, _distinct(once), strict=True))


def _day(problem: Problem, day: int) -> str:
    return problem.names.days[day] if day < len(problem.names.days) else f"Day {day + 1}"


def _hour(problem: Problem, period: int) -> str:
    return problem.names.periods[period] if period < len(problem.names.periods) else str(period + 1)


def _comment(found: FetText) -> str:
    lines = ["Written by Timeloom."]
    for words, counted in (
        ("FET has no rule for, so that it is not in this file", found.left_out),
        ("Otherwise in this file", found.notes),
    ):
        if counted:
            lines += [f"{words}:", *(f"{count} x {kind}" for kind, count in sorted(counted.items()))]
    return "\n".join(lines)
