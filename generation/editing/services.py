"""Changing a variant by hand: move, swap, pin, unpin, undo, redo.

Every edit names the revision that it was made on. It is evaluated outside the transaction; what is written then is guarded by
that revision, so of two editors at once the second is told what the first did, and nothing is overwritten.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F

from academics.access import states_for
from generation.editing.board_cache import board_of
from generation.engine.evaluation.move_effects import Board, move_effects
from generation.engine.model.problem import UNPLACED, Problem
from generation.errors import Conflict, Invalid
from generation.models import Edit, Entry, GenerationJob, Variant, Workflow
from generation.timetable.conflict_store import conflicts_write
from generation.timetable.counts import certificate_facts
from generation.timetable.provenance import code_version
from generation.timetable.results import Judgement, solution_evaluate

Action = Edit.Action
EDITABLE = states_for("variant-edits")
STATE = ("day", "period", "room", "is_time_pinned", "is_room_pinned")
PLACE = STATE[:3]
PINS = STATE[3:]
FIRST_HAND = (Action.MOVE, Action.SWAP, Action.PIN, Action.UNPIN)


@dataclass(frozen=True, slots=True)
class EditRequest:
    """What somebody wants to change. Days and periods count from 0; no room: the best one is chosen."""

    revision: int
    action: str
    lecture: int
    day: int | None = None
    period: int | None = None
    room: str | None = None
    other: int | None = None  # the lecture to swap with
    what: str = "both"  # to pin: time, room or both
    also: tuple[EditRequest, ...] = ()  # further lectures that a move moves with it


class StaleRevision(Conflict):
    """Somebody else has changed the variant since; ``edits`` are what they did, ``since`` the same as REST writes it."""

    def __init__(self, revision: int, edits: list[Edit]) -> None:
        names = ", ".join(dict.fromkeys(str(edit.user or "somebody") for edit in edits)) or "somebody"
        super().__init__("variant_changed", names=names, edits=len(edits))
        self.revision = revision
        self.edits = edits
        self.since: Any = ()

    def body(self) -> dict[str, Any]:
        return super().body() | {"revision": self.revision, "since": self.since}


def variant_edit(*, variant: Variant, user: User, request: EditRequest) -> Edit | None:
    """Makes one change and evaluates the result. None: it is so already. Writes the variant, its lectures and an edit.

    Where somebody else made just this change after the revision was looked at, it is so already by their doing, and they are named.
    """
    _check(variant, request.revision)
    changes = _CHANGES[Action(request.action)](variant, _entry(variant, request.lecture, "lecture"), request)
    changes = [change for change in changes if change["before"] != change["after"]]
    if changes:
        return _write(variant, user, Action(request.action), changes, request.revision)
    if Variant.objects.filter(pk=variant.pk, revision=request.revision).exists():
        return None
    raise stale(variant, request.revision)


def edit_undo(*, variant: Variant, user: User, revision: int) -> Edit:
    """Takes back the latest change that holds."""
    _check(variant, revision)
    target = undoable(variant=variant)
    if target is None:
        raise Conflict("nothing_to_undo")
    changes = [change | {"before": change["after"], "after": change["before"]} for change in target.changes]
    return _write(variant, user, Action.UNDO, changes, revision, target=target)


def edit_redo(*, variant: Variant, user: User, revision: int) -> Edit:
    """Makes the change again that was undone last, unless another has been made since."""
    _check(variant, revision)
    target = redoable(variant=variant)
    if target is None:
        raise Conflict("nothing_to_redo")
    return _write(variant, user, Action.REDO, target.changes, revision, target=target)


def undoable(*, variant: Variant) -> Edit | None:
    """What an undo would take back."""
    return variant.edits.select_related("user").filter(action__in=FIRST_HAND, undone_by=None).order_by("-number").first()


def redoable(*, variant: Variant) -> Edit | None:
    """What a redo would make again: undone after the latest change of its own."""
    own = variant.edits.filter(action__in=FIRST_HAND)
    latest = own.order_by("-number").values_list("number", flat=True).first() or 0
    return own.select_related("user").filter(undone_by__number__gt=latest).order_by("-undone_by__number").first()


def swap_require(entry: Entry) -> None:
    """Refuses a lecture that can't change places with any other."""
    if entry.day is None or not entry.room:
        raise Conflict("no_place_to_swap", section=entry.section)
    if entry.is_time_pinned or entry.is_room_pinned:
        raise Conflict("time_pinned", section=entry.section)


