"""How long something took, in a way that holds on a machine that has other things to do."""

from __future__ import annotations

import time

PATIENCE = 20.0


class Stopwatch:
    """From its making on, or from `start`: CPU seconds of this process, all threads together, and seconds by the wall.

    Work that is too long shows in CPU seconds however busy the machine is; waiting shows by the wall, where a busy machine needs patience.
    """

    def __init__(self) -> None:
        self.start()

    def start(self) -> None:
        self._cpu_began, self._wall_began = time.process_time(), time.monotonic()

    def took_less_than(self, limit_s: float) -> bool:
        return time.process_time() - self._cpu_began < limit_s and time.monotonic() - self._wall_began < PATIENCE * limit_s
