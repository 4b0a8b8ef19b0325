"""What a caller of the services may be told: an id with values; `messages` has the words."""

from __future__ import annotations

from generation.text.messages import refusal_text


class Refusal(Exception):
    """The user's request can't be done. ``field`` names the part of the request that is at fault; ``lines`` has the details."""

    lines: tuple[str, ...] = ()

    def __init__(self, message_id: str, *, field: str = "", **values: object) -> None:
        super().__init__(refusal_text(message_id, **values))
        self.message_id = message_id
        self.field = field
        self.values = values


class Invalid(Refusal):
    """A value is out of its range, or names something that is not there (400)."""


class Forbidden(Refusal):
    """The user's role does not allow it (403)."""


class Missing(Refusal):
    """There is no such thing for this user (404)."""


class Conflict(Refusal):
    """The present status does not allow it (409)."""


class TooMany(Refusal):
    """There are as many as there may be: try again later (429)."""

    def __init__(self, message_id: str, *, retry_after_s: int, **values: object) -> None:
        super().__init__(message_id, field="", **values)
        self.retry_after_s = retry_after_s


class Unsolvable(Refusal):
    """The data can't give a timetable: the job ends as failed, with this as its reason."""
