"""What arithmetic finds impossible, in sentences: what is the matter, the numbers, the cause, and what to do."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import fields, is_dataclass
from typing import Any, NamedTuple

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from generation.engine.infeasibility.statements import ClosedRoom, Obstacle, Ref, Statement
from generation.engine.model.text import listed
from generation.text.infeasibility.phrases import Phrases

MOST_OBSTACLES = 5  # in one message
MOST_CLOSED = 5
MOST_SECTIONS = 6
MOST_RELATIONS = 4
MOST_DAYS = 7

OBSTACLES: dict[str, str] = {
    "no_timeslots": _("The weekly grid has 0 timeslots. Give the term its days and periods."),
    "no_rooms": _("There are 0 rooms; at least 1 is needed. Add the rooms, or make them active."),
    "no_lectures": _("There are 0 lectures to place. Add offerings with lectures to the term."),
    "instructor_overload": _(
        "{instructor} has {periods:period} to teach and only {open:open timeslot}. Open more times or reassign sections."
    ),
    "instructor_weekly_limit": _(
        "{instructor} has {periods:period} to teach; the weekly maximum is {limit}. Raise the maximum or reassign sections."
    ),
    "instructor_daily_limit": _(
        "{instructor} has {periods:period} to teach; with at most {limit} a day there is time for {fits}. "
        "Raise the daily maximum or open more days."
    ),
    "instructor_free_days": _(
        "{instructor} has {periods:period} to teach; with {limit:free day} there is time for {fits}. "
        "Lower the number of free days, open more times or reassign sections."
    ),
    "instructor_free_half_days": _(
        "{instructor} has {periods:period} to teach; with {limit:free half-day} there is time for {fits}. "
        "Lower the number of free half-days, open more times or reassign sections."
    ),
    "section_overload": _(
        "Section {section} has {periods:period} and only {open:timeslot} in which it and its instructors are available{cause}. "
        "Open more timeslots or shorten its lectures."
    ),
    "curriculum_overload": _(
        "Curriculum {curriculum} has {periods:period} that must not overlap and only {open:timeslot} in which any of its sections can "
        "meet, of the week's {week}. Take a course out of it or extend the weekly grid."
    ),
    "curriculum_overload.week": _(
        "Curriculum {curriculum} has {periods:period} that must not overlap and only {open:timeslot} in the week. "
        "Take a course out of it or extend the weekly grid."
    ),
    "section_long_lectures": _(
        "The lectures of section {section} ({periods:period}) do not fit into the {open:timeslot} open for them: {why}. "
        "Split the long lectures, move the break, or open more times in a row."
    ),
    "instructor_long_lectures": _(
        "The lectures of {instructor} ({periods:period}) do not fit into the {open:timeslot} open for them: {why}. "
        "Split the long lectures, move the break, or open more times in a row."
    ),
    "curriculum_long_lectures": _(
        "The lectures of curriculum {curriculum} ({periods:period}) do not fit into the {open:timeslot} open for them: {why}. "
        "Split the long lectures, move the break, or open more times in a row."
    ),
    "lecture_too_long": _(
        "A lecture of section {section} has {length:period}; the longest unbroken stretch of a day has {longest}. "
        "Shorten the lecture or move the break."
    ),
    "no_suitable_room": _(
        "No room suits a lecture of section {section} (needed: {need}). Add such a room, or lower what the lecture needs."
    ),
    "no_suitable_room.tolerance": _(
        "No room suits a lecture of section {section} (needed: {need}). {tolerance} Or add such a room, or lower what the lecture needs."
    ),
    "pinned_room_unsuitable": _(
        "A lecture of section {section} is {fixed} to room {room}, which is not what it needs ({need}). Release it or change its needs."
    ),
    "pinned_room_unsuitable.tolerance": _(
        "A lecture of section {section} is {fixed} to room {room}, which is not what it needs ({need}). {tolerance} "
        "Or release it, or change its needs."
    ),
    "no_start": _("A lecture of section {section} can be held at no time: {causes}. Open more times, or change what it needs."),
    "no_start.long": _(
        "A lecture of section {section} ({length:period} on end) can be held at no time: {causes}. "
        "Open more times, or change what it needs."
    ),
    "no_allowed_start": _(
        "The rules leave a lecture of section {section} {allowed:timeslot} to begin at, and it can begin at none: {causes}. "
        "Allow other starts, or open these times."
    ),
    "pinned_time_not_allowed": _("A lecture of section {section} cannot be where it should: {causes}. Lift one of them."),
    "pinned_time_blocked": _("A lecture of section {section} cannot be where it should: {causes}. Release it or open that time."),
    "pins_conflict": _("Lectures of {first} and {second} are both fixed to {slot}, but {reason}. Release one of them."),
    "too_few_rooms": _(
        "Lectures that need {need} take {periods:period}; suitable rooms ({rooms} in all) have only {open:open timeslot}{cause}. "
        "Add rooms of this sort, open them longer, or lower what the lectures need."
    ),
    "rooms_long_lectures": _(
        "{lectures:lecture} that need {need} last {length:period} or more on end, and the open times of the suitable rooms "
        "({rooms} in all) hold only {places} such, without a break. Open them longer at a stretch, or split the lectures."
    ),
    "rooms_long_lectures.one": _(
        "{lectures:lecture} that need {need} lasts {length:period} or more on end, and the open times of the suitable rooms "
        "({rooms} in all) hold only {places} such, without a break. Open them longer at a stretch, or split the lectures."
    ),
    "joint_start_conflict.section": _(
        "Lectures of section {section} must start together, and a section attends one lecture at a time. Lift the rule."
    ),
    "joint_start_conflict.instructor": _(
        "Lectures of {who} must start together, and {instructor} teaches {them}. Give one of them to somebody else, or lift the rule."
    ),
    "joint_start_conflict.curriculum": _(
        "Lectures of {who} must start together, and curriculum {curriculum} has {them}, so its students would be in two places. "
        "Take one out of it, or lift the rule."
    ),
    "joint_start_conflict.no_overlap": _(
        "Lectures of {who} must start together, and by another rule they must not overlap. Lift one of the two rules."
    ),
    "joint_start_rooms": _(
        "{lectures:lecture} of {who} must start together and need “{need}”, for which only {rooms} rooms suit: {suitable}. "
        "Add such a room, lower what one of them needs, or lift the rule."
    ),
    "joint_start_rooms.one": _(
        "{lectures:lecture} of {who} must start together and need “{need}”, for which only room {suitable} suits. "
        "Add such a room, lower what one of them needs, or lift the rule."
    ),
    "joint_start_times": _(
        "Lectures of {who} must start together, and have no start in common: {begins}. Open a time for all of them, or lift the rule."
    ),
    "pair_impossible": _(
        "Lectures of {first} and {second} must be held {relation}, and no two of their possible starts are: {begins}. "
        "Open more times for them, or lift the rule."
    ),
    "rules_contradict.relations": _(
        "Lectures of {first} and {second} must be held {relations}, and none of their possible starts are all of that. "
        "Lift one of these rules."
    ),
    "rules_contradict.courses": _(
        "The rules that tie lectures of {courses} to one another can be kept one by one and not all together. "
        "Lift one, make it a wish, or open more times."
    ),
    "order_in_a_circle": _(
        "Lectures of {sections} must each come before the next, and the last of them before the first. Lift one of these rules."
    ),
    "pairs_impossible": _(
        "Lectures of {first} and {second} must be held {relation}, and there are no times for the {lectures:lecture} in which all of "
        "them are. Open more times for them, make the rule a wish, or lift it."
    ),
    "pairs_impossible.one": _(
        "The lectures of each section of {first} must be held {relation}, and there are no times for the {lectures:lecture} in which all "
        "of them are. Open more times for them, make the rule a wish, or lift it."
    ),
    "too_few_days": _(
        "Section {section} has {lectures:lecture} to be {distance:day} apart, and only {days:day} of that sort on which it and its "
        "instructors are available{cause}. Open more days, or lower the distance."
    ),
}

FIXED = {"rule": _("fixed"), "hand": _("pinned by hand"), "kept": _("to stay, as in the earlier timetable,")}

CAUSES: dict[str, str] = {
    "fixed_time": _("it is {fixed} to {slot}"),
    "fixed_time.kept": _("it had to stay on {slot}"),
    "fixed_time_runs_over": _("it is {fixed} to {slot}, where its {length:period} would run into a break or past the day's end"),
    "fixed_time_runs_over.kept": _("it had to stay on {slot}, where its {length:period} would run into a break or past the day's end"),
    "allowed_starts": _("its rules let it begin {starts}"),
    "section_times": _("section {section} can meet {open}"),
    "instructor_times": _("{instructor} is available {open}"),
    "fixed_room": _("it is {fixed} to room {room}, which is open {open}"),
    "fixed_room.kept": _("it had to stay in room {room}, which is open {open}"),
    "only_room": _("room {room}, the only one for “{need}”, is open {open}"),
    "rooms": _("rooms for “{need}” ({rooms}) are open {open}"),
}

PINS_SHARE: dict[str, str] = {
    "section": _("a section attends one lecture at a time"),
    "room": _("both are fixed to room {room}"),
    "instructor": _("{instructor} teaches both"),
    "curriculum": _("both belong to curriculum {curriculum}"),
    "no_overlap": _("by a rule they must not overlap"),
}


class Alike(NamedTuple):
    """An obstacle, and how many there are that differ from it only in the sections of the same courses."""

    first: Obstacle
    others: int


def once_each(obstacles: Sequence[Obstacle], courses: Sequence[str]) -> list[Alike]:
    """One rule about two courses is one cause, whichever of their sections it is broken by. ``courses``: by section."""
    found: dict[object, list[Obstacle]] = defaultdict(list)
    for obstacle in obstacles:
        found[obstacle.id, _by_course(tuple(sorted(obstacle.values.items())), courses)].append(obstacle)
    return [Alike(first, len(others)) for first, *others in found.values()]


def _by_course(value: Any, courses: Sequence[str]) -> Any:
    """The value with courses in the place of sections."""
    if isinstance(value, Ref):
        return (value.kind, courses[value.index] if value.kind in ("section", "course") else value.index)
    if isinstance(value, tuple | list):
        return tuple(_by_course(each, courses) for each in value)
    if is_dataclass(value) and not isinstance(value, type):
        return (type(value).__name__, *(_by_course(getattr(value, field.name), courses) for field in fields(value)))
    return value if isinstance(value, Hashable) else repr(value)


def alike_text(alike: Alike, phrases: Phrases) -> str:
    sentence, others = obstacle_text(alike.first, phrases), alike.others
    if not others:
        return sentence
    if "section" in alike.first.values:
        more = gettext("another section") if others == 1 else gettext("{number} more sections").format(number=others)
        return f"{sentence} {gettext('It is the same for {more} of the course.').format(more=more)}"
    more = gettext("once") if others == 1 else gettext("{number} times").format(number=others)
    return f"{sentence} {gettext('It is the same {more} more, for other sections of these courses.').format(more=more)}"


def obstacles_text(obstacles: Sequence[Obstacle], phrases: Phrases) -> str:
    """The first obstacles in words, each cause once, and how many more there are."""
    causes = once_each(obstacles, phrases.problem.names.courses)
    sentences = [alike_text(each, phrases) for each in causes[:MOST_OBSTACLES]]
    more = len(causes) - MOST_OBSTACLES
    if more == 1:
        sentences.append(gettext("There is 1 more obstacle of this sort."))
    elif more > 1:
        sentences.append(gettext("There are {more} more obstacles of this sort.").format(more=more))
    return " ".join(sentences)


def obstacle_text(obstacle: Statement, phrases: Phrases) -> str:
    values = obstacle.values
    words = phrases.fields(values, is_titled=True) | _rows(values, phrases) | {"week": phrases.problem.num_timeslots}
    if "holder" in values:
        words["fixed"] = gettext(FIXED[values["holder"]])
    if obstacle.id == "pins_conflict":
        words["reason"] = gettext(PINS_SHARE[values["reason"]]).format(**words)
    return gettext(OBSTACLES[_variant(obstacle, phrases)]).format(**words)


def _variant(obstacle: Statement, phrases: Phrases) -> str:
    """The id of the sentence: some obstacles have one for each cause, or another for a single thing."""
    id_, values = obstacle.id, obstacle.values
    if id_ == "joint_start_conflict":
        return f"{id_}.{next((each for each in ('section', 'instructor', 'curriculum') if each in values), 'no_overlap')}"
    if id_ == "rules_contradict":
        return f"{id_}.{'relations' if 'relations' in values else 'courses'}"
    is_other = {
        "curriculum_overload": ("week", values.get("open") == phrases.problem.num_timeslots),
        "no_suitable_room": ("tolerance", "tolerance" in values),
        "pinned_room_unsuitable": ("tolerance", "tolerance" in values),
        "no_start": ("long", values.get("length", 1) > 1),
        "rooms_long_lectures": ("one", values.get("lectures") == 1),
        "joint_start_rooms": ("one", values.get("rooms") == 1),
        "pairs_impossible": ("one", id_ == "pairs_impossible" and values["first"] == values["second"]),
    }
    suffix, is_it = is_other.get(id_, ("", False))
    return f"{id_}.{suffix}" if is_it else id_


def _rows(values: Any, phrases: Phrases) -> dict[str, str]:
    """What there may be several of, in words; `cause` is empty where there is none."""
    found = {"cause": ""}
    if values.get("times"):
        whose = [(phrases.titled(each.who), each.who.kind, phrases.availability(each.times)) for each in values["times"]]
        own, others = gettext("it can meet {times}"), gettext("{who} is available {times}")
        found["cause"] = ": " + "; ".join((own if kind == "section" else others).format(who=who, times=times) for who, kind, times in whose)
    if values.get("closed"):
        found["cause"] = _closed_text(values["closed"], phrases)
    if values.get("on_days"):
        days = listed([phrases.day(day) for day in values["on_days"]], MOST_DAYS)
        found["cause"] = gettext(" (they are on {days})").format(days=days)
    if "causes" in values:
        found["causes"] = "; ".join(_cause_text(cause, phrases) for cause in values["causes"])
    if "begins" in values:
        found["begins"] = "; ".join(dict.fromkeys(map(phrases.begins, values["begins"])))
    if "relations" in values:
        found["relations"] = listed(list(dict.fromkeys(map(phrases.relation, values["relations"]))), MOST_RELATIONS)
    if "courses" in values:
        found["courses"] = phrases.all_of(values["courses"], MOST_SECTIONS)
    if "suitable" in values:
        found["suitable"] = phrases.all_of(values["suitable"])
    if "sections" in values:
        number = len(values["sections"])
        found["who"] = phrases.all_of(values["sections"], MOST_SECTIONS)
        found["sections"] = ", ".join(map(phrases.name, values["sections"]))
        found["them"] = gettext("both") if number == 2 else gettext("all {number}").format(number=number)
    return found


def _closed_text(closed: Sequence[ClosedRoom], phrases: Phrases) -> str:
    """Why rooms are open for so little: what somebody marked, not how many there are."""
    week = phrases.problem.num_timeslots
    whole, part = (
        gettext("room {room} is not available at all of the {week}"),
        gettext("room {room} is not available at {number} of the {week}"),
    )
    parts = [
        (whole if each.timeslots == week else part).format(room=phrases.name(each.room), number=each.timeslots, week=week)
        for each in closed[:MOST_CLOSED]
    ]
    if len(closed) > MOST_CLOSED:
        parts.append(gettext("and others"))
    return gettext(", as {rooms}").format(rooms="; ".join(parts))


def _cause_text(cause: Statement, phrases: Phrases) -> str:
    words, holder = phrases.fields(cause.values, is_titled=True), cause.values.get("holder")
    if holder is not None:
        words["fixed"] = gettext(FIXED[holder])
    if "rooms" in cause.values:
        words["rooms"] = phrases.all_of(cause.values["rooms"])
    return gettext(CAUSES[f"{cause.id}.kept" if holder == "kept" else cause.id]).format(**words)
