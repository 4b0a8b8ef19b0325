"""Offerings that are taught with another: one lecture under several codes, with one teacher and one room.

Before a problem is made, such an offering goes into the one that it is taught with: students, groups and curricula of both attend, and
expected numbers, sizes and largest sizes add. Rules, marks and preferred rooms of both hold. Sections come together by their code, and
otherwise in order; those that are left over become further sections. Instructors and weekly meetings are those of the offering that
stays, or of the other one where it has none. The codes of those that went stand in its title; where they went, `cross_listed` says by code.
Tutorials and labs of an offering that goes stay with its own students, unless they are taught with others themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from academics.selectors import AvailabilityRow, EnrolmentRow, Links, OfferingRow, SectionRow, TermRows
from generation.engine.model.problem import Problem

LONGEST_TITLE = 200


def rows_cross_listed(rows: TermRows) -> TermRows:
    """The rows in which each offering that is taught with another has gone into it."""
    into = _into(rows.offerings)
    return _Joining(rows, into).rows() if into else rows


def cross_listed(rows: TermRows) -> dict[str, dict[str, Any]]:
    """Where each offering went, by course, as plain values: see `CrossListing`."""
    into = _into(rows.offerings)
    codes = {offering.id: offering.code for offering in rows.offerings}
    joining = _Joining(rows, into)
    names = {section.id: section.code for section in rows.sections}
    found: dict[str, dict[str, Any]] = {codes[other]: {"course": codes[main], "sections": {}} for other, main in into.items()}
    for section in rows.sections:
        if section.offering_id in into:
            found[codes[section.offering_id]]["sections"][section.code] = names[joining.section.get(section.id, section.id)]
    return found


class CrossListing(NamedTuple):
    """Where an offering went: the course whose lecture it is, and by their codes the sections that its own became."""

    course: str
    sections: Mapping[str, str]


def cross_listings(problem: Problem) -> dict[str, CrossListing]:
    """By course those of a term's problem; empty for problems of files."""
    found: Any = problem.source.get("cross_listed", {})
    return {course: CrossListing(each["course"], each["sections"]) for course, each in found.items()}


def _into(offerings: Sequence[OfferingRow]) -> dict[int, int]:
    """By id the offering that each one goes into, of those that are both there; a circle leads nowhere."""
    wanted = {offering.id: offering.taught_with_id for offering in offerings}
    found = {}
    for offering in wanted:
        way, at = [offering], wanted[offering]
        while at in wanted and at not in way:
            way.append(at)
            at = wanted[at]
        if len(way) > 1 and at not in way:
            found[offering] = way[-1]
    return found


def _title(offering: OfferingRow, others: Sequence[OfferingRow]) -> str:
    also = "; ".join(each.code if each.title in ("", offering.title) else f"{each.code} {each.title}" for each in others)
    return f"{offering.title[: max(0, LONGEST_TITLE - len(also) - 8)]} (also {also})".strip()[:LONGEST_TITLE]


def is_also(title: str, course: str) -> bool:
    """Whether a lecture's title says that it is this course's too."""
    _, _, also = title.rpartition("(also ")
    return any(f"{each} ".startswith(f"{course} ") for each in also.removesuffix(")").split("; ")) if also != title else False


