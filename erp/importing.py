"""Files of published formats into the database, from the terminal: joins `erp.published_files` and `academics`."""

from __future__ import annotations

from pathlib import Path

from django.db import transaction

from academics.importing.institutions import LEFT_OUT
from academics.models import Term
from academics.placements import PlacesRefused, Source, timetable_store
from academics.services import organization_store
from erp.published_files import FORMATS, SNIFFED, format_name_of, institution_of
from generation.formats import FormatError
from generation.formats.source import text_read
from generation.formats.unsupported import Unsupported


def file_import(*, path: Path, organization: str, replace: bool = False, allow_unsupported: bool = False) -> tuple[Term, list[str]]:
    """Import one file as an organization, in one transaction; raises `FormatError` or `DataInUseError` and writes nothing.

    With ``allow_unsupported`` what cannot be kept is left out, and counted under `LEFT_OUT` in the organization's ``source``. The term,
    and sentences about what is kept otherwise than the file has it.
    """
    format_name = format_name_of(file=path.name, data=_beginning(path)) or "ctt"
    text = text_read(path, max_bytes=FORMATS[format_name].max_bytes)
    found = institution_of(text, file=path.name, format_name=format_name)
    counted = Unsupported(path.name)
    for kind, count in found.left_out.items():
        counted.add(kind, count)
    left_out = counted.check(allow=allow_unsupported)
    with transaction.atomic():
        term = organization_store(
            code=organization,
            name=found.name,
            term={"code": found.term, "name": found.name, "academic_year": "", "semester": ""},
            rows=found.rows,
            weights=found.weights,
            hardness=found.hardness,
            source={**found.source, **({LEFT_OUT: left_out} if left_out else {})},
            replace=replace,
        )
        if found.placements:
            try:
                timetable_store().take_over(
                    organization=term.organization, term=term, placements=found.placements, source=Source(path.name)
                )
            except PlacesRefused as refusal:
                raise FormatError(path.name, 0, "", str(refusal)) from None
    return term, list(found.notes)


def _beginning(path: Path) -> bytes:
    """Nothing of what is no file on a disk, which is said where all of it is read."""
    try:
        if not path.is_file():
            return b""
        with path.open("rb") as stream:
            return stream.read(SNIFFED)
    except OSError:
        return b""
