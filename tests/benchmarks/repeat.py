"""Bar 7: with counted iterations the same seed and workers give the same bytes (SUITE=repeat, ITERATIONS=N)."""

from __future__ import annotations

from collections.abc import Sequence

from tests.benchmarks.options import Options
from tests.benchmarks.quality import Outcome
from tests.benchmarks.runs import Order, Run, failed_note, orders_run
from tests.benchmarks.tables import Column, Figures, Table

TIMES = 2
COLUMNS = (
    Column("instance", "instance", is_text=True),
    Column("workers", "workers"),
    Column("seed", "seed"),
    Column("costs", "penalties", is_text=True),
    Column("hashes", "solution files (SHA-256)", is_text=True),
    Column("verdict", "verdict", is_text=True),
)


def run(options: Options) -> Outcome:
    """Each instance twice with one worker and twice with two, each run in a process of its own."""
    counts = (options.workers,) if options.workers else (1, 2)
    orders = [
        Order(path, seed, iterations=options.iterations, workers=workers)
        for path in options.instances()
        for workers in counts
        for seed in range(1, (options.seeds or 1) + 1)
        for _ in range(TIMES)
    ]
    runs = orders_run(orders, jobs=options.jobs)
    rows = [row_of(runs[first : first + TIMES]) for first in range(0, len(runs), TIMES)]
    title = f"Bar 7: {options.iterations} iterations, {TIMES} times each"
    return Outcome([Table("repeat", title, COLUMNS, rows, failed_note(runs), keys=("instance", "workers", "seed"))], runs)


def row_of(runs: Sequence[Run]) -> Figures:
    """A run without a solution is never the same as another."""
    hashes = list(dict.fromkeys(run.solution_hash for run in runs))
    is_same = len(hashes) == 1 and bool(hashes[0])
    return {
        "instance": runs[0].instance,
        "workers": runs[0].workers,
        "seed": runs[0].seed,
        "costs": ", ".join(f"{run.report.get('hard', '-')}/{run.report.get('soft', '-')}" for run in runs),
        "hashes": ", ".join(found or "none" for found in hashes),
        "verdict": "same" if is_same else "DIFFERENT",
    }
