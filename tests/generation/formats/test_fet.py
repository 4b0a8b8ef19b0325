"""FET's files: what each family of constraints becomes, the file with everything locked, and files that are none."""

from __future__ import annotations

import random
import time
import tracemalloc
from pathlib import Path

import pytest

from generation.engine.constraints.register import CONSTRAINTS
from generation.engine.evaluation.evaluate import evaluate
from generation.engine.model.problem import Problem
from generation.engine.model.schedule import Timetable
from generation.engine.params import SolveParams
from generation.engine.solve import search
from generation.formats import FormatError, fet
from generation.formats.instances import problem_read, solution_write
from generation.formats.unsupported import LEFT_OUT, UnsupportedError
from tests.factories.problems import place
from tests.fet_files import (
    EXAMPLES,
    HOURS,
    activity,
    element,
    fet_accepts,
    fet_text,
    fet_timetable,
    finished,
    needs_examples,
    needs_fet,
    times,
)

PLAIN = [
    activity(1, teacher="T1", students="A"),
    activity(2, teacher="T1", students="B"),
    activity(3, teacher="T2", students="A1", tag="hard"),
    activity(4, teacher="T2", students="Y2", subject="Sport"),
    activity(5, students="A", length=2),
]
NUMBERS = [("Number_of_Activities", 2), ("Activity_Id", 1), ("Activity_Id", 2)]
TWO = [("First_Activity_Id", 1), ("Second_Activity_Id", 2)]
FILTER = [("Teacher_Name", "T1"), ("Students_Name", ""), ("Subject_Name", ""), ("Activity_Tag_Name", ""), ("Duration", "")]
EIGHT = ("Mo", "8"), ("Tu", "8")
PREFERRED = (
    times("Preferred_Starting_Time", *EIGHT, prefix="Preferred_Starting_"),
    times("Preferred_Time_Slot", *EIGHT, prefix="Preferred_"),
)
LATE = [("Interval_Start_Hour", "10"), ("Interval_End_Hour", ""), ("Max_Days_Per_Week", 1)]
SELECTED = times("Selected_Time_Slot", ("Mo", "8"), ("Mo", "9"), prefix="Selected_")
HOME = element("TeacherHomeRoom", [("Teacher", "T2"), ("Room", "R1")])
MOST_TIMES = ("Max_Number_of_Occupied_Time_Slots", 1)
AT_NINE = [("Activity_Id", 1), ("Preferred_Day", "Tu"), ("Preferred_Hour", "9")]
ADJOINING = "Consecutive_If_Same_Day", "true"
HALVES = tuple(f"{day} {half}" for day in ("Mo", "Tu", "We") for half in ("morning", "afternoon"))
MONDAY = times("Not_Available_Time", *(("Mo", hour) for hour in ("8", "9", "10", "11")))


def problem_of(text: str, *, allow: bool = False) -> Problem:
    return fet.to_problem(fet.parse(text), allow_unsupported=allow)


def hard(problem: Problem, *places: tuple[int, int]) -> dict[str, int]:
    """The hard constraints that are broken with the first activities at these timeslots and rooms."""
    timetable = Timetable(problem, place(problem, list(places)))
    counts = {
        name: sum(found.amount for found in each.find(timetable))
        for name, each in CONSTRAINTS.items()
        if each.is_hard and each.applies(problem)
    }
    return {name: count for name, count in counts.items() if count and name != "unplaced"}


def test_students_sets_clash_where_they_share_somebody() -> None:
    problem = problem_of(
        fet_text([activity(1, students="Y1"), activity(2, students="A1"), activity(3, students="B"), activity(4, students="A2")])
    )

    assert problem.names.curricula == ("A1", "A2", "B")
    assert problem.section_size.tolist() == [40, 10, 20, 10]
    assert hard(problem, (0, 2), (0, 2)) == {"curriculum_clash": 1}
    assert hard(problem, (1, 2), (0, 2), (0, 2), (0, 2)) == {}, "those without a room share none, and part of a year do not clash"


