"""Bringing a whole university in from CSV files: time and memory of the process (SUITE=import).

20,000 students and 125,000 enrolments with all that they refer to, made from a seed; read into an empty organization, once
more (nothing changes), and with a tenth of the students changed. On SQLite, and on PostgreSQL where a server can be started.
"""

from __future__ import annotations

import csv
import random
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from tests.benchmarks.options import OptionError, Options
from tests.benchmarks.quality import Outcome
from tests.benchmarks.runs import child_run
from tests.benchmarks.tables import Column, Figures, Table
from tests.postgres import PostgresServer, postgres_missing

NUM_STUDENTS, NUM_ENROLMENTS, NUM_COURSES, NUM_DEPARTMENTS, NUM_CURRICULA = 20_000, 125_000, 1300, 100, 300
WALL_BAR_S, MEMORY_BAR_MB = 60.0, 500.0
TITLE = f"An import of {NUM_STUDENTS:,} students and {NUM_ENROLMENTS:,} enrolments"
COLUMNS = (
    Column("database", "database", is_text=True),
    Column("what", "what", is_text=True),
    Column("wall_s", "seconds", ".1f", is_compared=True),
    Column("cpu_s", "processor s", ".1f", is_compared=True),
    Column("rss_mb", "peak MB", ".0f", is_compared=True),
    Column("verdict", "verdict", is_text=True),
)


def run(options: Options) -> Outcome:
    notes = [f"Bars: {WALL_BAR_S:g} s and {MEMORY_BAR_MB:g} MB for each. The start of the process is included."]
    with tempfile.TemporaryDirectory(prefix="timeloom-import-") as name:
        folder = Path(name)
        files = tables_make(folder, seed=options.seed)
        rows = _measured("SQLite", {"TIMELOOM_VAR": str(folder / "sqlite"), "DATABASE_URL": ""}, files)
        if reason := postgres_missing():
            notes.append(f"Not on PostgreSQL: {reason}.")
        else:
            notes.append("PostgreSQL runs without fsync.")
            with PostgresServer() as server:
                rows += _measured("PostgreSQL", {"TIMELOOM_VAR": str(folder / "pg"), "DATABASE_URL": server.database_make("bench")}, files)
    return Outcome([Table("import", TITLE, COLUMNS, rows, notes, keys=("database", "what"))])


def tables_make(folder: Path, *, seed: int) -> list[Path]:
    """The university's tables, as CSV files."""
    dealt = random.Random(seed)
    courses = [f"C{number:04}" for number in range(NUM_COURSES)]
    students = [f"s{number:06}" for number in range(NUM_STUDENTS)]
    pairs = dealt.sample(range(NUM_STUDENTS * NUM_COURSES), NUM_ENROLMENTS)

    def department(number: int) -> str:
        return f"D{number % NUM_DEPARTMENTS:03}"

    periods = [("T1", index + 1, f"{8 + index:02}:00", f"{8 + index:02}:50") for index in range(8)]
    named = [(f"P{number:03}", f"Programme {number}", department(number)) for number in range(NUM_CURRICULA)]
    people = [(code, f"Student {code}", department(n), f"P{n % NUM_CURRICULA:03}") for n, code in enumerate(students)]
    return [
        _table(folder, "departments", ("Code", "Name"), [(department(n), f"Department {n}") for n in range(NUM_DEPARTMENTS)]),
        _table(folder, "terms", ("Term", "Period", "Starts", "Ends"), periods),
        _table(folder, "courses", ("Code", "Name", "Department"), [(c, f"Course {c}", department(n)) for n, c in enumerate(courses)]),
        _table(folder, "curricula", ("Code", "Name", "Department"), named),
        _table(
            folder, "offerings", ("Course", "Term", "Expected students", "Meetings"), [(c, "T1", 90, "2 x 1; 1 x 2 lab") for c in courses]
        ),
        _table(folder, "students", ("Student no", "Name", "Department", "Programme"), people),
        _table(
            folder,
            "enrolments",
            ("Student no", "Course", "Term"),
            [(students[p // NUM_COURSES], courses[p % NUM_COURSES], "T1") for p in pairs],
        ),
    ]


def _table(folder: Path, name: str, headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> Path:
    path = folder / f"{name}.csv"
    with path.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(headings)
        writer.writerows(rows)
    return path


def _measured(database: str, env: dict[str, str], files: list[Path]) -> list[Figures]:
    env = {name: value for name, value in env.items() if value} | {"PYTHONDONTWRITEBYTECODE": "1"}
    Path(env["TIMELOOM_VAR"]).mkdir()
    _manage(env, "migrate", "-v0")
    arguments = ["import_data", *map(str, files), "--organization", "bench"]
    rows = [row_of(database, "into an empty organization", *_manage(env, *arguments))]
    rows.append(row_of(database, "the same again", *_manage(env, *arguments)))
    changed = next(path for path in files if path.stem == "students")
    text = changed.read_text()
    changed.write_text(text.replace("5,Student s", "5,Changed s"))
    rows.append(row_of(database, "a tenth of the students changed", *_manage(env, *arguments)))
    changed.write_text(text)
    return rows


def _manage(env: dict[str, str], *arguments: str) -> tuple[float, Any]:
    """Seconds, and the kernel's account of the process."""
    status, wall_s, usage, said = child_run([sys.executable, "manage.py", *arguments], Path(env["TIMELOOM_VAR"]), env)
    if status:
        raise OptionError(f"manage.py {arguments[0]} ended with status {status}: {said[-500:]}")
    return wall_s, usage


def row_of(database: str, what: str, wall_s: float, usage: Any) -> Figures:
    cpu_s, rss_mb = usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024
    is_met = wall_s <= WALL_BAR_S and rss_mb <= MEMORY_BAR_MB
    return {
        "database": database,
        "what": what,
        "wall_s": wall_s,
        "cpu_s": cpu_s,
        "rss_mb": rss_mb,
        "verdict": "met" if is_met else "missed",
    }
