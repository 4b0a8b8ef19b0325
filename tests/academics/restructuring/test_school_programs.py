"""Files of the programs that schools use: Untis' without headings, aSc Timetables' tables; and sections whose hours differ."""

from __future__ import annotations

import pytest

from academics.restructuring.states import TableState
from tests.academics.restructuring.test_derive import derived
from tests.academics.restructuring.test_guess import state

GPU001 = "\n".join(
    f"{lesson},{cells},{day},{period},,"
    for lesson, cells, day, period in (
        (1, "5a,MUE,MA,R101", 1, 1),
        (1, "5a,MUE,MA,R101", 3, 2),
        (2, "5b,SCH,MA,R102", 1, 1),
        (2, "5b,SCH,MA,R102", 2, 2),
        (3, "5a,BER,SP,TH1", 5, 1),
        (3, "5b,BER,SP,TH1", 5, 1),
    )
)
LESSON = '{},{},,,"{}","{}","{}","R101",,,{}.00,,,,,,,"n",,"R101",,,'
GPU002 = "\n".join(
    LESSON.format(number, hours, group, teacher, subject, hours)
    for number, hours, group, teacher, subject in (
        (1, 4, "5a", "MUE", "MA"),
        (2, 4, "5b", "SCH", "MA"),
        (3, 3, "6a", "SCH", "MA"),
        (4, 2, "5a", "BER", "SP"),
        (4, 2, "5b", "BER", "SP"),
    )
)
CARDS = (
    "Day;Period;Subject;Class;Group;Teacher;Classroom\nMo;1;MA;5a;Entire class;MUE;R101\n"
    "Tu;2;MA;5b;Entire class;SCH;R102\nWe;1;SP;5a;Entire class;BER;TH1"
)
LESSONS = "Class;Subject;Teacher;Lessons per week;Length\n5a;MA;MUE;4;Single\n5b;MA;SCH;4;Single\n6a;MA;SCH;3;Single"


def meetings(found: TableState) -> dict[str, str]:
    return {each["course"]: each["meetings"] for each in derived(found, "offerings")}


def test_a_timetable_of_untis_is_known_by_its_columns() -> None:
    days = {"times:monday_number": '{"monday_number": 1}'}
    found = state(GPU001, groups="groups", grid="45x10", room_seats="30", **days)

    assert "Untis" in " ".join(found.proposal.reasons)
    assert "times:monday_number" in {question.id for question in state(GPU001).open}  # a week may begin on Sunday
    assert not [question.id for question in found.questions if question.id.startswith("column:")]
    assert meetings(found) == {"MA": "2 x 1", "SP": "1 x 1"}
    held = {(each["course"], each["section"], each["day"], each["period"], each["room"]) for each in derived(found, "timetable")}
    assert ("SP", "3", "Friday", "1", "TH1") in held
    assert ("MA", "2", "Tuesday", "2", "R102") in held
    assert len(held) == 5  # two groups of one lesson are together
    assert {each["groups"] for each in derived(found, "sections")} == {"5a", "5b", "5a; 5b"}


def test_lessons_of_untis_have_their_hours_and_differences_become_questions() -> None:
    assert "hours_differ" in {question.id for question in state(GPU002, groups="groups").open}

    assert meetings(state(GPU002, groups="groups", hours_differ="apart")) == {"MA": "4 x 1", "SP": "2 x 1", "MA-3": "3 x 1"}
    assert meetings(state(GPU002, groups="groups", hours_differ="most")) == {"MA": "4 x 1", "SP": "2 x 1"}


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(f"{number},4,5,6,7,{number % 5 + 1},2,," for number in range(1, 9)),  # figures
        "\n".join(f"{number},5a,MUE,MA,R101,{number % 5 + 1},8:00,," for number in range(1, 9)),  # clock times, not periods
        "1,5a,MUE,MA,R101,1,1,,\n2,5b,SCH,D,R102,8,2,,\n3,5b,SCH,D,R102,2,2,,",  # an eighth day
    ],
)
def test_what_only_resembles_a_file_of_untis_is_none(text: str) -> None:
    assert "Untis" not in " ".join(state(text).proposal.reasons)


def test_codes_of_rooms_are_no_times_of_thursdays() -> None:
    found = state("\n".join(f"C{number},Course {number},R{100 + number}" for number in range(1, 9)))

    assert "times" not in found.roles.values()


def test_a_school_has_subjects_and_classes() -> None:
    cards = state(CARDS, ";", groups="groups", grid="45x10", room_seats="30")
    lessons = state(LESSONS, ";", groups="groups", hours_differ="apart", grid="60x10")

    assert meetings(cards) == {"MA": "1 x 1", "SP": "1 x 1"}
    assert {each["groups"] for each in derived(cards, "sections")} == {"5a", "5b"}
    assert meetings(lessons) == {"MA": "4 x 1", "MA-6a": "3 x 1"}
