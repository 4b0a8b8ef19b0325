"""The long halves of drills (SUITE=drills): the tests marked `drill`, of which the default run has a short version each.

ONLY=NAME,NAME takes those whose names hold one of these words.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from xml.etree import ElementTree

from tests.benchmarks.options import ROOT, Options
from tests.benchmarks.quality import Outcome
from tests.benchmarks.tables import Column, Figures, Table

COLUMNS = (
    Column("drill", "drill", is_text=True),
    Column("took_s", "seconds", ".1f", is_compared=True),
    Column("verdict", "verdict", is_text=True),
)
FINDINGS = {"failure": "FAILED", "error": "FAILED", "skipped": "skipped"}


def run(options: Options) -> Outcome:
    with tempfile.TemporaryDirectory(prefix="timeloom-drills-") as folder:
        report = Path(folder) / "report.xml"
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-m", "drill", f"--junitxml={report}"]
        chosen = ["-k", " or ".join(options.only)] if options.only else []
        done = subprocess.run([*command, *chosen], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
        rows = rows_of(report.read_text()) if report.exists() else []
    notes = [f"FAILED: exit status {done.returncode}\n{done.stdout[-4000:]}"] if done.returncode else []
    return Outcome([Table("drills", "Long drills", COLUMNS, rows, notes, keys=("drill",))])


def rows_of(report: str) -> list[Figures]:
    """Of a report as pytest writes it for other programs."""
    return [
        {
            "drill": case.get("name", ""),
            "took_s": float(case.get("time", 0)),
            "verdict": next((words for tag, words in FINDINGS.items() if case.find(tag) is not None), "held"),
        }
        for case in ElementTree.fromstring(report).iter("testcase")
    ]
