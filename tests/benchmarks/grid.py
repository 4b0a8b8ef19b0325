"""The grid at the real server (SUITE=grid): first paint in a browser, what a place costs before the drop, and saving a move.

A data directory of its own, and the timetable of SCALE=large as the construction's greedy insertion leaves it. Requests follow one
another, as one person's do; the first of each kind is told apart, for it fills the process's caches.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.benchmarks.options import OptionError, Options
from tests.benchmarks.paints import CHROMIUM, NO_BROWSER, paint_ms, signed_in
from tests.benchmarks.published import managed
from tests.benchmarks.quality import Outcome
from tests.benchmarks.tables import Column, Figures, Table
from tests.processes import start_server, start_valkey

NUM_LECTURES, NUM_SAVES, NUM_PAINTS = 60, 10, 12
PAINT_BAR_MS, PLACES_BAR_MS = 1000.0, 150.0
COLUMNS = (
    Column("figure", "figure", is_text=True),
    Column("first", "first", ",.0f"),
    Column("p50", "median", ",.0f", is_compared=True),
    Column("p95", "95 %", ",.0f", is_compared=True),
    Column("bar", "bar", is_text=True),
    Column("verdict", "verdict", is_text=True),
)
MAKE_TIMETABLE = """
import json, time
from django.contrib.auth.models import User
from django.test import Client
from generation.problem.stored_problem import problem_of, problem_pack, problem_unpack
from tests.factories.editing import demo_variant
variant = demo_variant()
problem = problem_of(job=variant.job)
began = time.perf_counter()
data = problem_pack(problem)
packed = time.perf_counter()
problem_unpack(data)
facts = {"pack": 1000 * (packed - began), "unpack": 1000 * (time.perf_counter() - packed), "kb": len(data) / 1024}
client = Client()
client.force_login(User.objects.create_superuser("bench"))
lectures = list(variant.entries.exclude(day=None).order_by("?").values_list("lecture", "section")[:COUNT])
found = {"variant": str(variant.pk), "job": str(variant.job_id), "session": client.session.session_key, "lectures": lectures}
print("MADE " + json.dumps(found | facts))
"""


def run(options: Options) -> Outcome:
    with tempfile.TemporaryDirectory(prefix="tl-grid-", dir="/tmp") as name, contextlib.ExitStack() as stack:
        folder = Path(name)
        valkey = stack.enter_context(start_valkey(folder))
        env = {"TIMELOOM_VAR": name, "REDIS_URL": valkey.url, "LOG_LEVEL": "error", "DATABASE_URL": f"sqlite:///{folder}/timeloom.sqlite3"}
        made = timetable_made(options.scale, env=env)
        server = stack.enter_context(start_server(env, folder=folder))
        rows = [*requests_measured(server.port, made), *paints_measured(server.url, made)]
    rows += [{"figure": f"problem kept with its run: {words}", "p50": made[name]} for name, words in KEPT.items()]
    title = f"The grid of the {options.scale} demo, milliseconds where nothing else is said; one reader at a time, over loopback"
    return Outcome([Table("grid", title, COLUMNS, rows, [] if CHROMIUM.exists() else [NO_BROWSER])])


KEPT = {"kb": "size, KB", "pack": "packing", "unpack": "reading back"}


def timetable_made(scale: str, *, env: Figures) -> dict[str, Any]:
    managed("migrate", "-v", "0", env=env)
    managed("demo", "--scale", scale, "--organization", "demo", env=env)
    said = managed("shell", "-c", MAKE_TIMETABLE.replace("COUNT", str(NUM_LECTURES)), env=env)
    line = next(line for line in said.splitlines() if line.startswith("MADE "))
    found: dict[str, Any] = json.loads(line.removeprefix("MADE "))
    return found


class Reader:
    """One signed-in connection."""

    def __init__(self, port: int, session: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._cookies = {"sessionid": session}

    def ask(self, address: str, body: dict[str, Any] | None = None) -> bytes:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items()), "Accept-Encoding": "identity"}
        if body is not None:
            headers |= {"Content-Type": "application/json", "X-CSRFToken": self._cookies["csrftoken"]}
        self._connection.request("GET" if body is None else "POST", address, None if body is None else json.dumps(body), headers)
        answer = self._connection.getresponse()
        text = answer.read()
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie" and value.startswith("csrftoken="):
                self._cookies["csrftoken"] = value.partition(";")[0].partition("=")[2]
        if answer.status not in (200, 201):
            raise OptionError(f"{address} answered {answer.status}: {text[:300]!r}")
        return text


def requests_measured(port: int, made: dict[str, Any]) -> list[Figures]:
    reader = Reader(port, made["session"])
    api = f"/api/timetable/variants/{made['variant']}"
    page = f"/admin/timetables/{made['job']}/grid"
    lectures = made["lectures"]
    rows = [
        _row("page of a section, answered", [lambda s=s: reader.ask(f"{page}?by=section&key={s}") for _, s in lectures]),
        _row("every start of the week for a lecture", _places(reader, api, lectures, ""), bar=PLACES_BAR_MS),
        _row("its ten best places", _places(reader, api, lectures, "?best=10"), bar=PLACES_BAR_MS),
    ]
    return [*rows, _row("saving a move, judged", _saves(reader, api, lectures[:NUM_SAVES]))]


def _places(reader: Reader, api: str, lectures: list[Any], query: str) -> list[Callable[[], object]]:
    return [lambda n=number: reader.ask(f"{api}/lectures/{n}/places/{query}") for number, _ in lectures]


def _saves(reader: Reader, api: str, lectures: list[Any]) -> list[Callable[[], object]]:
    """Each lecture to the best place elsewhere; where that is, is asked beforehand."""

    def save(revision: int, number: int, place: dict[str, Any]) -> object:
        body = {"revision": revision, "action": "move", "lecture": number, **{name: place[name] for name in ("day", "period", "room")}}
        return reader.ask(f"{api}/edits/", body)

    best = {number: json.loads(reader.ask(f"{api}/lectures/{number}/places/?best=1"))["places"][0] for number, _ in lectures}
    return [lambda r=revision, n=number: save(r, n, best[n]) for revision, (number, _) in enumerate(lectures)]


def paints_measured(url: str, made: dict[str, Any]) -> list[Figures]:
    if not CHROMIUM.exists():
        return []
    address = f"{url}/admin/timetables/{made['job']}/grid?by=section&key="
    with signed_in(url, made["session"]) as context:
        taken = [paint_ms(context, f"{address}{section}") for _, section in made["lectures"][:NUM_PAINTS]]
    return [figures("first paint of a section's week in Chromium", taken, bar=PAINT_BAR_MS)]


def _row(figure: str, asks: list[Callable[[], object]], *, bar: float | None = None) -> Figures:
    taken = []
    for ask in asks:
        began = time.perf_counter()
        ask()
        taken.append(1000 * (time.perf_counter() - began))
    return figures(figure, taken, bar=bar)


def figures(figure: str, taken: list[float], *, bar: float | None) -> Figures:
    """The first is told apart from the others."""
    others = sorted(taken[1:])
    p95 = others[min(len(others) - 1, int(0.95 * len(others)))]
    judged = {} if bar is None else {"bar": f"{bar:,.0f}", "verdict": "met" if p95 <= bar else "missed"}
    return {"figure": figure, "first": taken[0], "p50": others[len(others) // 2], "p95": p95, **judged}
