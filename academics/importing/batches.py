"""An import step by step: files given, mapped, checked, imported, undone. Every change of status is a guarded update."""

from __future__ import annotations

import itertools
import json
import uuid
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import PurePath
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone

from academics.ids import uuid_read
from academics.importing.apply import plans_write
from academics.importing.columns_by_kind import TIMETABLE
from academics.importing.dependents import dependents_count
from academics.importing.encodings import ENCODINGS, encoding_named
from academics.importing.existing import timetables_begin, timetables_evaluate, timetables_take_back, timetables_write
from academics.importing.fixes import Fixes, fixes_merge
from academics.importing.institutions import (
    INSTITUTION,
    InstitutionFile,
    facts_of,
    facts_put_back,
    format_of,
    institution_read,
    institution_remember,
    institution_report,
    institution_write,
    places_by_term,
)
from academics.importing.lifecycle import step_claim, step_finish, step_run
from academics.importing.mapping import Mapped, Remembered, choices_check, headings_strange, table_mapped
from academics.importing.messages import ForbiddenImport, ImportConflict, ImportRefusal, KindUnclear, UnknownImport, UnreadableFile, text
from academics.importing.planning import Check, OnProgress, no_progress
from academics.importing.restructured import (
    layout_possible,
    owners_of,
    owners_remember,
    questions_check,
    recipe_remember,
    tables_restructured,
)
from academics.importing.rows import tables_check
from academics.importing.snapshots import data_tables as snapshot_tables
from academics.importing.snapshots import digests_read, snapshot_restore, snapshot_take, table_name
from academics.importing.tables import CSV_ENDINGS, Table, heading_plain, tables_read
from academics.importing.workbooks import unpacked_size
from academics.long_work import work_give_up
from academics.models import ImportBatch, ImportFile, ImportMapping, ImportUndo, Organization
from academics.placements import USES
from academics.restructuring.states import TableState
from academics.selectors import Role, organizations_administered, organizations_visible, role_in

Status = ImportBatch.Status
MOST_FILES = 30
MOST_TABLES_NAMED, MOST_HEADINGS_NAMED = 5, 6  # of tables that are of no kind
PEEKED_ROWS = 1000  # of a table, for its columns: as many as show which of them repeat
KEPT_UNDOS = 5
KEPT = "kept"  # among the samples: fields that were edited by hand, and that a recipe's run left so
GOING_ALONG = "going_along"  # among the samples: what goes with removed rows, by table
CHECKING_SHARE = 0.3  # of an import's time; the rest is writing
REHEARSED_SHARE = 0.6  # up to the end of what an existing timetable takes before
File = tuple[str, bytes]


def organization_for_import(*, user: User, code: str | None) -> Organization:
    """The organization that is meant, where the user is an administrator. Left out: the only one."""
    if code:
        found = organizations_visible(user=user).filter(code=code).first()
        if found is None:
            raise UnknownImport("organization_unknown", field="organization", code=repr(code))
        role = role_in(user=user, organization_id=found.pk)
        if role != Role.ADMIN:
            raise ForbiddenImport("organization_role", organization=found.name, role=role)
        return found
    governed = list(organizations_administered(user=user)[:20])
    usual = [each for each in governed if each.code == settings.DEMO_ORGANIZATION] if user.is_superuser else []
    if len(governed) == 1 or usual:
        return usual[0] if usual else governed[0]
    if not governed:
        raise ForbiddenImport("organization_none")
    raise ImportRefusal("organization_several", field="organization", codes=", ".join(each.code for each in governed))


def batch_get(*, user: User, batch_id: str | uuid.UUID) -> ImportBatch:
    """One import; another organization's does not exist, and the wrong role is refused."""
    batches, key = ImportBatch.objects.select_related("organization").defer(*ImportBatch.LARGE), uuid_read(batch_id)
    batch = None if key is None else batches.filter(pk=key, organization__in=organizations_visible(user=user)).first()
    if batch is None:
        raise UnknownImport("batch_unknown", days=settings.IMPORT_KEPT_DAYS)
    role = role_in(user=user, organization_id=batch.organization_id)
    if role != Role.ADMIN:
        raise ForbiddenImport("organization_role", organization=batch.organization.name, role=role)
    return batch


