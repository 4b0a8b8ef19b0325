"""The way of a variant to publication."""

import pytest
from django.db.models import RestrictedError
from django.utils import timezone

from generation.errors import Invalid, Refusal
from generation.models import Workflow
from generation.review.workflow import variant_select, workflow_approve, workflow_publish, workflow_reject
from tests.factories import UserFactory, review_job
from tests.factories.generation import conflict

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def test_selecting_puts_a_variant_in_review_and_records_who() -> None:
    job, user = review_job(), UserFactory()
    workflow = variant_select(variant=job.variants.all()[1], user=user)
    assert workflow.status == "in_review"
    assert [variant.is_selected for variant in job.variants.all()] == [False, True, False]
    event = workflow.history.get()
    assert (event.action, event.from_status, event.to_status, event.user, event.variant) == (
        "select",
        "draft",
        "in_review",
        user,
        workflow.variant,
    )


def test_selecting_the_variant_in_review_again_changes_nothing() -> None:
    job, user = review_job(), UserFactory()
    for _ in range(2):
        workflow = variant_select(variant=job.variants.get(index=0), user=user)
    assert workflow.history.count() == 1


def test_another_variant_cannot_replace_one_in_review() -> None:
    job, user = review_job(), UserFactory()
    variant_select(variant=job.variants.get(index=0), user=user)
    with pytest.raises(Refusal, match="in review"):
        variant_select(variant=job.variants.get(index=1), user=user)
    assert [variant.is_selected for variant in job.variants.all()] == [True, False, False]


def test_after_a_rejection_another_variant_can_be_put_forward() -> None:
    job, user = review_job(workflow="in_review"), UserFactory()
    workflow_reject(workflow=job.workflow, user=user, comments="Too many gaps.")
    workflow = variant_select(variant=job.variants.get(index=2), user=user)
    assert (workflow.status, workflow.variant.index) == ("in_review", 2)
    assert [event.comment for event in workflow.history.all()] == ["Too many gaps.", ""]


def test_variant_of_an_unfinished_job_is_not_put_forward() -> None:
    job = review_job(status="running")
    with pytest.raises(Refusal, match="running"):
        variant_select(variant=job.variants.first(), user=UserFactory())
    assert not Workflow.objects.exists()


def test_approving_twice_is_refused_and_leaves_one_event() -> None:
    job, user = review_job(workflow="in_review"), UserFactory()
    workflow_approve(workflow=job.workflow, user=user, comments="Good.")
    with pytest.raises(Refusal, match="approved"):
        workflow_approve(workflow=Workflow.objects.get(pk=job.pk), user=user)
    assert job.workflow.history.count() == 1


def test_who_read_an_older_status_is_refused() -> None:
    job, user = review_job(workflow="in_review"), UserFactory()
    older = Workflow.objects.get(pk=job.pk)
    workflow_reject(workflow=job.workflow, user=user, comments="No.")
    with pytest.raises(Refusal, match="rejected"):
        workflow_approve(workflow=older, user=user)
    assert Workflow.objects.get(pk=job.pk).status == "rejected"


def test_who_read_another_variant_is_refused() -> None:
    job, user = review_job(workflow="in_review"), UserFactory()
    older = Workflow.objects.get(pk=job.pk)
    Workflow.objects.filter(pk=job.pk).update(variant=job.variants.get(index=1))
    with pytest.raises(Refusal):
        workflow_approve(workflow=older, user=user)


def test_variant_with_hard_violations_is_not_approved_and_the_counts_are_named() -> None:
    job = review_job(workflow="in_review")
    job.variants.filter(index=0).update(
        hard=3, conflicts=[conflict("room_clash", 1, is_hard=True), conflict("room_clash", 2, is_hard=True)]
    )
    with pytest.raises(Refusal, match=r"breaks 3 hard constraints \(Rooms with two lectures at once: broken 3 times\)"):
        workflow_approve(workflow=Workflow.objects.get(pk=job.pk), user=UserFactory())


@pytest.mark.parametrize("comments", ["", "  \n"])
def test_rejecting_needs_a_comment(comments: str) -> None:
    job = review_job(workflow="in_review")
    with pytest.raises(Invalid):
        workflow_reject(workflow=job.workflow, user=UserFactory(), comments=comments)
    assert Workflow.objects.get(pk=job.pk).status == "in_review"


def test_publishing_archives_the_earlier_timetable_of_the_same_term_only() -> None:
    first = review_job(workflow="published")
    other_term = review_job(organization=first.organization, workflow="published")
    elsewhere = review_job(workflow="published")
    second = review_job(organization=first.organization, term=first.term, workflow="approved")
    workflow_publish(workflow=second.workflow, user=UserFactory())
    statuses = {workflow.pk: workflow.status for workflow in Workflow.objects.all()}
    assert [statuses[job.pk] for job in (first, second, other_term, elsewhere)] == ["archived", "published", "published", "published"]
    assert f"{timezone.localtime(second.created_at):%b %Y, %H:%M}" in first.workflow.history.get().comment


def test_only_what_is_approved_is_published() -> None:
    job = review_job(workflow="in_review")
    with pytest.raises(Refusal, match="published only while it is approved"):
        workflow_publish(workflow=job.workflow, user=UserFactory())


def test_organization_goes_with_its_timetables_but_a_published_variant_does_not_go_alone() -> None:
    job = review_job(workflow="published")
    with pytest.raises(RestrictedError):
        job.variants.get(index=0).delete()
    job.organization.delete()
    assert not Workflow.objects.exists()


def test_what_was_sent_back_goes_forward_as_it_was_only_with_an_answer() -> None:
    job, user = review_job(num_variants=2), UserFactory()
    workflow = variant_select(variant=job.variants.get(index=0), user=user)
    workflow_reject(workflow=workflow, user=user, comments="Drama is too late.")
    with pytest.raises(Refusal, match="“Drama is too late"):
        variant_select(variant=job.variants.get(index=0), user=user)

    assert variant_select(variant=job.variants.get(index=0), user=user, comments="The hall is free only then.").status == "in_review"


def test_nothing_changed_where_an_edit_was_taken_back_and_in_an_identical_variant_or_copy() -> None:
    job, user = review_job(num_variants=2), UserFactory()
    first, second = job.variants.all()
    for mine, other in zip(first.entries.order_by("lecture"), second.entries.order_by("lecture"), strict=True):
        other.day = mine.day
        other.save()
    workflow_reject(workflow=variant_select(variant=first, user=user), user=user, comments="No.")
    job.variants.update(revision=2)
    copy = review_job(num_variants=1, organization=job.organization, term=job.term, origin={"job_id": str(job.pk)})
    for variant in (*job.variants.all(), copy.variants.get()):
        with pytest.raises(Refusal, match="has not changed since it was sent back"):
            variant_select(variant=variant, user=user)

    second.entries.filter(lecture=3).update(room="R9")

    assert variant_select(variant=job.variants.get(index=1), user=user).status == "in_review"
