"""A worker's sweep: a process of its own, beside the pool.

The worker's parent forks its children, the replacement of a dead one at any moment, and must hold no connection while it
does (erp/forks.py). So what it would do in the database is done by a program that it starts and that never forks.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import Any

import structlog
from celery import bootsteps
from django.conf import settings

log = structlog.get_logger(__name__)

LOOK_S = 1.0
RESTART_PAUSE_S = 5.0  # as long as it keeps dying, no core is held by its starts
GRACE_S = 3.0


class SweepProcess(bootsteps.StartStopStep):
    """Starts the program, starts it again when it dies, and ends it with the worker. All in the thread that forks, too."""

    requires = ("celery.worker.components:Timer", "celery.worker.components:Pool")

    def __init__(self, worker: Any, **options: Any) -> None:
        self._timer: Any = None
        self._process: subprocess.Popen[bytes] | None = None
        self._started_at = 0.0
        super().__init__(worker, **options)

    def start(self, worker: Any) -> None:
        self._spawn()
        self._timer = worker.timer.call_repeatedly(LOOK_S, self._look)

    def stop(self, parent: Any) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(GRACE_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
            self._process = None

    def terminate(self, parent: Any) -> None:
        self.stop(parent)

    def _look(self) -> None:
        if self._process is None or self._process.poll() is None or time.monotonic() - self._started_at < RESTART_PAUSE_S:
            return
        log.warning("sweep_ended", status=self._process.returncode)
        self._spawn()

    def _spawn(self) -> None:
        # No `preexec_fn`, which would fork as a child of the pool is forked: the program ties itself to this process.
        command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "sweep", "--parent", str(os.getpid())]
        self._process = subprocess.Popen(command, cwd=settings.BASE_DIR, stdin=subprocess.DEVNULL)  # noqa: S603 - ours
        self._started_at = time.monotonic()
