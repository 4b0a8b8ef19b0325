"""Items of a cell put together: which days go with which times and weeks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from academics.weekly_times.clocks import is_early, range_of, start_of
from academics.weekly_times.day_groups import AmbiguousError, Day, DayGroup, NotUnderstoodError
from academics.weekly_times.items import Item, ItemKind
from academics.weekly_times.readings import Reading, WeeklyTime, time_of
from academics.weekly_times.scanning import CJK
from academics.weekly_times.vocabulary import Vocabulary

MOST_TIMES = 200
MOST_PERIOD = 64
TIME_KINDS = (ItemKind.SPAN, ItemKind.PERIODS, ItemKind.TIMES)


@dataclass
class TimeGroup:
    """Spans that stand together, with what separates them."""

    items: list[Item] = field(default_factory=list)

    @property
    def text(self) -> str:
        return " ".join(item.text for item in self.items if item.kind in TIME_KINDS)


Group = DayGroup | TimeGroup | str  # a text is what is said of weeks


class Meetings:
    def __init__(self, items: Sequence[Item], vocabulary: Vocabulary) -> None:
        self.items, self.vocabulary = items, vocabulary
        self.has_clock = any(item.kind is ItemKind.SPAN and _is_clock(item) for item in items)
        self.not_understood: list[str] = []
        self.is_ambiguous = False
        self.times: list[WeeklyTime] = []
        self.groups = _joined(_segments(items))
        self.bare: list[Item] = []  # numbers of which nothing beside them tells whether they are periods or hours

    def reading(self) -> Reading:
        has_no_time = False
        for item in self.items:
            if item.kind in (ItemKind.UNKNOWN, ItemKind.AMBIGUOUS):
                self.not_understood.append(item.text)
                self.is_ambiguous = self.is_ambiguous or item.kind is ItemKind.AMBIGUOUS
            has_no_time = has_no_time or item.kind is ItemKind.NO_TIME
        for groups in self.groups:
            self._segment(groups)
        times = tuple(dict.fromkeys(self.times) if len(self.times) > 1 else self.times)
        if has_no_time and all(time.start is None and time.period is None for time in times):
            times = ()
        if len(times) > MOST_TIMES:
            return Reading(not_understood=(f"{len(times)} times in one cell",))
        is_ambiguous = self.is_ambiguous and bool(self.not_understood)
        return Reading(times, has_no_time and not times and not self.not_understood, tuple(self.not_understood), is_ambiguous)

    def _segment(self, groups: list[Group]) -> None:
        """Days before their times, or times before their days, as the first of them says."""
        weighty = [group for group in groups if not isinstance(group, str)]
        is_day_first = not weighty or isinstance(weighty[0], DayGroup)
        if not is_day_first and any(isinstance(group, DayGroup) for group in weighty) and isinstance(weighty[-1], TimeGroup):
            self._ambiguous(" ".join(group.text for group in weighty))
            return
        are_weeks_first = bool(groups) and isinstance(groups[0], str)
        held: DayGroup | TimeGroup | None = None
        since = len(self.times)
        weeks: str | None = None
        for group in groups:
            if isinstance(group, str):
                if are_weeks_first or held is not None or len(self.times) == since:
                    is_more = weeks is not None and held is None and len(self.times) == since
                    weeks, since = f"{weeks} {group}" if is_more else group, len(self.times)
                else:
                    self.times[since:] = [replace(time, weeks=group) if time.weeks is None else time for time in self.times[since:]]
                    since, weeks = len(self.times), None
                continue
            if held is None:
                held = group
            elif isinstance(held, DayGroup):
                self._pair(held, group if isinstance(group, TimeGroup) else None, weeks)
                held = None if isinstance(group, TimeGroup) else group
            else:
                self._pair(group if isinstance(group, DayGroup) else None, held, weeks)
                held = None if isinstance(group, DayGroup) else group
        if isinstance(held, DayGroup):
            self._pair(held, None, weeks)
        elif isinstance(held, TimeGroup):
            self._pair(None, held, weeks)
        elif weeks is not None and not weighty:
            self._weeks_alone(weeks)

    def _weeks_alone(self, weeks: str) -> None:
        """On a line of their own they are those of the times before that have none."""
        if not self.times:
            self.times.append(WeeklyTime(weeks=weeks))
        self.times[:] = [replace(time, weeks=weeks) if time.weeks is None else time for time in self.times]

    def _pair(self, group: DayGroup | None, times: TimeGroup | None, weeks: str | None) -> None:
        days = self._days(group) if group is not None else [(None, None)]
        is_cjk = group is not None and bool(CJK.match(group.text))
        spans = self._spans(times, is_cjk) if times is not None else [WeeklyTime()]
        for day, date in days or []:
            for span in spans or []:
                if span.day is None:
                    self.times.append(WeeklyTime(day, span.start, span.end, span.period, span.last_period, date, span.weeks or weeks))
        for span in spans or []:
            if span.day is not None:
                self.times.append(replace(span, weeks=span.weeks or weeks))
        if group is not None and spans and all(span.day is not None for span in spans):
            self.not_understood.append(group.text)

    def _days(self, group: DayGroup) -> list[Day] | None:
        try:
            return group.days(self.vocabulary)
        except AmbiguousError:
            self._ambiguous(group.text)
        except NotUnderstoodError:
            self.not_understood.append(group.text)
        return None

    def _ambiguous(self, text: str) -> None:
        self.not_understood.append(text)
        self.is_ambiguous = True

    def _spans(self, group: TimeGroup, is_cjk: bool) -> list[WeeklyTime] | None:
        """Periods, clock times, or one of each that say the same."""
        spans = [item for item in group.items if item.kind is ItemKind.SPAN]
        are_periods = _period_marks(group.items)
        if (joined := _slashed(spans, group.items)) is not None and self.vocabulary.slashed_times is not None:
            return self._slashed_times(*joined)
        if (reason := _nonsense(group.items, are_periods)) is not None:
            self.not_understood.append(group.text)
            self.is_ambiguous = self.is_ambiguous or reason == "ambiguous"
            return None
        if not spans and not any(item.kind is ItemKind.TIMES for item in group.items):
            self.not_understood.append(group.text)
            return None
        periods: list[WeeklyTime] = []
        clocks: list[WeeklyTime] = []
        for item, is_period in zip(spans, are_periods, strict=True):
            kind = "hours" if _is_clock(item) else "periods" if is_period or is_cjk else self._bare(item)
            is_open = kind is None or (kind == "hours" and self._is_open(item))
            time = None if is_open else self._periods(item) if kind == "periods" else self._clock(item)
            if is_open:
                self._ambiguous(item.text)
            elif time is None:
                self.not_understood.append(item.text)
            else:
                (periods if kind == "periods" else clocks).append(time)
        periods = _merged(periods)
        taught = [time for item in group.items for time in item.times]
        if len(periods) == len(clocks) == 1 and len(spans) == 2:
            return [replace(clocks[0], period=periods[0].period, last_period=periods[0].last_period), *taught]
        return [*periods, *clocks, *taught]

    def _slashed_times(self, one: Item, other: Item) -> list[WeeklyTime] | None:
        if self.vocabulary.slashed_times == "list":
            return [time for item in (one, other) if (time := self._clock(item)) is not None]
        time = self._clock(one._replace(last=other.first))
        if time is None:
            self.not_understood.append(f"{one.text}/{other.text}")
        return None if time is None else [time]

    def _bare(self, item: Item) -> str | None:
        """What numbers are that nothing beside them tells."""
        self.bare.append(item)
        if self.vocabulary.bare_numbers is not None:
            return self.vocabulary.bare_numbers
        if self.has_clock:
            return "hours"
        return "periods" if item.last is None and not self.vocabulary.is_open("bare_numbers") else None

    def _periods(self, item: Item) -> WeeklyTime | None:
        first = item.first.number if item.first else 0
        last = item.last.number if item.last else first
        return WeeklyTime(period=first, last_period=last) if 1 <= first <= last <= MOST_PERIOD else None

    def _is_open(self, item: Item) -> bool:
        return self.vocabulary.is_open("afternoon_below") and item.first is not None and is_early(item.first, item.last)

    def _clock(self, item: Item) -> WeeklyTime | None:
        below = self.vocabulary.afternoon_below
        if item.first is None:
            return None
        if item.last is None:
            start = start_of(item.first, below)
            return None if start is None else WeeklyTime(start=time_of(start))
        span = range_of(item.first, item.last, below)
        return None if span is None else WeeklyTime(start=time_of(span[0]), end=time_of(span[1]))


def _is_clock(item: Item) -> bool:
    return any(value is not None and value.is_clock for value in (item.first, item.last))


def _slashed(spans: Sequence[Item], items: Sequence[Item]) -> tuple[Item, Item] | None:
    """Both starts of 9:00/10:30, which may be a start and an end."""
    said = [item.text for item in items if item.kind in (ItemKind.COMMA, ItemKind.DASH)]
    if len(spans) != 2 or said != ["/"] or any(item.last is not None or not _is_clock(item) for item in spans):
        return None
    return spans[0], spans[1]


def slashed_of(groups: Sequence[Sequence[Group]]) -> list[tuple[Item, Item]]:
    """The pairs of times with a slash between them."""
    found = []
    for group in (group for each in groups for group in each):
        if isinstance(group, TimeGroup):
            pair = _slashed([item for item in group.items if item.kind is ItemKind.SPAN], group.items)
            found += [pair] if pair is not None else []
    return found


def _nonsense(items: Sequence[Item], are_periods: Sequence[bool]) -> Literal["ambiguous", "nonsense"] | None:
    """Two starts with a slash between them may be a start and an end.

    With nothing between them neither two starts are said, nor are numbers beside a clock time, as in 9:00-10:00 (1-7), unless they are
    said to be periods; nor is anything by a further dash.
    """
    said = [item for item in items if item.kind in TIME_KINDS or item.kind in (ItemKind.COMMA, ItemKind.DASH)]
    marks = iter(are_periods)
    seen: list[tuple[Item, bool]] = []
    between: list[Item] = []
    for item in said:
        if item.kind is not ItemKind.SPAN:
            between.append(item)
            continue
        is_period = next(marks)
        if seen:
            before, was_period = seen[-1]
            are_starts = all(_is_clock(each) and each.last is None for each in (before, item))
            if [each.kind for each in between] == [ItemKind.DASH]:
                return "nonsense"
            if _is_date_without_year(before, item, between) and not is_period:
                return "nonsense"
            if are_starts and [each.text for each in between] == ["/"]:
                return "ambiguous"
            is_mixed = _is_clock(before) != _is_clock(item) and not was_period and not is_period
            if not between and (are_starts or is_mixed):
                return "nonsense"
        seen.append((item, is_period))
        between = []
    return None


def _is_date_without_year(one: Item, other: Item, between: Sequence[Item]) -> bool:
    """3/4 are two periods that follow one another; 1/9 may be a day and a month."""
    if [each.text for each in between] != ["/"] or one.first is None or other.first is None:
        return False
    return not _is_clock(one) and not _is_clock(other) and one.last is None and other.first.number != one.first.number + 1


def _period_marks(items: Sequence[Item]) -> list[bool]:
    """Of each span, whether a word beside it says that its numbers are periods: one before them, or one after."""
    marks: list[bool] = []
    is_open = False
    fresh = 0
    for item in items:
        if item.kind is ItemKind.SPAN:
            is_open = is_open and not _is_clock(item)
            marks.append(is_open or item.is_period)
            fresh = len(marks) if _is_clock(item) else fresh
        elif item.kind is ItemKind.PERIODS:
            is_open = fresh == len(marks) or marks[-1]
            marks[fresh:] = [True] * (len(marks) - fresh)
            fresh = len(marks)
    return marks


def _merged(periods: list[WeeklyTime]) -> list[WeeklyTime]:
    """1,2 is one meeting of two periods."""
    result: list[WeeklyTime] = []
    for time in periods:
        before = result[-1] if result else None
        if before and before.last_period and time.period == before.last_period + 1 and time.period == time.last_period:
            result[-1] = replace(before, last_period=time.last_period)
        else:
            result.append(time)
    return result


def _segments(items: Sequence[Item]) -> list[list[Group]]:
    """The groups of each part between semicolons and line breaks."""
    segments: list[list[Group]] = [[]]
    is_dashed = is_separated = False
    for item in items:
        groups = segments[-1]
        last = groups[-1] if groups else None
        if item.kind is ItemKind.BREAK:
            segments.append([])
        elif item.kind in (ItemKind.DAYS, ItemKind.DATE):
            if not isinstance(last, DayGroup):
                last = DayGroup()
                groups.append(last)
            if item.kind is ItemKind.DAYS:
                last.add(item, is_dashed and not is_separated)
            else:
                last.dates.append(item)
                if item.first is not None:
                    groups.append(TimeGroup([item._replace(kind=ItemKind.SPAN)]))
        elif item.kind in TIME_KINDS or (item.kind in (ItemKind.COMMA, ItemKind.DASH) and isinstance(last, TimeGroup)):
            if not isinstance(last, TimeGroup):
                last = TimeGroup()
                groups.append(last)
            last.items.append(item)
        elif item.kind is ItemKind.WEEKS:
            groups.append(item.text)
        is_dashed = item.kind is ItemKind.DASH
        is_separated = item.kind is ItemKind.COMMA
    return [groups for groups in segments if groups]


def _joined(segments: list[list[Group]]) -> list[list[Group]]:
    """Days on one line and their times on the next belong together; times alone after whole meetings are of the same days."""
    result: list[list[Group]] = []
    for groups in segments:
        before = result[-1] if result else None
        kinds, kinds_before = _kinds(groups), _kinds(before or [])
        is_day_first = bool(kinds_before) and isinstance(_weighty(before or [])[0], DayGroup)
        if before is not None and kinds_before == {DayGroup} and DayGroup in kinds and isinstance(_weighty(groups)[0], DayGroup):
            last, first = _weighty(before)[-1], _weighty(groups)[0]
            if isinstance(last, DayGroup) and isinstance(first, DayGroup):
                for place, item in enumerate(first.items):
                    last.add(item, first.is_dashed[place])
                last.dates += first.dates
                before += groups[groups.index(first) + 1 :]
        elif before is not None and len(kinds_before) == 1 and len(kinds) == 1 and kinds != kinds_before:
            before += groups
        elif before is not None and kinds == {TimeGroup} and kinds_before == {DayGroup, TimeGroup} and is_day_first:
            days = [group for group in before if isinstance(group, DayGroup)][-1]
            result.append([days, *groups])
        else:
            result.append(groups)
    return result


def _weighty(groups: list[Group]) -> list[DayGroup | TimeGroup]:
    return [group for group in groups if not isinstance(group, str)]


def _kinds(groups: list[Group]) -> set[type]:
    return {type(group) for group in _weighty(groups)}
