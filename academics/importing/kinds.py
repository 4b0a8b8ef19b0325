"""What can be imported: one table of kinds and their columns, which templates, mapping, checks and documents all read."""

from __future__ import annotations

from academics.importing import columns, languages
from academics.importing.columns import Column, Kind
from academics.importing.values import (
    Clock,
    Code,
    Date,
    DaySpan,
    Email,
    Flag,
    Meetings,
    PeriodSpan,
    Rating,
    Reference,
    References,
    Text,
    Whole,
    Words,
)
from academics.models import MAX_SECTIONS, Availability

STAFF_NUMBER = (
    "instructor",
    "instructor code",
    "staff id",
    "staff no",
    "employee id",
    "employee no",
    "employee number",
    "emp no",
    "emp id",
    "personnel no",
    "lecturer",
    "teacher",
)
COURSE = ("course code", "module", "module code", "subject", "subject code", "offering")

KINDS: dict[str, Kind] = {
    kind.name: kind.with_words(tables=languages.TABLES.get(kind.name, ()), headings=languages.HEADINGS.get(kind.name, {}))
    for kind in (
        Kind(
            "departments",
            "Departments",
            "The units that courses, people and programmes belong to.",
            (
                columns.code("MATH", "PHYS", also=("department", "dept", "department code", "dept code")),
                columns.name("Mathematics", "Physics"),
            ),
            also=("department", "faculties", "faculty list", "schools", "units"),
        ),
        Kind(
            "buildings",
            "Buildings",
            "Where rooms are.",
            (columns.code("MAIN", "LABS", also=("building", "building code")), columns.name("Main building", "Laboratories")),
            also=("building", "campus", "sites"),
        ),
        Kind(
            "rooms",
            "Rooms",
            "Where lectures are held: seats, kind and what they have.",
            (
                columns.code("R101", "LAB-2", also=("room", "room code", "room no", "room number")),
                columns.name("Lecture room 101", "Physics laboratory"),
                Column("building", "Building", Reference("buildings"), ("MAIN", "LABS"), default=None, also=("building code", "site")),
                Column(
                    "capacity",
                    "Capacity",
                    Whole(0, 10_000),
                    ("60", "24"),
                    is_required=True,
                    also=("seats", "size", "places", "max students"),
                ),
                Column(
                    "kind",
                    "Kind",
                    Text(40),
                    ("classroom", "lab"),
                    default="classroom",
                    also=("type", "room type", "room kind", "category"),
                    note="empty: classroom",
                ),
                Column(
                    "features",
                    "Features",
                    Words(),
                    ("projector; whiteboard", "gas"),
                    default=(),
                    also=("equipment", "facilities", "has", "resources"),
                ),
                Column(
                    "sharing", "Lectures at once", Whole(1, 100), ("1", ""), default=1, also=("sharing", "shared by"), note="empty: one"
                ),
            ),
            also=("room", "room list", "classrooms", "spaces", "venues"),
        ),
        Kind(
            "instructors",
            "Instructors",
            "Who teaches, and how much at most.",
            (
                columns.code(
                    "rao",
                    "kowalska",
                    also=STAFF_NUMBER,
                ),
                columns.name("Dr Rao", "Prof. Kowalska", also=("instructor name", "lecturer name", "teacher name")),
                columns.department("MATH", "PHYS"),
                Column("email", "E-mail", Email(), ("rao@example.org", ""), also=("mail", "email address", "e mail address")),
                columns.limit("max_weekly_periods", "Most periods a week", "max weekly", "weekly load", "max per week", "hours per week"),
                columns.limit("max_daily_periods", "Most periods a day", "max daily", "daily load", "max per day"),
                columns.limit("max_consecutive_periods", "Most periods on end", "max consecutive", "consecutive"),
            ),
            also=("instructor", "staff", "lecturers", "teachers", "faculty", "faculty members", "professors"),
        ),
        Kind(
            "terms",
            "Terms and periods",
            "The term's weekly grid: a row for each period of the day. What concerns the whole term may stand in its first row alone.",
            (
                Column(
                    "term", "Term", Code(), ("2026-autumn", "2026-autumn"), is_required=True, also=("term code", "code", "semester code")
                ),
                Column("name", "Name", Text(), ("Autumn 2026", ""), also=("term name", "title")),
                Column("academic_year", "Academic year", Text(20), ("2026/27", ""), also=("year",)),
                Column("semester", "Semester", Text(20), ("autumn", "")),
                Column(
                    "starts_on", "First day", Date(), ("2026-09-21", ""), default=None, also=("starts on", "start date", "begins", "from")
                ),
                Column("ends_on", "Last day", Date(), ("2027-01-15", ""), default=None, also=("ends on", "end date", "to", "until")),
                Column("num_days", "Days a week", Whole(1, 7), ("5", ""), default=None, also=("days", "num days"), note="empty: 5"),
                Column(
                    "period",
                    "Period",
                    Whole(1, 64),
                    ("1", "2"),
                    is_required=True,
                    also=("period number", "slot", "index", "no", "number", "hour"),
                ),
                Column(
                    "starts_at", "Starts", Clock(), ("08:00", "09:00"), is_required=True, also=("starts at", "start", "start time", "begin")
                ),
                Column("ends_at", "Ends", Clock(), ("08:50", "09:50"), is_required=True, also=("ends at", "end", "end time", "finish")),
                Column("break_after", "Break after", Flag(), ("no", "yes"), default=False, also=("pause after", "break")),
                Column("is_lunch", "Lunch", Flag(), ("no", "no"), default=False, also=("is lunch", "lunch time", "lunch break")),
            ),
            also=("term", "periods", "grid", "time grid", "timeslots", "slots", "calendar", "bell schedule"),
        ),
        Kind(
            "holidays",
            "Holidays",
            "Days of a term without lectures: one, or a break of several. Calendars leave them out.",
            (
                columns.term("2026-autumn", "2026-autumn"),
                Column("name", "Name", Text(100), ("All Saints", "Winter break"), is_required=True, also=("holiday", "title", "occasion")),
                Column(
                    "starts_on",
                    "First day",
                    Date(),
                    ("2026-11-01", "2026-12-24"),
                    is_required=True,
                    also=("date", "day", "starts on", "start date", "begins", "from"),
                ),
                Column(
                    "ends_on",
                    "Last day",
                    Date(),
                    ("", "2027-01-03"),
                    default=None,
                    also=("ends on", "end date", "to", "until"),
                    note="empty: one day only",
                ),
            ),
            also=("holiday", "vacations", "breaks", "days off", "public holidays"),
        ),
        Kind(
            "courses",
            "Courses",
            "The catalogue: what can be taught in any term.",
            (
                columns.code("MA101", "PH110", "PH110-LAB", also=COURSE),
                columns.name(
                    "Algebra",
                    "Mechanics",
                    "Mechanics laboratory",
                    also=("course name", "course title", "module title", "module name", "subject name"),
                ),
                columns.department("MATH", "PHYS", "PHYS"),
            ),
            also=("course", "modules", "catalogue", "catalog", "subjects", "units of study"),
        ),
        Kind(
            "curricula",
            "Curricula",
            "Programmes whose students move together: their lectures never overlap.",
            (
                columns.code("BSC-MATH-1", "BSC-PHYS-1", also=("curriculum", "programme", "program", "programme code", "group", "class")),
                columns.name("Mathematics, first year", "Physics, first year"),
                columns.department("MATH", "PHYS"),
            ),
            also=("curriculum", "programmes", "programs", "degrees", "study plans", "groups", "classes"),
        ),
        Kind(
            "offerings",
            "Offerings",
            "Which courses are taught this term, by whom, for whom, how often and for how long.",
            (
                Column("course", "Course", Reference("courses"), ("MA101", "PH110", "PH110-LAB"), is_required=True, also=("code", *COURSE)),
                columns.term("2026-autumn", "", ""),
                Column(
                    "instructors",
                    "Instructors",
                    References("instructors"),
                    ("rao; kowalska", "kowalska", "kowalska"),
                    default=(),
                    also=("instructor", "lecturer", "lecturers", "teacher", "teachers", "staff", "taught by"),
                ),
                Column(
                    "curricula",
                    "Curricula",
                    References("curricula"),
                    ("BSC-MATH-1; BSC-PHYS-1", "BSC-PHYS-1"),
                    default=(),
                    also=("curriculum", "programme", "programmes", "programs", "groups", "classes"),
                ),
                Column(
                    "expected_students",
                    "Expected students",
                    Whole(0, 100_000),
                    ("120", "45"),
                    default=0,
                    also=("students", "expected", "enrolment", "size", "headcount", "num students"),
                    note="used where no enrolments are known",
                ),
                Column(
                    "max_section_size",
                    "Largest section",
                    Whole(1, 1_000_000),
                    ("60", "", "24"),
                    default=60,
                    also=("section size", "max section size", "target size", "target section size", "group size", "capacity", "max size"),
                    note="empty: 60",
                ),
                Column(
                    "num_sections",
                    "Number of sections",
                    Whole(0, MAX_SECTIONS),
                    ("2", "", "4"),
                    default=0,
                    also=("sections", "num sections", "no of sections", "parallel sections", "parallel groups", "number of groups"),
                    note="empty or 0: as many as the largest section asks for; more are formed where so few would be too large",
                ),
                Column(
                    "part_of",
                    "Part of",
                    Reference("courses"),
                    ("", "", "PH110"),
                    default=None,
                    also=("parent", "part of course", "lecture", "lecture course", "linked to", "belongs to", "tutorial of", "lab of"),
                    note="for a tutorial or lab: the course whose lecture it belongs to and whose students attend it",
                ),
                Column(
                    "meetings",
                    "Meetings",
                    Meetings(),
                    ("2 x 1; 1 x 2", "3 x 1", "1 x 2 lab +gas"),
                    default=(),
                    also=("lectures", "weekly lectures", "sessions", "contact hours", "pattern"),
                ),
                Column("min_days", "Days to spread over", Whole(0, 7), ("2", ""), default=0, also=("min days", "minimum days", "spread")),
                Column(
                    "building",
                    "Preferred building",
                    Reference("buildings"),
                    ("MAIN", ""),
                    default=None,
                    also=("preferred building", "home building"),
                ),
            ),
            also=("offering", "course offerings", "classes offered", "teaching", "teaching plan", "schedule of classes", "allocation"),
        ),
        Kind(
            "sections",
            "Sections",
            "Parallel groups that exist already, with names of their own. Leave this out where they may be formed for you.",
            (
                Column("course", "Course", Reference("courses"), ("PH110-LAB", "PH110-LAB"), is_required=True, also=COURSE),
                columns.term("2026-autumn", "2026-autumn"),
                Column(
                    "code",
                    "Section",
                    Code(80),
                    ("A", "B"),
                    is_required=True,
                    also=("code", "section code", "class section", "group", "sec"),
                ),
                Column(
                    "size", "Size", Whole(0, 100_000), ("24", "21"), default=0, also=("seats", "capacity", "limit"), note="most students"
                ),
                Column(
                    "instructors",
                    "Instructors",
                    References("instructors"),
                    ("kowalska", ""),
                    default=(),
                    also=("instructor", "lecturer", "lecturers", "teacher", "teachers", "taught by"),
                    note="empty: the offering's, in turn",
                ),
                Column(
                    "parent",
                    "Section of the lecture",
                    Text(80),
                    ("", ""),
                    default=None,
                    also=("parent", "lecture section", "belongs to"),
                    note="for a section of a tutorial or lab: whose students sit in it; empty: in turn",
                ),
            ),
            also=("section", "class sections", "course sections", "parallel groups"),
        ),
        Kind(
            "room_preferences",
            "Room preferences",
            "Rooms and buildings that a course's lectures would like to be in, best first. Name a room or a building in each row.",
            (
                Column("course", "Course", Reference("courses"), ("PH110", "PH110"), is_required=True, also=COURSE),
                columns.term("2026-autumn", "2026-autumn"),
                Column("room", "Room", Reference("rooms"), ("LAB-2", ""), default=None, also=("room code", "preferred room")),
                Column(
                    "building",
                    "Building",
                    Reference("buildings"),
                    ("", "LABS"),
                    default=None,
                    also=("building code", "preferred building"),
                    note="any of its rooms",
                ),
                Column(
                    "choice",
                    "Choice",
                    Whole(1, 101),
                    ("1", "2"),
                    default=1,
                    also=("rank", "priority", "preference"),
                    note="1 is the first choice; empty: 1",
                ),
            ),
            also=("room preference", "preferred rooms", "room wishes", "room choices", "home rooms"),
        ),
        Kind(
            "students",
            "Students",
            "Who studies, and in which programme.",
            (
                columns.code(
                    "s0001",
                    "s0002",
                    also=("student", "student id", "student no", "student number", "matriculation", "matric no", "roll no", "index no"),
                ),
                columns.name("Ada Adler", "Boris Brandt", also=("student name",)),
                columns.department("MATH", "PHYS"),
                Column(
                    "curriculum",
                    "Curriculum",
                    Reference("curricula"),
                    ("BSC-MATH-1", "BSC-PHYS-1"),
                    default=None,
                    also=("programme", "program", "curriculum code", "programme code", "group", "class"),
                ),
            ),
            also=("student", "student list", "pupils", "roster"),
        ),
        Kind(
            "enrolments",
            "Enrolments",
            "Which student takes which course this term.",
            (
                Column(
                    "student",
                    "Student",
                    Reference("students"),
                    ("s0001", "s0002"),
                    is_required=True,
                    also=("student id", "student code", "student no", "student number", "matric no", "roll no", "code", "id"),
                ),
                Column("course", "Course", Reference("courses"), ("MA101", "PH110"), is_required=True, also=COURSE),
                columns.term("2026-autumn", ""),
                Column(
                    "section",
                    "Section",
                    Text(80),
                    ("", ""),
                    default=None,
                    also=("section code", "class section"),
                    note="a section of the offering; empty: dealt when generating",
                ),
            ),
            also=("enrolment", "enrollment", "enrollments", "registrations", "registration", "course registrations"),
        ),
        Kind(
            "availability",
            "Availability",
            "When an instructor, a room, a course or a section can't be timetabled, or would rather not. Name one in each row.",
            (
                Column(
                    "instructor",
                    "Instructor",
                    Reference("instructors"),
                    ("rao",),
                    default=None,
                    also=("lecturer", "teacher", "staff id"),
                ),
                Column("room", "Room", Reference("rooms"), ("", "LAB-2"), default=None, also=("room code",)),
                Column("course", "Course", Reference("courses"), ("", "", "PH110-LAB"), default=None, also=COURSE),
                Column(
                    "section",
                    "Section",
                    Text(80),
                    ("", "", "A"),
                    default=None,
                    also=("section code", "class section"),
                    note="a section of that course, whose mark counts instead of the course's; empty: the whole course",
                ),
                columns.term("2026-autumn", "", "2026-autumn"),
                Column("day", "Day", DaySpan(), ("Friday", "Mon-Tue", "Wednesday"), default=None, also=("days", "weekday")),
                Column(
                    "period", "Period", PeriodSpan(), ("", "1-2", "2"), default=None, also=("periods", "slot", "slots", "hour", "hours")
                ),
                Column(
                    "rating",
                    "Rating",
                    Rating(),
                    ("not available", "-2", "not available"),
                    default=Availability.BLOCKED,
                    also=("preference", "status", "available", "mark"),
                    note="empty: not available",
                ),
            ),
            also=("unavailability", "unavailable", "blocked times", "constraints", "preferences"),
        ),
    )
}
# In the order in which they can be read: nothing refers to what comes later.
ORDER = tuple(KINDS)
EXPLAINED = "How to fill it in"  # the sheet of the template workbook that is of no kind
