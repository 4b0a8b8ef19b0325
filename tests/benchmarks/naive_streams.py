"""The view that everybody writes first, for comparison: each stream asks Redis by itself, once a second.

It signs nobody in, asks no database and sends no heartbeat, all in its favour: only the polling differs from ours.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import redis.asyncio

Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]
POLL_S = 1.0
PATH = "/api/generation/stream/"
# With the pool's usual limit of 100 connections most of a thousand streams would break at their first poll.
client = redis.asyncio.Redis.from_url(os.environ["REDIS_URL"], max_connections=10_000)


async def application(scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
    if scope["type"] != "http":
        raise NotImplementedError(scope["type"])  # uvicorn takes it that there is no lifespan
    if not scope["path"].startswith(PATH):
        await _answer(send, 404, b"text/plain")
        await send({"type": "http.response.body", "body": b""})
        return
    await receive()
    polling = asyncio.ensure_future(_poll(scope["path"].removeprefix(PATH).rstrip("/"), send))
    leaving = asyncio.ensure_future(receive())
    _, pending = await asyncio.wait((polling, leaving), return_when=asyncio.FIRST_COMPLETED)
    for task in pending:
        task.cancel()


async def _poll(job_id: str, send: Send) -> None:
    await _answer(send, 200, b"text/event-stream")
    await send({"type": "http.response.body", "body": b"event: connected\ndata: {}\n\n", "more_body": True})
    before = None
    while True:
        raw = await client.get(f"progress:job:{job_id}")
        if raw is not None and raw != before:
            before = raw
            await send({"type": "http.response.body", "body": b"event: progress\ndata: %s\n\n" % raw, "more_body": True})
        await asyncio.sleep(POLL_S)


async def _answer(send: Send, status: int, kind: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", kind)]})
