"""What a run that changed a timetable as little as it could has found, as a variant keeps it and people read it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from generation.engine.constraints.register import CONSTRAINTS
from generation.engine.evaluation.counts import Counted, counted_words
from generation.engine.model.problem import Problem
from generation.models import Variant
from generation.text.labels import count_words
from generation.text.messages import constraint_label
from generation.timetable.lectures import lectures_of
from generation.timetable.when import Clock, place_words

if TYPE_CHECKING:
    from generation.timetable.results import FinishedVariant

STORED = "change"  # among the statistics
FIGURES = ("moved", "lost", "people", "students", "instructors", "unplaced")
WAYS = ("other_room_only", "other_time_of_day", "other_day")
MOST_LISTED = 200


def change_described(problem: Problem, found: Mapping[str, Any], finished: FinishedVariant) -> dict[str, Any]:
    """The statistics and the note of one option. ``found`` is of the whole run (`engine.change.facts`)."""
    number = next(index for index, option in enumerate(found["options"]) if option["label"] == finished.result.label)
    option, periods = found["options"][number], problem.periods_per_day
    moves = []
    for lecture, slot, room in option["moves"]:
        day, period = divmod(slot, periods) if slot >= 0 else (None, None)
        moves.append([lecture, day, period, problem.names.rooms[room] if room >= 0 else ""])
    needed = found["needed"]
    stored = {
        **{name: option[name] for name in (*FIGURES, *WAYS)},
        "at_least_moved": found["at_least_moved"],
        "at_least_people": found["at_least_people"],
        "is_proven_least": found["is_closed"] and number == 0,
        "needed": {name: needed[name] for name in FIGURES} if needed else None,
        "option": number,
        "options": [{name: each[name] for name in ("label", *FIGURES, "hard", "soft", "more")} for each in found["options"]],
        "moves": moves,
    }
    return {"statistics": finished.statistics | {STORED: stored}, "note": change_words(stored)}


def change_words(stored: Mapping[str, Any]) -> str:
    """``4 lectures move, and the weeks of 61 people change. At least 4 lectures must move.``"""
    moved, least = stored["moved"] - stored["lost"], stored["at_least_moved"]
    if not stored["moved"] and not stored["unplaced"]:
        return "No lecture moves: what there was keeps every rule of today."
    people = count_words(stored["people"], "person", "people")
    words = [f"{count_words(moved, 'lecture moves', 'lectures move')}, and the weeks of {people} change."]
    needed = stored["needed"]
    if needed:
        left = count_words(stored["unplaced"], "lecture has", "lectures have")
        words.append(
            f"{left} no place under the limit that was set; a complete timetable was found with {needed['moved']:,} moved and "
            f"{count_words(needed['people'], 'person', 'people')} concerned."
        )
    elif stored["unplaced"]:
        words.append(f"{count_words(stored['unplaced'], 'lecture has', 'lectures have')} no place.")
    if stored["is_proven_least"]:
        words.append("Fewer is impossible: that is proven.")
    elif least:
        words.append(f"At least {count_words(least, 'lecture', 'lectures')} must move: that is proven.")
    return " ".join(words)


def change_read(variant: Variant) -> dict[str, Any] | None:
    """What is stored; None where the run changed no timetable, or the variant was edited since."""
    stored: dict[str, Any] | None = variant.statistics.get(STORED)
    return stored if variant.revision == 0 else None


def change_facts(variant: Variant) -> dict[str, Any] | None:
    """The same for programs."""
    stored = change_read(variant)
    if stored is None:
        return None
    options = [
        {"name": each["label"]}
        | {name: each[name] for name in (*FIGURES, "hard", "soft")}
        | {"is_this": number == stored["option"], "differs": [_difference(*row) for row in each["more"]]}
        for number, each in enumerate(stored["options"])
    ]
    moves = [{"lecture": lecture, "day": day, "period": period, "room": room} for lecture, day, period, room in stored["moves"]]
    return {name: stored[name] for name in stored if name not in ("option", "options", "moves")} | {"options": options, "moves": moves}


def _difference(constraint: str, before: int, after: int) -> dict[str, Any]:
    return {"constraint": constraint, "unit": CONSTRAINTS[constraint].counted.name, "before": before, "after": after}


def change_context(variant: Variant | None, clocks: Sequence[Clock]) -> dict[str, Any]:
    """For the variant's page: what moves, from where to where, and what each further move buys. One query."""
    stored = change_read(variant) if variant is not None else None
    if variant is None or stored is None:
        return {}
    was = {lecture: (day, period, room) for lecture, day, period, room in stored["moves"][:MOST_LISTED]}
    rows = [
        {
            "lecture": lecture,
            "before": place_words(was[lecture.number], clocks),
            "after": place_words(lecture.place, clocks),
        }
        for lecture in lectures_of(variant, numbers=list(was))
    ]
    return {
        "change": stored,
        "change_words": change_words(stored),
        "change_ways": _ways(stored),
        "change_rows": rows,
        "change_more": len(stored["moves"]) - len(rows),
        "change_options": [
            each | {"is_this": number == stored["option"], "buys": _buys(each["more"])} for number, each in enumerate(stored["options"])
        ],
    }


def _ways(stored: Mapping[str, Any]) -> str:
    texts = {
        "other_room_only": "only to another room",
        "other_time_of_day": "to another time of the same day",
        "other_day": "to another day",
    }
    return ", ".join(f"{stored[name]:,} {text}" for name, text in texts.items() if stored[name])


def _buys(rows: Sequence[tuple[str, int, int]]) -> list[str]:
    """What there is less of, then what there is more of, in people, lectures or days."""
    less = [f"{_words(name, before)} become {after:,}" for name, before, after in rows if after < before]
    more = [f"{_words(name, before)} become {after:,}" for name, before, after in rows if after > before]
    return [*less, *more]


def _words(constraint: str, count: int) -> str:
    return f"{constraint_label(constraint)}: {counted_words(constraint, Counted(count)).partition(' (')[0]}"
