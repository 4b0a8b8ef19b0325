"""The tracker: what it writes, in which order, and that Redis never stops it."""

from __future__ import annotations

import json
import signal
import threading
import time
from typing import Any
from uuid import uuid4

import numpy as np
import pytest
from django.db import DatabaseError
from hypothesis import example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from progress.record import STAGE_SHARES
from progress.store import ProgressStore, key_of
from progress.tracker import ProgressTracker
from tests.clocks import Stopwatch
from tests.processes import Valkey
from tests.progress.site import store_at

DEAD = "unix:///nonexistent/valkey.sock"


class Clock:
    def __init__(self) -> None:
        self.now = 1_740_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(autouse=True)
def _every_record_is_written(settings: Any) -> None:
    settings.PROGRESS_WRITE_S = 0
    settings.PROGRESS_ROW_S = 0


def tracker_at(store: ProgressStore, clock: Clock | None = None, **options: Any) -> ProgressTracker:
    clock = clock or Clock()
    return ProgressTracker(uuid4(), started_at=int(clock.now), store=store, clock=clock, steady=clock, **options)


def in_redis(valkey: Valkey, tracker: ProgressTracker) -> dict[str, Any]:
    with valkey.client() as client:
        raw = client.get(key_of(tracker.record["job_id"]))
    assert raw is not None
    return json.loads(raw)


def test_record_has_the_contracts_shape(valkey: Valkey, store: ProgressStore, clock: Clock) -> None:
    tracker = tracker_at(store, clock)
    clock.now += 180
    tracker.update("cpsat_solving", 34.567, completed_items=74, total_items=216, hard=3, soft=None)

    record = in_redis(valkey, tracker)

    assert record["stage"] == "cpsat_solving"
    assert record["stage_progress"] == 34.57
    assert record["overall_progress"] == 35.74
    assert record["status"] == "running"
    assert record["started_at"] == 1_740_000_000
    assert record["last_updated"] == 1_740_000_180
    assert record["metadata"] == {"completed_items": 74, "total_items": 216, "hard": 3}
    assert isinstance(record["eta_seconds"], int)


def test_record_begins_as_initializing_and_expires(valkey: Valkey, store: ProgressStore) -> None:
    tracker = tracker_at(store)
    tracker.start()

    assert in_redis(valkey, tracker)["status"] == "initializing"
    with valkey.client() as client:
        assert 7190 < client.ttl(key_of(tracker.record["job_id"])) <= 7200


def test_every_record_has_a_higher_number(valkey: Valkey, store: ProgressStore) -> None:
    tracker = tracker_at(store)
    numbers = []
    for done in (0, 10, 20):
        tracker.update("loading", done, completed_items=done, total_items=100)
        numbers.append(in_redis(valkey, tracker)["seq"])

    assert numbers == sorted(set(numbers))


UPDATES = st.lists(st.tuples(st.sampled_from(list(STAGE_SHARES)), st.floats(allow_nan=True), st.floats(0, 100)), max_size=40)


@given(UPDATES)
@example([("loading", 1.1125369292536007e-308, 1.0)])  # its ETA was infinite
@hypothesis_settings(max_examples=60, deadline=None)
def test_overall_never_falls_and_is_100_only_when_completed(updates: list[tuple[str, float, float]]) -> None:
    clock = Clock()
    tracker = tracker_at(store_at(DEAD), clock)
    seen = [0.0]
    for stage, done, seconds in updates:
        clock.now += seconds
        tracker.update(stage, done, completed_items=0, total_items=1)
        seen.append(tracker.record["overall_progress"])
        eta = tracker.record["eta_seconds"]
        assert eta is None or (isinstance(eta, int) and eta >= 0)
        assert tracker.record["overall_progress"] == round(tracker.record["overall_progress"], 2)
        assert 0 <= tracker.record["stage_progress"] <= 100

    assert seen == sorted(seen)
    assert seen[-1] < 100
    tracker.completed()
    assert tracker.record["overall_progress"] == 100
    assert tracker.record["eta_seconds"] == 0


def test_eta_before_ten_points_is_linear_from_the_start(clock: Clock) -> None:
    tracker = tracker_at(store_at(DEAD), clock)
    clock.now += 60
    tracker.update("cpsat_solving", 0, completed_items=0, total_items=1)  # 15 % after 60 s

    assert tracker.record["eta_seconds"] == 340


def test_eta_follows_the_last_ten_points(clock: Clock) -> None:
    tracker = tracker_at(store_at(DEAD), clock)
    clock.now += 1000  # a slow beginning that the last ten points know nothing of
    for done in range(20):
        clock.now += 1
        tracker.update("cpsat_solving", done * 5, completed_items=0, total_items=1)  # 3 % a second

    assert tracker.record["overall_progress"] == 72
    assert tracker.record["eta_seconds"] == pytest.approx(28 / 3, abs=1)


