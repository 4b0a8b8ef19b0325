"""A variant's violations as they are stored: in chunks, sorted, so that a page of them reads one or two and a sum reads none.

A large timetable has some 15,000, which are megabytes. They stand hard ones first, then by amount and constraint; a chunk
holds hard ones or others, and says beside them how many of each constraint there are and what they amount to.

Where `Variant.conflicts` is not empty, a process of the previous release has written it since the chunks: then it counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, overload
from uuid import UUID

from django.db.models import QuerySet

from academics.models import Organization
from generation.models import ConflictChunk, Variant
from generation.text.violations import UNLISTED

ROWS_AT_ONCE = 200
CHUNKS_AT_ONCE = 8
TRIES = 3  # at chunks that an edit replaces between the look at their counts and the reading

Row = dict[str, Any]


class Conflicts(Sequence[Row]):
    """The violations of a variant, or those of one constraint or kind. Reads what is looked at: a slice its chunks, a length counts."""

    def __init__(self, variant_id: UUID, *, constraint: str = "", is_hard: bool | None = None) -> None:
        self._variant_id, self._constraint, self._is_hard = variant_id, constraint, is_hard
        self._look()

    def _look(self) -> None:
        former = former_conflicts(self._variant_id)
        self._former = None if former is None else [row for row in conflicts_sorted(former) if self._is_selected(row)]
        found = () if former is not None else self._chunks().values_list("pk", "counts")
        counts = [(pk, self._num_selected(counts)) for pk, counts in found]
        self._counts = [(pk, number) for pk, number in counts if number]
        self._length = len(self._former) if self._former is not None else sum(number for _, number in self._counts)

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> list[Row]: ...
    def __getitem__(self, index: int | slice) -> Row | list[Row]:
        if isinstance(index, int):
            place = range(self._length)[index]
            return self[place : place + 1][0]
        if self._former is not None:
            return self._former[index]
        for _ in range(TRIES):
            start, stop, step = index.indices(self._length)
            rows = self._between(start, stop)
            if rows is not None:
                return rows[::step] if step > 0 else []
            self._look()
        return list(islice(self, *index.indices(self._length)))  # in one statement, which no edit divides

    def __iter__(self) -> Iterator[Row]:
        if self._former is not None:
            yield from self._former
            return
        for rows in self._chunks().values_list("rows", flat=True).iterator(chunk_size=CHUNKS_AT_ONCE):
            yield from filter(self._is_selected, rows)

    def _between(self, start: int, stop: int) -> list[Row] | None:
        """None where a chunk is no longer there."""
        begins, first = 0, 0
        wanted: list[int] = []
        for pk, number in self._counts:
            if begins < stop and start < begins + number:
                first = first if wanted else begins
                wanted.append(pk)
            begins += number
        found = dict(ConflictChunk.objects.filter(pk__in=wanted).values_list("pk", "rows")) if wanted else {}
        if len(found) < len(wanted):
            return None
        rows = [row for pk in wanted for row in found[pk] if self._is_selected(row)]
        return rows[start - first : stop - first] if stop > start else []

    def _chunks(self) -> QuerySet[ConflictChunk]:
        chunks = ConflictChunk.objects.filter(variant=self._variant_id).order_by("number")
        chunks = chunks if self._is_hard is None else chunks.filter(is_hard=self._is_hard)
        return chunks.filter(counts__has_key=self._constraint) if self._constraint else chunks

    def _num_selected(self, counts: Mapping[str, Sequence[int]]) -> int:
        return sum(number for name, (number, _) in counts.items() if self._constraint in ("", name))

    def _is_selected(self, row: Row) -> bool:
        return self._constraint in ("", row["constraint"]) and self._is_hard in (None, row["is_hard"])


def hard_amounts(variant_id: UUID) -> dict[str, int]:
    """What the violations of each hard constraint amount to. Reads none of them."""
    former = former_conflicts(variant_id)
    chunks = [_counted(former)] if former is not None else _hard_counts(variant_id)
    amounts: dict[str, int] = {}
    for counts in chunks:
        for name, (_, amount) in counts.items():
            amounts[name] = amounts.get(name, 0) + amount
    return amounts


def _hard_counts(variant_id: UUID) -> list[dict[str, list[int]]]:
    return list(ConflictChunk.objects.filter(variant=variant_id, is_hard=True).values_list("counts", flat=True))


def former_conflicts(variant_id: UUID) -> list[Row] | None:
    """What a process of the previous release has written since; None where none has."""
    return Variant.objects.filter(pk=variant_id).exclude(conflicts=[]).values_list("conflicts", flat=True).first()


def conflicts_sorted(rows: Sequence[Row]) -> list[Row]:
    """What stands for those that are not listed comes last."""
    return sorted(rows, key=lambda row: (not row["is_hard"], UNLISTED in row, -row["amount"], row["constraint"]))


def conflicts_write(*, variant_id: UUID, rows: Sequence[Row], is_new: bool = False) -> None:
    """Puts these in the place of what was there. Call inside a transaction."""
    if not is_new:
        ConflictChunk.objects.filter(variant=variant_id).delete()
        Variant.objects.filter(pk=variant_id).exclude(conflicts=[]).update(conflicts=[])
    ordered = conflicts_sorted(rows)
    num_hard = sum(1 for row in ordered if row["is_hard"])
    parts = [*_parted(ordered[:num_hard]), *_parted(ordered[num_hard:])]
    made = (
        ConflictChunk(variant_id=variant_id, number=number, is_hard=part[0]["is_hard"], counts=_counted(part, of_all=True), rows=part)
        for number, part in enumerate(parts)
    )
    while some := list(islice(made, CHUNKS_AT_ONCE)):
        ConflictChunk.objects.bulk_create(some)


def conflicts_copy(*, source: UUID, target: UUID) -> None:
    """For a new variant. Call inside a transaction."""
    former = former_conflicts(source)
    if former is not None:
        conflicts_write(variant_id=target, rows=former, is_new=True)
        return
    for chunk in ConflictChunk.objects.filter(variant=source).order_by("number").iterator(chunk_size=CHUNKS_AT_ONCE):
        chunk.pk, chunk.variant_id = None, target
        chunk.save(force_insert=True)


def conflicts_rewrite(organization: Organization) -> None:
    """After rows were taken over from elsewhere: counts are of what is there, and what an earlier release wrote is moved."""
    for variant_id in Variant.objects.filter(job__organization=organization).values_list("pk", flat=True):
        former = former_conflicts(variant_id)
        stored = ConflictChunk.objects.filter(variant=variant_id).order_by("number").values_list("rows", flat=True)
        rows = former if former is not None else [row for part in stored for row in part]
        if rows or stored:
            conflicts_write(variant_id=variant_id, rows=rows)


def _parted(rows: list[Row]) -> Iterator[list[Row]]:
    return (rows[start : start + ROWS_AT_ONCE] for start in range(0, len(rows), ROWS_AT_ONCE))


def _counted(rows: Sequence[Row], *, of_all: bool = False) -> dict[str, list[int]]:
    """By constraint: how many there are, and what they amount to."""
    counts: dict[str, list[int]] = {}
    for row in rows:
        if of_all or row["is_hard"]:
            found = counts.setdefault(row["constraint"], [0, 0])
            found[0] += 1
            found[1] += row["amount"]
    return counts