def batch_create(*, organization: Organization, user: User | None, files: Sequence[File]) -> ImportBatch:
    """Keep the files for the next steps, after a look whether they are anything that is read. Tidies up what was never finished."""
    _files_check(files)
    file_format = format_of(files)
    for name, data in () if file_format else files:
        tables_read(file=name, data=data, most=1, is_asking=True)
    with transaction.atomic():
        batches_tidy()
        names = [name for name, _ in files]
        batch = ImportBatch.objects.create(organization=organization, user=user, names=names, file_format=file_format)
        for name, data in files:
            ImportFile.objects.create(batch=batch, name=name, size=len(data), data=zlib.compress(data, 1))
    return batch


def _files_check(files: Sequence[File]) -> None:
    if not files:
        raise UnreadableFile("files_none", field="files")
    if len(files) > MOST_FILES:
        raise UnreadableFile("files_many", field="files", count=len(files), most=MOST_FILES)
    names = [name for name, _ in files]
    for name in names:
        if names.count(name) > 1:
            raise UnreadableFile("file_name", field="files", file=name)
    upload_sizes_check([(name, len(data)) for name, data in files])


def upload_sizes_check(sizes: Sequence[tuple[str, int]]) -> None:
    """Refuse what is too large before it is taken into memory."""
    if sum(size for _, size in sizes) > settings.IMPORT_MAX_MB * 2**20:
        names = ", ".join(name for name, _ in sizes)[:200]
        raise UnreadableFile("file_large", field="files", file=names, most=settings.IMPORT_MAX_MB)


def file_name(name: str) -> str:
    """The last part of the name, without what no file name has."""
    plain = PurePath(name.replace("\\", "/")).name
    return "".join(letter for letter in plain if letter.isprintable())[-200:] or "table"


def batches_tidy() -> None:
    """Forget imports that were not finished in time, and the files of those that were."""
    old = timezone.now() - timedelta(days=settings.IMPORT_KEPT_DAYS)
    ImportBatch.objects.filter(created_at__lt=old, status__in=(Status.UPLOADED, Status.CHECKED)).delete()
    ImportFile.objects.filter(batch__created_at__lt=old, batch__status__in=(Status.IMPORTED, Status.UNDONE)).delete()


def batch_tables(batch: ImportBatch, *, most: int | None = None, is_asking: bool = False) -> list[Table]:
    """The tables of the files; none where the file is a whole institution."""
    if batch.file_format:
        return []
    headings_at = {key: choice["headings_row"] for key, choice in batch.choices.items() if "headings_row" in choice}
    return [
        table
        for file in batch.files.all()
        for table in tables_read(
            file=file.name,
            data=zlib.decompress(file.data),
            most=most,
            headings_at=headings_at,
            encoding=batch.choices.get(file.name, {}).get("encoding", ""),
            is_asking=is_asking,
        )
        if table.headings or not table.sheet  # an empty sheet is nobody's
    ]


def batch_mapped(batch: ImportBatch, *, most: int | None = None, is_asking: bool = False) -> list[Mapped]:
    """The tables of the files, each as one of a kind, or as those of several kinds that restructuring makes of it."""
    return [mapped for mapped, _ in _read(batch, most=most, is_asking=is_asking)]


def _read(batch: ImportBatch, *, most: int | None = None, is_asking: bool = False) -> list[tuple[Mapped, TableState | None]]:
    remembered = mapping_remembered(organization=batch.organization)
    found: list[tuple[Mapped, TableState | None]] = []
    for table, state, derived in tables_restructured(batch, batch_tables(batch, most=most, is_asking=is_asking), remembered):
        if derived and state is not None and state.is_decided:
            found += [(mapped, state) for mapped in derived]
        else:
            mapped = table_mapped(table, remembered=remembered, choice=batch.choices.get(table.key))
            if most is None and mapped.kind is not None and mapped.left_out and state is None:
                mapped = replace(mapped, layout=layout_possible(replace(table, rows=table.rows[:PEEKED_ROWS])))
            found.append((mapped, state))
    return found


