"""CSV files and workbooks from the terminal: the same steps as the page, in this process."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal

from django.db import transaction

from academics.importing import batches
from academics.importing.fixes import fixes_check
from academics.importing.institutions import ALLOW_UNSUPPORTED, AS_TERM, FURTHER_TERM, INSTITUTION
from academics.importing.mapping import Mapped
from academics.importing.messages import ImportConflict, text
from academics.importing.planning import OnProgress, flaw_of
from academics.importing.restructured import recipe_apply, restructuring_of
from academics.importing.tables import CSV_ENDINGS
from academics.models import ImportBatch, Organization
from academics.restructuring.guess import LAYOUTS
from generation.formats import FormatError

TABLE_ENDINGS = (*CSV_ENDINGS, ".xlsx")
MOST_LINES = 50
MOST_UNREAD = 3
MOST_NAMED = 12


def tables_import(
    *,
    paths: Sequence[Path],
    organization: str,
    dry_run: bool,
    remove_missing: bool,
    mapping: Any = None,
    encoding: str = "",
    uses: Sequence[str] = (),
    recipe: Any = None,
    on_progress: OnProgress | None = None,
) -> ImportBatch:
    """Import tables together; an organization that is not there yet is made. With problems, or for a dry run, nothing stays.

    Raises `ImportRefusal` for files that can't be read, and `FormatError` for those that can't be opened.
    """
    files = [(path.name, file_bytes(path)) for path in paths]

    def choose(batch: ImportBatch) -> None:
        choices = tables_choices(batch, mapping=mapping, encoding=encoding)
        batches.batch_choose(batch=batch, choices=choices, remove_missing=remove_missing, uses=uses)
        recipe_apply(batch, recipe)

    return _imported(organization, files, choose, action="check" if dry_run else "import_at_once", on_progress=on_progress)


def term_import(
    *, path: Path, organization: str, code: str, allow_unsupported: bool, uses: Sequence[str] = (), on_progress: OnProgress | None = None
) -> ImportBatch:
    """A file of a whole institution as a term of that code, beside what the organization has. With problems nothing stays.

    Raises as `tables_import` does.
    """

    def choose(batch: ImportBatch) -> None:
        batches.batch_choose(batch=batch, choices={}, remove_missing=False, uses=uses)
        batches.batch_fix(batch=batch, fixes=fixes_check({AS_TERM: code, ALLOW_UNSUPPORTED: allow_unsupported}))

    return _imported(organization, [(path.name, file_bytes(path))], choose, action="import_at_once", on_progress=on_progress)


def _imported(
    organization: str,
    files: Sequence[tuple[str, bytes]],
    choose: Callable[[ImportBatch], None],
    *,
    action: Literal["check", "import_at_once"],
    on_progress: OnProgress | None,
) -> ImportBatch:
    """The batch of these files after its end; its row, and an organization made for it, stay only where it was imported."""
    found, is_new = Organization.objects.get_or_create(code=organization, defaults={"name": organization})
    batch: ImportBatch | None = None
    try:
        batch = batches.batch_create(organization=found, user=None, files=files)
        choose(batch)
        attempt = batches.batch_begin(batch=batch, action=action)
        with suppress(ImportConflict):  # problems are in the batch, and reported from there
            batches.batch_run(batch_id=batch.pk, attempt=attempt, on_progress=on_progress)
        batch.refresh_from_db()
        return batch
    finally:
        if batch is not None and batch.status != ImportBatch.Status.IMPORTED:
            ImportBatch.objects.filter(pk=batch.pk).delete()
        if is_new and (batch is None or batch.status != ImportBatch.Status.IMPORTED):
            found.delete()


def kept_lines(batch: ImportBatch) -> list[str]:
    """Of a file that became a further term: what stayed as the institution has it."""
    further = (batch.samples.get(INSTITUTION) or {}).get(FURTHER_TERM)
    if not further:
        return []
    lines = [f"  {note}" for note in further["notes"]]
    lines += [
        f"  kept {each['kind']} {each['code']}: {each['what']} {each['here']} (the file has {each['file']})" for each in further["kept"]
    ]
    more = further["num_kept"] - len(further["kept"])
    return [*lines, *([f"  ... and {more:,} more."] if more else [])]


def tables_choices(batch: ImportBatch, *, mapping: Any, encoding: str) -> dict[str, Any]:
    choices = {} if mapping is None else batches.batch_choices(batch, mapping)
    return batches.encoding_choices(names=batch.names, encoding=encoding, choices=choices)


def tables_explain(
    *, paths: Sequence[Path], organization: str, mapping: Any = None, encoding: str = "", recipe: Any = None
) -> dict[str, Any]:
    """What each file and column would be read as, with its first values; and a mapping and a recipe that say so. Nothing stays.

    Raises as `tables_import` does. A table whose kind is not clear has `candidates`; one that is restructured has steps and questions.
    """
    files = [(path.name, file_bytes(path)) for path in paths]
    with transaction.atomic():
        found, _ = Organization.objects.get_or_create(code=organization, defaults={"name": organization})
        batch = batches.batch_create(organization=found, user=None, files=files)
        batches.batch_choose(batch=batch, choices=tables_choices(batch, mapping=mapping, encoding=encoding), remove_missing=False)
        recipe_apply(batch, recipe)
        tables = batches.batch_mapped(batch, is_asking=True)
        restructuring = restructuring_of(batch).document()
        batches.headings_check(batch, [mapped for mapped in tables if not mapped.table.candidates or mapped.table.encoding])
        transaction.set_rollback(True)
    known = {mapped.table.key: mapped.document() for mapped in tables if not mapped.candidates and not mapped.table.derived}
    return {
        "tables": [_explained(mapped) for mapped in tables],
        "mapping": {key: {name: document[name] for name in ("kind", "columns")} for key, document in known.items()},
        "restructuring": restructuring["tables"],
        "recipe": restructuring["recipe"],
    }


def _unread(mapped: Mapped, index: int) -> list[dict[str, Any]]:
    """The first cells of a column that can't be taken as they stand: formulas without a result, say."""
    if mapped.kind is None or not mapped.columns[index]:
        return []
    column, found = mapped.kind.column(mapped.columns[index]), []
    for number, cells in mapped.table.rows:
        flaw = flaw_of(cells[index], column) if index < len(cells) else ""
        if flaw:
            found.append({"row": number, "value": str(cells[index]), "message": text(flaw)})
        if len(found) == MOST_UNREAD:
            break
    return found


