"""Rules that do nothing, and elective bands whose students cannot all be served."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property

from django.db.models import Count as Number
from django.urls import reverse

from academics.models import Enrolment, Rule, Term
from academics.selectors import RuleRow, TermRows
from academics.week_labels import week_begins
from generation.engine.model.problem import Problem
from generation.engine.model.text import Count, listed
from generation.problem.rule_tables import Grid
from generation.problem.sectioning import grouped
from generation.readiness.report import Finding, Record, Trouble, troubles_grouped
from generation.rulebook import sentences
from generation.rulebook.sentences import Mark, ordinal

PINS = (Rule.Kind.PIN_TIME, Rule.Kind.PIN_DAY, Rule.Kind.PIN_ROOM)
LISTS = (Rule.Kind.STARTS, Rule.Kind.INSIDE, Rule.Kind.OUTSIDE)
BETWEEN_SECTIONS = (Rule.Kind.SAME_START, Rule.Kind.NO_OVERLAP)


RULES_OF: Mapping[str, tuple[str, ...]] = {  # by field of `Problem`
    "lecture_pin_slot": (Rule.Kind.PIN_TIME, Rule.Kind.PIN_DAY),
    "lecture_pin_room": (Rule.Kind.PIN_ROOM,),
    "blocked_starts": (Rule.Kind.STARTS, Rule.Kind.PIN_DAY),
    "section_available": (Rule.Kind.INSIDE, Rule.Kind.OUTSIDE),
    "same_start": (Rule.Kind.SAME_START,),
    "no_overlap": (Rule.Kind.NO_OVERLAP,),
    "lecture_pairs": tuple(Rule.PAIRS),
}


def rule_troubles(term: Term, rows: TermRows, problem: Problem) -> Iterator[Trouble]:
    """From the rows; one query more where there are bands."""
    rules = _Rules(rows, problem)
    yield from troubles_grouped("amber", "rule_without_effect", list(rules.without_effect()))
    yield from troubles_grouped("amber", "offering_in_two_bands", list(rules.in_two_bands()))
    yield from troubles_grouped("amber", "band_taken_twice", list(rules.taken_twice(term)))


class RuleFinder:
    """Which rules of the data stand behind rows of the problem's tables."""

    def __init__(self, rows: TermRows, problem: Problem) -> None:
        self._rows, self._problem = rows, problem

    @cached_property
    def _rules(self) -> _Rules:
        return _Rules(self._rows, self._problem)

    def records(self, tables: Collection[str], courses: Collection[str]) -> list[Record]:
        """The hard rules behind these tables that name most of the courses: all of them where there is one that does."""
        kinds = {kind for table in tables for kind in RULES_OF.get(table, ())}
        found: dict[int, list[Record]] = defaultdict(list)
        for rule in self._rows.rules if kinds and courses else ():
            if rule.kind in kinds and rule.is_hard:
                offerings = self._rules.offerings(rule)
                named = {self._rules.codes[each] for each in offerings} | {self._rules.codes.get(rule.first_id or 0, "")}
                found[len(named & set(courses))].append(_record(rule, self._rules.sentence(rule, offerings)))
        most = max(found, default=0)
        return found[most] if most else []


