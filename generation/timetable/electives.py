"""Which lectures a curriculum's students attend by choice: they are no course of the curriculum, and yet belong to its week."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from generation.engine.model.problem import Problem
from generation.engine.model.solution import Solution

FEW = 0.1  # of a group's students: what fewer take is their own affair, and a week with all of it could not be read


def electives_of(problem: Problem, solution: Solution, *, curriculum_of: Mapping[str, str]) -> dict[int, list[str]]:
    """By section: the groups of curricula, by code, of whose students at least one in ten attends it by choice.

    ``curriculum_of``: the curriculum of each student who has one, by their codes. Who takes the courses of one group of a
    curriculum belongs to that group; who takes none of any is counted with each.
    """
    if not curriculum_of or not problem.names.students:
        return {}
    groups = _groups_by_curriculum(problem.names.curricula)
    core = [set(row.tolist()) for row in problem.section_curricula]
    members: Counter[int] = Counter()
    taken: dict[int, Counter[int]] = defaultdict(Counter)
    for student, row in zip(problem.names.students, solution.attended(problem), strict=True):
        mine = groups.get(curriculum_of.get(student, ""), [])
        attended = row.tolist()
        own = _own_groups(mine, attended, core)
        members.update(own)
        for section in attended:
            if core[section].isdisjoint(mine):
                taken[section].update(own)
    names = problem.names.curricula
    return {
        section: found
        for section, counts in taken.items()
        if (found := [names[group] for group, number in sorted(counts.items()) if number >= FEW * members[group]])
    }


def _groups_by_curriculum(names: Sequence[str]) -> dict[str, list[int]]:
    """``BIO-1/2`` is a group of ``BIO-1``, unless a curriculum is called that."""
    found: dict[str, list[int]] = defaultdict(list)
    for group, name in enumerate(names):
        whole, _, number = name.rpartition("/")
        found[name].append(group)
        if whole and number.isdecimal():
            found[whole].append(group)
    return found


def _own_groups(groups: Sequence[int], attended: Iterable[int], core: Sequence[set[int]]) -> Sequence[int]:
    """Those of the curriculum's groups with which a student shares the most sections."""
    if len(groups) < 2:
        return groups
    shared = Counter(group for section in attended for group in core[section])
    most = max(shared[group] for group in groups)
    return [group for group in groups if shared[group] == most]
