"""Starting, cancelling and stopping jobs: who may, what is refused, and what a broker that is away changes."""

from __future__ import annotations

import threading
import uuid
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone

from academics.models import Department, Membership
from generation.errors import Conflict, Forbidden, Invalid, Missing
from generation.models import GenerationJob
from generation.queue import messages_waiting
from generation.runs import services
from generation.runs.services import JobRequest, job_cancel, job_start, job_stop
from tests.clocks import Stopwatch
from tests.factories import JobFactory, OrganizationFactory, TermFactory, UserFactory, member
from tests.processes import SOON_S, Valkey

Status = GenerationJob.Status
Role = Membership.Role


@pytest.fixture
def admin(db: None) -> User:
    return member(OrganizationFactory(), Role.ADMIN)


def start(user: User | None, key: str = "", **facts: Any) -> GenerationJob:
    return job_start(user=user, request=JobRequest(**facts), idempotency_key=key)


def test_a_job_begins_pending_with_the_usual_values(admin: User) -> None:
    job = start(admin)
    assert (job.status, job.num_variants, job.time_limit_s, job.attempt) == (Status.PENDING, 3, 60, 0)
    assert job.requested_by == admin
    assert job.organization == admin.memberships.get().organization


def test_the_superusers_usual_organization_is_the_demo(db: None) -> None:
    root = UserFactory(is_superuser=True)
    with pytest.raises(Missing, match="'demo'"):
        start(root)
    demo = OrganizationFactory(code="demo")
    assert start(root).organization == demo


def test_the_current_term_is_the_usual_one(admin: User) -> None:
    organization = admin.memberships.get().organization
    TermFactory(organization=organization, is_current=False)
    current = TermFactory(organization=organization, semester="winter")
    TermFactory(organization=organization, is_current=False, semester="summer")
    assert start(admin).term == current
    assert start(admin, semester="summer").term.semester == "summer"  # type: ignore[union-attr]
    with pytest.raises(Invalid, match="no term with semester 'autumn'"):
        start(admin, semester="autumn")


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.VIEWER])
def test_only_administrators_start_jobs(role: str, db: None) -> None:
    user = member(OrganizationFactory(), role)
    with pytest.raises(Forbidden, match=role):
        start(user)


def test_a_foreign_organization_is_missing(admin: User) -> None:
    with pytest.raises(Missing):
        start(admin, organization=OrganizationFactory().code)


def test_several_organizations_need_a_choice(admin: User) -> None:
    Membership.objects.create(user=admin, organization=OrganizationFactory(), role=Role.ADMIN)
    with pytest.raises(Invalid, match="several"):
        start(admin)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("time_limit_s", 0.5),
        ("time_limit_s", 3601),
        ("time_limit_s", float("nan")),
        ("seed", -1),
        ("seed", 2**31),
        ("variants", 0),
        ("variants", 11),
        ("weights", {"beauty": 1}),
        ("weights", {"lunch": 101}),
        ("weights", {"lunch": -1}),
        ("weights", {"lunch": True}),
        ("department_id", 999_999),
    ],
)
def test_values_out_of_range_are_refused_by_name(admin: User, field: str, value: object) -> None:
    with pytest.raises(Invalid) as refused:
        start(admin, **{field: value})
    assert refused.value.field == field
    assert not GenerationJob.objects.exists()


def test_values_on_the_boundary_are_accepted(admin: User) -> None:
    department = Department.objects.create(organization=admin.memberships.get().organization, code="D")
    start(admin, time_limit_s=1, seed=0, variants=1, weights={"lunch": 0}, department_id=department.id)
    start(admin, time_limit_s=3600, seed=2**31 - 1, variants=10, weights={"lunch": 100})
    assert GenerationJob.objects.count() == 2


def test_a_repeated_key_gives_the_same_job(admin: User) -> None:
    first = start(admin, key="abc")
    assert start(admin, key="abc", seed=9).id == first.id
    assert start(admin, key="other").id != first.id
    assert start(admin).id != start(admin).id


