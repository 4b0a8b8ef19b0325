"""Whose timetable can be opened: everything that a published timetable names, and a search through it."""

from __future__ import annotations

import functools
from collections.abc import Collection
from dataclasses import dataclass
from typing import NamedTuple

from generation.models import Entry, LectureException, Variant
from generation.problem.cross_listed import is_also
from generation.publication.publication import Publication, names_of
from generation.text.display_names import Naming, RoomName, curriculum_words, reading_order, rooms_named
from generation.text.without_room import is_without_room
from generation.timetable.grid import BY, By

MOST_FOUND = 20  # of each kind


class Item(NamedTuple):
    """One section, instructor, room or curriculum: its code, and a name where it has one."""

    key: str
    name: str

    @property
    def label(self) -> str:
        return f"{self.key} {self.name}".strip() if self.name != self.key else self.key


@dataclass(frozen=True)
class Directory:
    items: dict[By, list[Item]]
    rooms: dict[str, RoomName]
    groups: frozenset[str] = frozenset()  # of what is listed as curricula, those that are student groups

    @functools.cached_property
    def names(self) -> dict[By, dict[str, str]]:
        """By code; empty where there is none."""
        return {by: dict(items) for by, items in self.items.items()}

    def item(self, by: By, key: str) -> Item | None:
        """A course's only section is called as the course, and its first one once there are more: links to either lead to it."""
        names = self.names[by]
        keys = (key, f"{key}/1", key.removesuffix("/1")) if by == "section" else (key,)
        found = next((each for each in keys if each in names), None)
        if found is None and by == "section":  # of a course that is taught with another
            found = next((each for each, title in names.items() if is_also(title, key)), None)
        return None if found is None else Item(found, names[found])

    def find(self, words: str) -> dict[By, list[Item]]:
        """Items that hold every word, in code or name; those whose code begins with it first."""
        wanted = words.casefold().split()
        found: dict[By, list[Item]] = {}
        for by in BY:
            hits = [item for item in self.items[by] if wanted and all(word in item.label.casefold() for word in wanted)]
            hits.sort(key=lambda item: not item.key.casefold().startswith(wanted[0]))
            found[by] = hits
        return found


def directory_of(publication: Publication) -> Directory:
    """Kept in this process, by the content: the last few that were asked for."""
    return _directory(publication.variant_id, publication.content_hash, tuple(each.variant_id for each in publication.editions))


@functools.lru_cache(maxsize=8)
def _directory(variant_id: str, content_hash: str, others: tuple[str, ...]) -> Directory:
    variant = Variant.objects.select_related("job").defer("conflicts", "certificate").get(pk=variant_id)
    return directory_load(variant, others=others)


def directory_load(variant: Variant, *, others: Collection[str] = ()) -> Directory:
    """Reads all lectures of the variant and of those that hold on other days of its term, and the names. A fixed number of queries."""
    rooms = rooms_named(variant.job.organization_id)
    columns = ("section", "title", "room", "instructors", "curricula", "electives")
    found: dict[By, dict[str, str]] = {by: {} for by in BY}
    for section, title, room, instructors, curricula, electives in Entry.objects.filter(variant__in={str(variant.pk), *others}).values_list(
        *columns
    ):
        found["section"][section] = title
        if room and not is_without_room(room, rooms):
            found["room"].setdefault(room, "")
        for code in instructors:
            found["instructor"].setdefault(code, "")
        for code in (*curricula, *electives):
            found["curriculum"].setdefault(code, "")
    for room, cover in LectureException.objects.filter(term=variant.job.term_id, undone_at=None).values_list("room", "cover"):
        # Who only covers, and what is only used instead, has a week too.
        found["room"].update({room: ""} if room and room not in found["room"] else {})
        found["instructor"].update({cover: ""} if cover and cover not in found["instructor"] else {})
    for by, names in names_of(organization_id=variant.job.organization_id).items():
        found[by].update((code, name) for code, name in names.items() if code in found[by])
        if by == "curriculum":
            found[by].update((code, curriculum_words(code, names)) for code in found[by])
    found["room"].update((code, rooms[code].about) for code in found["room"] if code in rooms)
    items = {by: [Item(key, found[by][key]) for key in sorted(found[by], key=reading_order)] for by in BY}
    return Directory(items, rooms, Naming(variant.job.organization_id).groups(found["curriculum"]))
