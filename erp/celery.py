"""The Celery application: `celery -A erp worker`, `celery -A erp beat`."""

import os
import signal
from typing import Any

from celery import Celery
from celery.signals import worker_process_init

from erp.supervisor import die_with_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "erp.settings")
app = Celery("timeloom")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_process_init.connect
def child_tie(**kwargs: Any) -> None:
    """A killed worker takes its children along: a search nobody waits for would hold a core for minutes."""
    die_with_parent(signal.SIGKILL)
