"""Cells that say several hours: by the letters of the column, in the order of its heading, or as it is answered."""

from __future__ import annotations

import pytest

from academics.restructuring.hours_cells import bare_of, hours_by, order_of_heading, pairs_of, words_of, writings_of
from tests.academics.restructuring.test_derive import derived, state

LETTERED = """
2V+1Ü | 2 of lecture, 1 of tutorial
2 SWS V / 1 SWS Ü | 2 of lecture, 1 of tutorial
V2 Ü1 P1 | 2 of lecture, 1 of tutorial, 1 of lab
1,5V+0,5Ü | 1.5 of lecture, 0.5 of tutorial
3L+1T | 3 of lecture, 1 of tutorial
2L+1T+2P | 2 of lecture, 1 of tutorial, 2 of lab
3 Lecture, 1 Tutorial, 2 Lab | 3 of lecture, 1 of tutorial, 2 of lab
15CM 10TD 8TP | 15 of lecture, 10 of tutorial, 8 of lab
3T+1U+2L | 3 of lecture, 1 of tutorial, 2 of lab
2T 2TP 1PL | 2 of lecture, 2 of tutorial, 1 of lab
2Л+1ПЗ+1ЛР | 2 of lecture, 1 of tutorial, 1 of lab
2P+2C | 2 of lecture, 2 of tutorial
2W+1Ć+1L | 2 of lecture, 1 of tutorial, 1 of lab
2F+2Ö | 2 of lecture, 2 of tutorial
2HC 1WC | 2 of lecture, 1 of tutorial
2Θ+1Φ+1Ε | 2 of lecture, 1 of tutorial, 1 of lab
2 lezione 1 esercitazione | 2 of lecture, 1 of tutorial
"""
NEITHER = ("", "4", "3.5", "1,5", "2 h", "3 hrs", "9:00-10:00", "MWF", "2026-09-01", "R", "2V+2V")


@pytest.mark.parametrize("line", LETTERED.strip().splitlines())
def test_hours_by_letters_are_read_in_the_order_of_one_way_of_writing(line: str) -> None:
    cell, wanted = line.split(" | ")
    pairs = pairs_of(cell)

    assert {words_of(hours_by(writing, pairs)) for writing in writings_of([pairs])} == {wanted}


@pytest.mark.parametrize("cell", NEITHER)
def test_what_says_no_hours_of_several_kinds_is_none(cell: str) -> None:
    assert not pairs_of(cell) or not writings_of([pairs_of(cell)])
    assert not bare_of(cell)


@pytest.mark.parametrize(
    ("heading", "length", "order"),
    [
        ("L-T-P", 3, "lecture tutorial lab"),
        ("Hours (L T P)", 3, "lecture tutorial lab"),
        ("LTPC", 4, "lecture tutorial lab -"),
        ("T+U+L", 3, "lecture tutorial lab"),
        ("P+C", 2, "lecture tutorial"),
        ("Hours", 3, ""),
        ("Contact hours", 2, ""),
    ],
)
def test_a_heading_may_name_the_order(heading: str, length: int, order: str) -> None:
    assert " ".join(part or "-" for part in order_of_heading(heading, length)) == order


def _table(heading: str, *cells: str) -> str:
    rows = (f"CS{number}|Title {number}|{cell}|Rao|Y{number}|40" for number, cell in enumerate(cells, 1))
    return "\n".join((f"Course Code|Course Title|{heading}|Lecturer|Class|No. of Students", *rows))


def test_a_cell_of_several_hours_becomes_lecture_tutorial_and_lab_and_is_said_back() -> None:
    found = state(_table("Contact Hours", "3L+1T", "2L+3P"), layout="schedule", grid="60x10", term="t")

    assert [(row["course"], row.get("part_of", ""), row["meetings"]) for row in derived(found, "offerings")] == [
        ("CS1", "", "3 x 1"),
        ("CS1-T", "CS1", "1 x 1"),
        ("CS2", "", "2 x 1"),
        ("CS2-LAB", "CS2", "1 x 3"),
    ]
    assert found.open == []
    assert any("3L+1T: 3 of lecture, 1 of tutorial; 2L+3P: 2 of lecture, 3 of lab" in note for note in found.notes)


def test_numbers_alone_are_a_question_where_no_heading_names_their_order() -> None:
    text = _table("Hours", "3-0-2", "2+1+0")
    given = {"layout": "schedule", "grid": "60x10", "term": "t"}

    asked = state(text, **given)
    lab_last = state(text, **given, **{"hours_order:3": "ltp"})
    lab_second = state(text, **given, **{"hours_order:3": "lpt"})
    named = state(_table("L-T-P", "3-0-2", "2+1+0"), **given)

    assert [question.id for question in asked.open] == ["hours_order:3"]
    assert [choice.label for choice in asked.open[0].choices] == [
        "lecture, tutorial, lab: 3-0-2 is 3 of lecture, 2 of lab",
        "lecture, lab, tutorial: 3-0-2 is 3 of lecture, 2 of tutorial",
    ]
    assert [row["course"] for row in derived(lab_last, "offerings")] == ["CS1", "CS1-LAB", "CS2", "CS2-T"]
    assert [row["course"] for row in derived(lab_second, "offerings")] == ["CS1", "CS1-T", "CS2", "CS2-LAB"]
    assert named.open == []
    assert derived(named, "offerings") == derived(lab_last, "offerings")


def test_letters_of_several_ways_of_writing_are_a_question() -> None:
    """C and L are Czech and Polish exercises with labs, or a Romanian course with labs."""
    found = state(_table("Hours", "2C+1L", "2C+2L"), layout="schedule", grid="60x10", term="t")

    assert [question.id for question in found.open] == ["hours_letters"]
    assert len(found.open[0].choices) == 2
