"""A flat schedule of classes from the terminal: refused with its questions, imported with a recipe, the same files change nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from academics.models import Course, CourseOffering, ImportRecipe, Instructor, Organization, Room, Section, Term
from tests.academics.restructuring.made_files import BANNER, BANNER_ANSWERS

pytestmark = pytest.mark.django_db


@pytest.fixture
def banner(tmp_path: Path) -> Path:
    path = tmp_path / "classes.csv"
    path.write_text(BANNER)
    return path


def _recipe(folder: Path, document: Any) -> str:
    path = folder / "recipe.json"
    path.write_text(json.dumps(document))
    return str(path)


def _import(*args: str) -> None:
    call_command("import_data", *args, "--organization", "mine")


def test_schedule_of_classes_is_refused_with_its_questions(banner: Path) -> None:
    with pytest.raises(CommandError) as refused:
        _import(str(banner))

    assert refused.value.returncode == 2
    assert "[layout] What is this table?" in str(refused.value)
    assert "[term] The institution has no term yet." in str(refused.value)
    assert not Organization.objects.filter(code="mine").exists()


def test_schedule_of_classes_becomes_courses_offerings_sections_people_and_rooms(banner: Path, tmp_path: Path) -> None:
    _import(str(banner), "--recipe", _recipe(tmp_path, {"answers": BANNER_ANSWERS}))

    mine = Organization.objects.get(code="mine")
    assert dict(Course.objects.filter(organization=mine).values_list("code", "name")) == {
        "CS 107": "Mobile Apps",
        "CS 110": "Intro",
        "CS 245L": "Data Lab",
    }
    assert set(Instructor.objects.filter(organization=mine).values_list("name", flat=True)) == {"Rao", "Kowalska", "Berg"}
    assert dict(Room.objects.filter(organization=mine).values_list("code", "capacity")) == {"HR 148": 25, "LS 307": 40}
    team = Section.objects.get(offering__course__code="CS 110")
    assert {each.name for each in team.instructors.all()} == {"Kowalska", "Berg"}
    offering = CourseOffering.objects.get(course__code="CS 107")
    assert (offering.num_sections, offering.max_section_size, offering.expected_students) == (2, 25, 50)
    assert [(each.count, each.length) for each in offering.meetings.all()] == [(2, 1)]
    assert Term.objects.get(organization=mine).code == "2026-fall"


def test_the_same_files_are_read_the_same_way_the_next_time_and_change_nothing(
    banner: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = BANNER_ANSWERS | {"times_use": "leave"}
    _import(str(banner), "--recipe", _recipe(tmp_path, {"answers": answers}))
    capsys.readouterr()

    _import(str(banner))

    counts = [line for line in capsys.readouterr().out.splitlines() if " added" in line]
    assert counts
    assert [line for line in counts if " 0 added" not in line or " 0 changed" not in line] == []  # of the data
    assert ImportRecipe.objects.get(organization__code="mine").tables[0]["answers"] == answers


def test_explain_prints_a_recipe_that_can_be_given_back(banner: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _import(str(banner), "--explain", "--recipe", _recipe(tmp_path, {"answers": BANNER_ANSWERS}))
    explained = json.loads(capsys.readouterr().out)

    steps = [step["step"] for step in explained["recipe"]["tables"][0]["steps"]]
    assert steps == ["headings", "fill_down", "fill_down", "join", "remove_text"]
    _import(str(banner), "--recipe", _recipe(tmp_path, explained["recipe"]))
    assert Course.objects.filter(organization__code="mine").count() == 3


@pytest.mark.parametrize(
    ("recipe", "words"),
    [
        ({"steps": [{"step": "explode"}]}, "There is no step 'explode'"),
        ({"answers": {"layout": "circus"}}, "'circus' is no answer to 'layout'"),
        ({"tables": [{"table": "other.csv", "answers": {}}]}, "None of the files has a table that the recipe is for: other.csv"),
        ({"roles": {"Title": "hat"}, "answers": BANNER_ANSWERS}, "'hat' is no role of a column"),
        (
            {"steps": [{"step": "headings", "row": 1}, {"step": "split", "column": "Title", "to": ["a"], "pattern": "(x+x+)+y"}]},
            "it has 0 parts",
        ),
        ([], "it is not an object"),
        ({"Subj": "subject", "Crse": "number"}, 'put that under "roles", as in {"roles": {"Subj": "subject"}}'),
        ({"classes.csv": {"kind": "rooms"}}, "that is a mapping, and goes under 'mapping' (in the terminal --mapping)"),
    ],
)
def test_recipe_that_cannot_be_is_refused_by_name(banner: Path, tmp_path: Path, recipe: Any, words: str) -> None:
    with pytest.raises(CommandError) as refused:
        _import(str(banner), "--recipe", _recipe(tmp_path, recipe))

    assert words in str(refused.value)
    assert not Organization.objects.filter(code="mine").exists()


def test_name_of_a_recipe_that_is_not_there_is_refused(banner: Path) -> None:
    with pytest.raises(CommandError, match=r"There is no recipe 'nightly'\. There are: none yet\."):
        _import(str(banner), "--recipe", "nightly")


def test_what_restructuring_would_use_of_a_plain_table_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = tmp_path / "hours.csv"
    table.write_text("Course Code,Course Name,T,U,L\nAI1,Vision,3,0,2\nAI2,Speech,2,1,0\n")

    _import(str(table), "--dry-run")
    said = capsys.readouterr().out
    _import(str(table), "--dry-run", "--mapping", _recipe(tmp_path, {"hours.csv": {"kind": "courses"}}))

    assert 'more of it can be used with --recipe and a file that says {"answers": {"layout": "schedule"}}' in said


def test_headings_of_which_nothing_is_made_are_said_in_the_reading(
    banner: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recipe = _recipe(tmp_path, {"answers": BANNER_ANSWERS})
    _import(str(banner), "--explain", "--recipe", recipe)
    explained = json.loads(capsys.readouterr().out)
    _import(str(banner), "--dry-run", "--recipe", recipe)
    said = capsys.readouterr().out

    assert explained["restructuring"][0]["unused"] == [{"heading": "Select", "num_rows": 4}]
    assert explained["tables"][0]["left_out"] == ["Select"]
    assert "; left out: Select)" in said
    assert "Not used: Select (4 rows)." in said


def test_table_of_another_term_than_the_current_one_is_not_imported_in_silence(banner: Path, tmp_path: Path) -> None:
    _import(str(banner), "--recipe", _recipe(tmp_path, {"answers": BANNER_ANSWERS}))
    other = tmp_path / "spring.csv"
    other.write_text("".join(f"{line},{'Spring 2027' if place else 'Term'}\n" for place, line in enumerate(BANNER.splitlines())))

    with pytest.raises(CommandError, match=r"\[term_rows\] The table is of the term Spring 2027, and the institution's term is 2026-fall"):
        _import(str(other), "--recipe", _recipe(tmp_path, {"answers": {"layout": "schedule"}}))


def test_online_meetings_groups_of_sections_and_one_class_under_two_codes_are_imported(tmp_path: Path) -> None:
    path = tmp_path / "classes.csv"
    path.write_text(
        "Course,Sec,Component,Days,Time,Room,Group,Students\n"
        "CS101/MATH101,1,LEC,Mon,9:00-9:50,R1,Y1,40\n"
        "CS101/MATH101,1,LAB,Tue,9:00-9:50,R2,Y1,40\n"
        "PH1,1,LEC,Mon,9:00-9:50,R3,Y1A,20\n"
        "PH1,1,LEC,Wed,9:00-9:50,ONLINE,Y1A,20\n"
        "PH1,2,LEC,Tue,9:00-9:50,R3,Y1B,20\n"
        "PH1,2,LEC,Thu,9:00-9:50,Zoom,Y1B,20\n"
    )
    answers = {"layout": "schedule", "term": "2026-fall", "two_codes": "cross", "groups": "groups"}
    _import(str(path), "--recipe", _recipe(tmp_path, {"answers": answers}))

    offerings = {each.course.code: each for each in CourseOffering.objects.select_related("course", "taught_with__course")}
    assert {code: each.taught_with.course.code for code, each in offerings.items() if each.taught_with} == {
        **{"MATH101": "CS101", "MATH101-LAB": "CS101-LAB"},
    }
    assert {code: each.expected_students for code, each in offerings.items()} == {
        **{"CS101": 40, "CS101-LAB": 40, "MATH101": 0, "MATH101-LAB": 0, "PH1": 40},
    }
    assert [(each.count, each.length, each.room_kind) for each in offerings["PH1"].meetings.order_by("pk")] == [
        (1, 1, ""),
        (1, 1, "online"),
    ]
    groups = {each.code: [group.code for group in each.groups.all()] for each in Section.objects.filter(offering__course__code="PH1")}
    assert groups == {"1": ["Y1A"], "2": ["Y1B"]}
    assert set(Room.objects.values_list("code", flat=True)) == {"R1", "R2", "R3"}


def test_sheets_of_a_workbook_share_a_grid_and_people_are_not_made_one(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    heads = ["Course", "Sect", "Title", "Beg Time", "End Time", "Days", "Room", "Instructor", "Enr Limit"]
    rows = {
        "CS": [
            ["CS 101", "A", "Intro", "9:00", "9:50", "MWF", "N 101", "Doe A", 30],
            ["CS 102", "A", "Logic", "10:00", "10:50", "MWF", "N 2", "Doe A", 9],
        ],
        "MATH": [["MA 201", "A", "Calculus", "9:30", "10:45", "TR", "N 101", "Doe B", 40]],
    }
    for name, lines in rows.items():
        sheet = book.create_sheet(name)
        for line in (heads, *lines):
            sheet.append(line)
    del book["Sheet"]
    path = tmp_path / "departments.xlsx"
    book.save(path)

    answers = {"layout": "schedule", "term": "2026-fall", "grid": "even30"}
    _import(str(path), "--recipe", _recipe(tmp_path, {"answers": answers}))

    mine = Organization.objects.get(code="mine")
    assert set(Course.objects.filter(organization=mine).values_list("code", flat=True)) == {"CS 101", "CS 102", "MA 201"}
    assert set(Instructor.objects.filter(organization=mine).values_list("name", flat=True)) == {"Doe A", "Doe B"}
    assert Term.objects.get(organization=mine).periods.count() == 4
    assert Room.objects.get(organization=mine, code="N 101")


def test_a_list_of_classes_whose_courses_are_not_there_yet_is_no_timetable(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("Course,Section,Day,Start,End,Room,Instructor\nCS 1,A,Mon,9:00,9:50,R1,Ann Doe\nCS 2,A,Tue,9:00,9:50,R1,Ann Doe\n")
    with pytest.raises(CommandError) as refused:
        _import(str(path))
    assert "[layout] What is this table?" in str(refused.value)

    courses = tmp_path / "courses.csv"
    courses.write_text("Code,Name,Department\nCS 1,Logic,\nCS 2,Sets,\n")
    with pytest.raises(CommandError) as refused:  # the courses come with it: it is a timetable, of rooms and people that are missing
        _import(str(path), str(courses))
    assert "There is no such code among the rooms" in str(refused.value)
