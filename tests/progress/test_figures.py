"""Figures of the last half hour, from what Prometheus reads."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from progress.figures import History, Raw, memory_bytes, quantile, raw_read


@pytest.fixture
def raws() -> list[Raw]:
    calm: Raw = {"http_responses_total:2xx": 100, "http_responses_total:5xx": 4, "sse_connections_active": 3}
    return [
        calm,
        {
            **calm,
            "http_responses_total:2xx": 190,
            "http_responses_total:5xx": 14,
            "sse_redis_errors_total": 6,
            "sse_reader_tick_seconds_sum": 0.2,
            "sse_reader_tick_seconds_count": 40,
            "sse_lag_seconds_bucket:0.5": 10,
            "sse_lag_seconds_bucket:1.0": 20,
            "sse_lag_seconds_bucket:+Inf": 20,
            "web_memory_bytes": 100 * 2**20,
        },
    ]


def history_of(raws: list[Raw]) -> History:
    clock: Iterator[float] = iter([1000.0, 1030.0, 1060.0])
    read = iter([*raws, raws[-1]])
    return History(clock=lambda: next(clock), read=lambda: next(read))


def test_rates_are_of_what_was_added_meanwhile(raws: list[Raw]) -> None:
    history = history_of(raws)
    history.sample()
    history.sample()
    (figures,) = history.series()

    assert (figures.open_streams, figures.memory_mb) == (3, 100)
    assert (figures.responses_per_minute, figures.error_percent) == (200, 10)
    assert (figures.redis_errors_per_minute, figures.reader_tick_ms) == (12, 5)
    assert (figures.lag_s, figures.lag_p95_s) == (0.5, 0.95)


def test_before_the_first_sample_there_are_figures_too(raws: list[Raw]) -> None:
    assert history_of(raws).lately().error_percent == pytest.approx(100 * 4 / 104)
    assert history_of([{}]).lately().error_percent is None


def test_a_process_that_began_anew_counts_nothing_twice(raws: list[Raw]) -> None:
    history = history_of(raws[::-1])
    history.sample()

    assert history.lately().responses_per_minute == 0


def test_what_is_beyond_the_last_bound_counts_as_the_bound() -> None:
    assert quantile({0.5: 0, 30: 0, float("inf"): 4}, 0.5) == 30
    assert quantile({}, 0.5) is None


def test_the_metrics_that_are_read_exist() -> None:
    raw = raw_read()

    assert {"sse_connections_active", "websocket_connections_active", "sse_watched_jobs", "sse_reader_tick_seconds_sum"} <= raw.keys()
    assert {"sse_lag_seconds_bucket:+Inf", "sse_redis_errors_total", "sse_db_fallback_total", "web_memory_bytes"} <= raw.keys()
    assert 1 < raw["web_memory_bytes"] / 2**20 < 10_000
    assert memory_bytes() > 0
