"""`manage.py selftest`: a made-up job sent through every hop from the writer to the watchers of a server."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError
from rest_framework_simplejwt.tokens import AccessToken

from progress import messages
from progress.selftest import Target, selftest_run


class Command(BaseCommand):
    help = "Sends a made-up job through writer, Redis, reader, stream and WebSocket. Exit status: 0 only when every hop works."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--url", default="http://127.0.0.1:8000", metavar="http://HOST:PORT", help="a server of this installation")
        parser.add_argument("--user", metavar="NAME", help="the member of staff to test as; left out: the first one")

    def handle(self, *args: Any, **options: Any) -> None:
        staff = User.objects.filter(is_active=True, is_staff=True).order_by("-is_superuser", "id")
        user = staff.filter(username=options["user"]).first() if options["user"] else staff.first()
        if user is None:
            raise CommandError(messages.SELFTEST_NO_STAFF.format(user=options["user"] or "at all"), returncode=2)
        headers = {"Authorization": f"Bearer {AccessToken.for_user(user)}"}
        hops = selftest_run(user_id=user.pk, target=Target(options["url"], headers))
        for hop in hops:
            self.stdout.write(f"{hop.name:<32} {hop.error or f'{hop.milliseconds} ms'}")
        if any(hop.error for hop in hops):
            raise CommandError(messages.SELFTEST_FAILED)
