"""A job's progress as a line of text: drawn over itself in a terminal, a line now and then in a file."""

from __future__ import annotations

import shutil

from django.core.management.base import OutputWrapper

from progress.record import Record, is_terminal

# Between two lines where nothing can be drawn over, unless the stage or the status changes.
STEP_PERCENT = 5.0
MAX_BAR = 40


class Bar:
    """Shows records and notes. The number is the record's own; the bar never goes back."""

    def __init__(self, out: OutputWrapper) -> None:
        self._out = out
        self._is_drawn = bool(out.isatty())
        self._shown: tuple[str, str, float] = ("", "", -STEP_PERCENT)
        self._is_line_open = False

    def show(self, record: Record) -> None:
        stage, status, done = str(record["stage"]), str(record["status"]), float(record["overall_progress"])
        if self._is_drawn:
            self._draw(bar_line(record, width=shutil.get_terminal_size().columns - 1))
        elif (stage, status) != self._shown[:2] or done - self._shown[2] >= STEP_PERCENT or is_terminal(record):
            self._shown = (stage, status, done)
            self._write(bar_line(record, width=120) + "\n")

    def note(self, text: str) -> None:
        """A sentence above the bar, where it stays."""
        self.close()
        self._write(text + "\n")

    def close(self) -> None:
        if self._is_line_open:
            self._write("\n")
            self._is_line_open = False

    def _draw(self, line: str) -> None:
        self._write(f"\r\x1b[2K{line}")
        self._is_line_open = True

    def _write(self, text: str) -> None:
        self._out.write(text, ending="")
        self._out.flush()


def bar_line(record: Record, *, width: int) -> str:
    """The bar with its number, the status and the stage, and as much of the rest as the width holds."""
    done = min(100.0, max(0.0, float(record["overall_progress"])))
    facts = f"{done:6.2f} %  {record['status']}  {record['stage']}"
    room = max(10, min(MAX_BAR, width - len(facts) - 4))
    filled = int(done / 100 * room)
    line = f"[{'#' * filled}{'.' * (room - filled)}] {facts}"
    for part in _further(record):
        if len(line) + 2 + len(part) <= width:
            line += "  " + part
    return line[: max(width, 20)]


def _further(record: Record) -> list[str]:
    facts, eta = record.get("metadata") or {}, record.get("eta_seconds")
    parts = []
    if facts.get("total_items"):
        parts.append(f"{facts.get('completed_items')} of {facts['total_items']}")
    if eta and not is_terminal(record):
        parts.append(f"about {eta_words(int(eta))} left")
    return parts


def eta_words(seconds: int) -> str:
    if seconds < 90:
        return f"{seconds} s"
    return f"{round(seconds / 60)} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
