"""Makes and loads a demo university, the same for the same seed."""

from __future__ import annotations

import argparse
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from academics.demo import SCALES, ScaleError
from academics.models import Organization
from academics.services import DataInUseError, demo_store, organization_has_data

SCALE_HELP = f"{' or '.join(sorted(SCALES, reverse=True))}, or a number: that many times the large one"


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--scale", default="small", metavar="SCALE", help=SCALE_HELP)
        parser.add_argument("--organization", default="demo", metavar="CODE", help="the code that the demo university gets (default: demo)")
        parser.add_argument("--seed", type=int, default=1, metavar="N", help="the same number makes the same university (default: 1)")
        parser.add_argument("--keep", action="store_true", help="leave an institution that has data as it is, and succeed")

    def handle(self, *args: Any, scale: str, organization: str, seed: int, keep: bool, **options: Any) -> None:
        if keep and organization_has_data(code=organization):
            self.stdout.write(f"Organization {organization!r} keeps its data.")
            return
        _check_code(organization)
        if not 0 <= seed < 2**31:
            raise CommandError(f"--seed: {seed} is not between 0 and {2**31 - 1}. Choose a value in that range.", returncode=2)
        try:
            statistics = demo_store(scale=scale, code=organization, seed=seed)
        except DataInUseError:
            message = f"organization {organization!r} has data that no demo made. Choose another code, or delete it first."
            raise CommandError(message, returncode=2) from None
        except ScaleError as error:
            raise CommandError(f"--scale: {error}.", returncode=2) from None
        width = max(map(len, statistics))
        self.stdout.write(f"Loaded the {scale} demo university, seed {seed}, as organization {organization!r}:")
        for name, value in statistics.items():
            self.stdout.write(f"  {name.replace('_', ' '):<{width}} {value:>9,}")


def _check_code(organization: str) -> None:
    try:
        Organization._meta.get_field("code").clean(organization, None)
    except ValidationError as error:
        raise CommandError(f"--organization: {organization!r}: {error.messages[0]}", returncode=2) from None
