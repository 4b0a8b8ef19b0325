"""What stands in addresses and forms, read as ids and numbers."""

from __future__ import annotations

import uuid

import pytest

from academics.ids import number_read, numbers_read, uuid_read


@pytest.mark.parametrize("text", ["", "7", "x" * 36, "123e4567-e89b-12d3-a456-42661417400", "\0"])
def test_what_is_no_id_is_none(text: str) -> None:
    assert uuid_read(text) is None


def test_an_id_is_read_from_its_text_and_kept_where_it_is_one() -> None:
    key = uuid.uuid4()

    assert uuid_read(str(key)) == uuid_read(key) == key


@pytest.mark.parametrize(
    ("text", "number"),
    [("0", 0), ("007", 7), ("9" * 18, 10**18 - 1), ("9" * 19, None), ("9" * 5000, None), ("-1", None), ("²", None), ("", None)],
)
def test_a_number_has_digits_alone_and_not_too_many(text: str, number: int | None) -> None:
    assert number_read(text) == number


def test_of_several_texts_those_that_are_numbers_are_read() -> None:
    assert numbers_read(["3", "x", "3", "10"]) == {3, 10}
