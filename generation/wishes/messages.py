"""Sentences about forms of wishes and the answers to them."""

from __future__ import annotations

from generation.errors import Conflict, Invalid, Missing

MAX_TEXT = 2000
WISHES = {"like": 2, "rather_not": -2, "impossible": -4}
WISH_OF = {rating: word for word, rating in WISHES.items()}
WISH_LABELS = {"like": "would like", "rather_not": "rather not", "impossible": "impossible"}
SOFTER = {-3: "strongly disliked", -2: "disliked", -1: "rather avoided"}

NO_ROUND = "There is no form of wishes for this term yet. Open one first."
CHANGED = "This answer was changed while you looked at it. Read it again, then decide."
CHANGED_HERE = "Your answer was changed in another window. What you see now is the newer one; make your change again."
CLOSED = "The form closed before this arrived. Nothing was changed."
ALREADY = "There is no answer to decide on: it was not sent, or was decided already."


def conflict(text: str) -> Conflict:
    return Conflict(text=text)


def wrong(field: str, text: str) -> Invalid:
    return Invalid(text=text, field=field)


def answer_unknown() -> Missing:
    return Missing(text="There is no such answer.")


def reason_missing() -> Invalid:
    return wrong("reason", "Say why the times are impossible: whoever decides has to know. Or mark them as 'rather not'.")


def text_long(field: str, label: str) -> Invalid:
    return wrong(field, f"{label}: at most {MAX_TEXT:,} characters fit.")


def place_unknown(code: str) -> Invalid:
    return wrong("rooms", f"There is no room {code!r}. Give its code, or 'building' and the code of a building.")


def time_outside(day: object, period: object, num_days: int, num_periods: int) -> Invalid:
    return wrong(
        "times",
        f"Day {day!r}, period {period!r} is not in this term's week of {num_days} days and {num_periods} periods; both count from 0.",
    )


def number_outside(field: str, label: str, value: object, most: int) -> Invalid:
    return wrong(field, f"{label}: {value!r} is not a whole number from 0 to {most}.")
