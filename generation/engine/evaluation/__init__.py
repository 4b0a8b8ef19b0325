"""What a timetable breaks and costs, and what a change of it would."""
