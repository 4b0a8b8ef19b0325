"""Bar 4: what each stage adds at equal total time, and learned against uniform choice (SUITE=ablation).

Four instances (ONLY=...; usually comp02, comp03, comp05 and comp09) at TIME seconds a run with SEEDS seeds, stages added one
by one; the large demo once, with two workers and LARGE_TIME seconds; then all stages with the refinement's choice learned
and uniform, CHOICE_SEEDS seeds, the difference paired by instance and seed. PART=stages, large or choice runs one of the three.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks.figures import Interval, best_known_read, median, median_cost
from tests.benchmarks.options import OptionError, Options
from tests.benchmarks.quality import Outcome
from tests.benchmarks.runs import Order, Run, failed_note, orders_run, starved_note
from tests.benchmarks.tables import Column, Figures, Table

STEPS = (  # what is told, and the stages that run
    ("construction", ""),
    ("+ CP-SAT", "cpsat_solving"),
    ("+ GA", "cpsat_solving,ga_optimization"),
    ("+ RL", "cpsat_solving,ga_optimization,rl_refinement"),
)
CHOICES = ("learned", "uniform")
USUAL = ("comp02", "comp03", "comp05", "comp09")
NUM_USUAL = 4
PARTS = ("stages", "large", "choice")
TIME_S, SEEDS, CHOICE_SEEDS, LARGE_TIME_S = 20.0, 3, 10, 120.0
STAGES = (
    Column("instance", "instance", is_text=True),
    Column("step", "stages", is_text=True),
    Column("feasible", "feasible"),
    Column("hard", "hard", "g"),
    Column("soft", "soft", "g"),
    Column("median", "median", "g", is_compared=True),
    Column("best_known", "best known", "g"),
    Column("change", "change", is_text=True),
    Column("search_s", "search s", ".1f"),
)
CHOICE = (
    Column("instance", "instance", is_text=True),
    Column("pairs", "pairs"),
    Column("learned", "learned, mean", ".1f"),
    Column("uniform", "uniform, mean", ".1f"),
    Column("mean", "difference", "+.2f"),
    Column("low", "95 % from", "+.2f"),
    Column("high", "to", "+.2f"),
    Column("verdict", "learned is", is_text=True),
)


def run(options: Options) -> Outcome:
    parts = options.parts or PARTS
    if unknown := [part for part in parts if part not in PARTS]:
        raise OptionError(f"PART: {unknown[0]} is none of {', '.join(PARTS)}.")
    makers = {"stages": _stages, "large": _large, "choice": _choice}
    outcomes = [makers[part](options) for part in parts]
    return Outcome([table for outcome in outcomes for table in outcome.tables], [run for outcome in outcomes for run in outcome.runs])


def instances(options: Options) -> list[Path]:
    """Those that ONLY names; usually four published ones, or the folder's first four."""
    found = options.instances()
    usual = [path for path in found if path.stem in USUAL]
    return found if options.only else (usual or found[:NUM_USUAL])


def _stages(options: Options) -> Outcome:
    settled = options.or_else(time_s=TIME_S, seeds=SEEDS)
    orders = [
        Order(path, seed, settled.time_s, workers=settled.workers, extra=("--stages", stages))
        for seed in settled.seeds
        for path in instances(options)
        for _, stages in STEPS
    ]
    runs = orders_run(orders, jobs=options.jobs)
    title = f"Bar 4: stages added one by one, {settled.time_s:g} s a run in all, seeds 1 to {settled.num_seeds}, medians"
    best_known = best_known_read(options.best or options.data / "best-known.csv")
    return Outcome([_stage_table("stages", title, orders, runs, best_known)], runs)


def _large(options: Options) -> Outcome:
    """The large demo as a file, so that it runs as the others do."""
    from tests.benchmarks.subjects import django_set_up

    django_set_up()
    from academics.demo import SCALES
    from tests.benchmarks.universities import university_text

    time_s = options.large_time_s or LARGE_TIME_S
    with tempfile.TemporaryDirectory(prefix="timeloom-ablation-") as folder:
        path = Path(folder) / "large.json"
        path.write_text(university_text(SCALES["large"], name="large"))
        orders = [Order(path, 1, time_s, workers=options.workers or 2, extra=("--stages", stages)) for _, stages in STEPS]
        runs = orders_run(orders)
    return Outcome([_stage_table("stages-large", f"Bar 4: the large demo, {time_s:g} s a run, seed 1", orders, runs, {})], runs)


