"""A whole institution's file as a further term of an institution that exists: what of it is there already, and how it differs.

Rooms, buildings, instructors, courses, student groups, curricula and students are known by their codes; rooms, buildings and instructors
also by a name that only one has. What is there stays as it is, and where the file says otherwise, that is listed. Everything else is new.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from django.db import models

from academics.models import (
    Availability,
    Building,
    Course,
    CourseOffering,
    Curriculum,
    Instructor,
    Organization,
    Period,
    Room,
    RoomFeature,
    Rule,
    Student,
    StudentGroup,
    Term,
)
from academics.placements import Placement
from academics.plain_text import text_plain
from academics.selectors import OfferingRow, TermRows

MAX_CODE = 60
MOST_KEPT = 200  # of the facts that stay, listed one by one
LIMITS = ("max_daily_periods", "max_weekly_periods", "max_consecutive_periods", "min_free_days", "min_free_half_days")


class Kept(NamedTuple):
    """A fact of the institution that the file has otherwise."""

    kind: str  # as an import calls it
    code: str
    what: str
    here: str
    file: str


@dataclass
class Matched:
    """What of a file is there already."""

    rows: TermRows  # the file's, its features renamed where their codes stand for others
    there: dict[str, dict[int, int]] = field(default_factory=dict)  # by model the rows that are there, with their keys
    kept: list[Kept] = field(default_factory=list)
    room_codes: dict[str, str] = field(default_factory=dict)  # of rooms that are called otherwise here, by the file's code
    by_name: Counter[str] = field(default_factory=Counter)  # by kind: how many are known by their names

    def count(self, model: str) -> int:
        return len(self.there.get(model, {}))

    def placed(self, placements: Sequence[Placement]) -> list[Placement]:
        return [each._replace(room=self.room_codes.get(each.room, each.room)) for each in placements]


# What an import calls a kind, what the writer of rows calls its model, and the rows.
KINDS: dict[str, tuple[str, str]] = {
    "buildings": ("building", "buildings"),
    "features": ("roomfeature", "features"),
    "rooms": ("room", "rooms"),
    "instructors": ("instructor", "instructors"),
    "courses": ("course", "offerings"),
    "curricula": ("curriculum", "curricula"),
    "groups": ("studentgroup", "groups"),
    "students": ("student", "students"),
}


def rows_matched(*, organization: Organization, rows: TermRows) -> Matched:
    """Reads the institution, and writes nothing."""
    return _Matcher(organization, rows).matched()


def term_is_taken(*, organization: Organization, code: str) -> bool:
    """Whether the institution's term of that code has something already."""
    mine: dict[str, Any] = {"term__organization": organization, "term__code": code}
    listed: tuple[type[models.Model], ...] = (CourseOffering, Period, Availability, Rule)
    return any(model._default_manager.filter(**mine).exists() for model in listed)


def term_proposed(*, organization: Organization, code: str) -> str:
    """A code for the new term that no term has."""
    taken = set(Term.objects.filter(organization=organization).values_list("code", flat=True))
    return _free(code, taken)


def _free(code: str, taken: Iterable[str]) -> str:
    found, number, known = code[:MAX_CODE], 1, set(taken)
    while found in known:
        number += 1
        ending = f" {number}"
        found = code[: MAX_CODE - len(ending)] + ending
    return found


