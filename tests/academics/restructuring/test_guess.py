"""Lists of classes as other programs and universities write them: their headings, days by marks, and names of classes."""

from __future__ import annotations

import csv
import datetime as dt
import io

import pytest

from academics.restructuring.derive import Known
from academics.restructuring.frames import Frame
from academics.restructuring.states import TableState, plan_read, table_state
from academics.term_weeks import TermWeeks, term_weeks
from tests.academics.restructuring.test_derive import derived

KINDS = frozenset({"rooms", "buildings", "instructors", "terms", "courses", "offerings", "sections", "timetable"})


def state(text: str, separator: str = ",", *, weeks: TermWeeks | None = None, **answers: str) -> TableState:
    rows = tuple((number, tuple(cells)) for number, cells in enumerate(csv.reader(io.StringIO(text.strip()), delimiter=separator), 1))
    plan = plan_read({"answers": {"layout": "schedule", "term": "t", **answers}})
    return table_state(key="x.csv", raw=Frame((), rows), plan=plan, known=Known(kinds=KINDS, weeks=weeks or TermWeeks()))


def times(found: TableState) -> list[tuple[str, str, str]]:
    periods = {row["period"]: row["starts_at"] for row in derived(found, "terms")}
    return sorted((row["course"], row["day"], periods[row["period"]]) for row in derived(found, "timetable"))


def test_days_by_marks_under_their_names_or_letters_are_days() -> None:
    rows = "MATH,1A,01,LEC,Calculus,9:00AM,9:50AM,Y,N,Y,N,Y,N,N,THOM 204,40\nMATH,2B,01,LEC,Logic,9:00AM,9:50AM,N,Y,N,Y,N,N,N,THOM 204,40"
    start = "Subject,Catalog,Section,Component,Descr,Mtg Start,Mtg End"
    wanted = [("MATH 1A", day, "09:00") for day in ("Friday", "Monday", "Wednesday")]
    wanted += [("MATH 2B", day, "09:00") for day in ("Thursday", "Tuesday")]

    for days in ("Mon,Tues,Wed,Thurs,Fri,Sat,Sun", "M,T,W,R,F,S,U", "M,T,W,Th,F,S,Su"):
        found = state(f"{start},{days},Facility ID,Cap Enrl\n{rows}", grid="proposed")

        assert found.roles["Days"] == "days"
        assert times(found) == wanted
        assert derived(found, "rooms") == [{"code": "THOM 204", "capacity": "40"}]


def test_a_name_of_a_class_has_course_kind_and_section() -> None:
    found = state(
        """
Class,Limit,Assigned Time,Assigned Room,Instructor,Title
AAE 20300 Lec 1,60,MWF 9:30a - 10:20a,WTHR 172,"Corless, M J",Mechanics
AAE 20300 Lab 1,20,M 1:30p - 3:20p,ARMS 31,"Sun, C T",Mechanics
AAE 20300 Lab 2,20,Th 1:30p - 3:20p,ARMS 31,"Sun, C T",Mechanics
""",
        grid="proposed",
    )

    parts = [(row["course"], row.get("part_of", ""), row["num_sections"]) for row in derived(found, "offerings")]
    assert parts == [("AAE 20300", "", "1"), ("AAE 20300-LAB", "AAE 20300", "2")]
    assert [row["name"] for row in derived(found, "instructors")] == ["Corless, M J", "Sun, C T"]
    assert [question.id for question in found.open] == []


def test_headings_with_a_word_in_front_are_known() -> None:
    found = state(
        """
Sec Name,Sec Short Title,Sec Faculty Info,CSM Bldg,CSM Room,CSM Days,CSM Start Time,CSM End Time,Sec Capacity,Total Enrolled,Instr Method
ACCT-201-01,Accounting,J. Adams,SMH,101,MW,09:30AM,10:45AM,30,25,LEC
ACCT-201-02,Accounting,K. Brown,SMH,101,TTH,11:00AM,12:15PM,30,28,LEC
BIOL-110-01,Biology,K. Brown,SCI,12,MW,11:00AM,12:15PM,24,20,LEC
""",
        grid="proposed",
    )

    roles = {"title", "instructor", "building", "room", "days", "start", "end", "capacity", "enrolled", "kind", "course", "section"}
    assert set(found.roles.values()) == roles
    assert found.unused == ()


