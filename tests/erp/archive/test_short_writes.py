"""Reading an archive keeps nobody waiting: everything is checked before, within bounds, and what is left to write is short."""

from __future__ import annotations

import base64
import io
import json
import threading
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from academics.models import DataChange, Membership, Organization
from erp.archive import decisions, reading, shapes
from erp.archive.messages import ArchiveConflict, ArchiveRefusal
from erp.archive.reading import archive_document, archive_read
from erp.archive.shapes import packed_wrong
from erp.archive.writing import archive_write
from generation.models import Variant
from tests.factories import OrganizationFactory, UserFactory
from tests.factories.archives import sealed, without_digest
from tests.processes import SOON_S
from tests.world import world_make


def read(text: str, *, replace: bool = False, code: str = "copy") -> Organization:
    document = archive_document(data=text.encode(), file="a.json")
    return archive_read(document=document, file="a.json", code=code, replace=replace, make_users=True)


@contextmanager
def somebody_writes() -> Iterator[list[float]]:
    """Seconds that each write of somebody else took."""
    waits, ended = [0.0], threading.Event()

    def write() -> None:
        try:
            while not ended.is_set():
                began = time.monotonic()
                with transaction.atomic():
                    DataChange.objects.create(at="somebody")
                waits.append(time.monotonic() - began)
                ended.wait(0.01)
        finally:
            connection.close()

    thread = threading.Thread(target=write)
    thread.start()
    try:
        yield waits
    finally:
        ended.set()
        thread.join()


def of_shape(shape: tuple[int, ...], dtype: str = "<i4", content: bytes = b"\0" * 8) -> bytes:
    """A problem of one array that says of itself what is not true."""
    head, buffer = io.BytesIO(), io.BytesIO()
    np.lib.format.write_array_header_1_0(head, {"descr": dtype, "fortran_order": False, "shape": shape})
    with zipfile.ZipFile(buffer, "w") as members:
        members.writestr("header.npy", head.getvalue() + content)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("shape", "dtype"), [((10**12,), "<i4"), ((2**40, 2**40), "<i8"), ((2,), "<i8"), ((1,) * 9, "<i4"), ((2,), "|O"), ((1,), "<U2")]
)
def test_an_array_that_says_more_of_itself_than_there_is_takes_no_memory(shape: tuple[int, ...], dtype: str) -> None:
    assert packed_wrong("generation.frozenproblem", of_shape(shape, dtype)) == "these are no packed data of this kind."


def test_what_unpacks_to_more_than_any_problem_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shapes, "MOST_ARRAYS_MB", 4)
    monkeypatch.setattr(shapes, "problem_unpack", lambda data: pytest.fail("it was unpacked"))
    buffer = io.BytesIO()
    np.savez_compressed(buffer, header=np.zeros(8 * 2**20, dtype=np.uint8))
    assert len(buffer.getvalue()) < 2**14

    assert packed_wrong("generation.frozenproblem", buffer.getvalue())


@pytest.mark.django_db
def test_a_shape_of_a_million_millions_is_refused_by_row_and_column() -> None:
    archive = json.loads("".join(archive_write(organization=world_make().organization)))
    content = archive["tables"]["generation.frozenproblem"]
    content["rows"][0][content["columns"].index("data")] = base64.b64encode(of_shape((10**12,))).decode()
    client = Client()
    client.force_login(UserFactory(is_superuser=True))

    answer = client.post("/api/archive/", {"file": SimpleUploadedFile("a.json", sealed(archive).encode()), "organization": "copy"})

    assert answer.status_code == 400
    assert "generation.frozenproblem, row 1, column data" in answer.content.decode()


@pytest.mark.django_db
def test_more_rows_than_are_read_are_refused_before_any_is_looked_at(settings: Any) -> None:
    text = "".join(archive_write(organization=world_make().organization))
    settings.IMPORT_MAX_ROWS = 1

    with pytest.raises(ArchiveRefusal, match=r"has \d+ rows; at most 1 are read"):
        read(text)


