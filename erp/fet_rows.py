"""A file of FET as an institution's rows: its activities with their people, rooms and rules, and the places that it holds."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import cast
from xml.etree.ElementTree import Element

from academics.selectors import GroupRow, PeriodRow
from erp.problem_rows import Extras, FromProblem, code_of_each, rows_of, weekdays_of
from generation.formats import FormatError, fet
from generation.formats.fet import ROOM_LOCK, TIME_LOCK
from generation.formats.fet_file import FetFile, is_true, text_of, tree
from generation.formats.unsupported import LEFT_OUT

MAX_DAYS, MAX_PERIODS = 7, 64
CLOCK = re.compile(r"(?<!\d)([01]?\d|2[0-3])[:.h]([0-5]\d)(?!\d)")


def fet_rows(source: FetFile, *, periods: Callable[[int], list[PeriodRow]]) -> FromProblem:
    """The rows of a file, with what has no row counted."""
    if len(source.days) > MAX_DAYS:
        half_days = " In FET's mode of mornings and afternoons a half of a day is a day." if source.mode else ""
        raise FormatError(source.file, 0, "Days_List", f"{len(source.days)} days; a weekly grid has 1 to {MAX_DAYS}.{half_days}")
    if len(source.hours) > MAX_PERIODS:
        raise FormatError(source.file, 0, "Hours_List", f"{len(source.hours)} hours; a day has 1 to {MAX_PERIODS}.")
    locks = [each for each in source.constraints if _is_of_a_timetable(each)]
    plain = replace(source, constraints=tuple(each for each in source.constraints if not _is_of_a_timetable(each)))
    problem = fet.to_problem(plain, allow_unsupported=True)
    left_out = Counter(cast(dict[str, int], problem.source[LEFT_OUT]))
    active = [each for each in source.activities if each.is_active]
    groups, of_section = _groups(source, left_out)
    extras = Extras(
        periods=_clocks(source.hours) or periods(len(source.hours)),
        classes=[each.group or -each.id for each in active],
        no_room=problem.num_rooms - 1,
        days=weekdays_of(source.days),
        room_buildings=[*(room.building for room in source.rooms), ""],
        places=_places(source, locks, {each.id: number for number, each in enumerate(active)}),
        groups=groups,
        section_groups=of_section,
        left_out=left_out,
    )
    return rows_of(problem, extras)


def _is_of_a_timetable(element: Element) -> bool:
    """A place that FET's program found, and that it would give up again."""
    is_lock = element.tag in (TIME_LOCK, ROOM_LOCK) and text_of(element, "Weight_Percentage", "100").strip() in ("100", "100.0")
    return is_lock and not is_true(element, "Permanently_Locked", default=True)


def _places(source: FetFile, locks: list[Element], index: dict[int, int]) -> dict[int, tuple[int, int]]:
    """By lecture its timeslot, and its room or -1."""
    rooms = {room.name: number for number, room in enumerate(source.rooms)}
    slots: dict[int, int] = {}
    housed: dict[int, int] = {}
    for each in locks:
        word = text_of(each, "Activity_Id").strip()
        lecture = index.get(int(word)) if word.isascii() and word.isdigit() and len(word) < 12 else None
        if lecture is None:
            continue
        if each.tag == TIME_LOCK:
            day, hour = (text_of(each, f"Preferred_{name}") or text_of(each, name) for name in ("Day", "Hour"))
            slots[lecture] = source.slot(day, hour, each.tag)
        elif text_of(each, "Room") in rooms:
            housed[lecture] = rooms[text_of(each, "Room")]
    return {lecture: (slot, housed.get(lecture, -1)) for lecture, slot in slots.items()}


def _clocks(hours: tuple[str, ...]) -> list[PeriodRow]:
    """Periods from the names of the hours, where each names its start; each ends with its own end, or as the next one begins."""
    times = [[dt.time(int(h), int(m)) for h, m in CLOCK.findall(name)][:2] for name in hours]
    starts = [each[0] for each in times if each]
    if len(starts) < len(hours) or any(a >= b for a, b in pairwise(starts)):
        return []
    rows = []
    for index, mine in enumerate(times):
        following = starts[index + 1] if index + 1 < len(starts) else _later(mine[0])
        end = mine[1] if len(mine) > 1 and mine[0] < mine[1] <= following else following
        if not mine[0] < end:
            return []
        rows.append(PeriodRow(index, mine[0], end, False, False))
    return rows


def _later(time: dt.time) -> dt.time:
    return dt.time(min(time.hour + 1, 23), time.minute if time.hour < 23 else 59)


def _groups(source: FetFile, left_out: Counter[str]) -> tuple[list[GroupRow], dict[int, list[int]]]:
    """The tree of years, groups and subgroups, and the groups of each active activity.

    Where a group stands in several larger ones there is no tree: then who moves together is kept as curricula, and the rest is counted.
    """
    listed = tree(source.text, file=source.file).find("Students_List")
    parents: dict[str, str] = {}
    sizes: dict[str, int] = {}
    several: set[str] = set()

    def walk(element: Element, parent: str, tags: tuple[str, ...]) -> None:
        name = text_of(element, "Name")
        if parents.setdefault(name, parent) != parent:
            several.add(name)
        size = text_of(element, "Number_of_Students").strip()
        sizes[name] = int(size) if size.isascii() and size.isdigit() else 0
        for child in element.findall(tags[0]) if tags else ():
            walk(child, name, tags[1:])

    for year in [] if listed is None else listed.findall("Year"):
        walk(year, "", ("Group", "Subgroup"))
    if several:
        left_out["student group that is part of several groups"] += len(several)
        return [], {}
    number = {name: place for place, name in enumerate(parents, 1)}
    codes = code_of_each(list(parents))
    rows = [
        GroupRow(number[name], code, "" if name == code else name[:200], number.get(parent), sizes[name])
        for (name, parent), code in zip(parents.items(), codes, strict=True)
    ]
    active = [each for each in source.activities if each.is_active]
    return rows, {place: [number[name] for name in each.students] for place, each in enumerate(active)}
