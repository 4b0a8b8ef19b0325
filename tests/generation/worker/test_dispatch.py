"""Whose job is next, how many are released, and what is refused."""

from __future__ import annotations

import threading
import uuid
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from academics.models import Organization
from generation.errors import TooMany
from generation.models import GenerationJob
from generation.queue import messages_waiting, search_slots, slots_announce, slots_withdraw
from generation.runs.services import JobRequest, job_cancel, job_start
from generation.text.messages import waiting_text
from generation.timetable.job_selectors import JobSource
from generation.worker import dispatch
from generation.worker.dispatch import Ahead, Order, Waiting, jobs_ahead, jobs_dispatch, released_sweep
from tests.factories import JobFactory, OrganizationFactory, member
from tests.factories.small_university import small_university
from tests.processes import Valkey

Status = GenerationJob.Status
SMALL, LARGE = 60, 3600


@pytest.fixture(autouse=True)
def redis(settings: Any, valkey_server: Valkey) -> Iterator[Any]:
    settings.CELERY_BROKER_URL = valkey_server.url.replace("unix://", "redis+socket://")
    with valkey_server.client() as client:
        client.flushall()
        yield client


def pending(organization: Organization, *, time_limit_s: float = SMALL, **facts: Any) -> GenerationJob:
    job: GenerationJob = JobFactory(organization=organization, term=None, status=Status.PENDING, time_limit_s=time_limit_s, **facts)
    return job


def released() -> list[uuid.UUID]:
    found = GenerationJob.objects.filter(status=Status.PENDING, queued_at__isnull=False)
    return list(found.order_by("queued_at").values_list("id", flat=True))


def ended(job_id: uuid.UUID) -> None:
    GenerationJob.objects.filter(id=job_id).update(status=Status.COMPLETED)


def order_of_release() -> list[str]:
    """Codes of the institutions, as one job after the other is released and ends."""
    codes: list[str] = []
    while jobs_dispatch():
        for job_id in released():
            codes.append(GenerationJob.objects.values_list("organization__code", flat=True).get(id=job_id))
            ended(job_id)
    return codes


@pytest.mark.django_db
def test_institutions_take_turns(redis: Any) -> None:
    many, one = OrganizationFactory(code="many"), OrganizationFactory(code="one")
    for _ in range(4):
        pending(many)
    pending(one)
    pending(one)

    assert order_of_release() == ["many", "one", "many", "one", "many", "many"]


@pytest.mark.django_db
def test_whoever_has_less_at_work_comes_first(redis: Any) -> None:
    many, one = OrganizationFactory(code="many"), OrganizationFactory(code="one")
    slots_announce(redis, "a@host", 3)
    for _ in range(4):
        pending(many)
    assert jobs_dispatch() == 3
    GenerationJob.objects.filter(id=released()[0]).update(status=Status.COMPLETED)
    mine = pending(one)

    assert jobs_dispatch() == 1
    assert mine.id in released()


@pytest.mark.django_db
def test_as_many_are_released_as_the_live_workers_have_slots(redis: Any, settings: Any) -> None:
    organization = OrganizationFactory()
    settings.JOBS_RUNNING_PER_ORGANIZATION = 0
    for _ in range(9):
        pending(organization)
    slots_announce(redis, "a@host", 2)
    slots_announce(redis, "b@host", 3)
    assert jobs_dispatch() == 5
    assert jobs_dispatch() == 0
    assert (messages_waiting() or "").count("generation.tasks.generate") == 5

    slots_withdraw(redis, "b@host")
    assert search_slots() == 2
    redis.delete("search-workers:a@host")  # it said nothing for a while
    assert search_slots() == 1
    assert redis.smembers("search-workers") == set()
    settings.JOBS_SLOTS = 7
    assert jobs_dispatch() == 2


