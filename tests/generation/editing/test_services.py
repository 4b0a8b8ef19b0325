"""Changing a variant by hand: judged, recorded, taken back, and never over somebody else's change."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from django.db import connection

from generation.editing import services
from generation.editing.board_cache import board_of
from generation.editing.services import EditRequest, StaleRevision, edit_redo, edit_undo, redoable, undoable, variant_edit
from generation.engine.evaluation.evaluate import evaluate
from generation.engine.evaluation.move_effects import move_effects
from generation.errors import Conflict, Invalid
from generation.models import Edit, Entry, Variant, Workflow
from generation.problem.stored_problem import problem_of, solution_of
from generation.timetable.conflict_store import Conflicts
from tests.factories import member
from tests.factories.editing import editable_variant
from tests.factories.problems import problem_random, solution_random
from tests.processes import SOON_S

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def move(variant: Variant, lecture: int, day: int, period: int, room: str | None = None, *, revision: int | None = None) -> Edit | None:
    request = EditRequest(variant.revision if revision is None else revision, "move", lecture, day, period, room)
    return variant_edit(variant=variant, user=member(variant.job.organization, "admin"), request=request)


def pin(variant: Variant, lecture: int, what: str = "both", action: str = "pin") -> Edit | None:
    request = EditRequest(variant.revision, action, lecture, what=what)
    return variant_edit(variant=variant, user=member(variant.job.organization, "admin"), request=request)


def again(variant: Variant) -> Variant:
    return Variant.objects.select_related("job").get(pk=variant.pk)


def places(variant: Variant) -> dict[int, tuple[object, ...]]:
    return {row[0]: row[1:] for row in variant.entries.values_list("lecture", "day", "period", "room", "is_time_pinned", "is_room_pinned")}


def test_a_move_is_stored_judged_and_recorded() -> None:
    variant = editable_variant()

    edit = move(variant, 0, 1, 0, "R1")

    assert edit is not None
    variant = again(variant)
    assert places(variant)[0][:3] == (1, 0, "R1")
    assert (variant.revision, variant.hard) == (1, 1)
    assert [row["constraint"] for row in Conflicts(variant.pk) if row["is_hard"]] == ["instructor_clash"]
    assert variant.certificate["violations"] | variant.certificate["costs"] == variant.breakdown
    assert (edit.number, edit.action, edit.hard) == (1, "move", 1)
    assert edit.changes[0]["before"]["room"] == "R0"


@pytest.mark.parametrize("seed", [3, 11])
def test_every_edit_ends_as_the_judge_says_and_as_was_said_before(seed: int) -> None:
    rng = np.random.default_rng(seed)
    problem = problem_random(rng)
    variant = editable_variant(problem, solution_random(problem, rng))
    variant.entries.update(is_time_pinned=False, is_room_pinned=False)
    for _ in range(6):
        variant = again(variant)
        lecture, slot = int(rng.integers(problem.num_lectures)), int(rng.integers(problem.num_timeslots))
        room = int(rng.integers(problem.num_rooms))
        change = move_effects(board_of(variant=variant), lecture).score(slot, room)
        before = variant.hard, variant.soft

        move(variant, lecture, *divmod(slot, problem.periods_per_day), problem.names.rooms[room])

        variant = again(variant)
        judged = evaluate(problem_of(job=variant.job), solution_of(variant=variant))
        assert (variant.hard, variant.soft) == (judged.score.hard, judged.score.soft)
        assert (variant.hard - before[0], variant.soft - before[1]) == (change.hard, change.soft)
        assert variant.breakdown == judged.breakdown
        assert sum(row["amount"] for row in Conflicts(variant.pk) if row["is_hard"]) == variant.hard
        assert variant.statistics["student_clashes"] == judged.student_clashes


def test_a_room_is_chosen_where_none_is_named() -> None:
    variant = editable_variant()

    move(variant, 2, 1, 0)

    assert places(again(variant))[2][:3] == (1, 0, "R1")


def test_the_second_of_two_editors_is_told_and_nothing_is_overwritten() -> None:
    variant = editable_variant()
    other = again(variant)
    move(variant, 0, 1, 3)

    with pytest.raises(StaleRevision) as told:
        move(other, 0, 0, 3)

    assert [edit.number for edit in told.value.edits] == [1]
    assert places(again(variant))[0][:2] == (1, 3)
    assert Edit.objects.count() == 1


def test_the_second_is_told_also_where_both_chose_the_same_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first one's change is saved after the second's revision was looked at, and before its lecture is read."""
    variant = editable_variant()
    read = services._entry

    def read_late(each: Variant, lecture: int, field: str) -> Entry:
        monkeypatch.setattr(services, "_entry", read)
        move(variant, 0, 1, 3)
        return read(each, lecture, field)

    monkeypatch.setattr(services, "_entry", read_late)
    with pytest.raises(StaleRevision) as told:
        move(again(variant), 0, 1, 3)

    assert [edit.number for edit in told.value.edits] == [1]
    assert places(again(variant))[0][:2] == (1, 3)


