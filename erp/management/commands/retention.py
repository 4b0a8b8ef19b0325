"""`manage.py retention`: removes what is older than the settings keep it; the scheduler does so every night."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from erp.retention import retention_run


class Command(BaseCommand):
    help = "Removes old runs, imports, e-mails and sessions: see the settings that end in _KEPT_DAYS."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only say how many would go")

    def handle(self, *args: Any, **options: Any) -> None:
        removed = retention_run(dry_run=options["dry_run"])
        for title, number in removed.items():
            self.stdout.write(f"{number:8,} {title}")
        self.stdout.write("Nothing was removed: this was a dry run." if options["dry_run"] else "Removed.")
