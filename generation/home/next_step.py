"""What the pages show, read for one institution at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Prefetch, QuerySet
from django.urls import reverse
from django.utils.http import urlencode

from academics import models as rows
from academics.models import Organization, Term
from academics.selectors import Role
from generation.models import GenerationJob, Variant, Workflow
from generation.review.inbox import Item
from generation.review.rejections import rejections_of
from generation.text import labels as words

Status = GenerationJob.Status


@dataclass(frozen=True, slots=True)
class Count:
    """A kind of data: how many there are, how many a timetable needs, where to enter them."""

    words: str
    number: int
    needed: int
    address: str

    @property
    def is_short(self) -> bool:
        return self.number < self.needed


@dataclass(frozen=True, slots=True)
class Step:
    """The one thing to do next."""

    title: str
    why: str
    button: str
    address: str


def data_counts(*, organization: Organization, term: Term | None) -> list[Count]:
    """What has been entered so far, in the order in which it is entered; one small count query each."""
    own = {"organization": organization}
    here = {"organization": organization, "term": term}

    def count(label: str, number: int, needed: int, model: str) -> Count:
        return Count(label, number, needed, f"/admin/academics/{model}/?organization__id__exact={organization.pk}")

    return [
        count("Periods a day", rows.Period.objects.filter(term=term).count() if term else 0, 1, "term"),
        count("Rooms", rows.Room.objects.filter(**own).count(), settings.JOB_MIN_ROOMS, "room"),
        count("Instructors", rows.Instructor.objects.filter(**own).count(), settings.JOB_MIN_INSTRUCTORS, "instructor"),
        count("Courses this term", rows.CourseOffering.objects.filter(**here).count(), settings.JOB_MIN_COURSES, "courseoffering"),
        count("Curricula", rows.Curriculum.objects.filter(**own).count(), 0, "curriculum"),
        count("Students", rows.Student.objects.filter(**own).count(), 0, "student"),
        count("Enrolments", rows.Enrolment.objects.filter(**own).count(), 0, "enrolment"),
    ]


def jobs_of(*, organization: Organization) -> QuerySet[GenerationJob]:
    """The institution's runs, newest first, with what a list row says; what is large stays behind."""
    related = GenerationJob.objects.filter(organization=organization).select_related("term", "requested_by", "workflow")
    small = Variant.objects.defer("conflicts", "certificate")
    return related.prefetch_related(Prefetch("variants", queryset=small)).defer(*GenerationJob.LARGE)


def job_last(*, organization: Organization) -> GenerationJob | None:
    return jobs_of(organization=organization).first()


def best_of(job: GenerationJob) -> Variant | None:
    return min(job.variants.all(), key=lambda variant: (variant.hard, variant.soft), default=None)


def shown_of(job: GenerationJob) -> Variant | None:
    """The variant that a list row is about: the one put forward, else the best."""
    found: Workflow | None = getattr(job, "workflow", None)
    if found is not None and Workflow._meta.get_field("variant").is_cached(found):
        return found.variant or best_of(job)
    forward = next((each for each in job.variants.all() if found and each.pk == found.variant_id), None)
    return forward or best_of(job)


def workflow_status(job: GenerationJob) -> str:
    """A completed run without a workflow row has not been put forward yet."""
    found: Workflow | None = getattr(job, "workflow", None)
    return str(found.status) if found else Workflow.Status.DRAFT


def job_address(job: GenerationJob) -> str:
    page = "timetable-review" if job.status == Status.COMPLETED else "timetable-status"
    return reverse(page, args=[job.pk])


def job_rows(jobs: list[GenerationJob]) -> list[dict[str, Any]]:
    """List rows in plain words; of what was sent back with the reason. One query more where there is such a row."""
    rejections = rejections_of(
        [job.pk for job in jobs if job.status == Status.COMPLETED and workflow_status(job) == Workflow.Status.REJECTED]
    )
    return [
        {
            "job": job,
            "status_words": words.STATUS[job.status],
            "workflow": workflow_status(job) if job.status == Status.COMPLETED else "",
            "workflow_words": words.WORKFLOW[workflow_status(job)],
            "rejection": rejections.get(job.pk),
            "best": best_of(job),
            "shown": shown_of(job),
            "percent": job.progress.get("overall_progress", 0) if job.status in GenerationJob.ACTIVE else None,
            "address": job_address(job),
        }
        for job in jobs
    ]


