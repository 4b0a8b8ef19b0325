"""Days and times of a table's rows, and the grid of periods that they are held in."""

from __future__ import annotations

import datetime as dt
import functools
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from academics.restructuring.frames import RestructuringRefusal
from academics.restructuring.questions import MOST_EXAMPLES, Choice, Question, Questions
from academics.week_labels import DAY_NAMES
from academics.weekly_times.columns import vocabulary_of_column, vocabulary_of_rows
from academics.weekly_times.fitting import MOST_PERIODS, FittedTime, GridPeriod, fit, rounding_text
from academics.weekly_times.folding import DatedRow, Folded, fold
from academics.weekly_times.grammar import read_weekly_times
from academics.weekly_times.grids import GridProposal, grid_proposal
from academics.weekly_times.parts import read_parts
from academics.weekly_times.readings import DAY_MINUTES, Reading, WeeklyTime, time_of
from academics.weekly_times.text import time_text
from academics.weekly_times.vocabulary import BadVocabularyError, Vocabulary

ABOUT_TIMES = "times:"  # questions about a column's way of writing begin so; an answer holds the settings of the vocabulary
EVEN_STEPS = (60, 30)
SHORTEST_PERIOD = 25  # minutes of a grid that is taken without asking
USUAL_GRIDS: Mapping[str, tuple[int, int, int, int]] = {  # minutes: first start, length, from start to start; periods
    "60x10": (8 * 60, 60, 60, 10),
    "50x12": (8 * 60, 50, 60, 12),
    "45x10": (8 * 60, 45, 55, 10),
    "90x6": (8 * 60, 90, 105, 6),
}
CLOCK = re.compile(r"(\d{1,2})[:.hH](\d{2})(?::\d{2})?\s*([ap])?", re.IGNORECASE)
HOURS_AND_MINUTES = re.compile(r"(\d{1,2})\s*(?:h|:|std\.?|hrs?|hours?|uur|ч)\s*(?:(\d{1,2})\s*(?:m|min|mins|minutes)?)?(?::00)?")
MINUTES = re.compile(r"(\d{1,3})\s*(m|min|mins|minutes|minuten|'|мин\.?|分)?\.?")
PART_OF_HOUR = re.compile(r"(\d{1,2}[.,]\d{1,2})\s*(?:h|hrs?|hours?|std\.?)?")
Cell = Callable[[str], str]  # a row's cell by its role


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
    def text(self) -> str:
        return time_text(self.time)

    @functools.cached_property
    def weekly(self) -> Meeting:
        """The same without its date and weeks."""
        return Meeting(replace(self.time, day=self.day, date=None, weeks=None))


@dataclass(frozen=True)
class Grid:
    """Periods of a day; none where only numbers of periods are known."""

    periods: tuple[GridPeriod, ...] = ()
    num_days: int = 5
    text: str = ""

    @functools.cached_property
    def _known(self) -> dict[tuple[Any, ...], FittedTime | None]:
        return {}

    def fitted(self, meeting: Meeting) -> FittedTime | None:
        """The periods that the meeting takes; None where that can't be told."""
        time = meeting.time
        key = (time.start, time.end, time.period, time.last_period)
        if key not in self._known:
            self._known[key] = fit([time], self.periods).of(time)
        return self._known[key]

    def length(self, meeting: Meeting) -> int:
        time = meeting.time
        if not self.periods and time.period is not None:
            return max(1, (time.last_period or time.period) - time.period + 1)
        found = self.fitted(meeting)
        return found.length if found is not None else 1

    def rounded(self, meetings: Iterable[Meeting]) -> str:
        """A sentence about times that are not those of periods; empty where all are."""
        found = fit((meeting.time for meeting in meetings if meeting.is_weekly), self.periods)
        if not self.periods or not (found.rounded or found.outside):
            return ""
        words = [rounding_text(each, self.periods) for each in found.rounded[:MOST_EXAMPLES]]
        count = sum(each.count for each in found.rounded)
        more = len(found.rounded) - len(words)
        listed = "; ".join(words) + (f"; and {more} more" if more > 0 else "")
        parts = [f"{count:,} time{' is' if count == 1 else 's are'} rounded to the periods of the grid: {listed}."] if found.rounded else []
        outside = sum(number for _, number in found.outside)
        words_outside = "1 time is outside the grid, and counts as a period." if outside == 1 else ""
        words_outside = words_outside or f"{outside:,} times are outside the grid, and count as a period each."
        return " ".join([*parts, *([words_outside] if outside else [])])

    def cells(self, meeting: Meeting) -> tuple[str, ...]:
        """Day, start, end, period, length, date and weeks, as a table of the timetable has them."""
        time, found = meeting.time, self.fitted(meeting)
        first = found.first if found is not None else time.period or 0
        is_by_period = first > 0  # clock times beside it would say again, unrounded, what the period says
        return (
            "" if meeting.day is None else DAY_NAMES[meeting.day],
            "" if is_by_period else _clock(time.start),
            "" if is_by_period else _clock(time.end),
            str(first) if is_by_period else "",
            str(self.length(meeting)),
            "" if time.date is None else time.date.isoformat(),
            time.weeks or "",
        )


