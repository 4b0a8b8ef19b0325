"""A tree of student groups, and who attends what, from tables."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from academics.importing.mapping import kind_guess
from academics.importing.snapshots import digests_read, snapshot_take
from academics.importing.tables import tables_read
from academics.models import CourseOffering, Organization, Section, StudentGroup
from tests.factories import OrganizationFactory, TermFactory, member
from tests.factories.tables import files_import, import_run

pytestmark = pytest.mark.django_db
PATHS = "Year,Group,Subgroup,Number of students\nY1,A,A1,14\nY1,A,A2,12\nY1,Y1B,,30\nY2,A,,25\n"


@pytest.fixture
def organization() -> Organization:
    found = OrganizationFactory()
    TermFactory(organization=found, code="T1", is_current=True)
    return found


def tree(organization: Organization) -> dict[str, tuple[str, str | None, int]]:
    rows = StudentGroup.objects.filter(organization=organization)
    return {code: (name, parent, size) for code, name, parent, size in rows.values_list("code", "name", "parent__code", "size")}


def test_a_group_may_stand_above_what_it_is_part_of_and_everything_is_undone(organization: Organization) -> None:
    text = "Code,Name,Part of,Students\nY1-A,Group A,First year,24\nY1-B,,Y1,22\nY1,First year,,\n"
    before = snapshot_take(organization=organization)

    batch = files_import(organization, {"student groups.csv": text})
    again = files_import(organization, {"student groups.csv": text})

    assert batch.problems == []
    assert tree(organization) == {"Y1": ("First year", None, 0), "Y1-A": ("Group A", "Y1", 24), "Y1-B": ("", "Y1", 22)}
    assert again.counts["groups"] == {"added": 0, "changed": 0, "removed": 0, "unchanged": 3}
    import_run(batch, "undo")
    assert snapshot_take(organization=organization) == before


def test_years_groups_and_subgroups_in_columns_become_a_tree(organization: Organization) -> None:
    batch = files_import(organization, {"x.csv": PATHS})
    again = files_import(organization, {"x.csv": PATHS})

    assert batch.problems == []
    assert tree(organization) == {
        "Y1": ("", None, 0),
        "Y1/A": ("A", "Y1", 0),
        "Y1/A/A1": ("A1", "Y1/A", 14),
        "Y1/A/A2": ("A2", "Y1/A", 12),
        "Y1B": ("", "Y1", 30),
        "Y2": ("", None, 0),
        "Y2/A": ("A", "Y2", 25),
    }
    assert again.counts["groups"]["unchanged"] == 7


def test_the_list_of_groups_is_a_tree(organization: Organization) -> None:
    files_import(organization, {"x.csv": PATHS})
    client = Client()
    client.force_login(member(organization, "admin"))

    shown = client.get("/admin/academics/studentgroup/").content.decode()

    codes = re.findall(r"/studentgroup/\d+/change/[^>]*>([\u2003]*[^<\s]+)<", shown)
    assert [code for code in codes if code.strip() in tree(organization)][:7] == [
        *("Y1", "\u2003Y1/A", "\u2003\u2003Y1/A/A1", "\u2003\u2003Y1/A/A2", "\u2003Y1B", "Y2", "\u2003Y2/A"),
    ]


def test_several_groups_attend_an_offering_or_a_section_by_code_or_by_name(organization: Organization) -> None:
    tables = {
        "groups.csv": PATHS,
        "courses.csv": "Code\nPH1\nPH1-LAB\n",
        "offerings.csv": "Course,Groups,Part of\nPH1,Y1; Y2/A,\nPH1-LAB,,PH1\n",
        "sections.csv": "Course,Section,Groups\nPH1-LAB,L1,A1\nPH1-LAB,L2,A2; Y1B\n",
    }

    batch = files_import(organization, tables)
    files_import(organization, {"sections.csv": "Course,Section,Size\nPH1-LAB,L1,20\n"})

    assert batch.problems == []
    assert list(CourseOffering.objects.get(course__code="PH1").groups.values_list("code", flat=True)) == ["Y1", "Y2/A"]
    assert list(Section.objects.get(code="L1").groups.values_list("code", flat=True)) == [
        "Y1/A/A1"
    ]  # a column that is not there says nothing
    assert list(Section.objects.get(code="L2").groups.values_list("code", flat=True)) == ["Y1/A/A2", "Y1B"]


@pytest.mark.parametrize(
    ("name", "text", "row", "value", "words"),
    [
        ("groups.csv", "Code,Part of\nA,B\n", 2, "B", "There is no such group"),
        ("groups.csv", "Code,Part of\nA,B\nB,A\n", 2, "B", "would each be a part of the other"),
        ("groups.csv", "Code,Part of\nA,A\n", 2, "A", "would each be a part of the other"),
        ("groups.csv", "Code,Students\nA,20\nA,30\n", 3, "A", "The same as in row 2"),
        ("groups.csv", "Code,Students\n,20\n", 2, "", "names no group"),
        ("groups.csv", f"Year,Group,Students\n{'Y' * 40},{'G' * 40},20\n", 2, "Y" * 40 + "/" + "G" * 40, "has 81 characters"),
        ("offerings.csv", "Course,Groups\nPH1,NO\n", 2, "NO", "no such code among the groups"),
    ],
    ids=["unknown", "circle", "itself", "twice", "unnamed", "long", "attended by none"],
)
def test_a_wrong_group_is_named_by_row_and_value(
    organization: Organization, name: str, text: str, row: int, value: str, words: str
) -> None:
    files_import(organization, {"courses.csv": "Code\nPH1\n"})
    before = digests_read(organization=organization)

    batch = files_import(organization, {name: text})

    found = next(problem for problem in batch.problems if problem["row"] == row)
    assert found["value"] == value
    assert words in found["message"]
    assert found["allowed"]
    assert digests_read(organization=organization) == before


@pytest.mark.parametrize(
    ("name", "headings", "kind"),
    [
        ("seminargruppen.csv", "Kürzel,Bezeichnung,Teil von,Anzahl Studierende", "groups"),
        ("x.csv", "Année,Groupe,Sous-groupe,Effectif", "groups"),
        ("turmas.csv", "Turma,Ano,Número de alunos", "groups"),
        ("группы.csv", "Группа,Курс,Число студентов", "groups"),
        ("x.csv", "Code,Name,Part of,Students", "groups"),
        ("x.csv", "Course,Section,Size,Instructors", "sections"),
    ],
)
def test_headings_say_that_a_table_holds_groups(name: str, headings: str, kind: str) -> None:
    rows = ",".join(f"v{n}" for n in range(headings.count(",") + 1))

    guess = kind_guess(tables_read(file=name, data=f"{headings}\n{rows}\n".encode())[0], {})

    assert (guess.name or guess.candidates) == kind
