"""The REST interface against its own description: thousands of requests by each role, at the real server (SUITE=schemathesis).

REQUESTS says how many, SEED which; the database of `tests/fuzzing` is put back every few hundred of them.
"""

from __future__ import annotations

import time
from http import HTTPStatus

from tests.benchmarks.options import Options
from tests.benchmarks.quality import Outcome
from tests.benchmarks.tables import Column, Figures, Table
from tests.fuzzing.checking import FuzzReport, api_checked
from tests.fuzzing.sending import CALLERS
from tests.fuzzing.site import start_site

REQUESTS = 20_000
FOUND = (
    Column("operation", "operation", is_text=True),
    Column("caller", "first as", is_text=True),
    Column("status", "status", "d"),
    Column("times", "times", ",d"),
    Column("what", "what, and an example", is_text=True),
)


def run(options: Options) -> Outcome:
    with start_site() as site:
        began = time.monotonic()
        report = api_checked(site, num_requests=options.requests or REQUESTS, first_seed=options.seed)
        seconds = time.monotonic() - began
    return Outcome([answers_table(report, seconds), findings_table(report)])


def answers_table(report: FuzzReport, seconds: float) -> Table:
    """How often each caller got each status."""
    codes = sorted({status for _, status in report.answers})
    columns = (
        Column("caller", "caller", is_text=True),
        Column("all", "all", ",d"),
        *(Column(str(code), str(code), ",d") for code in codes),
    )
    rows: list[Figures] = []
    for caller in CALLERS:
        counts = {str(code): report.answers[caller, code] for code in codes}
        rows.append({"caller": caller, "all": sum(counts.values()), **counts})
    title = f"{report.num_requests:,} requests to {report.operations} operations in {seconds:,.0f} s: answers by caller and status"
    notes = [f"{code} is what the health address says where no worker runs." for code in codes if code == HTTPStatus.SERVICE_UNAVAILABLE]
    if idle := report.never_done():
        notes.append(f"Refused each time: {', '.join(idle)}.")
    return Table("answers", title, columns, rows, notes, keys=("caller",))


def findings_table(report: FuzzReport) -> Table:
    """What was a server's error, undescribed or another institution's: none is the bar."""
    rows = [vars(found) | {"what": f"{found.what}; {found.example}"} for found in report.findings.values()]
    title = "Server errors, statuses, types or shapes that are not described, and foreign data"
    return Table("findings", title, FOUND, rows, [f"{len(rows)} findings: {'missed' if rows else 'met'}."], keys=("operation", "status"))
