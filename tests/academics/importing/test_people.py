"""Which column is the code, what other tables may refer to, and who is there already under another spelling."""

from __future__ import annotations

import pytest

from academics.importing.mapping import table_mapped
from academics.importing.people import PeopleIndex
from academics.importing.tables import tables_read
from academics.models import Course, CourseOffering, Instructor, Organization, Section
from tests.factories import OrganizationFactory
from tests.factories.tables import TABLES, files_import

pytestmark = pytest.mark.django_db


@pytest.fixture
def organization() -> Organization:
    return OrganizationFactory()


@pytest.mark.parametrize(
    ("file", "headings", "code"),
    [
        ("instructors", "id,staff_code,Name", "staff_code"),
        ("courses", "id,course_id,Title", "course_id"),
        ("rooms", "ID,Code,Capacity", "Code"),
        ("rooms", "ID,No,Capacity", "No"),
        ("courses", "id,codigo,nombre", "codigo"),
        ("instructors", "id,Lecturer,E-mail", "id"),
    ],
)
def test_the_code_that_people_write_comes_before_that_of_a_database(file: str, headings: str, code: str) -> None:
    content = f"{headings}\n1,Anna Gross,10\n2,Jo Weiss,20\n"

    mapped = table_mapped(tables_read(file=f"{file}.csv", data=content.encode())[0], remembered={})

    assert mapped.heading("code") == code


def test_a_code_that_several_rows_have_is_none() -> None:
    content = "id,staff_code,Name\n1,MATH,Anna\n2,MATH,Jo\n"

    mapped = table_mapped(tables_read(file="instructors.csv", data=content.encode())[0], remembered={})

    assert mapped.heading("code") == "id"


def test_tables_of_one_import_refer_to_each_other_by_the_numbers_of_a_database(organization: Organization) -> None:
    tables = TABLES | {
        "lecturers.csv": "id,staff_code,Title,Name\n7,rao,Dr,Anand Rao\n8,kow,Prof,Maria Kowalska\n",
        "courses.csv": "id,course_id,title\n1,MA1,Algebra\n2,PH1,Mechanics\n",
        "offerings.csv": "course_id,instructor_id,Meetings\n1,8,2 x 1\n2,7,1 x 2\n",
    }

    batch = files_import(organization, tables)

    assert batch.problems == []
    assert sorted(Course.objects.values_list("code", flat=True)) == ["MA1", "PH1"]
    assert dict(Instructor.objects.values_list("code", "name")) == {"rao": "Anand Rao", "kow": "Maria Kowalska"}
    assert dict(CourseOffering.objects.values_list("course__code", "instructors__code")) == {"MA1": "kow", "PH1": "rao"}


def test_lecturers_who_are_there_already_are_not_added_again(organization: Organization) -> None:
    Instructor.objects.create(organization=organization, code="10024", name="Groß, Anna")
    Instructor.objects.create(organization=organization, code="10025", name="José García")

    batch = files_import(organization, {"lecturers.csv": "Lecturer,E-mail\nAnna Gross,a@b.cd\nJ. Garcia,\nNew Person,\n"})

    assert batch.problems == []
    assert sorted(Instructor.objects.values_list("code", flat=True)) == ["10024", "10025", "New Person"]
    assert Instructor.objects.get(code="10024").email == "a@b.cd"
    assert [each["message"] for each in batch.warnings] == [
        "Anna Gross is there already as 10024 (Groß, Anna), and is not added again.",
        "J. Garcia is there already as 10025 (José García), and is not added again.",
    ]


def test_a_name_that_may_be_two_peoples_is_asked_for(organization: Organization) -> None:
    Instructor.objects.create(organization=organization, code="1", name="Anna Gross")
    Instructor.objects.create(organization=organization, code="2", name="Albert Gross")

    batch = files_import(organization, {"lecturers.csv": "Lecturer\nA. Gross\n"})

    assert [each["message"] for each in batch.problems] == ["Several of the instructors may be meant: 1, 2. Give the code."]
    assert Instructor.objects.count() == 2


def test_an_equal_name_under_another_code_is_said(organization: Organization) -> None:
    Instructor.objects.create(organization=organization, code="10024", name="Groß, Anna")

    batch = files_import(organization, {"lecturers.csv": "Staff ID,Name\n7,Anna Groß\n"})

    assert "There is somebody of this name already, or of one like it: 10024 (Groß, Anna)." in batch.warnings[0]["message"]


