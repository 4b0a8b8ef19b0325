"""The tables of a term's demand, and what splitting and bands write."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from academics.models import Course, CourseOffering, Curriculum, Enrolment, Meeting, Period, Room, Rule, Section, Student, Term
from generation.demand import text
from generation.demand.filters import Wanted, matrix_of, pairs_chosen
from generation.demand.services import BandWish, band_create, band_delete, bands_of, offering_split, split_previewed
from generation.demand.tables import Demand, demand_of
from generation.engine.evaluation.evaluate import evaluate
from generation.engine.model.solution import Solution
from generation.errors import Conflict, Invalid, Missing
from generation.problem.builder import problem_load
from tests.factories.academics import TermFactory

pytestmark = pytest.mark.django_db


@dataclass
class College:
    """A term of courses by code; ``enrol`` gives students courses."""

    term: Term = field(default_factory=TermFactory)
    offerings: dict[str, CourseOffering] = field(default_factory=dict)

    @property
    def mine(self) -> dict[str, Any]:
        return {"organization": self.term.organization}

    def offer(self, code: str, *, periods: int = 1, **facts: Any) -> CourseOffering:
        course = Course.objects.create(**self.mine, code=code, name=f"About {code}")
        self.offerings[code] = CourseOffering.objects.create(**self.mine, term=self.term, course=course, **facts)
        Meeting.objects.create(offering=self.offerings[code], count=periods)
        return self.offerings[code]

    def enrol(self, count: int, *codes: str, **facts: Any) -> None:
        first = Student.objects.filter(**self.mine).count()
        students = [Student.objects.create(**self.mine, code=f"S{first + n:04}", **facts) for n in range(count)]
        Enrolment.objects.bulk_create(Enrolment(**self.mine, student=s, offering=self.offerings[code]) for s in students for code in codes)

    @property
    def demand(self) -> Demand:
        return demand_of(organization=self.term.organization, term=self.term)

    def pairs(self, wanted: Wanted | None = None) -> list[tuple[str, str, int, str]]:
        found = self.demand
        rows = pairs_chosen(found, wanted or Wanted()).tolist()
        return [(found.courses[a].code, found.courses[b].code, students, text.WHY.get(why, "")) for a, b, students, why in rows]

    def course(self, code: str) -> Any:
        return self.demand.course(self.offerings[code].pk)


@pytest.fixture
def college() -> College:
    made = College()
    for code in ("MATH", "PHYS", "FREN"):
        made.offer(code, periods=2, max_section_size=10)
    made.enrol(12, "MATH", "PHYS")
    made.enrol(5, "MATH", "FREN")
    return made


def test_pairs_and_sections_are_counted(college: College) -> None:
    assert college.pairs() == [("MATH", "PHYS", 12, ""), ("MATH", "FREN", 5, "")]
    assert college.pairs(Wanted(search="fren")) == [("MATH", "FREN", 5, "")]
    assert college.pairs(Wanted(curriculum_id=1)) == []
    assert college.course("MATH").sizes == (9, 8)
    assert (college.demand.num_students, college.demand.num_enrolments, college.demand.least) == (17, 34, 0)


def test_the_matrix_is_of_the_courses_that_share_most(college: College) -> None:
    matrix = matrix_of(college.demand, [0, 1, 2], most=2)

    assert [course.code for course in matrix.courses] == ["MATH", "PHYS"]
    assert [[cell.students for cell in cells] for _, cells in matrix.rows] == [[0, 12], [12, 0]]
    assert matrix.left_out == 1


def test_known_data_are_not_read_again_and_changed_ones_are(college: College) -> None:
    before = college.demand
    with CaptureQueriesContext(connection) as queries:
        assert college.demand.num_students == before.num_students
    college.enrol(1, "PHYS", "FREN")

    assert len(queries) == 1
    assert ("PHYS", "FREN", 1, "") in college.pairs()


def test_a_part_has_its_lecture_s_students_and_no_pair_of_its_own(college: College) -> None:
    lab = college.offer("LAB", max_section_size=4, part_of=college.offerings["PHYS"])

    assert college.course("LAB").sizes == (3, 3, 3, 3)
    assert college.course("LAB").parents == (0, 0, 1, 1)
    assert "LAB" not in {code for row in college.pairs() for code in row[:2]}
    assert lab.enrolments.count() == 0


def test_courses_fixed_to_one_time_must_clash(college: College) -> None:
    for code in ("PHYS", "FREN"):
        college.offer(f"{code}2")
        Rule.objects.create(**college.mine, term=college.term, kind="pin_time", day=1, period=2).offerings.set(
            [college.offerings[f"{code}2"]]
        )
    college.enrol(3, "PHYS2", "FREN2")

    found = college.demand

    assert found.least == 3
    assert [argument.id for argument in found.arguments] == ["fixed"]
    assert found.arguments[0].message == "3 students of PHYS2 and FREN2: every section of both is fixed to the same time."


def test_more_periods_than_the_week_has_must_clash(college: College) -> None:
    college.offer("LONG", periods=19)
    college.enrol(2, "LONG", "MATH")

    found = college.demand

    assert (found.least, found.arguments[0].id, found.arguments[0].names) == (2, "week", ("S0017", "S0018"))
    assert "up to 21 periods a week, and the week has 20" in found.arguments[0].message


def test_a_term_without_periods_courses_or_students_has_a_demand_too() -> None:
    bare = College()
    assert (bare.demand.courses, bare.demand.least) == ((), 0)
    bare.offer("A")
    assert bare.course("A").sizes == (0,)
    Period.objects.filter(term=bare.term).delete()
    assert bare.course("A").sizes == ()


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"size": 4}, "5 sections of 3 to 4"),
        ({"sections": 3}, "3 sections of 5 to 6"),
        ({"sections": 1}, "1 section of 17"),
        ({"size": 17}, "1 section of 17"),
    ],
)
def test_a_split_is_previewed_and_then_formed_by_the_run(college: College, asked: dict[str, int], words: str) -> None:
    course = college.course("MATH")
    before = CourseOffering.objects.get(pk=course.id)

    assert split_previewed(demand=college.demand, course=course, **asked).words == words
    assert CourseOffering.objects.get(pk=course.id).num_sections == before.num_sections
    offering_split(demand=college.demand, course=course, **asked)

    problem = problem_load(organization=college.term.organization, term=college.term)
    sizes = problem.section_size[problem.section_offering == 0].tolist()
    assert text.sizes_words(sizes) == text.sizes_words(college.course("MATH").sizes) == words


def test_a_lab_is_split_inside_each_section_of_its_lecture(college: College) -> None:
    college.offer("LAB", max_section_size=100, part_of=college.offerings["MATH"])

    split = offering_split(demand=college.demand, course=college.course("LAB"), size=4)

    assert split.sizes == (3, 3, 3, 4, 4)
    assert college.course("LAB").sizes == split.sizes
    problem = problem_load(organization=college.term.organization, term=college.term)
    assert evaluate(problem, Solution.empty(problem)).breakdown["linked_sections"] == 0


def test_a_split_that_makes_no_sense_is_refused(college: College) -> None:
    course = college.course("MATH")
    for asked in ({}, {"size": 3, "sections": 3}, {"size": 0}, {"sections": 18}, {"size": -1}):
        with pytest.raises(Invalid):
            split_previewed(demand=college.demand, course=course, **asked)
    college.offer("NEW")
    with pytest.raises(Conflict, match="Nobody is known"):
        split_previewed(demand=college.demand, course=college.course("NEW"), size=3)
    Section.objects.create(**college.mine, offering=college.offerings["FREN"], code="A")
    with pytest.raises(Conflict, match="of its own"):
        split_previewed(demand=college.demand, course=college.course("FREN"), size=3)


def test_a_band_in_parallel_makes_those_who_take_two_of_it_clash(college: College) -> None:
    band_create(term=college.term, wish=BandWish("Choice", offerings=(college.offerings["PHYS"].pk, college.offerings["FREN"].pk)))
    college.enrol(2, "PHYS", "FREN")

    assert [(a, b, n) for a, b, n, why in college.pairs() if why] == [("PHYS", "FREN", 2)]
    assert college.course("PHYS").bands == ("Choice",)
    assert bands_of(term=college.term)[0].sentences == ("Its lectures must start together, first with first and second with second.",)


def test_a_band_in_timeslots_keeps_a_curriculum_s_core_courses_out(college: College) -> None:
    curriculum = Curriculum.objects.create(**college.mine, code="Y1")
    college.offerings["MATH"].curricula.add(curriculum)
    wish = BandWish(
        " Choice ",
        kind=text.INSIDE,
        offerings=tuple(college.offerings[code].pk for code in ("PHYS", "FREN")),
        timeslots=((0, 1), (2, 3)),
        curricula=(curriculum.pk,),
    )

    assert band_create(term=college.term, wish=wish) == "Choice"

    band = bands_of(term=college.term)[0]
    assert band.courses == ("FREN", "PHYS")
    assert band.sentences == (
        "Its lectures must meet only on Monday 09:00 and Wednesday 11:00.",
        "Lectures of MATH must never meet on Monday 09:00 and Wednesday 11:00.",
    )
    problem = problem_load(organization=college.term.organization, term=college.term)
    assert not problem.section_available[problem.section_offering == 0][:, [1, 11]].any()
    assert problem.section_available[problem.section_offering == 1].sum(axis=1).tolist() == [2, 2]
    band_delete(term=college.term, name="Choice")
    assert not Rule.objects.filter(term=college.term).exists()
    with pytest.raises(Missing):
        band_delete(term=college.term, name="Choice")


def test_a_band_that_makes_no_sense_is_refused_and_nothing_is_written(college: College) -> None:
    two = tuple(college.offerings[code].pk for code in ("PHYS", "FREN"))
    for wish in (
        BandWish("", offerings=two),
        BandWish("x" * 61, offerings=two),
        BandWish("A", kind="round", offerings=two),
        BandWish("A", offerings=two[:1]),
        BandWish("A", kind=text.INSIDE, offerings=two),
        BandWish("A", kind=text.INSIDE, offerings=two, timeslots=((5, 0),)),
        BandWish("A", kind=text.INSIDE, offerings=two, timeslots=((1, 0),)),  # they have two periods each
        BandWish("A", kind=text.OUTSIDE, offerings=two, timeslots=((0, 4),)),
    ):
        with pytest.raises(Invalid):
            band_create(term=college.term, wish=wish)
    band_create(term=college.term, wish=BandWish("A", offerings=two))
    with pytest.raises(Conflict, match="already"):
        band_create(term=college.term, wish=BandWish("A", offerings=two))
    band_create(term=college.term, wish=BandWish("B", offerings=two, is_hard=False))
    assert [rule.is_hard for rule in Rule.objects.order_by("id")] == [True, False]


def test_rooms_do_not_matter_to_the_demand(college: College) -> None:
    Room.objects.create(**college.mine, code="R", capacity=1)
    assert college.demand.least == 0