LISTS = {
    "spanish": "NRC;Clave;Asignatura;Gpo;Cupo;Inscritos;Lun;Mar;Mié;Jue;Vie;Salón;Profesor\n"
    "1;IIC1;Programación;1;60;58;08:30-09:50;;08:30-09:50;;;A4;Juan Pérez\n"
    "2;IIC1;Programación;2;60;60;;10:00-11:20;;10:00-11:20;;A4;Por asignar",
    "turkish": "DERSİN KODU;DERSİN ADI;ŞUBE;KONTENJAN;GÜNÜ;SAATİ;DERSLİK;ÖĞRETİM ELEMANI\n"
    "IIC1;Giriş;1;60;Pazartesi, Çarşamba;09.00-12.00;A1;Dr. Ali Ak\nIIC1;Giriş;2;60;Salı, Perşembe;13.00-16.00;A1;Atanmadı",
    "german": "VNr.;Titel der LV;Gruppe;max. TN;Tag;Zeit;Raum;Lehrende/r\n"
    "IIC1;Analysis;1;60;Mo., Mi.;10.15 - 11.45;HS 1;Dr. Weiß\nIIC1;Analysis;2;60;Di., Do.;10.15 - 11.45;HS 1;N.N.",
    "italian": "Cod. Ins.;Insegnamento;Gruppo;N. studenti;Giorno;Ora inizio;Ora fine;Aula;Docente\n"
    "IIC1;Analisi;1;60;Lunedì, Mercoledì;8.30;10.30;A1;ROSSI Mario\nIIC1;Analisi;2;60;Martedì, Giovedì;8.30;10.30;A1;da definire",
    "japanese": "科目番号;科目名;クラス;定員;曜日・講時;教室;担当教員\nIIC1;入門;1;60;月3・水3;A101;田中 太郎\n"
    "IIC1;入門;2;60;火1・木1;A101;各教員",
}


@pytest.mark.parametrize("name", LISTS)
def test_lists_in_other_languages_become_courses_with_sections(name: str) -> None:
    found = state(LISTS[name], ";", grid="90x6" if name == "japanese" else "proposed")

    assert [row["code"] for row in derived(found, "courses")] == ["IIC1"]
    sections = [(row["course"], row["code"], row["size"]) for row in derived(found, "sections")]
    assert sections == [("IIC1", "1", "60"), ("IIC1", "2", "60")]
    assert len(derived(found, "instructors")) == 1
    assert [row["day"] for row in derived(found, "timetable")] == ["Monday", "Wednesday", "Tuesday", "Thursday"]
    assert found.open == []


def test_one_row_with_several_days_is_one_class_where_no_column_says_which() -> None:
    found = state("Title,Lun,Mar,Mié,Room,Students\nA,8:00-9:00,,8:00-9:00,R1,30\nA,,8:00-9:00,8:00-9:00,R2,30", parallel="sections")

    assert [row["code"] for row in derived(found, "sections")] == ["1", "2"]


def test_kinds_that_are_not_known_are_asked_about_beside_others_of_their_course() -> None:
    rows = "C1,Programming,Lecture,Monday,09:00,11:00,LT1,220\nC1,Programming,Clinic,Tuesday,09:00,11:00,A32,60"
    found = state(f"Module,Module Name,Event Type,Day,Start Time,Finish Time,Location,Planned Size\n{rows}")
    assert [question.id for question in found.open] == ["kind:Clinic"]

    found = state(f"Module,Module Name,Event Type,Day,Start Time,Finish Time,Location,Planned Size\n{rows}", **{"kind:Clinic": "lab"})
    assert [(row["course"], row.get("part_of", "")) for row in derived(found, "offerings")] == [("C1", ""), ("C1-LAB", "C1")]