def encoding_choices(*, names: Iterable[str], encoding: str, choices: Mapping[str, Any]) -> dict[str, Any]:
    """The choices with this encoding for every file of text that names none of its own. Raises `ImportRefusal` for an unknown one."""
    if not encoding:
        return dict(choices)
    known = encoding_named(encoding)
    if not known:
        raise ImportRefusal("encoding_unknown", field="encoding", name=encoding[:40], known=", ".join(ENCODINGS))
    of_text = [name for name in names if PurePath(name).suffix.lower() in CSV_ENDINGS]
    return {**choices, **{name: {"encoding": known, **choices.get(name, {})} for name in of_text}}


def kinds_check(batch: ImportBatch) -> None:
    """Raises `KindUnclear` where a table could be of several kinds, and nobody said of which; `QuestionsOpen` where it has questions."""
    if not batch.file_format:
        _kinds_check(batch, _read(batch, most=PEEKED_ROWS))


def _kinds_check(batch: ImportBatch, read: Sequence[tuple[Mapped, TableState | None]]) -> None:
    tables = [mapped for mapped, _ in read]
    headings_check(batch, tables)
    unclear = {mapped.table.key: mapped.candidates for mapped in tables if mapped.candidates}
    questions_check((state for _, state in read), unclear)
    if unclear:
        raise KindUnclear(unclear)


def headings_check(batch: ImportBatch, tables: Iterable[Mapped]) -> None:
    """Raises `ImportRefusal` where a mapping names headings that its table has not: what they stand for would be guessed instead."""
    for mapped in tables:
        columns = batch.choices.get(mapped.table.key, {}).get("columns", {})
        if not isinstance(columns, Mapping):  # from the page: one for each heading, in their order
            continue
        there = {heading_plain(heading) for heading in mapped.table.headings}
        strange = [heading for heading in columns if heading_plain(heading) not in there]
        if strange:
            names = ", ".join(heading for heading in mapped.table.headings if heading)
            raise headings_strange(mapped.table.key, strange, names)


def mapping_remembered(*, organization: Organization) -> Remembered:
    return dict(ImportMapping.objects.filter(organization=organization).values_list("kind", "columns"))


def mapping_remember(*, organization: Organization, tables: Iterable[Mapped]) -> None:
    """What the headings meant, for the next time."""
    for mapped in tables:
        if mapped.kind is None or mapped.table.derived:
            continue
        row, _ = ImportMapping.objects.get_or_create(organization=organization, kind=mapped.kind.name)
        named = {heading_plain(heading): column for heading, column in zip(mapped.table.headings, mapped.columns, strict=True) if column}
        here = {heading_plain(heading) for heading in mapped.table.headings}
        others = {heading: column for heading, column in row.columns.items() if column not in named.values() and heading not in here}
        row.columns = others | named
        row.save()


def batch_choose(*, batch: ImportBatch, choices: Mapping[str, Any], remove_missing: bool, uses: Sequence[str] | None = None) -> None:
    """Note what each table holds, and what an existing timetable is used for (None: as before). Only before the import."""
    rows = ImportBatch.objects.filter(pk=batch.pk, status__in=(Status.UPLOADED, Status.CHECKED))
    facts: dict[str, Any] = {"choices": dict(choices), "remove_missing": remove_missing, "status": Status.UPLOADED, "error": ""}
    facts |= {} if uses is None else {"uses": [use for use in USES if use in uses]}
    if not rows.update(**facts):
        batch.refresh_from_db(fields=["status"])
        raise _wrong_state(batch, "mapped")
    for name, value in facts.items():
        setattr(batch, name, value)


