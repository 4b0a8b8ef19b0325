"""What stands between an empty data directory and the first request."""

from __future__ import annotations

import time
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser
from django.db import OperationalError, connection
from psycopg.errors import LockNotAvailable

from academics.models import Organization

# On PostgreSQL everybody who reads a table waits behind a migration that waits for the table: so it waits briefly, and tries again.
LOCK_WAIT_S, PAUSE_S, TRIES = 3, 2.0, 30
ONE_AT_A_TIME = 7_051_973  # an advisory lock's number; any will do


class Command(BaseCommand):
    help = "Migrates, gathers the static files and loads the small demo university into an empty database."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--without-demo", action="store_true", help="leave an empty database empty")

    def handle(self, *args: Any, without_demo: bool, **options: Any) -> None:
        self.stdout.write("Preparing the database ...")
        self._migrate()
        call_command("collectstatic", verbosity=0, interactive=False)
        if not without_demo and not Organization.objects.exists():
            self.stdout.write("Loading the demo university ...")
            call_command("demo", scale="small")
        where = settings.VAR_DIR if connection.vendor == "sqlite" else "{NAME} at {HOST}".format(**connection.settings_dict)
        self.stdout.write(f"The data is in {where}.")

    def _migrate(self) -> None:
        if connection.vendor != "postgresql":
            call_command("migrate", verbosity=0, interactive=False)
            return
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [ONE_AT_A_TIME])
            cursor.execute(f"SET lock_timeout = '{LOCK_WAIT_S}s'")
        try:
            self._migrate_with_patience()
        finally:
            with connection.cursor() as cursor:
                cursor.execute("RESET lock_timeout")
                cursor.execute("SELECT pg_advisory_unlock(%s)", [ONE_AT_A_TIME])

    def _migrate_with_patience(self) -> None:
        """Migrations that were made stay made; the next try goes on behind them."""
        for left in reversed(range(TRIES)):
            try:
                call_command("migrate", verbosity=0, interactive=False)
            except OperationalError as error:
                if not isinstance(error.__cause__, LockNotAvailable) or not left:
                    raise
                self.stdout.write("A table is in use; the migration tries again ...")
                time.sleep(PAUSE_S)
            else:
                return
