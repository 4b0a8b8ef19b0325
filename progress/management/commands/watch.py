"""`manage.py watch JOB`: a job's progress in the terminal, until it ends."""

from __future__ import annotations

import os
import signal
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from progress import messages
from progress.following import Unwatchable, local_records, remote_records
from progress.record import Record, is_terminal, seq_of
from progress.terminal import Bar

NOT_COMPLETED, BAD_INPUT, LEFT = 1, 2, 128 + signal.SIGINT


def job_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise ArgumentTypeError(messages.NO_JOB_ID.format(text=text)) from None


class Command(BaseCommand):
    help = "Shows a job's progress until it ends. Exit status: 0 only when completed. Ctrl-C leaves the job alone."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("job", type=job_id, metavar="JOB", help="the job's id")
        parser.add_argument("--url", metavar="http://HOST:PORT", help="follow it on this server instead of in this installation's own data")
        parser.add_argument("--token", metavar="TOKEN", help="the access token for the server; better in the environment as TIMELOOM_TOKEN")

    def handle(self, *args: Any, **options: Any) -> None:
        bar, record = Bar(self.stdout), None
        try:
            for news in self._records(options):
                if isinstance(news, str):
                    bar.note(news)
                elif is_newer(news, record):
                    record = news
                    bar.show(news)
        except Unwatchable as refusal:
            raise CommandError(str(refusal), returncode=BAD_INPUT) from refusal
        except KeyboardInterrupt:
            raise CommandError(messages.WATCH_LEFT, returncode=LEFT) from None
        finally:
            bar.close()
        if record is None or record["status"] != "completed":
            raise CommandError(ending_of(record), returncode=NOT_COMPLETED)

    @staticmethod
    def _records(options: dict[str, Any]) -> Iterator[Record | str]:
        if options["url"] is None:
            return local_records(options["job"])
        token = options["token"] or os.environ.get("TIMELOOM_TOKEN", "")
        return remote_records(options["url"], options["job"], headers={"Authorization": f"Bearer {token}"} if token else {})


def is_newer(news: Record, shown: Record | None) -> bool:
    """A server that lost its Redis reads the row, which lags behind: the bar waits for it."""
    return shown is None or is_terminal(news) or seq_of(news) >= seq_of(shown)


def ending_of(record: Record | None) -> str:
    if record is None:
        return messages.WATCH_GONE
    error = (record.get("metadata") or {}).get("error")
    return messages.WATCH_FAILED.format(error=error) if error else messages.WATCH_ENDED.format(status=record["status"])
