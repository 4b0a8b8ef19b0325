"""First paint of the pages that a registrar opens most (SUITE=pages), in a browser at the real server.

A data directory of its own, with the university of SCALE=large and one finished run. Each page is opened several times, the first
told apart. Pages that are worked out from all data are also opened right after a change of the data, when nothing of it is known.
"""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path

from playwright.sync_api import BrowserContext

from tests.benchmarks.grid import COLUMNS, figures, timetable_made
from tests.benchmarks.options import OptionError, Options
from tests.benchmarks.paints import CHROMIUM, NO_BROWSER, paint_ms, signed_in
from tests.benchmarks.published import managed
from tests.benchmarks.quality import Outcome
from tests.benchmarks.tables import Figures, Table
from tests.processes import start_server, start_valkey

NUM_PAINTS, NUM_CHANGES = 10, 4
QUICK_MS, SLOW_MS = 300.0, 1000.0
PAGES = (
    ("home", "/", QUICK_MS),
    ("readiness", "/admin/readiness/", SLOW_MS),
    ("rules", "/admin/rules/", SLOW_MS),
    ("demand", "/admin/demand/", SLOW_MS),
    ("timetables", "/admin/timetables/", QUICK_MS),
    ("new timetable", "/admin/timetables/new", SLOW_MS),
    ("list of students", "/admin/academics/student/", QUICK_MS),
    ("list of offerings", "/admin/academics/courseoffering/", QUICK_MS),
    ("list of enrolments", "/admin/academics/enrolment/", QUICK_MS),
    ("list of rooms", "/admin/academics/room/", QUICK_MS),
    ("list of organizations", "/admin/academics/organization/", QUICK_MS),
)
WORKED_OUT = ("home", "readiness", "rules", "demand", "new timetable")
CHANGE = "from academics.models import Room; Room.objects.filter(pk=Room.objects.first().pk).update(sharing=1)"


def run(options: Options) -> Outcome:
    if not CHROMIUM.exists():
        raise OptionError(NO_BROWSER)
    with tempfile.TemporaryDirectory(prefix="tl-pages-", dir="/tmp") as name, contextlib.ExitStack() as stack:
        folder = Path(name)
        valkey = stack.enter_context(start_valkey(folder))
        env = {"TIMELOOM_VAR": name, "REDIS_URL": valkey.url, "LOG_LEVEL": "error", "DATABASE_URL": f"sqlite:///{folder}/timeloom.sqlite3"}
        made = timetable_made(options.scale, env=env)
        server = stack.enter_context(start_server(env, folder=folder))
        context = stack.enter_context(signed_in(server.url, made["session"]))
        rows = [*_known(context, server.url), *_changed(context, server.url, env)]
    title = f"First paint of pages with the {options.scale} demo, milliseconds; one reader at a time, over loopback"
    return Outcome([Table("pages", title, COLUMNS, rows)])


def _known(context: BrowserContext, url: str) -> list[Figures]:
    return [figures(name, [paint_ms(context, f"{url}{path}") for _ in range(NUM_PAINTS)], bar=bar) for name, path, bar in PAGES]


def _changed(context: BrowserContext, url: str, env: dict[str, str]) -> list[Figures]:
    rows = []
    for name, path, bar in PAGES:
        taken = []
        for _ in range(NUM_CHANGES if name in WORKED_OUT else 0):
            managed("shell", "-v", "0", "-c", CHANGE, env=env)
            taken.append(paint_ms(context, f"{url}{path}"))
        if taken:
            rows.append(figures(f"{name}, right after a change of the data", taken, bar=bar))
    return rows
