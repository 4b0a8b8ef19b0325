"""The search history that watchers see: consistent, honest about what is broken, small, and with a bounded history."""

from __future__ import annotations

import json
from typing import Any

import pytest

from generation.engine.constraints.register import SOFT_IDS
from generation.engine.observer import Facts
from generation.runs import search_history
from generation.runs.search_history import SearchHistory


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def history_of(**given: Any) -> SearchHistory:
    labels = ["Balanced", "Students first", *(f"Instructors first {number}" for number in range(10))]
    return SearchHistory(labels=labels, num_lectures=50, started_at=1000.0, **given)


def facts(soft: int, *, variant: str | None = "Balanced", broken: int = 0, unplaced: int = 0, **more: Any) -> Facts:
    """A timetable with two periods for each lecture without a place."""
    amounts = {"unplaced": 2 * unplaced, "room_clash": broken, "lunch": soft - 1, "min_days": 1, "room_fit": 0}
    measure = more.pop("measure", lambda: amounts)
    return Facts(1, 3, broken + 2 * unplaced, soft, unplaced, variant, broken=broken, measure=measure, **more)


@pytest.fixture
def _always_due(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_history, "MEASURE_S", (0.0, 0.0))


@pytest.mark.usefixtures("_always_due")
def test_each_variant_has_its_own_figures_and_the_best_ones_stand_in_front() -> None:
    run = history_of()
    run.record(facts(90, variant="Students first"))

    figures = run.record(facts(40, broken=3))

    assert [each["label"] for each in figures["variants"]] == ["Balanced", "Students first"]
    assert figures["variants"][0]["breakdown"] == {"room_clash": 3, "lunch": 39, "min_days": 1}
    assert (figures["variant"], figures["hard"], figures["soft"], figures["placed"]) == ("Students first", 0, 90, 50)


def test_lectures_without_a_place_are_no_broken_rules() -> None:
    run = history_of()
    run.record(facts(7, variant=None, unplaced=50))

    figures = run.record(facts(7, variant=None, broken=1, unplaced=20))

    assert (figures["hard"], figures["broken"], figures["placed"], figures["unplaced"]) == (41, 1, 30, 20)


def test_figures_are_measured_at_intervals_and_always_of_one_timetable() -> None:
    counted: list[int] = []
    run = history_of()
    for soft in (40, 30, 20):
        figures = run.record(facts(soft, measure=lambda soft=soft: counted.append(soft) or {"lunch": soft, "unplaced": 0}))  # type: ignore[misc]

    assert counted == [40]
    assert (figures["soft"], figures["variants"][0]["breakdown"]) == (40, {"lunch": 40})
    ended = run.record(Facts(1, 1, 0, 20, 0, broken=0))
    assert (counted, ended["soft"]) == ([40, 20], 20)


@pytest.mark.usefixtures("_always_due")
def test_the_last_improvement_is_a_time_that_stays_true() -> None:
    clock = Clock()
    run = history_of(clock=clock)
    run.record(facts(40))
    clock.now = 1030.0
    run.record(facts(30))
    clock.now = 1090.0

    figures = run.record(facts(30))

    assert figures["improved_at"] == figures["variants"][0]["improved_at"] == 1030.0


@pytest.mark.usefixtures("_always_due")
def test_the_history_is_bounded_and_keeps_both_ends() -> None:
    clock = Clock()
    run = history_of(clock=clock)
    for step in range(1000):
        clock.now = 1000.0 + step
        run.record(facts(2000 - step))

    line = run.history()["variants"]["Balanced"]

    assert line["criteria"] == ["lunch", "min_days", "room_fit"]
    assert len(line["points"]) <= search_history.MAX_POINTS
    assert (line["points"][0][3], line["points"][-1]) == (2000, [999.0, 0, 0, 1001, 1000, 1, 0])
    assert line["points"] == sorted(line["points"])


@pytest.mark.usefixtures("_always_due")
def test_a_later_attempt_goes_on_with_the_history() -> None:
    first = history_of()
    first.record(facts(40))
    again = history_of(history=json.loads(json.dumps(first.history())))
    assert again.history() == first.history()

    again.record(facts(30))

    assert [point[3] for point in again.history()["variants"]["Balanced"]["points"]] == [40, 30]


@pytest.mark.usefixtures("_always_due")
def test_a_bound_stands_beside_the_variant_that_it_holds_for() -> None:
    run = history_of(bound={"Balanced": 12}.get)
    run.record(facts(40))
    figures = run.record(facts(50, variant="Students first"))
    assert [each.get("bound") for each in figures["variants"]] == [12, None]


@pytest.mark.usefixtures("_always_due")
def test_the_largest_record_stays_small() -> None:
    run = history_of()
    amounts = dict.fromkeys(SOFT_IDS, 123456) | {"unplaced": 0}
    for number in range(10):
        figures = run.record(facts(1728384, variant=f"Instructors first {number}", measure=lambda: amounts))
    assert len(json.dumps(figures, separators=(",", ":"))) < 8000
