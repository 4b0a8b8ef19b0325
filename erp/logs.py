"""One shape of line for every process: what happened, then the facts as key=value, or all of it as JSON."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, MutableMapping
from datetime import UTC, datetime
from typing import Any

import structlog


def line_render(logger: Any, name: str, event: MutableMapping[str, Any]) -> tuple[tuple[str], dict[str, Any]]:
    """The line for the standard library's logging, which gets the facts themselves beside."""
    exception = event.pop("exception", "")
    happened = str(event.pop("event", ""))
    line = " ".join([happened, *_words(event)]) + (f"\n{exception}" if exception else "")
    return (line,), {"extra": {"happened": happened, "facts": dict(event), "trace": exception}}


def _words(facts: Mapping[str, Any]) -> list[str]:
    return [f"{key}={value!r}" if " " in str(value) else f"{key}={value}" for key, value in facts.items()]


class LineFormatter(logging.Formatter):
    """For people. Lines of other libraries get the ids of what they were written about, too."""

    def __init__(self) -> None:
        super().__init__("{asctime} {levelname:<7} {name}: {message}", style="{")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  the standard library's name
        line = super().formatMessage(record)
        return line if hasattr(record, "facts") else " ".join([line, *_words(structlog.contextvars.get_contextvars())])


class JsonFormatter(logging.Formatter):
    """For machines: one object a line."""

    def format(self, record: logging.LogRecord) -> str:
        trace = getattr(record, "trace", "") or (self.formatException(record.exc_info) if record.exc_info else "")
        told: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": getattr(record, "happened", None) or record.getMessage(),
            **getattr(record, "facts", structlog.contextvars.get_contextvars()),
        }
        return json.dumps(told | ({"exception": trace} if trace else {}), default=str)


def structlog_configure() -> None:
    """Hands structlog's lines to the standard library's logging, whose handlers and levels rule."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.contextvars.merge_contextvars,
            structlog.processors.format_exc_info,
            line_render,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
