"""One process's way to its first proposals: `python -m tests.benchmarks.jit_probe SUBJECT FILE OUT.json` (see jit.py)."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

BEGAN = time.perf_counter()


class Firsts:
    """When each stage was first heard of; the compiled search's first news ends the run."""

    def __init__(self) -> None:
        from generation.engine.stop import Flag

        self.began = time.perf_counter()
        self.seen: dict[str, float] = {}
        self.stop = Flag()

    def progress(self, stage: str, fraction: float, facts: object) -> None:
        self.seen.setdefault(stage, round(time.perf_counter() - self.began, 4))
        if stage in ("ga_optimization", "rl_refinement"):
            self.stop.raise_("stop")

    def checkpoint(self, state: object) -> None: ...


def main() -> None:
    from generation.engine.params import SolveParams
    from generation.engine.solve import search, warm
    from generation.formats.instances import problem_read
    from tests.benchmarks.subjects import LARGE, large_university

    found: dict[str, object] = {"import_s": round(time.perf_counter() - BEGAN, 3)}
    began, used = time.perf_counter(), time.process_time()
    warm()
    found |= {"warm_s": round(time.perf_counter() - began, 3), "warm_cpu_s": round(time.process_time() - used, 3)}
    subject, file, out = sys.argv[1:]
    problem = large_university() if subject == LARGE and not file else problem_read(file)
    searches = []
    for _ in range(2):
        firsts = Firsts()
        search(problem, SolveParams(time_limit_s=30), observer=firsts, stop=firsts.stop)
        searches.append(firsts.seen)
    Path(out).write_text(json.dumps(found | {"searches": searches}))


if __name__ == "__main__":
    main()
