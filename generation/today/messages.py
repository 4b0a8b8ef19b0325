"""What people read about a timetable beside the data of today."""

from __future__ import annotations

from generation.engine.model.problem import Problem
from generation.text.labels import count_words

NO_TERM = "It can't be compared with today's data, for its term is no longer there."
NOTHING_IN_COMMON = "It can't be compared with today's data: none of its lectures is in them any more."
NO_PERIODS = "It can't be compared with today's data, for its term has no periods."
TODAY, THAT_DAY = "today's data", "the data of that day"
FITS = "Compared with today's data: no lecture has stopped fitting since it was evaluated."


def headline(*, num_lectures: int, num_missing: int, data: str = TODAY) -> str:
    """6 lectures no longer fit today's data."""
    fit = "fits" if num_lectures == 1 else "fit"
    unfit = f"{count_words(num_lectures, 'lecture', 'lectures')} no longer {fit} {data}"
    if not num_missing:
        return unfit
    missing = f"{count_words(num_missing, 'lecture', 'lectures')} of {data} {'has' if num_missing == 1 else 'have'} no place in it"
    return f"{unfit}, and {missing}" if num_lectures else missing


def broken_before(number: int) -> str:
    lectures = count_words(number, "lecture", "lectures")
    return f"{lectures} had no place, or broke a rule, already when the timetable was evaluated: its conflicts say which."


def another_calendar(earlier: Problem, now: Problem) -> str:
    """Why nobody can say which time of the one week is which of the other."""
    return (
        f"It can't be compared with today's data, for the week is another one: it was made for {_week(earlier)}, and today there are "
        f"{_week(now)}. Make a new timetable, or give the term its earlier periods again."
    )


def _week(problem: Problem) -> str:
    days, periods = count_words(problem.num_days, "day", "days"), count_words(problem.periods_per_day, "period", "periods")
    return f"{days} of {periods}" + (f" from {problem.names.periods[0]} on" if problem.names.periods else "")


def clock_changed(was: str, now: str) -> str:
    return f"The period {was} is {now} today: lectures keep their periods."


def scored_differently(*, was: tuple[int, int], now: tuple[int, int]) -> str:
    """Each a number of broken rules and a cost."""
    (hard_was, soft_was), (hard, soft) = was, now
    broken = f"{count_words(hard, 'broken rule', 'broken rules')}" + (f" instead of {hard_was:,}" if hard != hard_was else " as before")
    cost = f"cost {soft:,}" + (f" instead of {soft_was:,}" if soft != soft_was else " as before")
    return f"By the rules and wishes of today it has {broken}, and {cost}."


def lasts_otherwise(*, was: int, now: int) -> str:
    return f"it lasts {count_words(now, 'period', 'periods')} now, not {was}"


def taught_by_others(*, before: str, now: str) -> str:
    return f"taught by {now} today, not by {before}"


def without_place(section: str, number: int) -> str:
    return f"{section}: {count_words(number, 'lecture has', 'lectures have')} no place in this timetable, which was made without"
