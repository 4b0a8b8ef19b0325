"""Tables of the kinds that institutions have, each made small: what is proposed, what is asked, and what comes out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from academics.restructuring.derive import Known
from academics.restructuring.frames import Frame
from academics.restructuring.states import TableState, plan_read, table_state

KNOWN = Known(kinds=frozenset({"timetable"}))


def state(text: str, known: Known = KNOWN, **answers: str) -> TableState:
    """A table of lines with cells apart by a bar, read with these answers."""
    rows = tuple((number, tuple(cell.strip() for cell in line.split("|"))) for number, line in enumerate(text.strip().splitlines(), 1))
    return table_state(key="x.csv", raw=Frame((), rows), plan=plan_read({"answers": answers}), known=known)


def derived(found: TableState, kind: str) -> list[dict[str, str]]:
    assert found.refusal == ""
    return [
        {name: cell for name, cell in zip(table.columns, cells, strict=True) if cell}
        for table in found.tables
        if table.kind == kind
        for _, cells in table.rows
    ]


PEOPLESOFT = """
Subject|Catalog|Section|Class Nbr|Descr|Component|Mtg Days|Mtg Start|Mtg End|Facil ID|Instructor Name|Enrl Cap
BIOL|101|001|12001|General Biology|LEC|MWF|9:00AM|9:50AM|SCI100|Smith,John|120
BIOL|101|01A|12002|General Biology|LAB|T|1:00PM|1:50PM|SCI210|Doe,Jane|24
BIOL|101|01B|12003|General Biology|LAB|W|1:00PM|1:50PM|SCI210|Doe,Jane|24
"""


def test_a_lab_in_a_schedule_is_a_part_of_its_lecture() -> None:
    found = state(PEOPLESOFT, commas="names")

    assert derived(found, "offerings") == [
        {
            "course": "BIOL 101",
            "instructors": "SMIT-JOHN",
            "expected_students": "120",
            "max_section_size": "120",
            "num_sections": "1",
            "meetings": "3 x 1",
        },
        {
            **{
                "course": "BIOL 101-LAB",
                "instructors": "DOE-JANE",
                "expected_students": "48",
                "max_section_size": "24",
                "num_sections": "2",
            },
            **{"part_of": "BIOL 101", "meetings": "1 x 1"},
        },
    ]
    assert sorted(each["name"] for each in derived(found, "instructors")) == ["Doe,Jane", "Smith,John"]


def test_a_comma_in_names_is_asked_for_and_never_guessed() -> None:
    assert {question.id for question in state(PEOPLESOFT).open} >= {"layout", "commas"}


def test_a_further_teacher_in_a_row_below_teaches_in_the_team() -> None:
    found = state(
        """
        Course|Sec|Title|Days|Time|Instructor|Room
        MA1|1|Algebra|MW|9:00-9:50|Rao|R1
        |||||Berg|
        PH1|1|Optics|T|9:00-9:50|Cole|R1
        """
    )

    assert [each["instructors"] for each in derived(found, "sections")] == ["RAO; BERG", "COLE"]


def test_days_as_columns_become_meetings() -> None:
    found = state("Course|Section|Instructor|Mon|Tue|Wed\nMA1|A|Rao|9:00-9:50||9:00-9:50\nPH1|A|Berg||10:00-10:50|\nCH1|B|Cole|||8:00-8:50")

    assert [each["meetings"] for each in derived(found, "offerings")] == ["2 x 1", "1 x 1", "1 x 1"]
    assert [each["day"] for each in derived(found, "timetable")] == ["Monday", "Wednesday", "Tuesday", "Wednesday"]


def test_course_and_section_in_one_code_are_split_by_a_step_that_is_shown() -> None:
    found = state(
        "Class|Title|Meeting Times|Room\nCS 102-01|Java|MW 9:00-9:50|E1\nCS 102-02|Java|MW 10:00-10:50|E1\nCS 210-01|Data|TTh 9:00-9:50|E2"
    )

    assert "Class is split into Course code, Section (3 rows)." in [preview.sentence for preview in found.previews]
    assert [(each["course"], each["code"]) for each in derived(found, "sections")] == [("CS 102", "01"), ("CS 102", "02"), ("CS 210", "01")]


@pytest.mark.parametrize(
    ("headings", "parts"),
    [
        ("T|U|L", ["MA1 3 x 1", "MA1-T 1 x 2", "MA1-LAB 1 x 1"]),
        ("L|T|P", ["MA1 3 x 1", "MA1-T 1 x 2", "MA1-LAB 1 x 1"]),
        ("V|Ü|P", ["MA1 3 x 1", "MA1-T 1 x 2", "MA1-LAB 1 x 1"]),
        ("CM|TD|TP", ["MA1 3 x 1", "MA1-T 1 x 2", "MA1-LAB 1 x 1"]),
        ("L|P|U", ["MA1 3 x 1", "MA1-LAB 1 x 2"]),  # U: units
    ],
)
def test_hours_become_lecture_tutorial_and_lab(headings: str, parts: list[str]) -> None:
    found = state(f"Course Code|Course Name|{headings}|Students\nMA1|Algebra|3|2|1|60", grid="60x10")

    assert [f"{each['course']} {each['meetings']}" for each in derived(found, "offerings")] == parts
    assert {each.get("part_of", "MA1") for each in derived(found, "offerings")} == {"MA1"}


def test_hours_of_a_term_are_asked_about_and_divided() -> None:
    text = "Code UE|Intitulé|CM|TD|TP|Effectif\nM1|Algèbre|28|14|0|90"

    assert "hours_basis" in {question.id for question in state(text).open}
    assert derived(state(text, hours_basis="term14", grid="60x10"), "offerings")[0]["meetings"] == "2 x 1"


def test_rows_that_repeat_are_asked_for_where_nothing_counts_them() -> None:
    text = "Course Code|Course Name|T|U|L|Existing\nA1|Studio|3|2|0|14\nA1|Studio|3|2|0|14"

    assert "repeats" in {question.id for question in state(text).open}
    assert len(derived(state(text, repeats="sections", grid="60x10"), "sections")) == 4  # with those of the tutorial
    assert len(derived(state(text, repeats="drop", grid="60x10"), "sections")) == 2


def test_facts_that_differ_are_one_question_with_its_count() -> None:
    text = "Course|Sec|Title|Days|Time|Cap\nMA1|1|Algebra|M|9:00-9:50|20\nMA1|1|Algebra I|W|9:00-9:50|30\nMA1|2|Algebra I|F|9:00-9:50|30"
    asked = {question.id: question for question in state(text).questions}

    assert asked["titles"].examples == ("MA1: Algebra, Algebra I",)
    assert asked["sizes_differ"].examples == ("MA1 1: 20, 30",)
    assert derived(state(text), "courses") == [{"code": "MA1", "name": "Algebra I"}]
    assert derived(state(text, titles="first", sizes_differ="smallest"), "sections")[0]["size"] == "20"
    assert [each["name"] for each in derived(state(text, titles="courses"), "courses")] == ["Algebra", "Algebra I"]


def test_who_and_what_is_in_the_data_keeps_its_code_and_is_not_listed_again() -> None:
    names = {"instructors": {"p7": "Ada King"}, "rooms": {"E1": "Room E1"}, "courses": {"C9": "Java"}}
    found = state("Title|Sec|Days|Time|Instructor|Room\nJava|1|M|9:00-9:50|ada king|E1", replace(KNOWN, names=names))

    assert derived(found, "instructors") == []
    assert derived(found, "rooms") == []
    assert derived(found, "offerings")[0]["course"] == "C9"
    assert derived(found, "offerings")[0]["instructors"] == "p7"


def test_courses_that_share_a_cross_list_key_are_taught_together() -> None:
    found = state(
        """
        Course|Sec|Days|Time|Room|Cross list
        CS 1|1|M|9:00-9:50|R1|X1
        MA 1|1|M|9:00-9:50|R1|X1
        PH 1|1|M|10:00-10:50|R1|
        CS 2|1|T|9:00-9:50|R1|X2
        CS 2|2|W|9:00-9:50|R1|
        MA 2|1|T|9:00-9:50|R1|X2
        """
    )

    assert {each["course"]: each.get("taught_with", "") for each in derived(found, "offerings")} == {
        **{"CS 1": "", "MA 1": "CS 1", "PH 1": "", "CS 2": "", "MA 2": "CS 2"},
    }


def test_two_codes_in_a_cell_are_asked_about_and_may_be_one_class() -> None:
    text = "Course|Sec|Days|Time|Room\nCS 101/MA 101|1|Mon|9:00-9:50|R1\nPH 1|1|Mon|10:00-10:50|R1"

    assert "two_codes" in {question.id for question in state(text).open}
    found = state(text, two_codes="cross")
    assert {each["course"]: each.get("taught_with", "") for each in derived(found, "offerings")} == {
        "CS 101": "",
        "MA 101": "CS 101",
        "PH 1": "",
    }
    assert [each["course"] for each in derived(found, "timetable")] == ["CS 101", "PH 1"]
    assert [each["course"] for each in derived(state(text, two_codes="whole"), "offerings")] == ["CS 101/MA 101", "PH 1"]


def test_rooms_of_the_same_name_in_two_buildings_are_two() -> None:
    found = state("Building|Room|Seats|Beamer|Gas|Piano\nMain Hall|101|40|X|X|\nScience|101|30|X||X", layout="rooms")

    assert derived(found, "rooms") == [
        {"code": "MAIN-HALL 101", "building": "MAIN-HALL", "capacity": "40", "features": "Beamer; Gas"},
        {"code": "SCIE 101", "building": "SCIE", "capacity": "30", "features": "Beamer; Piano"},
    ]


def test_a_matrix_of_courses_and_people_asks_what_a_mark_means() -> None:
    text = "Code|Course name|T1|T2|T3\nM1|Algebra|1|0|0\nM2|Optics|1|1|0"

    assert "can_teach" in {question.id for question in state(text).open}
    found = state(text, can_teach="offerings", grid="60x10")
    assert [(each["course"], each["instructors"]) for each in derived(found, "offerings")] == [("M1", "T1"), ("M2", "T1; T2")]


def test_columns_without_headings_are_known_by_their_values_or_asked_for() -> None:
    found = state("GA101|情報社会|金2|2D304|T026\nGA102|知的財産|月5,6|2D305|T027,T028\nGA103|図書館|木3|2D304|T029")

    assert {**found.roles} == {"column 1": "course", "column 2": "title", "column 3": "times"}
    assert {question.id for question in found.open} >= {"column:column 4", "column:column 5"}


def test_times_that_are_not_understood_are_asked_for_once_and_can_be_taught() -> None:
    text = "Course|Sec|Instructor|Time\nM1|1|Rao|Blk Q\nM2|1|Rao|Blk Q\nM3|1|Rao|Mon 9:00-9:50"
    asked = {question.id: question for question in state(text).questions}

    assert asked["times_unread"].num_rows == 2
    rows = tuple((number, tuple(line.split("|"))) for number, line in enumerate(text.splitlines(), 1))
    plan = plan_read({"vocabulary": {"taught": {"Blk Q": "Tue 9:00-9:50"}}})
    taught = table_state(key="x.csv", raw=Frame((), rows), plan=plan, known=KNOWN)
    assert [each["day"] for each in derived(taught, "timetable")] == ["Tuesday", "Tuesday", "Monday"]


def test_headings_of_which_nothing_is_made_are_said_with_their_rows() -> None:
    found = state(
        """
        Subj|Crse|Sec|Title|Days|Time|Instructor|Advisor|Level|Remarks
        MA|1|1|Algebra|MW|9:00-9:50|Rao|Berg|Basic|
        MA|1|2|Algebra|MW|10:00-10:50|Cole|Berg|Higher|
        PH|1|1|Optics|T|9:00-9:50|Cole||Basic|
        """
    )

    assert found.unused == (("Advisor", 2), ("Level", 3), ("Remarks", 0))
    assert "Not used: Advisor (2 rows), Level (3 rows), Remarks (empty)." in found.notes
    assert found.document()["unused"][1] == {"heading": "Level", "num_rows": 3}


def test_columns_that_steps_made_into_others_count_as_used() -> None:
    found = state("Room|Seats|Beamer|Piano|Sink|Board|Sockets|Colour\nR1|30|X|X|||X|red\nR2|20||X|X|X||\nR3|9|X||||X|red")

    assert found.unused == (("Colour", 2),)


def test_cells_without_a_heading_are_said_where_they_hold_something() -> None:
    found = state(
        "Course|Sec||Days|Time||Instructor\nMA1|1|x|MW|9:00-9:50||Rao|late\nPH1|1||T|9:00-9:50||Cole|new\nCH1|1|y|F|9:00-9:50||Cole|"
    )

    assert found.unused == (("column 3", 2), ("cells behind the last heading", 2))


def test_headings_of_more_languages_are_known_and_without_their_accents() -> None:
    german = state("LV-Nummer|Titel der Lehrveranstaltung|Gruppe|Tag und Uhrzeit|Dozent/in|Raum\nMA1|Algebra|1|Mo 9:00-9:50|Rao|R1")
    turkish = state("Ders Kodu|Dersin Adi|Sube|Gun ve Saat|Ogretim Uyesi|Derslik\nMA1|Cebir|1|Pazartesi 9:00-9:50|Rao|R1")

    for found in (german, turkish):
        assert found.unused == ()
        assert sorted(set(found.roles.values())) == ["course", "instructor", "room", "section", "times", "title"]


TERMS = """
Term|Course|Sec|Title|Days|Time|Instructor
Fall|A1|1|Algebra|MW|9:00-9:50|Rao
|A1|1||F|9:00-9:50|
Spring|A1|1|Algebra|TTh|9:00-9:50|Berg
Spring|B1|1|Optics|F|9:00-9:50|Cole
"""
FALL = replace(KNOWN, has_term=True, term=("2026-fall", "Fall"))


@pytest.mark.parametrize("known", [KNOWN, FALL])
def test_of_several_terms_in_a_table_it_is_asked_which_one_is_imported(known: Known) -> None:
    fall, both = state(TERMS, known, term_rows="Fall"), state(TERMS, known, term_rows="all")

    (question,) = [each for each in state(TERMS, known).open if each.id == "term_rows"]
    assert [choice.value for choice in question.choices] == ["Fall", "Spring", "all"]
    assert (question.num_rows, question.examples) == (4, ("Fall (2)", "Spring (2)"))
    assert [(each["course"], each["meetings"]) for each in derived(fall, "offerings")] == [("A1", "3 x 1")]
    assert [each["code"] for each in derived(fall, "instructors")] == ["RAO"]
    assert "2 rows of other terms are left out: Spring (2)." in fall.notes
    assert [each["course"] for each in derived(both, "offerings")] == ["A1", "B1"]


def test_a_table_of_another_term_than_the_one_that_is_there_is_asked_about() -> None:
    text = "Term|Course|Sec|Title|Days|Time\nSpring 2027|A1|1|Algebra|MW|9:00-9:50\nSpring 2027|B1|1|Optics|F|9:00-9:50"

    (question,) = [each for each in state(text, FALL).open if each.id == "term_rows"]
    assert "of the term Spring 2027, and the institution's term is 2026-fall" in question.text
    assert question.num_rows == 2
    for words in ("2026-Fall", "FALL"):  # its code or its name
        assert "term_rows" not in {each.id for each in state(text.replace("Spring 2027", words), FALL).questions}
    assert "term_rows" not in {each.id for each in state(text, KNOWN).questions}
    assert "term_rows" not in {each.id for each in state(text, FALL, term_rows="all").open}


def _sized(*sizes: str, heading: str = "Students", **answers: str) -> TableState:
    rows = "\n".join(f"C{number}|1|Course {number}|M|9:00-9:50|{size}" for number, size in enumerate(sizes, 1))
    return state(f"Course|Sec|Title|Days|Time|{heading}\n{rows}", KNOWN, **answers)


def test_numbers_that_cannot_be_read_are_one_question_and_never_0() -> None:
    sizes = ("30", "ca. 40", "25/30", "-5", "ca. 40", "TBA", "-", "25.0")
    found = _sized(*sizes)

    (question,) = [each for each in found.open if each.id == "numbers"]
    assert question.text.startswith("4 cells of Students can't be read as a whole number of 0 or more.")
    assert (question.num_rows, question.rows, question.examples) == (4, (3, 4, 5, 6), ("ca. 40 (2)", "25/30 (1)", "-5 (1)"))
    offerings = derived(_sized(*sizes, numbers="leave"), "offerings")
    assert [each.get("expected_students") for each in offerings] == ["30", None, None, None, None, None, None, "25"]


@pytest.mark.parametrize(
    ("sizes", "is_read"),
    [
        (("1,200", "30"), True),
        (("1.200", "30"), True),
        (("1 200", "1200"), True),
        (("1'200", "2.5"), False),
        (("1,200", "1.100"), False),  # which of the two is a fraction?
        (("1,200", "30,0"), False),
        (("1,200", "1500"), False),
        (("25,300", "30"), False),
    ],
)
def test_a_mark_behind_the_thousands_is_read_where_the_column_means_nothing_else(sizes: tuple[str, ...], is_read: bool) -> None:
    found = _sized(*sizes)

    assert ("numbers" not in {each.id for each in found.questions}) == is_read
    if is_read:
        assert derived(found, "offerings")[0]["expected_students"] == "1200"


def test_seats_with_a_mark_behind_the_thousands_and_those_that_are_no_number() -> None:
    rooms = derived(state("Room|Room Capacity|Building\nR1|1,200|B\nR2|30|B\nR3|ca. 40|B"), "rooms")

    assert [each["capacity"] for each in rooms] == ["1200", "30", "ca. 40"]  # the check complains of the row


def test_parts_of_hours_are_asked_about_and_may_be_rounded_up() -> None:
    text = "Course Code|Course Name|L|T|P|Students\nMA1|Algebra|3|1,5|0|60\nMA2|Optics|2|x|1|60"

    (question,) = [each for each in state(text, grid="60x10").open if each.id == "numbers_hours"]
    assert ([choice.value for choice in question.choices], question.examples) == (["up", "leave"], ("1,5 (1)", "x (1)"))
    parts = [each["course"] + " " + each["meetings"] for each in derived(state(text, grid="60x10", numbers_hours="up"), "offerings")]
    assert parts == ["MA1 3 x 1", "MA1-T 1 x 2", "MA2 2 x 1", "MA2-LAB 1 x 1"]


SUMMED = """
Course|Title|Section|Days|Time|Room|Students
Department: Biology||||||
A1|World|1|MW|9:00-10:00|R1|30
A2|Total Quality|1|MW|10:00-11:00|R1|20
Subtotal||||||50
Physics||||||
A3|Optics|1|TTh|9:00-10:00|R1|10
Biology Total||||||10
Grand total||||||60
Page 1 of 2|||||||
* Rooms may change. Page 1 of 2|||||||
Room 3 is closed until May|||||||
"""


def test_totals_headings_of_groups_and_footers_are_left_out_by_a_step_that_asks() -> None:
    found = state(SUMMED)

    asked = next(question for question in found.questions if question.id == "summaries")
    assert (asked.num_rows, asked.default) == (8, "leave")
    assert "Subtotal, 50" in asked.examples
    assert [each["code"] for each in derived(found, "courses")] == ["A1", "A2", "A3"]
    assert any("look like totals" in preview.sentence and preview.num_rows == 8 for preview in found.previews)
    assert len(derived(state(SUMMED, summaries="keep"), "courses")) > 3


def test_a_total_below_the_rows_that_are_looked_at_is_left_out_too() -> None:
    rows = "\n".join(f"R{number}|{number % 90 + 10}" for number in range(3_100))

    assert len(derived(state(f"Room|Seats\n{rows}\nTotal|90000"), "rooms")) == 3_100


@pytest.mark.parametrize("text", ["Total Quality", "Sum of parts, an introduction", "Page layout", "Seminar"])
def test_a_course_is_no_total_for_its_title(text: str) -> None:
    found = state(f"Course|Title|Section|Days|Time\nA1|{text}|1|MW|9:00-10:00\nA2|Optics|1|MW|9:00-10:00\n|{text}||T|9:00-10:00")

    assert "summaries" not in {question.id for question in found.questions}


@pytest.mark.parametrize(
    "word", ["Cancelled", "CANCELED", "annulé", "Entfällt", "abgesagt", "Cancelado", "iptal", "Отменено", "Cancelled by dean"]
)
def test_a_class_that_is_cancelled_is_left_out_unless_it_is_said_to_be_held(word: str) -> None:
    text = f"Course|Section|Days|Time|Status\nA1|1|MW|9:00-10:00|Active\nA2|1|MW|9:00-10:00|{word}"
    found = state(text)

    asked = next(question for question in found.questions if question.id == "cancelled")
    assert (asked.num_rows, asked.default, asked.examples) == (1, "leave", (f"Status: {word} (1)",))
    assert [each["code"] for each in derived(found, "courses")] == ["A1"]
    assert [each["code"] for each in derived(state(text, cancelled="keep"), "courses")] == ["A1", "A2"]


def test_the_type_of_a_room_is_its_kind() -> None:
    found = state("Room|Type|Capacity\nR1|Lab|20\nR2|Classroom|40", layout="rooms")

    assert [(each["code"], each["kind"]) for each in derived(found, "rooms")] == [("R1", "Lab"), ("R2", "Classroom")]


@pytest.mark.parametrize("marks", [("X", "-", "no"), ("yes", "no", "no"), ("Ja", "Nein", ""), ("x", "", "")])
def test_what_a_room_has_is_known_by_any_marks_in_two_columns(marks: tuple[str, str, str]) -> None:
    has, lacks, other = marks
    found = state(f"Room|Capacity|Gas|Beamer\nR1|20|{has}|{lacks}\nR2|40|{other}|{has}\nR3|40|{has}|{has}", layout="rooms")

    assert [each.get("features", "") for each in derived(found, "rooms")] == ["Gas", "Beamer", "Gas; Beamer"]


def test_a_column_of_0_and_1_of_rooms_is_asked_about() -> None:
    text = "Room|Capacity|Floor\nR1|20|0\nR2|40|1"

    assert "features_numbers" in {question.id for question in state(text, layout="rooms").open}
    assert [each.get("features") for each in derived(state(text, layout="rooms", features_numbers="no"), "rooms")] == [None, None]
    assert derived(state(text, layout="rooms", features_numbers="yes"), "rooms")[1]["features"] == "Floor"


def test_a_table_that_is_said_to_be_of_rooms_never_becomes_courses() -> None:
    text = "Class|Course|Section|Quota\nK1|CS 1|1|30\nK2|CS 2|1|20"
    found = state(text, layout="rooms")

    assert [table.kind for table in found.tables] == []
    assert "rooms_column" in {question.id for question in found.open}
    assert [each["code"] for each in derived(state(text, layout="rooms", rooms_column="Class"), "rooms")] == ["K1", "K2"]


@pytest.mark.parametrize("marks", [("X", ""), ("x", "n/a"), ("yes", "no"), ("1", "0")])
def test_a_matrix_that_is_said_to_be_of_people_keeps_its_marks_and_those_without_one(marks: tuple[str, str]) -> None:
    has, lacks = marks
    text = (
        f"Code|Course name|Rao|Idle|Berg\nM1|Algebra|{has}|{lacks}|{lacks}\nM2|Optics|{has}|{lacks}|{has}\nM3|Heat|{lacks}|{lacks}|{lacks}"
    )
    found = state(text, Known(kinds=frozenset({"can_teach"})), layout="can_teach", can_teach="can_teach")

    assert sorted(each["name"] for each in derived(found, "instructors")) == ["Berg", "Idle", "Rao"]
    assert [each["code"] for each in derived(found, "courses")] == ["M1", "M2", "M3"]
    assert [cells for table in found.tables if table.kind == "can_teach" for _, cells in table.rows] == [
        ("M1", "RAO"),
        ("M2", "RAO"),
        ("M2", "BERG"),
    ]
    assert "1 course has nobody: M3." in found.notes
    assert "1 person has no course: Idle." in found.notes
    assert not any("name no course" in note for note in found.notes)


@pytest.mark.parametrize("marks", [("X", ""), ("x", "-"), ("yes", "no"), ("1", "0")])
def test_a_matrix_of_people_in_rows_and_courses_in_columns_is_read_the_same_way(marks: tuple[str, str]) -> None:
    has, lacks = marks
    text = f"Teacher|CS101|CS102|MA201\nDoe|{has}|{lacks}|{has}\nRoe|{lacks}|{lacks}|{has}\nMoe|{lacks}|{lacks}|{lacks}"
    found = state(text, Known(kinds=frozenset({"can_teach"})), layout="can_teach", can_teach="can_teach")

    assert sorted(each["name"] for each in derived(found, "instructors")) == ["Doe", "Moe", "Roe"]
    assert sorted((each["course"], each["instructor"]) for each in derived(found, "can_teach")) == [
        ("CS101", "DOE"),
        ("MA201", "DOE"),
        ("MA201", "ROE"),
    ]
    assert found.notes == ("1 course has nobody: CS102.", "1 person has no course: Moe.")


def test_rows_that_a_recipe_has_no_step_for_are_named() -> None:
    text = "Course|Section|Days|Time|Status\nA1|1|MW|9:00-10:00|Active\nA2|1|MW|9:00-10:00|{}\n{}||||"
    steps = state(text.format("Active", "A3")).recipe_document()["steps"]
    lines = text.format("Cancelled", "Total").splitlines()
    raw = Frame((), tuple((number, tuple(line.split("|"))) for number, line in enumerate(lines, 1)))
    found = table_state(key="x.csv", raw=raw, plan=plan_read({"steps": steps}), known=KNOWN)

    assert [note for note in found.notes if "read" in note] == [
        "1 row looks like a total, a heading of a group or a footer: row 4: Total. Such rows are read as all others are.",
        "Status is Cancelled in 1 row that is read all the same.",
    ]


def test_sections_without_a_time_are_asked_about_where_others_of_their_course_have_one() -> None:
    text = "Course|Sec|Title|Days|Time|Room\nMA1|1|Algebra|TBA|TBA|TBA\nMA1|2|Algebra|MWF|9:00-9:50|R1\nMA1|3|Algebra|MWF|10:00-10:50|R1"
    asked = next(question for question in state(text).questions if question.id == "timeless")

    assert (asked.num_rows, asked.rows, asked.examples, asked.default) == (1, (2,), ("MA1 1",), "same")
    for words in ("", "arranged", "by appointment"):
        assert "timeless" in {question.id for question in state(text.replace("TBA|TBA|", f"|{words}|")).open}
    assert [each["code"] for each in derived(state(text, timeless="same"), "sections")] == ["1", "2", "3"]
    assert [each["code"] for each in derived(state(text, timeless="drop"), "sections")] == ["2", "3"]
    apart = derived(state(text, timeless="apart"), "offerings")
    assert [(each["course"], each.get("meetings", "")) for each in apart] == [("MA1", "3 x 1"), ("MA1-1", "")]


def test_students_of_one_class_under_two_codes_are_counted_once() -> None:
    text = """
        Course|Sec|Component|Days|Time|Room|Students
        CS101/MATH101|1|LEC|Mon|9:00-9:50|R1|40
        CS101/MATH101|1|LAB|Tue|9:00-9:50|R2|20
        PH1|1|LEC|Mon|10:00-10:50|R1|30
    """
    found = state(text, two_codes="cross")

    assert {each["course"]: (each.get("taught_with", ""), each.get("expected_students", "")) for each in derived(found, "offerings")} == {
        **{"CS101": ("", "40"), "CS101-LAB": ("", "20"), "PH1": ("", "30")},
        **{"MATH101": ("CS101", ""), "MATH101-LAB": ("CS101-LAB", "")},
    }
    assert [(each["course"], each["size"]) for each in derived(found, "sections")] == [("CS101", "40"), ("CS101-LAB", "20"), ("PH1", "30")]
    assert "The students of 2 rows with two codes are counted once, under the first code (rows 2, 3)." in found.notes


def test_a_meeting_online_takes_no_room() -> None:
    text = """
        Course|Sec|Days|Time|Room
        MA1|1|Mon|9:00-9:50|R1
        MA1|1|Wed|9:00-9:50|ONLINE
        PH1|1|Tue|9:00-9:50|TBA
        CH1|1|Tue|9:00-9:50|Off campus
        CH1|1|Fri|9:00-9:50|Zoom (link)
    """
    found = state(text)

    assert [each["meetings"] for each in derived(found, "offerings")] == ["1 x 1; 1 x 1 online", "1 x 1", "1 x 1 none; 1 x 1 online"]
    assert [each.get("room", "") for each in derived(found, "timetable")] == ["R1", "online", "", "none", "online"]


def test_sections_online_and_in_a_room_are_asked_about_and_may_be_courses_of_their_own() -> None:
    text = "Course|Sec|Days|Time|Room\nMA1|1|Mon|9:00-9:50|R1\nMA1|2|Mon|9:00-9:50|R2\nMA1|3|Mon|9:00-9:50|ONLINE"

    assert "patterns" in {question.id for question in state(text).open}
    found = state(text, patterns="apart")
    assert [(each["course"], each["meetings"]) for each in derived(found, "offerings")] == [("MA1", "1 x 1"), ("MA1-3", "1 x 1 online")]
    assert [each["room"] for each in derived(found, "timetable")] == ["R1", "R2", "online"]


def test_a_meeting_in_two_rooms_is_said_and_its_further_rows_are_no_other_pattern() -> None:
    text = """
        Course|Sec|Days|Time|Room|Instructor
        MA1|1|Mon|9:00-9:50|R1|Rao
        MA1|1|Mon|9:00-9:50|R2|Rao
        PH1|1|Tue|9:00-9:50|R3|Cole
        PH1|1|Tue|9:00-9:50|R3|Berg
    """
    found = state(text)

    assert [(each["course"], each["room"], each["instructors"]) for each in derived(found, "timetable")] == [
        ("MA1", "R1", "RAO"),
        ("PH1", "R3", "COLE; BERG"),
    ]
    assert [note for note in found.notes if "pattern" in note] == []
    assert [note for note in found.notes if "several rooms" in note] == [
        "1 meeting is in several rooms. A lecture has one room, so the first is kept and the others count as free then: "
        "MA1 1 Monday 09:00-09:50: R1, R2."
    ]


def test_nobody_and_no_room_yet_are_known_in_other_languages() -> None:
    text = """
        Asignatura|Sec|Days|Time|Aula|Profesor
        MA1|1|Mon|9:00-9:50|Por asignar|Por asignar
        PH1|1|Tue|9:00-9:50|A1|Ana Rao
        CH1|1|Wed|9:00-9:50|da definire|à déterminer
    """
    found = state(text, **{"column:Asignatura": "course", "column:Aula": "room", "column:Profesor": "instructor"})

    assert [each["name"] for each in derived(found, "instructors")] == ["Ana Rao"]
    assert [each["code"] for each in derived(found, "rooms")] == ["A1"]


def test_people_joined_by_a_word_are_several_and_what_may_be_one_name_is_asked() -> None:
    text = "Course|Sec|Days|Time|Instructor\nMA1|1|Mon|9:00-9:50|Ann Doe and Bob Roe\nPH1|1|Tue|9:00-9:50|Rao & Cole\nCH1|1|Wed|9:00-9:50|"
    names = {each.get("name", each["code"]) for each in derived(state(text + "Lee et al."), "instructors")}
    assert names == {"Ann Doe", "Bob Roe", "Rao", "Cole", "Lee et al."}

    for unsure, parts in {"Ann and Bob Roe": ["Ann", "Bob Roe"], "Ana Diaz y Luis Gil": ["Ana Diaz", "Luis Gil"]}.items():
        asked = next(question for question in state(text + unsure).open if question.id == "joined")
        assert (asked.num_rows, asked.examples) == (1, (unsure,))
        for answer, people in {"people": parts, "one": [unsure]}.items():
            found = derived(state(text + unsure, joined=answer), "instructors")
            assert {each.get("name", each["code"]) for each in found} == {"Ann Doe", "Bob Roe", "Rao", "Cole", *people}
    assert "joined" not in {question.id for question in state(text + "José Ortega y Gasset").questions}


def test_groups_of_sections_are_asked_about_and_attend_their_own_section() -> None:
    text = "Course|Sec|Days|Time|Group\nP1|1|Mon|9:00-9:50|Y1A\nP1|2|Tue|9:00-9:50|Y1B\nM1|1|Wed|9:00-9:50|Y1A; Y1B"
    asked = next(question for question in state(text).open if question.id == "groups")
    assert (asked.num_rows, asked.examples) == (2, ("P1 1: Y1A", "P1 2: Y1B"))

    found = state(text, groups="groups")
    assert [each["code"] for each in derived(found, "groups")] == ["Y1A", "Y1B"]
    assert [(each["course"], each["code"], each["groups"]) for each in derived(found, "sections")] == [
        *(("P1", "1", "Y1A"), ("P1", "2", "Y1B"), ("M1", "1", "Y1A; Y1B")),
    ]
    assert derived(found, "curricula") == []
    assert [each.get("curricula", "") for each in derived(found, "offerings")] == ["", ""]
    assert [each["curricula"] for each in derived(state(text, groups="curricula"), "offerings")] == ["Y1A; Y1B", "Y1A; Y1B"]


@pytest.mark.parametrize(
    ("kinds", "parts"),
    [
        (("CM", "TD", "TP"), ["PH1", "PH1-LAB", "PH1-T"]),
        (("CM", "TD1", "TP 2"), ["PH1", "PH1-LAB", "PH1-T"]),
        (("T", "PL", "TP"), ["PH1", "PH1-LAB", "PH1-T"]),
        (("CM", "CM", "TP"), ["PH1", "PH1-LAB"]),
        (("T", "T", "TP"), ["PH1", "PH1-T"]),
    ],
)
def test_tp_is_what_the_other_kinds_of_its_column_say(kinds: tuple[str, ...], parts: list[str]) -> None:
    days = zip(kinds, ("Mon", "Tue", "Wed"), strict=True)
    rows = "\n".join(f"PH1|{number}|{kind}|{day}|9:00-9:50|R{number}" for number, (kind, day) in enumerate(days))
    found = state(f"Course|Sec|Component|Days|Time|Room\n{rows}")

    assert "kind_tp" not in {question.id for question in found.questions}
    assert sorted(each["course"] for each in derived(found, "offerings")) == parts


def test_tp_alone_is_asked_about() -> None:
    text = "Course|Sec|Component|Days|Time|Room\nPH1|1|LEC|Mon|9:00-9:50|R1\nPH1|1|TP|Tue|9:00-9:50|R2"

    assert [question.num_rows for question in state(text).open if question.id == "kind_tp"] == [1]
    assert [each["course"] for each in derived(state(text, kind_tp="tutorial"), "offerings")] == ["PH1", "PH1-T"]
    assert [each["course"] for each in derived(state(text, kind_tp="lab"), "offerings")] == ["PH1", "PH1-LAB"]