@pytest.mark.django_db(transaction=True)
def test_somebody_writes_on_while_timetables_are_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    """A judge that takes a second, as a file of 0.2 MB can make it take half a minute."""
    text = "".join(archive_write(organization=world_make("published").organization))
    judge = decisions.evaluate
    monkeypatch.setattr(decisions, "evaluate", lambda *arguments: [time.sleep(2), judge(*arguments)][1])

    with somebody_writes() as waits:
        began = time.monotonic()
        copy = read(text)
        took_s = time.monotonic() - began

    assert took_s > 2
    assert max(waits) < 1.6, f"somebody waited for {max(waits):.1f} of {took_s:.1f} s"
    assert Variant.objects.filter(job__organization=copy).exists()
    assert DataChange.objects.exclude(at="somebody").exists(), "readiness and published pages are not told of it"


@pytest.mark.django_db(transaction=True)
def test_thousands_of_members_are_looked_up_and_written_together() -> None:
    archive = json.loads("".join(archive_write(organization=OrganizationFactory())))
    archive["members"] = [{"username": f"m{number}", "role": "viewer"} for number in range(3000)]

    with somebody_writes() as waits, CaptureQueriesContext(connection) as queries:
        copy = read(without_digest(archive))

    assert Membership.objects.filter(organization=copy).count() == 3000
    assert len(queries) < 300, "they were looked up one by one, which takes minutes for 100,000"
    assert max(waits) < 2


@pytest.mark.django_db
def test_what_came_between_the_check_and_the_writing_is_told_as_that(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "".join(archive_write(organization=world_make().organization))
    reserve = reading.keys_reserve

    def reserved(*arguments: Any) -> Any:
        OrganizationFactory(code="copy")
        return reserve(*arguments)

    monkeypatch.setattr(reading, "keys_reserve", reserved)

    with pytest.raises(ArchiveConflict, match="made or changed by somebody else just now"):
        read(text)


@pytest.mark.django_db
def test_a_locked_database_is_said_as_that_and_not_as_rows_that_contradict(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "".join(archive_write(organization=world_make().organization))
    client = Client(raise_request_exception=False)
    client.force_login(UserFactory(is_superuser=True))

    def locked(*arguments: Any, **facts: Any) -> Any:
        raise OperationalError("database is locked")

    monkeypatch.setattr("erp.archive.scratch.Scratch.rows_copy", locked)
    answer = client.post("/api/archive/", {"file": SimpleUploadedFile("a.json", text.encode()), "organization": "copy"})
    monkeypatch.setattr("django.contrib.auth.middleware.get_user", locked)
    earlier = client.get("/api/generation-jobs/")
    page = client.get("/admin/")

    assert (answer.status_code, answer.headers["Retry-After"], answer.headers["Content-Type"]) == (503, "5", "application/json")
    assert (earlier.status_code, earlier.headers["Retry-After"], earlier.headers["Content-Type"]) == (503, "5", "application/json")
    assert (page.status_code, page.headers["Retry-After"], page.headers["Content-Type"][:9]) == (503, "5", "text/html")


@pytest.mark.django_db(transaction=True)
def test_a_real_lock_is_a_503_that_says_when_to_try_again() -> None:
    text = "".join(archive_write(organization=OrganizationFactory(code="copy")))
    client, held, ended = Client(), threading.Event(), threading.Event()
    client.force_login(UserFactory(is_superuser=True))

    def hold() -> None:
        try:
            with transaction.atomic():
                Organization.objects.select_for_update().get(code="copy")
                held.set()
                ended.wait(SOON_S)
        finally:
            connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    assert held.wait(SOON_S)
    is_sqlite = connection.vendor == "sqlite"
    try:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA busy_timeout = 100" if is_sqlite else "SET lock_timeout = '100ms'")
        answer = client.post("/api/archive/", {"file": SimpleUploadedFile("a.json", text.encode()), "organization": "copy"})
    finally:
        ended.set()
        thread.join()
        connection.close()  # with its patience

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
