"""Days that stand together: which they are, where a letter may be two of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise

from academics.weekly_times.items import Item, ItemKind
from academics.weekly_times.vocabulary import DashedDays, Vocabulary
from academics.weekly_times.words import Way, is_in_order

MOST_WAYS = 64
MOST_DAYS = 70  # in one cell
CODES = frozenset({"m", "t", "w", "th", "r", "h", "f", "tu"})
Day = tuple[int | None, dt.date | None]


class AmbiguousError(ValueError):
    """The text can be read in several ways."""


class NotUnderstoodError(ValueError):
    """The text makes no sense as days."""


@dataclass
class DayGroup:
    """Days, and dates, in the order in which they are written; ``is_dashed`` says of each but the first whether a dash is before it."""

    items: list[Item] = field(default_factory=list)
    is_dashed: list[bool] = field(default_factory=list)
    dates: list[Item] = field(default_factory=list)

    @property
    def text(self) -> str:
        return " ".join(item.text for item in (*self.items, *self.dates))

    def add(self, item: Item, is_dashed: bool) -> None:
        self.is_dashed.append(is_dashed and bool(self.items))
        self.items.append(item)

    def days(self, vocabulary: Vocabulary) -> list[Day]:
        """Raises AmbiguousError and NotUnderstoodError."""
        named = self.named_days(vocabulary)
        dates = [_date(item, named, vocabulary) for item in self.dates]
        if not dates:
            return [(day, None) for day in named]
        if not named:
            return [(date.weekday(), date) for date in dates]
        if len(named) == 1:
            return [(named[0], date) for date in dates]
        if {date.weekday() for date in dates} <= set(named):
            return [(date.weekday(), date) for date in dates]
        raise NotUnderstoodError

    def named_days(self, vocabulary: Vocabulary) -> list[int]:
        """Where the order of the week leaves several, by the letters that are decided."""
        sequences = self.sequences(vocabulary)
        if len(_lists(sequences)) > 1:
            agreeing = [sequence for sequence in sequences if all(vocabulary.letters.get(piece, day) == day for day, piece in sequence)]
            sequences = agreeing or sequences
        lists = _lists(sequences)
        if len(lists) != 1:
            raise AmbiguousError
        return list(lists[0])

    def sequences(self, vocabulary: Vocabulary) -> list[Way]:
        """The ways to read them: those without repeats and in the order of the week, if there are any."""
        return list(_sequences(tuple(item.ways for item in self.items), tuple(self.is_dashed), vocabulary.dashed_days))

    def found_sequences(self, vocabulary: Vocabulary) -> list[Way]:
        if len(self.items) > MOST_DAYS:
            raise AmbiguousError
        sequences: list[Way] = [()]
        for ways in self._parts(vocabulary):
            sequences = [(*sequence, *way) for sequence in sequences for way in ways]
            if len(sequences) > MOST_WAYS:
                raise AmbiguousError
        for is_better in (lambda days: len(set(days)) == len(days), is_in_order):
            better = [sequence for sequence in sequences if is_better([day for day, _ in sequence])]
            sequences = better or sequences
        return sequences

    def _parts(self, vocabulary: Vocabulary) -> Iterator[Sequence[Way]]:
        """The ways of each day, or of the days from one to another."""
        for chain in self.chains():
            if len(chain) == 2 and not self._is_list(chain, vocabulary):
                yield _range_ways(*chain)
            else:
                yield from (item.ways for item in chain)

    def chains(self) -> Iterator[list[Item]]:
        """Days with dashes between them; a day without is a chain of one."""
        place = 0
        while place < len(self.items):
            end = place + 1
            while end < len(self.items) and self.is_dashed[end]:
                end += 1
            yield self.items[place:end]
            place = end

    @staticmethod
    def _is_list(chain: Sequence[Item], vocabulary: Vocabulary) -> bool:
        if not is_dashed_both_ways(chain):
            return False
        if vocabulary.dashed_days is None:
            raise AmbiguousError
        return vocabulary.dashed_days == "list"


@lru_cache(maxsize=4096)
def _sequences(ways: tuple[tuple[Way, ...], ...], is_dashed: tuple[bool, ...], dashed_days: DashedDays | None) -> tuple[Way, ...]:
    """A column has few groups of days, each at many times."""
    group = DayGroup([Item(ItemKind.DAYS, "", ways=each) for each in ways], list(is_dashed))
    return tuple(group.found_sequences(Vocabulary(dashed_days=dashed_days)))


def is_dashed_both_ways(chain: Sequence[Item]) -> bool:
    """M-W and Tue-Thu may leave out the day between; M-F does not."""
    return any(days == 2 for days in _days_apart(chain))


def is_range(chain: Sequence[Item]) -> bool:
    """Mon-Fri, which says what dashes between words mean. M-F stands beside T-Th for the two days alone."""
    are_codes = all(piece in CODES for item in chain for way in item.ways for _, piece in way)
    return len(chain) == 2 and not are_codes and any(days > 2 for days in _days_apart(chain))


def _days_apart(chain: Sequence[Item]) -> list[int]:
    ways = [(one, other) for before, item in pairwise(chain) for one in before.ways for other in item.ways]
    return [other[0][0] - one[0][0] for one, other in ways if len(one) == len(other) == 1]


def _range_ways(one: Item, other: Item) -> list[Way]:
    """From a day to another, over the end of the week too."""
    ways: list[Way] = []
    for first in one.ways:
        for last in other.ways:
            if len(first) != 1 or len(last) != 1 or first[0][0] == last[0][0]:
                continue
            days = (last[0][0] - first[0][0]) % 7
            between = tuple(((first[0][0] + step) % 7, "") for step in range(1, days))
            ways.append((first[0], *between, last[0]))
    if not ways:
        raise NotUnderstoodError
    forward = [way for way in ways if way[0][0] < way[-1][0]]
    return forward or ways


def _lists(sequences: list[Way]) -> list[tuple[int, ...]]:
    return list(dict.fromkeys(tuple(dict.fromkeys(day for day, _ in sequence)) for sequence in sequences))


def _date(item: Item, named: list[int], vocabulary: Vocabulary) -> dt.date:
    if item.date is None:
        raise NotUnderstoodError
    if item.other_date is None:
        return item.date
    if vocabulary.day_first is not None:
        return item.date if vocabulary.day_first else item.other_date
    matching = [date for date in (item.date, item.other_date) if date.weekday() in named]
    if len(matching) != 1:
        raise AmbiguousError
    return matching[0]
