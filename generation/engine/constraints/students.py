"""Who attends which section: those of a tutorial or lab with its lecture, and no more than a section may have."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from generation.engine.constraints.base import Finding, Texts, Unit, hard
from generation.engine.model.schedule import Timetable
from generation.engine.model.text import gettext_noop


@hard(
    Texts(
        label=gettext_noop("Students in a tutorial or lab of another lecture section"),
        sentence=gettext_noop("Who sits in a section of a tutorial or lab sits in its section of the lecture."),
        message=gettext_noop("{lectures} has {0:student} from outside {1}, its section of the lecture."),
        suggestion=gettext_noop("Name another section for these students, or give the section to the lecture section that they sit in."),
    ),
    Unit("students"),
    values=("count", "section"),
    applies=lambda problem: problem.section_parent.size > 0,
)
def linked_sections(t: Timetable) -> Iterator[Finding]:
    """Whoever sits in a section of a tutorial or lab sits in its section of the lecture (``section_parent``): each student of a
    section who attends another section of the lecture instead counts 1. Who does not take the lecture at all does not count."""
    parents, offering = t.problem.section_parent.tolist(), t.problem.section_offering.tolist()
    strays: dict[tuple[int, int], int] = defaultdict(int)
    for row in t.attended:
        sections = set(row.tolist())
        lecture = {offering[section]: section for section in sorted(sections)}
        for section in sections:
            parent = parents[section]
            if parent != -1 and parent not in sections and offering[parent] in lecture:
                strays[section, parent] += 1
    for (section, parent), students in sorted(strays.items()):
        yield Finding(students, section=section, pair=(section, parent), values=(students, parent))


@hard(
    Texts(
        label=gettext_noop("Sections larger than their limit"),
        sentence=gettext_noop("No section has more students than its limit."),
        message=gettext_noop("{lectures} has {0:student}; its limit is {1}."),
        suggestion=gettext_noop("Raise the limit, or add a section to the same offering."),
    ),
    Unit("sections", "places too few"),
    values=("count", "count"),
    applies=lambda problem: problem.section_limit.size > 0,
)
def section_sizes(t: Timetable) -> Iterator[Finding]:
    """No section is larger than its limit (``section_limit``): each student above it counts 1."""
    for section, limit in enumerate(t.problem.section_limit.tolist()):
        students = len(t.students.get(section, ()))
        if 0 < limit < students:
            yield Finding(students - limit, section=section, values=(students, limit))
