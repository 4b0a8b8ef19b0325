"""One annealing chain: the compiled search under a clock, a temperature plan and a stop."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from generation.engine.constraints.register import CONSTRAINTS
from generation.engine.model.problem import IntArray, Problem, Weights
from generation.engine.model.solution import Score, Solution
from generation.engine.search import kernels, student_exchange
from generation.engine.search.exchange_units import Units, units_of
from generation.engine.search.search_data import N_KINDS, Fixed, hard_pairs, may_meet, search_data, with_seats

CHUNK_S = 0.1  # how long the compiled loop runs before clock, stop and temperature are looked at
INSERT_BATCH = 64  # lectures placed greedily between two looks at the stop
HARD_WEIGHT = 60.0  # measured on ITC-2007: 30 costs the same but loses feasibility on comp05 more often
TIGHT_HARD_WEIGHT = 100.0  # where the construction left a rule broken: with 60 comp05 stays infeasible now and then in short runs
# Where sets of sections have rules of their own, a timetable is mostly hard constraints, and the way to one leads through broken ones:
# they must melt at the start as the penalty does elsewhere, and not be frozen halfway (FET's Gymnasio: 0 broken instead of 4).
RULED_HARD_WEIGHT = 30.0
RULED_TIGHTEN_FROM = 0.85
# Measured on the large demo: where a clash of students costs more than a broken rule, the search keeps about 250
# rules broken and finds nothing better than its start; at 1.2 times the dearest clash the penalty falls to a third.
DEARER = 1.2
MAX_HARD_WEIGHT = 2_000.0
TIGHT_FROM = 1  # hard violations that the construction could not avoid
HOT, COLD = 12.0, 0.1  # measured for UD2's weights, whose mean is 2.25: see `temperature_scale`
LONG = 25_000  # proposals a lecture that a search from HOT needs; shorter ones start cooler (`Chain.full_cooling`)
SEATS_EVERY = 12  # proposals a lecture between two times that students change seats: see the README for 36 and 24
SEATS_HEAT = 3.0  # how much warmer seats are kept than times: at 1 the large demo ends 9 % dearer
PROBE_STEPS = 50_000
Mix = tuple[float, float, float, float]
BALANCED = (0.30, 0.20, 0.30, 0.20)  # shares of place, room and time changes, and Kempe chains
# Where more lectures than this start at once, chains are dearer and their share falls with the root of the number: on the
# large demo (172) a share of 0.04 ends 6 to 10 % lower than 0.2 after the same 35 s.
CROWDED = 12
FEWEST_CHAINS = 0.03
EJECTIONS = 500  # steps of `Chain.eject` between two looks at the stop
PROBES, PROBE_DEPTH = 1, 10  # chains that are tried before a lecture gets its place whoever waits then; steps of each
EJECTED_SOFT = 0.03  # what a unit of penalty is worth beside a lecture that has to leave
TIGHTEN_FROM = 0.4  # of the way down: rules still broken there weigh more and more
# From there on rules that are still broken are mended by ejection, after each such part of the way; so many steps at most. Before, it
# is so warm that they would be broken again at once.
MEND_FROM, MEND_EVERY, MENDINGS = 0.5, 0.08, 3_000


class Clock(Protocol):
    def fraction(self) -> float: ...

    def steps(self) -> int: ...

    def advance(self, steps: int, seconds: float) -> None: ...

    def steps_left(self) -> float: ...

    def part(self, until: float) -> Clock:
        """A clock for what is left of this one up to the fraction `until`; time, and proposals, count for both."""


class WallClock:
    """A budget of seconds; learns from each chunk how many proposals fit into one."""

    def __init__(self, seconds: float, rate: float) -> None:
        self._began = time.monotonic()
        self._seconds = max(seconds, 1e-3)
        self.rate = rate

    def fraction(self) -> float:
        return (time.monotonic() - self._began) / self._seconds

    @property
    def left_s(self) -> float:
        return max(0.0, self._seconds - (time.monotonic() - self._began))

    def steps(self) -> int:
        return max(200, int(self.rate * min(CHUNK_S, self.left_s)))

    def steps_left(self) -> float:
        return self.rate * self.left_s

    def advance(self, steps: int, seconds: float) -> None:
        self.rate = 0.5 * self.rate + 0.5 * steps / max(seconds, 1e-6)

    def part(self, until: float) -> Clock:
        return WallClock((until - self.fraction()) * self._seconds, self.rate)


class StepClock:
    """A budget of proposals, the same on every machine."""

    def __init__(self, total: int, whole: StepClock | None = None) -> None:
        self._total = max(1, total)
        self._done = 0
        self._whole = whole

    def fraction(self) -> float:
        return self._done / self._total

    def steps(self) -> int:
        return max(1, min(self._total // 50 + 1, self._total - self._done))

    def steps_left(self) -> float:
        return self._total - self._done

    def advance(self, steps: int, seconds: float) -> None:
        self._done += steps
        if self._whole is not None:
            self._whole.advance(steps, seconds)

    def part(self, until: float) -> Clock:
        return StepClock(int(np.ceil(until * self._total)) - self._done, self)


class Permit(Protocol):
    """Held by a chain while it computes, and counts what it proposed."""

    def __enter__(self) -> object: ...

    def __exit__(self, *exception: object) -> object: ...

    def count(self, proposals: int, seconds: float) -> None: ...


class FreePermit(contextlib.nullcontext[None]):
    """For a chain that nobody shares the processor with."""

    def count(self, proposals: int, seconds: float) -> None: ...


@dataclass(frozen=True, slots=True)
class Cooling:
    """A geometric fall of the temperature, in units of `temperature_scale`, and the shares of the moves.

    A search may walk it in parts: ``span`` is the part of the whole way that one call covers.
    """

    hot: float = HOT
    cold: float = COLD
    mix: Mix = BALANCED
    span: tuple[float, float] = (0.0, 1.0)

    def over(self, span: tuple[float, float]) -> Cooling:
        return replace(self, span=span)

    def mixed(self, mix: Mix) -> Cooling:
        return replace(self, mix=mix)

    def way(self, fraction: float) -> float:
        """How much of the whole way is done when `fraction` of the span is."""
        return self.span[0] + fraction * (self.span[1] - self.span[0])

    def way_of(self, temperature: float) -> float:
        """How much of the whole way is done when it is as cool as that."""
        return float(np.clip(np.log(self.hot / temperature) / np.log(self.hot / self.cold), 0.0, 1.0))

    def temperature(self, fraction: float) -> float:
        return float(self.hot * (self.cold / self.hot) ** self.way(fraction))


def temperature_scale(problem: Problem, weights: Weights) -> float:
    """How much dearer than UD2's a unit of penalty is on average; the temperatures were measured there."""
    # Terms of the week that nobody has leave a search as it was before there were any.
    idle = {each.id for each in CONSTRAINTS.values() if each.terms.week is not None and not each.applies(problem)}
    active = [weight for name, weight in weights.as_dict().items() if weight > 0 and name not in idle]
    return max(0.2, float(np.mean(active)) / 2.25) if active else 1.0