# Slots: Monday 0 to 3, Tuesday 4 to 7, Wednesday 8 to 11. Room 2 is none.
@pytest.mark.parametrize(
    ("constraint", "good", "bad"),
    [
        (element("BreakTimes", inside=times("Break_Time", ("Mo", "8"))), [1, 2], [0, 2]),
        (element("TeacherNotAvailableTimes", [("Teacher", "T1")], inside=MONDAY), [4, 5], [4, 3]),
        (element("StudentsSetNotAvailableTimes", [("Students", "A")], inside=MONDAY), [4, 3], [3, 4]),
        (element("ActivityPreferredStartingTime", AT_NINE), [5, 0], [6, 0]),
        (element("ActivitiesPreferredStartingTimes", FILTER, inside=PREFERRED[0]), [0, 4], [0, 5]),
        (element("ActivitiesPreferredTimeSlots", FILTER, inside=PREFERRED[1]), [0, 4], [0, 5]),
        (element("MinDaysBetweenActivities", [*NUMBERS, ("MinDays", 2)]), [0, 8], [0, 4]),
        (element("MinDaysBetweenActivities", [("Consecutive_If_Same_Day", "true"), *NUMBERS, ("MinDays", 2)], weight=95), [0, 1], [0, 2]),
        (element("MaxDaysBetweenActivities", [*NUMBERS, ("MaxDays", 1)]), [0, 4], [0, 8]),
        (element("MinGapsBetweenActivities", [*NUMBERS, ("MinGaps", 1)]), [0, 2], [0, 1]),
        (element("ActivitiesSameStartingDay", NUMBERS), [0, 3], [0, 4]),
        (element("ActivitiesSameStartingHour", NUMBERS), [0, 4], [0, 5]),
        (element("ActivitiesNotOverlapping", [("Activity_Id", 1), ("Activity_Id", 2), ("Activity_Id", 5)]), [0, 1], None),
        (element("TwoActivitiesOrdered", TWO), [0, 1], [1, 0]),
        (element("TwoActivitiesOrderedIfSameDay", TWO), [4, 0], [1, 0]),
        (element("TwoActivitiesConsecutive", TWO), [0, 1], [1, 0]),
        (element("TwoActivitiesGrouped", TWO), [1, 0], [0, 2]),
        (element("TeacherMaxHoursDaily", [("Teacher_Name", "T1"), ("Maximum_Hours_Daily", 1)]), [0, 4], [0, 2]),
        (element("TeachersMinHoursDaily", [("Minimum_Hours_Daily", 2), ("Allow_Empty_Days", "true")]), [0, 2], [0, 4]),
        (element("TeachersMaxGapsPerWeek", [("Max_Gaps", 0)]), [0, 1], [0, 2]),
        (element("TeacherMaxGapsPerDay", [("Teacher_Name", "T1"), ("Max_Gaps", 1)]), [0, 2], [0, 3]),
        (element("TeacherMaxHoursContinuously", [("Teacher_Name", "T1"), ("Maximum_Hours_Continuously", 1)]), [0, 2], [0, 1]),
        (element("TeacherMaxDaysPerWeek", [("Teacher_Name", "T1"), ("Max_Days_Per_Week", 1)]), [0, 2], [0, 4]),
        (element("TeacherMinDaysPerWeek", [("Teacher_Name", "T1"), ("Minimum_Days_Per_Week", 2)]), [0, 4], [0, 2]),
        (element("TeachersMaxSpanPerDay", [("Max_Span", 2)]), [0, 1], [0, 2]),
        (element("TeacherIntervalMaxDaysPerWeek", [("Teacher_Name", "T1"), *LATE]), [2, 4], [2, 7]),
        (element("StudentsSetEarlyMaxBeginningsAtSecondHour", [("Students", "B"), ("Max_Beginnings_At_Second_Hour", 0)]), [3, 4], [0, 5]),
        (element("ActivitiesOccupyMaxTimeSlotsFromSelection", [*NUMBERS, MOST_TIMES], inside=SELECTED), [0, 2], [0, 1]),
        (element("ActivityPreferredStartingTime", AT_NINE, weight=0), [6, 0], None),
    ],
)  # fmt: skip
def test_each_family_of_time_allows_what_fet_allows(constraint: str, good: list[int], bad: list[int] | None) -> None:
    problem = problem_of(
        fet_text(PLAIN[:2], time=[constraint]) if "Activity_Id>5" not in constraint else fet_text(PLAIN, time=[constraint])
    )

    assert hard(problem, *((slot, 2) for slot in good)) == {}
    if bad is not None:
        assert hard(problem, *((slot, 2) for slot in bad[:2]))


