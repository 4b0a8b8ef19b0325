"""A process that has the whole site loaded, and a child of it for each management command: starting Python and Django anew takes seconds.

For sites that many commands are given to. What a command is like as a process of its own is tested elsewhere.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Iterator
from typing import BinaryIO

from tests.processes import COMMAND_S, REPOSITORY, SOON_S


class Console:
    def __init__(self, env: dict[str, str]) -> None:
        command, everything = [sys.executable, "-m", "tests.console"], {**os.environ, **env}
        self._popen = subprocess.Popen(
            command, cwd=REPOSITORY, env=everything, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
        )

    def manage(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """As `tests.processes.manage`."""
        assert self._popen.stdin is not None
        assert self._popen.stdout is not None
        self._popen.stdin.write(json.dumps(arguments) + "\n")
        self._popen.stdin.flush()
        status, said, errors = json.loads(self._popen.stdout.readline())
        return subprocess.CompletedProcess(arguments, status, said, errors)

    def end(self) -> None:
        self._popen.communicate(timeout=SOON_S)  # it ends with its input


@contextlib.contextmanager
def start_console(env: dict[str, str]) -> Iterator[Console]:
    console = Console(env)
    try:
        yield console
    finally:
        console.end()


def main() -> None:
    import django
    from django.urls import get_resolver

    django.setup()
    assert get_resolver().url_patterns  # the views, and what they load
    for line in sys.stdin:
        with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as errors:
            pid = os.fork()
            if not pid:
                _command(json.loads(line), said, errors)
            _, status = os.waitpid(pid, 0)
            for file in (said, errors):
                file.seek(0)
            sys.stdout.write(json.dumps([os.waitstatus_to_exitcode(status), said.read().decode(), errors.read().decode()]) + "\n")
            sys.stdout.flush()


def _command(arguments: list[str], said: BinaryIO, errors: BinaryIO) -> None:
    """In the child, which ends with it."""
    from django.core.management import execute_from_command_line

    signal.alarm(int(COMMAND_S))
    with open(os.devnull, "rb") as nothing:
        for number, file in enumerate((nothing, said, errors)):
            os.dup2(file.fileno(), number)
    status = 0
    try:
        execute_from_command_line(["manage.py", *arguments])
    except SystemExit as leaving:
        status = leaving.code if isinstance(leaving.code, int) else 1
    except BaseException:  # the parent's loop is below, and nothing may get there
        traceback.print_exc()
        status = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


if __name__ == "__main__":
    main()
