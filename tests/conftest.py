"""What the whole suite shares: a data directory of its own, real servers, and no silent skip under CI."""

from __future__ import annotations

import fcntl
import gc
import os
import shutil
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.test import TransactionTestCase
from playwright.sync_api import Browser, expect, sync_playwright

from tests.emptying import rows_take_away
from tests.first_databases import MIGRATED, database_begin
from tests.one_database import ON_SQLITE_ALONE
from tests.postgres import PostgresServer, postgres_missing

# The processes of a parallel run ignore Ctrl-C, and whom they start would inherit it.
if threading.current_thread() is threading.main_thread() and signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Servers and workers that tests start are the site itself, not the tests' settings.
os.environ["DJANGO_SETTINGS_MODULE"] = "erp.settings"
FOLDER_VARIABLE = "TIMELOOM_SHARED"
LONG_FIRST = ("postgres", "browser", "processes")
# Of the others, those that take ten seconds and more.
LONG_MODULES = {
    "tests/erp/test_import_fuzz.py",
    "tests/generation/engine/bounds/test_lower_bound.py",
    "tests/generation/engine/test_solve.py",
    "tests/generation/review/test_gates_stateful.py",
    "tests/generation/runs/test_saga.py",
    "tests/test_access.py",
    "tests/test_walk.py",
}
# Ends as soon as it is there; five seconds, as the library has it, are little where two runs share a machine with others.
EXPECTED_MS = 60_000
CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Under CI a test that was skipped for want of a component has failed."""
    report = yield
    if report.skipped and os.environ.get("CI") == "true" and not hasattr(report, "wasxfail"):
        reason = str(call.excinfo.value) if call.excinfo else "no reason given"
        if FOLDER_VARIABLE not in reason:
            report.outcome = "failed"
            report.longrepr = f"skipped under CI: {reason}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Iterator[None]:
    """The same for a module that skips itself while it is collected."""
    report = yield
    if report.skipped and os.environ.get("CI") == "true" and FOLDER_VARIABLE not in str(report.longrepr):
        report.outcome = "failed"
        report.longrepr = f"skipped under CI: {report.longrepr}"
    return report


def pytest_collection_finish() -> None:
    """What is there before the first test stays: the search asks for garbage after each of its models, and would look through all of it."""
    gc.collect()
    gc.freeze()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Drills are left to `make bench SUITE=drills`; what may differ between databases runs on PostgreSQL too (tests/test_postgresql.py).

    The long modules come first: of two processes side by side none is left alone with one of them in the end.
    """
    if "drill" not in config.option.markexpr:
        drills = [item for item in items if item.get_closest_marker("drill")]
        config.hook.pytest_deselected(items=drills)
        items[:] = [item for item in items if item not in drills]
    for item in items:
        is_alone = item.get_closest_marker("processes") or item.get_closest_marker("browser")
        if item.get_closest_marker("django_db") and not is_alone and module_of(item) not in ON_SQLITE_ALONE:
            item.add_marker(pytest.mark.both_databases)
    items.sort(key=_turn)


def module_of(item: pytest.Item) -> str:
    return item.nodeid.partition("::")[0]


def _turn(item: pytest.Item) -> int:
    marked = (turn for turn, marker in enumerate(LONG_FIRST) if item.get_closest_marker(marker))
    return next(marked, len(LONG_FIRST) + (module_of(item) not in LONG_MODULES))


def pytest_sessionstart(session: pytest.Session) -> None:
    """In a parallel run the search is compiled once, where it was not before: not by every process and every site's worker on its own."""
    if hasattr(session.config, "workerinput"):
        from generation.engine.solve import warm

        with (Path(os.environ["TIMELOOM_TESTS"]) / "kernels.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            warm()


def pytest_sessionfinish() -> None:
    shutil.rmtree(settings.VAR_DIR, ignore_errors=True)


@pytest.fixture(scope="session")
def django_db_keepdb(django_db_keepdb: bool, django_db_modify_db_settings: None) -> bool:
    """In a run of several processes SQLite's database is a copy of the first one: as if it had been kept, there is nothing to migrate."""
    if settings.DATABASES["default"]["ENGINE"] != "django.db.backends.sqlite3" or str(settings.VAR_DIR) == os.environ["TIMELOOM_TESTS"]:
        return django_db_keepdb
    database_begin(Path(settings.DATABASES["default"]["TEST"]["NAME"]), *MIGRATED)
    return True


@pytest.fixture(scope="session", autouse=True)
def _rows_go_after_each_test() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", rows_take_away)
        yield


@pytest.fixture(scope="session")
def shared_folder() -> Path:
    """Data from outside the repository; the only thing a test may be skipped for under CI."""
    folder = os.environ.get(FOLDER_VARIABLE, "")
    if not folder or not Path(folder).is_dir():
        pytest.skip(f"{FOLDER_VARIABLE} names no folder with the published instances")
    return Path(folder)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A private PostgreSQL cluster in a temporary directory."""
    if reason := postgres_missing():
        pytest.skip(reason)
    with PostgresServer() as server:
        yield server


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    # The module ends with its own event loop; nothing of it may reach the asynchronous tests of other modules.
    if not CHROMIUM.exists():
        pytest.skip(f"{CHROMIUM} is not installed (apt-get install chromium)")
    with sync_playwright() as playwright:
        expect.set_options(timeout=EXPECTED_MS)
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield browser
        browser.close()
