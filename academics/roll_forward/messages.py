"""The words of a term that is rolled forward."""

from __future__ import annotations

from collections.abc import Sequence

from academics.errors import UserError

TEXTS = {
    "term_unknown": "There is no term {code!r}. The terms are {known}.",
    "terms_equal": "A term can't be rolled forward to itself. Name another term to roll to.",
    "term_new_dates": "There is no term {code!r} yet. To make it from {source}, give its first and its last day.",
    "term_dates": "The last day, {ends}, has to come after the first, {starts}.",
    "term_long": "The term would last {days:,} days; at most {most} are allowed.",
    "term_code": "The code of a term has 1 to 60 characters.",
    "department_unknown": "There is no department {code!r}. The departments are {known}.",
    "what_unknown": "{name!r} can't be carried over. What can is {known}.",
    "what_none": "Nothing was chosen to be carried over.",
    "data_changed": "The data changed meanwhile. Look again, and then roll the term forward.",
}
MOST_NAMED = 8


class RollRefused(UserError):
    texts = TEXTS


def some(names: Sequence[str]) -> str:
    """The first of them; of many, how many more there are."""
    more = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {more:,} more" if more > 0 else "")


def outside_week(what: str, count: int, term: str) -> str:
    return f"Left out, because the week of {term} does not have their times: {count:,} {what}."


def stands_alone(courses: Sequence[str]) -> str:
    return f"Left without the lecture, or the other course, that they belong to, as the new term does not offer it: {some(courses)}."


def rules_left(count: int) -> str:
    words = "1 rule is" if count == 1 else f"{count:,} rules are"
    return f"{words} about courses that the new term does not offer, and left out."


def settings_left(count: int) -> str:
    words = "1 setting" if count == 1 else f"{count:,} settings"
    return f"{words} of single meetings stay{'s' if count == 1 else ''} with the old term."


def kept_as_is(title: str, names: Sequence[str]) -> str:
    return f"{title} that the new term has already and that differ stay as they are there: {some(names)}."


def rooms_left() -> str:
    return "Times of rooms belong to no department, and are left out."


def wishes_left(number: int) -> str:
    marks = (
        "1 mark of availability or preference of a room" if number == 1 else f"{number:,} marks of availability and preferences of rooms"
    )
    return f"{marks} came from wishes, and {'is' if number == 1 else 'are'} left out: the form of the new term offers them."


def weeks_missing(names: Sequence[str], term: str, count: int) -> str:
    return f"{term} has {count} weeks. Held in others, as they were, and to be corrected before the first run: {some(names)}."


def nothing_published(term: str) -> str:
    return f"No timetable of {term} is published, so none is taken over."
