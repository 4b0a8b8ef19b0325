"""Waivers: what they cover, and what they do not."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User

from generation.errors import Invalid, Refusal
from generation.models import Variant, Workflow
from generation.review.gates import breaches_hard
from generation.review.waivers import waiver_make, waiver_withdraw
from generation.review.workflow import variant_select, workflow_approve, workflow_publish
from tests.factories import UserFactory, review_job
from tests.factories.generation import conflict

pytestmark = pytest.mark.django_db


@pytest.fixture
def workflow() -> Workflow:
    """In review: two rooms shared, and a lecture of two periods without a place."""
    job = review_job(workflow="in_review", num_variants=1)
    rows = [conflict("room_clash", 2, is_hard=True), conflict("unplaced", 2, is_hard=True), conflict("lunch", 3)]
    job.variants.update(hard=4, conflicts=rows)
    return Workflow.objects.select_related("variant", "job__organization").get(pk=job.pk)


@pytest.fixture
def dean() -> User:
    user: User = UserFactory()
    return user


def waive(workflow: Workflow, user: User, constraint: str = "room_clash", amount: int = 2) -> int:
    made = waiver_make(
        workflow=workflow, user=user, constraint=constraint, amount=amount, owner="Dean Nowak", reason="The hall is rebuilt."
    )
    return int(made.pk)


def test_confirmed_waivers_for_everything_let_it_be_approved_and_published(workflow: Workflow, dean: User) -> None:
    both = [waive(workflow, dean), waive(workflow, dean, "unplaced")]

    workflow_approve(workflow=workflow, user=dean, waivers=both)
    workflow_publish(workflow=workflow, user=dean)

    assert Workflow.objects.get(pk=workflow.pk).status == "published"
    assert {waiver.confirmed_by for waiver in workflow.waivers.all()} == {dean}
    assert [event.action for event in workflow.history.all()] == ["waive", "waive", "approve", "publish"]


def test_a_waiver_covers_only_its_own_rule(workflow: Workflow, dean: User) -> None:
    one = waive(workflow, dean)
    with pytest.raises(Refusal, match=r"breaks 2 hard constraints \(Lectures without a place: broken 2 times\), and no waiver covers them"):
        workflow_approve(workflow=workflow, user=dean, waivers=[one])


def test_a_waiver_covers_only_its_amount(workflow: Workflow, dean: User) -> None:
    some = [waive(workflow, dean, amount=1), waive(workflow, dean, "unplaced")]
    with pytest.raises(Refusal, match="breaks 1 hard constraint "):
        workflow_approve(workflow=workflow, user=dean, waivers=some)
    assert workflow_approve(workflow=workflow, user=dean, waivers=[*some, waive(workflow, dean, amount=1)]).status == "approved"


def test_an_unread_waiver_does_not_count_and_is_named(workflow: Workflow, dean: User) -> None:
    first, second = waive(workflow, dean), waive(workflow, dean, "unplaced")
    with pytest.raises(
        Refusal, match=rf"Not confirmed yet: waiver {second} \(Lectures without a place: broken 2 times, Dean Nowak\)\. Confirm"
    ):
        workflow_approve(workflow=workflow, user=dean, waivers=[first])


def test_an_edit_makes_waivers_void(workflow: Workflow, dean: User) -> None:
    both = [waive(workflow, dean), waive(workflow, dean, "unplaced")]
    Variant.objects.update(revision=1)
    with pytest.raises(Refusal, match="was changed after it was put forward"):
        workflow_approve(workflow=workflow, user=dean, waivers=both)

    again = variant_select(variant=Variant.objects.select_related("job").get(), user=dean)

    with pytest.raises(Refusal, match="breaks 4 hard constraints"):
        workflow_approve(workflow=again, user=dean, waivers=both)


def test_a_withdrawn_waiver_covers_nothing_and_is_not_withdrawn_twice(workflow: Workflow, dean: User) -> None:
    both = [waive(workflow, dean), waive(workflow, dean, "unplaced")]
    waiver = workflow.waivers.get(pk=both[0])
    waiver_withdraw(workflow=workflow, waiver=waiver, user=dean)
    with pytest.raises(Refusal, match="withdrawn already"):
        waiver_withdraw(workflow=workflow, waiver=waiver, user=dean)
    with pytest.raises(Refusal, match="breaks 2 hard"):
        workflow_approve(workflow=workflow, user=dean, waivers=both)


@pytest.mark.parametrize(
    ("field", "facts", "told"),
    [
        ("constraint", {"constraint": "instructor_clash"}, r"What can be waived: room_clash \(2\), unplaced \(2\)"),
        ("amount", {"amount": 3}, "between 1 and 2"),
        ("amount", {"amount": 0}, "between 1 and 2"),
        ("owner", {"owner": " "}, "Name who answers"),
        ("reason", {"reason": ""}, "Say why"),
    ],
)
def test_what_is_not_a_waiver_is_refused_by_its_field(
    workflow: Workflow, dean: User, field: str, facts: dict[str, object], told: str
) -> None:
    whole = {"constraint": "room_clash", "amount": 2, "owner": "Dean", "reason": "So."} | facts
    with pytest.raises(Invalid, match=told) as refused:
        waiver_make(workflow=workflow, user=dean, **whole)  # type: ignore[arg-type]
    assert refused.value.field == field


def test_a_lecture_without_a_place_counts_even_where_the_figures_say_nothing(dean: User) -> None:
    job = review_job(workflow="in_review", num_variants=1)
    job.variants.get().entries.filter(course="BIO").update(day=None, period=None, room="")
    assert breaches_hard(job.variants.get()) == {"unplaced": 2}
    with pytest.raises(Refusal, match="Lectures without a place: broken 2 times"):
        workflow_approve(workflow=job.workflow, user=dean)
