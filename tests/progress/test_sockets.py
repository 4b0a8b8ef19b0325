"""WebSockets from the real server: the stream's events and refusals, its limits, and the server's stop."""

from __future__ import annotations

import itertools
import time
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from socket import create_connection
from typing import Any
from uuid import uuid4

import jwt
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection

from progress.tracker import ProgressTracker
from tests.clocks import Stopwatch
from tests.processes import SOON_S, wait_until
from tests.progress.site import SECRET, Site, messages_of, open_socket, open_stream, start_site
from tests.progress.test_stream import num_database_files, tracker_of

pytestmark = pytest.mark.processes


def refusal_of(site: Site, job_id: str, name: str | None = "boss", **options: Any) -> tuple[int, str]:
    """The status and the words with which the handshake is refused."""
    with pytest.raises(InvalidStatus) as refused, open_socket(site, job_id, name, **options):
        pass
    response = refused.value.response
    return response.status_code, response.body.decode()


def tell_all(tracker: ProgressTracker) -> None:
    """Every stage once, with time enough in between for each to be polled."""
    for stage in ("loading", "clustering", "cpsat_solving"):
        tracker.update(stage, 50, completed_items=1, total_items=2)
        time.sleep(0.3)
    tracker.completed(hard=0)


def test_a_socket_tells_the_events_of_the_stream(site: Site) -> None:
    job_id = site.new_job()
    tracker = tracker_of(site, job_id)
    tracker.start()
    with open_socket(site, job_id) as socket, open_stream(site, job_id) as (_, events):
        frames = messages_of(socket)
        by_socket = list(itertools.islice(frames, 2))
        by_stream = list(itertools.islice(events, 2))
        tell_all(tracker)
        by_socket += frames
        by_stream += events

    assert [name for name, _ in by_socket] == ["connected", *["progress"] * 5, "done"]
    assert by_socket == [(event.name, event.data) for event in by_stream if event.name != "comment"]
    assert socket.close_code == 1000


def expired(token: str) -> str:
    """The same token, but of yesterday."""
    claims = jwt.decode(token, SECRET, algorithms=["HS256"])
    return jwt.encode({**claims, "exp": claims["exp"] - timedelta(days=1).total_seconds()}, SECRET, algorithm="HS256")


def test_whoever_may_not_watch_gets_the_refusal_of_the_stream(site: Site) -> None:
    job_id, unknown = site.jobs[0], str(uuid4())
    old = {"Authorization": f"Bearer {expired(site.tokens['boss'])}"}
    for name, asked, headers in (
        (None, job_id, {}),
        (None, job_id, {"Cookie": "sessionid=nonsense"}),
        (None, job_id, old),
        ("guest", job_id, {}),
        ("boss", site.foreign, {}),
        ("boss", unknown, {}),
        ("boss", "no-uuid", {}),
    ):
        by_stream = site.get(f"/api/generation/stream/{asked}/", name, **headers)
        assert refusal_of(site, asked, name, headers=headers) == (by_stream.status_code, by_stream.text)
    assert refusal_of(site, job_id, None, subprotocols=["timeloom.progress", f"bearer.{expired(site.tokens['boss'])}"])[0] == 401


def test_other_addresses_and_hosts_are_refused(site: Site) -> None:
    assert refusal_of(site, f"{site.jobs[0]}/more")[0] == 404
    assert refusal_of(site, site.jobs[0], headers={"Host": "elsewhere.example"})[0] == 400


def test_a_token_in_the_address_is_not_read(site: Site) -> None:
    status, words = refusal_of(site, f"{site.jobs[0]}/?token={site.tokens['boss']}&", None)

    assert (status, "Sign in" in words) == (401, True)
    assert site.tokens["boss"] not in site.server.process.output()


def test_scripts_send_the_token_as_a_subprotocol(site: Site) -> None:
    offered = ["timeloom.progress", f"bearer.{site.tokens['boss']}"]
    with open_socket(site, site.jobs[0], None, subprotocols=offered, origin="https://app.example") as socket:
        assert socket.subprotocol == "timeloom.progress"  # the token is never repeated
        assert next(messages_of(socket))[0] == "connected"


def test_a_cookie_counts_only_on_our_own_pages(site: Site) -> None:
    cookie = {"Cookie": f"sessionid={site.session}"}
    for origin in (site.server.url, "https://trusted.example", None):
        with open_socket(site, site.jobs[0], None, headers=cookie, origin=origin) as socket:
            assert next(messages_of(socket))[0] == "connected"
    for origin in ("https://evil.example", f"{site.server.url}0", "null", site.server.url.replace("http", "https")):
        status, words = refusal_of(site, site.jobs[0], None, headers=cookie, origin=origin)
        assert (status, "another site" in words) == (403, True)


def test_a_long_message_closes_the_socket_and_short_ones_are_ignored(site: Site) -> None:
    with open_socket(site, site.jobs[0]) as socket, open_stream(site, site.jobs[0]) as (_, events):
        frames = messages_of(socket)
        next(frames)
        for number in range(50):
            socket.send(f'{{"type":"done","number":{number}}}')
        socket.send(b"\xff\x00")
        assert next(frames)[0] == "progress"
        socket.send("x" * 5000)
        assert list(frames) == []
        assert socket.close_code == 1009
        with open_socket(site, site.jobs[0]) as flooding, pytest.raises(ConnectionClosed):
            _flood(flooding)
        assert next(events).name == "connected"  # a socket's end is no stream's
    wait_until(lambda: "websocket_connections_active 0.0" in site.metrics(), what="the freed place")