def _explained(mapped: Mapped) -> dict[str, Any]:
    table, kind = mapped.table, mapped.kind
    columns = [
        {
            "heading": heading,
            "column": name,
            "label": kind.column(name).label if kind and name else "",
            "values": table.samples(index),
            "unread": _unread(mapped, index),
        }
        for index, (heading, name) in enumerate(zip(table.headings, mapped.columns, strict=True))
    ]
    missing = [column.name for column in kind.needed if mapped.index(column.name) is None] if kind else []
    return {
        **mapped.document(),
        "title": kind.title if kind else "",
        "candidates": list(mapped.candidates),
        "encoding": table.encoding,
        "encodings": [each.encoding for each in table.candidates],
        "num_rows": len(table.rows),
        "notes": list(table.notes),
        "columns": columns,
        "missing": missing,
    }


def file_bytes(path: Path) -> bytes:
    try:
        batches.upload_sizes_check([(path.name, path.stat().st_size)])
        return path.read_bytes()
    except OSError as error:
        raise FormatError(str(path), 0, "", f"the file cannot be opened ({error.strerror}).") from error


def cause_lines(batch: ImportBatch) -> list[str]:
    """One line a cause: what is wrong, in how many rows, and the first of what it is."""
    lines = []
    for each in batch.causes[:MOST_LINES]:
        named = [value["value"] for value in each["values"] if value["value"]]
        shown = ", ".join(named[:MOST_NAMED]) + (" ..." if len(named) > MOST_NAMED else "")
        lines.append(f"{each['text']} ({each['rows']:,} row{'' if each['rows'] == 1 else 's'}){': ' + shown if shown else ''}")
    return lines


