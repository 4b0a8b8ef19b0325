"""The institution's own rules: the rows of `Rule`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from django.db.models import Q, QuerySet

from academics.ids import number_read
from academics.models import (
    CourseOffering,
    Rule,
    RuleTimeslot,
)
from academics.week_labels import week_begins
from generation.engine.model.text import listed
from generation.rulebook import sentences
from generation.rulebook.context import Book, Filters, Line, Parameter
from generation.rulebook.costs import Breach
from generation.rulebook.kinds import KINDS
from generation.rulebook.sentences import Mark
from generation.rulebook.source import Rows, admin_page, course_label
from generation.text.violations import is_about_fixed_room, relation_of


class RuleSource:
    """The rows of rules of one family."""

    def __init__(self, family: str) -> None:
        self.kinds = tuple(str(kind) for kind in Rule.Kind.values if KINDS[kind].family == family)

    def select(self, book: Book, filters: Filters) -> Rows:
        rows = self._rules(book)
        if filters.kind:
            rows = rows.filter(kind__in=[kind for kind in self.kinds if filters.kind in (kind, KINDS[kind].family)])
        if filters.search:
            found = Q(comment__icontains=filters.search) | Q(room__code__icontains=filters.search)
            of_course = CourseOffering.objects.filter(term=book.term).filter(
                Q(course__code__icontains=filters.search) | Q(course__name__icontains=filters.search)
            )
            rows = rows.filter(found | Q(offerings__in=of_course) | Q(first__in=of_course)).distinct()
        if filters.strength:
            kept = Q(is_hard=True) | ~Q(kind__in=Rule.WEIGHTED)
            rows = rows.filter(kept if filters.strength == "hard" else ~kept)
        if filters.state:
            rows = rows.filter(is_active=filters.state == "on")
        if filters.cost and book.costs:
            costly = [int(line.row) for line in self.lines(book, list(rows)) if line.breaches]
            rows = rows.filter(pk__in=costly)
        return rows

    def find(self, book: Book, kind: str, row: str) -> Rule | None:
        pk = number_read(row)
        return self._rules(book).filter(kind=kind, pk=pk).first() if pk is not None else None

    def _rules(self, book: Book) -> QuerySet[Rule]:
        rules = Rule.objects.filter(organization=book.organization, term=book.term, kind__in=self.kinds)
        return rules.select_related("room", "first__course").order_by("kind", "id")

    def lines(self, book: Book, rows: Sequence[Rule]) -> list[Line]:
        ids = [rule.pk for rule in rows]
        for rule in rows:
            # No run weighs a rule of another kind, whatever an archive, which no form has looked through, says of it.
            rule.is_hard = rule.is_hard or rule.kind not in Rule.WEIGHTED
        marks: dict[int, list[Mark]] = defaultdict(list)
        for rule_id, day, period in RuleTimeslot.objects.filter(rule__in=ids).order_by("id").values_list("rule_id", "day", "period"):
            marks[rule_id].append((day, period))
        linked: dict[int, list[tuple[int, str, str]]] = defaultdict(list)
        links = Rule.offerings.through.objects.filter(rule__in=ids).order_by("id")
        fields = ("rule_id", "courseoffering_id", "courseoffering__course__code", "courseoffering__course__name")
        for rule_id, offering, code, name in links.values_list(*fields):
            linked[rule_id].append((offering, code, name))
        return [self._line(book, rule, linked[rule.pk], marks[rule.pk]) for rule in rows]

    def _line(self, book: Book, rule: Rule, linked: list[tuple[int, str, str]], marks: list[Mark]) -> Line:
        kind = KINDS[rule.kind]
        first = rule.first
        others = [row for row in linked if first is None or row[0] != first.pk]
        is_pin = rule.kind in (Rule.Kind.PIN_TIME, Rule.Kind.PIN_DAY)
        when = book.when([(rule.day, rule.period if rule.kind == Rule.Kind.PIN_TIME else None)] if is_pin else marks)
        codes = {code for _, code, _ in linked} | ({first.course.code} if first else set())
        offerings = {pk for pk, _, _ in linked} | ({first.pk} if first else set())
        sentence = sentences.rule_sentence(
            rule,
            [course_label(code, name) for _, code, name in others],
            first=course_label(first.course.code, first.course.name) if first else "",
            room=f"room {rule.room.code}" if rule.room else "",
            when=when,
            first_day=week_begins(book.term.week_start, book.term.num_days),
        )
        is_named = rule.kind in (Rule.Kind.PIN_TIME, Rule.Kind.PIN_DAY, Rule.Kind.PIN_ROOM)
        touched = len(linked) if is_named else book.touches.of_offerings(offerings)
        return Line(
            kind=kind,
            row=str(rule.pk),
            sentence=sentence,
            scope=listed(sorted(codes), 6),
            is_hard=rule.is_hard,
            parameters=tuple(self._parameters(book, rule, when, marks)),
            weight=None if rule.is_hard else book.weight(rule.kind, rule.factor),
            factor=None if rule.is_hard else rule.factor,
            is_active=rule.is_active,
            comment=rule.comment,
            num_lectures=touched,
            breaches=self._breaches(book, rule, codes, marks),
            record=admin_page("rule", rule.pk),
            facts={
                "pk": rule.pk,
                "offerings": [code for _, code, _ in linked],
                "first": first.course.code if first else "",
                "room": rule.room.code if rule.room else "",
                "lecture": rule.lecture + 1,
                "day": rule.day,
                "period": rule.period,
                "timeslots": [{"day": day, "period": period} for day, period in marks],
                "number": rule.days,
            },
        )

    def _parameters(self, book: Book, rule: Rule, when: str, marks: list[Mark]) -> Iterable[Parameter]:
        if "lecture" in KINDS[rule.kind].fields:
            yield Parameter("Lecture", str(rule.lecture + 1), "counted through the course's sections", "1 or more")
        if marks or rule.kind in (Rule.Kind.PIN_TIME, Rule.Kind.PIN_DAY):
            yield Parameter("When", when, "", "timeslots of the week")
        if rule.room:
            yield Parameter("Room", rule.room.code)
        if rule.band:
            yield Parameter("Elective band", rule.band, "of which a student takes one")
        if rule.kind == Rule.Kind.DAYS_APART:
            yield Parameter("Distance", str(rule.days), "days", "1 to 6")
        if not rule.is_hard:
            yield Parameter("Weight", str(rule.factor), f"times the usual cost of {book.weight(rule.kind)}", "1 to 100")

    def _breaches(self, book: Book, rule: Rule, codes: set[str], marks: list[Mark]) -> tuple[Breach, ...] | None:
        """Of the rule's courses alone; one of listed times also only there."""
        if book.costs is None:
            return None
        if not rule.is_active:
            return ()
        constraint = self._constraint(rule)
        if rule.kind in (Rule.Kind.INSIDE, Rule.Kind.OUTSIDE):
            slots = book.slots(marks)
            found = [breach for code in codes for breach in book.costs.of_course([constraint], code) if breach.slot is not None]
            # A lecture's period has one breach for all bands and wishes of its section: this rule's share is its own price.
            share = None if rule.is_hard else book.weight(rule.kind, rule.factor)
            return tuple(
                breach if share is None else replace(breach, amount=min(breach.amount, share))
                for breach in found
                if (breach.slot in slots) == (rule.kind == Rule.Kind.OUTSIDE) and set(breach.who) & (breach.sections | breach.courses)
            )
        found = book.costs.of_courses([constraint], codes)
        if constraint in ("pair_required", "pair_preferred"):
            found = [breach for breach in found if relation_of(breach.row) == RELATIONS[Rule.Kind(rule.kind)]]
        if rule.kind == Rule.Kind.PIN_ROOM:
            found = [breach for breach in found if is_about_fixed_room(breach.row)]
        return tuple(found)

    def _constraint(self, rule: Rule) -> str:
        constraints = KINDS[rule.kind].constraints
        return constraints[0] if rule.is_hard or len(constraints) == 1 else constraints[1]


# What a breach of two lectures' relation calls it.
RELATIONS = {
    Rule.Kind.BEFORE: "before",
    Rule.Kind.CONSECUTIVE: "consecutive",
    Rule.Kind.GROUPED: "grouped",
    Rule.Kind.SAME_DAY: "same_day",
    Rule.Kind.SAME_HOUR: "same_period",
    Rule.Kind.DAYS_APART: "days_apart",
}
