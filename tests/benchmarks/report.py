"""`make bench`: solves each instance of a folder with several seeds and compares with the best known costs.

DATA=FOLDER (default: $TIMELOOM_SHARED/data/SUITE), SUITE=NAME (default itc2007), TIME=SECONDS (default 30),
SEEDS=N (default 3), OUT=FOLDER (default var/bench). Each run is one `manage.py solve` in a process of its own, one
after another: two at once would take each other's processor. A run without a feasible timetable is shown as such
and never averaged away.
"""

from __future__ import annotations

import csv
import json
import os
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
HEADER = ("instance", "best known", "best", "median", "worst", "gap of the best", "feasible", "seconds to feasible")


@dataclass(frozen=True)
class Row:
    """What the seeds of one instance gave."""

    instance: str
    best_known: int | None
    reports: list[dict[str, Any]]

    @property
    def costs(self) -> list[int]:
        return sorted(report["soft"] for report in self.reports if report["feasible"])

    def cells(self) -> list[str]:
        costs = self.costs
        firsts = [report["time_to_feasible_s"] for report in self.reports if report["time_to_feasible_s"] is not None]
        figures = [str(costs[0]), f"{statistics.median(costs):g}", str(costs[-1])] if costs else ["-", "-", "-"]
        return [
            self.instance,
            "-" if self.best_known is None else str(self.best_known),
            *figures,
            self._gap(),
            f"{len(costs)}/{len(self.reports)}",
            f"{statistics.median(firsts):.1f}" if firsts else "-",
        ]

    def _gap(self) -> str:
        if not self.costs or self.best_known is None:
            return "-"
        if self.best_known == 0:
            return f"+{self.costs[0]}"
        return f"{100 * (self.costs[0] - self.best_known) / self.best_known:+.0f} %"


def best_known_read(folder: Path) -> dict[str, int]:
    path = folder / "best-known.csv"
    if not path.exists():
        return {}
    with path.open(newline="") as file:
        return {row["instance"]: int(row["best_known"]) for row in csv.DictReader(file)}


def solve(path: Path, *, seed: int, time_limit_s: float) -> dict[str, Any]:
    """The report of one run; a run that wrote none counts as infeasible, with what it said on stderr."""
    with tempfile.TemporaryDirectory(prefix="timeloom-bench-") as folder:
        report = Path(folder) / "report.json"
        options = ["--time-limit", str(time_limit_s), "--seed", str(seed), "--report", str(report), "--solution", f"{folder}/solution"]
        command = [sys.executable, "manage.py", "solve", str(path), *options, "--quiet"]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if report.exists():
            return dict(json.loads(report.read_text()))
    return {"feasible": False, "time_to_feasible_s": None, "error": done.stderr.strip()[-500:] or f"exit status {done.returncode}"}


def table(rows: list[Row]) -> str:
    lines = [HEADER, *(row.cells() for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADER))]
    return "\n".join("  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True)) for line in lines)


def _folder() -> Path:
    suite = os.environ.get("SUITE") or "itc2007"
    given = os.environ.get("DATA") or (f"{os.environ['TIMELOOM_SHARED']}/data/{suite}" if os.environ.get("TIMELOOM_SHARED") else "")
    if not given or not Path(given).is_dir():
        sys.exit("make bench needs a folder of instances: make bench DATA=FOLDER [TIME=30] [SEEDS=3]")
    return Path(given)


def main() -> None:
    folder = _folder()
    time_limit_s, num_seeds = float(os.environ.get("TIME") or 30), int(os.environ.get("SEEDS") or 3)
    best_known, rows = best_known_read(folder), []
    for path in sorted(folder.glob("*.ctt")):
        reports = []
        for seed in range(1, num_seeds + 1):
            reports.append(solve(path, seed=seed, time_limit_s=time_limit_s))
            outcome = reports[-1]["soft"] if reports[-1]["feasible"] else reports[-1].get("error", "infeasible")
            sys.stderr.write(f"{path.stem} seed {seed}: {outcome}\n")
        rows.append(Row(path.stem, best_known.get(path.stem), reports))
    if not rows:
        sys.exit(f"There is no .ctt file in {folder}.")
    text = f"{folder.name}, {time_limit_s:g} s a run, seeds 1 to {num_seeds}\n\n{table(rows)}\n"
    out = Path(os.environ.get("OUT") or ROOT / "var" / "bench")
    out.mkdir(parents=True, exist_ok=True)
    (out / f"{folder.name}.txt").write_text(text)
    (out / f"{folder.name}.json").write_text(json.dumps({row.instance: row.reports for row in rows}, indent=1))
    sys.stdout.write(text)


if __name__ == "__main__":
    main()
