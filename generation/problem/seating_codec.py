"""Who attends which section in a stored variant: names as they were, so that later data edits do not change it."""

from __future__ import annotations

import json
import zlib
from typing import Any

from generation.engine.model.problem import Problem
from generation.engine.model.solution import Solution
from generation.models import Seating, Variant


def seating_pack(problem: Problem, solution: Solution) -> bytes:
    """Each student's sections by name, as compressed JSON; empty where no student is known by name."""
    students = problem.names.students
    if not students:
        return b""
    rows = {student: row.tolist() for student, row in zip(students, solution.attended(problem), strict=True)}
    document = {"sections": problem.names.sections, "students": rows}
    return zlib.compress(json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode(), 6)


def seating_unpack(data: bytes | memoryview) -> dict[str, list[str]]:
    """The names of each student's sections, by the student's code."""
    document = json.loads(zlib.decompress(bytes(data)))
    sections = document["sections"]
    return {student: [sections[section] for section in row] for student, row in document["students"].items()}


def seating_numbers(data: bytes | memoryview) -> dict[str, list[int]]:
    """The numbers of each student's sections in the run's problem, in its order, by the student's code."""
    students: dict[str, list[int]] = json.loads(zlib.decompress(bytes(data)))["students"]
    return students


def seating_rows(variant: Variant, *, student: str = "", section: str = "") -> list[dict[str, Any]]:
    """Each student with the sections attended, in the order of their codes; of one student or section where named. One query."""
    stored = Seating.objects.filter(variant=variant).first()
    rows = seating_unpack(stored.data) if stored else {}
    return [
        {"student": code, "sections": sections}
        for code, sections in sorted(rows.items())
        if student in ("", code) and (not section or section in sections)
    ]
