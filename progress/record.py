"""The progress record: its stages, their shares of the whole, its statuses, and tolerant reading."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any, Final

Record = dict[str, Any]

SCHEMA: Final = 1
# Stage -> where it begins and ends on the overall scale.
STAGE_SHARES: Final[Mapping[str, tuple[float, float]]] = {
    "loading": (0, 5),
    "clustering": (5, 15),
    "cpsat_solving": (15, 75),
    "ga_optimization": (75, 90),
    "rl_refinement": (90, 100),
}
TERMINAL: Final = frozenset({"completed", "failed", "cancelled"})
STATUSES: Final = TERMINAL | {"pending", "initializing", "running", "cancelling"}


def overall_of(stage: str, stage_progress: float) -> float:
    """The overall percentage at this point of the stage, not rounded."""
    begin, end = STAGE_SHARES[stage]
    return begin + percentage(stage_progress) / 100 * (end - begin)


def percentage(value: float) -> float:
    """Within 0..100; what is no number counts as nothing done."""
    return min(100.0, max(0.0, float(value))) if math.isfinite(value) else 0.0


def is_terminal(record: Mapping[str, Any]) -> bool:
    return record.get("status") in TERMINAL


def seq_of(record: Mapping[str, Any]) -> int:
    """The record's place in its job's sequence; 0 for a record that was made without the tracker."""
    seq = record.get("seq", 0)
    return seq if isinstance(seq, int) else 0


def record_encode(record: Mapping[str, Any]) -> bytes:
    """One line of JSON, so that it can stand in an event's `data:` as it is."""
    return json.dumps(record, separators=(",", ":"), allow_nan=False).encode()


def record_decode(raw: bytes | str | None) -> Record | None:
    """The record, or ``None`` for what this version cannot trust: truncated, no JSON, a newer schema."""
    if raw is None:
        return None
    try:
        record = json.loads(raw, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        return None
    return record if isinstance(record, dict) and _is_sound(record) else None


def _refuse_constant(name: str) -> None:
    """NaN and Infinity are no JSON; no browser could read the record."""
    raise ValueError(name)


def plain(value: object) -> object:
    """The value as JSON knows it: numpy's numbers become Python's, what is no number or of another kind its text."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if value is None or type(value) in (str, int, bool):
        return value
    item = getattr(value, "item", None)
    return plain(item()) if callable(item) else str(value)


def _is_sound(record: Record) -> bool:
    schema, overall = record.get("schema", SCHEMA), record.get("overall_progress")
    return (
        isinstance(schema, int)
        and schema <= SCHEMA
        and record.get("status") in STATUSES
        and isinstance(overall, int | float)
        and 0 <= overall <= 100
    )
