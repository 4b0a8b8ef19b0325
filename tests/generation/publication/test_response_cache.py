"""Answers that lie ready are sent without the site behind, to strangers only and in their own turn only."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis.exceptions

from generation.publication import response_cache
from generation.publication.current import turn_begin, turn_of
from generation.publication.redis_cache import cache_shared, page_cache
from generation.publication.response_cache import HEADER, ReadyPages
from tests.factories.published import kept_in
from tests.processes import Valkey, start_valkey

WAWEL, OTHER = 5, 7
STRANGER = {"host": "127.0.0.1", "accept-encoding": "gzip"}


@pytest.fixture
def valkey() -> Iterator[Valkey]:
    folder = Path(tempfile.mkdtemp(prefix="tlp-"))
    with start_valkey(folder) as server:
        yield server
    shutil.rmtree(folder)


class Site:
    """Counts who comes as far as the handler."""

    def __init__(self) -> None:
        self.num_calls = 0

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        self.num_calls += 1
        turn = turn_of(OTHER if "/other/" in scope["path"] else WAWEL)
        headers = [(b"ETag", b'W/"a"'), (b"Content-Type", b"text/html"), (HEADER.encode(), f"{turn} 30".encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"page"})


async def ask(
    application: Any, path: str = "/timetables/wawel/", method: str = "GET", **headers: str
) -> tuple[int, bytes, dict[bytes, bytes]]:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    given = STRANGER | {name.replace("_", "-"): value for name, value in headers.items()}
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": b"",
        "headers": [(k.encode(), v.encode()) for k, v in given.items()],
    }
    await application(scope, None, send)
    return sent[0]["status"], sent[1]["body"], dict(sent[0]["headers"])


@pytest.fixture
async def site(settings: Any, valkey: Valkey, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(page_cache, "_away_until", 0.0)
    response_cache._few.cache_clear()
    response_cache._looks.cache_clear()
    with kept_in(settings, valkey):
        turn_begin()
        yield Site()


async def test_the_second_stranger_is_answered_without_the_site(site: Site) -> None:
    application = ReadyPages(site)

    first, second = await ask(application), await ask(application)

    assert site.num_calls == 1
    assert first[:2] == second[:2] == (200, b"page")
    assert HEADER.lower().encode() not in {name.lower() for name in (*first[2], *second[2])}


async def test_a_new_turn_ends_what_lies_ready(site: Site) -> None:
    application = ReadyPages(site)
    await ask(application)

    turn_begin()
    await ask(application)

    assert site.num_calls == 2


async def test_a_crowd_looks_into_redis_together(site: Site, valkey: Valkey) -> None:
    """More at once than there may be connections: nobody is turned away to the site, which would take a second for all."""
    application = ReadyPages(site)
    paths = [f"/timetables/wawel/{number}/" for number in range(20)]
    for path in paths:
        await ask(application, path)
    client = valkey.client()
    before = client.info("stats")["total_commands_processed"], client.info("stats")["total_connections_received"]

    answers = await asyncio.gather(*(ask(application, paths[number % 20]) for number in range(1000)))

    after = client.info("stats")["total_commands_processed"], client.info("stats")["total_connections_received"]
    assert {answer[:2] for answer in answers} == {(200, b"page")}
    assert site.num_calls == len(paths)
    assert after[0] - before[0] < 20
    assert after[1] - before[1] <= 1


async def test_a_process_that_stood_still_does_not_take_redis_for_away(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    application = ReadyPages(site)
    await ask(application)
    plain, failed = cache_shared().get_many, []

    def late(names: list[str]) -> Any:
        if not failed:
            failed.append(names)
            raise redis.exceptions.TimeoutError("Timeout reading from socket")
        return plain(names)

    monkeypatch.setattr(cache_shared(), "get_many", late)
    await ask(application)

    assert failed
    assert site.num_calls == 1


@pytest.mark.parametrize(("concerned", "calls"), [({WAWEL}, 3), ({OTHER}, 3), ({WAWEL, OTHER}, 4), ({9}, 2), (None, 4)])
async def test_a_turn_is_of_the_institutions_that_it_names(site: Site, concerned: set[int] | None, calls: int) -> None:
    application = ReadyPages(site)
    for path in ("/timetables/wawel/", "/timetables/other/") * 2:
        await ask(application, path)
    assert site.num_calls == 2

    turn_begin(None if concerned is None else frozenset(concerned))
    for path in ("/timetables/wawel/", "/timetables/other/") * 2:
        await ask(application, path)

    assert site.num_calls == calls


async def test_a_code_that_goes_to_another_institution_has_that_ones_turn(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    application = ReadyPages(site)
    for _ in range(2):
        await ask(application)
    turn_begin(frozenset({WAWEL}))
    monkeypatch.setattr("tests.generation.publication.test_response_cache.WAWEL", 11)
    for _ in range(3):
        await ask(application)
    assert site.num_calls == 2

    turn_begin(frozenset({11}))
    await ask(application)

    assert site.num_calls == 3


@pytest.mark.parametrize(
    "other",
    [
        {"cookie": "sessionid=abc"},
        {"authorization": "Bearer x"},
        {"host": "evil.example"},
        {"accept_encoding": "identity"},
        {"method": "POST"},
        {"path": "/timetables/other/"},
    ],
)
async def test_whoever_is_no_stranger_or_asks_otherwise_has_the_sites_own_answer(site: Site, other: dict[str, str]) -> None:
    application = ReadyPages(site)
    await ask(application)

    await ask(application, **other)

    assert site.num_calls == 2


async def test_a_reader_that_has_the_page_gets_304_and_head_gets_no_body(site: Site) -> None:
    application = ReadyPages(site)
    await ask(application)

    assert (await ask(application, if_none_match='W/"a"'))[:2] == (304, b"")
    assert (await ask(application, method="HEAD"))[:2] == (200, b"")
    assert site.num_calls == 1


async def test_without_redis_the_site_answers(site: Site, valkey: Valkey) -> None:
    application = ReadyPages(site)
    await ask(application)
    valkey.stop()

    assert (await ask(application))[:2] == (200, b"page")
    assert site.num_calls == 2


async def test_a_turn_that_redis_did_not_hear_is_told_when_it_comes_back(
    site: Site, valkey: Valkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    application = ReadyPages(site)
    await ask(application)
    before = page_cache.get("published-turn")
    valkey.process.stop()  # type: ignore[union-attr]
    turn_begin()
    valkey.start()
    await ask(application)
    assert site.num_calls == 2, "what lies ready is not believed while a turn is owed"
    monkeypatch.setattr(page_cache, "_away_until", 0.0)

    assert page_cache.get("published-turn") not in (None, before)
