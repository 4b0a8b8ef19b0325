"""Jobs under real processes: a worker, beat, Redis, and what happens when one of them dies."""

from __future__ import annotations

import contextlib
import re
import signal
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from tests.clocks import Stopwatch
from tests.console import Console, start_console
from tests.first_databases import WITH_DEMO, database_begin
from tests.processes import START_S, Process, Valkey, start_beat, start_valkey, start_worker, wait_until

pytestmark = pytest.mark.processes
SPENT = re.compile(r"job_resumed spent_s=([\d.]+)")
ENDS = ("completed", "failed", "cancelled")
# The intervals of the contract, shrunk: a lease of 4 s instead of 20 s, a sweep each 0.5 s instead of 10 s.
INTERVALS = {
    "JOB_LEASE_S": "4",
    "JOB_LEASE_RENEW_S": "0.4",
    "JOB_SWEEP_S": "0.5",
    "JOB_REQUEUE_AFTER_S": "1",
    "JOB_CHECKPOINT_S": "0.3",
    "JOB_REQUEST_POLL_S": "0.2",
}


# Two searches, then an import and a book of the timetable that there is.
FILE_ALL = """
from django.conf import settings
from academics.importing.batches import batch_create
from academics.importing.queue import batch_start
from academics.models import Organization
from generation.exports import books
from generation.models import Variant
from generation.runs.services import JobRequest, job_start
settings.IMPORT_INLINE_KB = books.SMALL = 0  # all is large
for seed in (1, 2):
    print(job_start(user=None, request=JobRequest(organization="demo", time_limit_s=600, seed=seed)).pk.hex)
files = [("rooms.csv", b"code,name,capacity,building,kind\\nNEW1,New room,20,,\\n")]
batch = batch_create(organization=Organization.objects.get(code="demo"), user=None, files=files)
assert not batch_start(batch=batch, action="import_at_once")
print(batch.pk.hex, books.book_ask(variant=Variant.objects.first(), book="sections").pk.hex)
"""


