"""Ids in the addresses of the REST interface."""

from __future__ import annotations

import uuid

from rest_framework import exceptions

from generation.text.messages import refusal_text


def job_id_parse(text: str) -> uuid.UUID:
    """A malformed id names no job: 404, like an unknown one."""
    try:
        return uuid.UUID(text)
    except ValueError:
        raise exceptions.NotFound(refusal_text("job_unknown", job_id=text)) from None
