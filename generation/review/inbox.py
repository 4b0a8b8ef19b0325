"""What waits for somebody: timetables that cannot go on without a person in this role."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils.http import urlencode

from academics.models import Membership, Organization
from academics.selectors import Role
from generation.models import GenerationJob, Variant, Workflow, WorkflowEvent
from generation.review.changes import moves_counted
from generation.text import labels as words

Status = Workflow.Status
MOST_ITEMS = 50


@dataclass(frozen=True)
class Item:
    """A timetable that waits, with what helps to decide which to open first."""

    workflow: Workflow
    job: GenerationJob
    variant: Variant
    forward: WorkflowEvent | None
    """Who put it forward, and when."""
    last: WorkflowEvent | None
    """What was done last."""
    to_do: str
    num_open_comments: int
    num_moved: int | None
    """Lectures that stand elsewhere than when it was last put forward; None at a first review."""

    @property
    def address(self) -> str:
        return reverse("timetable-review", args=[self.job.pk])

    @property
    def words(self) -> str:
        return words.WORKFLOW[self.workflow.status]


def inbox_workflows(*, organization: Organization, role: str | None, user: User) -> QuerySet[Workflow]:
    """What waits for the user there: a decision for reviewers and administrators; publication, and what was sent back, for administrators.

    Where two people decide, what somebody put forward waits for others. What a later timetable of the term overtook waits for nobody.
    """
    return _waiting([(organization, role)], user)


def _waiting(places: Sequence[tuple[Organization, str | None]], user: User) -> QuerySet[Workflow]:
    """What waits for the user in these roles there."""
    found = Workflow.objects.filter(variant__isnull=False)
    if any(organization.needs_two_people for organization, _ in places):
        forwards = WorkflowEvent.objects.filter(workflow=OuterRef("pk"), action="select").order_by("-created_at", "-id")
        found = found.annotate(forward_by=Subquery(forwards.values("user")[:1]))
    wanted = [
        Q(organization=organization) & _sought(organization, role, user)
        for organization, role in places
        if role in (Role.ADMIN, Role.REVIEWER)
    ]
    return found.filter(reduce(or_, wanted)) if wanted else found.none()


def _sought(organization: Organization, role: str | None, user: User) -> Q:
    sought = Q(status=Status.IN_REVIEW)
    if organization.needs_two_people:
        sought &= ~Q(forward_by=user.pk) | Q(forward_by=None)
    if role == Role.ADMIN:
        sought |= Q(status=Status.APPROVED) & ~Q(_overtaken(Status.PUBLISHED))
        sought |= Q(status=Status.REJECTED) & ~Q(_overtaken(Status.IN_REVIEW, Status.APPROVED, Status.PUBLISHED))
        sought |= Q(status=Status.IN_REVIEW) & ~Q(variant__revision=F("revision"))
    return sought


def _overtaken(*by: str) -> Exists:
    later = Workflow.objects.filter(
        organization=OuterRef("organization"), term=OuterRef("term"), status__in=by, updated_at__gt=OuterRef("updated_at")
    )
    return Exists(later.exclude(pk=OuterRef("pk")))


def inbox_count(*, organization: Organization, role: str | None, user: User) -> int:
    """How many wait. One query, or none for viewers."""
    return inbox_workflows(organization=organization, role=role, user=user).count() if role in (Role.ADMIN, Role.REVIEWER) else 0


@dataclass(frozen=True)
class Elsewhere:
    """Another institution of the user's, and how much waits there."""

    organization: Organization
    number: int

    @property
    def words(self) -> str:
        return "1 timetable waits for you" if self.number == 1 else f"{self.number:,} timetables wait for you"

    @property
    def address(self) -> str:
        return f"{reverse('inbox')}?{urlencode({'organization': self.organization.code})}"


def inbox_elsewhere(*, organization: Organization, user: User | AnonymousUser) -> list[Elsewhere]:
    """Where else something waits for a member who decides there, the most first. Two queries; one for whoever is of one institution."""
    if isinstance(user, AnonymousUser):
        return []
    deciding = Membership.objects.filter(user=user, role__in=(Role.ADMIN, Role.REVIEWER)).exclude(organization=organization)
    places = [(each.organization, Role.ADMIN if user.is_superuser else each.role) for each in deciding.select_related("organization")]
    if not places:
        return []
    counts = dict(_waiting(places, user).order_by().values_list("organization").annotate(Count("pk")))
    found = [Elsewhere(place, counts[place.pk]) for place, _ in places if place.pk in counts]
    return sorted(found, key=lambda each: (-each.number, each.organization.name))


def inbox_items(*, organization: Organization, role: str | None, user: User, most: int = MOST_ITEMS) -> list[Item]:
    """The newest first. Five queries, however many there are."""
    open_threads = Count("comments", filter=Q(comments__thread=None, comments__resolved_at=None))
    found = inbox_workflows(organization=organization, role=role, user=user).annotate(num_open=open_threads)
    large = ("variant__conflicts", "variant__certificate", *(f"job__{name}" for name in GenerationJob.LARGE))
    related = found.select_related("variant", "job__term", "job__requested_by").defer(*large)
    steps = WorkflowEvent.objects.select_related("user").exclude(action__in=("waive", "withdraw"))
    related = related.prefetch_related(Prefetch("history", queryset=steps, to_attr="steps"))
    workflows = list(related.order_by("-updated_at")[:most])
    moved = moves_counted({workflow: _events(workflow) for workflow in workflows})
    return [_item(workflow, role, moved.get(workflow.pk)) for workflow in workflows]


def _events(workflow: Workflow) -> list[WorkflowEvent]:
    found: list[WorkflowEvent] = workflow.steps  # type: ignore[attr-defined]  # prefetched
    return found


def _item(workflow: Workflow, role: str | None, num_moved: int | None) -> Item:
    assert workflow.variant is not None, "only those with a variant were asked for"
    events = _events(workflow)
    return Item(
        workflow=workflow,
        job=workflow.job,
        variant=workflow.variant,
        forward=next((event for event in reversed(events) if event.action == "select"), None),
        last=events[-1] if events else None,
        to_do=_to_do(workflow, role),
        num_open_comments=workflow.num_open,  # type: ignore[attr-defined]  # annotated
        num_moved=num_moved,
    )


def _to_do(workflow: Workflow, role: str | None) -> str:
    assert workflow.variant is not None
    if workflow.status in (Status.IN_REVIEW, Status.APPROVED) and workflow.variant.revision != workflow.revision:
        return "Put it forward again" if role == Role.ADMIN else "Wait until it is put forward again, or send it back"
    if workflow.status == Status.IN_REVIEW:
        return "Approve it or send it back"
    if workflow.status == Status.APPROVED:
        return "Publish it"
    return "Fix what the reviewer names, and put it forward again"