FILE_LONG_IMPORT = """
from academics.importing.batches import batch_create
from academics.importing.queue import batch_start
from academics.models import Organization
rows = "".join(f"LONG{number},Room,20\\n" for number in range(150_000))
files = [("rooms.csv", f"code,name,capacity\\n{rows}".encode())]
batch = batch_create(organization=Organization.objects.get(code="demo"), user=None, files=files)
assert not batch_start(batch=batch, action="import_at_once")
print(batch.pk.hex)
"""
LOOK_AT_IMPORT = """
import time
from academics.models import ImportBatch, Room
deadline = time.monotonic() + 120
while (batch := ImportBatch.objects.get(pk="{key}")).is_active and time.monotonic() < deadline:
    time.sleep(0.2)
print(batch.status, Room.objects.filter(code__startswith="LONG").count(), batch.error)
"""
FILE_LONG_BOOK = """
from django.conf import settings
from generation.exports import books
from generation.models import Entry, GenerationJob, Variant
job = GenerationJob.objects.create(organization_id=1, term_id=1, status="completed")
variant = Variant.objects.create(job=job, index=0, label="Long", seed=1, hard=0, soft=0)
Entry.objects.bulk_create(
    Entry(variant=variant, lecture=n, course="C", section=f"S{n:04}", room="R", day=n % 5, period=n % 8) for n in range(600)
)
print(books.book_ask(variant=variant, book="sections").pk.hex)
"""
ASK_FOR_BOOK = """
from generation.exports import books
from generation.models import Rendering
asked = books.book_ask(variant=Rendering.objects.get(pk="{key}").variant, book="sections")
file = getattr(asked, "content", b"") or b""
is_whole = file[:5] == b"%PDF-" and file.rstrip().endswith(b"%%EOF")
print(getattr(asked, "status", "done"), is_whole, Rendering.objects.filter(pk="{key}").count())
"""
FILE_LONG_ARCHIVE = """
from django.contrib.auth.models import User
from academics.models import Organization, Student
from erp.archive.readings import reading_create, reading_send
from erp.archive.writing import archive_write
organization = Organization.objects.create(code="long", name="Long")
Student.objects.bulk_create(Student(organization=organization, code=f"L{number}") for number in range(30_000))
root = User.objects.create_user("root", is_superuser=True)
text = "".join(archive_write(organization=organization))
reading = reading_create(user=root, file="long.json", data=text.encode(), code="copy")
reading_send(reading=reading)
print(reading.pk.hex)
"""
LOOK_AT_ARCHIVE = """
import time
from django.conf import settings
from academics.models import ArchiveReading, Organization, Student
from erp.archive.readings import reading_start
settings.IMPORT_INLINE_KB = 100_000
deadline = time.monotonic() + 120
while (reading := ArchiveReading.objects.get(pk="{key}")).is_active and time.monotonic() < deadline:
    time.sleep(0.2)
print(reading.status, Organization.objects.filter(code="copy").count(), Student.objects.count(), reading.error.replace(" ", "_"))
reading_start(reading=reading, code="copy", replace=False)
print(reading.status, Student.objects.filter(organization__code="copy").count())
"""
FILE_ONE_OF_EACH = """
from django.conf import settings
from django.contrib.auth.models import User
from academics.importing.batches import batch_create
from academics.importing.queue import batch_start
from academics.models import Organization
from erp.archive.readings import reading_create, reading_send
from erp.archive.writing import archive_write
from generation.exports import books
from generation.models import Entry, GenerationJob, Variant
settings.IMPORT_INLINE_KB = books.SMALL = 0  # all is large
root = User.objects.create_user("lost", is_superuser=True)
organization = Organization.objects.create(code="lost", name="Lost")
batch = batch_create(organization=organization, user=None, files=[("rooms.csv", b"code,name,capacity\\nNEW2,New room,20\\n")])
assert not batch_start(batch=batch, action="import_at_once")
text = "".join(archive_write(organization=organization))
reading = reading_create(user=root, file="lost.json", data=text.encode(), code="found")
reading_send(reading=reading)
job = GenerationJob.objects.create(organization_id=1, term_id=1, status="completed")
variant = Variant.objects.create(job=job, index=0, label="Short", seed=1, hard=0, soft=0)
Entry.objects.create(variant=variant, lecture=0, course="C", section="S", room="R", day=0, period=0)
print(batch.pk.hex, reading.pk.hex, books.book_ask(variant=variant, book="sections").pk.hex)
"""
FILE_FOR_TWO = """
from academics.models import Organization
from generation.runs.services import JobRequest, job_start
for code, number in (("many{number}", {number}), ("one{number}", 1)):
    Organization.objects.create(code=code, name=code)
    for _ in range(number):
        job_start(user=None, request=JobRequest(organization=code))
"""
GIVE_UP = """
import time
from {app}.models import {model}
from academics.long_work import work_give_up
from academics.importing.progress import news
from tests.clocks import Stopwatch
while "{words}" and "{words}" not in (news("{key}") or {{"words": ""}})["words"] and {model}.objects.get(pk="{key}").is_active:
    time.sleep(0.05)
row = {model}.objects.get(pk="{key}")
stopwatch = Stopwatch()
print(work_give_up(row), stopwatch.waited_less_than(10))
"""


