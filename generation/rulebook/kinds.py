"""The kinds of constraints that people read and change, in their words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from academics.models import Rule
from academics.selectors import LIMIT_KINDS

Strength = Literal["hard", "weighted", "either"]


@dataclass(frozen=True, slots=True)
class Family:
    id: str
    title: str


FAMILIES = (
    Family("times", "Times of courses"),
    Family("together", "Courses beside one another"),
    Family("places", "Rooms of courses"),
    Family("instructors", "Limits of instructors"),
    Family("availability", "Availability and wishes"),
    Family("rooms", "Rooms and seats"),
    Family("students", "Students"),
    Family("institution", "The whole institution"),
)


@dataclass(frozen=True, slots=True)
class Kind:
    """What one kind is called, what a form asks for it, and what of it can be changed."""

    id: str
    family: str
    title: str
    strength: Strength
    constraints: tuple[str, ...]  # of the engine, where its cost shows
    fields: tuple[str, ...] = ()  # of its form, beside strength, state and comment
    why_strength: str = ""  # why it cannot be hard, or weighted
    why_on: str = ""  # why it cannot be switched off
    is_addable: bool = True
    is_deletable: bool = True

    @property
    def is_editable(self) -> bool:
        return bool(self.fields) or self.strength == "either"

    @property
    def is_rule(self) -> bool:
        return self.id in Rule.Kind.values


ALWAYS_HARD = "A lecture has a place that this allows, or none."
OF_THE_RUN = "Instructors' daily limits, longest stretches and free days are hard, or weighed, for the whole institution."
PLAIN_WISH = "It is a wish: lectures may go against it at a price."
BLOCKS = "Blocked times are never used. Enter a dislike instead where they may be."


def _rule(kind: Rule.Kind, family: str, title: str, constraints: tuple[str, ...], *fields: str) -> Kind:
    is_weighted = kind in Rule.WEIGHTED
    return Kind(
        kind, family, title, "either" if is_weighted else "hard", constraints, fields, why_strength="" if is_weighted else ALWAYS_HARD
    )


PAIR = ("pair_required", "pair_preferred")
_KINDS = (
    _rule(Rule.Kind.PIN_TIME, "times", "A lecture starts at a fixed time", ("pin",), "offerings", "lecture", "day", "period"),
    _rule(Rule.Kind.PIN_DAY, "times", "A lecture is held on a fixed day", ("blocked_start",), "offerings", "lecture", "day"),
    _rule(Rule.Kind.STARTS, "times", "Lectures start only at listed times", ("blocked_start",), "offerings", "timeslots"),
    _rule(
        Rule.Kind.INSIDE, "times", "Lectures meet only inside listed times", ("availability", "disliked_times"), "offerings", "timeslots"
    ),
    _rule(Rule.Kind.OUTSIDE, "times", "Lectures stay out of listed times", ("availability", "disliked_times"), "offerings", "timeslots"),
    Kind(
        "min_days",
        "times",
        "Lectures are spread over a number of days",
        "weighted",
        ("min_days",),
        ("offering", "number"),
        why_strength="A section with few lectures could never keep it. Use 'some days apart' where it must be kept.",
    ),
    _rule(Rule.Kind.SAME_START, "together", "Lectures start together", ("joint_start", "same_start"), "offerings"),
    _rule(Rule.Kind.NO_OVERLAP, "together", "Courses do not overlap", ("no_overlap", "avoid_overlap"), "offerings"),
    _rule(Rule.Kind.BEFORE, "together", "Lectures come in order in the week", PAIR, "offerings", "first"),
    _rule(Rule.Kind.CONSECUTIVE, "together", "Lectures come in order, one right after the other", PAIR, "offerings", "first"),
    _rule(Rule.Kind.GROUPED, "together", "Lectures come one right after the other", PAIR, "offerings"),
    _rule(Rule.Kind.SAME_DAY, "together", "Lectures are held on one day", PAIR, "offerings"),
    _rule(Rule.Kind.SAME_HOUR, "together", "Lectures begin in the same period of their days", PAIR, "offerings"),
    _rule(Rule.Kind.DAYS_APART, "together", "Lectures are some days apart", PAIR, "offerings", "number"),
    _rule(Rule.Kind.PIN_ROOM, "places", "A lecture is held in a fixed room", ("pin",), "offerings", "lecture", "room"),
    Kind(
        "meeting",
        "places",
        "Room and length that lectures need",
        "hard",
        ("room_type", "room_features", "block"),
        ("room_kind", "features"),
        why_strength=ALWAYS_HARD,
        why_on="It says what the lecture is. Clear the kind and the features if any room does.",
        is_addable=False,
        is_deletable=False,
    ),
    Kind(
        "preferred_rooms",
        "places",
        "Lectures prefer certain rooms, the first choice most",
        "weighted",
        ("preferred_rooms",),
        ("offering", "choices"),
        why_strength="It is a ranking. Fix the room where it must be kept.",
    ),
    Kind(
        "home_building",
        "places",
        "Lectures prefer a building",
        "weighted",
        ("home_building",),
        ("offering", "building"),
        why_strength="It is a wish. Fix the room where it must be kept.",
    ),
    Kind(
        "instructor_daily",
        "instructors",
        "An instructor's most periods a day",
        "weighted",
        ("daily_limit", "daily_load"),
        ("instructor", "number"),
        why_strength=OF_THE_RUN,
    ),
    Kind(
        "instructor_consecutive",
        "instructors",
        "An instructor's most periods on end",
        "weighted",
        ("consecutive_limit", "consecutive_load"),
        ("instructor", "number"),
        why_strength=OF_THE_RUN,
    ),
    Kind(
        "instructor_free_days",
        "instructors",
        "An instructor's fewest free days a week",
        "weighted",
        ("free_days_required", "free_days"),
        ("instructor", "number"),
        why_strength=OF_THE_RUN,
    ),
    Kind(
        "instructor_free_half_days",
        "instructors",
        "An instructor's fewest free half-days a week",
        "weighted",
        ("free_half_days_required", "free_half_days"),
        ("instructor", "number"),
        why_strength=OF_THE_RUN,
    ),
    Kind(
        "instructor_weekly",
        "instructors",
        "An instructor's most periods a week",
        "hard",
        (),
        ("instructor", "number"),
        why_strength="No timetable changes how much somebody teaches in a week, so it is checked before.",
    ),
    *(
        Kind(
            f"away_{owner}",
            "availability",
            f"{words} is not available",
            "hard",
            ("room_availability",) if owner == "room" else ("availability",),
            (owner, "timeslots"),
            why_strength=BLOCKS,
        )
        for owner, words in (("instructor", "An instructor"), ("room", "A room"), ("offering", "A course"), ("section", "A section"))
    ),
    *(
        Kind(
            f"wish_{owner}",
            "availability",
            f"{words} likes or dislikes times",
            "weighted",
            ("disliked_times",),
            (owner, "timeslots", "rating"),
            why_strength=PLAIN_WISH,
        )
        for owner, words in (("instructor", "An instructor"), ("room", "A room"), ("offering", "A course"), ("section", "A section"))
    ),
    Kind(
        "room_sharing",
        "rooms",
        "Several lectures share a room",
        "hard",
        ("room_clash",),
        ("room", "number"),
        why_strength="A room holds no more lectures than it can.",
    ),
    Kind(
        "seats",
        "rooms",
        "Every student has a seat",
        "either",
        ("room_too_small", "room_capacity"),
        ("number", "percent"),
        why_on="Weigh it with 1 where seats matter little.",
        is_addable=False,
        is_deletable=False,
    ),
    Kind(
        "curriculum",
        "students",
        "Courses of a curriculum do not overlap",
        "hard",
        ("curriculum_clash",),
        why_strength="Students of a curriculum attend all of its courses.",
        why_on="Take courses out of the curriculum instead.",
        is_addable=False,
        is_deletable=False,
    ),
    Kind(
        "always",
        "institution",
        "What every timetable keeps",
        "hard",
        (),
        why_strength="No timetable can be held without it.",
        why_on="No timetable can be held without it.",
        is_addable=False,
        is_deletable=False,
    ),
    Kind(
        "weight",
        "institution",
        "What the institution wishes, and how much",
        "weighted",
        (),
        ("weight",),
        why_strength="It is a wish: breaking it costs its weight.",
        is_addable=False,
        is_deletable=False,
    ),
)
KINDS: dict[str, Kind] = {str(kind.id): kind for kind in _KINDS}
ADDABLE = tuple(kind for kind in _KINDS if kind.is_addable)
# A wish's cost that an institution may make hard for everybody, with the kind that shows it.
HARDNESS = {
    "instructor_daily": "daily_load",
    "instructor_consecutive": "consecutive_load",
    "instructor_free_days": "free_days",
    "instructor_free_half_days": "free_half_days",
    "seats": "room_capacity",
}
# What weighs a kind's breaches, where the rule itself has no weight of its own or multiplies it.
COST_OF = {
    "inside": "disliked_times",
    "outside": "disliked_times",
    "same_start": "same_start",
    "no_overlap": "avoid_overlap",
    **dict.fromkeys(("before", "consecutive", "grouped", "same_day", "same_hour", "days_apart"), "pair_preferred"),
    "min_days": "min_days",
    "preferred_rooms": "preferred_rooms",
    "home_building": "home_building",
    **{f"wish_{owner}": "disliked_times" for owner in ("instructor", "room", "offering", "section")},
    **HARDNESS,
}
# The rules that every timetable keeps, by the engine's names. Those of single records have lines of their own.
ALWAYS = (
    "unplaced",
    "section_clash",
    "instructor_clash",
    "curriculum_clash",
    "room_clash",
    "availability",
    "room_availability",
    "room_type",
    "room_features",
    "block",
    "pin",
    "linked_sections",
    "section_sizes",
)


def owner_of(kind: str) -> str:
    """What sort of record a kind of constraint stands at."""
    if kind in Rule.Kind.values:
        return "rule"
    if kind in LIMIT_KINDS:
        return "instructor"
    if kind.startswith(("away_", "wish_")):
        return kind.split("_", 1)[1]
    named = {"min_days": "offering", "home_building": "offering", "preferred_rooms": "offering", "room_sharing": "room"}
    return named.get(kind, kind)
