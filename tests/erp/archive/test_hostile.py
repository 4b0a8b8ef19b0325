"""Archives that were written by hand: refused by row and column, and nothing of them reaches a page, a reader or a mailbox."""

from __future__ import annotations

import base64
import json
import zlib
from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from academics.models import ArchiveReading, Organization
from erp.archive import readings
from erp.archive.messages import ArchiveRefusal
from erp.archive.reading import archive_document, archive_read
from erp.archive.shapes import packed_wrong, value_wrong
from erp.archive.writing import archive_write
from generation.models import Notice, Rendering, Variant, WorkflowEvent
from tests.factories import OrganizationFactory, member
from tests.factories.archives import sealed
from tests.world import world_make

pytestmark = pytest.mark.django_db
ORIGIN = {"variant_id": str(UUID(int=1)), "job_id": str(UUID(int=1)), "label": "A", "revision": 0, "made_at": "2026-09-01"}
JUNK = base64.b64encode(b"junk").decode()


def read(archive: dict[str, Any]) -> Organization:
    document = archive_document(data=sealed(archive).encode(), file="a.json")
    return archive_read(document=document, file="a.json", code="copy", replace=False, make_users=False)


@pytest.fixture
def archive() -> dict[str, Any]:
    found: dict[str, Any] = json.loads("".join(archive_write(organization=world_make().organization)))
    return found


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        ("academics.term", "starts_on", "0001-01-01"),
        ("academics.term", "ends_on", "9999-12-31"),
        ("generation.generationjob", "status", "pending"),
        ("generation.generationjob", "origin", {"a": 1}),
        ("generation.generationjob", "origin", []),
        ("generation.generationjob", "fixed", {"variant_id": "x"}),
        ("generation.generationjob", "origin", ORIGIN | {"run_id": "x"}),
        ("generation.generationjob", "explanation", {"headline": "x", "fixes": 5}),
        ("generation.generationjob", "history", {"variants": {"a": {"criteria": [], "points": [["x"]]}}}),
        ("generation.variant", "weights", []),
        ("generation.variant", "breakdown", {"unplaced": {}}),
        ("generation.variant", "statistics", "x"),
        ("generation.variant", "certificate", [1]),
        ("generation.variant", "certificate", {"differs": {"headline": "x", "lines": 5, "more": 0}}),
        ("generation.variant", "certificate", {"wishes": ["min_days"]}),
        ("generation.variant", "conflicts", [{"constraint": "unplaced"}]),
        ("generation.entry", "instructors", 5),
        ("generation.entry", "day", 300),
        ("generation.edit", "changes", [{}]),
        ("generation.frozenproblem", "data", JUNK),
    ],
)
def test_a_column_of_another_shape_is_refused_by_its_name(archive: dict[str, Any], table: str, column: str, value: Any) -> None:
    content = archive["tables"][table]
    content["rows"][0][content["columns"].index(column)] = value

    with pytest.raises(ArchiveRefusal, match=f"{table}, row 1, column {column}"):
        read(archive)

    assert not Organization.objects.filter(code="copy").exists()


@pytest.mark.parametrize("roster", [["A"], ["A", "A/1", [5]], ["A", "A/1", None], 5, {}])
def test_students_who_stayed_in_a_section_are_its_codes(roster: Any) -> None:
    kept = {"left_out": [], "places": []}

    assert value_wrong("generation.keptplaces", "data", kept | {"rosters": [roster]})
    assert not value_wrong("generation.keptplaces", "data", kept | {"rosters": [["A", "A/1", ["s1"]]]})


@pytest.mark.parametrize("data", [b"junk", b"", zlib.compress(b"[" * 10_000), zlib.compress(b"{}"), zlib.compress(b"[]" * 2**20)])
def test_seats_that_cannot_be_unpacked_are_refused(data: bytes, settings: Any) -> None:
    settings.IMPORT_MAX_UNPACKED_MB = 1
    assert bool(packed_wrong("generation.seating", data)) is bool(data)  # empty: no student is known by name


@pytest.mark.parametrize("depth", [40, 400, 900])
def test_what_is_nested_deeply_is_refused(depth: int) -> None:
    text = '{"format":"timeloom-archive","version":1,"organization":{"weights":' + '{"a":' * depth + "1" + "}" * depth
    with pytest.raises(ArchiveRefusal, match="nested"):
        archive_document(data=(text + '},"members":[],"tables":{}}').encode(), file="a.json")


def test_no_file_of_another_institution_and_no_email_comes_with_an_archive(archive: dict[str, Any]) -> None:
    """A book is found by its content, whoever's it is; a notice that waits is sent to whatever address it names."""
    assert not {"generation.rendering", "generation.notice"} & set(archive["tables"])
    event, variant = WorkflowEvent.objects.first(), Variant.objects.first()
    assert variant is not None
    archive["tables"]["generation.notice"] = {"columns": ["event_id", "email", "status"], "rows": [[1, "anybody@example.org", "pending"]]}
    archive["tables"]["generation.rendering"] = {
        "columns": ["variant_id", "book", "content_hash", "status", "content"],
        "rows": [[str(variant.pk), "rooms", "3-rooms-abc", "done", JUNK]],
    }

    read(archive)

    assert not Notice.objects.exclude(event=event).exists()
    assert not Rendering.objects.exists()


def test_a_copy_is_read_beside_an_institution_whose_book_was_made() -> None:
    world = world_make()
    Rendering.objects.create(variant=world.variant, book="rooms", content_hash="3-rooms-abc", status="done", content=b"%PDF")

    read(json.loads("".join(archive_write(organization=world.organization))))

    assert Organization.objects.filter(code="copy").exists()


def test_what_another_window_discards_meanwhile_is_gone_without_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    organization = OrganizationFactory()
    client = Client()
    client.force_login(member(organization, "admin"))
    text = "".join(archive_write(organization=organization))
    address = client.post("/admin/import/archive/", {"file": SimpleUploadedFile("a.json", text.encode())}).headers["Location"]

    def discarded(**facts: Any) -> str:
        ArchiveReading.objects.all().delete()
        return organization.code

    monkeypatch.setattr(readings, "target_check", discarded)

    assert client.post(address, {"action": "read", "target": organization.code}).status_code == 404