def _flood(socket: ClientConnection) -> None:
    while True:
        socket.send("x" * 1_000_000)
        socket.recv(timeout=SOON_S)


def test_a_client_that_answers_no_ping_is_closed(site: Site) -> None:
    with create_connection(("127.0.0.1", site.server.port), timeout=SOON_S) as deaf:
        deaf.sendall(handshake(site))
        received = b"".join(iter(lambda: deaf.recv(4096), b""))

    assert received.startswith(b"HTTP/1.1 101 ")
    assert b"\x03\xf3keepalive ping timeout" in received  # 1011
    wait_until(lambda: "websocket_connections_active 0.0" in site.metrics(), what="the freed place")


def test_clients_that_leave_in_the_handshake_keep_no_place(site: Site) -> None:
    for wait_s in (0, 0.001, 0.003, 0.01, 0.03) * 4:
        with create_connection(("127.0.0.1", site.server.port), timeout=SOON_S) as leaving:
            leaving.sendall(handshake(site))
            time.sleep(wait_s)  # nothing to wait for: the handshake is to be met at different points
    assert site.get("/api/progress/").status_code == 200

    wait_until(lambda: "websocket_connections_active 0.0" in site.metrics(), what="freed places")


def handshake(site: Site) -> bytes:
    return (
        f"GET /ws/timetable/progress/{site.jobs[0]}/ HTTP/1.1\r\nHost: 127.0.0.1:{site.server.port}\r\n"
        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        f"Authorization: Bearer {site.tokens['boss']}\r\n\r\n"
    ).encode()


def test_progress_goes_on_from_the_database_while_redis_is_away(site: Site) -> None:
    job_id = site.new_job()
    tracker = tracker_of(site, job_id)
    tracker.update("loading", 50, completed_items=1, total_items=2)
    with open_socket(site, job_id) as socket:
        frames = messages_of(socket)
        shown = [next(frames)[1].get("overall_progress") for _ in range(2)]
        site.valkey.stop()
        tracker.update("clustering", 50, completed_items=1, total_items=2)
        site.save_row(tracker.record)
        shown.append(next(frames)[1]["overall_progress"])
        site.valkey.start()
        wait_until(lambda: site.store.ping(), what="Redis")
        tracker.update("cpsat_solving", 50, completed_items=1, total_items=2)
        shown.append(next(frames)[1]["overall_progress"])
        tracker.completed()
        rest = list(frames)

    assert shown == [None, 2.5, 10, 45]
    assert rest[-1] == ("done", {"status": "completed"})


def test_hundred_sockets_keep_few_threads_and_nothing_when_they_left(site: Site) -> None:
    (pid,) = site.server.worker_pids()
    files_before = len(list(Path(f"/proc/{pid}/fd").iterdir()))
    with ExitStack() as stack:
        sockets = [stack.enter_context(open_socket(site, site.jobs[0])) for _ in range(100)]
        assert {next(messages_of(socket))[0] for socket in sockets} == {"connected"}
        wait_until(lambda: num_database_files(pid) == 0, what="closed database connections")
        num_threads = len(list(Path(f"/proc/{pid}/task").iterdir()))
        assert "websocket_connections_active 100.0" in site.metrics()
        for socket in sockets[:50]:  # half of them leave without a word
            socket.socket.close()

    assert num_threads <= 14
    wait_until(lambda: "websocket_connections_active 0.0" in site.metrics(), what="freed places")
    wait_until(lambda: len(list(Path(f"/proc/{pid}/fd").iterdir())) <= files_before + 2, what="closed sockets")


def test_streams_and_sockets_share_the_limits_and_a_stop_ends_both() -> None:
    with (
        start_site(STREAM_LIMIT="3", STREAM_LIMIT_PER_USER="2", METRICS_TOKEN="figures", STREAM_HEARTBEAT_S="60") as site,
        ExitStack() as stack,
    ):
        job_id = site.jobs[0]
        _, events = stack.enter_context(open_stream(site, job_id))
        sockets = [stack.enter_context(open_socket(site, job_id))]
        status, words = refusal_of(site, job_id)
        assert (status, "Too many" in words) == (503, True)
        sockets.append(stack.enter_context(open_socket(site, job_id, "second")))
        assert refusal_of(site, job_id, "second")[0] == 503  # the process is full
        assert site.get(f"/api/generation/stream/{job_id}/", "second").status_code == 503
        assert "websocket_rejected_total 2.0" in site.metrics()
        assert site.get("/api/generation/health/").json()["figures"]["open_streams"] == 3

        for socket in sockets:
            assert next(messages_of(socket))[0] == "connected"
        stopwatch = Stopwatch()
        site.server.process.popen.terminate()
        for socket in sockets:
            list(messages_of(socket))
        assert [event.name for event in events][-1] == "comment"
        site.server.process.popen.wait(SOON_S)

        assert [socket.close_code for socket in sockets] == [1012, 1012]
        assert stopwatch.waited_less_than(5)