class _Matcher:
    def __init__(self, organization: Organization, rows: TermRows) -> None:
        self.organization, self.rows = organization, rows
        self.found = Matched(rows)

    def matched(self) -> Matched:
        self._buildings()
        self._rooms()
        self._features()
        self._instructors()
        self._courses()
        self._curricula()
        self._groups()
        self._students()
        return self.found

    def _known(self, kind: str, model: type[models.Model], *, by_name: bool = False) -> list[tuple[Any, Any]]:
        """The file's rows with what they are here; notes the keys."""
        own, listed = KINDS[kind]
        here: list[Any] = list(model._default_manager.filter(organization=self.organization))
        of_code = {text_plain(each.code): each for each in here}
        rows: Sequence[Any] = getattr(self.rows, listed)
        pairs = [(row, of_code[row.code]) for row in rows if row.code in of_code]
        if by_name:
            pairs += self._named(kind, [row for row in rows if row.code not in of_code], here, {each.pk for _, each in pairs})
        self.found.there[own] = {row.id: each.pk for row, each in pairs}
        return pairs

    def _named(self, kind: str, rows: Sequence[Any], here: Sequence[Any], taken: set[int]) -> list[tuple[Any, Any]]:
        """By a name that one has in the file, and one here."""
        of_name: dict[str, list[Any]] = defaultdict(list)
        for each in here:
            if each.name:
                of_name[text_plain(each.name).casefold()].append(each)
        words = {row.id: (row.name or row.code).casefold() for row in rows}
        counts = Counter(words.values())
        found = []
        for row in rows:
            same = of_name.get(words[row.id], [])
            if len(same) == 1 and counts[words[row.id]] == 1 and same[0].pk not in taken:
                found.append((row, same[0]))
                self.found.by_name[kind] += 1
        return found

    def _compare(self, kind: str, code: str, what: str, here: Any, file: Any) -> None:
        if here != file:
            self.found.kept.append(Kept(kind, code, what, _shown(here), _shown(file)))

    def _name(self, kind: str, row: Any, each: Any) -> None:
        """A file without a name says nothing of it."""
        if row.name and row.name != each.code:
            self._compare(kind, each.code, "name", each.name, row.name)

    def _buildings(self) -> None:
        for row, each in self._known("buildings", Building, by_name=True):
            self._name("buildings", row, each)

    def _rooms(self) -> None:
        building = {row.id: self.found.there["building"].get(row.id) for row in self.rows.buildings}
        codes = {row.id: row.code for row in self.rows.buildings}
        here: dict[int | None, str] = dict(Building.objects.filter(organization=self.organization).values_list("pk", "code"))
        asked = {row.room_kind for row in self.rows.meetings}
        for row, each in self._known("rooms", Room, by_name=True):
            if row.code != each.code:
                self.found.room_codes[row.code] = each.code
            self._name("rooms", row, each)
            self._compare("rooms", each.code, "seats", each.capacity, row.capacity)
            self._compare("rooms", each.code, "lectures at once", each.sharing, row.sharing)
            if row.kind in asked:
                self._compare("rooms", each.code, "kind", each.kind, row.kind)
            if row.building_id is not None and building[row.building_id] != each.building_id:
                self._compare("rooms", each.code, "building", here.get(each.building_id, ""), codes[row.building_id])

    def _features(self) -> None:
        """A feature is the same where the same rooms have it; of another one of that code a new one is made.

        A file names rooms for a lecture by a feature of just these rooms, so that one more would be too many.
        """
        room = self.found.there["room"]
        having: dict[int, set[int | str]] = defaultdict(set)
        for owner, listed in self.rows.room_features.items():
            for feature in listed:
                having[feature].add(room.get(owner, f"new {owner}"))
        features = RoomFeature.objects.filter(organization=self.organization).values_list("pk", "code")
        here: dict[str, tuple[int, set[int | str]]] = {text_plain(code): (key, set()) for key, code in features}
        links = Room.features.through.objects.filter(room__organization=self.organization)
        for code, owner in links.values_list("roomfeature__code", "room_id"):
            here[text_plain(code)][1].add(owner)
        there, renamed = {}, []
        taken = {*here, *(row.code for row in self.rows.features)}
        for row in self.rows.features:
            known = here.get(row.code)
            if known is not None and known[1] == having[row.id]:
                there[row.id] = known[0]
            elif known is not None:
                row = row._replace(code=_free(row.code, taken))
                taken.add(row.code)
            renamed.append(row)
        self.found.there["roomfeature"] = there
        self.found.rows = replace(self.rows, features=renamed)

    def _instructors(self) -> None:
        for row, each in self._known("instructors", Instructor, by_name=True):
            self._name("instructors", row, each)
            for limit in LIMITS:
                words = str(getattr(Instructor._meta.get_field(limit), "verbose_name", limit))
                self._compare("instructors", each.code, words, getattr(each, limit), getattr(row, limit))

    def _courses(self) -> None:
        for row, each in self._known("courses", Course):
            assert isinstance(row, OfferingRow)
            if row.title and row.title != each.code:
                self._compare("courses", each.code, "title", each.name, row.title)

    def _curricula(self) -> None:
        for row, each in self._known("curricula", Curriculum):
            self._name("curricula", row, each)

    def _groups(self) -> None:
        codes = {row.id: row.code for row in self.rows.groups}
        here = dict(StudentGroup.objects.filter(organization=self.organization).values_list("pk", "code"))
        for row, each in self._known("groups", StudentGroup):
            self._name("groups", row, each)
            self._compare("groups", each.code, "part of", here.get(each.parent_id, ""), codes.get(row.parent_id, ""))
            if row.size:
                self._compare("groups", each.code, "students", each.size, row.size)

    def _students(self) -> None:
        codes = {row.id: row.code for row in self.rows.curricula}
        here = dict(Curriculum.objects.filter(organization=self.organization).values_list("pk", "code"))
        for row, each in self._known("students", Student):
            self._name("students", row, each)
            if row.curriculum_id is not None:
                self._compare("students", each.code, "curriculum", here.get(each.curriculum_id, ""), codes.get(row.curriculum_id, ""))


def _shown(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)


Counts = Mapping[str, Mapping[str, int]]


def counts_of(matched: Matched, number: Callable[[str], int], names: Iterable[str]) -> Counts:
    """By kind: what would be added, and what is there and stays."""
    found = {}
    for name in names:
        total, same = number(name), matched.count(KINDS[name][0]) if name in KINDS else 0
        found[name] = {"added": total - same, "changed": 0, "removed": 0, "unchanged": same}
    return found
