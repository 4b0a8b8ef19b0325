"""Puts back what `backup` wrote, in place of the whole database. Stop the web server, the workers and the scheduler before."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from erp.backups.messages import BackupRefusal
from erp.backups.operations import backup_restore


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", help="what `backup` wrote")
        parser.add_argument("--yes", action="store_true", help="replace a database that has data")

    def handle(self, *args: Any, file: Path, yes: bool, **options: Any) -> None:
        try:
            manifest = backup_restore(file=file, replace=yes, say=self.stdout.write)
        except BackupRefusal as refusal:
            raise CommandError(str(refusal), returncode=2) from None
        except DatabaseError as error:
            raise CommandError(f"The database can't be used ({' '.join(str(error).split())}).", returncode=2) from None
        self.stdout.write(f"Restored {file}: the database as it stood between {manifest.began_at} and {manifest.ended_at}.")
