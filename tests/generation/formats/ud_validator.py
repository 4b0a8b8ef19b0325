"""The formulations UD1 to UD5 of curriculum-based course timetabling, checked without the engine.

Written from the definitions of Bonutti, De Cesco, Di Gaspero and Schaerf (2012), sections 2 and 3. It reads instance and solution
itself, so that nothing is shared with what it checks.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from itertools import combinations

HARD = ("Lectures", "Conflicts", "RoomOccupancy", "Availability")
# Prices of the soft components; RoomSuitability of UD4 is hard.
PRICES = {
    "UD1": {"RoomCapacity": 1, "MinWorkingDays": 5, "IsolatedLectures": 1},
    "UD2": {"RoomCapacity": 1, "MinWorkingDays": 5, "IsolatedLectures": 2, "RoomStability": 1},
    "UD3": {"RoomCapacity": 1, "Windows": 4, "StudentMinMaxLoad": 2, "RoomSuitability": 3},
    "UD4": {"RoomCapacity": 1, "MinWorkingDays": 1, "Windows": 1, "StudentMinMaxLoad": 1, "DoubleLectures": 1},
    "UD5": {"RoomCapacity": 1, "MinWorkingDays": 5, "IsolatedLectures": 1, "Windows": 2, "StudentMinMaxLoad": 2, "TravelDistance": 2},
}


@dataclass
class Instance:
    head: dict[str, str] = field(default_factory=dict)
    courses: dict[str, list[str]] = field(default_factory=dict)
    rooms: dict[str, list[str]] = field(default_factory=dict)
    curricula: dict[str, list[str]] = field(default_factory=dict)
    unavailable: set[tuple[str, int, int]] = field(default_factory=set)
    unsuitable: set[tuple[str, str]] = field(default_factory=set)


def instance_of(text: str) -> Instance:
    found, section = Instance(), ""
    for line in text.splitlines():
        words = line.split()
        if not words or words == ["END."]:
            continue
        if len(words) == 1 and words[0].endswith(":"):
            section = words[0]
        elif not section:
            key, _, value = line.partition(":")
            found.head[key.strip()] = value.strip()
        elif section == "COURSES:":
            found.courses[words[0]] = words
        elif section == "ROOMS:":
            found.rooms[words[0]] = words
        elif section == "CURRICULA:":
            found.curricula[words[0]] = words[2:]
        elif section == "UNAVAILABILITY_CONSTRAINTS:":
            found.unavailable.add((words[0], int(words[1]), int(words[2])))
        else:
            found.unsuitable.add((words[0], words[1]))
    return found


def check(instance_text: str, solution_text: str, formulation: str) -> dict[str, int]:
    """Each component: hard ones in violations, soft ones with their price."""
    instance = instance_of(instance_text)
    rows = [line.split() for line in solution_text.splitlines() if line.split()]
    held = [(course, room, int(day), int(period)) for course, room, day, period in rows]
    found = {name: count(instance, held) for name, count in COMPONENTS.items()}
    prices = PRICES[formulation]
    hard = {name: found[name] for name in (*HARD, *(("RoomSuitability",) if formulation == "UD4" else ()))}
    return hard | {name: price * found[name] for name, price in prices.items()}


Held = list[tuple[str, str, int, int]]


def lectures(instance: Instance, held: Held) -> int:
    """A lecture that is not held, or held in a period in which another one of its course is."""
    count = 0
    for course, words in instance.courses.items():
        periods = {(day, period) for other, _, day, period in held if other == course}
        count += int(words[2]) - len(periods)
    return count


def conflicts(instance: Instance, held: Held) -> int:
    """Two lectures in one period whose courses have a curriculum or the teacher in common."""
    at: dict[tuple[int, int], set[str]] = defaultdict(set)
    for course, _, day, period in held:
        at[day, period].add(course)
    together = {frozenset(pair) for courses in instance.curricula.values() for pair in combinations(courses, 2)}
    return sum(
        frozenset((a, b)) in together or instance.courses[a][1] == instance.courses[b][1]
        for courses in at.values()
        for a, b in combinations(sorted(courses), 2)
    )


def room_occupancy(instance: Instance, held: Held) -> int:
    at: dict[tuple[str, int, int], int] = defaultdict(int)
    for _, room, day, period in held:
        at[room, day, period] += 1
    return sum(number - 1 for number in at.values())


def availability(instance: Instance, held: Held) -> int:
    return sum((course, day, period) in instance.unavailable for course, _, day, period in held)


def room_capacity(instance: Instance, held: Held) -> int:
    return sum(max(0, int(instance.courses[course][4]) - int(instance.rooms[room][1])) for course, room, _, _ in held)


def min_working_days(instance: Instance, held: Held) -> int:
    days: dict[str, set[int]] = defaultdict(set)
    for course, _, day, _ in held:
        days[course].add(day)
    return sum(max(0, int(words[3]) - len(days[course])) for course, words in instance.courses.items())


def room_stability(instance: Instance, held: Held) -> int:
    rooms: dict[str, set[str]] = defaultdict(set)
    for course, room, _, _ in held:
        rooms[course].add(room)
    return sum(len(used) - 1 for used in rooms.values())


def room_suitability(instance: Instance, held: Held) -> int:
    return sum((course, room) in instance.unsuitable for course, room, _, _ in held)


def days_of(instance: Instance, held: Held) -> list[dict[int, list[tuple[str, str]]]]:
    """Each curriculum's days with any lecture: by period the course and room of each lecture."""
    of_course: dict[str, list[tuple[str, int, int]]] = defaultdict(list)
    for course, room, day, period in held:
        of_course[course].append((room, day, period))
    found = []
    for courses in instance.curricula.values():
        days: dict[int, dict[int, list[tuple[str, str]]]] = defaultdict(lambda: defaultdict(list))
        for course in courses:
            for room, day, period in of_course[course]:
                days[day][period].append((course, room))
        found += [dict(day) for day in days.values()]
    return found


