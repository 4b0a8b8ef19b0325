"""Existing timetables of an import: handed on, once all of its data are written, to whoever keeps timetables; and taken back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from academics.importing.columns_by_kind import TIMETABLE
from academics.importing.mapping import Mapped
from academics.importing.messages import ImportConflict
from academics.models import ImportBatch
from academics.placements import Placement, PlacesRefused, Source, Takeover, timetable_store


def timetables_begin(
    *, batch: ImportBatch, placements: Mapping[str, Sequence[Placement]], tables: Sequence[Mapped] = (), file: str = ""
) -> list[Takeover]:
    """One timetable for each term that has places. Loads the solver, and reads and writes nothing."""
    if not placements:
        return []
    names = file or ", ".join(dict.fromkeys(mapped.table.name for mapped in tables if mapped.kind and mapped.kind.name == TIMETABLE))
    source = Source(names, batch.user, batch.pk, tuple(batch.uses))
    store = timetable_store()
    return [
        store.takeover(organization=batch.organization, term_code=code, placements=listed, source=source)
        for code, listed in placements.items()
    ]


def timetables_evaluate(takeovers: Sequence[Takeover], *, written: Callable[[], AbstractContextManager[None]]) -> None:
    """``written``: the data as the import leaves them, for as long as they are read. Evaluating holds up nobody. Raises `ImportConflict`
    where a timetable is refused.
    """
    while unready := [each for each in takeovers if not each.is_evaluated]:
        with _refusals(), written():
            for each in unready:
                each.read()
        for each in unready:
            each.evaluate()


def timetables_write(takeovers: Sequence[Takeover]) -> list[dict[str, Any]]:
    """Inside the import's transaction."""
    with _refusals():
        return [each.write() for each in takeovers]


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except PlacesRefused as refused:
        raise ImportConflict("timetable_refused", why=str(refused)) from refused


def timetables_take_back(*, batch: ImportBatch) -> None:
    """Removes what `timetables_write` made, unless somebody has worked with it since. Inside the undo's transaction."""
    try:
        for facts in batch.timetables:
            timetable_store().take_back(organization=batch.organization, facts=facts)
    except PlacesRefused as refused:
        raise ImportConflict("timetable_kept", why=str(refused)) from refused
