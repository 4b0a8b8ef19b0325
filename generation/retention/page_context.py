"""What stays where it is, for the page of a new timetable and for those of its run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from django.urls import reverse

from academics.ids import uuid_read
from academics.models import Department, Organization, Term
from generation.errors import Refusal
from generation.models import GenerationJob, Variant, Workflow
from generation.retention import messages
from generation.retention.request import KINDS, NOTHING, OF_DEPARTMENTS, KeepRequest, keeping_previewed, kept_of, lines_shown
from generation.text import labels as words

MOST_VARIANTS = 60
LARGE = ("conflicts", "statistics", "breakdown", "certificate", *(f"job__{name}" for name in GenerationJob.LARGE))


@dataclass(frozen=True)
class Earlier:
    """An earlier timetable to keep places of."""

    variant: Variant
    words: str


def variants_earlier(*, organization: Organization, term: Term | None, asked: str = "") -> list[Earlier]:
    """The term's variants, the published one first, then the newest; the requested one is always among them."""
    variants = Variant.objects.filter(job__organization=organization, job__term=term).select_related("job__workflow").defer(*LARGE)
    found = list(variants.order_by("-job__created_at", "index")[:MOST_VARIANTS])
    if asked and asked not in {str(each.pk) for each in found}:
        found += list(_named(variants, asked))
    return sorted((Earlier(each, _earlier_words(each)) for each in found), key=lambda each: _status(each.variant) != "published")


def _named(variants: QuerySet[Variant], asked: str) -> QuerySet[Variant]:
    key = uuid_read(asked)
    return variants.none() if key is None else variants.filter(pk=key)


def _status(variant: Variant) -> str:
    """The workflow's, where it is about this variant."""
    workflow: Workflow | None = getattr(variant.job, "workflow", None)
    return workflow.status if workflow and workflow.variant_id == variant.pk else ""


def _earlier_words(variant: Variant) -> str:
    status = _status(variant)
    parts = [f"{variant.job.created_at:%-d %b %Y, %H:%M}: {variant.label}"]
    parts += [words.WORKFLOW[status].lower()] if status else []
    parts += [words.count_words(variant.revision, "change by hand", "changes by hand")] if variant.revision else []
    parts += [words.count_words(variant.hard, "rule broken", "rules broken") if variant.hard else f"cost {variant.soft:,}"]
    return ", ".join(parts)


def keeping_context(organization: Organization, term: Term | None, data: Mapping[str, Any]) -> dict[str, Any]:
    """The part of the form: what can be chosen, and what is."""
    asked = str(data.get("keep_from") or "")
    chosen = data.getlist("keep_departments") if isinstance(data, QueryDict) else []
    return {
        "earlier": variants_earlier(organization=organization, term=term, asked=asked),
        "keep_kinds": [(kind, *words.KEEP[kind]) for kind in KINDS],
        "keep": data.get("keep") if data.get("keep") in KINDS else NOTHING,
        "keep_from": asked,
        "keep_departments": chosen,
        "departments": list(Department.objects.filter(organization=organization).order_by("code")),
        "is_leaving_out": bool(data.get("keep_leave_out")),
    }


def stays_context(organization: Organization, term: Term | None, data: QueryDict) -> dict[str, Any]:
    """What would stay, counted and named; empty where nothing is requested to."""
    kind, variant_id = data.get("keep", NOTHING), data.get("keep_from", "")
    if kind not in KINDS or kind == NOTHING or not variant_id:
        return {}
    departments = tuple(data.getlist("keep_departments"))
    if kind in OF_DEPARTMENTS and not departments:
        return {"stays_hint": words.KEEP_CHOOSE_DEPARTMENTS}
    try:
        found = keeping_previewed(
            job=GenerationJob(organization=organization, term=term), request=KeepRequest(kind, variant_id, departments)
        )
    except Refusal as refusal:
        return {"stays_hint": str(refusal)}
    return {
        "stays": found.plan,
        "stays_nothing_left": messages.nothing_left(kind, taught_by_others=len(found.renewed)) if found.plan.is_settled else "",
        "stays_lost": lines_shown(found.lost),
        "stays_freed": lines_shown(found.freed),
        "stays_renewed": lines_shown(found.renewed),
        "stays_leaving": lines_shown([messages.seat_left(student=each[0], section=each[1]) for each in found.plan.seated.leaving]),
        "stays_joining": lines_shown([messages.seat_taken(student=each[0], section=each[1]) for each in found.plan.seated.joining]),
        "is_leaving_out": bool(data.get("keep_leave_out")),
    }


def fixed_context(job: GenerationJob) -> dict[str, Any]:
    """What had to stay in a run, for its pages; empty where nothing had."""
    fixed = job.fixed
    if not fixed:
        return {}
    is_there = Variant.objects.filter(pk=fixed["variant_id"], job__organization=job.organization_id).exists()
    left_out = kept_of(job).left_out if fixed["left_out"] else ()
    return {
        "fixed": fixed,
        "fixed_what": words.KEEP_DESCRIPTIONS[fixed["keep"]].format(departments=", ".join(fixed["departments"])),
        "fixed_made_at": datetime.fromisoformat(fixed["made_at"]),
        "fixed_address": f"{reverse('timetable-review', args=[fixed['job_id']])}?variant={fixed['variant_id']}" if is_there else "",
        "fixed_left_out": lines_shown(left_out),
    }
