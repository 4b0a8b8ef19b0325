"""FET's example files (SUITE=fet): which are read whole, which are solved and accepted by FET's own program, and FET beside.

Debian's packages fet and fet-data have the program and the files. Those that hold a finished timetable are left out. ONLY names files
without their ending, or folders. PART=read reads alone; PART=agree has FET make the timetables, and evaluates them as we read the rules;
PART=largest solves the ten files of LARGEST. Each process has one core; JOBS run at a time, and ours ends with its first complete
timetable. A finished file's line is kept in OUT, so that the same call after an interruption goes on with the others.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock

from generation.engine.constraints.register import CONSTRAINTS
from generation.engine.evaluation.evaluate import evaluate
from generation.formats import FormatError, fet
from generation.formats.unsupported import UnsupportedError
from tests.benchmarks.machine import commit
from tests.benchmarks.options import ROOT, OptionError, Options
from tests.benchmarks.quality import Outcome
from tests.benchmarks.tables import Column, Figures, Table
from tests.fet_files import EXAMPLES, FET_CL, fet_accepts, fet_timetable, finished

CONFIRM_S = 60
READ_BAR, SOLVED_BAR = 0.6, 0.7
LARGEST = (
    *("REVA-UNIVERSITY_JANUARY2016", "Shipena", "IBDP-School-2016", "ConcordiaY2016T2a", "MHS_July2", "stjosephemhss"),
    *("SNV-BBA-2019-2020-S1-VF", "GYR", "Lycee-Goulmima", "SPAIN_20-21"),
)
SECONDS = {(): 60.0, ("largest",): 120.0, ("agree",): 15.0}
KINDS = (
    Column("kind", "asked and not kept", is_text=True),
    Column("files", "files"),
    Column("alone", "by nothing else"),
    Column("times", "times"),
)
FILE, ACTIVITIES = Column("instance", "file", is_text=True), Column("activities", "activities")
OWN = (Column("own", "FET itself", is_text=True), Column("own_s", "its s", ".1f"), Column("own_hard", "breaks here", is_compared=True))
COLUMNS = (
    FILE,
    ACTIVITIES,
    Column("whole", "complete", is_text=True),
    Column("seconds", "s", ".1f"),
    Column("accepted", "FET accepts", is_text=True),
    Column("unplaced", "unplaced", is_compared=True),
    Column("hard", "hard", is_compared=True),
    *OWN,
    Column("broken", "broken", is_text=True),
)


def run(options: Options) -> Outcome:
    if not EXAMPLES.exists() or FET_CL is None:
        raise OptionError("SUITE=fet needs FET's program and its examples (Debian's packages fet and fet-data).")
    if options.parts not in (*SECONDS, ("read",)):
        raise OptionError("PART of SUITE=fet is read, agree or largest.")
    files = [file for file in sorted(EXAMPLES.rglob("*.fet")) if not file.stem.endswith("_data_and_timetable")]
    named = options.only or (LARGEST if options.parts == ("largest",) else ())
    chosen = [file for file in files if not named or any(name == file.stem or name in file.parts for name in named)]
    if not chosen:
        raise OptionError(f"ONLY: none of the {len(files)} examples is named so, or in a folder of that name.")
    kept, kinds = _read(chosen)
    tables = [kinds, _finished_table()]
    if options.parts == ("agree",):
        tables.append(_agree_table(measured(kept, options, _made_by_fet), options))
    elif options.parts != ("read",):
        tables.append(_solved_table(measured(kept, options, _solved), options))
    return Outcome(tables)


def _seconds(options: Options) -> float:
    return options.or_else(time_s=SECONDS[options.parts]).time_s


def measured(
    kept: Sequence[tuple[Path, Figures]], options: Options, measure: Callable[[Path, Figures, float, int], Figures]
) -> list[Figures]:
    """A row for each file; what an earlier call of the same program, limit and seed has measured is not measured again."""
    seconds, part = _seconds(options), "-".join(("fet", *options.parts))
    lines = options.out / f"{part}.jsonl"
    call = {"commit": commit(), "time": seconds, "seed": options.seed}
    lines.parent.mkdir(parents=True, exist_ok=True)
    known = [json.loads(line) for line in lines.read_text().splitlines()] if lines.exists() else []
    rows = {line["row"]["instance"]: line["row"] for line in known if line["call"] == call}
    writing = Lock()

    def row_of(file: Path, facts: Figures) -> None:
        row = measure(file, facts, seconds, options.seed)
        with writing, lines.open("a") as out:
            rows[row["instance"]] = row
            out.write(json.dumps({"call": call, "row": row}) + "\n")
            sys.stderr.write(f"{len(rows)}: {row['instance']}\n")

    with ThreadPoolExecutor(options.jobs) as pool:
        list(pool.map(lambda each: row_of(*each), [each for each in kept if each[1]["instance"] not in rows]))
    return [rows[facts["instance"]] for _, facts in kept]


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
            # Several folders have files of one name.
            kept.append((file, {"instance": str(file.relative_to(EXAMPLES).with_suffix("")), "activities": problem.num_lectures}))
    rows: list[Figures] = [{"kind": kind, **counts} for kind, counts in sorted(asked.items(), key=lambda item: -item[1]["files"])]
    share = len(kept) / len(files)
    notes = [f"{len(kept)} of {len(files)} files are read with everything that they ask ({share:.0%}; bar {READ_BAR:.0%}).", *broken]
    return kept, Table("fet_kinds", "What FET's examples ask and is not kept", KINDS, rows, notes, keys=("kind",))


def _broken(file: Path) -> tuple[int, int, str]:
    """The activities of a finished timetable, the violations that we see in it, and of what."""
    problem, solution = finished(file)
    found = evaluate(problem, solution)
    return problem.num_lectures, found.score.hard, _hard_text(found.breakdown)


def _hard_text(breakdown: Mapping[str, int]) -> str:
    return ", ".join(f"{kind} {units}" for kind, units in breakdown.items() if units and CONSTRAINTS[kind].is_hard) or "-"


def _finished_table() -> Table:
    """The finished timetables among the examples, which FET made: what is broken there is read more strictly than FET means it."""
    rows: list[Figures] = []
    for file in sorted(EXAMPLES.rglob("*_data_and_timetable.fet")):
        activities, hard, broken = _broken(file)
        rows.append({"instance": file.stem, "activities": activities, "hard": hard, "broken": broken})
    notes = [f"{sum(row['hard'] == 0 for row in rows)} of {len(rows)} break no rule as it is read here. What is not kept is left out."]
    columns = (FILE, ACTIVITIES, Column("hard", "hard", is_compared=True), Column("broken", "broken", is_text=True))
    return Table("fet_finished", "Timetables that FET finished", columns, rows, notes)


def _made_by_fet(file: Path, facts: Figures, seconds: float, seed: int) -> Figures:
    """What FET's program makes of the file in the time, and what of that is broken as we read its rules."""
    del seed  # FET draws its own
    with tempfile.TemporaryDirectory(prefix="timeloom-fet-") as name:
        began = time.monotonic()
        made = fet_timetable(file.read_text(encoding="utf-8-sig"), Path(name), seconds=round(seconds))
        row = facts | {"own": "no" if made is None else "yes", "own_s": time.monotonic() - began}
        if made is not None:
            _, row["own_hard"], row["broken"] = _broken(made)
        return row


