"""The whole site as real processes for a browser: Redis-protocol server, worker, beat and ASGI server."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.first_databases import MIGRATED, WITH_PEOPLE, database_begin
from tests.processes import Process, Server, Valkey, start_beat, start_server, start_valkey, start_worker

PASSWORD = "browser-password-1"
# Intervals are shrunk; the run at full length is made by hand.
FAST = {
    "JOB_LEASE_S": "4",
    "JOB_LEASE_RENEW_S": "1",
    "JOB_SWEEP_S": "1",
    "JOB_REQUEUE_AFTER_S": "4",
    "JOB_CHECKPOINT_S": "1",
    "STREAM_POLL_S": "0.3",
    "STREAM_DB_FALLBACK_S": "0.5",
    "STREAM_BACKOFF_MAX_S": "1",
    "PROGRESS_ROW_S": "0.5",
    "LOG_LEVEL": "warning",
}
MAKE_EMPTY_INSTITUTION = f"""
from django.contrib.auth.models import User
from academics.models import Membership, Organization
organization = Organization.objects.create(code="empty", name="Empty College")
user = User.objects.create_user("beginner", password="{PASSWORD}")
Membership.objects.create(organization=organization, user=user, role="admin")
"""


@dataclass
class Site:
    """Handles on the processes, so that a test can take one away."""

    folder: Path
    env: dict[str, str]
    valkey: Valkey
    server: Server
    stack: contextlib.ExitStack
    worker: Process | None = None

    @property
    def url(self) -> str:
        return self.server.url

    def replace_worker(self) -> None:
        """What the supervisor does when the worker died."""
        self.worker = self.stack.enter_context(start_worker(self.env, folder=self.folder, redis_url=self.valkey.url, name="second"))


@contextlib.contextmanager
def start_site(*, instead_of_demo: str = "", has_worker: bool = True) -> Iterator[Site]:
    """A migrated site with the small demo university and an institution without any data, or with what the script makes.

    Worker and beat take as long to start as all the rest: pages that leave nothing to them do without.
    """
    folder = Path(tempfile.mkdtemp(prefix="tlb-"))  # short: a socket's path holds 107 characters
    with contextlib.ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        valkey = stack.enter_context(start_valkey(folder))
        env = FAST | {
            "TIMELOOM_VAR": str(folder),
            "REDIS_URL": valkey.url,
            "DEMO_PASSWORD": PASSWORD,
            "DATABASE_URL": f"sqlite:///{folder}/site.sqlite3",
        }
        begin = MIGRATED if instead_of_demo else WITH_PEOPLE
        script = ("shell", "-c", instead_of_demo or MAKE_EMPTY_INSTITUTION)
        database_begin(folder / "site.sqlite3", *begin, script, DEMO_PASSWORD=PASSWORD)
        worker = stack.enter_context(start_worker(env, folder=folder, redis_url=valkey.url)) if has_worker else None
        if has_worker:
            stack.enter_context(start_beat(env, folder=folder, redis_url=valkey.url))
        server = stack.enter_context(start_server(env, folder=folder))
        yield Site(folder, env, valkey, server, stack, worker)


@contextlib.contextmanager
def start_pages(*fill: tuple[str, ...]) -> Iterator[str]:
    """The small demo university with its users, and what the commands add: the web server alone, for what leaves nothing to a queue."""
    folder = Path(tempfile.mkdtemp(prefix="tlb-"))
    with contextlib.ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        env = {
            "TIMELOOM_VAR": str(folder),
            "DEMO_PASSWORD": PASSWORD,
            "DATABASE_URL": f"sqlite:///{folder}/site.sqlite3",
            "REDIS_URL": f"unix://{folder}/none.sock",
            "LOG_LEVEL": "warning",
        }
        database_begin(folder / "site.sqlite3", *WITH_PEOPLE, *fill, DEMO_PASSWORD=PASSWORD)
        yield stack.enter_context(start_server(env, folder=folder)).url
