"""UniTime's CSV of a solution: its classes, people and rooms, and its times as a timetable of the term."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from academics.models import CourseOffering, Organization, Room
from generation.exports import export_file
from generation.models import Variant

CLASSES = Path(__file__).parent.parent / "data" / "unitime_classes.csv"
ANSWERS = {"layout": "schedule", "commas": "names", "grid": "even30", "term": "2026-autumn"}


@pytest.mark.django_db
def test_the_classes_become_courses_with_parts_and_their_times_a_timetable(tmp_path: Path) -> None:
    recipe = tmp_path / "answers.json"
    recipe.write_text(json.dumps({"answers": ANSWERS}))

    call_command("import_data", str(CLASSES), organization="college", recipe=str(recipe))

    offerings = {each.course.code: each for each in CourseOffering.objects.select_related("course")}
    assert sorted(offerings) == ["MA 101", "MA 101-T", "PH 201", "PH 201-LAB", "PH 399"]
    assert [section.code for section in offerings["MA 101-T"].sections.order_by("code")] == ["1", "2"]
    assert [each.count for each in offerings["MA 101"].meetings.all()] == [3]
    assert [each.count for each in offerings["PH 399"].meetings.all()] == []  # hours by arrangement
    assert Room.objects.count() == 4
    assert Variant.objects.get().hard == 0

    written = tmp_path / "taken away.csv"
    written.write_bytes(export_file(Variant.objects.get(), kind="unitime").content)
    call_command("import_data", str(written), organization="again", recipe=str(recipe))
    assert _timetable("again") == _timetable("college")


def _timetable(code: str) -> list[tuple[object, ...]]:
    entries = Variant.objects.get(job__organization__code=code).entries
    return sorted((each.course, each.section, each.day, each.period, each.length, each.room, *each.instructors) for each in entries.all())


@pytest.mark.django_db
def test_what_kind_of_class_a_row_has_is_not_left_out_in_silence() -> None:
    with pytest.raises(CommandError, match=r"\[layout\] What is this table") as caught:
        call_command("import_data", str(CLASSES), organization="college")

    assert "schedule" in str(caught.value)
    assert not Organization.objects.exists()