class _Joining:
    """What becomes of the rows of offerings that go into another, ``into``."""

    def __init__(self, rows: TermRows, into: Mapping[int, int]) -> None:
        self._rows = rows
        self._into = into
        self.section = self._sections_matched()
        self._parts = {
            offering.id: offering.part_of_id for offering in rows.offerings if offering.part_of_id in into and offering.id not in into
        }

    def _sections_matched(self) -> dict[int, int]:
        """Sections of those that go, each with the one of the offering that stays which it comes together with."""
        own: dict[int, list[SectionRow]] = {}
        for section in self._rows.sections:
            own.setdefault(section.offering_id, []).append(section)
        found: dict[int, int] = {}
        for other, main in self._into.items():
            free = list(own.get(main, []))
            rest = []
            for section in own.get(other, []):
                same = next((each for each in free if each.code == section.code), None)
                if same is None:
                    rest.append(section)
                else:
                    found[section.id] = same.id
                    free.remove(same)
            found |= {section.id: same.id for section, same in zip(rest, free, strict=False)}
        return found

    def rows(self) -> TermRows:
        rows, into = self._rows, self._into
        taught = {meeting.offering_id for meeting in rows.meetings}
        return replace(
            rows,
            offerings=[self._offering(offering) for offering in rows.offerings if offering.id not in into],
            offering_instructors=self._first_of(rows.offering_instructors),
            offering_curricula=self._all_of(rows.offering_curricula),
            offering_groups=self._all_of(rows.offering_groups),
            can_teach=self._first_of(rows.can_teach),
            meetings=[
                meeting._replace(offering_id=into.get(meeting.offering_id, meeting.offering_id))
                for meeting in rows.meetings
                if into.get(meeting.offering_id) not in taught
            ],
            sections=self._sections(),
            section_instructors=_moved(rows.section_instructors, self.section, is_first_alone=True),
            section_groups=_moved(rows.section_groups, self.section),
            enrolments=list(self._enrolments()),
            availability=self._availability(),
            rules=[rule._replace(first_id=into.get(rule.first_id or 0, rule.first_id)) for rule in rows.rules],
            rule_offerings={
                rule: list(dict.fromkeys(into.get(each, each) for each in named)) for rule, named in rows.rule_offerings.items()
            },
            room_preferences=self._room_preferences(),
        )

    def _offering(self, offering: OfferingRow) -> OfferingRow:
        others = [each for each in self._rows.offerings if self._into.get(each.id) == offering.id]
        if offering.id in self._parts:
            lecture = next(each for each in self._rows.offerings if each.id == self._parts[offering.id])
            offering = offering._replace(
                part_of_id=None,
                expected_students=offering.expected_students or self._students_of(lecture),
            )
        if not others:
            return offering
        return offering._replace(
            title=_title(offering, others),
            expected_students=sum(self._students_of(each) for each in (offering, *others)),
            max_section_size=sum(each.max_section_size for each in (offering, *others)),  # they sit in one room, section by section
            num_sections=max(each.num_sections for each in (offering, *others)),
            min_days=offering.min_days or max(each.min_days for each in others),
            building_id=offering.building_id or next((each.building_id for each in others if each.building_id), None),
            part_of_id=self._into.get(offering.part_of_id or 0, offering.part_of_id),
        )

    def _students_of(self, offering: OfferingRow) -> int:
        """What is expected where one of those that come together has enrolments, and the other has none."""
        return offering.expected_students or sum(each.offering_id == offering.id for each in self._rows.enrolments)

    def _first_of(self, links: Links) -> Links:
        return _moved(links, self._into, is_first_alone=True)

    def _all_of(self, links: Links) -> Links:
        """With what a part that stays by itself has of its lecture."""
        joined = _moved(links, self._into)
        for part, lecture in self._parts.items():
            mine = [*links.get(part, ()), *links.get(lecture or 0, ())]
            if mine:
                joined[part] = list(dict.fromkeys(mine))
        return joined

    def _sections(self) -> list[SectionRow]:
        size = {section.id: section.size for section in self._rows.sections}
        for section, other in self.section.items():
            size[other] = size[other] + size[section] if size[other] and size[section] else 0
        return [
            section._replace(
                offering_id=self._into.get(section.offering_id, section.offering_id),
                size=size[section.id],
                parent_id=self.section.get(section.parent_id or 0, section.parent_id),
            )
            for section in self._rows.sections
            if section.id not in self.section
        ]

    def _enrolments(self) -> Iterable[EnrolmentRow]:
        """A student who takes an offering under two codes takes it once. Parts that stay by themselves have their lecture's students."""
        seen = set()
        lectures: dict[int, list[int]] = {}
        for part, lecture in self._parts.items():
            lectures.setdefault(lecture or 0, []).append(part)
        listed = list(self._rows.enrolments)
        listed += [EnrolmentRow(row.student_id, part, None) for row in listed for part in lectures.get(row.offering_id, ())]
        for row in sorted(listed, key=lambda row: row.offering_id in self._into):
            offering = self._into.get(row.offering_id, row.offering_id)
            if (row.student_id, offering) not in seen:
                seen.add((row.student_id, offering))
                yield row._replace(offering_id=offering, section_id=self.section.get(row.section_id or 0, row.section_id))

    def _availability(self) -> list[AvailabilityRow]:
        """Where both are marked, the worse mark counts."""
        concerned = {*self._into, *self._into.values()}
        found: list[AvailabilityRow] = []
        worst: dict[tuple[int | None, int | None, int, int], AvailabilityRow] = {}
        sections = {*self.section, *self.section.values()}
        for row in self._rows.availability:
            if row.offering_id not in concerned and row.section_id not in sections:
                found.append(row)
                continue
            moved = row._replace(
                offering_id=self._into.get(row.offering_id or 0, row.offering_id),
                section_id=self.section.get(row.section_id or 0, row.section_id),
            )
            key = moved.offering_id, moved.section_id, moved.day, moved.period
            if key not in worst or moved.rating < worst[key].rating:
                worst[key] = moved
        return [*found, *worst.values()]

    def _room_preferences(self) -> list[Any]:
        own = {row.offering_id for row in self._rows.room_preferences}
        return [
            row._replace(offering_id=self._into.get(row.offering_id, row.offering_id))
            for row in self._rows.room_preferences
            if self._into.get(row.offering_id) not in own
        ]


def _moved(links: Links, into: Mapping[int, int], *, is_first_alone: bool = False) -> Links:
    """The links with what goes into another at that one; ``is_first_alone``: only where that one has none of its own."""
    found = {owner: list(targets) for owner, targets in links.items() if owner not in into}
    for owner, targets in links.items():
        if owner in into and not (is_first_alone and links.get(into[owner])):
            found[into[owner]] = list(dict.fromkeys([*found.get(into[owner], ()), *targets]))
    return found
