"""The grid: one week of a variant at a time, for those who correct it by hand."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.contrib import messages as notices
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from academics.selectors import Role
from generation.editing.board_cache import conflicts_of
from generation.editing.copy import differs_context, origin_context, variant_copy
from generation.editing.services import closed_reason, redoable, undoable
from generation.editing.text import edit_sentence, edit_words
from generation.editing.week_choices import WHOSE, WHOSE_WORDS, Whose, choice_shown, choices_of, entries_of, weeks_to_choose
from generation.errors import Conflict, Refusal
from generation.models import GenerationJob, Variant, Workflow
from generation.problem.stored_problem import problem_of
from generation.text import labels, messages
from generation.text.display_names import Naming
from generation.timetable.grid import Card, grid_of
from generation.timetable.lectures import lecture_of
from generation.timetable.visibility import uuid_or_404
from generation.timetable.when import Clock, clocks_of, when_words
from generation.today.page_context import fit_context
from generation.web.guards import job_page, role_at

EDITS_SHOWN = 20


@require_safe
@job_page
def timetable_grid(request: HttpRequest, job: GenerationJob) -> HttpResponse:
    """The week asked for; only its lectures are read and sent."""
    variants = list(job.variants.defer("conflicts", "certificate"))
    variant = _variant_shown(request, job, variants)
    context: dict[str, Any] = {"job": job, "variants": variants, "variant": variant, "organization": job.organization}
    if variant is not None:
        variant.job = job
        context |= fit_context(variant, role=role_at(request, job.organization_id))
        context |= _week(request, variant) | _editing(request, variant) | origin_context(job) | {"copy_key": uuid4().hex}
        context |= differs_context(variant) if job.origin else {}
    return render(request, "generation/grid.html", context)


@require_POST
@job_page
def timetable_copy(request: HttpRequest, job: GenerationJob) -> HttpResponse:
    """Makes a copy of the variant that the form names, and opens its grid."""
    variant = job.variants.defer("conflicts").filter(pk=uuid_or_404(request.POST.get("variant", ""))).first()
    if variant is None:
        raise Http404
    variant.job = job
    try:
        made = variant_copy(variant=variant, user=request.user, idempotency_key=request.POST.get("form_key", ""))  # type: ignore[arg-type]
    except Refusal as refusal:
        notices.error(request, str(refusal))
        return redirect(f"{reverse('timetable-review', args=[job.pk])}?variant={variant.pk}")
    notices.success(request, messages.copy_made(variant, made))
    shown = {name: request.POST[name] for name in ("by", "key") if request.POST.get(name)}
    return redirect(f"{reverse('timetable-grid', args=[made.job_id])}?{urlencode(shown)}")


def _variant_shown(request: HttpRequest, job: GenerationJob, variants: list[Variant]) -> Variant | None:
    """The one in the address, else the one put forward, else the best."""
    wanted = request.GET.get("variant")
    if wanted:
        found = next((variant for variant in variants if str(variant.pk) == wanted), None)
        if found is None:
            raise Http404
        return found
    forward = Workflow.objects.filter(pk=job.pk).values_list("variant_id", flat=True).first()
    best = min(variants, key=lambda variant: (variant.hard, variant.soft), default=None)
    return next((variant for variant in variants if variant.pk == forward), best)


def _week(request: HttpRequest, variant: Variant) -> dict[str, Any]:
    by: Whose = next((each for each in WHOSE if each == request.GET.get("by")), "section")
    chosen = choice_shown(variant=variant, by=by, key=request.GET.get("key", ""))
    context: dict[str, Any] = {
        "by": by,
        "by_words": {kind: WHOSE_WORDS[kind] for kind in WHOSE if kind == by or choices_of(variant=variant, by=kind)},
        "by_word": WHOSE_WORDS[by].lower(),
        "choice": chosen,
        "key": chosen.key if chosen else "",
        "is_grid": True,
    }
    wanted = request.GET.get("key", "")
    if wanted and chosen and chosen.key != wanted:
        context["unknown_key"] = wanted[:80]
    if chosen is None:
        return context
    conflicts = conflicts_of(variant.pk, variant.revision)
    entries = list(entries_of(variant=variant, by=by, key=chosen.key))
    weeks = weeks_to_choose(variant)
    week = next((each.number for each in weeks if str(each.number) == request.GET.get("week")), 0)
    grid = grid_of(variant, entries, by=by, key=chosen.key, conflicts=conflicts, week=week)
    context |= {"weeks": weeks, "week": week, "num_elsewhere": sum(not lecture_of(entry).is_in(week) for entry in entries)}
    clocks = clocks_of(variant.job)
    rows = [{"card": card, "when": when_words(card.lecture.day, card.lecture.period, clocks)} for card in [*grid.unplaced, *grid.cards]]
    return context | {"grid": grid, "num_lanes": sum(day.num_lanes for day in grid.days), "list_rows": sorted(rows, key=_list_order)}


def _list_order(row: dict[str, Any]) -> tuple[int, int, str]:
    card: Card = row["card"]
    lecture = card.lecture
    return (-1 if lecture.day is None else lecture.day, lecture.period or 0, lecture.section)


def _editing(request: HttpRequest, variant: Variant) -> dict[str, Any]:
    """What may be done, and what has been."""
    role = role_at(request, variant.job.organization_id)
    closed = closed_reason(variant=variant)
    problem_missing = ""
    try:
        problem_of(job=variant.job)
    except Conflict as refusal:
        problem_missing = str(refusal)
    clocks, naming = clocks_of(variant.job), Naming(variant.job.organization_id)
    undo, redo = undoable(variant=variant), redoable(variant=variant)
    return {
        "can_edit": role == Role.ADMIN and closed is None and not problem_missing,
        "is_admin": role == Role.ADMIN,
        "closed": labels.WORKFLOW[closed] if closed else "",
        "problem_missing": problem_missing,
        "undo": edit_words(undo, clocks, naming) if undo else "",
        "redo": edit_words(redo, clocks, naming) if redo else "",
        "edits": _edit_rows(variant, clocks, naming),
    }


def _edit_rows(variant: Variant, clocks: list[Clock], naming: Naming) -> list[dict[str, Any]]:
    edits = variant.edits.select_related("user", "target").order_by("-number")[:EDITS_SHOWN]
    return [{"edit": edit, "sentence": edit_sentence(edit, clocks, naming), "is_undone": edit.undone_by_id is not None} for edit in edits]
