"""Who people are called by, instead of the codes that the judge and files go by."""

from __future__ import annotations

import pytest

from academics.models import Curriculum, Instructor, Organization, Room, StudentGroup
from generation.editing.text import edit_words
from generation.models import Edit
from generation.text.display_names import Naming, RoomName, curriculum_words, reading_order
from tests.factories.problems import problem_make

pytestmark = pytest.mark.django_db


@pytest.fixture
def naming() -> Naming:
    organization = Organization.objects.create(code="hill", name="Hill University")
    for code, name in (("I1", "Asha Rao"), ("I2", "Lee Park"), ("I3", "Lee Park"), ("I4", "")):
        Instructor.objects.create(organization=organization, code=code, name=name)
    Curriculum.objects.create(organization=organization, code="BIO-1", name="Biology, year 1")
    return Naming(organization.pk)


def test_the_code_stands_beside_a_name_that_two_have(naming: Naming) -> None:
    assert [naming.instructor(code) for code in ("I1", "I2", "I4", "gone")] == ["Asha Rao", "Lee Park (I2)", "I4", "gone"]


def test_a_group_of_a_curriculum_is_told_by_number(naming: Naming) -> None:
    assert naming.curriculum("BIO-1/2") == "Biology, year 1, group 2"
    assert naming.curriculum_label("BIO-1") == "Biology, year 1 (BIO-1)"
    assert naming.curriculum_label("CHEM/1") == "CHEM/1"
    assert curriculum_words("BIO-1/x", {"BIO-1": "Biology"}) == ""


def test_a_student_group_is_said_to_be_one(naming: Naming) -> None:
    for code, name in (("A1", ""), ("Y1", "First year"), ("BIO-1", "")):
        StudentGroup.objects.create(organization_id=naming.organization_id, code=code, name=name)

    assert [naming.curriculum(code) for code in ("A1", "A1/2", "Y1")] == ["Group A1", "Group A1/2", "First year"]
    assert naming.curriculum("BIO-1") == "Biology, year 1"
    assert naming.curriculum("group BIO-1") == "Group BIO-1"
    assert naming.groups(["A1", "A1/2", "BIO-1", "group BIO-1", "Y1", "x"]) == {"A1", "A1/2", "group BIO-1", "Y1"}


def test_codes_stand_in_the_order_in_which_people_count() -> None:
    assert sorted(["B10", "B2.1008", "B2.28", "B2", "7", "A"], key=reading_order) == ["7", "A", "B2", "B2.28", "B2.1008", "B10"]


@pytest.mark.parametrize(
    ("room", "full", "short"),
    [
        (RoomName("PH1", "Physics hall", "Science", "SC"), "Physics hall (PH1), Science", "Physics hall (PH1), Science"),
        (RoomName("PH1"), "PH1", "PH1"),
        (RoomName("PH1", "PH1", "Science", "SC"), "PH1, Science", "PH1, Science"),
        (RoomName("101", "Room 101", "", "SC"), "Room 101, SC", "Room 101, SC"),
        (RoomName("PH1", "Hall", "Hall of Science", "HS"), "Hall (PH1), Hall of Science", "Hall (PH1), Hall of Science"),
        (RoomName("S1", "Science hall", "Science", "SC"), "Science hall (S1)", "Science hall (S1)"),
        (
            RoomName("K2", "Kowalski memorial lecture theatre", "School of Engineering", "ENG"),
            "Kowalski memorial lecture theatre (K2), School of Engineering",
            "K2, School of Engineering",
        ),
    ],
)
def test_a_room_is_said_by_name_code_and_building_each_once(room: RoomName, full: str, short: str) -> None:
    assert (room.full, room.short) == (full, short)


def test_sentences_name_rooms_behind_their_codes(naming: Naming) -> None:
    for code, name in (("R0", "Physics hall"), ("R1", "R1"), ("R2", "")):
        Room.objects.create(organization_id=naming.organization_id, code=code, name=name, capacity=30)
    problem = problem_make([0], rooms=4)

    assert problem.names.rooms == ("R0", "R1", "R2", "R3")
    assert naming.names_of(problem).rooms == ("R0 (Physics hall)", "R1", "R2", "R3")


def test_changes_by_hand_name_rooms_as_people_do(naming: Naming) -> None:
    Room.objects.create(organization_id=naming.organization_id, code="R0", name="Physics hall", capacity=30)
    pinned = {"is_time_pinned": False, "is_room_pinned": False}
    before, after = ({"day": day, "period": 0, "room": room, **pinned} for day, room in ((0, "R0"), (1, "R9")))
    edit = Edit(action=Edit.Action.MOVE, changes=[{"section": "C0-1", "before": before, "after": after}])

    assert edit_words(edit, [], naming) == "Moved C0-1 from Monday period 1 in Physics hall (R0) to Tuesday period 1 in R9"
