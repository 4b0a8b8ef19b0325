"""`make bench`: runs one suite, prints its tables and writes them to a folder as text and as JSON.

See the README's section on benchmarks for the suites and variables. Reports carry the commit, the call and the load of
the machine, because a figure without them can't be judged; `BASE=file.json` compares with an earlier one.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from types import FrameType

from tests.benchmarks.machine import header_begin, header_end, header_text
from tests.benchmarks.options import INSTANCES, ROOT, OptionError, Options
from tests.benchmarks.quality import Outcome, feasible, folder_of, quality
from tests.benchmarks.tables import Column, Figures, Table

Suite = Callable[[Options], Outcome]


def _elsewhere(module: str) -> Suite:
    """A suite with a module of its own, imported when it is asked for: some of them load the engine."""

    def suite(options: Options) -> Outcome:
        run: Suite = import_module(f"tests.benchmarks.{module}").run
        return run(options)

    return suite


def _students(options: Options) -> Outcome:
    """Student clashes beside the plain way's, by a command of its own, whose lines are shown as they are."""
    variables = {"TIME": options.time_s, "SEED": options.seed, "SCALE": options.scale, "WORKERS": options.workers}
    given = {name: str(value) for name, value in variables.items() if value is not None}
    command = [sys.executable, "-m", "tests.benchmarks.students"]
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, **given}, stdout=subprocess.PIPE, text=True, check=False)
    failed = [f"FAILED: exit status {done.returncode}"] if done.returncode else []
    rows = [{"line": line} for line in done.stdout.splitlines()]
    return Outcome([Table("students", "Bar 3: student clashes", (Column("line", "found", is_text=True),), rows, failed, keys=("line",))])


SUITES: Mapping[str, Suite] = {
    "small": lambda options: quality(options, time_s=3, seeds=1),
    "itc2007": lambda options: quality(options, time_s=30, seeds=3),
    "feasible": lambda options: feasible(options, time_s=10, seeds=3),
    "kernels": _elsewhere("neighbourhoods"),
    "jit": _elsewhere("jit"),
    "scale": _elsewhere("scale"),
    "job": _elsewhere("job"),
    "ablation": _elsewhere("ablation"),
    "students": _students,
    "repeat": _elsewhere("repeat"),
    "kills": _elsewhere("kills"),
    "drills": _elsewhere("drills"),
    "import": _elsewhere("importing"),
    "door": _elsewhere("door"),
    "fet": _elsewhere("fet"),
    "itc2019": _elsewhere("terms"),
    "backup": _elsewhere("backup"),
    "archive": _elsewhere("archive"),
    "published": _elsewhere("published"),
    "grid": _elsewhere("grid"),
    "pages": _elsewhere("pages"),
    "walk": _elsewhere("walk"),
    "streams": _elsewhere("streams"),
    "handover": _elsewhere("handover"),
    "change": _elsewhere("change"),
    "schemathesis": _elsewhere("api_fuzz"),
}


def main() -> None:
    # Ended from outside, or by its terminal's end, it still ends the servers and workers that it has started.
    for sent in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(sent, _leave)
    try:
        options = Options.read(os.environ)
        if options.suite not in SUITES:
            raise OptionError(f"SUITE: {options.suite} is none of {', '.join(SUITES)}.")
        if options.suite != "small" and options.data == INSTANCES:
            options = replace(options, data=folder_of(options, os.environ.get("TIMELOOM_SHARED")))
        base = base_read(options.base)
        header = header_begin(options.given)
        outcome = SUITES[options.suite](options)
    except OptionError as error:
        sys.exit(f"make bench: {error}")
    header = header_end(header)
    tables = [*outcome.tables, *compared(outcome.tables, base)]
    text = report_text(header, tables)
    sys.stdout.write(f"\n{text}\n{report_write(options, header, outcome, text)}\n")


def _leave(number: int, frame: FrameType | None) -> None:
    """Once: make passes its own TERM on to whoever got one already, and the second would break off the ending of what was started."""
    for sent in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(sent, lambda *_: None)
    sys.exit(128 + number)


def report_text(header: Figures, tables: Sequence[Table]) -> str:
    return "\n\n".join([header_text(header), *(table.text() for table in tables)]) + "\n"


def report_write(options: Options, header: Figures, outcome: Outcome, text: str) -> str:
    """Write both files, named by suite and time of the start; where they are."""
    options.out.mkdir(parents=True, exist_ok=True)
    stamp = str(header["began"]).replace(" UTC", "").replace("-", "").replace(":", "").replace(" ", "-")
    path = options.out / f"{options.suite}-{stamp}"
    document = {
        "suite": options.suite,
        "header": header,
        "tables": [table.document() for table in outcome.tables],
        "runs": [run.document() for run in outcome.runs],
    }
    for ending, content in outcome.files.items():
        path.with_suffix(ending).write_text(content)
    path.with_suffix(".txt").write_text(text)
    path.with_suffix(".json").write_text(json.dumps(document, indent=1) + "\n")
    return f"Written to {path}{', '.join(['.txt', '.json', *outcome.files])}"


def base_read(path: Path | None) -> Figures | None:
    """An earlier report; read before the first run, so that a wrong one costs no time."""
    if path is None:
        return None
    try:
        base = dict(json.loads(path.read_text()))
        _ = [(table["name"], table["rows"]) for table in base["tables"]], base["header"]["commit"]
    except (ValueError, KeyError, TypeError):
        raise OptionError(f"BASE: {path} is not a report that `make bench` has written as JSON.") from None
    return base


def compared(tables: Sequence[Table], base: Figures | None) -> list[Table]:
    """Each table's ratios to the one of the same name in an earlier report."""
    if base is None:
        return []
    earlier = {table["name"]: table["rows"] for table in base["tables"]}
    found = [table.compared(earlier[table.name]) for table in tables if table.name in earlier]
    ratios = [table for table in found if table is not None]
    for table in ratios:
        table.notes.append(f"Earlier: {base['header']['command']}, commit {base['header']['commit']}, {base['header']['began']}.")
    return ratios


if __name__ == "__main__":
    main()
