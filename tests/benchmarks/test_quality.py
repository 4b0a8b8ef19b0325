"""The table of an instance set tells the truth about runs that failed."""

from __future__ import annotations

from typing import Any

from tests.benchmarks.peers import peer_read, peer_tables
from tests.benchmarks.quality import median_run, quality_row, quality_tables
from tests.benchmarks.runs import Run


def _run(soft: int | None, *, instance: str = "comp01", seed: int = 1, error: str = "") -> Run:
    """A run with this penalty; None: it stayed infeasible."""
    report: dict[str, Any] = {
        "feasible": soft is not None,
        "hard": 0 if soft is not None else 2,
        "soft": soft or 0,
        "breakdown": {"min_days": soft or 0},
        "time_to_feasible_s": None if soft is None else 0.5,
        "peak_rss_mb": 100.0,
    }
    return Run(instance, seed, report={} if error else report, error=error, wall_s=10.0, cpu_s=10.0)


def _tables(runs: list[Run], best_known: dict[str, int]) -> Any:
    return quality_tables(runs, best_known, title="t", time_s=10, workers=1)


def test_a_row_shows_best_median_worst_and_gap() -> None:
    row = quality_row("comp01", [_run(10), _run(6), _run(8)], 5)

    assert (row["feasible"], row["hard"], row["best"], row["median"], row["worst"], row["gap"]) == ("3/3", 0, 6, 8, 10, "+60 %")


def test_an_infeasible_run_is_counted_and_has_no_worst_cost() -> None:
    row = quality_row("comp01", [_run(10), _run(6), _run(None)], 5)

    assert (row["feasible"], row["hard"], row["best"], row["median"], row["worst"]) == ("2/3", 2, 6, 10, None)


def test_a_run_that_wrote_no_report_is_named_with_what_it_said() -> None:
    quality, *_ = _tables([_run(10), _run(None, seed=2, error="MemoryError")], {})

    assert quality.rows[0]["feasible"] == "1/2"
    assert quality.notes == ["FAILED comp01 seed 2: MemoryError"]


def test_a_cost_without_a_confirmed_solution_does_not_count() -> None:
    run = Run("comp01", 1, report={"feasible": True, "soft": 3, "hard": 0}, error="the validator found (1, 3)")

    assert run.cost is None


def test_sums_are_given_only_where_every_instance_has_its_part() -> None:
    best = {"comp01": 5, "comp02": 24}
    whole, *_ = _tables([_run(7), _run(30, instance="comp02")], best)
    broken, *_ = _tables([_run(7), _run(None, instance="comp02")], best)

    assert (whole.rows[-1]["median"], whole.rows[-1]["excess"]) == (37, 8)
    assert (broken.rows[-1]["median"], broken.rows[-1]["excess"]) == (None, None)


def test_a_run_without_its_core_is_named() -> None:
    quality, *_ = _tables([Run("comp01", 3, report=_run(7).report, wall_s=10.0, cpu_s=5.0)], {})

    assert quality.notes == ["NOT A QUIET MACHINE: 1 of 1 runs had less than 90% of a core (least: comp01 seed 3 50%)."]


def test_the_median_run_is_the_one_whose_breakdown_is_shown() -> None:
    median = median_run([_run(9, seed=1), _run(None, seed=2), _run(5, seed=3)])

    assert median is not None
    assert median.seed == 1
    assert median_run([_run(9), _run(None), _run(None)]) is None


def test_the_bar_compares_excess_with_the_peer_on_the_same_instances() -> None:
    (table,) = peer_tables({"comp01": 5.0, "comp02": 50.0, "other": 3.0}, {"comp01": 5, "comp02": 24}, time_s=10, workers=1)

    row = table.rows[0]
    assert (row["ours"], row["peer"], round(row["share"], 3), row["verdict"]) == (26, 150, 0.173, "met")


def test_all_21_instances_are_compared_by_their_sums() -> None:
    costs: dict[str, float | None] = {f"comp{number:02}": 60.0 for number in range(1, 22)}

    (table,) = peer_tables(costs, peer_read("best_known"), time_s=10, workers=1)
    (broken,) = peer_tables({**costs, "comp11": None}, peer_read("best_known"), time_s=10, workers=1)

    assert (table.rows[1]["ours"], table.rows[1]["peer"]) == (21 * 60 - 1316, 3345 - 1316)
    assert broken.rows[1]["verdict"] == "not measured"


def test_at_60_s_the_instances_at_least_as_good_are_counted() -> None:
    peer = peer_read("unitime_60")
    costs = {name: float(cost) + (name in ("comp02", "comp05")) for name, cost in peer.items()}

    table, *_ = peer_tables(costs, peer_read("best_known"), time_s=60, workers=1)

    assert (table.rows[1]["ours"], table.rows[1]["verdict"]) == (8, "missed")


def test_at_300_s_three_instances_count_and_the_workers_are_checked() -> None:
    costs: dict[str, float | None] = {"comp01": 5, "comp02": 30, "comp05": 290, "comp09": 100}

    (table,) = peer_tables(costs, peer_read("best_known"), time_s=300, workers=1)

    assert (table.rows[0]["ours"], table.rows[0]["peer"], table.rows[0]["verdict"]) == (16, 80, "met")
    assert "WORKERS=2" in table.notes[0]


def test_an_instance_without_a_feasible_median_misses_the_bar() -> None:
    (table,) = peer_tables({"comp01": None, "comp02": 24.0}, peer_read("best_known"), time_s=10, workers=1)

    assert table.rows[0]["verdict"] == "not measured"
    assert "comp01" in table.notes[0]


def test_another_time_limit_has_no_bar() -> None:
    assert peer_tables({"comp01": 5.0}, {"comp01": 5}, time_s=7, workers=1) == []
