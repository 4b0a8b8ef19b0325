"""What stands between an empty data directory and the first request."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser

from academics.models import Organization


class Command(BaseCommand):
    help = "Migrates, gathers the static files and loads the small demo university into an empty database."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--without-demo", action="store_true", help="leave an empty database empty")

    def handle(self, *args: Any, without_demo: bool, **options: Any) -> None:
        self.stdout.write("Preparing the database ...")
        call_command("migrate", verbosity=0, interactive=False)
        call_command("collectstatic", verbosity=0, interactive=False)
        if not without_demo and not Organization.objects.exists():
            self.stdout.write("Loading the demo university ...")
            call_command("demo", scale="small")
        self.stdout.write(f"The data is in {settings.VAR_DIR}.")
