"""`manage.py run` as a newcomer meets it: real processes, ended by their own ids."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clocks import Stopwatch
from tests.processes import REPOSITORY, SOON_S, START_S, Process, free_port, start, wait_until

pytestmark = pytest.mark.processes


class Run:
    """One `run` in the background, as a shell without a terminal starts it: with SIGINT ignored."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.env = {"TIMELOOM_VAR": str(folder / "var"), "DEMO_PASSWORD": "for-the-test-only"}

    def start(self) -> Process:
        shell = f"trap '' INT; exec {sys.executable} manage.py run --port {self.port}"
        log = self.folder / f"run-{len(list(self.folder.glob('run-*')))}.log"
        self.process = start(["/bin/sh", "-c", shell], log=log, env=self.env)
        wait_until(lambda: "Timeloom is ready" in self.output() or not self.process.is_alive(), timeout_s=START_S, what="make run")
        assert self.process.is_alive(), self.output()
        return self.process

    def output(self) -> str:
        return self.process.output()

    def pids(self) -> dict[int, str]:
        """Every process whose environment or command line names this run's data directory, with its command line."""
        mark = self.env["TIMELOOM_VAR"].encode()
        found = {}
        for entry in Path("/proc").iterdir():
            try:
                command = (entry / "cmdline").read_bytes()
                if entry.name.isdigit() and mark in command + (entry / "environ").read_bytes():
                    found[int(entry.name)] = command.replace(b"\0", b" ").decode()
            except OSError:  # it ended while we looked
                continue
        return found

    def second(self, *, folder: Path, port: int) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "manage.py", "run", "--port", str(port)]
        env = {**os.environ, "TIMELOOM_VAR": str(folder)}
        return subprocess.run(command, cwd=REPOSITORY, env=env, capture_output=True, text=True, timeout=START_S, check=False)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    # REDIS_URL and DATABASE_URL of the environment would take the place of the embedded servers.
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("REDIS_URL", raising=False)
        patch.delenv("DATABASE_URL", raising=False)
        run = Run(tmp_path_factory.mktemp("run"))
        run.start()
        yield run
        run.process.stop()
        for pid in run.pids():
            os.kill(pid, signal.SIGKILL)


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_a_second_copy_on_the_same_data_is_refused_in_one_line(run: Run) -> None:
    second = run.second(folder=Path(run.env["TIMELOOM_VAR"]), port=free_port())

    assert second.returncode != 0
    assert len(second.stderr.strip().splitlines()) == 1
    assert "already runs on the data directory" in second.stderr


def test_a_taken_port_is_refused_in_one_line(run: Run, tmp_path: Path) -> None:
    second = run.second(folder=tmp_path, port=run.port)

    assert second.returncode != 0
    assert len(second.stderr.strip().splitlines()) == 1
    assert f"Port {run.port}" in second.stderr


@pytest.mark.parametrize("name", ["beat", "valkey-server"])
def test_a_killed_process_is_started_again(run: Run, name: str) -> None:
    killed = next(pid for pid, command in run.pids().items() if name in command)

    os.kill(killed, signal.SIGKILL)

    wait_until(lambda: any(name in command and pid != killed for pid, command in run.pids().items()), what=f"{name} is started again")


def test_ctrl_c_ends_every_process_and_the_next_run_finds_the_data(run: Run) -> None:
    assert len(run.pids()) >= 5

    stopwatch = Stopwatch()
    run.process.stop(sig=signal.SIGINT, timeout_s=SOON_S)
    is_quick = stopwatch.waited_less_than(20)

    assert run.pids() == {}
    assert not _answers(run.port)
    assert is_quick
    run.start()
    assert "Loading the demo university" not in run.output()
    assert "for-the-test-only" in run.output()


def test_sigterm_ends_every_process(run: Run) -> None:
    run.process.stop(sig=signal.SIGTERM, timeout_s=SOON_S)

    assert run.pids() == {}
