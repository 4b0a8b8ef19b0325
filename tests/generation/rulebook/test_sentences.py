"""How constraints read."""

from __future__ import annotations

import pytest

from academics.models import Rule
from generation.rulebook.sentences import Mark, meeting_sentence, ordinal, ranges, rule_sentence, seats_sentence, times, wish_sentence


@pytest.mark.parametrize(("numbers", "words"), [([3], "3"), ([2, 1], "1 and 2"), ([1, 2, 3, 5], "1 to 3 and 5"), ([1, 3, 5], "1, 3 and 5")])
def test_numbers_on_end_are_a_range(numbers: list[int], words: str) -> None:
    assert ranges(numbers) == words


@pytest.mark.parametrize(
    ("marks", "words"),
    [
        ([(0, 0), (0, 1)], "on Monday, periods 1 and 2"),
        ([(0, 0), (2, 0), (4, None)], "on Monday and Wednesday, period 1, and on Friday"),
        ([(day, 3) for day in range(5)], "every day, period 4"),
        ([(None, 3)], "every day, period 4"),
        ([(None, None)], "at any time"),
        ([(1, period) for period in range(4)], "on Tuesday"),
        ([], "at no time yet"),
    ],
)
def test_timeslots_are_said_by_day_and_period(marks: list[Mark], words: str) -> None:
    assert times(marks, 5, range(4)) == words


@pytest.mark.parametrize(
    ("number", "words"), [(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (13, "13th"), (21, "21st"), (112, "112th")]
)
def test_ordinals(number: int, words: str) -> None:
    assert ordinal(number) == words


@pytest.mark.parametrize("kind", Rule.Kind.values)
@pytest.mark.parametrize("is_hard", [True, False])
def test_every_kind_of_rule_is_a_sentence(kind: str, is_hard: bool) -> None:
    rule = Rule(kind=kind, is_hard=is_hard, days=2)

    for names, first in ((["A Algebra", "B Biology"], "C Chemistry"), (["A Algebra"], ""), ([], "")):
        sentence = rule_sentence(rule, names, first=first, room="room R1", when="on Monday")
        assert sentence[0].isupper() or sentence[0].isdigit() or not names
        assert sentence.endswith(".")
        assert "  " not in sentence
        assert "None" not in sentence


def test_an_order_names_what_comes_first() -> None:
    rule = Rule(kind="before", is_hard=False)

    assert rule_sentence(rule, ["B"], first="A", room="", when="") == "Lectures of A should come before those of B in the week."
    assert rule_sentence(rule, ["B"], first="", room="", when="") == "The lectures of each section of B should come in order in the week."


def test_wishes_meetings_and_seats() -> None:
    assert wish_sentence("instructor", "Dr Rao", [(-2, "on Friday"), (3, "on Monday")]) == (
        "Dr Rao would rather not teach on Friday; much prefers to teach on Monday."
    )
    assert meeting_sentence("A", 1, 2, "lab", ["Gas taps"]) == (
        "A: 1 lecture a week of 2 periods on end, in a room of the kind lab that has Gas taps."
    )
    assert "up to 3 students or 10 % of the seats" in seats_sentence(is_hard=True, number=3, percent=10)


def test_a_sentence_about_two_courses_says_which_lectures_are_meant() -> None:
    def said(kind: str, *names: str) -> str:
        return rule_sentence(Rule(kind=kind, days=2), names, first="", room="", when="")

    assert said("same_hour", "A") == "The lectures of each section of A must begin in the same period of their days."
    assert said("same_day", "A", "B") == "Lectures of A and B must be held on one day, every one of a course with every one of another."
    assert said("days_apart", "A", "B") == (
        "Lectures of A and B must be at least 2 days apart, every one of a course from every one of another."
    )
    assert said("before", "A", "B") == "Lectures of A and B must come in order in the week, all of a course before any of the next."
    assert said("grouped", "A") == "The lectures of each section of A must come one right after the other, in order or in reverse."
    assert "the 1st beside the 1st, the 2nd beside the 2nd and so on, section by section" in said("grouped", "A", "B")
    assert said("same_start", "A", "B") == (
        "Lectures of A and B must start together, the 1st lecture of each section, the 2nd of each and so on."
    )