def test_a_stage_that_went_by_at_once_says_nothing_about_the_next(clock: Clock) -> None:
    tracker = tracker_at(store_at(DEAD), clock)
    for done in range(10):
        clock.now += 0.5
        tracker.update("cpsat_solving", done * 11, completed_items=0, total_items=1)  # 6.6 % in half a second
    for done in range(12):
        clock.now += 1
        tracker.update("ga_optimization", done, completed_items=0, total_items=1)  # 0.15 % in a second

    assert tracker.record["eta_seconds"] == pytest.approx((100 - 76.65) / 0.15, abs=1)


def test_the_eta_stays_within_what_is_known_of_the_time_left(clock: Clock) -> None:
    tracker = tracker_at(store_at(DEAD), clock)
    known = [(25.0, 60.0)]
    tracker.time_left_from(lambda: known[0])
    clock.now += 5
    tracker.update("ga_optimization", 0, completed_items=0, total_items=1)  # 75 % in 5 s: as if 1.7 s were left
    assert tracker.record["eta_seconds"] == 25

    known[0] = (0.0, 3.0)
    tracker.update("ga_optimization", 0.1, completed_items=0, total_items=1)
    clock.now += 1000
    tracker.update("ga_optimization", 0.2, completed_items=0, total_items=1)
    assert tracker.record["eta_seconds"] == 3


def test_unknown_stage_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown stage 'polishing'"):
        tracker_at(store_at(DEAD)).update("polishing", 1, completed_items=0, total_items=1)


def test_dead_redis_neither_raises_nor_slows(caplog: pytest.LogCaptureFixture) -> None:
    store = ProgressStore(DEAD, ttl_s=60, timeout_s=0.25, retry_first_s=0.5, retry_max_s=5)
    tracker = tracker_at(store)
    stopwatch = Stopwatch()
    for done in range(500):
        tracker.update("loading", done / 5, completed_items=done, total_items=500)

    assert stopwatch.took_less_than(500 * 0.003)
    assert len([entry for entry in caplog.records if "Redis does not answer" in entry.message]) == 1


def test_hanging_redis_costs_one_short_wait_per_attempt(valkey: Valkey) -> None:
    store = ProgressStore(valkey.url, ttl_s=60, timeout_s=0.1, retry_first_s=30, retry_max_s=30)
    tracker = tracker_at(store)
    tracker.start()
    assert valkey.process is not None
    valkey.process.popen.send_signal(signal.SIGSTOP)
    try:
        started = time.perf_counter()
        for done in range(100):
            tracker.update("loading", done, completed_items=done, total_items=100)
        elapsed = time.perf_counter() - started
    finally:
        valkey.process.popen.send_signal(signal.SIGCONT)
        store.close()

    assert store.is_away
    assert elapsed < 5  # a wait for each of the hundred would be ten seconds


def test_redis_that_returns_is_written_again(valkey: Valkey) -> None:
    store = store_at(valkey.url)
    tracker = tracker_at(store)
    valkey.stop()
    tracker.update("loading", 10, completed_items=1, total_items=10)
    assert store.is_away
    valkey.start()
    tracker.failed("the room list is empty")  # an end is tried even in the pause

    assert in_redis(valkey, tracker)["metadata"]["error"] == "the room list is empty"
    store.close()


def test_at_an_end_the_row_comes_before_redis(valkey: Valkey, store: ProgressStore) -> None:
    seen: list[tuple[str, str | None]] = []

    def save_row(record: dict[str, Any]) -> None:
        raw = valkey.client().get(key_of(record["job_id"]))
        seen.append((record["status"], json.loads(raw)["status"] if raw else None))

    tracker = tracker_at(store, save_row=save_row)
    tracker.update("loading", 10, completed_items=1, total_items=10)
    tracker.completed(hard=0)

    assert seen[-1] == ("completed", "running")
    assert in_redis(valkey, tracker)["status"] == "completed"


def test_nothing_follows_an_end(valkey: Valkey, store: ProgressStore) -> None:
    tracker = tracker_at(store)
    tracker.cancelled()
    tracker.update("loading", 50, completed_items=1, total_items=2)
    tracker.completed()

    assert in_redis(valkey, tracker)["status"] == "cancelled"


def test_cancelling_lasts_until_the_end(store: ProgressStore) -> None:
    tracker = tracker_at(store)
    tracker.update("loading", 50, completed_items=1, total_items=2)
    tracker.cancelling()
    tracker.update("loading", 60, completed_items=1, total_items=2)

    assert tracker.record["status"] == "cancelling"


def test_rows_are_written_seldom_but_at_once_on_a_new_stage(settings: Any) -> None:
    settings.PROGRESS_ROW_S = 3600
    rows: list[dict[str, Any]] = []
    tracker = tracker_at(store_at(DEAD), save_row=rows.append)
    for stage in ("loading", "clustering"):
        for done in range(50):
            tracker.update(stage, done, completed_items=done, total_items=50)

    assert [row["stage"] for row in rows] == ["loading", "clustering"]


