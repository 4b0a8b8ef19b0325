"""What is wrong in the files: every problem is counted, the first are kept with row, column, value and what is allowed."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from difflib import get_close_matches
from typing import Any

from academics.importing.causes import Causes
from academics.importing.mapping import Mapped
from academics.importing.messages import text

MOST_KEPT = 5000
MOST_WARNINGS = 500
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
    cause: str = ""  # its id


@dataclass(frozen=True, slots=True)
class Warned:
    """What was read in a way that somebody should know of. It stops nothing."""

    file: str
    sheet: str
    row: int
    column: str
    value: str
    message: str


@dataclass
class Problems:
    count: int = 0
    kept: list[Problem] = field(default_factory=list)
    causes: Causes = field(default_factory=Causes)
    warnings: list[Warned] = field(default_factory=list)
    num_warnings: int = 0
    num_repeated: int = 0  # rows that repeat an earlier one exactly: left out, and no problem
    _near: dict[tuple[str, str], str | None] = field(default_factory=dict)

    def add(self, mapped: Mapped, row: int, column: str, value: str, message: str, allowed: str) -> None:
        self.count += 1
        cause = self.causes.note(mapped, row, column, value, message, allowed)
        if len(self.kept) < MOST_KEPT:
            heading = mapped.heading(column) if column else ""
            facts = (row, heading, shortened(value), str(message), str(allowed), cause)
            self.kept.append(Problem(mapped.table.file, mapped.table.sheet, *facts))

    def warn(self, mapped: Mapped, row: int, column: str, value: str, message: str) -> None:
        """Row 0 is the table as a whole."""
        self.num_warnings += 1
        if len(self.warnings) < MOST_WARNINGS:
            heading = mapped.heading(column) if column else ""
            self.warnings.append(Warned(mapped.table.file, mapped.table.sheet, row, heading, shortened(value), str(message)))

    def unknown(self, value: str, *, kind: str, known: Any) -> tuple[str, str]:
        """The words about a code that is not there, with the nearest one that is; and what is allowed."""
        near = self._nearest(value, kind, known)
        known_facts = {"kind": kind, "code": value}
        message = text("reference_near", **known_facts, near=near) if near else text("reference_unknown", **known_facts)
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

    def warning_documents(self) -> list[dict[str, Any]]:
        return [asdict(warning) for warning in self.warnings]


def shortened(value: str) -> str:
    return value if len(value) <= LONGEST_VALUE else value[: LONGEST_VALUE - 3] + "..."
