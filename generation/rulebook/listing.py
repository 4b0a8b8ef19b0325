"""The rule book a page at a time: each source counts what matches the filters, and only what the page shows becomes sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db.models import Count, Value

from generation.rulebook.context import Book, Filters, Line
from generation.rulebook.kinds import KINDS
from generation.rulebook.source import Rows, Source
from generation.rulebook.sources import SOURCE_OF, SOURCES


@dataclass(frozen=True, slots=True)
class Page:
    lines: list[Line]
    count: int
    number: int
    size: int

    @property
    def num_pages(self) -> int:
        return max(1, -(-self.count // self.size))

    @property
    def first(self) -> int:
        return (self.number - 1) * self.size + 1 if self.count else 0

    @property
    def last(self) -> int:
        return min(self.number * self.size, self.count)


def lines_listed(book: Book, filters: Filters, *, page: int, size: int) -> Page:
    """One page of what matches the filters. A fixed number of queries, and those for the sentences of one page."""
    sources = list(_sources(filters))
    selected = [source.select(book, filters) for source in sources]
    chosen = list(zip(sources, selected, _counted(selected), strict=True))
    count = sum(number for _, _, number in chosen)
    number = min(max(1, page), max(1, -(-count // size)))
    begin = (number - 1) * size
    lines: list[Line] = []
    for source, rows, length in chosen:
        low, high = max(0, begin), max(0, min(length, begin + size - len(lines)))
        if low < high:
            lines += source.lines(book, list(rows[low:high]))
            begin = 0
        else:
            begin -= length
        if len(lines) >= size:
            break
    return Page(lines, count, number, size)


def _sources(filters: Filters) -> Iterator[Source]:
    for source in SOURCES:
        if not filters.kind or any(filters.kind in (kind, KINDS[kind].family) for kind in source.kinds):
            yield source


def _counted(selected: Sequence[Rows]) -> list[int]:
    """How many rows each source has. One query for all that are in the database."""
    counts = {
        # By their keys alone: what some rows are annotated with groups them.
        index: rows.model._base_manager.filter(pk__in=rows.order_by().values("pk"))
        .order_by()
        .annotate(source_index=Value(index))
        .values("source_index")
        .annotate(number=Count("pk"))
        for index, rows in enumerate(selected)
        if not isinstance(rows, list)
    }
    if not counts:
        return [len(rows) for rows in selected]
    first, *others = (each.values_list("source_index", "number") for each in counts.values())
    found = dict(first.union(*others, all=True))
    return [len(rows) if isinstance(rows, list) else found.get(index, 0) for index, rows in enumerate(selected)]


def line_find(book: Book, line_id: str) -> Line | None:
    """The line of this id, as ``no_overlap-12``."""
    kind, _, row = line_id.partition("-")
    if kind not in SOURCE_OF:
        return None
    found = SOURCE_OF[kind].find(book, kind, row)
    return None if found is None else SOURCE_OF[kind].lines(book, [found])[0]
