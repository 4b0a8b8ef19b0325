"""Thousands of watchers at the real server, on the loopback (SUITE=streams).

For each number of streams a fresh server, its own Redis and database, 50 jobs whose records a writer renews about once
a second, and watchers in light processes of their own (`stream_clients`), each with a source address of its own.
STREAMS=100,1000,3000 chooses the numbers (5000,10000 needs 10,200 open files), TIME the seconds that are measured of each,
PART=sse,websocket,naive,nginx,resets what is measured: `nginx` goes through a real nginx, of `resets` every second client is
gone by a reset before the first byte of its answer.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.options import OptionError, Options
from tests.benchmarks.quality import Outcome
from tests.benchmarks.stream_figures import (
    ClientGroup,
    Load,
    Proc,
    commands_per_second,
    delays,
    files_allow,
    metric,
    settled_s,
    writing,
)
from tests.benchmarks.tables import Column, Figures, Table, ratio
from tests.processes import REPOSITORY, Server, Valkey, free_port, manage, start, start_server, start_valkey, wait_until

NUMBERS, NUM_JOBS, STREAMS_PER_USER = (100, 1000, 3000), 50, 50
PARTS = ("sse", "websocket", "naive", "nginx", "resets")
USUAL_PARTS = ("sse", "websocket", "naive")
# So many of the streams go through nginx, and so many are half reset: each of nginx's has two connections on this machine.
OTHERS_NUMBERS = {"websocket": 1000, "naive": 1000, "nginx": 4000, "resets": 2000}
NGINX = shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin")
TIME_S, HEARTBEAT_S = 15.0, 15.0
JUDGED = 1000
NAIVE = "tests.benchmarks.naive_streams:application"
SEED = """
from django.core.management import call_command
call_command("migrate", verbosity=0)
from django.contrib.auth.models import User
from rest_framework_simplejwt.tokens import AccessToken
from academics.models import Membership, Organization
from generation.models import GenerationJob
import json
organization = Organization.objects.create(code="bench", name="Bench")
users = User.objects.bulk_create([User(username=f"watcher{number}", password="!") for number in range(%(num_users)d)])
Membership.objects.bulk_create([Membership(user=user, organization=organization, role="reviewer") for user in users])
jobs = GenerationJob.objects.bulk_create([GenerationJob(organization=organization, status="running") for _ in range(%(num_jobs)d)])
print("SEED" + json.dumps({"tokens": [str(AccessToken.for_user(user)) for user in users], "jobs": [str(job.id) for job in jobs]}))
"""
NAMED = (Column("kind", "kind", is_text=True), Column("streams", "streams", ",d"))
DELIVERY = (
    *NAMED,
    Column("connected", "connected %", ".1f"),
    Column("opening_s", "opened in s", ".1f"),
    Column("p50_ms", "p50 ms", ",.0f", is_compared=True),
    Column("p99_ms", "p99 ms", ",.0f", is_compared=True),
    Column("most_ms", "most ms", ",.0f"),
    Column("events", "events/s", ",.0f"),
    Column("left_streams", "streams left", "d"),
    Column("left_connections", "connections left", "d"),
    Column("freed_s", "gone in s", ".1f"),
)
COSTS = (
    *NAMED,
    Column("opening_cpu_ms", "CPU ms to open one", ".1f", is_compared=True),
    Column("cpu", "server CPU %", ".0f", is_compared=True),
    Column("client_cpu", "clients' CPU %", ".0f"),
    Column("kb", "KB a stream", ",.1f", is_compared=True),
    Column("databases", "to database", "d"),
    Column("redis_connections", "to Redis", "d"),
    Column("redis", "Redis commands a second", is_text=True),
)
BARS = (
    Column("kind", "kind", is_text=True),
    Column("figure", "figure", is_text=True),
    Column("found", "found", ",.1f"),
    Column("bar", "bar", is_text=True),
    Column("verdict", "verdict", is_text=True),
)
RATIOS = (
    Column("figure", "figure", is_text=True),
    Column("naive", "one poll a stream", ",.1f"),
    Column("ours", "one shared reader", ",.1f"),
    Column("ratio", "ratio", ",.1f"),
)
COST_NOTES = [
    "CPU: of one core. KB a stream: what the server's process grew by, for each stream. Connections to the database: the most at once, "
    "also while the streams opened. Redis commands: the server's own, without the writer's."
]
# Figure's key, its words, the most it may be.
LIMITS = (
    ("p99_ms", "p99 from write to receipt, ms", 1500.0),
    ("reads", "Redis reads a second and process", 2.0),
    ("databases", "database connections", 10.0),
    ("kb", "memory a stream, KB", 60.0),
    ("left_streams", "streams left after all have gone", 0.0),
    ("left_connections", "connections left after all have gone", 0.0),
)


@dataclass(frozen=True)
class Installation:
    """What all measurements share; each starts a server of its own, so that none finds another's memory."""

    folder: Path
    env: dict[str, str]
    valkey: Valkey
    tokens: list[str]
    jobs: list[str]

    def load(self, number: int) -> Load:
        """Streams spread evenly over jobs and users, none beyond a user's limit."""
        return Load([(self.jobs[each % NUM_JOBS], self.tokens[each // STREAMS_PER_USER]) for each in range(number)])


def run(options: Options) -> Outcome:
    numbers, parts = options.streams or NUMBERS, options.parts or USUAL_PARTS
    if unknown := [part for part in parts if part not in PARTS]:
        raise OptionError(f"PART: {unknown[0]} is none of {', '.join(PARTS)}.")
    files_allow(max(numbers))
    time_s = options.or_else(time_s=TIME_S).time_s
    if "nginx" in parts and NGINX is None:
        raise OptionError("PART: nginx is not installed (Debian: apt-get install nginx-light).")
    asked = [("sse", number) for number in numbers if "sse" in parts]
    asked += [(part, min(most, max(numbers))) for part, most in OTHERS_NUMBERS.items() if part in parts]
    rows = []
    with installed(max(numbers)) as installation:
        for kind, number in asked:
            sys.stderr.write(f"{kind}: {number} streams over {NUM_JOBS} jobs, measured for {time_s:g} s\n")
            rows.append(measured(installation, kind, number, time_s))
    return Outcome(tables_of(rows, time_s, judged=min(JUDGED, max(numbers))))


@contextlib.contextmanager
def installed(most: int) -> Iterator[Installation]:
    with tempfile.TemporaryDirectory(prefix="tl-streams-", dir="/tmp") as name, start_valkey(Path(name)) as valkey:
        folder = Path(name)
        env = {
            "TIMELOOM_VAR": str(folder / "var"),
            "SECRET_KEY": "a-secret-of-the-benchmark-that-is-long-enough-for-hmac",
            "REDIS_URL": valkey.url,
            "DATABASE_URL": f"sqlite:///{folder}/timeloom.sqlite3",
            "METRICS_TOKEN": "bench",
            "STREAM_POLL_S": "1",
            "STREAM_HEARTBEAT_S": f"{HEARTBEAT_S:g}",
            "STREAM_LIMIT": str(most + 100),
        }
        script = SEED % {"num_users": -(-most // STREAMS_PER_USER), "num_jobs": NUM_JOBS}
        seeded = manage("shell", "-v", "0", "-c", script, env=env)
        if seeded.returncode:
            raise OptionError(f"The database could not be filled: {seeded.stderr.strip()[-500:]}")
        yield Installation(folder, env, valkey, **json.loads(seeded.stdout.split("SEED", 1)[1]))


def measured(installation: Installation, kind: str, number: int, time_s: float) -> Figures:
    """One server from its start to the last watcher's leaving."""
    application = {"application": NAIVE} if kind == "naive" else {}
    env, folder, valkey = installation.env, installation.folder, installation.valkey
    with (
        start_server(env, folder=folder, **application) as server,
        writing(valkey, installation.jobs),
        in_front(server, folder, is_there=kind == "nginx") as port,
    ):
        process = Proc(server.worker_pids(), folder / "timeloom.sqlite3", server.port)
        _warm_up(installation, server, kind)
        empty_mb = process.memory_mb()
        with ClientGroup(kind, port, installation.load(number)) as clients, process.watched():
            cpu_s = process.cpu_s()
            opened = clients.open()
            opening_cpu_ms = 1000 * (process.cpu_s() - cpu_s) / number
            clients.wait(3)  # the first news of all jobs, and what opening has left to do
            found = _steady(clients, process, valkey, time_s)
            kb = 1024 * (process.memory_mb() - empty_mb) / max(1, opened["connected"])
            clients.leave()
            freed_s = settled_s(lambda: _left(server, process, kind) == (0, 0), limit_s=2 * HEARTBEAT_S)
        left_streams, left_connections = (0, 0) if freed_s is not None else _left(server, process, kind)
        leavers = {"left_streams": left_streams, "left_connections": left_connections, "freed_s": freed_s}
        opening = {"connected": 100 * opened["connected"] / number, "opening_s": opened["seconds"], "refused": opened["refused"]}
        opening["opening_cpu_ms"] = opening_cpu_ms
        return {"kind": kind, "streams": number, **opening, **found, "kb": kb, "databases": process.most_databases, **leavers}


@contextlib.contextmanager
def in_front(server: Server, folder: Path, *, is_there: bool) -> Iterator[int]:
    """The port that watchers call: nginx's, by the rules of deploy/nginx.conf, or the server's own."""
    if not is_there:
        yield server.port
        return
    assert NGINX is not None
    port, conf = free_port(), folder / "nginx.conf"
    rules = (REPOSITORY / "deploy" / "nginx.conf").read_text().replace("web:8000", f"127.0.0.1:{server.port}")
    rules = rules.replace("listen 80;", f"listen 127.0.0.1:{port};").replace("/srv/static/", f"{folder}/static/")
    temporary = "".join(f"{kind}_temp_path {folder}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    user = "user root;\n" if os.geteuid() == 0 else ""
    conf.write_text(
        f"{user}daemon off;\npid {folder}/nginx.pid;\nerror_log {folder}/error.log;\nworker_rlimit_nofile 20000;\n"
        f"events {{ worker_connections 10000; }}\nhttp {{\naccess_log off;\n{temporary}{rules}\n}}\n"
    )
    process = start([NGINX, "-c", str(conf)], log=folder / "nginx.log")
    try:
        wait_until(lambda: answers(f"http://127.0.0.1:{port}/nginx-health"), what="nginx")
        yield port
    finally:
        process.stop()


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5):
            return True
    except OSError:
        return False


def _warm_up(installation: Installation, server: Server, kind: str) -> None:
    """What a first stream loads is not the price of the others."""
    with ClientGroup(kind, server.port, installation.load(min(20, STREAMS_PER_USER))) as clients:
        clients.open()
        clients.wait(1.5)
        clients.leave()
    settled_s(lambda: _left(server, None, kind)[0] == 0, limit_s=HEARTBEAT_S)


def _steady(clients: ClientGroup, process: Proc, valkey: Valkey, time_s: float) -> Figures:
    with valkey.client() as client:
        clients.measure()
        commands, cpu_s = client.info("commandstats"), process.cpu_s()
        clients.wait(time_s)
        cpu_s, came = process.cpu_s() - cpu_s, clients.report()
        rates = commands_per_second(commands, client.info("commandstats"), time_s)
        num_connections = len(client.client_list()) - 2  # the writer's and this one
    reads = sum(rate for name, rate in rates.items() if name not in ("set", "info"))
    return {
        **delays(came["delays_ms"]),
        "events": len(came["delays_ms"]) / came["seconds"],
        "served": came["num_served"],
        "broken": came["num_broken"],
        "reads": reads,
        "redis": ", ".join(f"{name} {rate:.1f}" for name, rate in sorted(rates.items()) if name not in ("set", "info")) or "none",
        "cpu": 100 * cpu_s / time_s,
        "client_cpu": 100 * came["cpu"],
        "redis_connections": num_connections,
    }


def _left(server: Server, process: Proc | None, kind: str) -> tuple[int, int]:
    """Streams that the server counts as open (the naive view counts none), and connections that the kernel has."""
    name = {"naive": None, "websocket": "websocket_connections_active"}.get(kind, "sse_connections_active")
    num_streams = metric(server.url, name, token="bench") if name else 0
    return num_streams, process.num_connections() if process else 0


def tables_of(rows: list[Figures], time_s: float, *, judged: int) -> list[Table]:
    title = f"Watchers of {NUM_JOBS} jobs at one server process, a tick of 1 s, each measured for {time_s:g} s"
    tables = [
        Table("streams", title, DELIVERY, rows, _notes(rows), keys=("kind", "streams")),
        Table("streams-costs", "What they cost the server", COSTS, rows, COST_NOTES, keys=("kind", "streams")),
    ]
    at_bar = {row["kind"]: row for row in rows if row["streams"] == judged}
    bars = [bar for kind in ("sse", "websocket") if kind in at_bar for bar in bar_rows(at_bar[kind])]
    if bars:
        tables.append(Table("streams-bars", f"The bars at {judged:,} streams", BARS, bars, _elsewhere(judged), keys=("kind", "figure")))
    if {"sse", "naive"} <= at_bar.keys():
        beaten = ratio_rows(at_bar["naive"], at_bar["sse"])
        tables.append(Table("streams-naive", f"Beside one poll a stream, at {judged:,} streams", RATIOS, beaten, keys=("figure",)))
    return tables


def bar_rows(row: Figures) -> list[Figures]:
    """All connected and served, and no figure above its limit."""
    served = 100 * min(row["connected"] / 100, row["served"] / row["streams"])
    all_served = {"kind": row["kind"], "figure": "connected and served, %", "found": served, "bar": "100"}
    verdicts = [all_served | {"verdict": "met" if served == 100 and not row["broken"] else "missed"}]
    for key, words, most in LIMITS:
        is_met = row[key] is not None and row[key] <= most
        told = {"figure": words, "found": row[key], "bar": f"at most {most:g}", "verdict": "met" if is_met else "missed"}
        verdicts.append({"kind": row["kind"], **told})
    return verdicts


def ratio_rows(naive: Figures, ours: Figures) -> list[Figures]:
    figures = (("reads", "Redis reads a second"), ("redis_connections", "Redis connections"), ("cpu", "server CPU, %"))
    figures += (("p50_ms", "p50, ms"), ("p99_ms", "p99, ms"), ("kb", "memory a stream, KB"))
    rows = [{"figure": words, "naive": naive[key], "ours": ours[key], "ratio": ratio(naive[key], ours[key])} for key, words in figures]
    return [row for row in rows if row["naive"] is not None and row["ours"] is not None]


def _notes(rows: list[Figures]) -> list[str]:
    notes = ["Milliseconds from a record's writing to Redis to its receipt by a watcher; all processes go by one clock."]
    lost = [row for row in rows if row["refused"] or row["broken"]]
    if any(row["kind"] == "resets" for row in rows):
        notes.append("Of resets every second client is gone before the first byte of its answer: half are connected, and none may be left.")
    told = [f"{row['kind']} {row['streams']}: refused {row['refused'] or 0}, broken while open {row['broken']}." for row in lost]
    return notes + told


def _elsewhere(judged: int) -> list[str]:
    return [] if judged == JUDGED else [f"The bars are for {JUDGED:,} streams: here they only say that the measuring works."]