def batch_fix(*, batch: ImportBatch, fixes: Mapping[str, Any], mapping: Mapping[str, Any] | None = None) -> None:
    """Note what fixes a cause of problems: decisions beside those that were chosen before, and columns that are left out."""
    choices = {key: dict(choice) for key, choice in batch.choices.items()}
    headings = {table.key: table.headings for table in batch_tables(batch, most=1, is_asking=True)} if mapping else {}
    for key, choice in (mapping or {}).items():
        columns = choices.setdefault(key, {}).setdefault("columns", {})
        if isinstance(columns, Mapping):
            choices[key]["columns"] = {**columns, **choice["columns"]}
        else:  # from the page: one for each heading, in their order
            pairs = itertools.zip_longest(headings.get(key, ()), columns, fillvalue="")
            choices[key]["columns"] = [choice["columns"].get(heading, column) for heading, column in pairs]
    rows = ImportBatch.objects.filter(pk=batch.pk, status__in=(Status.UPLOADED, Status.CHECKED))
    facts = {"choices": choices, "fixes": fixes_merge(batch.fixes, fixes), "status": Status.UPLOADED, "error": ""}
    if not rows.update(**facts):
        batch.refresh_from_db(fields=["status"])
        raise _wrong_state(batch, "mapped")
    for name, value in facts.items():
        setattr(batch, name, value)


def fixes_forget(*, batch: ImportBatch) -> None:
    """Take back all that was decided about problems. Only before the import."""
    if not ImportBatch.objects.filter(pk=batch.pk, status__in=(Status.UPLOADED, Status.CHECKED)).update(fixes={}):
        batch.refresh_from_db(fields=["status"])
        raise _wrong_state(batch, "mapped")
    batch.fixes = {}


def batch_choices(batch: ImportBatch, given: Any) -> dict[str, Any]:
    """A mapping from outside, by the tables of the batch."""
    return choices_check(given, batch_tables(batch, most=1, is_asking=True))


def _wrong_state(batch: ImportBatch, action: str) -> ImportConflict:
    return ImportConflict("batch_state", status=batch.get_status_display().lower(), action=action)


def batch_discard(*, batch: ImportBatch) -> None:
    """Forget an import that was not made."""
    if not ImportBatch.objects.filter(pk=batch.pk, status__in=(Status.UPLOADED, Status.CHECKED)).delete()[0]:
        raise _wrong_state(batch, "discarded")


# The three things that may take long. Each begins with a guarded update and runs here or in a worker.

ACTIONS = {
    "check": (Status.CHECKING, (Status.UPLOADED, Status.CHECKED), "checked"),
    "import": (Status.IMPORTING, (Status.CHECKED,), "imported"),
    # For programs, which look at nothing between check and import.
    "import_at_once": (Status.IMPORTING, (Status.UPLOADED,), "imported"),
    "undo": (Status.UNDOING, (Status.IMPORTED,), "undone"),
}


def batch_begin(*, batch: ImportBatch, action: str) -> int:
    """Claim the batch for an action; the number of the attempt. Whoever comes second gets the status in a refusal."""
    status, earlier, words = ACTIONS[action]
    if action == "import" and batch.num_problems:
        raise ImportConflict("batch_problems", count=batch.num_problems)
    if not step_claim(batch, to=status, earlier=earlier):
        raise _wrong_state(batch, words)
    return batch.attempt


def batch_is_large(batch: ImportBatch) -> bool:
    """Whether it would keep somebody waiting for a page: of a workbook what it unpacks to counts, by an eighth.

    What a file of a whole institution takes can't be told from its size; and reading it loads what only workers need.
    """
    if batch.file_format:
        return True
    most, size = settings.IMPORT_INLINE_KB * 1024, 0
    for file in batch.files.defer("data"):
        is_book = file.name.lower().endswith(".xlsx")
        size += file.size * (8 if is_book else 1)
        if size > most:
            return True
        if is_book:
            unpacked = unpacked_size(zlib.decompress(file.data)) // 8
            size += max(0, unpacked - 8 * file.size)
    return bool(size > most)


def batch_run(*, batch_id: uuid.UUID, attempt: int, on_progress: OnProgress | None = None) -> None:
    """Do what the batch was claimed for: see `step_run`."""
    step_run(model=ImportBatch, key=batch_id, attempt=attempt, run=_run, on_progress=on_progress or no_progress)


def _run(batch: ImportBatch, on_progress: OnProgress) -> None:
    RUNS[Status(batch.status)](batch, on_progress)


def _check_run(batch: ImportBatch, on_progress: OnProgress) -> None:
    if batch.file_format:
        on_progress("Reading the file", 0, 1)
        step_finish(batch, Status.CHECKED, **institution_report(batch, *institution_read(batch)))
        return
    check, tables = _checked(batch, on_progress)
    # What people chose is remembered from the first try: the corrected files come with the same headings.
    chosen = [mapped for mapped in tables if batch.choices.get(mapped.table.key, {}).get("columns")]
    mapping_remember(organization=batch.organization, tables=chosen)
    step_finish(batch, Status.CHECKED, **report_of(check, tables))