def test_students_of_a_programme_move_together_year_by_year() -> None:
    found = state("Corso di laurea,Anno,Insegnamento,Giorno,Ora inizio,Ora fine,Aula\nInf,1,A,Lun,8:00,10:00,A1\nInf,2,B,Lun,8:00,10:00,A2")

    assert [row["curricula"] for row in derived(found, "offerings")] == ["Inf 1", "Inf 2"]


def test_a_table_of_days_with_classes_in_its_cells_asks_what_its_lines_are() -> None:
    first = '8h-10h,"Algo\nAmphi B\nM. Leroy","Algo\nB12\nM. Noir",'
    table = f'Horaire,Lundi,Mardi,Mercredi\n{first}\n10h-12h,"Bases\nAmphi B\nM. Noir",,"Algo\nB12\nM. Leroy"'
    assert [question.id for question in state(table).open] == ["line:2", "line:3", "parallel"]

    lines = {"line:2": "room", "line:3": "instructor", "parallel": "meetings", "room_seats": "30"}
    found = state(table, **lines)
    assert found.open == []
    assert [row["room"] for row in derived(found, "timetable")].count("AMPH-B") == 2
    assert {row["name"] for row in derived(found, "instructors")} == {"M. Leroy", "M. Noir"}


def test_what_stands_in_brackets_behind_names_is_no_mark_where_it_is_a_number() -> None:
    rows = 'ART 1,1,MW 9:30am-12:10pm,"Diaz, Rosa (44120021) [Primary, 100%]",10\nART 2,1,TTh 9:30am-12:10pm,"Moss, Ian (4412) [50%]",10'
    found = state(f"Course,Section #,Meeting Pattern,Instructor,Maximum Enrollment\n{rows}", commas="names")

    assert [row["name"] for row in derived(found, "instructors")] == ["Diaz, Rosa", "Moss, Ian"]


def _in_parts(*parts: str, heading: str = "Meeting Dates", weeks: TermWeeks | None = None, **answers: str) -> TableState:
    rows = "\n".join(f"C{number},1,T{number},Mon,9:00-9:50,R{number},30,{part}" for number, part in enumerate(parts))
    return state(f"Course,Sec,Title,Days,Time,Room,Cap,{heading}\n{rows}", weeks=weeks, **answers)


@pytest.mark.parametrize(
    ("heading", "parts"),
    [
        ("Meeting Dates", ("01/12-05/01", "01/12-04/24", "01/12-03/06")),
        ("Meeting Dates", ("12/01/2026 - 01/05/2026", "12/01/2026 - 24/04/2026", "09/03/2026 - 01/05/2026")),
        ("Start Date,End Date", ("2026-01-12,2026-05-01", "2026-01-12,2026-05-01", "2026-01-12,2026-03-06")),
        ("Weeks", ("1-14", "1-6; 8-14", "1-7")),
        ("Rhythmus", ("wöchentl.", "wöchentl.", "14-tägl.")),
        ("Part of Term", ("1", "1", "8W1")),
    ],
)
def test_rows_of_a_part_of_the_term_are_asked_about_and_never_taken_for_weekly_unsaid(heading: str, parts: tuple[str, ...]) -> None:
    asked = _in_parts(*parts, heading=heading)
    assert [(question.id, question.num_rows, question.rows) for question in asked.open] == [("parts", 1, (4,))]
    assert not any("Not used" in note for note in asked.notes)

    weekly = _in_parts(*parts, heading=heading, parts="weekly")
    assert weekly.open == []
    assert len(derived(weekly, "courses")) == 3
    assert any("taken as held every week" in note and "(1 row: 4)" in note for note in weekly.notes)

    without = _in_parts(*parts, heading=heading, parts="leave")
    assert [row["code"] for row in derived(without, "courses")] == ["C0", "C1"]
    assert any("Left out" in note for note in without.notes)