@pytest.mark.django_db(transaction=True)
def test_a_repeated_key_gives_the_same_job_in_a_race(monkeypatch: pytest.MonkeyPatch) -> None:
    admin = member(OrganizationFactory(), Role.ADMIN)
    together = threading.Barrier(4)
    look = services._job_with_key
    ids: list[uuid.UUID] = []

    def look_then_wait(*args: Any) -> GenerationJob | None:
        found = look(*args)
        if found is None:
            together.wait(SOON_S)
        return found

    def post() -> None:
        try:
            ids.append(start(admin, key="race").id)
        finally:
            connection.close()

    monkeypatch.setattr(services, "_job_with_key", look_then_wait)
    threads = [threading.Thread(target=post) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ids) == 4
    assert len(set(ids)) == GenerationJob.objects.count() == 1


def test_a_broker_that_is_away_leaves_the_job_pending_for_the_sweep(
    admin: User, django_capture_on_commit_callbacks: Any, settings: Any, tmp_path: Any
) -> None:
    settings.CELERY_BROKER_URL = f"redis+socket://{tmp_path}/nobody.sock"
    stopwatch = Stopwatch()
    with django_capture_on_commit_callbacks(execute=True):
        job = start(admin)
    job.refresh_from_db()
    assert (job.status, job.queued_at) == (Status.PENDING, None)
    assert stopwatch.took_less_than(3)


def test_the_message_names_the_job_only(admin: User, django_capture_on_commit_callbacks: Any, settings: Any, valkey_server: Valkey) -> None:
    settings.CELERY_BROKER_URL = valkey_server.url.replace("unix://", "redis+socket://")
    with django_capture_on_commit_callbacks(execute=True):
        job = start(admin)
    job.refresh_from_db()
    assert job.queued_at is not None
    assert str(job.id) in (messages_waiting() or "")


def test_cancel_ends_a_waiting_job_at_once(admin: User) -> None:
    job = job_cancel(user=admin, job_id=start(admin).id)
    assert job.status == Status.CANCELLED
    job.refresh_from_db()
    assert job.progress["status"] == Status.CANCELLED


def test_cancel_asks_a_running_job_and_may_be_repeated(admin: User) -> None:
    job = JobFactory(organization=admin.memberships.get().organization, status=Status.RUNNING)
    assert job_cancel(user=admin, job_id=job.id).status == Status.CANCELLING
    assert job_cancel(user=admin, job_id=job.id).status == Status.CANCELLING


@pytest.mark.parametrize("status", [Status.COMPLETED, Status.FAILED, Status.CANCELLED])
def test_a_finished_job_is_neither_cancelled_nor_stopped(admin: User, status: str) -> None:
    job = JobFactory(organization=admin.memberships.get().organization, status=status)
    for service in (job_cancel, job_stop):
        with pytest.raises(Conflict, match=status):
            service(user=admin, job_id=job.id)
    job.refresh_from_db()
    assert job.status == status


def test_stop_needs_a_timetable(admin: User) -> None:
    organization = admin.memberships.get().organization
    job = JobFactory(organization=organization, status=Status.RUNNING, started_at=timezone.now())
    with pytest.raises(Conflict, match="no timetable yet"):
        job_stop(user=admin, job_id=job.id)
    GenerationJob.objects.update(has_incumbent=True)
    assert job_stop(user=admin, job_id=job.id).stop_requested_at is not None
    assert job_stop(user=admin, job_id=job.id).status == Status.RUNNING


def test_a_reviewer_cancels_nothing_and_a_stranger_sees_nothing(admin: User) -> None:
    organization = admin.memberships.get().organization
    job = JobFactory(organization=organization, status=Status.RUNNING)
    with pytest.raises(Forbidden):
        job_cancel(user=member(organization, Role.REVIEWER), job_id=job.id)
    with pytest.raises(Missing):
        job_cancel(user=member(OrganizationFactory(), Role.ADMIN), job_id=job.id)
    with pytest.raises(Missing):
        job_stop(user=admin, job_id=uuid.uuid4())
