"""Which sections each student group attends.

Groups are a tree, and who is in a group is in all that stand above it. So two lectures share students where one's group stands at,
above or below the other's. Each group of which no smaller part attends anything of its own becomes what the engine calls a
curriculum: all sections of its own and of the groups above it. Groups that attend everything together are one curriculum, under the
name of the smallest group that holds them all.

- A section attends by the groups that it names. Where it names none, those of its offering are shared out among the offering's
  sections, evenly by their sizes; a part without groups has those of its lecture, section by section. Where there are fewer groups
  than sections, larger ones are taken apart into the groups below them.
- Where even those are too few, a group sits in several sections of one course, and becomes as many curricula as `curriculum_groups`
  needs for it: one sure way through the week each.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from academics.selectors import GroupRow, OfferingRow, TermRows
from generation.problem.curriculum_groups import curriculum_groups
from generation.problem.sectioning import Dealing, grouped, share
from generation.text.display_names import GROUP


class GroupTree:
    """Student groups by id, with their sizes as far as they can be known."""

    def __init__(self, groups: Sequence[GroupRow]) -> None:
        self.row = {group.id: group for group in groups}
        self.children: dict[int, list[int]] = grouped((g.parent_id, g.id) for g in groups if g.parent_id in self.row)
        self._size = {group.id: group.size for group in groups}
        order = [group.id for group in groups if group.parent_id not in self.row]
        for group in order:  # grows while it is read
            order += self.children.get(group, ())
        for group in reversed(order):
            self._size[group] = self._size[group] or sum(self._size[child] for child in self.children.get(group, ()))
        for group in order:
            self._size_below(group)

    def _size_below(self, group: int) -> None:
        """Groups without a size share what the one above has beyond those that have one."""
        children = self.children.get(group, [])
        unknown = [child for child in children if not self._size[child]]
        rest = max(0, self._size[group] - sum(self._size[child] for child in children))
        for number, child in enumerate(unknown):
            self._size[child] = share(rest, len(unknown), number)

    def above(self, group: int) -> Iterable[int]:
        """The group and those that it is a part of, upwards; stops where rows that somebody wrote lead in a circle."""
        found: dict[int, None] = {}
        at: int | None = group
        while at in self.row and at not in found:
            found[at] = None
            at = self.row[at].parent_id
        return found

    def largest(self, groups: Iterable[int]) -> list[int]:
        """Those of the groups that are not part of another one of them, each once."""
        listed = [group for group in dict.fromkeys(groups) if group in self.row]
        return [group for group in listed if not set(listed).intersection(list(self.above(group))[1:])]

    def size(self, groups: Iterable[int]) -> int:
        """Students of all these groups, each counted once."""
        return sum(self._size[group] for group in self.largest(groups))

    def size_of(self, group: int) -> int:
        return self._size[group]


def rows_with_groups(rows: TermRows) -> TermRows:
    """The rows in which an offering, or a section, that says nothing of its students expects those of its groups."""
    if not rows.offering_groups and not rows.section_groups:
        return rows
    tree = GroupTree(rows.groups)
    of_sections: dict[int, list[int]] = grouped((s.offering_id, g) for s in rows.sections for g in rows.section_groups.get(s.id, ()))

    def expected(offering: OfferingRow) -> OfferingRow:
        attending = rows.offering_groups.get(offering.id) or of_sections.get(offering.id, [])
        return offering if offering.expected_students else offering._replace(expected_students=tree.size(attending))

    return replace(rows, offerings=[expected(offering) for offering in rows.offerings])


class Attendance:
    """The groups of each section, and the sections of each group."""

    def __init__(self, rows: TermRows, dealing: Dealing, offering_sections: Sequence[range]) -> None:
        self._rows = rows
        self._dealing = dealing
        self._sections = offering_sections
        self.tree = GroupTree(rows.groups if rows.offering_groups or rows.section_groups else [])
        self.groups: dict[int, list[int]] = {}  # of each section that any attend
        self._courses: dict[int, list[list[int]]] = defaultdict(list)  # of each named group: courses, as sections one of which it attends
        if self.tree.row:
            for offering in sorted(range(len(rows.offerings)), key=lambda offering: offering in dealing.lecture):
                self._attend(offering)

    def _attend(self, offering: int) -> None:
        """Lectures come first: what their parts attend by may follow from them."""
        own = self._dealing.own_sections.get(self._rows.offerings[offering].id, [])
        named = [self.tree.largest(self._rows.section_groups.get(section.id, ())) for section in own]
        rest = []
        for number, section in enumerate(self._sections[offering]):
            if own and named[number]:
                self._name(section, named[number])
            else:
                rest.append((number, section))
        groups = self.tree.largest(self._rows.offering_groups.get(self._rows.offerings[offering].id, ()))
        if groups:
            self._share_out(groups, [section for _, section in rest])
        elif offering in self._dealing.lecture:
            lecture = self._sections[self._dealing.lecture[offering]]
            parents = self._dealing.parents[offering]
            for parent, sections in grouped((lecture[parents[number]], section) for number, section in rest).items():
                self._share_out(self.groups.get(parent, []), sections)

    def _name(self, section: int, groups: Iterable[int]) -> None:
        self.groups[section] = list(groups)
        for group in groups:
            self._courses[group].append([section])

    def _share_out(self, groups: Sequence[int], sections: Sequence[int]) -> None:
        """Whole groups to sections, the largest first; where they do not suffice, all of them to all."""
        units = list(groups)
        while len(units) < len(sections) and (large := [unit for unit in units if self.tree.children.get(unit)]):
            whole = max(large, key=self.tree.size_of)
            at = units.index(whole)
            units[at : at + 1] = self.tree.children[whole]
        if len(units) < len(sections):
            for section in sections:
                self.groups[section] = list(groups)
            for group in groups:
                self._courses[group].append(list(sections))
            return
        dealt: list[list[int]] = [[] for _ in sections]
        order = {unit: place for place, unit in enumerate(units)}
        for unit in sorted(units, key=lambda unit: -self.tree.size_of(unit)):
            min(dealt, key=lambda mine: (sum(map(self.tree.size_of, mine)), len(mine))).append(unit)
        dealt.sort(key=lambda mine: min((order[unit] for unit in mine), default=len(units)))
        for section, mine in zip(sections, dealt, strict=True):
            self._name(section, sorted(mine, key=order.__getitem__))

    def size(self, section: int) -> int:
        """Students of the section's groups; 0 where that is not known, as of a group that sits in several sections."""
        groups = self.groups.get(section, [])
        shared = any(len(course) > 1 and section in course for group in groups for course in self._courses[group])
        return 0 if shared else self.tree.size(groups)

    def curricula(self) -> list[tuple[str, list[int]]]:
        """Each as a name that no curriculum has, and its sections."""
        found: list[tuple[str, list[int]]] = []
        names = {curriculum.code for curriculum in self._rows.curricula}
        for group in self._smallest():
            courses = [course for above in self.tree.above(group) for course in self._courses.get(above, ())]
            parts = curriculum_groups(sorted(courses), {})
            code = self.tree.row[group].code
            code = f"{GROUP}{code}" if code in names else code
            found += [(code if len(parts) == 1 else f"{code}/{n}", sorted(part)) for n, part in enumerate(parts, 1)]
        return found

    def _smallest(self) -> list[int]:
        """The groups of which no part attends anything of its own, and those beside them."""
        split = {above for group in self._courses for above in list(self.tree.above(group))[1:]}
        return [
            group
            for group, row in self.tree.row.items()
            if group not in split and (row.parent_id not in self.tree.row or row.parent_id in split)
        ]
