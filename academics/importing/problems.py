"""What is wrong in the files: every problem is counted, the first are kept with row, column, value and what is allowed."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from difflib import get_close_matches
from typing import Any

from academics.importing.mapping import Mapped
from academics.importing.messages import text

MOST_KEPT = 5000
MOST_SEARCHES = 200  # for the nearest code: each looks at all of them
LONGEST_VALUE = 120


@dataclass(frozen=True, slots=True)
class Problem:
    file: str
    sheet: str
    row: int
    column: str
    value: str
    message: str
    allowed: str


@dataclass
class Problems:
    count: int = 0
    kept: list[Problem] = field(default_factory=list)
    num_repeated: int = 0  # rows that repeat an earlier one exactly: left out, and no problem
    _near: dict[tuple[str, str], str | None] = field(default_factory=dict)

    def add(self, mapped: Mapped, row: int, column: str, value: str, message: str, allowed: str) -> None:
        self.count += 1
        if len(self.kept) < MOST_KEPT:
            shown = value if len(value) <= LONGEST_VALUE else value[: LONGEST_VALUE - 3] + "..."
            heading = mapped.heading(column) if column else ""
            self.kept.append(Problem(mapped.table.file, mapped.table.sheet, row, heading, shown, message, allowed))

    def unknown(self, value: str, *, kind: str, known: Any) -> tuple[str, str]:
        """The words about a code that is not there, with the nearest one that is; and what is allowed."""
        near = self._nearest(value, kind, known)
        message = text("reference_near", kind=kind, near=near) if near else text("reference_unknown", kind=kind)
        return message, text("allowed_codes", kind=kind)

    def _nearest(self, value: str, kind: str, known: Any) -> str | None:
        if (kind, value) not in self._near:
            if len(self._near) >= MOST_SEARCHES:
                return None
            plain = {str(code).casefold().replace(" ", "").replace("-", ""): str(code) for code in known}
            wanted = value.casefold().replace(" ", "").replace("-", "")
            found = [wanted] if wanted in plain else get_close_matches(wanted, plain, n=1, cutoff=0.6)
            self._near[kind, value] = plain[found[0]] if found else None
        return self._near[kind, value]

    def documents(self) -> list[dict[str, Any]]:
        return [asdict(problem) for problem in self.kept]
