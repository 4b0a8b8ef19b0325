"""Existing timetables of an import: handed on, once all of its data are written, to whoever keeps timetables; and taken back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from academics.importing.columns_by_kind import TIMETABLE
from academics.importing.mapping import Mapped
from academics.importing.messages import ImportConflict
from academics.models import ImportBatch, Term
from academics.placements import Placement, PlacesRefused, Source, timetable_store


def timetables_take(*, batch: ImportBatch, placements: Mapping[str, Sequence[Placement]], tables: Sequence[Mapped]) -> list[dict[str, Any]]:
    """One timetable for each term that has places. Inside the import's transaction: where one is refused, nothing of it stays."""
    if not placements:
        return []
    names = ", ".join(dict.fromkeys(mapped.table.name for mapped in tables if mapped.kind and mapped.kind.name == TIMETABLE))
    source = Source(names, batch.user, batch.pk, tuple(batch.uses))
    terms = {term.code: term for term in Term.objects.filter(organization=batch.organization, code__in=placements)}
    try:
        return [
            timetable_store().take_over(organization=batch.organization, term=terms[code], placements=listed, source=source)
            for code, listed in placements.items()
        ]
    except PlacesRefused as refused:
        raise ImportConflict("timetable_refused", why=str(refused)) from refused


def timetables_take_back(*, batch: ImportBatch) -> None:
    """Removes what `timetables_take` made, unless somebody has worked with it since. Inside the undo's transaction."""
    try:
        for facts in batch.timetables:
            timetable_store().take_back(organization=batch.organization, facts=facts)
    except PlacesRefused as refused:
        raise ImportConflict("timetable_kept", why=str(refused)) from refused
