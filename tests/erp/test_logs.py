"""A log line says what happened, then its facts."""

from __future__ import annotations

import json
import logging

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from erp.logs import JsonFormatter, LineFormatter, quoted


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


def record_of(message: str, **extra: object) -> logging.LogRecord:
    return logging.makeLogRecord({"name": "kombu", "levelname": "WARNING", "levelno": logging.WARNING, "msg": message, **extra})


def test_lines_of_other_libraries_get_the_request_they_belong_to() -> None:
    with structlog.contextvars.bound_contextvars(request_id="click-7"):
        line, record_json = LineFormatter().format(record_of("slow")), JsonFormatter().format(record_of("slow"))

    assert line.endswith("WARNING kombu: slow request_id=click-7")
    assert json.loads(record_json).items() >= {"level": "warning", "logger": "kombu", "event": "slow", "request_id": "click-7"}.items()


def test_json_holds_the_facts_and_the_traceback(caplog: pytest.LogCaptureFixture) -> None:
    try:
        raise ValueError("no rooms")
    except ValueError:
        structlog.get_logger("generation.tasks").exception("job_failed", job_id="7f", stage="loading")

    record_json = json.loads(JsonFormatter().format(caplog.records[0]))
    assert (record_json["event"], record_json["job_id"], record_json["stage"], record_json["level"]) == (
        "job_failed",
        "7f",
        "loading",
        "error",
    )
    assert record_json["exception"].endswith("ValueError: no rooms")


FORGED = "x\r\n2026-01-01 00:00:00,000 INFO FORGED \x1b[2J\x7f\u2028\u202e"


def formatted(record: logging.LogRecord) -> list[str]:
    return [LineFormatter().format(record), JsonFormatter().format(record)]


@given(st.text())
def test_what_is_quoted_is_printable_and_what_is_printable_is_left(text: str) -> None:
    assert quoted(text).isprintable()
    assert quoted(text) == text or not text.isprintable()


def test_nobody_writes_a_line_of_their_own(caplog: pytest.LogCaptureFixture) -> None:
    log = structlog.get_logger("generation.tasks")
    with caplog.at_level(logging.INFO), structlog.contextvars.bound_contextvars(user=FORGED):
        log.info("file_read", file=FORGED, agent=FORGED)
        log.warning(FORGED)
        logging.getLogger("django.request").warning("Not Found: %s", FORGED)
        written = [line for record in caplog.records for line in formatted(record)]

    assert len(written) == 6
    assert all(line.isprintable() for line in written)


@pytest.mark.parametrize("logger", ["structlog", "logging"])
def test_what_an_error_says_stays_indented_below_its_line(caplog: pytest.LogCaptureFixture, logger: str) -> None:
    log = structlog.get_logger("generation.tasks") if logger == "structlog" else logging.getLogger("celery")
    try:
        raise ValueError(FORGED)
    except ValueError:
        log.exception("job_failed")

    line, record_json = formatted(caplog.records[0])
    first, *rest = line.split("\n")
    assert first.endswith("job_failed") or first.endswith("job_failed ")
    assert rest
    assert all(each.startswith("    ") and each.isprintable() for each in rest)
    assert record_json.isprintable()


OPENING = "/wishes/WzEsIjUwNmQyOTg2YWZm:1xY4A3:UkvDFfjZRxfS"


@pytest.mark.parametrize("formatter", [LineFormatter(), JsonFormatter()])
@pytest.mark.parametrize("facts", [{}, {"facts": {"path": OPENING}, "happened": "request_handled"}])
def test_no_line_holds_an_address_that_opens_something(formatter: logging.Formatter, facts: dict[str, object]) -> None:
    line = formatter.format(record_of(f"Bad Request: {OPENING} /feeds/Zm9vYmFyZm9vYmFyZm9v.ics", **facts))
    assert "UkvDFfj" not in line
    assert "Zm9vYmFy" not in line
    assert "/wishes/..." in line
