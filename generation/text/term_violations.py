"""What a term's timetable breaks, in sentences that name classes, rooms and students as the file does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from generation.engine.model.text import Count
from generation.engine.term_model.evaluate import TermFault, TermViolation, rule_name
from generation.engine.term_model.problem import RuleKind, TermProblem
from generation.engine.term_model.reduction import NoValueLeftError
from generation.engine.term_model.solution import TermSolution
from generation.formats.itc2019 import PARAMETERS

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MINUTES = 24 * 60
MOST_NAMED = 6  # classes of one sentence
MOST_LINES = 10  # sentences at a terminal
PAIR_FAULTS = {
    RuleKind.SAME_START: "do not start at the same time of day",
    RuleKind.SAME_TIME: "are not at the same time of day",
    RuleKind.DIFFERENT_TIME: "are at the same time of day",
    RuleKind.SAME_DAYS: "are not on the same days",
    RuleKind.DIFFERENT_DAYS: "have a day in common",
    RuleKind.SAME_WEEKS: "are not in the same weeks",
    RuleKind.DIFFERENT_WEEKS: "have a week in common",
    RuleKind.OVERLAP: "do not overlap",
    RuleKind.NOT_OVERLAP: "overlap",
    RuleKind.SAME_ROOM: "are not in one room",
    RuleKind.DIFFERENT_ROOM: "are in one room",
    RuleKind.SAME_ATTENDEES: "cannot be attended by the same people",
    RuleKind.PRECEDENCE: "are not in this order",
    RuleKind.WORK_DAY: "make a day too long",
    RuleKind.MIN_GAP: "have too short a break between them",
}
OVER = {
    RuleKind.MAX_DAYS: "day",
    RuleKind.MAX_DAY_LOAD: "timeslot",
    RuleKind.MAX_BREAKS: "break",
    RuleKind.MAX_BLOCK: "block",
}


def rule_text(problem: TermProblem, rule: int) -> str:
    """A rule as the file writes it: ``MaxBreaks(1,12)``."""
    kind, _, _, x, y = problem.rules[rule].tolist()
    numbers = (x, y)[: PARAMETERS.get(RuleKind(kind), 0)]
    return rule_name(kind) + (f"({','.join(map(str, numbers))})" if numbers else "")


def time_text(problem: TermProblem, time: int) -> str:
    """Days, clock and weeks of a time: ``Mon Wed 8:00-9:15, weeks 1-6, 8``."""
    days = [day for day in range(problem.num_days) if problem.time_days[time] >> day & 1]
    start = int(problem.time_start[time])
    end = start + int(problem.time_length[time])
    weeks = [week + 1 for week in range(problem.num_weeks) if int(problem.time_weeks[time]) >> week & 1]
    return f"{' '.join(WEEKDAYS[day] for day in days)} {_clock(problem, start)}-{_clock(problem, end)}, {_weeks_text(weeks)}"


def _clock(problem: TermProblem, slot: int) -> str:
    if MINUTES % problem.slots_per_day:
        return f"slot {slot}"
    minutes = slot * (MINUTES // problem.slots_per_day)
    return f"{minutes // 60}:{minutes % 60:02}"


def _weeks_text(weeks: list[int]) -> str:
    runs: list[list[int]] = []
    for week in weeks:
        if runs and runs[-1][-1] == week - 1:
            runs[-1].append(week)
        else:
            runs.append([week])
    parts = [f"{run[0]}-{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs]
    return f"week{'' if len(weeks) == 1 else 's'} {', '.join(parts)}"


def violation_text(problem: TermProblem, solution: TermSolution, violation: TermViolation) -> str:
    """One sentence: who, where, what, and how many where it is counted."""
    names = problem.names
    own = _classes_text(problem, violation.classes)
    room = names.rooms[violation.room] if violation.room >= 0 else ""
    student = names.students[violation.student] if violation.student >= 0 else ""
    course = names.courses[violation.course] if violation.course >= 0 else ""
    when = ""
    if violation.classes and (time := int(solution.class_time[violation.classes[0]])) >= 0:
        when = time_text(problem, time)
    match violation.fault:
        case TermFault.CLASS_UNPLACED:
            return f"{own} has no time."
        case TermFault.TIME_NOT_ALLOWED:
            return f"{own} is held at a time that is none of its own ({when})."
        case TermFault.ROOM_MISSING:
            return f"{own} needs a room and has none."
        case TermFault.ROOM_NOT_ALLOWED:
            return f"{own} is in room {room}, which is none of its own."
        case TermFault.ROOM_NOT_NEEDED:
            return f"{own} needs no room and is in room {room}."
        case TermFault.ROOM_CLOSED:
            return f"{own} is in room {room} while the room is closed ({when})."
        case TermFault.ROOM_CONFLICT:
            return f"{own} are in room {room} at once ({when})."
        case TermFault.CLASS_LIMIT:
            return f"{own} has {Count(violation.found):student}; its limit is {violation.most}."
        case TermFault.STUDENT_CONFIGURATION:
            return f"Student {student} is in the classes of no configuration of course {course}, or of several."
        case TermFault.STUDENT_SUBPARTS:
            return f"Student {student} is not in exactly one class of every subpart of course {course}."
        case TermFault.STUDENT_PARENT:
            child, parent = (names.classes[number] for number in violation.classes)
            return f"Student {student} is in class {child} and not in its parent, class {parent}."
        case TermFault.STUDENT_EXTRA_COURSE:
            return f"Student {student} is in classes of course {course}, which the student did not choose."
        case TermFault.STUDENT_CONFLICT:
            return f"Student {student} cannot attend both: {own}."
        case TermFault.TIME_PENALTY:
            return f"{own} is held at a time that costs {violation.amount} ({when})."
        case TermFault.ROOM_PENALTY:
            return f"{own} is in room {room}, which costs {violation.amount}."
        case TermFault.RULE:
            return f"{own} {_rule_fault(problem, solution, violation)}."


def _rule_fault(problem: TermProblem, solution: TermSolution, violation: TermViolation) -> str:
    kind, rule = RuleKind(int(problem.rules[violation.rule, 0])), rule_text(problem, violation.rule)
    if kind in OVER:
        return f"have {Count(violation.found):{OVER[kind]}} too many in all ({rule})"
    places = "; ".join(place_text(problem, solution, number) for number in violation.classes)
    return f"{PAIR_FAULTS[kind]} ({rule}): {places}"


def place_text(problem: TermProblem, solution: TermSolution, number: int) -> str:
    """When and where a placed class is held."""
    room = int(solution.class_room[number])
    where = f", room {problem.names.rooms[room]}" if room >= 0 else ""
    return time_text(problem, int(solution.class_time[number])) + where


def _classes_text(problem: TermProblem, classes: tuple[int, ...]) -> str:
    names = [problem.names.classes[number] for number in classes]
    if len(names) > MOST_NAMED:
        return f"Classes {', '.join(names[:MOST_NAMED])} and {len(names) - MOST_NAMED} more"
    if len(names) < 2:
        return f"Class {''.join(names)}"
    return f"Classes {', '.join(names[:-1])} and {names[-1]}"


def impossible_text(problem: TermProblem, impossible: NoValueLeftError) -> str:
    """Why no timetable of the term is feasible, as far as it was found before the search."""
    names = problem.names.classes
    own = f"class {names[impossible.class_]}"
    if impossible.rule < 0:
        return f"{problem.name} has no feasible timetable: {own} has no time at which one of its rooms is open."
    rule = rule_text(problem, impossible.rule)
    what = "room" if RuleKind(int(problem.rules[impossible.rule, 0])) in (RuleKind.SAME_ROOM, RuleKind.DIFFERENT_ROOM) else "time"
    beside = f" beside class {names[impossible.other]}" if impossible.other >= 0 else ""
    reason = f"{own} has no {what} left that {rule} allows{beside}"
    return f"{problem.name} has no feasible timetable: {reason}. Change one of its lists, or the rule."


def term_summary(*, instance: str, hard: int, soft: int, unplaced: int, itc2019: Mapping[str, int], **_: Any) -> str:
    parts = ", ".join(f"{name} {itc2019[name]}" for name in ("time", "room", "distribution", "student"))
    without = f", {unplaced} class{'' if unplaced == 1 else 'es'} unplaced" if unplaced else ""
    return f"{instance}: {Count(hard):hard violation}, cost {soft} ({parts}){without}."


def term_incomplete(*, instance: str, hard: int, broken: Mapping[str, int], impossible: str = "", **_: Any) -> str:
    kinds = ", ".join(f"{FAULT_WORDS.get(name, name)} {count}" for name, count in sorted(broken.items(), key=lambda item: -item[1]))
    advice = "The lines above say why." if impossible else "The lines above name them; a longer time limit may find a feasible one."
    return f"{instance}: the timetable is not complete and feasible: {Count(hard):hard violation} ({kinds}). {advice}"


FAULT_WORDS: Mapping[str, str] = {
    TermFault.CLASS_UNPLACED: "classes without a time",
    TermFault.TIME_NOT_ALLOWED: "times that are not allowed",
    TermFault.ROOM_MISSING: "classes without a room",
    TermFault.ROOM_NOT_ALLOWED: "rooms that are not allowed",
    TermFault.ROOM_NOT_NEEDED: "rooms that are not needed",
    TermFault.ROOM_CLOSED: "closed rooms",
    TermFault.ROOM_CONFLICT: "two classes in one room",
    TermFault.CLASS_LIMIT: "classes above their limit",
    TermFault.STUDENT_CONFIGURATION: "students without a configuration",
    TermFault.STUDENT_SUBPARTS: "students without a class of a subpart",
    TermFault.STUDENT_PARENT: "students without the parent of a class",
    TermFault.STUDENT_EXTRA_COURSE: "students in a course that they did not choose",
}


def violation_lines(messages: Iterable[str]) -> list[str]:
    """For a terminal: the first, and how many more there are."""
    lines = list(messages)
    rest = len(lines) - MOST_LINES
    return [f"  - {line}" for line in lines[:MOST_LINES]] + ([f"  and {rest:,} more; the report lists them."] if rest > 0 else [])