@dataclass
class Site:
    """One installation in a temporary folder: its settings, its database, its Redis."""

    folder: Path
    env: dict[str, str]
    valkey: Valkey
    console: Console
    kept: dict[int, Process] = field(default_factory=dict)  # by number of children
    stack: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)

    def row(self, job: UUID) -> dict[str, Any]:
        with contextlib.closing(self._connect()) as connection:
            connection.row_factory = sqlite3.Row
            return dict(connection.execute("SELECT * FROM generation_generationjob WHERE id = ?", [job.hex]).fetchone())

    def set(self, job: UUID, **values: str | None) -> None:
        with contextlib.closing(self._connect()) as connection, connection:
            for column, value in values.items():
                connection.execute(f"UPDATE generation_generationjob SET {column} = ? WHERE id = ?", [value, job.hex])

    def num_variants(self, job: UUID) -> int:
        with contextlib.closing(self._connect()) as connection:
            return int(connection.execute("SELECT COUNT(*) FROM generation_variant WHERE job_id = ?", [job.hex]).fetchone()[0])

    def _connect(self) -> sqlite3.Connection:
        return sqlite3.connect(self.folder / "timeloom.sqlite3", timeout=60)

    def job(self, *, time_limit_s: float) -> UUID:
        """Files a job as the web does."""
        done = self.console.manage("generate", "--organization", "demo", "--time-limit", str(time_limit_s))
        assert done.returncode == 0, done.stderr
        return UUID(done.stdout.split()[-1])

    def wait(
        self,
        job: UUID,
        condition: Callable[[dict[str, Any]], object],
    ) -> Stopwatch:
        stopwatch = Stopwatch()
        wait_until(lambda: bool(condition(self.row(job))), timeout_s=START_S, what=f"a change of {self.row(job)['status']}")
        return stopwatch

    def worker(self, name: str = "worker", *, children: int = 1, **env: str) -> contextlib.AbstractContextManager[Process]:
        return start_worker(self.env | env, folder=self.folder, redis_url=self.valkey.url, name=name, children=children)

    def worker_kept(self, *, children: int = 1) -> Process:
        """The only one, with the usual settings; it stays for the next test, which may have it (`kept_site`): a start takes seconds."""
        if children not in self.kept or not self.kept[children].is_alive():
            self.workers_end()
            name = f"kept{len(list(self.folder.glob('kept*.log')))}"
            started = start_worker(self.env, folder=self.folder, redis_url=self.valkey.url, name=name, children=children)
            self.kept[children] = self.stack.enter_context(started)
        return self.kept[children]

    def workers_end(self) -> None:
        self.kept.clear()
        self.stack.close()

    def shell(self, code: str) -> list[str]:
        """What a piece of code says that runs as the web server would."""
        done = self.console.manage("shell", "-v0", "-c", code)
        assert done.returncode == 0, done.stderr
        return done.stdout.split()

    def all_started(self, organization: str) -> list[str]:
        query = (
            "SELECT started_at FROM generation_generationjob WHERE organization_id = (SELECT id FROM academics_organization WHERE code = ?)"
        )
        with contextlib.closing(self._connect()) as connection:
            return [row[0] for row in connection.execute(query, [organization]) if row[0]]

    def value(self, of: str, key: UUID, column: str = "status") -> Any:
        with contextlib.closing(self._connect()) as connection:
            return connection.execute(f"SELECT {column} FROM {of} WHERE id = ?", [key.hex]).fetchone()[0]


