"""A schedule of classes as student systems export it: a row a section, everything in one table, twenty sections."""

from __future__ import annotations

import csv
import io

HEADINGS = ("Subject", "Number", "Title", "Section", "Days", "Time", "Building", "Room", "Instructor", "Cap")
COURSES = (
    ("BIO", "101", "Cell biology"),
    ("BIO", "210", "Genetics"),
    ("CHE", "110", "General chemistry"),
    ("ENG", "102", "Writing"),
    ("HIS", "120", "The modern world"),
    ("HIS", "305", "Oral history"),
    ("MAT", "150", "Calculus"),
    ("MAT", "240", "Linear algebra"),
    ("PHY", "115", "Mechanics"),
    ("SOC", "101", "Society"),
)
PEOPLE = ("Abara", "Lindqvist", "Osei", "Tanaka", "Moreau", "Weber", "Rossi", "Silva")
ROOMS = (("Harney", "101"), ("Harney", "148"), ("Lone Mountain", "210"), ("Lone Mountain", "220"))
# Six courses meet three times a week, four twice; nobody and no room is needed twice at once.
THRICE, TWICE = ("9:00 am-9:50 am", "10:00 am-10:50 am", "11:00 am-11:50 am"), ("9:00 am-9:50 am", "10:00 am-10:50 am")
NUM_THRICE = len(ROOMS) * len(THRICE)
TO_BE_ARRANGED, NOT_UNDERSTOOD = 5, 13  # the sections whose time is no weekly one, and the one that nobody reads


def flat_rows() -> list[tuple[str, ...]]:
    rows = []
    for number in range(2 * len(COURSES)):
        subject, code, title = COURSES[number // 2]
        days, times, place = ("MWF", THRICE, number) if number < NUM_THRICE else ("TR", TWICE, number - NUM_THRICE)
        time = times[place % len(times)]
        building, room = ROOMS[place // len(times)]
        if number == TO_BE_ARRANGED:
            days, time, building, room = "", "TBA", "", ""
        elif number == NOT_UNDERSTOOD:
            days, time = "", "Block Q"
        person = PEOPLE[number % len(PEOPLE)]
        rows.append((subject, code, title, f"{number % 2 + 1:02}", days, time, building, room, person, str(20 + number % 3 * 5)))
    return rows


def flat_schedule() -> bytes:
    file = io.StringIO()
    csv.writer(file).writerows([HEADINGS, *flat_rows()])
    return file.getvalue().encode()
