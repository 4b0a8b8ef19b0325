"""The web server's settings: `gunicorn -c deploy/gunicorn.conf.py erp.asgi:application`.

`BIND` chooses the address, `WEB_CONCURRENCY` the number of processes. One process carries thousands of
streams; each process has one shared reader of its own.
"""

import gc
import logging
import os
import shutil
import tempfile
import warnings
from typing import Any

from django.apps import apps
from django.urls import resolve
from uvicorn_worker import UvicornWorker

# WhiteNoise serves a file from a plain iterator; that is what it does, not a fault to report at each request.
warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous iterators")

bind = os.environ.get("BIND", "127.0.0.1:8000")
workers = int(os.environ.get("WEB_CONCURRENCY", "1"))
# uvicorn's worker keeps lifespan on "auto"; Django's handler knows http only, and erp.asgi says so at once.
worker_class = "uvicorn_worker.UvicornWorker"
# WebSockets only ever send: a long message is no honest client's, and compression would keep buffers for each socket.
# A client that is gone without a word is noticed by the ping of a heartbeat's length.
UvicornWorker.CONFIG_KWARGS |= {
    "http": "erp.http_protocol:PatientProtocol",
    # Who calls is told by erp.client_address (NUM_PROXIES); uvicorn would believe whoever calls from this machine.
    "proxy_headers": False,
    "ws_max_size": 4096,
    "ws_per_message_deflate": False,
    "ws_ping_interval": float(os.environ.get("STREAM_HEARTBEAT_S", "15")),
    "ws_ping_timeout": float(os.environ.get("STREAM_HEARTBEAT_S", "15")),
}
# Imported by each worker, never before the fork: the reader and its clients belong to one process.
preload_app = False
# The streams end themselves at SIGTERM (erp.asgi); this bounds what else is still running.
graceful_timeout = 10
timeout = 60
keepalive = 5
backlog = 2048
accesslog = os.environ.get("ACCESS_LOG") or None
errorlog = "-"
loglevel = os.environ.get("LOG_LEVEL", "info")
if os.environ.get("LOG_FORMAT") == "json":
    # Its own lines and uvicorn's, which go by its handlers, in the shape of all others.
    logconfig_dict = {
        "formatters": {"json": {"()": "erp.logs.JsonFormatter"}},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"level": loglevel.upper(), "handlers": ["console"]},
        "loggers": {
            "gunicorn.error": {"level": loglevel.upper(), "handlers": ["console"], "propagate": False},
            "gunicorn.access": {"level": "INFO", "handlers": ["console"] if accesslog else [], "propagate": False},
        },
    }
# Its default address is the same for every copy of a user.
control_socket_disable = True

if workers > 1:
    # Before the workers import the metrics: with this folder they add up over the processes.
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="timeloom-metrics-")


def post_worker_init(worker: Any) -> None:
    """uvicorn would tell of each WebSocket in three lines, with its whole address and whatever token stands in it."""
    logging.getLogger("uvicorn.error").addFilter(_is_no_socket)
    # Addresses stand in these lines: they are written, and quoted, as all others. In the worker alone, so that a HUP reads new code.
    formatter = next(handler.formatter for handler in logging.getLogger().handlers if handler.formatter is not None)
    for name in ("gunicorn.error", "gunicorn.access"):
        for handler in logging.getLogger(name).handlers:
            handler.setFormatter(formatter)
    # Django reads the addresses, and with them every page and the engine, at the first request: a second that nobody should wait.
    if apps.ready:
        resolve("/")
    # What was loaded at the start stays; looking through it for garbage costs a judged move of a large timetable a tenth of a second.
    gc.freeze()


def _is_no_socket(record: logging.LogRecord) -> bool:
    return '"WebSocket ' not in record.msg and not record.msg.startswith("connection ")


def child_exit(server: Any, worker: Any) -> None:
    """A dead process no longer has open streams."""
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        from prometheus_client import multiprocess

        multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


def on_exit(server: Any) -> None:
    if folder := os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        shutil.rmtree(folder, ignore_errors=True)