def problem_lines(batch: ImportBatch) -> list[str]:
    """One line a problem: where, what, and what is allowed."""
    lines = []
    for each in batch.problems[:MOST_LINES]:
        place = f"{each['file']}{' / ' + each['sheet'] if each['sheet'] else ''}, row {each['row']}"
        column = f", column {each['column']}" if each["column"] else ""
        value = f": {each['value']!r}" if each["value"] else ""
        lines.append(f"{place}{column}{value}: {each['message']} Allowed: {each['allowed']}.")
    if batch.num_problems > MOST_LINES:
        lines.append(f"... and {batch.num_problems - MOST_LINES:,} more.")
    return lines


def reading_lines(batch: ImportBatch) -> list[str]:
    """One line a table: what it was taken for, what its columns are and which were left out; then what should be known of it."""
    lines = []
    for each in batch.read_as:
        name = f"{each['file']}{' / ' + each['sheet'] if each['sheet'] else ''}"
        if not each["kind"]:
            lines.append(f"{name}: left out")
            continue
        columns = ", ".join(f"{heading} = {column}" for heading, column in each["columns"].items()) or "no column"
        left_out = f"; left out: {', '.join(each['left_out'])}" if each["left_out"] else ""
        lines.append(f"{name}: read as {each['kind']} ({columns}{left_out})")
        if each.get("layout"):
            answers = json.dumps({"answers": {"layout": each["layout"]}})
            lines.append(f"{name}: more of it can be used with --recipe and a file that says {answers}. {LAYOUTS[each['layout']]}.")
    if batch.num_repeated:
        is_one = batch.num_repeated == 1
        words = "row repeats an earlier one exactly and is" if is_one else "rows repeat an earlier one exactly and are"
        lines.append(f"{batch.num_repeated:,} {words} left out.")
    for each in batch.warnings[:MOST_LINES]:
        place = f"{each['file']}{' / ' + each['sheet'] if each['sheet'] else ''}" + (f", row {each['row']}" if each["row"] else "")
        lines.append(f"{place}: {each['message']}")
    if len(batch.warnings) > MOST_LINES:
        lines.append(f"... and {len(batch.warnings) - MOST_LINES:,} more remarks.")
    return lines


def change_lines(batch: ImportBatch) -> list[str]:
    """Of a run of a saved recipe: what changed, and what stayed because it was edited by hand."""
    lines = [
        line
        for line, counts in zip(count_lines(batch), batch.counts.values(), strict=True)
        if counts["added"] + counts["changed"] + counts["removed"]
    ]
    for name, rows in batch.samples.items():
        for row in rows if isinstance(rows, list) else ():
            before, after = row.get("before", {}), row.get("after", {})
            words = ", ".join(
                f"{label} {before.get(label, '')} -> {value}" if before else f"{label} {value}" for label, value in after.items()
            )
            lines.append(f"    {row['change']} {name} {row['key']}: {words}"[:300])
    kept = batch.samples.get(batches.KEPT, {})
    lines += [
        f"    kept {each['kind']} {each['key']}: {each['column']} {each['kept']}, edited by hand (the file has {each['file']})"
        for each in kept.get("fields", [])
    ]
    return lines


def count_lines(batch: ImportBatch) -> list[str]:
    words = ("added", "changed", "removed", "unchanged")
    return [f"  {name:<14}" + "".join(f"{counts[word]:>9,} {word}" for word in words) for name, counts in batch.counts.items()]


def timetable_lines(batch: ImportBatch) -> list[str]:
    """One line for each existing timetable that was taken over, with the run that it is, then its notes."""
    lines = []
    for each in batch.timetables:
        broken = f"{each['hard']:,} rule{'' if each['hard'] == 1 else 's'} broken" if each["hard"] else "no rule broken"
        words = "Took over the timetable" if each["is_new"] else "The timetable is there already"
        lines.append(
            f"{words} of {each['term']}: {each['places']:,} of {each['lectures']:,} lectures, {broken}; variant {each['variant_id']}"
        )
        lines += [f"  {note}" for note in each["notes"]]
    return lines
