"""Lists as scheduling programs write them, each made small: nothing is asked that the file says, and nothing is read otherwise."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from academics.restructuring.groups import parents_by_name, strokes_of
from tests.academics.restructuring.test_derive import derived
from tests.academics.restructuring.test_guess import state


@dataclass(frozen=True)
class List:
    text: str
    separator: str = ";"
    answers: dict[str, str] = field(default_factory=dict)
    asked: tuple[str, ...] = ()  # beside what it is, and the term
    courses: tuple[str, ...] = ()
    groups: dict[str, str] = field(default_factory=dict)
    rooms: tuple[str, ...] = ()
    num_lectures: int = 0


LISTS = {
    "CELCAT": List(
        """
Event Id;Day;Start Time;End Time;Weeks;Event Category;Module;Group;Staff;Room;Size
1;Monday;09:00;11:00;1-12;Lecture;BIO1 - Cells;BIO-1;Abbott, J|Okafor, C;LT1;120
2;Tuesday;14:00;16:00;1-6;Practical;BIO1 - Cells;BIO-1/A;Abbott, J;"LAB 2; LAB 3";60
3;Wednesday;14:00;16:00;1-6;Practical;BIO1 - Cells;BIO-1/B;Okafor, C;"LAB 2; LAB 3";60
4;Friday;13:00;14:00;1-12;Lecture;CHE2 - Acids;CHE-1/A;Ferri, P;LT1;30
""",
        answers={"parts": "weekly"},
        asked=("parts",),
        courses=("BIO1", "BIO1-LAB", "CHE2"),
        groups={"BIO-1": "", "BIO-1/A": "BIO-1", "BIO-1/B": "BIO-1", "CHE-1": "", "CHE-1/A": "CHE-1"},
        rooms=("LAB 2", "LAB 3", "LT1"),
        num_lectures=4,
    ),
    "SIGAA": List(
        """
Código;Componente Curricular;Turma;Docente(s);Horário;Local;Capacidade;Matriculados
MAT1;CÁLCULO 1;01;ANA LIMA (60h);24M12;A1 25;60;58
MAT1;CÁLCULO 1;02;RUI COSTA (60h);35T34;A1 25;50;45
ADM2;GESTÃO;01;EVA MAIA (60h);6N1234;F 12;70;69
""",
        answers={"times:shift_starts": '{"shift_starts": [6, 12]}', "grid": "50x12", "students": "capacity", "patterns": "apart"},
        asked=("times:shift_starts", "grid"),
        courses=("MAT1", "ADM2"),
        rooms=("A1 25", "F 12"),
        num_lectures=5,
    ),
    "ADE": List(
        """
Activité;Type;Jour;Heure de début;Durée;Semaines;Enseignants;Groupes;Salles;Effectif
R1.01 Algorithmes;CM;Lundi;8h00;2h00;36-42;DUVAL Anne;BUT1;Amphi A;110
R1.01 Algorithmes;TD;Mardi;10h00;2h00;36-42;DUVAL Anne;BUT1-G1;TD 12;28
R1.01 Algorithmes;TD;Mardi;14h00;2h00;36-42;PETIT Luc;BUT1-G2;TD 12;28
R1.03 Réseaux;TP;Jeudi;8h00;2h00;36-42;PETIT Luc;BUT1-G1A;INFO 1;14
""",
        answers={"groups_tree": "yes"},
        asked=("groups_tree",),
        courses=("R1.01", "R1.01-T", "R1.03"),
        groups={"BUT1": "", "BUT1-G1": "BUT1", "BUT1-G2": "BUT1", "BUT1-G1A": "BUT1-G1"},
        rooms=("AMPH-A", "INFO 1", "TD 12"),
        num_lectures=4,
    ),
    "Syllabus Plus": List(
        """
