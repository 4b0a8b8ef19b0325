"""Makes the demo users admin, reviewer and viewer, and prints their logins. Their password is DEMO_PASSWORD, or a random one."""

from __future__ import annotations

import argparse
import os
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from academics.models import Organization
from academics.services import DEMO_ROLES, demo_users_store


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--organization", default="demo", metavar="CODE", help="the code of the institution (default: demo)")

    def handle(self, *args: Any, organization: str, **options: Any) -> None:
        try:
            passwords = demo_users_store(code=organization, password=os.environ.get("DEMO_PASSWORD", ""))
        except Organization.DoesNotExist:
            raise CommandError(f"there is no organization {organization!r}. Load it first: manage.py demo", returncode=2) from None
        kept = "the value of DEMO_PASSWORD" if os.environ.get("DEMO_PASSWORD") else "as set before (DEMO_PASSWORD changes it)"
        self.stdout.write("Demo logins:")
        for username in DEMO_ROLES:
            self.stdout.write(f"  {username:<9} password: {passwords.get(username, kept)}")
