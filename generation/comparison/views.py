"""The compare page: criteria side by side under one profile, who is affected, two weeks in step, and what moved."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from generation.comparison.comparison import Differences, comparable_require, differences_of, is_same_data, scores_of
from generation.comparison.people import People
from generation.comparison.rescoring import OWN, PROFILES
from generation.errors import Conflict
from generation.models import GenerationJob, Variant, Workflow
from generation.text import labels
from generation.text.display_names import Naming
from generation.timetable.grid import BY, By, Card, Grid, grid_build
from generation.timetable.lecture_moves import Moved, move_row
from generation.timetable.when import Clock, clocks_of
from generation.web.guards import job_page, role_at

MOVES_PER_PAGE = 50
MOST_JOBS = 20
BY_WORDS = {"section": "Section", "instructor": "Instructor", "room": "Room", "curriculum": "Curriculum"}
LARGE = ("statistics", "breakdown", *(f"job__{name}" for name in GenerationJob.LARGE))


@require_safe
@job_page
def compare(request: HttpRequest, job: GenerationJob) -> HttpResponse:
    """``a`` and ``b`` choose two variants of this run, or of other runs of its term; left out: the best two of this run."""
    if job.status != GenerationJob.Status.COMPLETED:
        return redirect("timetable-status", job_id=job.pk)
    choices = _variants_of_term(job)
    first, second = _sides(request, job, choices)
    context: dict[str, Any] = {"job": job, "organization": job.organization, "choices": choices, "first": first, "second": second}
    if first is None or second is None:
        return render(request, "generation/comparing/compare.html", context)
    profile = next((each for each in PROFILES if each == request.GET.get("profile")), OWN)
    context |= {
        "role": role_at(request, job.organization_id),
        "profile": profile,
        "profiles": labels.PROFILES,
        "is_same_data": is_same_data(first, second),
        "only": request.GET.get("only") == "1",
        "forwardable": _forwardable(first, second),
    }
    try:
        comparable_require(first, second)
        context["scores"] = scores_of(first, second, profile=profile)
    except Conflict as refusal:
        context["refusal"] = str(refusal)
    differences = differences_of(first, second)
    clocks = clocks_of(job)
    context |= {"differences": differences, "num_moves": len(differences.moves), "people_words": people_words(differences.people)}
    context |= _weeks(request, differences, first, second, is_only=context["only"])
    context |= _moves(request, differences, clocks, Naming(job.organization_id))
    return render(request, "generation/comparing/compare.html", context)


def _variants_of_term(job: GenerationJob) -> list[Variant]:
    """This run's variants first, then those of the term's newest other runs."""
    runs = GenerationJob.objects.filter(organization=job.organization, term=job.term, status=GenerationJob.Status.COMPLETED)
    runs = runs.exclude(pk=job.pk)
    newest = list(runs.order_by("-created_at").values_list("pk", flat=True)[:MOST_JOBS])
    # A copy is compared with what it was made from, however long ago that was.
    newest += [pk for pk in runs.filter(pk=job.origin.get("job_id")).values_list("pk", flat=True) if pk not in newest]
    found = Variant.objects.filter(job__in=[job.pk, *newest]).select_related("job__organization", "job__term").defer(*LARGE)
    place = {pk: index for index, pk in enumerate([job.pk, *newest])}
    return sorted(found, key=lambda variant: (place[variant.job_id], variant.index))


def _sides(request: HttpRequest, job: GenerationJob, choices: list[Variant]) -> tuple[Variant | None, Variant | None]:
    """The two asked for; an id that is no variant of the term does not exist."""
    known = {str(variant.pk): variant for variant in choices}
    wanted = [request.GET.get(name, "") for name in ("a", "b")]
    if any(each and each not in known for each in wanted):
        raise Http404
    own = sorted((variant for variant in choices if variant.job_id == job.pk), key=lambda variant: (variant.hard, variant.soft))
    rest = [variant for variant in [*own, *choices] if str(variant.pk) not in wanted]
    first = known.get(wanted[0]) or next(iter(rest), None)
    second = known.get(wanted[1]) or next((variant for variant in rest if variant != first), None)
    return first, second


def _forwardable(*variants: Variant) -> list[Variant]:
    """Those that can be put forward now."""
    open_jobs = {variant.job_id for variant in variants}
    beyond = Workflow.objects.filter(job__in=open_jobs).exclude(status__in=(Workflow.Status.DRAFT, Workflow.Status.REJECTED))
    closed = set(beyond.values_list("job", flat=True))
    return [variant for variant in dict.fromkeys(variants) if variant.job_id not in closed]


def _weeks(request: HttpRequest, differences: Differences, first: Variant, second: Variant, *, is_only: bool) -> dict[str, Any]:
    """The same person's, room's or section's week in both; with ``is_only`` only weeks that differ can be chosen."""
    by: By = next((each for each in BY if each == request.GET.get("by")), "curriculum")
    keys = [choice for choice in differences.choices[by] if not is_only or choice.key in differences.changed_keys[by]]
    usual = next((choice.key for choice in keys if choice.key in differences.changed_keys[by]), keys[0].key if keys else "")
    key = next((choice.key for choice in keys if choice.key == request.GET.get("key")), usual)
    changed = differences.changed
    grids = [
        _marked(grid_build(variant, by=by, key=key, with_violations=False), moved)
        for variant, moved in ((first, changed[0]), (second, changed[1]))
    ]
    return {
        "by": by,
        "by_words": BY_WORDS,
        "keys": keys,
        "key": key,
        "sides": [
            {"variant": variant, "grid": grid, "num_lanes": sum(day.num_lanes for day in grid.days)}
            for variant, grid in zip((first, second), grids, strict=True)
        ]
        if key
        else [],
    }


def people_words(people: People) -> str:
    """412 students and 17 instructors change."""
    students, instructors = people.num_students or 0, people.num_instructors
    counts = [(students, "student", "students"), (instructors, "instructor", "instructors")]
    parts = [labels.count_words(*count) for count in counts if count[0]]
    if not parts:
        return "Nobody's week changes"
    return f"{' and '.join(parts)} change{'s' if students + instructors == 1 else ''}"


def _marked(grid: Grid, moved: Collection[int]) -> Grid:
    """The grid with the lectures that stand elsewhere marked."""

    def mark(card: Card) -> Card:
        return replace(card, is_changed=card.lecture.number in moved)

    rows = tuple(
        replace(row, days=tuple(tuple(replace(cell, card=mark(cell.card)) if cell.card else cell for cell in cells) for cells in row.days))
        for row in grid.rows
    )
    return replace(grid, rows=rows, unplaced=tuple(mark(card) for card in grid.unplaced))


def _moves(request: HttpRequest, differences: Differences, clocks: list[Clock], naming: Naming) -> dict[str, Any]:
    page = Paginator(differences.moves, MOVES_PER_PAGE).get_page(request.GET.get("moves"))
    return {"moves": page, "move_rows": [_row(move, clocks, naming) for move in page]}


def _row(move: Moved, clocks: list[Clock], naming: Naming) -> dict[str, Any]:
    return move_row(move, clocks) | {"people": [naming.instructor(code) for code in move.either.instructors]}
