"""Reads of variants and workflows, narrowed to what the caller may see.

Administrators and reviewers read everything of their organization; viewers read what is published.
A known object in the wrong role is `PermissionDenied`, another organization's is `Http404`.
"""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Value
from django.http import Http404

from academics.ids import uuid_read
from academics.models import Membership
from academics.selectors import User, organizations_visible, role_in
from generation.models import Entry, GenerationJob, Variant, Workflow
from generation.text import messages
from generation.timetable.job_selectors import READERS

PUBLISHED = Q(job__workflow__status=Workflow.Status.PUBLISHED, job__workflow__variant_id=F("pk"))


def variants_visible(*, user: User) -> QuerySet[Variant]:
    """Every variant of the organizations where the user reads, and the published ones elsewhere."""
    visible = organizations_visible(user=user)
    variants = Variant.objects.filter(job__organization__in=visible)
    if isinstance(user, AnonymousUser) or user.is_superuser:
        return variants  # nobody's organizations are none
    read = visible.filter(memberships__user=user, memberships__role__in=READERS)
    return variants.filter(Q(job__organization__in=read) | PUBLISHED)


def variant_get(*, user: User, variant_id: str | UUID, roles: tuple[str, ...] = READERS, or_published: bool = False) -> Variant:
    """One variant, for somebody with one of these roles; with ``or_published`` a published one for everybody of its organization."""
    found = Variant.objects.select_related("job__organization", "job__term").defer("conflicts").filter(pk=uuid_or_404(variant_id)).first()
    if found is None:
        raise Http404(messages.NO_SUCH_VARIANT)
    role = role_in(user=user, organization_id=found.job.organization_id)
    if role is None:
        raise Http404(messages.NO_SUCH_VARIANT)
    if role not in roles and not (or_published and Variant.objects.filter(PUBLISHED, pk=found.pk).exists()):
        raise PermissionDenied(messages.role_needed(roles))
    return found


def workflow_get(*, user: User, job_id: str | UUID, roles: tuple[str, ...] = READERS) -> Workflow:
    """The job's workflow, an unsaved draft where nothing has been put forward yet."""
    job = GenerationJob.objects.select_related("organization", "term").filter(pk=uuid_or_404(job_id)).first()
    if job is None:
        raise Http404(messages.NO_SUCH_WORKFLOW)
    role = role_in(user=user, organization_id=job.organization_id)
    if role is None:
        raise Http404(messages.NO_SUCH_WORKFLOW)
    workflow = Workflow.objects.select_related("variant").filter(pk=job.pk).first() or Workflow(job=job)
    workflow.job = job
    if workflow.variant is not None:
        workflow.variant.job = job
    if role not in roles:
        raise PermissionDenied(messages.role_needed(roles))
    return workflow


def is_reader(*, user: User, variant: Variant) -> bool:
    """Whether the user may read what concerns single people: who clashes, who dislikes what, what reviewers said."""
    return role_in(user=user, organization_id=variant.job.organization_id) in READERS


def with_is_read(variants: QuerySet[Variant], *, user: User) -> QuerySet[Variant]:
    """The variants, each with `is_reader` of it as ``is_read``."""
    if isinstance(user, AnonymousUser) or user.is_superuser:
        return variants.annotate(is_read=Value(not isinstance(user, AnonymousUser)))
    mine = Membership.objects.filter(user=user, role__in=READERS, organization=OuterRef("job__organization"))
    return variants.annotate(is_read=Exists(mine))


def workflows_published(*, user: User) -> QuerySet[Workflow]:
    """The published timetables of the user's organizations."""
    workflows = Workflow.objects.filter(status=Workflow.Status.PUBLISHED, job__organization__in=organizations_visible(user=user))
    return workflows.select_related("variant", "job__organization", "job__term").order_by("job__organization__name", "-updated_at")


def entries_published(*, user: User, organization: str = "", term: str = "") -> QuerySet[Entry]:
    """The lectures of published timetables, with both codes. A code that the user does not belong to is `Http404`."""
    workflows = workflows_published(user=user)
    if organization:
        if not organizations_visible(user=user).filter(code=organization).exists():
            raise Http404(messages.no_such_organization(organization))
        workflows = workflows.filter(job__organization__code=organization)
    if term:
        workflows = workflows.filter(job__term__code=term)
    # The two codes alone: variants and runs have columns of megabytes, which would come with each of their lectures.
    return Entry.objects.filter(variant__in=workflows.order_by().values("variant")).annotate(
        organization_code=F("variant__job__organization__code"), term_code=F("variant__job__term__code")
    )


def uuid_or_404(text: str | UUID) -> UUID:
    found = uuid_read(text)
    if found is None:
        raise Http404(messages.malformed_id(str(text)))
    return found
