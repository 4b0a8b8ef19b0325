"""Which wishes a timetable keeps, and for those that it does not, which lecture lies there and what moving it would cost whom."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from academics.models import Term
from academics.week_labels import DAY_NAMES
from generation.editing.board_cache import board_of
from generation.engine.constraints.register import CONSTRAINTS
from generation.engine.evaluation.move_effects import Board, move_effects
from generation.engine.evaluation.people_affected import people_affected
from generation.models import Variant, WishAnswer, Workflow
from generation.text import messages as texts
from generation.timetable.lectures import Lecture, lectures_of
from generation.timetable.when import Clock, clocks_of, when_words
from generation.wishes import messages
from generation.wishes.said import BUILDING, Grid, Said, Slot, said_of

MOST_PRICED = 20  # lectures; each is tried at every time of the week


@dataclass(frozen=True, slots=True)
class Missed:
    """A wish that was not kept: by which lecture, and what its best place elsewhere would cost."""

    wish: str
    lecture: str
    cost: str  # empty where nothing sure can be said


@dataclass(frozen=True, slots=True)
class Receipt:
    """The wishes of one answer beside a timetable."""

    label: str
    kept: tuple[str, ...] = ()
    missed: tuple[Missed, ...] = ()
    num_lectures: int = 0


@dataclass(slots=True)
class _Week:
    """The person's lectures, by the timeslots that they occupy; periods by their place in the day, as timetables count them."""

    lectures: Sequence[Lecture]
    grid: Grid
    clocks: Sequence[Clock]
    by_slot: dict[Slot, list[Lecture]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        for lecture in self.lectures:
            if lecture.day is not None and lecture.period is not None:
                for period in range(lecture.period, lecture.end):
                    self.by_slot[lecture.day, period].append(lecture)

    def slots(self, said: Said, rating: int) -> list[Slot]:
        places = {index: place for place, index in enumerate(self.grid.indexes)}
        return [(day, places[period]) for (day, period), rated in said.marks.items() if rated == rating and period in places]

    def at(self, slots: Collection[Slot]) -> dict[int, Lecture]:
        return {lecture.number: lecture for slot in slots for lecture in self.by_slot.get(slot, ())}

    def day(self, day: int) -> list[Slot]:
        return [(day, place) for place in range(len(self.grid.indexes))]

    def words(self, lecture: Lecture) -> str:
        return f"{lecture.title or lecture.course} ({lecture.section}) lies on {when_words(lecture.day, lecture.period, self.clocks)}"


def variant_of(term: Term, *, is_manager: bool = False) -> Variant | None:
    """The published timetable of the term; for whoever decides, as long as there is none, the one that was put forward last."""
    workflows = Workflow.objects.filter(job__term=term, variant__isnull=False).select_related("variant__job__term")
    workflows = workflows.defer("variant__conflicts", "variant__certificate")
    shown = workflows.filter(status=Workflow.Status.PUBLISHED).first()
    if shown is None and is_manager:
        shown = workflows.exclude(status=Workflow.Status.ARCHIVED).order_by("-updated_at").first()
    return shown.variant if shown else None


def receipt_of(answer: WishAnswer, variant: Variant, grid: Grid) -> Receipt:
    """A query for the lectures; where a wish was missed, the timetable laid out, which is kept for the next."""
    code = answer.instructor.code
    mine = [lecture for lecture in lectures_of(variant) if code in lecture.instructors]
    said, week = said_of(answer), _Week(mine, grid, clocks_of(variant.job))
    kept: list[str] = []
    missed: list[tuple[str, Lecture]] = []
    avoided = {slot for rating in (-4, -2) for slot in week.slots(said, rating)} | {
        slot for day in said.free_days for slot in week.day(day)
    }
    for word in ("impossible", "rather_not"):
        slots = week.slots(said, messages.WISHES[word])
        found = week.at(slots)
        num = sum(not week.by_slot.get(slot) for slot in slots)
        kept += (
            [f"{num} of {len(slots)} time{'' if len(slots) == 1 else 's'} marked as {messages.WISH_LABELS[word]} stay free."] if num else []
        )
        missed += [(f"Marked as {messages.WISH_LABELS[word]}", lecture) for lecture in found.values()]
    for day in said.free_days:
        found = week.at(week.day(day))
        kept += [] if found else [f"{DAY_NAMES[day % 7]} is free."]
        missed += [(f"{DAY_NAMES[day % 7]} off", lecture) for lecture in found.values()]
    kept += _facts(said, week)
    return Receipt(variant.label, tuple(kept), tuple(_priced(variant, week, missed, avoided)), len(mine))


def _facts(said: Said, week: _Week) -> list[str]:
    """What is counted and not missed by one lecture."""
    found = []
    taught = {lecture.day for lecture in week.lectures if lecture.day is not None}
    free = week.grid.term.num_days - len(taught)
    if said.num_free_days:
        found.append(f"{free} day{'' if free == 1 else 's'} without lectures; {said.num_free_days} wished.")
    if likes := week.slots(said, messages.WISHES["like"]):
        used = sum(bool(week.by_slot.get(slot)) for slot in likes)
        found.append(f"{used} of {_times(len(likes))} that you would like have a lecture.")
    if said.rooms and week.lectures:
        wanted = {place for place in said.rooms if not place.startswith(BUILDING)}
        if wanted:
            there = sum(lecture.room in wanted for lecture in week.lectures)
            found.append(f"{there} of {len(week.lectures)} lectures are in {' or '.join(sorted(wanted))}.")
    if said.shape:
        found.append(
            f"Lectures on {len(taught)} day{'' if len(taught) == 1 else 's'}; wished: {WishAnswer.Shape(said.shape).label.lower()}."
        )
    return found


def _times(number: int) -> str:
    return "1 time" if number == 1 else f"{number:,} times"


def _priced(variant: Variant, week: _Week, missed: Sequence[tuple[str, Lecture]], avoided: Collection[Slot]) -> list[Missed]:
    if not missed:
        return []
    board = board_of(variant=variant)
    costs: dict[int, str] = {}
    for _, lecture in missed:
        if lecture.number not in costs and len(costs) < MOST_PRICED:
            costs[lecture.number] = _cost(board, lecture, week, avoided)
    return [Missed(wish, week.words(lecture), costs.get(lecture.number, "")) for wish, lecture in missed]


def _cost(board: Board, lecture: Lecture, week: _Week, avoided: Collection[Slot]) -> str:
    """Of the best place that keeps all of the person's wishes for times; nobody is named, for the reader need not know them."""
    effects, people = move_effects(board, lecture.number), people_affected(board, lecture.number)
    periods = board.problem.periods_per_day
    rooms = effects.best_rooms().tolist()
    starts = [
        slot
        for slot in range(len(rooms))
        if slot % periods + lecture.length <= periods
        and not any((slot // periods, slot % periods + more) in avoided for more in range(lecture.length))
    ]
    if not starts:
        return "There is no other time of the week that would keep all your wishes."
    best = min(starts, key=lambda slot: (effects.score(slot, rooms[slot]), slot))
    room = board.problem.names.rooms[rooms[best]]
    where = f"{when_words(best // periods, best % periods, week.clocks)}, {room}"
    harms = _harms(effects.change(best, rooms[best]), students=people.change(people.students, best).newly)
    if harms:
        return f"Its best other place is {where}. There {'; '.join(harms)}."
    soft = effects.score(best, rooms[best]).soft
    return f"{where} would break no rule" + (f"; other wishes would be missed there, at a cost of {soft:,}." if soft > 0 else ".")


def _harms(changes: dict[str, int], *, students: int) -> list[str]:
    found = [f"{students:,} student{'' if students == 1 else 's'} would clash"] if students > 0 else []
    worse = [name for name, amount in changes.items() if amount > 0 and CONSTRAINTS[name].is_hard]
    return found + [f"{texts.constraint_label(name)}: {texts.broken_words(changes[name])} more" for name in worse]
