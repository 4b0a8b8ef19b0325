"""Published pages at the real server under load (SUITE=published): RATE requests a second for TIME seconds over loopback.

A data directory of its own, a Redis-protocol server, gunicorn as `make run` starts it. The timetable of SCALE=large is
dealt to timeslots in turn: what a page costs does not depend on how good it is. Readers ask for other pages each time, begin at
fixed moments whether or not earlier ones were answered, and each holds a connection as browsers do.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
import statistics
import tempfile
import time
from pathlib import Path

from tests.benchmarks.options import OptionError, Options
from tests.benchmarks.quality import Outcome
from tests.benchmarks.tables import Column, Figures, Table
from tests.processes import manage, start_server, start_valkey

TIME_S, RATE, NUM_KEYS = 20.0, 200, 60
MEDIAN_BAR_MS = 100.0
COLUMNS = (
    Column("figure", "figure", is_text=True),
    Column("found", "found", ",.1f", is_compared=True),
    Column("bar", "bar", is_text=True),
    Column("verdict", "verdict", is_text=True),
)
PUBLISH = """
import datetime as dt, json, numpy as np
from academics.models import Organization, Term
from generation.engine.model.solution import Solution
from generation.problem.builder import problem_load
from generation.models import Entry, GenerationJob, Variant, Workflow
from generation.timetable.results import entries_of
organization = Organization.objects.get(code="demo")
Organization.objects.update(is_public=True)
today = dt.date.today()
Term.objects.update(starts_on=today - dt.timedelta(days=40), ends_on=today + dt.timedelta(days=60))
term = Term.objects.get(organization=organization)
problem = problem_load(organization=organization, term=term)
numbers = np.arange(problem.num_lectures)
latest = problem.periods_per_day - problem.lecture_length
slot = numbers % problem.num_days * problem.periods_per_day + numbers // problem.num_days % (latest + 1)
solution = Solution(slot.astype(np.int32), (numbers % problem.num_rooms).astype(np.int32))
job = GenerationJob.objects.create(organization=organization, term=term, status="completed")
variant = Variant.objects.create(job=job, index=0, label="Dealt in turn", seed=1, hard=0, soft=0)
Entry.objects.bulk_create([Entry(variant=variant, **entry) for entry in entries_of(problem, solution)], batch_size=2000)
Workflow.objects.create(job=job, variant=variant, status="published")
entries = variant.entries.order_by("?")[:COUNT]
keys = [("section", e.section) for e in entries] + [("room", e.room) for e in entries] + [("instructor", e.instructors[0]) for e in entries]
print("KEYS " + json.dumps(keys))
"""


def run(options: Options) -> Outcome:
    settled = options.or_else(time_s=TIME_S)
    rate = int(os.environ.get("RATE", RATE))
    with tempfile.TemporaryDirectory(prefix="tl-pub-", dir="/tmp") as name, contextlib.ExitStack() as stack:
        folder = Path(name)
        valkey = stack.enter_context(start_valkey(folder))
        env = {
            "TIMELOOM_VAR": name,
            "REDIS_URL": valkey.url,
            "DATABASE_URL": f"sqlite:///{folder}/timeloom.sqlite3",
            "LOG_LEVEL": "warning",
        }
        pages = pages_published(options.scale, env=env)
        server = stack.enter_context(start_server(env, folder=folder))
        first = asyncio.run(load(server.port, pages, rate=20, time_s=len(pages) / 20))
        found = asyncio.run(load(server.port, pages, rate=rate, time_s=settled.time_s))
    title = f"Published pages of the {options.scale} demo: {rate} requests a second for {settled.time_s:g} s, {len(pages)} different pages"
    return Outcome([Table("published", title, COLUMNS, rows(first, found, rate), keys=("figure",))])


def pages_published(scale: str, *, env: Figures) -> list[str]:
    managed("migrate", "-v", "0", env=env)
    managed("demo", "--scale", scale, "--organization", "demo", env=env)
    said = managed("shell", "-c", PUBLISH.replace("COUNT", str(NUM_KEYS)), env=env)
    keys = json.loads(next(line for line in said.splitlines() if line.startswith("KEYS ")).removeprefix("KEYS "))
    asked = [f"/timetables/demo/{by}/{key}/?view={view}" for (by, key), view in zip(keys, itertools.cycle(("week", "grid", "today")))]
    return ["/timetables/demo/", *dict.fromkeys(asked)]


def managed(*arguments: str, env: Figures) -> str:
    done = manage(*arguments, env=env, timeout_s=900)
    if done.returncode:
        raise OptionError(f"manage.py {arguments[0]} ended with status {done.returncode}: {done.stderr.strip()[-500:]}")
    return done.stdout


class Reader:
    """One connection that asks for a page at a time."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def read(self, page: str) -> tuple[int, int]:
        """Status and size of the answer; on a new connection where the server has closed the idle one."""
        try:
            return await self._read(page)
        except (asyncio.IncompleteReadError, ConnectionError):
            self._streams = None
            return await self._read(page)

    async def _read(self, page: str) -> tuple[int, int]:
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._streams
        writer.write(f"GET {page} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Encoding: gzip\r\n\r\n".encode())
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        size = int(head.partition("content-length:")[2].partition("\r\n")[0])
        await reader.readexactly(size)
        return int(head.split(" ", 2)[1]), size

    async def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
            with contextlib.suppress(ConnectionError):
                await self._streams[1].wait_closed()


