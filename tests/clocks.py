"""How long something took, in a way that holds on a machine that has other things to do."""

from __future__ import annotations

import os
import time
from pathlib import Path

PRESSURE = Path("/proc/pressure/cpu")
PATIENCE = 20.0


class Stopwatch:
    """From its making on, or from `start`: CPU seconds of this process, all threads together, and seconds by the wall.

    Work that is too long shows in CPU seconds however busy the machine is; waiting shows by the wall, where a busy machine needs patience.
    For what other processes do there are the seconds in which nobody had to wait for a processor: all of them where the machine is quiet.
    """

    def __init__(self) -> None:
        self.start()

    def start(self) -> None:
        self._cpu_began, self._wall_began, self._busy_began = time.process_time(), time.monotonic(), busy_s()

    def took_less_than(self, limit_s: float) -> bool:
        return time.process_time() - self._cpu_began < limit_s and self.wall_s() < PATIENCE * limit_s

    def waited_less_than(self, limit_s: float) -> bool:
        """For other processes: their work and their waiting, without what the rest of the machine took from them."""
        return self.free_s() < limit_s and self.wall_s() < PATIENCE * limit_s

    def free_s(self) -> float:
        """Seconds in which whoever had something to do could do it."""
        return self.wall_s() - self.busy_s()

    def busy_s(self) -> float:
        return busy_s() - self._busy_began

    def wall_s(self) -> float:
        return time.monotonic() - self._wall_began


def busy_s() -> float:
    """Seconds so far in which somebody waited for a processor; where the kernel does not count them, in which none was idle."""
    if PRESSURE.exists():
        return int(PRESSURE.read_text().split("\n")[0].rpartition("total=")[2]) / 1e6
    idle = int(Path("/proc/stat").read_text().split()[4]) / os.sysconf("SC_CLK_TCK") / (os.cpu_count() or 1)
    return time.monotonic() - idle