@pytest.mark.parametrize(
    ("heading", "parts", "weeks"),
    [
        ("Meeting Dates", ("01/12-05/01", "01/12-04/24", "01/12-03/06"), "1-8"),
        ("Meeting Dates", ("12/01/2026 - 01/05/2026", "12/01/2026 - 24/04/2026", "09/03/2026 - 01/05/2026"), "9-16"),
        ("Start Date,End Date", ("2026-01-12,2026-05-01", "2026-01-12,2026-05-01", "2026-01-12,2026-03-06"), "1-8"),
        ("Weeks", ("1-16", "1-6; 8-16", "1-7, 9"), "1-7,9-9"),
        ("Weeks", ("weekly", "weekly", "odd"), "odd"),
        ("Part of Term", ("1", "1", "8W1"), "1-8"),
    ],
)
def test_rows_of_a_part_of_the_term_become_sections_of_these_weeks(heading: str, parts: tuple[str, ...], weeks: str) -> None:
    spring = term_weeks(starts_on=dt.date(2026, 1, 12), ends_on=dt.date(2026, 5, 1), parts=[("8W1", "1-8")])
    asked = _in_parts(*parts, heading=heading, weeks=spring)
    words = spring.words(spring.read(weeks))
    assert asked.open[0].choices[0].label == f"As held in these weeks alone: {words}"

    found = _in_parts(*parts, heading=heading, weeks=spring, parts="weeks")

    assert found.open == []
    assert {row["course"]: spring.words(spring.read(row.get("weeks", ""))) for row in derived(found, "sections")} == {
        **dict.fromkeys(("C0", "C1"), "every week"),
        "C2": words,
    }


def test_parts_of_the_term_may_be_answered_one_by_one() -> None:
    parts = ("01/12-05/01", "01/12-03/06", "03/09-05/01")
    asked = _in_parts(*parts, parts="each")
    assert [question.id for question in asked.open] == ["part:01/12-03/06", "part:03/09-05/01"]

    found = _in_parts(*parts, **{"parts": "each", "part:01/12-03/06": "leave", "part:03/09-05/01": "weekly"})
    assert [row["code"] for row in derived(found, "courses")] == ["C0", "C2"]


def test_a_first_and_a_last_date_that_are_the_same_say_when_a_meeting_is() -> None:
    dates = ("2026-01-12", "2026-01-19", "2026-01-26")
    rows = "\n".join(f"C1,1,T,{date},{date},9:00,9:50,R1" for date in dates)
    found = state(f"Course,Sec,Title,Start Date,End Date,Start Time,End Time,Room\n{rows}", room_seats="30")

    assert [row["date"] for row in derived(found, "timetable")] == list(dates)
    assert [row["meetings"] for row in derived(found, "offerings")] == ["1 x 1"]


def test_campuses_are_asked_about_and_may_be_the_buildings_of_their_rooms() -> None:
    headings = "Course,Sec,Title,Days,Time,Room,Campus,Cap"
    table = f"{headings}\nC1,1,T,Mon,9:00-9:50,R1,MAIN,30\nC2,1,U,Mon,9:00-9:50,R2,WEST,30\nC3,1,V,Tue,9:00-9:50,WEB,ONLN,30"
    asked = state(table)
    assert [(question.id, question.num_rows) for question in asked.open] == [("campus", 3)]

    kept = state(table, campus="building")
    assert [(row["code"], row["building"]) for row in derived(kept, "rooms")] == [("R1", "MAIN"), ("R2", "WEST")]
    assert [row["code"] for row in derived(kept, "buildings")] == ["MAIN", "WEST"]

    left = state(table, campus="none")
    assert left.unused == (("Campus", 3),)


def test_a_building_on_two_campuses_is_asked_about() -> None:
    table = "Course,Sec,Title,Days,Time,Building,Room,Campus,Cap\nC1,1,T,Mon,9:00-9:50,Hall,1,MAIN,30\nC2,1,U,Mon,9:00-9:50,Hall,1,WEST,30"
    assert [question.id for question in state(table).open] == ["campus"]

    found = state(table, campus="join")
    assert [row["code"] for row in derived(found, "buildings")] == ["MAIN-HALL", "WEST-HALL"]
    assert len(derived(found, "rooms")) == 2


