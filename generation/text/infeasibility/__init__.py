"""The sentences about what cannot be: obstacles of a problem, and explanations of an incomplete timetable."""
