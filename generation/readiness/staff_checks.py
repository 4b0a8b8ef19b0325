"""Sections that nobody teaches yet, of offerings that have somebody."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from academics.selectors import SectionRow, TermRows
from generation.engine.model.problem import Problem
from generation.engine.model.text import listed
from generation.problem.sectioning import grouped
from generation.readiness.report import MOST_RECORDS, Record, Trouble
from generation.web.links import row_address

MOST_NAMED = 6


def unstaffed_troubles(rows: TermRows, problem: Problem) -> Iterator[Trouble]:
    """One trouble for all of them. Where the whole offering has nobody, and nobody to be chosen, the offering is named elsewhere."""
    found = list(_unstaffed(rows, problem))
    if found:
        names, number = listed([record.name for record in found], MOST_NAMED), len(found)
        verb, them = ("section has", "it") if number == 1 else ("sections have", "them")
        message = f"{number:,} {verb} nobody to teach {them} yet: {names}. Name who does, or nobody's times are looked after."
        yield Trouble("amber", "section_without_instructor", message, tuple(found[:MOST_RECORDS]), max(0, number - MOST_RECORDS))


def _unstaffed(rows: TermRows, problem: Problem) -> Iterator[Record]:
    own: dict[int, list[SectionRow]] = grouped((section.offering_id, section) for section in rows.sections)
    of_offering: dict[int, list[int]] = defaultdict(list)
    for section, number in enumerate(problem.section_offering.tolist()):
        of_offering[number].append(section)
    for number, offering in enumerate(rows.offerings):
        formed = own.get(offering.id, [])
        named = [instructor for section in formed for instructor in rows.section_instructors.get(section.id, ())]
        if not named and not rows.offering_instructors.get(offering.id) and not rows.can_teach.get(offering.id):
            continue
        for position, section in enumerate(of_offering[number]):
            if not len(problem.section_instructors[section]):
                name = problem.names.sections[section]
                address = row_address("section", formed[position].id) if formed else row_address("courseoffering", offering.id)
                yield Record(name if offering.code in name else f"{offering.code} {name}", address)
