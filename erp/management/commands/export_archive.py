"""Writes a whole organization as one JSON archive, which `import_data` reads back to an equal one."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from academics.models import Organization
from erp.archive.writing import archive_write
from erp.whole_files import whole_file


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="OUT.json", help="the file to write")
        parser.add_argument("--organization", required=True, metavar="CODE", help="the code of the institution")

    def handle(self, *args: Any, file: Path, organization: str, **options: Any) -> None:
        found = Organization.objects.filter(code=organization).first()
        if found is None:
            known = ", ".join(Organization.objects.values_list("code", flat=True)) or "none"
            raise CommandError(f"--organization: there is no {organization!r}; there are {known}.", returncode=2)
        try:
            with whole_file(file) as part, part.open("w", encoding="utf-8") as stream:
                stream.writelines(archive_write(organization=found))
        except OSError as error:
            raise CommandError(f"{file}: it cannot be written ({error.strerror}).", returncode=2) from None
        self.stdout.write(f"Wrote organization {organization!r} to {file}.")
