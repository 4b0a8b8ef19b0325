"""Lower bounds on what a timetable must cost, and the fewest clashes that any timetable has."""
