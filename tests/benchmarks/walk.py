"""Every GET address of the interface on the large demo (SUITE=walk): the worst ten in queries, bytes, seconds and memory.

A database of its own with the university of SCALE=large, and around a timetable of it one of everything that an address can name.
A process of its own asks each address once, as an administrator, with nothing kept of earlier answers. Bytes are those that the
database hands over; memory is by how much the kernel's count of the process's peak (VmHWM, begun anew for each) rises.
"""

from __future__ import annotations

import contextlib
import json
import tempfile
from pathlib import Path
from typing import Any

from tests.benchmarks.options import Options
from tests.benchmarks.published import managed
from tests.benchmarks.quality import Outcome
from tests.benchmarks.tables import Column, Figures, Table
from tests.processes import start_valkey

WORST = 10
WALK = """
import json, warnings
from django.conf import settings
settings.ALLOWED_HOSTS = ["testserver"]
from academics.models import ArchiveReading, Organization
from generation.models import Feed
from tests.factories import member
from tests.factories.editing import demo_variant
from tests.walking import over, walked
from tests.world import world_of
world = world_of(demo_variant())
user = member(world.organization, "admin", username="walker", is_staff=True)
ArchiveReading.objects.update(user=user)
Feed.objects.update(user=user)
Organization.objects.update(is_public=True)
for has_memory in (False, True):
    costs = walked(world, user, has_memory=has_memory)
rows = [
    {"address": name, "status": cost.status, "queries": cost.queries, "read": cost.read / 2**20, "seconds": cost.seconds,
     "memory": cost.memory / 2**20, "over": over(name, cost, is_large=True)}
    for name, cost in costs.items()
]
print("WALKED " + json.dumps(rows))
"""
COLUMNS = (
    Column("address", "address", is_text=True),
    Column("queries", "queries", ",.0f", is_compared=True),
    Column("read", "MB read", ",.2f", is_compared=True),
    Column("seconds", "seconds", ",.2f", is_compared=True),
    Column("memory", "MB of memory", ",.0f", is_compared=True),
    Column("verdict", "limits", is_text=True),
)
KINDS = {"queries": "queries", "read": "bytes that the database hands over", "seconds": "seconds", "memory": "memory"}


def run(options: Options) -> Outcome:
    with tempfile.TemporaryDirectory(prefix="tl-walk-", dir="/tmp") as name, contextlib.ExitStack() as stack:
        folder = Path(name)
        valkey = stack.enter_context(start_valkey(folder))
        env = {"TIMELOOM_VAR": name, "REDIS_URL": valkey.url, "LOG_LEVEL": "error", "DATABASE_URL": f"sqlite:///{folder}/timeloom.sqlite3"}
        managed("migrate", "-v", "0", env=env)
        managed("demo", "--scale", options.scale, "--organization", "demo", env=env)
        said = managed("shell", "-v", "0", "-c", WALK, env=env)
    line = next(line for line in said.splitlines() if line.startswith("WALKED "))
    rows: list[dict[str, Any]] = [row | {"verdict": "; ".join(row["over"]) or "met"} for row in json.loads(line.removeprefix("WALKED "))]
    title = f"The worst {WORST} of {len(rows)} addresses on the {options.scale} demo, by {{}}"
    tables = [Table(f"walk by {key}", title.format(words), COLUMNS, worst(rows, key), keys=("address",)) for key, words in KINDS.items()]
    missed = [row for row in rows if row["over"]]
    return Outcome([*tables, Table("walk, over a limit", f"{len(missed)} addresses over a limit", COLUMNS, missed, keys=("address",))])


def worst(rows: list[Figures], key: str) -> list[Figures]:
    return sorted(rows, key=lambda row: -float(row[key]))[:WORST]
