"""Why not every lecture has a place: what is proven impossible, as requirements that contradict each other, narrowed as far as time allows.

Arithmetic comes first (`preflight`), then the elastic model (what must give, at the least), then deletion filtering: one
requirement after another is lifted, and stays lifted where the rest is still proven impossible. What comes out is checked once
more. Where the time runs out before a proof, the explanation says so: what is not proven is never called impossible.

References
----------
Chinneck 2008, Feasibility and Infeasibility in Optimization, sections 6.1 (elastic filter) and 6.2 (deletion filter).
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from generation.engine.bounds.memory import collect_models
from generation.engine.constraints.register import CONSTRAINTS
from generation.engine.evaluation.violations import Violation, violations
from generation.engine.infeasibility.conflict import Conflict, ConflictReport, members_few, num_requirements
from generation.engine.infeasibility.elastic import Elastic, Given, Requirement, Terms, Verdict, elastic, least_of, verdict_of
from generation.engine.infeasibility.preflight import NOTHING_TO_DO, preflight
from generation.engine.infeasibility.statements import ConflictMember, Narrowed, Obstacle, Ref, Statement
from generation.engine.model.domains import Openings
from generation.engine.model.fixed_places import Held
from generation.engine.model.one_week import one_weeks
from generation.engine.model.problem import Problem
from generation.engine.model.solution import Solution

LIMIT_S = 10.0
ELASTIC_SHARE = 0.35  # of the time that is left when it begins
CHECK_S = 2.0  # one step of the filter; a set whose proof takes longer is not one that people would follow
PARTS = (3_000, 12_000, 48_000)  # starts of lectures in the part that is looked at: the first part that proves it is taken


@dataclass(frozen=True, slots=True)
class Explanation:
    """What is known about why there is no complete timetable.

    ``verdict`` is *impossible* only with a proof, *possible* where all lectures fit in time and room counts, so that only the
    search may have failed, and *unknown* where neither was found in time. ``is_minimal``: without any one of ``members`` (each
    section, instructor, room supply by itself) the others can be kept together: that is proven; where it is not, ``narrowed``
    says how far the search for such a set came. ``fixes``: each one by itself ends this contradiction, the cheapest first.
    ``must_give``: changes after which all lectures that were looked at have a place; ``is_least``: nothing cheaper does.
    ``seated_wrongly``: broken rules about who sits where, if nothing else is broken.

    Where weeks differ, a proof is of the week in which most lectures have no place, and nothing is called possible.
    """

    verdict: Verdict
    headline: Statement
    arithmetic: tuple[Obstacle, ...] = ()
    members: tuple[ConflictMember, ...] = ()
    is_minimal: bool = False
    narrowed: Narrowed | None = None
    fixes: tuple[Statement, ...] = ()
    must_give: tuple[Statement, ...] = ()
    is_least: bool = False
    seconds: float = 0.0
    requirements: frozenset[Requirement] = field(default_factory=frozenset)
    seated_wrongly: tuple[Violation, ...] = ()


def explain(problem: Problem, solution: Solution | None = None, *, held: Held | None = None, limit_s: float = LIMIT_S) -> Explanation:
    """Say why there is no complete timetable, within `limit_s` seconds.

    Parameters
    ----------
    solution
        An incomplete timetable: in a problem too large to be looked at as a whole, the reason is looked for around its unplaced
        lectures first.
    held
        What fixes lectures where no rule of the data does: pins set by hand, and what the run had to keep.
    """
    began = time.monotonic()
    obstacles = tuple(preflight(problem, held))
    if any(obstacle.id in NOTHING_TO_DO for obstacle in obstacles):
        return Explanation("impossible", obstacles[0], obstacles)
    seated = None if solution is None else _seated_wrongly(problem, solution)
    if seated:
        seconds = round(time.monotonic() - began, 2)
        return Explanation("impossible", Statement("seated_wrongly", {}), seated_wrongly=seated, seconds=seconds)
    weeks = one_weeks(problem)
    week = weeks[0]
    if solution is not None:
        unplaced = solution.slot < 0
        week = max(weeks, key=lambda each: int(unplaced[each.lectures].sum()))
        solution = week.solution(solution)
    facts = Openings(week.problem, held and week.held(held))
    try:
        found = _Proof(week.problem, facts, began + limit_s).of(_seeds(week.problem, facts, solution, obstacles))
    finally:
        collect_models()
    seconds = round(time.monotonic() - began, 2)
    if found.verdict == "possible" and week.problem is not problem and not obstacles:
        return Explanation("unknown", Statement("one_week_fits", {}), seconds=seconds)
    return _explained(found, facts, obstacles, seconds)


def _seated_wrongly(problem: Problem, solution: Solution) -> tuple[Violation, ...]:
    """What is wrong with who sits where, if nothing else is broken: then no other time or room mends it."""
    if not problem.section_parent.size and not problem.section_limit.size:
        return ()
    broken = [each for each in violations(problem, solution) if each.is_hard]
    is_all = all(each.constraint in ("linked_sections", "section_sizes") for each in broken)
    return tuple(broken) if is_all else ()


@dataclass(frozen=True, slots=True)
class _Found:
    verdict: Verdict
    terms: Terms
    kept: tuple[Requirement, ...] = ()
    is_minimal: bool = False
    begun_with: int = 0  # requirements before any was lifted, supplies of one set of rooms counted once
    least: Elastic | None = None
    ways: tuple[Given, ...] = ()


class _Proof:
    """Looks for a part that is proven impossible, and makes it small."""

    def __init__(self, problem: Problem, facts: Openings, deadline: float) -> None:
        self._problem = problem
        self._facts = facts
        self._deadline = deadline

    @property
    def _left_s(self) -> float:
        return max(0.0, self._deadline - time.monotonic())

    def of(self, seeds: Sequence[int]) -> _Found:
        verdict: Verdict = "unknown"
        terms = Terms(self._problem, self._facts, ())
        for part in _parts(self._problem, self._facts, seeds):
            terms = Terms(self._problem, self._facts, part)
            verdict = verdict_of(terms, _everything(terms), self._left_s / 3)
            if verdict == "impossible":
                return self._small(terms)
            if self._left_s < CHECK_S:
                break
        is_whole = len(terms.sections) == self._problem.num_sections
        return _Found(verdict if is_whole or verdict != "possible" else "unknown", terms)

    def _small(self, terms: Terms) -> _Found:
        least = elastic(terms, ELASTIC_SHARE * self._left_s)
        everything = wanted = _everything(terms)
        if least is not None:
            near = _near(terms, least)
            # The conflict is nearly always among what the elastic model would change; then the rest need not be looked at.
            if self._verdict(terms, near) == "impossible":
                wanted = near
        kept = self._filtered(terms, wanted)
        is_minimal = self._is_minimal(terms, kept)
        return _Found("impossible", terms, tuple(kept), is_minimal, num_requirements(everything), least, tuple(self._ways(terms, kept)))

    def _ways(self, terms: Terms, kept: Sequence[Requirement]) -> list[Given]:
        """What each requirement would have to give if all others were kept, the cheapest first; one section for all."""
        ways: list[Given] = []
        for lifted in kept:
            if lifted.kind != "instructor" and self._left_s > 0:
                given = least_of(terms, kept, lifted, min(CHECK_S, self._left_s))
                ways += [given] if given is not None else []
        return sorted(ways, key=lambda given: (given.price, given.requirement))

    def _verdict(self, terms: Terms, wanted: Iterable[Requirement]) -> Verdict:
        return verdict_of(terms, list(wanted), min(CHECK_S, self._left_s)) if self._left_s > 0 else "unknown"

    def _filtered(self, terms: Terms, wanted: Sequence[Requirement]) -> list[Requirement]:
        """Deletion filtering, many at a time while that works: what is kept cannot be lifted."""
        kept: list[Requirement] = []
        rest = list(wanted)
        size = max(1, len(rest) // 2)
        while rest and self._left_s > 0:
            if self._verdict(terms, kept + rest[size:]) == "impossible":
                rest = rest[size:]
                size *= 2
            elif size == 1:
                kept.append(rest.pop(0))
            else:
                size = max(1, size // 2)
                continue
            size = max(1, min(size, len(rest)))
        return kept + rest

    def _is_minimal(self, terms: Terms, kept: Sequence[Requirement]) -> bool:
        """The set once more, from scratch: impossible as it is, and possible without any one of its members."""
        if self._verdict(terms, kept) != "impossible":
            return False
        return all(self._verdict(terms, [each for each in kept if each != lifted]) == "possible" for lifted in kept)


def _everything(terms: Terms) -> list[Requirement]:
    return [*(Requirement("lectures", section) for section in terms.sections), *terms.requirements()]


def _near(terms: Terms, least: Elastic) -> list[Requirement]:
    """What concerns the sections that the elastic model would change something for."""
    touched: set[int] = set()
    for given in least.given:
        touched |= set(terms.concerned(given.requirement))
    rows = terms.facts.relations
    instructors = {i for section in touched for i in rows.instructors[section]}
    curricula = {q for section in touched for q in rows.curricula[section]}
    sections = [s for s in terms.sections if s in touched or instructors & set(rows.instructors[s]) or curricula & set(rows.curricula[s])]
    return [*(Requirement("lectures", section) for section in sections), *terms.requirements()]


def _seeds(problem: Problem, facts: Openings, solution: Solution | None, obstacles: Sequence[Obstacle]) -> list[int]:
    """Sections to begin at: those with unplaced lectures, then those that the arithmetic names, then the busiest."""
    seeds: list[int] = []
    if solution is not None:
        unplaced = (solution.slot < 0) | (solution.room < 0)
        seeds += problem.lecture_section[unplaced].tolist()
    first_of = {course: section for section, course in reversed(list(enumerate(facts.names.courses)))}
    named = {value for obstacle in obstacles for value in obstacle.values.values() if isinstance(value, Ref)}
    if named:
        seeds += [section for section in range(problem.num_sections) if not named.isdisjoint(_refs(facts, section, first_of))]
    slack = facts.section_open.sum(axis=1) - facts.section_periods
    return list(dict.fromkeys([*seeds, *np.argsort(slack, kind="stable").tolist()]))


def _refs(facts: Openings, section: int, first_of: Mapping[str, int]) -> Iterator[Ref]:
    """A section, who teaches it and whose it is, as obstacles name them."""
    yield Ref("section", section)
    yield Ref("course", first_of[facts.names.courses[section]])
    yield from (Ref("instructor", instructor) for instructor in facts.relations.instructors[section])
    yield from (Ref("curriculum", curriculum) for curriculum in facts.relations.curricula[section])


def _parts(problem: Problem, facts: Openings, seeds: Sequence[int]) -> Iterator[list[int]]:
    """Growing sets of sections, what is nearest to the first seeds first: a small part that proves it says more than the whole."""
    cells = np.bincount(problem.lecture_section, minlength=problem.num_sections) * problem.num_timeslots
    near = _by_nearness(facts, seeds)
    totals = np.cumsum(cells[near])
    sizes = sorted({int(np.searchsorted(totals, most, side="right")) for most in PARTS})
    yield from (near[: max(1, size)] for size in sizes)


def _by_nearness(facts: Openings, seeds: Sequence[int]) -> list[int]:
    """All sections: a seed, then who shares an instructor or a curriculum with it, then the next seed."""
    of_instructor, of_curriculum = _sections_by(facts.relations.instructors), _sections_by(facts.relations.curricula)
    order: dict[int, None] = {}
    for seed in seeds:
        order.setdefault(seed)
        for rows, members in ((facts.relations.instructors, of_instructor), (facts.relations.curricula, of_curriculum)):
            for owner in rows[seed]:
                order.update(dict.fromkeys(section for section in members[owner] if section not in order))
    return list(order)


def _sections_by(rows: Sequence[Sequence[int]]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for section, owners in enumerate(rows):
        for owner in owners:
            found.setdefault(owner, []).append(section)
    return found


def _left_out(problem: Problem) -> Iterator[str]:
    """What must be kept and the models do not know: what they call possible may fail for it."""
    if (problem.lecture_pairs[:, 4] == 0).any():
        yield "pairs"
    if any(CONSTRAINTS[each].applies(problem) for each in ("free_days_required", "free_half_days_required")):
        yield "free_days"


def _explained(found: _Found, facts: Openings, arithmetic: tuple[Obstacle, ...], seconds: float) -> Explanation:
    if found.verdict != "impossible":
        if arithmetic:  # a proof as well, only not the smallest
            return Explanation("impossible", arithmetic[0], arithmetic, seconds=seconds)
        if found.verdict == "unknown":
            return Explanation(found.verdict, Statement("not_proven", {}), seconds=seconds)
        left_out = "_and_".join(_left_out(facts.problem))
        headline = f"not_impossible_without_{left_out}" if left_out else "not_impossible"
        return Explanation(found.verdict, Statement(headline, {}), seconds=seconds)
    report = ConflictReport(found.terms)
    conflict = Conflict.of(found.terms, found.kept)
    members = list(report.members(conflict))
    narrowed = None if found.is_minimal else Narrowed(found.begun_with, num_requirements(found.kept), seconds)
    return Explanation(
        "impossible",
        # Arithmetic that proves it as well says more than a set of which it is not known what could be spared.
        arithmetic[0] if narrowed and arithmetic else report.headline(conflict, narrowed),
        arithmetic,
        tuple(members_few(members) if narrowed else members),
        found.is_minimal,
        narrowed,
        tuple(report.fixes(found.ways)),
        tuple(report.must_give(found.least)),
        found.least is not None and found.least.is_least,
        seconds,
        frozenset(found.kept),
    )
