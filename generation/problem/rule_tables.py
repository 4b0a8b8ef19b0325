"""A term's rules as tables of the problem.

Decisions that are not plain from the rows:

- A rule's ``lecture`` counts through the offering's sections: first all lectures of the first one.
- Of rules by which the same lectures start together a hard one counts alone, and weighted ones cost what each says.
- A lecture that rules fix to several times has one as its pin, and may begin at the others alone: it has no place.
- A rule that lists no timeslot of the grid requires nothing.
- A weighted band (meet inside, or outside, the listed timeslots) is a dislike of 3 of the other slots, times the rule's factor; it
  comes on top of what other bands and wishes cost there, as each of them says.
- Before, one day, the same period and days apart tie every lecture of an offering, of all its sections, to every lecture of the other;
  of one offering, the lectures of each section, an order meaning that of its meetings.
- "One right after the other" can hold of two lectures alone: it ties the n-th lectures of two offerings, section by section (the
  shorter list of sections starts over), and leaves free those that have no n-th.
- A rule that names what comes first pairs that with each of its offerings. Otherwise "before", one day, the same period and
  days apart pair every two, in their order; one right after the other, neighbours of the list.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import combinations, pairwise, product, zip_longest

import numpy as np

from academics.models import Rule
from academics.selectors import MeetingRow, RuleRow, TermRows
from generation.engine.model.problem import ANY, BEFORE, CONSECUTIVE, DAYS_APART, GROUPED, SAME_DAY, SAME_PERIOD, BoolArray, IntArray

MAX_DISLIKE = 3
PAIR_KINDS: dict[str, int] = {
    Rule.Kind.BEFORE: BEFORE,
    Rule.Kind.CONSECUTIVE: CONSECUTIVE,
    Rule.Kind.GROUPED: GROUPED,
    Rule.Kind.SAME_DAY: SAME_DAY,
    Rule.Kind.SAME_HOUR: SAME_PERIOD,
    Rule.Kind.DAYS_APART: DAYS_APART,
}
NEIGHBOURS = (*Rule.IN_ORDER, Rule.Kind.GROUPED)  # of one offering's lectures only those next to each other are paired
ADJOINING = (Rule.Kind.CONSECUTIVE, Rule.Kind.GROUPED)  # of two offerings only the n-th lectures are paired


class Grid:
    """The weekly grid: where a day and a period stand among the timeslots."""

    def __init__(self, rows: TermRows) -> None:
        self.num_days, self.num_periods = rows.num_days, len(rows.periods)
        self._period = {row.index: position for position, row in enumerate(rows.periods)}

    @property
    def num_timeslots(self) -> int:
        return self.num_days * self.num_periods

    def slot(self, day: int | None, period: int | None) -> int | None:
        """None outside the grid."""
        if day is None or period is None or day >= self.num_days or period not in self._period:
            return None
        return day * self.num_periods + self._period[period]

    def slots(self, marks: Iterable[tuple[int | None, int | None]]) -> BoolArray:
        """``[T]`` the timeslots of the marks: no day means every day, no period the whole day."""
        table = np.zeros((self.num_days, self.num_periods), dtype=np.bool_)
        for day, period in marks:
            if period is None or period in self._period:
                days = slice(None) if day is None else slice(day, day + 1)
                table[days, slice(None) if period is None else self._period[period]] = True
        return table.reshape(-1)


class RuleTables:
    """Each method is one field of `Problem`, or several; ``lectures`` are each lecture's section and meeting."""

    def __init__(
        self,
        rows: TermRows,
        grid: Grid,
        offering: Mapping[int | None, int],
        room: Mapping[int | None, int],
        offering_sections: Sequence[range],
        lectures: Sequence[tuple[int, MeetingRow]],
    ) -> None:
        self._rows = rows
        self._grid = grid
        self._offering = offering
        self._room = room
        self._sections = offering_sections
        self._num_lectures = len(lectures)
        self._of_section: dict[int, list[int]] = defaultdict(list)
        for lecture, (section, _) in enumerate(lectures):
            self._of_section[section].append(lecture)

    def _rules(self, *kinds: str) -> Iterator[tuple[RuleRow, list[int]]]:
        """Rules of these kinds with their offerings' indices; those outside the run are left out."""
        for rule in self._rows.rules:
            if rule.kind in kinds:
                linked = self._rows.rule_offerings.get(rule.id, ())
                yield rule, [self._offering[o] for o in linked if o in self._offering]

    def _lectures_of(self, offering: int) -> list[int]:
        return [lecture for section in self._sections[offering] for lecture in self._of_section[section]]

    @cached_property
    def _marks(self) -> dict[int, list[tuple[int | None, int | None]]]:
        marks: dict[int, list[tuple[int | None, int | None]]] = defaultdict(list)
        for row in self._rows.rule_timeslots:
            marks[row.rule_id].append((row.day, row.period))
        return marks

    def _listed(self, rule: RuleRow) -> BoolArray:
        """The timeslots that a rule lists."""
        return self._grid.slots(self._marks[rule.id])

    def pins(self) -> tuple[IntArray, IntArray]:
        """Fixed timeslots and fixed rooms."""
        slots = np.full(self._num_lectures, ANY, dtype=np.int32)
        rooms = slots.copy()
        for pins, places in ((slots, self._pinned[0]), (rooms, self._pinned[1])):
            for lecture, found in places.items():
                pins[lecture] = found[-1]
        return slots, rooms

    @cached_property
    def _pinned(self) -> tuple[dict[int, list[int]], dict[int, list[int]]]:
        """By lecture the timeslots, and the rooms, to which rules fix it: more than one where they contradict each other."""
        slots: dict[int, list[int]] = defaultdict(list)
        rooms: dict[int, list[int]] = defaultdict(list)
        for rule, offerings in self._rules(Rule.Kind.PIN_TIME, Rule.Kind.PIN_ROOM):
            is_room = rule.kind == Rule.Kind.PIN_ROOM
            place = self._room.get(rule.room_id) if is_room else self._grid.slot(rule.day, rule.period)
            for offering in offerings if place is not None else ():
                for lecture in self._lectures_of(offering)[rule.lecture : rule.lecture + 1]:
                    found = (rooms if is_room else slots)[lecture]
                    if place is not None and place not in found:
                        found.append(place)
        return dict(slots), dict(rooms)

    @cached_property
    def second_rooms(self) -> list[tuple[int, list[int]]]:
        """Rooms to which rules fix lectures that another rule fixes to another room, with these lectures."""
        found: dict[int, list[int]] = defaultdict(list)
        for lecture, rooms in self._pinned[1].items():
            for room in rooms[:-1]:
                found[room].append(lecture)
        return sorted(found.items())

    def bands(self, open_: BoolArray, dislike: IntArray) -> tuple[BoolArray, IntArray]:
        """What is open and disliked, by section and timeslot, once the rules about listed timeslots are kept."""
        for rule, offerings in self._rules(Rule.Kind.INSIDE, Rule.Kind.OUTSIDE):
            listed = self._listed(rule)
            unwanted = ~listed if rule.kind == Rule.Kind.INSIDE and listed.any() else listed
            sections = [section for offering in offerings for section in self._sections[offering]]
            if rule.is_hard:
                open_[sections] &= ~unwanted
            else:
                dislike[sections] += MAX_DISLIKE * rule.factor * unwanted.astype(np.int32)
        return open_, dislike

    def blocked_starts(self) -> IntArray:
        """By rules that list starts, and by those that fix a day."""
        rows: set[tuple[int, int]] = set()
        for rule, offerings in self._rules(Rule.Kind.STARTS, Rule.Kind.PIN_DAY):
            is_list = rule.kind == Rule.Kind.STARTS
            allowed = self._listed(rule) if is_list else self._grid.slots([(rule.day, None)])
            for offering in offerings if allowed.any() else ():
                lectures = self._lectures_of(offering)
                named = lectures if is_list else lectures[rule.lecture : rule.lecture + 1]
                rows.update(product(named, np.flatnonzero(~allowed).tolist()))
        for lecture, slots in self._pinned[0].items():
            for other in slots[:-1]:
                rows.update((lecture, slot) for slot in range(self._grid.num_timeslots) if slot != other)
        return table_of(rows, 2)

    def no_overlap(self) -> IntArray:
        return table_of({(a, b) for a, b, _ in self._overlaps(is_hard=True)}, 2)

    def avoid_overlap(self) -> IntArray:
        return table_of(self._overlaps(is_hard=False), 3)

    def _overlaps(self, *, is_hard: bool) -> list[tuple[int, int, int]]:
        """Every pair of sections of different offerings; of one offering alone, its own sections. With the rule's factor, once a rule."""
        pairs: list[tuple[int, int, int]] = []
        for rule, offerings in self._rules(Rule.Kind.NO_OVERLAP):
            if rule.is_hard != is_hard:
                continue
            parts = [list(self._sections[o]) for o in offerings]
            if len(parts) == 1:
                parts = [[section] for section in parts[0]]
            for first, second in combinations(parts, 2):
                pairs += [(min(a, b), max(a, b), rule.factor) for a, b in product(first, second)]
        return pairs

    def same_start(self) -> IntArray:
        """The n-th lectures of all sections named start with that of the first that has one."""
        return table_of(self._joint, 2)

    def same_start_factor(self) -> IntArray:
        """How many times the usual cost each of those pairs has, 0 for a hard one among weighted ones; empty where none has more."""
        factors = [self._joint[pair] for pair in sorted(self._joint)]
        return np.array(factors if any(factor != 1 for factor in factors) else [], dtype=np.int32)

    @cached_property
    def same_start_is_hard(self) -> bool:
        """Whether there are such rules and all of them are hard."""
        rules = [rule for rule, _ in self._rules(Rule.Kind.SAME_START)]
        return bool(rules) and all(rule.is_hard for rule in rules)

    @cached_property
    def _joint(self) -> dict[tuple[int, int], int]:
        pairs: dict[tuple[int, int], int] = {}
        for rule, offerings in self._rules(Rule.Kind.SAME_START):
            is_hard = rule.is_hard and not self.same_start_is_hard
            for nth in zip_longest(*[self._of_section[section] for o in offerings for section in self._sections[o]]):
                first, *others = [lecture for lecture in nth if lecture is not None]
                for pair in product([first], others):
                    known = pairs.get(pair)
                    pairs[pair] = 0 if is_hard or known == 0 else (known or 0) + rule.factor
        return pairs

    def lecture_pairs(self) -> IntArray:
        rows: list[tuple[int, int, int, int, int]] = []
        for rule, offerings in self._rules(*PAIR_KINDS):
            days = rule.days if rule.kind == Rule.Kind.DAYS_APART else 0
            factor = 0 if rule.is_hard else rule.factor
            rows += [(a, b, PAIR_KINDS[rule.kind], days, factor) for a, b in self._named(rule, offerings)]
        return table_of(rows, 5)

    def _named(self, rule: RuleRow, offerings: list[int]) -> list[tuple[int, int]]:
        """The pairs of lectures that a rule is about; none where the offering that comes first is outside the run."""
        if not offerings or (rule.first_id is not None and rule.first_id not in self._offering):
            return []
        first = offerings[0] if rule.first_id is None else self._offering[rule.first_id]
        others = [other for other in offerings if other != first]
        if not others:
            return self._within(first, only_neighbours=rule.kind in NEIGHBOURS)
        couples: Iterable[tuple[int, int]] = combinations([first, *others], 2)
        if rule.first_id is not None:
            couples = product([first], others)
        elif rule.kind in ADJOINING:
            couples = pairwise([first, *others])
        if rule.kind in ADJOINING:
            return [pair for couple in couples for pair in self._side_by_side(*couple)]
        return [pair for a, b in couples for pair in product(self._lectures_of(a), self._lectures_of(b))]

    def _within(self, offering: int, *, only_neighbours: bool) -> list[tuple[int, int]]:
        """The pairs of each section's lectures."""
        rows = [self._of_section[section] for section in self._sections[offering]]
        return [pair for row in rows for pair in (pairwise(row) if only_neighbours else combinations(row, 2))]

    def _side_by_side(self, first: int, second: int) -> list[tuple[int, int]]:
        """The n-th lectures of two offerings' sections, section by section."""
        a, b = self._sections[first], self._sections[second]
        couples = [(a[n % len(a)], b[n % len(b)]) for n in range(max(len(a), len(b)))]
        return [pair for one, other in couples for pair in zip(self._of_section[one], self._of_section[other], strict=False)]


def table_of(rows: Iterable[tuple[int, ...]], columns: int) -> IntArray:
    """The rows in order, as an array that has its columns even when it is empty."""
    return np.array(sorted(rows), dtype=np.int32).reshape(-1, columns)
