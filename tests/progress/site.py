"""A whole site in a temporary folder: its database, its Redis and its web server, and a client for its streams."""

from __future__ import annotations

import json
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from progress.store import ProgressStore
from tests.first_databases import MIGRATED, database_begin, run
from tests.processes import SOON_S, Server, Valkey, start_server, start_valkey
from tests.progress.intervals import PATIENCE, shrunk

SECRET = "a-secret-of-the-tests-that-is-long-enough-for-hmac-sha256"
SEED = """
from django.contrib.auth.models import User
from academics.models import Membership, Organization
from generation.models import GenerationJob
import json
for code in ("ours", "theirs"):
    Organization.objects.create(code=code, name=code)
ours, theirs = Organization.objects.get(code="ours"), Organization.objects.get(code="theirs")
tokens = {}
from rest_framework_simplejwt.tokens import AccessToken
for name, role in (("boss", "admin"), ("guest", "viewer"), ("second", "reviewer")):
    user = User.objects.create_user(name, password="pw", is_staff=name == "boss")
    Membership.objects.create(user=user, organization=ours, role=role)
    tokens[name] = str(AccessToken.for_user(user))
jobs = [str(GenerationJob.objects.create(organization=ours, status="running").id) for _ in range(60)]
foreign = str(GenerationJob.objects.create(organization=theirs).id)
from django.test import Client
sessions = {}
for name in ("boss", "second"):
    client = Client()
    client.force_login(User.objects.get(username=name))
    sessions[name] = client.session.session_key
print("SEED" + json.dumps({"tokens": tokens, "jobs": jobs, "foreign": foreign, "sessions": sessions}))
"""
FILL = (*MIGRATED, ("shell", "-v", "0", "-c", SEED))
SILENCE_S = 60.0

SHORT = {
    "STREAM_POLL_S": "0.1",
    "STREAM_HEARTBEAT_S": "0.5",
    "STREAM_DB_FALLBACK_S": "0.2",
    "STREAM_BACKOFF_MAX_S": "0.4",
    "STREAM_STALE_S": "60",
    "HEALTH_PING_S": "0.3",
}


def store_at(url: str, *, timeout_s: float = 0.25) -> ProgressStore:
    return ProgressStore(url, ttl_s=7200, timeout_s=timeout_s, retry_first_s=0.05, retry_max_s=0.2)


@dataclass
class Site:
    server: Server
    valkey: Valkey
    store: ProgressStore
    env: dict[str, str]
    folder: Path
    tokens: dict[str, str]
    sessions: dict[str, str]
    foreign: str
    jobs: list[str] = field(default_factory=list)

    @property
    def session(self) -> str:
        return self.sessions["boss"]

    def new_job(self) -> str:
        """A running job of our organization that no other test uses."""
        return self.jobs.pop()

    def save_row(self, record: dict[str, Any], *, status: str = "running") -> None:
        """What a tracker's `save_row` does in a worker."""
        sql = "UPDATE generation_generationjob SET progress = ?, status = ? WHERE id = ?"
        with closing(sqlite3.connect(self.folder / "site.sqlite3", timeout=SOON_S)) as connection, connection:
            assert connection.execute(sql, (json.dumps(record), status, record["job_id"].replace("-", ""))).rowcount == 1

    def metrics(self) -> str:
        return self.get("/metrics", name=None, Authorization="Bearer figures").text

    def headers(self, name: str = "boss") -> dict[str, str]:
        return {"Authorization": f"Bearer {self.tokens[name]}"}

    def get(self, path: str, name: str | None = "boss", **headers: str) -> httpx.Response:
        sent = {**(self.headers(name) if name else {}), **{key.replace("_", "-"): value for key, value in headers.items()}}
        return httpx.get(self.server.url + path, headers=sent, timeout=SOON_S)


@contextmanager
def start_site(*, is_migrated: bool = False, **settings: str) -> Iterator[Site]:
    """Everything up, with short intervals; the settings given come on top. A database of theirs may be migrated already."""
    with tempfile.TemporaryDirectory(prefix="tl-", ignore_cleanup_errors=True) as name, start_valkey(Path(name)) as valkey:
        folder = Path(name)
        env = {
            "TIMELOOM_VAR": str(folder / "var"),
            "SECRET_KEY": SECRET,
            "REDIS_URL": valkey.url,
            "DATABASE_URL": "sqlite:///" + str(folder / "site.sqlite3"),
            "PROGRESS_JOB_SOURCE": "tests.progress.source.TableSource",
            **shrunk(**SHORT),
            **settings,
        }
        if "DATABASE_URL" in settings:
            seeded = "".join(run(*command, env=env) for command in FILL[len(MIGRATED) * is_migrated :])
        else:
            seeded = database_begin(folder / "site.sqlite3", *FILL, SECRET_KEY=SECRET)
        seed = json.loads(seeded.split("SEED", 1)[1])
        with start_server(env, folder=folder) as server:
            store = store_at(valkey.url, timeout_s=5)  # a busy machine is no outage
            yield Site(server, valkey, store, env, folder, **seed)
            store.close()


@dataclass
class Event:
    name: str  # "comment" for a heartbeat
    data: dict[str, Any]
    id: str
    at: float


@contextmanager
def open_stream(site: Site, job_id: str, name: str | None = "boss", **headers: str) -> Iterator[tuple[httpx.Response, Iterator[Event]]]:
    """The response and its events as they arrive; reading fails after a silent minute (six at full length)."""
    sent = {**(site.headers(name) if name else {}), **{key.replace("_", "-"): value for key, value in headers.items()}}
    url = f"{site.server.url}/api/generation/stream/{job_id}/"
    with httpx.Client(timeout=SILENCE_S * PATIENCE) as client, client.stream("GET", url, headers=sent) as response:
        yield response, events_of(response)


@contextmanager
def open_socket(site: Site, job_id: str, name: str | None = "boss", **options: Any) -> Iterator[ClientConnection]:
    """A WebSocket on the job; a refused handshake raises `InvalidStatus`."""
    headers = {**(site.headers(name) if name else {}), **options.pop("headers", {})}
    address = f"{site.server.url.replace('http', 'ws')}/ws/timetable/progress/{job_id}/{options.pop('query', '')}"
    with connect(address, additional_headers=headers, proxy=None, **options) as socket:
        yield socket


def messages_of(socket: ClientConnection, *, timeout_s: float = SILENCE_S) -> Iterator[tuple[str, dict[str, Any]]]:
    """Type and data of each message until the server closes; reading fails after a silent minute."""
    while True:
        try:
            message = json.loads(socket.recv(timeout=timeout_s))
        except ConnectionClosed:
            return
        assert set(message) == {"type", "data"}
        yield message["type"], message["data"]


def events_of(response: httpx.Response) -> Iterator[Event]:
    fields: dict[str, str] = {}
    for line in response.iter_lines():
        if line.startswith(":"):
            fields["event"] = "comment"
        elif line:
            key, _, value = line.partition(": ")
            fields[key] = value
        elif fields:
            yield Event(fields.get("event", "message"), json.loads(fields.get("data", "{}")), fields.get("id", ""), time.time())
            fields = {}
