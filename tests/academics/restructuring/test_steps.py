"""Each step: what it does to a table, how many rows it touches, and what it refuses before it takes memory."""

from __future__ import annotations

import os
from dataclasses import fields
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from academics.errors import UserError
from academics.restructuring.derive import Known
from academics.restructuring.frames import MOST_CELLS, MOST_ROWS, Frame, RestructuringRefusal
from academics.restructuring.guess import LAYOUTS
from academics.restructuring.roles import ROLES
from academics.restructuring.states import plan_read, table_state
from academics.restructuring.steps import STEPS, StepPreview, step_read, steps_apply, steps_read
from academics.weekly_times.grammar import read_weekly_times

MOST_EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "60"))
HEADINGS = {"step": "headings", "row": 1}


def raw(*rows: str) -> Frame:
    """Rows of cells apart by a bar, numbered from 1."""
    return Frame((), tuple((number, tuple(cell.strip() for cell in row.split("|"))) for number, row in enumerate(rows, 1)))


def applied(frame: Frame, *steps: dict[str, Any]) -> list[list[str]]:
    """The names of the columns, then the rows, after these steps."""
    found = steps_apply(frame, steps_read([HEADINGS, *steps]))
    return [list(found.names), *([*found.wide(cells)] for _, cells in found.rows)]


def sentence(frame: Frame, step: dict[str, Any]) -> str:
    return step_read(step).apply(steps_apply(frame, steps_read([HEADINGS]))).sentence


def test_headings_may_stand_below_titles_in_two_rows_or_nowhere() -> None:
    frame = raw("Timetable 2026", "Course|Hours||Room", "|L|P|", "MA1|3|2|R1")

    two = step_read({"step": "headings", "row": 2, "count": 2}).apply(frame)
    none = step_read({"step": "headings", "row": None}).apply(frame)

    assert two.frame.names == ("Course", "Hours L", "Hours P", "Room")
    assert two.frame.rows == ((4, ("MA1", "3", "2", "R1")),)
    assert none.frame.names == ("column 1", "column 2", "column 3", "column 4")
    assert len(none.frame.rows) == 4


def test_names_of_columns_are_never_the_same_twice() -> None:
    assert applied(raw("A|A||A", "1|2|3|4"))[0] == ["A", "A (2)", "column 3", "A (3)"]


def test_empty_cells_take_the_value_above_until_a_further_course_begins() -> None:
    frame = raw("Course|Sec|Teacher", "MA1|1|Rao", "||Berg", "PH1||Cole", "||Dahl")

    found = applied(
        frame,
        {"step": "fill_down", "columns": ["Sec"], "within": "Course"},
        {"step": "fill_down", "columns": ["Course"]},
    )

    assert found[1:] == [["MA1", "1", "Rao"], ["MA1", "1", "Berg"], ["PH1", "", "Cole"], ["PH1", "", "Dahl"]]


def test_two_columns_are_joined_and_stay() -> None:
    step = {"step": "join", "columns": ["Subj", "Crse"], "separator": " ", "to": "Course"}

    assert applied(raw("Subj|Crse", "CS|101", "CS|"), step)[1:] == [["CS", "101", "CS 101"], ["CS", "", "CS"]]
    assert sentence(raw("Subj|Crse", "CS|101"), step) == "Subj, Crse are joined into Course (1 row)."


@pytest.mark.parametrize(
    ("step", "parts"),
    [
        ({"pattern": "{letters} {digits}-{word}"}, [["CS", "102", "01"], ["MATH7", "", ""]]),
        ({"separator": "-"}, [["CS 102", "01", ""], ["MATH7", "", ""]]),
    ],
)
def test_a_column_is_split_and_what_does_not_fit_stays_whole(step: dict[str, Any], parts: list[list[str]]) -> None:
    found = applied(raw("Class", "CS 102-01", "MATH7"), {"step": "split", "column": "Class", "to": ["a", "b", "c"], **step})

    assert [row[1:] for row in found[1:]] == parts


def test_values_are_replaced_whatever_their_case_and_marks_removed() -> None:
    frame = raw("Kind|Who", "LEC|Rao (P), Berg (S)", "tut|Cole")

    found = applied(
        frame,
        {"step": "replace", "column": "Kind", "values": {"lec": "lecture"}},
        {"step": "remove_text", "column": "Who", "texts": ["(P)", "(S)"]},
        {"step": "unescape", "columns": ["Who"]},
    )

    assert found[1:] == [["lecture", "Rao, Berg"], ["tut", "Cole"]]