def published_job(*, organization: Organization, term: Term | None = None) -> GenerationJob | None:
    """What everybody may read: the newest published run."""
    jobs = GenerationJob.objects.filter(organization=organization, workflow__status=Workflow.Status.PUBLISHED)
    if term is not None:
        jobs = jobs.filter(term=term)
    related = jobs.select_related("term", "organization", "workflow__variant").defer(*GenerationJob.LARGE)
    return related.order_by("-workflow__updated_at").first()


def next_step(
    *,
    organization: Organization,
    role: str | None,
    has_term: bool,
    counts: list[Count],
    last: GenerationJob | None,
    waiting: Sequence[Item],
) -> Step:
    """The one button of the home page."""
    if role == Role.ADMIN:
        return _step_of_administrator(counts, last) if has_term else _step_without_term(organization)
    if role == Role.REVIEWER:
        if waiting:
            return Step(
                "A timetable waits for your decision",
                "Compare its variants, then approve it or send it back.",
                "Review",
                waiting[0].address,
            )
        return Step(
            "Nothing waits for you",
            "You will find timetables here once somebody puts one forward.",
            "See all timetables",
            reverse("timetables"),
        )
    if published_job(organization=organization) is None:
        why = "You will find the timetable here once it is approved. Until then ask your timetable office."
        return Step("Nothing is published yet", why, "See where it will be", reverse("published"))
    why = "By section, instructor, room or curriculum."
    return Step("The timetable is ready to read", why, "See the published timetable", reverse("published"))


def _step_without_term(organization: Organization) -> Step:
    """Courses, sections and availability all stand in a term, so it comes first."""
    here = urlencode({"_changelist_filters": f"organization__id__exact={organization.pk}"})
    why = "Begin with the term: its days, its periods and their clock times. Rooms, people and courses come next, in the order below."
    return Step("Enter the term", why, "Add a term", f"/admin/academics/term/add/?{here}")


def _step_of_administrator(counts: list[Count], last: GenerationJob | None) -> Step:
    short = next((count for count in counts if count.is_short), None)
    if short is not None:
        why = f"{short.words}: {short.number} entered, at least {short.needed} needed before a timetable can be made."
        return Step("Enter the term's data", why, f"Enter {short.words.lower()}", short.address)
    new = reverse("timetable-new")
    if last is None:
        return Step("Make the first timetable", "The data is in. A first run takes about a minute.", "New timetable", new)
    return _step_after(last, new)


def _step_after(last: GenerationJob, new: str) -> Step:
    if last.status in GenerationJob.ACTIVE:
        return Step("A timetable is being made", "Watch it, or stop it and keep the best so far.", "Watch the run", job_address(last))
    if last.status == Status.FAILED:
        return Step("The last run failed", last.error or "No reason was recorded.", "See what to do", job_address(last))
    if last.status == Status.CANCELLED:
        return Step("The last run was cancelled", "Nothing of it was kept.", "New timetable", new)
    review = reverse("timetable-review", args=[last.pk])
    readers = "everybody" if last.organization.is_public else "your institution's members"
    return {
        Workflow.Status.IN_REVIEW: Step("A timetable is in review", "The reviewer has not decided yet.", "Open it", review),
        Workflow.Status.APPROVED: Step("A timetable is approved", f"Publish it, and {readers} can read it.", "Open and publish", review),
        Workflow.Status.REJECTED: Step(
            "The reviewer sent it back", "Read the comment, fix the data, and make a new one.", "Read the comment", review
        ),
        Workflow.Status.PUBLISHED: Step(
            "The timetable is published", f"{readers[0].upper()}{readers[1:]} can read it.", "See it", reverse("published")
        ),
        Workflow.Status.ARCHIVED: Step("Make a new timetable", "The last one was replaced.", "New timetable", new),
    }.get(
        Workflow.Status(workflow_status(last)),
        Step("Variants are ready", "Compare them and put the best one forward.", "Review the variants", review),
    )
