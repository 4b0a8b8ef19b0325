"""Imports over REST: statuses, bodies and who gets which."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import load_workbook
from rest_framework.test import APIClient

from academics.importing import batches
from academics.importing.columns_by_kind import KINDS
from academics.importing.messages import ImportConflict
from academics.models import ImportBatch, Organization, Room
from tests.factories import OrganizationFactory, member
from tests.factories.tables import TABLES, files_import

pytestmark = pytest.mark.django_db
IMPORT = "/api/import/"


@pytest.fixture
def organization() -> Organization:
    return OrganizationFactory()


@pytest.fixture
def api(organization: Organization) -> APIClient:
    client = APIClient()
    client.force_authenticate(member(organization, "admin"))
    return client


def sent(client: APIClient, tables: dict[str, Any], **fields: Any) -> Any:
    files = [SimpleUploadedFile(name, text if isinstance(text, bytes) else text.encode()) for name, text in tables.items()]
    return client.post(IMPORT, {"files": files, **fields}, format="multipart")


def test_files_are_brought_in_and_undone(api: APIClient) -> None:
    answer = sent(api, TABLES)

    assert (answer.status_code, answer.data["status"], answer.data["can_undo"]) == (201, "imported", True)
    assert answer.data["counts"]["rooms"] == {"added": 3, "changed": 0, "removed": 0, "unchanged": 0}
    undone = api.post(f"{answer['Location']}undo/")
    assert (undone.status_code, undone.data["status"]) == (200, "undone")
    assert api.post(f"{answer['Location']}undo/").status_code == 409
    assert not Room.objects.exists()


def test_a_dry_run_writes_nothing(api: APIClient) -> None:
    answer = sent(api, TABLES, dry_run="true")

    assert (answer.status_code, answer.data["status"], answer.data["num_problems"]) == (200, "checked", 0)
    assert not Room.objects.exists()


def test_problems_are_a_400_that_lists_them(api: APIClient) -> None:
    answer = sent(api, {"rooms.csv": "Room,Seats\nR1,x\nR1,5\n"})

    assert answer.status_code == 400
    assert [(each["row"], each["column"], each["value"]) for each in answer.data["problems"]] == [(2, "Seats", "x")]


def test_a_mapping_says_what_the_headings_do_not(api: APIClient) -> None:
    mapping = {"x.csv": {"kind": "rooms", "columns": {"Raum": "code", "Plätze": "capacity"}}}

    answer = sent(api, {"x.csv": "Raum;Plätze\nR1;20\n"}, mapping=json.dumps(mapping))

    assert answer.status_code == 201
    assert Room.objects.get().capacity == 20


@pytest.mark.parametrize(
    ("mapping", "words"),
    [
        ("{", "This is not JSON."),
        ("[]", "it is not an object"),
        ('{"y.csv": {}}', "'y.csv' is none of the files"),
        ('{"x.csv": {"kind": "planets"}}', "'planets' is none of the kinds departments"),
        ('{"x.csv": {"kind": "rooms", "columns": {"A": "wings"}}}', "the columns are building, capacity"),
        ('{"x.csv": {"columns": [1]}}', "'columns' is not an object"),
    ],
)
def test_a_wrong_mapping_is_named(api: APIClient, mapping: str, words: str) -> None:
    answer = sent(api, {"x.csv": "A,B\n1,2\n"}, mapping=mapping)

    assert answer.status_code == 400
    assert words in answer.data["mapping"][0]
    assert not ImportBatch.objects.exists()


def test_missing_and_nonsense_fields_are_named(api: APIClient) -> None:
    assert "files" in api.post(IMPORT, {}, format="multipart").data
    assert "dry_run" in sent(api, TABLES, dry_run="perhaps").data
    assert sent(api, TABLES, organization="elsewhere").status_code == 404


def test_only_administrators_bring_data_in(organization: Organization) -> None:
    client = APIClient()
    client.force_authenticate(member(organization, "reviewer"))

    assert sent(client, TABLES).status_code == 403
    assert APIClient().get(IMPORT).status_code == 401


def test_of_several_organizations_one_is_named(organization: Organization) -> None:
    user = member(organization, "admin")
    other = OrganizationFactory()
    other.memberships.create(user=user, role="admin")
    client = APIClient()
    client.force_authenticate(user)

    assert organization.code in str(sent(client, TABLES).data["organization"])
    assert sent(client, TABLES, organization=other.code, dry_run="true").data["organization"] == other.code


def test_another_organizations_import_does_not_exist(api: APIClient) -> None:
    batch = files_import(OrganizationFactory())

    for address in (f"{IMPORT}{batch.pk}/", f"{IMPORT}nonsense/", f"{IMPORT}{batch.pk}/problems.csv"):
        assert api.get(address).status_code == 404
    assert api.post(f"{IMPORT}{batch.pk}/undo/").status_code == 404


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_each_kind_has_a_template_that_is_understood(api: APIClient, kind: str) -> None:
    answer = api.get(f"{IMPORT}templates/{kind}.csv")

    headings = answer.content.decode("utf-8-sig").splitlines()[0].split(",")
    assert headings == [column.label for column in KINDS[kind].columns]


def test_the_workbook_of_all_templates_can_be_brought_in_as_it_is(api: APIClient) -> None:
    content = api.get(f"{IMPORT}templates/all.xlsx").content

    assert [sheet.title for sheet in load_workbook(io.BytesIO(content))][:-1] == [kind.title for kind in KINDS.values()]
    assert sent(api, {"all.xlsx": content}).status_code == 201
    assert api.get(f"{IMPORT}templates/planets.csv").status_code == 404


def given(organization: Organization) -> ImportBatch:
    return batches.batch_create(organization=organization, user=None, files=[("rooms.csv", b"Room,Seats\nR7,20\n")])


def test_an_import_that_waits_is_given_up(api: APIClient, organization: Organization) -> None:
    batch = given(organization)
    attempt = batches.batch_begin(batch=batch, action="import_at_once")

    answer = api.delete(f"{IMPORT}{batch.pk}/")

    assert (answer.status_code, answer.data["status"], answer.data["error"]) == (202, "checked", "It was given up. Nothing was written.")
    batches.batch_run(batch_id=batch.pk, attempt=attempt)  # its message comes late
    assert not Room.objects.exists()


@pytest.mark.parametrize("moment", ["Checking", "Adding"])
def test_an_import_at_work_is_given_up_and_leaves_nothing(api: APIClient, organization: Organization, moment: str) -> None:
    batch = given(organization)
    attempt = batches.batch_begin(batch=batch, action="import_at_once")
    answers: list[int] = []

    def on_progress(words: str, done: int, total: int) -> None:
        if words.startswith(moment) and not answers:
            answers.append(api.delete(f"{IMPORT}{batch.pk}/").status_code)

    with pytest.raises(ImportConflict, match="given up"):
        batches.batch_run(batch_id=batch.pk, attempt=attempt, on_progress=on_progress)

    assert answers == [202]
    batch.refresh_from_db()
    assert (batch.status, batch.error) == ("checked", "It was given up. Nothing was written.")
    assert not Room.objects.exists()


def test_an_undo_at_work_is_given_up_and_the_import_stands(api: APIClient, organization: Organization) -> None:
    batch = files_import(organization)
    attempt = batches.batch_begin(batch=batch, action="undo")

    with pytest.raises(ImportConflict, match="given up"):
        batches.batch_run(batch_id=batch.pk, attempt=attempt, on_progress=lambda *_: api.delete(f"{IMPORT}{batch.pk}/") and None)

    batch.refresh_from_db()
    assert batch.status == "imported"
    assert Room.objects.count() == 3


def test_what_was_not_begun_is_forgotten_and_what_was_imported_stays(api: APIClient, organization: Organization) -> None:
    batch = given(organization)
    assert api.delete(f"{IMPORT}{batch.pk}/").status_code == 204
    assert api.delete(f"{IMPORT}{batch.pk}/").status_code == 404

    done = files_import(organization)
    answer = api.delete(f"{IMPORT}{done.pk}/")
    assert (answer.status_code, answer.json()["detail"]) == (409, "This import is imported; it can't be given up now.")
    assert Room.objects.count() == 3
