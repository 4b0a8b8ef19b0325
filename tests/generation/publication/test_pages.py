"""Published pages over HTTP: who reads them, what they say on which date, and what they never say."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from academics.models import Building, Holiday, Instructor, Organization, Room, StudentGroup
from academics.term_weeks import mask_of
from generation.models import Entry, GenerationJob, Workflow
from generation.publication import pages
from tests.factories import OrganizationFactory, UserFactory, member, review_job

pytestmark = pytest.mark.django_db

MONDAY = dt.date(2026, 10, 12)  # in the second week of the factory's term


@pytest.fixture
def organization() -> Organization:
    return OrganizationFactory(code="wawel", name="Wawel College", is_public=True)


@pytest.fixture
def job(organization: Organization, monkeypatch: pytest.MonkeyPatch) -> GenerationJob:
    monkeypatch.setattr(pages, "today_in", lambda zone: MONDAY)
    return review_job(organization=organization, num_variants=1, workflow="published")


def client_of(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def text_of(response: Any) -> str:
    assert response.status_code == 200
    return str(response.content.decode())


ADDRESSES = ("/timetables/wawel/", "/timetables/wawel/section/", "/timetables/wawel/section/ALG-1/")


@pytest.mark.parametrize("address", ADDRESSES)
def test_public_timetables_are_read_without_signing_in(client: Client, job: GenerationJob, address: str) -> None:
    assert "ALG-1" in text_of(client.get(address)) or address == ADDRESSES[0]


@pytest.mark.parametrize("address", ADDRESSES)
def test_others_are_for_members_and_a_stranger_learns_nothing(client: Client, job: GenerationJob, address: str) -> None:
    Organization.objects.update(is_public=False)
    nowhere = address.replace("wawel", "nowhere")

    assert client_of(member(job.organization, "viewer")).get(address).status_code == 200
    for stranger in (UserFactory(), member(OrganizationFactory(), "admin")):
        assert client_of(stranger).get(address).status_code == client_of(stranger).get(nowhere).status_code == 404
    for asked in (address, nowhere):
        assert client.get(asked).url == f"/accounts/login/?next={asked}"  # type: ignore[attr-defined]


@pytest.mark.parametrize("state", ["draft", "in_review", "approved", "rejected", "archived"])
@pytest.mark.parametrize("address", ADDRESSES)
def test_what_is_not_published_is_not_there(client: Client, job: GenerationJob, address: str, state: str) -> None:
    Workflow.objects.update(status=state)

    assert client.get(address).status_code == 404


def test_student_groups_are_read_by_their_own_word(client: Client, job: GenerationJob) -> None:
    assert "Curricula" in text_of(client.get("/timetables/wawel/"))
    StudentGroup.objects.create(organization=job.organization, code="CUR1", name="First year")

    assert "Curricula and groups" in text_of(client.get("/timetables/wawel/"))
    assert '<span class="kind">Group</span> CUR1' in text_of(client.get("/timetables/wawel/curriculum/CUR1/"))
    assert '<span class="kind">Curriculum</span> CUR2' in text_of(client.get("/timetables/wawel/curriculum/CUR2/"))


def test_lectures_without_a_room_are_said_to_be_online_and_are_in_no_list_of_rooms(client: Client, job: GenerationJob) -> None:
    Entry.objects.filter(section="ALG-1").update(room="online")

    assert "online" in text_of(client.get("/timetables/wawel/section/ALG-1/?view=grid"))
    assert "online" not in text_of(client.get("/timetables/wawel/room/"))
    assert client.get("/timetables/wawel/room/online/").status_code == 404


def test_members_are_told_that_nothing_is_published(organization: Organization) -> None:
    assert "Nothing is published yet" in text_of(client_of(member(organization, "viewer")).get("/timetables/wawel/"))


def test_a_stranger_finds_the_public_institutions(client: Client, job: GenerationJob) -> None:
    assert "Wawel College" in text_of(client.get("/timetables/"))
    Organization.objects.update(is_public=False)
    assert client.get("/timetables/").status_code == 302


def test_this_week_has_real_dates_and_a_holiday_takes_lectures_away(client: Client, job: GenerationJob) -> None:
    Holiday.objects.create(term=job.term, name="Founders' day", starts_on=MONDAY)

    page = text_of(client.get("/timetables/wawel/instructor/Kowalska/"))
    next_week = text_of(client.get("/timetables/wawel/instructor/Kowalska/?view=week&date=2026-10-19"))

    assert "12 Oct to 16 Oct 2026" in page
    assert "Founders&#x27; day: no lectures" in page
    assert "Algebra" not in page
    assert "Chemistry" in page
    assert "Algebra" in next_week


def test_what_is_held_in_some_weeks_is_shown_in_these_and_says_so(client: Client, job: GenerationJob) -> None:
    Entry.objects.filter(section="ALG-1").update(weeks=mask_of(range(2, 18, 2)))
    Entry.objects.filter(section="CHE-1").update(weeks=mask_of((2, 4, 5)))

    second = text_of(client.get("/timetables/wawel/instructor/Kowalska/"))  # 12 October is in week 2
    third = text_of(client.get("/timetables/wawel/instructor/Kowalska/?view=week&date=2026-10-19"))
    every = text_of(client.get("/timetables/wawel/instructor/Kowalska/?view=grid"))
    table = client.get("/timetables/wawel/files/csv?by=section&key=ALG-1").content.decode()

    assert '<span class="kind">Week 2</span> 12 Oct to 16 Oct 2026' in second
    assert '<option value="2026-10-12" selected>Week 2: 12 Oct to 18 Oct</option>' in second
    assert "Algebra" in second
    assert "Algebra" not in third
    assert '<span class="mark weeks">even weeks</span>' in every
    assert '<span class="mark weeks">weeks 2, 4 and 5</span>' in every
    assert "even weeks" in table


def test_today_lists_the_days_lectures_in_order_with_clock_times(client: Client, job: GenerationJob) -> None:
    page = text_of(client.get("/timetables/wawel/room/R1/?view=today"))

    assert "Monday 12 October 2026" in page
    assert "08:00&ndash;08:50" in page
    assert "Chemistry" not in page


def test_a_date_outside_the_term_shows_its_nearest_day_and_says_so(client: Client, job: GenerationJob) -> None:
    page = text_of(client.get("/timetables/wawel/room/R1/?view=today&date=2030-01-01"))

    assert "Friday 29 January 2027" in page
    assert "This is its last day" in page
    assert client.get("/timetables/wawel/room/R1/?view=today&date=2026-13-01").status_code == 404


def test_a_term_without_dates_still_has_its_weekly_grid(client: Client, job: GenerationJob) -> None:
    job.term.starts_on = job.term.ends_on = None
    job.term.save()

    assert "Algebra" in text_of(client.get("/timetables/wawel/section/ALG-1/"))
    assert "The term has no dates yet" in text_of(client.get("/timetables/wawel/section/ALG-1/?view=today"))


def test_search_finds_by_code_title_and_name(client: Client, job: GenerationJob) -> None:
    Instructor.objects.create(organization=job.organization, code="Nowak", name="Dr Anna Nowak", email="anna@example.org")

    assert "BIO-1" in text_of(client.get("/timetables/wawel/?q=biology"))
    assert "/instructor/Nowak/" in text_of(client.get("/timetables/wawel/?q=anna"))
    assert "Nothing has these words" in text_of(client.get("/timetables/wawel/?q=anna+biology"))


def test_no_page_tells_an_e_mail_address_or_what_is_wrong(client: Client, job: GenerationJob) -> None:
    Instructor.objects.create(organization=job.organization, code="Kowalska", name="Prof. Kowalska", email="secret@example.org")
    job.variants.update(conflicts=[{"constraint": "student_clash", "is_hard": False, "amount": 1, "lectures": [0], "message": "S00229"}])

    for address in (*ADDRESSES, "/timetables/wawel/instructor/Kowalska/?view=grid", "/timetables/wawel/?q=secret"):
        page = client.get(address).content.decode()
        assert "@example.org" not in page
        assert "S00229" not in page


def test_a_code_with_a_slash_has_a_page(client: Client, job: GenerationJob) -> None:
    job.variants.get().entries.filter(room="R2").update(room="R 2/b?#%")

    page = text_of(client.get("/timetables/wawel/room/"))
    assert "/timetables/wawel/room/R%202/b%3F%23%25/" in page
    assert "Drama" in text_of(client.get("/timetables/wawel/room/R%202/b%3F%23%25/?view=grid"))


def test_the_old_addresses_still_lead_to_the_week(job: GenerationJob) -> None:
    viewer = client_of(member(job.organization, "viewer"))

    assert viewer.get("/timetables/?by=room&key=R1").url == "/timetables/wawel/room/R1/"  # type: ignore[attr-defined]


def test_each_term_has_its_own(client: Client, job: GenerationJob) -> None:
    other = review_job(organization=job.organization, num_variants=1, workflow="published")
    other.variants.get().entries.filter(section="ALG-1").update(title="Algebra of the other term")
    other.term.is_current = False
    other.term.save()

    usual = text_of(client.get("/timetables/wawel/section/ALG-1/?view=grid"))
    asked = text_of(client.get(f"/timetables/wawel/section/ALG-1/?view=grid&term={other.term.code}"))

    assert "of the other term" not in usual
    assert "of the other term" in asked
    assert client.get("/timetables/wawel/?term=none").status_code == 404


def test_the_database_keeps_one_published_timetable_a_term(job: GenerationJob) -> None:
    second = review_job(organization=job.organization, term=job.term, num_variants=1, workflow="approved")

    with pytest.raises(IntegrityError), transaction.atomic():
        Workflow.objects.filter(pk=second.pk).update(status="published")
    GenerationJob.objects.update(term=None)
    Workflow.objects.update(term=None)
    with pytest.raises(IntegrityError), transaction.atomic():
        Workflow.objects.filter(pk=second.pk).update(status="published")


def test_a_room_is_named_once_with_its_building_and_found_by_both(client: Client, job: GenerationJob) -> None:
    science = Building.objects.create(organization=job.organization, code="SC", name="Science building")
    Room.objects.create(organization=job.organization, code="R1", name="Physics hall", capacity=40, building=science)

    week = text_of(client.get("/timetables/wawel/section/ALG-1/?view=week"))
    grid = text_of(client.get("/timetables/wawel/section/ALG-1/?view=grid"))
    own = text_of(client.get("/timetables/wawel/room/R1/?view=grid"))

    assert week.count("Physics hall (R1), Science building") == 1
    assert '<span class="where" title="Physics hall (R1), Science building">Physics hall (R1), Science building</span>' in grid
    assert '<p class="subtitle">Physics hall, Science building</p>' in own
    assert "/room/R1/" in text_of(client.get("/timetables/wawel/?q=science"))
    Building.objects.update(name="House of sciences")
    assert "Physics hall (R1), House of sciences" in text_of(client.get("/timetables/wawel/section/ALG-1/?view=week"))
