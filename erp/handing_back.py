"""A worker that is stopped lets its searches hand their jobs back first.

A warm stop waits for its tasks anyway, which end soon once they learn of it. A cold one (SIGQUIT, or SIGTERM where
`REMAP_SIGTERM` says so) ends the pool's processes in its signal handler, before Celery tells anybody; so it is put off here.
"""

from __future__ import annotations

import signal
from types import FrameType
from typing import Any

import structlog
from billiard.common import REMAP_SIGTERM
from celery import bootsteps
from celery.signals import worker_shutting_down
from django.conf import settings

from generation.worker.stopping import stopping_begin

log = structlog.get_logger(__name__)
COLD = (signal.SIGQUIT, signal.SIGTERM) if REMAP_SIGTERM == "SIGQUIT" else (signal.SIGQUIT,)


class HandingBack(bootsteps.StartStopStep):
    """Stands before Celery's own handlers, which are in place when the steps start."""

    requires = ("celery.worker.components:Pool",)

    def start(self, parent: Any) -> None:
        for number in COLD:
            _put_before(number)


def _put_before(number: signal.Signals) -> None:
    earlier = signal.getsignal(number)

    def handle(signal_number: int, frame: FrameType | None) -> None:
        if not stopping_begin(wait_s=settings.JOB_HANDOVER_S):
            log.warning("jobs_not_handed_back", waited_s=settings.JOB_HANDOVER_S)
        if callable(earlier):
            earlier(signal_number, frame)

    if callable(earlier):  # a default or ignored signal stays as it is
        signal.signal(number, handle)


@worker_shutting_down.connect
def stopping_tell(**kwargs: Any) -> None:
    stopping_begin(wait_s=0.0)
