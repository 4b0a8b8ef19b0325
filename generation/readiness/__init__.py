"""Whether a term's data allow a timetable, and what to fix first."""
