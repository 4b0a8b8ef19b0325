"""The line that shows a job's progress."""

from __future__ import annotations

import io
from typing import Any

from django.core.management.base import OutputWrapper

from progress.record import Record
from progress.terminal import Bar, bar_line


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def record_at(overall: float, **fields: Any) -> Record:
    usual = {"stage": "cpsat_solving", "status": "running", "eta_seconds": 312, "metadata": {"completed_items": 74, "total_items": 216}}
    return {"overall_progress": overall, **usual, **fields}


def test_the_line_says_what_the_width_holds() -> None:
    wide, narrow = bar_line(record_at(35.74), width=120), bar_line(record_at(35.74), width=50)

    assert wide.endswith("]  35.74 %  running  cpsat_solving  74 of 216  about 5 min left")
    assert wide.startswith("[" + "#" * 14 + "." * 26)
    assert len(narrow) <= 50
    assert "35.74 %" in narrow


def test_in_a_terminal_it_is_drawn_over_itself_and_notes_stay() -> None:
    out = Terminal()
    bar = Bar(OutputWrapper(out))
    bar.show(record_at(1))
    bar.note("Reconnecting.")
    bar.show(record_at(2))
    bar.close()

    shown = out.getvalue()
    assert shown.count("\n") == 3
    assert shown.count("\r") == 2
    assert "cpsat_solving\nReconnecting.\n" in shown


def test_in_a_file_there_is_a_line_for_each_step_and_each_change() -> None:
    out = io.StringIO()
    bar = Bar(OutputWrapper(out))
    for tenth in range(150, 300):
        bar.show(record_at(tenth / 10))
    bar.show(record_at(30, stage="ga_optimization"))
    bar.show(record_at(100, status="completed", eta_seconds=0))

    lines = out.getvalue().splitlines()
    assert [line.split("]")[1].split("%")[0].strip() for line in lines] == ["15.00", "20.00", "25.00", "30.00", "100.00"]
