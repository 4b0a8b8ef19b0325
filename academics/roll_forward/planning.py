"""What rolling a term forward would add, worked out before anything is written: only what the new term lacks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from academics.importing.entities import ENTITIES, SectionName
from academics.importing.entity import Existing, Key, Values
from academics.importing.planning import MOST_SAMPLES, Plan, key_text
from academics.importing.values import MeetingValue
from academics.models import Availability, Course, Instructor, Organization, RoomPreference, Term, TermPart
from academics.roll_forward import messages
from academics.roll_forward.choices import BANDS, OFFERINGS, RULES, SECTIONS, TEACHERS, WISHES, Choices, NewTerm
from academics.roll_forward.grids import GridMap
from academics.roll_forward.rules import RulePlan, rules_plan
from academics.term_weeks import TermWeeks, WeeksUnreadable, term_weeks

TERM_PLACE = {"offerings": 1, "sections": 1, "room_preferences": 1, "availability": 0, "term_parts": 0}  # of the term in a key


@dataclass
class RollPlan:
    source: Term
    target: Term | None  # None: it is made
    new_term: NewTerm | None
    grid: GridMap
    choices: Choices
    plans: dict[str, Plan] = field(default_factory=dict)
    rules: RulePlan = field(default_factory=RulePlan)
    notes: list[str] = field(default_factory=list)
    courses: frozenset[str] = frozenset()  # of the departments that are carried over

    @property
    def target_code(self) -> str:
        return self.target.code if self.target else self.new_term.code if self.new_term else ""

    @property
    def counts(self) -> dict[str, dict[str, int]]:
        """As an import has them."""
        found = {"terms": {"added": 1, "changed": 0, "removed": 0, "unchanged": 0}} if self.target is None else {}
        found |= {name: plan.counts for name, plan in self.plans.items() if any(plan.counts.values())}
        rules = {"added": len(self.rules.adds) + len(self.rules.settings), "changed": 0, "removed": 0, "unchanged": self.rules.num_same}
        return found | ({"rules": rules} if rules["added"] or rules["unchanged"] else {})

    @property
    def samples(self) -> dict[str, list[dict[str, Any]]]:
        found = {name: plan.samples for name, plan in self.plans.items() if plan.samples}
        named = [{"change": "add", "key": each.words, "after": {}} for each in self.rules.adds[:MOST_SAMPLES]]
        return found | ({"rules": named} if named else {})

    @property
    def is_nothing(self) -> bool:
        return not any(counts["added"] for counts in self.counts.values())


class _Planner:
    def __init__(self, organization: Organization, plan: RollPlan) -> None:
        self.organization = organization
        self.plan = plan
        courses = Course.objects.filter(organization=organization)
        mine = courses if plan.choices.departments is None else courses.filter(department__code__in=plan.choices.departments)
        self.courses = plan.courses = frozenset(mine.values_list("code", flat=True))
        self.offered: set[str] = set()  # courses of the new term, as they will be
        self.num_wished = 0  # marks and preferences that are left to the next form
        self.alone: list[str] = []  # whose lecture, or the course with which they are taught, is not offered there

    def run(self) -> None:
        choices = self.plan.choices
        offerings = ENTITIES["offerings"].existing(self.organization)
        self.offered = {course for course, term in offerings if term == self.plan.target_code}
        if choices.has(OFFERINGS):
            self.offered |= {course for course, term in offerings if term == self.plan.source.code and course in self.courses}
            self._entity("term_parts", lambda key: True, lambda key, values: values)
            self._entity("offerings", self._is_mine, self._offering, offerings)
            self.plan.notes += [messages.stands_alone(self.alone)] if self.alone else []
            wished = RoomPreference.objects.filter(offering__term=self.plan.source, is_wish=True)
            left = frozenset(wished.values_list("pk", flat=True))
            self.num_wished += self._entity(
                "room_preferences", lambda key: self._is_mine(key) and key[0] in self.offered, lambda key, values: values, left=left
            )
        if choices.has(SECTIONS):
            self._entity("sections", lambda key: self._is_mine(key) and key[0] in self.offered, self._section)
        if choices.has(WISHES):
            self._availability()
        if choices.has(RULES) or choices.has(BANDS):
            self.plan.rules = rules_plan(
                organization=self.organization,
                source=self.plan.source,
                target=self.plan.target,
                grid=self.plan.grid,
                offered=self.offered,
                courses=self.courses,
                has_rules=choices.has(RULES),
                has_bands=choices.has(BANDS),
            )
            self.plan.notes += self.plan.rules.notes(self.plan.target_code)
        self.plan.notes += [messages.wishes_left(self.num_wished)] if self.num_wished else []
        self._weeks()

    def _is_mine(self, key: Key) -> bool:
        return key[0] in self.courses

    def _entity(
        self,
        name: str,
        is_mine: Callable[[Key], bool],
        changed: Callable[[Key, Values], Values],
        existing: Existing | None = None,
        *,
        left: frozenset[Any] = frozenset(),
    ) -> int:
        """``left``: keys of rows that are not carried over. How many of them would have been."""
        entity, place = ENTITIES[name], TERM_PLACE[name]
        rows = entity.existing(self.organization) if existing is None else existing
        plan = self.plan.plans.setdefault(name, Plan(entity))
        differing = []
        num_left = 0
        for key, (primary, values) in rows.items():
            if key[place] != self.plan.source.code or not is_mine(key):
                continue
            if primary in left:
                num_left += 1
                continue
            new, carried = (*key[:place], self.plan.target_code, *key[place + 1 :]), changed(key, values)
            there = rows.get(new)
            if there is None:
                plan.adds.append((new, carried))
                if len(plan.adds) <= MOST_SAMPLES:
                    plan.samples.append({"change": "add", "key": key_text(new), "after": {}})
            else:
                plan.num_same += 1
                if there[1] != carried:
                    differing.append(" ".join(str(part) for part in new if part != self.plan.target_code))
        if differing:
            self.plan.notes.append(messages.kept_as_is(entity.title, differing))
        return num_left

    def _weeks(self) -> None:
        """Names what is held in weeks that the new term does not have: its text comes along, and somebody has to correct it."""
        target, new = self.plan.target, self.plan.new_term
        starts_on, ends_on = (target.starts_on, target.ends_on) if target else (new.starts_on, new.ends_on) if new else (None, None)
        if starts_on is None or ends_on is None:
            return
        parts = list(TermPart.objects.filter(term=target).values_list("name", "weeks")) if target else []
        adds = {name: plan.adds for name, plan in self.plan.plans.items()}
        parts += [(str(key[1]), str(values[0])) for key, values in adds.get("term_parts", ())]
        week_start = (target or self.plan.source).week_start
        weeks = term_weeks(starts_on=starts_on, ends_on=ends_on, week_start=week_start, parts=parts)
        wrong = [f"part {name} ({text})" for name, text in parts if not _is_read(weeks, text)]
        for name in ("offerings", "sections"):
            place = ENTITIES[name].fields.index("weeks")
            for key, values in adds.get(name, ()):
                words = " ".join(str(part) for part in key if part != self.plan.target_code)
                meetings = [each for value in values if isinstance(value, tuple) for each in value if isinstance(each, MeetingValue)]
                texts = dict.fromkeys([str(values[place] or ""), *(each.weeks for each in meetings)])
                wrong += [f"{words} ({text})" for text in texts if not _is_read(weeks, text)]
        self.plan.notes += [messages.weeks_missing(wrong, self.plan.target_code, weeks.num_weeks)] if wrong else []

    def _offering(self, key: Key, values: Values) -> Values:
        changed = list(values)
        fields = ENTITIES["offerings"].fields
        if not self.plan.choices.has(TEACHERS):
            changed[fields.index("instructors")] = ()
        for name in ("part_of", "taught_with"):
            place = fields.index(name)
            if changed[place] and changed[place] not in self.offered:
                self.alone.append(key[0])
                changed[place] = None
        return tuple(changed)

    def _section(self, key: Key, values: Values) -> Values:
        changed = list(values)
        if not self.plan.choices.has(TEACHERS):
            changed[ENTITIES["sections"].fields.index("instructors")] = ()
        return tuple(changed)

    def _availability(self) -> None:
        departments = self.plan.choices.departments
        people = Instructor.objects.filter(organization=self.organization)
        mine = people if departments is None else people.filter(department__code__in=departments)
        instructors = frozenset(mine.values_list("code", flat=True))
        outside = rooms = 0
        sections = {key for key, _ in self.plan.plans["sections"].adds} if "sections" in self.plan.plans else set()
        sections |= set(ENTITIES["sections"].keys(self.organization))

        def is_mine(key: Key) -> bool:
            nonlocal outside, rooms
            _, owner, code, day, period = key
            if owner == "room" and departments is not None:
                rooms += 1
                return False
            course = code.course if isinstance(code, SectionName) else code
            is_ours = {"instructor": code in instructors, "room": True}.get(owner, course in self.courses and course in self.offered)
            if is_ours and isinstance(code, SectionName):
                is_ours = (code.course, self.plan.target_code, code.section) in sections
            if is_ours and not self.plan.grid.has(day, period):
                outside += 1
                return False
            return bool(is_ours)

        entity = ENTITIES["availability"]
        rows = entity.existing(self.organization)
        plan = self.plan.plans.setdefault("availability", Plan(entity))
        wished = set(Availability.objects.filter(term=self.plan.source, is_wish=True).values_list("pk", flat=True))
        for key, (primary, values) in rows.items():
            if key[0] != self.plan.source.code or not is_mine(key):
                continue
            if primary in wished:
                self.num_wished += 1
                continue
            new = (self.plan.target_code, *key[1:4], self.plan.grid.periods[key[4]])
            if new in rows:
                plan.num_same += 1
            else:
                plan.adds.append((new, values))
        self.plan.notes += [messages.outside_week("marks of availability", outside, self.plan.target_code)] if outside else []
        self.plan.notes += [messages.rooms_left()] if rooms else []


def _is_read(weeks: TermWeeks, text: str) -> bool:
    try:
        weeks.read(text)
    except WeeksUnreadable:
        return False
    return True


def roll_plan(*, organization: Organization, source: Term, target: Term | NewTerm, choices: Choices) -> RollPlan:
    """Reads both terms, and writes nothing."""
    there = target if isinstance(target, Term) else None
    plan = RollPlan(
        source=source,
        target=there,
        new_term=None if isinstance(target, Term) else target,
        grid=GridMap.between(source, there),
        choices=choices,
    )
    planner = _Planner(organization, plan)
    planner.run()
    return plan
