"""What is decided on answers, and the marks, free days and room preferences that are made of those that are accepted.

Everything that is written carries a mark (`is_wish`) and stands in the answer's `written`; only what agrees with both is ever taken
away, so that what somebody entered or changed by hand stays.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from academics.models import Availability, Building, CourseOffering, Instructor, Room, RoomPreference, Term
from generation.models import WishAnswer
from generation.wishes import messages
from generation.wishes.said import BUILDING, Grid, Slot, grid_of, said_of

State = WishAnswer.State
Action = Literal["accept", "soften", "return"]
DECIDED: Mapping[Action, State] = {"accept": State.ACCEPTED, "soften": State.SOFTENED, "return": State.RETURNED}
IMPOSSIBLE, FREE_DAY, SOFTENED = -4, -3, -3
AT_ONCE = 500


@dataclass(slots=True)
class Decided:
    """What became of some answers."""

    answers: list[WishAnswer] = field(default_factory=list)
    num_passed_over: int = 0  # changed meanwhile, or not sent

    @property
    def num_by_hand(self) -> int:
        """Times that were marked by hand already, and count as they are."""
        return sum(answer.written.get("by_hand", 0) for answer in self.answers)


def answers_decide(
    *, revisions: Mapping[int, int], user: User | None, action: Action, comment: str = "", rating: int = SOFTENED
) -> Decided:
    """Decides on answers as they were looked at, by id and revision; one that changed since is passed over."""
    if action == "return" and not comment.strip():
        raise messages.wrong("comment", "Say what should be changed: the answer goes back with it.")
    if len(comment) > messages.MAX_TEXT:
        raise messages.text_long("comment", "Comment")
    if rating not in messages.SOFTER:
        raise messages.wrong("rating", f"{rating!r} is none of {', '.join(map(str, messages.SOFTER))}.")
    decided = Decided()
    ids = sorted(revisions)
    for start in range(0, len(ids), AT_ONCE):
        part = {pk: revisions[pk] for pk in ids[start : start + AT_ONCE]}
        found = _decide(part, user, action, comment.strip(), rating)
        decided.answers += found
        decided.num_passed_over += len(part) - len(found)
    return decided


@transaction.atomic
def _decide(revisions: Mapping[int, int], user: User | None, action: Action, comment: str, rating: int) -> list[WishAnswer]:
    people = people_lock(WishAnswer.objects.filter(pk__in=revisions).values_list("instructor", flat=True))
    locked = WishAnswer.objects.select_for_update(of=("self",)).select_related("round__term__organization", "instructor")
    rows = [
        row
        for row in locked.filter(pk__in=revisions).exclude(state=State.OPEN).order_by("pk")
        if row.revision == revisions[row.pk] and row.sent_at is not None
    ]
    for row in rows:
        row.instructor = people[row.instructor_id]
    wishes_take_away(rows)
    if action != "return":
        by_term = defaultdict(list)
        for row in rows:
            by_term[row.round.term].append(row)
        for term, mine in by_term.items():
            _write(term, mine, rating if action == "soften" else IMPOSSIBLE)
    now = timezone.now()
    for row in rows:
        row.state, row.comment, row.decided_at, row.decided_by = DECIDED[action], comment, now, user
        row.revision += 1
    fields = ["state", "comment", "decided_at", "decided_by", "revision", "written"]
    WishAnswer.objects.bulk_create(rows, update_conflicts=True, unique_fields=["id"], update_fields=fields)
    return rows


def people_lock(people: Iterable[int]) -> dict[int, Instructor]:
    """These by id, for nobody else until the transaction ends: their free days are what several terms' answers come to write.

    Before their answers, as everybody does who locks both.
    """
    return {person.pk: person for person in Instructor.objects.select_for_update().filter(pk__in=list(people)).order_by("pk")}


def wishes_take_away(answers: Sequence[WishAnswer]) -> None:
    """Takes away what was made of these, and nothing else; the caller saves ``written``. Three queries and what they find."""
    with_any = [answer for answer in answers if answer.written]
    by_owner = {(answer.instructor_id, answer.round.term_id): answer.written for answer in with_any}
    people, terms = {person for person, _ in by_owner}, {term for _, term in by_owner}
    marks = Availability.objects.filter(is_wish=True, instructor__in=people, term__in=terms)
    gone = [
        pk
        for pk, person, term, *mark in marks.values_list("pk", "instructor_id", "term_id", "day", "period", "rating")
        if mark in by_owner.get((person, term), {}).get("marks", ())
    ]
    Availability.objects.filter(pk__in=gone).delete()
    places = {(term, *place) for (_, term), written in by_owner.items() for place in written.get("rooms", ())}
    if places:
        fields = ("pk", "offering__term_id", "offering__course__code", "room__code", "building__code", "rank")
        preferences = RoomPreference.objects.filter(is_wish=True, offering__term__in=terms).values_list(*fields)
        RoomPreference.objects.filter(pk__in=[pk for pk, *place in preferences if tuple(place) in places]).delete()
    for answer in with_any:
        if days := answer.written.get("free_days"):
            Instructor.objects.filter(pk=answer.instructor_id, min_free_days=days).update(min_free_days=0)
            answer.instructor.refresh_from_db(fields=["min_free_days"])
        answer.written = {}


def _write(term: Term, answers: Sequence[WishAnswer], impossible: int) -> None:
    grid = grid_of(term, term.organization)
    people = [answer.instructor_id for answer in answers]
    by_hand: dict[int, set[Slot]] = defaultdict(set)
    marked = Availability.objects.filter(term=term, instructor__in=people)
    for person, day, period in marked.values_list("instructor_id", "day", "period"):
        by_hand[person].add((day, period))
    rows: list[Availability] = []
    for answer in answers:
        wanted = _wanted(grid, answer, impossible)
        mine = {slot: rating for slot, rating in wanted.items() if slot not in by_hand[answer.instructor_id]}
        answer.written = {"marks": [[*slot, rating] for slot, rating in sorted(mine.items())], "by_hand": len(wanted) - len(mine)}
        rows += [
            Availability(
                organization=term.organization,
                term=term,
                instructor_id=answer.instructor_id,
                day=day,
                period=period,
                rating=rating,
                is_wish=True,
            )
            for (day, period), rating in mine.items()
        ]
        _free_days_write(answer)
    Availability.objects.bulk_create(rows, batch_size=AT_ONCE)
    _rooms_write(term, [answer for answer in answers if answer.rooms])


def _wanted(grid: Grid, answer: WishAnswer, impossible: int) -> dict[Slot, int]:
    """The marks that the answer asks for; times that the week no longer has are left out."""
    said = said_of(answer)
    days = {slot: FREE_DAY for day in said.free_days for slot in grid.day(day)}
    marks = {slot: impossible if rating == IMPOSSIBLE else rating for slot, rating in said.marks.items()}
    return {slot: rating for slot, rating in (days | marks).items() if grid.has(*slot)}


def _free_days_write(answer: WishAnswer) -> None:
    """A number of free days that somebody entered counts; one that an earlier term's answer put there gives way."""
    person = answer.instructor
    if person.min_free_days:
        earlier = WishAnswer.objects.filter(instructor=person, written__free_days=person.min_free_days).exclude(pk=answer.pk)
        for other in earlier:
            other.written.pop("free_days")
            other.save(update_fields=["written"])
        if not earlier:
            return
    if answer.num_free_days:
        answer.written["free_days"] = answer.num_free_days
    if person.min_free_days != answer.num_free_days:
        person.min_free_days = answer.num_free_days
        person.save(update_fields=["min_free_days"])


