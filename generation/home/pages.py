"""The pages for people. Views hold no rules: they read, call a service and draw a template."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib import messages as notices
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_safe

from academics.models import Organization, Term
from academics.selectors import Role, organizations_visible
from generation.editing.copy import differs_context, origin_context
from generation.engine.constraints.register import CONSTRAINTS, HARD_IDS, SOFT_IDS
from generation.errors import Refusal, TooMany
from generation.home import next_step
from generation.home.forms import NewTimetableForm
from generation.models import GenerationJob, Variant, Workflow
from generation.readiness.check import readiness_check, readiness_known
from generation.readiness.report import Readiness
from generation.retention.page_context import fixed_context, keeping_context, stays_context
from generation.retention.request import MINIMAL
from generation.review import page_actions
from generation.review.inbox import Elsewhere, Item, inbox_elsewhere, inbox_items
from generation.review.page_context import changes_context, comments_context, comments_open, waivers_context
from generation.review.rejections import said_on_card
from generation.runs.services import JobRequest, Started, job_start_or_reuse
from generation.text import labels
from generation.text.display_names import Naming
from generation.text.messages import bound_note, constraint_label, refusal_text, wishes_named
from generation.text.violations import violation_named
from generation.timetable.archive_origin import taken_over_words
from generation.timetable.change_results import change_context
from generation.timetable.conflict_store import Conflicts
from generation.timetable.counts import amount_words
from generation.timetable.grid import BY, By, Choice, Grid, grid_build, grid_choices, variants_compare
from generation.timetable.profiles import FAVOURS
from generation.timetable.results import chosen_words
from generation.timetable.when import clocks_of
from generation.today.page_context import FitShown, fit_context, fit_shown, fits_listed
from generation.today.selectors import fit_of, is_in_use, is_small
from generation.web.guards import job_page, organization_current, role_at, role_current, role_page
from generation.web.lookup import term_current, term_requested

JOBS_PER_PAGE = 20
VIOLATIONS_PER_PAGE = 50
HOME_WAITING = 3
KEEP_FIELDS = ("keep_from", "keep_departments", "max_lectures", "max_people", "only_rooms")
DRAFT = "review-draft"  # what was typed into a form that was refused: the page offers it again
TYPED = ("comments", "text", "lecture", "constraint", "amount", "owner", "reason")
BY_WORDS = {"section": "Section", "instructor": "Instructor", "room": "Room", "curriculum": "Curriculum"}


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The term at a glance, and the next step as one button."""
    if not request.user.is_authenticated:
        return render(request, "generation/welcome.html")
    organization = organization_current(request)
    if organization is None:
        return render(request, "generation/no_organization.html")
    role = role_current(request)
    term = term_current(organization=organization)
    counts = next_step.data_counts(organization=organization, term=term)
    last = next_step.job_last(organization=organization) if role != Role.VIEWER else None
    waiting = inbox_items(organization=organization, role=role, user=request.user, most=HOME_WAITING)
    elsewhere = inbox_elsewhere(organization=organization, user=request.user)
    readiness = readiness_known(term=term) if role != Role.VIEWER else None
    is_short = any(count.is_short for count in counts)
    published = next_step.published_job(organization=organization)
    fits = _fits_of_jobs([job for job in (published, last) if job and role != Role.VIEWER], role)
    stale = fits.get(published.pk) if published else None
    context = {
        "organization": organization,
        "organizations": organizations_visible(user=request.user),
        "role": role,
        "term": term,
        "counts": counts,
        "last": next_step.job_rows([last])[0] if last else None,
        "waiting": waiting,
        "elsewhere": elsewhere,
        "published": published,
        "published_fit": stale,
        "is_comparing": any(each.fit is None for each in fits.values()),
        "last_fit": fits.get(last.pk) if last and last != published else None,
        "readiness": readiness,
        "step": (_mending(readiness) if role == Role.ADMIN and not is_short else None)
        or (_repairing(stale, last) if role == Role.ADMIN else None)
        or _step_elsewhere(organization, role, waiting, elsewhere)
        or next_step.next_step(organization=organization, role=role, has_term=term is not None, counts=counts, last=last, waiting=waiting),
    }
    return render(request, "generation/home.html", context)


