"""The words people read for what the engine and the rows call by ids."""

from __future__ import annotations

STAGES: tuple[tuple[str, str, str], ...] = (
    ("loading", "Reading", "Courses, rooms and people are read and checked."),
    ("clustering", "Organising", "Courses that share people or rooms are put into groups."),
    ("cpsat_solving", "Building", "Group by group, every lecture gets a time and a room."),
    ("ga_optimization", "Improving", "Several timetables are combined and improved."),
    ("rl_refinement", "Finishing", "The last improvements, where they pay most."),
)

STATUS: dict[str, str] = {
    "pending": "Waiting to start",
    "running": "Running",
    "cancelling": "Being cancelled",
    "completed": "Completed",
    "failed": "Failed",
    "cancelled": "Cancelled",
}

WORKFLOW: dict[str, str] = {
    "draft": "Not put forward yet",
    "in_review": "Waiting for the reviewer",
    "approved": "Approved, not published yet",
    "rejected": "Sent back by the reviewer",
    "published": "Published",
    "archived": "Replaced by a later timetable",
}

ACTIONS: dict[str, str] = {
    "select": "put forward",
    "approve": "approved",
    "reject": "sent back",
    "publish": "published",
    "archive": "archived",
    "waive": "wrote a waiver for",
    "withdraw": "withdrew a waiver for",
    "take_over": "took over from an archive",
}

# Who did it, where no user is named.
GONE = "somebody whose account is gone"
NOBODY: dict[str, str] = {"take_over": "somebody at the server itself"}

EDITS: dict[str, str] = {"move": "moved", "swap": "swapped", "pin": "pinned", "unpin": "unpinned", "undo": "undid", "redo": "redid"}

# The same beside comments, as the file of a history says it.
REMARKS: dict[str, str] = {"comment": "commented", "answer": "answered", "resolve": "resolved"}
HISTORY: dict[str, str] = {**ACTIONS, **REMARKS, **EDITS}

# By the label of the profile that steers a variant.
FAVOURS: dict[str, str] = {
    "Balanced": "everybody's wishes as your institution weighs them",
    "Students first": "fewer clashes and gaps for students, and time for lunch",
    "Instructors first": "liked times, few gaps and no overlong days for instructors",
    "Rooms used well": "few changes of room, and rooms near home that fit the group",
}

# What a new run keeps of an earlier timetable: how it is offered, and more about it.
KEEP: dict[str, tuple[str, str]] = {
    "nothing": ("Nothing: every lecture is placed anew", ""),
    "pinned": ("Lectures pinned by hand", "In time, in room or in both, as they are pinned there."),
    "departments": ("Every lecture of some departments", "And those pinned by hand."),
    "except_departments": ("Everything except some departments", "And those pinned by hand."),
    "sound": ("Everything that breaks no rule today", "A repair: only what changed, breaks a rule or has no place moves."),
    "minimal": (
        "Change as little as possible",
        "Any lecture may move so that all have a place, and as few as possible do; it says how few must, and what more moves buy.",
    ),
}
KEEP_CHOOSE_DEPARTMENTS = "Choose one department at least."
# The same, as the pages of the run say it.
KEEP_DESCRIPTIONS: dict[str, str] = {
    "pinned": "those pinned by hand",
    "departments": "the departments {departments}, and those pinned by hand",
    "except_departments": "all except the departments {departments}, and those pinned by hand",
    "sound": "all that broke no rule",
    "minimal": "as much as possible",
}

# What two variants may be scored under, by the id of the profile.
PROFILES: dict[str, str] = {
    "own": "Your institution's own weights",
    "students": f"Students first: {FAVOURS['Students first']}",
    "instructors": f"Instructors first: {FAVOURS['Instructors first']}",
    "rooms": f"Rooms used well: {FAVOURS['Rooms used well']}",
}

EXPORTS: dict[str, str] = {
    "xlsx": "Excel",
    "csv": "CSV",
    "pdf": "PDF",
    "ics": "Calendar",
    "json": "JSON",
    "ctt": "ITC-2007 solution",
    "unitime": "CSV for UniTime",
    "fet": "FET",
}


def count_words(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"


def duration_words(seconds: float) -> str:
    if seconds < 90:
        return count_words(round(seconds), "second", "seconds")
    return count_words(round(seconds / 60), "minute", "minutes")
