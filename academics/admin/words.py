"""What the forms say of a field where the model does not: units, ranges, and what an empty one means."""

from __future__ import annotations

LIMIT = "In periods. 0: no limit."
WEEKS = "When in the term its lectures are held: 1-7, odd, even, 1,3,5-9, every 3rd from 2, or the name of a part of the term."
CODE = "Short and unique in the institution. Tables that are imported refer to it."
# By model and field: its label (empty: as the model has it) and its help.
WORDS: dict[str, dict[str, tuple[str, str]]] = {
    "organization": {"code": ("", "Short, of letters, digits and hyphens. It stands in addresses.")},
    "room": {
        "capacity": ("Seats", "0 to 10,000."),
        "kind": ("Kind of room", "Such as classroom, lab or hall. A lecture that requires a kind is held only in a room of that kind."),
        "features": ("", "What the room has. A lecture that needs a feature is held only where it is."),
        "sharing": ("", "1 to 100. How many may share the room, each with all its seats."),
    },
    "instructor": {
        "email": ("E-mail", ""),
        "max_weekly_periods": ("", LIMIT),
        "max_daily_periods": ("", LIMIT),
        "max_consecutive_periods": ("", LIMIT),
        "can_teach": ("Can teach", "Courses that he or she could teach. Offerings that name nobody are offered these people first."),
    },
    "term": {
        "academic_year": ("", "Such as 2026-27."),
        "semester": ("", "Such as autumn."),
        "starts_on": ("First day", "Calendars need it."),
        "ends_on": ("Last day", "Calendars need it."),
        "is_current": ("", "The term that pages offer first."),
        "num_days": ("", "1 to 7, counted from Monday: 5 is Monday to Friday."),
        "week_start": (
            "",
            "What the term's weeks and rules about an order and days apart go by: where they begin on Sunday, Monday is the day after.",
        ),
        "seats_tolerance_percent": ("", "0 to 100. Of the room's seats; the larger of the two counts."),
    },
    "courseoffering": {
        "expected_students": ("", "Students. Used where no enrolments are known."),
        "max_section_size": ("", "Students, at least 1."),
        "num_sections": ("", "0 to 500. 0: as many as the largest section requires. More are formed where that many would be too large."),
        "min_days": (
            "",
            "In days of the week. 0: nothing is said, and they are spread over as many days as there are lectures. Rules switches it off.",
        ),
        "curricula": ("", "Whose students attend it. Lectures of one curriculum never overlap."),
        "groups": ("", "Who attends it. Lectures of one group never overlap, nor with those of the groups above and below it."),
        "preferred_building": ("", "Lectures elsewhere cost a little."),
        "weeks": ("", f"{WEEKS} Empty: every week."),
    },
    "meeting": {
        "count": ("Times a week", "1 to 40."),
        "length": ("Periods each", "1 to 12."),
        "room_kind": ("Kind of room", "Empty: any. “online” or “none”: the lecture takes no room."),
        "features": ("Needed features", ""),
        "weeks": ("", "Such as 1-7 or odd, instead of the offering's."),
    },
    "section": {
        "size": ("Students", "0: those of its groups, or its share of the offering's students."),
        "groups": ("", "Who attends it. Empty: its share of the offering's groups."),
        "weeks": ("", f"{WEEKS} Empty: those of the offering."),
    },
    "termpart": {
        "name": ("", "Such as First half. Weeks of this name can be written wherever weeks are."),
        "weeks": ("", "Such as 1-7, odd, or 1,3,5-9."),
    },
    "studentgroup": {
        "parent": ("Part of", "The larger group that it is a part of: a year, or a group of it. Whoever is in it is in that one too."),
        "size": ("Students", "0: as many as the groups below it have."),
    },
    "rule": {
        "days": ("Days apart", "1 to 6. For lectures some days apart. 1: on different days."),
        "factor": ("", "1 to 100. Where it need not be kept: how many times the usual cost."),
        "is_active": ("In force", "A rule that is not in force is kept, and changes nothing."),
        "first": ("First offering", "For an order: the offering that comes first."),
        "comment": ("", "For whoever reads this next year."),
    },
}