@dataclass(frozen=True)
class RowTimes:
    meetings: tuple[Meeting, ...] = ()
    not_understood: tuple[str, ...] = ()
    is_open: bool = False  # a question about the column, which nobody has answered yet, decides what the cell says


@dataclass
class TimesReader:
    """Reads the cells of a row that say when, all rows of a table together: what one cell leaves open the others may decide.

    ``vocabulary`` holds what people taught; ``answers`` to questions about the way of writing count before what the column says.
    """

    vocabulary: Mapping[str, Any]
    answers: Mapping[str, str]
    readings: list[Reading] = field(default_factory=list)
    column_questions: list[Question] = field(default_factory=list)
    has_weeks: bool = False
    _decided: Vocabulary | None = None
    _known: dict[tuple[str, ...], Reading] = field(default_factory=dict)
    _rows: dict[tuple[str, ...], RowTimes] = field(default_factory=dict)

    def decide(self, rows: Sequence[Cell]) -> None:
        """Look at all rows before any is read."""
        known = vocabulary_read(self.vocabulary)
        for about, answer in self.answers.items():
            if about.startswith(ABOUT_TIMES):
                known = _with_answer(known, about, answer)
        parts = [_parts(cell) for cell in rows]
        self.has_weeks = len({cell("dates") for cell in rows} - {""}) > 1  # the same in all rows says nothing
        is_one_cell = not any(part["days"] or part["start"] or part["period"] for part in parts)
        found = (
            vocabulary_of_column((part["time"] for part in parts), known)
            if is_one_cell
            else vocabulary_of_rows(({**part, "days": part["days"]} for part in parts), known)
        )
        self._decided = found.vocabulary
        for each in found.questions:
            choices = tuple(Choice(json.dumps(choice.settings, sort_keys=True), choice.text) for choice in each.choices)
            text = f"{each.text} For example {each.example}."
            self.column_questions.append(Question(f"{ABOUT_TIMES}{each.about}", text, choices, each.count))

    def row(self, cell: Cell) -> RowTimes:
        parts = _parts(cell)
        key = tuple(parts.values())
        if not any(key):
            return RowTimes()
        if key not in self._known:
            self._known[key] = self._read(parts)
        reading = self._known[key]
        self.readings.append(reading)
        weeks = cell("dates") if self.has_weeks else ""
        whole = (*key, weeks)  # rows that say the same share their meetings, and what is worked out of these
        if whole not in self._rows:
            times = [replace(time, weeks=weeks) if weeks and time.weeks is None else time for time in reading.times]
            is_open = reading.is_ambiguous and bool(self.column_questions)
            self._rows[whole] = RowTimes(tuple(Meeting(time) for time in times), reading.not_understood, is_open)
        return self._rows[whole]

    def _read(self, parts: Mapping[str, str]) -> Reading:
        vocabulary = self._decided or vocabulary_read(self.vocabulary)
        if not any(parts[name] for name in ("days", "start", "end", "date", "period")):
            return read_weekly_times(parts["time"], vocabulary)
        return read_parts(**parts, vocabulary=vocabulary)

    def ask(self, questions: Questions) -> None:
        for question in self.column_questions:
            questions.ask(question)

    def _grid_of_clock(self, found: GridProposal, times: Sequence[WeeklyTime], questions: Questions) -> Grid:
        """The proposed grid, or an even one; where its periods are very short it is asked which."""
        grids = {"proposed": Grid(found.periods, found.num_days, found.text)}
        grids |= {f"even{step}": even_grid(found, step) for step in EVEN_STEPS}
        labels = {"proposed": found.text} | {f"even{step}": f"Periods of {step} minutes" for step in EVEN_STEPS}
        shortest = min(period.end_minute - period.start_minute for period in found.periods)
        answer = questions.ask(
            Question(
                "grid",
                "The institution has no weekly grid yet. Which one are the times held in?",
                tuple(Choice(name, f"{labels[name]}: {_rounding_words(times, grid.periods)}") for name, grid in grids.items()),
                default="proposed" if shortest >= SHORTEST_PERIOD else None,
            )
        )
        return grids[answer or "proposed"]

    def grid(self, meetings: Sequence[Meeting], questions: Questions, *, others: Sequence[Reading] = ()) -> Grid:
        """The grid that the times seem to be of, or the one that is chosen where there are no clock times.

        ``others`` are of further tables of the same import, for which there is one grid only.
        """
        found = grid_proposal([*self.readings, *others])
        times = [meeting.time for meeting in meetings if meeting.is_weekly]
        times += [time for reading in others for time in reading.times if Meeting(time).is_weekly]
        if found is not None:
            return self._grid_of_clock(found, times, questions)
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
            )
        )
        most = max((time.last_period or time.period or 0 for time in times), default=0)
        days = 1 + max((day for time in times if (day := Meeting(time).day) is not None), default=4)
        return usual_grid(answer, periods=most, days=max(5, days)) if answer else Grid()