def others_to_swap(*, variant: Variant, entry: Entry, others: Collection[int]) -> dict[int, Entry]:
    """Those of these lectures that this one can change places with, by their numbers. One query."""
    found = variant.entries.filter(lecture__in=others, day__isnull=False, is_time_pinned=False, is_room_pinned=False)
    return {each.lecture: each for each in found.exclude(lecture=entry.lecture).exclude(room="").order_by("lecture")}


def closed_reason(*, variant: Variant) -> str | None:
    """The workflow's status where it does not allow changes by hand."""
    status = Workflow.objects.filter(pk=variant.job_id).values_list("status", flat=True).first() or Workflow.Status.DRAFT
    return None if status in EDITABLE else str(status)


def _check(variant: Variant, revision: int) -> None:
    if variant.job.status != GenerationJob.Status.COMPLETED:
        raise Conflict("job_unfinished", status=variant.job.status)
    closed = closed_reason(variant=variant)
    if closed is not None:
        raise Conflict("variant_closed", status=closed.replace("_", " "))
    if variant.revision != revision:
        raise stale(variant, revision)


def stale(variant: Variant, revision: int) -> StaleRevision:
    """What happened to the variant since this revision."""
    now = Variant.objects.values_list("revision", flat=True).get(pk=variant.pk)
    if revision > now:
        raise Invalid("revision_unknown", field="revision", value=revision, now=now)
    return StaleRevision(now, list(variant.edits.select_related("user").filter(number__gt=revision)))


# What each action changes.


def _moved(variant: Variant, entry: Entry, request: EditRequest) -> list[dict[str, Any]]:
    board = board_of(variant=variant)  # where it is newer than the revision, writing will be refused
    changes = [_move(board, entry, request)]
    for each in request.also:
        if each.lecture in {change["lecture"] for change in changes}:
            raise Invalid("lecture_twice", field="also", value=each.lecture)
        changes.append(_move(board, _entry(variant, each.lecture, "also"), each))
    return changes


def _move(board: Board, entry: Entry, request: EditRequest) -> dict[str, Any]:
    problem = board.problem
    slot = _slot(problem, entry, request)
    if entry.is_time_pinned and entry.day is not None and slot != _slot_of(problem, entry):
        raise Conflict("time_pinned", section=entry.section)
    room = request.room
    if room is None:
        room = (
            entry.room
            if entry.is_room_pinned and entry.room
            else problem.names.rooms[move_effects(board, entry.lecture).best_rooms()[slot]]
        )
    elif room not in problem.names.rooms:
        raise Invalid("room_unknown", field="room", room=room[:60])
    if entry.is_room_pinned and entry.room and room != entry.room:
        raise Conflict("room_pinned", section=entry.section, room=entry.room)
    day, period = divmod(slot, problem.periods_per_day)
    return _change(entry, day=day, period=period, room=room)


def _swapped(variant: Variant, entry: Entry, request: EditRequest) -> list[dict[str, Any]]:
    if request.other is None:
        raise Invalid("other_missing", field="other")
    other = _entry(variant, request.other, "other")
    if other.lecture == entry.lecture:
        raise Invalid("other_same", field="other")
    for each in (entry, other):
        swap_require(each)
    first, second = _state(entry), _state(other)
    return [_change(entry, **{name: second[name] for name in PLACE}), _change(other, **{name: first[name] for name in PLACE})]


def _pinned(value: bool) -> Any:
    def changes(variant: Variant, entry: Entry, request: EditRequest) -> list[dict[str, Any]]:
        if value and entry.day is None:
            raise Conflict("no_place_to_pin", section=entry.section)
        names = {"time": PINS[:1], "room": PINS[1:]}.get(request.what, PINS)
        return [_change(entry, **dict.fromkeys(names, value))]

    return changes


_CHANGES = {Action.MOVE: _moved, Action.SWAP: _swapped, Action.PIN: _pinned(True), Action.UNPIN: _pinned(False)}


