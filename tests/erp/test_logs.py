"""A log line says what happened, then its facts."""

from __future__ import annotations

import logging

import pytest
import structlog


def test_a_line_holds_the_event_and_its_facts(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        structlog.get_logger("generation.tasks").info("job claimed", job_id="7f", reason="a late message")

    assert caplog.messages == ["job claimed job_id=7f reason='a late message'"]


def test_an_exception_stands_below_its_line(caplog: pytest.LogCaptureFixture) -> None:
    log = structlog.get_logger("generation.tasks")
    try:
        raise ValueError("no rooms")
    except ValueError:
        log.exception("job failed", job_id="7f")

    first, *rest = caplog.messages[0].splitlines()
    assert first == "job failed job_id=7f"
    assert rest[-1] == "ValueError: no rooms"
