"""What a request may bring: bytes are counted at the door, slow callers are not waited for, and published pages go on."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import httpx
import pytest

from tests.clocks import Stopwatch
from tests.processes import SOON_S
from tests.progress.site import Site, start_site

pytestmark = pytest.mark.processes

BODY = 200 * 2**20
PIECE = b"x" * 65536
# Far below a body: what the buffers of two sockets hold, and what is read before the answer.
MOST_TAKEN = 24 * 2**20
WAIT_S = 2.0


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with start_site(BODY_WAIT_S=str(WAIT_S), HEAD_WAIT_S=str(WAIT_S), BODY_MIN_KB_S="64", IMPORT_MAX_MB="2", ACCESS_LOG="-") as site:
        yield site


def connection(site: Site) -> socket.socket:
    return socket.create_connection(("127.0.0.1", site.server.port), timeout=SOON_S)


def head(path: str, *headers: str, method: str = "POST") -> bytes:
    return "\r\n".join([f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", *headers, "", ""]).encode()


def written(site: Site) -> int:
    """Bytes that the server has written to files."""
    (worker,) = site.server.worker_pids()
    return next(int(line.split()[1]) for line in Path(f"/proc/{worker}/io").read_text().splitlines() if line.startswith("wchar"))


def send_large(site: Site, path: str, *headers: str, chunked: bool) -> tuple[int, str, int]:
    """The status, the head of the answer, and how many bytes went out before the server cut them off."""
    framing = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {BODY}"
    piece = b"%x\r\n%s\r\n" % (len(PIECE), PIECE) if chunked else PIECE
    sent = 0
    with closing(connection(site)) as caller:
        caller.sendall(head(path, framing, *headers))
        caller.setblocking(False)
        answer, deadline = b"", time.monotonic() + SOON_S
        while sent < BODY and time.monotonic() < deadline:
            try:
                answer += caller.recv(65536) or b"\0"
                break
            except BlockingIOError:
                pass
            except ConnectionError:
                break
            try:
                sent += caller.send(piece)
            except BlockingIOError:
                time.sleep(0.005)
            except ConnectionError:
                break
        caller.settimeout(SOON_S)
        try:
            while more := caller.recv(65536):
                answer += more
        except (ConnectionError, TimeoutError):
            pass
    line, _, rest = answer.decode("latin-1").partition("\r\n")
    return int(line.split()[1]), rest.partition("\r\n\r\n")[0].lower(), sent


BEARER = "Authorization: Bearer {boss}"
COOKIE = "Cookie: sessionid={session}"
GUEST = "Authorization: Bearer {guest}"
MADE_UP = "Cookie: sessionid=nobodys"
LARGE = [
    ("/api/auth/token/", (), 413),
    ("/accounts/login/", (), 413),
    ("/api/import/", (), 401),
    ("/api/import/", (MADE_UP,), 401),
    ("/api/import/", (GUEST,), 403),
    ("/api/import/", (BEARER,), 413),
    ("/admin/import/", (), 302),
    ("/admin/import/archive/", (COOKIE,), 413),
    ("/api/archive/", (COOKIE,), 413),
    ("/api/generation-jobs/generate/", (), 401),
    ("/api/generation-jobs/generate/", (BEARER,), 413),
    ("/admin/academics/room/add/", (COOKIE,), 413),
    ("/timetables/ours/", (), 405),
    ("/nowhere/", (), 404),
]


@pytest.mark.parametrize("chunked", [False, True], ids=["announced", "chunked"])
@pytest.mark.parametrize(("path", "who", "status"), LARGE)
def test_a_body_of_any_size_is_cut_off_and_nothing_of_it_goes_to_disk(
    site: Site, path: str, who: tuple[str, ...], status: int, chunked: bool
) -> None:
    before = written(site)
    headers = [each.format(**site.tokens, session=site.session) for each in who]

    answered, fields, sent = send_large(site, path, *headers, chunked=chunked)

    assert answered == status
    assert "connection: close" in fields
    assert sent < MOST_TAKEN
    limit = 4 * 2**20 if chunked and status == 413 and path in ("/api/import/", "/api/archive/", "/admin/import/archive/") else 2**19
    assert written(site) - before < limit


def test_a_get_with_a_body_is_answered_without_reading_it(site: Site) -> None:
    with closing(connection(site)) as caller:
        caller.sendall(head("/timetables/", f"Content-Length: {BODY}", method="GET"))
        assert caller.recv(100).startswith(b"HTTP/1.1 302")


def test_what_an_address_takes_is_taken(site: Site) -> None:
    text = "code,name,capacity\r\n" + "".join(f"R{number},Room {number},{number % 90 + 10}\r\n" for number in range(20_000))
    answer = httpx.post(
        f"{site.server.url}/api/import/",
        headers=site.headers(),
        files={"files": ("rooms.csv", text)},
        data={"organization": "ours", "dry_run": "true"},
        timeout=SOON_S,
    )
    assert answer.status_code in (200, 202), answer.text
    pieces = iter([b'{"username": "boss", ', b'"password": "pw"}'])
    assert httpx.post(f"{site.server.url}/api/auth/token/", content=pieces, headers={"Content-Type": "application/json"}).status_code == 200


def test_six_slow_bodies_keep_nobody_from_the_published_pages(site: Site) -> None:
    with ExitStack() as stack:
        slow = [stack.enter_context(closing(connection(site))) for _ in range(12)]
        for number, caller in enumerate(slow):
            method = "POST" if number % 2 else "GET"
            caller.sendall(head("/timetables/ours/", "Content-Length: 1000", method=method) + b"x")
        stopwatch = Stopwatch()
        answer = httpx.get(f"{site.server.url}/timetables/", timeout=SOON_S)

        assert answer.status_code in (200, 302)
        assert stopwatch.waited_less_than(1.5)


def test_a_slow_body_is_not_waited_for(site: Site) -> None:
    with closing(connection(site)) as caller:
        caller.sendall(head("/api/auth/token/", "Content-Length: 1000", "Content-Type: application/json"))
        stopwatch = Stopwatch()
        caller.settimeout(0.5)
        answer = b""
        while not answer and stopwatch.wall_s() < SOON_S:
            caller.sendall(b" ")
            try:
                answer = caller.recv(4096)
            except TimeoutError:
                continue
        assert answer.startswith(b"HTTP/1.1 408")
        assert stopwatch.wall_s() > WAIT_S - 0.2
        assert stopwatch.waited_less_than(WAIT_S + 5)
        assert "too slowly" in json.loads(answer.partition(b"\r\n\r\n")[2] or caller.recv(4096))["detail"]


@pytest.mark.parametrize("first", [b"", b"GET / HTTP/1.1\r\nHost: 127"])
def test_a_head_that_does_not_come_is_not_waited_for(site: Site, first: bytes) -> None:
    with closing(connection(site)) as caller:
        caller.sendall(first)
        stopwatch = Stopwatch()
        try:
            received = caller.recv(100)
        except ConnectionError:
            received = b""
        assert received == b""
        assert stopwatch.waited_less_than(WAIT_S + 5)


def test_a_second_head_on_a_connection_is_not_waited_for_either(site: Site) -> None:
    with closing(connection(site)) as caller:
        caller.sendall(head("/nowhere/", method="GET"))
        assert caller.recv(65536).startswith(b"HTTP/1.1 404")
        stopwatch = Stopwatch()
        try:
            while stopwatch.wall_s() < SOON_S and caller.send(b"G"):
                time.sleep(0.5)
        except ConnectionError:
            pass
        assert stopwatch.waited_less_than(WAIT_S + 10)


def test_nobody_writes_a_line_of_their_own_into_the_servers_log(site: Site) -> None:
    for path in ("/x%0AFORGED%1B[2J", "/admin/x%0D%0AFORGED", "/timetables/%E2%80%A8FORGED/", "/api/import/%0AFORGED/"):
        with closing(connection(site)) as caller:
            caller.sendall(head(path, "Content-Length: 0", "User-Agent: x\x1b[2J", "Connection: close"))
            assert caller.recv(65536).startswith(b"HTTP/1.1 4")
    httpx.post(f"{site.server.url}/api/auth/token/", json={"username": "a\nFORGED\x1b", "password": "x"})

    log = site.server.process.log.read_bytes().decode()
    assert "FORGED" in log
    lines = log.split("\n")
    assert [line for line in lines if not line.isprintable()] == []
    assert [line for line in lines if line.lstrip().startswith(("FORGED", "\\u2028"))] == []