def test_row_that_refuses_stops_no_update_but_an_end() -> None:
    def save_row(record: dict[str, Any]) -> None:
        if record["status"] != "failed":
            raise DatabaseError("locked")

    tracker = tracker_at(store_at(DEAD), save_row=save_row)
    tracker.update("loading", 10, completed_items=1, total_items=10)
    with pytest.raises(DatabaseError):
        tracker.completed()
    tracker.failed("the database refused the result")

    assert tracker.record["status"] == "failed"
    assert tracker.record["overall_progress"] < 100


def test_resumed_tracker_goes_on_from_the_newer_record(valkey: Valkey, store: ProgressStore, clock: Clock) -> None:
    first = tracker_at(store, clock)
    first.update("clustering", 50, completed_items=1, total_items=2)
    row = first.record
    first.update("cpsat_solving", 50, completed_items=1, total_items=2)

    second = ProgressTracker.resume(row, store=store, clock=clock, steady=clock)
    second.update("loading", 0, completed_items=0, total_items=1)

    assert second.record["overall_progress"] == 45
    assert second.record["seq"] > first.record["seq"]


def test_empty_row_can_be_resumed(store: ProgressStore) -> None:
    tracker = ProgressTracker.resume({}, job_id=uuid4(), started_at=5, store=store)
    tracker.start()

    assert tracker.record["overall_progress"] == 0
    assert tracker.record["started_at"] == 5


def test_threads_never_write_an_older_record_over_a_newer(valkey: Valkey, store: ProgressStore) -> None:
    rows: list[int] = []
    tracker = tracker_at(store, save_row=lambda record: rows.append(record["seq"]))

    def work(stage: str) -> None:
        for done in range(100):
            tracker.update(stage, done, completed_items=done, total_items=100)

    threads = [threading.Thread(target=work, args=(stage,)) for stage in ("ga_optimization", "rl_refinement", "loading")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    tracker.completed()

    assert rows == sorted(rows)
    assert in_redis(valkey, tracker)["seq"] == rows[-1] == tracker.record["seq"]


def test_durations_of_stages_and_jobs_are_summed(store: ProgressStore, clock: Clock) -> None:
    tracker = tracker_at(store, clock)
    tracker.update("loading", 0, completed_items=0, total_items=1)
    clock.now += 3
    tracker.update("clustering", 0, completed_items=0, total_items=1)
    clock.now += 4
    tracker.completed()

    assert store.durations() == {
        "stage:loading:count": 1,
        "stage:loading:sum": 3,
        "stage:clustering:count": 1,
        "stage:clustering:sum": 4,
        "job:completed:count": 1,
        "job:completed:sum": 7,
    }


def test_facts_of_the_engine_become_plain_json(valkey: Valkey, store: ProgressStore) -> None:
    tracker = tracker_at(store)
    facts = {"hard": np.int64(3), "gap": float("nan"), "breakdown": {"room_capacity": np.int32(2)}, "bounds": (np.float64(1.5),)}
    tracker.update("loading", np.float64(50), completed_items=np.int64(1), total_items=2, **facts)

    metadata = in_redis(valkey, tracker)["metadata"]

    assert metadata == {
        "completed_items": 1,
        "total_items": 2,
        "hard": 3,
        "gap": "nan",
        "breakdown": {"room_capacity": 2},
        "bounds": [1.5],
    }


def test_an_earlier_attempt_that_wakes_up_writes_over_nothing(valkey: Valkey, store: ProgressStore) -> None:
    """A frozen worker: the sweep gives its job away, another one completes it, and then the first goes on."""
    frozen = tracker_at(store, attempt=1)
    frozen.update("cpsat_solving", 50, completed_items=1, total_items=2)
    job_id = frozen.record["job_id"]

    sweeps = ProgressTracker.resume(frozen.record, store=store, attempt=2)
    sweeps.waiting("Waiting for a free worker")
    frozen.update("ga_optimization", 10, completed_items=1, total_items=2)
    assert in_redis(valkey, frozen)["metadata"]["message"] == "Waiting for a free worker"

    second = ProgressTracker.resume(sweeps.record, store=store, attempt=2)
    second.update("rl_refinement", 50, completed_items=1, total_items=2)
    second.completed()
    frozen.update("rl_refinement", 90, completed_items=1, total_items=2)
    frozen.cancelled()
    ProgressTracker.resume(second.record, job_id=job_id, store=store, attempt=2).update("loading", 1, completed_items=0, total_items=0)

    assert (in_redis(valkey, frozen)["status"], in_redis(valkey, frozen)["overall_progress"]) == ("completed", 100.0)
    with valkey.client() as client:
        times = [client.ttl(key_of(job_id)), client.ttl(f"progress:attempt:{job_id}")]
    assert abs(times[0] - times[1]) <= 1
    assert times[0] > 7100
