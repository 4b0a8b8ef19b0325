"""Sentences about dates, editions and exceptions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from academics.week_labels import DAY_NAMES
from generation.errors import Conflict, Invalid, Missing
from generation.models import LectureException
from generation.timetable.lectures import Lecture
from generation.timetable.term_dates import TermDays

NO_DATES = "The term has no first and last day yet, so nothing can be said of a date. Enter them under Terms."
CHANGED = "Another timetable holds on that day by now. Look at the week again, and choose the lecture there."
GONE = "There is no such exception."
NOTHING_CHANGES = "The lecture is there already. Choose another day, period or room."
NEEDED = {
    "move": ("to_date", "Say to which day or period the lecture moves."),
    "room": ("room", "Say which room it is held in instead."),
    "cover": ("cover", "Say who covers it, by the instructor's code."),
}
FITS = {
    "cancel": (),
    "move": ("to_date", "to_period", "room", "absent", "cover"),
    "room": ("room", "absent", "cover"),
    "cover": ("absent", "cover"),
}
NOT_FITTING = {
    "cancel": "A lecture that is cancelled has no other day, room or instructor.",
    "room": "A lecture that only changes its room has no other day. Choose to move it instead.",
    "cover": "A lecture that is only covered has no other day or room. Choose to move it, or another room, instead.",
}
Kind = LectureException.Kind


def day_words(date: dt.date) -> str:
    """Monday 3 May 2027."""
    return f"{date:%A} {date.day} {date:%B %Y}"


def after_the_term(date: dt.date, last: dt.date) -> str:
    return f"{day_words(date)} is after the term, which ends on {day_words(last)}. Choose a day of the term."


def nothing_published(term: str) -> str:
    return f"Nothing is published for {term}, so there is nothing to change on a date. Publish a timetable first."


def no_edition(date: dt.date) -> str:
    return f"No timetable was published for {day_words(date)} yet. Choose a later day."


def no_lecture(number: int, date: dt.date) -> str:
    return f"The timetable of {day_words(date)} has no lecture {number}. Look the lecture up in that week."


def not_held(lecture: Lecture, days: TermDays, date: dt.date) -> str:
    """Why the timetable has no such lecture on that day."""
    if not lecture.is_placed or lecture.day is None:
        return f"{lecture.section} has no time in the week yet, so it is held on no day."
    day = f"{lecture.section} is not held on {day_words(date)}"
    if not days.is_inside(date):
        return f"{day}: that is outside the term. Choose a day of the term."
    if lecture.day != date.weekday():
        return f"{day}: this lecture is on {DAY_NAMES[lecture.day]}s. Choose one of them."
    holiday = days.break_on(date)
    if holiday:
        return f"{day}: it is {holiday}. Choose another week."
    return f"{day}: it is in {lecture.weeks_words(days.weeks.num_weeks)} only. Choose one of them."


def no_such_day(days: TermDays, date: dt.date) -> str:
    """Why nothing can be moved to that day."""
    holiday = days.break_on(date)
    why = f"it is {holiday}" if holiday and days.is_inside(date) else "it is outside the term"
    return f"Nothing can be held on {day_words(date)}: {why}. Choose another day."


def no_such_period(period: int, length: int, num_periods: int) -> str:
    return (
        f"Period {period + 1} is too late or not there: the day has {num_periods} periods, and the lecture takes {length}. Choose an "
        "earlier one."
    )


def unknown(what: str, code: str) -> str:
    return f"There is no {what} {code!r}. Look its code up in the data."


def not_teaching(code: str, lecture: Lecture) -> str:
    teaching = ", ".join(lecture.instructors) or "nobody"
    return f"{code} does not teach {lecture.section}, so nobody covers for them there. It is taught by {teaching}."


def who_is_absent(lecture: Lecture) -> str:
    return f"{lecture.section} is taught by {', '.join(lecture.instructors)}. Say which of them is covered."


def covers_already(code: str, lecture: Lecture) -> str:
    return f"{code} teaches {lecture.section} already. Choose somebody else."


def already(row: LectureException, lecture: Lecture) -> str:
    return (
        f"{lecture.section} on {day_words(row.date)} is not as in the timetable already ({Kind(row.kind).label.lower()}). Take that back "
        "first."
    )


def clashing(reasons: Sequence[str]) -> str:
    more = f" And {len(reasons) - 5} more." if len(reasons) > 5 else ""
    return f"That is not possible: {' '.join(reasons[:5])}{more} Choose another day, period, room or person."


def room_taken(room: str, other: str, moment: str) -> str:
    return f"{room} is taken by {other} ({moment})."


def person_busy(person: str, other: str, moment: str) -> str:
    return f"{person} teaches {other} ({moment})."


def group_busy(group: str, other: str, moment: str) -> str:
    return f"{group} attends {other} ({moment})."


def closed(room: str, moment: str) -> str:
    return f"{room} is closed then ({moment})."


def away(person: str, moment: str) -> str:
    return f"{person} is not available then ({moment})."


def too_small(room: str, seats: int, lecture: Lecture) -> str:
    return f"{room} has {seats} seats, and {lecture.section} has {lecture.size} students."


def invalid(field: str, text: str) -> Invalid:
    return Invalid(text=text, field=field)


def conflict(text: str) -> Conflict:
    return Conflict(text=text)


def missing(text: str) -> Missing:
    return Missing(text=text)
