"""The stages together: never worse, judged, deterministic when counted, in time, stoppable, restartable."""

from __future__ import annotations

import io
import json
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from generation.engine.context import evaluation_checked
from generation.engine.evaluation.evaluate import evaluate
from generation.engine.infeasibility.preflight import preflight
from generation.engine.model.problem import Problem
from generation.engine.model.solution import Solution
from generation.engine.observer import Facts, Silent
from generation.engine.params import STAGES as STAGE_NAMES
from generation.engine.params import Profile, SolveParams
from generation.engine.search.annealing import Chain, Clock, Cooling
from generation.engine.solve import STAGES, Context, KernelDisagreementError, SearchState, finish, search, warm
from generation.engine.stop import Deadline, Flag, Never
from generation.formats import ctt
from tests.clocks import Stopwatch
from tests.factories.problems import problem_make, problem_random, weeks_added

LONG_S = 60.0


@pytest.fixture(scope="module", autouse=True)
def compiled() -> None:
    warm()


class Watcher(Silent):
    """Keeps what a search told; may ask for its end at a stage."""

    def __init__(self, end_at: str = "", flag: Flag | None = None) -> None:
        self.seen: list[tuple[str, float, Facts]] = []
        self.checkpoints: list[bytes] = []
        self.since_the_request = Stopwatch()
        self._end_at, self._flag = end_at, flag

    def progress(self, stage: str, fraction: float, facts: Facts) -> None:
        self.seen.append((stage, fraction, facts))
        if stage == self._end_at and self._flag is not None and self._flag.reason() is None:
            self.since_the_request.start()
            self._flag.raise_("stop")

    def checkpoint(self, state: SearchState) -> None:
        self.checkpoints.append(state.to_bytes())


