"""The timetable that an institution has already: as a variant of its term, as pins, as wishes."""