def _mending(readiness: Readiness | None) -> next_step.Step | None:
    """Nothing else can be done while the data stop every run, where that is known."""
    if readiness is None or readiness.is_ready:
        return None
    return next_step.Step("Fix the data", readiness.red[0].message, "See what stops a timetable", reverse("readiness"))


def _repairing(stale: FitShown | None, last: GenerationJob | None) -> next_step.Step | None:
    """What everybody reads no longer fits, and nobody is at work on another one."""
    is_at_work = last is not None and (last.status in GenerationJob.ACTIVE or next_step.workflow_status(last) in ("in_review", "approved"))
    if stale is None or stale.fit is None or stale.fit.is_ok or is_at_work:
        return None
    return next_step.Step("The published timetable is out of date", f"{stale.fit.headline}.", "See which, and repair it", stale.review)


def _fits_of_jobs(jobs: list[GenerationJob], role: str | None) -> dict[UUID, FitShown]:
    """By run, how the timetable that stands for it fits today's data; of what is not known yet only what is published is worked out."""
    shown = {
        job: variant
        for job in jobs
        if job.status == GenerationJob.Status.COMPLETED and is_in_use(job) and (variant := next_step.shown_of(job))
    }
    for job, variant in shown.items():
        variant.job = job
    found = fits_listed(shown.values(), role=role)
    fits = {job.pk: found[variant.pk] for job, variant in shown.items()}
    for job, variant in shown.items():
        if fits[job.pk].fit is None and next_step.workflow_status(job) == Workflow.Status.PUBLISHED and is_small(variant):
            fits[job.pk] = fit_shown(variant, fit_of(variant), role=role, part="line")
            break  # one a page, however many terms have one
    return fits


def _step_elsewhere(
    organization: Organization, role: str | None, waiting: Sequence[Item], elsewhere: Sequence[Elsewhere]
) -> next_step.Step | None:
    """For whoever has nothing to do here but at another institution; administrators always have something."""
    if role == Role.ADMIN or waiting or not elsewhere:
        return None
    other = elsewhere[0]
    why = f"Nothing waits at {organization.name}."
    return next_step.Step(f"{other.words} at {other.organization.name}", why, f"Open the inbox of {other.organization.name}", other.address)


