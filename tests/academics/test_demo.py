"""The demo university: the same for the same seed, and at the large scale the reference figures."""

from __future__ import annotations

from collections import Counter

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from academics.demo import SCALES, demo_rows, demo_statistics, scale_named
from academics.models import Course, Enrolment, Organization, Room, Student
from generation.engine.infeasibility.preflight import preflight
from generation.engine.model.problem import Weights
from generation.engine.observer import Silent
from generation.engine.params import SolveParams
from generation.engine.search.precompile import warm
from generation.engine.solve import search
from generation.engine.stop import Deadline
from generation.problem.builder import problem_from_rows
from tests.factories import OrganizationFactory


def test_large_seed_1_meets_the_reference_scale() -> None:
    statistics = demo_statistics(demo_rows(scale="large", seed=1))

    elsewhere = statistics.pop("students_elsewhere_percent")
    assert statistics == {
        "departments": 127,
        "offerings": 1332,
        "sections": 2494,
        "lectures": 8279,
        "instructors": 2320,
        "rooms": 1147,
        "timeslots": 48,
        "curricula": 254,
        "students": 19_072,
        "enrolments": 125_000,
    }
    assert elsewhere >= 30


def test_a_number_is_that_many_times_the_large_scale() -> None:
    statistics = demo_statistics(demo_rows(scale="0.125", seed=1))

    counted = ("departments", "offerings", "sections", "lectures", "instructors", "rooms", "timeslots", "students", "enrolments")
    assert [statistics[name] for name in counted] == [16, 166, 312, 1035, 290, 143, 48, 2384, 15_625]


def test_once_the_large_scale_is_the_large_scale() -> None:
    assert scale_named("1") == SCALES["large"]


@pytest.mark.parametrize("scale", ["huge", "0", "-1", "9", "nan", ""])
def test_a_scale_that_cannot_be_made_is_refused(scale: str) -> None:
    with pytest.raises(CommandError, match=r"--scale: .*small, large, nor a number from 0.0625 to 8"):
        call_command("demo", scale=scale)


def test_large_sections_hold_at_most_sixty_and_nobody_enrols_twice() -> None:
    rows = demo_rows(scale="large", seed=2)

    assert {offering.max_section_size for offering in rows.offerings} == {60}
    assert max(Counter(rows.enrolments).values()) == 1


def test_same_seed_makes_the_same_university_and_another_seed_another() -> None:
    assert demo_rows(scale="small", seed=3) == demo_rows(scale="small", seed=3)
    assert demo_rows(scale="small", seed=3) != demo_rows(scale="small", seed=4)


@pytest.mark.parametrize("seed", range(1, 9))
def test_small_passes_the_arithmetic_before_a_run_whatever_the_seed(seed: int) -> None:
    problem = problem_from_rows(demo_rows(scale="small", seed=seed), name="demo", weights=Weights(), seed=1)

    assert preflight(problem) == []


def test_small_is_solved_without_a_violation_within_seconds() -> None:
    problem = problem_from_rows(demo_rows(scale="small"), name="demo", weights=Weights(), seed=1)
    warm()

    best = search(problem, SolveParams(time_limit_s=6), observer=Silent(), stop=Deadline(6)).best

    assert (best.score.hard, best.unplaced) == (0, 0)


def test_small_has_long_labs_part_time_instructors_and_electives_elsewhere() -> None:
    rows = demo_rows(scale="small", seed=1)

    assert {meeting.length for meeting in rows.meetings if meeting.room_kind == "lab"} == {2, 3}
    blocked = Counter(mark.instructor_id for mark in rows.availability if mark.rating == -4 and mark.instructor_id)
    assert set(blocked.values()) == {16}
    assert demo_statistics(rows)["students_elsewhere_percent"] > 30


@pytest.mark.django_db
def test_loading_twice_replaces_the_first_load(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("demo", "--scale", "small")
    before = _counts()

    call_command("demo", "--scale", "small", "--seed", "2")

    assert "Loaded the small demo university, seed 2" in capsys.readouterr().out
    after = _counts()
    assert (after["organizations"], after["courses"], after["rooms"]) == (1, before["courses"], before["rooms"])


@pytest.mark.django_db
def test_keep_leaves_what_is_there() -> None:
    call_command("demo", "--scale", "small")
    Course.objects.filter(code="D001-100").update(name="Renamed by hand")

    call_command("demo", "--keep")

    assert Course.objects.get(code="D001-100").name == "Renamed by hand"


@pytest.mark.django_db
def test_an_organization_with_data_of_its_own_is_refused_and_unharmed() -> None:
    organization = OrganizationFactory(code="ours")
    Room.objects.create(organization=organization, code="R1", capacity=20)

    with pytest.raises(CommandError, match="'ours' has data that no demo made"):
        call_command("demo", "--organization", "ours")

    assert _counts() == {"organizations": 1, "courses": 0, "rooms": 1, "students": 0, "enrolments": 0}


def _counts() -> dict[str, int]:
    models = {"organizations": Organization, "courses": Course, "rooms": Room, "students": Student, "enrolments": Enrolment}
    return {name: model.objects.count() for name, model in models.items()}


@pytest.mark.parametrize("code", ["", "a b", "x" * 41])
def test_a_code_that_no_address_could_hold_is_refused(code: str) -> None:
    with pytest.raises(CommandError, match="--organization"):
        call_command("demo", "--organization", code)
