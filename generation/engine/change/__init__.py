"""The smallest change of a timetable whose rules have changed: who has to move, how few suffice, and what moving more would buy."""
