"""One shape of line for every process: what happened, then the facts as key=value."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

import structlog


def line_render(logger: Any, name: str, event: MutableMapping[str, Any]) -> str:
    exception = event.pop("exception", "")
    words = [str(event.pop("event", "")), *(f"{key}={value!r}" if " " in str(value) else f"{key}={value}" for key, value in event.items())]
    return " ".join(words) + (f"\n{exception}" if exception else "")


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
