"""What a caller of the services may be told: an id with values, worded by `text.messages`; `academics.errors` has the family."""

from __future__ import annotations

from collections.abc import Mapping

from academics.errors import UserError
from generation.text.messages import refusal_text


class Refusal(UserError):
    """The user's request can't be done."""

    @classmethod
    def sentence(cls, message_id: str, values: Mapping[str, object]) -> str:
        return refusal_text(message_id, **values)


class Invalid(Refusal):
    """A value is out of its range, or names something that is not there."""


class Forbidden(Refusal):
    """The user's role does not allow it."""

    status = 403


class Missing(Refusal):
    """There is no such thing for this user."""

    status = 404


class Conflict(Refusal):
    """The present status does not allow it."""

    status = 409


class TooMany(Refusal):
    """There are as many as there may be: try again later."""

    status = 429
    retry_after_s: int

    def __init__(self, message_id: str = "", *, text: str = "", field: str = "", retry_after_s: int, **values: object) -> None:
        super().__init__(message_id, text=text, field=field, **values)
        self.retry_after_s = retry_after_s


class Unsolvable(Refusal):
    """The data can't give a timetable: the job ends as failed, with this as its reason."""
