"""What a good timetable is, by family of constraints, and the register of them all."""
