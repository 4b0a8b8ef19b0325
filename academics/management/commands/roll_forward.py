"""Carries a term over to the next one: offerings, sections, teachers, rules, bands, availability and the published timetable."""

from __future__ import annotations

import argparse
import datetime as dt
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from academics.errors import UserError
from academics.models import Organization
from academics.roll_forward.choices import WHAT, choices_read, source_get, target_get
from academics.roll_forward.services import Rolled, roll_preview, term_roll


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--organization", required=True, metavar="CODE", help="the code of the institution")
        parser.add_argument("--from", required=True, dest="source", metavar="TERM", help="the code of the term that is rolled forward")
        parser.add_argument(
            "--to", required=True, dest="target", metavar="TERM", help="the code of the next term; made where there is none"
        )
        parser.add_argument("--what", nargs="+", choices=list(WHAT), metavar="WHAT", help=f"only these: {', '.join(WHAT)}")
        parser.add_argument("--departments", nargs="+", default=[], metavar="CODE", help="only the courses and people of these departments")
        parser.add_argument("--starts-on", type=dt.date.fromisoformat, metavar="DATE", help="the first day of a term that is made")
        parser.add_argument("--ends-on", type=dt.date.fromisoformat, metavar="DATE", help="its last day")
        parser.add_argument("--dry-run", action="store_true", help="only say what would be carried over")

    def handle(self, *args: Any, organization: str, source: str, target: str, **options: Any) -> None:
        found = Organization.objects.filter(code=organization).first()
        if found is None:
            raise CommandError(f"--organization: there is no institution {organization!r}.", returncode=2)
        try:
            choices = choices_read(organization=found, what=options["what"], departments=options["departments"])
            term = source_get(organization=found, code=source)
            dates = {name: options[name] for name in ("starts_on", "ends_on")}
            new = target_get(organization=found, source=term, code=target, **dates)
            if options["dry_run"]:
                rolled = roll_preview(organization=found, source=term, target=new, choices=choices)
            else:
                rolled = term_roll(organization=found, source=term, target=new, choices=choices, user=None)
        except UserError as refusal:
            raise CommandError(str(refusal), returncode=2) from None
        for line in rolled_lines(rolled, is_done=not options["dry_run"]):
            self.stdout.write(line)


def rolled_lines(rolled: Rolled, *, is_done: bool) -> list[str]:
    """The counts by kind, what is left out, and how it is undone."""
    if rolled.is_nothing and not (rolled.places and not is_done):
        return [f"{rolled.target} has everything of {rolled.source} already.", *(f"  {note}" for note in rolled.notes)]
    lines = [f"{'Carried over' if is_done else 'Would carry over'} from {rolled.source} to {rolled.target}:"]
    lines += [
        f"  {name.replace('_', ' '):<18}{counts['added']:>9,} added{counts['unchanged']:>9,} there already"
        for name, counts in rolled.counts.items()
    ]
    lines += [f"  {'timetable':<18}{rolled.places:>9,} lectures"] if rolled.places else []
    lines += [f"  variant {each['variant_id']}: {note}" for each in rolled.timetables for note in each["notes"] or ["no remarks"]]
    lines += [f"  {note}" for note in rolled.notes]
    return [*lines, f"It can be undone as the import {rolled.batch.pk}."] if rolled.batch else lines
