"""What a timetable costs, constraint by constraint, in milliseconds: for people who watch a search.

The evaluator (`evaluate`) finds every breach and takes 0.7 s at the large scale; a `Tally` only adds up, in arrays
that are laid out once for each problem. It shares no counting with the compiled search either, so it checks the
search's running score too. What a search ends with is accepted by the evaluator alone.

What a constraint declares as terms (`constraints.base.Terms`) is counted from those, and the others by a counter of their own here;
where there is neither, by the evaluator's own function: slower, never wrong.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import cached_property
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from generation.engine.constraints.base import Constraint, WeekPattern
from generation.engine.constraints.register import CONSTRAINTS, constraints_of
from generation.engine.evaluation.day_patterns import beyond_most, busy_blocks, pattern_units, rule_units
from generation.engine.model.attendance import members_of, shared_students
from generation.engine.model.lecture_relations import pairs_wrong
from generation.engine.model.occupancy import LongArray, Occupancy
from generation.engine.model.problem import ANY, BoolArray, Csr, IntArray, Problem, Weights
from generation.engine.model.schedule import Timetable
from generation.engine.model.solution import Score, Solution
from generation.engine.model.week_parts import WeekParts
from generation.engine.search.search_data import linked_seats_broken, seats_too_many

SEATINGS_KEPT = 12  # as many as there may be variants, and some


class Groups:
    """Who has which sections: the curricula or instructors with at least one, their sections side by side."""

    def __init__(self, rows: Csr) -> None:
        members = members_of(rows)
        self.ids = np.array([index for index, sections in enumerate(members) if len(sections)], dtype=np.int64)
        own = [members[index] for index in self.ids]
        self.sections = np.concatenate(own) if own else np.zeros(0, dtype=np.int32)
        self.starts = np.cumsum([0, *(len(sections) for sections in own)], dtype=np.int64)[:-1]
        self.pairs: list[IntArray] = [sections[np.stack(np.triu_indices(len(sections), 1))] for sections in own]


class Tally:
    """Counts the constraints of one problem; may be used by several threads."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.parts = WeekParts.of(problem)
        self.curricula = Groups(self.parts.rows(problem.section_curricula))
        self.instructors = Groups(self.parts.rows(problem.section_instructors))
        self.own_pairs = np.stack(self.parts.own_pairs())
        self.closed = ~problem.section_available
        for section, row in enumerate(problem.section_instructors):
            people = np.unique(row)
            self.closed[section] |= ~problem.instructor_available[people].all(axis=0)
        self.blocked_starts = problem.blocked_starts[:, 0] * problem.num_timeslots + problem.blocked_starts[:, 1]
        self.breaks_before = np.concatenate([[0], np.cumsum(problem.break_after)])
        self._arrays: dict[str, dict[str, IntArray]] = {}
        self._sharing: dict[bytes, LongArray] = {}
        self._lock = threading.Lock()
        self._pairs_make()

    def _pairs_make(self) -> None:
        """Pairs of sections that must not overlap, each with its first reason."""
        size = self.problem.num_sections
        given = [np.sort(self.problem.no_overlap, axis=1).T.astype(np.int32)]
        people = [(self.problem.section_instructors, self.instructors), (self.problem.section_curricula, self.curricula)]
        known = [groups if self.parts.are_sections else Groups(rows) for rows, groups in people]
        reasons = {"instructor_clash": known[0].pairs, "curriculum_clash": known[1].pairs, "no_overlap": given}
        taken = np.zeros(0, dtype=np.int64)
        self.pairs: dict[str, LongArray] = {}
        for reason, pairs in reasons.items():
            first, second = np.concatenate([np.zeros((2, 0), dtype=np.int64), *pairs], axis=1).astype(np.int64)
            keys = np.setdiff1d((first * size + second)[first != second], taken)
            taken = np.union1d(taken, keys)
            self.pairs[reason] = np.stack(self.parts.pairs(*np.divmod(keys, max(1, size)))[:2])
        self._hard_keys = taken

    def arrays(self, constraint: Constraint) -> dict[str, IntArray]:
        """The arrays of a constraint's terms, by form: made once, as no timetable changes them."""
        if constraint.id not in self._arrays:
            terms, everybody = constraint.terms, np.arange(self.problem.num_sections, dtype=np.int32)
            made = {
                "section_rooms": terms.section_rooms and terms.section_rooms(self.problem, everybody),
                "section_slots": terms.section_slots and terms.section_slots(self.problem, everybody),
                "room_slots": terms.room_slots and terms.room_slots(self.problem),
                "section_pairs": terms.section_pairs and terms.section_pairs(self.problem),
                "lecture_pairs": terms.lecture_pairs and terms.lecture_pairs(self.problem),
            }
            self._arrays[constraint.id] = {form: array for form, array in made.items() if array is not None and array.any()}
        return self._arrays[constraint.id]

    def sharing(self, solution: Solution) -> LongArray:
        """Pairs of parts that may overlap and share students, and how many: [3, n]. Kept for the seatings seen last."""
        key = b"" if solution.seats is None else blake2b(solution.seats.tobytes(), digest_size=16).digest()
        with self._lock:
            if key not in self._sharing:
                first, second, students = shared_students(solution.attended(self.problem), self.problem.num_sections).T
                apart = ~np.isin(first * self.problem.num_sections + second, self._hard_keys)
                first, second, number = self.parts.pairs(first[apart], second[apart])
                self._sharing[key] = np.stack([first, second, students[apart][number]])
            self._sharing[key] = found = self._sharing.pop(key)
            if len(self._sharing) > SEATINGS_KEPT:
                del self._sharing[next(iter(self._sharing))]
            return found

    def breakdown(self, solution: Solution, weights: Weights | None = None) -> dict[str, int]:
        """As `Evaluation.breakdown`: every constraint that counts, zero or not."""
        weights = weights or self.problem.weights
        layout = Layout(self, solution)
        return {each.id: each.weight(weights) * layout.count(each.id) for each in constraints_of(self.problem, weights)}

    def score(self, breakdown: dict[str, int], weights: Weights | None = None) -> Score:
        """What a breakdown under these weights adds up to."""
        hard = sum(breakdown[each.id] for each in constraints_of(self.problem, weights or self.problem.weights) if each.is_hard)
        return Score(hard, sum(breakdown.values()) - hard)


