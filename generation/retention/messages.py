"""What people read about places and students that stay, and those that can't."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from generation.engine.model.text import listed
from generation.text.labels import count_words

SECTION_GONE = "its section is no longer in the data"
LECTURE_GONE = "its section no longer has that many lectures of that length"
TIME_GONE = "the week no longer has that time"
ROOM_GONE = "there is no such room any more"
# Why a place cannot stay, by the rule that it would break.
REASONS = {
    "section_clash": "another lecture of its section stays at that time",
    "instructor_clash": "its instructor has another lecture that stays at that time",
    "curriculum_clash": "its students have another lecture that stays at that time",
    "no_overlap": "it must not overlap another lecture that stays at that time",
    "room_clash": "another lecture stays in that room at that time",
    "availability": "its section or its instructor is not available then",
    "room_availability": "the room is closed then",
    "room_too_small": "the room is too small for it",
    "room_type": "it needs another kind of room",
    "room_features": "the room lacks something that it needs",
    "block": "it would run into a break or the day's end",
    "pin": "a rule fixes it to another place",
    "blocked_start": "a rule does not let it begin then",
    "pair_required": "a rule ties it to another lecture that stays elsewhere",
    "joint_start": "a rule lets it begin only together with another lecture, which stays elsewhere",
    "free_days_required": "its instructor would have too few days without teaching",
    "free_half_days_required": "its instructor would have too few half-days without teaching",
    "one_room": "its section would be in two rooms",
    "set_rule_required": "a day or the week of a set of sections would not be as a rule says",
    "daily_limit": "its instructor's day would be too long",
    "consecutive_limit": "its instructor would have too many periods without a pause",
}


def lost(*, section: str, course: str, when: str, room: str, why: str) -> str:
    """One lecture that cannot stay, and why not."""
    name = section if course in section else f"{course} {section}"
    where = f"{when} in {room}" if room else when
    return f"{name}, {where}: {why}"


def renewed(*, section: str, course: str, before: Sequence[str], now: Sequence[str]) -> str:
    """One lecture that is taught by others than in the earlier timetable."""
    name = section if course in section else f"{course} {section}"
    return f"{name}: {taught_by(now)} now, {taught_by(before)} in that timetable"


def taught_by(names: Sequence[str]) -> str:
    return listed(names) if names else "nobody"


def in_options(text: str) -> str:
    """A refusal that names fields of a request, for the terminal, where they are options."""
    worded = re.sub(r"'(keep\w*)'", lambda found: option(found[1]), text)
    return worded.replace("say that these", f"say with {option('keep_leave_out')} that these")


def option(name: str) -> str:
    return f"--{'max-moved' if name == 'max_lectures' else name.replace('_', '-')}"


def option_needs_keep(name: str, kinds: Sequence[str]) -> str:
    return f"{option(name)} goes only with --keep, which must then be one of {', '.join(kinds)}. Say so, or leave {option(name)} out."


def needs_from(kind: str, published: str) -> str:
    return f"--keep {kind} needs --keep-from: the id of a variant of the same term, or {published!r}. Say in which timetable it stays."


def nothing_published(organization: str, published: str) -> str:
    return f"--keep-from {published}: {organization!r} has no published timetable. Give the id of a variant of the same term."


def kept_words(fixed: Mapping[str, Any]) -> str:
    """What stays in a run, in one line for the terminal."""
    left_out = f"; {fixed['left_out']:,} could not stay" if fixed["left_out"] else ""
    if fixed["keep"] == "minimal":
        fits = count_words(fixed["kept"], "lecture fits where it is", "lectures fit where they are")
        return f"{fits}, {fixed['placed_anew']:,} do not or have no place{left_out}. As few as possible move."
    students = fixed["students_staying"]
    seats = f" {count_words(students, 'student keeps a section', 'students keep their sections')}." if students else ""
    others = fixed.get("taught_by_others", 0)
    if fixed.get("is_settled"):
        last = f" {nothing_left(fixed['keep'], taught_by_others=others)}"
    else:
        last = f" {others:,} of those that stay {'is' if others == 1 else 'are'} taught by others than there." if others else ""
    lectures, anew = count_words(fixed["kept"], "lecture stays", "lectures stay"), fixed["placed_anew"]
    return f"{lectures}, {anew:,} {'is' if anew == 1 else 'are'} placed anew{left_out}.{seats}{last}"


def nothing_left(kind: str, *, taught_by_others: int = 0) -> str:
    """Where every lecture stays: what a run would give."""
    broken = "Nothing is broken there today, and nothing is left to place" if kind == "sound" else "Nothing is left to place"
    people = f", with the instructors of today in {count_words(taught_by_others, 'lecture', 'lectures')}" if taught_by_others else ""
    return f"{broken}: the run ends at once, with this one timetable, evaluated again{people}."


def seat_left(*, student: str, section: str) -> str:
    return f"{student} leaves {section}"


def seat_taken(*, student: str, section: str) -> str:
    return f"{student} comes to {section}"
