"""Lower bounds on the soft penalty of a feasible timetable, by counting and by CP-SAT on small parts.

Each penalty of the objective stands in exactly one part, and each part asks for less than the whole problem does. So what the
parts cost at the least adds up to a penalty that no feasible timetable goes below:

- pairs that should start together and never can
- each instructor's week (disliked times, gaps, lunch, long days, long runs): `day_costs.week_minimum`, and the free days that its
  number of periods leaves at the most: counting
- each curriculum's week (isolated lectures, gaps, lunch) with the missing days of its sections, a section's being split evenly
  among its curricula: `day_costs` and, where time allows, `bound_models.curriculum_bound`
- the rooms (different rooms of a section, and the register's terms by room, as seats and buildings): counting, or
  `bound_models.rooms_bound`
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from generation.engine.bounds.bound_models import SCALE, Limit, curriculum_bound, room_prices, rooms_bound
from generation.engine.bounds.day_costs import MOST_PERIODS, NEVER, DayPrices, week_minimum
from generation.engine.bounds.memory import collect_models
from generation.engine.constraints.base import Pattern
from generation.engine.constraints.register import constraints_of
from generation.engine.evaluation.day_patterns import block_sizes
from generation.engine.model.domains import Openings
from generation.engine.model.one_week import one_weeks
from generation.engine.model.problem import ANY, BoolArray, IntArray, Problem

LIMIT_S = 2.0
LIMIT_SHARE = 0.02  # of the search's time: it takes what it uses from the search where that has the only core
ROOMS_SHARE = 0.5  # of the time
MOST_ROOM_CHOICES = 8_000  # section-room pairs in the model of the rooms
CURRICULUM_S = 0.2  # a curriculum's proof takes 10 ms on ITC-2007
COUNTED = Limit(0.01, is_counted=True)
MOST_COUNTED = 80  # curricula
COUNTED_ROOMS = Limit(0.3, is_counted=True)
MODELS_PER_SWEEP = 200


@dataclass(frozen=True, slots=True)
class Bound:
    """No feasible timetable costs less than ``value``; ``parts`` says where from (rounded down each)."""

    value: int
    parts: dict[str, int]


def lower_bound(problem: Problem, *, limit_s: float = LIMIT_S, is_counted: bool = False) -> Bound:
    """A penalty that no feasible timetable goes below, under the problem's own weights.

    Parameters
    ----------
    limit_s
        Wall-clock for the CP-SAT models; counting takes what it takes (1.2 s at the reference scale).
    is_counted
        Give CP-SAT counted steps instead, so that the same problem has the same bound.
    """
    if problem.num_lectures == 0 or problem.num_timeslots == 0 or problem.num_rooms == 0:
        return Bound(0, {})
    problem = one_weeks(problem)[0].problem  # a term costs no less than its fullest week
    parts = _Parts(problem, Openings(problem), time.monotonic() + limit_s, is_counted)
    scaled = {
        "starts": SCALE * parts.starts(),
        "instructors": SCALE * parts.instructors(),
        "rooms": SCALE * parts.rooms(limit_s),
        "curricula": parts.curricula(),
    }
    collect_models()
    return Bound(-(-sum(scaled.values()) // SCALE), {name: amount // SCALE for name, amount in scaled.items()})


def bound_begin(problem: Problem, *, time_limit_s: float, is_counted: bool = False) -> Future[Bound]:
    """Work the bound out on a thread beside the search's beginning: CP-SAT holds no lock while it computes."""
    pool = ThreadPoolExecutor(1, thread_name_prefix="bound")
    future = pool.submit(lower_bound, problem, limit_s=min(LIMIT_S, LIMIT_SHARE * time_limit_s), is_counted=is_counted)
    pool.shutdown(wait=False)
    return future


