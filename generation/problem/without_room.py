"""Lectures that need no room, as the engine has them: each is somewhere, so there are places that only they may use.

A meeting of the kind "online" or "none" takes no room, unless the institution has rooms of that kind. Such a place has a seat for
everybody, is always open, and holds as many lectures at once as there are. Nothing may be counted against a lecture for being there:
so there is a place of its own for each preferred building, and for each size where empty seats have a cost; and it is a first choice
for sections that prefer some rooms. Lectures that may be in a room of any kind require one that is a room.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from academics.selectors import MeetingRow, TermRows
from academics.without_room import LABELS, room_kind_read
from generation.engine.model.problem import ANY, BoolArray, IntArray, Problem
from generation.text.without_room import A_ROOM, code_without_room, is_without_room

Wish = tuple[int | None, int]  # of a section: its preferred building, and its size where empty seats have a cost


def rows_without_room(rows: TermRows) -> TermRows:
    """The rows in which meetings that need no room say so in one way, and ask nothing of a room."""
    kinds = {room.kind for room in rows.rooms}
    without = {m.id: kind for m in rows.meetings if m.room_kind not in kinds and (kind := room_kind_read(m.room_kind)) in LABELS}
    without = {meeting: kind for meeting, kind in without.items() if kind not in kinds}
    if not without:
        return rows
    return replace(
        rows,
        meetings=[m._replace(room_kind=without.get(m.id, m.room_kind)) for m in rows.meetings],
        meeting_features={meeting: features for meeting, features in rows.meeting_features.items() if meeting not in without},
    )


class WithoutRoom:
    """The places of a term's lectures that need no room. ``wishes`` are those of its sections."""

    def __init__(self, rows: TermRows, lectures: Sequence[tuple[int, MeetingRow]], wishes: Sequence[Wish]) -> None:
        kinds = {room.kind for room in rows.rooms}
        self._num_rooms = len(rows.rooms)
        self._wishes = wishes
        self._of_section: dict[int, set[tuple[str, Wish]]] = {}
        found: dict[tuple[str, Wish], list[int]] = {}  # the sections of its lectures
        for section, meeting in lectures:
            if meeting.room_kind in LABELS and meeting.room_kind not in kinds:
                key = meeting.room_kind, wishes[section]
                found.setdefault(key, []).append(section)
                self._of_section.setdefault(section, set()).add(key)
        self._places = sorted(found.items(), key=lambda item: (item[0][0], item[0][1][0] or 0, item[0][1][1]))
        taken = {room.code for room in rows.rooms}
        self.codes: list[str] = []
        for (kind, _), _ in self._places:
            code = code_without_room(kind, taken)
            earlier = sum(each == code or each.startswith(f"{code}/") for each in self.codes)
            self.codes.append(f"{code}/{earlier + 1}" if earlier else code)

    @property
    def features(self) -> tuple[str, ...]:
        return (A_ROOM,) if self._places else ()

    def features_of(self, features: BoolArray, kinds: Sequence[str]) -> BoolArray:
        """What lectures require, by the kinds of room that they do."""
        if not self._places:
            return features
        return np.column_stack([features, np.array([not kind for kind in kinds], dtype=bool)])

    def preferred(self, ranks: Mapping[tuple[int, int], int]) -> dict[tuple[int, int], int]:
        """Ranks by section and room, for sections that have any."""
        first: dict[int, int] = {}
        for (section, _), rank in ranks.items():
            first[section] = min(rank, first.get(section, rank))
        return {
            (section, self._num_rooms + number): first[section]
            for number, (key, _) in enumerate(self._places)
            for section in first
            if key in self._of_section.get(section, ())
        }

    def rooms_with(
        self, rooms: dict[str, Any], kinds: Sequence[str], building: Mapping[int | None, int], sizes: Sequence[int]
    ) -> dict[str, Any]:
        """The arrays of rooms with these places behind them. ``sizes`` are those of the sections."""
        if not self._places:
            return rooms
        number = len(self._places)
        sharing = rooms["room_sharing"] if rooms["room_sharing"].size else np.ones(self._num_rooms, dtype=np.int32)
        dislike = rooms["room_dislike"]
        slots = rooms["room_available"].shape[1]
        is_room = np.arange(self._num_rooms + number) < self._num_rooms
        return rooms | {
            "room_capacity": _with(rooms["room_capacity"], [max(sizes[section] for section in members) for _, members in self._places]),
            "room_kind": _with(rooms["room_kind"], [kinds.index(kind) for (kind, _), _ in self._places]),
            "room_features": np.column_stack(
                [np.vstack([rooms["room_features"], np.zeros((number, rooms["room_features"].shape[1]), dtype=bool)]), is_room]
            ),
            "room_building": _with(rooms["room_building"], [building.get(home, ANY) for (_, (home, _)), _ in self._places]),
            "room_available": np.vstack([rooms["room_available"], np.ones((number, slots), dtype=bool)]),
            "room_dislike": np.vstack([dislike, np.zeros((number, slots), dtype=np.int32)]) if dislike.size else dislike,
            "room_sharing": _with(sharing, [len(members) for _, members in self._places]),
        }


def _with(column: IntArray, values: Sequence[int]) -> IntArray:
    return np.concatenate([column, np.array(values, dtype=np.int32)])


def places_without_room(problem: Problem) -> BoolArray:
    """``[R]`` whether it is a place of lectures that need no room."""
    kinds = problem.names.room_kinds
    found = [
        is_without_room(code) and kind < len(kinds) and kinds[kind] in LABELS
        for code, kind in zip(problem.names.rooms, problem.room_kind.tolist(), strict=True)
    ]
    return np.array(found, dtype=bool)


def lectures_without_room(problem: Problem) -> BoolArray:
    """``[L]`` whether it needs no room."""
    places = places_without_room(problem)
    found: BoolArray = np.isin(problem.lecture_room_kind, np.unique(problem.room_kind[places])) if places.any() else _none(problem)
    return found


def _none(problem: Problem) -> BoolArray:
    return np.zeros(problem.num_lectures, dtype=bool)
