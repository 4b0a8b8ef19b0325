"""The cells of days and times of institutions' own files: all are understood, and none is asked about."""

from __future__ import annotations

import csv
from contextlib import closing
from pathlib import Path

import openpyxl
import pytest

from academics.weekly_times.columns import ColumnReading, column_read, rows_read, vocabulary_of_column, vocabulary_of_rows
from academics.weekly_times.folding import DatedRow, fold
from academics.weekly_times.grids import grid_proposal
from tests.academics.weekly_times.writing import written


@pytest.fixture
def files(shared_folder: Path) -> Path:
    return shared_folder / "data" / "files"


def table(path: Path, delimiter: str = ",") -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text().splitlines(), delimiter=delimiter))


def read_rows(rows: list[dict[str, str]]) -> ColumnReading:
    found = vocabulary_of_rows(rows)
    assert found.questions == ()
    return rows_read(rows, found.vocabulary)


def read_texts(texts: list[str]) -> ColumnReading:
    found = vocabulary_of_column(texts)
    assert found.questions == ()
    return column_read(texts, found.vocabulary)


def counts(read: ColumnReading) -> tuple[int, int, int, int]:
    return read.num_understood, read.num_without_time, read.num_empty, len(read.not_understood)


def test_a_schedule_of_classes_with_days_and_times(files: Path) -> None:
    """A second meeting has its day beside its time. The grid loses and gains no more than 5 minutes a side."""
    read = read_rows([{"days": row["Days"], "time": row["Time"]} for row in table(files / "01_flat_banner.csv")])
    grid = grid_proposal(read.readings)

    assert counts(read) == (33, 0, 0, 0)
    assert written(read.readings[0]) == "Mon+Wed 16:45-18:25"
    assert grid is not None
    assert (grid.text, grid.fitted.outside, grid.fitted.newly_overlapping) == ("49 periods of 15 minutes, 08:00 to 20:15", (), ())
    assert {max(abs(each.starts_by), abs(each.ends_by)) for each in grid.fitted.rounded} == {5}


def test_starts_and_ends_in_columns_of_their_own(files: Path) -> None:
    names = {"days": "Days of Week", "start": "Start Time", "end": "End Time"}
    rows = table(files / "02_flat_two_part_code.csv")
    read = read_rows([{part: row[name] or "" for part, name in names.items()} for row in rows])

    assert counts(read) == (36, 8, 0, 0)
    assert written(read.readings[0]) == "Mon+Tue+Wed+Thu 12:30-13:50"


def test_dated_meetings_are_folded(files: Path) -> None:
    rows = table(files / "04_dated_meetings.csv", ";")
    names = {"days": "Dia da semana", "start": "Hora início da aula", "end": "Hora fim da aula", "date": "Data da aula"}
    read = read_rows([{part: row[name] for part, name in names.items()} for row in rows])
    folded = fold(
        DatedRow(row["Turno"], number, reading.times[0], row["Sala atribuída à aula"])
        for number, (row, reading) in enumerate(zip(rows, read.readings, strict=True), 2)
    )

    assert counts(read) == (40, 0, 0, 0)
    assert [(each.key, each.time.day, len(each.dates), len(each.missing)) for each in folded.meetings] == [
        ("01789TP01", 2, 4, 0),
        ("01789TP01", 0, 2, 0),
        ("SP-I_(Piudhist)S01", 0, 7, 0),
        ("L5205PL05", 2, 7, 0),
        ("00668TP02", 3, 6, 0),
        ("L0705TP23", 4, 7, 1),
        ("01074TP01", 0, 6, 0),
    ]
    assert [(each.row.number, each.kind) for each in folded.exceptions] == [
        (2, "single"),
        (14, "other_room"),
        (15, "other_room"),
        (36, "other_room"),
    ]


def test_a_japanese_catalogue(files: Path) -> None:
    rows = list(csv.reader((files / "05_japanese_no_headings.csv").read_text().splitlines()))

    read = read_texts([row[6] for row in rows])
    modules = read_texts([row[5] for row in rows])

    assert (counts(read), counts(modules)) == ((30, 0, 0, 0), (30, 0, 0, 0))
    assert (written(read.readings[0]), written(read.readings[8]), written(modules.readings[0])) == ("Fri p2", "Mon p5-6", "春AB")


def test_days_and_hours_by_number(files: Path) -> None:
    with closing(openpyxl.load_workbook(files / "06_continuation_rows.xlsx", read_only=True)) as book:
        texts = [str(row[9] or "") for row in list(book.worksheets[0].iter_rows(values_only=True))[3:]]

    read = read_texts(texts)

    assert counts(read) == (26, 0, 0, 0)
    assert (written(read.readings[0]), written(read.readings[1])) == ("Mon+Wed p3; Thu p9", "Tue+Thu+Fri p3")
