"""An archive read back on its pages and over REST: what is in it, where it goes, how far it is, and what is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from academics.importing.messages import ImportConflict
from academics.models import ArchiveReading, Membership, Organization, Room
from erp.archive.messages import ArchiveRefusal
from erp.archive.reading import archive_document
from erp.archive.readings import reading_create, reading_run
from erp.archive.writing import archive_write
from erp.tasks import archive_run
from tests.clients import text_of
from tests.factories import OrganizationFactory, UserFactory, member
from tests.factories.archives import sealed, without_digest
from tests.factories.tables import files_import

pytestmark = pytest.mark.django_db
PAGE, REST = "/admin/import/archive/", "/api/archive/"


@pytest.fixture
def organization() -> Organization:
    found = OrganizationFactory(code="faculty", name="Faculty")
    files_import(found)
    member(found, "reviewer", username="dean")
    return found


@pytest.fixture
def text(organization: Organization) -> str:
    return "".join(archive_write(organization=organization))


def client_for(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def root() -> Client:
    return client_for(UserFactory(is_superuser=True, username="root"))


def altered(text: str, before: str, after: str) -> str:
    """With another word in one place, and the digest of that."""
    return sealed(json.loads(text.replace(before, after, 1)))


def given(client: Client, content: str | bytes) -> str:
    """Give the file; the address of the next page."""
    upload = SimpleUploadedFile("a.json", content.encode() if isinstance(content, str) else content)
    return str(client.post(PAGE, {"file": upload}).headers["Location"])


def test_a_new_institution_from_an_archive(root: Client, organization: Organization, text: str) -> None:
    address = given(root, text)
    page = text_of(root.get(address))
    assert '<h2 id="inside">Faculty</h2>' in page
    assert "with the code faculty already" in page
    assert 'value="faculty-2"' in page  # a code that is free
    assert "<dt>Rooms</dt><dd>3</dd>" in page

    done = text_of(root.post(address, {"action": "read", "target": "", "new_code": "copy"}, follow=True))

    assert "Faculty is here, under the code copy" in done
    assert Room.objects.filter(organization__code="copy").count() == 3
    assert "This archive is read; it can&#x27;t be read now." in text_of(
        root.post(address, {"action": "read", "new_code": "x"}, follow=True)
    )
    assert bytes(ArchiveReading.objects.get().data) == b""


def test_a_fresh_installation_begins_with_an_archive(root: Client, organization: Organization, text: str) -> None:
    Organization.objects.all().delete()

    page = text_of(root.get(PAGE))
    root.post(given(root, text), {"action": "read", "target": "", "new_code": "faculty"})

    assert "Read one back" in page
    assert Organization.objects.get().name == "Faculty"


def test_an_administrator_replaces_an_institution_only_where_that_is_said(organization: Organization, text: str) -> None:
    user = member(organization, "admin")
    client, text = client_for(user), altered(text, f'"{user.username}","role":"admin"', f'"{user.username}","role":"viewer"')
    Room.objects.filter(code="R1").delete()
    address = given(client, text)

    refused = text_of(client.post(address, {"action": "read", "target": "faculty"}, follow=True))
    new = text_of(client.post(address, {"action": "read", "target": "", "new_code": "brand-new"}, follow=True))
    done = text_of(client.post(address, {"action": "read", "target": "faculty", "replace": "on"}, follow=True))

    assert "has data already" in refused
    assert "make new institutions" in new
    assert "Faculty is here" in done
    assert Room.objects.count() == 3
    assert Membership.objects.get(user=user).role == "admin"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda text: "", "the file is empty"),
        (lambda text: text[: len(text) // 2], "or it was cut off"),
        (lambda text: b"PK\x03\x04" + b"x" * 50, "Unpack it"),
        (lambda text: "[" * 100_000, "not a JSON document"),
        (lambda text: text.replace('"version":1', '"version":2', 1), "version is 2; this installation reads version 1"),
        (lambda text: altered(text, '"capacity"', '"volume"'), "the column &#x27;volume&#x27;, which is not known here"),
        (lambda text: text.replace('"capacity"', '"volume"', 1), "It was altered, or put together"),
        (lambda text: '{"rooms": []}', "not an archive of an institution"),
    ],
    ids=["empty", "truncated", "zip", "deep", "version", "column", "altered", "another document"],
)
def test_what_can_not_be_read_is_refused_at_once(root: Client, text: str, change: Any, words: str) -> None:
    content = change(text)
    upload = SimpleUploadedFile("a.json", content.encode() if isinstance(content, str) else content)

    response = root.post(PAGE, {"file": upload})

    assert words in text_of(response)
    assert not ArchiveReading.objects.exists()
    assert Organization.objects.count() == 1


def test_a_file_of_nothing_but_brackets_is_not_unpacked(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("erp.archive.reading.MOST_CONTAINERS", 5)

    with pytest.raises(ArchiveRefusal, match="more than 5 lists and objects"):
        archive_document(data=text.encode(), file="a.json")


def test_an_archive_of_an_earlier_release_is_read(root: Client, text: str) -> None:
    archive = json.loads(text)
    del archive["tables"]["academics.rulesetting"]
    offerings = archive["tables"]["academics.courseoffering"]
    at = offerings["columns"].index("num_sections")
    for row in [offerings["columns"], *offerings["rows"]]:
        del row[at]

    done = root.post(given(root, without_digest(archive)), {"action": "read", "new_code": "old"}, follow=True)

    assert "is here, under the code old" in text_of(done)


def test_a_worker_reads_it_once_and_a_refusal_stays_in_the_row(root: Client, text: str) -> None:
    user = UserFactory(is_superuser=True)
    reading = reading_create(user=user, file="a.json", data=text.encode(), code="copy")
    ArchiveReading.objects.filter(pk=reading.pk).update(status="reading", attempt=1)
    news: list[tuple[str, int, int]] = []

    reading_run(reading_id=reading.pk, attempt=1, on_progress=lambda *each: news.append(each))
    archive_run(str(reading.pk), 1)

    assert Organization.objects.filter(code="copy").count() == 1
    assert news[0][0] == "Opening the archive"
    assert "Reading rooms" in {words for words, _, _ in news}
    assert all(0 <= done <= total for _, done, total in news)
    again = reading_create(user=user, file="a.json", data=text.encode(), code="copy")
    ArchiveReading.objects.filter(pk=again.pk).update(status="reading", attempt=1)
    archive_run(str(again.pk), 1)
    again.refresh_from_db()
    assert (again.status, again.error[:38]) == ("looked", "Institution 'copy' has data already. C")


def test_rest_answers_202_for_what_a_worker_reads(root: Client, text: str, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[ArchiveReading] = []
    monkeypatch.setattr("erp.archive.readings.step_send", sent.append)

    answer = root.post(REST, {"file": SimpleUploadedFile("a.json", text.encode()), "organization": "copy", "background": "true"})

    assert (answer.status_code, answer.json()["status"], answer.json()["organization"]) == (202, "reading", None)
    archive_run(str(sent[0].pk), sent[0].attempt)
    found = root.get(answer.headers["Location"]).json()
    assert (found["status"], found["organization"], found["error"]) == ("read", "copy", "")
    assert client_for(UserFactory(is_superuser=True)).get(answer.headers["Location"]).status_code == 404


@pytest.mark.parametrize("is_at_work", [False, True])
def test_an_archive_is_given_up_and_leaves_nothing(text: str, is_at_work: bool) -> None:
    user = UserFactory(is_superuser=True)
    reading, client = reading_create(user=user, file="a.json", data=text.encode(), code="copy"), client_for(user)
    ArchiveReading.objects.filter(pk=reading.pk).update(status="reading", attempt=1)
    answers: list[Any] = []

    def on_progress(words: str, done: int, total: int) -> None:
        if words == "Reading rooms" and not answers:
            answers.append(client.delete(f"{REST}readings/{reading.pk}/"))

    if is_at_work:
        with pytest.raises(ImportConflict, match="given up"):
            reading_run(reading_id=reading.pk, attempt=1, on_progress=on_progress)
    else:
        on_progress("Reading rooms", 0, 1)
        archive_run(str(reading.pk), 1)

    found = answers[0].json()
    assert (answers[0].status_code, found["status"], found["error"]) == (202, "looked", "It was given up. Nothing was written.")
    assert not Organization.objects.filter(code="copy").exists()
    assert client.delete(f"{REST}readings/{reading.pk}/").status_code == 204
    assert not ArchiveReading.objects.exists()


def test_an_archive_that_was_read_can_not_be_given_up(root: Client, text: str) -> None:
    user = UserFactory(is_superuser=True)
    reading = reading_create(user=user, file="a.json", data=text.encode(), code="copy")
    ArchiveReading.objects.filter(pk=reading.pk).update(status="reading", attempt=1)
    archive_run(str(reading.pk), 1)

    assert root.delete(f"{REST}readings/{reading.pk}/").status_code == 404
    answer = client_for(user).delete(f"{REST}readings/{reading.pk}/")
    assert (answer.status_code, answer.json()["detail"]) == (409, "This archive is read; it can't be given up now.")
    assert Organization.objects.filter(code="copy").exists()


def test_a_queue_that_is_away_leaves_nothing(root: Client, text: str, settings: Any) -> None:
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"

    answer = root.post(REST, {"file": SimpleUploadedFile("a.json", text.encode()), "organization": "copy", "background": "true"})

    assert answer.status_code == 503
    assert not ArchiveReading.objects.exists()
