"""What an answer costs, address by address: queries, bytes that the database hands over, and seconds and memory where asked for.

One table of limits, for a small institution in the default tests and for the large demo in `make bench SUITE=walk`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from django.contrib import admin
from django.contrib.auth.models import User
from django.core.cache import caches
from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.test import Client
from django.urls import reverse

from academics.access import ACCESS
from generation.editing import board_cache, week_choices
from generation.problem import stored_problem
from generation.publication import directory
from generation.retention import request
from generation.rulebook import costs
from tests.world import World

MB = 2**20
# The first never ends; the others, slow to make, say nothing of any data.
LEFT_OUT = {"progress-stream", "schema", "docs"}
KEPT_IN_PROCESS: tuple[Any, ...] = (
    board_cache._board,
    board_cache.conflicts_of,
    week_choices._choices,
    directory._directory,
    stored_problem._problem_read,
    request._problem_now,
    request._units_now,
    costs._costs,
)
FETCHES = ("fetchone", "fetchmany", "fetchall")


class Limit(NamedTuple):
    """At any size, but for bytes, seconds and memory, which are those of the large demo."""

    queries: int = 40
    read_mb: float = 4
    seconds: float = 2
    memory_mb: float = 150


USUAL = Limit()
# What answers with everything that there is of something, or works out what all data mean.
LIMITS: dict[str, Limit] = {
    # One for each table.
    "archive": Limit(queries=64, read_mb=4000, seconds=60, memory_mb=300),
    # Every violation and every penalty: 15,000 of them.
    "variant-conflicts": Limit(read_mb=12),
    "variant-export": Limit(read_mb=12),
    "timetable-fet": Limit(read_mb=12),
    # Waits for the answers of workers, of which the walk has none.
    "health": Limit(seconds=3),
    "readiness": Limit(queries=58),
    "readiness-summary": Limit(queries=56),
    "api-readiness": Limit(queries=56),
    "timetable-new": Limit(queries=66),
    "rules": Limit(queries=48),
    "api-rules": Limit(queries=48),
    # The first look at a small timetable after a change of the data compares the two, which reads the term; a large one is fetched apart.
    "home": Limit(queries=64),
    "timetables": Limit(queries=64),
    "timetable-review": Limit(queries=72),
    "timetable-grid": Limit(queries=72),
    "timetable-today": Limit(queries=56, read_mb=8, seconds=10),
    "variant-detail": Limit(queries=56, read_mb=8, seconds=10),
    "published": Limit(queries=64),
    "published-front": Limit(queries=64),
    "published-kind": Limit(queries=64),
    "published-key": Limit(queries=64),
}
# The same address asked otherwise.
OTHERWISE = {
    "published-list": ("&page_size=50", "&page_size=1000"),
    "variant-conflicts": ("?page_size=50", "?page_size=1000", "?type=compactness&page_size=50"),
    "variant-entries": ("?page_size=1000",),
    "variant-list": ("?page_size=1000",),
    "job-list": ("?page_size=1000",),
}


@dataclass
class Cost:
    queries: int = 0
    read: int = 0  # bytes
    seconds: float = 0.0
    memory: int = 0  # bytes by which the process's peak lies above what it had
    statements: list[str] = field(default_factory=list)
    status: int = 0


def limit_of(name: str) -> Limit:
    return LIMITS.get(name.partition("?")[0].partition("&")[0].strip(), USUAL)


def addresses(world: World) -> dict[str, str]:
    """Every GET address of the interface, and the lists of the data entry, by name."""
    found = {}
    for name, methods in ACCESS.items():
        if "GET" in methods and name not in LEFT_OUT:
            found[name] = world.address(name)
            for query in OTHERWISE.get(name, ()):
                found[f"{name} {query}"] = world.address(name) + query
    for model in admin.site._registry:
        if model is not User:
            name = f"{model._meta.app_label}_{model._meta.model_name}_changelist"
            found[f"admin {model._meta.model_name}"] = reverse(f"admin:{name}")
    return found


def states_of(name: str) -> str:
    access = ACCESS.get(name.partition(" ")[0], {}).get("GET")
    return (*(access.states if access else ()), "in_review")[0]


@contextmanager
def counted(cost: Cost) -> Iterator[None]:
    """Counts what the block asks of the database, and the bytes of what it is handed."""

    def executed(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        cost.queries += 1
        cost.statements.append(str(sql))
        return execute(sql, params, many, context)

    plain = CursorWrapper.__getattr__

    def fetching(self: CursorWrapper, name: str) -> Any:
        found = plain(self, name)
        if name not in FETCHES:
            return found

        def fetch(*args: Any, **kwargs: Any) -> Any:
            rows = found(*args, **kwargs)
            cost.read += sum(map(size_of, rows if name != "fetchone" else [rows or ()]))
            return rows

        return fetch

    CursorWrapper.__getattr__ = fetching  # type: ignore[method-assign]
    try:
        with connection.execute_wrapper(executed):
            yield
    finally:
        CursorWrapper.__getattr__ = plain  # type: ignore[method-assign]


def size_of(row: Any) -> int:
    return sum(len(value) if isinstance(value, str | bytes | memoryview) else 8 for value in row)


def walked(world: World, user: User, *, has_memory: bool = False) -> dict[str, Cost]:
    """What each address costs when nothing is kept of earlier answers, but for what the process itself keeps."""
    client = Client()
    client.force_login(user)
    found = {}
    for name, address in addresses(world).items():
        world.put_in(states_of(name))
        forget()
        cost = found[name] = Cost()
        before = peak_begin() if has_memory else 0
        began = time.perf_counter()
        with counted(cost):
            answer = client.get(address)
            if answer.streaming:
                b"".join(answer)  # type: ignore[arg-type]
        cost.seconds = time.perf_counter() - began
        cost.memory = peak() - before if has_memory else 0
        cost.status = answer.status_code
    return found


def forget() -> None:
    """What caches and this process keep of the data; sessions are in the database."""
    for name in ("default", "exports", "figures"):
        caches[name].clear()
    for kept in KEPT_IN_PROCESS:
        kept.cache_clear()


def peak_begin() -> int:
    """Has the kernel count the peak anew; what the process has now."""
    Path("/proc/self/clear_refs").write_text("5")
    return peak()


def peak() -> int:
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


def over(name: str, cost: Cost, *, is_large: bool) -> list[str]:
    """Which limits the answer is over."""
    limit = limit_of(name.partition(" ")[0] if not name.startswith("admin ") else name)
    measured = [("queries", cost.queries, limit.queries), ("MB read", cost.read / MB, limit.read_mb)]
    if is_large:
        measured += [("seconds", cost.seconds, limit.seconds), ("MB of memory", cost.memory / MB, limit.memory_mb)]
    return [f"{name}: {value:.4g} {what}, at most {most:g}" for what, value, most in measured if value > most]
