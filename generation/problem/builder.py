"""Rows to arrays: the frozen problem that a run works on.

Decisions that are not plain from the rows:

- Sections and who sits in them: see `generation.problem.sectioning`; what ties a lecture to its tutorials and labs:
  `generation.problem.linked_sections`.
- Who teaches which section: see `generation.problem.teaching`, and where the program chooses `generation.problem.choosing`.
- A curriculum becomes one or more groups of sections: see `generation.problem.curriculum_groups`; student groups become curricula
  too: `generation.problem.student_groups`.
- What an instructor, a room or an offering likes counts as a dislike of everything else: the cost of a slot
  is the distance from the best rating, between 0 and 3. Only differences matter.
- What counts where a term says nothing, and where that ends: `academics.defaults`.
- A course under several codes is one lecture: see `generation.problem.cross_listed`.
- The weeks of a lecture are its meeting's, else its section's, else its offering's. What cannot be read counts as every week: the
  readiness says so, and there is no run until it is mended.
- A lecture that needs no room is in a place of its own: see `generation.problem.without_room`.
- A preferred building stands for each of its rooms; the best rank of a room counts.
- A lecture that two rules fix to different rooms needs, beside the last one, a feature that no room has: being the other as well. So
  every message about the lecture says why it has no room.
"""

from __future__ import annotations

import hashlib
import operator
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from itertools import product
from typing import Any

import numpy as np

from academics.models import Availability, Organization, Term
from academics.selectors import MARKED, MeetingRow, OfferingRow, TermRows, term_rows
from academics.term_weeks import TermWeeks, WeeksUnreadable
from academics.week_labels import DAY_NAMES
from generation.engine.model.problem import ANY, SEAT_ALONE, SEAT_FIXED, BoolArray, Csr, IntArray, Names, Problem, Weights
from generation.problem.choosing import Vacancy, instructors_chosen
from generation.problem.cross_listed import cross_listed, rows_cross_listed
from generation.problem.linked_sections import Links
from generation.problem.rule_tables import MAX_DISLIKE, Grid, RuleTables, table_of
from generation.problem.sectioning import Dealing, grouped, index_of, rows_with_parts
from generation.problem.student_groups import Attendance, rows_with_groups
from generation.problem.teaching import Teaching
from generation.problem.without_room import WithoutRoom, rows_without_room


def problem_load(
    *,
    organization: Organization,
    term: Term,
    department_id: int | None = None,
    weights: Mapping[str, int] | None = None,
    seed: int = 1,
) -> Problem:
    """The term as one problem; ``weights`` go over the organization's. Some twenty queries, whatever the size."""
    rows = term_rows(organization=organization, term=term, department_id=department_id)
    return problem_of_rows(organization=organization, term=term, rows=rows, weights=weights, seed=seed)


def problem_of_rows(
    *, organization: Organization, term: Term, rows: TermRows, weights: Mapping[str, int] | None = None, seed: int = 1
) -> Problem:
    """The same from rows that have been read."""
    known = {f.name for f in fields(Weights)}
    chosen = {name: int(value) for name, value in {**organization.weights, **(weights or {})}.items() if name in known}
    problem = problem_from_rows(rows, name=f"{organization.code} {term.code}", weights=Weights(**chosen), seed=seed)
    return replace(
        problem,
        # In the ITC-2007 formulation a student without a seat costs, and never forbids.
        capacity_is_hard=organization.hardness.get("room_capacity", organization.source.get("formulation") != "udine2007"),
        daily_load_is_hard=organization.hardness.get("daily_load", False),
        consecutive_load_is_hard=organization.hardness.get("consecutive_load", False),
        free_days_is_hard=organization.hardness.get("free_days", False),
        free_half_days_is_hard=organization.hardness.get("free_half_days", False),
        source=organization.source | problem.source | ({"cross_listed": also} if (also := cross_listed(rows)) else {}),
    )


def problem_from_rows(rows: TermRows, *, name: str, weights: Weights, seed: int) -> Problem:
    """The same from plain rows, without a database."""
    return _Builder(rows, seed, weights).problem(name)


# Without a value they leave the hashes of problems as they were before they came.
LATER_FIELDS = frozenset(
    {
        "week_start",
        "instructor_free_days",
        "instructor_free_half_days",
        "free_days_is_hard",
        "free_half_days_is_hard",
        "num_weeks",
        "lecture_weeks",
        "free_days",  # the weights
        "free_half_days",
    }
)


