"""An engine problem that a file gave as an institution's rows: the way back from `generation.problem.builder`.

Each class of the file (see `classes`) is an offering with one section. Lectures of which the file says different things, or between
which it has a rule that is not one of whole offerings, are offerings of their own. What has no row is counted by kind.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from itertools import pairwise
from typing import Any

import numpy as np

from academics.models import Availability, Rule
from academics.placements import Placement
from academics.plain_text import text_plain
from academics.selectors import (
    AvailabilityRow,
    CurriculumRow,
    EnrolmentRow,
    GroupRow,
    InstructorRow,
    Links,
    MeetingRow,
    NamedRow,
    OfferingRow,
    PeriodRow,
    RoomPreferenceRow,
    RoomRow,
    RuleRow,
    RuleTimeslotRow,
    SectionRow,
    StudentRow,
    TermRows,
)
from academics.term_weeks import LONGEST_TEXT, weeks_text
from academics.week_labels import DAY_NAMES
from academics.without_room import NONE
from generation.engine.model.problem import (
    ANY_MOST,
    BEFORE,
    BEFORE_IN_DAY,
    BUSY_DAY_PAIRS,
    BUSY_DAYS,
    BUSY_PERIODS,
    CONSECUTIVE,
    DAY_PAIRS_APART,
    DAY_PAIRS_WITHIN,
    DAYS_APART,
    DAYS_WITHIN,
    FULL_DAY_PAIRS,
    GROUPED,
    GROUPED_IN_DAY,
    GROUPED_IN_DAY_PAIR,
    IDLE_PERIODS,
    LATE_DAYS,
    LATE_PERIODS,
    LONGEST_RUN,
    OTHER_STARTS,
    PERIODS_APART_IN_DAY,
    SAME_DAY,
    SAME_PERIOD,
    SPAN,
    BoolArray,
    Problem,
    Weights,
)

MAX_CODE = 60
MAX_NAME = 200
MAX_COUNT, MAX_LENGTH = 40, 12  # of a meeting
MAX_SEATS = 10_000  # more are as good as no limit
MAX_FACTOR = 100
MAX_SHARING = 100
MAX_RANK = 100
MAX_DISLIKE = 3
DISLIKED = 3  # what a period outside a weighted band costs: the other wishes weigh so much more
WISHES = dict.fromkeys(
    ("pair_preferred", "same_start", "preferred_rooms", "avoid_overlap", "student_clash", "room_stability", "room_capacity"), DISLIKED
)
RULES = {
    BEFORE: Rule.Kind.BEFORE,
    CONSECUTIVE: Rule.Kind.CONSECUTIVE,
    GROUPED: Rule.Kind.GROUPED,
    SAME_DAY: Rule.Kind.SAME_DAY,
    SAME_PERIOD: Rule.Kind.SAME_HOUR,
    DAYS_APART: Rule.Kind.DAYS_APART,
}
NOT_KEPT = {
    DAYS_WITHIN: "lectures at most some days apart",
    BEFORE_IN_DAY: "an order of lectures on one day",
    GROUPED_IN_DAY: "lectures that adjoin where they are on one day",
    PERIODS_APART_IN_DAY: "hours between lectures of one day",
    DAY_PAIRS_APART: "lectures some days of two halves apart",
    DAY_PAIRS_WITHIN: "lectures at most some days of two halves apart",
    GROUPED_IN_DAY_PAIR: "lectures that adjoin where they are on one day of two halves",
}
RULE_WORDS = {
    BUSY_PERIODS: "periods in a day, in the week or at some times",
    BUSY_DAYS: "days, mornings or afternoons",
    IDLE_PERIODS: "idle periods",
    SPAN: "periods from the first to the last",
    LATE_PERIODS: "periods before the first one of a day",
    LATE_DAYS: "days that begin late",
    LONGEST_RUN: "periods on end",
    OTHER_STARTS: "days with a start at another time than wished",
    BUSY_DAY_PAIRS: "days of two halves",
    FULL_DAY_PAIRS: "days with both halves",
}
WEIGHED = frozenset(Weights().as_dict()) - {"curriculum_load", "double_lectures"}
IN_ORDER = (BEFORE, CONSECUTIVE)
ADJOINING = (CONSECUTIVE, GROUPED)
Pair = tuple[int, int, int, int, int]  # lecture, lecture, kind, days, factor


@dataclass(frozen=True)
class FromProblem:
    """The rows, and what goes beside them."""

    rows: TermRows
    weights: dict[str, int]
    hardness: dict[str, bool]
    placements: list[Placement]
    left_out: Counter[str]
    notes: list[str] = field(default_factory=list)  # what is kept otherwise than the file has it, and means the same


@dataclass
class Extras:
    """What a file says beside its problem. Names without one are the problem's."""

    periods: list[PeriodRow]
    classes: Sequence[Hashable] = ()  # of each section; sections of one class are one where nothing tells them apart
    no_room: int | None = None  # the room that is none
    days: tuple[int, ...] = ()  # the day of the week that each of the file's is; empty: from Monday on
    room_buildings: Sequence[str] = ()  # of each room
    places: Mapping[int, tuple[int, int]] = field(default_factory=dict)  # lectures' timeslots and rooms (-1: not known) in a timetable
    groups: list[GroupRow] = field(default_factory=list)
    section_groups: Mapping[int, list[int]] = field(default_factory=dict)
    left_out: Counter[str] = field(default_factory=Counter)