class _Parts:
    def __init__(self, problem: Problem, facts: Openings, deadline: float, is_counted: bool) -> None:
        self.problem = problem
        self.facts = facts
        self.deadline = deadline
        self.is_counted = is_counted
        self._rooms_of: dict[int, NDArray[np.int64]] = {}
        self.num_lectures = np.bincount(problem.lecture_section, minlength=problem.num_sections)
        self.lunch_mask = sum(1 << period for period in np.nonzero(problem.lunch_window)[0].tolist())
        soft = (each for each in constraints_of(problem, problem.weights) if not each.is_hard)
        self._week_terms = [
            (each.terms.week, each.weight(problem.weights), each.terms.week.most(problem)) for each in soft if each.terms.week is not None
        ]
        # A curriculum's day without its isolated lectures, which `bound_models` prices better.
        self._rest = DayPrices(
            gap=self._weight_of("gap", of_curricula=True),
            lunch=self._weight_of("lunch", of_curricula=True) if self.lunch_mask else 0,
            lunch_mask=self.lunch_mask,
        )

    @property
    def _left_s(self) -> float:
        return self.deadline - time.monotonic()

    def _minimum(self, sections: list[int], prices: DayPrices, dislike: IntArray | None = None) -> int:
        """The cheapest week of whoever has these sections, which never overlap."""
        problem = self.problem
        if problem.periods_per_day > MOST_PERIODS:
            return 0
        shape = (problem.num_days, problem.periods_per_day)
        open_: BoolArray = np.logical_or.reduce(self.facts.section_open[sections]).reshape(shape)
        least = week_minimum(int(self.facts.section_periods[sections].sum()), open_, prices, dislike)
        return 0 if least >= NEVER else least

    # Pairs that should start together.

    def starts(self) -> int:
        """Pairs that exclude each other, or have no start in common."""
        problem = self.problem
        if problem.same_start_is_hard or not problem.weights.same_start:
            return 0
        rows = zip(problem.same_start.tolist(), problem.joint_factor.tolist(), strict=True)
        units: int = sum(factor for (a, b), factor in rows if a != b and not self._may_join(a, b))
        return problem.weights.same_start * units

    def _may_join(self, a: int, b: int) -> bool:
        first, second = sorted((int(self.problem.lecture_section[a]), int(self.problem.lecture_section[b])))
        if first == second or (first, second) in self.facts.relations.clash_reason:
            return False
        return bool((self._open_starts(a) & self._open_starts(b)).any())

    def _open_starts(self, lecture: int) -> BoolArray:
        problem, pin = self.problem, int(self.problem.lecture_pin_slot[lecture])
        starts = self.facts.starts(self.facts.section_open[problem.lecture_section[lecture]], int(problem.lecture_length[lecture]))
        if lecture in self.facts.allowed_starts:
            starts = starts & self.facts.allowed_starts[lecture]
        return starts if pin == ANY else starts & (np.arange(problem.num_timeslots) == pin)

    # Instructors.

    def instructors(self) -> int:
        return sum(self._instructor(index, sections) for index, sections in _sections_by(self.facts.relations.instructors).items())

    def _instructor(self, index: int, sections: list[int]) -> int:
        problem, weights = self.problem, self.problem.weights
        prices = DayPrices(
            gap=self._weight_of("gap", of_curricula=False),
            lunch=self._weight_of("lunch", of_curricula=False) if self.lunch_mask else 0,
            lunch_mask=self.lunch_mask,
            excess=self._weight_of("daily", of_curricula=False),
            most_daily=int(problem.instructor_max_daily[index]),
            run=self._weight_of("run", of_curricula=False),
            most_on_end=int(problem.instructor_max_consecutive[index]),
        )
        dislike = weights.disliked_times * problem.instructor_dislike[index].reshape(problem.num_days, problem.periods_per_day)
        return self._minimum(sections, prices, dislike) + self._free_days_short(index, sections)

    def _free_days_short(self, index: int, sections: list[int]) -> int:
        """Days, or half-days, that the periods need at the least, above those that the instructor should teach on."""
        problem, total = self.problem, 0
        load = int(self.facts.section_periods[sections].sum())
        for week, weight, most in self._week_terms:
            if most[index] >= 0 and load:
                open_: BoolArray = np.logical_or.reduce(self.facts.section_open[sections]).reshape(
                    problem.num_days, problem.periods_per_day
                )
                fits = np.cumsum(block_sizes(week, open_ & problem.open_days[:, None], problem.afternoon))
                needed = int(np.searchsorted(fits, load)) + 1
                # Where they fit into none there is no timetable, and any bound is true.
                total += weight * max(0, needed - int(most[index])) if needed <= len(fits) else 0
        return total

    # Curricula, with the days of their sections; in units of 1 / SCALE.

    def curricula(self) -> int:
        members = _sections_by(self.facts.relations.curricula)
        whole = SCALE * self.problem.weights.min_days
        shares = {section: whole // max(1, len(rows)) for section, rows in enumerate(self.facts.relations.curricula)}
        alone = [section for section, rows in enumerate(self.facts.relations.curricula) if not rows]
        counted = {curriculum: self._curriculum(sections, shares) for curriculum, sections in members.items()}
        self._prove(members, shares, counted)
        return whole * sum(self._days_short(section) for section in alone) + sum(counted.values())

    def _weight_of(self, pattern: Pattern, *, of_curricula: bool) -> int:
        """What a pattern in a day costs by all soft constraints that look for it."""
        weights = self.problem.weights
        soft = (each for each in constraints_of(self.problem, weights) if not each.is_hard and each.terms.day is not None)
        of_these = ((each, each.terms.day) for each in soft)
        return sum(
            each.weight(weights)
            for each, day in of_these
            if day is not None and day.pattern == pattern and (day.of_curricula if of_curricula else day.of_instructors)
        )

    def _curriculum(self, sections: list[int], shares: dict[int, int]) -> int:
        prices = replace(self._rest, isolated=self._weight_of("isolated", of_curricula=True))
        return SCALE * self._minimum(sections, prices) + sum(shares[section] * self._days_short(section) for section in sections)

    def _days_short(self, section: int) -> int:
        """Days that a section can't have: too few lectures, or too few days with an open start."""
        problem = self.problem
        days = self.facts.section_open[section].reshape(problem.num_days, -1).any(axis=1).sum()
        return max(0, int(problem.section_min_days[section]) - min(int(self.num_lectures[section]), int(days)))

    def _prove(self, members: dict[int, list[int]], shares: dict[int, int], counted: dict[int, int]) -> None:
        """Raise the curricula's bounds by CP-SAT while there is time, equal curricula once."""
        if not self.problem.weights.compactness:
            return
        known: dict[tuple[int, ...], int] = {}
        for number, (curriculum, sections) in enumerate(sorted(members.items(), key=lambda item: len(item[1]))):
            if number >= MOST_COUNTED if self.is_counted else self._left_s <= 0:
                return
            key = tuple(sections)
            if key not in known:
                limit = COUNTED if self.is_counted else Limit(min(CURRICULUM_S, self._left_s))
                known[key] = curriculum_bound(self.problem, self.facts, sections, shares, limit)
            counted[curriculum] = max(counted[curriculum], known[key] + SCALE * self._minimum(sections, self._rest))
            if number % MODELS_PER_SWEEP == MODELS_PER_SWEEP - 1:
                collect_models()

    # Rooms.

    def rooms(self, limit_s: float) -> int:
        """What depends on rooms alone; by CP-SAT where the choices are few."""
        problem = self.problem
        counted = max(self._each_best_room(), self._seats_short())
        choices = sum(rooms.bit_count() for _, rooms in set(self._needs()))
        weights = problem.weights
        is_priced = weights.room_stability or any(each.terms.section_rooms is not None for each in constraints_of(problem, weights))
        if not is_priced or choices > MOST_ROOM_CHOICES or (not self.is_counted and limit_s <= 0):
            return counted
        limit = COUNTED_ROOMS if self.is_counted else Limit(ROOMS_SHARE * limit_s)
        return max(counted, rooms_bound(problem, self.facts, limit))

    def _needs(self) -> Iterator[tuple[int, int]]:
        """Each lecture's section and suitable rooms."""
        return zip(self.problem.lecture_section.tolist(), self.facts.suitable_rooms, strict=True)

    def _each_best_room(self) -> int:
        """Every lecture in the room that is best for it, as if it were alone."""
        known: dict[tuple[int, int], int] = {}
        for section, rooms in self._needs():
            if (section, rooms) not in known:
                known[section, rooms] = self._best_price(section, rooms)
        return sum(known[need] for need in self._needs())

    def _best_price(self, section: int, rooms: int) -> int:
        if rooms not in self._rooms_of:
            self._rooms_of[rooms] = np.array([room for room in range(self.problem.num_rooms) if rooms >> room & 1], dtype=np.int64)
        return int(room_prices(self.problem, section)[self._rooms_of[rooms]].min(initial=NEVER)) if rooms else 0

    def _seats_short(self) -> int:
        """Largest lectures to the largest room-timeslots: no assignment leaves fewer students standing."""
        problem = self.problem
        if problem.capacity_is_hard or not problem.weights.room_capacity:
            return 0
        size = np.sort(problem.section_size[problem.lecture_section])[::-1]
        seats = np.sort(np.repeat(problem.room_capacity, problem.room_available.sum(axis=1) * problem.room_places))[::-1]
        if len(seats) < len(size):
            return 0
        return int(problem.weights.room_capacity * np.maximum(0, size - seats[: len(size)]).sum())


def _sections_by(rows: list[list[int]]) -> dict[int, list[int]]:
    """Sections by owner, from owners by section."""
    found: dict[int, list[int]] = defaultdict(list)
    for section, owners in enumerate(rows):
        for owner in owners:
            found[owner].append(section)
    return found
