"""The words about archives."""

from __future__ import annotations

from erp.archive.tables import FORMAT, VERSION

TEXTS = {
    "not_json": "{file}: this is not a JSON document ({why}). Give a file that `export_archive` or GET /api/archive/ has written.",
    "not_archive": f'{{file}}: this is not an archive of an organization: its "format" is not "{FORMAT}".',
    "version": f"{{file}}: the archive's version is {{found}}; this installation reads version {VERSION}. Upgrade it first.",
    "shape": "{file}: {where}: {why}.",
    "value": "{file}, {table}, row {row}, column {column}: {value} is not allowed: {why}",
    "reference": "{file}, {table}, row {row}, column {column}: there is no row {value} in {target}.",
    "rows_contradict": "{file}: {table}: its rows contradict one another or the rules of the data ({why}).",
    "has_data": "Organization {code!r} has data already. Say 'replace' to replace all of it, timetables included, or name another code.",
    "has_active_jobs": "Organization {code!r} has a run at work. Wait for its end, or cancel it, before its data are replaced.",
    "too_large": "{file}: the file is larger than {most} MB, the most that is read.",
    "new_organization": "Only the server's own administrators make new organizations. Name one that you administer.",
}


class ArchiveRefusal(Exception):
    """The archive can't be read, or not into this organization. Nothing was written."""

    def __init__(self, message_id: str, *, field: str = "file", **values: object) -> None:
        super().__init__(TEXTS[message_id].format(**values))
        self.message_id = message_id
        self.field = field