@pytest.mark.django_db
def test_an_institution_has_no_more_at_work_than_it_may(redis: Any, settings: Any) -> None:
    settings.JOBS_RUNNING_PER_ORGANIZATION = 2
    slots_announce(redis, "a@host", 5)
    first, second = OrganizationFactory(), OrganizationFactory()
    for organization in (first, first, first, second):
        pending(organization)

    jobs_dispatch()

    chosen = GenerationJob.objects.filter(id__in=released()).values_list("organization", flat=True)
    assert Counter(chosen) == {first.pk: 2, second.pk: 1}


@pytest.mark.django_db
def test_large_jobs_leave_a_slot_free_for_small_ones(redis: Any) -> None:
    slots_announce(redis, "a@host", 3)
    university, department = OrganizationFactory(), OrganizationFactory()
    for _ in range(5):
        pending(university, time_limit_s=LARGE)
    assert jobs_dispatch() == 2

    small = pending(department, time_limit_s=SMALL)
    assert jobs_dispatch() == 1
    assert small.id in released()


@pytest.mark.django_db
def test_the_only_slot_is_for_both_in_turn(redis: Any) -> None:
    organization = OrganizationFactory()
    large = [pending(organization, time_limit_s=LARGE) for _ in range(2)]
    small = [pending(organization, time_limit_s=SMALL) for _ in range(2)]

    order = []
    while jobs_dispatch():
        order += released()
        ended(released()[0])

    assert order == [small[0].id, large[0].id, small[1].id, large[1].id]


def test_what_a_worker_left_goes_on_before_its_institutions_other_jobs() -> None:
    now = timezone.now()
    fresh = Waiting(uuid.uuid4(), 1, is_small=True, is_resumed=False, created_at=now - timedelta(hours=1))
    left = Waiting(uuid.uuid4(), 1, is_small=True, is_resumed=True, created_at=now)

    order = Order([fresh, left], Counter(), {})

    assert [order.next(), order.next(), order.next()] == [left, fresh, None]


@pytest.mark.django_db
def test_a_run_in_its_own_process_is_no_workers_and_takes_no_slot(redis: Any) -> None:
    organization = OrganizationFactory()
    own = pending(organization, is_inline=True)
    other = pending(organization)
    assert jobs_dispatch() == 1
    assert released() == [other.id]

    ended(other.id)
    GenerationJob.objects.filter(id=own.id).update(created_at=timezone.now() - timedelta(minutes=1))  # its process is gone
    released_sweep()
    assert released() == [own.id]


@pytest.mark.django_db
def test_while_redis_is_away_jobs_wait_in_their_table(redis: Any, settings: Any, tmp_path: Any) -> None:
    job, url = pending(OrganizationFactory()), settings.CELERY_BROKER_URL
    settings.CELERY_BROKER_URL = f"redis+socket://{tmp_path}/nobody.sock"
    assert (jobs_dispatch(), released()) == (0, [])

    settings.CELERY_BROKER_URL = url
    released_sweep()
    assert released() == [job.id]


