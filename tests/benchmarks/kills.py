"""Processes of the worker killed while the web server writes (SUITE=kills): what is lost, what is doubled, and how long jobs take.

A site of its own on SQLite, with a sweep each 0.3 s: first children of the pool are killed, then whole workers. Every row that
was acknowledged must be there in the end, every job must have ended, with all of its variants or with none.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import signal
import sqlite3
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests.benchmarks.options import Options
from tests.benchmarks.quality import Outcome
from tests.benchmarks.tables import Column, Figures, Table
from tests.first_databases import WITH_DEMO, database_begin
from tests.processes import Process, Server, Valkey, start_server, start_valkey, start_worker, wait_until

SECRET = "a-secret-of-the-drill-that-is-long-enough-for-hmac-sha256"
INTERVALS = {
    "JOB_LEASE_S": "4",
    "JOB_LEASE_RENEW_S": "0.4",
    "JOB_SWEEP_S": "0.3",
    "JOB_REQUEUE_AFTER_S": "1",
    "JOB_CHECKPOINT_S": "0.5",
    "JOB_REQUEST_POLL_S": "0.2",
    "JOB_ATTEMPTS": "1000",  # the drill kills on purpose
}
SEED = """
from django.contrib.auth.models import User
from academics.models import Organization
from rest_framework_simplejwt.tokens import AccessToken
Organization.objects.create(code="empty", name="Empty")
print("TOKEN", AccessToken.for_user(User.objects.create_superuser("drill")))
"""
FILL = (*WITH_DEMO, ("shell", "-v0", "-c", SEED))
ENDS = ("completed", "failed", "cancelled")
COLUMNS = (
    Column("killed", "killed", is_text=True),
    Column("kills", "kills"),
    Column("rows", "rows acknowledged"),
    Column("lost", "lost"),
    Column("jobs", "searches"),
    Column("completed", "completed"),
    Column("doubled", "doubled or torn"),
    Column("p50_s", "s to the end, half"),
    Column("p95_s", "95 of 100"),
    Column("integrity", "integrity_check", is_text=True),
)


@dataclass
class Drill:
    """A site with a web server, and what it has acknowledged so far."""

    folder: Path
    env: dict[str, str]
    valkey: Valkey
    server: Server
    token: str
    rooms: list[str] = field(default_factory=list)
    jobs: list[uuid.UUID] = field(default_factory=list)  # of the institution without data: they end as soon as a worker has them
    searches: list[uuid.UUID] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def post(self, path: str, **sent: object) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.token}"}
        return httpx.post(self.server.url + path, headers=headers, timeout=60, **sent)  # type: ignore[arg-type]

    def job(self, organization: str, *, time_limit_s: float = 1) -> uuid.UUID | None:
        answer = self.post("/api/generation-jobs/generate/", json={"organization": organization, "time_limit_s": time_limit_s})
        if answer.status_code != 201:
            self.refused.append(answer.text[:200])
            return None
        return uuid.UUID(answer.json()["job_id"])

    @contextlib.contextmanager
    def writing(self, *, pause_s: float = 0.05) -> Iterator[None]:
        """Rooms are imported and jobs filed by the web server, all the while."""
        ended = threading.Event()

        def write() -> None:
            for number in itertools.count(len(self.rooms)):
                if ended.wait(pause_s):
                    return
                code = f"DRILL{number}"
                answer = self.post(
                    "/api/import/", data={"organization": "empty"}, files={"files": ("rooms.csv", f"code,name,capacity\n{code},Room,20\n")}
                )
                if answer.status_code in (200, 201):
                    self.rooms.append(code)
                else:
                    self.refused.append(answer.text[:200])
                if (job := self.job("empty")) is not None:
                    self.jobs.append(job)

        thread = threading.Thread(target=write)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()

    def worker(self, name: str) -> contextlib.AbstractContextManager[Process]:
        return start_worker(self.env, folder=self.folder, redis_url=self.valkey.url, name=name, children=2)

    def query(self, sql: str) -> list[tuple[object, ...]]:
        with contextlib.closing(sqlite3.connect(self.folder / "timeloom.sqlite3", timeout=60)) as connection:
            return connection.execute(sql).fetchall()

    def integrity(self) -> str:
        """What SQLite says of its file once nobody has it open."""
        try:
            return " ".join(str(line) for (line,) in self.query("PRAGMA integrity_check"))
        except sqlite3.DatabaseError as error:
            return str(error)

    def lost(self) -> list[str]:
        """What was acknowledged and is not there, or never ended."""
        rooms = {str(code) for (code,) in self.query("SELECT code FROM academics_room")}
        status = {uuid.UUID(str(key)): status for key, status in self.query("SELECT id, status FROM generation_generationjob")}
        lost = [code for code in self.rooms if code not in rooms]
        return lost + [f"{job} {status.get(job)}" for job in [*self.jobs, *self.searches] if status.get(job) not in ENDS]

    def torn(self) -> list[str]:
        """Jobs with other than all of their variants when completed, or with any otherwise; variants without all their lectures."""
        return [
            str(row)
            for row in self.query(
                "SELECT job.id, job.status, COUNT(DISTINCT variant.id), COUNT(entry.id) FROM generation_generationjob job"
                " LEFT JOIN generation_variant variant ON variant.job_id = job.id"
                " LEFT JOIN generation_entry entry ON entry.variant_id = variant.id GROUP BY job.id"
            )
            if (row[2], row[3]) != ((3, 3 * self.num_lectures) if row[1] == "completed" else (0, 0))
        ]

    def other_ends(self) -> list[str]:
        """Searches that did not complete, with the reason that users are given."""
        sql = "SELECT id, status, attempt, error FROM generation_generationjob WHERE status <> 'completed'"
        searches = set(self.searches)
        return [f"{end}, attempt {attempt}: {error}" for key, end, attempt, error in self.query(sql) if uuid.UUID(str(key)) in searches]

    @property
    def num_lectures(self) -> int:
        found = self.query("SELECT MAX(lecture) + 1 FROM generation_entry")[0][0]
        return int(str(found or 0))

    def seconds(self) -> list[float]:
        """From filing to the end, of each search."""
        sql = "SELECT id, (julianday(finished_at) - julianday(created_at)) * 86400 FROM generation_generationjob"
        took = {uuid.UUID(str(key)): float(str(seconds)) for key, seconds in self.query(sql) if seconds is not None}
        return sorted(took[job] for job in self.searches if job in took)

    def wait_for_ends(self, *, timeout_s: float) -> None:
        def are_ended() -> bool:
            return not self.query("SELECT 1 FROM generation_generationjob WHERE status NOT IN ('completed', 'failed', 'cancelled') LIMIT 1")

        wait_until(are_ended, timeout_s=timeout_s, what="the end of every job")


@contextlib.contextmanager
def drill_begin(**intervals: str) -> Iterator[Drill]:
    with tempfile.TemporaryDirectory(prefix="tl-", ignore_cleanup_errors=True) as name, start_valkey(Path(name)) as valkey:
        folder = Path(name)
        env = INTERVALS | intervals | {"TIMELOOM_VAR": name, "SECRET_KEY": SECRET, "REDIS_URL": valkey.url}
        said = database_begin(folder / "timeloom.sqlite3", *FILL, SECRET_KEY=SECRET)
        with start_server(env, folder=folder) as server:
            yield Drill(folder, env, valkey, server, said.split("TOKEN")[1].split()[0])


def children_of(worker: Process) -> list[int]:
    """The processes of its pool; its sweep is none of them."""
    pids = Path(f"/proc/{worker.pid}/task/{worker.pid}/children").read_text().split()
    return [int(pid) for pid in pids if not is_sweep(int(pid))]


def is_sweep(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return b"\0sweep\0" in Path(f"/proc/{pid}/cmdline").read_bytes()
    return False


def children_kill(worker: Process, *, kills: int, pause_s: float) -> None:
    """One child after another, the oldest first."""
    for _ in range(kills):
        wait_until(lambda: len(children_of(worker)) == 2, what="the replacement of the last one")
        time.sleep(pause_s)
        with contextlib.suppress(ProcessLookupError):
            os.kill(min(children_of(worker)), signal.SIGKILL)


def workers_kill(drill: Drill, *, kills: int, pause_s: float) -> None:
    for number in range(kills):
        with drill.worker(f"killed{number}") as worker:
            time.sleep(pause_s)
            worker.kill()


def run(options: Options) -> Outcome:
    """60 children and 20 whole workers, searches of TIME seconds all the while."""
    time_s, rows = options.time_s or 6, []
    notes = [f"Searches of {time_s:g} s."]
    for killed, kills in (("children", 60), ("workers", 20)):
        with drill_begin() as drill:
            ended = threading.Event()

            def search(drill: Drill = drill, ended: threading.Event = ended) -> None:
                while not ended.is_set():
                    if (job := drill.job("demo", time_limit_s=time_s)) is not None:
                        drill.searches.append(job)
                    ended.wait(2 * time_s)

            searching = threading.Thread(target=search)
            with drill.writing(pause_s=0.2):
                searching.start()
                if killed == "children":
                    with drill.worker("worker") as worker:
                        children_kill(worker, kills=kills, pause_s=2)
                else:
                    workers_kill(drill, kills=kills, pause_s=5)
                ended.set()
                searching.join()
            with drill.worker("last"):
                drill.wait_for_ends(timeout_s=3600)
                rows.append(_row(drill, killed, kills))
            notes += [f"A search while {killed} were killed ended as {end}" for end in drill.other_ends()]
    title = "Processes of the worker killed while the web server writes"
    return Outcome([Table("kills", title, COLUMNS, rows, notes, keys=("killed",))], [])


def _row(drill: Drill, killed: str, kills: int) -> Figures:
    seconds = drill.seconds()
    completed = drill.query("SELECT COUNT(*) FROM generation_generationjob WHERE status = 'completed'")[0][0]
    return {
        "killed": killed,
        "kills": kills,
        "rows": len(drill.rooms) + len(drill.jobs) + len(drill.searches),
        "lost": len(drill.lost()),
        "jobs": len(drill.searches),
        "completed": completed,
        "doubled": len(drill.torn()),
        "p50_s": round(seconds[len(seconds) // 2], 1) if seconds else None,
        "p95_s": round(seconds[int(0.95 * len(seconds))], 1) if seconds else None,
        "integrity": drill.integrity(),
    }
