"""Brings a file into the database as an organization: ITC-2007 .ctt in this release."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_slug

from academics.services import DataInUseError
from erp.importing import file_import
from generation.formats import FormatError


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument("--organization", required=True, metavar="CODE")
        parser.add_argument("--replace", action="store_true", help="Replace the data that the organization has.")

    def handle(self, *args: Any, files: list[Path], organization: str, replace: bool, **options: Any) -> None:
        if len(files) > 1:
            raise CommandError("a .ctt file is a whole organization: give one file for each --organization.", returncode=2)
        _check_code(organization)
        try:
            term = file_import(path=files[0], organization=organization, replace=replace)
        except FormatError as error:
            raise CommandError(str(error), returncode=2) from None
        except DataInUseError:
            message = f"organization {organization!r} has data already. Say --replace to replace it, or choose another code."
            raise CommandError(message, returncode=2) from None
        self.stdout.write(
            f"Imported {files[0].name} as organization {organization!r}: {term.offerings.count()} courses, "
            f"{term.num_days} days of {term.periods.count()} periods."
        )


def _check_code(organization: str) -> None:
    try:
        validate_slug(organization)
    except ValidationError:
        raise CommandError(
            f"--organization: {organization!r} is not made of letters, digits, hyphens and underscores.", returncode=2
        ) from None
    if len(organization) > 40:
        raise CommandError(f"--organization: {organization!r} is longer than 40 characters.", returncode=2)
