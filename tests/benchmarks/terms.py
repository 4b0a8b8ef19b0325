"""Terms of ITC-2019 (SUITE=itc2019): feasible when, cost beside the best known and beside UniTime's solver in the same minute.

`peer_itc2019.csv` has both. UniTime's figures are of its course timetabling solver of 2026 with the reader of ITC-2019 (cpsolver-itc2019),
limited to 60 s on one quiet core; its student sectioning went on for 7 to 89 s after that. The best known are those of itc2019.org.

Every solution goes through the competition's checker: `VALIDATOR=FILE`, otherwise `tools/itc2019_validate.py` beside the data.
PART=large makes a term of 9,000 classes and 38,000 students (SCALE=small: a thirtieth), and measures reading it and solving it.
"""

from __future__ import annotations

import csv
import math
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.figures import best_known_read, median, median_cost
from tests.benchmarks.options import OptionError, Options, Settled
from tests.benchmarks.quality import BREAKDOWN, Outcome, breakdown_row, by_instance, instances_run, median_run
from tests.benchmarks.runs import Order, Run, child_run, failed_note, orders_run, starved_note
from tests.benchmarks.tables import Column, Figures, Table
from tests.benchmarks.term_maker import TermScale, term_make

PEER = Path(__file__).resolve().parent / "peer_itc2019.csv"
CHECKER = Path("tools") / "itc2019_validate.py"
PARTS = ("time", "room", "distribution", "student")
COLUMNS = (
    Column("instance", "instance", is_text=True),
    Column("feasible", "feasible"),
    Column("hard", "hard"),
    Column("first_s", "feasible at s", ".1f", is_compared=True),
    Column("worst_s", "worst s", ".1f"),
    Column("best", "best", "g"),
    Column("median", "median", "g", is_compared=True),
    Column("worst", "worst", "g"),
    Column("best_known", "best known", "g"),
    Column("ratio", "ratio", ".2f"),
    Column("unitime_60", "UniTime 60 s", "g"),
    Column("peer_ratio", "ratio", ".2f"),
    *(Column(part, part, "g") for part in PARTS),
    Column("moves", "moves/s", ",.0f", is_compared=True),
    Column("peak_mb", "peak MB", ".0f", is_compared=True),
)
BARS = (
    Column("figure", "bar", is_text=True),
    Column("found", "found", ".2f", is_compared=True),
    Column("bar", "at most", ".2f"),
    Column("verdict", "verdict", is_text=True),
)


READ = "import sys; from generation.formats import itc2019; itc2019.read(sys.argv[1])"
READ_S_A_MB, READ_MB, LARGE_FEASIBLE_S, LARGE_MB = 5.0, 256.0, 600.0, 1536.0


@dataclass(frozen=True)
class Bar:
    """Geometric means at most these, with so many workers."""

    best_known: float
    workers: int
    peer: float | None = None
    first_s: float | None = None


BARS_AT = {60.0: Bar(1.20, 1, peer=0.65, first_s=20.0), 300.0: Bar(1.12, 2)}


def run(options: Options) -> Outcome:
    if options.parts not in ((), ("large",)):
        raise OptionError(f"PART: {','.join(options.parts)} is not large.")
    if options.parts:
        return large(options)
    settled = options.or_else(time_s=60, seeds=3)
    runs = instances_run(options, settled, suffixes=(".xml",), validator=checker_of(options))
    best_known = best_known_read(options.best or options.data / "best-known.csv") | peer_read("best_known")
    notes = [] if checker_of(options) else ["NOT CONFIRMED: there is no checker. Name one: VALIDATOR=FILE."]
    return Outcome(term_tables(runs, best_known, settled=settled, notes=notes), runs)


def checker_of(options: Options) -> Path | None:
    """The checker that was named, or the one beside the data."""
    if options.validator is not None:
        return options.validator
    beside = Path(os.environ.get("TIMELOOM_SHARED") or options.data.parent.parent) / CHECKER
    return beside if beside.is_file() else None


def peer_read(column: str) -> dict[str, int]:
    with PEER.open(newline="") as file:
        return {row["instance"]: int(row[column]) for row in csv.DictReader(file)}


def large(options: Options) -> Outcome:
    """One made-up term: what reading takes, in a process of its own, and what comes of one run."""
    settled = options.or_else(time_s=600, workers=2)
    scale = TermScale() if options.scale == "large" else TermScale(courses=90, students=1_270, rooms=30)
    with tempfile.TemporaryDirectory(prefix="timeloom-term-") as name:
        file = Path(name) / "made.xml"
        maker = term_make(file, scale=scale, seed=options.seed)
        _, _, usage, said = child_run([sys.executable, "-c", READ, str(file)], Path(name))
        order = Order(file, options.seed, settled.time_s, workers=settled.workers, validator=checker_of(options))
        [run] = orders_run([order])
        size_mb = file.stat().st_size / 2**20
    read_s = usage.ru_utime + usage.ru_stime
    report = run.report or {"hard": None, "soft": None, "time_to_feasible_s": None, "student_clashes": None}
    rows = [
        _line("classes", len(maker.classes), None),
        _line("students", scale.students, None),
        _line("size of the file, MB", size_mb, None),
        _line("reading, CPU seconds for each MB", read_s / size_mb, READ_S_A_MB),
        _line("memory while reading, MB", usage.ru_maxrss / 1024, READ_MB),
        _line("hard violations", report["hard"], 0),
        _line("first feasible, s", report["time_to_feasible_s"], LARGE_FEASIBLE_S),
        _line("cost", report["soft"], None),
        _line("student clashes", report["student_clashes"], None),
        _line("memory of the run, MB", run.peak_mb, LARGE_MB),
    ]
    title = f"A made-up term, {settled.time_s:g} s, {settled.workers} worker(s), seed {options.seed}"
    notes = [*([f"FAILED reading: {said[-300:]}"] if said else []), *failed_note([run]), *starved_note([run])]
    return Outcome([Table("large", title, BARS, rows, notes, keys=("figure",))], [run])