def _checked(batch: ImportBatch, on_progress: OnProgress) -> tuple[Check, list[Mapped]]:
    on_progress("Reading the files", 0, 1)
    read = _read(batch)
    _kinds_check(batch, read)
    recipe_remember(batch, [state for _, state in read if state is not None])
    tables = [mapped for mapped, _ in read]
    del read  # states hold the rows that the check is about to give back
    if not any(mapped.kind for mapped in tables):
        raise _nothing_to_read([mapped.table for mapped in tables])
    check = tables_check(
        organization=batch.organization,
        tables=tables,
        remove_missing=batch.remove_missing,
        on_progress=on_progress,
        keep_rows=False,
        fixes=Fixes.of(batch.fixes),
        owners=owners_of(batch),
    )
    return check, tables


def _nothing_to_read(tables: Sequence[Table]) -> ImportRefusal:
    """Names what stands where the headings were looked for, so that somebody sees why it was not known."""
    said = []
    for table in tables[:MOST_TABLES_NAMED]:
        names = [heading for heading in table.headings if heading]
        headings = ", ".join(names[:MOST_HEADINGS_NAMED]) + (" ..." if len(names) > MOST_HEADINGS_NAMED else "")
        message_id = "headings_found" if names else "headings_none"
        said.append(text(message_id, table=table.key, headings=headings, row=table.headings_row))
    rest = " ..." if len(tables) > MOST_TABLES_NAMED else ""
    example = json.dumps({tables[0].key: {"kind": "rooms"}} if tables else {"rooms.csv": {"kind": "rooms"}}, ensure_ascii=False)
    return ImportRefusal("nothing_to_read", field="files", tables="; ".join(said) + rest, example=example)


def _institution_run(batch: ImportBatch, on_progress: OnProgress) -> None:
    """As `_import_run`, of a whole institution: what is there goes, and comes back with an undo, or the file becomes a further term."""
    organization = batch.organization
    digests = digests_read(organization=organization)
    on_progress("Reading the file", 0, 3)
    found, digest = institution_read(batch)
    report = institution_report(batch, found, digest)
    _looked_at_check(batch, report)
    if report["samples"][INSTITUTION]["there"]:
        step_finish(batch, Status.IMPORTED, **report)
        return
    on_progress("Evaluating its timetable", 1, 3)
    takeovers = timetables_begin(batch=batch, placements=places_by_term(batch, found), file=batch.names[0])
    timetables_evaluate(takeovers, written=lambda: _institution_rehearsed(batch, found, digests))
    on_progress("Writing it", 2, 3)
    with transaction.atomic():
        Organization.objects.select_for_update().get(pk=organization.pk)
        before, now = snapshot_take(organization=organization)
        if now != digests:
            raise ImportConflict("batch_alone")
        facts = facts_of(organization)
        is_whole = institution_write(batch, found)
        batch.timetables = timetables_write(takeovers)
        if is_whole:
            institution_remember(organization, digest)
        after = digests_read(organization=organization)
        facts = {"before": facts, "after": facts_of(organization)}
        ImportUndo.objects.create(batch=batch, before=before, digests_before=now, digests_after=after, facts=facts)
        undos_trim(organization)
        step_finish(batch, Status.IMPORTED, timetables=batch.timetables, **report)


@contextmanager
def _institution_rehearsed(batch: ImportBatch, found: InstitutionFile, digests: Mapping[str, str]) -> Iterator[None]:
    """As `_rehearsed`, of a whole institution."""
    try:
        with transaction.atomic():
            Organization.objects.select_for_update().get(pk=batch.organization_id)
            if digests_read(organization=batch.organization) != digests:
                raise ImportConflict("batch_alone")
            institution_write(batch, found)
            yield
            transaction.set_rollback(True)
    finally:
        batch.organization.refresh_from_db()


