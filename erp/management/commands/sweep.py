"""The sweep of a worker, and of an operator who wants one more."""

from __future__ import annotations

import os
import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from erp.supervisor import die_with_parent
from generation.runs.recovery import sweep_forever

LOOK_S = 1.0


class Command(BaseCommand):
    help = "Finds work that nobody holds any more, in rounds until it is stopped. Every worker and beat do so by themselves."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--parent", type=int, metavar="PID", help="end with this process, which started this one")

    def handle(self, *args: Any, parent: int | None, **options: Any) -> None:
        if parent is not None:
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # of the terminal; the parent ends this process itself
            die_with_parent()
            threading.Thread(target=_end_with, args=[parent], name="parent", daemon=True).start()
        sweep_forever()


def _end_with(parent: int) -> None:
    """Where the kernel does not see to it, and for a parent that had ended before the kernel was set to signal it."""
    while os.getppid() == parent:
        threading.Event().wait(LOOK_S)
    os._exit(0)
