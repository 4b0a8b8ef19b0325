"""The pages of imports over HTTP: from files to rows and back, in the words that people read."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from academics.models import ImportBatch, Organization, Room
from tests.factories import OrganizationFactory, member
from tests.factories.tables import TABLES

pytestmark = pytest.mark.django_db
PAGE = "/admin/import/"


@pytest.fixture
def organization() -> Organization:
    return OrganizationFactory(name="Faculty")


@pytest.fixture
def admin(organization: Organization) -> Client:
    client = Client()
    client.force_login(member(organization, "admin"))
    return client


def upload(client: Client, tables: dict[str, str]) -> str:
    """Give the files; the address of the next page."""
    files = [SimpleUploadedFile(name, text.encode()) for name, text in tables.items()]
    return str(client.post(PAGE, {"files": files}).headers["Location"])


def columns_form(client: Client, address: str, **changes: Any) -> dict[str, Any]:
    """What the form of the columns would send, as it was guessed."""
    tables = client.get(address).context["tables"]
    form = {"action": "check"}
    for table in tables:
        kind = table["kind"].name if table["kind"] else ""
        form |= {f"kind-{table['number']}": kind, f"was-{table['number']}": kind}
        form |= {heading["name"]: heading["column"] for heading in table["headings"]}
    return form | changes


def text_of(response: Any) -> str:
    return str(response.content.decode())


def test_from_files_to_rows_and_back(admin: Client) -> None:
    address = upload(admin, TABLES)
    assert "What each column is" in text_of(admin.get(address))

    checked = text_of(admin.post(address, columns_form(admin, address), follow=True))
    assert "No problems. 35 to add, 0 to change, 0 to remove" in checked
    assert not Room.objects.exists()

    done = text_of(admin.post(address, {"action": "import"}, follow=True))
    assert "35 added, 0 changed, 0 removed" in done
    assert Room.objects.count() == 3

    undone = text_of(admin.post(address, {"action": "undo"}, follow=True))
    assert "everything is as it was before" in undone
    assert not Room.objects.exists()


def test_problems_are_listed_and_nothing_can_be_imported(admin: Client) -> None:
    address = upload(admin, {"rooms.csv": "Room,Seats\nR1,many\n"})

    page = text_of(admin.post(address, columns_form(admin, address), follow=True))
    refused = text_of(admin.post(address, {"action": "import"}, follow=True))

    assert "1 problem; nothing has been written" in page
    assert "a whole number from 0 to 10000" in page
    assert "1 problem has to be fixed first" in refused
    assert "many" in text_of(admin.get(f"/api/import/{address.split('/')[-2]}/problems.csv"))


def test_what_is_missing_is_created_by_one_button_and_a_value_said_for_all(admin: Client) -> None:
    rooms = "Room,Seats,Site\nR1,many,LS\nR2,many,HR\nR3,20,LS\n"
    address = upload(admin, {"rooms.csv": rooms})
    page = text_of(admin.post(address, columns_form(admin, address), follow=True))
    assert "2 buildings are missing" in page
    assert "Create these 2 buildings" in page

    page = text_of(admin.post(address, {"action": "fix", "cause": "missing:buildings", "fix": "create"}, follow=True))
    assert "2 buildings to create" in page
    assert "1 value of Seats can&#x27;t be read" in page
    unreadable = {"action": "fix", "cause": "unreadable:rooms.csv:capacity", "fix": "choose"}
    assert "Nothing was chosen" in text_of(admin.post(address, unreadable, follow=True))
    page = text_of(admin.post(address, unreadable | {"meant-0": "300"}, follow=True))
    assert "No problems. 5 to add" in page
    assert "checked again meanwhile" in text_of(admin.post(address, unreadable, follow=True))

    page = text_of(admin.post(address, {"action": "forget_fixes"}, follow=True))
    assert "2 buildings are missing" in page
    assert "What you decided" not in page


def test_rooms_are_created_with_the_seats_that_are_said(admin: Client) -> None:
    tables = {name: TABLES[name] for name in ("terms.csv", "courses.csv", "departments.csv")}
    tables["wishes.csv"] = "Course,Room,Choice\nMA1,H 9,1\n"
    address = upload(admin, tables | {"offerings.csv": "Course\nMA1\n"})
    form = columns_form(admin, address)
    assert "1 room is missing" in text_of(admin.post(address, form, follow=True))

    fix = {"action": "fix", "cause": "missing:rooms", "fix": "create"}
    assert "Seats of each: nothing was given" in text_of(admin.post(address, fix, follow=True))
    assert "No problems" in text_of(admin.post(address, fix | {"also": "45"}, follow=True))
    admin.post(address, {"action": "import"})

    assert Room.objects.get().capacity == 45


def test_a_chosen_column_is_remembered_for_the_next_file(admin: Client, organization: Organization) -> None:
    address = upload(admin, {"rooms.csv": "Zimmer,Plaetze\nR1,20\n"})
    assert "Still needed" in text_of(admin.get(address))
    admin.post(address, columns_form(admin, address, **{"column-0-0": "code", "column-0-1": "capacity"}))
    admin.post(address, {"action": "import"})

    again = upload(admin, {"rooms.csv": "Plaetze,Zimmer\n30,R1\n"})

    assert [heading["column"] for heading in admin.get(again).context["tables"][0]["headings"]] == ["capacity", "code"]
    other = Client()
    other.force_login(member(OrganizationFactory(), "admin"))
    assert "Still needed" in text_of(other.get(upload(other, {"rooms.csv": "Plaetze,Zimmer\n30,R1\n"})))


def test_a_kind_that_is_chosen_brings_its_columns(admin: Client) -> None:
    address = upload(admin, {"data.csv": "Code,Name\nA,Alpha\n"})

    admin.post(address, columns_form(admin, address, action="look", **{"kind-0": "buildings"}))

    table = admin.get(address).context["tables"][0]
    assert (table["kind"].name, [heading["column"] for heading in table["headings"]]) == ("buildings", ["code", "name"])


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("notes.docx", b"hello", "neither a table (.csv, .tsv, .txt or .xlsx)"),
        ("empty.csv", b"", "the file is empty"),
        ("broken.xlsx", b"PK\x03\x04 not really", "can&#x27;t be read"),
        ("binary.csv", b"\x00\x01\x02", "this is not a table"),
    ],
)
def test_what_is_no_table_is_refused_at_once(admin: Client, name: str, content: bytes, words: str) -> None:
    response = admin.post(PAGE, {"files": [SimpleUploadedFile(name, content)]})

    assert response.status_code == 400
    assert words in text_of(response)
    assert not ImportBatch.objects.exists()


def test_an_upload_that_says_it_is_too_large_is_not_read(admin: Client) -> None:
    response = admin.generic("POST", PAGE, b"x", content_type="multipart/form-data; boundary=x", CONTENT_LENGTH=str(200 * 2**20))

    assert response.status_code == 413
    assert "more than 100 MB" in text_of(response)


def test_discarding_forgets_the_files(admin: Client) -> None:
    address = upload(admin, {"rooms.csv": "Room,Seats\nR1,20\n"})

    page = text_of(admin.post(address, {"action": "discard"}, follow=True))

    assert "Discarded: rooms.csv" in page
    assert not ImportBatch.objects.exists()


def test_an_empty_organization_is_told_what_to_do_first(admin: Client) -> None:
    assert "None yet. Download the template" in text_of(admin.get(PAGE))
    assert 'href="/admin/import/">Import tables</a>' in text_of(admin.get("/"))