Activity Name;Activity Description;Module Hostkey;Activity Type;Scheduled Days;Scheduled Start Time;Scheduled End Time;Allocated Location
LAW1/LEC/01;Contracts;LAW1;LEC;Mon;10:00;12:00;EA1
LAW1/SEM/01;Contracts;LAW1;SEM;Tue;09:00;10:00;EA2
LAW1/SEM/02;Contracts;LAW1;SEM;Tue;10:00;11:00;EA2
LAW2/LEC/01;Torts;LAW2;LEC;Thu;14:00;16:00;EA1
""",
        answers={"room_seats": "30"},
        asked=("room_seats",),
        courses=("LAW1", "LAW1-T", "LAW2"),
        rooms=("EA1", "EA2"),
        num_lectures=4,
    ),
    "TimeEdit": List(
        """
Startdatum;Starttid;Slutdatum;Sluttid;Kurs;Undervisningstyp;Lokal;Lärare;Grupp;Antal studenter
2026-08-31;08:00;2026-08-31;10:00;TDA357 Databaser;Föreläsning;HB2;Berg;TK2;60
2026-09-07;08:00;2026-09-07;10:00;TDA357 Databaser;Föreläsning;HB2;Berg;TK2;60
2026-09-02;13:00;2026-09-02;15:00;MVE505 Algebra;Föreläsning;HA4;Holm;TK2;60
2026-09-09;13:00;2026-09-09;15:00;MVE505 Algebra;Föreläsning;HA4;Holm;TK2;60
2026-09-16;13:00;2026-09-16;15:00;MVE505 Algebra;Föreläsning;HA4;Holm;TK2;60
""",
        courses=("TDA357", "MVE505"),
        rooms=("HA4", "HB2"),
        num_lectures=5,
    ),
    "STAG": List(
        """
Zkratka předmětu;Název;Typ;Den;Od;Do;Místnost;Vyučující;Kapacita
PPA1;Programování;Přednáška;Po;8:00;10:00;UP-101;Novák;150
PPA1;Programování;Cvičení;Út;10:00;12:00;UC-336;Dvořák;24
MA1;Analýza;Přednáška;Čt;8:00;10:00;UP-104;Svoboda;150
FY1;Fyzika;Přednáška;Pondělí;14:00;16:00;UP-108;Černá;100
""",
        courses=("PPA1", "PPA1-T", "MA1", "FY1"),
        rooms=("UC-336", "UP-101", "UP-104", "UP-108"),
        num_lectures=4,
    ),
    "a week by days, the day in its first row": List(
        """
День недели;Время;Дисциплина;Вид;Преподаватель;Ауд.;Кол-во студентов
Понедельник;9:00-10:30;Анализ;лекция;Иванов;301;50
;10:40-12:10;Физика;лекция;Петров;215;25
Вторник;9:00-10:30;Логика;лекция;Сидорова;301;50
;10:40-12:10;Химия;лекция;Сидорова;410;25
""",
        courses=("Анализ", "Физика", "Логика", "Химия"),
        rooms=("215", "301", "410"),
        num_lectures=4,
    ),
    "days across, in Spanish": List(
        """
