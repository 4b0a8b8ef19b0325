"""What keeps a variant from being approved or published, beside broken rules."""

from __future__ import annotations

import pytest

from generation.errors import Refusal
from generation.models import Variant, Workflow
from generation.review.changes import changes_since_review
from generation.review.waivers import waiver_make
from generation.review.workflow import variant_select, workflow_approve, workflow_publish, workflow_reject
from tests.factories import UserFactory, member, review_job
from tests.factories.generation import conflict

pytestmark = pytest.mark.django_db


def forward(job: object, user: object) -> Workflow:
    variant = Variant.objects.select_related("job__organization").get(job=job, index=0)
    return variant_select(variant=variant, user=user)  # type: ignore[arg-type]


def test_an_edit_after_putting_forward_stops_approval_until_it_is_put_forward_again() -> None:
    job, user = review_job(), UserFactory()
    workflow = forward(job, user)
    job.variants.filter(index=0).update(revision=3)
    with pytest.raises(Refusal, match=r"revision 3, put forward was 0"):
        workflow_approve(workflow=workflow, user=user)

    workflow = forward(job, user)

    assert (workflow.status, workflow.revision, workflow.history.count()) == ("in_review", 3, 2)
    assert workflow_approve(workflow=workflow, user=user).status == "approved"


def test_an_edit_after_approval_stops_publication_and_can_be_put_forward_again() -> None:
    job, user = review_job(), UserFactory()
    workflow = workflow_approve(workflow=forward(job, user), user=user)
    job.variants.filter(index=0).update(revision=1)
    with pytest.raises(Refusal, match="was changed after it was put forward"):
        workflow_publish(workflow=workflow, user=user)

    assert forward(job, user).status == "in_review"


def test_an_approved_variant_as_it_is_is_not_put_forward_again() -> None:
    job, user = review_job(), UserFactory()
    workflow_approve(workflow=forward(job, user), user=user)
    with pytest.raises(Refusal, match="approved"):
        forward(job, user)


def test_who_read_another_revision_is_told_to_look_again() -> None:
    job, user = review_job(), UserFactory()
    workflow = forward(job, user)
    job.variants.filter(index=0).update(revision=1)
    workflow = forward(job, user)
    with pytest.raises(Refusal, match="while you read revision 0"):
        workflow_approve(workflow=workflow, user=user, revision=0)


def test_where_two_people_decide_who_put_it_forward_does_not_approve() -> None:
    job = review_job(organization__needs_two_people=True)
    registrar, colleague = member(job.organization, "admin"), member(job.organization, "reviewer")
    workflow = forward(job, registrar)
    with pytest.raises(Refusal, match="two different people"):
        workflow_approve(workflow=workflow, user=registrar)
    assert workflow_approve(workflow=workflow, user=colleague).status == "approved"


def test_where_two_people_decide_who_wrote_the_waiver_does_not_confirm_it() -> None:
    job = review_job(organization__needs_two_people=True)
    registrar, colleague = member(job.organization, "admin"), member(job.organization, "reviewer")
    job.variants.update(hard=1, conflicts=[conflict("room_clash", 1, is_hard=True)])
    workflow = forward(job, registrar)
    waiver = waiver_make(workflow=workflow, user=colleague, constraint="room_clash", amount=1, owner="Dean", reason="So.")
    with pytest.raises(Refusal, match="You wrote a waiver"):
        workflow_approve(workflow=workflow, user=colleague, waivers=[waiver.pk])


def test_what_moved_since_the_last_review_is_told() -> None:
    job, user = review_job(), UserFactory()
    workflow = forward(job, user)
    assert changes_since_review(workflow, most=9) is None
    workflow_reject(workflow=workflow, user=user, comments="Drama is too late.")
    job.variants.get(index=0).entries.filter(course="DRA").update(day=2, period=0)
    job.variants.filter(index=0).update(revision=1)

    after_rejection = changes_since_review(Workflow.objects.get(pk=job.pk), most=9)
    in_review = changes_since_review(forward(job, user), most=9)

    for changes in (after_rejection, in_review):
        assert changes is not None
        assert changes.num_moves == 1
        (move,) = changes.moves
        assert move.first is not None
        assert move.second is not None
        assert (move.either.section, move.first.place, move.second.place) == ("DRA-1", (4, 3, "R2"), (2, 0, "R2"))
