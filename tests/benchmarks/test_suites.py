"""What the other suites conclude from what they measured."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from generation.engine.model.problem import Csr
from generation.engine.term_model.evaluate import evaluate
from generation.engine.term_model.problem import RuleKind, TermProblem
from generation.engine.term_model.solution import TermSolution
from generation.formats import itc2019
from tests.benchmarks import ablation, drills, fet, jit, job, plot, repeat, scale, terms
from tests.benchmarks.neighbourhoods import alone, notes
from tests.benchmarks.options import Options, Settled
from tests.benchmarks.quality import feasible_row
from tests.benchmarks.runs import Run
from tests.benchmarks.term_maker import TermScale, term_make


def _run(soft: int | None, *, seed: int = 1, first_s: float | None = 0.5, solution: str = "a", hard: int = 0) -> Run:
    report: dict[str, Any] = {"feasible": soft is not None, "hard": hard, "soft": soft or 0, "stages": [{"seconds": 2.0}]}
    return Run("comp05", seed, report=report | {"time_to_feasible_s": first_s}, solution_hash=solution)


def test_the_worst_run_decides_on_time_to_feasible() -> None:
    row = feasible_row("comp05", [_run(1, first_s=0.5), _run(1, first_s=4.0), _run(1, first_s=1.0)])

    assert (row["first_s"], row["worst_s"], row["bar_s"], row["verdict"]) == (1.0, 4.0, 5.0, "met")


def test_a_run_that_found_nothing_feasible_misses_the_bar() -> None:
    row = feasible_row("comp01", [_run(1), _run(None, first_s=None)])

    assert (row["feasible"], row["worst_s"], row["verdict"]) == ("1/2", None, "missed")


def test_the_choices_are_compared_pair_by_pair_and_incomplete_pairs_are_named() -> None:
    pairs = [(_run(90), _run(100)), (_run(95, seed=2), _run(103, seed=2)), (_run(None, seed=3), _run(99, seed=3))]

    table = ablation.choice_table("t", pairs, [])

    assert (table.rows[0]["pairs"], table.rows[0]["mean"], table.rows[0]["learned"]) == ("2/3", -9.0, 92.5)
    assert table.rows[1]["instance"] == "all, in percent"
    assert "1 of 3 pairs" in table.notes[-1]


def test_a_stage_is_credited_with_broken_rules_before_penalties() -> None:
    first = ablation.stage_row("comp05", "construction", [_run(None, hard=4)], None)
    second = ablation.stage_row("comp05", "+ GA", [_run(300)], first)
    third = ablation.stage_row("comp05", "+ RL", [_run(285)], second)

    assert (first["change"], second["change"], third["change"]) == (None, "hard -4", "-15 (-5.0 %)")


def test_the_ablation_adds_one_stage_a_step() -> None:
    steps = [set(filter(None, stages.split(","))) for _, stages in ablation.STEPS]

    assert [len(stages) for stages in steps] == [0, 1, 2, 3]
    assert all(fewer < more for fewer, more in itertools.pairwise(steps))


def test_each_neighbourhood_runs_alone_and_a_new_one_has_a_number() -> None:
    found = alone(5)

    assert [sum(mix) for _, mix in found] == [1.0] * 5
    assert (found[3][0], found[4][0]) == ("KempeChain", "neighbourhood 4")


def test_the_mixture_decides_on_scaling() -> None:
    rows = [
        {"instance": "a", "move": "RoomChange", "cold_scaling": 1.1, "hot_scaling": 1.1},
        {"instance": "a", "move": "all, as mixed", "cold_scaling": 1.9, "hot_scaling": 1.8},
    ]

    assert notes(rows)[-1].endswith("met.")
    assert notes([*rows, {**rows[1], "hot_scaling": 1.6}])[-1].endswith("missed: a 1.60.")


def test_compiling_is_what_the_first_search_takes_longer() -> None:
    found = {"import_s": 1.0, "warm_s": 0.8, "warm_cpu_s": 0.8}
    searches = [{"cpsat_solving": 0.5, "ga_optimization": 0.9}, {"cpsat_solving": 0.3, "ga_optimization": 0.6}]
    warm = jit.row_of("comp02", "filled", {**found, "searches": searches})
    cold = jit.row_of("comp02", "empty", {**found, "warm_s": 31.5, "searches": searches})

    assert warm["jit_s"] == 0.2
    assert [note.rsplit(" ", 1)[-1] for note in jit.notes([cold, warm])] == ["met.", "missed."]


def test_the_same_bytes_are_the_same_and_no_bytes_are_not() -> None:
    assert repeat.row_of([_run(3), _run(3)])["verdict"] == "same"
    assert repeat.row_of([_run(3), _run(3, solution="b")])["verdict"] == "DIFFERENT"
    assert repeat.row_of([_run(3, solution=""), _run(3, solution="")])["verdict"] == "DIFFERENT"


def test_a_drill_that_failed_is_named() -> None:
    case = '<testcase name="{}" time="2.5">{}</testcase>'
    report = f"<testsuites><testsuite>{case.format('a', '')}{case.format('b', '<failure>no</failure>')}</testsuite></testsuites>"

    assert [(row["drill"], row["took_s"], row["verdict"]) for row in drills.rows_of(report)] == [("a", 2.5, "held"), ("b", 2.5, "FAILED")]


def test_growth_is_the_exponent() -> None:
    assert scale.growth([(1, 3), (2, 6), (4, 12)]) == pytest.approx(1.0)
    assert scale.growth([(10, 1), (100, 100)]) == pytest.approx(2.0)
    assert scale.growth([(10, 1)]) is None


def test_costs_for_each_lecture_leave_out_what_was_there_before() -> None:
    row = {"factor": "1", "lectures": 1000, "empty_mb": 100, "job_mb": 200, "job_s": 2.0, "first_s": None}

    found = scale.per_lecture(row)

    assert (found["job_ms"], found["job_kb"]) == (2.0, 102.4)
    assert "first_ms" not in found


def test_the_drawing_holds_each_curve_and_its_label() -> None:
    curves = [plot.Curve("load & build", [(1000, 0.3), (2000, 0.4)]), plot.Curve("never reached", [])]

    text = plot.svg("Growth", [plot.Panel("Time", "lectures", "ms", curves)])

    assert text.count("<polyline") == 1
    assert "load &amp; build" in text


def test_ticks_are_round_numbers_within_the_range() -> None:
    assert plot.ticks(0.3, 6) == [0.5, 1.0, 2.0, 5.0]
    assert plot.ticks(1, 100_000) == [1, 10, 100, 1000, 10_000, 100_000]


def test_a_job_meets_its_bar_only_with_every_lecture_placed_in_every_variant() -> None:
    variants = [{"hard": 0, "unplaced": 0}, {"hard": 2, "unplaced": 1}]
    report = {"variants": variants, "stages": [], "time_to_feasible_s": 9.0}

    rows = job.job_rows({"report": report, "wall_s": 119.0, "waited_s": 0.1, "peak_mb": 1600.0})

    assert [row["verdict"] for row in rows[:4]] == ["met", "missed", "missed", "missed"]


def test_a_variant_names_the_hard_rules_that_it_breaks() -> None:
    figures = {"label": "Balanced", "hard": 2, "soft": 5, "unplaced": 0, "student_clashes": 1}

    row = job.variant_row({**figures, "breakdown": {"room_clash": 2, "section_clash": 0, "min_days": 5}})

    assert row["broken"] == "room_clash 2"


def test_memory_counts_this_process_and_what_it_started() -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        assert child.pid in job.family(os.getpid())
        assert job.pss_mb(os.getpid()) > 1
    finally:
        child.communicate(b"\n")

    assert job.pss_mb(child.pid) == 0.0


def _term(instance: str, soft: int | None, *, seed: int = 1, first_s: float | None = 1.0) -> Run:
    parts = {"time": 1, "room": 2, "distribution": 3, "student": 4}
    report = {"feasible": soft is not None, "hard": 0 if soft else 3, "soft": soft or 0, "itc2019": parts, "breakdown": {}}
    return Run(instance, seed, report=report | {"time_to_feasible_s": first_s})


def test_terms_are_compared_by_geometric_means_with_the_best_known_and_the_peer() -> None:
    runs = [_term("lums-spr18", 190), _term("tg-fal17", 4215), _term("other", 5, first_s=30.0)]
    quality, _, bars = terms.term_tables(runs, terms.peer_read("best_known"), settled=Settled(60.0, 1, 1))

    assert [(row["ratio"], row["student"]) for row in quality.rows] == [(2.0, 4), (1.0, 4), (None, 4)]
    assert [(row["found"], row["verdict"]) for row in bars.rows] == [
        (0, "met"),
        (pytest.approx(2**0.5), "missed"),
        (pytest.approx((190 / 173 * 4215 / 8625) ** 0.5), "missed"),
        (1, "missed"),
        (30.0, "missed"),
    ]


def test_an_infeasible_run_of_a_term_leaves_no_mean_and_misses_the_bars() -> None:
    runs = [_term("lums-spr18", None, first_s=None), _term("tg-fal17", 4215)]
    _, _, bars = terms.term_tables(runs, terms.peer_read("best_known"), settled=Settled(60.0, 1, 2))

    assert [row["verdict"] for row in bars.rows] == ["missed"] * 5
    assert bars.notes == [
        "The bars are for WORKERS=1; this was measured with 2.",
        "No feasible median on lums-spr18: there is no mean.",
    ]


def test_the_made_up_term_has_a_timetable_that_keeps_every_hard_rule(tmp_path: Path) -> None:
    maker = term_make(tmp_path / "made.xml", scale=TermScale(courses=30, students=300, rooms=20), seed=3)
    problem = itc2019.read(tmp_path / "made.xml")
    columns = (problem.time_days, problem.time_start, problem.time_length, problem.time_weeks)
    times = list(zip(*(column.tolist() for column in columns), strict=True))
    chosen = [(int(each.time.days[::-1], 2), each.time.start, each.time.length, int(each.time.weeks[::-1], 2)) for each in maker.classes]
    solution = TermSolution(
        np.array([times.index(time) for time in chosen], dtype=np.int32),
        np.array([each.room for each in maker.classes], dtype=np.int32),
        seats(problem),
    )

    assert evaluate(problem, solution).broken == {}
    assert set(problem.rules[:, 0].tolist()) > {RuleKind.SAME_ATTENDEES, RuleKind.MAX_BLOCK, RuleKind.PRECEDENCE}
    assert term_make(tmp_path / "again.xml", scale=maker.scale, seed=3)
    assert (tmp_path / "again.xml").read_bytes() == (tmp_path / "made.xml").read_bytes()


def seats(problem: TermProblem) -> Csr:
    """Each student in the next classes with a seat."""
    left = problem.class_limit.tolist()
    rows = []
    for courses in problem.student_courses:
        own: list[int] = []
        for course in courses.tolist():
            for config in np.flatnonzero(problem.config_course == course).tolist():
                chosen = combination(problem, config, left)
                if chosen:
                    break
            for number in chosen:
                left[number] -= 1
            own += chosen
        rows.append(sorted(own))
    return Csr.of(rows)


def combination(problem: TermProblem, config: int, left: list[int]) -> list[int]:
    parts = [np.flatnonzero(problem.class_subpart == part).tolist() for part in np.flatnonzero(problem.subpart_config == config)]
    parents = problem.class_parent.tolist()
    fitting = (
        list(chosen)
        for chosen in itertools.product(*parts)
        if all(left[number] > 0 and parents[number] in (-1, *chosen) for number in chosen)
    )
    return next(fitting, [])


def test_a_run_over_fets_files_goes_on_where_it_was_interrupted(tmp_path: Path) -> None:
    measured: list[str] = []
    interruptions = iter([KeyboardInterrupt])

    def measure(file: Path, facts: dict[str, Any], seconds: float, seed: int) -> dict[str, Any]:
        if facts["instance"] == "b":
            for interruption in interruptions:
                raise interruption
        measured.append(facts["instance"])
        return facts | {"seconds": seconds + seed}

    kept: list[tuple[Path, dict[str, Any]]] = [(Path(name), {"instance": name}) for name in ("a", "b", "c")]
    options = Options(out=tmp_path, time_s=2, seed=3, parts=("agree",))
    with pytest.raises(KeyboardInterrupt):
        fet.measured(kept[:2], options, measure)

    assert fet.measured(kept, options, measure) == [{"instance": name, "seconds": 5.0} for name in ("a", "b", "c")]
    assert measured == ["a", "b", "c"]
    fet.measured(kept[:1], Options(out=tmp_path, time_s=3, seed=3, parts=("agree",)), measure)
    assert measured == ["a", "b", "c", "a"]  # another limit is another run
