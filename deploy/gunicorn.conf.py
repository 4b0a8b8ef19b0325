"""The web server's settings: `gunicorn -c deploy/gunicorn.conf.py erp.asgi:application`.

`BIND` chooses the address, `WEB_CONCURRENCY` the number of processes. One process carries thousands of
streams; each process has one shared reader of its own.
"""

import gc
import logging
import os
import resource
import shutil
import signal
import tempfile
import time
import warnings
from functools import partial
from typing import Any

from django.apps import apps
from django.urls import resolve
from uvicorn_worker import UvicornWorker

# WhiteNoise serves a file from a plain iterator; that is what it does, not a fault to report at each request.
warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous iterators")

# Each stream is an open file; many systems give a process 1,024 of them where it does not ask for more of those that it may have.
FILES = 65536
_soft, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
if _soft != resource.RLIM_INFINITY and _soft < FILES:
    resource.setrlimit(resource.RLIMIT_NOFILE, (FILES if _hard == resource.RLIM_INFINITY else min(FILES, _hard), _hard))

bind = os.environ.get("BIND", "127.0.0.1:8000")
workers = int(os.environ.get("WEB_CONCURRENCY", "1"))
# uvicorn's worker keeps lifespan on "auto"; Django's handler knows http only, and erp.asgi says so at once.
worker_class = "uvicorn_worker.UvicornWorker"
# WebSockets only ever send: a long message is no honest client's, and compression would keep buffers for each socket.
# A client that is gone without a word is noticed by the ping of a heartbeat's length.
UvicornWorker.CONFIG_KWARGS |= {
    "http": "erp.http_protocol:PatientProtocol",
    # erp.client_address finds out who calls (NUM_PROXIES); uvicorn would believe whoever calls from this machine.
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

# Before the workers import the metrics: in this folder they add up over the processes, those that a HUP or a USR2 has replaced included.
# A HUP reads this file again; the folder stays.
METRICS_PREFIX = "timeloom-metrics-"
if not os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix=METRICS_PREFIX)
# A new process has this long to import the program and to answer, before a HUP is given up and the old ones go on.
READY_WITHIN_S = 120.0


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
        from erp.database_pool import pool_begin

        resolve("/")
        pool_begin()
    # What was loaded at the start stays; looking through it for garbage makes the evaluation of a move a tenth of a second slower.
    gc.freeze()


def _is_no_socket(record: logging.LogRecord) -> bool:
    return '"WebSocket ' not in record.msg and not record.msg.startswith("connection ")


def worker_exit(server: Any, worker: Any) -> None:
    """PostgreSQL gets its connections back at once."""
    if apps.ready:
        from erp.database_pool import pool_end

        pool_end()


def on_reload(server: Any) -> None:
    """gunicorn's own HUP ends the old processes while the new ones still import the program: seconds in which nobody accepts.

    Its next step, which ends those that are too many, waits here until the new ones answer.
    """
    server.manage_workers = partial(_replace_when_ready, server, set(server.WORKERS))


def _replace_when_ready(server: Any, old: set[int]) -> None:
    del server.manage_workers  # the class's own again
    new = {pid: worker for pid, worker in server.WORKERS.items() if pid not in old}
    # A worker's file has the time of day until the worker is up and writes the machine's uptime into it.
    waiting = {pid: worker.tmp.last_update() for pid, worker in new.items()}
    deadline = time.monotonic() + READY_WITHIN_S
    while waiting and time.monotonic() < deadline:
        time.sleep(0.05)
        waiting = {pid: began for pid, began in waiting.items() if new[pid].tmp.last_update() == began}
        if _is_stopping(server) or any(os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) for pid in waiting):
            break
    if waiting:
        _give_up(server, new)
    else:
        server.manage_workers()


def _is_stopping(server: Any) -> bool:
    """Whether a signal to stop has come meanwhile; all signals stay in the master's queue, in their order."""
    signals = [server.SIG_QUEUE.get_nowait() for _ in range(server.SIG_QUEUE.qsize())]
    for number in signals:
        server.SIG_QUEUE.put_nowait(number)
    return any(number in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT) for number in signals)


def _give_up(server: Any, new: dict[int, Any]) -> None:
    """A program or a setting that can't be started ends no process that serves; gunicorn itself would stop altogether."""
    server.log.error("The new web processes did not start; the old ones go on. Fix what the lines above say, and send HUP again.")
    for pid, worker in new.items():
        server.kill_worker(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        server.WORKERS.pop(pid).tmp.close()
        child_exit(server, worker)
    # The program stays that of the old processes: they keep their number, and are not ended for being older.
    server.num_workers = len(server.WORKERS)


def child_exit(server: Any, worker: Any) -> None:
    """A dead process no longer has open streams."""
    from prometheus_client import multiprocess

    multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


def pre_exec(server: Any) -> None:
    """USR2: the master that takes over goes on counting in the same folder."""
    server.cfg.env_orig["PROMETHEUS_MULTIPROC_DIR"] = os.environ["PROMETHEUS_MULTIPROC_DIR"]
    program, script, *options = server.START_CTX["args"]
    if os.path.basename(script) == "__main__.py":
        # Started by `python -m gunicorn`: as a file it would find gunicorn's own `http` in the place of Python's.
        server.START_CTX["args"] = [program, "-m", "gunicorn", *options]


def on_exit(server: Any) -> None:
    folder = os.environ["PROMETHEUS_MULTIPROC_DIR"]
    # Not one that the operator chose, nor one in which a successor counts on.
    if os.path.basename(folder).startswith(METRICS_PREFIX) and not server.reexec_pid:
        shutil.rmtree(folder, ignore_errors=True)
