"""Sessions in the database, which tell a busy database from a session that somebody ended."""

from __future__ import annotations

from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.db import OperationalError


class SessionStore(DatabaseStore):
    def save(self, must_create: bool = False) -> None:
        """Raises OperationalError while the database is locked or away.

        Django takes every failed update for a session that was deleted meanwhile, and would answer 400 instead of 503.
        """
        try:
            super().save(must_create)
        except UpdateError as error:
            if isinstance(error.__context__, OperationalError):
                raise error.__context__ from None
            raise