class Layout(Occupancy):
    """One solution as the counters read it."""

    def __init__(self, tally: Tally, solution: Solution) -> None:
        super().__init__(tally.problem, solution)
        self.tally = tally
        self.part = tally.parts.part[self.placed].astype(np.int64)
        self.kinds = tally.parts.kinds[self.part]

    @cached_property
    def by_part(self) -> LongArray:
        """Lectures present [S', T]."""
        parts = self.tally.parts
        return self.by_section if parts.are_sections else self._counts(np.repeat(self.part, self.present), len(parts.owner))

    def count(self, constraint: str) -> int:
        """The constraint's units, unweighted."""
        counter = COUNTS.get(constraint)
        if counter is not None:
            return int(counter(self))
        declared = CONSTRAINTS[constraint]
        return self._count_by_finding(constraint) if declared.terms.is_empty else self._count_by_terms(declared)

    def _count_by_terms(self, constraint: Constraint) -> int:
        arrays, day = self.tally.arrays(constraint), constraint.terms.day
        total = 0
        if "section_rooms" in arrays:
            total += int(arrays["section_rooms"][self.section, self.room].sum())
        if "section_slots" in arrays:
            total += int(arrays["section_slots"][self.cell_section, self.cell_slot].sum())
        if "room_slots" in arrays:
            total += int(arrays["room_slots"][np.repeat(self.room, self.present), self.cell_slot].sum())
        if "section_pairs" in arrays:
            sections, others, units = arrays["section_pairs"].T.astype(np.int64)
            first, second, number = self.tally.parts.pairs(sections, others)
            total += int((self.together(np.stack([first, second])) * units[number]).sum())
        if "lecture_pairs" in arrays:
            total += self._pairs_wrong(arrays["lecture_pairs"], is_hard=constraint.is_hard)
        if day is not None and day.of_curricula:
            owners = self.tally.curricula.ids[:, None]
            total += int(pattern_units(day.pattern, self.curricula, self.problem, owners, of_curricula=True).max(axis=0).sum())
        if day is not None and day.of_instructors:
            owners = self.tally.instructors.ids[:, None]
            total += int(pattern_units(day.pattern, self.instructors, self.problem, owners, of_curricula=False).max(axis=0).sum())
        return total + (0 if constraint.terms.week is None else self._beyond_most(constraint.terms.week))

    def _beyond_most(self, week: WeekPattern) -> int:
        busy = busy_blocks(week, self.instructors, self.problem.open_days, self.problem.afternoon).sum(axis=-1)
        return int(beyond_most(busy, week.most(self.problem)[self.tally.instructors.ids]).max(axis=0).sum())

    def _pairs_wrong(self, rows: IntArray, *, is_hard: bool) -> int:
        """The units, hard or soft, of pairs whose two lectures are placed and do not stand as they should."""
        slot, is_placed = self.solution.slot, (self.solution.slot >= 0) & (self.solution.room >= 0)
        a, b, units = rows[:, 0], rows[:, 1], rows[:, 4 if is_hard else 5]
        rows = rows[is_placed[a] & is_placed[b] & (a != b) & (units != 0)]
        place, length, total = self.problem.week_slot, self.problem.lecture_length, 0
        for kind in np.unique(rows[:, 2]).tolist():
            first, second, _, days, hard, soft = rows[rows[:, 2] == kind].T
            starts, lengths = (place[slot[first]], place[slot[second]]), (length[first], length[second])
            wrong = pairs_wrong(kind, days, *starts, lengths, self.problem.periods_per_day)
            total += int((wrong.astype(np.int64) * (hard if is_hard else soft)).sum())
        return total

    def _count_by_finding(self, constraint: str) -> int:
        return sum(finding.amount for finding in CONSTRAINTS[constraint].find(self._timetable))

    @cached_property
    def _timetable(self) -> Timetable:
        return Timetable(self.problem, self.solution)

    @cached_property
    def busy(self) -> NDArray[np.uint64]:
        """Each part's busy timeslots as bits, in words [S', W]."""
        packed = np.packbits(self.by_part > 0, axis=1)
        words = np.zeros((len(packed), -(-packed.shape[1] // 8) * 8), dtype=np.uint8)
        words[:, : packed.shape[1]] = packed
        return words.view(np.uint64)

    def together(self, pairs: LongArray) -> LongArray:
        """In how many timeslots both parts of each pair [2, n] are busy."""
        first, second = pairs
        common: LongArray = np.bitwise_count(self.busy[first] & self.busy[second]).sum(axis=1, dtype=np.int64)
        return common

    @cached_property
    def curricula(self) -> LongArray:
        """Different parts of each curriculum that meet in each kind of week [K, curriculum, D, P]."""
        return self._meeting(self.tally.curricula)

    @cached_property
    def instructors(self) -> LongArray:
        return self._meeting(self.tally.instructors)

    def _meeting(self, groups: Groups) -> LongArray:
        parts = self.tally.parts
        shape = (parts.num_kinds, len(groups.starts), self.problem.num_days, self.problem.periods_per_day)
        if not len(groups.starts):
            return np.zeros(shape, dtype=np.int64)
        busy = (self.by_part > 0)[groups.sections]
        held = [busy] if parts.num_kinds == 1 else [busy & held[groups.sections, None] for held in parts.held]
        return np.stack([np.add.reduceat(week, groups.starts, axis=0, dtype=np.int64) for week in held]).reshape(shape)


# A counter for each constraint without terms; what exactly it counts stands in `constraints`.


def _doubled(at: Layout) -> int:
    """Lectures of a part at once, and parts of a section that share a week."""
    return int(np.maximum(at.by_part - 1, 0).sum() + at.together(at.tally.own_pairs).sum())


def _crowds(at: Layout) -> int:
    fullest = at.by_room
    if at.tally.parts.num_kinds > 1:
        kinds, rooms = np.repeat(at.kinds, at.present), np.repeat(at.room, at.present)
        cells, size = rooms * at.problem.num_timeslots + at.cell_slot, fullest.size
        weeks = [np.bincount(cells[kinds >> kind & 1 == 1], minlength=size) for kind in range(at.tally.parts.num_kinds)]
        fullest = np.max(weeks, axis=0).reshape(fullest.shape)
    return int(np.maximum(fullest - at.problem.room_places[:, None], 0).sum())


def _pairs_together(reason: str) -> Callable[[Layout], int]:
    return lambda at: int(at.together(at.tally.pairs[reason]).sum())


def _students_clashing(at: Layout) -> int:
    first, second, students = at.tally.sharing(at.solution)
    return int((at.together(np.stack([first, second])) * students).sum())


def _kind_differs(at: Layout) -> int:
    required = at.problem.lecture_room_kind[at.placed]
    return int(np.count_nonzero((required != ANY) & (required != at.problem.room_kind[at.room])))


def _features_missing(at: Layout) -> int:
    missing = at.problem.lecture_features[at.placed] & ~at.problem.room_features[at.room]
    return int(np.count_nonzero(missing.any(axis=1)))


def _broken_blocks(at: Layout) -> int:
    before = at.tally.breaks_before
    crosses = before[at.period + at.present - 1] > before[at.period]
    return int(np.count_nonzero((at.present < at.length) | crosses))


def _pins_left(at: Layout) -> int:
    slots, rooms = at.problem.lecture_pin_slot[at.placed], at.problem.lecture_pin_room[at.placed]
    moved = np.count_nonzero((slots != ANY) & (slots != at.slot))
    return int(moved + np.count_nonzero((rooms != ANY) & (rooms != at.room)))


def _days_short(at: Layout) -> int:
    problem = at.problem
    days = (at.by_section > 0).reshape(problem.num_sections, problem.num_days, problem.periods_per_day).any(axis=2).sum(axis=1)
    return int(np.maximum(problem.section_min_days - days, 0).sum())


def _rooms_beyond_first(at: Layout) -> int:
    kinds = at.problem.lecture_room_kind[at.placed].astype(np.int64) + 1
    owners = at.section * (int(kinds.max(initial=0)) + 1) + kinds
    return len(np.unique(owners * at.problem.num_rooms + at.room)) - len(np.unique(owners))


def _rooms_beyond_one(at: Layout) -> int:
    own = at.problem.section_one_room[at.section] > 0
    used = np.unique(at.section[own] * at.problem.num_rooms + at.room[own])
    return len(used) - len(np.unique(at.section[own]))


def _beside(at: Layout, first: LongArray, second: LongArray) -> NDArray[np.bool_]:
    """Whether the second lecture, by its place among the placed ones, begins right after the first one's last period, the same day."""
    after = at.slot[first] + at.length[first]
    found: NDArray[np.bool_] = (after == at.slot[second]) & (
        at.slot[first] // at.problem.periods_per_day == at.slot[second] // at.problem.periods_per_day
    )
    return found


def _building_changes(at: Layout) -> int:
    building, kinds, total = at.problem.room_building[at.room], at.kinds, 0
    members = np.split(at.tally.curricula.sections, at.tally.curricula.starts[1:]) if len(at.tally.curricula.starts) else []
    for parts in members:
        own = np.flatnonzero(np.isin(at.part, parts))
        first, second = (each.ravel() for each in np.meshgrid(own, own, indexing="ij"))
        here, there = building[first], building[second]
        is_change = (here != ANY) & (there != ANY) & (here != there) & (kinds[first] & kinds[second] != 0)
        total += int(np.count_nonzero(_beside(at, first, second) & is_change))
    return total


def _single_lectures(at: Layout) -> int:
    total = 0
    for section in np.flatnonzero(at.problem.section_grouped).tolist():
        own = np.flatnonzero(at.section == section)
        first, second = np.meshgrid(own, own, indexing="ij")
        same_day = at.slot[first] // at.problem.periods_per_day == at.slot[second] // at.problem.periods_per_day
        same_day &= at.kinds[first] & at.kinds[second] != 0
        adjoin = same_day & (_beside(at, first, second) | _beside(at, second, first)) & (at.room[first] == at.room[second])
        total += int(np.count_nonzero((same_day.sum(axis=1) > 1) & ~adjoin.any(axis=1)))
    return total


def _rules_broken(*, is_hard: bool) -> Callable[[Layout], int]:
    def count(at: Layout) -> int:
        problem, parts, total = at.problem, at.tally.parts, 0
        shape = (problem.num_days, problem.periods_per_day)
        busy: dict[int, BoolArray] = {}
        for number, measure, block, least, most, empty, looks, factor in problem.set_rules.tolist():
            if (factor == 0) == is_hard:
                if number not in busy:
                    members = np.isin(parts.owner, problem.rule_sets[number])
                    held = members[None, :] & (parts.held if parts.num_kinds > 1 else members[None, :])
                    busy[number] = np.stack([(at.by_part[week] > 0).any(axis=0) for week in held]).reshape(-1, *shape)
                looked = problem.rule_slots[looks].reshape(shape)
                units = rule_units(measure, block, least, most, empty != 0, busy[number], looked)
                total += int(units.max(axis=0).sum()) * (factor or 1)
        return total

    return count


COUNTS: dict[str, Callable[[Layout], int]] = {
    "unplaced": lambda at: int(at.problem.lecture_length.sum() - at.length.sum()),
    "section_clash": _doubled,
    "instructor_clash": _pairs_together("instructor_clash"),
    "curriculum_clash": _pairs_together("curriculum_clash"),
    "no_overlap": _pairs_together("no_overlap"),
    "room_clash": _crowds,
    "availability": lambda at: int(np.count_nonzero(at.tally.closed[at.cell_section, at.cell_slot])),
    "room_availability": lambda at: int(np.count_nonzero(~at.problem.room_available[np.repeat(at.room, at.present), at.cell_slot])),
    "room_too_small": lambda at: int(np.count_nonzero(at.problem.section_size[at.section] > at.problem.room_limit[at.room])),
    "room_type": _kind_differs,
    "room_features": _features_missing,
    "block": _broken_blocks,
    "pin": _pins_left,
    "blocked_start": lambda at: int(np.isin(at.placed * at.problem.num_timeslots + at.slot, at.tally.blocked_starts).sum()),
    "linked_sections": lambda at: linked_seats_broken(at.problem, at.solution.attended(at.problem)),
    "section_sizes": lambda at: seats_too_many(at.problem, at.solution.attended(at.problem)),
    "set_rule_required": _rules_broken(is_hard=True),
    "set_rule_preferred": _rules_broken(is_hard=False),
    "student_clash": _students_clashing,
    "min_days": _days_short,
    "room_stability": _rooms_beyond_first,
    "one_room": _rooms_beyond_one,
    "building_changes": _building_changes,
    "double_lectures": _single_lectures,
}