@require_safe
@role_page
def timetables(request: HttpRequest) -> HttpResponse:
    organization = _organization(request)
    jobs = next_step.jobs_of(organization=organization)
    status = request.GET.get("status", "")
    if status and status not in GenerationJob.Status.values:
        raise Http404  # else all would be shown as if it had been narrowed
    if status:
        jobs = jobs.filter(status=status)
    page = Paginator(jobs, JOBS_PER_PAGE).get_page(request.GET.get("page"))
    fits = _fits_of_jobs(list(page), role_current(request))
    context = {
        "organization": organization,
        "role": role_current(request),
        "page": page,
        "rows": [row | {"today": fits.get(row["job"].pk)} for row in next_step.job_rows(list(page))],
        "is_comparing": any(each.fit is None for each in fits.values()),
        "status": status,
        "statuses": labels.STATUS,
        "has_active": any(job.status in GenerationJob.ACTIVE for job in page),
    }
    return render(request, "generation/timetables.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@role_page
def timetable_new(request: HttpRequest) -> HttpResponse:
    """The form; a POST files the job by the service that REST calls."""
    organization = _organization(request)
    terms = list(Term.objects.filter(organization=organization))
    term = term_requested(request, organization, terms)
    data = request.POST or request.GET
    form = NewTimetableForm(request.POST or None, organization=organization, initial={"term": term})
    readiness = readiness_check(organization=organization, term=term)
    same_run, stays, retry_after_s = None, {}, 0
    is_valid_post = request.method == "POST" and form.is_valid()
    if is_valid_post:
        term = form.cleaned_data["term"] or term
    if is_valid_post and "look" not in request.POST:
        readiness = readiness_check(organization=organization, term=term)
        try:
            started = _job_started(request, organization, form) if readiness.is_ready else None
        except TooMany as refusal:
            form.add_error(None, str(refusal))
            started, retry_after_s = None, refusal.retry_after_s
        if started is not None and not started.is_reused:
            return redirect("timetable-status", job_id=started.job.pk)
        same_run = started.job if started else None
        if not readiness.is_ready:
            form.add_error(None, refusal_text("not_ready", reason=readiness.red[0].message))
    if is_valid_post or request.method != "POST":
        stays = stays_context(organization, term, data)
    context = {
        "organization": organization,
        "form": form,
        "term": term,
        "terms": terms,
        "readiness": readiness,
        "num_courses": term.offerings.count() if term else 0,
        "favours": [(label, labels.FAVOURS[label]) for label, _ in FAVOURS],
        "form_key": request.POST.get("form_key") or uuid4().hex,
        "same_run": same_run,
        "active": next_step.jobs_of(organization=organization).filter(status__in=GenerationJob.ACTIVE).first(),
    }
    context |= keeping_context(organization, term, data) | stays
    if retry_after_s:
        answer = render(request, "generation/timetable_new.html", context, status=429)
        answer.headers["Retry-After"] = str(retry_after_s)
        return answer
    return render(request, "generation/timetable_new.html", context, status=400 if form.errors else 200)


def _job_started(request: HttpRequest, organization: Organization, form: NewTimetableForm) -> Started | None:
    """The new job, or an earlier one that was the same; None with the refusal beside the form. Raises `TooMany`."""
    term = form.cleaned_data["term"]
    is_minimal = form.cleaned_data["keep"] == MINIMAL
    wish = JobRequest(
        organization=organization.code,
        semester=(term.semester or None) if term else None,
        academic_year=(term.academic_year or None) if term else None,
        time_limit_s=form.time_limit_s,
        seed=form.cleaned_data["seed"],
        variants=int(form.cleaned_data["variants"]),
        weights=form.weights,
        run_anyway="run_anyway" in request.POST,
        keep=form.cleaned_data["keep"] or None,
        keep_from=form.cleaned_data["keep_from"] or None,
        keep_departments=form.cleaned_data["keep_departments"],
        keep_leave_out=form.cleaned_data["keep_leave_out"],
        max_lectures=form.cleaned_data["max_lectures"] if is_minimal else None,
        max_people=form.cleaned_data["max_people"] if is_minimal else None,
        only_rooms=form.cleaned_data["only_rooms"] if is_minimal else None,
    )
    try:
        # The key comes with the form, so that a double click files one job.
        return job_start_or_reuse(user=request.user, request=wish, idempotency_key=request.POST.get("form_key", ""))  # type: ignore[arg-type]
    except TooMany:
        raise
    except Refusal as refusal:
        form.add_error(refusal.field if refusal.field in KEEP_FIELDS else None, str(refusal))
        return None


@require_safe
@job_page
def timetable_status(request: HttpRequest, job: GenerationJob) -> HttpResponse:
    """The live run; everything that moves comes by the stream."""
    context = {
        "job": job,
        "organization": job.organization,
        "is_admin": _role_at(request, job) == Role.ADMIN,
        "stages": labels.STAGES,
        "duration": labels.duration_words(job.time_limit_s),
        **fixed_context(job),
        "explanation": job.explanation if job.status == GenerationJob.Status.FAILED else {},
        "page_facts": {
            "jobId": str(job.pk),
            "status": job.status,
            "isPartial": job.is_partial,
            "error": job.error,
            "progress": job.progress,
            "stages": [{"id": stage, "words": label} for stage, label, _ in labels.STAGES],
            "timeLimit": job.time_limit_s,
            "now": time.time(),
            "history": job.history,
            "criteria": {each: CONSTRAINTS[each].texts.short for each in SOFT_IDS},
            "rules": {each: constraint_label(each) for each in HARD_IDS if each != "unplaced"},
            "review": reverse("timetable-review", args=[job.pk]),
        },
    }
    return render(request, "generation/timetable_status.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@job_page
def timetable_review(request: HttpRequest, job: GenerationJob) -> HttpResponse:
    """Variants side by side, the week of one of them, and the decision."""
    if job.status != GenerationJob.Status.COMPLETED:
        return redirect("timetable-status", job_id=job.pk)
    if request.method == "POST":
        return _review_action(request, job)
    comparison = variants_compare(job)
    workflow = Workflow.objects.select_related("variant").filter(job=job).first()
    if workflow is not None:
        workflow.job = job
    variant = _variant_shown(request, comparison.variants, workflow)
    role, history = _role_at(request, job), _history(workflow)
    context: dict[str, Any] = {
        "job": job,
        "organization": job.organization,
        "role": role,
        "comparison": comparison,
        "workflow": workflow,
        "workflow_status": workflow.status if workflow else Workflow.Status.DRAFT,
        "workflow_words": labels.WORKFLOW[workflow.status if workflow else Workflow.Status.DRAFT],
        "history": history,
        "said": said_on_card(workflow.status if workflow else "", [line["event"] for line in history]),
        "variant": variant,
        "draft": request.session.pop(DRAFT, {}),
        "copy_key": uuid4().hex,
        **fixed_context(job),
        **origin_context(job),
        "taken_over": taken_over_words(job.pk),
    }
    if variant is not None:
        context["explanation"] = job.explanation if variant.hard else {}
        context["is_why_awaited"] = variant.hard > 0 and _has_just_ended(job)
        context["is_edited"] = any(each.revision for each in comparison.variants)  # what was said of them at the end of the run is past
        context["wishes"] = wishes_named(variant)
        context["chosen_words"] = chosen_words(variant)
        context["bound_notes"] = [note for each in comparison.variants if (note := bound_note(each))]
        variant.job = job
        context |= fit_context(variant, role=role) | (differs_context(variant) if job.origin else {})
        comments, clocks = comments_open(workflow, variant), clocks_of(job)
        context |= _grid_context(request, variant, usual="curriculum", comments=comments) | _violations_context(request, variant)
        context |= (
            waivers_context(workflow) | changes_context(workflow, clocks=clocks) | {"can_comment": context["workflow_status"] != "archived"}
        )
        context |= change_context(variant, clocks)
        context |= comments_context(workflow, variant, lecture=request.GET.get("lecture", ""), clocks=clocks)
        context["decision"] = page_actions.decision(role=role, workflow=workflow, shown=variant, user=request.user)  # type: ignore[arg-type]
    return render(request, "generation/timetable_review.html", context)


def _has_just_ended(job: GenerationJob) -> bool:
    """The reason why there is no complete timetable is looked for after the end."""
    return job.finished_at is not None and timezone.now() - job.finished_at < timedelta(seconds=settings.JOB_EXPLAIN_S + 10)


def _review_action(request: HttpRequest, job: GenerationJob) -> HttpResponse:
    """One press of a button; what the workflow refuses is said on the page."""
    action = request.POST.get("action", "")
    if _role_at(request, job) not in page_actions.ROLES.get(action, ()):
        raise PermissionDenied
    try:
        notices.success(request, page_actions.perform(action, job=job, user=request.user, form=request.POST))  # type: ignore[arg-type]
    except Refusal as refusal:
        notices.error(request, str(refusal))
        request.session[DRAFT] = {name: request.POST[name][: page_actions.MAX_COMMENT] for name in TYPED if request.POST.get(name)}
    shown = {name: request.POST[name] for name in ("variant", "by", "key") if request.POST.get(name)}
    return redirect(f"{request.path}?{urlencode(shown)}{_anchor(action)}")


def _anchor(action: str) -> str:
    return "#comments-on-lectures" if action in ("comment", "resolve") else ""


def _history(workflow: Workflow | None) -> list[dict[str, Any]]:
    events = workflow.history.select_related("user", "variant").defer("variant__conflicts") if workflow is not None else []
    return [
        {"event": event, "words": labels.ACTIONS[event.action], "nobody": labels.NOBODY.get(event.action, labels.GONE)} for event in events
    ]


def _variant_shown(request: HttpRequest, variants: tuple[Variant, ...], workflow: Workflow | None) -> Variant | None:
    """The one in the address, else the one put forward, else the best."""
    asked = request.GET.get("variant", "")
    chosen = next((variant for variant in variants if str(variant.pk) == asked), None)
    if chosen is None and workflow is not None:
        chosen = next((variant for variant in variants if variant.pk == workflow.variant_id), None)
    return chosen or min(variants, key=lambda variant: (variant.hard, variant.soft), default=None)


def _grid_context(
    request: HttpRequest, variant: Variant, *, usual: By = "section", comments: Mapping[int, int] | None = None
) -> dict[str, Any]:
    """The week that the address names, or the first one of the usual kind."""
    choices = grid_choices(variant)
    by = next((each for each in BY if each == request.GET.get("by")), usual)
    keys: list[Choice] = choices[by]
    key = next((choice.key for choice in keys if choice.key == request.GET.get("key")), keys[0].key if keys else "")
    grid: Grid | None = grid_build(variant, by=by, key=key, comments=comments) if key else None
    return {
        "by": by,
        "by_words": BY_WORDS,
        "keys": keys,
        "key": key,
        "grid": grid,
        "num_lanes": sum(day.num_lanes for day in grid.days) if grid else 0,
        "exports": _exports(variant),
    }


def _exports(variant: Variant) -> dict[str, str]:
    """The files that can be taken away; the ITC-2007 one only where the data came as such."""
    is_ctt = variant.job.organization.source.get("format") == "ctt"
    return {kind: label for kind, label in labels.EXPORTS.items() if kind != "ctt" or is_ctt}


def _violations_context(request: HttpRequest, variant: Variant) -> dict[str, Any]:
    """Rules broken first, then the dearest wishes; those of one kind where the address names one."""
    kind = request.GET.get("kind", "")
    found = Conflicts(variant.pk, constraint=kind if kind in CONSTRAINTS else "")
    page = Paginator(found, VIOLATIONS_PER_PAGE).get_page(request.GET.get("violations"))
    naming = Naming(variant.job.organization_id)
    firsts = [row["lectures"][0] for row in page if row.get("lectures")]
    sections = dict(variant.entries.filter(lecture__in=firsts).values_list("lecture", "section"))
    return {
        "violations": page,
        "violation_rows": [_violation_row(violation_named(row, naming), sections) for row in page],
        "kind": kind if kind in CONSTRAINTS else "",
        "kind_words": constraint_label(kind) if kind in CONSTRAINTS else "",
    }


def _violation_row(row: dict[str, Any], sections: dict[int, str]) -> dict[str, Any]:
    lectures = row.get("lectures") or []
    return row | {
        "label": constraint_label(row["constraint"]),
        "amount_words": amount_words(row["constraint"], row["amount"]),
        "section": sections.get(lectures[0], "") if lectures else "",
    }


def _organization(request: HttpRequest) -> Organization:
    organization = organization_current(request)
    assert organization is not None, "the page's guard let nobody in without one"
    return organization


def _role_at(request: HttpRequest, job: GenerationJob) -> str | None:
    return role_at(request, job.organization_id)
