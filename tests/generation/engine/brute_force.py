"""Every count of the judge once more, by asking every question one by one: for problems of a dozen lectures."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations, product

from generation.engine.model.problem import (
    BEFORE,
    BEFORE_IN_DAY,
    BUSY_DAY_PAIRS,
    BUSY_DAYS,
    BUSY_PERIODS,
    DAY_PAIRS_APART,
    DAY_PAIRS_WITHIN,
    DAYS_APART,
    DAYS_WITHIN,
    FULL_DAY_PAIRS,
    GROUPED,
    GROUPED_IN_DAY,
    GROUPED_IN_DAY_PAIR,
    IDLE_PERIODS,
    LATE_DAYS,
    LATE_PERIODS,
    LONGEST_RUN,
    OTHER_STARTS,
    PERIODS_APART_IN_DAY,
    SAME_DAY,
    SAME_PERIOD,
    SPAN,
    Problem,
)
from generation.engine.model.solution import Solution

# What everybody's day, or whole week, is found to lack: by constraint, a function of one week's count that gives a list of numbers.
OF_DAYS: dict[str, Callable[[BruteForce], list[int]]] = {
    "daily_load": lambda b: [
        max(0, sum(day) - most) if (most := int(b.p.instructor_max_daily[i])) else 0 for i, day in b.instructor_days()
    ],
    "consecutive_load": lambda b: [b.run_excess(day, int(b.p.instructor_max_consecutive[i])) for i, day in b.instructor_days()],
    "compactness": lambda b: [n for q in range(b.p.num_curricula) for n in b.isolated(q)],
    "curriculum_gaps": lambda b: [b.gaps(day) for _, day in b.curriculum_days()],
    "instructor_gaps": lambda b: [b.gaps(day) for _, day in b.instructor_days()],
    "lunch": lambda b: [int(b.skips_lunch(day)) for _, day in b.curriculum_days() + b.instructor_days()],
    "curriculum_load": lambda b: [b.load_missed(q, sum(day)) if any(day) else 0 for q, day in b.curriculum_days()],
    "free_days": lambda b: b.free_short(b.p.instructor_free_days, 1),
    "free_half_days": lambda b: b.free_short(b.p.instructor_free_half_days, 2),
    "set_rule_required": lambda b: [n for row in b.p.set_rules.tolist() for n in b.off_rule(row) if row[7] == 0],
    "set_rule_preferred": lambda b: [row[7] * n for row in b.p.set_rules.tolist() for n in b.off_rule(row)],
    "room_clash": lambda b: [
        max(0, sum(b.there(n, t) and b.room[n] == r for n in b.lectures) - b.sharing(r)) for r in range(b.p.num_rooms) for t in b.slots
    ],
}
TWINS = {
    "daily_limit": "daily_load",
    "consecutive_limit": "consecutive_load",
    "free_days_required": "free_days",
    "free_half_days_required": "free_half_days",
}


class BruteForce:
    def __init__(self, problem: Problem, solution: Solution) -> None:
        self.p = problem
        self.slot = [int(slot) for slot in solution.slot]
        self.room = [int(room) for room in solution.room]
        self.lectures = [n for n in range(problem.num_lectures) if self.slot[n] != -1]
        self.sections = range(problem.num_sections)
        self.slots = range(problem.num_timeslots)
        # Week by week, as texts of 0 and 1 for each lecture; weeks without any lecture are none.
        self.weeks = [f"{int(weeks):0{problem.num_weeks}b}" for weeks in problem.lecture_weeks] or ["1"] * problem.num_lectures
        self.of_week = [Week(self, week) for week in range(len(self.weeks[0])) if "1" in {each[week] for each in self.weeks}]

    def there(self, lecture: int, slot: int) -> bool:
        start, per_day = self.slot[lecture], self.p.periods_per_day
        return start <= slot < start + self.p.lecture_length[lecture] and start // per_day == slot // per_day

    def of(self, section: int) -> list[int]:
        return [n for n in self.lectures if self.p.lecture_section[n] == section]

    def meets(self, section: int, slot: int) -> bool:
        return any(self.there(n, slot) for n in self.of(section))

    def share(self, a: int, b: int, rows) -> bool:
        return bool(set(rows[a].tolist()) & set(rows[b].tolist()))

    def reason(self, a: int, b: int) -> str:
        if self.share(a, b, self.p.section_instructors):
            return "instructor_clash"
        if self.share(a, b, self.p.section_curricula):
            return "curriculum_clash"
        pairs = self.p.no_overlap.tolist()
        return "no_overlap" if [a, b] in pairs or [b, a] in pairs else ""

    def shared_students(self, a: int, b: int) -> int:
        return sum(1 for row in self.p.student_sections if a in row.tolist() and b in row.tolist())

    def held_at(self, section: int, slot: int) -> set[str]:
        """The different weeks in which lectures of the section are held at that time."""
        return {self.weeks[n] for n in self.of(section) if self.there(n, slot)}

    def share_a_week(self, one: str, other: str) -> bool:
        return any(a == b == "1" for a, b in zip(one, other, strict=True))

    def meet(self, a: int, b: int, slot: int) -> int:
        """How often sections are in each other's way: once, or of lectures that differ in weeks each sort with each."""
        return sum(self.share_a_week(one, other) for one, other in product(self.held_at(a, slot), self.held_at(b, slot)))

    def doubled(self, section: int, slot: int) -> int:
        lectures = [n for n in self.of(section) if self.there(n, slot)]
        sorts = self.held_at(section, slot)
        return len(lectures) - len(sorts) + sum(self.share_a_week(*pair) for pair in combinations(sorts, 2))

    def clash(self, reason: str) -> int:
        return sum(self.meet(a, b, t) for a, b in combinations(self.sections, 2) for t in self.slots if self.reason(a, b) == reason)

    def worst(self, constraint: str) -> int:
        """What is counted by day or week, each in the week in which it is worst."""
        by_week = [OF_DAYS[TWINS.get(constraint, constraint)](week) for week in self.of_week]
        return sum(map(max, zip(*by_week, strict=True)))

    def taught(self, instructor: int) -> list[bool]:
        rows = self.p.section_instructors
        return [any(instructor in rows[s].tolist() and self.meets(s, t) for s in self.sections) for t in self.slots]

    def studied(self, curriculum: int) -> list[bool]:
        rows = self.p.section_curricula
        return [any(curriculum in rows[s].tolist() and self.meets(s, t) for s in self.sections) for t in self.slots]

    def days(self, busy: list[bool]) -> list[list[bool]]:
        per_day = self.p.periods_per_day
        return [busy[day * per_day : (day + 1) * per_day] for day in range(self.p.num_days)]

    def instructor_days(self) -> list[tuple[int, list[bool]]]:
        return [(i, day) for i in range(self.p.num_instructors) for day in self.days(self.taught(i))]

    def curriculum_days(self) -> list[tuple[int, list[bool]]]:
        return [(q, day) for q in range(self.p.num_curricula) for day in self.days(self.studied(q))]

    def counts(self) -> dict[str, int]:
        p = self.p
        size = [int(p.section_size[s]) for s in p.lecture_section]
        seats = [int(p.room_capacity[room]) for room in self.room]
        placed = self.lectures
        apart = [int(a in placed and b in placed and self.slot[a] != self.slot[b]) for a, b in p.same_start.tolist()]
        short = [max(0, size[n] - seats[n]) for n in placed]
        return {
            "unplaced": sum(int(p.lecture_length[n]) for n in range(p.num_lectures) if n not in placed),
            "section_clash": sum(self.doubled(s, t) for s in self.sections for t in self.slots),
            "instructor_clash": self.clash("instructor_clash"),
            "curriculum_clash": self.clash("curriculum_clash"),
            "no_overlap": self.clash("no_overlap"),
            "availability": sum(self.there(n, t) and self.is_blocked(n, t) for n in placed for t in self.slots),
            "room_availability": sum(self.there(n, t) and not p.room_available[self.room[n]][t] for n in placed for t in self.slots),
            "room_too_small": sum(self.is_crowded(n) for n in placed),
            "room_type": sum(p.lecture_room_kind[n] != -1 and p.lecture_room_kind[n] != p.room_kind[self.room[n]] for n in placed),
            "room_features": sum(self.lacks_feature(n) for n in placed),
            "block": sum(self.is_broken(n) for n in placed),
            "pin": sum(
                (p.lecture_pin_slot[n] not in (-1, self.slot[n])) + (p.lecture_pin_room[n] not in (-1, self.room[n])) for n in placed
            ),
            "blocked_start": sum([n, self.slot[n]] in p.blocked_starts.tolist() for n in placed),
            "pair_required": sum(self.wrong(*row[:4]) for row in p.lecture_pairs.tolist() if row[4] == 0),
            "joint_start": sum(units for units, factor in zip(apart, p.joint_factor, strict=True) if p.same_start_is_hard or not factor),
            "linked_sections": sum(self.strays(row.tolist()) for row in p.student_sections),
            "section_sizes": sum(
                max(0, sum(s in row.tolist() for row in p.student_sections) - limit)
                for s, limit in enumerate(p.section_limit.tolist())
                if limit
            ),
            "student_clash": sum(
                self.shared_students(a, b) * self.meet(a, b, t)
                for a, b in combinations(self.sections, 2)
                for t in self.slots
                if not self.reason(a, b)
            ),
            "disliked_times": sum(
                int(p.instructor_dislike[i][t])
                for n in placed
                for i in p.section_instructors[p.lecture_section[n]].tolist()
                for t in self.slots
                if self.there(n, t)
            )
            + sum(self.place_dislike(n, t) for n in placed for t in self.slots if self.there(n, t)),
            "room_capacity": sum(short),
            "min_days": sum(
                max(0, int(p.section_min_days[s]) - len({self.slot[n] // p.periods_per_day for n in self.of(s)})) for s in self.sections
            ),
            "room_stability": sum(self.extra_rooms(s, kind) for s in self.sections for kind in (-1, 0, 1)),
            "home_building": sum(p.section_building[p.lecture_section[n]] not in (-1, p.room_building[self.room[n]]) for n in placed),
            "preferred_rooms": sum(self.rank(n) for n in placed),
            "same_start": sum(units * int(factor) for units, factor in zip(apart, p.joint_factor, strict=True)),
            "avoid_overlap": sum(f * self.meet(a, b, t) for a, b, f in p.avoid_overlap.tolist() for t in self.slots if a != b),
            "pair_preferred": sum(row[4] * self.wrong(*row[:4]) for row in p.lecture_pairs.tolist()),
            "room_fit": sum(max(0, seats[n] - size[n]) // 10 for n in placed),
            "building_changes": sum(
                len(self.common_curricula(a, b))
                for a, b in product(placed, placed)
                if self.follows(a, b) and self.is_elsewhere(a, b) and self.share_a_week(self.weeks[a], self.weeks[b])
            ),
            "double_lectures": sum(self.stands_alone(n) for n in placed),
            **{name: self.worst(name) for name in (*OF_DAYS, *TWINS)},
            "one_room": sum(
                max(0, len({self.room[n] for n in self.of(s)}) - 1) for s, must in enumerate(p.section_one_room.tolist()) if must
            ),
        }

    def load_missed(self, curriculum: int, periods: int) -> int:
        least, most = self.p.curriculum_daily[curriculum].tolist()
        return len(range(periods, least)) + (max(0, periods - most) if most else 0)

    def common_curricula(self, a: int, b: int) -> set[int]:
        one, other = (set(self.p.section_curricula[self.p.lecture_section[n]].tolist()) for n in (a, b))
        return one & other

    def follows(self, a: int, b: int) -> bool:
        per_day = self.p.periods_per_day
        return self.slot[a] + self.p.lecture_length[a] == self.slot[b] and self.slot[a] // per_day == self.slot[b] // per_day

    def is_elsewhere(self, a: int, b: int) -> bool:
        buildings = {int(self.p.room_building[self.room[n]]) for n in (a, b)}
        return len(buildings) == 2 and -1 not in buildings

    def stands_alone(self, lecture: int) -> bool:
        section, per_day = self.p.lecture_section[lecture], self.p.periods_per_day
        if not len(self.p.section_grouped) or not self.p.section_grouped[section]:
            return False
        others = [n for n in self.of(section) if n != lecture and self.slot[n] // per_day == self.slot[lecture] // per_day]
        others = [n for n in others if self.share_a_week(self.weeks[n], self.weeks[lecture])]
        beside = [n for n in others if (self.follows(n, lecture) or self.follows(lecture, n)) and self.room[n] == self.room[lecture]]
        return bool(others) and not beside

    def strays(self, row: list[int]) -> int:
        """Sections of one student whose lecture is attended elsewhere."""
        parent, offering = self.p.section_parent.tolist() or [-1] * len(self.sections), self.p.section_offering.tolist()
        lecture = {s: [other for other in row if offering[other] == offering[parent[s]]] for s in set(row) if parent[s] != -1}
        return sum(bool(attended) and parent[s] not in attended for s, attended in lecture.items())

    def is_blocked(self, lecture: int, slot: int) -> bool:
        section = self.p.lecture_section[lecture]
        away = [i for i in self.p.section_instructors[section].tolist() if not self.p.instructor_available[i][slot]]
        return bool(away) or not self.p.section_available[section][slot]

    def is_crowded(self, lecture: int) -> bool:
        seats, students = self.p.room_capacity[self.room[lecture]], self.p.section_size[self.p.lecture_section[lecture]]
        return students > max(seats + self.p.capacity_tolerance, seats * (100 + self.p.capacity_tolerance_percent) / 100)

    def place_dislike(self, lecture: int, slot: int) -> int:
        of_section = self.p.section_dislike[self.p.lecture_section[lecture]][slot] if len(self.p.section_dislike) else 0
        of_room = self.p.room_dislike[self.room[lecture]][slot] if len(self.p.room_dislike) else 0
        return int(of_section + of_room)

    def sharing(self, room: int) -> int:
        return int(self.p.room_sharing[room]) if len(self.p.room_sharing) else 1

    def wrong(self, a: int, b: int, kind: int, days: int) -> int:
        if a == b or a not in self.lectures or b not in self.lectures:
            return 0
        begins = self.p.week_start  # days before it are of the week's end
        days_of = [(day + 7 if day < begins else day) for day in (self.slot[n] // self.p.periods_per_day for n in (a, b))]
        apart, is_one_day = max(days_of) - min(days_of), days_of[0] == days_of[1]
        ends = [self.slot[n] + int(self.p.lecture_length[n]) for n in (a, b)]
        if kind == DAYS_APART:
            return sum(1 for short in range(1, days + 1) if apart < short)
        if kind == BEFORE:
            periods = [day * self.p.periods_per_day + self.slot[n] % self.p.periods_per_day for day, n in zip(days_of, (a, b), strict=True)]
            return int(periods[0] + int(self.p.lecture_length[a]) > periods[1])
        if kind == SAME_DAY:
            return int(not is_one_day)
        if kind == DAYS_WITHIN:
            return sum(1 for far in range(1, 8) if apart >= days + far)
        # One after the other in the week, two and two: whether a pair's end lies between the earlier day and the later.
        pairs_apart = sum(1 for day in range(min(days_of), max(days_of)) if (day - begins) % 2 == 1)
        if kind == DAY_PAIRS_APART:
            return sum(1 for short in range(1, days + 1) if pairs_apart < short)
        if kind == DAY_PAIRS_WITHIN:
            return sum(1 for far in range(1, 8) if pairs_apart >= days + far)
        if kind == GROUPED_IN_DAY_PAIR and pairs_apart:
            return 0
        if kind == SAME_PERIOD:
            return int((self.slot[a] - self.slot[b]) % self.p.periods_per_day != 0)
        if kind in (BEFORE_IN_DAY, GROUPED_IN_DAY, PERIODS_APART_IN_DAY) and not is_one_day:
            return 0
        if kind == BEFORE_IN_DAY:
            return int(ends[0] > self.slot[b])
        if kind == PERIODS_APART_IN_DAY:
            return int(self.slot[b] - ends[0] < days and self.slot[a] - ends[1] < days)
        follows = [
            is_one_day and ends[0] == self.slot[b],
            kind in (GROUPED, GROUPED_IN_DAY, GROUPED_IN_DAY_PAIR) and is_one_day and ends[1] == self.slot[a],
        ]
        return int(not any(follows))

    def off_rule(self, row: list[int]) -> list[int]:
        number, measure, block, least, most, empty, looks, _ = row
        members = self.p.rule_sets[number].tolist()
        week = self.days([any(self.meets(s, t) for s in members) for t in self.slots])
        looked = self.days(self.p.rule_slots[looks].tolist())
        off = []
        block = block or self.p.num_days
        for first in range(0, self.p.num_days, block):
            days = list(zip(week[first : first + block], looked[first : first + block], strict=True))
            count = self.measured(measure, days)
            off.append(max(0, count - most))
            if empty or any(busy and seen for day in days for busy, seen in zip(*day, strict=True)):
                off[-1] += max(0, least - count)
        return off

    def measured(self, measure: int, days: list[tuple[list[bool], list[bool]]]) -> int:
        strings = ["".join("x" if b and s else "o" if b else "." if s else " " for b, s in zip(*day, strict=True)) for day in days]
        if measure in (BUSY_DAY_PAIRS, FULL_DAY_PAIRS):
            pairs = [strings[day : day + 2] for day in range(0, len(strings), 2)]
            return sum(
                (any if measure == BUSY_DAY_PAIRS else all)("x" in day for day in pair)
                and not (measure == FULL_DAY_PAIRS and len(pair) < 2)
                for pair in pairs
            )
        total = 0
        for day in strings:
            before = len(day) - len(day.lstrip(". "))  # of the first busy period
            late = day[:before].count(".") if before < len(day) else 0
            only = "".join("x" if each == "x" else " " for each in day)
            total += {
                BUSY_PERIODS: day.count("x"),
                BUSY_DAYS: int("x" in day),
                IDLE_PERIODS: day.strip(". ").count("."),
                SPAN: len(only.strip()),
                LATE_PERIODS: late,
                LATE_DAYS: int(late > 0),
                LONGEST_RUN: max((len(run) for run in only.split()), default=0),
                OTHER_STARTS: int(day[before : before + 1] == "o"),
            }[measure]
        return total

    def rank(self, lecture: int) -> int:
        choices = [row[1:] for row in self.p.preferred_rooms.tolist() if row[0] == self.p.lecture_section[lecture]]
        here = [rank for room, rank in choices if room == self.room[lecture]]
        if here:
            return min(here)
        return 1 + max(min(r for other, r in choices if other == room) for room, _ in choices) if choices else 0

    def lacks_feature(self, lecture: int) -> bool:
        needed, present = self.p.lecture_features[lecture], self.p.room_features[self.room[lecture]]
        return any(needed[feature] and not present[feature] for feature in range(len(needed)))

    def is_broken(self, lecture: int) -> bool:
        first = self.slot[lecture] % self.p.periods_per_day
        last = first + int(self.p.lecture_length[lecture]) - 1
        return last >= self.p.periods_per_day or any(self.p.break_after[period] for period in range(first, last))

    def isolated(self, curriculum: int) -> list[int]:
        members = [s for s in self.sections if curriculum in self.p.section_curricula[s].tolist()]
        per_day, found = self.p.periods_per_day, []
        for day, busy in enumerate(self.days(self.studied(curriculum))):
            found.append(0)
            for period in range(per_day):
                before, after = period > 0 and busy[period - 1], period < per_day - 1 and busy[period + 1]
                if busy[period] and not before and not after:
                    found[-1] += sum(len(self.held_at(s, day * per_day + period)) for s in members)
        return found

    def gaps(self, day: list[bool]) -> int:
        """Idle periods inside the day in which nobody is to eat."""
        return sum(
            not busy and not self.p.lunch_window[period] and any(day[:period]) and any(day[period + 1 :]) for period, busy in enumerate(day)
        )

    def skips_lunch(self, day: list[bool]) -> bool:
        window = [busy for busy, inside in zip(day, self.p.lunch_window, strict=True) if inside]
        return len(window) > 0 and all(window)

    def extra_rooms(self, section: int, kind: int) -> int:
        return max(0, len({self.room[n] for n in self.of(section) if self.p.lecture_room_kind[n] == kind}) - 1)

    def run_excess(self, day: list[bool], limit: int) -> int:
        runs = "".join("x" if busy else " " for busy in day).split()
        return sum(max(0, len(run) - limit) for run in runs) if limit else 0

    def free_short(self, wanted, halves: int) -> list[int]:
        """Free days, or halves of days, that each instructor has too few of."""
        p, window = self.p, [period for period in range(self.p.periods_per_day) if self.p.lunch_window[period]]
        middle = (window[0] + window[-1]) / 2 if window else (p.periods_per_day - 1) / 2
        morning = {period for period in range(p.periods_per_day) if period <= middle}
        parts = [morning, set(range(p.periods_per_day)) - morning] if halves == 2 else [set(range(p.periods_per_day))]
        short = []
        for i, least in enumerate(wanted.tolist()):
            free = there_are = 0
            for day, busy in enumerate(self.days(self.taught(i))):
                if any(self.is_taught_at(day * p.periods_per_day + period) for period in range(p.periods_per_day)):
                    there_are += halves
                    free += sum(not any(busy[period] for period in part) for part in parts)
            short.append(max(0, min(least, there_are) - free))
        return short

    def is_taught_at(self, slot: int) -> bool:
        """Whether the institution has a section, an instructor and a room for that time at all."""
        return all(
            any(row[slot] for row in rows.tolist())
            for rows in (self.p.section_available, self.p.instructor_available, self.p.room_available)
        )

    def student_clashes(self) -> int:
        rows = [row.tolist() for row in self.p.student_sections]
        return sum(
            any(sum(b.there(n, t) and self.p.lecture_section[n] in row for n in b.lectures) > 1 for b in self.of_week)
            for row in rows
            for t in self.slots
        )


class Week(BruteForce):
    """The same of one week: what is held in others has no place."""

    def __init__(self, whole: BruteForce, week: int) -> None:
        self.__dict__.update(whole.__dict__)
        self.lectures = [n for n in whole.lectures if whole.weeks[n][week] == "1"]
