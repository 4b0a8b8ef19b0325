"""A timetable changed by hand: moves, exchanges, pins, copies, and where a lecture could go."""
