"""deploy/nginx.conf under a real nginx: its syntax, a page, a static file, and a stream that arrives event by event."""

from __future__ import annotations

import dataclasses
import os
import pwd
import re
import shutil
import socket
import socketserver
import struct
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
from websockets.exceptions import InvalidStatus

from progress.tracker import ProgressTracker
from tests.processes import REPOSITORY, SOON_S, Process, Server, free_port, start, wait_until
from tests.progress.site import Site, messages_of, open_socket, open_stream, start_site

pytestmark = pytest.mark.processes
NGINX = shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin")


def _configuration(folder: Path, *, port: int, web: str, resolver: str = "127.0.0.11") -> Path:
    """Both files as they are shipped; the container's addresses and folders become this machine's."""
    block = (REPOSITORY / "deploy" / "nginx.conf").read_text()
    block = block.replace("web:8000", web).replace("listen 80;", f"listen 127.0.0.1:{port};").replace("127.0.0.11", resolver)
    (folder / "site.conf").write_text(block.replace("/srv/static/", f"{folder}/static/"))
    main = (REPOSITORY / "deploy" / "nginx.main.conf").read_text()
    # As root nginx would hand its workers to another user, who may not enter the temporary folder.
    main = main.replace("user nginx;", "user root;" if os.geteuid() == 0 else "")
    main = main.replace("/var/log/nginx/", f"{folder}/")
    main = main.replace("/var/run/nginx.pid", f"{folder}/nginx.pid").replace("/etc/nginx/conf.d/*.conf", f"{folder}/site.conf")
    temporary = "".join(f"{kind}_temp_path {folder}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    path = folder / "nginx.conf"
    path.write_text("daemon off;\n" + main.replace("http {\n", f"http {{\n{temporary}", 1))
    return path


def _start_nginx(conf: Path) -> Process:
    assert NGINX is not None
    subprocess.run([NGINX, "-t", "-q", "-c", str(conf)], check=True)
    return start([NGINX, "-c", str(conf)], log=conf.parent / "nginx.log")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The whole site as a browser meets it: behind nginx."""
    if NGINX is None:
        pytest.skip("nginx is not installed (Debian: apt-get install nginx-light)")
    folder = tmp_path_factory.mktemp("nginx")
    (folder / "static" / "css").mkdir(parents=True)
    (folder / "static" / "css" / "site.css").write_text("body {}")
    with start_site(NUM_PROXIES="1", SIGN_IN_ADDRESS_RATE="3/minute") as direct:
        port = free_port()
        process = _start_nginx(_configuration(folder, port=port, web=f"127.0.0.1:{direct.server.port}"))
        behind = dataclasses.replace(direct, server=Server(process, port))
        wait_until(lambda: _answers(behind), what="nginx")
        yield behind
        process.stop()


def _answers(site: Site) -> bool:
    try:
        return site.get("/nginx-health", name=None).status_code == 200
    except httpx.TransportError:
        return False


def test_a_request_is_passed_on(site: Site) -> None:
    response = site.get("/api/progress/")

    assert response.status_code == 200
    assert response.headers["Server"].startswith("nginx")


def test_a_static_file_comes_from_nginx_itself(site: Site) -> None:
    response = site.get("/static/css/site.css", name=None)

    assert response.text == "body {}"
    assert response.headers["Content-Type"].startswith("text/css")


def test_a_stream_arrives_event_by_event_and_is_closed_at_the_end(site: Site) -> None:
    job_id = site.new_job()
    tracker = ProgressTracker(job_id, started_at=int(time.time()), store=site.store)
    tracker.start()

    with open_stream(site, job_id, Accept_Encoding="gzip") as (response, events):
        assert next(events).name == "connected"
        for stage, overall in (("loading", 2.5), ("clustering", 10), ("cpsat_solving", 45)):
            tracker.update(stage, 50, completed_items=1, total_items=2)
            # Each is read before the next is written: a buffering proxy would leave this waiting.
            assert next(event for event in events if event.data.get("overall_progress") == overall).name == "progress"
        tracker.completed(hard=0)
        assert [event.name for event in events if event.name != "comment"][-1] == "done"

    assert response.headers["Content-Type"].startswith("text/event-stream")


def test_a_websocket_passes_and_is_refused_as_without_nginx(site: Site) -> None:
    job_id = site.new_job()
    tracker = ProgressTracker(job_id, started_at=int(time.time()), store=site.store)
    tracker.start()

    with open_socket(site, job_id, None, headers={"Cookie": f"sessionid={site.session}"}, origin=site.server.url) as socket:
        frames = messages_of(socket)
        assert [next(frames)[0], next(frames)[0]] == ["connected", "progress"]
        tracker.completed(hard=0)
        assert list(frames)[-1] == ("done", {"status": "completed"})
    with pytest.raises(InvalidStatus) as refused, open_socket(site, job_id, "guest"):
        pass

    assert socket.close_code == 1000
    assert refused.value.response.status_code == 403


def test_a_body_that_no_address_takes_is_refused_by_nginx(site: Site) -> None:
    assert httpx.post(f"{site.server.url}/api/auth/token/", content=b"x" * 1_500_000, timeout=SOON_S).status_code == 413


def test_files_pass_and_a_strangers_files_are_not_read(site: Site) -> None:
    table = b"code,name,capacity\r\n" + b"R1,Room,30\r\n" * 200_000
    files = {"files": ("rooms.csv", table)}
    address = f"{site.server.url}/api/import/"

    taken = httpx.post(address, headers=site.headers(), files=files, data={"dry_run": "true"}, timeout=SOON_S)
    # Time and again: whether nginx is still sending when the answer comes is a race.
    refused = [httpx.post(address, files=files, timeout=SOON_S).status_code for _ in range(30)]

    assert taken.status_code in (200, 202, 503), taken.text  # 503: here is no worker, which would do it
    assert set(refused) == {401}


def test_an_address_that_a_caller_makes_up_counts_for_nothing_behind_nginx(site: Site) -> None:
    def attempt(number: int) -> int:
        headers = {"X-Forwarded-For": f"10.0.0.{number}"}
        body = {"username": f"nobody{number}", "password": "guess"}
        return httpx.post(f"{site.server.url}/api/auth/token/", headers=headers, json=body, timeout=SOON_S).status_code

    assert [attempt(number) for number in range(5)] == [401, 401, 401, 429, 429]


def test_there_is_room_for_ten_thousand_streams() -> None:
    main = (REPOSITORY / "deploy" / "nginx.main.conf").read_text()
    figures = {name: int(value) for name, value in re.findall(r"(worker_connections|worker_rlimit_nofile) (\d+);", main)}

    assert figures["worker_connections"] > 2 * 10_000
    assert figures["worker_rlimit_nofile"] >= 2 * figures["worker_connections"]


def test_the_operators_commands_make_a_machines_own_files_of_the_containers(tmp_path: Path) -> None:
    """As they stand in docs/operators.md, and checked as systemd starts nginx: its console is a socket, which has no name."""
    if NGINX is None:
        pytest.skip("nginx is not installed (Debian: apt-get install nginx-light)")
    page = (REPOSITORY / "docs" / "operators.md").read_text()
    commands = re.findall(r"^sed .* > /etc/nginx/.*$", page, re.MULTILINE)
    (tmp_path / "conf.d").mkdir()
    for command in commands:
        subprocess.run(["/bin/sh", "-c", command.replace("/etc/nginx/", f"{tmp_path}/")], cwd=REPOSITORY, check=True)
    conf, site = tmp_path / "nginx.conf", tmp_path / "conf.d" / "timeloom.conf"
    here = {"/etc/nginx/conf.d": f"{tmp_path}/conf.d", "/var/log/nginx/": f"{tmp_path}/", "/var/run/nginx.pid": f"{tmp_path}/pid"}
    here |= {"user www-data;": f"user {pwd.getpwuid(os.geteuid()).pw_name};"}
    for name, instead in here.items():
        assert name in conf.read_text()
        conf.write_text(conf.read_text().replace(name, instead))
    site.write_text(site.read_text().replace("listen 80;", f"listen 127.0.0.1:{free_port()};"))

    ours, console = socket.socketpair()
    with ours, console:
        checked = subprocess.run([NGINX, "-t", "-c", str(conf)], stdout=console, stderr=console, check=False)

        assert checked.returncode == 0, ours.recv(10_000).decode()
    assert not re.search(r"web:8000|/srv/static|^resolver", site.read_text(), re.MULTILINE)


def test_the_access_log_holds_no_address_that_opens_something(tmp_path: Path) -> None:
    if NGINX is None:
        pytest.skip("nginx is not installed (Debian: apt-get install nginx-light)")
    port = free_port()
    process = _start_nginx(_configuration(tmp_path, port=port, web="127.0.0.1:9"))
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers={"Referer": "http://x/wishes/of-ada"}) as client:
        wait_until(lambda: _answers_plainly(client), what="nginx")
        for address in ("/wishes/of-ada", "/feeds/of-ada.ics", "/accounts/login/"):
            client.get(address)
    process.stop()
    log = (tmp_path / "access.log").read_text()
    assert '"GET /accounts/login/ HTTP/1.1" 502' in log
    assert "of-ada" not in log


def _answers_plainly(client: httpx.Client) -> bool:
    try:
        return client.get("/nginx-health").status_code == 200
    except httpx.TransportError:
        return False


class _Names(socketserver.BaseRequestHandler):
    """A name server that knows one name."""

    address = "127.0.0.1"

    def handle(self) -> None:
        asked, reply = self.request
        header = asked[:2] + struct.pack(">5H", 0x8180, 1, 1, 0, 0)
        end = asked.index(b"\0", 12) + 5  # the name, its type and class
        answer = b"\xc0\x0c" + struct.pack(">2HIH", 1, 1, 1, 4) + bytes(map(int, self.address.split(".")))
        reply.sendto(header + asked[12:end] + answer, self.client_address)


class _Says(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = self.server.server_address[0].encode()  # type: ignore[union-attr]
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None: ...


@contextmanager
def _serving(server: socketserver.BaseServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_a_web_server_that_was_made_anew_is_found_at_its_new_address(tmp_path: Path) -> None:
    if NGINX is None:
        pytest.skip("nginx is not installed (Debian: apt-get install nginx-light)")
    first = ThreadingHTTPServer(("127.0.0.1", 0), _Says)
    second = ThreadingHTTPServer(("127.0.0.2", first.server_port), _Says)
    names = socketserver.ThreadingUDPServer(("127.0.0.1", 0), _Names)
    port = free_port()

    def found() -> str:
        try:
            return httpx.get(f"http://127.0.0.1:{port}/").text
        except httpx.TransportError:
            return ""

    with _serving(first), _serving(names):
        conf = _configuration(tmp_path, port=port, web=f"web:{first.server_port}", resolver=f"127.0.0.1:{names.server_address[1]}")
        process = _start_nginx(conf)
        try:
            wait_until(lambda: found() == "127.0.0.1", what="the first web server")
            _Names.address = "127.0.0.2"
            with _serving(second):
                wait_until(lambda: found() == "127.0.0.2", what="the second one")
        finally:
            _Names.address = "127.0.0.1"
            process.stop()
