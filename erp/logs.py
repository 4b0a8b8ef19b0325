"""One shape of line for every process: what happened, then the facts as key=value, or all of it as JSON.

Much of it comes from outside: addresses, names of people and files, what other programs answered. So everything that is not
printable is quoted, and the lines of a traceback are indented: nobody writes a line of their own, or to a terminal.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Mapping, MutableMapping
from datetime import UTC, datetime
from typing import Any

import structlog

# Addresses that open something to whoever has them: of instructors' forms and of calendars.
SECRET = re.compile(r"(/wishes/|/feeds/)[-\w:]{16,}")


def secret_masked(text: str) -> str:
    return SECRET.sub(r"\1...", text)


def quoted(text: str) -> str:
    """The text as it is, but for what moves a cursor, ends a line, or can't be seen, and without the secret part of an address."""
    text = secret_masked(text)
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in text)


def line_render(logger: Any, name: str, event: MutableMapping[str, Any]) -> tuple[tuple[str], dict[str, Any]]:
    """The line for the standard library's logging, which gets the facts themselves beside."""
    exception = event.pop("exception", "")
    happened = str(event.pop("event", ""))
    line = " ".join([quoted(happened), *_words(event)]) + (f"\n{exception}" if exception else "")
    return (line,), {"extra": {"happened": happened, "facts": dict(event), "trace": exception}}


def _words(facts: Mapping[str, Any]) -> list[str]:
    return [f"{key}={_word(str(value))}" for key, value in facts.items()]


def _word(value: str) -> str:
    return repr(value) if " " in value or not value.isprintable() else value


class LineFormatter(logging.Formatter):
    """For people. Lines of other libraries get the ids of what they were written about, too."""

    INDENT = "    "

    def __init__(self) -> None:
        super().__init__("{asctime} {levelname:<7} {name}: {message}", style="{")

    def format(self, record: logging.LogRecord) -> str:
        trace = _trace_of(self, record)
        message = record.getMessage()
        if hasattr(record, "facts"):
            message = message.removesuffix(f"\n{trace}")
        else:
            message = " ".join([message, *_words(structlog.contextvars.get_contextvars())])
        record.message, record.asctime = quoted(message), self.formatTime(record, self.datefmt)
        return "\n".join([self.formatMessage(record), *(self.INDENT + quoted(line) for line in trace.split("\n") if line)])


def _trace_of(formatter: logging.Formatter, record: logging.LogRecord) -> str:
    if trace := str(getattr(record, "trace", "")):
        return trace
    raised = formatter.formatException(record.exc_info) if record.exc_info else ""
    return "\n".join(part for part in (raised, formatter.formatStack(record.stack_info) if record.stack_info else "") if part)


class JsonFormatter(logging.Formatter):
    """For machines: one object a line."""

    def format(self, record: logging.LogRecord) -> str:
        trace = _trace_of(self, record)
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": getattr(record, "happened", None) or record.getMessage(),
            **getattr(record, "facts", structlog.contextvars.get_contextvars()),
        }
        # JSON itself leaves one letter that is not printable as it is.
        text = json.dumps(line | ({"exception": trace} if trace else {}), default=str).replace("\x7f", "\\u007f")
        return secret_masked(text)


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
