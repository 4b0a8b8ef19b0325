"""Tutorials and labs beside their lecture, and numbers of sections, from tables."""

from __future__ import annotations

import pytest

from academics.importing.columns_by_kind import KINDS
from academics.importing.snapshots import digests_read, snapshot_take
from academics.importing.templates import template_csv, template_workbook
from academics.models import CourseOffering, ImportBatch, Meeting, Organization, Section
from tests.factories import OrganizationFactory, TermFactory
from tests.factories.tables import files_import, import_run

pytestmark = pytest.mark.django_db
COURSES = "Code\nPH1\nPH1-LAB\nPH1-TUT\nCH1\nOLD\n"
HEADINGS = "Course,Term,Part of,Number of sections,Target size\n"


@pytest.fixture
def organization() -> Organization:
    found = OrganizationFactory()
    TermFactory(organization=found, code="T1", is_current=True)
    TermFactory(organization=found, code="T0", is_current=False)
    files_import(found, {"courses.csv": COURSES})
    return found


def offerings(organization: Organization) -> dict[str, tuple[str | None, int, int]]:
    rows = CourseOffering.objects.filter(organization=organization, term__code="T1")
    columns = rows.values_list("course__code", "part_of__course__code", "num_sections", "max_section_size")
    return {course: (part_of, number, size) for course, part_of, number, size in columns}


def test_a_part_may_stand_above_its_lecture(organization: Organization) -> None:
    batch = files_import(organization, {"offerings.csv": HEADINGS + "PH1-LAB,,PH1,6,24\nPH1,,,2,80\nPH1-TUT,,PH1,,\n"})

    assert batch.problems == []
    assert offerings(organization) == {"PH1-LAB": ("PH1", 6, 24), "PH1": (None, 2, 80), "PH1-TUT": ("PH1", 0, 60)}


def test_parts_again_change_nothing_and_are_moved_taken_away_and_put_back(organization: Organization) -> None:
    text = HEADINGS + "PH1,,,2,80\nPH1-LAB,,PH1,6,24\nPH1-TUT,,PH1,,\nCH1,,,,\n"
    files_import(organization, {"offerings.csv": text})
    before = snapshot_take(organization=organization)

    again = files_import(organization, {"offerings.csv": text})
    assert again.counts["offerings"] == {"added": 0, "changed": 0, "removed": 0, "unchanged": 4}
    batch = files_import(organization, {"offerings.csv": HEADINGS + "CH1,,,,\nPH1-LAB,,CH1,6,24\nPH1-TUT,,,,\n"}, remove_missing=True)

    assert batch.problems == []
    assert {course: part for course, (part, *_) in offerings(organization).items()} == {"CH1": None, "PH1-LAB": "CH1", "PH1-TUT": None}
    assert {"change": "change", "key": "PH1-LAB, T1", "before": {"Part of": "PH1"}, "after": {"Part of": "CH1"}} in batch.samples[
        "offerings"
    ]
    import_run(batch, "undo")
    assert snapshot_take(organization=organization) == before


@pytest.mark.parametrize(
    ("rows", "row", "value", "words"),
    [
        ("PH1-LAB,,PH2,,", 2, "PH2", "no such code among the courses. Is PH1 meant?"),
        ("PH1-LAB,,CH1,,", 2, "CH1", "CH1 is not offered in T1."),
        ("PH1-LAB,,OLD,,", 2, "OLD", "OLD is not offered in T1, but in T0."),
        ("PH1,,PH1,,", 2, "PH1", "PH1 can't be a part of itself."),
        ("PH1,,PH1-LAB,,\nPH1-LAB,,PH1,,", 3, "PH1", "PH1 and PH1-LAB would each be a part of the other."),
        ("PH1,,,,\nPH1-LAB,,PH1,,\nPH1-TUT,,PH1-LAB,,", 4, "PH1-LAB", "PH1-LAB is itself a part of PH1."),
        ("PH1-LAB,,,501,", 2, "501", "Not allowed here."),
    ],
    ids=["unknown", "not offered", "another term", "itself", "circle", "part of a part", "sections"],
)
def test_a_wrong_part_is_told_by_row_and_value(organization: Organization, rows: str, row: int, value: str, words: str) -> None:
    files_import(organization, {"offerings.csv": "Course,Term\nOLD,T0\n"})
    before = digests_read(organization=organization)

    batch = files_import(organization, {"offerings.csv": HEADINGS + rows + "\n"})

    found = next(problem for problem in batch.problems if problem["row"] == row)
    assert (found["value"], found["file"]) == (value, "offerings.csv")
    assert words in found["message"]
    assert found["allowed"]
    assert digests_read(organization=organization) == before


