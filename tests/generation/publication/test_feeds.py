"""Calendar feeds, read back by another library than the one that wrote them (vobject, where icalendar wrote)."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
import vobject
from django.test import Client
from rest_framework.test import APIClient

from academics.models import Holiday, Instructor, Membership, Organization
from academics.term_weeks import mask_of
from generation.models import Feed, GenerationJob, Workflow
from generation.publication.feeds import feed_create, feed_revoke, feed_token
from generation.review.workflow import workflow_publish
from tests.factories import OrganizationFactory, UserFactory, member, review_job

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_rendered_yet(settings: Any, tmp_path: Any) -> None:
    settings.CACHES = settings.CACHES | {"exports": settings.CACHES["exports"] | {"LOCATION": tmp_path / "exports"}}


@pytest.fixture
def job() -> GenerationJob:
    """Mondays 08:00 in Warsaw, from 5 October 2026 to 29 January 2027; summer time ends on 25 October."""
    return review_job(organization=OrganizationFactory(code="wawel"), num_variants=1, workflow="published")


def feed_of(job: GenerationJob, *, by: str = "section", key: str = "ALG-1", user: Any = None) -> Feed:
    user = user or member(job.organization, "viewer")
    return feed_create(user=user, organization_code=job.organization.code, by=by, key=key)[0]


def address_of(feed: Feed) -> str:
    return f"/feeds/{feed_token(feed)}.ics"


def read(feed: Feed) -> Any:
    response = Client().get(address_of(feed))
    assert response.status_code == 200
    return vobject.readOne(response.content.decode())


def events(calendar: Any) -> list[Any]:
    return list(getattr(calendar, "vevent_list", []))


def occurrences(event: Any) -> list[dt.datetime]:
    return list(event.getrruleset(addRDate=True))


def test_lectures_keep_their_local_time_when_summer_time_ends(job: GenerationJob) -> None:
    (event,) = events(read(feed_of(job)))

    times = occurrences(event)

    assert len(times) == 17
    assert {(each.hour, each.minute) for each in times} == {(8, 0)}
    offsets = [each.utcoffset() for each in (event.dtstart.value + dt.timedelta(days=7 * n) for n in (2, 3))]
    assert offsets == [dt.timedelta(hours=2), dt.timedelta(hours=1)], "the file's own VTIMEZONE says so"


def test_holidays_have_no_lectures_and_the_first_one_is_never_on_a_holiday(job: GenerationJob) -> None:
    Holiday.objects.create(term=job.term, name="Opening", starts_on=dt.date(2026, 10, 5))
    Holiday.objects.create(term=job.term, name="Winter break", starts_on=dt.date(2026, 12, 23), ends_on=dt.date(2027, 1, 6))

    (event,) = events(read(feed_of(job)))

    days = {each.date() for each in occurrences(event)}
    assert len(days) == 17 - 3
    assert event.dtstart.value.date() == dt.date(2026, 10, 12)
    assert days.isdisjoint({dt.date(2026, 10, 5), dt.date(2026, 12, 28), dt.date(2027, 1, 4)})


@pytest.mark.parametrize(
    ("weeks", "days", "rule"),
    [
        (range(1, 8), [5, 12, 19, 26, 2, 9, 16], "weekly"),
        (range(1, 7, 2), [5, 19, 2], "INTERVAL=2"),
        ((2, 3, 6), [12, 19, 9], "weekly"),
        ((3,), [19], ""),
    ],
)
def test_a_lecture_of_some_weeks_is_in_the_calendar_in_these_alone(job: GenerationJob, weeks: Any, days: list[int], rule: str) -> None:
    before = events(read(feed_of(job)))[0].uid.value
    job.variants.get().entries.filter(section="ALG-1").update(weeks=mask_of(weeks))
    Holiday.objects.create(term=job.term, name="Opening", starts_on=dt.date(2026, 10, 5))

    (event,) = events(read(feed_of(job)))

    times = occurrences(event) if hasattr(event, "rrule") else [event.dtstart.value]
    assert [each.day for each in times] == [day for number, day in zip(weeks, days, strict=True) if number != 1]
    assert ("INTERVAL=2" in event.serialize()) == (rule == "INTERVAL=2")
    assert hasattr(event, "rrule") == bool(rule)
    assert event.uid.value == before


def test_a_lecture_keeps_its_uid_and_only_what_moved_has_a_new_sequence(job: GenerationJob) -> None:
    feed = feed_of(job, by="instructor", key="Kowalska")
    before = {event.summary.value: event for event in events(read(feed))}
    second = review_job(organization=job.organization, term=job.term, num_variants=1, workflow="approved")
    second.variants.get().entries.filter(course="ALG").update(room="R9")
    second.variants.get().entries.filter(course="DRA").delete()

    workflow_publish(workflow=Workflow.objects.get(job=second), user=UserFactory())
    after = {event.summary.value: event for event in events(read(feed))}

    assert set(before) - set(after) == {"DRA Drama"}
    for name in after:
        assert before[name].uid.value == after[name].uid.value
    assert [(name, before[name].sequence.value, after[name].sequence.value) for name in sorted(after)] == [
        ("ALG Algebra", "0", "1"),
        ("CHE Chemistry", "0", "0"),
    ]
    assert after["ALG Algebra"].location.value == "R9"
    assert after["CHE Chemistry"].last_modified.value == before["CHE Chemistry"].last_modified.value


def test_a_sections_link_and_events_stay_when_another_section_comes(job: GenerationJob) -> None:
    lectures = job.variants.get().entries.filter(course="ALG")
    lectures.update(section="ALG")
    feed = feed_of(job, key="ALG")
    (before,) = events(read(feed))
    lectures.update(section="ALG/1")

    (after,) = events(read(feed))

    assert (before.uid.value, before.dtstart.value) == (after.uid.value, after.dtstart.value)
    client = Client()
    client.force_login(member(job.organization, "viewer"))
    address = f"/timetables/{job.organization.code}/section/ALG/"
    assert "ALG/1" in client.get(address).content.decode()
    assert "ALG/1" in client.get(f"/timetables/{job.organization.code}/files/csv?by=section&key=ALG").content.decode()


def test_a_reader_that_has_it_gets_304_until_it_changes(job: GenerationJob) -> None:
    feed = feed_of(job)
    etag = Client().get(address_of(feed)).headers["ETag"]

    assert Client().get(address_of(feed), headers={"if-none-match": etag}).status_code == 304
    job.variants.get().entries.filter(course="ALG").update(room="R9")
    again = Client().get(address_of(feed), headers={"if-none-match": etag})
    assert again.status_code == 200
    assert b"LOCATION:R9" in again.content


def test_an_empty_calendar_takes_the_place_of_one_that_is_no_longer_published(job: GenerationJob) -> None:
    feed = feed_of(job)
    Workflow.objects.update(status="archived")

    assert events(read(feed)) == []


def test_a_revoked_forged_or_malformed_link_opens_nothing(job: GenerationJob) -> None:
    feed = feed_of(job)
    forged = Feed(pk=uuid.uuid4())
    feed_revoke(user=feed.user, feed_id=feed.pk)

    token = feed_token(feed)
    for bad in (token, feed_token(forged), token[:-1], token[:22], "x", "-" * 100):
        assert Client().get(f"/feeds/{bad}.ics").status_code == 404, bad


def test_a_link_ends_with_its_owners_membership(job: GenerationJob) -> None:
    feed = feed_of(job)
    Membership.objects.filter(user=feed.user).delete()
    assert Client().get(address_of(feed)).status_code == 404

    Organization.objects.update(is_public=True)
    assert Client().get(address_of(feed)).status_code == 200
    feed.user.is_active = False
    feed.user.save()
    assert Client().get(address_of(feed)).status_code == 404


def test_nothing_that_is_stored_opens_a_feed(job: GenerationJob) -> None:
    feed = feed_of(job)
    stored = [str(value) for value in Feed.objects.filter(pk=feed.pk).values_list().get()]

    assert not any(feed_token(feed) in value for value in stored)


def test_an_instructor_subscribes_to_their_own_lectures_by_e_mail_address(job: GenerationJob) -> None:
    Instructor.objects.create(organization=job.organization, code="Kowalska", name="Prof. Kowalska", email="K@example.org")
    user = member(job.organization, "viewer", email="k@example.org")

    found = read(feed_of(job, by="user", key="", user=user))

    assert len(events(found)) == 3
    assert "Prof. Kowalska" in events(found)[0].description.value


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"by": "section", "key": "ALG-1"}, 201, ""),
        ({"by": "curriculum", "key": "CUR1"}, 201, ""),
        ({"by": "section"}, 400, "key"),
        ({"by": "section", "key": "NONE"}, 400, "key"),
        ({"by": "section", "key": 7}, 400, "key"),
        ({"by": "student", "key": "S1"}, 400, "by"),
        ({"by": "user"}, 400, "by"),
        ({"by": "section", "key": "ALG-1", "organization": "nowhere"}, 404, ""),
    ],
)
def test_links_are_made_over_rest(job: GenerationJob, body: dict[str, Any], status: int, field: str) -> None:
    client = APIClient()
    client.force_authenticate(member(job.organization, "viewer"))

    response = client.post("/api/feeds/", body)

    assert response.status_code == status
    if field:
        assert field in response.json()
    if status == 201:
        assert Client().get(response.json()["address"].removeprefix("http://testserver")).status_code == 200
        assert client.post("/api/feeds/", body).status_code == 200


def test_everybody_has_only_their_own_links_over_rest(job: GenerationJob) -> None:
    feed = feed_of(job)
    mine, other = APIClient(), APIClient()
    mine.force_authenticate(feed.user)
    other.force_authenticate(member(job.organization, "admin"))

    assert APIClient().get("/api/feeds/").status_code == 401
    assert [row["id"] for row in mine.get("/api/feeds/").json()["results"]] == [str(feed.pk)]
    assert other.get("/api/feeds/").json()["results"] == []
    for bad in (f"/api/feeds/{feed.pk}/", "/api/feeds/nonsense/"):
        assert other.get(bad).status_code == other.delete(bad).status_code == 404
    assert mine.delete(f"/api/feeds/{feed.pk}/").status_code == 204
    assert mine.delete(f"/api/feeds/{feed.pk}/").status_code == 404
    assert Client().get(address_of(feed)).status_code == 404


def test_nothing_published_and_strangers_get_no_link(job: GenerationJob) -> None:
    Workflow.objects.update(status="approved")
    client, stranger = APIClient(), APIClient()
    client.force_authenticate(member(job.organization, "viewer"))
    stranger.force_authenticate(UserFactory())

    assert client.post("/api/feeds/", {"by": "section", "key": "ALG-1"}).status_code == 409
    assert stranger.post("/api/feeds/", {"by": "section", "key": "ALG-1", "organization": "wawel"}).status_code == 404
    assert stranger.post("/api/feeds/", {"by": "section", "key": "ALG-1"}).status_code == 400


def test_the_page_makes_shows_and_revokes_a_link(job: GenerationJob) -> None:
    client = Client()
    client.force_login(member(job.organization, "viewer"))
    wanted = {"organization": "wawel", "by": "section", "key": "ALG-1"}

    assert "Section ALG-1" in client.get("/feeds/", wanted).content.decode()
    made = client.post("/feeds/", wanted, follow=True).content.decode()
    feed = Feed.objects.get()
    assert feed_token(feed) in made
    revoked = client.post("/feeds/", {"action": "revoke", "feed": feed.pk}, follow=True).content.decode()
    assert feed_token(feed) not in revoked
    assert Client().get(address_of(feed)).status_code == 404
    assert Client().get("/feeds/").status_code == 302


def test_a_public_calendar_needs_no_secret(job: GenerationJob) -> None:
    address = "/timetables/wawel/section/ALG-1/calendar.ics"
    assert Client().get(address).status_code == 404

    Organization.objects.update(is_public=True)
    assert len(events(vobject.readOne(Client().get(address).content.decode()))) == 1
    Workflow.objects.update(status="archived")
    assert Client().get(address).status_code == 404
