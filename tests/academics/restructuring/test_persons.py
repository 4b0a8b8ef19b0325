"""People of a table: told apart by e-mails and numbers, and never made one of two unasked."""

from __future__ import annotations

import re
import time

import pytest

from academics.importing.values import FROM_TO
from academics.restructuring.derive import JOINT, Known
from academics.restructuring.frames import Frame
from academics.restructuring.states import TableState, plan_read, table_state
from academics.restructuring.words import JOINED, MAYBE_JOINED
from tests.academics.restructuring.test_derive import derived

ROWS = """Course|Sec|Title|Days|Time|Room|Instructor|{heading}
CS 1|1|Logic|M|9:00-9:50|R1|John Smith|{0}
CS 1|2|Logic|T|9:00-9:50|R1|John Smith|{1}
CS 2|1|Sets|W|9:00-9:50|R1|Eve Long|{2}
CS 3|1|Maps|Th|9:00-9:50|R1|John Smith|{3}"""


def state(*cells: str, heading: str = "E-mail", known: Known | None = None, **answers: str) -> TableState:
    text = ROWS.format(*cells, heading=heading)
    rows = tuple((number, tuple(line.split("|"))) for number, line in enumerate(text.splitlines(), 1))
    plan = plan_read({"answers": {"layout": "schedule", "term": "t", "room_seats": "30", "grid": "proposed", **answers}})
    return table_state(key="x.csv", raw=Frame((), rows), plan=plan, known=known or Known())


def teachers(found: TableState) -> list[tuple[str, str, str]]:
    return [(row["course"], row["code"], row.get("instructors", "")) for row in derived(found, "sections")]


def test_people_of_one_name_with_two_addresses_are_asked_about_and_may_be_two() -> None:
    cells = ("john@u.edu", "smith@u.edu", "eve@u.edu", "John@u.edu")
    asked = state(*cells)
    assert [question.id for question in asked.open] == ["same_name"]
    assert asked.open[0].examples == ("John Smith: john@u.edu, smith@u.edu",)

    two = state(*cells, same_name="several")
    assert two.open == []
    assert [(row["code"], row["name"], row["email"]) for row in derived(two, "instructors")] == [
        ("JOHN-SMIT", "John Smith", "john@u.edu"),
        ("JOHN-SMIT-2", "John Smith", "smith@u.edu"),
        ("EVE-LONG", "Eve Long", "eve@u.edu"),
    ]
    assert [who for _, _, who in teachers(two)] == ["JOHN-SMIT", "JOHN-SMIT-2", "EVE-LONG", "JOHN-SMIT"]

    one = state(*cells, same_name="one")
    assert [row["code"] for row in derived(one, "instructors")] == ["JOHN-SMIT", "EVE-LONG"]


def test_a_row_without_an_address_is_asked_about_where_two_have_the_name() -> None:
    found = state("john@u.edu", "smith@u.edu", "eve@u.edu", "", same_name="several")
    assert [question.id for question in found.open] == ["whose:John Smith"]

    found = state("john@u.edu", "smith@u.edu", "eve@u.edu", "", **{"same_name": "several", "whose:John Smith": "John Smith 2"})
    assert [who for _, _, who in teachers(found)] == ["JOHN-SMIT", "JOHN-SMIT-2", "EVE-LONG", "JOHN-SMIT-2"]


def test_numbers_of_people_are_their_codes_and_tell_them_apart_unasked() -> None:
    found = state("7001", "7002", "7003", "7001", heading="Instructor ID")

    assert found.open == []
    assert [(row["code"], row["name"]) for row in derived(found, "instructors")] == [
        ("7001", "John Smith"),
        ("7002", "John Smith"),
        ("7003", "Eve Long"),
    ]
    assert [who for _, _, who in teachers(found)] == ["7001", "7002", "7003", "7001"]


def test_who_is_in_the_data_is_found_by_the_address_and_not_taken_for_another() -> None:
    known = Known({"instructors": {"jsm": "Smith, John", "js2": "John Smith"}}, emails={"jsm": "john@u.edu", "js2": "other@u.edu"})
    found = state("john@u.edu", "new@u.edu", "eve@u.edu", "john@u.edu", known=known, same_name="several")

    assert [who for _, _, who in teachers(found)] == ["jsm", "JOHN-SMIT-2", "EVE-LONG", "jsm"]
    assert [row["code"] for row in derived(found, "instructors")] == ["JOHN-SMIT-2", "EVE-LONG"]


@pytest.mark.parametrize("pattern", [JOINED, MAYBE_JOINED, JOINT, FROM_TO])
def test_a_cell_of_many_blanks_is_split_in_no_time(pattern: re.Pattern[str]) -> None:
    began = time.process_time()
    assert len(pattern.split("Ada" + " " * 20_000 + "Grace")) == 1
    assert time.process_time() - began < 1


def test_people_are_separated_by_marks_that_stand_together() -> None:
    assert JOINED.split("Ada  & &Grace and Jean") == ["Ada", "", "Grace", "Jean"]
