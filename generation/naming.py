"""Instructors and curricula by the names that people know them by. The judge, and files for machines, go by their codes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from academics.models import Curriculum, Instructor
from generation.engine.problem import Problem
from generation.engine.words import renamed

ABOUT_CURRICULA = ("curriculum_clash", "compactness", "curriculum_gaps")
ABOUT_STUDENTS = ("student_clash",)
ABOUT_ROOMS = ("room_", "disliked_")  # of these, what names a room is about the room


def reading_order(code: str) -> tuple[tuple[bool, int, str], ...]:
    """The key that sorts codes as people read them: room B2 before room B10, section /2 before /10."""
    return tuple((not part.isdecimal(), int(part) if part.isdecimal() else 0, part) for part in re.findall(r"\d+|\D+", code))


def curriculum_words(code: str, names: Mapping[str, str]) -> str:
    """A curriculum, or one group of its students: ``BIO-1/2`` is "Biology, year 1, group 2"; empty where it has no name."""
    whole, _, number = code.rpartition("/")
    known = names.get(code, "")
    return known or (f"{names[whole]}, group {number}" if names.get(whole) and number.isdecimal() else "")


@dataclass(frozen=True)
class Naming:
    """One organization's. Each kind of names is read when it is first asked for: a query each."""

    organization_id: int

    @cached_property
    def _instructors(self) -> dict[str, str]:
        """The code stands beside a name that two have."""
        rows = Instructor.objects.filter(organization=self.organization_id).order_by()
        found = [(code, name) for code, name in rows.values_list("code", "name") if name]
        times = Counter(name for _, name in found)
        return {code: name if times[name] == 1 else f"{name} ({code})" for code, name in found}

    @cached_property
    def _curricula(self) -> dict[str, str]:
        return dict(Curriculum.objects.filter(organization=self.organization_id).order_by().values_list("code", "name"))

    def instructor(self, code: str) -> str:
        return self._instructors.get(code, code)

    def curriculum(self, code: str) -> str:
        return curriculum_words(code, self._curricula) or code

    def curricula(self, codes: Iterable[str]) -> dict[str, str]:
        """The names of those that have one."""
        return {code: name for code in sorted(codes) if (name := self.curriculum(code)) != code}

    def curriculum_label(self, code: str) -> str:
        """For lists to choose from, in which codes are looked for too."""
        name = self.curriculum(code)
        return name if name == code else f"{name} ({code})"

    def violation(self, row: dict[str, Any]) -> dict[str, Any]:
        """The row with the names of whom it concerns, and a message that says them."""
        constraint, who = row["constraint"], list(row.get("who") or [])
        if not who or constraint in ABOUT_STUDENTS or (constraint.startswith(ABOUT_ROOMS) and row.get("room") not in (None, "", -1)):
            return row
        names = [self._who(constraint, code) for code in who]
        return row | {"who": names, "message": renamed(constraint, row.get("message", ""), who, names)}

    def _who(self, constraint: str, code: str) -> str:
        if constraint in ABOUT_CURRICULA:
            return self.curriculum(code)
        found = self.instructor(code)
        return found if found != code or constraint != "lunch" else self.curriculum(code)

    def problem(self, problem: Problem) -> NamedProblem:
        """The same problem, told by names: for sentences about it."""
        names = problem.names
        people = tuple(self.instructor(code) for code in names.instructors)
        curricula = tuple(map(self.curriculum, names.curricula))
        codes = dict(zip([*people, *curricula], [*names.instructors, *names.curricula], strict=True))
        return NamedProblem(replace(problem, names=replace(names, instructors=people, curricula=curricula)), codes)


@dataclass(frozen=True)
class NamedProblem:
    problem: Problem
    codes: Mapping[str, str]  # by name

    def explanation(self, told: dict[str, Any]) -> dict[str, Any]:
        """What was found out about it, with the codes of whom it concerns beside sentences that name them."""
        return told | {"members": [each | {"who": [self.codes.get(name, name) for name in each["who"]]} for each in told["members"]]}
