"""Why there is no complete timetable, in sentences: the headline, the requirements, and what would end the contradiction."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from generation.engine.infeasibility.statements import FixedPlace, Narrowed, Obstacle, Ref, SectionLoad, Statement, Timeslots
from generation.engine.model.domains import RoomNeed, Tolerance
from generation.engine.model.text import MOST_NAMED, Count, listed
from generation.text.infeasibility.obstacles import alike_text, obstacle_text, once_each
from generation.text.infeasibility.phrases import MOST_TIMES, Phrases
from generation.text.phrases import CODES
from generation.text.violations import violation_row, violation_text

if TYPE_CHECKING:  # the module that finds it loads CP-SAT; pages read what is stored
    from generation.engine.infeasibility.explain import Explanation

MOST_SECTIONS = 12
STATEMENTS = "statements"  # beside the sentences of a stored explanation: ids and values, of which REST says nothing

SEATED_WRONGLY = _("Everything has a place; what is broken is who sits where, and no other time or room mends that.")
NOT_PROVEN = _(
    "Not proven impossible: in the time there was, neither a contradiction in the data nor a complete timetable was found. "
    "Open more timeslots and rooms for the lectures that have no place: what blocks each of them stands with it."
)
NOT_IMPOSSIBLE = _(
    "Not impossible as far as can be seen: all lectures fit into the timeslots and into the number of suitable rooms. "
    "Give the search more time, or make the lectures without a place easier to place."
)
ONE_WEEK_FITS = _(
    "Not proven impossible: the lectures of the week in which most have no place fit into its timeslots and into the number of suitable "
    "rooms. A lecture is at one time in all of its weeks, and whether all weeks fit together was not looked at. "
    "Give the search more time, or make the lectures without a place easier to place."
)
PAIRS_LEFT_OUT = _("Rules about two lectures (an order, on end, on one day, days apart) were not looked at together with all others.")
FREE_DAYS_LEFT_OUT = _("Free days and half-days of instructors were looked at one by one, and not together with all others.")
# By the id of the headline what the models do not know of these data.
LEFT_OUT = {
    "not_impossible_without_pairs": (PAIRS_LEFT_OUT,),
    "not_impossible_without_free_days": (FREE_DAYS_LEFT_OUT,),
    "not_impossible_without_pairs_and_free_days": (PAIRS_LEFT_OUT, FREE_DAYS_LEFT_OUT),
}

SENTENCES: dict[str, str] = {
    # Headlines.
    "not_proven": NOT_PROVEN,
    "not_impossible": NOT_IMPOSSIBLE,
    "one_week_fits": ONE_WEEK_FITS,
    "requirements": _("These {requirements:,} requirements{held} cannot all be kept. If any one of them gives way, the others can."),
    "requirements_narrowed": _("These {requirements:,} requirements{held} contain the cause; {narrowed}."),
    "few_requirements": _("{members} With that, not every lecture of {sections} has a place."),
    "section_periods": _("Section {section} has {periods:period}, and only {open:timeslot} are open for them."),
    "section_periods.one": _("Section {section} has {periods:period}, and only {open:timeslot} is open for them."),
    "section_lengths": _("The lectures of section {section} ({periods:period}) do not fit into the times open for them: {why}."),
    "instructor_periods": _("{instructor} teaches {periods:period}, but is available in only {open}."),
    "instructor_lengths": _("The lectures of {instructor} ({periods:period}) do not fit into the {open:timeslot} open for them: {why}."),
    "curriculum_week": _("Curriculum {curriculum} has {periods:period} that must not overlap, and its week has only {week}."),
    "curriculum_periods": _("Curriculum {curriculum} has {periods:period} that must not overlap, and only {open:timeslot} open for them."),
    "curriculum_lengths": _(
        "The lectures of curriculum {curriculum} ({periods:period}) do not fit into the {open:timeslot} open for them: {why}."
    ),
    "rooms_at_once": _("Lectures of {sections:section} that need “{need}” have to meet on {slot}, and {rooms_open} then."),
    "rooms_periods": _("Lectures that need “{need}” have {periods:period}; suitable rooms are open for {open}."),
    "rooms_lengths": _(
        "Lectures that need “{need}” have {periods:period}, and suitable rooms are open for {open}; yet they do not fit: when these are "
        "open, there are {stretches}."
    ),
    # Requirements.
    "more_members": _("And {number:,} more of this sort."),
    "kept_places": _("These lectures had to stay where they were: {places}."),
    "kept_places.one": _("This lecture had to stay where it was: {places}."),
    "fixed_lectures.hand": _("{lectures} lectures of {section} are pinned by hand to {place}."),
    "fixed_lectures.hand.one": _("A lecture of {section} is pinned by hand to {place}."),
    "fixed_lectures.rule": _("{lectures} lectures of {section} are fixed to {place}."),
    "fixed_lectures.rule.one": _("A lecture of {section} is fixed to {place}."),
    "lectures": _("Each lecture has a place: {loads}."),
    "instructor": _("{instructor} teaches one lecture at a time."),
    "curriculum": _("Courses of curriculum {curriculum} never overlap."),
    "no_room": _("No room suits “{need}”."),
    "room": _("Room {room}{only} holds {places:lecture} at a time."),
    "room_closed": _("Room {room}{only} is closed {when}."),
    "room_closed.part": _("Room {room}{only} is closed {when} and holds {places:lecture} at a time."),
    "rooms_week": _("Rooms for “{need}” ({rooms} in all) are open for {open:period} together ({where})."),
    "rooms_few": _("There are {number:room} for “{need}”: {rooms}."),
    "rooms_few.one": _("There is {number:room} for “{need}”: {rooms}."),
    "rooms_closed": _("On {slot} {rooms_open} of {rooms} for “{need}”, as {closed} are closed."),
    "rooms_closed.one": _("On {slot} {rooms_open} of {rooms} for “{need}”, as {closed} is closed."),
    "instructor_times": _("{instructor} is available {times}."),
    "section_times": _("Section {section} can meet {times}."),
    "starts": _("By the rules a lecture of {section} begins {times}."),
    "apart": _("{sections} must not overlap."),
    "joint": _("Lectures of {sections} must start together."),
    "daily": _("{instructor} teaches at most {limit:period} a day."),
    "on_end": _("{instructor} teaches at most {limit:period} on end."),
    # Changes.
    "more_changes": _("And {number:change} more of this sort."),
    "change_rooms": _("Add {amount:room} for “{need}” on {slot}."),
    "change_rooms.all": _("Open {closed} on {slot}, or add {amount:room} for “{need}”."),
    "change_rooms.some": _("Open {amount} of {closed} on {slot}, or add {amount:room} for “{need}”."),
    "change_instructor_times": _("Open {when} for {instructor}, or give {amount:period} of the lectures to somebody else."),
    "change_section_times": _("Open {when} for section {section}."),
    "change_lectures": _("Take {amount:lecture} out of section {section}, or have it taught by somebody else."),
    "change_curriculum": _("Let courses of curriculum {curriculum} overlap on {when}, or take a course out of it."),
    "change_pin.kept": _("Place {amount} lectures of {section} anew, which had to stay: {place}."),
    "change_pin.kept.one": _("Place the lecture of {section} anew, which had to stay: {place}."),
    "change_pin.hand": _("Unpin {amount} lectures of {section} from {place}."),
    "change_pin.hand.one": _("Unpin the lecture of {section} from {place}."),
    "change_pin.rule": _("Lift the rule that fixes {amount} lectures of {section} to {place}."),
    "change_pin.rule.one": _("Lift the rule that fixes the lecture of {section} to {place}."),
    "change_starts": _("Let a lecture of {section} begin on {when}, against its rules."),
    "change_apart": _("Let {sections} overlap on {when}."),
    "change_joint": _("Let lectures of {sections} start at different times."),
    "change_daily": _("Let {instructor} teach {amount:period} more a day."),
    "change_on_end": _("Let {instructor} teach {amount:period} more on end."),
}

# How many of the requirements are places that lectures had to keep.
HELD = {"kept": _("{number:lecture} that had to stay"), "hand": _("{number:lecture} pinned by hand")}
HELD_AMONG_THEM = _(", {held} among them,")
NARROWED = _("narrowed from {begun_with:,} in {took} s, not to the end")
NOT_NARROWED = _("they could not be narrowed in {took} s")
ROOMS_OPEN = {0: _("no room is open"), 1: _("only {number} room is open")}
ROOMS_OPEN_MANY = _("only {number} rooms are open")
ONLY_ROOM = _(", the only one for “{need}”,")
TIMESLOTS = _("{number} timeslots")
CLOSED_ON, CLOSED_IN, CLOSED_ALL_WEEK = _("on {times}"), _("in {number} of {week} timeslots"), _("all week")
IN_ROOM, ROOM, AT_TIME_IN_ROOM = _("{section} ({place})"), _("room {room}"), _("{time} in room {room}")


def explanation_record(found: Explanation, phrases: Phrases) -> dict[str, Any]:
    """The explanation as REST, pages and reports have it: sentences with names, and whom they concern by codes."""
    seated = [" ".join(violation_text(violation_row(each), CODES)) for each in found.seated_wrongly]  # about sections and numbers alone
    arithmetic = [alike_text(each, phrases) for each in once_each(found.arithmetic, phrases.problem.names.courses)]
    return {
        "verdict": found.verdict,
        "headline": _seated_headline(seated) if seated else statement_text(found.headline, phrases),
        "arithmetic": seated or arithmetic,
        "members": [
            {"kind": each.kind, "who": list(map(phrases.code, each.who)), "message": statement_text(each.statement, phrases)}
            for each in found.members
        ],
        "is_minimal": found.is_minimal,
        "narrowed": _narrowed_record(found.narrowed) if found.narrowed else None,
        "fixes": [statement_text(fix, phrases) for fix in found.fixes],
        "must_give": [statement_text(change, phrases) for change in found.must_give],
        "is_least": found.is_least,
        "seconds": found.seconds,
    }


def statements_record(found: Explanation, phrases: Phrases) -> dict[str, Any]:
    """The ids and values that the sentences come from, with codes: to be stored beside them."""
    return {
        "headline": _plain(found.headline, phrases),
        "arithmetic": _plain(found.arithmetic, phrases),
        "members": _plain(tuple(member.statement for member in found.members), phrases),
        "fixes": _plain(found.fixes, phrases),
        "must_give": _plain(found.must_give, phrases),
    }


def explanation_shown(stored: Mapping[str, Any]) -> dict[str, Any]:
    """A stored explanation, of this release or an earlier one, as REST and reports give it."""
    return {name: value for name, value in stored.items() if name != STATEMENTS}


def _narrowed_record(narrowed: Narrowed) -> dict[str, Any]:
    return {"from": narrowed.begun_with, "to": narrowed.left, "seconds": narrowed.seconds, "message": narrowed_text(narrowed)}


def narrowed_text(narrowed: Narrowed) -> str:
    took = f"{narrowed.seconds:.0f}" if narrowed.seconds >= 10 else f"{narrowed.seconds:.1f}"
    template = NARROWED if narrowed.left < narrowed.begun_with else NOT_NARROWED
    return gettext(template).format(begun_with=narrowed.begun_with, took=took)


def _seated_headline(seated: Sequence[str]) -> str:
    more = gettext(" And {number} more of this sort.").format(number=len(seated) - MOST_NAMED) if len(seated) > MOST_NAMED else ""
    return f"{gettext(SEATED_WRONGLY)} {' '.join(seated[:MOST_NAMED])}{more}"


def statement_text(statement: Statement, phrases: Phrases) -> str:
    """A headline, a requirement or a change as a sentence."""
    if isinstance(statement, Obstacle):
        return obstacle_text(statement, phrases)
    if statement.id in LEFT_OUT:
        return " ".join([gettext(NOT_IMPOSSIBLE), *map(gettext, LEFT_OUT[statement.id])])
    words = phrases.fields(statement.values)
    more = _MORE.get(statement.id)
    if more is not None:
        words |= more(statement.values, phrases)
    return gettext(SENTENCES[_variant(statement)]).format(**words)


def _variant(statement: Statement) -> str:
    """The id of the sentence: of a single thing many have another, and of what fixes lectures each."""
    id_, values = statement.id, statement.values
    if id_ == "change_rooms":
        closed, amount = len(values["closed"]), values["amount"]
        return id_ if closed < amount else f"{id_}.{'some' if closed > amount else 'all'}"
    if id_ == "room_closed":
        return f"{id_}.part" if values["is_ever_open"] else id_
    if "holder" in values:
        id_ = f"{id_}.{values['holder']}"
    counted = {
        "section_periods": "open", "kept_places": "places", "fixed_lectures": "lectures",
        "rooms_few": "rooms", "rooms_closed": "closed", "change_pin": "amount",
    }.get(statement.id)  # fmt: skip
    if counted is None:
        return id_
    number = values[counted] if isinstance(values[counted], int) else len(values[counted])
    return f"{id_}.one" if number == 1 else id_


# What else the sentences name, by the statement's id.


def _requirements(values: Mapping[str, Any], phrases: Phrases) -> dict[str, str]:
    held = [gettext(words).format(number=Count(values[holder])) for holder, words in HELD.items() if values.get(holder)]
    among = gettext(HELD_AMONG_THEM).format(held=listed(held)) if held else ""
    return {"held": among} | ({"narrowed": narrowed_text(values["narrowed"])} if "narrowed" in values else {})


def _few_requirements(values: Mapping[str, Any], phrases: Phrases) -> dict[str, str]:
    return {"members": " ".join(statement_text(each, phrases) for each in values["members"]), **_sections(values, phrases)}


def _sections(values: Mapping[str, Any], phrases: Phrases) -> dict[str, str]:
    return {"sections": phrases.all_of(values["sections"]), "when": phrases.times(values.get("times", Timeslots(())))}


def _rooms_open(values: Mapping[str, Any], phrases: Phrases) -> dict[str, str]:
    number = values["rooms"] if "sections" in values else values["open"]
    words = {"rooms_open": gettext(ROOMS_OPEN.get(number, ROOMS_OPEN_MANY)).format(number=number)}
    return words | ({"closed": phrases.all_of(values["closed"])} if "closed" in values else {})


def _stretches(values: Mapping[str, Any], phrases: Phrases) -> dict[str, str]:
    return {"stretches": phrases.stretches(values["why"])}


def _places(values: Mapping[str, Any], phrases: Phrases) -> dict[str, str]:
    words = [gettext(IN_ROOM).format(section=phrases.name(each.section), place=place_text(each, phrases)) for each in values["places"]]
    return {"places": listed(words, MOST_SECTIONS)}


def _place(values: Mapping[str, Any], phrases: Phrases) -> dict[str, str]:
    return {"place": place_text(values["place"], phrases)}


def place_text(place: FixedPlace, phrases: Phrases) -> str:
    """The time, the room or both."""
    time = "" if place.slot is None else phrases.time(place.slot)
    if place.room is None:
        return time
    return gettext(AT_TIME_IN_ROOM if time else ROOM).format(time=time, room=phrases.name(place.room))


def _loads(values: Mapping[str, Any], phrases: Phrases) -> dict[str, str]:
    return {"loads": listed([_load(each, phrases) for each in values["loads"]], MOST_SECTIONS)}


def _load(load: SectionLoad, phrases: Phrases) -> str:
    words = "{section} ({lectures:lecture}, {periods:period})" if load.periods != load.lectures else "{section} ({lectures:lecture})"
    return words.format(section=phrases.name(load.section), lectures=Count(load.lectures), periods=Count(load.periods))


def _one_room(values: Mapping[str, Any], phrases: Phrases) -> dict[str, str]:
    words = {"only": gettext(ONLY_ROOM).format(need=phrases.need(values["need"])) if "need" in values else ""}
    if "closed" in values:
        closed, week = values["closed"], phrases.problem.num_timeslots
        number = len(closed.slots)
        template = CLOSED_ALL_WEEK if number == week else CLOSED_ON if number <= MOST_TIMES else CLOSED_IN
        words["when"] = gettext(template).format(times=phrases.times(closed), number=number, week=week)
    return words


def _rooms_week(values: Mapping[str, Any], phrases: Phrases) -> dict[str, str]:
    times = values["times"]
    few = len(times.slots) <= MOST_TIMES
    return {"where": phrases.times(times) if few else gettext(TIMESLOTS).format(number=len(times.slots))}


def _rooms_few(values: Mapping[str, Any], phrases: Phrases) -> dict[str, Any]:
    return {"number": Count(len(values["rooms"])), "rooms": phrases.all_of(values["rooms"])}


def _when(values: Mapping[str, Any], phrases: Phrases) -> dict[str, str]:
    return {"when": phrases.times(values["times"])}


def _closed(values: Mapping[str, Any], phrases: Phrases) -> dict[str, str]:
    return {"closed": phrases.all_of(values["closed"])}


_MORE: dict[str, Callable[[Mapping[str, Any], Phrases], dict[str, Any]]] = {
    "requirements": _requirements,
    "requirements_narrowed": _requirements,
    "few_requirements": _few_requirements,
    "rooms_at_once": _rooms_open,
    "rooms_lengths": _stretches,
    "kept_places": _places,
    "fixed_lectures": _place,
    "lectures": _loads,
    "room": _one_room,
    "room_closed": _one_room,
    "rooms_week": _rooms_week,
    "rooms_few": _rooms_few,
    "rooms_closed": _rooms_open,
    "apart": _sections,
    "joint": _sections,
    "change_rooms": _closed,
    "change_instructor_times": _when,
    "change_section_times": _when,
    "change_curriculum": _when,
    "change_pin": _place,
    "change_starts": _when,
    "change_apart": _sections,
    "change_joint": _sections,
}


# What is stored.


def _plain(value: Any, phrases: Phrases) -> Any:
    """A value as JSON: things by their codes, timeslots as day and period from 0."""
    if isinstance(value, Statement):
        values = {key: _slot(each, phrases) if key.endswith("slot") else _plain(each, phrases) for key, each in value.values.items()}
        return {"id": value.id, "values": values}
    if isinstance(value, Ref):
        return {value.kind: phrases.code(value)}
    if isinstance(value, Timeslots):
        return [_slot(slot, phrases) for slot in value.slots]
    if isinstance(value, FixedPlace):
        slot = None if value.slot is None else _slot(value.slot, phrases)
        return {**_plain(value.section, phrases), "slot": slot, **(_plain(value.room, phrases) if value.room else {})}
    if isinstance(value, RoomNeed | Tolerance):
        return phrases.codes(value)
    if isinstance(value, tuple | list):
        return [_plain(each, phrases) for each in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: _plain(getattr(value, each.name), phrases) for each in fields(value)}
    return value


def _slot(slot: int, phrases: Phrases) -> list[int]:
    return list(divmod(slot, phrases.problem.periods_per_day))
