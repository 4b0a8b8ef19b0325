"""An archive is of one moment, however much is edited while it is written, and nobody waits for it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client

from academics.models import Building, Department, Organization, Room, Student
from erp.archive import writing
from erp.archive.messages import ArchiveRefusal
from erp.archive.reading import archive_document
from erp.archive.writing import archive_write
from tests.factories import OrganizationFactory, member
from tests.factories.archives import without_digest

EDITED = (("academics.department", Department), ("academics.building", Building), ("academics.room", Room))


@pytest.fixture
def organization() -> Organization:
    found = OrganizationFactory(code="faculty", name="0")
    Department.objects.create(organization=found, code="D", name="0")
    building = Building.objects.create(organization=found, code="B", name="0")
    Room.objects.create(organization=found, code="R", name="0", building=building, capacity=10)
    Student.objects.bulk_create(Student(organization=found, code=f"S{number}", name="0") for number in range(300))
    return found


@contextmanager
def somebody_edits(organization: Organization) -> Iterator[list[int]]:
    """All names are one number, and one transaction makes them the next one; yields the numbers that were written."""
    written, ended = [0], threading.Event()

    def edit() -> None:
        try:
            while not ended.is_set():
                name = str(written[-1] + 1)
                with transaction.atomic():
                    Organization.objects.filter(pk=organization.pk).update(name=name)
                    for _, model in EDITED:
                        model._default_manager.filter(organization=organization).update(name=name)
                    Student.objects.filter(organization=organization).update(name=name)
                written.append(int(name))
        finally:
            connection.close()

    thread = threading.Thread(target=edit)
    thread.start()
    try:
        yield written
    finally:
        ended.set()
        thread.join()


def names_in(document: dict[str, Any]) -> set[str]:
    found = {document["organization"]["name"]}
    for table in ("academics.department", "academics.building", "academics.room", "academics.student"):
        content = document["tables"][table]
        found |= {row[content["columns"].index("name")] for row in content["rows"]}
    return found


@pytest.mark.django_db(transaction=True)
def test_archives_that_are_written_while_somebody_edits_are_each_of_one_moment(
    organization: Organization, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, path = Client(), tmp_path / "a.json"
    client.force_login(member(organization, "admin"))
    monkeypatch.setattr(writing, "AT_ONCE", 20)
    found: list[set[str]] = []
    with somebody_edits(organization) as written:
        for _ in range(3):
            pieces = []
            for piece in archive_write(organization=organization):
                seen = written[-1]
                pieces.append(piece)
                if len(pieces) % 10 == 1:  # the writer does not wait for the reader
                    _wait_for_more(written, seen)
            found.append(names_in(json.loads("".join(pieces))))
        call_command("export_archive", str(path), "--organization", organization.code)
        found.append(names_in(json.loads(path.read_text())))
        answer = client.get("/api/archive/")
        found.append(names_in(json.loads(b"".join(answer.streaming_content))))  # type: ignore[arg-type]

    assert [len(names) for names in found] == [1] * 5, f"mixed: {found}"
    assert path.stat().st_mode & 0o777 == 0o600


def _wait_for_more(written: list[int], seen: int) -> None:
    for _ in range(2000):
        if written[-1] > seen:
            return
        threading.Event().wait(0.005)
    raise AssertionError("the writer waits for the archive")


@pytest.mark.django_db
def test_an_archive_whose_parts_are_of_two_moments_is_refused(organization: Organization) -> None:
    earlier = json.loads("".join(archive_write(organization=organization)))
    Student.objects.filter(organization=organization).update(name="1")
    Room.objects.filter(organization=organization).update(name="1")
    torn = json.loads("".join(archive_write(organization=organization)))
    torn["tables"]["academics.student"] = earlier["tables"]["academics.student"]

    with pytest.raises(ArchiveRefusal, match="put together from several archives"):
        archive_document(data=json.dumps(torn).encode(), file="a.json")


@pytest.mark.django_db
@pytest.mark.parametrize("change", [lambda rows: rows.pop(), lambda rows: rows.reverse(), lambda rows: rows.append(rows[0])])
def test_a_row_that_is_missing_moved_or_added_is_noticed(organization: Organization, change: Any) -> None:
    document = json.loads("".join(archive_write(organization=organization)))
    again = json.dumps(document, indent=1)
    change(document["tables"]["academics.student"]["rows"])

    archive_document(data=again.encode(), file="a.json")  # laid out anew is not altered
    archive_document(data=without_digest(document).encode(), file="a.json")  # of a release before the digests
    with pytest.raises(ArchiveRefusal, match="It was altered"):
        archive_document(data=json.dumps(document).encode(), file="a.json")
