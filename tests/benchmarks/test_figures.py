"""The report's arithmetic: a failure is never averaged away."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.benchmarks.figures import Interval, best_known_read, excess, gap, median, median_cost, student_t


def test_an_infeasible_run_counts_as_worse_than_any_cost() -> None:
    assert median_cost([10, None, 6]) == 10
    assert median_cost([6, 10, 8]) == 8


def test_a_median_that_falls_on_an_infeasible_run_is_none() -> None:
    assert median_cost([6, None, None]) is None
    assert median_cost([6, None]) is None
    assert median_cost([]) is None


def test_what_was_not_measured_is_left_out_of_a_plain_median() -> None:
    assert median([None, 3.0, 1.0]) == 2.0
    assert median([None]) is None


@pytest.mark.parametrize(("cost", "best_known", "told"), [(6, 5, "+20 %"), (3, 0, "+3"), (4, 5, "-20 %"), (None, 5, None), (5, None, None)])
def test_a_gap_is_a_percentage_or_a_difference_from_zero(cost: int | None, best_known: int | None, told: str | None) -> None:
    assert gap(cost, best_known) == told


def test_excess_is_a_sum_over_all_instances_or_nothing() -> None:
    best = {"a": 5, "b": 10}

    assert excess({"a": 8, "b": 11}, best) == 4
    assert excess({"a": 8, "b": None}, best) is None
    assert excess({"a": 8, "c": 11}, best) is None
    assert excess({}, best) is None


def test_the_interval_of_known_values() -> None:
    found = Interval.of([1.0, 2.0, 3.0])

    assert found is not None
    assert (found.mean, found.num) == (2.0, 3)
    assert found.low == pytest.approx(2 - 4.303 / 3**0.5)


def test_one_value_has_no_interval() -> None:
    assert Interval.of([1.0]) is None


@pytest.mark.parametrize(("values", "verdict"), [([-3, -2, -3], "better"), ([3, 2, 3], "worse"), ([-1, 1, 0], "no difference shown")])
def test_an_interval_that_holds_zero_shows_no_difference(values: list[float], verdict: str) -> None:
    found = Interval.of(values)

    assert found is not None
    assert found.verdict == verdict


def test_student_t_never_narrows_an_interval_between_its_entries() -> None:
    assert [student_t(n) for n in (1, 9, 19, 20, 45)] == [12.706, 2.262, 2.131, 2.086, 2.042]


def test_the_best_known_costs_are_read_where_they_are(tmp_path: Path) -> None:
    (tmp_path / "best-known.csv").write_text("instance,best_known\ncomp01,5\ncomp02,\n")

    assert best_known_read(tmp_path / "best-known.csv") == {"comp01": 5}
    assert best_known_read(tmp_path / "elsewhere.csv") == {}
