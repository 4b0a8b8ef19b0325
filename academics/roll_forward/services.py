"""Rolling a term forward: planned, then written in one transaction; undone by the means of an import."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from academics.importing.apply import plans_write
from academics.importing.batches import undos_trim
from academics.importing.entities import ENTITIES
from academics.importing.entity import Keys
from academics.importing.snapshots import digests_read, snapshot_take
from academics.models import ImportBatch, ImportUndo, Organization, Period, Term
from academics.placements import Placement, PlacesRefused, Source, timetable_store
from academics.roll_forward import messages
from academics.roll_forward.choices import TIMETABLE, Choices, NewTerm
from academics.roll_forward.planning import RollPlan, roll_plan
from academics.roll_forward.rules import rules_write

COPIED = ("num_days", "week_start", "seats_tolerance", "seats_tolerance_percent")
OF_PERIOD = ("index", "starts_at", "ends_at", "break_after", "is_lunch")


@dataclass
class Rolled:
    """What rolling a term forward would add, or did."""

    source: str
    target: str
    counts: dict[str, dict[str, int]]
    samples: dict[str, list[dict[str, Any]]]
    notes: list[str]
    places: int = 0  # lectures of the published timetable that are taken over
    batch: ImportBatch | None = None  # by which it is undone; None before it is done, and where nothing was new
    timetables: list[dict[str, Any]] = field(default_factory=list)

    @property
    def is_nothing(self) -> bool:
        return not any(counts["added"] for counts in self.counts.values()) and not any(each["is_new"] for each in self.timetables)


def roll_preview(*, organization: Organization, source: Term, target: Term | NewTerm, choices: Choices) -> Rolled:
    """What would be carried over. Reads both terms, and writes nothing."""
    plan = roll_plan(organization=organization, source=source, target=target, choices=choices)
    places = _places(organization, plan)
    return _rolled(plan, places)


def term_roll(*, organization: Organization, source: Term, target: Term | NewTerm, choices: Choices, user: User | None) -> Rolled:
    """Carries over what the new term lacks. What is there already stays as it is, so that a second time adds nothing."""
    with transaction.atomic():
        Organization.objects.select_for_update().get(pk=organization.pk)
        # Whoever held the lock before may have made the term.
        target = Term.objects.filter(organization=organization, code=target.code).first() or target
        plan = roll_plan(organization=organization, source=source, target=target, choices=choices)
        places = _places(organization, plan)
        rolled = _rolled(plan, places)
        before, found = snapshot_take(organization=organization)
        term = plan.target or _term_make(organization, plan.source, plan.new_term)
        plans_write(plans=plan.plans, keys=Keys(organization, ENTITIES))
        rules_write(organization=organization, target=term, plan=plan.rules)
        rolled.timetables = _timetable_take(organization, term, plan, places, user, rolled.notes)
        after = digests_read(organization=organization)
        if after == found and not any(each["is_new"] for each in rolled.timetables):
            return rolled
        rolled.batch = ImportBatch.objects.create(
            organization=organization,
            user=user,
            status=ImportBatch.Status.IMPORTED,
            names=[f"{source.code} rolled forward to {term.code}"],
            counts=rolled.counts,
            samples=rolled.samples,
            timetables=rolled.timetables,
            finished_at=timezone.now(),
        )
        ImportUndo.objects.create(batch=rolled.batch, before=before, digests_before=found, digests_after=after)
        undos_trim(organization)
    return rolled


def _rolled(plan: RollPlan, places: Sequence[Placement]) -> Rolled:
    return Rolled(plan.source.code, plan.target_code, plan.counts, plan.samples, list(plan.notes), len(places))


def _term_make(organization: Organization, source: Term, new: NewTerm | None) -> Term:
    assert new is not None
    term = Term.objects.create(
        organization=organization,
        code=new.code,
        name=new.name,
        academic_year=new.academic_year,
        semester=new.semester,
        starts_on=new.starts_on,
        ends_on=new.ends_on,
        is_current=False,
        **{name: getattr(source, name) for name in COPIED},
    )
    rows = Period.objects.filter(term=source).order_by("index").values(*OF_PERIOD)
    Period.objects.bulk_create([Period(term=term, **row) for row in rows])
    return term


def _places(organization: Organization, plan: RollPlan) -> list[Placement]:
    """The lectures of the published timetable at the times of the new term, of the courses that are carried over."""
    if not plan.choices.has(TIMETABLE):
        return []
    published = timetable_store().published(organization=organization, term=plan.source)
    if published is None:
        plan.notes.append(messages.nothing_published(plan.source.code))
        return []
    mine = [place for place in published if place.course in plan.courses]
    kept = [place._replace(period=plan.grid.periods[place.period]) for place in mine if plan.grid.has(place.day, place.period)]
    if len(kept) < len(mine):
        plan.notes.append(messages.outside_week("lectures of the timetable", len(mine) - len(kept), plan.target_code))
    return kept


def _timetable_take(
    organization: Organization, term: Term, plan: RollPlan, places: Sequence[Placement], user: User | None, notes: list[str]
) -> list[dict[str, Any]]:
    if not places:
        return []
    source = Source(f"{plan.source.code}, as published", user, is_lenient=True)
    try:
        return [timetable_store().take_over(organization=organization, term=term, placements=places, source=source)]
    except PlacesRefused as refused:
        notes.append(str(refused))
        return []
