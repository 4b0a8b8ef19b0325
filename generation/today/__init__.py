"""Timetables against the data of today: which of their lectures no longer fit, and why."""
