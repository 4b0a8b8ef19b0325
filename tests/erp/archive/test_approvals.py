"""What an archive may claim of approvals: what contradicts itself is refused, and the rest says that it was taken over."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from academics.models import Organization
from erp.archive.messages import ArchiveRefusal, ForbiddenArchive
from erp.archive.overview import members_known
from erp.archive.reading import archive_document, archive_read
from erp.archive.writing import archive_write
from generation.errors import Refusal
from generation.models import TakenOver, Workflow
from generation.review.workflow import variant_select, workflow_approve, workflow_publish
from tests.clients import text_of
from tests.factories import OrganizationFactory, UserFactory, member
from tests.factories.archives import sealed
from tests.factories.editing import editable_variant

pytestmark = pytest.mark.django_db
Archive = dict[str, Any]


def read(archive: Archive, *, reader: Any = None, code: str = "copy", replace: bool = False) -> Organization:
    document = archive_document(data=sealed(archive).encode(), file="a.json")
    return archive_read(document=document, file="a.json", code=code, replace=replace, make_users=reader is None, reader=reader)


@pytest.fixture
def published() -> Workflow:
    """Put forward by one, approved by another, published."""
    variant = editable_variant()
    organization = variant.job.organization
    Organization.objects.filter(pk=organization.pk).update(needs_two_people=True, is_public=True)
    organization.refresh_from_db()
    registrar, dean = member(organization, "admin", username="registrar"), member(organization, "reviewer", username="dean")
    member(organization, "viewer", username="student")
    workflow = variant_select(variant=variant, user=registrar)
    workflow_approve(workflow=workflow, user=dean)
    return workflow_publish(workflow=workflow, user=registrar)


@pytest.fixture
def archive(published: Workflow) -> Archive:
    found: Archive = json.loads("".join(archive_write(organization=published.job.organization)))
    return found


def put(archive: Archive, table: str, row: int, **values: Any) -> None:
    content = archive["tables"][f"generation.{table}"]
    for column, value in values.items():
        content["rows"][row - 1][content["columns"].index(column)] = value


def approved_before(archive: Archive) -> None:
    """Without the last step."""
    del archive["tables"]["generation.workflowevent"]["rows"][2]
    put(archive, "workflow", 1, status="approved")


def without_approval(archive: Archive) -> None:
    approved_before(archive)
    del archive["tables"]["generation.workflowevent"]["rows"][1]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (without_approval, r"workflow, row 1, column status: 'approved' is not allowed: its history .* ends with 'in_review'"),
        (
            lambda each: put(each, "workflowevent", 2, user_id=None),
            "workflowevent, row 2, column user_id: None is not allowed: an app",
        ),
        (
            lambda each: put(each, "workflowevent", 2, user_id="student", gates={}),
            "row 2, column user_id: 'student' is not allowed: the role is 'viewer', and admin or reviewer approves",
        ),
        (lambda each: put(each, "workflowevent", 2, gates={"role": "viewer"}), "the role is 'viewer'"),
        (lambda each: put(each, "workflowevent", 2, user_id="registrar"), "row 2, column user_id: 'registrar' .* the same person"),
        (lambda each: put(each, "workflowevent", 2, created_at="2999-01-01T00:00:00+00:00"), "column created_at: .* yet to come"),
        (lambda each: put(each, "workflowevent", 2, action="select"), "row 2, column to_status: 'approved' .* leads to 'in_review'"),
        (lambda each: put(each, "workflowevent", 2, revision=7), "workflow, row 1, column revision: '0' .* the approval is of 7"),
        (lambda each: put(each, "variant", 1, revision=7), "variant, row 1, column revision: 7 .* revision 0 was published"),
        (lambda each: put(each, "entry", 1, day=None, period=None), "variant, row 1, column hard: .* breaks"),
        (lambda each: put(each, "variant", 1, certificate={"problem_hash": "0" * 64}), "column certificate: .* problem_hash is not that"),
        (lambda each: put(each, "workflow", 1, status="archived"), "workflow, row 1, column status: 'archived'"),
    ],
)
def test_an_approval_that_contradicts_itself_is_refused_by_row_and_column(
    archive: Archive, change: Callable[[Archive], None], words: str
) -> None:
    change(archive)

    with pytest.raises(ArchiveRefusal, match=words):
        read(archive)

    assert not Organization.objects.filter(code="copy").exists()


def test_an_approval_with_broken_rules_needs_its_confirmed_waiver(archive: Archive) -> None:
    put(archive, "variant", 1, hard=1, certificate={}, conflicts=[])  # as another release may have judged it

    with pytest.raises(ArchiveRefusal, match="variant, row 1, column hard: 1 is not allowed: it is published and breaks 'unnamed' 1 times"):
        read(archive)


def test_what_was_read_says_so_wherever_its_approval_matters(archive: Archive, published: Workflow) -> None:
    root = UserFactory(is_superuser=True, username="root")
    copy = read(archive, reader=root)
    job, client = copy.jobs.get(), Client()
    client.force_login(root)
    words = "Taken over from an archive read by root on "

    assert words in text_of(client.get(f"/admin/timetables/{job.pk}/review"))
    workflow = client.get(f"/api/timetable/workflows/{job.pk}/").json()
    assert (workflow["taken_over"]["read_by"], workflow["history"][1]["user"]) == ("root", "dean")
    assert words in workflow["selected_variant"]["certificate"]["taken_over"]["detail"]
    assert "root,took over from an archive," in text_of(client.get(f"/api/timetable/workflows/{job.pk}/history/?as=csv"))
    page = f"/timetables/{copy.code}/"
    assert words in text_of(client.get(page))
    assert words not in text_of(Client().get(page)), "who reads what is published is not told of archives"
    assert client.get(f"/api/timetable/workflows/{published.pk}/").json()["taken_over"] is None
    again = json.loads("".join(archive_write(organization=copy)))
    assert again["tables"]["generation.workflowevent"]["rows"] != []
    assert "generation.takenover" not in again["tables"]


def test_who_approved_keeps_the_name_when_the_account_is_gone_or_was_never_here(archive: Archive, published: Workflow) -> None:
    for name in ("registrar", "dean"):
        published.history.model.objects.get(workflow=published, action={"registrar": "select", "dean": "approve"}[name]).user.delete()
    gone = json.loads("".join(archive_write(organization=published.job.organization)))

    copy = read(gone)

    events = Workflow.objects.get(organization=copy).history.exclude(action="take_over")
    assert [event.user_name for event in events] == ["registrar", "dean", "registrar"]


def test_whoever_read_it_does_not_approve_what_two_people_decide(archive: Archive) -> None:
    del archive["tables"]["generation.workflowevent"]["rows"][1:]
    put(archive, "workflow", 1, status="in_review")
    root = UserFactory(is_superuser=True)
    copy = read(archive, reader=root)
    workflow = Workflow.objects.select_related("variant", "job__organization").get(organization=copy)

    with pytest.raises(Refusal, match="You read this timetable from an archive"):
        workflow_approve(workflow=workflow, user=root)

    assert workflow_approve(workflow=workflow, user=member(copy, "reviewer")).status == "approved"


def test_only_who_may_publish_reads_what_is_published(archive: Archive) -> None:
    target = OrganizationFactory(code="copy")

    with pytest.raises(ForbiddenArchive, match="you may not publish at 'copy'"):
        read(archive, reader=member(target, "reviewer"))

    assert not TakenOver.objects.exists()
    read(archive, reader=member(target, "admin"))
    assert Workflow.objects.filter(organization=target, status="published").exists()


def test_accounts_of_other_institutions_are_not_told_and_not_used(archive: Archive) -> None:
    target = OrganizationFactory(code="copy")
    reader = member(target, "admin")

    assert members_known(members=["registrar", "dean", reader.username], reader=reader) == [reader.username]
    read(archive, reader=reader)
    assert not target.memberships.filter(user__username="dean").exists()
    event = Workflow.objects.get(organization=target).history.get(action="approve")
    assert (event.user, event.user_name) == (None, "dean")
