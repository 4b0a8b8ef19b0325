"""Runs of `manage.py solve`, each in a process of its own, measured from outside as well."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path

from tests.benchmarks.options import ROOT
from tests.benchmarks.tables import Figures

STARVED = 0.9  # of a core: a run that had less says little about the engine
STARVED_NAMED = 3
# What the validator of a format says at the end, by the ending of its instances: hard violations, and the cost.
VALIDATORS = {".ctt": r"hard=(\d+) cost=(\d+)", ".xml": r"hard=(\d+) .* total=(\d+)"}


@dataclass(frozen=True)
class Order:
    """One run to make. Without a time limit it counts ``iterations``."""

    path: Path
    seed: int
    time_s: float | None = None
    iterations: int | None = None
    workers: int = 1
    extra: tuple[str, ...] = ()
    validator: Path | None = None

    @property
    def instance(self) -> str:
        return self.path.stem

    def command(self, folder: str) -> list[str]:
        limit = ["--iterations", str(self.iterations)] if self.time_s is None else ["--time-limit", f"{self.time_s:g}"]
        outputs = ["--report", f"{folder}/report.json", "--solution", f"{folder}/solution"]
        options = [*limit, "--seed", str(self.seed), "--workers", str(self.workers), *self.extra, *outputs, "--quiet"]
        return [sys.executable, "manage.py", "solve", str(self.path), *options]


@dataclass(frozen=True)
class Run:
    """What came of an order. ``report`` is empty where the command wrote none; ``error`` then says what it said."""

    instance: str
    seed: int
    workers: int = 1
    report: Figures = field(default_factory=dict)
    error: str = ""
    wall_s: float = 0.0
    cpu_s: float = 0.0
    peak_mb: float = 0.0
    solution_hash: str = ""

    @property
    def cost(self) -> int | None:
        """None unless the timetable is complete and breaks no rule."""
        return int(self.report["soft"]) if self.report.get("feasible") and not self.error else None

    @property
    def is_starved(self) -> bool:
        return self.wall_s > 0 and self.cpu_s < STARVED * self.wall_s

    @property
    def outcome(self) -> str:
        if self.error:
            return f"failed: {self.error}"
        found = str(self.cost) if self.cost is not None else f"infeasible (hard {self.report.get('hard')})"
        return f"{found}, {self.wall_s:.1f} s"

    def document(self) -> Figures:
        return asdict(self)


def orders_run(orders: Sequence[Order], *, jobs: int = 1) -> list[Run]:
    """All runs in order, `jobs` of them at a time; each outcome is told as it comes."""
    with ThreadPoolExecutor(jobs, thread_name_prefix="bench") as pool:
        return list(pool.map(_told, orders))


def _told(order: Order) -> Run:
    run = order_run(order)
    sys.stderr.write(f"{order.instance} seed {order.seed}{' ' if order.extra else ''}{' '.join(order.extra)}: {run.outcome}\n")
    return run


def order_run(order: Order) -> Run:
    """Run it; a run that wrote no report, or whose solution the validator does not confirm, has an error."""
    with tempfile.TemporaryDirectory(prefix="timeloom-bench-") as folder:
        status, wall_s, usage, said = child_run(order.command(folder), Path(folder))
        report = json.loads(_text(folder, "report.json") or "{}")
        solution = _text(folder, "solution")
        error = "" if report and status in (0, 3) else said[-300:] or f"exit status {status}"
        if not error and order.validator is not None:
            error = _contradiction(order, f"{folder}/solution", report)
    return Run(
        order.instance,
        order.seed,
        order.workers,
        report,
        error,
        round(wall_s, 2),
        round(usage.ru_utime + usage.ru_stime, 2),
        round(usage.ru_maxrss / 1024, 1),
        hashlib.sha256(solution.encode()).hexdigest()[:16] if solution else "",
    )


def child_run(command: Sequence[str], folder: Path, env: dict[str, str] | None = None) -> tuple[int, float, object, str]:
    """Exit status, seconds, the kernel's own account of the process (wait4), and what it said on stderr."""
    began = time.monotonic()
    with (folder / "stderr").open("wb") as errors:
        child = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=errors, env={**os.environ, **(env or {})})
        _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    return child.returncode, time.monotonic() - began, usage, _text(str(folder), "stderr").strip()


def _text(folder: str, name: str) -> str:
    path = Path(folder) / name
    return path.read_text(errors="replace") if path.exists() else ""


def _contradiction(order: Order, solution: str, report: Figures) -> str:
    """What an independent validator of this kind of instance says otherwise."""
    said_last = VALIDATORS.get(order.path.suffix)
    if said_last is None:
        return ""
    command = [sys.executable, str(order.validator), str(order.path), solution]
    said = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    found = re.search(said_last, said)
    ours = (report["hard"], report["soft"])
    theirs = (int(found[1]), int(found[2])) if found else None
    return "" if theirs == ours else f"the validator found {theirs or said.strip()[-100:]}, the report says {ours}"


def starved_note(runs: Sequence[Run]) -> list[str]:
    """How many runs shared their core, so that nobody takes their figures for the engine's."""
    starved = sorted((run for run in runs if run.is_starved), key=lambda run: run.cpu_s / run.wall_s)
    if not starved:
        return []
    worst = ", ".join(f"{run.instance} seed {run.seed} {run.cpu_s / run.wall_s:.0%}" for run in starved[:STARVED_NAMED])
    return [f"NOT A QUIET MACHINE: {len(starved)} of {len(runs)} runs had less than {STARVED:.0%} of a core (least: {worst})."]


def failed_note(runs: Sequence[Run]) -> list[str]:
    return [f"FAILED {run.instance} seed {run.seed}: {run.error}" for run in runs if run.error]
