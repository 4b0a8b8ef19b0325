"""The words about archives."""

from __future__ import annotations

from academics.importing.messages import ImportRefusal
from erp.archive.tables import FORMAT, VERSION

TEXTS = {
    "empty": "{file}: the file is empty. Choose the file that was downloaded as an archive.",
    "packed": "{file}: this is a packed file (.zip or .gz). Unpack it, and choose the .json file inside.",
    "not_json": "{file}: this is not a JSON document, or it was cut off ({why}). Give a whole file, as it was downloaded.",
    "not_archive": f'{{file}}: this is not an archive of an institution: its "format" is not "{FORMAT}".',
    "version": f"{{file}}: the archive's version is {{found}}; this installation reads version {VERSION}. Upgrade it first.",
    "altered": "{file}: its content is not what was written: its digest is {found}, and that of its rows {made}. "
    "It was altered, or put together from several archives. Give the file as it was downloaded.",
    "shape": "{file}: {where}: {why}.",
    "newer": "{file}: {where} holds {what}, which is not known here. Is the archive of a newer release? Upgrade this installation first.",
    "value": "{file}, {table}, row {row}, column {column}: {value} is not allowed: {why}",
    "reference": "{file}, {table}, row {row}, column {column}: there is no row {value} in {target}.",
    "rows_contradict": "{file}: {table}: its rows contradict one another or the rules of the data ({why}).",
    "untrue": "{file}, generation.variant, row {row}, column hard: "
    "{variant!r} of the run {job} breaks {found:,} hard rules, not {said:,} as the file says. "
    "It was changed since it was written.",
    "unfit": "{file}, generation.variant, row {row}: "
    "{variant!r} of the run {job} does not fit its own problem ({why}). It was changed since it was written.",
    "undecided": "{file}: the timetable of the run {job} is called {status}, but no step of its history leads there. "
    "It was changed since it was written.",
    "uncovered": "{file}: the timetable of the run {job} is called {status} with {rules} that no confirmed waiver covers. "
    "It was changed since it was written.",
    "crowded": "{file}: the file holds more than {most:,} lists and objects, more than any institution has. It was not read.",
    "many_rows": "{file}: {table} has {number:,} rows; at most {most:,} are read (IMPORT_MAX_ROWS). It was not read.",
    "changed": "Institution {code!r}, or an account that the archive names, was made or changed by somebody else just now. Try again.",
    "has_data": "Institution {code!r} has data already. Choose to replace all of it ('replace'), timetables included, or another code.",
    "has_active_jobs": "Institution {code!r} has a run at work. Wait for its end, or cancel it, before its data are replaced.",
    "taken": "Institution {code!r} was made by somebody else just now. Choose another code, or look again.",
    "too_large": "{file}: the file is larger than {most} MB, the most that is read.",
    "new_organization": "Only the server's own administrators make new institutions. Name one that you administer.",
    "publishes": "The archive holds a published timetable, and you may not publish at {code!r}. Ask an administrator to read it.",
    "code": "{code!r} is no code: use at most 40 letters, digits, hyphens and underscores.",
    "unknown": "There is no such archive. It may have been tidied away: archives that were never read are kept for {days} days.",
    "state": "This archive is {status}; it can't be {action} now.",
}


class ArchiveRefusal(ImportRefusal):
    """The archive can't be read, or not into this organization. Nothing was written."""

    texts = TEXTS

    def __init__(self, message_id: str = "", *, text: str = "", field: str = "file", **values: object) -> None:
        super().__init__(message_id, text=text, field=field, **values)


class ForbiddenArchive(ArchiveRefusal):
    status = 403


class UnknownArchive(ArchiveRefusal):
    status = 404


class ArchiveConflict(ArchiveRefusal):
    status = 409