def _slot(problem: Problem, entry: Entry, request: EditRequest) -> int:
    if request.day is None or request.period is None:
        if entry.day is None:
            raise Invalid("place_missing", field="day" if request.day is None else "period")
        if request.day is not None or request.period is not None:
            raise Invalid("place_half", field="period" if request.period is None else "day")
        return _slot_of(problem, entry)
    for name, value, bound in (("day", request.day, problem.num_days), ("period", request.period, problem.periods_per_day)):
        if not 0 <= value < bound:
            raise Invalid("number_range", field=name, name=name, value=value, low=0, high=bound - 1)
    return request.day * problem.periods_per_day + request.period


def _slot_of(problem: Problem, entry: Entry) -> int:
    return UNPLACED if entry.day is None or entry.period is None else entry.day * problem.periods_per_day + entry.period


def _entry(variant: Variant, lecture: int, field: str) -> Entry:
    found = variant.entries.filter(lecture=lecture).first()
    if found is None:
        raise Invalid("lecture_unknown", field=field, value=lecture, most=variant.entries.count() - 1)
    return found


def _state(entry: Entry) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in STATE}


def _change(entry: Entry, **after: Any) -> dict[str, Any]:
    before = _state(entry)
    return {"lecture": entry.lecture, "course": entry.course, "section": entry.section, "before": before, "after": before | after}


# Writing.


def _write(
    variant: Variant,
    user: User,
    action: Action,
    changes: Sequence[dict[str, Any]],
    revision: int,
    target: Edit | None = None,
) -> Edit:
    """Judges what the changes make of the timetable and stores both, guarded by the revision."""
    is_moved = any(change["before"][name] != change["after"][name] for change in changes for name in PLACE)
    evaluated = _evaluated_after(board_of(variant=variant), changes) if is_moved else None
    with transaction.atomic():
        # Whoever puts the variant forward waits here, or we find it put forward.
        Workflow.objects.select_for_update().filter(pk=variant.job_id).first()
        closed = closed_reason(variant=variant)
        if closed is not None:
            raise Conflict("variant_closed", status=closed.replace("_", " "))
        guarded = Variant.objects.filter(pk=variant.pk, revision=revision)
        if guarded.update(revision=F("revision") + 1, **_score_columns(variant, evaluated, revision + 1)) != 1:
            raise stale(variant, revision)
        if evaluated is not None:
            conflicts_write(variant_id=variant.pk, rows=evaluated.conflicts)
        for change in changes:
            after = change["after"]
            pinned = after["is_time_pinned"] or after["is_room_pinned"]
            variant.entries.filter(lecture=change["lecture"]).update(**after, is_pinned=pinned)
        variant.refresh_from_db(fields=["revision", "hard", "soft", "breakdown", "statistics", "certificate"])
        edit = Edit.objects.create(
            variant=variant,
            number=variant.revision,
            action=action,
            user=user,
            changes=list(changes),
            hard=variant.hard,
            soft=variant.soft,
            target=target,
        )
        if target is not None:
            Edit.objects.filter(pk=target.pk).update(undone_by=edit if action == Action.UNDO else None)
    return edit


def _score_columns(variant: Variant, evaluated: Judgement | None, revision: int) -> dict[str, Any]:
    if evaluated is None:
        return {}
    facts = certificate_facts(evaluated.breakdown) | {"code_version": code_version(), "edited_by_hand": revision}
    return {
        "hard": evaluated.score.hard,
        "soft": evaluated.score.soft,
        "breakdown": evaluated.breakdown,
        "statistics": variant.statistics | evaluated.statistics,
        "certificate": variant.certificate | facts,
    }


def _evaluated_after(board: Board, changes: Sequence[dict[str, Any]]) -> Judgement:
    problem = board.problem
    rooms = {room: index for index, room in enumerate(problem.names.rooms)}
    solution = board.solution.copy()
    for change in changes:
        after = change["after"]
        is_placed = after["day"] is not None and after["room"] in rooms
        solution.slot[change["lecture"]] = after["day"] * problem.periods_per_day + after["period"] if is_placed else UNPLACED
        solution.room[change["lecture"]] = rooms[after["room"]] if is_placed else UNPLACED
    return solution_evaluate(problem, solution)