def university(num_courses: int = 40, seed: int = 3) -> Problem:
    """A problem with rooms of two kinds, labs of two periods, pins, curricula and students; feasible with room to spare."""
    rng = np.random.default_rng(seed)
    lectures = np.repeat(np.arange(num_courses), 3)
    is_lab = (np.arange(len(lectures)) % 3 == 2) & (lectures % 4 == 0)
    pins = np.full(len(lectures), -1)
    pins[0] = 9
    return problem_make(
        lectures.tolist(),
        rooms=8,
        instructors=num_courses // 2,
        days=5,
        periods=6,
        lecture_length=np.where(is_lab, 2, 1),
        lecture_room_kind=np.where(is_lab, 1, 0),
        lecture_pin_slot=pins,
        room_kind=[0] * 6 + [1] * 2,
        room_capacity=[40, 40, 60, 60, 80, 80, 40, 40],
        section_size=rng.integers(20, 40, num_courses),
        section_min_days=np.full(num_courses, 3),
        section_instructors=[[s // 2] for s in range(num_courses)],
        section_curricula=[[s // 6] for s in range(num_courses)],
        students=[rng.choice(num_courses, 5, replace=False).tolist() for _ in range(60)],
        break_after=[False, False, True, False, False, False],
        lunch_window=[False, False, True, True, False, False],
    )


def test_every_stage_is_judged_and_none_makes_it_worse() -> None:
    result = search(university(), SolveParams(iterations=30, seed=5))
    scores = [(stage.hard, stage.soft) for stage in result.stages]
    assert [stage.stage for stage in result.stages] == list(STAGE_NAMES)
    assert scores == sorted(scores, reverse=True)
    assert result.best.score == evaluate(university(), result.best.solution).score
    assert result.best.score.hard == 0
    assert result.time_to_feasible_s is not None
    assert (result.moves_per_second or 0) > 0


def test_multi_period_pinned_and_lab_lectures_are_where_they_must_be() -> None:
    problem = university()
    solution = search(problem, SolveParams(iterations=20)).best.solution
    labs = problem.lecture_room_kind == 1
    assert set(solution.room[labs].tolist()) <= {6, 7}
    assert set((solution.slot[labs] % 6).tolist()) <= {0, 1, 3, 4}  # two periods in one day, not across the break
    assert solution.slot[0] == 9


@pytest.mark.parametrize("how_long", [{"iterations": 20}, {"time_limit_s": 2.0}])
def test_lectures_that_are_all_fixed_end_the_search_at_once(how_long: dict[str, Any]) -> None:
    problem = problem_make([0, 1, 1])
    first = search(problem, SolveParams(iterations=5)).best.solution
    pinned = replace(problem, lecture_pin_slot=first.slot, lecture_pin_room=first.room)
    stopwatch = Stopwatch()
    result = search(pinned, SolveParams(**how_long))
    took_no_time = stopwatch.took_less_than(2.0)
    assert np.array_equal(result.best.solution.slot, first.slot)
    assert np.array_equal(result.best.solution.room, first.room)
    assert took_no_time


def test_counted_steps_give_the_same_bytes_again_and_other_seeds_others() -> None:
    first, again, other = (search(university(), SolveParams(iterations=10, seed=seed)).best.solution for seed in (1, 1, 2))
    assert first.slot.tobytes() + first.room.tobytes() == again.slot.tobytes() + again.room.tobytes()
    assert first.difference(other) > 0


def test_two_workers_give_the_same_bytes_again_when_counted() -> None:
    params = SolveParams(iterations=6, workers=2, profiles=tuple(Profile(name, university().weights) for name in "abc"))
    first, again = (search(university(), params) for _ in range(2))
    assert [v.solution.difference(w.solution) for v, w in zip(first.variants, again.variants, strict=True)] == [0, 0, 0]


def test_variants_differ_in_a_tenth_of_their_placements_and_are_scored_alike() -> None:
    problem = university()
    profiles = (
        Profile("plain", problem.weights),
        Profile("compact", replace(problem.weights, compactness=9)),
        Profile("again", problem.weights),
    )
    result = search(problem, SolveParams(iterations=10, profiles=profiles))
    assert [variant.label for variant in result.variants] == ["plain", "compact", "again"]
    for variant in result.variants:
        assert variant.score == evaluate(problem, variant.solution).score
        others = [other for other in result.variants if other is not variant]
        assert all(variant.solution.difference(other.solution) >= problem.num_lectures / 10 for other in others)


def test_time_limit_is_kept() -> None:
    stopwatch = Stopwatch()
    result = search(university(), SolveParams(time_limit_s=2.0))
    assert stopwatch.took_less_than(4.0)
    assert result.best.unplaced == 0


@pytest.mark.parametrize("stage", STAGE_NAMES)
def test_stop_takes_effect_within_two_seconds_in_every_stage(stage: str) -> None:
    flag = Flag()
    watcher = Watcher(end_at=stage, flag=flag)
    params = SolveParams(time_limit_s=LONG_S if stage != "rl_refinement" else 4.0)
    result = search(university(), params, observer=watcher, stop=flag)
    assert watcher.since_the_request.took_less_than(2.0)
    assert result.stopped_by == "stop"
    assert len(result.variants) == 1


def test_stop_from_another_thread_ends_the_annealing() -> None:
    flag, stopwatch = Flag(), Stopwatch()
    timer = threading.Timer(0.5, flag.raise_, args=("cancel",))
    timer.start()
    result = search(university(), SolveParams(time_limit_s=LONG_S), stop=flag)
    timer.join()
    assert stopwatch.took_less_than(2.5)
    assert result.stopped_by == "cancel"


def test_progress_never_falls_within_a_stage() -> None:
    watcher = Watcher()
    search(university(), SolveParams(iterations=10), observer=watcher)
    for stage in STAGE_NAMES:
        fractions = [fraction for name, fraction, _ in watcher.seen if name == stage]
        assert fractions == sorted(fractions)
        assert fractions[-1] == 1.0


def test_checkpoint_comes_back_as_it_was() -> None:
    watcher = Watcher()
    search(university(), SolveParams(iterations=3), observer=watcher)
    for data in watcher.checkpoints:
        assert SearchState.from_bytes(data).to_bytes() == data


def test_restored_search_does_not_solve_finished_clusters_again() -> None:
    problem, watcher, again = university(), Watcher(), Watcher()
    params = SolveParams(iterations=3, cluster_size=4)
    search(problem, params, observer=watcher)
    state = SearchState.from_bytes(watcher.checkpoints[2])
    finished = state.num_clusters_placed
    assert 0 < finished < len(state.clusters or [])
    result = search(problem, params, observer=again, state=state)
    placed = [facts.completed_items for name, fraction, facts in again.seen if name == "cpsat_solving" and fraction < 1.0]
    assert min(placed) == finished + 1
    assert result.best.score == evaluate(problem, result.best.solution).score


@pytest.mark.parametrize("stage", ["ga_optimization", "rl_refinement"])
def test_a_restored_search_goes_on_where_it_stood_and_does_not_heat_up_again(stage: str, monkeypatch: pytest.MonkeyPatch) -> None:
    problem, flag, seen = university(), Flag(), []
    state = SearchState()

    class Interrupts(Silent):
        def progress(self, name: str, fraction: float, facts: Facts) -> None:
            if name == stage and fraction > 0.5:
                flag.raise_("cancel")

    search(problem, SolveParams(iterations=400, workers=1), observer=Interrupts(), stop=flag, state=state)
    stopped = SearchState.from_bytes(state.to_bytes())
    position = stopped.positions[0, 0]
    anneal = Chain.anneal

    def noted(chain: Chain, cooling: Cooling, clock: Clock, **options: Any) -> None:
        seen.append((cooling.temperature(0.0), cooling.temperature(1.0), chain.current.slot.tolist()))
        anneal(chain, cooling, clock, **options)

    monkeypatch.setattr(Chain, "anneal", noted)
    best = min(variant.score for variant in stopped.variants)
    result = search(problem, SolveParams(iterations=400, workers=1), state=stopped)

    stood_at = position.hot * (position.cold / position.hot) ** position.way
    assert position.stage == stage
    assert 0.2 < position.way < 1.0
    assert seen[0][0] == pytest.approx(stood_at)
    assert seen[0][2] == position.solution.slot.tolist()
    assert max(hot for hot, _, _ in seen) == pytest.approx(stood_at)
    assert seen[-1][1] == pytest.approx(position.cold, rel=0.1)
    assert result.best.score <= best


def test_a_checkpoint_of_an_earlier_release_is_read() -> None:
    watcher = Watcher()
    search(university(), SolveParams(iterations=3), observer=watcher)
    state = SearchState.from_bytes(watcher.checkpoints[-1])
    with np.load(io.BytesIO(state.to_bytes())) as stored:
        arrays = {name: stored[name] for name in stored.files if not name.startswith("at_")}
    header = json.loads(arrays.pop("header").tobytes())
    del header["positions"]
    former = io.BytesIO()
    np.savez_compressed(former, allow_pickle=False, header=np.frombuffer(json.dumps(header).encode(), dtype=np.uint8), **arrays)

    again = SearchState.from_bytes(former.getvalue())

    assert again.positions == {}
    assert [variant.score for variant in again.variants] == [variant.score for variant in state.variants]


def test_stage_that_runs_twice_leaves_nothing_worse() -> None:
    problem = university()
    context = Context.create(problem, SolveParams(iterations=3), observer=Silent(), stop=Never())
    state = SearchState()
    for stage in STAGES.values():
        stage(context, state)
        before = state.variants[0].score if state.variants else None
        stage(context, state)
        assert before is None or state.variants[0].score <= before
    assert len(finish(context, state).stages) == len(STAGE_NAMES)


def test_too_few_rooms_show_as_unplaced_lectures_not_as_clashes() -> None:
    problem = problem_make([0, 1, 2, 3, 4, 5], rooms=1, days=1, periods=4)
    best = search(problem, SolveParams(iterations=2)).best
    assert best.unplaced == 2
    assert best.breakdown["room_clash"] == 0
    assert best.score.hard == 2


def test_lecture_without_any_possible_place_stays_unplaced() -> None:
    problem = problem_make([0, 1], lecture_room_kind=[0, 1], rooms=1)
    best = search(problem, SolveParams(iterations=2)).best
    assert best.solution.slot[1] == -1
    assert best.unplaced == 1


@pytest.mark.parametrize("seed", range(6))
def test_any_small_problem_ends_with_the_judges_score(seed: int) -> None:
    problem = weeks_added(problem_random(rng := np.random.default_rng(seed)), rng)
    best = search(problem, SolveParams(iterations=2, seed=seed)).best
    assert best.score == evaluate(problem, best.solution).score


def test_lectures_of_odd_and_of_even_weeks_share_the_only_hour_and_room() -> None:
    # One teacher, one room, one curriculum, and fewer hours than lectures: only weeks make it fit.
    lectures = {"lecture_weeks": [0b010101, 0b101010, 0b000111, 0b111000, 0b111111], "num_weeks": 6}
    together = {"section_instructors": [[0]] * 5, "section_curricula": [[0]] * 5, "students": [[0, 1, 2, 3, 4]] * 20}
    problem = problem_make(range(5), rooms=1, days=1, periods=3, **lectures, **together)

    best = search(problem, SolveParams(iterations=5)).best

    assert best.score.hard == 0
    slots = best.solution.slot.tolist()
    assert slots[0] == slots[1]
    assert slots[2] == slots[3]
    assert preflight(problem) == []
    every_week = replace(problem, num_weeks=0, lecture_weeks=problem.lecture_weeks[:0])
    assert {obstacle.id for obstacle in preflight(every_week)} >= {"instructor_overload", "curriculum_overload"}


def test_empty_problem_has_an_empty_timetable() -> None:
    assert search(problem_make([]), SolveParams(iterations=1)).best.score.hard == 0


def test_disagreement_with_the_judge_is_an_error_of_ours() -> None:
    problem = problem_make([0])
    solution = Solution.empty(problem)
    score = evaluate(problem, solution).score
    with pytest.raises(KernelDisagreementError):
        evaluation_checked(problem, solution, replace(score, soft=score.soft + 1), problem.weights)


def test_caller_may_bring_a_deadline_of_its_own() -> None:
    result = search(university(), SolveParams(time_limit_s=LONG_S), stop=Deadline(0.5))
    assert result.stopped_by == "time"


def test_published_instance_is_feasible_and_not_below_its_bound(shared_folder: Path) -> None:
    problem = ctt.to_problem(ctt.read(shared_folder / "data" / "itc2007" / "comp01.ctt"))
    result = search(problem, SolveParams(iterations=150))
    assert result.best.score.hard == 0
    assert result.lower_bound is not None
    assert result.lower_bound <= result.best.score.soft <= 30
