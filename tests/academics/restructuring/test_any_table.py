"""Whatever stands in a table: steps, questions and tables, or a refusal; never another exception, and never more than its bounds.

``TIMELOOM_TABLES=2000`` tries so many damaged tables in place of a few.
"""

from __future__ import annotations

import csv
import io
import os
import random
import time

import pytest

from academics.importing.columns_by_kind import KINDS
from academics.restructuring.derive import Known
from academics.restructuring.frames import Frame, Row
from academics.restructuring.states import TableState, plan_read, table_state
from tests.academics.restructuring.made_files import BANNER
from tests.academics.restructuring.test_program_lists import LISTS

NUM_TABLES = int(os.environ.get("TIMELOOM_TABLES", "24"))
MOST_ROUNDS = 8  # of questions that earlier answers bring
MOST_SECONDS = 2.0  # of processor time, for one state of a table of a few rows
KNOWN = Known(kinds=frozenset(KINDS))
ODD_CELLS = (
    *(
        "",
        " ",
        "0",
        "-1",
        "99999999999",
        "1e9",
        "2V+1Ü",
        "3-0-2",
        "3--2",
        "A/B/C",
        "/",
        ";;;",
        "a\nb\nc",
        "=1+1",
        "\u200b",
        "\ufffd",
        "\x00",
    ),
    *(
        "TBA",
        "MWF 9:15",
        "24M12",
        "2026-02-30",
        "44897.375",
        "١٢",
        "１２",
        "Ⅻ",
        "²",
        "x" * 300,
        "9:00-8:00",
        "Σύνολο",
        "Total",
        "page 1 of 2",
    ),
    *("Course", "Day", "Room", "L-T-P", "Group", "Subgroup", "Year", "Class", "Hours", "Mon", "Lunes", "(((", "{text}", "%s", "𝟙𝟚"),
)


def rows_damaged(dealt: random.Random) -> list[Row]:
    """A small list of a scheduling program with a few cells, rows and columns that are not what they were."""
    text, separator = dealt.choice([(BANNER, ","), *((listed.text.strip(), listed.separator) for listed in LISTS.values())])
    table = list(csv.reader(io.StringIO(text), delimiter=separator))
    for _ in range(dealt.randrange(1, 9)):
        row = dealt.choice(table)
        match dealt.randrange(9):
            case 0 | 1 if row:
                row[dealt.randrange(len(row))] = dealt.choice(ODD_CELLS)
            case 2:
                table.insert(dealt.randrange(len(table) + 1), [dealt.choice(ODD_CELLS) for _ in range(dealt.randrange(12))])
            case 3:
                place = dealt.randrange(max(map(len, table)) or 1)
                table = [cells[:place] + cells[place + 1 :] for cells in table]
            case 4:
                one, other = dealt.randrange(len(table)), dealt.randrange(len(table))
                table[one], table[other] = table[other], table[one]
            case 5:
                place, cell = dealt.randrange(max(map(len, table)) or 1), dealt.choice(ODD_CELLS)
                table = [[*cells[:place], cell, *cells[place:]] for cells in table]
            case 6:
                place, heading = dealt.randrange(max(map(len, table)) or 1), dealt.choice(ODD_CELLS)
                table[0] = [*table[0][:place], heading, *table[0][place + 1 :]]
            case 7:
                table += [list(cells) for cells in table]
            case 8:
                del row[dealt.randrange(len(row) + 1) :]
    return [(number, tuple(cells)) for number, cells in enumerate(table, 1)]


def stated(rows: list[Row], answers: dict[str, str]) -> TableState:
    began = time.thread_time()
    found = table_state(key="x", raw=Frame((), tuple(rows)), plan=plan_read({"answers": answers}), known=KNOWN)
    assert time.thread_time() - began < MOST_SECONDS
    return found


@pytest.mark.parametrize("part", range(4))
def test_any_table_is_read_or_refused_whatever_is_answered(part: int) -> None:
    for seed in range(part, NUM_TABLES, 4):
        dealt = random.Random(seed)
        rows = rows_damaged(dealt)
        answers: dict[str, str] = {"layout": dealt.choice(("schedule", "schedule", "rooms", "can_teach"))}
        for _ in range(MOST_ROUNDS):
            found = stated(rows, answers)
            if found.refusal or not found.open:
                break
            for question in found.open:
                answers[question.id] = dealt.choice(question.choices).value if question.choices else "2026-autumn"
        if found.refusal:
            assert found.tables == (), seed
            continue
        assert not found.open, (seed, [question.id for question in found.open])
        numbers = {number for number, _ in rows}
        for table in found.tables:
            assert len(table.columns) == len(table.headings), seed
            assert all(len(cells) == len(table.columns) and number in numbers for number, cells in table.rows), seed
            assert all(isinstance(cell, str) for _, cells in table.rows for cell in cells), seed
        document = found.recipe_document()  # what reads such a table again reads this one the same way
        again = table_state(key="x", raw=found.raw, plan=plan_read({k: v for k, v in document.items() if k != "shape"}), known=KNOWN)
        assert again.refusal == "", seed
        assert again.tables == found.tables, seed
