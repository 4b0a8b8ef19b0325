"""A timetable carried over to the data of today: its places where they still exist, evaluated against today's data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from academics.selectors import data_revision
from generation.engine.model.problem import ANY, Problem
from generation.engine.model.solution import Solution
from generation.engine.search.exchange_units import units_of
from generation.models import Entry, Seating, Variant
from generation.problem.builder import problem_hash
from generation.problem.seating_codec import seating_numbers, seating_pack
from generation.problem.stored_problem import problem_pack
from generation.retention.kept_places import Roster
from generation.retention.rosters import problem_seated
from generation.text.display_names import Naming
from generation.timetable.lecture_keys import sections_followed, sections_of
from generation.timetable.results import Judgement, entries_of, solution_evaluate
from generation.timetable.when import clocks_of
from generation.today.comparison import Carried, Fit, compared, lectures_carried
from generation.today.selectors import broken_before, problem_or_obstacle


@dataclass(frozen=True)
class CarriedOver:
    """A timetable's rows by today's data, and what differs from where it came from."""

    fit: Fit
    judgement: Judgement
    entries: list[dict[str, Any]]
    seating: bytes
    problem: bytes
    problem_hash: str


class Carrying:
    """A variant by the data of today, once for each of its revisions. Reads the whole term, unless this process has it."""

    def __init__(self, variant: Variant, earlier: Problem) -> None:
        self._earlier = earlier
        self._problem, obstacle = problem_or_obstacle(variant.job, data_revision(variant.job.organization_id))
        self._otherwise = Fit(obstacle=obstacle)
        if self._problem is not None and problem_hash(self._problem) == problem_hash(earlier):
            self._problem = None  # nothing has changed since
        self._made: tuple[int, CarriedOver | Fit] | None = None
        self.of(variant)

    def of(self, variant: Variant) -> CarriedOver | Fit:
        """Carried over, or the comparison that says why it can't be; one that fits where there is nothing to carry over to."""
        if self._problem is None:
            return self._otherwise
        if self._made is None or self._made[0] != variant.revision:
            self._made = variant.revision, _carried(variant, self._earlier, self._problem)
        return self._made[1]


def _carried(variant: Variant, earlier: Problem, problem: Problem) -> CarriedOver | Fit:
    """Four queries and the variant's lectures."""
    entries, naming = list(variant.entries.order_by("lecture")), Naming(variant.job.organization_id)
    fit = compared(
        entries,
        earlier=earlier,
        problem=problem,
        broken_before=broken_before(variant),
        clocks=clocks_of(variant.job),
        naming=naming,
    )
    if not fit.is_compared:
        return fit
    carried = lectures_carried(entries, earlier, problem)
    solution = _solution(entries, carried, problem, _seats(variant, earlier, problem))
    return CarriedOver(
        fit=fit,
        judgement=solution_evaluate(problem, solution),
        entries=_with_pins(entries_of(problem, solution, curriculum_of=naming.curriculum_of_students), entries, carried, earlier),
        seating=seating_pack(problem, solution),
        problem=problem_pack(problem),
        problem_hash=problem_hash(problem),
    )


def _solution(entries: Sequence[Entry], carried: Carried, problem: Problem, seats: Any) -> Solution:
    """Each lecture where it was; without a place where its time or room is gone."""
    solution, rooms = Solution.empty(problem), {room: index for index, room in enumerate(problem.names.rooms)}
    for entry in entries:
        lecture, is_in_week = carried.lectures.get(entry.lecture), _is_in_week(entry, problem)
        if lecture is not None and is_in_week and entry.room in rooms:
            solution.slot[lecture] = (entry.day or 0) * problem.periods_per_day + (entry.period or 0)
            solution.room[lecture] = rooms[entry.room]
    return Solution(solution.slot, solution.room, seats)


def _is_in_week(entry: Entry, problem: Problem) -> bool:
    return entry.day is not None and entry.day < problem.num_days and (entry.period or 0) < problem.periods_per_day


def _seats(variant: Variant, earlier: Problem, problem: Problem) -> Any:
    """Who sat where in the variant sits there still, as far as enrolments and sections let them; None: as assigned."""
    stored = Seating.objects.filter(variant=variant).first()
    if stored is None or not problem.has_movable_seats:
        return None
    names = sections_of(earlier)
    called = sections_followed(names, earlier, problem)
    students: dict[int, list[str]] = {section: [] for section, name in enumerate(names) if name in called}
    for student, sections in seating_numbers(stored.data).items():
        for section in sections:
            if section in students:
                students[section].append(student)
    rosters = [Roster(*called[names[section]], tuple(codes)) for section, codes in students.items()]
    return problem_seated(problem, rosters, units_of(problem)).student_sections.indices


def _with_pins(made: list[dict[str, Any]], entries: Sequence[Entry], carried: Carried, earlier: Problem) -> list[dict[str, Any]]:
    """What somebody pinned by hand stays pinned where it has its place still; what the data fix is theirs to say."""
    by_lecture = {carried.lectures[entry.lecture]: entry for entry in entries if entry.lecture in carried.lectures}
    for row in made:
        entry = by_lecture.get(row["lecture"])
        if entry is not None and row["day"] is not None:
            in_time = entry.is_time_pinned and earlier.lecture_pin_slot[entry.lecture] == ANY
            in_room = entry.is_room_pinned and earlier.lecture_pin_room[entry.lecture] == ANY
            row["is_time_pinned"] |= bool(in_time)
            row["is_room_pinned"] |= bool(in_room)
            row["is_pinned"] = row["is_time_pinned"] or row["is_room_pinned"]
    return made
