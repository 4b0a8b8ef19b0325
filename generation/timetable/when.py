"""Times and places of the week as people read them: Tuesday 10:00, R1."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from academics.week_labels import DAY_NAMES
from generation.models import GenerationJob

Place = tuple[int | None, int | None, str]  # day, period, room
NOWHERE: Place = (None, None, "")


@dataclass(frozen=True)
class Clock:
    """A row of the weekly grid; times are empty where the term has none."""

    period: int
    starts_at: str = ""
    ends_at: str = ""
    is_lunch: bool = False
    break_after: bool = False


def clocks_of(job: GenerationJob, *, num_rows: int = 0) -> list[Clock]:
    """The rows of the weekly grid: the term's periods, and more where a lecture stands outside them. One query.

    Entries count periods by their place in the day, as the run does; the rows' own numbers may have gaps.
    """
    known = {}
    for place, row in enumerate(job.term.periods.all() if job.term is not None else ()):
        known[place] = Clock(place, f"{row.starts_at:%H:%M}", f"{row.ends_at:%H:%M}", row.is_lunch, row.break_after)
    return [known.get(index, Clock(index)) for index in range(max([num_rows, *(index + 1 for index in known)]))]


def when_words(day: int | None, period: int | None, clocks: Sequence[Clock], *, nowhere: str = "no place") -> str:
    """Day and clock time: Tuesday 10:00."""
    if day is None or period is None:
        return nowhere
    clock = clocks[period].starts_at if period < len(clocks) else ""
    return f"{DAY_NAMES[day % 7]} {clock or f'period {period + 1}'}"


def place_words(place: Place, clocks: Sequence[Clock]) -> str:
    """Monday 08:00, R1."""
    day, period, room = place
    when = when_words(day, period, clocks)
    return when if day is None else f"{when}, {room or 'no room'}"
