"""`manage.py export_fet`: a term as a file of FET."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from academics.models import Organization
from generation.errors import Refusal
from generation.exports.fet_locked import term_written, written
from generation.formats.unsupported import left_out_text
from generation.models import Workflow
from generation.text.messages import refusal_text
from generation.web.lookup import term_named


class Command(BaseCommand):
    help = "Writes a term as a file of FET: its published timetable with every lecture locked, or its data where none is published."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="OUT.fet", help="the file to write")
        parser.add_argument("--organization", required=True, metavar="CODE", help="the code of the institution")
        parser.add_argument("--term", metavar="CODE", help="the code of the term (default: the current one)")
        parser.add_argument("--unlocked", action="store_true", help="without the published timetable: the data as they are now")

    def handle(self, *args: Any, file: Path, organization: str, **options: Any) -> None:
        found = Organization.objects.filter(code=organization).first()
        if found is None:
            raise CommandError(refusal_text("organization_unknown", code=organization), returncode=2)
        try:
            term = term_named(found, options["term"])
            if term is None:
                raise CommandError(refusal_text("no_term", organization=found.name), returncode=2)
            published = Workflow.objects.select_related("variant__job__organization").filter(job__term=term, status="published").first()
            variant = None if published is None or options["unlocked"] else published.variant
            text = term_written(organization=found, term=term) if variant is None else written(variant)
        except Refusal as refusal:
            raise CommandError(str(refusal), returncode=2) from refusal
        try:
            file.write_text(text.text, encoding="utf-8")
        except OSError as error:
            raise CommandError(f"{file}: it cannot be written ({error.strerror}).", returncode=2) from None
        self.stdout.write(f"Wrote {term.code} to {file}: {'the data of today' if variant is None else 'the published timetable, locked'}.")
        for words, counted in (("FET has no rule for", text.left_out), ("Otherwise in the file", text.notes)):
            if counted:
                self.stdout.write(f"{words}: {left_out_text(dict(counted.most_common()))}.")
