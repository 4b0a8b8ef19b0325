"""Bar 3: one whole job at the reference scale through queue, worker and database (SUITE=job).

A data directory of its own, a Redis-protocol server, one worker as `make run` starts it; SCALE=large (or a number: times
that). Wall-clock from filing to the end; memory over all processes of the worker, shared pages counted once (PSS, sampled).
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import sqlite3
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

from generation.engine.constraints.register import CONSTRAINTS
from tests.benchmarks.options import OptionError, Options
from tests.benchmarks.quality import Outcome
from tests.benchmarks.tables import Column, Figures, Table
from tests.processes import manage, start_valkey, start_worker

TIME_S, NUM_VARIANTS = 110.0, 3
WALL_BAR_S, MEMORY_BAR_MB = 120.0, 1536.0
SAMPLE_S = 0.25
ELSEWHERE = "The bars are for SCALE=large: here they only say that the measuring works."
COLUMNS = (
    Column("figure", "figure", is_text=True),
    Column("found", "found", ",.1f", is_compared=True),
    Column("bar", "bar", is_text=True),
    Column("verdict", "verdict", is_text=True),
)
VARIANTS = (
    Column("variant", "variant", is_text=True),
    Column("hard", "hard"),
    Column("soft", "soft", ",d"),
    Column("unplaced", "unplaced"),
    Column("student_clashes", "student clashes", ",d"),
    Column("broken", "broken rules", is_text=True),
)


def run(options: Options) -> Outcome:
    settled = options.or_else(time_s=TIME_S)
    with tempfile.TemporaryDirectory(prefix="tl-job-", dir="/tmp") as name:
        found = job_measured(Path(name), scale=options.scale, time_s=settled.time_s, seed=options.seed)
    report = found["report"]
    title = f"Bar 3: the {options.scale} demo as a job, time limit {settled.time_s:g} s, {NUM_VARIANTS} variants, seed {options.seed}"
    variants = [variant_row(variant) for variant in report["variants"]]
    tables = [
        Table("job", title, COLUMNS, job_rows(found), [] if options.scale == "large" else [ELSEWHERE], keys=("figure",)),
        Table("job-variants", "Its variants", VARIANTS, variants, keys=("variant",)),
    ]
    return Outcome(tables)


def job_measured(folder: Path, *, scale: str, time_s: float, seed: int) -> Figures:
    """Everything from an empty data directory on; only the job itself is measured."""
    report = folder / "report.json"
    with contextlib.ExitStack() as stack:
        valkey = stack.enter_context(start_valkey(folder))
        database = folder / "timeloom.sqlite3"
        env = {"TIMELOOM_VAR": str(folder), "REDIS_URL": valkey.url, "DATABASE_URL": f"sqlite:///{database}"}
        _managed("migrate", env=env)
        _managed("demo", "--scale", scale, "--organization", "demo", env=env)
        worker = stack.enter_context(start_worker(env, folder=folder, redis_url=valkey.url, children=2))
        watch = stack.enter_context(memory_watched(worker.pid))
        asked = ("--time-limit", f"{time_s:g}", "--seed", str(seed), "--variants", str(NUM_VARIANTS), "--report", str(report))
        _managed("generate", "--organization", "demo", *asked, env=env, timeout_s=2 * time_s + 300)
        return {"report": json.loads(report.read_text()), "peak_mb": watch.peak_mb, **_times(database)}


def _managed(*arguments: str, env: dict[str, str], timeout_s: float = 900) -> None:
    done = manage(*arguments, env=env, timeout_s=timeout_s)
    if done.returncode:
        raise OptionError(f"manage.py {arguments[0]} ended with status {done.returncode}: {done.stderr.strip()[-500:]}")


def _times(database: Path) -> Figures:
    with contextlib.closing(sqlite3.connect(database, timeout=20)) as connection:
        row = connection.execute("SELECT created_at, started_at, finished_at FROM generation_generationjob").fetchone()
    created, started, finished = (dt.datetime.fromisoformat(value) for value in row)
    return {"wall_s": (finished - created).total_seconds(), "waited_s": (started - created).total_seconds()}


class MemoryWatch:
    """The most memory that a process and its descendants had at once."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self.peak_mb = 0.0

    def sample(self) -> None:
        self.peak_mb = max(self.peak_mb, sum(pss_mb(pid) for pid in family(self._pid)))


@contextlib.contextmanager
def memory_watched(pid: int) -> Iterator[MemoryWatch]:
    watch, is_over = MemoryWatch(pid), threading.Event()

    def look() -> None:
        while not is_over.wait(SAMPLE_S):
            watch.sample()

    thread = threading.Thread(target=look, name="memory")
    thread.start()
    try:
        yield watch
    finally:
        is_over.set()
        thread.join()


def family(pid: int) -> list[int]:
    """The process and all its descendants."""
    children = _proc(f"/proc/{pid}/task/{pid}/children").split()
    return [pid, *(each for child in children for each in family(int(child)))]


def pss_mb(pid: int) -> float:
    """Proportional memory: a page shared by n processes counts 1/n in each. Nothing for a process that has gone."""
    lines = _proc(f"/proc/{pid}/smaps_rollup").splitlines()
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("Pss:")), 0.0)


def _proc(path: str) -> str:
    try:
        return Path(path).read_text()
    except OSError:
        return ""


def job_rows(found: Figures) -> list[Figures]:
    report = found["report"]
    rows = [
        _row("wall-clock from filing to the end, s", found["wall_s"], WALL_BAR_S),
        _row("memory of all the worker's processes, MB", found["peak_mb"], MEMORY_BAR_MB),
        _row("unplaced lectures, any variant", max(variant["unplaced"] for variant in report["variants"]), 0),
        _row("broken hard rules, any variant", max(variant["hard"] for variant in report["variants"]), 0),
    ]
    stages = [{"figure": f"{stage['stage']}, s", "found": stage["seconds"]} for stage in report["stages"]]
    waited = {"figure": "of that before the worker had it, s", "found": found["waited_s"]}
    first = {"figure": "first feasible timetable, s of search", "found": report["time_to_feasible_s"]}
    return [*rows, waited, *stages, first]


def _row(figure: str, found: float, bar: float) -> Figures:
    return {"figure": figure, "found": found, "bar": f"at most {bar:g}", "verdict": "met" if found <= bar else "missed"}


def variant_row(variant: Figures) -> Figures:
    """Hard rules that are broken are named; penalties are in the job's own report."""
    broken = [f"{name} {amount}" for name, amount in variant["breakdown"].items() if amount and CONSTRAINTS[name].is_hard]
    figures = {key: variant[key] for key in ("hard", "soft", "unplaced", "student_clashes")}
    return {"variant": variant["label"], **figures, "broken": ", ".join(broken) or "none"}