def _looked_at_check(batch: ImportBatch, report: Mapping[str, Any]) -> None:
    """Raises where problems are left, or where somebody was shown other figures than those of now."""
    if report["num_problems"]:
        ImportBatch.objects.filter(pk=batch.pk).update(**report)
        raise ImportConflict("batch_problems", count=report["num_problems"])
    is_looked_at = bool(batch.counts)  # by somebody who was shown a check before
    if is_looked_at and report["counts"] != batch.counts:
        ImportBatch.objects.filter(pk=batch.pk).update(**report)
        raise ImportConflict("batch_changed", before=counts_words(batch.counts), now=counts_words(report["counts"]))


def _import_run(batch: ImportBatch, on_progress: OnProgress) -> None:
    """Check once more without any lock, then write in one transaction, provided that nothing changed meanwhile."""
    if batch.file_format:
        _institution_run(batch, on_progress)
        return
    organization = batch.organization
    digests = digests_read(organization=organization)
    check, tables = _checked(batch, _progress_share(on_progress, 0, CHECKING_SHARE))
    report = report_of(check, tables)
    _looked_at_check(batch, report)
    takeovers = timetables_begin(batch=batch, placements=check.placements, tables=tables)
    start = REHEARSED_SHARE if takeovers else CHECKING_SHARE
    rehearsing = _progress_share(on_progress, CHECKING_SHARE, start)
    timetables_evaluate(takeovers, written=lambda: _rehearsed(batch, check, digests, rehearsing))
    with transaction.atomic():
        Organization.objects.select_for_update().get(pk=organization.pk)
        before, found = snapshot_take(organization=organization)
        if found != digests:
            raise ImportConflict("batch_alone")
        plans_write(plans=check.plans, keys=check.keys, on_progress=_progress_share(on_progress, start, 1))
        batch.timetables = timetables_write(takeovers)
        after = digests_read(organization=organization)
        mapping_remember(organization=organization, tables=tables)
        owners_remember(batch, check.owners)
        if after != found or any(each["is_new"] for each in batch.timetables):
            ImportUndo.objects.create(batch=batch, before=before, digests_before=found, digests_after=after)
            undos_trim(organization)
        step_finish(batch, Status.IMPORTED, timetables=batch.timetables, **report)


@contextmanager
def _rehearsed(batch: ImportBatch, check: Check, digests: Mapping[str, str], on_progress: OnProgress) -> Iterator[None]:
    """The data as the import will leave them, taken back at the end. An existing timetable is read from them, so that it is evaluated
    before the transaction that writes: of very many clashes it takes long, and SQLite lets nobody else write meanwhile.
    """
    is_written = any(plan.adds or plan.changes or plan.removes for plan in check.plans.values())
    if not is_written and not batch.uses:
        yield
        return
    with transaction.atomic():
        Organization.objects.select_for_update().get(pk=batch.organization_id)
        if is_written:
            if digests_read(organization=batch.organization) != digests:
                raise ImportConflict("batch_alone")
            plans_write(plans=check.plans, keys=check.keys, on_progress=on_progress)
        yield
        transaction.set_rollback(True)


def _progress_share(on_progress: OnProgress, start: float, end: float) -> OnProgress:
    """Reports a part of the work as a part of the whole, so that the bar does not begin again."""
    whole = 1000
    return lambda words, done, total: on_progress(words, round(whole * (start + (end - start) * done / max(1, total))), whole)


def undos_trim(organization: Organization) -> None:
    """Only the last few imports keep what was there before."""
    kept = ImportUndo.objects.filter(batch__organization=organization).order_by("-batch__created_at").values_list("pk", flat=True)
    ImportUndo.objects.filter(batch__organization=organization).exclude(pk__in=list(kept[:KEPT_UNDOS])).delete()