class _Rules:
    """The rules in use, with their courses and the sections and lectures that these will have."""

    def __init__(self, rows: TermRows, problem: Problem) -> None:
        self.rows = rows
        self.grid = Grid(rows)
        self.codes = {offering.id: offering.code for offering in rows.offerings}
        offering_of = problem.section_offering.tolist()
        lectures: dict[int, int] = defaultdict(int)
        for section in problem.lecture_section.tolist():
            lectures[offering_of[section]] += 1
        self.lectures = {offering.id: lectures[n] for n, offering in enumerate(rows.offerings)}
        self.sections = {offering.id: offering_of.count(n) for n, offering in enumerate(rows.offerings) if offering.id in self._linked}
        self.marks: dict[int, list[Mark]] = grouped((row.rule_id, (row.day, row.period)) for row in rows.rule_timeslots)

    @property
    def _linked(self) -> set[int]:
        return {offering for linked in self.rows.rule_offerings.values() for offering in linked}

    def offerings(self, rule: RuleRow) -> list[int]:
        return [offering for offering in self.rows.rule_offerings.get(rule.id, ()) if offering in self.codes]

    def without_effect(self) -> Iterator[Finding]:
        for rule in self.rows.rules:
            offerings = self.offerings(rule)
            reason = self._idle(rule, offerings)
            if reason:
                yield f"“{self.sentence(rule, offerings)}” does nothing: {reason}", (_record(rule, "The rule"),)

    def _idle(self, rule: RuleRow, offerings: Sequence[int]) -> str:
        """Why a rule touches nothing; empty where it does."""
        if not offerings:
            named = bool(self.rows.rule_offerings.get(rule.id))
            return "its courses are not offered this term. Choose others." if named else "it names no course. Choose its courses."
        if not any(self.lectures[offering] for offering in offerings):
            return (
                f"{self._named(offerings)} {'has' if len(offerings) == 1 else 'have'} no lectures. Say how many meetings a week there are."
            )
        if rule.kind in PINS:
            return self._idle_pin(rule, offerings)
        if rule.kind in LISTS:
            return "" if self.grid.slots(self.marks.get(rule.id, [])).any() else "it lists no timeslot of the week. Mark some."
        return self._idle_pair(rule, offerings)

    def _idle_pin(self, rule: RuleRow, offerings: Sequence[int]) -> str:
        beyond = [offering for offering in offerings if rule.lecture >= self.lectures[offering]]
        if beyond:
            found = listed([f"{self.codes[each]} has {self.lectures[each]}" for each in beyond], 3)
            return f"it is about the {ordinal(rule.lecture + 1)} lecture, and {found}. Name an earlier one."
        if rule.kind == Rule.Kind.PIN_ROOM:
            return "" if rule.room_id else "it names no room. Choose one."
        is_inside = self.grid.slots([(rule.day, rule.period if rule.kind == Rule.Kind.PIN_TIME else None)]).any()
        week = f"{Count(self.grid.num_days):day} of {Count(self.grid.num_periods):period}"
        return "" if is_inside else f"its time lies outside the week, which has {week}. Choose another."

    def _idle_pair(self, rule: RuleRow, offerings: Sequence[int]) -> str:
        if len({*offerings, *([rule.first_id] if rule.first_id else [])}) > 1:
            return ""
        code, number = self.codes[offerings[0]], self.sections[offerings[0]]
        if rule.kind in BETWEEN_SECTIONS:
            return "" if number > 1 else f"{code} has one section, which is alone in it. Add another course."
        each = self.lectures[offerings[0]] // max(1, number)
        return "" if each > 1 else f"each section of {code} has {Count(each):lecture} a week. Add another course."

    def sentence(self, rule: RuleRow, offerings: Sequence[int]) -> str:
        """As the rules page has it."""
        row = Rule(kind=rule.kind, lecture=rule.lecture, is_hard=rule.is_hard, days=rule.days)
        is_pin = rule.kind in (Rule.Kind.PIN_TIME, Rule.Kind.PIN_DAY)
        marks = [(rule.day, rule.period if rule.kind == Rule.Kind.PIN_TIME else None)] if is_pin else self.marks.get(rule.id, [])
        periods = [period.index for period in self.rows.periods]
        room = next((f"room {room.code}" for room in self.rows.rooms if room.id == rule.room_id), "")
        first = self.codes.get(rule.first_id or 0, "")
        codes = [self.codes[offering] for offering in offerings if offering != rule.first_id]
        when = sentences.times(marks, self.rows.num_days, periods)
        first_day = week_begins(self.rows.week_start, self.rows.num_days)
        return sentences.rule_sentence(row, codes, first=first, room=room, when=when, first_day=first_day)[:-1]

    def _named(self, offerings: Sequence[int]) -> str:
        return listed([self.codes[offering] for offering in offerings], 3)

    @property
    def _bands(self) -> list[RuleRow]:
        """Of which a student takes one, as its offerings run in parallel."""
        return [rule for rule in self.rows.rules if rule.kind == Rule.Kind.SAME_START and rule.band]

    def in_two_bands(self) -> Iterator[Finding]:
        bands: dict[int, list[RuleRow]] = grouped((offering, rule) for rule in self._bands for offering in self.offerings(rule))
        for offering, rules in bands.items():
            if len(rules) > 1:
                yield (
                    f"{self.codes[offering]} is in {len(rules)} elective bands, {listed([rule.band for rule in rules], 4)}, so "
                    "everything in them has to start together. Take it out of all but one.",
                    tuple(_record(rule, rule.band) for rule in rules),
                )

    def taken_twice(self, term: Term) -> Iterator[Finding]:
        """Students of several offerings of a band. One query."""
        bands = {rule.id: rule for rule in self._bands}
        if not bands:
            return
        taken = Enrolment.objects.filter(offering__term=term, offering__rules__in=list(bands)).order_by()
        twice = taken.values_list("offering__rules", "student").annotate(number=Number("id")).filter(number__gt=1)
        students: dict[int, list[int]] = grouped((rule, number) for rule, _, number in twice if rule in bands)
        for rule_id, numbers in sorted(students.items()):
            rule, verb = bands[rule_id], "takes" if len(numbers) == 1 else "take"
            most = f" (up to {max(numbers)})" if max(numbers) > 2 else ""
            yield (
                f"{Count(len(numbers)):student} {verb} more than one course{most} of the band {rule.band}, whose courses start together: "
                "they can attend only one of them. Change their enrolments, or the band.",
                (_record(rule, rule.band), Record("Demand", reverse("demand"))),
            )


def _record(rule: RuleRow, name: str) -> Record:
    return Record(name, reverse("rule", args=[f"{rule.kind}-{rule.id}"]))
