"""Books: made once for the same content, by a worker where they are large, never one of a timetable that has changed."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from generation import renderings
from generation.exports import ExportFile
from generation.models import GenerationJob, Rendering, Variant
from generation.renderings import book_ask, book_state, rendering_run, renderings_sweep
from tests.factories import OrganizationFactory, member, review_job

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[uuid.UUID]:
    """Every book is large here; what was queued is in the list."""
    queued: list[uuid.UUID] = []
    monkeypatch.setattr(renderings, "SMALL", 0)
    monkeypatch.setattr(renderings, "rendering_send", lambda *, rendering_id: queued.append(rendering_id))
    return queued


@pytest.fixture
def job() -> GenerationJob:
    return review_job(organization=OrganizationFactory(code="wawel", is_public=True), num_variants=1, workflow="published")


@pytest.fixture
def variant(job: GenerationJob) -> Variant:
    return job.variants.get()


def ask(variant: Variant) -> ExportFile | Rendering:
    return book_ask(variant=variant, book="sections")


def test_a_small_book_is_made_at_once_with_a_title_contents_and_a_page_a_week(variant: Variant) -> None:
    found = ask(variant)

    assert isinstance(found, ExportFile)
    assert found.content.startswith(b"%PDF-")
    assert found.content.count(b"/Type /Page\n") == 1 + 1 + 4
    assert found.name.endswith("sections.pdf")


def test_two_who_ask_at_once_get_one_task_and_then_the_file(variant: Variant, sent: list[uuid.UUID]) -> None:
    first, second = ask(variant), ask(variant)
    assert isinstance(first, Rendering)
    assert isinstance(second, Rendering)
    assert first.pk == second.pk
    assert sent == [first.pk]

    rendering_run(rendering_id=first.pk)

    state = book_state(variant=variant, book="sections")
    assert state is not None
    assert (state.status, state.progress, state.total) == ("done", 100.0, 4)
    assert isinstance(ask(variant), ExportFile)
    assert len(sent) == 1


def test_a_changed_timetable_has_another_book(variant: Variant, sent: list[uuid.UUID]) -> None:
    first = ask(variant)
    assert isinstance(first, Rendering)
    rendering_run(rendering_id=first.pk)

    variant.entries.filter(course="ALG").update(room="R9")

    assert isinstance(ask(variant), Rendering)
    assert len(sent) == 2


def test_a_book_is_not_kept_under_what_the_timetable_was_before(variant: Variant, sent: list[uuid.UUID]) -> None:
    first = ask(variant)
    assert isinstance(first, Rendering)
    variant.entries.filter(course="ALG").update(room="R9")

    rendering_run(rendering_id=first.pk)

    assert not Rendering.objects.exists()


def test_a_second_copy_of_the_task_leaves(variant: Variant, sent: list[uuid.UUID], monkeypatch: pytest.MonkeyPatch) -> None:
    row = ask(variant)
    assert isinstance(row, Rendering)
    rendering_run(rendering_id=row.pk)
    monkeypatch.setattr(renderings, "render", None)  # would fail

    rendering_run(rendering_id=row.pk)
    rendering_run(rendering_id=uuid.uuid4())

    assert Rendering.objects.get().status == "done"


def test_a_failure_is_kept_and_tried_again_three_times_at_most(
    variant: Variant, sent: list[uuid.UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> bytes:
        raise OSError("disk")

    monkeypatch.setattr(renderings, "render", broken)
    for _ in range(5):
        row = ask(variant)
        assert isinstance(row, Rendering)
        if len(sent) > Rendering.objects.get().attempt:
            with pytest.raises(OSError, match="disk"):
                rendering_run(rendering_id=row.pk)

    assert len(sent) == 3
    assert Rendering.objects.get().status == "failed"


@pytest.mark.parametrize(("status", "age", "again"), [("running", 59, 1), ("running", 61, 2), ("pending", 61, 1), ("pending", 301, 2)])
def test_a_silent_task_is_queued_again_by_the_sweep(variant: Variant, sent: list[uuid.UUID], status: str, age: int, again: int) -> None:
    ask(variant)
    Rendering.objects.update(status=status, touched_at=timezone.now() - timedelta(seconds=age))

    renderings_sweep()

    assert len(sent) == again


def test_what_nobody_reads_any_more_goes(variant: Variant, sent: list[uuid.UUID]) -> None:
    row = ask(variant)
    assert isinstance(row, Rendering)
    rendering_run(rendering_id=row.pk)
    Rendering.objects.update(touched_at=timezone.now() - timedelta(days=6))
    renderings_sweep()
    assert Rendering.objects.exists()

    Rendering.objects.update(touched_at=timezone.now() - timedelta(days=8))
    renderings_sweep()
    assert not Rendering.objects.exists()


def test_over_rest_a_book_is_202_until_it_is_there(job: GenerationJob, variant: Variant, sent: list[uuid.UUID]) -> None:
    client = APIClient()
    client.force_authenticate(member(job.organization, "viewer"))
    address = f"/api/timetable/variants/{variant.pk}/export/?as=pdf&book=sections"

    waiting = client.get(address)
    assert waiting.status_code == 202
    assert (waiting.json()["status"], waiting.headers["Retry-After"]) == ("pending", "1")
    rendering_run(rendering_id=sent[0])
    ready = client.get(address)

    assert (ready.status_code, ready.headers["Content-Type"]) == (200, "application/pdf")
    assert client.get(address, headers={"if-none-match": ready.headers["ETag"]}).status_code == 304
    assert client.get(address + "&progress=true").json()["progress"] == 100.0


@pytest.mark.parametrize("query", ["as=csv&book=sections", "as=pdf&book=students", "as=pdf&book=sections&by=room&key=R1"])
def test_nonsense_is_refused_by_name(job: GenerationJob, variant: Variant, query: str) -> None:
    client = APIClient()
    client.force_authenticate(member(job.organization, "viewer"))

    response = client.get(f"/api/timetable/variants/{variant.pk}/export/?{query}")

    assert response.status_code == 400
    assert "book" in response.json()


def test_readers_of_the_published_page_see_how_far_their_book_is(variant: Variant, sent: list[uuid.UUID]) -> None:
    page = Client().get("/timetables/wawel/book/rooms")
    assert page.status_code == 202
    assert "Waiting for a free worker" in page.content.decode()
    rendering_run(rendering_id=sent[0])

    assert Client().get("/timetables/wawel/book/rooms?progress=1").json()["status"] == "done"
    book: Any = Client().get("/timetables/wawel/book/rooms")
    assert (book.status_code, book.headers["Content-Type"]) == (200, "application/pdf")
    assert Client().get("/timetables/wawel/book/students").status_code == 404


@pytest.mark.parametrize("kind", ["csv", "xlsx", "json", "pdf"])
def test_published_files_say_nothing_of_the_search(job: GenerationJob, variant: Variant, kind: str) -> None:
    Variant.objects.update(certificate={"input_hash": "secret-hash"}, statistics={"students": 12345})

    whole = Client().get(f"/timetables/wawel/files/{kind}")
    own = Client().get(f"/timetables/wawel/files/{kind}?by=room&key=R1")

    assert whole.status_code == own.status_code == 200
    assert b"secret-hash" not in whole.content
    assert b"12345" not in whole.content
    for bad in ("by=room", "key=R1", "by=room&key=NONE", "by=student&key=S1"):
        assert Client().get(f"/timetables/wawel/files/{kind}?{bad}").status_code == 404
    assert Client().get("/timetables/wawel/files/exe").status_code == 404