def _rooms_write(term: Term, answers: Sequence[WishAnswer]) -> None:
    """For courses that the person alone teaches, and for which nobody chose rooms: a colleague's lectures are not theirs to place."""
    alone = taught_alone(term, [answer.instructor_id for answer in answers])
    offerings = {pk for mine in alone.values() for pk in mine}
    chosen = set(RoomPreference.objects.filter(offering__in=offerings).values_list("offering_id", flat=True))
    organization = term.organization
    rooms = dict(Room.objects.filter(organization=organization).values_list("code", "pk"))
    buildings = dict(Building.objects.filter(organization=organization).values_list("code", "pk"))
    rows: list[RoomPreference] = []
    for answer in answers:
        written: list[list[Any]] = []
        for offering, course in alone.get(answer.instructor_id, {}).items():
            if offering in chosen:
                continue
            for rank, place in enumerate(answer.rooms):
                code = place.removeprefix(BUILDING)
                room, building = rooms.get(place), None if place in rooms else buildings.get(code)
                if room is None and building is None:
                    continue  # gone since the answer was sent
                rows.append(RoomPreference(offering_id=offering, rank=rank, room_id=room, building_id=building, is_wish=True))
                written.append([course, place if room else None, None if room else code, rank])
        answer.written["rooms"] = written
    RoomPreference.objects.bulk_create(rows, batch_size=AT_ONCE)


def taught_alone(term: Term, people: Collection[int]) -> dict[int, dict[int, str]]:
    """By instructor, the offerings that nobody else teaches, with the course's code. Three queries."""
    teachers: dict[int, set[int]] = defaultdict(set)
    named = CourseOffering.objects.filter(term=term).filter(Q(instructors__in=people) | Q(sections__instructors__in=people)).distinct()
    codes = dict(named.values_list("pk", "course__code"))
    for path in ("instructors", "sections__instructors"):
        rows = CourseOffering.objects.filter(pk__in=codes, **{f"{path}__isnull": False}).values_list("pk", path)
        for offering, person in rows:
            teachers[offering].add(person)
    found: dict[int, dict[int, str]] = defaultdict(dict)
    for offering, them in teachers.items():
        if len(them) == 1:
            found[next(iter(them))][offering] = codes[offering]
    return found