async def load(port: int, pages: list[str], *, rate: float, time_s: float) -> Figures:
    """Open loop: request n begins n/rate seconds after the first, on whichever connection is free."""
    free: list[Reader] = []
    made: list[Reader] = []
    taken_ms: list[float] = []
    wrong = 0

    async def ask(page: str, due: float) -> None:
        nonlocal wrong
        reader = free.pop() if free else Reader(port)
        if reader not in made:
            made.append(reader)
        status, _ = await reader.read(page)
        # From when it was due: a server that falls behind must not look quick.
        taken_ms.append(1000 * (time.perf_counter() - due))
        wrong += status != 200
        free.append(reader)

    began, asked = time.perf_counter(), []
    for number in range(round(rate * time_s)):
        due = began + number / rate
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        asked.append(asyncio.create_task(ask(pages[number % len(pages)], due)))
    await asyncio.gather(*asked)
    lasted = time.perf_counter() - began
    for reader in made:
        await reader.close()
    return {"ms": sorted(taken_ms), "rate": len(taken_ms) / lasted, "wrong": wrong, "connections": len(made)}


def rows(first: Figures, found: Figures, rate: int) -> list[Figures]:
    def share(ms: list[float], part: float) -> float:
        return ms[min(len(ms) - 1, int(part * len(ms)))]

    median = statistics.median(found["ms"])
    return [
        {"figure": "first time each page is asked for, median, ms", "found": statistics.median(first["ms"])},
        {"figure": "the same, slowest, ms", "found": first["ms"][-1]},
        _judged("median, ms", median, f"at most {MEDIAN_BAR_MS:g}", is_met=median <= MEDIAN_BAR_MS),
        {"figure": "95 of 100 within, ms", "found": share(found["ms"], 0.95)},
        {"figure": "99 of 100 within, ms", "found": share(found["ms"], 0.99)},
        _judged("answered a second", found["rate"], f"{rate} asked", is_met=found["rate"] >= 0.98 * rate),
        _judged("answers other than 200", found["wrong"], "none", is_met=not found["wrong"]),
        {"figure": "connections at once, most", "found": found["connections"]},
    ]


def _judged(figure: str, found: float, bar: str, *, is_met: bool) -> Figures:
    return {"figure": figure, "found": found, "bar": bar, "verdict": "met" if is_met else "missed"}
