"""The benchmark's table tells the truth about runs that failed."""

from __future__ import annotations

from pathlib import Path

from tests.benchmarks.report import Row, best_known_read, table


def _report(soft: int, *, feasible: bool = True) -> dict[str, object]:
    return {"feasible": feasible, "soft": soft, "time_to_feasible_s": 0.5 if feasible else None}


def test_an_infeasible_run_is_counted_and_not_averaged() -> None:
    row = Row("comp01", 5, [_report(10), _report(6), _report(0, feasible=False)])

    assert row.cells() == ["comp01", "5", "6", "8", "10", "+20 %", "2/3", "0.5"]


def test_an_instance_without_any_solution_shows_no_figure() -> None:
    row = Row("comp05", None, [_report(0, feasible=False)])

    assert row.cells() == ["comp05", "-", "-", "-", "-", "-", "0/1", "-"]


def test_a_best_known_cost_of_zero_gives_a_difference() -> None:
    assert Row("comp11", 0, [_report(3)]).cells()[5] == "+3"


def test_the_table_has_a_line_for_each_instance() -> None:
    assert len(table([Row("a", 1, [_report(1)]), Row("b", 2, [_report(2)])]).splitlines()) == 3


def test_the_best_known_costs_are_read_where_they_are(tmp_path: Path) -> None:
    (tmp_path / "best-known.csv").write_text("instance,best_known\ncomp01,5\n")

    assert best_known_read(tmp_path) == {"comp01": 5}
    assert best_known_read(tmp_path / "elsewhere") == {}
