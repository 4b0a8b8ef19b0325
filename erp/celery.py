"""The Celery application: `celery -A erp worker`, `celery -A erp beat`."""

import os
import signal
from typing import Any

import structlog
from celery import Celery
from celery.signals import beat_init, before_task_publish, task_postrun, task_prerun, worker_init, worker_process_init

from erp.handing_back import HandingBack
from erp.supervisor import die_with_parent
from erp.sweep_process import SweepProcess
from erp.worker_slots import SearchSlots

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "erp.settings")
app = Celery("timeloom")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.autodiscover_tasks(["academics.importing"])  # no app of its own
app.steps["consumer"].add(SearchSlots)
app.steps["worker"].update((SweepProcess, HandingBack))


@worker_init.connect
@beat_init.connect
def serving_note(**kwargs: Any) -> None:
    from erp.serving import serving_hold  # needs the settings

    serving_hold()


@worker_process_init.connect
def child_tie(**kwargs: Any) -> None:
    """A killed worker takes its children along: a search nobody waits for would hold a core for minutes."""
    die_with_parent(signal.SIGKILL)


@before_task_publish.connect
def request_id_send(headers: dict[str, Any] | None = None, **kwargs: Any) -> None:
    """The id of the click goes along with the message that it caused."""
    request_id = structlog.contextvars.get_contextvars().get("request_id")
    if request_id and headers is not None:
        headers["request_id"] = request_id


@task_prerun.connect
def request_id_take(task: Any = None, **kwargs: Any) -> None:
    request_id = getattr(task.request, "request_id", None)
    if request_id:
        structlog.contextvars.bind_contextvars(request_id=request_id)


@task_postrun.connect
def request_id_drop(**kwargs: Any) -> None:
    structlog.contextvars.unbind_contextvars("request_id")