def _agree_table(rows: list[Figures], options: Options) -> Table:
    made = [row for row in rows if row["own"] == "yes"]
    agreed = sum(row["own_hard"] == 0 for row in made)
    notes = [
        f"FET completes {len(made)} of {len(rows)} in {_seconds(options):g} s; {agreed} of these break no rule as it is read here.",
    ]
    columns = (FILE, ACTIVITIES, *OWN, Column("broken", "broken", is_text=True))
    return Table("fet_agree", "FET's timetables, evaluated as we read their rules", columns, rows, notes)


def _solved(file: Path, facts: Figures, seconds: float, seed: int) -> Figures:
    with tempfile.TemporaryDirectory(prefix="timeloom-fet-") as name:
        folder = Path(name)
        locked, report = folder / "locked.fet", folder / "report.json"
        command = [sys.executable, "manage.py", "solve", str(file), "--time-limit", f"{seconds:g}", "--seed", str(seed), "--quiet"]
        command += ["--until-feasible", "--solution", str(locked), "--report", str(report)]
        subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
        row = dict(facts)
        if report.exists():
            found = json.loads(report.read_text())
            is_whole = found["feasible"]
            row |= {"hard": found["hard"], "unplaced": found["unplaced"], "whole": "yes" if is_whole else "no"}
            row |= {"seconds": found["time_to_feasible_s"] if is_whole else seconds}
            row["broken"] = ", ".join(
                f"{kind} {units}" for kind, units in found["breakdown"].items() if units and CONSTRAINTS[kind].is_hard
            )
            row["accepted"] = "-" if not is_whole else "yes" if _accepts(locked.read_text(), folder / "confirm") else "NO"
        own = _made_by_fet(file, {}, seconds, seed)
        return row | {key: own.get(key) for key in ("own", "own_s", "own_hard")}


def _accepts(text: str, folder: Path) -> bool:
    return fet_accepts(text, folder, seconds=CONFIRM_S)


def _solved_table(rows: list[Figures], options: Options) -> Table:
    accepted = sum(row.get("accepted") == "yes" for row in rows)
    own = sum(row["own"] == "yes" for row in rows)
    notes = [
        f"{accepted} of {len(rows)} solved completely in {_seconds(options):g} s and accepted by FET with every activity locked "
        f"({accepted / max(1, len(rows)):.0%}; bar {SOLVED_BAR:.0%}). FET itself completes {own} in the same time.",
    ]
    if options.parts == ("largest",):
        notes.append(f"{len(LARGEST)} are named; those that do not stand here ask what is not kept.")
    return Table("fet", "FET's examples", COLUMNS, rows, notes)