Clave;Materia;Grupo;Profesor;Lunes;Martes;Miércoles;Jueves;Viernes;Salón;Cupo
MAT1;Cálculo;A;Núñez;07:00-09:00;;07:00-09:00;;;A-12;40
FIS2;Física;A;Gómez;;07:00-09:00;;07:00-09:00;;A-14;35
""",
        courses=("MAT1", "FIS2"),
        rooms=("A-12", "A-14"),
        num_lectures=4,
    ),
}


@pytest.mark.parametrize("name", LISTS)
def test_a_list_of_a_scheduling_program_goes_in_with_its_questions(name: str) -> None:
    listed = LISTS[name]

    asked = {question.id for question in state(listed.text, listed.separator).open}
    found = state(listed.text, listed.separator, **listed.answers)

    assert asked == set(listed.asked)
    assert [question.id for question in found.open] == []
    assert found.unread == ()
    assert tuple(row["code"] for row in derived(found, "courses")) == listed.courses
    assert {row["code"]: row.get("parent", "") for row in derived(found, "groups")} == listed.groups
    assert tuple(sorted(row["code"] for row in derived(found, "rooms"))) == listed.rooms
    assert len(derived(found, "timetable")) == listed.num_lectures


def test_headings_below_a_wide_one_are_known_by_themselves() -> None:
    found = state("Code,Title,Time,,,Room,Students\n,,Day,Start,End,,\nCS1,Logic,Mon,9:00,10:00,R1,30\nCS2,Sets,Tue,9:00,10:00,R1,30")

    roles = {role: name for name, role in found.roles.items()}
    assert [roles[role] for role in ("days", "start", "end")] == ["Time Day", "Time Start", "Time End"]
    assert len(derived(found, "timetable")) == 2


def test_rooms_in_one_cell_are_a_question_where_the_mark_may_be_a_part_of_their_names() -> None:
    text = "Course,Title,Day,Start,End,Room,Students\nCS1,Logic,Mon,9:00,10:00,LIB 1 / LIB 2,30\nCS2,Sets,Tue,9:00,10:00,LIB 3,30"

    asked, several, one = (state(text, **answers) for answers in ({}, {"rooms_listed": "several"}, {"rooms_listed": "one"}))

    assert [question.id for question in asked.open] == ["rooms_listed"]
    assert [row["code"] for row in derived(several, "rooms")] == ["LIB 1", "LIB 2", "LIB 3"]
    assert len(derived(several, "timetable")) == 2
    assert [row["code"] for row in derived(one, "rooms")] == ["LIB 1 / LIB 2", "LIB 3"]


def test_groups_of_one_name_below_several_years_stay_apart() -> None:
    text = """
Year,Group,Course,Title,Day,Start,End,Room,Students
1,A,CS1,Logic,Mon,9:00,10:00,R1,30
1,B,CS1,Logic,Tue,9:00,10:00,R1,30
2,A,CS2,Sets,Mon,9:00,10:00,R2,30
2,B,CS2,Sets,Tue,9:00,10:00,R2,30
1,,CS3,Graphs,Wed,9:00,10:00,R2,60
"""
    found = state(text.replace("Group", "Group,Subgroup", 1).replace(",A,", ",A,a,").replace(",B,", ",B,a,").replace("1,,CS3", "1,,,CS3"))

    parents = {row["code"]: row.get("parent", "") for row in derived(found, "groups")}
    assert parents == {
        **{"1": "", "2": "", "1/A": "1", "1/B": "1", "2/A": "2", "2/B": "2"},
        **{"1/A/a": "1/A", "1/B/a": "1/B", "2/A/a": "2/A", "2/B/a": "2/B"},
    }
    assert [row["groups"] for row in derived(found, "sections")] == ["1/A/a", "1/B/a", "2/A/a", "2/B/a", "1"]


@pytest.mark.parametrize(
    ("names", "meant"),
    [
        (("Y1", "Y1/A", "Y1/B"), "path"),
        (("1/A", "1/B", "2/A", "2/B"), "path"),
        (("PM-21", "PM-22", "PM-21/PM-22"), "list"),
        (("PM-21/PM-22", "PM-23/PM-24"), "list"),
        (("L1/Info", "L2/Bio"), None),
        (("Y1", "Y2"), "list"),
    ],
)
def test_a_stroke_is_read_as_the_column_shows_it_and_is_otherwise_a_question(names: tuple[str, ...], meant: str | None) -> None:
    assert strokes_of(names) == meant


def test_a_group_whose_name_begins_with_another_may_be_a_part_of_it() -> None:
    assert parents_by_name(("BI1", "BI10", "BI1-A", "BI1-A1", "BI1a", "CS")) == {"BI1-A": "BI1", "BI1-A1": "BI1-A", "BI1a": "BI1"}
