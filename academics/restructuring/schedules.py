"""Days and times of a table's rows, and the grid of periods that they are held in."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from academics.restructuring.questions import MOST_EXAMPLES, Choice, Question, Questions
from academics.weekly_times.readings import DAY_MINUTES, Reading, WeeklyTime

DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
USUAL_GRIDS: Mapping[str, tuple[int, int, int, int]] = {  # minutes: first start, length, from start to start; periods
    "60x10": (8 * 60, 60, 60, 10),
    "50x12": (8 * 60, 50, 60, 12),
    "45x10": (8 * 60, 45, 55, 10),
    "90x6": (8 * 60, 90, 105, 6),
}


@dataclass(frozen=True)
class Meeting:
    """A weekly time, or one of a date."""

    time: WeeklyTime

    @property
    def day(self) -> int | None:
        return self.time.date.weekday() if self.time.date is not None else self.time.day

    @property
    def is_weekly(self) -> bool:
        return self.day is not None and (self.time.start is not None or self.time.period is not None)

    @property
    def weekly(self) -> Meeting:
        """The same without its date and weeks."""
        return Meeting(replace(self.time, day=self.day, date=None, weeks=None))


@dataclass(frozen=True)
class Grid:
    """Periods of a day as minutes from midnight; empty where only numbers of periods are known."""

    periods: tuple[tuple[int, int], ...] = ()
    num_days: int = 5

    def span(self, meeting: Meeting) -> tuple[int, int]:
        """The first period, from 1, and how many; 0 and 1 where that can't be told."""
        time = meeting.time
        if time.period is not None:
            return time.period, max(1, (time.last_period or time.period) - time.period + 1)
        start, end = time.start_minute, time.end_minute
        if start is None:
            return 0, 1
        if end is None or end <= start:
            end = start + 1
        covered = [number for number, (first, last) in enumerate(self.periods, 1) if self._overlap(first, last, start, end)]
        return (covered[0], len(covered)) if covered else (0, 1)

    @staticmethod
    def _overlap(first: int, last: int, start: int, end: int) -> bool:
        """Whether enough of the period is used: a quarter of it, or all of a short meeting."""
        shared = min(last, end) - max(first, start)
        return shared > 0 and (shared * 4 >= last - first or shared == end - start)

    def length(self, meeting: Meeting) -> int:
        return self.span(meeting)[1]

    def rounded(self, meetings: Iterable[Meeting]) -> str:
        """A sentence about times that are not those of periods; empty where all are."""
        starts = {first for first, _ in self.periods}
        ends = {last for _, last in self.periods}
        off = Counter(
            f"{_clock(meeting.time.start)}-{_clock(meeting.time.end)}"
            for meeting in meetings
            if self.periods
            and meeting.time.start is not None
            and (meeting.time.start_minute not in starts or (meeting.time.end is not None and meeting.time.end_minute not in ends))
        )
        if not off:
            return ""
        words = ", ".join(f"{text} ({count})" for text, count in off.most_common(MOST_EXAMPLES))
        count = sum(off.values())
        return f"{count:,} times begin or end inside a period, and take every period of which they use a quarter: {words}."

    def cells(self, meeting: Meeting) -> tuple[str, ...]:
        """Day, start, end, period, length, date and weeks, as a table of the timetable has them."""
        first, length = self.span(meeting)
        time = meeting.time
        return (
            "" if meeting.day is None else DAY_NAMES[meeting.day],
            _clock(time.start),
            _clock(time.end),
            str(first) if first else "",
            str(length),
            "" if time.date is None else time.date.isoformat(),
            time.weeks or "",
        )


@dataclass(frozen=True)
class RowTimes:
    meetings: tuple[Meeting, ...] = ()
    not_understood: tuple[str, ...] = ()


@dataclass
class TimesReader:
    """Reads the cells of a row that say when; each way of writing is read once. ``read`` is how one text is understood."""

    read: Callable[[str], Reading]
    read_date: Callable[[str], dt.date | None]
    propose: Callable[[Sequence[WeeklyTime]], Grid | None]
    questions: Sequence[Question] = ()  # about the whole column: what a letter stands for, which comes first, day or month
    _texts: dict[str, Reading] = field(default_factory=dict)

    def row(self, cell: Callable[[str], str]) -> RowTimes:
        text = text_of(cell)
        if not text:
            return RowTimes()
        if text not in self._texts:
            self._texts[text] = self.read(text)
        reading = self._texts[text]
        written = cell("date")
        date = self.read_date(written) if written else None
        times = [replace(time, date=date) if date is not None and time.date is None else time for time in reading.times]
        weeks = cell("dates")
        times = [replace(time, weeks=weeks) if weeks and time.weeks is None else time for time in times]
        return RowTimes(tuple(Meeting(time) for time in times), reading.not_understood)

    def ask(self, questions: Questions) -> None:
        for question in self.questions:
            questions.ask(question)

    def grid(self, meetings: Sequence[Meeting], questions: Questions) -> Grid:
        """The grid that the times seem to be of, or the one that is chosen where there are no times."""
        times = [meeting.time for meeting in meetings if meeting.is_weekly]
        found = self.propose(times) if times else None
        if found is not None:
            return found
        answer = questions.ask(
            Question(
                "grid",
                "The institution has no weekly grid yet, and the table has no clock times to make one of. Which one fits best?",
                (
                    Choice("60x10", "Ten periods of an hour from 08:00"),
                    Choice("50x12", "Twelve periods of 50 minutes from 08:00, every hour"),
                    Choice("45x10", "Ten periods of 45 minutes from 08:00, ten minutes apart"),
                    Choice("90x6", "Six periods of 90 minutes from 08:00, a quarter of an hour apart"),
                ),
                len(meetings),
            )
        )
        most = max((time.last_period or time.period or 0 for time in times), default=0)
        days = 1 + max((meeting.day for meeting in meetings if meeting.day is not None), default=4)
        return usual_grid(answer, periods=most, days=max(5, days)) if answer else Grid()


def usual_grid(name: str, *, periods: int = 0, days: int = 5) -> Grid:
    """One of the usual grids, with as many periods at least as a table's numbers name, as long as the day has room."""
    start, length, step, count = USUAL_GRIDS[name]
    count = min(max(count, periods), (DAY_MINUTES - start - length) // step + 1)
    return Grid(tuple((start + step * number, start + step * number + length) for number in range(count)), days)


def text_of(cell: Callable[[str], str]) -> str:
    """What a row says of its times, as one text: days, then the time or the span of times."""
    days, times, start, end, period = (str(cell(role)) for role in ("days", "times", "start", "end", "period"))
    span = f"{start}-{end}" if start and end else start
    return " ".join(part for part in (days, times, span, period) if part)


def _clock(time: dt.time | None) -> str:
    return "" if time is None else time.isoformat("minutes")
