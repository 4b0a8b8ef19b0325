"""The first page, the list of timetables, the form of a new one and the page of a run."""
