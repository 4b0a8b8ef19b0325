"""The web server's HTTP protocol, which does not wait for ever for the head of a request.

uvicorn bounds the pause between two requests of a connection, but neither the time until the first one nor a head that
arrives a byte at a time; each such connection would be kept, with a file of its own, as long as its client likes.
"""

from __future__ import annotations

import asyncio
import os

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_WAIT_S = float(os.environ.get("HEAD_WAIT_S", "10"))


class PatientProtocol(H11Protocol):
    """Closes a connection whose next head is not complete in time."""

    _head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._head_timer = self.loop.call_later(HEAD_WAIT_S, self._give_up)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._head_look()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._head_look()

    def connection_lost(self, exc: Exception | None) -> None:
        self._head_forget()
        super().connection_lost(exc)

    def _head_look(self) -> None:
        """The time begins with the first byte of a head, and ends with its last."""
        is_begun = self.conn.their_state is h11.IDLE and bool(self.conn.trailing_data[0])
        if not is_begun:
            self._head_forget()
        elif self._head_timer is None:
            self._head_timer = self.loop.call_later(HEAD_WAIT_S, self._give_up)

    def _head_forget(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _give_up(self) -> None:
        self._head_timer = None
        self.transport.abort()
