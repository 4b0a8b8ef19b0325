"""Days and times of a table by the grammar of `academics.weekly_times`."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Mapping, Sequence
from typing import Any

from academics.restructuring.frames import Frame, RestructuringRefusal
from academics.restructuring.schedules import Grid, TimesReader
from academics.weekly_times.grammar import read_weekly_times
from academics.weekly_times.readings import Reading, WeeklyTime
from academics.weekly_times.vocabulary import BadVocabularyError, Vocabulary


def vocabulary_read(document: Mapping[str, Any]) -> Vocabulary:
    """Raises `RestructuringRefusal` for what is no vocabulary."""
    try:
        return Vocabulary.from_json(dict(document))
    except BadVocabularyError as error:
        raise RestructuringRefusal("document_shape", field="vocabulary", why=str(error)) from None


@functools.lru_cache(maxsize=5_000)
def says_when(text: str) -> bool:
    """Whether a text is one of days or times, and not only a number."""
    if len(text) > 200 or text.replace(" ", "").isdigit():
        return False
    reading = read_weekly_times(text)
    return bool(reading.times) and not reading.not_understood and any(time.day is not None for time in reading.times)


def times_reader(frame: Frame, roles: Mapping[str, str], vocabulary: Mapping[str, Any], answers: Mapping[str, str]) -> TimesReader:
    """How the times of this table are read, by what is known of its words and what was answered."""
    known = vocabulary_read(vocabulary)

    def read(text: str) -> Reading:
        return read_weekly_times(text, known)

    def read_date(text: str) -> dt.date | None:
        return next((time.date for time in read_weekly_times(text, known).times if time.date is not None), None)

    return TimesReader(read, read_date, propose)


def propose(times: Sequence[WeeklyTime]) -> Grid | None:
    """Periods of an hour from the first start to the last end; None where no time has a clock."""
    starts = [time.start_minute for time in times if time.start_minute is not None]
    ends = [time.end_minute for time in times if time.end_minute is not None]
    if not starts:
        return None
    first, last = min(starts) // 60, -(-max([*ends, max(starts) + 60]) // 60)
    days = max((time.day or 0 for time in times), default=0) + 1
    return Grid(tuple((hour * 60, hour * 60 + 60) for hour in range(first, min(last, 24))), max(5, days))
