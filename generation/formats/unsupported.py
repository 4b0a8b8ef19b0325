"""What a file asks and a timetable could not keep: listed by kind and count, and refused unless somebody says to leave it out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from generation.formats import FormatError

SHOWN = 40  # kinds named in a message; the rest are counted
LEFT_OUT = "left_out"  # the key of `Problem.source` with the kinds and counts that were left out


class Unsupported:
    """Counts what a reader meets and cannot keep; a reader makes one for each file, adds to it, and ends with `check`."""

    def __init__(self, file: str) -> None:
        self.file = file
        self._counts: Counter[str] = Counter()

    def add(self, kind: str, count: int = 1) -> None:
        """``kind`` is what the format calls it, in words that its users know."""
        if count:
            self._counts[kind] += count

    @property
    def counts(self) -> dict[str, int]:
        """By kind, the most frequent first."""
        return dict(sorted(self._counts.items(), key=lambda item: (-item[1], item[0])))

    def check(self, *, allow: bool) -> dict[str, int]:
        """What is left out, which goes into `Problem.source` as `LEFT_OUT`.

        Raises
        ------
        UnsupportedError
            If there is anything, and nobody said to leave it out.
        """
        if self._counts and not allow:
            raise UnsupportedError(self.file, self.counts)
        return self.counts


class UnsupportedError(FormatError):
    """A file that asks what cannot be kept; ``counts`` says what, by kind."""

    def __init__(self, file: str, counts: Mapping[str, int]) -> None:
        self.counts = dict(counts)
        message = f"{left_out_text(self.counts)} cannot be kept. Say --allow-unsupported to leave it out."
        super().__init__(file, 0, "", message)

    def __reduce__(self) -> tuple[type[UnsupportedError], tuple[str, dict[str, int]]]:
        return UnsupportedError, (self.file, self.counts)


def left_out_text(counts: Mapping[str, int]) -> str:
    """``12 x ConstraintA, 3 x ConstraintB``."""
    parts = [f"{count:,} x {kind}" for kind, count in counts.items()]
    more = len(parts) - SHOWN
    return ", ".join(parts[:SHOWN]) + (f" and {more} more kinds" if more > 0 else "")
