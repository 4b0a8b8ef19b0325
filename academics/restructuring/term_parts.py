"""Parts of a term: which rows are held all term long, and which only in some of its weeks."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from academics.restructuring.codes import name_folded
from academics.term_weeks import TermWeeks, WeeksUnreadable

WHOLE = 0.85  # of all the days or weeks that the rows name: what is held for as many is held all term long
DATES = re.compile(r"(\d{1,4})([./\-])(\d{1,2})(?:\2(\d{1,4}))?")
WEEKS = re.compile(r"(?:[^\W\d]+\.?\s*)?(\d{1,2}(?:\s*[-–]\s*\d{1,2})?(?:\s*[,;&+]\s*\d{1,2}(?:\s*[-–]\s*\d{1,2})?)*)\.?")
ALL_TERM = frozenset(
    name_folded(word)
    for word in (
        *(
            "full term",
            "full",
            "full semester",
            "regular",
            "regular academic session",
            "all weeks",
            "every week",
            "weekly",
            "whole term",
            "semester",
        ),
        *(
            "wöchentl",
            "wöchentlich",
            "wö",
            "woch",
            "jede woche",
            "ganzes semester",
            "semesterbegleitend",
            "hebdomadaire",
            "toutes les semaines",
        ),
        *("semanal", "todas las semanas", "todas as semanas", "semestral", "settimanale", "tutte le settimane", "haftalık", "her hafta"),
        *("еженедельно", "каждую неделю", "毎週", "每周", "매주"),
    )
)
Span = frozenset[int]  # days or weeks, as numbers


def parts_partial(values: Iterable[str]) -> dict[str, int]:
    """Of what the rows say of their part of the term the values that are not all of it, with how many rows have each.

    Dates and weeks are compared with all that the rows name. Of words those count that are not known to mean all of it; where none does,
    the one that most rows have does.
    """
    counts = Counter(value for value in values if value)
    if len(counts) < 2:
        return {}
    readings = []
    for read in (*_DATE_READERS, _weeks):
        spans = {value: span for value in counts if (span := read(value))}
        # All of the term in words beside ranges: *Full term* and *08/19-10/11*.
        if spans and all(value in spans or name_folded(value) in ALL_TERM for value in counts):
            readings.append((len(frozenset().union(*spans.values())), spans))
    if readings:  # 01/12-05/01 may be of January to May, or of December: a term is the shorter one
        whole, spans = min(readings, key=lambda reading: reading[0])
        return {value: counts[value] for value, span in spans.items() if len(span) < WHOLE * whole}
    known = [value for value in counts if name_folded(value) in ALL_TERM]
    usual, most = counts.most_common(1)[0]
    whole_words = set(known) or ({usual} if 2 * most > sum(counts.values()) else set())
    return {value: count for value, count in counts.items() if value not in whole_words}


def part_weeks(values: Iterable[str], weeks: TermWeeks) -> dict[str, int]:
    """By each value the weeks of the term that it stands for, 0 for every week; a value that does not say which is left out.

    Dates are read in the order, day or month first, in which all of them are days and the term that they make is the shorter one.
    """
    texts = [value for value in dict.fromkeys(values) if value]
    found: dict[str, int] = {}
    for text in texts:
        if not _is_dated(text):
            try:
                found[text] = weeks.read(text)
            except WeeksUnreadable:
                continue
    dated = [text for text in texts if _is_dated(text)]
    orders = [order for order in ("day", "month") if all(_days(text, order) for text in dated)]
    order = min(orders, key=lambda each: len(frozenset().union(*(_days(text, each) for text in dated))), default="")
    spans = {text: span for text in dated if order and (span := _span(text, order, weeks))}
    return found | {text: weeks.mask_of(map(dt.date.fromordinal, span)) for text, span in spans.items()}


def _is_dated(text: str) -> bool:
    """Two dates: 01/12-03/06, and not the weeks 1-7, 9-12."""
    found = DATES.findall(text)
    return len(found) == 2 and all(separator != "-" or third for _, separator, _, third in found)


def _span(text: str, order: str, weeks: TermWeeks) -> Span:
    """The days of the term from the first date of a text to its second; of dates without a year in that of the term."""
    if weeks.starts_on is None or weeks.ends_on is None:
        return frozenset()
    days = _days(text, order)
    if not days:
        return days
    first, last = dt.date.fromordinal(min(days)), dt.date.fromordinal(max(days))
    term = range(weeks.starts_on.toordinal(), weeks.ends_on.toordinal() + 1)
    if all(parts[3] or len(parts[0]) == 4 for parts in DATES.findall(text)):
        years = [first.year]
    else:
        years = list(dict.fromkeys((weeks.starts_on.year - 1, weeks.starts_on.year, weeks.ends_on.year)))
    spans = []
    for year in years:
        try:
            moved = first.replace(year=year).toordinal()
        except ValueError:
            continue
        spans.append(frozenset(range(max(moved, term.start), min(moved + (last - first).days + 1, term.stop))))
    return max(spans, key=len, default=frozenset())


def _days(text: str, order: str) -> Span:
    """The days from the first date of a text to its second; empty where it has no two dates."""
    found = [_date(parts, order) for parts in DATES.findall(text)]
    if len(found) != 2 or None in found:
        return frozenset()
    first, last = (date.toordinal() for date in found if date is not None)
    last += 365 if last < first and not DATES.findall(text)[0][3] else 0  # over the turn of a year that is not named
    return frozenset(range(first, last + 1)) if first <= last <= first + 800 else frozenset()


def _date(parts: Sequence[str], order: str) -> dt.date | None:
    first, _, second, third = parts
    if len(first) == 4 and third:
        year, month, day = int(first), int(second), int(third)
    else:
        month, day = (int(first), int(second)) if order == "month" else (int(second), int(first))
        year = int(third) if third else 2001
        year += 2000 if year < 100 else 0
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def _weeks(text: str) -> Span:
    """The weeks of ``1-7, 9``."""
    found = WEEKS.fullmatch(text.strip())
    if found is None:
        return frozenset()
    weeks: set[int] = set()
    for part in re.split(r"[,;&+]", found[1]):
        ends = [int(number) for number in re.findall(r"\d+", part)]
        weeks.update(range(ends[0], ends[-1] + 1))
    return frozenset(weeks)


_DATE_READERS: tuple[Callable[[str], Span], ...] = (lambda text: _days(text, "day"), lambda text: _days(text, "month"))


def rows_named(numbers: Mapping[str, Sequence[int]], *, most: int) -> Iterator[str]:
    """Each part with how many rows have it, and the first of these."""
    for value, rows in list(numbers.items())[:most]:
        which = ", ".join(map(str, rows[:4])) + (" ..." if len(rows) > 4 else "")
        yield f"{value} ({len(rows):,} row{'' if len(rows) == 1 else 's'}: {which})"
