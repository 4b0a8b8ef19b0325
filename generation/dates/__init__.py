"""A published timetable on real dates: which edition holds when, what is otherwise on single dates, and what comes of both."""
