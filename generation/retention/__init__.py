"""What stays where it is in a new run: places of an earlier timetable that the search may not change."""
