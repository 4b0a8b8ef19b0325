"""Tables stay aligned, and compare only what both reports have."""

from __future__ import annotations

from tests.benchmarks.tables import WIDTH, Column, Table, ratio

COLUMNS = (Column("instance", "instance", is_text=True), Column("cost", "cost", "g", is_compared=True), Column("note", "note"))


def _table(*rows: dict[str, object]) -> Table:
    return Table("quality", "Quality", COLUMNS, list(rows))


def test_numbers_stand_right_words_left_and_nothing_is_a_dash() -> None:
    lines = _table({"instance": "a", "cost": 5.0}, {"instance": "longer", "cost": 1000}).text().splitlines()

    assert lines[2:] == ["instance  cost  note", "--------  ----  ----", "a            5     -", "longer    1000     -"]


def test_ratios_are_now_divided_by_then_for_common_rows() -> None:
    now = _table({"instance": "a", "cost": 5}, {"instance": "b", "cost": 7})

    found = now.compared([{"instance": "a", "cost": 10}])

    assert found is not None
    assert found.rows == [{"instance": "a", "cost": 0.5}]
    assert found.notes == ["1 rows are not in the earlier report."]


def test_tables_with_nothing_in_common_are_not_compared() -> None:
    assert _table({"instance": "a", "cost": 5}).compared([{"instance": "b", "cost": 10}]) is None


def test_a_ratio_to_zero_or_to_nothing_is_no_number() -> None:
    assert ratio(3, 0) == "3 from 0"
    assert ratio(0, 0) == 1.0
    assert ratio(None, 4) is None
    assert ratio(4, None) is None


def test_a_long_last_cell_goes_on_in_the_next_line() -> None:
    columns = (Column("instance", "instance", is_text=True), Column("parts", "parts", is_text=True))

    lines = Table("t", "T", columns, [{"instance": "a", "parts": "min_days 12, " * 12}]).text().splitlines()

    assert max(len(line) for line in lines) <= WIDTH
    assert lines[5].startswith("          min_days")


def test_long_notes_are_wrapped() -> None:
    table = Table("quality", "Quality", COLUMNS, [{"instance": "a"}], ["word " * 60])

    assert max(len(line) for line in table.text().splitlines()) <= WIDTH


def test_columns_that_fill_the_line_leave_the_last_one_its_room() -> None:
    lines = _table({"instance": "x" * WIDTH, "cost": 1, "note": "said in full"}).text().splitlines()

    assert lines[4].endswith("1  said in")
    assert lines[5].strip() == "full"