def test_wide_columns_become_a_cell_or_rows() -> None:
    frame = raw("Room|Gas|Beamer", "R1|x|X", "R2||x")
    into_cell = {"step": "melt", "columns": ["Gas", "Beamer"], "to": "Has", "marks": ["x"]}

    assert applied(frame, into_cell)[1:] == [["R1", "Gas; Beamer"], ["R2", "Beamer"]]
    assert applied(frame, {**into_cell, "into": "rows"})[1:] == [["R1", "Gas"], ["R1", "Beamer"], ["R2", "Beamer"]]
    assert applied(frame, {**into_cell, "into": "rows", "marks": [], "value_to": "Mark"})[1] == ["R1", "Gas", "x"]


def test_several_values_become_rows_that_keep_the_number_of_theirs() -> None:
    found = steps_apply(raw("Who|Course", "Rao; Berg|MA1"), steps_read([HEADINGS, {"step": "split_rows", "column": "Who"}]))

    assert found.rows == ((2, ("Rao", "MA1")), (2, ("Berg", "MA1")))


def test_rows_and_columns_are_left_out_and_added() -> None:
    frame = raw("Course|Note", "MA1|x", "MA1|x", "|y", "Total|3")

    found = applied(
        frame,
        {"step": "drop_rows", "is_repeated": True},
        {"step": "drop_rows", "column": "Course", "values": ["total"], "is_empty": True},
        {"step": "constant", "to": "Department", "value": "MATH"},
        {"step": "drop_columns", "columns": ["Note"]},
        {"step": "move_values", "column": "Course", "values": ["ma1"], "to": "Moved"},
    )

    assert found == [["Course", "Department", "Moved"], ["", "MATH", "MA1"]]


def test_a_preview_shows_the_rows_that_a_step_touches() -> None:
    frame = raw("Course|Sec", *[f"MA{number}|1" for number in range(20)], "|2")
    previews: list[StepPreview] = []

    steps_apply(frame, steps_read([HEADINGS, {"step": "fill_down", "columns": ["Course"]}]), previews=previews)

    assert previews[1].before["rows"] == [{"row": 22, "cells": ["", "2"]}]
    assert previews[1].after["rows"] == [{"row": 22, "cells": ["MA19", "2"]}]


def test_cells_that_a_comma_cut_apart_are_joined() -> None:
    assert applied(raw("Who|Room", "Rao|R1", "Rao|Anand|R1"), {"step": "join_cells", "column": "Who"})[2] == ["Rao, Anand", "R1"]


@pytest.mark.parametrize(
    ("step", "words"),
    [
        ({"step": "explode"}, "There is no step 'explode'"),
        ({"step": "join", "columns": ["A"], "separator": "", "to": "B"}, "at least 2 columns"),
        ({"step": "join", "columns": ["A", "B"], "separator": "", "to": "C"}, "There is no column 'B'. The columns at this step are A."),
        ({"step": "constant", "to": "A", "value": ""}, "There is a column 'A' already."),
        ({"step": "constant", "to": " ", "value": ""}, "the name of a column has 1 to 120 characters"),
        ({"step": "constant", "to": "B"}, "'value' is missing"),
        ({"step": "constant", "to": "B", "value": 3}, "'value' can't be '3'"),
        ({"step": "constant", "to": "B", "value": "", "hat": 1}, "it has no 'hat'; its fields are to, value"),
        ({"step": "split", "column": "A", "to": ["B"], "pattern": "{x}"}, "there is no part {x}"),
        ({"step": "split", "column": "A", "to": ["B"]}, "it takes a 'separator' or a 'pattern'"),
        ({"step": "headings", "row": 99}, "The table has no row 99"),
        ({"step": "drop_rows"}, "say which rows"),
    ],
)
def test_a_step_that_cannot_be_is_refused_with_what_can(step: dict[str, Any], words: str) -> None:
    with pytest.raises(RestructuringRefusal) as refused:
        applied(raw("A", "1"), step)

    assert words in str(refused.value)


def test_a_melt_that_would_be_too_large_is_refused_before_its_rows_are_made() -> None:
    wide = Frame((), tuple((number, ("x",) * 300) for number in range(1, 4_901)))
    steps = steps_read([{"step": "headings", "row": None}, {"step": "melt", "columns": [f"column {n}" for n in range(1, 301)], "to": "a"}])
    steps = (*steps[:1], step_read({**steps[1].document(), "into": "rows"}))

    with pytest.raises(RestructuringRefusal, match=f"at most {MOST_ROWS:,} are kept"):
        steps_apply(wide, steps)


def test_a_table_that_is_too_large_for_steps_is_refused() -> None:
    assert MOST_ROWS * 10 <= MOST_CELLS
    with pytest.raises(RestructuringRefusal, match="cells of the table"):
        steps_apply(Frame((), tuple((number, ("x",) * 300) for number in range(1, 20_000))), ())


def test_steps_come_back_from_their_documents() -> None:
    document = {"step": "melt", "columns": ["A"], "to": "B", "into": "rows", "marks": ["1"], "value_to": "", "keeps_unmarked": True}

    assert step_read(document).document() == document


