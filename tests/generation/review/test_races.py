"""Two people who decide at the same moment: one wins, the other is told."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from generation.errors import Refusal
from generation.models import Workflow
from generation.review.workflow import variant_select, workflow_approve, workflow_publish, workflow_reject
from tests.factories import UserFactory, review_job
from tests.processes import SOON_S

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]


def at_once(*decisions: Callable[[], object]) -> list[str]:
    """Runs each decision in a thread of its own, started together."""
    barrier = Barrier(len(decisions))

    def decide(decision: Callable[[], object]) -> str:
        barrier.wait(timeout=SOON_S)
        try:
            decision()
            return "done"
        except Refusal:
            return "refused"
        finally:
            connection.close()

    with ThreadPoolExecutor(len(decisions)) as threads:
        return sorted(threads.map(decide, decisions))


def test_approved_and_rejected_at_once_is_one_of_the_two() -> None:
    job, user = review_job(workflow="in_review"), UserFactory()
    copies = [Workflow.objects.select_related("variant", "job").get(pk=job.pk) for _ in range(4)]
    outcome = at_once(
        lambda: workflow_approve(workflow=copies[0], user=user),
        lambda: workflow_reject(workflow=copies[1], user=user, comments="No."),
        lambda: workflow_approve(workflow=copies[2], user=user),
        lambda: workflow_reject(workflow=copies[3], user=user, comments="No."),
    )
    assert outcome == ["done", "refused", "refused", "refused"]
    (event,) = Workflow.objects.get(pk=job.pk).history.all()
    assert event.to_status == Workflow.objects.get(pk=job.pk).status


def test_two_variants_put_forward_at_once_leave_one_selected() -> None:
    job, user = review_job(num_variants=2, workflow="draft"), UserFactory()
    first, second = job.variants.select_related("job")
    outcome = at_once(lambda: variant_select(variant=first, user=user), lambda: variant_select(variant=second, user=user))
    assert outcome == ["done", "refused"]
    assert job.variants.get(is_selected=True).pk == Workflow.objects.get(pk=job.pk).variant_id


def test_published_at_once_leaves_one_published() -> None:
    first = review_job(num_variants=1, workflow="approved")
    others = [review_job(num_variants=1, organization=first.organization, term=first.term, workflow="approved") for _ in range(2)]
    user = UserFactory()
    workflows = [Workflow.objects.select_related("job").get(pk=job.pk) for job in (first, *others)]
    outcome = at_once(*(lambda workflow=workflow: workflow_publish(workflow=workflow, user=user) for workflow in workflows))
    assert outcome == ["done", "done", "done"]
    assert sorted(Workflow.objects.values_list("status", flat=True)) == ["archived", "archived", "published"]
