"""A timetable that an institution has already, lecture by lecture, and the door to whoever keeps timetables.

This app knows no timetables: what an import, or a term that is rolled forward, says of places goes to the class that the setting
TIMETABLE_STORE names.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User
from django.utils.module_loading import import_string

from academics.errors import UserError
from academics.models import Organization, Term

MOST_ROWS_NAMED = 10


class Placement(NamedTuple):
    """One weekly lecture: of which section, when and where."""

    course: str  # codes, as all names here
    section: str  # a section's own code, or its number; empty: the course's only one
    day: int  # 0 is Monday
    period: int  # 0 is the first of the day, as `Period.index` counts
    lecture: int | None = None  # which of the section's, counted from 0
    length: int | None = None  # periods
    room: str = ""
    instructors: tuple[str, ...] = ()
    rows: tuple[int, ...] = ()  # of the table, that say so
    weeks: int | None = None  # of the term, as `academics.term_weeks` has them; None: nothing is said


@dataclass(frozen=True)
class Source:
    """Where a timetable was taken from, by whom, and for which import."""

    name: str  # the file, or the term
    user: User | None = None
    import_id: UUID | None = None
    uses: tuple[str, ...] = ()  # what else is made of the places: see USES
    is_lenient: bool = False  # places that are of no lecture are left out and counted, not refused


# What can be made of the places beside the timetable: rules that fix them, or wishes that a search weighs.
PINS, WISHES = "pins", "wishes"
USES = (PINS, WISHES)


class PlacesRefused(UserError):
    """The places can't become a timetable of the term, or can't be taken back. Its text is a finished sentence."""

    status = 409


class Takeover(Protocol):
    """Places that become a timetable of a term, in two parts, so that evaluating them holds up nobody who writes:

    ``read`` and ``evaluate`` by turns until it ``is_evaluated``, then ``write``. The data are the same at every ``read`` and at ``write``.
    """

    @property
    def is_evaluated(self) -> bool: ...

    def read(self) -> None:
        """Reads the whole term, with the rules that were asked for. Inside a transaction, which may be rolled back after it. Raises
        `PlacesRefused`.
        """
        ...

    def evaluate(self) -> None:
        """Needs no database."""
        ...

    def write(self) -> dict[str, Any]:
        """Makes the timetable, inside a transaction: plain facts about it, which `TimetableStore.take_back` understands."""
        ...


class TimetableStore(Protocol):
    """Whoever keeps timetables."""

    def takeover(self, *, organization: Organization, term_code: str, placements: Sequence[Placement], source: Source) -> Takeover:
        """Makes a timetable of the places; the term need not be there before `Takeover.read`. Reads nothing."""
        ...

    def take_over(self, *, organization: Organization, term: Term, placements: Sequence[Placement], source: Source) -> dict[str, Any]:
        """The same at once. Inside a transaction of the caller's, as all below."""
        ...

    def take_back(self, *, organization: Organization, facts: dict[str, Any]) -> None:
        """Remove it again. Raises `PlacesRefused` where somebody has worked with it since."""
        ...

    def published(self, *, organization: Organization, term: Term) -> Sequence[Placement] | None:
        """The places of the term's published timetable; None where none is published."""
        ...


def timetable_store() -> TimetableStore:
    found: TimetableStore = import_string(settings.TIMETABLE_STORE)()
    return found


def lectures_matched(
    places: Sequence[tuple[int | None, int | None]],
    lengths: Sequence[int],
    *,
    weeks: Sequence[int | None] = (),
    of_lectures: Sequence[int] = (),
) -> list[int | None]:
    """Which of a section's lectures, whose lengths are given in their order, each place is of: by its number, by its weeks, by its length,
    then in order.

    ``places`` are numbers and lengths, None where they are not known; ``weeks`` those of the places, ``of_lectures`` those of the lectures.
    None for a place to which no lecture is left.
    """
    found: list[int | None] = [None] * len(places)
    free = list(range(len(lengths)))

    def take(index: int, lecture: int) -> None:
        found[index] = lecture
        free.remove(lecture)

    for index, (number, length) in enumerate(places):
        if number is not None and number in free and length in (None, lengths[number]):
            take(index, number)
    for index, held in enumerate(weeks):
        number, length = places[index]
        same = next((each for each in free if of_lectures[each] == held and length in (None, lengths[each])), None)
        if number is None and held is not None and same is not None and len(set(of_lectures)) > 1:
            take(index, same)
    for index, (number, length) in enumerate(places):
        if found[index] is not None:
            continue
        alike = next((lecture for lecture in free if lengths[lecture] == length), None)
        if number is None and length is not None and alike is not None:
            take(index, alike)
    for index, (number, length) in enumerate(places):
        if found[index] is None and number is None and length is None and free:
            take(index, free[0])
    return found


def rows_named(rows: Sequence[int]) -> str:
    """``row 4`` or ``rows 4, 9 and 12``; of many the first, and how many more there are."""
    listed = [f"{row:,}" for row in sorted(set(rows))]
    if len(listed) == 1:
        return f"row {listed[0]}"
    if len(listed) > MOST_ROWS_NAMED:
        listed = [*listed[:MOST_ROWS_NAMED], f"{len(listed) - MOST_ROWS_NAMED:,} more"]
    return f"rows {', '.join(listed[:-1])} and {listed[-1]}"
