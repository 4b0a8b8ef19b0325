"""`manage.py readiness`: whether an organization's data allow a timetable."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from academics.models import Organization, Term
from generation.errors import Refusal
from generation.readiness.check import readiness_check
from generation.readiness.report import LOAD_KINDS, Load, Readiness, Trouble
from generation.text.messages import refusal_text
from generation.web.lookup import term_named

MOST_NAMED = 5
MOST_LOADS = 10


class Command(BaseCommand):
    help = "Says what a term's data lack for a timetable. Exit status 0 when it is ready, 1 when something stops it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--organization", required=True, metavar="CODE", help="the code of the institution")
        parser.add_argument("--term", metavar="CODE", help="the code of the term (default: the current one)")

    def handle(self, *args: Any, **options: Any) -> None:
        organization = Organization.objects.filter(code=options["organization"]).first()
        if organization is None:
            raise CommandError(refusal_text("organization_unknown", code=options["organization"]), returncode=2)
        found = readiness_check(organization=organization, term=_term(organization, options["term"]))
        for line in lines_of(found):
            self.stdout.write(line)
        if not found.is_ready:
            raise CommandError(f"Not ready: {len(found.red)} to fix first.", returncode=1)
        self.stdout.write(f"A timetable can be made, but {found.clash_words}." if found.must_clash else "Ready.")


def _term(organization: Organization, code: str | None) -> Term | None:
    try:
        return term_named(organization, code)
    except Refusal as refusal:
        raise CommandError(str(refusal), returncode=2) from refusal


def lines_of(found: Readiness) -> list[str]:
    """A plain table: counts, problems, and of each arithmetic the fullest."""
    width = max((len(count.name) for count in found.counts), default=0)
    lines = [f"{count.name:<{width}}  {count.number:>9,}" for count in found.counts]
    lines += ["", *(_problem_line(trouble) for trouble in found.troubles)] if found.troubles else []
    for kind in LOAD_KINDS:
        loads: tuple[Load, ...] = getattr(found.loads, kind)[:MOST_LOADS]
        if loads:
            wide = max(len(load.name) for load in loads)
            lines += ["", f"{kind.capitalize():<{wide}}    asked     open"]
            lines += [f"{load.name:<{wide}}  {load.asked:>7,}  {load.open:>7,}  {MARKS[load.level]}".rstrip() for load in loads]
    return lines


MARKS = {"red": "too many", "amber": "tight", "good": ""}


def _problem_line(trouble: Trouble) -> str:
    names = ", ".join(record.name for record in trouble.records[:MOST_NAMED])
    more = len(trouble.records) + trouble.more - MOST_NAMED
    named = f" ({names}{f' and {more:,} more' if more > 0 else ''})" if names else ""
    return f"{'STOPS' if trouble.level == 'red' else 'warns'}  {trouble.message}{named}"
