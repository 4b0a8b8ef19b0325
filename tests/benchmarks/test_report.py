"""A report is written whole, and compares with an earlier one."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.benchmarks.machine import header_begin, header_end
from tests.benchmarks.options import ROOT, OptionError, Options
from tests.benchmarks.quality import Outcome
from tests.benchmarks.report import base_read, compared, report_text, report_write
from tests.benchmarks.runs import Order, Run, order_run
from tests.benchmarks.tables import Column, Table

TABLE = Table("quality", "Quality", (Column("instance", "instance", is_text=True), Column("cost", "cost", is_compared=True)), [])


def _table(cost: int) -> Table:
    return Table(TABLE.name, TABLE.title, TABLE.columns, [{"instance": "a", "cost": cost}])


def test_a_report_is_found_again_as_base(tmp_path: Path) -> None:
    options = Options(out=tmp_path, given="make bench SUITE=small")
    header = header_end(header_begin(options.given))
    text = report_text(header, [_table(8)])

    report_write(options, header, Outcome([_table(8)], [Run("a", 1)]), text)

    (written,) = tmp_path.glob("small-*.json")
    assert json.loads(written.read_text())["header"]["command"] == "make bench SUITE=small"
    assert written.with_suffix(".txt").read_text() == text
    (ratios,) = compared([_table(6)], base_read(written))
    assert ratios.rows == [{"instance": "a", "cost": 0.75}]
    assert ratios.notes[0].startswith("Earlier: make bench SUITE=small, commit ")


def test_the_header_names_commit_call_cores_and_load() -> None:
    text = report_text(header_end(header_begin("make bench")), [])

    assert text.startswith("make bench\ncommit ")
    assert " cores (" in text
    assert "load average" in text


def test_a_base_that_is_no_report_is_refused(tmp_path: Path) -> None:
    (tmp_path / "base.json").write_text("[]")

    with pytest.raises(OptionError, match=r"BASE: .* is not a report"):
        base_read(tmp_path / "base.json")


def test_a_run_that_can_not_read_its_instance_has_failed(tmp_path: Path) -> None:
    path = tmp_path / "broken.ctt"
    path.write_text("nothing\n")

    run = order_run(Order(path, seed=1, time_s=1))

    assert run.cost is None
    assert "broken.ctt" in run.error


# A suite whose server takes a while to end, as long as nobody writes a line.
SLOW_TO_END = """
import sys, time
from tests.benchmarks import report
def suite(options):
    try:
        print("up", flush=True)
        time.sleep(600)
    finally:
        print("ending", flush=True)
        sys.stdin.readline()
        print("ended", flush=True)
report.SUITES = {"small": suite}
report.main()
"""


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGHUP])
def test_a_bench_that_is_ended_twice_at_once_still_ends_what_it_has_started(sent: signal.Signals) -> None:
    """As make does it: it passes its own TERM on to a process that has got one with the whole group."""
    command = [sys.executable, "-c", SLOW_TO_END]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as bench:
        assert bench.stdout is not None
        assert bench.stdout.readline() == "up\n"
        bench.send_signal(sent)
        assert bench.stdout.readline() == "ending\n"
        bench.send_signal(sent)
        assert bench.communicate("\n")[0] == "ended\n"
        assert bench.returncode == 128 + sent
