"""Bar 6: what compiling costs a cold machine, and how soon a warm worker searches (SUITE=jit).

Each process has a compiler cache of its own: empty the first time (a cold machine), filled by then the second time (a
worker's start). After `warm` the same problem is searched twice in the process: what the first search takes longer to
its first construction than the second is what is left of compiling. The rest is the problem's own preparation.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks.options import OptionError, Options
from tests.benchmarks.quality import Outcome
from tests.benchmarks.runs import child_run
from tests.benchmarks.tables import Column, Figures, Table

LARGE = "large"
WARM_BAR_S, COLD_BAR_S = 0.5, 30.0
COLUMNS = (
    Column("instance", "instance", is_text=True),
    Column("cache", "cache", is_text=True),
    Column("import_s", "imports s", ".2f"),
    Column("warm_s", "warm-up s", ".2f", is_compared=True),
    Column("warm_cpu_s", "processor s", ".2f"),
    Column("construction_s", "construction after s", ".2f", is_compared=True),
    Column("again_s", "second time", ".2f"),
    Column("jit_s", "difference", "+.2f"),
    Column("moves_s", "moves after s", ".2f", is_compared=True),
)


def run(options: Options) -> Outcome:
    rows: list[Figures] = []
    with tempfile.TemporaryDirectory(prefix="timeloom-jit-") as folder:
        for name, path in _subjects(options):
            for cache in ("empty", "filled") if not rows else ("filled",):
                rows.append(row_of(name, cache, _probe(name, path, Path(folder))))
                sys.stderr.write(f"{name}, {cache} cache: warm-up {rows[-1]['warm_s']:.2f} s\n")
    return Outcome([Table("jit", "Bar 6: compiling, and a search's first steps", COLUMNS, rows, notes(rows), keys=("instance", "cache"))])


def _subjects(options: Options) -> list[tuple[str, str]]:
    """Instances and the large demo, as ONLY names them; usually comp02 (or the folder's first) and the large demo."""
    files = {path.stem: str(path) for path in Options(data=options.data).instances()} | {LARGE: ""}
    usual = ("comp02" if "comp02" in files else min(files), LARGE)
    for name in options.only:
        if name not in files:
            raise OptionError(f"ONLY: there is no instance {name}; there are {', '.join(files)}.")
    return [(name, files[name]) for name in options.only or usual]


def _probe(name: str, path: str, folder: Path) -> Figures:
    out = folder / "found.json"
    out.unlink(missing_ok=True)
    command = [sys.executable, "-m", "tests.benchmarks.jit_probe", name, path, str(out)]
    status, _, _, said = child_run(command, folder, {"NUMBA_CACHE_DIR": str(folder / "numba")})
    if not out.exists():
        raise OptionError(f"{name}: the process ended with status {status}: {said[-500:]}")
    return dict(json.loads(out.read_text()))


def row_of(name: str, cache: str, found: Figures) -> Figures:
    first, second = found["searches"]
    return {
        "instance": name,
        "cache": cache,
        "import_s": found["import_s"],
        "warm_s": found["warm_s"],
        "warm_cpu_s": found["warm_cpu_s"],
        "construction_s": first.get("cpsat_solving"),
        "again_s": second.get("cpsat_solving"),
        "jit_s": round(first["cpsat_solving"] - second["cpsat_solving"], 3),
        "moves_s": first.get("ga_optimization"),
    }


def notes(rows: Sequence[Figures]) -> list[str]:
    """What the two bars say of it."""
    cold = next((row["warm_s"] for row in rows if row["cache"] == "empty"), None)
    warm = next((row["warm_s"] for row in rows if row["cache"] == "filled"), None)
    left = max(row["jit_s"] for row in rows)
    said = [f"After warm-up, compiling costs a search {left:.2f} s at most (bar: {WARM_BAR_S:g} s): {_verdict(left, WARM_BAR_S)}."]
    if cold is not None and warm is not None:
        said.append(f"A cold machine takes {cold - warm:.1f} s more (bar: {COLD_BAR_S:g} s): {_verdict(cold - warm, COLD_BAR_S)}.")
    return said


def _verdict(seconds: float, bar_s: float) -> str:
    return "met" if seconds <= bar_s else "missed"