def test_a_class_that_names_the_other_code_is_cross_listed_with_it() -> None:
    found = state(
        """
Course,Section #,Course Title,Meeting Pattern,Maximum Enrollment,Cross-listings
ART 305,1,Art History,MW 9:30am-10:20am,40,Also HIS 305-1
HIS 305,1,Art History,MW 9:30am-10:20am,10,See ART 305-1
HIS 201,1,Europe,MW 9:30am-10:20am,10,
"""
    )

    together = [(row["course"], row.get("taught_with", "")) for row in derived(found, "offerings")]
    assert together == [("ART 305", ""), ("HIS 305", "ART 305"), ("HIS 201", "")]


def test_course_section_and_title_in_one_cell_and_room_and_times_in_another() -> None:
    found = state(
        """
Course Section,Course Subject,Instructional Format,Section Details,Instructors,Section Capacity
BIO 101-01 - Principles of Biology,Biology,Lecture,Hall 101 | MWF | 9:00 AM - 9:50 AM,Ann Doe,60
BIO 101-02 - Principles of Biology,Biology,Lecture,Hall 101 | MWF | 10:00 AM - 10:50 AM,Bob Roe,60
BIO 101-L1 - Principles of Biology,Biology,Laboratory,Hall 12 | TTh | 1:00 PM - 1:50 PM,Bob Roe,24
"""
    )

    assert next((row["code"], row["name"]) for row in derived(found, "courses")) == ("BIO 101", "Principles of Biology")
    assert [(row["course"], row["code"]) for row in derived(found, "sections")] == [
        ("BIO 101", "01"),
        ("BIO 101", "02"),
        ("BIO 101-LAB", "L1"),
    ]
    assert {row["room"] for row in derived(found, "timetable")} == {"Hall 101", "Hall 12"}


def test_names_of_activities_have_course_kind_and_section() -> None:
    rows = "COMP101/LEC/01,Programming,Monday,09:00,11:00,JB 1,120\nCOMP101/PRA/01,Programming,Tuesday,09:00,11:00,Lab 3,30"
    heads = "Activity Name,Description,Scheduled Days,Scheduled Start Time,Scheduled End Time,Allocated Location Name,Planned Size"
    found = state(f"{heads}\n{rows}\nCOMP101/PRA/02,Programming,Tuesday,11:00,13:00,Lab 3,30")

    assert [(row["course"], row["num_sections"]) for row in derived(found, "offerings")] == [("COMP101", "1"), ("COMP101-LAB", "2")]


@pytest.mark.parametrize("length", ["1h30", "1:30", "90", "90 min", "1,5 h", "1.5"])
def test_what_has_no_end_ends_after_so_long(length: str) -> None:
    found = state(f'Matière,Type,Jour,Heure,Durée,Salle\nAlgo,CM,Lundi,8h30,"{length}",A1', room_seats="30")

    assert [(row["starts_at"], row["ends_at"]) for row in derived(found, "terms")] == [("08:30", "10:00")]


def test_groups_of_students_with_a_stroke_are_no_courses_with_sections() -> None:
    rows = "Понедельник,8:30-10:05,Анализ,лекция,ИВТ-11,301\nВторник,8:30-10:05,Анализ,лекция,ИВТ-12,301"
    found = state(f"День недели,Время,Дисциплина,Вид занятия,Группа,Аудитория\n{rows}", room_seats="30", groups="groups")

    assert [row["code"] for row in derived(found, "courses")] == ["Анализ"]
    assert [row["code"] for row in derived(found, "groups")] == ["ИВТ-11", "ИВТ-12"]


