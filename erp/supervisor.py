"""Keeps the processes of one installation alive, and leaves none behind.

Each child leads a process group of its own, so that a Ctrl-C in the terminal reaches the supervisor alone and the
children are ended in order. On Linux the kernel ends a child whose supervisor was killed outright.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import functools
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from erp.logs import quoted

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def die_with_parent(sent: signal.Signals = signal.SIGTERM) -> None:
    """Asks the kernel to end this process when its parent dies; does nothing outside Linux."""
    if _libc is not None:
        _libc.prctl(PR_SET_PDEATHSIG, sent)


@dataclass(frozen=True)
class Program:
    """One process to keep running."""

    name: str
    command: Sequence[str]
    folder: Path
    env: Mapping[str, str] = field(default_factory=dict)
    grace_s: float = 8.0
    orphan_signal: signal.Signals = signal.SIGTERM
    unsaid: str = ""  # lines with these words are of no use to whoever reads the terminal


class Child:
    """A program's running process, restarted when it dies, with a pause that doubles while it keeps dying."""

    RESTART_PAUSE_S = 0.5
    RESTART_PAUSE_MAX_S = 15.0
    STEADY_AFTER_S = 30.0

    def __init__(self, program: Program, *, write: Callable[[str, str], None]) -> None:
        self.program = program
        self._write = write
        self._process: asyncio.subprocess.Process | None = None
        self._task: asyncio.Task[None] | None = None
        self._is_stopping = False
        self.num_ends = 0

    async def start(self) -> None:
        await self._spawn()
        self._task = asyncio.create_task(self._keep_alive())

    async def _spawn(self) -> None:
        self._process = await asyncio.create_subprocess_exec(
            *self.program.command,
            cwd=self.program.folder,
            env={**os.environ, **self.program.env},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=functools.partial(die_with_parent, self.program.orphan_signal),
            limit=1 << 20,
        )

    async def _keep_alive(self) -> None:
        pause = self.RESTART_PAUSE_S
        while self._process is not None:
            started = time.monotonic()
            reader = asyncio.create_task(self._copy_output(self._process))
            status = await self._process.wait()
            if self._is_stopping:
                reader.cancel()
                return
            self.num_ends += 1
            # What the dead process left of its group (a pool's children) would work on unseen.
            end_group(self._process.pid, signal.SIGKILL)
            if time.monotonic() - started > self.STEADY_AFTER_S:
                pause = self.RESTART_PAUSE_S
            self._write(self.program.name, f"ended with status {status}; starting it again in {pause:g} s")
            await asyncio.sleep(pause)
            pause = min(pause * 2, self.RESTART_PAUSE_MAX_S)
            await self._spawn()

    async def _copy_output(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        while line := await self._read_line(process.stdout):
            text = line.decode(errors="replace").rstrip()
            if not (self.program.unsaid and self.program.unsaid in text):
                self._write(self.program.name, text)

    @staticmethod
    async def _read_line(stream: asyncio.StreamReader) -> bytes:
        try:
            return await stream.readline()
        except ValueError:  # longer than the limit: what was read so far was dropped
            return b"(a line too long to show)\n"

    async def stop(self) -> None:
        """Asks the process to end, waits its grace, then ends its whole group."""
        self._is_stopping = True
        if self._process is None:
            return
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.terminate()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._process.wait(), self.program.grace_s)
        end_group(self._process.pid, signal.SIGKILL)
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)


def end_group(leader: int, sent: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, sent)


class Supervisor:
    """Starts programs one after another and stops them in the opposite order."""

    def __init__(self, *, output: TextIO) -> None:
        self._output = output
        self._children: list[Child] = []

    def say(self, name: str, line: str) -> None:
        # A closed terminal must not keep the children from being stopped.
        with contextlib.suppress(OSError, ValueError):
            print(f"{name:>7} | {quoted(line)}", file=self._output, flush=True)

    async def start(self, program: Program) -> None:
        child = Child(program, write=self.say)
        self._children.append(child)
        await child.start()

    def has_stayed(self, name: str) -> bool:
        """Whether the program was started and has not ended since."""
        return any(child.program.name == name and not child.num_ends for child in self._children)

    async def stop(self) -> None:
        while self._children:
            await self._children.pop().stop()
