"""Student clashes at the reference scale, beside those of the plain way: `python -m tests.benchmarks.students`.

The plain way cuts each offering's shuffled list of students into sections and gives the lectures, sections with the most
neighbours first, greedily the start at which the fewest of its students clash with what is placed already. A section's
neighbours are those that share students or an instructor with it, each counted once (its degree, not weighted). Rooms and
curricula bind the plain way nothing: it has to keep only to availability, instructors and its own section, so it comes out
better than one that could be used. Both are counted by the judge: students x timeslots with more than one lecture.

SCALE=large, TIME=SECONDS (default 120), SEED=N, WORKERS=N (default 2), VARIANTS=N (default 3).
"""

from __future__ import annotations

import os
import resource
import sys
import time
from dataclasses import replace

import django
import numpy as np

from generation.engine.evaluation.evaluate import evaluate
from generation.engine.model.problem import Csr, Problem, Weights
from generation.engine.model.solution import Solution
from generation.engine.params import SolveParams
from generation.engine.search.search_data import Fixed, search_data
from generation.engine.solve import search, warm


def shuffled(problem: Problem, rng: np.random.Generator) -> Problem:
    """Every offering's list of students shuffled and cut anew, sections as large as before; no curricula."""
    seats = problem.student_sections.indices.copy()
    offering = problem.section_offering[seats]
    for number in range(int(offering.max(initial=-1)) + 1):
        mine = np.flatnonzero(offering == number)
        seats[mine] = rng.permutation(seats[mine])
    return replace(
        problem,
        student_sections=Csr(problem.student_sections.indptr, seats),
        section_curricula=Csr.of([[]] * problem.num_sections),
        no_overlap=np.zeros((0, 2), dtype=np.int32),
    )


def greedy(problem: Problem) -> Solution:
    """Largest degree first, each lecture where it adds the fewest clashes; all in the first room, for rooms are not looked at."""
    fixed = search_data(problem)
    is_busy = np.zeros((problem.num_sections, problem.num_timeslots), dtype=bool)
    solution = Solution.empty(problem)
    degree = np.diff(fixed.nb_ptr)
    for lecture in sorted(range(problem.num_lectures), key=lambda each: (-degree[fixed.l_sec[each]], each)):
        slot = _cheapest_start(fixed, is_busy, lecture)
        if slot >= 0:
            solution.slot[lecture], solution.room[lecture] = slot, 0
            is_busy[fixed.l_sec[lecture], slot : slot + fixed.l_len[lecture]] = True
    return solution


def _cheapest_start(fixed: Fixed, is_busy: np.ndarray, lecture: int) -> int:
    section, length = fixed.l_sec[lecture], fixed.l_len[lecture]
    row = slice(fixed.nb_ptr[section], fixed.nb_ptr[section + 1])
    around = is_busy[fixed.nb[row]]
    students = fixed.nb_shared[row] @ around
    is_taken = is_busy[section] | (fixed.nb_hard[row] @ around > 0)
    starts = fixed.starts[fixed.starts_ptr[lecture] : fixed.starts_ptr[lecture + 1]]
    free = [start for start in starts.tolist() if not is_taken[start : start + length].any()]
    return min(free, key=lambda start: (int(students[start : start + length].sum()), start), default=-1)


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "erp.settings")
    django.setup()
    from academics.demo import demo_rows
    from generation.problem.builder import problem_from_rows
    from generation.timetable.profiles import profiles_for

    seed, scale = int(os.environ.get("SEED") or 1), os.environ.get("SCALE") or "large"
    problem = problem_from_rows(demo_rows(scale=scale, seed=seed), name=scale, weights=Weights(), seed=seed)
    plain = shuffled(problem, np.random.default_rng(seed))
    before = evaluate(plain, greedy(plain))
    sys.stdout.write(
        f"{scale}: {problem.num_sections} sections, {problem.num_lectures} lectures, {len(problem.student_sections)} students\n"
    )
    sys.stdout.write(
        f"shuffled sections, greedy times: {before.student_clashes} student clashes, {before.unplaced} lectures without a place\n"
    )
    warm()
    params = SolveParams(
        time_limit_s=float(os.environ.get("TIME") or 120),
        seed=seed,
        workers=int(os.environ.get("WORKERS") or 2),
        profiles=profiles_for(base=problem.weights, overrides={}, num_variants=int(os.environ.get("VARIANTS") or 3)),
    )
    began = time.monotonic()
    result = search(problem, params)
    for variant in result.variants:
        fewer = 100 * (1 - variant.student_clashes / max(1, before.student_clashes))
        sys.stdout.write(
            f"{variant.label}: {variant.student_clashes} student clashes, {fewer:.1f} % fewer;"
            f" hard {variant.score.hard}, soft {variant.score.soft}, {variant.unplaced} unplaced\n"
        )
    memory_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    sys.stdout.write(f"{time.monotonic() - began:.1f} s, at most {memory_mb} MB\n")


if __name__ == "__main__":
    sys.exit(main())
