"""The words about backups."""

from __future__ import annotations

from academics.errors import UserError

TEXTS = {
    "unreadable": "{file}: it cannot be read ({why}).",
    "unwritable": "{file}: it cannot be written ({why}).",
    "no_backup": "{file}: this is not a backup that `manage.py backup` wrote, or it was cut off ({why}).",
    "damaged": "{file}: the backup is damaged: {member} is not what was written. Nothing was restored. Take another backup.",
    "version": "{file}: the backup's format is {found}; this release reads {known}. Install the release that wrote it, or a later one.",
    "newer": "{file}: the backup is of a newer release: its database has {migration}, which is not known here. "
    "Install that release, then restore.",
    "other_database": "{file}: the backup is of {found}, and DATABASE_URL names {here}. A backup is restored into the kind of database "
    "that it was taken from; an institution's archive (`manage.py export_archive`) goes from one kind to the other.",
    "not_empty": "The database {database} has data already ({what}). Say --yes to replace all of it by the backup.",
    "foreign_tables": "The database {database} holds tables that are not Timeloom's ({tables}). Give Timeloom a database of its own.",
    "is_serving": "Timeloom is running on the data directory {directory}. "
    "Stop the web server, the workers and the scheduler, then restore.",
    "workers_answer": "Workers of this installation answer ({names}). Stop the web server, the workers and the scheduler, then restore.",
    "sessions": "Others are connected to the database {database}: {names}. Stop the web server, the workers and the scheduler "
    "on every machine, close other clients, then restore.",
    "no_program": "{program} is not installed or not in PATH. Install PostgreSQL's client programs of version {server} or later "
    "(Debian: apt-get install postgresql-client).",
    "old_program": "{program} is of version {found}, and {what} of version {server}. "
    "Install PostgreSQL's client programs of version {server} or later.",
    "program_failed": "{program} failed: {why}",
    "no_space": "There are {free:,} MB free on the disk of {folder}, and the database takes {needed:,} MB. Make room, then restore.",
    "no_database": "There is no database {database}: nothing to back up.",
    "not_ours": "The database {database} holds nothing of Timeloom's. DATABASE_URL and TIMELOOM_VAR say which database is meant, "
    "and the services have them from a file: under systemd call deploy/manage.sh backup.",
    "unsupported": "Databases of the kind {kind} are not backed up by this command.",
}


class BackupRefusal(UserError):
    """Nothing was written, or nothing was restored; the words say why."""

    texts = TEXTS
