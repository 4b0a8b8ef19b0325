"""Saving, sending and withdrawing an answer, and what the last term's said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db import transaction
from django.utils import timezone

from generation.models import WishAnswer, WishRound
from generation.wishes import messages
from generation.wishes.decisions import people_lock, wishes_take_away
from generation.wishes.said import Grid, Said, said_of

State = WishAnswer.State
AT_ONCE = 500
SAID = ("marks", "free_days", "num_free_days", "rooms", "shape", "reason", "remarks")


def answer_save(*, answer: WishAnswer, said: Said, revision: int, is_sent: bool) -> WishAnswer:
    """Keeps it as a draft, or sends it. What was accepted before stays in force until somebody decides on the new one."""
    with transaction.atomic():
        mine = _locked(answer, revision)
        # What was sent once has no draft any more: whoever decides must never read half of one.
        is_sent = is_sent or mine.state not in (State.OPEN, State.RETURNED)
        for name, value in said.columns().items():
            setattr(mine, name, value)
        mine.revision += 1
        if is_sent:
            mine.state, mine.sent_at, mine.comment = State.SENT, timezone.now(), ""
        else:
            mine.state, mine.sent_at = State.OPEN, None  # of one that came back, too: a draft is its writer's alone
        mine.save()
    return mine


def answer_withdraw(*, answer: WishAnswer, revision: int) -> WishAnswer:
    """Takes it back, with everything that was made of it; what it said stays as a draft."""
    with transaction.atomic():
        people_lock([answer.instructor_id])
        mine = _locked(answer, revision)
        wishes_take_away([mine])
        mine.state, mine.sent_at, mine.decided_at, mine.comment = State.OPEN, None, None, ""
        mine.revision += 1
        mine.save()
    return mine


def answers_import(*, found: WishRound, said: Mapping[int, Said], has_precedence: bool = True) -> int:
    """Puts these in as sent, by the id of the instructor; whoever had none to give has one now. How many there were.

    Without ``has_precedence``, what somebody sent already stays as it is.
    """
    now = timezone.now()
    with transaction.atomic():
        if not has_precedence:
            sent = WishAnswer.objects.select_for_update().filter(round=found, instructor__in=said)
            there = set(sent.exclude(state__in=(State.OPEN, State.RETURNED)).values_list("instructor_id", flat=True))
            said = {person: each for person, each in said.items() if person not in there}
        WishAnswer.objects.bulk_create(
            (WishAnswer(round=found, instructor_id=pk) for pk in said), batch_size=AT_ONCE, ignore_conflicts=True
        )
        rows = list(WishAnswer.objects.select_for_update().filter(round=found, instructor__in=said).order_by("pk"))
        for row in rows:
            for name, value in said[row.instructor_id].columns().items():
                setattr(row, name, value)
            row.state, row.sent_at, row.comment, row.revision = State.SENT, now, "", row.revision + 1
        # Not `bulk_update`, whose statement has a case for each row and column.
        fields = [*SAID, "state", "sent_at", "comment", "revision"]
        WishAnswer.objects.bulk_create(rows, update_conflicts=True, unique_fields=["id"], update_fields=fields)
    return len(rows)


def answer_before(answer: WishAnswer) -> WishAnswer | None:
    """What the same person sent for an earlier term, the newest."""
    earlier = WishAnswer.objects.filter(instructor=answer.instructor_id, sent_at__isnull=False).exclude(round=answer.round_id)
    return earlier.select_related("round__term").order_by("-round__closes_at").first()


def said_before(earlier: WishAnswer, grid: Grid) -> tuple[Said, int]:
    """As this term's week can take it: times by their clock, and how many have none here."""
    clocks = {period.starts_at: period.index for period in grid.periods}
    then = {period.index: clocks.get(period.starts_at) for period in earlier.round.term.periods.all()}
    said, marks, lost = said_of(earlier), {}, 0
    for (day, period), rating in said.marks.items():
        now = then.get(period)
        if now is None or day >= grid.term.num_days:
            lost += 1
        else:
            marks[day, now] = rating
    days = tuple(day for day in said.free_days if day < grid.term.num_days)
    rooms = tuple(_known(said.rooms, grid))
    return Said(marks, days, min(said.num_free_days, grid.term.num_days), rooms, said.shape, said.reason, said.remarks), lost


def _known(rooms: Iterable[str], grid: Grid) -> Iterable[str]:
    return (code for code in rooms if code in grid.rooms or code.partition(" ")[2] in grid.buildings)


def _locked(answer: WishAnswer, revision: int) -> WishAnswer:
    """The row, for nobody else until it is written; refused where it is not the one that was looked at, or its link has ended meanwhile.

    Not the form's row nor the term's, for which everybody else who answers would wait.
    """
    rows = WishAnswer.objects.select_for_update(of=("self",)).select_related("round__term", "instructor")
    mine = rows.filter(pk=answer.pk, link_key=answer.link_key).first()
    if mine is None:
        raise messages.answer_unknown()
    if not mine.round.is_open:
        raise messages.conflict(messages.CLOSED)
    if mine.revision != revision:
        raise messages.conflict(messages.CHANGED_HERE)
    return mine
