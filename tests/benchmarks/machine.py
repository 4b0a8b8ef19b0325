"""Where and on what a report was measured, so that somebody can judge it and repeat it."""

from __future__ import annotations

import datetime as dt
import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path

from tests.benchmarks.options import ROOT
from tests.benchmarks.tables import Figures, wrapped


def header_begin(given: str) -> Figures:
    """What is known before the first run."""
    return {
        "command": given,
        "commit": commit(),
        "began": _now(),
        "cores": len(os.sched_getaffinity(0)),
        "processor": _processor(),
        "python": platform.python_version(),
        "numba": version("numba"),
        "ortools": version("ortools"),
        "load_at_start": _load(),
    }


def header_end(header: Figures) -> Figures:
    return header | {"ended": _now(), "load_at_end": _load()}


def header_text(header: Figures) -> str:
    load = " -> ".join(" ".join(f"{value:.2f}" for value in header[key]) for key in ("load_at_start", "load_at_end"))
    return "\n".join(
        [
            header["command"],
            wrapped(f"commit {header['commit']}, {header['began']} to {header['ended']}"),
            wrapped(f"{header['cores']} cores ({header['processor']}), load average {load}"),
            wrapped(f"Python {header['python']}, numba {header['numba']}, OR-Tools {header['ortools']}"),
        ]
    )


def commit() -> str:
    """The checked-out commit; "+" where the files differ from it."""
    name = _git("rev-parse", "--short=10", "HEAD") or "unknown"
    return f"{name}+" if _git("status", "--porcelain", "--untracked-files=no") else name


def _git(*arguments: str) -> str:
    try:
        return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()
    except OSError:
        return ""


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _load() -> list[float]:
    return [round(value, 2) for value in os.getloadavg()]


def _now() -> str:
    return dt.datetime.now(dt.UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