def _stage_table(name: str, title: str, orders: Sequence[Order], runs: Sequence[Run], best_known: dict[str, int]) -> Table:
    rows: list[Figures] = []
    for instance in dict.fromkeys(order.instance for order in orders):
        earlier: Figures | None = None
        for step, stages in STEPS:
            of = [run for order, run in zip(orders, runs, strict=True) if (order.instance, order.extra[1]) == (instance, stages)]
            earlier = stage_row(instance, step, of, earlier) | {"best_known": best_known.get(instance)}
            rows.append(earlier)
    notes = [
        "Hard and soft are medians of all runs that wrote a timetable.",
        "In the median cost a run with broken rules counts as worse than any.",
    ]
    return Table(name, title, STAGES, rows, [*notes, *failed_note(runs), *starved_note(runs)], keys=("instance", "step"))


def stage_row(instance: str, step: str, runs: Sequence[Run], earlier: Figures | None) -> Figures:
    row: Figures = {
        "instance": instance,
        "step": step,
        "feasible": f"{sum(run.cost is not None for run in runs)}/{len(runs)}",
        "hard": median([run.report.get("hard") for run in runs]),
        "soft": median([run.report.get("soft") for run in runs]),
        "median": median_cost([run.cost for run in runs]),
        "search_s": median([sum(stage["seconds"] for stage in run.report["stages"]) for run in runs if run.report]),
    }
    return row | {"change": change(row, earlier)}


def change(row: Figures, earlier: Figures | None) -> str | None:
    """What the stage added: fewer broken rules first, then a lower penalty."""
    if earlier is None or row["hard"] is None or earlier["hard"] is None:
        return None
    if row["hard"] != earlier["hard"]:
        return f"hard {row['hard'] - earlier['hard']:+g}"
    difference = row["soft"] - earlier["soft"]
    percent = f" ({100 * difference / earlier['soft']:+.1f} %)" if earlier["soft"] else ""
    return f"{difference:+g}{percent}"


def _choice(options: Options) -> Outcome:
    settled = options.or_else(time_s=TIME_S)
    num_seeds = options.choice_seeds or CHOICE_SEEDS
    orders = [
        Order(path, seed, settled.time_s, workers=settled.workers, extra=("--choice", choice))
        for seed in range(1, num_seeds + 1)
        for path in instances(options)
        for choice in CHOICES
    ]
    runs = orders_run(orders, jobs=options.jobs)
    pairs = [(runs[index], runs[index + 1]) for index in range(0, len(runs), 2)]
    title = f"Bar 4: learned against uniform choice, {settled.time_s:g} s a run, seeds 1 to {num_seeds}, paired by seed"
    return Outcome([choice_table(title, pairs, [*failed_note(runs), *starved_note(runs)])], runs)


def choice_table(title: str, pairs: Sequence[tuple[Run, Run]], notes: Sequence[str]) -> Table:
    """A row for each instance in units of penalty, and one for all together in percent of the uniform choice's cost."""
    names = dict.fromkeys(first.instance for first, _ in pairs)
    rows = [choice_row(name, [pair for pair in pairs if pair[0].instance == name]) for name in names]
    whole = [(first.cost, second.cost) for first, second in pairs if first.cost is not None and second.cost]
    rows.append(_interval_row("all, in percent", [100 * (mine - other) / other for mine, other in whole], len(pairs)))
    told = ["Less is better: a negative difference is in favour of the learned choice. Intervals are Student's t over the pairs.", *notes]
    if missing := len(pairs) - sum(first.cost is not None and second.cost is not None for first, second in pairs):
        told.append(f"{missing} of {len(pairs)} pairs have a run without a feasible timetable, and no difference.")
    return Table("choice", title, CHOICE, rows, told)


def choice_row(instance: str, pairs: Sequence[tuple[Run, Run]]) -> Figures:
    whole = [(first.cost, second.cost) for first, second in pairs if first.cost is not None and second.cost is not None]
    row = _interval_row(instance, [mine - other for mine, other in whole], len(pairs))
    if whole:
        row |= {name: sum(pair[index] for pair in whole) / len(whole) for index, name in enumerate(CHOICES)}
    return row


def _interval_row(name: str, differences: Sequence[float], num_pairs: int) -> Figures:
    row: Figures = {"instance": name, "pairs": f"{len(differences)}/{num_pairs}"}
    found = Interval.of(differences)
    if found is None:
        return row | {"verdict": "not measured"}
    return row | {"mean": found.mean, "low": found.low, "high": found.high, "verdict": found.verdict}