def rows_of(problem: Problem, extras: Extras) -> FromProblem:
    return _Writer(problem, extras).written()


class _Writer:
    def __init__(self, problem: Problem, extras: Extras) -> None:
        self.problem, self.extras = problem, extras
        self.left_out = Counter(extras.left_out)
        self.days = extras.days or tuple(range(problem.num_days))
        self.rules: list[RuleRow] = []
        self.rule_offerings: Links = {}
        self.rule_timeslots: list[RuleTimeslotRow] = []
        self.availability: list[AvailabilityRow] = []
        self.lectures_of: list[list[int]] = [[] for _ in range(problem.num_sections)]
        for lecture, section in enumerate(problem.lecture_section.tolist()):
            self.lectures_of[section].append(lecture)
        self.blocked = np.zeros((problem.num_lectures, problem.num_timeslots), dtype=np.bool_)
        if len(problem.blocked_starts):
            self.blocked[problem.blocked_starts[:, 0], problem.blocked_starts[:, 1]] = True
        self.preferred: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for section, room, rank in problem.preferred_rooms.tolist():
            self.preferred[section].append((room, rank))
        self.pairs: list[Pair] = [tuple(row) for row in problem.lecture_pairs.tolist()]
        self.joint = [(a, b, factor) for (a, b), factor in zip(problem.same_start.tolist(), self._joint_factors(), strict=True)]
        self.offerings: list[list[int]] = []  # sections of each
        self._group()
        self.offering_of = {section: number for number, sections in enumerate(self.offerings) for section in sections}
        self.order = [self._order(sections) for sections in self.offerings]  # lectures of each, as its meetings have them
        self.place_of = {lecture: (offering, n) for offering, lectures in enumerate(self.order) for n, lecture in enumerate(lectures)}

    def _joint_factors(self) -> list[int]:
        return [int(factor) for factor in np.where(self.problem.joint_is_hard, 0, self.problem.joint_factor)]

    # Which lectures are one offering.

    def _group(self) -> None:
        groups: dict[Hashable, list[int]] = defaultdict(list)
        classes = self.extras.classes or range(self.problem.num_sections)
        for section in range(self.problem.num_sections):
            groups[classes[section], self._look(section)].append(section)
        found = list(groups.values())
        while True:
            broken = self._broken(found)
            if not broken:
                break
            found = [part for n, sections in enumerate(found) for part in ([[s] for s in sections] if n in broken else [sections])]
        self.offerings = sorted(found)

    def _look(self, section: int) -> Hashable:
        """Everything that an offering says once for all of its lectures."""
        problem, lectures = self.problem, self.lectures_of[section]
        blocked = {self.blocked[lecture].tobytes() for lecture in lectures}
        dislike = problem.section_dislike[section].tobytes() if problem.section_dislike.size else b""
        return (
            problem.names.titles[section],
            tuple(sorted(problem.section_instructors[section].tolist())),
            tuple(sorted(problem.section_curricula[section].tolist())),
            tuple(self.extras.section_groups.get(section, ())),
            int(problem.section_size[section]),
            int(problem.section_building[section]),
            problem.section_available[section].tobytes(),
            dislike,
            tuple(sorted(blocked)),
            tuple(sorted(self.preferred.get(section, ()))),
        )

    def _broken(self, groups: list[list[int]]) -> set[int]:
        """Groups of several sections some of whose pairs of lectures are not those of whole offerings."""
        of = {lecture: n for n, sections in enumerate(groups) for section in sections for lecture in self.lectures_of[section]}
        size = [sum(len(self.lectures_of[section]) for section in sections) for sections in groups]
        several = {n for n, sections in enumerate(groups) if len(sections) > 1}
        counts: Counter[tuple[int, int, int, int, int]] = Counter()
        for a, b, kind, days, factor in self.pairs:
            counts[of[a], of[b], kind, days, factor] += 1
        broken: set[int] = set()
        for (a, b, kind, _, _), count in counts.items():
            whole = size[a] * (size[a] - 1) // 2 if a == b else size[a] * size[b]
            is_within, is_adjoining = a == b, kind in (CONSECUTIVE, GROUPED)
            if count != whole or (is_within and kind not in (DAYS_APART, SAME_DAY, SAME_PERIOD)) or (is_adjoining and whole > 1):
                broken |= {a, b}
        for a, b, _ in self.joint:
            if size[of[a]] > 1 or size[of[b]] > 1:
                broken |= {of[a], of[b]}
        for a, b, *_ in [*self.problem.no_overlap.tolist(), *self.problem.avoid_overlap.tolist()]:
            for section in (a, b):
                for lecture in self.lectures_of[section]:
                    broken.add(of[lecture])
        return broken & several

    def _order(self, sections: list[int]) -> list[int]:
        lectures = [lecture for section in sections for lecture in self.lectures_of[section]]
        return sorted(lectures, key=lambda lecture: (self._meeting_of(lecture), lecture))

    def _meeting_of(self, lecture: int) -> tuple[int, int, bytes, int]:
        problem = self.problem
        features = problem.lecture_features[lecture].tobytes()
        return -int(problem.lecture_length[lecture]), int(problem.lecture_room_kind[lecture]), features, self._weeks_of(lecture)

    def _weeks_of(self, lecture: int) -> int:
        """The mask of the lecture's weeks; 0 for every week."""
        mask = int(self.problem.lecture_weeks[lecture]) if len(self.problem.lecture_weeks) else 0
        return 0 if mask == (1 << self.problem.num_weeks) - 1 else mask

    def _weeks_written(self) -> tuple[list[str], list[str]]:
        """What each offering says of its weeks, where its lectures all say the same, and what each lecture says beside it."""
        own = []
        for lectures in self.order:
            masks = {self._weeks_of(lecture) for lecture in lectures}
            own.append(masks.pop() if len(masks) == 1 else 0)
        rest = [0 if own[self.place_of[n][0]] else self._weeks_of(n) for n in range(self.problem.num_lectures)]
        # By their numbers: what odd weeks are hangs on how many the term has.
        return [self._weeks_text(mask) for mask in own], [self._weeks_text(mask) for mask in rest]

    def _weeks_text(self, mask: int) -> str:
        text = weeks_text(mask)
        if len(text) <= LONGEST_TEXT:
            return text
        self.left_out["weeks that are too many single ones"] += 1
        return ""

    # The rows.

    def written(self) -> FromProblem:
        problem, extras = self.problem, self.extras
        codes = code_of_each(self._offering_words())
        self._closed()
        self._pins()
        self._starts()
        self._wished_times()
        self._pairs()
        self._overlaps()
        limits, hardness = self._limits()
        rooms = [room for room in range(problem.num_rooms) if room != extras.no_room]
        buildings = list(dict.fromkeys(name for name in self._buildings() if name))
        building_id = {name: number for number, name in enumerate(buildings, 1)}
        offering_weeks, lecture_weeks = self._weeks_written()
        meetings, meeting_features = self._meetings(lecture_weeks)
        features, room_features = self._features(rooms, meeting_features)
        if len({int(kind) for kind in problem.room_kind}) > 1:
            kinds = [problem.names.room_kinds[kind] or "classroom" for kind in problem.room_kind.tolist()]
        else:
            kinds = ["classroom"] * problem.num_rooms
        instructors = code_of_each(problem.names.instructors)
        curricula = code_of_each(problem.names.curricula)
        students = code_of_each(problem.names.students)
        hardness |= {} if problem.capacity_is_hard else {"room_capacity": False}
        self._unsaid()
        room_codes = code_of_each([problem.names.rooms[room] for room in rooms])
        small = [min(int(problem.room_capacity[room]), MAX_SEATS) for room in rooms]
        notes = [*self._seats_cut(rooms), *self._sharing_cut(rooms)]
        rows = TermRows(
            num_days=max(self.days) + 1,
            week_start=self.days[0] if self.days else 0,
            periods=extras.periods,
            rooms=[
                RoomRow(
                    room + 1,
                    code,
                    _name(problem.names.rooms[room], code),
                    seats,
                    kinds[room],
                    building_id.get(self._buildings()[room]),
                    min(int(problem.room_places[room]), MAX_SHARING),
                )
                for room, code, seats in zip(rooms, room_codes, small, strict=True)
            ],
            room_features=room_features,
            features=features,
            buildings=[
                NamedRow(number, code, _name(name, code))
                for (name, number), code in zip(building_id.items(), code_of_each(buildings), strict=True)
            ],
            departments=[],
            instructors=[
                InstructorRow(n + 1, code, _name(name, code), None, *limits[n])
                for n, (name, code) in enumerate(zip(problem.names.instructors, instructors, strict=True))
            ],
            offerings=[
                OfferingRow(
                    n + 1,
                    code,
                    problem.names.titles[sections[0]][:MAX_NAME],
                    None,
                    int(problem.section_size[sections[0]]),
                    max(1, int(problem.section_size[sections[0]])),
                    0,
                    building_id.get(self._home(sections[0])),
                    weeks=offering_weeks[n],
                )
                for n, (sections, code) in enumerate(zip(self.offerings, codes, strict=True))
            ],
            offering_instructors={
                n + 1: [who + 1 for who in problem.section_instructors[sections[0]].tolist()] for n, sections in enumerate(self.offerings)
            },
            offering_curricula={
                n + 1: [group + 1 for group in problem.section_curricula[sections[0]].tolist()] for n, sections in enumerate(self.offerings)
            }
            if not extras.groups
            else {},
            meetings=meetings,
            meeting_features=meeting_features,
            sections=[
                SectionRow(n + 1, n + 1, code, int(problem.section_size[sections[0]]))
                for n, (sections, code) in enumerate(zip(self.offerings, codes, strict=True))
            ],
            section_instructors={
                n + 1: [who + 1 for who in problem.section_instructors[sections[0]].tolist()] for n, sections in enumerate(self.offerings)
            },
            curricula=[]
            if extras.groups
            else [
                CurriculumRow(n + 1, code, _name(name, code), None)
                for n, (name, code) in enumerate(zip(problem.names.curricula, curricula, strict=True))
            ],
            students=[
                StudentRow(n + 1, code, _name(name, code), None, None)
                for n, (name, code) in enumerate(zip(problem.names.students, students, strict=True))
            ],
            enrolments=[
                EnrolmentRow(n + 1, offering + 1, offering + 1)
                for n in range(len(problem.student_sections))
                for offering in dict.fromkeys(self.offering_of[section] for section in problem.student_sections[n].tolist())
            ],
            availability=self.availability,
            rules=self.rules,
            rule_offerings=self.rule_offerings,
            rule_timeslots=self.rule_timeslots,
            room_preferences=self._room_preferences(),
            groups=extras.groups,
            section_groups={n + 1: list(extras.section_groups.get(sections[0], ())) for n, sections in enumerate(self.offerings)}
            if extras.groups
            else {},
        )
        placements = self._placements(codes, dict(zip(rooms, room_codes, strict=True)))
        return FromProblem(rows, self._weights(), hardness, placements, self.left_out, notes)

    def _sharing_cut(self, rooms: Sequence[int]) -> list[str]:
        cut = sum(int(self.problem.room_places[room]) > MAX_SHARING for room in rooms)
        words = "room takes" if cut == 1 else "rooms take"
        return [f"{cut:,} {words} any number of lectures at once, and at most {MAX_SHARING} here."] if cut else []

    def _seats_cut(self, rooms: Sequence[int]) -> list[str]:
        """Rooms with more seats than a room may have here: said, and counted as left out where a class is so large that it matters."""
        cut = sum(int(self.problem.room_capacity[room]) > MAX_SEATS for room in rooms)
        if cut and int(self.problem.section_size.max(initial=0)) > MAX_SEATS:
            self.left_out[f"rooms of more than {MAX_SEATS:,} seats"] += cut
            return []
        words = "room has" if cut == 1 else "rooms have"
        return [f"{cut:,} {words} more than {MAX_SEATS:,} seats, and {MAX_SEATS:,} here, more than any class needs."] if cut else []

    def _unsaid(self) -> None:
        """What lectures need of rooms, and has no row."""
        problem = self.problem
        several = [n for n in range(len(self.offerings)) if len(self.order[n]) > 1 and problem.section_one_room.size]
        have_choice = [n for n in several if len(frozenset().union(*(self._fits(lecture) for lecture in self.order[n]))) > 1]
        one_room = sum(bool(problem.section_one_room[self.offerings[n][0]]) for n in have_choice)
        if one_room:
            self.left_out["courses whose lectures must be in one room"] += one_room
        none = self.extras.no_room
        for wanted, number in Counter(row.tobytes() for row in problem.lecture_features).items():
            fitting = self._fitting(wanted)
            if none in fitting and len(fitting) > 1:
                self.left_out["lectures that may do without a room"] += number

    def _offering_words(self) -> list[str]:
        return [self.problem.names.courses[sections[0]] for sections in self.offerings]

    def _buildings(self) -> Sequence[str]:
        if self.extras.room_buildings:
            return self.extras.room_buildings
        names = self.problem.names.buildings
        found = [names[b] if 0 <= b < len(names) else "" for b in self.problem.room_building.tolist()]
        return found if len(set(found)) > 1 else [""] * len(found)

    def _home(self, section: int) -> str:
        building = int(self.problem.section_building[section])
        return self.problem.names.buildings[building] if building >= 0 else ""

    def _cell(self, slot: int) -> tuple[int, int]:
        day, period = divmod(slot, self.problem.periods_per_day)
        return self.days[day], self.extras.periods[period].index

    def _at_most(self, amount: int, most: int) -> int:
        """What a wish weighs here; that it should weigh more is counted."""
        if amount > most:
            self.left_out[f"wishes that weigh more than {most} times the least"] += 1
        return min(amount, most)

    def _rule(self, kind: str, offerings: Iterable[int], slots: Iterable[int] = (), **values: Any) -> None:
        number = len(self.rules) + 1
        row = RuleRow(number, kind, None, 0, None, None, True, "")
        self.rules.append(row._replace(**values))
        self.rule_offerings[number] = [offering + 1 for offering in offerings]
        self.rule_timeslots += [RuleTimeslotRow(number, *self._cell(slot)) for slot in slots]

    def _mark(self, column: str, number: int, slots: Iterable[int], rating: int = Availability.BLOCKED) -> None:
        for slot in slots:
            day, period = self._cell(slot)
            owners = {"instructor_id": None, "room_id": None, "offering_id": None} | {column: number}
            self.availability.append(AvailabilityRow(**owners, day=day, period=period, rating=rating))

    def _closed(self) -> None:
        """Who and what is not there; days of the week that the file does not have."""
        problem = self.problem
        for number, sections in enumerate(self.offerings):
            self._mark("offering_id", number + 1, np.flatnonzero(~problem.section_available[sections[0]]).tolist())
        for number in range(problem.num_instructors):
            self._mark("instructor_id", number + 1, np.flatnonzero(~problem.instructor_available[number]).tolist())
        for room in range(problem.num_rooms):
            if room != self.extras.no_room:
                self._mark("room_id", room + 1, np.flatnonzero(~problem.room_available[room]).tolist())
        missing = set(range(max(self.days) + 1)) - set(self.days)
        if missing:
            self._rule(Rule.Kind.OUTSIDE, range(len(self.offerings)))
            self.rule_timeslots += [RuleTimeslotRow(len(self.rules), day, None) for day in sorted(missing)]

    def _pins(self) -> None:
        for lecture, slot in enumerate(self.problem.lecture_pin_slot.tolist()):
            if slot >= 0:
                day, period = self._cell(slot)
                offering, number = self.place_of[lecture]
                self._rule(Rule.Kind.PIN_TIME, [offering], lecture=number, day=day, period=period)
        for lecture, room in enumerate(self.problem.lecture_pin_room.tolist()):
            if room >= 0 and room != self.extras.no_room:
                offering, number = self.place_of[lecture]
                self._rule(Rule.Kind.PIN_ROOM, [offering], lecture=number, room_id=room + 1)

    def _starts(self) -> None:
        """Starts that an offering's lectures may not have; those with the same ones share a rule."""
        alike: dict[bytes, list[int]] = defaultdict(list)
        for number, lectures in enumerate(self.order):
            if not self._share_starts(number):
                self.left_out["courses of which each lecture has times of its own"] += 1
            blocked = np.logical_and.reduce(self.blocked[lectures], axis=0)
            if lectures and blocked.any():
                alike[blocked.tobytes()].append(number)
        for look, offerings in alike.items():
            allowed = np.flatnonzero(~np.frombuffer(look, dtype=np.bool_)).tolist()
            if allowed:
                self._rule(Rule.Kind.STARTS, offerings, allowed)
            else:
                self.left_out["lectures that may begin at no time"] += len(offerings)

    def _share_starts(self, offering: int) -> bool:
        """Whether the starts of all lectures together say enough: of a class that meets on so many days, each time at one hour."""
        masks = self.blocked[self.order[offering]]
        if len({mask.tobytes() for mask in masks}) <= 1:
            return True
        tables = ~masks.reshape(len(masks), self.problem.num_days, -1)
        days = [np.flatnonzero(table.any(axis=1)).tolist() for table in tables]
        hours = {table.any(axis=0).tobytes() for table in tables}
        is_own_day = all(len(each) == 1 for each in days) and len({each[0] for each in days}) == len(days)
        return is_own_day and len(hours) == 1 and offering in self.one_hour

    def _wished_times(self) -> None:
        table = self.problem.section_dislike
        alike: dict[tuple[int, bytes], list[int]] = defaultdict(list)
        for number, sections in enumerate(self.offerings):
            for cost in np.unique(table[sections[0]]).tolist() if table.size else ():
                if cost > 0:
                    alike[self._at_most(cost, MAX_FACTOR), (table[sections[0]] == cost).tobytes()].append(number)
        for (cost, look), offerings in alike.items():
            slots = np.flatnonzero(np.frombuffer(look, dtype=np.bool_)).tolist()
            self._rule(Rule.Kind.OUTSIDE, offerings, slots, is_hard=False, factor=cost)
        for room, costs in enumerate(self.problem.room_dislike):
            if room != self.extras.no_room:
                for slot in np.flatnonzero((costs > 0) & self.problem.room_available[room]).tolist():
                    self._mark("room_id", room + 1, [slot], -self._at_most(int(costs[slot]), MAX_DISLIKE))
        for who, costs in enumerate(self.problem.instructor_dislike):
            for slot in np.flatnonzero((costs > 0) & self.problem.instructor_available[who]).tolist():
                self._mark("instructor_id", who + 1, [slot], -self._at_most(int(costs[slot]), MAX_DISLIKE))

    def _pairs(self) -> None:
        groups: dict[tuple[int, int, int, int, int], set[tuple[int, int]]] = defaultdict(set)
        for a, b, kind, days, factor in self.pairs:
            groups[self.place_of[a][0], self.place_of[b][0], kind, days, factor].add((a, b))
        for (first, second, kind, days, factor), pairs in groups.items():
            if kind not in RULES:
                self.left_out[NOT_KEPT[kind]] += len(pairs)
            elif not self._is_whole(first, second, kind, factor, pairs):
                self.left_out[f"{Rule.Kind(RULES[kind]).label}: of some lectures of a course"] += len(pairs)
            elif kind == DAYS_APART and not 1 <= days <= 6:
                self.left_out["lectures more than six days apart"] += 1
            else:
                values: dict[str, Any] = {"is_hard": factor == 0, "factor": self._at_most(max(1, factor), MAX_FACTOR)}
                values |= {"days": days} if kind == DAYS_APART else {}
                values |= {"first_id": first + 1} if kind in IN_ORDER and first != second else {}
                self._rule(RULES[kind], dict.fromkeys([first, second]), **values)
        self._joint()

    def _is_whole(self, first: int, second: int, kind: int, factor: int, pairs: set[tuple[int, int]]) -> bool:
        """Whether the pairs are those of which a rule about the two offerings speaks."""
        one, other = self.order[first], self.order[second]
        if kind == SAME_PERIOD and factor == 0 and {first, second} <= self.one_hour:
            return True
        if kind in ADJOINING and first != second:
            return pairs == set(zip(one, other, strict=False))
        if kind in (*IN_ORDER, GROUPED) and first == second:
            return pairs == set(pairwise(one))
        return len(pairs) == (len(one) * (len(one) - 1) // 2 if first == second else len(one) * len(other))

    @cached_property
    def one_hour(self) -> set[int]:
        """Offerings all of whose lectures have to begin in one period of their days: those with a single one, too."""
        tied: dict[int, set[int]] = defaultdict(set)
        for a, b, kind, _, factor in self.pairs:
            if kind == SAME_PERIOD and factor == 0 and self.place_of[a][0] == self.place_of[b][0]:
                tied[a].add(b)
                tied[b].add(a)
        found = set()
        for number, lectures in enumerate(self.order):
            seen, ahead = set(lectures[:1]), list(lectures[:1])
            while ahead:
                more = tied[ahead.pop()] - seen
                seen |= more
                ahead += more
            if len(seen) == len(lectures):
                found.add(number)
        return found

    def _joint(self) -> None:
        groups: dict[tuple[int, int, int], set[tuple[int, int]]] = defaultdict(set)
        for a, b, factor in self.joint:
            groups[self.place_of[a][0], self.place_of[b][0], factor].add((a, b))
        for (first, second, factor), pairs in groups.items():
            one, other = self.order[first], self.order[second]
            if first == second or len(one) != len(other) or pairs != set(zip(one, other, strict=True)):
                self.left_out["lectures that start together with some of another course"] += len(pairs)
                continue
            self._rule(Rule.Kind.SAME_START, [first, second], is_hard=factor == 0, factor=self._at_most(max(1, factor), MAX_FACTOR))

    def _overlaps(self) -> None:
        for a, b, *rest in [*self.problem.no_overlap.tolist(), *self.problem.avoid_overlap.tolist()]:
            if self.offering_of[a] != self.offering_of[b]:
                pair = [self.offering_of[a], self.offering_of[b]]
                self._rule(Rule.Kind.NO_OVERLAP, pair, is_hard=not rest, factor=self._at_most(max(1, *rest, 1), MAX_FACTOR))

    def _limits(self) -> tuple[list[tuple[int, int, int, int]], dict[str, bool]]:
        """Of each instructor the most periods a day, a week and on end, and the fewest free days; what is hard of it.

        One kind of limit is hard for everybody or for nobody, so where some are and some are not, the others are left out.
        """
        problem = self.problem
        limits = [
            [int(problem.instructor_max_daily[n]), int(problem.instructor_max_weekly[n]), int(problem.instructor_max_consecutive[n]), 0]
            for n in range(problem.num_instructors)
        ]
        if problem.instructor_free_days.size:
            for n, days in enumerate(problem.instructor_free_days.tolist()):
                limits[n][3] = days
        mine: list[list[int]] = [[] for _ in range(problem.num_instructors)]
        for section in range(problem.num_sections):
            for who in problem.section_instructors[section].tolist():
                mine[who].append(section)
        taught: dict[tuple[int, ...], int] = {}
        for who, sections in enumerate(mine):
            taught.setdefault(tuple(sections), who)
        found: dict[str, list[tuple[int, int, int, bool]]] = defaultdict(list)  # name: instructor, column, limit, hard
        for row, measure, block, least, most, _, looks, factor in problem.set_rules.tolist():
            who = taught.get(tuple(sorted(problem.rule_sets[row].tolist())), -1)
            is_all = bool(problem.rule_slots[looks].all()) and least == 0 and most < ANY_MOST and who >= 0
            if is_all and measure == BUSY_PERIODS and block == 1 and most > 0:
                found["daily_load"].append((who, 0, most, factor == 0))
            elif is_all and measure == LONGEST_RUN and block == 1 and most > 0:
                found["consecutive_load"].append((who, 2, most, factor == 0))
            elif is_all and measure == BUSY_DAYS and block == 0 and problem.num_days - 7 <= most < problem.num_days:
                found["free_days"].append((who, 3, problem.num_days - most, factor == 0))
            else:
                self.left_out[_rule_words(measure, least > 0)] += 1
        hardness: dict[str, bool] = {}
        for name, rules in found.items():
            hardness[name] = any(is_hard for *_, is_hard in rules)
            for who, column, limit, is_hard in rules:
                if is_hard != hardness[name]:
                    self.left_out[f"wishes beside rules of the same kind ({name.replace('_', ' ')})"] += 1
                    continue
                earlier = limits[who][column]
                limits[who][column] = max(earlier, limit) if column == 3 else min(earlier or limit, limit)
        return [(daily, weekly, on_end, free) for daily, weekly, on_end, free in limits], hardness

    def _meetings(self, weeks: Sequence[str]) -> tuple[list[MeetingRow], Links]:
        meetings: list[MeetingRow] = []
        features: Links = {}
        for offering, lectures in enumerate(self.order):
            last: object = None
            for lecture in lectures:
                key = self._meeting_of(lecture)
                if key == last and meetings[-1].count < MAX_COUNT:
                    meetings[-1] = meetings[-1]._replace(count=meetings[-1].count + 1)
                    continue
                last = key
                number, length = len(meetings) + 1, int(self.problem.lecture_length[lecture])
                if length > MAX_LENGTH:
                    self.left_out[f"lectures of more than {MAX_LENGTH} periods"] += 1
                kind = int(self.problem.lecture_room_kind[lecture])
                word = NONE if self._needs_no_room(lecture) else self.problem.names.room_kinds[kind] if kind >= 0 else ""
                meetings.append(MeetingRow(number, offering + 1, 1, min(length, MAX_LENGTH), word, weeks[lecture]))
                if word != NONE:
                    features[number] = [f + 1 for f in np.flatnonzero(self.problem.lecture_features[lecture] & self._telling).tolist()]
        return meetings, features

    def _needs_no_room(self, lecture: int) -> bool:
        """No room does, and none is needed."""
        return self._fits(lecture) == {self.extras.no_room}

    def _fits(self, lecture: int) -> frozenset[int | None]:
        """The rooms that have what a lecture requires."""
        return self._fitting(self.problem.lecture_features[lecture].tobytes())

    @cache  # noqa: B019  # a writer lives as long as one file is read
    def _fitting(self, wanted: bytes) -> frozenset[int | None]:
        features = np.frombuffer(wanted, dtype=np.bool_)
        fits = (self.problem.room_features | ~features).all(axis=1)
        return frozenset(np.flatnonzero(fits).tolist())

    @property
    def _telling(self) -> BoolArray:
        """Features that not every room has."""
        rooms = [room for room in range(self.problem.num_rooms) if room != self.extras.no_room]
        found: BoolArray = np.logical_not(np.logical_and.reduce(self.problem.room_features[rooms], axis=0))
        return found

    def _features(self, rooms: Sequence[int], required: Links) -> tuple[list[NamedRow], Links]:
        problem = self.problem
        used = sorted({feature - 1 for listed in required.values() for feature in listed})
        codes = code_of_each([problem.names.features[f] for f in used])
        rows = []
        for f, code in zip(used, codes, strict=True):
            having = [problem.names.rooms[room] for room in rooms if problem.room_features[room, f]]
            rows.append(NamedRow(f + 1, code, ", ".join(having)[:MAX_NAME]))
        return rows, {room + 1: [f + 1 for f in used if problem.room_features[room, f]] for room in rooms}

    def _room_preferences(self) -> list[RoomPreferenceRow]:
        found = []
        for offering, sections in enumerate(self.offerings):
            for room, rank in sorted(self.preferred.get(sections[0], ())):
                if room != self.extras.no_room:
                    found.append(RoomPreferenceRow(offering + 1, self._at_most(rank, MAX_RANK), room + 1, None))
        return found

    def _weights(self) -> dict[str, int]:
        """The problem's own, but that wishes weigh as a period outside a weighted band does."""
        given = self.problem.weights.as_dict()
        return {name: given[name] * WISHES.get(name, 1) for name in given if name in WEIGHED}

    def _placements(self, codes: Sequence[str], rooms: Mapping[int, str]) -> list[Placement]:
        found = []
        for offering, lectures in enumerate(self.order):
            for number, lecture in enumerate(lectures):
                if lecture in self.extras.places:
                    slot, room = self.extras.places[lecture]
                    length = int(self.problem.lecture_length[lecture])
                    found.append(Placement(codes[offering], codes[offering], *self._cell(slot), number, length, rooms.get(room, "")))
        return found


def _rule_words(measure: int, is_least: bool) -> str:
    """What a rule on somebody's days or week is about."""
    words = RULE_WORDS.get(measure, "days or weeks of another look")
    return f"{'fewest' if is_least else 'most'} {words}"


def _name(name: str, code: str) -> str:
    """Empty where the code says it already."""
    return "" if name == code else name[:MAX_NAME]


def weekdays_of(names: Sequence[str]) -> tuple[int, ...]:
    """The days of the week by their English names or their first three letters; in the order of the file where it calls them otherwise."""
    known = {word: number for number, name in enumerate(DAY_NAMES) for word in (name.lower(), name[:3].lower())}
    found = [known.get(name.strip().lower()) for name in names]
    days = tuple(day for day in found if day is not None)
    return days if len(set(days)) == len(names) else tuple(range(len(names)))


def code_of_each(names: Sequence[str]) -> list[str]:
    """A code of its own for each name: the name, cut and numbered where it must be."""
    plain = [" ".join(text_plain(name).split()) or "-" for name in names]
    counts = Counter(plain)
    taken: set[str] = set()
    numbers: Counter[str] = Counter()  # how many codes of one beginning there are
    found = []
    for name in plain:
        code = name[:MAX_CODE]
        while counts[name] > 1 or code in taken:
            numbers[name[:MAX_CODE]] += 1
            ending = f" {numbers[name[:MAX_CODE]]}"
            code = name[: MAX_CODE - len(ending)] + ending
            if code not in taken:
                break
        taken.add(code)
        found.append(code)
    return found