# Whatever people put together: a user's error or a table, and never anything else.

cells = st.sampled_from(
    [
        "",
        "x",
        "1",
        "0",
        "CS 101",
        "MWF 9:15 am-10:20 am",
        "TBA",
        "Rao, A.; Berg",
        "25",
        "02/12/2022",
        "Room",
        "Title",
        "&amp;",
        "月1,2",
        "½",
        "  ",
    ]
) | st.text(max_size=8)
headings = st.lists(
    st.sampled_from(
        [
            *(
                "Subj",
                "Crse",
                "Title",
                "Sec",
                "CRN",
                "Days",
                "Time",
                "Cap",
                "Act",
                "Room",
                "Building",
                "Instructor",
                "Date",
                "Type",
                "T",
                "U",
            ),
            *("L", "Start Time", "End Time", "Period", "Department", "Term", "Group", "Seats", "", "Course"),
        ]
    ),
    min_size=1,
    max_size=6,
)
rows_below = st.lists(st.lists(cells, min_size=1, max_size=6), min_size=1, max_size=7)
tables = st.builds(lambda first, rest: [first, *rest], headings, rows_below) | rows_below
names = st.sampled_from(["Title", "Room", "Course", "column 1", "column 2", "x", "", "CS 101"])
field_values = {
    "str": names | st.sampled_from([";", "{letters} {digits}", "{text}", "cell", "rows", ""]),
    "int": st.integers(-1, 4),
    "int | None": st.none() | st.integers(-1, 8),
    "bool": st.booleans(),
    "tuple[str, ...]": st.lists(names, max_size=4),
    "Mapping[str, str]": st.dictionaries(names, names, max_size=3),
}


@st.composite
def step_documents(draw: st.DrawFn) -> dict[str, Any]:
    step = STEPS[draw(st.sampled_from(sorted(STEPS)))]
    kinds = {field.name: str(field.type) for field in fields(step)}
    return {"step": step.name} | {name: draw(field_values[kind]) for name, kind in kinds.items() if draw(st.integers(0, 9))}


plans = st.fixed_dictionaries(
    {},
    optional={
        "steps": st.lists(step_documents(), max_size=5),
        "roles": st.dictionaries(names, st.sampled_from(sorted(ROLES)), max_size=5),
        "answers": st.dictionaries(
            st.sampled_from(["layout", "repeats", "parallel", "grid", "term", "room_seats", "titles", "times:letters", "commas"]),
            st.sampled_from([*LAYOUTS, "sections", "drop", "60x10", "2026", "largest", '{"letters": {"t": 1}}', "{", "courses"]),
            max_size=5,
        ),
        "vocabulary": st.sampled_from([{}, {"taught": {"TBA": "Mon 9:00-10:00"}}, {"day_first": True}, {"hat": 1}]),
    },
)


@settings(max_examples=MOST_EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(tables, plans)
def test_whatever_is_put_together_gives_tables_or_a_refusal_in_words(rows: list[list[str]], document: dict[str, Any]) -> None:
    frame = Frame((), tuple((number, tuple(row)) for number, row in enumerate(rows, 1)))
    try:
        state = table_state(key="x.csv", raw=frame, plan=plan_read(document), known=Known(kinds=frozenset({"timetable"})))
    except UserError:
        return
    assert state.document()["table"] == "x.csv"
    numbers = {number for number, _ in frame.rows}
    for table in state.tables:
        assert {number for number, _ in table.rows} <= numbers
        assert all(len(cells) == len(table.columns) for _, cells in table.rows)
    again = plan_read({name: value for name, value in state.recipe_document().items() if name != "shape"})
    assert again.document()["answers"] == dict(state.plan.answers)


@pytest.mark.parametrize(
    "document",
    [
        {"step": "split", "column": "Title", "to": ["a", "b"], "pattern": "{text}A{text}!"},
        {"step": "replace", "column": "Title", "values": {"a": "(" * 1_001}},
        {"step": "join", "columns": ["Title"] * 21, "separator": "-", "to": "All"},
    ],
)
def test_steps_whose_work_would_outgrow_the_table_are_refused(document: dict[str, Any]) -> None:
    with pytest.raises(RestructuringRefusal):
        steps_apply(raw("Title", "A" * 490), steps_read([HEADINGS, document]))


@pytest.mark.parametrize("value", [float("nan"), "\ud800", "\x00"])
def test_a_recipe_holds_what_both_databases_can_keep(value: object) -> None:
    with pytest.raises(RestructuringRefusal, match="holds NaN"):
        plan_read({"vocabulary": {"x": value}})


def test_a_cell_of_very_many_days_is_not_read_and_takes_no_time() -> None:
    assert not read_weekly_times("MWF " * 25_000).times
