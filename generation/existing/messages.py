"""What people read about a timetable that was taken over."""

from __future__ import annotations

from collections.abc import Sequence

from academics.placements import rows_named
from generation.engine.model.text import listed

MOST_SECTIONS = 8


def lectures(count: int) -> str:
    return "1 lecture" if count == 1 else f"{count:,} lectures"


def section_unclear(*, course: str, section: str, sections: Sequence[str], rows: Sequence[int]) -> str:
    """A row names no section, or one that there is not."""
    where = f"{rows_named(rows)}: " if rows else ""
    some = listed(list(sections[:MOST_SECTIONS])) + (" ..." if len(sections) > MOST_SECTIONS else "")
    held = f"{course} is held in {some}" if len(sections) > 1 else f"{course} has one section, {some}"
    return f"{where}{held}, and {f'no section {section}' if section else 'no section is named'}. Say which section is meant."


def course_unknown(*, course: str, rows: Sequence[int]) -> str:
    return f"{rows_named(rows) if rows else course}: {course} is not offered in the term."


def no_lecture_left(*, section: str, num_lectures: int, rows: Sequence[int]) -> str:
    where = f"{rows_named(rows)}: " if rows else ""
    return f"{where}{section} has {lectures(num_lectures)} a week, and none is left of this length for another place."


def rooms_chosen(*, chosen: int, without: int) -> list[str]:
    """Of lectures whose place says no room."""
    lines = []
    if chosen:
        lines.append(f"{lectures(chosen)} had a time and no room: each was given a room that fits and is free then.")
    if without:
        lines.append(f"{lectures(without)} had a time and no room, and no room that fits is free then: they have no place yet.")
    return lines


def not_online(*, rows: Sequence[int]) -> str:
    where = rows_named(rows) if rows else "Some places"
    return f"{where[0].upper()}{where[1:]}: online or without a room in the table, while the data say that the lecture needs a room."


def left_out(count: int) -> str:
    return f"Left out, because the term has no such section or lecture: {lectures(count)}."


def unplaced(count: int) -> str:
    return f"{lectures(count)} of the term {'is' if count == 1 else 'are'} not in it and {'has' if count == 1 else 'have'} no place yet."


def taught_by_others(*, count: int, rows: Sequence[int]) -> str:
    where = f" ({rows_named(rows)})" if rows else ""
    return f"{lectures(count)}{where} {'is' if count == 1 else 'are'} taught by others in the data than in the table; the data count."


def pins_made(*, made: int, broken: int, other: int) -> list[str]:
    lines = [f"{lectures(made)} {'is' if made == 1 else 'are'} fixed by rules to the time, and to the room where one is named."]
    if broken:
        lines.append(f"{lectures(broken)} would break a rule where {'it is' if broken == 1 else 'they are'}, and are not fixed.")
    if other:
        lines.append(f"{lectures(other)} had a rule that fixes {'it' if other == 1 else 'them'} already; that one stays.")
    return lines


def wishes_made(*, times: int, rooms: int) -> str:
    return (
        f"{times:,} offerings would like to keep their times (a weighted rule: they meet in the listed timeslots), "
        f"and {rooms:,} wishes for rooms were added (room preferences)."
    )


IN_REVIEW = "its timetable was put forward for a decision. Withdraw that first, or keep the import."
EDITED = "its timetable was changed by hand since. Copy what you need, undo those changes, or keep the import."
COMMENTED = "somebody has commented on its timetable. Keep the import."