@pytest.mark.django_db
def test_what_could_not_be_sent_is_taken_back(redis: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    slots_announce(redis, "a@host", 3)
    for _ in range(3):
        pending(OrganizationFactory())
    sent: list[uuid.UUID] = []
    monkeypatch.setattr(dispatch, "message_send", lambda *, job_id: not sent and (sent.append(job_id) or True))

    assert jobs_dispatch() == 1
    assert released() == sent


@pytest.mark.django_db(transaction=True)
def test_several_who_dispatch_at_once_release_each_job_once_and_no_more_than_there_are_slots(redis: Any) -> None:
    slots_announce(redis, "a@host", 3)
    for _ in range(4):
        organization = OrganizationFactory()
        for _ in range(3):
            pending(organization)
    counts: list[int] = []

    def release() -> None:
        try:
            counts.append(jobs_dispatch())
        finally:
            connection.close()

    threads = [threading.Thread(target=release) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (sum(counts), len(released())) == (3, 3)
    assert (messages_waiting() or "").count("generation.tasks.generate") == 3


@pytest.mark.django_db
def test_a_job_that_waits_says_how_many_are_before_it_and_of_whom(redis: Any) -> None:
    mine, other = OrganizationFactory(code="mine"), OrganizationFactory(code="other")
    first, second = pending(mine), pending(mine)
    for _ in range(5):
        pending(other)
    pending(OrganizationFactory(code="third"))
    jobs_dispatch()  # the first of mine

    found = jobs_ahead([first.id, second.id])

    assert found == {first.id: Ahead(own=0, others=0), second.id: Ahead(own=1, others=2)}
    record = JobSource().records([second.id])[second.id]
    words = "Waiting for a free worker: 1 job of your institution and 2 jobs of other institutions are before this one"
    assert (record["metadata"]["message"], record["metadata"]["jobs_ahead"]) == (words, 3)
    api = APIClient()
    api.force_authenticate(member(mine, "reviewer"))
    answer = api.get(f"/api/generation-jobs/{second.id}/").json()
    assert answer["ahead"] == {"own": 1, "others": 2}
    assert "other" not in str(answer["ahead"].values())
    ended(first.id)
    assert api.get(f"/api/generation-jobs/{first.id}/").json()["ahead"] is None


@pytest.mark.parametrize(
    ("own", "others", "words"),
    [
        (0, 0, "Waiting for a free worker"),
        (0, 1, "Waiting for a free worker: 1 job of another institution is before this one"),
        (2, 0, "Waiting for a free worker: 2 jobs of your institution are before this one"),
    ],
)
def test_words_of_the_queue(own: int, others: int, words: str) -> None:
    assert waiting_text(own=own, others=others) == words


@pytest.mark.django_db
def test_more_waiting_jobs_than_allowed_are_refused_with_a_time_to_try_again(settings: Any) -> None:
    settings.JOBS_PENDING_PER_ORGANIZATION = 2
    organization = OrganizationFactory()
    user = member(organization, "admin")
    started = timezone.now() - timedelta(seconds=20)
    JobFactory(organization=organization, status=Status.RUNNING, started_at=started, time_limit_s=100)
    api = APIClient()
    api.force_authenticate(user)
    address = "/api/generation-jobs/generate/"
    first = [api.post(address, {}, headers={"Idempotency-Key": f"k{number}"}) for number in range(2)]

    refused = api.post(address, {})

    assert [each.status_code for each in first] == [201, 201]
    assert refused.status_code == 429
    assert refused.json()["detail"].startswith(f"{organization.name} has 2 jobs waiting, and may have 2.")
    assert 75 <= int(refused.headers["Retry-After"]) <= 80
    again = api.post(address, {}, headers={"Idempotency-Key": "k1"})
    assert (again.status_code, again.json()["job_id"]) == (201, first[1].json()["job_id"])
    job_cancel(user=user, job_id=uuid.UUID(first[0].json()["job_id"]))
    assert api.post(address, {}).status_code == 201
    assert GenerationJob.objects.count() == 4
    with pytest.raises(TooMany):
        job_start(user=None, request=JobRequest(organization=organization.code))
    job_start(user=user, request=JobRequest(organization=organization.code), is_queued=False)  # waits for nobody


@pytest.mark.django_db
def test_the_page_says_so_too(settings: Any) -> None:
    settings.JOBS_PENDING_PER_ORGANIZATION = 0
    organization = small_university().organization
    client = Client()
    client.force_login(member(organization, "admin"))

    answer = client.post("/admin/timetables/new", {"variants": "3", "time": "60", "form_key": "k"})

    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "30")
    assert "has 0 jobs waiting, and may have 0" in answer.content.decode()


@pytest.mark.django_db(transaction=True)
def test_of_many_who_file_at_once_no_more_are_let_in_than_allowed(settings: Any) -> None:
    settings.JOBS_PENDING_PER_ORGANIZATION = 3
    organization = OrganizationFactory()
    answers: list[str] = []

    def file() -> None:
        try:
            job_start(user=None, request=JobRequest(organization=organization.code))
            answers.append("filed")
        except TooMany:
            answers.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=file) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert Counter(answers) == {"filed": 3, "refused": 5}
