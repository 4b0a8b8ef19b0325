"""FET's example files (SUITE=fet): which are read whole, which are solved and accepted by FET's own program, and FET beside.

Debian's packages fet and fet-data have the program and the files. Those that hold a finished timetable are left out. ONLY names files
without their ending, or folders; PART=read reads alone. Each process has one core; JOBS run at a time.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from generation.engine.constraints.register import CONSTRAINTS
from generation.engine.evaluation.evaluate import evaluate
from generation.formats import FormatError, fet
from generation.formats.unsupported import UnsupportedError
from tests.benchmarks.options import ROOT, OptionError, Options
from tests.benchmarks.quality import Outcome
from tests.benchmarks.tables import Column, Figures, Table
from tests.fet_files import EXAMPLES, FET_CL, fet_accepts, finished

CONFIRM_S = 60
READ_BAR, SOLVED_BAR = 0.6, 0.7
KINDS = (
    Column("kind", "asked and not kept", is_text=True),
    Column("files", "files"),
    Column("alone", "by nothing else"),
    Column("times", "times"),
)
COLUMNS = (
    Column("instance", "file", is_text=True),
    Column("activities", "activities"),
    Column("rules", "rules"),
    Column("unplaced", "unplaced", is_compared=True),
    Column("hard", "hard", is_compared=True),
    Column("soft", "soft", is_compared=True),
    Column("first_s", "first s", ".1f"),
    Column("accepted", "FET accepts", is_text=True),
    Column("own", "FET itself", is_text=True),
    Column("own_s", "its s", ".1f"),
)


def run(options: Options) -> Outcome:
    if not EXAMPLES.exists() or FET_CL is None:
        raise OptionError("SUITE=fet needs FET's program and its examples (Debian's packages fet and fet-data).")
    files = [file for file in sorted(EXAMPLES.rglob("*.fet")) if not file.stem.endswith("_data_and_timetable")]
    chosen = [file for file in files if not options.only or any(name == file.stem or name in file.parts for name in options.only)]
    if not chosen:
        raise OptionError(f"ONLY: none of the {len(files)} examples is named so, or in a folder of that name.")
    kept, kinds = _read(chosen)
    tables = [kinds, _finished_table()]
    if options.parts != ("read",):
        seconds = options.or_else(time_s=60).time_s
        with ThreadPoolExecutor(options.jobs) as pool:
            rows = list(pool.map(lambda each: _solved(*each, seconds=seconds, seed=options.seed), kept))
        tables.append(_solved_table(rows, seconds))
    return Outcome(tables)


def _read(files: Sequence[Path]) -> tuple[list[tuple[Path, Figures]], Table]:
    """The files of which everything is kept, and what the others ask."""
    kept: list[tuple[Path, Figures]] = []
    asked: dict[str, Counter[str]] = {}
    broken = []
    for file in files:
        try:
            problem = fet.to_problem(fet.read(file))
        except UnsupportedError as error:
            for kind, count in error.counts.items():
                asked.setdefault(kind, Counter()).update({"files": 1, "alone": len(error.counts) == 1, "times": count})
        except FormatError as error:
            broken.append(f"Not read: {error}")
        else:
            facts = {
                "instance": file.stem,
                "activities": problem.num_lectures,
                "rules": len(problem.set_rules) + len(problem.lecture_pairs),
            }
            kept.append((file, facts))
    rows: list[Figures] = [{"kind": kind, **counts} for kind, counts in sorted(asked.items(), key=lambda item: -item[1]["files"])]
    share = len(kept) / len(files)
    notes = [f"{len(kept)} of {len(files)} files are read with everything that they ask ({share:.0%}; bar {READ_BAR:.0%}).", *broken]
    return kept, Table("fet_kinds", "What FET's examples ask and is not kept", KINDS, rows, notes, keys=("kind",))


def _finished_table() -> Table:
    """The finished timetables among the examples, which FET made: what is broken there is read more strictly than FET means it."""
    rows: list[Figures] = []
    for file in sorted(EXAMPLES.rglob("*_data_and_timetable.fet")):
        problem, solution = finished(file)
        found = evaluate(problem, solution)
        broken = ", ".join(f"{name} {units}" for name, units in found.breakdown.items() if units and CONSTRAINTS[name].is_hard)
        rows.append({"instance": file.stem, "activities": problem.num_lectures, "hard": found.score.hard, "broken": broken or "-"})
    notes = [f"{sum(row['hard'] == 0 for row in rows)} of {len(rows)} break no rule as it is read here. What is not kept is left out."]
    columns = (*COLUMNS[:2], Column("hard", "hard", is_compared=True), Column("broken", "broken", is_text=True))
    return Table("fet_finished", "Timetables that FET finished", columns, rows, notes)


def _solved(file: Path, facts: Figures, *, seconds: float, seed: int) -> Figures:
    with tempfile.TemporaryDirectory(prefix="timeloom-fet-") as name:
        folder = Path(name)
        locked, report = folder / "locked.fet", folder / "report.json"
        command = [sys.executable, "manage.py", "solve", str(file), "--time-limit", f"{seconds:g}", "--seed", str(seed), "--quiet"]
        command += ["--solution", str(locked), "--report", str(report)]
        subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
        row = dict(facts)
        if report.exists():
            found = json.loads(report.read_text())
            row |= {key: found[key] for key in ("hard", "soft", "unplaced")} | {"first_s": found["time_to_feasible_s"]}
            is_whole = found["feasible"]
            row["accepted"] = "-" if not is_whole else "yes" if _accepts(locked.read_text(), folder / "confirm") else "NO"
        began = time.monotonic()
        row["own"] = "yes" if fet_accepts(file.read_text(encoding="utf-8-sig"), folder / "own", seconds=round(seconds)) else "no"
        return row | {"own_s": time.monotonic() - began}


def _accepts(text: str, folder: Path) -> bool:
    return fet_accepts(text, folder, seconds=CONFIRM_S)


def _solved_table(rows: list[Figures], seconds: float) -> Table:
    accepted = sum(row.get("accepted") == "yes" for row in rows)
    own = sum(row["own"] == "yes" for row in rows)
    notes = [
        f"{accepted} of {len(rows)} solved completely in {seconds:g} s and accepted by FET with every activity locked "
        f"({accepted / max(1, len(rows)):.0%}; bar {SOLVED_BAR:.0%}). FET itself completes {own} in the same time.",
    ]
    return Table("fet", "FET's examples", COLUMNS, rows, notes)