def problem_hash(problem: Problem) -> str:
    """SHA-256 over everything that steers a run: arrays, weights, names and switches."""
    digest = hashlib.sha256()
    for f in fields(problem):
        value = getattr(problem, f.name)
        # Facts for writing files steer nothing.
        if f.name == "source" or (f.name in LATER_FIELDS and not np.any(value)):
            continue
        if isinstance(value, Weights) and not (problem.instructor_free_days.any() or problem.instructor_free_half_days.any()):
            value = f"Weights({', '.join(f'{name}={cost}' for name, cost in value.as_dict().items() if name not in LATER_FIELDS)})"
            digest.update(f.name.encode() + value.encode())
            continue
        digest.update(f.name.encode())
        for part in (value.indptr, value.indices) if isinstance(value, Csr) else (value,):
            digest.update(f"{part.dtype}{part.shape}".encode() + part.tobytes() if isinstance(part, np.ndarray) else repr(part).encode())
    return digest.hexdigest()


@dataclass(frozen=True)
class _Section:
    """A section as the engine will see it."""

    offering: OfferingRow
    code: str
    size: int
    instructors: tuple[int, ...]  # indices
    weeks: str = ""  # as they are written


class _Builder:
    """One load: indices by row id, then each block of arrays in a method of its own."""

    def __init__(self, rows: TermRows, seed: int, weights: Weights) -> None:
        self.weights = weights
        self.rows = rows = rows_with_parts(rows_with_groups(rows_without_room(rows_cross_listed(rows))))
        self.num_days = rows.num_days
        self.num_periods = len(rows.periods)
        self.grid = Grid(rows)
        self.room = index_of(room.id for room in rows.rooms)
        self.feature = index_of(feature.id for feature in rows.features)
        self.building = index_of(building.id for building in rows.buildings)
        self.department = index_of(department.id for department in rows.departments)
        self.instructor = index_of(instructor.id for instructor in rows.instructors)
        self.offering = index_of(offering.id for offering in rows.offerings)
        self.meetings: dict[int, list[MeetingRow]] = grouped((m.offering_id, m) for m in rows.meetings)
        self.kinds = tuple(dict.fromkeys([r.kind for r in rows.rooms] + [m.room_kind for m in rows.meetings if m.room_kind]))
        self.dealing = Dealing(rows, np.random.default_rng(seed))
        self.seats, self.given, self.student_group = self.dealing.seats, self.dealing.given, self.dealing.student_group
        self.teaching = Teaching(rows)
        ends = np.cumsum(self.dealing.num_sections).tolist()
        self.offering_sections = [range(end - count, end) for end, count in zip(ends, self.dealing.num_sections, strict=True)]
        self.links = Links(self.dealing, self.offering_sections)
        self.attendance = Attendance(rows, self.dealing, self.offering_sections)
        self.groups = self._curriculum_groups()
        self.groups += self.attendance.curricula()
        self.sections = [section for i, offering in enumerate(rows.offerings) for section in self._sections_of(i, offering)]
        self.rules = RuleTables(rows, self.grid, self.offering, self.room, self.offering_sections, self.lectures)
        self.chosen = self._instructors_chosen() if rows.can_teach else {}
        self.sections = [
            replace(section, instructors=(self.chosen[number],)) if number in self.chosen else section
            for number, section in enumerate(self.sections)
        ]
        self.without_room = WithoutRoom(rows, self.lectures, [self._wish(section) for section in self.sections])

    def _wish(self, section: _Section) -> tuple[int | None, int]:
        """Of a section what a room might fall short of: its preferred building, and its size where empty seats have a cost."""
        return section.offering.building_id, section.size if self.weights.room_fit else 0

    def problem(self, name: str) -> Problem:
        rows = self.rows
        return Problem(
            name=name,
            num_days=self.num_days,
            periods_per_day=self.num_periods,
            names=self._names(),
            weights=self.weights,
            source=self._choices(),
            **self._lectures(),
            **self._weeks(),
            **self._sections(),
            **self.without_room.rooms_with(self._rooms(), self.kinds, self.building, [section.size for section in self.sections]),
            **self._instructors(),
            **self._seating(),
            no_overlap=self._no_overlap(),
            section_parent=self.links.parents(),
            section_limit=self.links.limits(),
            avoid_overlap=self.rules.avoid_overlap(),
            lecture_pairs=self.rules.lecture_pairs(),
            same_start=self.rules.same_start(),
            same_start_factor=self.rules.same_start_factor(),
            break_after=np.array([p.break_after for p in rows.periods], dtype=bool),
            lunch_window=np.array([p.is_lunch for p in rows.periods], dtype=bool),
            same_start_is_hard=self.rules.same_start_is_hard,
            blocked_starts=self.rules.blocked_starts(),
            preferred_rooms=self._preferred_rooms(),
            capacity_tolerance=rows.seats_tolerance,
            capacity_tolerance_percent=rows.seats_tolerance_percent,
            week_start=rows.week_start,
        )

    # Sections and who sits in them.

    def _sections_of(self, i: int, offering: OfferingRow) -> Iterable[_Section]:
        num, seated = self.dealing.num_sections[i], Counter(self.seats[i].values())
        own = self.dealing.own_sections.get(offering.id, [])
        teachers = self.teaching.teachers(offering.id, own, num)
        for number in range(num):
            attending = self.attendance.size(self.offering_sections[i][number])
            size = seated[number] if self.seats[i] else attending or self.dealing.expected_size(i, number)
            code, weeks = offering.code if num == 1 else f"{offering.code}/{number + 1}", offering.weeks
            if own:
                code, size, weeks = own[number].code, own[number].size or size, own[number].weeks or weeks
            yield _Section(offering, code, size, tuple(self.instructor[id_] for id_ in teachers[number]), weeks)

    def _curriculum_groups(self) -> list[tuple[str, list[int]]]:
        """Each group of every curriculum: its name and its sections."""
        offerings: dict[int, list[int]] = defaultdict(list)
        for offering, linked in self.rows.offering_curricula.items():
            for curriculum_id in linked:
                offerings[curriculum_id].append(self.offering[offering])
        groups = []
        for position, curriculum in enumerate(self.rows.curricula):
            taken = sorted(offerings.get(curriculum.id, ()))
            parts = self.links.groups(position, taken, self._curriculum_seats(position, taken))
            self._join_groups(position, taken, parts)
            groups += [(curriculum.code if len(parts) == 1 else f"{curriculum.code}/{n}", part) for n, part in enumerate(parts, 1)]
        return groups

    def _join_groups(self, curriculum: int, offerings: Sequence[int], groups: Sequence[Sequence[int]]) -> None:
        """A student assigned across two groups joins the nearest one that has seats: inside a group no core courses can clash."""
        members = {student for o in offerings for student in self.seats[o] if self.student_group[student] == curriculum}
        bound = {student for offering, student in self.given if offering in offerings}
        for student in sorted(members - bound):
            mine = {self.offering_sections[o][self.seats[o][student]] for o in offerings if student in self.seats[o]}
            near = sorted(groups, key=lambda group: -len(mine.intersection(group)))
            if not mine.issubset(near[0]):
                ways = (
                    [move for move in self._moves(student, offerings, group) if move[1] != self.seats[move[0]][student]] for group in near
                )
                for offering, number in next((way for way in ways if all(self.dealing.may_join(o, student, n) for o, n in way)), []):
                    self.seats[offering][student] = number

    def _moves(self, student: int, offerings: Sequence[int], group: Sequence[int]) -> Iterable[tuple[int, int]]:
        """The student's offerings with the number that the group's section has there."""
        for offering in offerings:
            if student in self.seats[offering]:
                yield from ((offering, n) for n, section in enumerate(self.offering_sections[offering]) if section in group)

    def _curriculum_seats(self, curriculum: int, offerings: Sequence[int]) -> dict[int, frozenset[int]]:
        seats: dict[int, set[int]] = defaultdict(set)
        for offering in offerings:
            for student, number in self.seats[offering].items():
                if self.student_group[student] == curriculum:
                    seats[self.offering_sections[offering][number]].add(student)
        return {section: frozenset(students) for section, students in seats.items()}

    def _seating(self) -> dict[str, Any]:
        """Who sits where, and who may change to a parallel section.

        A student's core courses move together, and so does a lecture with its tutorials and labs; where the institution has
        named the section of one, none of them moves.
        """
        core = self._core_offerings()
        rows: list[list[tuple[int, int]]] = [[] for _ in self.dealing.students]  # (section, bundle)
        bound = {student for offering, student in self.given if self.student_group[student] in core[offering]}
        linked = {(self.dealing.lecture.get(offering, offering), student) for offering, student in self.given}
        for offering, (sections, seats) in enumerate(zip(self.offering_sections, self.seats, strict=True)):
            lecture = self.dealing.lecture.get(offering, offering)
            alone = len(self.rows.curricula) + lecture if offering in self.dealing.families else SEAT_ALONE
            for student, number in seats.items():
                group = int(self.student_group[student])
                is_core = group in core[offering]
                is_fixed = (lecture, student) in linked or (is_core and student in bound)
                rows[student].append((sections[number], SEAT_FIXED if is_fixed else group if is_core else alone))
        rows = [sorted(row) for row in rows]
        return {
            "student_sections": Csr.of([[section for section, _ in row] for row in rows]),
            "section_offering": _ints(offering for offering, sections in enumerate(self.offering_sections) for _ in sections),
            "seat_bundle": _ints(bundle for row in rows for _, bundle in row),
        }

    def _no_overlap(self) -> IntArray:
        pairs, linked = self.rules.no_overlap(), self.links.apart()
        return table_of({*map(tuple, pairs.tolist()), *linked}, 2) if linked else pairs

    def _core_offerings(self) -> list[set[int]]:
        """For each offering the curricula that it belongs to, as `student_group` numbers them."""
        number = index_of(curriculum.id for curriculum in self.rows.curricula)
        linked = self.rows.offering_curricula
        return [{number[c] for c in linked.get(offering.id, ())} for offering in self.rows.offerings]

    # Blocks of arrays.

    @cached_property
    def lectures(self) -> list[tuple[int, MeetingRow]]:
        """Every lecture: its section and the meeting it belongs to."""
        return [
            (section, meeting)
            for sections in self.offering_sections
            for section in sections
            for meeting in self.meetings.get(self.sections[section].offering.id, ())
            for _ in range(meeting.count)
        ]

    def _lectures(self) -> dict[str, Any]:
        meetings = [meeting for _, meeting in self.lectures]
        features = np.zeros((len(meetings), len(self.feature) + len(self.rules.second_rooms)), dtype=bool)
        for lecture, meeting in enumerate(meetings):
            features[lecture, [self.feature[f] for f in self.rows.meeting_features.get(meeting.id, ())]] = True
        for number, (_, lectures) in enumerate(self.rules.second_rooms, len(self.feature)):
            features[lectures, number] = True
        features = self.without_room.features_of(features, [meeting.room_kind for meeting in meetings])
        pin_slot, pin_room = self.rules.pins()
        return {
            "lecture_section": _ints(section for section, _ in self.lectures),
            "lecture_length": _ints(meeting.length for meeting in meetings),
            "lecture_room_kind": _ints(self.kinds.index(m.room_kind) if m.room_kind else ANY for m in meetings),
            "lecture_features": features,
            "lecture_pin_slot": pin_slot,
            "lecture_pin_room": pin_room,
        }

    def _weeks(self) -> dict[str, Any]:
        """In which weeks each lecture is held; nothing where all are held in every week."""
        texts = [meeting.weeks or self.sections[section].weeks for section, meeting in self.lectures]
        if not any(texts):
            return {}
        term = self.rows.weeks
        masks = {text: _mask(term, text) for text in set(texts)}
        if not any(masks.values()):
            return {}
        return {"num_weeks": term.num_weeks, "lecture_weeks": np.array([masks[text] or term.all for text in texts], dtype=np.uint64)}

    def _sections(self) -> dict[str, Any]:
        curricula: list[list[int]] = [[] for _ in self.sections]
        for curriculum, (_, sections) in enumerate(self.groups):
            for section in sections:
                curricula[section].append(curriculum)
        offerings = [section.offering for section in self.sections]
        open_, dislike = self._section_slots()
        return {
            "section_size": _ints(section.size for section in self.sections),
            "section_min_days": self._min_days(open_),
            "section_available": open_,
            "section_dislike": dislike if dislike.any() else np.zeros((0, 0), dtype=np.int32),
            "section_building": _ints(self.building.get(o.building_id, ANY) for o in offerings),
            "section_instructors": Csr.of([section.instructors for section in self.sections]),
            "section_curricula": Csr.of(curricula),
            "section_cluster_hint": _ints(self.department.get(o.department_id, -1) for o in offerings),
        }

    def _section_slots(self) -> tuple[BoolArray, IntArray]:
        """What is open and disliked, by section and timeslot."""
        of = [self.offering[section.offering.id] for section in self.sections]
        ratings = self._ratings("section_id", self._own_section_index(), self._ratings("offering_id", self.offering)[of])
        return self.rules.bands(ratings > Availability.BLOCKED, _dislikes(ratings))

    def _instructors_chosen(self) -> dict[int, int]:
        """By section the instructor that is chosen for it, where the offering says so and nobody is named."""
        periods = np.zeros(len(self.sections), dtype=np.int64)
        for taught, meeting in self.lectures:
            periods[taught] += meeting.length
        open_, free = self._section_slots()[0], self._ratings("instructor_id", self.instructor) > Availability.BLOCKED
        loads = Counter[int]()
        vacancies = []
        for number, section in enumerate(self.sections):
            loads.update({who: int(periods[number]) for who in section.instructors})
            people = [] if section.instructors or not periods[number] else self.rows.can_teach.get(section.offering.id, [])
            able = [self.instructor[each] for each in people if each not in self.teaching.nobody]
            able = [who for who in able if np.count_nonzero(open_[number] & free[who]) >= periods[number]]
            if able:
                vacancies.append(Vacancy(number, int(periods[number]), tuple(able)))
        slots = free.sum(axis=1).tolist()
        most = {who: min(row.max_weekly_periods or slots[who], slots[who]) for who, row in enumerate(self.rows.instructors)}
        return instructors_chosen(vacancies, loads=loads, most=most)

    def _choices(self) -> dict[str, object]:
        """Who was chosen, as plain values, for results that say so."""
        codes = [row.code for row in self.rows.instructors]
        chosen = [[self.sections[section].offering.code, self.sections[section].code, codes[who]] for section, who in self.chosen.items()]
        return {"chosen_instructors": sorted(chosen)} if chosen else {}

    def _min_days(self, section_open: BoolArray) -> IntArray:
        """Where no number of days is set, no more than there are on which the section and its instructors can meet."""
        instructor_open = self._ratings("instructor_id", self.instructor) > Availability.BLOCKED
        found = []
        for section, is_open in zip(self.sections, section_open, strict=True):
            days = section.offering.min_days
            if section.offering.id in self.rows.spread_usual:
                open_ = is_open & instructor_open[list(section.instructors)].all(axis=0)
                most = np.count_nonzero(open_.reshape(self.num_days, self.num_periods).any(axis=1))
                days = min(days, int(most)) if most > 1 else 0
            found.append(days)
        return _ints(found)

    def _rooms(self) -> dict[str, Any]:
        rooms = self.rows.rooms
        features = np.zeros((len(rooms), len(self.feature) + len(self.rules.second_rooms)), dtype=bool)
        for room, tags in self.rows.room_features.items():
            features[self.room[room], [self.feature[tag] for tag in tags]] = True
        ratings = self._ratings("room_id", self.room)
        dislike, sharing = _dislikes(ratings), _ints(room.sharing for room in rooms)
        return {
            "room_capacity": _ints(room.capacity for room in rooms),
            "room_kind": _ints(self.kinds.index(room.kind) for room in rooms),
            "room_features": features,
            "room_building": _ints(self.building.get(room.building_id, ANY) for room in rooms),
            "room_available": ratings > Availability.BLOCKED,
            "room_dislike": dislike if dislike.any() else np.zeros((0, 0), dtype=np.int32),
            "room_sharing": sharing if (sharing > 1).any() else np.zeros(0, dtype=np.int32),
        }

    def _instructors(self) -> dict[str, Any]:
        rows = self.rows.instructors
        ratings = self._ratings("instructor_id", self.instructor)
        return {
            "instructor_available": ratings > Availability.BLOCKED,
            "instructor_dislike": _dislikes(ratings),
            "instructor_max_daily": _ints(row.max_daily_periods for row in rows),
            "instructor_max_weekly": _ints(row.max_weekly_periods for row in rows),
            "instructor_max_consecutive": _ints(row.max_consecutive_periods for row in rows),
            "instructor_free_days": _any(_ints(row.min_free_days or self.rows.min_free_days for row in rows)),
            "instructor_free_half_days": _any(_ints(row.min_free_half_days or self.rows.min_free_half_days for row in rows)),
        }

    def _own_section_index(self) -> dict[int | None, int]:
        """Where the sections that the institution has formed itself stand."""
        return {
            row.id: sections[number]
            for offering, sections in zip(self.rows.offerings, self.offering_sections, strict=True)
            for number, row in enumerate(self.dealing.own_sections.get(offering.id, ()))
        }

    def _ratings(self, owner: str, index: Mapping[int | None, int], base: IntArray | None = None) -> IntArray:
        """Ratings of each owner's timeslots, over those of `base`; marks outside the weekly grid fall away with their slot."""
        ratings = np.zeros((len(index), self.num_days * self.num_periods), dtype=np.int32) if base is None else base
        for id_, slot, rating in self._marks[owner]:
            position = index.get(id_)
            if position is not None:
                ratings[position, slot] = rating
        return ratings

    @cached_property
    def _marks(self) -> dict[str, list[tuple[int, int, int]]]:
        """By what is marked: whose, the timeslot and the rating; read once, for there are tens of thousands."""
        found: dict[str, list[tuple[int, int, int]]] = defaultdict(list)
        owners = [f"{owner}_id" for owner in MARKED]
        ids = [operator.attrgetter(owner) for owner in owners]
        for row in self.rows.availability:
            slot = self.grid.slot(row.day, row.period)
            if slot is not None:
                for owner, id_of in zip(owners, ids, strict=True):
                    if (id_ := id_of(row)) is not None:
                        found[owner].append((id_, slot, row.rating))
        return found

    def _preferred_rooms(self) -> IntArray:
        of_building: dict[int, list[int]] = grouped((room.building_id, room.id) for room in self.rows.rooms if room.building_id)
        best: dict[tuple[int, int], int] = {}
        for row in self.rows.room_preferences:
            rooms = [row.room_id] if row.building_id is None else of_building.get(row.building_id, [])
            for section, room in product(self.offering_sections[self.offering[row.offering_id]], rooms):
                key = section, self.room[room]
                best[key] = min(row.rank, best.get(key, row.rank))
        best |= self.without_room.preferred(best)
        return table_of(((*key, rank) for key, rank in best.items()), 3)

    def _names(self) -> Names:
        rows = self.rows
        return Names(
            sections=tuple(section.code for section in self.sections),
            courses=tuple(section.offering.code for section in self.sections),
            titles=tuple(section.offering.title for section in self.sections),
            rooms=(*(room.code for room in rows.rooms), *self.without_room.codes),
            instructors=tuple(instructor.code for instructor in rows.instructors),
            curricula=tuple(code for code, _ in self.groups),
            students=tuple(student.code for student in self.dealing.students),
            room_kinds=self.kinds,
            features=(
                *(feature.code for feature in rows.features),
                *(f"room {rows.rooms[room].code} as well, to which another rule fixes it" for room, _ in self.rules.second_rooms),
                *self.without_room.features,
            ),
            buildings=tuple(building.code for building in rows.buildings),
            days=DAY_NAMES[: self.num_days],
            periods=tuple(period.label for period in rows.periods),
        )


def _dislikes(ratings: IntArray) -> IntArray:
    """How far each open timeslot is from the best rating of its row; a table without wishes stays empty of them."""
    best = np.maximum(ratings.max(axis=1, initial=0), 0)
    distance = np.clip(best[:, None] - ratings, 0, MAX_DISLIKE)
    dislikes: IntArray = np.where(ratings > Availability.BLOCKED, distance, 0).astype(np.int32)
    return dislikes


def _mask(term: TermWeeks, text: str) -> int:
    try:
        return term.read(text)
    except WeeksUnreadable:
        return 0


def _ints(values: Iterable[int]) -> IntArray:
    return np.fromiter(values, dtype=np.int32)


def _any(values: IntArray) -> IntArray:
    """The values, or none where all are 0: that switches their rule off."""
    return values if values.any() else np.zeros(0, dtype=np.int32)