class Chain:
    """A timetable under compiled search, steered by `weights`; it computes while it holds `permit`."""

    permit: Permit = FreePermit()
    units: Units | None = None  # of the problem; worked out here where nobody gives them

    def __init__(self, problem: Problem, weights: Weights, solution: Solution, seed: int, fixed: Fixed | None = None) -> None:
        self.problem = problem
        self.weights = weights
        self.fixed = fixed if fixed is not None else search_data(problem, weights, solution.attended(problem))
        self._seats = solution.seats
        self._seed = seed
        self._num_seatings = 0
        self._never_meet: NDArray[np.uint8] | None = None  # where weeks differ, see `_sections_now`
        self._steps_since_seats = 0
        self._shared: NDArray[np.int16] | None = None  # this chain's own `Fixed.pair_shared`, counted in again and again
        self._better: tuple[Score, Solution] | None = None  # of an earlier seating, while nothing beats it
        self.state = kernels.new_state(self.fixed, solution, seed)
        self.movable = movable_lectures(self.fixed)
        self.rate = 200_000.0
        crowd = len(solution.slot) / max(1, problem.num_timeslots)
        self.chain_share = BALANCED[3] * float(np.clip(np.sqrt(CROWDED / max(1.0, crowd)), FEWEST_CHAINS / BALANCED[3], 1.0))
        self.plan = Cooling()
        self.way = 0.0  # how much of the plan is done
        self.walk: int | None = None  # proposals of one way from there to the end; None: as many as there is time for
        self._scale = temperature_scale(problem, weights)
        self._is_ruled = bool((problem.set_rules[:, 7] == 0).any())
        self._least_weight = HARD_WEIGHT if self.score.hard < TIGHT_FROM else TIGHT_HARD_WEIGHT
        if self._is_ruled:
            self._least_weight = RULED_HARD_WEIGHT
        self.hard_weight = 0.0
        self.relax()
        self._stamp = 0.0
        self._mended = 0.0  # how much of the way was done when broken rules were mended last

    @property
    def has_choice(self) -> bool:
        """Whether any lecture or seat can be anywhere else; otherwise no search finds another timetable."""
        return len(self.movable) > 0 or self.problem.has_movable_seats

    @property
    def score(self) -> Score:
        return kernels.score_of(self.state)

    def mix(self, *, chains: float = 1.0, rooms: float = 1.0) -> Mix:
        """Shares of the moves, with so many times the usual Kempe chains and room changes."""
        share = min(1.0, chains * self.chain_share)
        others = np.array(BALANCED[:3]) * (1.0, rooms, 1.0)
        place, room, time_ = ((1 - share) * others / others.sum()).tolist()
        return place, room, time_, share

    @property
    def cost(self) -> float:
        """What the search minimises: the penalty, and the weight of the broken rules."""
        return float(self.hard_weight * self._scale * self.state.score[0] + self.state.score[1])

    @property
    def best(self) -> tuple[Score, Solution]:
        score, solution = kernels.best_of(self.state)
        if self._better is not None and self._better[0] <= score:
            return self._better
        return score, replace(solution, seats=self._seats)

    @property
    def current(self) -> Solution:
        return Solution(self.state.slot.copy(), self.state.room.copy(), self._seats)

    def relax(self) -> None:
        """Let a broken rule weigh what it does at the start of an annealing: the end of one may have made it much dearer."""
        self.hard_weight = max(self._least_weight, DEARER * dearest_clash(self.fixed, self.weights) / self._scale)

    def put(self, lecture: int, slot: int, room: int) -> None:
        """Give an unplaced lecture this place; `kernels.places_check` says what is refused."""
        kernels.places_check(self.fixed, *(np.array([value], dtype=np.int32) for value in (lecture, slot, room)))
        hard, soft = kernels.add_delta(self.fixed, self.state, lecture, slot, room)
        kernels.add(self.fixed, self.state, lecture, slot, room)
        kernels.commit(self.state, hard, soft)

    def take_away(self, lecture: int) -> None:
        hard, soft = kernels.remove_delta(self.fixed, self.state, lecture)
        kernels.remove(self.fixed, self.state, lecture)
        kernels.commit(self.state, hard, soft)

    def load(self, solution: Solution) -> None:
        if solution.seats is not self._seats:
            self._seats = solution.seats
            self.fixed = with_seats(self.problem, self.fixed, solution.attended(self.problem), table=self._shared)
            self._shared = self.fixed.pair_shared
        self._better = None
        kernels.load(self.fixed, self.state, solution.slot.astype(np.int32), solution.room.astype(np.int32))
        self._stamp = 0.0

    def go_to(self, solution: Solution) -> None:
        """Go on from another timetable; the best one seen stays."""
        best = self.best
        self.load(solution)
        if best[0] <= self.score:
            self._better = best

    def reseat(self, *, seed: int, tries: int | None = None, seconds: float | None = None, heat: float = 0.0) -> int:
        """Let students exchange seats in parallel sections at the current times; by how much the clashes change.

        The search goes on from there. A better timetable seen before stays the best, with the seats it had.

        Parameters
        ----------
        tries, seconds
            Exchanges tried (the same on every machine), or time spent; neither: a few tries a seat.
        heat
            The temperature, in the units of `Cooling`; 0 accepts nothing that adds clashes.
        """
        if not self.problem.has_movable_seats:
            return 0
        with self.permit:
            self.units = self.units or units_of(self.problem)
            dealt = self.problem.student_sections.indices if self._seats is None else self._seats
            table = student_exchange.new_seating(self.problem, self.units, dealt, *self._sections_now(), seed)
            temperature = self._scale * heat / max(1, self.weights.student_clash)
            change = student_exchange.search(table, tries=tries, seconds=seconds, temperature=temperature)
            self.go_to(Solution(self.state.slot.copy(), self.state.room.copy(), table.seat))
        self.hard_weight = max(self.hard_weight, DEARER * dearest_clash(self.fixed, self.weights) / self._scale)
        return change

    def _sections_now(self) -> tuple[NDArray[np.bool_], NDArray[np.uint8]]:
        """When each section is busy, and which two students may be in at once: those that never meet, by rule or as they share no week."""
        busy = self.state.sec_count > 0
        if self.fixed.num[N_KINDS] == 1:
            return busy, self.fixed.pair_hard
        if self._never_meet is None:
            self._never_meet = (hard_pairs(self.problem) | ~may_meet(self.problem)).astype(np.uint8)
        whole = np.zeros((self.problem.num_sections, busy.shape[1]), dtype=np.bool_)
        np.logical_or.at(whole, self.fixed.whole, busy)
        return whole, self._never_meet

    def _reseat_on_the_way(self, temperature: float) -> None:
        """Times and seats are annealed together: seats that only descend would freeze what the times have not found yet."""
        if self._steps_since_seats >= SEATS_EVERY * len(self.movable):
            self._steps_since_seats = 0
            self._num_seatings += 1
            self.reseat(seed=self._seed + self._num_seatings, heat=SEATS_HEAT * temperature)

    def insert(self, order: IntArray, *, only_clean: bool, is_over: Callable[[], bool] = lambda: False) -> int:
        """Place the unplaced lectures of `order` greedily, in batches so that it can end; how many stay without a place."""
        waiting = order[self.state.slot[order] < 0].astype(np.int32)
        for batch in range(0, len(waiting), INSERT_BATCH):
            if is_over():
                break
            kernels.insert_all(self.fixed, self.state, waiting[batch : batch + INSERT_BATCH], self.hard_weight, only_clean)
        return int(np.count_nonzero(self.state.slot[waiting] < 0))

    def eject(self, *, is_over: Callable[[], bool], most_steps: int | None = None) -> None:
        """From the best timetable seen: place by ejection what has no place or clashes, until nothing is broken.

        The best timetable seen is kept, and the search goes on from it. It ends after ``most_steps``, or when `is_over`.
        """
        self.settle()
        self._eject(is_over, most_steps)
        self.settle()

    def mend(self, *, is_over: Callable[[], bool]) -> None:
        """The same from the present timetable, in a few steps; the search goes on from what they lead to, or where it was before."""
        before = self.current
        self._eject(is_over, MENDINGS)
        if self.state.score[0] > 0:
            self.go_to(before)

    def waiting(self) -> kernels.Waiting:
        """What `kernels.place_by_ejection` begins with: all that have no place wait, but for those that have none anywhere."""
        waiting = kernels.waiting_make(self.fixed, self.movable)
        has_place = (np.diff(self.fixed.starts_ptr) > 0) & (np.diff(self.fixed.class_ptr)[self.fixed.l_class] > 0)
        unplaced = np.flatnonzero((self.state.slot < 0) & has_place)
        waiting.queue[: len(unplaced)] = unplaced
        waiting.count[0] = len(unplaced)
        return waiting

    def _eject(self, is_over: Callable[[], bool], most_steps: int | None) -> None:
        waiting = self.waiting()
        if self.state.score[0] > 0:
            with self.permit:
                kernels.begin_ejection(self.fixed, self.state, waiting)
        steps = 0
        while self.state.score[0] > 0 and (most_steps is None or steps < most_steps) and not is_over():
            with self.permit:
                kernels.place_by_ejection(self.fixed, self.state, waiting, EJECTED_SOFT, PROBES, PROBE_DEPTH, EJECTIONS)
            steps += EJECTIONS

    def anneal(
        self,
        cooling: Cooling,
        clock: Clock,
        *,
        is_over: Callable[[], bool],
        pool: IntArray | None = None,
        on_chunk: Callable[[float], None] | None = None,
    ) -> None:
        """Search until the clock has run out or `is_over`; the best timetable seen is kept in the state."""
        lectures = self.movable if pool is None else pool
        mix = np.array(cooling.mix, dtype=np.float64)
        while (fraction := clock.fraction()) < 1.0 and not is_over():
            self._reseat_on_the_way(cooling.temperature(fraction))
            if not len(lectures):  # all have their place: only who sits where is left
                return
            steps = clock.steps()
            self._steps_since_seats += steps
            self._tighten(cooling.way(fraction))
            self._mend_on_the_way(clock, cooling.way(fraction), is_over)
            with self.permit:
                began = time.perf_counter()
                self._run(lectures, mix, steps, cooling.temperature(fraction))
                seconds = time.perf_counter() - began
                clock.advance(steps, seconds)
                self.permit.count(steps, seconds)
            if on_chunk is not None:
                on_chunk(fraction)
        if isinstance(clock, WallClock):
            self.rate = clock.rate

    def _mend_on_the_way(self, clock: Clock, way: float, is_over: Callable[[], bool]) -> None:
        """Not where steps are counted: those of an ejection take as long as many proposals."""
        if self.state.score[0] == 0 or way < max(MEND_FROM, self._mended + MEND_EVERY) or not isinstance(clock, WallClock):
            return
        self._mended = way
        self.mend(is_over=is_over)

    def _run(self, pool: IntArray, mix: NDArray[np.float64], steps: int, temperature: float) -> None:
        heat = np.array([self._scale * temperature, 1.0, self.hard_weight * self._scale, self._stamp])
        kernels.anneal(self.fixed, self.state, pool, mix, steps, heat)
        self._stamp = heat[3]
        if self._stamp > 2**30:
            self.state.mark[:] = 0
            self.state.g_mark[:] = 0
            self._stamp = 0.0

    def full_cooling(self, clock: Clock) -> Cooling:
        """The plan of a whole annealing: cooler at the start where there are few proposals for each lecture.

        On the small demo university a start at 1.5 to 4 instead of 12 ends 15 % lower with 5,000 proposals
        a lecture; the square root of their number passes through that and through ITC-2007's 50,000.
        """
        if isinstance(clock, WallClock):
            began = time.thread_time()  # not the clock: the bound is worked out beside the first seconds
            self._run(self.movable, np.array(self.mix()), PROBE_STEPS, COLD)
            self.rate = clock.rate = PROBE_STEPS / max(1e-6, time.thread_time() - began)
        share = clock.steps_left() / (LONG * max(1, len(self.movable)))
        return Cooling(hot=float(np.clip(HOT * np.sqrt(share), 0.5, HOT)), mix=self.mix())

    def _tighten(self, way: float) -> None:
        """Hard violations that stay while the search is half cooled must weigh more."""
        is_late = way > (RULED_TIGHTEN_FROM if self._is_ruled else TIGHTEN_FROM)
        if is_late and self.state.score[0] > 0 and self.hard_weight < MAX_HARD_WEIGHT:
            self.hard_weight *= 1.15

    def settle(self) -> None:
        """Go back to the best timetable seen."""
        _, solution = self.best
        self.load(solution)

    def costs(self) -> NDArray[np.float64]:
        """What each lecture costs where it stands."""
        out = np.zeros(self.problem.num_lectures, dtype=np.float64)
        kernels.lecture_cost(self.fixed, self.state, out, self.hard_weight)
        return out


def dearest_clash(fixed: Fixed, weights: Weights) -> float:
    """What nearly the dearest clash of two sections' students costs, or a pair: a search must not trade it for a broken rule."""
    shared = fixed.nb_shared[(fixed.nb_hard == 0) & (fixed.nb_shared > 0)]
    tied = max(fixed.mate_rule[:, 4].max(initial=0), fixed.avoid_cost.max(initial=0))
    return max(float(tied), float(weights.student_clash * np.quantile(shared, 0.999)) if len(shared) else 0.0)


def movable_lectures(fixed: Fixed) -> IntArray:
    """Lectures with at least one start and one room, and more than one place in all."""
    starts = np.diff(fixed.starts_ptr)
    rooms = np.diff(fixed.class_ptr)[fixed.l_class]
    return np.flatnonzero((starts > 0) & (rooms > 0) & (starts.astype(np.int64) * rooms > 1)).astype(np.int32)
