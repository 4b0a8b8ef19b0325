"""Times of a section of its own, and wishes for rooms, from tables."""

from __future__ import annotations

import pytest

from academics.importing.snapshots import snapshot_take
from academics.models import Availability, Instructor, RoomPreference
from tests.factories import OrganizationFactory
from tests.factories.tables import TABLES, files_import, import_run

pytestmark = pytest.mark.django_db
SECTIONS = {
    **TABLES,
    "sections.csv": "Course,Section\nMA1,A\nMA1,B\n",
    "availability.csv": "Course,Section,Day,Period,Rating\nMA1,A,Fri,1-2,not available\nMA1,,Fri,1,-2\n",
    "room preferences.csv": "Course,Room,Building,Choice\nMA1,R1,,1\nMA1,,MAIN,2\n",
}


def test_times_of_a_section_and_wishes_for_rooms_come_in_are_changed_taken_away_and_put_back() -> None:
    organization = OrganizationFactory()
    batch = files_import(organization, SECTIONS)

    assert (batch.status, batch.problems) == ("imported", [])
    marks = Availability.objects.filter(section__code="A").order_by("period")
    assert list(marks.values_list("day", "period", "rating")) == [(4, 0, -4), (4, 1, -4)]
    assert Availability.objects.get(offering__course__code="MA1").rating == -2
    wishes = RoomPreference.objects.filter(offering__course__code="MA1").order_by("rank")
    assert list(wishes.values_list("rank", "room__code", "building__code")) == [(0, "R1", None), (1, None, "MAIN")]
    before = snapshot_take(organization=organization)
    again = files_import(organization, SECTIONS)
    assert sum(counts[word] for counts in again.counts.values() for word in ("added", "changed", "removed")) == 0

    changed = {
        "availability.csv": "Course,Section,Day,Period,Rating\nMA1,A,Fri,1,3\n",
        "room preferences.csv": "Course,Building,Choice\nMA1,MAIN,1\n",
    }
    last = files_import(organization, changed, remove_missing=True)

    assert list(marks.values_list("period", "rating")) == [(0, 3)]
    assert Availability.objects.filter(offering__isnull=False).count() == 1  # courses are not what that file is about
    assert list(wishes.values_list("rank", "building__code")) == [(0, "MAIN")]
    sample = next(each for each in last.samples["room_preferences"] if each["change"] == "change")
    assert (sample["key"], sample["before"], sample["after"]) == ("MA1, T1, building, MAIN", {"Choice": "2"}, {"Choice": "1"})
    import_run(last, "undo")
    assert snapshot_take(organization=organization) == before


def test_free_days_of_instructors_come_in_are_changed_and_put_back() -> None:
    organization = OrganizationFactory()
    files_import(organization, TABLES | {"lecturers.csv": "Code,Name,Free days,Free half-days\nrao,Dr Rao,1,3\nkow,Prof. Kowalska,,\n"})

    free = Instructor.objects.filter(organization=organization).order_by("code")
    assert list(free.values_list("code", "min_free_days", "min_free_half_days")) == [("kow", 0, 0), ("rao", 1, 3)]
    before = snapshot_take(organization=organization)
    last = files_import(organization, {"lecturers.csv": "Code,Name,Days off\nrao,Dr Rao,2\n"})

    assert list(free.values_list("min_free_days", "min_free_half_days")) == [(0, 0), (2, 3)]
    import_run(last, "undo")
    assert snapshot_take(organization=organization) == before
    wrong = files_import(organization, {"lecturers.csv": "Code,Name,Free days\nrao,Dr Rao,8\n"})
    assert [(each["column"], each["value"]) for each in wrong.problems] == [("Free days", "8")]


@pytest.mark.parametrize(
    ("name", "text", "value", "words", "allowed"),
    [
        ("availability.csv", "Course,Section,Day,Rating\nMA1,C,Fri,-4\n", "C", "MA1 has no such section", "a section of the offering"),
        (
            "availability.csv",
            "Instructor,Section,Day,Rating\nrao,A,Fri,-4\n",
            "A",
            "A section is named by its course too",
            "the course in its own column",
        ),
        ("room preferences.csv", "Course,Room,Building\nMA1,R1,MAIN\n", "R1; MAIN", "Name a room or a building", "one of the two columns"),
        ("room preferences.csv", "Course,Room\nMA1,\n", "", "Name a room or a building", "one of the two columns"),
        ("room preferences.csv", "Course,Room,Choice\nMA1,R1,0\n", "0", "Not allowed here", "a whole number from 1 to 101"),
    ],
)
def test_wrong_times_of_sections_and_wishes_for_rooms_are_told(name: str, text: str, value: str, words: str, allowed: str) -> None:
    organization = OrganizationFactory()
    files_import(organization, {key: table for key, table in SECTIONS.items() if key not in ("availability.csv", "room preferences.csv")})

    batch = files_import(organization, {name: text})

    found = [(each["file"], each["row"], each["value"]) for each in batch.problems]
    assert found == [(name, 2, value)]
    for problem in batch.problems:
        assert words in problem["message"]
        assert allowed in problem["allowed"]
