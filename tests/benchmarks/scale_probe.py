"""One demo university from rows to a finished job: `python -m tests.benchmarks.scale_probe FACTOR TIME WORKERS OUT.json`."""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from pathlib import Path

import django

NUM_VARIANTS = 3


class Watch:
    """When the construction was done, and how much memory had been needed until then."""

    def __init__(self) -> None:
        self.began = time.monotonic()
        self.constructed: dict[str, float] = {}

    def progress(self, stage: str, fraction: float, facts: object) -> None:
        if stage == "cpsat_solving" and fraction >= 1.0 and not self.constructed:
            self.constructed = {"construction_s": time.monotonic() - self.began, "construction_mb": peak_mb()}

    def checkpoint(self, state: object) -> None: ...


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "erp.settings")
    django.setup()
    from academics.demo import demo_rows
    from generation.engine.model.problem import Weights
    from generation.engine.params import SolveParams
    from generation.engine.solve import search, warm
    from generation.problem.builder import problem_from_rows
    from generation.timetable.profiles import profiles_for

    factor, time_s, workers, out = sys.argv[1:]
    warm()
    rows = demo_rows(scale=factor, seed=1)
    found: dict[str, float | None] = {"empty_mb": peak_mb()}
    began = time.monotonic()
    problem = problem_from_rows(rows, name=f"demo {factor}", weights=Weights(), seed=1)
    found |= {"load_s": time.monotonic() - began, "load_mb": peak_mb()}
    del rows
    watch = Watch()
    profiles = profiles_for(base=problem.weights, overrides={}, num_variants=NUM_VARIANTS)
    params = SolveParams(time_limit_s=float(time_s), workers=int(workers), profiles=profiles)
    result = search(problem, params, observer=watch)
    found |= {"job_s": time.monotonic() - began, "job_mb": peak_mb(), "first_s": result.time_to_feasible_s, **watch.constructed}
    best = result.best
    found |= {"lectures": problem.num_lectures, "sections": problem.num_sections, "hard": best.score.hard, "soft": best.score.soft}
    found |= {"unplaced": best.unplaced, "student_clashes": best.student_clashes}
    Path(out).write_text(json.dumps(found))


if __name__ == "__main__":
    main()
