"""Publications of one term from different days: which one a date shows, for readers, over REST and on the publish form."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client

from erp.retention import jobs_protected
from generation.dates.editions import edition_on, editions_of
from generation.errors import Refusal
from generation.models import GenerationJob, PublishedEdition, Workflow
from generation.review import page_actions
from generation.review.workflow import workflow_publish
from tests.factories import OrganizationFactory, UserFactory, member, review_job

pytestmark = pytest.mark.django_db
MONDAY = dt.date(2026, 10, 12)  # in the second week of the factory's term, which lasts from 5 October to 29 January
WEEK = dt.timedelta(days=7)


@pytest.fixture
def job() -> GenerationJob:
    """Published by a release that knew of no dates: without a row that says from when."""
    return review_job(organization=OrganizationFactory(code="wawel", is_public=True), num_variants=1, workflow="published")


def approved(job: GenerationJob, *, room: str) -> Workflow:
    """Another timetable of the same term, with Algebra in another room."""
    other = review_job(organization=job.organization, term=job.term, num_variants=1, workflow="approved")
    other.variants.get().entries.filter(course="ALG").update(room=room)
    return Workflow.objects.get(job=other)


def published(job: GenerationJob, *, room: str, valid_from: dt.date | None = None) -> Workflow:
    return workflow_publish(workflow=approved(job, room=room), user=UserFactory(), valid_from=valid_from)


def rooms_shown(job: GenerationJob, *dates: dt.date) -> list[str]:
    """Where the page of Algebra's section says that it is, on each of these Mondays."""
    pages = [Client().get(f"/timetables/wawel/section/ALG-1/?view=today&date={date.isoformat()}").content.decode() for date in dates]
    return [next((room for room in ("R1", "R7", "R8", "R9") if room in page), "") for page in pages]


@pytest.mark.both_databases
def test_what_held_before_stays_for_its_days(job: GenerationJob) -> None:
    published(job, room="R7", valid_from=MONDAY + WEEK)

    assert rooms_shown(job, MONDAY, MONDAY + WEEK, MONDAY + 2 * WEEK) == ["R1", "R7", "R7"]
    assert job.pk in jobs_protected(), "and is not tidied away"


def test_a_publication_from_a_day_supersedes_those_that_would_begin_then_or_later(job: GenerationJob) -> None:
    published(job, room="R7", valid_from=MONDAY + 2 * WEEK)
    published(job, room="R8", valid_from=MONDAY + WEEK)
    assert rooms_shown(job, MONDAY, MONDAY + WEEK, MONDAY + 2 * WEEK) == ["R1", "R8", "R8"]

    published(job, room="R9", valid_from=MONDAY + WEEK)
    assert rooms_shown(job, MONDAY, MONDAY + WEEK, MONDAY + 2 * WEEK) == ["R1", "R9", "R9"]

    published(job, room="R7")
    assert rooms_shown(job, MONDAY, MONDAY + WEEK, MONDAY + 2 * WEEK) == ["R7", "R7", "R7"]
    assert PublishedEdition.objects.filter(superseded_at=None).count() == 1


def test_every_day_of_the_term_has_one_edition(job: GenerationJob) -> None:
    for weeks in (3, 1, 2):
        current = published(job, room="R7", valid_from=MONDAY + weeks * WEEK)
        editions = editions_of(current)
        for day in range(-7, 100):
            date = MONDAY + dt.timedelta(days=day)
            assert [each for each in editions if each.holds_on(date)] == [edition_on(editions, date)]


def test_what_an_older_release_publishes_holds_for_the_whole_term(job: GenerationJob) -> None:
    current = published(job, room="R7", valid_from=MONDAY + WEEK)
    Workflow.objects.filter(pk=current.pk).update(status="archived")
    Workflow.objects.filter(pk=approved(job, room="R8").pk).update(status="published")

    assert rooms_shown(job, MONDAY, MONDAY + WEEK) == ["R8", "R8"]


@pytest.mark.parametrize(
    ("valid_from", "why"),
    [("2027-02-01", "after the term, which ends on Friday 29 January 2027"), ("soon", "valid_from"), ("2026-13-01", "valid_from")],
)
def test_a_day_that_is_none_of_the_term_is_refused_over_rest(job: GenerationJob, valid_from: str, why: str) -> None:
    workflow, client = approved(job, room="R7"), Client()
    client.force_login(member(job.organization, "admin"))
    answer = client.post(f"/api/timetable/workflows/{workflow.pk}/publish/", {"valid_from": valid_from}, content_type="application/json")
    assert (answer.status_code, why in answer.content.decode()) == (400, True), answer.content
    workflow.refresh_from_db()
    assert workflow.status == "approved"


def test_a_term_without_dates_has_no_day_to_publish_from(job: GenerationJob) -> None:
    assert job.term is not None
    type(job.term).objects.update(starts_on=None, ends_on=None)
    with pytest.raises(Refusal, match="no first and last day"):
        published(job, room="R7", valid_from=MONDAY)
    published(job, room="R7")


def test_the_form_asks_from_which_day_where_a_timetable_is_published(job: GenerationJob, monkeypatch: Any) -> None:
    monkeypatch.setattr(page_actions, "today_in", lambda zone: MONDAY)
    workflow, client = approved(job, room="R7"), Client()
    client.force_login(member(job.organization, "admin"))
    address = f"/admin/timetables/{workflow.pk}/review"
    assert 'value="2026-10-12" min="2026-10-05" max="2027-01-29"' in client.get(address).content.decode()

    wrong = client.post(address, {"action": "publish", "valid_from": "12 October"}, follow=True)
    assert "&#x27;12 October&#x27; is no day" in wrong.content.decode()
    done = client.post(address, {"action": "publish", "valid_from": "2026-10-19"}, follow=True)
    assert "It holds from Monday 19 October 2026" in done.content.decode()
    assert rooms_shown(job, MONDAY, MONDAY + WEEK) == ["R1", "R7"]