def test_two_numbers_of_one_table_are_two_people_and_a_known_name_is_one(organization: Organization) -> None:
    Instructor.objects.create(organization=organization, code="10024", name="Groß, Anna")

    batch = files_import(organization, {"lecturers.csv": "ID,Name\n1,Jo Li\n2,Jo Li\n3,Anna Gross\n4,A. Gross\n"})

    assert sorted(Instructor.objects.values_list("code", flat=True)) == ["1", "10024", "2", "4"]
    assert [each["message"].split(".")[0] for each in batch.warnings] == [
        "There is somebody of this name already, or of one like it: 1 (Jo Li)",
        "Anna Gross is there already as 10024 (Groß, Anna), and is not added again",
        "There is somebody of this name already, or of one like it: 10024 (Groß, Anna)",
    ]


def test_who_is_still_to_be_named_is_read_like_an_empty_cell_and_that_is_said(organization: Organization) -> None:
    sections = "Course,Section,Size,Instructors\nMA1,A,20,rao\nMA1,B,20,TBA\nMA1,C,20,N.N.\n"

    batch = files_import(organization, TABLES | {"sections.csv": sections})

    assert batch.problems == []
    taught = {
        section.code: [each.code for each in section.instructors.all()] for section in Section.objects.filter(offering__course__code="MA1")
    }
    assert taught == {"A": ["rao"], "B": [], "C": []}
    assert [each["message"] for each in batch.warnings] == [
        "There is no such code as TBA, so it is read like an empty cell.",
        "There is no such code as N.N., so it is read like an empty cell.",
    ]


@pytest.mark.parametrize(
    "words", ["(TBA)", "N. N.", "Staff", "?", "n/a", "Vakant", "por definir", "à définir", "未定", "вакансия", "To be hired"]
)
def test_nobody_is_read_like_an_empty_cell_in_many_words(organization: Organization, words: str) -> None:
    sections = f"Course,Section,Size,Instructors\nMA1,A,20,rao\nMA1,B,20,{words}\n"

    batch = files_import(organization, TABLES | {"sections.csv": sections})

    assert batch.problems == []
    assert [each["message"] for each in batch.warnings] == [f"There is no such code as {words}, so it is read like an empty cell."]


def test_a_row_of_people_that_seems_to_be_nobody_is_pointed_out(organization: Organization) -> None:
    batch = files_import(organization, {"instructors.csv": "Code,Name\nTBA,\nx1,To be hired\nnn,Nora Nowak\nv,-\n"})

    assert [(each["row"], each["message"].split(",")[0]) for each in batch.warnings] == [
        (2, "TBA seems to be nobody yet"),
        (3, "To be hired seems to be nobody yet"),
    ]


def test_a_name_that_is_only_like_one_is_not_called_the_same(organization: Organization) -> None:
    Instructor.objects.create(organization=organization, code="jc", name="Jon Clay")

    codes = files_import(organization, {"instructors.csv": "Code,Name\n10,Jon Clay-Smith\n"})

    assert codes.warnings[0]["message"].startswith("There is somebody of this name already, or of one like it: jc (Jon Clay). 10 is taken")


def test_references_find_people_by_their_names_as_they_are_written(organization: Organization) -> None:
    offerings = "Course,Lecturers\nMA1,KOWALSKA\nPH1,Dr. Ráo\n"

    batch = files_import(organization, TABLES | {"offerings.csv": offerings, "registrations.csv": "Student,Course\ns1,MA1\n"})

    assert batch.problems == []
    assert dict(CourseOffering.objects.values_list("course__code", "instructors__code")) == {"MA1": "kow", "PH1": "rao"}
    assert len(batch.warnings) == 2


def test_initials_order_and_accents_aside_names_are_compared() -> None:
    people = PeopleIndex()
    for code, name in (("1", "Anna Maria Groß"), ("2", "Łukasz Nowak"), ("3", "Prof. Dr. J. Smith"), ("4", "Ma Jun"), ("5", "山田太郎")):
        people.add(code, name)

    named = {name: people.named(name) for name in ("Gross, A.", "NOWAK Lukasz", "John Smith", "Jun Ma", "山田太郎", "Gross", "A. Nowak")}

    assert named == {
        "Gross, A.": ["1"],
        "NOWAK Lukasz": ["2"],
        "John Smith": ["3"],
        "Jun Ma": ["4"],
        "山田太郎": ["5"],
        "Gross": [],
        "A. Nowak": [],
    }