@pytest.fixture(scope="module")
def kept_site() -> Iterator[Site]:
    """With the worker that the test before left at work, if it did."""
    with tempfile.TemporaryDirectory(prefix="tl-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        with start_valkey(folder) as valkey:
            env = INTERVALS | {"TIMELOOM_VAR": name, "REDIS_URL": valkey.url, "DATABASE_URL": f"sqlite:///{folder}/timeloom.sqlite3"}
            database_begin(folder / "timeloom.sqlite3", *WITH_DEMO)
            with start_beat(env, folder=folder, redis_url=valkey.url), start_console(env) as console:
                site = Site(folder, env, valkey, console)
                yield site
                site.workers_end()


@pytest.fixture
def site(kept_site: Site) -> Site:
    """Without a worker."""
    kept_site.workers_end()
    return kept_site


def test_a_killed_workers_job_goes_on_with_the_next_worker(site: Site) -> None:
    job = site.job(time_limit_s=8)  # before there is a worker: a busy machine takes seconds to say that it is filed
    with site.worker() as worker:
        site.wait(job, lambda row: row["checkpoint"])
        worker.kill()
    # Found by beat's sweep, as no worker is left.
    assert site.wait(job, lambda row: row["status"] == "pending").waited_less_than(8)
    with site.worker("second") as second:
        site.wait(job, lambda row: row["status"] in ENDS)
    row, spent_s = site.row(job), float(SPENT.findall(second.output())[-1])
    assert 0 < spent_s < 8, "what the first worker spent is not spent again"
    assert (row["status"], row["attempt"]) == ("completed", 2)
    assert site.num_variants(job) == 3


def test_a_killed_workers_job_without_a_checkpoint_begins_anew(site: Site) -> None:
    job = site.job(time_limit_s=2)
    with site.worker(JOB_CHECKPOINT_S="1000") as worker:
        site.wait(job, lambda row: row["checkpoint"])
        site.set(job, checkpoint=None)  # as if it had died before the first
        worker.popen.send_signal(signal.SIGKILL)  # the parent alone: its child must not go on unseen
        assert site.wait(job, lambda row: row["status"] == "pending").waited_less_than(8)
    with site.worker("anew"):
        site.wait(job, lambda row: row["status"] in ENDS)
    assert (site.row(job)["status"], site.row(job)["attempt"]) == ("completed", 2)
    assert site.num_variants(job) == 3


def test_a_worker_that_is_stopped_hands_its_job_back_at_once_and_uses_up_no_attempt(site: Site) -> None:
    job, ways = site.job(time_limit_s=40), (signal.SIGTERM, signal.SIGQUIT)
    for number, way in enumerate(ways, start=1):
        with site.worker(f"stopped{number}", JOB_ATTEMPTS="1") as worker:
            site.wait(job, lambda row: row["status"] == "running")  # at whatever it is: loading, compiling or searching
            stopwatch = Stopwatch()
            worker.stop(sig=way, timeout_s=START_S)
            assert stopwatch.waited_less_than(20)
        row = site.row(job)
        assert (row["status"], row["attempt"], row["handovers"], row["error"]) == ("pending", number, number, "")
    site.worker_kept()
    site.wait(job, lambda row: row["has_incumbent"])
    site.set(job, stop_requested_at="2026-01-01 00:00:00")
    site.wait(job, lambda row: row["status"] == "completed")
    assert (site.row(job)["attempt"], site.num_variants(job)) == (3, 3)


def test_cancel_stop_and_a_redis_that_goes_away(kept_site: Site) -> None:
    site = kept_site
    site.worker_kept()
    job = site.job(time_limit_s=60)
    site.wait(job, lambda row: row["has_incumbent"])
    site.set(job, status="cancelling")
    assert site.wait(job, lambda row: row["status"] == "cancelled").waited_less_than(2)
    assert site.num_variants(job) == 0

    job = site.job(time_limit_s=60)
    site.wait(job, lambda row: row["has_incumbent"])
    site.set(job, stop_requested_at="2026-01-01 00:00:00")
    assert site.wait(job, lambda row: row["status"] == "completed").waited_less_than(2)
    assert site.row(job)["is_partial"] == 1

    job = site.job(time_limit_s=4)
    site.wait(job, lambda row: row["has_incumbent"])
    site.valkey.stop()
    site.wait(job, lambda row: row["status"] in ENDS)
    row = site.row(job)
    assert (row["status"], row["error"]) == ("completed", "")

    # Filed while Redis is away, and run when it is back.
    job = site.job(time_limit_s=1)
    assert site.row(job)["status"] == "pending"
    site.valkey.start()
    site.wait(job, lambda row: row["status"] == "completed")


def test_an_import_and_a_book_are_done_while_a_search_runs_and_another_waits(kept_site: Site) -> None:
    site = kept_site
    site.worker_kept(children=2)
    done = site.job(time_limit_s=1)
    site.wait(done, lambda row: row["status"] == "completed")
    running, waiting, batch, book = (UUID(key) for key in site.shell(FILE_ALL))

    wait_until(lambda: site.value("academics_importbatch", batch) == "imported", timeout_s=START_S, what="the import")
    wait_until(lambda: site.value("generation_rendering", book) == "done", timeout_s=START_S, what="the book")

    assert (site.row(running)["status"], site.row(waiting)["status"]) == ("running", "pending")
    site.set(running, status="cancelling")
    site.wait(waiting, lambda row: row["status"] == "running")
    site.set(waiting, status="cancelling")
    site.wait(waiting, lambda row: row["status"] == "cancelled")


def test_a_killed_workers_import_is_given_up_within_a_lease_and_says_so(kept_site: Site) -> None:
    site = kept_site
    worker = site.worker_kept(children=2)
    (key,) = site.shell(FILE_LONG_IMPORT)
    wait_until(
        lambda: site.value("academics_importbatch", UUID(key), "started_at"),
        timeout_s=START_S,
        what="the start, which its first news precede",
    )
    worker.kill()

    status, num_written, *words = site.shell(LOOK_AT_IMPORT.replace("{key}", key))

    assert (status, num_written) == ("checked", "0")
    assert "is gone. Nothing was written" in " ".join(words)


def test_a_killed_workers_book_is_made_by_the_next_for_whoever_asks_again(site: Site) -> None:
    with site.worker() as worker:
        (key,) = site.shell(FILE_LONG_BOOK)
        wait_until(lambda: site.value("generation_rendering", UUID(key), "done") > 0, timeout_s=START_S, what="some of its pages")
        worker.kill()
    assert (site.value("generation_rendering", UUID(key)), site.value("generation_rendering", UUID(key), "content")) == ("running", None)
    status, is_whole, count = site.shell(ASK_FOR_BOOK.replace("{key}", key))
    assert (status in ("running", "pending"), is_whole, count) == (True, "False", "1")

    wait_until(
        lambda: site.value("generation_rendering", UUID(key)) == "pending", timeout_s=START_S, what="its turn again, as its lease ran out"
    )
    site.worker_kept()
    wait_until(lambda: site.value("generation_rendering", UUID(key)) == "done", timeout_s=START_S, what="the book")

    assert site.shell(ASK_FOR_BOOK.replace("{key}", key)) == ["done", "True", "1"]


def test_a_killed_workers_archive_leaves_nothing_and_can_be_read_again(kept_site: Site) -> None:
    site = kept_site
    worker = site.worker_kept()
    (key,) = site.shell(FILE_LONG_ARCHIVE)
    with contextlib.closing(site.valkey.client()) as redis:
        wait_until(lambda: any(b"Reading students" in (redis.get(name) or b"") for name in redis.keys("*import:*")), what="its middle")
    worker.kill()

    status, num_made, num_students, words, again, num_read = site.shell(LOOK_AT_ARCHIVE.replace("{key}", key))

    assert (status, num_made) == ("looked", "0")
    assert "is_gone._Nothing_was_written" in words
    assert (again, num_read) == ("read", "30000")
    assert int(num_students) < 60_000


def test_lost_messages_of_every_kind_are_sent_again(site: Site) -> None:
    job = site.job(time_limit_s=1)
    batch, reading, book = (UUID(key) for key in site.shell(FILE_ONE_OF_EACH))
    with site.valkey.client() as client:
        client.flushall()

    with site.worker():
        site.wait(job, lambda row: row["status"] in ENDS)
        assert site.row(job)["status"] == "completed"
        wait_until(lambda: site.value("academics_importbatch", batch) == "imported", timeout_s=START_S, what="the import")
        wait_until(lambda: site.value("academics_archivereading", reading) == "read", timeout_s=START_S, what="the archive")
        wait_until(lambda: site.value("generation_rendering", book) == "done", timeout_s=START_S, what="the book")


@pytest.mark.parametrize("number", [10, pytest.param(50, marks=pytest.mark.drill)])
def test_another_institutions_job_is_next_though_many_of_one_were_filed_before_and_redis_was_wiped(site: Site, number: int) -> None:
    """None of them has data, so each ends as soon as it begins."""
    many, one = f"many{number}", f"one{number}"
    site.shell(FILE_FOR_TWO.format(number=number))
    with site.valkey.client() as client:
        client.flushall()

    with site.worker():
        wait_until(lambda: len(site.all_started(many) + site.all_started(one)) == number + 1, what="their start")

    (other,) = site.all_started(one)
    assert sum(each < other for each in site.all_started(many)) <= 1


def test_a_worker_stops_what_is_given_up_even_while_it_alone_may_write(site: Site) -> None:
    """An import in its one transaction: SQLite lets nobody else write, so the word comes by Redis."""
    with site.worker(JOB_LEASE_RENEW_S="60", JOB_LEASE_S="120") as worker:
        (key,) = site.shell(FILE_LONG_IMPORT)
        key = str(UUID(key))
        is_taken, is_quick = site.shell(GIVE_UP.format(app="academics", model="ImportBatch", key=key, words="Adding"))
        assert (is_taken, is_quick) == ("True", "True")

        status, num_written, *words = site.shell(LOOK_AT_IMPORT.replace("{key}", key))
        assert (status, num_written, words[:4]) == ("checked", "0", ["It", "was", "given", "up."])
        wait_until(lambda: "step_refused" in worker.output(), what="the worker's leaving")
        (book,) = site.shell(FILE_LONG_BOOK)
        wait_until(lambda: site.value("generation_rendering", UUID(book), "done") > 0, timeout_s=START_S, what="some of its pages")
        site.shell(GIVE_UP.format(app="generation", model="Rendering", key=book, words=""))
        wait_until(lambda: "book_left" in worker.output(), what="the worker's leaving")
    assert (site.value("generation_rendering", UUID(book)), site.value("generation_rendering", UUID(book), "content")) == (
        "cancelled",
        None,
    )
