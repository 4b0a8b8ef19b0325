"""What a check of the data says: plain values, as the page, REST and the terminal show them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from generation.engine.model.text import Count as Number

Level = Literal["red", "amber"]
TIGHT = 0.9  # of what is open: with more required there is little choice left


@dataclass(frozen=True, slots=True)
class Record:
    """A row of the data entry that causes a problem."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something to fix: red stops Generate, amber warns."""

    level: Level
    id: str
    message: str
    records: tuple[Record, ...] = ()
    more: int = 0  # records that are not listed


Finding = tuple[str, tuple[Record, ...]]  # one of a sort: what is wrong, and with which records
MOST_OF_A_SORT = 5  # listed one by one; of more only the number
MOST_RECORDS = 12


def troubles_grouped(level: Level, id_: str, findings: Sequence[Finding]) -> Iterator[Trouble]:
    """The first of a sort one by one, the others together."""
    for message, records in findings[:MOST_OF_A_SORT]:
        yield Trouble(level, id_, message, records)
    rest = list(dict.fromkeys(record for _, records in findings[MOST_OF_A_SORT:] for record in records[:1]))
    if rest:
        number = len(findings) - MOST_OF_A_SORT
        yield Trouble(level, id_, f"And {number:,} more of this sort.", tuple(rest[:MOST_RECORDS]), max(0, len(rest) - MOST_RECORDS))


@dataclass(frozen=True, slots=True)
class Load:
    """Periods required of something beside those that it has open. ``asked`` is the name of the REST field, too."""

    name: str
    asked: int
    open: int
    address: str = ""
    note: str = ""

    @property
    def level(self) -> Literal["red", "amber", "good"]:
        if self.asked > self.open:
            return "red"
        return "amber" if self.asked > TIGHT * self.open else "good"

    @property
    def percent(self) -> int:
        return -(-100 * self.asked // self.open) if self.open else 100 * bool(self.asked)


@dataclass(frozen=True, slots=True)
class Count:
    id: str
    name: str
    number: int
    address: str


@dataclass(frozen=True, slots=True)
class Loads:
    """The fullest of each sort; the totals say how many there are in all."""

    rooms: tuple[Load, ...] = ()
    instructors: tuple[Load, ...] = ()
    sections: tuple[Load, ...] = ()
    curricula: tuple[Load, ...] = ()
    totals: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Readiness:
    organization: str
    term: str
    counts: tuple[Count, ...]
    troubles: tuple[Trouble, ...]
    loads: Loads
    must_clash: int = 0  # students who have two lectures at once in every timetable, as the demand proves

    @property
    def red(self) -> list[Trouble]:
        return [trouble for trouble in self.troubles if trouble.level == "red"]

    @property
    def amber(self) -> list[Trouble]:
        return [trouble for trouble in self.troubles if trouble.level == "amber"]

    @property
    def is_ready(self) -> bool:
        """Whether a run may begin. What it makes may still not serve everybody: see ``must_clash``."""
        return not self.red

    @property
    def clash_words(self) -> str:
        """What no timetable can give; empty where nothing of that sort is known."""
        students = f"{Number(self.must_clash):student}"
        return f"not without clashes: at least {students} must have two lectures at once" if self.must_clash else ""

    def as_dict(self) -> dict[str, Any]:
        loads = {name: [_load_dict(load) for load in getattr(self.loads, name)] for name in LOAD_KINDS}
        return {
            "organization": self.organization,
            "term": self.term,
            "is_ready": self.is_ready,
            "must_clash": self.must_clash,
            "counts": {count.id: count.number for count in self.counts},
            "problems": [asdict(trouble) for trouble in self.troubles],
            "arithmetic": loads | {"totals": self.loads.totals},
        }


LOAD_KINDS = ("rooms", "instructors", "sections", "curricula")


def _load_dict(load: Load) -> dict[str, Any]:
    return asdict(load) | {"level": load.level}


def sorted_troubles(troubles: Sequence[Trouble]) -> tuple[Trouble, ...]:
    """What stops Generate first; otherwise as found."""
    return tuple(sorted(troubles, key=lambda trouble: trouble.level != "red"))
