"""Institutions' own tables as they are: imported whole with a few answers, and without touching a spreadsheet."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.core.management import call_command

from academics.models import Building, Course, CourseOffering, Curriculum, Instructor, Organization, Room, Section

pytestmark = pytest.mark.django_db
# By file: the answers that it takes, and what there is afterwards.
FILES = {
    "01_flat_banner.csv": (
        {"layout": "schedule", "term": "2026-fall", "grid": "proposed", "patterns": "most"},
        {"courses": 14, "offerings": 14, "sections": 29, "instructors": 18, "rooms": 6},
    ),
    "02_flat_two_part_code.csv": (
        {"layout": "schedule", "room_seats": "60", "grid": "even60", "parts": "weekly", "patterns": "most"},
        {"courses": 24, "offerings": 24, "sections": 29, "instructors": 7, "rooms": 10, "buildings": 3},
    ),
    "03_rooms_macroman_feature_columns.csv": ({"layout": "rooms"}, {"rooms": 40, "buildings": 2}),
    "04_dated_meetings.csv": (
        {"layout": "schedule", "term": "2022-1"},
        {"courses": 6, "offerings": 6, "sections": 6, "rooms": 8},
    ),
    "05_japanese_no_headings.csv": (
        {
            "layout": "schedule",
            "term": "2021",
            "grid": "90x6",
            "column:column 8": "room",
            "column:column 9": "instructor",
            "room_seats": "60",
        },
        {"courses": 30, "offerings": 30},
    ),
    "06_continuation_rows.xlsx": (
        {"layout": "schedule", "term": "2024-1", "grid": "60x10", "room_seats": "60"},
        {"courses": 2, "offerings": 2, "sections": 26, "instructors": 17, "rooms": 17},
    ),
    "07a_hours_TUL_repeated_rows.csv": (
        {"layout": "schedule", "term": "2026-1", "grid": "60x10", "repeats": "sections"},
        {"courses": 34, "offerings": 34},
    ),
    "08_subject_by_teacher_matrix.xlsx": (
        {"layout": "can_teach", "term": "2026-1", "grid": "60x10", "can_teach": "offerings"},
        {"courses": 38, "instructors": 20},
    ),
}
MODELS = {
    "courses": Course,
    "offerings": CourseOffering,
    "sections": Section,
    "instructors": Instructor,
    "rooms": Room,
    "buildings": Building,
    "curricula": Curriculum,
}


@pytest.mark.parametrize("name", FILES)
def test_shared_file_is_imported_with_a_few_answers(name: str, shared_folder: Path, tmp_path: Path) -> None:
    answers, counts = FILES[name]
    recipe = tmp_path / "answers.json"
    recipe.write_text(json.dumps({"answers": answers}))

    call_command("import_data", str(shared_folder / "data" / "files" / name), "--organization", "mine", "--recipe", str(recipe))

    mine = Organization.objects.get(code="mine")
    found = {}
    for kind in counts:
        model = MODELS[kind]
        rows = model._default_manager.all() if kind == "sections" else model._default_manager.filter(organization=mine)
        found[kind] = rows.count()
    assert found == counts