@pytest.mark.django_db(transaction=True)
def test_of_two_edits_at_the_same_moment_one_is_made() -> None:
    variant = editable_variant()
    user = member(variant.job.organization, "admin")
    ends: list[str] = []
    start = threading.Barrier(2)

    def edit(period: int) -> None:
        mine = again(variant)
        start.wait(timeout=SOON_S)
        try:
            variant_edit(variant=mine, user=user, request=EditRequest(0, "move", 0, 1, period))
            ends.append("made")
        except StaleRevision:
            ends.append("told")
        finally:
            connection.close()

    threads = [threading.Thread(target=edit, args=(period,)) for period in (2, 3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=SOON_S)

    assert sorted(ends) == ["made", "told"]
    assert again(variant).revision == 1


def test_undo_and_redo_go_through_the_whole_history() -> None:
    variant = editable_variant()
    user = member(variant.job.organization, "admin")
    first = places(variant)
    move(again(variant), 0, 1, 3)
    pin(again(variant), 0, "time")
    last = places(variant)

    for _ in range(2):
        edit_undo(variant=again(variant), user=user, revision=again(variant).revision)
    assert places(variant) == first
    assert undoable(variant=variant) is None
    for _ in range(2):
        edit_redo(variant=again(variant), user=user, revision=again(variant).revision)

    assert places(variant) == last
    assert redoable(variant=variant) is None
    assert [edit.action for edit in variant.edits.all()] == ["move", "pin", "undo", "undo", "redo", "redo"]
    assert again(variant).revision == 6


def test_a_new_change_ends_what_could_be_done_again() -> None:
    variant = editable_variant()
    user = member(variant.job.organization, "admin")
    move(again(variant), 0, 1, 3)
    edit_undo(variant=again(variant), user=user, revision=1)
    move(again(variant), 2, 1, 2)

    with pytest.raises(Conflict, match="nothing to redo"):
        edit_redo(variant=again(variant), user=user, revision=3)
    edit_undo(variant=again(variant), user=user, revision=3)
    with pytest.raises(Conflict, match="no change by hand"):
        edit_undo(variant=again(variant), user=user, revision=4)
    assert redoable(variant=variant) == variant.edits.get(number=3)


def test_a_pinned_lecture_stays_until_it_is_unpinned() -> None:
    variant = editable_variant()
    pin(again(variant), 0, "room")

    with pytest.raises(Conflict, match="pinned to room R0"):
        move(again(variant), 0, 1, 3, "R1")
    move(again(variant), 0, 1, 3)
    assert places(variant)[0] == (1, 3, "R0", False, True)
    pin(again(variant), 0, "time")
    with pytest.raises(Conflict, match="Unpin it first"):
        move(again(variant), 0, 0, 0)
    pin(again(variant), 0, action="unpin")
    assert move(again(variant), 0, 0, 0, "R1") is not None


def test_two_lectures_change_places() -> None:
    variant = editable_variant()
    before = places(variant)

    variant_edit(variant=variant, user=member(variant.job.organization, "admin"), request=EditRequest(0, "swap", 0, other=1))

    after = places(variant)
    assert after[0] == before[1]
    assert after[1] == before[0]


def test_a_change_that_changes_nothing_is_no_edit() -> None:
    variant = editable_variant()

    assert move(variant, 0, 0, 0, "R0") is None
    assert again(variant).revision == 0


@pytest.mark.parametrize("status", ["in_review", "approved", "published", "archived"])
def test_what_somebody_decides_on_cannot_be_changed(status: str) -> None:
    variant = editable_variant()
    Workflow.objects.filter(pk=variant.job_id).update(status=status, variant=variant)

    with pytest.raises(Conflict, match=f"This timetable is {status.replace('_', ' ')}"):
        move(variant, 0, 1, 3)


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        (EditRequest(0, "move", 99, 0, 0), "lecture"),
        (EditRequest(0, "move", 0, 2, 0), "day"),
        (EditRequest(0, "move", 0, 0, 4), "period"),
        (EditRequest(0, "move", 0, 0), "period"),
        (EditRequest(0, "move", 0, 0, 1, "R9"), "room"),
        (EditRequest(0, "swap", 0), "other"),
        (EditRequest(7, "move", 0, 0, 1), "revision"),
    ],
)
def test_nonsense_is_refused_by_the_field_at_fault(request_: EditRequest, field: str) -> None:
    variant = editable_variant()

    with pytest.raises(Invalid) as refused:
        variant_edit(variant=variant, user=member(variant.job.organization, "admin"), request=request_)
    assert refused.value.field == field
