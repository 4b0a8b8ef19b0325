"""Commands that make a timetable, or say whether one can be made."""
