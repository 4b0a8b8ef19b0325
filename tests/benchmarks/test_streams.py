"""What the streams' suite reads from bytes, Redis and the kernel, and what it concludes."""

from __future__ import annotations

import resource
import socket
from typing import Any

import pytest

from tests.benchmarks.options import OptionError, Options
from tests.benchmarks.stream_clients import Clients, Orders, Socket, Stream, request_of
from tests.benchmarks.stream_figures import Proc, commands_per_second, delays, files_allow
from tests.benchmarks.streams import bar_rows, ratio_rows

FRAME = b'event: progress\ndata: {"written_ms":1700000000000,"seq":1}\n\n'
ROW: dict[str, Any] = {"kind": "sse", "streams": 1000, "connected": 100.0, "served": 1000, "broken": 0, "p50_ms": 500, "p99_ms": 1100}
ROW |= {"reads": 1.0, "databases": 4, "kb": 41.0, "cpu": 20.0, "left_streams": 0, "left_connections": 0, "redis_connections": 1}


async def test_each_record_is_counted_once_however_the_bytes_are_cut() -> None:
    answer = b"HTTP/1.1 200 OK\r\n\r\nevent: connected\ndata: {}\n\n" + FRAME + FRAME
    for cut in range(1, len(answer)):
        clients = Clients()
        stream = Stream(clients, 7, b"")
        stream.data_received(answer[:cut])
        stream.data_received(answer[cut:])

        assert (stream.opened.result(), clients.tally.of_stream[7]) == (True, 2), f"cut at {cut}"


async def test_a_refusal_is_counted_by_its_status() -> None:
    clients = Clients()
    stream = Stream(clients, 0, b"")
    stream.data_received(b'HTTP/1.1 503 Service Unavailable\r\n\r\n{"detail": "not connected"}')

    assert (stream.opened.result(), clients.refused) == (False, {"503": 1})


async def test_a_socket_answers_pings_in_between() -> None:
    sent: list[bytes] = []
    stream = Socket(Clients(), 0, b"")
    stream.transport = type("Transport", (), {"write": lambda self, data: sent.append(data)})()  # type: ignore[assignment]
    text = b'{"type":"connected"}' + b" " * 200
    stream.data_received(b"HTTP/1.1 101 Switching\r\n\r\n\x81\x7e" + len(text).to_bytes(2, "big") + text[:50])
    stream.data_received(text[50:] + b"\x89\x02hi")

    assert stream.opened.result()
    assert sent == [b"\x8a\x82\x00\x00\x00\x00hi"]


def test_a_request_has_the_streams_own_job_and_token() -> None:
    orders = Orders("websocket", 80, [("j1", "t1"), ("j2", "t2")])

    assert request_of(orders, 1).startswith(b"GET /ws/timetable/progress/j2/ HTTP/1.1\r\n")
    assert b"Authorization: Bearer t2\r\n" in request_of(orders, 1)


def test_delays_are_quantiles_and_nothing_where_nothing_came() -> None:
    assert delays(range(1000)) == {"p50_ms": 500, "p99_ms": 990, "most_ms": 999}
    assert delays([])["p99_ms"] is None


def test_commands_are_what_was_called_meanwhile() -> None:
    before = {"cmdstat_mget": {"calls": 10}, "cmdstat_ping": {"calls": 3}}
    after = {"cmdstat_mget": {"calls": 20}, "cmdstat_ping": {"calls": 3}, "cmdstat_set": {"calls": 5}}

    assert commands_per_second(before, after, 10) == {"mget": 1.0, "set": 0.5}


def test_more_streams_than_files_are_refused_with_what_is_possible(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda which: (256, 1024))

    with pytest.raises(OptionError, match=r"3000 streams need 3200 open files .*1024 .*STREAMS=824"):
        files_allow(3000)


@pytest.mark.parametrize(
    "missed", [{"p99_ms": 1501}, {"reads": 2.1}, {"databases": 11}, {"kb": 60.1}, {"left_streams": 1}, {"p99_ms": None}]
)
def test_each_figure_is_held_against_its_bar(missed: dict[str, Any]) -> None:
    assert {row["verdict"] for row in bar_rows(ROW)} == {"met"}
    assert [row["verdict"] for row in bar_rows(ROW | missed)].count("missed") == 1


@pytest.mark.parametrize("missed", [{"connected": 99.9}, {"served": 999}, {"broken": 1}])
def test_every_stream_must_be_connected_served_and_kept(missed: dict[str, Any]) -> None:
    assert bar_rows(ROW | missed)[0]["verdict"] == "missed"


def test_the_naive_view_is_divided_by_ours() -> None:
    rows = ratio_rows(ROW | {"reads": 1000.0, "kb": None}, ROW)

    assert rows[0] == {"figure": "Redis reads a second", "naive": 1000.0, "ours": 1.0, "ratio": 1000.0}
    assert "memory a stream, KB" not in [row["figure"] for row in rows]


@pytest.mark.parametrize("given", ["0", "x", "100,30000"])
def test_a_number_of_streams_that_cannot_be_is_refused(given: str) -> None:
    with pytest.raises(OptionError, match=r"^STREAMS: "):
        Options.read({"STREAMS": given})


def test_sockets_of_this_machine_are_seen_by_port() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()):
        accepted, _ = server.accept()
        assert Proc([], __file__, server.getsockname()[1]).num_connections() == 1  # type: ignore[arg-type]
        accepted.close()