def test_numbers_of_a_course_s_rows_are_sections_and_a_department_may_be_the_prefix() -> None:
    found = state(
        "Código;Disciplina;Turma;Horário;Local;Vagas\nI1;Introdução;01;24M12;A1;50\nI1;Introdução;02;35T34;A2;50", ";", grid="60x10"
    )
    assert [row["code"] for row in derived(found, "sections")] == ["01", "02"]

    found = state(
        "DEPT,CRS,SEC,CRS TITLE,DAYS,BEG,END,BLDG,RM,MAX\nENGL,101,1,Prose,MWF,0900,0950,HH,1,25\nENGL,205,1,Poetry,TR,0900,0950,HH,1,20"
    )
    assert [(row["code"], row["department"]) for row in derived(found, "courses")] == [("ENGL 101", "ENGL"), ("ENGL 205", "ENGL")]


def test_a_seminar_beside_a_lecture_is_its_small_group() -> None:
    rows = "LAW1,Lecture,Tue 10-12,C1,140\nLAW1,Seminar A,Wed 9-10,S1,20\nLAW1,Seminar B,Wed 10-11,S1,20\nLAW2,Seminar,Thu 9-10,S1,20"
    found = state(f"Course,Type,Day/Time,Room,Enrolment\n{rows}")

    parts = [(row["course"], row.get("part_of", "")) for row in derived(found, "offerings")]
    assert parts == [("LAW1", ""), ("LAW1-T", "LAW1"), ("LAW2", "")]
    assert [row["code"] for row in derived(found, "sections")] == ["1", "A", "B", "1"]


def test_a_row_for_each_date_is_a_meeting_and_no_section() -> None:
    dates = ("2025-09-01", "2025-09-08", "2025-09-15")
    rows = "\n".join(f"{number},Intro,R1,{date}T09:00:00,{date}T10:30:00,Ann Doe" for number, date in enumerate(dates))
    found = state(f"uid,summary,location,start,end,organizer\n{rows}", room_seats="30")

    assert found.open == []
    assert [(row["course"], row["meetings"]) for row in derived(found, "offerings")] == [("INTR", "1 x 1")]


def test_a_kind_behind_the_section_and_numbers_of_classes_are_known() -> None:
    rows = "BIO 1,Intro,1001,001-LEC(1001),MoWe 9:00AM - 9:50AM,R1,60\nBIO 1,Intro,1002,002-LAB(1002),Fr 9:00AM - 9:50AM,L1,24"
    found = state(f"Course,Title,Class,Section,Days & Times,Room,Enrl Cap\n{rows}")

    assert found.open == []
    assert [(row["course"], row["code"]) for row in derived(found, "sections")] == [("BIO 1", "001"), ("BIO 1-LAB", "002")]


def test_hours_under_their_turkish_names_are_hours() -> None:
    found = state("Ders Kodu,Ders Adı,Teorik,Uygulama,Laboratuvar,Öğrenci Sayısı\nB1,Giriş,3,0,2,60\nB2,Veri,2,2,0,40", grid="60x10")

    assert [row["course"] for row in derived(found, "offerings")] == ["B1", "B1-LAB", "B2", "B2-T"]


def test_columns_of_banners_database_are_known_without_the_table_in_front() -> None:
    days = ",".join(f"SSRMEET_{day}_DAY" for day in ("MON", "TUE", "WED", "THU", "FRI"))
    section = ",".join(f"SSBSECT_{name}" for name in ("CRN", "SUBJ_CODE", "CRSE_NUMB", "SEQ_NUMB", "MAX_ENRL"))
    found = state(
        f"{section},{days},SSRMEET_BEGIN_TIME,SSRMEET_END_TIME\n"
        "20001,BIOL,1010,001,30,M,,W,,,0900,0950\n20002,CHEM,1010,001,24,,T,,R,,1000,1050"
    )

    wanted = [("BIOL 1010", "Monday", "09:00"), ("BIOL 1010", "Wednesday", "09:00")]
    assert times(found) == [*wanted, ("CHEM 1010", "Thursday", "10:00"), ("CHEM 1010", "Tuesday", "10:00")]
