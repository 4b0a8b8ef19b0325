"""Writes the whole database into one file, while the system runs; `restore` puts it back."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from erp.backups.messages import BackupRefusal
from erp.backups.operations import backup_make


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="OUT", help="the file to write; one of that name is replaced once all is written")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        try:
            manifest = backup_make(out=file)
        except BackupRefusal as refusal:
            raise CommandError(str(refusal), returncode=2) from None
        except DatabaseError as error:
            raise CommandError(f"The database can't be read ({' '.join(str(error).split())}).", returncode=2) from None
        size_mb = file.stat().st_size / 2**20
        self.stdout.write(
            f"Wrote {file} ({size_mb:,.1f} MB): the database as it stood between {manifest.began_at} and {manifest.ended_at}."
        )
        if "secret_key" in manifest.members:
            self.stdout.write("The installation's secret key is in it: keep the file as safe as a password.")
        else:
            self.stdout.write("SECRET_KEY comes from the environment and is not in it: keep your .env as well.")
