"""What to call each constraint, and what to say about a breach of it, in plain words.

A message is a template; `violations` fills in ``lectures``, ``time``, ``room``, ``who``, ``amount``
(units, unweighted) and the finding's values, which it has put into words (``{0}``, ``{1}``).
``{0:day}`` is the number with its noun: "1 day", "2 days".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from generation.engine.model.problem import BEFORE, CONSECUTIVE, DAYS_APART, GROUPED, SAME_DAY


class Count(int):
    """A number that takes a noun as its format: ``{:day}`` is "1 day" or "2 days"."""

    def __format__(self, noun: str) -> str:
        return f"{int(self)} {noun}{'' if self == 1 else 's'}" if noun else str(int(self))


@dataclass(frozen=True, slots=True)
class Words:
    label: str  # a heading for all of its breaches
    sentence: str  # what the constraint asks for
    message: str  # what is wrong in one place
    suggestion: str  # what somebody could do about it


WORDS: dict[str, Words] = {
    "unplaced": Words(
        "Lectures without a place",
        "Every lecture has a timeslot and a room.",
        "{lectures} has no timeslot and room yet ({amount:period}).",
        "Free a suitable room or a timeslot of its instructor.",
    ),
    "section_clash": Words(
        "Sections with two lectures at once",
        "A section attends one lecture at a time.",
        "{lectures} has more than one lecture {time}.",
        "Move one of them to a timeslot in which the section is free.",
    ),
    "instructor_clash": Words(
        "Instructors in two places at once",
        "An instructor teaches one lecture at a time.",
        "{who} would teach {lectures} at the same time, {time}.",
        "Move one of the lectures, or give it another instructor.",
    ),
    "curriculum_clash": Words(
        "Curricula with two lectures at once",
        "Courses of one curriculum never overlap.",
        "{lectures} belong to {who} and meet at the same time, {time}.",
        "Move one of the lectures to a timeslot in which the curriculum is free.",
    ),
    "no_overlap": Words(
        "Sections that must not overlap and do",
        "Sections marked as not overlapping meet at different times.",
        "{lectures} must not overlap and meet at the same time, {time}.",
        "Move one of the lectures, or lift the rule between the two sections.",
    ),
    "room_clash": Words(
        "Rooms with two lectures at once",
        "A room holds one lecture at a time, or as many as may share it.",
        "Room {room} is given to more lectures than it holds {time}: {lectures}.",
        "Give one of them a free room of the same kind, or another timeslot.",
    ),
    "availability": Words(
        "Lectures at blocked times",
        "Nobody meets in a timeslot blocked for the section or its instructors.",
        "{lectures} meets {time}, which is blocked for {who}.",
        "Move the lecture, or open this timeslot.",
    ),
    "room_availability": Words(
        "Lectures when the room is closed",
        "Rooms are used only while they are available.",
        "{lectures} is in room {room}, {time}, while the room is not available.",
        "Choose another room, or open this room at that time.",
    ),
    "room_too_small": Words(
        "Lectures in rooms that are too small",
        "Every student has a seat.",
        "{lectures}, {time}, has {0:student} more than room {room} has seats.",
        "Choose a larger room, or lower the section's size.",
    ),
    "room_type": Words(
        "Lectures in the wrong kind of room",
        "A lecture meets in the kind of room it requires.",
        "{lectures}, {time}, needs a room of the kind {0}; {room} is of another kind.",
        "Choose a room of the required kind.",
    ),
    "room_features": Words(
        "Lectures in rooms without the features they need",
        "A room has the features that the lecture requires.",
        "{lectures}, {time}, needs {0}, which room {room} does not have.",
        "Choose a room with this equipment, or drop the requirement.",
    ),
    "block": Words(
        "Lectures across a break or the end of a day",
        "A lecture of several periods stays within one day and does not span a break.",
        "{lectures}, {time}, has {0:period} and does not fit before the break or the end of the day.",
        "Start it earlier, so that all its periods follow one another.",
    ),
    "pin": Words(
        "Fixed lectures that were moved",
        "A lecture whose time or room is fixed stays there.",
        "{lectures} is to stay {0}, but is placed {time}.",
        "Put it back, or release the lecture.",
    ),
    "blocked_start": Words(
        "Lectures that begin when they may not",
        "A lecture begins only at the times, or on the day, that its rules name.",
        "{lectures} begins {time}, which its rules do not allow.",
        "Move it to a timeslot that they allow, or change the rule.",
    ),
    "daily_limit": Words(
        "Instructors above the daily limit",
        "No instructor teaches more periods in a day than allowed.",
        "{who} teaches {0:period} on the day whose first lecture is {time}; the limit is {1}.",
        "Move one of the lectures to another day.",
    ),
    "consecutive_limit": Words(
        "Instructors who teach too many periods on end",
        "No instructor teaches more periods on end than allowed.",
        "{who} teaches {0:period} on end, beginning {time}; the limit is {1}.",
        "Leave a free period between two of the lectures.",
    ),
    "pair_required": Words(
        "Pairs of lectures that must stand otherwise",
        "Two lectures stand to one another as their rule says: in order, on end, on one day or on different days.",
        "{lectures} {0}, but begin {time} and {1}.",
        "Move one of the two, or lift the rule.",
    ),
    "joint_start": Words(
        "Lectures that must start together and do not",
        "Lectures marked as starting together do.",
        "{lectures} must start together: one starts {time}, the other {0}.",
        "Move one of the two to the other's timeslot.",
    ),
    "linked_sections": Words(
        "Students in a tutorial or lab of another lecture section",
        "Who sits in a section of a tutorial or lab sits in its section of the lecture.",
        "{lectures} has {0:student} from outside {1}, its section of the lecture.",
        "Name another section for these students, or give the section to the lecture section that they sit in.",
    ),
    "section_sizes": Words(
        "Sections larger than their limit",
        "No section has more students than its limit.",
        "{lectures} has {0:student}; its limit is {1}.",
        "Raise the limit, or add a section to the same offering.",
    ),
    "student_clash": Words(
        "Students with two lectures at once",
        "Students have one lecture at a time.",
        "{lectures} share {0:student} and meet at the same time, {time}.",
        "Move one of the lectures, or move whoever is in both to a parallel section.",
    ),
    "disliked_times": Words(
        "Lectures at disliked times",
        "Instructors and sections meet when they prefer to, and rooms are used when they should be.",
        "{lectures} meets {time}, which is disliked for {who} (by {amount}).",
        "Move the lecture to a timeslot that is liked better.",
    ),
    "room_capacity": Words(
        "Lectures with fewer seats than students",
        "Rooms have a seat for every student.",
        "{lectures}, {time}, has {0:student} more than room {room} has seats.",
        "Choose a larger room.",
    ),
    "min_days": Words(
        "Sections whose lectures are on too few days",
        "A section's lectures are spread over a minimum number of days.",
        "{lectures} meets on {0:day}; {1} are wanted.",
        "Move one of its lectures to a day without one.",
    ),
    "compactness": Words(
        "Isolated lectures of a curriculum",
        "A curriculum's lectures of a day follow one another.",
        "{lectures}, {time}, has no lecture of {who} right before or after it.",
        "Move it beside another lecture of the curriculum.",
    ),
    "curriculum_gaps": Words(
        "Empty periods between a curriculum's lectures",
        "Students of a curriculum have no empty periods between its lectures, lunch aside.",
        "{who} has {0:empty period} between lectures on the day whose first lecture is {time}.",
        "Move the first or the last lecture of that day into the gap.",
    ),
    "instructor_gaps": Words(
        "Empty periods between an instructor's lectures",
        "Instructors have no empty periods between lectures, lunch aside.",
        "{who} has {0:empty period} between lectures on the day whose first lecture is {time}.",
        "Move the first or the last lecture of that day into the gap.",
    ),
    "room_stability": Words(
        "Sections that change rooms",
        "A section keeps one room for its lectures of one kind.",
        "{lectures} meets in {0}.",
        "Use one room for all its lectures.",
    ),
    "home_building": Words(
        "Lectures outside the preferred building",
        "A section meets in its preferred building.",
        "{lectures}, {time}, is in room {room}, outside building {0}.",
        "Choose a room in the preferred building.",
    ),
    "preferred_rooms": Words(
        "Lectures outside the preferred rooms",
        "A section meets in the rooms it prefers, the first choice before the others.",
        "{lectures}, {time}, is in room {room}; room {0} is its first choice.",
        "Choose a room that stands higher in the section's list.",
    ),
    "lunch": Words(
        "Days without a free lunch period",
        "Instructors, and students of a curriculum, have a free period at lunch time.",
        "{who} has no free period at lunch time, {time}.",
        "Move one of the lectures out of the lunch time.",
    ),
    "daily_load": Words(
        "Instructors above the daily maximum",
        "Instructors teach no more periods in a day than they should.",
        "{who} teaches {0:period} on the day whose first lecture is {time}; it should be at most {1}.",
        "Move one of the lectures to another day.",
    ),
    "consecutive_load": Words(
        "Instructors who should teach fewer periods on end",
        "Instructors teach no more periods on end than they should.",
        "{who} teaches {0:period} on end, beginning {time}; it should be at most {1}.",
        "Leave a free period between two of the lectures.",
    ),
    "same_start": Words(
        "Lectures that should start together and do not",
        "Lectures marked as starting together do.",
        "{lectures} should start together: one starts {time}, the other {0}.",
        "Move one of the two to the other's timeslot.",
    ),
    "avoid_overlap": Words(
        "Sections that should not overlap and do",
        "Sections marked as better not overlapping meet at different times.",
        "{lectures} should not overlap and meet at the same time, {time}.",
        "Move one of the lectures to another timeslot.",
    ),
    "pair_preferred": Words(
        "Pairs of lectures that should stand otherwise",
        "Two lectures stand to one another as they should: in order, on end, on one day or on different days.",
        "{lectures} {0}, but begin {time} and {1}.",
        "Move one of the two.",
    ),
    "room_fit": Words(
        "Lectures in rooms much too large for them",
        "Large rooms are left to large sections.",
        "{lectures}, {time}, leaves {0:empty seat} in room {room}.",
        "Choose a smaller room.",
    ),
}

# How two lectures should stand to one another.
PAIR_WORDS: dict[int, str] = {
    BEFORE: "in this order in the week",
    CONSECUTIVE: "in this order, one right after the other",
    GROUPED: "one right after the other",
    SAME_DAY: "on one day",
    DAYS_APART: "{:day} apart",
}


def pair_words(kind: int, days: int, first_day: str = "") -> str:
    """How two lectures should stand, with the day on which the week begins where that matters and is another than usual."""
    words = PAIR_WORDS[kind].format(Count(days))
    if not first_day or kind not in (BEFORE, DAYS_APART):
        return words
    return f"{words}{'' if kind == BEFORE else ' in the week'}, which begins on {first_day}"


# What rules out a start for a lecture without a place: ``12 are taken by other lectures of Dr Rao``.
BLOCKED: dict[str, str] = {
    "break": "would run into a break or the end of the day",
    "pin": "are not the time it is fixed to",
    "starts": "are ruled out by its own rules",
    "section_times": "are closed for the section",
    "instructor_times": "are outside the available times of {who}",
    "instructor": "are taken by other lectures of {who}",
    "section": "are taken by other lectures of the section",
    "curriculum": "are taken by other lectures of curriculum {who}",
    "apart": "are taken by {who}, which it must not overlap",
    "pair": "do not stand to a lecture of {who}",
    "daily": "would make a day of {who} longer than allowed",
    "on_end": "would give {who} more periods on end than allowed",
    "no_room": "have no suitable room in the whole institution (needed: {who})",
    "rooms_closed": "find every suitable room closed ({who} for one)",
    "rooms_taken": "find every suitable room taken ({who} for one)",
    "free": "are free",
    "nothing_near": "No single change frees a place. Open more times, add a suitable room, or let several lectures move.",
}

# The same for a lecture that is fixed to a room.
BLOCKED_FIXED: dict[str, str] = {
    "no_room": "have no suitable room, as it is fixed to room {who}, which is not what it needs",
    "rooms_closed": "find room {who}, to which it is fixed, closed",
    "rooms_taken": "find room {who}, to which it is fixed, taken",
}

NOT_PROVEN = (
    "Not proven impossible: in the time there was, neither a contradiction in the data nor a complete timetable was found. "
    "Open more timeslots and rooms for the lectures that have no place: what blocks each of them stands with it."
)
SEATED_WRONGLY = "Everything has a place; what is broken is who sits where, and no other time or room mends that."
NOT_IMPOSSIBLE = (
    "Not impossible as far as can be seen: all lectures fit into the timeslots and into the number of suitable rooms. "
    "Give the search more time, or make the lectures without a place easier to place."
)
PAIRS_LEFT_OUT = "Rules about two lectures (an order, on end, on one day, days apart) were not looked at together with all others."


def renamed(constraint: str, message: str, who: Sequence[str], names: Sequence[str]) -> str:
    """A breach's message with those whom it is about called by other names."""
    template = WORDS[constraint].message if constraint in WORDS else ""
    head, found, tail = template.partition("{who}")
    if not found:
        return message
    before, after = head.rpartition("}")[2], tail.partition("{")[0]
    return message.replace(f"{before}{listed(who)}{after}", f"{before}{listed(names)}{after}", 1)


MOST_NAMED = 4  # lectures or people named in one sentence


def listed(words: Sequence[str], most: int = MOST_NAMED) -> str:
    """``a``, ``a and b``, ``a, b and c``, and no more than `most` by name."""
    shown = list(words[:most])
    if len(words) > most:
        shown.append(f"{len(words) - most} more")
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}" if shown else ""