def isolated_lectures(instance: Instance, held: Held) -> int:
    return sum(
        len(here) for day in days_of(instance, held) for period, here in day.items() if period - 1 not in day and period + 1 not in day
    )


def windows(instance: Instance, held: Held) -> int:
    """A window costs its length in periods."""
    return sum(max(day) - min(day) + 1 - len(day) for day in days_of(instance, held))


def student_min_max_load(instance: Instance, held: Held) -> int:
    low, high = (int(word) for word in instance.head.get("Min_Max_Daily_Lectures", "0 1000").split())
    loads = [sum(len(here) for here in day.values()) for day in days_of(instance, held)]
    return sum(max(0, low - load, load - high) for load in loads)


def travel_distance(instance: Instance, held: Held) -> int:
    def building(room: str) -> str:
        return instance.rooms[room][2] if len(instance.rooms[room]) > 2 else ""

    return sum(
        building(one) != building(other)
        for day in days_of(instance, held)
        for period, here in day.items()
        for _, one in here
        for _, other in day.get(period + 1, [])
    )


def double_lectures(instance: Instance, held: Held) -> int:
    """Of a course that wants them: on a day with several lectures each one that adjoins none in the same room."""
    count = 0
    for course, words in instance.courses.items():
        if len(words) < 6 or words[5] != "1":
            continue
        days: dict[int, dict[int, str]] = defaultdict(dict)
        for other, room, day, period in held:
            if other == course:
                days[day][period] = room
        for periods in days.values():
            if len(periods) > 1:
                count += sum(room not in (periods.get(period - 1), periods.get(period + 1)) for period, room in periods.items())
    return count


COMPONENTS = {
    "Lectures": lectures,
    "Conflicts": conflicts,
    "RoomOccupancy": room_occupancy,
    "Availability": availability,
    "RoomCapacity": room_capacity,
    "MinWorkingDays": min_working_days,
    "IsolatedLectures": isolated_lectures,
    "Windows": windows,
    "RoomStability": room_stability,
    "StudentMinMaxLoad": student_min_max_load,
    "TravelDistance": travel_distance,
    "RoomSuitability": room_suitability,
    "DoubleLectures": double_lectures,
}
