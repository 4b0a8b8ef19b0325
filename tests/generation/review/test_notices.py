"""E-mails about a review: who gets which, and that none of them stops a step."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message as MessageHandler
from django.contrib.auth.models import User
from django.core import mail
from django.test import Client
from django.utils import timezone

from academics.models import Membership, Organization
from generation.models import GenerationJob, Notice, Workflow
from generation.review.notices import notices_deliver, notices_sweep
from generation.review.workflow import variant_select, workflow_approve, workflow_publish, workflow_reject
from tests.factories import OrganizationFactory, UserFactory, member, review_job
from tests.processes import free_port

pytestmark = pytest.mark.django_db


@pytest.fixture
def organization() -> Organization:
    organization: Organization = OrganizationFactory(name="Riverside\nUniversity")
    return organization


def person(organization: Organization, role: str, name: str, **choices: bool) -> User:
    user = member(organization, role, username=name, email=f"{name}@riverside.example")
    Membership.objects.filter(user=user).update(**choices)
    return user


@pytest.fixture
def registrar(organization: Organization) -> User:
    return person(organization, "admin", "registrar")


@pytest.fixture
def job(organization: Organization) -> GenerationJob:
    return review_job(organization=organization, num_variants=1)


def forward(job: GenerationJob, user: User) -> Workflow:
    return variant_select(variant=job.variants.select_related("job__organization").get(), user=user)


def sent() -> dict[str, mail.EmailMessage]:
    """Sends all that waits; by whom each went to."""
    for event_id in set(Notice.objects.values_list("event", flat=True)):
        notices_deliver(event_id=event_id)
    return {message.to[0].split("@")[0]: message for message in mail.outbox}


def test_reviewers_are_told_what_waits_with_an_absolute_link(job: GenerationJob, registrar: User, settings: Any) -> None:
    settings.SITE_URL = "https://times.riverside.example"
    organization = job.organization
    for role, name, choices in (
        ("reviewer", "nowak", {}),
        ("reviewer", "quiet", {"notify_reviews": False}),
        ("admin", "colleague", {}),
        ("viewer", "student", {"notify_published": True}),
    ):
        person(organization, role, name, **choices)
    forward(job, registrar)

    message = sent()["nowak"]

    assert len(mail.outbox) == 1
    assert message.subject == "[Timeloom] To decide: Variant 0, Winter term (Riverside University)"
    assert f"https://times.riverside.example/admin/timetables/{job.pk}/review" in message.body
    assert "https://times.riverside.example/accounts/notices/" in message.body
    assert "complete, no rule is broken, and its cost is 7" in message.body


def test_without_reviewers_the_other_administrators_are_told(job: GenerationJob, registrar: User) -> None:
    person(job.organization, "admin", "colleague")
    forward(job, registrar)
    assert set(sent()) == {"colleague"}


def test_a_decision_reaches_who_put_it_forward_and_administrators_with_its_comment(job: GenerationJob, registrar: User) -> None:
    nowak = person(job.organization, "reviewer", "nowak")
    person(job.organization, "admin", "colleague")
    workflow = forward(job, registrar)
    Notice.objects.all().delete()
    workflow_reject(workflow=workflow, user=nowak, comments="Drama <is> too late.")

    messages = sent()

    assert set(messages) == {"registrar", "colleague"}
    assert "Drama <is> too late." in messages["registrar"].body
    assert "Sent back" in messages["registrar"].subject


def test_a_superuser_who_put_it_forward_is_told_without_being_a_member(job: GenerationJob) -> None:
    root = UserFactory(username="root", is_superuser=True, email="root@riverside.example")
    nowak = person(job.organization, "reviewer", "nowak")
    workflow = forward(job, root)
    Notice.objects.all().delete()
    workflow_approve(workflow=workflow, user=nowak, comments="Fine.")
    assert set(sent()) == {"root"}


def test_published_reaches_the_members_who_asked_and_keeps_the_reviewers_words_to_themselves(job: GenerationJob, registrar: User) -> None:
    person(job.organization, "viewer", "student", notify_published=True)
    person(job.organization, "viewer", "other")
    workflow = forward(job, registrar)
    workflow_approve(workflow=workflow, user=registrar)
    Notice.objects.all().delete()
    workflow_publish(workflow=workflow, user=registrar, comments="At last, after that quarrel.")

    messages = sent()

    assert set(messages) == {"student"}
    assert "quarrel" not in messages["student"].body


def test_a_step_that_is_undone_tells_nobody(job: GenerationJob, registrar: User, django_capture_on_commit_callbacks: Any) -> None:
    person(job.organization, "reviewer", "nowak")
    with django_capture_on_commit_callbacks(execute=True) as callbacks:  # there is no broker here: the step stands all the same
        forward(job, registrar)
    assert len(callbacks) == 1
    assert Workflow.objects.get(pk=job.pk).status == "in_review"
    assert Notice.objects.get().status == "pending"


def test_a_notice_is_sent_once(job: GenerationJob, registrar: User) -> None:
    person(job.organization, "reviewer", "nowak")
    forward(job, registrar)
    sent()
    sent()
    Notice.objects.update(tried_at=timezone.now() - timedelta(hours=1))
    notices_sweep()
    assert len(mail.outbox) == 1
    assert Notice.objects.get().status == "sent"


def test_the_sweep_sends_what_no_worker_took_up(job: GenerationJob, registrar: User, settings: Any) -> None:
    person(job.organization, "reviewer", "nowak")
    forward(job, registrar)
    notices_sweep()
    assert mail.outbox == []
    settings.NOTICES_LATE_S = -1
    notices_sweep()
    assert len(mail.outbox) == 1


def test_a_mail_server_that_is_away_is_tried_three_times_and_shown_to_staff(job: GenerationJob, registrar: User, settings: Any) -> None:
    settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT = "django.core.mail.backends.smtp.EmailBackend", "127.0.0.1", 1
    settings.NOTICES_LATE_S = settings.NOTICES_AGAIN_S = -1
    person(job.organization, "reviewer", "nowak")
    forward(job, registrar)
    for attempt in (1, 2, 3, 3):
        notices_sweep()
        assert Notice.objects.get().attempts == attempt
    notice = Notice.objects.get()
    assert (notice.status, "refused" in notice.error) == ("failed", True)
    client = Client()
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    page = client.get("/admin/operations/").content.decode()
    assert "nowak@riverside.example" in page
    assert "(given up)" in page


class Box(MessageHandler):
    def __init__(self) -> None:
        super().__init__()
        self.messages: list[EmailMessage] = []
        self.port = 0

    def prepare_message(self, session: Any, envelope: Any) -> EmailMessage:
        return email.message_from_bytes(envelope.content, policy=email.policy.default)  # type: ignore[return-value]

    def handle_message(self, message: Any) -> None:
        self.messages.append(message)


@pytest.fixture
def box() -> Iterator[Box]:
    """A real mail server on this machine."""
    handler = Box()
    handler.port = free_port()
    server = Controller(handler, hostname="127.0.0.1", port=handler.port)
    server.start()
    yield handler
    server.stop()


def test_a_real_mail_server_gets_it_letter_by_letter(box: Any, job: GenerationJob, registrar: User, settings: Any) -> None:
    settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT = "django.core.mail.backends.smtp.EmailBackend", "127.0.0.1", box.port
    nowak = person(job.organization, "reviewer", "nowak")
    workflow = forward(job, registrar)
    workflow_reject(workflow=workflow, user=nowak, comments="Za późno: „Łódź” o 20:00.")
    for event_id in Notice.objects.values_list("event", flat=True):
        notices_deliver(event_id=event_id)

    by_receiver = {message["To"]: message for message in box.messages}

    assert set(by_receiver) == {"nowak@riverside.example", "registrar@riverside.example"}
    assert "Za późno: „Łódź” o 20:00." in by_receiver["registrar@riverside.example"].get_content()


def test_everybody_chooses_their_own_notices(job: GenerationJob, registrar: User) -> None:
    nowak = person(job.organization, "reviewer", "nowak")
    own, other = Membership.objects.get(user=nowak), Membership.objects.get(user=registrar)
    client = Client()
    client.force_login(nowak)
    assert "nowak@riverside.example" in client.get("/accounts/notices/").content.decode()

    client.post("/accounts/notices/", {"published": [own.pk, other.pk]})

    own.refresh_from_db()
    other.refresh_from_db()
    assert (own.notify_reviews, own.notify_published) == (False, True)
    assert (other.notify_reviews, other.notify_published) == (True, False)
    client.force_login(UserFactory())
    assert "You belong to no institution" in client.get("/accounts/notices/").content.decode()