def test_a_lecture_with_parts_is_neither_taken_away_nor_made_a_part(organization: Organization) -> None:
    files_import(organization, {"offerings.csv": HEADINGS + "PH1,,,,\nPH1-LAB,,PH1,,\nCH1,,,,\n"})

    gone = files_import(organization, {"offerings.csv": "Course\nPH1-LAB\n"}, remove_missing=True)
    part = files_import(organization, {"offerings.csv": HEADINGS + "PH1,,CH1,,\n"})

    assert [problem["message"] for problem in gone.problems] == ["PH1 is not offered in T1."]
    assert [problem["message"] for problem in part.problems] == ["PH1 has a part of its own, PH1-LAB, so it can't be one."]


def test_the_templates_come_back_without_a_problem() -> None:
    by_sheet, by_file = OrganizationFactory(), OrganizationFactory()

    book = files_import(by_sheet, {"all.xlsx": template_workbook()})
    files = files_import(by_file, {f"{name}.csv": template_csv(kind) for name, kind in KINDS.items()})

    assert (book.problems, files.problems) == ([], [])
    assert book.status == files.status == ImportBatch.Status.IMPORTED
    lab = CourseOffering.objects.get(organization=by_sheet, course__code="PH110-LAB")
    assert (lab.part_of and lab.part_of.course.code, lab.num_sections) == ("PH110", 4)


def test_sections_of_their_own_with_who_sits_in_them(organization: Organization) -> None:
    tables = {
        "offerings.csv": "Course,Part of\nPH1,\nPH1-LAB,PH1\n",
        "sections.csv": "Course,Section,Size,Section of the lecture\nPH1-LAB,L1,12,A\nPH1,A,40,\n",
        "students.csv": "Code\ns1\n",
        "enrolments.csv": "Student,Course,Section\ns1,PH1-LAB,L1\n",
    }
    before = snapshot_take(organization=organization)

    batch = files_import(organization, tables)
    again = files_import(organization, tables)

    assert batch.problems == []
    lab = Section.objects.get(code="L1")
    assert (lab.size, lab.parent and lab.parent.code, lab.enrolments.count()) == (12, "A", 1)
    assert all(not counts[word] for counts in again.counts.values() for word in ("added", "changed", "removed"))
    import_run(batch, "undo")
    assert snapshot_take(organization=organization) == before


def test_meetings_without_a_room_say_so_in_one_way(organization: Organization) -> None:
    text = "Course,Meetings\nPH1,2 x 1 Online; 1 x 1 no room; 1 x 2 lab\n"

    batch, again = (files_import(organization, {"offerings.csv": text}) for _ in range(2))

    assert batch.problems == []
    assert sorted(Meeting.objects.values_list("count", "length", "room_kind")) == [(1, 1, "none"), (1, 2, "lab"), (2, 1, "online")]
    assert again.counts["offerings"]["unchanged"] == 1


TERM = "Term,Name,First day,Last day,Period,Starts at,Ends at\nT9,Ninth,2026-09-01,{end},1,09:00,10:00\n"


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("sections.csv", "Course,Section\nCH1,A\n", "CH1 is not offered in T1."),
        ("sections.csv", "Course,Section,Section of the lecture\nPH1,A,B\n", "PH1 is not part of a lecture."),
        ("sections.csv", "Course,Section,Section of the lecture\nPH1-LAB,A,B\n", "PH1 has no such section."),
        ("holidays.csv", "Name,First day,Last day\nBreak,2026-12-24,2026-12-01\n", "The break ends before it starts."),
        ("holidays.csv", "Name,First day\nBreak,24.13.2026\n", "There is no such day."),
        ("terms.csv", TERM.format(end="2026-08-01"), "The term ends before it starts."),
        ("terms.csv", TERM.format(end="2126-08-01"), "The term would last 36,493 days."),
    ],
)
def test_wrong_sections_holidays_and_terms_are_told(organization: Organization, name: str, text: str, words: str) -> None:
    files_import(organization, {"offerings.csv": "Course,Part of\nPH1,\nPH1-LAB,PH1\n"})

    assert [problem["message"] for problem in files_import(organization, {name: text}).problems] == [words]
