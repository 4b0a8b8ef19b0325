"""The smallest change: hard rules first, then the fewest lectures, then the fewest people and the shortest way, then the usual cost.

The neighbourhood begins with what is broken (lectures that break a hard rule where they stand, or have no place). Each round asks two
questions of it (`model`): what the best change is if all others stay, and how little would do if others could leave without needing a
place. The second answer is a bound for the whole problem; who left in it joins the neighbourhood. It ends when the two meet, or when the
time is up: then the bound is said as such.

References
----------
Phillips, Walker, Ehrgott and Ryan 2017, Integer programming for minimal perturbation problems in university course timetabling
(expanding neighbourhoods). Müller, Rudová and Barták 2005, Minimal perturbation problem in course timetabling. Lindahl, Stidsen and
Sørensen 2019, Quality recovering of university timetables (quality against the number of changes).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass

from generation.engine.change.budget import ChangeBudget
from generation.engine.change.model import Answer, Limits, NeighbourhoodModel, Placement
from generation.engine.change.options import ChangeOption, Improver
from generation.engine.change.people import People
from generation.engine.change.situation import Situation, moved_lectures
from generation.engine.evaluation.evaluate import evaluate
from generation.engine.model.problem import Problem
from generation.engine.model.solution import Solution

SEARCH_SHARE = 0.55  # of the time, until the fewest moves must be found
PEOPLE_SHARE = 0.15  # after it, for the fewest people
RELAXED_SHARE = 0.5  # of what is left, for each bound
MOST_ROUNDS = 60
PEOPLE_ROUNDS = 8
LAST_SHARE = 0.1  # for what can be placed at all, where no complete timetable was found in time
MOST_REFUSED = 400


@dataclass(frozen=True)
class Change:
    """What was found.

    ``at_least_moved`` and ``at_least_people`` are proven for every timetable that has no more periods without a place than the first
    option, under what may not be touched and no other budget. ``needed`` is what a timetable without any such period was found to take,
    where the budget does not allow it.
    """

    options: tuple[ChangeOption, ...]  # the fewest moves first
    at_least_moved: int
    at_least_people: int
    is_closed: bool  # the first option moves no more than must be
    needed: ChangeOption | None = None
    seconds: float = 0.0
    num_free: int = 0  # lectures of the last neighbourhood
    num_rounds: int = 0


@dataclass
class _Found:
    """The best change so far and what is proven."""

    cost: int  # as `NeighbourhoodModel` counts it
    solution: Solution
    bound: int = 0
    is_closed: bool = False


def smallest_change(
    problem: Problem,
    base: Solution,
    budget: ChangeBudget | None = None,
    *,
    time_limit_s: float,
    seed: int = 1,
    workers: int = 1,
    max_more: int = 2,
    is_deterministic: bool = False,
    is_over: Callable[[], bool] = lambda: False,
) -> Change:
    """Change a timetable as little as possible so that it keeps the rules of a problem.

    Parameters
    ----------
    problem
        The rules as they are now.
    base
        Where each lecture of the problem was, -1 where it has had no place (a new one).
    max_more
        Up to how many lectures more than the fewest may move in the further options.
    is_deterministic
        Whether seconds are CP-SAT's deterministic ones: the same on every machine.
    is_over
        Asked now and then; once it is true, what was found until then is returned.

    Returns
    -------
    Change
        At least one option. Every option is scored by `evaluate`, and breaks no rule that the base's students do not break by their seats.
    """
    search = _Search(problem, base, budget or ChangeBudget(), time_limit_s, seed, workers, is_over, is_deterministic=is_deterministic)
    return search.run(max_more)


class _Search:
    def __init__(
        self,
        problem: Problem,
        base: Solution,
        budget: ChangeBudget,
        time_limit_s: float,
        seed: int,
        workers: int,
        is_over: Callable[[], bool],
        *,
        is_deterministic: bool,
    ) -> None:
        self.problem, self.base, self.budget = problem, base, budget
        self.began, self.time_limit_s = time.monotonic(), time_limit_s
        self.seed = seed
        self.is_stopped, self.is_deterministic = is_over, is_deterministic
        self.people = People(problem, base)
        self.limits = Limits(seed, workers, is_deterministic, is_over)
        self.rounds = 0

    @property
    def elapsed_s(self) -> float:
        return time.monotonic() - self.began

    def left_s(self, share: float) -> float:
        if self.is_deterministic:
            return share * self.time_limit_s
        return max(0.0, share * self.time_limit_s - self.elapsed_s)

    def is_over(self, share: float) -> bool:
        return self.is_stopped() or self.left_s(share) <= 0

    def run(self, max_more: int) -> Change:
        unbounded = ChangeBudget(is_only_rooms=self.budget.is_only_rooms, untouched=self.budget.untouched)
        rounds = _Rounds(self, unbounded)
        found = rounds.fewest(SEARCH_SHARE if not self.budget.is_limited else 0.6 * SEARCH_SHARE)
        first = self._with_fewest_people(rounds, found)
        least_people = self._least_people(rounds, found, first)
        needed: ChangeOption | None = None
        if not self._is_within(first):
            needed, rounds = self._option(first), _Rounds(self, self.budget, rounds)
            # The budget may leave lectures without a place: then fewer have to move, and the bounds are those of the whole.
            within = rounds.fewest(SEARCH_SHARE + PEOPLE_SHARE)
            first = self._with_fewest_people(rounds, within)
        improver = Improver(self.problem, self.base, self.budget, self.people, seed=self.seed, is_over=self.is_stopped)
        options = improver.options(first, max_more=0 if needed else max_more, ends_at=self.began + self.time_limit_s)
        moved = len(options[0].moved)
        lacking = _lacking(self.problem, found.solution)
        at_least = self._at_least_moved(found, lacking, rounds)
        return Change(
            options=tuple(options),
            at_least_moved=at_least if needed else min(at_least, moved),
            at_least_people=least_people,
            is_closed=found.is_closed and needed is None and moved <= at_least,
            needed=needed,
            seconds=self.elapsed_s,
            num_free=len(rounds.free),
            num_rounds=self.rounds,
        )

    def _at_least_moved(self, found: _Found, lacking: int, rounds: _Rounds) -> int:
        """Of timetables with so many periods without a place; where it is not known that so many must be, of complete ones."""
        dear = self.problem.num_lectures + 1
        if found.bound >= dear * lacking:
            return found.bound - dear * lacking
        return found.bound if found.bound < dear else rounds.num_forced

    def _is_within(self, solution: Solution) -> bool:
        moved = moved_lectures(self.base, solution)
        most, people = self.budget.max_lectures, self.budget.max_people
        return (most is None or len(moved) <= most) and (people is None or self.people.touched(moved).total <= people)

    def _option(self, solution: Solution) -> ChangeOption:
        moved = moved_lectures(self.base, solution)
        return ChangeOption(solution, evaluate(self.problem, solution), moved, self.people.touched(moved))

    def _with_fewest_people(self, rounds: _Rounds, found: _Found) -> Solution:
        """Of the equally small changes the one that touches fewest people, as far as those who may have to make way for it are known."""
        best, until = found.solution, SEARCH_SHARE + PEOPLE_SHARE
        for _ in range(PEOPLE_ROUNDS):
            if self.is_over(until) or rounds.model is None:
                break
            answer = rounds.model.fewest_people(self.limits, RELAXED_SHARE * self.left_s(until), most_cost=found.cost, hint=best)
            if answer.solution is None:
                break
            if answer.leaving:
                rounds.enlarge(answer.leaving)
                continue
            if not rounds.is_sound(answer.solution):
                rounds.enlarge(())
                continue
            mine, theirs = (self.people.touched(moved_lectures(self.base, each)).total for each in (best, answer.solution))
            return answer.solution if theirs <= mine else best
        return best

    def _least_people(self, rounds: _Rounds, found: _Found, first: Solution) -> int:
        """Who is in a lecture that cannot stay is touched for certain; CP-SAT may know of more."""
        forced = [x for x in range(self.problem.num_lectures) if rounds.at.is_placed(x) and not rounds.at.can_stay(x)]
        certain = self.people.touched(forced).total
        if certain == self.people.touched(moved_lectures(self.base, first)).total:
            return certain
        seconds = min(0.1 * self.time_limit_s, self.left_s(SEARCH_SHARE + PEOPLE_SHARE))
        if self.is_stopped() or seconds <= 0 or rounds.model is None:
            return certain
        answer = rounds.model.least_people(self.limits, seconds, most_lacking=_lacking(self.problem, found.solution))
        return max(certain, answer.bound)


class _Rounds:
    """The growing neighbourhood under one budget."""

    def __init__(self, search: _Search, budget: ChangeBudget, earlier: _Rounds | None = None) -> None:
        self.search = search
        self.at = Situation(search.problem, search.base, budget)
        self.may_lack = earlier is not None
        self.refused: set[Placement] = set(earlier.refused) if earlier else set()
        self.model: NeighbourhoodModel | None = None
        broken = {lecture for _, finding in self.at.broken(search.base) for lecture in finding.lectures}
        self.free: set[int] = broken | {x for x in range(search.problem.num_lectures) if not self.at.is_placed(x)}
        self._known = (0, 0)  # free lectures and refused placements when it grew last
        # Wherever others go, these cannot stay.
        self.num_forced = sum(self.at.had_place[x] and not self.at.can_stay(x) for x in range(search.problem.num_lectures))
        if earlier:
            self.free |= earlier.free

    def fewest(self, share: float) -> _Found:
        search = self.search
        found = _Found(*self._without_broken(), bound=self.num_forced)
        hint: Solution | None = None
        while self.free and search.rounds < MOST_ROUNDS and not search.is_over(share):
            search.rounds += 1
            self.model = NeighbourhoodModel(self.at, self.free, search.people, self.refused, may_lack=self.may_lack)
            alone = self._improve(found, self.model.fewest_moved(search.limits, self._seconds(share), alone=True, hint=hint))
            hint = alone or hint
            if found.bound >= found.cost or search.is_over(share):
                break
            relaxed = self.model.fewest_moved(search.limits, self._seconds(share), alone=False, hint=hint)
            if relaxed.status == "impossible" and not self.may_lack:
                self.may_lack = True  # proven: no timetable is complete
                continue
            found.bound = max(found.bound, relaxed.bound)
            if not relaxed.leaving:
                self._improve(found, relaxed)
            if found.bound >= found.cost:
                break
            if not self._grow(relaxed):
                break
        if _lacking(search.problem, found.solution) and self.free and not self.may_lack and not search.is_stopped():
            # Not known to be impossible, only not found: as much as can be placed among those that are free.
            model = NeighbourhoodModel(self.at, self.free, search.people, self.refused, may_lack=True)
            self._improve(found, model.fewest_moved(search.limits, LAST_SHARE * search.time_limit_s, alone=True))
        if not self.free:
            found.cost = 0
        found.is_closed = found.bound >= found.cost
        return found

    def enlarge(self, lectures: Collection[int]) -> None:
        """Take these into the neighbourhood too, and what has been refused since."""
        self.free.update(lectures)
        self.model = NeighbourhoodModel(self.at, self.free, self.search.people, self.refused, may_lack=self.may_lack)

    def _seconds(self, share: float) -> float:
        return RELAXED_SHARE * self.search.left_s(share)

    def _improve(self, found: _Found, answer: Answer) -> Solution | None:
        """Take a timetable that is better and sound; of one that is not, what the evaluator has found is refused from now on."""
        if answer.solution is None or not self.is_sound(answer.solution):
            return None
        cost = self._cost(answer.solution)
        if cost < found.cost:
            found.cost, found.solution = cost, answer.solution
        return answer.solution

    def is_sound(self, solution: Solution) -> bool:
        """Whether it breaks no rule; what it breaks joins the neighbourhood and is refused."""
        is_sound = True
        for name, finding in self.at.broken(solution):
            is_sound = False
            lectures = self._concerned(name, finding.lectures, finding.instructors, finding.section)
            self.free.update(finding.lectures)
            if len(self.refused) < MOST_REFUSED:
                self.refused.add(frozenset((x, int(solution.slot[x])) for x in lectures))
        return is_sound

    def _concerned(self, name: str, lectures: tuple[int, ...], instructors: tuple[int, ...], section: int) -> set[int]:
        """All lectures whose starts decide whether such a rule is broken."""
        at, problem = self.at, self.search.problem
        found = set(lectures)
        if name == "set_rule_required":
            for row in problem.rule_sets:
                if section in row:
                    found.update(x for each in row.tolist() for x in at.of_section[each])
        return found

    def _grow(self, relaxed: Answer) -> bool:
        """Those who left join, and those that the evaluator has named; False where nothing is new."""
        self.free.update(relaxed.leaving)
        known, self._known = self._known, (len(self.free), len(self.refused))
        return self._known != known

    def _cost(self, solution: Solution) -> int:
        problem, moved = self.search.problem, moved_lectures(self.search.base, solution)
        return len(moved) + (problem.num_lectures + 1) * _lacking(problem, solution)

    def _without_broken(self) -> tuple[int, Solution]:
        """The base without what breaks a rule in it: a timetable to be better than."""
        solution = self.search.base.copy()
        for lecture in range(self.search.problem.num_lectures):
            if not self.at.is_placed(lecture) or not self.at.can_stay(lecture):
                solution.slot[lecture] = solution.room[lecture] = -1
        for _ in range(self.search.problem.num_lectures):
            findings = [finding for _, finding in self.at.broken(solution)]
            if not findings:
                break
            for finding in findings:
                there = [x for x in finding.lectures if solution.slot[x] >= 0]
                if len(there) == len(finding.lectures):  # else an earlier one has ended it already
                    out = min(there, key=lambda x: (self.at.is_untouched(x), self.at.lengths[x], x))
                    solution.slot[out] = solution.room[out] = -1
        return self._cost(solution), solution


def _lacking(problem: Problem, solution: Solution) -> int:
    return int(problem.lecture_length[(solution.slot < 0) | (solution.room < 0)].sum())
