"""Problems grouped by cause, and what fixes all rows of one at once."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from academics.importing import batches
from academics.importing.fixes import fixes_check
from academics.importing.messages import ImportRefusal
from academics.models import Building, CourseOffering, ImportBatch, ImportMapping, Organization, Room
from tests.factories import OrganizationFactory, member
from tests.factories.tables import TABLES, import_run

pytestmark = pytest.mark.django_db
ROOMS = "Room,Seats,Site\n" + "".join(f"R{n},{20 + n},{'LS' if n % 3 else 'HARNEY'}\n" for n in range(17))


@pytest.fixture
def organization() -> Organization:
    return OrganizationFactory()


def checked(organization: Organization, files: dict[str, str], choices: dict[str, Any] | None = None) -> ImportBatch:
    listed = [(name, text.encode()) for name, text in files.items()]
    batch = batches.batch_create(organization=organization, user=None, files=listed)
    batches.batch_choose(batch=batch, choices=choices or {}, remove_missing=False)
    return import_run(batch, "check")


def fixed(batch: ImportBatch, cause: int, action: str) -> ImportBatch:
    fix = next(each for each in batch.causes[cause]["fix"] if each["action"] == action)
    batches.batch_fix(batch=batch, fixes=fixes_check(fix.get("fixes", {})), mapping=fix.get("mapping"))
    return import_run(batch, "check")


def test_seventeen_rows_of_two_missing_buildings_are_one_cause(organization: Organization) -> None:
    batch = checked(organization, {"rooms.csv": ROOMS})

    assert batch.num_problems == 17
    (cause,) = batch.causes
    assert (cause["text"], cause["rows"]) == ("2 buildings are missing", 17)
    assert [(each["value"], each["rows"]) for each in cause["values"]] == [("LS", 11), ("HARNEY", 6)]
    assert [each["text"] for each in cause["fix"]] == [
        "Create these 2 buildings",
        "Choose which one is meant",
        "Take as empty",
        "Leave out the column Site",
        "Leave out these rows",
    ]
    assert {problem["cause"] for problem in batch.problems} == {cause["id"]}


def test_what_is_missing_is_created_with_the_import_and_undone_with_it(organization: Organization) -> None:
    batch = fixed(checked(organization, {"rooms.csv": ROOMS}), 0, "create")

    assert (batch.num_problems, batch.counts["buildings"]["added"], batch.counts["rooms"]["added"]) == (0, 2, 17)
    assert not Building.objects.exists(), "nothing before the import"

    import_run(batch, "import")
    assert Room.objects.get(code="R0").building.code == "HARNEY"  # type: ignore[union-attr]

    import_run(batch, "undo")
    assert not Building.objects.exists()


def test_a_created_row_that_somebody_changed_since_stays_and_nothing_is_removed_for_it(organization: Organization) -> None:
    Building.objects.create(organization=organization, code="MAIN", name="Main")
    batch = fixed(checked(organization, {"rooms.csv": ROOMS}), 0, "create")
    Building.objects.create(organization=organization, code="LS", name="Life Sciences")

    batches.batch_choose(batch=batch, choices={}, remove_missing=True)
    batch = import_run(import_run(batch, "check"), "import")

    assert sorted(Building.objects.values_list("code", "name")) == [("HARNEY", "HARNEY"), ("LS", "Life Sciences"), ("MAIN", "Main")]


def test_rows_that_repeat_another_can_be_left_out(organization: Organization) -> None:
    batch = checked(organization, {"rooms.csv": "Room,Seats\nR1,30\nR2,20\nR1,40\nR2,99\n"})

    assert [(cause["rows"], [each["action"] for each in cause["fix"]]) for cause in batch.causes] == [(2, ["skip"])]
    import_run(fixed(batch, 0, "skip"), "import")

    assert list(Room.objects.order_by("code").values_list("capacity", flat=True)) == [30, 20]


@pytest.mark.parametrize("action", ["empty", "leave_out"])
def test_a_column_may_be_taken_as_empty_or_left_out(organization: Organization, action: str) -> None:
    batch = import_run(fixed(checked(organization, {"rooms.csv": ROOMS}), 0, action), "import")

    assert (batch.num_problems, Room.objects.filter(building=None).count()) == (0, 17)


def test_which_one_is_meant_counts_for_every_row(organization: Organization) -> None:
    Building.objects.create(organization=organization, code="HAR", name="Harney Hall")
    batch = checked(organization, {"rooms.csv": ROOMS})

    batches.batch_fix(batch=batch, fixes={"meant": {"buildings": {"HARNEY": "HAR", "LS": ""}}})
    import_run(import_run(batch, "check"), "import")

    assert set(Room.objects.values_list("building__code", flat=True)) == {"HAR", None}


def test_cells_that_cannot_be_read_are_fixed_by_what_they_mean(organization: Organization) -> None:
    batch = checked(organization, {"rooms.csv": "Room,Seats\nR1,many\nR2,many\nR3,\n"})

    assert [(cause["text"], cause["rows"]) for cause in batch.causes] == [("1 value of Seats can't be read", 2), ("Seats is empty", 1)]
    batches.batch_fix(batch=batch, fixes={"values": {"rooms.csv": {"capacity": {"many": "300", "": "10"}}}})
    import_run(import_run(batch, "check"), "import")

    assert list(Room.objects.order_by("code").values_list("capacity", flat=True)) == [300, 300, 10]


def test_courses_that_are_not_offered_can_be_offered(organization: Organization) -> None:
    files = TABLES | {"courses.csv": "Code,Title\nMA1,Algebra\nPH1,Mechanics\nCH1,Chemistry\n"}
    batch = checked(organization, files | {"registrations.csv": "Student,Course\ns1,CH1\ns2,CH1\n"})

    assert [(cause["text"], cause["rows"]) for cause in batch.causes] == [("1 course is not offered in T1", 2)]
    import_run(fixed(batch, 0, "create"), "import")

    assert CourseOffering.objects.filter(course__code="CH1", enrolments__isnull=False).exists()


def test_a_mapping_is_remembered_from_the_first_try_though_the_check_fails(organization: Organization) -> None:
    choices = {"rooms.csv": {"kind": "rooms", "columns": {"Zimmer": "code", "Plaetze": "capacity"}}}
    batch = checked(organization, {"rooms.csv": "Zimmer,Plaetze\nR1,viele\n"}, choices)

    assert batch.num_problems == 1
    assert ImportMapping.objects.get(kind="rooms").columns == {"zimmer": "code", "plaetze": "capacity"}
    again = checked(organization, {"rooms.csv": "Zimmer,Plaetze\nR1,20\n"})
    assert (again.num_problems, again.counts["rooms"]["added"]) == (0, 1)


def test_causes_over_rest_and_their_fix_given_back(organization: Organization) -> None:
    client = APIClient()
    client.force_authenticate(member(organization, "admin"))

    def post(**facts: Any) -> Any:
        return client.post("/api/import/", {"files": [SimpleUploadedFile("rooms.csv", ROOMS.encode())], **facts}, format="multipart")

    refused = post()
    (cause,) = refused.json()["causes"]
    assert (refused.status_code, cause["text"], cause["rows"]) == (400, "2 buildings are missing", 17)

    done = post(fixes=json.dumps(cause["fix"][0]["fixes"]))

    assert (done.status_code, done.json()["counts"]["buildings"]["added"]) == (201, 2)
    assert post(fixes='{"create": {"wings": []}}').json()["fixes"][0].startswith("fixes: 'wings' is none of the kinds")


@pytest.mark.parametrize(
    "given",
    [
        [],
        {"make": {}},
        {"skip": {"a.csv": ["1"]}},
        {"create": []},
        {"create": {"rooms": {}}},
        {"create": {"rooms": [{"seats": "1"}]}},
        {"meant": {"rooms": {"a": []}}},
        {"values": {"a.csv": {"capacity": "x"}}},
        {"meant": {"rooms": {"a": "x" * 501}}},
    ],
)
def test_fixes_of_another_shape_are_refused(given: Any) -> None:
    with pytest.raises(ImportRefusal, match="fixes:"):
        fixes_check(given)
