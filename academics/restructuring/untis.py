"""Files that Untis exports: no headings, columns in a fixed order, lessons with the numbers that they have there.

They are known by their columns, and the page still asks what the table is. Only the columns that are used here are named.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from academics.restructuring.frames import Frame, cell_of

FEWEST_ROWS = 3
LOOKED_AT = 500
MOST_DAYS, MOST_PERIODS, MOST_HOURS, MOST_LESSON = 7, 64, 60, 99_999


@dataclass(frozen=True)
class Export:
    """``columns``: how many it may have; ``roles`` by the number of the column, from 1."""

    name: str
    what: str
    columns: range
    roles: dict[int, str]
    checks: dict[int, Callable[[str], bool]]


def _number(low: int, high: int) -> Callable[[str], bool]:
    return lambda cell: cell.isascii() and cell.isdecimal() and len(cell) <= 6 and low <= int(cell) <= high


def _hours(cell: str) -> bool:
    whole, _, part = cell.replace(",", ".").partition(".")
    return _number(0, MOST_HOURS)(whole) and (not part or (part.isdecimal() and len(part) <= 5))


def _name(cell: str) -> bool:
    """A short name, or none: never a date, a time, or a number with a part."""
    return len(cell) <= 20 and not any(mark in cell for mark in ":;@")


def _empty_or_number(cell: str) -> bool:
    return not cell or _number(0, MOST_LESSON)(cell)


EXPORTS = (
    Export(
        "GPU001",
        "a timetable: lesson, class, teacher, subject, room, day and period",
        range(7, 10),
        {1: "section", 2: "curriculum", 3: "instructor", 4: "course", 5: "room", 6: "days", 7: "period"},
        {
            1: _number(1, MOST_LESSON),
            2: _name,
            3: _name,
            4: _name,
            5: _name,
            6: _number(1, MOST_DAYS),
            7: _number(0, MOST_PERIODS),
            8: _empty_or_number,
        },
    ),
    Export(
        "GPU002",
        "lessons: their number, hours a week, class, teacher and subject",
        range(16, 61),
        {1: "section", 2: "hours_lecture", 5: "curriculum", 6: "instructor", 7: "course"},
        {1: _number(1, MOST_LESSON), 2: _hours, 3: _empty_or_number, 4: _empty_or_number, 5: _name, 6: _name, 7: _name, 8: _name},
    ),
)


def export_of(raw: Frame) -> Export | None:
    """Which of Untis' files it is, if every row is laid out like one."""
    rows = [cells for _, cells in raw.rows[:LOOKED_AT] if any(cells)]
    return next((export for export in EXPORTS if len(rows) >= FEWEST_ROWS and _is_like(export, rows)), None)


def _is_like(export: Export, rows: Sequence[Sequence[str]]) -> bool:
    if any(len(cells) not in export.columns for cells in rows):
        return False
    if not all(check(cell_of(cells, number - 1)) for cells in rows for number, check in export.checks.items()):
        return False
    named = [number for number, role in export.roles.items() if role in ("curriculum", "instructor", "course")]
    # Names of subjects, teachers and classes have letters; a table of figures has none there.
    return all(any(letter.isalpha() for cells in rows for letter in cell_of(cells, number - 1)) for number in named)