def term_tables(runs: Sequence[Run], best_known: Mapping[str, int], *, settled: Settled, notes: Sequence[str] = ()) -> list[Table]:
    groups = by_instance(runs)
    rows = [term_row(name, group, best_known.get(name)) for name, group in groups.items()]
    title = f"itc2019: {settled.time_s:g} s a run, {settled.workers} worker(s), seeds 1 to {settled.num_seeds}"
    tables = [
        Table("itc2019", title, COLUMNS, rows, [*failed_note(runs), *starved_note(runs), *notes]),
        Table("breakdown", "What the median run costs", BREAKDOWN, [breakdown_row(name, group) for name, group in groups.items()]),
    ]
    return [*tables, bars_table(rows, settled)]


def term_row(name: str, runs: Sequence[Run], best_known: int | None) -> Figures:
    """One instance. Runs without a feasible timetable count in the median as worse than any cost."""
    costs = [run.cost for run in runs]
    known = [cost for cost in costs if cost is not None]
    firsts = [None if run.error else run.report.get("time_to_feasible_s") for run in runs]
    middle, peer = median_cost(costs), peer_read("unitime_60").get(name)
    shown = median_run(runs)
    return {
        "instance": name,
        "feasible": f"{len(known)}/{len(runs)}",
        "hard": max((run.report["hard"] for run in runs if run.report), default=None),
        "first_s": median_cost(firsts),
        "worst_s": None if None in firsts else max(first for first in firsts if first is not None),
        "best": min(known, default=None),
        "median": middle,
        "worst": max(known) if len(known) == len(runs) else None,
        "best_known": best_known,
        "ratio": ratio_of(middle, best_known),
        "unitime_60": peer,
        "peer_ratio": ratio_of(middle, peer),
        **({part: shown.report["itc2019"][part] for part in PARTS} if shown else {}),
        "moves": median([run.report.get("moves_per_second") for run in runs]),
        "peak_mb": median([run.peak_mb for run in runs]),
        "costs": costs,
        "seeds": [run.seed for run in runs],
    }


def ratio_of(cost: float | None, other: int | None) -> float | None:
    """None where either is missing, or the other is 0 and this is not."""
    if cost is None or other is None:
        return None
    return cost / other if other else 1.0 if cost == 0 else None


def geometric_mean(ratios: Sequence[float | None]) -> float | None:
    """None unless every ratio is known: a mean without the missing ones would flatter."""
    known = [ratio for ratio in ratios if ratio is not None]
    if not known or len(known) < len(ratios):
        return None
    return 0.0 if min(known) == 0 else math.exp(sum(map(math.log, known)) / len(known))


def bars_table(rows: Sequence[Figures], settled: Settled) -> Table:
    """The bars of this time limit; without one, the figures alone."""
    bar = BARS_AT.get(settled.time_s)
    with_best = [row["ratio"] for row in rows if row["best_known"] is not None]
    with_peer = [row["peer_ratio"] for row in rows if row["unitime_60"] is not None]
    lines = [
        _line("not feasible, runs", sum(cost is None for row in rows for cost in row["costs"]), 0 if bar else None),
        _line(f"geometric mean to the best known ({len(with_best)})", geometric_mean(with_best), bar.best_known if bar else None),
    ]
    if with_peer and settled.time_s == 60:
        lines += [
            _line(f"geometric mean to UniTime's 60 s ({len(with_peer)})", geometric_mean(with_peer), bar.peer if bar else None),
            _line("instances not better than UniTime", sum(ratio is None or ratio >= 1 for ratio in with_peer), 0),
        ]
    if bar and bar.first_s is not None:
        firsts = [row["worst_s"] for row in rows]
        lines.append(_line("first feasible, the worst run, s", None if None in firsts else max(firsts), bar.first_s))
    notes = []
    if bar and settled.workers != bar.workers:
        notes.append(f"The bars are for WORKERS={bar.workers}; this was measured with {settled.workers}.")
    if missing := [str(row["instance"]) for row in rows if row["median"] is None]:
        notes.append(f"No feasible median on {', '.join(missing)}: there is no mean.")
    return Table("bars", f"Bars at {settled.time_s:g} s", BARS, lines, notes, keys=("figure",))


def _line(figure: str, found: float | None, bar: float | None) -> Figures:
    verdict = "-" if bar is None else "missed" if found is None or found > bar else "met"
    return {"figure": figure, "found": found, "bar": bar, "verdict": verdict}
