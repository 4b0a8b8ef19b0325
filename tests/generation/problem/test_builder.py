"""Rows to a problem: sections, groups of a curriculum, ratings and rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from academics.demo import demo_rows
from academics.models import CourseOffering, Enrolment, Instructor, Organization, RuleSetting, Section, Term
from academics.selectors import AvailabilityRow, RoomPreferenceRow, RuleRow, RuleTimeslotRow, SectionRow, TermRows, term_counts
from academics.services import organization_store
from generation.engine.infeasibility.preflight import preflight
from generation.engine.model.problem import BEFORE, DAYS_APART, SEAT_FIXED, Csr, Problem, Weights
from generation.problem.builder import problem_from_rows, problem_hash, problem_load
from generation.text.infeasibility.obstacles import obstacle_text
from generation.text.infeasibility.phrases import Phrases


def test_the_demo_from_the_database_equals_the_demo_in_memory(demo: Organization) -> None:
    term = Term.objects.get(organization=demo)

    loaded = problem_load(organization=demo, term=term)

    direct = problem_from_rows(demo_rows(scale="small"), name=loaded.name, weights=Weights(), seed=1)
    assert problem_hash(loaded) == problem_hash(direct)


def test_the_number_of_queries_is_fixed(demo: Organization) -> None:
    term = Term.objects.get(organization=demo)

    with CaptureQueriesContext(connection) as queries:
        problem_load(organization=demo, term=term)

    assert len(queries) <= 24


def test_a_department_narrows_the_offerings_and_the_counts(demo: Organization) -> None:
    term = Term.objects.get(organization=demo)
    department = demo.department_set.get(code="D001")

    part = problem_load(organization=demo, term=term, department_id=department.pk)

    assert {code[:4] for code in part.names.courses} == {"D001"}
    assert term_counts(organization=demo, term=term, department_id=department.pk).courses == len(set(part.names.courses))
    assert term_counts(organization=demo, term=term) == (60, 84, 36)


def test_sections_share_students_evenly_and_instructors_in_turn() -> None:
    problem = problem_from_rows(demo_rows(scale="small"), name="demo", weights=Weights(), seed=1)

    assert problem.section_size.max() <= 24
    assert all(len(instructors) == 1 for instructors in problem.section_instructors)
    assert problem.section_size.sum() == len(problem.student_sections.indices) == len(demo_rows(scale="small").enrolments)


def test_every_group_of_a_curriculum_has_one_section_of_each_of_its_courses() -> None:
    problem = problem_from_rows(demo_rows(scale="small"), name="demo", weights=Weights(), seed=1)

    for group, name in enumerate(problem.names.curricula):
        members = [s for s in range(problem.num_sections) if group in problem.section_curricula[s]]
        assert sorted(problem.names.courses[s] for s in members) == [f"{name.split('/')[0][:4]}-{name[6]}0{n}" for n in range(4)]


def test_a_fixed_seat_is_kept_and_a_section_of_another_offering_is_no_seat(demo: Organization) -> None:
    first, second = CourseOffering.objects.order_by("id")[:2]
    own = [Section.objects.create(organization=demo, offering=first, code=code) for code in "ABC"]
    strange = [Section.objects.create(organization=demo, offering=second, code=code) for code in "ABCD"][3]
    first.enrolments.update(section=strange)
    kept = first.enrolments.order_by("id")[0]
    first.enrolments.filter(pk=kept.pk).update(section=own[2])

    problem = problem_load(organization=demo, term=first.term)

    sections = problem.student_sections[problem.names.students.index(kept.student.code)]
    assert problem.names.sections[:3] == ("A", "B", "C")
    assert 2 in sections
    assert problem.section_size[:3].sum() == first.enrolments.count()


def test_weights_of_the_run_go_over_the_organization_s(demo: Organization) -> None:
    demo.weights = {"min_days": 7, "compactness": 9}
    term = Term.objects.get(organization=demo)

    problem = problem_load(organization=demo, term=term, weights={"compactness": 0})

    assert (problem.weights.min_days, problem.weights.compactness, problem.weights.lunch) == (7, 0, Weights().lunch)


def test_what_is_liked_makes_the_rest_disliked() -> None:
    rows = demo_rows(scale="small")
    liking = next(mark.instructor_id for mark in rows.availability if mark.rating == 1)

    problem = problem_from_rows(rows, name="demo", weights=Weights(), seed=1)

    liked = [m.day * 8 + m.period for m in rows.availability if m.instructor_id == liking]
    costs = problem.instructor_dislike[liking - 1]
    assert not costs[liked].any()
    assert (np.delete(costs, liked) == 1).all()


def test_rules_become_pins_and_pairs() -> None:
    rows = demo_rows(scale="small")
    problem = problem_from_rows(rows, name="demo", weights=Weights(), seed=1)

    pinned = np.flatnonzero(problem.lecture_pin_slot >= 0)
    assert problem.lecture_pin_slot[pinned].tolist() == [1 * 8 + 2]
    assert len(np.flatnonzero(problem.lecture_pin_room >= 0)) == 1
    assert len(problem.no_overlap)
    assert (problem.lecture_section[problem.same_start[:, 0]] != problem.lecture_section[problem.same_start[:, 1]]).all()
    assert not problem.same_start_is_hard


def rules_of(*rules: tuple[RuleRow, list[RuleTimeslotRow]], marks: Sequence[AvailabilityRow] = (), **more: Any) -> tuple[TermRows, Problem]:
    """The small demo with these rules and marks alone, all about its first offering."""
    rows = demo_rows(scale="small")
    numbered = [rule._replace(id=number) for number, (rule, _) in enumerate(rules)]
    listed = [slot._replace(rule_id=number) for number, (_, slots) in enumerate(rules) for slot in slots]
    offerings = {rule.id: [rows.offerings[0].id] for rule in numbered}
    rows = replace(rows, rules=numbered, rule_offerings=offerings, rule_timeslots=listed, availability=list(marks), **more)
    return rows, problem_from_rows(rows, name="demo", weights=Weights(), seed=1)


def rule(kind: str, *, is_hard: bool = True, **facts: Any) -> RuleRow:
    return RuleRow(0, kind, None, 0, None, None, is_hard, "")._replace(**facts)


def listed(*slots: tuple[int | None, int | None]) -> list[RuleTimeslotRow]:
    return [RuleTimeslotRow(0, day, period) for day, period in slots]


def test_a_fixed_day_and_listed_starts_block_all_other_starts() -> None:
    _, problem = rules_of((rule("pin_day", day=1), []), (rule("starts"), listed((None, 2), (3, None))))

    blocked = np.zeros((problem.num_lectures, problem.num_timeslots), dtype=bool)
    blocked[tuple(problem.blocked_starts.T)] = True
    course = problem.names.courses[0]
    first, second, *others = [x for x in range(problem.num_lectures) if problem.names.courses[problem.lecture_section[x]] == course]
    assert np.flatnonzero(~blocked[first]).tolist() == [1 * 8 + 2]
    assert {slot for slot in np.flatnonzero(~blocked[second]) if slot // 8 != 3} == {day * 8 + 2 for day in (0, 1, 2, 4)}
    assert blocked[others].any()
    assert not np.delete(blocked, [first, second, *others], axis=0).any()


def test_a_band_opens_its_timeslots_alone_or_makes_the_others_disliked() -> None:
    _, hard = rules_of((rule("inside"), listed((0, None))), (rule("outside"), listed((None, 7))), (rule("inside"), []))
    _, soft = rules_of((rule("outside", is_hard=False), listed((0, 1), (0, 70))))

    assert np.flatnonzero(hard.section_available[0]).tolist() == list(range(7))
    assert hard.section_available[-1].all()
    assert hard.section_dislike.size == 0
    assert soft.section_available.all()
    assert np.flatnonzero(soft.section_dislike[0]).tolist() == [1]
    assert soft.section_dislike[0, 1] == 3
    assert not soft.section_dislike[-1].any()


def test_a_section_s_own_mark_counts_instead_of_its_offering_s() -> None:
    rows = demo_rows(scale="small")
    offering = rows.offerings[0].id
    own = [SectionRow(number, offering, f"own {number}", 10) for number in (1, 2)]
    marks = [AvailabilityRow(None, None, offering, 0, 0, -4), AvailabilityRow(None, None, None, 0, 0, -1, section_id=2)]

    _, problem = rules_of(sections=own, marks=marks)

    assert problem.names.sections[:2] == ("own 1", "own 2")
    assert problem.section_available[:2, 0].tolist() == [False, True]
    assert problem.section_dislike[:2, 0].tolist() == [0, 1]


def test_pairs_of_one_offering_are_its_sections_own_lectures() -> None:
    _, problem = rules_of((rule("days_apart", days=2), []), (rule("before", is_hard=False, factor=3), []))

    sections = problem.lecture_section[problem.lecture_pairs[:, :2]]
    apart, order = (problem.lecture_pairs[problem.lecture_pairs[:, 2] == kind] for kind in (DAYS_APART, BEFORE))
    own = np.bincount(problem.lecture_section)[np.unique(sections)]
    assert (sections[:, 0] == sections[:, 1]).all()
    assert len(apart) == (own * (own - 1) // 2).sum()
    assert len(order) == (own - 1).sum()
    assert np.unique(apart[:, 3:], axis=0).tolist() == [[2, 0]]
    assert np.unique(order[:, 3:], axis=0).tolist() == [[0, 3]]
    assert (order[:, 1] == order[:, 0] + 1).all()


def test_pairs_of_two_offerings_go_section_by_section_from_the_first() -> None:
    rows = demo_rows(scale="small")
    one, other = rows.offerings[0].id, rows.offerings[1].id
    order = rule("consecutive", first_id=other)
    rows = replace(rows, rules=[order, order._replace(id=1, first_id=999)], rule_offerings={0: [one], 1: [one]}, rule_timeslots=[])

    problem = problem_from_rows(rows, name="demo", weights=Weights(), seed=1)

    sections = problem.lecture_section[problem.lecture_pairs[:, :2]]
    num_one, num_other = (problem.names.courses.count(rows.offerings[n].code) for n in (0, 1))
    assert {(int(a) - num_one, int(b)) for a, b in sections} == {(n % num_other, n % num_one) for n in range(max(num_one, num_other))}


def test_weighted_overlaps_room_wishes_and_shared_rooms_become_tables() -> None:
    rows, problem = rules_of((rule("no_overlap", is_hard=False, factor=7), []))
    room = rows.rooms[1]._replace(sharing=3)
    mark = AvailabilityRow(None, room.id, None, 0, 1, -2)
    closed = mark._replace(day=1, rating=-4)

    shared = problem_from_rows(
        replace(rows, rooms=[rows.rooms[0], room, *rows.rooms[2:]], availability=[mark, closed]), name="demo", weights=Weights(), seed=1
    )

    assert len(problem.no_overlap) == 0
    assert {factor for _, _, factor in problem.avoid_overlap.tolist()} == {7}
    assert (problem.room_dislike.size, problem.room_sharing.size) == (0, 0)
    assert shared.room_sharing.tolist()[:3] == [1, 3, 1]
    assert np.argwhere(shared.room_dislike).tolist() == [[1, 1]]
    assert shared.room_dislike[1, 1] == 2


def test_preferred_rooms_and_buildings_become_ranks_and_the_term_s_tolerance_is_kept() -> None:
    rows = demo_rows(scale="small")
    offering, room = rows.offerings[0].id, rows.rooms[0]
    wishes = [RoomPreferenceRow(offering, 2, room.id, None), RoomPreferenceRow(offering, 1, None, room.building_id)]

    _, problem = rules_of(room_preferences=wishes, seats_tolerance=2, seats_tolerance_percent=5)

    ranks = {int(r): int(rank) for section, r, rank in problem.preferred_rooms if section == 0}
    assert ranks == {n: 1 for n, each in enumerate(rows.rooms) if each.building_id == room.building_id}
    assert (problem.capacity_tolerance, problem.capacity_tolerance_percent) == (2, 5)


def test_what_was_written_to_the_database_comes_back_with_rules_and_wishes(db: None) -> None:
    rows, problem = rules_of(
        (rule("inside", is_hard=False), listed((0, 1), (2, None))),
        (rule("before", first_id=2, is_hard=False, factor=4), []),
        (rule("days_apart", days=2), []),
        room_preferences=[RoomPreferenceRow(1, 0, 2, None), RoomPreferenceRow(1, 1, None, 1)],
        seats_tolerance=3,
    )

    term = organization_store(code="u", name="U", term={"code": "t"}, rows=rows, weights={}, source={}, replace=False)

    loaded = problem_load(organization=term.organization, term=term)
    assert problem_hash(replace(loaded, name=problem.name)) == problem_hash(problem)


def test_core_courses_move_together_and_a_named_seat_binds_them(demo: Organization) -> None:
    enrolment = Enrolment.objects.filter(offering__curricula=F("student__curriculum")).order_by("id")[0]
    own = [Section.objects.create(organization=demo, offering=enrolment.offering, code=code) for code in "AB"]
    Enrolment.objects.filter(pk=enrolment.pk).update(section=own[1])

    problem = problem_load(organization=demo, term=enrolment.offering.term)

    student = problem.names.students.index(enrolment.student.code)
    rows = Csr(problem.student_sections.indptr, problem.seat_bundle)
    core = set(Enrolment.objects.filter(student=enrolment.student, offering__curricula=F("student__curriculum")).values_list("offering"))
    assert np.count_nonzero(rows[student] == SEAT_FIXED) == len(core) == 4
    others = [other for other in range(len(rows)) if other != student]
    assert not any(np.any(rows[other] == SEAT_FIXED) for other in others)
    assert {len(set(rows[other][rows[other] >= 0].tolist())) for other in others} == {1}
    assert np.array_equal(problem.section_offering[:2], [0, 0])


def test_every_student_sits_inside_one_group_of_the_curriculum() -> None:
    problem = problem_from_rows(demo_rows(scale="small"), name="demo", weights=Weights(), seed=1)

    curricula = [set(row.tolist()) for row in problem.section_curricula]
    bundles = Csr(problem.student_sections.indptr, problem.seat_bundle)
    for sections, bundle in zip(problem.student_sections, bundles, strict=True):
        groups = [curricula[section] for section in sections[bundle >= 0].tolist()]
        assert not groups or set.intersection(*groups)


@pytest.fixture
def demo(db: None) -> Organization:
    call_command("demo", "--scale", "small", verbosity=0)
    return Organization.objects.get(code="demo")


@pytest.mark.parametrize("kind", ["inside", "outside"])
def test_a_weighted_band_is_disliked_as_much_as_its_weight_says(kind: str) -> None:
    _, problem = rules_of((rule(kind, is_hard=False, factor=4), listed((0, 1))))

    assert problem.section_dislike[0].max() == 12


def test_two_rules_that_fix_a_lecture_differently_are_both_told() -> None:
    rows, problem = rules_of((rule("pin_time", day=0, period=0), []), (rule("pin_time", day=1, period=1), []))
    (obstacle,) = preflight(problem)
    assert obstacle.id == "pinned_time_not_allowed"
    assert "it is fixed to Tuesday, 09:00-09:50; its rules let it begin only on Monday, 08:00-08:50." in obstacle_text(
        obstacle, Phrases(problem)
    )

    rooms = [next(n for n, room in enumerate(rows.rooms) if room.kind == kind) for kind in ("classroom", "lab")]
    first, second = (rows.rooms[number] for number in rooms)
    _, problem = rules_of((rule("pin_room", room_id=first.id), []), (rule("pin_room", room_id=second.id), []))
    (obstacle,) = preflight(problem)
    message = obstacle_text(obstacle, Phrases(problem))
    assert f"is fixed to room {second.code}" in message
    assert f"room {first.code} as well, to which another rule fixes it" in message

    _, problem = rules_of(*[(rule("pin_time", day=0, period=0), [])] * 2)
    assert preflight(problem) == []


def test_a_hard_rule_to_start_together_leaves_weighted_ones_weighted() -> None:
    rows = demo_rows(scale="small")
    codes = [offering.id for offering in rows.offerings[:4]]
    rules = [rule("same_start")._replace(id=1), rule("same_start", is_hard=False, factor=3)._replace(id=2)]

    def problem_with(*offerings: list[int]) -> Problem:
        given = replace(rows, rules=rules[: len(offerings)], rule_offerings=dict(enumerate(offerings, 1)))
        return problem_from_rows(given, name="demo", weights=Weights(), seed=1)

    alone, mixed = problem_with(codes[:2]), problem_with(codes[:2], codes[2:])
    hard = len(alone.same_start)
    assert (alone.same_start_is_hard, alone.same_start_factor.size) == (True, 0)  # as ever, and with the same digest
    assert not mixed.same_start_is_hard
    assert mixed.joint_is_hard.tolist() == [True] * hard + [False] * (len(mixed.same_start) - hard)
    assert set(mixed.joint_factor[hard:].tolist()) == {3}
    assert problem_with(codes[:2], codes[:2]).joint_is_hard.all()  # of two rules about the same the hard one


def test_lectures_that_should_start_together_cost_their_rules_weight() -> None:
    rows = demo_rows(scale="small")
    two = [offering.id for offering in rows.offerings[:2]]
    rules = [rule("same_start", is_hard=False, factor=factor)._replace(id=factor) for factor in (2, 5)]
    rows = replace(rows, rules=rules, rule_offerings={2: two, 5: two})

    problem = problem_from_rows(rows, name="demo", weights=Weights(), seed=1)

    assert set(problem.joint_factor.tolist()) == {2 + 5}
    assert len(problem.same_start_factor) == len(problem.same_start)


def test_an_institution_makes_limits_hard_and_seats_a_wish(demo: Organization) -> None:
    term = Term.objects.get(organization=demo)
    usual = problem_load(organization=demo, term=term)

    demo.hardness = {"room_capacity": False, "daily_load": True, "consecutive_load": True}
    other = problem_load(organization=demo, term=term)

    assert (usual.capacity_is_hard, usual.daily_load_is_hard, usual.consecutive_load_is_hard) == (True, False, False)
    assert (other.capacity_is_hard, other.daily_load_is_hard, other.consecutive_load_is_hard) == (False, True, True)


def test_an_instructor_s_own_free_days_count_instead_of_the_institution_s(demo: Organization) -> None:
    term = Term.objects.get(organization=demo)
    first, second = Instructor.objects.filter(organization=demo).order_by("pk")[:2]
    Instructor.objects.filter(pk=first.pk).update(min_free_days=2)
    Instructor.objects.filter(pk=second.pk).update(min_free_days=3)
    RuleSetting.objects.create(organization=demo, kind="instructor_free_days", instructor=second, is_active=False)
    demo.min_free_days, demo.hardness = 1, {"free_days": True}

    problem = problem_load(organization=demo, term=term)

    free = dict(zip(problem.names.instructors, problem.instructor_free_days.tolist(), strict=True))
    assert (free[first.code], free[second.code], set(free.values())) == (2, 1, {1, 2})
    assert not problem.instructor_free_half_days.size
    assert (problem.free_days_is_hard, problem.free_half_days_is_hard) == (True, False)


def test_free_days_leave_the_hash_of_a_problem_without_any_as_it_was(demo: Organization) -> None:
    problem = problem_load(organization=demo, term=Term.objects.get(organization=demo))
    free = np.ones(problem.num_instructors, dtype=np.int32)

    assert problem_hash(replace(problem, weights=replace(problem.weights, free_days=9))) == problem_hash(problem)
    assert problem_hash(replace(problem, instructor_free_days=free)) != problem_hash(problem)


def test_what_is_switched_off_counts_as_not_entered(demo: Organization) -> None:
    term = Term.objects.get(organization=demo)
    instructor = Instructor.objects.filter(organization=demo, availability__rating=-4).distinct()[0]
    Instructor.objects.filter(pk=instructor.pk).update(max_daily_periods=3)
    for kind in ("instructor_daily", "away_instructor"):
        RuleSetting.objects.create(organization=demo, kind=kind, instructor=instructor, is_active=False)

    problem = problem_load(organization=demo, term=term)

    index = problem.names.instructors.index(instructor.code)
    assert problem.instructor_max_daily[index] == 0
    assert problem.instructor_available[index].all()
