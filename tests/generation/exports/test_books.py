"""Books: made once for the same content, by a worker where they are large, never one of a timetable that has changed."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from academics import long_work
from academics.long_work import LeaseWatch, work_sweep
from generation.exports import ExportFile, book_pdf, books
from generation.exports.books import book_ask, book_state, rendering_run, renderings_sweep
from generation.models import GenerationJob, Rendering, Variant
from tests.factories import OrganizationFactory, member, review_job

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[uuid.UUID]:
    """Every book is large here; what was queued is in the list."""
    queued: list[uuid.UUID] = []
    monkeypatch.setattr(books, "SMALL", 0)
    monkeypatch.setattr(long_work, "task_send", lambda task, args: queued.append(args[0]) or True)
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
    monkeypatch.setattr(book_pdf, "render", None)  # would fail

    rendering_run(rendering_id=row.pk)
    rendering_run(rendering_id=uuid.uuid4())

    assert Rendering.objects.get().status == "done"


def test_a_failure_is_kept_and_tried_again_three_times_at_most(
    variant: Variant, sent: list[uuid.UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> bytes:
        raise OSError("disk")

    monkeypatch.setattr(book_pdf, "render", broken)
    for _ in range(5):
        row = ask(variant)
        assert isinstance(row, Rendering)
        if len(sent) > Rendering.objects.get().attempt:
            with pytest.raises(OSError, match="disk"):
                rendering_run(rendering_id=row.pk)

    assert len(sent) == 3
    assert Rendering.objects.get().status == "failed"


class Clock:
    """One that nobody sets."""

    now = 5000.0

    def __call__(self) -> float:
        return self.now


def swept(over_s: float) -> None:
    """Two rounds, so many seconds apart."""
    clock = Clock()
    watch = LeaseWatch(clock)
    work_sweep(watch)
    clock.now += over_s
    work_sweep(watch)


@pytest.mark.parametrize(("lease_s", "over_s", "again"), [(15, 9, 1), (15, 21, 2), (-1, 9, 1), (-1, 11, 2)])
def test_a_silent_task_is_queued_again_by_the_sweep(
    variant: Variant, sent: list[uuid.UUID], lease_s: float, over_s: float, again: int
) -> None:
    """As long as its lease says, or, where that has run out, for two renewals."""
    ask(variant)
    now = timezone.now()
    Rendering.objects.update(status="running", attempt=1, started_at=now, lease_expires_at=now + timedelta(seconds=lease_s))

    swept(over_s)

    assert len(sent) == again
    assert Rendering.objects.get().status == ("pending" if again == 2 else "running")


@pytest.mark.parametrize(("age", "waiting", "again"), [(10, "", 1), (30, "", 2), (30, "its message", 1), (-3600, "", 2)])
def test_a_lost_message_is_sent_again(
    variant: Variant, sent: list[uuid.UUID], monkeypatch: pytest.MonkeyPatch, age: float, waiting: str, again: int
) -> None:
    row = ask(variant)
    assert isinstance(row, Rendering)
    Rendering.objects.update(queued_at=timezone.now() - timedelta(seconds=age))
    monkeypatch.setattr(long_work, "messages_waiting", lambda queue: f"{queue} {row.pk}" if waiting else queue)

    swept(0)

    assert len(sent) == again


def test_a_task_that_took_three_processes_along_is_not_begun_again(variant: Variant, sent: list[uuid.UUID]) -> None:
    ask(variant)
    long_ago = timezone.now() - timedelta(hours=1)
    Rendering.objects.update(status="running", attempt=3, started_at=long_ago, lease_expires_at=long_ago)

    swept(11)

    assert Rendering.objects.get().status == "failed"
    assert len(sent) == 1


@pytest.mark.parametrize("state", ["pending", "running"])
def test_a_book_is_given_up_and_made_when_somebody_asks_again(
    job: GenerationJob, variant: Variant, sent: list[uuid.UUID], monkeypatch: pytest.MonkeyPatch, state: str
) -> None:
    client = APIClient()
    client.force_authenticate(member(job.organization, "admin"))
    address = f"/api/timetable/variants/{variant.pk}/export/?as=pdf&book=sections"
    assert client.delete(address).status_code == 404
    ask(variant)
    answers: list[Any] = []

    def interrupted(document: Any, book: str, tell: Any) -> bytes:
        tell(1, 4)
        answers.append(client.delete(address))
        tell(2, 4)
        return b"never"

    if state == "running":
        monkeypatch.setattr(book_pdf, "render", interrupted)
        rendering_run(rendering_id=sent[0])
    else:
        answers.append(client.delete(address))
        rendering_run(rendering_id=sent[0])

    assert (answers[0].status_code, answers[0].json()["status"]) == (202, "cancelled")
    assert (Rendering.objects.get().status, Rendering.objects.get().content) == ("cancelled", None)
    assert client.delete(address).status_code == 409
    assert client.get(address + "&progress=true").json()["status"] == "cancelled"
    monkeypatch.undo()
    monkeypatch.setattr(books, "SMALL", 0)
    monkeypatch.setattr(long_work, "task_send", lambda task, args: True)
    assert client.get(address).json()["status"] == "pending"
    rendering_run(rendering_id=sent[0])
    assert client.get(address).status_code == 200
    assert client.delete(address).status_code == 409


def test_only_administrators_give_up_a_book_on_its_page(job: GenerationJob, variant: Variant, sent: list[uuid.UUID]) -> None:
    ask(variant)
    page, reader, admin = "/timetables/wawel/book/sections", Client(), Client()
    reader.force_login(member(job.organization, "viewer"))
    admin.force_login(member(job.organization, "admin"))

    assert "Give it up" not in reader.get(page).content.decode()
    assert reader.post(page).status_code == Client().post(page).status_code == 403
    assert "Give it up" in admin.get(page).content.decode()
    assert "Making the book was given up" in admin.post(page).content.decode()
    assert Rendering.objects.get().status == "cancelled"


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
