"""Who may see which jobs, and the row as a progress record."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser

from academics.models import Membership
from generation.models import GenerationJob
from generation.timetable.job_selectors import JobSource, record_of
from tests.factories import JobFactory, OrganizationFactory, UserFactory, member

pytestmark = pytest.mark.django_db
Status = GenerationJob.Status
Role = Membership.Role


def test_access_by_role() -> None:
    job = JobFactory()
    source = JobSource()
    assert source.access(member(job.organization, Role.ADMIN), job.id) == "ok"
    assert source.access(member(job.organization, Role.REVIEWER), job.id) == "ok"
    assert source.access(member(job.organization, Role.VIEWER), job.id) == "forbidden"
    assert source.access(member(OrganizationFactory(), Role.ADMIN), job.id) == "missing"
    assert source.access(UserFactory(is_superuser=True), job.id) == "ok"
    assert source.access(UserFactory(is_superuser=True), uuid.uuid4()) == "missing"
    assert source.access(AnonymousUser(), job.id) == "missing"


def test_active_jobs_are_ones_own() -> None:
    job = JobFactory(status=Status.RUNNING)
    JobFactory(organization=job.organization, status=Status.COMPLETED)
    JobFactory(status=Status.PENDING)
    assert JobSource().active_ids(member(job.organization, Role.REVIEWER)) == [job.id]
    assert JobSource().active_ids(member(job.organization, Role.VIEWER)) == []


@pytest.mark.parametrize(("status", "num_queries"), [(Status.RUNNING, 1), (Status.PENDING, 2)])
def test_records_take_one_query_and_leave_unknown_ids_out(django_assert_num_queries: Any, status: str, num_queries: int) -> None:
    """One more for how many jobs come before those that wait."""
    jobs = [JobFactory(status=status) for _ in range(3)]
    with django_assert_num_queries(num_queries):
        records = JobSource().records([*(job.id for job in jobs), uuid.uuid4()])
    assert set(records) == {job.id for job in jobs}


@pytest.mark.parametrize(
    ("status", "attempt", "shown"),
    [
        (Status.PENDING, 0, "initializing"),
        (Status.PENDING, 1, "running"),
        (Status.RUNNING, 1, "running"),
        (Status.CANCELLING, 1, "cancelling"),
        (Status.COMPLETED, 1, "completed"),
        (Status.FAILED, 1, "failed"),
    ],
)
def test_the_rows_status_outranks_its_record(status: str, attempt: int, shown: str) -> None:
    job = JobFactory(status=status, attempt=attempt, error="why", progress={"status": "running", "overall_progress": 40.0})
    record = record_of(job)
    assert record["status"] == shown
    assert record["overall_progress"] == (100.0 if shown == "completed" else 40.0)
    assert record["metadata"].get("error") == ("why" if shown == "failed" else None)