# Slots: mornings 0 to 3, 8 to 11 and 16 to 19, afternoons between and after them. The third of the bad ones would be right for the second.
@needs_fet
@pytest.mark.parametrize(
    ("constraint", "good", "bad"),
    [
        (element("MinDaysBetweenActivities", [*NUMBERS, ("MinDays", 1)]), [15, 16], [8, 12, 16]),
        (element("MinDaysBetweenActivities", [*NUMBERS, ("MinDays", 2)]), [4, 16], [0, 12, 16]),
        (element("MinDaysBetweenActivities", [ADJOINING, *NUMBERS, ("MinDays", 1)], weight=95), [12, 13], [11, 12, 10]),
        (element("MaxDaysBetweenActivities", [*NUMBERS, ("MaxDays", 1)]), [0, 12], [4, 16, 12]),
        (element("MinHalfDaysBetweenActivities", [*NUMBERS, ("MinDays", 2)]), [8, 16], [8, 12, 16]),
        (element("MinHalfDaysBetweenActivities", [ADJOINING, *NUMBERS, ("MinDays", 1)], weight=95), [11, 12], [8, 10, 12]),
        (element("MaxHalfDaysBetweenActivities", [*NUMBERS, ("MaxDays", 1)]), [8, 12], [8, 16, 12]),
        (element("TwoActivitiesOrderedIfSameDay", TWO), [12, 8], [9, 8, 10]),
    ],
)  # fmt: skip
def test_days_of_two_halves_are_counted_as_fets_own_program_counts_them(
    constraint: str, good: list[int], bad: list[int], tmp_path: Path
) -> None:
    """FET may choose: the first activity is where both say, the other where either says."""

    def chosen(activity_id: int, slots: list[int]) -> str:
        cells = [(HALVES[slot // 4], HOURS[slot % 4]) for slot in slots]
        inside = times("Preferred_Starting_Time", *cells, prefix="Preferred_Starting_")
        return element(
            "ActivityPreferredStartingTimes",
            [("Activity_Id", activity_id), ("Number_of_Preferred_Starting_Times", len(slots))],
            inside=inside,
        )

    activities = [activity(1, students="A"), activity(2, students="B")]
    problem = problem_of(fet_text(activities, time=[constraint], mode="Mornings_Afternoons", days=HALVES))
    assert hard(problem, *((slot, 2) for slot in good)) == {}
    assert hard(problem, *((slot, 2) for slot in bad[:2]))

    for number, (first, slots) in enumerate([(good[0], [good[1]]), (bad[0], [bad[1], bad[2]])]):
        limits = [chosen(1, [first]), chosen(2, slots)]
        text = fet_text(activities, time=[constraint, *limits], mode="Mornings_Afternoons", days=HALVES)
        made = fet_timetable(text, tmp_path / str(number), seconds=20)
        assert made is not None
        assert finished(made)[1].slot.tolist() == [first, slots[-1]]
        assert hard(problem, (first, 2), (slots[-1], 2)) == {}


def test_a_weight_below_100_is_a_wish_whose_price_follows_from_it() -> None:
    def cost(weight: float) -> int:
        constraint = element("MinDaysBetweenActivities", [*NUMBERS, ("MinDays", 1)], weight=weight)
        return evaluate(problem := problem_of(fet_text(PLAIN[:2], time=[constraint])), place(problem, [(0, 2), (2, 2)])).score.soft

    assert [cost(weight) for weight in (0, 50, 75, 95, 99, 99.75)] == [0, 1, 2, 4, 7, 9]


def test_an_activity_ends_the_day_of_whoever_attends_it() -> None:
    problem = problem_of(fet_text(PLAIN, time=[element("ActivityEndsStudentsDay", [("Activity_Id", 3)])]))

    assert hard(problem, (1, 2), (5, 2), (3, 2)) == {}
    assert hard(problem, (3, 2), (5, 2), (2, 2)) == {"pair_required": 1}


@pytest.mark.parametrize(
    ("space", "rooms"),
    [
        ([element("ActivityPreferredRoom", [("Activity_Id", 3), ("Room", "R1")])], {3: ["R1"]}),
        ([element("SubjectPreferredRooms", [("Subject", "Sport"), ("Preferred_Room", "R1"), ("Preferred_Room", "R2")])], {4: ["R1", "R2"]}),
        ([element("ActivityTagPreferredRoom", [("Activity_Tag", "hard"), ("Room", "R2")])], {3: ["R2"]}),
        ([element("StudentsSetHomeRoom", [("Students", "A"), ("Room", "R1")])], {1: ["R1"], 5: ["R1"]}),
        ([HOME, element("ActivityPreferredRoom", [("Activity_Id", 3), ("Room", "R2")])], {3: ["R2"], 4: ["R1"]}),
        ([element("SubjectPreferredRoom", [("Subject", "Sport"), ("Room", "R1")], weight=95)], {4: ["R1", "R2"]}),
    ],
)  # fmt: skip
def test_rooms_are_those_that_are_preferred_or_none(space: list[str], rooms: dict[int, list[str]]) -> None:
    problem = problem_of(fet_text(PLAIN, space=space))
    found = {}
    for lecture in range(problem.num_lectures):
        fits = ~(problem.lecture_features[lecture] & ~problem.room_features).any(axis=1)
        found[lecture + 1] = [name for name, fit in zip(problem.names.rooms, fits, strict=True) if fit]

    assert found == {number: rooms.get(number, ["(no room)"]) for number in range(1, 6)}


def test_what_is_not_active_is_not_there() -> None:
    text = fet_text([activity(1, teacher="T1"), activity(2, active="false")], time=[element("TwoActivitiesOrdered", TWO)])
    off = element("TwoActivitiesOrderedIfNothing", TWO).replace("<Active>true", "<Active>false")

    problem = problem_of(text.replace("</Time_Constraints_List>", f"{off}</Time_Constraints_List>"))

    assert (problem.num_lectures, len(problem.lecture_pairs)) == (1, 0)


def test_what_cannot_be_kept_is_listed_by_kind_and_left_out_only_when_said() -> None:
    changes = [element("TeachersMaxRoomChangesPerDay", [("Max_Room_Changes_Per_Day", 1)])]
    text = fet_text(PLAIN, time=[element("NobodyKnows"), element("NobodyKnows")], space=changes)

    with pytest.raises(UnsupportedError, match="2 x ConstraintNobodyKnows, 1 x ConstraintTeachersMaxRoomChangesPerDay cannot be kept"):
        problem_of(text)

    assert problem_of(text, allow=True).source[LEFT_OUT] == {"ConstraintNobodyKnows": 2, "ConstraintTeachersMaxRoomChangesPerDay": 1}


WHOLE = fet_text(
    [*PLAIN, activity(6, students="Y2", length=2), activity(7, teacher="T2", students="Y1", subject="Sport")],
    time=[
        element("ActivityPreferredStartingTime", [("Activity_Id", 6), ("Preferred_Day", "Tu"), ("Preferred_Hour", "9")], weight=60),
        element("StudentsMaxGapsPerWeek", [("Max_Gaps", 0)]),
        element("StudentsEarlyMaxBeginningsAtSecondHour", [("Max_Beginnings_At_Second_Hour", 1)]),
        element("TeachersMaxDaysPerWeek", [("Max_Days_Per_Week", 2)]),
        element("MinDaysBetweenActivities", [("Consecutive_If_Same_Day", "true"), *NUMBERS, ("MinDays", 1)], weight=95),
    ],
    space=[element("SubjectPreferredRoom", [("Subject", "Sport"), ("Room", "R2")])],
)


@pytest.fixture(scope="module")
def solved(tmp_path_factory: pytest.TempPathFactory) -> tuple[Problem, str]:
    file = tmp_path_factory.mktemp("fet") / "school.fet"
    file.write_text(WHOLE, encoding="utf-8")
    problem = problem_read(file)
    best = search(problem, SolveParams(iterations=20, seed=1)).best
    assert (best.score.hard, best.unplaced) == (0, 0)
    return problem, solution_write(problem, best.solution, format_name="fet")


def test_a_solution_is_the_same_file_with_every_activity_locked(solved: tuple[Problem, str]) -> None:
    problem, text = solved
    again = problem_of(text)

    assert (again.lecture_pin_slot >= 0).all()
    solution = place(again, [(int(slot), 1 if number in (3, 6) else 2) for number, slot in enumerate(again.lecture_pin_slot)])
    assert evaluate(again, solution).is_feasible
    assert text.count("<ConstraintActivityPreferredStartingTime>") == problem.num_lectures
    assert text.count("<ConstraintActivityPreferredRoom>") == 2, "who needs no room is locked in none"


@needs_fet
def test_fets_own_program_accepts_the_locked_file(solved: tuple[Problem, str], tmp_path: Path) -> None:
    assert fet_accepts(solved[1], tmp_path)


@needs_fet
@needs_examples
@pytest.mark.parametrize("name", ["FET-5-official/Brazil/2/EEBLJ-Noturno.fet"])
def test_fets_own_program_accepts_a_solved_example(name: str, tmp_path: Path) -> None:
    problem = problem_read(EXAMPLES / name)
    best = search(problem, SolveParams(iterations=400, seed=1)).best

    assert (best.score.hard, best.unplaced) == (0, 0)
    assert fet_accepts(solution_write(problem, best.solution, format_name="fet"), tmp_path)


@needs_examples
def test_examples_are_read_or_say_what_they_ask() -> None:
    """A part of FET's examples, through all countries and versions; `make bench SUITE=fet` reads all."""
    files = sorted(EXAMPLES.rglob("*.fet"))[3::30]
    kept, refused = 0, 0
    for file in files:
        try:
            problem = fet.to_problem(fet.read(file))
        except UnsupportedError:
            refused += 1
        else:
            assert problem.num_lectures
            kept += 1
    assert kept
    assert refused


@needs_examples
def test_timetables_that_fet_finished_break_no_rule_as_it_is_read_here() -> None:
    """A part of them; `make bench SUITE=fet` looks at all."""
    for file in sorted(EXAMPLES.rglob("*_data_and_timetable.fet"))[2::7]:
        problem, solution = finished(file)
        assert evaluate(problem, solution).score.hard == 0, file


BOMB = '<!DOCTYPE fet [<!ENTITY a "xxxxxxxxxx"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><fet>&b;</fet>'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (BOMB, "declares entities"),
        ('<!DOCTYPE fet SYSTEM "file:///etc/passwd"><fet></fet>', "declares entities"),
        ("<fet>" + "<a>" * 5_000 + "</a>" * 5_000 + "</fet>", "nested more than"),
        ("<timetable></timetable>", "not fet"),
        (WHOLE[:700], "cut off"),
        ("<fet></fet>", "no days"),
        (WHOLE.replace("<Duration>2", "<Duration>9"), "Duration"),
        (WHOLE.replace("<Id>2<", "<Id>1<"), "there twice"),
        (WHOLE.replace("<Students>Y2", "<Students>Nobody"), "none of the lists"),
        (WHOLE.replace("<Max_Gaps>0", "<Max_Gaps>-1"), "Max_Gaps"),
        (WHOLE.replace("<Room>R2", "<Room>R9"), "no room"),
        (WHOLE.replace("Percentage>95", "Percentage>nan"), "weight"),
        (WHOLE.replace("Preferred_Day>Tu", "Preferred_Day>Su"), "no day"),
    ],
)
def test_a_file_that_is_none_is_refused_with_the_cause(text: str, words: str) -> None:
    with pytest.raises(FormatError, match=words):
        problem_of(text)


def test_a_damaged_file_is_read_or_refused_and_never_ends_in_an_error() -> None:
    rng, words = random.Random(5), ["", "0", "-1", "99999999999", "x", "true", "<", "&lt;", "é", "</Activity>", "<Name>T1</Name>"]
    parts = WHOLE.replace("<", "\0<").replace(">", ">\0").split("\0")
    began = time.process_time()
    tracemalloc.start()
    for _ in range(150):
        damaged = list(parts)
        for _ in range(rng.randint(1, 3)):
            place_ = rng.randrange(len(damaged))
            damaged[place_ : place_ + rng.randint(0, 2)] = [rng.choice(words)] if rng.random() < 0.7 else [rng.choice(parts)]
        try:
            problem_of("".join(damaged))
        except FormatError:
            continue
    assert tracemalloc.get_traced_memory()[1] < 64 << 20
    tracemalloc.stop()
    assert time.process_time() - began < 30


@pytest.mark.parametrize(("kind", "weight"), [("SameStartingTime", 50), ("NotOverlapping", 100), ("SameStartingDay", 100)])
def test_pairs_of_all_lists_together_have_a_limit(kind: str, weight: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("generation.formats.fet_constraints.MAX_PAIRS", 100)
    lists = [[("Number_of_Activities", 10), *(("Activity_Id", each) for each in range(first, first + 10))] for first in (1, 11, 21)]
    given = [activity(number, teacher="T1", students="A1") for number in range(1, 31)]
    with pytest.raises(FormatError, match="more than 100 pairs of activities"):
        fet.to_problem(fet.parse(fet_text(given, time=[element(f"Activities{kind}", each, weight=weight) for each in lists])))
