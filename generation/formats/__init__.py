"""Files from and to the engine's `Problem` and `Solution`. A file that is not as it should be raises `FormatError`."""

from __future__ import annotations


class FormatError(ValueError):
    """A file that cannot be read: which file, where in it, and what would be right.

    ``line`` counts from 1; 0 where the fault is not in one line. ``field`` is empty where the fault
    is not in one field.
    """

    def __init__(self, file: str, line: int, field: str, message: str) -> None:
        self.file = file
        self.line = line
        self.field = field
        self.message = message
        super().__init__(file, line, field, message)

    def __str__(self) -> str:
        place = [self.file]
        if self.line:
            place.append(f"line {self.line}")
        if self.field:
            place.append(f"field {self.field}")
        return f"{', '.join(place)}: {self.message}"
