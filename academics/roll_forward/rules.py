"""Rules of a term for the next one: known again by what they say, so that none is made twice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from academics.importing.entity import CHUNK, chunked
from academics.models import CourseOffering, Organization, Room, Rule, RuleSetting, RuleTimeslot, Section, Term
from academics.roll_forward import messages
from academics.roll_forward.grids import GridMap

FACTS = (
    "kind",
    "room__code",
    "lecture",
    "day",
    "period",
    "first__course__code",
    "days",
    "is_hard",
    "factor",
    "is_active",
    "comment",
    "band",
)
NOT_SAID = ("is_active", "comment")  # two rules that differ in these alone say the same


class RuleFacts(NamedTuple):
    """A rule by codes."""

    facts: tuple[object, ...]  # in the order of FACTS
    courses: tuple[str, ...]
    timeslots: tuple[tuple[int | None, int | None], ...]

    def fact(self, name: str) -> object:
        return self.facts[FACTS.index(name)]

    @property
    def says(self) -> tuple[object, ...]:
        return (
            *(fact for name, fact in zip(FACTS, self.facts, strict=True) if name not in NOT_SAID),
            self.courses,
            frozenset(self.timeslots),
        )

    @property
    def words(self) -> str:
        band = self.fact("band")
        return f"{band or Rule.Kind(str(self.fact('kind'))).label}: {messages.some(self.courses)}"


@dataclass
class RulePlan:
    adds: list[RuleFacts] = field(default_factory=list)
    settings: list[tuple[str, str, str, bool, str]] = field(default_factory=list)  # kind, course, section, whether on, comment
    num_same: int = 0
    num_without_course: int = 0
    num_outside: int = 0  # of the new week
    num_meeting_settings: int = 0

    def notes(self, term: str) -> list[str]:
        found = [messages.rules_left(self.num_without_course)] if self.num_without_course else []
        found += [messages.outside_week("rules", self.num_outside, term)] if self.num_outside else []
        return found + ([messages.settings_left(self.num_meeting_settings)] if self.num_meeting_settings else [])


def rules_plan(
    *,
    organization: Organization,
    source: Term,
    target: Term | None,
    grid: GridMap,
    offered: Collection[str],
    courses: Collection[str],
    has_rules: bool,
    has_bands: bool,
) -> RulePlan:
    """``offered``: the courses of the new term; ``courses``: those that are carried over. Reads only."""
    plan = RulePlan()
    there = {each.says for each in _rules_read(target)} if target is not None else set()
    for each in _rules_read(source):
        if not (has_bands if each.fact("band") else has_rules) or not set(each.courses) & set(courses):
            continue
        first = each.fact("first__course__code")
        if not set(each.courses) <= set(offered) or (first and first not in offered):
            plan.num_without_course += 1
            continue
        carried = _laid(each, grid)
        if carried is None:
            plan.num_outside += 1
        elif carried.says in there:
            plan.num_same += 1
        else:
            there.add(carried.says)
            plan.adds.append(carried)
    if has_rules:
        _settings_plan(plan, organization, source, target, offered, courses)
    return plan


def _rules_read(term: Term) -> list[RuleFacts]:
    courses: dict[int, list[str]] = defaultdict(list)
    links = Rule.offerings.through._default_manager.filter(rule__term=term).order_by("id")
    for rule, course in links.values_list("rule_id", "courseoffering__course__code"):
        courses[rule].append(course)
    timeslots: dict[int, list[tuple[int | None, int | None]]] = defaultdict(list)
    for rule, day, period in RuleTimeslot.objects.filter(rule__term=term).order_by("id").values_list("rule_id", "day", "period"):
        timeslots[rule].append((day, period))
    rows = Rule.objects.filter(term=term).order_by("pk").values_list("pk", *FACTS)
    return [RuleFacts(tuple(facts), tuple(courses[key]), tuple(timeslots[key])) for key, *facts in rows]


def _laid(rule: RuleFacts, grid: GridMap) -> RuleFacts | None:
    """The rule at the times of the new term; None where the week has not all of them."""
    day, period = rule.fact("day"), rule.fact("period")
    assert day is None or isinstance(day, int)
    assert period is None or isinstance(period, int)
    if not grid.has(day, period) or not all(grid.has(*timeslot) for timeslot in rule.timeslots):
        return None
    facts = list(rule.facts)
    facts[FACTS.index("period")] = grid.period(period)
    return RuleFacts(tuple(facts), rule.courses, tuple((day, grid.period(period)) for day, period in rule.timeslots))


def _settings_plan(
    plan: RulePlan, organization: Organization, source: Term, target: Term | None, offered: Collection[str], courses: Collection[str]
) -> None:
    """What people said of constraints without a row, where that is about an offering or a section: that they are off, mostly."""
    settings = RuleSetting.objects.filter(organization=organization)
    there = set() if target is None else {row[:3] for row in _settings_read(target)}
    for row in _settings_read(source):
        if row[1] in courses and row[1] in offered:
            if row[:3] in there:
                plan.num_same += 1
            else:
                plan.settings.append(row)
    plan.num_meeting_settings = settings.filter(meeting__offering__term=source, meeting__offering__course__code__in=courses).count()


def _settings_read(term: Term) -> list[tuple[str, str, str, bool, str]]:
    rows = RuleSetting.objects.filter(organization=term.organization_id)
    of_offering = rows.filter(offering__term=term).values_list("kind", "offering__course__code", "is_active", "comment")
    of_section = rows.filter(section__offering__term=term)
    names = ("kind", "section__offering__course__code", "section__code", "is_active", "comment")
    found = [(kind, course, "", is_active, comment) for kind, course, is_active, comment in of_offering]
    return found + [(kind, course, code, is_active, comment) for kind, course, code, is_active, comment in of_section.values_list(*names)]


def rules_write(*, organization: Organization, target: Term, plan: RulePlan) -> None:
    """Inside a transaction of the caller's, once the offerings and sections are there."""
    offerings = dict(CourseOffering.objects.filter(term=target).values_list("course__code", "pk"))
    rooms = dict(Room.objects.filter(organization=organization).values_list("code", "pk"))
    for some in chunked(plan.adds, CHUNK):
        made = Rule.objects.bulk_create([_rule(each, organization, target, offerings, rooms) for each in some])
        through = Rule.offerings.through
        links = [
            through(rule_id=row.pk, courseoffering_id=offerings[course])
            for row, each in zip(made, some, strict=True)
            for course in each.courses
        ]
        through._default_manager.bulk_create(links, batch_size=CHUNK)
        slots = [
            RuleTimeslot(rule=row, day=day, period=period) for row, each in zip(made, some, strict=True) for day, period in each.timeslots
        ]
        RuleTimeslot.objects.bulk_create(slots, batch_size=CHUNK)
    sections = {
        (course, code): key
        for course, code, key in Section.objects.filter(offering__term=target).values_list("offering__course__code", "code", "pk")
    }
    rows = []
    for kind, course, section, is_active, comment in plan.settings:
        owner = {"section_id": sections.get((course, section))} if section else {"offering_id": offerings.get(course)}
        if all(owner.values()):  # a section that is not carried over has nothing to be said of
            rows.append(RuleSetting(organization=organization, kind=kind, is_active=is_active, comment=comment, **owner))
    RuleSetting.objects.bulk_create(rows, batch_size=CHUNK)


def _rule(each: RuleFacts, organization: Organization, target: Term, offerings: Mapping[str, int], rooms: Mapping[str, int]) -> Rule:
    facts = dict(zip(FACTS, each.facts, strict=True))
    room, first = facts.pop("room__code"), facts.pop("first__course__code")
    return Rule(
        organization=organization,
        term=target,
        room_id=rooms[str(room)] if room else None,
        first_id=offerings[str(first)] if first else None,
        **facts,
    )
