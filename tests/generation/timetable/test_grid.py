"""A variant's weekly grid and the comparison of variants."""

import pytest

from academics.models import Instructor
from generation.timetable.grid import grid_build, grid_choices, variants_compare
from tests.factories import EntryFactory, VariantFactory, review_job
from tests.factories.generation import conflict

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def test_lecture_of_two_periods_spans_two_rows() -> None:
    grid = grid_build(review_job().variants.first(), by="room", key="LAB")
    cell = grid.rows[1].days[1][0]
    assert (cell.card.lecture.course, cell.row_span) == ("BIO", 2)
    assert grid.rows[2].days[1] == ()
    assert grid.rows[0].starts_at == "08:00"


def test_two_lectures_at_once_stand_side_by_side() -> None:
    variant = VariantFactory(conflicts=[])
    EntryFactory(variant=variant, section="A", day=2, period=0, length=3)
    EntryFactory(variant=variant, section="B", day=2, period=1)
    EntryFactory(variant=variant, section="C", day=2, period=1)
    grid = grid_build(variant, by="instructor", key="Kowalska")
    assert grid.days[2].num_lanes == 3
    assert sorted(card.lecture.section for card in grid.cards) == ["A", "B", "C"]
    assert [cell.col_span for cell in grid.rows[0].days[2]] == [1, 2]
    assert [cell.card.lecture.section for cell in grid.rows[1].days[2]] == ["B", "C"]


def test_each_row_covers_every_lane_of_a_day_exactly_once() -> None:
    variant = VariantFactory(conflicts=[])
    for period, length in ((0, 2), (0, 1), (1, 2), (2, 2), (3, 1)):
        EntryFactory(variant=variant, day=0, period=period, length=length)
    grid = grid_build(variant, by="section", key="ALG-1")
    covered = [0] * len(grid.rows)
    for row in grid.rows:
        for cell in row.days[0]:
            for period in range(row.period, row.period + cell.row_span):
                covered[period] += cell.col_span
    assert covered == [grid.days[0].num_lanes] * 4


def test_violation_is_attached_to_each_of_its_lectures() -> None:
    variant = VariantFactory(conflicts=[conflict("room_conflict", 1, is_hard=True, lectures=[5, 6])])
    for lecture in (5, 6, 7):
        EntryFactory(variant=variant, lecture=lecture, period=lecture - 5)
    cards = grid_build(variant, by="curriculum", key="CUR1").cards
    assert [card.is_broken for card in cards] == [True, True, False]


def test_unplaced_lecture_is_listed_and_not_lost() -> None:
    variant = VariantFactory()
    EntryFactory(variant=variant, day=None, period=None, room="", lecture=1)
    grid = grid_build(variant, by="section", key="ALG-1")
    assert [card.lecture.number for card in grid.unplaced] == [1]


def test_code_that_begins_like_another_is_not_mixed_in() -> None:
    variant = VariantFactory()
    EntryFactory(variant=variant, instructors=["Łódź"])
    EntryFactory(variant=variant, instructors=["Łódź2", "łódź"])
    assert len(grid_build(variant, by="instructor", key="Łódź").cards) == 1


def test_card_names_who_teaches_and_keeps_the_code_of_the_unknown() -> None:
    variant = VariantFactory()
    Instructor.objects.create(organization=variant.job.organization, code="I7", name="Anna Nowak")
    EntryFactory(variant=variant, instructors=["I7", "gone"])
    (card,) = grid_build(variant, by="section", key="ALG-1").cards
    assert (card.people, card.lecture.instructors) == (("Anna Nowak", "gone"), ("I7", "gone"))


def test_choices_name_everything_in_the_variant() -> None:
    choices = grid_choices(review_job().variants.first())
    assert [choice.key for choice in choices["room"]] == ["LAB", "R1", "R2"]
    assert [choice.key for choice in choices["instructor"]] == ["Kowalska", "Nowak", "Łódź"]
    assert choices["section"][0].label == "ALG-1 Algebra"


def test_comparison_marks_the_best_of_each_criterion_and_counts_differences() -> None:
    job = review_job(num_variants=2)
    job.variants.filter(index=1).update(soft=4, breakdown={"compactness": 4, "lunch": 0})
    comparison = variants_compare(job)
    rows = {row.criterion: row for row in comparison.rows}
    assert rows["lunch"].amounts == (3, 0)
    assert rows["lunch"].best == {1}
    assert rows["compactness"].best == frozenset()
    assert [(found.num_lectures, found.total) for found in comparison.differences] == [(4, 4)]


def test_periods_numbered_with_gaps_are_rows_in_their_order() -> None:
    variant = VariantFactory(conflicts=[])
    variant.job.term.periods.filter(index=1).delete()
    variant.job.term.periods.filter(index=3).update(index=900)
    EntryFactory(variant=variant, day=0, period=2)
    grid = grid_build(variant, by="section", key="ALG-1")
    assert [row.starts_at for row in grid.rows] == ["08:00", "10:00", "11:00"]
    assert grid.rows[2].days[0][0].card is not None
