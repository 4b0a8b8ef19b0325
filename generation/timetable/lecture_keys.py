"""By which words a lecture, and its section, is known again in another run of the term.

A lecture is known again by its course, its section and its length, and by which of those that are alike it is. A section is
known again although others have come or gone (`sections_matched`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from generation.engine.model.problem import Problem

Alike = tuple[str, str, int]  # course, section, length
SectionName = tuple[str, str]  # course, section


class LectureKey(NamedTuple):
    course: str
    section: str
    length: int
    number: int  # of those that are alike, in the order of the problem


def lecture_keys(lectures: Iterable[Alike]) -> list[LectureKey]:
    """The keys of lectures that come in the order of their problem."""
    seen: dict[Alike, int] = defaultdict(int)
    keys = []
    for alike in lectures:
        keys.append(LectureKey(*alike, seen[alike]))
        seen[alike] += 1
    return keys


def sections_matched(earlier: Iterable[SectionName], now: Iterable[SectionName]) -> dict[SectionName, SectionName]:
    """The earlier sections that are still there, each with what it is called now.

    Sections without a name of their own are numbered, and a course's only one is called as the course: it is the first once there
    are more. Where named sections have taken the place of numbered ones, or numbered ones theirs, they follow one another in order.
    """
    before, after = _by_course(earlier), _by_course(now)
    found: dict[SectionName, SectionName] = {}
    for course, sections in before.items():
        there = after.get(course, {})
        same = {section: section for section in sections if section in there}
        for section in sections:
            other = _called_otherwise(course, section)
            if section not in there and other in there and other not in sections:
                same[section] = other
        left, free = [each for each in sections if each not in same], [each for each in there if each not in same.values()]
        if len({_is_numbered(course, each) for each in left}) == 1 == len({_is_numbered(course, each) for each in free}):
            same |= zip(left, free, strict=False) if _is_numbered(course, left[0]) != _is_numbered(course, free[0]) else ()
        found |= {(course, was): (course, called) for was, called in same.items()}
    return found


def sections_followed(sections: Iterable[SectionName], earlier: Problem | None, now: Problem) -> dict[SectionName, SectionName]:
    """The same by the problems of both moments, where the earlier one is known.

    Numbered tutorials and labs stand in the order of the lecture's sections that they belong to, so that one more of the first section's
    gives all that follow another number: of each section of the lecture they follow one another in order.
    """
    sections = list(sections)
    found = sections_matched(sections, sections_of(now))
    if earlier is None:
        return found
    then, today = _parents(earlier), _parents(now)
    wanted = {course for course, _ in then} & {course for course, _ in today}
    numbered = wanted - {course for course, section in (*then, *today) if not _is_numbered(course, section)}
    for course in numbered:
        of_lecture: dict[SectionName | None, list[SectionName]] = defaultdict(list)
        for name, parent in today.items():
            if name[0] == course:
                of_lecture[parent].append(name)
        mine = [name for name in dict.fromkeys(sections) if name[0] == course]
        found = {name: called for name, called in found.items() if name[0] != course}
        for name in mine:
            left = of_lecture[found.get(then[name])] if name in then else []
            if left:
                found[name] = left.pop(0)
    return found


def _parents(problem: Problem) -> dict[SectionName, SectionName]:
    """The lecture's section of each section of a tutorial or lab."""
    names = sections_of(problem)
    return {names[section]: names[parent] for section, parent in enumerate(problem.section_parent.tolist()) if parent >= 0}


def _by_course(sections: Iterable[SectionName]) -> dict[str, dict[str, None]]:
    """The sections of each course, once each and in order."""
    found: dict[str, dict[str, None]] = defaultdict(dict)
    for course, section in sections:
        found[course][section] = None
    return found


def _is_numbered(course: str, section: str) -> bool:
    return section == course or (section.startswith(f"{course}/") and section[len(course) + 1 :].isdecimal())


def _called_otherwise(course: str, section: str) -> str:
    """What a course's only section is called once there are more, and the other way round; empty for all others."""
    first = f"{course}/1"
    return {course: first, first: course}.get(section, "")


def sections_of(problem: Problem) -> list[SectionName]:
    return list(zip(problem.names.courses, problem.names.sections, strict=True))


def lectures_known(problem: Problem) -> dict[LectureKey, int]:
    """Each lecture of the problem by its key."""
    names = problem.names
    sections, lengths = problem.lecture_section.tolist(), problem.lecture_length.tolist()
    alike = ((names.courses[s], names.sections[s], length) for s, length in zip(sections, lengths, strict=True))
    return {key: lecture for lecture, key in enumerate(lecture_keys(alike))}
