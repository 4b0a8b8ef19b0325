"""What a table is taken for: by its headings; where several kinds would fit, by nobody but the person who gave it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from rest_framework.test import APIClient

from academics.importing.mapping import kind_guess
from academics.importing.messages import KindUnclear
from academics.importing.tables import tables_read
from academics.models import Availability, Building, ImportBatch, Organization, Room
from tests.factories import OrganizationFactory, member
from tests.factories.tables import TABLES, files_import

pytestmark = pytest.mark.django_db
HELD = "Course,Day,Period,Room\nMA1,Mon,1,R1\nPH1,Tue,2,R2\n"


@pytest.fixture
def organization() -> Organization:
    return OrganizationFactory()


def guessed(name: str, content: str) -> Any:
    guess = kind_guess(tables_read(file=name, data=content.encode())[0], {})
    return guess.name or guess.candidates


@pytest.mark.parametrize(
    "name", ["timetable.csv", "offerings.csv", "room preferences.csv", "teaching.csv", "schedule of classes.csv", "x.csv"]
)
@pytest.mark.parametrize(
    "headings", ["Course,Day,Period", "Course,Day,Period,Room", "Course,Instructors,Day,Period", "Course,Room,Days,Time"]
)
def test_an_existing_timetable_is_taken_for_one_or_it_is_asked(name: str, headings: str) -> None:
    found = guessed(name, f"{headings}\nMA1,Mon,1,R1\n")

    assert found == "timetable" or "timetable" in found
    assert isinstance(found, tuple) or name == "timetable.csv" or headings == "Course,Instructors,Day,Period"


@pytest.mark.parametrize("headings", ["Course,Day,Period", "Course,Day,Period,Room"])
def test_lectures_that_could_be_marks_too_are_a_question(headings: str) -> None:
    assert guessed("x.csv", f"{headings}\nMA1,Mon,1,R1\n")[::-1][0] == "availability"
    assert guessed("x.csv", f"{headings}\nMA1,Mon,1,R1\n")[0] == "timetable"


def test_times_without_a_rating_are_no_availability(organization: Organization) -> None:
    batch = files_import(organization, TABLES | {"availability.csv": "Course,Day,Period\nMA1,Mon,1\n"})

    assert [problem["message"][:34] for problem in batch.problems] == ["No column is chosen for Rating, wh"]
    assert not Availability.objects.exists()


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("x.csv", "Course,Instructors\nMA1,rao\n", "offerings"),
        ("Class Quotas E-Campus.csv", "ID,Name,Teaching Capacity,Exam Capacity,Notes\n4159,A B.1,35,35,\n", "rooms"),
        ("buildings.csv", "Student,Course\ns1,MA1\n", "enrolments"),
        ("departments 2026.csv", "Code,Name\nA,B\n", "departments"),
        ("lecturers of maths.csv", "Code,Name\nA,B\n", "instructors"),
        ("x.csv", "Course,Section,Size,Instructors\nMA1,A,30,rao\n", "sections"),
        ("x.csv", "Instructor,Day,Rating\nrao,Mon,no\n", "availability"),
        ("students.csv", "ID,Name,E-mail,Programme\n1,Ada,a@b.cd,Y1\n", "students"),
        ("x.csv", "Course,Section,Day,Start,End,Room\nMA1,A,Mon,08:00,08:50,R1\n", "timetable"),
        ("Stundenplan.csv", "Fach;Gruppe;Tag;Stunde;Raum\nMA1;A;Mo;1;R1\n", "timetable"),
        ("people.csv", "id,staff_code,Title,Full name\n1,S01,Dr,Ana Ruiz\n", "instructors"),
    ],
)
def test_headings_say_the_kind_and_names_choose_among_those_that_fit(name: str, content: str, kind: str) -> None:
    assert guessed(name, content) == kind


@pytest.mark.parametrize(
    ("name", "content", "some"),
    [
        ("x.csv", "Code,Name\nA,B\n", {"departments", "courses"}),
        ("Class Quotas E-Campus.csv", "ID,Name\n4159,A B.1\n", {"departments", "buildings"}),
        ("buildings.csv", "ID,Name,E-mail,Max weekly\n1,Anna,a@b.cd,8\n", {"buildings", "instructors"}),
        ("students per department.csv", "Code,Name\nA,B\n", {"students", "departments"}),
        ("departments.csv", "Code,Name,Credits\nMA1,Algebra,5\n", {"departments", "courses"}),
        ("staff.csv", "Instructor,Monday,Tuesday\nrao,x,\n", {"instructors", "availability"}),
        ("x.csv", "Room,Building,Type,Equipment\nR1,A,lab,gas\n", {"rooms", "buildings"}),
    ],
)
def test_where_several_kinds_fit_all_are_named(name: str, content: str, some: set[str]) -> None:
    assert some <= set(guessed(name, content))


def test_a_heading_of_one_kind_alone_puts_it_first() -> None:
    assert guessed("list.csv", "Code,Name,ECTS\nMA1,Algebra,5\n")[0] == "courses"


def test_rest_refuses_with_the_kinds_until_one_is_named(organization: Organization) -> None:
    api = APIClient()
    api.force_authenticate(member(organization, "admin"))
    files_import(organization)

    def sent(**fields: Any) -> Any:
        return api.post("/api/import/", {"files": [SimpleUploadedFile("x.csv", HELD.encode())], **fields}, format="multipart")

    answer = sent()
    assert answer.status_code == 400
    assert set(answer.data["kinds"]["x.csv"]) >= {"room_preferences", "availability"}
    assert "room_preferences, " in answer.data["mapping"][0]
    assert ImportBatch.objects.count() == 1  # that of the data
    assert sent(mapping=json.dumps({"x.csv": {"kind": "room_preferences"}})).status_code == 201
    assert not Availability.objects.filter(offering__isnull=False).exists()


def test_the_command_refuses_with_the_kinds_and_status_2(tmp_path: Path) -> None:
    (tmp_path / "held.csv").write_text(HELD)

    with pytest.raises(CommandError, match=r"held\.csv: .*availability") as refusal:
        call_command("import_data", str(tmp_path / "held.csv"), "--organization", "mine")

    assert refusal.value.returncode == 2
    assert not Organization.objects.exists()


def test_the_page_asks_what_a_table_holds(organization: Organization) -> None:
    client = Client()
    client.force_login(member(organization, "admin"))
    address = client.post("/admin/import/", {"files": [SimpleUploadedFile("x.csv", b"Code,Name\nMAIN,Main building\n")]}).headers[
        "Location"
    ]

    page = client.get(address).content.decode()
    undecided = {"kind-0": "?", "was-0": "?", "headings-0": "1", "were-0": "1"}
    refused = client.post(address, {"action": "check", **undecided}, follow=True).content.decode()
    client.post(address, {"action": "look", **undecided, "kind-0": "buildings"})
    chosen = client.get(address).context["tables"][0]

    assert "What this table holds is not clear" in page
    assert "<strong>Buildings</strong>" in page
    assert "could be several things" in refused
    assert [heading["column"] for heading in chosen["headings"]] == ["code", "name"]
    form = {"action": "check", "kind-0": "buildings", "was-0": "buildings", "column-0-0": "code", "column-0-1": "name"}
    assert "What the tables were read as" in client.post(address, form, follow=True).content.decode()
    client.post(address, {"action": "import"})
    assert Building.objects.get().code == "MAIN"


def test_a_single_kind_that_is_in_doubt_is_not_called_several(organization: Organization) -> None:
    with pytest.raises(KindUnclear, match=r"x\.csv: rooms, or none of the kinds"):
        files_import(organization, {"x.csv": "Seats;Sharing;Colour\n30;1;red\n"})


def test_what_may_be_an_existing_timetable_is_offered_as_one(organization: Organization) -> None:
    with pytest.raises(KindUnclear, match=r"x\.csv: availability, timetable\."):
        files_import(organization, {"x.csv": "Kurs;Tag;Stunde;Raum\nC1;Montag;1;R1\n"})


def test_a_worker_refuses_too(organization: Organization) -> None:
    with pytest.raises(KindUnclear, match="departments, buildings"):
        files_import(organization, {"x.csv": "Code,Name\nA,B\n"})


def test_the_command_takes_a_mapping_and_explains_without_writing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "x.csv").write_text("Raum,Betten,Code\nR1,20,7\n")
    (tmp_path / "mapping.json").write_text(json.dumps({"x.csv": {"kind": "rooms", "columns": {"Raum": "code", "Betten": "capacity"}}}))
    (tmp_path / "y.csv").write_text("Code,Name\nA,B\n")
    command = ["import_data", str(tmp_path / "x.csv"), "--organization", "mine", "--mapping", str(tmp_path / "mapping.json")]

    call_command(*command, "--explain")
    explained = json.loads(capsys.readouterr().out)
    assert explained["tables"][0]["kind"] == "rooms"
    assert [(each["heading"], each["column"], each["values"]) for each in explained["tables"][0]["columns"]] == [
        ("Raum", "code", ["R1"]),
        ("Betten", "capacity", ["20"]),
        ("Code", "", ["7"]),
    ]
    assert explained["tables"][0]["left_out"] == ["Code"]
    assert not Organization.objects.exists()
    call_command("import_data", str(tmp_path / "y.csv"), "--organization", "mine", "--explain")
    assert "buildings" in json.loads(capsys.readouterr().out)["tables"][0]["candidates"]

    call_command(*command)
    assert Room.objects.get().capacity == 20


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{", "this is not JSON"),
        ('{"z.csv": {}}', "'z.csv' is none of the files"),
        ('{"x.csv": {"columns": {"Setas": "capacity"}}}', "'x.csv' has no heading 'Setas'; its headings are Room, Seats"),
    ],
)
def test_a_wrong_mapping_of_the_command_is_named(tmp_path: Path, content: str, words: str) -> None:
    (tmp_path / "x.csv").write_text("Room,Seats\nR1,20\n")
    (tmp_path / "mapping.json").write_text(content)

    with pytest.raises(CommandError, match=words) as refusal:
        call_command("import_data", str(tmp_path / "x.csv"), "--organization", "mine", "--mapping", str(tmp_path / "mapping.json"))

    assert refusal.value.returncode == 2
    assert not Organization.objects.exists()


def test_the_quotas_of_rooms_are_rooms(organization: Organization, shared_folder: Path) -> None:
    path = shared_folder / "data" / "files" / "Class Quotas E-Campus.csv"

    files_import(organization, {path.name: path.read_bytes()})

    assert (Room.objects.count(), Building.objects.count()) == (29, 0)
