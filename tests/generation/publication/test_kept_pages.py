"""Rendered pages are kept by content: no look into the database on a hit, and never one of yesterday."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from academics.models import Holiday, Instructor, Organization, Period, Room
from generation.models import GenerationJob, Workflow
from generation.publication import current, responses
from generation.publication.redis_cache import page_cache
from generation.publication.response_cache import HEADER
from generation.review.workflow import workflow_publish
from tests.factories import OrganizationFactory, UserFactory, member, review_job
from tests.factories.published import kept_in
from tests.processes import Valkey, start_valkey

# On commit is when a change is told: each test's writes are committed.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]
PAGE = "/timetables/wawel/section/ALG-1/?view=grid"


@pytest.fixture(scope="module")
def valkey() -> Iterator[Valkey]:
    folder = Path(tempfile.mkdtemp(prefix="tlp-"))  # short: a socket's path holds 107 characters
    with start_valkey(folder) as server:
        yield server
    shutil.rmtree(folder)


@pytest.fixture(autouse=True)
def _kept_in_redis(settings: Any, valkey: Valkey, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(page_cache, "_away_until", 0.0)
    valkey.client().flushall()
    with kept_in(settings, valkey):
        yield


@pytest.fixture
def job() -> GenerationJob:
    return review_job(organization=OrganizationFactory(code="wawel", is_public=True), num_variants=1, workflow="published")


def test_a_hit_does_not_touch_the_database(job: GenerationJob, django_assert_num_queries: Any) -> None:
    pages = [PAGE, "/timetables/wawel/", "/timetables/wawel/room/", "/timetables/wawel/instructor/Kowalska/?view=week"]
    first = [Client().get(page).content for page in pages]

    with django_assert_num_queries(0):
        again = [Client().get(page).content for page in pages]

    assert first == again


def test_a_reader_that_has_the_page_gets_304(job: GenerationJob, django_assert_num_queries: Any) -> None:
    etag = Client().get(PAGE).headers["ETag"]

    with django_assert_num_queries(0):
        response = Client().get(PAGE, headers={"if-none-match": etag})

    assert response.status_code == 304
    assert response.headers["Cache-Control"] == "public, no-cache"


def _edited(job: GenerationJob) -> None:
    job.variants.get().entries.filter(course="ALG").update(room="R9")


def _replaced(job: GenerationJob) -> None:
    second = review_job(organization=job.organization, term=job.term, num_variants=1, workflow="approved")
    second.variants.get().entries.filter(course="ALG").update(room="R9")
    workflow_publish(workflow=Workflow.objects.get(job=second), user=UserFactory())


def _renamed(job: GenerationJob) -> None:
    Instructor.objects.create(organization=job.organization, code="Kowalska", name="Prof. R9")


def _rung(job: GenerationJob) -> None:
    assert job.term is not None
    Period.objects.filter(term=job.term, index=0).update(starts_at="07:09")


@pytest.mark.parametrize(("change", "sign"), [(_edited, "R9"), (_replaced, "R9"), (_renamed, "Prof. R9"), (_rung, "07:09")])
def test_no_page_of_before_a_change(job: GenerationJob, change: Callable[[GenerationJob], None], sign: str) -> None:
    before = Client().get(PAGE)
    assert sign not in before.content.decode()

    change(job)
    after = Client().get(PAGE, headers={"if-none-match": before.headers["ETag"]})

    assert after.status_code == 200
    assert sign in after.content.decode()


def test_a_new_holiday_is_shown_at_once(job: GenerationJob) -> None:
    Client().get("/timetables/wawel/")
    assert job.term is not None
    Holiday.objects.create(term=job.term, name="Founders", starts_on=job.term.starts_on)

    assert "Founders" in Client().get("/timetables/wawel/").content.decode()


def test_what_is_no_longer_public_or_published_is_gone_at_once(job: GenerationJob) -> None:
    assert Client().get(PAGE).status_code == 200
    Organization.objects.update(is_public=False)
    assert Client().get(PAGE).status_code == 302
    Organization.objects.update(is_public=True)
    Workflow.objects.update(status="archived")
    assert Client().get(PAGE).status_code == 404


def test_a_change_that_is_undone_begins_no_turn(job: GenerationJob, django_assert_num_queries: Any) -> None:
    from django.db import transaction

    Client().get(PAGE)
    with transaction.atomic():
        _edited(job)
        transaction.set_rollback(True)

    with django_assert_num_queries(0):
        assert "R9" not in Client().get(PAGE).content.decode()


@pytest.fixture
def other() -> GenerationJob:
    return review_job(organization=OrganizationFactory(code="jagiellonian", is_public=True), num_variants=1, workflow="published")


@pytest.mark.parametrize("change", [_edited, _replaced, _renamed, _rung])
def test_a_change_leaves_the_pages_of_other_institutions_as_they_are(
    job: GenerationJob, other: GenerationJob, change: Callable[[GenerationJob], None], django_assert_num_queries: Any
) -> None:
    theirs = PAGE.replace("wawel", "jagiellonian")
    before = [Client().get(page).content for page in (PAGE, theirs)]

    change(job)

    with django_assert_num_queries(0):
        assert Client().get(theirs).content == before[1]
    assert Client().get(PAGE).content != before[0]


def test_a_change_of_several_institutions_is_seen_in_each(job: GenerationJob, other: GenerationJob) -> None:
    theirs = PAGE.replace("wawel", "jagiellonian")
    for each in (job, other):
        Room.objects.create(organization=each.organization, code="R1", capacity=9, name="Old hall")
    assert all("Old hall" in Client().get(f"/timetables/{code}/room/").content.decode() for code in ("wawel", "jagiellonian"))

    Room.objects.filter(code="R1").update(name="New hall")

    assert all("New hall" in Client().get(f"/timetables/{code}/room/").content.decode() for code in ("wawel", "jagiellonian"))
    assert Client().get(theirs).status_code == 200


def test_a_code_that_another_institution_takes_over_shows_the_new_ones_pages(job: GenerationJob, other: GenerationJob) -> None:
    other.variants.get().entries.filter(course="ALG").update(room="R9")
    assert "R9" not in Client().get(PAGE).content.decode()
    assert Client().get("/timetables/copernicus/").status_code in (302, 404)

    Organization.objects.filter(pk=job.organization_id).update(code="copernicus")
    Organization.objects.filter(pk=other.organization_id).update(code="wawel")

    assert "R9" in Client().get(PAGE).content.decode()
    assert "R9" not in Client().get(PAGE.replace("wawel", "copernicus")).content.decode()


def test_a_change_that_is_committed_while_a_page_is_made_is_on_the_next_one(job: GenerationJob, monkeypatch: pytest.MonkeyPatch) -> None:
    made = current.publication_of

    def changed_meanwhile(workflow: Workflow) -> Any:
        monkeypatch.setattr(current, "publication_of", made)
        found = made(workflow)
        _edited(job)
        return found

    monkeypatch.setattr(current, "publication_of", changed_meanwhile)
    Client().get(PAGE)
    header = Client().get(PAGE).headers[HEADER]

    assert "R9" in Client().get(PAGE).content.decode()
    assert header.split()[0] == current.turn_of(job.organization_id)


def test_whoever_is_signed_in_has_their_own_header_on_the_same_page(job: GenerationJob, monkeypatch: pytest.MonkeyPatch) -> None:
    stranger = Client().get(PAGE).content.decode()
    client = Client()
    client.force_login(member(job.organization, "viewer", username="zofia"))
    Client().get(PAGE)
    monkeypatch.setattr(responses, "render_to_string", lambda template, *rest: f"HEADER of {template}")

    page = client.get(PAGE)

    assert "zofia" not in stranger
    assert "HEADER of _header.html" in page.content.decode()
    assert page.headers["Cache-Control"] == "private, no-cache"
    assert "Cookie" in page.headers["Vary"]


def test_pages_are_compressed_once_for_those_who_take_it(job: GenerationJob) -> None:
    plain = Client().get(PAGE)
    packed = Client().get(PAGE, headers={"accept-encoding": "gzip"})

    assert packed.headers["Content-Encoding"] == "gzip"
    assert len(packed.content) < len(plain.content)


@pytest.mark.parametrize(
    ("query", "lies_ready"),
    [("view=grid", True), ("view=week&date=2026-10-19", True), ("view=none", False), ("date=2999-01-01", False), ("view=grid&x=1", False)],
)
def test_only_what_the_sites_own_links_ask_for_lies_ready(job: GenerationJob, query: str, lies_ready: bool) -> None:
    response = Client().get(f"/timetables/wawel/section/ALG-1/?{query}")

    assert response.status_code == 200
    assert (HEADER in response.headers) is lies_ready