def _undo_run(batch: ImportBatch, on_progress: OnProgress) -> None:
    undo = ImportUndo.objects.filter(batch=batch).first()
    if undo is None:
        is_nothing = (
            not any(each[name] for each in batch.counts.values() for name in ("added", "changed", "removed")) and not batch.timetables
        )
        raise ImportConflict("undo_nothing") if is_nothing else ImportConflict("undo_kept", most=KEPT_UNDOS)
    on_progress("Putting back what was there", 0, 1)
    with transaction.atomic():
        Organization.objects.select_for_update().get(pk=batch.organization_id)
        edited = tables_edited(batch, undo)
        if edited:
            raise ImportConflict("undo_later", what=", ".join(edited))
        timetables_take_back(batch=batch)
        snapshot_restore(organization=batch.organization, packed=bytes(undo.before))
        facts_put_back(batch.organization, undo.facts)
        if digests_read(organization=batch.organization) != undo.digests_before:
            raise RuntimeError(f"Import {batch.pk} was not undone exactly.")
        undo.delete()
        step_finish(batch, Status.UNDONE)


def tables_edited(batch: ImportBatch, undo: ImportUndo) -> list[str]:
    """The names of the tables that are not any more as the import left them."""
    now = digests_read(organization=batch.organization)
    names = {table_name(model): str(model._meta.verbose_name_plural) for model in snapshot_tables()}
    return [names[name] for name in names if now.get(name) != undo.digests_after.get(name)]


RUNS = {Status.CHECKING: _check_run, Status.IMPORTING: _import_run, Status.UNDOING: _undo_run}


def report_of(check: Check, tables: Sequence[Mapped]) -> dict[str, Any]:
    """What a check found, as the batch keeps it."""
    samples: dict[str, Any] = {name: plan.samples for name, plan in check.plans.items() if plan.samples}
    if check.owners is not None and check.owners.num_kept:
        samples[KEPT] = {"count": check.owners.num_kept, "fields": check.owners.kept}
    return {
        "counts": {name: plan.counts for name, plan in check.plans.items() if any(plan.counts.values())} | placements_counted(check),
        "samples": samples | {GOING_ALONG: dependents_count(check.plans)},
        "num_problems": check.problems.count,
        "num_repeated": check.problems.num_repeated,
        "problems": check.problems.documents(),
        "causes": check.problems.causes.documents(),
        "warnings": check.problems.warning_documents(),
        "read_as": [mapped.document() for mapped in tables],
    }


def placements_counted(check: Check) -> dict[str, dict[str, int]]:
    """The lectures of existing timetables among the counts: each import makes a timetable of its own."""
    number = sum(map(len, check.placements.values()))
    return {TIMETABLE: {"added": number, "changed": 0, "removed": 0, "unchanged": 0}} if number else {}


def counts_words(counts: Mapping[str, Mapping[str, int]]) -> str:
    totals = {name: sum(each[name] for each in counts.values()) for name in ("added", "changed", "removed")}
    return f"{totals['added']:,} to add, {totals['changed']:,} to change, {totals['removed']:,} to remove"


def batch_give_up(*, batch: ImportBatch) -> None:
    """Takes back what a worker is to do, or does: it goes back a step, and nothing of it stays."""
    if not work_give_up(batch):
        raise _wrong_state(batch, "given up")


def batch_end(*, batch: ImportBatch) -> bool:
    """Gives up what is under way, True; forgets what is not, False. What was imported can only be undone."""
    if batch.is_active:
        batch_give_up(batch=batch)
        return True
    if batch.status in (Status.IMPORTED, Status.UNDONE):
        raise _wrong_state(batch, "given up")
    batch_discard(batch=batch)
    return False


def undo_is_possible(batch: ImportBatch) -> bool:
    """Whether this is the last import, and what was there before is still kept."""
    if batch.status != Status.IMPORTED:
        return False
    if not hasattr(batch, "last_undo"):
        return bool(_last_undo(batch.organization_id).first() == batch.pk)
    return bool(batch.last_undo == batch.pk)


def batches_listed() -> QuerySet[ImportBatch]:
    """For lists: without what is large, and with what `undo_is_possible` would ask of each."""
    listed = ImportBatch.objects.select_related("organization").defer(*ImportBatch.LARGE)
    return listed.annotate(last_undo=Subquery(_last_undo(OuterRef("organization"))[:1]))


def _last_undo(organization_id: Any) -> QuerySet[ImportUndo, uuid.UUID]:
    """What an undo keeps is all data there were: only its key is read here."""
    return ImportUndo.objects.filter(batch__organization=organization_id).order_by("-batch__finished_at").values_list("pk", flat=True)
