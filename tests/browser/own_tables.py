"""A small college as its own spreadsheet: once with three mistakes, once mended. Nothing of it is the demo's."""

from __future__ import annotations

from typing import Any

from tests.factories.tables import workbook

NUM_COURSES, PER_PROGRAMME, YEARS = 12, 4, ("ARTS", "HIST", "MUSIC")
INSTRUCTORS = {"abara": "Dr Abara", "lindq": "Prof. Lindqvist", "osei": "Dr Osei", "tanaka": "Dr Tanaka"}
ROOMS = [["H1", 70, "lecture hall"], ["S1", 30, "classroom"], ["S2", 30, "classroom"], ["S3", 24, "classroom"], ["ST", 24, "studio"]]
PERIODS = [(9, 10), (10, 11), (11, 12), (13, 14), (14, 15), (15, 16)]
MISTAKES = 3


def course(index: int) -> str:
    return f"{YEARS[index // PER_PROGRAMME][:2]}{index + 1:02}"


def college_workbook(*, with_mistakes: bool) -> bytes:
    """Twelve courses in three programmes, four instructors, five rooms, sixty students with their enrolments."""
    sheets: dict[str, list[list[Any]]] = {
        "Departments": [["Code", "Name"], ["ART", "Arts and letters"]],
        "Rooms": [["Room", "Seats", "Type"], *map(list, ROOMS)],
        "Staff": [["Staff ID", "Name", "Dept", "Max per day"], *([code, name, "ART", 4] for code, name in INSTRUCTORS.items())],
        "Terms": [
            ["Term", "Name", "First day", "Last day", "Days a week", "Period", "Starts", "Ends"],
            *(
                ["2027-S", "Spring 2027" if n == 1 else "", "2027-02-01", "2027-05-28", 5, n, f"{a:02}:00", f"{b - 1:02}:50"]
                for n, (a, b) in enumerate(PERIODS, start=1)
            ),
        ],
        "Modules": [["Module code", "Title", "Dept"], *([course(i), f"Course {i + 1}", "ART"] for i in range(NUM_COURSES))],
        "Programmes": [["Code", "Name", "Dept"], *([code, f"{code.title()}, first year", "ART"] for code in YEARS)],
        "Teaching": [["Course", "Taught by", "Programme", "Meetings"], *map(teaching, range(NUM_COURSES))],
        "Students": [["Matric no", "Name", "Programme"], *([f"m{n:03}", f"Student {n}", YEARS[n % 3]] for n in range(60))],
        "Registrations": [["Matric no", "Module"], *registrations()],
    }
    if with_mistakes:
        sheets["Rooms"][2][1] = -30  # out of range
        sheets["Rooms"].append(["S3", 40, "classroom"])  # the key is there already, with other seats
        sheets["Teaching"][1][1] = "abarra"  # nobody has this code
    return workbook(sheets)


def teaching(index: int) -> list[Any]:
    meetings = "1 x 2 studio; 1 x 1" if index % PER_PROGRAMME == 0 else "2 x 1"
    return [course(index), list(INSTRUCTORS)[index % len(INSTRUCTORS)], YEARS[index // PER_PROGRAMME], meetings]


def registrations() -> list[list[Any]]:
    """Everybody takes the courses of the programme; the last student came too late to register."""
    return [[f"m{n:03}", course(n % 3 * PER_PROGRAMME + i)] for n in range(59) for i in range(PER_PROGRAMME)]
