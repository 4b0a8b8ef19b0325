"""Limits on streams, and the server's stop while streams are open."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import httpx
import psycopg
import pytest

from tests.clocks import Stopwatch
from tests.first_databases import postgresql_begin
from tests.postgres import PostgresServer
from tests.processes import SOON_S, wait_until
from tests.progress.site import Event, Site, messages_of, open_socket, open_stream, start_site

pytestmark = pytest.mark.processes


def test_limits_refuse_politely_and_a_stop_ends_the_streams() -> None:
    with (
        start_site(STREAM_LIMIT="3", STREAM_LIMIT_PER_USER="2", METRICS_TOKEN="figures", STREAM_HEARTBEAT_S="60") as site,
        ExitStack() as stack,
    ):
        address = f"/api/generation/stream/{site.jobs[0]}/"
        streams = [stack.enter_context(open_stream(site, site.jobs[0])) for _ in range(2)]
        refused = site.get(address)
        assert refused.status_code == 503
        assert int(refused.headers["Retry-After"]) > 0
        assert "Too many" in refused.json()["detail"]

        streams.append(stack.enter_context(open_stream(site, site.jobs[0], name="second")))
        assert site.get(address, name="second").status_code == 503  # the process is full
        assert "sse_rejected_total 2.0" in site.metrics()
        figures = site.get("/api/generation/health/").json()["figures"]
        assert (figures["open_streams"], figures["stream_limit"]) == (3, 3)

        _left(site, streams.pop(0))
        streams.append(stack.enter_context(open_stream(site, site.jobs[0])))

        last_events = [events for _, events in streams]
        for events in last_events:
            next(events)
        stopwatch = Stopwatch()
        site.server.process.popen.terminate()
        farewells = [[event.name for event in events][-1] for events in last_events]
        site.server.process.popen.wait(SOON_S)

        assert farewells == ["comment"] * 3
        assert stopwatch.waited_less_than(5)


@pytest.mark.postgres
def test_two_processes_add_up_their_figures_and_streams_hold_no_connection_to_postgresql(
    postgres_server: PostgresServer,
) -> None:
    address = postgresql_begin(postgres_server, "streams")
    with (
        start_site(is_migrated=True, DATABASE_URL=address, DATABASE_POOL_SIZE="2", WEB_CONCURRENCY="2", METRICS_TOKEN="figures") as site,
        ExitStack() as stack,
        psycopg.connect(address, autocommit=True) as connection,
    ):
        streams = [stack.enter_context(open_stream(site, site.jobs[0])) for _ in range(30)]
        for _, events in streams:
            assert next(events).name == "connected"
        for socket in [stack.enter_context(open_socket(site, site.jobs[0])) for _ in range(4)]:
            assert next(messages_of(socket))[0] == "connected"
        others = "FROM pg_stat_activity WHERE datname = 'streams' AND pid <> pg_backend_pid()"

        assert (connection.execute(f"SELECT count(*) {others}").fetchone() or (99,))[0] <= 4  # two processes, a pool of two each
        used = f"SELECT count(*) {others} AND state <> 'idle'"
        wait_until(lambda: connection.execute(used).fetchone() == (0,), what="connections given back")
        assert "sse_connections_active 30.0" in site.metrics()
        assert "sse_connections_total 30.0" in site.metrics()
        assert "websocket_connections_active 4.0" in site.metrics()
        assert "web_processes 2.0" in site.metrics()
        figures = site.get("/api/generation/health/").json()["figures"]
        assert (figures["web_processes"], figures["streams_sse"], figures["streams_websocket"]) == (2, 30, 4)
        assert figures["process_id"] in site.server.worker_pids()
        assert figures["open_streams"] <= 34


def _left(site: Site, stream: tuple[httpx.Response, Iterator[Event]]) -> None:
    stream[0].close()
    wait_until(lambda: site.get("/api/generation/health/").json()["figures"]["open_streams"] == 2, what="a free place")