def _rounding_words(times: Sequence[WeeklyTime], periods: Sequence[GridPeriod]) -> str:
    """How many of the times are not those of periods, and by how many minutes at most."""
    fitted = fit(times, periods)
    count = sum(each.count for each in fitted.rounded)
    outside = sum(number for _, number in fitted.outside)
    most = max((max(each.minutes_lost, each.minutes_gained) for each in fitted.rounded), default=0)
    of_all = f"{count:,} of {len(times):,} {'time is' if len(times) == 1 else 'times are'}"
    words = f"{of_all} rounded, by at most {most} minute{'' if most == 1 else 's'}" if count else "no time is rounded"
    return words + (f"; {outside:,} {'is' if outside == 1 else 'are'} outside" if outside else "")


def even_grid(proposed: GridProposal, step: int) -> Grid:
    """Periods of so many minutes over the same day, from a full hour."""
    first = proposed.periods[0].start_minute // 60 * 60
    last = min(proposed.periods[-1].end_minute, DAY_MINUTES)
    count = min(MOST_PERIODS, max(1, -(-(last - first) // step)), (DAY_MINUTES - first) // step)
    starts = [first + step * number for number in range(count)]
    periods = tuple(GridPeriod(time_of(minute), time_of(minute + step)) for minute in starts)
    return Grid(periods, proposed.num_days)


@functools.lru_cache(maxsize=5_000)
def says_when(text: str) -> bool:
    """Whether a text is one of days and times, and not only a number."""
    if len(text) > 200 or text.replace(" ", "").isdigit():
        return False
    reading = read_weekly_times(text)
    return bool(reading.times) and not reading.not_understood and any(time.day is not None for time in reading.times)


def folded(rows: Iterable[tuple[str, int, Meeting, str]]) -> Folded:
    """Dated meetings as weekly ones: each with whose it is, its row and its room."""
    return fold(DatedRow(key, number, meeting.time, room) for key, number, meeting, room in rows)


def vocabulary_read(document: Mapping[str, Any]) -> Vocabulary:
    """Raises `RestructuringRefusal` for what is no vocabulary."""
    try:
        return Vocabulary.from_json(dict(document))
    except BadVocabularyError as error:
        raise RestructuringRefusal("document_shape", field="vocabulary", why=str(error)) from None


def _with_answer(vocabulary: Vocabulary, about: str, answer: str) -> Vocabulary:
    try:
        settings = json.loads(answer)
        return vocabulary.with_settings(settings if isinstance(settings, dict) else {})
    except (ValueError, RecursionError, AttributeError, TypeError):  # BadVocabularyError is a ValueError
        raise RestructuringRefusal("answer_unknown", field="answers", value=answer[:40], question=about, known="its choices") from None


def usual_grid(name: str, *, periods: int = 0, days: int = 5) -> Grid:
    """One of the usual grids, with as many periods at least as a table's numbers name, as long as the day has room."""
    start, length, step, count = USUAL_GRIDS[name]
    if start + step * (periods - 1) + length > DAY_MINUTES:  # codes of shifts count an evening as well: the day begins earlier
        start = max(0, (DAY_MINUTES - length - step * (periods - 1)) // 60 * 60)
    count = min(max(count, periods), (DAY_MINUTES - start - length) // step + 1)
    starts = [start + step * number for number in range(count)]
    return Grid(tuple(GridPeriod(time_of(minute), time_of(minute + length)) for minute in starts), days)


def _parts(cell: Cell) -> dict[str, str]:
    names = {"days": "days", "time": "times", "start": "start", "end": "end", "date": "date", "period": "period"}
    parts = {part: str(cell(role)) for part, role in names.items()}
    if not parts["end"] and (duration := cell("duration")):
        begins = parts["start"] or parts["time"]
        if ends := end_of(begins, duration):
            parts |= {"start": begins, "end": ends, "time": parts["time"] if parts["start"] else ""}
    return parts


def end_of(begins: str, duration: str) -> str:
    """The clock time at the end of what begins then and takes so long; empty where either can't be told, or the day ends before."""
    clock, length = CLOCK.search(begins), duration.strip().casefold()
    if clock is None or len(CLOCK.findall(begins)) > 1:
        return ""
    hour = int(clock[1]) % 12 + 12 * (clock[3].startswith("p")) if (clock[3] or "") else int(clock[1])
    if found := HOURS_AND_MINUTES.fullmatch(length):
        minutes = 60 * int(found[1] or 0) + int(found[2] or 0)
    elif found := MINUTES.fullmatch(length):
        minutes = int(found[1])
        if not found[2] and minutes <= 12:  # a bare number that small is one of hours
            minutes *= 60
    elif found := PART_OF_HOUR.fullmatch(length):
        minutes = round(60 * float(found[1].replace(",", ".")))
    else:
        return ""
    last = 60 * hour + int(clock[2] or 0) + minutes
    return f"{last // 60:02d}:{last % 60:02d}" if minutes and last < DAY_MINUTES else ""


def _clock(time: dt.time | None) -> str:
    return "" if time is None else time.isoformat("minutes")
