"""Bar 3, second half: how time and memory grow with the university (SUITE=scale).

Demo universities of 1/8 to 4 times the reference scale (ONLY=0.125,1 chooses), each in a process of its own, with three
variants and a time limit in proportion: TIME is that of the reference scale. Memory is the process's peak until then, less
what it had before any data; the report has a drawing beside it.
"""

from __future__ import annotations

import json
import math
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks.options import OptionError, Options
from tests.benchmarks.plot import Curve, Panel, svg
from tests.benchmarks.quality import Outcome
from tests.benchmarks.runs import child_run
from tests.benchmarks.tables import Column, Figures, Table

FACTORS = ("0.125", "0.25", "0.5", "1", "2", "4")
TIME_S, LEAST_TIME_S = 100.0, 5.0
PHASES = {"load": "load", "construction": "construction", "first": "first feasible", "job": "whole job"}
COLUMNS = (
    Column("factor", "scale", is_text=True),
    Column("lectures", "lectures", ",.0f"),
    Column("limit_s", "limit s", ".0f"),
    *(Column(f"{phase}_s", f"{heading} s", ".2f", is_compared=True) for phase, heading in PHASES.items()),
    Column("job_mb", "peak MB", ".0f", is_compared=True),
    Column("hard", "hard"),
    Column("student_clashes", "student clashes", ",.0f"),
)
EACH = (
    Column("factor", "scale", is_text=True),
    *(Column(f"{phase}_ms", f"{heading} ms", ".3f") for phase, heading in PHASES.items()),
    *(Column(f"{phase}_kb", f"{PHASES[phase]} KB", ".1f") for phase in ("load", "construction", "job")),
)


def run(options: Options) -> Outcome:
    settled = options.or_else(time_s=TIME_S, workers=options.workers or 2)
    rows, failures = [], []
    for factor in options.only or FACTORS:
        limit_s = max(LEAST_TIME_S, settled.time_s * _factor(factor))
        found = _probe(factor, limit_s, settled.workers)
        failures += [f"FAILED scale {factor}: {found['error']}"] if "error" in found else []
        rows.append({"factor": factor, "limit_s": limit_s, **found})
        sys.stderr.write(f"scale {factor}: {found.get('error') or format(found['job_s'], '.1f') + ' s'}\n")
    title = f"Bar 3: demo universities, 3 variants, {settled.workers} workers, {settled.time_s:g} s x scale"
    measured = [row for row in rows if "error" not in row]
    each = [per_lecture(row) for row in measured]
    tables = [
        Table("scale", title, COLUMNS, rows, failures, keys=("factor",)),
        Table("scale-each", "The same for each lecture", EACH, each, growth_notes(measured), keys=("factor",)),
    ]
    return Outcome(tables, files={".svg": drawing(title, measured, each)} if measured else {})


def _factor(name: str) -> float:
    try:
        return float(name)
    except ValueError:
        raise OptionError(f"ONLY: {name} is not a number of times the reference scale.") from None


def _probe(factor: str, limit_s: float, workers: int) -> Figures:
    with tempfile.TemporaryDirectory(prefix="timeloom-scale-") as folder:
        out = Path(folder) / "found.json"
        command = [sys.executable, "-m", "tests.benchmarks.scale_probe", factor, f"{limit_s:g}", str(workers), str(out)]
        status, _, _, said = child_run(command, Path(folder))
        return dict(json.loads(out.read_text())) if out.exists() else {"error": said[-300:] or f"exit status {status}"}


def per_lecture(row: Figures) -> Figures:
    """Milliseconds and kilobytes for each lecture; what was not reached stays empty."""
    found: Figures = {"factor": row["factor"], "lectures": row["lectures"]}
    for phase in PHASES:
        if row.get(f"{phase}_s") is not None:
            found[f"{phase}_ms"] = 1000 * row[f"{phase}_s"] / row["lectures"]
        if row.get(f"{phase}_mb") is not None:
            found[f"{phase}_kb"] = 1024 * (row[f"{phase}_mb"] - row["empty_mb"]) / row["lectures"]
    return found


def growth(points: Sequence[tuple[float, float]]) -> float | None:
    """The exponent that fits best: 1 is in proportion, 2 quadratic (least squares between logarithms)."""
    if len({x for x, _ in points}) < 2:
        return None
    logs = [(math.log(x), math.log(y)) for x, y in points]
    mean_x, mean_y = (sum(values) / len(logs) for values in zip(*logs, strict=True))
    return sum((x - mean_x) * (y - mean_y) for x, y in logs) / sum((x - mean_x) ** 2 for x, _ in logs)


def growth_notes(rows: Sequence[Figures]) -> list[str]:
    found = {label: growth(_points(rows, f"{phase}_s")) for phase, label in PHASES.items()}
    found["memory"] = growth([(row["lectures"], row["job_mb"] - row["empty_mb"]) for row in rows if row["job_mb"] > row["empty_mb"]])
    told = ", ".join(f"{label} {exponent:.2f}" for label, exponent in found.items() if exponent is not None)
    return [f"Grows with the number of lectures to the power of: {told} (1 is in proportion)."] if told else []


def _points(rows: Sequence[Figures], key: str) -> list[tuple[float, float]]:
    return [(row["lectures"], row[key]) for row in rows if row.get(key) is not None and row[key] > 0]


def drawing(title: str, rows: Sequence[Figures], each: Sequence[Figures]) -> str:
    times = [Curve(label, _points(each, f"{phase}_ms")) for phase, label in PHASES.items()]
    memory = [Curve(label, _points(each, f"{phase}_kb")) for phase, label in PHASES.items()]  # alike in both: phases keep their colour
    return svg(
        title,
        [
            Panel("Time for each lecture (level = in proportion)", "lectures", "milliseconds a lecture", times),
            Panel("Memory for each lecture (level = in proportion)", "lectures", "KB a lecture", memory),
        ],
    )
